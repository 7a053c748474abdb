use std::f64::consts::PI;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    kind: String,
    rate_hz: f64,
    order: u8,
    corners: Vec<f64>,
    freq_hz: Vec<f64>,
    re: Vec<f64>,
    im: Vec<f64>,
    step: Vec<f64>,
    noise: Vec<f64>,
    settled: Vec<f64>,
}

impl Case {
    fn filter(&self) -> Filter {
        let (order, first) = (self.order, self.corners[0]);
        match self.kind.as_str() {
            "lowpass" => low_pass(order, first),
            "highpass" => high_pass(order, first),
            "bandpass" => band_pass(order, first, self.corners[1]),
            "notch" => notch(first, self.corners[1]),
            other => panic!("{other}"),
        }
    }
}

fn low_pass(order: u8, corner_hz: f64) -> Filter {
    Filter::LowPass { order, corner_hz }
}

fn high_pass(order: u8, corner_hz: f64) -> Filter {
    Filter::HighPass { order, corner_hz }
}

fn band_pass(order: u8, low_hz: f64, high_hz: f64) -> Filter {
    Filter::BandPass { order, low_hz, high_hz }
}

fn notch(centre_hz: f64, q: f64) -> Filter {
    Filter::Notch { centre_hz, q }
}

fn oracle() -> Vec<Case> {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/filter.json"
    ));
    serde_json::from_str(text).expect("the oracle is sound JSON")
}

fn settled(filter: Filter, rate_hz: f64) -> SosFilter {
    SosFilter::design(&filter, rate_hz).expect("sound")
}

#[test]
fn responses_are_those_of_scipy() {
    let cases = oracle();
    assert_eq!(cases.len(), 32);
    for case in cases {
        let sos = case.filter().design(case.rate_hz).expect("sound");
        for (i, freq) in case.freq_hz.iter().enumerate() {
            let (re, im) = sos.response(*freq);
            let error = (re - case.re[i]).hypot(im - case.im[i]);
            assert!(error < 1e-9, "{:?} at {freq} Hz: {error:e}", case.filter());
            assert!((sos.magnitude(*freq) - case.re[i].hypot(case.im[i])).abs() < 1e-9);
        }
    }
}

#[test]
fn step_responses_and_settled_starts_are_those_of_scipy() {
    for case in oracle() {
        let sos = case.filter().design(case.rate_hz).expect("sound");
        let mut rest = SosFilter::new(sos.clone(), Start::Rest);
        for (i, truth) in case.step.iter().enumerate() {
            let error = (rest.push(1.0) - truth).abs();
            assert!(error < 1e-9, "{:?} step {i}: {error:e}", case.filter());
        }
        let mut filter = SosFilter::new(sos, Start::Settled);
        for (i, (value, truth)) in case.noise.iter().zip(&case.settled).enumerate() {
            let error = (filter.push(*value) - truth).abs();
            assert!(error < 1e-9, "{:?} sample {i}: {error:e}", case.filter());
        }
    }
}

/// |H|^2 = 1 / (1 + W^2N), W the warped frequency over the warped corner.
#[test]
fn magnitudes_are_the_closed_form_even_at_a_hundred_thousandth_of_the_rate() {
    let warp = |share: f64| (PI * share).tan();
    for order in 1..=MAX_ORDER {
        for corner in [1e-5, 1e-3, 0.1, 0.25, 0.4, 0.499] {
            let low = low_pass(order, corner).design(1.0).expect("sound");
            let high = high_pass(order, corner).design(1.0).expect("sound");
            for factor in [0.01, 0.5, 0.99, 1.0, 1.01, 2.0, 20.0] {
                let freq = corner * factor;
                if freq >= 0.5 {
                    continue;
                }
                let ratio = (warp(freq) / warp(corner)).powi(2 * i32::from(order));
                let (below, above) = ((1.0 / (1.0 + ratio)).sqrt(), (1.0 / (1.0 + 1.0 / ratio)).sqrt());
                // Rounded coefficients move the poles by about 1e-16 over the square of the corner's share of the rate.
                let share = corner.min(0.5 - corner);
                let allowed = 1e-12 + 1e-16 / (share * share);
                assert!(
                    (low.magnitude(freq) - below).abs() < allowed,
                    "low {order} {corner} {factor}"
                );
                assert!(
                    (high.magnitude(freq) - above).abs() < allowed,
                    "high {order} {corner} {factor}"
                );
            }
        }
    }
}

#[test]
fn the_band_is_3_db_down_at_its_corners_and_whole_in_its_middle() {
    for (low, high) in [(40.0, 120.0), (49.5, 50.5), (0.1, 400.0), (0.01, 0.02)] {
        for order in 1..=MAX_ORDER {
            let sos = band_pass(order, low, high).design(1000.0).expect("sound");
            for corner in [low, high] {
                let error = (sos.magnitude(corner) - 0.5_f64.sqrt()).abs();
                assert!(error < 1e-7, "order {order}, {low} to {high}: {error:e}");
            }
            let middle = ((PI * low / 1e3).tan() * (PI * high / 1e3).tan()).sqrt().atan() / PI * 1e3;
            assert!((sos.magnitude(middle) - 1.0).abs() < 1e-12);
            assert!(
                sos.phase_rad(middle).abs() < 1e-7,
                "{order} {low}: {:e}",
                sos.phase_rad(middle)
            );
            assert!(sos.magnitude(0.0) < 1e-12 && sos.magnitude(500.0) < 1e-12);
            assert_eq!(sos.sections().len(), usize::from(order));
        }
    }
}

#[test]
fn the_notch_takes_out_its_centre_only() {
    let sos = notch(50.0, 30.0).design(1000.0).expect("sound");
    assert!(sos.magnitude(50.0) < 1e-13);
    assert!((sos.magnitude(0.0) - 1.0).abs() < 1e-15);
    assert!((sos.magnitude(500.0) - 1.0).abs() < 1e-15);
    assert!(sos.magnitude(45.0) > 0.98 && sos.magnitude(55.0) > 0.98);
    let slow = notch(0.01, 2.0).design(1000.0).expect("sound");
    assert!((slow.magnitude(0.0) - 1.0).abs() < 1e-15);
    // A sine of 50 Hz on gravity is gone after the notch has rung out.
    let mut filter = SosFilter::new(sos, Start::Settled);
    let mut last = 0.0_f64;
    for n in 0..4000 {
        let y = filter.push(9.81 + 3.0 * (2.0 * PI * 0.05 * f64::from(n)).sin());
        if n > 3900 {
            last = last.max((y - 9.81).abs());
        }
    }
    assert!(last < 1e-6, "{last:e}");
}

/// A constant comes out as it went in, or not at all, from the first sample on and an hour later.
#[test]
fn a_constant_starts_without_a_step_and_stays() {
    for order in 1..=MAX_ORDER {
        for corner in [0.001, 0.01, 1.0, 100.0] {
            let (mut low, mut high) = (
                settled(low_pass(order, corner), 1e3),
                settled(high_pass(order, corner), 1e3),
            );
            let mut band = settled(band_pass(order, corner, 4.0 * corner), 1e3);
            for n in 0..20_000 {
                let error = (low.push(9.81) - 9.81).abs();
                assert!(error < 1e-4 * 1e-3 / corner, "low {order} {corner} {n}: {error:e}");
                assert!(high.push(9.81).abs() < 1e-12, "high {order} {corner} {n}");
                assert!(band.push(9.81).abs() < 1e-12, "band {order} {corner} {n}");
            }
        }
    }
}

#[test]
fn samples_that_are_not_finite_change_nothing() {
    let (mut with, mut without) = (settled(low_pass(4, 50.0), 1000.0), settled(low_pass(4, 50.0), 1000.0));
    for n in 0..200 {
        let value = f64::from(n % 17);
        if n % 5 == 0 {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert!(with.push(bad).is_nan());
            }
        }
        assert_eq!(with.push(value).to_bits(), without.push(value).to_bits());
    }
}

#[test]
fn an_overflow_heals() {
    let mut filter = settled(high_pass(8, 400.0), 1000.0);
    for n in 0..100 {
        let _ = filter.push(if n % 2 == 0 { f64::MAX } else { f64::MIN });
    }
    let mut finite = 0;
    for _ in 0..400 {
        let y = filter.push(1.0);
        finite += i32::from(y.is_finite());
    }
    assert!(finite > 390, "{finite}");
    assert!(filter.push(1.0).abs() < 1e290);
    filter.reset();
    assert!(filter.push(5.0).abs() < 1e-12);
}

#[test]
fn what_rings_out_ends_at_zero() {
    let mut filter = SosFilter::new(low_pass(4, 50.0).design(1000.0).expect("sound"), Start::Rest);
    let _ = filter.push(1.0);
    let mut last = 1.0;
    for _ in 0..20_000 {
        last = filter.push(0.0);
        assert!(last == 0.0 || last.abs() > f64::MIN_POSITIVE);
    }
    assert_eq!(last, 0.0);
}

#[test]
fn errors_name_the_corner_and_the_nyquist_rate() {
    let text = low_pass(4, 600.0).design(1000.0).expect_err("too high").to_string();
    assert!(text.contains("600 Hz") && text.contains("500 Hz"), "{text}");
    let wrong = |filter: Filter, rate: f64| filter.design(rate).expect_err("wrong");
    assert_eq!(
        wrong(low_pass(2, 500.0), 1e3),
        FilterError::Corner {
            corner_hz: 500.0,
            nyquist_hz: 500.0
        }
    );
    assert!(matches!(wrong(low_pass(2, 1e-4), 1e3), FilterError::Edge { .. }));
    assert!(matches!(wrong(low_pass(2, 499.9999), 1e3), FilterError::Edge { .. }));
    assert!(matches!(wrong(low_pass(0, 5.0), 1e3), FilterError::Order { order: 0 }));
    assert!(matches!(wrong(low_pass(9, 5.0), 1e3), FilterError::Order { order: 9 }));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(wrong(low_pass(2, bad), 1e3), FilterError::NotPositive { .. }));
        assert!(matches!(wrong(low_pass(2, 5.0), bad), FilterError::Rate { .. }));
        assert!(matches!(wrong(notch(50.0, bad), 1e3), FilterError::Quality { .. }));
    }
    assert!(matches!(wrong(band_pass(2, 50.0, 40.0), 1e3), FilterError::Band { .. }));
    assert!(matches!(
        wrong(band_pass(2, 50.0, 50.0001), 1e3),
        FilterError::Width { .. }
    ));
    assert!(matches!(
        wrong(band_pass(2, 50.0, 800.0), 1e3),
        FilterError::Corner { .. }
    ));
    assert!(matches!(wrong(notch(50.0, 0.01), 1e3), FilterError::Width { .. }));
    assert!(matches!(wrong(notch(50.0, 1e9), 1e3), FilterError::Width { .. }));
}

fn any_filter() -> impl Strategy<Value = Filter> {
    // Corners over the whole range that is offered, evenly by their logarithm.
    let share = || (-6.0..-0.302_f64).prop_map(|e| 10_f64.powf(e));
    prop_oneof![
        (1..=MAX_ORDER, share()).prop_map(|(order, corner)| low_pass(order, corner)),
        (1..=MAX_ORDER, share()).prop_map(|(order, corner)| high_pass(order, corner)),
        (1..=MAX_ORDER, share(), share()).prop_map(|(order, a, b)| band_pass(order, a.min(b), a.max(b))),
        (share(), -2.0..6.0_f64).prop_map(|(centre, q)| notch(centre, 10_f64.powf(q))),
    ]
}

proptest! {
    #[test]
    fn whatever_is_designed_is_stable(filter in any_filter()) {
        if let Ok(sos) = filter.design(1.0) {
            for Section { a: [a1, a2], .. } in sos.sections() {
                // The triangle within which both poles are inside the unit circle.
                prop_assert!(*a2 < 1.0 && a1.abs() < 1.0 + a2, "{filter:?}: {a1} {a2}");
            }
            for freq in [0.0, 1e-6, 1e-3, 0.1, 0.3, 0.5] {
                prop_assert!(sos.magnitude(freq) < 1.0 + 1e-5, "{filter:?} at {freq}: {}", sos.magnitude(freq));
            }
        }
    }

    #[test]
    fn hostile_numbers_are_refused_or_run(
        order in any::<u8>(), a in any::<f64>(), b in any::<f64>(), rate in any::<f64>(),
        samples in prop::collection::vec(any::<f64>(), 0..50),
    ) {
        for filter in [low_pass(order, a), high_pass(order, a), band_pass(order, a, b), notch(a, b)] {
            match filter.design(rate) {
                Ok(sos) => {
                    let mut filter = SosFilter::new(sos, Start::Settled);
                    for sample in &samples {
                        let _ = filter.push(*sample);
                    }
                    let _ = filter.push(1.0);
                    let _ = filter.push(1.0);
                    prop_assert!(filter.push(1.0).is_finite() || samples.iter().any(|s| s.abs() > 1e200));
                }
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
