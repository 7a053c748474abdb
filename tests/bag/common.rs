//! What the tests of recordings share: places of recordings, what foreign readers see in them, and what we see.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use roswave_engine::bag::{Bag, Query};
use serde_json::Value;

pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script of `tests/python` and gives what it printed.
pub fn python(script: &str, arguments: &[&Path]) -> String {
    let output = Command::new(top().join(".venv/bin/python"))
        .arg(top().join("tests/python").join(script))
        .args(arguments)
        .output()
        .expect("Python runs: `make test` sets it up");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Recordings of other programs that are kept with the tests, and those in the directories of `ROSWAVE_BAGS`.
pub fn kept() -> Vec<PathBuf> {
    let data = top().join("tests/data");
    let mut bags: Vec<PathBuf> = [
        "rosbag2/mcap/cdr_test",
        "rosbag2/mcap/talker",
        "rosbag2/mcap/reindex_test_bags/multiple_files",
        "rosbag2/sqlite3/cdr_test",
        "rosbag2/sqlite3/talker",
        "jazzy/robot_mcap",
    ]
    .map(|bag| data.join(bag))
    .to_vec();
    for more in std::env::var_os("ROSWAVE_BAGS").iter().flat_map(std::env::split_paths) {
        let entries = std::fs::read_dir(&more).expect("a directory of recordings");
        bags.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    bags
}

/// Recordings that PyPI `rosbags` writes: both storages, compressed or not.
pub fn made(root: &Path) -> Vec<PathBuf> {
    let _ = python("make_bags.py", &[root]);
    let mut bags: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    bags.sort();
    assert_eq!(bags.len(), 6);
    bags
}

/// What is in a topic, as `bag_oracle.py` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: String,
    pub messages: u64,
    pub first_ns: u64,
    pub last_ns: u64,
    pub sum: u32,
}

/// What foreign readers see.
pub fn oracle(bags: &[PathBuf]) -> BTreeMap<PathBuf, BTreeMap<String, Seen>> {
    let paths: Vec<&Path> = bags.iter().map(PathBuf::as_path).collect();
    let text = python("bag_oracle.py", &paths);
    let seen: BTreeMap<PathBuf, BTreeMap<String, Value>> = serde_json::from_str(&text).expect("JSON");
    let number = |value: &Value| value.as_u64().expect("a number");
    let topic = |value: Value| Seen {
        kind: value["type"].as_str().expect("a type").to_owned(),
        messages: number(&value["messages"]),
        first_ns: number(&value["first"]),
        last_ns: number(&value["last"]),
        sum: u32::try_from(number(&value["sum"])).expect("32 bits"),
    };
    let topics = |topics: BTreeMap<String, Value>| topics.into_iter().map(|(name, t)| (name, topic(t))).collect();
    seen.into_iter().map(|(path, seen)| (path, topics(seen))).collect()
}

/// What we see, message by message.
pub fn seen(bag: &Bag, query: &Query) -> BTreeMap<String, Seen> {
    let mut topics = BTreeMap::<String, Seen>::new();
    let mut messages = bag.messages(query);
    let mut before = 0;
    while let Some(message) = messages.advance() {
        assert!(message.log_time_ns >= before, "the order of times");
        before = message.log_time_ns;
        let topic = topics.entry(message.channel.topic.clone()).or_insert_with(|| Seen {
            kind: message.channel.type_name.clone(),
            messages: 0,
            first_ns: message.log_time_ns,
            last_ns: message.log_time_ns,
            sum: 1,
        });
        topic.messages += 1;
        topic.last_ns = message.log_time_ns;
        topic.sum = adler32(topic.sum, &message.log_time_ns.to_le_bytes());
        topic.sum = adler32(topic.sum, message.payload);
    }
    topics
}

fn adler32(sum: u32, bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (sum & 0xffff, sum >> 16);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}
