//! From a curve's points to places within the plot.

use iced::{Point, Size};

use super::{CurveState, View, YAxis};

/// Coordinates further out than this many pixels are drawn at this distance: rasterisers lose precision beyond.
const FAR: f32 = 16_384.0;

/// How the points of one curve become logical pixels within the plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) t0: f32,
    pub(super) t1: f32,
    pub(super) y_min: f32,
    pub(super) y_max: f32,
}

impl Scale {
    pub(super) fn new(view: &View, axis: &YAxis, curve: &CurveState) -> Self {
        let seconds = |time_ns: i64| time_ns.saturating_sub(curve.base_time_ns) as f64 * 1e-9;
        let t0 = seconds(view.from_ns);
        let y_min = axis.range.0 - curve.base_value;

        Self {
            t0: t0 as f32,
            t1: (t0 + view.span_ns() as f64 * 1e-9) as f32,
            y_min: y_min as f32,
            y_max: (y_min + axis.extent()) as f32,
        }
    }

    /// How far into a dash of this period, gap included, the left edge of the plot is: dashes stay where the data is.
    pub(super) fn dash_phase(&self, width: f32, period: f32) -> f32 {
        let pixels = f64::from(self.t0) * f64::from(width) / f64::from(self.t1 - self.t0);
        (pixels.rem_euclid(f64::from(period))) as f32
    }

    pub(super) fn place(&self, [time, value]: [f32; 2], size: Size) -> Point {
        let x = (time - self.t0) / (self.t1 - self.t0) * size.width;
        let y = (self.y_max - value) / (self.y_max - self.y_min) * size.height;

        Point::new(x.clamp(-FAR, FAR), y.clamp(-FAR, FAR))
    }
}
