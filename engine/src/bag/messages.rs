//! The messages of a recording in the order of their times, over all its files.
//!
//! Every block of an MCAP file and every table of a SQLite file is a source that is opened when its time has come and
//! closed when it is read: where blocks follow each other, one or two are in memory. Where many overlap, those whose next
//! message is the farthest are closed again, and opened anew when needed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::Read as _;

use super::mcap_file::block::{self, Block, Records};
use super::mcap_file::records::MessageHead;
use super::open::name_of;
use super::sqlite_file::{self, Pages, SqliteMessage};
use super::{Bag, BagChannel, Content, Part};

/// Bytes of blocks that may be open at once; one is always.
const OPEN_BYTES: usize = 128 * 1024 * 1024;

/// The longest message that was compressed by itself.
const UNPACKED_MAX: u64 = 256 * 1024 * 1024;

/// Problems that are told; of a file in which everything is damaged, the first are enough.
const PROBLEMS_MAX: usize = 64;

/// How a message begins that was compressed by itself; none in CDR does.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Which messages are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only these topics; `None` means all.
    pub topics: Option<Vec<String>>,
    /// From this receive time on.
    pub from_ns: Option<u64>,
    /// Up to this receive time and not at it.
    pub until_ns: Option<u64>,
}

impl Query {
    /// All messages.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these topics.
    #[must_use]
    pub fn topics<T: Into<String>>(mut self, topics: impl IntoIterator<Item = T>) -> Self {
        self.topics = Some(topics.into_iter().map(Into::into).collect());
        self
    }

    /// Only from this receive time on.
    #[must_use]
    pub fn from_ns(mut self, from_ns: u64) -> Self {
        self.from_ns = Some(from_ns);
        self
    }

    /// Only up to this receive time and not at it.
    #[must_use]
    pub fn until_ns(mut self, until_ns: u64) -> Self {
        self.until_ns = Some(until_ns);
        self
    }
}

/// One message of a recording.
#[derive(Clone, Copy, Debug)]
pub struct BagMessage<'a> {
    /// Its channel.
    pub channel: &'a BagChannel,
    /// The number that the recorder or the writer gave it; SQLite keeps none.
    pub sequence: Option<u32>,
    /// When it was received by the recorder, in nanoseconds.
    pub log_time_ns: u64,
    /// When it was published, in nanoseconds; equal to the log time where the recorder did not know.
    pub publish_time_ns: u64,
    /// CDR with its encapsulation header.
    pub payload: &'a [u8],
}

/// A message that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedMessage {
    /// The place of its channel in [`Bag::channels`].
    pub channel: usize,
    /// See [`BagMessage::sequence`].
    pub sequence: Option<u32>,
    /// See [`BagMessage::log_time_ns`].
    pub log_time_ns: u64,
    /// See [`BagMessage::publish_time_ns`].
    pub publish_time_ns: u64,
    /// See [`BagMessage::payload`].
    pub payload: Vec<u8>,
}

impl BagMessage<'_> {
    /// A copy that stands by itself.
    #[must_use]
    pub fn to_owned(&self) -> OwnedMessage {
        OwnedMessage {
            channel: self.channel.index,
            sequence: self.sequence,
            log_time_ns: self.log_time_ns,
            publish_time_ns: self.publish_time_ns,
            payload: self.payload.to_vec(),
        }
    }
}

/// Goes through messages; see [`Bag::messages`].
pub struct Messages {
    bag: Bag,
    /// By the recording's channels.
    wanted: Vec<bool>,
    from_ns: u64,
    until_ns: Option<u64>,
    feeds: Vec<Feed>,
    heap: BinaryHeap<Reverse<Key>>,
    /// Feeds that are in memory.
    open: Vec<usize>,
    open_bytes: usize,
    /// The feed whose message was handed out last.
    current: Option<usize>,
    unpacked: Vec<u8>,
    problems: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    time_ns: u64,
    feed: usize,
}

struct Feed {
    part: usize,
    source: Source,
    /// What is in memory.
    loaded: Option<Loaded>,
    /// The next message of it.
    next: usize,
}

enum Source {
    Block(usize),
    Table {
        pages: Option<Box<Pages>>,
        /// Time and number of the last message that was handed out.
        behind: Option<(i64, i64)>,
        topics: Option<Vec<i64>>,
    },
}

enum Loaded {
    Block { records: Vec<u8>, entries: Vec<Entry> },
    Page(Vec<SqliteMessage>),
}

/// A message within the records of a block.
#[derive(Clone, Copy)]
struct Entry {
    time_ns: u64,
    at: u32,
    length: u32,
}

impl Loaded {
    fn len(&self) -> usize {
        match self {
            Self::Block { entries, .. } => entries.len(),
            Self::Page(messages) => messages.len(),
        }
    }

    fn time_ns(&self, index: usize) -> Option<u64> {
        match self {
            Self::Block { entries, .. } => entries.get(index).map(|entry| entry.time_ns),
            Self::Page(messages) => messages.get(index).map(|message| sqlite_file::time(message.time_ns)),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Block { records, entries } => {
                let index = entries.capacity().saturating_mul(size_of::<Entry>());
                records.capacity().saturating_add(index)
            }
            Self::Page(messages) => messages.iter().fold(0, |sum: usize, message| {
                sum.saturating_add(message.data.len())
                    .saturating_add(size_of::<SqliteMessage>())
            }),
        }
    }

    fn message(&self, index: usize) -> Option<(i64, MessageHead, &[u8])> {
        match self {
            Self::Block { records, entries } => {
                let entry = entries.get(index)?;
                let at = entry.at as usize;
                let body = records.get(at..at.checked_add(entry.length as usize)?)?;
                let (head, payload) = MessageHead::parse(body)?;
                Some((i64::from(head.channel), head, payload))
            }
            Self::Page(messages) => {
                let message = messages.get(index)?;
                let time_ns = sqlite_file::time(message.time_ns);
                let head = MessageHead {
                    channel: 0,
                    sequence: 0,
                    log_time_ns: time_ns,
                    publish_time_ns: time_ns,
                };
                Some((message.topic, head, &message.data))
            }
        }
    }
}

impl Bag {
    /// The messages that `query` wants, oldest first; those of the same time in the order in which they were written.
    #[must_use]
    pub fn messages(&self, query: &Query) -> Messages {
        let is_wanted = |channel: &BagChannel| match &query.topics {
            Some(topics) => topics.contains(&channel.topic),
            None => true,
        };
        self.messages_of(is_wanted, query.from_ns, query.until_ns)
    }

    /// Like [`Bag::messages`], with the channels chosen by a function.
    pub fn messages_of(
        &self,
        wants: impl Fn(&BagChannel) -> bool,
        from_ns: Option<u64>,
        until_ns: Option<u64>,
    ) -> Messages {
        let wanted: Vec<bool> = self.0.channels.iter().map(wants).collect();
        let mut messages = Messages {
            bag: self.clone(),
            from_ns: from_ns.unwrap_or(0),
            until_ns,
            feeds: Vec::new(),
            heap: BinaryHeap::new(),
            open: Vec::new(),
            open_bytes: 0,
            current: None,
            unpacked: Vec::new(),
            problems: Vec::new(),
            wanted,
        };
        for index in 0..self.0.parts.len() {
            messages.add_part(index);
        }
        messages
    }
}

impl Messages {
    fn add_part(&mut self, index: usize) {
        let bag = self.bag.clone();
        let Some(part) = bag.0.parts.get(index) else { return };
        let wants = |number: i64| {
            let channel = part.channels.get(&number);
            channel.is_some_and(|channel| self.wanted.get(*channel).copied().unwrap_or(false))
        };
        match &part.content {
            Content::Mcap(file) => {
                let chosen = file.blocks.iter().enumerate().filter(|(_, block)| {
                    block.may_hold(|channel| wants(i64::from(channel))) && self.overlaps(block.span_ns)
                });
                let chosen: Vec<(usize, u64)> = chosen.map(|(at, block)| (at, block.span_ns.0)).collect();
                for (at, time_ns) in chosen {
                    self.add(index, time_ns, Source::Block(at));
                }
            }
            Content::Sqlite(file) => {
                if !file.span_ns.is_none_or(|span| self.overlaps(span)) {
                    return;
                }
                let ids: Vec<i64> = part.channels.keys().copied().filter(|id| wants(*id)).collect();
                if ids.is_empty() {
                    return;
                }
                let all = ids.len() == part.channels.len();
                let topics = (!all).then_some(ids);
                let time_ns = file.span_ns.map_or(0, |span| span.0);
                let source = Source::Table {
                    pages: None,
                    behind: None,
                    topics,
                };
                self.add(index, time_ns, source);
            }
        }
    }

    fn overlaps(&self, span_ns: (u64, u64)) -> bool {
        span_ns.1 >= self.from_ns && self.until_ns.is_none_or(|until| span_ns.0 < until)
    }

    fn add(&mut self, part: usize, time_ns: u64, source: Source) {
        let feed = self.feeds.len();
        self.feeds.push(Feed {
            part,
            source,
            loaded: None,
            next: 0,
        });
        self.heap.push(Reverse(Key { time_ns, feed }));
    }

    /// The next message; `None` at the end. What could not be read is passed over and told by [`Messages::problems`].
    pub fn advance(&mut self) -> Option<BagMessage<'_>> {
        let (feed, channel, is_packed) = loop {
            if let Some(feed) = self.current.take() {
                self.step(feed);
            }
            let Reverse(key) = *self.heap.peek()?;
            let Some(loaded) = self.feeds.get(key.feed)?.loaded.as_ref() else {
                self.load(key.feed);
                continue;
            };
            self.current = Some(key.feed);
            let feed = self.feeds.get(key.feed)?;
            let Some((number, _, payload)) = loaded.message(feed.next) else {
                continue;
            };
            let part = self.bag.0.parts.get(feed.part)?;
            let channel = part.channels.get(&number).copied();
            let Some(channel) = channel.filter(|channel| self.wanted.get(*channel).copied().unwrap_or(false)) else {
                continue;
            };
            let is_packed = is_packed(payload);
            if is_packed && !unpack(payload, &mut self.unpacked) {
                let topic = self.bag.0.channels.get(channel).map_or("", |channel| &channel.topic);
                let problem = format!("a message of {topic} does not unpack; the others were read");
                self.trouble(key.feed, problem);
                continue;
            }
            break (key.feed, channel, is_packed);
        };
        let feed = self.feeds.get(feed)?;
        let loaded = feed.loaded.as_ref()?;
        let (_, head, payload) = loaded.message(feed.next)?;
        Some(BagMessage {
            channel: self.bag.0.channels.get(channel)?,
            sequence: matches!(loaded, Loaded::Block { .. }).then_some(head.sequence),
            log_time_ns: head.log_time_ns,
            publish_time_ns: head.publish_time_ns,
            payload: if is_packed { &self.unpacked } else { payload },
        })
    }

    /// What could not be read so far, each in a sentence that names the file.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The recording.
    #[must_use]
    pub fn bag(&self) -> &Bag {
        &self.bag
    }

    /// Goes behind the message that the feed at the top gave.
    fn step(&mut self, index: usize) {
        let Some(feed) = self.feeds.get_mut(index) else { return };
        if let (Some(Loaded::Page(messages)), Source::Table { behind, .. }) = (&feed.loaded, &mut feed.source) {
            *behind = messages
                .get(feed.next)
                .map(|message| (message.time_ns, message.id))
                .or(*behind);
        }
        feed.next += 1;
        let next = feed.loaded.as_ref().and_then(|loaded| loaded.time_ns(feed.next));
        let is_table = matches!(feed.source, Source::Table { .. });
        match next {
            Some(time_ns) => self.set_top(time_ns),
            // The next page of a table comes when it is asked for.
            None if is_table => self.close(index, true),
            None => {
                self.close(index, true);
                let _ = self.heap.pop();
            }
        }
    }

    fn set_top(&mut self, time_ns: u64) {
        if let Some(mut top) = self.heap.peek_mut()
            && top.0.time_ns != time_ns
        {
            top.0.time_ns = time_ns;
        }
    }

    /// Brings the feed at the top into memory, or removes it.
    fn load(&mut self, index: usize) {
        let bag = self.bag.clone();
        let Some(feed) = self.feeds.get_mut(index) else { return };
        let Some(part) = bag.0.parts.get(feed.part) else { return };
        let loaded = match (&mut feed.source, &part.content) {
            (Source::Block(at), Content::Mcap(file)) => {
                let wants = |channel: u16| {
                    let channel = part.channels.get(&i64::from(channel));
                    channel.is_some_and(|channel| self.wanted.get(*channel).copied().unwrap_or(false))
                };
                match file.blocks.get(*at).map(|block| load_block(block, &file.file)) {
                    Some(Ok((records, problem))) => {
                        let range = (self.from_ns, self.until_ns);
                        let entries = entries(&records, wants, range);
                        if let Some(problem) = problem {
                            self.trouble(index, problem);
                        }
                        Ok(Loaded::Block { records, entries })
                    }
                    Some(Err(error)) => Err(error.to_string()),
                    None => Ok(Loaded::Page(Vec::new())),
                }
            }
            (Source::Table { pages, behind, topics }, Content::Sqlite(file)) => {
                feed.next = 0;
                next_page(
                    pages,
                    *behind,
                    topics.as_ref(),
                    &file.path,
                    (self.from_ns, self.until_ns),
                )
                .map(Loaded::Page)
                .map_err(|error| error.to_string())
            }
            _ => Ok(Loaded::Page(Vec::new())),
        };
        let loaded = loaded.unwrap_or_else(|error| {
            self.trouble(index, format!("{error}; what is whole of it was read"));
            Loaded::Page(Vec::new())
        });
        let Some(feed) = self.feeds.get_mut(index) else { return };
        let Some(time_ns) = loaded.time_ns(feed.next) else {
            if let Source::Table { pages, .. } = &mut feed.source {
                *pages = None;
            }
            let _ = self.heap.pop();
            return;
        };
        self.open_bytes = self.open_bytes.saturating_add(loaded.bytes());
        feed.loaded = Some(loaded);
        self.open.push(index);
        self.set_top(time_ns);
        self.keep_within_bounds(index);
    }

    /// Closes what is needed last, while too much is open.
    fn keep_within_bounds(&mut self, newest: usize) {
        while self.open_bytes > OPEN_BYTES && self.open.len() > 1 {
            let next_ns = |index: &&usize| {
                let feed = self.feeds.get(**index)?;
                feed.loaded.as_ref()?.time_ns(feed.next)
            };
            let others = self.open.iter().filter(|index| **index != newest);
            let Some(farthest) = others.max_by_key(next_ns).copied() else {
                return;
            };
            self.close(farthest, false);
        }
    }

    /// Forgets what is in memory of a feed: because it was read, or to make room.
    fn close(&mut self, index: usize, is_read: bool) {
        let Some(feed) = self.feeds.get_mut(index) else { return };
        if let Some(loaded) = feed.loaded.take() {
            self.open_bytes = self.open_bytes.saturating_sub(loaded.bytes());
            if let (
                Source::Table {
                    pages, behind: None, ..
                },
                false,
            ) = (&mut feed.source, is_read)
            {
                // Nothing of it was handed out: it begins anew.
                *pages = None;
            }
            self.open.retain(|open| *open != index);
            debug_assert!(!is_read || feed.next >= loaded.len());
        }
    }

    fn trouble(&mut self, feed: usize, problem: String) {
        if self.problems.len() >= PROBLEMS_MAX {
            return;
        }
        let part = self.feeds.get(feed).and_then(|feed| self.bag.0.parts.get(feed.part));
        let name = part.map_or_else(String::new, |part| self.bag.name_of(part));
        let problem = format!("{name}: {problem}");
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

impl Bag {
    fn name_of(&self, part: &Part) -> String {
        self.0
            .files
            .get(part.file)
            .map_or_else(String::new, |file| name_of(&file.path))
    }
}

fn load_block(block: &Block, file: &std::fs::File) -> std::io::Result<(Vec<u8>, Option<String>)> {
    let loaded = block.load(file)?;
    let what = |what| match block.kind {
        block::Kind::Chunk => format!("the chunk at byte {} is damaged: {what}", block.offset),
        block::Kind::Row => format!("the messages at byte {} are damaged: {what}", block.offset),
    };
    Ok((loaded.records, loaded.problem.map(what)))
}

/// Where the wanted messages of a block are, by time.
fn entries(records: &[u8], wants: impl Fn(u16) -> bool, (from_ns, until_ns): (u64, Option<u64>)) -> Vec<Entry> {
    let mut entries = Vec::new();
    for record in Records::of(records) {
        let Some((head, _)) = block::message(&record) else {
            continue;
        };
        let in_range = head.log_time_ns >= from_ns && until_ns.is_none_or(|until| head.log_time_ns < until);
        if !in_range || !wants(head.channel) {
            continue;
        }
        let (Ok(at), Ok(length)) = (u32::try_from(record.at), u32::try_from(record.body.len())) else {
            break;
        };
        entries.push(Entry {
            time_ns: head.log_time_ns,
            at,
            length,
        });
    }
    if !entries.is_sorted_by_key(|entry| entry.time_ns) {
        entries.sort_by_key(|entry| entry.time_ns);
    }
    entries
}

fn next_page(
    pages: &mut Option<Box<Pages>>,
    behind: Option<(i64, i64)>,
    topics: Option<&Vec<i64>>,
    path: &std::path::Path,
    (from_ns, until_ns): (u64, Option<u64>),
) -> rusqlite::Result<Vec<SqliteMessage>> {
    let open = match pages {
        Some(open) => open,
        None => {
            let from_ns = (from_ns > 0).then_some(from_ns);
            let opened = Pages::open(path, topics.cloned(), from_ns, until_ns)?;
            pages.insert(Box::new(opened))
        }
    };
    if let Some((time_ns, id)) = behind {
        open.seek_behind(time_ns, id);
    }
    open.next_page()
}

/// Unpacks a message that was compressed by itself.
fn unpack(payload: &[u8], into: &mut Vec<u8>) -> bool {
    into.clear();
    let Ok(decoder) = zstd::stream::read::Decoder::with_buffer(payload) else {
        return false;
    };
    let read = decoder.take(UNPACKED_MAX + 1).read_to_end(into);
    read.is_ok() && into.len() as u64 <= UNPACKED_MAX
}

/// True for a message that was compressed by itself.
pub(super) fn is_packed(payload: &[u8]) -> bool {
    payload.starts_with(&ZSTD)
}

/// The same for a message that stands by itself.
pub(super) fn unpacked(payload: Vec<u8>) -> Option<Vec<u8>> {
    if !is_packed(&payload) {
        return Some(payload);
    }
    let mut out = Vec::new();
    unpack(&payload, &mut out).then_some(out)
}

/// The latest message of a block before a time.
pub(super) fn last_in_block(
    block: &Block,
    file: &std::fs::File,
    wants: impl Fn(u16) -> bool,
    before_ns: u64,
) -> std::io::Result<Option<(MessageHead, Vec<u8>)>> {
    let (records, _) = load_block(block, file)?;
    let mut last: Option<(MessageHead, &[u8])> = None;
    for record in Records::of(&records) {
        let Some((head, payload)) = block::message(&record) else {
            continue;
        };
        let is_later = last.is_none_or(|(known, _)| head.log_time_ns >= known.log_time_ns);
        if wants(head.channel) && head.log_time_ns < before_ns && is_later {
            last = Some((head, payload));
        }
    }
    Ok(last.map(|(head, payload)| (head, payload.to_vec())))
}

/// The channels of a part that are of one topic.
pub(super) fn numbers_of(part: &Part, channels: &[BagChannel], topic: &str) -> BTreeMap<i64, usize> {
    let of_topic = |index: &usize| channels.get(*index).is_some_and(|channel| channel.topic == topic);
    let numbers = part.channels.iter().filter(|(_, index)| of_topic(index));
    numbers.map(|(number, index)| (*number, *index)).collect()
}
