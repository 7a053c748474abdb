use std::f64::consts::{PI, TAU};

use proptest::prelude::*;

use super::noise::Noise;
use super::*;

mod oracle;
mod peaks;

fn welch(segment: usize, window: Window, detrend: Detrend) -> Welch {
    Welch::new(WelchConfig {
        segment,
        window,
        detrend,
        ..WelchConfig::default()
    })
    .expect("sound")
}

fn sine(count: usize, rate_hz: f64, freq_hz: f64, amplitude: f64, phase: f64) -> Vec<f64> {
    (0..count)
        .map(|i| amplitude * (TAU * freq_hz * i as f64 / rate_hz + phase).sin())
        .collect()
}

#[test]
fn a_sine_on_a_bin_reads_half_its_square() {
    for segment in [64, 100, 101, 4096] {
        for window in Window::ALL {
            let rate = 1000.0;
            let bin = segment / 5;
            let freq = bin as f64 * rate / segment as f64;
            let samples = sine(3 * segment, rate, freq, 3.0, 0.4);
            let mut welch = welch(segment, window, Detrend::None);
            let spectrum = welch.estimate(&samples, rate).expect("enough");
            let read = |quantity| spectrum.value(bin, quantity).expect("a bin");
            assert!((read(Quantity::Power) - 4.5).abs() < 1e-9, "{segment} {window:?}");
            assert!((read(Quantity::Rms) - 3.0 / 2.0_f64.sqrt()).abs() < 1e-9);
            assert!((read(Quantity::Peak) - 3.0).abs() < 1e-9);
            assert!((read(Quantity::AmplitudeDensity).powi(2) - read(Quantity::Density)).abs() < 1e-9);
            assert_eq!(spectrum.value(segment, Quantity::Power), None);
        }
    }
}

#[test]
fn both_ends_read_their_amplitude() {
    let mut welch = welch(64, Window::Hann, Detrend::None);
    let constant = welch.estimate(&[2.0; 200], 10.0).expect("enough");
    assert!((constant.value(0, Quantity::Peak).expect("a bin") - 2.0).abs() < 1e-12);
    let alternating: Vec<f64> = (0..200).map(|i| if i % 2 == 0 { 2.0 } else { -2.0 }).collect();
    let spectrum = welch.estimate(&alternating, 10.0).expect("enough");
    assert!((spectrum.value(32, Quantity::Peak).expect("a bin") - 2.0).abs() < 1e-12);
}

#[test]
fn white_noise_has_twice_its_variance_over_the_rate() {
    let (sigma, rate) = (0.7, 400.0);
    let samples: Vec<f64> = Noise(7).take(1 << 18).iter().map(|x| sigma * x).collect();
    let expected = 2.0 * sigma * sigma / rate;
    for averaging in [Averaging::Mean, Averaging::Median] {
        let mut welch = Welch::new(WelchConfig {
            segment: 256,
            averaging,
            ..WelchConfig::default()
        })
        .expect("sound");
        let spectrum = welch.estimate(&samples, rate).expect("enough");
        // Without both ends and the bins that the mean was taken from.
        let bins = &spectrum.psd[3..126];
        let mean = bins.iter().sum::<f64>() / bins.len() as f64;
        // 1023 whole segments and 123 bins: the mean is known to 0.3 %, a single bin to 3 %.
        assert!(
            (mean / expected - 1.0).abs() < 0.015,
            "{averaging:?}: {}",
            mean / expected
        );
        assert!(bins.iter().all(|p| (p / expected - 1.0).abs() < 0.2));
        let rms = spectrum.band_rms(0.0, rate).expect("all bins");
        assert!((rms / sigma - 1.0).abs() < 0.01);
        let half = spectrum.band_rms(50.0, 149.9).expect("half of them");
        assert!((half / (sigma * 0.5_f64.sqrt()) - 1.0).abs() < 0.02);
        assert_eq!(spectrum.band_rms(0.1, 0.2), None);
        assert_eq!(spectrum.band_rms(9.0, 1.0), None);
    }
}

#[test]
fn a_segment_with_a_nan_is_left_out() {
    let samples = Noise(1).take(1000);
    let mut welch = Welch::new(WelchConfig {
        segment: 100,
        overlap: 0.0,
        ..WelchConfig::default()
    })
    .expect("sound");
    let clean = welch.estimate(&samples, 1.0).expect("enough").clone();
    for bad in [f64::NAN, f64::INFINITY, 1e200] {
        let mut dirty = samples.clone();
        dirty[250] = bad;
        let found = welch.estimate(&dirty, 1.0).expect("nine are left");
        assert_eq!((found.segments_averaged, found.segments_skipped), (9, 1));
        assert!(found.psd.iter().all(|p| p.is_finite()));
        let again = welch.estimate(&samples, 1.0).expect("enough");
        assert_eq!(again.psd, clean.psd);
        assert_eq!(again.segments_skipped, 0);
    }
    assert_eq!(
        welch.estimate(&[f64::NAN; 1000], 1.0).expect_err("nothing is left"),
        SpectrumError::NothingFinite { segments: 10 }
    );
}

#[test]
fn hostile_parameters_are_refused() {
    let config = WelchConfig::default();
    for segment in [0, 1, 7, MAX_SEGMENT + 1, usize::MAX] {
        assert!(Welch::new(WelchConfig { segment, ..config }).is_err());
    }
    for overlap in [-0.1, 0.951, 1.0, f64::NAN, f64::INFINITY] {
        assert!(Welch::new(WelchConfig { overlap, ..config }).is_err());
    }
    let mut welch = Welch::new(config).expect("sound");
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE, f64::MAX] {
        assert!(welch.estimate(&[0.0; 2000], rate).is_err());
    }
    assert_eq!(
        welch.estimate(&[1.0], 1.0).expect_err("too few"),
        SpectrumError::TooFew { have: 1, need: 1024 }
    );
    let mut median = Welch::new(WelchConfig {
        segment: 8,
        overlap: 0.9,
        averaging: Averaging::Median,
        ..config
    })
    .expect("sound");
    assert!(matches!(
        median.estimate(&vec![0.0; 4_000_000], 1.0),
        Err(SpectrumError::MedianTooLarge { .. })
    ));
    for (most, above_floor_db, prominence_db) in [(0, 0.0, 0.0), (1025, 0.0, 0.0), (1, -1.0, 0.0), (1, 0.0, f64::NAN)] {
        let options = PeakOptions {
            most,
            above_floor_db,
            prominence_db,
        };
        assert!(PeakFinder::new(options).is_err());
    }
}

#[test]
fn a_second_estimate_uses_the_same_memory() {
    let samples = Noise(2).take(5000);
    for averaging in [Averaging::Mean, Averaging::Median] {
        let mut welch = Welch::new(WelchConfig {
            segment: 500,
            averaging,
            ..WelchConfig::default()
        })
        .expect("sound");
        let mut finder = PeakFinder::new(PeakOptions::default()).expect("sound");
        let mut places = Vec::new();
        for _ in 0..3 {
            let spectrum = welch.estimate(&samples, 50.0).expect("enough");
            let _ = finder.find(spectrum);
            places.push((spectrum.psd.as_ptr(), spectrum.freq_hz.as_ptr()));
        }
        assert!(places.iter().all(|place| *place == places[0]));
    }
}

#[test]
fn the_largest_segment_and_a_prime_one_work() {
    for segment in [MAX_SEGMENT, 65_537, 999_983] {
        let samples = sine(segment, 1.0, 0.1, 1.0, 0.0);
        let mut welch = welch(segment, Window::Hann, Detrend::Linear);
        let spectrum = welch.estimate(&samples, 1.0).expect("enough");
        let power: f64 = spectrum.psd.iter().sum::<f64>() * spectrum.step_hz();
        assert!((power - 0.5).abs() < 1e-4, "{segment}: {power}");
    }
}

#[test]
fn labels_carry_the_unit() {
    let label = |quantity: Quantity, unit| quantity.label(unit);
    assert_eq!(label(Quantity::Density, "m/s²"), "(m/s²)²/Hz");
    assert_eq!(label(Quantity::Density, "V"), "V²/Hz");
    assert_eq!(label(Quantity::Density, "°C"), "°C²/Hz");
    assert_eq!(label(Quantity::Density, ""), "1/Hz");
    assert_eq!(label(Quantity::AmplitudeDensity, "rad/s"), "(rad/s)/√Hz");
    assert_eq!(label(Quantity::AmplitudeDensity, "V"), "V/√Hz");
    assert_eq!(label(Quantity::Power, "N·m"), "(N·m)²");
    assert_eq!(label(Quantity::Rms, "m/s²"), "m/s² rms");
    assert_eq!(label(Quantity::Peak, " A "), "A peak");
    assert_eq!(label(Quantity::Peak, ""), "peak");
    assert_eq!(Quantity::Density.decibel_label("m/s²", 1.0), "dB re 1 (m/s²)²/Hz");
    assert_eq!(Quantity::Rms.decibel_label("V", 0.001), "dB re 0.001 V rms");
    assert_eq!(Quantity::Density.decibel_label("", 1.0), "dB re 1/Hz");
    assert_eq!(Quantity::Power.decibel_label("", 1.0), "dB re 1");
}

#[test]
fn decibels_are_ten_or_twenty_logarithms() {
    assert!((decibel(100.0, 1.0, Quantity::Density) - 20.0).abs() < 1e-12);
    assert!((decibel(100.0, 1.0, Quantity::Peak) - 40.0).abs() < 1e-12);
    assert!((decibel(1e300, 1e-300, Quantity::Rms) - 12_000.0).abs() < 1e-9);
    assert_eq!(decibel(0.0, 1.0, Quantity::Power), FLOOR_DB);
    for (value, reference) in [
        (f64::NAN, 1.0),
        (-1.0, 1.0),
        (1.0, 0.0),
        (1.0, -1.0),
        (1.0, f64::NAN),
        (1.0, f64::INFINITY),
    ] {
        assert!(decibel(value, reference, Quantity::Power).is_nan());
    }
}

/// Samples of every kind, some not finite.
fn hostile() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -10.0..10.0,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => any::<f64>(),
        1 => Just(0.0),
    ]
}

proptest! {
    #[test]
    fn parseval_holds(
        samples in prop::collection::vec(-1e3..1e3, 8..400),
        longer in any::<prop::sample::Index>(),
        overlap in 0.0..0.95,
        window in prop::sample::select(&Window::ALL[..]),
        detrend in prop::sample::select(&[Detrend::None, Detrend::Constant, Detrend::Linear][..]),
        rate in 0.01..1e5,
    ) {
        let segment = MIN_SEGMENT + longer.index(samples.len() - MIN_SEGMENT + 1);
        let mut welch = Welch::new(WelchConfig { segment, overlap, window, detrend, averaging: Averaging::Mean }).expect("sound");
        let spectrum = welch.estimate(&samples, rate).expect("enough");
        let found = spectrum.psd.iter().sum::<f64>() * spectrum.step_hz();
        let weights = window.values(segment);
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        let step = segment - spectrum.overlap;
        let means: Vec<f64> = samples
            .windows(segment)
            .step_by(step)
            .map(|part| {
                let mut part = part.to_vec();
                detrend.apply(&mut part);
                part.iter().zip(&weights).map(|(x, w)| (x * w).powi(2)).sum::<f64>() / squares
            })
            .collect();
        prop_assert_eq!(means.len(), spectrum.segments_averaged);
        let truth = means.iter().sum::<f64>() / means.len() as f64;
        prop_assert!((found - truth).abs() <= 1e-11 * truth.max(1e-6), "{} {}", found, truth);
    }

    #[test]
    fn a_line_leaves_nothing_when_the_trend_goes(
        offset in -1e6..1e6,
        slope in -1e3..1e3,
        segment in 8_usize..300,
    ) {
        let line: Vec<f64> = (0..segment).map(|i| offset + slope * i as f64).collect();
        let mut welch = welch(segment, Window::Boxcar, Detrend::Linear);
        let spectrum = welch.estimate(&line, 1.0).expect("enough");
        let rms = spectrum.band_rms(0.0, 1.0).expect("all bins");
        let largest = line.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        prop_assert!(rms <= 1e-13 * largest.max(1.0));
    }

    #[test]
    fn scaling_the_signal_scales_the_density(
        samples in prop::collection::vec(-1.0..1.0, 64..200),
        factor in 0.001_f64..1000.0,
    ) {
        let mut welch = welch(64, Window::FlatTop, Detrend::Constant);
        let before = welch.estimate(&samples, 9.0).expect("enough").psd.clone();
        let scaled: Vec<f64> = samples.iter().map(|x| factor * x).collect();
        let after = welch.estimate(&scaled, 9.0).expect("enough");
        let most = before.iter().copied().fold(0.0, f64::max);
        for (a, b) in after.psd.iter().zip(&before) {
            prop_assert!((a / (factor * factor) - b).abs() <= 1e-12 * most);
        }
    }

    #[test]
    fn nothing_panics(
        samples in prop::collection::vec(hostile(), 0..300),
        segment in 8_usize..64,
        overlap in 0.0..0.95,
        rate in prop_oneof![Just(MIN_RATE_HZ), 1e-6..1e9, Just(MAX_RATE_HZ)],
        averaging in prop::sample::select(&[Averaging::Mean, Averaging::Median][..]),
        detrend in prop::sample::select(&[Detrend::None, Detrend::Constant, Detrend::Linear][..]),
    ) {
        let mut welch = Welch::new(WelchConfig { segment, overlap, window: Window::Hann, detrend, averaging }).expect("sound");
        let mut finder = PeakFinder::new(PeakOptions { most: 5, above_floor_db: 0.0, prominence_db: 0.0 }).expect("sound");
        if let Ok(spectrum) = welch.estimate(&samples, rate) {
            let peaks = finder.find(spectrum);
            prop_assert!(peaks.len() <= 5);
            prop_assert!(spectrum.psd.iter().all(|p| p.is_finite()));
            prop_assert!(peaks.windows(2).all(|two| two[0].psd >= two[1].psd));
        }
        let clean = welch.estimate(&[PI; 64], 1.0).expect("enough");
        prop_assert!(clean.psd.iter().all(|p| p.is_finite()));
    }
}
