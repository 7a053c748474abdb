use std::f64::consts::TAU;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const START_NS: i64 = 1_700_000_000_000_000_000;

#[derive(Deserialize)]
struct Oracle {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    times_ns: Vec<i64>,
    values: Vec<f64>,
    rate_hz: f64,
    linear: Vec<f64>,
    hold: Vec<f64>,
    median_ns: f64,
    intervals_mean_ns: f64,
    intervals_rms: f64,
}

fn resampler(rate_hz: Option<f64>, method: Method, gaps: GapPolicy) -> Resampler {
    Resampler::new(ResampleConfig { rate_hz, method, gaps }).expect("sound")
}

/// `count` times a millisecond apart.
fn even(count: i64) -> Vec<i64> {
    (0..count).map(|i| START_NS + i * 1_000_000).collect()
}

/// As many values, each its own index.
fn ramp(count: usize) -> Vec<f64> {
    (0..count).map(|i| i as f64).collect()
}

#[test]
fn grids_are_those_of_numpy() {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/resample.json"
    ));
    let oracle: Oracle = serde_json::from_str(text).expect("written by resample.py");
    for case in oracle.cases {
        for (method, expected) in [(Method::Linear, &case.linear), (Method::Hold, &case.hold)] {
            let mut resampler = resampler(Some(case.rate_hz), method, GapPolicy::Bridge);
            let uniform = resampler.run(&case.times_ns, &case.values, &[]).expect("enough");
            assert_eq!(uniform.values.len(), expected.len(), "{}", case.name);
            let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            for (found, truth) in uniform.values.iter().zip(expected) {
                assert!(
                    (found - truth).abs() <= 1e-14 * largest,
                    "{} {found} {truth}",
                    case.name
                );
            }
            let report = uniform.report;
            assert_eq!(uniform.start_ns, case.times_ns[0]);
            assert!((report.median_ns - case.median_ns).abs() < 1e-6);
            if report.gaps == 0 {
                assert!((report.mean_ns - case.intervals_mean_ns).abs() < 1e-6);
                let rms = match report.sampling {
                    Sampling::Regular => 0.0,
                    Sampling::Jittered { rms, .. } | Sampling::Irregular { rms, .. } => rms,
                };
                assert!((rms - case.intervals_rms).abs() < 1e-12, "{}: {rms}", case.name);
            }
        }
    }
}

#[test]
fn even_samples_come_out_as_they_went_in() {
    for method in [Method::Linear, Method::Hold, Method::AsIs] {
        let mut resampler = resampler(None, method, GapPolicy::Longest);
        let values: Vec<f64> = ramp(500).iter().map(|x| x.sin()).collect();
        let uniform = resampler.run(&even(500), &values, &[]).expect("enough");
        assert_eq!(uniform.values, values, "{method:?}");
        assert_eq!(uniform.report.sampling, Sampling::Regular);
        assert!((uniform.rate_hz - 1000.0).abs() < 1e-9);
        assert!(uniform.report.is_whole());
    }
    // Times of 30 Hz are rounded to nanoseconds.
    let times: Vec<i64> = (0..300).map(|i| START_NS + i * 1_000_000_000 / 30).collect();
    let mut resampler = resampler(Some(30.0), Method::Linear, GapPolicy::Longest);
    let uniform = resampler.run(&times, &ramp(300), &[]).expect("enough");
    assert_eq!(uniform.values.len(), 300);
    assert_eq!(uniform.report.to_string(), "interpolated linearly to 30 Hz");
}

#[test]
fn a_jittered_sine_stays_within_the_bound_of_interpolation() {
    let (freq, count) = (20.0, 4000);
    // Deviations of up to 20 % in a pattern that does not repeat soon.
    let times: Vec<i64> = (0..count)
        .map(|i| START_NS + i * 1_000_000 + (i * 7919 % 401 - 200) * 1000)
        .collect();
    let at = |time: i64| (TAU * freq * (time - START_NS) as f64 / 1e9).sin();
    let values: Vec<f64> = times.iter().map(|&t| at(t)).collect();
    let longest_s = times.windows(2).map(|two| two[1] - two[0]).max().expect("many") as f64 / 1e9;
    let bound = (TAU * freq * longest_s).powi(2) / 8.0;

    let error = |method| {
        let mut resampler = resampler(Some(1000.0), method, GapPolicy::Longest);
        let uniform = resampler.run(&times, &values, &[]).expect("enough");
        assert!(matches!(uniform.report.sampling, Sampling::Jittered { max, .. } if max > 0.2));
        let truth = |k: usize| at(uniform.start_ns + k as i64 * 1_000_000);
        let errors = uniform.values.iter().enumerate().map(|(k, x)| (x - truth(k)).abs());
        errors.fold(0.0, f64::max)
    };
    assert!(error(Method::Linear) <= bound, "{} {bound}", error(Method::Linear));
    // What taking the samples as even would cost: 400 us at the steepest.
    assert!(error(Method::AsIs) > 10.0 * bound);
}

#[test]
fn gaps_are_counted_and_left_out_or_bridged() {
    let mut times = even(1000);
    for time in &mut times[300..] {
        *time += 11_000_000;
    }
    for time in &mut times[900..] {
        *time += 4_000_000;
    }
    let values = ramp(1000);
    let mut longest = resampler(None, Method::Linear, GapPolicy::Longest);
    let uniform = longest.run(&times, &values, &[]).expect("enough");
    assert_eq!(uniform.values, &values[300..900]);
    assert_eq!(uniform.start_ns, times[300]);
    assert_eq!((uniform.report.gaps, uniform.report.longest_gap_ns), (2, 12_000_000));
    assert_eq!(
        uniform.report.to_string(),
        "interpolated linearly to 1000 Hz; 2 gaps, longest 12 ms; only the longest stretch, 600 of 1000 samples"
    );
    assert!(!uniform.report.is_whole());

    let mut bridge = resampler(None, Method::Linear, GapPolicy::Bridge);
    let uniform = bridge.run(&times, &values, &[]).expect("enough");
    assert_eq!(uniform.values.len(), 1015);
    // Across the first gap the value rises by one in twelve steps.
    assert!((uniform.values[305] - (299.0 + 6.0 / 12.0)).abs() < 1e-9);
    assert_eq!(
        uniform.report.to_string(),
        "interpolated linearly to 1000 Hz; 2 gaps, longest 12 ms, bridged"
    );
    let mut hold = resampler(None, Method::Hold, GapPolicy::Bridge);
    let uniform = hold.run(&times, &values, &[]).expect("enough");
    assert!((uniform.values[305] - 299.0).abs() < 1e-12);

    // A flag makes a gap of any interval; those out of range or out of order do no harm.
    let uniform = longest.run(&even(1000), &values, &[400, 5000, 3]).expect("enough");
    assert_eq!(uniform.values, &values[400..]);
    assert_eq!(uniform.report.gaps, 1);
}

#[test]
fn samples_that_are_no_numbers_are_missing() {
    let mut values = ramp(100);
    values[40] = f64::NAN;
    values[50] = f64::INFINITY;
    let mut bridge = resampler(None, Method::Linear, GapPolicy::Bridge);
    let uniform = bridge.run(&even(100), &values, &[]).expect("enough");
    assert_eq!((uniform.report.missing, uniform.report.gaps), (2, 2));
    for (k, value) in uniform.values.iter().enumerate() {
        assert!((value - k as f64).abs() < 1e-9);
    }
    let text = uniform.report.to_string();
    assert!(
        text.ends_with("; 2 gaps, longest 2 ms, bridged; 2 samples are not numbers"),
        "{text}"
    );
    // The next run knows nothing of them.
    let uniform = bridge.run(&even(100), &ramp(100), &[]).expect("enough");
    assert!(uniform.report.is_whole());
    assert_eq!(
        bridge.run(&even(3), &[f64::NAN; 3], &[]).expect_err("nothing left"),
        ResampleError::TooFew { samples: 0 }
    );
}

#[test]
fn a_flag_on_a_missing_sample_stays() {
    let mut values = ramp(100);
    values[50] = f64::NAN;
    let mut longest = resampler(None, Method::AsIs, GapPolicy::Longest);
    let uniform = longest.run(&even(100), &values, &[50]).expect("enough");
    assert_eq!(uniform.report.gaps, 1);
    assert_eq!(uniform.values, &values[..50]);
}

#[test]
fn time_that_goes_back_begins_anew() {
    let mut times = even(100);
    times.extend(even(60));
    let values = ramp(160);
    for policy in [GapPolicy::Longest, GapPolicy::Bridge] {
        let mut resampler = resampler(None, Method::Linear, policy);
        let uniform = resampler.run(&times, &values, &[]).expect("enough");
        assert_eq!(uniform.values, &values[..100]);
        assert_eq!(uniform.report.restarts, 1);
        let text = uniform.report.to_string();
        assert!(
            text.ends_with("; time went back once; only the longest stretch, 100 of 160 samples"),
            "{text}"
        );
    }
    // Of two equal ones, the latest.
    let mut resampler = resampler(None, Method::AsIs, GapPolicy::Bridge);
    let uniform = resampler.run(&[0, 1, 2, 0, 1, 2], &ramp(6), &[]).expect("enough");
    assert_eq!(uniform.values, [3.0, 4.0, 5.0]);
}

#[test]
fn a_repeated_time_replaces_the_value() {
    let mut resampler = resampler(None, Method::AsIs, GapPolicy::Longest);
    let uniform = resampler.run(&[0, 10, 10, 20, 30], &ramp(5), &[]).expect("enough");
    assert_eq!(uniform.values, [0.0, 2.0, 3.0, 4.0]);
    assert_eq!((uniform.report.repeated, uniform.report.gaps), (1, 0));
}

#[test]
fn bursts_are_irregular_not_all_gaps() {
    // Three samples 10 us apart, every 3 ms; and one true pause.
    let mut times: Vec<i64> = (0..3000)
        .map(|i| START_NS + i / 3 * 3_000_000 + i % 3 * 10_000)
        .collect();
    for time in &mut times[1500..] {
        *time += 50_000_000;
    }
    let mut resampler = resampler(None, Method::Linear, GapPolicy::Longest);
    let uniform = resampler.run(&times, &ramp(3000), &[]).expect("enough");
    let report = uniform.report;
    assert!(matches!(report.sampling, Sampling::Irregular { .. }));
    assert_eq!((report.gaps, report.used), (1, 1500));
    assert!((uniform.rate_hz - 1000.0).abs() < 2.0, "{}", uniform.rate_hz);
    assert!(report.to_string().contains("sampled irregularly"));
}

#[test]
fn a_slower_grid_says_that_it_may_alias() {
    let mut resampler = resampler(Some(100.0), Method::Linear, GapPolicy::Longest);
    let uniform = resampler.run(&even(1000), &ramp(1000), &[]).expect("enough");
    assert_eq!(uniform.values.len(), 100);
    assert_eq!(
        uniform.report.to_string(),
        "interpolated linearly to 100 Hz without a filter against aliases"
    );
}

#[test]
fn hostile_parameters_are_refused() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1.1e9] {
        let config = ResampleConfig {
            rate_hz: Some(rate),
            ..ResampleConfig::default()
        };
        assert!(
            matches!(Resampler::new(config), Err(ResampleError::Rate { .. })),
            "{rate}"
        );
    }
    let mut fast = resampler(Some(1e9), Method::Linear, GapPolicy::Bridge);
    assert_eq!(
        fast.run(&[0, 1], &[1.0], &[]).expect_err("one is missing"),
        ResampleError::Lengths { times: 2, values: 1 }
    );
    assert_eq!(
        fast.run(&[], &[], &[]).expect_err("empty"),
        ResampleError::TooFew { samples: 0 }
    );
    assert_eq!(
        fast.run(&[1], &[1.0], &[]).expect_err("one"),
        ResampleError::TooFew { samples: 1 }
    );
    assert_eq!(
        fast.run(&[5; 9], &[1.0; 9], &[]).expect_err("one time"),
        ResampleError::TooFew { samples: 1 }
    );
    assert!(matches!(
        fast.run(&[i64::MIN, i64::MAX], &[1.0, 2.0], &[]),
        Err(ResampleError::TooMany { .. })
    ));
    let mut slow = resampler(Some(1e-300), Method::Linear, GapPolicy::Bridge);
    assert!(matches!(
        slow.run(&even(10), &ramp(10), &[]),
        Err(ResampleError::TooShort { .. })
    ));
    // Largest values do not overflow on the line between them.
    let mut middle = resampler(Some(1e9), Method::Linear, GapPolicy::Bridge);
    let uniform = middle.run(&[0, 2], &[f64::MAX, -f64::MAX], &[]).expect("enough");
    assert_eq!(uniform.values, [f64::MAX, 0.0, -f64::MAX]);
}

proptest! {
    #[test]
    fn a_line_comes_out_as_a_line(
        intervals in prop::collection::vec(1_i64..3_000_000, 1..300),
        rate in 100.0..5000.0,
    ) {
        let mut times = vec![START_NS];
        for interval in intervals {
            times.push(times[times.len() - 1] + interval);
        }
        let values: Vec<f64> = times.iter().map(|&t| (t - START_NS) as f64 * 1e-6).collect();
        let mut resampler = resampler(Some(rate), Method::Linear, GapPolicy::Bridge);
        if let Ok(uniform) = resampler.run(&times, &values, &[]) {
            for (k, value) in uniform.values.iter().enumerate() {
                let truth = k as f64 * 1e3 / rate;
                prop_assert!((value - truth).abs() <= 2e-6 + 1e-12 * truth, "{} {}", value, truth);
            }
        }
    }

    #[test]
    fn nothing_panics_and_nothing_is_made_up(
        rows in prop::collection::vec((prop_oneof![0_i64..50, any::<i64>()], prop_oneof![4 => -1.0..1.0, 1 => any::<f64>()]), 0..100),
        breaks in prop::collection::vec(any::<usize>(), 0..5),
        rate in prop::option::of(prop_oneof![1e6..1e9, 1e-9..1.0]),
        method in prop::sample::select(&[Method::Linear, Method::Hold, Method::AsIs][..]),
        policy in prop::sample::select(&[GapPolicy::Longest, GapPolicy::Bridge][..]),
    ) {
        let (times, values): (Vec<i64>, Vec<f64>) = rows.into_iter().unzip();
        let mut resampler = resampler(rate, method, policy);
        if let Ok(uniform) = resampler.run(&times, &values, &breaks) {
            let finite = values.iter().copied().filter(|x| x.is_finite());
            let (least, most) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
            let room = 1e-15 * (most.abs().max(least.abs()));
            prop_assert!(uniform.values.len() >= 2 && uniform.values.len() <= MAX_SAMPLES);
            prop_assert!(uniform.values.iter().all(|x| *x >= least - room && *x <= most + room));
            prop_assert!(uniform.rate_hz > 0.0 && uniform.rate_hz.is_finite());
            prop_assert!(!uniform.report.to_string().is_empty());
        }
        let after = resampler.run(&even(10), &ramp(10), &[]);
        prop_assert!(rate.is_some() || after.is_ok_and(|uniform| uniform.report.is_whole()));
    }
}

#[test]
fn bursts_taken_as_they_are_have_the_rate_of_their_count() {
    // A sensor of 5 kHz that is published in bursts of fifty every 10 ms, 20 us apart.
    let times: Vec<i64> = (0..5_000).map(|n| n / 50 * 10_000_000 + n % 50 * 20_000).collect();
    let values: Vec<f64> = (0..5_000).map(f64::from).collect();
    let mut resampler = resampler(None, Method::AsIs, GapPolicy::Bridge);
    let even = resampler.run(&times, &values, &[]).expect("samples");
    assert!(
        matches!(even.report.sampling, Sampling::Irregular { .. }),
        "{:?}",
        even.report
    );
    assert!((even.rate_hz / 5_000.0 - 1.0).abs() < 0.01, "{} Hz", even.rate_hz);
    assert_eq!(even.values, values);
}

#[test]
fn the_way_that_suits_is_found_in_one_run() {
    let bursts: Vec<i64> = (0..1000)
        .map(|n| START_NS + n / 10 * 10_000_000 + n % 10 * 1000)
        .collect();
    for (times, breaks, method) in [
        (&even(1000), &[][..], Method::Linear),
        (&bursts, &[][..], Method::AsIs),
        (&bursts, &[500][..], Method::Linear),
    ] {
        let mut suited = resampler(None, Method::Linear, GapPolicy::Longest);
        let found = suited.run_suited(times, &ramp(1000), breaks).expect("a grid");
        assert_eq!(found.report.method, method);
        let gaps = if method == Method::AsIs {
            GapPolicy::Bridge
        } else {
            GapPolicy::Longest
        };
        let mut plain = resampler(None, method, gaps);
        let wanted = plain.run(times, &ramp(1000), breaks).expect("a grid");
        assert_eq!((found.values, found.rate_hz), (wanted.values, wanted.rate_hz));
    }
}
