//! From arrivals to figures, plot rows and the series store: what one core takes in.

#![allow(missing_docs, reason = "the macros of criterion make public items")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use roswave_engine::cdr::{Encoder, FieldPath, FieldPlan};
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::WakeFlag;
use roswave_engine::ingest::{IngestCommand, PlotFeed, TopicIndex, Worker, row_ring};
use roswave_engine::message::{Arrival, Gid};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::schema::{Registry, Schema};
use roswave_engine::series::Store;
use roswave_engine::stats::{TopicCounters, TopicMeter};
use roswave_engine::transport::{ReaderId, Source, Waker};

/// Messages per drain.
const BATCH: u64 = 1000;

const FIELDS: [&str; 6] = [
    "angular_velocity.x",
    "angular_velocity.y",
    "angular_velocity.z",
    "linear_acceleration.x",
    "linear_acceleration.y",
    "linear_acceleration.z",
];

/// A kilohertz that does not wait.
struct Kilohertz {
    payload: Arc<[u8]>,
    sent: u64,
    began: Timestamp,
}

impl Source for Kilohertz {
    fn wait(&mut self, _timeout: Duration) -> bool {
        true
    }

    fn drain(&mut self, sink: &mut dyn FnMut(ReaderId, Arrival)) {
        for _ in 0..BATCH {
            self.sent += 1;
            let receive_time = Timestamp(self.began.0 + self.sent.cast_signed() * 1_000_000);
            let arrival = Arrival {
                payload: Arc::clone(&self.payload),
                source_time: Some(Timestamp(receive_time.0 - 30_000)),
                receive_time,
                writer: Gid([1; 16]),
                sequence: Some(self.sent),
            };
            sink(ReaderId(0), arrival);
        }
    }

    fn overrun(&self, _reader: ReaderId) -> Option<u64> {
        Some(0)
    }

    fn waker(&self) -> Waker {
        Waker::new(|| {})
    }
}

fn schema() -> Arc<Schema> {
    let name = TypeName::new("sensor_msgs/msg/Imu").expect("a name");
    Registry::from_environment().find(&name, None).expect("bundled").schema
}

fn fields() -> Vec<FieldPath> {
    FIELDS
        .iter()
        .map(|path| FieldPath::parse(path).expect("a path"))
        .collect()
}

/// An ingest worker on one IMU topic, plotted if a feed is wanted.
fn worker(plotted: bool) -> (Worker, Option<PlotFeed>) {
    let mut encoder = Encoder::new();
    encoder.header(Timestamp(1_000_000_000), "imu_link");
    for n in 0..37_u8 {
        encoder.f64(f64::from(n));
    }
    let source = Kilohertz {
        payload: encoder.payload().into(),
        sent: 0,
        began: Timestamp::now(),
    };
    let (send, commands) = sync_channel(8);
    let (trash, _) = sync_channel(1);
    let worker = Worker::new(Box::new(source), commands, trash, WakeFlag::new(), Waker::new(|| {}));
    let (slot, reader) = (TopicIndex(0), ReaderId(0));
    let meter = TopicMeter::new(TopicCounters::new(true));
    send.send(IngestCommand::Open { slot, meter }).expect("room");
    send.send(IngestCommand::Attach {
        slot,
        reader,
        latched: 0,
    })
    .expect("room");
    let feed = plotted.then(|| {
        let plan = FieldPlan::compile(&schema(), &fields()).expect("six fields");
        let (rows, consumer) = row_ring(FIELDS.len(), 8192);
        send.send(IngestCommand::Plot {
            slot,
            plan,
            stamped: true,
            rows,
        })
        .expect("room");
        PlotFeed {
            topic: TopicName::new("/imu").expect("a name"),
            fields: fields(),
            units: vec![None; FIELDS.len()],
            timings: Vec::new(),
            rows: consumer,
        }
    });
    (worker, feed)
}

fn ingest(c: &mut Criterion) {
    let mut group = c.benchmark_group("ingest");
    let _ = group.throughput(Throughput::Elements(BATCH));
    let _ = group.bench_function("arrivals to figures, messages", |b| {
        let (mut worker, _) = worker(false);
        b.iter(|| black_box(worker.step()));
    });
    let _ = group.bench_function("arrivals to figures and rows of 6 fields, messages", |b| {
        let (mut worker, feed) = worker(true);
        let mut feed = feed.expect("asked for");
        b.iter(|| {
            let stepped = worker.step();
            black_box((
                stepped,
                feed.rows.for_each(|row| {
                    let _ = black_box(row);
                }),
            ))
        });
    });
    let _ = group.throughput(Throughput::Elements(BATCH * FIELDS.len() as u64));
    let _ = group.bench_function("arrivals to the series store, samples", |b| {
        b.iter_batched_ref(
            || {
                let (mut worker, feed) = worker(true);
                let mut store = Store::new(512 << 20);
                store.attach(feed.expect("asked for"));
                // Takes the commands.
                let _ = (worker.step(), worker.step(), store.drain());
                (worker, store)
            },
            |(worker, store)| {
                let stepped = worker.step();
                black_box((stepped, store.drain().samples))
            },
            BatchSize::NumIterations(2000),
        );
    });
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
