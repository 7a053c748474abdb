//! A normal distribution beside a histogram.

use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2, TAU};

use super::Histogram;

/// Values that a cell of the chi-square must be expected to have; narrower bins are joined.
const LEAST_EXPECTED: f64 = 5.0;

/// The normal distribution with the mean and the sigma of the values, and how far the counts are from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalFit {
    /// The mean.
    pub mu: f64,
    /// The sample standard deviation.
    pub sigma: f64,
    /// The greatest distance, over all edges, between the share of values below an edge and that of the normal
    /// distribution: 0 to 1. That is the distance of Kolmogorov and Smirnov as far as the bins show it.
    pub distance: f64,
    /// What `distance` exceeds in one of twenty sets of normal values (H. W. Lilliefors, 1967, for more than 30 values).
    pub distance_limit: f64,
    /// Chi-square of the counts over its degrees of freedom: about 1 for normal values, larger for others. Neighbouring
    /// bins are joined until five values are expected in each, and what lies beyond all bins counts as well. `None`
    /// when fewer than four such cells remain.
    pub chi_square: Option<f64>,
}

impl NormalFit {
    pub(super) fn new(histogram: &Histogram, mu: f64, sigma: f64) -> Self {
        let counts = &histogram.counts;
        let total = (histogram.under + histogram.inside() + histogram.over) as f64;
        let standard = |edge: f64| (edge - mu) / sigma;
        let mut below = histogram.under;
        let mut distance = 0.0_f64;
        for (at, edge) in histogram.edges.iter().enumerate() {
            distance = distance.max((below as f64 / total - share_below(standard(*edge))).abs());
            below += counts.get(at).copied().unwrap_or(0);
        }
        Self {
            mu,
            sigma,
            distance,
            distance_limit: 0.886 / total.sqrt(),
            chi_square: chi_square(histogram, total, standard),
        }
    }

    /// The density at a value, per unit of the values.
    #[must_use]
    pub fn density(&self, value: f64) -> f64 {
        let z = (value - self.mu) / self.sigma;
        (-0.5 * z * z).exp() / (self.sigma * TAU.sqrt())
    }
}

fn chi_square(histogram: &Histogram, total: f64, standard: impl Fn(f64) -> f64) -> Option<f64> {
    // The bins, with what lies under and over them joined to the outermost ones.
    let last = histogram.counts.len() - 1;
    let bins = histogram.counts.iter().enumerate().map(|(at, &count)| {
        let low = if at == 0 {
            f64::NEG_INFINITY
        } else {
            standard(histogram.edges[at])
        };
        let high = if at == last {
            f64::INFINITY
        } else {
            standard(histogram.edges[at + 1])
        };
        let beyond = if at == 0 { histogram.under } else { 0 } + if at == last { histogram.over } else { 0 };
        ((count + beyond) as f64, total * share_within(low, high))
    });
    let (mut cells, mut sum) = (0_u32, 0.0);
    let (mut found, mut expected) = (0.0, 0.0);
    // The cell before, which takes up what is left over at the end.
    let mut before: Option<(f64, f64)> = None;
    let part = |(found, expected): (f64, f64)| (found - expected) * (found - expected) / expected;
    for (count, share) in bins {
        found += count;
        expected += share;
        if expected >= LEAST_EXPECTED {
            sum += before.replace((found, expected)).map_or(0.0, part);
            cells += 1;
            (found, expected) = (0.0, 0.0);
        }
    }
    let (last_found, last_expected) = before?;
    sum += part((last_found + found, last_expected + expected));
    // The total, the mean and sigma are taken from the values.
    (cells > 3).then(|| sum / f64::from(cells - 3))
}

/// The share of a normal distribution below `z` sigmas.
fn share_below(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

/// The share between two numbers of sigmas, from the tail where both are on the same side.
fn share_within(low: f64, high: f64) -> f64 {
    if low > 0.0 {
        share_below(-low) - share_below(-high)
    } else {
        share_below(high) - share_below(low)
    }
}

/// The complementary error function: its series near 0, its continued fraction further out (M. Abramowitz and I. A.
/// Stegun, 7.1.6 and 7.1.14).
pub(super) fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.5 {
        let (mut term, mut sum, mut n) = (x, x, 1.0);
        while term > sum * 1e-17 {
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
            n += 1.0;
        }
        return 1.0 - FRAC_2_SQRT_PI * (-x * x).exp() * sum;
    }
    if x > 27.0 {
        return 0.0;
    }
    let fraction = (1..=60).rev().fold(x, |below, n| x + 0.5 * f64::from(n) / below);
    0.5 * FRAC_2_SQRT_PI * (-x * x).exp() / fraction
}
