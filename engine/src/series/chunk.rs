//! Some thousand rows of one topic: a shared time column and one column per field, packed once the chunk is full.

mod block;
mod column;
mod times;

use column::{Column, Values};
use times::Times;

pub(super) use block::BLOCK_ROWS;

/// Rows of a full chunk.
pub(super) const CHUNK_ROWS: usize = 4096;

/// Rows in order of time.
#[derive(Debug)]
pub(super) struct Chunk {
    times: Times,
    columns: Vec<Option<Column>>,
    /// A bit per row before which messages are missing; empty when there is none.
    gaps: Vec<u64>,
    len: usize,
    first: i64,
    last: i64,
    sealed: bool,
}

impl Chunk {
    /// An empty chunk with room for `capacity` rows of the columns that `has` names.
    pub(super) fn new(has: &[bool], capacity: usize) -> Self {
        Self {
            times: Times::Plain(Vec::with_capacity(capacity)),
            columns: has
                .iter()
                .map(|&has| has.then(|| Column::filled(0.0, 0, capacity)))
                .collect(),
            gaps: Vec::new(),
            len: 0,
            first: i64::MAX,
            last: i64::MIN,
            sealed: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn first(&self) -> i64 {
        self.first
    }

    pub(super) fn last(&self) -> i64 {
        self.last
    }

    pub(super) fn is_sealed(&self) -> bool {
        self.sealed
    }

    pub(super) fn time(&self, row: usize) -> i64 {
        self.times.get(row)
    }

    pub(super) fn column(&self, column: usize) -> Option<&Column> {
        self.columns.get(column)?.as_ref()
    }

    pub(super) fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Values stored: rows times columns.
    pub(super) fn samples(&self) -> u64 {
        (self.len * self.columns.iter().flatten().count()) as u64
    }

    pub(super) fn is_gap(&self, row: usize) -> bool {
        self.gaps
            .get(row / 64)
            .is_some_and(|word| (word >> (row % 64)) & 1 == 1)
    }

    /// True when a gap stands before a row of this block, its first row included.
    pub(super) fn block_has_gap(&self, block: usize) -> bool {
        self.gaps.get(block).is_some_and(|&word| word != 0)
    }

    /// True when a gap stands before a row of this chunk, its first row included.
    pub(super) fn has_gap(&self) -> bool {
        self.gaps.iter().any(|&word| word != 0)
    }

    fn set_gap(&mut self, row: usize, gap: bool) {
        if gap && self.gaps.len() <= row / 64 {
            self.gaps.resize(row / 64 + 1, 0);
        }
        if let Some(word) = self.gaps.get_mut(row / 64) {
            *word = (*word & !(1 << (row % 64))) | (u64::from(gap) << (row % 64));
        }
    }

    /// Rows before `time`.
    pub(super) fn rows_before(&self, time: i64) -> usize {
        self.partition(|t| t < time)
    }

    /// Rows up to `time`, those at `time` included.
    pub(super) fn rows_until(&self, time: i64) -> usize {
        self.partition(|t| t <= time)
    }

    fn partition(&self, before: impl Fn(i64) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = usize::midpoint(low, high);
            if before(self.time(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Opens a sealed chunk for writing.
    fn thaw(&mut self) -> &mut Vec<i64> {
        self.sealed = false;
        if !matches!(self.times, Times::Plain(_)) {
            self.times = Times::Plain((0..self.len).map(|row| self.times.get(row)).collect());
        }
        match &mut self.times {
            Times::Plain(times) => times,
            Times::Narrow { .. } | Times::Wide { .. } => unreachable!("made plain above"),
        }
    }

    /// Appends a row; `time` is not before the last one. `value` gives the value of each column. Returns how many values that is.
    #[inline]
    pub(super) fn push(&mut self, time: i64, gap: bool, value: impl Fn(usize) -> f64) -> u64 {
        debug_assert!(
            time >= self.last && !self.sealed,
            "rows are appended in order, to an open chunk"
        );
        if self.len == 0 {
            self.first = time;
        }
        self.last = time;
        if let Times::Plain(times) = &mut self.times {
            times.push(time);
        }
        let mut values = 0;
        for (index, column) in self.columns.iter_mut().enumerate() {
            if let Some(column) = column {
                column.push(value(index));
                values += 1;
            }
        }
        if gap {
            self.set_gap(self.len, true);
        }
        self.len += 1;
        values
    }

    /// Puts a row at its place in time, behind rows of the same time. Columns of `fed` that this chunk lacks are made,
    /// with `missing` for the rows that are there.
    pub(super) fn insert(&mut self, time: i64, gap: bool, missing: f64, fed: &[bool], value: impl Fn(usize) -> f64) {
        let at = self.rows_until(time);
        self.thaw().insert(at, time);
        let rows = self.len;
        if self.columns.len() < fed.len() {
            self.columns.resize_with(fed.len(), || None);
        }
        for (index, column) in self.columns.iter_mut().enumerate() {
            if column.is_none() && fed.get(index) == Some(&true) {
                *column = Some(Column::filled(missing, rows, rows + 1));
            }
            if let Some(column) = column {
                column.open_values().insert(at, value(index));
            }
        }
        if !self.gaps.is_empty() {
            for row in (at..rows).rev() {
                let gap = self.is_gap(row);
                self.set_gap(row + 1, gap);
            }
            self.set_gap(at, false);
        }
        self.set_gap(at, gap);
        self.len += 1;
        self.first = self.first.min(time);
        self.last = self.last.max(time);
    }

    /// Takes the rows from `at` on into a chunk of their own.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        let times = self.thaw().split_off(at);
        let columns = self
            .columns
            .iter_mut()
            .map(|column| column.as_mut().map(|c| Column::open(c.open_values().split_off(at))))
            .collect();
        let mut rest = Self {
            first: times.first().copied().unwrap_or(i64::MAX),
            last: times.last().copied().unwrap_or(i64::MIN),
            len: times.len(),
            times: Times::Plain(times),
            columns,
            gaps: Vec::new(),
            sealed: false,
        };
        for row in at..self.len {
            if self.is_gap(row) {
                rest.set_gap(row - at, true);
                self.set_gap(row, false);
            }
        }
        self.len = at;
        self.last = if at == 0 { i64::MIN } else { self.time(at - 1) };
        rest
    }

    /// Gives back room for rows that may never come.
    pub(super) fn shrink(&mut self) {
        self.thaw().shrink_to_fit();
        for column in self.columns.iter_mut().flatten() {
            column.open_values().shrink_to_fit();
        }
    }

    /// Packs the chunk. It can still be read, and is opened again by an insertion.
    pub(super) fn seal(&mut self) {
        let times = std::mem::take(self.thaw());
        self.times = Times::pack(times);
        for column in self.columns.iter_mut().flatten() {
            column.seal();
        }
        if self.gaps.iter().all(|&word| word == 0) {
            self.gaps = Vec::new();
        }
        self.gaps.shrink_to_fit();
        self.sealed = true;
    }

    /// Hands the rows of one column to `take`. Columns that the chunk lacks hand out nothing.
    #[inline]
    pub(super) fn visit(&self, column: usize, from: usize, to: usize, mut take: impl FnMut(i64, f64, bool)) {
        let Some(column) = self.column(column) else { return };
        if let (Times::Plain(times), Values::Double(values)) = (&self.times, &column.values) {
            let rows = times[from..to].iter().zip(&values[from..to]);
            if self.gaps.is_empty() {
                rows.for_each(|(&time, &value)| take(time, value, false));
            } else {
                rows.enumerate()
                    .for_each(|(row, (&time, &value))| take(time, value, self.is_gap(from + row)));
            }
        } else {
            for row in from..to {
                take(self.time(row), column.get(row), self.is_gap(row));
            }
        }
    }

    /// Least and greatest finite value of the rows `from..to`.
    pub(super) fn range(&self, column: usize, from: usize, to: usize) -> Option<(f64, f64)> {
        let data = self.column(column)?;
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        if self.sealed && from == 0 && to == self.len {
            let extremes = data.extremes()?;
            (min, max) = (data.get(extremes.min), data.get(extremes.max));
        } else {
            let mut take = |value: f64| {
                if value.is_finite() {
                    min = min.min(value);
                    max = max.max(value);
                }
            };
            let mut row = from;
            while row < to {
                let block = row / BLOCK_ROWS;
                let end = ((block + 1) * BLOCK_ROWS).min(self.len);
                match data.blocks().get(block) {
                    Some(summary) if row == block * BLOCK_ROWS && end <= to => {
                        if let Some((least, most)) = summary.extremes() {
                            take(data.get(row + least));
                            take(data.get(row + most));
                        }
                    }
                    _ => data.visit(row..end.min(to), &mut take),
                }
                row = end;
            }
        }
        (min <= max).then_some((min, max))
    }

    /// Bytes on the heap, by capacity.
    pub(super) fn bytes(&self) -> usize {
        self.times.bytes()
            + self.gaps.capacity() * 8
            + self.columns.capacity() * size_of::<Option<Column>>()
            + self.columns.iter().flatten().map(Column::bytes).sum::<usize>()
    }
}
