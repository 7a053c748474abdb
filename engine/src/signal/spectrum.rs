//! Power spectra by Welch's method, their units, and their peaks.
//!
//! The estimate is that of `scipy.signal.welch`: segments that overlap are detrended, windowed and transformed, and
//! their periodograms are averaged. Source: P. Welch, "The use of the fast Fourier transform for the estimation of
//! power spectra", IEEE Trans. Audio Electroacoustics 15 (1967).
//!
//! **The identity that holds** (Parseval): `sum(psd) * rate / segment` equals the mean over the segments averaged of
//! `sum((w * y)^2) / sum(w^2)`, where `w` is the window and `y` the detrended segment. For a stationary signal that is
//! its mean square. It holds for [`Averaging::Mean`]; a median has no such identity.
//!
//! Samples that are not finite, or beyond [`MAX_SAMPLE`]: a segment that holds one is left out and counted, and leaves no trace in later calls.
//! When no segment is left, that is an error.

mod peaks;
mod periodogram;
mod quantity;
mod welch;
mod window;

#[cfg(test)]
pub(crate) mod noise;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub use peaks::{Peak, PeakFinder, PeakOptions};
pub(super) use periodogram::Periodogram;
pub use quantity::{FLOOR_DB, Quantity, decibel};
pub use welch::{Averaging, Welch, WelchConfig};
pub use window::{Detrend, Window};

/// Samples that a segment has at least.
pub const MIN_SEGMENT: usize = 8;
/// Samples that a segment has at most.
pub const MAX_SEGMENT: usize = 1 << 20;
/// The largest share of a segment that the next one may repeat.
pub const MAX_OVERLAP: f64 = 0.95;
/// The lowest rate of samples.
pub const MIN_RATE_HZ: f64 = 1e-9;
/// The highest rate of samples.
pub const MAX_RATE_HZ: f64 = 1e12;
/// The largest sample, of either sign, that is taken for a number: no sum of squares of such ones overflows.
pub const MAX_SAMPLE: f64 = 1e120;
/// Peaks that are listed at most.
pub const MAX_PEAKS: usize = 1024;
/// Values that a median may keep: bins times segments.
pub(super) const MAX_MEDIAN_VALUES: usize = 1 << 24;

/// Why there is no spectrum.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SpectrumError {
    /// The segment is out of bounds.
    #[error("a segment of {segment} samples cannot be transformed; take {MIN_SEGMENT} to {MAX_SEGMENT}")]
    Segment {
        /// What was asked for, in samples.
        segment: usize,
    },
    /// The overlap is out of bounds.
    #[error("segments cannot overlap by a share of {overlap}; take 0 to {MAX_OVERLAP}")]
    Overlap {
        /// What was asked for.
        overlap: f64,
    },
    /// The rate is not one.
    #[error("{rate_hz} Hz is not a sampling rate; give one from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz")]
    Rate {
        /// What was given, in Hz.
        rate_hz: f64,
    },
    /// There is less than one segment.
    #[error("{have} samples do not fill a segment of {need}; wait for more or shorten the segment")]
    TooFew {
        /// Samples given.
        have: usize,
        /// Samples in a segment.
        need: usize,
    },
    /// Every segment holds a sample that is not finite or beyond [`MAX_SAMPLE`].
    #[error(
        "none of the {segments} segments can be used, for each holds a NaN, infinite or too large sample; shorten the segment"
    )]
    NothingFinite {
        /// Segments looked at.
        segments: usize,
    },
    /// The median would need too much memory.
    #[error(
        "a median over {segments} segments of {bins} values takes too much memory; average by mean or overlap less"
    )]
    MedianTooLarge {
        /// Segments to keep.
        segments: usize,
        /// Values per segment.
        bins: usize,
    },
    /// The options of the peak list are out of bounds.
    #[error(
        "a list of {most} peaks, {above_floor_db} dB above the noise and {prominence_db} dB prominent, cannot be made; take 1 to {MAX_PEAKS} peaks and levels of 0 dB or more"
    )]
    Peaks {
        /// Peaks asked for.
        most: usize,
        /// Height above the noise floor asked for.
        above_floor_db: f64,
        /// Prominence asked for.
        prominence_db: f64,
    },
}

/// A one-sided power spectral density with what is needed to read it. From [`Welch`].
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// Frequency of each bin, from 0 to half the rate: `segment / 2 + 1` of them.
    pub freq_hz: Vec<f64>,
    /// Density of each bin, in the square of the signal's unit per Hz; as long as `freq_hz`.
    pub psd: Vec<f64>,
    /// The window that was used.
    pub window: Window,
    /// Samples in a segment.
    pub segment: usize,
    /// Samples that a segment shares with the next.
    pub overlap: usize,
    /// Rate of the samples.
    pub rate_hz: f64,
    /// Segments that the average is over.
    pub segments_averaged: usize,
    /// Segments left out because a sample in them was not finite or beyond [`MAX_SAMPLE`].
    pub segments_skipped: usize,
    /// Equivalent noise bandwidth: `rate * sum(w^2) / sum(w)^2`. A density times this is the power of a sine.
    pub enbw_hz: f64,
    /// Density below which the numbers are rounding errors of 64-bit arithmetic, not signal.
    pub rounding_psd: f64,
}

impl Spectrum {
    /// Frequency between two bins.
    #[must_use]
    pub fn step_hz(&self) -> f64 {
        self.rate_hz / self.segment as f64
    }

    /// Root mean square of what lies in the bins from `low_hz` to `high_hz`, both included: the square root of the sum
    /// of their densities times the step. `None` when no bin lies there.
    #[must_use]
    pub fn band_rms(&self, low_hz: f64, high_hz: f64) -> Option<f64> {
        let from = self.freq_hz.partition_point(|&f| f < low_hz);
        let to = self.freq_hz.partition_point(|&f| f <= high_hz);
        let band = self.psd.get(from..to).filter(|band| !band.is_empty())?;
        Some((band.iter().sum::<f64>() * self.step_hz()).sqrt())
    }
}

/// Refuses what is no sampling rate.
pub(super) fn check_rate(rate_hz: f64) -> Result<(), SpectrumError> {
    if (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) {
        Ok(())
    } else {
        Err(SpectrumError::Rate { rate_hz })
    }
}
