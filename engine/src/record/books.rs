//! The account of every message: taken, written, safe or lost, by topic. Kept per chunk, never per message, so that
//! the threads of a recording may share it behind a lock.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::channels::ChannelRecord;
use super::chunk::Tally;
use super::status::{RecordedTopic, RecordingEvent, UNTOLD};
use super::{ChannelInfo, Failure};
use crate::bag::Bookmark;
use crate::clock::Timestamp;
use crate::ingest::TopicIndex;
use crate::loss::{Count, Loss};

/// Most bookmarks that the end of a file tells; the topic of the bookmarks has all of them.
const BOOKMARKS_MAX: usize = 10_000;

/// What became of the messages of one topic.
pub(super) struct Account {
    pub info: ChannelInfo,
    /// Its present channel.
    pub channel: Option<Arc<ChannelRecord>>,
    taken: u64,
    written: u64,
    safe: u64,
    repeated: u64,
    /// Given up before they reached a chunk.
    abandoned: u64,
    /// As told by ingest, all in all and at the beginning of the file.
    told: Loss,
    told_before: Loss,
    told_at: u64,
    span_ns: Option<(u64, u64)>,
    lost_ns: Option<(u64, u64)>,
    /// What was written may not have reached the disk.
    doubtful: bool,
}

impl Account {
    pub fn new(info: ChannelInfo) -> Self {
        Self {
            info,
            channel: None,
            taken: 0,
            written: 0,
            safe: 0,
            repeated: 0,
            abandoned: 0,
            told: UNTOLD,
            told_before: Loss::NONE,
            told_at: now_ns(),
            span_ns: None,
            lost_ns: None,
            doubtful: false,
        }
    }

    /// What ingest says was lost since the recording began.
    pub fn tell(&mut self, loss: Loss) {
        let now = now_ns();
        if loss.known_total() > self.told.known_total() {
            self.lost_between(self.told_at, now);
        }
        self.told = loss;
        self.told_at = now;
    }

    fn lost_between(&mut self, from: u64, to: u64) {
        self.lost_ns = widen(self.lost_ns, (from.min(to), to));
    }

    fn disk_loss(&self, over: bool) -> Count {
        if self.doubtful {
            return Count::Unknown;
        }
        let torn = if over {
            self.taken.saturating_sub(self.written)
        } else {
            0
        };
        Count::Known(self.abandoned + torn)
    }

    fn row(&self, over: bool) -> RecordedTopic {
        RecordedTopic {
            name: self.info.name.clone(),
            messages: self.written + self.repeated,
            received: self.taken + self.abandoned,
            written: self.written,
            safe: self.safe,
            repeated: self.repeated,
            loss: Loss {
                disk: self.disk_loss(over),
                ..self.told
            },
            span_ns: self.span_ns,
            lost_ns: self.lost_ns,
            rate_hz: None,
            silent_s: None,
            unexpected: false,
            defined: self.info.definition.is_some(),
        }
    }
}

/// A finished file.
#[derive(Clone, Debug)]
pub(super) struct FileEntry {
    pub number: u32,
    pub bytes: u64,
    /// Its length when it was handed over to be finished.
    pub bytes_open: u64,
    pub span_ns: Option<(u64, u64)>,
    pub messages: u64,
    /// By topic.
    pub counts: BTreeMap<TopicIndex, u64>,
    /// When it was finished, on the monotonic clock.
    pub finished_ns: i64,
}

/// All accounts.
#[derive(Default)]
pub(super) struct Books {
    pub accounts: BTreeMap<TopicIndex, Account>,
    /// Chunks that are not safe yet: their number and when their oldest message came.
    outstanding: VecDeque<(u64, i64)>,
    /// The file that is being written, and how far it is.
    pub number: u32,
    pub length: u64,
    /// Bytes of files that are being finished.
    pub closing: u64,
    /// Bytes of chunks that were written, all in all.
    pub written_bytes: u64,
    /// Bytes on their way to the file.
    pub in_flight: u64,
    pub files: Vec<FileEntry>,
    pub files_removed: u32,
    pub messages_removed: u64,
    pub bytes_removed: u64,
    /// Messages of topics that never got a name.
    pub unnamed_lost: u64,
    /// Bookmarks of the file that is being written.
    pub bookmarks: Vec<Bookmark>,
    /// No message is on its way any more.
    pub over: bool,
}

impl Books {
    /// A chunk is on its way.
    pub fn submit(&mut self, serial: u64, oldest_ns: i64, bytes: u64, tallies: impl Iterator<Item = Tally>) {
        self.outstanding.push_back((serial, oldest_ns));
        self.in_flight += bytes;
        for tally in tallies {
            if let Some(account) = self.accounts.get_mut(&tally.topic) {
                account.taken += tally.messages - tally.repeated;
            }
        }
    }

    /// A chunk is in the file.
    pub fn write(&mut self, bytes: u64, length: u64, tallies: &[Tally]) {
        self.in_flight = self.in_flight.saturating_sub(bytes);
        self.written_bytes += length.saturating_sub(self.length);
        self.length = length;
        for tally in tallies {
            if let Some(account) = self.accounts.get_mut(&tally.topic) {
                account.written += tally.messages - tally.repeated;
                account.repeated += tally.repeated;
                account.span_ns = widen(account.span_ns, tally.span);
            }
        }
    }

    /// A chunk got lost on its way.
    pub fn tear(&mut self, bytes: u64, tallies: &[Tally]) {
        self.in_flight = self.in_flight.saturating_sub(bytes);
        for tally in tallies {
            if let Some(account) = self.accounts.get_mut(&tally.topic) {
                account.lost_between(tally.span.0, tally.span.1);
            }
        }
    }

    /// Every chunk up to this one is on the disk.
    pub fn make_safe(&mut self, serial: u64, tallies: &[Tally]) {
        while self.outstanding.front().is_some_and(|(number, _)| *number <= serial) {
            let _ = self.outstanding.pop_front();
        }
        for tally in tallies {
            if let Some(account) = self.accounts.get_mut(&tally.topic) {
                account.safe += tally.messages - tally.repeated;
            }
        }
    }

    /// When the oldest message came that is on its way to the disk.
    pub fn oldest_ns(&self) -> Option<i64> {
        self.outstanding.iter().map(|(_, oldest)| *oldest).min()
    }

    /// A message is given up.
    pub fn abandon(&mut self, topic: TopicIndex, time_ns: u64) {
        match self.accounts.get_mut(&topic) {
            Some(account) => {
                account.abandoned += 1;
                account.lost_between(time_ns, time_ns);
            }
            None => self.unnamed_lost += 1,
        }
    }

    /// The file is handed over to be finished.
    pub fn hand_over(&mut self, length: u64) {
        self.closing += length;
        self.length = self.length.saturating_sub(length);
    }

    /// Bytes of all files that are there.
    pub fn bytes(&self) -> u64 {
        let finished: u64 = self.files.iter().map(|file| file.bytes).sum();
        finished + self.closing + self.length
    }

    /// Keeps a bookmark for the file that is being written.
    pub fn mark(&mut self, bookmark: Bookmark) {
        if self.bookmarks.len() < BOOKMARKS_MAX {
            self.bookmarks.push(bookmark);
        }
    }

    /// Nothing moves any more. What a failed sync or a vanished file leaves in doubt is unknown from now on.
    pub fn end(&mut self, failure: Option<&Failure>) {
        self.over = true;
        self.outstanding.clear();
        for account in self.accounts.values_mut() {
            account.doubtful = match failure {
                Some(Failure::Sync(_)) => account.written > account.safe,
                Some(Failure::Gone) => account.written > 0,
                Some(Failure::Write(_) | Failure::Close { .. }) | None => false,
            };
        }
    }

    /// The rows of the whole recording, one per name.
    pub fn rows(&self) -> Vec<RecordedTopic> {
        merge(self.accounts.values().map(|account| account.row(self.over)))
    }

    /// The rows of the file that holds these messages and ends now; the next file begins.
    pub fn end_file(
        &mut self,
        counts: &BTreeMap<TopicIndex, (u64, u64, (u64, u64))>,
        last: bool,
    ) -> Vec<RecordedTopic> {
        let over = self.over;
        let rows: Vec<RecordedTopic> = self
            .accounts
            .iter_mut()
            .map(|(index, account)| {
                let (messages, repeated, span) = counts.get(index).map_or((0, 0, None), |(m, r, s)| (*m, *r, Some(*s)));
                let written = messages - repeated;
                let mut loss = account.told.minus(account.told_before);
                account.told_before = account.told;
                loss.disk = if last { account.disk_loss(over) } else { Count::Known(0) };
                let lost = loss.disk.known().unwrap_or(0);
                let mut row = account.row(over);
                row.messages = messages;
                row.written = written;
                row.received = written + lost;
                // A file that bears its final name was synced before.
                row.safe = if account.doubtful {
                    account.safe.min(written)
                } else {
                    written
                };
                row.repeated = repeated;
                row.lost_ns = if loss.known_total() > 0 {
                    account.lost_ns.take()
                } else {
                    None
                };
                row.loss = loss;
                row.span_ns = span;
                row
            })
            .collect();
        merge(rows.into_iter())
    }
}

/// Topics that changed their type stand in one row.
fn merge(rows: impl Iterator<Item = RecordedTopic>) -> Vec<RecordedTopic> {
    let mut merged: BTreeMap<crate::name::TopicName, RecordedTopic> = BTreeMap::new();
    for row in rows {
        match merged.get_mut(&row.name) {
            None => drop(merged.insert(row.name.clone(), row)),
            Some(sum) => {
                sum.messages += row.messages;
                sum.received += row.received;
                sum.written += row.written;
                sum.safe += row.safe;
                sum.repeated += row.repeated;
                sum.loss = sum.loss.plus(row.loss);
                sum.span_ns = row.span_ns.map_or(sum.span_ns, |span| widen(sum.span_ns, span));
                sum.lost_ns = row.lost_ns.map_or(sum.lost_ns, |span| widen(sum.lost_ns, span));
                sum.defined &= row.defined;
            }
        }
    }
    merged.into_values().collect()
}

pub(super) fn widen(span: Option<(u64, u64)>, more: (u64, u64)) -> Option<(u64, u64)> {
    let (start, end) = span.unwrap_or(more);
    Some((start.min(more.0), end.max(more.1)))
}

/// The realtime clock, as the files keep it.
pub(super) fn now_ns() -> u64 {
    u64::try_from(Timestamp::now().0).unwrap_or(0)
}

/// What the threads of a recording share.
pub(super) struct Shared {
    books: Mutex<Books>,
    failure: Mutex<Option<Failure>>,
    failed: AtomicBool,
    /// [`u64::MAX`] stands for unknown, in all of these `i64::MIN`.
    free_bytes: AtomicU64,
    pub first_safe_ns: AtomicI64,
    pub last_sync_ns: AtomicI64,
    pub slowest_sync_ns: AtomicI64,
    pub slowest_safe_ns: AtomicI64,
    pub files: AtomicU32,
    events: SyncSender<RecordingEvent>,
}

impl Shared {
    pub fn new(events: SyncSender<RecordingEvent>) -> Self {
        Self {
            books: Mutex::default(),
            failure: Mutex::default(),
            failed: AtomicBool::new(false),
            free_bytes: AtomicU64::new(u64::MAX),
            first_safe_ns: AtomicI64::new(i64::MIN),
            last_sync_ns: AtomicI64::new(i64::MIN),
            slowest_sync_ns: AtomicI64::new(i64::MIN),
            slowest_safe_ns: AtomicI64::new(0),
            files: AtomicU32::new(1),
            events,
        }
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first failure stands.
    pub fn fail(&self, failure: Failure) {
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = first.get_or_insert(failure);
        self.failed.store(true, Ordering::Release);
    }

    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    pub fn failure(&self) -> MutexGuard<'_, Option<Failure>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn note_free(&self, free: &io::Result<Option<u64>>) {
        let free = free.as_ref().ok().copied().flatten();
        self.free_bytes.store(free.unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub fn free_bytes(&self) -> Option<u64> {
        Some(self.free_bytes.load(Ordering::Relaxed)).filter(|free| *free != u64::MAX)
    }

    /// An event that nobody takes in time is forgotten: the status tells the same.
    pub fn tell(&self, event: RecordingEvent) {
        let _ = self.events.try_send(event);
    }
}

/// What was measured, unless it was not.
pub(super) fn measured(value: &AtomicI64) -> Option<i64> {
    Some(value.load(Ordering::Relaxed)).filter(|ns| *ns != i64::MIN)
}
