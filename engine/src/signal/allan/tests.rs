use proptest::prelude::*;
use serde::Deserialize;

use super::edf::{chi_squared_over_edf, edf};
use super::*;
use crate::signal::spectrum::noise::Noise;
use crate::signal::spectrum::{Welch, WelchConfig};

#[derive(Deserialize)]
struct Oracle {
    noise: Vec<f64>,
    curves: Vec<Curve>,
    offset: Vec<f64>,
    exact: Exact,
    edf: Vec<EdfCase>,
    chi_squared: Vec<ChiSquared>,
}

#[derive(Deserialize)]
struct Curve {
    name: String,
    rate_hz: f64,
    taus: Taus,
    tau_s: Vec<f64>,
    deviation: Vec<f64>,
    pairs: Vec<usize>,
}

#[derive(Deserialize)]
struct Exact {
    factors: Vec<usize>,
    deviation: Vec<f64>,
}

#[derive(Deserialize)]
struct EdfCase {
    kind: String,
    phases: usize,
    factor: usize,
    edf: f64,
}

#[derive(Deserialize)]
struct ChiSquared {
    edf: f64,
    sigmas: f64,
    value: f64,
}

fn oracle() -> Oracle {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/allan.json"
    ));
    serde_json::from_str(text).expect("written by allan.py")
}

fn close(found: f64, truth: f64, share: f64) -> bool {
    (found - truth).abs() <= share * truth.abs()
}

/// White noise of density `n` and a random walk of density `k` at a rate, as the figures define them.
fn sensor(seed: u64, count: usize, rate_hz: f64, n: f64, k: f64) -> Vec<f64> {
    let white = Noise(seed).take(count);
    let steps = Noise(seed ^ 0xffff_0000).take(count);
    let mut walk = 0.0;
    white
        .iter()
        .zip(steps)
        .map(|(white, step)| {
            walk += k / rate_hz.sqrt() * step;
            n * rate_hz.sqrt() * white + walk
        })
        .collect()
}

#[test]
fn curves_are_those_of_allantools() {
    let oracle = oracle();
    for curve in oracle.curves {
        let allan = Allan::of(&oracle.noise, curve.rate_hz, curve.taus).expect("enough");
        assert_eq!(allan.points.len(), curve.tau_s.len(), "{}", curve.name);
        for (index, point) in allan.points.iter().enumerate() {
            assert!(close(point.tau_s, curve.tau_s[index], 1e-14));
            assert_eq!(point.pairs, curve.pairs[index]);
            let truth = curve.deviation[index];
            assert!(close(point.deviation, truth, 1e-11), "{} {point:?} {truth}", curve.name);
        }
    }
}

#[test]
fn a_large_offset_costs_no_precision() {
    let Oracle { offset, exact, .. } = oracle();
    let allan = Allan::of(&offset, 1.0, Taus::PerDecade(100)).expect("enough");
    for (factor, truth) in exact.factors.iter().zip(&exact.deviation) {
        let point = allan
            .points
            .iter()
            .find(|point| point.factor == *factor)
            .expect("dense");
        assert!(close(point.deviation, *truth, 1e-10), "{point:?} {truth}");
    }
}

#[test]
fn degrees_of_freedom_are_those_of_allantools() {
    for case in oracle().edf {
        let slope = match case.kind.as_str() {
            "white_frequency" => -0.5,
            "flicker" => 0.0,
            _ => 0.5,
        };
        let found = edf(case.phases, case.factor, slope);
        assert!(
            close(found, case.edf.max(1.0), 1e-12),
            "{} {found} {}",
            case.kind,
            case.edf
        );
    }
    for case in oracle().chi_squared {
        let found = chi_squared_over_edf(case.edf, case.sigmas);
        assert!(close(found, case.value, 0.02), "{} {found} {}", case.edf, case.value);
    }
}

#[test]
fn a_ramp_has_its_closed_form() {
    // A rate that rises by r a second deviates by r tau / sqrt(2), whatever the offset.
    let ramp: Vec<f64> = (0..1000).map(|i| 7.0 + 0.02 * f64::from(i)).collect();
    let allan = Allan::of(&ramp, 50.0, Taus::Octave).expect("enough");
    assert_eq!(allan.points.len(), 9);
    for point in &allan.points {
        assert!(close(point.deviation, point.tau_s / 2.0_f64.sqrt(), 1e-10), "{point:?}");
    }
    assert_eq!(allan.noise_density(), None);
    assert_eq!(allan.random_walk(), None);
    assert_eq!(allan.bias_instability(), None);
}

#[test]
fn white_noise_reads_its_density_and_nothing_else() {
    let (rate, n) = (200.0, 0.003);
    for seed in 1..9 {
        let data = sensor(seed, 50_000, rate, n, 0.0);
        let allan = Allan::of(&data, rate, Taus::default()).expect("enough");
        let line = allan.noise_density().expect("all of it is white");
        // 50 000 samples give the variance to 0.6 %; over many seeds the figure scatters by as much.
        assert!(close(line.value, n, 0.02), "{seed}: {}", line.value);
        assert!(line.from_s <= 0.01 && line.to_s >= 0.5);
        assert_eq!(allan.random_walk(), None, "{seed}");
        assert_eq!(allan.bias_instability(), None, "{seed}");
    }
}

#[test]
fn a_spectrum_shows_the_density_times_the_root_of_two() {
    let (rate, n) = (200.0, 0.003);
    let data = sensor(5, 100_000, rate, n, 0.0);
    let allan = Allan::of(&data, rate, Taus::default()).expect("enough");
    let density = allan.noise_density().expect("white").value;
    let mut welch = Welch::new(WelchConfig::default()).expect("sound");
    let spectrum = welch.estimate(&data, rate).expect("enough");
    let mean = spectrum.psd[3..].iter().sum::<f64>() / (spectrum.psd.len() - 3) as f64;
    assert!(close(mean.sqrt(), 2.0_f64.sqrt() * density, 0.02));
}

#[test]
fn a_random_walk_reads_its_density_and_nothing_else() {
    let (rate, k) = (100.0, 0.0004);
    for seed in 1..9 {
        let data = sensor(seed, 100_000, rate, 0.0, k);
        let allan = Allan::of(&data, rate, Taus::default()).expect("enough");
        let line = allan.random_walk().expect("all of it is a walk");
        // Over many seeds the figure scatters by 2 to 3 %.
        assert!(close(line.value, k, 0.1), "{seed}: {}", line.value);
        assert_eq!(allan.noise_density(), None, "{seed}");
        assert_eq!(allan.bias_instability(), None, "{seed}");
    }
}

#[test]
fn a_sensor_with_both_reads_both_and_the_bottom_between() {
    // The lines cross at sqrt(3) n / k = 1.7 s, and the record is 10 000 s long.
    let (rate, n, k) = (50.0, 0.01, 0.01);
    for seed in 1..4 {
        let data = sensor(seed, 500_000, rate, n, k);
        for taus in [Taus::Octave, Taus::Decade, Taus::default(), Taus::PerDecade(50)] {
            let allan = Allan::of(&data, rate, taus).expect("enough");
            let white = allan.noise_density().expect("below a second");
            assert!(close(white.value, n, 0.04), "{seed} {taus:?}: {}", white.value);
            let walk = allan.random_walk().expect("above ten seconds");
            assert!(close(walk.value, k, 0.15), "{seed} {taus:?}: {}", walk.value);
            assert!(white.to_s < walk.from_s);
            let bottom = allan.bias_instability().expect("between them");
            let least = (2.0 * n * k / 3.0_f64.sqrt()).sqrt();
            assert!(
                close(bottom.value, least / 0.664, 0.1),
                "{seed} {taus:?}: {}",
                bottom.value
            );
            assert!(
                bottom.tau_s > 0.7 && bottom.tau_s < 4.5,
                "{seed} {taus:?}: {}",
                bottom.tau_s
            );
        }
    }
}

#[test]
fn the_error_bars_hold_the_truth_two_times_in_three() {
    let (rate, n) = (1.0, 1.0);
    let (mut inside, mut all) = (0, 0);
    for seed in 0..200 {
        let data = sensor(seed * 7919, 2000, rate, n, 0.0);
        let allan = Allan::of(&data, rate, Taus::Octave).expect("enough");
        for point in allan.points.iter().filter(|point| point.edf > 10.0) {
            let (low, high) = point.bounds();
            assert!(low < point.deviation && point.deviation < high);
            let truth = n / point.tau_s.sqrt();
            all += 1;
            inside += i32::from(low <= truth && truth <= high);
        }
    }
    let share = f64::from(inside) / f64::from(all);
    assert!((0.62..0.74).contains(&share), "{share}");
    let last = Allan::of(&sensor(1, 2000, rate, n, 0.0), rate, Taus::Octave).expect("enough");
    let errors: Vec<f64> = last.points.iter().map(Point::relative_error).collect();
    assert!(errors[0] < 0.02 && errors[errors.len() - 1] > 0.3, "{errors:?}");
}

#[test]
fn the_longest_finite_stretch_is_used() {
    let clean = Noise(21).take(600);
    let mut data = vec![f64::NAN, 3.0, f64::INFINITY];
    data.extend(&clean);
    data.extend([f64::NEG_INFINITY, 1.0, 1e200]);
    let whole = Allan::of(&clean, 10.0, Taus::Octave).expect("enough");
    let found = Allan::of(&data, 10.0, Taus::Octave).expect("enough");
    assert_eq!(found.points, whole.points);
    assert_eq!((found.used, found.given), (3..603, 606));
    assert_eq!(whole.used, 0..600);
}

#[test]
fn constants_have_no_figures() {
    for constant in [0.0, 1.0, 1e6 / 3.0, -1e-200] {
        let allan = Allan::of(&[constant; 5000], 10.0, Taus::default()).expect("enough");
        assert!(
            allan
                .points
                .iter()
                .all(|point| point.deviation <= 1e-12 * constant.abs())
        );
        assert_eq!(allan.noise_density(), None, "{constant}");
        assert_eq!(allan.random_walk(), None, "{constant}");
        assert_eq!(allan.bias_instability(), None, "{constant}");
    }
}

#[test]
fn hostile_parameters_are_refused() {
    let data = [1.0, 2.0, 1.0, 2.0];
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE] {
        assert!(matches!(
            Allan::of(&data, rate, Taus::Octave),
            Err(AllanError::Rate { .. })
        ));
    }
    for per_decade in [0, 101, 255] {
        assert_eq!(
            Allan::of(&data, 1.0, Taus::PerDecade(per_decade)),
            Err(AllanError::PerDecade { per_decade })
        );
    }
    for few in [&[][..], &[1.0], &[1.0, 2.0], &[f64::NAN; 9], &[1.0, f64::NAN, 2.0, 3.0]] {
        assert!(matches!(
            Allan::of(few, 1.0, Taus::Octave),
            Err(AllanError::TooFew { .. })
        ));
    }
    let shortest = Allan::of(&data[..3], 1.0, Taus::Decade).expect("two pairs");
    assert_eq!(shortest.points.len(), 1);
    assert_eq!(shortest.points[0].pairs, 2);
    assert!(close(shortest.points[0].deviation, 0.5_f64.sqrt(), 1e-12));
    let many = vec![0.0; MAX_SAMPLES + 1];
    assert_eq!(
        Allan::of(&many, 1.0, Taus::Octave),
        Err(AllanError::TooMany {
            samples: MAX_SAMPLES + 1
        })
    );
}

#[test]
fn labels_carry_the_unit() {
    assert_eq!(noise_density_label("rad/s"), "(rad/s)/√Hz");
    assert_eq!(random_walk_label("rad/s"), "(rad/s)/√s");
    assert_eq!(random_walk_label("V"), "V/√s");
}

/// The definition, word for word.
fn by_definition(data: &[f64], factor: usize) -> f64 {
    let mean = |from: usize| data[from..from + factor].iter().sum::<f64>() / factor as f64;
    let squares: Vec<f64> = (0..=data.len() - 2 * factor)
        .map(|i| (mean(i + factor) - mean(i)).powi(2))
        .collect();
    (squares.iter().sum::<f64>() / (2.0 * squares.len() as f64)).sqrt()
}

proptest! {
    #[test]
    fn it_is_what_the_definition_says(data in prop::collection::vec(-10.0..10.0, 3..120), offset in -1e4..1e4) {
        let shifted: Vec<f64> = data.iter().map(|x| x + offset).collect();
        let allan = Allan::of(&shifted, 4.0, Taus::PerDecade(100)).expect("enough");
        for point in &allan.points {
            prop_assert_eq!(point.pairs, data.len() + 1 - 2 * point.factor);
            let truth = by_definition(&data, point.factor);
            prop_assert!((point.deviation - truth).abs() <= 1e-10, "{:?} {}", point, truth);
        }
    }

    #[test]
    fn nothing_panics(
        data in prop::collection::vec(prop_oneof![6 => -1.0..1.0, 1 => any::<f64>(), 1 => Just(0.0), 1 => Just(MAX_SAMPLE)], 0..200),
        rate in prop_oneof![Just(MIN_RATE_HZ), 1e-3..1e6, Just(MAX_RATE_HZ)],
        taus in prop_oneof![Just(Taus::Octave), Just(Taus::Decade), (0_u8..=255).prop_map(Taus::PerDecade)],
    ) {
        if let Ok(allan) = Allan::of(&data, rate, taus) {
            prop_assert!(!allan.points.is_empty());
            prop_assert!(allan.points.windows(2).all(|two| two[0].factor < two[1].factor));
            for point in &allan.points {
                prop_assert!(point.deviation.is_finite() && point.deviation >= 0.0);
                prop_assert!(point.edf >= 1.0 && point.pairs >= 2);
                let (low, high) = point.bounds();
                prop_assert!(low <= point.deviation && point.deviation <= high);
            }
            let figures = [allan.noise_density().map(|l| l.value), allan.random_walk().map(|l| l.value), allan.bias_instability().map(|b| b.value)];
            prop_assert!(figures.into_iter().flatten().all(|value| value.is_finite() && value > 0.0));
        }
    }
}
