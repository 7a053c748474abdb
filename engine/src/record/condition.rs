//! What a topic should look like, and what of it starts or stops a recording.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::units::{UnitError, parse_duration};
use crate::cdr::{FieldPath, PathError};
use crate::name::{NameError, TopicName};
use crate::signal::expression::{Expression, ExpressionError, Input, Names};

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
    /// An expression over fields is true.
    Holds(Box<Formula>),
}

/// An expression over fields of topics: true when it is neither zero nor NaN. Each message of one of its topics evaluates
/// it, with the latest values of the others; fields that have no value yet are NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    text: String,
    expression: Expression,
    /// Topic and field of each input.
    inputs: Vec<(TopicName, FieldPath)>,
}

impl Formula {
    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn expression(&self) -> &Expression {
        &self.expression
    }

    pub(super) fn inputs(&self) -> &[(TopicName, FieldPath)] {
        &self.inputs
    }
}

impl FromStr for Formula {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let text = text.trim();
        let expression = Expression::parse(text, &Names::new()).map_err(|error| ConditionError::Expression {
            text: text.to_owned(),
            error,
        })?;
        let mut inputs = Vec::with_capacity(expression.inputs().len());
        for input in expression.inputs() {
            let Input::Field { topic, field } = input else {
                return Err(ConditionError::NoField(text.to_owned()));
            };
            inputs.push((TopicName::new(topic)?, FieldPath::parse(field)?));
        }
        if inputs.is_empty() {
            return Err(ConditionError::NoField(text.to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            expression,
            inputs,
        })
    }
}

impl Condition {
    /// True when it looks at this topic.
    #[must_use]
    pub fn looks_at(&self, topic: &TopicName) -> bool {
        match self {
            Self::Appears(name) | Self::Silent(name, _) | Self::Outside(name, _) => name == topic,
            Self::Holds(formula) => formula.inputs.iter().any(|(name, _)| name == topic),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appears(topic) => write!(f, "{topic} appeared"),
            Self::Silent(topic, time) => write!(f, "{topic} was silent for {} s", time.as_secs_f64()),
            Self::Outside(topic, band) => write!(f, "the rate of {topic} was not {band}"),
            Self::Holds(formula) => write!(f, "{} came true", formula.text),
        }
    }
}

/// Why a text is no condition or expectation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// Not of a known form.
    #[error(
        "`{0}` is not a condition: write `appears:/TOPIC`, `silent:/TOPIC:2s`, `rate:/TOPIC:MIN..MAX` with rates in Hz, or \
         `expression:/TOPIC:FIELD > 1`"
    )]
    Form(String),
    /// Not an expression.
    #[error("`{text}` is not an expression: {error}")]
    Expression {
        /// What was written.
        text: String,
        /// Where it is wrong, and why.
        error: ExpressionError,
    },
    /// A field that makes no sense.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The expression looks at nothing.
    #[error("`{0}` looks at no topic: mention a field of one, such as `/imu/data:linear_acceleration.z > 20`")]
    NoField(String),
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
        if kind == "expression" {
            return Ok(Self::Holds(Box::new(rest.parse()?)));
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
    fn expressions_name_their_topics_and_their_mistakes() {
        let condition: Condition = "expression: /imu:a.x > 9 && /odom:v[2] < 0"
            .parse()
            .expect("a condition");
        let name = |text| TopicName::new(text).expect("a name");
        assert!(condition.looks_at(&name("/imu")) && condition.looks_at(&name("/odom")));
        assert!(!condition.looks_at(&name("/joints")));
        assert_eq!(condition.to_string(), "/imu:a.x > 9 && /odom:v[2] < 0 came true");
        let error = "expression:/imu:x > max(".parse::<Condition>().expect_err("a mistake");
        assert!(error.to_string().contains("at byte"), "{error}");
        let error = "expression:pi > 3"
            .parse::<Condition>()
            .expect_err("nothing to look at");
        assert!(error.to_string().contains("looks at no topic"), "{error}");
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
            "expression:",
            "expression:1 < 2",
            "expression:x > 1",
            "expression:/imu:x >",
            "expression:/imu > 3",
        ] {
            assert!(bad.parse::<Condition>().is_err(), "{bad}");
        }
        for bad in ["/imu", "/imu=", "/imu=1", "=1..2", "/imu=nan..2"] {
            assert!(bad.parse::<Expectation>().is_err(), "{bad}");
        }
    }
}
