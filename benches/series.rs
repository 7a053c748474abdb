//! From the plot rings into the series store, and what charts ask of it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use roswave_engine::cdr::FieldPath;
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::{PlotFeed, RowProducer, row_ring};
use roswave_engine::name::TopicName;
use roswave_engine::series::{SeriesId, Store, TraceSpec};

const MS: i64 = 1_000_000;
const BATCH: i64 = 4096;

struct Rig {
    store: Store,
    rows: RowProducer,
    series: Vec<SeriesId>,
    values: Vec<f64>,
    n: i64,
}

impl Rig {
    fn new(width: usize) -> Self {
        let mut store = Store::new(512 << 20);
        let (rows, consumer) = row_ring(width, BATCH as usize);
        let topic = TopicName::new("/imu").expect("a name");
        let fields: Vec<_> = (0..width)
            .map(|n| FieldPath::parse(&format!("value[{n}]")).expect("a path"))
            .collect();
        store.attach(PlotFeed {
            topic: topic.clone(),
            fields: fields.clone(),
            units: vec![None; width],
            timings: Vec::new(),
            rows: consumer,
        });
        let series = fields
            .iter()
            .map(|field| store.find(&topic, field).expect("attached"))
            .collect();
        Self {
            store,
            rows,
            series,
            values: vec![0.0; width],
            n: 0,
        }
    }

    fn fill(&mut self) {
        for _ in 0..BATCH {
            let jitter = (self.n * 7919) % 50_000;
            let value = (self.n as f64 * 1e-3).sin() + jitter as f64 * 1e-7;
            self.values.fill(value);
            let time = Timestamp(1_700_000_000_000_000_000 + self.n * MS + jitter);
            assert!(self.rows.push(time, time, false, &self.values), "the ring was drained");
            self.n += 1;
        }
    }

    /// The time that draining `batches` full rings takes.
    fn drain(&mut self, batches: u64) -> Duration {
        let mut took = Duration::ZERO;
        for _ in 0..batches {
            self.fill();
            let begin = Instant::now();
            let _ = black_box(self.store.drain());
            took += begin.elapsed();
        }
        took
    }
}

fn drain(c: &mut Criterion) {
    let mut group = c.benchmark_group("ring to store");
    for (name, width, traces) in [
        ("1 field", 1, false),
        ("6 fields", 6, false),
        ("1 field, traced", 1, true),
        ("6 fields, traced", 6, true),
    ] {
        let _ = group.throughput(Throughput::Elements(BATCH as u64 * width as u64));
        let _ = group.bench_function(name, |b| {
            let mut rig = Rig::new(width);
            if traces {
                for series in rig.series.clone() {
                    let _ = rig.store.trace(
                        series,
                        TraceSpec {
                            bucket_ns: 20 * MS,
                            span_ns: 10_000 * MS,
                        },
                    );
                }
            }
            b.iter_custom(|batches| rig.drain(batches));
        });
    }
    group.finish();
}

fn frame(c: &mut Criterion) {
    // 16 ms of a kilohertz into a trace of ten seconds.
    let _ = c.bench_function("bucket update of one frame", |b| {
        let mut rig = Rig::new(1);
        let _ = rig.store.trace(
            rig.series[0],
            TraceSpec {
                bucket_ns: 20 * MS,
                span_ns: 10_000 * MS,
            },
        );
        b.iter(|| {
            for _ in 0..16 {
                let time = Timestamp(rig.n * MS);
                let _ = rig.rows.push(time, time, false, &[rig.n as f64]);
                rig.n += 1;
            }
            rig.store.drain()
        });
    });
}

fn read(c: &mut Criterion) {
    let mut rig = Rig::new(1);
    let _ = rig.drain(147);
    let _ = c.bench_function("rebuild of 600 s at 1 kHz", |b| {
        b.iter(|| {
            let id = rig.store.trace(
                rig.series[0],
                TraceSpec {
                    bucket_ns: 600 * MS,
                    span_ns: 600_000 * MS,
                },
            );
            rig.store.release(black_box(id));
        });
    });
    let _ = rig.drain(2_300);
    let _ = c.bench_function("range over 10 M samples", |b| {
        b.iter(|| {
            rig.store
                .range(rig.series[0], Timestamp(1_700_000_000_000_500_000), Timestamp(i64::MAX))
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    targets = drain, frame, read
}
criterion_main!(benches);
