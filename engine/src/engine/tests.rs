//! The whole engine over the memory transport.

use std::time::Duration;

use super::*;
use crate::clock::{Timestamp, monotonic_ns};
use crate::ingest::ROW_HEADER;
use crate::loss::Count;
use crate::name::TypeName;
use crate::qos::{Durability, Qos, Reliability};
use crate::record::{FinishedState, Selection};
use crate::transport::memory::{MemoryNetwork, MemoryWriter, memory};

const PATIENCE: Duration = Duration::from_secs(20);

fn topic(name: &str) -> TopicName {
    TopicName::new(name).expect("a name")
}

fn float64() -> TypeName {
    TypeName::new("std_msgs/msg/Float64").expect("a name")
}

fn payload(value: f64) -> Arc<[u8]> {
    let mut bytes = vec![0, 1, 0, 0];
    bytes.extend(value.to_le_bytes());
    bytes.into()
}

fn engine(measure: Measure) -> (Engine, MemoryNetwork) {
    let (transport, network) = memory(true);
    let config = EngineConfig {
        measure,
        ..EngineConfig::default()
    };
    (
        Engine::start_with(config, Box::new(transport)).expect("an engine"),
        network,
    )
}

/// Looks until `see` gives something.
fn eventually<T>(what: &str, mut see: impl FnMut() -> Option<T>) -> T {
    let began = monotonic_ns();
    loop {
        if let Some(seen) = see() {
            return seen;
        }
        let waited = Duration::from_nanos((monotonic_ns() - began).unsigned_abs());
        assert!(waited < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn status(engine: &Engine, name: &str, what: &str, good: impl Fn(&TopicStatus) -> bool) -> TopicStatus {
    eventually(what, || {
        let snapshot = engine.snapshot();
        snapshot.topics.get(&topic(name)).filter(|status| good(status)).cloned()
    })
}

fn publish(writer: &mut MemoryWriter, values: std::ops::Range<u32>) {
    for n in values {
        assert_eq!(writer.publish(payload(f64::from(n))), 1);
    }
}

#[test]
fn counts_what_is_published_and_what_is_lost() {
    let (engine, network) = engine(Measure::All);
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let open = status(&engine, "/a", "a subscription", |s| s.subscribed);
    assert!(matches!(open.definition, DefinitionState::Found(..)), "{open:?}");
    publish(&mut writer, 0..500);
    writer.lose(7);
    publish(&mut writer, 500..1000);
    let report = status(&engine, "/a", "a thousand messages", |s| {
        s.report.is_some_and(|r| r.messages == 1000)
    });
    let report = report.report.expect("measured");
    assert_eq!(report.loss.transport, Count::Known(7));
    assert_eq!(report.loss.reader, Count::Known(0));
    assert_eq!(report.bytes, 12_000);
    let totals = eventually("totals", || {
        let totals = engine.snapshot().totals;
        (totals.messages == 1000).then_some(totals)
    });
    assert_eq!(totals.loss.expect("subscribed").known_total(), 7);
    let report = engine.shutdown(PATIENCE);
    assert_eq!(report.threads_left, [""; 0]);
}

#[test]
fn hidden_large_and_unasked_topics_are_not_read() {
    let (all, network) = engine(Measure::All);
    let image = TypeName::new("sensor_msgs/msg/Image").expect("a name");
    let _writers = [
        network.writer(&topic("/rosout"), &float64(), Qos::RELIABLE),
        network.writer(&topic("/camera"), &image, Qos::SENSOR),
        network.writer(&topic("/a"), &float64(), Qos::RELIABLE),
    ];
    let _ = status(&all, "/a", "a subscription", |s| s.subscribed);
    assert_eq!(network.subscriptions().len(), 1);
    all.measure(&topic("/camera"), true);
    let _ = status(&all, "/camera", "the camera", |s| s.subscribed);
    all.measure(&topic("/camera"), false);
    let _ = status(&all, "/camera", "the camera's end", |s| !s.subscribed);

    let (chosen, network) = engine(Measure::Chosen);
    let _writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let seen = status(&chosen, "/a", "the topic", |s| s.type_name.is_some());
    assert!(!seen.subscribed && seen.report.is_none(), "{seen:?}");
}

#[test]
fn a_reader_follows_the_offers_without_losing_a_message() {
    let (engine, network) = engine(Measure::All);
    let mut first = network.writer(&topic("/a"), &float64(), Qos::LATCHED);
    let open = status(&engine, "/a", "a reader", |s| s.subscribed);
    let qos = open.reader_qos.expect("subscribed");
    assert_eq!(
        (qos.reliability, qos.durability),
        (Reliability::Reliable, Durability::TransientLocal)
    );
    publish(&mut first, 0..100);
    let mut second = network.writer(&topic("/a"), &float64(), Qos::SENSOR);
    // Published all along, while two readers overlap.
    let mut sent = 100;
    let changed = eventually("another reader", || {
        let _ = first.publish(payload(0.0));
        sent += 1;
        let snapshot = engine.snapshot();
        let status = &snapshot.topics[&topic("/a")];
        status.reader_qos.filter(|q| q.reliability == Reliability::BestEffort)
    });
    assert_eq!(changed.durability, Durability::Volatile);
    for _ in 0..100 {
        let _ = first.publish(payload(1.0));
        let _ = second.publish(payload(2.0));
        sent += 2;
    }
    eventually("the end of the first reader", || {
        (network.subscriptions().len() == 1).then_some(())
    });
    publish(&mut first, 0..10);
    sent += 10;
    let end = status(&engine, "/a", "all messages", |s| {
        s.report.is_some_and(|r| r.messages >= sent)
    });
    let report = end.report.expect("measured");
    assert_eq!(report.messages, sent, "each is counted once");
    assert_eq!(report.loss.known_total(), 0);
    assert_eq!(network.readers_made(), 2);
}

#[test]
fn a_topic_with_two_types_says_so() {
    let (engine, network) = engine(Measure::All);
    let other = TypeName::new("std_msgs/msg/String").expect("a name");
    let _first = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let _second = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let _third = network.writer(&topic("/a"), &other, Qos::RELIABLE);
    let status = status(&engine, "/a", "the problem", |s| s.problem.is_some());
    let problem = status.problem.expect("asked for");
    assert!(
        problem.contains("std_msgs/msg/Float64") && problem.contains("std_msgs/msg/String"),
        "{problem}"
    );
    assert_eq!(status.type_name, Some(float64()));
}

#[test]
fn an_unknown_type_is_read_raw() {
    let (engine, network) = engine(Measure::All);
    let strange = TypeName::new("strange_msgs/msg/Thing").expect("a name");
    let mut writer = network.writer(&topic("/a"), &strange, Qos::RELIABLE);
    let status = status(&engine, "/a", "a reader", |s| s.subscribed);
    assert!(status.schema.is_none());
    let problem = status.problem.expect("no definition");
    assert!(problem.contains("strange_msgs/msg/Thing"), "{problem}");
    publish(&mut writer, 0..3);
    let path = FieldPath::parse("data").expect("a path");
    let error = engine.plot(&topic("/a"), &[path]).expect_err("no definition");
    assert!(matches!(error, EngineError::NoDefinition { .. }), "{error}");
}

#[test]
fn a_refused_subscription_is_a_problem_and_tried_again() {
    let (engine, network) = engine(Measure::All);
    network.refuse(Some("no more readers"));
    let _writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let refused = status(&engine, "/a", "the problem", |s| s.problem.is_some());
    assert!(refused.problem.expect("refused").contains("no more readers"));
    assert!(matches!(&engine.updates()[..], [Update::Warning(text)] if text.contains("/a")));
    network.refuse(None);
    let _ = status(&engine, "/a", "the second try", |s| s.subscribed && s.problem.is_none());
}

#[test]
fn plotted_rows_are_the_published_values() {
    let (engine, network) = engine(Measure::Chosen);
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let _ = status(&engine, "/a", "the topic", |s| s.schema.is_some());
    let wrong = FieldPath::parse("dta").expect("a path");
    assert!(matches!(
        engine.plot(&topic("/a"), &[wrong]),
        Err(EngineError::Plan { .. })
    ));
    assert!(matches!(
        engine.plot(&topic("/b"), &[]),
        Err(EngineError::UnknownTopic(_))
    ));
    let data = FieldPath::parse("data").expect("a path");
    let mut feed = engine.plot(&topic("/a"), std::slice::from_ref(&data)).expect("a feed");
    assert_eq!((&feed.fields[..], feed.rows.width()), (&[data][..], 1));
    let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
    let wake = engine.wake_handle();
    let began = Timestamp::now();
    // More than the first ring holds, and quicker than it was made for: it is drained and replaced meanwhile.
    let mut values = Vec::new();
    for n in (0..20_000_u32).step_by(500) {
        if n == 10_000 {
            writer.lose(1);
        }
        publish(&mut writer, n..n + 500);
        eventually("ingest", || (network.waiting() == 0).then_some(()));
        let _ = feed
            .rows
            .for_each(|row| values.push((row[0], row[2], f64::from_bits(row[ROW_HEADER]))));
    }
    eventually("all rows", || {
        let _ = wake.take_dirty();
        let _ = feed
            .rows
            .for_each(|row| values.push((row[0], row[2], f64::from_bits(row[ROW_HEADER]))));
        (values.len() == 20_000).then_some(())
    });
    assert!(values[0].0 >= began.0.cast_unsigned());
    for (expected, (_, flags, value)) in (0_u32..).zip(&values) {
        assert_eq!(
            (*value, flags & crate::ingest::FLAG_GAP != 0),
            (f64::from(expected), expected == 10_000)
        );
    }
    let report = status(&engine, "/a", "the figures", |s| {
        s.report.is_some_and(|r| r.messages == 20_000)
    });
    assert_eq!(report.report.expect("measured").loss.plot, Count::Known(0));
    engine.unplot(&topic("/a"));
    let _ = status(&engine, "/a", "the reader's end", |s| !s.subscribed);
}

#[test]
fn inspected_messages_end_with_the_last() {
    let (engine, network) = engine(Measure::Chosen);
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    engine.inspect(&topic("/a"), true);
    let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
    publish(&mut writer, 0..1000);
    let _ = status(&engine, "/a", "the last message", |s| {
        s.latest.as_ref().is_some_and(|a| a.payload == payload(999.0))
    });
    let rate_hz = |s: &TopicStatus| s.report.and_then(|report| report.rate_hz);
    let _ = status(&engine, "/a", "a rate", |s| rate_hz(s).is_some());
    engine.inspect(&topic("/a"), false);
    let ended = status(&engine, "/a", "nothing any more", |s| {
        s.latest.is_none() && !s.subscribed
    });
    assert_eq!(rate_hz(&ended), None, "nobody measures it");
    assert_eq!(ended.report.map(|report| report.messages), Some(1000));
}

#[test]
fn a_tap_gets_every_message() {
    let (engine, network) = engine(Measure::Chosen);
    let mut tap = engine.tap(&[topic("/b"), topic("/a")]).expect("a tap");
    let waiting = status(&engine, "/a", "the wish", |s| s.problem.is_some());
    assert!(waiting.problem.expect("nobody publishes").contains("/a"));
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
    publish(&mut writer, 0..3000);
    for n in 0..3000 {
        let outgoing = tap.next(PATIENCE).expect("a message");
        assert_eq!(tap.topic(outgoing.topic), Some(&topic("/a")));
        assert_eq!(outgoing.arrival.payload, payload(f64::from(n)));
    }
    assert_eq!(tap.lost(), 0);
    drop(tap);
    let _ = status(&engine, "/a", "the reader's end", |s| !s.subscribed);
}

fn request(directory: &std::path::Path, selection: Selection) -> RecordRequest {
    RecordRequest {
        quota_bytes: 64 << 20,
        ..RecordRequest::new(selection, directory)
    }
}

fn finished(engine: &Engine) -> Finished {
    eventually("the end of the recording", || {
        engine.updates().into_iter().find_map(|update| match update {
            Update::RecordingFinished(finished) => Some(finished),
            _ => None,
        })
    })
}

#[test]
fn stopping_a_recording_loses_nothing() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (engine, network) = engine(Measure::Chosen);
    let mut early = network.writer(&topic("/early"), &float64(), Qos::RELIABLE);
    let _ = status(&engine, "/early", "the topic", |s| s.type_name.is_some());
    let directory = scratch.path().join("bag");
    engine
        .start_recording(request(&directory, Selection::All))
        .expect("started");
    let twice = engine.start_recording(request(&directory, Selection::All));
    assert!(matches!(twice, Err(EngineError::AlreadyRecording(_))));
    let _ = status(&engine, "/early", "a reader", |s| s.subscribed);
    let mut late = network.writer(&topic("/late"), &float64(), Qos::RELIABLE);
    let _ = status(&engine, "/late", "a reader", |s| s.subscribed);
    for n in 0..2000 {
        publish(&mut early, n..n + 1);
        publish(&mut late, n..n + 1);
    }
    // Whatever was published before this is in the file.
    engine.stop_recording();
    let finished = finished(&engine);
    assert_eq!(finished.state, FinishedState::Complete);
    assert_eq!(
        (finished.messages, finished.loss.known_total()),
        (4000, 0),
        "{finished:?}"
    );
    let _ = status(&engine, "/early", "the reader's end", |s| !s.subscribed);
    let bytes = std::fs::read(directory.join("bag_0.mcap")).expect("the file");
    let messages = mcap::MessageStream::new(&bytes).expect("an MCAP file");
    assert_eq!(messages.filter(Result::is_ok).count(), 4000);
    let report = engine.shutdown(PATIENCE);
    assert_eq!((report.threads_left, report.recording), (Vec::new(), None));
}

#[test]
fn messages_of_another_type_get_a_channel_of_their_own() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (engine, network) = engine(Measure::Chosen);
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let _ = status(&engine, "/a", "the topic", |s| s.type_name.is_some());
    let directory = scratch.path().join("bag");
    engine
        .start_recording(request(&directory, Selection::All))
        .expect("started");
    let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
    publish(&mut writer, 0..100);
    drop(writer);
    let int64 = TypeName::new("std_msgs/msg/Int64").expect("a name");
    let mut writer = network.writer(&topic("/a"), &int64, Qos::RELIABLE);
    let _ = status(&engine, "/a", "the other type", |s| {
        s.type_name.as_ref() == Some(&int64) && s.subscribed
    });
    eventually("a reader of the other type", || {
        let subscriptions = network.subscriptions();
        subscriptions.iter().any(|s| s.type_name == int64).then_some(())
    });
    publish(&mut writer, 0..50);
    engine.stop_recording();
    let finished = finished(&engine);
    assert_eq!(
        (finished.messages, finished.loss.known_total()),
        (150, 0),
        "{finished:?}"
    );
    let bytes = std::fs::read(directory.join("bag_0.mcap")).expect("the file");
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for message in mcap::MessageStream::new(&bytes).expect("an MCAP file") {
        let message = message.expect("a message");
        let schema = message.channel.schema.as_ref().expect("a schema").name.clone();
        *counts.entry(schema).or_default() += 1;
    }
    let expected = [("std_msgs/msg/Float64", 100), ("std_msgs/msg/Int64", 50)];
    assert_eq!(counts, expected.map(|(name, n)| (name.to_owned(), n)).into());
    let _ = engine.shutdown(PATIENCE);
}

#[test]
fn a_reader_asks_for_as_much_as_is_offered_again() {
    let (engine, network) = engine(Measure::All);
    let reliability = |expected| {
        eventually("the reader's reliability", || {
            let subscriptions = network.subscriptions();
            let newest = subscriptions.iter().rfind(|s| s.topic == topic("/a"))?;
            (newest.qos.reliability == expected).then_some(())
        });
    };
    let weak = Qos {
        reliability: Reliability::BestEffort,
        ..Qos::RELIABLE
    };
    let strong = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    reliability(Reliability::Reliable);
    let other = network.writer(&topic("/a"), &float64(), weak);
    reliability(Reliability::BestEffort);
    drop(other);
    reliability(Reliability::Reliable);
    drop(strong);
    let _ = engine.shutdown(PATIENCE);
}

#[test]
fn what_latched_writers_keep_is_recorded_although_it_was_received_before() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (engine, network) = engine(Measure::All);
    let mut gone = network.writer(&topic("/a"), &float64(), Qos::LATCHED);
    let mut stays = network.writer(&topic("/a"), &float64(), Qos::LATCHED);
    let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
    publish(&mut gone, 0..1);
    publish(&mut stays, 1..4);
    let _ = status(&engine, "/a", "the figures", |s| {
        s.report.is_some_and(|r| r.messages == 4)
    });
    drop(gone);
    eventually("the writer's end", || {
        let graph = Arc::clone(&engine.snapshot().graph);
        (graph.topics[&topic("/a")].writers.len() == 1).then_some(())
    });
    engine.inspect(&topic("/a"), true);
    let _ = status(&engine, "/a", "the last message", |s| {
        s.latest.as_ref().is_some_and(|a| a.payload == payload(3.0))
    });
    let began = Timestamp::now();
    let directory = scratch.path().join("bag");
    engine
        .start_recording(request(&directory, Selection::All))
        .expect("started");
    engine.stop_recording();
    assert_eq!(finished(&engine).messages, 1, "the last of the writer that is there");
    let bytes = std::fs::read(directory.join("bag_0.mcap")).expect("the file");
    let messages: Vec<_> = mcap::MessageStream::new(&bytes)
        .expect("an MCAP file")
        .map(|message| message.expect("whole"))
        .collect();
    assert_eq!(&messages[0].data[..], &payload(3.0)[..]);
    assert!(messages[0].log_time >= began.0.cast_unsigned(), "received anew");
}

#[test]
fn a_directory_in_use_refuses_the_recording() {
    let scratch = tempfile::tempdir().expect("a directory");
    std::fs::write(scratch.path().join("mine"), "x").expect("a file");
    let (engine, _network) = engine(Measure::Chosen);
    engine
        .start_recording(request(scratch.path(), Selection::All))
        .expect("sent");
    let reason = eventually("the refusal", || {
        engine.updates().into_iter().find_map(|update| match update {
            Update::RecordingRefused(reason) => Some(reason),
            _ => None,
        })
    });
    assert!(reason.contains(&*scratch.path().to_string_lossy()), "{reason}");
    let again = request(&scratch.path().join("new"), Selection::All);
    engine.start_recording(again).expect("the refused one does not count");
}

#[test]
fn ten_recordings_leave_nothing_behind() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (engine, network) = engine(Measure::Chosen);
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    for round in 0..10 {
        let directory = scratch.path().join(format!("round{round}"));
        let selection = Selection::Topics(vec![topic("/a")]);
        engine.start_recording(request(&directory, selection)).expect("started");
        let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
        publish(&mut writer, 0..100);
        engine.stop_recording();
        assert_eq!(finished(&engine).messages, 100);
        let _ = status(&engine, "/a", "the reader's end", |s| !s.subscribed);
    }
    assert_eq!(network.readers_made(), 10);
    assert!(network.subscriptions().is_empty());
    let report = engine.shutdown(PATIENCE);
    assert_eq!(report.threads_left, [""; 0]);
}

#[test]
fn shutdown_finishes_the_recording() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (engine, network) = engine(Measure::All);
    let mut writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
    let directory = scratch.path().join("bag");
    engine
        .start_recording(request(&directory, Selection::All))
        .expect("started");
    let _ = eventually("the start", || {
        engine
            .updates()
            .into_iter()
            .find(|u| matches!(u, Update::RecordingStarted { .. }))
    });
    let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
    publish(&mut writer, 0..1000);
    let report = engine.shutdown(PATIENCE);
    let finished = report.recording.expect("one was running");
    assert_eq!((finished.state, finished.messages), (FinishedState::Complete, 1000));
    assert_eq!(report.threads_left, [""; 0]);
    assert!(report.took < Duration::from_secs(2), "{:?}", report.took);
    assert!(directory.join("metadata.yaml").exists());
}

#[test]
fn an_engine_may_be_dropped() {
    for _ in 0..10 {
        let (engine, network) = engine(Measure::All);
        let _writer = network.writer(&topic("/a"), &float64(), Qos::RELIABLE);
        let _ = status(&engine, "/a", "a reader", |s| s.subscribed);
        drop(engine);
        // Its transport went with it.
        let (mut other, _network) = memory(true);
        assert!(crate::transport::Transport::source(&mut other).is_some());
    }
}
