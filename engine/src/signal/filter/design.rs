//! From corners, given as shares of the sample rate, to sections.
//!
//! Every section is scaled from its own rounded coefficients to a gain of 1 where the filter shall pass: at 0 Hz, at the
//! Nyquist rate or in the middle of the band. A constant so keeps its value even where the corner is a hundred
//! thousandth of the rate and the rounding of the coefficients alone would shift it by 1e-7.

use std::f64::consts::PI;

use super::complex::Complex;
use super::sos::{Section, Sos, distance};

/// Half the damping of the `pair`-th pair of poles of the prototype, `s^2 + 2 d s + 1`.
fn damping(order: u8, pair: u8) -> f64 {
    (PI * f64::from(2 * pair + 1) / f64::from(2 * order)).sin()
}

/// The bilinear transform of `s^2 + c1 s + c0`, with `s` in units of the prewarped frequency.
fn second(c1: f64, c0: f64) -> [f64; 2] {
    let scale = 1.0 + c1 + c0;
    [2.0 * (c0 - 1.0) / scale, (1.0 - c1 + c0) / scale]
}

/// The bilinear transform of `s + c0`.
fn first(c0: f64) -> [f64; 2] {
    [(c0 - 1.0) / (c0 + 1.0), 0.0]
}

/// The denominators of a low-pass or a high-pass: the poles of a Butterworth prototype lie on the unit circle, so that
/// those of both are the same.
fn denominators(order: u8, corner: f64) -> impl Iterator<Item = [f64; 2]> {
    let k = (PI * corner).tan();
    let pairs = (0..order / 2).map(move |pair| second(2.0 * damping(order, pair) * k, k * k));
    pairs.chain((order % 2 == 1).then(|| first(k)))
}

pub(super) fn low_pass(sos: &mut Sos, order: u8, corner: f64) {
    for a in denominators(order, corner) {
        let sum = Section { b: [0.0; 3], a }.sum_below();
        let b = if a[1] == 0.0 {
            [sum / 2.0, sum / 2.0, 0.0]
        } else {
            [sum / 4.0, sum / 2.0, sum / 4.0]
        };
        sos.add(Section { b, a });
    }
    sos.sort();
}

pub(super) fn high_pass(sos: &mut Sos, order: u8, corner: f64) {
    for a in denominators(order, corner) {
        // The denominator at the Nyquist rate; exact where the poles are close to -1.
        let sum = (1.0 - a[0]) + a[1];
        let b = if a[1] == 0.0 {
            [sum / 2.0, -sum / 2.0, 0.0]
        } else {
            [sum / 4.0, -sum / 2.0, sum / 4.0]
        };
        sos.add(Section { b, a });
    }
    sos.sort();
}

pub(super) fn band_pass(sos: &mut Sos, order: u8, low: f64, high: f64, width: f64) {
    let (low, high) = (PI * low, PI * high);
    // The difference of the two tangents, without the cancellation of a narrow band.
    let band = (PI * width).sin() / (low.cos() * high.cos());
    let centre_squared = low.tan() * high.tan();
    let centre_angle = 2.0 * centre_squared.sqrt().atan();
    let mut add = |c1: f64, c0: f64| {
        let a = second(c1, c0);
        let below = Section { b: [0.0; 3], a }.below(distance(centre_angle)).norm();
        // |1 - exp(-2iw)| = 2 sin w.
        let gain = below / (2.0 * centre_angle.sin());
        sos.add(Section {
            b: [gain, 0.0, -gain],
            a,
        });
    };
    for pair in 0..order / 2 {
        // A pole p of the prototype becomes the roots of s^2 - p band s + centre^2.
        let d = damping(order, pair);
        let half = Complex::new(-d, (1.0 - d * d).sqrt()).scale(band / 2.0);
        let root = (half * half - Complex::new(centre_squared, 0.0)).sqrt();
        let (sum, difference) = (half + root, half - root);
        let large = if sum.norm() >= difference.norm() {
            sum
        } else {
            difference
        };
        let small = Complex::new(centre_squared, 0.0).over(large);
        for pole in [large, small] {
            add(-2.0 * pole.re, pole.re * pole.re + pole.im * pole.im);
        }
    }
    if order % 2 == 1 {
        add(band, centre_squared);
    }
    sos.sort();
}

/// `(1 + all-pass) / 2`: the gain at 0 Hz and at the Nyquist rate is 1 however the coefficients are rounded.
pub(super) fn notch(sos: &mut Sos, centre: f64, width: f64) {
    let beta = (PI * width).tan();
    let twice = 1.0 + (1.0 - beta) / (1.0 + beta);
    // From the rounded sum, so that `1 + a2` is exact and the two sums of coefficients agree to the last bit.
    let a2 = twice - 1.0;
    let a1 = -twice * (2.0 * PI * centre).cos();
    let outer = twice / 2.0;
    sos.add(Section {
        b: [outer, a1, outer],
        a: [a1, a2],
    });
}
