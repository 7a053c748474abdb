//! `roswave info`

mod journal;

use std::path::PathBuf;

use clap::Args;
use roswave_engine::bag::{self, BagInfo};
use roswave_engine::record::ledger;
use serde_json::json;

use super::output::{duration, figure};
use super::{Outcome, output, stats};

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
    let mut info = bag::info(&options.path)?;
    // What the recorder said about itself was not recorded.
    let own = info.topics.iter().filter(|topic| ledger::is_own_topic(&topic.name));
    info.messages = info.messages.saturating_sub(own.map(|topic| topic.messages).sum());
    let journal = ledger::journal(&info.files);
    if options.json {
        let mut document = serde_json::to_value(&info)?;
        document["ledger"] = json!(journal.ledger);
        document["run"] = json!(journal.run);
        document["last_state"] = json!(journal.last_state);
        output::json(&document)?;
        return Ok(Outcome::Done);
    }
    print(&info)?;
    journal::print(&journal)?;
    Ok(Outcome::Done)
}

fn print(info: &BagInfo) -> anyhow::Result<()> {
    let span = info
        .start_ns
        .zip(info.end_ns)
        .map(|(start, end)| end.saturating_sub(start));
    let facts = json!({
        "path": info.path,
        "storage": info.storage,
        "messages": info.messages,
        "size": figure(Some(info.bytes as f64), "B"),
        "duration": duration(span.and_then(|ns| i64::try_from(ns).ok())),
        "complete": if info.complete { "yes" } else { "no" },
        "lost": info.loss.as_ref().map_or_else(|| "–".to_owned(), stats::lost),
    });
    for (name, value) in facts.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        output::line(format_args!("{name:<10} {value}"))?;
    }
    let rows: Vec<Vec<String>> = info
        .topics
        .iter()
        .map(|topic| {
            vec![
                topic.name.clone(),
                topic.type_name.clone().unwrap_or_else(|| "–".to_owned()),
                topic.messages.to_string(),
                figure(topic.rate_hz, "Hz"),
            ]
        })
        .collect();
    output::line("")?;
    output::table(&["topic", "type", ">messages", ">rate"], &rows)?;
    if let Some(problem) = &info.problem {
        output::note(problem);
    }
    Ok(())
}
