//! What `roswave record` says.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use roswave_engine::engine::{Snapshot, Update};
use roswave_engine::name::TopicName;
use roswave_engine::record::ledger::is_own_topic;
use roswave_engine::record::{Finished, FinishedState, RecordedTopic, RecordingStatus};
use serde_json::{Value, json};

use crate::cli::output::figure;
use crate::cli::{Outcome, output, stats};

/// What is told while a recording runs.
pub(super) struct Report {
    json: bool,
    tty: bool,
    named: Vec<TopicName>,
    began: Instant,
    missing_told: bool,
    /// The recording did not start.
    pub(super) refused: bool,
    drawn: Option<Instant>,
}

/// When topics that were named are not there after this time, it is said.
const MISSING_AFTER: Duration = Duration::from_secs(5);

impl Report {
    pub(super) fn new(json: bool, named: Vec<TopicName>) -> Self {
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
    pub(super) fn tell(&mut self, updates: Vec<Update>, snapshot: &Snapshot) -> anyhow::Result<Option<Finished>> {
        for update in updates {
            match update {
                Update::RecordingStarted { path } => {
                    self.event(
                        &format!("recording to {}", path.display()),
                        || json!({ "event": "started", "path": path.to_string_lossy(), "time_ns": snapshot.taken }),
                    )?;
                }
                Update::RecordingSplit { path, number, messages } => {
                    self.event(&format!("{} is finished: {messages} messages", path.display()), || {
                        json!({ "event": "split", "path": path.to_string_lossy(), "number": number, "messages": messages })
                    })?;
                }
                Update::RecordingTriggered(why) => {
                    self.event(
                        &format!("triggered: {why}"),
                        || json!({ "event": "triggered", "reason": why }),
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
                // Nothing is plotted here.
                Update::PlotEnded(_) => {}
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
        let _ = write!(std::io::stderr(), "\r\x1b[K{}", state_line(status));
    }

    /// The last words, and the exit code.
    pub(super) fn close(&self, finished: &Finished, first_write_ms: Option<f64>) -> anyhow::Result<Outcome> {
        if self.tty && self.drawn.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
        let (state, reason) = match &finished.state {
            FinishedState::Complete => ("complete", None),
            FinishedState::Guard(reason) => ("guard", Some(reason.as_str())),
            FinishedState::Failed(reason) => ("failed", Some(reason.as_str())),
        };
        let Finished {
            messages,
            bytes,
            duration_s,
            loss,
            ..
        } = finished;
        let others = finished
            .topics
            .iter()
            .filter(|topic| !is_own_topic(topic.name.as_str()));
        let sum = |of: fn(&RecordedTopic) -> u64| others.clone().map(of).sum::<u64>();
        let (received, written, safe) = (sum(|t| t.received), sum(|t| t.written), sum(|t| t.safe));
        let files = match finished.files {
            1 => String::new(),
            n => format!(" in {n} files"),
        };
        let text = format!(
            "{state}: {messages} messages, {}{files} in {duration_s:.1} s, received {received}, written {written}, safe \
             {safe}, lost {}, in {}",
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
                "received": received,
                "written": written,
                "safe": safe,
                "files": finished.files,
                "slowest_safe_s": finished.slowest_safe_s,
                "loss": loss,
                "topics": finished.topics.iter().map(topic).collect::<Vec<_>>(),
            })
        })?;
        if let Some(reason) = reason {
            output::note(reason);
            return Ok(match finished.state {
                FinishedState::Guard(_) => Outcome::Guard,
                FinishedState::Complete | FinishedState::Failed(_) => Outcome::Failed,
            });
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
    json!({
        "name": topic.name,
        "messages": topic.messages,
        "received": topic.received,
        "written": topic.written,
        "safe": topic.safe,
        "repeated": topic.repeated,
        "loss": topic.loss,
        "span_ns": topic.span_ns,
        "lost_ns": topic.lost_ns,
    })
}

/// Where the recording stands, in one line.
fn state_line(status: &RecordingStatus) -> String {
    let mut parts = vec![
        format!("{:.0} s", status.duration_s),
        format!("{} messages", status.messages),
        figure(Some(status.bytes as f64), "B"),
        figure(status.write_rate_bps, "B/s"),
        format!("not safe {:.2} s", status.unsafe_s),
        format!("queue {:.0} %", status.queue_share * 100.0),
    ];
    if let Some(left) = status.seconds_left {
        parts.push(match left {
            left if left < 120.0 => format!("room for {left:.0} s"),
            left if left < 7200.0 => format!("room for {:.0} min", left / 60.0),
            left => format!("room for {:.0} h", left / 3600.0),
        });
    }
    if let Some(kept) = status.box_.filter(|kept| kept.armed) {
        let bytes = figure(Some(kept.bytes as f64), "B");
        parts.push(format!(
            "waiting for the trigger, {:.1} s in memory ({bytes})",
            kept.seconds
        ));
    }
    let silent = status.topics.iter().filter(|topic| topic.silent_s.is_some()).count();
    if silent > 0 {
        parts.push(format!("{silent} silent"));
    }
    parts.push(format!("lost {}", stats::lost(&status.loss)));
    parts.join("  ")
}
