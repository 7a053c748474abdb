//! One SQLite file of rosbag2 (`.db3`): its topics, and its messages in the order of their times.
//!
//! Nothing in the file is trusted: it is opened for reading only, tables must be plain tables, and values are bounded.

mod check;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, params};

use super::metadata::{self, Metadata};
use super::write::metadata::take_records;
use super::{BagError, FileState};
use crate::qos::Qos;

/// The longest message that is read, as for MCAP.
const VALUE_MAX: i32 = 256 * 1024 * 1024;

/// Topics that one file may have.
const TOPICS_MAX: usize = 1 << 20;

/// Messages that are fetched at once, and bytes after which no more are.
const BATCH_MESSAGES: usize = 4096;
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// What is in a file.
#[derive(Debug)]
pub(super) struct SqliteFile {
    /// What is opened: the file itself, or what was unpacked from it.
    pub path: PathBuf,
    pub topics: Vec<SqliteTopic>,
    /// By the number of the topic, when they were counted.
    pub counts: BTreeMap<i64, u64>,
    /// The largest number of a message, which is their count unless some were deleted.
    pub last_id: u64,
    pub span_ns: Option<(u64, u64)>,
    pub state: FileState,
    pub problem: Option<String>,
    /// What newer versions write into the file too.
    pub metadata: Option<Metadata>,
    /// What this program keeps about a recording, by record.
    pub records: Records,
}

/// One row of its table of topics.
#[derive(Clone, Debug)]
pub(super) struct SqliteTopic {
    pub id: i64,
    pub name: String,
    pub type_name: String,
    pub serialization: String,
    pub offered_qos: Vec<Qos>,
    pub type_hash: Option<String>,
    /// Encoding and text.
    pub definition: Option<(String, String)>,
}

impl SqliteFile {
    /// Opens the file `path`; `said` is the name that the user knows it by.
    pub(super) fn open(path: &Path, said: &Path) -> Result<Self, BagError> {
        let _ = std::fs::metadata(path).map_err(|error| BagError::io(said, error))?;
        let wrong = |error: rusqlite::Error| BagError::NotSqlite {
            path: said.to_owned(),
            what: error.to_string(),
        };
        let connection = connect(path).map_err(wrong)?;
        for table in ["topics", "messages"] {
            if columns(&connection, table).map_err(wrong)?.is_empty() {
                return Err(BagError::NotSqlite {
                    path: said.to_owned(),
                    what: format!("it has no table `{table}`"),
                });
            }
        }
        let topics = topics(&connection).map_err(wrong)?;
        let mut problem = None;
        let span = connection.query_row(
            "SELECT (SELECT min(timestamp) FROM messages), (SELECT max(timestamp) FROM messages), \
             (SELECT max(id) FROM messages)",
            [],
            |row| {
                Ok((
                    row.get::<_, Option<i64>>(0)?,
                    row.get(1)?,
                    row.get::<_, Option<i64>>(2)?,
                ))
            },
        );
        let (start, end, last_id) = match span {
            Ok(span) => span,
            Err(error) => {
                problem = Some(format!(
                    "its messages cannot be looked up: {error}; `roswave recover` saves what is whole"
                ));
                (None, None::<i64>, None)
            }
        };
        if problem.is_none() && has_journal(path) {
            problem =
                Some("the file was not finished: its journal is beside it; `roswave recover` finishes it".to_owned());
        }
        let (metadata, records) = inner_metadata(&connection).unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            topics,
            counts: BTreeMap::new(),
            last_id: last_id.and_then(|id| u64::try_from(id).ok()).unwrap_or(0),
            span_ns: start.zip(end).map(|(start, end)| (time(start), time(end))),
            state: if problem.is_none() {
                FileState::Indexed
            } else {
                FileState::CutOff
            },
            problem,
            metadata,
            records,
        })
    }

    /// Counts the messages of each topic, which reads the whole table.
    pub(super) fn count(&mut self) {
        let counted = connect(&self.path).and_then(|connection| {
            let mut statement = connection.prepare("SELECT topic_id, count(*) FROM messages GROUP BY topic_id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
            rows.map(|row| row.map(|(id, count)| (id, u64::try_from(count).unwrap_or(0))))
                .collect::<Result<BTreeMap<i64, u64>, _>>()
        });
        match counted {
            Ok(counts) => self.counts = counts,
            Err(error) => {
                self.state = FileState::CutOff;
                let problem = format!("its tables are damaged: {error}; `roswave recover` saves what is whole");
                let _ = self.problem.get_or_insert(problem);
                self.count_rows();
            }
        }
    }

    /// Counts row by row, up to the first that cannot be read.
    fn count_rows(&mut self) {
        let (Ok(mut pages), mut counts) = (Pages::in_rows(&self.path), BTreeMap::new()) else {
            return;
        };
        while let Ok(page) = pages.next_page() {
            if page.is_empty() {
                break;
            }
            for message in page {
                *counts.entry(message.topic).or_default() += 1;
            }
        }
        self.counts = counts;
    }
}

/// True when SQLite left something beside the file that belongs into it.
pub(super) fn has_journal(path: &Path) -> bool {
    ["-journal", "-wal"].iter().any(|suffix| {
        let beside = with_suffix(path, suffix);
        // A pipe of that name would be waited for.
        if !std::fs::metadata(&beside).is_ok_and(|found| found.is_file()) {
            return false;
        }
        // An empty journal, or one whose head was zeroed, is done.
        std::fs::File::open(beside).is_ok_and(|mut file| {
            let mut head = [0; 8];
            std::io::Read::read_exact(&mut file, &mut head).is_ok() && head != [0; 8]
        })
    })
}

/// The size of a page, how many whole ones there are, and the bytes that are missing, where the head of a file says that there
/// should be more.
pub(super) fn missing_end(path: &Path) -> Option<(u64, u32, u64)> {
    let mut head = [0; 100];
    let mut file = std::fs::File::open(path).ok()?;
    std::io::Read::read_exact(&mut file, &mut head).ok()?;
    if !head.starts_with(b"SQLite format 3\0") {
        return None;
    }
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        bytes @ 512.. => u64::from(bytes),
        _ => return None,
    };
    let pages = u32::from_be_bytes([head[28], head[29], head[30], head[31]]);
    let bytes = file.metadata().ok()?.len();
    let there = u32::try_from(bytes / page).ok()?;
    let missing = (page * u64::from(pages)).saturating_sub(bytes);
    (0 < there && there < pages).then_some((page, there, missing))
}

/// The path with something behind its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens for reading only, and as it lies there: no lock is taken, no journal is played back, and nothing is made beside the
/// file, which SQLite would otherwise do for one that was written with a log.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(path), flags)?;
    guard(&connection)?;
    // The first look at the file: fails here, and not later, when it cannot be read like this.
    let _: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    Ok(connection)
}

/// Bounds for what a file may do.
pub(super) fn guard(connection: &Connection) -> rusqlite::Result<()> {
    let _ = connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_MAX)?;
    let _ = connection.set_limit(Limit::SQLITE_LIMIT_COLUMN, 64)?;
    let _ = connection.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, 64)?;
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.execute_batch("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-8192;")
}

fn uri(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = "file:".to_owned();
    for byte in absolute.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

/// The columns of a plain table; none when it is missing, a view, virtual, or computes.
pub(super) fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let plain: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE name = ?1 AND type = 'table' AND upper(sql) LIKE 'CREATE TABLE%'",
        [table],
        |row| row.get(0),
    )?;
    if plain != 1 {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare("SELECT name, hidden FROM pragma_table_xinfo(?1)")?;
    let rows = statement.query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let columns: Vec<(String, i64)> = rows.collect::<Result<_, _>>()?;
    if columns.iter().any(|(_, hidden)| *hidden != 0) {
        return Ok(Vec::new());
    }
    Ok(columns.into_iter().map(|(name, _)| name).collect())
}

fn topics(connection: &Connection) -> rusqlite::Result<Vec<SqliteTopic>> {
    let known = columns(connection, "topics")?;
    let column = |name: &'static str, otherwise: &'static str| {
        if known.iter().any(|column| column == name) {
            name
        } else {
            otherwise
        }
    };
    let query = format!(
        "SELECT id, name, type, {}, {}, {} FROM topics ORDER BY id",
        column("serialization_format", "'cdr'"),
        column("offered_qos_profiles", "''"),
        column("type_description_hash", "''"),
    );
    let definitions = definitions(connection).unwrap_or_default();
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query([])?;
    let mut topics = Vec::new();
    while let Some(row) = rows.next()? {
        if topics.len() >= TOPICS_MAX {
            break;
        }
        let type_name = text(row, 2);
        topics.push(SqliteTopic {
            id: row.get(0)?,
            name: text(row, 1),
            definition: definitions.get(&type_name).cloned(),
            type_name,
            serialization: text(row, 3),
            offered_qos: metadata::offered_qos(&text(row, 4)),
            type_hash: Some(text(row, 5)).filter(|hash| !hash.is_empty()),
        });
    }
    Ok(topics)
}

/// Encoding and text by type.
fn definitions(connection: &Connection) -> rusqlite::Result<BTreeMap<String, (String, String)>> {
    if columns(connection, "message_definitions")?.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut statement =
        connection.prepare("SELECT topic_type, encoding, encoded_message_definition FROM message_definitions")?;
    let mut rows = statement.query([])?;
    let mut definitions = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let definition = (text(row, 1), text(row, 2));
        if !definition.1.is_empty() && definitions.len() < TOPICS_MAX {
            let _ = definitions.insert(text(row, 0), definition);
        }
    }
    Ok(definitions)
}

/// By name.
type Records = BTreeMap<String, BTreeMap<String, String>>;

/// What newer versions write into the file: the last row stands.
fn inner_metadata(connection: &Connection) -> Option<(Option<Metadata>, Records)> {
    if columns(connection, "metadata").ok()?.is_empty() {
        return None;
    }
    let query = "SELECT metadata FROM metadata ORDER BY id DESC LIMIT 1";
    let text: String = connection.query_row(query, [], |row| row.get(0)).ok()?;
    let metadata = Metadata::parse(&text)?;
    let mut custom = metadata.custom.iter().cloned().collect();
    let records = take_records(&mut custom);
    // Before the first message a row that counts none stands there.
    let counts = metadata.messages.is_some_and(|messages| messages > 0);
    Some((Some(metadata).filter(|_| counts), records))
}

fn text(row: &Row<'_>, column: usize) -> String {
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

/// Times before 1970 are none.
pub(super) fn time(ns: i64) -> u64 {
    u64::try_from(ns).unwrap_or(0)
}

fn bound(ns: u64) -> i64 {
    i64::try_from(ns).unwrap_or(i64::MAX)
}

/// A message as it lies in the table.
#[derive(Debug)]
pub(super) struct SqliteMessage {
    pub id: i64,
    pub topic: i64,
    pub time_ns: i64,
    pub data: Vec<u8>,
}

/// Goes through the messages of a file in the order of their times, some at once.
pub(super) struct Pages {
    connection: Connection,
    topics: Option<Vec<i64>>,
    from: (i64, i64),
    until_ns: i64,
    /// In the order in which they were written, without the index of times, which is damaged: behind this number.
    row: Option<i64>,
}

impl Pages {
    /// Messages of `topics` (all when `None`) from `from_ns` up to and without `until_ns`.
    pub(super) fn open(
        path: &Path,
        topics: Option<Vec<i64>>,
        from_ns: Option<u64>,
        until_ns: Option<u64>,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            connection: connect(path)?,
            topics,
            from: (from_ns.map_or(i64::MIN, bound), i64::MIN),
            until_ns: until_ns.map_or(i64::MAX, bound),
            row: None,
        })
    }

    /// All messages in the order in which they were written.
    pub(super) fn in_rows(path: &Path) -> rusqlite::Result<Self> {
        let mut pages = Self::open(path, None, None, None)?;
        pages.row = Some(i64::MIN);
        Ok(pages)
    }

    /// Goes back to the message behind the given one.
    pub(super) fn seek_behind(&mut self, time_ns: i64, id: i64) {
        match &mut self.row {
            Some(row) => *row = id,
            None => self.from = (time_ns, id),
        }
    }

    /// The next messages; none at the end. Where the index of times is damaged, the rest comes in the order in which it was
    /// written.
    pub(super) fn next_page(&mut self) -> rusqlite::Result<Vec<SqliteMessage>> {
        match self.page() {
            Err(_) if self.row.is_none() => {
                self.row = Some(i64::MIN);
                self.page()
            }
            page => page,
        }
    }

    fn page(&mut self) -> rusqlite::Result<Vec<SqliteMessage>> {
        let last = self.until_ns == i64::MAX;
        let filter = self.topics.as_ref().map_or_else(String::new, |topics| {
            let ids: Vec<String> = topics.iter().map(i64::to_string).collect();
            format!(" AND +topic_id IN ({})", ids.join(","))
        });
        let upper = if last { "<=" } else { "<" };
        let (table, order) = match self.row {
            Some(_) => (
                "messages NOT INDEXED WHERE id > ?4 AND timestamp >= ?1 AND (timestamp > ?1 OR id > ?2)",
                "id",
            ),
            None => (
                "messages WHERE ?4 IS NULL AND timestamp >= ?1 AND (timestamp > ?1 OR id > ?2)",
                "timestamp, id",
            ),
        };
        let query = format!(
            "SELECT id, topic_id, timestamp, data FROM {table} AND timestamp {upper} ?3{filter} ORDER BY {order} \
             LIMIT {BATCH_MESSAGES}"
        );
        let mut statement = self.connection.prepare(&query)?;
        let mut rows = statement.query(params![self.from.0, self.from.1, self.until_ns, self.row])?;
        let mut page: Vec<SqliteMessage> = Vec::new();
        let mut bytes = 0_usize;
        // In a damaged tree pages may point back to those above them: what does not go on would never end.
        let key = |message: &SqliteMessage| match self.row {
            Some(_) => (message.id, 0),
            None => (message.time_ns, message.id),
        };
        let mut behind = self.row.map_or(self.from, |row| (row, 0));
        while bytes < BATCH_BYTES {
            let row = rows.next().and_then(|row| row.map(message).transpose());
            let row = match row {
                Ok(Some(message)) if key(&message) <= behind => {
                    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
                    Err(rusqlite::Error::SqliteFailure(corrupt, None))
                }
                row => row,
            };
            let message = match row {
                Ok(Some(message)) => message,
                Ok(None) => break,
                // What was read before the damage is handed out first.
                Err(_) if !page.is_empty() => break,
                Err(error) => return Err(error),
            };
            bytes = bytes.saturating_add(message.data.len());
            behind = key(&message);
            page.push(message);
        }
        drop(rows);
        drop(statement);
        if let Some(last) = page.last() {
            self.seek_behind(last.time_ns, last.id);
        }
        Ok(page)
    }
}

/// The row of a message: id, topic, time, data.
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<SqliteMessage> {
    Ok(SqliteMessage {
        id: row.get(0)?,
        topic: row.get(1)?,
        time_ns: row.get(2)?,
        data: match row.get_ref(3)? {
            ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Vec::new(),
        },
    })
}

/// The last message of a topic before a time.
pub(super) fn last_before(path: &Path, topics: &[i64], before_ns: u64) -> rusqlite::Result<Option<SqliteMessage>> {
    let ids: Vec<String> = topics.iter().map(i64::to_string).collect();
    let query = format!(
        "SELECT id, topic_id, timestamp, data FROM messages WHERE timestamp < ?1 AND +topic_id IN ({}) \
         ORDER BY timestamp DESC, id DESC LIMIT 1",
        ids.join(",")
    );
    let connection = connect(path)?;
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query([bound(before_ns)])?;
    rows.next()?.map(message).transpose()
}
