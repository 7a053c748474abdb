//! The last captures, for drawing them one over the other.

use std::collections::VecDeque;

use thiserror::Error;

use super::Event;

/// Captures that can be kept at most.
pub const MAX_CAPTURES: usize = 64;

/// The number of captures to keep is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{asked} captures cannot be kept; ask for 1 to {MAX_CAPTURES}")]
pub struct CapturesError {
    /// The number asked for.
    pub asked: usize,
}

/// The last events of a trigger, oldest first. It holds ranges of time, not samples: those are in the series.
#[derive(Clone, Debug)]
pub struct Captures {
    kept: VecDeque<Event>,
    most: usize,
}

impl Captures {
    /// Keeps the last `most`.
    ///
    /// # Errors
    /// When `most` is not 1 to [`MAX_CAPTURES`].
    pub fn new(most: usize) -> Result<Self, CapturesError> {
        if !(1..=MAX_CAPTURES).contains(&most) {
            return Err(CapturesError { asked: most });
        }
        Ok(Self {
            kept: VecDeque::with_capacity(most),
            most,
        })
    }

    /// Keeps an event, and lets the oldest go when there are too many.
    pub fn push(&mut self, event: Event) {
        if self.kept.len() == self.most {
            let _ = self.kept.pop_front();
        }
        self.kept.push_back(event);
    }

    /// Lets go of the captures that reach to `time_ns` or beyond: what was there is no more, because the clock was set
    /// back or a capture was cut short.
    pub fn forget_from(&mut self, time_ns: i64) {
        self.kept.retain(|event| event.to_ns < time_ns);
    }

    /// Lets go of all of them.
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// The captures, oldest first. The newest may still be going on: see [`Event::is_complete`].
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Event> + ExactSizeIterator {
        self.kept.iter()
    }

    /// The newest of them.
    #[must_use]
    pub fn newest(&self) -> Option<&Event> {
        self.kept.back()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}
