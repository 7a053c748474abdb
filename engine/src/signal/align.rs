//! Several streams of samples, each at its own rate, brought to the same times.
//!
//! An [`Aligner`] takes the samples of its inputs as they come and gives rows: a time, and the value of every input at
//! that time. Which times those are says the [`Clock`]; what an input is worth between its samples says [`Align`].
//!
//! # When a row comes
//!
//! As soon as it can't change any more: when every input has a sample at its time or later. An input that is behind is
//! waited for until some other is [`Limits::lateness_ns`] past the row, so a silent input delays rows by that much and
//! no more; one that has been silent for longer than [`Limits::stale_after_ns`] is not waited for at all. Waiting is
//! judged in [`Aligner::drain`] only: push all that came, in any order of the inputs, then drain. A row comes only after
//! every input has had a sample; earlier times are counted as skipped.
//!
//! # What a value is
//!
//! - Hold: the last sample at or before the row. It is held for [`Limits::stale_after_ns`], then the value is NaN.
//! - Linear: on the straight line between the samples before and after the row. NaN where a gap was flagged between the
//!   two, where they are further apart than [`Limits::stale_after_ns`], and where the next sample did not come in time;
//!   a slow input therefore needs a lateness longer than its period.
//!
//! A value that isn't finite is a value like any other: it is gone with the next sample.
//!
//! # Times that go back
//!
//! Samples of one input that are out of order are sorted while their row has not gone out. A sample before the last row
//! is late: it makes no row and is counted, but it becomes the value that is held from now on if it is newer than that
//! one. A step back within an input by more than [`RESTART_NS`] means that time itself began anew, as when a bag loops:
//! all that waits goes out as if the streams had ended, then every input has to speak again. Samples of one input with
//! equal times make a row each. Rows never go back in time but at a restart.
//!
//! A single input has nothing to wait for: [`Aligner::feed`] hands its samples on without a queue.

mod lane;
#[cfg(test)]
mod tests;

use thiserror::Error;

use lane::{Lane, Sample};

/// Inputs that an aligner may have.
pub const MAX_INPUTS: usize = 64;
/// Samples that all queues together may hold.
pub const MAX_QUEUED: usize = 1 << 22;
/// A step back in time by more than this, in nanoseconds, begins anew.
pub const RESTART_NS: i64 = 1_000_000_000;

/// What an input is worth between its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// What it was at its last sample.
    Hold,
    /// On the straight line to its next sample.
    Linear,
}

/// The times of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Those of all samples of all inputs; samples at the same time share a row.
    Any,
    /// Those of the samples of one input.
    Input(usize),
}

/// How long and how much an aligner waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How far behind the newest sample an input is waited for, in nanoseconds; 0 waits for none.
    pub lateness_ns: i64,
    /// How long a sample counts, in nanoseconds; `i64::MAX` for ever.
    pub stale_after_ns: i64,
    /// Samples that may wait per input; the oldest is dropped for one too many, and counted.
    pub queue: usize,
}

impl Default for Limits {
    /// Waits for 1 s, holds for 5 s, and has room for 3 s at 5 kHz.
    fn default() -> Self {
        Self {
            lateness_ns: 1_000_000_000,
            stale_after_ns: 5_000_000_000,
            queue: 1 << 14,
        }
    }
}

/// Why there can be no such aligner.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AlignError {
    /// None or too many.
    #[error("cannot align {0} inputs: there must be 1 to {MAX_INPUTS}")]
    Inputs(usize),
    /// The clock is an input that isn't there.
    #[error("input {clock} cannot be the clock: there are {inputs} inputs, counted from 0")]
    Clock {
        /// The input that was asked for.
        clock: usize,
        /// How many there are.
        inputs: usize,
    },
    /// Negative.
    #[error("cannot wait {0} ns for late samples: give 0 or more")]
    Lateness(i64),
    /// Not positive.
    #[error("a sample cannot count for {0} ns: give more than 0")]
    Stale(i64),
    /// Too small or too large.
    #[error("{queue} samples cannot wait for each input: give 2 to {most}")]
    Queue {
        /// The samples that were asked for.
        queue: usize,
        /// The most for this many inputs.
        most: usize,
    },
}

/// What became of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows given.
    pub rows: u64,
    /// Rows not given because some input had had no sample yet.
    pub skipped: u64,
    /// Samples that came after a row for a later time.
    pub late: u64,
    /// Samples sorted in before others of their input.
    pub reordered: u64,
    /// Samples lost because a queue was full, or because there is no such input.
    pub dropped: u64,
    /// How often time began anew.
    pub restarts: u64,
}

/// Brings the samples of several inputs to the same times. Allocates nothing once its queues have grown.
#[derive(Debug)]
pub struct Aligner {
    lanes: Vec<Lane>,
    align: Align,
    clock: Clock,
    limits: Limits,
    /// Which stretch of time samples come from, and which one rows are made of; they differ after a restart until the
    /// next drain.
    pushing: u32,
    draining: u32,
    /// The newest time of the stretch that samples come from.
    horizon: Option<i64>,
    /// Samples before this are late.
    settled: i64,
    /// Something is missing before the next row.
    gap: bool,
    row: Vec<f64>,
    counts: Counts,
}

impl Aligner {
    /// An aligner of inputs that are numbered from 0.
    ///
    /// # Errors
    /// When there are no inputs or too many, when the clock is none of them, or when a limit makes no sense.
    pub fn new(inputs: usize, align: Align, clock: Clock, limits: Limits) -> Result<Self, AlignError> {
        if !(1..=MAX_INPUTS).contains(&inputs) {
            return Err(AlignError::Inputs(inputs));
        }
        if let Clock::Input(clock) = clock
            && clock >= inputs
        {
            return Err(AlignError::Clock { clock, inputs });
        }
        if limits.lateness_ns < 0 {
            return Err(AlignError::Lateness(limits.lateness_ns));
        }
        if limits.stale_after_ns <= 0 {
            return Err(AlignError::Stale(limits.stale_after_ns));
        }
        let most = MAX_QUEUED / inputs;
        if !(2..=most).contains(&limits.queue) {
            let queue = limits.queue;
            return Err(AlignError::Queue { queue, most });
        }
        Ok(Self {
            lanes: (0..inputs).map(|_| Lane::default()).collect(),
            align,
            clock,
            limits,
            pushing: 0,
            draining: 0,
            horizon: None,
            settled: i64::MIN,
            gap: false,
            row: vec![f64::NAN; inputs],
            counts: Counts::default(),
        })
    }

    /// What became of the samples so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Samples that wait in all queues.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.queue.len()).sum()
    }

    /// Takes a sample of an input; `gap` says that samples before it were lost. A wrong number of an input is counted
    /// as dropped.
    pub fn push(&mut self, input: usize, time_ns: i64, value: f64, gap: bool) {
        if let Some(sample) = self.admit(input, time_ns, value, gap) {
            let put = self.lanes[input].put(sample, self.limits.queue);
            self.counts.reordered += u64::from(put.reordered);
            self.counts.dropped += u64::from(put.dropped);
        }
    }

    /// Takes a sample and gives the rows that are due; the same as [`Aligner::push`] and [`Aligner::drain`], and quicker
    /// for a single input.
    pub fn feed(&mut self, input: usize, time_ns: i64, value: f64, gap: bool, mut emit: impl FnMut(i64, &[f64], bool)) {
        let alone = self.lanes.len() == 1 && self.lanes[0].queue.is_empty();
        if !alone {
            self.push(input, time_ns, value, gap);
            return self.drain(emit);
        }
        if let Some(sample) = self.admit(input, time_ns, value, gap) {
            while self.draining != self.pushing {
                self.begin_next();
            }
            self.pass(sample, &mut emit);
        }
    }

    /// Gives the rows that can't change any more, oldest first: the time in nanoseconds, the value of each input, and
    /// whether something is missing since the row before, because of a flagged gap, a full queue or a restart.
    pub fn drain(&mut self, mut emit: impl FnMut(i64, &[f64], bool)) {
        self.pump(false, &mut emit);
    }

    /// Gives every row that still waits, as when the streams have ended.
    pub fn finish(&mut self, mut emit: impl FnMut(i64, &[f64], bool)) {
        self.pump(true, &mut emit);
    }

    /// Says that it is `time_ns` on the clock of the samples, so that rows don't wait for ever when all inputs fall
    /// silent.
    pub fn advance(&mut self, time_ns: i64) {
        self.horizon = self.horizon.map(|horizon| horizon.max(time_ns));
    }

    /// Notes the time of a sample. `None` when it can make no row any more.
    fn admit(&mut self, input: usize, time: i64, value: f64, gap: bool) -> Option<Sample> {
        let Some(newest) = self.lanes.get(input).map(|lane| lane.newest) else {
            self.counts.dropped += 1;
            return None;
        };
        if newest.is_some_and(|newest| newest.saturating_sub(time) > RESTART_NS) {
            self.counts.restarts += 1;
            self.pushing = self.pushing.wrapping_add(1);
            self.horizon = None;
            self.lanes.iter_mut().for_each(|lane| lane.newest = None);
        }
        let lane = &mut self.lanes[input];
        lane.newest = Some(lane.newest.map_or(time, |newest| newest.max(time)));
        self.horizon = Some(self.horizon.map_or(time, |horizon| horizon.max(time)));
        let sample = Sample {
            time,
            value,
            stretch: self.pushing,
            gap,
        };
        if self.pushing == self.draining && time < self.settled {
            self.counts.late += 1;
            lane.correct(sample);
            return None;
        }
        Some(sample)
    }

    fn pump(&mut self, all: bool, emit: &mut impl FnMut(i64, &[f64], bool)) {
        loop {
            let current = self.draining == self.pushing;
            let reach = if current && !all { self.reach() } else { i64::MAX };
            while let Some(time) = self.next_time().filter(|time| *time <= reach) {
                self.step(time, emit);
            }
            if current {
                self.settle();
                return;
            }
            self.begin_next();
        }
    }

    /// The time up to which rows can't change any more.
    fn reach(&self) -> i64 {
        let Some(horizon) = self.horizon else {
            return i64::MIN;
        };
        let awaited = self.lanes.iter().filter_map(|lane| match lane.newest {
            Some(newest) if horizon.saturating_sub(newest) > self.limits.stale_after_ns => None,
            newest => Some(newest.unwrap_or(i64::MIN)),
        });
        let awaited = awaited.min().unwrap_or(horizon);
        awaited.max(horizon.saturating_sub(self.limits.lateness_ns))
    }

    fn next_time(&self) -> Option<i64> {
        let head = |lane: &Lane| lane.head(self.draining).map(|sample| sample.time);
        match self.clock {
            Clock::Any => self.lanes.iter().filter_map(head).min(),
            Clock::Input(clock) => head(&self.lanes[clock]),
        }
    }

    /// Makes the row at a time, which is that of the next sample of the clock.
    fn step(&mut self, time: i64, emit: &mut impl FnMut(i64, &[f64], bool)) {
        if self.lanes.len() == 1 {
            if let Some(sample) = self.lanes[0].queue.pop_front() {
                self.pass(sample, emit);
            }
            return;
        }
        let stretch = self.draining;
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            // Samples of the clock at equal times make a row each.
            let own = self.clock == Clock::Any || self.clock == Clock::Input(index);
            while lane.head(stretch).is_some_and(|sample| sample.time <= time) {
                lane.consume();
                if own {
                    break;
                }
            }
            self.gap |= std::mem::take(&mut lane.gap);
        }
        self.settled = time;
        for (value, lane) in self.row.iter_mut().zip(&self.lanes) {
            let Some(last) = lane.last else {
                self.counts.skipped += 1;
                return;
            };
            *value = match self.align {
                Align::Hold => last.held(time, self.limits.stale_after_ns),
                Align::Linear => last.towards(lane.head(stretch), time, self.limits.stale_after_ns),
            };
        }
        self.counts.rows += 1;
        emit(time, &self.row, std::mem::take(&mut self.gap));
    }

    /// Makes the row of a sample of the only input.
    fn pass(&mut self, sample: Sample, emit: &mut impl FnMut(i64, &[f64], bool)) {
        let gap = std::mem::take(&mut self.gap) | std::mem::take(&mut self.lanes[0].gap) | sample.gap;
        self.settled = sample.time;
        self.counts.rows += 1;
        emit(sample.time, &[sample.value], gap);
    }

    /// With an input for a clock that is silent, the others must not pile up: what is older than the clock may be late
    /// only has to be held.
    fn settle(&mut self) {
        let (Clock::Input(clock), Some(horizon)) = (self.clock, self.horizon) else {
            return;
        };
        let floor = horizon.saturating_sub(self.limits.lateness_ns);
        let stretch = self.draining;
        for (_, lane) in self.lanes.iter_mut().enumerate().filter(|(index, _)| *index != clock) {
            while let Some(time) = lane
                .head(stretch)
                .map(|sample| sample.time)
                .filter(|time| *time <= floor)
            {
                lane.consume();
                self.settled = self.settled.max(time);
            }
        }
    }

    /// Goes on to the stretch of time after a restart.
    fn begin_next(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.forget(self.draining));
        self.draining = self.draining.wrapping_add(1);
        self.settled = i64::MIN;
        self.gap = self.counts.rows > 0;
    }
}
