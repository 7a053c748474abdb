//! What a trigger waits for, and the bounds that its numbers keep.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest time that a specification may name: one day.
pub const MAX_SPAN_NS: i64 = 86_400_000_000_000;

/// What happens after an event, and without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Triggers by itself when the condition was not met for a while.
    #[default]
    Auto,
    /// Waits for the condition, again and again.
    Normal,
    /// Waits for the condition once and stops after that capture.
    Single,
}

/// The direction of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slope {
    /// From below the level to it or above.
    Rising,
    /// From above the level to it or below.
    Falling,
    /// Both.
    Either,
}

/// The direction through the limits of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sense {
    /// From outside to inside.
    Enter,
    /// From inside to outside.
    #[default]
    Leave,
}

/// Which side of the level is the pulse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// Above the level.
    #[default]
    Positive,
    /// Below the level.
    Negative,
}

/// Which widths of a pulse count. A pulse of exactly this width is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// Less than this many nanoseconds.
    ShorterNs(i64),
    /// More than this many nanoseconds.
    LongerNs(i64),
}

/// Which values count, compared exactly. Booleans are 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Match {
    /// Every sample with this value.
    Equals(f64),
    /// A sample with this value after one with another.
    To(f64),
    /// A sample with another value than the one before.
    Change,
}

/// What a trigger waits for. The exact rules stand in the documentation of [the module](super).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// An edge through a level.
    Edge {
        /// Its direction.
        slope: Slope,
        /// In the unit of the signal.
        level: f64,
        /// How far on the other side of the level the signal must have been; 0 or more, in the unit of the signal.
        hysteresis: f64,
    },
    /// A way into or out of `[low, high]`, both limits being inside.
    Window {
        /// The lower limit, in the unit of the signal.
        low: f64,
        /// The upper limit, greater than the lower.
        high: f64,
        /// The direction.
        sense: Sense,
        /// How far on the other side of the limits the signal must have been; 0 or more.
        hysteresis: f64,
    },
    /// Silence: no sample for longer than this.
    Timeout {
        /// Nanoseconds from the last sample.
        after_ns: i64,
    },
    /// A pulse of some width.
    Glitch {
        /// In the unit of the signal.
        level: f64,
        /// How far back through the level the signal must go for the pulse to end; 0 or more.
        hysteresis: f64,
        /// Which side of the level is the pulse.
        polarity: Polarity,
        /// Which widths count.
        width: Width,
    },
    /// A value of an enumeration or a boolean.
    Value(Match),
}

/// A trigger as it is written down: what it waits for and what it captures.
///
/// As text, and so in files, it is a kind with its settings: `rising:level=0.5,hysteresis=0.1,holdoff_s=0.01,mode=normal`.
///
/// | kind | its own settings |
/// |---|---|
/// | `rising` `falling` `either` | `level` (0), `hysteresis` (0) |
/// | `window` | `low`, `high`, `sense=enter\|leave` (leave), `hysteresis` (0) |
/// | `timeout` | `after_s` |
/// | `glitch` | `level` (0), `hysteresis` (0), `polarity=positive\|negative` (positive), one of `shorter_s` and `longer_s` |
/// | `value` | one of `equals=X`, `to=X` and `to=any`; `true` and `false` are numbers too |
///
/// Every kind has `mode=auto|normal|single` (auto), `holdoff_s` (0), `pre_s` (0.1), `post_s` (0.1) and `auto_s` (0.5).
/// Seconds are kept to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TriggerSpec {
    /// What it waits for.
    pub condition: Condition,
    /// What happens after an event, and without one.
    pub mode: Mode,
    /// From the time of an event, nanoseconds in which no other is taken.
    pub hold_off_ns: i64,
    /// Nanoseconds before the event that belong to the capture.
    pub pre_ns: i64,
    /// Nanoseconds after the event that belong to the capture.
    pub post_ns: i64,
    /// Nanoseconds without an event until [`Mode::Auto`] triggers by itself.
    pub auto_ns: i64,
}

/// Why a trigger cannot be what was asked for.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SpecError {
    /// The text is longer than any specification.
    #[error("the trigger is {bytes} bytes long; write at most {most}, as `rising:level=0.5,mode=normal`")]
    TooLong {
        /// Bytes of the text.
        bytes: usize,
        /// Bytes that it may have.
        most: usize,
    },
    /// The first word is no kind of trigger.
    #[error("`{word}` is not a kind of trigger; write one of {allowed}")]
    Kind {
        /// The word, shortened if it is long.
        word: String,
        /// The kinds that there are.
        allowed: &'static str,
    },
    /// A part is not `name=value`.
    #[error("`{word}` is not a setting; write it as `name=value`, and settings parted by commas")]
    NoSetting {
        /// The part, shortened if it is long.
        word: String,
    },
    /// The kind has no such setting.
    #[error("a `{kind}` trigger has no setting `{word}`; it has {allowed}")]
    Setting {
        /// The kind of trigger.
        kind: &'static str,
        /// The name, shortened if it is long.
        word: String,
        /// The settings that there are.
        allowed: String,
    },
    /// A setting stands twice.
    #[error("the setting `{word}` stands twice; write it once")]
    Twice {
        /// The name.
        word: &'static str,
    },
    /// A setting that the kind needs is not there.
    #[error("a `{kind}` trigger needs {needed}")]
    Missing {
        /// The kind of trigger.
        kind: &'static str,
        /// The setting.
        needed: &'static str,
    },
    /// Two settings say different things.
    #[error("`{one}` and `{other}` exclude each other; write one of them")]
    Both {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A value is not a number.
    #[error("`{word}` is not a number for `{setting}`; write it as 0.5 or -1e-3{also}")]
    Number {
        /// The setting.
        setting: &'static str,
        /// The value, shortened if it is long.
        word: String,
        /// What else may stand there.
        also: &'static str,
    },
    /// A value is none of the words that there are.
    #[error("`{word}` is not a value of `{setting}`; write one of {allowed}")]
    Word {
        /// The setting.
        setting: &'static str,
        /// The value, shortened if it is long.
        word: String,
        /// The words that there are.
        allowed: &'static str,
    },
    /// A number is not finite, or so large that a sum with the hysteresis is not.
    #[error("`{setting}` is {value}; it must be a finite number, also with the hysteresis added or taken off")]
    NotFinite {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: f64,
    },
    /// The hysteresis is below zero.
    #[error("`hysteresis` is {value}; it must be 0 or more")]
    Hysteresis {
        /// Its value.
        value: f64,
    },
    /// The window has no inside.
    #[error("a window from {low} to {high} has no inside; `low` must be below `high`")]
    Empty {
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
    },
    /// The hysteresis leaves no inside of the window.
    #[error(
        "a hysteresis of {hysteresis} leaves no inside of a window from {low} to {high}; at most half its width can be left on each side"
    )]
    Narrow {
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
        /// The hysteresis.
        hysteresis: f64,
    },
    /// A time is out of its range.
    #[error("`{setting}` is {value_ns} ns; it must be {least_ns} ns to 86400 s")]
    Span {
        /// The setting, as it is called in text.
        setting: &'static str,
        /// Its value.
        value_ns: i64,
        /// The least value that it may have.
        least_ns: i64,
    },
}

impl TriggerSpec {
    /// Nanoseconds before an event that a capture has if nothing else is said.
    pub const PRE_NS: i64 = 100_000_000;
    /// Nanoseconds after an event that a capture has if nothing else is said.
    pub const POST_NS: i64 = 100_000_000;
    /// Nanoseconds until [`Mode::Auto`] triggers by itself if nothing else is said.
    pub const AUTO_NS: i64 = 500_000_000;

    /// A trigger in [`Mode::Auto`] with a capture of 0.1 s on either side and no hold-off.
    #[must_use]
    pub fn new(condition: Condition) -> Self {
        Self {
            condition,
            mode: Mode::Auto,
            hold_off_ns: 0,
            pre_ns: Self::PRE_NS,
            post_ns: Self::POST_NS,
            auto_ns: Self::AUTO_NS,
        }
    }

    /// Looks whether a trigger can be made of it.
    ///
    /// # Errors
    /// When a number is not finite or out of its range, or a window has no inside.
    pub fn check(&self) -> Result<(), SpecError> {
        for (setting, value_ns, least_ns) in [
            ("holdoff_s", self.hold_off_ns, 0),
            ("pre_s", self.pre_ns, 0),
            ("post_s", self.post_ns, 0),
            ("auto_s", self.auto_ns, 1),
        ] {
            check_span(setting, value_ns, least_ns)?;
        }
        match self.condition {
            Condition::Edge { level, hysteresis, .. } => check_level("level", level, hysteresis),
            Condition::Window {
                low, high, hysteresis, ..
            } => {
                check_level("low", low, hysteresis)?;
                check_level("high", high, hysteresis)?;
                if low >= high {
                    return Err(SpecError::Empty { low, high });
                }
                if low + hysteresis > high - hysteresis {
                    return Err(SpecError::Narrow { low, high, hysteresis });
                }
                Ok(())
            }
            Condition::Timeout { after_ns } => check_span("after_s", after_ns, 1),
            Condition::Glitch {
                level,
                hysteresis,
                width,
                ..
            } => {
                check_level("level", level, hysteresis)?;
                match width {
                    Width::ShorterNs(ns) => check_span("shorter_s", ns, 1),
                    Width::LongerNs(ns) => check_span("longer_s", ns, 1),
                }
            }
            Condition::Value(Match::Equals(value)) => check_level("equals", value, 0.0),
            Condition::Value(Match::To(value)) => check_level("to", value, 0.0),
            Condition::Value(Match::Change) => Ok(()),
        }
    }
}

fn check_span(setting: &'static str, value_ns: i64, least_ns: i64) -> Result<(), SpecError> {
    if (least_ns..=MAX_SPAN_NS).contains(&value_ns) {
        return Ok(());
    }
    Err(SpecError::Span {
        setting,
        value_ns,
        least_ns,
    })
}

fn check_level(setting: &'static str, value: f64, hysteresis: f64) -> Result<(), SpecError> {
    if !hysteresis.is_finite() {
        return Err(SpecError::NotFinite {
            setting: "hysteresis",
            value: hysteresis,
        });
    }
    if hysteresis < 0.0 {
        return Err(SpecError::Hysteresis { value: hysteresis });
    }
    // A threshold at infinity would never be reached, and the user would wait for ever.
    if !(value - hysteresis).is_finite() || !(value + hysteresis).is_finite() {
        return Err(SpecError::NotFinite { setting, value });
    }
    Ok(())
}
