//! `roswave verify` reads everything: it has nothing to say of a whole recording, and one line for each thing that is wrong.

#[path = "record/common.rs"]
mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{Rig, arrival, finished_file, float, float_channel, request};
use roswave_engine::record::{Compression, RecordRequest};

const T0: i64 = 1_795_446_909_000_000_000;

fn verify(path: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roswave"));
    command.arg("verify").arg(path).args(more).output().expect("roswave")
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

fn record(directory: &Path, compression: Compression) {
    let mut rig = Rig::start(RecordRequest {
        compression,
        ..request(directory)
    });
    for index in 0..2 {
        let channel = float_channel(index, &format!("/t{index}"));
        rig.recorder.channel(channel).expect("room");
    }
    for i in 0..400_u32 {
        let time = T0 + i64::from(i) * 1_000_000;
        rig.push(i % 2, &arrival(&float(f64::from(i)), time, u64::from(i)));
    }
    assert_eq!(rig.finish().messages, 400);
}

#[test]
fn what_was_recorded_is_whole() {
    let root = tempfile::tempdir().expect("a directory");
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let directory = root.path().join(format!("{compression:?}"));
        record(&directory, compression);
        let output = verify(&directory, &[]);
        let said = lines(&output);
        assert!(output.status.success(), "{said:?}");
        assert_eq!(said.len(), 1, "{said:?}");
        // The recorder's own account is among the messages.
        let messages = said[0]
            .strip_prefix("whole: 1 file, ")
            .and_then(|rest| rest.split(' ').next());
        let messages: u64 = messages.and_then(|number| number.parse().ok()).expect("a number");
        assert!((400..420).contains(&messages), "{said:?}");
    }
}

#[test]
fn each_thing_that_is_wrong_has_a_line_and_the_exit_code_is_one() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    record(&directory, Compression::None);
    let file = finished_file(&directory);
    let whole = std::fs::read(&file).expect("the file");

    // A bit in a payload: the chunk's checksum and the file's.
    let needle = float(100.0);
    let at = whole
        .windows(needle.len())
        .position(|window| window == needle)
        .expect("the value");
    let mut damaged = whole.clone();
    damaged[at + needle.len() - 1] ^= 1;
    std::fs::write(&file, &damaged).expect("written");
    let output = verify(&directory, &[]);
    let said = lines(&output);
    assert_eq!(output.status.code(), Some(1), "{said:?}");
    assert!(
        said.iter().any(|line| line.contains("its checksum is wrong")),
        "{said:?}"
    );
    assert!(
        said.last()
            .is_some_and(|line| line.contains("finding") && line.contains("1 file")),
        "{said:?}"
    );
    std::fs::write(&file, &whole).expect("written");

    // Counts in metadata.yaml.
    let yaml = directory.join("metadata.yaml");
    let text = std::fs::read_to_string(&yaml).expect("the metadata");
    std::fs::write(&yaml, text.replacen("message_count: 200", "message_count: 199", 1)).expect("written");
    let output = verify(&directory, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = found["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0]["file"].as_str().expect("a file").ends_with("metadata.yaml"));
    let what = findings[0]["what"].as_str().expect("a sentence");
    assert!(
        what.contains("it counts 199 messages of /t") && what.contains("hold 200"),
        "{what}"
    );

    // A file without its end.
    std::fs::write(&yaml, &text).expect("written");
    std::fs::write(&file, &whole[..whole.len() - 40]).expect("written");
    let output = verify(&directory, &[]);
    let said = lines(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.iter().any(|line| line.contains("was not finished")), "{said:?}");

    // No file at all.
    std::fs::remove_file(&file).expect("removed");
    let output = verify(&directory, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("run_0.mcap"));
}

/// Writes a recording with PyPI `rosbags`: storage and kind of compression are arguments.
const FOREIGN: &str = r#"
import sys
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
store = get_typestore(Stores.ROS2_JAZZY)
Number = store.types["std_msgs/msg/Float64"]
path, storage, mode = sys.argv[1:]
writer = Writer(path, version=9, storage_plugin=StoragePlugin[storage])
if mode != "NONE":
    writer.set_compression(CompressionMode[mode], CompressionFormat.ZSTD)
with writer:
    topic = writer.add_connection("/number", Number.__msgtype__, typestore=store)
    for i in range(500):
        writer.write(topic, 1_795_446_909_000_000_000 + i * 1_000_000, store.serialize_cdr(Number(data=i / 4), Number.__msgtype__))
"#;

#[test]
fn recordings_of_another_writer_are_whole_until_they_are_damaged() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    let root = tempfile::tempdir().expect("a directory");
    for (storage, mode) in [
        ("MCAP", "NONE"),
        ("MCAP", "STORAGE"),
        ("MCAP", "FILE"),
        ("SQLITE3", "NONE"),
        ("SQLITE3", "MESSAGE"),
        ("SQLITE3", "FILE"),
    ] {
        let directory = root.path().join(format!("{storage}_{mode}"));
        let wrote = Command::new(&python)
            .args(["-c", FOREIGN])
            .arg(&directory)
            .args([storage, mode])
            .output();
        let wrote = wrote.expect("Python runs: `make test` sets it up");
        assert!(wrote.status.success(), "{}", String::from_utf8_lossy(&wrote.stderr));
        let said = lines(&verify(&directory, &[]));
        assert_eq!(said.len(), 1, "{storage} {mode}: {said:?}");
        assert!(
            said[0].starts_with("whole: 1 file, 500 messages, "),
            "{storage} {mode}: {said:?}"
        );

        // The middle of the largest file overwritten.
        let entries = std::fs::read_dir(&directory)
            .expect("listed")
            .map(|entry| entry.expect("an entry").path());
        let largest = entries.max_by_key(|file| std::fs::metadata(file).map_or(0, |found| found.len()));
        let largest = largest.expect("a file");
        let mut bytes = std::fs::read(&largest).expect("read");
        let (middle, end) = (bytes.len() / 2, bytes.len() / 2 + bytes.len() / 8);
        bytes[middle..end].fill(0xa5);
        std::fs::write(&largest, bytes).expect("written");
        let output = verify(&directory, &[]);
        assert_eq!(output.status.code(), Some(1), "{storage} {mode}: {:?}", lines(&output));
    }
}
