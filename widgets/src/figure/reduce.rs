//! Fewer points with the same look: what falls into one pixel column becomes its first, least, greatest and last.

use std::ops::Range;

/// Points in pixels that are joined by a line.
pub(super) type Run = Vec<[f64; 2]>;

/// A column that is taller than this, in pixels, is not a line any more but a bar from its least to its greatest.
pub(super) const TALL: f64 = 4.0;
/// A line out of order has no points nearer to each other than this, in pixels.
const STILL: f64 = 0.5;
/// If that is not enough, it is cut into this many pieces, each of which keeps its extremes along both axes.
const PIECES: usize = 4096;
/// Points that a piece keeps at most.
const KEPT: usize = 6;

/// Which of the points, in the order of x, are seen from `low` to `high`: with a neighbour on either side.
pub(super) fn seen<T>(points: &[T], low: f64, high: f64, x: impl Fn(&T) -> f64) -> Range<usize> {
    let from = points.partition_point(|point| x(point) < low).saturating_sub(1);
    let to = (points.partition_point(|point| x(point) <= high) + 1).min(points.len());
    from..to.max(from)
}

/// The runs of a line with all of its points. A point that is NaN in any coordinate interrupts.
pub(super) fn whole(points: impl Iterator<Item = [f64; 2]>) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::new();
    for point in points {
        if point[0].is_nan() || point[1].is_nan() {
            end(&mut run, &mut runs);
        } else {
            run.push(point);
        }
    }
    end(&mut run, &mut runs);
    runs
}

/// A line reduced to what can be seen of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Reduced {
    pub(super) runs: Vec<Run>,
    /// Places across, with the least and the greatest along.
    pub(super) bars: Vec<(f64, f64, f64)>,
}

/// A line whose points come in the order of x: at most four points, or a bar, for each column of a pixel's `1/density`.
/// Only columns taller than `tall` become bars.
pub(super) fn in_columns(points: impl Iterator<Item = [f64; 2]>, density: f64, tall: f64) -> Reduced {
    let mut reducer = Reducer {
        done: Reduced::default(),
        run: Run::new(),
        tail: None,
        tall,
    };
    let mut column: Option<(f64, Column)> = None;
    for (index, point) in points.enumerate() {
        let key = (point[0] * density).floor();
        let is_gap = point[0].is_nan() || point[1].is_nan();
        match &mut column {
            Some((kept, column)) if *kept == key && !is_gap => column.add(index, point),
            other => {
                if let Some((key, column)) = other.take() {
                    reducer.column((key + 0.5) / density, &column);
                }
                if is_gap {
                    reducer.gap();
                } else {
                    *other = Some((key, Column::new(index, point)));
                }
            }
        }
    }
    if let Some((key, column)) = column {
        reducer.column((key + 0.5) / density, &column);
    }
    reducer.gap();
    reducer.done
}

struct Reducer {
    done: Reduced,
    run: Run,
    /// Where the bar before leaves off.
    tail: Option<[f64; 2]>,
    tall: f64,
}

impl Reducer {
    fn column(&mut self, middle: f64, column: &Column) {
        let (mut low, mut high) = (column.low.1[1], column.high.1[1]);
        if high - low <= self.tall {
            self.run.extend(self.tail.take());
            column.emit(&mut self.run);
            return;
        }
        if let Some([_, y]) = self.tail.take() {
            (low, high) = (low.min(y), high.max(y));
        }
        if !self.run.is_empty() {
            self.run.push(column.first.1);
            end(&mut self.run, &mut self.done.runs);
        }
        self.done.bars.push((middle, low, high));
        self.tail = Some(column.last.1);
    }

    fn gap(&mut self) {
        self.tail = None;
        end(&mut self.run, &mut self.done.runs);
    }
}

/// The runs of a line whose points come in any order. Points that do not move on are left out; if too many remain, the
/// line is cut into pieces, no extreme of which is lost.
pub(super) fn in_pieces(points: impl Iterator<Item = [f64; 2]>) -> Vec<Run> {
    let points = moving(points);
    if points.len() <= PIECES * KEPT {
        return whole(points.into_iter());
    }
    let length = points.len().div_ceil(PIECES);
    let mut runs = Vec::new();
    let mut run = Run::new();
    let mut piece = Vec::with_capacity(length);
    for point in points {
        let is_gap = point[0].is_nan() || point[1].is_nan();
        if !is_gap {
            piece.push(point);
        }
        if is_gap || piece.len() >= length {
            keep(&mut piece, &mut run);
        }
        if is_gap {
            end(&mut run, &mut runs);
        }
    }
    keep(&mut piece, &mut run);
    end(&mut run, &mut runs);
    runs
}

/// The points that are some way from the one kept before, gaps, and the last before each gap.
fn moving(points: impl Iterator<Item = [f64; 2]>) -> Run {
    let mut kept = Run::new();
    let mut skipped = None;
    for point in points {
        // Next to a gap, no distance is small.
        let is_near = kept
            .last()
            .is_some_and(|last| (point[0] - last[0]).abs() < STILL && (point[1] - last[1]).abs() < STILL);
        if is_near {
            skipped = Some(point);
        } else {
            kept.extend(skipped.take());
            kept.push(point);
        }
    }
    kept.extend(skipped);
    kept
}

fn end(run: &mut Run, runs: &mut Vec<Run>) {
    if !run.is_empty() {
        runs.push(std::mem::take(run));
    }
}

/// Moves a piece into the run: all of a short one, of a long one its ends and the extremes along both axes.
fn keep(piece: &mut Run, run: &mut Run) {
    if piece.len() <= KEPT {
        run.append(piece);
        return;
    }
    let at = |axis: usize, sign: f64| {
        (0..piece.len())
            .max_by(|a, b| (piece[*a][axis] * sign).total_cmp(&(piece[*b][axis] * sign)))
            .unwrap_or(0)
    };
    let mut kept = [0, at(0, -1.0), at(0, 1.0), at(1, -1.0), at(1, 1.0), piece.len() - 1];
    kept.sort_unstable();
    let mut last = None;
    for index in kept {
        if last != Some(index) {
            run.push(piece[index]);
        }
        last = Some(index);
    }
    piece.clear();
}

/// What is kept of one column, with the order of the points.
struct Column {
    first: (usize, [f64; 2]),
    low: (usize, [f64; 2]),
    high: (usize, [f64; 2]),
    last: (usize, [f64; 2]),
}

impl Column {
    fn new(index: usize, point: [f64; 2]) -> Self {
        let only = (index, point);
        Self {
            first: only,
            low: only,
            high: only,
            last: only,
        }
    }

    fn add(&mut self, index: usize, point: [f64; 2]) {
        if point[1] < self.low.1[1] {
            self.low = (index, point);
        }
        if point[1] > self.high.1[1] {
            self.high = (index, point);
        }
        self.last = (index, point);
    }

    fn emit(&self, run: &mut Run) {
        let (one, other) = if self.low.0 <= self.high.0 {
            (self.low, self.high)
        } else {
            (self.high, self.low)
        };
        let mut before = None;
        for (index, point) in [self.first, one, other, self.last] {
            if before != Some(index) {
                run.push(point);
            }
            before = Some(index);
        }
    }
}

/// The square cells, `cell` pixels wide, of an area from the origin that hold a point: row, first column, column after
/// the last.
pub(super) fn in_cells(
    points: impl Iterator<Item = [f64; 2]>,
    (width, height): (f64, f64),
    cell: f64,
) -> Vec<(usize, usize, usize)> {
    let columns = (width / cell).ceil() as usize + 1;
    let rows = (height / cell).ceil() as usize + 1;
    let mut is_taken = vec![false; columns * rows];
    for [x, y] in points {
        if (0.0..=width).contains(&x) && (0.0..=height).contains(&y) {
            is_taken[(y / cell) as usize * columns + (x / cell) as usize] = true;
        }
    }
    let mut rows = Vec::new();
    for (row, cells) in is_taken.chunks(columns).enumerate() {
        let mut from = 0;
        for stretch in cells.chunk_by(|a, b| a == b) {
            let to = from + stretch.len();
            if stretch[0] {
                rows.push((row, from, to));
            }
            from = to;
        }
    }
    rows
}

#[cfg(test)]
mod tests;
