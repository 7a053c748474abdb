//! The trigger of a chart: it looks at every sample of one curve as they come into the store, and says what the chart
//! is to show and do.

mod form;
mod run;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;

use roswave_engine::clock::Timestamp;
use roswave_engine::series::Store;
use roswave_engine::signal::Recipe;
use roswave_engine::signal::trigger::{Condition, Event, Match, Mode, Slope, State, TriggerSpec};

use crate::board::TriggerSetup;
use crate::scope::source::Source;
use crate::scope::trigger::run::Run;

pub use form::{Form, Kind, Number};

/// Captures that a new trigger draws over each other.
const KEPT: usize = 1;

/// A new trigger has this share of the range that is seen as its hysteresis.
const HYSTERESIS_SHARE: f64 = 0.05;

/// What a chart's trigger is doing, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its curve is not on the chart.
    NoCurve,
    /// Its curve has no samples yet.
    Waiting,
    /// It waits for the condition.
    Armed,
    /// A capture is going on.
    Triggered,
    /// The hold-off is not over.
    Holding,
    /// The condition was not met for a while: the chart runs on by itself.
    Auto,
    /// It waits for nothing.
    Stopped,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCurve => "no curve",
            Self::Waiting => "waiting for samples",
            Self::Armed => "armed",
            Self::Triggered => "triggered",
            Self::Holding => "holding",
            Self::Auto => "auto",
            Self::Stopped => "stopped",
        })
    }
}

/// What a trigger asks of the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Put a bookmark there.
    Bookmark {
        /// When the condition was met.
        at_ns: i64,
    },
    /// Start a recording.
    Record,
    /// Let the black box write what it keeps.
    BlackBox,
    /// Let every chart stand still at these times.
    Freeze {
        /// Begin of the capture.
        from_ns: i64,
        /// Its end.
        to_ns: i64,
    },
}

/// What one look at new samples brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Samples that were looked at.
    pub samples: usize,
    /// There are more: look again.
    pub behind: bool,
    /// The status is another one.
    pub news: bool,
    /// There are wishes.
    pub wishes: bool,
}

/// A trigger with what is typed to change it.
pub struct ChartTrigger {
    setup: TriggerSetup,
    form: Form,
    run: RefCell<Run>,
}

impl ChartTrigger {
    /// As a board describes it.
    #[must_use]
    pub fn new(setup: TriggerSetup) -> Self {
        Self {
            form: Form::of(&setup),
            run: RefCell::new(Run::new(&setup)),
            setup,
        }
    }

    /// One that finds something on a curve which has values within `low..=high`.
    #[must_use]
    pub fn suggested(curve: Recipe, low: f64, high: f64) -> Self {
        let step = 10_f64.powf((high - low).abs().max(f64::MIN_POSITIVE).log10().floor() - 1.0);
        let rounded = |value: f64| {
            let rounded = (value / step).round() * step;
            // 0.30000000000000004 is nothing that anybody would type.
            format!("{rounded:.9}").parse().unwrap_or(value)
        };
        let sound = |value: f64| if value.is_finite() { value } else { 0.0 };
        let condition = Condition::Edge {
            slope: Slope::Rising,
            level: sound(rounded(low.midpoint(high))),
            hysteresis: sound(rounded((high - low) * HYSTERESIS_SHARE)).abs(),
        };
        Self::new(TriggerSetup {
            curve,
            when: TriggerSpec::new(condition),
            keep: KEPT,
            freeze: false,
            bookmark: false,
            record: false,
            black_box: false,
        })
    }

    /// As a board keeps it.
    #[must_use]
    pub fn setup(&self) -> &TriggerSetup {
        &self.setup
    }

    /// What is typed.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Takes what was changed in the form. It holds as soon as it is sound.
    pub fn edit(&mut self, change: Change) {
        match change {
            Change::Curve(curve) => self.form.curve = curve,
            Change::Kind(kind) => self.form.kind = kind,
            Change::Mode(mode) => self.form.mode = mode,
            Change::Number(number, text) => self.form.set(number, text),
            Change::Freeze(on) => self.form.freeze = on,
            Change::Bookmark(on) => self.form.bookmark = on,
            Change::Record(on) => self.form.record = on,
            Change::BlackBox(on) => self.form.black_box = on,
        }
        if let Ok(setup) = self.form.setup() {
            self.take(setup);
        }
    }

    fn take(&mut self, setup: TriggerSetup) {
        if setup != self.setup {
            self.run.borrow_mut().change(&self.setup, &setup);
            self.setup = setup;
        }
    }

    /// Puts one of its levels elsewhere: the level, or the lower (0) and the upper (1) limit of a window.
    pub fn move_level(&mut self, which: usize, value: f64) {
        let mut setup = self.setup.clone();
        match &mut setup.when.condition {
            Condition::Edge { level, .. } | Condition::Glitch { level, .. } => *level = value,
            Condition::Window { low, high, .. } => {
                if which == 0 {
                    *low = value;
                } else {
                    *high = value;
                }
            }
            Condition::Value(Match::Equals(wanted) | Match::To(wanted)) => *wanted = value,
            Condition::Value(Match::Change) | Condition::Timeout { .. } => return,
        }
        // A limit cannot be dragged past the other one.
        if setup.when.check().is_ok() {
            self.form = Form::of(&setup);
            self.take(setup);
        }
    }

    /// Captures more or less time about the event.
    pub fn zoom(&mut self, factor: f64, source: &Source) {
        let mut setup = self.setup.clone();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "spans of time"
        )]
        let scaled = |span_ns: i64| (span_ns as f64 * factor) as i64;
        setup.when.pre_ns = scaled(setup.when.pre_ns);
        setup.when.post_ns = scaled(setup.when.post_ns);
        if setup.when.check().is_err() || setup.when.pre_ns.saturating_add(setup.when.post_ns) < SPAN_MIN_NS {
            return;
        }
        self.form = Form::of(&setup);
        self.take(setup);
        self.run.borrow().show(source);
    }

    /// Waits for the next event, or for none any longer.
    pub fn toggle_armed(&mut self) {
        self.run.borrow_mut().toggle_armed();
    }

    /// Triggers now.
    pub fn force(&mut self, now: Timestamp) {
        self.run.borrow_mut().force(now);
    }

    /// What it is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        self.run.borrow().status()
    }

    /// Events so far that were none of its own accord.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.run.borrow().count()
    }

    /// The levels that are drawn, as values of its curve: level and where it is armed again.
    #[must_use]
    pub fn levels(&self) -> [Option<(f64, Option<f64>)>; 2] {
        let again = |level: f64, hysteresis: f64| (hysteresis > 0.0).then_some(level - hysteresis);
        match self.setup.when.condition {
            Condition::Edge {
                slope,
                level,
                hysteresis,
            } => {
                let side = match slope {
                    Slope::Rising => hysteresis,
                    Slope::Falling => -hysteresis,
                    // Two lines would say the same twice.
                    Slope::Either => 0.0,
                };
                [Some((level, (side != 0.0).then_some(level - side))), None]
            }
            Condition::Glitch { level, hysteresis, .. } => [Some((level, again(level, hysteresis))), None],
            Condition::Window { low, high, .. } => [Some((low, None)), Some((high, None))],
            Condition::Value(Match::Equals(value) | Match::To(value)) => [Some((value, None)), None],
            Condition::Value(Match::Change) | Condition::Timeout { .. } => [None, None],
        }
    }

    /// True while it waits for something.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !matches!(self.run.borrow().state(), State::Stopped)
    }

    /// The next time, on the clock of its samples, at which it has something to do although no sample comes.
    #[must_use]
    pub fn due_ns(&self) -> Option<i64> {
        self.run.borrow().due_ns(&self.setup)
    }

    /// What it asks for since this was asked last.
    #[must_use]
    pub fn take_wishes(&self) -> Vec<Wish> {
        std::mem::take(&mut self.run.borrow_mut().wishes)
    }

    /// The recording that it was to start was started: it starts no other one.
    pub fn disarm_recording(&mut self) {
        self.form.record = false;
        self.setup.record = false;
    }

    /// Looks at the samples that came since, at most so many, and lets the chart show what it found.
    pub fn look(&self, store: &Store, curve: Option<usize>, source: &Source, most: usize) -> Looked {
        let series = curve.and_then(|index| source.series(index));
        let mut run = self.run.borrow_mut();
        run.set_has_curve(curve.is_some());
        let looked = run.look(&self.setup, store, series, source, most);
        run.show(source);
        looked
    }
}

/// The shortest capture that can be zoomed to.
const SPAN_MIN_NS: i64 = 10_000;

/// One change of a trigger.
#[derive(Clone, Debug)]
pub enum Change {
    /// It looks at this curve.
    Curve(Recipe),
    /// It waits for this.
    Kind(Kind),
    /// What happens after an event, and without one.
    Mode(Mode),
    /// This was typed as one of its numbers.
    Number(Number, String),
    /// Freeze the view.
    Freeze(bool),
    /// Drop a bookmark.
    Bookmark(bool),
    /// Start a recording.
    Record(bool),
    /// Let the black box write what it keeps.
    BlackBox(bool),
}

/// True for an event that is none of the trigger's own accord.
fn is_met(event: &Event) -> bool {
    event.kind != roswave_engine::signal::trigger::EventKind::Auto
}
