//! How a window ends, or why there is none.

use roswave_engine::engine::ShutdownReport;
use roswave_engine::record::{Finished, FinishedState};
use thiserror::Error;

/// Why there is no window.
#[derive(Debug, Error)]
pub enum WindowError {
    /// No display server is named in the environment.
    #[error(
        "there is no display: neither WAYLAND_DISPLAY nor DISPLAY is set; start roswave in a graphical session, \
         or publish the demo robot without a window by `roswave demo --headless`"
    )]
    NoDisplay,
    /// The window could not be opened.
    #[error("cannot open the window: {0}; without a display `roswave demo --headless` and `roswave record` still work")]
    Open(#[from] iced::Error),
    /// The window was gone before it could be closed in order.
    #[error("the window closed without stopping the engine; look at the log for the reason")]
    Vanished,
}

/// How the window ended.
#[derive(Clone, Debug)]
pub struct WindowOutcome {
    /// What the engine left behind, and the recording that was running at the end.
    pub shutdown: ShutdownReport,
    /// Frames drawn.
    pub frames: u64,
    /// Messages that are known to be lost, over all stages.
    pub lost: Option<u64>,
    /// How the recordings of this window ended.
    pub recordings: Recordings,
}

/// What the exit code has to say of the recordings of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recordings {
    /// Why the first one that failed did.
    pub failed: Option<String>,
    /// Messages that any of them is known to have lost.
    pub lost: u64,
    /// Why the guard of the disk ended the first one that it ended.
    pub guarded: Option<String>,
}

impl Recordings {
    pub(super) fn note(&mut self, finished: &Finished) {
        if let FinishedState::Failed(reason) = &finished.state {
            let _ = self.failed.get_or_insert_with(|| reason.clone());
        }
        if let FinishedState::Guard(reason) = &finished.state {
            let _ = self.guarded.get_or_insert_with(|| reason.clone());
        }
        self.lost += finished.loss.known_total();
    }
}
