//! What the thread `recorder` does from its start to its end.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use arc_swap::ArcSwap;
use mcap::records::{MessageHeader, Metadata};

use super::directory::Place;
use super::file::McapFile;
use super::meta::{self, BagMeta, TopicMeta};
use super::sink::Sink;
use super::{
    CHUNK_AGE, CHUNK_BYTES, ChannelInfo, Command, Finished, FinishedState, RecordError, RecordRequest, RecordedTopic,
    RecordingState, RecordingStatus, SYNC_AGE, SYNC_BYTES, UNTOLD, total_loss,
};
use crate::clock::monotonic_ns;
use crate::ingest::{Outgoing, OutletConsumer, TopicIndex};
use crate::loss::{Count, Loss};

/// Messages taken in one go before the clocks are looked at again.
const BATCH: usize = 1024;
/// Longest sleep: how late a stop is noticed.
const NAP: Duration = Duration::from_millis(50);
/// Pause between two batches while the queue is far from full: one wake-up for many messages.
const PACE: Duration = Duration::from_millis(5);
/// How often the status is told.
const STATUS_NS: i64 = 100_000_000;
/// The write rate is a mean over this time.
const RATE_NS: i64 = 1_000_000_000;
/// How long a producer that does not end may keep a stopped recorder busy.
const DRAIN_NS: i64 = 5_000_000_000;

/// What the thread is given.
pub(super) struct Context {
    pub request: RecordRequest,
    pub began_ns: i64,
    pub commands: Receiver<Command>,
    pub stopping: Arc<AtomicBool>,
    pub status: Arc<ArcSwap<RecordingStatus>>,
}

/// Runs a recording. `ready` hears whether the head of the file is on the disk, `finished` how it ended.
pub(super) fn run(
    context: Context,
    mut place: Place,
    sink: Box<dyn Sink>,
    outlet: OutletConsumer,
    ready: &SyncSender<Result<(), RecordError>>,
    finished: &SyncSender<Finished>,
) {
    let file_name = place.file_name();
    let head = BagMeta {
        file: &file_name,
        span_ns: None,
        messages: 0,
        topics: Vec::new(),
    };
    let head = rosbag2_record(&head);
    let file = match McapFile::create(sink, context.request.compression, &head) {
        Ok(file) => file,
        Err(error) => {
            place.undo();
            // The other side waits for this; it cannot be gone.
            let path = place.directory();
            let _ = ready.send(Err(RecordError::from_io(path, path, error)));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    let recording = Recording::new(context, place, file, outlet);
    // Nobody may wait for the result any more: the status tells it too.
    let _ = finished.send(recording.run());
}

fn rosbag2_record(meta: &BagMeta<'_>) -> Metadata {
    let text = meta.record();
    Metadata {
        name: "rosbag2".to_owned(),
        metadata: BTreeMap::from([("serialized_metadata".to_owned(), text)]),
    }
}

/// One topic of the recording.
struct Topic {
    info: ChannelInfo,
    /// The channel in the file, once it has one.
    channel: Option<u16>,
    /// Every channel this topic has had, with messages in the file.
    counts: BTreeMap<u16, u64>,
    /// Messages in the chunk in memory.
    pending: u64,
    /// Messages handed to the kernel and not synced.
    unsynced: u64,
    /// As told by ingest.
    told: Loss,
    disk: Count,
}

impl Topic {
    fn messages(&self) -> u64 {
        self.counts.values().sum()
    }

    fn lose(&mut self, messages: u64) {
        self.disk = self.disk.plus(Count::Known(messages));
    }

    fn loss(&self) -> Loss {
        Loss {
            disk: self.disk,
            ..self.told
        }
    }
}

/// Why a recording ended early, and what that says about the messages.
enum Failure {
    /// A chunk could not be written.
    Write(io::Error),
    /// What was written may not have reached the disk.
    Sync(io::Error),
    /// The file was taken away.
    Gone,
}

struct Recording {
    request: RecordRequest,
    place: Place,
    file: McapFile,
    outlet: OutletConsumer,
    commands: Receiver<Command>,
    stopping: Arc<AtomicBool>,
    status: Arc<ArcSwap<RecordingStatus>>,
    state: RecordingState,
    topics: HashMap<TopicIndex, Topic>,
    /// Messages that came before their topic was named.
    unnamed: VecDeque<Outgoing>,
    unnamed_bytes: u64,
    unnamed_lost: u64,
    /// Losses told before their topic was named.
    told_early: HashMap<TopicIndex, Loss>,
    /// Bytes in the chunk in memory.
    chunk_bytes: usize,
    /// When its first message came.
    chunk_since: Option<i64>,
    /// Log times in the chunk in memory.
    chunk_span: Option<(u64, u64)>,
    /// Log times in the file.
    span: Option<(u64, u64)>,
    began_ns: i64,
    ended_ns: Option<i64>,
    synced_ns: i64,
    /// When the oldest message came that a power cut would take.
    unsafe_since: Option<i64>,
    first_write_ns: Option<i64>,
    last_sync_ns: Option<i64>,
    slowest_sync_ns: Option<i64>,
    told_ns: i64,
    /// Moments and the file's length at them, over the last second.
    lengths: VecDeque<(i64, u64)>,
}

impl Recording {
    fn new(context: Context, place: Place, file: McapFile, outlet: OutletConsumer) -> Self {
        Self {
            request: context.request,
            place,
            file,
            outlet,
            commands: context.commands,
            stopping: context.stopping,
            status: context.status,
            state: RecordingState::Starting,
            topics: HashMap::new(),
            unnamed: VecDeque::new(),
            unnamed_bytes: 0,
            unnamed_lost: 0,
            told_early: HashMap::new(),
            chunk_bytes: 0,
            chunk_since: None,
            chunk_span: None,
            span: None,
            began_ns: context.began_ns,
            ended_ns: None,
            synced_ns: monotonic_ns(),
            unsafe_since: None,
            first_write_ns: None,
            last_sync_ns: None,
            slowest_sync_ns: None,
            told_ns: i64::MIN,
            lengths: VecDeque::new(),
        }
    }

    fn run(mut self) -> Finished {
        let outcome = self.record().and_then(|()| self.complete());
        match outcome {
            Ok(()) => self.state = RecordingState::Complete,
            Err(failure) => {
                let sentence = self.rescue(&failure);
                tracing::error!("{sentence}");
                self.state = RecordingState::Failed(sentence);
            }
        }
        self.tell(monotonic_ns());
        let state = match &self.state {
            RecordingState::Failed(sentence) => FinishedState::Failed(sentence.clone()),
            RecordingState::Starting
            | RecordingState::Recording
            | RecordingState::Finishing
            | RecordingState::Complete => FinishedState::Complete,
        };
        let status = RecordingStatus::clone(&self.status.load());
        Finished {
            state,
            path: status.path,
            messages: status.messages,
            bytes: status.bytes,
            duration_s: status.duration_s,
            loss: status.loss,
            topics: status.topics,
        }
    }

    /// Records until something asks for the end, and then what is left in the queue.
    fn record(&mut self) -> Result<(), Failure> {
        loop {
            let now = monotonic_ns();
            let closed = self.outlet.is_closed();
            if self.ended_ns.is_none() && (closed || self.is_to_stop(now)) {
                self.ended_ns = Some(now);
                self.state = RecordingState::Finishing;
            }
            let taken = self.take()?;
            self.keep_time()?;
            if let Some(ended) = self.ended_ns {
                // A closed queue has an end, however slow the disk is: all of it is written.
                if taken == 0 || (!closed && monotonic_ns() - ended > DRAIN_NS) {
                    return Ok(());
                }
            } else if taken < BATCH {
                self.rest(taken);
            }
        }
    }

    fn is_to_stop(&self, now: i64) -> bool {
        let over = |longest: Duration| now - self.began_ns >= ns(longest);
        self.stopping.load(Ordering::Acquire) || self.request.max_duration.is_some_and(over)
    }

    /// Sleeps until there is something to do. A queue that fills slowly is left alone for a moment, so that many
    /// messages share one wake-up; one that fills fast is not.
    fn rest(&mut self, taken: usize) {
        let crowded = self.outlet.queued_bytes() > self.request.quota_bytes / 16;
        if taken > 0 && self.first_write_ns.is_some() && !crowded && taken < BATCH / 8 {
            std::thread::sleep(PACE);
            return;
        }
        let mut nap = ns(NAP);
        if let Some(since) = self.chunk_since {
            nap = nap.min(since + ns(CHUNK_AGE) - monotonic_ns());
        }
        let _ = self.outlet.wait(Duration::from_nanos(u64::try_from(nap).unwrap_or(0)));
    }

    /// Moves a batch from the queue into the chunk and says how many messages it was.
    fn take(&mut self) -> Result<usize, Failure> {
        self.hear()?;
        for taken in 0..BATCH {
            let Some(outgoing) = self.outlet.pop() else {
                return Ok(taken);
            };
            self.accept(outgoing)?;
        }
        Ok(BATCH)
    }

    fn hear(&mut self) -> Result<(), Failure> {
        let mut named = false;
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Channel(info) => {
                    named = true;
                    self.name(info);
                }
                Command::Loss(index, loss) => match self.topics.get_mut(&index) {
                    Some(topic) => topic.told = loss,
                    None => drop(self.told_early.insert(index, loss)),
                },
            }
        }
        if named && !self.unnamed.is_empty() {
            self.unnamed_bytes = 0;
            for outgoing in std::mem::take(&mut self.unnamed) {
                self.accept(outgoing)?;
            }
        }
        Ok(())
    }

    fn name(&mut self, info: ChannelInfo) {
        let index = info.topic;
        if let Some(topic) = self.topics.get_mut(&index) {
            // A definition, or another type, needs a channel of its own: what is in the file cannot be changed.
            let same = topic.info.type_name == info.type_name;
            let definition = if same {
                info.definition.or(topic.info.definition.take())
            } else {
                info.definition
            };
            let info = ChannelInfo { definition, ..info };
            if !same || topic.info.definition != info.definition {
                topic.channel = None;
            }
            topic.info = info;
            return;
        }
        let told = self.told_early.remove(&index).unwrap_or(UNTOLD);
        let topic = Topic {
            info,
            channel: None,
            counts: BTreeMap::new(),
            pending: 0,
            unsynced: 0,
            told,
            disk: Count::Known(0),
        };
        let _ = self.topics.insert(index, topic);
    }

    fn accept(&mut self, outgoing: Outgoing) -> Result<(), Failure> {
        let arrival = &outgoing.arrival;
        let bytes = arrival.payload.len();
        if !self.topics.contains_key(&outgoing.topic) {
            self.hold(outgoing);
            return Ok(());
        }
        let Some(topic) = self.topics.get_mut(&outgoing.topic) else {
            return Ok(());
        };
        let log_time = u64::try_from(arrival.receive_time.0).unwrap_or(0);
        let publish_time = arrival
            .source_time
            .map_or(log_time, |time| u64::try_from(time.0).unwrap_or(0));
        let pushed = channel_of(topic, &mut self.file).and_then(|channel_id| {
            // MCAP counts in 32 bits; zero where nothing is known.
            let sequence = arrival.sequence.unwrap_or(0) as u32;
            let header = MessageHeader {
                channel_id,
                sequence,
                log_time,
                publish_time,
            };
            self.file.push(&header, &arrival.payload).map(|()| channel_id)
        });
        let channel = match pushed {
            Ok(channel) => channel,
            Err(error) => {
                topic.lose(1);
                return Err(Failure::Write(error));
            }
        };
        // Counted at once and taken back should the chunk not reach the file.
        *topic.counts.entry(channel).or_default() += 1;
        topic.pending += 1;
        self.chunk_span = widen(self.chunk_span, (log_time, log_time));
        self.chunk_bytes += bytes;
        if self.chunk_since.is_none() {
            let now = monotonic_ns();
            self.chunk_since = Some(now);
            self.unsafe_since = self.unsafe_since.or(Some(now));
        }
        if self.chunk_bytes >= CHUNK_BYTES {
            self.commit()
        } else {
            Ok(())
        }
    }

    /// Keeps a message whose topic has no name yet, as many as the queue may hold.
    fn hold(&mut self, outgoing: Outgoing) {
        let bytes = outgoing.arrival.payload.len() as u64;
        if self.unnamed_bytes + bytes > self.request.quota_bytes {
            self.unnamed_lost += 1;
        } else {
            self.unnamed_bytes += bytes;
            self.unnamed.push_back(outgoing);
        }
    }

    /// Does what is due by the clock.
    fn keep_time(&mut self) -> Result<(), Failure> {
        let now = monotonic_ns();
        // The first message goes to the disk at once: from then on the user knows that it works.
        let age = if self.first_write_ns.is_none() {
            0
        } else {
            ns(CHUNK_AGE)
        };
        if self.chunk_since.is_some_and(|since| now - since >= age) {
            self.commit()?;
        }
        let unsynced = self.file.unsynced();
        if unsynced >= SYNC_BYTES || (unsynced > 0 && now - self.synced_ns >= ns(SYNC_AGE)) {
            self.sync()?;
        }
        if now.saturating_sub(self.told_ns) >= STATUS_NS {
            self.tell(now);
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.file.commit().map_err(Failure::Write)?;
        for topic in self.topics.values_mut() {
            topic.unsynced += std::mem::take(&mut topic.pending);
        }
        if let Some(span) = self.chunk_span.take() {
            self.span = widen(self.span, span);
        }
        self.chunk_bytes = 0;
        let written = self.chunk_since.take().is_some();
        if written && self.first_write_ns.is_none() {
            self.sync()?;
            self.first_write_ns = Some(monotonic_ns() - self.began_ns);
            if self.state == RecordingState::Starting {
                self.state = RecordingState::Recording;
            }
        }
        if self.file.unsynced() >= SYNC_BYTES {
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Failure> {
        let before = monotonic_ns();
        self.file.sync().map_err(Failure::Sync)?;
        let now = monotonic_ns();
        self.synced_ns = now;
        self.last_sync_ns = Some(now - before);
        self.slowest_sync_ns = self.slowest_sync_ns.max(self.last_sync_ns);
        self.unsafe_since = self.chunk_since;
        self.topics.values_mut().for_each(|topic| topic.unsynced = 0);
        if self.place.is_in_place() {
            Ok(())
        } else {
            Err(Failure::Gone)
        }
    }

    /// Ends a recording that went well.
    fn complete(&mut self) -> Result<(), Failure> {
        self.hear()?;
        self.give_up_unnamed();
        // Topics without a message are told about too.
        for topic in self.topics.values_mut() {
            let _ = channel_of(topic, &mut self.file).map_err(Failure::Write)?;
        }
        self.commit()?;
        let records = [self.rosbag2(), self.ledger()];
        self.file.finish(&records).map_err(Failure::Write)?;
        self.topics.values_mut().for_each(|topic| topic.unsynced = 0);
        self.unsafe_since = None;
        self.publish().map_err(|error| {
            if self.place.is_in_place() {
                Failure::Sync(error)
            } else {
                Failure::Gone
            }
        })
    }

    fn publish(&self) -> io::Result<()> {
        let file = self.place.file_name();
        self.place.publish(&self.bag_meta(&file).file())
    }

    /// Saves what can be saved, counts what cannot, and says so.
    fn rescue(&mut self, failure: &Failure) -> String {
        let _ = self.ended_ns.get_or_insert_with(monotonic_ns);
        for topic in self.topics.values_mut() {
            let pending = std::mem::take(&mut topic.pending);
            if let Some(channel) = topic.channel
                && let Some(count) = topic.counts.get_mut(&channel)
            {
                *count = count.saturating_sub(pending);
            }
            topic.lose(pending);
            let doubtful = match failure {
                Failure::Write(_) => 0,
                Failure::Sync(_) => topic.unsynced,
                Failure::Gone => topic.messages(),
            };
            if doubtful > 0 {
                topic.disk = Count::Unknown;
            }
        }
        self.chunk_since = None;
        self.unsafe_since = None;
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Channel(info) => self.name(info),
                Command::Loss(index, loss) => {
                    if let Some(topic) = self.topics.get_mut(&index) {
                        topic.told = loss;
                    }
                }
            }
        }
        self.lose_queue();
        self.give_up_unnamed();
        let path = self.place.directory().display().to_string();
        let messages: u64 = self.topics.values().map(Topic::messages).sum();
        let reason = match failure {
            Failure::Write(error) | Failure::Sync(error) => reason(error),
            Failure::Gone => {
                return format!(
                    "the recording ended: {path} was removed or renamed while it was being written; record again into \
                     a directory that stays"
                );
            }
        };
        let records = [self.rosbag2(), self.ledger()];
        let counts = self.counts();
        let finished = self
            .file
            .finish_short(&records, counts, self.span)
            .and_then(|()| self.publish());
        let left = match finished {
            Ok(()) => format!(
                "the {messages} messages before that are whole in {}",
                self.place.file_name()
            ),
            Err(_) if self.place.is_in_place() => {
                let active = self.place.active();
                let name = active.file_name().unwrap_or_default().display();
                format!("the {messages} messages before that can be read from {name}, which has no index")
            }
            Err(_) => format!("the {messages} messages before that are in {}", self.place.file_name()),
        };
        let doubt = if matches!(failure, Failure::Sync(_)) {
            "; the last ones may not have reached the disk"
        } else {
            ""
        };
        format!("the recording into {path} ended: {reason}; {left}{doubt}")
    }

    /// Counts what waits in the queue as lost.
    fn lose_queue(&mut self) {
        // What comes from now on is counted where it cannot be queued.
        self.outlet.refuse();
        let began = monotonic_ns();
        let closed = self.outlet.is_closed();
        while let Some(outgoing) = self.outlet.pop() {
            match self.topics.get_mut(&outgoing.topic) {
                Some(topic) => topic.lose(1),
                None => self.unnamed_lost += 1,
            }
            if !closed && monotonic_ns() - began > DRAIN_NS {
                break;
            }
        }
    }

    fn give_up_unnamed(&mut self) {
        let waiting: Vec<_> = self.unnamed.drain(..).map(|outgoing| outgoing.topic).collect();
        for index in waiting {
            match self.topics.get_mut(&index) {
                Some(topic) => topic.lose(1),
                None => self.unnamed_lost += 1,
            }
        }
        if self.unnamed_lost > 0 {
            tracing::error!(
                "{} messages of topics without a name were not recorded",
                self.unnamed_lost
            );
        }
    }

    fn counts(&self) -> BTreeMap<u16, u64> {
        let counts = self.topics.values().flat_map(|topic| &topic.counts);
        counts
            .filter(|(_, messages)| **messages > 0)
            .map(|(channel, messages)| (*channel, *messages))
            .collect()
    }

    fn bag_meta<'a>(&'a self, file: &'a str) -> BagMeta<'a> {
        let mut topics: Vec<_> = self.topics.values().collect();
        topics.sort_by_key(|topic| &topic.info.name);
        let topics: Vec<_> = topics
            .into_iter()
            .map(|topic| TopicMeta {
                name: topic.info.name.as_str(),
                type_name: topic.info.type_name.as_str(),
                type_hash: topic.info.type_hash.as_ref().map_or("", |hash| &hash.0),
                offered_qos: &topic.info.offered_qos,
                messages: topic.messages(),
            })
            .collect();
        BagMeta {
            file,
            span_ns: self.span,
            messages: topics.iter().map(|topic| topic.messages).sum(),
            topics,
        }
    }

    fn rosbag2(&self) -> Metadata {
        let file = self.place.file_name();
        rosbag2_record(&self.bag_meta(&file))
    }

    /// The ledger: a line per topic, and one for the sum under `total`, which no topic can be called.
    fn ledger(&self) -> Metadata {
        let topics = self.recorded();
        let messages = topics.iter().map(|topic| topic.messages).sum();
        let mut metadata = BTreeMap::from([("total".to_owned(), meta::ledger_line(messages, &self.loss(&topics)))]);
        metadata.extend(topics.iter().map(|topic| {
            let line = meta::ledger_line(topic.messages, &topic.loss);
            (topic.name.as_str().to_owned(), line)
        }));
        Metadata {
            name: meta::LEDGER.to_owned(),
            metadata,
        }
    }

    fn recorded(&self) -> Vec<RecordedTopic> {
        let mut topics: Vec<_> = self
            .topics
            .values()
            .map(|topic| RecordedTopic {
                name: topic.info.name.clone(),
                messages: topic.messages(),
                loss: topic.loss(),
            })
            .collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        topics
    }

    fn loss(&self, topics: &[RecordedTopic]) -> Loss {
        let mut loss = total_loss(topics);
        loss.disk = loss.disk.plus(Count::Known(self.unnamed_lost));
        loss
    }

    fn tell(&mut self, now: i64) {
        self.told_ns = now;
        let bytes = self.file.length();
        self.lengths.push_back((now, bytes));
        while self.lengths.get(1).is_some_and(|(at, _)| now - at >= RATE_NS) {
            let _ = self.lengths.pop_front();
        }
        let rate = self
            .lengths
            .front()
            .filter(|(at, _)| now - at >= RATE_NS)
            .map(|(at, before)| {
                let seconds = (now - at) as f64 / 1e9;
                bytes.saturating_sub(*before) as f64 / seconds
            });
        let topics = self.recorded();
        let status = RecordingStatus {
            state: self.state.clone(),
            path: Path::to_owned(self.place.directory()),
            messages: topics.iter().map(|topic| topic.messages).sum(),
            bytes,
            duration_s: (self.ended_ns.unwrap_or(now) - self.began_ns) as f64 / 1e9,
            write_rate_bps: rate,
            queued_bytes: self.outlet.queued_bytes(),
            quota_bytes: self.request.quota_bytes,
            loss: self.loss(&topics),
            topics,
            first_write_ns: self.first_write_ns,
            unsafe_s: self.unsafe_since.map_or(0.0, |since| (now - since).max(0) as f64 / 1e9),
            last_sync_ns: self.last_sync_ns,
            slowest_sync_ns: self.slowest_sync_ns,
        };
        self.status.store(Arc::new(status));
    }
}

/// The topic's channel, added to the file when it has none.
fn channel_of(topic: &mut Topic, file: &mut McapFile) -> io::Result<u16> {
    if let Some(channel) = topic.channel {
        return Ok(channel);
    }
    let channel = file.add_channel(&topic.info)?;
    topic.channel = Some(channel);
    Ok(channel)
}

fn widen(span: Option<(u64, u64)>, more: (u64, u64)) -> Option<(u64, u64)> {
    let (start, end) = span.unwrap_or(more);
    Some((start.min(more.0), end.max(more.1)))
}

fn ns(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// What a user should do about an error of the system.
fn reason(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::StorageFull => "the disk is full; free some space".to_owned(),
        Kind::QuotaExceeded => "the disk quota is used up; free some space".to_owned(),
        Kind::FileTooLarge => "the file reached the largest size that is allowed here; raise `ulimit -f`".to_owned(),
        Kind::ReadOnlyFilesystem => "the disk became read-only; look at the kernel's messages".to_owned(),
        Kind::WriteZero => "the disk took no more bytes; look at the kernel's messages".to_owned(),
        _ => format!("the disk failed ({error}); look at the kernel's messages"),
    }
}
