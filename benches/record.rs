//! What the recorder costs and what it can take. Parts, all of them unless some are named on the command line:
//!
//! - `cost`: CPU seconds per GB beside a plain `mcap` crate write of the same bytes. Both write into the same directory,
//!   `/dev/shm` where there is one, so that no disk hides the difference.
//! - `pace`: 40 000 small messages and 300 MB each second, pushed at that pace whatever becomes of them, into the same place.
//! - `disk`: how fast a recording gets safe on the disk of `ROSWAVE_BENCH_DIR`, or of the temporary directory.
//!
//! With `--json` every figure is a JSON document of its own. `ROSWAVE_BENCH_MB` and `ROSWAVE_BENCH_SECS` make it shorter.

#![allow(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mcap::records::MessageHeader;
use roswave_engine::bag::Storage;
use roswave_engine::clock::{Timestamp, process_cpu_ns};
use roswave_engine::ingest::{OutletProducer, TopicIndex, outlet};
use roswave_engine::message::{Arrival, Gid};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::record::{ChannelInfo, Finished, RecordRequest, RecordedTopic, Recorder, Selection};

/// A number from the environment.
fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

struct Cost {
    secs: f64,
    cpu_secs: f64,
    bytes: u64,
}

fn measure(bytes: u64, work: impl FnOnce()) -> Cost {
    let (began, cpu) = (Instant::now(), process_cpu_ns());
    work();
    Cost {
        secs: began.elapsed().as_secs_f64(),
        cpu_secs: (process_cpu_ns() - cpu) as f64 / 1e9,
        bytes,
    }
}

fn arrival(payload: &Arc<[u8]>, n: u64) -> Arrival {
    let time = Timestamp(1_800_000_000_000_000_000 + n.cast_signed() * 1000);
    Arrival {
        payload: Arc::clone(payload),
        source_time: Some(time),
        receive_time: time,
        writer: Gid::default(),
        sequence: Some(n),
    }
}

const TOPIC: TopicIndex = TopicIndex(0);

fn start(request: RecordRequest) -> (OutletProducer, Recorder) {
    let (producer, consumer) = outlet(1 << 16, request.quota_bytes).expect("an outlet");
    let recorder = Recorder::start(request, consumer).expect("a recorder");
    let info = ChannelInfo {
        topic: TOPIC,
        name: TopicName::new("/bench").expect("a name"),
        type_name: TypeName::new("std_msgs/msg/String").expect("a name"),
        type_hash: None,
        definition: Some("string data\n".to_owned()),
        offered_qos: vec![Qos::RELIABLE],
    };
    recorder.channel(info).expect("room");
    (producer, recorder)
}

fn end(producer: OutletProducer, recorder: Recorder) -> (Finished, RecordedTopic) {
    drop(producer);
    recorder.stop();
    let finished = recorder.join(Duration::from_secs(60)).expect("it ends");
    let rows = finished.topics.iter();
    let row = rows.clone().find(|topic| topic.name.as_str() == "/bench");
    let row = row.expect("the topic").clone();
    (finished, row)
}

/// Feeds the recorder as fast as it takes messages; the CPU time holds the feeding too.
fn recorder(storage: Storage, directory: &Path, payload: &Arc<[u8]>, messages: u64) {
    let (mut producer, recorder) = start(RecordRequest {
        storage,
        quota_bytes: 64 << 20,
        ..RecordRequest::new(Selection::All, directory.join("recorder"))
    });
    for n in 0..messages {
        let arrival = arrival(payload, n);
        while !producer.push(TOPIC, &arrival) {
            producer.flush();
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    let (finished, row) = end(producer, recorder);
    assert_eq!((row.messages, finished.loss.disk.known()), (messages, Some(0)));
}

/// The same messages through the crate alone, in chunks of the same size.
fn plain(directory: &Path, payload: &Arc<[u8]>, messages: u64) {
    let file = BufWriter::new(File::create(directory.join("plain.mcap")).expect("a file"));
    let options = mcap::WriteOptions::new().compression(None).chunk_size(Some(1 << 20));
    let mut writer = options.create(file).expect("a writer");
    let schema = writer
        .add_schema("std_msgs/msg/String", "ros2msg", b"string data\n")
        .expect("a schema");
    let channel_id = writer
        .add_channel(schema, "/bench", "cdr", &BTreeMap::new())
        .expect("a channel");
    for n in 0..messages {
        let arrival = arrival(payload, n);
        let time = arrival.receive_time.0.cast_unsigned();
        let header = MessageHeader {
            channel_id,
            sequence: n as u32,
            log_time: time,
            publish_time: time,
        };
        writer
            .write_to_known_channel(&header, &arrival.payload)
            .expect("written");
    }
    let _ = writer.finish().expect("finished");
}

/// A row of the table, or a document.
struct Report {
    json: bool,
}

impl Report {
    fn tell(&self, what: &str, figures: &[(&str, f64)]) {
        if self.json {
            let figures = figures
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).into()));
            let mut row: serde_json::Map<String, serde_json::Value> = figures.collect();
            let _ = row.insert("what".to_owned(), what.into());
            println!("{}", serde_json::Value::from(row));
        } else {
            let figures = figures.iter().map(|(name, value)| format!("{name} {value:.3}"));
            println!("{what:<36}{}", figures.collect::<Vec<_>>().join("  "));
        }
    }
}

fn payload(size: u64) -> Arc<[u8]> {
    (0..size).map(|n| (n * 31) as u8).collect()
}

fn fast_place() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        shm.to_owned()
    } else {
        std::env::temp_dir()
    }
}

/// The recorder and the crate in turns, so that both see the same machine; the best round of each counts.
fn cost(report: &Report) {
    const ROUNDS: usize = 3;
    let total = setting("ROSWAVE_BENCH_MB", 512) << 20;
    let root = tempfile::tempdir_in(fast_place()).expect("a directory");
    for size in [100_u64, 1000, 1 << 20] {
        let payload = payload(size);
        let messages = (total / size).clamp(1, 1_000_000);
        let bytes = messages * size;
        let mut best: [Option<Cost>; 2] = [None, None];
        for _ in 0..ROUNDS {
            for (of, best) in best.iter_mut().enumerate() {
                let scratch = tempfile::tempdir_in(root.path()).expect("a directory");
                let cost = measure(bytes, || match of {
                    0 => recorder(Storage::Mcap, scratch.path(), &payload, messages),
                    _ => plain(scratch.path(), &payload, messages),
                });
                if best.as_ref().is_none_or(|known| cost.cpu_secs < known.cpu_secs) {
                    *best = Some(cost);
                }
            }
        }
        let [Some(ours), Some(plain)] = best else { continue };
        for (name, cost) in [("recorder", &ours), ("plain mcap", &plain)] {
            report.tell(
                &format!("cost: {name}, {size} B"),
                &[
                    ("mb_per_s", cost.bytes as f64 / cost.secs / 1e6),
                    ("messages_per_s", messages as f64 / cost.secs),
                    ("cpu_s_per_gb", cost.cpu_secs * 1e9 / cost.bytes as f64),
                ],
            );
        }
        report.tell(
            &format!("cost: ratio, {size} B"),
            &[("ratio", ours.cpu_secs / plain.cpu_secs)],
        );
    }
}

/// Pushes at a fixed pace, and never twice: what the ring does not take is lost, and counted.
fn pace(report: &Report) {
    let secs = setting("ROSWAVE_BENCH_SECS", 10);
    for (name, size, rate_hz) in [("40 k messages/s", 100_u64, 40_000_u64), ("300 MB/s", 1_000_000, 300)] {
        let root = tempfile::tempdir_in(fast_place()).expect("a directory");
        let payload = payload(size);
        let (mut producer, recorder) = start(RecordRequest::new(Selection::All, root.path().join("recorder")));
        let (began, cpu) = (Instant::now(), process_cpu_ns());
        let (mut sent, mut lost) = (0_u64, 0_u64);
        while began.elapsed() < Duration::from_secs(secs) {
            let due = (began.elapsed().as_secs_f64() * rate_hz as f64) as u64;
            while sent < due {
                lost += u64::from(!producer.push(TOPIC, &arrival(&payload, sent)));
                sent += 1;
            }
            producer.flush();
            std::thread::sleep(Duration::from_millis(1));
        }
        let cpu_secs = (process_cpu_ns() - cpu) as f64 / 1e9;
        let (finished, row) = end(producer, recorder);
        let unwritten = sent - lost - row.messages;
        report.tell(
            &format!("pace: {name}"),
            &[
                ("messages", sent as f64),
                ("lost", (lost + unwritten) as f64),
                ("cpu_ms_per_s", cpu_secs * 1000.0 / secs as f64),
                ("slowest_safe_s", finished.slowest_safe_s),
            ],
        );
    }
}

/// As fast as the disk takes it, all of it safe at the end.
fn disk(report: &Report) {
    let total = setting("ROSWAVE_BENCH_MB", 512) << 20;
    let place = std::env::var_os("ROSWAVE_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let payload = payload(1 << 20);
    let messages = (total >> 20).max(1);
    for storage in [Storage::Mcap, Storage::Sqlite3] {
        let scratch = tempfile::tempdir_in(&place).expect("a directory");
        let cost = measure(total, || recorder(storage, scratch.path(), &payload, messages));
        report.tell(
            &format!("disk: {}", storage.name()),
            &[
                ("mb_per_s", cost.bytes as f64 / cost.secs / 1e6),
                ("cpu_s_per_gb", cost.cpu_secs * 1e9 / cost.bytes as f64),
            ],
        );
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let report = Report {
        json: args.iter().any(|arg| arg == "--json"),
    };
    type Part = fn(&Report);
    let parts: [(&str, Part); 3] = [("cost", cost), ("pace", pace), ("disk", disk)];
    let named = |name: &str| args.iter().any(|arg| arg == name);
    let all = !parts.iter().any(|(name, _)| named(name));
    for (name, part) in parts {
        if all || named(name) {
            part(&report);
        }
    }
}
