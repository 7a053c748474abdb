//! Which topics are recorded, and where to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use roswave_engine::engine::{Engine, Snapshot};
use roswave_engine::name::TopicName;
use roswave_engine::record::{
    Pattern, RecordRequest, RecordingState, RecordingStatus, Selection, Trigger, default_name,
};

use crate::scope::{Notice, Scope};

/// The topics that are ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ticks {
    /// All, those that appear later too.
    #[default]
    All,
    /// These.
    Some(BTreeSet<TopicName>),
}

impl Ticks {
    /// No topic.
    #[must_use]
    pub fn default_none() -> Self {
        Self::Some(BTreeSet::new())
    }

    /// True when a topic is ticked.
    #[must_use]
    pub fn has(&self, topic: &TopicName) -> bool {
        match self {
            Self::All => true,
            Self::Some(topics) => topics.contains(topic),
        }
    }

    /// Ticks a topic or takes the tick away. Taking one away from all leaves all others that are there now.
    pub fn toggle(&mut self, topic: &TopicName, snapshot: &Snapshot) {
        match self {
            Self::All => {
                // What ROS 2 hides is recorded only when it is asked for by name.
                let others = snapshot
                    .topics
                    .keys()
                    .filter(|name| *name != topic && !name.is_hidden());
                *self = Self::Some(others.cloned().collect());
            }
            Self::Some(topics) => {
                if !topics.remove(topic) {
                    let _ = topics.insert(topic.clone());
                }
            }
        }
    }

    fn selection(&self) -> Option<Selection> {
        match self {
            Self::All => Some(Selection::All),
            Self::Some(topics) if topics.is_empty() => None,
            Self::Some(topics) => Some(Selection::Topics(topics.iter().cloned().collect())),
        }
    }
}

impl Scope {
    /// The recording that is running or being finished.
    #[must_use]
    pub fn recording(&self) -> Option<&RecordingStatus> {
        self.snapshot.recording.as_ref().filter(|status| is_active(status))
    }

    pub(super) fn toggle_recording(&mut self, engine: &Engine) {
        if self.recording().is_some() {
            engine.stop_recording();
        } else {
            self.start_recording(None, engine);
        }
    }

    /// Records what is ticked: all of it, or only around the moments when a trigger is pulled.
    pub(super) fn start_recording(&mut self, trigger: Option<Trigger>, engine: &Engine) {
        let Some(selection) = self.ticks.selection() else {
            self.set_notice(Notice {
                text: "Nothing to record: tick a topic, or tick all topics".to_owned(),
                details: None,
            });
            return;
        };
        self.record(selection, trigger, engine);
    }

    /// Records what a regular expression of the command line finds, now and later; `all` is every topic.
    pub fn record_matching(&mut self, pattern: &str, engine: &Engine) {
        if pattern == "all" {
            self.record(Selection::All, None, engine);
            return;
        }
        match Pattern::new(Some(pattern), None) {
            Ok(pattern) => self.record(Selection::Matching(pattern), None, engine),
            Err(error) => self.set_notice(Notice {
                text: format!("Cannot record: {error}"),
                details: None,
            }),
        }
    }

    fn record(&mut self, selection: Selection, trigger: Option<Trigger>, engine: &Engine) {
        let directory = new_directory(&self.recordings, &default_name());
        let request = RecordRequest {
            quota_bytes: self.history.budget().queue_bytes(),
            trigger,
            ..RecordRequest::new(selection, directory)
        };
        if let Err(error) = engine.start_recording(request) {
            self.set_notice(Notice {
                text: format!("Cannot record: {error}"),
                details: None,
            });
        }
    }
}

/// True until the file is finished.
#[must_use]
pub fn is_active(status: &RecordingStatus) -> bool {
    matches!(
        status.state,
        RecordingState::Starting | RecordingState::Recording | RecordingState::Finishing
    )
}

/// A directory that does not exist yet: of this name, or with a number behind it.
fn new_directory(parent: &Path, name: &str) -> PathBuf {
    let first = parent.join(name);
    if !first.exists() {
        return first;
    }
    (2..)
        .map(|n| parent.join(format!("{name}_{n}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_recording_of_one_moment_gets_a_number() {
        let parent = tempfile::tempdir().expect("a directory");
        for expected in ["run", "run_2", "run_3"] {
            let directory = new_directory(parent.path(), "run");
            assert_eq!(directory, parent.path().join(expected));
            std::fs::create_dir(&directory).expect("made");
        }
    }
}
