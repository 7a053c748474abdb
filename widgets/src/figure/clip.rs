//! Cutting lines and outlines at the edges of the plot: no backend of plotters does that.

use iced::Rectangle;

use super::reduce::Run;

/// The part of a segment within a rectangle.
pub(super) fn clipped(from: [f64; 2], to: [f64; 2], area: Rectangle) -> Option<([f64; 2], [f64; 2])> {
    let step = [to[0] - from[0], to[1] - from[1]];
    let (low, high) = corners(area);
    let (mut enters, mut leaves) = (0.0f64, 1.0f64);
    for axis in 0..2 {
        if step[axis] == 0.0 {
            if from[axis] < low[axis] || from[axis] > high[axis] {
                return None;
            }
            continue;
        }
        let one = (low[axis] - from[axis]) / step[axis];
        let other = (high[axis] - from[axis]) / step[axis];
        enters = enters.max(one.min(other));
        leaves = leaves.min(one.max(other));
    }
    // NaN and infinity are nowhere.
    if !(enters <= leaves && step[0].is_finite() && step[1].is_finite()) {
        return None;
    }
    let at = |part: f64| {
        // An end within stays exactly what it is.
        match part {
            0.0 => from,
            1.0 => to,
            part => [
                (from[0] + step[0] * part).clamp(low[0], high[0]),
                (from[1] + step[1] * part).clamp(low[1], high[1]),
            ],
        }
    };
    Some((at(enters), at(leaves)))
}

/// The parts of a run within a rectangle.
pub(super) fn clipped_run(run: &[[f64; 2]], area: Rectangle) -> Vec<Run> {
    let mut parts = Vec::new();
    let mut part = Run::new();
    for pair in run.windows(2) {
        let Some((from, to)) = clipped(pair[0], pair[1], area) else {
            continue;
        };
        if part.last() != Some(&from) {
            if part.len() > 1 {
                parts.push(std::mem::take(&mut part));
            }
            part.clear();
            part.push(from);
        }
        if to != from {
            part.push(to);
        }
    }
    if part.len() > 1 {
        parts.push(part);
    }
    parts
}

/// A closed outline cut at a rectangle, edge after edge.
pub(super) fn clipped_outline(outline: &[[f64; 2]], area: Rectangle) -> Run {
    let (low, high) = corners(area);
    let mut points = outline.to_vec();
    for axis in 0..2 {
        for (bound, sign) in [(low[axis], 1.0), (high[axis], -1.0)] {
            let inside = |point: &[f64; 2]| (point[axis] - bound) * sign >= 0.0;
            let mut kept = Run::with_capacity(points.len() + 4);
            for (index, point) in points.iter().enumerate() {
                let before = points[(index + points.len() - 1) % points.len()];
                if inside(&before) != inside(point) {
                    let part = (bound - before[axis]) / (point[axis] - before[axis]);
                    let other = 1 - axis;
                    let mut crossing = [0.0; 2];
                    crossing[axis] = bound;
                    crossing[other] = before[other] + (point[other] - before[other]) * part;
                    kept.push(crossing);
                }
                if inside(point) {
                    kept.push(*point);
                }
            }
            points = kept;
        }
    }
    points
}

fn corners(area: Rectangle) -> ([f64; 2], [f64; 2]) {
    (
        [f64::from(area.x), f64::from(area.y)],
        [f64::from(area.x + area.width), f64::from(area.y + area.height)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced::{Point, Size};
    use proptest::prelude::*;

    fn area() -> Rectangle {
        Rectangle::new(Point::new(10.0, 10.0), Size::new(100.0, 50.0))
    }

    #[test]
    fn a_segment_ends_at_the_edges() {
        assert_eq!(
            clipped([0.0, 30.0], [200.0, 30.0], area()),
            Some(([10.0, 30.0], [110.0, 30.0]))
        );
        assert_eq!(clipped([0.0, 0.0], [200.0, 5.0], area()), None);
        assert_eq!(
            clipped([20.0, 20.0], [30.0, 30.0], area()),
            Some(([20.0, 20.0], [30.0, 30.0]))
        );
        assert_eq!(clipped([20.0, f64::NAN], [30.0, 30.0], area()), None);
    }

    #[test]
    fn a_run_that_leaves_and_returns_is_two() {
        let run = [[20.0, 20.0], [40.0, 200.0], [60.0, 20.0], [70.0, 30.0]];
        let parts = clipped_run(&run, area());
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1].last(), Some(&[70.0, 30.0]));
    }

    #[test]
    fn an_outline_around_the_plot_becomes_the_plot() {
        let around = [[0.0, 0.0], [200.0, 0.0], [200.0, 200.0], [0.0, 200.0]];
        let mut points = clipped_outline(&around, area());
        points.sort_by(|a, b| a.partial_cmp(b).expect("finite"));
        points.dedup();
        assert_eq!(points, [[10.0, 10.0], [10.0, 60.0], [110.0, 10.0], [110.0, 60.0]]);
        assert!(clipped_outline(&[[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]], area()).is_empty());
        assert!(clipped_outline(&[], area()).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_reaches_beyond_the_plot(points in prop::collection::vec([-1e4f64..1e4, -1e4f64..1e4], 2..40)) {
            let within = |[x, y]: [f64; 2]| (9.999..=110.001).contains(&x) && (9.999..=60.001).contains(&y);
            for part in clipped_run(&points, area()) {
                prop_assert!(part.len() > 1 && part.iter().all(|point| within(*point)));
            }
            prop_assert!(clipped_outline(&points, area()).into_iter().all(within));
        }
    }
}
