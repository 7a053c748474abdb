//! Recordings that were not finished: each is offered to be repaired into a new one, and stays as it is until the user
//! agrees that it goes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use roswave_engine::bag::shelf::{self, Torn};
use roswave_engine::bag::{self, Recovered};
use roswave_engine::engine::Engine;

use crate::format;
use crate::scope::shelf::off_thread;
use crate::scope::{Action, Message as ScopeMessage, Scope, shelf as list};

/// Lines that are shown.
pub const SHOWN: usize = 3;

/// What happened, or what the user wants.
#[derive(Clone, Debug)]
pub enum Message {
    /// Look for recordings that were not finished.
    Look,
    Found(Result<Vec<Torn>, String>),
    Recover(PathBuf),
    Recovered(PathBuf, Result<Arc<Recovered>, String>),
    /// Show the repaired one.
    Open(PathBuf),
    /// Ask before the original is deleted.
    AskDelete(PathBuf),
    Delete(PathBuf),
    Deleted(PathBuf, Result<(), String>),
    /// Leave it as it is, and offer nothing more.
    Dismiss(PathBuf),
    /// The same for all.
    DismissAll,
}

/// How far the repair of a recording is.
#[derive(Clone, Debug)]
pub enum State {
    /// It is offered.
    Offered,
    /// It is being repaired.
    Running,
    /// It was repaired, and the original is still there.
    Done(Arc<Recovered>),
    /// The same, and it is asked whether the original shall go.
    Asking(Arc<Recovered>),
    /// The original is being deleted.
    Deleting(Arc<Recovered>),
    /// Something failed: one sentence.
    Failed(String),
}

/// A recording that was not finished.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its directory or file.
    pub path: PathBuf,
    /// What is known of it; `None` when it was picked from the list of recordings.
    pub torn: Option<Torn>,
    /// How far it is.
    pub state: State,
}

impl Offer {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// The last part of a path, harmless to a screen.
pub(super) fn name_of(path: &Path) -> String {
    format::harmless(&path.file_name().unwrap_or_default().to_string_lossy())
}

impl Scope {
    /// The recordings that were not finished, and how far each is.
    #[must_use]
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// True while one is being repaired: one after the other.
    #[must_use]
    pub fn is_recovering(&self) -> bool {
        let mut states = self.offers.iter().map(|offer| &offer.state);
        states.any(|state| matches!(state, State::Running))
    }

    pub(super) fn answer_salvage(&mut self, message: Message, engine: &Engine) -> Action {
        match message {
            Message::Look => {
                let directory = self.recordings.clone();
                let look = move || Ok(shelf::torn(&directory));
                return off_thread("bag-torn", look, |found| ScopeMessage::Salvage(Message::Found(found)));
            }
            Message::Found(found) => {
                let offers = found.unwrap_or_default().into_iter().map(|torn| Offer {
                    path: torn.path.clone(),
                    torn: Some(torn),
                    state: State::Offered,
                });
                let new: Vec<Offer> = offers.filter(|new| self.offer(&new.path).is_none()).collect();
                self.offers.extend(new);
            }
            Message::Recover(path) => {
                if self.is_recovering() {
                    return Action::None;
                }
                if self.offer(&path).is_none() {
                    let offer = Offer {
                        path: path.clone(),
                        torn: None,
                        state: State::Offered,
                    };
                    // It was asked for now: it is seen without looking further.
                    self.offers.insert(0, offer);
                }
                self.set_state(&path, State::Running);
                let from = path.clone();
                let recover = move || {
                    let recovered = bag::recover(&from, &shelf::repaired_path(&from));
                    recovered.map(Arc::new).map_err(|error| error.to_string())
                };
                return off_thread("bag-recover", recover, move |recovered| {
                    ScopeMessage::Salvage(Message::Recovered(path.clone(), recovered))
                });
            }
            Message::Recovered(path, recovered) => {
                let state = match recovered {
                    Ok(recovered) => State::Done(recovered),
                    Err(error) => State::Failed(format!("Cannot recover it: {}", format::harmless(&error))),
                };
                self.set_state(&path, state);
                return self.look_again(engine);
            }
            Message::Open(path) => {
                if let Some(to) = self.repaired(&path).map(|recovered| recovered.saved.path.clone()) {
                    let _ = self.shelf.hide();
                    return self.open_recording(to, engine);
                }
            }
            Message::AskDelete(path) => {
                if let Some(recovered) = self.repaired(&path) {
                    self.set_state(&path, State::Asking(recovered));
                }
            }
            Message::Delete(path) => {
                let asked = self
                    .offer(&path)
                    .is_some_and(|offer| matches!(offer.state, State::Asking(_)));
                if let (true, Some(recovered)) = (asked, self.repaired(&path)) {
                    self.set_state(&path, State::Deleting(Arc::clone(&recovered)));
                    let original = path.clone();
                    let delete = move || {
                        // It goes only when what takes its place is there.
                        let saved = bag::info(&recovered.saved.path).map_err(|error| error.to_string())?;
                        if saved.messages != recovered.saved.messages {
                            let to = recovered.saved.path.display();
                            return Err(format!("{to} is not what was saved; the original stays"));
                        }
                        shelf::delete(&original)
                    };
                    return off_thread("bag-files", delete, move |deleted| {
                        ScopeMessage::Salvage(Message::Deleted(path.clone(), deleted))
                    });
                }
            }
            Message::Deleted(path, deleted) => {
                match deleted {
                    Ok(()) => self.offers.retain(|offer| offer.path != path),
                    Err(error) => self.set_state(&path, State::Failed(format::harmless(&error))),
                }
                return self.look_again(engine);
            }
            Message::Dismiss(path) => self.offers.retain(|offer| offer.path != path),
            Message::DismissAll => {
                // What is at work is seen until it is done.
                let at_work = |offer: &Offer| matches!(offer.state, State::Running | State::Deleting(_));
                self.offers.retain(at_work);
            }
        }
        Action::None
    }

    fn offer(&self, path: &Path) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.path == path)
    }

    /// True while something is done to this recording.
    pub(super) fn is_salvaged(&self, path: &Path) -> bool {
        let offer = self.offer(path);
        offer.is_some_and(|offer| matches!(offer.state, State::Running | State::Deleting(_)))
    }

    /// There is no such recording any more.
    pub(super) fn withdraw_offer(&mut self, path: &Path) {
        if !self.is_salvaged(path) {
            self.offers.retain(|offer| offer.path != path);
        }
    }

    fn set_state(&mut self, path: &Path, state: State) {
        if let Some(offer) = self.offers.iter_mut().find(|offer| offer.path == path) {
            offer.state = state;
        }
    }

    /// What was saved of a recording.
    fn repaired(&self, path: &Path) -> Option<Arc<Recovered>> {
        match &self.offer(path)?.state {
            State::Done(recovered) | State::Asking(recovered) | State::Deleting(recovered) => {
                Some(Arc::clone(recovered))
            }
            State::Offered | State::Running | State::Failed(_) => None,
        }
    }

    fn look_again(&mut self, engine: &Engine) -> Action {
        if self.shelf.is_shown() {
            return self.answer_shelf(list::Message::Look, engine);
        }
        Action::None
    }
}
