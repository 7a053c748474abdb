//! The scope screen, driven as a user drives it: by clicks on what is written, without a display.

use std::path::Path;
use std::sync::Arc;

use roswave::board::Board;
use roswave::scope::{Message, Notice};
use roswave_engine::cdr::Encoder;
use roswave_engine::name::TopicName;
use roswave_engine::record::FinishedState;
use roswave_engine::transport::memory::MemoryWriter;
use roswave_widgets::theme::{self, Mode};

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

fn vector(x: f64, y: f64, z: f64) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    for value in [x, y, z] {
        encoder.f64(value);
    }
    encoder.payload().into()
}

const VECTOR: &str = "geometry_msgs/msg/Vector3";

/// A bench with `/imu/rate` and `/imu/force`, the first open in the tree, and without the inspector.
fn with_topics() -> (Bench, MemoryWriter, MemoryWriter) {
    let mut bench = Bench::new(Board::default());
    let rate = bench.writer("/imu/rate", VECTOR);
    let force = bench.writer("/imu/force", VECTOR);
    bench.until("both topics are listed", |b| b.says("rate") && b.says("force"));
    bench.click("rate");
    bench.until("the topic is read", |b| {
        let topic = TopicName::new("/imu/rate").expect("a name");
        b.scope
            .snapshot()
            .topics
            .get(&topic)
            .is_some_and(|status| status.subscribed)
    });
    bench.send(Message::ToggleInspector);
    (bench, rate, force)
}

#[test]
fn without_topics_it_teaches() {
    let bench = Bench::new(Board::default());
    for text in ["No topics yet", "What to try", "Start demo robot"] {
        assert!(bench.says(text), "{text}");
    }
}

#[test]
fn the_filter_leaves_what_matches() {
    let (mut bench, _rate, _force) = with_topics();
    bench.send(Message::FilterChanged("forc".to_owned()));
    assert!(bench.says("1 topic"));
    assert!(bench.says("imu/force") && !bench.says("rate"));
    bench.send(Message::FilterChanged("vector3".to_owned()));
    assert!(bench.says("2 topics"), "types are searched too");
    bench.send(Message::FilterChanged("nothing like it".to_owned()));
    assert!(bench.says("No topic matches the filter"));
}

#[test]
fn an_open_topic_shows_its_values() {
    let (mut bench, mut rate, _force) = with_topics();
    bench.until("the values are shown", |b| {
        let _ = rate.publish(vector(1.25, -2.5, 3.75));
        b.says("1.2500") && b.says("-2.5000")
    });
    bench.click("rate");
    assert!(!bench.says("1.2500"), "closed again");
}

#[test]
fn a_click_on_a_field_draws_it() {
    let (mut bench, mut rate, _force) = with_topics();
    bench.click("x");
    let curve = |b: &Bench| {
        b.scope
            .charts()
            .focused()
            .and_then(|c| c.source().latest(0))
            .map(|(_, value)| value)
    };
    let mut sent = 0.0;
    bench.until("a sample reaches the chart", |b| {
        sent += 0.5;
        let _ = rate.publish(vector(sent, 0.0, 0.0));
        curve(b).is_some()
    });
    let wanted = bench.scope.charts().wanted();
    assert_eq!(wanted.values().map(std::collections::BTreeSet::len).sum::<usize>(), 1);
    assert!(
        curve(&bench).is_some_and(|value| value <= sent && value % 0.5 == 0.0),
        "a value that was sent"
    );

    bench.send(Message::PauseAll);
    assert!(bench.says("paused"));
    bench.send(Message::PauseAll);
    assert!(!bench.says("paused"));
}

#[test]
fn charts_split_and_close() {
    let (mut bench, _rate, _force) = with_topics();
    bench.send(Message::AddChart);
    bench.send(Message::AddChart);
    assert_eq!(bench.scope.charts().iter().count(), 3);
    let focus = bench.scope.charts().focus();
    bench.send(Message::MaximizeChart(focus));
    assert_eq!(bench.scope.charts().panes().maximized(), Some(focus));
    bench.send(Message::CloseChart(focus));
    assert_eq!(bench.scope.charts().iter().count(), 2);
}

#[test]
fn a_board_waits_for_its_topics() {
    let board = "[[chart]]\ntitle = \"Force\"\ncurves = [\"/imu/force:z\"]\n";
    let mut bench = Bench::new(Board::parse(board, Path::new("test.toml")).expect("a board"));
    bench.tick();
    assert!(bench.says("Force") && bench.says("waiting for /imu/force"));
    let mut force = bench.writer("/imu/force", VECTOR);
    bench.until("the curve appears", |b| {
        let _ = force.publish(vector(0.0, 0.0, 9.81));
        b.scope.charts().focused().and_then(|c| c.source().latest(0)).is_some()
    });
    assert!(!bench.says("waiting for /imu/force"));
}

#[test]
fn a_field_that_is_not_there_says_so_in_its_chart() {
    let board = "[[chart]]\ncurves = [\"/imu/force:w\", \"/imu/force:x\"]\n";
    let mut bench = Bench::new(Board::parse(board, Path::new("test.toml")).expect("a board"));
    let mut force = bench.writer("/imu/force", VECTOR);
    bench.until("the sound field is drawn", |b| {
        let _ = force.publish(vector(1.0, 0.0, 0.0));
        b.scope.charts().focused().and_then(|c| c.source().latest(1)).is_some()
    });
    let wrong = "/imu/force:w".parse().expect("a field");
    assert!(
        bench
            .scope
            .history()
            .problem(&wrong)
            .is_some_and(|problem| problem.contains('w'))
    );
}

#[test]
fn recording_runs_and_is_finished() {
    let (mut bench, mut rate, _force) = with_topics();
    bench.click("Record");
    bench.until("messages are written", |b| {
        let _ = rate.publish(vector(1.0, 2.0, 3.0));
        b.scope.recording().is_some_and(|status| status.messages > 0)
    });
    assert!(bench.says("REC") && bench.says("Stop"));
    bench.click("Stop");
    bench.until("it is finished", |b| b.scope.recording().is_none());
    assert_eq!(bench.finished, Some(FinishedState::Complete));
}

#[test]
fn without_a_tick_nothing_is_recorded() {
    let (mut bench, _rate, _force) = with_topics();
    bench.send(Message::TickAll(false));
    bench.click("Record");
    assert!(bench.says("Nothing to record: tick a topic, or tick all topics"));
    assert!(bench.scope.recording().is_none());
}

#[test]
fn a_fault_is_one_line_with_details_behind_a_fold() {
    let mut bench = Bench::new(Board::default());
    bench.scope.set_notice(Notice {
        text: "The disk is full".to_owned(),
        details: Some("12 messages are in the file".to_owned()),
    });
    assert!(bench.says("The disk is full") && !bench.says("12 messages are in the file"));
    bench.click("Details");
    assert!(bench.says("12 messages are in the file"));
}

#[test]
fn it_looks_as_it_did() {
    for (mode, name) in [(Mode::Dark, "dark"), (Mode::Light, "light")] {
        let mut bench = Bench::new(Board::default());
        bench.surroundings.colors = mode;
        bench.scope.set_notice(Notice {
            text: "Cannot record: /media/disk is full".to_owned(),
            details: Some("Free some space, or choose another directory".to_owned()),
        });
        let mut ui = bench.simulator();
        let image = ui.snapshot(&theme::theme(mode)).expect("drawn");
        let path = format!("{}/tests/snapshots/scope-empty-{name}", env!("CARGO_MANIFEST_DIR"));
        assert!(image.matches_image(&path).expect("compared"), "{path} differs");
    }
}
