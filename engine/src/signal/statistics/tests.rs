use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    name: String,
    values: Vec<f64>,
    min: f64,
    max: f64,
    mean: f64,
    rms: f64,
    sigma: Option<f64>,
    percentiles: [f64; 5],
}

fn oracle() -> Vec<Case> {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/statistics.json"
    ));
    serde_json::from_str(text).expect("the oracle is sound JSON")
}

fn of(values: &[f64]) -> Statistics {
    Statistics::of((0..).zip(values).map(|(i, value)| (i * 1_000_000, *value, false)))
}

fn like(found: f64, truth: f64) -> bool {
    (found - truth).abs() <= 4.0 * f64::EPSILON * truth.abs()
}

#[test]
fn statistics_are_those_of_numpy() {
    let cases = oracle();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let name = &case.name;
        let found = of(&case.values).values.expect("finite values");
        assert_eq!((found.min, found.max), (case.min, case.max), "{name}");
        assert_eq!(found.peak_to_peak, case.max - case.min, "{name}");
        // Where positive and negative values cancel, the mean is as good as the values.
        assert!(
            (found.mean - case.mean).abs() <= 4.0 * f64::EPSILON * case.rms,
            "{name}"
        );
        assert!(like(found.rms, case.rms), "{name}: {} {}", found.rms, case.rms);
        assert_eq!(found.sigma.is_some(), case.sigma.is_some(), "{name}");
        let (sigma, truth) = (found.sigma.unwrap_or(0.0), case.sigma.unwrap_or(0.0));
        assert!(like(sigma, truth), "{name}: {sigma} {truth}");
        // The reader of the file may be off by the last digit.
        for (found, truth) in found.percentiles.iter().zip(case.percentiles) {
            assert!(like(*found, truth), "{name}: {found} {truth}");
        }
    }
}

#[test]
fn times_gaps_and_holes_are_counted() {
    let s = 1_000_000_000;
    let found = Statistics::of([
        (10 * s, 1.0, true),
        (11 * s, f64::NAN, false),
        (14 * s, f64::INFINITY, true),
        (15 * s, 3.0, false),
        (15 * s, f64::NEG_INFINITY, true),
    ]);
    assert_eq!((found.count, found.finite, found.nan, found.infinite), (5, 2, 1, 2));
    // The gap before the first sample lies outside of the range.
    assert_eq!(found.gaps, 2);
    assert_eq!((found.first_ns, found.last_ns), (Some(10 * s), Some(15 * s)));
    assert_eq!(found.rate_hz, Some(0.8));
    assert_eq!(found.longest_interval_ns, Some(3 * s));
    assert_eq!(
        found.values.map(|v| (v.mean, v.sigma)),
        Some((2.0, Some(2.0_f64.sqrt())))
    );
}

#[test]
fn little_or_nothing_is_unknown_and_not_zero() {
    assert_eq!(Statistics::of([]), Statistics::default());
    let one = Statistics::of([(5, 2.0, true)]);
    assert_eq!(
        (one.count, one.gaps, one.rate_hz, one.longest_interval_ns),
        (1, 0, None, None)
    );
    let values = one.values.expect("one value");
    assert_eq!((values.mean, values.rms, values.sigma), (2.0, 2.0, None));
    assert_eq!(values.percentiles, [2.0; 5]);
    let holes = Statistics::of([(0, f64::NAN, false), (1_000_000, f64::NAN, false)]);
    assert_eq!((holes.values, holes.nan, holes.rate_hz), (None, 2, Some(1000.0)));
    // Times that repeat or go back have no rate.
    assert_eq!(Statistics::of([(7, 1.0, false), (7, 1.0, false)]).rate_hz, None);
    let back = Statistics::of([(7, 1.0, false), (3, 1.0, false)]);
    assert_eq!((back.rate_hz, back.longest_interval_ns), (None, Some(-4)));
}

#[test]
fn a_long_range_upon_a_billion_keeps_its_digits() {
    // A sine of a thousandth over whole periods: its sigma is known.
    let count = 2_000_000_u32;
    let turn = |i: u32| std::f64::consts::TAU * f64::from(i % 1000) / 1000.0;
    let samples = (0..count).map(|i| (i64::from(i), 1e9 + 1e-3 * turn(i).sin(), false));
    let values = Statistics::of(samples).values.expect("values");
    assert!((values.mean - 1e9).abs() < 2e-7, "{}", values.mean);
    let sigma = values.sigma.expect("many");
    // The values themselves are rounded to 1.2e-7.
    assert!((sigma / (1e-3 / 2.0_f64.sqrt()) - 1.0).abs() < 1e-6, "{sigma}");
}

#[test]
fn text_and_csv_show_everything() {
    let found = Statistics::of([
        (1_716_470_400_000_000_001, 1.0, false),
        (1_716_470_400_500_000_001, 2.0 / 3.0, true),
        (1_716_470_401_000_000_001, f64::NAN, false),
    ]);
    let text = found.to_text("/imu linear_acceleration.x", "m/s²");
    let line = |what: &str| {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(what));
        lines
            .next()
            .unwrap_or_else(|| panic!("{what} in {text}"))
            .trim()
            .to_owned()
    };
    assert_eq!(line("curve"), "/imu linear_acceleration.x");
    assert_eq!(line("samples"), "3");
    assert_eq!(line("NaN"), "1");
    assert_eq!(line("gaps"), "1");
    assert_eq!(line("first"), "1716470400.000000001 s");
    assert_eq!(line("rate"), "2 Hz");
    assert_eq!(line("longest interval"), "0.500000000 s");
    assert_eq!(line("minimum"), "0.666666667 m/s²");
    assert_eq!(line("mean"), "0.833333333 m/s²");
    assert_eq!(line("50 % below"), "0.833333333 m/s²");
    assert_eq!(text.lines().count(), 21);

    let row = found.to_csv_row("a \"b\", c", "m/s²");
    assert!(
        row.starts_with("\"a \"\"b\"\", c\",m/s²,3,2,1,0,1,1716470400.000000001,1716470401.000000001,2,0.500000000,")
    );
    assert!(row.contains(",0.6666666666666666,1,0.33333333333333337,"), "{row}");
    let plain = found.to_csv_row("x", "");
    assert_eq!(plain.split(',').count(), CSV_HEADER.split(',').count());

    let none = Statistics::of([]);
    assert_eq!(none.to_csv_row("x", "m"), format!("x,m,0,0,0,0,0{}", ",".repeat(15)));
    let text = none.to_text("x", "m");
    assert!(text.contains("\nmean              -\n"), "{text}");
    let small = Statistics::of([(-1_500_000_000, -1e-9, false)]);
    assert!(small.to_text("x", "V").contains("-1e-9 V"));
    assert!(small.to_csv_row("x", "V").contains(",-1.500000000,"));
}

proptest! {
    #[test]
    fn hostile_samples_are_no_panic_and_statistics_hold_together(
        samples in prop::collection::vec((any::<i64>(), any::<f64>(), any::<bool>()), 0..200),
        extra in prop::collection::vec(prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(0.0), Just(5e-324), Just(1.0)], 0..9),
    ) {
        let all = samples.into_iter().chain(extra.into_iter().map(|value| (0, value, false)));
        let found = Statistics::of(all);
        prop_assert_eq!(found.count, found.finite + found.nan + found.infinite);
        prop_assert!(found.gaps <= found.count);
        if let Some(v) = found.values {
            prop_assert!(v.min <= v.mean && v.mean <= v.max, "{v:?}");
            prop_assert!(v.rms <= v.min.abs().max(v.max.abs()) * (1.0 + 1e-12), "{v:?}");
            prop_assert!(v.percentiles.is_sorted() && v.min <= v.percentiles[0] && v.percentiles[4] <= v.max);
            prop_assert!(v.sigma.is_none_or(|sigma| sigma >= 0.0));
        }
        prop_assert!(!found.to_text("x", "m").is_empty() && !found.to_csv_row("x", "m").is_empty());
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_values(
        mut values in prop::collection::vec(prop_oneof![-1e3..1e3_f64, (-3..3_i32).prop_map(f64::from)], 1..300),
    ) {
        let found = of(&values).values.expect("values").percentiles;
        values.sort_by(f64::total_cmp);
        let last = (values.len() - 1) as f64;
        for (percent, found) in PERCENTILES.iter().zip(found) {
            let rank = percent / 100.0 * last;
            let (low, high) = (values[rank.floor() as usize], values[rank.ceil() as usize]);
            prop_assert!((found - (low + (high - low) * rank.fract())).abs() < 1e-9);
        }
    }
}
