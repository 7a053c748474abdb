//! The median of a window, in a logarithm of its length per sample.
//!
//! Two heaps hold the lower and the upper half of the values. Each value knows its place in its heap, so that the oldest
//! can be taken out wherever it is. All samples lie in one pool, from which only as much is ever touched as the window
//! has held at most.

use super::error::TransformFault;
use super::spec::Window;
use super::{Sample, Sink};

/// No slot.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    time_ns: i64,
    value: f64,
    /// The next younger sample, or the next free slot.
    next: u32,
    /// Where it is in its heap.
    place: u32,
    upper: bool,
}

/// Slots, the one that is nearest to the median first.
#[derive(Debug)]
struct Heap {
    upper: bool,
    slots: Vec<u32>,
}

impl Heap {
    fn new(upper: bool, capacity: usize) -> Self {
        Self {
            upper,
            slots: Vec::with_capacity(capacity),
        }
    }

    fn top(&self, nodes: &[Node]) -> Option<f64> {
        self.slots.first().map(|&slot| nodes[slot as usize].value)
    }

    fn nearer(&self, nodes: &[Node], a: usize, b: usize) -> bool {
        let (a, b) = (nodes[self.slots[a] as usize].value, nodes[self.slots[b] as usize].value);
        if self.upper { a < b } else { a > b }
    }

    fn place(&self, nodes: &mut [Node], at: usize) {
        nodes[self.slots[at] as usize].place = at as u32;
    }

    fn swap(&mut self, nodes: &mut [Node], a: usize, b: usize) {
        self.slots.swap(a, b);
        self.place(nodes, a);
        self.place(nodes, b);
    }

    /// Moves what is at `at` to where it belongs.
    fn settle(&mut self, nodes: &mut [Node], mut at: usize) {
        while at > 0 && self.nearer(nodes, at, (at - 1) / 2) {
            self.swap(nodes, at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        loop {
            let mut nearest = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.slots.len() && self.nearer(nodes, child, nearest) {
                    nearest = child;
                }
            }
            if nearest == at {
                return;
            }
            self.swap(nodes, at, nearest);
            at = nearest;
        }
    }

    fn push(&mut self, nodes: &mut [Node], slot: u32) {
        let at = self.slots.len();
        self.slots.push(slot);
        nodes[slot as usize].upper = self.upper;
        self.place(nodes, at);
        self.settle(nodes, at);
    }

    fn take(&mut self, nodes: &mut [Node], at: usize) -> u32 {
        let slot = self.slots.swap_remove(at);
        if at < self.slots.len() {
            self.place(nodes, at);
            self.settle(nodes, at);
        }
        slot
    }
}

/// The median of a window.
#[derive(Debug)]
pub(super) struct Median {
    window: Window,
    capacity: usize,
    span_ns: Option<i64>,
    nodes: Vec<Node>,
    free: u32,
    oldest: u32,
    newest: u32,
    lower: Heap,
    upper: Heap,
    full: bool,
}

impl Median {
    pub(super) fn new(window: Window) -> Self {
        let capacity = window.capacity();
        // While a value moves from one half to the other, one of them holds two more than the other one.
        let half = capacity / 2 + 2;
        Self {
            window,
            capacity,
            span_ns: window.span_ns(),
            nodes: Vec::with_capacity(capacity),
            free: NONE,
            oldest: NONE,
            newest: NONE,
            lower: Heap::new(false, half),
            upper: Heap::new(true, half),
            full: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.nodes.clear();
        self.lower.slots.clear();
        self.upper.slots.clear();
        (self.free, self.oldest, self.newest) = (NONE, NONE, NONE);
        self.full = false;
    }

    pub(super) fn fault(&self) -> Option<TransformFault> {
        let Window::Seconds(window_s) = self.window else {
            return None;
        };
        self.full.then_some(TransformFault::Full {
            window_s,
            samples: self.capacity,
        })
    }

    fn len(&self) -> usize {
        self.lower.slots.len() + self.upper.slots.len()
    }

    fn time_of(&self, slot: u32) -> Option<i64> {
        self.nodes.get(slot as usize).map(|node| node.time_ns)
    }

    /// The lower half has as many as the upper one, or one more.
    fn balance(&mut self) {
        let nodes = &mut self.nodes;
        if self.lower.slots.len() > self.upper.slots.len() + 1 {
            let slot = self.lower.take(nodes, 0);
            self.upper.push(nodes, slot);
        } else if self.lower.slots.len() < self.upper.slots.len() {
            let slot = self.upper.take(nodes, 0);
            self.lower.push(nodes, slot);
        }
    }

    fn drop_oldest(&mut self) {
        let slot = self.oldest;
        let node = self.nodes[slot as usize];
        let heap = if node.upper { &mut self.upper } else { &mut self.lower };
        let _ = heap.take(&mut self.nodes, node.place as usize);
        self.nodes[slot as usize].next = self.free;
        self.free = slot;
        self.oldest = node.next;
        if self.oldest == NONE {
            self.newest = NONE;
        }
        self.balance();
    }

    fn insert(&mut self, time_ns: i64, value: f64) {
        let node = Node {
            time_ns,
            value,
            next: NONE,
            place: 0,
            upper: false,
        };
        let slot = if self.free == NONE {
            self.nodes.push(node);
            self.nodes.len() as u32 - 1
        } else {
            let slot = self.free;
            self.free = self.nodes[slot as usize].next;
            self.nodes[slot as usize] = node;
            slot
        };
        if self.newest == NONE {
            self.oldest = slot;
        } else {
            self.nodes[self.newest as usize].next = slot;
        }
        self.newest = slot;
        let below = self.lower.top(&self.nodes).is_none_or(|top| value <= top);
        let heap = if below { &mut self.lower } else { &mut self.upper };
        heap.push(&mut self.nodes, slot);
        self.balance();
    }

    fn median(&self) -> f64 {
        let lower = self.lower.top(&self.nodes).unwrap_or(f64::NAN);
        match self.upper.top(&self.nodes) {
            Some(upper) if self.lower.slots.len() == self.upper.slots.len() => 0.5 * lower + 0.5 * upper,
            _ => lower,
        }
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if !sample.value.is_finite() {
            out(Sample {
                value: f64::NAN,
                ..sample
            });
            return;
        }
        let mut time_ns = sample.time_ns;
        if let (Some(span), Some(newest)) = (self.span_ns, self.time_of(self.newest)) {
            if newest.saturating_sub(time_ns) > span {
                self.reset();
            } else {
                // A small step back is jitter: the sample counts as one of the newest time.
                time_ns = time_ns.max(newest);
            }
            let old = |oldest: i64| time_ns.saturating_sub(oldest) >= span;
            while self.time_of(self.oldest).is_some_and(old) {
                self.drop_oldest();
                self.full = false;
            }
        }
        if self.len() >= self.capacity {
            self.drop_oldest();
            self.full = self.span_ns.is_some();
        }
        self.insert(time_ns, sample.value);
        out(Sample {
            value: self.median(),
            ..sample
        });
    }
}
