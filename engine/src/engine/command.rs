//! What the handle asks of the `graph` thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::cdr::FieldPlan;
use crate::clock::Timestamp;
use crate::ingest::{Outgoing, OutletConsumer, OutletProducer, RowGrower, RowProducer, TopicIndex};
use crate::name::TopicName;
use crate::record::RecordRequest;
use crate::schema::Schema;

pub(super) enum Command {
    Plot(Box<PlotOrder>),
    Unplot(TopicName),
    Inspect(TopicName, bool),
    Measure(TopicName, bool),
    Tap {
        topics: Vec<TopicName>,
        outlet: OutletProducer,
        state: Arc<TapState>,
    },
    StartRecording(Box<RecordRequest>),
    Recording(RecordingOrder),
}

/// What a running recording may be asked.
pub(super) enum RecordingOrder {
    Split,
    /// And why.
    Trigger(String),
    Mark(Timestamp, String),
}

pub(super) struct PlotOrder {
    pub topic: TopicName,
    pub schema: Arc<Schema>,
    pub plan: FieldPlan,
    pub stamped: bool,
    pub rows: RowProducer,
    pub grower: RowGrower,
}

/// Every message of some topics, as they arrive. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Tap {
    topics: Vec<TopicName>,
    outlet: OutletConsumer,
    state: Arc<TapState>,
}

/// What a [`Tap`] shares with the engine.
#[derive(Debug, Default)]
pub(super) struct TapState {
    lost: Arc<AtomicU64>,
    dropped: AtomicBool,
}

impl TapState {
    pub fn lost_counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.lost)
    }

    pub fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Acquire)
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.state.dropped.store(true, Ordering::Release);
    }
}

impl Tap {
    pub(super) fn new(topics: Vec<TopicName>, outlet: OutletConsumer, state: Arc<TapState>) -> Self {
        Self { topics, outlet, state }
    }

    /// The topics; [`Outgoing::topic`] counts into this list.
    #[must_use]
    pub fn topics(&self) -> &[TopicName] {
        &self.topics
    }

    /// The name behind an index.
    #[must_use]
    pub fn topic(&self, index: TopicIndex) -> Option<&TopicName> {
        self.topics.get(usize::try_from(index.0).ok()?)
    }

    /// Takes the oldest message.
    pub fn pop(&mut self) -> Option<Outgoing> {
        self.outlet.pop()
    }

    /// Takes the oldest message; waits up to `timeout` for one.
    pub fn next(&mut self, timeout: Duration) -> Option<Outgoing> {
        self.outlet.pop().or_else(|| {
            let _ = self.outlet.wait(timeout);
            self.outlet.pop()
        })
    }

    /// Messages that did not fit because they were not taken quickly enough.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.state.lost.load(Ordering::Relaxed)
    }

    /// True when the engine has stopped: what is queued can still be taken.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.outlet.is_closed()
    }
}
