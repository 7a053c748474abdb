//! Every recording that others have written opens, and every message of it is what PyPI `rosbags` and `mcap` see.

#[path = "bag/common.rs"]
mod common;

use std::path::Path;

use common::{kept, made, oracle, seen, top};
use roswave_engine::bag::{Bag, FileState, Query, Storage};
use roswave_engine::cdr::Value;
use roswave_engine::name::TypeName;
use roswave_engine::qos::{Durability, History, Reliability};
use roswave_engine::schema::{Origin, Schema};

#[test]
fn every_message_is_what_foreign_readers_see() {
    let root = tempfile::tempdir().expect("a directory");
    let mut bags = kept();
    bags.extend(made(root.path()));
    for (path, expected) in oracle(&bags) {
        let bag = Bag::open(&path).expect("it opens");
        let found = seen(&bag, &Query::all());
        assert_eq!(found, expected, "{}", path.display());
        for (topic, seen) in &expected {
            let counted: u64 = bag.channels_of(topic).map(|channel| channel.messages).sum();
            assert_eq!(counted, seen.messages, "{} {topic}", path.display());
            let last = bag.last_before(topic, u64::MAX).expect("readable").expect("a message");
            assert_eq!(last.log_time_ns, seen.last_ns, "{} {topic}", path.display());
            let none = bag.last_before(topic, seen.first_ns).expect("readable");
            assert!(none.is_none(), "{} {topic}", path.display());
        }
        let span = expected.values().map(|seen| (seen.first_ns, seen.last_ns));
        let span = span.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        assert_eq!(bag.span_ns(), span, "{}", path.display());
    }
}

#[test]
fn a_range_and_a_choice_of_topics_are_exact() {
    let root = tempfile::tempdir().expect("a directory");
    for path in made(root.path()) {
        let bag = Bag::open(&path).expect("it opens");
        let (start_ns, _) = bag.span_ns().expect("messages");
        let mut times = Vec::new();
        let query = Query::all()
            .topics(["/number"])
            .from_ns(start_ns + 500_000_000)
            .until_ns(start_ns + 600_000_000);
        let mut messages = bag.messages(&query);
        while let Some(message) = messages.advance() {
            assert_eq!(message.channel.topic, "/number");
            times.push(message.log_time_ns - start_ns);
        }
        let expected: Vec<u64> = (100..120).map(|i| i * 5_000_000).collect();
        assert_eq!(times, expected, "{}", path.display());
        assert!(messages.problems().is_empty());
        let last = bag.last_before("/array", start_ns + 75_000_000).expect("readable");
        assert_eq!(last.expect("a message").log_time_ns, start_ns + 50_000_007);
    }
}

fn open(path: &str) -> Bag {
    Bag::open(&top().join("tests/data").join(path)).expect("it opens")
}

#[test]
fn policies_definitions_and_state_are_told() {
    let old = open("rosbag2/sqlite3/talker");
    assert_eq!(old.storage(), Storage::Sqlite3);
    let topic = old.channels_of("/rosout").next().expect("the topic");
    assert_eq!(topic.type_name, "rcl_interfaces/msg/Log");
    assert_eq!(topic.offered_qos[0].durability, Durability::TransientLocal);
    assert_eq!(topic.offered_qos[0].lifespan_ns, Some(10_000_000_000));
    assert_eq!(topic.definition.as_deref(), Some("uint8 level"));

    let robot = open("jazzy/robot_mcap");
    let topic = robot.channels_of("/robot").next().expect("the topic");
    assert_eq!(topic.offered_qos[0].reliability, Reliability::Reliable);
    assert_eq!(topic.offered_qos[0].history, History::KeepLast(10));
    let (encoding, text) = topic.other_definition.as_ref().expect("a definition");
    assert_eq!(encoding, "ros2idl");
    assert!(text.contains("module probe_msgs"));
    // The IDL is enough to read every value of the type.
    let name = TypeName::new(&topic.type_name).expect("a type");
    let definition = topic.definition.as_ref().expect("a definition in ros2msg");
    let schema = Schema::parse(&name, definition, Origin::Bag).expect("a schema");
    assert_eq!(Some(schema.hash().0.as_ref()), topic.type_hash.as_deref());
    let mut messages = robot.messages(&Query::all());
    while let Some(message) = messages.advance() {
        let value = Value::decode(&schema, message.payload).expect("a message of the type");
        assert_eq!(
            value
                .field("wheels")
                .map(|wheels| wheels.to_json()[1]["raw"][2].is_i64()),
            Some(true)
        );
    }
    assert!(topic.type_hash.as_ref().expect("a hash").starts_with("RIHS01_2ca8ab57"));
    assert!(robot.is_complete(), "{:?}", robot.problems());
    assert_eq!(robot.files()[0].state, FileState::Indexed);

    let split = open("rosbag2/mcap/reindex_test_bags/multiple_files");
    assert_eq!(split.files().len(), 3);
    let by_file: u64 = split.files().iter().map(|file| file.messages).sum();
    assert_eq!(by_file, split.message_count());
}

#[test]
fn a_lone_file_and_a_missing_split() {
    let data = top().join("tests/data/rosbag2");
    let lone = Bag::open(&data.join("sqlite3/talker/talker.db3")).expect("it opens");
    assert_eq!(lone.message_count(), 20);
    let lone = Bag::open(&data.join("mcap/talker/talker.mcap")).expect("it opens");
    assert_eq!(lone.message_count(), 20);

    let root = tempfile::tempdir().expect("a directory");
    let from = data.join("mcap/talker");
    copy(&from.join("talker.mcap"), &root.path().join("talker.mcap"));
    let text = std::fs::read_to_string(from.join("metadata.yaml")).expect("metadata");
    let text = text.replace("  - talker.mcap\n", "  - ../other/talker.mcap\n  - talker_1.mcap\n");
    std::fs::write(root.path().join("metadata.yaml"), text).expect("written");
    let bag = Bag::open(root.path()).expect("it opens");
    assert_eq!(bag.message_count(), 20);
    assert_eq!(bag.files()[1].state, FileState::Missing);
    assert!(!bag.is_complete());
    assert!(
        bag.problems()[0].contains("talker_1.mcap: it is missing"),
        "{:?}",
        bag.problems()
    );
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::copy(from, to).expect("copied");
}
