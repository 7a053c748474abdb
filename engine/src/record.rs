//! The recorder: its own thread behind an SPSC ring bounded in bytes, writing MCAP and `metadata.yaml`.
//!
//! ```text
//! ingest --(ring)--> recorder thread: chunk in memory -> write(2) by size or age -> fdatasync at most every 1 s or 8 MiB
//! ```
//!
//! A recording is a directory `X/` that `ros2 bag info` and `ros2 bag play` accept. While it is being written it holds
//! `X_0.mcap.active`; at the end that file is finished, synced, renamed to `X_0.mcap`, the directory is synced and
//! `metadata.yaml` is put beside it in one step. A directory without `metadata.yaml` was therefore not finished.
//!
//! What can be lost: a killed process loses at most [`CHUNK_AGE`] of messages (those not yet handed to the kernel), a
//! power cut at most [`SYNC_AGE`] plus the time that the disk takes to sync. [`RecordingStatus::unsafe_s`] tells it.

mod directory;
mod file;
pub(crate) mod meta;
mod pattern;
mod sink;
mod tail;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;
use serde::Serialize;

use crate::clock::monotonic_ns;
use crate::graph::TypeHash;
use crate::ingest::{OutletConsumer, TopicIndex};
use crate::loss::{Count, Loss};
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;

pub use directory::default_name;
pub use pattern::{Pattern, PatternError};
pub use sink::{DiskFile, Sink};

/// A chunk is written out when it holds this many bytes of messages.
pub const CHUNK_BYTES: usize = 1024 * 1024;
/// A chunk is written out when its first message has waited this long.
pub const CHUNK_AGE: Duration = Duration::from_millis(250);
/// What was written is synced to the disk when this many bytes have gathered.
pub const SYNC_BYTES: u64 = 8 * 1024 * 1024;
/// What was written is synced to the disk after this time at the latest.
pub const SYNC_AGE: Duration = Duration::from_secs(1);
/// Default of [`RecordRequest::quota_bytes`].
pub const QUOTA_BYTES: u64 = 128 * 1024 * 1024;

/// Commands that may wait for the recorder thread: far more than the topics of any robot.
const COMMANDS: usize = 16_384;

/// How long the disk may take to answer to the start of a recording.
const START_DEADLINE: Duration = Duration::from_secs(2);

/// Which topics a recording takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every topic, those that appear later too; hidden ones excluded.
    All,
    /// These.
    Topics(Vec<TopicName>),
    /// Those that a pattern takes, those that appear later too.
    Matching(Pattern),
}

impl Selection {
    /// True when `topic` is to be recorded.
    #[must_use]
    pub fn wants(&self, topic: &TopicName) -> bool {
        match self {
            Self::All => !topic.is_hidden(),
            Self::Topics(topics) => topics.contains(topic),
            Self::Matching(pattern) => pattern.wants(topic),
        }
    }
}

/// How chunks are compressed. `None` costs the least processor time and is what rosbag2 does by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not.
    #[default]
    None,
    /// LZ4: little processor time.
    Lz4,
    /// Zstandard at its fastest level: the smallest files.
    Zstd,
}

/// What to record, and where to.
#[derive(Clone, Debug)]
pub struct RecordRequest {
    /// Which topics.
    pub selection: Selection,
    /// The directory of the recording. It is created; it must not exist, or be empty.
    pub directory: PathBuf,
    /// Compression of chunks.
    pub compression: Compression,
    /// The recording ends by itself after this time.
    pub max_duration: Option<Duration>,
    /// Bytes of messages that may wait for the disk before messages are lost. See [`QUOTA_BYTES`].
    pub quota_bytes: u64,
}

/// What the recorder must know of a topic before it can write its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelInfo {
    /// The topic's number in the outlet.
    pub topic: TopicIndex,
    /// Its name.
    pub name: TopicName,
    /// Its type.
    pub type_name: TypeName,
    /// The announced RIHS01 hash.
    pub type_hash: Option<TypeHash>,
    /// The definition with all its dependencies, in MCAP's `ros2msg` form.
    pub definition: Option<String>,
    /// What the writers offer, one each.
    pub offered_qos: Vec<Qos>,
}

/// Where a recording stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingState {
    /// Files are open, no message is on disk yet.
    Starting,
    /// Messages are being written.
    Recording,
    /// Stopped: the rest is being written.
    Finishing,
    /// Finished and whole.
    Complete,
    /// Ended by an error: one sentence that says what happened and what is left.
    Failed(String),
}

/// A topic within a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedTopic {
    /// Its name.
    pub name: TopicName,
    /// Messages in the file.
    pub messages: u64,
    /// Messages that are not in the file, per stage.
    pub loss: Loss,
}

/// The state of a recording, ten times a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordingStatus {
    /// Where it stands.
    pub state: RecordingState,
    /// The directory.
    pub path: PathBuf,
    /// Messages in the file.
    pub messages: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Seconds since the start; stands still at the end.
    pub duration_s: f64,
    /// Bytes written per second, over the last second. `None` before there was one.
    pub write_rate_bps: Option<f64>,
    /// Bytes of messages that wait for the recorder.
    pub queued_bytes: u64,
    /// How many may wait.
    pub quota_bytes: u64,
    /// The sum over all topics.
    pub loss: Loss,
    /// By name.
    pub topics: Vec<RecordedTopic>,
    /// From the start to the first message on disk, synced.
    pub first_write_ns: Option<i64>,
    /// Age in seconds of the oldest message that a power cut would take.
    pub unsafe_s: f64,
    /// How long the last sync of the disk took.
    pub last_sync_ns: Option<i64>,
    /// How long the slowest sync of the disk took.
    pub slowest_sync_ns: Option<i64>,
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishedState {
    /// Every message that was taken from the queue is in the file.
    Complete,
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
    /// Messages in the file.
    pub messages: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Seconds from start to stop.
    pub duration_s: f64,
    /// The sum over all topics.
    pub loss: Loss,
    /// By name.
    pub topics: Vec<RecordedTopic>,
}

/// Why a recording could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The disk does not answer.
    #[error("the disk of {path} does not answer; record to another one with -o")]
    Hangs {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds files already.
    #[error("cannot record into {path}: the directory is not empty; choose a new name")]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// A file stands where the directory should be.
    #[error("cannot record into {path}: {obstacle} is a file, not a directory; choose another name")]
    InTheWay {
        /// The directory.
        path: PathBuf,
        /// The file.
        obstacle: PathBuf,
    },
    /// The path has no last part to name the files after, or one that is not UTF-8.
    #[error(
        "cannot record into {path}: the last part of the path must be a plain UTF-8 name, such as `bags/first_run`"
    )]
    BadName {
        /// The directory.
        path: PathBuf,
    },
    /// The rights are missing.
    #[error(
        "cannot record into {path}: no permission to write in {place}; choose another directory or change its rights"
    )]
    Denied {
        /// The directory.
        path: PathBuf,
        /// Where the rights are missing.
        place: PathBuf,
    },
    /// The file system takes no writes.
    #[error("cannot record into {path}: {place} is on a read-only file system; choose another directory")]
    ReadOnly {
        /// The directory.
        path: PathBuf,
        /// The place that is read-only.
        place: PathBuf,
    },
    /// No room is left.
    #[error("cannot record into {path}: no space is left on that disk; free some or choose another one")]
    Full {
        /// The directory.
        path: PathBuf,
    },
    /// Anything else that the system says.
    #[error("cannot record into {path}: {source}; choose another directory")]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No thread could be started.
    #[error("cannot start the recorder's thread: {0}; close other programs and try again")]
    Thread(std::io::Error),
}

impl RecordError {
    fn from_io(path: &Path, place: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let (path, place) = (path.to_owned(), place.to_owned());
        match source.kind() {
            Kind::PermissionDenied => Self::Denied { path, place },
            Kind::ReadOnlyFilesystem => Self::ReadOnly { path, place },
            Kind::StorageFull | Kind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, source },
        }
    }
}

/// The command queue of the recorder is full, which means that its thread hangs on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recorder does not answer: the disk may hang; stop the recording")]
pub struct Unanswered;

/// To the recorder thread.
enum Command {
    Channel(ChannelInfo),
    Loss(TopicIndex, Loss),
}

/// A running recording.
pub struct Recorder {
    commands: SyncSender<Command>,
    stopping: Arc<AtomicBool>,
    status: Arc<ArcSwap<RecordingStatus>>,
    finished: Receiver<Finished>,
    thread: Option<JoinHandle<()>>,
    quota_bytes: u64,
}

impl Recorder {
    /// Creates the directory and the file, writes the file's head to the disk, and starts the thread `recorder`.
    ///
    /// # Errors
    /// At once, with a sentence that names the path; nothing is left behind then.
    pub fn start(request: RecordRequest, outlet: OutletConsumer) -> Result<Self, RecordError> {
        Self::start_with(request, outlet, |file| Box::new(file))
    }

    /// Like [`Recorder::start`], with something between the recorder and its file: tests let disks fail here.
    ///
    /// # Errors
    /// See [`Recorder::start`].
    pub fn start_with(
        request: RecordRequest,
        outlet: OutletConsumer,
        wrap: impl FnOnce(DiskFile) -> Box<dyn Sink> + Send + 'static,
    ) -> Result<Self, RecordError> {
        let began_ns = monotonic_ns();
        let path = std::path::absolute(&request.directory).unwrap_or_else(|_| request.directory.clone());
        let quota_bytes = request.quota_bytes;
        let status = Arc::new(ArcSwap::from_pointee(RecordingStatus::starting(&path, quota_bytes)));
        let stopping = Arc::new(AtomicBool::new(false));
        let (commands, command_queue) = sync_channel(COMMANDS);
        let (ready_sender, ready) = sync_channel(1);
        let (finished_sender, finished) = sync_channel(1);
        let context = writer::Context {
            request,
            began_ns,
            commands: command_queue,
            stopping: Arc::clone(&stopping),
            status: Arc::clone(&status),
        };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let opened = directory::Place::create(&context.request.directory).and_then(|mut place| {
                    let file = place.open()?;
                    Ok((place, wrap(file)))
                });
                match opened {
                    Ok((place, sink)) => writer::run(context, place, sink, outlet, &ready_sender, &finished_sender),
                    Err(error) => drop(ready_sender.send(Err(error))),
                }
            })
            .map_err(RecordError::Thread)?;
        // The thread makes the file and writes its head first: a full disk is told here and not later, and one that hangs
        // holds up its own thread only.
        match ready.recv_timeout(START_DEADLINE) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let _ = thread.join();
                return Err(error);
            }
            Err(RecvTimeoutError::Timeout) => {
                stopping.store(true, Ordering::Release);
                return Err(RecordError::Hangs { path });
            }
            Err(RecvTimeoutError::Disconnected) => {
                let _ = thread.join();
                let source = std::io::Error::other("the recorder's thread ended early");
                return Err(RecordError::Io { path, source });
            }
        }
        Ok(Self {
            commands,
            stopping,
            status,
            finished,
            thread: Some(thread),
            quota_bytes,
        })
    }

    /// Names a topic, or tells more about one that was named. To be called before its first message is pushed; the
    /// definition and further offers may follow: messages written from then on carry them.
    ///
    /// # Errors
    /// When the recorder hangs.
    pub fn channel(&self, info: ChannelInfo) -> Result<(), Unanswered> {
        self.send(Command::Channel(info))
    }

    /// What was lost of a topic before it reached the recorder, counted since the recording began; the last call for
    /// a topic stands. [`Loss::disk`] is the recorder's own and ignored here. Stages never told are unknown.
    ///
    /// # Errors
    /// When the recorder hangs.
    pub fn note_loss(&self, topic: TopicIndex, loss: Loss) -> Result<(), Unanswered> {
        self.send(Command::Loss(topic, loss))
    }

    fn send(&self, command: Command) -> Result<(), Unanswered> {
        match self.commands.try_send(command) {
            // A recorder that has ended needs to hear nothing more.
            Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Unanswered),
        }
    }

    /// The present state; never blocks.
    #[must_use]
    pub fn status(&self) -> RecordingStatus {
        RecordingStatus::clone(&self.status.load())
    }

    /// Bytes that may wait in the queue.
    #[must_use]
    pub fn quota_bytes(&self) -> u64 {
        self.quota_bytes
    }

    /// Asks for the end and returns at once. What waits in the queue is still written: let the producer stop first.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// True when [`Recorder::join`] would return at once.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end, which [`Recorder::stop`], the longest duration, a closed queue or an error bring about.
    /// `None` when it does not come within `deadline`; the thread goes on by itself then.
    #[must_use]
    pub fn join(mut self, deadline: Duration) -> Option<Finished> {
        match self.finished.recv_timeout(deadline) {
            Ok(finished) => {
                if let Some(thread) = self.thread.take() {
                    let _ = thread.join();
                }
                Some(finished)
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

impl RecordingStatus {
    fn starting(path: &Path, quota_bytes: u64) -> Self {
        Self {
            state: RecordingState::Starting,
            path: path.to_owned(),
            messages: 0,
            bytes: 0,
            duration_s: 0.0,
            write_rate_bps: None,
            queued_bytes: 0,
            quota_bytes,
            loss: Loss::UNKNOWN,
            topics: Vec::new(),
            first_write_ns: None,
            unsafe_s: 0.0,
            last_sync_ns: None,
            slowest_sync_ns: None,
        }
    }
}

/// The sum over topics; with no topic, nothing was lost.
fn total_loss(topics: &[RecordedTopic]) -> Loss {
    topics.iter().fold(Loss::NONE, |sum, topic| sum.plus(topic.loss))
}

/// Loss of a topic of which ingest has told nothing yet.
const UNTOLD: Loss = Loss {
    disk: Count::Known(0),
    ..Loss::UNKNOWN
};
