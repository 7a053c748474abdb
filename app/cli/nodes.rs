//! `roswave nodes` and `roswave services`

use clap::Args;
use roswave_engine::graph::{Graph, Node};
use serde_json::json;

use super::session::Session;
use super::topics::nothing_found;
use super::{Outcome, output};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// Look for this long [default: until the graph has settled, at most 4 s]
    #[arg(long, value_name = "SECS", value_parser = super::stats::seconds)]
    wait: Option<f64>,
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let session = Session::start(domain)?;
    let snapshot = session.settled(options.wait);
    let _ = session.shutdown();
    let graph = &snapshot.graph;
    let mut nodes: Vec<&Node> = graph.nodes.iter().filter(|node| !node.own).collect();
    nodes.sort_by_key(|node| node.full_name());
    if options.json {
        let nodes: Vec<_> = nodes
            .iter()
            .map(|node| {
                let (publishes, subscribes) = topics_of(graph, node);
                json!({
                    "name": node.full_name(),
                    "participant": node.participant.to_string(),
                    "publishes": publishes,
                    "subscribes": subscribes,
                })
            })
            .collect();
        output::json(&nodes)?;
    } else if nodes.is_empty() {
        output::note(nothing_found(&snapshot, "nodes"));
    } else {
        let rows: Vec<Vec<String>> = nodes
            .iter()
            .map(|node| {
                let (publishes, subscribes) = topics_of(graph, node);
                vec![
                    node.full_name(),
                    publishes.len().to_string(),
                    subscribes.len().to_string(),
                ]
            })
            .collect();
        output::table(&["node", ">publishes", ">subscribes"], &rows)?;
    }
    Ok(Outcome::Done)
}

pub(super) fn run_services(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let session = Session::start(domain)?;
    let snapshot = session.settled(options.wait);
    let _ = session.shutdown();
    let services = &snapshot.graph.services;
    if options.json {
        output::json(services)?;
    } else if services.is_empty() {
        output::note(nothing_found(&snapshot, "services"));
    } else {
        let rows: Vec<Vec<String>> = services
            .iter()
            .map(|s| {
                vec![
                    s.name.clone(),
                    s.type_name.clone(),
                    s.servers.to_string(),
                    s.clients.to_string(),
                ]
            })
            .collect();
        output::table(&["service", "type", ">servers", ">clients"], &rows)?;
    }
    Ok(Outcome::Done)
}

/// Names of the topics that a node publishes and subscribes.
fn topics_of<'a>(graph: &'a Graph, node: &Node) -> (Vec<&'a str>, Vec<&'a str>) {
    let has = |endpoints: &[roswave_engine::graph::Endpoint]| endpoints.iter().any(|e| node.endpoints.contains(&e.gid));
    let of = |writers: bool| {
        let topics = graph.topics.values();
        topics
            .filter(|topic| has(if writers { &topic.writers } else { &topic.readers }))
            .map(|topic| topic.name.as_str())
            .collect()
    };
    (of(true), of(false))
}
