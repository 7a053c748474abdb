//! Conversion between the storages loses nothing, and foreign readers see every value of what was written.

#[path = "bag/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{kept, made, oracle, seen};
use roswave_engine::bag::write::WriteError;
use roswave_engine::bag::{Bag, BagChannel, CopyOptions, Query, Storage};
use roswave_engine::record::Compression;

fn options(storage: Storage, compression: Compression) -> CopyOptions {
    CopyOptions {
        storage,
        compression,
        query: Query::all(),
    }
}

/// What a channel says, whatever its number.
fn described(bag: &Bag) -> BTreeMap<(String, String), BagChannel> {
    let named = bag.channels().iter().map(|channel| {
        let name = (channel.topic.clone(), channel.type_name.clone());
        (
            name,
            BagChannel {
                index: 0,
                ..channel.clone()
            },
        )
    });
    named.collect()
}

#[test]
fn there_and_back_again_everything_is_the_same() {
    let root = tempfile::tempdir().expect("a directory");
    let mut bags = kept();
    bags.extend(made(&root.path().join("made")));
    let mut number = 0;
    let mut written = Vec::new();
    for path in bags {
        let bag = Bag::open(&path).expect("it opens");
        let expected = seen(&bag, &Query::all());
        for (storage, compression) in [
            (Storage::Sqlite3, Compression::None),
            (Storage::Sqlite3, Compression::Zstd),
            (Storage::Mcap, Compression::None),
            (Storage::Mcap, Compression::Lz4),
            (Storage::Mcap, Compression::Zstd),
        ] {
            number += 1;
            let to = root.path().join(format!("copy {number}"));
            let copied = bag.copy_to(&to, &options(storage, compression)).expect("copied");
            assert_eq!(copied.written.messages, bag.message_count());
            let copy = Bag::open(&to).expect("it opens");
            assert!(copy.is_complete(), "{:?}", copy.problems());
            assert_eq!(copy.storage(), storage);
            assert_eq!(
                seen(&copy, &Query::all()),
                expected,
                "{} as {storage:?}",
                path.display()
            );
            let (before, after) = (described(&bag), described(&copy));
            for (name, channel) in before {
                assert_eq!(after[&name], channel, "{}", path.display());
            }
            written.push((to, expected.clone()));
        }
    }
    let paths: Vec<_> = written.iter().map(|(path, _)| path.clone()).collect();
    let mut foreign = oracle(&paths);
    for (path, expected) in written {
        assert_eq!(
            foreign.remove(&path).expect("it was read"),
            expected,
            "{}",
            path.display()
        );
    }
}

#[test]
fn times_of_publishing_and_numbers_stay_in_mcap() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = Bag::open(&common::top().join("tests/data/jazzy/robot_mcap")).expect("it opens");
    let to = root.path().join("copy");
    let _ = bag
        .copy_to(&to, &options(Storage::Mcap, Compression::Zstd))
        .expect("copied");
    let copy = Bag::open(&to).expect("it opens");
    let (mut old, mut new) = (bag.messages(&Query::all()), copy.messages(&Query::all()));
    let mut compared = 0;
    while let (Some(old), Some(new)) = (old.advance(), new.advance()) {
        assert_eq!((old.sequence, old.publish_time_ns), (new.sequence, new.publish_time_ns));
        compared += 1;
    }
    assert_eq!(compared, 186);
}

#[test]
fn a_part_is_a_part() {
    let root = tempfile::tempdir().expect("a directory");
    for (number, path) in made(&root.path().join("made")).iter().enumerate() {
        let bag = Bag::open(path).expect("it opens");
        let (start_ns, _) = bag.span_ns().expect("messages");
        let query = Query::all()
            .topics(["/grün/text"])
            .from_ns(start_ns + 1_000_000_000)
            .until_ns(start_ns + 2_000_000_000);
        let expected = seen(&bag, &query);
        assert_eq!(expected["/grün/text"].messages, 67);
        let to = root.path().join(format!("part{number}"));
        let part = CopyOptions {
            query,
            ..options(Storage::Sqlite3, Compression::Zstd)
        };
        let _ = bag.copy_to(&to, &part).expect("copied");
        assert_eq!(seen(&Bag::open(&to).expect("it opens"), &Query::all()), expected);
    }
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = Bag::open(&common::top().join("tests/data/rosbag2/mcap/talker")).expect("it opens");
    let to = root.path().join("copy");
    let error = bag
        .copy_to(&to, &options(Storage::Sqlite3, Compression::Lz4))
        .expect_err("no such thing");
    assert!(matches!(error, WriteError::Compression), "{error}");
    assert!(!to.exists());
    let error = bag
        .copy_to(root.path(), &options(Storage::Mcap, Compression::None))
        .expect_err("it exists");
    assert!(error.to_string().contains("exists already"), "{error}");
    let error = bag.copy_to(Path::new("/dev/null/x"), &options(Storage::Mcap, Compression::None));
    assert!(matches!(error, Err(WriteError::Io { .. })), "{error:?}");
}

/// An MCAP with a message, a record of metadata, and two attachments.
fn with_attachments(path: &Path, picture: &[u8]) {
    let file = std::fs::File::create(path).expect("a file");
    let mut writer = mcap::WriteOptions::new()
        .profile("ros2")
        .create(std::io::BufWriter::new(file))
        .expect("a writer");
    let schema = writer
        .add_schema("std_msgs/msg/Float64", "ros2msg", b"float64 data\n")
        .expect("a schema");
    let channel_id = writer
        .add_channel(schema, "/f64", "cdr", &BTreeMap::new())
        .expect("a channel");
    let header = mcap::records::MessageHeader {
        channel_id,
        sequence: 1,
        log_time: 5,
        publish_time: 4,
    };
    writer
        .write_to_known_channel(&header, &[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        .expect("written");
    for (name, media_type, data) in [("karte ☃.png", "image/png", picture), ("empty", "", &[])] {
        let attachment = mcap::Attachment {
            log_time: 7,
            create_time: 3,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            data: data.into(),
        };
        writer.attach(&attachment).expect("attached");
    }
    let metadata = mcap::records::Metadata {
        name: "robot".to_owned(),
        metadata: BTreeMap::from([("serial".to_owned(), "42".to_owned())]),
    };
    writer.write_metadata(&metadata).expect("written");
    let _ = writer.finish().expect("finished");
}

#[test]
fn attachments_and_metadata_stay_in_mcap() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("old.mcap");
    let picture: Vec<u8> = (0..300_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    with_attachments(&path, &picture);
    let bag = Bag::open(&path).expect("it opens");

    let to = root.path().join("copy");
    let copied = bag
        .copy_to(&to, &options(Storage::Mcap, Compression::Zstd))
        .expect("copied");
    assert_eq!((&copied.left_out, &copied.problems), (&vec![], &vec![]));
    let bytes = std::fs::read(&copied.written.file).expect("the file");
    let summary = mcap::Summary::read(&bytes).expect("a summary").expect("a summary");
    let mut found = Vec::new();
    for index in &summary.attachment_indexes {
        // Checks the checksum too.
        let attachment = mcap::read::attachment(&bytes, index).expect("an attachment");
        assert_eq!((attachment.log_time, attachment.create_time), (7, 3));
        found.push((attachment.name, attachment.media_type, attachment.data.into_owned()));
    }
    found.sort();
    let expected = [
        ("empty".to_owned(), String::new(), Vec::new()),
        ("karte ☃.png".to_owned(), "image/png".to_owned(), picture),
    ];
    assert_eq!(found, expected);
    let robot = summary.metadata_indexes.iter().find(|index| index.name == "robot");
    let robot = mcap::read::metadata(&bytes, robot.expect("the record")).expect("readable");
    assert_eq!(robot.metadata["serial"], "42");

    // SQLite has no place for them, and that is said.
    let tables = root.path().join("tables");
    let copied = bag
        .copy_to(&tables, &options(Storage::Sqlite3, Compression::None))
        .expect("copied");
    assert!(
        copied
            .left_out
            .iter()
            .any(|sentence| sentence.contains("attachments: 2")),
        "{:?}",
        copied.left_out
    );
}

#[test]
fn a_damaged_attachment_is_told() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("old.mcap");
    with_attachments(&path, &[0xa5; 5000]);
    let mut bytes = std::fs::read(&path).expect("the file");
    let inside = bytes
        .windows(64)
        .position(|window| window == [0xa5; 64])
        .expect("the picture");
    bytes[inside + 1000] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    let to = root.path().join("copy");
    let copied = Bag::open(&path)
        .expect("it opens")
        .copy_to(&to, &options(Storage::Mcap, Compression::None))
        .expect("copied");
    let told: Vec<_> = copied.problems.iter().filter(|text| text.contains("karte")).collect();
    assert_eq!(told.len(), 1, "{:?}", copied.problems);
}

#[test]
fn a_copy_that_is_told_to_stop_leaves_nothing() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = Bag::open(&common::top().join("tests/data/jazzy/robot_mcap")).expect("it opens");
    for storage in [Storage::Mcap, Storage::Sqlite3] {
        let mut left = 50;
        let to = root.path().join("copy");
        let stopped = bag.copy_while(&to, &options(storage, Compression::None), || {
            left -= 1;
            left > 0
        });
        assert!(matches!(stopped, Err(WriteError::Interrupted)), "{stopped:?}");
        assert!(!to.exists());
    }
}
