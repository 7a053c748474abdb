//! The controls of the recorder: the panel that tells how a recording stands, the black box, splits, and bookmarks
//! that are kept in the files.

use std::time::Duration;

use iced::widget::operation;
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::Engine;
use roswave_engine::record::{PRE_BYTES, RecordingState, RecordingStatus, Trigger};
use roswave_widgets::virtual_list::Scroll;

use crate::board::Clock;
use crate::scope::{Action, Notice, Scope};

/// The line that the text of a bookmark is typed into.
pub(super) const NOTE: &str = "note";

/// The longest past that a black box keeps, and the longest time that it goes on, in seconds.
const BOX_MAX_S: f64 = 86_400.0;

/// Letters of a bookmark.
const NOTE_MAX: usize = 200;

/// The state of a recording may be as old as this.
const STATUS_AGE_NS: i64 = 500_000_000;

/// Clocks that differ by less are taken for one: the age of samples is no difference of clocks.
const SAME_CLOCK_NS: i64 = 1_000_000_000;

/// What happened, or what the user wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Show the panel, or hide it.
    TogglePanel,
    Scrolled(Scroll),
    /// Begin the next file.
    Split,
    /// Seconds of the past that the black box keeps, as typed.
    BeforeTyped(String),
    /// Seconds that it goes on for, as typed; empty is for ever.
    AfterTyped(String),
    /// Start the black box, or stop what is recorded.
    ToggleBlackBox,
    /// Write what the black box keeps.
    Trigger,
    /// Ask for the text of a bookmark.
    WriteNote,
    NoteTyped(String),
    NoteAccepted,
}

/// The panel and what is typed into it.
#[derive(Debug)]
pub struct Recorder {
    shown: bool,
    scroll: Scroll,
    before_s: String,
    after_s: String,
    note: Option<Note>,
}

/// A bookmark whose text is being typed: it is where the pointer was, or the moment when it was asked for.
#[derive(Debug)]
struct Note {
    drawn_ns: i64,
    text: String,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            shown: false,
            scroll: Scroll::default(),
            before_s: "30".to_owned(),
            after_s: "10".to_owned(),
            note: None,
        }
    }
}

impl Recorder {
    /// True while the panel is shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// How far the ledger is scrolled.
    #[must_use]
    pub fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// What is typed as the time before and behind the trigger.
    #[must_use]
    pub fn times(&self) -> [&str; 2] {
        [&self.before_s, &self.after_s]
    }

    /// The text of the bookmark that is being typed.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_ref().map(|note| note.text.as_str())
    }

    /// The black box that is asked for.
    ///
    /// # Errors
    /// In one sentence, when a time is none.
    pub fn black_box(&self) -> Result<Trigger, String> {
        let pre = seconds(&self.before_s)?;
        let post = match self.after_s.trim() {
            "" => None,
            text => Some(seconds(text)?),
        };
        Ok(Trigger {
            pre,
            post,
            ..Trigger::default()
        })
    }

    /// Takes back what lies over the charts. False when there was nothing.
    pub(super) fn close(&mut self) -> bool {
        self.note.take().is_some() || std::mem::take(&mut self.shown)
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let sound = text.trim().parse().ok().filter(|s| (0.0..=BOX_MAX_S).contains(s));
    sound
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("`{}` is no time here; write seconds, 0 to {BOX_MAX_S}", text.trim()))
}

/// True while messages are taken in.
#[must_use]
pub fn is_running(status: &RecordingStatus) -> bool {
    matches!(status.state, RecordingState::Starting | RecordingState::Recording)
}

impl Scope {
    /// The controls of the recorder.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    pub(super) fn answer_recorder(&mut self, message: Message, engine: &Engine) -> Action {
        match message {
            Message::TogglePanel => self.recorder.shown = !self.recorder.shown,
            Message::Scrolled(scroll) => self.recorder.scroll = scroll,
            Message::Split => {
                if self.needs_recording("There is nothing to split") {
                    self.order(engine.split_recording());
                }
            }
            Message::BeforeTyped(text) => self.recorder.before_s = text,
            Message::AfterTyped(text) => self.recorder.after_s = text,
            Message::ToggleBlackBox => {
                if let Some(status) = self.recording() {
                    if status.box_.is_some() {
                        engine.stop_recording();
                    } else {
                        self.set_notice(Notice {
                            text: "A recording runs and writes everything already; r stops it".to_owned(),
                            details: None,
                        });
                    }
                    return Action::None;
                }
                match self.recorder.black_box() {
                    Ok(trigger) => {
                        // The box shares what the queue of a recording may take.
                        let pre_bytes = PRE_BYTES.min(self.history.budget().queue_bytes());
                        self.start_recording(Some(Trigger { pre_bytes, ..trigger }), engine);
                    }
                    Err(text) => {
                        self.recorder.shown = true;
                        self.set_notice(Notice { text, details: None });
                    }
                }
            }
            Message::Trigger => self.pull_trigger("the trigger was pulled by hand", engine),
            Message::WriteNote => {
                self.recorder.note = Some(Note {
                    drawn_ns: self.pointed_moment(),
                    text: String::new(),
                });
                return Action::Run(operation::focus(NOTE));
            }
            Message::NoteTyped(text) => {
                if let Some(note) = &mut self.recorder.note {
                    note.text = text.chars().filter(|c| !c.is_control()).take(NOTE_MAX).collect();
                }
            }
            Message::NoteAccepted => {
                if let Some(note) = self.recorder.note.take() {
                    let text = note.text.trim();
                    let text = if text.is_empty() { "bookmark" } else { text };
                    return self.add_bookmark(note.drawn_ns, text, engine);
                }
            }
        }
        Action::None
    }

    /// Says what is missing when nothing is recorded.
    fn needs_recording(&mut self, what: &str) -> bool {
        let runs = self.recording().is_some_and(is_running);
        if !runs {
            self.set_notice(Notice {
                text: format!("{what}: nothing is recorded; start with r, or a black box with Ctrl+R"),
                details: None,
            });
        }
        runs
    }

    /// Lets the black box write what it keeps.
    pub(super) fn pull_trigger(&mut self, why: &str, engine: &Engine) {
        if !self.needs_recording("There is no black box to trigger") {
            return;
        }
        if self.recording().is_some_and(|status| status.box_.is_none()) {
            self.set_notice(Notice {
                text: "There is no black box to trigger: this recording writes everything already".to_owned(),
                details: None,
            });
            return;
        }
        self.order(engine.trigger_recording(why));
    }

    fn order(&mut self, sent: Result<(), roswave_engine::engine::EngineError>) {
        if let Err(error) = sent {
            self.set_notice(Notice {
                text: error.to_string(),
                details: None,
            });
        }
    }

    /// Where the pointer is, else the present moment: on the clock of the charts.
    pub(super) fn pointed_moment(&self) -> i64 {
        let now = || self.charts.focused().map(|chart| chart.source().now().0);
        let at_ns = self.charts.pointed_at().or_else(now);
        at_ns.unwrap_or(Timestamp::now().0)
    }

    /// Puts a bookmark on the charts, and into the recording that runs.
    pub(super) fn add_bookmark(&mut self, drawn_ns: i64, text: &str, engine: &Engine) -> Action {
        self.keep_bookmark(drawn_ns, text);
        if self.record_bookmark(drawn_ns, text, engine) {
            return Action::None;
        }
        let toast = "This moment was before the recording began: the bookmark is on the charts only";
        Action::Run(self.show_toast(toast.to_owned()))
    }

    /// Writes a bookmark into the recording that runs. False when it began later than that.
    pub(super) fn record_bookmark(&mut self, drawn_ns: i64, text: &str, engine: &Engine) -> bool {
        // A bookmark on a recording that is open is no moment of what is live.
        let live = self.recording().filter(|_| self.bag.is_none());
        let Some(status) = live.filter(|status| is_running(status)) else {
            return true;
        };
        let now = Timestamp::now();
        let at = self.received_at(drawn_ns, now);
        let began = Duration::from_secs_f64(status.duration_s.max(0.0));
        let began_ns = now
            .0
            .saturating_sub(i64::try_from(began.as_nanos()).unwrap_or(i64::MAX));
        // The status is a moment old.
        if at.0 < began_ns.saturating_sub(STATUS_AGE_NS) {
            return false;
        }
        self.order(engine.mark_recording_at(at.min(now), text));
        true
    }

    /// When a moment of the charts was, on the clock that messages are received at.
    fn received_at(&self, drawn_ns: i64, now: Timestamp) -> Timestamp {
        let edge = self.charts.focused().map_or(now, |chart| chart.source().now());
        let behind_ns = now.since(edge);
        let is_other = self.clock() != Clock::Receive && behind_ns.abs() > SAME_CLOCK_NS;
        Timestamp(drawn_ns.saturating_add(if is_other { behind_ns } else { 0 }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_black_box_are_seconds() {
        let mut recorder = Recorder::default();
        let found = recorder.black_box().expect("the default is sound");
        assert_eq!(found.pre, Duration::from_secs(30));
        assert_eq!(found.post, Some(Duration::from_secs(10)));
        recorder.after_s = " ".to_owned();
        recorder.before_s = "0.5".to_owned();
        let found = recorder.black_box().expect("sound");
        assert_eq!((found.pre, found.post), (Duration::from_millis(500), None));
        for wrong in ["-1", "1e9", "NaN", "inf", "", "ten"] {
            recorder.before_s = wrong.to_owned();
            let error = recorder.black_box().expect_err("no time");
            assert!(error.contains("seconds"), "{error}");
        }
    }
}
