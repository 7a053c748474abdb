//! Mean, root mean square, variance and trend of a window.

use super::error::TransformFault;
use super::sliding::{Line, Sliding, Spread};
use super::spec::{Trend, Window};
use super::{Sample, Sink, seconds};

#[derive(Clone, Copy, Debug)]
enum Moment {
    Average,
    Rms,
    Variance,
}

/// Mean, root mean square or variance of a window.
#[derive(Debug)]
pub(super) struct Moments {
    moment: Moment,
    sliding: Sliding<Spread>,
    owes_gap: bool,
}

impl Moments {
    fn new(moment: Moment, window: Window) -> Self {
        Self {
            moment,
            sliding: Sliding::new(window, false),
            owes_gap: false,
        }
    }

    pub(super) fn average(window: Window) -> Self {
        Self::new(Moment::Average, window)
    }

    pub(super) fn rms(window: Window) -> Self {
        Self::new(Moment::Rms, window)
    }

    pub(super) fn variance(window: Window) -> Self {
        Self::new(Moment::Variance, window)
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        self.owes_gap |= sample.gap;
        let value = if sample.value.is_finite() {
            let spread = self.sliding.push(sample.time_ns, sample.value);
            let mean = self.sliding.origin.value + spread.mean;
            match self.moment {
                Moment::Average => mean,
                Moment::Rms => mean.hypot((spread.squares / spread.count).sqrt()),
                Moment::Variance if spread.count < 2.0 => return,
                Moment::Variance => spread.squares / (spread.count - 1.0),
            }
        } else {
            f64::NAN
        };
        let gap = std::mem::take(&mut self.owes_gap);
        out(Sample { value, gap, ..sample });
    }

    pub(super) fn reset(&mut self) {
        self.sliding.clear();
        self.owes_gap = false;
    }

    pub(super) fn fault(&self) -> Option<TransformFault> {
        self.sliding.fault()
    }
}

/// The value less the mean, or less the line, of a window.
#[derive(Debug)]
pub(super) enum Detrend {
    Constant(Sliding<Spread>),
    Linear(Sliding<Line>),
}

impl Detrend {
    pub(super) fn new(window: Window, trend: Trend) -> Self {
        match trend {
            Trend::Constant => Self::Constant(Sliding::new(window, false)),
            Trend::Linear => Self::Linear(Sliding::new(window, true)),
        }
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        let value = match self {
            _ if !sample.value.is_finite() => f64::NAN,
            Self::Constant(sliding) => {
                let spread = sliding.push(sample.time_ns, sample.value);
                (sample.value - sliding.origin.value) - spread.mean
            }
            Self::Linear(sliding) => {
                let line = sliding.push(sample.time_ns, sample.value);
                let time_s = seconds(sliding.origin.time_ns, sliding.newest_ns);
                (sample.value - sliding.origin.value) - line.at(time_s)
            }
        };
        out(Sample { value, ..sample });
    }

    pub(super) fn reset(&mut self) {
        match self {
            Self::Constant(sliding) => sliding.clear(),
            Self::Linear(sliding) => sliding.clear(),
        }
    }

    pub(super) fn fault(&self) -> Option<TransformFault> {
        match self {
            Self::Constant(sliding) => sliding.fault(),
            Self::Linear(sliding) => sliding.fault(),
        }
    }
}
