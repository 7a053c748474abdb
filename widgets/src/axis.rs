//! Ticks in steps of 1, 2 or 5 that stay where they are.
//!
//! ```
//! use roswave_widgets::axis;
//!
//! let ticks = axis::ticks(-1.0, 1.0, 4);
//! assert_eq!(ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>(), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
//! ```

mod log;
mod time;

pub use log::log_ticks;
pub use time::{relative_time_ticks, time_ticks, utc_time, wall_ticks};

use crate::format;

/// A place on an axis with its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The value (or, on a time axis, the offset in seconds).
    pub value: f64,
    /// What is written there.
    pub label: String,
}

/// The data may fill this little of a range before [`Fit`] narrows it.
const NARROW_BELOW: f64 = 0.45;
/// The steps that a fitted range has about.
const STEPS: f64 = 4.0;

/// The least of 1, 2 or 5 times a power of ten that is at least `rough`; 1 for what is not positive and finite.
pub fn step(rough: f64) -> f64 {
    if !rough.is_finite() || rough <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    // The tolerance keeps an exact step from being pushed up by rounding.
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * 0.999_999)
        .unwrap_or(10.0 * power)
}

/// The ticks from `low` to `high`, about `wanted` of them and never more than twice as many.
pub fn ticks(low: f64, high: f64, wanted: usize) -> Vec<Tick> {
    if !(low.is_finite() && high.is_finite() && high > low) {
        return Vec::new();
    }
    let step = step((high - low) / wanted.max(1) as f64);
    let first = (low / step - 1e-9).ceil();
    let last = (high / step + 1e-9).floor();
    if !(first.abs() < 1e15 && last.abs() < 1e15 && first <= last) {
        return Vec::new();
    }
    let largest = (first.abs().max(last.abs()) * step).max(step);
    let count = (last - first) as usize + 1;
    (0..count)
        .map(|index| {
            let value = (first + index as f64) * step;
            Tick {
                value,
                label: label(value, step, largest),
            }
        })
        .collect()
}

/// All labels of an axis share their prefix and decimals, so that they line up.
fn label(value: f64, step: f64, largest: f64) -> String {
    let (factor, prefix) = match largest {
        size if size >= 1e12 => return format!("{value:.2e}"),
        size if size >= 1e9 => (1e9, "G"),
        size if size >= 1e6 => (1e6, "M"),
        size if size >= 1e4 => (1e3, "k"),
        size if size >= 1e-2 => (1.0, ""),
        size if size >= 1e-5 => (1e-3, "m"),
        size if size >= 1e-8 => (1e-6, "µ"),
        size if size >= 1e-11 => (1e-9, "n"),
        _ => return format!("{value:.1e}"),
    };
    let decimals = (-(step / factor).log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize;
    // No negative zero.
    let scaled = if value == 0.0 { 0.0 } else { value / factor };
    format!("{scaled:.decimals$}{}", if value == 0.0 { "" } else { prefix })
}

/// A value range that moves in whole steps: it widens as soon as data leaves it and narrows only when data would fit
/// well into much less.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fit {
    range: Option<(f64, f64)>,
}

impl Fit {
    /// The range as it stands; `None` before the first data.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        self.range
    }

    /// The range to show for data from `low` to `high`.
    pub fn update(&mut self, low: f64, high: f64) -> (f64, f64) {
        if !(low.is_finite() && high.is_finite()) || high < low {
            return self.range.unwrap_or((-1.0, 1.0));
        }
        let wanted = fitted(low, high);
        if let Some((from, to)) = self.range
            && low >= from
            && high <= to
            && wanted.1 - wanted.0 >= NARROW_BELOW * (to - from)
        {
            return (from, to);
        }
        self.range = Some(wanted);
        wanted
    }
}

/// The range in whole steps around data from `low` to `high`; a flat line gets room on both sides.
fn fitted(low: f64, high: f64) -> (f64, f64) {
    let largest = low.abs().max(high.abs());
    let (low, high) = if high - low > largest * 1e-9 {
        (low, high)
    } else {
        let margin = if largest == 0.0 { 1.0 } else { largest * 0.1 };
        (low - margin, high + margin)
    };
    let step = step((high - low) / STEPS);
    let margin = (high - low) * 0.02;
    (
        ((low - margin) / step).floor() * step,
        ((high + margin) / step).ceil() * step,
    )
}

/// The width of the widest label, in characters.
pub(crate) fn widest(ticks: &[Tick]) -> usize {
    ticks
        .iter()
        .map(|tick| tick.label.chars().count())
        .max()
        .unwrap_or(format::UNKNOWN.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn steps_are_one_two_five() {
        for (rough, expected) in [
            (0.3, 0.5),
            (1.0, 1.0),
            (1.1, 2.0),
            (2.1, 5.0),
            (6.0, 10.0),
            (0.02, 0.02),
        ] {
            assert!((step(rough) - expected).abs() < 1e-12, "{rough}");
        }
    }

    #[test]
    fn labels_share_their_decimals_and_prefix() {
        assert_eq!(labels(&ticks(0.0, 20_000.0, 4)), ["0", "5k", "10k", "15k", "20k"]);
        assert_eq!(labels(&ticks(-0.2, 0.2, 4)), ["-0.2", "-0.1", "0.0", "0.1", "0.2"]);
    }

    #[test]
    fn broken_ranges_have_no_ticks() {
        assert!(ticks(1.0, 1.0, 5).is_empty());
        assert!(ticks(f64::NAN, 1.0, 5).is_empty());
        assert!(ticks(0.0, f64::INFINITY, 5).is_empty());
        assert!(ticks(1e300, 1.0000001e300, 5).len() < 12);
    }

    #[test]
    fn a_flat_line_has_room_on_both_sides_and_keeps_it() {
        for value in [0.0, 12.4, -3e-9, 7e12] {
            let mut fit = Fit::default();
            let (low, high) = fit.update(value, value);
            assert!(low < value && value < high, "{value}: {low} {high}");
            assert_eq!(fit.update(value, value), (low, high));
        }
    }

    #[test]
    fn a_range_stays_until_it_must_move() {
        let mut fit = Fit::default();
        let first = fit.update(-0.93, 0.97);
        assert_eq!(fit.update(-0.7, 0.8), first);
        assert!(fit.update(-0.93, 1.4).1 >= 1.4);
        assert_eq!(fit.update(-0.01, 0.01), fitted(-0.01, 0.01));
        assert_eq!(
            fit.update(f64::NAN, 1.0),
            fitted(-0.01, 0.01),
            "what is not finite changes nothing"
        );
    }

    proptest! {
        #[test]
        fn ticks_lie_within_and_are_few(low in -1e9f64..1e9, extent in 1e-6f64..1e9, wanted in 1usize..12) {
            let high = low + extent;
            let ticks = ticks(low, high, wanted);
            prop_assert!(ticks.len() <= 2 * wanted + 1);
            for tick in &ticks {
                prop_assert!(tick.value >= low - extent * 1e-6 && tick.value <= high + extent * 1e-6);
            }
        }

        #[test]
        fn a_fit_holds_its_data(low in -1e6f64..1e6, extent in 0.0f64..1e6) {
            let (from, to) = Fit::default().update(low, low + extent);
            prop_assert!(from <= low && low + extent <= to && from < to);
        }
    }
}
