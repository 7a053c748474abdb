//! What is typed and chosen to describe a trigger. It becomes the text form of the engine, whose sentences say what is
//! wrong with it.

use std::fmt;

use roswave_engine::signal::Recipe;
use roswave_engine::signal::trigger::{
    Condition, MAX_CAPTURES, Match, Mode, Polarity, Sense, Slope, TriggerSpec, Width,
};

use crate::board::TriggerSetup;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An edge upwards.
    Rising,
    /// An edge downwards.
    Falling,
    /// Any edge.
    Either,
    /// Out of a window.
    Leaves,
    /// Into a window.
    Enters,
    /// A pulse above the level that is shorter.
    ShortPulse,
    /// A pulse above the level that is longer.
    LongPulse,
    /// A pulse below the level that is shorter.
    ShortDip,
    /// A pulse below the level that is longer.
    LongDip,
    /// No sample.
    Silence,
    /// Every sample of a value.
    Equals,
    /// A change to a value.
    Becomes,
    /// A change to any value.
    Changes,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Rising,
        Self::Falling,
        Self::Either,
        Self::Leaves,
        Self::Enters,
        Self::ShortPulse,
        Self::LongPulse,
        Self::ShortDip,
        Self::LongDip,
        Self::Silence,
        Self::Equals,
        Self::Becomes,
        Self::Changes,
    ];

    /// The numbers that describe it.
    #[must_use]
    pub fn numbers(self) -> &'static [Number] {
        match self {
            Self::Rising | Self::Falling | Self::Either => &[Number::Level, Number::Hysteresis],
            Self::Leaves | Self::Enters => &[Number::Low, Number::High, Number::Hysteresis],
            Self::ShortPulse | Self::LongPulse | Self::ShortDip | Self::LongDip => {
                &[Number::Width, Number::Level, Number::Hysteresis]
            }
            Self::Silence => &[Number::Silence],
            Self::Equals | Self::Becomes => &[Number::Value],
            Self::Changes => &[],
        }
    }

    fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Edge { slope, .. } => match slope {
                Slope::Rising => Self::Rising,
                Slope::Falling => Self::Falling,
                Slope::Either => Self::Either,
            },
            Condition::Window { sense, .. } => match sense {
                Sense::Leave => Self::Leaves,
                Sense::Enter => Self::Enters,
            },
            Condition::Glitch { polarity, width, .. } => match (polarity, width) {
                (Polarity::Positive, Width::ShorterNs(_)) => Self::ShortPulse,
                (Polarity::Positive, Width::LongerNs(_)) => Self::LongPulse,
                (Polarity::Negative, Width::ShorterNs(_)) => Self::ShortDip,
                (Polarity::Negative, Width::LongerNs(_)) => Self::LongDip,
            },
            Condition::Timeout { .. } => Self::Silence,
            Condition::Value(Match::Equals(_)) => Self::Equals,
            Condition::Value(Match::To(_)) => Self::Becomes,
            Condition::Value(Match::Change) => Self::Changes,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rising => "Rising edge",
            Self::Falling => "Falling edge",
            Self::Either => "Either edge",
            Self::Leaves => "Leaves window",
            Self::Enters => "Enters window",
            Self::ShortPulse => "Pulse shorter than",
            Self::LongPulse => "Pulse longer than",
            Self::ShortDip => "Dip shorter than",
            Self::LongDip => "Dip longer than",
            Self::Silence => "No sample for",
            Self::Equals => "Equals",
            Self::Becomes => "Becomes",
            Self::Changes => "Changes",
        })
    }
}

/// One number of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The level of an edge or a pulse.
    Level,
    /// How far it must go back.
    Hysteresis,
    /// The lower limit of a window.
    Low,
    /// Its upper limit.
    High,
    /// The width of a pulse.
    Width,
    /// The length of a silence.
    Silence,
    /// A value.
    Value,
    /// Time before the event.
    Before,
    /// Time after it.
    After,
    /// Time without another one.
    HoldOff,
    /// Time until a trigger in auto mode runs on by itself.
    Wait,
    /// Captures that are drawn over each other.
    Keep,
}

impl Number {
    const COUNT: usize = Self::Keep as usize + 1;

    /// What stands before its box, and its unit.
    #[must_use]
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Level => ("level", ""),
            Self::Hysteresis => ("hysteresis", ""),
            Self::Low => ("from", ""),
            Self::High => ("to", ""),
            Self::Width | Self::Silence => ("", "s"),
            Self::Value => ("", ""),
            Self::Before => ("before", "s"),
            Self::After => ("after", "s"),
            Self::HoldOff => ("hold-off", "s"),
            Self::Wait => ("auto after", "s"),
            Self::Keep => ("overlay", "captures"),
        }
    }
}

/// The form.
#[derive(Clone, Debug)]
pub struct Form {
    pub(super) curve: Recipe,
    pub(super) kind: Kind,
    pub(super) mode: Mode,
    pub(super) freeze: bool,
    pub(super) bookmark: bool,
    pub(super) record: bool,
    pub(super) black_box: bool,
    numbers: [String; Number::COUNT],
}

impl Form {
    /// What describes this trigger.
    #[must_use]
    pub fn of(setup: &TriggerSetup) -> Self {
        let when = &setup.when;
        let mut form = Self {
            curve: setup.curve.clone(),
            kind: Kind::of(&when.condition),
            mode: when.mode,
            freeze: setup.freeze,
            bookmark: setup.bookmark,
            record: setup.record,
            black_box: setup.black_box,
            // What another kind needs has a number to begin with.
            numbers: std::array::from_fn(|_| "0".to_owned()),
        };
        form.set(Number::High, "1".to_owned());
        form.set(Number::Width, "0.01".to_owned());
        form.set(Number::Silence, "0.5".to_owned());
        for (number, span_ns) in [
            (Number::Before, when.pre_ns),
            (Number::After, when.post_ns),
            (Number::HoldOff, when.hold_off_ns),
            (Number::Wait, when.auto_ns),
        ] {
            form.set(number, seconds(span_ns));
        }
        form.set(Number::Keep, setup.keep.to_string());
        match when.condition {
            Condition::Edge { level, hysteresis, .. } => form.set_level(level, hysteresis),
            Condition::Window {
                low, high, hysteresis, ..
            } => {
                form.set_level(low, hysteresis);
                form.set(Number::Low, short(low));
                form.set(Number::High, short(high));
            }
            Condition::Glitch {
                level,
                hysteresis,
                width: Width::ShorterNs(ns) | Width::LongerNs(ns),
                ..
            } => {
                form.set_level(level, hysteresis);
                form.set(Number::Width, seconds(ns));
            }
            Condition::Timeout { after_ns } => form.set(Number::Silence, seconds(after_ns)),
            Condition::Value(Match::Equals(value) | Match::To(value)) => form.set_level(value, 0.0),
            Condition::Value(Match::Change) => {}
        }
        form
    }

    /// The level is also the middle of a window and the value, should another kind be chosen.
    fn set_level(&mut self, level: f64, hysteresis: f64) {
        let reach = if hysteresis > 0.0 { 4.0 * hysteresis } else { 1.0 };
        self.set(Number::Level, short(level));
        self.set(Number::Value, short(level));
        self.set(Number::Hysteresis, short(hysteresis));
        self.set(Number::Low, short(level - reach));
        self.set(Number::High, short(level + reach));
    }

    pub(super) fn set(&mut self, number: Number, text: String) {
        if let Some(place) = self.numbers.get_mut(number as usize) {
            *place = text;
        }
    }

    /// What stands in the box of a number.
    #[must_use]
    pub fn number(&self, number: Number) -> &str {
        self.numbers.get(number as usize).map_or("", String::as_str)
    }

    /// The curve that is looked at.
    #[must_use]
    pub fn curve(&self) -> &Recipe {
        &self.curve
    }

    /// What is waited for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What happens after an event, and without one.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What an event does: freeze the view, drop a bookmark, start a recording, trigger the black box.
    #[must_use]
    pub fn deeds(&self) -> [bool; 4] {
        [self.freeze, self.bookmark, self.record, self.black_box]
    }

    /// What is waited for, in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut words = vec![self.kind.to_string()];
        let told = self
            .kind
            .numbers()
            .iter()
            .filter(|number| **number != Number::Hysteresis);
        for number in told {
            let (name, unit) = number.label();
            let parts = [name, self.number(*number).trim(), unit];
            words.extend(parts.into_iter().filter(|part| !part.is_empty()).map(str::to_owned));
        }
        let mode = match self.mode {
            Mode::Auto => "auto",
            Mode::Normal => "normal",
            Mode::Single => "single",
        };
        format!("{} · {mode}", words.join(" "))
    }

    /// In the text form of the engine.
    fn text(&self) -> String {
        let n = |number| self.number(number).trim();
        let level = || format!("level={},hysteresis={}", n(Number::Level), n(Number::Hysteresis));
        let window = |sense| {
            let (low, high) = (n(Number::Low), n(Number::High));
            format!(
                "window:low={low},high={high},sense={sense},hysteresis={}",
                n(Number::Hysteresis)
            )
        };
        let pulse = |polarity, width| format!("glitch:{},polarity={polarity},{width}={}", level(), n(Number::Width));
        let condition = match self.kind {
            Kind::Rising => format!("rising:{}", level()),
            Kind::Falling => format!("falling:{}", level()),
            Kind::Either => format!("either:{}", level()),
            Kind::Leaves => window("leave"),
            Kind::Enters => window("enter"),
            Kind::ShortPulse => pulse("positive", "shorter_s"),
            Kind::LongPulse => pulse("positive", "longer_s"),
            Kind::ShortDip => pulse("negative", "shorter_s"),
            Kind::LongDip => pulse("negative", "longer_s"),
            Kind::Silence => format!("timeout:after_s={}", n(Number::Silence)),
            Kind::Equals => format!("value:equals={}", n(Number::Value)),
            Kind::Becomes => format!("value:to={}", n(Number::Value)),
            Kind::Changes => "value:to=any".to_owned(),
        };
        let mode = match self.mode {
            Mode::Auto => "auto",
            Mode::Normal => "normal",
            Mode::Single => "single",
        };
        format!(
            "{condition},mode={mode},pre_s={},post_s={},holdoff_s={},auto_s={}",
            n(Number::Before),
            n(Number::After),
            n(Number::HoldOff),
            n(Number::Wait)
        )
    }

    /// What it describes.
    ///
    /// # Errors
    /// In one sentence, when a number is none or out of its range.
    pub fn setup(&self) -> Result<TriggerSetup, String> {
        let when: TriggerSpec = self.text().parse().map_err(|error| format!("{error}"))?;
        let keep = self.number(Number::Keep).trim();
        let sound = keep.parse().ok().filter(|keep| (1..=MAX_CAPTURES).contains(keep));
        Ok(TriggerSetup {
            curve: self.curve.clone(),
            when,
            keep: sound.ok_or_else(|| format!("`{keep}` captures cannot be overlaid; write 1 to {MAX_CAPTURES}"))?,
            freeze: self.freeze,
            bookmark: self.bookmark,
            record: self.record,
            black_box: self.black_box,
        })
    }
}

/// A number as somebody would type it: what a hand moved has no more than six digits.
fn short(value: f64) -> String {
    let digits = format!("{value:.5e}");
    digits.parse().map_or(digits, |value: f64| value.to_string())
}

/// Nanoseconds as seconds, exact and without idle zeros.
fn seconds(span_ns: i64) -> String {
    let (whole, rest) = (span_ns / 1_000_000_000, span_ns % 1_000_000_000);
    let text = format!("{whole}.{:09}", rest.abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
