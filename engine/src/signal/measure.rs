//! What two cursors read on a curve.
//!
//! A time cursor reads the sample that is nearest to it, the earlier of two that are equally near, and the last of those
//! with the same time. It reads nothing when that sample is further away than the caller allows, or is not finite: a
//! value from somewhere else would be a lie. The difference of the times is that of the cursors; the slope is that
//! between the two samples, because these have the values.

mod report;

/// Two vertical cursors, as times in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeCursors {
    /// Cursor A.
    pub a_ns: i64,
    /// Cursor B, before or after it.
    pub b_ns: i64,
}

/// Two horizontal cursors, as values in the unit of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelCursors {
    /// Cursor A.
    pub a: f64,
    /// Cursor B, above or below it.
    pub b: f64,
}

impl LevelCursors {
    /// From A to B; `None` when it is not finite.
    #[must_use]
    pub fn delta(&self) -> Option<f64> {
        finite(self.b - self.a)
    }
}

/// A finite sample of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its time in nanoseconds.
    pub time_ns: i64,
    /// Its value in the unit of the curve.
    pub value: f64,
}

/// What the cursors read. `None` is something that cannot be read, never a zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Where the vertical cursors are.
    pub times: TimeCursors,
    /// The sample at A.
    pub a: Option<Point>,
    /// The sample at B.
    pub b: Option<Point>,
    /// From A to B in nanoseconds, negative when B is the earlier.
    pub delta_ns: i64,
    /// One over the time between the cursors; `None` when they are at the same time.
    pub frequency_hz: Option<f64>,
    /// From the value at A to that at B.
    pub delta: Option<f64>,
    /// The change of the value per second from the one sample to the other; `None` when they have the same time.
    pub slope_per_s: Option<f64>,
    /// Where the horizontal cursors are, if there are any.
    pub levels: Option<LevelCursors>,
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

/// The sample of a curve that is nearest to a time, if it is at most `reach_ns` away and finite.
///
/// A reach of `i64::MAX` is any distance. `times_ns` rise, or at least do not fall, and `values` has as many; of two lengths the shorter counts. Costs a search
/// by halves.
#[must_use]
pub fn nearest(times_ns: &[i64], values: &[f64], at_ns: i64, reach_ns: i64) -> Option<Point> {
    let count = times_ns.len().min(values.len());
    let times_ns = &times_ns[..count];
    let away_ns = |at: usize| times_ns[at].abs_diff(at_ns);
    // The last one that is not later, and the first of the next time after it.
    let after = times_ns.partition_point(|time| *time <= at_ns);
    let at = match (after.checked_sub(1), after < count) {
        (Some(before), true) if away_ns(after) < away_ns(before) => last_of(times_ns, after),
        (Some(before), _) => before,
        (None, true) => last_of(times_ns, after),
        (None, false) => return None,
    };
    let reached = i64::try_from(away_ns(at)).unwrap_or(i64::MAX) <= reach_ns;
    (reached && values[at].is_finite()).then(|| Point {
        time_ns: times_ns[at],
        value: values[at],
    })
}

/// The last sample with the time of this one.
fn last_of(times_ns: &[i64], at: usize) -> usize {
    let same = times_ns[at..].partition_point(|time| *time <= times_ns[at]);
    at + same.saturating_sub(1)
}

/// Reads a curve at two cursors, as [`nearest`] does.
#[must_use]
pub fn measure(
    times_ns: &[i64],
    values: &[f64],
    times: TimeCursors,
    levels: Option<LevelCursors>,
    reach_ns: i64,
) -> Reading {
    let read = |at_ns| nearest(times_ns, values, at_ns, reach_ns);
    let (a, b) = (read(times.a_ns), read(times.b_ns));
    let delta = a.zip(b).and_then(|(a, b)| finite(b.value - a.value));
    let apart_ns = a.zip(b).map(|(a, b)| b.time_ns as i128 - a.time_ns as i128);
    let slope = delta.zip(apart_ns).filter(|(_, apart_ns)| *apart_ns != 0);
    let between_ns = times.a_ns.abs_diff(times.b_ns);
    Reading {
        times,
        a,
        b,
        delta_ns: times.b_ns.saturating_sub(times.a_ns),
        frequency_hz: (between_ns != 0).then(|| 1e9 / between_ns as f64),
        delta,
        slope_per_s: slope.and_then(|(delta, apart_ns)| finite(delta / (apart_ns as f64 / 1e9))),
        levels,
    }
}

#[cfg(test)]
mod tests;
