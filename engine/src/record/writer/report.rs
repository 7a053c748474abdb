//! What is told of a recording while it runs: the status, and the state of the ledger in the file itself.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;

use super::Recording;
use super::capture::Capture;
use super::intake::Topic;
use crate::clock::Timestamp;
use crate::ingest::{OutletConsumer, TopicIndex};
use crate::loss::Count;
use crate::name::TopicName;
use crate::record::books::{Shared, measured};
use crate::record::directory::Place;
use crate::record::ledger::{LEDGER_TOPIC, is_own_topic};
use crate::record::request::RecordRequest;
use crate::record::status::{RecordedTopic, RecordingState, RecordingStatus, total_loss};
use crate::record::watch::Watch;

/// How often the status is told; less often where it is long.
const STATUS_NS: i64 = 100_000_000;
const LONG_STATUS_NS: i64 = 500_000_000;
const LONG_STATUS_TOPICS: usize = 500;
/// The write rate is a mean over this time.
const RATE_NS: i64 = 1_000_000_000;
/// The file tells the state of the ledger this long after the start, then so often, and when something new is lost.
const JOURNAL_FIRST_NS: i64 = 2_000_000_000;
const JOURNAL_NS: i64 = 5_000_000_000;
/// With more topics than this the file tells only of those that lost something.
const JOURNAL_TOPICS: usize = 200;

/// What a report is made of.
pub(super) struct Now<'a> {
    pub request: &'a RecordRequest,
    pub shared: &'a Shared,
    pub place: &'a Place,
    pub outlet: &'a OutletConsumer,
    pub topics: &'a HashMap<TopicIndex, Topic>,
    pub capture: Option<&'a Capture>,
    pub state: RecordingState,
    pub began_ns: i64,
    pub ended_ns: Option<i64>,
    /// When the oldest message of the chunk in memory came.
    pub chunk_oldest_ns: Option<i64>,
    pub bookmarks: u64,
    /// Nothing moves any more.
    pub over: bool,
}

/// Makes the reports.
pub(super) struct Reporter {
    status: Arc<ArcSwap<RecordingStatus>>,
    told_ns: i64,
    /// Moments and the bytes written until then, over the last second.
    lengths: VecDeque<(i64, u64)>,
    /// When the file was last told, and what was lost then.
    pub journal_ns: Option<i64>,
    pub journal_lost: u64,
}

impl Reporter {
    pub fn new(status: Arc<ArcSwap<RecordingStatus>>) -> Self {
        Self {
            status,
            told_ns: i64::MIN,
            lengths: VecDeque::new(),
            journal_ns: None,
            journal_lost: 0,
        }
    }

    pub fn is_due(&self, now_ns: i64, topics: usize) -> bool {
        let pause = if topics > LONG_STATUS_TOPICS {
            LONG_STATUS_NS
        } else {
            STATUS_NS
        };
        now_ns.saturating_sub(self.told_ns) >= pause
    }

    pub fn latest(&self) -> Arc<RecordingStatus> {
        self.status.load_full()
    }

    /// Tells where the recording stands.
    pub fn tell(&mut self, now: &Now<'_>, now_ns: i64) -> RecordingStatus {
        self.told_ns = now_ns;
        let books = now.shared.books();
        let written_bytes = books.written_bytes;
        let mut topics = books.rows();
        let oldest_ns = books.oldest_ns();
        let (bytes, unnamed_lost) = (books.bytes(), books.unnamed_lost);
        let (files_removed, messages_removed) = (books.files_removed, books.messages_removed);
        drop(books);
        let rate = self.rate(written_bytes, now_ns);
        add_habits(&mut topics, now, now_ns);
        let others = topics.iter().filter(|topic| !is_own_topic(topic.name.as_str()));
        let sum = |of: fn(&RecordedTopic) -> u64| others.clone().map(of).sum::<u64>();
        let mut loss = total_loss(&topics);
        loss.disk = loss.disk.plus(Count::Known(unnamed_lost));
        let waiting_ns = now.outlet.oldest_ns().filter(|_| !is_armed(now));
        let oldest = [oldest_ns, now.chunk_oldest_ns, waiting_ns].into_iter().flatten().min();
        let oldest = oldest.filter(|_| !now.over);
        let unsafe_ns = oldest.map_or(0, |oldest| (now_ns - oldest).max(0));
        let _ = now.shared.slowest_safe_ns.fetch_max(unsafe_ns, Ordering::Relaxed);
        let free_bytes = now.shared.free_bytes();
        let room = free_bytes.map(|free| free.saturating_sub(now.request.reserve_bytes));
        let seconds_left = room
            .zip(rate)
            .filter(|(_, rate)| *rate > 0.0)
            .map(|(room, rate)| room as f64 / rate);
        let status = RecordingStatus {
            state: now.state.clone(),
            path: now.place.directory().to_owned(),
            messages: sum(|topic| topic.messages),
            received: sum(|topic| topic.received),
            safe: sum(|topic| topic.safe),
            bytes,
            duration_s: (now.ended_ns.unwrap_or(now_ns) - now.began_ns) as f64 / 1e9,
            write_rate_bps: rate,
            queued_bytes: now.outlet.queued_bytes(),
            quota_bytes: now.request.quota_bytes,
            queue_share: now.outlet.share(),
            loss,
            topics,
            first_write_ns: measured(&now.shared.first_safe_ns),
            unsafe_s: unsafe_ns as f64 / 1e9,
            slowest_safe_s: now.shared.slowest_safe_ns.load(Ordering::Relaxed) as f64 / 1e9,
            last_sync_ns: measured(&now.shared.last_sync_ns),
            slowest_sync_ns: measured(&now.shared.slowest_sync_ns),
            free_bytes,
            reserve_bytes: now.request.reserve_bytes,
            seconds_left,
            files: now.shared.files.load(Ordering::Relaxed),
            files_removed,
            messages_removed,
            bookmarks: now.bookmarks,
            box_: now.capture.map(|capture| capture.status(now_ns)),
        };
        self.status.store(Arc::new(status.clone()));
        status
    }

    fn rate(&mut self, bytes: u64, now_ns: i64) -> Option<f64> {
        self.lengths.push_back((now_ns, bytes));
        while self.lengths.get(1).is_some_and(|(at, _)| now_ns - at >= RATE_NS) {
            let _ = self.lengths.pop_front();
        }
        let (at, before) = self.lengths.front().filter(|(at, _)| now_ns - at >= RATE_NS)?;
        Some(bytes.saturating_sub(*before) as f64 / ((now_ns - at) as f64 / 1e9))
    }
}

fn is_armed(now: &Now<'_>) -> bool {
    now.capture.is_some_and(Capture::is_armed)
}

/// Adds rates and silences to the rows.
fn add_habits(rows: &mut [RecordedTopic], now: &Now<'_>, now_ns: i64) {
    let mut watches: BTreeMap<&TopicName, &Watch> = BTreeMap::new();
    for topic in now.topics.values() {
        let known = watches.entry(&topic.info.name).or_insert(&topic.watch);
        // Of a topic that changed its type the one that speaks now.
        if topic.watch.silent_ns(now_ns).unwrap_or(i64::MAX) < known.silent_ns(now_ns).unwrap_or(i64::MAX) {
            *known = &topic.watch;
        }
    }
    for row in rows {
        let Some(watch) = watches.get(&row.name) else { continue };
        row.rate_hz = watch.rate_hz();
        let silent_ns = watch.strange_silence_ns(now_ns).filter(|_| !now.over);
        row.silent_s = silent_ns.map(|ns| ns as f64 / 1e9);
        let expectations = now.request.expectations.iter();
        row.unexpected = expectations
            .filter(|expectation| expectation.topic == row.name)
            .any(|expectation| watch.is_outside(expectation.band));
    }
}

impl Recording {
    /// Writes the state of the ledger into the file: rarely, and soon after a loss.
    pub(super) fn keep_journal(&mut self, now_ns: i64) {
        let armed = self.capture.as_ref().is_some_and(Capture::is_armed);
        let Some(since) = self.writing_since.filter(|_| !armed && self.ended_ns.is_none()) else {
            return;
        };
        let status = self.reporter.latest();
        let lost = status.loss.known_total();
        let due = match self.reporter.journal_ns {
            None => now_ns - since >= JOURNAL_FIRST_NS,
            Some(last) => {
                let more = lost > self.reporter.journal_lost && now_ns - last >= JOURNAL_FIRST_NS;
                more || now_ns - last >= JOURNAL_NS
            }
        };
        // A recording without a message stays without one.
        if !due || status.messages == 0 {
            return;
        }
        self.reporter.journal_ns = Some(now_ns);
        self.reporter.journal_lost = lost;
        let few = status.topics.len() <= JOURNAL_TOPICS;
        let topics: Vec<_> = status
            .topics
            .iter()
            .filter(|topic| few || topic.loss.known_total() > 0)
            .map(|topic| {
                serde_json::json!({
                    "name": topic.name,
                    "received": topic.received,
                    "written": topic.written,
                    "safe": topic.safe,
                    "loss": topic.loss,
                    "lost_ns": topic.lost_ns,
                })
            })
            .collect();
        let time = Timestamp::now();
        let document = serde_json::json!({
            "time_ns": time,
            "duration_s": status.duration_s,
            "received": status.received,
            "messages": status.messages,
            "safe": status.safe,
            "unsafe_s": status.unsafe_s,
            "queue_share": status.queue_share,
            "free_bytes": status.free_bytes,
            "loss": status.loss,
            "topics": topics,
        });
        self.say(LEDGER_TOPIC, &document, time);
    }
}
