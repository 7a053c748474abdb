//! Our readers, and the half of the transport that the `ingest` thread drains.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::bell::Bell;
use super::config::MAX_SAMPLE_BYTES;
use super::entity::{Entity, Policies, Ready};
use super::sertype::{self, Batch, Counters, Taken};
use crate::message::{Arrival, Gid};
use crate::transport::{ReaderId, Source, Subscription, TransportError, Waker};

/// One reader with all that must live as long as it does. Fields are dropped in this order: the reader before the
/// flag that its callback sets.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) id: ReaderId,
    pub(super) gid: Option<Gid>,
    name: Box<str>,
    depth: usize,
    reader: Entity,
    _topic: Entity,
    ready: Ready,
    counters: Arc<Counters>,
}

impl Reader {
    pub(super) fn new(
        participant: &Entity,
        id: ReaderId,
        subscription: &Subscription,
        keyed: bool,
        bell: &Arc<Bell>,
    ) -> Result<Self, TransportError> {
        let policies = Policies::for_reader(&subscription.qos, subscription.depth, subscription.type_hash.as_ref());
        let (topic, type_name) = (subscription.topic.to_dds(), subscription.type_name.to_dds());
        Self::raw(
            participant,
            id,
            (&topic, &type_name),
            &policies,
            subscription.depth,
            keyed,
            bell,
        )
        .map_err(|reason| TransportError::Subscribe {
            topic: subscription.topic.clone(),
            reason,
        })
    }

    /// For any DDS topic, by its names on the wire.
    pub(super) fn raw(
        participant: &Entity,
        id: ReaderId,
        (topic, type_name): (&str, &str),
        policies: &Policies,
        depth: u32,
        keyed: bool,
        bell: &Arc<Bell>,
    ) -> Result<Self, String> {
        let counters = Arc::new(Counters::default());
        let name = topic.into();
        let topic = sertype::create_topic(participant, topic, type_name, keyed, &counters)?;
        let ready = Ready::new(bell);
        let reader = Entity::reader(participant, topic.raw(), Some(policies), &ready)?;
        Ok(Self {
            id,
            gid: reader.gid(),
            name,
            depth: depth.max(1) as usize,
            reader,
            _topic: topic,
            ready,
            counters,
        })
    }

    /// Says how many messages could not be taken in since the last call, should there be any.
    pub(super) fn tell_refused(&self) {
        if self.counters.refused.load(Ordering::Relaxed) > 0 {
            let refused = self.counters.refused.swap(0, Ordering::Relaxed);
            tracing::warn!(
                "{refused} messages on `{}` were refused: malformed, or larger than {} MiB",
                self.name,
                MAX_SAMPLE_BYTES >> 20
            );
        }
    }

    /// Takes what arrived. Does nothing when nothing did.
    pub(super) fn take(&self, batch: &mut Batch, each: impl FnMut(Taken)) {
        // At most two caches full in one go, so that one fast topic cannot hold up the others.
        if self.ready.take() && !sertype::take(&self.reader, batch, self.depth.saturating_mul(2), each) {
            self.ready.again();
        }
    }
}

/// The readers of a transport, handed to the ingest thread without a lock.
pub(super) type Readers = Arc<ArcSwap<Vec<Arc<Reader>>>>;

/// The ingest half.
pub(super) struct DdsSource {
    pub(super) readers: Readers,
    pub(super) bell: Arc<Bell>,
    batch: Box<Batch>,
    writers: HashMap<(ReaderId, u64), Gid>,
}

impl DdsSource {
    /// Beyond this many writers the names are learned anew.
    const MAX_WRITERS: usize = 65_536;

    pub(super) fn new(readers: Readers, bell: Arc<Bell>) -> Self {
        Self {
            readers,
            bell,
            batch: Batch::new(),
            writers: HashMap::new(),
        }
    }
}

impl Source for DdsSource {
    fn wait(&mut self, timeout: Duration) -> bool {
        self.bell.wait(timeout)
    }

    fn drain(&mut self, sink: &mut dyn FnMut(ReaderId, Arrival)) {
        let Self {
            readers,
            batch,
            writers,
            ..
        } = self;
        for reader in readers.load().iter() {
            // Most readers have one writer: remembered from message to message.
            let mut last: Option<(u64, Gid)> = None;
            reader.take(batch, |taken| {
                let writer = match last {
                    Some((publication, gid)) if publication == taken.publication => gid,
                    _ => {
                        let gid = writer_of(reader, &taken, writers);
                        last = Some((taken.publication, gid));
                        gid
                    }
                };
                // The number counts only when the packet names the writer that Cyclone says it came from.
                let sequence = taken
                    .origin
                    .and_then(|(from, sequence)| (from == writer).then_some(sequence));
                let arrival = Arrival {
                    payload: taken.payload,
                    source_time: taken.source,
                    receive_time: taken.received,
                    writer,
                    sequence,
                };
                sink(reader.id, arrival);
            });
        }
    }

    fn overrun(&self, reader: ReaderId) -> Option<u64> {
        let readers = self.readers.load();
        let reader = readers.iter().find(|r| r.id == reader)?;
        Some(reader.counters.overrun.load(Ordering::Relaxed))
    }

    fn waker(&self) -> Waker {
        self.bell.waker()
    }
}

/// Who wrote it: as Cyclone knows the writer, else as the packet said.
fn writer_of(reader: &Reader, taken: &Taken, writers: &mut HashMap<(ReaderId, u64), Gid>) -> Gid {
    let key = (reader.id, taken.publication);
    if let Some(gid) = writers.get(&key) {
        return *gid;
    }
    let known = sertype::writer_gid(&reader.reader, taken.publication);
    if let Some(gid) = known {
        if writers.len() >= DdsSource::MAX_WRITERS {
            writers.clear();
        }
        let _ = writers.insert(key, gid);
    }
    known.or(taken.origin.map(|(writer, _)| writer)).unwrap_or_default()
}
