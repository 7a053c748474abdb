//! Recordings as found on disk, of either storage of rosbag2, finished or not: what is in them and their messages.
//!
//! [`Bag::open`] takes a directory or a file and reads indexes only, where there are any. [`Bag::messages`] then gives the
//! messages of some topics and of a range of time, in the order of their times over all files, with bounded memory.
//! [`Bag::last_before`] finds the message that a late joiner would have been given.
//!
//! Files are never trusted: a record that claims to be longer than its file ends the reading there, memory grows only
//! with bytes that are really present, and a file without an end is read as far as it goes.

mod attachment;
mod copy;
mod cursor;
mod error;
mod idl;
mod info;
mod last;
mod mcap_file;
mod messages;
mod metadata;
mod open;
mod packed;
pub mod play;
mod recover;
pub mod shelf;
pub mod source;
mod sqlite_file;
#[cfg(test)]
mod tests;
mod verify;
pub mod write;
mod yaml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::loss::Loss;
use crate::qos::Qos;

pub use attachment::Attachment;
pub use copy::{Copied, CopyOptions};
pub use error::BagError;
pub use info::{BagInfo, BagTopic, Bookmark, info};
pub use messages::{BagMessage, Messages, OwnedMessage, Query};
pub use recover::{RecoverError, Recovered, Unfinished, recover, recover_while, recovered_path, unfinished};
pub use verify::{Finding, Verification, verify};

pub(crate) use sqlite_file::with_suffix;

/// The kind of files that a recording is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// MCAP.
    Mcap,
    /// rosbag2's SQLite.
    Sqlite3,
}

impl Storage {
    /// The name that rosbag2 has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mcap => "mcap",
            Self::Sqlite3 => "sqlite3",
        }
    }

    /// How its files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mcap => "mcap",
            Self::Sqlite3 => "db3",
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Finished, with an index.
    Indexed,
    /// Finished; to find its messages it was read once.
    Unindexed,
    /// Not finished: it was read as far as it goes.
    CutOff,
    /// `metadata.yaml` names it, and it is not there.
    Missing,
    /// It is there, and nothing can be read.
    Unreadable,
}

/// One file of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BagFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its kind.
    pub storage: Storage,
    /// Its size on the disk.
    pub bytes: u64,
    /// Messages that can be read.
    pub messages: u64,
    /// Receive times of its earliest and its latest message.
    pub span_ns: Option<(u64, u64)>,
    /// What became of it.
    pub state: FileState,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// One channel of a recording: a topic with one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BagChannel {
    /// Its place in [`Bag::channels`].
    pub index: usize,
    /// The topic.
    pub topic: String,
    /// The name of its type; empty when the file does not say.
    pub type_name: String,
    /// The definition of the type with those that it needs, as `ros2msg` text, translated where the file has IDL; `None` when
    /// it is missing or of another kind.
    pub definition: Option<String>,
    /// Encoding and text of a definition of another kind, as the file has it.
    pub other_definition: Option<(String, String)>,
    /// How its messages are encoded; `cdr` nearly always.
    pub serialization: String,
    /// What its writers offered.
    pub offered_qos: Vec<Qos>,
    /// The RIHS01 hash of the type.
    pub type_hash: Option<String>,
    /// Messages that can be read.
    pub messages: u64,
}

/// A recording, open for reading. Clones share what was read of it; it may be used from several threads.
#[derive(Clone, Debug)]
pub struct Bag(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    storage: Storage,
    files: Vec<BagFile>,
    parts: Vec<Part>,
    channels: Vec<BagChannel>,
    span_ns: Option<(u64, u64)>,
    problems: Vec<String>,
    ledger: Option<BTreeMap<String, Loss>>,
    custom: BTreeMap<String, String>,
}

/// A file that could be opened.
#[derive(Debug)]
struct Part {
    /// Its place among the files.
    file: usize,
    content: Content,
    /// The file's numbers of channels, and theirs in the recording.
    channels: BTreeMap<i64, usize>,
    /// Keeps what was unpacked.
    _unpacked: Option<packed::Unpacked>,
}

#[derive(Debug)]
enum Content {
    Mcap(mcap_file::McapFile),
    Sqlite(sqlite_file::SqliteFile),
}

impl Bag {
    /// What was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The kind of its files.
    #[must_use]
    pub fn storage(&self) -> Storage {
        self.0.storage
    }

    /// Its files in order, those too that are missing.
    #[must_use]
    pub fn files(&self) -> &[BagFile] {
        &self.0.files
    }

    /// Its topics, each with one type: a topic that was recorded with two types is there twice.
    #[must_use]
    pub fn channels(&self) -> &[BagChannel] {
        &self.0.channels
    }

    /// The channels of one topic.
    pub fn channels_of<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a BagChannel> {
        self.0.channels.iter().filter(move |channel| channel.topic == topic)
    }

    /// Receive times of the earliest and the latest message; `None` when there is none.
    #[must_use]
    pub fn span_ns(&self) -> Option<(u64, u64)> {
        self.0.span_ns
    }

    /// Messages that can be read.
    #[must_use]
    pub fn message_count(&self) -> u64 {
        let counts = self.0.channels.iter().map(|channel| channel.messages);
        counts.fold(0, u64::saturating_add)
    }

    /// Size of its files on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// True when every file is there and was finished by its writer.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.problems.is_empty()
    }

    /// What is wrong with it, each in a sentence that names the file.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.0.problems
    }

    /// What was lost while recording by topic, and under `total`, where every file tells it.
    #[must_use]
    pub fn ledger(&self) -> Option<&BTreeMap<String, Loss>> {
        self.0.ledger.as_ref()
    }

    /// What users wrote into `custom_data` of `metadata.yaml`.
    #[must_use]
    pub fn custom_data(&self) -> &BTreeMap<String, String> {
        &self.0.custom
    }
}
