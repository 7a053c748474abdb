//! Second-order sections, and what they do to a frequency.

use std::f64::consts::PI;

use super::MAX_SECTIONS;
use super::complex::Complex;

/// One section: `y[n] = b[0] x[n] + b[1] x[n-1] + b[2] x[n-2] - a[0] y[n-1] - a[1] y[n-2]`. A section of first order
/// has zeros for its last coefficients.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Section {
    /// Weights of the input, newest first.
    pub b: [f64; 3],
    /// Weights of the output one and two samples ago; that of the present output is 1.
    pub a: [f64; 2],
}

impl Section {
    /// The gain at 0 Hz.
    pub(super) fn gain_at_rest(&self) -> f64 {
        self.sum_above() / self.sum_below()
    }

    /// The numerator at 0 Hz; in this order exact for every design here.
    fn sum_above(&self) -> f64 {
        (self.b[0] + self.b[2]) + self.b[1]
    }

    /// The denominator at 0 Hz. The order of the sum keeps it exact where the poles are close to 1.
    pub(super) fn sum_below(&self) -> f64 {
        (1.0 + self.a[0]) + self.a[1]
    }

    /// The denominator at the frequency with `distance = 1 - exp(-i w)`.
    ///
    /// Written in powers of the distance from 1, because the plain polynomial cancels where poles are close to 1: at a
    /// thousandth of the rate it would lose six digits.
    pub(super) fn below(&self, distance: Complex) -> Complex {
        let [a1, a2] = self.a;
        Complex::new(self.sum_below(), 0.0) - distance.scale(a1 + 2.0 * a2) + (distance * distance).scale(a2)
    }

    fn above(&self, distance: Complex) -> Complex {
        let [_, b1, b2] = self.b;
        Complex::new(self.sum_above(), 0.0) - distance.scale(b1 + 2.0 * b2) + (distance * distance).scale(b2)
    }
}

/// `1 - exp(-i w)` for an angle in radians per sample.
pub(super) fn distance(angle: f64) -> Complex {
    let half = (angle / 2.0).sin();
    Complex::new(2.0 * half * half, angle.sin())
}

/// A filter as sections in a row, for samples of one rate. No allocation: there are at most [`MAX_SECTIONS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Sos {
    sections: [Section; MAX_SECTIONS],
    count: usize,
    rate_hz: f64,
}

impl Sos {
    pub(super) fn empty(rate_hz: f64) -> Self {
        Self {
            sections: [Section::default(); MAX_SECTIONS],
            count: 0,
            rate_hz,
        }
    }

    pub(super) fn add(&mut self, section: Section) {
        self.sections[self.count] = section;
        self.count += 1;
    }

    /// Puts the sections with the sharpest resonance last, so that they see a signal that is already reduced.
    pub(super) fn sort(&mut self) {
        let radius = |s: &Section| if s.a[1] == 0.0 { s.a[0] * s.a[0] } else { s.a[1] };
        self.sections[..self.count].sort_unstable_by(|a, b| radius(a).total_cmp(&radius(b)));
    }

    /// The sections, first to last.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections[..self.count]
    }

    /// The sample rate that the filter was designed for.
    #[must_use]
    pub fn rate_hz(&self) -> f64 {
        self.rate_hz
    }

    /// The complex gain `(re, im)` at a frequency.
    #[must_use]
    pub fn response(&self, freq_hz: f64) -> (f64, f64) {
        let distance = distance(2.0 * PI * (freq_hz / self.rate_hz));
        let gain = self.sections().iter().fold(Complex::ONE, |gain, section| {
            gain * section.above(distance).over(section.below(distance))
        });
        (gain.re, gain.im)
    }

    /// The gain at a frequency; 1 leaves an amplitude as it is.
    #[must_use]
    pub fn magnitude(&self, freq_hz: f64) -> f64 {
        let (re, im) = self.response(freq_hz);
        re.hypot(im)
    }

    /// The phase at a frequency in radians, from -pi to pi; negative is late.
    #[must_use]
    pub fn phase_rad(&self, freq_hz: f64) -> f64 {
        let (re, im) = self.response(freq_hz);
        im.atan2(re)
    }
}
