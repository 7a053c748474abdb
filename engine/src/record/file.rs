//! A file that is being written, of either storage: chunk by chunk, so that what is in it can always be read up to the
//! last one.

mod mcap;
mod sqlite;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use ::mcap::records::Metadata;

use super::channels::ChannelRecord;
use super::chunk::{Sealed, Tally};
use super::sink::{Sink, Target};
use crate::bag::Storage;
use crate::bag::write::metadata::BagMeta;
use mcap::McapFile;
use sqlite::SqliteFile;

/// Room kept free on the disk behind every chunk, so that the end of the file fits when the disk is full.
const TAIL_BYTES: u64 = 256 * 1024;

/// Name of the record in which rosbag2 looks for the metadata of an MCAP file.
const ROSBAG2: &str = "rosbag2";

/// A file that is being written.
pub(super) enum RecordFile {
    Mcap(McapFile),
    Sqlite(Box<SqliteFile>),
}

impl RecordFile {
    /// Writes the head of the file at `path`, which `sink` leads to, and syncs it. `meta` tells that it is empty.
    pub fn create(sink: Arc<dyn Sink>, path: &Path, meta: BagMeta<'_>, run: &Metadata) -> io::Result<Self> {
        Ok(match meta.storage {
            Storage::Mcap => Self::Mcap(McapFile::create(sink, &[rosbag2_record(&meta.record()), run.clone()])?),
            Storage::Sqlite3 => Self::Sqlite(Box::new(SqliteFile::create(sink, path, meta, run)?)),
        })
    }

    /// What must be on the disk so that the file is.
    pub fn target(&self) -> &Target {
        match self {
            Self::Mcap(file) => file.target(),
            Self::Sqlite(file) => file.target(),
        }
    }

    /// Its length up to the last whole chunk.
    pub fn length(&self) -> u64 {
        match self {
            Self::Mcap(file) => file.length(),
            Self::Sqlite(file) => file.length(),
        }
    }

    pub fn contents(&self) -> &Contents {
        match self {
            Self::Mcap(file) => file.contents(),
            Self::Sqlite(file) => file.contents(),
        }
    }

    /// Describes channels that may have no message in this file.
    pub fn describe(&mut self, channels: &[Arc<ChannelRecord>]) -> io::Result<()> {
        match self {
            Self::Mcap(file) => file.describe(channels),
            Self::Sqlite(file) => file.describe(channels),
        }
    }

    /// Appends a chunk, behind the description of every channel that is new to this file. After an error the file ends
    /// with the last whole chunk, as far as the disk allows.
    pub fn append(&mut self, sealed: &Sealed) -> io::Result<()> {
        match self {
            Self::Mcap(file) => file.append(sealed),
            Self::Sqlite(file) => file.append(sealed),
        }
    }

    /// The text that rosbag2 wants in the file. Where a storage has no other place for records, they are in it.
    pub fn about(&self, meta: BagMeta<'_>, records: &[Metadata]) -> String {
        match self {
            Self::Mcap(_) => meta.record(),
            Self::Sqlite(file) => file.about(meta, records),
        }
    }

    /// Ends the file behind its last whole chunk, and syncs it. When that fails, the file stays readable up to there.
    pub fn finish(&mut self, records: &[Metadata], rosbag2: &str) -> io::Result<()> {
        match self {
            Self::Mcap(file) => file.finish(&[&[rosbag2_record(rosbag2)], records].concat()),
            Self::Sqlite(file) => file.finish(rosbag2),
        }
    }
}

fn rosbag2_record(text: &str) -> Metadata {
    Metadata {
        name: ROSBAG2.to_owned(),
        metadata: BTreeMap::from([("serialized_metadata".to_owned(), text.to_owned())]),
    }
}

/// What a file holds.
#[derive(Default)]
pub(super) struct Contents {
    channels: BTreeMap<u16, Arc<ChannelRecord>>,
    /// Messages by channel.
    tallies: BTreeMap<u16, Tally>,
    span_ns: Option<(u64, u64)>,
}

impl Contents {
    /// By channel.
    pub fn tallies(&self) -> impl Iterator<Item = (&ChannelRecord, &Tally)> {
        let known = |tally: &Tally| self.channels.get(&tally.channel).map(Arc::as_ref);
        self.tallies
            .values()
            .filter_map(move |tally| Some((known(tally)?, tally)))
    }

    pub fn span_ns(&self) -> Option<(u64, u64)> {
        self.span_ns
    }

    pub fn messages(&self) -> u64 {
        self.tallies.values().map(|tally| tally.messages).sum()
    }

    fn knows(&self, channel: &ChannelRecord) -> bool {
        self.channels.contains_key(&channel.id)
    }

    fn learn(&mut self, channel: &Arc<ChannelRecord>) {
        let _ = self.channels.entry(channel.id).or_insert_with(|| Arc::clone(channel));
    }

    /// A chunk is in the file.
    fn add(&mut self, sealed: &Sealed) {
        for tally in &sealed.tallies {
            match self.tallies.get_mut(&tally.channel) {
                Some(sum) => sum.add(tally),
                None => drop(self.tallies.insert(tally.channel, tally.clone())),
            }
        }
        let (first, last) = self.span_ns.unwrap_or(sealed.span);
        self.span_ns = Some((first.min(sealed.span.0), last.max(sealed.span.1)));
    }
}
