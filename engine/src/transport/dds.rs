//! DDS through Cyclone DDS: any ROS 2 graph whose middleware speaks RTPS, without a ROS installation.
//!
//! Messages stay raw: an opaque type (`sertype`) puts each payload together once and notes its writer and sequence
//! number. Samples written by this very process do not pass a network and have no sequence number.
//!
//! Dropping the transport deletes the participant; the last one of a domain, publishers included, ends Cyclone's
//! threads and closes its sockets.

mod bell;
mod config;
mod discovery;
mod domain;
mod entity;
mod node_info;
mod reader;
mod sertype;
mod sockets;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::bell::Bell;
use self::config::Settings;
use self::discovery::Discovery;
use self::domain::Participant;
use self::entity::Policies;
use self::reader::{DdsSource, Reader, Readers};
use self::writer::{Announced, DdsPublisher};
use crate::graph::{GraphEvent, TypeHash};
use crate::message::Gid;
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;
use crate::transport::{Facts, RawPublisher, ReaderId, Source, Subscription, Transport, TransportError, Waker};

/// How to join.
#[derive(Clone, Debug)]
pub struct DdsConfig {
    /// The domain, 0 to 232; `None` takes `ROS_DOMAIN_ID`, else 0.
    pub domain: Option<u32>,
    /// Our node's name in `ros2 node list`, without namespace: letters, digits and underscores.
    pub node_name: String,
}

impl Default for DdsConfig {
    fn default() -> Self {
        Self {
            domain: None,
            node_name: "roswave".to_owned(),
        }
    }
}

/// A participant in a DDS domain.
pub struct DdsTransport {
    // In the order in which they must go: endpoints before the participant.
    readers: Readers,
    /// Taken out, perhaps still in the ingest thread's hands: deleted here and not there, where it would block.
    retired: Vec<Arc<Reader>>,
    node_writer: DdsPublisher,
    discovery: Discovery,
    source: Option<DdsSource>,
    announced: Arc<Announced>,
    facts: Facts,
    bell: Arc<Bell>,
    data_bell: Arc<Bell>,
    node_name: String,
    next_reader: u32,
    participant: Arc<Participant>,
}

impl DdsTransport {
    /// Joins a domain, as the environment variables of ROS 2 and `CYCLONEDDS_URI` say.
    ///
    /// # Errors
    /// When a variable makes no sense, or when there is no network interface to join by.
    pub fn join(config: DdsConfig) -> Result<Self, TransportError> {
        Self::join_with(&Settings::from_env(config.domain)?, config.node_name)
    }

    fn join_with(settings: &Settings, node_name: String) -> Result<Self, TransportError> {
        let failed = |reason| TransportError::Join {
            domain: settings.domain,
            reason,
        };
        let bells = || Bell::new().map_err(|error| failed(format!("the system gave no event descriptor: {error}")));
        let (bell, data_bell) = (bells()?, bells()?);
        let participant = Arc::new(Participant::join(settings)?);
        let discovery = Discovery::new(&participant, &bell).map_err(failed)?;
        let policies = Policies::for_writer(&Qos::LATCHED, None);
        let names = (node_info::TOPIC, node_info::TYPE);
        let node_writer = DdsPublisher::new(&participant, names, &policies, false, None).map_err(failed)?;
        let sockets = participant.sockets();
        let facts = Facts {
            kind: "dds",
            domain: Some(settings.domain),
            interfaces: sockets.interfaces.clone(),
            receive_buffer_bytes: sockets.receive_buffer_bytes,
            sequences: sertype::sequences_work(),
        };
        if !facts.sequences {
            tracing::warn!("this build of Cyclone DDS does not tell sequence numbers: lost messages cannot be counted");
        }
        let readers = Readers::default();
        let announced = Announced {
            writers: Mutex::new(Vec::new()),
            changed: AtomicBool::new(true),
            bell: Arc::clone(&bell),
        };
        let mut transport = Self {
            source: Some(DdsSource::new(Arc::clone(&readers), Arc::clone(&data_bell))),
            readers,
            retired: Vec::new(),
            node_writer,
            discovery,
            announced: Arc::new(announced),
            facts,
            bell,
            data_bell,
            node_name,
            next_reader: 0,
            participant,
        };
        transport.announce();
        Ok(transport)
    }

    /// The GUID of our participant.
    #[must_use]
    pub fn participant(&self) -> Gid {
        self.participant.gid()
    }

    /// Tells the graph which endpoints belong to our node, when they changed.
    fn announce(&mut self) {
        if !self.announced.changed.swap(false, Ordering::AcqRel) {
            return;
        }
        let readers: Vec<Gid> = self.readers.load().iter().filter_map(|reader| reader.gid).collect();
        let readers = [readers, self.discovery.node_reader().into_iter().collect()].concat();
        let mut writers = self
            .announced
            .writers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        writers.extend(self.node_writer.gid());
        let payload = node_info::encode(self.participant.gid(), "/", &self.node_name, &readers, &writers);
        if let Err(error) = self.node_writer.publish(&payload) {
            tracing::warn!("our node is not announced: {error}");
        }
    }

    fn replace_readers(&self, change: impl FnOnce(&mut Vec<Arc<Reader>>)) {
        let mut readers = self.readers.load().to_vec();
        change(&mut readers);
        self.readers.store(Arc::new(readers));
        self.announced.changed.store(true, Ordering::Release);
    }
}

impl Transport for DdsTransport {
    fn facts(&self) -> Facts {
        self.facts.clone()
    }

    fn source(&mut self) -> Option<Box<dyn Source>> {
        Some(Box::new(self.source.take()?))
    }

    fn poll_graph(&mut self, timeout: Duration, events: &mut Vec<GraphEvent>) {
        self.announce();
        self.retired.retain(|reader| Arc::strong_count(reader) > 1);
        self.readers.load().iter().for_each(|reader| reader.tell_refused());
        let before = events.len();
        self.discovery.poll(events);
        if events.len() > before {
            return;
        }
        if self.bell.wait(timeout) {
            self.announce();
            self.discovery.poll(events);
        }
    }

    fn waker(&self) -> Waker {
        self.bell.waker()
    }

    fn subscribe(&mut self, subscription: &Subscription) -> Result<ReaderId, TransportError> {
        let id = ReaderId(self.next_reader);
        let keyed = self.discovery.is_keyed(&subscription.topic.to_dds());
        let reader = Reader::new(self.participant.entity(), id, subscription, keyed, &self.data_bell)?;
        self.next_reader += 1;
        let reader = Arc::new(reader);
        self.replace_readers(|readers| readers.push(Arc::clone(&reader)));
        // What arrived before the ingest thread could see the reader.
        self.data_bell.ring();
        Ok(id)
    }

    fn unsubscribe(&mut self, reader: ReaderId) {
        let gone: Vec<Arc<Reader>> = self.readers.load().iter().filter(|r| r.id == reader).cloned().collect();
        self.replace_readers(|readers| readers.retain(|r| r.id != reader));
        self.retired.extend(gone);
        self.retired.retain(|reader| Arc::strong_count(reader) > 1);
    }

    fn advertise(
        &mut self,
        topic: &TopicName,
        type_name: &TypeName,
        qos: &Qos,
        type_hash: Option<&TypeHash>,
    ) -> Result<Box<dyn RawPublisher>, TransportError> {
        let policies = Policies::for_writer(qos, type_hash);
        let names = (&*topic.to_dds(), &*type_name.to_dds());
        let announced = Some(Arc::clone(&self.announced));
        let keyed = self.discovery.is_keyed(names.0);
        match DdsPublisher::new(&self.participant, names, &policies, keyed, announced) {
            Ok(publisher) => Ok(Box::new(publisher)),
            Err(reason) => Err(TransportError::Advertise {
                topic: topic.clone(),
                reason,
            }),
        }
    }
}

impl Drop for DdsTransport {
    fn drop(&mut self) {
        // The ingest half may outlive us; its readers must not.
        self.readers.store(Arc::default());
    }
}
