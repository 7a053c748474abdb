//! What a chart is saved to from the window: samples in view and between the cursors, figures and tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use iced::widget::pane_grid;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use roswave::board::Board;
use roswave::scope::Message;
use roswave::scope::saving::{Extent, Part};
use roswave_engine::cdr::Encoder;
use roswave_engine::clock::Timestamp;
use roswave_engine::export::Format;
use roswave_engine::transport::memory::MemoryWriter;
use roswave_widgets::chart::Event;

use bench::Bench;

#[path = "window/bench.rs"]
mod bench;

const MS: i64 = 1_000_000;
const FLOAT: &str = "std_msgs/msg/Float64";
const SAMPLES: i64 = 20_000;

fn float(value: f64) -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    encoder.f64(value);
    encoder.payload().into()
}

fn send(writer: &mut MemoryWriter, value: f64, at_ns: i64) {
    let at = Timestamp(at_ns);
    let _ = writer.publish_at(float(value), Some(at), at);
}

fn focus(bench: &Bench) -> pane_grid::Pane {
    bench.scope.charts().focus()
}

fn newest(bench: &Bench, curve: usize) -> Option<f64> {
    let chart = bench.scope.charts().focused()?;
    chart.source().latest(curve).map(|(_, value)| value)
}

/// A bench whose chart shows the numbers 0, 1, 2… of one topic, one per millisecond; and the time of the first.
fn with_numbers() -> (Bench, MemoryWriter, i64) {
    let text = "[[chart]]\nwindow_s = 60\ncurves = [\"/a:data\", \"= 2 * /a:data\"]\n";
    let mut bench = Bench::new(Board::parse(text, Path::new("test.toml")).expect("a board"));
    let mut writer = bench.writer("/a", FLOAT);
    let mut long_ago = Timestamp::now().0 - 1_000_000 * MS;
    bench.until("the curve is read", |b| {
        long_ago += MS;
        send(&mut writer, -1.0, long_ago);
        b.scope
            .charts()
            .focused()
            .is_some_and(|c| c.source().latest(0).is_some())
    });
    let begin = Timestamp::now().0 - (SAMPLES + 1_000) * MS;
    for n in 0..SAMPLES {
        send(&mut writer, n as f64, begin + n * MS);
        // Reader and ring have room for a few thousand.
        if n % 2_000 == 1_999 {
            bench.until("they are drawn", |b| newest(b, 0) == Some(n as f64));
        }
    }
    bench.until("the derived curve is there", |b| {
        newest(b, 1) == Some(2.0 * (SAMPLES - 1) as f64)
    });
    (bench, writer, begin)
}

/// Reads on for what is being saved until there is another file.
fn saved(bench: &mut Bench, before: usize) -> PathBuf {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        bench.send(Message::SamplesRead);
        let files = bench.saved();
        let whole = files.iter().all(|path| path.extension().is_some_and(|e| e != "active"));
        if files.len() > before && whole {
            return files.last().cloned().expect("a file");
        }
        assert!(Instant::now() < end, "nothing was saved: {files:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn samples_in_view_are_saved_as_parquet() {
    let (mut bench, _writer, begin) = with_numbers();
    bench.send(Message::ToggleSave(None));
    for text in ["Figure", "SVG", "PNG", "Samples in view", "CSV", "Samples between A, B"] {
        assert!(bench.says(text), "{text}");
    }
    bench.click("Parquet");
    assert!(!bench.says("Samples in view"), "what was chosen closes the menu");
    let path = saved(&mut bench, 0);
    let file = std::fs::File::open(&path).expect("the file");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    let rows = reader.get_row_iter(None).expect("rows");
    let rows: Vec<(String, i64, f64)> = rows
        .map(|row| {
            let row = row.expect("a row");
            let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
            match fields[..] {
                [Field::Str(curve), _, Field::Long(time_ns), Field::Double(value)] => (curve.clone(), *time_ns, *value),
                _ => panic!("{fields:?}"),
            }
        })
        .collect();
    let names: Vec<String> = {
        let chart = bench.scope.charts().focused().expect("a chart");
        chart.curves().iter().map(|curve| curve.recipe.label(true)).collect()
    };
    let expected = |name: &str, factor: f64| {
        let name = name.to_owned();
        (0..SAMPLES).map(move |n| (name.clone(), begin + n * MS, factor * n as f64))
    };
    let whole: Vec<_> = expected(&names[0], 1.0).chain(expected(&names[1], 2.0)).collect();
    assert_eq!(rows.len(), whole.len());
    assert!(rows == whole, "every sample, in order, of either curve");
}

#[test]
fn samples_between_the_cursors_are_saved_and_nothing_else() {
    let (mut bench, _writer, begin) = with_numbers();
    let save = Message::Save(None, Part::Samples(Extent::Selected, Format::Csv));
    bench.send(save.clone());
    let notice = bench.scope.notice().expect("a sentence");
    assert!(notice.text.contains("put the cursors A and B"), "{}", notice.text);
    assert!(bench.saved().is_empty());

    let pane = focus(&bench);
    for (which, at) in [(0, 300), (1, 100)] {
        let time_ns = begin + at * MS;
        bench.send(Message::ChartAnswered(pane, Event::CursorMoved { which, time_ns }));
    }
    bench.send(Message::ChartAnswered(pane, Event::CurveHidden(1)));
    bench.send(save);
    let path = saved(&mut bench, 0);
    let text = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "curve,unit,time_ns,value");
    assert_eq!(
        lines.len(),
        202,
        "100 to 300, both included; what is hidden is left out"
    );
    assert_eq!(lines[1], format!("/a:data,,{},100.0", begin + 100 * MS));
    assert_eq!(lines[201], format!("/a:data,,{},300.0", begin + 300 * MS));
}

#[test]
fn what_is_given_up_leaves_nothing() {
    let (mut bench, _writer, _) = with_numbers();
    bench.send(Message::Save(None, Part::Samples(Extent::Shown, Format::Parquet)));
    bench.until("the file is begun", |b| !b.saved().is_empty());
    bench.send(Message::CancelSaving);
    bench.until("nothing is left of it", |b| b.saved().is_empty());
    bench.send(Message::SamplesRead);
    assert!(bench.saved().is_empty());
}

#[test]
fn a_curve_that_is_taken_off_meanwhile_leaves_no_half_a_file() {
    let (mut bench, _writer, _) = with_numbers();
    bench.send(Message::Save(None, Part::Samples(Extent::Shown, Format::Csv)));
    bench.until("the file is begun", |b| !b.saved().is_empty());
    // A derived series goes with its curve.
    let pane = focus(&bench);
    bench.send(Message::ChartAnswered(pane, Event::CurveRemoved(1)));
    bench.send(Message::SamplesRead);
    bench.until("nothing is left of it", |b| b.saved().is_empty());
}
