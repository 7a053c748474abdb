//! The loop of the ingest thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};
use std::time::Duration;

use ringbuf::HeapProd;

use super::outlet::{OutletProducer, TopicIndex};
use super::rows::RowProducer;
use super::slot::{INSPECT_INTERVAL_NS, Inspect, Plot, Route, Slot};
use super::timing::Clocks;
use crate::cdr::FieldPlan;
use crate::clock::{Timestamp, monotonic_ns};
use crate::engine::WakeFlag;
use crate::message::{Arrival, Gid};
use crate::stats::TopicMeter;
use crate::transport::{ReaderId, Source, Waker};

/// Least time between two wake-ups: what arrives meanwhile is drained together. A quarter of a frame, so that it is not
/// seen; each wake-up costs as much as taking in ten messages.
pub const COALESCE_NS: i64 = 4_000_000;

/// Longest sleep of the thread when nothing arrives.
const IDLE: Duration = Duration::from_secs(1);

/// How often the readers are asked what they overran.
const OVERRUN_INTERVAL_NS: i64 = 1_000_000_000;

/// Messages of readers that were not announced yet: kept until they are, at most this many and this long.
const ORPHANS_MAX: usize = 8192;
const ORPHAN_AGE_NS: i64 = 10_000_000_000;

/// What the ingest thread may be asked. Looked at once per wake-up.
pub enum IngestCommand {
    /// Makes a slot: a topic that is counted.
    Open {
        /// Names the slot from now on.
        slot: TopicIndex,
        /// Its counters.
        meter: TopicMeter,
    },
    /// Messages of this reader belong to this slot. A reader that it replaces stays until [`IngestCommand::Retire`]:
    /// what both receive is taken once.
    Attach {
        /// The slot.
        slot: TopicIndex,
        /// The reader.
        reader: ReaderId,
        /// How many messages of each writer a late joiner is owed; none of volatile ones.
        latched: usize,
    },
    /// The writer is gone: what it kept for late joiners went with it.
    Forget {
        /// The slot.
        slot: TopicIndex,
        /// The writer.
        writer: Gid,
    },
    /// Drains once more; the reader does not belong to the slot any more. It may be deleted once `drained` is set.
    Retire {
        /// The slot.
        slot: TopicIndex,
        /// The reader.
        reader: ReaderId,
        /// Set when done.
        drained: Arc<AtomicBool>,
    },
    /// The topic is not read for a while: what is published meanwhile is not lost.
    Pause {
        /// The slot.
        slot: TopicIndex,
    },
    /// Plots this, instead of what was plotted before.
    Plot {
        /// The slot.
        slot: TopicIndex,
        /// What to take out of each message.
        plan: FieldPlan,
        /// Messages begin with a header, whose stamp is taken too.
        stamped: bool,
        /// As wide as the plan.
        rows: RowProducer,
    },
    /// Goes on in this ring, which stands in line behind the one before.
    GrowPlot {
        /// The slot.
        slot: TopicIndex,
        /// As wide as the ring before; else it is refused.
        rows: RowProducer,
    },
    /// Plots nothing.
    Unplot {
        /// The slot.
        slot: TopicIndex,
    },
    /// Hands over the latest message at most ten times a second; `None` stops that.
    Inspect {
        /// The slot.
        slot: TopicIndex,
        /// Where to.
        out: Option<HeapProd<Arrival>>,
    },
    /// Takes an outlet.
    OpenOutlet {
        /// Names the outlet from now on.
        outlet: u32,
        /// Its end.
        producer: OutletProducer,
        /// Where to count what did not fit; `None` counts it as lost record of the topic.
        lost: Option<Arc<AtomicU64>>,
    },
    /// Sends the messages of a slot to an outlet, beginning with those that a late joiner is owed: received anew, now.
    Route {
        /// From.
        slot: TopicIndex,
        /// To.
        outlet: u32,
        /// What the topic is called at the outlet; from now on, when it was called otherwise before.
        index: TopicIndex,
    },
    /// Drains once more, then closes the outlet: everything received before this was asked is in it.
    CloseOutlet {
        /// Which.
        outlet: u32,
        /// Set when done.
        closed: Arc<AtomicBool>,
    },
    /// Ends the thread after a last drain.
    Stop,
}

impl IngestCommand {
    /// True when messages that wait still belong to what this ends.
    fn ends_something(&self) -> bool {
        matches!(
            self,
            Self::Forget { .. } | Self::Retire { .. } | Self::Pause { .. } | Self::Unplot { .. }
        )
    }
}

#[derive(Debug)]
struct Outlet {
    producer: OutletProducer,
    lost: Option<Arc<AtomicU64>>,
}

impl Outlet {
    fn send(&mut self, index: TopicIndex, arrival: &Arrival, meter: &mut TopicMeter) {
        if self.producer.push(index, arrival) || self.producer.is_abandoned() {
            return;
        }
        match &self.lost {
            // Written by this thread only.
            Some(lost) => lost.store(lost.load(Ordering::Relaxed) + 1, Ordering::Relaxed),
            None => meter.on_record_lost(),
        }
    }
}

struct Orphan {
    reader: ReaderId,
    arrival: Arrival,
    since_ns: i64,
}

/// Everything but the source, so that the source can be drained into it.
struct Desk {
    slots: Vec<Option<Box<Slot>>>,
    readers: HashMap<ReaderId, usize>,
    latest: Option<(ReaderId, usize)>,
    outlets: Vec<Option<Outlet>>,
    orphans: Vec<Orphan>,
    orphans_lost: u64,
    /// What to add to a realtime stamp to have it on the monotonic clock.
    offset_ns: i64,
    now_ns: i64,
    rows: u64,
    gap_seen: bool,
    holding: bool,
}

/// The ingest thread's work, step by step.
pub struct Worker {
    source: Box<dyn Source>,
    commands: Receiver<IngestCommand>,
    trash: SyncSender<Trash>,
    wake: Arc<WakeFlag>,
    graph: Waker,
    desk: Desk,
    overrun_next_ns: i64,
    release_next_ns: i64,
    /// Nobody can tell it to stop any more.
    orphaned: bool,
}

/// What the ingest thread has done with; freed elsewhere.
pub struct Trash(#[expect(dead_code, reason = "only to be dropped")] TrashKind);

#[expect(dead_code, reason = "only to be dropped")]
enum TrashKind {
    Slot(Box<Slot>),
    Plot(Plot),
    Rows(RowProducer),
    Orphans(Vec<Orphan>),
}

impl Worker {
    /// Works on `source`. `wake` is marked when there are new plot rows; `graph` is woken when an outlet was closed;
    /// what is done with goes to `trash`.
    #[must_use]
    pub fn new(
        source: Box<dyn Source>,
        commands: Receiver<IngestCommand>,
        trash: SyncSender<Trash>,
        wake: Arc<WakeFlag>,
        graph: Waker,
    ) -> Self {
        Self {
            source,
            commands,
            trash,
            wake,
            graph,
            desk: Desk {
                slots: Vec::new(),
                readers: HashMap::new(),
                latest: None,
                outlets: Vec::new(),
                orphans: Vec::new(),
                orphans_lost: 0,
                offset_ns: 0,
                now_ns: 0,
                rows: 0,
                gap_seen: false,
                holding: false,
            },
            overrun_next_ns: 0,
            release_next_ns: 0,
            orphaned: false,
        }
    }

    /// Works until told to stop, or until nobody is left who could tell it.
    pub fn run(mut self) {
        let mut drained_ns = 0;
        loop {
            let idle = if self.desk.holding {
                Duration::from_nanos(INSPECT_INTERVAL_NS.unsigned_abs())
            } else {
                IDLE
            };
            let _ = self.source.wait(idle);
            let early = drained_ns + COALESCE_NS - monotonic_ns();
            if early > 0 {
                std::thread::sleep(Duration::from_nanos(early.unsigned_abs()));
            }
            drained_ns = monotonic_ns();
            if !self.step() || self.orphaned {
                return;
            }
        }
    }

    /// Takes the commands, then what has arrived: what was asked for holds for messages that were still waiting, so that
    /// none is missed between the wish and its fulfilment. False when told to stop.
    pub fn step(&mut self) -> bool {
        loop {
            let command = match self.commands.try_recv() {
                Ok(command) => command,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.orphaned = true;
                    break;
                }
            };
            match command {
                IngestCommand::Stop => {
                    self.drain();
                    return false;
                }
                IngestCommand::CloseOutlet { outlet, closed } => {
                    // What was received before this was asked is in the outlet.
                    self.drain();
                    self.desk.close_outlet(outlet);
                    closed.store(true, Ordering::Release);
                    self.graph.wake();
                }
                command => {
                    if command.ends_something() {
                        self.drain();
                    }
                    self.apply(command);
                }
            }
        }
        self.drain();
        self.keep_house();
        true
    }

    fn drain(&mut self) {
        let desk = &mut self.desk;
        desk.now_ns = monotonic_ns();
        desk.offset_ns = desk.now_ns.saturating_sub(Timestamp::now().0);
        self.source
            .drain(&mut |reader, arrival| desk.on_arrival(reader, arrival));
        for outlet in desk.outlets.iter_mut().flatten() {
            outlet.producer.flush();
        }
        if std::mem::take(&mut desk.gap_seen) {
            self.ask_overrun(true);
        }
        if std::mem::take(&mut self.desk.rows) > 0 {
            self.wake.mark();
        }
    }

    fn ask_overrun(&mut self, with_gap_only: bool) {
        for slot in self.desk.slots.iter_mut().flatten() {
            let wanted = std::mem::take(&mut slot.gap_seen) || !with_gap_only;
            if wanted {
                slot.ask_overrun(&*self.source);
            }
        }
    }

    fn keep_house(&mut self) {
        let now = self.desk.now_ns;
        if now >= self.overrun_next_ns {
            self.overrun_next_ns = now + OVERRUN_INTERVAL_NS;
            self.ask_overrun(false);
        }
        if now >= self.release_next_ns {
            self.release_next_ns = now + INSPECT_INTERVAL_NS / 4;
            self.desk.release_inspected();
            let old = self.desk.forget_orphans();
            if !old.is_empty() {
                self.discard(TrashKind::Orphans(old));
            }
        }
    }

    fn discard(&self, kind: TrashKind) {
        // A full bin means that the other side is busy or gone: then it is freed here.
        let _ = self.trash.try_send(Trash(kind));
    }

    fn apply(&mut self, command: IngestCommand) {
        match command {
            IngestCommand::Open { slot, meter } => {
                if let Some(old) = self.desk.open(slot, meter) {
                    self.discard(TrashKind::Slot(old));
                }
            }
            IngestCommand::Attach { slot, reader, latched } => self.desk.attach(slot, reader, latched),
            IngestCommand::Forget { slot, writer } => {
                if let Some(slot) = self.desk.slot(slot) {
                    slot.latched.forget(writer);
                }
            }
            IngestCommand::Retire { slot, reader, drained } => {
                if let Some(slot) = self.desk.slot(slot) {
                    slot.ask_overrun(&*self.source);
                }
                self.desk.retire(slot, reader);
                drained.store(true, Ordering::Release);
                self.graph.wake();
            }
            IngestCommand::Pause { slot } => {
                if let Some(slot) = self.desk.slot(slot) {
                    slot.meter.pause();
                    // Whoever reads it next is given the history anew.
                    slot.latched.clear();
                }
            }
            IngestCommand::Plot {
                slot,
                plan,
                stamped,
                mut rows,
            } => {
                if let Some(slot) = self.desk.slot(slot) {
                    let values = vec![0.0; plan.width()].into();
                    if let Some(before) = &slot.plot {
                        rows.continue_from(&before.rows);
                    }
                    let old = slot.plot.replace(Plot {
                        plan,
                        rows,
                        values,
                        stamped,
                        clocks: Clocks::default(),
                    });
                    old.into_iter().for_each(|old| self.discard(TrashKind::Plot(old)));
                }
            }
            IngestCommand::GrowPlot { slot, mut rows } => {
                let plot = self.desk.slot(slot).and_then(|slot| slot.plot.as_mut());
                if let Some(plot) = plot.filter(|plot| plot.rows.width() == rows.width()) {
                    rows.continue_from(&plot.rows);
                    let old = std::mem::replace(&mut plot.rows, rows);
                    self.discard(TrashKind::Rows(old));
                }
            }
            IngestCommand::Unplot { slot } => {
                if let Some(old) = self.desk.slot(slot).and_then(|slot| slot.plot.take()) {
                    self.discard(TrashKind::Plot(old));
                }
            }
            IngestCommand::Inspect { slot, out } => {
                let now_ns = self.desk.now_ns;
                if let Some(slot) = self.desk.slot(slot) {
                    slot.inspect = out.map(Inspect::new);
                    if let (Some(inspect), Some(last)) = (&mut slot.inspect, slot.latched.iter().next_back()) {
                        inspect.on_arrival(last, now_ns);
                    }
                }
            }
            IngestCommand::OpenOutlet { outlet, producer, lost } => {
                self.desk.open_outlet(outlet, Outlet { producer, lost });
            }
            IngestCommand::Route { slot, outlet, index } => {
                self.desk.route(slot, Route { outlet, index });
            }
            // Taken care of by `step`.
            IngestCommand::CloseOutlet { .. } | IngestCommand::Stop => {}
        }
    }
}

fn place(index: u32) -> usize {
    usize::try_from(index).expect("u32 fits into usize on every platform that has threads")
}

impl Desk {
    fn slot(&mut self, index: TopicIndex) -> Option<&mut Slot> {
        self.slots.get_mut(place(index.0))?.as_deref_mut()
    }

    fn open(&mut self, index: TopicIndex, meter: TopicMeter) -> Option<Box<Slot>> {
        let index = place(index.0);
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, || None);
        }
        self.slots[index].replace(Slot::new(meter))
    }

    fn attach(&mut self, index: TopicIndex, reader: ReaderId, latched: usize) {
        self.latest = None;
        let Some(slot) = self.slot(index) else { return };
        slot.readers.push((reader, None));
        slot.latched.set_depth(latched);
        slot.meter.set_overlapping(slot.readers.len() > 1);
        let _ = self.readers.insert(reader, place(index.0));
        // What this reader gave before it was announced.
        for orphan in std::mem::take(&mut self.orphans) {
            if orphan.reader == reader {
                self.on_arrival(reader, orphan.arrival);
            } else {
                self.orphans.push(orphan);
            }
        }
    }

    fn retire(&mut self, index: TopicIndex, reader: ReaderId) {
        self.latest = None;
        let _ = self.readers.remove(&reader);
        let Some(slot) = self.slot(index) else { return };
        if let Some(at) = slot.readers.iter().position(|(id, _)| *id == reader) {
            let (_, overrun) = slot.readers.swap_remove(at);
            slot.overrun_before = slot
                .overrun_before
                .zip(overrun)
                .map(|(sum, more)| sum.saturating_add(more));
            slot.meter.set_overlapping(slot.readers.len() > 1);
        }
    }

    fn open_outlet(&mut self, index: u32, outlet: Outlet) {
        let index = place(index);
        if self.outlets.len() <= index {
            self.outlets.resize_with(index + 1, || None);
        }
        self.outlets[index] = Some(outlet);
    }

    fn route(&mut self, index: TopicIndex, route: Route) {
        let Some(slot) = self.slots.get_mut(place(index.0)).and_then(Option::as_deref_mut) else {
            return;
        };
        slot.routes.retain(|known| known.outlet != route.outlet);
        slot.routes.push(route);
        let Some(outlet) = self.outlets.get_mut(place(route.outlet)).and_then(Option::as_mut) else {
            return;
        };
        let receive_time = Timestamp::now();
        for kept in slot.latched.iter() {
            let arrival = Arrival {
                receive_time,
                ..kept.clone()
            };
            outlet.send(route.index, &arrival, &mut slot.meter);
        }
        outlet.producer.flush();
    }

    fn close_outlet(&mut self, index: u32) {
        for slot in self.slots.iter_mut().flatten() {
            slot.routes.retain(|route| route.outlet != index);
        }
        if let Some(outlet) = self.outlets.get_mut(place(index)) {
            *outlet = None;
        }
    }

    fn find(&mut self, reader: ReaderId) -> Option<usize> {
        // Messages come reader by reader.
        if let Some((latest, index)) = self.latest
            && latest == reader
        {
            return Some(index);
        }
        let index = *self.readers.get(&reader)?;
        self.latest = Some((reader, index));
        Some(index)
    }

    fn on_arrival(&mut self, reader: ReaderId, arrival: Arrival) {
        let Some(index) = self.find(reader) else {
            self.keep_orphan(reader, arrival);
            return;
        };
        let Some(slot) = self.slots[index].as_deref_mut() else {
            return;
        };
        let Some(gap) = slot.meter.on_arrival(&arrival, self.offset_ns) else {
            // A second reader of the same topic had it already.
            return;
        };
        slot.gap_seen |= gap;
        self.gap_seen |= gap;
        for route in &slot.routes {
            if let Some(outlet) = self.outlets.get_mut(place(route.outlet)).and_then(Option::as_mut) {
                outlet.send(route.index, &arrival, &mut slot.meter);
            }
        }
        slot.latched.on_arrival(&arrival);
        if let Some(plot) = &mut slot.plot {
            self.rows += u64::from(plot.on_arrival(&mut slot.meter, &arrival, gap));
        }
        if let Some(inspect) = &mut slot.inspect {
            inspect.on_arrival(&arrival, self.now_ns);
            self.holding = true;
        }
    }

    fn keep_orphan(&mut self, reader: ReaderId, arrival: Arrival) {
        if self.orphans.len() >= ORPHANS_MAX {
            self.orphans_lost += 1;
            return;
        }
        self.orphans.push(Orphan {
            reader,
            arrival,
            since_ns: self.now_ns,
        });
    }

    fn forget_orphans(&mut self) -> Vec<Orphan> {
        let old = self.now_ns - ORPHAN_AGE_NS;
        if self.orphans.first().is_none_or(|orphan| orphan.since_ns > old) {
            return Vec::new();
        }
        let (forgotten, kept) = std::mem::take(&mut self.orphans)
            .into_iter()
            .partition(|orphan| orphan.since_ns <= old);
        self.orphans = kept;
        forgotten
    }

    fn release_inspected(&mut self) {
        self.holding = false;
        for slot in self.slots.iter_mut().flatten() {
            if let Some(inspect) = &mut slot.inspect {
                self.holding |= inspect.release(self.now_ns);
            }
        }
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worker({} readers)", self.desk.readers.len())
    }
}
