//! Where the lanes are.

use iced::Rectangle;

use super::{LaneSource, words};
use crate::theme::{SEPARATOR, space};
use crate::timeline;

/// The height of a lane, in logical pixels: as much as there is room for, between these.
const HEIGHT: (f32, f32) = (20.0, 32.0);
/// The names have at least this much room, in logical pixels, and at most this share of the width.
const NAME: (f32, f32) = (34.0, 0.3);

/// The parts of the widget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rows {
    pub(super) bounds: Rectangle,
    /// Where time passes; the names are left of it.
    pub(super) plot: Rectangle,
    /// The height of a lane.
    pub(super) height: f32,
    count: usize,
    /// How far the lanes are scrolled.
    scroll: f32,
}

impl Rows {
    pub(super) fn new(source: &dyn LaneSource, bounds: Rectangle, scroll: f32) -> Self {
        let count = source.lanes();
        let longest = (0..count)
            .map(|index| words::width(&source.lane(index).name))
            .fold(NAME.0, f32::max);
        let names = (longest + space::S + space::XS).ceil();
        let left = names.min(bounds.width * NAME.1).round();
        let room = (bounds.height - timeline::BELOW).max(0.0).floor();
        let height = (room / count.max(1) as f32).floor().clamp(HEIGHT.0, HEIGHT.1);
        let plot = Rectangle {
            x: (bounds.x + left).round(),
            y: bounds.y.round(),
            width: (bounds.width - left - space::S).max(0.0).floor(),
            height: room.min(height * count as f32),
        };
        let mut rows = Self {
            bounds,
            plot,
            height,
            count,
            scroll: 0.0,
        };
        rows.scroll = scroll.clamp(0.0, rows.overflow());
        rows
    }

    /// How much of the lanes has no room.
    pub(super) fn overflow(&self) -> f32 {
        (self.height * self.count as f32 - self.plot.height).max(0.0)
    }

    /// How far the lanes are scrolled, as far as they can be.
    pub(super) fn scroll(&self) -> f32 {
        self.scroll
    }

    /// The lanes that are seen at least in part.
    pub(super) fn seen(&self) -> std::ops::Range<usize> {
        let first = (self.scroll / self.height) as usize;
        let last = ((self.scroll + self.plot.height) / self.height).ceil() as usize;
        first.min(self.count)..last.min(self.count)
    }

    /// The lane at `index` within the plot.
    pub(super) fn lane(&self, index: usize) -> Rectangle {
        Rectangle {
            x: 0.0,
            y: (index as f32 * self.height - self.scroll).round(),
            width: self.plot.width,
            height: self.height,
        }
    }

    /// The lane at a vertical place.
    pub(super) fn at(&self, y: f32) -> Option<usize> {
        let index = (y - self.plot.y + self.scroll) / self.height;
        (index >= 0.0 && y < self.plot.y + self.plot.height && index < self.count as f32).then_some(index as usize)
    }

    /// The thumb of the scroll bar, when there is something to scroll.
    pub(super) fn thumb(&self) -> Option<Rectangle> {
        let overflow = self.overflow();
        if overflow == 0.0 {
            return None;
        }
        let share = self.plot.height / (self.plot.height + overflow);
        let height = (self.plot.height * share).max(space::L);
        Some(Rectangle {
            x: self.plot.x + self.plot.width + space::XS,
            y: self.plot.y + (self.plot.height - height) * self.scroll / overflow,
            width: space::XXS + SEPARATOR,
            height,
        })
    }
}
