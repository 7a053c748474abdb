//! Bins of a histogram of spans, of equal width or of equal ratio.

use thiserror::Error;

/// Bins that a histogram can have.
pub const MAX_BINS: usize = 4_096;

/// Why there are no such bins.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum BinsError {
    /// The number of bins is out of its range.
    #[error("a histogram of {asked} bins cannot be; ask for 1 to {MAX_BINS}")]
    Count {
        /// The number asked for.
        asked: usize,
    },
    /// The limits have nothing between them.
    #[error("there are no bins from {from_ns} ns to {to_ns} ns; the first limit must be below the second")]
    Empty {
        /// Begin of the first bin.
        from_ns: i64,
        /// End of the last bin.
        to_ns: i64,
    },
    /// Equal ratios cannot begin at zero.
    #[error("bins of equal ratio cannot begin at {from_ns} ns; begin at 1 ns or more")]
    NotPositive {
        /// Begin of the first bin.
        from_ns: i64,
    },
}

/// The limits of bins. A bin holds what is at its lower limit or above, and below its upper one; the last holds what is at
/// its upper limit too.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    edges_ns: Vec<f64>,
}

impl Bins {
    /// Bins of equal width: limit `k` is `from + (to - from) k / count`.
    ///
    /// # Errors
    /// When `count` is not 1 to [`MAX_BINS`], or `from_ns` is not below `to_ns`.
    pub fn linear(from_ns: i64, to_ns: i64, count: usize) -> Result<Self, BinsError> {
        check(from_ns, to_ns, count)?;
        let (from, to) = (from_ns as f64, to_ns as f64);
        Ok(Self::edges(from, to, count, |share| from + (to - from) * share))
    }

    /// Bins of equal ratio: limit `k` is `from (to / from)^(k / count)`.
    ///
    /// # Errors
    /// When `count` is not 1 to [`MAX_BINS`], `from_ns` is not below `to_ns`, or not greater than 0.
    pub fn log(from_ns: i64, to_ns: i64, count: usize) -> Result<Self, BinsError> {
        if from_ns < 1 {
            return Err(BinsError::NotPositive { from_ns });
        }
        check(from_ns, to_ns, count)?;
        let (from, to) = (from_ns as f64, to_ns as f64);
        Ok(Self::edges(from, to, count, |share| from * (to / from).powf(share)))
    }

    fn edges(from: f64, to: f64, count: usize, edge: impl Fn(f64) -> f64) -> Self {
        let mut edges_ns: Vec<f64> = (0..=count).map(|k| edge(k as f64 / count as f64)).collect();
        // Powers are not exact, and the outer limits are those that were asked for.
        edges_ns[0] = from;
        edges_ns[count] = to;
        Self { edges_ns }
    }

    /// The limits in nanoseconds, one more than there are bins.
    #[must_use]
    pub fn edges_ns(&self) -> &[f64] {
        &self.edges_ns
    }

    /// How many bins there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.edges_ns.len() - 1
    }
}

fn check(from_ns: i64, to_ns: i64, count: usize) -> Result<(), BinsError> {
    if !(1..=MAX_BINS).contains(&count) {
        return Err(BinsError::Count { asked: count });
    }
    // As the limits are kept: two large numbers may be one there.
    if from_ns as f64 >= to_ns as f64 {
        return Err(BinsError::Empty { from_ns, to_ns });
    }
    Ok(())
}

/// How many spans are in each bin, and beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// One for each bin.
    pub counts: Vec<u64>,
    /// Spans below the first bin.
    pub below: u64,
    /// Spans above the last bin.
    pub above: u64,
}

impl Histogram {
    /// Counts spans that are sorted.
    pub(super) fn of(sorted: &[i64], bins: &Bins) -> Self {
        let (inner, last) = bins.edges_ns.split_at(bins.count());
        // Places where the bins begin, and where the last ends.
        let mut places: Vec<usize> = inner
            .iter()
            .map(|edge| sorted.partition_point(|span| (*span as f64) < *edge))
            .collect();
        places.extend(
            last.iter()
                .map(|edge| sorted.partition_point(|span| *span as f64 <= *edge)),
        );
        let end = places[bins.count()];
        Self {
            counts: places.windows(2).map(|pair| (pair[1] - pair[0]) as u64).collect(),
            below: places[0] as u64,
            above: (sorted.len() - end) as u64,
        }
    }
}
