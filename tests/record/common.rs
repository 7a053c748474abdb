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
use roswave_engine::record::{
    ChannelInfo, DiskFile, Finished, RecordRequest, Recorder, RecordingStatus, Selection, Sink,
};

pub const LIMIT: Duration = Duration::from_secs(20);

pub fn request(directory: &Path) -> RecordRequest {
    RecordRequest {
        quota_bytes: 64 << 20,
        // The directories of tests may be on small disks.
        reserve_bytes: 1 << 20,
        ..RecordRequest::new(Selection::All, directory)
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

    /// Starts with something between the recorder and its files.
    pub fn start_with(request: RecordRequest, wrap: impl FnMut(DiskFile) -> Box<dyn Sink> + Send + 'static) -> Self {
        let (producer, consumer) = outlet(1 << 16, request.quota_bytes).expect("an outlet");
        let recorder = Recorder::start_with(request, consumer, wrap).expect("a recorder");
        Self { producer, recorder }
    }

    /// Pushes, waiting while the ring is full.
    pub fn push(&mut self, index: u32, arrival: &Arrival) {
        until("room in the ring", || {
            self.producer.push(TopicIndex(index), arrival).then_some(())
        });
        self.producer.flush();
    }

    pub fn finish(self) -> Finished {
        drop(self.producer);
        self.recorder.stop();
        self.recorder.join(LIMIT).expect("the recorder ends")
    }
}

/// Messages of the recorded topics: a recording of some length tells its own state too.
pub fn messages_of_others(finished: &Finished) -> u64 {
    let others = finished
        .topics
        .iter()
        .filter(|topic| !topic.name.as_str().starts_with("/roswave/"));
    others.map(|topic| topic.messages).sum()
}

/// Messages in the files, those of the recorder itself among them.
pub fn all_messages(finished: &Finished) -> u64 {
    finished.topics.iter().map(|topic| topic.messages).sum()
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
    split_file(directory, 0)
}

pub fn split_file(directory: &Path, number: u32) -> PathBuf {
    let name = directory.file_name().expect("a name").to_str().expect("text");
    directory.join(format!("{name}_{number}.mcap"))
}

/// The finished files of a recording, in their order.
pub fn split_files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<(u32, PathBuf)> = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "mcap"))
        .map(|path| {
            let stem = path.file_stem().expect("a name").to_str().expect("text").to_owned();
            let number = stem.rsplit('_').next().and_then(|n| n.parse().ok()).expect("a number");
            (number, path)
        })
        .collect();
    files.sort();
    files.into_iter().map(|(_, path)| path).collect()
}

/// A message of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub topic: String,
    pub sequence: u32,
    pub log_time: u64,
    pub type_name: String,
    pub encoding: String,
    pub data: Vec<u8>,
}

/// All messages of a finished file, in the order of the file; its statistics and its index agree with them.
pub fn read_whole(file: &Path) -> Vec<Read> {
    let bytes = std::fs::read(file).expect("the file");
    let messages: Vec<Read> = mcap::MessageStream::new(&bytes)
        .expect("an MCAP file")
        .map(|message| message.expect("a message"))
        .map(|message| {
            let schema = message.channel.schema.as_ref().expect("a schema");
            Read {
                topic: message.channel.topic.clone(),
                sequence: message.sequence,
                log_time: message.log_time,
                type_name: schema.name.clone(),
                encoding: schema.encoding.clone(),
                data: message.data.to_vec(),
            }
        })
        .collect();
    let summary = mcap::Summary::read(&bytes).expect("a summary").expect("a summary");
    let count = summary.stats.as_ref().expect("statistics").message_count;
    assert_eq!(count, messages.len() as u64, "the statistics of {}", file.display());
    let mut through_index = 0;
    for chunk in &summary.chunk_indexes {
        through_index += summary.stream_chunk(&bytes, chunk).expect("a chunk").count() as u64;
        assert!(!summary.read_message_indexes(&bytes, chunk).expect("indexes").is_empty());
    }
    assert_eq!(through_index, count, "the index of {}", file.display());
    messages
}

/// The records of an unfinished file, as far as it goes: every message of a whole chunk.
pub fn read_torn(file: &Path) -> Vec<Read> {
    use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
    let bytes = std::fs::read(file).expect("the file");
    let mut left: &[u8] = &bytes;
    let mut reader = LinearReader::new_with_options(LinearReaderOptions::default().with_skip_end_magic(true));
    let mut channels = std::collections::HashMap::new();
    let mut messages = Vec::new();
    while let Some(event) = reader.next_event() {
        // The torn end of the file.
        let Ok(event) = event else { break };
        match event {
            LinearReadEvent::ReadRequest(wanted) => {
                let size = wanted.min(left.len());
                reader.insert(wanted)[..size].copy_from_slice(&left[..size]);
                left = &left[size..];
                reader.notify_read(size);
            }
            LinearReadEvent::Record { data, opcode } => match mcap::parse_record(opcode, data).expect("a record") {
                mcap::records::Record::Channel(channel) => {
                    let _ = channels.insert(channel.id, channel.topic.clone());
                }
                mcap::records::Record::Message { header, data } => messages.push(Read {
                    topic: channels[&header.channel_id].clone(),
                    sequence: header.sequence,
                    log_time: header.log_time,
                    type_name: String::new(),
                    encoding: String::new(),
                    data: data.to_vec(),
                }),
                _ => {}
            },
        }
    }
    messages
}
