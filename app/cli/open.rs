//! `roswave open`: the window on a recording.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::{Outcome, window};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording: its directory, or one of its files
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    window: window::Options,
}

pub(super) fn run(options: Options, outer: window::Options, config: Config) -> anyhow::Result<Outcome> {
    // What is not there is told before there is a window.
    let _ = std::fs::metadata(&options.path)
        .with_context(|| format!("cannot open {}; give a recording", options.path.display()))?;
    window::run_on(options.window.or(outer), window::Subject::Bag(options.path), config)
}
