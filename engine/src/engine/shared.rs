//! What the handle and the `graph` thread share.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::command::Command;
use super::{EngineConfig, EngineError, PLOT_RING_BYTES_MAX, Snapshot, Update, WakeFlag};
use crate::budget::Budget;
use crate::transport::Waker;

/// Commands that may wait for the `graph` thread.
pub(super) const COMMANDS_MAX: usize = 1024;

/// Updates that wait to be taken; the oldest is forgotten first.
const UPDATES_MAX: usize = 256;

#[derive(Debug)]
pub(super) struct Shared {
    pub snapshot: ArcSwap<Snapshot>,
    pub wake: Arc<WakeFlag>,
    pub stop_recording: AtomicBool,
    pub shutdown: AtomicBool,
    deadline_ns: AtomicI64,
    /// Most bytes of one plot ring.
    pub plot_ring_bytes: usize,
    commands: SyncSender<Command>,
    graph_waker: Waker,
    updates: Mutex<VecDeque<Update>>,
    /// Where the recording goes that is running or about to.
    recording: Mutex<Option<PathBuf>>,
}

impl Shared {
    pub fn new(
        config: &EngineConfig,
        snapshot: Snapshot,
        commands: SyncSender<Command>,
        graph_waker: Waker,
    ) -> Arc<Self> {
        let share = Budget::new(config.memory_budget_bytes).plot_ring_bytes();
        let share = usize::try_from(share).unwrap_or(usize::MAX);
        Arc::new(Self {
            snapshot: ArcSwap::from_pointee(snapshot),
            wake: WakeFlag::new(),
            stop_recording: AtomicBool::new(false),
            shutdown: AtomicBool::new(false),
            deadline_ns: AtomicI64::new(i64::MAX),
            plot_ring_bytes: share.min(PLOT_RING_BYTES_MAX),
            commands,
            graph_waker,
            updates: Mutex::default(),
            recording: Mutex::default(),
        })
    }

    pub fn command(&self, command: Command) -> Result<(), EngineError> {
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Busy(COMMANDS_MAX),
            TrySendError::Disconnected(_) => EngineError::Stopped,
        })?;
        self.graph_waker.wake();
        Ok(())
    }

    /// A command that nobody waits for: when it cannot be taken, that is said as a warning.
    pub fn wish(&self, command: Command) {
        if let Err(error) = self.command(command) {
            self.tell(Update::Warning(error.to_string()));
        }
    }

    pub fn begin_recording(&self, directory: &Path) -> Result<(), EngineError> {
        let mut recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = recording.as_ref() {
            return Err(EngineError::AlreadyRecording(path.clone()));
        }
        *recording = Some(directory.to_owned());
        self.stop_recording.store(false, Ordering::Release);
        Ok(())
    }

    pub fn end_recording(&self) {
        *self.recording.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub fn stop_recording(&self) {
        self.stop_recording.store(true, Ordering::Release);
        self.graph_waker.wake();
    }

    pub fn deadline_ns(&self) -> i64 {
        self.deadline_ns.load(Ordering::Acquire)
    }

    pub fn stop(&self, deadline_ns: i64) {
        self.deadline_ns.store(deadline_ns, Ordering::Release);
        self.shutdown.store(true, Ordering::Release);
        self.graph_waker.wake();
    }

    pub fn tell(&self, update: Update) {
        match &update {
            Update::PlotEnded(topic) => tracing::warn!("{topic} has another type now: it is plotted no longer"),
            Update::Warning(text) => tracing::warn!("{text}"),
            Update::Error(text) | Update::RecordingRefused(text) => tracing::error!("{text}"),
            Update::RecordingStarted { path } => tracing::info!(path = %path.display(), "recording started"),
            Update::RecordingSplit { path, .. } => tracing::info!(path = %path.display(), "recording split"),
            Update::RecordingTriggered(why) => tracing::info!(why, "recording triggered"),
            Update::RecordingFinished(finished) => tracing::info!(?finished, "recording finished"),
        }
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        // The same sentence again says nothing new.
        if updates.back() == Some(&update) {
            return;
        }
        if updates.len() >= UPDATES_MAX {
            let _ = updates.pop_front();
        }
        updates.push_back(update);
    }

    pub fn take_updates(&self) -> Vec<Update> {
        self.updates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }
}
