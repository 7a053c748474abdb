//! The text form of a transform: `name` or `name:parameter=value,parameter=value`.

use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::TransformError;
use super::spec::{TransformSpec, Trend, Window};
use crate::signal::filter::{Filter, MAX_ORDER};

/// Characters of a wrong word that an error repeats.
const WORD: usize = 40;

/// A parameter and what it may be.
type Parameter = (&'static str, &'static str);

const ORDER: Parameter = ("order", "a whole number from 1 to 8");
const RATE: Parameter = ("rate_hz", "a number from 1e-9 to 1e12");
const CORNER: &str = "a number above 0 and below half the sample rate";
const WINDOW_S: Parameter = ("window_s", "a number from 1e-9 to 864000, or `samples` in its place");
const SAMPLES: Parameter = (
    "samples",
    "a whole number from 1 to 1048576, or `window_s` in its place",
);
const NUMBER: &str = "a finite number";
const NOT_NEGATIVE: &str = "a finite number, 0 or more";

/// All transforms and their parameters, in the order in which they are written.
const TABLE: [(&str, &[Parameter]); 18] = [
    ("absolute", &[]),
    ("average", &[WINDOW_S, SAMPLES]),
    ("bandpass", &[ORDER, ("low_hz", CORNER), ("high_hz", CORNER), RATE]),
    ("count", &[]),
    ("derivative", &[]),
    ("detrend", &[WINDOW_S, SAMPLES, ("trend", "`constant` or `linear`")]),
    (
        "hampel",
        &[
            ("samples", "an odd whole number from 3 to 65535"),
            ("sigmas", NOT_NEGATIVE),
        ],
    ),
    ("highpass", &[ORDER, ("corner_hz", CORNER), RATE]),
    ("integral", &[]),
    ("interval", &[]),
    ("lowpass", &[ORDER, ("corner_hz", CORNER), RATE]),
    ("median", &[WINDOW_S, SAMPLES]),
    (
        "notch",
        &[("centre_hz", CORNER), ("q", "a finite number above 0"), RATE],
    ),
    ("rms", &[WINDOW_S, SAMPLES]),
    ("scale", &[("gain", NUMBER), ("bias", NUMBER)]),
    ("threshold", &[("level", NUMBER), ("hysteresis", NOT_NEGATIVE)]),
    ("unwrap", &[("period", "a number from 1e-300 to 1e300")]),
    (
        "variance",
        &[
            WINDOW_S,
            (
                "samples",
                "a whole number from 2 to 1048576, or `window_s` in its place",
            ),
        ],
    ),
];

/// The shortest text that reads back as the same number, with an exponent where the plain form would be long.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) || !value.is_finite() {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// What a parameter may be.
pub(super) fn allowed(transform: &str, parameter: &str) -> &'static str {
    let of = TABLE.iter().find(|(name, _)| *name == transform);
    let found = of.and_then(|(_, parameters)| parameters.iter().find(|(name, _)| *name == parameter));
    found.map_or(NUMBER, |(_, allowed)| allowed)
}

fn shorten(word: &str) -> String {
    word.chars().take(WORD).collect()
}

fn list(parameters: &[Parameter]) -> String {
    if parameters.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// The words of one transform, sorted by parameter.
struct Words<'a> {
    transform: &'static str,
    parameters: &'static [Parameter],
    values: [Option<&'a str>; 4],
}

impl<'a> Words<'a> {
    fn read(text: &'a str) -> Result<Self, TransformError> {
        let (name, rest) = match text.split_once(':') {
            None => (text.trim(), None),
            Some((name, rest)) => (name.trim(), Some(rest)),
        };
        if name.is_empty() && rest.is_none() {
            return Err(TransformError::Empty);
        }
        let Some(&(transform, parameters)) = TABLE.iter().find(|(known, _)| *known == name) else {
            return Err(TransformError::Name { word: shorten(name) });
        };
        let mut values = [None; 4];
        for part in rest.into_iter().flat_map(|rest| rest.split(',')) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(TransformError::Pair {
                    transform,
                    word: shorten(part.trim()),
                    allowed: list(parameters),
                });
            };
            let key = key.trim();
            let Some(at) = parameters.iter().position(|(known, _)| *known == key) else {
                return Err(TransformError::Parameter {
                    transform,
                    word: shorten(key),
                    allowed: list(parameters),
                });
            };
            if values[at].replace(value.trim()).is_some() {
                let parameter = parameters[at].0;
                return Err(TransformError::Twice { transform, parameter });
            }
        }
        Ok(Self {
            transform,
            parameters,
            values,
        })
    }

    fn parameter(&self, name: &str) -> (Parameter, Option<&'a str>) {
        let at = self.parameters.iter().position(|(known, _)| *known == name);
        let at = at.expect("names in this file are in the table");
        (self.parameters[at], self.values[at])
    }

    fn wrong(&self, (parameter, allowed): Parameter, word: &str) -> TransformError {
        TransformError::Value {
            transform: self.transform,
            parameter,
            word: shorten(word),
            allowed,
        }
    }

    fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>, TransformError> {
        let (parameter, word) = self.parameter(name);
        word.map(|word| word.parse().map_err(|_| self.wrong(parameter, word)))
            .transpose()
    }

    fn need<T: FromStr>(&self, name: &str) -> Result<T, TransformError> {
        self.get(name)?.ok_or_else(|| {
            let ((parameter, allowed), _) = self.parameter(name);
            TransformError::Missing {
                transform: self.transform,
                parameter,
                allowed,
            }
        })
    }

    fn order(&self) -> Result<u8, TransformError> {
        let order = self.get("order")?.unwrap_or(2);
        if (1..=MAX_ORDER).contains(&order) {
            return Ok(order);
        }
        Err(self.wrong(ORDER, &order.to_string()))
    }

    fn window(&self) -> Result<Window, TransformError> {
        match (self.get("window_s")?, self.get("samples")?) {
            (None, Some(samples)) => Ok(Window::Samples(samples)),
            (Some(_), Some(samples)) => Err(self.wrong(
                ("samples", "nothing beside `window_s`: keep one of the two"),
                &samples.to_string(),
            )),
            (seconds, None) => seconds.map_or_else(|| self.need("window_s"), Ok).map(Window::Seconds),
        }
    }

    fn trend(&self) -> Result<Trend, TransformError> {
        match self.parameter("trend") {
            (_, None | Some("constant")) => Ok(Trend::Constant),
            (_, Some("linear")) => Ok(Trend::Linear),
            (parameter, Some(word)) => Err(self.wrong(parameter, word)),
        }
    }

    fn filter(&self, filter: Filter) -> Result<TransformSpec, TransformError> {
        let rate_hz = self.get("rate_hz")?;
        Ok(TransformSpec::Filter { filter, rate_hz })
    }

    fn spec(&self) -> Result<TransformSpec, TransformError> {
        Ok(match self.transform {
            "absolute" => TransformSpec::Absolute,
            "average" => TransformSpec::Average(self.window()?),
            "bandpass" => self.filter(Filter::BandPass {
                order: self.order()?,
                low_hz: self.need("low_hz")?,
                high_hz: self.need("high_hz")?,
            })?,
            "count" => TransformSpec::Count,
            "derivative" => TransformSpec::Derivative,
            "detrend" => TransformSpec::Detrend {
                window: self.window()?,
                trend: self.trend()?,
            },
            "hampel" => TransformSpec::Hampel {
                samples: self.need("samples")?,
                sigmas: self.get("sigmas")?.unwrap_or(3.0),
            },
            "highpass" => self.filter(Filter::HighPass {
                order: self.order()?,
                corner_hz: self.need("corner_hz")?,
            })?,
            "integral" => TransformSpec::Integral,
            "interval" => TransformSpec::Interval,
            "lowpass" => self.filter(Filter::LowPass {
                order: self.order()?,
                corner_hz: self.need("corner_hz")?,
            })?,
            "median" => TransformSpec::Median(self.window()?),
            "notch" => self.filter(Filter::Notch {
                centre_hz: self.need("centre_hz")?,
                q: self.get("q")?.unwrap_or(30.0),
            })?,
            "rms" => TransformSpec::Rms(self.window()?),
            "scale" => TransformSpec::Scale {
                gain: self.get("gain")?.unwrap_or(1.0),
                bias: self.get("bias")?.unwrap_or(0.0),
            },
            "threshold" => TransformSpec::Threshold {
                level: self.need("level")?,
                hysteresis: self.get("hysteresis")?.unwrap_or(0.0),
            },
            "unwrap" => TransformSpec::Unwrap {
                period: self.get("period")?.unwrap_or(TAU),
            },
            "variance" => TransformSpec::Variance(self.window()?),
            other => return Err(TransformError::Name { word: other.to_owned() }),
        })
    }
}

impl FromStr for TransformSpec {
    type Err = TransformError;

    /// Reads one transform and checks it. White space around words does not matter; parameters may be in any order.
    fn from_str(text: &str) -> Result<Self, TransformError> {
        let spec = Words::read(text)?.spec()?;
        spec.check()?;
        Ok(spec)
    }
}

impl fmt::Display for TransformSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let over = |window: Window| match window {
            Window::Seconds(s) => format!("window_s={}", number(s)),
            Window::Samples(n) => format!("samples={n}"),
        };
        f.write_str(self.name())?;
        match *self {
            Self::Absolute | Self::Count | Self::Derivative | Self::Integral | Self::Interval => Ok(()),
            Self::Average(window) | Self::Median(window) | Self::Rms(window) | Self::Variance(window) => {
                write!(f, ":{}", over(window))
            }
            Self::Detrend { window, trend } => match trend {
                Trend::Constant => write!(f, ":{}", over(window)),
                Trend::Linear => write!(f, ":{},trend=linear", over(window)),
            },
            Self::Filter { filter, rate_hz } => {
                match filter {
                    Filter::LowPass { order, corner_hz } | Filter::HighPass { order, corner_hz } => {
                        write!(f, ":order={order},corner_hz={}", number(corner_hz))?;
                    }
                    Filter::BandPass { order, low_hz, high_hz } => {
                        let (low, high) = (number(low_hz), number(high_hz));
                        write!(f, ":order={order},low_hz={low},high_hz={high}")?;
                    }
                    Filter::Notch { centre_hz, q } => write!(f, ":centre_hz={},q={}", number(centre_hz), number(q))?,
                }
                rate_hz.map_or(Ok(()), |rate| write!(f, ",rate_hz={}", number(rate)))
            }
            Self::Hampel { samples, sigmas } => write!(f, ":samples={samples},sigmas={}", number(sigmas)),
            Self::Scale { gain, bias } => write!(f, ":gain={},bias={}", number(gain), number(bias)),
            Self::Threshold { level, hysteresis } => {
                write!(f, ":level={},hysteresis={}", number(level), number(hysteresis))
            }
            Self::Unwrap { period: TAU } => Ok(()),
            Self::Unwrap { period } => write!(f, ":period={}", number(period)),
        }
    }
}

/// As text.
impl Serialize for TransformSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TransformSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
