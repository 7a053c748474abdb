//! Writes recordings in the layout of rosbag2: a directory with one file and `metadata.yaml`.
//!
//! A [`BagWriter`] is for whole files at a time (conversion, repair, export): it writes on the caller's thread. What goes
//! into the file is the business of a [`StorageWriter`], one per storage.

mod mcap;
pub(crate) mod metadata;
mod sqlite;
pub(crate) mod tables;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Attachment, BagChannel, BagMessage, Storage};
use crate::record::Compression;

pub use mcap::McapStorage;
pub use sqlite::SqliteStorage;

use metadata::{BagMeta, FileMeta, TopicMeta};

/// Why a recording could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something is there already.
    #[error("cannot write to {path}: it exists already; choose a new name")]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// The name cannot be one of a recording.
    #[error("cannot write to {path}: the last part of the path must be a plain UTF-8 name, such as `bags/copy`")]
    BadName {
        /// The path.
        path: PathBuf,
    },
    /// SQLite packs single messages with zstd and knows nothing else.
    #[error("SQLite recordings can be compressed with zstd only; take `--compression zstd` or `none`")]
    Compression,
    /// Told to stop.
    #[error("interrupted; nothing is left of the new recording")]
    Interrupted,
    /// The system says no.
    #[error("cannot write {path}: {source}; check the place and the room on its disk")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The storage says no.
    #[error("cannot write {path}: {what}")]
    Storage {
        /// The file.
        path: PathBuf,
        /// What it said.
        what: String,
    },
}

/// Writes the messages of one file.
pub trait StorageWriter: Send {
    /// Adds a channel, and returns its number in the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn channel(&mut self, channel: &BagChannel) -> Result<u32, String>;

    /// Adds a message of a channel that was added.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn message(&mut self, channel: u32, message: &BagMessage<'_>) -> Result<(), String>;

    /// Adds names with values that are about the recording.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn metadata(&mut self, name: &str, entries: &BTreeMap<String, String>) -> Result<(), String>;

    /// Adds what lies beside the messages. False when the storage has no place for it.
    ///
    /// # Errors
    /// When it cannot be read, or the file cannot be written.
    fn attachment(&mut self, attachment: &mut Attachment<'_>) -> Result<bool, String>;

    /// Finishes the file; everything is on the disk afterwards. `rosbag2` is the text of `metadata.yaml` without its
    /// outermost key, which the file keeps too.
    ///
    /// # Errors
    /// When the file cannot be written.
    fn finish(&mut self, rosbag2: &str) -> Result<(), String>;
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// The directory.
    pub path: PathBuf,
    /// The file in it.
    pub file: PathBuf,
    /// Messages.
    pub messages: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Receive times of the earliest and the latest message.
    pub span_ns: Option<(u64, u64)>,
}

/// A recording that is being written. Dropped before its end, it takes away what it has made.
pub struct BagWriter {
    directory: PathBuf,
    active: PathBuf,
    file: PathBuf,
    storage: Storage,
    compression: Compression,
    writer: Option<Box<dyn StorageWriter>>,
    /// By the channel of the source.
    numbers: BTreeMap<usize, (u32, u64)>,
    channels: Vec<BagChannel>,
    span_ns: Option<(u64, u64)>,
    messages: u64,
    custom: BTreeMap<String, String>,
}

impl BagWriter {
    /// Makes the directory, which must not exist, and begins its file.
    ///
    /// # Errors
    /// When that is not possible; nothing is left behind then.
    pub fn create(directory: &Path, storage: Storage, compression: Compression) -> Result<Self, WriteError> {
        if storage == Storage::Sqlite3 && compression == Compression::Lz4 {
            return Err(WriteError::Compression);
        }
        let bad_name = || WriteError::BadName {
            path: directory.to_owned(),
        };
        let directory = std::path::absolute(directory).map_err(|_| bad_name())?;
        let stem = directory
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(bad_name)?;
        if stem.chars().any(char::is_control) {
            return Err(bad_name());
        }
        if directory.exists() {
            return Err(WriteError::Exists { path: directory });
        }
        let file = directory.join(format!("{stem}_0.{}", storage.extension()));
        let active = super::sqlite_file::with_suffix(&file, ".active");
        fs::create_dir_all(&directory).map_err(|source| WriteError::Io {
            path: directory.clone(),
            source,
        })?;
        let mut bag = Self {
            active,
            file,
            storage,
            compression,
            writer: None,
            numbers: BTreeMap::new(),
            channels: Vec::new(),
            span_ns: None,
            messages: 0,
            custom: BTreeMap::new(),
            directory,
        };
        let writer: Result<Box<dyn StorageWriter>, String> = match storage {
            Storage::Mcap => McapStorage::create(&bag.active, compression).map(|writer| Box::new(writer) as _),
            Storage::Sqlite3 => SqliteStorage::create(&bag.active, compression).map(|writer| Box::new(writer) as _),
        };
        bag.writer = Some(writer.map_err(|what| bag.storage_error(what))?);
        Ok(bag)
    }

    fn storage_error(&self, what: String) -> WriteError {
        WriteError::Storage {
            path: self.file.clone(),
            what,
        }
    }

    /// Writes a message, and its channel before its first one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self, message: &BagMessage<'_>) -> Result<(), WriteError> {
        let index = message.channel.index;
        if !self.numbers.contains_key(&index) {
            self.channel(message.channel)?;
        }
        let error = match (self.writer.as_mut(), self.numbers.get_mut(&index)) {
            (Some(writer), Some((number, count))) => match writer.message(*number, message) {
                Ok(()) => {
                    *count = count.saturating_add(1);
                    None
                }
                Err(error) => Some(error),
            },
            _ => None,
        };
        if let Some(error) = error {
            return Err(self.storage_error(error));
        }
        let time_ns = message.log_time_ns;
        let (start, end) = self.span_ns.unwrap_or((time_ns, time_ns));
        self.span_ns = Some((start.min(time_ns), end.max(time_ns)));
        self.messages = self.messages.saturating_add(1);
        Ok(())
    }

    /// Adds a channel that may have no message.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn channel(&mut self, channel: &BagChannel) -> Result<(), WriteError> {
        if self.numbers.contains_key(&channel.index) {
            return Ok(());
        }
        let added = self.writer.as_mut().map(|writer| writer.channel(channel));
        match added {
            Some(Ok(number)) => {
                let _ = self.numbers.insert(channel.index, (number, 0));
                self.channels.push(channel.clone());
                Ok(())
            }
            Some(Err(error)) => Err(self.storage_error(error)),
            None => Ok(()),
        }
    }

    /// Adds names with values that are about the recording.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn metadata(&mut self, name: &str, entries: &BTreeMap<String, String>) -> Result<(), WriteError> {
        match self.writer.as_mut().map(|writer| writer.metadata(name, entries)) {
            Some(Err(error)) => Err(self.storage_error(error)),
            _ => Ok(()),
        }
    }

    /// Adds what lies beside the messages. False when the storage has no place for it.
    ///
    /// # Errors
    /// When it cannot be read, or the file cannot be written.
    pub fn attachment(&mut self, attachment: &mut Attachment<'_>) -> Result<bool, WriteError> {
        match self.writer.as_mut().map(|writer| writer.attachment(attachment)) {
            Some(Ok(kept)) => Ok(kept),
            Some(Err(error)) => Err(self.storage_error(error)),
            None => Ok(false),
        }
    }

    /// What goes into `custom_data` of `metadata.yaml`.
    pub fn custom_data(&mut self, custom: &BTreeMap<String, String>) {
        self.custom
            .extend(custom.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Finishes the file, gives it its name, and puts `metadata.yaml` beside it.
    ///
    /// # Errors
    /// When something cannot be written; what was made is taken away then.
    pub fn finish(mut self) -> Result<Written, WriteError> {
        let name = super::open::name_of(&self.file);
        let topics = self.channels.iter().map(|channel| TopicMeta {
            name: &channel.topic,
            type_name: &channel.type_name,
            serialization: &channel.serialization,
            type_hash: channel.type_hash.as_deref().unwrap_or_default(),
            offered_qos: &channel.offered_qos,
            messages: self.numbers.get(&channel.index).map_or(0, |(_, count)| *count),
        });
        let meta = BagMeta {
            storage: self.storage,
            by_message: self.storage == Storage::Sqlite3 && self.compression == Compression::Zstd,
            files: vec![FileMeta {
                name,
                span_ns: self.span_ns,
                messages: self.messages,
            }],
            topics: topics.collect(),
            custom: self.custom.clone(),
        };
        let (record, yaml) = (meta.record(), meta.file());
        if let Some(Err(error)) = self.writer.as_mut().map(|writer| writer.finish(&record)) {
            return Err(self.storage_error(error));
        }
        self.writer = None;
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |source| WriteError::Io { path, source }
        };
        fs::rename(&self.active, &self.file).map_err(io_error(&self.file))?;
        let beside = self.directory.join(super::metadata::NAME);
        write_synced(&beside, yaml.as_bytes()).map_err(io_error(&beside))?;
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(io_error(&self.directory))?;
        let written = Written {
            path: self.directory.clone(),
            file: self.file.clone(),
            messages: self.messages,
            bytes: fs::metadata(&self.file).map_or(0, |metadata| metadata.len()),
            span_ns: self.span_ns,
        };
        // Nothing is left to be taken away.
        self.directory = PathBuf::new();
        Ok(written)
    }
}

impl Drop for BagWriter {
    fn drop(&mut self) {
        if self.directory.as_os_str().is_empty() {
            return;
        }
        self.writer = None;
        for file in [
            &self.active,
            &self.file,
            &super::sqlite_file::with_suffix(&self.active, "-journal"),
            &self.directory.join(super::metadata::NAME),
        ] {
            let _ = fs::remove_file(file);
        }
        // Fails where someone else has put something: that is theirs.
        let _ = fs::remove_dir(&self.directory);
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
