//! Readers against small files that are whole, and against the same files with bytes changed, cut and repeated.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mcap::Compression;
use mcap::records::MessageHeader;
use proptest::prelude::*;
use rusqlite::{Connection, params};

use super::{Bag, Query, verify};

const T0: u64 = 1_795_446_909_000_000_000;
const MESSAGES: u64 = 60;

/// How a small file is laid out.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Chunks(Option<Compression>),
    Loose,
    Sqlite,
}

const LAYOUTS: [Layout; 5] = [
    Layout::Chunks(None),
    Layout::Chunks(Some(Compression::Zstd)),
    Layout::Chunks(Some(Compression::Lz4)),
    Layout::Loose,
    Layout::Sqlite,
];

impl Layout {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "run_0.db3",
            Self::Chunks(_) | Self::Loose => "run_0.mcap",
        }
    }

    fn write(self, directory: &Path) -> Vec<u8> {
        match self {
            Self::Chunks(compression) => {
                mcap_bytes(mcap::WriteOptions::new().compression(compression).chunk_size(Some(512)))
            }
            Self::Loose => {
                let bare = mcap::WriteOptions::new().use_chunks(false).emit_summary_records(false);
                mcap_bytes(bare.emit_summary_offsets(false))
            }
            Self::Sqlite => {
                let path = directory.join("made.db3");
                write_sqlite(&path);
                let bytes = std::fs::read(&path).expect("read");
                std::fs::remove_file(&path).expect("removed");
                bytes
            }
        }
    }
}

fn payload(index: u64) -> Vec<u8> {
    let mut cdr = vec![0, 1, 0, 0];
    cdr.extend_from_slice(&index.to_le_bytes());
    // One message in four is compressed by itself.
    if index % 4 == 3 {
        return zstd::encode_all(cdr.as_slice(), 1).expect("packed");
    }
    cdr
}

fn mcap_bytes(options: mcap::WriteOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = options
        .profile("ros2")
        .library("test")
        .create(Cursor::new(&mut bytes))
        .expect("a writer");
    let schema = writer
        .add_schema("std_msgs/msg/UInt64", "ros2msg", b"uint64 data")
        .expect("a schema");
    let channels: Vec<u16> = ["/a", "/b"]
        .map(|topic| {
            writer
                .add_channel(schema, topic, "cdr", &BTreeMap::new())
                .expect("a channel")
        })
        .to_vec();
    for index in 0..MESSAGES {
        let header = MessageHeader {
            channel_id: channels[(index % 2) as usize],
            sequence: index as u32,
            log_time: T0 + index,
            publish_time: T0 + index,
        };
        writer
            .write_to_known_channel(&header, &payload(index))
            .expect("written");
    }
    let _ = writer.finish().expect("finished");
    drop(writer);
    bytes
}

fn write_sqlite(path: &Path) {
    let database = Connection::open(path).expect("a database");
    database
        .execute_batch(
            "PRAGMA page_size = 512; PRAGMA synchronous = OFF; \
             CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL, \
             offered_qos_profiles TEXT NOT NULL); \
             CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL); \
             CREATE INDEX timestamp_idx ON messages (timestamp ASC); \
             INSERT INTO topics VALUES (1, '/a', 'std_msgs/msg/UInt64', 'cdr', ''), (2, '/b', 'std_msgs/msg/UInt64', 'cdr', '');",
        )
        .expect("tables");
    database.execute_batch("BEGIN").expect("a transaction");
    for index in 0..MESSAGES {
        let row = params![(index % 2) as i64 + 1, (T0 + index) as i64, payload(index)];
        let inserted = database.execute(
            "INSERT INTO messages(topic_id, timestamp, data) VALUES (?1, ?2, ?3)",
            row,
        );
        assert_eq!(inserted.expect("inserted"), 1);
    }
    database.execute_batch("COMMIT").expect("committed");
}

/// Every number that the messages carry, in the order in which they come.
fn numbers(bag: &Bag, query: &Query) -> Vec<u64> {
    let mut messages = bag.messages(query);
    let mut numbers = Vec::new();
    while let Some(message) = messages.advance() {
        numbers.push(u64::from_le_bytes(
            message.payload[4..12].try_into().expect("eight bytes"),
        ));
    }
    assert!(messages.problems().is_empty(), "{:?}", messages.problems());
    numbers
}

#[test]
fn every_layout_reads_the_same_and_is_found_whole() {
    let root = tempfile::tempdir().expect("a directory");
    for layout in LAYOUTS {
        let path = root.path().join(layout.name());
        std::fs::write(&path, layout.write(root.path())).expect("written");
        let bag = Bag::open(&path).expect("a bag");
        assert_eq!(bag.message_count(), MESSAGES, "{layout:?}");
        assert_eq!(
            numbers(&bag, &Query::all()),
            (0..MESSAGES).collect::<Vec<_>>(),
            "{layout:?}"
        );
        let part = Query::all().topics(["/b"]).from_ns(T0 + 10).until_ns(T0 + 20);
        assert_eq!(numbers(&bag, &part), vec![11, 13, 15, 17, 19], "{layout:?}");
        let found = verify(&path).expect("verified");
        assert_eq!(
            (found.findings.as_slice(), found.messages),
            (&[][..], MESSAGES),
            "{layout:?}"
        );
    }
}

#[test]
fn reading_a_database_leaves_nothing_beside_it() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("log_0.db3");
    write_sqlite(&path);
    // As a recorder leaves it that wrote with a log and closed well.
    let database = Connection::open(&path).expect("a database");
    database.execute_batch("PRAGMA journal_mode = WAL;").expect("a log");
    drop(database);
    let before = std::fs::read(&path).expect("read");
    assert_eq!(verify(&path).expect("verified").findings, []);
    let beside: Vec<PathBuf> = std::fs::read_dir(root.path())
        .expect("listed")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert_eq!(beside, vec![path.clone()]);
    assert_eq!(std::fs::read(&path).expect("read"), before);
}

#[test]
fn what_contradicts_the_index_is_found() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("run_0.mcap");
    let bytes = Layout::Chunks(None).write(root.path());
    // The number 7 in its message, and nothing else.
    let needle = [[0, 1, 0, 0].as_slice(), &6_u64.to_le_bytes()].concat();
    let at = bytes
        .windows(needle.len())
        .position(|window| window == needle)
        .expect("the message");
    let mut damaged = bytes.clone();
    damaged[at + 4] ^= 0x40;
    std::fs::write(&path, &damaged).expect("written");
    let found = verify(&path).expect("verified");
    let said: Vec<&str> = found.findings.iter().map(|finding| finding.what.as_str()).collect();
    assert!(said.iter().any(|what| what.contains("checksum is wrong")), "{said:?}");
    assert!(said.iter().any(|what| what.contains("written at its end")), "{said:?}");
    assert_eq!(found.messages, MESSAGES);

    // Cut in the middle: said to be unfinished, and read as far as it goes.
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
    let found = verify(&path).expect("verified");
    assert!(!found.is_whole() && found.messages > 0 && found.messages < MESSAGES);
}

#[test]
fn a_record_that_claims_a_hole_takes_no_memory() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("run_0.mcap");
    let mut bytes = Layout::Loose.write(root.path());
    // Without its end, and with metadata of 64 GB behind what is left: a hole, which takes no room on the disk either.
    bytes.truncate(bytes.len() - 50);
    let hole = 64_u64 << 30;
    bytes.push(mcap::records::op::METADATA);
    bytes.extend_from_slice(&hole.to_le_bytes());
    std::fs::write(&path, &bytes).expect("written");
    let file = std::fs::OpenOptions::new().write(true).open(&path).expect("opened");
    file.set_len(bytes.len() as u64 + hole).expect("a file with a hole");
    let began = std::time::Instant::now();
    let bag = Bag::open(&path).expect("a bag");
    assert!(began.elapsed() < std::time::Duration::from_secs(20));
    assert_eq!((bag.message_count(), bag.is_complete()), (MESSAGES, false));
}

#[test]
fn time_that_goes_back_is_found() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("run_0.db3");
    write_sqlite(&path);
    let database = Connection::open(&path).expect("a database");
    let moved = database.execute("UPDATE messages SET timestamp = timestamp - 5000000 WHERE id = 31", []);
    assert_eq!(moved.expect("moved"), 1);
    drop(database);
    let found = verify(&path).expect("verified");
    let said: Vec<&str> = found.findings.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(
        said,
        ["1 messages of /a are older than the one before them, by up to 5.000 ms"]
    );
}

/// The files of all layouts, whole.
static WHOLE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let root = tempfile::tempdir().expect("a directory");
    LAYOUTS.iter().map(|layout| layout.write(root.path())).collect()
});

/// One way to damage a file.
#[derive(Clone, Debug)]
enum Damage {
    Set(usize, Vec<u8>),
    Cut(usize),
    Remove(usize, usize),
    Repeat(usize, usize),
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: usize, bytes: &[u8]| at % bytes.len().max(1);
        match self {
            Self::Set(at, new) => {
                let at = place(*at, bytes);
                for (old, new) in bytes.iter_mut().skip(at).zip(new) {
                    *old = *new;
                }
            }
            Self::Cut(at) => bytes.truncate(place(*at, bytes)),
            Self::Remove(at, length) => {
                let at = place(*at, bytes);
                let end = (at + length).min(bytes.len());
                let _ = bytes.drain(at..end);
            }
            Self::Repeat(at, length) => {
                let at = place(*at, bytes);
                let end = (at + length).min(bytes.len());
                let again = bytes[at..end].to_vec();
                let _ = bytes.splice(at..at, again);
            }
        }
    }
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let sharp = prop_oneof![
        Just(vec![0xff; 8]),
        Just(vec![0; 8]),
        Just(vec![0xff, 0xff, 0xff, 0x7f]),
        prop::collection::vec(any::<u8>(), 1..9),
    ];
    let one = prop_oneof![
        6 => (any::<usize>(), sharp).prop_map(|(at, new)| Damage::Set(at, new)),
        1 => any::<usize>().prop_map(Damage::Cut),
        1 => (any::<usize>(), 1_usize..300).prop_map(|(at, length)| Damage::Remove(at, length)),
        1 => (any::<usize>(), 1_usize..300).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ];
    prop::collection::vec(one, 1..6)
}

/// Does with a file whatever a user can: it may fail, in a sentence, and has to end.
fn exercise(path: &Path, longest: usize) -> Result<(), TestCaseError> {
    let bag = match Bag::open(path) {
        Ok(bag) => bag,
        Err(error) => {
            prop_assert!(error.to_string().contains(&path.display().to_string()));
            return Ok(());
        }
    };
    // No message is shorter than its head, unless it lies in a compressed chunk: those are bounded too.
    let most = longest.saturating_mul(64);
    let mut messages = bag.messages(&Query::all());
    let mut handed = 0_usize;
    while let Some(message) = messages.advance() {
        prop_assert!(message.channel.index < bag.channels().len());
        handed += 1;
        prop_assert!(handed <= most, "more messages than bytes");
    }
    for channel in bag.channels() {
        let _ = bag.last_before(&channel.topic, T0 + 30);
    }
    let _ = verify(path);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_survived(layout in 0_usize..LAYOUTS.len(), damages in damages()) {
        let root = tempfile::tempdir().expect("a directory");
        let mut bytes = WHOLE[layout].clone();
        let layout = LAYOUTS[layout];
        for damage in &damages {
            damage.apply(&mut bytes);
        }
        let path = root.path().join(layout.name());
        std::fs::write(&path, &bytes).expect("written");
        exercise(&path, bytes.len().max(4096))?;
    }
}
