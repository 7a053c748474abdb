//! The rows of one topic, in order of time: chunks of raw rows, and before them what old chunks were reduced to.

use std::collections::VecDeque;

use super::chunk::{CHUNK_ROWS, Chunk};
use super::position::Restarts;
use super::tier::{Cell, Span, TIER_NS, Tier};
use crate::cdr::MISSING;

/// How late a row may come and still be put at its place. A row that is later than this says that the clock was set
/// back, a bag began again or the robot restarted: what was stored from its time on is dropped, and it follows a gap.
pub const LATE_LIMIT_NS: i64 = 1_000_000_000;

/// Chunks at the end that are kept open for late rows.
const OPEN_CHUNKS: usize = 2;

/// Rows of a topic that stay raw whatever the budget.
const KEPT_ROWS: usize = 64;

/// What a push did to the rows that were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// The row is the newest.
    Appended,
    /// Rows from this time on are not what they were.
    Changed(i64),
}

#[derive(Debug)]
pub(super) struct History {
    chunks: VecDeque<Chunk>,
    /// Oldest data stand in the last tier.
    tiers: [Tier; 3],
    /// Heap bytes of the sealed chunks.
    sealed_bytes: usize,
    /// Which columns the present feed fills.
    fed: Vec<bool>,
    /// The next row begins a chunk, because the columns are others.
    begin: bool,
    newest: Option<i64>,
    samples: u64,
    restarts: Restarts,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            tiers: [Tier::new(0), Tier::new(1), Tier::new(2)],
            sealed_bytes: 0,
            fed: Vec::new(),
            begin: true,
            newest: None,
            samples: 0,
            restarts: Restarts::default(),
        }
    }

    /// Forgets every row; readers begin anew.
    pub(super) fn clear(&mut self) {
        let mut restarts = std::mem::take(&mut self.restarts);
        restarts.note(i64::MIN);
        *self = Self {
            restarts,
            ..Self::new()
        };
    }

    /// From now on rows have a value for these columns.
    pub(super) fn feed(&mut self, fed: Vec<bool>) {
        self.begin |= fed != self.fed;
        self.fed = fed;
    }

    pub(super) fn restarts(&self) -> &Restarts {
        &self.restarts
    }

    pub(super) fn chunks(&self) -> &VecDeque<Chunk> {
        &self.chunks
    }

    pub(super) fn newest(&self) -> Option<i64> {
        self.newest
    }

    pub(super) fn oldest(&self) -> Option<i64> {
        let raw = self.chunks.front().map(Chunk::first);
        self.tiers.iter().rev().find_map(Tier::oldest).or(raw)
    }

    pub(super) fn oldest_raw(&self) -> Option<i64> {
        self.chunks.front().map(Chunk::first)
    }

    /// The begin of the raw rows that may be given up: all but the newest of a topic.
    pub(super) fn spare(&self) -> Option<i64> {
        let chunk = self.chunks.front()?;
        (self.chunks.len() > 1 || chunk.len() >= 2 * KEPT_ROWS).then_some(chunk.first())
    }

    /// Takes out the oldest chunk, or half of the only one.
    fn take_oldest(&mut self) -> Option<Chunk> {
        let _ = self.spare()?;
        let mut chunk = self.chunks.pop_front()?;
        if chunk.is_sealed() {
            self.sealed_bytes -= chunk.bytes();
        }
        if self.chunks.is_empty() {
            let mut rest = chunk.split_off(chunk.len() / 2);
            rest.shrink();
            self.chunks.push_back(rest);
        }
        self.samples -= chunk.samples();
        Some(chunk)
    }

    pub(super) fn tier(&self, level: usize) -> &Tier {
        &self.tiers[level]
    }

    /// Raw values stored.
    pub(super) fn samples(&self) -> u64 {
        self.samples
    }

    /// Stores a row; `value` gives the value of each column, [`MISSING`] where there is none.
    #[inline]
    pub(super) fn push(&mut self, time: i64, gap: bool, value: impl Fn(usize) -> f64) -> Pushed {
        let Some(newest) = self.newest else {
            self.append(time, gap, value);
            return Pushed::Appended;
        };
        if time >= newest {
            self.append(time, gap, value);
            return Pushed::Appended;
        }
        if newest - time > LATE_LIMIT_NS {
            self.restarts.note(time);
            self.truncate(time);
            self.append(time, true, value);
            return Pushed::Changed(time);
        }
        self.insert(time, gap, value);
        Pushed::Changed(time)
    }

    /// Stores a row at its place, however late it comes.
    #[inline]
    pub(super) fn place(&mut self, time: i64, gap: bool, value: impl Fn(usize) -> f64) {
        if self.newest.is_none_or(|newest| time >= newest) {
            self.append(time, gap, value);
        } else {
            self.insert(time, gap, value);
        }
    }

    /// The last time of the oldest chunk, when it is packed.
    #[inline]
    pub(super) fn packed_until(&self) -> Option<i64> {
        let chunk = self.chunks.front()?;
        chunk.is_sealed().then(|| chunk.last())
    }

    /// Takes out the oldest chunk.
    pub(super) fn take_first(&mut self) -> Option<Chunk> {
        let chunk = self.chunks.pop_front()?;
        if chunk.is_sealed() {
            self.sealed_bytes -= chunk.bytes();
        }
        self.samples -= chunk.samples();
        Some(chunk)
    }

    /// Takes over a packed chunk of rows that come behind those that are there.
    pub(super) fn adopt(&mut self, chunk: Chunk) -> Pushed {
        debug_assert!(
            chunk.is_sealed() && self.newest.is_none_or(|newest| chunk.first() >= newest),
            "rows are taken over packed and in order"
        );
        if let Some(last) = self.chunks.back_mut().filter(|last| !last.is_sealed()) {
            last.seal();
            self.sealed_bytes += last.bytes();
        }
        let begin = chunk.first();
        self.sealed_bytes += chunk.bytes();
        self.samples += chunk.samples();
        self.newest = Some(chunk.last());
        self.begin = true;
        self.chunks.push_back(chunk);
        Pushed::Changed(begin)
    }

    #[inline]
    fn append(&mut self, time: i64, gap: bool, value: impl Fn(usize) -> f64) {
        if self.begin
            || self
                .chunks
                .back()
                .is_none_or(|chunk| chunk.len() >= CHUNK_ROWS || chunk.is_sealed())
        {
            self.begin_chunk();
        }
        let chunk = self.chunks.back_mut().expect("begun above");
        self.samples += chunk.push(time, gap, value);
        self.newest = Some(time);
    }

    fn begin_chunk(&mut self) {
        let capacity = self.chunks.back().map_or(64, |chunk| chunk.len().min(CHUNK_ROWS));
        self.chunks.push_back(Chunk::new(&self.fed, capacity));
        self.begin = false;
        self.seal_old();
    }

    fn seal_old(&mut self) {
        let keep = self.chunks.len().saturating_sub(OPEN_CHUNKS);
        for chunk in self
            .chunks
            .range_mut(..keep)
            .rev()
            .take_while(|chunk| !chunk.is_sealed())
        {
            chunk.seal();
            self.sealed_bytes += chunk.bytes();
        }
    }

    fn open_chunk(&mut self, index: usize) -> &mut Chunk {
        let chunk = &mut self.chunks[index];
        if chunk.is_sealed() {
            self.sealed_bytes -= chunk.bytes();
        }
        chunk
    }

    fn insert(&mut self, time: i64, gap: bool, value: impl Fn(usize) -> f64) {
        let reduced = self
            .tiers
            .iter()
            .find_map(Tier::newest)
            .is_some_and(|newest| time <= newest);
        let index = self
            .chunks
            .partition_point(|chunk| chunk.first() <= time)
            .saturating_sub(1);
        if reduced || self.chunks.is_empty() {
            // Its neighbours are reduced already: it joins them.
            let width = self.fed.len();
            let mut cells = vec![Cell::EMPTY; width];
            for (column, cell) in cells.iter_mut().enumerate() {
                if self.fed[column] {
                    cell.add(value(column));
                }
            }
            let holds = |tier: &Tier| tier.oldest().is_some_and(|oldest| oldest <= time);
            let level = self.tiers.iter().position(holds);
            let level = level
                .or_else(|| self.tiers.iter().rposition(|tier| tier.len() > 0))
                .unwrap_or(0);
            self.tiers[level].join(time, &cells);
            return;
        }
        let fed = std::mem::take(&mut self.fed);
        let chunk = self.open_chunk(index);
        let mut before = chunk.samples();
        let at = chunk.rows_until(time);
        if chunk.len() >= CHUNK_ROWS && at > 0 && at < chunk.len() {
            let mut rest = chunk.split_off(at);
            rest.insert(time, gap, MISSING, &fed, value);
            before -= chunk.samples();
            self.samples += rest.samples() - before;
            self.chunks.insert(index + 1, rest);
        } else {
            chunk.insert(time, gap, MISSING, &fed, value);
            self.samples += chunk.samples() - before;
        }
        self.fed = fed;
        // Opened chunks that are not among the last ones are packed again, and so is the one that a split moved away from
        // them: all chunks but the last ones are packed, always.
        let keep = self.chunks.len().saturating_sub(OPEN_CHUNKS);
        for chunk in self.chunks.range_mut(index.min(keep.saturating_sub(1))..keep) {
            if !chunk.is_sealed() {
                chunk.seal();
                self.sealed_bytes += chunk.bytes();
            }
        }
    }

    /// Drops everything from `time` on.
    fn truncate(&mut self, time: i64) {
        while self.chunks.back().is_some_and(|chunk| chunk.first() >= time) {
            let chunk = self.chunks.pop_back().expect("looked at above");
            if chunk.is_sealed() {
                self.sealed_bytes -= chunk.bytes();
            }
            self.samples -= chunk.samples();
        }
        if let Some(last) = self.chunks.len().checked_sub(1)
            && self.chunks[last].last() >= time
        {
            let chunk = self.open_chunk(last);
            let before = chunk.samples();
            let at = chunk.rows_before(time);
            drop(chunk.split_off(at));
            let dropped = before - chunk.samples();
            self.samples -= dropped;
        }
        for tier in &mut self.tiers {
            tier.truncate(time);
        }
        self.begin = true;
        self.newest = self
            .chunks
            .back()
            .map(Chunk::last)
            .or_else(|| self.tiers.iter().find_map(Tier::newest));
    }

    /// Reduces the oldest chunk. Returns the rows that this took, 0 when there is none.
    pub(super) fn reduce(&mut self) -> usize {
        let Some(chunk) = self.take_oldest() else { return 0 };
        let span_ns = chunk.last().saturating_sub(chunk.first()).max(1);
        let step_ns = span_ns / chunk.len().max(1) as i64;
        // A slow topic would grow in narrow buckets.
        let level = TIER_NS.iter().position(|&width| width >= 8 * step_ns).unwrap_or(2);
        for narrower in 0..level {
            while self.coarsen(narrower, 64) > 0 {}
        }
        let mut cells = Vec::new();
        let mut row = 0;
        while row < chunk.len() {
            let first = chunk.time(row);
            let edge = (first.div_euclid(TIER_NS[level]) + 1).saturating_mul(TIER_NS[level]);
            let end = chunk.rows_before(edge).max(row + 1);
            cells.clear();
            cells.resize(chunk.columns(), Cell::EMPTY);
            for (column, cell) in cells.iter_mut().enumerate() {
                chunk.visit(column, row, end, |_, value, _| cell.add(value));
            }
            self.tiers[level].add(
                Span {
                    first,
                    last: chunk.time(end - 1),
                },
                &cells,
            );
            row = end;
        }
        chunk.len() * chunk.columns().max(1)
    }

    /// Drops the oldest chunk, unreduced. Returns how many.
    pub(super) fn drop_oldest(&mut self) -> usize {
        self.take_oldest().map_or(0, |_| 1)
    }

    /// Moves up to `most` of the oldest buckets of a tier to the next one, or out of the last. Returns how many.
    pub(super) fn coarsen(&mut self, level: usize, most: usize) -> usize {
        let mut cells = Vec::new();
        let mut moved = 0;
        while moved < most {
            let Some(span) = self.tiers[level].pop(&mut cells) else {
                break;
            };
            if let Some(wider) = self.tiers.get_mut(level + 1) {
                wider.add(span, &cells);
            }
            moved += 1;
        }
        self.tiers[level].trim();
        moved
    }

    /// Bytes on the heap, by capacity; those of sealed chunks are kept up to date as they change.
    pub(super) fn bytes(&self) -> usize {
        let open = self
            .chunks
            .iter()
            .rev()
            .take_while(|chunk| !chunk.is_sealed())
            .map(Chunk::bytes)
            .sum::<usize>();
        self.sealed_bytes + open + self.chunks.capacity() * size_of::<Chunk>() + self.reduced_bytes()
    }

    #[cfg(test)]
    pub(super) fn counted_bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::bytes).sum::<usize>()
            + self.chunks.capacity() * size_of::<Chunk>()
            + self.reduced_bytes()
    }

    pub(super) fn reduced_bytes(&self) -> usize {
        self.tiers.iter().map(Tier::bytes).sum()
    }

    /// The newest value of a column.
    pub(super) fn latest(&self, column: usize) -> Option<(i64, f64)> {
        let chunk = self
            .chunks
            .iter()
            .rev()
            .find(|chunk| chunk.len() > 0 && chunk.column(column).is_some())?;
        let row = chunk.len() - 1;
        Some((chunk.time(row), chunk.column(column)?.get(row)))
    }

    /// The last raw row of a column before `time`.
    pub(super) fn before(&self, column: usize, time: i64) -> Option<(i64, f64, bool)> {
        let end = self.chunks.partition_point(|chunk| chunk.first() < time);
        let chunk = self.chunks.range(..end).next_back()?;
        let row = chunk.rows_before(time).checked_sub(1)?;
        Some((chunk.time(row), chunk.column(column)?.get(row), chunk.is_gap(row)))
    }

    /// The first raw row of a column behind `time`.
    pub(super) fn after(&self, column: usize, time: i64) -> Option<(i64, f64, bool)> {
        let start = self.chunks.partition_point(|chunk| chunk.last() <= time);
        let chunk = self.chunks.get(start)?;
        let row = chunk.rows_until(time);
        Some((chunk.time(row), chunk.column(column)?.get(row), chunk.is_gap(row)))
    }

    /// Least and greatest finite value within `from..=to`; buckets of reduced data count when they touch it.
    pub(super) fn range(&self, column: usize, from: i64, to: i64) -> Option<(f64, f64)> {
        if from > to {
            return None;
        }
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for (_, cell) in self.tiers.iter().flat_map(|tier| tier.within(column, from, to)) {
            min = min.min(cell.min);
            max = max.max(cell.max);
        }
        let start = self.chunks.partition_point(|chunk| chunk.last() < from);
        for chunk in self.chunks.range(start..).take_while(|chunk| chunk.first() <= to) {
            let rows = chunk.rows_before(from)..chunk.rows_until(to);
            if let Some((least, most)) = chunk.range(column, rows.start, rows.end) {
                min = min.min(least);
                max = max.max(most);
            }
        }
        (min <= max).then_some((min, max))
    }

    /// The sample nearest to `time`; of reduced data, the mean at the middle of its bucket.
    pub(super) fn at(&self, column: usize, time: i64) -> Option<(i64, f64)> {
        let mut best: Option<(i64, f64)> = None;
        let mut offer = |at: i64, value: f64| {
            if best.is_none_or(|(t, _)| at.abs_diff(time) < t.abs_diff(time)) {
                best = Some((at, value));
            }
        };
        let split = self.chunks.partition_point(|chunk| chunk.first() <= time);
        let has = |chunk: &&Chunk| chunk.len() > 0 && chunk.column(column).is_some();
        if let Some(chunk) = self.chunks.range(..split).rev().find(has) {
            let after = chunk.rows_until(time).min(chunk.len() - 1);
            for row in after.saturating_sub(1)..=after {
                offer(chunk.time(row), chunk.column(column)?.get(row));
            }
        }
        if let Some(chunk) = self.chunks.range(split..).find(has) {
            offer(chunk.first(), chunk.column(column)?.get(0));
        }
        if self.oldest_raw().is_none_or(|raw| time < raw) {
            let middle = |span: Span| i64::midpoint(span.first, span.last);
            for tier in &self.tiers {
                let (newest, oldest) = (tier.newest().unwrap_or(i64::MIN), tier.oldest().unwrap_or(i64::MAX));
                let near = time.clamp(oldest.min(newest), newest.max(oldest));
                let around = tier.width();
                for (span, cell) in tier.within(column, near.saturating_sub(around), near.saturating_add(around)) {
                    offer(middle(span), cell.mean);
                }
            }
        }
        best
    }
}
