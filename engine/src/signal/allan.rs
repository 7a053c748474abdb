//! Overlapping Allan deviation, and the noise figures of an inertial sensor read off it.
//!
//! The deviation is that of `allantools.oadev(data, rate, data_type="freq")`, for data of the kind of a rate: a gyro's
//! angular velocity, an accelerometer's acceleration. Source: W. Riley, "Handbook of Frequency Stability Analysis",
//! NIST Special Publication 1065 (2008), equation 11. With `x` the running sum of the samples, `m` the averaging factor and
//! `N` the number of samples,
//!
//! ```text
//! sigma^2(m / rate) = 1 / (2 m^2 (N + 1 - 2 m)) * sum_i (x[i + 2 m] - 2 x[i + m] + x[i])^2
//! ```
//!
//! The mean is taken off first, so that the sum does not lose the noise beside a large offset. That changes nothing
//! else: a constant adds a straight line to `x`, and the second difference of a straight line is zero.
//!
//! Samples that are not finite, or beyond [`MAX_SAMPLE`], part the data; the longest stretch between them is used, of
//! equal ones the latest. Nothing is kept from one call to the next.

mod edf;
mod figures;

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::spectrum::{MAX_RATE_HZ, MAX_SAMPLE, MIN_RATE_HZ};
pub use figures::{BiasInstability, Line, noise_density_label, random_walk_label};

/// Samples at least: with fewer, no deviation has two pairs.
pub const MIN_SAMPLES: usize = 3;
/// Samples at most; their sums take 256 MiB.
pub const MAX_SAMPLES: usize = 1 << 25;
/// Averaging times per decade, at most.
pub const MAX_PER_DECADE: u8 = 100;

/// Which averaging times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taus {
    /// 1, 2, 4, 8, 16... intervals.
    Octave,
    /// 1, 2, 4, 10, 20, 40, 100... intervals.
    Decade,
    /// So many per decade, evenly spaced on a logarithmic axis and rounded to whole intervals: 1 to [`MAX_PER_DECADE`].
    PerDecade(u8),
}

impl Default for Taus {
    fn default() -> Self {
        Self::PerDecade(20)
    }
}

/// Why there is no Allan deviation.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AllanError {
    /// The rate is not one.
    #[error("{rate_hz} Hz is not a sampling rate; give one from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz")]
    Rate {
        /// What was given, in Hz.
        rate_hz: f64,
    },
    /// The averaging times are too many or none.
    #[error("{per_decade} averaging times per decade are out of bounds; take 1 to {MAX_PER_DECADE}")]
    PerDecade {
        /// What was asked for.
        per_decade: u8,
    },
    /// There is too little data.
    #[error("{samples} finite samples in a row are too few for an Allan deviation; record at least {MIN_SAMPLES}")]
    TooFew {
        /// Samples in the longest stretch.
        samples: usize,
    },
    /// There is too much data.
    #[error(
        "{samples} samples are too many for an Allan deviation; take at most {MAX_SAMPLES}, or means over a few samples each"
    )]
    TooMany {
        /// Samples given.
        samples: usize,
    },
}

/// The deviation at one averaging time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Averaging time.
    pub tau_s: f64,
    /// The same in sample intervals.
    pub factor: usize,
    /// Allan deviation, in the unit of the samples.
    pub deviation: f64,
    /// Pairs of neighbouring means that it is made of; they overlap, so fewer are independent.
    pub pairs: usize,
    /// Equivalent degrees of freedom, for the noise that the slope of the curve tells of here; at least 1.
    pub edf: f64,
}

impl Point {
    /// Standard error of the deviation, as a share of it: `1 / sqrt(2 edf)`.
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        (2.0 * self.edf).sqrt().recip()
    }

    /// The deviations between which the true one lies with a probability of 68 %.
    #[must_use]
    pub fn bounds(&self) -> (f64, f64) {
        let scale = |sigmas| self.deviation / edf::chi_squared_over_edf(self.edf, sigmas).sqrt();
        (scale(1.0), scale(-1.0))
    }
}

/// An Allan deviation.
#[derive(Clone, Debug, PartialEq)]
pub struct Allan {
    /// The deviation at each averaging time, shortest first; at least one.
    pub points: Vec<Point>,
    /// Rate of the samples.
    pub rate_hz: f64,
    /// Which of the samples were used.
    pub used: Range<usize>,
    /// Samples given.
    pub given: usize,
    /// Deviations below this are rounding errors of 64-bit arithmetic; no figure is read off them.
    pub rounding: f64,
}

impl Allan {
    /// The Allan deviation of evenly spaced samples. Takes time in proportion to the samples for each averaging time,
    /// and memory for as many numbers as there are samples.
    ///
    /// # Errors
    /// When the rate or the averaging times are out of bounds, or there are too few or too many samples.
    pub fn of(samples: &[f64], rate_hz: f64, taus: Taus) -> Result<Self, AllanError> {
        if !(MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) {
            return Err(AllanError::Rate { rate_hz });
        }
        if samples.len() > MAX_SAMPLES {
            return Err(AllanError::TooMany { samples: samples.len() });
        }
        let used = longest_stretch(samples);
        let stretch = &samples[used.clone()];
        let factors = factors(stretch.len(), taus)?;
        if stretch.len() < MIN_SAMPLES {
            return Err(AllanError::TooFew { samples: stretch.len() });
        }

        let sums = running_sum(stretch);
        let mut points: Vec<Point> = factors
            .into_iter()
            .map(|factor| {
                let (variance, pairs) = variance(&sums, factor);
                Point {
                    tau_s: factor as f64 / rate_hz,
                    factor,
                    deviation: variance.sqrt(),
                    pairs,
                    edf: 1.0,
                }
            })
            .collect();
        for index in 0..points.len() {
            let slope = figures::slope(&points, index);
            points[index].edf = edf::edf(sums.len(), points[index].factor, slope);
        }
        let largest = stretch.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        Ok(Self {
            points,
            rate_hz,
            used,
            given: samples.len(),
            rounding: f64::EPSILON * largest,
        })
    }
}

fn longest_stretch(samples: &[f64]) -> Range<usize> {
    let mut best = 0..0;
    let mut from = 0;
    for to in 0..=samples.len() {
        let goes_on = samples.get(to).is_some_and(|x| x.abs() <= MAX_SAMPLE);
        if !goes_on {
            if to - from >= best.len() {
                best = from..to;
            }
            from = to + 1;
        }
    }
    best
}

/// The averaging factors that leave two pairs or more, ascending.
fn factors(samples: usize, taus: Taus) -> Result<Vec<usize>, AllanError> {
    let most = samples.saturating_sub(1) / 2;
    let decades = (0..).map_while(|k| 10_usize.checked_pow(k));
    let mut factors: Vec<usize> = match taus {
        Taus::Octave => (0..usize::BITS).map(|k| 1 << k).take_while(|m| *m <= most).collect(),
        Taus::Decade => decades
            .take_while(|m| *m <= most)
            .flat_map(|m| [m, 2 * m, 4 * m])
            .filter(|m| *m <= most)
            .collect(),
        Taus::PerDecade(per_decade) => {
            if !(1..=MAX_PER_DECADE).contains(&per_decade) {
                return Err(AllanError::PerDecade { per_decade });
            }
            (0..)
                .map(|k| 10_f64.powf(f64::from(k) / f64::from(per_decade)).round() as usize)
                .take_while(|m| *m <= most)
                .collect()
        }
    };
    factors.dedup();
    Ok(factors)
}

/// The sums of the first 0, 1, 2... samples less their mean.
fn running_sum(samples: &[f64]) -> Vec<f64> {
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    // Twice, because the first mean of a large offset is itself rounded.
    let rest = samples.iter().map(|x| x - mean).sum::<f64>() / samples.len() as f64;
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(samples.len() + 1);
    sums.push(sum);
    sums.extend(samples.iter().map(|x| {
        sum += x - mean - rest;
        sum
    }));
    sums
}

/// The Allan variance at an averaging factor, and the pairs that it is made of.
fn variance(sums: &[f64], factor: usize) -> (f64, usize) {
    const LANES: usize = 8;
    let pairs = sums.len() - 2 * factor;
    let [first, middle, last] = [0, factor, 2 * factor].map(|from| &sums[from..from + pairs]);
    let square = |a: f64, b: f64, c: f64| {
        let difference = c - 2.0 * b + a;
        difference * difference
    };
    // Side by side, so that the processor adds several at a time; and the rounding error is smaller for it.
    let mut lanes = [0.0; LANES];
    let mut chunks = first
        .chunks_exact(LANES)
        .zip(middle.chunks_exact(LANES))
        .zip(last.chunks_exact(LANES));
    for ((a, b), c) in &mut chunks {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += square(a[lane], b[lane], c[lane]);
        }
    }
    let done = pairs / LANES * LANES;
    let rest: f64 = (done..pairs).map(|i| square(first[i], middle[i], last[i])).sum();
    let sum = lanes.iter().sum::<f64>() + rest;
    let factor = factor as f64;
    (sum / (2.0 * factor * factor * pairs as f64), pairs)
}
