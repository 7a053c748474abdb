//! The handle that the application holds: start, commands, snapshot, updates, shutdown.
//!
//! Behind it run the `graph` thread, which owns the transport and decides what is subscribed, and the `ingest` thread,
//! which takes in the messages. No method of [`Engine`] waits for either of them, except [`Engine::shutdown`].

mod command;
mod control;
mod recording;
mod shared;
mod shutdown;
mod snapshot;
mod topic;
mod wake;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::cdr::{FieldPath, FieldPlan, PlanError};
use crate::clock::Timestamp;
use crate::ingest::{OutletError, PlotFeed, ROW_HEADER, Timing, begins_with_header, growable_row_ring, outlet};
use crate::name::TopicName;
use crate::record::{Finished, RecordRequest};
use crate::transport::{Transport, TransportError};

pub use command::Tap;
pub use recording::QUOTA_PER_MESSAGE_BYTES;
pub use snapshot::{DefinitionState, Snapshot, TopicStatus, Totals};
pub use wake::WakeFlag;

use command::{Command, PlotOrder, RecordingOrder, TapState};
use shared::Shared;
use shutdown::Before;

/// What is measured without being asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Every topic that is not hidden and whose type is not large, up to [`MEASURED_TOPICS_MAX`].
    #[default]
    All,
    /// Only what [`Engine::measure`] chose.
    Chosen,
}

/// With [`Measure::All`], as many topics are subscribed for their figures alone, first come first served.
pub const MEASURED_TOPICS_MAX: usize = 512;

/// How to start an engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The ROS domain; `None` takes `ROS_DOMAIN_ID`, else 0.
    pub domain: Option<u32>,
    /// Memory for plot rings and queues.
    pub memory_budget_bytes: u64,
    /// See [`Measure`].
    pub measure: Measure,
    /// Under which name the engine shows in `ros2 node list`.
    pub node_name: String,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            domain: None,
            memory_budget_bytes: 512 << 20,
            measure: Measure::All,
            node_name: "roswave".to_owned(),
        }
    }
}

/// Why the engine could not do what it was asked.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The transport did not start.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A thread could not be started.
    #[error("cannot start the thread `{name}`: {reason}; raise the limit of processes (`ulimit -u`)")]
    Thread {
        /// Which.
        name: &'static str,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The topic is not in the graph.
    #[error("there is no topic {0}; `roswave topics` lists those that are there")]
    UnknownTopic(TopicName),
    /// The topic's type has no definition.
    #[error("cannot plot {topic}: {reason}")]
    NoDefinition {
        /// The topic.
        topic: TopicName,
        /// Why there is none, and the way out.
        reason: Arc<str>,
    },
    /// A field cannot be plotted.
    #[error("cannot plot {topic}: {source}")]
    Plan {
        /// The topic.
        topic: TopicName,
        /// What is wrong with the field.
        source: PlanError,
    },
    /// A queue could not be made.
    #[error(transparent)]
    Outlet(#[from] OutletError),
    /// A recording is running already.
    #[error("a recording to {0} is running; stop it first")]
    AlreadyRecording(PathBuf),
    /// Commands come faster than the engine takes them.
    #[error("the engine is busy with {0} earlier commands; try again")]
    Busy(usize),
    /// The engine's thread ended.
    #[error("the engine has stopped; start it again")]
    Stopped,
}

/// A fact of human pace.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// The files are open and the messages are coming.
    RecordingStarted {
        /// The directory.
        path: PathBuf,
    },
    /// A file of a recording was finished, and the next one is being written.
    RecordingSplit {
        /// The finished file.
        path: PathBuf,
        /// Its number.
        number: u32,
        /// Messages in it.
        messages: u64,
    },
    /// What was kept in memory is being written, and what comes then too: why.
    RecordingTriggered(String),
    /// A recording ended, well or by an error.
    RecordingFinished(Finished),
    /// A recording could not be started; the sentence says why.
    RecordingRefused(String),
    /// Messages of this topic are plotted no longer: they are of another type now. Ask for its fields again.
    PlotEnded(TopicName),
    /// Something that the user should know; nothing that was received is lost.
    Warning(String),
    /// Something was lost that should not have been.
    Error(String),
}

/// What was left when the engine had stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct ShutdownReport {
    /// Threads of the engine that did not end before the deadline, by name.
    pub threads_left: Vec<String>,
    /// Files and network sockets open now and not before the start; `None` when the system does not tell.
    pub files_left: Option<usize>,
    /// Resident memory of the process.
    pub rss_bytes: u64,
    /// The recording that was running, as it was finished.
    pub recording: Option<Finished>,
    /// How long the shutdown took.
    pub took: Duration,
}

/// How long a dropped engine waits for its threads.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(5);

/// Messages that a [`Tap`] holds before it loses some.
pub const TAP_MESSAGES: usize = 65_536;

/// Bytes of payload that a [`Tap`] holds before it loses some.
pub const TAP_BYTES: u64 = 64 << 20;

/// A running engine. Dropping it shuts it down with [`SHUTDOWN_DEADLINE`].
#[derive(Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    threads: Option<shutdown::Threads>,
}

impl Engine {
    /// Joins the domain over DDS and starts the threads.
    ///
    /// # Errors
    /// When the domain cannot be joined or a thread cannot be started.
    pub fn start(config: EngineConfig) -> Result<Self, EngineError> {
        let before = Before::now();
        let transport = shutdown::dds(&config)?;
        Self::start_from(config, transport, before)
    }

    /// Starts the threads on a given transport.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start_with(config: EngineConfig, transport: Box<dyn Transport>) -> Result<Self, EngineError> {
        Self::start_from(config, transport, Before::now())
    }

    fn start_from(config: EngineConfig, transport: Box<dyn Transport>, before: Before) -> Result<Self, EngineError> {
        let (shared, threads) = shutdown::start(config, transport, before)?;
        Ok(Self {
            shared,
            threads: Some(threads),
        })
    }

    /// What is known now; at most a fifth of a second old.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// Plots these fields of a topic: all that are wanted of it, replacing what was plotted before. The feed goes to the
    /// series store.
    ///
    /// # Errors
    /// When the topic is not in the graph, its type has no definition, or a field is not in it or no number.
    pub fn plot(&self, topic: &TopicName, fields: &[FieldPath]) -> Result<PlotFeed, EngineError> {
        let snapshot = self.snapshot();
        let status = snapshot
            .topics
            .get(topic)
            .ok_or_else(|| EngineError::UnknownTopic(topic.clone()))?;
        let schema = match (&status.schema, &status.definition) {
            (Some(schema), _) => Arc::clone(schema),
            (None, DefinitionState::None(reason)) => {
                return Err(EngineError::NoDefinition {
                    topic: topic.clone(),
                    reason: Arc::clone(reason),
                });
            }
            (None, DefinitionState::Found(..)) => return Err(EngineError::UnknownTopic(topic.clone())),
        };
        let timings: Vec<Timing> = fields.iter().filter_map(Timing::of).collect();
        let fields: Vec<FieldPath> = fields
            .iter()
            .filter(|field| Timing::of(field).is_none())
            .cloned()
            .collect();
        let plan = FieldPlan::compile(&schema, &fields).map_err(|source| EngineError::Plan {
            topic: topic.clone(),
            source,
        })?;
        let rate = status.report.as_ref().and_then(|report| report.rate_hz);
        let rows = plot_rows(rate, plan.width(), self.shared.plot_ring_bytes);
        let (producer, consumer, grower) = growable_row_ring(plan.width(), rows);
        let units = fields.iter().map(|field| schema.unit(field)).collect();
        let stamped = begins_with_header(&schema);
        self.shared.command(Command::Plot(Box::new(PlotOrder {
            topic: topic.clone(),
            schema,
            stamped,
            plan,
            rows: producer,
            grower,
        })))?;
        Ok(PlotFeed {
            topic: topic.clone(),
            fields,
            units,
            timings,
            rows: consumer,
        })
    }

    /// Plots nothing of a topic any more.
    pub fn unplot(&self, topic: &TopicName) {
        self.shared.wish(Command::Unplot(topic.clone()));
    }

    /// Keeps the latest message of a topic in the snapshot, at most ten a second and always the last one; or stops that.
    pub fn inspect(&self, topic: &TopicName, on: bool) {
        self.shared.wish(Command::Inspect(topic.clone(), on));
    }

    /// Subscribes to a topic for its figures, hidden and large ones included; or stops that.
    pub fn measure(&self, topic: &TopicName, on: bool) {
        self.shared.wish(Command::Measure(topic.clone(), on));
    }

    /// Taps every message of some topics, from now on; those that are not in the graph yet as soon as they appear.
    ///
    /// # Errors
    /// When the engine is out of file descriptors, busy, or stopped.
    pub fn tap(&self, topics: &[TopicName]) -> Result<Tap, EngineError> {
        let (producer, consumer) = outlet(TAP_MESSAGES, TAP_BYTES)?;
        let state = Arc::<TapState>::default();
        self.shared.command(Command::Tap {
            topics: topics.to_vec(),
            outlet: producer,
            state: Arc::clone(&state),
        })?;
        Ok(Tap::new(topics.to_vec(), consumer, state))
    }

    /// Starts a recording. Whether its files could be opened comes as an [`Update`].
    ///
    /// # Errors
    /// When a recording is running, or the engine is busy or stopped.
    pub fn start_recording(&self, request: RecordRequest) -> Result<(), EngineError> {
        self.shared.begin_recording(&request.directory)?;
        let sent = self.shared.command(Command::StartRecording(Box::new(request)));
        if sent.is_err() {
            self.shared.end_recording();
        }
        sent
    }

    /// Finishes the recording: everything received until now is written, then the files are closed. How it ended comes
    /// as an [`Update`].
    pub fn stop_recording(&self) {
        self.shared.stop_recording();
    }

    /// Begins the next file of the recording now, unless the present one has no message yet.
    ///
    /// # Errors
    /// When the engine is busy or stopped.
    pub fn split_recording(&self) -> Result<(), EngineError> {
        self.shared.command(Command::Recording(RecordingOrder::Split))
    }

    /// Pulls the trigger of a recording that keeps the last moments in memory: they are written, and what comes then
    /// too. `why` is told to the user.
    ///
    /// # Errors
    /// When the engine is busy or stopped.
    pub fn trigger_recording(&self, why: &str) -> Result<(), EngineError> {
        let order = RecordingOrder::Trigger(why.to_owned());
        self.shared.command(Command::Recording(order))
    }

    /// Marks this moment in the recording.
    ///
    /// # Errors
    /// When the engine is busy or stopped.
    pub fn mark_recording(&self, text: &str) -> Result<(), EngineError> {
        self.mark_recording_at(Timestamp::now(), text)
    }

    /// Marks another moment in the recording, on the clock that messages are received at.
    ///
    /// # Errors
    /// When the engine is busy or stopped.
    pub fn mark_recording_at(&self, at: Timestamp, text: &str) -> Result<(), EngineError> {
        let order = RecordingOrder::Mark(at, text.to_owned());
        self.shared.command(Command::Recording(order))
    }

    /// Takes what happened since the last call, oldest first. When nobody asks, the oldest are forgotten.
    #[must_use]
    pub fn updates(&self) -> Vec<Update> {
        self.shared.take_updates()
    }

    /// For other threads: the snapshots and the updates.
    #[must_use]
    pub fn watcher(&self) -> Watcher {
        Watcher {
            shared: Arc::clone(&self.shared),
        }
    }

    /// The flag that says when there are plot rows to drain.
    #[must_use]
    pub fn wake_handle(&self) -> Arc<WakeFlag> {
        Arc::clone(&self.shared.wake)
    }

    /// Finishes the recording, ends all threads, leaves the domain, and says what was left. Waits up to `deadline`.
    pub fn shutdown(mut self, deadline: Duration) -> ShutdownReport {
        let threads = self
            .threads
            .take()
            .expect("only shutdown and drop take the threads, once");
        threads.shutdown(&self.shared, deadline)
    }
}

/// Sees what an engine knows, from any thread, and does not keep it running.
#[derive(Clone, Debug)]
pub struct Watcher {
    shared: Arc<Shared>,
}

impl Watcher {
    /// See [`Engine::snapshot`].
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// See [`Engine::updates`]; every update comes out once, here or there.
    #[must_use]
    pub fn updates(&self) -> Vec<Update> {
        self.shared.take_updates()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            let _ = threads.shutdown(&self.shared, SHUTDOWN_DEADLINE);
        }
    }
}

/// Rows of a plot ring: four seconds at the measured rate with a quarter to spare, at least [`PLOT_ROWS_MIN`] and at
/// most `bytes`. Without a measured rate: enough for a kilohertz.
fn plot_rows(rate_hz: Option<f64>, width: usize, bytes: usize) -> usize {
    let most = bytes / (8 * (width + ROW_HEADER));
    let wanted = rate_hz.unwrap_or(1000.0) * 5.0;
    // Saturates, and a rate is never negative.
    (wanted.ceil() as usize).clamp(PLOT_ROWS_MIN.min(most), most.max(1))
}

/// Fewest rows of a plot ring: a burst that the reader of a small type keeps is not lost behind it.
pub const PLOT_ROWS_MIN: usize = 4096;

/// Most bytes of a plot ring; less where the memory budget is small (a 32nd of it).
pub const PLOT_RING_BYTES_MAX: usize = 16 << 20;

#[cfg(test)]
mod tests;
