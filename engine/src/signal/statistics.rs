//! Statistics of a range of samples: how many, how fast, and how their values lie.
//!
//! Values that are not finite are counted and have no part in anything else. The mean is a compensated sum from the
//! first value on, and the spread is taken from that mean in a second pass, so that a large offset or a long range
//! takes no digits. Percentiles are exact, interpolated as NumPy's default method `linear` does.

mod render;
mod sum;
#[cfg(test)]
mod tests;

pub use render::CSV_HEADER;
pub(super) use sum::Sum;

/// The percentiles that are shown.
pub const PERCENTILES: [f64; 5] = [1.0, 5.0, 50.0, 95.0, 99.0];

/// What is known of a range of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Samples in the range.
    pub count: u64,
    /// Those with a finite value.
    pub finite: u64,
    /// Those that are `NaN`.
    pub nan: u64,
    /// Those that are infinite.
    pub infinite: u64,
    /// Samples, apart from the first one, with messages missing right before them.
    pub gaps: u64,
    /// Time of the first sample.
    pub first_ns: Option<i64>,
    /// Time of the last sample.
    pub last_ns: Option<i64>,
    /// Intervals over the time from the first to the last sample; `None` unless the last one is the later one.
    pub rate_hz: Option<f64>,
    /// The longest time from one sample to the next; `None` with fewer than two.
    pub longest_interval_ns: Option<i64>,
    /// What is known of the values; `None` when none is finite.
    pub values: Option<Values>,
}

/// What is known of the finite values, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The greatest less the least.
    pub peak_to_peak: f64,
    /// The mean.
    pub mean: f64,
    /// The root of the mean square.
    pub rms: f64,
    /// The sample standard deviation, with one degree of freedom less than there are values; `None` for one value.
    pub sigma: Option<f64>,
    /// Those of [`PERCENTILES`].
    pub percentiles: [f64; 5],
}

/// Mean and sum of squared deviations of finite values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    count: f64,
    pub mean: f64,
    squares: f64,
    /// A power of two that the values are in units of, so that no square overflows.
    unit: f64,
}

impl Spread {
    /// Of finite values; `None` when there are none.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let first = *values.first()?;
        let most = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        // Squares stay far from both ends of the exponent without a unit in all but extreme cases.
        let unit = match most {
            m if m > 1e140 => 2_f64.powi(600),
            m if m > 0.0 && m < 1e-140 => 2_f64.powi(-600),
            _ => 1.0,
        };
        let first = first / unit;
        let count = values.len() as f64;
        let mut sum = Sum::default();
        for value in values {
            sum.add(value / unit - first);
        }
        let mean = first + sum.get() / count;
        let (mut squares, mut rest) = (Sum::default(), Sum::default());
        for value in values {
            let apart = value / unit - mean;
            squares.add(apart * apart);
            rest.add(apart);
        }
        // What the rounded mean leaves over.
        let squares = (squares.get() - rest.get() * rest.get() / count).max(0.0);
        Some(Self {
            count,
            mean: mean * unit,
            squares,
            unit,
        })
    }

    /// The sample standard deviation.
    pub(super) fn sigma(&self) -> Option<f64> {
        (self.count > 1.0).then(|| (self.squares / (self.count - 1.0)).sqrt() * self.unit)
    }

    fn rms(&self) -> f64 {
        (self.mean / self.unit).hypot((self.squares / self.count).sqrt()) * self.unit
    }
}

impl Statistics {
    /// Of samples `(time_ns, value, gap)` in the order of their time; `gap` says that messages are missing right before.
    pub fn of(samples: impl IntoIterator<Item = (i64, f64, bool)>) -> Self {
        Self::with(samples, &mut Vec::new())
    }

    /// As [`of`](Self::of), with a buffer for the values that is emptied first, so that repeated calls do not allocate.
    pub fn with(samples: impl IntoIterator<Item = (i64, f64, bool)>, buffer: &mut Vec<f64>) -> Self {
        buffer.clear();
        let mut found = Self::default();
        for (time_ns, value, gap) in samples {
            if let Some(before) = found.last_ns.replace(time_ns) {
                found.gaps += u64::from(gap);
                let interval = time_ns.saturating_sub(before);
                found.longest_interval_ns = found.longest_interval_ns.max(Some(interval));
            } else {
                found.first_ns = Some(time_ns);
            }
            found.count += 1;
            if value.is_finite() {
                buffer.push(value);
            } else if value.is_nan() {
                found.nan += 1;
            } else {
                found.infinite += 1;
            }
        }
        found.finite = buffer.len() as u64;
        if let (Some(first), Some(last)) = (found.first_ns, found.last_ns) {
            let span_s = last.saturating_sub(first) as f64 / 1e9;
            found.rate_hz = (span_s > 0.0).then(|| (found.count - 1) as f64 / span_s);
        }
        found.values = Values::of(buffer);
        found
    }
}

impl Values {
    /// Of finite values, whose order is lost.
    fn of(values: &mut [f64]) -> Option<Self> {
        let spread = Spread::of(values)?;
        let min = values.iter().copied().fold(f64::INFINITY, f64::min);
        let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut found = [0.0; PERCENTILES.len()];
        percentiles(values, &PERCENTILES, &mut found);
        Some(Self {
            min,
            max,
            peak_to_peak: max - min,
            mean: spread.mean,
            rms: spread.rms(),
            sigma: spread.sigma(),
            percentiles: found,
        })
    }
}

/// The values at `percents`, 0 to 100 and ascending, of at least one finite value, interpolated linearly between the two
/// nearest ranks. The order of `values` is lost. `found` is as long as `percents`.
pub(super) fn percentiles(values: &mut [f64], percents: &[f64], found: &mut [f64]) {
    let last = values.len() - 1;
    // Everything before `start` is in its place.
    let mut start = 0;
    for (percent, found) in percents.iter().zip(found) {
        let rank = percent / 100.0 * last as f64;
        // The cast drops the fraction.
        let lower = (rank as usize).min(last);
        let upper = (lower + 1).min(last);
        for rank in [lower, upper] {
            if rank >= start {
                let _ = values[start..].select_nth_unstable_by(rank - start, f64::total_cmp);
                start = rank + 1;
            }
        }
        *found = between(values[lower], values[upper], rank - lower as f64);
    }
}

/// From `a` to `b`, from the nearer of the two, as NumPy does it.
fn between(a: f64, b: f64, share: f64) -> f64 {
    let apart = b - a;
    if !apart.is_finite() {
        return a * (1.0 - share) + b * share;
    }
    if share < 0.5 {
        a + apart * share
    } else {
        b - apart * (1.0 - share)
    }
}
