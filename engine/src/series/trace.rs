//! The reduced curve that a chart draws: first, least, greatest and last sample of every bucket of time.

mod group;
mod view;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use super::chunk::{BLOCK_ROWS, Chunk};
use super::history::History;
use crate::cdr::is_missing;
use crate::clock::Timestamp;
use group::{Group, SLOTS};

pub use view::TraceView;

/// Buckets that ended at least this long before the newest sample are settled: only a late row changes them.
const SETTLE_NS: i64 = 50_000_000;
/// The widest bucket: a day.
const MOST_BUCKET_NS: i64 = 86_400_000_000_000;
/// A trace gets a new time base at least this often.
const REBASE_NS: i64 = 600_000_000_000;
/// A trace gets a new value base when the values lie this many times their own range away from the present one.
const FAR_FROM_BASE: f64 = 1024.0;

/// How a series is reduced for drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceSpec {
    /// Width of a bucket. Edges are whole multiples of it since the epoch, so that the picture does not crawl.
    pub bucket_ns: i64,
    /// How far back from the newest sample the trace reaches.
    pub span_ns: i64,
}

/// Why the line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakKind {
    /// Not a number, as measured.
    Nan,
    /// Positive infinity.
    PlusInfinity,
    /// Negative infinity.
    MinusInfinity,
    /// The message did not have the field.
    Missing,
    /// Messages were lost before this one.
    Lost,
}

/// Samples of one bucket at which the line is broken, all for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When the first of them was.
    pub time: Timestamp,
    /// Why.
    pub kind: BreakKind,
    /// How many they are.
    pub count: u64,
}

/// A number that no trace has had before: whoever keeps points of one trace must not take them for those of another.
fn fresh_generation() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);

    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[derive(Debug)]
pub(super) struct Trace {
    spec: TraceSpec,
    groups: VecDeque<Group>,
    marks: VecDeque<(i64, Mark)>,
    /// Groups that have left at the old end.
    gone: u64,
    generation: u64,
    /// Groups, from the front, that were shown as settled.
    settled: usize,
    base_time_ns: i64,
    base_value: f64,
    based: bool,
    /// Groups since the value base was last looked at.
    unchecked: usize,
    newest: i64,
}

impl Trace {
    /// Begins anew on another history.
    pub(super) fn restart(&mut self, history: &History, column: usize) {
        *self = Self::build(self.spec, history, column);
    }

    fn empty(spec: TraceSpec) -> Self {
        Self {
            spec: TraceSpec {
                bucket_ns: spec.bucket_ns.clamp(1, MOST_BUCKET_NS),
                span_ns: spec.span_ns.clamp(1, i64::MAX / 4),
            },
            groups: VecDeque::new(),
            marks: VecDeque::new(),
            gone: 0,
            generation: fresh_generation(),
            settled: 0,
            base_time_ns: 0,
            base_value: 0.0,
            based: false,
            unchecked: 0,
            newest: i64::MIN,
        }
    }

    pub(super) fn build(spec: TraceSpec, history: &History, column: usize) -> Self {
        let mut trace = Self::empty(spec);
        let spec = trace.spec;
        let start = history
            .newest()
            .unwrap_or(0)
            .saturating_sub(spec.span_ns)
            .div_euclid(spec.bucket_ns);
        trace.fold(history, column, start.saturating_mul(spec.bucket_ns), i64::MAX);
        trace.finish(history.newest());
        trace
    }

    /// What `from..=to` looks like now, with the nearest sample before and behind it, so that the line reaches the edges.
    pub(super) fn still(bucket_ns: i64, from: i64, to: i64, history: &History, column: usize) -> Self {
        let mut trace = Self::empty(TraceSpec {
            bucket_ns,
            span_ns: to.saturating_sub(from),
        });
        let width = trace.spec.bucket_ns;
        let start = from.div_euclid(width).saturating_mul(width);
        let end = to
            .div_euclid(width)
            .saturating_add(1)
            .saturating_mul(width)
            .saturating_sub(1);
        if let Some((time, value, _)) = history.before(column, start) {
            trace.add(time, value, false);
        }
        trace.fold(history, column, start, end);
        if let Some((time, value, gap)) = history.after(column, end) {
            trace.add(time, value, gap);
        }
        trace.base_time_ns = start;
        trace.based = true;
        trace.base_value = trace.far_value().unwrap_or(0.0);
        trace.settled = trace.groups.len();
        trace
    }

    /// Takes in what a drain has changed: `appended` new rows at the end, or anything from `changed` on.
    pub(super) fn update(&mut self, history: &History, column: usize, appended: usize, changed: Option<i64>) {
        if let Some(time) = changed {
            let bucket = time.div_euclid(self.spec.bucket_ns);
            let keep = self.groups.partition_point(|group| group.bucket < bucket);
            if keep < self.settled {
                self.generation = fresh_generation();
                self.settled = keep;
            }
            self.groups.truncate(keep);
            self.marks.truncate(self.marks.partition_point(|(at, _)| *at < bucket));
            self.newest = self.groups.back().map_or(i64::MIN, |group| group.last.time);
            self.fold(history, column, bucket.saturating_mul(self.spec.bucket_ns), i64::MAX);
        } else {
            let mut rows = appended;
            let mut begin = history.chunks().len();
            while rows > 0 && begin > 0 {
                begin -= 1;
                let len = history.chunks()[begin].len();
                if len >= rows {
                    break;
                }
                rows -= len;
            }
            let mut from = history
                .chunks()
                .get(begin)
                .map_or(0, |chunk| chunk.len().saturating_sub(rows));
            for chunk in history.chunks().range(begin..) {
                self.fold_chunk(chunk, column, from, chunk.len());
                from = 0;
            }
        }
        self.finish(history.newest());
    }

    /// Takes in everything within `time..=until`.
    fn fold(&mut self, history: &History, column: usize, time: i64, until: i64) {
        for tier in (0..3).rev() {
            for (span, cell) in history.tier(tier).within(column, time, until) {
                let middle = i64::midpoint(span.first, span.last);
                for (at, value) in [
                    (span.first, cell.mean),
                    (middle, cell.min),
                    (middle, cell.max),
                    (span.last, cell.mean),
                ] {
                    self.add(at.clamp(time, until), value, false);
                }
            }
        }
        let start = history.chunks().partition_point(|chunk| chunk.last() < time);
        let within = history.chunks().range(start..);
        for chunk in within.take_while(|chunk| chunk.first() <= until) {
            self.fold_chunk(chunk, column, chunk.rows_before(time), chunk.rows_until(until));
        }
    }

    /// Takes in the rows `from..to` of a chunk. Where a packed chunk or block lies within one bucket, its extremes and
    /// its ends say all: a bucket of any size costs few looks.
    fn fold_chunk(&mut self, chunk: &Chunk, column: usize, from: usize, to: usize) {
        let Some(data) = chunk.column(column) else { return };
        if from >= to {
            return;
        }
        if !chunk.is_sealed() {
            chunk.visit(column, from, to, |time, value, gap| self.add(time, value, gap));
            return;
        }
        let width = self.spec.bucket_ns;
        let is_one_bucket =
            |first: usize, last: usize| chunk.time(first).div_euclid(width) == chunk.time(last).div_euclid(width);
        // In order of time, so that this is what adding each of them would do.
        let add_extremes = |trace: &mut Self, [first, min, max, last]: [usize; 4]| {
            for row in [first, min.min(max), min.max(max), last] {
                trace.add(chunk.time(row), data.get(row), false);
            }
        };
        if let Some(extremes) = data.extremes()
            && (from, to) == (0, chunk.len())
            && extremes.all_finite
            && !chunk.has_gap()
            && is_one_bucket(0, to - 1)
        {
            add_extremes(self, [0, extremes.min, extremes.max, to - 1]);
            return;
        }
        let mut row = from;
        while row < to {
            let block = row / BLOCK_ROWS;
            let (begin, end) = (block * BLOCK_ROWS, ((block + 1) * BLOCK_ROWS).min(chunk.len()));
            let summary = data.blocks()[block];
            let whole = row == begin && end <= to && summary.all_finite() && !chunk.block_has_gap(block);
            match summary.extremes() {
                Some((min, max)) if whole && is_one_bucket(begin, end - 1) => {
                    add_extremes(self, [begin, begin + min, begin + max, end - 1]);
                }
                _ => chunk.visit(column, row, end.min(to), |time, value, gap| self.add(time, value, gap)),
            }
            row = end;
        }
    }

    #[inline]
    fn add(&mut self, time: i64, value: f64, gap: bool) {
        // The division is spared while the sample is in the open bucket.
        let width = self.spec.bucket_ns;
        let bucket = match self.groups.back() {
            Some(group) if time >= group.bucket * width && time - group.bucket * width < width => group.bucket,
            _ => time.div_euclid(width),
        };
        self.newest = self.newest.max(time);
        if gap {
            self.mark(bucket, time, BreakKind::Lost);
            self.break_at(bucket, time);
        }
        if !value.is_finite() {
            let kind = if is_missing(value) {
                BreakKind::Missing
            } else if value.is_nan() {
                BreakKind::Nan
            } else if value > 0.0 {
                BreakKind::PlusInfinity
            } else {
                BreakKind::MinusInfinity
            };
            self.mark(bucket, time, kind);
            self.break_at(bucket, time);
            return;
        }
        if let Some(group) = self.groups.back_mut() {
            if group.bucket == bucket && !group.is_break() {
                group.add(time, value);
                return;
            }
            if group.broken_after {
                group.broken_after = false;
                let (bucket, time) = (group.bucket, group.last.time);
                self.groups.push_back(Group::of(bucket, time, f64::NAN));
            }
        }
        self.groups.push_back(Group::of(bucket, time, value));
        self.unchecked += 1;
    }

    /// Breaks the line. A bucket has one break at most; a second one counts when no sample follows it in the bucket.
    fn break_at(&mut self, bucket: i64, time: i64) {
        let Some(last) = self.groups.len().checked_sub(1) else {
            return;
        };
        if self.groups[last].is_break() {
            return;
        }
        let second = last > 0 && self.groups[last].bucket == bucket && {
            let before = self.groups[last - 1];
            before.is_break() && before.bucket == bucket
        };
        if second {
            self.groups[last].broken_after = true;
        } else {
            // A break that was owed stands where it was owed, whatever comes behind it.
            let owed = std::mem::take(&mut self.groups[last].broken_after);
            let Group {
                bucket: behind,
                last: sample,
                ..
            } = self.groups[last];
            let (bucket, time) = if owed { (behind, sample.time) } else { (bucket, time) };
            self.groups.push_back(Group::of(bucket, time, f64::NAN));
        }
    }

    fn mark(&mut self, bucket: i64, time: i64, kind: BreakKind) {
        let same = self
            .marks
            .iter_mut()
            .rev()
            .take_while(|(at, _)| *at == bucket)
            .find(|(_, mark)| mark.kind == kind);
        match same {
            Some((_, mark)) => mark.count += 1,
            None => self.marks.push_back((
                bucket,
                Mark {
                    time: Timestamp(time),
                    kind,
                    count: 1,
                },
            )),
        }
    }

    /// Lets go what is too old, settles what has ended, and moves the bases where they are due.
    fn finish(&mut self, newest: Option<i64>) {
        let Some(newest) = newest else { return };
        let oldest = newest.saturating_sub(self.spec.span_ns).div_euclid(self.spec.bucket_ns);
        while self
            .groups
            .front()
            .is_some_and(|group| group.bucket < oldest || group.is_break())
        {
            let _ = self.groups.pop_front();
            self.gone += 1;
            self.settled = self.settled.saturating_sub(1);
        }
        while self.marks.front().is_some_and(|(bucket, _)| *bucket < oldest) {
            let _ = self.marks.pop_front();
        }
        let ended = newest.saturating_sub(SETTLE_NS).div_euclid(self.spec.bucket_ns);
        while self.settled + 1 < self.groups.len() && self.groups[self.settled].bucket < ended {
            self.settled += 1;
        }
        self.rebase(newest);
    }

    fn rebase(&mut self, newest: i64) {
        if self.groups.is_empty() {
            return;
        }
        // Seconds in f32 have 24 bits: beyond this they are coarser than a quarter of a bucket.
        let exact_ns = self
            .spec
            .bucket_ns
            .saturating_mul(1 << 21)
            .clamp(1_000_000_000, REBASE_NS);
        let from_base = newest.saturating_sub(self.base_time_ns);
        let time_due = !self.based || !(0..=exact_ns).contains(&from_base);
        let value_due = if time_due || self.unchecked > self.groups.len() / 4 {
            self.unchecked = 0;
            self.far_value()
        } else {
            None
        };
        if time_due {
            self.base_time_ns = newest.div_euclid(self.spec.bucket_ns) * self.spec.bucket_ns;
            self.based = true;
        }
        if let Some(value) = value_due {
            self.base_value = value;
        }
        if time_due || value_due.is_some() {
            self.generation = fresh_generation();
        }
    }

    /// A better value base, when the values are far from the present one.
    fn far_value(&self) -> Option<f64> {
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for group in self.groups.iter().filter(|group| !group.is_break()) {
            min = min.min(group.min.value);
            max = max.max(group.max.value);
        }
        if min > max {
            return None;
        }
        let middle = f64::midpoint(min, max);
        let off = (middle - self.base_value).abs();
        (off > FAR_FROM_BASE * (max - min)).then_some(middle)
    }

    pub(super) fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Group>() + self.marks.capacity() * size_of::<(i64, Mark)>()
    }

    pub(super) fn view(&self) -> TraceView<'_> {
        TraceView {
            generation: self.generation,
            base_time_ns: self.base_time_ns,
            base_value: self.base_value,
            tail: self.gone * SLOTS,
            head: (self.gone + self.groups.len() as u64) * SLOTS,
            settled: (self.gone + self.settled as u64) * SLOTS,
            trace: Some(self),
        }
    }
}
