//! Decodes the messages of a recording on a thread of its own, into the store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::{BagSource, timestamp};
use crate::bag::{Bag, BagMessage};
use crate::cdr::{FieldPath, FieldPlan, PlanError};
use crate::engine::WakeFlag;
use crate::ingest::{RowTimes, Timing, begins_with_header, header_stamp};
use crate::name::TopicName;
use crate::series::{RowLoader, Store};

/// After so many messages the progress is told and the window woken.
const TELL_EVERY: u64 = 4096;

/// Why nothing is loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The recording has no such topic.
    #[error("the recording has no topic {0}")]
    UnknownTopic(TopicName),
    /// The topic cannot be decoded.
    #[error("cannot plot {topic}: {reason}")]
    NoDefinition {
        /// The topic.
        topic: TopicName,
        /// Why.
        reason: Arc<str>,
    },
    /// A field cannot be plotted.
    #[error("cannot plot {topic}: {source}")]
    Plan {
        /// The topic.
        topic: TopicName,
        /// What is wrong with the field.
        source: PlanError,
    },
    /// The system gives no thread.
    #[error("cannot start the thread that reads the recording: {0}; close some programs")]
    Thread(std::io::Error),
}

/// How a loading ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Messages that were read.
    pub messages: u64,
    /// Messages that are not of the type that the recording says.
    pub undecodable: u64,
    /// Messages that came too late in the file to be put at their place.
    pub unplaced: u64,
    /// What could not be read, each in a sentence.
    pub problems: Vec<String>,
    /// Nobody wanted the rest.
    pub cancelled: bool,
}

#[derive(Debug, Default)]
struct Shared {
    cancel: AtomicBool,
    done: AtomicU64,
    ended: Mutex<Option<Loaded>>,
}

/// Messages on their way into the store. Dropping it ends the loading.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    total: u64,
}

/// What is made of one channel.
struct Lane {
    plan: FieldPlan,
    values: Box<[f64]>,
    stamped: bool,
    gap: bool,
    rows: RowLoader,
}

impl BagSource {
    /// Loads these fields of these topics into the store, in one pass over the recording. What was stored of the topics goes.
    /// The thread ends by itself when the store is gone.
    ///
    /// # Errors
    /// When a topic or a field cannot be decoded; nothing is loaded then.
    pub fn load(
        &self,
        store: &mut Store,
        wanted: &BTreeMap<TopicName, Vec<FieldPath>>,
        wake: Arc<WakeFlag>,
    ) -> Result<Load, LoadError> {
        let mut plans = Vec::new();
        for (name, fields) in wanted {
            let topic = self
                .topics
                .get(name)
                .ok_or_else(|| LoadError::UnknownTopic(name.clone()))?;
            let schema = topic.schema.as_ref().map_err(|reason| LoadError::NoDefinition {
                topic: name.clone(),
                reason: Arc::clone(reason),
            })?;
            let timings: Vec<Timing> = fields.iter().filter_map(Timing::of).collect();
            let of_type = fields.iter().filter(|field| Timing::of(field).is_none());
            let fields: Vec<FieldPath> = of_type.cloned().collect();
            let plan = FieldPlan::compile(schema, &fields).map_err(|source| LoadError::Plan {
                topic: name.clone(),
                source,
            })?;
            plans.push((name, topic, plan, begins_with_header(schema), fields, timings));
        }
        let mut lanes: Vec<Option<Lane>> = std::iter::repeat_with(|| None)
            .take(self.bag.channels().len())
            .collect();
        let mut total = 0_u64;
        for (name, topic, plan, stamped, fields, timings) in plans {
            total = total.saturating_add(topic.messages);
            if let Some(lane) = lanes.get_mut(topic.channel) {
                *lane = Some(Lane {
                    values: vec![0.0; plan.width()].into(),
                    plan,
                    stamped,
                    gap: false,
                    rows: store.load(name, fields, timings),
                });
            }
        }
        let shared = Arc::<Shared>::default();
        let (bag, of_thread) = (self.bag.clone(), Arc::clone(&shared));
        let work = move || {
            let loaded = run(&bag, lanes, &of_thread, &wake);
            *of_thread.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
            wake.mark();
        };
        let _detached = std::thread::Builder::new()
            .name("bag-load".to_owned())
            .spawn(work)
            .map_err(LoadError::Thread)?;
        Ok(Load { shared, total })
    }
}

impl Load {
    /// How much of it is read, from 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        if self.total == 0 {
            return 1.0;
        }
        (self.shared.done.load(Ordering::Relaxed) as f64 / self.total as f64).min(1.0)
    }

    /// How it ended; `None` while it goes on.
    #[must_use]
    pub fn ended(&self) -> Option<Loaded> {
        self.shared.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it; what was loaded stays.
    pub fn cancel(&self) {
        self.shared.cancel.store(true, Ordering::Relaxed);
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn run(bag: &Bag, mut lanes: Vec<Option<Lane>>, shared: &Shared, wake: &WakeFlag) -> Loaded {
    let wanted: Vec<bool> = lanes.iter().map(Option::is_some).collect();
    let mut left = wanted.iter().filter(|wanted| **wanted).count();
    let wants = |index: usize| wanted.get(index).copied().unwrap_or(false);
    let mut messages = bag.messages_of(|channel| wants(channel.index), None, None);
    let mut loaded = Loaded::default();
    while left > 0
        && let Some(message) = messages.advance()
    {
        loaded.messages += 1;
        if loaded.messages % TELL_EVERY == 0 {
            shared.done.store(loaded.messages, Ordering::Relaxed);
            wake.mark();
        }
        if shared.cancel.load(Ordering::Relaxed) {
            loaded.cancelled = true;
            break;
        }
        let Some(slot) = lanes.get_mut(message.channel.index) else {
            continue;
        };
        let Some(lane) = slot else { continue };
        if lane.plan.extract(message.payload, &mut lane.values).is_err() {
            loaded.undecodable += 1;
            // The curve has no value here: it must not be drawn through.
            lane.gap = true;
            continue;
        }
        let times = times(&message, lane.stamped);
        let gap = std::mem::take(&mut lane.gap);
        if lane.rows.push(&times, gap, &lane.values).is_err() {
            *slot = None;
            left -= 1;
        }
    }
    loaded.cancelled |= left == 0 && wanted.contains(&true);
    loaded.problems = messages.problems().to_vec();
    for lane in lanes.into_iter().flatten() {
        // Abandoned at the very end is as good as taken.
        loaded.unplaced += lane.rows.finish().unwrap_or(0);
    }
    shared.done.store(loaded.messages, Ordering::Relaxed);
    loaded
}

/// The times of a recorded message.
fn times(message: &BagMessage<'_>, stamped: bool) -> RowTimes {
    RowTimes {
        clocks_differ: false,
        source: (message.publish_time_ns != 0).then(|| timestamp(message.publish_time_ns)),
        receive: timestamp(message.log_time_ns),
        header: stamped.then(|| header_stamp(message.payload)).flatten(),
    }
}
