//! rosbag2's SQLite storage, in version 4 of its tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::StorageWriter;
use super::metadata::{distro, qos_text};
use crate::bag::{BagChannel, BagMessage};
use crate::record::Compression;

/// The tables of rosbag2 since Iron, word for word what its reader looks for.
const TABLES: &str = "\
CREATE TABLE schema(schema_version INTEGER PRIMARY KEY,ros_distro TEXT NOT NULL);
CREATE TABLE metadata(id INTEGER PRIMARY KEY,metadata_version INTEGER NOT NULL,metadata TEXT NOT NULL);
CREATE TABLE topics(id INTEGER PRIMARY KEY,name TEXT NOT NULL,type TEXT NOT NULL,serialization_format TEXT NOT NULL,\
offered_qos_profiles TEXT NOT NULL,type_description_hash TEXT NOT NULL);
CREATE TABLE message_definitions(id INTEGER PRIMARY KEY,topic_type TEXT NOT NULL,encoding TEXT NOT NULL,\
encoded_message_definition TEXT NOT NULL,type_description_hash TEXT NOT NULL);
CREATE TABLE messages(id INTEGER PRIMARY KEY,topic_id INTEGER NOT NULL,timestamp INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX timestamp_idx ON messages (timestamp ASC);";

/// Bytes after which what was written becomes durable: the journal stays short.
const COMMIT_BYTES: usize = 32 * 1024 * 1024;

/// A SQLite file that is being written.
pub struct SqliteStorage {
    path: PathBuf,
    connection: Option<Connection>,
    compressor: Option<zstd::bulk::Compressor<'static>>,
    topics: u32,
    /// Types whose definition is in the file.
    defined: BTreeSet<String>,
    uncommitted: usize,
}

impl SqliteStorage {
    /// Begins a file.
    ///
    /// # Errors
    /// When it exists, or cannot be made.
    pub fn create(path: &Path, compression: Compression) -> Result<Self, String> {
        drop(File::create_new(path).map_err(text)?);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(text)?;
        connection.execute_batch(TABLES).map_err(text)?;
        let _ = connection
            .execute(
                "INSERT INTO schema(schema_version, ros_distro) VALUES (4, ?1)",
                [distro()],
            )
            .map_err(text)?;
        connection.execute_batch("BEGIN").map_err(text)?;
        let compressor = match compression {
            Compression::Zstd => Some(zstd::bulk::Compressor::new(1).map_err(text)?),
            Compression::None | Compression::Lz4 => None,
        };
        Ok(Self {
            path: path.to_owned(),
            connection: Some(connection),
            compressor,
            topics: 0,
            defined: BTreeSet::new(),
            uncommitted: 0,
        })
    }

    fn connection(&self) -> Result<&Connection, String> {
        self.connection
            .as_ref()
            .ok_or_else(|| "the file was finished".to_owned())
    }

    fn define(&mut self, channel: &BagChannel) -> Result<(), String> {
        let (encoding, definition) = match (&channel.other_definition, &channel.definition) {
            (Some((encoding, definition)), _) => (encoding.as_str(), definition.as_str()),
            (None, Some(definition)) => ("ros2msg", definition.as_str()),
            (None, None) => return Ok(()),
        };
        if !self.defined.insert(channel.type_name.clone()) {
            return Ok(());
        }
        let hash = channel.type_hash.as_deref().unwrap_or_default();
        let _ = self
            .connection()?
            .execute(
                "INSERT INTO message_definitions (topic_type, encoding, encoded_message_definition, \
                 type_description_hash) VALUES (?1, ?2, ?3, ?4)",
                params![channel.type_name, encoding, definition, hash],
            )
            .map_err(text)?;
        Ok(())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl StorageWriter for SqliteStorage {
    fn channel(&mut self, channel: &BagChannel) -> Result<u32, String> {
        self.topics += 1;
        let id = self.topics;
        let _ = self
            .connection()?
            .execute(
                "INSERT INTO topics (id, name, type, serialization_format, offered_qos_profiles, \
                 type_description_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    id,
                    channel.topic,
                    channel.type_name,
                    channel.serialization,
                    qos_text(&channel.offered_qos),
                    channel.type_hash.as_deref().unwrap_or_default(),
                ],
            )
            .map_err(text)?;
        self.define(channel)?;
        Ok(id)
    }

    fn message(&mut self, channel: u32, message: &BagMessage<'_>) -> Result<(), String> {
        let time_ns = i64::try_from(message.log_time_ns).map_err(|_| "a time is past the year 2262")?;
        let packed = match &mut self.compressor {
            Some(compressor) => Some(compressor.compress(message.payload).map_err(text)?),
            None => None,
        };
        let data = packed.as_deref().unwrap_or(message.payload);
        let connection = self.connection.as_ref().ok_or("the file was finished")?;
        let mut statement = connection
            .prepare("INSERT INTO messages (topic_id, timestamp, data) VALUES (?1, ?2, ?3)")
            .map_err(text)?;
        let _ = statement.execute(params![channel, time_ns, data]).map_err(text)?;
        self.uncommitted = self.uncommitted.saturating_add(data.len());
        if self.uncommitted >= COMMIT_BYTES {
            self.uncommitted = 0;
            connection.execute_batch("COMMIT; BEGIN").map_err(text)?;
        }
        Ok(())
    }

    /// The storage has no place for them; `metadata.yaml` takes what it can.
    fn metadata(&mut self, _name: &str, _entries: &BTreeMap<String, String>) -> Result<(), String> {
        Ok(())
    }

    fn finish(&mut self, rosbag2: &str) -> Result<(), String> {
        let connection = self.connection.take().ok_or("the file was finished")?;
        let _ = connection
            .execute(
                "INSERT INTO metadata (metadata_version, metadata) VALUES (9, ?1)",
                [rosbag2],
            )
            .map_err(text)?;
        connection.execute_batch("COMMIT").map_err(text)?;
        connection.close().map_err(|(_, error)| text(error))?;
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(text)
    }
}
