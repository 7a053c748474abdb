//! The ranges of a plot, and the way from values to places.

/// The most value axes that a plot can have.
pub const MOST_AXES: usize = 4;

/// The ranges that a plot shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Time at the left edge, in ns since the Unix epoch.
    pub from_ns: i64,
    /// Time at the right edge, in ns since the Unix epoch.
    pub to_ns: i64,
    /// Value at the lower edge of axis 0, for a source that leaves [`y_axis`](super::TraceSource::y_axis) as it is.
    pub y_min: f64,
    /// Value at the upper edge of axis 0, for the same.
    pub y_max: f64,
}

impl View {
    /// The horizontal place of a time, 0 at the left edge and 1 at the right one.
    pub fn x(&self, time_ns: i64) -> f64 {
        time_ns.saturating_sub(self.from_ns) as f64 / self.span_ns() as f64
    }

    /// The time at a horizontal place (see [`x`](Self::x)).
    pub fn time_ns(&self, x: f64) -> i64 {
        self.from_ns.saturating_add((x * self.span_ns() as f64) as i64)
    }

    /// The time from edge to edge, in ns; at least 1.
    pub fn span_ns(&self) -> i64 {
        self.to_ns.saturating_sub(self.from_ns).max(1)
    }
}

/// How the values of an axis are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AxisScale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal ratios.
    Log,
}

/// What a value axis shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct YAxis {
    /// The lower and the upper edge: values, or on a logarithmic axis their decimal logarithms.
    pub range: (f64, f64),
    /// How the values between them are spread.
    pub scale: AxisScale,
    /// What is written over the axis.
    pub unit: Option<String>,
}

impl YAxis {
    /// A linear axis without a unit.
    pub fn linear(low: f64, high: f64) -> Self {
        Self {
            range: (low, high),
            ..Self::default()
        }
    }

    /// The vertical place of a value, 0 at the upper edge and 1 at the lower one. What has no logarithm lies
    /// infinitely far below a logarithmic axis.
    pub fn place(&self, value: f64) -> f64 {
        (self.range.1 - self.scaled(value)) / self.extent()
    }

    /// The value at a vertical place (see [`place`](Self::place)).
    pub fn value(&self, place: f64) -> f64 {
        let scaled = self.range.1 - place * self.extent();
        match self.scale {
            AxisScale::Linear => scaled,
            AxisScale::Log => 10f64.powf(scaled),
        }
    }

    /// The [range](Self::range) between two vertical places, of which `top` is the upper one.
    pub fn part(&self, top: f64, bottom: f64) -> (f64, f64) {
        let high = self.range.1;
        (high - bottom * self.extent(), high - top * self.extent())
    }

    /// A value in the numbers of the range: itself, or its logarithm.
    fn scaled(&self, value: f64) -> f64 {
        match self.scale {
            AxisScale::Linear => value,
            AxisScale::Log if value > 0.0 => value.log10(),
            AxisScale::Log if value.is_nan() => f64::NAN,
            AxisScale::Log => f64::NEG_INFINITY,
        }
    }

    /// From edge to edge; 1 for a range that is none.
    pub(crate) fn extent(&self) -> f64 {
        let extent = self.range.1 - self.range.0;
        if extent > 0.0 { extent } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_values_belong_together() {
        let linear = YAxis::linear(-20.0, 20.0);
        assert_eq!(
            (linear.place(20.0), linear.place(0.0), linear.place(-20.0)),
            (0.0, 0.5, 1.0)
        );
        assert_eq!(linear.value(0.25), 10.0);
        let log = YAxis {
            range: (-2.0, 2.0),
            scale: AxisScale::Log,
            unit: None,
        };
        assert_eq!((log.place(100.0), log.place(1.0), log.place(0.01)), (0.0, 0.5, 1.0));
        assert!((log.value(0.25) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_logarithm_lies_below() {
        let log = YAxis {
            range: (0.0, 1.0),
            scale: AxisScale::Log,
            unit: None,
        };
        assert_eq!(log.place(0.0), f64::INFINITY);
        assert_eq!(log.place(-3.0), f64::INFINITY);
        assert!(log.place(f64::NAN).is_nan());
    }

    #[test]
    fn a_part_is_a_range() {
        assert_eq!(YAxis::linear(0.0, 10.0).part(0.2, 0.5), (5.0, 8.0));
        assert_eq!(YAxis::linear(0.0, 10.0).part(0.0, 1.0), (0.0, 10.0));
    }

    #[test]
    fn a_range_that_is_none_divides_nothing_by_zero() {
        let flat = YAxis::linear(3.0, 3.0);
        assert!(flat.place(3.0).is_finite() && flat.value(0.5).is_finite());
    }
}
