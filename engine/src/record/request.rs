//! What is asked of a recording.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::condition::{Condition, Expectation};
use super::{CHUNK_BYTES, PRE_BYTES, Pattern, QUOTA_BYTES, RESERVE_BYTES};
use crate::bag::Storage;
use crate::clock::Timestamp;
use crate::name::{TopicName, TypeName};

/// Which topics a recording takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every topic, those that appear later too; hidden ones excluded.
    All,
    /// These.
    Topics(Vec<TopicName>),
    /// Those that a pattern takes, those that appear later too.
    Matching(Pattern),
}

impl Selection {
    /// True when `topic` is to be recorded. Its type is not always known at once: ask again when it is.
    #[must_use]
    pub fn wants(&self, topic: &TopicName, type_name: Option<&TypeName>) -> bool {
        match self {
            Self::All => !topic.is_hidden(),
            Self::Topics(topics) => topics.contains(topic),
            Self::Matching(pattern) => pattern.wants(topic, type_name),
        }
    }

    /// The topics that were asked for by name.
    #[must_use]
    pub fn named(&self) -> Vec<TopicName> {
        match self {
            Self::All => Vec::new(),
            Self::Topics(topics) => topics.clone(),
            Self::Matching(pattern) => pattern.named().cloned().collect(),
        }
    }
}

/// How chunks are compressed. `None` costs the least processor time and is what rosbag2 does by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not.
    #[default]
    None,
    /// LZ4: little processor time.
    Lz4,
    /// Zstandard: the smallest files.
    Zstd,
}

/// When the next file begins. A file that has no message yet is never split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SplitRule {
    /// Before a file grows larger than this.
    pub max_bytes: Option<u64>,
    /// When a file has been written for this long.
    pub max_duration: Option<Duration>,
}

/// Which finished files stay: those beyond are deleted, the oldest first, so that a recording can run for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// At most so many files, the one that is being written included.
    pub max_files: Option<u32>,
    /// At most so many bytes, without the file that is being written.
    pub max_bytes: Option<u64>,
    /// None whose end is longer ago than this.
    pub max_age: Option<Duration>,
}

/// Keeps the last moments in memory until something says that they matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// How much of the past is kept.
    pub pre: Duration,
    /// Bytes of messages that are kept at most. See [`super::PRE_BYTES`].
    pub pre_bytes: u64,
    /// For how long recording goes on then, before the past is kept in memory again; for ever when `None`.
    pub post: Option<Duration>,
    /// Each of these pulls the trigger, beside [`super::Recorder::trigger`].
    pub when: Vec<Condition>,
    /// This moment pulls it, once.
    pub at: Option<Timestamp>,
}

impl Default for Trigger {
    /// Keeps no past, and writes for ever once the trigger was pulled.
    fn default() -> Self {
        Self {
            pre: Duration::ZERO,
            pre_bytes: PRE_BYTES,
            post: None,
            when: Vec::new(),
            at: None,
        }
    }
}

/// What the user wants to find in the file later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The name of the run.
    pub name: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Anything else.
    pub note: Option<String>,
}

/// What to record, and where to.
#[derive(Clone, Debug)]
pub struct RecordRequest {
    /// Which topics.
    pub selection: Selection,
    /// The directory of the recording. It is created; it must not exist, or be empty.
    pub directory: PathBuf,
    /// The kind of its files.
    pub storage: Storage,
    /// Compression: of chunks in MCAP, of messages in SQLite, which knows zstd only.
    pub compression: Compression,
    /// Its level, as the method counts them; the fastest when `None`.
    pub compression_level: Option<i32>,
    /// A chunk is written out when it holds this many bytes of messages. See [`CHUNK_BYTES`].
    pub chunk_bytes: usize,
    /// The recording ends by itself after this time.
    pub max_duration: Option<Duration>,
    /// Bytes of messages that may wait for the disk before messages are lost. See [`QUOTA_BYTES`].
    pub quota_bytes: u64,
    /// When the next file begins.
    pub split: SplitRule,
    /// Which finished files stay.
    pub retention: Retention,
    /// The recording ends before the disk has fewer bytes left than this. See [`RESERVE_BYTES`].
    pub reserve_bytes: u64,
    /// Rates that topics should have.
    pub expectations: Vec<Expectation>,
    /// Records only around certain moments.
    pub trigger: Option<Trigger>,
    /// Each of these ends the recording.
    pub stop_when: Vec<Condition>,
    /// What the user wants to find in the file later.
    pub notes: Notes,
    /// More facts to keep in the file, by name.
    pub facts: BTreeMap<String, String>,
}

impl RecordRequest {
    /// The usual: one file, not compressed, until it is stopped or the disk has no more than the reserve left.
    #[must_use]
    pub fn new(selection: Selection, directory: impl Into<PathBuf>) -> Self {
        Self {
            selection,
            directory: directory.into(),
            storage: Storage::Mcap,
            compression: Compression::None,
            compression_level: None,
            chunk_bytes: CHUNK_BYTES,
            max_duration: None,
            quota_bytes: QUOTA_BYTES,
            split: SplitRule::default(),
            retention: Retention::default(),
            reserve_bytes: RESERVE_BYTES,
            expectations: Vec::new(),
            trigger: None,
            stop_when: Vec::new(),
            notes: Notes::default(),
            facts: BTreeMap::new(),
        }
    }

    /// True when every message is packed by itself.
    pub(super) fn packs_messages(&self) -> bool {
        self.storage == Storage::Sqlite3 && self.compression == Compression::Zstd
    }

    /// True when the topic is to be recorded, or a condition looks at it.
    #[must_use]
    pub fn wants(&self, topic: &TopicName, type_name: Option<&TypeName>) -> bool {
        let started = self.trigger.iter().flat_map(|trigger| &trigger.when);
        let watched = started
            .chain(&self.stop_when)
            .any(|condition| condition.looks_at(topic));
        watched || self.selection.wants(topic, type_name)
    }
}
