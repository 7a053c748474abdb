//! Derived series with their transforms, and a trigger that looks at what comes out.

use roswave_engine::cdr::FieldPath;
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::{PlotFeed, RowProducer, row_ring};
use roswave_engine::name::TopicName;
use roswave_engine::series::{Position, SeriesId, Store, TraceSpec};
use roswave_engine::signal::Recipe;
use roswave_engine::signal::align::Align;
use roswave_engine::signal::trigger::{Captures, Trigger};

use super::counting::allocations;

const MS: i64 = 1_000_000;
/// Rows per drain: what comes at 10 kHz from frame to frame.
const BATCH: i64 = 160;
const WARM_UP: i64 = 100;
const BATCHES: i64 = 400;
/// Rows that the store packs together: a drain that begins the next such chunk takes memory for it.
const CHUNK_ROWS: usize = 4096;

/// Every kind of computation: fields of two topics, an expression with memory, quaternions, and each family of transforms.
const RECIPES: [&str; 16] = [
    "= hypot(/a:x, /a:y) - prev(/a:x) / max(dt, 1e-6)",
    "= /a:x * /b:x + sin(/a:y)",
    "= yaw(/a:x, /a:y, /b:x, 1)",
    "/a:x | derivative | absolute",
    "/a:x | integral | detrend:window_s=0.05,trend=linear",
    "/a:x | average:window_s=0.05",
    "/a:x | rms:window_s=0.05",
    "/a:x | variance:samples=64",
    "/a:x | median:window_s=0.02",
    "/a:x | hampel:samples=9,sigmas=4",
    "/a:x | lowpass:order=4,corner_hz=20 | highpass:order=2,corner_hz=1",
    "/a:x | bandpass:order=2,low_hz=10,high_hz=100 | notch:centre_hz=50,q=10",
    "/a:x | threshold:level=0.2,hysteresis=0.1 | count",
    "/a:x | unwrap:period=1 | scale:gain=2,bias=1",
    "/a:x | interval",
    "= /a:x + /a:y | lowpass:order=2,corner_hz=100 | derivative",
];

struct Rig {
    store: Store,
    feeds: [RowProducer; 2],
    derived: Vec<SeriesId>,
    triggers: Vec<(Trigger, Captures, Position)>,
    /// How many samples every derived series has, and up to where they were counted.
    counted: Vec<(usize, Position)>,
    rows: i64,
    events: u64,
}

fn attach(store: &mut Store, name: &str) -> RowProducer {
    let (rows, feed) = row_ring(2, 8192);
    let fields = ["x", "y"].map(|path| FieldPath::parse(path).expect("a path"));
    store.attach(PlotFeed {
        topic: TopicName::new(name).expect("a name"),
        fields: fields.to_vec(),
        units: vec![None; 2],
        timings: Vec::new(),
        rows: feed,
    });
    rows
}

impl Rig {
    fn new() -> Self {
        let mut store = Store::new(256 << 20);
        let feeds = [attach(&mut store, "/a"), attach(&mut store, "/b")];
        let spec = TraceSpec {
            bucket_ns: MS,
            span_ns: 500 * MS,
        };
        let derived = RECIPES.map(|text| {
            let recipe: Recipe = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let inputs = recipe.inputs().iter().map(|at| store.find(&at.topic, &at.field));
            let inputs: Vec<SeriesId> = inputs.map(|id| id.expect("attached")).collect();
            let series = store.derive(&recipe, Align::Hold, &inputs).expect("it compiles");
            let _ = store.trace(series, spec);
            series
        });
        let conditions = [
            "rising:level=0,hysteresis=0.1,mode=normal,pre_s=0.001,post_s=0.002",
            "window:low=-0.5,high=0.5,sense=leave,mode=auto,pre_s=0.001,post_s=0.002",
            "glitch:level=0.8,polarity=positive,shorter_s=0.01",
            "value:to=any",
        ];
        let triggers = conditions.map(|text| {
            let spec = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let trigger = Trigger::new(spec).expect("a trigger");
            (trigger, Captures::new(32).expect("captures"), Position::default())
        });
        Self {
            store,
            feeds,
            counted: vec![(0, Position::default()); derived.len()],
            derived: derived.to_vec(),
            triggers: triggers.into(),
            rows: 0,
            events: 0,
        }
    }

    /// Chunks that all series began and filled so far.
    fn chunks(&mut self) -> usize {
        for (series, (count, position)) in self.derived.iter().zip(&mut self.counted) {
            *count += self.store.read(*series, position, usize::MAX, |_, _, _| {});
        }
        let derived = self.counted.iter().map(|(count, _)| *count);
        let inputs = self.feeds.iter().map(|_| usize::try_from(self.rows).unwrap_or(0));
        let chunks = |rows: usize| rows / CHUNK_ROWS + rows.div_ceil(CHUNK_ROWS);
        derived.chain(inputs).map(chunks).sum()
    }

    /// What one frame does with a batch of rows of two topics; gives what it allocated.
    fn frame(&mut self) -> u64 {
        for _ in 0..BATCH {
            let at = Timestamp(1_700_000_000_000_000_000 + self.rows * MS / 10);
            let t = self.rows as f64 * 1e-4;
            let values = [(t * 80.0).sin(), (t * 130.0).cos()];
            for feed in &mut self.feeds {
                assert!(feed.push(at, at, false, &values), "room");
            }
            self.rows += 1;
        }
        let before = allocations();
        let drained = self.store.drain();
        for ((trigger, captures, position), series) in self.triggers.iter_mut().zip(&self.derived) {
            let events = &mut self.events;
            let _ = self.store.read(*series, position, 1 << 16, |time, value, gap| {
                if let Some(event) = trigger.push(time.0, value, gap) {
                    captures.push(event);
                    *events += 1;
                }
            });
        }
        let allocated = allocations() - before;
        assert!(!drained.behind && drained.derived > 0, "{drained:?}");
        allocated
    }
}

#[test]
fn derived_series_and_triggers_allocate_nothing_per_sample() {
    let mut rig = Rig::new();
    for _ in 0..WARM_UP {
        let _ = rig.frame();
    }
    for series in &rig.derived {
        assert!(rig.store.derived_fault(*series).is_none());
        assert!(rig.store.latest(*series).is_some());
    }
    let before = rig.events;
    let (mut silent, mut others) = (0, Vec::new());
    let mut chunks = rig.chunks();
    for _ in 0..BATCHES {
        let first = rig.rows;
        let allocated = rig.frame();
        let begun = std::mem::replace(&mut chunks, rig.chunks()) != chunks;
        if begun {
            continue;
        }
        silent += 1;
        if allocated > 0 {
            others.push((first, allocated));
        }
    }
    assert!(silent > BATCHES / 2, "{silent} of {BATCHES} drains begin no chunk");
    assert!(others.is_empty(), "row and allocations: {others:?}");
    assert!(rig.events > before, "the triggers looked at it");
}
