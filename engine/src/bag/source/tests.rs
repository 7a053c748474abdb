//! What a recording is to the window: its topics, its density, its notes, and its values in the store.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mcap::records::MessageHeader;

use super::*;
use crate::cdr::{Encoder, FieldPath, FieldPlan};
use crate::engine::WakeFlag;
use crate::ingest::ClockSource;
use crate::record::ledger::BOOKMARKS_TOPIC;
use crate::series::Store;

const MS: u64 = 1_000_000;
/// The first message.
const START: u64 = 1_700_000_000_000_000_000;

struct Recording {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

/// A kilohertz of vectors for `count` milliseconds, a flag every hundredth, and two notes.
fn recording(count: u64) -> Recording {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("run.mcap");
    let file = BufWriter::new(File::create(&path).expect("a file"));
    let options = mcap::WriteOptions::new().compression(None).chunk_size(Some(64 * 1024));
    let mut writer = options.create(file).expect("a writer");
    let none = BTreeMap::new();
    let vector = writer
        .add_schema(
            "geometry_msgs/msg/Vector3",
            "ros2msg",
            b"float64 x\nfloat64 y\nfloat64 z\n",
        )
        .expect("a schema");
    let flag = writer
        .add_schema("std_msgs/msg/Bool", "ros2msg", b"bool data\n")
        .expect("a schema");
    let force = writer.add_channel(vector, "/force", "cdr", &none).expect("a channel");
    let contact = writer.add_channel(flag, "/contact", "cdr", &none).expect("a channel");
    let odd = writer
        .add_channel(0, "no name of ROS", "cdr", &none)
        .expect("a channel");
    let notes = writer
        .add_channel(0, BOOKMARKS_TOPIC, "json", &none)
        .expect("a channel");
    let marked = BTreeMap::from([((START + 7 * MS).to_string(), "it slipped".to_owned())]);
    let note = mcap::records::Metadata {
        name: crate::record::ledger::BOOKMARKS.to_owned(),
        metadata: marked,
    };
    writer.write_metadata(&note).expect("written");
    let mut write = |channel_id: u16, n: u64, payload: &[u8]| {
        let header = MessageHeader {
            channel_id,
            sequence: n as u32,
            log_time: START + n * MS,
            publish_time: START + n * MS - 1000,
        };
        writer.write_to_known_channel(&header, payload).expect("written");
    };
    for n in 0..count {
        let mut encoder = Encoder::new();
        for value in [n as f64, -(n as f64), 0.5] {
            encoder.f64(value);
        }
        write(force, n, encoder.payload());
        if n % 100 == 0 {
            write(contact, n, &[0, 1, 0, 0, u8::from(n % 200 == 0)]);
        }
        match n {
            1 => write(odd, n, &[0, 1, 0, 0]),
            5 => write(notes, n, b"{}"),
            _ => {}
        }
    }
    let _ = writer.finish().expect("finished");
    drop(writer);
    Recording {
        _directory: directory,
        path,
    }
}

fn open(recording: &Recording) -> BagSource {
    BagSource::open(&recording.path, &mut Registry::default()).expect("it opens")
}

fn topic(name: &str) -> TopicName {
    TopicName::new(name).expect("a name")
}

fn fields(names: &[&str]) -> Vec<FieldPath> {
    let parsed = names.iter().map(|name| FieldPath::parse(name).expect("a path"));
    parsed.collect()
}

fn store(budget_bytes: u64) -> Store {
    let mut store = Store::new(budget_bytes);
    store.set_clock(ClockSource::Receive);
    store
}

/// Drains as a window does until the loading has ended and everything is there.
fn settle(store: &mut Store, load: &Load) -> Loaded {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let _ = store.drain();
        if let Some(loaded) = load.ended()
            && !store.is_loading()
        {
            return loaded;
        }
        assert!(Instant::now() < deadline, "it ends");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn topics_come_from_the_index_and_nothing_is_called_measured() {
    let recording = recording(1000);
    let source = open(&recording);
    assert_eq!(source.unnamed(), 1);
    let names: Vec<_> = source.topics().keys().map(TopicName::as_str).collect();
    assert_eq!(names, ["/contact", "/force"], "notes are no topic");
    let force = &source.topics()[&topic("/force")];
    assert_eq!(force.messages, 1000);
    let rate = force.mean_rate_hz.expect("it has a length");
    assert!((rate - 1001.0).abs() < 1.0, "{rate}");
    assert_eq!(source.span(), Some((timestamp(START), timestamp(START + 999 * MS))));
    let snapshot = source.snapshot(&Snapshot::empty(crate::transport::Facts::default()));
    let status = &snapshot.topics[&topic("/force")];
    assert!(status.report.is_none() && !status.subscribed && status.schema.is_some());
    assert_eq!(
        source.bookmarks(),
        [Bookmark {
            time_ns: START + 7 * MS,
            text: "it slipped".to_owned()
        }]
    );
}

#[test]
fn values_are_those_that_reading_gives() {
    let recording = recording(20_000);
    let source = open(&recording);
    let wanted = BTreeMap::from([
        (topic("/force"), fields(&["y", "x", "@interval"])),
        (topic("/contact"), fields(&["data"])),
    ]);
    let mut store = store(64 << 20);
    let load = source.load(&mut store, &wanted, WakeFlag::new()).expect("it begins");
    let loaded = settle(&mut store, &load);
    assert_eq!(
        loaded,
        Loaded {
            messages: 20_200,
            ..Loaded::default()
        }
    );
    assert!((load.progress() - 1.0).abs() < f64::EPSILON);
    for (name, field) in [("/force", "x"), ("/force", "y"), ("/contact", "data")] {
        let of_topic = &source.topics()[&topic(name)];
        let schema = of_topic.schema.as_ref().expect("a definition");
        let plan = FieldPlan::compile(schema, &fields(&[field])).expect("a field");
        let mut expected = Vec::new();
        let mut value = [0.0];
        let mut messages = source.bag().messages(&crate::bag::Query::all().topics([name]));
        while let Some(message) = messages.advance() {
            plan.extract(message.payload, &mut value).expect("it decodes");
            expected.push((timestamp(message.log_time_ns), value[0], false));
        }
        let series = store.find(&topic(name), &fields(&[field])[0]).expect("a series");
        let all: Vec<_> = store
            .samples(series, Timestamp(i64::MIN), Timestamp(i64::MAX))
            .collect();
        assert_eq!(all, expected, "{name} {field}");
    }
    let interval = store
        .find(&topic("/force"), &fields(&["@interval"])[0])
        .expect("a series");
    let (_, value) = store.latest(interval).expect("a sample");
    assert!((value - 0.001).abs() < 1e-12);
}

#[test]
fn what_is_asked_wrongly_is_told_and_loads_nothing() {
    let recording = recording(10);
    let source = open(&recording);
    let mut store = store(1 << 20);
    let mut ask = |name: &str, field: &str| {
        let wanted = BTreeMap::from([(topic(name), fields(&[field]))]);
        let asked = source.load(&mut store, &wanted, WakeFlag::new());
        asked.expect_err("it is wrong").to_string()
    };
    assert_eq!(ask("/nothing", "x"), "the recording has no topic /nothing");
    assert!(ask("/force", "w").starts_with("cannot plot /force: no field `w`"));
    assert_eq!(store.usage().samples, 0);
}

#[test]
fn the_budget_holds_and_a_loading_can_be_ended() {
    let recording = recording(300_000);
    let source = open(&recording);
    let wanted = BTreeMap::from([(topic("/force"), fields(&["x"]))]);
    let budget = 1 << 20;
    let mut store = store(budget);
    let load = source.load(&mut store, &wanted, WakeFlag::new()).expect("it begins");
    let deadline = Instant::now() + Duration::from_secs(60);
    while load.ended().is_none() || store.is_loading() {
        let _ = store.drain();
        assert!(store.usage().used_bytes <= budget, "{:?}", store.usage());
        assert!(Instant::now() < deadline, "it ends");
        std::thread::sleep(Duration::from_micros(200));
    }
    let series = store.find(&topic("/force"), &fields(&["x"])[0]).expect("a series");
    assert_eq!(
        store.extent(series),
        Some((timestamp(START), timestamp(START + 299_999 * MS))),
        "the trend reaches back to the begin"
    );
    // Nobody drains: the thread waits for room, and hears that it is over when the store goes.
    let load = source.load(&mut store, &wanted, WakeFlag::new()).expect("it begins");
    drop(store);
    while load.ended().is_none() {
        assert!(Instant::now() < deadline, "it ends");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(
        load.ended()
            .is_some_and(|loaded| loaded.cancelled || loaded.messages == 300_000)
    );
    let mut other = super::tests::store(64 << 20);
    let load = source.load(&mut other, &wanted, WakeFlag::new()).expect("it begins");
    load.cancel();
    let loaded = settle(&mut other, &load);
    assert!(loaded.messages <= 300_000, "{loaded:?}");
    assert!(loaded.cancelled, "{loaded:?}");
}

#[test]
fn density_comes_from_the_index_and_counts_every_message() {
    let recording = recording(20_000);
    let source = open(&recording);
    let all = source.density(None, 50).expect("the index tells");
    let sum: f32 = all.iter().sum();
    // The channel without a name and the notes are messages too.
    assert!((sum - 20_202.0).abs() < 1.0, "{sum}");
    let force = source.density(Some(&topic("/force")), 50).expect("the index tells");
    let sum: f32 = force.iter().sum();
    assert!((sum - 20_000.0).abs() < 1.0, "{sum}");
    assert!(force.iter().all(|count| (395.0..405.0).contains(count)), "{force:?}");
    assert_eq!(source.density(None, 0), None);
}
