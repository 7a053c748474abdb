//! `roswave export`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roswave_engine::bag::Bag;
use roswave_engine::export::{self, ExportRequest};

use super::convert::Choice;
use super::output::figure;
use super::{Outcome, output};
use crate::signals::Signals;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Comma-separated values
    Csv,
    /// Apache Parquet
    Parquet,
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording: its directory, or an MCAP or SQLite file
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// Only this field, such as `angular_velocity.x`, or `/imu:angular_velocity.x` of one topic; may be given several times
    #[arg(long = "field", value_name = "F")]
    fields: Vec<String>,
    /// The form of the table
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Format,
    /// The file to make
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let bag = Bag::open(&options.path)?;
    let request = ExportRequest {
        query: options.choice.query(&bag)?,
        fields: options.fields.clone(),
        format: match options.format {
            Format::Csv => export::Format::Csv,
            Format::Parquet => export::Format::Parquet,
        },
        target: options.output.clone(),
    };
    let signals = Signals::install()?;
    let exported = export::export(&bag, &request, |_| !signals.quit().is_requested());
    signals.close();
    let exported = exported?;
    if options.json {
        output::json(&exported)?;
    } else {
        output::line(format_args!(
            "{} rows of {} columns, {}, in {}",
            exported.rows,
            exported.columns,
            figure(Some(exported.bytes as f64), "B"),
            exported.path.display()
        ))?;
    }
    for remark in &exported.remarks {
        output::note(remark);
    }
    Ok(if exported.undecodable > 0 || exported.cut_off {
        Outcome::DoneWithLoss
    } else {
        Outcome::Done
    })
}
