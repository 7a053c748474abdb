//! Outliers, found by the median and the median distance from it within a window around each sample.

use std::collections::VecDeque;

use super::{Sample, Sink};

/// The standard deviation of normal values over their median distance from the median.
const SIGMA: f64 = 1.482_602_218_505_602;

/// Replaces outliers by the median around them, half a window late.
#[derive(Debug)]
pub(super) struct Hampel {
    half: usize,
    sigmas: f64,
    /// The samples around the one that is judged next, including those that are not finite.
    around: VecDeque<Sample>,
    /// The finite values among them, smallest first.
    sorted: Vec<f64>,
}

/// The `rank`-th smallest of two sequences, given by their lengths and by what is where; both ascend.
fn select(rank: usize, a: (usize, impl Fn(usize) -> f64), b: (usize, impl Fn(usize) -> f64)) -> f64 {
    let ((a_len, a), (b_len, b)) = (a, b);
    // How many of the smallest `rank + 1` come from `a`: the least number for which the rest from `b` is not too many.
    let take = rank + 1;
    let (mut low, mut high) = (take.saturating_sub(b_len), take.min(a_len));
    while low < high {
        let middle = usize::midpoint(low, high);
        if a(middle) < b(take - middle - 1) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let last_a = if low > 0 { a(low - 1) } else { f64::NEG_INFINITY };
    let last_b = if take > low {
        b(take - low - 1)
    } else {
        f64::NEG_INFINITY
    };
    last_a.max(last_b)
}

/// The mean of the middle two ranks, or the middle one.
fn middle(count: usize, at: impl Fn(usize) -> f64) -> f64 {
    let upper = at(count / 2);
    if count % 2 == 1 {
        upper
    } else {
        0.5 * at(count / 2 - 1) + 0.5 * upper
    }
}

/// Median, and median distance from it, of values in ascending order; there is at least one.
fn judge(sorted: &[f64]) -> (f64, f64) {
    let count = sorted.len();
    let median = middle(count, |rank| sorted[rank]);
    // Distances ascend to both sides of the median.
    let split = sorted.partition_point(|value| *value < median);
    let below = |i: usize| median - sorted[split - 1 - i];
    let above = |i: usize| sorted[split + i] - median;
    let distance = middle(count, |rank| select(rank, (split, below), (count - split, above)));
    (median, distance)
}

impl Hampel {
    pub(super) fn new(samples: usize, sigmas: f64) -> Self {
        Self {
            half: samples / 2,
            sigmas,
            around: VecDeque::with_capacity(samples + 1),
            sorted: Vec::with_capacity(samples + 1),
        }
    }

    pub(super) fn reset(&mut self) {
        self.around.clear();
        self.sorted.clear();
    }

    fn place(&self, value: f64) -> usize {
        self.sorted.partition_point(|other| *other < value)
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.around.pop_front()
            && oldest.value.is_finite()
        {
            let place = self.place(oldest.value);
            let _ = self.sorted.remove(place);
        }
    }

    /// Lets out the sample that has `before` samples before it in the window.
    fn emit(&self, before: usize, out: Sink<'_>) {
        let sample = self.around[before];
        if !sample.value.is_finite() {
            out(Sample {
                value: f64::NAN,
                ..sample
            });
            return;
        }
        let (median, distance) = judge(&self.sorted);
        let outlier = (sample.value - median).abs() > self.sigmas * SIGMA * distance;
        let value = if outlier { median } else { sample.value };
        out(Sample { value, ..sample });
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if self.around.len() > 2 * self.half {
            self.drop_oldest();
        }
        if sample.value.is_finite() {
            let place = self.place(sample.value);
            self.sorted.insert(place, sample.value);
        }
        self.around.push_back(sample);
        if self.around.len() > self.half {
            self.emit(self.around.len() - 1 - self.half, out);
        }
    }

    pub(super) fn finish(&mut self, out: Sink<'_>) {
        let held = self.around.len().min(self.half);
        for left in (1..=held).rev() {
            // The window reaches `half` to the left of the sample, and to the end.
            while self.around.len() > self.half + left {
                self.drop_oldest();
            }
            self.emit(self.around.len() - left, out);
        }
        self.reset();
    }
}
