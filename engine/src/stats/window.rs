//! A sliding window of message counts.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// How far back rate and bandwidth look, in nanoseconds.
pub const WINDOW_NS: i64 = 5_000_000_000;

const TICK_NS: i64 = 100_000_000;
const TICKS: i64 = WINDOW_NS / TICK_NS;
/// More than the window, so that the slot being rewritten is not one that is read.
const SLOTS: usize = 64;
const NEVER: i64 = i64::MIN;

/// What a window holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowRate {
    /// Messages per second.
    pub rate_hz: f64,
    /// Bytes of payload per second.
    pub bytes_per_s: f64,
}

#[derive(Debug)]
struct Slot {
    tick: AtomicI64,
    count: AtomicU64,
    bytes: AtomicU64,
    first: AtomicI64,
    last: AtomicI64,
}

/// Written by one thread, read by others. A reader that looks while a message is being counted may see that message
/// half: it is off by one message at most.
#[derive(Debug)]
pub(super) struct Window {
    slots: Box<[Slot]>,
    last: AtomicI64,
    before_last: AtomicI64,
    last_bytes: AtomicU64,
}

impl Default for Window {
    fn default() -> Self {
        let slot = |_| Slot {
            tick: AtomicI64::new(NEVER),
            count: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            first: AtomicI64::new(0),
            last: AtomicI64::new(0),
        };
        Self {
            slots: (0..SLOTS).map(slot).collect(),
            last: AtomicI64::new(NEVER),
            before_last: AtomicI64::new(NEVER),
            last_bytes: AtomicU64::new(0),
        }
    }
}

fn slot_of(tick: i64) -> usize {
    usize::try_from(tick.rem_euclid(SLOTS as i64)).expect("below the number of slots")
}

impl Window {
    pub fn add(&self, time_ns: i64, bytes: u64) {
        self.before_last
            .store(self.last.load(Ordering::Relaxed), Ordering::Relaxed);
        self.last.store(time_ns, Ordering::Relaxed);
        self.last_bytes.store(bytes, Ordering::Relaxed);
        let tick = time_ns.div_euclid(TICK_NS);
        let slot = &self.slots[slot_of(tick)];
        if slot.tick.load(Ordering::Relaxed) != tick {
            slot.tick.store(NEVER, Ordering::Release);
            slot.count.store(0, Ordering::Relaxed);
            slot.bytes.store(0, Ordering::Relaxed);
            slot.first.store(time_ns, Ordering::Relaxed);
            slot.last.store(time_ns, Ordering::Relaxed);
            slot.tick.store(tick, Ordering::Release);
        }
        slot.last.store(time_ns, Ordering::Relaxed);
        slot.bytes
            .store(slot.bytes.load(Ordering::Relaxed) + bytes, Ordering::Relaxed);
        slot.count
            .store(slot.count.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    pub fn rate(&self, now_ns: i64) -> Option<WindowRate> {
        let (mut count, mut bytes, mut first, mut last) = (0, 0, i64::MAX, NEVER);
        let now_tick = now_ns.div_euclid(TICK_NS);
        // One tick more than now: what arrived between the caller's look at the clock and this one.
        for tick in now_tick - TICKS..=now_tick + 1 {
            let slot = &self.slots[slot_of(tick)];
            if slot.tick.load(Ordering::Acquire) != tick {
                continue;
            }
            let seen = (
                slot.count.load(Ordering::Acquire),
                slot.bytes.load(Ordering::Relaxed),
                slot.first.load(Ordering::Relaxed),
                slot.last.load(Ordering::Relaxed),
            );
            if slot.tick.load(Ordering::Acquire) == tick && seen.0 > 0 {
                count += seen.0;
                bytes += seen.1;
                first = first.min(seen.2);
                last = last.max(seen.3);
            }
        }
        if count >= 2 && last > first {
            let span = (last - first) as f64;
            let intervals = (count - 1) as f64;
            let silence = ((now_ns - last) as f64 - span / intervals).max(0.0);
            let rate_hz = intervals * 1e9 / (span + silence);
            let mean_bytes = bytes as f64 / count as f64;
            return Some(WindowRate {
                rate_hz,
                bytes_per_s: rate_hz * mean_bytes,
            });
        }
        let (last, before) = (
            self.last.load(Ordering::Relaxed),
            self.before_last.load(Ordering::Relaxed),
        );
        if before == NEVER {
            return None;
        }
        let interval = (last - before).max(now_ns - last);
        let rate_hz = (interval > 0).then(|| 1e9 / interval as f64)?;
        Some(WindowRate {
            rate_hz,
            bytes_per_s: rate_hz * self.last_bytes.load(Ordering::Relaxed) as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn steady(interval: i64, count: i64) -> (Window, i64) {
        let window = Window::default();
        for n in 0..count {
            window.add(n * interval, 10);
        }
        (window, (count - 1) * interval)
    }

    fn rate(window: &Window, now: i64) -> f64 {
        window.rate(now).expect("two messages").rate_hz
    }

    #[test]
    fn steady_rates_are_exact_at_any_moment() {
        for (interval, count) in [
            (MS, 20_000),
            (MS / 5, 50_000),
            (20 * MS, 400),
            (7 * MS, 999),
            (1000 * MS, 10),
        ] {
            let (window, last) = steady(interval, count);
            for late in [0, interval / 3, interval] {
                let measured = rate(&window, last + late);
                let truth = 1e9 / interval as f64;
                assert!(
                    (measured / truth - 1.0).abs() < 1e-9,
                    "{measured} Hz instead of {truth}"
                );
            }
        }
    }

    #[test]
    fn slow_topics_have_a_rate_too() {
        let (window, last) = steady(20_000 * MS, 5);
        assert!((rate(&window, last + 3000 * MS) - 0.05).abs() < 1e-9);
    }

    #[test]
    fn a_silent_topic_sinks_to_the_truth() {
        let (window, last) = steady(MS, 10_000);
        let after = |seconds: f64| rate(&window, last + (seconds * 1e9) as i64);
        assert!((after(0.001) - 1000.0).abs() < 0.01);
        // Two of five seconds were silent.
        assert!((after(2.0) - 600.0).abs() < 15.0, "{}", after(2.0));
        assert!((after(4.0) - 200.0).abs() < 25.0, "{}", after(4.0));
        assert!((after(10.0) - 0.1).abs() < 1e-6);
        assert!(after(100.0) < 0.011);
    }

    #[test]
    fn one_message_is_no_rate() {
        let window = Window::default();
        assert_eq!(window.rate(0), None);
        window.add(5, 1);
        assert_eq!(window.rate(10), None);
    }
}
