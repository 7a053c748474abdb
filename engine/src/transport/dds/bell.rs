//! Wakes a thread from Cyclone's threads and from our own, without a lock.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::{read, write};

use crate::transport::Waker;

/// Something to wait on. Ringing it twice before it is heard wakes once.
#[derive(Debug)]
pub(super) struct Bell {
    event: OwnedFd,
    rung: AtomicBool,
}

impl Bell {
    pub(super) fn new() -> std::io::Result<Arc<Self>> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Arc::new(Self {
            event,
            rung: AtomicBool::new(false),
        }))
    }

    /// Ends the present or the next [`Bell::wait`]. Never blocks.
    pub(super) fn ring(&self) {
        if !self.rung.swap(true, Ordering::SeqCst) {
            // Cannot fail: the counter is far from its limit, because each wait takes it back to zero.
            let _ = write(&self.event, &1_u64.to_ne_bytes());
        }
    }

    /// Waits for a ring; true if there was one.
    pub(super) fn wait(&self, timeout: Duration) -> bool {
        if !self.rung.load(Ordering::SeqCst) {
            let timeout = Timespec {
                tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(timeout.subsec_nanos()),
            };
            // An interrupted wait counts as an early end without a ring.
            let _ = poll(&mut [PollFd::new(&self.event, PollFlags::IN)], Some(&timeout));
        }
        let mut count = [0; 8];
        let heard = read(&self.event, &mut count).is_ok();
        if heard {
            // What was made ready before the ring is looked at after this store; what comes later rings again.
            self.rung.store(false, Ordering::SeqCst);
        }
        heard
    }

    pub(super) fn waker(self: &Arc<Self>) -> Waker {
        let bell = Arc::clone(self);
        Waker::new(move || bell.ring())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_ring_ends_one_wait() {
        let bell = Bell::new().expect("an eventfd");
        bell.ring();
        bell.ring();
        let start = Instant::now();
        assert!(bell.wait(Duration::from_secs(5)));
        assert!(start.elapsed() < Duration::from_secs(1));
        assert!(!bell.wait(Duration::ZERO));
    }

    #[test]
    fn a_ring_from_another_thread_is_heard() {
        let bell = Bell::new().expect("an eventfd");
        let waker = bell.waker();
        let other = std::thread::spawn(move || waker.wake());
        assert!(bell.wait(Duration::from_secs(5)));
        other.join().expect("the thread only rings");
    }
}
