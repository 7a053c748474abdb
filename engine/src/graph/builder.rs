//! Folds the events of a transport into snapshots of the graph.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Direction, Endpoint, Graph, GraphEvent, Node, Service, Topic, TypeHash, Vendor};
use crate::message::Gid;
use crate::name::{ServiceEnd, TopicName, TypeName, service_name, service_type};

/// Keeps what was announced and makes a [`Graph`] of it when asked.
///
/// Endpoints may come before their participant is known and nodes before their endpoints: nothing depends on the order.
#[derive(Debug, Default)]
pub struct GraphBuilder {
    version: u64,
    endpoints: BTreeMap<Gid, Endpoint>,
    participants: HashMap<Gid, Vendor>,
    nodes: BTreeMap<Gid, Vec<Node>>,
    changed: bool,
    /// Names that are no ROS names, said once each.
    warned: BTreeSet<Arc<str>>,
}

impl GraphBuilder {
    /// Names that are told about at most once; beyond this many, no longer.
    const MAX_WARNED: usize = 1000;

    /// An empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event.
    pub fn apply(&mut self, event: GraphEvent) {
        let changed = match event {
            GraphEvent::EndpointSeen(endpoint) => {
                self.check_names(&endpoint);
                let before = self.endpoints.insert(endpoint.gid, endpoint.clone());
                before.as_ref() != Some(&endpoint)
            }
            GraphEvent::EndpointLost(gid) => self.endpoints.remove(&gid).is_some(),
            GraphEvent::ParticipantSeen(gid, vendor) => self.participants.insert(gid, vendor) != Some(vendor),
            GraphEvent::ParticipantLost(gid) => {
                let known = self.participants.remove(&gid).is_some() | self.nodes.remove(&gid).is_some();
                let before = self.endpoints.len();
                self.endpoints
                    .retain(|endpoint, _| endpoint.participant() != gid.participant());
                known || self.endpoints.len() != before
            }
            GraphEvent::NodesSeen(gid, nodes) => {
                let before = self.nodes.insert(gid, nodes.clone());
                before != Some(nodes)
            }
        };
        self.changed |= changed;
    }

    /// The graph as it is now, when it changed since the last call.
    pub fn take(&mut self) -> Option<Graph> {
        if !self.changed {
            return None;
        }
        self.changed = false;
        self.version += 1;
        Some(self.build())
    }

    fn build(&self) -> Graph {
        let mut by_topic: BTreeMap<TopicName, Vec<&Endpoint>> = BTreeMap::new();
        let mut services: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
        for endpoint in self.endpoints.values() {
            if let Some(topic) = TopicName::from_dds(&endpoint.dds_topic) {
                by_topic.entry(topic).or_default().push(endpoint);
            } else if let Some((name, end)) = service_name(&endpoint.dds_topic) {
                let Some(kind) = service_type(&endpoint.dds_type) else {
                    continue;
                };
                // A server reads requests and a client writes them; replies would count both a second time.
                if end == ServiceEnd::Request {
                    let (servers, clients) = services.entry((name, kind)).or_default();
                    match endpoint.direction {
                        Direction::Reader => *servers += 1,
                        Direction::Writer => *clients += 1,
                    }
                }
            }
        }
        let topics = by_topic
            .into_iter()
            .filter_map(|(name, ends)| Some((name.clone(), topic(name, &ends)?)));
        let services = services
            .into_iter()
            .map(|((name, type_name), (servers, clients))| Service {
                name,
                type_name,
                servers,
                clients,
            });
        let mut nodes: Vec<Node> = self.nodes.values().flatten().cloned().collect();
        nodes.sort_by_cached_key(Node::full_name);
        Graph {
            version: self.version,
            topics: topics.collect(),
            nodes,
            services: services.collect(),
            participants: self.participants.len(),
        }
    }

    fn check_names(&mut self, endpoint: &Endpoint) {
        let ros = endpoint.dds_topic.starts_with("rt/");
        let sound =
            TopicName::from_dds(&endpoint.dds_topic).is_some() && TypeName::from_dds(&endpoint.dds_type).is_some();
        if ros && !sound && self.warned.len() < Self::MAX_WARNED && self.warned.insert(Arc::clone(&endpoint.dds_topic))
        {
            tracing::warn!(
                "topic `{}` of type `{}` is not shown: one of the names is not a ROS name",
                endpoint.dds_topic.escape_debug(),
                endpoint.dds_type.escape_debug()
            );
        }
    }
}

/// `None` when nobody but ourselves is there and nobody ever was: our own reader alone makes no topic.
fn topic(name: TopicName, ends: &[&Endpoint]) -> Option<Topic> {
    // Writers come first: the type that nobody publishes has no messages to read.
    let mut counts: BTreeMap<TypeName, (usize, usize)> = BTreeMap::new();
    let mut hashes: BTreeMap<TypeName, BTreeMap<&TypeHash, usize>> = BTreeMap::new();
    // Our own writers count as a robot's: this engine may be the one that publishes. Our readers echo others' types.
    for end in ends.iter().filter(|end| !end.own || end.direction == Direction::Writer) {
        let Some(kind) = TypeName::from_dds(&end.dds_type) else {
            continue;
        };
        if let Some(hash) = &end.type_hash {
            *hashes.entry(kind.clone()).or_default().entry(hash).or_default() += 1;
        }
        let (writers, readers) = counts.entry(kind).or_default();
        match end.direction {
            Direction::Writer => *writers += 1,
            Direction::Reader => *readers += 1,
        }
    }
    let mut types: Vec<(TypeName, (usize, usize))> = counts.into_iter().collect();
    // Stable: equal counts stay in the order of their names.
    types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let first = types.first()?.0.clone();
    let most = hashes
        .get(&first)
        .and_then(|h| h.iter().max_by_key(|(_, count)| **count));
    let of = |direction| {
        let others = ends.iter().filter(move |end| !end.own && end.direction == direction);
        others.map(|end| (*end).clone()).collect()
    };
    Some(Topic {
        type_hash: most.map(|(hash, _)| (*hash).clone()),
        writers: of(Direction::Writer),
        readers: of(Direction::Reader),
        types: types.into_iter().map(|(kind, _)| kind).collect(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qos::Qos;

    fn gid(participant: u8, entity: u8) -> Gid {
        let mut bytes = [participant; 16];
        bytes[12..].copy_from_slice(&[0, 0, entity, 3]);
        Gid(bytes)
    }

    fn endpoint(gid: Gid, direction: Direction, topic: &str, kind: &str) -> Endpoint {
        Endpoint {
            gid,
            direction,
            dds_topic: topic.into(),
            dds_type: kind.into(),
            qos: Qos::RELIABLE,
            type_hash: None,
            vendor: Vendor::CycloneDds,
            own: false,
        }
    }

    const IMU: &str = "sensor_msgs::msg::dds_::Imu_";
    const TEXT: &str = "std_msgs::msg::dds_::String_";

    fn built(events: Vec<GraphEvent>) -> Graph {
        let mut builder = GraphBuilder::new();
        for event in events {
            builder.apply(event);
        }
        builder.take().expect("a change")
    }

    #[test]
    fn endpoints_make_topics() {
        let graph = built(vec![
            GraphEvent::EndpointSeen(endpoint(gid(1, 1), Direction::Writer, "rt/imu", IMU)),
            GraphEvent::EndpointSeen(endpoint(gid(2, 1), Direction::Reader, "rt/imu", IMU)),
            GraphEvent::EndpointSeen(endpoint(gid(3, 1), Direction::Writer, "rt/imu", TEXT)),
            GraphEvent::EndpointSeen(endpoint(gid(3, 2), Direction::Writer, "foreign", TEXT)),
        ]);
        assert_eq!(graph.topics.len(), 1);
        let topic = &graph.topics[&TopicName::new("/imu").expect("a name")];
        assert_eq!((topic.writers.len(), topic.readers.len()), (2, 1));
        let types: Vec<_> = topic.types.iter().map(TypeName::as_str).collect();
        assert_eq!(types, ["sensor_msgs/msg/Imu", "std_msgs/msg/String"]);
    }

    #[test]
    fn our_own_reader_makes_no_topic() {
        let mut own = endpoint(gid(9, 1), Direction::Reader, "rt/gone", IMU);
        own.own = true;
        let graph = built(vec![GraphEvent::EndpointSeen(own)]);
        assert!(graph.topics.is_empty());
    }

    #[test]
    fn services_count_both_ends_once() {
        let request = "example_interfaces::srv::dds_::AddTwoInts_Request_";
        let response = "example_interfaces::srv::dds_::AddTwoInts_Response_";
        let graph = built(vec![
            GraphEvent::EndpointSeen(endpoint(gid(1, 1), Direction::Reader, "rq/addRequest", request)),
            GraphEvent::EndpointSeen(endpoint(gid(1, 2), Direction::Writer, "rr/addReply", response)),
            GraphEvent::EndpointSeen(endpoint(gid(2, 1), Direction::Writer, "rq/addRequest", request)),
            GraphEvent::EndpointSeen(endpoint(gid(2, 2), Direction::Reader, "rr/addReply", response)),
        ]);
        let service = Service {
            name: "/add".to_owned(),
            type_name: "example_interfaces/srv/AddTwoInts".to_owned(),
            servers: 1,
            clients: 1,
        };
        assert_eq!(graph.services, [service]);
        assert!(graph.topics.is_empty());
    }

    #[test]
    fn a_lost_participant_takes_all_with_it() {
        let participant = gid(1, 0).participant();
        let node = Node {
            name: "driver".to_owned(),
            namespace: "/".to_owned(),
            participant,
            endpoints: vec![gid(1, 1)],
            own: false,
        };
        let mut builder = GraphBuilder::new();
        builder.apply(GraphEvent::ParticipantSeen(participant, Vendor::FastDds));
        builder.apply(GraphEvent::EndpointSeen(endpoint(
            gid(1, 1),
            Direction::Writer,
            "rt/imu",
            IMU,
        )));
        builder.apply(GraphEvent::EndpointSeen(endpoint(
            gid(2, 1),
            Direction::Writer,
            "rt/imu",
            IMU,
        )));
        builder.apply(GraphEvent::NodesSeen(participant, vec![node]));
        let graph = builder.take().expect("a change");
        assert_eq!((graph.version, graph.participants, graph.nodes.len()), (1, 1, 1));
        builder.apply(GraphEvent::ParticipantLost(participant));
        let graph = builder.take().expect("a change");
        assert_eq!((graph.version, graph.participants, graph.nodes.len()), (2, 0, 0));
        assert_eq!(graph.topics.values().next().map(|topic| topic.writers.len()), Some(1));
    }

    #[test]
    fn what_changes_nothing_makes_no_version() {
        let seen = GraphEvent::EndpointSeen(endpoint(gid(1, 1), Direction::Writer, "rt/imu", IMU));
        let mut builder = GraphBuilder::new();
        builder.apply(seen.clone());
        assert!(builder.take().is_some());
        builder.apply(seen);
        builder.apply(GraphEvent::EndpointLost(gid(7, 7)));
        assert!(builder.take().is_none());
    }
}
