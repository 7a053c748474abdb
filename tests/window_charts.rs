//! Working with charts: triggers, looks, tabs, undo, the palette, carrying and pasting; driven without a display.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use iced::keyboard::Modifiers;
use iced::widget::pane_grid;
use roswave::board::{Board, Side};
use roswave::scope::Message;
use roswave::scope::pane::{LookChange, Pane};
use roswave::scope::trigger::{Change, Number, Status};
use roswave_engine::cdr::Encoder;
use roswave_engine::signal::FieldRef;
use roswave_engine::transport::memory::MemoryWriter;
use roswave_widgets::chart::Event;
use roswave_widgets::drag::Edge;
use roswave_widgets::theme::{self, Mode};

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

const VECTOR: &str = "geometry_msgs/msg/Vector3";

fn vector(x: f64, y: f64, z: f64) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    for value in [x, y, z] {
        encoder.f64(value);
    }
    encoder.payload().into()
}

fn board(text: &str) -> Board {
    Board::parse(text, Path::new("test.toml")).expect("a board")
}

fn field(text: &str) -> FieldRef {
    text.parse().expect("a field")
}

fn focus(bench: &Bench) -> pane_grid::Pane {
    bench.scope.charts().focus()
}

fn count(bench: &Bench) -> usize {
    bench.scope.charts().iter().count()
}

/// The labels of the curves of every chart, in no order of the charts.
fn curves(bench: &Bench) -> Vec<Vec<String>> {
    let labels = |pane: &Pane| pane.curves().iter().map(|curve| curve.recipe.label(true)).collect();
    let mut all: Vec<Vec<String>> = bench.scope.charts().iter().map(labels).collect();
    all.sort();
    all
}

/// A bench with one chart on `/imu/rate:x`, that samples reach.
fn with_curve(more: &str) -> (Bench, MemoryWriter) {
    let mut bench = Bench::new(board(&format!("[[chart]]\ncurves = [\"/imu/rate:x\"]\n{more}")));
    let mut rate = bench.writer("/imu/rate", VECTOR);
    bench.until("samples come", |b| {
        let _ = rate.publish(vector(0.0, 0.0, 0.0));
        b.scope.charts().focused().and_then(|c| c.source().latest(0)).is_some()
    });
    (bench, rate)
}

/// The signal goes up once and down again, slowly enough to be two captures never.
fn pulse(bench: &mut Bench, rate: &mut MemoryWriter) {
    for value in [0.0, 0.0, 1.0, 1.0, 0.0, 0.0] {
        let _ = rate.publish(vector(value, 0.0, 0.0));
        std::thread::sleep(Duration::from_millis(5));
        bench.tick();
    }
}

fn status(bench: &Bench) -> Option<Status> {
    let chart = bench.scope.charts().focused()?;
    Some(chart.trigger()?.status())
}

const TRIGGER: &str =
    "[chart.trigger]\ncurve = \"/imu/rate:x\"\nwhen = \"rising:level=0.5,mode=normal,pre_s=0.01,post_s=0.01\"\n";

#[test]
fn a_trigger_says_what_it_does_and_stops_the_picture() {
    let (mut bench, mut rate) = with_curve(&format!("{TRIGGER}freeze = true\nbookmark = true\n"));
    bench.until("it is armed", |b| status(b) == Some(Status::Armed));
    assert!(bench.says("armed") && bench.says("Rising edge level 0.5 · normal"));
    assert!(!bench.says("hold-off"), "what changes it is shown on demand");
    let started = std::time::Instant::now();
    while !bench.says("paused") {
        assert!(started.elapsed() < Duration::from_secs(10), "nothing froze");
        pulse(&mut bench, &mut rate);
        bench.send(Message::TriggersLooked);
    }
    let (from, to) = bench.scope.charts().focused().expect("a chart").source().window();
    assert_eq!(to.since(from), 20_000_000, "exactly the capture");
    bench.send(Message::FollowLive);
    assert!(!bench.says("paused"));
    let pane = focus(&bench);
    bench.send(Message::ArmTrigger(None));
    assert_eq!(status(&bench), Some(Status::Stopped));
    bench.send(Message::ToggleTrigger(Some(pane)));
    let chart = bench.scope.charts().focused().expect("a chart");
    let events = chart.trigger().expect("a trigger").count();
    let stopped = format!("stopped · {events}");
    for text in [
        &*stopped, "arm", "now", "When", "level", "hold-off", "captures", "remove",
    ] {
        assert!(bench.says(text), "{text}");
    }
    bench.send(Message::Escape);
    assert!(!bench.says("hold-off") && bench.says(&stopped), "the line stays");
    bench.click("Rising edge level 0.5 · normal");
    assert!(bench.says("hold-off"), "a click on what it waits for opens it");
    bench.send(Message::EditTrigger(
        pane,
        Change::Number(Number::Level, "much".to_owned()),
    ));
    assert!(
        bench.says("what is typed is no trigger"),
        "also when it is closed again"
    );
    bench.send(Message::EditTrigger(
        pane,
        Change::Number(Number::Level, "0.5".to_owned()),
    ));
    bench.click("remove");
    assert_eq!(status(&bench), None);
    bench.send(Message::Undo);
    assert!(status(&bench).is_some(), "a trigger that was removed comes back");
}

#[test]
fn a_trigger_starts_the_recording_once() {
    let (mut bench, mut rate) = with_curve(TRIGGER);
    bench.until("it is armed", |b| status(b) == Some(Status::Armed));
    let pane = focus(&bench);
    bench.send(Message::EditTrigger(pane, Change::Record(true)));
    let started = std::time::Instant::now();
    while bench.scope.recording().is_none() {
        assert!(started.elapsed() < Duration::from_secs(10), "nothing was recorded");
        pulse(&mut bench, &mut rate);
        bench.send(Message::TriggersLooked);
    }
    assert!(
        !bench.scope.board().charts[0]
            .trigger
            .as_ref()
            .expect("a trigger")
            .record,
        "used up"
    );
    bench.send(Message::ToggleRecording);
    bench.until("it is finished", |b| b.scope.recording().is_none());
    pulse(&mut bench, &mut rate);
    bench.send(Message::TriggersLooked);
    assert!(bench.scope.recording().is_none(), "not again");
}

#[test]
fn looks_are_changed_undone_and_kept() {
    let (mut bench, _rate) = with_curve("");
    let pane = focus(&bench);
    bench.send(Message::ChartAnswered(pane, Event::CurveOpened(0)));
    for text in ["Colour", "Drawn as", "Axis", "Scale", "one axis per unit"] {
        assert!(bench.says(text), "{text}");
    }
    bench.send(Message::ChangeLook(pane, LookChange::Axis(Side::Right)));
    bench.send(Message::ChangeLook(pane, LookChange::Log(true)));
    bench.send(Message::ChangeLook(pane, LookChange::Gain("0".to_owned())));
    assert!(bench.says("gain and offset must be numbers, and gain not 0"));
    bench.send(Message::ChangeLook(pane, LookChange::Gain("10".to_owned())));
    bench.send(Message::Escape);
    assert!(!bench.says("Drawn as"));
    let chart = &bench.scope.board().charts[0];
    assert_eq!(chart.curves[0].look.axis, Side::Right);
    assert_eq!(chart.curves[0].look.scale.gain, 10.0);
    assert!(chart.axes[0].log && !chart.log);
    bench.send(Message::Undo);
    assert_eq!(
        bench.scope.board().charts[0].curves[0].look.axis,
        Side::Left,
        "typed in one go, undone in one go"
    );
    bench.send(Message::Redo);
    assert_eq!(bench.scope.board().charts[0].curves[0].look.axis, Side::Right);
}

#[test]
fn layouts_are_undone_and_redone() {
    let mut bench = Bench::new(Board::default());
    bench.send(Message::AddChart);
    bench.send(Message::FieldClicked(field("/a:x")));
    let pane = focus(&bench);
    bench.send(Message::CloseChart(pane));
    assert_eq!((count(&bench), curves(&bench)), (1, vec![vec![]]));
    bench.send(Message::Undo);
    assert_eq!(curves(&bench), [vec![], vec!["/a:x".to_owned()]]);
    bench.send(Message::Undo);
    assert_eq!(curves(&bench), [Vec::<String>::new(), vec![]]);
    bench.send(Message::Redo);
    bench.send(Message::Redo);
    assert_eq!(count(&bench), 1);
    for _ in 0..9 {
        bench.send(Message::Undo);
    }
    assert_eq!(count(&bench), 1, "the first layout");
    bench.send(Message::Redo);
    bench.send(Message::AddChart);
    bench.send(Message::Redo);
    assert_eq!(count(&bench), 3, "a new change leaves nothing to redo");
}

#[test]
fn marked_fields_are_carried_together_and_split_a_chart() {
    let (mut bench, _rate) = with_curve("");
    bench.click("imu/rate");
    bench.until("its fields are listed", |b| b.says("z"));
    bench.send(Message::ModifiersChanged(Modifiers::CTRL));
    bench.send(Message::FieldClicked(field("/imu/rate:x")));
    bench.send(Message::ModifiersChanged(Modifiers::SHIFT));
    bench.send(Message::FieldClicked(field("/imu/rate:z")));
    assert_eq!(curves(&bench), [["/imu/rate:x"]], "a click that marks draws nothing");
    bench.send(Message::FieldCarried(field("/imu/rate:y")));
    let pane = focus(&bench);
    bench.send(Message::ChartAnswered(pane, Event::FieldDroppedBeside(Edge::Left)));
    let all = ["/imu/rate:x", "/imu/rate:y", "/imu/rate:z"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(curves(&bench), [vec!["/imu/rate:x".to_owned()], all]);
    let layout = bench.scope.board();
    assert_eq!(layout.charts[0].curves.len(), 3, "the new one is on the left");
    bench.send(Message::Undo);
    assert_eq!(count(&bench), 1);
}

#[test]
fn a_curve_moves_to_another_chart_as_it_looks() {
    let mut bench = Bench::new(board(
        "[[chart]]\ncurves = [\"/a:x\", { curve = \"/a:y\", style = \"dots\" }]\n[[chart]]\ncurves = [\"/b:x\"]\n",
    ));
    let pane = |bench: &Bench, first: &str| {
        let panes = bench.scope.charts().panes();
        let found = panes
            .iter()
            .find(|(_, pane)| pane.curves()[0].recipe.label(true) == first);
        *found.expect("a chart").0
    };
    let (from, to) = (pane(&bench, "/a:x"), pane(&bench, "/b:x"));
    bench.send(Message::ChartAnswered(from, Event::CurveCarried(1)));
    bench.send(Message::ChartAnswered(to, Event::FieldDropped));
    assert_eq!(curves(&bench), [vec!["/a:x"], vec!["/b:x", "/a:y"]]);
    let moved = bench.scope.charts().panes().get(to).expect("a chart").curves()[1].look;
    assert_eq!(moved.style, roswave::board::Style::Dots);
    // Let go where it was taken, nothing changes.
    bench.send(Message::ChartAnswered(from, Event::CurveCarried(0)));
    bench.send(Message::ChartAnswered(from, Event::FieldDropped));
    assert_eq!(curves(&bench), [vec!["/a:x"], vec!["/b:x", "/a:y"]]);
}

#[test]
fn charts_are_pasted_and_other_text_is_refused() {
    let mut bench = Bench::new(board("[[chart]]\ntitle = \"One\"\ncurves = [\"/a:x\"]\n"));
    let text = bench.scope.board().text().expect("text");
    bench.send(Message::Pasted(Some(text)));
    assert_eq!(curves(&bench), [["/a:x"], ["/a:x"]]);
    for (text, part) in [
        (Some("hello"), "line 1"),
        (Some("  "), "it is empty"),
        (None, "it is empty"),
        (Some("name = \"x\""), "it names no chart"),
        (Some("version = 99"), "version 99"),
    ] {
        bench.send(Message::Pasted(text.map(str::to_owned)));
        let board = bench.scope.board();
        assert_eq!(board.charts.len(), 2);
        let notice = bench.scope.notice().expect("a notice").text.clone();
        assert!(
            notice.starts_with("The clipboard holds no chart: ") && notice.contains(part),
            "{notice}"
        );
    }
}

#[test]
fn tabs_are_opened_turned_renamed_and_closed() {
    let (mut bench, mut rate) = with_curve("");
    bench.send(Message::NewTab);
    assert_eq!(bench.scope.tab_names(), ["Board 1", "Board 2"]);
    assert_eq!(curves(&bench), [Vec::<String>::new()]);
    bench.send(Message::RenameTab);
    bench.send(Message::TabNamed("Arm".to_owned()));
    bench.send(Message::TabNameAccepted);
    assert!(bench.says("Arm") && bench.says("Board 1"));
    // What the other tab shows is still collected.
    for _ in 0..20 {
        let _ = rate.publish(vector(7.0, 0.0, 0.0));
        bench.tick();
    }
    bench.send(Message::NextTab);
    bench.until("the samples of meanwhile are there", |b| {
        let latest = b.scope.charts().focused().and_then(|c| c.source().latest(0));
        latest.is_some_and(|(_, value)| value == 7.0)
    });
    let saved = bench.scope.board();
    assert_eq!((saved.charts.len(), saved.tabs.len()), (1, 1));
    assert_eq!(saved.tabs[0].name.as_deref(), Some("Arm"));
    let again = Bench::new(saved.clone());
    assert_eq!(again.scope.board(), saved);
    bench.send(Message::CloseTab(Some(0)));
    assert_eq!(bench.scope.tab_names(), ["Arm"]);
    bench.send(Message::ReopenTab);
    assert_eq!(curves(&bench), [["/imu/rate:x"]]);
    bench.send(Message::CloseTab(None));
    bench.send(Message::CloseTab(None));
    assert_eq!(bench.scope.tab_names(), ["Board 1"], "the last one is an empty one");
}

#[test]
fn the_palette_finds_commands_topics_and_fields() {
    let (mut bench, _rate) = with_curve("");
    bench.send(Message::TogglePalette);
    bench.send(Message::PaletteTyped("rate y".to_owned()));
    assert!(bench.says("/imu/rate:y"));
    bench.send(Message::Chosen(None));
    assert_eq!(curves(&bench), [["/imu/rate:x", "/imu/rate:y"]]);
    bench.send(Message::TogglePalette);
    bench.send(Message::PaletteTyped("new tab".to_owned()));
    bench.click("New tab");
    assert_eq!(bench.scope.tab_names().len(), 2);
    bench.send(Message::TogglePalette);
    bench.send(Message::PaletteTyped("nothing is called so".to_owned()));
    assert!(bench.says("Nothing is called so"));
    bench.send(Message::Escape);
    assert!(!bench.says("Nothing is called so"));
}

#[test]
fn a_field_that_changes_its_type_is_told_in_its_chart() {
    let (mut bench, rate) = with_curve("");
    drop(rate);
    let at = field("/imu/rate:x");
    assert!(bench.scope.history().problem(&at).is_none());
    let _other = bench.writer("/imu/rate", "std_msgs/msg/String");
    bench.until("the new type is told of", |b| b.scope.history().problem(&at).is_some());
    let problem = bench.scope.history().problem(&at).expect("told").to_owned();
    assert!(problem.contains("/imu/rate") && problem.contains('x'), "{problem}");
    assert!(bench.says(&problem), "in the legend");
    // What was drawn before stays.
    let chart = bench.scope.charts().focused().expect("a chart");
    assert!(chart.source().latest(0).is_some());
}

#[test]
fn the_clock_is_chosen_and_kept() {
    let (mut bench, _rate) = with_curve("");
    assert!(bench.says("source time"));
    bench.click("source time");
    assert!(bench.says("receive time"));
    bench.click("until now");
    assert!(bench.says("since start"));
    let saved = bench.scope.board();
    assert!(saved.since_start && saved.clock == roswave::board::Clock::Receive);
    let again = Bench::new(saved);
    assert!(again.says("receive time") && again.says("since start"));
}

#[test]
fn it_looks_as_it_did() {
    let text = "name = \"Bench\"\n[[chart]]\ntitle = \"Waiting\"\ncurves = [\"/a:x\", { curve = \"/a:y\", axis = \"right\", color = 9 }]\n\
        [chart.trigger]\ncurve = \"/a:x\"\nwhen = \"window:low=-1,high=1,mode=single\"\nkeep = 8\n[[tab]]\nname = \"Arm\"\n";
    for (mode, name) in [(Mode::Dark, "dark"), (Mode::Light, "light")] {
        let mut bench = Bench::new(board(text));
        bench.surroundings.colors = mode;
        let pane = focus(&bench);
        bench.send(Message::ToggleTrigger(Some(pane)));
        bench.send(Message::ChartAnswered(pane, Event::CurveOpened(1)));
        let mut ui = bench.simulator();
        let image = ui.snapshot(&theme::theme(mode)).expect("drawn");
        let path = format!("{}/tests/snapshots/charts-work-{name}", env!("CARGO_MANIFEST_DIR"));
        assert!(image.matches_image(&path).expect("compared"), "{path} differs");
        drop(ui);
        bench.send(Message::Escape);
        bench.send(Message::TogglePalette);
        let mut ui = bench.simulator();
        let image = ui.snapshot(&theme::theme(mode)).expect("drawn");
        let path = format!("{}/tests/snapshots/palette-{name}", env!("CARGO_MANIFEST_DIR"));
        assert!(image.matches_image(&path).expect("compared"), "{path} differs");
    }
}
