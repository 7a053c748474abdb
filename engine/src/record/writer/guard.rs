//! Looks after the room on the disk, and after topics that are out of their habit.

use super::super::status::RecordingEvent;
use super::super::watch::TICK_NS;
use super::{Recording, RecordingState};

/// When the room lasts no longer than this, the user is warned: once each.
const WARN_S: [f64; 2] = [120.0, 20.0];
/// The queue is said to grow when it is so full, and to be fine again below the second.
const QUEUE_FULL: f64 = 0.5;
const QUEUE_FINE: f64 = 0.1;
/// Topics that are expected and have not come after this time are told.
const MISSING_NS: i64 = 5_000_000_000;
/// Conditions are looked at so often.
const CONDITIONS_NS: i64 = 50_000_000;

/// What was told already, and why the recording is to end.
#[derive(Default)]
pub(super) struct Guard {
    reason: Option<String>,
    warned: usize,
    queue_told: bool,
    ticked_ns: i64,
    looked_ns: i64,
    missing_told: bool,
}

impl Guard {
    /// Why the guard ended the recording, when it did.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

impl Recording {
    /// Warns while the room goes, and ends the recording while there is enough to end it well.
    pub(super) fn keep_guard(&mut self, now_ns: i64) {
        let status = self.reporter.latest();
        let reserve = self.request.reserve_bytes;
        let path = self.place.directory().display().to_string();
        if let Some(free) = self.shared.free_bytes()
            && free <= reserve
            && self.guard.reason.is_none()
            && self.ended_ns.is_none()
        {
            let reason = format!(
                "the recording into {path} ended cleanly: only {} MiB are free on that disk and {} MiB are to stay free; \
                 free some space, or keep less with --reserve",
                free >> 20,
                reserve >> 20
            );
            self.guard.reason = Some(reason);
            self.ended_ns = Some(now_ns);
            self.state = RecordingState::Finishing;
            return;
        }
        if let Some(left) = status.seconds_left
            && let Some(limit) = WARN_S.get(self.guard.warned)
            && left < *limit
            && self.ended_ns.is_none()
        {
            self.guard.warned += WARN_S[self.guard.warned..]
                .iter()
                .filter(|limit| left < **limit)
                .count();
            let text = format!(
                "the disk of {path} has room for {left:.0} s more at this rate, then the recording ends by itself; free \
                 some space or record less"
            );
            self.shared.tell(RecordingEvent::Warning(text));
        }
        let share = self.outlet.share();
        if share >= QUEUE_FULL && !self.guard.queue_told {
            self.guard.queue_told = true;
            let text = format!(
                "the disk does not keep up: {:.0} % of the queue is full, and messages are lost at 100 %; record fewer \
                 topics or to a faster disk",
                share * 100.0
            );
            self.shared.tell(RecordingEvent::Warning(text));
        } else if share < QUEUE_FINE {
            self.guard.queue_told = false;
        }
    }

    /// Looks at rates, silences and conditions.
    pub(super) fn keep_watch(&mut self, now_ns: i64) {
        if now_ns - self.guard.looked_ns >= CONDITIONS_NS {
            self.guard.looked_ns = now_ns;
            self.keep_conditions(now_ns);
        }
        if now_ns - self.guard.ticked_ns < TICK_NS {
            return;
        }
        self.guard.ticked_ns = now_ns;
        let mut told = Vec::new();
        for (index, topic) in &mut self.topics {
            topic.watch.tick();
            // Our own topics have no habits.
            if index.0 > u32::MAX - 2 || self.ended_ns.is_some() {
                continue;
            }
            let name = &topic.info.name;
            let silent = topic.watch.strange_silence_ns(now_ns);
            match (silent, topic.watch.silence_told) {
                (Some(ns), false) => {
                    topic.watch.silence_told = true;
                    told.push(format!("{name} has been silent for {:.1} s", ns as f64 / 1e9));
                }
                (None, true) => {
                    topic.watch.silence_told = false;
                    told.push(format!("{name} speaks again"));
                }
                _ => {}
            }
            for expectation in self.request.expectations.iter().filter(|e| e.topic == *name) {
                let outside = topic.watch.is_outside(expectation.band);
                let rate = topic.watch.rate_hz().unwrap_or(0.0);
                if outside && !topic.watch.band_told {
                    told.push(format!("{name} comes at {rate:.1} Hz; expected: {}", expectation.band));
                } else if !outside && topic.watch.band_told {
                    told.push(format!("{name} comes at {rate:.1} Hz again, as expected"));
                }
                topic.watch.band_told = outside;
            }
        }
        if !self.guard.missing_told && now_ns - self.began_ns > MISSING_NS {
            self.guard.missing_told = true;
            for expectation in &self.request.expectations {
                if !self.topics.values().any(|topic| topic.info.name == expectation.topic) {
                    let topic = &expectation.topic;
                    told.push(format!("{topic} is expected at {} and is not there", expectation.band));
                }
            }
        }
        for text in told {
            self.shared.tell(RecordingEvent::Warning(text));
        }
    }
}
