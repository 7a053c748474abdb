//! Transforms that remember the sample before, or a few numbers.

use super::{Sample, Sink, seconds};
use crate::signal::statistics::Sum;

/// Samples so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count(u64);

impl Count {
    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        self.0 = self.0.saturating_add(1);
        out(Sample {
            value: self.0 as f64,
            ..sample
        });
    }
}

/// Seconds since the sample before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Interval {
    before_ns: Option<i64>,
}

impl Interval {
    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if let Some(before) = self.before_ns.replace(sample.time_ns) {
            out(Sample {
                value: seconds(before, sample.time_ns),
                ..sample
            });
        }
    }
}

/// The difference quotient.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Derivative {
    before: Option<(i64, f64)>,
    /// A sample with a gap before it had no value; the next one tells of the gap.
    owes_gap: bool,
}

impl Derivative {
    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        self.owes_gap |= sample.gap;
        if sample.gap {
            self.before = None;
        }
        let value = if sample.value.is_finite() {
            let Some((time_ns, value)) = self.before.replace((sample.time_ns, sample.value)) else {
                return;
            };
            if sample.time_ns <= time_ns {
                return;
            }
            (sample.value - value) / seconds(time_ns, sample.time_ns)
        } else {
            f64::NAN
        };
        let gap = std::mem::take(&mut self.owes_gap);
        out(Sample { value, gap, ..sample });
    }
}

/// The sum of trapezoids.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Integral {
    before: Option<(i64, f64)>,
    sum: Sum,
}

impl Integral {
    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if !sample.value.is_finite() {
            out(Sample {
                value: f64::NAN,
                ..sample
            });
            return;
        }
        match self.before.replace((sample.time_ns, sample.value)) {
            Some((time_ns, value)) if time_ns <= sample.time_ns => {
                let mean = 0.5 * value + 0.5 * sample.value;
                self.sum.add(mean * seconds(time_ns, sample.time_ns));
            }
            _ => self.sum = Sum::default(),
        }
        if !self.sum.get().is_finite() {
            self.sum = Sum::default();
            out(Sample {
                value: f64::NAN,
                ..sample
            });
            return;
        }
        out(Sample {
            value: self.sum.get(),
            ..sample
        });
    }
}

/// 0 or 1, with a band in which it stays what it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold {
    level: f64,
    half: f64,
    above: Option<bool>,
}

impl Threshold {
    pub(super) fn new(level: f64, hysteresis: f64) -> Self {
        Self {
            level,
            half: hysteresis / 2.0,
            above: None,
        }
    }

    pub(super) fn reset(&mut self) {
        self.above = None;
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if sample.value.is_nan() {
            out(sample);
            return;
        }
        let low = self.level - self.half;
        let above = match self.above {
            Some(false) => sample.value >= self.level + self.half,
            // Where the band is nothing, or rounds to nothing, a value just at the level must not chatter.
            Some(true) if low < self.level => sample.value > low,
            Some(true) | None => sample.value >= self.level,
        };
        self.above = Some(above);
        out(Sample {
            value: f64::from(u8::from(above)),
            ..sample
        });
    }
}

/// Adds whole periods.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unwrap {
    period: f64,
    before: Option<f64>,
    turns: f64,
}

impl Unwrap {
    /// Up to here every whole number is one.
    const MAX_TURNS: f64 = 9_007_199_254_740_992.0;

    pub(super) fn new(period: f64) -> Self {
        Self {
            period,
            before: None,
            turns: 0.0,
        }
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(self.period);
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if !sample.value.is_finite() {
            out(Sample {
                value: f64::NAN,
                ..sample
            });
            return;
        }
        if let Some(before) = self.before.replace(sample.value) {
            let step = (sample.value - before) / self.period;
            // A step of just half a period stays as it is.
            self.turns -= (step.abs() - 0.5).ceil().max(0.0).copysign(step);
        }
        let mut value = sample.value + self.turns * self.period;
        // Where the count or the sum is no number any more, the count begins anew.
        if self.turns.abs() > Self::MAX_TURNS || !value.is_finite() {
            self.turns = 0.0;
            value = sample.value;
        }
        out(Sample { value, ..sample });
    }
}
