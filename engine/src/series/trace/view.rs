//! A trace as the window reads it: points by absolute index, relative to a base.

use super::group::{SLOTS, Sample};
use super::{Mark, Trace};
use crate::clock::Timestamp;

/// A trace as it stands: four points per bucket, in order of time. A bucket's points are its first, least, greatest
/// and last sample; where they are fewer, points repeat. A break of the line is four points with `y` NaN.
///
/// Points have absolute indexes: `tail..head` exist, those below `settled` stay as they are for as long as `generation`
/// stays. Points from `settled` on may change with every drain, and `head` may even move back there.
#[derive(Clone, Copy, Debug)]
pub struct TraceView<'a> {
    /// Changes when all points must be taken anew.
    pub generation: u64,
    /// Second zero of the points.
    pub base_time_ns: i64,
    /// What was subtracted from the values.
    pub base_value: f64,
    /// The oldest point.
    pub tail: u64,
    /// One past the newest point.
    pub head: u64,
    /// The oldest point that may still change.
    pub settled: u64,
    pub(super) trace: Option<&'a Trace>,
}

impl<'a> TraceView<'a> {
    /// The view of no trace at all.
    pub(in crate::series) const EMPTY: Self = TraceView {
        generation: 0,
        base_time_ns: 0,
        base_value: 0.0,
        tail: 0,
        head: 0,
        settled: 0,
        trace: None,
    };

    fn sample(&self, index: u64) -> Option<Sample> {
        let group = usize::try_from((index / SLOTS).checked_sub(self.tail / SLOTS)?).ok()?;
        Some(self.trace?.groups.get(group)?.slot(index % SLOTS))
    }

    /// Appends the points `from..to`, as far as they exist, to `out`: seconds since `base_time_ns`, and value less
    /// `base_value`. Differences beyond the range of `f32` are clipped to it.
    pub fn copy(&self, from: u64, to: u64, out: &mut Vec<[f32; 2]>) {
        for index in from.max(self.tail)..to.min(self.head) {
            let Some(Sample { time, value }) = self.sample(index) else {
                return;
            };
            let seconds = time.saturating_sub(self.base_time_ns) as f64 * 1e-9;
            let offset = (value - self.base_value).clamp(f64::from(f32::MIN), f64::from(f32::MAX));
            out.push([seconds as f32, offset as f32]);
        }
    }

    /// The points `tail..head` in full precision.
    pub fn points(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        (self.tail..self.head)
            .filter_map(|index| self.sample(index))
            .map(|s| (Timestamp(s.time), s.value))
    }

    /// Samples that could not be drawn, oldest first.
    pub fn marks(&self) -> impl Iterator<Item = Mark> + use<'a> {
        self.trace
            .into_iter()
            .flat_map(|trace| trace.marks.iter().map(|(_, mark)| *mark))
    }
}
