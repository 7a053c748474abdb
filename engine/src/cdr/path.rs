//! Paths to values within a message.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::ingest::Timing;

/// Bytes that a path may have.
const MAX_LENGTH: usize = 1024;
/// Names that a path may have; messages nest no deeper.
const MAX_SEGMENTS: usize = crate::schema::MAX_DEPTH;

/// A path to a value within a message: `angular_velocity.x`, `position[3]`, `poses[0].position.z`; or one of the
/// [differences of times](Timing) that every topic has, such as `@latency`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    text: Arc<str>,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Name of the field.
    pub name: &'a str,
    /// Which element of it.
    pub index: Option<u32>,
}

/// Why a text is not a path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{path}` is not a field path: {reason}; write it as `angular_velocity.x` or `position[3]`")]
pub struct PathError {
    /// The text, shortened if it is long.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FieldPath {
    /// Reads a path. White space around it is dropped and indexes are written without leading zeros.
    ///
    /// # Errors
    /// When it is empty, too long, or a part is not `name` or `name[index]`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let text = text.trim();
        let wrong = |reason: &str| PathError {
            path: text.chars().take(80).collect(),
            reason: reason.to_owned(),
        };
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if text.len() > MAX_LENGTH {
            return Err(wrong("it is too long"));
        }
        if Timing::ALL.iter().any(|timing| timing.path() == text) {
            return Ok(Self { text: text.into() });
        }
        let mut canonical = String::with_capacity(text.len());
        for (i, part) in text.split('.').enumerate() {
            if i == MAX_SEGMENTS {
                return Err(wrong("it has too many parts"));
            }
            if i > 0 {
                canonical.push('.');
            }
            let (name, index) = match part.split_once('[') {
                None => (part, None),
                Some((name, rest)) => {
                    let digits = rest
                        .strip_suffix(']')
                        .ok_or_else(|| wrong("an index ends with `]` and nothing but `.` may follow"))?;
                    let index = Some(digits)
                        .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
                        .and_then(|d| d.parse::<u32>().ok())
                        .ok_or_else(|| wrong("an index is a whole number from 0 on"))?;
                    (name, Some(index))
                }
            };
            let sound = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !sound {
                return Err(wrong(
                    "names are letters, digits and underscores, parted by single dots",
                ));
            }
            canonical.push_str(name);
            if let Some(index) = index {
                canonical.push_str(&format!("[{index}]"));
            }
        }
        Ok(Self { text: canonical.into() })
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its steps, outermost first; there is at least one.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.text.split('.').map(|part| match part.split_once('[') {
            None => Segment {
                name: part,
                index: None,
            },
            Some((name, rest)) => Segment {
                name,
                index: rest.trim_end_matches(']').parse().ok(),
            },
        })
    }

    /// The path of the field `name` of a definition, within the value at `parent` or at the top.
    #[must_use]
    pub fn child(parent: Option<&Self>, name: &str) -> Self {
        let text = match parent {
            Some(parent) => format!("{parent}.{name}").into(),
            None => name.into(),
        };
        Self { text }
    }

    /// The path of an element of the array or sequence at this path.
    #[must_use]
    pub fn element(&self, index: u32) -> Self {
        Self {
            text: format!("{self}[{index}]").into(),
        }
    }
}

impl FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}
