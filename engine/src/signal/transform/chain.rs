//! Transforms in a row, as a board file keeps them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Transform;
use super::error::TransformError;
use super::spec::{MAX_STAGES, TransformSpec};

/// Bytes that the text of a chain may have.
const MAX_LENGTH: usize = 4096;

/// One to [`MAX_STAGES`] sound transforms in a row, first to last. Text: `detrend:window_s=1|lowpass:corner_hz=10`.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    specs: Vec<TransformSpec>,
}

impl Chain {
    /// Checks transforms and puts them in a row.
    ///
    /// # Errors
    /// When there is none, there are too many, or one has a parameter out of its range.
    pub fn new(specs: Vec<TransformSpec>) -> Result<Self, TransformError> {
        if specs.is_empty() {
            return Err(TransformError::Empty);
        }
        if specs.len() > MAX_STAGES {
            return Err(TransformError::TooMany { count: specs.len() });
        }
        specs.iter().try_for_each(TransformSpec::check)?;
        Ok(Self { specs })
    }

    /// The transforms, first to last; there is at least one.
    #[must_use]
    pub fn specs(&self) -> &[TransformSpec] {
        &self.specs
    }

    /// A short text for a legend: `detrend 1 s | low-pass 10 Hz, order 2`.
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.specs)
    }

    /// Makes the buffers, so that it can run.
    ///
    /// # Errors
    /// As for [`Transform::new`]; a chain that could be made has none.
    pub fn compile(&self) -> Result<Transform, TransformError> {
        Transform::new(&self.specs)
    }
}

pub(super) fn label(specs: &[TransformSpec]) -> String {
    let labels: Vec<_> = specs.iter().map(TransformSpec::label).collect();
    labels.join(" | ")
}

impl FromStr for Chain {
    type Err = TransformError;

    fn from_str(text: &str) -> Result<Self, TransformError> {
        if text.len() > MAX_LENGTH {
            return Err(TransformError::TooLong {
                length: text.len(),
                most: MAX_LENGTH,
            });
        }
        let count = text.split('|').count();
        if count > MAX_STAGES {
            return Err(TransformError::TooMany { count });
        }
        let specs = text.split('|').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { specs })
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, spec) in self.specs.iter().enumerate() {
            if i > 0 {
                f.write_str("|")?;
            }
            write!(f, "{spec}")?;
        }
        Ok(())
    }
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
