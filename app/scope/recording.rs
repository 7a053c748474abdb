//! Which topics are recorded, and where to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use roswave_engine::clock::Timestamp;
use roswave_engine::engine::{Engine, Snapshot};
use roswave_engine::name::TopicName;
use roswave_engine::record::{Compression, Pattern, RecordRequest, RecordingState, RecordingStatus, Selection};

use crate::scope::{Notice, Scope};

/// Bytes that may wait for the disk.
const QUOTA_BYTES: u64 = 256 << 20;

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
                let others = snapshot.topics.keys().filter(|name| *name != topic).cloned();
                *self = Self::Some(others.collect());
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
            self.start_recording(engine);
        }
    }

    fn start_recording(&mut self, engine: &Engine) {
        let Some(selection) = self.ticks.selection() else {
            self.set_notice(Notice {
                text: "Nothing to record: tick a topic, or tick all topics".to_owned(),
                details: None,
            });
            return;
        };
        self.record(selection, engine);
    }

    /// Records what a regular expression of the command line finds, now and later; `all` is every topic.
    pub fn record_matching(&mut self, pattern: &str, engine: &Engine) {
        if pattern == "all" {
            self.record(Selection::All, engine);
            return;
        }
        match Pattern::new(Some(pattern), None) {
            Ok(pattern) => self.record(Selection::Matching(pattern), engine),
            Err(error) => self.set_notice(Notice {
                text: format!("Cannot record: {error}"),
                details: None,
            }),
        }
    }

    fn record(&mut self, selection: Selection, engine: &Engine) {
        let request = RecordRequest {
            selection,
            directory: new_directory(&self.recordings, Timestamp::now()),
            compression: Compression::default(),
            max_duration: None,
            quota_bytes: QUOTA_BYTES,
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

/// A directory that does not exist yet, named by the time in UTC: `2026_11_24-03_45_12`.
fn new_directory(parent: &Path, now: Timestamp) -> PathBuf {
    let name = utc_name(now);
    let first = parent.join(&name);
    if !first.exists() {
        return first;
    }
    (2..)
        .map(|n| parent.join(format!("{name}_{n}")))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

/// The date by Howard Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>).
fn utc_name(time: Timestamp) -> String {
    let seconds = time.0.div_euclid(1_000_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}_{month:02}_{day:02}-{hour:02}_{minute:02}_{:02}", second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_named_by_the_time() {
        assert_eq!(utc_name(Timestamp(0)), "1970_01_01-00_00_00");
        assert_eq!(utc_name(Timestamp(951_782_400_000_000_000)), "2000_02_29-00_00_00");
        assert_eq!(utc_name(Timestamp(1_795_491_912_000_000_000)), "2026_11_24-03_45_12");
        let parent = tempfile::tempdir().expect("a directory");
        let first = new_directory(parent.path(), Timestamp(0));
        std::fs::create_dir(&first).expect("made");
        let second = new_directory(parent.path(), Timestamp(0));
        assert!(second.ends_with("1970_01_01-00_00_00_2"));
    }
}
