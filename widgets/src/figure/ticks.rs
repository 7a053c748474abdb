//! Ticks of a logarithmic axis: decades, with 2 and 5 between them where there is room.

use super::Scale;
use crate::axis::{self, Tick};

/// Values from here to here are written out; an axis that leaves them shows powers of ten.
const WRITTEN_OUT: (f64, f64) = (0.999e-3, 1.001e6);
/// A decade this long has a line at each of 2 to 9, in labels' room.
const FINE_FROM: f64 = 0.8;

/// Below this many decades there may be too few places for a label.
const FEWEST_DECADES: f64 = 1.5;

/// The ticks of an axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ticks {
    /// Places with a text.
    pub(super) major: Vec<Tick>,
    /// Places with a fainter line and no text.
    pub(super) minor: Vec<f64>,
}

impl Ticks {
    /// The ticks for a range on an axis that has room for `wanted` labels.
    pub(super) fn new(scale: Scale, range: (f64, f64), wanted: usize) -> Self {
        match scale {
            Scale::Linear => Self {
                major: axis::ticks(range.0, range.1, wanted),
                minor: Vec::new(),
            },
            Scale::Log => log(range, wanted.max(1)),
        }
    }
}

/// Whether an axis shows powers of ten, because its values are too many zeros away from 1.
pub(super) fn is_power(scale: Scale, (low, high): (f64, f64)) -> bool {
    scale == Scale::Log && (low < WRITTEN_OUT.0 || high > WRITTEN_OUT.1)
}

fn log((low, high): (f64, f64), wanted: usize) -> Ticks {
    let (from, to) = (low.log10() - 1e-9, high.log10() + 1e-9);
    if !(from.is_finite() && to.is_finite() && from < to) {
        return Ticks::default();
    }
    let (first, last) = (from.floor() as i32, to.ceil() as i32);
    let is_within = |value: &f64| (from..=to).contains(&value.log10());
    // How many labels have room in a decade.
    let room = wanted as f64 / (to - from);
    let stride = stride(((to - from) / wanted as f64).ceil().max(1.0) as i32);
    let decade = |exponent: i32| 10f64.powi(exponent);
    let within = |factors: &[f64]| -> Vec<f64> {
        (first..=last)
            .flat_map(|exponent| factors.iter().map(move |factor| factor * decade(exponent)))
            .filter(is_within)
            .collect()
    };
    let all = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    let major: Vec<f64> = if stride > 1 {
        (first..=last)
            .filter(|exponent| exponent.rem_euclid(stride) == 0)
            .map(decade)
            .filter(is_within)
            .collect()
    } else if room >= 3.5 {
        within(&[1.0, 2.0, 5.0])
    } else {
        within(&[1.0])
    };
    if major.len() < 2 && to - from < FEWEST_DECADES {
        // Equal steps say more.
        return Ticks::new(Scale::Linear, (low, high), wanted);
    }
    let lines = if stride > 1 || room < FINE_FROM {
        within(&[1.0])
    } else {
        within(&all)
    };
    let minor = lines.into_iter().filter(|value| !major.contains(value)).collect();
    let is_power = is_power(Scale::Log, (low, high));
    let major = major
        .into_iter()
        .map(|value| Tick {
            value,
            label: label(value, is_power),
        })
        .collect();
    Ticks { major, minor }
}

/// Decades between labels: 1, 2, 5 and so on, so that they keep their places while the axis moves.
fn stride(least: i32) -> i32 {
    [1, 2, 3, 5, 10, 20, 50, 100, 200]
        .into_iter()
        .find(|stride| *stride >= least)
        .unwrap_or(500)
}

fn label(value: f64, is_power: bool) -> String {
    if is_power {
        return power(value);
    }
    match value {
        value if value >= 0.999e6 => format!("{}M", (value / 1e6).round()),
        value if value >= 0.999e3 => format!("{}k", (value / 1e3).round()),
        value if value >= 0.999 => format!("{}", value.round()),
        value => {
            let decimals = (-value.log10() - 1e-9).ceil().max(0.0) as usize;
            format!("{value:.decimals$}")
        }
    }
}

/// A figure times a power of ten: `10⁻⁴`, `2×10³`.
fn power(value: f64) -> String {
    // The formatter rounds 9.99 up into the next decade.
    let text = format!("{value:.0e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: String = exponent.chars().map(superscript).collect();
    if mantissa == "1" {
        format!("10{exponent}")
    } else {
        format!("{mantissa}×10{exponent}")
    }
}

fn superscript(figure: char) -> char {
    match figure {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '-' => '⁻',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(low: f64, high: f64, wanted: usize) -> Vec<String> {
        Ticks::new(Scale::Log, (low, high), wanted)
            .major
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn decades_are_written_out_or_powers() {
        assert_eq!(labels(0.1, 1000.0, 6), ["0.1", "1", "10", "100", "1k"]);
        assert_eq!(labels(1e-6, 1e-2, 6), ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²"]);
        assert_eq!(labels(1e-12, 1.0, 5), ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]);
    }

    #[test]
    fn two_and_five_stand_between_where_there_is_room() {
        assert_eq!(labels(1.0, 100.0, 8), ["1", "2", "5", "10", "20", "50", "100"]);
        assert_eq!(labels(1e-9, 1e-8, 8), ["10⁻⁹", "2×10⁻⁹", "5×10⁻⁹", "10⁻⁸"]);
        assert_eq!(labels(20.0, 30.0, 5), ["20", "22", "24", "26", "28", "30"]);
    }

    #[test]
    fn a_decade_has_its_lines() {
        let ticks = Ticks::new(Scale::Log, (1.0, 1000.0), 5);
        assert_eq!(ticks.minor.len(), 3 * 8);
        assert!(
            Ticks::new(Scale::Log, (1e-12, 1.0), 5).minor.len() == 8,
            "the decades without a label"
        );
    }

    #[test]
    fn broken_ranges_have_no_ticks() {
        for range in [(0.0, 1.0), (1.0, 1.0), (f64::NAN, 1.0), (-2.0, -1.0)] {
            assert_eq!(Ticks::new(Scale::Log, range, 5), Ticks::default(), "{range:?}");
        }
    }

    proptest! {
        #[test]
        fn ticks_lie_within_and_are_few(from in -200.0f64..200.0, decades in 0.01f64..60.0, wanted in 1usize..12) {
            let (low, high) = (10f64.powf(from), 10f64.powf(from + decades));
            let ticks = Ticks::new(Scale::Log, (low, high), wanted);
            prop_assert!(ticks.major.len() <= 2 * wanted + 3, "{}", ticks.major.len());
            for value in ticks.major.iter().map(|tick| tick.value).chain(ticks.minor) {
                prop_assert!(value >= low * 0.999_999 && value <= high * 1.000_001);
            }
        }
    }
}
