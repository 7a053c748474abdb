//! A way through the plane: pairs of numbers in the order of time, kept in bounded room.
//!
//! Time is cut into equal stretches. Of each stretch the first and the last point stay, and the extremes along both
//! axes, so that no spike is lost however many points a stretch stands for. A gap, and a point that has no place (a
//! coordinate that is not finite), interrupt the way: nothing is joined across them. Every point that is kept is one that
//! was given.

use std::collections::VecDeque;

use thiserror::Error;

/// Stretches that a trail can have at most.
pub const MAX_STRETCHES: usize = 1 << 16;
/// Points that a stretch keeps at most.
pub const PER_STRETCH: usize = 6;

/// Why there is no such trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrailError {
    /// The length of a stretch is no length.
    #[error("a trail cannot be cut into stretches of {0} ns; give more than 0")]
    Stretch(i64),
    /// Too few or too many.
    #[error("a trail of {0} stretches cannot be kept; ask for 1 to {MAX_STRETCHES}")]
    Stretches(usize),
}

/// A point, with its place in the order of all.
#[derive(Clone, Copy, Debug)]
struct Point {
    number: u64,
    at: [f64; 2],
}

/// What is kept of one stretch.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    /// Which stretch of time it is.
    key: i64,
    /// Something is missing before it, so that it is not joined to the one before.
    broken: bool,
    first: Point,
    last: Point,
    least: [Point; 2],
    greatest: [Point; 2],
}

impl Stretch {
    fn new(key: i64, broken: bool, only: Point) -> Self {
        Self {
            key,
            broken,
            first: only,
            last: only,
            least: [only; 2],
            greatest: [only; 2],
        }
    }

    fn add(&mut self, point: Point) {
        self.last = point;
        for (axis, value) in point.at.into_iter().enumerate() {
            if value < self.least[axis].at[axis] {
                self.least[axis] = point;
            }
            if value > self.greatest[axis].at[axis] {
                self.greatest[axis] = point;
            }
        }
    }

    fn copy(&self, out: &mut Vec<[f64; 2]>) {
        let [least_x, least_y] = self.least;
        let [greatest_x, greatest_y] = self.greatest;
        let mut kept = [self.first, least_x, greatest_x, least_y, greatest_y, self.last];
        kept.sort_unstable_by_key(|point| point.number);
        let mut before = None;
        for point in kept {
            if before.replace(point.number) != Some(point.number) {
                out.push(point.at);
            }
        }
    }
}

/// A way through the plane. A push allocates nothing once it has its length.
#[derive(Debug)]
pub struct Trail {
    stretch_ns: i64,
    most: usize,
    stretches: VecDeque<Stretch>,
    pushed: u64,
    /// Nothing is joined to what was before the next point.
    broken: bool,
}

impl Trail {
    /// An empty trail that keeps the last `most` stretches of `stretch_ns` each.
    ///
    /// # Errors
    /// When a stretch has no length, or there are none or too many.
    pub fn new(stretch_ns: i64, most: usize) -> Result<Self, TrailError> {
        if stretch_ns <= 0 {
            return Err(TrailError::Stretch(stretch_ns));
        }
        if !(1..=MAX_STRETCHES).contains(&most) {
            return Err(TrailError::Stretches(most));
        }
        Ok(Self {
            stretch_ns,
            most,
            stretches: VecDeque::new(),
            pushed: 0,
            broken: false,
        })
    }

    /// Takes the next point; `gap` says that something is missing before it. When time goes back, what was from that
    /// time on is dropped.
    pub fn push(&mut self, time_ns: i64, at: [f64; 2], gap: bool) {
        self.broken |= gap;
        if !(at[0].is_finite() && at[1].is_finite()) {
            self.broken = true;
            return;
        }
        let key = time_ns.div_euclid(self.stretch_ns);
        while self.stretches.back().is_some_and(|last| last.key > key) {
            let _ = self.stretches.pop_back();
            self.broken = true;
        }
        let point = Point {
            number: self.pushed,
            at,
        };
        self.pushed += 1;
        let broken = std::mem::take(&mut self.broken);
        match self.stretches.back_mut() {
            Some(last) if last.key == key && !broken => last.add(point),
            _ => {
                if self.stretches.len() == self.most {
                    let _ = self.stretches.pop_front();
                }
                self.stretches.push_back(Stretch::new(key, broken, point));
            }
        }
    }

    /// Drops what lies wholly before a time.
    pub fn forget_before(&mut self, time_ns: i64) {
        let key = time_ns.div_euclid(self.stretch_ns);
        while self.stretches.front().is_some_and(|first| first.key < key) {
            let _ = self.stretches.pop_front();
        }
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        self.stretches.clear();
        self.broken = false;
    }

    /// The newest point.
    #[must_use]
    pub fn newest(&self) -> Option<[f64; 2]> {
        self.stretches.back().map(|stretch| stretch.last.at)
    }

    /// Appends the points of the stretches that touch `from_ns..=to_ns`, oldest first; a point of NaN stands where the way
    /// is interrupted.
    pub fn copy(&self, from_ns: i64, to_ns: i64, out: &mut Vec<[f64; 2]>) {
        let (from, to) = (from_ns.div_euclid(self.stretch_ns), to_ns.div_euclid(self.stretch_ns));
        let first = self.stretches.partition_point(|stretch| stretch.key < from);
        let shown = self.stretches.range(first..).take_while(|stretch| stretch.key <= to);
        for (index, stretch) in shown.enumerate() {
            if stretch.broken && index > 0 {
                out.push([f64::NAN; 2]);
            }
            stretch.copy(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(trail: &Trail) -> Vec<[f64; 2]> {
        let mut out = Vec::new();
        trail.copy(i64::MIN, i64::MAX, &mut out);
        out
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let mut trail = Trail::new(10, 8).expect("a trail");
        let given: Vec<[f64; 2]> = (0..8).map(|n| [f64::from(n), f64::from(n * n)]).collect();
        for (n, at) in given.iter().enumerate() {
            trail.push(n as i64 * 10, *at, false);
        }
        assert_eq!(points(&trail), given);
        assert_eq!(trail.newest(), Some([7.0, 49.0]));
        trail.forget_before(45);
        assert_eq!(points(&trail), given[4..]);
        let mut part = Vec::new();
        trail.copy(50, 69, &mut part);
        assert_eq!(part, given[5..7]);
    }

    #[test]
    fn nothing_is_joined_across_a_gap_or_what_has_no_place() {
        let mut trail = Trail::new(100, 8).expect("a trail");
        trail.push(0, [1.0, 1.0], true);
        trail.push(1, [f64::NAN, 2.0], false);
        trail.push(2, [3.0, 3.0], false);
        trail.push(3, [4.0, 4.0], true);
        let gaps: Vec<bool> = points(&trail).iter().map(|at| at[0].is_nan()).collect();
        assert_eq!(gaps, [false, true, false, true, false]);
    }

    #[test]
    fn time_that_goes_back_takes_the_future_with_it() {
        let mut trail = Trail::new(10, 8).expect("a trail");
        for n in 0..5 {
            trail.push(n * 10, [n as f64, 0.0], false);
        }
        trail.push(15, [9.0, 9.0], false);
        let all = points(&trail);
        assert_eq!(all[..2], [[0.0, 0.0], [1.0, 0.0]]);
        assert!(all[2][0].is_nan(), "{all:?}");
        assert_eq!(all[3], [9.0, 9.0]);
    }

    #[test]
    fn limits_are_told() {
        assert_eq!(Trail::new(0, 1).expect_err("no length"), TrailError::Stretch(0));
        assert_eq!(Trail::new(1, 0).expect_err("none"), TrailError::Stretches(0));
    }

    proptest! {
        #[test]
        fn extremes_ends_and_bounds_hold(
            values in prop::collection::vec((-1e3f64..1e3, -1e3f64..1e3, prop::bool::weighted(0.02)), 1..2000),
            stretch_ns in 1i64..500,
        ) {
            let mut trail = Trail::new(stretch_ns, MAX_STRETCHES).expect("a trail");
            for (n, (x, y, gap)) in values.iter().enumerate() {
                trail.push(n as i64, [*x, *y], *gap);
            }
            let all = points(&trail);
            let kept: Vec<_> = all.iter().filter(|at| !at[0].is_nan()).collect();
            for axis in 0..2 {
                let of = |at: &(f64, f64, bool)| [at.0, at.1][axis];
                let least = values.iter().map(of).fold(f64::INFINITY, f64::min);
                let greatest = values.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
                prop_assert_eq!(kept.iter().map(|at| at[axis]).fold(f64::INFINITY, f64::min), least);
                prop_assert_eq!(kept.iter().map(|at| at[axis]).fold(f64::NEG_INFINITY, f64::max), greatest);
            }
            let given = |at: &[f64; 2]| values.iter().any(|(x, y, _)| [*x, *y] == *at);
            prop_assert!(kept.iter().all(|at| given(at)), "a point that was not given");
            prop_assert_eq!(*kept[0], [values[0].0, values[0].1]);
            let (x, y, _) = values[values.len() - 1];
            prop_assert_eq!(trail.newest(), Some([x, y]));
            let breaks = values.iter().skip(1).filter(|(_, _, gap)| *gap).count();
            prop_assert_eq!(all.len() - kept.len(), breaks);
            let stretches = values.len().div_ceil(stretch_ns as usize) + breaks;
            prop_assert!(kept.len() <= stretches * PER_STRETCH);
        }
    }
}
