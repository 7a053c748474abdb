use proptest::prelude::*;
use serde::Deserialize;

use super::fit::erfc;
use super::*;

#[derive(Deserialize)]
struct Oracle {
    cases: Vec<Case>,
    erfc: Erfc,
}

#[derive(Deserialize)]
struct Erfc {
    x: Vec<f64>,
    y: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    values: Vec<f64>,
    bins: Option<usize>,
    range: Option<(f64, f64)>,
    edges: Vec<f64>,
    counts: Vec<u64>,
    under: u64,
    over: u64,
    density: Vec<f64>,
    mu: f64,
    sigma: f64,
    distance: f64,
    chi_square: Option<f64>,
}

fn oracle() -> Oracle {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/histogram.json"
    ));
    serde_json::from_str(text).expect("the oracle is sound JSON")
}

#[test]
fn histograms_are_those_of_numpy() {
    let cases = oracle().cases;
    assert_eq!(cases.len(), 7);
    for case in cases {
        let name = &case.name;
        let bins = case.bins.map_or(Bins::Automatic, Bins::Count);
        let found = Histogram::of(&case.values, bins, case.range).expect(name);
        // The reader of the file may be off by the last digit.
        assert_eq!(found.edges().len(), case.edges.len(), "{name}");
        for (found, truth) in found.edges().iter().zip(&case.edges) {
            assert!(
                (found - truth).abs() <= 2.0 * f64::EPSILON * truth.abs(),
                "{name}: {found} {truth}"
            );
        }
        assert_eq!(found.counts(), case.counts, "{name}");
        assert_eq!((found.under(), found.over()), (case.under, case.over), "{name}");
        let same = Histogram::with_edges(&case.values, found.edges().to_vec()).expect(name);
        assert_eq!(same, found, "{name}");
        for (found, truth) in found.density().zip(&case.density) {
            assert!((found - truth).abs() <= 1e-12 * truth, "{name}: {found} {truth}");
        }
        let fit = found.normal_fit().expect(name);
        assert!(
            (fit.mu - case.mu).abs() <= 1e-15 * case.mu.abs().max(1.0) * 4.0,
            "{name}"
        );
        assert!((fit.sigma / case.sigma - 1.0).abs() < 1e-9, "{name}");
        let error = (fit.distance - case.distance).abs();
        // With an offset of a billion NumPy's own mean is off by 1e-7.
        let allowed = if case.mu > 1e6 { 1e-6 } else { 1e-12 };
        assert!(error < allowed, "{name}: {error:e}");
        assert_eq!(fit.chi_square.is_some(), case.chi_square.is_some(), "{name}");
        let (found, truth) = (fit.chi_square.unwrap_or(1.0), case.chi_square.unwrap_or(1.0));
        assert!((found / truth - 1.0).abs() < 100.0 * allowed, "{name}: {found} {truth}");
    }
}

#[test]
fn the_fit_tells_normal_values_from_others() {
    let oracle = oracle();
    let fit = |name: &str| {
        let case = oracle.cases.iter().find(|case| case.name == name).expect(name);
        let found = Histogram::of(&case.values, Bins::Automatic, None).expect(name);
        found.normal_fit().expect(name)
    };
    let normal = fit("normal");
    assert!(normal.distance < normal.distance_limit, "{normal:?}");
    assert!(normal.chi_square.is_some_and(|x| x < 2.0), "{normal:?}");
    for other in ["uniform", "exponential"] {
        let other = fit(other);
        assert!(other.distance > other.distance_limit, "{other:?}");
        assert!(other.chi_square.is_some_and(|x| x > 2.0), "{other:?}");
    }
    // The density is that of the distribution.
    let peak = 1.0 / (normal.sigma * std::f64::consts::TAU.sqrt());
    assert!((normal.density(normal.mu) / peak - 1.0).abs() < 1e-14);
    assert!((normal.density(normal.mu + 2.0 * normal.sigma) / peak - (-2.0_f64).exp()).abs() < 1e-14);
}

#[test]
fn the_error_function_is_that_of_scipy() {
    let Erfc { x, y } = oracle().erfc;
    for (x, truth) in x.iter().zip(y) {
        let error = (erfc(*x) - truth).abs();
        assert!(error < 1e-15 + 1e-13 * truth, "{x}: {error:e}");
    }
}

#[test]
fn values_that_are_not_finite_are_counted_apart() {
    let values = [
        1.0,
        f64::NAN,
        2.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NEG_INFINITY,
        3.0,
    ];
    let found = Histogram::of(&values, Bins::Count(2), None).expect("finite values");
    assert_eq!(found.edges(), [1.0, 2.0, 3.0]);
    assert_eq!(found.counts(), [1, 2]);
    assert_eq!((found.under(), found.over(), found.nan()), (2, 1, 1));
    assert_eq!(found.inside(), 3);
}

#[test]
fn equal_values_have_one_bin_around_them_and_no_fit() {
    let found = Histogram::of(&[9.81; 50], Bins::Count(1), None).expect("finite values");
    assert_eq!(found.edges(), [9.31, 10.31]);
    assert_eq!(found.counts(), [50]);
    assert_eq!(found.normal_fit(), None);
    assert_eq!(
        Histogram::of(&[1.0], Bins::Automatic, None).expect("one").normal_fit(),
        None
    );
    // Half a unit is nothing here; bins must still have a width.
    let large = Histogram::of(&[1e18; 3], Bins::Count(10), None).expect("finite values");
    assert!(large.edges().windows(2).all(|e| e[0] < e[1]));
    assert_eq!(large.inside(), 3);
}

#[test]
fn the_number_of_bins_is_bounded() {
    // One value far out would ask for millions of bins.
    let mut values: Vec<f64> = (0..1000).map(|i| f64::from(i % 10)).collect();
    values.push(1e9);
    let found = Histogram::of(&values, Bins::Automatic, None).expect("finite values");
    assert_eq!(found.counts().len(), MAX_BINS);
    assert_eq!(found.inside(), 1001);
    // Quartiles that coincide: by Sturges.
    let mut values = vec![1.0; 100];
    values.extend([0.0, 2.0]);
    let found = Histogram::of(&values, Bins::Automatic, None).expect("finite values");
    assert_eq!(found.counts().len(), 8);
}

#[test]
fn what_cannot_be_is_refused() {
    let values = [1.0, 2.0, 3.0];
    for count in [0, MAX_BINS + 1, usize::MAX] {
        let error = Histogram::of(&values, Bins::Count(count), None).expect_err("refused");
        assert!(error.to_string().contains("1 to 4096"), "{error}");
    }
    for range in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        let error = Histogram::of(&values, Bins::Automatic, Some(range)).expect_err("refused");
        assert!(matches!(error, HistogramError::Range { .. }));
    }
    for values in [&[][..], &[f64::NAN, f64::INFINITY]] {
        assert_eq!(
            Histogram::of(values, Bins::Automatic, None),
            Err(HistogramError::NoValues)
        );
        assert_eq!(
            Histogram::with_edges(values, vec![0.0, 1.0]),
            Err(HistogramError::NoValues)
        );
    }
    let outside = Histogram::of(&values, Bins::Automatic, Some((5.0, 6.0)));
    assert_eq!(outside, Err(HistogramError::NoValues));
    let near = [1.0, 1.0 + 8.0 * f64::EPSILON];
    let error = Histogram::of(&near, Bins::Count(100), None).expect_err("too narrow");
    assert!(
        matches!(
            error,
            HistogramError::TooNarrow {
                count: 100,
                most: 1..=4,
                ..
            }
        ),
        "{error}"
    );
    let found = Histogram::of(&near, Bins::Automatic, None).expect("fewer bins");
    assert_eq!(found.inside(), 2);
    for (edges, wrong) in [
        (vec![], 0),
        (vec![1.0], 1),
        (vec![1.0, 1.0], 1),
        (vec![0.0, 1.0, 0.5], 2),
        (vec![f64::NAN, 1.0], 0),
        (vec![0.0, f64::INFINITY], 1),
    ] {
        assert_eq!(
            Histogram::with_edges(&values, edges),
            Err(HistogramError::Edges { index: wrong })
        );
    }
}

proptest! {
    #[test]
    fn every_value_is_counted_once_and_in_its_bin(
        values in prop::collection::vec(
            prop_oneof![any::<f64>(), -10.0..10.0_f64, (-20..20_i32).prop_map(|i| f64::from(i) * 0.1), Just(f64::MAX)],
            0..200,
        ),
        bins in prop_oneof![Just(Bins::Automatic), (1..60_usize).prop_map(Bins::Count)],
        range in prop::option::of((any::<f64>(), any::<f64>())),
    ) {
        if let Ok(found) = Histogram::of(&values, bins, range) {
            prop_assert_eq!(
                found.under() + found.over() + found.nan() + found.inside(),
                values.len() as u64
            );
            prop_assert!(found.edges().windows(2).all(|e| e[0] < e[1]), "{:?}", found.edges());
            for (at, count) in found.counts().iter().enumerate() {
                let (low, high) = (found.edges()[at], found.edges()[at + 1]);
                let last = at + 1 == found.counts().len();
                let truth = values.iter().filter(|v| **v >= low && (**v < high || (last && **v == high))).count();
                prop_assert_eq!(*count, truth as u64);
            }
            prop_assert_eq!(&Histogram::with_edges(&values, found.edges().to_vec()), &Ok(found.clone()));
            let _ = found.normal_fit();
        }
    }
}
