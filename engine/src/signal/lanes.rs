//! State lanes: enumerations, booleans and single bits as the stretches of time that they have one value for.
//!
//! A state lasts from the first sample with its value to the first sample with another. Nothing is known about the time
//! across a gap, or around a sample that is no state (not finite, or not a whole number up to 2^53, which is what an `f64`
//! holds exactly): the stretch before ends with its last sample, the next begins with the next sample, and the
//! time between belongs to none. Two stretches on the two sides of a gap stay two, also with the same value.
//!
//! A sample that is up to [`LATE_LIMIT_NS`] older than the newest is late: it is passed over and counted. An older one says
//! that the clock was set back or a bag began again: what was from its time on is dropped, as in the store of the
//! series, and the totals begin anew with the segments that are left.

mod names;

use std::collections::VecDeque;

use thiserror::Error;

pub use names::{match_constants, match_constants_among, name_of, shorten};

/// Segments that a lane can keep at most.
pub const MAX_SEGMENTS: usize = 65_536;
/// Different states that a lane keeps totals of.
pub const MAX_STATES: usize = 256;
pub use crate::series::LATE_LIMIT_NS;
/// From here on, whole numbers of an `f64` are not exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What of a value is the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Select {
    /// All of it.
    #[default]
    Whole,
    /// One bit, 0 being the least significant and 63 the sign; the state is then 0 or 1.
    Bit(u8),
}

/// Why there is no such lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LaneError {
    /// The number of segments is out of its range.
    #[error("a lane of {asked} segments cannot be kept; ask for 1 to {MAX_SEGMENTS}")]
    Segments {
        /// The number asked for.
        asked: usize,
    },
    /// There is no such bit.
    #[error("there is no bit {asked}; ask for one from 0 to 63")]
    Bit {
        /// The bit asked for.
        asked: u8,
    },
}

/// A stretch of time with one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The state.
    pub value: i64,
    /// Its first sample.
    pub from_ns: i64,
    /// The first sample with another state; its own last one, if that is not known.
    pub to_ns: i64,
    /// The state was seen to begin: the sample directly before had another.
    pub begin_known: bool,
    /// The state was seen to end. False for one that still lasts.
    pub end_known: bool,
}

impl Segment {
    /// How long it was seen to last, in nanoseconds.
    #[must_use]
    pub fn duration_ns(&self) -> i64 {
        self.to_ns.saturating_sub(self.from_ns)
    }

    fn is_whole(&self) -> bool {
        self.begin_known && self.end_known
    }
}

/// How long a signal was in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateTotal {
    /// The state.
    pub value: i64,
    /// Segments, whole or not.
    pub count: u64,
    /// Nanoseconds in all of them.
    pub total_ns: i64,
    /// Nanoseconds of the shortest whole segment; `None` when none was seen to begin and to end.
    pub min_ns: Option<i64>,
    /// Nanoseconds of the longest whole segment.
    pub max_ns: Option<i64>,
}

impl StateTotal {
    fn new(value: i64) -> Self {
        Self {
            value,
            count: 0,
            total_ns: 0,
            min_ns: None,
            max_ns: None,
        }
    }

    fn add(&mut self, segment: &Segment) {
        let duration_ns = segment.duration_ns();
        self.count = self.count.saturating_add(1);
        self.total_ns = self.total_ns.saturating_add(duration_ns);
        // What a gap cut says nothing about how short or long the state can be.
        if segment.is_whole() {
            self.min_ns = Some(self.min_ns.map_or(duration_ns, |min| min.min(duration_ns)));
            self.max_ns = Some(self.max_ns.map_or(duration_ns, |max| max.max(duration_ns)));
        }
    }
}

/// A bit of a whole number, in two's complement; `None` when there is no such bit.
#[must_use]
pub fn bit(value: i64, bit: u8) -> Option<bool> {
    (bit < 64).then(|| value >> bit & 1 == 1)
}

/// The state that a number of a series is; `None` when it is no whole number that an `f64` holds exactly.
#[must_use]
pub fn state_of(value: f64) -> Option<i64> {
    (value.abs() <= EXACT && value.fract() == 0.0).then_some(value as i64)
}

/// The segments of one signal. It keeps the last ones and counts those that it let go; a push costs no allocation.
#[derive(Clone, Debug)]
pub struct Lane {
    select: Select,
    closed: VecDeque<Segment>,
    most: usize,
    open: Option<Segment>,
    last_ns: Option<i64>,
    /// Something is missing before the next sample.
    broken: bool,
    /// Of the closed segments, in the order of their values.
    totals: Vec<StateTotal>,
    dropped: u64,
    uncounted: u64,
    late: u64,
}

impl Lane {
    /// An empty lane that keeps the last `segments` states that have ended.
    ///
    /// # Errors
    /// When `segments` is not 1 to [`MAX_SEGMENTS`], or a bit is not 0 to 63.
    pub fn new(select: Select, segments: usize) -> Result<Self, LaneError> {
        if !(1..=MAX_SEGMENTS).contains(&segments) {
            return Err(LaneError::Segments { asked: segments });
        }
        if let Select::Bit(asked @ 64..) = select {
            return Err(LaneError::Bit { asked });
        }
        Ok(Self {
            select,
            closed: VecDeque::with_capacity(segments),
            most: segments,
            open: None,
            last_ns: None,
            broken: false,
            totals: Vec::with_capacity(MAX_STATES),
            dropped: 0,
            uncounted: 0,
            late: 0,
        })
    }

    /// Takes the next sample of a series; `gap` says that something is missing directly before it.
    pub fn push(&mut self, time_ns: i64, value: f64, gap: bool) {
        self.push_state(time_ns, state_of(value), gap);
    }

    /// Takes the next sample as a whole number, for those that an `f64` does not hold; `None` is no state.
    pub fn push_state(&mut self, time_ns: i64, value: Option<i64>, gap: bool) {
        self.broken |= gap;
        if let Some(last_ns) = self.last_ns.filter(|last_ns| time_ns < *last_ns) {
            if last_ns.saturating_sub(time_ns) <= LATE_LIMIT_NS {
                self.late = self.late.saturating_add(1);
                return;
            }
            self.restart(time_ns);
        }
        self.last_ns = Some(time_ns);
        if std::mem::take(&mut self.broken) || value.is_none() {
            self.close(None);
        }
        let Some(value) = value else {
            return;
        };
        let value = match self.select {
            Select::Whole => value,
            Select::Bit(n) => i64::from(bit(value, n) == Some(true)),
        };
        match &mut self.open {
            Some(open) if open.value == value => open.to_ns = time_ns,
            open => {
                let begin_known = open.is_some();
                self.close(Some(time_ns));
                self.open = Some(Segment {
                    value,
                    from_ns: time_ns,
                    to_ns: time_ns,
                    begin_known,
                    end_known: false,
                });
            }
        }
    }

    /// Ends the state that lasts: at the sample that has another, or at its own last one.
    fn close(&mut self, end_ns: Option<i64>) {
        let Some(mut segment) = self.open.take() else {
            return;
        };
        if let Some(end_ns) = end_ns {
            segment.to_ns = end_ns;
            segment.end_known = true;
        }
        self.count(&segment);
        if self.closed.len() == self.most {
            let _ = self.closed.pop_front();
            self.dropped = self.dropped.saturating_add(1);
        }
        self.closed.push_back(segment);
    }

    fn count(&mut self, segment: &Segment) {
        let at = match self.totals.binary_search_by_key(&segment.value, |total| total.value) {
            Ok(at) => at,
            Err(_) if self.totals.len() == MAX_STATES => {
                self.uncounted = self.uncounted.saturating_add(1);
                return;
            }
            Err(at) => {
                self.totals.insert(at, StateTotal::new(segment.value));
                at
            }
        };
        self.totals[at].add(segment);
    }

    /// Time went back: nothing from `time_ns` on is left.
    fn restart(&mut self, time_ns: i64) {
        self.close(None);
        while self.closed.back().is_some_and(|segment| segment.from_ns >= time_ns) {
            let _ = self.closed.pop_back();
        }
        if let Some(segment) = self.closed.back_mut().filter(|segment| segment.to_ns > time_ns) {
            segment.to_ns = time_ns;
            segment.end_known = false;
        }
        self.totals.clear();
        self.uncounted = 0;
        for at in 0..self.closed.len() {
            let segment = self.closed[at];
            self.count(&segment);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.closed.clear();
        self.open = None;
        self.last_ns = None;
        self.broken = false;
        self.totals.clear();
        (self.dropped, self.uncounted, self.late) = (0, 0, 0);
    }

    /// What of a value is the state.
    #[must_use]
    pub fn select(&self) -> Select {
        self.select
    }

    /// The segments, oldest first; the one that still lasts is the last of them and ends at its newest sample.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.closed.iter().chain(&self.open)
    }

    /// The segments that touch `from_ns..=to_ns`, oldest first.
    pub fn within(&self, from_ns: i64, to_ns: i64) -> impl Iterator<Item = &Segment> {
        let begin = self.closed.partition_point(|segment| segment.to_ns < from_ns);
        let end = self
            .closed
            .partition_point(|segment| segment.from_ns <= to_ns)
            .max(begin);
        let touches = move |segment: &&Segment| segment.to_ns >= from_ns && segment.from_ns <= to_ns;
        let all = self.closed.range(begin..end).chain(self.open.iter().filter(touches));
        all.filter(move |_| from_ns <= to_ns)
    }

    /// The segment at a time; `None` where the state is not known.
    #[must_use]
    pub fn at(&self, time_ns: i64) -> Option<&Segment> {
        // Where one ends and the next begins, the next counts.
        self.within(time_ns, time_ns)
            .last()
            .filter(|segment| !segment.end_known || time_ns < segment.to_ns)
    }

    /// Totals of each state, in the order of the values. They hold all segments, also those that were let go, and the one
    /// that still lasts, up to its newest sample.
    #[must_use]
    pub fn totals(&self) -> Vec<StateTotal> {
        let mut totals = self.totals.clone();
        if let Some(open) = &self.open {
            match totals.binary_search_by_key(&open.value, |total| total.value) {
                Ok(at) => totals[at].add(open),
                Err(at) => {
                    totals.insert(at, StateTotal::new(open.value));
                    totals[at].add(open);
                }
            }
        }
        totals
    }

    /// Segments that were let go because there were too many.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Segments that are in no total, because there were more than [`MAX_STATES`] different states.
    #[must_use]
    pub fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// Samples that were passed over because a newer one was there before them.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }
}

#[cfg(test)]
mod tests;
