//! The tables of rosbag2 in a SQLite file, in version 4.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, Error, OpenFlags, params};

use super::metadata::{distro, qos_text};
use crate::bag::BagChannel;

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

/// Nobody else is let in, so that no memory is shared through a file; what is committed is only written to the log, and
/// made durable by whoever syncs that; the log goes into the tables when [`Tables::checkpoint`] is called.
const LOGGED: &str = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;";

/// How changes are kept from leaving a file half changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    /// What is overwritten is kept beside the file until the transaction ends.
    Rollback,
    /// What is new is written beside the file first: to be synced it is enough to sync that.
    Log,
}

/// The tables, open for writing.
pub(crate) struct Tables {
    connection: Connection,
    /// By name, type and serialization.
    topics: BTreeMap<[String; 3], u32>,
    /// Types whose definition is in the file.
    defined: BTreeSet<String>,
}

impl Tables {
    /// Makes the tables in an empty file that is there.
    pub fn create(path: &Path, journal: Journal) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        if journal == Journal::Log {
            connection.execute_batch(LOGGED)?;
            let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
            if mode != "wal" {
                return Err(Error::InvalidQuery);
            }
        }
        let tables = Self {
            connection,
            topics: BTreeMap::new(),
            defined: BTreeSet::new(),
        };
        tables.execute("BEGIN")?;
        tables.execute(TABLES)?;
        let schema = "INSERT INTO schema(schema_version, ros_distro) VALUES (4, ?1)";
        let _ = tables.connection.execute(schema, [distro()])?;
        tables.execute("COMMIT")?;
        Ok(tables)
    }

    /// Runs statements that tell nothing: the borders of transactions.
    pub fn execute(&self, statements: &str) -> rusqlite::Result<()> {
        self.connection.execute_batch(statements)
    }

    /// Does all of `work` or nothing. After an error the file can be described and closed, and takes no more channels.
    pub fn transaction(&mut self, work: impl FnOnce(&mut Self) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        self.execute("BEGIN")?;
        let done = work(self).and_then(|()| self.execute("COMMIT"));
        if done.is_err() {
            // SQLite may have gone back by itself.
            let _ = self.execute("ROLLBACK");
        }
        done
    }

    /// The row of a topic. There is one for a name and a type: what is learned later about it replaces what was known.
    pub fn channel(&mut self, channel: &BagChannel) -> rusqlite::Result<u32> {
        let key = [&channel.topic, &channel.type_name, &channel.serialization].map(String::clone);
        let qos = qos_text(&channel.offered_qos);
        let hash = channel.type_hash.as_deref().unwrap_or_default();
        let id = match self.topics.get(&key) {
            Some(id) => {
                let better = "UPDATE topics SET \
                              offered_qos_profiles = CASE WHEN ?2 = '[]' THEN offered_qos_profiles ELSE ?2 END, \
                              type_description_hash = CASE WHEN ?3 = '' THEN type_description_hash ELSE ?3 END \
                              WHERE id = ?1";
                let _ = self.connection.execute(better, params![id, qos, hash])?;
                *id
            }
            None => {
                let id = u32::try_from(self.topics.len() + 1).unwrap_or(u32::MAX);
                let new = "INSERT INTO topics (id, name, type, serialization_format, offered_qos_profiles, \
                           type_description_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                let [name, type_name, serialization] = &key;
                let values = params![id, name, type_name, serialization, qos, hash];
                let _ = self.connection.execute(new, values)?;
                let _ = self.topics.insert(key, id);
                id
            }
        };
        self.define(channel)?;
        Ok(id)
    }

    fn define(&mut self, channel: &BagChannel) -> rusqlite::Result<()> {
        let (encoding, definition) = match (&channel.other_definition, &channel.definition) {
            (Some((encoding, definition)), _) => (encoding.as_str(), definition.as_str()),
            (None, Some(definition)) => ("ros2msg", definition.as_str()),
            (None, None) => return Ok(()),
        };
        if !self.defined.insert(channel.type_name.clone()) {
            return Ok(());
        }
        let hash = channel.type_hash.as_deref().unwrap_or_default();
        let new = "INSERT INTO message_definitions (topic_type, encoding, encoded_message_definition, \
                   type_description_hash) VALUES (?1, ?2, ?3, ?4)";
        let values = params![channel.type_name, encoding, definition, hash];
        self.connection.execute(new, values).map(drop)
    }

    /// Adds messages: number of the topic, time of receiving, and content.
    pub fn insert<'a>(&self, rows: impl IntoIterator<Item = (u32, i64, &'a [u8])>) -> rusqlite::Result<()> {
        let mut statement = self
            .connection
            .prepare("INSERT INTO messages (topic_id, timestamp, data) VALUES (?1, ?2, ?3)")?;
        for (topic, time_ns, data) in rows {
            let _ = statement.execute(params![topic, time_ns, data])?;
        }
        Ok(())
    }

    /// Puts the text that rosbag2 keeps about a recording in the place of an earlier one.
    pub fn describe(&self, rosbag2: &str) -> rusqlite::Result<()> {
        self.execute("DELETE FROM metadata")?;
        let new = "INSERT INTO metadata (metadata_version, metadata) VALUES (9, ?1)";
        self.connection.execute(new, [rosbag2]).map(drop)
    }

    /// The size that the file has, or will have when its log is in it.
    pub fn bytes(&self) -> rusqlite::Result<u64> {
        let number = |pragma| self.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let bytes = number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?);
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// Moves what is in the log into the file, durably, so that the log begins anew.
    pub fn checkpoint(&self) -> rusqlite::Result<()> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
    }

    /// Takes the log away: the file stands alone then, and anyone can read it where nothing can be written.
    pub fn end_log(&self) -> rusqlite::Result<()> {
        self.execute("PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE;")
    }

    /// Closes the file.
    pub fn close(self) -> rusqlite::Result<()> {
        self.connection.close().map_err(|(_, error)| error)
    }
}
