//! Reading on from where one was, pictures that stand still, and the choice of the clock.

use proptest::prelude::*;

use super::{MS, Rig, noise, series, tick};
use crate::cdr::{FieldPath, is_missing};
use crate::clock::Timestamp;
use crate::ingest::{ClockSource, PlotFeed, RowTimes, Timing, row_ring};
use crate::name::TopicName;
use crate::series::{Position, Store, TraceSpec};

fn read(rig: &Rig, position: &mut Position, most: usize) -> Vec<(i64, u64, bool)> {
    let mut rows = Vec::new();
    let count = rig.store.read(series(0), position, most, |time, value, gap| {
        rows.push((time.0, value.to_bits(), gap));
    });
    assert_eq!(count, rows.len());
    rows
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_in_pieces_is_what_is_there(
        steps in prop::collection::vec((0i64..3, prop::bool::weighted(0.01), prop::bool::weighted(0.02)), 1..3000),
        repeat in 1usize..6,
        most in 1usize..700,
    ) {
        let mut rig = Rig::new(1, 1 << 30);
        let mut position = Position::default();
        let (mut read_so_far, mut time, mut n) = (Vec::new(), 0, 0);
        for _ in 0..repeat {
            for (step, gap, drain) in &steps {
                // Many rows share a time.
                time += step * 100_000;
                n += 1;
                rig.push(time, &[f64::from(n)], *gap);
                if *drain {
                    let _ = rig.store.drain();
                    read_so_far.extend(read(&rig, &mut position, most));
                }
            }
        }
        let _ = rig.store.drain();
        loop {
            let more = read(&rig, &mut position, most);
            prop_assert!(more.len() <= most);
            if more.is_empty() {
                break;
            }
            read_so_far.extend(more);
        }
        prop_assert!(read_so_far == rig.all(0), "{} rows of {}", read_so_far.len(), n);
    }

    #[test]
    fn a_picture_that_stands_still_is_what_a_kept_trace_shows(
        rows in 1_000i64..30_000,
        bucket_ms in 1i64..3_000,
        cut in 0.0..0.9f64,
    ) {
        let mut rig = Rig::new(1, 1 << 30);
        for n in 0..rows {
            let value = if n % 977 == 3 { f64::NAN } else { noise(n) };
            rig.push(tick(n), &[value], n % 1500 == 7);
        }
        let _ = rig.store.drain();
        let bucket_ns = bucket_ms * MS;
        let whole = rig.store.trace(series(0), TraceSpec { bucket_ns, span_ns: 1_000_000 * MS });
        let from = tick((rows as f64 * cut) as i64);
        let to = tick(rows * 95 / 100);
        let still = rig.store.still(series(0), bucket_ns, Timestamp(from), Timestamp(to));
        let inside = |points: Vec<(Timestamp, f64)>| -> Vec<(i64, u64)> {
            let (from, to) = (from.div_euclid(bucket_ns), to.div_euclid(bucket_ns));
            points
                .into_iter()
                .filter(|(time, value)| !value.is_nan() && (from..=to).contains(&time.0.div_euclid(bucket_ns)))
                .map(|(time, value)| (time.0, value.to_bits()))
                .collect()
        };
        let kept = inside(rig.store.trace_view(whole).points().collect());
        let now = inside(still.view().points().collect());
        prop_assert!(kept == now, "{} and {} points", kept.len(), now.len());
    }
}

#[test]
fn reading_follows_a_clock_that_is_set_back() {
    let mut rig = Rig::new(1, 1 << 30);
    let mut position = Position::default();
    for n in 0..6_000 {
        rig.push(n * MS, &[n as f64], false);
    }
    let _ = rig.store.drain();
    assert_eq!(read(&rig, &mut position, usize::MAX).len(), 6_000);
    for n in 0..100 {
        rig.push((2_000 + n) * MS, &[-1.0], false);
    }
    let _ = rig.store.drain();
    let again = read(&rig, &mut position, usize::MAX);
    assert_eq!(again.len(), 100, "the rows since the clock was set back, and no other");
    assert!(again[0].2, "the line is broken there");
    assert!(read(&rig, &mut position, usize::MAX).is_empty());
}

#[test]
fn a_wide_picture_looks_at_summaries() {
    let mut rig = Rig::new(1, 1 << 30);
    let rows = 2_000_000;
    for n in 0..rows {
        rig.push(tick(n), &[if n == 777_777 { 99.0 } else { noise(n) }], false);
        if n % 4096 == 0 {
            let _ = rig.store.drain();
        }
    }
    let _ = rig.store.drain();
    let (from, to) = (Timestamp(tick(0)), Timestamp(tick(rows)));
    let still = rig.store.still(series(0), (to.0 - from.0) / 500, from, to);
    let greatest = still.view().points().map(|(_, value)| value).fold(f64::MIN, f64::max);
    assert_eq!(greatest, 99.0, "the spike of one sample is in the picture");
    assert!(still.view().head <= 4 * 504, "{} points", still.view().head);
}

#[test]
fn the_clock_is_chosen_and_differences_are_plotted() {
    let mut store = Store::new(1 << 24);
    let (mut producer, rows) = row_ring(1, 64);
    let topic = TopicName::new("/a").expect("a name");
    store.attach(PlotFeed {
        topic: topic.clone(),
        fields: vec![FieldPath::parse("x").expect("a path")],
        units: vec![None],
        timings: Timing::ALL.to_vec(),
        rows,
    });
    let mut push = |n: i64, source: bool| {
        let times = RowTimes {
            clocks_differ: false,
            source: source.then_some(Timestamp(n * 10 * MS)),
            receive: Timestamp(n * 10 * MS + 2 * MS),
            header: Some(Timestamp(n * 10 * MS - 5 * MS)),
        };
        assert!(producer.push_at(&times, false, &[n as f64]));
    };
    push(100, true);
    push(101, false);
    let _ = store.drain();
    let column = |store: &Store, path: &str| {
        let series = store
            .find(&topic, &FieldPath::parse(path).expect("a path"))
            .expect("attached");
        let samples = store.samples(series, Timestamp(i64::MIN), Timestamp(i64::MAX));
        samples.map(|(time, value, _)| (time.0 / MS, value)).collect::<Vec<_>>()
    };
    assert_eq!(
        column(&store, "x"),
        [(1000, 100.0), (1012, 101.0)],
        "received, where the source is not told"
    );
    let latency = column(&store, "@latency");
    assert_eq!(latency[0].1, 0.002);
    assert!(is_missing(latency[1].1), "not known is not zero");
    assert_eq!(column(&store, "@header_age")[1].1, 0.007);
    assert!(is_missing(column(&store, "@interval")[0].1));
    assert_eq!(column(&store, "@interval")[1].1, 0.01);

    store.set_clock(ClockSource::Header);
    push(102, true);
    let _ = store.drain();
    assert_eq!(
        column(&store, "x"),
        [(1015, 102.0)],
        "another clock begins another history"
    );
    store.set_clock(ClockSource::Receive);
    push(103, true);
    let _ = store.drain();
    assert_eq!(column(&store, "x"), [(1032, 103.0)]);
}
