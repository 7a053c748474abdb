//! `roswave verify`

use std::path::PathBuf;

use clap::Args;
use roswave_engine::bag::{self, Verification};

use super::output::{figure, harmless};
use super::{Outcome, output};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording: its directory, or an MCAP or SQLite file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let found = bag::verify(&options.path)?;
    if options.json {
        output::json(&found)?;
    } else {
        print(&found)?;
    }
    Ok(if found.is_whole() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

/// A line per finding, and one with the sum.
fn print(found: &Verification) -> anyhow::Result<()> {
    for finding in &found.findings {
        output::line(harmless(&finding.to_string()))?;
    }
    let (files, messages) = (counted(found.files as u64, "file"), counted(found.messages, "message"));
    let size = figure(Some(found.bytes as f64), "B");
    let result = match found.findings.len() {
        0 => "whole".to_owned(),
        findings => counted(findings as u64, "finding"),
    };
    output::line(format_args!("{result}: {files}, {messages}, {size}"))
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
