use proptest::prelude::*;

use super::*;

/// Values and steps of time in nanoseconds, some of them backwards or none at all, some values no numbers.
fn streams() -> impl Strategy<Value = Vec<Sample>> {
    let step = prop_oneof![8 => 1..2_000_000_i64, 1 => Just(0), 1 => -3_000_000..0_i64, 1 => Just(-80_000_000)];
    let value = prop_oneof![
        8 => -50.0..50.0_f64, 2 => (-5..5_i32).prop_map(f64::from), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY),
        1 => Just(1e12),
    ];
    prop::collection::vec((step, value), 1..300).prop_map(|steps| {
        let mut time_ns = 1_700_000_000_000_000_000;
        let at = |(step, value)| {
            time_ns += step;
            sample(time_ns, value)
        };
        steps.into_iter().map(at).collect()
    })
}

/// The window of each finite sample, computed anew: the last ones since the last restart, by the rules of the room.
fn windows(samples: &[Sample], window: Window) -> Vec<Vec<f64>> {
    let mut kept: Vec<(i64, f64)> = Vec::new();
    let mut newest = i64::MIN;
    let mut all = Vec::new();
    for s in samples.iter().filter(|s| s.value.is_finite()) {
        match window {
            Window::Samples(count) => {
                kept.push((s.time_ns, s.value));
                let drop = kept.len().saturating_sub(count);
                let _ = kept.drain(..drop);
            }
            Window::Seconds(seconds) => {
                let span = (seconds * 1e9).round() as i64;
                if newest.saturating_sub(s.time_ns) > span {
                    kept.clear();
                    newest = i64::MIN;
                }
                newest = newest.max(s.time_ns);
                kept.push((newest, s.value));
                kept.retain(|(time, _)| newest - time < span);
            }
        }
        all.push(kept.iter().map(|(_, value)| *value).collect());
    }
    all
}

fn mean(values: &[f64]) -> f64 {
    values.iter().map(|v| v - values[0]).sum::<f64>() / values.len() as f64 + values[0]
}

fn variance(values: &[f64]) -> f64 {
    // Counted from the first one, or the rounding of a mean of a billion would show.
    let values: Vec<_> = values.iter().map(|v| v - values[0]).collect();
    let mean = mean(&values);
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (values.len() as f64 - 1.0)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[half]
    } else {
        0.5 * sorted[half - 1] + 0.5 * sorted[half]
    }
}

fn finite(out: &[Sample]) -> Vec<f64> {
    out.iter().map(|s| s.value).filter(|v| v.is_finite()).collect()
}

proptest! {
    #[test]
    fn windows_are_as_computed_anew(
        samples in streams(),
        window in prop_oneof![
            (1..40_usize).prop_map(Window::Samples),
            (0.0005..0.05_f64).prop_map(Window::Seconds),
        ],
    ) {
        let compile = |spec: TransformSpec| Transform::new(&[spec]).expect("sound");
        let truth = windows(&samples, window);
        let large = |w: &[f64]| w.iter().fold(1.0, |most: f64, v| most.max(v.abs()));

        let out = run(&mut compile(TransformSpec::Average(window)), samples.iter().copied());
        prop_assert_eq!(out.len(), samples.len());
        for (s, o) in samples.iter().zip(&out) {
            prop_assert_eq!((s.time_ns, s.value.is_finite()), (o.time_ns, o.value.is_finite()));
        }
        for (found, window) in finite(&out).iter().zip(&truth) {
            prop_assert!((found - mean(window)).abs() <= 1e-13 * large(window));
        }
        let out = run(&mut compile(TransformSpec::Rms(window)), samples.iter().copied());
        for (found, window) in finite(&out).iter().zip(&truth) {
            let square = window.iter().map(|v| v * v).sum::<f64>() / window.len() as f64;
            prop_assert!((found - square.sqrt()).abs() <= 1e-12 * large(window), "{found} {window:?}");
        }
        if window != Window::Samples(1) {
            let out = run(&mut compile(TransformSpec::Variance(window)), samples.iter().copied());
            let wide: Vec<_> = truth.iter().filter(|w| w.len() > 1).collect();
            let found = finite(&out);
            prop_assert_eq!(found.len(), wide.len());
            for (found, window) in found.iter().zip(wide) {
                prop_assert!((found - variance(window)).abs() <= 1e-12 * large(window) * large(window));
            }
        }
        let out = run(&mut compile(TransformSpec::Median(window)), samples.iter().copied());
        let found = finite(&out);
        prop_assert_eq!(found.len(), truth.len());
        for (found, window) in found.iter().zip(&truth) {
            prop_assert_eq!(*found, median(window));
        }
    }

    #[test]
    fn outliers_are_as_computed_anew(
        samples in streams(), half in 1..15_usize, sigmas in prop_oneof![Just(0.0), 0.5..4.0_f64],
    ) {
        let count = 2 * half + 1;
        let mut transform = Transform::new(&[TransformSpec::Hampel { samples: count, sigmas }]).expect("sound");
        let mut out = run(&mut transform, samples.iter().copied());
        prop_assert_eq!(out.len(), samples.len().saturating_sub(half));
        transform.finish(&mut |sample| out.push(sample));
        prop_assert_eq!(out.len(), samples.len());
        for (i, found) in out.iter().enumerate() {
            prop_assert_eq!(found.time_ns, samples[i].time_ns);
            let around = &samples[i.saturating_sub(half)..samples.len().min(i + half + 1)];
            let around = finite(around);
            if !samples[i].value.is_finite() {
                prop_assert!(found.value.is_nan());
                continue;
            }
            let middle = median(&around);
            let apart: Vec<_> = around.iter().map(|v| (v - middle).abs()).collect();
            let limit = sigmas * 1.482_602_218_505_602 * median(&apart);
            let truth = if (samples[i].value - middle).abs() > limit { middle } else { samples[i].value };
            prop_assert_eq!(found.value, truth, "at {}: {:?}", i, around);
        }
    }
}

/// Noise of a thousandth upon a billion, from a fixed generator.
fn noise(state: &mut u64) -> f64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    ((*state >> 40) as f64 / f64::from(1 << 24) - 0.5) * 2e-3
}

#[test]
fn sums_do_not_drift_upon_a_billion() {
    let (mut average, mut deviation) = (chain("average:samples=1000"), chain("variance:samples=1000"));
    let mut rms = chain("rms:window_s=0.5");
    let mut state = 1;
    let mut recent = std::collections::VecDeque::new();
    let (mut a, mut v, mut r) = (0.0, 0.0, 0.0);
    // The offset wanders by 3 over the run, too.
    for i in 0..3_000_000_i64 {
        let value = 1e9 + i as f64 * 1e-6 + noise(&mut state);
        average.push(i * 1_000_000, value, false, &mut |_, value| a = value);
        deviation.push(i * 1_000_000, value, false, &mut |_, value| v = value);
        rms.push(i * 1_000_000, value, false, &mut |_, value| r = value);
        recent.push_back(value);
        if recent.len() > 1000 {
            let _ = recent.pop_front();
        }
    }
    let recent: Vec<_> = recent.into();
    assert!((a - mean(&recent)).abs() < 2e-7, "{:e}", a - mean(&recent));
    let truth = variance(&recent);
    assert!((v / truth - 1.0).abs() < 1e-9, "{:e}", v / truth - 1.0);
    assert!((r - mean(&recent[500..])).abs() < 4e-7, "{r}");
}

#[test]
fn a_spike_leaves_nothing_behind() {
    for at in 0..40_usize {
        let input: Vec<f64> = (0..120_usize)
            .map(|i| if i == at { 1e15 } else { (i % 7) as f64 * 0.1 })
            .collect();
        for window in ["samples=20", "window_s=0.02"] {
            let found = values(&format!("average:{window}"), &input);
            let spread = values(&format!("variance:{window}"), &input);
            let trend = values(&format!("detrend:{window},trend=linear"), &input);
            for i in at + 20..120 {
                let truth = &input[i + 1 - 20..=i];
                assert!((found[i] - mean(truth)).abs() < 1e-15);
                assert!((spread[i - 1] - variance(truth)).abs() < 1e-15);
                assert!(trend[i].abs() < 1.0, "{}", trend[i]);
            }
        }
    }
}

#[test]
fn a_line_is_taken_away_at_any_offset_of_time_and_value() {
    let out = run(
        &mut chain("detrend:window_s=0.1,trend=linear"),
        (0..500).map(|i| sample(1_700_000_000_000_000_000 + i * 1_000_000, 1e9 + i as f64)),
    );
    assert!(out.iter().all(|s| s.value.abs() < 1e-6));
    // Samples of one time have no slope.
    let out = run(
        &mut chain("detrend:samples=4,trend=linear"),
        [1.0, 2.0, 3.0].map(|value| sample(5, value)),
    );
    assert_eq!(out.iter().map(|s| s.value).collect::<Vec<_>>(), [0.0, 0.5, 1.0]);
    // A step back starts anew.
    let mut line = chain("detrend:samples=10,trend=linear");
    let _ = run(&mut line, (0..10).map(|i| sample(i * 1000, (i * i) as f64)));
    let out = run(&mut line, [sample(0, 70.0), sample(1000, 80.0)]);
    assert!(out.iter().all(|s| s.value.abs() < 1e-9), "{out:?}");
}

#[test]
fn a_window_in_seconds_that_overflows_says_so_and_heals() {
    // Room for 256 samples at least; one nanosecond each.
    for text in ["average:window_s=1e-6", "median:window_s=1e-6", "detrend:window_s=1e-6"] {
        let mut transform = chain(text);
        let _ = run(&mut transform, (0..256).map(|i| sample(i, 0.0)));
        assert_eq!(transform.fault(), None);
        let out = run(&mut transform, (256..600).map(|i| sample(i, 1.0)));
        assert_eq!(out.len(), 344);
        let Some(TransformFault::Full { samples: 256, .. }) = transform.fault() else {
            panic!("{text}: {:?}", transform.fault());
        };
        // All of the newest 256 are 1.
        let expected = if text.starts_with("detrend") { 0.0 } else { 1.0 };
        assert_eq!(out[343].value, expected);
        let _ = run(&mut transform, [sample(5000, 1.0)]);
        assert_eq!(transform.fault(), None);
    }
}

#[test]
fn a_variance_of_one_sample_is_not_told_and_its_gap_is() {
    let out = run(
        &mut chain("variance:window_s=0.01"),
        [
            gap(0, 1.0),
            sample(1_000_000, 3.0),
            sample(1_000_000_000, 5.0),
            sample(1_001_000_000, 5.0),
        ],
    );
    assert_eq!(out, [gap(1_000_000, 2.0), sample(1_001_000_000, 0.0)]);
}
