//! `roswave` without a verb: the window.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use roswave_engine::engine::{Engine, EngineConfig};
use roswave_engine::monitor;
use roswave_engine::transport::memory::memory;

use super::Outcome;
use crate::config::Config;
use crate::signals::Signals;
use crate::window::{self, WindowOptions};

#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
#[group(skip)]
pub(super) struct Options {
    /// A board to open
    #[arg(long, value_name = "FILE")]
    board: Option<PathBuf>,
    /// Open in full screen
    #[arg(long)]
    fullscreen: bool,
    /// Record from the start the topics whose name this regular expression finds
    #[arg(long, value_name = "PATTERN", value_parser = super::record::pattern)]
    record: Option<String>,
    /// The eco profile: 20 frames a second, thin curves [default: when there is no GPU]
    #[arg(long, value_name = "on|off", num_args = 0..=1, require_equals = true, default_missing_value = "on", value_parser = on_off)]
    eco: Option<bool>,
    /// Close after this long, counted from the first frame
    #[arg(long, value_name = "SECS", value_parser = super::stats::seconds)]
    exit_after: Option<f64>,
    /// Write the window's report to this file at exit
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Options {
    /// What is said here, and what `other` says about the rest: `roswave --eco demo` is `roswave demo --eco`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            board: self.board.or(other.board),
            fullscreen: self.fullscreen || other.fullscreen,
            record: self.record.or(other.record),
            eco: self.eco.or(other.eco),
            exit_after: self.exit_after.or(other.exit_after),
            report: self.report.or(other.report),
        }
    }
}

fn on_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

/// Fails when there is no display to open a window on.
pub(super) fn need_display() -> anyhow::Result<()> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("DISPLAY") || set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    bail!(
        "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set; `roswave demo --headless` publishes the demo \
         robot without a window, and the verbs in `roswave --help` need none"
    );
}

/// What the window is opened on.
#[derive(Debug)]
pub(super) enum Subject {
    /// What is published in this domain.
    Live(Option<u32>),
    /// The same, and the board of the demo robot.
    Demo(Option<u32>),
    /// A recording; no domain is joined.
    Bag(PathBuf),
}

pub(super) fn run(options: Options, domain: Option<u32>, config: Config, demo: bool) -> anyhow::Result<Outcome> {
    let subject = if demo {
        Subject::Demo(domain)
    } else {
        Subject::Live(domain)
    };
    run_on(options, subject, config)
}

pub(super) fn run_on(options: Options, subject: Subject, config: Config) -> anyhow::Result<Outcome> {
    need_display()?;
    let signals = Signals::install()?;
    let files_before = monitor::files_and_sockets();
    let engine_config = |domain| EngineConfig {
        domain,
        memory_budget_bytes: config.window.memory_budget_bytes,
        measure: config.measure,
        ..EngineConfig::default()
    };
    let demo = matches!(subject, Subject::Demo(_));
    let (engine, bag) = match subject {
        Subject::Live(domain) | Subject::Demo(domain) => (Engine::start(engine_config(domain))?, None),
        Subject::Bag(path) => {
            let (nobody, _network) = memory(false);
            (Engine::start_with(engine_config(None), Box::new(nobody))?, Some(path))
        }
    };
    let options = WindowOptions {
        board: options.board,
        demo_board: demo,
        bag,
        fullscreen: options.fullscreen,
        record: options.record,
        eco: options.eco,
        exit_after: options.exit_after.map(Duration::from_secs_f64),
        report: options.report,
        settings: config.window,
        quit: signals.quit().clone(),
        files_before,
    };
    let outcome = window::run(options, engine)?;
    signals.close();
    if let Some(reason) = outcome.recordings.failed {
        bail!("{reason}");
    }
    Ok(if outcome.recordings.lost > 0 {
        Outcome::DoneWithLoss
    } else if outcome.recordings.guarded.is_some() {
        Outcome::Guard
    } else {
        Outcome::Done
    })
}
