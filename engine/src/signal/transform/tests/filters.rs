use std::f64::consts::TAU;

use super::*;
use crate::signal::filter::{FilterError, SosFilter};

const MS: i64 = 1_000_000;

/// A stamp with jitter, a value with noise: the same for every run.
fn stream(count: i64) -> impl Iterator<Item = Sample> {
    (0..count).map(|i| {
        let jitter = (i * 7919) % 401 - 200;
        let wave = (TAU * 0.03 * i as f64).sin() + 0.3 * ((i * 37) % 11) as f64;
        sample(1_700_000_000_000_000_000 + i * MS + jitter * 1000, 9.81 + wave)
    })
}

#[test]
fn a_rate_is_measured_held_and_shown() {
    let text = "lowpass:order=4,corner_hz=50";
    let mut measured = chain(text);
    let mut held = run(&mut measured, stream(63));
    assert!(held.is_empty());
    assert_eq!(measured.rate_hz(), None);
    held = run(&mut measured, stream(64).skip(63));
    assert_eq!(held.len(), RATE_SAMPLES);
    let rate = measured.rate_hz().expect("measured");
    assert!((rate - 1000.0).abs() < 15.0, "{rate}");
    let (_, sos) = measured.filters().next().expect("one filter");
    assert_eq!(sos.expect("designed").rate_hz(), rate);
    // From then on it is the filter of that rate, sample by sample.
    held.extend(run(&mut measured, stream(300).skip(64)));
    let mut given = chain(&format!("{text},rate_hz={rate}"));
    assert_eq!(given.rate_hz(), Some(rate));
    assert_eq!(run(&mut given, stream(300)), held);
    // The rate is fixed, whatever comes later, until all is forgotten.
    let faster = (0..500).map(|i| sample(1_800_000_000_000_000_000 + i * MS / 4, 0.0));
    let _ = run(&mut measured, faster.clone());
    assert_eq!(measured.rate_hz(), Some(rate));
    measured.reset();
    assert_eq!(measured.rate_hz(), None);
    let _ = run(&mut measured, faster);
    assert_eq!(measured.rate_hz(), Some(4000.0));
}

#[test]
fn a_filtered_stream_is_what_the_filter_makes_of_it() {
    let spec: TransformSpec = "bandpass:order=3,low_hz=5,high_hz=60,rate_hz=1000"
        .parse()
        .expect("sound");
    let TransformSpec::Filter { filter, .. } = spec else {
        panic!("a filter");
    };
    let mut plain = SosFilter::design(&filter, 1000.0).expect("sound");
    let out = run(&mut Transform::new(&[spec]).expect("sound"), stream(400));
    let truth: Vec<_> = stream(400)
        .map(|s| Sample {
            value: plain.push(s.value),
            ..s
        })
        .collect();
    assert_eq!(out, truth);
}

#[test]
fn gravity_starts_without_a_step() {
    for text in [
        "lowpass:order=8,corner_hz=5",
        "notch:centre_hz=50",
        "lowpass:corner_hz=0.1",
    ] {
        let out = run(&mut chain(text), (0..500).map(|i| sample(i * MS, 9.81)));
        assert_eq!(out.len(), 500);
        assert!(out.iter().all(|s| (s.value - 9.81).abs() < 1e-9), "{text}");
    }
    let out = run(
        &mut chain("highpass:corner_hz=1"),
        (0..500).map(|i| sample(i * MS, 9.81)),
    );
    assert!(out.iter().all(|s| s.value.abs() < 1e-12));
}

#[test]
fn the_measured_rate_ignores_gaps_repeats_and_steps_back() {
    let mut time = 0;
    let samples: Vec<_> = (0..64)
        .map(|i| {
            time += match i % 4 {
                0 => 50 * MS,
                1 => 0,
                _ => 2 * MS,
            };
            let back = if i == 33 { 20 * MS } else { 0 };
            time -= back;
            Sample {
                gap: i % 4 == 0,
                ..sample(time, 1.0)
            }
        })
        .collect();
    let mut transform = chain("lowpass:corner_hz=5");
    let out = run(&mut transform, samples.iter().copied());
    assert_eq!(transform.rate_hz(), Some(500.0));
    assert_eq!(out, samples);
}

#[test]
fn a_gap_restarts_only_if_it_is_long() {
    // At 1 kHz with a corner at 100 Hz the limit is 8 periods, with one at 2 Hz a tenth of its period.
    for (text, limit) in [
        ("lowpass:order=2,corner_hz=100,rate_hz=1000", 8),
        ("lowpass:order=2,corner_hz=2,rate_hz=1000", 50),
    ] {
        let at = |pause: i64, gap: bool| {
            let mut transform = chain(text);
            let mut out = run(&mut transform, (0..200).map(|i| sample(i * MS, (i % 2) as f64)));
            out.extend(run(
                &mut transform,
                [Sample {
                    gap,
                    ..sample(199 * MS + pause * MS, 100.0)
                }],
            ));
            assert_eq!(out[200].gap, gap);
            // Settled at its first sample, it yields that sample.
            (out[200].value - 100.0).abs() < 1e-9
        };
        assert!(!at(limit, true));
        assert!(at(limit + 1, true), "{text}");
        // Not marked, as after a burst of delayed samples.
        assert!(!at(10 * limit, false));
        assert!(at(10 * limit + 1, false), "{text}");
        // Backwards.
        assert!(!at(-limit, false));
        assert!(at(-limit - 1, false), "{text}");
    }
}

#[test]
fn a_gap_marked_at_a_hole_counts_for_the_next_sample() {
    let mut transform = chain("lowpass:corner_hz=100,rate_hz=1000");
    let _ = run(&mut transform, (0..100).map(|i| sample(i * MS, 0.0)));
    let out = run(&mut transform, [gap(120 * MS, f64::NAN), sample(121 * MS, 5.0)]);
    assert!(out[0].value.is_nan() && out[0].gap);
    assert!((out[1].value - 5.0).abs() < 1e-12 && !out[1].gap);
}

#[test]
fn the_measured_rate_sees_through_bursts_repeats_and_a_pause() {
    // Batches of 8 every 8 ms, as a radio delivers them: single spacings say 20 kHz.
    let bursts = (0..64).map(|i| sample(i / 8 * 8 * MS + i % 8 * 50_000, 1.0));
    let mut transform = chain("lowpass:corner_hz=5");
    let _ = run(&mut transform, bursts);
    assert_eq!(transform.rate_hz(), Some(1000.0));
    // Two samples with each stamp.
    transform.reset();
    let _ = run(&mut transform, (0..64).map(|i| sample(i / 2 * 2 * MS, 1.0)));
    assert_eq!(transform.rate_hz(), Some(1000.0));
    // A pause that nobody marked.
    transform.reset();
    let _ = run(&mut transform, (0..64).map(|i| sample(i * MS + i / 40 * 900 * MS, 1.0)));
    assert_eq!(transform.rate_hz(), Some(1000.0));
}

#[test]
fn a_corner_beyond_the_measured_rate_is_a_fault_and_heals() {
    let mut transform = chain("lowpass:order=2,corner_hz=100");
    let slow = run(&mut transform, (0..64).map(|i| sample(i * 10 * MS, 1.0)));
    assert!(slow.is_empty());
    let Some(TransformFault::Filter { rate_hz, error }) = transform.fault() else {
        panic!("{:?}", transform.fault());
    };
    assert_eq!(rate_hz, 100.0);
    assert_eq!(
        error,
        FilterError::Corner {
            corner_hz: 100.0,
            nyquist_hz: 50.0
        }
    );
    let text = transform.fault().expect("still").to_string();
    assert!(text.contains("100.000 Hz") && text.contains("50 Hz"), "{text}");
    // The next 64 are fast enough. What was given up is told as a gap.
    let fast = run(&mut transform, (640..704).map(|i| sample(i * MS, 1.0)));
    assert_eq!(fast.len(), 64);
    assert!(fast[0].gap && !fast[1].gap);
    assert_eq!(transform.fault(), None);
}

#[test]
fn times_that_stand_still_are_a_fault() {
    let mut transform = chain("notch:centre_hz=5");
    let out = run(&mut transform, (0..1000).map(|i| sample(7, i as f64)));
    assert!(out.is_empty());
    assert_eq!(transform.fault(), Some(TransformFault::Rate));
}

#[test]
fn the_end_lets_out_what_was_held_back() {
    let mut transform = chain("hampel:samples=5|lowpass:corner_hz=20|median:samples=3");
    let mut out = run(&mut transform, stream(30));
    assert!(out.is_empty());
    transform.finish(&mut |sample| out.push(sample));
    let times: Vec<_> = stream(30).map(|s| s.time_ns).collect();
    assert_eq!(out.iter().map(|s| s.time_ns).collect::<Vec<_>>(), times);
    assert!(out.iter().all(|s| s.value.is_finite()));
    // And everything is as new.
    let mut again = run(&mut transform, stream(30));
    transform.finish(&mut |sample| again.push(sample));
    assert_eq!(again, out);
    // One sample alone has no rate.
    let mut one = chain("lowpass:corner_hz=20");
    assert!(run(&mut one, [sample(0, 1.0)]).is_empty());
    let mut count = 0;
    one.finish(&mut |_| count += 1);
    assert_eq!(count, 0);
}
