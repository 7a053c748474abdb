//! Choosing topics by regular expressions.

use regex::{Regex, RegexBuilder};
use thiserror::Error;

use crate::name::TopicName;

/// Memory that one compiled expression may take: expressions come from users and files.
const SIZE_BYTES: usize = 1 << 20;

/// Takes the topics that `include` finds (all when there is none) and `exclude` does not. Hidden topics must be named by `include`.
#[derive(Clone, Debug)]
pub struct Pattern {
    include: Option<Regex>,
    exclude: Option<Regex>,
}

/// Why a text is not a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a regular expression: {reason}")]
pub struct PatternError {
    text: String,
    reason: String,
}

impl Pattern {
    /// Compiles both.
    ///
    /// # Errors
    /// When one is not a regular expression, or too large.
    pub fn new(include: Option<&str>, exclude: Option<&str>) -> Result<Self, PatternError> {
        let compile = |text: &str| {
            RegexBuilder::new(text).size_limit(SIZE_BYTES).build().map_err(|error| {
                let reason = error.to_string();
                let last = reason.lines().last().unwrap_or_default();
                PatternError {
                    text: text.to_owned(),
                    reason: last.trim_start_matches("error: ").to_owned(),
                }
            })
        };
        Ok(Self {
            include: include.map(compile).transpose()?,
            exclude: exclude.map(compile).transpose()?,
        })
    }

    /// True when `topic` is to be recorded.
    #[must_use]
    pub fn wants(&self, topic: &TopicName) -> bool {
        let finds = |regex: &Regex| regex.is_match(topic.as_str());
        self.include.as_ref().map_or(!topic.is_hidden(), finds) && !self.exclude.as_ref().is_some_and(finds)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        let text = |regex: &Option<Regex>| regex.as_ref().map(|r| r.as_str().to_owned());
        text(&self.include) == text(&other.include) && text(&self.exclude) == text(&other.exclude)
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(pattern: &Pattern, topic: &str) -> bool {
        pattern.wants(&TopicName::new(topic).expect("a name"))
    }

    #[test]
    fn included_and_not_excluded() {
        let pattern = Pattern::new(Some("^/arm/"), Some("raw$")).expect("sound");
        assert!(wants(&pattern, "/arm/joints"));
        assert!(!wants(&pattern, "/arm/joints_raw"));
        assert!(!wants(&pattern, "/leg/joints"));
        let all_but = Pattern::new(None, Some("image")).expect("sound");
        assert!(wants(&all_but, "/imu") && !wants(&all_but, "/camera/image") && !wants(&all_but, "/rosout"));
        assert!(wants(&Pattern::new(Some("rosout"), None).expect("sound"), "/rosout"));
    }

    #[test]
    fn wrong_and_huge_expressions_are_refused() {
        assert!(Pattern::new(Some("("), None).is_err());
        assert!(Pattern::new(Some("(a{1000}){1000}"), None).is_err());
    }
}
