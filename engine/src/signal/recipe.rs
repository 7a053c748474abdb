//! What a curve shows, as text: a field or an expression, and what is done with it.
//!
//! ```text
//! /imu/data:angular_velocity.x
//! /imu/data:angular_velocity.x | lowpass:order=4,corner_hz=50 | derivative
//! = hypot(/odom:twist.twist.linear.x, /odom:twist.twist.linear.y) | average:window_s=1
//! ```
//!
//! Boards keep curves this way, and the shell takes them this way.

mod computation;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use super::expression::{Expression, ExpressionError, Input, Names};
use super::transform::{Chain, TransformError};
use crate::cdr::FieldPath;
use crate::name::TopicName;

pub use computation::{Computation, Output};

/// Begins an expression.
const EXPRESSION: char = '=';
/// Parts the source from what is done with it, and that from what is done then. Two of them are the `or` of expressions.
const THEN: char = '|';

/// A field of a topic: `/imu/data:angular_velocity.x`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldRef {
    /// The topic.
    pub topic: TopicName,
    /// The field.
    pub field: FieldPath,
}

/// Where the samples come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A field, as it is.
    Field(FieldRef),
    /// Worked out of one or more fields.
    Expression(Expression),
}

/// A source, and the transforms that follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    source: Source,
    chain: Option<Chain>,
    inputs: Vec<FieldRef>,
}

/// Why a text is no recipe.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RecipeError {
    /// The field is wrong.
    #[error("{0}")]
    Field(String),
    /// The expression is wrong.
    #[error("in `{text}`: {error}")]
    Expression {
        /// The expression.
        text: String,
        /// Where and why.
        error: ExpressionError,
    },
    /// The expression takes nothing in.
    #[error("`{0}` mentions no field, so that it has no samples; write one as `/imu/data:angular_velocity.x`")]
    NoInput(String),
    /// A transform is wrong.
    #[error("{0}")]
    Transform(#[from] TransformError),
}

impl Recipe {
    /// A field and nothing done with it.
    #[must_use]
    pub fn field(at: FieldRef) -> Self {
        Self {
            inputs: vec![at.clone()],
            source: Source::Field(at),
            chain: None,
        }
    }

    /// A source with what is done to it.
    ///
    /// # Errors
    /// When the expression mentions something that is no field of a topic, or none at all.
    pub fn new(source: Source, chain: Option<Chain>) -> Result<Self, RecipeError> {
        let inputs = match &source {
            Source::Field(at) => vec![at.clone()],
            Source::Expression(expression) => {
                let inputs: Vec<_> = expression.inputs().iter().map(input).collect::<Result<_, _>>()?;
                if inputs.is_empty() {
                    return Err(RecipeError::NoInput(expression.to_string()));
                }
                inputs
            }
        };
        Ok(Self { source, chain, inputs })
    }

    /// The source.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The transforms; `None` when there are none.
    #[must_use]
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// The same source with other transforms.
    #[must_use]
    pub fn with_chain(&self, chain: Option<Chain>) -> Self {
        Self { chain, ..self.clone() }
    }

    /// The fields that it takes in; at least one.
    #[must_use]
    pub fn inputs(&self) -> &[FieldRef] {
        &self.inputs
    }

    /// A short text for a legend: the field or the expression, and what is done with it in words. Topics are left out unless
    /// `with_topics`.
    #[must_use]
    pub fn label(&self, with_topics: bool) -> String {
        let source = match &self.source {
            Source::Field(at) if with_topics => at.to_string(),
            Source::Field(at) => at.field.to_string(),
            Source::Expression(expression) => {
                let mut text = expression.to_string();
                if !with_topics && let Some(first) = self.inputs.first() {
                    text = text.replace(&format!("{}:", first.topic), "");
                }
                text
            }
        };
        match &self.chain {
            Some(chain) => format!("{source} {THEN} {}", chain.label()),
            None => source,
        }
    }

    /// The field, when it is one with nothing done to it.
    #[must_use]
    pub fn plain(&self) -> Option<&FieldRef> {
        match (&self.source, &self.chain) {
            (Source::Field(at), None) => Some(at),
            _ => None,
        }
    }
}

fn input(input: &Input) -> Result<FieldRef, RecipeError> {
    match input {
        Input::Field { topic, field } => FieldRef::new(topic, field),
        Input::Named(name) => Err(RecipeError::Field(format!(
            "`{name}` is no field; write one as `/imu/data:angular_velocity.x`"
        ))),
    }
}

impl FieldRef {
    fn new(topic: &str, field: &str) -> Result<Self, RecipeError> {
        Ok(Self {
            topic: TopicName::new(topic).map_err(|error| RecipeError::Field(error.to_string()))?,
            field: FieldPath::parse(field).map_err(|error| RecipeError::Field(error.to_string()))?,
        })
    }
}

impl fmt::Display for FieldRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.topic, self.field)
    }
}

impl FromStr for FieldRef {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let (topic, field) = text.split_once(':').ok_or_else(|| {
            RecipeError::Field(format!(
                "`{text}` names no field: write `topic:field`, such as `/imu/data:orientation.x`"
            ))
        })?;
        Self::new(topic, field)
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Field(at) => write!(f, "{at}")?,
            Source::Expression(expression) => write!(f, "{EXPRESSION} {expression}")?,
        }
        match &self.chain {
            Some(chain) => write!(f, " {THEN} {chain}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Recipe {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let (source, chain) = match first_then(text) {
            Some(at) => (&text[..at], Some(text[at + THEN.len_utf8()..].parse::<Chain>()?)),
            None => (text, None),
        };
        let source = source.trim();
        let source = match source.strip_prefix(EXPRESSION) {
            Some(expression) => {
                let text = expression.trim();
                let parsed = Expression::parse(text, &Names::new());
                Source::Expression(parsed.map_err(|error| RecipeError::Expression {
                    text: text.chars().take(200).collect(),
                    error,
                })?)
            }
            None => Source::Field(source.parse()?),
        };
        Self::new(source, chain)
    }
}

/// Where the source ends: the first single bar outside of quotes.
fn first_then(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '`') => quote = Some(character),
            // Two of them are an operator.
            (None, THEN) if characters.next_if(|(_, next)| *next == THEN).is_none() => return Some(at),
            _ => {}
        }
    }
    None
}

macro_rules! as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(de::Error::custom)
            }
        }
    };
}

as_text!(FieldRef);
as_text!(Recipe);
