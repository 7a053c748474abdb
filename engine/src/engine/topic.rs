//! One topic at the `graph` thread: who wants it, its definition, its reader.

use std::sync::Arc;

use ringbuf::traits::{Consumer as _, Split as _};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use super::control::Control;
use super::plot_rows;
use super::snapshot::{DefinitionState, TopicStatus};
use crate::graph::{Topic, TypeHash};
use crate::ingest::{IngestCommand, LATCHED_MAX, ROW_HEADER, RowGrower, RowProducer, TopicIndex};
use crate::message::Arrival;
use crate::name::{TopicName, TypeName};
use crate::qos::{Durability, History, Qos};
use crate::schema::{Agreement, Schema};
use crate::stats::{TopicCounters, TopicReport};
use crate::transport::{ReaderId, Subscription};

use crate::clock::monotonic_ns;

/// Most messages that a reader keeps between two drains: 0.8 s at 5 kHz.
const DEPTH_MAX: u64 = 4096;

/// Fewest, however large they are.
const DEPTH_MIN: u64 = 8;

/// Bytes of messages that a reader may keep between two drains.
const DEPTH_BYTES: u64 = 64 << 20;

/// What a message of a large type is taken for before one was measured.
const LARGE_BYTES: u64 = 2 << 20;

/// How long to wait after a subscription was refused.
const RETRY_NS: i64 = 5_000_000_000;

/// Inspected messages on their way to the snapshot: two come between two snapshots.
const INSPECTED: usize = 4;

/// Types whose messages are large: they are not subscribed for their figures alone.
const LARGE_TYPES: [&str; 10] = [
    "sensor_msgs/msg/Image",
    "sensor_msgs/msg/CompressedImage",
    "sensor_msgs/msg/PointCloud",
    "sensor_msgs/msg/PointCloud2",
    "stereo_msgs/msg/DisparityImage",
    "nav_msgs/msg/OccupancyGrid",
    "map_msgs/msg/OccupancyGridUpdate",
    "visualization_msgs/msg/MarkerArray",
    "theora_image_transport/msg/Packet",
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket",
];

/// Why a topic is read. It is read as long as there is a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    /// By `Measure::All`.
    pub measured: bool,
    /// By `Engine::measure`.
    pub chosen: bool,
    pub plot: bool,
    pub inspect: bool,
    pub taps: usize,
    pub record: bool,
}

impl Wants {
    fn any(self) -> bool {
        self.measured || self.asked()
    }

    fn asked(self) -> bool {
        self.chosen || self.plot || self.inspect || self.taps > 0 || self.record
    }
}

/// A reader of ours.
#[derive(Debug)]
struct Reading {
    id: ReaderId,
    type_name: TypeName,
    qos: Qos,
}

/// What was found for a type.
#[derive(Debug)]
struct Definition {
    type_name: TypeName,
    type_hash: Option<TypeHash>,
    schema: Option<Arc<Schema>>,
    state: DefinitionState,
}

#[derive(Debug, Default)]
pub(super) struct Entry {
    pub wants: Wants,
    pub slot: Option<(TopicIndex, Arc<TopicCounters>)>,
    pub plot: Option<(RowGrower, Arc<Schema>)>,
    pub retry_ns: Option<i64>,
    definition: Option<Definition>,
    reading: Option<Reading>,
    refused: Option<Arc<str>>,
    inspected: Option<Inspected>,
    latest: Option<Arrival>,
}

struct Inspected(HeapCons<Arrival>);

impl std::fmt::Debug for Inspected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inspected")
    }
}

impl Entry {
    pub fn slot_index(&self) -> Option<TopicIndex> {
        self.slot.as_ref().map(|(slot, _)| *slot)
    }

    /// The slot of a topic whose writers keep messages for late joiners.
    pub fn latched_slot(&self) -> Option<TopicIndex> {
        let reading = self.reading.as_ref()?;
        (reading.qos.durability == Durability::TransientLocal)
            .then(|| self.slot_index())
            .flatten()
    }

    pub fn is_subscribed(&self) -> bool {
        self.reading.is_some()
    }

    /// True when it stays although no endpoint announces the topic.
    pub fn is_kept(&self) -> bool {
        self.wants.asked() || self.slot.is_some()
    }

    pub fn schema(&self) -> Option<&Arc<Schema>> {
        self.definition.as_ref()?.schema.as_ref()
    }

    pub fn inspect_ring(&mut self, on: bool) -> Option<HeapProd<Arrival>> {
        self.inspected = None;
        self.latest = None;
        on.then(|| {
            let (producer, consumer) = HeapRb::new(INSPECTED).split();
            self.inspected = Some(Inspected(consumer));
            producer
        })
    }

    pub fn take_inspected(&mut self) {
        if let Some(last) = self.inspected.as_mut().and_then(|ring| ring.0.pop_iter().last()) {
            self.latest = Some(last);
        }
    }

    /// A larger ring, when four seconds at this rate do not fit into the present one.
    pub fn grow_plot(&mut self, rate_hz: Option<f64>, bytes: usize) -> Option<RowProducer> {
        let (grower, _) = self.plot.as_mut()?;
        let rate = rate_hz?;
        let most = bytes / (8 * (grower.width() + ROW_HEADER));
        if rate * 4.0 <= grower.rows() as f64 || grower.rows() >= most {
            return None;
        }
        // Twice what is needed now, so that a rate that rises does not replace the ring at every look.
        grower.grow(plot_rows(Some(rate * 2.0), grower.width(), bytes))
    }

    /// How many messages a new reader keeps between two drains: as many of the mean size as fit into 64 MiB, but at
    /// least 8 and at most 4096. Before a size was measured, large types count as 2 MiB and others as small.
    fn depth(&self, large: bool) -> u32 {
        let measured = self
            .slot
            .as_ref()
            .and_then(|(_, c)| c.bytes().checked_div(c.messages()));
        let bytes = measured.unwrap_or(if large { LARGE_BYTES } else { 1 });
        let depth = (DEPTH_BYTES / bytes.max(1)).clamp(DEPTH_MIN, DEPTH_MAX);
        u32::try_from(depth).expect("at most 4096")
    }

    pub fn status(&self, name: &TopicName, topic: Option<&Topic>, report: Option<TopicReport>) -> TopicStatus {
        let definition = self.definition.as_ref();
        TopicStatus {
            name: name.clone(),
            type_name: definition.map(|d| d.type_name.clone()),
            schema: self.schema().cloned(),
            definition: definition.map_or_else(
                || DefinitionState::None("nobody announces a type on this topic".into()),
                |d| d.state.clone(),
            ),
            subscribed: self.is_subscribed(),
            problem: self.problem(name, topic, report.as_ref()),
            report,
            latest: self.latest.clone(),
            reader_qos: self.reading.as_ref().map(|reading| reading.qos),
        }
    }

    fn problem(&self, name: &TopicName, topic: Option<&Topic>, report: Option<&TopicReport>) -> Option<Arc<str>> {
        let Some(topic) = topic else {
            let text = || format!("nobody publishes {name}: it is read as soon as somebody does").into();
            return self.wants.asked().then(text);
        };
        if let [first, second, ..] = &topic.types[..] {
            let text = format!(
                "{name} is announced with the types {first} and {second}: only {first} is read; stop the other one or \
                 rename its topic"
            );
            return Some(text.into());
        }
        if let Some(refused) = &self.refused {
            return Some(Arc::clone(refused));
        }
        let definition = self.definition.as_ref()?;
        match &definition.state {
            DefinitionState::None(reason) => return Some(Arc::clone(reason)),
            DefinitionState::Found(origin, Agreement::Different) => {
                let text = format!(
                    "the publisher of {name} has another definition of {} than the {} one: values may be wrong; source \
                     the publisher's workspace and start again",
                    definition.type_name,
                    format!("{origin:?}").to_lowercase(),
                );
                return Some(text.into());
            }
            DefinitionState::Found(..) => {}
        }
        let undecodable = report.map_or(0, |report| report.undecodable);
        (undecodable > 0).then(|| {
            let ty = &definition.type_name;
            format!("{undecodable} messages on {name} are no valid {ty}: the publisher uses another definition").into()
        })
    }
}

/// How many messages of each writer a late joiner is given.
fn owed(reader: &Qos, offers: &[Qos]) -> usize {
    if reader.durability == Durability::Volatile {
        return 0;
    }
    let kept = |offer: &Qos| match offer.history {
        History::KeepLast(depth) => usize::try_from(depth).unwrap_or(LATCHED_MAX),
        History::KeepAll => LATCHED_MAX,
        // The usual depth of a latched topic.
        History::Unknown => 1,
    };
    offers.iter().map(kept).max().unwrap_or(1)
}

/// True for types whose messages are large.
fn is_large(type_name: &TypeName) -> bool {
    LARGE_TYPES.contains(&type_name.as_str())
}

impl Control {
    /// Looks at a topic anew after the graph changed.
    pub fn refresh(&mut self, name: &TopicName) {
        let graph = Arc::clone(&self.graph);
        let topic = graph.topics.get(name);
        let announced = topic.and_then(|topic| Some((topic.type_name()?, topic)));
        if let Some((type_name, topic)) = announced {
            let hash = topic.type_hash.as_ref();
            let known = self.entry(name).definition.as_ref();
            if known.is_none_or(|d| d.type_name != *type_name || d.type_hash.as_ref() != hash) {
                let definition = self.define(type_name, hash);
                self.entry(name).definition = Some(definition);
                self.check_plot(name);
            }
        }
        let large = announced.is_some_and(|(type_name, _)| is_large(type_name));
        let already = self.entry(name).wants.measured;
        let measured = announced.is_some() && self.measures(name, large, already);
        self.measured = self.measured + usize::from(measured) - usize::from(already);
        self.entry(name).wants.measured = measured;
        // The way into the recording first: a reader may have messages from its first moment.
        self.record_if_selected(name);
        self.reconcile(name);
    }

    fn define(&mut self, type_name: &TypeName, hash: Option<&TypeHash>) -> Definition {
        let (schema, state) = match self.registry.find(type_name, hash) {
            Ok(found) => {
                let state = DefinitionState::Found(found.schema.origin(), found.agreement);
                (Some(found.schema), state)
            }
            Err(error) => (None, DefinitionState::None(error.to_string().into())),
        };
        Definition {
            type_name: type_name.clone(),
            type_hash: hash.cloned(),
            schema,
            state,
        }
    }

    /// A plan that was compiled for another definition must not read these messages.
    pub fn check_plot(&mut self, name: &TopicName) {
        let entry = self.entry(name);
        let fits = match (&entry.plot, entry.schema()) {
            (Some((_, planned)), Some(schema)) => {
                planned.type_name() == schema.type_name() && planned.hash() == schema.hash()
            }
            (Some(_), None) => false,
            (None, _) => return,
        };
        if !fits {
            entry.plot = None;
            entry.wants.plot = false;
            let slot = entry.slot_index();
            if let Some(slot) = slot {
                self.tell_ingest(IngestCommand::Unplot { slot });
            }
            self.shared.tell(super::Update::PlotEnded(name.clone()));
        }
    }

    /// Ends the reading of another type than this one, so that none of its messages can be taken for one of this type.
    pub fn stop_reading_other(&mut self, name: &TopicName, type_name: &TypeName) {
        let entry = self.entry(name);
        if let Some(old) = entry.reading.take_if(|reading| reading.type_name != *type_name) {
            let slot = self.slot(name);
            self.retire(slot, old.id, false);
            // What late joiners are owed is of that type as well.
            self.tell_ingest(IngestCommand::Pause { slot });
        }
    }

    /// Makes the reader of a topic what it should be.
    pub fn reconcile(&mut self, name: &TopicName) {
        let graph = Arc::clone(&self.graph);
        let topic = graph.topics.get(name);
        let wanted = self.entry(name).wants.any();
        if !wanted {
            self.entry(name).retry_ns = None;
            if let Some(old) = self.entry(name).reading.take() {
                let slot = self.slot(name);
                self.retire(slot, old.id, false);
                self.tell_ingest(IngestCommand::Pause { slot });
            }
            return;
        }
        // A reader whose writers went stays: they may come back.
        let Some((topic, type_name)) = topic.and_then(|topic| Some((topic, topic.type_name()?))) else {
            return;
        };
        let offers = topic.offers();
        // Only readers of others: there is nothing to read, and no offer to follow. With neither, the writer is our own.
        if offers.is_empty() && !topic.readers.is_empty() {
            return;
        }
        if let Some(reading) = &self.entry(name).reading
            && reading.type_name == *type_name
            // A reader that asks for less than is offered now, since an earlier writer offered less, is replaced too.
            && (offers.is_empty() || reading.qos == Qos::to_match(&offers))
        {
            return;
        }
        let now = monotonic_ns();
        if self.entry(name).retry_ns.is_some_and(|at| now < at) {
            return;
        }
        let subscription = Subscription {
            topic: name.clone(),
            type_name: type_name.clone(),
            qos: Qos::to_match(&offers),
            depth: self.entry(name).depth(is_large(type_name)),
            type_hash: topic.type_hash.clone(),
        };
        let slot = self.slot(name);
        match self.transport.subscribe(&subscription) {
            Ok(id) => {
                self.tell_ingest(IngestCommand::Attach {
                    slot,
                    reader: id,
                    latched: owed(&subscription.qos, &offers),
                });
                let entry = self.entry(name);
                entry.refused = None;
                entry.retry_ns = None;
                let old = entry.reading.replace(Reading {
                    id,
                    type_name: type_name.clone(),
                    qos: subscription.qos,
                });
                if let Some(old) = old {
                    self.retire(slot, old.id, old.type_name == *type_name);
                }
            }
            Err(error) => {
                let text: Arc<str> = error.to_string().into();
                self.shared.tell(super::Update::Warning(text.to_string()));
                let entry = self.entry(name);
                entry.refused = Some(text);
                entry.retry_ns = Some(now + RETRY_NS);
            }
        }
    }
}
