//! What the list of recordings lets threads do: the window never waits for the disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use iced::Task;
use iced::futures::channel::oneshot;
use roswave_engine::bag;
use roswave_engine::bag::shelf::{self, Shelved};

use super::{Check, Message, is_same};
use crate::scope::{Action, Message as ScopeMessage, Scope};

/// Recordings that were looked into and wait to be shown.
const AHEAD: usize = 64;

impl Scope {
    /// Reads the directory, then looks into what is new in it, one recording after the other.
    pub(super) fn look_for_recordings(&mut self) -> Action {
        let question = self.shelf.question.fetch_add(1, Ordering::Relaxed) + 1;
        self.shelf.looking = true;
        let asked = Arc::clone(&self.shelf.question);
        let directory = self.recordings.clone();
        let read = self.shelf.entries.iter().filter(|entry| entry.contents.is_some());
        let known: HashMap<PathBuf, Shelved> = read
            .map(|entry| (entry.shelved.path.clone(), entry.shelved.clone()))
            .collect();
        let (send, receive) = tokio::sync::mpsc::channel(AHEAD);
        let work = move || {
            let found = shelf::shelf(&directory)
                .map_err(|error| format!("cannot read {}: {error}; check its rights", directory.display()));
            let recordings = found.as_ref().map(|shelf| shelf.recordings.clone()).unwrap_or_default();
            if send.blocking_send(Message::Listed(question, found)).is_err() {
                return;
            }
            let is_known = |shelved: &Shelved| known.get(&shelved.path).is_some_and(|it| is_same(it, shelved));
            for (place, shelved) in recordings.iter().enumerate().filter(|(_, it)| !is_known(it)) {
                if asked.load(Ordering::Relaxed) != question {
                    return;
                }
                let contents = shelved.contents();
                if send.blocking_send(Message::Read(question, place, contents)).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("bag-shelf".to_owned()).spawn(work) {
            self.shelf.looking = false;
            self.shelf.problem = Some(format!("cannot start a thread: {error}; close some programs"));
            return Action::None;
        }
        let answers = iced::futures::stream::unfold(receive, |mut receive| async {
            let message = receive.recv().await?;
            Some((message, receive))
        });
        Action::Run(Task::run(answers, ScopeMessage::Shelf))
    }

    pub(super) fn verify_selected(&mut self) -> Action {
        let Some(shelved) = self.shelf.selected().map(|entry| entry.shelved.clone()) else {
            return Action::None;
        };
        if self.shelf.is_checking() || shelved.odd.is_some() || shelved.in_use {
            return Action::None;
        }
        let path = shelved.path;
        let _ = self.shelf.checks.insert(path.clone(), Check::Running);
        let of_thread = path.clone();
        let verify = move || bag::verify(&of_thread).map(Arc::new).map_err(|error| error.to_string());
        off_thread("bag-verify", verify, move |found| {
            ScopeMessage::Shelf(Message::Verified(path.clone(), found))
        })
    }

    /// Changes the recording at this place; `change` gives what is to be selected then.
    pub(super) fn change(
        &mut self,
        place: &Path,
        change: impl FnOnce() -> Result<PathBuf, String> + Send + 'static,
    ) -> Action {
        let place = place.to_owned();
        off_thread("bag-files", change, move |changed| {
            ScopeMessage::Shelf(Message::Changed(place.clone(), changed))
        })
    }
}

/// Does something that may take its time on a thread of its own.
pub(in crate::scope) fn off_thread<T: Send + 'static>(
    name: &'static str,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
    answer: impl Fn(Result<T, String>) -> ScopeMessage + Send + 'static,
) -> Action {
    let (done, finished) = oneshot::channel();
    let work = move || {
        let _ = done.send(work());
    };
    if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
        return Action::Run(Task::done(answer(Err(format!(
            "cannot start a thread: {error}; close some programs"
        )))));
    }
    Action::Run(Task::perform(finished, move |done| {
        answer(done.unwrap_or_else(|_| Err(format!("the thread `{name}` ended early; look at the log"))))
    }))
}
