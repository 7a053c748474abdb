//! What is left of old rows: least, greatest and mean value per span of time.

use std::collections::VecDeque;

/// Widths of the buckets that old rows are reduced to, one after the other.
pub(super) const TIER_NS: [i64; 3] = [100_000_000, 1_000_000_000, 10_000_000_000];

/// The times that a bucket covers: those of its first and its last row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub first: i64,
    pub last: i64,
}

/// The finite values of one field within a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    /// Finite values in the mean.
    pub count: u64,
}

impl Cell {
    pub(super) const EMPTY: Self = Self {
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        mean: 0.0,
        count: 0,
    };

    pub(super) fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.merge(Self {
                min: value,
                max: value,
                mean: value,
                count: 1,
            });
        }
    }

    fn merge(&mut self, other: Self) {
        if other.count == 0 {
            return;
        }
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let share = other.count as f64 / self.count as f64;
        self.mean = self.mean * (1.0 - share) + other.mean * share;
    }
}

/// Buckets of one width, oldest first.
#[derive(Debug)]
pub(super) struct Tier {
    width_ns: i64,
    spans: VecDeque<Span>,
    cells: Vec<VecDeque<Cell>>,
}

/// Grows by an eighth, so that little memory lies idle.
fn push<T>(to: &mut VecDeque<T>, item: T) {
    if to.len() == to.capacity() {
        to.reserve_exact(to.len() / 8 + 16);
    }
    to.push_back(item);
}

fn trim<T>(of: &mut VecDeque<T>) {
    if of.capacity() > of.len() + of.len() / 4 + 64 {
        of.shrink_to(of.len() + of.len() / 16);
    }
}

impl Tier {
    pub(super) fn new(level: usize) -> Self {
        Self {
            width_ns: TIER_NS[level],
            spans: VecDeque::new(),
            cells: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(super) fn oldest(&self) -> Option<i64> {
        self.spans.front().map(|span| span.first)
    }

    pub(super) fn newest(&self) -> Option<i64> {
        self.spans.back().map(|span| span.last)
    }

    /// Adds what a span holds, given per column; it joins the newest bucket when it lies in the same one.
    pub(super) fn add(&mut self, span: Span, cells: &[Cell]) {
        while self.cells.len() < cells.len() {
            let mut column = VecDeque::with_capacity(self.spans.capacity());
            column.resize(self.spans.len(), Cell::EMPTY);
            self.cells.push(column);
        }
        let bucket = |time: i64| time.div_euclid(self.width_ns);
        let joins = self
            .spans
            .back()
            .is_some_and(|back| bucket(back.first) == bucket(span.first));
        if joins {
            let back = self.spans.back_mut().expect("looked at above");
            back.last = back.last.max(span.last);
            for (column, cell) in self.cells.iter_mut().zip(cells) {
                column.back_mut().expect("as long as the spans").merge(*cell);
            }
            return;
        }
        push(&mut self.spans, span);
        for (index, column) in self.cells.iter_mut().enumerate() {
            push(column, cells.get(index).copied().unwrap_or(Cell::EMPTY));
        }
    }

    pub(super) fn width(&self) -> i64 {
        self.width_ns
    }

    /// Adds a single late row to the newest bucket that begins at or before `time`.
    pub(super) fn join(&mut self, time: i64, cells: &[Cell]) {
        let at = self.spans.partition_point(|span| span.first <= time).saturating_sub(1);
        if self.spans.is_empty() {
            self.add(
                Span {
                    first: time,
                    last: time,
                },
                cells,
            );
            return;
        }
        self.spans[at].first = self.spans[at].first.min(time);
        self.spans[at].last = self.spans[at].last.max(time);
        for (column, cell) in self.cells.iter_mut().zip(cells) {
            column[at].merge(*cell);
        }
    }

    /// Takes out the oldest bucket; its cells are left in `cells`.
    pub(super) fn pop(&mut self, cells: &mut Vec<Cell>) -> Option<Span> {
        let span = self.spans.pop_front()?;
        cells.clear();
        cells.extend(self.cells.iter_mut().filter_map(VecDeque::pop_front));
        Some(span)
    }

    /// Gives back memory that lies idle.
    pub(super) fn trim(&mut self) {
        trim(&mut self.spans);
        self.cells.iter_mut().for_each(trim);
    }

    /// Drops the buckets that reach to `time` or beyond.
    pub(super) fn truncate(&mut self, time: i64) {
        let keep = self.spans.partition_point(|span| span.last < time);
        self.spans.truncate(keep);
        self.cells.iter_mut().for_each(|column| column.truncate(keep));
        self.trim();
    }

    /// The buckets of one column that touch `from..=to`.
    pub(super) fn within(&self, column: usize, from: i64, to: i64) -> impl Iterator<Item = (Span, Cell)> {
        let start = self.spans.partition_point(|span| span.last < from);
        let end = self.spans.partition_point(|span| span.first <= to).max(start);
        let cells = self.cells.get(column).map(|cells| cells.range(start..end));
        let cells = cells.into_iter().flatten().copied();
        self.spans
            .range(start..end)
            .copied()
            .zip(cells)
            .filter(|(_, cell)| cell.count > 0)
    }

    pub(super) fn bytes(&self) -> usize {
        self.spans.capacity() * size_of::<Span>()
            + self.cells.capacity() * size_of::<VecDeque<Cell>>()
            + self
                .cells
                .iter()
                .map(|column| column.capacity() * size_of::<Cell>())
                .sum::<usize>()
    }
}
