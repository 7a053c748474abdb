//! A list of equally high rows that lays out only those that are seen.
//!
//! The application holds the [`Scroll`] and passes it on: ten thousand rows cost as much as those on screen.

use std::ops::Range;

use iced::widget::{Column, column, container, responsive, scrollable, space};
use iced::{Element, Length};

use crate::theme;

/// Rows beyond the edges that are laid out ahead of scrolling.
const AHEAD: usize = 4;

/// How far a list is scrolled. Keep one for each list.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scroll {
    /// Logical pixels above the upper edge.
    pub offset: f32,
}

impl Scroll {
    /// The rows to lay out of `count` rows in a list of a height.
    pub fn rows(&self, count: usize, row_height: f32, height: f32) -> Range<usize> {
        let seen = (height / row_height).ceil() as usize + 1;
        // The list may have become shorter than where it was scrolled to.
        let first = ((self.offset.max(0.0) / row_height) as usize).min(count.saturating_sub(seen));
        first.saturating_sub(AHEAD)..(first + seen + AHEAD).min(count)
    }
}

/// Creates a list. It expects:
///
/// - how far it is scrolled,
/// - the number of rows and the height of each, in logical pixels,
/// - a function that makes the row at an index, and
/// - what to publish when it was scrolled.
pub fn virtual_list<'a, Message: Clone + 'a>(
    scroll: Scroll,
    count: usize,
    row_height: f32,
    row: impl Fn(usize) -> Element<'a, Message> + 'a,
    on_scroll: impl Fn(Scroll) -> Message + Clone + 'a,
) -> Element<'a, Message> {
    responsive(move |size| {
        let rows = scroll.rows(count, row_height, size.height);
        let above = rows.start as f32 * row_height;
        let below = (count - rows.end) as f32 * row_height;
        let seen = rows.map(|index| {
            container(row(index))
                .height(row_height)
                .width(Length::Fill)
                .clip(true)
                .into()
        });
        let content = column![
            space().height(above),
            Column::with_children(seen),
            space().height(below),
        ];
        let on_scroll = on_scroll.clone();

        scrollable(content)
            .direction(theme::thin_vertical())
            .style(theme::thin_scroll)
            .width(Length::Fill)
            .height(Length::Fill)
            .on_scroll(move |viewport| {
                on_scroll(Scroll {
                    offset: viewport.absolute_offset().y,
                })
            })
            .into()
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_seen_is_laid_out() {
        let rows = Scroll { offset: 2400.0 }.rows(10_000, 24.0, 480.0);
        assert!(rows.contains(&100) && rows.contains(&120));
        assert!(rows.len() <= 30);
    }

    #[test]
    fn the_ends_are_safe() {
        assert_eq!(Scroll { offset: 0.0 }.rows(0, 24.0, 480.0), 0..0);
        assert_eq!(
            Scroll { offset: 1e6 }.rows(3, 24.0, 480.0),
            0..3,
            "a list that became short"
        );
        assert_eq!(Scroll { offset: -5.0 }.rows(100, 24.0, 24.0).start, 0);
        assert_eq!(Scroll { offset: 1e6 }.rows(100, 24.0, 240.0).end, 100);
    }
}
