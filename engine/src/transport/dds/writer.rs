//! Our writers of raw bytes.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use super::bell::Bell;
use super::domain::Participant;
use super::entity::{Entity, Policies};
use super::sertype::{self, Counters};
use crate::message::Gid;
use crate::transport::{RawPublisher, TransportError};

/// The GUIDs of our writers, for the announcement of our node. Touched only when a writer comes or goes.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) writers: Mutex<Vec<Gid>>,
    pub(super) changed: AtomicBool,
    pub(super) bell: Arc<Bell>,
}

impl Announced {
    fn change(&self, change: impl FnOnce(&mut Vec<Gid>)) {
        change(&mut self.writers.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.store(true, Ordering::Release);
        self.bell.ring();
    }
}

/// A writer on one topic.
#[derive(Debug)]
pub(super) struct DdsPublisher {
    writer: Entity,
    _topic: Entity,
    gid: Option<Gid>,
    announced: Option<Arc<Announced>>,
    // Last: keeps the participant until the writer is gone.
    _participant: Arc<Participant>,
}

impl DdsPublisher {
    pub(super) fn new(
        participant: &Arc<Participant>,
        (topic, type_name): (&str, &str),
        policies: &Policies,
        keyed: bool,
        announced: Option<Arc<Announced>>,
    ) -> Result<Self, String> {
        let counters = Arc::new(Counters::default());
        let topic = sertype::create_topic(participant.entity(), topic, type_name, keyed, &counters)?;
        let writer = Entity::writer(participant.entity(), &topic, policies)?;
        let gid = writer.gid();
        if let (Some(announced), Some(gid)) = (&announced, gid) {
            announced.change(|writers| writers.push(gid));
        }
        Ok(Self {
            writer,
            _topic: topic,
            gid,
            announced,
            _participant: Arc::clone(participant),
        })
    }

    pub(super) fn gid(&self) -> Option<Gid> {
        self.gid
    }
}

impl RawPublisher for DdsPublisher {
    fn publish(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        sertype::write(&self.writer, payload).map_err(TransportError::Write)
    }

    fn matched_readers(&self) -> usize {
        self.writer.matched_readers()
    }
}

impl Drop for DdsPublisher {
    fn drop(&mut self) {
        if let (Some(announced), Some(gid)) = (&self.announced, self.gid) {
            announced.change(|writers| writers.retain(|writer| *writer != gid));
        }
    }
}
