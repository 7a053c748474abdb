//! Ranges of an axis: which one fits the data, and where a value lies in it.

use super::Scale;
use crate::axis;

/// A fitted x axis has up to this many steps, a fitted y axis up to [`Y_STEPS`]: the more steps, the closer the fit.
const X_STEPS: f64 = 10.0;
const Y_STEPS: f64 = 8.0;
/// Room beyond the data, in parts of their extent.
const MARGIN: f64 = 0.01;
/// The narrowest view, in parts of its largest value: below it, neighbouring places are the same number.
const NARROWEST: f64 = 1e-10;
/// Powers of ten that a logarithmic view stays within.
const DECADES: (f64, f64) = (-300.0, 300.0);
/// The largest size of a value in a linear view.
const LARGEST: f64 = 1e300;

impl Scale {
    /// The place of a value on the scale, NaN for one that has none.
    pub(super) fn place(self, value: f64) -> f64 {
        match self {
            Scale::Linear if value.is_finite() => value,
            Scale::Log if value.is_finite() && value > 0.0 => value.log10(),
            Scale::Linear | Scale::Log => f64::NAN,
        }
    }

    /// The value at a place on the scale.
    pub(super) fn value(self, place: f64) -> f64 {
        match self {
            Scale::Linear => place,
            Scale::Log => 10f64.powf(place),
        }
    }

    fn places(self, (low, high): (f64, f64)) -> (f64, f64) {
        (self.place(low), self.place(high))
    }

    /// The range, in rising order, when it can be shown.
    pub(super) fn usable(self, (low, high): (f64, f64)) -> Option<(f64, f64)> {
        let (low, high) = if low <= high { (low, high) } else { (high, low) };
        let (from, to) = self.places((low, high));
        let largest = from.abs().max(to.abs());
        let limits = match self {
            Scale::Linear => (-LARGEST, LARGEST),
            Scale::Log => DECADES,
        };
        (from >= limits.0 && to <= limits.1 && to - from > largest * NARROWEST && to - from > f64::MIN_POSITIVE)
            .then_some((low, high))
    }

    /// The range after its extent was multiplied by `factor` while `fixed` stayed where it is.
    pub(super) fn zoomed(self, range: (f64, f64), fixed: f64, factor: f64) -> Option<(f64, f64)> {
        let (low, high) = self.places(range);
        let fixed = self.place(fixed);
        self.usable((
            self.value(fixed + (low - fixed) * factor),
            self.value(fixed + (high - fixed) * factor),
        ))
    }

    /// The range moved by a part of its extent.
    pub(super) fn moved(self, range: (f64, f64), parts: f64) -> Option<(f64, f64)> {
        let (low, high) = self.places(range);
        let shift = (high - low) * parts;
        self.usable((self.value(low + shift), self.value(high + shift)))
    }
}

/// The range in whole steps for an x axis; its data may touch both ends unless they are `airy`.
pub(super) fn fit_x(data: Option<(f64, f64)>, scale: Scale, airy: bool) -> (f64, f64) {
    fit(data, scale, X_STEPS, if airy { MARGIN } else { 0.0 })
}

/// The range in whole steps for a y axis, with `room` above the data in parts of their extent.
pub(super) fn fit_y(data: Option<(f64, f64)>, scale: Scale, room: f64) -> (f64, f64) {
    let with_room = data.map(|data| {
        let (low, high) = scale.places(data);
        (data.0, scale.value(high + (high - low) * room).max(data.1))
    });
    fit(with_room, scale, Y_STEPS, MARGIN)
}

fn fit(data: Option<(f64, f64)>, scale: Scale, steps: f64, margin: f64) -> (f64, f64) {
    let fitted = match (data, scale) {
        (None, Scale::Linear) => (0.0, 1.0),
        (None, Scale::Log) => (1.0, 10.0),
        (Some(data), Scale::Linear) => fit_linear(data, steps, margin),
        (Some(data), Scale::Log) => fit_log(data, margin),
    };
    scale.usable(fitted).unwrap_or(match scale {
        Scale::Linear => (0.0, 1.0),
        Scale::Log => (1.0, 10.0),
    })
}

fn fit_linear((low, high): (f64, f64), steps: f64, margin: f64) -> (f64, f64) {
    let largest = low.abs().max(high.abs());
    if high - low <= largest * NARROWEST * 10.0 || largest == 0.0 {
        // A flat line gets room on both sides.
        let room = if largest == 0.0 { 1.0 } else { largest * 0.1 };
        return fit_linear((low - room, high + room), steps, 0.0);
    }
    let step = axis::step((high - low) / steps);
    let margin = (high - low) * margin;
    let from = ((low - margin) / step + 1e-9).floor() * step;
    let to = ((high + margin) / step - 1e-9).ceil() * step;
    // Room alone does not carry an axis across zero.
    (
        if low >= 0.0 { from.max(0.0) } else { from },
        if high <= 0.0 { to.min(0.0) } else { to },
    )
}

fn fit_log((low, high): (f64, f64), margin: f64) -> (f64, f64) {
    // A flat line gets a decade.
    let room = if high / low < 1.01 {
        10f64.sqrt()
    } else {
        (high / low).powf(margin)
    };
    // The greatest of 1, 2 or 5 times a power of ten below is the inverse of the least above the inverse.
    (1.0 / axis::step(room / low * (1.0 - 1e-9)), axis::step(high * room))
}

/// Where values lie along an axis, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Map {
    pub(super) scale: Scale,
    /// The values at `start` and at `end`.
    pub(super) range: (f64, f64),
    start: f64,
    end: f64,
    low: f64,
    per_pixel: f64,
}

impl Map {
    pub(super) fn new(scale: Scale, range: (f64, f64), start: f32, end: f32) -> Self {
        let (start, end) = (f64::from(start), f64::from(end));
        let (low, high) = scale.places(range);
        let length = if end == start { 1.0 } else { end - start };
        Self {
            scale,
            range,
            start,
            end,
            low,
            per_pixel: (high - low) / length,
        }
    }

    /// The pixel of a value, NaN for one that has no place.
    pub(super) fn pixel(&self, value: f64) -> f64 {
        self.start + (self.scale.place(value) - self.low) / self.per_pixel
    }

    /// The value at a pixel.
    pub(super) fn value(&self, pixel: f64) -> f64 {
        self.scale.value(self.low + (pixel - self.start) * self.per_pixel)
    }

    /// The range whose ends lie at two pixels.
    pub(super) fn between(&self, one: f32, other: f32) -> Option<(f64, f64)> {
        self.scale
            .usable((self.value(f64::from(one)), self.value(f64::from(other))))
    }

    /// The length in pixels.
    pub(super) fn length(&self) -> f64 {
        (self.end - self.start).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn data_are_fitted_in_whole_steps() {
        assert_eq!(fit_x(Some((0.0, 500.0)), Scale::Linear, false), (0.0, 500.0));
        assert_eq!(fit_x(Some((0.1, 480.0)), Scale::Linear, false), (0.0, 500.0));
        assert_eq!(fit_y(Some((0.0, 97.0)), Scale::Linear, 0.0), (0.0, 100.0));
        assert_eq!(fit_y(Some((-0.93, 0.97)), Scale::Linear, 0.0), (-1.0, 1.0));
        assert_eq!(fit_y(Some((-8.0, -3.0)), Scale::Linear, 0.0), (-9.0, -2.0));
        assert_eq!(fit_y(Some((0.0, 99.0)), Scale::Linear, 0.1), (0.0, 120.0));
        let (low, high) = fit_x(Some((0.12, 480.0)), Scale::Log, false);
        assert!((low - 0.1).abs() < 1e-12 && (high - 500.0).abs() < 1e-9, "{low} {high}");
        let (low, high) = fit_x(Some((0.01, 100.0)), Scale::Log, false);
        assert!((low / 0.01 - 1.0).abs() < 1e-9 && (high / 100.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn flat_data_have_room_and_no_data_a_range() {
        for value in [0.0, 12.4, -3e-9, 7e12] {
            let (low, high) = fit_y(Some((value, value)), Scale::Linear, 0.0);
            assert!(low < value && value < high, "{value}: {low} {high}");
        }
        let (low, high) = fit_y(Some((3e-7, 3e-7)), Scale::Log, 0.0);
        assert!(low < 2e-7 && high > 5e-7);
        assert_eq!(fit_y(None, Scale::Log, 0.0), (1.0, 10.0));
        assert_eq!(fit_x(None, Scale::Linear, true), (0.0, 1.0));
    }

    #[test]
    fn a_view_that_cannot_be_shown_is_refused() {
        assert_eq!(Scale::Log.usable((0.0, 1.0)), None);
        assert_eq!(Scale::Linear.usable((1.0, 1.0)), None);
        assert_eq!(Scale::Linear.usable((1.0, 1.0 + 1e-13)), None);
        assert_eq!(Scale::Linear.usable((0.0, f64::INFINITY)), None);
        assert_eq!(Scale::Linear.usable((2.0, 1.0)), Some((1.0, 2.0)));
    }

    #[test]
    fn what_has_no_place_is_nowhere() {
        let map = Map::new(Scale::Log, (1.0, 100.0), 0.0, 200.0);
        assert!((map.pixel(10.0) - 100.0).abs() < 1e-9);
        assert!(map.pixel(0.0).is_nan() && map.pixel(-1.0).is_nan() && map.pixel(f64::INFINITY).is_nan());
    }

    proptest! {
        #[test]
        fn zooming_there_and_back_is_nothing(low in -1e6f64..1e6, extent in 1e-3f64..1e6, part in 0.0f64..1.0) {
            for scale in [Scale::Linear, Scale::Log] {
                let low = if scale == Scale::Log { low.abs() + 1.0 } else { low };
                let range = (low, low + extent);
                let fixed = low + extent * part;
                let there = scale.zoomed(range, fixed, 1.25).expect("a range");
                let back = scale.zoomed(there, fixed, 0.8).expect("a range");
                prop_assert!((back.0 - range.0).abs() < extent * 1e-3 + low.abs() * 1e-9);
                prop_assert!((back.1 - range.1).abs() < extent * 1e-3 + low.abs() * 1e-9);
            }
        }

        #[test]
        fn a_fit_holds_its_data(low in -1e6f64..1e6, extent in 0.0f64..1e6, from in -12.0f64..12.0, decades in 0.0f64..9.0) {
            let (fit_low, fit_high) = fit_y(Some((low, low + extent)), Scale::Linear, 0.0);
            prop_assert!(fit_low <= low && low + extent <= fit_high);
            let data = (10f64.powf(from), 10f64.powf(from + decades));
            for range in [fit_x(Some(data), Scale::Log, false), fit_y(Some(data), Scale::Log, 0.0)] {
                prop_assert!(range.0 <= data.0 * 1.000_001 && data.1 <= range.1 * 1.000_001, "{data:?} {range:?}");
            }
        }
    }
}
