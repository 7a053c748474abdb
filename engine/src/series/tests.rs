//! What the store keeps, forgets and draws, case by case.

mod loading;
mod random;
mod reading;

use super::*;
use crate::ingest::{RowProducer, row_ring};

const MS: i64 = 1_000_000;

/// A store with one topic of `width` fields, and the means to fill it.
struct Rig {
    store: Store,
    rows: RowProducer,
}

impl Rig {
    fn new(width: usize, budget_bytes: u64) -> Self {
        let mut store = Store::new(budget_bytes);
        let rows = add_topic(&mut store, "/a", width);
        Self { store, rows }
    }

    fn push(&mut self, time: i64, values: &[f64], gap: bool) {
        if !self.rows.push(Timestamp(time), Timestamp(time), gap, values) {
            let _ = self.store.drain();
            assert!(
                self.rows.push(Timestamp(time), Timestamp(time), gap, values),
                "drained above"
            );
        }
    }

    fn all(&self, column: u32) -> Vec<(i64, u64, bool)> {
        let samples = self
            .store
            .samples(series(column), Timestamp(i64::MIN), Timestamp(i64::MAX));
        samples.map(|(t, v, g)| (t.0, v.to_bits(), g)).collect()
    }
}

fn series(column: u32) -> SeriesId {
    SeriesId { topic: 1, column }
}

fn add_topic(store: &mut Store, name: &str, width: usize) -> RowProducer {
    let (producer, rows) = row_ring(width, 8192);
    let topic = TopicName::new(name).expect("a name");
    store.attach(PlotFeed {
        topic,
        fields: (0..width)
            .map(|n| FieldPath::parse(&format!("f[{n}]")).expect("a path"))
            .collect(),
        units: vec![None; width],
        timings: Vec::new(),
        rows,
    });
    producer
}

fn noise(n: i64) -> f64 {
    let mut x = n.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / (1u64 << 53) as f64 - 0.5
}

/// Time of the nth row of a kilohertz with jitter.
fn tick(n: i64) -> i64 {
    1_700_000_000_000_000_000 + n * MS + (noise(n) * 200_000.0) as i64
}

#[test]
fn a_sample_takes_twelve_bytes_at_most() {
    let mut rig = Rig::new(1, 1 << 30);
    for n in 0..1_000_000 {
        rig.push(tick(n), &[noise(n)], n % 1000 == 0);
    }
    let _ = rig.store.drain();
    let usage = rig.store.usage();
    assert_eq!(usage.samples, 1_000_000);
    let per_sample = usage.used_bytes as f64 / usage.samples as f64;
    assert!((10.0..=12.0).contains(&per_sample), "{per_sample} bytes per sample");
}

#[test]
fn late_rows_that_divide_full_chunks_leave_none_unpacked() {
    let mut rig = Rig::new(1, 1 << 30);
    let step = 10_000;
    for n in 0..4 * 4096 {
        rig.push(n * step, &[n as f64], false);
    }
    // Every one of these falls into a full chunk, from the newest to the oldest.
    for n in 1..400 {
        rig.push((4 * 4096 - 40 * n) * step + 1, &[0.0], false);
        let _ = rig.store.drain();
        let history = &rig.store.topics[&1].history;
        assert_eq!(history.bytes(), history.counted_bytes(), "after {n} late rows");
    }
}

#[test]
fn the_budget_holds_and_the_trend_stays() {
    let budget = 2 << 20;
    let mut rig = Rig::new(2, budget);
    for n in 0..1_500_000 {
        rig.push(tick(n), &[noise(n), n as f64], false);
        if n % 4000 == 0 {
            let _ = rig.store.drain();
            let usage = rig.store.usage();
            assert!(usage.used_bytes <= budget, "{} bytes after {n} rows", usage.used_bytes);
        }
    }
    let _ = rig.store.drain();
    let topic = &rig.store.topics[&1];
    assert_eq!(topic.history.bytes(), topic.history.counted_bytes());
    let oldest = rig.store.usage().oldest.expect("data");
    assert!(oldest.0 <= tick(200), "the trend reaches back to the first rows");
    let (min, max) = rig
        .store
        .range(series(1), Timestamp(i64::MIN), Timestamp(i64::MAX))
        .expect("data");
    assert_eq!((min, max), (0.0, 1_499_999.0));
    assert!(rig.store.usage().samples < 3_000_000);
}

#[test]
fn a_slow_topic_keeps_its_newest_rows() {
    let budget = 1 << 20;
    let mut rig = Rig::new(1, budget);
    let mut slow = add_topic(&mut rig.store, "/slow", 1);
    for n in 0..400_000 {
        rig.push(tick(n), &[noise(n)], false);
        if n % 1000 == 0 {
            assert!(slow.push(Timestamp(tick(n)), Timestamp(tick(n)), false, &[n as f64]));
            let _ = rig.store.drain();
        }
    }
    let _ = rig.store.drain();
    assert!(rig.store.usage().used_bytes <= budget);
    let slow = SeriesId { topic: 2, column: 0 };
    assert_eq!(rig.store.latest(slow), Some((Timestamp(tick(399_000)), 399_000.0)));
}

#[test]
fn a_jump_back_drops_what_it_contradicts() {
    let mut rig = Rig::new(1, 1 << 30);
    for n in 0..10_000 {
        rig.push(n * MS, &[n as f64], false);
    }
    let spec = TraceSpec {
        bucket_ns: 10 * MS,
        span_ns: 60_000 * MS,
    };
    let _ = rig.store.drain();
    let trace = rig.store.trace(series(0), spec);
    let before = rig.store.trace_view(trace).generation;
    // A stray time in the far future, then back to where it was; then a bag that begins again.
    rig.push(i64::MAX, &[7.0], false);
    rig.push(10_000 * MS, &[10_000.0], false);
    rig.push(4_000 * MS, &[-1.0], false);
    let _ = rig.store.drain();
    let all = rig.all(0);
    assert_eq!(all.len(), 4_001);
    assert_eq!(all.last(), Some(&(4_000 * MS, (-1.0f64).to_bits(), true)));
    let view = rig.store.trace_view(trace);
    assert!(view.generation > before);
    let rebuilt = rig.store.trace(series(0), spec);
    let points = |id| {
        rig.store
            .trace_view(id)
            .points()
            .map(|(t, v)| (t, v.to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(points(trace), points(rebuilt));
}

#[test]
fn what_cannot_be_drawn_is_marked() {
    let mut rig = Rig::new(1, 1 << 30);
    let id = rig.store.trace(
        series(0),
        TraceSpec {
            bucket_ns: 10 * MS,
            span_ns: 1000 * MS,
        },
    );
    let odd = [
        1.0,
        f64::NAN,
        f64::NAN,
        f64::INFINITY,
        2.0,
        f64::NEG_INFINITY,
        MISSING,
        3.0,
    ];
    for (n, value) in (0..).zip(odd) {
        rig.push(n * 20 * MS, &[value], false);
    }
    let _ = rig.store.drain();
    let view = rig.store.trace_view(id);
    let marks: Vec<_> = view.marks().map(|mark| (mark.time.0 / MS, mark.kind)).collect();
    let expected = [
        (20, BreakKind::Nan),
        (40, BreakKind::Nan),
        (60, BreakKind::PlusInfinity),
        (100, BreakKind::MinusInfinity),
        (120, BreakKind::Missing),
    ];
    assert_eq!(marks, expected);
    let drawn: Vec<_> = view.points().step_by(4).map(|(_, v)| v.is_nan()).collect();
    assert_eq!(drawn, [false, true, false, true, false]);
}

#[test]
fn large_offsets_keep_their_resolution() {
    let mut rig = Rig::new(1, 1 << 30);
    let id = rig.store.trace(
        series(0),
        TraceSpec {
            bucket_ns: MS,
            span_ns: 2000 * MS,
        },
    );
    for n in 0..5_000 {
        let value = if n < 1000 { 0.0 } else { 1e9 + (n % 2) as f64 * 1e-3 };
        rig.push(tick(n), &[value], false);
        let _ = rig.store.drain();
    }
    let view = rig.store.trace_view(id);
    let mut points = Vec::new();
    view.copy(view.tail, view.head, &mut points);
    for ((time, value), [x, y]) in view.points().zip(points) {
        assert!((f64::from(y) + view.base_value - value).abs() < 1e-6);
        let seconds = time.since(Timestamp(view.base_time_ns)) as f64 * 1e-9;
        assert!((f64::from(x) - seconds).abs() < 0.25e-3);
    }
}

#[test]
fn a_rebuild_reaches_over_the_whole_span() {
    let mut rig = Rig::new(1, 1 << 30);
    for n in 0..600_000 {
        rig.push(tick(n), &[noise(n)], false);
    }
    let _ = rig.store.drain();
    let id = rig.store.trace(
        series(0),
        TraceSpec {
            bucket_ns: 600 * MS,
            span_ns: 600_000 * MS,
        },
    );
    let view = rig.store.trace_view(id);
    assert!(view.head - view.tail >= 4 * 999);
}

#[test]
fn a_feed_that_replaces_another_continues_its_fields() {
    let topic = TopicName::new("/odom").expect("a name");
    let [x, y] = ["x", "y"].map(|path| FieldPath::parse(path).expect("a path"));
    let mut store = Store::new(1 << 30);
    let attach = |store: &mut Store, fields: &[FieldPath]| {
        let (producer, rows) = row_ring(fields.len(), 64);
        let units = vec![None; fields.len()];
        store.attach(PlotFeed {
            topic: topic.clone(),
            fields: fields.to_vec(),
            units,
            timings: Vec::new(),
            rows,
        });
        producer
    };
    let mut rows = attach(&mut store, std::slice::from_ref(&x));
    assert!(rows.push(Timestamp(1), Timestamp(1), false, &[10.0]));
    // What still waits in the old ring is taken along.
    let mut rows = attach(&mut store, &[y.clone(), x.clone()]);
    assert!(rows.push(Timestamp(2), Timestamp(5), false, &[200.0, 20.0]));
    let drained = store.drain();
    assert_eq!((drained.rows, drained.samples), (1, 2));
    assert_eq!(drained.mean_receive, Some(Timestamp(5)));
    assert_eq!(
        (drained.newest_time, drained.newest_receive),
        (Some(Timestamp(2)), Some(Timestamp(5)))
    );
    let [x, y] = [x, y].map(|field| store.find(&topic, &field).expect("attached"));
    let all = |series| {
        let samples = store.samples(series, Timestamp(0), Timestamp(9));
        samples
            .map(|(time, value, _)| (time.0, value.to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(all(x), [(1, 10f64.to_bits()), (2, 20f64.to_bits())]);
    assert_eq!(all(y), [(1, MISSING.to_bits()), (2, 200f64.to_bits())]);
    assert_eq!(store.at(y, Timestamp(1)), Some((Timestamp(2), 200.0)));

    let id = store.trace(
        x,
        TraceSpec {
            bucket_ns: 1,
            span_ns: 100,
        },
    );
    assert_eq!(store.trace_view(id).head, 8);
    store.detach(&topic);
    assert_eq!(store.usage().used_bytes, 0);
    assert_eq!((store.latest(x), store.trace_view(id).head), (None, 0));
}

#[test]
fn the_mean_receive_time_is_that_of_all_rows() {
    let mut store = Store::new(1 << 30);
    let feed = |name: &str| {
        let (producer, rows) = row_ring(1, 64);
        let topic = TopicName::new(name).expect("a name");
        let fields = vec![FieldPath::parse("data").expect("a path")];
        (
            producer,
            PlotFeed {
                topic,
                fields,
                units: vec![None],
                timings: Vec::new(),
                rows,
            },
        )
    };
    let ((mut a, first), (mut b, second)) = (feed("/a"), feed("/b"));
    store.attach(first);
    store.attach(second);
    const BASE: i64 = 1_700_000_000_000_000_000;
    for receive in [0, 30, 60] {
        assert!(a.push(Timestamp(BASE), Timestamp(BASE + receive), false, &[1.0]));
    }
    assert!(b.push(Timestamp(BASE), Timestamp(BASE + 110), false, &[1.0]));
    assert_eq!(store.drain().mean_receive, Some(Timestamp(BASE + 50)));
    assert_eq!(store.drain().mean_receive, None);
}
