//! `roswave demo`

use clap::Args;
use roswave_engine::transport::demo::{Fault, Robot, RobotConfig};

use super::{Outcome, output, window};
use crate::config::Config;
use crate::demo_process::DemoProcess;
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Publish only, without a window
    #[arg(long)]
    headless: bool,
    /// A fault to inject: KIND:TOPIC[@START][+DURATION] in seconds, such as `spike:/imu/data@5`, `gap:/joint_states@10+0.5`;
    /// kinds: gap, spike, drift, nan, stop; may be given several times
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// End when standard input closes: set for the child that the window starts
    #[arg(long, hide = true)]
    with_parent: bool,
    #[command(flatten)]
    window: window::Options,
}

impl Options {
    pub(super) fn is_headless(&self) -> bool {
        self.headless
    }
}

pub(super) fn run(
    options: Options,
    outer: window::Options,
    domain: Option<u32>,
    config: Config,
) -> anyhow::Result<Outcome> {
    if options.headless {
        return publish(&options, domain);
    }
    window::need_display()?;
    let faults: Vec<String> = options.fault.iter().map(ToString::to_string).collect();
    let robot = DemoProcess::spawn(domain, &faults)?;
    let outcome = window::run(options.window.or(outer), domain, config, true);
    robot.stop();
    outcome
}

fn publish(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let signals = Signals::install()?;
    if options.with_parent {
        DemoProcess::end_with_parent(signals.quit());
    }
    let config = RobotConfig {
        domain,
        faults: options.fault.clone(),
        ..RobotConfig::default()
    };
    let mut robot = Robot::start(config)?;
    output::note(format_args!(
        "the demo robot publishes in domain {}: {}",
        robot.domain(),
        robot.topics().join(" ")
    ));
    let report = robot.run(|| signals.quit().is_requested());
    signals.close();
    output::note(format_args!(
        "published {} messages in {:.1} s; {} were late by more than 1 ms, {} could not be written",
        report.messages, report.elapsed_s, report.late, report.failed
    ));
    Ok(Outcome::Done)
}
