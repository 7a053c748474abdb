//! The handshake between whoever produces data and a user interface that sleeps when there is none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;

use crate::transport::Waker;

/// Says that there is something to drain, and wakes whoever went to sleep: at most once per sleep, never lost.
///
/// The producer pushes its data, then calls [`WakeFlag::mark`]. The consumer calls [`WakeFlag::take_dirty`] on its
/// frame clock and drains when that is true; else it calls [`WakeFlag::sleep`], and stops its clock only when that is
/// true as well. The waker that was set is then called by the next [`WakeFlag::mark`].
#[derive(Debug, Default)]
pub struct WakeFlag {
    dirty: AtomicBool,
    asleep: AtomicBool,
    waker: ArcSwapOption<Waker>,
}

impl WakeFlag {
    /// A flag that is neither dirty nor asleep, without a waker.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The consumer asks whether there is something to drain, and takes the mark away.
    #[must_use]
    pub fn take_dirty(&self) -> bool {
        self.dirty.swap(false, Ordering::SeqCst)
    }

    /// The consumer goes to sleep. False when something came meanwhile: stay awake and drain.
    #[must_use]
    pub fn sleep(&self) -> bool {
        // Sequentially consistent on both sides: of "asleep, then look at dirty" here and "dirty, then look at asleep"
        // in `mark`, at least one sees the other.
        self.asleep.store(true, Ordering::SeqCst);
        if self.dirty.load(Ordering::SeqCst) {
            self.asleep.store(false, Ordering::SeqCst);
            return false;
        }
        true
    }

    /// What [`WakeFlag::mark`] calls when the consumer sleeps. It must not block. Replaces the one before.
    pub fn set_waker(&self, waker: Waker) {
        self.waker.store(Some(Arc::new(waker)));
        // What happened before there was a waker must not stay unseen.
        if self.dirty.load(Ordering::SeqCst) {
            self.rouse();
        }
    }

    /// The producer says that there is something to drain.
    pub fn mark(&self) {
        // A mark that nobody took yet has already woken whom it had to: data pushed before this call is found by the
        // drain that takes it. The store cannot be skipped before looking at `asleep`.
        self.dirty.store(true, Ordering::SeqCst);
        self.rouse();
    }

    fn rouse(&self) {
        if self.asleep.load(Ordering::SeqCst)
            && let Some(waker) = self.waker.load().as_ref()
            && self.asleep.swap(false, Ordering::SeqCst)
        {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn wakes_once_per_sleep() {
        let flag = WakeFlag::new();
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        flag.set_waker(Waker::new(move || {
            let _ = counted.fetch_add(1, Ordering::SeqCst);
        }));
        flag.mark();
        assert_eq!(calls.load(Ordering::SeqCst), 0, "awake");
        assert!(!flag.sleep(), "dirty");
        assert!(flag.take_dirty());
        assert!(flag.sleep());
        flag.mark();
        flag.mark();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert!(flag.take_dirty());
        assert!(!flag.take_dirty());
    }

    #[test]
    fn a_mark_before_the_waker_is_not_lost() {
        let flag = WakeFlag::new();
        assert!(flag.sleep());
        flag.mark();
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        flag.set_waker(Waker::new(move || {
            let _ = counted.fetch_add(1, Ordering::SeqCst);
        }));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    /// A producer marks after each push; the consumer drains when dirty and sleeps when not. Every push must be seen
    /// without a time-out ever having to help.
    #[test]
    fn no_wake_up_is_lost() {
        const PUSHES: u64 = 200_000;
        let flag = WakeFlag::new();
        let (send, wakes) = sync_channel(1);
        flag.set_waker(Waker::new(move || {
            let _ = send.try_send(());
        }));
        let pushed = Arc::new(AtomicU64::new(0));
        let producer = {
            let (flag, pushed) = (Arc::clone(&flag), Arc::clone(&pushed));
            std::thread::spawn(move || {
                for n in 1..=PUSHES {
                    pushed.store(n, Ordering::Release);
                    flag.mark();
                    if n % 64 == 0 {
                        std::thread::yield_now();
                    }
                }
            })
        };
        let mut seen = 0;
        while seen < PUSHES {
            if flag.take_dirty() {
                seen = pushed.load(Ordering::Acquire);
            } else if flag.sleep() {
                assert_eq!(
                    wakes.recv_timeout(Duration::from_secs(20)),
                    Ok(()),
                    "slept through at {seen}"
                );
            }
        }
        producer.join().expect("the producer ends");
    }
}
