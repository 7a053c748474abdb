//! Recording straight into SQLite keeps the promises that MCAP keeps: splits without a gap, a true ledger, and what was
//! reported safe is there after the process was killed.

#![allow(clippy::print_stdout, reason = "figures for whoever looks")]

#[path = "record/common.rs"]
mod common;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{LIMIT, Rig, all_messages, arrival, channel, float_channel, messages_of_others, request, until, wait_for};
use roswave_engine::bag::{self, Bag, Query, Storage};
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::{TopicIndex, outlet};
use roswave_engine::loss::Count;
use roswave_engine::record::ledger::journal;
use roswave_engine::record::{
    Compression, DiskFile, Finished, FinishedState, RecordError, RecordRequest, Recorder, Sink, SplitRule,
};

const DIRECTORY: &str = "ROSWAVE_TEST_SQLITE";
const T0: i64 = 1_795_446_909_000_000_000;

fn tables(directory: &Path) -> RecordRequest {
    RecordRequest {
        storage: Storage::Sqlite3,
        ..request(directory)
    }
}

/// The number that stands at the start of a payload.
fn numbered(number: u64, bytes: usize) -> Vec<u8> {
    let mut payload = vec![(number % 251) as u8; bytes.max(8)];
    payload[..8].copy_from_slice(&number.to_le_bytes());
    payload
}

/// Numbers of the messages of a topic, in the order of the recording; their payloads are whole.
fn numbers(path: &Path, topic: &str, bytes: usize) -> Vec<u64> {
    let bag = Bag::open(path).expect("a recording");
    let mut messages = bag.messages(&Query {
        topics: Some(vec![topic.to_owned()]),
        ..Query::all()
    });
    let mut numbers = Vec::new();
    while let Some(message) = messages.advance() {
        let number = u64::from_le_bytes(message.payload[..8].try_into().expect("a number"));
        assert_eq!(message.payload, numbered(number, bytes), "message {number}");
        numbers.push(number);
    }
    assert_eq!(messages.problems(), [] as [String; 0]);
    numbers
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

#[test]
fn splits_have_every_message_once_and_each_stands_alone() {
    for compression in [Compression::None, Compression::Zstd] {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        const MOST: u64 = 1 << 20;
        let mut rig = Rig::start(RecordRequest {
            compression,
            split: SplitRule {
                max_bytes: Some(MOST),
                max_duration: None,
            },
            ..tables(&directory)
        });
        rig.recorder.channel(float_channel(0, "/f64")).expect("room");
        rig.recorder.channel(float_channel(1, "/silent")).expect("room");
        const SENT: u64 = 6000;
        for i in 0..SENT {
            rig.push(0, &arrival(&numbered(i, 1000), T0 + i as i64 * 1_000_000, i));
            if i == SENT / 2 {
                rig.recorder.mark(Timestamp(T0 + 5), "half way").expect("room");
            }
            // Slow enough for chunks that are closed by their age.
            if i % 250 == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let finished = rig.finish();
        assert_eq!(finished.state, FinishedState::Complete);
        assert_eq!(messages_of_others(&finished), SENT);
        let files = names(&directory);
        let splits: Vec<_> = files.iter().filter(|name| name.ends_with(".db3")).collect();
        assert!(!files.iter().any(|name| name.contains("active")), "{files:?}");
        assert_eq!(splits.len(), finished.files as usize);
        if compression == Compression::None {
            assert!(splits.len() >= 6, "{files:?}");
        }
        let info = bag::info(&directory).expect("a recording");
        assert!(info.complete, "{info:?}");
        assert_eq!((info.storage, info.messages), ("sqlite3", all_messages(&finished)));
        assert_eq!(info.loss.expect("the ledger").disk, Count::Known(0));
        assert_eq!(info.bookmarks.len(), 1);
        assert_eq!(info.bookmarks[0].text, "half way");
        assert_eq!(numbers(&directory, "/f64", 1000), (0..SENT).collect::<Vec<_>>());
        let mut sum = 0;
        for file in &info.files {
            let bytes = std::fs::metadata(file).expect("a file").len();
            assert!(bytes <= MOST + (256 << 10), "{} has {bytes} bytes", file.display());
            let alone = bag::info(file).expect("it stands alone");
            assert!(alone.complete, "{alone:?}");
            // Topics that say nothing are told about in every file.
            assert!(alone.topics.iter().any(|topic| topic.name == "/silent"), "{alone:?}");
            sum += alone.messages;
        }
        assert_eq!(sum, all_messages(&finished));
        let told = journal(&info.files);
        let row = told.ledger.expect("a ledger")["/f64"];
        assert_eq!(
            (row.messages, row.written, row.safe),
            (Some(SENT), Some(SENT), Some(SENT))
        );
        assert!(told.run["software"].starts_with("roswave "), "{:?}", told.run);
        let yaml = std::fs::read_to_string(directory.join("metadata.yaml")).expect("metadata");
        assert!(yaml.contains("storage_identifier: sqlite3"), "{yaml}");
        let packed = yaml.contains("compression_mode: MESSAGE");
        assert_eq!(packed, compression == Compression::Zstd);
    }
}

#[test]
fn what_is_learned_later_completes_the_row_of_a_topic() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(tables(&directory));
    rig.recorder
        .channel(channel(0, "/late", "std_msgs/msg/Float64", None))
        .expect("room");
    rig.push(0, &arrival(&numbered(0, 12), T0, 0));
    let _ = wait_for(&rig.recorder, "a safe message", |status| status.safe == 1);
    rig.recorder.channel(float_channel(0, "/late")).expect("room");
    rig.push(0, &arrival(&numbered(1, 12), T0 + 1, 1));
    assert_eq!(messages_of_others(&rig.finish()), 2);
    let info = bag::info(&directory).expect("a recording");
    let topics: Vec<_> = info.topics.iter().filter(|topic| topic.name == "/late").collect();
    assert!(
        topics.len() == 1 && topics[0].defined && topics[0].messages == 2,
        "{topics:?}"
    );
    let found = Bag::open(&directory).expect("a recording");
    assert_eq!(found.channels_of("/late").count(), 1);
    assert_eq!(numbers(&directory, "/late", 12), [0, 1]);
}

#[test]
fn lz4_is_refused_before_anything_is_made() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let (_producer, consumer) = outlet(1 << 10, 1 << 20).expect("an outlet");
    let request = RecordRequest {
        compression: Compression::Lz4,
        ..tables(&directory)
    };
    let error = Recorder::start(request, consumer).map(drop).expect_err("refused");
    assert!(matches!(error, RecordError::Compression(_)), "{error}");
    assert!(error.to_string().contains("zstd"), "{error}");
    assert!(!directory.exists());
}

/// Records for ever, and says on standard output how much is safe. Every third run is split ten times a second, every
/// second one is compressed.
fn record_until_killed(directory: &Path, round: u32) {
    let mut rig = Rig::start(RecordRequest {
        compression: if round.is_multiple_of(2) {
            Compression::Zstd
        } else {
            Compression::None
        },
        split: SplitRule {
            max_bytes: None,
            max_duration: round.is_multiple_of(3).then_some(Duration::from_millis(100)),
        },
        ..tables(directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let mut out = io::stdout();
    for i in 0_u64.. {
        rig.push(0, &arrival(&numbered(i, 300), T0 + i as i64, i));
        if i % 20 == 0 {
            let status = rig.recorder.status();
            let safe = status.topics.first().map_or(0, |topic| topic.safe);
            writeln!(out, "safe {safe}").expect("the parent listens");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn kills_take_nothing_that_was_reported_safe() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let round = std::env::var("ROSWAVE_TEST_ROUND").expect("set");
        return record_until_killed(directory.as_ref(), round.parse().expect("a number"));
    }
    const ROUNDS: u32 = 24;
    let root = tempfile::tempdir().expect("a directory");
    let mut noise = 0x2545_f491_u32;
    let (mut reported, mut found) = (0_u64, 0_u64);
    for round in 0..ROUNDS {
        let directory = root.path().join("run");
        let saved = root.path().join("saved");
        let mut process = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "kills_take_nothing_that_was_reported_safe", "--nocapture"])
            .env(DIRECTORY, &directory)
            .env("ROSWAVE_TEST_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let mut safe = 0_u64;
        let mut read = |line: Option<io::Result<String>>| {
            let line = line?.ok()?;
            if let Some(number) = line.strip_prefix("safe ").and_then(|n| n.parse().ok()) {
                safe = number;
            }
            Some(safe)
        };
        while read(lines.next()).expect("it runs") == 0 {}
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        std::thread::sleep(Duration::from_millis(u64::from(noise >> 23)));
        process.kill().expect("killed");
        let _ = process.wait();
        while read(lines.next()).is_some() {}

        let before = names(&directory);
        let recovered = bag::recover(&directory, &saved).expect("recovered");
        assert_eq!(names(&directory), before, "what was killed stays as it is");
        let numbers = numbers(&saved, "/f64", 300);
        let count = numbers.len() as u64;
        assert!(
            count >= safe,
            "round {round}: {safe} were reported safe and {count} were saved: {recovered:?}"
        );
        assert_eq!(numbers, (0..count).collect::<Vec<_>>(), "round {round}");
        assert!(bag::info(&saved).expect("a recording").complete);
        reported += safe;
        found += count;
        std::fs::remove_dir_all(&directory).expect("removed");
        std::fs::remove_dir_all(&saved).expect("removed");
    }
    println!("{ROUNDS} kills: {reported} messages were reported safe, {found} saved");
    assert!(reported > u64::from(ROUNDS));
}

/// A file whose syncs fail from some moment on.
struct Failing {
    file: DiskFile,
    fails: Arc<AtomicBool>,
}

impl Sink for Failing {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn sync(&self) -> io::Result<()> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.file.sync()
    }
    fn truncate(&self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
    fn reserve(&self, length: u64, bytes: u64) -> io::Result<()> {
        self.file.reserve(length, bytes)
    }
}

#[test]
fn nothing_is_safe_that_was_not_synced() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let fails = Arc::new(AtomicBool::new(false));
    let mut rig = {
        let fails = Arc::clone(&fails);
        Rig::start_with(tables(&directory), move |file| {
            Box::new(Failing {
                file,
                fails: Arc::clone(&fails),
            })
        })
    };
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.push(0, &arrival(&numbered(0, 100), T0, 0));
    let _ = wait_for(&rig.recorder, "a safe message", |status| status.safe == 1);
    fails.store(true, Ordering::SeqCst);
    rig.push(0, &arrival(&numbered(1, 100), T0 + 1, 1));
    until("the end of the recording", || {
        let _ = rig.producer.push(TopicIndex(0), &arrival(&numbered(2, 100), T0 + 2, 2));
        rig.producer.flush();
        std::thread::sleep(Duration::from_millis(1));
        rig.producer.is_abandoned().then_some(())
    });
    let finished = rig.recorder.join(LIMIT).expect("it ends by itself");
    let FinishedState::Failed(sentence) = &finished.state else {
        panic!("{:?}", finished.state)
    };
    assert!(sentence.contains("the disk failed"), "{sentence}");
    assert_eq!(finished.loss.disk, Count::Unknown, "what the disk did is in doubt");
    let safe: u64 = finished.topics.iter().map(|topic| topic.safe).sum();
    assert_eq!(safe, 1);
}

#[test]
fn a_refused_write_leaves_whole_messages_and_their_exact_loss() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return fill(directory.as_ref());
    }
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    // SIGXFSZ ignored, so that the write fails with EFBIG; bash counts in blocks of 1024 bytes.
    let script = "trap '' XFSZ; ulimit -f 3000; exec \"$0\" --exact \
                  a_refused_write_leaves_whole_messages_and_their_exact_loss --nocapture";
    let output = Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().expect("this test"))
        .env(DIRECTORY, &directory)
        .output()
        .expect("bash");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let told: u64 = said
        .lines()
        .find_map(|line| line.strip_prefix("written "))
        .and_then(|number| number.parse().ok())
        .expect("it said how many");
    let saved = root.path().join("saved");
    let path = if bag::info(&directory).is_ok_and(|info| info.complete) {
        directory
    } else {
        let _ = bag::recover(&directory, &saved).expect("recovered");
        saved
    };
    let found = numbers(&path, "/f64", 1000);
    assert_eq!(found, (0..told).collect::<Vec<_>>());
    assert!(told > 1000, "{told}");
}

fn fill(directory: &Path) {
    let (mut producer, consumer) = outlet(1 << 16, 64 << 20).expect("an outlet");
    let recorder = Recorder::start(tables(directory), consumer).expect("a recorder");
    recorder.channel(float_channel(0, "/f64")).expect("room");
    let (mut pushed, mut refused) = (0_u64, 0_u64);
    until("the end of the recording", || {
        if producer.push(
            TopicIndex(0),
            &arrival(&numbered(pushed, 1000), T0 + pushed as i64, pushed),
        ) {
            pushed += 1;
        } else {
            refused += 1;
        }
        producer.flush();
        producer.is_abandoned().then_some(())
    });
    let finished: Finished = recorder.join(LIMIT).expect("it ends by itself");
    assert!(
        matches!(finished.state, FinishedState::Failed(_)),
        "{:?}",
        finished.state
    );
    let row = finished
        .topics
        .iter()
        .find(|row| row.name.as_str() == "/f64")
        .expect("a row");
    let lost = row.loss.disk.known().expect("counted");
    assert_eq!(row.written + lost, row.received);
    assert!(
        lost > 0 && row.received <= pushed,
        "{row:?}, {pushed} pushed, {refused} refused"
    );
    println!("written {}", row.written);
}
