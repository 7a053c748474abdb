//! Outlets: whole messages from the ingest thread to a recorder or another reader, bounded in bytes.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::time::Duration;

use ringbuf::traits::{Consumer as _, Observer as _, Producer as _, Split as _};
use ringbuf::{HeapCons, HeapProd, HeapRb};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use thiserror::Error;

use crate::clock::monotonic_ns;
use crate::message::Arrival;

/// Names a topic within one outlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicIndex(pub u32);

/// A message on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Which topic.
    pub topic: TopicIndex,
    /// The message.
    pub arrival: Arrival,
    /// When it was queued, on the monotonic clock.
    pub queued_ns: i64,
}

/// Why an outlet could not be made.
#[derive(Debug, Error)]
pub enum OutletError {
    /// The kernel gave no event descriptor.
    #[error("cannot make a message queue: {0}; raise the limit of open files (`ulimit -n`)")]
    Descriptor(#[from] std::io::Error),
}

#[derive(Debug)]
struct Shared {
    queued_bytes: AtomicU64,
    quota_bytes: u64,
    waiting: AtomicBool,
    /// The consumer takes no more.
    refusing: AtomicBool,
    event: OwnedFd,
}

/// The ingest thread's end. Dropping it closes the outlet: the consumer still gets what is queued.
pub struct OutletProducer {
    ring: Option<HeapProd<Outgoing>>,
    shared: Arc<Shared>,
    pushed: bool,
}

/// The other end; it may sleep until there is something.
pub struct OutletConsumer {
    ring: HeapCons<Outgoing>,
    shared: Arc<Shared>,
}

/// Makes an outlet that holds at most `max_messages` messages and `quota_bytes` bytes of payload.
///
/// # Errors
/// When the process is out of file descriptors.
pub fn outlet(max_messages: usize, quota_bytes: u64) -> Result<(OutletProducer, OutletConsumer), OutletError> {
    let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(std::io::Error::from)?;
    let shared = Arc::new(Shared {
        queued_bytes: AtomicU64::new(0),
        quota_bytes,
        waiting: AtomicBool::new(false),
        refusing: AtomicBool::new(false),
        event,
    });
    let (producer, consumer) = HeapRb::new(max_messages.max(1)).split();
    let producer = OutletProducer {
        ring: Some(producer),
        shared: Arc::clone(&shared),
        pushed: false,
    };
    let consumer = OutletConsumer { ring: consumer, shared };
    Ok((producer, consumer))
}

/// What a message counts against the quota: never nothing, so that what is queued can be told from an empty queue.
fn cost(arrival: &Arrival) -> u64 {
    (arrival.payload.len() as u64).max(1)
}

impl OutletProducer {
    /// Queues a message, never waiting. False when the queue is full, the payload would exceed the quota, or the consumer takes
    /// no more: the caller counts the loss. A payload larger than the whole quota is let in when the queue is empty.
    pub fn push(&mut self, topic: TopicIndex, arrival: &Arrival) -> bool {
        let Some(ring) = self.ring.as_mut() else { return false };
        let bytes = cost(arrival);
        let queued = self.shared.queued_bytes.load(Ordering::Relaxed);
        if (queued > 0 && queued + bytes > self.shared.quota_bytes) || ring.is_full() {
            return false;
        }
        // Counted before it can be taken, so that the consumer never subtracts what was not added. And before the look at
        // whether it is refused: either that is seen here, or the consumer sees that something is on its way.
        let _ = self.shared.queued_bytes.fetch_add(bytes, Ordering::SeqCst);
        if self.shared.refusing.load(Ordering::SeqCst) {
            let _ = self.shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        let pushed = ring.try_push(Outgoing {
            topic,
            arrival: arrival.clone(),
            queued_ns: monotonic_ns(),
        });
        self.pushed = true;
        pushed.is_ok()
    }

    /// Wakes the consumer if it sleeps and something was pushed. Called once per batch.
    pub fn flush(&mut self) {
        if std::mem::take(&mut self.pushed) {
            self.shared.wake();
        }
    }

    /// True when the consumer is gone.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.ring.as_ref().is_none_or(|ring| !ring.read_is_held())
    }
}

impl Drop for OutletProducer {
    fn drop(&mut self) {
        // Closed first, then told.
        self.ring = None;
        self.shared.wake();
    }
}

impl Shared {
    fn wake(&self) {
        // Pairs with the fence in `wait`: either this sees the sleeper, or the sleeper sees the message.
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) && self.waiting.swap(false, Ordering::AcqRel) {
            // The counter cannot overflow: the consumer resets it after every wait.
            let _ = rustix::io::write(&self.event, &1_u64.to_ne_bytes());
        }
    }
}

impl OutletConsumer {
    /// Takes the oldest message.
    pub fn pop(&mut self) -> Option<Outgoing> {
        let outgoing = self.ring.try_pop()?;
        let bytes = cost(&outgoing.arrival);
        let _ = self.shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        Some(outgoing)
    }

    /// Lets the producer queue nothing more, so that what is still queued has an end: it is over when [`Self::pop`] gives
    /// nothing and [`Self::queued_bytes`] are zero, since a message may be on its way into the queue at this moment.
    pub fn refuse(&self) {
        self.shared.refusing.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Bytes of payload that are queued.
    #[must_use]
    pub fn queued_bytes(&self) -> u64 {
        self.shared.queued_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of payload that may be queued.
    #[must_use]
    pub fn quota_bytes(&self) -> u64 {
        self.shared.quota_bytes
    }

    /// Messages that are queued.
    #[must_use]
    pub fn queued_messages(&self) -> usize {
        self.ring.occupied_len()
    }

    /// How full the queue is, by bytes or by messages, whichever is more: 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let bytes = self.queued_bytes() as f64 / self.quota_bytes().max(1) as f64;
        let messages = self.queued_messages() as f64 / self.ring.capacity().get() as f64;
        bytes.max(messages).min(1.0)
    }

    /// When the oldest message was queued that still is, on the monotonic clock.
    #[must_use]
    pub fn oldest_ns(&self) -> Option<i64> {
        self.ring.first().map(|outgoing| outgoing.queued_ns)
    }

    /// True when the producer is gone. What is still queued can be taken: ask before an empty [`Self::pop`] means the end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.ring.write_is_held()
    }

    /// Sleeps until a message is queued, the outlet is closed, or `timeout` has passed. Returns at once when there is
    /// something already. True if there is something to take.
    pub fn wait(&self, timeout: Duration) -> bool {
        self.shared.waiting.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if self.ring.is_empty() && !self.is_closed() {
            let timeout = Timespec {
                tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(timeout.subsec_nanos()),
            };
            let mut polled = [PollFd::new(&self.shared.event, PollFlags::IN)];
            // Interrupted or timed out: the caller looks at the queue either way.
            let _ = poll(&mut polled, Some(&timeout));
        }
        self.shared.waiting.store(false, Ordering::Relaxed);
        // Resets the counter; fails with "again" when nobody woke us.
        let _ = rustix::io::read(&self.shared.event, &mut [0; 8]);
        !self.ring.is_empty()
    }
}

impl std::fmt::Debug for OutletProducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutletProducer({:?})", self.shared)
    }
}

impl std::fmt::Debug for OutletConsumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutletConsumer({:?})", self.shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::message::Gid;

    fn arrival(bytes: usize) -> Arrival {
        Arrival {
            payload: vec![0; bytes].into(),
            source_time: None,
            receive_time: Timestamp(0),
            writer: Gid::default(),
            sequence: None,
        }
    }

    #[test]
    fn the_quota_is_in_bytes() {
        let (mut producer, mut consumer) = outlet(100, 1000).expect("an outlet");
        assert!(producer.push(TopicIndex(0), &arrival(600)));
        assert!(!producer.push(TopicIndex(0), &arrival(600)));
        assert!(producer.push(TopicIndex(1), &arrival(400)));
        assert_eq!(consumer.queued_bytes(), 1000);
        assert_eq!(consumer.pop().expect("queued").topic, TopicIndex(0));
        assert_eq!(consumer.queued_bytes(), 400);
        assert!(!producer.push(TopicIndex(0), &arrival(5000)));
        assert_eq!(consumer.pop().expect("queued").topic, TopicIndex(1));
        assert!(producer.push(TopicIndex(0), &arrival(5000)), "one too large alone");
    }

    #[test]
    fn closing_keeps_what_is_queued() {
        let (mut producer, mut consumer) = outlet(4, 1000).expect("an outlet");
        for _ in 0..4 {
            assert!(producer.push(TopicIndex(0), &arrival(1)));
        }
        assert!(!producer.push(TopicIndex(0), &arrival(1)), "four fit");
        drop(producer);
        assert!(consumer.is_closed());
        assert!(consumer.wait(Duration::from_secs(60)));
        assert_eq!(std::iter::from_fn(|| consumer.pop()).count(), 4);
        assert!(!consumer.wait(Duration::from_secs(60)), "returns at once when closed");
    }

    #[test]
    fn a_refusal_leaves_nothing_uncounted() {
        for round in 0..200_u32 {
            let (mut producer, mut consumer) = outlet(1 << 10, u64::MAX).expect("an outlet");
            let writer = std::thread::spawn(move || {
                let mut pushed = 0_u32;
                // Payloads of no byte too.
                while producer.push(TopicIndex(0), &arrival(usize::from(pushed.is_multiple_of(2)))) {
                    pushed += 1;
                }
                pushed
            });
            let mut taken = 0_u32;
            while taken < round % 50 {
                match consumer.pop() {
                    Some(_) => taken += 1,
                    None => std::thread::yield_now(),
                }
            }
            consumer.refuse();
            loop {
                let over = consumer.queued_bytes() == 0;
                match consumer.pop() {
                    Some(_) => taken += 1,
                    None if over => break,
                    None => std::thread::yield_now(),
                }
            }
            assert_eq!(writer.join().expect("the writer ends"), taken);
        }
    }

    #[test]
    fn no_wake_up_is_lost() {
        const MESSAGES: u64 = 50_000;
        let (mut producer, mut consumer) = outlet(64, u64::MAX).expect("an outlet");
        let reader = std::thread::spawn(move || {
            let mut taken = 0;
            let mut slept_through = 0;
            loop {
                let closed = consumer.is_closed();
                while consumer.pop().is_some() {
                    taken += 1;
                }
                if closed {
                    return (taken, slept_through);
                }
                let before = crate::clock::monotonic_ns();
                let _ = consumer.wait(Duration::from_secs(2));
                slept_through += u64::from(crate::clock::monotonic_ns() - before > 1_900_000_000);
            }
        });
        let message = arrival(1);
        for _ in 0..MESSAGES {
            while !producer.push(TopicIndex(0), &message) {
                std::thread::yield_now();
            }
            producer.flush();
        }
        drop(producer);
        assert_eq!(reader.join().expect("the reader ends"), (MESSAGES, 0));
    }
}
