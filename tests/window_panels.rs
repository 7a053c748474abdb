//! Kinds of panels of the scope, driven as a user drives them, without a display.

use std::path::Path;
use std::sync::Arc;

use roswave::board::{Board, PanelKind};
use roswave::scope::pane::Pane;
use roswave::scope::{Message, panel};
use roswave_engine::cdr::Encoder;
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::Timing;
use roswave_engine::signal::FieldRef;
use roswave_engine::transport::memory::MemoryWriter;
use roswave_widgets::figure::{FigureSource as _, Kind};
use roswave_widgets::lanes::{LaneKind, LaneSource as _, Segment};
use roswave_widgets::{WaterfallSource as _, lanes};

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

const MS: i64 = 1_000_000;
const FLOAT: &str = "std_msgs/msg/Float64";

fn board(text: &str) -> Board {
    Board::parse(text, Path::new("test.toml")).expect("a board")
}

fn float(value: f64) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    encoder.f64(value);
    encoder.payload().into()
}

fn field(text: &str) -> FieldRef {
    text.parse().expect("a field")
}

fn focused(bench: &Bench) -> &Pane {
    bench.scope.charts().focused().expect("a chart")
}

/// Waits until a topic is read.
fn until_read(bench: &mut Bench, topic: &str) {
    bench.until("the topic is read", |b| {
        let mut topics = b.scope.snapshot().topics.iter();
        topics.any(|(name, status)| name.as_str() == topic && status.subscribed)
    });
}

/// Publishes what is long out of sight until it arrives at every curve: from then on nothing is missed.
fn until_plotted(bench: &mut Bench, mut publish: impl FnMut(i64)) {
    let mut long_ago = Timestamp::now().0 - 100_000 * MS;
    bench.until("the curves are read", |b| {
        long_ago += MS;
        publish(long_ago);
        let chart = focused(b);
        (0..chart.curves().len()).all(|index| chart.source().latest(index).is_some())
    });
}

/// Publishes as if a message had come at a time.
fn send(writer: &mut MemoryWriter, payload: Arc<[u8]>, at_ns: i64) {
    let at = Timestamp(at_ns);
    let _ = writer.publish_at(payload, Some(at), at);
}

/// The points of the first trail of an XY plot, without what interrupts it.
fn trail(pane: &Pane) -> Vec<[f64; 2]> {
    let figure = pane.panel().plane().expect("an XY plot").figure();
    let Some(Kind::Trail(points)) = figure.layers.first().map(|layer| &layer.kind) else {
        return Vec::new();
    };
    points.iter().copied().filter(|at| !at[0].is_nan()).collect()
}

#[test]
fn every_kind_has_a_key_and_says_what_it_needs() {
    let mut bench = Bench::new(Board::default());
    let _topic = bench.writer("/a", FLOAT);
    bench.until("the topic is listed", |b| b.says("1 topic"));
    for (kind, needs) in [
        (PanelKind::Spectrum, "Click a field in the tree, or drag one here"),
        (PanelKind::Waterfall, ""),
        (PanelKind::Histogram, "Click a field in the tree, or drag one here"),
        (PanelKind::Allan, "Click a field in the tree, or drag one here"),
        (
            PanelKind::Xy,
            "An XY plot needs a field along X and one along Y: drop one on each",
        ),
        (PanelKind::Lanes, "bits"),
        (PanelKind::Profile, "Drag an array here: ranges, data, position"),
    ] {
        bench.send(Message::PickKindHere(kind));
        assert_eq!(focused(&bench).kind(), kind);
        // What a waterfall says is drawn by itself.
        assert!(
            kind == PanelKind::Waterfall || bench.says(needs),
            "{kind} says `{needs}`"
        );
        let again = Board {
            charts: vec![focused(&bench).spec()],
            ..Board::default()
        };
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("board.toml");
        again.save(&path).expect("saved");
        assert_eq!(Board::load(&path).expect("loaded"), again, "{kind}");
    }
}

#[test]
fn an_xy_plot_draws_one_field_over_another_of_another_rate() {
    let mut bench = Bench::new(board(
        "[[chart]]\nkind = \"xy\"\ncurves = [\"/x:data\", \"/y:data\"]\npanel = { x = [0] }\n",
    ));
    let mut x = bench.writer("/x", FLOAT);
    let mut y = bench.writer("/y", FLOAT);
    until_plotted(&mut bench, |at_ns| {
        send(&mut x, float(0.0), at_ns);
        send(&mut y, float(0.0), at_ns);
    });
    let begin = Timestamp::now().0 - 3_000 * MS;
    for n in 0..2_000_i64 {
        send(&mut x, float(n as f64), begin + n * MS);
        if n % 10 == 0 {
            send(&mut y, float(-2.0 * n as f64), begin + n * MS);
        }
    }
    // A view tells the panel what its curves are.
    bench.until("the way is drawn", |b| {
        b.says("equal axes") && trail(focused(b)).len() > 100
    });
    bench.until("its newest point is there", |b| {
        trail(focused(b)).last().is_some_and(|at| at[0] >= 1_900.0)
    });
    let points = trail(focused(&bench));
    assert!(
        points.iter().all(|[x, y]| (y + 2.0 * x).abs() < 1e-6),
        "between samples it is linear"
    );
    assert!(points.len() < 10_000, "{} points", points.len());

    bench.click("equal axes");
    assert!(focused(&bench).panel().spec().equal);
    let figure = |b: &Bench| focused(b).panel().plane().expect("an XY plot").figure();
    let _ = bench.says("equal axes");
    assert!(figure(&bench).x.equal);
    bench.click("linear");
    assert!(bench.says("hold"));

    // What was drawn stays while it is paused, and the other axis can be chosen.
    bench.send(Message::PauseAll);
    bench.tick();
    assert!(!trail(focused(&bench)).is_empty());
    bench.click("X");
    assert!(bench.says("An XY plot needs a field along X and one along Y: drop one on each"));
    let spec = focused(&bench).spec();
    assert_eq!((spec.panel.x.len(), spec.panel.equal), (0, true));
}

#[test]
fn a_field_is_dropped_on_either_axis() {
    let mut bench = Bench::new(board("[[chart]]\nkind = \"xy\"\n"));
    let _x = bench.writer("/x", FLOAT);
    bench.until("the topic is listed", |b| b.says("1 topic"));
    let pane = bench.scope.charts().focus();
    for (text, on_x) in [("/x:data", false), ("/y:data", true)] {
        bench.send(Message::FieldCarried(field(text)));
        assert!(bench.says("X") && bench.says("Y"), "both axes are places to drop it");
        bench.send(Message::PanelAnswered(pane, panel::Event::Dropped { on_x }));
        bench.send(Message::DragEnded);
    }
    let curves = focused(&bench).curves();
    assert_eq!(curves.iter().map(|curve| curve.on_x).collect::<Vec<_>>(), [false, true]);
    assert_eq!(focused(&bench).spec().panel.x, [1]);
}

fn state(id: u8) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    encoder.u8(id);
    encoder.string("");
    encoder.payload().into()
}

fn segments(bench: &Bench, lane: usize) -> Vec<Segment> {
    let mut out = Vec::new();
    if let Some(states) = focused(bench).panel().states() {
        states.segments(lane, i64::MIN, i64::MAX, &mut out);
    }
    out
}

#[test]
fn state_lanes_have_exact_transitions_and_the_names_of_the_message() {
    let mut bench = Bench::new(board("[[chart]]\nkind = \"lanes\"\ncurves = [\"/state:id\"]\n"));
    let mut writer = bench.writer("/state", "lifecycle_msgs/msg/State");
    until_plotted(&mut bench, |at_ns| send(&mut writer, state(10), at_ns));
    let begin = Timestamp::now().0 - 2_000 * MS;
    let id = |n: i64| if (500..501).contains(&n) || n >= 1_000 { 3 } else { 1 };
    for n in 0..1_500 {
        send(&mut writer, state(id(n)), begin + n * MS);
    }
    bench.until("all states are there", |b| {
        let _ = b.says("bits");
        segments(b, 0)
            .last()
            .is_some_and(|last| last.from_ns == begin + 1_000 * MS)
    });
    let found = segments(&bench, 0);
    let found = &found[found.len() - 4..];
    let begins: Vec<i64> = found.iter().map(|segment| (segment.from_ns - begin) / MS).collect();
    assert_eq!(begins, [0, 500, 501, 1_000], "a glitch of one message is there");
    assert_eq!(found[1].to_ns, Some(begin + 501 * MS), "to the nanosecond");
    let names: Vec<&str> = found.iter().map(|segment| &*segment.label).collect();
    assert_eq!(
        names,
        [
            "PRIMARY_STATE_UNCONFIGURED",
            "PRIMARY_STATE_ACTIVE",
            "PRIMARY_STATE_UNCONFIGURED",
            "PRIMARY_STATE_ACTIVE"
        ]
    );
    let states = focused(&bench).panel().states().expect("lanes");
    assert_eq!(states.lane(0).kind, LaneKind::Enum);
    assert!(states.csv().contains(",PRIMARY_STATE_ACTIVE,"), "{}", states.csv());
    assert!(
        states
            .totals()
            .is_some_and(|text| text.contains("PRIMARY_STATE_ACTIVE 2×")),
        "{:?}",
        states.totals()
    );
    assert!(!states.figure().layers.is_empty());
}

#[test]
fn a_word_is_shown_bit_by_bit() {
    let mut bench = Bench::new(board("[[chart]]\nkind = \"lanes\"\ncurves = [\"/flags:data\"]\n"));
    let mut writer = bench.writer("/flags", "std_msgs/msg/UInt16");
    until_plotted(&mut bench, |at_ns| {
        let mut encoder = Encoder::new();
        encoder.u16(1);
        send(&mut writer, encoder.payload().into(), at_ns);
    });
    let begin = Timestamp::now().0 - 1_000 * MS;
    for n in 0..100_i64 {
        let mut encoder = Encoder::new();
        encoder.u16(if n < 50 { 0b001 } else { 0b101 });
        send(&mut writer, encoder.payload().into(), begin + n * 10 * MS);
    }
    bench.until("both words are there", |b| {
        let _ = b.says("bits");
        segments(b, 0).len() == 2
    });
    bench.click("bits");
    bench.until("the bits are there", |b| {
        let _ = b.says("bits");
        focused(b).panel().states().is_some_and(|states| states.lanes() == 4)
    });
    let states = focused(&bench).panel().states().expect("lanes");
    assert_eq!(
        (states.lane(0).kind, states.lane(3).kind),
        (LaneKind::Bits, LaneKind::Bool)
    );
    assert_eq!(segments(&bench, 1).len(), 1, "bit 0 never changes");
    let third = segments(&bench, 3);
    assert_eq!((third[0].value, third[1].value), (0, 1));
    assert_eq!(third[1].from_ns, begin + 500 * MS);
    let pane = bench.scope.charts().focus();
    let hover = lanes::Event::Hovered(Some(lanes::Hover {
        at_ns: begin,
        lane: Some(3),
    }));
    bench.send(Message::PanelAnswered(pane, panel::Event::Lanes(hover)));
    let states = focused(&bench).panel().states().expect("lanes");
    assert!(
        states.totals().is_some_and(|text| text.contains("bit 2")),
        "{:?}",
        states.totals()
    );
}

#[test]
fn a_waterfall_shows_the_line_of_a_sine() {
    let mut bench = Bench::new(board(
        "[[chart]]\nkind = \"waterfall\"\nwindow_s = 5\ncurves = [\"/sine:data\"]\n",
    ));
    let mut writer = bench.writer("/sine", FLOAT);
    until_plotted(&mut bench, |at_ns| send(&mut writer, float(0.0), at_ns));
    let begin = Timestamp::now().0 - 4_000 * MS;
    for n in 0..4_000_i64 {
        let value = (std::f64::consts::TAU * 125.0 * n as f64 * 1e-3).sin();
        send(&mut writer, float(value), begin + n * MS);
    }
    let columns = |b: &Bench| {
        let _ = b.says("/sine:data");
        focused(b).panel().fall().map_or(0, |fall| fall.head() - fall.tail())
    };
    bench.until("there are spectra", |b| columns(b) > 20);
    let fall = focused(&bench).panel().fall().expect("a waterfall");
    let mut levels = Vec::new();
    fall.copy(fall.head() - 1, fall.head(), &mut levels);
    let loudest = (0..levels.len())
        .max_by(|a, b| levels[*a].total_cmp(&levels[*b]))
        .expect("levels");
    let (_, high_hz) = fall.freq_range_hz();
    let hz = loudest as f64 * high_hz / (levels.len() - 1) as f64;
    assert!((hz - 125.0).abs() < 4.0, "{hz} Hz");
    let note = fall.note().expect("a note");
    assert!(note.contains("interpolated linearly to 1000 Hz"), "{note}");
    let (low, high) = fall.db_range();
    assert!(low < high && levels.iter().all(|level| *level <= high), "{low} {high}");
    let picture = fall.picture().expect("spectra");
    let last = picture
        .spectra()
        .last()
        .map(|(time_ns, levels)| (time_ns, levels.to_vec()));
    assert_eq!(last.map(|(_, levels)| levels.len()), Some(fall.bins()));

    bench.send(Message::PauseAll);
    let before = columns(&bench);
    for n in 4_000..5_000_i64 {
        send(&mut writer, float(0.0), begin + n * MS);
    }
    (0..20).for_each(|_| bench.tick());
    assert!(columns(&bench) >= before, "what is shown stays");
}

/// A `Float64MultiArray` of rows of columns.
fn array(rows: u32, columns: u32) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    encoder.sequence(2);
    for (label, size, stride) in [("row", rows, rows * columns), ("column", columns, columns)] {
        encoder.string(label);
        encoder.u32(size);
        encoder.u32(stride);
    }
    encoder.u32(0);
    encoder.sequence((rows * columns) as usize);
    for n in 0..rows * columns {
        encoder.f64(f64::from(n));
    }
    encoder.payload().into()
}

#[test]
fn an_array_becomes_a_curve_for_each_element() {
    let mut bench = Bench::new(Board::default());
    let mut writer = bench.writer("/array", "std_msgs/msg/Float64MultiArray");
    bench.until("the topic is listed", |b| b.says("1 topic"));
    let pane = bench.scope.charts().focus();
    bench.send(Message::ToggleFormula(pane));
    bench.send(Message::EditFormula(pane, "/array:data[*]".to_owned()));
    assert_eq!(focused(&bench).formula_error(), None);
    bench.send(Message::AcceptFormula(pane));
    bench.until("it is unfolded", |b| {
        let _ = writer.publish(array(2, 3));
        focused(b).curves().len() == 6
    });
    assert!(focused(&bench).has(&field("/array:data[5]")));
    assert!(focused(&bench).spec().panel.arrays.is_empty());

    bench.send(Message::AddChart);
    let pane = bench.scope.charts().focus();
    bench.send(Message::FieldCarried(field("/array:data")));
    bench.send(Message::ChartAnswered(
        pane,
        roswave_widgets::chart::Event::FieldDropped,
    ));
    bench.until("the bound is told", |b| {
        let _ = writer.publish(array(10, 10));
        focused(b).curves().len() == 32 || focused(b).curves().len() == 6
    });
}

#[test]
fn too_many_elements_are_told() {
    let mut bench = Bench::new(board("[[chart]]\npanel = { arrays = [\"/array:data\"] }\n"));
    let mut writer = bench.writer("/array", "std_msgs/msg/Float64MultiArray");
    bench.until("it is unfolded", |b| {
        let _ = writer.publish(array(10, 10));
        !focused(b).curves().is_empty()
    });
    assert_eq!(focused(&bench).curves().len(), 32);
    assert!(bench.says(
        "/array:data has 100 elements and a chart draws 32 curves: the first 32 are drawn; \
         drag single ones for the others, or show all of them in an array profile"
    ));
}

#[test]
fn a_profile_keeps_arrays_as_wholes() {
    let mut bench = Bench::new(board("[[chart]]\nkind = \"profile\"\n"));
    let _writer = bench.writer("/array", "std_msgs/msg/Float64MultiArray");
    bench.until("the topic is listed", |b| b.says("1 topic"));
    let pane = bench.scope.charts().focus();
    bench.send(Message::FieldCarried(field("/array:data")));
    bench.send(Message::ChartAnswered(
        pane,
        roswave_widgets::chart::Event::FieldDropped,
    ));
    assert_eq!(focused(&bench).spec().panel.arrays, [field("/array:data")]);
    assert!(bench.says("/array:data[]"));
    until_read(&mut bench, "/array");
    bench.send(Message::PanelAnswered(pane, panel::Event::ArrayRemoved(0)));
    assert!(!bench.says("/array:data[]"));
}

#[test]
fn the_times_of_a_topic_open_as_a_histogram() {
    let mut bench = Bench::new(Board::default());
    let _writer = bench.writer("/a", FLOAT);
    bench.until("the topic is listed", |b| b.says("1 topic"));
    bench.click("a");
    bench.click("Intervals");
    assert_eq!(focused(&bench).kind(), PanelKind::Histogram);
    assert!(focused(&bench).has(&field("/a:@interval")));
    bench.send(Message::OpenTimingHere(Timing::Latency));
    assert_eq!(bench.scope.charts().iter().count(), 2, "what is there stays");
    assert!(focused(&bench).has(&field("/a:@latency")));
    assert!(bench.says("@header_age"), "they are in the tree as well");
}
