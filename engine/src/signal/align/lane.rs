//! One input of an aligner: the samples that wait, and the one that counts.

use std::collections::VecDeque;

#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub time: i64,
    pub value: f64,
    /// Which stretch of time it belongs to; a restart begins the next.
    pub stretch: u32,
    /// Samples before it were lost.
    pub gap: bool,
}

impl Sample {
    /// Its value at `time`, which is not before it.
    pub(super) fn held(self, time: i64, stale_after: i64) -> f64 {
        if time.saturating_sub(self.time) > stale_after {
            return f64::NAN;
        }
        self.value
    }

    /// The value at `time` on the line to the next sample; `time` is not before this one, nor after the next.
    pub(super) fn towards(self, next: Option<&Self>, time: i64, stale_after: i64) -> f64 {
        if time == self.time {
            return self.value;
        }
        let Some(next) = next.filter(|next| !next.gap) else {
            return f64::NAN;
        };
        let span = next.time.saturating_sub(self.time);
        if span > stale_after {
            return f64::NAN;
        }
        let part = time.saturating_sub(self.time) as f64 / span as f64;
        self.value + (next.value - self.value) * part
    }
}

/// What a sample did to a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Put {
    pub reordered: bool,
    pub dropped: bool,
}

#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Samples that no row has reached yet, oldest first.
    pub queue: VecDeque<Sample>,
    /// The sample that counts: the last one at or before the last row.
    pub last: Option<Sample>,
    /// The greatest time so far.
    pub newest: Option<i64>,
    /// Something was lost since the last row.
    pub gap: bool,
}

impl Lane {
    /// The oldest sample that waits, if it belongs to `stretch`.
    pub(super) fn head(&self, stretch: u32) -> Option<&Sample> {
        self.queue.front().filter(|sample| sample.stretch == stretch)
    }

    /// Puts a sample in its place; of a full queue the oldest is dropped.
    pub(super) fn put(&mut self, sample: Sample, most: usize) -> Put {
        let dropped = self.queue.len() >= most;
        if dropped {
            let _ = self.queue.pop_front();
            if let Some(front) = self.queue.front_mut() {
                front.gap = true;
            }
        }
        let later = |other: &&Sample| other.stretch == sample.stretch && other.time > sample.time;
        let place = self.queue.len() - self.queue.iter().rev().take_while(later).count();
        let reordered = place < self.queue.len();
        self.queue.insert(place, sample);
        Put { reordered, dropped }
    }

    /// The oldest sample becomes the one that counts.
    pub(super) fn consume(&mut self) {
        if let Some(sample) = self.queue.pop_front() {
            self.gap |= sample.gap;
            self.last = Some(sample);
        }
    }

    /// Takes a sample that came after the row it belonged to.
    pub(super) fn correct(&mut self, sample: Sample) {
        self.gap |= sample.gap;
        if self.last.is_none_or(|last| last.time < sample.time) {
            self.last = Some(sample);
        }
    }

    /// Forgets all of a stretch of time.
    pub(super) fn forget(&mut self, stretch: u32) {
        while self.head(stretch).is_some() {
            let _ = self.queue.pop_front();
        }
        self.last = None;
        self.gap = false;
    }
}
