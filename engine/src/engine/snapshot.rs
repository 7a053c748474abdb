//! What the engine knows at one moment, as it is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::graph::Graph;
use crate::loss::Loss;
use crate::message::Arrival;
use crate::monitor::MonitorReport;
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;
use crate::record::RecordingStatus;
use crate::schema::{Agreement, Origin, Schema};
use crate::stats::TopicReport;
use crate::transport::Facts;

/// Everything that is shown and is not a sample: made five times a second by the `graph` thread.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Grows with every snapshot.
    pub version: u64,
    /// The ROS graph; the same `Arc` as long as nothing changed in it.
    pub graph: Arc<Graph>,
    /// What the transport found out about itself.
    pub facts: Facts,
    /// Every topic of the graph, and those that are wanted without being there.
    pub topics: BTreeMap<TopicName, TopicStatus>,
    /// The recording in progress, or the one that ended last.
    pub recording: Option<RecordingStatus>,
    /// Sums over all subscribed topics.
    pub totals: Totals,
    /// The process and the machine.
    pub monitor: MonitorReport,
    /// When it was made.
    pub taken: Timestamp,
}

impl Snapshot {
    /// What is known before the first look.
    #[must_use]
    pub fn empty(facts: Facts) -> Self {
        Self {
            version: 0,
            graph: Arc::default(),
            facts,
            topics: BTreeMap::new(),
            recording: None,
            totals: Totals::default(),
            monitor: MonitorReport::default(),
            taken: Timestamp::now(),
        }
    }
}

/// One topic as the engine sees it.
#[derive(Clone, Debug)]
pub struct TopicStatus {
    /// Its name.
    pub name: TopicName,
    /// The type that is read: the one that most endpoints announce.
    pub type_name: Option<TypeName>,
    /// Its definition, when one was found.
    pub schema: Option<Arc<Schema>>,
    /// Where the definition came from, or why there is none.
    pub definition: DefinitionState,
    /// True while a reader of ours is open.
    pub subscribed: bool,
    /// What was measured; `None` as long as the topic was never subscribed.
    pub report: Option<TopicReport>,
    /// The latest message of an inspected topic, at most ten a second.
    pub latest: Option<Arrival>,
    /// What is wrong with it, in one sentence.
    pub problem: Option<Arc<str>>,
    /// The policies that our reader asks for.
    pub reader_qos: Option<Qos>,
}

/// What is known about the definition of a topic's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionState {
    /// Found there; and whether it is the one that the publisher announces.
    Found(Origin, Agreement),
    /// Not found, and why.
    None(Arc<str>),
}

/// Sums over all subscribed topics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Messages that came in, per second.
    pub rate_hz: f64,
    /// Bytes of payload that came in, per second.
    pub bandwidth_bps: f64,
    /// Messages that came in since the start.
    pub messages: u64,
    /// Lost since the start, stage by stage; topics that are no longer subscribed included. `None` before the first
    /// subscription.
    pub loss: Option<Loss>,
    /// Topics with a reader of ours.
    pub subscribed: usize,
}
