//! The handle of a running recording.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::disk::Wrap;
use super::facts::cut;
use super::request::RecordRequest;
use super::sink::{DiskFile, Sink};
use super::status::{Finished, RecordingEvent, RecordingStatus};
use super::{ChannelInfo, RecordError, writer};
use crate::bag::Bookmark;
use crate::clock::{Timestamp, monotonic_ns};
use crate::ingest::{OutletConsumer, TopicIndex};
use crate::loss::Loss;

/// Commands that may wait for the recorder thread: far more than the topics of any robot.
const COMMANDS: usize = 16_384;

/// Events that may wait to be taken.
const EVENTS: usize = 256;

/// How long the disk may take to answer to the start of a recording.
const START_DEADLINE: Duration = Duration::from_secs(2);

/// The command queue of the recorder is full, which means that its thread hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recorder does not answer: the disk may hang; stop the recording")]
pub struct Unanswered;

/// To the recorder thread.
pub(super) enum Command {
    Channel(ChannelInfo),
    Loss(TopicIndex, Loss),
    Split,
    Trigger(String),
    Mark(Bookmark),
}

/// A running recording.
pub struct Recorder {
    commands: SyncSender<Command>,
    stopping: Arc<AtomicBool>,
    status: Arc<ArcSwap<RecordingStatus>>,
    events: Receiver<RecordingEvent>,
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

    /// Like [`Recorder::start`], with something between the recorder and each of its files: tests let disks fail here.
    ///
    /// # Errors
    /// See [`Recorder::start`].
    pub fn start_with(
        request: RecordRequest,
        outlet: OutletConsumer,
        wrap: impl FnMut(DiskFile) -> Box<dyn Sink> + Send + 'static,
    ) -> Result<Self, RecordError> {
        let began_ns = monotonic_ns();
        let path = std::path::absolute(&request.directory).unwrap_or_else(|_| request.directory.clone());
        let quota_bytes = request.quota_bytes;
        let starting = RecordingStatus::starting(&path, quota_bytes, request.reserve_bytes);
        let status = Arc::new(ArcSwap::from_pointee(starting));
        let stopping = Arc::new(AtomicBool::new(false));
        let (commands, command_queue) = sync_channel(COMMANDS);
        let (events_sender, events) = sync_channel(EVENTS);
        let (ready_sender, ready) = sync_channel(1);
        let (finished_sender, finished) = sync_channel(1);
        let wrap: Wrap = Box::new(wrap);
        let context = writer::Context {
            request,
            began_ns,
            commands: command_queue,
            stopping: Arc::clone(&stopping),
            status: Arc::clone(&status),
            events: events_sender,
        };
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || writer::run(context, wrap, outlet, &ready_sender, &finished_sender))
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
            events,
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

    /// Begins the next file now, unless the present one has no message yet.
    ///
    /// # Errors
    /// When the recorder hangs.
    pub fn split(&self) -> Result<(), Unanswered> {
        self.send(Command::Split)
    }

    /// Pulls the trigger of a recording that has one: what is kept in memory is written, and what comes then too.
    /// While that goes on, it begins anew. `why` is told to the user.
    ///
    /// # Errors
    /// When the recorder hangs.
    pub fn trigger(&self, why: &str) -> Result<(), Unanswered> {
        self.send(Command::Trigger(why.to_owned()))
    }

    /// Marks a moment. A text longer than 16 KiB is cut.
    ///
    /// # Errors
    /// When the recorder hangs.
    pub fn mark(&self, time: Timestamp, text: &str) -> Result<(), Unanswered> {
        self.send(Command::Mark(Bookmark {
            time_ns: u64::try_from(time.0).unwrap_or(0),
            text: cut(text.to_owned()),
        }))
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

    /// What happened since the last call, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<RecordingEvent> {
        self.events.try_iter().collect()
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

    /// Waits for the end, which [`Recorder::stop`], the longest duration, a closed queue, the guard of the disk, a
    /// condition or an error bring about. `None` when it does not come within `deadline`; the thread goes on by itself
    /// then.
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
