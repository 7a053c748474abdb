//! What the ingest thread does per message, figures, plot row, record queue and inspection, allocates nothing.

#![allow(unsafe_code, reason = "a counting allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use ringbuf::HeapRb;
use ringbuf::traits::{Consumer as _, Split as _};
use roswave_engine::cdr::{Encoder, FieldPath, FieldPlan};
use roswave_engine::clock::{Timestamp, monotonic_ns};
use roswave_engine::engine::WakeFlag;
use roswave_engine::ingest::{IngestCommand, ROW_HEADER, TopicIndex, Worker, outlet, row_ring};
use roswave_engine::loss::Count;
use roswave_engine::message::{Arrival, Gid};
use roswave_engine::name::TypeName;
use roswave_engine::schema::Registry;
use roswave_engine::stats::{TopicCounters, TopicMeter};
use roswave_engine::transport::{ReaderId, Source, Waker};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.with(|n| n.set(n.get() + 1));
}

// SAFETY: every call is handed on to the system's allocator unchanged; counting touches no heap.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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

#[test]
fn the_hot_path_allocates_nothing() {
    let type_name = TypeName::new("sensor_msgs/msg/Imu").expect("a name");
    let found = Registry::from_environment().find(&type_name, None).expect("bundled");
    let paths = ["angular_velocity.x", "angular_velocity.y", "linear_acceleration.z"];
    let fields: Vec<FieldPath> = paths.iter().map(|p| FieldPath::parse(p).expect("a path")).collect();
    let plan = FieldPlan::compile(&found.schema, &fields).expect("three fields");

    let source = Fake {
        payload: imu(),
        sent: 0,
    };
    let (send, commands) = sync_channel(16);
    let (trash, _bin) = sync_channel(16);
    let wake = WakeFlag::new();
    let mut worker = Worker::new(Box::new(source), commands, trash, Arc::clone(&wake), Waker::new(|| {}));
    let counters = TopicCounters::new(true);
    let (rows, mut feed) = row_ring(3, 4096);
    let (record, mut recorder) = outlet(4096, 1 << 20).expect("an outlet");
    let (inspect, mut inspected) = HeapRb::new(4).split();
    let (slot, meter) = (TopicIndex(0), TopicMeter::new(Arc::clone(&counters)));
    let setup = [
        IngestCommand::Open { slot, meter },
        IngestCommand::Attach {
            slot,
            reader: ReaderId(7),
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
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(Box::new(MESSAGES)));
    assert_eq!(ALLOCATIONS.get() - before, 1, "the allocator counts");
    // Drains a batch before it obeys; the second step is the first whole one.
    assert!(worker.step() && worker.step());

    let (mut allocations, mut plotted, mut recorded, mut looked) = (0, 0, 0, 0);
    let began = monotonic_ns();
    for _ in 0..MESSAGES / BATCH {
        let before = ALLOCATIONS.get();
        assert!(worker.step());
        allocations += ALLOCATIONS.get() - before;
        assert!(wake.take_dirty());
        plotted += feed.for_each(|row| assert_eq!(f64::from_bits(row[ROW_HEADER]), 13.0));
        while recorder.pop().is_some() {
            recorded += 1;
        }
        looked += inspected.pop_iter().count();
    }
    let took = Duration::from_nanos((monotonic_ns() - began).unsigned_abs());
    assert_eq!(allocations, 0, "in {MESSAGES} messages, which took {took:?}");
    // What came before the loop is among them: nothing was dropped on any of the ways.
    assert!(plotted >= MESSAGES && recorded >= MESSAGES, "{plotted} {recorded}");
    assert!(looked > 0);
    let report = counters.report(monotonic_ns());
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
