use proptest::prelude::*;
use serde_json::Value;

use super::*;

const MS: i64 = 1_000_000;
const ORACLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/oracle/signal/intervals.json"
));

fn whole(value: &Value) -> i64 {
    value.as_i64().expect("a whole number")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn list(value: &Value) -> Vec<i64> {
    value.as_array().expect("a list").iter().map(whole).collect()
}

/// Within a billionth of it: NumPy adds up in another order.
fn near(found: f64, truth: f64, what: &str) {
    assert!(
        (found - truth).abs() <= 1e-9 * truth.abs().max(1.0),
        "{what}: {found} is not {truth}"
    );
}

fn compare(spans: &Spans, truth: &Value, percents: &Value, name: &str) {
    let summary = spans.summary().expect("there are some");
    assert_eq!(summary.count as i64, whole(&truth["count"]), "{name}");
    assert_eq!(
        (summary.min_ns, summary.max_ns),
        (whole(&truth["min_ns"]), whole(&truth["max_ns"])),
        "{name}"
    );
    near(summary.mean_ns, number(&truth["mean_ns"]), name);
    near(summary.std_ns, number(&truth["std_ns"]), name);
    near(summary.jitter_ns, number(&truth["jitter_ns"]), name);
    let values = truth["percentiles_ns"].as_array().expect("a list");
    let percents = percents.as_array().expect("a list");
    assert_eq!(values.len(), percents.len());
    for (percent, value) in percents.iter().zip(values) {
        let found = spans.percentile_ns(number(percent)).expect("there are some");
        near(found, number(value), &format!("{name}, {percent} %"));
    }
    let of = |percent: f64| spans.percentile_ns(percent).expect("there are some");
    assert_eq!((summary.median_ns, summary.p95_ns), (of(50.0), of(95.0)));
    assert_eq!((summary.p99_ns, summary.p999_ns), (of(99.0), of(99.9)));
}

fn compare_histogram(spans: &Spans, truth: &Value, log: bool, name: &str) {
    let (from, to) = (whole(&truth["from_ns"]), whole(&truth["to_ns"]));
    let count = whole(&truth["bins"]) as usize;
    let bins = if log {
        Bins::log(from, to, count)
    } else {
        Bins::linear(from, to, count)
    }
    .expect("sound");
    let found = spans.histogram(&bins);
    let counts: Vec<u64> = list(&truth["counts"]).into_iter().map(|n| n as u64).collect();
    assert_eq!(found.counts, counts, "{name}");
    assert_eq!(
        (found.below as i64, found.above as i64),
        (whole(&truth["below"]), whole(&truth["above"])),
        "{name}"
    );
}

#[test]
fn figures_are_those_of_numpy() {
    let oracle: Value = serde_json::from_str(ORACLE).expect("JSON");
    let cases = oracle["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let start = whole(&case["start_ns"]);
        let times: Vec<i64> = list(&case["times_ns"]).into_iter().map(|t| start + t).collect();
        let spans = Spans::between(&times).expect("sound");
        assert_eq!(spans.backwards() as i64, whole(&case["backwards"]), "{name}");
        compare(&spans, &case["intervals"], &oracle["percents"], name);
        compare_histogram(&spans, &case["linear"], false, name);
        compare_histogram(&spans, &case["log"], true, name);
        let gaps = spans.gaps(number(&case["gap_over"])).expect("sound");
        let truth = &case["gaps"];
        assert_eq!(gaps.count as i64, whole(&truth["count"]), "{name}");
        assert_eq!(gaps.missing as i64, whole(&truth["missing"]), "{name}");
        assert_eq!(gaps.longest_ns, whole(&truth["longest_ns"]), "{name}");
        let latency = list(&case["latency_ns"]);
        let source: Vec<i64> = times
            .iter()
            .zip(&latency)
            .map(|(time, latency)| time - latency)
            .collect();
        let latency = Spans::latency(&source, &times).expect("sound");
        assert!(
            latency.summary().expect("there are some").min_ns < 0,
            "the case is to have such"
        );
        compare(&latency, &case["latency"], &oracle["percents"], name);
    }
}

#[test]
fn a_steady_topic_has_no_jitter() {
    let times: Vec<i64> = (0..1_000).map(|n| n * MS).collect();
    let spans = Spans::between(&times).expect("sound");
    let summary = spans.summary().expect("there are some");
    assert_eq!((summary.count, summary.min_ns, summary.max_ns), (999, MS, MS));
    assert_eq!((summary.mean_ns, summary.median_ns, summary.p999_ns), (1e6, 1e6, 1e6));
    assert_eq!(
        (summary.std_ns, summary.jitter_ns, summary.peak_to_peak_ns),
        (0.0, 0.0, 0.0)
    );
    assert_eq!(spans.gaps(GAP_OVER), Ok(Gaps::default()));
}

#[test]
fn jitter_is_taken_about_the_median() {
    // Intervals of 1, 1, 1, 1 and 6 ms.
    let times = [0, 1, 2, 3, 4, 10].map(|ms| ms * MS);
    let summary = Spans::between(&times)
        .expect("sound")
        .summary()
        .expect("there are some");
    assert_eq!((summary.mean_ns, summary.median_ns), (2e6, 1e6));
    assert_eq!((summary.std_ns, summary.jitter_ns), (2e6, 5e6 / 5_f64.sqrt()));
    assert_eq!(
        (summary.early_ns, summary.late_ns, summary.peak_to_peak_ns),
        (0.0, 5e6, 5e6)
    );
}

#[test]
fn gaps_are_counted_and_what_is_missing_is_guessed() {
    let mut times: Vec<i64> = (0..100)
        .filter(|n| ![10, 50, 51, 52, 80].contains(n))
        .map(|n| n * 10 * MS)
        .collect();
    let gaps = Spans::between(&times).expect("sound").gaps(GAP_OVER).expect("sound");
    let expected = Gaps {
        count: 3,
        missing: 5,
        longest_ns: 40 * MS,
    };
    assert_eq!(gaps, expected);
    // Exactly the factor is none.
    times.push(times[times.len() - 1] + 15 * MS);
    assert_eq!(Spans::between(&times).expect("sound").gaps(GAP_OVER), Ok(expected));
    times.push(times[times.len() - 1] + 15 * MS + 1);
    assert_eq!(
        Spans::between(&times)
            .expect("sound")
            .gaps(GAP_OVER)
            .map(|gaps| gaps.count),
        Ok(4)
    );
    // Nothing can be missing where most messages come at the same time.
    let spans = Spans::between(&[0, 0, 0, 0, 5, 5]).expect("sound");
    assert_eq!(spans.gaps(2.0), Ok(Gaps::default()));
}

#[test]
fn time_that_goes_back_is_no_interval() {
    let spans = Spans::between(&[10, 20, 5, 15, 15, i64::MAX, i64::MIN, i64::MAX]).expect("sound");
    assert_eq!(spans.sorted_ns(), [0, 10, 10, i64::MAX - 15, i64::MAX]);
    assert_eq!(spans.backwards(), 2);
    let summary = spans.summary().expect("there are some");
    assert!(summary.jitter_ns.is_finite() && summary.mean_ns > 0.0);
}

#[test]
fn latencies_may_be_negative() {
    let spans = Spans::latency(&[100, 200, 300], &[90, 230, 300]).expect("sound");
    assert_eq!(spans.sorted_ns(), [-10, 0, 30]);
    assert_eq!((spans.backwards(), spans.gaps(2.0)), (0, Ok(Gaps::default())));
    let histogram = spans.histogram(&Bins::log(1, 100, 2).expect("sound"));
    assert_eq!((histogram.counts, histogram.below, histogram.above), (vec![0, 1], 2, 0));
}

#[test]
fn few_times_have_no_figures() {
    for times in [&[][..], &[5]] {
        let spans = Spans::between(times).expect("sound");
        assert_eq!((spans.summary(), spans.percentile_ns(50.0)), (None, None));
        assert_eq!((spans.gaps(GAP_OVER), spans.backwards()), (Ok(Gaps::default()), 0));
        assert_eq!(
            spans.histogram(&Bins::linear(0, 9, 3).expect("sound")).counts,
            [0, 0, 0]
        );
    }
    let spans = Spans::between(&[5, 7]).expect("sound");
    assert_eq!(
        (spans.percentile_ns(0.0), spans.percentile_ns(99.0)),
        (Some(2.0), Some(2.0))
    );
}

#[test]
fn bins_take_what_is_at_their_lower_limit() {
    let spans = Spans::latency(&[0; 8], &[-1, 0, 9, 10, 19, 20, 30, 31]).expect("sound");
    let bins = Bins::linear(0, 30, 3).expect("sound");
    assert_eq!((bins.edges_ns(), bins.count()), (&[0.0, 10.0, 20.0, 30.0][..], 3));
    let found = spans.histogram(&bins);
    assert_eq!((found.counts, found.below, found.above), (vec![2, 2, 2], 1, 1));
    let bins = Bins::log(1, 1_000, 3).expect("sound");
    for (edge, truth) in bins.edges_ns().iter().zip([1.0, 10.0, 100.0, 1_000.0]) {
        near(*edge, truth, "edge");
    }
    assert_eq!((bins.edges_ns()[0], bins.edges_ns()[3]), (1.0, 1_000.0));
}

#[test]
fn hostile_requests_are_refused() {
    let spans = Spans::between(&[0, 1, 2]).expect("sound");
    for over in [1.0, 0.0, -3.0, f64::NAN, f64::INFINITY] {
        let error = spans.gaps(over).expect_err("no factor").to_string();
        assert!(error.contains("give a number greater than 1"), "{error}");
    }
    for percent in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
        assert_eq!(spans.percentile_ns(percent), None);
    }
    let error = Spans::latency(&[1, 2], &[1]).expect_err("lengths").to_string();
    assert_eq!(
        error,
        "there are 2 times of departure and 1 of arrival; each message needs both"
    );
    assert_eq!(Bins::linear(0, 1, 0), Err(BinsError::Count { asked: 0 }));
    assert_eq!(
        Bins::linear(0, 1, usize::MAX),
        Err(BinsError::Count { asked: usize::MAX })
    );
    assert_eq!(Bins::linear(5, 5, 3), Err(BinsError::Empty { from_ns: 5, to_ns: 5 }));
    assert!(
        Bins::linear(i64::MAX - 1, i64::MAX, 3).is_err(),
        "one number as they are kept"
    );
    assert_eq!(Bins::log(0, 5, 3), Err(BinsError::NotPositive { from_ns: 0 }));
    assert_eq!(Bins::log(-7, 5, 3), Err(BinsError::NotPositive { from_ns: -7 }));
    let wide = Bins::linear(i64::MIN, i64::MAX, MAX_BINS).expect("sound");
    assert!(wide.edges_ns().windows(2).all(|pair| pair[0] < pair[1]));
    let times = vec![0_i64; MAX_TIMES + 1];
    assert_eq!(Spans::between(&times), Err(IntervalError::Times { asked: times.len() }));
}

proptest! {
    #[test]
    fn every_span_is_counted_once(
        times in prop::collection::vec(-1_000_i64..1_000, 0..200),
        from in -100_i64..500,
        width in 1_i64..2_000,
        count in 1_usize..40,
    ) {
        let spans = Spans::between(&times).expect("sound");
        prop_assert_eq!(spans.sorted_ns().len() as u64 + spans.backwards(), times.len().saturating_sub(1) as u64);
        let mut all = vec![Bins::linear(from, from + width, count).expect("sound")];
        all.extend(Bins::log(from.max(1), from.max(1) + width, count).ok());
        for bins in all {
            let found = spans.histogram(&bins);
            let (edges, end) = (bins.edges_ns(), bins.count());
            for (at, counted) in found.counts.iter().enumerate() {
                let holds = |x: f64| x >= edges[at] && (x < edges[at + 1] || (at + 1 == end && x == edges[end]));
                let truth = spans.sorted_ns().iter().filter(|span| holds(**span as f64)).count();
                prop_assert_eq!(*counted as usize, truth);
            }
            let total = found.below + found.above + found.counts.iter().sum::<u64>();
            prop_assert_eq!(total as usize, spans.sorted_ns().len());
        }
    }

    #[test]
    fn percentiles_rise_and_stay_within(spans in prop::collection::vec(any::<i64>(), 1..50), p in 0.0_f64..100.0, q in 0.0_f64..100.0) {
        let zeros = vec![0; spans.len()];
        let spans = Spans::latency(&zeros, &spans).expect("sound");
        let at = |percent| spans.percentile_ns(percent).expect("there are some");
        prop_assert!(at(p.min(q)) <= at(p.max(q)));
        prop_assert!(at(0.0) <= at(p) && at(p) <= at(100.0));
        let summary = spans.summary().expect("there are some");
        prop_assert!(summary.jitter_ns >= summary.std_ns * (1.0 - 1e-9), "the mean is the least of all centres");
    }
}

#[test]
fn spans_that_were_measured_already_have_the_same_figures() {
    let times: Vec<i64> = [0, 3, 4, 9, 11].iter().map(|time| time * MS).collect();
    let spans = Spans::of(vec![5 * MS, MS, 3 * MS, 2 * MS]).expect("some spans");
    assert_eq!(spans, Spans::between(&times).expect("some times"));
    assert!(Spans::of(vec![0; MAX_TIMES + 1]).is_err());
}
