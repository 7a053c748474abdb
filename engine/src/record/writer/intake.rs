//! Messages on their way from the queue into chunks.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::ChannelInfo;
use super::super::books::Account;
use super::super::channels::ChannelRecord;
use super::super::chunk::Stamp;
use super::super::failure::Failure;
use super::super::recorder::Command;
use super::super::status::RecordingEvent;
use super::super::watch::Watch;
use super::{BATCH, DRAIN_NS, Recording};
use crate::bag::Bookmark;
use crate::clock::{Timestamp, monotonic_ns};
use crate::ingest::{Outgoing, TopicIndex};
use crate::message::{Arrival, Gid};
use crate::name::{TopicName, TypeName};
use crate::qos::{Durability, History};
use crate::record::ledger::string_message;

/// What latched writers of a topic said is kept, so that every file begins with it: at most so much per topic.
const LATCHED_MESSAGES: usize = 64;
const LATCHED_BYTES: usize = 32 << 20;

/// One topic of the recording.
pub(super) struct Topic {
    pub info: ChannelInfo,
    /// The channel in the files, once it has one.
    channel: Option<Arc<ChannelRecord>>,
    pub watch: Watch,
    /// How many messages of each writer a late joiner is owed.
    latched_depth: usize,
    latched: VecDeque<Arrival>,
    latched_bytes: usize,
}

impl Topic {
    fn latched_depth(info: &ChannelInfo) -> usize {
        let offers = &info.offered_qos;
        if offers.is_empty() || offers.iter().any(|qos| qos.durability != Durability::TransientLocal) {
            return 0;
        }
        let depth = offers.iter().map(|qos| match qos.history {
            History::KeepLast(depth) => usize::try_from(depth).unwrap_or(LATCHED_MESSAGES),
            History::KeepAll | History::Unknown => LATCHED_MESSAGES,
        });
        depth.max().unwrap_or(0).clamp(1, LATCHED_MESSAGES)
    }

    fn keep_latched(&mut self, arrival: Arrival) {
        let depth = self.latched_depth;
        let of_writer = |writer: Gid| self.latched.iter().filter(|kept| kept.writer == writer).count();
        if of_writer(arrival.writer) >= depth
            && let Some(oldest) = self.latched.iter().position(|kept| kept.writer == arrival.writer)
            && let Some(gone) = self.latched.remove(oldest)
        {
            self.latched_bytes -= gone.payload.len();
        }
        self.latched_bytes += arrival.payload.len();
        self.latched.push_back(arrival);
        while self.latched.len() > LATCHED_MESSAGES || self.latched_bytes > LATCHED_BYTES {
            let Some(gone) = self.latched.pop_front() else { return };
            self.latched_bytes -= gone.payload.len();
        }
    }
}

impl Recording {
    /// Moves a batch from the queue into the chunk and says how many messages it was.
    pub(super) fn take(&mut self) -> usize {
        for taken in 0..BATCH {
            // What was kept in memory comes first.
            if let Some(mut outgoing) = self.capture.as_mut().and_then(super::capture::Capture::next_kept) {
                // It is to be made safe from now on.
                outgoing.queued_ns = monotonic_ns();
                self.accept(&outgoing, false);
            } else {
                let Some(outgoing) = self.outlet.pop() else {
                    return taken;
                };
                self.admit(outgoing);
            }
            if !self.pipeline.push() {
                return taken + 1;
            }
        }
        BATCH
    }

    pub(super) fn hear(&mut self) {
        let mut named = false;
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::Channel(info) => {
                    named = true;
                    self.name(info);
                }
                Command::Loss(index, loss) => {
                    if let Some(account) = self.shared.books().accounts.get_mut(&index) {
                        account.tell(loss);
                        continue;
                    }
                    let _ = self.told_early.insert(index, loss);
                }
                Command::Split => self.split(),
                Command::Trigger(why) => self.fire(&why, monotonic_ns()),
                Command::Mark(bookmark) => self.mark(bookmark),
            }
        }
        if named && !self.unnamed.is_empty() {
            self.unnamed_bytes = 0;
            for outgoing in std::mem::take(&mut self.unnamed) {
                self.admit(outgoing);
            }
        }
    }

    fn name(&mut self, info: ChannelInfo) {
        let index = info.topic;
        let mut books = self.shared.books();
        let account = books
            .accounts
            .entry(index)
            .or_insert_with(|| Account::new(info.clone()));
        if let Some(loss) = self.told_early.remove(&index) {
            account.tell(loss);
        }
        let topic = self.topics.entry(index).or_insert_with(|| Topic {
            info: info.clone(),
            channel: None,
            watch: Watch::default(),
            latched_depth: 0,
            latched: VecDeque::new(),
            latched_bytes: 0,
        });
        // A definition, or another type, needs a channel of its own: what is in the file cannot be changed.
        let same = topic.info.type_name == info.type_name;
        let definition = if same {
            info.definition.or(topic.info.definition.take())
        } else {
            info.definition
        };
        let info = ChannelInfo { definition, ..info };
        if topic.channel.is_none() || !same || topic.info.definition != info.definition {
            topic.info = info;
            match self.channels.add(&topic.info) {
                Ok(channel) => topic.channel = Some(channel),
                Err(error) => self.shared.fail(Failure::Write(error)),
            }
        } else {
            topic.info = info;
        }
        topic.latched_depth = Topic::latched_depth(&topic.info);
        self.gauges.iter_mut().for_each(|gauge| gauge.learn(&topic.info));
        account.info = topic.info.clone();
        account.channel.clone_from(&topic.channel);
    }

    /// A message comes out of the queue.
    pub(super) fn admit(&mut self, outgoing: Outgoing) {
        let Some(topic) = self.topics.get_mut(&outgoing.topic) else {
            self.hold(outgoing);
            return;
        };
        topic.watch.see(outgoing.queued_ns);
        for gauge in &mut self.gauges {
            if let Some(problem) = gauge.see(&topic.info, &outgoing.arrival) {
                self.shared.tell(RecordingEvent::Warning(problem));
            }
        }
        let latched = topic.latched_depth > 0;
        // A file that begins with this message does not repeat it.
        let kept = latched.then(|| (outgoing.topic, outgoing.arrival.clone()));
        match self.capture.as_mut().filter(|capture| capture.is_armed()) {
            Some(capture) => capture.keep(outgoing),
            None => self.accept(&outgoing, false),
        }
        if let Some((index, arrival)) = kept
            && let Some(topic) = self.topics.get_mut(&index)
        {
            topic.keep_latched(arrival);
        }
    }

    /// A message goes into the chunk.
    pub(super) fn accept(&mut self, outgoing: &Outgoing, repeated: bool) {
        if self.split_due && !repeated {
            self.split();
        }
        let Some(channel) = self.topics.get(&outgoing.topic).and_then(|topic| topic.channel.clone()) else {
            return;
        };
        let arrival = &outgoing.arrival;
        let log_time = u64::try_from(arrival.receive_time.0).unwrap_or(0);
        let stamp = Stamp {
            // MCAP counts in 32 bits; zero where nothing is known.
            sequence: arrival.sequence.unwrap_or(0) as u32,
            log_time,
            publish_time: arrival
                .source_time
                .map_or(log_time, |time| u64::try_from(time.0).unwrap_or(0)),
        };
        self.chunk
            .push(&channel, stamp, &arrival.payload, outgoing.queued_ns, repeated);
        if self.chunk_since.is_none() || self.file_since.is_none() {
            let now = monotonic_ns();
            let _ = self.chunk_since.get_or_insert(now);
            if !repeated {
                let _ = self.file_since.get_or_insert(now);
            }
        }
        if self.chunk.len() >= self.request.chunk_bytes && !repeated {
            self.commit();
        }
    }

    /// Says again what latched writers said, before this moment where there is one, so that the file stands alone.
    pub(super) fn repeat_latched(&mut self, before: Option<Timestamp>) {
        let now = Timestamp::now();
        let queued_ns = monotonic_ns();
        let mut again = Vec::new();
        for (index, topic) in &self.topics {
            let latched = topic.latched.iter();
            let latched = latched.filter(|arrival| before.is_none_or(|before| arrival.receive_time < before));
            again.extend(latched.map(|arrival| Outgoing {
                topic: *index,
                arrival: Arrival {
                    receive_time: now,
                    ..arrival.clone()
                },
                queued_ns,
            }));
        }
        for outgoing in &again {
            self.accept(outgoing, true);
        }
    }

    fn mark(&mut self, bookmark: Bookmark) {
        let document = serde_json::json!({ "time_ns": bookmark.time_ns, "text": bookmark.text });
        self.bookmarks += 1;
        let time = Timestamp(i64::try_from(bookmark.time_ns).unwrap_or(0));
        self.shared.books().mark(bookmark);
        self.say(super::super::ledger::BOOKMARKS_TOPIC, &document, time);
    }

    /// Writes a message of our own.
    pub(super) fn say(&mut self, topic: &str, document: &serde_json::Value, time: Timestamp) {
        let Some(index) = self.own_topic(topic) else { return };
        let payload = string_message(&document.to_string());
        self.admit(Outgoing {
            topic: index,
            arrival: Arrival {
                payload: payload.into(),
                source_time: Some(time),
                receive_time: time,
                writer: Gid::default(),
                sequence: None,
            },
            queued_ns: monotonic_ns(),
        });
    }

    /// The number of a topic of our own, at the far end of all numbers.
    fn own_topic(&mut self, name: &str) -> Option<TopicIndex> {
        let number = if name == super::super::ledger::LEDGER_TOPIC {
            0
        } else {
            1
        };
        let index = TopicIndex(u32::MAX - number);
        if !self.topics.contains_key(&index) {
            self.name(ChannelInfo {
                topic: index,
                name: TopicName::new(name).ok()?,
                type_name: TypeName::new("std_msgs/msg/String").ok()?,
                type_hash: None,
                definition: Some("string data\n".to_owned()),
                offered_qos: Vec::new(),
            });
            if let Some(account) = self.shared.books().accounts.get_mut(&index) {
                account.tell(crate::loss::Loss::NONE);
            }
        }
        Some(index)
    }

    /// Keeps a message whose topic has no name yet, as many as the queue may hold.
    fn hold(&mut self, outgoing: Outgoing) {
        let bytes = outgoing.arrival.payload.len() as u64;
        if self.unnamed_bytes + bytes > self.request.quota_bytes {
            self.shared.books().unnamed_lost += 1;
        } else {
            self.unnamed_bytes += bytes;
            self.unnamed.push_back(outgoing);
        }
    }

    /// Counts what waits in the queue as lost.
    pub(super) fn lose_queue(&mut self) {
        // What comes from now on is counted where it cannot be queued.
        self.outlet.refuse();
        let began = monotonic_ns();
        let closed = self.outlet.is_closed();
        let kept = std::iter::from_fn(|| self.capture.as_mut().and_then(super::capture::Capture::next_kept));
        let kept: Vec<Outgoing> = kept.collect();
        let chunk = std::mem::replace(&mut self.chunk, self.pipeline.fresh());
        self.chunk_since = None;
        if !chunk.is_empty() {
            // Taken, and torn on the way: the thread that writes counts it.
            self.pipeline.submit(chunk);
        }
        for outgoing in kept {
            self.abandon(&outgoing);
        }
        loop {
            let over = self.outlet.queued_bytes() == 0;
            match self.outlet.pop() {
                Some(outgoing) => self.abandon(&outgoing),
                None if over || closed => break,
                // One is on its way.
                None => std::thread::yield_now(),
            }
            if !closed && monotonic_ns() - began > DRAIN_NS {
                break;
            }
        }
    }

    fn abandon(&self, outgoing: &Outgoing) {
        let time = u64::try_from(outgoing.arrival.receive_time.0).unwrap_or(0);
        self.shared.books().abandon(outgoing.topic, time);
    }

    pub(super) fn give_up_unnamed(&mut self) {
        for outgoing in std::mem::take(&mut self.unnamed) {
            self.abandon(&outgoing);
        }
        let lost = self.shared.books().unnamed_lost;
        if lost > 0 {
            tracing::error!("{lost} messages of topics without a name were not recorded");
        }
    }
}
