//! rosbag2's SQLite storage, written in one go.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::StorageWriter;
use super::tables::{Journal, Tables};
use crate::bag::{Attachment, BagChannel, BagMessage};
use crate::record::Compression;

/// Bytes after which what was written becomes durable: the journal stays short.
const COMMIT_BYTES: usize = 32 * 1024 * 1024;

/// A SQLite file that is being written.
pub struct SqliteStorage {
    path: PathBuf,
    tables: Option<Tables>,
    compressor: Option<zstd::bulk::Compressor<'static>>,
    uncommitted: usize,
}

impl SqliteStorage {
    /// Begins a file.
    ///
    /// # Errors
    /// When it exists, or cannot be made.
    pub fn create(path: &Path, compression: Compression) -> Result<Self, String> {
        drop(File::create_new(path).map_err(text)?);
        let tables = Tables::create(path, Journal::Rollback).map_err(text)?;
        tables.execute("BEGIN").map_err(text)?;
        let compressor = match compression {
            Compression::Zstd => Some(zstd::bulk::Compressor::new(1).map_err(text)?),
            Compression::None | Compression::Lz4 => None,
        };
        Ok(Self {
            path: path.to_owned(),
            tables: Some(tables),
            compressor,
            uncommitted: 0,
        })
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl StorageWriter for SqliteStorage {
    fn channel(&mut self, channel: &BagChannel) -> Result<u32, String> {
        let tables = self.tables.as_mut().ok_or("the file was finished")?;
        tables.channel(channel).map_err(text)
    }

    fn message(&mut self, channel: u32, message: &BagMessage<'_>) -> Result<(), String> {
        let time_ns = i64::try_from(message.log_time_ns).map_err(|_| "a time is past the year 2262")?;
        let packed = match &mut self.compressor {
            Some(compressor) => Some(compressor.compress(message.payload).map_err(text)?),
            None => None,
        };
        let data = packed.as_deref().unwrap_or(message.payload);
        let tables = self.tables.as_ref().ok_or("the file was finished")?;
        tables.insert([(channel, time_ns, data)]).map_err(text)?;
        self.uncommitted = self.uncommitted.saturating_add(data.len());
        if self.uncommitted >= COMMIT_BYTES {
            self.uncommitted = 0;
            tables.execute("COMMIT; BEGIN").map_err(text)?;
        }
        Ok(())
    }

    /// The storage has no place for them; `metadata.yaml` takes what it can.
    fn metadata(&mut self, _name: &str, _entries: &BTreeMap<String, String>) -> Result<(), String> {
        Ok(())
    }

    fn attachment(&mut self, _attachment: &mut Attachment<'_>) -> Result<bool, String> {
        Ok(false)
    }

    fn finish(&mut self, rosbag2: &str) -> Result<(), String> {
        let tables = self.tables.take().ok_or("the file was finished")?;
        tables.describe(rosbag2).map_err(text)?;
        tables.execute("COMMIT").map_err(text)?;
        tables.close().map_err(text)?;
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(text)
    }
}
