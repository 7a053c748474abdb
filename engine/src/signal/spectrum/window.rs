//! Windows and trends.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

/// The shape that a segment is multiplied by. All are sums of cosines in the periodic form for spectra (`fftbins=True` in SciPy).
///
/// Coefficients: F. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform",
/// Proc. IEEE 66 (1978); the flat top's are those of G. D'Antona and A. Ferrero, "Digital Signal Processing for
/// Measurement Systems" (2006), as SciPy has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// All ones: the finest lines, the worst leakage.
    Boxcar,
    /// A raised cosine: the one to begin with.
    #[default]
    Hann,
    /// A raised cosine on a step: a lower first side lobe than Hann, but the far ones fall slowly.
    Hamming,
    /// Three terms: side lobes below -58 dB.
    Blackman,
    /// Four terms: side lobes below -92 dB, for weak lines beside strong ones.
    BlackmanHarris,
    /// Five terms: reads amplitudes to 0.1 % at any frequency, with lines four times as wide.
    FlatTop,
}

impl Window {
    /// All of them, for lists to choose from.
    pub const ALL: [Self; 6] = [
        Self::Boxcar,
        Self::Hann,
        Self::Hamming,
        Self::Blackman,
        Self::BlackmanHarris,
        Self::FlatTop,
    ];

    /// Its name in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boxcar => "boxcar",
            Self::Hann => "Hann",
            Self::Hamming => "Hamming",
            Self::Blackman => "Blackman",
            Self::BlackmanHarris => "Blackman-Harris",
            Self::FlatTop => "flat top",
        }
    }

    fn coefficients(self) -> &'static [f64] {
        match self {
            Self::Boxcar => &[1.0],
            Self::Hann => &[0.5, 0.5],
            Self::Hamming => &[0.54, 0.46],
            Self::Blackman => &[0.42, 0.5, 0.08],
            Self::BlackmanHarris => &[0.358_75, 0.488_29, 0.141_28, 0.011_68],
            Self::FlatTop => &[0.215_578_95, 0.416_631_58, 0.277_263_158, 0.083_578_947, 0.006_947_368],
        }
    }

    /// Its values over `segment` samples: `sum_k (-1)^k a_k cos(2 pi k i / segment)`.
    #[must_use]
    pub fn values(self, segment: usize) -> Vec<f64> {
        (0..segment)
            .map(|i| {
                let phase = TAU * i as f64 / segment as f64;
                let term = |(k, a): (usize, &f64)| {
                    let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
                    sign * a * (k as f64 * phase).cos()
                };
                self.coefficients().iter().enumerate().map(term).sum()
            })
            .collect()
    }
}

/// What is taken off a segment before it is windowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detrend {
    /// Nothing: a constant stays, and leaks from the bin at 0 Hz into its neighbours.
    None,
    /// The mean.
    #[default]
    Constant,
    /// The straight line of least squares.
    Linear,
}

impl Detrend {
    /// Takes the trend off in place.
    pub(super) fn apply(self, segment: &mut [f64]) {
        match self {
            Self::None => {}
            Self::Constant => remove_mean(segment),
            Self::Linear => {
                remove_mean(segment);
                remove_slope(segment);
            }
        }
    }
}

/// Twice, because the first mean of a large offset is itself rounded.
fn remove_mean(segment: &mut [f64]) {
    for _ in 0..2 {
        let mean = segment.iter().sum::<f64>() / segment.len() as f64;
        segment.iter_mut().for_each(|x| *x -= mean);
    }
}

/// The slope of least squares of a segment without mean: `sum(t x) / sum(t^2)`, `t` counted from the middle.
fn remove_slope(segment: &mut [f64]) {
    let n = segment.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let squares = n * (n * n - 1.0) / 12.0;
    let at = |i: usize| i as f64 - middle;
    let slope = segment.iter().enumerate().map(|(i, x)| at(i) * x).sum::<f64>() / squares;
    for (i, x) in segment.iter_mut().enumerate() {
        *x -= slope * at(i);
    }
}
