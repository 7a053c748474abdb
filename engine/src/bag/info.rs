//! A recording at a glance: what `roswave info` tells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Bag, BagError};
use crate::loss::Loss;
use crate::qos::Qos;

/// A recording at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BagInfo {
    /// The directory or file that was asked about.
    pub path: PathBuf,
    /// The kind of file: `mcap` or `sqlite3`.
    pub storage: &'static str,
    /// Messages that can be read.
    pub messages: u64,
    /// Size of the files that hold them.
    pub bytes: u64,
    /// Receive time of the earliest message; `None` when there is none.
    pub start_ns: Option<u64>,
    /// Receive time of the latest message.
    pub end_ns: Option<u64>,
    /// True when every file was finished by its writer.
    pub complete: bool,
    /// What is wrong, when it is not complete.
    pub problem: Option<String>,
    /// By name.
    pub topics: Vec<BagTopic>,
    /// What was lost while recording, where the recording tells it.
    pub loss: Option<Loss>,
    /// Moments that the user has marked.
    pub bookmarks: Vec<Bookmark>,
    /// The files, in order.
    pub files: Vec<PathBuf>,
}

/// One topic of a recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BagTopic {
    /// Its name.
    pub name: String,
    /// The name of its type; `None` when the file does not say.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// Messages that can be read.
    pub messages: u64,
    /// Messages per second over the whole recording; `None` when that has no length.
    pub rate_hz: Option<f64>,
    /// What was lost while recording, where the recording tells it.
    pub loss: Option<Loss>,
    /// What its writers offered.
    pub qos: Vec<Qos>,
    /// True when the recording has the definition of the type.
    pub defined: bool,
}

/// A marked moment of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bookmark {
    /// When.
    pub time_ns: u64,
    /// What the user wrote.
    pub text: String,
}

/// Looks at a recording: a directory, or one file, finished or not.
///
/// # Errors
/// When there is nothing that can be read.
pub fn info(path: &Path) -> Result<BagInfo, BagError> {
    Bag::open(path).map(|bag| bag.info())
}

impl Bag {
    /// The recording at a glance.
    #[must_use]
    pub fn info(&self) -> BagInfo {
        let (start_ns, end_ns) = self.span_ns().unzip();
        let seconds = self
            .span_ns()
            .map(|(start, end)| end.saturating_sub(start) as f64 / 1e9);
        let mut topics = BTreeMap::<&str, BagTopic>::new();
        for channel in self.channels() {
            let topic = topics.entry(&channel.topic).or_insert_with(|| BagTopic {
                name: channel.topic.clone(),
                type_name: None,
                messages: 0,
                rate_hz: None,
                loss: self.ledger().and_then(|ledger| ledger.get(&channel.topic).copied()),
                qos: Vec::new(),
                defined: false,
            });
            topic.type_name = Some(channel.type_name.clone())
                .filter(|name| !name.is_empty())
                .or(topic.type_name.take());
            topic.messages = topic.messages.saturating_add(channel.messages);
            topic.qos.extend(channel.offered_qos.iter().copied());
            topic.defined |= channel.definition.is_some() || channel.other_definition.is_some();
        }
        let mut topics: Vec<_> = topics.into_values().collect();
        for topic in &mut topics {
            let length = seconds.filter(|seconds| *seconds > 0.0);
            topic.rate_hz = length.map(|seconds| topic.messages as f64 / seconds);
        }
        BagInfo {
            path: self.path().to_owned(),
            storage: self.storage().name(),
            messages: self.message_count(),
            bytes: self.bytes(),
            start_ns,
            end_ns,
            complete: self.is_complete(),
            problem: (!self.is_complete()).then(|| self.problems().join("; ")),
            topics,
            loss: self.ledger().and_then(|ledger| ledger.get("total").copied()),
            bookmarks: Vec::new(),
            files: self.files().iter().map(|file| file.path.clone()).collect(),
        }
    }
}
