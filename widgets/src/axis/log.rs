//! Ticks of a logarithmic axis.

use super::{Tick, ticks};

/// Below this many decades an axis shows the ticks of a linear one.
const LINEAR_BELOW: f64 = 0.7;

/// Above this many decades for each wanted tick not every power is named.
const CROWDED: f64 = 1.6;
/// Above this many decades for each wanted tick what is not named is left out.
const UNNAMED: f64 = 4.0;

/// The ticks of a logarithmic axis from `low` to `high`, which are decimal logarithms, as is
/// [`Tick::value`]: powers of ten, about `wanted` of them labelled, with 2 and 5 between. Where there is room these are
/// labelled too; else they have an empty label. A range well below a decade has the ticks of a linear axis.
///
/// ```
/// use roswave_widgets::axis;
///
/// let labels = |low, high, wanted| -> Vec<String> {
///     axis::log_ticks(low, high, wanted).into_iter().map(|tick| tick.label).collect()
/// };
/// assert_eq!(labels(0.0, 1.0, 4), ["1", "2", "5", "10"]);
/// assert_eq!(labels(3.0, 5.0, 2), ["1k", "", "", "10k", "", "", "100k"]);
/// ```
pub fn log_ticks(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    if !(low.is_finite() && high.is_finite() && high > low && low > -300.0 && high < 300.0) {
        return Vec::new();
    }
    let wanted = wanted.max(1);
    let decades = high - low;
    if decades < LINEAR_BELOW {
        return narrow(low, high, wanted);
    }
    if decades > wanted as f64 * CROWDED {
        return powers(low, high, wanted);
    }
    let is_roomy = decades * 3.0 <= wanted as f64 * 1.5;
    let within = low - 1e-9..=high + 1e-9;
    (low.floor() as i32..=high.ceil() as i32)
        .flat_map(|power| [1, 2, 5].map(|factor| (power, factor)))
        .map(|(power, factor)| (f64::from(power) + f64::from(factor).log10(), power, factor))
        .filter(|(value, ..)| within.contains(value))
        .map(|(value, power, factor)| Tick {
            value,
            label: if factor == 1 || is_roomy {
                label(power, factor)
            } else {
                String::new()
            },
        })
        .collect()
}

/// Some of the powers; the others stay unnamed, or are left out when there are too many.
fn powers(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    let rough = (high - low) / wanted as f64;
    let step = super::step(rough).ceil() as i32;
    let (first, last) = ((low - 1e-9).ceil() as i32, (high + 1e-9).floor() as i32);
    let all = (first..=last).map(|power| (power, power.rem_euclid(step) == 0));
    all.filter(|(_, is_named)| *is_named || rough < UNNAMED)
        .map(|(power, is_named)| Tick {
            value: f64::from(power),
            label: if is_named { label(power, 1) } else { String::new() },
        })
        .collect()
}

/// The ticks of a linear axis, each at its logarithm.
fn narrow(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    let mut ticks = ticks(10f64.powf(low), 10f64.powf(high), wanted);
    ticks.retain(|tick| tick.value > 0.0);
    for tick in &mut ticks {
        tick.value = tick.value.log10();
    }
    ticks
}

/// `factor` times a power of ten, with a prefix where there is one.
fn label(power: i32, factor: u32) -> String {
    const PREFIXES: [&str; 9] = ["p", "n", "µ", "m", "", "k", "M", "G", "T"];

    if (-2..0).contains(&power) {
        // As on a ruler: 0.1, not 100m.
        return format!("0.{}{factor}", "0".repeat((-1 - power) as usize));
    }
    let zeros = "0".repeat(power.rem_euclid(3) as usize);
    let prefix = usize::try_from(power.div_euclid(3) + 4)
        .ok()
        .and_then(|index| PREFIXES.get(index));
    match prefix {
        Some(prefix) => format!("{factor}{zeros}{prefix}"),
        None => format!("{factor}e{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(low: f64, high: f64, wanted: usize) -> Vec<String> {
        log_ticks(low, high, wanted)
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn powers_have_prefixes() {
        let powers: Vec<_> = (-14..=14).step_by(2).map(|power| label(power, 1)).collect();
        assert_eq!(
            powers,
            [
                "1e-14", "1p", "100p", "10n", "1µ", "100µ", "0.01", "1", "100", "10k", "1M", "100M", "10G", "1T",
                "100T"
            ]
        );
        assert_eq!(label(-1, 5), "0.5");
    }

    #[test]
    fn minor_ticks_are_named_where_there_is_room() {
        assert_eq!(labels(0.0, 2.0, 4), ["1", "2", "5", "10", "20", "50", "100"]);
        assert_eq!(labels(0.0, 2.0, 3), ["1", "", "", "10", "", "", "100"]);
        assert_eq!(labels(-1.5, 0.5, 2), ["", "0.1", "", "", "1", ""]);
    }

    #[test]
    fn many_decades_leave_powers_out() {
        assert_eq!(labels(-6.0, 6.0, 4).join(" "), " 10µ     1     100k ");
        assert_eq!(labels(-20.0, 20.0, 4), ["1e-20", "100p", "1", "10G", "1e20"]);
        assert_eq!(labels(-3.0, 3.0, 4).join(""), "1m0.010.11101001k");
    }

    #[test]
    fn less_than_a_decade_is_linear() {
        let ticks = log_ticks(2f64.log10(), 4f64.log10(), 4);
        assert_eq!(
            ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>(),
            ["2.0", "2.5", "3.0", "3.5", "4.0"]
        );
        assert!((ticks[2].value - 3f64.log10()).abs() < 1e-12);
    }

    #[test]
    fn broken_ranges_have_no_ticks() {
        for (low, high) in [
            (1.0, 1.0),
            (f64::NAN, 1.0),
            (0.0, f64::INFINITY),
            (-1e9, 0.0),
            (0.0, 1e9),
        ] {
            assert!(log_ticks(low, high, 5).is_empty());
        }
    }

    proptest! {
        #[test]
        fn ticks_lie_within_and_few_are_named(low in -20.0f64..20.0, extent in 0.01f64..40.0, wanted in 1usize..12) {
            let ticks = log_ticks(low, low + extent, wanted);
            prop_assert!(ticks.iter().filter(|tick| !tick.label.is_empty()).count() <= 2 * wanted + 2);
            for tick in &ticks {
                prop_assert!(tick.value >= low - 1e-6 * extent.max(1.0) && tick.value <= low + extent * 1.000_001 + 1e-6);
            }
            prop_assert!(ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
        }
    }
}
