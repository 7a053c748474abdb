//! What a chart draws of its curves: axes, scales, logarithms.

use std::cell::RefCell;
use std::rc::Rc;

use roswave_engine::cdr::FieldPath;
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::{PlotFeed, row_ring};
use roswave_engine::name::TopicName;
use roswave_engine::series::Store;
use roswave_widgets::TraceSource as _;

use super::*;
use crate::board::{Look, Scaling, Side};

/// A chart with the fields `x` and `y` of one topic, and these rows.
fn source(rows: &[[f64; 2]], looks: [Look; 2]) -> Source {
    let mut store = Store::new(1 << 24);
    let (mut producer, consumer) = row_ring(2, 8192);
    let path = |text| FieldPath::parse(text).expect("a path");
    store.attach(PlotFeed {
        topic: TopicName::new("/a").expect("a name"),
        fields: vec![path("x"), path("y")],
        units: vec![None; 2],
        timings: Vec::new(),
        rows: consumer,
    });
    let begin = Timestamp::now().0 - 5_000_000_000;
    for (index, row) in (0..).zip(rows) {
        let at = Timestamp(begin + index * 50_000_000);
        assert!(producer.push(at, at, false, row), "there is room");
    }
    let store = Rc::new(RefCell::new(store));
    let source = Source::new(Rc::clone(&store), 10_000_000_000, Scale::Auto, false);
    let drawing = |look| Drawing {
        color: 0,
        visible: true,
        look,
    };
    let recipe = |text: &str| text.parse::<Recipe>().expect("a recipe");
    source.set_curves(&[(recipe("/a:x"), drawing(looks[0])), (recipe("/a:y"), drawing(looks[1]))]);
    let _ = store.borrow_mut().drain();
    let _ = source.refresh(Timestamp::now());
    source
}

/// The values that a curve draws, in the numbers of its axis.
fn drawn(source: &Source, index: usize) -> Vec<f64> {
    let curve = source.curve(index);
    let mut points = Vec::new();
    source.copy(index, curve.tail, curve.head, &mut points);
    points.dedup();
    points.iter().map(|p| f64::from(p[1]) + curve.base_value).collect()
}

fn on(axis: Side) -> Look {
    Look {
        axis,
        ..Look::default()
    }
}

#[test]
fn each_axis_follows_its_own_curves() {
    let rows: Vec<[f64; 2]> = (0..50).map(|n| [f64::from(n), 1000.0 * f64::from(n)]).collect();
    let source = source(&rows, [on(Side::Left), on(Side::Right)]);
    assert_eq!(source.y_axes(), 2);
    let (_, high) = source.range_of(0);
    assert!((49.0..100.0).contains(&high), "{high}");
    let (_, high) = source.range_of(1);
    assert!((49_000.0..100_000.0).contains(&high), "{high}");
    source.set_scale_of(1, Scale::Fixed(-5.0, 5.0));
    assert_eq!(source.y_axis(1).range, (-5.0, 5.0));
    assert_eq!(source.scale(), Scale::Auto, "the other one goes on");
}

#[test]
fn a_curve_is_scaled_and_read_as_it_was_measured() {
    let look = Look {
        scale: Scaling {
            gain: -2.0,
            offset: 1.0,
        },
        ..Look::default()
    };
    let source = source(&[[0.0, 3.0], [0.0, 4.0]], [Look::default(), look]);
    assert_eq!(drawn(&source, 1), [-5.0, -7.0]);
    let (low, high) = source.range_of(0);
    assert!(low <= -7.0 && high >= 0.0, "{low} {high}");
    let (_, value) = source.value_at(1, Timestamp::now().0).expect("a sample");
    assert_eq!(value, 4.0);
    assert_eq!(source.curve(1).shift.drawn(value), -7.0);
}

#[test]
fn a_logarithmic_axis_draws_decades_and_breaks_at_zero() {
    let source = source(
        &[[1.0, 0.0], [100.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [10_000.0, 0.0]],
        [on(Side::Left), on(Side::Right)],
    );
    let before = source.curve(0).generation;
    source.set_log(0, true);
    assert_ne!(source.curve(0).generation, before, "its points must be sent anew");
    let values = drawn(&source, 0);
    let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    assert_eq!(known, [0.0, 2.0, 4.0]);
    assert!(values.iter().any(|value| value.is_nan()), "{values:?}");
    let (low, high) = source.y_axis(0).range;
    assert!(low.is_finite() && high >= 4.0, "{low} {high}");
    source.set_scale_of(0, Scale::Fixed(1.0, 1000.0));
    assert_eq!(source.y_axis(0).range, (0.0, 3.0));
    // Nothing that is not above zero has a place on it.
    source.set_scale_of(0, Scale::Fixed(-10.0, -1.0));
    let (low, high) = source.y_axis(0).range;
    assert!(low < high);
    source.set_log(0, false);
    assert_eq!(source.y_axis(0).range, (-10.0, -1.0));
}
