//! The last moments are kept in memory and written when something says that they matter.

#[path = "record/common.rs"]
mod common;

use std::time::{Duration, Instant};

use common::{LIMIT, Rig, arrival, float, float_channel, read_whole, request, split_files, until, wait_for};
use roswave_engine::clock::Timestamp;
use roswave_engine::qos::Qos;
use roswave_engine::record::{Condition, FinishedState, RecordRequest, RecordingEvent, Trigger};

fn start(directory: &std::path::Path, trigger: Trigger) -> Rig {
    let rig = Rig::start(RecordRequest {
        trigger: Some(trigger),
        ..request(directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig
}

/// Pushes one message every two milliseconds for this long, and gives the number behind the last.
fn push_for(rig: &mut Rig, mut next: u64, time: Duration) -> u64 {
    let end = Instant::now() + time;
    while Instant::now() < end {
        rig.push(0, &arrival(&float(next as f64), Timestamp::now().0, next));
        next += 1;
        std::thread::sleep(Duration::from_millis(2));
    }
    next
}

fn sequences(file: &std::path::Path, topic: &str) -> Vec<u64> {
    let messages = read_whole(file).into_iter().filter(|m| m.topic == topic);
    messages.map(|m| u64::from(m.sequence)).collect()
}

#[test]
fn the_past_and_what_follows_are_written_for_each_trigger() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let trigger = Trigger {
        pre: Duration::from_millis(300),
        post: Some(Duration::from_millis(200)),
        ..Trigger::default()
    };
    let mut rig = start(&directory, trigger);
    let mut latched = float_channel(1, "/latched");
    latched.offered_qos = vec![Qos::LATCHED];
    rig.recorder.channel(latched).expect("room");
    rig.push(1, &arrival(&float(7.0), Timestamp::now().0, 7));
    let mut next = push_for(&mut rig, 0, Duration::from_millis(900));
    let status = wait_for(&rig.recorder, "a full box", |s| {
        s.box_.is_some_and(|b| b.armed && b.passed > 50)
    });
    let kept = status.box_.expect("a box");
    assert!((0.2..0.5).contains(&kept.seconds), "{kept:?}");
    assert_eq!(
        (status.messages, status.unsafe_s),
        (0, 0.0),
        "what is only kept is not on its way"
    );

    let mut windows = Vec::new();
    for capture in 1..=2 {
        let fired = next;
        rig.recorder.trigger("a test").expect("room");
        next = push_for(&mut rig, next, Duration::from_millis(500));
        let _ = wait_for(&rig.recorder, "the box to be armed again", |s| {
            s.box_.is_some_and(|b| b.armed && b.captures == capture)
        });
        next = push_for(&mut rig, next, Duration::from_millis(500));
        windows.push(fired);
    }
    let events = until("the triggers", || {
        let events = rig.recorder.events();
        (!events.is_empty()).then_some(events)
    });
    assert!(
        events.contains(&RecordingEvent::Triggered("a test".to_owned())),
        "{events:?}"
    );
    let finished = rig.finish();
    assert_eq!(finished.state, FinishedState::Complete);
    let files = split_files(&directory);
    assert_eq!(files.len(), 2, "a file for each: {files:?}");
    for (file, fired) in files.iter().zip(windows) {
        let seen = sequences(file, "/f64");
        let (first, last) = (seen[0], seen[seen.len() - 1]);
        assert_eq!(
            seen,
            (first..=last).collect::<Vec<_>>(),
            "no gap where the past meets the present"
        );
        assert!(first + 30 < fired && first + 160 > fired, "{first} before {fired}");
        assert!(last > fired + 20 && last < fired + 160, "{last} behind {fired}");
        assert_eq!(
            sequences(file, "/latched"),
            [7],
            "what a latched writer said before belongs to it"
        );
    }
    assert_eq!(finished.loss.disk.known(), Some(0));
}

#[test]
fn the_box_is_bounded_in_bytes() {
    let root = tempfile::tempdir().expect("a directory");
    let trigger = Trigger {
        pre: Duration::from_secs(3600),
        pre_bytes: 1 << 20,
        ..Trigger::default()
    };
    let directory = root.path().join("run");
    let mut rig = start(&directory, trigger);
    for i in 0..4000 {
        rig.push(0, &arrival(&[3; 1000], Timestamp::now().0, i));
    }
    let status = wait_for(&rig.recorder, "all messages", |s| {
        s.box_.is_some_and(|b| b.passed + b.messages == 4000)
    });
    let kept = status.box_.expect("a box");
    assert!(kept.bytes <= 1 << 20 && kept.messages > 800, "{kept:?}");
    rig.recorder.trigger("a test").expect("room");
    let _ = wait_for(&rig.recorder, "the past", |s| s.safe >= kept.messages);
    // Without an end it goes on until it is stopped.
    rig.push(0, &arrival(&[3; 1000], Timestamp::now().0, 4000));
    let _ = rig.finish();
    let seen = sequences(&split_files(&directory)[0], "/f64");
    assert_eq!(seen, (4000 - kept.messages..=4000).collect::<Vec<_>>());
}

#[test]
fn without_a_trigger_nothing_is_written() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = start(
        &directory,
        Trigger {
            pre: Duration::from_secs(10),
            ..Trigger::default()
        },
    );
    let _ = push_for(&mut rig, 0, Duration::from_millis(100));
    let finished = rig.finish();
    assert_eq!((&finished.state, finished.messages), (&FinishedState::Complete, 0));
    assert_eq!(finished.loss.known_total(), 0, "what nobody asked for is not lost");
}

#[test]
fn conditions_start_and_stop() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let condition = |text: &str| text.parse::<Condition>().expect("a condition");
    let mut rig = Rig::start(RecordRequest {
        trigger: Some(Trigger {
            pre: Duration::from_secs(10),
            when: vec![condition("appears:/start")],
            ..Trigger::default()
        }),
        stop_when: vec![condition("silent:/f64:400ms")],
        ..request(&directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.recorder.channel(float_channel(1, "/start")).expect("room");
    let next = push_for(&mut rig, 0, Duration::from_millis(200));
    assert_eq!(rig.recorder.status().messages, 0);
    rig.push(1, &arrival(&float(0.0), Timestamp::now().0, 0));
    let _ = wait_for(&rig.recorder, "the capture", |s| s.box_.is_some_and(|b| !b.armed));
    let next = push_for(&mut rig, next, Duration::from_millis(200));
    // Silence ends it.
    let finished = rig.recorder.join(LIMIT).expect("it ends by itself");
    assert_eq!(finished.state, FinishedState::Complete);
    assert_eq!(
        sequences(&split_files(&directory)[0], "/f64"),
        (0..next).collect::<Vec<_>>()
    );
}

#[test]
fn a_schedule_starts_and_a_duration_counts_from_there() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let at = Timestamp(Timestamp::now().0 + 500_000_000);
    let mut rig = Rig::start(RecordRequest {
        trigger: Some(Trigger {
            at: Some(at),
            ..Trigger::default()
        }),
        max_duration: Some(Duration::from_millis(400)),
        ..request(&directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let _ = push_for(&mut rig, 0, Duration::from_millis(1200));
    let _ = rig.recorder.join(LIMIT).expect("it ends by itself");
    let times: Vec<u64> = read_whole(&split_files(&directory)[0])
        .iter()
        .map(|m| m.log_time)
        .collect();
    let first = i64::try_from(times[0]).expect("a time") - at.0;
    let last = i64::try_from(times[times.len() - 1]).expect("a time") - at.0;
    assert!(
        (-10_000_000..300_000_000).contains(&first),
        "begins {first} ns after the time"
    );
    assert!(last < 700_000_000, "ends {last} ns after it");
}
