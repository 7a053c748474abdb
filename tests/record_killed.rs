//! What was reported safe is in the file, in order, whenever the process is killed or the power fails.

#![allow(clippy::print_stdout, reason = "figures for whoever looks")]

#[path = "record/common.rs"]
mod common;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::{Rig, arrival, float_channel, read_torn, read_whole, request, split_files};
use roswave_engine::clock::Timestamp;
use roswave_engine::record::{Compression, DiskFile, RecordRequest, Sink, SplitRule};

const DIRECTORY: &str = "ROSWAVE_TEST_KILLED";
const ROUNDS: u32 = 100;

/// Every third run is split ten times a second, every second one is compressed.
fn child(directory: &Path, round: u32) -> RecordRequest {
    RecordRequest {
        compression: if round.is_multiple_of(2) {
            Compression::Zstd
        } else {
            Compression::None
        },
        split: SplitRule {
            max_bytes: None,
            max_duration: round.is_multiple_of(3).then_some(Duration::from_millis(100)),
        },
        ..request(directory)
    }
}

/// Records for ever, and says on standard output how much is safe.
fn record_until_killed(directory: &Path, round: u32) {
    let mut rig = Rig::start(child(directory, round));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let mut out = std::io::stdout();
    for i in 0_u64.. {
        let payload = [(i % 251) as u8; 300];
        rig.push(0, &arrival(&payload, Timestamp::now().0, i));
        if i % 20 == 0 {
            let status = rig.recorder.status();
            let safe = status.topics.first().map_or(0, |topic| topic.safe);
            writeln!(out, "safe {safe}").expect("the parent listens");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn a_hundred_kills_take_nothing_that_was_reported_safe() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        let round = std::env::var("ROSWAVE_TEST_ROUND")
            .expect("set")
            .parse()
            .expect("a number");
        return record_until_killed(directory.as_ref(), round);
    }
    let root = tempfile::tempdir().expect("a directory");
    let mut noise = 0x2545_f491_u32;
    let (mut reported, mut found) = (0_u64, 0_u64);
    for round in 0..ROUNDS {
        let directory = root.path().join("run");
        let mut process = Command::new(std::env::current_exe().expect("this test"))
            .args([
                "--exact",
                "a_hundred_kills_take_nothing_that_was_reported_safe",
                "--nocapture",
            ])
            .env(DIRECTORY, &directory)
            .env("ROSWAVE_TEST_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        // From the moment at which something is safe, at any later one.
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
        std::thread::sleep(Duration::from_millis(u64::from(noise >> 24)));
        process.kill().expect("killed");
        let _ = process.wait();
        // What it said before its end.
        while read(lines.next()).is_some() {}

        let mut messages = Vec::new();
        let finished = split_files(&directory);
        for file in &finished {
            messages.extend(read_whole(file));
        }
        for number in 0.. {
            let file = directory.join(format!("run_{number}.mcap.active"));
            if file.exists() {
                messages.extend(read_torn(&file));
            } else if number >= finished.len() {
                break;
            }
        }
        messages.retain(|message| message.topic == "/f64");
        messages.sort_by_key(|message| message.sequence);
        let count = messages.len() as u64;
        assert!(
            count >= safe,
            "round {round}: {safe} were reported safe and {count} are there"
        );
        for (expected, message) in (0..).zip(&messages) {
            assert_eq!(message.sequence, expected, "round {round}: no gap and nothing twice");
            assert_eq!(message.data, [(expected % 251) as u8; 300], "round {round}");
        }
        reported += safe;
        found += count;
        std::fs::remove_dir_all(&directory).expect("removed");
    }
    println!("{ROUNDS} kills: {reported} messages were reported safe, {found} found");
    assert!(reported > u64::from(ROUNDS));
}

/// A file that knows how much of it would survive a power cut.
struct Mains {
    file: DiskFile,
    written: AtomicU64,
    synced: Arc<AtomicU64>,
}

impl Sink for Mains {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let _ = self.written.fetch_add(written as u64, Ordering::SeqCst);
        Ok(written)
    }
    fn sync(&self) -> io::Result<()> {
        // What is written while the disk is at it may or may not be in.
        let before = self.written.load(Ordering::SeqCst);
        self.file.sync()?;
        let _ = self.synced.fetch_max(before, Ordering::SeqCst);
        Ok(())
    }
    fn truncate(&self, length: u64) -> io::Result<()> {
        self.written.store(length, Ordering::SeqCst);
        self.file.truncate(length)
    }
    fn reserve(&self, length: u64, bytes: u64) -> io::Result<()> {
        self.file.reserve(length, bytes)
    }
}

#[test]
fn a_power_cut_takes_nothing_that_was_reported_safe() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let synced = Arc::new(AtomicU64::new(0));
    let mut rig = {
        let synced = Arc::clone(&synced);
        Rig::start_with(request(&directory), move |file| {
            Box::new(Mains {
                file,
                written: AtomicU64::new(0),
                synced: Arc::clone(&synced),
            })
        })
    };
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let file = directory.join("run_0.mcap.active");
    let cut = root.path().join("cut.mcap");
    let mut sent = 0_u64;
    let mut looks = 0;
    for _ in 0..60 {
        for _ in 0..200 {
            rig.push(0, &arrival(&[1; 500], Timestamp::now().0, sent));
            sent += 1;
        }
        std::thread::sleep(Duration::from_millis(10));
        // First what is claimed, then what would be left.
        let claimed = rig.recorder.status().topics.first().map_or(0, |topic| topic.safe);
        let length = usize::try_from(synced.load(Ordering::SeqCst)).expect("small");
        let bytes = std::fs::read(&file).expect("the file");
        std::fs::write(&cut, &bytes[..length]).expect("written");
        let left = read_torn(&cut);
        assert!(
            left.len() as u64 >= claimed,
            "{claimed} were claimed, {} would be left",
            left.len()
        );
        looks += u32::from(claimed > 0);
    }
    assert!(looks > 10, "something was claimed");
    let status = rig.recorder.status();
    println!("{sent} messages, never more than {:.3} s unsafe", status.slowest_safe_s);
    assert_eq!(common::messages_of_others(&rig.finish()), sent);
}
