//! Where a recording stands, and how it ended.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::loss::{Count, Loss};
use crate::name::TopicName;

/// Where a recording stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingState {
    /// Files are open, no message is on disk yet.
    Starting,
    /// Messages are being written, or kept in memory until the trigger: see [`RecordingStatus::box_`].
    Recording,
    /// Stopped: the rest is being written.
    Finishing,
    /// Finished and whole.
    Complete,
    /// Ended whole by the guard of the disk: one sentence that says why.
    Guard(String),
    /// Ended by an error: one sentence that says what happened and what is left.
    Failed(String),
}

/// A topic within a recording: a row of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordedTopic {
    /// Its name.
    pub name: TopicName,
    /// Messages in the files, repeated ones included.
    pub messages: u64,
    /// Messages that the recorder was given to write.
    pub received: u64,
    /// Of these, handed to the kernel.
    pub written: u64,
    /// Of these, on the disk.
    pub safe: u64,
    /// What latched writers said, said again at the beginning of every later file.
    pub repeated: u64,
    /// Messages that are not in the files, per stage.
    pub loss: Loss,
    /// Receive times of the earliest and the latest message that was written.
    pub span_ns: Option<(u64, u64)>,
    /// Between which moments messages were lost.
    pub lost_ns: Option<(u64, u64)>,
    /// Messages per second, over the last two seconds. `None` before there were two.
    pub rate_hz: Option<f64>,
    /// For how long the topic has been silent, when that is out of its habit.
    pub silent_s: Option<f64>,
    /// True when its rate is not the one that was expected.
    pub unexpected: bool,
    /// True when the definition of its type stands in the file.
    pub defined: bool,
}

/// What is kept in memory until the trigger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct BoxStatus {
    /// True while messages are kept; false while they are written.
    pub armed: bool,
    /// Messages that are kept.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// From the oldest of them until now.
    pub seconds: f64,
    /// How often the trigger was pulled.
    pub captures: u32,
    /// Messages that went by without a trigger.
    pub passed: u64,
    /// How long the writing still goes on; `None` when armed or without end.
    pub post_left_s: Option<f64>,
}

/// The state of a recording, ten times a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordingStatus {
    /// Where it stands.
    pub state: RecordingState,
    /// The directory.
    pub path: PathBuf,
    /// Messages in the files, without those of the recorder itself.
    pub messages: u64,
    /// Messages that the recorder was given to write.
    pub received: u64,
    /// Messages on the disk.
    pub safe: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Seconds since the start; stands still at the end.
    pub duration_s: f64,
    /// Bytes written per second, over the last second. `None` before there was one.
    pub write_rate_bps: Option<f64>,
    /// Bytes of messages that wait for the recorder.
    pub queued_bytes: u64,
    /// How many may wait.
    pub quota_bytes: u64,
    /// How full the queue is, by bytes or by messages, whichever is more: 0 to 1. Messages are lost at 1.
    pub queue_share: f64,
    /// The sum over all topics.
    pub loss: Loss,
    /// By name.
    pub topics: Vec<RecordedTopic>,
    /// From the start to the first message on disk, synced.
    pub first_write_ns: Option<i64>,
    /// Age in seconds of the oldest message that a power cut would take.
    pub unsafe_s: f64,
    /// The largest that this ever was.
    pub slowest_safe_s: f64,
    /// How long the last sync of the disk took.
    pub last_sync_ns: Option<i64>,
    /// How long the slowest sync of the disk took.
    pub slowest_sync_ns: Option<i64>,
    /// Bytes that are free on the disk.
    pub free_bytes: Option<u64>,
    /// Bytes that stay free.
    pub reserve_bytes: u64,
    /// How long the room lasts at the present rate, until the reserve is reached.
    pub seconds_left: Option<f64>,
    /// Files so far, the one that is being written included and those that were deleted too.
    pub files: u32,
    /// Files that were deleted to make room.
    pub files_removed: u32,
    /// Messages in them.
    pub messages_removed: u64,
    /// Bookmarks so far.
    pub bookmarks: u64,
    /// What is kept in memory until the trigger; `None` without one.
    #[serde(rename = "box")]
    pub box_: Option<BoxStatus>,
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishedState {
    /// Every message that was taken from the queue is in the files.
    Complete,
    /// The same; the guard of the disk ended it: one sentence that says why.
    Guard(String),
    /// An error ended it: one sentence that says what happened and what is left.
    Failed(String),
}

/// The result of a recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finished {
    /// How it ended.
    pub state: FinishedState,
    /// The directory.
    pub path: PathBuf,
    /// Messages in the files, without those of the recorder itself.
    pub messages: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Seconds from start to stop.
    pub duration_s: f64,
    /// The sum over all topics.
    pub loss: Loss,
    /// By name.
    pub topics: Vec<RecordedTopic>,
    /// Files, those that were deleted included.
    pub files: u32,
    /// The longest that a message waited until it was safe.
    pub slowest_safe_s: f64,
}

/// What happens while a recording runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingEvent {
    /// A file was finished, and the next one is being written.
    Split {
        /// The finished file.
        path: PathBuf,
        /// Its number.
        number: u32,
        /// Messages in it.
        messages: u64,
    },
    /// The trigger was pulled: why.
    Triggered(String),
    /// Something that the user should know; nothing is lost.
    Warning(String),
}

impl RecordingStatus {
    pub(super) fn starting(path: &Path, quota_bytes: u64, reserve_bytes: u64) -> Self {
        Self {
            state: RecordingState::Starting,
            path: path.to_owned(),
            messages: 0,
            received: 0,
            safe: 0,
            bytes: 0,
            duration_s: 0.0,
            write_rate_bps: None,
            queued_bytes: 0,
            quota_bytes,
            queue_share: 0.0,
            loss: Loss::UNKNOWN,
            topics: Vec::new(),
            first_write_ns: None,
            unsafe_s: 0.0,
            slowest_safe_s: 0.0,
            last_sync_ns: None,
            slowest_sync_ns: None,
            free_bytes: None,
            reserve_bytes,
            seconds_left: None,
            files: 1,
            files_removed: 0,
            messages_removed: 0,
            bookmarks: 0,
            box_: None,
        }
    }
}

/// The sum over topics; with no topic, nothing was lost.
pub(super) fn total_loss(topics: &[RecordedTopic]) -> Loss {
    topics.iter().fold(Loss::NONE, |sum, topic| sum.plus(topic.loss))
}

/// Loss of a topic of which ingest has told nothing yet.
pub(super) const UNTOLD: Loss = Loss {
    disk: Count::Known(0),
    ..Loss::UNKNOWN
};
