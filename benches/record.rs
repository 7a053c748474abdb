//! What the recorder costs: MB/s and CPU seconds per GB, beside a plain `mcap` crate write of the same bytes.
//!
//! Both write into the same directory, `/dev/shm` where there is one, so that no disk hides the difference.

#![allow(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mcap::records::MessageHeader;
use roswave_engine::clock::{Timestamp, process_cpu_ns};
use roswave_engine::ingest::{TopicIndex, outlet};
use roswave_engine::message::{Arrival, Gid};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::record::{ChannelInfo, RecordRequest, Recorder, Selection};

const TOTAL_BYTES: u64 = 512 << 20;

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

/// Feeds the recorder as fast as it takes messages; the CPU time holds the feeding too.
fn recorder(directory: &Path, payload: &Arc<[u8]>, messages: u64) {
    let request = RecordRequest {
        quota_bytes: 64 << 20,
        ..RecordRequest::new(Selection::All, directory.join("recorder"))
    };
    let (mut producer, consumer) = outlet(1 << 16, request.quota_bytes).expect("an outlet");
    let recorder = Recorder::start(request, consumer).expect("a recorder");
    let topic = TopicIndex(0);
    let info = ChannelInfo {
        topic,
        name: TopicName::new("/bench").expect("a name"),
        type_name: TypeName::new("std_msgs/msg/String").expect("a name"),
        type_hash: None,
        definition: Some("string data\n".to_owned()),
        offered_qos: vec![Qos::RELIABLE],
    };
    recorder.channel(info).expect("room");
    for n in 0..messages {
        let arrival = arrival(payload, n);
        while !producer.push(topic, &arrival) {
            producer.flush();
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    drop(producer);
    recorder.stop();
    let finished = recorder.join(Duration::from_secs(60)).expect("it ends");
    let row = finished
        .topics
        .iter()
        .find(|topic| topic.name.as_str() == "/bench")
        .expect("the topic");
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

fn main() {
    let shm = Path::new("/dev/shm");
    let root = if shm.is_dir() {
        tempfile::tempdir_in(shm)
    } else {
        tempfile::tempdir()
    };
    let root = root.expect("a directory");
    println!(
        "{:<28}{:>12}{:>12}{:>14}",
        "record", "MB/s", "messages/s", "CPU s per GB"
    );
    for size in [100_u64, 1000, 1 << 20] {
        let payload: Arc<[u8]> = (0..size).map(|n| (n * 31) as u8).collect();
        let messages = (TOTAL_BYTES / size).min(1_000_000);
        let bytes = messages * size;
        for (name, work) in [
            ("recorder", recorder as fn(&Path, &Arc<[u8]>, u64)),
            ("plain mcap", plain),
        ] {
            let scratch = tempfile::tempdir_in(root.path()).expect("a directory");
            let cost = measure(bytes, || work(scratch.path(), &payload, messages));
            println!(
                "{:<28}{:>12.0}{:>12.0}{:>14.2}",
                format!("{name}, {size} B"),
                cost.bytes as f64 / cost.secs / 1e6,
                messages as f64 / cost.secs,
                cost.cpu_secs * 1e9 / cost.bytes as f64,
            );
        }
    }
}
