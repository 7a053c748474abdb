mod filters;
mod hostile;
mod text;
mod windows;

use serde_json::Value;

use super::*;

fn chain(text: &str) -> Transform {
    text.parse::<Chain>().expect("sound").compile().expect("sound")
}

fn sample(time_ns: i64, value: f64) -> Sample {
    Sample {
        time_ns,
        value,
        gap: false,
    }
}

fn gap(time_ns: i64, value: f64) -> Sample {
    Sample {
        gap: true,
        ..sample(time_ns, value)
    }
}

/// What comes out without an end of the stream.
fn run(transform: &mut Transform, samples: impl IntoIterator<Item = Sample>) -> Vec<Sample> {
    let mut out = Vec::new();
    for sample in samples {
        transform.push_sample(sample, &mut |sample| out.push(sample));
    }
    out
}

/// The values that come out of a fresh chain for samples a millisecond apart.
fn values(text: &str, input: &[f64]) -> Vec<f64> {
    let samples = (0..).zip(input).map(|(i, value)| sample(i * 1_000_000, *value));
    run(&mut chain(text), samples).iter().map(|s| s.value).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn oracle() -> Value {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/transform.json"
    ));
    serde_json::from_str(text).expect("the oracle is sound JSON")
}

fn close(found: &[f64], truth: &[f64], allowed: f64, what: &str) {
    assert_eq!(found.len(), truth.len(), "{what}");
    for (i, (found, truth)) in found.iter().zip(truth).enumerate() {
        let error = (found - truth).abs();
        assert!(
            error <= allowed * truth.abs().max(1.0),
            "{what} at {i}: {found} for {truth}"
        );
    }
}

#[test]
fn transforms_are_those_of_numpy_and_scipy() {
    let oracle = oracle();
    let times: Vec<i64> = numbers_i64(&oracle["time_ns"]);
    let input = numbers(&oracle["values"]);
    let all = oracle["out"].as_object().expect("a table");
    assert_eq!(all.len(), 17);
    for (text, truth) in all {
        let mut transform = chain(text);
        let mut out = run(&mut transform, times.iter().zip(&input).map(|(t, v)| sample(*t, *v)));
        transform.finish(&mut |sample| out.push(sample));
        // Each value stands at the time of its sample.
        assert!(
            out.iter()
                .map(|s| s.time_ns)
                .eq(times[times.len() - out.len()..].iter().copied())
        );
        let found: Vec<_> = out.iter().map(|s| s.value).collect();
        // The line of NumPy itself is good to 1e-8 with the shortest windows.
        let allowed = if text.contains("linear") { 1e-7 } else { 1e-9 };
        close(&found, &numbers(truth), allowed, text);
    }
    close(
        &values("unwrap", &numbers(&oracle["wrapped"])),
        &numbers(&oracle["unwrap"]),
        1e-12,
        "unwrap",
    );
    let degrees = values("unwrap:period=360", &numbers(&oracle["degrees"]));
    close(
        &degrees,
        &numbers(&oracle["unwrap:period=360"]),
        0.0,
        "unwrap in degrees",
    );
    let mut whole = input.clone();
    detrend_constant(&mut whole);
    close(&whole, &numbers(&oracle["detrend_constant"]), 1e-9, "constant");
    whole.clone_from(&input);
    detrend_linear(&mut whole);
    close(&whole, &numbers(&oracle["detrend_linear"]), 1e-8, "linear");
}

fn numbers_i64(value: &Value) -> Vec<i64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|v| v.as_i64().expect("a whole number")).collect()
}

#[test]
fn values_that_need_no_memory() {
    assert_eq!(values("absolute", &[-1.5, 2.0, -0.0]), [1.5, 2.0, 0.0]);
    assert_eq!(values("scale:gain=2,bias=-1", &[0.0, 3.0]), [-1.0, 5.0]);
    assert_eq!(values("scale", &[7.0]), [7.0]);
    assert_eq!(values("count", &[5.0, f64::NAN, 5.0]), [1.0, 2.0, 3.0]);
    let infinite = values("absolute|scale:gain=-1", &[f64::NEG_INFINITY]);
    assert_eq!(infinite, [f64::NEG_INFINITY]);
    assert!(Transform::new(&[]).is_ok_and(|mut t| run(&mut t, [sample(3, 4.0)]) == [sample(3, 4.0)]));
}

#[test]
fn a_threshold_does_not_chatter_within_its_band() {
    let input = [0.9, 1.05, 1.1, 1.0, 0.95, 0.9, 1.0, 1.09, 1.2];
    let out = values("threshold:level=1,hysteresis=0.2", &input);
    assert_eq!(out, [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(
        values("threshold:level=1", &[1.0, 0.999, 1.0, f64::INFINITY]),
        [1.0, 0.0, 1.0, 1.0]
    );
    // A band that is smaller than the last digit of the level.
    let flat = values("threshold:level=1e9,hysteresis=1e-9", &[1e9; 4]);
    assert_eq!(flat, [1.0; 4]);
    assert!(values("threshold:level=1", &[f64::NAN])[0].is_nan());
    // In the band at first: by the level.
    assert_eq!(values("threshold:level=1,hysteresis=1", &[1.1, 0.9]), [1.0, 1.0]);
    assert_eq!(values("threshold:level=1,hysteresis=1", &[0.9, 1.1]), [0.0, 0.0]);
}

#[test]
fn a_derivative_starts_anew_after_a_gap_and_when_time_goes_back() {
    let samples = [
        sample(0, 1.0),
        sample(500_000_000, 2.0),
        sample(500_000_000, 9.0),
        sample(1_000_000_000, 10.0),
        gap(9_000_000_000, 20.0),
        sample(9_250_000_000, 21.0),
        sample(3_000_000_000, 50.0),
        sample(4_000_000_000, 49.0),
    ];
    let out = run(&mut chain("derivative"), samples);
    assert_eq!(
        out,
        [
            sample(500_000_000, 2.0),
            // After the repeated time it counts from the later value.
            sample(1_000_000_000, 2.0),
            // The gap is told at the first value after it.
            gap(9_250_000_000, 4.0),
            sample(4_000_000_000, -1.0),
        ]
    );
}

#[test]
fn a_hole_does_not_spoil_what_follows() {
    let nan = f64::NAN;
    assert_eq!(values("derivative", &[1.0, nan, 3.0])[1], 1000.0);
    let integral = values("integral", &[2.0, f64::INFINITY, 2.0, 2.0]);
    assert!(integral[1].is_nan());
    close(&integral[2..], &[0.004, 0.006], 1e-15, "integral");
    let unwrap = values("unwrap", &[3.0, nan, -3.0]);
    assert!(unwrap[1].is_nan());
    assert!((unwrap[2] - (std::f64::consts::TAU - 3.0)).abs() < 1e-15);
}

#[test]
fn an_integral_spans_gaps_starts_anew_when_time_goes_back_and_does_not_drift() {
    let s = 1_000_000_000;
    let samples = [
        sample(0, 1.0),
        sample(s, 3.0),
        gap(3 * s, 3.0),
        sample(2 * s, 5.0),
        sample(3 * s, 5.0),
    ];
    let out = run(&mut chain("integral"), samples);
    assert_eq!(
        out.iter().map(|s| s.value).collect::<Vec<_>>(),
        [0.0, 2.0, 8.0, 0.0, 5.0]
    );
    assert!(out[2].gap);
    // Ten million steps of a tenth of a second: a plain sum is off by 2e-4 here.
    let mut transform = chain("integral");
    let mut last = 0.0;
    for i in 0..10_000_001_i64 {
        transform.push(i * 100_000_000, 0.1, false, &mut |_, value| last = value);
    }
    assert!((last - 100_000.0).abs() < 1e-9, "{last}");
    // A sum that overflows begins anew.
    let out = values("scale:gain=1e308|scale:gain=1e3|integral", &[1.0]);
    assert!(out[0].is_nan());
    let mut transform = chain("integral");
    let huge = (0..10).map(|i| sample(i * 1000 * s, f64::MAX));
    assert!(run(&mut transform, huge).iter().any(|sample| sample.value.is_nan()));
    let later = [0.0, 0.0, 0.0, 2.0].into_iter().zip(20..);
    let later = run(&mut transform, later.map(|(value, t)| sample(t * 1000 * s, value)));
    assert_eq!(later[3].value, 1000.0);
}

#[test]
fn an_interval_shows_every_step_of_time() {
    let out = run(
        &mut chain("interval"),
        [sample(0, f64::NAN), gap(2_000_000_000, 0.0), sample(1_500_000_000, 1.0)],
    );
    assert_eq!(out, [gap(2_000_000_000, 2.0), sample(1_500_000_000, -0.5)]);
}

#[test]
fn unwrapping_goes_over_many_turns_and_keeps_half_ones() {
    let text = "unwrap:period=1";
    assert_eq!(
        values(text, &[0.0, 0.5, 0.0, 0.75, 0.5, 0.25, 0.0]),
        [0.0, 0.5, 0.0, -0.25, -0.5, -0.75, -1.0]
    );
    // A step of several periods is brought to the nearest one.
    assert_eq!(values(text, &[0.0, 7.25, 0.0]), [0.0, 0.25, 0.0]);
    let ramp: Vec<f64> = (0..1000).map(|i| f64::from(i * 3 % 10) / 10.0).collect();
    let out = values(text, &ramp);
    assert!((out[999] - 299.7).abs() < 1e-9, "{}", out[999]);
    // More turns than numbers can count: it begins anew rather than stay at infinity.
    let out = values("unwrap:period=1e-300", &[0.0, 1e300, 1e300, 1e300]);
    assert!(out.iter().all(|v| v.is_finite()), "{out:?}");
    // So it does where the turns can be counted, but what they add cannot.
    let out = values("unwrap:period=2.6796439307636167e298", &[f64::MAX, 0.0, 1.0]);
    assert_eq!(out[2], 1.0, "{out:?}");
}

#[test]
fn whole_stretches_with_holes_are_detrended() {
    let mut ramp: Vec<f64> = (0..50).map(|i| 1e9 + 0.5 * f64::from(i)).collect();
    ramp[7] = f64::NAN;
    ramp[20] = f64::INFINITY;
    detrend_linear(&mut ramp);
    assert!(ramp[7].is_nan() && ramp[20].is_infinite());
    assert!(ramp.iter().filter(|v| v.is_finite()).all(|v| v.abs() < 1e-9));
    for mut short in [vec![], vec![5.0], vec![f64::NAN]] {
        detrend_linear(&mut short);
        detrend_constant(&mut short);
        assert!(short.iter().all(|v| *v == 0.0 || v.is_nan()));
    }
}

#[test]
fn stages_run_one_after_the_other_and_reset_forgets() {
    let text = "scale:gain=2|derivative|average:samples=2|absolute";
    let mut transform = chain(text);
    let input = || {
        [0.0, -1.0, 0.0, 4.0]
            .into_iter()
            .zip(0..)
            .map(|(v, t)| sample(t * 1_000_000_000, v))
    };
    let first = run(&mut transform, input());
    assert_eq!(first.iter().map(|s| s.value).collect::<Vec<_>>(), [2.0, 0.0, 5.0]);
    transform.reset();
    assert_eq!(run(&mut transform, input()), first);
    assert_eq!(transform.label(), "times 2 | derivative | average 2 samples | absolute");
    assert_eq!(transform.specs().len(), 4);
    assert_eq!(transform.rate_hz(), None);
    assert_eq!(transform.fault(), None);
}
