//! What the tests of the recorder share.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use roswave_engine::clock::Timestamp;
use roswave_engine::graph::TypeHash;
use roswave_engine::ingest::{OutletProducer, TopicIndex, outlet};
use roswave_engine::message::{Arrival, Gid};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::record::{ChannelInfo, Compression, RecordRequest, Recorder, RecordingStatus, Selection};

pub const LIMIT: Duration = Duration::from_secs(20);

pub fn request(directory: &Path) -> RecordRequest {
    RecordRequest {
        selection: Selection::All,
        directory: directory.to_owned(),
        compression: Compression::None,
        max_duration: None,
        quota_bytes: 64 << 20,
    }
}

pub fn channel(index: u32, topic: &str, type_name: &str, definition: Option<&str>) -> ChannelInfo {
    ChannelInfo {
        topic: TopicIndex(index),
        name: TopicName::new(topic).expect("a topic name"),
        type_name: TypeName::new(type_name).expect("a type name"),
        type_hash: Some(TypeHash(
            "RIHS01_705ba9c3d1a09df43737eb67095534de36fd426c0587779bda2bc51fe790182a".into(),
        )),
        definition: definition.map(str::to_owned),
        offered_qos: vec![Qos::RELIABLE],
    }
}

pub fn float_channel(index: u32, topic: &str) -> ChannelInfo {
    channel(index, topic, "std_msgs/msg/Float64", Some("float64 data\n"))
}

/// A `std_msgs/msg/Float64` in little endian.
pub fn float(value: f64) -> Vec<u8> {
    let mut cdr = vec![0, 1, 0, 0];
    cdr.extend_from_slice(&value.to_le_bytes());
    cdr
}

pub fn arrival(payload: &[u8], time_ns: i64, sequence: u64) -> Arrival {
    Arrival {
        payload: Arc::from(payload),
        source_time: Some(Timestamp(time_ns - 1000)),
        receive_time: Timestamp(time_ns),
        writer: Gid::default(),
        sequence: Some(sequence),
    }
}

/// A recorder and the ring that feeds it.
pub struct Rig {
    pub producer: OutletProducer,
    pub recorder: Recorder,
}

impl Rig {
    pub fn start(request: RecordRequest) -> Self {
        let (producer, consumer) = outlet(1 << 16, request.quota_bytes).expect("an outlet");
        let recorder = Recorder::start(request, consumer).expect("a recorder");
        Self { producer, recorder }
    }

    /// Pushes, waiting while the ring is full.
    pub fn push(&mut self, index: u32, arrival: &Arrival) {
        until("room in the ring", || {
            self.producer.push(TopicIndex(index), arrival).then_some(())
        });
        self.producer.flush();
    }

    pub fn finish(self) -> roswave_engine::record::Finished {
        drop(self.producer);
        self.recorder.stop();
        self.recorder.join(LIMIT).expect("the recorder ends")
    }
}

/// Asks until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < LIMIT, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

pub fn wait_for(recorder: &Recorder, what: &str, test: impl Fn(&RecordingStatus) -> bool) -> RecordingStatus {
    until(what, || Some(recorder.status()).filter(&test))
}

pub fn finished_file(directory: &Path) -> PathBuf {
    let name = directory.file_name().expect("a name").to_str().expect("text");
    directory.join(format!("{name}_0.mcap"))
}
