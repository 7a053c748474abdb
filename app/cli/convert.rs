//! `roswave convert`

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use roswave_engine::bag::{Bag, CopyOptions, Query, Storage};
use roswave_engine::record::Compression;

use super::output::figure;
use super::{Outcome, output, stats};
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording: its directory, or an MCAP or SQLite file
    #[arg(value_name = "IN")]
    from: PathBuf,
    /// The new recording, a directory that does not exist
    #[arg(value_name = "OUT")]
    to: PathBuf,
    /// The storage of the new recording [default: the other one than now]
    #[arg(long, value_name = "S")]
    storage: Option<StorageName>,
    /// The compression: of chunks in MCAP, of messages in SQLite, which knows zstd only
    #[arg(long, value_name = "C", default_value = "none")]
    compression: CompressionName,
    #[command(flatten)]
    choice: Choice,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Topics and range of time, as several verbs take them.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// Only this topic; may be given several times
    #[arg(long = "topic", value_name = "T")]
    topics: Vec<String>,
    /// Only from this many seconds after the start on
    #[arg(long = "from", value_name = "SECS", value_parser = stats::seconds)]
    from_s: Option<f64>,
    /// Only up to this many seconds after the start
    #[arg(long = "to", value_name = "SECS", value_parser = stats::seconds)]
    to_s: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StorageName {
    /// MCAP
    Mcap,
    /// SQLite of rosbag2
    Sqlite3,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CompressionName {
    /// As it is
    None,
    /// Quick, for MCAP
    Lz4,
    /// Small
    Zstd,
}

impl Choice {
    /// The query on this recording.
    pub(super) fn query(&self, bag: &Bag) -> anyhow::Result<Query> {
        for topic in &self.topics {
            if bag.channels_of(topic).next().is_none() {
                bail!(
                    "{} has no topic {topic}; `roswave info` lists its topics",
                    bag.path().display()
                );
            }
        }
        let start_ns = bag.span_ns().map_or(0, |(start, _)| start);
        // Saturates.
        let at = |secs: f64| start_ns.saturating_add((secs * 1e9) as u64);
        Ok(Query {
            topics: (!self.topics.is_empty()).then(|| self.topics.clone()),
            from_ns: self.from_s.map(at),
            until_ns: self.to_s.map(at),
        })
    }
}

pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let bag = Bag::open(&options.from)?;
    let query = options.choice.query(&bag)?;
    let signals = Signals::install()?;
    let copied = bag.copy_while(
        &options.to,
        &CopyOptions {
            storage: match (options.storage, bag.storage()) {
                (Some(StorageName::Mcap), _) | (None, Storage::Sqlite3) => Storage::Mcap,
                (Some(StorageName::Sqlite3), _) | (None, Storage::Mcap) => Storage::Sqlite3,
            },
            compression: match options.compression {
                CompressionName::None => Compression::None,
                CompressionName::Lz4 => Compression::Lz4,
                CompressionName::Zstd => Compression::Zstd,
            },
            query,
        },
        || !signals.quit().is_requested(),
    );
    signals.close();
    let copied = copied?;
    if options.json {
        output::json(&copied)?;
    } else {
        let written = &copied.written;
        output::line(format_args!(
            "{}  {} messages  {}",
            written.path.display(),
            written.messages,
            figure(Some(written.bytes as f64), "B")
        ))?;
    }
    for sentence in copied.left_out.iter().chain(&copied.problems) {
        output::note(sentence);
    }
    Ok(if copied.problems.is_empty() {
        Outcome::Done
    } else {
        Outcome::DoneWithLoss
    })
}
