//! From the pixels of the screen to the columns that they show.

use super::WaterfallSource;
use crate::timeline::Timeline;

/// Columns further apart than this many times the usual distance have a gap between them.
const GAP: f32 = 1.5;

/// The columns that reach into the view.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Columns {
    /// Index of the first one.
    pub(super) first: u64,
    /// The place of the middle of each: 0 at the left edge, 1 at the right one.
    pub(super) places: Vec<f32>,
    /// The usual distance of two, 0 while it is unknown.
    pub(super) hop: f32,
}

impl Columns {
    pub(super) fn new(source: &dyn WaterfallSource, timeline: Timeline) -> Self {
        let head = source.head();
        let tail = source
            .tail()
            .max(head.saturating_sub(source.columns() as u64))
            .min(head);
        let hop_ns = source.hop_ns();
        let reach_ns = hop_ns.saturating_mul(2);
        let from_ns = timeline.from_ns.saturating_sub(reach_ns);
        let to_ns = timeline.to_ns.saturating_add(reach_ns);
        // One more on either side: what is between two columns belongs to both.
        let first = after(source, tail, head, from_ns).saturating_sub(1).max(tail);
        let last = (after(source, first, head, to_ns) + 1).min(head);

        Self {
            first,
            places: (first..last)
                .map(|index| timeline.x(source.column_time_ns(index)) as f32)
                .collect(),
            hop: (hop_ns as f64 / timeline.span_ns() as f64) as f32,
        }
    }

    /// Without the columns below an index.
    pub(super) fn without_before(mut self, index: u64) -> Self {
        if index > self.first {
            let skipped = ((index - self.first) as usize).min(self.places.len());
            let _ = self.places.drain(..skipped);
            self.first = index;
        }
        self
    }

    /// Whether the place between two columns that follow each other belongs to neither.
    fn is_gap(&self, left: f32, right: f32) -> bool {
        self.hop > 0.0 && right - left > self.hop * GAP
    }

    /// The extent of the columns `from..to`, counted from the first one here: up to the middle between two
    /// neighbours, and half a distance where there is a gap or an end.
    pub(super) fn extent(&self, from: usize, to: usize) -> (f32, f32) {
        let half = self.hop / 2.0;
        let (first, last) = (self.places[from], self.places[to - 1]);
        let left = match from.checked_sub(1).map(|before| self.places[before]) {
            Some(before) if !self.is_gap(before, first) => (before + first) / 2.0,
            _ => first - half,
        };
        let right = match self.places.get(to) {
            Some(after) if !self.is_gap(last, *after) => (last + after) / 2.0,
            _ => last + half,
        };
        (left, right)
    }

    /// Whether there is a gap before a column, counted from the first one here.
    pub(super) fn is_gap_before(&self, index: usize) -> bool {
        index > 0 && index < self.places.len() && self.is_gap(self.places[index - 1], self.places[index])
    }
}

/// The first column in `[low, high)` that is not before a time.
fn after(source: &dyn WaterfallSource, mut low: u64, mut high: u64, time_ns: i64) -> u64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if source.column_time_ns(middle) < time_ns {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The column nearest to a time, unless that time lies in a gap.
pub(super) fn nearest(source: &dyn WaterfallSource, time_ns: i64) -> Option<u64> {
    let (tail, head) = (source.tail(), source.head());
    let next = after(source, tail, head, time_ns);
    let distance = |index: u64| time_ns.abs_diff(source.column_time_ns(index));
    let column = [next.checked_sub(1), Some(next)]
        .into_iter()
        .flatten()
        .filter(|index| (tail..head).contains(index))
        .min_by_key(|index| distance(*index))?;
    let reach = (source.hop_ns() as f64 * f64::from(GAP) / 2.0) as u64;
    (reach == 0 || distance(column) <= reach).then_some(column)
}

/// What one vertical line of pixels shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Line {
    /// A place between a column and the next one.
    Between {
        /// The column before.
        column: u64,
        /// How far it is to the next, 0 to 1.
        fraction: f32,
    },
    /// The highest levels of so many columns.
    Peak {
        /// The first one.
        column: u64,
        /// How many.
        count: u64,
    },
    /// Columns are missing here.
    Gap,
}

/// What each of `width` lines of pixels shows; lines before the first column and after the last are left out.
pub(super) fn lines(columns: &Columns, width: u32) -> Vec<(u32, Line)> {
    let Columns { first, places, hop } = columns;
    let (Some(start), Some(end)) = (places.first(), places.last()) else {
        return Vec::new();
    };
    let half = hop / 2.0;
    let is_dense = hop * (width as f32) < 1.0;
    let mut lines = Vec::with_capacity(width as usize);
    let mut next = 0;
    for x in 0..width {
        let edge = |x: u32| x as f32 / width as f32;
        let from = next + places[next..].partition_point(|place| *place < edge(x));
        let to = from + places[from..].partition_point(|place| *place < edge(x + 1));
        next = from;
        if to > from && (is_dense || to - from > 1) {
            lines.push((
                x,
                Line::Peak {
                    column: first + from as u64,
                    count: (to - from) as u64,
                },
            ));
            continue;
        }
        let middle = (x as f32 + 0.5) / width as f32;
        let right = from + usize::from(to > from && places[from] < middle);
        let left = right.checked_sub(1);
        let alone = |index: usize| Line::Peak {
            column: first + index as u64,
            count: 1,
        };
        let line = match (left, places.get(right)) {
            (Some(left), Some(place)) if !columns.is_gap(places[left], *place) => {
                let distance = place - places[left];
                Some(Line::Between {
                    column: first + left as u64,
                    fraction: if distance > 0.0 {
                        (middle - places[left]) / distance
                    } else {
                        0.0
                    },
                })
            }
            (Some(left), _) if middle - places[left] <= half => Some(alone(left)),
            (_, Some(place)) if place - middle <= half => Some(alone(right)),
            // A single column is at least one line wide.
            _ if to > from => Some(alone(from)),
            _ if middle > *start && middle < *end => Some(Line::Gap),
            _ => None,
        };
        lines.extend(line.map(|line| (x, line)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns(places: &[f32], hop: f32) -> Columns {
        Columns {
            first: 100,
            places: places.to_vec(),
            hop,
        }
    }

    #[test]
    fn wide_columns_fade_into_each_other() {
        let lines = lines(&columns(&[0.0, 0.5, 1.0], 0.5), 8);
        assert_eq!(lines.len(), 8);
        assert_eq!(
            lines[0].1,
            Line::Between {
                column: 100,
                fraction: 0.125
            }
        );
        assert_eq!(
            lines[4].1,
            Line::Between {
                column: 101,
                fraction: 0.125
            }
        );
    }

    #[test]
    fn a_shift_of_less_than_a_column_moves_the_picture() {
        let fraction = |shift: f32| match lines(&columns(&[-0.1 + shift, 0.4 + shift, 0.9 + shift], 0.5), 8)[1].1 {
            Line::Between { fraction, .. } => fraction,
            other => panic!("{other:?}"),
        };
        assert!(fraction(0.01) < fraction(0.0) && fraction(0.02) < fraction(0.01));
    }

    #[test]
    fn a_gap_lies_between_columns_that_are_far_apart() {
        let columns = columns(&[0.05, 0.15, 0.65, 0.75], 0.1);
        let kinds: Vec<_> = lines(&columns, 20)
            .into_iter()
            .filter(|(_, line)| *line == Line::Gap)
            .map(|(x, _)| x)
            .collect();
        assert_eq!(kinds, (4..12).collect::<Vec<_>>());
        assert!(columns.is_gap_before(2) && !columns.is_gap_before(1));
        let (left, right) = columns.extent(0, 2);
        assert!((left - 0.0).abs() < 1e-6 && (right - 0.2).abs() < 1e-6);
    }

    #[test]
    fn nothing_is_drawn_beyond_the_ends() {
        let lines = lines(&columns(&[0.4, 0.5, 0.6], 0.1), 100);
        assert_eq!(lines.first().map(|(x, _)| *x), Some(35));
        assert_eq!(lines.last().map(|(x, _)| *x), Some(64));
    }

    #[test]
    fn one_column_alone_is_seen() {
        for hop in [0.0, 1e-6] {
            let lines = lines(&columns(&[0.5], hop), 10);
            assert_eq!(lines, [(5, Line::Peak { column: 100, count: 1 })]);
        }
    }

    #[test]
    fn columns_that_left_the_ring_are_not_drawn() {
        let columns = columns(&[0.1, 0.2, 0.3], 0.1).without_before(102);
        assert_eq!((columns.first, columns.places.len()), (102, 1));
        assert!(columns.without_before(500).places.is_empty());
    }

    proptest! {
        #[test]
        fn every_dense_column_is_in_exactly_one_line(count in 200usize..3000, width in 1u32..150) {
            let hop = 1.0 / count as f32;
            let places: Vec<_> = (0..count).map(|i| (i as f32 + 0.5) / count as f32).collect();
            let mut next = 100;
            for (_, line) in lines(&columns(&places, hop), width) {
                let Line::Peak { column, count } = line else {
                    return Err(TestCaseError::fail(format!("{line:?}")));
                };
                prop_assert_eq!(column, next);
                next = column + count;
            }
            prop_assert_eq!(next, 100 + count as u64);
        }
    }
}
