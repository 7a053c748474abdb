//! What the ingest thread keeps per topic.

use ringbuf::HeapProd;
use ringbuf::traits::Producer as _;

use super::latched::Latched;
use super::outlet::TopicIndex;
use super::rows::RowProducer;
use super::timing::{Clocks, RowTimes, header_stamp};
use crate::cdr::FieldPlan;
use crate::message::Arrival;
use crate::stats::TopicMeter;
use crate::transport::{ReaderId, Source};

/// Least time between two inspected messages: ten a second.
pub const INSPECT_INTERVAL_NS: i64 = 100_000_000;

/// Where the messages of a slot go besides the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub outlet: u32,
    pub index: TopicIndex,
}

#[derive(Debug)]
pub(super) struct Plot {
    pub plan: FieldPlan,
    pub rows: RowProducer,
    pub values: Box<[f64]>,
    /// Messages begin with a header.
    pub stamped: bool,
    pub clocks: Clocks,
}

/// Lets the first message through, then one per interval, and the last one once its interval is over.
pub(super) struct Inspect {
    out: HeapProd<Arrival>,
    next_ns: i64,
    held: Option<Arrival>,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub meter: TopicMeter,
    /// More than one only while a reader is being replaced; with what each overran when it was last asked.
    pub readers: Vec<(ReaderId, Option<u64>)>,
    /// Messages that earlier readers of this topic overran; `None` when one of them could never tell.
    pub overrun_before: Option<u64>,
    pub gap_seen: bool,
    pub routes: Vec<Route>,
    pub latched: Latched,
    pub plot: Option<Plot>,
    pub inspect: Option<Inspect>,
}

impl Slot {
    pub fn new(meter: TopicMeter) -> Box<Self> {
        Box::new(Self {
            meter,
            readers: Vec::new(),
            overrun_before: Some(0),
            gap_seen: false,
            routes: Vec::new(),
            latched: Latched::default(),
            plot: None,
            inspect: None,
        })
    }

    /// Asks all readers what they overran.
    pub fn ask_overrun(&mut self, source: &dyn Source) {
        let mut sum = self.overrun_before;
        for (reader, overrun) in &mut self.readers {
            // A reader that is being deleted does not answer any more: what it last said stands.
            *overrun = source.overrun(*reader).or(*overrun);
            sum = sum.zip(*overrun).map(|(sum, overrun)| sum.saturating_add(overrun));
        }
        self.meter.set_overrun(sum);
    }
}

impl Plot {
    /// Pushes a row. Returns whether one was pushed.
    pub fn on_arrival(&mut self, meter: &mut TopicMeter, arrival: &Arrival, gap: bool) -> bool {
        if self.plan.extract(&arrival.payload, &mut self.values).is_err() {
            meter.on_undecodable();
            // The curve has no value here: it must not be drawn through.
            self.rows.flag_gap();
            return false;
        }
        let times = RowTimes {
            clocks_differ: self
                .clocks
                .differ(arrival.writer, arrival.source_time, arrival.receive_time),
            source: arrival.source_time,
            receive: arrival.receive_time,
            header: self.stamped.then(|| header_stamp(&arrival.payload)).flatten(),
        };
        let pushed = self.rows.push_at(&times, gap, &self.values);
        // Rows for a chart that is gone are not lost.
        if !pushed && !self.rows.is_abandoned() {
            meter.on_plot_lost();
        }
        pushed
    }
}

impl Inspect {
    pub fn new(out: HeapProd<Arrival>) -> Self {
        Self {
            out,
            next_ns: i64::MIN,
            held: None,
        }
    }

    pub fn on_arrival(&mut self, arrival: &Arrival, now_ns: i64) {
        self.held = Some(arrival.clone());
        let _ = self.release(now_ns);
    }

    /// Lets go what is held if its time has come. True while something is held.
    pub fn release(&mut self, now_ns: i64) -> bool {
        if now_ns < self.next_ns {
            return self.held.is_some();
        }
        let Some(arrival) = self.held.take() else { return false };
        if let Err(refused) = self.out.try_push(arrival) {
            // Nobody looked for a while: later.
            self.held = Some(refused);
            return true;
        }
        self.next_ns = now_ns + INSPECT_INTERVAL_NS;
        false
    }
}

impl std::fmt::Debug for Inspect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inspect(next {} ns)", self.next_ns)
    }
}

#[cfg(test)]
mod tests {
    use ringbuf::HeapRb;
    use ringbuf::traits::{Consumer as _, Split as _};

    use super::*;
    use crate::clock::Timestamp;
    use crate::message::Gid;

    #[test]
    fn the_gate_keeps_the_trailing_edge() {
        let (send, mut receive) = HeapRb::new(4).split();
        let mut gate = Inspect::new(send);
        let message = |n: u64| Arrival {
            payload: vec![0].into(),
            source_time: None,
            receive_time: Timestamp(0),
            writer: Gid::default(),
            sequence: Some(n),
        };
        // A kilohertz for a quarter of a second.
        for n in 0..250_u64 {
            gate.on_arrival(&message(n), n.cast_signed() * 1_000_000);
        }
        assert!(gate.release(299_000_000), "the last one is held");
        assert!(!gate.release(300_000_000));
        let seen: Vec<_> = receive.pop_iter().map(|a| a.sequence).collect();
        assert_eq!(seen, [Some(0), Some(100), Some(200), Some(249)]);
    }
}
