//! `roswave topics`

use clap::Args;
use roswave_engine::engine::{DefinitionState, Snapshot, TopicStatus};
use roswave_engine::graph::Topic;
use roswave_engine::qos::{Durability, Qos, Reliability};
use serde_json::{Value, json};

use super::session::Session;
use super::{Outcome, output};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// Look for this long [default: until the graph has settled, at most 4 s]
    #[arg(long, value_name = "SECS", value_parser = super::stats::seconds)]
    wait: Option<f64>,
    /// Also list hidden topics
    #[arg(long)]
    all: bool,
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let session = Session::start(domain)?;
    let snapshot = session.settled(options.wait);
    let _ = session.shutdown();
    let shown = |topic: &&Topic| options.all || !topic.name.is_hidden();
    let topics: Vec<&Topic> = snapshot.graph.topics.values().filter(shown).collect();
    if options.json {
        output::json(
            &topics
                .iter()
                .map(|topic| document(&snapshot, topic))
                .collect::<Vec<_>>(),
        )?;
        return Ok(Outcome::Done);
    }
    if topics.is_empty() {
        output::note(nothing_found(&snapshot, "topics"));
        return Ok(Outcome::Done);
    }
    let rows: Vec<Vec<String>> = topics.iter().map(|topic| row(topic)).collect();
    output::table(&["topic", "type", ">publishers", ">subscribers", "offered"], &rows)?;
    for status in snapshot.topics.values() {
        if let Some(problem) = &status.problem {
            output::note(format_args!("{}: {problem}", status.name));
        }
    }
    Ok(Outcome::Done)
}

/// What to try when the graph is empty.
pub(super) fn nothing_found(snapshot: &Snapshot, what: &str) -> String {
    let domain = snapshot.facts.domain.map_or_else(|| "?".to_owned(), |d| d.to_string());
    let peers = snapshot.graph.participants;
    let interfaces = snapshot.facts.interfaces.join(", ");
    format!(
        "no {what} in domain {domain} on {interfaces}, {peers} participants seen; \
         check ROS_DOMAIN_ID, or name the robot in ROS_STATIC_PEERS"
    )
}

fn row(topic: &Topic) -> Vec<String> {
    let types: Vec<&str> = topic.types.iter().map(roswave_engine::name::TypeName::as_str).collect();
    vec![
        topic.name.to_string(),
        if types.is_empty() {
            "–".to_owned()
        } else {
            types.join(", ")
        },
        topic.writers.len().to_string(),
        topic.readers.len().to_string(),
        offers(topic).iter().map(words).collect::<Vec<_>>().join("; "),
    ]
}

/// The different policies that writers offer.
fn offers(topic: &Topic) -> Vec<Qos> {
    let mut offers: Vec<Qos> = Vec::new();
    for writer in &topic.writers {
        if !offers.contains(&writer.qos) {
            offers.push(writer.qos);
        }
    }
    offers
}

fn words(qos: &Qos) -> String {
    let reliability = match qos.reliability {
        Reliability::Reliable => "reliable",
        Reliability::BestEffort => "best effort",
    };
    match qos.durability {
        Durability::Volatile => reliability.to_owned(),
        Durability::TransientLocal => format!("{reliability}, transient local"),
    }
}

fn document(snapshot: &Snapshot, topic: &Topic) -> Value {
    let status = snapshot.topics.get(&topic.name);
    json!({
        "name": topic.name,
        "type": topic.type_name(),
        "types": topic.types,
        "type_hash": topic.type_hash,
        "definition": status.map_or_else(|| json!("none"), definition),
        "publishers": topic.writers.len(),
        "subscribers": topic.readers.len(),
        "qos": offers(topic),
        "problem": status.and_then(|status| status.problem.as_deref()),
    })
}

fn definition(status: &TopicStatus) -> Value {
    match status.definition {
        DefinitionState::Found(origin, _) => json!(origin),
        DefinitionState::None(_) => json!("none"),
    }
}
