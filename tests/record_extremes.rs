//! What seldom happens and must work all the same: a file of two gigabytes, nothing at all, odd names, clocks that jump.

#![allow(clippy::print_stdout, reason = "figures for whoever looks")]

#[path = "record/common.rs"]
mod common;

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Rig, all_messages, arrival, float, float_channel, messages_of_others, read_whole, request, split_files};
use roswave_engine::bag::{self, Bag, CopyOptions, Query, Storage};
use roswave_engine::clock::Timestamp;
use roswave_engine::record::ledger::journal;
use roswave_engine::record::{Compression, DiskFile, FinishedState, Notes, RecordRequest, Sink, SplitRule};

const T0: i64 = 1_795_446_909_000_000_000;
const STORAGES: [Storage; 2] = [Storage::Mcap, Storage::Sqlite3];

/// A file in which zeros take no room: it has its whole length, and next to nothing is on the disk.
struct Sparse {
    file: DiskFile,
    at: AtomicU64,
}

/// Zeros that are written as a hole begin and end at such places.
const BLOCK: usize = 64 << 10;

impl Sink for Sparse {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let at = self.at.load(Ordering::Relaxed);
        let zeros = bytes.iter().take(BLOCK).all(|byte| *byte == 0);
        let piece = &bytes[..bytes.len().min(BLOCK)];
        let written = if zeros && piece.len() == BLOCK {
            self.file.truncate(at + BLOCK as u64)?;
            BLOCK
        } else {
            self.file.write(piece)?
        };
        self.at.store(at + written as u64, Ordering::Relaxed);
        Ok(written)
    }
    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
    fn truncate(&self, length: u64) -> io::Result<()> {
        self.at.store(length, Ordering::Relaxed);
        self.file.truncate(length)
    }
    fn reserve(&self, _length: u64, _bytes: u64) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_of_more_than_two_gigabytes_is_whole() {
    let began = Instant::now();
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start_with(request(&directory), |file| {
        Box::new(Sparse {
            file,
            at: AtomicU64::new(0),
        })
    });
    rig.recorder.channel(float_channel(0, "/zeros")).expect("room");
    const MESSAGES: u64 = 1050;
    const BYTES: usize = 2 << 20;
    let mut message = arrival(&vec![0; BYTES], T0, 0);
    for number in 0..MESSAGES {
        message.receive_time = Timestamp(T0 + number as i64 * 1_000_000);
        message.sequence = Some(number);
        rig.push(0, &message);
    }
    let finished = rig.finish();
    assert_eq!(finished.state, FinishedState::Complete);
    assert_eq!((messages_of_others(&finished), finished.files), (MESSAGES, 1));
    let files = split_files(&directory);
    let length = std::fs::metadata(&files[0]).expect("the file").len();
    assert!(length > 1 << 31, "{length}");

    let bag = Bag::open(&directory).expect("it opens");
    assert!(bag.is_complete(), "{:?}", bag.problems());
    assert_eq!(bag.message_count(), all_messages(&finished));
    // At the beginning, on both sides of the two gigabytes, and at the end.
    for range in [0..3, 1020..1030, MESSAGES - 5..MESSAGES] {
        let time = |number: u64| T0 as u64 + number * 1_000_000;
        let query = Query {
            topics: Some(vec!["/zeros".to_owned()]),
            from_ns: Some(time(range.start)),
            until_ns: Some(time(range.end)),
        };
        let mut messages = bag.messages(&query);
        let mut seen = Vec::new();
        while let Some(message) = messages.advance() {
            assert_eq!(message.payload.len(), BYTES);
            seen.push(u64::from(message.sequence.expect("a number")));
        }
        assert_eq!(seen, range.collect::<Vec<_>>());
        assert_eq!(messages.problems(), [] as [String; 0]);
    }
    let script = "import sys\nfrom mcap.reader import make_reader\nwith open(sys.argv[1], 'rb') as file:\n  \
                  reader = make_reader(file)\n  print(reader.get_summary().statistics.message_count)\n  \
                  print(next(reader.iter_messages(reverse=True, topics=['/zeros']))[2].sequence)";
    let seen = python(script, &files[0]);
    let expected = format!("{}\n{}\n", all_messages(&finished), MESSAGES - 1);
    assert_eq!(seen, expected);
    println!("{length} bytes in {:.1} s", began.elapsed().as_secs_f64());
}

fn python(script: &str, path: &Path) -> String {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(
        python.exists(),
        "{} is missing: `make test` sets it up",
        python.display()
    );
    let output = Command::new(python)
        .args(["-c", script])
        .arg(path)
        .output()
        .expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// How many messages PyPI `rosbags` sees by its index, and how many by reading.
const COUNT: &str = "import sys\nfrom pathlib import Path\nfrom rosbags.highlevel import AnyReader\n\
                     with AnyReader([Path(sys.argv[1])]) as reader:\n  \
                     print(reader.message_count, sum(1 for _ in reader.messages()))";

#[test]
fn an_empty_recording_is_a_recording() {
    for storage in STORAGES {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        let rig = Rig::start(RecordRequest {
            storage,
            ..request(&directory)
        });
        rig.recorder.channel(float_channel(0, "/silent")).expect("room");
        let finished = rig.finish();
        assert_eq!((&finished.state, finished.messages), (&FinishedState::Complete, 0));
        let info = bag::info(&directory).expect("a recording");
        assert!(info.complete, "{info:?}");
        assert_eq!((info.messages, info.start_ns), (0, None));
        assert_eq!(
            info.topics.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
            ["/silent"]
        );
        let ledger = journal(&info.files).ledger.expect("a ledger");
        assert_eq!(ledger["/silent"].messages, Some(0));
        assert_eq!(python(COUNT, &directory).trim(), "0 0", "{storage:?}");
    }
}

#[test]
fn names_with_spaces_and_of_all_scripts_come_back() {
    for storage in STORAGES {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("Lauf 7 – größte 火 'x' 100%");
        let notes = Notes {
            name: Some("Überfahrt \"süd\": 火 # 1".to_owned()),
            tags: vec!["a b".to_owned(), "ъ".to_owned()],
            note: Some("two\nlines: - {}".to_owned()),
        };
        let mut rig = Rig::start(RecordRequest {
            storage,
            notes: notes.clone(),
            chunk_bytes: 64 << 10,
            split: SplitRule {
                max_bytes: Some(256 << 10),
                max_duration: None,
            },
            ..request(&directory)
        });
        rig.recorder.channel(float_channel(0, "/f64")).expect("room");
        rig.recorder.mark(Timestamp(T0), "наблюдение ☃ \"hier\"").expect("room");
        for number in 0..1000_u32 {
            let mut payload = float(f64::from(number));
            payload.resize(1000, 0);
            rig.push(0, &arrival(&payload, T0 + i64::from(number), u64::from(number)));
        }
        let finished = rig.finish();
        assert_eq!(finished.state, FinishedState::Complete);
        let bag = Bag::open(&directory).expect("it opens");
        assert!(bag.is_complete() && bag.files().len() > 2, "{:?}", bag.problems());
        assert_eq!(bag.custom_data().get("name"), notes.name.as_ref());
        assert_eq!(bag.custom_data().get("note"), notes.note.as_ref());
        let info = bag.info();
        assert_eq!(info.messages, all_messages(&finished));
        assert_eq!(info.bookmarks[0].text, "наблюдение ☃ \"hier\"");
        let run = journal(&info.files).run;
        assert_eq!(run.get("name"), notes.name.as_ref());
        assert_eq!(run.get("note"), notes.note.as_ref());
        let counted = format!("{0} {0}", all_messages(&finished));
        assert_eq!(python(COUNT, &directory).trim(), counted, "{storage:?}");
        // And through a conversion into the other one.
        let to = root.path().join("копия 2");
        let other = STORAGES.into_iter().find(|other| *other != storage).expect("two");
        let copied = bag
            .copy_to(
                &to,
                &CopyOptions {
                    storage: other,
                    compression: Compression::None,
                    query: Query::all(),
                },
            )
            .expect("copied");
        let copy = Bag::open(&to).expect("it opens");
        assert_eq!(copy.message_count(), all_messages(&finished));
        assert_eq!(journal(&[copied.written.file]).run.get("name"), notes.name.as_ref());
    }
}

#[test]
fn splits_by_time_go_by_a_clock_that_does_not_jump() {
    const HOUR: i64 = 3_600_000_000_000;
    for storage in STORAGES {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        let mut rig = Rig::start(RecordRequest {
            storage,
            split: SplitRule {
                max_bytes: None,
                max_duration: Some(Duration::from_millis(500)),
            },
            ..request(&directory)
        });
        rig.recorder.channel(float_channel(0, "/f64")).expect("room");
        let began = Instant::now();
        let (mut number, mut times) = (0_u64, Vec::new());
        while began.elapsed() < Duration::from_millis(2100) {
            // The machine's clock goes an hour forward, and an hour and a half back, while messages come.
            let jump = match began.elapsed().as_millis() {
                700..1200 => HOUR,
                1200..1600 => -HOUR / 2,
                _ => 0,
            };
            let time = Timestamp::now().0 + jump;
            rig.push(0, &arrival(&float(number as f64), time, number));
            times.push(u64::try_from(time).expect("after 1970"));
            number += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
        let finished = rig.finish();
        assert_eq!(finished.state, FinishedState::Complete);
        assert_eq!(messages_of_others(&finished), number);
        assert!((4..=6).contains(&finished.files), "{} files", finished.files);
        assert!(finished.duration_s < 10.0, "{}", finished.duration_s);
        let info = bag::info(&directory).expect("a recording");
        let (first, last) = (times.iter().min().copied(), times.iter().max().copied());
        assert_eq!(info.messages, all_messages(&finished));
        assert!(info.start_ns <= first && info.end_ns >= last, "{info:?}");
        if storage == Storage::Mcap {
            // As they came, with the times that they came with, and the source's a microsecond before.
            let read: Vec<_> = split_files(&directory)
                .iter()
                .flat_map(|file| read_whole(file))
                .collect();
            let seen: Vec<u64> = read.iter().filter(|m| m.topic == "/f64").map(|m| m.log_time).collect();
            assert_eq!(seen, times);
        }
        let bag = Bag::open(&directory).expect("it opens");
        let mut messages = bag.messages(&Query {
            topics: Some(vec!["/f64".to_owned()]),
            ..Query::all()
        });
        let mut seen = Vec::new();
        while let Some(message) = messages.advance() {
            seen.push(message.log_time_ns);
            if storage == Storage::Mcap {
                assert_eq!(message.publish_time_ns, message.log_time_ns - 1000);
            }
        }
        times.sort_unstable();
        assert_eq!(seen, times, "{storage:?}: in the order of the times");
    }
}
