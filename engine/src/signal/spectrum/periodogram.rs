//! The periodogram of one segment.

use std::fmt;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::{Detrend, MAX_SAMPLE, MAX_SEGMENT, MIN_SEGMENT, SpectrumError, Window};

/// Turns segments of one length into periodograms. Everything it needs is allocated when it is made.
pub(crate) struct Periodogram {
    fft: Arc<dyn RealToComplex<f64>>,
    detrend: Detrend,
    window: Vec<f64>,
    input: Vec<f64>,
    bins: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    power: Vec<f64>,
    sum: f64,
    sum_of_squares: f64,
}

impl fmt::Debug for Periodogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Periodogram")
            .field("segment", &self.window.len())
            .field("detrend", &self.detrend)
            .finish_non_exhaustive()
    }
}

impl Periodogram {
    /// Plans for segments of `segment` samples.
    ///
    /// # Errors
    /// When the segment is shorter than [`MIN_SEGMENT`] or longer than [`MAX_SEGMENT`].
    pub(crate) fn new(segment: usize, window: Window, detrend: Detrend) -> Result<Self, SpectrumError> {
        if !(MIN_SEGMENT..=MAX_SEGMENT).contains(&segment) {
            return Err(SpectrumError::Segment { segment });
        }
        let fft = RealFftPlanner::new().plan_fft_forward(segment);
        let window = window.values(segment);
        Ok(Self {
            input: fft.make_input_vec(),
            bins: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            power: vec![0.0; segment / 2 + 1],
            sum: window.iter().sum(),
            sum_of_squares: window.iter().map(|w| w * w).sum(),
            fft,
            detrend,
            window,
        })
    }

    /// Bins of a periodogram.
    pub(crate) fn bins(&self) -> usize {
        self.power.len()
    }

    /// Equivalent noise bandwidth in Hz at a rate.
    pub(crate) fn enbw_hz(&self, rate_hz: f64) -> f64 {
        rate_hz * self.sum_of_squares / (self.sum * self.sum)
    }

    /// What a periodogram of [`Self::of`] is multiplied by to be a density.
    pub(crate) fn density_scale(&self, rate_hz: f64) -> f64 {
        1.0 / (rate_hz * self.sum_of_squares)
    }

    /// The squared magnitudes of one segment, one-sided: all bins but 0 Hz and half the rate are doubled. `None` when a
    /// sample is not a number that can be squared and summed: see [`MAX_SAMPLE`].
    pub(crate) fn of(&mut self, segment: &[f64]) -> Option<&[f64]> {
        if segment.len() != self.input.len() || !segment.iter().all(|x| x.abs() <= MAX_SAMPLE) {
            return None;
        }
        self.input.copy_from_slice(segment);
        self.detrend.apply(&mut self.input);
        for (x, w) in self.input.iter_mut().zip(&self.window) {
            *x *= w;
        }
        self.fft
            .process_with_scratch(&mut self.input, &mut self.bins, &mut self.scratch)
            .expect("all lengths come from the plan");
        for (power, bin) in self.power.iter_mut().zip(&self.bins) {
            *power = 2.0 * bin.norm_sqr();
        }
        // These two have no mirror image at a negative frequency.
        self.power[0] /= 2.0;
        if self.input.len().is_multiple_of(2) {
            let last = self.power.len() - 1;
            self.power[last] /= 2.0;
        }
        Some(&self.power)
    }
}
