//! What a topic should look like, and what of it starts or stops a recording.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::units::{UnitError, parse_duration};
use crate::name::{NameError, TopicName};

/// A band of rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// No less than this.
    pub min_hz: Option<f64>,
    /// No more than this.
    pub max_hz: Option<f64>,
}

impl Band {
    /// True when the rate is in the band.
    #[must_use]
    pub fn holds(&self, rate_hz: f64) -> bool {
        self.min_hz.is_none_or(|min| rate_hz >= min) && self.max_hz.is_none_or(|max| rate_hz <= max)
    }
}

impl FromStr for Band {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wrong = || UnitError::Band(text.to_owned());
        let end = |part: &str| match part.trim() {
            "" => Ok(None),
            number => match number.parse::<f64>() {
                Ok(rate) if rate >= 0.0 && rate.is_finite() => Ok(Some(rate)),
                _ => Err(wrong()),
            },
        };
        let (min, max) = text.split_once("..").ok_or_else(wrong)?;
        let band = Self {
            min_hz: end(min)?,
            max_hz: end(max)?,
        };
        match (band.min_hz, band.max_hz) {
            (None, None) => Err(wrong()),
            (Some(min), Some(max)) if min > max => Err(wrong()),
            _ => Ok(band),
        }
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min_hz, self.max_hz) {
            (Some(min), Some(max)) => write!(f, "{min} to {max} Hz"),
            (Some(min), None) => write!(f, "at least {min} Hz"),
            (None, Some(max)) => write!(f, "at most {max} Hz"),
            (None, None) => f.write_str("any rate"),
        }
    }
}

/// The rate that a topic should have. While it has another, that is reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The topic.
    pub topic: TopicName,
    /// Its rate.
    pub band: Band,
}

/// Something that may happen to a topic.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Its first message comes.
    Appears(TopicName),
    /// It had messages, and had none for so long.
    Silent(TopicName, Duration),
    /// Its rate over the last two seconds leaves the band.
    Outside(TopicName, Band),
}

impl Condition {
    /// The topic that it looks at.
    #[must_use]
    pub fn topic(&self) -> &TopicName {
        match self {
            Self::Appears(topic) | Self::Silent(topic, _) | Self::Outside(topic, _) => topic,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appears(topic) => write!(f, "{topic} appeared"),
            Self::Silent(topic, time) => write!(f, "{topic} was silent for {} s", time.as_secs_f64()),
            Self::Outside(topic, band) => write!(f, "the rate of {topic} was not {band}"),
        }
    }
}

/// Why a text is no condition or expectation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// Not of a known form.
    #[error(
        "`{0}` is not a condition: write `appears:/TOPIC`, `silent:/TOPIC:2s` or `rate:/TOPIC:MIN..MAX` with rates in Hz"
    )]
    Form(String),
    /// Not an expectation.
    #[error("`{0}` is not an expectation: write /TOPIC=MIN..MAX with rates in Hz, such as /imu=900..1100")]
    Expectation(String),
    /// The topic has no name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A part is no duration or band.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let wrong = || ConditionError::Form(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        if kind == "appears" {
            return Ok(Self::Appears(TopicName::new(rest)?));
        }
        let (topic, value) = rest.rsplit_once(':').ok_or_else(wrong)?;
        let topic = TopicName::new(topic)?;
        match kind {
            "silent" => Ok(Self::Silent(topic, parse_duration(value)?)),
            "rate" => Ok(Self::Outside(topic, value.parse()?)),
            _ => Err(wrong()),
        }
    }
}

impl FromStr for Expectation {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let (topic, band) = text
            .split_once('=')
            .ok_or_else(|| ConditionError::Expectation(text.to_owned()))?;
        Ok(Self {
            topic: TopicName::new(topic)?,
            band: band.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_and_expectations_are_read() {
        let topic = TopicName::new("/imu").expect("a name");
        assert_eq!("appears:/imu".parse(), Ok(Condition::Appears(topic.clone())));
        assert_eq!(
            "silent:/imu:500ms".parse(),
            Ok(Condition::Silent(topic.clone(), Duration::from_millis(500)))
        );
        let band = Band {
            min_hz: Some(90.0),
            max_hz: None,
        };
        assert_eq!("rate:/imu:90..".parse(), Ok(Condition::Outside(topic.clone(), band)));
        assert_eq!("/imu=90..".parse(), Ok(Expectation { topic, band }));
        assert!(band.holds(90.0) && !band.holds(89.9));
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "",
            "appears",
            "falls:/imu:1",
            "silent:/imu",
            "silent:/imu:x",
            "rate:/imu:..",
            "rate:/imu:9..1",
            "appears:a b",
        ] {
            assert!(bad.parse::<Condition>().is_err(), "{bad}");
        }
        for bad in ["/imu", "/imu=", "/imu=1", "=1..2", "/imu=nan..2"] {
            assert!(bad.parse::<Expectation>().is_err(), "{bad}");
        }
    }
}
