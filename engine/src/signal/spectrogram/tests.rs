use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::signal::spectrum::noise::Noise;
use crate::signal::spectrum::{FLOOR_DB, MAX_RATE_HZ, MAX_SEGMENT, MIN_RATE_HZ, Welch, WelchConfig};

const RATE_HZ: f64 = 1000.0;
const INTERVAL_NS: i64 = 1_000_000;

fn config(segment: usize, hop: usize, columns: usize) -> SpectrogramConfig {
    SpectrogramConfig {
        rate_hz: RATE_HZ,
        segment,
        hop,
        columns,
        ..SpectrogramConfig::default()
    }
}

fn waterfall(segment: usize, hop: usize, columns: usize) -> Spectrogram {
    Spectrogram::new(config(segment, hop, columns)).expect("sound")
}

fn time(sample: usize) -> i64 {
    sample as i64 * INTERVAL_NS
}

/// All columns as bits, since NaN equals nothing.
fn bits(spectrogram: &Spectrogram) -> Vec<(i64, Vec<u32>)> {
    let column = |number| spectrogram.column(number).expect("in range");
    spectrogram
        .range()
        .map(column)
        .map(|column| (column.time_ns, column.levels_db.iter().map(|x| x.to_bits()).collect()))
        .collect()
}

fn is_blank(spectrogram: &Spectrogram, column: u64) -> bool {
    let levels = spectrogram.column(column).expect("in range").levels_db;
    let blank = levels.iter().all(|x| x.is_nan());
    assert!(blank || levels.iter().all(|x| x.is_finite()));
    blank
}

#[test]
fn columns_are_the_spectra_of_their_segments() {
    let samples = Noise(11).take(1000);
    let mut spectrogram = waterfall(100, 30, 64);
    spectrogram.push(0, &samples);
    let mut welch = Welch::new(WelchConfig {
        segment: 100,
        ..WelchConfig::default()
    })
    .expect("sound");
    assert_eq!(spectrogram.range(), 0..31);
    assert_eq!(spectrogram.bins(), 51);
    for number in spectrogram.range() {
        let column = spectrogram.column(number).expect("in range");
        let from = number as usize * 30;
        assert_eq!(column.time_ns, time(from) + 49_500_000);
        let spectrum = welch.estimate(&samples[from..from + 100], RATE_HZ).expect("enough");
        for (bin, (level, psd)) in column.levels_db.iter().zip(&spectrum.psd).enumerate() {
            assert!((f64::from(*level) - 10.0 * psd.log10()).abs() < 1e-4);
            assert!((spectrogram.freq_hz(bin) - spectrum.freq_hz[bin]).abs() < 1e-12);
        }
    }
}

#[test]
fn a_sweep_moves_up() {
    // From 50 Hz to 450 Hz in 4 s.
    let samples: Vec<f64> = (0..4000)
        .map(|i| f64::from(i) / RATE_HZ)
        .map(|t| (TAU * (50.0 * t + 50.0 * t * t)).sin())
        .collect();
    let mut spectrogram = waterfall(256, 64, 100);
    spectrogram.push(0, &samples);
    for number in spectrogram.range() {
        let column = spectrogram.column(number).expect("in range");
        let (bin, _) = column
            .levels_db
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(b.1))
            .expect("bins");
        let expected = 50.0 + 100.0 * column.time_ns as f64 / 1e9;
        assert!((spectrogram.freq_hz(bin) - expected).abs() <= 2.0 * spectrogram.freq_hz(1));
    }
}

#[test]
fn a_hop_beyond_the_segment_leaves_samples_out() {
    let samples = Noise(12).take(100);
    let mut sparse = waterfall(8, 25, 16);
    sparse.push(0, &samples);
    assert_eq!(sparse.range(), 0..4);
    let times: Vec<i64> = bits(&sparse).iter().map(|(time, _)| *time).collect();
    assert_eq!(times, [3_500_000, 28_500_000, 53_500_000, 78_500_000]);
}

#[test]
fn a_nan_blanks_the_columns_that_hold_it() {
    let mut samples = Noise(13).take(200);
    samples[100] = f64::NAN;
    let mut spectrogram = waterfall(20, 10, 64);
    spectrogram.push(0, &samples);
    let blank: Vec<u64> = spectrogram.range().filter(|&c| is_blank(&spectrogram, c)).collect();
    assert_eq!(blank, [9, 10]);
    spectrogram.push(time(200), &[1e300; 20]);
    assert!(is_blank(&spectrogram, spectrogram.range().end - 1));
    spectrogram.push(time(220), &[1.0; 20]);
    assert!(!is_blank(&spectrogram, spectrogram.range().end - 1));
}

#[test]
fn a_gap_takes_its_place_in_time() {
    let samples = Noise(14).take(200);
    let mut spectrogram = waterfall(20, 10, 64);
    spectrogram.push(0, &samples);
    let before = spectrogram.range().end;
    spectrogram.push(time(300), &samples);
    let times: Vec<i64> = bits(&spectrogram).iter().map(|(time, _)| *time).collect();
    assert!(times.windows(2).all(|two| two[1] - two[0] == 10 * INTERVAL_NS));
    // Columns whose segments would begin at 190 to 290.
    let blank: Vec<u64> = spectrogram.range().filter(|&c| is_blank(&spectrogram, c)).collect();
    assert_eq!(blank, (before..before + 11).collect::<Vec<_>>());

    // A gap longer than the ring costs no more than the ring.
    spectrogram.push(i64::MAX / 2, &samples);
    assert_eq!(spectrogram.range().end - spectrogram.range().start, 64);
    assert!(!is_blank(&spectrogram, spectrogram.range().end - 1));
    assert!(is_blank(&spectrogram, spectrogram.range().start));
}

#[test]
fn time_that_goes_back_begins_anew() {
    let samples = Noise(15).take(100);
    let mut spectrogram = waterfall(20, 10, 8);
    let mut mark = Mark::default();
    let news = spectrogram.since(&mut mark);
    assert_eq!((news.cleared, news.columns), (true, 0..0));
    spectrogram.push(time(1000), &samples[..50]);
    let news = spectrogram.since(&mut mark);
    assert_eq!((news.cleared, news.columns), (false, 0..4));
    assert!(spectrogram.since(&mut mark).columns.is_empty());
    spectrogram.push(time(1050), &samples[..30]);
    assert_eq!(spectrogram.since(&mut mark).columns, 4..7);
    // A reader that comes late gets what is left.
    spectrogram.push(time(1080), &samples);
    assert_eq!(spectrogram.since(&mut mark).columns, 9..17);
    spectrogram.push(0, &samples[..20]);
    let news = spectrogram.since(&mut mark);
    assert_eq!((news.cleared, news.columns), (true, 0..1));
    assert_eq!(spectrogram.column(1).map(|column| column.time_ns), None);
    assert!(spectrogram.levels_db()[spectrogram.bins()..].iter().all(|x| x.is_nan()));
    spectrogram.set_rate(500.0).expect("a rate");
    assert!(spectrogram.since(&mut mark).cleared);
    assert!((spectrogram.column_ns() - 20e6).abs() < 1e-6);
}

#[test]
fn silence_is_at_the_floor() {
    let mut spectrogram = waterfall(16, 16, 4);
    spectrogram.push(0, &[0.0; 16]);
    let column = spectrogram.column(0).expect("there");
    assert!(column.levels_db.iter().all(|x| f64::from(*x) == FLOOR_DB));
}

#[test]
fn hostile_parameters_are_refused() {
    for rate_hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let config = SpectrogramConfig {
            rate_hz,
            ..config(16, 8, 4)
        };
        assert!(Spectrogram::new(config).is_err());
        assert!(waterfall(16, 8, 4).set_rate(rate_hz).is_err());
    }
    for (segment, hop, columns) in [
        (0, 8, 8),
        (7, 8, 8),
        (usize::MAX, 8, 8),
        (16, 0, 8),
        (16, MAX_HOP + 1, 8),
        (16, 8, 0),
        (16, 8, MAX_COLUMNS + 1),
        (16, 8, usize::MAX),
        (MAX_SEGMENT, 8, 64),
    ] {
        let refused = Spectrogram::new(config(segment, hop, columns));
        assert!(refused.is_err(), "{segment} {hop} {columns}");
    }
}

proptest! {
    #[test]
    fn how_samples_are_cut_does_not_matter(
        cuts in prop::collection::vec(1_usize..50, 1..30),
        segment in 8_usize..40,
        hop in 1_usize..80,
        columns in 1_usize..20,
    ) {
        let samples = Noise(16).take(cuts.iter().sum());
        let mut whole = waterfall(segment, hop, columns);
        whole.push(0, &samples);
        let mut parts = waterfall(segment, hop, columns);
        let (mut at, mut mark) = (0, Mark::default());
        let mut seen = 0;
        for cut in cuts {
            parts.push(time(at), &samples[at..at + cut]);
            at += cut;
            let news = parts.since(&mut mark);
            prop_assert!(news.columns.start >= seen);
            seen = news.columns.end;
        }
        prop_assert_eq!(whole.range(), parts.range());
        prop_assert_eq!(bits(&whole), bits(&parts));
        let expected = if samples.len() < segment { 0 } else { (samples.len() - segment) / hop + 1 };
        prop_assert_eq!(whole.range().end, expected as u64);
    }

    #[test]
    fn nothing_panics(
        pushes in prop::collection::vec(
            (prop_oneof![0_i64..1_000_000_000, any::<i64>()], prop::collection::vec(any::<f64>(), 0..60)),
            0..20,
        ),
        rate_hz in prop_oneof![Just(MIN_RATE_HZ), 1.0..1e4, Just(MAX_RATE_HZ)],
        segment in 8_usize..40,
        hop in 1_usize..80,
    ) {
        let config = SpectrogramConfig { rate_hz, ..config(segment, hop, 5) };
        let mut spectrogram = Spectrogram::new(config).expect("sound");
        let mut mark = Mark::default();
        for (start, samples) in pushes {
            spectrogram.push(start, &samples);
            prop_assert!(spectrogram.since(&mut mark).columns.count() <= 5);
            prop_assert_eq!(spectrogram.levels_db().len(), 5 * spectrogram.bins());
        }
    }
}
