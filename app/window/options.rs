//! What the command line and the configuration file ask of the window.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::window::Quit;

/// What one start of the window was asked to do.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// A board file to open.
    pub board: Option<PathBuf>,
    /// Without a board file: open the built-in board of the demo robot instead of an empty one.
    pub demo_board: bool,
    /// A recording to open in the place of live topics.
    pub bag: Option<PathBuf>,
    /// Open in full screen.
    pub fullscreen: bool,
    /// Record from the start every topic whose name this regular expression finds; `all` is every topic.
    pub record: Option<String>,
    /// Force the eco profile on or off; `None` leaves it to the renderer.
    pub eco: Option<bool>,
    /// Close after this time, counted from the first frame.
    pub exit_after: Option<Duration>,
    /// Write the window report to this file at exit.
    pub report: Option<PathBuf>,
    /// From the configuration file.
    pub settings: Settings,
    /// Files and sockets that were open before the engine was started; what is open at the end besides them is left over.
    pub files_before: Option<BTreeSet<PathBuf>>,
    /// Asks the window to close from outside: the signals use it.
    pub quit: Arc<Quit>,
}

/// What the configuration file says about the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The colours to start with.
    pub theme: ThemeChoice,
    /// Upper bound of the frame rate; `None` is the default of 60.
    pub fps_cap: Option<u32>,
    /// The memory budget of the history, in bytes.
    pub memory_budget_bytes: u64,
    /// Where recordings go; `None` is `ROSwave` in the home directory.
    pub recordings: Option<PathBuf>,
    /// What was wrong with the configuration file, as one sentence; shown in the window.
    pub problem: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::Dark,
            fps_cap: None,
            memory_budget_bytes: 512 << 20,
            recordings: None,
            problem: None,
        }
    }
}

/// The colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// Light text on near black.
    #[default]
    Dark,
    /// Dark text on near white.
    Light,
}
