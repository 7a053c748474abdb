//! Where the parts of the bar are.

use iced::Rectangle;

/// Height of the lane that the playhead and the marks are in, in logical pixels.
pub(super) const LANE: f32 = 14.0;
/// Height of the density of all messages, in logical pixels.
pub(super) const DENSITY: f32 = 26.0;
/// Height of the line of one topic, in logical pixels.
pub(super) const LINE: f32 = 5.0;

/// Where the parts of the bar are.
pub(super) struct Frame {
    pub(super) lane: Rectangle,
    pub(super) density: Rectangle,
    pub(super) lines: Rectangle,
}

impl Frame {
    pub(super) fn new(bounds: Rectangle, lines: usize) -> Self {
        let lane = Rectangle { height: LANE, ..bounds };
        let density = Rectangle {
            y: lane.y + LANE,
            height: DENSITY,
            ..bounds
        };
        let lines = Rectangle {
            y: density.y + DENSITY,
            height: lines as f32 * LINE,
            ..bounds
        };
        Self { lane, density, lines }
    }

    /// Density and lines together: what the window lies over.
    pub(super) fn plot(&self) -> Rectangle {
        Rectangle {
            height: self.density.height + self.lines.height,
            ..self.density
        }
    }
}
