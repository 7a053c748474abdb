//! The `graph` thread: owns the transport, folds the graph, keeps subscriptions, publishes snapshots.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use super::command::{Command, PlotOrder, TapState};
use super::recording::Recording;
use super::shared::Shared;
use super::snapshot::{Snapshot, Totals};
use super::topic::Entry;
use super::{EngineConfig, Measure};
use crate::clock::{Timestamp, monotonic_ns};
use crate::graph::{Graph, GraphBuilder};
use crate::ingest::{IngestCommand, OutletProducer, TopicIndex, Trash};
use crate::loss::Loss;
use crate::monitor::{Monitor, MonitorReport};
use crate::name::TopicName;
use crate::record::{Finished, RecordingStatus};
use crate::schema::Registry;
use crate::stats::{TopicCounters, TopicMeter, TopicReport};
use crate::transport::{Facts, ReaderId, Transport, Waker};

/// Between two snapshots.
const SNAPSHOT_NS: i64 = 200_000_000;

/// Between a change of the graph and the snapshot that shows it.
const GRAPH_SHOWN_NS: i64 = 50_000_000;

/// Between two looks at the process and the machine.
const MONITOR_NS: i64 = 1_000_000_000;

/// How long a replaced reader stays, so that its successor has found all writers before it goes.
const OVERLAP_NS: i64 = 1_000_000_000;

/// What the thread is given.
pub(super) struct Start {
    pub config: EngineConfig,
    pub transport: Box<dyn Transport>,
    pub shared: Arc<Shared>,
    pub commands: Receiver<Command>,
    pub ingest: IngestLink,
}

/// The way to the ingest thread.
pub(super) struct IngestLink {
    pub commands: SyncSender<IngestCommand>,
    pub waker: Waker,
    pub trash: Receiver<Trash>,
    /// Disconnected when the thread has ended.
    pub ended: Receiver<()>,
}

/// A reader that was replaced and goes soon.
struct Retiring {
    slot: TopicIndex,
    reader: ReaderId,
    since_ns: i64,
}

struct TapEntry {
    outlet: u32,
    topics: Vec<TopicName>,
    state: Arc<TapState>,
}

pub(super) struct Control {
    pub config: EngineConfig,
    pub transport: Box<dyn Transport>,
    pub shared: Arc<Shared>,
    pub registry: Registry,
    pub facts: Facts,
    pub graph: Arc<Graph>,
    /// Taken out while one of them is worked on.
    pub topics: BTreeMap<TopicName, Entry>,
    /// Topics that are subscribed for their figures alone.
    pub measured: usize,
    pub recording: Option<Recording>,
    pub last_recording: Option<RecordingStatus>,
    builder: GraphBuilder,
    commands: Receiver<Command>,
    ingest: IngestLink,
    taps: Vec<TapEntry>,
    retiring: Vec<Retiring>,
    /// Readers to be deleted as soon as ingest has emptied them.
    leaving: Vec<(ReaderId, Arc<AtomicBool>)>,
    next_slot: u32,
    next_outlet: u32,
    version: u64,
    monitor: Monitor,
    monitored: MonitorReport,
    monitor_next_ns: i64,
    snapshot_next_ns: i64,
    finished: Option<Finished>,
    /// A recorder did not end in time.
    pub recorder_left: bool,
}

/// How the thread ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// The recording that was running.
    pub finished: Option<Finished>,
    /// A recorder did not end in time: its thread goes on.
    pub recorder_left: bool,
}

impl Control {
    pub fn new(start: Start) -> Self {
        let facts = start.transport.facts();
        Self {
            config: start.config,
            transport: start.transport,
            shared: start.shared,
            registry: Registry::from_environment(),
            facts,
            graph: Arc::default(),
            topics: BTreeMap::new(),
            measured: 0,
            recording: None,
            last_recording: None,
            builder: GraphBuilder::new(),
            commands: start.commands,
            ingest: start.ingest,
            taps: Vec::new(),
            retiring: Vec::new(),
            leaving: Vec::new(),
            next_slot: 0,
            next_outlet: 0,
            version: 0,
            monitor: Monitor::new(),
            monitored: MonitorReport::default(),
            monitor_next_ns: 0,
            snapshot_next_ns: 0,
            finished: None,
            recorder_left: false,
        }
    }

    /// Works until told to shut down.
    pub fn run(mut self) -> Ended {
        let mut events = Vec::new();
        while !self.shared.shutdown.load(Ordering::Acquire) {
            let now = monotonic_ns();
            if now >= self.snapshot_next_ns {
                self.tick(now);
            }
            let wait = (self.snapshot_next_ns - monotonic_ns()).max(0).unsigned_abs();
            self.transport.poll_graph(Duration::from_nanos(wait), &mut events);
            for event in events.drain(..) {
                self.builder.apply(event);
            }
            if let Some(graph) = self.builder.take() {
                self.graph_changed(graph);
            }
            while let Ok(command) = self.commands.try_recv() {
                self.obey(command);
            }
            self.end_leaving();
            self.tend_recording();
        }
        self.end()
    }

    fn end(mut self) -> Ended {
        self.finished = None;
        self.end_recording(self.shared.deadline_ns());
        // Ingest first: it must not touch a reader that is gone.
        self.tell_ingest(IngestCommand::Stop);
        let wait = self.shared.deadline_ns() - monotonic_ns();
        let _ = self
            .ingest
            .ended
            .recv_timeout(Duration::from_nanos(wait.max(0).unsigned_abs()));
        Ended {
            finished: self.finished.take(),
            recorder_left: self.recorder_left,
        }
    }

    fn graph_changed(&mut self, graph: Graph) {
        let graph = Arc::new(graph);
        let before = std::mem::replace(&mut self.graph, Arc::clone(&graph));
        self.forget_writers(&before);
        for name in graph.topics.keys() {
            if !self.topics.contains_key(name) {
                let _ = self.topics.insert(name.clone(), Entry::default());
            }
        }
        let names: Vec<TopicName> = self.topics.keys().cloned().collect();
        for name in &names {
            self.refresh(name);
        }
        // A topic that is gone and that nobody asked for is forgotten, unless it was measured.
        self.topics
            .retain(|name, entry| graph.topics.contains_key(name) || entry.is_kept());
        self.snapshot_next_ns = self.snapshot_next_ns.min(monotonic_ns() + GRAPH_SHOWN_NS);
    }

    /// Writers that went away owe nothing to late joiners any more.
    fn forget_writers(&self, before: &Graph) {
        for (name, topic) in &before.topics {
            let Some(slot) = self.topics.get(name).and_then(Entry::latched_slot) else {
                continue;
            };
            let now = self.graph.topics.get(name);
            let stays = |gid| now.is_some_and(|topic| topic.writers.iter().any(|writer| writer.gid == gid));
            for writer in topic.writers.iter().map(|writer| writer.gid).filter(|gid| !stays(*gid)) {
                self.tell_ingest(IngestCommand::Forget { slot, writer });
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Plot(order) => self.plot(*order),
            Command::Unplot(topic) => {
                let slot = self.topics.get_mut(&topic).and_then(|entry| {
                    entry.plot = None;
                    entry.wants.plot = false;
                    entry.slot_index()
                });
                if let Some(slot) = slot {
                    self.tell_ingest(IngestCommand::Unplot { slot });
                }
                self.reconcile(&topic);
            }
            Command::Inspect(topic, on) => self.inspect(&topic, on),
            Command::Measure(topic, on) => {
                self.entry(&topic).wants.chosen = on;
                self.reconcile(&topic);
            }
            Command::Tap { topics, outlet, state } => self.tap(topics, outlet, state),
            Command::StartRecording(request) => self.start_recording(*request),
            Command::Recording(order) => self.order_recording(order),
        }
        self.snapshot_next_ns = self.snapshot_next_ns.min(monotonic_ns() + GRAPH_SHOWN_NS);
    }

    fn plot(&mut self, order: PlotOrder) {
        let slot = self.slot(&order.topic);
        let entry = self.entry(&order.topic);
        entry.wants.plot = true;
        entry.plot = Some((order.grower, order.schema));
        self.tell_ingest(IngestCommand::Plot {
            slot,
            plan: order.plan,
            stamped: order.stamped,
            rows: order.rows,
        });
        // It was asked for with the type that the last snapshot told of.
        self.check_plot(&order.topic);
        self.reconcile(&order.topic);
    }

    fn inspect(&mut self, topic: &TopicName, on: bool) {
        let slot = self.slot(topic);
        let entry = self.entry(topic);
        if entry.wants.inspect == on {
            return;
        }
        entry.wants.inspect = on;
        let out = entry.inspect_ring(on);
        self.tell_ingest(IngestCommand::Inspect { slot, out });
        self.reconcile(topic);
    }

    fn tap(&mut self, topics: Vec<TopicName>, producer: OutletProducer, state: Arc<TapState>) {
        let outlet = self.open_outlet(producer, Some(Arc::clone(&state)));
        for (index, topic) in (0..).zip(&topics) {
            let slot = self.slot(topic);
            self.entry(topic).wants.taps += 1;
            let index = TopicIndex(index);
            self.tell_ingest(IngestCommand::Route { slot, outlet, index });
            self.reconcile(topic);
        }
        self.taps.push(TapEntry { outlet, topics, state });
    }

    fn end_taps(&mut self) {
        let (ended, running) = std::mem::take(&mut self.taps)
            .into_iter()
            .partition(|tap| tap.state.is_dropped());
        self.taps = running;
        for TapEntry { outlet, topics, .. } in ended {
            let _ = self.close_outlet(outlet);
            for topic in &topics {
                let entry = self.entry(topic);
                entry.wants.taps = entry.wants.taps.saturating_sub(1);
                self.reconcile(topic);
            }
        }
    }

    pub fn entry(&mut self, topic: &TopicName) -> &mut Entry {
        if !self.topics.contains_key(topic) {
            let _ = self.topics.insert(topic.clone(), Entry::default());
        }
        self.topics.get_mut(topic).expect("inserted above")
    }

    /// An index that no topic has had before.
    pub fn new_slot(&mut self) -> TopicIndex {
        let slot = TopicIndex(self.next_slot);
        self.next_slot += 1;
        slot
    }

    /// The slot of a topic at the ingest thread; made when there is none yet.
    pub fn slot(&mut self, topic: &TopicName) -> TopicIndex {
        if let Some(slot) = self.entry(topic).slot_index() {
            return slot;
        }
        let slot = self.new_slot();
        let counters = TopicCounters::new(self.facts.sequences);
        let meter = TopicMeter::new(Arc::clone(&counters));
        self.entry(topic).slot = Some((slot, counters));
        self.tell_ingest(IngestCommand::Open { slot, meter });
        slot
    }

    pub fn open_outlet(&mut self, producer: OutletProducer, tap: Option<Arc<TapState>>) -> u32 {
        let outlet = self.next_outlet;
        self.next_outlet += 1;
        self.tell_ingest(IngestCommand::OpenOutlet {
            outlet,
            producer,
            lost: tap.map(|tap| tap.lost_counter()),
        });
        outlet
    }

    /// Asks ingest to close an outlet once all that was received is in it. The flag tells when that is done.
    pub fn close_outlet(&mut self, outlet: u32) -> Arc<AtomicBool> {
        let closed = Arc::new(AtomicBool::new(false));
        self.tell_ingest(IngestCommand::CloseOutlet {
            outlet,
            closed: Arc::clone(&closed),
        });
        closed
    }

    pub fn tell_ingest(&self, command: IngestCommand) {
        // Waits when the queue is full: ingest takes commands at every wake-up and never waits for this thread. It fails
        // only when that thread has ended, which the shutdown report says.
        let _ = self.ingest.commands.send(command);
        self.ingest.waker.wake();
    }

    /// Takes a reader away; at once, or when its successor has found all writers.
    pub fn retire(&mut self, slot: TopicIndex, reader: ReaderId, replaced: bool) {
        // Without sequence numbers what both receive could not be told apart.
        if replaced && self.facts.sequences {
            let since_ns = monotonic_ns();
            self.retiring.push(Retiring { slot, reader, since_ns });
            return;
        }
        let drained = Arc::new(AtomicBool::new(false));
        self.leaving.push((reader, Arc::clone(&drained)));
        self.tell_ingest(IngestCommand::Retire { slot, reader, drained });
    }

    /// Deletes the readers that ingest has emptied: what a reader still holds when it is deleted would be lost.
    fn end_leaving(&mut self) {
        let (emptied, waiting) = std::mem::take(&mut self.leaving)
            .into_iter()
            .partition(|(_, drained)| drained.load(Ordering::Acquire));
        self.leaving = waiting;
        for (reader, _) in emptied {
            self.transport.unsubscribe(reader);
        }
    }

    fn end_retiring(&mut self, now: i64) {
        let (ended, waiting) = std::mem::take(&mut self.retiring)
            .into_iter()
            .partition(|retiring| now - retiring.since_ns >= OVERLAP_NS);
        self.retiring = waiting;
        for Retiring { slot, reader, .. } in ended {
            self.retire(slot, reader, false);
        }
    }

    fn tick(&mut self, now: i64) {
        self.snapshot_next_ns = now + SNAPSHOT_NS;
        while self.ingest.trash.try_recv().is_ok() {}
        self.end_retiring(now);
        self.end_taps();
        if now >= self.monitor_next_ns {
            self.monitor_next_ns = now + MONITOR_NS;
            self.monitored = self.monitor.sample();
            self.facts = self.transport.facts();
        }
        self.retry_subscriptions(now);
        let snapshot = self.snapshot(now);
        self.note_recorded_loss();
        self.shared.snapshot.store(Arc::new(snapshot));
    }

    fn retry_subscriptions(&mut self, now: i64) {
        let due: Vec<TopicName> = self
            .topics
            .iter()
            .filter(|(_, entry)| entry.retry_ns.is_some_and(|at| now >= at))
            .map(|(name, _)| name.clone())
            .collect();
        for name in &due {
            self.reconcile(name);
        }
    }

    fn snapshot(&mut self, now: i64) -> Snapshot {
        self.version += 1;
        let mut totals = Totals::default();
        let mut topics = BTreeMap::new();
        let mut larger = Vec::new();
        let bytes = self.shared.plot_ring_bytes;
        for (name, entry) in &mut self.topics {
            entry.take_inspected();
            let report = entry.slot.as_ref().map(|(_, counters)| counters.report(now));
            let report = report.map(|report| if entry.is_subscribed() { report } else { report.unread() });
            if let Some(report) = &report {
                totals.add(report, entry.is_subscribed());
                let rows = entry.grow_plot(report.rate_hz, bytes);
                larger.extend(entry.slot_index().zip(rows));
            }
            let status = entry.status(name, self.graph.topics.get(name), report);
            let _ = topics.insert(name.clone(), status);
        }
        for (slot, rows) in larger {
            self.tell_ingest(IngestCommand::GrowPlot { slot, rows });
        }
        let recording = self.recording.as_ref().map(Recording::status);
        if recording.is_some() {
            self.last_recording.clone_from(&recording);
        }
        if let (Some(loss), Some(recording)) = (&mut totals.loss, &self.last_recording) {
            loss.disk = recording.loss.disk;
        }
        Snapshot {
            version: self.version,
            graph: Arc::clone(&self.graph),
            facts: self.facts.clone(),
            topics,
            recording: self.last_recording.clone(),
            totals,
            monitor: self.monitored.clone(),
            taken: Timestamp::now(),
        }
    }

    /// True when this topic is to be measured without having been asked for.
    pub fn measures(&self, topic: &TopicName, large: bool, already: bool) -> bool {
        self.config.measure == Measure::All
            && !topic.is_hidden()
            && !large
            && (already || self.measured < super::MEASURED_TOPICS_MAX)
    }

    pub fn note_finished(&mut self, finished: Finished) {
        self.finished = Some(finished);
    }
}

impl Totals {
    fn add(&mut self, report: &TopicReport, subscribed: bool) {
        self.messages += report.messages;
        self.loss = Some(self.loss.unwrap_or(Loss::NONE).plus(report.loss));
        if subscribed {
            self.subscribed += 1;
            self.rate_hz += report.rate_hz.unwrap_or(0.0);
            self.bandwidth_bps += report.bandwidth_bps.unwrap_or(0.0);
        }
    }
}
