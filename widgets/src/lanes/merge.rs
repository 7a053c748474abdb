//! From segments to the shapes that stand for them: a few for each pixel, and none is left out.

use super::Segment;
use crate::timeline::Timeline;

/// Segments of at least this width are drawn by themselves, in logical pixels.
const WIDE: f32 = 2.0;
/// Nothing is narrower than this, in logical pixels.
pub(super) const LEAST: f32 = 1.0;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A segment by itself.
    State {
        /// Its index.
        segment: usize,
        /// Whether it begins within the view, and not after a gap.
        has_begin: bool,
    },
    /// One segment that is too short to be more than a line.
    Glitch {
        /// Its index.
        segment: usize,
    },
    /// Several short segments, one after another.
    Dense {
        /// The index of the first.
        first: usize,
        /// How many.
        count: usize,
    },
    /// Nothing is known here.
    Gap,
}

/// A shape and where it is, in logical pixels from the left edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Item {
    pub(super) from: f32,
    pub(super) to: f32,
    pub(super) shape: Shape,
    /// Whether it stands also for a time of which nothing is known.
    pub(super) has_gap: bool,
}

/// Short segments that follow each other.
#[derive(Debug, Clone, Copy)]
struct Short {
    first: usize,
    count: usize,
    from: f32,
    to: f32,
    has_gap: bool,
}

impl Short {
    fn item(self) -> Item {
        let shape = if self.count == 1 {
            Shape::Glitch { segment: self.first }
        } else {
            Shape::Dense {
                first: self.first,
                count: self.count,
            }
        };
        // On whole pixels, so that it is as strong as it can be.
        let from = self.from.floor();
        Item {
            from,
            to: self.to.ceil().max(from + LEAST),
            shape,
            has_gap: self.has_gap,
        }
    }
}

/// The shapes of the segments of a lane, from left to right, in a plot of a width. Short ones come after the states
/// around them: draw in this order and nothing is covered.
pub(super) fn merge(segments: &[Segment], timeline: Timeline, width: f32, items: &mut Vec<Item>) {
    items.clear();
    let x = |time_ns: i64| (timeline.x(time_ns) * f64::from(width)) as f32;
    let gap = |from: f32, to: f32| Item {
        from: from.max(0.0),
        to: to.min(width).max(from.max(0.0) + LEAST),
        shape: Shape::Gap,
        has_gap: true,
    };
    let mut shorts = Vec::new();
    let mut short: Option<Short> = None;
    // Where the segment before ends.
    let mut before: Option<f32> = None;
    for (index, segment) in segments.iter().enumerate() {
        let end_ns = segment.to_ns.unwrap_or(timeline.to_ns).max(segment.from_ns);
        let (from, to) = (x(segment.from_ns), x(end_ns));
        if to < 0.0 {
            before = Some(to);
            continue;
        }
        let hole = match before {
            Some(before) if segment.gap_before || from > before => Some(before),
            // What was before the gap is out of view.
            None if segment.gap_before => Some(0.0),
            _ => None,
        };
        before = Some(to);
        if let Some(hole) = hole.filter(|hole| from >= 0.0 && *hole <= width) {
            match &mut short {
                // A short gap amid short segments is part of what is dense.
                Some(short) if from - hole < WIDE => short.has_gap = true,
                _ => {
                    shorts.extend(short.take().map(Short::item));
                    let gap = gap(hole, from);
                    if gap.to - gap.from < WIDE {
                        shorts.push(gap);
                    } else {
                        items.push(gap);
                    }
                }
            }
        }
        if from > width {
            break;
        }
        // By its whole width: a long segment that only just reaches into the view is no glitch.
        if to - from >= WIDE {
            shorts.extend(short.take().map(Short::item));
            items.push(Item {
                from: from.max(0.0),
                to: to.min(width),
                shape: Shape::State {
                    segment: index,
                    has_begin: from >= 0.0 && hole.is_none(),
                },
                has_gap: false,
            });
            continue;
        }
        let short = short.get_or_insert(Short {
            first: index,
            count: 0,
            // The last pixel of the view is still within it.
            from: from.max(0.0).min(width - LEAST),
            to: 0.0,
            has_gap: false,
        });
        short.count += 1;
        short.to = to.min(width);
    }
    shorts.extend(short.map(Short::item));
    items.extend(shorts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::rc::Rc;

    const VIEW: Timeline = Timeline {
        from_ns: 0,
        to_ns: 1_000_000,
    };
    const WIDTH: f32 = 100.0;

    /// Segments that follow each other, each of a duration, with gaps before some.
    fn segments(start_ns: i64, parts: &[(i64, bool, i64)]) -> Vec<Segment> {
        let mut at = start_ns;
        parts
            .iter()
            .enumerate()
            .map(|(index, (length, gap_before, hole))| {
                at += hole;
                let from_ns = at;
                at += length;
                Segment {
                    from_ns,
                    to_ns: Some(at),
                    value: index as i64 % 2,
                    label: Rc::from(""),
                    gap_before: *gap_before,
                }
            })
            .collect()
    }

    fn merged(segments: &[Segment]) -> Vec<Item> {
        let mut items = Vec::new();
        merge(segments, VIEW, WIDTH, &mut items);
        items
    }

    #[test]
    fn a_glitch_of_one_nanosecond_is_a_pixel_wide() {
        let items = merged(&segments(0, &[(500_000, false, 0), (1, false, 0), (499_999, false, 0)]));
        assert_eq!(items.len(), 3);
        let glitch = items[2];
        assert_eq!(glitch.shape, Shape::Glitch { segment: 1 });
        assert!(glitch.to - glitch.from >= LEAST && (glitch.from - 50.0).abs() <= 1.0);
    }

    #[test]
    fn many_short_segments_are_one_dense_shape() {
        let parts = vec![(1_000, false, 0); 300];
        let items = merged(&segments(200_000, &parts));
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].shape, Shape::Dense { first: 0, count: 300 });
        assert!((items[0].from - 20.0).abs() < 1.5 && (items[0].to - 50.0).abs() < 1.5);
    }

    #[test]
    fn a_dense_shape_tells_of_a_gap_within() {
        let items = merged(&segments(0, &[(1_000, false, 0), (1_000, true, 0), (1_000, false, 0)]));
        assert!(items.len() == 1 && items[0].has_gap);
    }

    #[test]
    fn a_gap_that_began_before_the_view_reaches_its_edge() {
        let items = merged(&segments(300_000, &[(400_000, true, 0)]));
        assert_eq!((items[0].shape, items[0].from), (Shape::Gap, 0.0));
        assert!((items[0].to - 30.0).abs() < 1e-3);
    }

    #[test]
    fn a_gap_is_seen_however_short_it_is() {
        let long = (400_000, false, 0);
        let items = merged(&segments(0, &[long, (400_000, false, 100_000)]));
        assert_eq!(items.iter().filter(|item| item.shape == Shape::Gap).count(), 1);
        assert!((items[1].from - 40.0).abs() < 1e-3 && (items[1].to - 50.0).abs() < 1e-3);
        for (gap_before, hole) in [(true, 0), (false, 1)] {
            let items = merged(&segments(0, &[long, (400_000, gap_before, hole)]));
            let gap = items.iter().find(|item| item.shape == Shape::Gap).expect("a gap");
            assert!(gap.to - gap.from >= LEAST);
            assert_eq!(items.last(), Some(gap), "no state is drawn over it");
        }
    }

    #[test]
    fn an_open_segment_reaches_the_right_edge() {
        let mut open = segments(900_000, &[(1, false, 0)]);
        open[0].to_ns = None;
        let items = merged(&open);
        assert_eq!((items[0].from, items[0].to), (90.0, 100.0));
    }

    #[test]
    fn a_segment_that_is_cut_by_the_view_has_no_begin_there() {
        let items = merged(&segments(-500_000, &[(1_000_000, false, 0), (2_000_000, false, 0)]));
        let begins: Vec<_> = items
            .iter()
            .map(|item| matches!(item.shape, Shape::State { has_begin: true, .. }))
            .collect();
        assert_eq!(begins, [false, true]);
    }

    proptest! {
        #[test]
        fn no_segment_in_view_is_hidden(
            start_ns in -300_000i64..300_000,
            parts in prop::collection::vec(
                (
                    prop_oneof![Just(1i64), 1i64..5_000, 5_000i64..200_000],
                    prop::bool::weighted(0.1),
                    prop_oneof![8 => Just(0i64), 1 => 0i64..30_000],
                ),
                0..400,
            ),
        ) {
            let segments = segments(start_ns, &parts);
            let items = merged(&segments);
            let per_pixel = WIDTH / WIDE;
            prop_assert!(items.len() as f32 <= 4.0 * per_pixel + 4.0, "{} shapes", items.len());
            for (index, segment) in segments.iter().enumerate() {
                let x = |time_ns: i64| VIEW.x(time_ns) as f32 * WIDTH;
                let (from, to) = (x(segment.from_ns), x(segment.to_ns.expect("all are closed")));
                if to < 0.0 || from > WIDTH {
                    continue;
                }
                let shown = items.iter().position(|item| match item.shape {
                    Shape::State { segment, .. } | Shape::Glitch { segment } => segment == index,
                    Shape::Dense { first, count } => (first..first + count).contains(&index),
                    Shape::Gap => false,
                });
                let shown = shown.expect("every segment has a shape");
                let item = items[shown];
                // It lies where the segment is, and what is short is at least a pixel wide.
                prop_assert!(item.from <= to + 1.0 && item.to >= from.max(0.0) - 1.0);
                if !matches!(item.shape, Shape::State { .. }) {
                    prop_assert!(item.to - item.from >= LEAST);
                    prop_assert!(item.from >= 0.0 && item.from < WIDTH);
                    // And no state is drawn over it.
                    let covers = |item: &Item| matches!(item.shape, Shape::State { .. });
                    prop_assert!(!items[shown..].iter().any(covers));
                }
            }
        }
    }
}
