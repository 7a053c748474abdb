//! The black box: the last moments in memory until the trigger is pulled.

use std::collections::VecDeque;

use super::super::condition::Condition;
use super::super::disk::Job;
use super::super::request::Trigger;
use super::super::status::{BoxStatus, RecordingEvent};
use super::gauge::Gauge;
use super::{Recording, ns};
use crate::clock::{Timestamp, monotonic_ns};
use crate::ingest::Outgoing;

/// What a message costs in memory beside its payload.
const MESSAGE_BYTES: u64 = 128;

/// Whether messages are kept or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Armed,
    /// Until this moment on the monotonic clock.
    Writing(Option<i64>),
}

pub(super) struct Capture {
    trigger: Trigger,
    phase: Phase,
    kept: VecDeque<Outgoing>,
    kept_bytes: u64,
    captures: u32,
    passed: u64,
    /// Which conditions were met at the last look: only one that is met anew pulls the trigger.
    met: Vec<bool>,
    /// The moment of the schedule has come.
    scheduled: bool,
}

impl Capture {
    pub fn new(trigger: &Trigger) -> Self {
        Self {
            trigger: trigger.clone(),
            phase: Phase::Armed,
            kept: VecDeque::new(),
            kept_bytes: 0,
            captures: 0,
            passed: 0,
            met: vec![false; trigger.when.len()],
            scheduled: false,
        }
    }

    pub fn is_armed(&self) -> bool {
        self.phase == Phase::Armed
    }

    /// Keeps a message, and forgets those that are too old or too many.
    pub fn keep(&mut self, outgoing: Outgoing) {
        let now = outgoing.queued_ns;
        self.kept_bytes += cost(&outgoing);
        self.kept.push_back(outgoing);
        self.forget(now);
    }

    fn forget(&mut self, now: i64) {
        let oldest = now - ns(self.trigger.pre);
        while self
            .kept
            .front()
            .is_some_and(|kept| kept.queued_ns < oldest || self.kept_bytes > self.trigger.pre_bytes)
        {
            if let Some(gone) = self.kept.pop_front() {
                self.kept_bytes -= cost(&gone);
                self.passed += 1;
            }
        }
    }

    /// The oldest message that is kept, once the trigger was pulled.
    pub fn next_kept(&mut self) -> Option<Outgoing> {
        if self.is_armed() {
            return None;
        }
        let outgoing = self.kept.pop_front()?;
        self.kept_bytes -= cost(&outgoing);
        Some(outgoing)
    }

    pub fn status(&self, now: i64) -> BoxStatus {
        let oldest = self.kept.front().filter(|_| self.is_armed()).map(|kept| kept.queued_ns);
        BoxStatus {
            armed: self.is_armed(),
            messages: self.kept.len() as u64,
            bytes: self.kept_bytes,
            seconds: oldest.map_or(0.0, |oldest| (now - oldest).max(0) as f64 / 1e9),
            captures: self.captures,
            passed: self.passed,
            post_left_s: match self.phase {
                Phase::Writing(Some(until)) => Some((until - now).max(0) as f64 / 1e9),
                Phase::Writing(None) | Phase::Armed => None,
            },
        }
    }
}

fn cost(outgoing: &Outgoing) -> u64 {
    outgoing.arrival.payload.len() as u64 + MESSAGE_BYTES
}

impl Recording {
    /// Pulls the trigger.
    pub(super) fn fire(&mut self, why: &str, now: i64) {
        let Some(capture) = self.capture.as_mut() else {
            let text = format!("{why}, but this recording has no trigger: it writes everything already");
            self.shared.tell(RecordingEvent::Warning(text));
            return;
        };
        let until = capture.trigger.post.map(|post| now.saturating_add(ns(post)));
        let armed = capture.is_armed();
        capture.phase = Phase::Writing(until);
        if !armed {
            return;
        }
        capture.captures += 1;
        capture.forget(now);
        let oldest = capture.kept.front().map(|kept| kept.arrival.receive_time);
        let _ = self.writing_since.get_or_insert(now);
        self.shared.tell(RecordingEvent::Triggered(why.to_owned()));
        // A file begins here, or a moment ago: what latched writers said before belongs to it.
        self.repeat_latched(oldest);
    }

    /// Pulls the trigger when its time or a condition has come, and arms it again when the time after it is over.
    pub(super) fn keep_capture(&mut self, now: i64) {
        let Some(capture) = self.capture.as_mut() else { return };
        match capture.phase {
            Phase::Armed => {
                capture.forget(now);
                let at = capture.trigger.at.filter(|_| !capture.scheduled);
                if at.is_some_and(|at| Timestamp::now() >= at) {
                    capture.scheduled = true;
                    self.fire("its time has come", now);
                }
            }
            Phase::Writing(Some(until)) if now >= until && capture.kept.is_empty() => {
                capture.phase = Phase::Armed;
                self.commit();
                if self.file_chunks > 0 {
                    self.pipeline.send(Job::Close);
                    self.file_number += 1;
                    self.file_chunks = 0;
                    self.file_since = None;
                    self.split_due = false;
                }
            }
            Phase::Writing(_) => {}
        }
    }

    /// Looks at the conditions that start and stop.
    pub(super) fn keep_conditions(&mut self, now: i64) {
        self.look_at_conditions(now);
        self.gauges.iter_mut().for_each(Gauge::forget);
    }

    fn look_at_conditions(&mut self, now: i64) {
        if let Some(capture) = self.capture.as_ref() {
            let met: Vec<bool> = capture.trigger.when.iter().map(|it| self.is_met(it, now)).collect();
            let newly = capture.trigger.when.iter().zip(met.iter().zip(&capture.met));
            let why = newly
                .filter(|(_, (now, before))| **now && !**before)
                .map(|(condition, _)| condition.to_string())
                .next();
            if let Some(capture) = self.capture.as_mut() {
                capture.met = met;
            }
            if let Some(why) = why {
                self.fire(&why, now);
            }
        }
        if self.ended_ns.is_some() || self.writing_since.is_none() {
            return;
        }
        let met = self
            .request
            .stop_when
            .iter()
            .find(|condition| self.is_met(condition, now));
        if let Some(why) = met.map(ToString::to_string) {
            self.shared
                .tell(RecordingEvent::Warning(format!("the recording ends: {why}")));
            self.ended_ns = Some(monotonic_ns());
            self.state = super::RecordingState::Finishing;
        }
    }

    fn is_met(&self, condition: &Condition, now: i64) -> bool {
        let mut topics = self
            .topics
            .values()
            .filter(|topic| condition.looks_at(&topic.info.name));
        match condition {
            Condition::Appears(_) => topics.any(|topic| topic.watch.messages() > 0),
            Condition::Silent(_, time) => {
                let silent = topics.filter_map(|topic| topic.watch.silent_ns(now)).min();
                silent.is_some_and(|silent| silent >= ns(*time))
            }
            Condition::Outside(_, band) => topics.any(|topic| topic.watch.is_outside(*band)),
            Condition::Holds(formula) => self.gauges.iter().any(|gauge| gauge.is_met(formula)),
        }
    }

    /// At the end: what is kept and was not asked for goes, what was asked for is written.
    pub(super) fn give_up_kept(&mut self) {
        while let Some(mut outgoing) = self.capture.as_mut().and_then(Capture::next_kept) {
            outgoing.queued_ns = monotonic_ns();
            self.accept(&outgoing, false);
        }
    }
}
