//! The room on the disk, a slow disk, silent topics and a second recorder are noticed in time.

#[path = "record/common.rs"]
mod common;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{
    LIMIT, Rig, arrival, float, float_channel, messages_of_others, read_whole, request, split_files, until, wait_for,
};
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::outlet;
use roswave_engine::record::{DiskFile, FinishedState, RecordRequest, Recorder, RecordingEvent, RecordingState, Sink};

/// A file on a disk that has so many bytes, or whose writes and syncs hang.
struct Odd {
    file: DiskFile,
    left: Arc<AtomicU64>,
    write_hangs: Arc<AtomicBool>,
    sync_hangs: Arc<AtomicBool>,
}

fn while_it_hangs(hangs: &AtomicBool) {
    let end = Instant::now() + LIMIT;
    while hangs.load(Ordering::Acquire) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1));
    }
}

impl Sink for Odd {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        while_it_hangs(&self.write_hangs);
        let written = self.file.write(bytes)?;
        let _ = self.left.fetch_sub(written as u64, Ordering::Relaxed);
        Ok(written)
    }
    fn sync(&self) -> io::Result<()> {
        while_it_hangs(&self.sync_hangs);
        self.file.sync()
    }
    fn truncate(&self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
    fn reserve(&self, length: u64, bytes: u64) -> io::Result<()> {
        self.file.reserve(length, bytes)
    }
    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(Some(self.left.load(Ordering::Relaxed)))
    }
}

struct Disk {
    write_hangs: Arc<AtomicBool>,
    sync_hangs: Arc<AtomicBool>,
}

fn start(request: RecordRequest, bytes: u64) -> (Rig, Disk) {
    let left = Arc::new(AtomicU64::new(bytes));
    let (write_hangs, sync_hangs) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
    let disk = Disk {
        write_hangs: Arc::clone(&write_hangs),
        sync_hangs: Arc::clone(&sync_hangs),
    };
    let rig = Rig::start_with(request, move |file| {
        Box::new(Odd {
            file,
            left: Arc::clone(&left),
            write_hangs: Arc::clone(&write_hangs),
            sync_hangs: Arc::clone(&sync_hangs),
        })
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    (rig, disk)
}

#[test]
fn the_guard_warns_and_then_ends_the_recording_whole() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let (mut rig, _disk) = start(
        RecordRequest {
            reserve_bytes: 8 << 20,
            ..request(&directory)
        },
        40 << 20,
    );
    let mut sent = 0;
    let mut told = Vec::new();
    let mut lefts = Vec::new();
    let end = Instant::now() + LIMIT;
    // 10 MB/s, until the guard has closed the way.
    while !rig.recorder.is_finished() && Instant::now() < end {
        if rig.recorder.status().state == RecordingState::Finishing {
            break;
        }
        rig.push(0, &arrival(&[9; 20_000], Timestamp::now().0, sent));
        sent += 1;
        told.extend(rig.recorder.events());
        lefts.extend(rig.recorder.status().seconds_left);
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(rig.producer);
    let finished = rig.recorder.join(LIMIT).expect("it ends by itself");
    let FinishedState::Guard(sentence) = &finished.state else {
        panic!("{:?}", finished.state)
    };
    assert!(
        sentence.contains(" MiB are free") && sentence.contains("8 MiB are to stay free"),
        "{sentence}"
    );
    let warned = |event: &RecordingEvent| matches!(event, RecordingEvent::Warning(text) if text.contains("room for"));
    assert!(told.iter().any(warned), "{told:?}");
    assert!(
        lefts.first() > lefts.last(),
        "the time that is left went down: {lefts:?}"
    );
    assert_eq!((messages_of_others(&finished), finished.loss.known_total()), (sent, 0));
    assert_eq!(
        read_whole(&split_files(&directory)[0]).len() as u64,
        common::all_messages(&finished)
    );
}

#[test]
fn a_disk_with_less_room_than_the_reserve_is_refused() {
    let root = tempfile::tempdir().expect("a directory");
    let (_producer, consumer) = outlet(16, 1 << 20).expect("an outlet");
    let request = RecordRequest {
        reserve_bytes: u64::MAX / 2,
        ..request(&root.path().join("run"))
    };
    let sentence = Recorder::start(request, consumer).err().expect("refused").to_string();
    assert!(
        sentence.contains("are to stay free") && sentence.contains("--reserve"),
        "{sentence}"
    );
    assert_eq!(
        std::fs::read_dir(root.path()).expect("a directory").count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn a_disk_that_hangs_shows_in_the_queue_and_loses_nothing() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let (mut rig, disk) = start(
        RecordRequest {
            quota_bytes: 16 << 20,
            ..request(&directory)
        },
        1 << 40,
    );
    rig.push(0, &arrival(&[1; 10_000], Timestamp::now().0, 0));
    let _ = wait_for(&rig.recorder, "the first message", |s| s.safe == 1);
    disk.write_hangs.store(true, Ordering::Release);
    let mut sent = 1;
    let status = until("a queue that grows", || {
        rig.push(0, &arrival(&[1; 10_000], Timestamp::now().0, sent));
        sent += 1;
        std::thread::sleep(Duration::from_micros(500));
        Some(rig.recorder.status()).filter(|s| s.queue_share > 0.6)
    });
    assert!(
        status.queue_share < 1.0 && status.loss.disk.known() == Some(0),
        "long before loss"
    );
    std::thread::sleep(Duration::from_millis(500));
    let hanging = rig.recorder.status();
    assert!(
        hanging.unsafe_s > 0.5,
        "what is not safe is told while the disk hangs: {}",
        hanging.unsafe_s
    );
    let warned =
        |event: &RecordingEvent| matches!(event, RecordingEvent::Warning(text) if text.contains("does not keep up"));
    assert!(rig.recorder.events().iter().any(warned));
    disk.write_hangs.store(false, Ordering::Release);
    let _ = wait_for(&rig.recorder, "the disk to catch up", |s| {
        s.safe >= sent && s.unsafe_s < 0.25
    });
    let finished = rig.finish();
    assert_eq!(
        (messages_of_others(&finished), finished.loss.disk.known()),
        (sent, Some(0))
    );
}

#[test]
fn a_sync_that_hangs_stops_neither_writing_nor_splitting() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let (mut rig, disk) = start(request(&directory), 1 << 40);
    rig.push(0, &arrival(&float(0.0), Timestamp::now().0, 0));
    let before = wait_for(&rig.recorder, "the first message", |s| s.safe == 1);
    disk.sync_hangs.store(true, Ordering::Release);
    for i in 1..=2000 {
        rig.push(0, &arrival(&[1; 10_000], Timestamp::now().0, i));
    }
    let written = wait_for(&rig.recorder, "all of it written", |s| {
        s.topics.first().is_some_and(|t| t.written == 2001)
    });
    assert!(written.bytes > before.bytes + 20_000_000);
    assert!(written.safe < 2001, "written is not safe");
    disk.sync_hangs.store(false, Ordering::Release);
    let _ = wait_for(&rig.recorder, "all of it safe", |s| s.safe >= 2001);
    assert_eq!(messages_of_others(&rig.finish()), 2001);
}

#[test]
fn silent_topics_and_wrong_rates_are_told_while_recording() {
    let root = tempfile::tempdir().expect("a directory");
    let request = RecordRequest {
        expectations: vec![
            "/f64=400..600".parse().expect("an expectation"),
            "/absent=1..".parse().expect("an expectation"),
        ],
        ..request(&root.path().join("run"))
    };
    let (mut rig, _disk) = start(request, 1 << 40);
    let end = Instant::now() + Duration::from_millis(3500);
    let mut sent = 0;
    // 100 Hz.
    while Instant::now() < end {
        rig.push(0, &arrival(&float(0.0), Timestamp::now().0, sent));
        sent += 1;
        std::thread::sleep(Duration::from_millis(10));
    }
    let status = rig.recorder.status();
    let row = status
        .topics
        .iter()
        .find(|topic| topic.name.as_str() == "/f64")
        .expect("a row");
    assert!(
        row.unexpected && row.rate_hz.is_some_and(|rate| (40.0..110.0).contains(&rate)),
        "{row:?}"
    );
    let mut told = Vec::new();
    let mut tells = |what: &str| {
        until(what, || {
            told.extend(rig.recorder.events());
            let said = |event: &RecordingEvent| matches!(event, RecordingEvent::Warning(text) if text.contains(what));
            told.iter().any(said).then_some(())
        });
    };
    tells("expected: 400 to 600 Hz");
    tells("/f64 has been silent for");
    tells("/absent is expected at at least 1 Hz and is not there");
    let _ = wait_for(&rig.recorder, "the silence", |s| {
        s.topics.iter().any(|t| t.silent_s.is_some())
    });
    rig.push(0, &arrival(&float(0.0), Timestamp::now().0, sent));
    until("the end of the silence", || {
        let events = rig.recorder.events();
        let said =
            |event: &RecordingEvent| matches!(event, RecordingEvent::Warning(text) if text.contains("speaks again"));
        events.iter().any(said).then_some(())
    });
    assert_eq!(messages_of_others(&rig.finish()), sent + 1);
}

#[test]
fn a_second_recording_into_one_directory_is_refused() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let rig = Rig::start(request(&directory));
    let (_producer, consumer) = outlet(16, 1 << 20).expect("an outlet");
    let sentence = Recorder::start(request(&directory), consumer)
        .err()
        .expect("refused")
        .to_string();
    assert!(sentence.contains("another recording is writing there"), "{sentence}");
    assert_eq!(rig.finish().state, FinishedState::Complete, "the first one goes on");
    let (_producer, consumer) = outlet(16, 1 << 20).expect("an outlet");
    let sentence = Recorder::start(request(&directory), consumer)
        .err()
        .expect("refused")
        .to_string();
    assert!(
        sentence.contains("not empty"),
        "the lock went with the recording: {sentence}"
    );
}
