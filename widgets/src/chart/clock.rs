//! What the time axis counts from, and how a time is written.

use super::TimeAxis;
use crate::axis::{self, Tick};
use crate::timeline::Timeline;
use crate::trace::View;

/// A shorter span is told in nanoseconds.
const FINE_BELOW_NS: i64 = 1_000_000;

/// How times are written.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) axis: TimeAxis,
    /// Writes a time of day as `HH:MM:SS.ffffff`.
    pub(crate) format: fn(i64) -> String,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            axis: TimeAxis::default(),
            format: axis::utc_time,
        }
    }
}

impl Clock {
    /// The ticks, and the time of the left edge that they relate to.
    pub(crate) fn ticks(&self, shown: Timeline, wanted: usize) -> (Vec<Tick>, f64) {
        let span_s = shown.span_ns() as f64 * 1e-9;
        match self.axis {
            TimeAxis::Relative => (axis::relative_time_ticks(span_s, wanted), -span_s),
            TimeAxis::Since(origin_ns) => {
                let from_s = shown.from_ns.saturating_sub(origin_ns) as f64 * 1e-9;
                (axis::time_ticks(from_s, from_s + span_s, wanted), from_s)
            }
            TimeAxis::Wall => {
                let to_ns = shown.from_ns.saturating_add(shown.span_ns());
                (axis::wall_ticks(shown.from_ns, to_ns, wanted, self.format), 0.0)
            }
        }
    }

    /// A time as the axis counts it, to the microsecond or, where little is seen, to the nanosecond; before it the time
    /// of day where the axis is absolute.
    pub(super) fn write(&self, view: &View, time_ns: i64) -> String {
        let (origin_ns, is_absolute) = match self.axis {
            TimeAxis::Relative => (view.to_ns, false),
            TimeAxis::Since(origin_ns) => (origin_ns, true),
            TimeAxis::Wall => (view.to_ns, true),
        };
        let decimals = if view.span_ns() < FINE_BELOW_NS { 9 } else { 6 };
        let seconds = time_ns.saturating_sub(origin_ns) as f64 * 1e-9;
        let relative = format!("{seconds:.decimals$} s");
        if is_absolute {
            format!("{}  {relative}", (self.format)(time_ns))
        } else {
            relative
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(span_ns: i64) -> View {
        View {
            from_ns: 36_000_000_000_000,
            to_ns: 36_000_000_000_000 + span_ns,
            y_min: 0.0,
            y_max: 1.0,
        }
    }

    fn clock(axis: TimeAxis) -> Clock {
        Clock {
            axis,
            ..Clock::default()
        }
    }

    #[test]
    fn a_time_is_written_as_the_axis_counts() {
        let view = view(10_000_000_000);
        let time_ns = view.from_ns + 2_345_678_000;

        assert_eq!(clock(TimeAxis::Relative).write(&view, time_ns), "-7.654322 s");
        assert_eq!(
            clock(TimeAxis::Since(view.from_ns)).write(&view, time_ns),
            "10:00:02.345678  2.345678 s"
        );
        assert_eq!(
            clock(TimeAxis::Wall).write(&view, time_ns),
            "10:00:02.345678  -7.654322 s"
        );
    }

    #[test]
    fn a_short_span_is_told_finely() {
        let view = view(900_000);
        assert_eq!(
            clock(TimeAxis::Relative).write(&view, view.to_ns - 123_456),
            "-0.000123456 s"
        );
    }
}
