//! The command line: everything the engine does, for scripts, robots without a screen, and tests.
//!
//! Names and exit codes are a contract: 0 done, 1 failed, 2 usage, 3 done with loss, 4 stopped by the disk guard.

mod analyze;
mod convert;
mod demo;
mod echo;
mod export;
mod info;
mod nodes;
mod open;
mod output;
mod play;
mod record;
mod recover;
mod session;
mod stats;
mod topics;
mod verify;
mod window;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::logging;

/// How a verb ended, as the exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0.
    Done,
    /// 1: why was told already.
    Failed,
    /// 3.
    DoneWithLoss,
    /// 4.
    Guard,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::DoneWithLoss => 3,
            Outcome::Guard => 4,
        })
    }
}

/// See, measure and record ROS 2 topics.
///
/// Without a command the window opens. Exit codes: 0 done, 1 failed, 2 usage, 3 done with loss, 4 stopped
/// cleanly by the disk guard.
#[derive(Debug, Parser)]
#[command(
    name = "roswave",
    version,
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    window: window::Options,
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// What every verb understands.
#[derive(Debug, Args)]
struct Common {
    /// The ROS domain, 0 to 232 [default: ROS_DOMAIN_ID, else 0]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=232))]
    domain: Option<u32>,
    /// The way to the robot
    #[arg(long, global = true, value_name = "T", default_value = "dds", value_parser = ["dds"])]
    transport: String,
    /// The configuration file [default: roswave/config.toml in the configuration directory]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Cli {
    fn opens_window(&self) -> bool {
        match &self.verb {
            None => true,
            Some(Verb::Open(_)) => true,
            Some(Verb::Demo(options)) => !options.is_headless(),
            Some(_) => false,
        }
    }
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "one is made, once")]
enum Verb {
    /// List the topics with type, publishers, subscribers and QoS
    Topics(topics::Options),
    /// List the nodes
    Nodes(nodes::Options),
    /// List the services
    Services(nodes::Options),
    /// Measure rate, jitter, bandwidth, latency and loss
    Stats(stats::Options),
    /// Print messages as they come
    Echo(echo::Options),
    /// Record topics into an MCAP
    Record(record::Options),
    /// Tell what a recording holds
    Info(info::Options),
    /// Publish the messages of a recording again
    Play(play::Options),
    /// Read everything in a recording and compare it with what it says of itself
    Verify(verify::Options),
    /// Save what is whole of a recording that was not finished, into a new one
    Recover(recover::Options),
    /// Copy a recording into the other storage, or a part of it
    Convert(convert::Options),
    /// Write topics of a recording as a table, CSV or Parquet
    Export(export::Options),
    /// Open a recording in the window
    Open(open::Options),
    /// Compute on a recording or a live topic: statistics, spectrum, Allan deviation, histogram, trigger
    Analyze(analyze::Options),
    /// Publish the demo robot, and open the window on it
    Demo(demo::Options),
}

/// Runs the program on its arguments.
#[must_use]
pub fn run() -> ExitCode {
    // Huge pages round what little is used up to 2 MiB a piece: 18 of 206 MiB with 32 curves, and no frame is faster for
    // it. A kernel that cannot do without them only uses more.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    run_with(std::env::args_os())
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            output::note(usage(&error, &arguments));
            return ExitCode::from(2);
        }
        Err(asked) => {
            // Help or the version.
            let _ = asked.print();
            return ExitCode::SUCCESS;
        }
    };
    logging::start(cli.opens_window());
    match dispatch(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) if output::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(1)
        }
    }
}

/// What is wrong with the arguments in one sentence, and where to read what is right.
fn usage(error: &clap::Error, arguments: &[OsString]) -> String {
    let rendered = error.render().to_string();
    let (mut told, mut verb) = (Vec::new(), "");
    for paragraph in rendered.split("\n\n") {
        let mut words = paragraph.split_whitespace();
        match words.next() {
            Some("Usage:") => verb = words.nth(1).filter(|word| is_verb(word)).unwrap_or(""),
            Some("For") | None => {}
            Some("error:" | "tip:") => told.push(words.collect::<Vec<_>>().join(" ")),
            Some(first) => told.push([first].into_iter().chain(words).collect::<Vec<_>>().join(" ")),
        }
    }
    if error.kind() == ErrorKind::InvalidUtf8
        && let Some(wrong) = arguments.iter().find(|argument| argument.to_str().is_none())
    {
        told = vec![format!("the argument '{}' is not UTF-8", wrong.display())];
    }
    let space = if verb.is_empty() { "" } else { " " };
    format!("{}; see `roswave{space}{verb} --help`", told.join("; "))
}

fn is_verb(word: &str) -> bool {
    <Cli as clap::CommandFactory>::command()
        .get_subcommands()
        .any(|verb| verb.get_name() == word)
}

fn dispatch(cli: Cli) -> anyhow::Result<Outcome> {
    let config = Config::load(cli.common.config.as_deref())?;
    let domain = cli.common.domain.or(config.domain);
    match cli.verb {
        None => window::run(cli.window, domain, config, false),
        Some(Verb::Topics(options)) => topics::run(&options, domain),
        Some(Verb::Nodes(options)) => nodes::run(&options, domain),
        Some(Verb::Services(options)) => nodes::run_services(&options, domain),
        Some(Verb::Stats(options)) => stats::run(&options, domain),
        Some(Verb::Echo(options)) => echo::run(&options, domain),
        Some(Verb::Record(options)) => record::run(&options, domain),
        Some(Verb::Info(options)) => info::run(&options),
        Some(Verb::Play(options)) => play::run(&options, domain),
        Some(Verb::Verify(options)) => verify::run(&options),
        Some(Verb::Recover(options)) => recover::run(&options),
        Some(Verb::Convert(options)) => convert::run(&options),
        Some(Verb::Export(options)) => export::run(&options),
        Some(Verb::Open(options)) => open::run(options, cli.window, config),
        Some(Verb::Analyze(options)) => analyze::run(&options, domain),
        Some(Verb::Demo(options)) => demo::run(options, cli.window, domain, config),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        super::Cli::command().debug_assert();
    }
}
