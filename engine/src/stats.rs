//! Rate, jitter, bandwidth, latency and loss per topic, counted by the ingest thread without lock or allocation.
//!
//! How the figures are made:
//!
//! - **Rate** and **bandwidth** look at the last [`WINDOW_NS`] (5 s, in steps of 100 ms). With n messages in it, the rate
//!   is (n - 1) / (time from the first to the last of them), exact for a steady topic whatever the phase. When the topic
//!   has been silent for longer than its mean interval, the excess is added to the time, so that the rate sinks towards
//!   the truth instead of freezing. With fewer than two messages in the window it is one over the longer of: the last
//!   interval, the silence since. With fewer than two messages ever, it is unknown. Bandwidth is the rate times the
//!   mean size, in bytes per second.
//! - **Jitter** is |interval - mean interval| for each interval between two arrivals of the topic. The mean is learned from
//!   the first [`JITTER_LEARNS`] intervals, which are not recorded themselves; it is the plain mean up to 64 intervals and
//!   an exponential one with weight 1/64 from then on, so that it follows a rate that changes.
//! - **Latency** is receive time minus source time. Between two machines it holds the difference of their clocks, and may
//!   then be negative. What a transient-local writer sends to a late joiner counts with its age.
//! - **Quantiles** of jitter and latency are over all messages since the topic was first subscribed, from histograms
//!   whose relative error is at most 1/64; minimum and maximum are exact.
//! - **Loss** counts the gaps in the sequence numbers of each writer. A writer's first message, a late join and a
//!   restarted writer are no loss; a message that comes after its successors takes its loss back. Gaps that the
//!   reader's own overrun history made are counted as [`crate::loss::Stage::Reader`], not as
//!   [`crate::loss::Stage::Transport`].

mod histogram;
mod sequence;
mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crate::clock::Timestamp;
use crate::loss::{Count, Loss};
use crate::message::Arrival;

pub use histogram::{Histogram, SignedHistogram};
pub use sequence::{SEQUENCE_WRITERS_MAX, SequenceTable};
pub use window::{WINDOW_NS, WindowRate};

use window::Window;

/// Intervals that the mean is learned from before jitter is recorded.
pub const JITTER_LEARNS: u64 = 8;

/// One over the weight of a new interval in the mean.
const MEAN_OVER: u64 = 64;

/// Median, 99th percentile and maximum, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Quantiles {
    /// Median.
    pub p50: i64,
    /// 99th percentile.
    pub p99: i64,
    /// Maximum, exact.
    pub max: i64,
}

/// What was measured on one topic. `None` is unknown: not enough messages yet, or the transport cannot tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopicReport {
    /// Messages since the topic was first subscribed.
    pub messages: u64,
    /// Bytes of payload since then.
    pub bytes: u64,
    /// Over the last 5 s.
    pub rate_hz: Option<f64>,
    /// Bytes of payload per second over the last 5 s.
    pub bandwidth_bps: Option<f64>,
    /// How far intervals are from their mean.
    pub jitter_ns: Option<Quantiles>,
    /// Receive time minus source time; with clocks of two machines it holds their difference too.
    pub latency_ns: Option<Quantiles>,
    /// By stage.
    pub loss: Loss,
    /// When the last message was received.
    pub last_receive: Option<Timestamp>,
    /// Messages that the FieldPlan could not decode.
    pub undecodable: u64,
}

impl TopicReport {
    /// What is known once nobody reads the topic any more: what was counted, and nothing of how fast it is now.
    #[must_use]
    pub fn unread(self) -> Self {
        Self {
            rate_hz: None,
            bandwidth_bps: None,
            ..self
        }
    }
}

/// The figures of one topic, shared between the one thread that counts and those that look.
///
/// All counters are written by one thread only, hence plain loads and stores.
#[derive(Debug)]
pub struct TopicCounters {
    messages: AtomicU64,
    bytes: AtomicU64,
    window: Window,
    jitter: Histogram,
    latency: SignedHistogram,
    missing: AtomicU64,
    sequenced: AtomicBool,
    overrun: AtomicU64,
    overrun_known: AtomicBool,
    plot_lost: AtomicU64,
    record_lost: AtomicU64,
    undecodable: AtomicU64,
    /// Realtime nanoseconds; `i64::MIN` before the first message.
    last_receive: AtomicI64,
}

/// Adds to a counter that only the calling thread writes.
fn add(counter: &AtomicU64, n: u64) {
    counter.store(counter.load(Ordering::Relaxed).saturating_add(n), Ordering::Relaxed);
}

impl TopicCounters {
    /// Counters at zero. `sequences` says whether the transport can tell sequence numbers at all.
    #[must_use]
    pub fn new(sequences: bool) -> Arc<Self> {
        Arc::new(Self {
            messages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            window: Window::default(),
            jitter: Histogram::new(),
            latency: SignedHistogram::new(),
            missing: AtomicU64::new(0),
            sequenced: AtomicBool::new(sequences),
            overrun: AtomicU64::new(0),
            overrun_known: AtomicBool::new(true),
            plot_lost: AtomicU64::new(0),
            record_lost: AtomicU64::new(0),
            undecodable: AtomicU64::new(0),
            last_receive: AtomicI64::new(i64::MIN),
        })
    }

    /// The figures at `now_monotonic_ns`.
    #[must_use]
    pub fn report(&self, now_monotonic_ns: i64) -> TopicReport {
        let window = self.window.rate(now_monotonic_ns);
        let last_receive = self.last_receive.load(Ordering::Relaxed);
        TopicReport {
            messages: self.messages.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            rate_hz: window.map(|w| w.rate_hz),
            bandwidth_bps: window.map(|w| w.bytes_per_s),
            jitter_ns: self.jitter.quantiles(),
            latency_ns: self.latency.quantiles(),
            loss: self.loss(),
            last_receive: (last_receive != i64::MIN).then_some(Timestamp(last_receive)),
            undecodable: self.undecodable.load(Ordering::Relaxed),
        }
    }

    /// What was lost so far. Nothing can be lost at the disk here: that stage is the recorder's to fill in.
    #[must_use]
    pub fn loss(&self) -> Loss {
        let overrun = self.overrun.load(Ordering::Relaxed);
        let overrun_known = self.overrun_known.load(Ordering::Relaxed);
        let missing = self.missing.load(Ordering::Relaxed);
        Loss {
            transport: if self.sequenced.load(Ordering::Relaxed) {
                Count::Known(missing.saturating_sub(overrun))
            } else {
                Count::Unknown
            },
            reader: if overrun_known {
                Count::Known(overrun)
            } else {
                Count::Unknown
            },
            plot: Count::Known(self.plot_lost.load(Ordering::Relaxed)),
            record: Count::Known(self.record_lost.load(Ordering::Relaxed)),
            disk: Count::Known(0),
        }
    }

    /// Messages so far.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// Bytes of payload so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// The writing side of [`TopicCounters`]: owned by the ingest thread.
#[derive(Debug)]
pub struct TopicMeter {
    counters: Arc<TopicCounters>,
    writers: SequenceTable,
    last_receive: Option<Timestamp>,
    intervals: u64,
    mean_ns: f64,
}

impl TopicMeter {
    /// Counts into `counters`. There must be no other meter for them at the same time.
    #[must_use]
    pub fn new(counters: Arc<TopicCounters>) -> Self {
        Self {
            counters,
            writers: SequenceTable::new(),
            last_receive: None,
            intervals: 0,
            mean_ns: 0.0,
        }
    }

    /// What it counts into.
    #[must_use]
    pub fn counters(&self) -> &Arc<TopicCounters> {
        &self.counters
    }

    /// Counts one message. `monotonic_offset_ns` is what to add to a receive time to have it on the monotonic clock.
    /// Tells whether messages of the same writer are missing directly before this one; `None` when it was counted
    /// before, which happens when two readers overlap.
    pub fn on_arrival(&mut self, arrival: &Arrival, monotonic_offset_ns: i64) -> Option<bool> {
        let gap = self.on_sequence(arrival)?;
        let counters = &*self.counters;
        let bytes = arrival.payload.len() as u64;
        add(&counters.messages, 1);
        add(&counters.bytes, bytes);
        let receive = arrival.receive_time;
        counters
            .window
            .add(receive.0.saturating_add(monotonic_offset_ns), bytes);
        counters.last_receive.store(receive.0, Ordering::Relaxed);
        if let Some(source) = arrival.source_time {
            counters.latency.add(receive.since(source));
        }
        if let Some(last) = self.last_receive.replace(receive) {
            self.on_interval(receive.since(last));
        }
        Some(gap)
    }

    fn on_sequence(&mut self, arrival: &Arrival) -> Option<bool> {
        let Some(sequence) = arrival.sequence else {
            self.counters.sequenced.store(false, Ordering::Relaxed);
            return Some(false);
        };
        let (missing, gap) = self.writers.on_sequence(arrival.writer, sequence)?;
        if missing != 0 {
            let sum = self
                .counters
                .missing
                .load(Ordering::Relaxed)
                .saturating_add_signed(missing);
            self.counters.missing.store(sum, Ordering::Relaxed);
        }
        Some(gap)
    }

    fn on_interval(&mut self, interval_ns: i64) {
        // The realtime clock was set back: this interval says nothing.
        if interval_ns < 0 {
            return;
        }
        let interval = interval_ns as f64;
        if self.intervals >= JITTER_LEARNS {
            // Rounds; both are far below 2^53.
            self.counters.jitter.add((interval - self.mean_ns).abs().round() as u64);
        }
        self.intervals += 1;
        self.mean_ns += (interval - self.mean_ns) / self.intervals.min(MEAN_OVER) as f64;
    }

    /// Counts a row that did not fit into the plot ring.
    pub fn on_plot_lost(&mut self) {
        add(&self.counters.plot_lost, 1);
    }

    /// Counts a message that did not fit into the record queue.
    pub fn on_record_lost(&mut self) {
        add(&self.counters.record_lost, 1);
    }

    /// Counts a message that could not be decoded.
    pub fn on_undecodable(&mut self) {
        add(&self.counters.undecodable, 1);
    }

    /// Notes how many messages all readers of this topic overran so far; `None` when the transport cannot tell.
    pub fn set_overrun(&mut self, overrun: Option<u64>) {
        match overrun {
            Some(n) => self.counters.overrun.store(n, Ordering::Relaxed),
            None => self.counters.overrun_known.store(false, Ordering::Relaxed),
        }
    }

    /// Says whether two readers receive the same messages for a while; each message is then counted once.
    pub fn set_overlapping(&mut self, overlapping: bool) {
        self.writers.set_overlapping(overlapping);
    }

    /// Forgets where the writers were: what is published while nobody wants the topic is not lost.
    pub fn pause(&mut self) {
        self.writers.clear();
        self.last_receive = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Gid;

    const MS: i64 = 1_000_000;

    fn arrival(receive: i64, latency: i64, sequence: Option<u64>) -> Arrival {
        Arrival {
            payload: vec![0; 100].into(),
            source_time: Some(Timestamp(receive - latency)),
            receive_time: Timestamp(receive),
            writer: Gid([7; 16]),
            sequence,
        }
    }

    fn near(measured: i64, truth: i64) {
        let error = (measured - truth).abs() as f64 / truth.abs().max(1) as f64;
        assert!(error <= 1.0 / 64.0, "{measured} is not {truth}");
    }

    #[test]
    fn figures_of_a_steady_topic_are_exact() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        let start = 1_000_000 * MS;
        for n in 0..10_000 {
            let _ = meter.on_arrival(&arrival(start + n * MS, 250_000, Some(n as u64 + 1)), 0);
        }
        let report = meter.counters().report(start + 9_999 * MS);
        assert_eq!(report.messages, 10_000);
        assert_eq!(report.rate_hz, Some(1000.0));
        assert_eq!(report.bandwidth_bps, Some(100_000.0));
        assert_eq!(report.jitter_ns, Some(Quantiles { p50: 0, p99: 0, max: 0 }));
        assert_eq!(report.loss, Loss::NONE);
        let latency = report.latency_ns.expect("measured");
        assert_eq!((latency.p50, latency.max), (250_000, 250_000));
    }

    #[test]
    fn jitter_of_alternating_intervals_is_their_deviation() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        let mut now = 0;
        for n in 0..20_000 {
            now += if n % 2 == 0 { MS + 200_000 } else { MS - 200_000 };
            let _ = meter.on_arrival(&arrival(now, 0, Some(n)), 0);
        }
        let jitter = meter.counters().report(now).jitter_ns.expect("measured");
        // The mean itself sways by a 64th of the deviation.
        assert!((jitter.p50 - 200_000).abs() < 7_000, "{jitter:?}");
        assert!((jitter.p99 - 200_000).abs() < 7_000, "{jitter:?}");
    }

    #[test]
    fn one_late_message_shows_in_the_maximum_only() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        for n in 0..1000_i64 {
            let late = if n == 500 { 400_000 } else { 0 };
            let _ = meter.on_arrival(&arrival(n * MS + late, 1000, Some(n as u64)), 0);
        }
        let jitter = meter.counters().report(1000 * MS).jitter_ns.expect("measured");
        assert!(jitter.p50 < 7_000, "{jitter:?}");
        // Its successor comes 400 us early of a mean that moved by a 64th.
        near(jitter.max, 406_250);
    }

    #[test]
    fn negative_latency_is_a_clock_difference() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        for n in 0..100 {
            let _ = meter.on_arrival(&arrival(n * MS, -3_600_000 * MS, None), 0);
        }
        let latency = meter.counters().report(100 * MS).latency_ns.expect("measured");
        assert_eq!(latency.max, -3_600_000 * MS);
        near(latency.p50, -3_600_000 * MS);
    }

    #[test]
    fn without_sequences_the_transport_loss_is_unknown() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        let _ = meter.on_arrival(&arrival(0, 0, None), 0);
        assert_eq!(meter.counters().loss().transport, Count::Unknown);
        assert_eq!(TopicCounters::new(false).loss().transport, Count::Unknown);
    }

    #[test]
    fn overrun_messages_are_the_readers() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        assert_eq!(meter.on_arrival(&arrival(0, 0, Some(1)), 0), Some(false));
        assert_eq!(meter.on_arrival(&arrival(MS, 0, Some(11)), 0), Some(true));
        meter.set_overrun(Some(6));
        let loss = meter.counters().loss();
        assert_eq!((loss.transport, loss.reader), (Count::Known(3), Count::Known(6)));
        meter.set_overrun(None);
        assert_eq!(meter.counters().loss().reader, Count::Unknown);
    }

    #[test]
    fn nothing_is_known_before_the_second_message() {
        let mut meter = TopicMeter::new(TopicCounters::new(true));
        assert_eq!(meter.counters().report(0).last_receive, None);
        let _ = meter.on_arrival(&arrival(5, 0, Some(1)), 0);
        let report = meter.counters().report(6);
        assert_eq!(
            (report.rate_hz, report.bandwidth_bps, report.jitter_ns),
            (None, None, None)
        );
        assert_eq!(report.last_receive, Some(Timestamp(5)));
    }
}
