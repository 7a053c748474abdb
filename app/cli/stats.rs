//! `roswave stats`

use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use roswave_engine::clock::process_cpu_ns;
use roswave_engine::engine::Snapshot;
use roswave_engine::loss::{Count, Loss};
use roswave_engine::name::TopicName;
use roswave_engine::stats::TopicReport;
use serde_json::{Value, json};

use super::output::{duration, figure};
use super::session::Session;
use super::{Outcome, output};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The topics
    #[arg(required = true, value_name = "TOPIC", value_parser = TopicName::new)]
    topics: Vec<TopicName>,
    /// Measure for this long
    #[arg(long, value_name = "SECS", default_value = "5", value_parser = seconds)]
    secs: f64,
    /// Wait this long for the topics to appear
    #[arg(long, value_name = "SECS", default_value = "5", value_parser = seconds)]
    wait: f64,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// A duration in seconds, as an argument.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(secs) if (0.0..=1e9).contains(&secs) => Ok(secs),
        _ => Err("write seconds as a number of 0 or more, such as 2.5".to_owned()),
    }
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let topics = &options.topics;
    let session = Session::start(domain)?;
    session.find(topics, Duration::from_secs_f64(options.wait))?;
    for topic in topics {
        session.engine.measure(topic, true);
    }
    let ready = |snapshot: &Snapshot| {
        let subscribed = |topic| snapshot.topics.get(topic).is_some_and(|status| status.subscribed);
        topics.iter().all(subscribed).then_some(())
    };
    if session.until(Duration::from_secs(5), ready).is_none() && !session.interrupted() {
        let snapshot = session.engine.snapshot();
        let problem = topics
            .iter()
            .find_map(|topic| snapshot.topics.get(topic)?.problem.clone());
        let problem = problem.context("the topics could not be subscribed within 5 s; try again")?;
        anyhow::bail!("{problem}");
    }
    let (began, cpu) = (Instant::now(), process_cpu_ns());
    let _ = session.until(Duration::from_secs_f64(options.secs), |_| None::<()>);
    // The figures are made five times a second: take the first ones after the end.
    let version = session.engine.snapshot().version;
    let _ = session.until(Duration::from_secs(1), |snapshot| {
        (snapshot.version > version).then_some(())
    });
    let snapshot = session.engine.snapshot();
    let (elapsed_s, cpu_s) = (began.elapsed().as_secs_f64(), (process_cpu_ns() - cpu) as f64 / 1e9);
    let _ = session.shutdown();

    if options.json {
        let topics: Vec<Value> = topics.iter().map(|topic| document(&snapshot, topic)).collect();
        output::json(&json!({ "elapsed_s": elapsed_s, "cpu_s": cpu_s, "topics": topics }))?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<Vec<String>> = topics.iter().map(|topic| row(&snapshot, topic)).collect();
    output::table(
        &[
            "topic",
            ">messages",
            ">rate",
            ">bandwidth",
            ">jitter p50",
            ">p99",
            ">latency p50",
            ">p99",
            "lost",
        ],
        &rows,
    )?;
    output::note(format_args!(
        "measured for {elapsed_s:.1} s, {cpu_s:.2} s of processor time"
    ));
    Ok(Outcome::Done)
}

fn report<'a>(snapshot: &'a Snapshot, topic: &TopicName) -> Option<&'a TopicReport> {
    snapshot.topics.get(topic)?.report.as_ref()
}

fn document(snapshot: &Snapshot, topic: &TopicName) -> Value {
    let report = report(snapshot, topic);
    json!({
        "name": topic,
        "type": snapshot.topics.get(topic).and_then(|status| status.type_name.clone()),
        "messages": report.map(|r| r.messages),
        "rate_hz": report.and_then(|r| r.rate_hz),
        "bytes": report.map(|r| r.bytes),
        "bandwidth_bps": report.and_then(|r| r.bandwidth_bps),
        "jitter_ns": report.and_then(|r| r.jitter_ns),
        "latency_ns": report.and_then(|r| r.latency_ns),
        "loss": report.map_or(Loss::UNKNOWN, |r| r.loss),
    })
}

fn row(snapshot: &Snapshot, topic: &TopicName) -> Vec<String> {
    let Some(report) = report(snapshot, topic) else {
        return [topic.to_string()].into_iter().chain(vec!["–".to_owned(); 8]).collect();
    };
    vec![
        topic.to_string(),
        report.messages.to_string(),
        figure(report.rate_hz, "Hz"),
        figure(report.bandwidth_bps, "B/s"),
        duration(report.jitter_ns.map(|q| q.p50)),
        duration(report.jitter_ns.map(|q| q.p99)),
        duration(report.latency_ns.map(|q| q.p50)),
        duration(report.latency_ns.map(|q| q.p99)),
        lost(&report.loss),
    ]
}

/// Losses by stage, those that happened or are unknown; `0` when nothing was lost.
pub(super) fn lost(loss: &Loss) -> String {
    let name = |stage| format!("{stage:?}").to_lowercase();
    let told: Vec<String> = loss
        .stages()
        .iter()
        .filter(|(_, count)| *count != Count::Known(0))
        .map(|(stage, count)| match count {
            Count::Known(n) => format!("{} {n}", name(stage)),
            Count::Unknown => format!("{} unknown", name(stage)),
        })
        .collect();
    if told.is_empty() {
        "0".to_owned()
    } else {
        told.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_loss_is_never_zero() {
        assert_eq!(lost(&Loss::NONE), "0");
        let loss = Loss {
            transport: Count::Known(12),
            reader: Count::Unknown,
            ..Loss::NONE
        };
        assert_eq!(lost(&loss), "transport 12, reader unknown");
    }

    #[test]
    fn seconds_are_numbers() {
        assert_eq!(seconds("2.5"), Ok(2.5));
        for bad in ["-1", "x", "NaN", "inf", ""] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
