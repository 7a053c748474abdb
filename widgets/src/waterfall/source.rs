//! What a waterfall shows and where it gets it from.

/// The intervals that the default of [`WaterfallSource::hop_ns`] looks at.
const INTERVALS: u64 = 16;

/// Where a waterfall gets its spectra from. The application implements it over its own store.
///
/// A column is the spectrum of one segment of a signal. Columns have absolute indexes that only grow; within a
/// generation a column never changes, and times do not decrease. Every method is called while drawing: it must be
/// quick and must not block.
pub trait WaterfallSource {
    /// Changes whenever anything that is drawn changes, except for the [`view`](Self::view).
    fn version(&self) -> u64;

    /// Changes when all columns must be sent again: another length of the segments, another signal.
    fn generation(&self) -> u64;

    /// The values of each column.
    fn bins(&self) -> usize;

    /// The most columns that are kept.
    fn columns(&self) -> usize;

    /// Index of the oldest column.
    fn tail(&self) -> u64;

    /// Index after the newest column.
    fn head(&self) -> u64;

    /// Appends the columns `[from, to)`: [`bins`](Self::bins) values each in dB, lowest frequency first. NaN is a
    /// value that is missing; negative infinity is silence.
    fn copy(&self, from: u64, to: u64, out: &mut Vec<f32>);

    /// The time of the middle of a column, in ns since the Unix epoch.
    fn column_time_ns(&self, index: u64) -> i64;

    /// The frequencies of the first and of the last value of a column.
    fn freq_range_hz(&self) -> (f64, f64);

    /// The levels at the two ends of the colour map, in dB.
    fn db_range(&self) -> (f32, f32);

    /// The times at the left and at the right edge, in ns since the Unix epoch; asked anew for every frame. By
    /// default everything that is kept.
    fn view(&self) -> (i64, i64) {
        let (tail, head) = (self.tail(), self.head());
        if head <= tail {
            return (0, 1);
        }
        (self.column_time_ns(tail), self.column_time_ns(head - 1))
    }

    /// The frequencies at the lower and at the upper edge. By default all.
    fn shown_hz(&self) -> (f64, f64) {
        self.freq_range_hz()
    }

    /// The time from column to column, 0 while it is unknown; a distance of more than one and a half of it is a gap.
    /// By default the median of the newest intervals.
    fn hop_ns(&self) -> i64 {
        let head = self.head();
        let first = self.tail().max(head.saturating_sub(INTERVALS + 1));
        let mut intervals: Vec<i64> = (first + 1..head)
            .map(|index| {
                self.column_time_ns(index)
                    .saturating_sub(self.column_time_ns(index - 1))
            })
            .collect();
        intervals.sort_unstable();
        intervals.get(intervals.len() / 2).copied().unwrap_or(0).max(0)
    }
}
