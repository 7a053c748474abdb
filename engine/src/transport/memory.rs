//! A transport within one process: for tests and benches that need a graph and messages without a network.
//!
//! [`memory`] gives the transport, for the engine, and a [`MemoryNetwork`], which plays everybody else: writers come and
//! go, messages are published, lost and refused, all at once and without a clock of its own.
//!
//! ```
//! use roswave_engine::name::{TopicName, TypeName};
//! use roswave_engine::qos::Qos;
//! use roswave_engine::transport::memory::memory;
//!
//! let (transport, network) = memory(true);
//! let topic = TopicName::new("/imu").expect("a name");
//! let type_name = TypeName::new("sensor_msgs/msg/Imu").expect("a name");
//! let mut writer = network.writer(&topic, &type_name, Qos::SENSOR);
//! writer.publish(vec![0, 1, 0, 0].into());
//! # drop(transport);
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Facts, RawPublisher, ReaderId, Source, Subscription, Transport, TransportError, Waker};
use crate::clock::Timestamp;
use crate::graph::{Direction, Endpoint, GraphEvent, TypeHash, Vendor};
use crate::message::{Arrival, Gid};
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;

/// Makes a transport and the network that it is on. With `sequences` false no message has a sequence number.
#[must_use]
pub fn memory(sequences: bool) -> (MemoryTransport, MemoryNetwork) {
    let shared = Arc::new(Shared {
        sequences,
        state: Mutex::default(),
        graph: Bell::default(),
        data: Bell::default(),
    });
    let source = MemorySource {
        shared: Arc::clone(&shared),
    };
    let transport = MemoryTransport {
        shared: Arc::clone(&shared),
        source: Some(source),
    };
    (transport, MemoryNetwork { shared })
}

#[derive(Debug, Default)]
struct Bell {
    rung: Mutex<bool>,
    condition: Condvar,
}

#[derive(Debug)]
struct Reader {
    id: ReaderId,
    subscription: Subscription,
    queue: VecDeque<Arrival>,
    overrun: u64,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<GraphEvent>,
    readers: Vec<Reader>,
    next_reader: u32,
    next_gid: u64,
    refuse: Option<String>,
}

#[derive(Debug)]
struct Shared {
    sequences: bool,
    state: Mutex<State>,
    graph: Bell,
    data: Bell,
}

/// The engine's side.
#[derive(Debug)]
pub struct MemoryTransport {
    shared: Arc<Shared>,
    source: Option<MemorySource>,
}

/// Everybody else.
#[derive(Clone, Debug)]
pub struct MemoryNetwork {
    shared: Arc<Shared>,
}

/// A writer of somebody else. Dropping it takes it out of the graph.
#[derive(Debug)]
pub struct MemoryWriter {
    shared: Arc<Shared>,
    endpoint: Endpoint,
    topic: TopicName,
    type_name: TypeName,
    sequence: u64,
}

#[derive(Debug)]
struct MemorySource {
    shared: Arc<Shared>,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.condition.notify_all();
    }

    fn wait(&self, timeout: Duration) -> bool {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .condition
            .wait_timeout_while(rung, timeout, |rung| !*rung)
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn event(&self, event: GraphEvent) {
        self.state().events.push(event);
        self.graph.ring();
    }

    fn fresh_gid(&self) -> Gid {
        let mut state = self.state();
        state.next_gid += 1;
        let mut gid = [0; 16];
        gid[..8].copy_from_slice(&state.next_gid.to_be_bytes());
        Gid(gid)
    }
}

impl MemoryNetwork {
    /// Sends any graph event.
    pub fn event(&self, event: GraphEvent) {
        self.shared.event(event);
    }

    /// Adds a writer to the graph.
    #[must_use]
    pub fn writer(&self, topic: &TopicName, type_name: &TypeName, qos: Qos) -> MemoryWriter {
        self.writer_with_hash(topic, type_name, qos, None)
    }

    /// Adds a writer that announces the hash of its type.
    #[must_use]
    pub fn writer_with_hash(
        &self,
        topic: &TopicName,
        type_name: &TypeName,
        qos: Qos,
        type_hash: Option<TypeHash>,
    ) -> MemoryWriter {
        let endpoint = Endpoint {
            gid: self.shared.fresh_gid(),
            direction: Direction::Writer,
            dds_topic: topic.to_dds().into(),
            dds_type: type_name.to_dds().into(),
            qos,
            type_hash,
            vendor: Vendor::Unknown,
            own: false,
        };
        self.shared.event(GraphEvent::EndpointSeen(endpoint.clone()));
        MemoryWriter {
            shared: Arc::clone(&self.shared),
            endpoint,
            topic: topic.clone(),
            type_name: type_name.clone(),
            sequence: 0,
        }
    }

    /// The subscriptions that are open, oldest first.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.shared
            .state()
            .readers
            .iter()
            .map(|r| r.subscription.clone())
            .collect()
    }

    /// Readers made since the start.
    #[must_use]
    pub fn readers_made(&self) -> u32 {
        self.shared.state().next_reader
    }

    /// Messages that wait to be drained.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.state().readers.iter().map(|r| r.queue.len()).sum()
    }

    /// Refuses subscriptions from now on, with this reason; `None` allows them.
    pub fn refuse(&self, reason: Option<&str>) {
        self.shared.state().refuse = reason.map(str::to_owned);
    }
}

impl MemoryWriter {
    /// Its GUID.
    #[must_use]
    pub fn gid(&self) -> Gid {
        self.endpoint.gid
    }

    /// Publishes a payload now. Returns to how many readers.
    pub fn publish(&mut self, payload: Arc<[u8]>) -> usize {
        let now = Timestamp::now();
        self.publish_at(payload, Some(now), now)
    }

    /// Publishes a payload with chosen times. Returns to how many readers.
    pub fn publish_at(&mut self, payload: Arc<[u8]>, source: Option<Timestamp>, receive: Timestamp) -> usize {
        self.sequence += 1;
        let arrival = Arrival {
            payload,
            source_time: source,
            receive_time: receive,
            writer: self.endpoint.gid,
            sequence: self.shared.sequences.then_some(self.sequence),
        };
        let mut state = self.shared.state();
        let mut matched = 0;
        for reader in &mut state.readers {
            let wanted = &reader.subscription;
            let matches = wanted.topic == self.topic
                && wanted.type_name == self.type_name
                && wanted.qos.accepts(&self.endpoint.qos);
            if !matches {
                continue;
            }
            matched += 1;
            if reader.queue.len() >= usize::try_from(wanted.depth).unwrap_or(usize::MAX) {
                let _ = reader.queue.pop_front();
                reader.overrun += 1;
            }
            reader.queue.push_back(arrival.clone());
        }
        drop(state);
        self.shared.data.ring();
        matched
    }

    /// Publishes `count` messages that get lost on the way.
    pub fn lose(&mut self, count: u64) {
        self.sequence += count;
    }
}

impl Drop for MemoryWriter {
    fn drop(&mut self) {
        self.shared.event(GraphEvent::EndpointLost(self.endpoint.gid));
    }
}

impl RawPublisher for MemoryWriter {
    fn publish(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        let _ = Self::publish(self, payload.into());
        Ok(())
    }

    fn matched_readers(&self) -> usize {
        let state = self.shared.state();
        let matches = |reader: &&Reader| reader.subscription.topic == self.topic;
        state.readers.iter().filter(matches).count()
    }
}

impl Transport for MemoryTransport {
    fn facts(&self) -> Facts {
        Facts {
            kind: "memory",
            sequences: self.shared.sequences,
            ..Facts::default()
        }
    }

    fn source(&mut self) -> Option<Box<dyn Source>> {
        self.source.take().map(|source| Box::new(source) as Box<dyn Source>)
    }

    fn poll_graph(&mut self, timeout: Duration, events: &mut Vec<GraphEvent>) {
        let waiting = !self.shared.state().events.is_empty();
        let _ = self.shared.graph.wait(if waiting { Duration::ZERO } else { timeout });
        events.append(&mut self.shared.state().events);
    }

    fn waker(&self) -> Waker {
        let shared = Arc::clone(&self.shared);
        Waker::new(move || shared.graph.ring())
    }

    fn subscribe(&mut self, subscription: &Subscription) -> Result<ReaderId, TransportError> {
        let mut state = self.shared.state();
        if let Some(reason) = &state.refuse {
            return Err(TransportError::Subscribe {
                topic: subscription.topic.clone(),
                reason: reason.clone(),
            });
        }
        let id = ReaderId(state.next_reader);
        state.next_reader += 1;
        state.readers.push(Reader {
            id,
            subscription: subscription.clone(),
            queue: VecDeque::new(),
            overrun: 0,
        });
        Ok(id)
    }

    fn unsubscribe(&mut self, reader: ReaderId) {
        self.shared.state().readers.retain(|r| r.id != reader);
    }

    fn advertise(
        &mut self,
        topic: &TopicName,
        type_name: &TypeName,
        qos: &Qos,
        type_hash: Option<&TypeHash>,
    ) -> Result<Box<dyn RawPublisher>, TransportError> {
        let network = MemoryNetwork {
            shared: Arc::clone(&self.shared),
        };
        Ok(Box::new(network.writer_with_hash(
            topic,
            type_name,
            *qos,
            type_hash.cloned(),
        )))
    }
}

impl Source for MemorySource {
    fn wait(&mut self, timeout: Duration) -> bool {
        self.shared.data.wait(timeout)
    }

    fn drain(&mut self, sink: &mut dyn FnMut(ReaderId, Arrival)) {
        // One lock per message: writers on other threads get their turn, and the sink runs without it.
        let readers = self.shared.state().readers.len();
        for index in 0..readers {
            loop {
                let taken = {
                    let mut state = self.shared.state();
                    state
                        .readers
                        .get_mut(index)
                        .and_then(|r| Some((r.id, r.queue.pop_front()?)))
                };
                let Some((id, arrival)) = taken else { break };
                sink(id, arrival);
            }
        }
    }

    fn overrun(&self, reader: ReaderId) -> Option<u64> {
        self.shared
            .state()
            .readers
            .iter()
            .find(|r| r.id == reader)
            .map(|r| r.overrun)
    }

    fn waker(&self) -> Waker {
        let shared = Arc::clone(&self.shared);
        Waker::new(move || shared.data.ring())
    }
}
