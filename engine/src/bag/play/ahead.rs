//! Reads ahead of the player, on a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{BagError, Due, Feed};

/// Messages that may wait.
const MESSAGES: usize = 4096;
/// Bytes that may wait, one message more at most.
pub(super) const BYTES: usize = 64 << 20;
/// How often a reader that is held up looks whether it may go on.
const HELD_UP: Duration = Duration::from_millis(2);

/// What was read.
pub(super) enum Item {
    Message(Due),
    /// There is nothing after this.
    End,
    Failed(BagError),
}

struct Shared {
    /// Counts the seeks: what was read before the last one is thrown away.
    generation: AtomicU64,
    from_ns: std::sync::atomic::AtomicI64,
    waiting_bytes: AtomicUsize,
    closed: AtomicBool,
}

/// The player's end.
pub(super) struct Ahead {
    shared: Arc<Shared>,
    items: Option<Receiver<(u64, Item)>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Starts reading from a time. `latched` says of which topics the last message before is wanted first.
    pub(super) fn start(feed: Box<dyn Feed>, latched: Vec<bool>, from_ns: i64) -> io::Result<Self> {
        let (sender, items) = sync_channel(MESSAGES);
        let shared = Arc::new(Shared {
            generation: AtomicU64::new(0),
            from_ns: from_ns.into(),
            waiting_bytes: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let reader = Reader {
            feed,
            latched,
            shared: Arc::clone(&shared),
            sender,
        };
        let thread = std::thread::Builder::new()
            .name("play-read".to_owned())
            .spawn(move || reader.run())?;
        Ok(Self {
            shared,
            items: Some(items),
            thread: Some(thread),
        })
    }

    /// Goes on from another time.
    pub(super) fn seek(&self, to_ns: i64) {
        self.shared.from_ns.store(to_ns, Ordering::Relaxed);
        let _ = self.shared.generation.fetch_add(1, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// What is next; `None` when nothing was read within `limit`.
    pub(super) fn take(&self, limit: Duration) -> Option<Item> {
        let items = self.items.as_ref()?;
        loop {
            match items.recv_timeout(limit) {
                Ok((generation, item)) => {
                    if let Item::Message(due) = &item {
                        let _ = self
                            .shared
                            .waiting_bytes
                            .fetch_sub(due.payload.len(), Ordering::Relaxed);
                    }
                    if generation == self.shared.generation.load(Ordering::Relaxed) {
                        return Some(item);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => return Some(Item::End),
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Release);
        // A reader that waits for room is told by this.
        drop(self.items.take());
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

struct Reader {
    feed: Box<dyn Feed>,
    latched: Vec<bool>,
    shared: Arc<Shared>,
    sender: SyncSender<(u64, Item)>,
}

impl Reader {
    fn run(mut self) {
        loop {
            let generation = self.shared.generation.load(Ordering::Acquire);
            let from_ns = self.shared.from_ns.load(Ordering::Relaxed);
            let end = match self.read_from(generation, from_ns) {
                Ok(true) => Item::End,
                // Sought elsewhere, or nobody wants more.
                Ok(false) => {
                    if self.shared.closed.load(Ordering::Acquire) {
                        return;
                    }
                    continue;
                }
                Err(error) => Item::Failed(error),
            };
            if self.sender.send((generation, end)).is_err() {
                return;
            }
            while !self.is_stale(generation) {
                std::thread::park();
            }
            if self.shared.closed.load(Ordering::Acquire) {
                return;
            }
        }
    }

    fn is_stale(&self, generation: u64) -> bool {
        self.shared.closed.load(Ordering::Acquire) || self.shared.generation.load(Ordering::Acquire) != generation
    }

    /// True when everything was read.
    fn read_from(&mut self, generation: u64, from_ns: i64) -> Result<bool, BagError> {
        for topic in 0..self.latched.len() {
            if self.latched.get(topic) == Some(&true)
                && let Some(due) = self.feed.last_before(topic, from_ns)?
            {
                // Due at once: it was there when the recording came to this time.
                let due = Due {
                    log_time_ns: from_ns,
                    ..due
                };
                if !self.send(generation, due) {
                    return Ok(false);
                }
            }
        }
        self.feed.seek(from_ns)?;
        while let Some(due) = self.feed.next()? {
            if !self.send(generation, due) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// False when the player has gone elsewhere.
    fn send(&self, generation: u64, due: Due) -> bool {
        while self.shared.waiting_bytes.load(Ordering::Relaxed) >= BYTES {
            if self.is_stale(generation) {
                return false;
            }
            std::thread::park_timeout(HELD_UP);
        }
        let _ = self
            .shared
            .waiting_bytes
            .fetch_add(due.payload.len(), Ordering::Relaxed);
        self.sender.send((generation, Item::Message(due))).is_ok() && !self.is_stale(generation)
    }
}
