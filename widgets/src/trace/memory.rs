//! What a layer remembers from frame to frame: which points of each curve the GPU has.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::CurveState;

/// What the GPU has confirmed of one curve. Shared with the GPU's side, which voids it when it gives the points up.
#[derive(Debug)]
pub(super) struct Acknowledged {
    /// `generation + 1`; 0 when nothing is there.
    pub(super) generation: AtomicU64,
    /// Points below this index are there and will not change.
    pub(super) settled: AtomicU64,
}

impl Acknowledged {
    pub(super) fn void(&self) {
        self.generation.store(0, Ordering::Relaxed);
    }

    pub(super) fn confirm(&self, generation: u64, settled: u64) {
        self.settled.store(settled, Ordering::Relaxed);
        self.generation.store(generation.wrapping_add(1), Ordering::Relaxed);
    }

    /// The first point that must be sent.
    pub(super) fn next(&self, curve: &CurveState) -> u64 {
        if self.generation.load(Ordering::Relaxed) == curve.generation.wrapping_add(1) {
            self.settled.load(Ordering::Relaxed).clamp(curve.tail, curve.head)
        } else {
            curve.tail
        }
    }
}

/// The widget's memory of one curve.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) capacity: u64,
    pub(super) acknowledged: Arc<Acknowledged>,
}

/// The least number of points that a ring is made for.
const CAPACITY: u64 = 512;

impl Slot {
    pub(super) fn new(points: u64) -> Self {
        Self {
            capacity: (points + points / 4).next_power_of_two().max(CAPACITY),
            acknowledged: Arc::new(Acknowledged {
                generation: AtomicU64::new(0),
                settled: AtomicU64::new(0),
            }),
        }
    }
}

/// The state of a layer that outlives one `view`.
#[derive(Debug)]
pub(crate) struct State {
    pub(super) id: u64,
    pub(super) slots: RefCell<Vec<Slot>>,
    pub(super) scratch: RefCell<Vec<[f32; 2]>>,
}

impl State {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);

        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            slots: RefCell::default(),
            scratch: RefCell::default(),
        }
    }
}
