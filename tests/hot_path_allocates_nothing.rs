//! What the ingest thread does per message, figures, plot row, record queue and inspection, allocates nothing: with messages
//! from memory and with messages that come over the network; nor do derived series and triggers per sample.

#![allow(unsafe_code, reason = "a counting allocator is an unsafe trait")]
#![allow(clippy::print_stdout, reason = "figures for whoever looks")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use ringbuf::traits::{Consumer as _, Split as _};
use ringbuf::{HeapCons, HeapRb};
use roswave_engine::cdr::{Encoder, FieldPath, FieldPlan};
use roswave_engine::clock::{Timestamp, monotonic_ns};
use roswave_engine::engine::WakeFlag;
use roswave_engine::ingest::{
    IngestCommand, OutletConsumer, ROW_HEADER, RowConsumer, TopicIndex, Trash, Worker, outlet, row_ring,
};
use roswave_engine::loss::Count;
use roswave_engine::message::{Arrival, Gid};
use roswave_engine::name::TypeName;
use roswave_engine::schema::Registry;
use roswave_engine::stats::{TopicCounters, TopicMeter};
use roswave_engine::transport::{ReaderId, Source, Waker};

#[path = "hot_path/counting.rs"]
mod counting;
#[path = "hot_path/derived.rs"]
mod derived;
#[path = "hot_path/wire.rs"]
mod wire;

use counting::allocations;

const BATCH: u64 = 100;
const MESSAGES: u64 = 100_000;
const WRITERS: u64 = 3;

/// Hands out the same payload over and over, from three writers, one of which loses every thousandth message.
struct Fake {
    payload: Arc<[u8]>,
    sent: u64,
}

impl Source for Fake {
    fn wait(&mut self, _timeout: Duration) -> bool {
        true
    }

    fn drain(&mut self, sink: &mut dyn FnMut(ReaderId, Arrival)) {
        for _ in 0..BATCH {
            self.sent += 1;
            let (writer, turn) = (self.sent % WRITERS, self.sent / WRITERS);
            let lost = if writer == 0 { turn / 1000 } else { 0 };
            let receive_time = Timestamp::now();
            let arrival = Arrival {
                payload: Arc::clone(&self.payload),
                source_time: Some(Timestamp(receive_time.0 - 20_000)),
                receive_time,
                writer: Gid([u8::try_from(writer).expect("below three"); 16]),
                sequence: Some(turn + lost + 1),
            };
            sink(ReaderId(7), arrival);
        }
    }

    fn overrun(&self, _reader: ReaderId) -> Option<u64> {
        Some(0)
    }

    fn waker(&self) -> Waker {
        Waker::new(|| {})
    }
}

fn imu() -> Arc<[u8]> {
    let mut encoder = Encoder::new();
    encoder.header(Timestamp(1_000_000_000), "imu_link");
    for n in 0..37_u8 {
        encoder.f64(f64::from(n));
    }
    encoder.payload().into()
}

/// The ingest thread's worker with all that a message can be asked for: figures, plot row, record queue, inspection.
struct Rig {
    worker: Worker,
    wake: Arc<WakeFlag>,
    counters: Arc<TopicCounters>,
    feed: RowConsumer,
    recorder: OutletConsumer,
    inspected: HeapCons<Arrival>,
    plotted: u64,
    recorded: u64,
    looked: usize,
    _commands: SyncSender<IngestCommand>,
    _bin: Receiver<Trash>,
}

impl Rig {
    fn new(source: Box<dyn Source>, reader: ReaderId) -> Self {
        let type_name = TypeName::new("sensor_msgs/msg/Imu").expect("a name");
        let found = Registry::from_environment().find(&type_name, None).expect("bundled");
        let paths = ["angular_velocity.x", "angular_velocity.y", "linear_acceleration.z"];
        let fields: Vec<FieldPath> = paths.iter().map(|p| FieldPath::parse(p).expect("a path")).collect();
        let plan = FieldPlan::compile(&found.schema, &fields).expect("three fields");

        let (send, commands) = sync_channel(16);
        let (trash, bin) = sync_channel(16);
        let wake = WakeFlag::new();
        let worker = Worker::new(source, commands, trash, Arc::clone(&wake), Waker::new(|| {}));
        let counters = TopicCounters::new(true);
        let (rows, feed) = row_ring(3, 4096);
        let (record, recorder) = outlet(4096, 1 << 22).expect("an outlet");
        let (inspect, inspected) = HeapRb::new(4).split();
        let (slot, meter) = (TopicIndex(0), TopicMeter::new(Arc::clone(&counters)));
        let setup = [
            IngestCommand::Open { slot, meter },
            IngestCommand::Attach {
                slot,
                reader,
                latched: 4,
            },
            IngestCommand::Plot {
                slot,
                plan,
                stamped: true,
                rows,
            },
            IngestCommand::Inspect {
                slot,
                out: Some(inspect),
            },
            IngestCommand::OpenOutlet {
                outlet: 0,
                producer: record,
                lost: None,
            },
            IngestCommand::Route {
                slot,
                outlet: 0,
                index: slot,
            },
        ];
        for command in setup {
            send.try_send(command).expect("room");
        }
        Self {
            worker,
            wake,
            counters,
            feed,
            recorder,
            inspected,
            plotted: 0,
            recorded: 0,
            looked: 0,
            _commands: send,
            _bin: bin,
        }
    }

    /// One round of the ingest thread; gives what it allocated. What came out of it is taken away.
    fn step(&mut self) -> u64 {
        let before = allocations();
        assert!(self.worker.step());
        let allocated = allocations() - before;
        let _ = self.wake.take_dirty();
        self.plotted += self
            .feed
            .for_each(|row| assert_eq!(f64::from_bits(row[ROW_HEADER]), 13.0));
        while self.recorder.pop().is_some() {
            self.recorded += 1;
        }
        self.looked += self.inspected.pop_iter().count();
        allocated
    }
}

#[test]
fn the_hot_path_allocates_nothing() {
    let before = allocations();
    drop(std::hint::black_box(Box::new(MESSAGES)));
    assert_eq!(allocations() - before, 1, "the allocator counts");
    let source = Fake {
        payload: imu(),
        sent: 0,
    };
    let mut rig = Rig::new(Box::new(source), ReaderId(7));
    // Takes its commands with the first step; the second is a usual one.
    let _ = (rig.step(), rig.step());

    let began = monotonic_ns();
    let allocated: u64 = (0..MESSAGES / BATCH).map(|_| rig.step()).sum();
    let took = Duration::from_nanos((monotonic_ns() - began).unsigned_abs());
    assert_eq!(allocated, 0, "in {MESSAGES} messages, which took {took:?}");
    // What came before is among them: nothing was dropped on any of the ways.
    let Rig { plotted, recorded, .. } = rig;
    assert!(plotted >= MESSAGES && recorded >= MESSAGES, "{plotted} {recorded}");
    assert!(rig.looked > 0);
    let report = rig.counters.report(monotonic_ns());
    assert!(report.messages >= MESSAGES);
    assert_eq!(
        (report.loss.plot, report.loss.record),
        (Count::Known(0), Count::Known(0))
    );
    assert!(
        report.loss.transport.known().is_some_and(|lost| lost >= 30),
        "{report:?}"
    );
    assert!(report.jitter_ns.is_some() && report.latency_ns.is_some() && report.rate_hz.is_some());
}
