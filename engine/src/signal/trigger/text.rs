//! The specification of a trigger as text, both ways.

use std::fmt;
use std::str::FromStr;

use super::spec::{Condition, Match, Mode, Polarity, Sense, Slope, SpecError, TriggerSpec, Width};

/// Bytes that a text may have.
const MAX_BYTES: usize = 512;
/// Characters of a wrong word that its error repeats.
const SHOWN: usize = 40;
/// Settings that a text may have; more cannot be without one standing twice.
const MAX_SETTINGS: usize = 16;

const KINDS: &str = "rising, falling, either, window, timeout, glitch, value";
/// Settings that every kind has.
const COMMON: [&str; 5] = ["mode", "holdoff_s", "pre_s", "post_s", "auto_s"];

/// The kinds of trigger and the settings that only they have.
fn own_settings(kind: &str) -> Option<(&'static str, &'static [&'static str])> {
    Some(match kind {
        "rising" => ("rising", &["level", "hysteresis"]),
        "falling" => ("falling", &["level", "hysteresis"]),
        "either" => ("either", &["level", "hysteresis"]),
        "window" => ("window", &["low", "high", "sense", "hysteresis"]),
        "timeout" => ("timeout", &["after_s"]),
        "glitch" => ("glitch", &["level", "hysteresis", "polarity", "shorter_s", "longer_s"]),
        "value" => ("value", &["equals", "to"]),
        _ => return None,
    })
}

fn shown(word: &str) -> String {
    if word.chars().count() > SHOWN {
        return word.chars().take(SHOWN).chain("...".chars()).collect();
    }
    word.to_owned()
}

/// The settings of one text.
struct Settings<'a> {
    kind: &'static str,
    found: [Option<(&'static str, &'a str)>; MAX_SETTINGS],
}

impl<'a> Settings<'a> {
    fn parse(text: &'a str) -> Result<Self, SpecError> {
        if text.len() > MAX_BYTES {
            return Err(SpecError::TooLong {
                bytes: text.len(),
                most: MAX_BYTES,
            });
        }
        let (word, rest) = match text.split_once(':') {
            Some((word, rest)) => (word.trim(), Some(rest)),
            None => (text.trim(), None),
        };
        let (kind, own) = own_settings(word).ok_or_else(|| SpecError::Kind {
            word: shown(word),
            allowed: KINDS,
        })?;
        let mut settings = Self {
            kind,
            found: [None; MAX_SETTINGS],
        };
        for (at, part) in rest.into_iter().flat_map(|rest| rest.split(',')).enumerate() {
            let part = part.trim();
            let (name, value) = part
                .split_once('=')
                .map(|(name, value)| (name.trim(), value.trim()))
                .filter(|(name, _)| !name.is_empty())
                .ok_or_else(|| SpecError::NoSetting { word: shown(part) })?;
            let known = own.iter().chain(&COMMON).find(|known| **known == name);
            let known = *known.ok_or_else(|| SpecError::Setting {
                kind,
                word: shown(name),
                allowed: [own, &COMMON].concat().join(", "),
            })?;
            let twice = settings.text(known).is_some();
            match settings.found.get_mut(at) {
                Some(place) if !twice => *place = Some((known, value)),
                // There are more places than names, so a text with more parts has one name twice.
                _ => return Err(SpecError::Twice { word: known }),
            }
        }
        Ok(settings)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.found.iter().flatten().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    fn number(&self, name: &'static str) -> Result<Option<f64>, SpecError> {
        self.text(name).map(|word| number(name, word, "")).transpose()
    }

    fn needed(&self, name: &'static str) -> Result<f64, SpecError> {
        self.number(name)?.ok_or(SpecError::Missing {
            kind: self.kind,
            needed: name,
        })
    }

    fn nanoseconds(&self, name: &'static str) -> Result<Option<i64>, SpecError> {
        // What is too large for the number ends at its limit, and the check of the range tells the user.
        Ok(self.number(name)?.map(|seconds| (seconds * 1e9).round() as i64))
    }

    fn word<T: Copy>(
        &self,
        name: &'static str,
        words: &[(&str, T)],
        allowed: &'static str,
    ) -> Result<Option<T>, SpecError> {
        let Some(word) = self.text(name) else {
            return Ok(None);
        };
        let found = words.iter().find(|(known, _)| *known == word);
        match found {
            Some((_, value)) => Ok(Some(*value)),
            None => Err(SpecError::Word {
                setting: name,
                word: shown(word),
                allowed,
            }),
        }
    }

    fn edge(&self, slope: Slope) -> Result<Condition, SpecError> {
        Ok(Condition::Edge {
            slope,
            level: self.number("level")?.unwrap_or(0.0),
            hysteresis: self.number("hysteresis")?.unwrap_or(0.0),
        })
    }

    fn glitch(&self) -> Result<Condition, SpecError> {
        let width = match (self.nanoseconds("shorter_s")?, self.nanoseconds("longer_s")?) {
            (Some(ns), None) => Width::ShorterNs(ns),
            (None, Some(ns)) => Width::LongerNs(ns),
            (Some(_), Some(_)) => {
                return Err(SpecError::Both {
                    one: "shorter_s",
                    other: "longer_s",
                });
            }
            (None, None) => {
                return Err(SpecError::Missing {
                    kind: self.kind,
                    needed: "shorter_s or longer_s",
                });
            }
        };
        let polarities = [("positive", Polarity::Positive), ("negative", Polarity::Negative)];
        Ok(Condition::Glitch {
            level: self.number("level")?.unwrap_or(0.0),
            hysteresis: self.number("hysteresis")?.unwrap_or(0.0),
            polarity: self
                .word("polarity", &polarities, "positive, negative")?
                .unwrap_or_default(),
            width,
        })
    }

    fn value(&self) -> Result<Condition, SpecError> {
        Ok(Condition::Value(match (self.text("equals"), self.text("to")) {
            (Some(word), None) => Match::Equals(state("equals", word, ", or as true or false")?),
            (None, Some("any")) => Match::Change,
            (None, Some(word)) => Match::To(state("to", word, ", or as true, false or any")?),
            (Some(_), Some(_)) => {
                return Err(SpecError::Both {
                    one: "equals",
                    other: "to",
                });
            }
            (None, None) => {
                return Err(SpecError::Missing {
                    kind: self.kind,
                    needed: "equals or to",
                });
            }
        }))
    }

    fn condition(&self) -> Result<Condition, SpecError> {
        match self.kind {
            "rising" => self.edge(Slope::Rising),
            "falling" => self.edge(Slope::Falling),
            "either" => self.edge(Slope::Either),
            "window" => Ok(Condition::Window {
                low: self.needed("low")?,
                high: self.needed("high")?,
                sense: self
                    .word(
                        "sense",
                        &[("enter", Sense::Enter), ("leave", Sense::Leave)],
                        "enter, leave",
                    )?
                    .unwrap_or_default(),
                hysteresis: self.number("hysteresis")?.unwrap_or(0.0),
            }),
            "timeout" => Ok(Condition::Timeout {
                after_ns: self.nanoseconds("after_s")?.ok_or(SpecError::Missing {
                    kind: self.kind,
                    needed: "after_s",
                })?,
            }),
            "glitch" => self.glitch(),
            _ => self.value(),
        }
    }
}

fn number(setting: &'static str, word: &str, also: &'static str) -> Result<f64, SpecError> {
    // Rust also reads `nan`, `inf` and `infinity`; no setting can be that.
    word.parse()
        .ok()
        .filter(|n: &f64| n.is_finite())
        .ok_or_else(|| SpecError::Number {
            setting,
            word: shown(word),
            also,
        })
}

fn state(setting: &'static str, word: &str, also: &'static str) -> Result<f64, SpecError> {
    match word {
        "true" => Ok(1.0),
        "false" => Ok(0.0),
        _ => number(setting, word, also),
    }
}

impl FromStr for TriggerSpec {
    type Err = SpecError;

    /// Reads the text form. White space around words is dropped.
    ///
    /// # Errors
    /// When a word is unknown, a setting is missing or stands twice, or a number is out of its range.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        let settings = Settings::parse(text)?;
        let mut spec = Self::new(settings.condition()?);
        let modes = [("auto", Mode::Auto), ("normal", Mode::Normal), ("single", Mode::Single)];
        spec.mode = settings
            .word("mode", &modes, "auto, normal, single")?
            .unwrap_or_default();
        for (name, place) in [
            ("holdoff_s", &mut spec.hold_off_ns),
            ("pre_s", &mut spec.pre_ns),
            ("post_s", &mut spec.post_ns),
            ("auto_s", &mut spec.auto_ns),
        ] {
            *place = settings.nanoseconds(name)?.unwrap_or(*place);
        }
        spec.check()?;
        Ok(spec)
    }
}

/// A number in the shortest form that is read as the same number.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-5..1e15).contains(&size) {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:e}", self.0)
        }
    }
}

/// Nanoseconds as seconds, exact and without idle zeros.
struct Seconds(i64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (size / 1_000_000_000, size % 1_000_000_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let rest = format!("{rest:09}");
        write!(f, "{sign}{whole}.{}", rest.trim_end_matches('0'))
    }
}

impl fmt::Display for TriggerSpec {
    /// The text form: the settings of the kind, and of the others those that are not the usual ones.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.condition {
            Condition::Edge {
                slope,
                level,
                hysteresis,
            } => {
                let kind = match slope {
                    Slope::Rising => "rising",
                    Slope::Falling => "falling",
                    Slope::Either => "either",
                };
                write!(f, "{kind}:level={},hysteresis={}", Short(level), Short(hysteresis))?;
            }
            Condition::Window {
                low,
                high,
                sense,
                hysteresis,
            } => {
                let sense = match sense {
                    Sense::Enter => "enter",
                    Sense::Leave => "leave",
                };
                write!(f, "window:low={},high={},sense={sense}", Short(low), Short(high))?;
                write!(f, ",hysteresis={}", Short(hysteresis))?;
            }
            Condition::Timeout { after_ns } => write!(f, "timeout:after_s={}", Seconds(after_ns))?,
            Condition::Glitch {
                level,
                hysteresis,
                polarity,
                width,
            } => {
                let polarity = match polarity {
                    Polarity::Positive => "positive",
                    Polarity::Negative => "negative",
                };
                write!(f, "glitch:level={},hysteresis={}", Short(level), Short(hysteresis))?;
                write!(f, ",polarity={polarity}")?;
                match width {
                    Width::ShorterNs(ns) => write!(f, ",shorter_s={}", Seconds(ns))?,
                    Width::LongerNs(ns) => write!(f, ",longer_s={}", Seconds(ns))?,
                }
            }
            Condition::Value(Match::Equals(value)) => write!(f, "value:equals={}", Short(value))?,
            Condition::Value(Match::To(value)) => write!(f, "value:to={}", Short(value))?,
            Condition::Value(Match::Change) => f.write_str("value:to=any")?,
        }
        match self.mode {
            Mode::Auto => (),
            Mode::Normal => f.write_str(",mode=normal")?,
            Mode::Single => f.write_str(",mode=single")?,
        }
        let usual = Self::new(self.condition);
        for (name, value, usual) in [
            ("holdoff_s", self.hold_off_ns, usual.hold_off_ns),
            ("pre_s", self.pre_ns, usual.pre_ns),
            ("post_s", self.post_ns, usual.post_ns),
            ("auto_s", self.auto_ns, usual.auto_ns),
        ] {
            if value != usual {
                write!(f, ",{name}={}", Seconds(value))?;
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for TriggerSpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

impl From<TriggerSpec> for String {
    fn from(spec: TriggerSpec) -> Self {
        spec.to_string()
    }
}
