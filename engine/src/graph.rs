//! The ROS graph as one snapshot: topics, their endpoints, nodes and services.

mod builder;

pub use builder::GraphBuilder;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::message::Gid;
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;

/// The announced RIHS01 hash of a type: `RIHS01_` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct TypeHash(pub Arc<str>);

/// Who made the middleware of a peer, by the vendor id in its GUID prefix or participant data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Eclipse Cyclone DDS, 0x0110.
    CycloneDds,
    /// eProsima Fast DDS, 0x010f.
    FastDds,
    /// Another vendor id.
    Other([u8; 2]),
    /// Not announced.
    Unknown,
}

/// Which way messages go through an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It publishes.
    Writer,
    /// It subscribes.
    Reader,
}

/// A writer or a reader somewhere in the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its GUID.
    pub gid: Gid,
    /// Which way.
    pub direction: Direction,
    /// The topic's name on the DDS wire, such as `rt/imu`.
    pub dds_topic: Arc<str>,
    /// The type's name on the DDS wire.
    pub dds_type: Arc<str>,
    /// Offered or asked for.
    pub qos: Qos,
    /// Announced by peers of ROS 2 Iron and later.
    pub type_hash: Option<TypeHash>,
    /// Who made the peer's middleware.
    pub vendor: Vendor,
    /// True when this engine made the endpoint.
    pub own: bool,
}

/// A node as announced in `ros_discovery_info`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Name without namespace.
    pub name: String,
    /// Namespace with its leading slash.
    pub namespace: String,
    /// The participant it lives in.
    pub participant: Gid,
    /// Writers and readers that belong to it.
    pub endpoints: Vec<Gid>,
    /// True when it is this engine's own.
    pub own: bool,
}

impl Node {
    /// Namespace and name in one: `/arm/driver`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.namespace.trim_end_matches('/'), self.name)
    }
}

/// One topic with its endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: TopicName,
    /// Every type that is announced on it, by number of writers, then of readers, most first. More than one is a fault of
    /// the robot.
    pub types: Vec<TypeName>,
    /// The announced hash of the first type.
    pub type_hash: Option<TypeHash>,
    /// Writers of others.
    pub writers: Vec<Endpoint>,
    /// Readers of others.
    pub readers: Vec<Endpoint>,
}

impl Topic {
    /// The type that most writers announce; without writers, most readers.
    #[must_use]
    pub fn type_name(&self) -> Option<&TypeName> {
        self.types.first()
    }

    /// What the writers of that type offer.
    #[must_use]
    pub fn offers(&self) -> Vec<Qos> {
        let of_type = |writer: &&Endpoint| TypeName::from_dds(&writer.dds_type).as_ref() == self.type_name();
        self.writers.iter().filter(of_type).map(|writer| writer.qos).collect()
    }
}

/// A service with how many servers and clients were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name: `/talker/get_parameters`.
    pub name: String,
    /// Its type: `rcl_interfaces/srv/GetParameters`.
    pub type_name: String,
    /// Endpoints that answer.
    pub servers: usize,
    /// Endpoints that ask.
    pub clients: usize,
}

/// The whole graph at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// Grows with every change.
    pub version: u64,
    /// By name.
    pub topics: BTreeMap<TopicName, Topic>,
    /// By full name.
    pub nodes: Vec<Node>,
    /// By name.
    pub services: Vec<Service>,
    /// Participants of others that are present.
    pub participants: usize,
}

/// What changed in the graph, as a transport saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphEvent {
    /// An endpoint appeared or changed its announcement.
    EndpointSeen(Endpoint),
    /// An endpoint went away or its participant was lost.
    EndpointLost(Gid),
    /// A participant appeared.
    ParticipantSeen(Gid, Vendor),
    /// A participant went away; its endpoints are lost too.
    ParticipantLost(Gid),
    /// All nodes of a participant, replacing what was known.
    NodesSeen(Gid, Vec<Node>),
}
