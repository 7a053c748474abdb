//! The thread `recorder-sync`: makes safe what was written, as soon as it can, so that the thread that writes never
//! waits for the disk to answer. It also looks how much room is left.

use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::books::Shared;
use super::chunk::Tally;
use super::directory::Place;
use super::sink::Target;
use super::{Failure, SYNC_BYTES, SYNC_PAUSE};
use crate::clock::monotonic_ns;

/// How often the free space is looked at when nothing is written.
const LOOK: Duration = Duration::from_millis(250);

/// A chunk that was written and is not safe yet.
pub(super) struct Unsynced {
    /// The file, by its number.
    pub number: u32,
    pub target: Target,
    /// The chunk, by its number.
    pub serial: u64,
    pub bytes: u64,
    pub tallies: Vec<Tally>,
    pub oldest_ns: i64,
}

#[derive(Default)]
struct Queue {
    chunks: Vec<Unsynced>,
    bytes: u64,
    /// The file that is being written.
    current: Option<Target>,
    ended: bool,
}

/// What the thread shares with the one that writes.
#[derive(Default)]
pub(super) struct Syncer {
    queue: Mutex<Queue>,
    bell: Condvar,
}

impl Syncer {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This file is written from now on.
    pub fn watch(&self, target: Target) {
        self.queue().current = Some(target);
    }

    /// This chunk is in its file.
    pub fn add(&self, chunk: Unsynced) {
        let mut queue = self.queue();
        queue.bytes += chunk.bytes;
        queue.chunks.push(chunk);
        drop(queue);
        self.bell.notify_one();
    }

    /// The thread ends when everything is safe.
    pub fn end(&self) {
        self.queue().ended = true;
        self.bell.notify_one();
    }

    /// What the thread does.
    pub fn run(&self, shared: &Shared, place: &Place, began_ns: i64) {
        let mut synced_ns = i64::MIN;
        loop {
            let Some(chunks) = self.wait(synced_ns) else { return };
            let current = self.queue().current.clone();
            if let Some(target) = current {
                shared.note_free(&target.sink.free_bytes());
            }
            if chunks.is_empty() {
                continue;
            }
            self.sync(&chunks, shared, place, began_ns);
            synced_ns = monotonic_ns();
        }
    }

    /// Waits until something is due. `None` at the end, nothing when only time has passed.
    fn wait(&self, synced_ns: i64) -> Option<Vec<Unsynced>> {
        let pause = i64::try_from(SYNC_PAUSE.as_nanos()).unwrap_or(i64::MAX);
        let mut queue = self.queue();
        loop {
            if queue.chunks.is_empty() {
                if queue.ended {
                    return None;
                }
                let (next, timeout) = self
                    .bell
                    .wait_timeout(queue, LOOK)
                    .unwrap_or_else(PoisonError::into_inner);
                queue = next;
                if timeout.timed_out() && queue.chunks.is_empty() && !queue.ended {
                    return Some(Vec::new());
                }
                continue;
            }
            // Chunks that follow each other closely share a sync, unless there is much to do already.
            let early = synced_ns.saturating_add(pause).saturating_sub(monotonic_ns());
            if early > 0 && queue.bytes < SYNC_BYTES && !queue.ended {
                let wait = Duration::from_nanos(early.unsigned_abs());
                (queue, _) = self
                    .bell
                    .wait_timeout(queue, wait)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.bytes = 0;
            return Some(std::mem::take(&mut queue.chunks));
        }
    }

    fn sync(&self, chunks: &[Unsynced], shared: &Shared, place: &Place, began_ns: i64) {
        if matches!(&*shared.failure(), Some(Failure::Sync(_) | Failure::Gone)) {
            return;
        }
        for file in chunks.chunk_by(|a, b| a.number == b.number) {
            let Some(last) = file.last() else { continue };
            let before = monotonic_ns();
            if let Err(error) = last.target.sync() {
                shared.fail(Failure::Sync(error));
                return;
            }
            let now = monotonic_ns();
            let newest = shared.files.load(Ordering::Relaxed) == last.number + 1;
            if newest && !place.is_in_place(last.number) {
                shared.fail(Failure::Gone);
                return;
            }
            shared.last_sync_ns.store(now - before, Ordering::Relaxed);
            let _ = shared.slowest_sync_ns.fetch_max(now - before, Ordering::Relaxed);
            let mut books = shared.books();
            for chunk in file {
                books.make_safe(chunk.serial, &chunk.tallies);
                let _ = shared
                    .slowest_safe_ns
                    .fetch_max(now - chunk.oldest_ns, Ordering::Relaxed);
            }
            drop(books);
            let first = &shared.first_safe_ns;
            let _ = first.compare_exchange(i64::MIN, now - began_ns, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}
