//! What a transform does, and what its parameters may be.

use std::f64::consts::TAU;

use super::error::TransformError;
use super::text;
use crate::signal::filter::{Filter, RATES_HZ};

/// The most samples that a window holds.
pub const MAX_WINDOW_SAMPLES: usize = 1 << 20;
/// The longest window in seconds: ten days.
pub const MAX_WINDOW_S: f64 = 864_000.0;
/// The most samples that the window of `hampel` holds; it is searched anew for each sample.
pub const MAX_HAMPEL: usize = 65_535;
/// The most transforms in a chain.
pub const MAX_STAGES: usize = 16;

/// Samples per second that a window in seconds has room for, within [`MAX_WINDOW_SAMPLES`].
const WINDOW_RATE_HZ: f64 = 50_000.0;

/// All transforms, as an error lists them.
pub(super) const NAMES: &str = "absolute, average, bandpass, count, derivative, detrend, hampel, highpass, integral, \
    interval, lowpass, median, notch, rms, scale, threshold, unwrap, variance";

/// How far back a transform looks; the present sample is within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// Samples that are younger than this, up to [`MAX_WINDOW_S`]. There is room for 50 000 samples per second, at least
    /// 256 and at most [`MAX_WINDOW_SAMPLES`]; beyond that the newest stay, and [`Transform::fault`] says so.
    ///
    /// [`Transform::fault`]: super::Transform::fault
    Seconds(f64),
    /// As many of the newest samples, up to [`MAX_WINDOW_SAMPLES`].
    Samples(usize),
}

impl Window {
    /// The samples to make room for.
    pub(super) fn capacity(self) -> usize {
        match self {
            Self::Samples(samples) => samples,
            // The cast saturates.
            Self::Seconds(seconds) => ((seconds * WINDOW_RATE_HZ).ceil() as usize).clamp(256, MAX_WINDOW_SAMPLES),
        }
    }

    /// Its length in nanoseconds, if it has one.
    pub(super) fn span_ns(self) -> Option<i64> {
        match self {
            Self::Samples(_) => None,
            Self::Seconds(seconds) => Some(((seconds * 1e9).round() as i64).max(1)),
        }
    }
}

/// What `detrend` takes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trend {
    /// The mean of the window.
    #[default]
    Constant,
    /// The straight line through the window that has the least squares, at the present sample.
    Linear,
}

/// What one transform does. Its text form is `name:parameter=value,...`; see [`Chain`](super::Chain).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransformSpec {
    /// `absolute`: the magnitude.
    Absolute,
    /// `average:window_s=0.5` or `average:samples=10`: the mean of the window.
    Average(Window),
    /// `count`: how many samples there have been, this one included.
    Count,
    /// `derivative`: the difference to the sample before over the seconds since. None for the first sample and for one
    /// that has the same time as the sample before.
    Derivative,
    /// `detrend:window_s=1` or `detrend:window_s=1,trend=linear`: the value less the trend of the window.
    Detrend {
        /// Where the trend is taken from.
        window: Window,
        /// What it is.
        trend: Trend,
    },
    /// `lowpass:order=4,corner_hz=50`, `highpass:order=2,corner_hz=1`, `bandpass:order=2,low_hz=1,high_hz=20`,
    /// `notch:centre_hz=50,q=30`, each with `rate_hz` if the rate shall not be measured. The order is 2 and the quality
    /// 30 if they are not given.
    Filter {
        /// The filter.
        filter: Filter,
        /// The rate of the samples; measured when `None`.
        rate_hz: Option<f64>,
    },
    /// `hampel:samples=11,sigmas=3`: a value that is further than this from the median of the window around it becomes
    /// that median; one sigma is 1.4826 times the median distance from the median (F. R. Hampel, 1974). Where more
    /// than half of the window are equal, any other value is replaced. Half a window late.
    Hampel {
        /// Samples in the window: odd, 3 to [`MAX_HAMPEL`].
        samples: usize,
        /// How many sigmas are still no outlier, 0 or more; 3 if not given.
        sigmas: f64,
    },
    /// `integral`: the sum of the trapezoids since the first sample, over seconds; 0 for the first one.
    Integral,
    /// `interval`: seconds since the sample before; none for the first one.
    Interval,
    /// `median:samples=11` or `median:window_s=0.5`: the median of the window; the mean of the middle two if there is
    /// an even number.
    Median(Window),
    /// `rms:window_s=0.5`: the root of the mean square of the window.
    Rms(Window),
    /// `scale:gain=57.29577951308232,bias=0`: the value times the gain, plus the bias. 1 and 0 if they are not given.
    Scale {
        /// The factor.
        gain: f64,
        /// What is added.
        bias: f64,
    },
    /// `threshold:level=1.5,hysteresis=0.2`: becomes 1 half the hysteresis above the level and 0 half of it below; in
    /// between it stays. The hysteresis is 0 if not given: 1 at the level or above, else 0.
    Threshold {
        /// The middle of the band.
        level: f64,
        /// Its width, 0 or more.
        hysteresis: f64,
    },
    /// `unwrap` or `unwrap:period=360`: adds whole periods, so that no step is longer than half of one.
    Unwrap {
        /// 2 pi if not given.
        period: f64,
    },
    /// `variance:window_s=0.5`: the sample variance of the window, with one degree of freedom less than there are
    /// samples; none for a single sample.
    Variance(Window),
}

impl TransformSpec {
    /// The name of the transform in text.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::Average(_) => "average",
            Self::Count => "count",
            Self::Derivative => "derivative",
            Self::Detrend { .. } => "detrend",
            Self::Filter { filter, .. } => match filter {
                Filter::LowPass { .. } => "lowpass",
                Filter::HighPass { .. } => "highpass",
                Filter::BandPass { .. } => "bandpass",
                Filter::Notch { .. } => "notch",
            },
            Self::Hampel { .. } => "hampel",
            Self::Integral => "integral",
            Self::Interval => "interval",
            Self::Median(_) => "median",
            Self::Rms(_) => "rms",
            Self::Scale { .. } => "scale",
            Self::Threshold { .. } => "threshold",
            Self::Unwrap { .. } => "unwrap",
            Self::Variance(_) => "variance",
        }
    }

    /// Looks at the parameters; a filter with a rate is designed for it.
    ///
    /// # Errors
    /// When one is out of its range.
    pub fn check(&self) -> Result<(), TransformError> {
        let need = |sound: bool, parameter: &'static str, value: f64| {
            if sound {
                return Ok(());
            }
            Err(TransformError::Value {
                transform: self.name(),
                parameter,
                word: text::number(value),
                allowed: text::allowed(self.name(), parameter),
            })
        };
        let within = |window: Window| match window {
            Window::Seconds(s) => need((1e-9..=MAX_WINDOW_S).contains(&s), "window_s", s),
            Window::Samples(n) => {
                let least = if matches!(self, Self::Variance(_)) { 2 } else { 1 };
                need((least..=MAX_WINDOW_SAMPLES).contains(&n), "samples", n as f64)
            }
        };
        match *self {
            Self::Absolute | Self::Count | Self::Derivative | Self::Integral | Self::Interval => Ok(()),
            Self::Average(window) | Self::Median(window) | Self::Rms(window) | Self::Variance(window) => within(window),
            Self::Detrend { window, .. } => within(window),
            Self::Filter { filter, rate_hz } => {
                let sound = match rate_hz {
                    None => filter.check(),
                    Some(rate) => {
                        need(RATES_HZ.contains(&rate), "rate_hz", rate)?;
                        filter.design(rate).map(|_| ())
                    }
                };
                sound.map_err(|error| TransformError::Filter {
                    transform: self.name(),
                    error,
                })
            }
            Self::Hampel { samples, sigmas } => {
                let odd = samples % 2 == 1 && (3..=MAX_HAMPEL).contains(&samples);
                need(odd, "samples", samples as f64)?;
                need(sigmas.is_finite() && sigmas >= 0.0, "sigmas", sigmas)
            }
            Self::Scale { gain, bias } => {
                need(gain.is_finite(), "gain", gain)?;
                need(bias.is_finite(), "bias", bias)
            }
            Self::Threshold { level, hysteresis } => {
                need(level.is_finite(), "level", level)?;
                need(hysteresis.is_finite() && hysteresis >= 0.0, "hysteresis", hysteresis)
            }
            Self::Unwrap { period } => need((1e-300..=1e300).contains(&period), "period", period),
        }
    }

    /// A short text for a legend, with the order and the corner of a filter: `low-pass 50 Hz, order 4`.
    #[must_use]
    pub fn label(&self) -> String {
        let figure = text::number;
        let over = |what: &str, window: Window| match window {
            Window::Seconds(s) => format!("{what} {} s", figure(s)),
            Window::Samples(1) => format!("{what} 1 sample"),
            Window::Samples(n) => format!("{what} {n} samples"),
        };
        match *self {
            Self::Absolute => "absolute".to_owned(),
            Self::Average(window) => over("average", window),
            Self::Count => "count".to_owned(),
            Self::Derivative => "derivative".to_owned(),
            Self::Detrend { window, trend } => match trend {
                Trend::Constant => over("detrend", window),
                Trend::Linear => over("linear detrend", window),
            },
            Self::Filter { filter, .. } => match filter {
                Filter::LowPass { order, corner_hz } => format!("low-pass {} Hz, order {order}", figure(corner_hz)),
                Filter::HighPass { order, corner_hz } => format!("high-pass {} Hz, order {order}", figure(corner_hz)),
                Filter::BandPass { order, low_hz, high_hz } => {
                    format!("band-pass {} to {} Hz, order {order}", figure(low_hz), figure(high_hz))
                }
                Filter::Notch { centre_hz, q } => format!("notch {} Hz, Q {}", figure(centre_hz), figure(q)),
            },
            Self::Hampel { samples, sigmas } => format!("outliers {} sigma, {samples} samples", figure(sigmas)),
            Self::Integral => "integral".to_owned(),
            Self::Interval => "interval".to_owned(),
            Self::Median(window) => over("median", window),
            Self::Rms(window) => over("RMS", window),
            Self::Scale { gain, bias } => match (gain, bias) {
                (_, 0.0) => format!("times {}", figure(gain)),
                (1.0, _) => format!("plus {}", figure(bias)),
                _ => format!("times {} plus {}", figure(gain), figure(bias)),
            },
            Self::Threshold { level, hysteresis } => match hysteresis {
                0.0 => format!("threshold {}", figure(level)),
                _ => format!("threshold {} ± {}", figure(level), figure(hysteresis / 2.0)),
            },
            Self::Unwrap { period: TAU } => "unwrap".to_owned(),
            Self::Unwrap { period } => format!("unwrap {}", figure(period)),
            Self::Variance(window) => over("variance", window),
        }
    }
}
