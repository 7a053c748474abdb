//! The list of recordings: what is in the directory where they go, and what is done with them. Whatever touches the
//! disk does so on a thread of its own.

mod work;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iced::Task;
use iced::widget::operation;
use roswave_engine::bag::Verification;
use roswave_engine::bag::shelf::{self, Contents, Shelf, Shelved};
use roswave_engine::engine::{Engine, Update};
use roswave_widgets::virtual_list::Scroll;

use crate::format;
use crate::scope::{Action, Message as ScopeMessage, Notice, Scope, bag as open_bag, salvage};

pub(super) use work::off_thread;

/// The line that a name is typed into.
pub(super) const NAME: &str = "recording-name";

/// What happened, or what the user wants.
#[derive(Clone, Debug)]
pub enum Message {
    /// Show the list, or hide it.
    Toggle,
    /// Read the directory anew.
    Look,
    /// What is in the directory, by the number of the question.
    Listed(u64, Result<Shelf, String>),
    /// What the recording at this place holds.
    Read(u64, usize, Result<Contents, String>),
    Scrolled(Scroll),
    Select(usize),
    /// The one below, or the one above.
    Step {
        down: bool,
    },
    /// Show the selected one in the window.
    Open,
    BeginRename,
    NameTyped(String),
    NameAccepted,
    /// Ask before it is deleted.
    AskDelete,
    Delete,
    /// Neither renamed nor deleted.
    Cancel,
    /// Read all of the selected one.
    Verify,
    Verified(PathBuf, Result<Arc<Verification>, String>),
    ToggleUploaded,
    Recover,
    /// Something was changed on the disk, or could not be; where the recording is now.
    /// What was changed, and what it is called now, or why not.
    Changed(PathBuf, Result<PathBuf, String>),
}

/// How far the reading of a whole recording is.
#[derive(Clone, Debug)]
pub enum Check {
    /// It is being read.
    Running,
    /// It was read.
    Done(Arc<Verification>),
    /// It could not be read.
    Failed(String),
}

/// One recording of the list.
#[derive(Debug)]
pub struct Entry {
    /// As its directory shows it.
    pub shelved: Shelved,
    /// What it holds, once that was read.
    pub contents: Option<Result<Contents, String>>,
}

/// What is asked before something is done to the selected recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Its new name.
    Name(String),
    /// Whether it shall go.
    Delete,
}

/// The list.
#[derive(Debug, Default)]
pub struct Recordings {
    shown: bool,
    entries: Vec<Entry>,
    more: bool,
    looking: bool,
    problem: Option<String>,
    scroll: Scroll,
    selected: Option<PathBuf>,
    asked: Option<Asked>,
    checks: HashMap<PathBuf, Check>,
    /// The number of the last question; a thread that answers another one stops.
    question: Arc<AtomicU64>,
}

impl Recordings {
    /// True while it is shown in the place of the charts.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shown
    }

    /// The recordings, the latest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// True when there are more than are listed.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// True while the directory is read for the first time.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.looking
    }

    /// Recordings that were not looked into yet.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.entries.iter().filter(|entry| entry.contents.is_none()).count()
    }

    /// Why the directory could not be read.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// How far it is scrolled.
    #[must_use]
    pub fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// The recording that is selected.
    #[must_use]
    pub fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.place()?)
    }

    /// True for the recording that is selected.
    #[must_use]
    pub fn is_selected(&self, entry: &Entry) -> bool {
        self.selected.as_ref() == Some(&entry.shelved.path)
    }

    /// What is asked of the user.
    #[must_use]
    pub fn asked(&self) -> Option<&Asked> {
        self.asked.as_ref()
    }

    /// How far the reading of all of this recording is.
    #[must_use]
    pub fn check(&self, path: &Path) -> Option<&Check> {
        self.checks.get(path)
    }

    /// True while a recording is read as a whole: one after the other.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        self.checks.values().any(|check| matches!(check, Check::Running))
    }

    fn place(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.entries.iter().position(|entry| entry.shelved.path == *selected)
    }

    /// Takes back what was begun, or closes the list. False when there was nothing.
    pub(super) fn close(&mut self) -> bool {
        self.asked.take().is_some() || self.hide()
    }

    /// Hides the list; who reads for it stops.
    pub(super) fn hide(&mut self) -> bool {
        let _ = self.question.fetch_add(1, Ordering::Relaxed);
        self.asked = None;
        self.looking = false;
        std::mem::take(&mut self.shown)
    }

    fn take(&mut self, found: Result<Shelf, String>) {
        self.looking = false;
        match found {
            Err(problem) => self.problem = Some(problem),
            Ok(shelf) => {
                let mut known: HashMap<PathBuf, Entry> = HashMap::new();
                for entry in self.entries.drain(..) {
                    let _ = known.insert(entry.shelved.path.clone(), entry);
                }
                let checks = &mut self.checks;
                let entries = shelf.recordings.into_iter().map(|shelved| {
                    let before = known
                        .remove(&shelved.path)
                        .filter(|entry| is_same(&entry.shelved, &shelved));
                    // What was found out of it was so before it changed.
                    if before.is_none() && matches!(checks.get(&shelved.path), Some(Check::Done(_) | Check::Failed(_)))
                    {
                        let _ = checks.remove(&shelved.path);
                    }
                    let contents = before.and_then(|entry| entry.contents);
                    Entry { shelved, contents }
                });
                self.entries = entries.collect();
                (self.more, self.problem) = (shelf.more, None);
                let entries = &self.entries;
                self.checks.retain(|path, check| {
                    matches!(check, Check::Running) || entries.iter().any(|entry| entry.shelved.path == *path)
                });
                if self.place().is_none() {
                    self.selected = self.entries.first().map(|entry| entry.shelved.path.clone());
                    self.asked = None;
                }
            }
        }
    }
}

/// True when nothing was written since.
fn is_same(before: &Shelved, now: &Shelved) -> bool {
    (before.bytes, before.modified, before.unfinished) == (now.bytes, now.modified, now.unfinished)
}

impl Scope {
    /// The list of recordings.
    #[must_use]
    pub fn recordings(&self) -> &Recordings {
        &self.shelf
    }

    /// Why nothing may be changed of a recording: it is written or shown.
    #[must_use]
    pub fn is_in_use(&self, shelved: &Shelved) -> Option<&'static str> {
        let written = self.recording().is_some_and(|status| status.path == shelved.path);
        if written || shelved.in_use {
            return Some("It is being recorded");
        }
        // It may have been opened by another text, or by one of its files.
        let of_it = |path: &Path| {
            let both = std::path::absolute(path).and_then(|path| Ok((path, std::path::absolute(&shelved.path)?)));
            both.is_ok_and(|(path, of)| path.starts_with(of))
        };
        let open = self.bag().map(|bag| bag.source().bag().path());
        if open.or(self.opening.as_deref()).is_some_and(of_it) {
            return Some("It is open in this window");
        }
        self.is_salvaged(&shelved.path).then_some("It is being recovered")
    }

    pub(super) fn answer_shelf(&mut self, message: Message, engine: &Engine) -> Action {
        match message {
            Message::Toggle => {
                if self.shelf.hide() {
                    return Action::None;
                }
                self.shelf.shown = true;
                // The charts are not seen any more.
                self.charts.point_nowhere();
                return self.look_for_recordings();
            }
            Message::Look => return self.look_for_recordings(),
            Message::Listed(question, found) => {
                if question == self.shelf.question.load(Ordering::Relaxed) {
                    self.shelf.take(found);
                }
            }
            Message::Read(question, place, contents) => {
                let entry = self.shelf.entries.get_mut(place);
                if question == self.shelf.question.load(Ordering::Relaxed)
                    && let Some(entry) = entry
                {
                    entry.contents = Some(contents);
                }
            }
            Message::Scrolled(scroll) => self.shelf.scroll = scroll,
            Message::Select(place) => self.select(place),
            Message::Step { down } => {
                let last = self.shelf.entries.len().saturating_sub(1);
                let place = match (self.shelf.place(), down) {
                    (Some(place), true) => (place + 1).min(last),
                    (Some(place), false) => place.saturating_sub(1),
                    (None, _) => 0,
                };
                self.select(place);
            }
            Message::Open => return self.open_selected(engine),
            Message::BeginRename => {
                if let Some(entry) = self.changeable() {
                    self.shelf.asked = Some(Asked::Name(entry.name()));
                    return Action::Run(Task::batch([operation::focus(NAME), operation::select_all(NAME)]));
                }
            }
            Message::NameTyped(text) => {
                if let Some(Asked::Name(name)) = &mut self.shelf.asked {
                    *name = text;
                }
            }
            Message::NameAccepted => {
                if let (Some(entry), Some(Asked::Name(name))) = (self.changeable(), self.shelf.asked.take()) {
                    return self.change(&entry.path.clone(), move || shelf::rename(&entry.path, &name));
                }
            }
            Message::AskDelete => {
                if self.changeable().is_some() {
                    self.shelf.asked = Some(Asked::Delete);
                }
            }
            Message::Delete => {
                if let (Some(entry), Some(Asked::Delete)) = (self.changeable(), self.shelf.asked.take()) {
                    // The next one is selected then.
                    let place = self.shelf.place().unwrap_or_default();
                    self.select(if place + 1 < self.shelf.entries.len() {
                        place + 1
                    } else {
                        place.saturating_sub(1)
                    });
                    let next = self.shelf.selected.clone().filter(|next| *next != entry.path);
                    let next = next.unwrap_or_default();
                    return self.change(&entry.path.clone(), move || shelf::delete(&entry.path).map(|()| next));
                }
            }
            Message::Cancel => self.shelf.asked = None,
            Message::Verify => return self.verify_selected(),
            Message::Verified(path, found) => {
                let check = match found {
                    Ok(found) => Check::Done(found),
                    Err(error) => Check::Failed(error),
                };
                let _ = self.shelf.checks.insert(path, check);
            }
            Message::ToggleUploaded => {
                if let Some(entry) = self.shelf.selected().map(|entry| entry.shelved.clone()) {
                    return self.change(&entry.path.clone(), move || {
                        shelf::mark_uploaded(&entry.path, !entry.uploaded).map(|()| entry.path)
                    });
                }
            }
            Message::Recover => {
                if let Some(entry) = self.changeable() {
                    return self.answer_salvage(salvage::Message::Recover(entry.path), engine);
                }
            }
            Message::Changed(from, changed) => {
                match changed {
                    Ok(path) => {
                        // The selection follows a name; what was selected in the meantime stays, with what is asked of it.
                        if self.shelf.selected.as_ref() == Some(&from) {
                            self.shelf.selected = Some(path.clone());
                        }
                        if path != from {
                            self.withdraw_offer(&from);
                        }
                    }
                    Err(text) => self.set_notice(Notice {
                        text: format::harmless(&text),
                        details: None,
                    }),
                }
                if self.shelf.shown {
                    return self.look_for_recordings();
                }
            }
        }
        Action::None
    }

    /// Reads the list anew when a recording began or ended.
    pub(super) fn follow_recordings(&mut self, updates: &[Update]) -> Action {
        let is_news =
            |update: &Update| matches!(update, Update::RecordingStarted { .. } | Update::RecordingFinished(_));
        if self.shelf.shown && updates.iter().any(is_news) {
            return self.look_for_recordings();
        }
        Action::None
    }

    fn select(&mut self, place: usize) {
        if let Some(entry) = self.shelf.entries.get(place) {
            self.shelf.selected = Some(entry.shelved.path.clone());
            self.shelf.asked = None;
        }
    }

    /// The selected recording, unless it has to stay as it is; says why then.
    fn changeable(&mut self) -> Option<Shelved> {
        let shelved = self.shelf.selected()?.shelved.clone();
        if let Some(why) = self.is_in_use(&shelved) {
            self.set_notice(Notice {
                text: format!("{}: {why}; stop or close it first", format::harmless(&shelved.name())),
                details: None,
            });
            return None;
        }
        Some(shelved)
    }

    fn open_selected(&mut self, engine: &Engine) -> Action {
        let Some(shelved) = self.shelf.selected().map(|entry| entry.shelved.clone()) else {
            return Action::None;
        };
        if let Some(odd) = shelved.odd {
            self.set_notice(Notice {
                text: format!("Cannot open it: {} is no file", format::harmless(&odd)),
                details: None,
            });
            return Action::None;
        }
        let _ = self.shelf.hide();
        self.open_recording(shelved.path, engine)
    }

    /// Shows a recording in the place of what is shown.
    pub(super) fn open_recording(&mut self, path: PathBuf, engine: &Engine) -> Action {
        let message = ScopeMessage::Bag(open_bag::Message::Open(path));
        match self.update_bag(message, engine) {
            Ok(action) => action,
            Err(_) => Action::None,
        }
    }
}
