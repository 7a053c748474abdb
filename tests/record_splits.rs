//! A recording that is split loses nothing at the seams, every file stands alone, and old files go when they are to.

#![allow(clippy::print_stdout, reason = "figures for whoever looks")]

#[path = "record/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::{
    Rig, all_messages, arrival, channel, float, float_channel, messages_of_others, read_whole, request, split_files,
    wait_for,
};
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::{Engine, EngineConfig, Measure, Update};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::record::{
    Compression, FinishedState, RecordRequest, RecordingEvent, Retention, Selection, SplitRule,
};
use roswave_engine::transport::memory::memory;

const T0: i64 = 1_795_446_909_000_000_000;

#[test]
fn splits_by_size_hold_every_message_once_and_in_order() {
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        let mut rig = Rig::start(RecordRequest {
            compression,
            compression_level: Some(3),
            chunk_bytes: 64 << 10,
            split: SplitRule {
                max_bytes: Some(1 << 20),
                max_duration: None,
            },
            ..request(&directory)
        });
        rig.recorder.channel(float_channel(0, "/f64")).expect("room");
        rig.recorder
            .channel(channel(1, "/odd", "my_msgs/msg/Odd", None))
            .expect("room");
        let mut noise = 1_u32;
        for i in 0..8000_u32 {
            let payload: Vec<u8> = std::iter::repeat_with(|| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            })
            .take(800)
            .collect();
            rig.push(i % 2, &arrival(&payload, T0 + i64::from(i) * 1000, u64::from(i)));
        }
        let finished = rig.finish();
        assert_eq!(finished.state, FinishedState::Complete);
        assert_eq!(
            (messages_of_others(&finished), finished.loss.disk.known()),
            (8000, Some(0))
        );
        let files = split_files(&directory);
        assert!(files.len() >= 6, "{files:?}");
        assert_eq!(files.len(), usize::try_from(finished.files).expect("few"));
        let mut next = 0;
        for file in &files {
            let bytes = std::fs::metadata(file).expect("a file").len();
            assert!(bytes <= (1 << 20) + (64 << 10), "{} has {bytes} bytes", file.display());
            for message in read_whole(file) {
                if message.topic.starts_with("/roswave/") {
                    continue;
                }
                assert_eq!(message.sequence, next, "{}", file.display());
                let odd = next % 2 == 1;
                assert_eq!(message.topic, if odd { "/odd" } else { "/f64" });
                assert_eq!(message.encoding, if odd { "" } else { "ros2msg" });
                next += 1;
            }
        }
        assert_eq!(next, 8000);
        let yaml = std::fs::read_to_string(directory.join("metadata.yaml")).expect("the metadata");
        assert_eq!(yaml.matches("  - path: run_").count(), files.len(), "{yaml}");
        let info = roswave_engine::bag::info(&directory).expect("a recording");
        assert_eq!((info.messages, info.complete), (all_messages(&finished), true));
        assert!(
            yaml.contains(&format!("  message_count: {}\n", all_messages(&finished))),
            "{yaml}"
        );
    }
}

#[test]
fn latched_messages_are_repeated_so_that_every_file_stands_alone() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    let mut latched = float_channel(0, "/latched");
    latched.offered_qos = vec![Qos {
        history: roswave_engine::qos::History::KeepLast(1),
        ..Qos::LATCHED
    }];
    rig.recorder.channel(latched).expect("room");
    rig.recorder.channel(float_channel(1, "/f64")).expect("room");
    rig.push(0, &arrival(&float(1.0), T0, 1));
    rig.push(0, &arrival(&float(2.0), T0 + 1, 2));
    for round in 0..3_u32 {
        rig.push(
            1,
            &arrival(&float(f64::from(round)), T0 + 10 + i64::from(round), u64::from(round)),
        );
        let _ = wait_for(&rig.recorder, "the message", |s| {
            s.topics
                .iter()
                .any(|t| t.name.as_str() == "/f64" && t.written == u64::from(round) + 1)
        });
        rig.recorder.split().expect("room");
        let _ = wait_for(&rig.recorder, "the split", |s| s.files == round + 2);
    }
    let finished = rig.finish();
    let row = finished
        .topics
        .iter()
        .find(|topic| topic.name.as_str() == "/latched")
        .expect("a row");
    assert_eq!((row.written, row.repeated, row.messages), (2, 3, 5), "{row:?}");
    let files = split_files(&directory);
    assert_eq!(files.len(), 4);
    for (number, file) in files.iter().enumerate() {
        let messages = read_whole(file);
        let latched: Vec<_> = messages
            .iter()
            .filter(|m| m.topic == "/latched")
            .map(|m| m.sequence)
            .collect();
        assert_eq!(
            latched,
            if number == 0 { vec![1, 2] } else { vec![2] },
            "{}",
            file.display()
        );
    }
    let ledger = roswave_engine::record::ledger::journal(&files)
        .ledger
        .expect("a ledger");
    assert_eq!(
        (ledger["/latched"].written, ledger["/latched"].repeated),
        (Some(2), Some(3))
    );
}

#[test]
fn an_empty_file_is_not_split() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let rig = Rig::start(request(&directory));
    rig.recorder.split().expect("room");
    std::thread::sleep(Duration::from_millis(200));
    let finished = rig.finish();
    assert_eq!(
        (finished.messages, finished.files, split_files(&directory).len()),
        (0, 1, 1)
    );
}

#[test]
fn old_files_go_by_count_and_by_bytes() {
    for retention in [
        Retention {
            max_files: Some(3),
            ..Retention::default()
        },
        Retention {
            max_bytes: Some(700 << 10),
            ..Retention::default()
        },
    ] {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        let mut rig = Rig::start(RecordRequest {
            chunk_bytes: 16 << 10,
            split: SplitRule {
                max_bytes: Some(256 << 10),
                max_duration: None,
            },
            retention,
            ..request(&directory)
        });
        rig.recorder.channel(float_channel(0, "/f64")).expect("room");
        for i in 0..4000_u32 {
            rig.push(0, &arrival(&[7; 1000], T0 + i64::from(i), u64::from(i)));
        }
        let finished = rig.finish();
        assert!(finished.files > 10, "{}", finished.files);
        let files = split_files(&directory);
        assert!(files.len() <= 3, "{files:?}");
        let bytes: u64 = files
            .iter()
            .map(|file| std::fs::metadata(file).expect("a file").len())
            .sum();
        assert_eq!(bytes, finished.bytes, "what is told is what is there");
        let kept: Vec<u32> = files
            .iter()
            .flat_map(|file| read_whole(file))
            .filter(|m| m.topic == "/f64")
            .map(|m| m.sequence)
            .collect();
        let first = 4000 - u32::try_from(kept.len()).expect("few");
        assert_eq!(kept, (first..4000).collect::<Vec<_>>(), "the newest are kept");
        let yaml = std::fs::read_to_string(directory.join("metadata.yaml")).expect("the metadata");
        assert_eq!(yaml.matches("  - path: run_").count(), files.len(), "{yaml}");
        let info = roswave_engine::bag::info(&directory).expect("a recording");
        assert!(
            yaml.contains(&format!("\n  message_count: {}\n", info.messages)),
            "{yaml}"
        );
    }
}

/// Twenty topics of a kilohertz and an image of a megabyte at 30 Hz through the whole engine, split every second.
#[test]
fn a_robot_at_full_speed_is_split_every_second_without_a_gap() {
    const FAST: u32 = 20;
    const SECS: u64 = 5;
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let (transport, network) = memory(true);
    let config = EngineConfig {
        measure: Measure::Chosen,
        ..EngineConfig::default()
    };
    let engine = Engine::start_with(config, Box::new(transport)).expect("an engine");
    let type_name = TypeName::new("std_msgs/msg/Float64").expect("a name");
    let name = |n: u32| TopicName::new(&format!("/fast{n}")).expect("a name");
    let mut writers: Vec<_> = (0..FAST)
        .map(|n| network.writer(&name(n), &type_name, Qos::RELIABLE))
        .collect();
    let image = TopicName::new("/image").expect("a name");
    let mut camera = network.writer(
        &image,
        &TypeName::new("sensor_msgs/msg/Image").expect("a name"),
        Qos::RELIABLE,
    );
    engine
        .start_recording(RecordRequest {
            split: SplitRule {
                max_bytes: None,
                max_duration: Some(Duration::from_secs(1)),
            },
            reserve_bytes: 1 << 20,
            ..RecordRequest::new(Selection::All, &directory)
        })
        .expect("started");
    common::until("readers of all topics", || {
        std::thread::sleep(Duration::from_millis(5));
        (network.subscriptions().len() == FAST as usize + 1).then_some(())
    });
    let frame: std::sync::Arc<[u8]> = vec![0x5a; 1 << 20].into();
    let began = Instant::now();
    let mut frames = 0_u64;
    let total = SECS * 1000;
    for tick in 0..total {
        for writer in &mut writers {
            let _ = writer.publish(float(tick as f64).into());
        }
        if tick * 30 / 1000 >= frames {
            let _ = camera.publish(std::sync::Arc::clone(&frame));
            frames += 1;
        }
        let due = Duration::from_millis(tick);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
    }
    engine.stop_recording();
    let mut splits = 0;
    let finished = common::until("the end of the recording", || {
        engine.updates().into_iter().find_map(|update| match update {
            Update::RecordingSplit { .. } => {
                splits += 1;
                None
            }
            Update::RecordingFinished(finished) => Some(finished),
            Update::Error(text) => panic!("{text}"),
            _ => None,
        })
    });
    assert_eq!(finished.state, FinishedState::Complete);
    // What the transport in memory overruns while this machine is busy is counted, and is not the recorder's.
    assert_eq!(
        (finished.loss.record.known(), finished.loss.disk.known()),
        (Some(0), Some(0)),
        "{:?}",
        finished.loss
    );
    let overrun = finished.loss.reader.known().expect("known") + finished.loss.transport.known().expect("known");
    let mut read = 0_u64;
    let mut seen: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let files = split_files(&directory);
    assert!(files.len() >= 5 && files.len() == finished.files as usize, "{files:?}");
    for file in &files {
        for message in read_whole(file)
            .into_iter()
            .filter(|m| !m.topic.starts_with("/roswave/"))
        {
            read += 1;
            seen.entry(message.topic).or_default().push(message.sequence);
        }
    }
    assert_eq!(
        read + overrun,
        u64::from(FAST) * total + frames,
        "every message is there or counted"
    );
    for (topic, sequences) in &seen {
        assert!(
            sequences.windows(2).all(|pair| pair[0] < pair[1]),
            "{topic} is in order"
        );
        let sent = if topic == "/image" { frames } else { total };
        if overrun == 0 {
            let all: Vec<u32> = (1..=u32::try_from(sent).expect("few")).collect();
            assert_eq!(sequences, &all, "{topic} is complete");
        }
    }
    println!(
        "{} files, {splits} told, {} MB, never more than {:.3} s unsafe, overrun {overrun}",
        files.len(),
        finished.bytes / 1_000_000,
        finished.slowest_safe_s
    );
    let _ = engine.shutdown(Duration::from_secs(10));
}

#[test]
fn the_recorder_tells_of_every_split() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(RecordRequest {
        split: SplitRule {
            max_bytes: None,
            max_duration: Some(Duration::from_millis(200)),
        },
        ..request(&directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let end = Instant::now() + Duration::from_millis(1100);
    let mut sent = 0;
    while Instant::now() < end {
        sent += 1;
        rig.push(0, &arrival(&float(1.0), Timestamp::now().0, sent));
        std::thread::sleep(Duration::from_millis(2));
    }
    let status = wait_for(&rig.recorder, "several files", |s| s.files >= 4);
    let events = common::until("the events", || {
        let splits: Vec<_> = rig.recorder.events();
        (!splits.is_empty()).then_some(splits)
    });
    let splits = events
        .iter()
        .filter(|event| matches!(event, RecordingEvent::Split { messages, .. } if *messages > 0));
    assert!(splits.count() >= 2, "{events:?} at {} files", status.files);
    assert_eq!(messages_of_others(&rig.finish()), sent);
}
