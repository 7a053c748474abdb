//! From samples as they came to evenly spaced ones, and what had to be done for it.
//!
//! Spectra and Allan deviations need even spacing; messages jitter, repeat, go missing. A [`Resampler`] measures the
//! sampling, picks a stretch without gaps or bridges the gaps, and puts the rest on a grid that begins at its first
//! sample. [`Report`] says in one sentence what was done, so that nobody takes interpolated data for measured data.
//!
//! - A **gap** is an interval longer than [`GAP_FACTOR`] times the median, or one that the caller flags. When more than
//!   a quarter of all intervals are that long, samples come in bursts or at random and the median says nothing: then a
//!   gap is longer than [`BURST_GAP_FACTOR`] times the mean.
//! - Samples that are **not finite** are missing: the interval closes over them, and may become a gap.
//! - Samples with the **same time** as the one before replace it.
//! - When **time goes back**, a new stretch begins. Nothing bridges that.

mod report;
mod sampling;
mod stream;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use report::Report;
pub use sampling::Sampling;
use sampling::{Kept, Measured, measure};
pub use stream::Stream;

/// An interval this many times the median is a gap.
pub const GAP_FACTOR: f64 = 1.5;
/// An interval this many times the mean is a gap when there is no typical interval.
pub const BURST_GAP_FACTOR: f64 = 10.0;
/// Samples that go in or come out at most.
pub const MAX_SAMPLES: usize = 1 << 24;
/// The highest rate of a grid: a sample per nanosecond.
pub const MAX_RATE_HZ: f64 = 1e9;

/// How values on the grid come from the samples around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The straight line between the two around it. Of a sine it takes the share `(2 pi f h)^2 / 8` at most, `h` being
    /// the interval.
    #[default]
    Linear,
    /// The last one at or before it: for states and commands.
    Hold,
    /// The samples themselves, one after the other, as if they were evenly spaced.
    AsIs,
}

/// What becomes of gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapPolicy {
    /// Only the stretch between gaps that has the most samples is used; of equal ones, the latest.
    #[default]
    Longest,
    /// The method goes on across them.
    Bridge,
}

/// How to resample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResampleConfig {
    /// Rate of the grid, above 0 to [`MAX_RATE_HZ`]; without one, that of the samples between gaps. A lower rate than
    /// theirs is not filtered against aliases.
    pub rate_hz: Option<f64>,
    /// How values come about.
    pub method: Method,
    /// What becomes of gaps.
    pub gaps: GapPolicy,
}

/// Why samples cannot be put on a grid.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ResampleError {
    /// The rate asked for is out of bounds.
    #[error("{rate_hz} Hz is no rate to resample to; take one above 0 and at most {MAX_RATE_HZ} Hz")]
    Rate {
        /// What was asked for, in Hz.
        rate_hz: f64,
    },
    /// Times and values do not belong together.
    #[error("{times} times and {values} values do not make samples; give as many of each")]
    Lengths {
        /// Times given.
        times: usize,
        /// Values given.
        values: usize,
    },
    /// There are too many samples.
    #[error(
        "{samples} samples are too many to resample at once; take at most {MAX_SAMPLES}, a shorter span or a lower rate"
    )]
    TooMany {
        /// Samples that went in or would come out.
        samples: usize,
    },
    /// There is nothing to interpolate between.
    #[error(
        "{samples} samples that are finite, in order and without a gap do not make a stretch; wait for more or bridge the gaps"
    )]
    TooFew {
        /// Samples in the stretch picked.
        samples: usize,
    },
    /// The grid is coarser than the stretch is long.
    #[error("samples over {span_s} s are too few for a grid of {rate_hz} Hz; take a higher rate or a longer span")]
    TooShort {
        /// Length of the stretch picked.
        span_s: f64,
        /// Rate of the grid.
        rate_hz: f64,
    },
}

/// Evenly spaced samples. From [`Resampler::run`].
#[derive(Clone, Copy, Debug)]
pub struct Uniform<'a> {
    /// The values; all finite, at least two.
    pub values: &'a [f64],
    /// Time of the first.
    pub start_ns: i64,
    /// Their rate.
    pub rate_hz: f64,
    /// What they were made of, and how.
    pub report: Report,
}

/// Resamples, keeping its memory: a run over no more samples than an earlier one allocates nothing.
#[derive(Debug, Default)]
pub struct Resampler {
    config: ResampleConfig,
    kept: Kept,
    values: Vec<f64>,
}

impl Resampler {
    /// One that works like this.
    ///
    /// # Errors
    /// When the rate is not above 0 or too high.
    pub fn new(config: ResampleConfig) -> Result<Self, ResampleError> {
        match config.rate_hz {
            Some(rate_hz) if !(rate_hz > 0.0 && rate_hz <= MAX_RATE_HZ) => Err(ResampleError::Rate { rate_hz }),
            _ => Ok(Self {
                config,
                kept: Kept::default(),
                values: Vec::new(),
            }),
        }
    }

    /// Puts samples on a grid. `breaks` lists, in ascending order, the samples that a gap stands before.
    ///
    /// # Errors
    /// When there are not as many times as values, too many of them, fewer than two in the stretch picked, or when the
    /// grid would have fewer than two points or too many.
    pub fn run(&mut self, times_ns: &[i64], values: &[f64], breaks: &[usize]) -> Result<Uniform<'_>, ResampleError> {
        let measured = self.look(times_ns, values, breaks)?;
        self.place(measured, values.len())
    }

    /// As [`Resampler::run`], in the way that suits the samples. A sensor that is read evenly and published in bursts has
    /// times that say little: when they are irregular and nothing was lost, the samples are taken as they are, one after
    /// the other, across what looks like gaps; the report says so.
    ///
    /// # Errors
    /// As for [`Resampler::run`].
    pub fn run_suited(
        &mut self,
        times_ns: &[i64],
        values: &[f64],
        breaks: &[usize],
    ) -> Result<Uniform<'_>, ResampleError> {
        let measured = self.look(times_ns, values, breaks)?;
        if matches!(measured.sampling, Sampling::Irregular { .. }) && breaks.is_empty() {
            self.config.method = Method::AsIs;
            self.config.gaps = GapPolicy::Bridge;
        }
        self.place(measured, values.len())
    }

    /// Takes the samples in and measures how evenly they came.
    fn look(&mut self, times_ns: &[i64], values: &[f64], breaks: &[usize]) -> Result<Measured, ResampleError> {
        if times_ns.len() != values.len() {
            return Err(ResampleError::Lengths {
                times: times_ns.len(),
                values: values.len(),
            });
        }
        if values.len() > MAX_SAMPLES {
            return Err(ResampleError::TooMany { samples: values.len() });
        }
        self.kept.fill(times_ns, values, breaks);
        measure(&mut self.kept).ok_or(ResampleError::TooFew {
            samples: self.kept.values.len().min(1),
        })
    }

    /// Puts what was taken in, out of `given` samples, on the grid.
    fn place(&mut self, measured: Measured, given: usize) -> Result<Uniform<'_>, ResampleError> {
        let stretch = self.kept.longest_stretch(self.config.gaps, measured.gap_above_ns);
        let (from, to) = (stretch.start, stretch.end);
        if stretch.len() < 2 {
            return Err(ResampleError::TooFew { samples: stretch.len() });
        }

        let times = &self.kept.times_ns[from..to];
        let source = &self.kept.values[from..to];
        let mut interval_ns = measured.mean_ns;
        if self.config.method == Method::AsIs && matches!(measured.sampling, Sampling::Irregular { .. }) {
            // Times of bursts do not tell gaps from pauses: what is even is the count over the whole stretch.
            let span_ns = times[times.len() - 1].saturating_sub(times[0]) as f64;
            interval_ns = (span_ns / (times.len() - 1) as f64).max(measured.mean_ns);
        }
        let rate_hz = self.config.rate_hz.unwrap_or(1e9 / interval_ns).min(MAX_RATE_HZ);
        self.values.clear();
        if self.config.method == Method::AsIs {
            self.values.extend_from_slice(source);
        } else {
            let count = points(times, rate_hz)?;
            let grid = Grid {
                times_ns: times,
                values: source,
                step_ns: 1e9 / rate_hz,
            };
            grid.fill(self.config.method, count, &mut self.values);
        }
        let report = Report {
            sampling: measured.sampling,
            method: self.config.method,
            policy: self.config.gaps,
            rate_hz,
            median_ns: measured.median_ns,
            mean_ns: measured.mean_ns,
            gaps: measured.gaps,
            longest_gap_ns: measured.longest_gap_ns,
            missing: self.kept.missing,
            repeated: self.kept.repeated,
            restarts: self.kept.restarts,
            used: to - from,
            given,
        };
        Ok(Uniform {
            values: &self.values,
            start_ns: times[0],
            rate_hz,
            report,
        })
    }
}

/// Points of a grid over a stretch. One that lies a nanosecond behind the end counts where that is little, for times are
/// rounded to nanoseconds.
fn points(times_ns: &[i64], rate_hz: f64) -> Result<usize, ResampleError> {
    let span_ns = times_ns[times_ns.len() - 1].saturating_sub(times_ns[0]) as f64;
    let step_ns = 1e9 / rate_hz;
    // A cast from a float saturates.
    let count = ((span_ns + (step_ns / 1000.0).min(1.0)) / step_ns) as usize;
    let count = count.saturating_add(1);
    if count > MAX_SAMPLES {
        return Err(ResampleError::TooMany { samples: count });
    }
    if count < 2 {
        let span_s = span_ns / 1e9;
        return Err(ResampleError::TooShort { span_s, rate_hz });
    }
    Ok(count)
}

/// A stretch of at least two samples in order of time, and the step of the grid over it.
struct Grid<'a> {
    times_ns: &'a [i64],
    values: &'a [f64],
    step_ns: f64,
}

impl Grid<'_> {
    fn fill(&self, method: Method, count: usize, out: &mut Vec<f64>) {
        // From the first time on, where a float holds every nanosecond of a hundred days.
        let offset = |i: usize| self.times_ns[i].saturating_sub(self.times_ns[0]) as f64;
        let last = self.values.len() - 1;
        let mut left = 0;
        for k in 0..count {
            let at = k as f64 * self.step_ns;
            while left < last && offset(left + 1) <= at {
                left += 1;
            }
            let value = self.values[left];
            out.push(if method == Method::Hold || left == last {
                value
            } else {
                let share = (at - offset(left)) / (offset(left + 1) - offset(left));
                // Both weights, for the difference of two large values can overflow.
                value * (1.0 - share) + self.values[left + 1] * share
            });
        }
    }
}
