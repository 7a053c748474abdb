//! `roswave recover`

use std::path::PathBuf;

use clap::Args;
use roswave_engine::bag::{self, Recovered};

use super::output::{duration, figure};
use super::{Outcome, output};
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording that was not finished: its directory, or the file in it
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The new recording [default: beside the old one, with `_recovered` behind its name]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let to = options.to.clone().unwrap_or_else(|| bag::recovered_path(&options.path));
    let signals = Signals::install()?;
    let recovered = bag::recover_while(&options.path, &to, || !signals.quit().is_requested());
    signals.close();
    let recovered = recovered?;
    if options.json {
        output::json(&recovered)?;
    } else {
        print(&recovered)?;
    }
    for problem in &recovered.problems {
        output::note(problem);
    }
    Ok(if recovered.has_loss() {
        Outcome::DoneWithLoss
    } else {
        Outcome::Done
    })
}

fn print(recovered: &Recovered) -> anyhow::Result<()> {
    let saved = &recovered.saved;
    let span = saved.span_ns.map(|(start, end)| end.saturating_sub(start));
    let lost = recovered.messages_lost;
    for (name, value) in [
        ("saved", saved.path.display().to_string()),
        ("messages", saved.messages.to_string()),
        ("duration", duration(span.and_then(|ns| i64::try_from(ns).ok()))),
        ("size", figure(Some(saved.bytes as f64), "B")),
        (
            "lost",
            lost.map_or_else(|| "–".to_owned(), |lost| format!("{lost} messages")),
        ),
        ("torn end", figure(Some(recovered.bytes_lost as f64), "B")),
        ("kept", recovered.from.display().to_string()),
    ] {
        output::line(format_args!("{name:<10} {value}"))?;
    }
    Ok(())
}
