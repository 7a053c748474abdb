//! Topics that are filled from a recording.

use super::*;
use crate::ingest::RowTimes;

fn times(time: i64) -> RowTimes {
    RowTimes {
        clocks_differ: false,
        source: Some(Timestamp(time - 5)),
        receive: Timestamp(time),
        header: None,
    }
}

fn fields(names: &[&str]) -> Vec<FieldPath> {
    names
        .iter()
        .map(|name| FieldPath::parse(name).expect("a path"))
        .collect()
}

fn topic() -> TopicName {
    TopicName::new("/a").expect("a name")
}

fn stored(store: &Store, field: &str) -> Vec<(i64, f64, bool)> {
    let path = FieldPath::parse(field).expect("a path");
    let series = store.find(&topic(), &path).expect("a series");
    let samples = store.samples(series, Timestamp(i64::MIN), Timestamp(i64::MAX));
    samples.map(|(time, value, gap)| (time.0, value, gap)).collect()
}

/// Pushes on a thread of its own, as whoever decodes does, and drains until everything is there.
fn fill(store: &mut Store, names: &[&str], rows: Vec<(i64, bool, Vec<f64>)>) -> u64 {
    let mut loader = store.load(&topic(), fields(names), Vec::new());
    let work = std::thread::spawn(move || {
        for (time, gap, values) in rows {
            loader.push(&times(time), gap, &values).expect("the store is there");
        }
        loader.finish().expect("the store is there")
    });
    while store.is_loading() {
        let _ = store.drain();
        std::thread::yield_now();
    }
    work.join().expect("no panic")
}

#[test]
fn what_is_loaded_reads_like_what_was_received() {
    let mut store = Store::new(64 << 20);
    store.set_clock(ClockSource::Receive);
    let rows: Vec<_> = (0..50_000_i64)
        .map(|n| (n * MS, n == 777, vec![n as f64, -(n as f64) * 0.5]))
        .collect();
    assert_eq!(fill(&mut store, &["x", "y"], rows), 0);
    let expected: Vec<_> = (0..50_000_i64).map(|n| (n * MS, n as f64, n == 777)).collect();
    assert_eq!(stored(&store, "x"), expected);
    let path = FieldPath::parse("y").expect("a path");
    let series = store.find(&topic(), &path).expect("a series");
    let part = store.range(series, Timestamp(10 * MS), Timestamp(20 * MS));
    assert_eq!(part, Some((-10.0, -5.0)));
    assert_eq!(store.usage().samples, 100_000);
    let counted: usize = store.topics.values().map(|topic| topic.history.counted_bytes()).sum();
    let kept: usize = store.topics.values().map(|topic| topic.history.bytes()).sum();
    assert_eq!(kept, counted, "the sum of bytes is kept up to date");
}

#[test]
fn late_rows_come_to_their_place_whatever_they_are_late_by() {
    let mut store = Store::new(64 << 20);
    store.set_clock(ClockSource::Receive);
    let mut rows: Vec<_> = (0..9_000_i64).map(|n| (n * MS, false, vec![n as f64])).collect();
    rows.swap(10, 8_990);
    let unplaced = fill(&mut store, &["x"], rows);
    let mut expected: Vec<_> = (0..9_000_i64).map(|n| (n * MS, n as f64, false)).collect();
    // The row that comes almost nine seconds late finds its place handed over: it is told, not put elsewhere.
    let _ = expected.remove(10);
    assert_eq!((stored(&store, "x"), unplaced), (expected, 1));
}

#[test]
fn another_choice_of_fields_begins_anew_and_the_loader_before_hears_of_it() {
    let mut store = Store::new(64 << 20);
    store.set_clock(ClockSource::Receive);
    let mut first = store.load(&topic(), fields(&["x"]), Vec::new());
    let x = store.find(&topic(), &fields(&["x"])[0]).expect("a series");
    let trace = store.trace(
        x,
        TraceSpec {
            bucket_ns: MS,
            span_ns: 1000 * MS,
        },
    );
    let rows = (0..10_i64).map(|n| (n * MS, false, vec![10.0 + n as f64, n as f64]));
    assert_eq!(fill(&mut store, &["y", "x"], rows.collect()), 0);
    let mut abandoned = false;
    for n in 0..1_000_000 {
        if first.push(&times(n * MS), false, &[0.0]).is_err() {
            abandoned = true;
            break;
        }
    }
    assert!(abandoned, "it does not decode to the end for nobody");
    assert_eq!(store.find(&topic(), &fields(&["x"])[0]), Some(x), "its id stays");
    assert_eq!(stored(&store, "x")[3], (3 * MS, 3.0, false));
    assert_eq!(stored(&store, "y")[3], (3 * MS, 13.0, false));
    let mut points = Vec::new();
    let view = store.trace_view(trace);
    view.copy(view.tail, view.head, &mut points);
    assert_eq!(
        points.len(),
        4 * 10,
        "the trace goes on with the new rows: four points per bucket"
    );
}

#[test]
fn the_budget_holds_while_loading_and_the_trend_stays() {
    let mut store = Store::new(2 << 20);
    store.set_clock(ClockSource::Receive);
    let rows = (0..1_000_000_i64).map(|n| (n * MS, false, vec![if n == 500_123 { 9.0 } else { 0.25 }]));
    let rows: Vec<_> = rows.collect();
    let mut loader = store.load(&topic(), fields(&["x"]), Vec::new());
    let work = std::thread::spawn(move || {
        for (time, gap, values) in rows {
            loader.push(&times(time), gap, &values).expect("the store is there");
        }
        loader.finish().expect("the store is there")
    });
    let mut most = 0;
    while store.is_loading() {
        let _ = store.drain();
        most = most.max(store.usage().used_bytes);
        std::thread::yield_now();
    }
    assert_eq!(work.join().expect("no panic"), 0);
    assert!(most <= 2 << 20, "{most} bytes");
    let x = store.find(&topic(), &fields(&["x"])[0]).expect("a series");
    assert!(store.usage().samples < 1_000_000, "not all of it fits raw");
    assert_eq!(store.extent(x), Some((Timestamp(0), Timestamp(999_999 * MS))));
    assert_eq!(
        store.range(x, Timestamp(500_000 * MS), Timestamp(501_000 * MS)),
        Some((0.25, 9.0)),
        "the spike is in the trend"
    );
}
