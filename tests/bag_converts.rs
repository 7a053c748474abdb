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
