//! `roswave record`

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use roswave_engine::engine::{Snapshot, Update};
use roswave_engine::name::TopicName;
use roswave_engine::record::{
    Compression, Finished, FinishedState, Pattern, PatternError, QUOTA_BYTES, RecordRequest, RecordedTopic, Selection,
    default_name,
};
use serde_json::{Value, json};

use super::output::figure;
use super::session::Session;
use super::{Outcome, output, stats};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Storage {
    Mcap,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Packing {
    None,
    Lz4,
    Zstd,
}

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The topics; those that are not there yet are recorded when they appear
    #[arg(value_name = "TOPIC", required_unless_present_any = ["all", "regex"], value_parser = TopicName::new)]
    topics: Vec<TopicName>,
    /// Every topic that is not hidden, those that appear later too
    #[arg(long, conflicts_with_all = ["topics", "regex"])]
    all: bool,
    /// Every topic whose name this regular expression finds, those that appear later too
    #[arg(long, value_name = "R", conflicts_with = "topics", value_parser = pattern)]
    regex: Option<String>,
    /// None of the topics whose name this regular expression finds
    #[arg(long, value_name = "R", conflicts_with = "topics", value_parser = pattern)]
    exclude: Option<String>,
    /// The directory to make [default: rosbag2_DATE-TIME]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The storage
    #[arg(long, value_enum, default_value = "mcap")]
    storage: Storage,
    /// How chunks are compressed
    #[arg(long, value_enum, default_value = "none")]
    compression: Packing,
    /// Stop after this long
    #[arg(long = "for", alias = "max-duration", value_name = "SECS", value_parser = stats::seconds)]
    limit: Option<f64>,
    /// One JSON document per event
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let named = options.topics.clone();
    let request = RecordRequest {
        selection: selection(options, &named)?,
        directory: options.output.clone().unwrap_or_else(|| PathBuf::from(default_name())),
        compression: match options.compression {
            Packing::None => Compression::None,
            Packing::Lz4 => Compression::Lz4,
            Packing::Zstd => Compression::Zstd,
        },
        max_duration: options.limit.map(Duration::from_secs_f64),
        quota_bytes: QUOTA_BYTES,
    };
    let Storage::Mcap = options.storage;
    let session = Session::start(domain)?;
    session.engine.start_recording(request)?;
    let mut report = Report::new(options.json, named);
    let mut stopping = false;
    let finished = loop {
        let snapshot = session.engine.snapshot();
        if let Some(finished) = report.tell(session.engine.updates(), &snapshot)? {
            break Some(finished);
        }
        if session.interrupted() && !stopping {
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

/// A regular expression, as an argument.
pub(super) fn pattern(text: &str) -> Result<String, PatternError> {
    Pattern::new(Some(text), None).map(|_| text.to_owned())
}

fn selection(options: &Options, named: &[TopicName]) -> anyhow::Result<Selection> {
    if !named.is_empty() {
        return Ok(Selection::Topics(named.to_vec()));
    }
    if options.regex.is_none() && options.exclude.is_none() {
        return Ok(Selection::All);
    }
    Ok(Selection::Matching(Pattern::new(
        options.regex.as_deref(),
        options.exclude.as_deref(),
    )?))
}

/// What is told while a recording runs.
struct Report {
    json: bool,
    tty: bool,
    named: Vec<TopicName>,
    began: Instant,
    missing_told: bool,
    refused: bool,
    drawn: Option<Instant>,
}

/// When topics that were named are not there after this time, it is said.
const MISSING_AFTER: Duration = Duration::from_secs(5);

impl Report {
    fn new(json: bool, named: Vec<TopicName>) -> Self {
        let tty = !json && std::io::stderr().is_terminal();
        Self {
            json,
            tty,
            named,
            began: Instant::now(),
            missing_told: false,
            refused: false,
            drawn: None,
        }
    }

    /// Tells what happened; gives how the recording ended, when it has.
    fn tell(&mut self, updates: Vec<Update>, snapshot: &Snapshot) -> anyhow::Result<Option<Finished>> {
        for update in updates {
            match update {
                Update::RecordingStarted { path } => {
                    self.event(
                        &format!("recording to {}", path.display()),
                        || json!({ "event": "started", "path": path.to_string_lossy(), "time_ns": snapshot.taken }),
                    )?;
                }
                Update::RecordingFinished(finished) => return Ok(Some(finished)),
                Update::RecordingRefused(reason) => {
                    self.refused = true;
                    if self.json {
                        heard_or_not(output::json(
                            &json!({ "event": "finished", "state": "failed", "reason": reason }),
                        ))?;
                    }
                    output::note(reason);
                }
                Update::Warning(text) => self.warn("warning", &text)?,
                Update::Error(text) => self.warn("error", &text)?,
            }
        }
        if !self.missing_told && self.began.elapsed() > MISSING_AFTER {
            self.missing_told = true;
            for topic in &self.named {
                if !snapshot.graph.topics.contains_key(topic) {
                    let text = format!("no topic {topic} yet; it is recorded when it appears");
                    self.warn("warning", &text)?;
                }
            }
        }
        self.progress(snapshot);
        Ok(None)
    }

    fn event(&self, text: &str, document: impl FnOnce() -> Value) -> anyhow::Result<()> {
        let told = if self.json {
            output::json(&document())
        } else {
            output::line(text)
        };
        heard_or_not(told)
    }

    fn warn(&self, level: &str, text: &str) -> anyhow::Result<()> {
        if self.json {
            return heard_or_not(output::json(
                &json!({ "event": "warning", "level": level, "message": text }),
            ));
        }
        output::note(text);
        Ok(())
    }

    /// One line that is drawn over, on a terminal only.
    fn progress(&mut self, snapshot: &Snapshot) {
        let Some(status) = snapshot.recording.as_ref().filter(|_| self.tty) else {
            return;
        };
        if self.drawn.is_some_and(|at| at.elapsed() < Duration::from_millis(250)) {
            return;
        }
        self.drawn = Some(Instant::now());
        let (bytes, rate) = (
            figure(Some(status.bytes as f64), "B"),
            figure(status.write_rate_bps, "B/s"),
        );
        let lost = stats::lost(&status.loss);
        let (secs, messages) = (status.duration_s, status.messages);
        let _ = write!(
            std::io::stderr(),
            "\r\x1b[K{secs:.0} s  {messages} messages  {bytes}  {rate}  lost {lost}"
        );
    }

    /// The last words, and the exit code.
    fn close(&self, finished: &Finished, first_write_ms: Option<f64>) -> anyhow::Result<Outcome> {
        if self.tty && self.drawn.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        let (state, reason) = match &finished.state {
            FinishedState::Complete => ("complete", None),
            FinishedState::Failed(reason) => ("failed", Some(reason.as_str())),
        };
        let Finished {
            messages,
            bytes,
            duration_s,
            loss,
            ..
        } = finished;
        let text = format!(
            "{state}: {messages} messages, {} in {duration_s:.1} s, lost {}, in {}",
            figure(Some(*bytes as f64), "B"),
            stats::lost(loss),
            finished.path.display(),
        );
        self.event(&text, || {
            json!({
                "event": "finished",
                "state": state,
                "reason": reason,
                "path": finished.path.to_string_lossy(),
                "messages": messages,
                "bytes": bytes,
                "duration_s": duration_s,
                "first_write_ms": first_write_ms,
                "loss": loss,
                "topics": finished.topics.iter().map(topic).collect::<Vec<_>>(),
            })
        })?;
        if let Some(reason) = reason {
            output::note(reason);
            return Ok(Outcome::Failed);
        }
        let unseen = self
            .named
            .iter()
            .find(|name| !finished.topics.iter().any(|t| t.name == **name));
        if let Some(name) = unseen {
            output::note(format_args!(
                "the topic {name} never appeared; `roswave topics` lists those that are there"
            ));
            return Ok(Outcome::Failed);
        }
        Ok(if loss.known_total() > 0 {
            Outcome::DoneWithLoss
        } else {
            Outcome::Done
        })
    }
}

/// A recording goes on when nobody reads what is said about it any more.
fn heard_or_not(told: anyhow::Result<()>) -> anyhow::Result<()> {
    told.or_else(|error| if output::is_closed(&error) { Ok(()) } else { Err(error) })
}

fn topic(topic: &RecordedTopic) -> Value {
    json!({ "name": topic.name, "messages": topic.messages, "loss": topic.loss })
}
