//! Logs go to standard error; `RUST_LOG` chooses which.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

/// Starts logging. The window logs what it does; a verb tells what matters in its own words, and nothing twice.
pub fn start(window: bool) {
    let usual = if window {
        "error,roswave=info,roswave_engine=info"
    } else {
        "off"
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // A second start in one process, as tests do, keeps the first.
    let _ = subscriber.try_init();
}
