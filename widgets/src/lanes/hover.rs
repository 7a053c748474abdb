//! What is told of the state under the cursor.

use iced::{Color, Point, Rectangle, Vector};

use super::draw::{self, Lane};
use super::merge::{Item, Shape};
use super::{LaneKind, rows::Rows};
use crate::chart::clock::Clock;
use crate::ink;
use crate::theme::{Palette, SEPARATOR};
use crate::timeline::{self, Timeline};

/// What is short is found this far from it, in logical pixels.
const NEAR: f32 = 3.0;
/// Opacity of the light over what is under the cursor.
const LIGHT: f32 = 0.1;
/// At most this many set bits are told one by one.
const BITS: usize = 8;

/// The cursor over the lanes.
pub(super) struct Cursor<'a> {
    pub(super) palette: &'a Palette,
    pub(super) rows: &'a Rows,
    pub(super) at: Point,
    pub(super) timeline: Timeline,
    pub(super) clock: Clock,
}

impl Cursor<'_> {
    /// Draws a line at the time of the cursor, and the box beside it; `lane` is what is under it.
    pub(super) fn draw(&self, renderer: &mut iced::Renderer, lane: Option<(&Lane<'_>, &[Item])>) {
        let plot = self.rows.plot;
        let hairline = Rectangle {
            x: self.at.x.round(),
            width: SEPARATOR,
            ..plot
        };
        ink::fill(renderer, hairline, self.palette.faint);
        let time = self.timeline.text(self.clock, self.timeline.at(plot, self.at.x));
        let mut lines = vec![(time, self.palette.muted)];
        if let Some((lane, items)) = lane {
            lines.push((lane.info.name.to_string(), self.palette.muted));
            if let Some(item) = under(items, self.at.x - plot.x) {
                let place = lane.place(item) + Vector::new(plot.x, plot.y);
                ink::fill(renderer, place, self.palette.text.scale_alpha(LIGHT));
                describe(item, lane, (self.timeline, self.clock), &mut lines);
            } else {
                lines.push(("no data".to_owned(), self.palette.text));
            }
        }
        ink::cursor_box(renderer, self.palette, plot, self.at, lines);
    }
}

/// What the box beside the cursor says of a shape.
fn describe(item: &Item, lane: &Lane<'_>, (timeline, clock): (Timeline, Clock), lines: &mut Vec<(String, Color)>) {
    let (palette, kind) = (lane.palette, lane.info.kind);
    let text = |time_ns: i64| timeline.text(clock, time_ns);
    match item.shape {
        Shape::State { segment, .. } | Shape::Glitch { segment } => {
            let segment = &lane.segments[segment];
            let label = draw::label(kind, segment);
            let value = match kind {
                LaneKind::Bool => String::new(),
                LaneKind::Enum => format!("  {}", segment.value),
                LaneKind::Bits => set_bits(segment.value),
            };
            lines.push((format!("{label}{value}"), palette.text));
            if let Some(to_ns) = segment.to_ns {
                lines.push((format!("{} … {}", text(segment.from_ns), text(to_ns)), palette.muted));
                let lasted = timeline::duration(to_ns.saturating_sub(segment.from_ns));
                lines.push((lasted, palette.muted));
            } else {
                lines.push((format!("since {}", text(segment.from_ns)), palette.muted));
                let lasts = timeline::duration(timeline.to_ns.saturating_sub(segment.from_ns));
                lines.push((format!("{lasts} so far"), palette.muted));
            }
            if segment.gap_before {
                lines.push(("messages lost before".to_owned(), palette.muted));
            }
        }
        Shape::Dense { first, count } => {
            let (from, to) = (&lane.segments[first], &lane.segments[first + count - 1]);
            let lasted = to.to_ns.unwrap_or(timeline.to_ns).saturating_sub(from.from_ns);
            lines.push((format!("{count} states"), palette.text));
            lines.push((format!("in {}", timeline::duration(lasted)), palette.muted));
            if item.has_gap {
                lines.push(("messages lost within".to_owned(), palette.muted));
            }
        }
        Shape::Gap => lines.push(("unknown".to_owned(), palette.text)),
    }
}

/// The shape under a place: what is short first, for it is hard to hit.
fn under(items: &[Item], x: f32) -> Option<&Item> {
    let distance = |item: &Item| (item.from - x).max(x - item.to).max(0.0);
    let is_short = |item: &&Item| matches!(item.shape, Shape::Glitch { .. } | Shape::Dense { .. });
    items
        .iter()
        .filter(is_short)
        .filter(|item| distance(item) <= NEAR)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
        .or_else(|| items.iter().find(|item| (item.from..=item.to).contains(&x)))
}

/// The numbers of the bits that are set.
fn set_bits(value: i64) -> String {
    let set: Vec<_> = (0..i64::BITS).filter(|bit| value >> bit & 1 == 1).collect();
    if set.is_empty() || set.len() > BITS {
        return String::new();
    }
    let numbers: Vec<_> = set.iter().map(ToString::to_string).collect();
    let word = if set.len() == 1 { "bit" } else { "bits" };
    format!("  {word} {}", numbers.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_bits_are_numbered_from_the_least() {
        assert_eq!(set_bits(0b1_1010), "  bits 1 3 4");
        assert_eq!(set_bits(4), "  bit 2");
        assert_eq!(set_bits(0), "");
        assert_eq!(set_bits(-1), "", "too many");
    }

    #[test]
    fn what_is_short_is_found_beside_it() {
        let item = |from, to, shape| Item {
            from,
            to,
            shape,
            has_gap: false,
        };
        let state = |segment| Shape::State {
            segment,
            has_begin: true,
        };
        let items = [
            item(0.0, 50.0, state(0)),
            item(51.0, 90.0, state(2)),
            item(50.0, 51.0, Shape::Glitch { segment: 1 }),
        ];
        let shape = |x| under(&items, x).map(|item| item.shape);
        assert_eq!(shape(48.0), Some(Shape::Glitch { segment: 1 }));
        assert_eq!(shape(40.0), Some(state(0)));
        assert_eq!(shape(95.0), None);
    }
}
