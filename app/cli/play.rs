//! `roswave play`

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use roswave_engine::bag::Bag;
use roswave_engine::bag::play::{PlayCommand, PlayOptions, PlayReport, PlayTopic, RATE_MAX, RATE_MIN, feed, play};
use roswave_engine::graph::TypeHash;
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::record::Pattern;
use roswave_engine::record::ledger::{BOOKMARKS_TOPIC, LEDGER_TOPIC};
use roswave_engine::transport::Transport as _;
use roswave_engine::transport::dds::{DdsConfig, DdsTransport};
use serde_json::json;

use super::{Outcome, output, record};
use crate::signals::Signals;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording: its directory or one of its files
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Only this topic; may be given several times [default: all]
    #[arg(long = "topic", value_name = "TOPIC", value_parser = TopicName::new)]
    topics: Vec<TopicName>,
    /// Only topics whose name this regular expression finds
    #[arg(long, value_name = "R", conflicts_with = "topics", value_parser = record::pattern)]
    regex: Option<String>,
    /// None of the topics whose name this regular expression finds
    #[arg(long, value_name = "R", value_parser = record::pattern)]
    exclude: Option<String>,
    /// Speed: 2 is twice as fast
    #[arg(long, value_name = "X", default_value = "1", value_parser = rate)]
    rate: f64,
    /// Begin anew at the end
    #[arg(long = "loop")]
    repeat: bool,
    /// Begin so many seconds after the start of the recording
    #[arg(long, value_name = "SECS", default_value = "0", value_parser = offset)]
    from: f64,
    /// End so many seconds after the start of the recording
    #[arg(long, value_name = "SECS", value_parser = offset)]
    to: Option<f64>,
    /// Publish the time of the recording on /clock, HZ times a second
    #[arg(long, value_name = "HZ", num_args = 0..=1, default_missing_value = "40", value_parser = frequency)]
    clock: Option<f64>,
    /// Publish a topic under another name; may be given several times
    #[arg(long, value_name = "OLD:=NEW", value_parser = remap)]
    remap: Vec<(TopicName, TopicName)>,
    /// Wait so long before the first message, so that subscribers find the publishers
    #[arg(long, value_name = "SECS", default_value = "1", value_parser = offset)]
    wait: f64,
    /// Begin paused
    #[arg(long)]
    paused: bool,
    /// One JSON document per event
    #[arg(long)]
    json: bool,
}

fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("is outside {least} to {most}"))
    }
}

fn rate(text: &str) -> Result<f64, String> {
    number(text, RATE_MIN, RATE_MAX)
}

fn offset(text: &str) -> Result<f64, String> {
    number(text, 0.0, 1e9)
}

fn frequency(text: &str) -> Result<f64, String> {
    number(text, 0.1, 10_000.0)
}

fn remap(text: &str) -> Result<(TopicName, TopicName), String> {
    let (old, new) = text
        .split_once(":=")
        .ok_or_else(|| "is not of the form OLD:=NEW, such as /scan:=/old/scan".to_owned())?;
    let name = |text: &str| TopicName::new(text).map_err(|error| error.to_string());
    Ok((name(old)?, name(new)?))
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let bag = Bag::open(&options.path)?;
    let (topics, places) = chosen(options, &bag)?;
    let Some((start, end)) = bag.span_ns() else {
        bail!("{} holds no message: there is nothing to play", options.path.display());
    };
    let (start, end) = (to_ns(start), to_ns(end));
    let after = |secs: f64| start.saturating_add((secs * 1e9) as i64);
    let from_ns = after(options.from);
    let to_ns = options.to.map_or(end, after);
    if from_ns > to_ns.min(end) {
        bail!(
            "nothing lies between --from and --to: the recording is {:.3} s long",
            end.saturating_sub(start) as f64 / 1e9
        );
    }
    let signals = Signals::install()?;
    let mut transport = DdsTransport::join(DdsConfig {
        domain,
        node_name: "roswave_play".to_owned(),
    })?;
    let domain = transport.facts().domain.unwrap_or_default();
    let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
    if options.json {
        output::json(&json!({
            "event": "started", "path": options.path, "domain": domain, "topics": names,
            "start_ns": from_ns, "end_ns": to_ns.min(end), "rate": options.rate,
        }))?;
    } else {
        output::note(format_args!(
            "playing {:.1} s in domain {domain}: {}; commands, a line each: pause, resume, step, seek SECS, rate X, stop",
            to_ns.min(end).saturating_sub(from_ns) as f64 / 1e9,
            names.join(" ")
        ));
    }
    let (sender, commands) = channel();
    listen(sender, start);
    let report = play(
        &mut transport,
        &topics,
        feed(&bag, places),
        PlayOptions {
            from_ns,
            to_ns,
            rate: options.rate,
            repeat: options.repeat,
            paused: options.paused,
            clock_hz: options.clock,
            wait: Duration::from_secs_f64(options.wait),
        },
        &commands,
        || signals.quit().is_requested(),
    )?;
    signals.close();
    close(options, &report)
}

fn to_ns(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// The topics to play, and for each channel of the recording the place of its topic among them.
fn chosen(options: &Options, bag: &Bag) -> anyhow::Result<(Vec<PlayTopic>, BTreeMap<usize, usize>)> {
    let pattern = Pattern::new(options.regex.as_deref().or(Some("")), options.exclude.as_deref())?;
    for topic in &options.topics {
        if bag.channels_of(topic.as_str()).next().is_none() {
            let have: Vec<&str> = bag.channels().iter().map(|channel| channel.topic.as_str()).collect();
            bail!(
                "{} holds no topic {topic}; it has {}",
                options.path.display(),
                have.join(", ")
            );
        }
    }
    let (mut topics, mut places) = (Vec::<PlayTopic>::new(), BTreeMap::new());
    for channel in bag.channels() {
        let name = match (TopicName::new(&channel.topic), TypeName::new(&channel.type_name)) {
            (Ok(topic), Ok(type_name)) if channel.serialization == "cdr" => (topic, type_name),
            _ => {
                output::note(format_args!(
                    "{} is not played: it is no ROS 2 topic with a known type in CDR",
                    channel.topic
                ));
                continue;
            }
        };
        // What the recorder told of itself is played when it is asked for.
        let told = [LEDGER_TOPIC, BOOKMARKS_TOPIC].contains(&name.0.as_str());
        let wanted = if options.topics.is_empty() {
            !told && pattern.wants(&name.0, Some(&name.1))
        } else {
            options.topics.contains(&name.0) && pattern.wants(&name.0, Some(&name.1))
        };
        if !wanted {
            continue;
        }
        let renamed = options.remap.iter().find(|(old, _)| *old == name.0);
        let played = renamed.map_or_else(|| name.0.clone(), |(_, new)| new.clone());
        let known = topics
            .iter()
            .position(|topic| topic.name == played && topic.type_name == name.1);
        let place = known.unwrap_or_else(|| {
            topics.push(PlayTopic {
                name: played,
                type_name: name.1,
                qos: Qos::to_offer(&channel.offered_qos),
                type_hash: channel.type_hash.as_deref().map(|hash| TypeHash(hash.into())),
            });
            topics.len() - 1
        });
        let _ = places.insert(channel.index, place);
    }
    if topics.is_empty() {
        bail!(
            "no topic of {} is chosen; `roswave info` lists what it holds",
            options.path.display()
        );
    }
    Ok((topics, places))
}

/// Takes commands from standard input, for as long as there is one. The thread ends with the process: a read cannot be
/// called off.
fn listen(commands: Sender<PlayCommand>, start_ns: i64) {
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match command(&line, start_ns) {
                Ok(Some(command)) => {
                    if commands.send(command).is_err() {
                        return;
                    }
                }
                Ok(None) => {}
                Err(reason) => output::note(reason),
            }
        }
    };
    // Without it there are no commands, and the rest works.
    let _ = std::thread::Builder::new().name("commands".to_owned()).spawn(read);
}

fn command(line: &str, start_ns: i64) -> Result<Option<PlayCommand>, String> {
    let mut words = line.split_whitespace();
    let Some(word) = words.next() else { return Ok(None) };
    let mut argument = |parse: fn(&str) -> Result<f64, String>| {
        let text = words.next().ok_or_else(|| format!("`{word}` needs a number"))?;
        parse(text).map_err(|reason| format!("`{text}` {reason}"))
    };
    let command = match word {
        "pause" => PlayCommand::Pause,
        "resume" => PlayCommand::Resume,
        "step" => PlayCommand::Step,
        "seek" => PlayCommand::Seek(start_ns.saturating_add((argument(offset)? * 1e9) as i64)),
        "rate" => PlayCommand::Rate(argument(rate)?),
        "stop" => PlayCommand::Stop,
        _ => {
            return Err(format!(
                "`{word}` is no command: pause, resume, step, seek SECS, rate X, stop"
            ));
        }
    };
    Ok(Some(command))
}

fn close(options: &Options, report: &PlayReport) -> anyhow::Result<Outcome> {
    if options.json {
        output::json(&json!({
            "event": "finished", "messages": report.messages, "failed": report.failed, "loops": report.loops,
            "elapsed_s": report.elapsed_s, "late_ns": report.late_ns,
        }))
        .context("the recording was played")?;
    } else {
        let late = report.late_ns.map_or_else(
            || "–".to_owned(),
            |late| {
                format!(
                    "{:.2} ms in the median, {:.2} ms at most",
                    late.p50 as f64 / 1e6,
                    late.max as f64 / 1e6
                )
            },
        );
        output::note(format_args!(
            "published {} messages in {:.1} s, late by {late}; {} could not be written",
            report.messages, report.elapsed_s, report.failed
        ));
    }
    Ok(if report.failed == 0 {
        Outcome::Done
    } else {
        Outcome::DoneWithLoss
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_numbers() {
        let second = 1_000_000_000;
        assert_eq!(command("pause", 0), Ok(Some(PlayCommand::Pause)));
        assert_eq!(
            command(" seek 1.5 ", second),
            Ok(Some(PlayCommand::Seek(2_500_000_000)))
        );
        assert_eq!(command("rate 2", 0), Ok(Some(PlayCommand::Rate(2.0))));
        assert_eq!(command("", 0), Ok(None));
        for (wrong, word) in [
            ("rate", "number"),
            ("rate 0", "outside"),
            ("seek x", "`x`"),
            ("jump", "`jump`"),
        ] {
            let said = command(wrong, 0).expect_err(wrong);
            assert!(said.contains(word), "{said}");
        }
    }

    #[test]
    fn names_are_remapped() {
        let (old, new) = remap("/a:=/b/c").expect("a remapping");
        assert_eq!((old.as_str(), new.as_str()), ("/a", "/b/c"));
        assert!(remap("/a").expect_err("no `:=`").contains("OLD:=NEW"));
        assert!(remap("/a:=b c").is_err());
    }
}
