//! One SQLite file: every chunk is a transaction. It goes to the log beside the file, which one sync makes safe, off the
//! thread that writes; now and then what is in the log is moved into the tables.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::mcap::records::Metadata;
use rusqlite::{Error, ErrorCode};

use super::super::channels::ChannelRecord;
use super::super::chunk::Sealed;
use super::super::directory::LOG_SUFFIX;
use super::super::sink::{Sink, Target};
use super::{Contents, TAIL_BYTES};
use crate::bag::with_suffix;
use crate::bag::write::metadata::{BagMeta, custom_entries};
use crate::bag::write::tables::{Journal, Tables};

/// The log goes into the tables when it holds this much: a short wait for the disk, and few pages that are written twice
/// over.
const LOG_BYTES: u64 = 4 * 1024 * 1024;
/// What a transaction writes beside its messages: the inner pages of the tables.
const TRANSACTION_BYTES: u64 = 32 * 1024;

/// A SQLite file that is being written.
pub(in crate::record) struct SqliteFile {
    // Stands first: it must be closed before the descriptors in `target`, with which SQLite's locks go.
    tables: Option<Tables>,
    target: Target,
    path: PathBuf,
    length: u64,
    /// Bytes in the log.
    logged: u64,
    contents: Contents,
    /// Rows in the table of topics, by channel.
    numbers: BTreeMap<u16, u32>,
    run: Metadata,
}

impl SqliteFile {
    /// Makes the tables in the empty file `path`, and syncs them.
    pub fn create(sink: Arc<dyn Sink>, path: &Path, meta: BagMeta<'_>, run: &Metadata) -> io::Result<Self> {
        sink.reserve(0, TAIL_BYTES)?;
        let tables = Tables::create(path, Journal::Log).map_err(to_io)?;
        let log = File::open(with_suffix(path, LOG_SUFFIX))?;
        let mut file = Self {
            tables: None,
            target: Target::new(sink, Some(log)),
            path: path.to_owned(),
            length: 0,
            logged: 0,
            contents: Contents::default(),
            numbers: BTreeMap::new(),
            run: run.clone(),
        };
        tables.describe(&file.about(meta, &[])).map_err(to_io)?;
        // Whoever looks into the file without its log finds the tables, at least.
        tables.checkpoint().map_err(to_io)?;
        file.length = tables.bytes().map_err(to_io)?;
        file.tables = Some(tables);
        file.target.sync()?;
        Ok(file)
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Describes channels that may have no message in this file.
    pub fn describe(&mut self, channels: &[Arc<ChannelRecord>]) -> io::Result<()> {
        self.change(channels, 0, |_, _| Ok(()))
    }

    /// Appends the messages of a chunk, all of them or none.
    pub fn append(&mut self, sealed: &Sealed) -> io::Result<()> {
        // Cells, pages and the index take some more than the messages.
        let room = (sealed.bytes.len() as u64).saturating_mul(2);
        self.change(&sealed.channels, room, |tables, numbers| {
            tables.insert(sealed.rows().filter_map(|row| {
                let time_ns = i64::try_from(row.log_time).unwrap_or(i64::MAX);
                Some((*numbers.get(&row.channel)?, time_ns, row.payload))
            }))
        })?;
        self.contents.add(sealed);
        self.logged = self
            .logged
            .saturating_add(sealed.bytes.len() as u64 + TRANSACTION_BYTES);
        if self.logged >= LOG_BYTES
            && let Some(tables) = &self.tables
        {
            match tables.checkpoint() {
                Ok(()) => {
                    self.logged = 0;
                    // It gave the room back that was kept for the end; the next chunk asks again.
                    let _ = self.target.sink.reserve(self.length, TAIL_BYTES);
                }
                // The chunk is in the log all the same; the next one tries again.
                Err(error) => tracing::warn!("the log of {} stays: {error}", self.path.display()),
            }
        }
        Ok(())
    }

    fn change(
        &mut self,
        channels: &[Arc<ChannelRecord>],
        room: u64,
        work: impl FnOnce(&Tables, &BTreeMap<u16, u32>) -> rusqlite::Result<()>,
    ) -> io::Result<()> {
        let Some(tables) = &mut self.tables else {
            return Err(io::Error::other("the file was finished"));
        };
        // The tables must have room for what is in the log, whatever happens to the disk.
        self.target.sink.reserve(self.length, room + TAIL_BYTES)?;
        let (contents, numbers) = (&self.contents, &mut self.numbers);
        let new = || channels.iter().filter(|channel| !contents.knows(channel));
        tables
            .transaction(|tables| {
                for channel in new() {
                    let _ = numbers.insert(channel.id, tables.channel(&channel.described())?);
                }
                work(tables, numbers)
            })
            .map_err(to_io)?;
        self.length = tables.bytes().map_err(to_io)?;
        channels.iter().for_each(|channel| self.contents.learn(channel));
        Ok(())
    }

    /// The text that rosbag2 wants in the file, with the records among what users add.
    pub fn about(&self, mut meta: BagMeta<'_>, records: &[Metadata]) -> String {
        for record in records.iter().chain([&self.run]) {
            meta.custom.extend(custom_entries(&record.name, &record.metadata));
        }
        meta.record()
    }

    /// Moves everything into the tables, takes the log away, closes and syncs the file.
    pub fn finish(&mut self, rosbag2: &str) -> io::Result<()> {
        let Some(tables) = self.tables.take() else {
            return Err(io::Error::other("the file was finished"));
        };
        // The log is empty then, and has room for the rest even on a full disk.
        tables.checkpoint().map_err(to_io)?;
        let _ = self
            .target
            .sink
            .reserve(self.length, TAIL_BYTES + 2 * rosbag2.len() as u64);
        tables.describe(rosbag2).map_err(to_io)?;
        tables.end_log().map_err(to_io)?;
        tables.close().map_err(to_io)?;
        self.length = std::fs::metadata(&self.path)?.len();
        // What was reserved and not needed.
        self.target.sink.truncate(self.length)?;
        self.target.sync()
    }
}

/// What the system said, as far as SQLite tells it.
fn to_io(error: Error) -> io::Error {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => ErrorKind::StorageFull,
        Some(ErrorCode::ReadOnly) => ErrorKind::ReadOnlyFilesystem,
        Some(ErrorCode::PermissionDenied) => ErrorKind::PermissionDenied,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
