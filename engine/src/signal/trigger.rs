//! A trigger on one signal, as an oscilloscope has it: it finds the moments that the view stands still at.
//!
//! It is fed with the samples of a signal in the order of time, `(time_ns, value, gap)`, where `gap` says that something is
//! missing directly before the sample. It answers with an [`Event`] at the sample that meets the [`Condition`]; how the
//! samples were parted into batches makes no difference.
//!
//! # States
//!
//! | state | begins | ends |
//! |---|---|---|
//! | [`State::Armed`] | at first, by [`Trigger::arm`], or when the hold-off is over | with an event, or by [`Trigger::stop`] |
//! | [`State::Triggered`] | with an event | when time has come to [`Event::to_ns`]: the capture is complete |
//! | [`State::Holding`] | when a capture is complete | when the hold-off, counted from the time of the event, is over |
//! | [`State::Stopped`] | by [`Trigger::stop`], or in [`Mode::Single`] when the capture is complete | by [`Trigger::arm`] |
//!
//! After an event at `t`, the next one can be at `max(t + post, t + hold_off)`, that moment included. What meets the
//! condition before is no event, and it does not wait: an edge during the hold-off is over when the hold-off is.
//! Time is what samples and [`Trigger::advance`] say. The state is looked at before a sample is; the sample of an
//! event therefore always leaves the trigger in [`State::Triggered`], even if the capture ends with it.
//!
//! # Conditions
//!
//! - **Rising edge**: the signal was at or below `level - hysteresis` since it was last at or above `level`, and is now at or
//!   above `level`. Without hysteresis it must have been below `level`. **Falling** is the mirror image, with
//!   `level + hysteresis`; **either** is both, each with its own memory.
//! - **Window**: it was inside `[low + hysteresis, high - hysteresis]` since it was last outside `[low, high]`, and is now
//!   outside (leave); or it was at or beyond `low - hysteresis` or `high + hysteresis` since it was last inside, and
//!   is now inside (enter). Without hysteresis it must have been truly outside.
//! - **Glitch**: a pulse begins with a rising edge and ends with the first sample that is below `level` and at or below
//!   `level - hysteresis`; its width is the time between these two samples. A shorter one is told of at its end, a
//!   longer one at the first sample, its end included, that is more than the width after its begin. Negative
//!   pulses are the mirror image.
//! - **Value**: see [`Match`]. Compared exactly.
//! - **Timeout**: no sample came for longer than the time `T`; the event is at the last sample plus `T`, which is also its
//!   time when the next sample shows it late. One silence is one event. It counts if the trigger is armed at that
//!   moment; a silence that is older than the arming does not. Samples that are not finite end a silence too.
//!
//! [`Mode::Auto`] adds: a sample that comes `auto_ns` or more after the trigger was armed is an event of its own, if it does not
//! meet the condition. It takes a sample: a silent signal has nothing new to show. The sample that ends a silence
//! longer than the one that a timeout waits for is none.
//!
//! # What breaks a signal
//!
//! A gap, and a sample that is not finite, make the trigger forget what was before: the next sample only says where the
//! signal is. No edge is made up across them, and a pulse that they cut is none. [`Match::Equals`] looks at one sample
//! and needs no other. Samples that are not finite are never an event.
//!
//! A sample that is up to [`LATE_LIMIT_NS`] older than the newest is late: it is passed over and counted, as the order of
//! the others says what happened. An older one says that the clock was set back or a bag began again: the trigger forgets
//! what was before, a capture that is going on is cut, and it is armed again unless it was stopped.

mod captures;
mod compare;
mod spec;
mod text;

pub use captures::{Captures, CapturesError, MAX_CAPTURES};
pub use spec::{Condition, MAX_SPAN_NS, Match, Mode, Polarity, Sense, Slope, SpecError, TriggerSpec, Width};

use compare::{Comparator, Sample};

pub use crate::series::LATE_LIMIT_NS;

/// What a trigger is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing; [`Trigger::arm`] sets it going.
    Stopped,
    /// It waits for the condition.
    Armed,
    /// The capture of an event is going on.
    Triggered {
        /// When the event was.
        at_ns: i64,
    },
    /// The capture is complete and the hold-off is not over.
    Holding {
        /// When it is armed again.
        until_ns: i64,
    },
}

/// What an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The condition was met.
    Condition,
    /// [`Mode::Auto`] did not want to wait longer.
    Auto,
    /// [`Trigger::force`].
    Forced,
}

/// A trigger has triggered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When: the time of the first sample that meets the condition; for a timeout, the last sample plus the time-out.
    pub at_ns: i64,
    /// For edges, windows and the ends of glitches: when the straight line from the sample before to this one crossed the
    /// threshold. It is between the two, and only an estimate; [`at_ns`](Self::at_ns) is not.
    pub crossing_ns: Option<i64>,
    /// The sample at that time; for a timeout and a forced event, the last one. `NaN` when there was none.
    pub value: f64,
    /// Begin of the capture.
    pub from_ns: i64,
    /// End of the capture, which is still to come when the event is told of.
    pub to_ns: i64,
    /// What it comes from.
    pub kind: EventKind,
}

impl Event {
    /// True when all of the capture is in the past at `now_ns`.
    #[must_use]
    pub fn is_complete(&self, now_ns: i64) -> bool {
        now_ns >= self.to_ns
    }
}

/// A trigger on one signal. A push costs no allocation, and takes the same time however long the signal is.
#[derive(Clone, Debug)]
pub struct Trigger {
    spec: TriggerSpec,
    comparator: Comparator,
    state: State,
    /// The newest sample, finite or not.
    last: Option<Sample>,
    /// When it was armed; not known before the first sample.
    armed_ns: Option<i64>,
    /// End of the newest capture.
    to_ns: i64,
    /// No event is before this.
    ready_ns: i64,
    /// The silence since the newest sample has been looked at.
    silent: bool,
    completed: u64,
    cut: u64,
    late: u64,
}

impl Trigger {
    /// An armed trigger.
    ///
    /// # Errors
    /// When a number of `spec` is not finite or out of its range, or a window has no inside.
    pub fn new(spec: TriggerSpec) -> Result<Self, SpecError> {
        spec.check()?;
        Ok(Self {
            spec,
            comparator: Comparator::new(&spec.condition),
            state: State::Armed,
            last: None,
            armed_ns: None,
            to_ns: i64::MIN,
            ready_ns: i64::MIN,
            silent: false,
            completed: 0,
            cut: 0,
            late: 0,
        })
    }

    /// What it waits for.
    #[must_use]
    pub fn spec(&self) -> &TriggerSpec {
        &self.spec
    }

    /// What it is doing, at the latest time that it was told.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Captures that are complete.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.completed
    }

    /// Captures that ended before they were complete, by [`stop`](Self::stop) or because time went back.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Samples that were passed over because a newer one was there before them.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Takes the next sample; `gap` says that something is missing directly before it. Feed a stopped trigger too: it
    /// then knows where the signal is when it is armed.
    pub fn push(&mut self, time_ns: i64, value: f64, gap: bool) -> Option<Event> {
        if gap {
            self.comparator.forget();
        }
        if let Some(last) = self.last.filter(|last| time_ns < last.time_ns) {
            if last.time_ns.saturating_sub(time_ns) <= LATE_LIMIT_NS {
                self.late = self.late.saturating_add(1);
                return None;
            }
            self.restart();
        }
        let ends_silence = self.timeout_ns().is_some_and(|at_ns| time_ns > at_ns);
        let silence = self.silence(time_ns);
        let sample = Sample { time_ns, value };
        self.last = Some(sample);
        self.silent = false;
        if self.state == State::Armed {
            let _ = self.armed_ns.get_or_insert(time_ns);
        }
        if !value.is_finite() {
            self.comparator.forget();
            return silence;
        }
        // The comparator sees every sample: an edge that is no event must not wait for the next chance.
        let met = self.comparator.step(sample);
        if silence.is_some() || self.state != State::Armed || time_ns < self.ready_ns {
            return silence;
        }
        if let Some(met) = met {
            return Some(self.fire(time_ns, value, met.crossing_ns, EventKind::Condition));
        }
        let waited_ns = time_ns.saturating_sub(self.armed_ns.unwrap_or(time_ns));
        let by_itself = self.spec.mode == Mode::Auto && !ends_silence && waited_ns >= self.spec.auto_ns;
        by_itself.then(|| self.fire(time_ns, value, None, EventKind::Auto))
    }

    /// Says that it is `now_ns`, so that silence is noticed, captures become complete and hold-offs end without a sample.
    /// The time is on the clock of the samples. Samples before it may still come, and what they meet is found; but a
    /// silence counts as soon as `now_ns` says so, hence a caller whose samples travel for a while gives that off.
    pub fn advance(&mut self, now_ns: i64) -> Option<Event> {
        self.silence(now_ns)
    }

    /// Arms a stopped trigger, and ends a hold-off. A capture that is going on goes on.
    pub fn arm(&mut self) {
        match self.state {
            State::Stopped | State::Holding { .. } => {
                self.state = State::Armed;
                self.armed_ns = None;
                self.ready_ns = i64::MIN;
            }
            State::Armed | State::Triggered { .. } => (),
        }
    }

    /// Stops. A capture that is going on is cut: its range stays as it was told, and nothing waits for its end.
    pub fn stop(&mut self) {
        if matches!(self.state, State::Triggered { .. }) {
            self.cut = self.cut.saturating_add(1);
        }
        self.state = State::Stopped;
    }

    /// Triggers at `now_ns`, or at the newest sample if that is later, without waiting for the condition or the end of a
    /// hold-off. `None` when it is stopped, or a capture is going on.
    pub fn force(&mut self, now_ns: i64) -> Option<Event> {
        let at_ns = self.last.map_or(now_ns, |last| last.time_ns.max(now_ns));
        self.settle(at_ns);
        match self.state {
            State::Armed | State::Holding { .. } => {
                let value = self.last.map_or(f64::NAN, |last| last.value);
                Some(self.fire(at_ns, value, None, EventKind::Forced))
            }
            State::Stopped | State::Triggered { .. } => None,
        }
    }

    /// The moment at which the silence since the newest sample is a timeout, if that is the condition.
    fn timeout_ns(&self) -> Option<i64> {
        match (self.spec.condition, self.last) {
            (Condition::Timeout { after_ns }, Some(last)) => Some(last.time_ns.saturating_add(after_ns)),
            _ => None,
        }
    }

    /// Brings the state to what it is at `now_ns`, and looks once whether the silence until then was long enough.
    fn silence(&mut self, now_ns: i64) -> Option<Event> {
        self.settle(now_ns);
        let at_ns = self.timeout_ns().filter(|at_ns| now_ns > *at_ns && !self.silent)?;
        self.silent = true;
        // It is armed now; what counts is whether it was at that moment.
        if self.state != State::Armed || at_ns < self.ready_ns {
            return None;
        }
        let value = self.last.map_or(f64::NAN, |last| last.value);
        Some(self.fire(at_ns, value, None, EventKind::Condition))
    }

    /// Brings the state to what it is at `time_ns`.
    fn settle(&mut self, time_ns: i64) {
        if matches!(self.state, State::Triggered { .. }) && time_ns >= self.to_ns {
            self.completed = self.completed.saturating_add(1);
            self.state = match self.spec.mode {
                Mode::Single => State::Stopped,
                Mode::Auto | Mode::Normal => State::Holding {
                    until_ns: self.ready_ns,
                },
            };
        }
        if let State::Holding { until_ns } = self.state
            && time_ns >= until_ns
        {
            self.state = State::Armed;
            self.armed_ns = Some(until_ns);
        }
    }

    fn fire(&mut self, at_ns: i64, value: f64, crossing_ns: Option<i64>, kind: EventKind) -> Event {
        self.to_ns = at_ns.saturating_add(self.spec.post_ns);
        self.ready_ns = at_ns.saturating_add(self.spec.hold_off_ns).max(self.to_ns);
        self.state = State::Triggered { at_ns };
        Event {
            at_ns,
            crossing_ns,
            value,
            from_ns: at_ns.saturating_sub(self.spec.pre_ns),
            to_ns: self.to_ns,
            kind,
        }
    }

    /// Time went back.
    fn restart(&mut self) {
        self.comparator.forget();
        self.last = None;
        self.armed_ns = None;
        self.ready_ns = i64::MIN;
        self.silent = false;
        match self.state {
            State::Triggered { .. } => {
                self.cut = self.cut.saturating_add(1);
                self.state = State::Armed;
            }
            State::Holding { .. } => self.state = State::Armed,
            State::Stopped | State::Armed => (),
        }
    }
}

#[cfg(test)]
mod tests;
