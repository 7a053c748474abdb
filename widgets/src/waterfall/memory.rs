//! What a waterfall remembers from frame to frame: which columns the GPU has.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{WaterfallSource, cpu};

/// What the GPU has confirmed. Shared with the GPU's side, which voids it when it gives the columns up.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    /// `generation + 1`; 0 when nothing is there.
    generation: AtomicU64,
    /// Columns below this index are there.
    head: AtomicU64,
}

impl Acknowledged {
    pub(super) fn void(&self) {
        self.generation.store(0, Ordering::Relaxed);
    }

    pub(super) fn confirm(&self, generation: u64, head: u64) {
        self.head.store(head, Ordering::Relaxed);
        self.generation.store(generation.wrapping_add(1), Ordering::Relaxed);
    }

    /// The first column that must be sent.
    pub(super) fn next(&self, generation: u64, tail: u64, head: u64) -> u64 {
        if self.generation.load(Ordering::Relaxed) == generation.wrapping_add(1) {
            self.head.load(Ordering::Relaxed).clamp(tail, head)
        } else {
            tail
        }
    }
}

/// The ring that the GPU is asked to keep.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) columns: usize,
    pub(super) bins: usize,
    pub(super) acknowledged: Arc<Acknowledged>,
}

/// The state of a waterfall that outlives one `view`.
#[derive(Debug)]
pub(super) struct State {
    pub(super) id: u64,
    slot: RefCell<Option<Slot>>,
    pub(super) cells: RefCell<cpu::Memory>,
    pub(super) scratch: RefCell<Vec<f32>>,
}

impl State {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);

        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            slot: RefCell::default(),
            cells: RefCell::default(),
            scratch: RefCell::default(),
        }
    }

    /// The ring for a source; a new one when its size has changed.
    pub(super) fn slot(&self, source: &dyn WaterfallSource) -> Slot {
        let (columns, bins) = (source.columns().max(1), source.bins().max(1));
        let mut slot = self.slot.borrow_mut();
        match &*slot {
            Some(slot) if slot.columns == columns && slot.bins == bins => slot.clone(),
            _ => slot
                .insert(Slot {
                    columns,
                    bins,
                    acknowledged: Arc::default(),
                })
                .clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_columns_are_sent() {
        let acknowledged = Acknowledged::default();
        assert_eq!(acknowledged.next(7, 3, 10), 3);
        acknowledged.confirm(7, 10);
        assert_eq!(acknowledged.next(7, 3, 10), 10);
        assert_eq!(acknowledged.next(7, 5, 12), 10);
        assert_eq!(acknowledged.next(7, 40, 52), 40, "it fell behind by more than the ring");
        assert_eq!(acknowledged.next(8, 5, 12), 5, "another generation");
        acknowledged.void();
        assert_eq!(acknowledged.next(7, 5, 12), 5);
    }
}
