//! What is taken with the mouse, and what comes of it.

use iced::{Point, Rectangle};

use super::frame::Frame;
use super::{SeekBar, SeekEvent};

/// The edges of the window can be taken this far beside them, in logical pixels.
const GRIP: f32 = 5.0;
/// The window is never drawn narrower, so that it can be found, in logical pixels.
const NARROWEST: f32 = 3.0;
/// Half the width of a mark, in logical pixels.
pub(super) const MARK: f32 = 4.0;

/// What was taken with the mouse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Drag {
    Playhead,
    /// The window, taken so far right of its left edge.
    View(i64),
    From,
    To,
}

impl<Message> SeekBar<'_, Message> {
    /// The window on what the charts show, on the screen.
    pub(super) fn window(&self, plot: Rectangle) -> Rectangle {
        let (from, to) = (self.x(plot, self.content.view.0), self.x(plot, self.content.view.1));
        let width = (to - from).max(NARROWEST).min(plot.width);
        Rectangle {
            x: from.min(plot.x + plot.width - width),
            width,
            ..plot
        }
    }

    pub(super) fn mark_at(&self, lane: Rectangle, point: Point) -> Option<usize> {
        if !lane.contains(point) {
            return None;
        }
        let near = |time_ns: i64| (self.x(lane, time_ns) - point.x).abs();
        let marks = self.content.marks.iter().enumerate();
        let nearest = marks.min_by(|(_, (a, _)), (_, (b, _))| near(*a).total_cmp(&near(*b)));
        nearest
            .filter(|(_, (time_ns, _))| near(*time_ns) <= MARK + 1.0)
            .map(|(index, _)| index)
    }

    pub(super) fn taken(&self, frame: &Frame, point: Point) -> Option<Drag> {
        if frame.lane.contains(point) {
            return Some(Drag::Playhead);
        }
        let plot = frame.plot();
        if !plot.contains(point) {
            return None;
        }
        let window = self.window(plot);
        let (left, right) = (window.x, window.x + window.width);
        // A window too narrow for edges is only moved.
        let wide = window.width > 4.0 * GRIP;
        if wide && (point.x - left).abs() <= GRIP {
            return Some(Drag::From);
        }
        if wide && (point.x - right).abs() <= GRIP {
            return Some(Drag::To);
        }
        let (from, to) = self.content.view;
        if (left..=right).contains(&point.x) {
            return Some(Drag::View(self.at(plot, point.x).saturating_sub(from)));
        }
        Some(Drag::View(to.saturating_sub(from) / 2))
    }

    pub(super) fn dragged(&self, drag: Drag, plot: Rectangle, x: f32) -> SeekEvent {
        let time_ns = self.at(plot, x);
        let (from, to) = self.content.view;
        let (begin, end) = self.content.extent;
        match drag {
            Drag::Playhead => SeekEvent::Seek(time_ns),
            Drag::From => SeekEvent::ViewMoved {
                from_ns: time_ns.min(to.saturating_sub(1)),
                to_ns: to,
            },
            Drag::To => SeekEvent::ViewMoved {
                from_ns: from,
                to_ns: time_ns.max(from.saturating_add(1)),
            },
            Drag::View(grip) => {
                let span = to.saturating_sub(from);
                let latest = end.saturating_sub(span).max(begin);
                let from_ns = time_ns.saturating_sub(grip).clamp(begin, latest);
                SeekEvent::ViewMoved {
                    from_ns,
                    to_ns: from_ns.saturating_add(span),
                }
            }
        }
    }
}
