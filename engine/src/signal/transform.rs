//! Ready transforms of a stream of samples: one sample in, usually one out, nothing allocated after construction.
//!
//! A [`TransformSpec`] says what to do and is written as text, `lowpass:order=4,corner_hz=50`; a [`Chain`] is several of
//! them in a row, `detrend:window_s=1|lowpass:order=2,corner_hz=10`; a [`Transform`] is a chain at work.
//!
//! **Times** are nanoseconds and may jitter, repeat, go back or leave gaps. **Gaps**: the caller says with `gap` that
//! messages are missing right before a sample. Per transform:
//!
//! | transform | at a gap | when the time goes back |
//! |---|---|---|
//! | `absolute`, `scale`, `threshold`, `count`, `unwrap` | goes on | goes on |
//! | `interval` | the interval spans the gap | is negative, so that it shows |
//! | `derivative` | starts anew: no value for this sample | starts anew |
//! | `integral` | the trapezoid spans the gap | starts anew at 0 |
//! | windows in samples, `hampel` | go on | go on; a linear `detrend` starts anew |
//! | windows in seconds | go on: what is too old has left | by more than the window: start anew; by less: go on |
//! | filters | longer than [`GAP_PERIODS`] and a tenth of the corner's period: start settled | as a gap, by the step back |
//!
//! A filter also starts anew after a pause ten times as long that was not marked as a gap. Every sample that comes out
//! tells whether something is missing right before it.
//!
//! **Samples that are not finite.** `absolute`, `scale` and `threshold` compute with them as IEEE 754 says, and `count`
//! and `interval` do not look at values. All others yield `NaN` at the sample's time and stay as they were, so that
//! no such sample has an effect on any later one.
//!
//! **Delay.** `hampel` yields each sample half a window late, with the sample's own time. A filter without `rate_hz`
//! holds back the first [`RATE_SAMPLES`] samples, takes the median of their spacing over 16 samples at a time as its
//! period, fixed from then on, and then yields them all. Windows reach back from the present sample: nothing waits, and
//! what they show is late by half their length.
//!
//! **Cost.** A few steps per sample whatever the length of a window; a logarithm of it for `median`. Once in every length
//! of a window, `average`, `rms`, `variance` and `detrend` go through all of it: about 10 ns a sample, so 10 ms for a
//! million. `hampel` moves half its window per sample: 15 us for the longest.

mod chain;
mod detrend;
mod difference;
mod error;
mod filtered;
mod hampel;
mod median;
mod sliding;
mod spec;
mod stage;
#[cfg(test)]
mod tests;
mod text;
mod windowed;

pub use chain::Chain;
pub use detrend::{detrend_constant, detrend_linear};
pub use error::{TransformError, TransformFault};
pub use filtered::{GAP_PERIODS, RATE_SAMPLES};
pub use spec::{MAX_HAMPEL, MAX_STAGES, MAX_WINDOW_S, MAX_WINDOW_SAMPLES, TransformSpec, Trend, Window};

use super::filter::{Filter, Sos};
use stage::Stage;

/// One value of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When, in nanoseconds.
    pub time_ns: i64,
    /// What.
    pub value: f64,
    /// Whether something is missing right before it.
    pub gap: bool,
}

/// Where a stage puts its samples.
type Sink<'a> = &'a mut dyn FnMut(Sample);

/// A chain of transforms at work.
#[derive(Debug)]
pub struct Transform {
    specs: Box<[TransformSpec]>,
    stages: Box<[Stage]>,
}

impl Transform {
    /// Makes all buffers. An empty list passes samples through.
    ///
    /// # Errors
    /// When there are more than [`MAX_STAGES`], a parameter is out of its range, or a filter does not fit its `rate_hz`.
    pub fn new(specs: &[TransformSpec]) -> Result<Self, TransformError> {
        if specs.len() > MAX_STAGES {
            return Err(TransformError::TooMany { count: specs.len() });
        }
        let stages = specs.iter().map(Stage::new).collect::<Result<_, _>>()?;
        let specs = specs.into();
        Ok(Self { specs, stages })
    }

    /// What it does, first to last.
    #[must_use]
    pub fn specs(&self) -> &[TransformSpec] {
        &self.specs
    }

    /// A short text for a legend, with order and corner of each filter: `detrend 1 s | low-pass 10 Hz, order 2`.
    #[must_use]
    pub fn label(&self) -> String {
        chain::label(&self.specs)
    }

    /// Takes a sample; `gap` says that messages are missing right before it. What comes out goes to `out`, oldest
    /// first: at most one sample, except when a filter has just found its rate.
    pub fn push(&mut self, time_ns: i64, value: f64, gap: bool, out: &mut impl FnMut(i64, f64)) {
        let sample = Sample { time_ns, value, gap };
        self.push_sample(sample, &mut |sample| out(sample.time_ns, sample.value));
    }

    /// As [`push`](Self::push), and tells of the samples that come out whether something is missing before them.
    pub fn push_sample(&mut self, sample: Sample, out: &mut impl FnMut(Sample)) {
        feed(&mut self.stages, sample, out);
    }

    /// Ends the stream: what is held back comes out, and everything is as after [`reset`](Self::reset). A filter that
    /// has seen fewer than [`RATE_SAMPLES`] takes the rate from what it has; from a single sample there is none.
    pub fn finish(&mut self, out: &mut impl FnMut(Sample)) {
        let mut rest = &mut self.stages[..];
        while let Some((stage, later)) = rest.split_first_mut() {
            stage.finish(&mut |sample| feed(later, sample, out));
            rest = later;
        }
        self.reset();
    }

    /// Forgets all samples and all measured rates.
    pub fn reset(&mut self) {
        self.stages.iter_mut().for_each(Stage::reset);
    }

    /// The sample rate of the first filter, given or measured; `None` without a filter, or while it is not known.
    #[must_use]
    pub fn rate_hz(&self) -> Option<f64> {
        self.filters().next()?.1.map(Sos::rate_hz)
    }

    /// The filters in the chain with their sections, which are there once the rate is known.
    pub fn filters(&self) -> impl Iterator<Item = (Filter, Option<&Sos>)> {
        self.stages.iter().filter_map(Stage::filter)
    }

    /// What keeps the first stage that is troubled from doing its work; `None` when all is well.
    #[must_use]
    pub fn fault(&self) -> Option<TransformFault> {
        self.stages.iter().find_map(Stage::fault)
    }
}

/// Sends a sample through stages one after the other.
fn feed(stages: &mut [Stage], sample: Sample, out: Sink<'_>) {
    match stages.split_first_mut() {
        None => out(sample),
        Some((stage, later)) => stage.push(sample, &mut |sample| feed(later, sample, out)),
    }
}

/// Seconds between two times; exact up to 104 days, and never an overflow.
fn seconds(from_ns: i64, to_ns: i64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / 1e9
}
