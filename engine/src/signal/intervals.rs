//! Inter-arrival times and latencies: how regular a topic is, from the list of its times.
//!
//! [`Spans::between`] takes the times of messages (receive, source or header times) and looks at the interval from each to
//! the next; [`Spans::latency`] takes two times of each message and looks at the way from the one to the other. All
//! figures are exact, over all the times that were given; nothing here is meant for the hot path. It takes the space of
//! one copy of the list, and the time of sorting it.
//!
//! An interval below zero, where times go back, is no interval: it is counted by itself and in no other figure. A latency
//! below zero is one: the clocks of two machines differ. Differences that no `i64` holds end at its limits.

mod bins;

use thiserror::Error;

pub use bins::{Bins, BinsError, Histogram, MAX_BINS};

/// Times that a list may have.
pub const MAX_TIMES: usize = 1 << 24;
/// An interval is a gap when it is longer than this many median intervals: half way to the two intervals that one
/// missing message makes one of.
pub const GAP_OVER: f64 = 1.5;

/// Why a list of times has no figures.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum IntervalError {
    /// Two lists that belong together have not the same length.
    #[error("there are {from} times of departure and {to} of arrival; each message needs both")]
    Lengths {
        /// Length of the one.
        from: usize,
        /// Length of the other.
        to: usize,
    },
    /// There are too many times.
    #[error("{asked} times are too many; give at most {MAX_TIMES}, those of a part of the recording")]
    Times {
        /// How many there are.
        asked: usize,
    },
    /// The factor that makes an interval a gap is no such factor.
    #[error("an interval cannot be a gap from {asked} medians on; give a number greater than 1")]
    Gap {
        /// The factor.
        asked: f64,
    },
}

/// Spans of time in nanoseconds, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spans {
    sorted: Vec<i64>,
    backwards: u64,
}

/// The figures of a list of spans. All are in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Spans.
    pub count: u64,
    /// The shortest.
    pub min_ns: i64,
    /// The longest.
    pub max_ns: i64,
    /// The arithmetic mean.
    pub mean_ns: f64,
    /// The middle one, or the mean of the two in the middle.
    pub median_ns: f64,
    /// 95 % are not longer.
    pub p95_ns: f64,
    /// 99 % are not longer.
    pub p99_ns: f64,
    /// 99.9 % are not longer.
    pub p999_ns: f64,
    /// The standard deviation, of these spans as a whole: `sqrt(mean((x - mean)^2))`.
    pub std_ns: f64,
    /// The jitter as one number: the standard deviation taken about the median, `sqrt(mean((x - median)^2))`.
    pub jitter_ns: f64,
    /// How much shorter than the median the shortest is.
    pub early_ns: f64,
    /// How much longer than the median the longest is.
    pub late_ns: f64,
    /// The jitter from peak to peak: the two together, which is the longest less the shortest.
    pub peak_to_peak_ns: f64,
}

/// Intervals that are too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// How many.
    pub count: u64,
    /// Messages that are missing in them, if the topic is regular: for each, the medians that it has room for, less one.
    pub missing: u64,
    /// Nanoseconds of the longest; 0 when there is none.
    pub longest_ns: i64,
}

impl Spans {
    /// The intervals between times that follow one another. Fewer than two times have none.
    ///
    /// # Errors
    /// When there are more than [`MAX_TIMES`].
    pub fn between(times_ns: &[i64]) -> Result<Self, IntervalError> {
        limit(times_ns.len())?;
        let mut sorted: Vec<i64> = times_ns
            .windows(2)
            .filter(|pair| pair[1] >= pair[0])
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .collect();
        let backwards = times_ns.len().saturating_sub(1) - sorted.len();
        sorted.sort_unstable();
        Ok(Self {
            sorted,
            backwards: backwards as u64,
        })
    }

    /// The ways from one time of each message to another: from source to receive time, or from header to receive time.
    ///
    /// # Errors
    /// When the lists have not the same length, or more than [`MAX_TIMES`].
    pub fn latency(from_ns: &[i64], to_ns: &[i64]) -> Result<Self, IntervalError> {
        if from_ns.len() != to_ns.len() {
            return Err(IntervalError::Lengths {
                from: from_ns.len(),
                to: to_ns.len(),
            });
        }
        limit(from_ns.len())?;
        let ways = from_ns.iter().zip(to_ns).map(|(from, to)| to.saturating_sub(*from));
        let mut sorted: Vec<i64> = ways.collect();
        sorted.sort_unstable();
        Ok(Self { sorted, backwards: 0 })
    }

    /// Spans that were measured already, in any order.
    ///
    /// # Errors
    /// When there are more than [`MAX_TIMES`].
    pub fn of(mut spans_ns: Vec<i64>) -> Result<Self, IntervalError> {
        limit(spans_ns.len())?;
        spans_ns.sort_unstable();
        Ok(Self {
            sorted: spans_ns,
            backwards: 0,
        })
    }

    /// The spans, shortest first.
    #[must_use]
    pub fn sorted_ns(&self) -> &[i64] {
        &self.sorted
    }

    /// Intervals that were left out because time went back.
    #[must_use]
    pub fn backwards(&self) -> u64 {
        self.backwards
    }

    /// The span that `percent` of all spans do not exceed, on the straight line between the two that are next to it:
    /// place `(n - 1) p / 100` of the sorted list, counted from 0 (Hyndman and Fan 1996, definition 7, the one of NumPy).
    /// `None` when there are no spans, or `percent` is not 0 to 100.
    #[must_use]
    pub fn percentile_ns(&self, percent: f64) -> Option<f64> {
        let last = self.sorted.len().checked_sub(1)?;
        if !(0.0..=100.0).contains(&percent) {
            return None;
        }
        let place = last as f64 * (percent / 100.0);
        // At most `last`, which is far below 2^53.
        let below = (place.floor() as usize).min(last);
        let (low, high) = (self.sorted[below], self.sorted[(below + 1).min(last)]);
        // The difference is taken before the share of it, so that equal spans give that span.
        Some(low as f64 + (high as f64 - low as f64) * (place - below as f64))
    }

    /// All figures; `None` when there are no spans.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        let (min_ns, max_ns) = (*self.sorted.first()?, *self.sorted.last()?);
        let at = |percent| self.percentile_ns(percent);
        let median_ns = at(50.0)?;
        let count = self.sorted.len() as f64;
        let sum: i128 = self.sorted.iter().map(|span| i128::from(*span)).sum();
        let mean_ns = sum as f64 / count;
        let about = |centre: f64| {
            let squares = self.sorted.iter().map(|span| (*span as f64 - centre).powi(2));
            (squares.sum::<f64>() / count).sqrt()
        };
        Some(Summary {
            count: self.sorted.len() as u64,
            min_ns,
            max_ns,
            mean_ns,
            median_ns,
            p95_ns: at(95.0)?,
            p99_ns: at(99.0)?,
            p999_ns: at(99.9)?,
            std_ns: about(mean_ns),
            jitter_ns: about(median_ns),
            early_ns: median_ns - min_ns as f64,
            late_ns: max_ns as f64 - median_ns,
            peak_to_peak_ns: max_ns as f64 - min_ns as f64,
        })
    }

    /// The spans that are longer than `over` medians; [`GAP_OVER`] is a good factor. There is none where the median is not
    /// greater than 0, because nothing can be said about what is missing then.
    ///
    /// # Errors
    /// When `over` is not a number greater than 1.
    pub fn gaps(&self, over: f64) -> Result<Gaps, IntervalError> {
        if !over.is_finite() || over <= 1.0 {
            return Err(IntervalError::Gap { asked: over });
        }
        let Some(median_ns) = self.percentile_ns(50.0).filter(|median| *median > 0.0) else {
            return Ok(Gaps::default());
        };
        let limit_ns = median_ns * over;
        let begin = self.sorted.partition_point(|span| *span as f64 <= limit_ns);
        let long = &self.sorted[begin..];
        let missing = |span: &i64| ((*span as f64 / median_ns).round() as u64).saturating_sub(1);
        Ok(Gaps {
            count: long.len() as u64,
            missing: long.iter().map(missing).fold(0, u64::saturating_add),
            longest_ns: long.last().copied().unwrap_or(0),
        })
    }

    /// How many spans are in each bin.
    #[must_use]
    pub fn histogram(&self, bins: &Bins) -> Histogram {
        Histogram::of(&self.sorted, bins)
    }
}

fn limit(times: usize) -> Result<(), IntervalError> {
    if times > MAX_TIMES {
        return Err(IntervalError::Times { asked: times });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
