//! Log-linear histograms: 32 equal steps per power of two.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::{Quantiles, add};

/// Steps per power of two, as an exponent.
const STEP_BITS: u32 = 5;
const STEPS: usize = 1 << STEP_BITS;
/// Values up to `i64::MAX`.
const BUCKETS: usize = (63 - STEP_BITS as usize) * STEPS + STEPS;

fn bucket(value: u64) -> usize {
    let exponent = value.checked_ilog2().unwrap_or(0);
    if exponent < STEP_BITS {
        return usize::try_from(value).expect("below 32");
    }
    let shift = exponent - STEP_BITS;
    let step = usize::try_from(value >> shift).expect("below 64");
    // `step` is 32 to 63: the first 32 are the row below, so rows line up.
    (shift as usize * STEPS + step).min(BUCKETS - 1)
}

/// The middle of a bucket: at most half a step, hence a 64th, away from every value in it.
fn middle(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let shift = bucket / STEPS - 1;
    let lowest = ((bucket % STEPS + STEPS) as u64) << shift;
    lowest + (1_u64 << shift) / 2
}

/// Counts of values from 0 to `i64::MAX`, written by one thread. Quantiles are wrong by at most a 64th of their value;
/// values below 32 and the maximum are exact.
#[derive(Debug)]
pub struct Histogram {
    counts: Box<[AtomicU64]>,
    total: AtomicU64,
    least: AtomicU64,
    most: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            counts: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            total: AtomicU64::new(0),
            least: AtomicU64::new(u64::MAX),
            most: AtomicU64::new(0),
        }
    }

    /// Counts a value. One thread only.
    pub fn add(&self, value: u64) {
        if value < self.least.load(Ordering::Relaxed) {
            self.least.store(value, Ordering::Relaxed);
        }
        if value > self.most.load(Ordering::Relaxed) {
            self.most.store(value, Ordering::Relaxed);
        }
        add(&self.counts[bucket(value)], 1);
        add(&self.total, 1);
    }

    /// Values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// The smallest value; `None` when empty.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count() > 0).then(|| self.least.load(Ordering::Relaxed))
    }

    /// The largest value; `None` when empty.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count() > 0).then(|| self.most.load(Ordering::Relaxed))
    }

    /// The value that has `rank` values before it, the smallest being rank 0; `None` when there are not that many.
    #[must_use]
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        let (least, most) = (self.min()?, self.max()?);
        let mut before = 0;
        for index in bucket(least)..=bucket(most) {
            before += self.counts[index].load(Ordering::Relaxed);
            if before > rank {
                return Some(middle(index).clamp(least, most));
            }
        }
        None
    }

    /// Median, 99th percentile and maximum; `None` when empty.
    #[must_use]
    pub fn quantiles(&self) -> Option<Quantiles> {
        let total = self.count();
        let at = |rank| self.at_rank(rank).and_then(|value| i64::try_from(value).ok());
        let max = i64::try_from(self.max()?).unwrap_or(i64::MAX);
        Some(Quantiles {
            p50: at(total / 2).unwrap_or(max),
            p99: at(rank_of_p99(total)).unwrap_or(max),
            max,
        })
    }
}

fn rank_of_p99(total: u64) -> u64 {
    // The smallest value that at least 99 % of all values do not exceed.
    (total.saturating_mul(99).div_ceil(100)).saturating_sub(1)
}

/// A histogram of values of either sign; the same error.
#[derive(Debug)]
pub struct SignedHistogram {
    below: Histogram,
    above: Histogram,
    most: AtomicI64,
}

impl Default for SignedHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl SignedHistogram {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            below: Histogram::new(),
            above: Histogram::new(),
            most: AtomicI64::new(i64::MIN),
        }
    }

    /// Counts a value. One thread only.
    pub fn add(&self, value: i64) {
        if value > self.most.load(Ordering::Relaxed) {
            self.most.store(value, Ordering::Relaxed);
        }
        if value < 0 {
            self.below.add(value.unsigned_abs().min(i64::MAX.unsigned_abs()));
        } else {
            self.above.add(value.unsigned_abs());
        }
    }

    fn at_rank(&self, rank: u64) -> Option<i64> {
        let negative = self.below.count();
        if rank < negative {
            // The most negative comes first.
            let value = self.below.at_rank(negative - 1 - rank)?;
            return i64::try_from(value).ok().map(|value| -value);
        }
        i64::try_from(self.above.at_rank(rank - negative)?).ok()
    }

    /// Median, 99th percentile and maximum; `None` when empty.
    #[must_use]
    pub fn quantiles(&self) -> Option<Quantiles> {
        let total = self.below.count() + self.above.count();
        if total == 0 {
            return None;
        }
        let max = self.most.load(Ordering::Relaxed);
        Some(Quantiles {
            p50: self.at_rank(total / 2).unwrap_or(max),
            p99: self.at_rank(rank_of_p99(total)).unwrap_or(max),
            max,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn buckets_cover_everything_in_order() {
        let mut last = 0;
        for value in (0..4096).chain((12..63).flat_map(|e| [(1_u64 << e) - 1, 1 << e, (1 << e) + 1])) {
            let index = bucket(value);
            assert!(index >= last && index < BUCKETS, "{value}");
            last = index;
        }
        assert_eq!(bucket(i64::MAX.unsigned_abs()), BUCKETS - 1);
    }

    proptest! {
        #[test]
        fn the_error_is_at_most_a_64th(value in 0..i64::MAX.unsigned_abs()) {
            let found = middle(bucket(value));
            prop_assert!(found.abs_diff(value) as f64 <= value as f64 / 64.0);
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_values(mut values in prop::collection::vec(-1_000_000_i64..1_000_000, 1..300)) {
            let histogram = SignedHistogram::new();
            for value in &values {
                histogram.add(*value);
            }
            values.sort_unstable();
            let found = histogram.quantiles().expect("not empty");
            let close = |found: i64, truth: i64| found.abs_diff(truth) as f64 <= truth.unsigned_abs() as f64 / 32.0;
            let rank = |rank: u64| values[usize::try_from(rank).expect("small")];
            prop_assert!(close(found.p50, rank(values.len() as u64 / 2)));
            prop_assert!(close(found.p99, rank(rank_of_p99(values.len() as u64))));
            prop_assert_eq!(Some(&found.max), values.last());
        }
    }
}
