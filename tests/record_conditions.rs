//! Expressions over fields of topics start, trigger and stop recordings.

#[path = "record/common.rs"]
mod common;

use std::time::Duration;

use common::{LIMIT, Rig, arrival, channel, float, float_channel, read_whole, request, split_files, until, wait_for};
use roswave_engine::clock::Timestamp;
use roswave_engine::record::{Condition, FinishedState, RecordRequest, RecordingEvent, Trigger};

fn condition(text: &str) -> Condition {
    text.parse().expect("a condition")
}

fn triggered(directory: &std::path::Path, when: &str) -> RecordRequest {
    RecordRequest {
        trigger: Some(Trigger {
            pre: Duration::from_secs(10),
            when: vec![condition(when)],
            ..Trigger::default()
        }),
        ..request(directory)
    }
}

fn say(rig: &mut Rig, topic: u32, value: f64, number: u64) {
    rig.push(topic, &arrival(&float(value), Timestamp::now().0, number));
}

#[test]
fn a_moment_in_which_it_is_true_is_enough_and_another_one_ends_it() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(RecordRequest {
        stop_when: vec![condition("expression:/f64:data < -100")],
        ..triggered(&directory, "expression:/f64:data > 5 && /mode:data == 2")
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.recorder.channel(float_channel(1, "/mode")).expect("room");
    // Too large, but in another mode; then the right mode, but small.
    for number in 0..20 {
        say(&mut rig, 0, if number < 10 { 9.0 } else { 1.0 }, number);
        if number == 10 {
            say(&mut rig, 1, 2.0, 0);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let armed = wait_for(&rig.recorder, "twenty messages in memory", |status| {
        status.box_.is_some_and(|b| b.messages == 21)
    });
    assert!(armed.box_.is_some_and(|b| b.armed), "{:?}", armed.box_);
    // One message out of many, between two looks.
    for number in 20..40 {
        say(&mut rig, 0, if number == 30 { 5.5 } else { 1.0 }, number);
    }
    let _ = wait_for(&rig.recorder, "the capture", |s| s.box_.is_some_and(|b| !b.armed));
    let why = until("why", || {
        rig.recorder.events().into_iter().find_map(|event| match event {
            RecordingEvent::Triggered(why) => Some(why),
            _ => None,
        })
    });
    assert_eq!(why, "/f64:data > 5 && /mode:data == 2 came true");
    say(&mut rig, 0, -101.0, 40);
    let finished = rig.recorder.join(LIMIT).expect("it ends by itself");
    assert_eq!(finished.state, FinishedState::Complete);
    let read = read_whole(&split_files(&directory)[0]);
    let numbers = read.iter().filter(|m| m.topic == "/f64").map(|m| m.sequence);
    assert_eq!(numbers.collect::<Vec<_>>(), (0..41).collect::<Vec<_>>());
}

#[test]
fn a_definition_that_comes_later_makes_it_work() {
    let root = tempfile::tempdir().expect("a directory");
    let mut rig = Rig::start(triggered(&root.path().join("run"), "expression:/late:data > 1"));
    rig.recorder
        .channel(channel(0, "/late", "std_msgs/msg/Float64", None))
        .expect("room");
    say(&mut rig, 0, 9.0, 0);
    std::thread::sleep(Duration::from_millis(200));
    assert!(
        rig.recorder.status().box_.is_some_and(|b| b.armed),
        "nobody knows what it is"
    );
    rig.recorder.channel(float_channel(0, "/late")).expect("room");
    say(&mut rig, 0, 9.0, 1);
    let _ = wait_for(&rig.recorder, "the capture", |s| s.box_.is_some_and(|b| !b.armed));
    let finished = rig.finish();
    assert_eq!(finished.messages, 2);
}

#[test]
fn a_field_that_the_type_does_not_have_is_told() {
    let root = tempfile::tempdir().expect("a directory");
    let mut rig = Rig::start(triggered(&root.path().join("run"), "expression:/f64:speed > 1"));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    say(&mut rig, 0, 9.0, 0);
    let told = until("a warning", || {
        rig.recorder.events().into_iter().find_map(|event| match event {
            RecordingEvent::Warning(text) if text.contains("cannot come true") => Some(text),
            _ => None,
        })
    });
    for part in ["/f64:speed > 1", "std_msgs/msg/Float64", "speed"] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(rig.finish().messages, 0);
}
