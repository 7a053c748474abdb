//! Where lines are, and where there are none.

use super::*;

#[test]
fn peaks_are_found_where_the_sines_are() {
    let (rate, count) = (1000.0, 8192);
    let lines = [(49.87, 2.0), (123.4, 0.5), (333.3, 0.05)];
    let mut samples: Vec<f64> = Noise(3).take(count).iter().map(|x| 0.01 * x).collect();
    for (freq, amplitude) in lines {
        for (x, s) in samples.iter_mut().zip(sine(count, rate, freq, amplitude, 0.3)) {
            *x += s;
        }
    }
    for window in Window::ALL.into_iter().skip(1) {
        let mut welch = welch(1024, window, Detrend::Constant);
        let spectrum = welch.estimate(&samples, rate).expect("enough");
        let mut finder = PeakFinder::new(PeakOptions {
            most: 3,
            ..PeakOptions::default()
        })
        .expect("sound");
        let found = finder.find(spectrum);
        assert_eq!(found.len(), 3, "{window:?}");
        for (peak, (freq, amplitude)) in found.iter().zip(lines) {
            let off_bins = (peak.freq_hz - freq).abs() / spectrum.step_hz();
            let bins = if window == Window::FlatTop { 0.11 } else { 0.02 };
            assert!(off_bins < bins, "{window:?} {freq}: {off_bins} bins");
            let off_db = 20.0 * (peak.rms * 2.0_f64.sqrt() / amplitude).log10();
            let db = if window == Window::FlatTop { 0.08 } else { 0.3 };
            assert!(off_db.abs() < db, "{window:?} {freq}: {off_db} dB");
            assert!(peak.above_floor_db > 12.0 && peak.prominence_db > 6.0);
            // The noise around the lines, unless a line that leaks covers it.
            let noise = 2.0 * 1e-4 / rate;
            assert!(peak.floor_psd > 0.5 * noise);
        }
    }
}

#[test]
fn noise_and_constants_have_no_peaks() {
    let mut finder = PeakFinder::new(PeakOptions::default()).expect("sound");
    for segment in [64, 1024] {
        let mut welch = welch(segment, Window::Hann, Detrend::Constant);
        let spectrum = welch.estimate(&Noise(4).take(1 << 16), 100.0).expect("enough");
        assert_eq!(finder.find(spectrum), []);
        for constant in [0.0, 1.0, 1e6 / 3.0, -1e-300] {
            let spectrum = welch.estimate(&vec![constant; 4096], 100.0).expect("enough");
            assert_eq!(finder.find(spectrum), [], "{constant}");
        }
    }
    // A line so clean that all else is rounding is one peak, not many.
    let mut clean = welch(1024, Window::Boxcar, Detrend::Constant);
    let samples: Vec<f64> = (0..4096)
        .map(|i| 5.0 * (TAU * f64::from(100 * i % 1024) / 1024.0).sin())
        .collect();
    let found = finder.find(clean.estimate(&samples, 1024.0).expect("enough"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!((found[0].freq_hz - 100.0).abs() < 1e-6);
}
