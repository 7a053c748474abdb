//! Choosing topics by regular expressions.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use thiserror::Error;

use crate::name::{TopicName, TypeName};

/// Memory that one compiled expression may take: expressions come from users and files.
const SIZE_BYTES: usize = 1 << 20;

/// Takes the topics that are named, and those that `include` finds (all when there is none), whose type and namespace are
/// wanted, and that `exclude` does not find. Hidden topics must be named, found by `include`, or asked for.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    include: Option<Regex>,
    exclude: Option<Regex>,
    named: BTreeSet<TopicName>,
    named_only: bool,
    types: Vec<Regex>,
    namespaces: Vec<String>,
    hidden: bool,
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
        Ok(Self {
            include: include.map(compile).transpose()?,
            exclude: exclude.map(compile).transpose()?,
            ..Self::default()
        })
    }

    /// These topics too, whatever else is said. When nothing else is said, only these.
    #[must_use]
    pub fn with_topics(mut self, topics: impl IntoIterator<Item = TopicName>) -> Self {
        self.named.extend(topics);
        self.named_only = !self.named.is_empty() && self.is_open();
        self
    }

    /// Only topics of a type whose whole name this regular expression finds, or one of the others that were asked for.
    ///
    /// # Errors
    /// When it is not a regular expression, or too large.
    pub fn with_type(mut self, text: &str) -> Result<Self, PatternError> {
        // A name as it stands is the most common wish.
        let whole = format!("^(?:{text})$");
        let _ = compile(text)?;
        self.types.push(compile(&whole)?);
        self.named_only = false;
        Ok(self)
    }

    /// Only topics in this namespace, or in one of the others that were asked for.
    #[must_use]
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.namespaces.push(format!("/{}/", namespace.trim_matches('/')));
        self.named_only = false;
        self
    }

    /// Hidden topics too.
    #[must_use]
    pub fn with_hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self.named_only = self.named_only && !hidden;
        self
    }

    /// True when no expression, type or namespace narrows the choice.
    fn is_open(&self) -> bool {
        self.include.is_none() && self.types.is_empty() && self.namespaces.is_empty() && !self.hidden
    }

    /// The topics that were asked for by name.
    pub fn named(&self) -> impl Iterator<Item = &TopicName> {
        self.named.iter()
    }

    /// True when `topic` is to be recorded. A topic whose type is not known yet is of no type that was asked for.
    #[must_use]
    pub fn wants(&self, topic: &TopicName, type_name: Option<&TypeName>) -> bool {
        if self.named.contains(topic) {
            return true;
        }
        if self.named_only {
            return false;
        }
        let finds = |regex: &Regex| regex.is_match(topic.as_str());
        let included = self.include.as_ref().map_or(self.hidden || !topic.is_hidden(), finds);
        let typed = self.types.is_empty()
            || type_name.is_some_and(|name| self.types.iter().any(|regex| regex.is_match(name.as_str())));
        let at_home = self.namespaces.is_empty()
            || self
                .namespaces
                .iter()
                .any(|space| space == "//" || topic.as_str().starts_with(space));
        included && typed && at_home && !self.exclude.as_ref().is_some_and(finds)
    }
}

fn compile(text: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(text).size_limit(SIZE_BYTES).build().map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or_default();
        PatternError {
            text: text.to_owned(),
            reason: last.trim_start_matches("error: ").to_owned(),
        }
    })
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        let text = |regex: &Option<Regex>| regex.as_ref().map(|r| r.as_str().to_owned());
        let types = |regexes: &[Regex]| regexes.iter().map(|r| r.as_str().to_owned()).collect::<Vec<_>>();
        text(&self.include) == text(&other.include)
            && text(&self.exclude) == text(&other.exclude)
            && (&self.named, self.named_only, self.hidden) == (&other.named, other.named_only, other.hidden)
            && types(&self.types) == types(&other.types)
            && self.namespaces == other.namespaces
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(pattern: &Pattern, topic: &str) -> bool {
        pattern.wants(&TopicName::new(topic).expect("a name"), None)
    }

    #[test]
    fn types_namespaces_names_and_hidden_ones() {
        let imu = TypeName::new("sensor_msgs/msg/Imu").expect("a name");
        let topic = |name: &str| TopicName::new(name).expect("a name");
        let typed = Pattern::default().with_type("sensor_msgs/msg/Imu").expect("sound");
        assert!(typed.wants(&topic("/imu"), Some(&imu)) && !typed.wants(&topic("/imu"), None));
        let raw = TypeName::new("sensor_msgs/msg/ImuRaw").expect("a name");
        assert!(!typed.wants(&topic("/imu"), Some(&raw)), "the whole name");
        let arm = Pattern::default().in_namespace("arm").in_namespace("/leg/");
        assert!(
            wants(&arm, "/arm/joints") && wants(&arm, "/leg/foot") && !wants(&arm, "/army/x") && !wants(&arm, "/arm")
        );
        let named = Pattern::new(None, Some("b"))
            .expect("sound")
            .with_topics([topic("/b"), topic("/rosout")]);
        assert!(
            wants(&named, "/b") && wants(&named, "/rosout") && !wants(&named, "/a"),
            "only these"
        );
        let both = named.in_namespace("/arm");
        assert!(wants(&both, "/b") && wants(&both, "/arm/joints") && !wants(&both, "/arm/b") && !wants(&both, "/a"));
        let hidden = Pattern::default().with_hidden(true);
        assert!(wants(&hidden, "/rosout") && wants(&hidden, "/a/_action/status"));
        assert!(Pattern::default().with_type("(").is_err());
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
