//! Gaps in the sequence numbers of each writer.

use crate::message::Gid;

/// Writers that are followed at once per topic. One more takes the place of the one heard of least recently.
pub const SEQUENCE_WRITERS_MAX: usize = 64;

/// How far back a late message is still recognised. Further back it is a restart of the writer.
const LATE_MAX: u64 = 64;

#[derive(Clone, Copy, Debug)]
struct Writer {
    gid: Gid,
    first: u64,
    highest: u64,
    /// Bit n: `highest - n` was received.
    received: u64,
    heard: u64,
}

/// Where each writer of one topic is. Allocates nothing after it was made.
#[derive(Debug)]
pub struct SequenceTable {
    writers: Vec<Writer>,
    latest: usize,
    clock: u64,
    overlapping: bool,
}

impl Default for SequenceTable {
    fn default() -> Self {
        Self::new()
    }
}

impl SequenceTable {
    /// Knows no writer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            writers: Vec::with_capacity(SEQUENCE_WRITERS_MAX),
            latest: 0,
            clock: 0,
            overlapping: false,
        }
    }

    /// Forgets all writers.
    pub fn clear(&mut self) {
        self.writers.clear();
        self.latest = 0;
    }

    /// Says whether two readers receive the same messages for a while: then a number far back is one of those and no
    /// restart.
    pub fn set_overlapping(&mut self, overlapping: bool) {
        self.overlapping = overlapping;
    }

    /// Notes a message. Returns by how many the number of missing messages changed (-1 when a message that was taken
    /// for missing came late), and whether messages are missing directly before this one; `None` for a message that
    /// was noted before.
    pub fn on_sequence(&mut self, gid: Gid, sequence: u64) -> Option<(i64, bool)> {
        self.clock += 1;
        let Some(index) = self.find(gid) else {
            self.insert(gid, sequence);
            return Some((0, false));
        };
        self.latest = index;
        let writer = &mut self.writers[index];
        writer.heard = self.clock;
        if sequence > writer.highest {
            let step = sequence - writer.highest;
            writer.highest = sequence;
            writer.received = u32::try_from(step)
                .ok()
                .and_then(|step| writer.received.checked_shl(step))
                .unwrap_or(0)
                | 1;
            return Some((i64::try_from(step - 1).unwrap_or(i64::MAX), step > 1));
        }
        let back = writer.highest - sequence;
        if back >= LATE_MAX && self.overlapping {
            return None;
        }
        if back >= LATE_MAX {
            // The writer began anew, or sends its history once more.
            *writer = Writer {
                gid,
                first: sequence,
                highest: sequence,
                received: 1,
                heard: self.clock,
            };
            return Some((0, false));
        }
        let bit = 1_u64 << back;
        if writer.received & bit != 0 {
            return None;
        }
        writer.received |= bit;
        // Before the first that was seen it was never taken for missing.
        Some((if sequence >= writer.first { -1 } else { 0 }, false))
    }

    fn find(&self, gid: Gid) -> Option<usize> {
        if self.writers.get(self.latest).is_some_and(|writer| writer.gid == gid) {
            return Some(self.latest);
        }
        self.writers.iter().position(|writer| writer.gid == gid)
    }

    fn insert(&mut self, gid: Gid, sequence: u64) {
        let writer = Writer {
            gid,
            first: sequence,
            highest: sequence,
            received: 1,
            heard: self.clock,
        };
        if self.writers.len() < SEQUENCE_WRITERS_MAX {
            self.latest = self.writers.len();
            self.writers.push(writer);
        } else if let Some((index, stalest)) = self.writers.iter_mut().enumerate().min_by_key(|(_, w)| w.heard) {
            *stalest = writer;
            self.latest = index;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn missing(sequences: &[u64]) -> i64 {
        let mut table = SequenceTable::new();
        sequences
            .iter()
            .map(|s| table.on_sequence(Gid([1; 16]), *s).map_or(0, |(change, _)| change))
            .sum()
    }

    #[test]
    fn gaps_are_counted_once() {
        assert_eq!(missing(&[1, 2, 3]), 0);
        assert_eq!(missing(&[1, 2, 5, 6, 9]), 4);
        let mut table = SequenceTable::new();
        assert_eq!(table.on_sequence(Gid([1; 16]), 10), Some((0, false)));
        assert_eq!(table.on_sequence(Gid([1; 16]), 13), Some((2, true)));
        assert_eq!(table.on_sequence(Gid([1; 16]), 14), Some((0, false)));
    }

    #[test]
    fn late_join_restart_and_duplicates_are_no_loss() {
        assert_eq!(missing(&[5000, 5001]), 0);
        assert_eq!(missing(&[5000, 5001, 1, 2, 3]), 0);
        assert_eq!(missing(&[7, 8, 8, 8, 9]), 0);
        let mut table = SequenceTable::new();
        let _ = table.on_sequence(Gid([1; 16]), 100);
        assert_eq!(table.on_sequence(Gid([2; 16]), 1), Some((0, false)));
        assert_eq!(table.on_sequence(Gid([1; 16]), 101), Some((0, false)));
    }

    #[test]
    fn a_late_message_takes_its_loss_back() {
        assert_eq!(missing(&[1, 3, 2, 4]), 0);
        assert_eq!(missing(&[1, 4, 2, 2]), 1);
        // Before the first that we saw: it was never missing.
        assert_eq!(missing(&[10, 9, 8, 11]), 0);
    }

    #[test]
    fn two_readers_count_once() {
        let mut table = SequenceTable::new();
        table.set_overlapping(true);
        for _ in 0..2 {
            for n in 1..=1000 {
                let _ = table.on_sequence(Gid([1; 16]), n);
            }
        }
        let known = (1..=1000).map(|n| table.on_sequence(Gid([1; 16]), n));
        assert_eq!(known.flatten().count(), 0);
        assert_eq!(table.on_sequence(Gid([1; 16]), 1001), Some((0, false)));
    }

    #[test]
    fn many_writers_do_not_grow_it() {
        let mut table = SequenceTable::new();
        for round in 0..3 {
            for n in 0..200_u8 {
                assert_eq!(table.on_sequence(Gid([n; 16]), round), Some((0, false)));
            }
        }
        assert_eq!(table.writers.len(), SEQUENCE_WRITERS_MAX);
    }

    proptest! {
        /// However messages are dropped and swapped with near neighbours: missing = range - distinct received.
        #[test]
        fn missing_is_what_never_came(drops in prop::collection::vec(any::<bool>(), 2..500), swaps in prop::collection::vec(0_usize..8, 500)) {
            let mut sent: Vec<u64> = (0_u64..).zip(&drops).filter(|(_, drop)| !**drop).map(|(n, _)| n + 1).collect();
            for index in 1..sent.len() {
                let other = (index + swaps[index]).min(sent.len() - 1);
                // Near in number too, and never the first, which opens the range.
                if sent[other].abs_diff(sent[index]) < 20 {
                    sent.swap(index, other);
                }
            }
            if let (Some(first), Some(last)) = (sent.first(), sent.iter().max()) {
                let truth = last - first + 1 - sent.len() as u64;
                prop_assert_eq!(missing(&sent), i64::try_from(truth).expect("small"));
            }
        }
    }
}
