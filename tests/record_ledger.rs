//! The account of every message, the bookmarks and the notes are in the file, live and at its end.

#[path = "record/common.rs"]
mod common;

use std::time::Duration;

use common::{Rig, arrival, channel, float, float_channel, read_whole, request, split_file, split_files, wait_for};
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::TopicIndex;
use roswave_engine::loss::{Count, Loss};
use roswave_engine::record::ledger::{BOOKMARKS_TOPIC, LEDGER_TOPIC, journal};
use roswave_engine::record::{Notes, RecordRequest};

const T0: i64 = 1_795_446_909_000_000_000;

#[test]
fn every_split_tells_its_own_part_and_the_sum_is_right() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let lost = |transport, record| Loss {
        transport: Count::Known(transport),
        record: Count::Known(record),
        ..Loss::NONE
    };
    for i in 0..100 {
        rig.push(0, &arrival(&float(0.0), T0 + i, 1));
    }
    rig.recorder.note_loss(TopicIndex(0), lost(3, 0)).expect("room");
    let _ = wait_for(&rig.recorder, "the messages", |s| {
        s.topics.first().is_some_and(|t| t.safe == 100) && s.loss.transport == Count::Known(3)
    });
    rig.recorder.split().expect("room");
    let _ = wait_for(&rig.recorder, "the split", |s| s.files == 2);
    // The first file is finished elsewhere, with what was told until then.
    common::until("the first file", || split_file(&directory, 0).exists().then_some(()));
    for i in 100..150 {
        rig.push(0, &arrival(&float(0.0), T0 + i, 1));
    }
    rig.recorder.note_loss(TopicIndex(0), lost(5, 2)).expect("room");
    let live = wait_for(&rig.recorder, "the loss", |s| {
        s.loss.known_total() == 7 && s.topics.first().is_some_and(|t| t.safe == 150)
    });
    assert_eq!((live.topics[0].received, live.topics[0].written), (150, 150));
    let between = live.topics[0].lost_ns.expect("when it was lost");
    assert!(between.0 <= between.1 && between.1 <= u64::try_from(Timestamp::now().0).expect("a time"));
    let finished = rig.finish();
    assert_eq!(
        (finished.loss.transport, finished.loss.record),
        (Count::Known(5), Count::Known(2))
    );

    let files = split_files(&directory);
    let of = |files: &[std::path::PathBuf]| journal(files).ledger.expect("a ledger")["/f64"];
    let (first, second) = (of(&files[..1]), of(&files[1..]));
    assert_eq!((first.written, first.loss.known_total()), (Some(100), 3));
    assert_eq!((second.written, second.loss.known_total()), (Some(50), 4));
    assert_eq!(second.span_ns, Some((T0 as u64 + 100, T0 as u64 + 149)));
    let sum = journal(&files);
    let row = of(&files);
    assert_eq!((row.received, row.safe), (Some(150), Some(150)));
    assert_eq!(sum.total.expect("a sum").loss.known_total(), 7);
    let info = roswave_engine::bag::info(&directory).expect("a recording");
    assert_eq!(info.loss.expect("a ledger").known_total(), 7);
}

#[test]
fn bookmarks_notes_and_facts_are_in_the_file() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("Lauf 7 – Prüfstand ✓");
    let mut rig = Rig::start(RecordRequest {
        notes: Notes {
            name: Some("arm: \"fast\" ✓".to_owned()),
            tags: vec!["bench".to_owned(), "müde".to_owned()],
            note: Some("first line\nsecond: line".to_owned()),
        },
        ..request(&directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.push(0, &arrival(&float(0.0), T0, 1));
    for (time, text) in [(5, "the arm jerked ✓"), (9, ""), (9, "twice at one moment")] {
        rig.recorder.mark(Timestamp(T0 + time), text).expect("room");
    }
    let _ = wait_for(&rig.recorder, "the bookmarks", |s| {
        s.bookmarks == 3
            && s.topics
                .iter()
                .any(|t| t.name.as_str() == BOOKMARKS_TOPIC && t.safe == 3)
    });
    // While it is written, the topic tells.
    let active = directory.join("Lauf 7 – Prüfstand ✓_0.mcap.active");
    let live = journal(&[active]);
    let texts = |journal: &roswave_engine::record::ledger::Journal| {
        let mut texts: Vec<_> = journal
            .bookmarks
            .iter()
            .map(|b| (b.time_ns - T0 as u64, b.text.clone()))
            .collect();
        texts.sort();
        texts
    };
    let expected = [(5, "the arm jerked ✓"), (9, ""), (9, "twice at one moment")].map(|(t, s)| (t, s.to_owned()));
    assert_eq!(texts(&live), expected);
    assert_eq!(live.run["name"], "arm: \"fast\" ✓");
    let _ = rig.finish();

    let files = split_files(&directory);
    let told = journal(&files);
    assert_eq!(texts(&told), expected);
    assert_eq!(
        (told.run["tags"].as_str(), told.run["note"].as_str()),
        ("bench, müde", "first line\nsecond: line")
    );
    assert!(
        told.run["software"].starts_with("roswave ") && !told.run["host"].is_empty(),
        "{:?}",
        told.run
    );
    let info = roswave_engine::bag::info(&directory).expect("a recording");
    assert_eq!(info.bookmarks.len(), 3);
    let marks: Vec<_> = read_whole(&files[0])
        .into_iter()
        .filter(|m| m.topic == BOOKMARKS_TOPIC)
        .collect();
    assert_eq!((marks.len(), marks[0].type_name.as_str()), (3, "std_msgs/msg/String"));
    let yaml = std::fs::read_to_string(directory.join("metadata.yaml")).expect("the metadata");
    assert!(
        yaml.contains("\n  custom_data:\n    name: \"arm: \\\"fast\\\" ✓\"\n"),
        "{yaml}"
    );
    assert!(yaml.contains("    note: \"first line\\nsecond: line\"\n"), "{yaml}");
}

#[test]
fn a_file_that_was_never_finished_tells_the_ledger_too() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let end = std::time::Instant::now() + Duration::from_millis(2600);
    let mut sent = 0;
    while std::time::Instant::now() < end {
        rig.push(0, &arrival(&float(0.0), Timestamp::now().0, sent));
        sent += 1;
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = wait_for(&rig.recorder, "the ledger's topic", |s| {
        s.topics
            .iter()
            .any(|topic| topic.name.as_str() == LEDGER_TOPIC && topic.safe > 0)
    });
    let torn = root.path().join("torn.mcap");
    let _ = std::fs::copy(directory.join("run_0.mcap.active"), &torn).expect("copied");
    let told = journal(&[torn]).last_state.expect("a state");
    assert!(told["safe"].as_u64().is_some_and(|safe| safe > 100), "{told:#}");
    assert_eq!(told["topics"][0]["name"], "/f64");
    assert_eq!(told["loss"]["disk"], 0);
    let finished = rig.finish();
    assert_eq!(common::messages_of_others(&finished), sent);
    let info = roswave_engine::bag::info(&directory).expect("a recording");
    assert_eq!(info.messages, common::all_messages(&finished));
}

#[test]
fn clocks_that_jump_and_topics_with_two_types_are_kept_as_they_came() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    rig.recorder.channel(float_channel(0, "/a")).expect("room");
    rig.recorder
        .channel(channel(1, "/a", "std_msgs/msg/Int64", Some("int64 data\n")))
        .expect("room");
    const HOUR: i64 = 3_600_000_000_000;
    let mut expected = Vec::new();
    for i in 0..3000_i64 {
        // An hour back, an hour forward, and before the beginning of time.
        let time = match i / 500 {
            1 => T0 - HOUR + i,
            3 => T0 + HOUR + i,
            5 => -HOUR,
            _ => T0 + i,
        };
        let index = u32::from(i % 3 == 0);
        rig.push(index, &arrival(&i.to_le_bytes(), time, i.unsigned_abs()));
        let type_name = ["std_msgs/msg/Float64", "std_msgs/msg/Int64"][index as usize];
        expected.push((
            u64::try_from(time).unwrap_or(0),
            type_name.to_owned(),
            i.to_le_bytes().to_vec(),
        ));
    }
    let finished = rig.finish();
    assert_eq!(
        finished
            .topics
            .iter()
            .filter(|topic| topic.name.as_str() == "/a")
            .count(),
        1,
        "one row per name"
    );
    assert_eq!(finished.topics[0].messages, 3000);
    let read: Vec<_> = read_whole(&split_files(&directory)[0])
        .into_iter()
        .filter(|m| m.topic == "/a")
        .map(|m| (m.log_time, m.type_name, m.data))
        .collect();
    assert_eq!(read, expected);
    let ledger = journal(&split_files(&directory)).ledger.expect("a ledger");
    assert_eq!(ledger["/a"].written, Some(3000));
}

#[test]
fn ten_thousand_topics_fit() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    for index in 0..10_000 {
        rig.recorder
            .channel(float_channel(index, &format!("/t{index}")))
            .expect("room");
    }
    let _ = wait_for(&rig.recorder, "the topics", |s| s.topics.len() == 10_000);
    for round in 0..3 {
        for index in 0..10_000 {
            rig.push(index, &arrival(&float(0.0), T0 + round, 1));
        }
    }
    let finished = rig.finish();
    assert_eq!(
        (common::messages_of_others(&finished), finished.loss.disk.known()),
        (30_000, Some(0))
    );
    assert_eq!(
        read_whole(&split_files(&directory)[0]).len() as u64,
        common::all_messages(&finished)
    );
    assert_eq!(
        journal(&split_files(&directory)).ledger.expect("a ledger").len() as u64,
        finished.topics.len() as u64
    );
}
