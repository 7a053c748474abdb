//! What a plot shows at one moment, and where on the window it is.

use iced::{Point, Rectangle};

use super::super::Pointed;
use super::super::axes::Axes;
use crate::trace::{self, View, YAxis};

/// The ranges of a plot with its place in the window.
pub(super) struct Scene {
    /// The whole widget.
    pub(super) bounds: Rectangle,
    /// The plot within the window.
    pub(super) plot: Rectangle,
    pub(super) view: View,
    /// At least one.
    pub(super) values: Vec<YAxis>,
    pub(super) axes: Axes,
}

/// What is at a point of the widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Plot,
    Time,
    Values(u8),
    /// A margin.
    Aside,
}

impl Scene {
    pub(super) fn new(bounds: Rectangle, view: View, values: Vec<YAxis>, axes: Axes) -> Self {
        let plot = Rectangle {
            x: bounds.x + axes.plot.x,
            y: bounds.y + axes.plot.y,
            ..axes.plot
        };

        Self {
            bounds,
            plot,
            view,
            values,
            axes,
        }
    }

    pub(super) fn place(&self, at: Point) -> Place {
        let x = at.x - self.bounds.x;
        if let Some(axis) = self.axes.axis_at(x) {
            Place::Values(axis)
        } else if self.plot.contains(at) {
            Place::Plot
        } else if self.axes.is_over_plot(x) && at.y >= self.bottom() {
            Place::Time
        } else {
            Place::Aside
        }
    }

    pub(super) fn right(&self) -> f32 {
        self.plot.x + self.plot.width
    }

    pub(super) fn bottom(&self) -> f32 {
        self.plot.y + self.plot.height
    }

    /// The share of the width left of a point; 0 to 1 within the plot.
    pub(super) fn across(&self, x: f32) -> f64 {
        f64::from((x - self.plot.x) / self.plot.width.max(1.0))
    }

    /// The share of the height above a point; 0 to 1 within the plot.
    pub(super) fn down(&self, y: f32) -> f64 {
        f64::from((y - self.plot.y) / self.plot.height.max(1.0))
    }

    pub(super) fn pointed(&self, at: Point) -> Pointed {
        Pointed {
            time_ns: self.time_ns(at.x),
            down: self.down(at.y),
        }
    }

    pub(super) fn time_ns(&self, x: f32) -> i64 {
        self.view.time_ns(self.across(x))
    }

    pub(super) fn x(&self, time_ns: i64) -> f32 {
        self.plot.x + self.view.x(time_ns) as f32 * self.plot.width
    }

    pub(super) fn axis(&self, index: u8) -> &YAxis {
        trace::axis_at(&self.values, index)
    }

    pub(super) fn value(&self, axis: u8, y: f32) -> f64 {
        self.axis(axis).value(self.down(y))
    }

    pub(super) fn y(&self, axis: u8, value: f64) -> f32 {
        self.plot.y + self.axis(axis).place(value) as f32 * self.plot.height
    }
}
