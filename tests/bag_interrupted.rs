//! `roswave convert` and `roswave export`, interrupted in the middle, leave nothing behind and end with code 1.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant};

use mcap::WriteOptions;
use mcap::records::MessageHeader;
use roswave_tests_support::{Namespace, Process};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// Enough for some seconds of work.
const MESSAGES: u32 = 600_000;

fn large_file(path: &Path) {
    let mut writer = WriteOptions::new()
        .profile("ros2")
        .compression(None)
        .create(BufWriter::new(File::create(path).expect("a file")))
        .expect("a writer");
    let schema = writer
        .add_schema("std_msgs/msg/Float64", "ros2msg", b"float64 data\n")
        .expect("a schema");
    let channel_id = writer
        .add_channel(schema, "/f64", "cdr", &BTreeMap::new())
        .expect("a channel");
    for sequence in 0..MESSAGES {
        let mut payload = vec![0, 1, 0, 0];
        payload.extend_from_slice(&f64::from(sequence).to_le_bytes());
        let time = 1_795_446_909_000_000_000 + u64::from(sequence) * 1000;
        let header = MessageHeader {
            channel_id,
            sequence,
            log_time: time,
            publish_time: time,
        };
        writer.write_to_known_channel(&header, &payload).expect("written");
    }
    let _ = writer.finish().expect("finished");
}

/// Runs the verb until `begun` has come into being, sends `signal`, and gives what it said.
fn interrupt(lo: &Namespace, args: &[&str], begun: &Path, signal: &str) -> (String, i32) {
    let mut command = lo.command(ROSWAVE);
    let _ = command.args(args);
    let process = Process::start(command);
    let began = Instant::now();
    while !begun.exists() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{} did not come",
            begun.display()
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    process.signal(signal);
    let (lines, code) = process.finish(Duration::from_secs(20));
    (lines.join("\n"), code)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.collect()
}

#[test]
fn an_interrupted_conversion_or_export_leaves_nothing() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("large.mcap");
    large_file(&file);
    let from = file.to_str().expect("text");
    for (number, signal) in ["INT", "TERM"].into_iter().enumerate() {
        for storage in ["sqlite3", "mcap"] {
            let to = home.path().join(format!("copy{number}"));
            let args = ["convert", from, to.to_str().expect("text"), "--storage", storage];
            let (said, code) = interrupt(&lo, &args, &to, signal);
            assert_eq!(code, 1, "{storage}, {signal}: {said}");
            assert_eq!(names(home.path()), ["large.mcap"], "{storage}, {signal}: {said}");
        }
        for format in ["csv", "parquet"] {
            let to = home.path().join(format!("table.{format}"));
            let active = home.path().join(format!("table.{format}.active"));
            let to = to.to_str().expect("text");
            let args = ["export", from, "--topic", "/f64", "--format", format, "-o", to];
            let (said, code) = interrupt(&lo, &args, &active, signal);
            assert_eq!(code, 1, "{format}, {signal}: {said}");
            assert_eq!(names(home.path()), ["large.mcap"], "{format}, {signal}: {said}");
        }
    }
}
