//! The thin scroll bar.

use iced::border::{self, Border};
use iced::widget::{container, scrollable};
use iced::{Color, Shadow, Theme};

use super::{DISABLED, outline};
use crate::theme::Palette;

/// Width of the thin scroll bar, in logical pixels.
const SCROLLER: f32 = 6.0;

/// A thin scroll bar that shows while it is needed.
pub fn thin_scroll(theme: &Theme, status: scrollable::Status) -> scrollable::Style {
    let palette = Palette::of(theme);
    let resting = palette.faint.scale_alpha(DISABLED);
    let (vertical, horizontal) = match status {
        scrollable::Status::Active { .. } => (resting, resting),
        scrollable::Status::Hovered {
            is_horizontal_scrollbar_hovered,
            is_vertical_scrollbar_hovered,
            ..
        } => (
            if is_vertical_scrollbar_hovered {
                palette.muted
            } else {
                palette.faint
            },
            if is_horizontal_scrollbar_hovered {
                palette.muted
            } else {
                palette.faint
            },
        ),
        scrollable::Status::Dragged {
            is_horizontal_scrollbar_dragged,
            is_vertical_scrollbar_dragged,
            ..
        } => (
            if is_vertical_scrollbar_dragged {
                palette.text
            } else {
                palette.faint
            },
            if is_horizontal_scrollbar_dragged {
                palette.text
            } else {
                palette.faint
            },
        ),
    };
    let rail = |color: Color| scrollable::Rail {
        background: None,
        border: Border::default(),
        scroller: scrollable::Scroller {
            background: color.into(),
            border: border::rounded(SCROLLER / 2.0),
        },
    };

    scrollable::Style {
        container: container::Style::default(),
        vertical_rail: rail(vertical),
        horizontal_rail: rail(horizontal),
        gap: None,
        auto_scroll: scrollable::AutoScroll {
            background: palette.raised.into(),
            border: outline(palette.separator),
            shadow: Shadow::default(),
            icon: palette.muted,
        },
    }
}

/// The vertical direction of a scrollable with [`thin_scroll`].
pub fn thin_vertical() -> scrollable::Direction {
    scrollable::Direction::Vertical(
        scrollable::Scrollbar::new()
            .width(SCROLLER)
            .scroller_width(SCROLLER)
            .margin(1),
    )
}
