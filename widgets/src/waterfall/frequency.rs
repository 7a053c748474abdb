//! The frequency axis: from places to the values of a column.

use crate::axis::{self, Tick};
use crate::format;

/// How frequencies are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FrequencyScale {
    /// Equal distances are equal differences.
    #[default]
    Linear,
    /// Equal distances are equal ratios.
    Log,
}

/// Labels of a logarithmic axis stand at these in every decade.
const DECADE: [f64; 3] = [1.0, 2.0, 5.0];
/// There may be so many times the labels that were wanted before some are left out.
const CROWDED: f64 = 1.6;

/// The frequencies that a plot shows, and those that its columns hold. A place is 0 at the lower edge and 1 at the
/// upper one; a bin is the middle of a value at a whole number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frequencies {
    pub(super) scale: FrequencyScale,
    pub(super) low_hz: f64,
    pub(super) high_hz: f64,
    first_hz: f64,
    last_hz: f64,
    bins: usize,
}

impl Frequencies {
    pub(super) fn new(scale: FrequencyScale, shown: (f64, f64), range: (f64, f64), bins: usize) -> Self {
        let (first_hz, last_hz) = range;
        let mut frequencies = Self {
            scale,
            low_hz: shown.0,
            high_hz: shown.1,
            first_hz,
            last_hz,
            bins,
        };
        let least = frequencies.hz_per_bin();
        if !frequencies.low_hz.is_finite() {
            frequencies.low_hz = first_hz;
        }
        if scale == FrequencyScale::Log && frequencies.low_hz < least {
            // Zero is infinitely far below.
            frequencies.low_hz = least;
        }
        if !(frequencies.high_hz - frequencies.low_hz).is_finite() || frequencies.high_hz <= frequencies.low_hz {
            frequencies.high_hz = frequencies.low_hz + least;
        }
        frequencies
    }

    fn hz_per_bin(&self) -> f64 {
        let width = (self.last_hz - self.first_hz) / self.bins.saturating_sub(1).max(1) as f64;
        if width > 0.0 && width.is_finite() { width } else { 1.0 }
    }

    /// The frequency at a place.
    pub(super) fn hz(&self, place: f64) -> f64 {
        match self.scale {
            FrequencyScale::Linear => self.low_hz + (self.high_hz - self.low_hz) * place,
            FrequencyScale::Log => self.low_hz * (self.high_hz / self.low_hz).powf(place),
        }
    }

    /// The place of a frequency.
    pub(super) fn place(&self, hz: f64) -> f64 {
        match self.scale {
            FrequencyScale::Linear => (hz - self.low_hz) / (self.high_hz - self.low_hz),
            FrequencyScale::Log => (hz / self.low_hz).ln() / (self.high_hz / self.low_hz).ln(),
        }
    }

    /// The bin at a frequency, with its fraction.
    pub(super) fn bin(&self, hz: f64) -> f64 {
        (hz - self.first_hz) / self.hz_per_bin()
    }

    /// Whether columns have a value at a place.
    pub(super) fn holds(&self, place: f64) -> bool {
        (-0.5..=self.bins as f64 - 0.5).contains(&self.bin(self.hz(place)))
    }

    /// The value of a column that is nearest to a frequency, and its own frequency.
    pub(super) fn nearest(&self, hz: f64) -> Option<(usize, f64)> {
        let bin = self.bin(hz).round();
        (bin >= 0.0 && bin < self.bins as f64).then(|| (bin as usize, self.first_hz + bin * self.hz_per_bin()))
    }

    /// How the shader comes from a place to a bin: `a + place * b`, or `a * 2^(place * b) - c`.
    pub(super) fn coefficients(&self) -> [f32; 3] {
        match self.scale {
            FrequencyScale::Linear => {
                let low = self.bin(self.low_hz);
                [low as f32, (self.bin(self.high_hz) - low) as f32, 0.0]
            }
            FrequencyScale::Log => [
                (self.low_hz / self.hz_per_bin()) as f32,
                (self.high_hz / self.low_hz).log2() as f32,
                (self.first_hz / self.hz_per_bin()) as f32,
            ],
        }
    }

    /// The labels of the axis, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<Tick> {
        let decades = (self.high_hz / self.low_hz).log10();
        if self.scale == FrequencyScale::Linear || decades < 1.0 {
            return axis::ticks(self.low_hz, self.high_hz, wanted);
        }
        let all = wanted as f64 * CROWDED >= decades * DECADE.len() as f64;
        // A decade is skipped rather than crowded.
        let every = (decades / wanted.max(1) as f64).ceil().max(1.0) as i32;
        let first = self.low_hz.log10().floor() as i32;
        let last = self.high_hz.log10().ceil() as i32;
        let mut ticks = Vec::new();
        for power in (first..=last).filter(|power| power.rem_euclid(every) == 0) {
            for factor in &DECADE[..if all { DECADE.len() } else { 1 }] {
                let value = factor * 10f64.powi(power);
                if value >= self.low_hz * 0.999_999 && value <= self.high_hz * 1.000_001 {
                    let label = short(value);
                    ticks.push(Tick { value, label });
                }
            }
        }
        ticks
    }

    /// The range after a turn of the wheel: `factor` times as large around a place, within what there is.
    pub(super) fn zoomed(&self, place: f64, factor: f64) -> (f64, f64) {
        self.limited(place - place * factor, place + (1.0 - place) * factor)
    }

    /// The range moved by a distance, within what there is.
    pub(super) fn moved(&self, by: f64) -> (f64, f64) {
        let (least, most) = (self.place(self.least_hz()), self.place(self.last_hz));
        let by = by.clamp(least.min(0.0), (most - 1.0).max(0.0));
        (self.hz(by), self.hz(1.0 + by))
    }

    fn least_hz(&self) -> f64 {
        match self.scale {
            FrequencyScale::Linear => self.first_hz,
            FrequencyScale::Log => self.first_hz.max(self.hz_per_bin()),
        }
    }

    fn limited(&self, from: f64, to: f64) -> (f64, f64) {
        let low = self.hz(from).max(self.least_hz());
        let high = self.hz(to).min(self.last_hz);
        // At least two values stay in view.
        if high - low < 2.0 * self.hz_per_bin() {
            (self.low_hz, self.high_hz)
        } else {
            (low, high)
        }
    }
}

/// A round frequency without needless digits: `20`, `5k`.
fn short(hz: f64) -> String {
    let (factor, prefix) = match hz {
        hz if hz >= 0.999e9 => (1e9, "G"),
        hz if hz >= 0.999e6 => (1e6, "M"),
        hz if hz >= 0.999e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let scaled = hz / factor;
    let decimals = (-scaled.log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{scaled:.decimals$}{prefix}")
}

/// A frequency with its unit, with a digit more than lists have.
pub(super) fn text(hz: f64) -> String {
    if hz.abs() < 1000.0 {
        format!("{hz:.1} Hz")
    } else {
        format::si_unit(hz, "Hz")
    }
}

/// What a column shows from bin `from` to bin `to`: the highest level of those whose middle lies there, or, where
/// bins are large, a level between two. NaN where there is nothing.
pub(super) fn level(column: &[f32], from: f64, to: f64) -> f32 {
    let bins = column.len() as f64;
    let middle = (from + to) / 2.0;
    if column.is_empty() || middle < -0.5 || middle > bins - 0.5 {
        return f32::NAN;
    }
    if to - from > 1.0 {
        let first = from.ceil().clamp(0.0, bins) as usize;
        let last = to.ceil().clamp(0.0, bins) as usize;
        // `max` leaves out what is NaN.
        return column[first..last.max(first)].iter().copied().fold(f32::NAN, f32::max);
    }
    let middle = middle.clamp(0.0, bins - 1.0);
    let (below, above) = (column[middle.floor() as usize], column[middle.ceil() as usize]);
    between(below, above, middle.fract() as f32)
}

/// A level between two, the nearer one where the other is missing.
pub(super) fn between(a: f32, b: f32, fraction: f32) -> f32 {
    let level = a + (b - a) * fraction;
    match (level.is_finite(), fraction < 0.5) {
        (true, _) => level,
        (false, true) => a,
        (false, false) => b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frequencies(scale: FrequencyScale) -> Frequencies {
        Frequencies::new(scale, (0.0, 500.0), (0.0, 500.0), 257)
    }

    #[test]
    fn places_and_frequencies_are_inverse_on_both_scales() {
        for scale in [FrequencyScale::Linear, FrequencyScale::Log] {
            let frequencies = frequencies(scale);
            for place in [0.0, 0.1, 0.5, 1.0] {
                assert!(
                    (frequencies.place(frequencies.hz(place)) - place).abs() < 1e-9,
                    "{scale:?}"
                );
            }
            assert_eq!(frequencies.bin(500.0), 256.0);
        }
    }

    #[test]
    fn the_shader_comes_to_the_same_bins() {
        for scale in [FrequencyScale::Linear, FrequencyScale::Log] {
            let frequencies = Frequencies::new(scale, (20.0, 400.0), (4.0, 500.0), 257);
            let [a, b, c] = frequencies.coefficients();
            for place in [0.0, 0.3, 0.77, 1.0] {
                let bin = match scale {
                    FrequencyScale::Linear => a + place * b,
                    FrequencyScale::Log => a * (place * b).exp2() - c,
                };
                let exact = frequencies.bin(frequencies.hz(f64::from(place)));
                assert!((f64::from(bin) - exact).abs() < 1e-3, "{scale:?} {place}");
            }
        }
    }

    #[test]
    fn a_logarithmic_axis_begins_above_zero_and_has_round_labels() {
        let ticks = frequencies(FrequencyScale::Log).ticks(12);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["2", "5", "10", "20", "50", "100", "200", "500"]);
        let wide = Frequencies::new(FrequencyScale::Log, (1.0, 100e3), (0.0, 100e3), 100_001);
        assert!(wide.ticks(3).len() <= 4);
    }

    #[test]
    fn zooming_and_moving_stay_within_what_there_is() {
        for scale in [FrequencyScale::Linear, FrequencyScale::Log] {
            let all = frequencies(scale);
            assert_eq!(all.zoomed(0.5, 1.25).1, 500.0);
            let (low, high) = all.zoomed(0.5, 0.5);
            assert!(low > all.low_hz && high < 500.0, "{scale:?}: {low} {high}");
            let part = Frequencies::new(scale, (low, high), (0.0, 500.0), 257);
            let (_, most) = part.moved(100.0);
            assert!((most - 500.0).abs() < 1e-9, "{scale:?}: {most}");
            let (least, _) = part.moved(-100.0);
            assert!((least - all.low_hz).abs() < 1e-9, "{scale:?}: {least}");
        }
    }

    #[test]
    fn broken_ranges_stay_finite() {
        for shown in [(5.0, 5.0), (f64::NAN, 1.0), (10.0, -10.0)] {
            let frequencies = Frequencies::new(FrequencyScale::Log, shown, (0.0, 0.0), 1);
            assert!(frequencies.coefficients()[2].is_finite());
            let _ = frequencies.ticks(5);
        }
    }

    #[test]
    fn a_missing_value_does_not_spread() {
        let column = [1.0, f32::NAN, 3.0];
        assert_eq!(level(&column, 0.2, 0.4), 1.0);
        assert!(level(&column, 0.9, 1.1).is_nan());
        assert_eq!(level(&column, -0.5, 2.5), 3.0);
        assert!(level(&column, 3.0, 3.2).is_nan());
        assert!(level(&[], 0.0, 1.0).is_nan());
    }

    proptest! {
        #[test]
        fn the_highest_value_is_seen_in_some_row(bins in 40usize..600, at in 0usize..600, rows in 8usize..40) {
            let at = at % bins;
            let mut column = vec![-90.0; bins];
            column[at] = -3.0;
            let edge = |row: usize| row as f64 / rows as f64 * bins as f64 - 0.5;
            let peak = (0..rows).map(|row| level(&column, edge(row), edge(row + 1))).fold(f32::NAN, f32::max);
            prop_assert_eq!(peak, -3.0);
        }
    }
}
