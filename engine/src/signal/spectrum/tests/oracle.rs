//! Against SciPy.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Oracle {
    rate_hz: f64,
    x: Vec<f64>,
    windows: Vec<OracleWindow>,
    cases: Vec<Case>,
    peaks: OraclePeaks,
}

#[derive(Deserialize)]
struct OracleWindow {
    window: String,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct Case {
    window: String,
    nperseg: usize,
    noverlap: usize,
    overlap: f64,
    detrend: Detrend,
    average: Averaging,
    density: Vec<f64>,
    power: Option<Vec<f64>>,
    freq: Option<Vec<f64>>,
}

#[derive(Deserialize)]
struct OraclePeaks {
    nperseg: usize,
    bins: Vec<usize>,
    prominence_db: Vec<f64>,
}

fn oracle() -> Oracle {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/spectrum.json"
    ));
    serde_json::from_str(text).expect("written by spectrum.py")
}

fn window_named(scipy: &str) -> Window {
    Window::ALL
        .into_iter()
        .find(|window| window.name().replace(['-', ' '], "").eq_ignore_ascii_case(scipy))
        .expect("a window of ours")
}

/// The largest relative error; what lies 180 dB below the largest value counts against that.
fn worst(found: &[f64], truth: &[f64]) -> f64 {
    assert_eq!(found.len(), truth.len());
    let floor = 1e-18 * truth.iter().copied().fold(0.0, f64::max);
    let error = |(a, b): (&f64, &f64)| (a - b).abs() / b.abs().max(floor);
    found.iter().zip(truth).map(error).fold(0.0, f64::max)
}

#[test]
fn windows_are_those_of_scipy() {
    for OracleWindow { window, values } in oracle().windows {
        let found = window_named(&window).values(values.len());
        for (a, b) in found.iter().zip(&values) {
            assert!((a - b).abs() < 1e-15, "{window} {}: {a} {b}", values.len());
        }
    }
}

#[test]
fn spectra_are_those_of_scipy() {
    let oracle = oracle();
    for case in &oracle.cases {
        let mut welch = Welch::new(WelchConfig {
            segment: case.nperseg,
            overlap: case.overlap,
            window: window_named(&case.window),
            detrend: case.detrend,
            averaging: case.average,
        })
        .expect("sound");
        let spectrum = welch.estimate(&oracle.x, oracle.rate_hz).expect("enough");
        let name = format!("{} {} {:?} {:?}", case.window, case.nperseg, case.detrend, case.average);
        assert_eq!(spectrum.overlap, case.noverlap, "{name}");
        let error = worst(&spectrum.psd, &case.density);
        assert!(error < 1e-11, "{name}: {error}");
        if let (Some(power), Some(freq)) = (&case.power, &case.freq) {
            let mut found = Vec::new();
            spectrum.values_into(Quantity::Power, &mut found);
            assert!(worst(&found, power) < 1e-11, "{name}");
            assert!(worst(&spectrum.freq_hz, freq) < 1e-14, "{name}");
        }
    }
}

#[test]
fn prominences_are_those_of_scipy() {
    let oracle = oracle();
    let mut welch = welch(oracle.peaks.nperseg, Window::Hann, Detrend::Constant);
    let spectrum = welch.estimate(&oracle.x, oracle.rate_hz).expect("enough");
    let mut finder = PeakFinder::new(PeakOptions {
        most: MAX_PEAKS,
        above_floor_db: 0.0,
        prominence_db: 3.0,
    })
    .expect("sound");
    // Peaks below the median around them are SciPy's alone: they are none to us.
    let found = finder.find(spectrum);
    assert!(found.len() >= 5);
    for peak in found {
        let at = oracle
            .peaks
            .bins
            .iter()
            .position(|&bin| bin == peak.bin)
            .expect("SciPy has it");
        assert!((peak.prominence_db - oracle.peaks.prominence_db[at]).abs() < 1e-8);
    }
    for (&bin, &prominence) in oracle.peaks.bins.iter().zip(&oracle.peaks.prominence_db) {
        let listed = found.iter().any(|peak| peak.bin == bin);
        assert!(listed || prominence < 12.0, "{bin}");
    }
}
