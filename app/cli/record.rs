//! `roswave record`

mod orders;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use jiff::civil;
use jiff::tz::TimeZone;
use roswave_engine::bag::Storage;
use roswave_engine::clock::Timestamp;
use roswave_engine::name::TopicName;
use roswave_engine::record::{
    CHUNK_BYTES, Compression, Condition, Expectation, Notes, PRE_BYTES, Pattern, PatternError, RESERVE_BYTES,
    RecordRequest, Retention, Selection, SplitRule, Trigger, UnitError, default_name, parse_bytes, parse_duration,
};

use super::session::Session;
use super::{Outcome, output};
use orders::{Order, Orders};
use report::Report;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StorageName {
    /// MCAP
    Mcap,
    /// SQLite of rosbag2
    Sqlite3,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Packing {
    None,
    Lz4,
    Zstd,
}

const ORDERS: &str = "While it runs, a recording takes orders as lines on standard input: `mark TEXT`, `split`, \
                      `trigger`, `stop`. SIGUSR1 pulls the trigger too.";

#[derive(Debug, Args)]
#[command(after_help = ORDERS)]
pub(super) struct Options {
    #[command(flatten)]
    choice: Choice,
    /// The directory to make [default: rosbag2_DATE-TIME]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The storage
    #[arg(long, value_enum, value_name = "S", default_value = "mcap")]
    storage: StorageName,
    /// The compression: of chunks in MCAP, of messages in SQLite, which knows zstd only
    #[arg(long, value_enum, default_value = "none")]
    compression: Packing,
    /// The level of the compression: 0 to 16 for lz4, 1 to 22 for zstd [default: the fastest]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    compression_level: Option<i32>,
    /// Messages are gathered to chunks of this size
    #[arg(long, value_name = "SIZE", value_parser = chunk_size)]
    chunk_size: Option<usize>,
    /// Stop after this long
    #[arg(long = "for", alias = "duration", value_name = "TIME", value_parser = parse_duration)]
    limit: Option<Duration>,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    watch: Watching,
    #[command(flatten)]
    moments: Moments,
    #[command(flatten)]
    about: About,
    /// One JSON document per event
    #[arg(long)]
    json: bool,
}

/// Which topics.
#[derive(Debug, Args)]
struct Choice {
    /// The topics; those that are not there yet are recorded when they appear
    #[arg(value_name = "TOPIC", required_unless_present_any = ["all", "regex", "types", "namespaces", "hidden"],
          value_parser = TopicName::new)]
    topics: Vec<TopicName>,
    /// Every topic that is not hidden, those that appear later too
    #[arg(long, conflicts_with_all = ["topics", "regex", "types", "namespaces"])]
    all: bool,
    /// Every topic whose name this regular expression finds, those that appear later too
    #[arg(long, value_name = "R", value_parser = pattern)]
    regex: Option<String>,
    /// None of the topics whose name this regular expression finds, unless they are named
    #[arg(long, value_name = "R", value_parser = pattern)]
    exclude: Option<String>,
    /// Only topics whose type this regular expression matches as a whole; may be given again
    #[arg(long = "type", value_name = "R", value_parser = pattern)]
    types: Vec<String>,
    /// Only topics in this namespace; may be given again
    #[arg(long = "namespace", value_name = "NS")]
    namespaces: Vec<String>,
    /// Hidden topics too
    #[arg(long = "hidden", alias = "include-hidden")]
    hidden: bool,
}

/// When the next file begins, and which files stay.
#[derive(Debug, Args)]
struct Files {
    /// Begin the next file before one grows larger than this
    #[arg(long, value_name = "SIZE", value_parser = split_size)]
    max_size: Option<u64>,
    /// Begin the next file after this time
    #[arg(long, value_name = "TIME", value_parser = split_time)]
    max_duration: Option<Duration>,
    /// Keep at most so many files: delete the oldest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep_files: Option<u32>,
    /// Keep at most so many bytes of finished files: delete the oldest
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    keep_size: Option<u64>,
    /// Keep no file that ended longer ago than this
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    keep_age: Option<Duration>,
}

/// What is looked after while recording.
#[derive(Debug, Args)]
struct Watching {
    /// Stop cleanly, with exit code 4, before the disk has less room than this [default: 1GiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    reserve: Option<u64>,
    /// Report it when a topic leaves this band of rates in Hz, such as /imu=900..1100; may be given again
    #[arg(long = "expect", value_name = "TOPIC=MIN..MAX")]
    expectations: Vec<Expectation>,
}

/// Recording around certain moments.
#[derive(Debug, Args)]
struct Moments {
    /// Keep this much of the past in memory, and write it when the trigger is pulled
    #[arg(long = "pre", alias = "pre-trigger", value_name = "TIME", value_parser = parse_duration)]
    pre: Option<Duration>,
    /// Keep at most so many bytes of the past [default: 256MiB]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    pre_bytes: Option<u64>,
    /// Go on writing for this long after the trigger, then wait for the next one [default: for ever]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    post: Option<Duration>,
    /// Pull the trigger when this happens: appears:/TOPIC, silent:/TOPIC:TIME, rate:/TOPIC:MIN..MAX or
    /// 'expression:/TOPIC:FIELD > 1'; may be given again
    #[arg(long = "trigger", alias = "start-when", value_name = "CONDITION", action = ArgAction::Append)]
    triggers: Vec<Condition>,
    /// Stop when this happens; may be given again
    #[arg(long, value_name = "CONDITION", action = ArgAction::Append)]
    stop_when: Vec<Condition>,
    /// Begin to write at this time: 14:30, 2026-11-25T14:30:00 (both local), or with a zone
    #[arg(long, value_name = "TIME", value_parser = moment)]
    start_at: Option<Timestamp>,
}

/// What is written into the file about the run.
#[derive(Debug, Args)]
struct About {
    /// The name of the run
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// A word to find it by; may be given again
    #[arg(long = "tag", value_name = "TEXT")]
    tags: Vec<String>,
    /// Anything else
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let request = request(options)?;
    let named = request.selection.named();
    let session = Session::start(domain)?;
    let mut orders = Orders::listen()?;
    session.engine.start_recording(request)?;
    let mut report = Report::new(options.json, named);
    let mut stopping = false;
    let finished = loop {
        let snapshot = session.engine.snapshot();
        if let Some(finished) = report.tell(session.engine.updates(), &snapshot)? {
            break Some(finished);
        }
        let mut stop = session.interrupted();
        for order in orders.take() {
            let sent = match order {
                Order::Mark(text) => session.engine.mark_recording(&text),
                Order::Split => session.engine.split_recording(),
                Order::Trigger(why) => session.engine.trigger_recording(why),
                Order::Stop => {
                    stop = true;
                    Ok(())
                }
                Order::Unknown(line) => {
                    output::note(format_args!(
                        "`{line}` is no order; write `mark TEXT`, `split`, `trigger` or `stop`"
                    ));
                    Ok(())
                }
            };
            // Too many orders at once are no reason to stop recording.
            if let Err(error) = sent {
                output::note(error);
            }
        }
        if stop && !stopping {
            stopping = true;
            session.engine.stop_recording();
        }
        if report.refused {
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let first_write_ms = session
        .engine
        .snapshot()
        .recording
        .as_ref()
        .and_then(|status| status.first_write_ns)
        .map(|ns| ns as f64 / 1e6);
    let _ = session.shutdown();
    let Some(finished) = finished else {
        return Ok(Outcome::Failed);
    };
    report.close(&finished, first_write_ms)
}

fn request(options: &Options) -> anyhow::Result<RecordRequest> {
    let (files, moments, about) = (&options.files, &options.moments, &options.about);
    let directory = options.output.clone().unwrap_or_else(|| PathBuf::from(default_name()));
    let waits = moments.pre.is_some() || !moments.triggers.is_empty() || moments.start_at.is_some();
    Ok(RecordRequest {
        storage: match options.storage {
            StorageName::Mcap => Storage::Mcap,
            StorageName::Sqlite3 => Storage::Sqlite3,
        },
        compression: match options.compression {
            Packing::None => Compression::None,
            Packing::Lz4 => Compression::Lz4,
            Packing::Zstd => Compression::Zstd,
        },
        compression_level: options.compression_level,
        chunk_bytes: options.chunk_size.unwrap_or(CHUNK_BYTES),
        max_duration: options.limit,
        split: SplitRule {
            max_bytes: files.max_size,
            max_duration: files.max_duration,
        },
        retention: Retention {
            max_files: files.keep_files,
            max_bytes: files.keep_size,
            max_age: files.keep_age,
        },
        reserve_bytes: options.watch.reserve.unwrap_or(RESERVE_BYTES),
        expectations: options.watch.expectations.clone(),
        trigger: waits.then(|| Trigger {
            pre: moments.pre.unwrap_or(Duration::ZERO),
            pre_bytes: moments.pre_bytes.unwrap_or(PRE_BYTES),
            post: moments.post,
            when: moments.triggers.clone(),
            at: moments.start_at,
        }),
        stop_when: moments.stop_when.clone(),
        notes: Notes {
            name: about.name.clone(),
            tags: about.tags.clone(),
            note: about.note.clone(),
        },
        ..RecordRequest::new(selection(&options.choice)?, directory)
    })
}

fn selection(choice: &Choice) -> anyhow::Result<Selection> {
    let narrowed = choice.regex.is_some()
        || choice.exclude.is_some()
        || choice.hidden
        || !choice.types.is_empty()
        || !choice.namespaces.is_empty();
    if !narrowed {
        return Ok(if choice.all {
            Selection::All
        } else {
            Selection::Topics(choice.topics.clone())
        });
    }
    let mut pattern = Pattern::new(choice.regex.as_deref(), choice.exclude.as_deref())?
        .with_topics(choice.topics.iter().cloned())
        .with_hidden(choice.hidden);
    for text in &choice.types {
        pattern = pattern.with_type(text)?;
    }
    for namespace in &choice.namespaces {
        pattern = pattern.in_namespace(namespace);
    }
    Ok(Selection::Matching(pattern))
}

/// A regular expression, as an argument.
pub(super) fn pattern(text: &str) -> Result<String, PatternError> {
    Pattern::new(Some(text), None).map(|_| text.to_owned())
}

/// From a kilobyte, below which the index is larger than what it finds, to a size that is held in memory a few times.
fn chunk_size(text: &str) -> Result<usize, String> {
    let bytes = parse_bytes(text).map_err(|error| error.to_string())?;
    match usize::try_from(bytes) {
        Ok(bytes) if (1 << 10..=64 << 20).contains(&bytes) => Ok(bytes),
        _ => Err("choose a size from 1KiB to 64MiB".to_owned()),
    }
}

fn split_size(text: &str) -> Result<u64, String> {
    match parse_bytes(text) {
        Ok(bytes) if bytes >= 64 << 10 => Ok(bytes),
        Ok(_) => Err("choose 64KiB or more: a file needs some of it for its index".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn split_time(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(time) if time >= Duration::from_millis(100) => Ok(time),
        Ok(_) => Err("choose 100ms or more".to_owned()),
        Err(error) => Err(UnitError::to_string(&error)),
    }
}

/// A moment, as an argument: with a zone, or local; a time of the day is the next one.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is no time: write it as 14:30, 14:30:05 or 2026-11-25T14:30:00");
    let stamp = |time: jiff::Timestamp| i64::try_from(time.as_nanosecond()).map(Timestamp).map_err(|_| wrong());
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return stamp(time);
    }
    let local = |time: civil::DateTime| time.to_zoned_datetime(TimeZone::system()).map_err(|_| wrong());
    if let Ok(time) = text.parse::<civil::Time>() {
        let now = jiff::ZonedDateTime::now();
        let today = local(now.date().to_datetime(time))?;
        if today > now {
            return stamp(today.timestamp());
        }
        let tomorrow = now.date().tomorrow().map_err(|_| wrong())?;
        return stamp(local(tomorrow.to_datetime(time))?.timestamp());
    }
    stamp(local(text.parse::<civil::DateTime>().map_err(|_| wrong())?)?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_are_ahead() {
        let now = Timestamp::now();
        for text in ["00:00", "23:59:59"] {
            let time = moment(text).expect("a time");
            let ahead = time.since(now);
            assert!(ahead > -1_000_000_000 && ahead <= 90_000_000_000_000, "{text}: {ahead}");
        }
        assert_eq!(
            moment("2026-11-25T14:30:00Z").map(|time| time.0),
            Ok(1_795_617_000_000_000_000)
        );
        assert!(moment("2026-11-25T14:30:00").is_ok());
        assert!(moment("noon").is_err());
    }

    #[test]
    fn sizes_that_make_no_file_are_refused() {
        assert!(chunk_size("1").is_err() && chunk_size("1G").is_err() && chunk_size("768KiB").is_ok());
        assert!(split_size("1K").is_err() && split_size("64K").is_ok());
        assert!(split_time("1ms").is_err() && split_time("1").is_ok());
    }
}
