//! A recording as a source of the series store: its topics as the window shows them, from the index alone, and their messages
//! decoded on demand.
//!
//! What is drawn of a recording lies in the same [`Store`](crate::series::Store) that live data does, so that cursors,
//! statistics and transforms need not know where samples come from. It does not go through the engine's ingest thread: nothing
//! arrives, there is no rate to measure and nothing to lose, and one pass over the file serves all topics that are wanted.
//! Its messages are placed at the time at which the recorder received them: the index, the bookmarks and the extent are in it.

mod load;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{Bag, BagChannel, BagError, Bookmark, Content};
use crate::clock::Timestamp;
use crate::engine::{DefinitionState, Snapshot, TopicStatus, Totals};
use crate::graph::{Graph, TypeHash};
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;
use crate::record::ledger::is_own_topic;
use crate::schema::{Agreement, Origin, Registry, Schema, SchemaError};

pub use load::{Load, LoadError, Loaded};

/// Bookmarks that are shown; more would hide each other.
const BOOKMARKS_MAX: usize = 4096;

/// A recording whose topics can be plotted.
#[derive(Debug)]
pub struct BagSource {
    bag: Bag,
    topics: BTreeMap<TopicName, SourceTopic>,
    unnamed: usize,
    span: Option<(Timestamp, Timestamp)>,
    bookmarks: Vec<Bookmark>,
}

/// A topic of a recording.
#[derive(Clone, Debug)]
pub struct SourceTopic {
    /// The place of its channel in [`Bag::channels`]; of several, the one with most messages.
    pub channel: usize,
    /// The name of its type, when the recording says one that can be.
    pub type_name: Option<TypeName>,
    /// The definition of its type, or why there is none.
    pub schema: Result<Arc<Schema>, Arc<str>>,
    /// Whether the definition is the one that was announced when it was recorded.
    pub agreement: Agreement,
    /// Messages that can be read.
    pub messages: u64,
    /// Messages per second, as a mean over the whole recording; `None` when that has no length.
    pub mean_rate_hz: Option<f64>,
    /// What its writers offered.
    pub qos: Vec<Qos>,
    /// What is wrong with it, in one sentence.
    pub problem: Option<Arc<str>>,
}

impl BagSource {
    /// Opens a recording and finds the definitions of its types. No message is read where there is an index.
    ///
    /// # Errors
    /// When there is nothing that can be read.
    pub fn open(path: &Path, registry: &mut Registry) -> Result<Self, BagError> {
        let bag = Bag::open(path)?;
        let span = bag.span_ns().map(|(from, to)| (timestamp(from), timestamp(to)));
        let seconds = span.map(|(from, to)| to.since(from) as f64 / 1e9).filter(|s| *s > 0.0);
        let mut topics = BTreeMap::<TopicName, SourceTopic>::new();
        let mut unnamed = 0;
        for channel in bag.channels() {
            // Notes and figures of the recorder are no topics.
            if is_own_topic(&channel.topic) {
                continue;
            }
            let Ok(name) = TopicName::new(&channel.topic) else {
                unnamed += 1;
                continue;
            };
            let mut topic = describe(channel, registry);
            topic.mean_rate_hz = seconds.map(|seconds| topic.messages as f64 / seconds);
            match topics.get_mut(&name) {
                None => drop(topics.insert(name, topic)),
                Some(known) => {
                    let (kept, other) = if known.messages >= topic.messages {
                        (known.clone(), topic)
                    } else {
                        (topic, known.clone())
                    };
                    *known = kept;
                    known.problem = Some(two_types(known, &other));
                }
            }
        }
        let mut bookmarks = bag.info().bookmarks;
        bookmarks.truncate(BOOKMARKS_MAX);
        Ok(Self {
            bag,
            topics,
            unnamed,
            span,
            bookmarks,
        })
    }

    /// The recording.
    #[must_use]
    pub fn bag(&self) -> &Bag {
        &self.bag
    }

    /// Its topics by name.
    #[must_use]
    pub fn topics(&self) -> &BTreeMap<TopicName, SourceTopic> {
        &self.topics
    }

    /// Channels whose names are none of ROS 2; they cannot be plotted.
    #[must_use]
    pub fn unnamed(&self) -> usize {
        self.unnamed
    }

    /// When its earliest and its latest message were received; `None` when it has none.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Moments that the operator marked, in order of time.
    #[must_use]
    pub fn bookmarks(&self) -> &[Bookmark] {
        &self.bookmarks
    }

    /// The topics as the engine would tell them, with everything that is measured left unknown. The rest is that of `live`.
    #[must_use]
    pub fn snapshot(&self, live: &Snapshot) -> Snapshot {
        let topics = self.topics.iter().map(|(name, topic)| {
            let definition = match &topic.schema {
                Ok(schema) => DefinitionState::Found(schema.origin(), topic.agreement),
                Err(reason) => DefinitionState::None(Arc::clone(reason)),
            };
            let status = TopicStatus {
                name: name.clone(),
                type_name: topic.type_name.clone(),
                schema: topic.schema.as_ref().ok().map(Arc::clone),
                definition,
                subscribed: false,
                report: None,
                latest: None,
                problem: topic.problem.clone(),
                reader_qos: None,
            };
            (name.clone(), status)
        });
        Snapshot {
            version: live.version,
            graph: Arc::new(Graph::default()),
            facts: live.facts.clone(),
            topics: topics.collect(),
            recording: live.recording.clone(),
            totals: Totals::default(),
            monitor: live.monitor.clone(),
            taken: live.taken,
        }
    }

    /// How many messages fall into each of `slots` equal parts of the recording, of one topic or of all, as the index tells: a
    /// chunk counts as even over its time. `None` when the index does not say.
    #[must_use]
    pub fn density(&self, topic: Option<&TopicName>, slots: usize) -> Option<Vec<f32>> {
        let (from, to) = self.bag.span_ns()?;
        if slots == 0 {
            return None;
        }
        let width = (to.saturating_sub(from) as f64 / slots as f64).max(1.0);
        let mut counts = vec![0.0_f64; slots];
        for part in &self.bag.0.parts {
            let Content::Mcap(file) = &part.content else {
                return None;
            };
            let wants = |channel: u16| {
                let index = part.channels.get(&i64::from(channel));
                let channel = index.and_then(|index| self.bag.0.channels.get(*index));
                channel.is_some_and(|channel| topic.is_none_or(|topic| channel.topic == topic.as_str()))
            };
            for block in &file.blocks {
                let mut count = 0_u64;
                for (channel, messages) in &block.channels {
                    if wants(*channel) {
                        count = count.saturating_add((*messages)?);
                    }
                }
                if count > 0 {
                    let place = |time: u64| time.saturating_sub(from) as f64 / width;
                    spread(
                        &mut counts,
                        place(block.span_ns.0),
                        place(block.span_ns.1),
                        count as f64,
                    );
                }
            }
        }
        Some(counts.into_iter().map(|count| count as f32).collect())
    }
}

/// Adds `count` evenly over `begin..end`, both in slots.
fn spread(counts: &mut [f64], begin: f64, end: f64, count: f64) {
    let last = counts.len().saturating_sub(1);
    let (first, until) = ((begin as usize).min(last), (end as usize).min(last));
    let length = (end - begin).max(f64::MIN_POSITIVE);
    if first == until {
        if let Some(slot) = counts.get_mut(first) {
            *slot += count;
        }
        return;
    }
    for (index, slot) in counts.iter_mut().enumerate().take(until + 1).skip(first) {
        let low = (index as f64).max(begin);
        let high = if index == last {
            end
        } else {
            (index as f64 + 1.0).min(end)
        };
        *slot += count * (high - low).max(0.0) / length;
    }
}

pub(super) fn timestamp(ns: u64) -> Timestamp {
    Timestamp(i64::try_from(ns).unwrap_or(i64::MAX))
}

fn describe(channel: &BagChannel, registry: &mut Registry) -> SourceTopic {
    let type_name = TypeName::new(&channel.type_name).ok();
    let hash = channel.type_hash.as_deref().map(|hash| TypeHash(hash.into()));
    let found = match &type_name {
        Some(name) => definition(channel, name, hash.as_ref(), registry).map_err(|error| Arc::from(error.to_string())),
        None => Err(Arc::from("the recording does not say of which type it is")),
    };
    let encoded = matches!(channel.serialization.as_str(), "" | "cdr");
    let problem = (!encoded).then(|| {
        let encoding = &channel.serialization;
        Arc::from(format!(
            "its messages are encoded as {encoding}, and only cdr can be plotted"
        ))
    });
    let (schema, agreement) = match (found, &problem) {
        (_, Some(problem)) => (Err(Arc::clone(problem)), Agreement::NotAnnounced),
        (Ok((schema, agreement)), None) => (Ok(schema), agreement),
        (Err(reason), None) => (Err(reason), Agreement::NotAnnounced),
    };
    SourceTopic {
        channel: channel.index,
        type_name,
        schema,
        agreement,
        messages: channel.messages,
        mean_rate_hz: None,
        qos: channel.offered_qos.clone(),
        problem,
    }
}

/// The definition in the recording, else one that is known here.
fn definition(
    channel: &BagChannel,
    name: &TypeName,
    hash: Option<&TypeHash>,
    registry: &mut Registry,
) -> Result<(Arc<Schema>, Agreement), SchemaError> {
    if let Some(text) = &channel.definition {
        let schema = Arc::new(Schema::parse(name, text, Origin::Bag)?);
        let agreement = match hash {
            None => Agreement::NotAnnounced,
            Some(hash) if hash == schema.hash() => Agreement::Same,
            Some(_) => Agreement::Different,
        };
        return Ok((schema, agreement));
    }
    let found = registry.find(name, hash)?;
    Ok((found.schema, found.agreement))
}

fn two_types(kept: &SourceTopic, other: &SourceTopic) -> Arc<str> {
    let name = |topic: &SourceTopic| match &topic.type_name {
        Some(name) => name.to_string(),
        None => "an unknown type".to_owned(),
    };
    Arc::from(format!(
        "it was recorded as {} and as {}; the {} messages of the second are not shown",
        name(kept),
        name(other),
        other.messages
    ))
}

#[cfg(test)]
mod tests;
