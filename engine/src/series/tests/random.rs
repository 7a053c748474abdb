//! Whatever comes in, in whatever order: the store against a plain list.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{MS, Rig, add_topic, series};
use crate::cdr::MISSING;
use crate::clock::Timestamp;
use crate::series::{LATE_LIMIT_NS, Store, TraceSpec};

/// A row to be pushed: step in time, value, gap, drain afterwards.
fn rows() -> impl Strategy<Value = Vec<(i64, f64, bool, bool)>> {
    let step = prop_oneof![
        20 => 0..3 * MS,
        2 => -20 * MS..0,
        1 => -900 * MS..0,
        1 => 0..2_000 * MS,
    ];
    let value = prop_oneof![
        20 => -1e3..1e3,
        1 => Just(f64::NAN),
        1 => Just(MISSING),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => (-100i32..100).prop_map(f64::from),
    ];
    prop::collection::vec(
        (step, value, prop::bool::weighted(0.02), prop::bool::weighted(0.1)),
        1..400,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_agrees_with_a_list(pushed in rows(), repeat in 1usize..24, width in 1i64..3_000, cut in 0.0..1.0f64) {
        let spec = TraceSpec { bucket_ns: width * 10_000, span_ns: 10_000_000 * MS };
        let mut rig = Rig::new(1, 1 << 30);
        let kept = rig.store.trace(series(0), spec);
        let mut model: Vec<(i64, u64, bool)> = Vec::new();
        let mut time = 1_000 * MS;
        for round in 0..repeat {
            for &(step, value, gap, drain) in &pushed {
                let newest = model.last().map_or(i64::MIN, |row| row.0);
                time = (time + step).max(newest.saturating_sub(LATE_LIMIT_NS));
                let value = if round % 2 == 0 { value } else { value.abs() };
                rig.push(time, &[value], gap);
                let at = model.partition_point(|row| row.0 <= time);
                model.insert(at, (time, value.to_bits(), gap));
                if drain {
                    let _ = rig.store.drain();
                }
            }
        }
        let _ = rig.store.drain();
        prop_assert!(rig.all(0) == model, "every sample comes out as it went in");

        // Ranges.
        let (first, last) = (model[0].0, model[model.len() - 1].0);
        let from = first + ((last - first) as f64 * cut) as i64;
        for (from, to) in [(first, last), (from, last), (first, from), (from, from + 300 * MS)] {
            let inside = model.iter().filter(|row| (from..=to).contains(&row.0)).map(|row| f64::from_bits(row.1));
            let finite: Vec<f64> = inside.filter(|value| value.is_finite()).collect();
            let expected = finite.iter().copied().reduce(f64::min).zip(finite.iter().copied().reduce(f64::max));
            prop_assert_eq!(rig.store.range(series(0), Timestamp(from), Timestamp(to)), expected);
        }
        let nearest = rig.store.at(series(0), Timestamp(from)).expect("data").0.0;
        let best = model.iter().map(|row| row.0.abs_diff(from)).min().expect("data");
        prop_assert_eq!(nearest.abs_diff(from), best);

        // The kept trace is the one that history gives.
        let rebuilt = rig.store.trace(series(0), spec);
        let points = |id| rig.store.trace_view(id).points().map(|(t, v)| (t, v.to_bits())).collect::<Vec<_>>();
        let (was, is) = (points(kept), points(rebuilt));
        let differs = was.iter().zip(&is).position(|(was, is)| was != is);
        prop_assert!(differs.is_none() && was.len() == is.len(), "point {differs:?} of {}, {}", was.len(), is.len());
        let marks = |id| rig.store.trace_view(id).marks().collect::<Vec<_>>();
        prop_assert_eq!(marks(kept), marks(rebuilt));

        // No extreme is hidden, and every bucket keeps its first and last sample.
        let mut drawn = BTreeMap::<i64, Vec<f64>>::new();
        for (time, value) in rig.store.trace_view(kept).points().filter(|point| !point.1.is_nan()) {
            drawn.entry(time.0.div_euclid(spec.bucket_ns)).or_default().push(value);
        }
        let mut real = BTreeMap::<i64, Vec<f64>>::new();
        for row in model.iter().filter(|row| f64::from_bits(row.1).is_finite()) {
            real.entry(row.0.div_euclid(spec.bucket_ns)).or_default().push(f64::from_bits(row.1));
        }
        let sums = |buckets: &BTreeMap<i64, Vec<f64>>| -> Vec<_> {
            buckets.iter().map(|(bucket, values)| {
                let min = values.iter().copied().reduce(f64::min);
                let max = values.iter().copied().reduce(f64::max);
                (*bucket, min, max, values[0], values[values.len() - 1])
            }).collect()
        };
        prop_assert_eq!(sums(&drawn), sums(&real));
        let times: Vec<_> = rig.store.trace_view(kept).points().map(|point| point.0).collect();
        prop_assert!(times.is_sorted(), "points are in order of time");
        let topic = &rig.store.topics[&1];
        prop_assert_eq!(topic.history.bytes(), topic.history.counted_bytes());
    }

    #[test]
    fn settled_points_stay(pushed in rows(), width in 1i64..3_000) {
        let mut rig = Rig::new(1, 1 << 30);
        let spec = TraceSpec { bucket_ns: width * 10_000, span_ns: 1_000 * MS };
        let id = rig.store.trace(series(0), spec);
        let mut uploaded = (0, BTreeMap::<u64, [u32; 2]>::new(), 0);
        let mut time = 0;
        for (step, value, gap, drain) in pushed {
            time += step;
            rig.push(time, &[value], gap);
            if !drain {
                continue;
            }
            let _ = rig.store.drain();
            let view = rig.store.trace_view(id);
            let mut out = Vec::new();
            view.copy(view.tail, view.settled, &mut out);
            let now = (view.tail..).zip(out.iter().map(|p| p.map(f32::to_bits)));
            let now: BTreeMap<_, _> = now.collect();
            if uploaded.0 == view.generation {
                prop_assert!(uploaded.2 <= view.settled.max(view.tail));
                for (index, point) in uploaded.1.range(view.tail..) {
                    prop_assert_eq!(now.get(index), Some(point));
                }
            }
            uploaded = (view.generation, now, view.settled);
        }
    }

    #[test]
    fn the_budget_holds_whatever_comes(pushed in rows(), topics in 1usize..4) {
        let budget = 160_000;
        let mut store = Store::new(budget);
        let mut rings: Vec<_> = (0..topics).map(|n| add_topic(&mut store, &format!("/t{n}"), 2)).collect();
        let mut time = 0;
        for _ in 0..20 {
            for &(step, value, gap, drain) in &pushed {
                time += step;
                for ring in &mut rings {
                    prop_assert!(ring.push(Timestamp(time), Timestamp(time), gap, &[value, 1.0]));
                }
                if drain {
                    let _ = store.drain();
                    prop_assert!(store.usage().used_bytes <= budget, "{} bytes", store.usage().used_bytes);
                }
            }
            let _ = store.drain();
        }
    }
}
