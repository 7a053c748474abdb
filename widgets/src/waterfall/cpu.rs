//! A waterfall as a few thousand rectangles, for the software renderer.
//!
//! Columns are taken together in groups, bins in rows, and neighbours of one colour are drawn as one rectangle. The
//! groups begin at whole multiples of an index, so that the picture does not flicker while it scrolls, and they are
//! kept: a frame works out only what is new.

use std::collections::VecDeque;
use std::ops::Range;

use iced::advanced::graphics::geometry::Renderer as _;
use iced::widget::canvas::{Cache, Frame, Path, Stroke};
use iced::{Point, Rectangle, Size, Vector};

use super::WaterfallSource;
use super::columns::Columns;
use super::draw::Look;
use super::frequency::{self, Frequencies};
use crate::ink;

/// The most cells of a picture; there are fewer rectangles, for equal neighbours are one.
const CELLS: f32 = 8000.0;
/// The least side of a cell, in logical pixels.
const SIDE: f32 = 3.0;
/// The colours that are told apart.
const SHADES: u8 = 32;
/// The shade of what is missing.
const MISSING: u8 = u8::MAX;

/// What decides how levels are taken together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Key {
    generation: u64,
    bins: usize,
    /// Columns in a group.
    group: u64,
    rows: usize,
    frequencies: Frequencies,
}

/// The levels of one group of columns, the lowest row first.
#[derive(Debug)]
struct Group {
    /// Its first column, divided by the columns in a group.
    index: u64,
    /// The columns that went into it; some may have come or gone since.
    columns: Range<u64>,
    levels: Vec<f32>,
}

/// What is kept from frame to frame.
#[derive(Debug, Default)]
pub(super) struct Memory {
    key: Option<Key>,
    groups: VecDeque<Group>,
    cache: Cache,
    drawn: Option<Drawn>,
}

/// What decides how the picture looks, besides its levels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Drawn {
    version: u64,
    look: Look,
    size: Size,
    db: (f32, f32),
}

/// Draws the waterfall of a source over `bounds`.
pub(super) fn draw(
    source: &dyn WaterfallSource,
    memory: &mut Memory,
    scratch: &mut Vec<f32>,
    look: &Look,
    renderer: &mut iced::Renderer,
    bounds: Rectangle,
) {
    use iced::advanced::Renderer as _;

    let drawn = Drawn {
        version: source.version(),
        look: *look,
        size: bounds.size(),
        db: source.db_range(),
    };
    if memory.drawn != Some(drawn) {
        memory.cache.clear();
        memory.drawn = Some(drawn);
    }
    let Memory { key, groups, cache, .. } = memory;
    let geometry = cache.draw(renderer, bounds.size(), |frame| {
        let columns = Columns::new(source, look.timeline);
        let side = (bounds.width * bounds.height / CELLS).sqrt().max(SIDE).ceil();
        let rows = (bounds.height / side).ceil().max(1.0) as usize;
        let fresh = Key {
            generation: source.generation(),
            bins: source.bins(),
            group: group(&columns, bounds.width / side),
            rows,
            frequencies: look.frequencies,
        };
        if *key != Some(fresh) {
            groups.clear();
            *key = Some(fresh);
        }
        update(source, &fresh, &columns, groups, scratch);
        picture(frame, &columns, &fresh, groups, look, drawn.db);
    });
    renderer.with_translation(Vector::new(bounds.x, bounds.y), |renderer| {
        renderer.draw_geometry(geometry);
    });
}

/// The columns in a group, so that about `wanted` groups are in view: a power of two, lest zooming shifts them all.
fn group(columns: &Columns, wanted: f32) -> u64 {
    let count = if columns.hop > 0.0 {
        1.0 / columns.hop
    } else {
        columns.places.len() as f32
    };
    ((count / wanted.max(1.0)).ceil().max(1.0) as u64).next_power_of_two()
}

/// Brings the groups in view up to date.
fn update(
    source: &dyn WaterfallSource,
    key: &Key,
    columns: &Columns,
    groups: &mut VecDeque<Group>,
    scratch: &mut Vec<f32>,
) {
    let end = columns.first + columns.places.len() as u64;
    let wanted = columns.first / key.group..end.div_ceil(key.group);
    while groups.front().is_some_and(|group| group.index < wanted.start) {
        let _ = groups.pop_front();
    }
    if groups.front().is_some_and(|group| group.index > wanted.start) {
        // The view moved back.
        groups.clear();
    }
    groups.truncate((wanted.end - wanted.start) as usize);
    for (place, index) in wanted.enumerate() {
        let from = (index * key.group).max(source.tail());
        let columns = from..((index + 1) * key.group).min(source.head());
        if groups.get(place).is_some_and(|group| group.columns == columns) {
            continue;
        }
        let group = Group {
            index,
            levels: levels(source, key, &columns, scratch),
            columns,
        };
        match groups.get_mut(place) {
            Some(place) => *place = group,
            None => groups.push_back(group),
        }
    }
}

/// The highest level of some columns in each row.
fn levels(source: &dyn WaterfallSource, key: &Key, columns: &Range<u64>, scratch: &mut Vec<f32>) -> Vec<f32> {
    scratch.clear();
    if !columns.is_empty() {
        source.copy(columns.start, columns.end, scratch);
    }
    let edge = |row: usize| key.frequencies.bin(key.frequencies.hz(row as f64 / key.rows as f64));
    (0..key.rows)
        .map(|row| {
            let (from, to) = (edge(row), edge(row + 1));
            scratch
                .chunks_exact(key.bins.max(1))
                .map(|column| frequency::level(column, from, to))
                .fold(f32::NAN, f32::max)
        })
        .collect()
}

/// The shade of a level.
fn shade(level: f32, (low, high): (f32, f32)) -> u8 {
    if level.is_nan() {
        return MISSING;
    }
    let share = (level - low) / (high - low).max(f32::MIN_POSITIVE);
    (share.clamp(0.0, 1.0) * f32::from(SHADES - 1)).round() as u8
}

/// Columns that are drawn side by side: those of one group, or of a part of it where there is a gap within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    group: usize,
    /// Counted from the first column in view.
    from: usize,
    to: usize,
    /// Whether columns are missing before it.
    is_after_gap: bool,
}

/// The pieces of the columns in view.
fn pieces(columns: &Columns, group: u64) -> Vec<Piece> {
    let first_group = columns.first / group;
    let mut pieces: Vec<Piece> = Vec::new();
    for index in 0..columns.places.len() {
        let place = ((columns.first + index as u64) / group - first_group) as usize;
        let is_after_gap = columns.is_gap_before(index);
        match pieces.last_mut() {
            Some(piece) if piece.group == place && !is_after_gap => piece.to = index + 1,
            _ => pieces.push(Piece {
                group: place,
                from: index,
                to: index + 1,
                is_after_gap,
            }),
        }
    }
    pieces
}

/// Neighbours of one shade in one row: pieces `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    from: usize,
    to: usize,
    row: usize,
    shade: u8,
}

fn runs(rows: usize, pieces: &[Piece], shades: &[Vec<u8>]) -> Vec<Run> {
    let mut runs = Vec::new();
    let shade_of = |piece: usize, row: usize| shades[pieces[piece].group][row];
    for row in 0..rows {
        let shade = |piece| shade_of(piece, row);
        let mut from = 0;
        for to in 1..=pieces.len() {
            if to == pieces.len() || pieces[to].is_after_gap || shade(to) != shade(from) {
                let shade = shade(from);
                runs.push(Run { from, to, row, shade });
                from = to;
            }
        }
    }
    runs
}

fn picture(frame: &mut Frame, columns: &Columns, key: &Key, groups: &VecDeque<Group>, look: &Look, db: (f32, f32)) {
    let (width, height) = (frame.width(), frame.height());
    let shades: Vec<Vec<u8>> = groups
        .iter()
        .map(|group| group.levels.iter().map(|level| shade(*level, db)).collect())
        .collect();
    let mut pieces = pieces(columns, key.group);
    pieces.retain(|piece| piece.group < shades.len());
    // Whole pixels at the edges that neighbours share, and at least one for a column that is alone.
    let place = |place: f32| (place * width).round().clamp(0.0, width);
    let across = |from: usize, to: usize| {
        let (left, right) = columns.extent(pieces[from].from, pieces[to - 1].to);
        (place(left), place(right).max(place(left) + 1.0))
    };
    let along = |row: usize| (height - row as f32 / key.rows as f32 * height).round();

    let mut gaps: Vec<Rectangle> = (1..pieces.len())
        .filter(|index| pieces[*index].is_after_gap)
        .map(|index| {
            let (left, right) = (across(index - 1, index).1, across(index, index + 1).0);
            Rectangle::new(Point::new(left, 0.0), Size::new((right - left).max(0.0), height))
        })
        .collect();
    for run in runs(key.rows, &pieces, &shades) {
        let (left, right) = across(run.from, run.to);
        let (bottom, top) = (along(run.row), along(run.row + 1));
        let area = Rectangle::new(Point::new(left, top), Size::new(right - left, bottom - top));
        if run.shade != MISSING {
            let color = look.map.color(f32::from(run.shade) / f32::from(SHADES - 1));
            frame.fill_rectangle(area.position(), area.size(), color);
        } else if look.frequencies.holds((run.row as f64 + 0.5) / key.rows as f64) {
            add(&mut gaps, area);
        }
    }
    let hatching = Path::new(|path| {
        for gap in gaps {
            ink::hatch(path, gap);
        }
    });
    frame.stroke(&hatching, Stroke::default().with_color(look.hatch).with_width(1.0));
}

/// Adds an area to those that are hatched; one on top of another becomes part of it.
fn add(gaps: &mut Vec<Rectangle>, area: Rectangle) {
    let below = gaps
        .iter_mut()
        .rev()
        .find(|gap| gap.x == area.x && gap.width == area.width && gap.y == area.y + area.height);
    match below {
        Some(gap) => {
            gap.y = area.y;
            gap.height += area.height;
        }
        None => gaps.push(area),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(places: &[f32]) -> Columns {
        Columns {
            first: 6,
            places: places.to_vec(),
            hop: 0.1,
        }
    }

    #[test]
    fn groups_begin_at_whole_multiples_and_break_at_gaps() {
        // Columns 6, 7 | 8, 9 (gap) 10, 11 | 12 in groups of four.
        let pieces = pieces(&columns(&[0.0, 0.1, 0.2, 0.3, 0.7, 0.8, 0.9]), 4);
        let told: Vec<_> = pieces
            .iter()
            .map(|piece| (piece.group, piece.from, piece.to, piece.is_after_gap))
            .collect();
        assert_eq!(
            told,
            [(0, 0, 2, false), (1, 2, 4, false), (1, 4, 6, true), (2, 6, 7, false)]
        );
    }

    #[test]
    fn equal_neighbours_are_one_rectangle() {
        let pieces = pieces(&columns(&[0.0, 0.1, 0.2, 0.6]), 1);
        let shades = vec![vec![3, 1], vec![3, 2], vec![3, 2], vec![3, 2]];
        let told: Vec<_> = runs(2, &pieces, &shades)
            .iter()
            .map(|run| (run.row, run.from, run.to, run.shade))
            .collect();
        assert_eq!(
            told,
            [(0, 0, 3, 3), (0, 3, 4, 3), (1, 0, 1, 1), (1, 1, 3, 2), (1, 3, 4, 2)]
        );
    }

    #[test]
    fn missing_rows_are_hatched_as_one() {
        let area = |x: f32, y: f32| Rectangle::new(Point::new(x, y), Size::new(10.0, 5.0));
        let mut gaps = Vec::new();
        for (x, y) in [(0.0, 20.0), (30.0, 20.0), (0.0, 15.0), (30.0, 15.0), (0.0, 5.0)] {
            add(&mut gaps, area(x, y));
        }
        let told: Vec<_> = gaps.iter().map(|gap| (gap.x, gap.y, gap.height)).collect();
        assert_eq!(told, [(0.0, 15.0, 10.0), (30.0, 15.0, 10.0), (0.0, 5.0, 5.0)]);
    }

    #[test]
    fn shades_span_the_range_and_nothing_is_a_shade_of_its_own() {
        assert_eq!(shade(-90.0, (-80.0, 0.0)), 0);
        assert_eq!(shade(5.0, (-80.0, 0.0)), SHADES - 1);
        assert_eq!(shade(f32::NEG_INFINITY, (-80.0, 0.0)), 0);
        assert_eq!(shade(f32::NAN, (-80.0, 0.0)), MISSING);
    }
}
