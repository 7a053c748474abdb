//! The seam between the engine and a middleware.
//!
//! A transport has two halves. [`Transport`] belongs to the engine's `graph` thread: it watches the graph, makes and
//! drops readers and writers. [`Source`] belongs to the `ingest` thread: it waits for data and hands over what arrived.

pub mod dds;

pub mod demo;
pub mod memory;

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::graph::{GraphEvent, TypeHash};
use crate::message::Arrival;
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;

/// Names a reader of this process within one transport. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReaderId(pub u32);

/// What the engine wants to read.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The topic.
    pub topic: TopicName,
    /// The type as announced.
    pub type_name: TypeName,
    /// From [`Qos::to_match`].
    pub qos: Qos,
    /// How many messages the reader keeps between two drains.
    pub depth: u32,
    /// The hash to announce with our own reader, when known.
    pub type_hash: Option<TypeHash>,
}

/// What a transport found out about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `dds`, `bag`, ...
    pub kind: &'static str,
    /// The ROS domain.
    pub domain: Option<u32>,
    /// Interfaces or locators in use, as text.
    pub interfaces: Vec<String>,
    /// Bytes of socket receive buffer that the kernel granted.
    pub receive_buffer_bytes: Option<u64>,
    /// Whether sequence numbers can be told (the self-test of the receive path passed).
    pub sequences: bool,
}

/// Why a transport could not do what it was asked.
#[derive(Debug, Error)]
pub enum TransportError {
    /// The middleware did not start.
    #[error("cannot join DDS domain {domain}: {reason}")]
    Join {
        /// The domain asked for.
        domain: u32,
        /// What failed, and the way out.
        reason: String,
    },
    /// An environment variable or setting makes no sense.
    #[error("{name}=`{value}` {reason}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A reader could not be made.
    #[error("cannot subscribe to {topic}: {reason}")]
    Subscribe {
        /// The topic.
        topic: TopicName,
        /// What the middleware said.
        reason: String,
    },
    /// A writer could not be made.
    #[error("cannot publish on {topic}: {reason}")]
    Advertise {
        /// The topic.
        topic: TopicName,
        /// What the middleware said.
        reason: String,
    },
    /// A message could not be written.
    #[error("cannot write a message: {0}")]
    Write(String),
}

/// The half that the `graph` thread owns.
pub trait Transport: Send {
    /// What is known about the transport itself.
    fn facts(&self) -> Facts;

    /// Takes the ingest half. Gives `None` after the first call.
    fn source(&mut self) -> Option<Box<dyn Source>>;

    /// Waits up to `timeout` for changes of the graph and appends them to `events`.
    /// A [`Waker`] of this half ends the wait early.
    fn poll_graph(&mut self, timeout: Duration, events: &mut Vec<GraphEvent>);

    /// Ends the current or next wait of [`Transport::poll_graph`].
    fn waker(&self) -> Waker;

    /// Makes a reader. Its messages come out of the [`Source`] under the returned id.
    ///
    /// # Errors
    /// When the middleware refuses.
    fn subscribe(&mut self, subscription: &Subscription) -> Result<ReaderId, TransportError>;

    /// Drops a reader. Messages of it that were not drained yet are gone.
    fn unsubscribe(&mut self, reader: ReaderId);

    /// Makes a writer for raw CDR.
    ///
    /// # Errors
    /// When the middleware refuses.
    fn advertise(
        &mut self,
        topic: &TopicName,
        type_name: &TypeName,
        qos: &Qos,
        type_hash: Option<&TypeHash>,
    ) -> Result<Box<dyn RawPublisher>, TransportError>;
}

/// The half that the `ingest` thread owns.
pub trait Source: Send {
    /// Waits until something arrived, the waker was used, or `timeout` passed. True if there may be data.
    fn wait(&mut self, timeout: Duration) -> bool;

    /// Takes everything that has arrived, reader by reader, in each reader's order. Must not block.
    fn drain(&mut self, sink: &mut dyn FnMut(ReaderId, Arrival));

    /// Messages that were overrun in `reader`'s history before they could be drained, since it was made;
    /// `None` when the transport cannot tell. Such messages are missing from their writers' sequences too: what was lost
    /// on the way is the sum of the gaps less this number.
    fn overrun(&self, reader: ReaderId) -> Option<u64>;

    /// Ends the current or next [`Source::wait`].
    fn waker(&self) -> Waker;
}

/// Writes raw CDR on one topic.
pub trait RawPublisher: Send {
    /// Writes a payload with its four-byte encapsulation header, stamped with the present source time.
    ///
    /// # Errors
    /// When the middleware refuses, for instance because a reliable reader does not keep up.
    fn publish(&mut self, payload: &[u8]) -> Result<(), TransportError>;

    /// Readers that are matched now.
    fn matched_readers(&self) -> usize;
}

/// Ends a wait from another thread. Cheap to clone; calling it twice does no harm.
#[derive(Clone)]
pub struct Waker(Arc<dyn Fn() + Send + Sync>);

impl Waker {
    /// Wraps what ends the wait.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// Ends the wait.
    pub fn wake(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Waker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waker")
    }
}
