//! The figures that are read off an Allan deviation.
//!
//! Conventions: IEEE Std 952-1997, annex C. Each kind of noise is a straight line on logarithmic axes:
//!
//! | noise | deviation | read off |
//! |---|---|---|
//! | angle or velocity random walk N | `N / sqrt(tau)` | line of slope -1/2 at 1 s |
//! | bias instability B | `B sqrt(2 ln 2 / pi)`, hence 0.664 B | minimum |
//! | rate random walk K | `K sqrt(tau / 3)` | line of slope +1/2 at 3 s |

use super::{Allan, Point};
use crate::signal::spectrum::Quantity;

/// Points within this factor of an averaging time, on either side, make the slope there.
const SLOPE_REACH: f64 = 2.5;
/// Degrees of freedom that a point needs: a standard error of 20 %.
const TRUSTED_EDF: f64 = 12.5;
/// Degrees of freedom above which points of a random walk count the same: a standard error of 5 %. The shortest averaging
/// times are known best, but the steps that samples take make the deviation of a single interval 22 % too large.
const WALK_EDF: f64 = 200.0;
/// How far the slope may be from the one looked for.
const SLOPE_TOLERANCE: f64 = 0.15;
/// Factor of averaging times over which it has to be so.
const LINE_SPAN: f64 = 4.0;
/// Factor of averaging times that has to be known on either side of a minimum.
const MINIMUM_MARGIN: f64 = 2.0;
/// `sqrt(2 ln 2 / pi)`: the deviation of flicker noise over its bias instability.
const FLICKER: f64 = 0.664;

/// A straight line through a part of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What is read off it.
    pub value: f64,
    /// Shortest averaging time of the part.
    pub from_s: f64,
    /// Longest averaging time of the part.
    pub to_s: f64,
}

/// The bottom of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BiasInstability {
    /// The deviation there over 0.664, in the unit of the samples.
    pub value: f64,
    /// The averaging time there.
    pub tau_s: f64,
}

impl Allan {
    /// Angle or velocity random walk N, in the unit of the samples per √Hz: the line of slope -1/2 at 1 s. White noise of
    /// standard deviation s at a rate f has N = s / √f.
    ///
    /// This is the convention of the standard, by which a one-sided density, as a spectrum shows it, is √2 times as large.
    ///
    /// `None` unless the slope is within 0.15 of -1/2 over a factor of 4 of averaging times, at points of at least 12.5
    /// degrees of freedom (a standard error of 20 %). Of several such parts, the longest is taken.
    #[must_use]
    pub fn noise_density(&self) -> Option<Line> {
        self.line(-0.5, 1.0, f64::INFINITY)
    }

    /// Rate random walk K, in the unit of the samples per √s: the line of slope +1/2 at 3 s. A sum of steps of standard
    /// deviation s at a rate f has K = s √f.
    ///
    /// `None` by the same criterion as [`Self::noise_density`], with a slope of +1/2. Where the record only just reaches
    /// the random walk, the figure can be a third too large.
    #[must_use]
    pub fn random_walk(&self) -> Option<Line> {
        self.line(0.5, 3.0, WALK_EDF)
    }

    /// Bias instability B: the least deviation over 0.664. Where the bottom is not flat, as between white noise and a
    /// random walk alone, this is more than the flicker noise that there may be.
    ///
    /// `None` unless the minimum of the points with at least 12.5 degrees of freedom has such points at twice and at half
    /// its averaging time, and a slope within 0.25 of 0.
    #[must_use]
    pub fn bias_instability(&self) -> Option<BiasInstability> {
        let trusted = |index: &usize| self.is_trusted(*index);
        let known: Vec<usize> = (0..self.points.len()).filter(trusted).collect();
        let least = known
            .iter()
            .copied()
            .min_by(|a, b| self.points[*a].deviation.total_cmp(&self.points[*b].deviation))?;
        let tau_s = self.points[least].tau_s;
        let first = self.points[*known.first()?].tau_s;
        let last = self.points[*known.last()?].tau_s;
        let inside = first * MINIMUM_MARGIN <= tau_s && tau_s * MINIMUM_MARGIN <= last;
        (inside && slope(&self.points, least).abs() <= 0.25).then(|| BiasInstability {
            value: self.points[least].deviation / FLICKER,
            tau_s,
        })
    }

    fn is_trusted(&self, index: usize) -> bool {
        let point = &self.points[index];
        point.edf >= TRUSTED_EDF && point.deviation > self.rounding
    }

    /// The longest part of the curve that has this slope, and the line through it at `tau_s`. Points count by their
    /// degrees of freedom, up to `most_edf`.
    fn line(&self, slope_wanted: f64, tau_s: f64, most_edf: f64) -> Option<Line> {
        let fits = |index: usize| {
            self.is_trusted(index) && (slope(&self.points, index) - slope_wanted).abs() <= SLOPE_TOLERANCE
        };
        let span = |from: usize, to: usize| self.points[to - 1].tau_s / self.points[from].tau_s;
        let mut best: Option<(usize, usize)> = None;
        let mut from = 0;
        for to in 0..=self.points.len() {
            if to < self.points.len() && fits(to) {
                continue;
            }
            if to > from && best.is_none_or(|(a, b)| span(from, to) > span(a, b)) {
                best = Some((from, to));
            }
            from = to + 1;
        }
        let (from, to) = best.filter(|(from, to)| span(*from, *to) >= LINE_SPAN)?;
        let part = &self.points[from..to];
        // The slope being given, least squares on logarithms is a mean, weighted by how well each point is known.
        let height = |point: &Point| point.deviation.ln() - slope_wanted * (point.tau_s / tau_s).ln();
        let weight = |point: &Point| point.edf.min(most_edf);
        let weights: f64 = part.iter().map(weight).sum();
        let mean = part.iter().map(|point| weight(point) * height(point)).sum::<f64>() / weights;
        Some(Line {
            value: mean.exp(),
            from_s: part[0].tau_s,
            to_s: part[part.len() - 1].tau_s,
        })
    }
}

/// Slope of the logarithm of the deviation over that of the averaging time around a point, by least squares. NaN where
/// there is no other point near or a deviation is 0.
pub(super) fn slope(points: &[Point], index: usize) -> f64 {
    let center = points[index].tau_s;
    let near = |point: &&Point| point.tau_s <= SLOPE_REACH * center && center <= SLOPE_REACH * point.tau_s;
    let before = points[..index].iter().rev().take_while(near);
    let after = points[index..].iter().take_while(near);
    let (mut n, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for point in before.chain(after) {
        let (u, v) = ((point.tau_s / center).ln(), point.deviation.ln());
        n += 1.0;
        x += u;
        y += v;
        xx += u * u;
        xy += u * v;
    }
    (n * xy - x * y) / (n * xx - x * x)
}

/// Text of the unit of [`Allan::noise_density`] for samples in `unit`: `(rad/s)/√Hz`.
#[must_use]
pub fn noise_density_label(unit: &str) -> String {
    Quantity::AmplitudeDensity.label(unit)
}

/// Text of the unit of [`Allan::random_walk`] for samples in `unit`: `(rad/s)/√s`.
#[must_use]
pub fn random_walk_label(unit: &str) -> String {
    noise_density_label(unit).replace("√Hz", "√s")
}
