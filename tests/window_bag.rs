//! A recording in the window: opened, drawn, moved through and played, as a user does it, without a display.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mcap::records::MessageHeader;
use roswave::board::Board;
use roswave::scope::bag::Message as Bag;
use roswave::scope::bag::playback::Speed;
use roswave::scope::source::Lens;
use roswave::scope::{Message, Scope};
use roswave_engine::bag::source::BagSource;
use roswave_engine::cdr::Encoder;
use roswave_engine::clock::Timestamp;
use roswave_engine::name::TopicName;
use roswave_engine::schema::Registry;
use roswave_widgets::seek_bar::SeekEvent;

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

const MS: i64 = 1_000_000;
const START: i64 = 1_700_000_000_000_000_000;

/// 1200 vectors at 100 Hz, whose x is their number, and a note at 4 s.
fn recording(directory: &Path) -> PathBuf {
    let path = directory.join("grasp.mcap");
    let file = BufWriter::new(File::create(&path).expect("a file"));
    let mut writer = mcap::WriteOptions::new()
        .compression(None)
        .chunk_size(Some(4096))
        .create(file)
        .expect("a writer");
    let none = BTreeMap::new();
    let schema = writer
        .add_schema(
            "geometry_msgs/msg/Vector3",
            "ros2msg",
            b"float64 x\nfloat64 y\nfloat64 z\n",
        )
        .expect("a schema");
    let force = writer
        .add_channel(schema, "/imu/force", "cdr", &none)
        .expect("a channel");
    let note = mcap::records::Metadata {
        name: "roswave.bookmarks".to_owned(),
        metadata: BTreeMap::from([((START + 4000 * MS).to_string(), "slipped".to_owned())]),
    };
    writer.write_metadata(&note).expect("written");
    let mut write = |channel_id, time: i64, payload: &[u8]| {
        let header = MessageHeader {
            channel_id,
            sequence: 0,
            log_time: time.cast_unsigned(),
            publish_time: time.cast_unsigned(),
        };
        writer.write_to_known_channel(&header, payload).expect("written");
    };
    for n in 0..1200_i64 {
        let mut encoder = Encoder::new();
        for value in [n as f64, -1.0, 1.0] {
            encoder.f64(value);
        }
        write(force, START + n * 10 * MS, encoder.payload());
    }
    let _ = writer.finish().expect("finished");
    path
}

/// What the window does when it is started on a recording.
fn open(bench: &mut Bench, path: &Path) {
    bench.send(Message::Bag(Bag::Open(path.to_owned())));
    assert!(bench.says("Opening grasp.mcap…"));
    let source = BagSource::open(path, &mut Registry::default());
    let opened = source.map(Arc::new).map_err(|error| error.to_string());
    bench.send(Message::Bag(Bag::Opened(path.to_owned(), opened)));
}

/// The recording is open and its x is drawn.
fn with_curve() -> (Bench, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = recording(directory.path());
    let mut bench = Bench::new(Board::default());
    open(&mut bench, &path);
    bench.click("imu/force");
    bench.send(Message::ToggleInspector);
    bench.click("x");
    bench.until("all is loaded", |b| {
        extent(&b.scope) == Some((START, START + 11_990 * MS))
    });
    (bench, directory)
}

fn extent(scope: &Scope) -> Option<(i64, i64)> {
    let (from, to) = scope.charts().focused()?.source().extent()?;
    Some((from.0, to.0))
}

fn at_ms(bench: &Bench) -> i64 {
    let bag = bench.scope.bag().expect("a recording is open");
    (bag.playback().at_ns() - START) / MS
}

fn lens(bench: &Bench) -> Lens {
    bench.scope.charts().focused().expect("a chart").source().lens()
}

#[test]
fn its_topics_are_listed_with_counts_and_nothing_is_called_a_rate() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = recording(directory.path());
    let mut bench = Bench::new(Board::default());
    open(&mut bench, &path);
    for text in [
        "grasp.mcap",
        "imu/force",
        "1200",
        "messages",
        "1 topic",
        "/ 00:00:11.990",
    ] {
        assert!(bench.says(text), "{text}");
    }
    assert!(!bench.says("Record all topics") && !bench.says("Record"));
    bench.click("imu/force");
    for text in ["mean rate", "Offered when it was recorded"] {
        assert!(bench.says(text), "{text}");
    }
    assert!(!bench.says("jitter"), "nothing was measured");
}

#[test]
fn a_curve_is_loaded_and_the_whole_of_it_is_shown() {
    let (mut bench, _directory) = with_curve();
    assert_eq!(
        lens(&bench),
        Lens::Still(Timestamp(START), Timestamp(START + 11_990 * MS))
    );
    let chart = bench.scope.charts().focused().expect("a chart");
    let (times, values, _) = chart
        .source()
        .samples(0, Timestamp(START), Timestamp(START + 11_990 * MS), 5000)
        .expect("not too many");
    assert_eq!((times.len(), values[0], values[1199]), (1200, 0.0, 1199.0));
    // A chart that is made later shows the same times, and none follows a live edge.
    bench.send(Message::AddChart);
    assert!(
        bench
            .scope
            .charts()
            .iter()
            .all(|chart| chart.source().lens() == lens(&bench))
    );
    bench.send(Message::FollowLive);
    assert!(bench.scope.charts().all_paused());
    assert_eq!(at_ms(&bench), 11_990, "the end of the recording");
}

#[test]
fn it_plays_at_the_speed_that_was_chosen_and_the_view_goes_along() {
    let (mut bench, _directory) = with_curve();
    bench.send(Message::Bag(Bag::Sought(SeekEvent::ViewMoved {
        from_ns: START,
        to_ns: START + 2000 * MS,
    })));
    bench.send(Message::Bag(Bag::PickSpeed(Speed(10.0))));
    // The space bar.
    bench.send(Message::PauseAll);
    let start = Instant::now();
    for frame in 0..5 {
        bench.send(Message::Bag(Bag::Playing(start + Duration::from_millis(100 * frame))));
    }
    assert_eq!(at_ms(&bench), 4000);
    let shown = Lens::Still(Timestamp(START + 2500 * MS), Timestamp(START + 4500 * MS));
    assert_eq!(
        lens(&bench),
        shown,
        "three quarters of the view are behind the playhead"
    );
    bench.send(Message::PauseAll);
    bench.send(Message::Bag(Bag::Playing(start + Duration::from_millis(700))));
    assert_eq!(at_ms(&bench), 4000, "paused");
    assert!(bench.says("00:00:04.000"));
}

#[test]
fn steps_marks_and_the_ends_are_gone_to() {
    let (mut bench, _directory) = with_curve();
    let mut go = |message: Bag| {
        bench.send(Message::Bag(message));
        at_ms(&bench)
    };
    assert_eq!(go(Bag::Step { forward: true }), 10);
    assert_eq!(go(Bag::Step { forward: true }), 20);
    assert_eq!(go(Bag::Step { forward: false }), 10);
    assert_eq!(go(Bag::Mark { forward: true }), 4000);
    assert_eq!(go(Bag::Mark { forward: true }), 4000, "there is no other");
    assert_eq!(go(Bag::Jump { forward: true }), 4000 + 1199);
    assert_eq!(go(Bag::ToEnd), 11_990);
    assert_eq!(go(Bag::Step { forward: true }), 11_990);
    assert_eq!(go(Bag::ToBegin), 0);
    assert_eq!(go(Bag::Mark { forward: false }), 0);
    assert_eq!(go(Bag::Sought(SeekEvent::Seek(START + 777 * MS))), 777);
    assert_eq!(go(Bag::Step { forward: true }), 780);
}

#[test]
fn only_a_range_is_played_again_and_again() {
    let (mut bench, _directory) = with_curve();
    bench.send(Message::Bag(Bag::Sought(SeekEvent::ViewMoved {
        from_ns: START + 1000 * MS,
        to_ns: START + 2000 * MS,
    })));
    bench.send(Message::Bag(Bag::ToggleRange));
    bench.send(Message::Bag(Bag::ToggleRepeat));
    bench.send(Message::Bag(Bag::TogglePlay));
    let start = Instant::now();
    for frame in 0..50 {
        bench.send(Message::Bag(Bag::Playing(start + Duration::from_millis(60 * frame))));
        assert!((1000..2000).contains(&at_ms(&bench)), "{}", at_ms(&bench));
    }
}

#[test]
fn closing_it_brings_the_live_topics_back() {
    let (mut bench, _directory) = with_curve();
    let _writer = bench.writer("/arm/current", "std_msgs/msg/Float64");
    bench.send(Message::Bag(Bag::Close));
    bench.until("the live topic is listed", |b| b.says("arm/current"));
    assert!(bench.scope.bag().is_none());
    // The chart waits for the topic of its curve: it is listed, and nothing of the recording is said of it.
    let waiting = TopicName::new("/imu/force").expect("a name");
    let status = bench.scope.snapshot().topics[&waiting].clone();
    assert!(status.report.is_none_or(|report| report.messages == 0));
    assert_eq!(lens(&bench), Lens::Live);
    assert_eq!(extent(&bench.scope), None, "nothing of the recording stays");
}

#[test]
fn what_cannot_be_opened_is_told_in_one_line() {
    let mut bench = Bench::new(Board::default());
    let path = PathBuf::from("/nowhere/grasp.mcap");
    open(&mut bench, &path);
    assert!(bench.scope.bag().is_none());
    assert!(!bench.says("Opening grasp.mcap…"));
}
