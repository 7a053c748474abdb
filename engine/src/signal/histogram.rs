//! How values are distributed: counts over bins, and a normal distribution beside them.
//!
//! Bins are of equal width, half open, the last one closed; counts equal those of `numpy.histogram` with the same edges.
//! The automatic number of bins is that of D. Freedman and P. Diaconis, 1981: a width of twice the interquartile range
//! over the cube root of the number of values; where the quartiles coincide, that of H. A. Sturges, 1926.
//!
//! `NaN` is counted on its own. Infinite values lie under or over all bins.

mod fit;
#[cfg(test)]
mod tests;

use thiserror::Error;

use super::statistics::{Spread, percentiles};
pub use fit::NormalFit;

/// The most bins.
pub const MAX_BINS: usize = 4096;

/// How many bins there are to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bins {
    /// As many as suit the values, at most [`MAX_BINS`].
    #[default]
    Automatic,
    /// 1 to [`MAX_BINS`].
    Count(usize),
}

/// Why there is no histogram.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum HistogramError {
    /// No value is finite, or none lies within the range.
    #[error("there is no finite value within the range, so that there is nothing to count: choose a longer span")]
    NoValues,
    /// The number of bins is not offered.
    #[error("{count} bins are not offered: choose 1 to {MAX_BINS}")]
    Count {
        /// The number.
        count: usize,
    },
    /// The range is empty or not finite.
    #[error("the range from {low} to {high} is empty: give two finite numbers, the smaller one first")]
    Range {
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// Bins would be narrower than numbers are apart.
    #[error("{count} bins from {low} to {high} are narrower than numbers can tell apart: choose at most {most}")]
    TooNarrow {
        /// The number of bins.
        count: usize,
        /// The lower end of the range.
        low: f64,
        /// The upper end of the range.
        high: f64,
        /// Bins that can be told apart.
        most: usize,
    },
    /// Edges that were given do not ascend.
    #[error("edges must be 2 to {} finite numbers that ascend; edge {index} is not one", MAX_BINS + 1)]
    Edges {
        /// The first edge that is wrong, or one after the last if there are too few.
        index: usize,
    },
}

/// Counts of values over bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    edges: Vec<f64>,
    counts: Vec<u64>,
    under: u64,
    over: u64,
    nan: u64,
    spread: Spread,
}

impl Histogram {
    /// Counts values over equal bins within a range, or from the least to the greatest of them.
    ///
    /// # Errors
    /// When no finite value lies within the range, or bins or range are not sound.
    pub fn of(values: &[f64], bins: Bins, range: Option<(f64, f64)>) -> Result<Self, HistogramError> {
        if let Bins::Count(count) = bins
            && !(1..=MAX_BINS).contains(&count)
        {
            return Err(HistogramError::Count { count });
        }
        let within = match range {
            Some((low, high)) if low.is_finite() && high.is_finite() && low < high => low..=high,
            Some((low, high)) => return Err(HistogramError::Range { low, high }),
            None => f64::MIN..=f64::MAX,
        };
        let mut inside: Vec<f64> = values.iter().copied().filter(|value| within.contains(value)).collect();
        let (low, high) = range.or_else(|| span(&inside)).ok_or(HistogramError::NoValues)?;
        if inside.is_empty() {
            return Err(HistogramError::NoValues);
        }
        let most = distinct(low, high);
        let count = match bins {
            Bins::Count(count) if count > most => {
                return Err(HistogramError::TooNarrow { count, low, high, most });
            }
            Bins::Count(count) => count,
            Bins::Automatic => suitable(&mut inside, high - low).min(most),
        };
        let mut histogram = Self::empty(equal_edges(low, high, count), values)?;
        let (last, scale) = (count - 1, count as f64 / (high - low));
        for &value in values {
            // The place in equal bins, put right by the edges themselves; the cast saturates.
            let mut at = (((value - low) * scale) as usize).min(last);
            while at > 0 && value < histogram.edges[at] {
                at -= 1;
            }
            while at < last && value >= histogram.edges[at + 1] {
                at += 1;
            }
            histogram.add(value, at);
        }
        Ok(histogram)
    }

    /// Counts values over bins between `edges`.
    ///
    /// # Errors
    /// When no value is finite, or the edges are not 2 to [`MAX_BINS`] + 1 finite numbers that ascend.
    pub fn with_edges(values: &[f64], edges: Vec<f64>) -> Result<Self, HistogramError> {
        if edges.len() < 2 || edges.len() > MAX_BINS + 1 {
            let index = edges.len().min(MAX_BINS + 1);
            return Err(HistogramError::Edges { index });
        }
        if !edges[0].is_finite() {
            return Err(HistogramError::Edges { index: 0 });
        }
        if let Some(at) = edges.windows(2).position(|e| !(e[0] < e[1] && e[1].is_finite())) {
            return Err(HistogramError::Edges { index: at + 1 });
        }
        let mut histogram = Self::empty(edges, values)?;
        let last = histogram.counts.len() - 1;
        for &value in values {
            let at = histogram.edges.partition_point(|edge| *edge <= value);
            histogram.add(value, at.saturating_sub(1).min(last));
        }
        Ok(histogram)
    }

    fn empty(edges: Vec<f64>, values: &[f64]) -> Result<Self, HistogramError> {
        let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        Ok(Self {
            counts: vec![0; edges.len() - 1],
            edges,
            under: 0,
            over: 0,
            nan: 0,
            spread: Spread::of(&finite).ok_or(HistogramError::NoValues)?,
        })
    }

    /// Counts a value that belongs into the bin `at`, if into any.
    fn add(&mut self, value: f64, at: usize) {
        if value.is_nan() {
            self.nan += 1;
        } else if value < self.edges[0] {
            self.under += 1;
        } else if value > self.edges[self.counts.len()] {
            self.over += 1;
        } else {
            self.counts[at] += 1;
        }
    }

    /// The edges of the bins, ascending; one more than there are bins.
    #[must_use]
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The values in each bin.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Values below the first edge, minus infinity included.
    #[must_use]
    pub fn under(&self) -> u64 {
        self.under
    }

    /// Values above the last edge, infinity included.
    #[must_use]
    pub fn over(&self) -> u64 {
        self.over
    }

    /// Values that are `NaN`.
    #[must_use]
    pub fn nan(&self) -> u64 {
        self.nan
    }

    /// Values in bins.
    #[must_use]
    pub fn inside(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The density of each bin: its share of the values in bins over its width, per unit of the values.
    pub fn density(&self) -> impl Iterator<Item = f64> {
        let inside = self.inside() as f64;
        let widths = self.edges.windows(2).map(|edge| edge[1] - edge[0]);
        let bins = self.counts.iter().zip(widths);
        // In this order an empty histogram, and one of infinite width, has densities of 0.
        bins.map(move |(&count, width)| count as f64 / inside.max(1.0) / width)
    }

    /// The normal distribution with mean and sigma of all finite values, and how well it fits. `None` when there are
    /// fewer than two finite values, or all are equal.
    #[must_use]
    pub fn normal_fit(&self) -> Option<NormalFit> {
        let sigma = self.spread.sigma()?;
        (sigma > 0.0 && sigma.is_finite()).then(|| NormalFit::new(self, self.spread.mean, sigma))
    }
}

/// From the least to the greatest value; half a unit, or a billionth, to both sides if they are equal.
fn span(values: &[f64]) -> Option<(f64, f64)> {
    let first = *values.first()?;
    let (low, high) = values
        .iter()
        .fold((first, first), |(low, high), value| (low.min(*value), high.max(*value)));
    if low < high {
        return Some((low, high));
    }
    let half = f64::max(0.5, low.abs() * 1e-9);
    Some(((low - half).max(f64::MIN), (low + half).min(f64::MAX)))
}

/// How many bins between two numbers are at least four steps of their last digit wide.
fn distinct(low: f64, high: f64) -> usize {
    let step = (low.abs().max(high.abs()) * f64::EPSILON).max(f64::from_bits(1));
    // By eighths, because the difference may overflow; the cast saturates.
    let bins = 2.0 * ((high / 8.0 - low / 8.0) / step);
    (bins as usize).clamp(1, MAX_BINS)
}

/// The number of bins that suits values; their order is lost. `width` is that of the range.
fn suitable(values: &mut [f64], width: f64) -> usize {
    let count = values.len() as f64;
    let mut quartiles = [0.0; 2];
    percentiles(values, &[25.0, 75.0], &mut quartiles);
    let bin = 2.0 * (quartiles[1] - quartiles[0]) / count.cbrt();
    let bins = if bin > 0.0 && bin.is_finite() && width.is_finite() {
        (width / bin).ceil()
    } else {
        count.log2().ceil() + 1.0
    };
    // The cast saturates.
    (bins as usize).clamp(1, MAX_BINS)
}

/// As `numpy.linspace` computes them.
fn equal_edges(low: f64, high: f64, count: usize) -> Vec<f64> {
    let bins = count as f64;
    let step = (high - low) / bins;
    let inner = (0..count).map(|at| {
        if step.is_finite() {
            at as f64 * step + low
        } else {
            // The width of the range is beyond the largest number, half of it is not.
            2.0 * (at as f64 * ((high / 2.0 - low / 2.0) / bins) + low / 2.0)
        }
    });
    inner.chain([high]).collect()
}
