//! A failing disk ends a recording with a sentence, a readable file and a count of what is not in it.

#[path = "record/common.rs"]
mod common;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{LIMIT, all_messages, arrival, finished_file, float_channel, request, until};
use roswave_engine::ingest::{TopicIndex, outlet};
use roswave_engine::loss::Count;
use roswave_engine::record::{Compression, DiskFile, Finished, FinishedState, RecordRequest, Recorder, Sink};
use rustix::io::Errno;

/// How a disk fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// No byte beyond this length; the room for the end of the file is there after the torn chunk is cut.
    FullAt(u64),
    /// No byte beyond this length, and nothing more after the first refusal: not even the end of the file.
    DeadAt(u64),
    /// Writes take at most this many bytes at a time.
    Short(usize),
    /// Syncs fail from this length on.
    NoSyncFrom(u64),
}

struct Faulty {
    file: DiskFile,
    length: AtomicU64,
    fault: Fault,
    dead: AtomicBool,
    tripped: AtomicBool,
}

impl Faulty {
    fn new(file: DiskFile, fault: Fault) -> Self {
        Self {
            file,
            length: AtomicU64::new(0),
            fault,
            dead: AtomicBool::new(false),
            tripped: AtomicBool::new(false),
        }
    }

    fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }
}

impl Sink for Faulty {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let room = match self.fault {
            Fault::FullAt(_) if self.tripped.load(Ordering::Relaxed) => usize::MAX,
            Fault::FullAt(limit) | Fault::DeadAt(limit) => {
                usize::try_from(limit.saturating_sub(self.length())).expect("small")
            }
            Fault::Short(most) => most,
            Fault::NoSyncFrom(_) => usize::MAX,
        };
        if room == 0 || self.dead.load(Ordering::Relaxed) {
            self.tripped.store(true, Ordering::Relaxed);
            let dies = matches!(self.fault, Fault::DeadAt(_));
            self.dead.store(dies, Ordering::Relaxed);
            return Err(if dies { Errno::IO } else { Errno::NOSPC }.into());
        }
        let written = self.file.write(&bytes[..bytes.len().min(room)])?;
        let _ = self.length.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn sync(&self) -> io::Result<()> {
        match self.fault {
            Fault::NoSyncFrom(from) if self.length() >= from => Err(Errno::IO.into()),
            _ => self.file.sync(),
        }
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.length.store(length, Ordering::Relaxed);
        self.file.truncate(length)
    }

    fn reserve(&self, length: u64, bytes: u64) -> io::Result<()> {
        self.file.reserve(length, bytes)
    }
}

const MESSAGES: u64 = 30_000;

fn record(directory: &Path, compression: Compression, fault: Fault) -> Finished {
    let request = RecordRequest {
        compression,
        ..request(directory)
    };
    let (mut producer, consumer) = outlet(1 << 16, request.quota_bytes).expect("an outlet");
    let wrap = move |file| Box::new(Faulty::new(file, fault)) as Box<dyn Sink>;
    let recorder = Recorder::start_with(request, consumer, wrap).expect("a recorder");
    recorder.channel(float_channel(0, "/f64")).expect("room");
    // All of it is in the ring before the recorder can fail: what it takes and cannot write is what it must count.
    let mut noise = 1_u32;
    let mut pushed = 0;
    for i in 0..MESSAGES {
        let payload: Vec<u8> = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .take(400)
        .collect();
        let time = 1_795_446_909_000_000_000 + i64::try_from(i).expect("small");
        let message = arrival(&payload, time, i);
        let done = until("room or the end", || {
            if producer.is_abandoned() {
                return Some(false);
            }
            producer.push(TopicIndex(0), &message).then_some(true)
        });
        producer.flush();
        if !done {
            break;
        }
        pushed += 1;
    }
    drop(producer);
    recorder.stop();
    let finished = recorder.join(LIMIT).expect("the recorder ends");
    match finished.loss.disk.known() {
        Some(lost) => assert_eq!(
            of_topic(&finished) + lost,
            pushed,
            "every message is in the file or counted: {finished:?}"
        ),
        None => assert!(
            matches!(fault, Fault::NoSyncFrom(_)),
            "only a failed sync leaves doubt: {finished:?}"
        ),
    }
    finished
}

/// Messages of the one topic; a recording of more than a second tells its own state too.
fn of_topic(finished: &Finished) -> u64 {
    let row = finished.topics.iter().find(|topic| topic.name.as_str() == "/f64");
    row.expect("the topic").messages
}

fn sentence(finished: &Finished) -> String {
    match &finished.state {
        FinishedState::Failed(sentence) => sentence.clone(),
        FinishedState::Complete | FinishedState::Guard(_) => panic!("the disk failed: {finished:?}"),
    }
}

#[test]
fn a_full_disk_leaves_a_whole_file() {
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        let finished = record(&directory, compression, Fault::FullAt(3_000_000));
        let sentence = sentence(&finished);
        assert!(
            sentence.contains("the disk is full") && sentence.contains("run_0.mcap"),
            "{sentence}"
        );
        assert!(finished.messages > 1000);
        let Count::Known(lost) = finished.loss.disk else {
            panic!("counted")
        };
        assert!(lost > 0);

        let bytes = std::fs::read(finished_file(&directory)).expect("the file");
        let summary = mcap::Summary::read(&bytes).expect("a summary").expect("a summary");
        assert_eq!(
            summary.stats.as_ref().expect("statistics").message_count,
            all_messages(&finished)
        );
        let mut seen = 0;
        for message in mcap::MessageStream::new(&bytes).expect("an MCAP file") {
            let message = message.expect("a message");
            if message.channel.topic == "/f64" {
                assert_eq!(u64::from(message.sequence), seen);
                seen += 1;
            }
        }
        assert_eq!(seen, of_topic(&finished));
        // And through the index.
        let mut through_index = 0;
        for chunk in &summary.chunk_indexes {
            through_index += summary.stream_chunk(&bytes, chunk).expect("a chunk").count() as u64;
            assert!(!summary.read_message_indexes(&bytes, chunk).expect("indexes").is_empty());
        }
        assert_eq!(through_index, all_messages(&finished));
        let info = roswave_engine::bag::info(&directory).expect("a recording");
        assert_eq!((info.messages, info.complete), (all_messages(&finished), true));
        assert_eq!(
            info.loss.expect("the ledger").disk,
            Count::Known(lost),
            "the file tells what is not in it"
        );
    }
}

#[test]
fn a_dead_disk_leaves_a_readable_beginning() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let finished = record(&directory, Compression::None, Fault::DeadAt(3_000_000));
    let sentence = sentence(&finished);
    assert!(
        sentence.contains("the disk failed") && sentence.contains("run_0.mcap.active"),
        "{sentence}"
    );
    let info = roswave_engine::bag::info(&directory).expect("readable");
    assert_eq!((info.messages, info.complete), (all_messages(&finished), false));
    assert!(finished.messages > 1000);
}

#[test]
fn short_writes_lose_nothing() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let finished = record(&directory, Compression::None, Fault::Short(1009));
    assert_eq!(of_topic(&finished), MESSAGES);
    assert_eq!(finished.state, FinishedState::Complete);
    assert_eq!(
        roswave_engine::bag::info(&directory).expect("a recording").messages,
        all_messages(&finished)
    );
}

#[test]
fn a_failing_sync_makes_the_loss_unknown() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let finished = record(&directory, Compression::None, Fault::NoSyncFrom(1_000_000));
    let sentence = sentence(&finished);
    assert!(sentence.contains("may not have reached the disk"), "{sentence}");
    assert_eq!(finished.loss.disk, Count::Unknown);
}

#[test]
fn a_directory_that_is_removed_ends_the_recording() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let request = request(&directory);
    let (mut producer, consumer) = outlet(1 << 10, request.quota_bytes).expect("an outlet");
    let recorder = Recorder::start(request, consumer).expect("a recorder");
    recorder.channel(float_channel(0, "/f64")).expect("room");
    std::fs::remove_dir_all(&directory).expect("removed");
    assert!(producer.push(TopicIndex(0), &arrival(&[0, 1, 0, 0], 1, 1)));
    producer.flush();
    let finished = recorder.join(LIMIT).expect("it ends by itself");
    assert!(sentence(&finished).contains("was removed or renamed"), "{finished:?}");
    assert_eq!(finished.loss.disk, Count::Unknown);
}
