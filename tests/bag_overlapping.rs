//! Where many chunks or files are of the same time, their messages come in order, all of them, and memory stays bounded.

use std::collections::BTreeMap;
use std::path::Path;

use mcap::records::MessageHeader;
use roswave_engine::bag::write::BagWriter;
use roswave_engine::bag::{Bag, BagChannel, BagMessage, Query, Storage};
use roswave_engine::record::Compression;

const MB: usize = 1 << 20;

/// Most memory that the process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("the line");
    let kb: usize = line
        .split_whitespace()
        .nth(1)
        .expect("a figure")
        .parse()
        .expect("a number");
    kb * 1024
}

/// A payload that says which message it is.
fn payload(time_ns: u64) -> Vec<u8> {
    let mut payload = vec![0; MB];
    payload[1] = 1;
    payload[4..12].copy_from_slice(&time_ns.to_le_bytes());
    payload
}

fn check(bag: &Bag, count: u64) {
    let mut messages = bag.messages(&Query::all());
    let mut expected = 0;
    while let Some(message) = messages.advance() {
        assert_eq!(message.log_time_ns, expected);
        assert_eq!(message.payload[4..12], expected.to_le_bytes());
        assert_eq!(message.payload.len(), MB);
        expected += 1;
    }
    assert_eq!(expected, count);
    assert!(messages.problems().is_empty(), "{:?}", messages.problems());
}

/// Forty chunks of 8 MB, each with a message of every time.
fn chunks(path: &Path) {
    let file = std::io::BufWriter::new(std::fs::File::create(path).expect("made"));
    let mut writer = mcap::WriteOptions::new()
        .compression(Some(mcap::Compression::Zstd))
        .chunk_size(None)
        .create(file)
        .expect("a writer");
    let schema = writer
        .add_schema("a_msgs/msg/A", "ros2msg", b"uint8[] data\n")
        .expect("a schema");
    let channel = writer
        .add_channel(schema, "/a", "cdr", &BTreeMap::new())
        .expect("a channel");
    for chunk in 0..40 {
        for i in 0..8 {
            let time = i * 40 + chunk;
            let header = MessageHeader {
                channel_id: channel,
                sequence: 0,
                log_time: time,
                publish_time: time,
            };
            writer.write_to_known_channel(&header, &payload(time)).expect("written");
        }
        writer.flush().expect("a chunk");
    }
    let _ = writer.finish().expect("finished");
}

/// Forty files, each with a message of every time.
fn files(root: &Path) {
    let channel = BagChannel {
        index: 0,
        topic: "/a".to_owned(),
        type_name: "a_msgs/msg/A".to_owned(),
        definition: None,
        other_definition: None,
        serialization: "cdr".to_owned(),
        offered_qos: Vec::new(),
        type_hash: None,
        messages: 0,
    };
    for number in 0..40 {
        let directory = root.join(format!("part{number}"));
        let mut writer = BagWriter::create(&directory, Storage::Sqlite3, Compression::None).expect("a writer");
        for i in 0..4 {
            let time = i * 40 + number;
            let message = BagMessage {
                channel: &channel,
                sequence: None,
                log_time_ns: time,
                publish_time_ns: time,
                payload: &payload(time),
            };
            writer.write(&message).expect("written");
        }
        let written = writer.finish().expect("finished");
        std::fs::rename(&written.file, root.join(format!("run_{number}.db3"))).expect("moved");
        std::fs::remove_dir_all(&directory).expect("removed");
    }
}

#[test]
fn order_is_kept_and_memory_is_bounded() {
    let root = tempfile::tempdir().expect("a directory");
    let one = root.path().join("one.mcap");
    chunks(&one);
    check(&Bag::open(&one).expect("it opens"), 320);
    let many = root.path().join("many");
    std::fs::create_dir(&many).expect("made");
    files(&many);
    check(&Bag::open(&many).expect("it opens"), 160);
    assert!(peak() < 256 * MB, "{} MB", peak() / MB);
}
