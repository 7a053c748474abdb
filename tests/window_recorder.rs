//! The recorder's controls in the window: how a recording stands, splits, bookmarks and the black box; without a display.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use roswave::board::Board;
use roswave::scope::recorder::Message as Recorder;
use roswave::scope::trigger::Change;
use roswave::scope::{Message, Scope};
use roswave_engine::bag;
use roswave_engine::cdr::Encoder;
use roswave_engine::record::{BoxStatus, FinishedState, RecordingState, RecordingStatus};
use roswave_engine::transport::memory::MemoryWriter;

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

const VECTOR: &str = "geometry_msgs/msg/Vector3";

fn vector(x: f64) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    for value in [x, 0.0, 0.0] {
        encoder.f64(value);
    }
    encoder.payload().into()
}

fn send(bench: &mut Bench, message: Recorder) {
    bench.send(Message::Recorder(message));
}

fn status(bench: &Bench) -> Option<&RecordingStatus> {
    bench.scope.recording()
}

fn black_box(bench: &Bench) -> Option<BoxStatus> {
    status(bench)?.box_
}

/// A bench with one topic that is known.
fn with_topic(board: &str) -> (Bench, MemoryWriter) {
    let mut bench = Bench::new(Board::parse(board, Path::new("test.toml")).expect("a board"));
    let writer = bench.writer("/imu/rate", VECTOR);
    bench.until("the topic is listed", |b| b.says("1 topic"));
    (bench, writer)
}

/// Publishes until something holds of the recording.
fn publish_until(bench: &mut Bench, writer: &mut MemoryWriter, what: &str, holds: impl Fn(&RecordingStatus) -> bool) {
    let mut x = 0.0;
    bench.until(what, |b| {
        x += 1.0;
        let _ = writer.publish(vector(x));
        status(b).is_some_and(&holds)
    });
}

fn stop(bench: &mut Bench) -> PathBuf {
    let path = status(bench).expect("a recording").path.clone();
    bench.send(Message::ToggleRecording);
    bench.until("it is finished", |b| b.finished.is_some());
    assert_eq!(bench.finished.take(), Some(FinishedState::Complete));
    path
}

fn marks(path: &Path) -> Vec<String> {
    let info = bag::info(path).expect("a recording");
    info.bookmarks.into_iter().map(|mark| mark.text).collect()
}

fn notice(scope: &Scope) -> String {
    scope.notice().map(|notice| notice.text.clone()).unwrap_or_default()
}

#[test]
fn the_panel_tells_topic_by_topic_how_a_recording_stands() {
    let (mut bench, mut writer) = with_topic("");
    bench.send(Message::ToggleRecording);
    publish_until(&mut bench, &mut writer, "100 messages are safe", |s| s.safe >= 100);
    for text in ["REC", "not safe", "disk", "queue", "lost"] {
        assert!(bench.says(text), "{text}");
    }
    assert!(!bench.says("received"), "the ledger is shown only when it is asked for");
    send(&mut bench, Recorder::TogglePanel);
    bench.until("all is safe", |b| {
        status(b).is_some_and(|s| s.safe == s.received && s.unsafe_s == 0.0)
    });
    for text in ["Recording", "received", "written", "safe", "/imu/rate", "all topics"] {
        assert!(bench.says(text), "{text}");
    }
    let received = status(&bench).expect("a recording").topics[0].received;
    assert!(bench.says(&received.to_string()));
    bench.send(Message::Escape);
    assert!(
        !bench.says("received") && status(&bench).is_some(),
        "only the panel is closed"
    );
    let path = stop(&mut bench);
    assert_eq!(bag::info(&path).expect("a recording").topics[0].messages, received);
}

#[test]
fn before_the_first_message_nothing_is_called_zero() {
    let mut bench = Bench::new(Board::default());
    bench.send(Message::ToggleRecording);
    bench.until("it runs", |b| status(b).is_some());
    send(&mut bench, Recorder::TogglePanel);
    assert!(bench.says("Waiting for the first message"));
    assert!(bench.says("–") && !bench.says("0.00 s"));
    let _ = stop(&mut bench);
}

#[test]
fn it_is_split_and_marked_and_the_files_have_the_texts() {
    let (mut bench, mut writer) = with_topic("");
    send(&mut bench, Recorder::Split);
    assert!(notice(&bench.scope).contains("nothing is recorded"));
    bench.send(Message::Escape);
    bench.send(Message::ToggleRecording);
    publish_until(&mut bench, &mut writer, "messages are written", |s| s.messages >= 20);
    bench.send(Message::DropBookmark);
    send(&mut bench, Recorder::TogglePanel);
    bench.click("Bookmark…");
    send(&mut bench, Recorder::NoteTyped("slipped\n\u{7}here".to_owned()));
    assert_eq!(bench.scope.recorder().note(), Some("slippedhere"));
    send(&mut bench, Recorder::NoteAccepted);
    assert_eq!(bench.scope.recorder().note(), None);
    publish_until(&mut bench, &mut writer, "both marks are taken", |s| s.bookmarks == 2);
    bench.click("Split now");
    publish_until(&mut bench, &mut writer, "the next file is written", |s| s.files == 2);
    // One that is given up is nowhere.
    send(&mut bench, Recorder::WriteNote);
    bench.send(Message::Escape);
    assert_eq!(bench.scope.recorder().note(), None);
    let path = stop(&mut bench);
    assert_eq!(marks(&path), ["bookmark", "slippedhere"]);
    assert_eq!(bag::info(&path).expect("a recording").files.len(), 2);
}

#[test]
fn without_a_recording_a_bookmark_is_on_the_charts_only() {
    let (mut bench, mut writer) = with_topic("");
    send(&mut bench, Recorder::WriteNote);
    send(&mut bench, Recorder::NoteTyped("before".to_owned()));
    // Longer than the state of a recording may be old.
    std::thread::sleep(Duration::from_millis(800));
    bench.send(Message::ToggleRecording);
    publish_until(&mut bench, &mut writer, "it goes on for a while", |s| {
        s.duration_s > 1.0 && s.messages > 0
    });
    // Asked for before the recording began, typed to the end while it ran.
    send(&mut bench, Recorder::NoteAccepted);
    assert!(bench.says("This moment was before the recording began: the bookmark is on the charts only"));
    let path = stop(&mut bench);
    assert!(marks(&path).is_empty());
}

#[test]
fn the_black_box_writes_what_it_kept_when_it_is_triggered() {
    let (mut bench, mut writer) = with_topic("");
    send(&mut bench, Recorder::TogglePanel);
    for text in ["Recorder", "Black box", "Start the black box"] {
        assert!(bench.says(text), "{text}");
    }
    send(&mut bench, Recorder::BeforeTyped("soon".to_owned()));
    assert!(bench.says("`soon` is no time here; write seconds, 0 to 86400"));
    send(&mut bench, Recorder::BeforeTyped("60".to_owned()));
    send(&mut bench, Recorder::AfterTyped(String::new()));
    bench.click("Start the black box");
    publish_until(&mut bench, &mut writer, "50 messages are kept", |s| {
        s.box_.is_some_and(|kept| kept.armed && kept.messages >= 50)
    });
    let before = status(&bench).expect("a recording");
    assert_eq!(
        (before.messages, before.state.clone()),
        (0, RecordingState::Starting),
        "nothing is written"
    );
    assert!(bench.says("BOX") && bench.says("Black box, armed"));
    bench.click("Trigger");
    publish_until(&mut bench, &mut writer, "it writes", |s| {
        s.box_.is_some_and(|kept| !kept.armed && kept.captures == 1) && s.messages > 50
    });
    assert!(bench.says("REC") && bench.says("Black box, writing"));
    let path = stop(&mut bench);
    assert!(bag::info(&path).expect("a recording").topics[0].messages > 50);
}

#[test]
fn the_trigger_of_a_chart_triggers_the_black_box_each_time() {
    let board = "[[chart]]\ncurves = [\"/imu/rate:x\"]\n[chart.trigger]\ncurve = \"/imu/rate:x\"\n\
                 when = \"rising:level=0.5,mode=normal,pre_s=0.01,post_s=0.01\"\n";
    let (mut bench, mut writer) = with_topic(board);
    let pane = bench.scope.charts().focus();
    bench.send(Message::EditTrigger(pane, Change::BlackBox(true)));
    send(&mut bench, Recorder::AfterTyped("0.1".to_owned()));
    send(&mut bench, Recorder::ToggleBlackBox);
    for capture in 1..=2 {
        let mut high = false;
        let end = Instant::now() + Duration::from_secs(10);
        while black_box(&bench).is_none_or(|kept| kept.captures < capture) {
            assert!(Instant::now() < end, "the trigger did not let it write");
            high = !high;
            let _ = writer.publish(vector(f64::from(u8::from(high))));
            std::thread::sleep(Duration::from_millis(15));
            bench.tick();
            bench.send(Message::TriggersLooked);
        }
        bench.until("the box is armed again", |b| {
            black_box(b).is_some_and(|kept| kept.armed)
        });
    }
    assert!(
        bench.scope.board().charts[0]
            .trigger
            .as_ref()
            .expect("a trigger")
            .black_box
    );
    let _ = stop(&mut bench);
}

#[test]
fn a_trigger_without_a_black_box_says_what_is_missing() {
    let (mut bench, mut writer) = with_topic("");
    send(&mut bench, Recorder::Trigger);
    assert!(notice(&bench.scope).contains("Ctrl+R"), "{}", notice(&bench.scope));
    bench.send(Message::ToggleRecording);
    publish_until(&mut bench, &mut writer, "it runs", |s| s.messages > 0);
    send(&mut bench, Recorder::Trigger);
    assert!(notice(&bench.scope).contains("writes everything already"));
    // The key of the black box does not end a recording that is none.
    send(&mut bench, Recorder::ToggleBlackBox);
    assert!(notice(&bench.scope).contains("r stops it"), "{}", notice(&bench.scope));
    publish_until(&mut bench, &mut writer, "it goes on", |s| s.messages > 50);
    let _ = stop(&mut bench);
}
