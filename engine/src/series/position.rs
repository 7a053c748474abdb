//! Reading a series from where the last reading ended.

use super::history::History;
use crate::clock::Timestamp;

/// Times that the clock was set back to, which readers may not have seen yet.
const RESTARTS: usize = 8;

/// A place in a series: everything before it was read. The default is the oldest sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The time of the last row that was read, and how many rows of that time were.
    after: Option<(i64, usize)>,
    restarts: u64,
}

impl Position {
    /// Behind every sample up to and at `time`.
    #[must_use]
    pub fn behind(time: Timestamp) -> Self {
        Self {
            after: Some((time.0, usize::MAX)),
            restarts: u64::MAX,
        }
    }

    /// The time of the last sample that was read.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.after.map(|(time, _)| Timestamp(time))
    }
}

/// The times that a history was set back to.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    count: u64,
    recent: [i64; RESTARTS],
}

impl Restarts {
    pub(super) fn note(&mut self, time: i64) {
        self.recent[(self.count % RESTARTS as u64) as usize] = time;
        self.count += 1;
    }

    /// Moves a position back to the earliest time that was set back to since it was last here.
    fn catch_up(&self, position: &mut Position) {
        let seen = std::mem::replace(&mut position.restarts, self.count);
        if seen == u64::MAX || seen == self.count {
            return;
        }
        if self
            .count
            .checked_sub(seen)
            .is_none_or(|missed| missed > RESTARTS as u64)
        {
            position.after = None;
            return;
        }
        let earliest = (seen..self.count)
            .map(|nth| self.recent[(nth % RESTARTS as u64) as usize])
            .min();
        if let (Some(earliest), Some((time, _))) = (earliest, position.after)
            && time >= earliest
        {
            position.after = Some((earliest.saturating_sub(1), usize::MAX));
        }
    }
}

impl History {
    /// Hands at most `most` rows behind `position` to `take` and moves it on. Columns that a row lacks are passed over.
    pub(super) fn read(
        &self,
        column: usize,
        position: &mut Position,
        most: usize,
        mut take: impl FnMut(Timestamp, f64, bool),
    ) -> usize {
        self.restarts().catch_up(position);
        let chunks = self.chunks();
        let start = match position.after {
            Some((time, _)) => chunks.partition_point(|chunk| chunk.last() < time),
            None => 0,
        };
        let (after, mut skip) = position.after.unwrap_or((i64::MIN, 0));
        let mut taken = 0;
        for (index, chunk) in chunks.iter().enumerate().skip(start) {
            // Rows of the time that was read last: as many as were read then are passed over.
            let same = chunk.rows_before(after)..chunk.rows_until(after);
            let passed = skip.min(same.len());
            skip -= passed;
            let from = same.start + passed;
            let to = chunk.len().min(from.saturating_add(most - taken));
            if from >= to {
                if taken == most {
                    break;
                }
                continue;
            }
            chunk.visit(column, from, to, |time, value, gap| take(Timestamp(time), value, gap));
            taken += to - from;
            let time = chunk.time(to - 1);
            let earlier = chunks.range(..index).rev().take_while(|chunk| chunk.last() == time);
            let earlier: usize = earlier.map(|chunk| chunk.len() - chunk.rows_before(time)).sum();
            position.after = Some((time, earlier + to - chunk.rows_before(time)));
        }
        taken
    }
}
