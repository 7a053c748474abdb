//! The average over segments.

use serde::{Deserialize, Serialize};

use super::{
    Detrend, MAX_MEDIAN_VALUES, MAX_OVERLAP, MAX_SAMPLE, Periodogram, Spectrum, SpectrumError, Window, check_rate,
};

/// How the periodograms of the segments become one spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Averaging {
    /// Their mean.
    #[default]
    Mean,
    /// Their median, divided by its bias for noise: short disturbances do not show. Source of the bias: B. Allen et
    /// al., "FINDCHIRP", Physical Review D 85 (2012), appendix B.
    Median,
}

/// What a spectrum is made with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WelchConfig {
    /// Samples in a segment: [`super::MIN_SEGMENT`] to [`super::MAX_SEGMENT`]. Products of small primes are fastest.
    pub segment: usize,
    /// Share of a segment that the next one repeats, 0 to [`MAX_OVERLAP`].
    pub overlap: f64,
    /// What segments are multiplied by.
    pub window: Window,
    /// What is taken off them before.
    pub detrend: Detrend,
    /// How they are averaged.
    pub averaging: Averaging,
}

impl Default for WelchConfig {
    fn default() -> Self {
        Self {
            segment: 1024,
            overlap: 0.5,
            window: Window::default(),
            detrend: Detrend::default(),
            averaging: Averaging::default(),
        }
    }
}

/// Estimates spectra, one after the other. It keeps the plan and all memory: a call with no more samples than an
/// earlier one allocates nothing.
#[derive(Debug)]
pub struct Welch {
    config: WelchConfig,
    step: usize,
    periodogram: Periodogram,
    spectrum: Spectrum,
    /// One periodogram after the other, for the median.
    kept: Vec<f64>,
    column: Vec<f64>,
}

impl Welch {
    /// Plans.
    ///
    /// # Errors
    /// When the segment or the overlap is out of bounds.
    pub fn new(config: WelchConfig) -> Result<Self, SpectrumError> {
        let WelchConfig { segment, overlap, .. } = config;
        let periodogram = Periodogram::new(segment, config.window, config.detrend)?;
        if !(0.0..=MAX_OVERLAP).contains(&overlap) {
            return Err(SpectrumError::Overlap { overlap });
        }
        // The small term keeps 0.57 of 100 from being 56; rounded down, half of an odd segment is what SciPy takes.
        let overlap = ((overlap * segment as f64 + 1e-9) as usize).min(segment - 1);
        let bins = periodogram.bins();
        Ok(Self {
            config,
            step: segment - overlap,
            spectrum: Spectrum {
                freq_hz: vec![0.0; bins],
                psd: vec![0.0; bins],
                window: config.window,
                segment,
                overlap,
                rate_hz: 0.0,
                segments_averaged: 0,
                segments_skipped: 0,
                enbw_hz: 0.0,
                rounding_psd: 0.0,
            },
            periodogram,
            kept: Vec::new(),
            column: Vec::new(),
        })
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> &WelchConfig {
        &self.config
    }

    /// The spectrum of evenly spaced samples. What follows the last whole segment is not used.
    ///
    /// # Errors
    /// When the rate is out of bounds, there are fewer samples than a segment has, no segment is finite throughout, or a
    /// median would need too much memory.
    pub fn estimate(&mut self, samples: &[f64], rate_hz: f64) -> Result<&Spectrum, SpectrumError> {
        check_rate(rate_hz)?;
        let segment = self.config.segment;
        if samples.len() < segment {
            return Err(SpectrumError::TooFew {
                have: samples.len(),
                need: segment,
            });
        }
        let bins = self.periodogram.bins();
        let segments = (samples.len() - segment) / self.step + 1;
        let by_median = self.config.averaging == Averaging::Median && segments > 1;
        if by_median && segments.saturating_mul(bins) > MAX_MEDIAN_VALUES {
            return Err(SpectrumError::MedianTooLarge { segments, bins });
        }

        self.kept.clear();
        self.spectrum.psd.fill(0.0);
        let mut used = 0;
        for index in 0..segments {
            let from = index * self.step;
            let Some(power) = self.periodogram.of(&samples[from..from + segment]) else {
                continue;
            };
            used += 1;
            if by_median {
                self.kept.extend_from_slice(power);
            } else {
                for (sum, p) in self.spectrum.psd.iter_mut().zip(power) {
                    *sum += p;
                }
            }
        }
        if used == 0 {
            return Err(SpectrumError::NothingFinite { segments });
        }
        let mut scale = self.periodogram.density_scale(rate_hz);
        if by_median {
            self.take_medians(used);
            scale /= median_bias(used);
        } else {
            scale /= used as f64;
        }

        let spectrum = &mut self.spectrum;
        spectrum.psd.iter_mut().for_each(|p| *p *= scale);
        for (bin, freq) in spectrum.freq_hz.iter_mut().enumerate() {
            *freq = bin as f64 * rate_hz / segment as f64;
        }
        spectrum.rate_hz = rate_hz;
        spectrum.segments_averaged = used;
        spectrum.segments_skipped = segments - used;
        spectrum.enbw_hz = self.periodogram.enbw_hz(rate_hz);
        spectrum.rounding_psd = rounding_psd(samples, segment, rate_hz);
        Ok(spectrum)
    }

    fn take_medians(&mut self, used: usize) {
        let bins = self.spectrum.psd.len();
        for (bin, psd) in self.spectrum.psd.iter_mut().enumerate() {
            self.column.clear();
            self.column.extend(self.kept.iter().skip(bin).step_by(bins));
            let (below, &mut upper, _) = self.column.select_nth_unstable_by(used / 2, f64::total_cmp);
            *psd = if used % 2 == 1 {
                upper
            } else {
                let lower = below.iter().copied().fold(0.0, f64::max);
                lower / 2.0 + upper / 2.0
            };
        }
    }
}

/// The median of `n` periodograms of noise over their mean: `1 + sum_k (1 / (2 k + 1) - 1 / (2 k))`, `k` to `(n - 1) / 2`.
fn median_bias(n: usize) -> f64 {
    let term = |k: usize| {
        let even = 2.0 * k as f64;
        1.0 / (even + 1.0) - 1.0 / even
    };
    1.0 + (1..=(n - 1) / 2).map(term).sum::<f64>()
}

/// Each of the `log2(segment)` stages of the transform rounds what passes it by an `EPSILON` of the largest sample at
/// most; at worst, the squares of all these errors meet in one bin.
fn rounding_psd(samples: &[f64], segment: usize, rate_hz: f64) -> f64 {
    let finite = samples.iter().filter(|x| x.abs() <= MAX_SAMPLE);
    let rounding = f64::EPSILON * finite.fold(0.0, |most: f64, x| most.max(x.abs()));
    let segment = segment as f64;
    rounding * rounding * segment.log2() * segment / rate_hz
}
