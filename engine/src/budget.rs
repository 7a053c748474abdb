//! One budget of memory and how it is divided.
//!
//! The recorder's queue comes first, then what waits on its way to the store and to an inspector; the history has the
//! rest. While nothing is recorded, the history may use the queue's share as well: it is given back within a second of a
//! start. When the machine itself runs short of memory, the history yields, step by step, and nothing else does.

use crate::monitor::MonitorReport;

/// Bytes that the program may use for data, and their shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    total_bytes: u64,
}

impl Budget {
    /// Divides this many bytes.
    #[must_use]
    pub const fn new(total_bytes: u64) -> Self {
        Self { total_bytes }
    }

    /// All of it.
    #[must_use]
    pub const fn total_bytes(self) -> u64 {
        self.total_bytes
    }

    /// A quarter, for the queue of a recording.
    #[must_use]
    pub const fn queue_bytes(self) -> u64 {
        self.total_bytes / 4
    }

    /// An eighth, for plot rings and messages that are inspected.
    #[must_use]
    pub const fn inspection_bytes(self) -> u64 {
        self.total_bytes / 8
    }

    /// Most bytes of one plot ring.
    #[must_use]
    pub const fn plot_ring_bytes(self) -> u64 {
        self.inspection_bytes() / 4
    }

    /// What is left for the history of the plotted topics.
    #[must_use]
    pub const fn history_bytes(self, recording: bool) -> u64 {
        let rest = self.total_bytes - self.inspection_bytes();
        if recording { rest - self.queue_bytes() } else { rest }
    }
}

/// The history is not made to yield below this.
const LEAST_HISTORY_BYTES: u64 = 16 << 20;

/// How much of the budget the history may use just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimit {
    /// Bytes.
    pub bytes: u64,
    /// True when the machine is short of memory and the limit is lower for that.
    pub yielding: bool,
}

/// Follows the machine's memory and says what the history may use.
///
/// Short is: more than 80 % of the machine's memory is in use. The history then yields an eighth of what it holds with
/// each look, and is given back as much once less than 75 % is in use.
#[derive(Clone, Copy, Debug)]
pub struct Pressure {
    budget: Budget,
    /// Lower than the history's share while memory is short.
    cap_bytes: u64,
}

impl Pressure {
    /// Begins without pressure.
    #[must_use]
    pub const fn new(budget: Budget) -> Self {
        Self {
            budget,
            cap_bytes: u64::MAX,
        }
    }

    /// The budget that is divided.
    #[must_use]
    pub const fn budget(&self) -> Budget {
        self.budget
    }

    /// Looks at the machine, to be called once a second. It expects:
    /// - what was measured; unknown memory is taken as enough,
    /// - the bytes that the history holds,
    /// - whether something is recorded.
    pub fn look(&mut self, machine: &MonitorReport, used_bytes: u64, recording: bool) -> HistoryLimit {
        let share = self.budget.history_bytes(recording);
        if let (Some(total), Some(available)) = (machine.memory_total_bytes, machine.memory_available_bytes) {
            let fifth = total / 5;
            if available < fifth {
                let held = used_bytes.min(self.cap_bytes).min(share);
                self.cap_bytes = (held - held / 8).max(LEAST_HISTORY_BYTES);
            } else if available > total / 4 && self.cap_bytes < share {
                // Not more than half of what is free above the line, so that giving back does not cross it again.
                let free = (available - fifth) / 2;
                self.cap_bytes = self.cap_bytes.saturating_add((self.cap_bytes / 8).min(free));
            }
        }
        if self.cap_bytes >= share {
            self.cap_bytes = u64::MAX;
        }
        HistoryLimit {
            bytes: share.min(self.cap_bytes),
            yielding: self.cap_bytes < share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const MIB: u64 = 1 << 20;

    fn machine(total: u64, available: u64) -> MonitorReport {
        MonitorReport {
            memory_total_bytes: Some(total),
            memory_available_bytes: Some(available),
            ..MonitorReport::default()
        }
    }

    #[test]
    fn the_shares_add_up() {
        for total in [0, 1, 7, 64 * MIB, 512 * MIB, u64::MAX] {
            let budget = Budget::new(total);
            let sum = budget.history_bytes(true) + budget.queue_bytes() + budget.inspection_bytes();
            assert_eq!(sum, total);
            assert!(budget.history_bytes(false) >= budget.history_bytes(true));
        }
    }

    #[test]
    fn a_recording_takes_its_queue_out_of_the_history() {
        let mut pressure = Pressure::new(Budget::new(512 * MIB));
        let roomy = machine(8 * GIB, 6 * GIB);
        assert_eq!(pressure.look(&roomy, 0, false).bytes, 448 * MIB);
        assert_eq!(pressure.look(&roomy, 0, true).bytes, 320 * MIB);
    }

    #[test]
    fn the_history_yields_while_memory_is_short_and_comes_back() {
        let mut pressure = Pressure::new(Budget::new(512 * MIB));
        let short = machine(8 * GIB, GIB);
        let mut before = 448 * MIB;
        for _ in 0..60 {
            let limit = pressure.look(&short, before, false);
            assert!(limit.yielding);
            assert!(limit.bytes < before || limit.bytes == LEAST_HISTORY_BYTES, "{limit:?}");
            before = limit.bytes;
        }
        assert_eq!(before, LEAST_HISTORY_BYTES);
        // Between the two lines nothing moves.
        let between = machine(8 * GIB, 8 * GIB * 22 / 100);
        assert_eq!(pressure.look(&between, before, false).bytes, before);
        let roomy = machine(8 * GIB, 6 * GIB);
        let back = (0..60).any(|_| {
            let limit = pressure.look(&roomy, before, false);
            !limit.yielding && limit.bytes == 448 * MIB
        });
        assert!(back, "the share is given back");
    }

    #[test]
    fn memory_that_is_not_known_is_taken_as_enough() {
        let mut pressure = Pressure::new(Budget::new(512 * MIB));
        let limit = pressure.look(&MonitorReport::default(), 400 * MIB, false);
        assert_eq!(
            limit,
            HistoryLimit {
                bytes: 448 * MIB,
                yielding: false
            }
        );
    }
}
