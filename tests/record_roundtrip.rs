//! What is recorded comes back: every message, in order, with its times, through the `mcap` crate.

#[path = "record/common.rs"]
mod common;

use common::{LIMIT, Rig, arrival, channel, finished_file, float, float_channel, request, wait_for};
use proptest::prelude::*;
use roswave_engine::ingest::TopicIndex;
use roswave_engine::loss::{Count, Loss};
use roswave_engine::record::{Compression, FinishedState, RecordingState, default_name};

const T0: i64 = 1_795_446_909_000_000_000;

#[test]
fn messages_come_back_with_their_times() {
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("deep/er/run");
        let mut rig = Rig::start(roswave_engine::record::RecordRequest {
            compression,
            ..request(&directory)
        });
        rig.recorder.channel(float_channel(7, "/f64")).expect("room");
        rig.recorder
            .channel(channel(9, "/odd", "my_msgs/msg/Odd", None))
            .expect("room");
        rig.recorder.channel(float_channel(11, "/silent")).expect("room");
        for i in 0..5000_u32 {
            rig.push(
                7,
                &arrival(&float(f64::from(i)), T0 + i64::from(i) * 1000, u64::from(i) + 1),
            );
            if i % 10 == 0 {
                rig.push(9, &arrival(&[0, 1, 0, 0, 1, 2, 3], T0 + i64::from(i) * 1000, 0));
            }
        }
        let told = Loss {
            transport: Count::Known(3),
            record: Count::Known(0),
            ..Loss::UNKNOWN
        };
        rig.recorder.note_loss(TopicIndex(7), told).expect("room");
        let finished = rig.finish();
        assert_eq!(finished.state, FinishedState::Complete);
        assert_eq!(finished.messages, 5500);
        assert_eq!(finished.topics.len(), 3);
        assert_eq!(
            finished.topics[0].loss,
            Loss {
                disk: Count::Known(0),
                ..told
            }
        );
        assert_eq!(finished.loss.reader, Count::Unknown);

        let bytes = std::fs::read(finished_file(&directory)).expect("the file");
        assert_eq!(bytes.len() as u64, finished.bytes);
        let mut next = 0_u32;
        let mut odd = 0;
        for message in mcap::MessageStream::new(&bytes).expect("an MCAP file") {
            let message = message.expect("a message");
            let schema = message.channel.schema.as_ref().expect("a schema");
            if message.channel.topic == "/f64" {
                assert_eq!(message.data[..], float(f64::from(next))[..]);
                assert_eq!(message.log_time, T0 as u64 + u64::from(next) * 1000);
                assert_eq!(message.publish_time, message.log_time - 1000);
                assert_eq!(message.sequence, next + 1);
                assert_eq!(
                    (schema.name.as_str(), schema.encoding.as_str()),
                    ("std_msgs/msg/Float64", "ros2msg")
                );
                assert!(
                    message.channel.metadata["offered_qos_profiles"].starts_with("- history: keep_last\n  depth: 10\n")
                );
                assert!(message.channel.metadata["topic_type_hash"].starts_with("RIHS01_705b"));
                next += 1;
            } else {
                assert_eq!(
                    (schema.name.as_str(), schema.encoding.as_str()),
                    ("my_msgs/msg/Odd", "")
                );
                assert_eq!(message.data[..], [0, 1, 0, 0, 1, 2, 3]);
                odd += 1;
            }
        }
        assert_eq!((next, odd), (5000, 500));
        let summary = mcap::Summary::read(&bytes).expect("a summary").expect("a summary");
        assert_eq!(summary.stats.expect("statistics").message_count, 5500);

        let info = roswave_engine::bag::info(&directory).expect("a recording");
        assert!(info.complete);
        assert_eq!((info.messages, info.topics.len()), (5500, 3));
        assert_eq!(info.start_ns, Some(T0 as u64));
        assert_eq!(
            info.loss.expect("a ledger").transport,
            Count::Unknown,
            "the other topics were not told about"
        );
        assert_eq!(info.topics[0].loss.expect("a ledger").transport, Count::Known(3));
        let files: Vec<_> = std::fs::read_dir(&directory)
            .expect("a directory")
            .map(|e| e.expect("a file").file_name())
            .collect();
        assert_eq!(files.len(), 2, "{files:?}");
    }
}

#[test]
fn metadata_yaml_is_in_the_form_of_rosbag2() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.push(0, &arrival(&float(1.0), T0, 1));
    rig.push(0, &arrival(&float(2.0), T0 + 250, 2));
    assert_eq!(rig.finish().state, FinishedState::Complete);
    let yaml = std::fs::read_to_string(directory.join("metadata.yaml")).expect("the metadata");
    let (head, distro) = yaml.rsplit_once("ros_distro: ").expect("the last line");
    assert!(distro.ends_with('\n'));
    assert_eq!(head, include_str!("record/metadata.yaml"));
}

#[test]
fn the_first_message_is_on_disk_at_once_and_the_status_tells() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let mut rig = Rig::start(request(&directory));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.push(0, &arrival(&float(1.0), T0, 1));
    let status = wait_for(&rig.recorder, "the first message on disk", |status| {
        status.first_write_ns.is_some()
    });
    assert_eq!(status.state, RecordingState::Recording);
    assert_eq!(status.messages, 1);
    let active = directory.join("run_0.mcap.active");
    let info = roswave_engine::bag::info(&active).expect("readable while it grows");
    assert_eq!((info.messages, info.complete), (1, false));
    rig.push(0, &arrival(&float(2.0), T0 + 1, 2));
    let safe = wait_for(&rig.recorder, "a sync", |status| {
        status.messages == 2 && status.unsafe_s == 0.0
    });
    assert!(safe.last_sync_ns.is_some());
    assert_eq!(rig.finish().messages, 2);
}

#[test]
fn a_definition_may_come_later_and_the_time_may_run_out() {
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    let max_duration = Some(std::time::Duration::from_millis(300));
    let mut rig = Rig::start(roswave_engine::record::RecordRequest {
        max_duration,
        ..request(&directory)
    });
    // The message is there before its topic is named.
    rig.push(0, &arrival(&float(0.0), T0, 1));
    rig.recorder
        .channel(channel(0, "/f64", "std_msgs/msg/Float64", None))
        .expect("room");
    let _ = wait_for(&rig.recorder, "the message", |status| status.messages == 1);
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    rig.push(0, &arrival(&float(1.0), T0 + 1, 2));
    let finished = rig.recorder.join(LIMIT).expect("it ends by itself");
    assert_eq!((finished.state, finished.messages), (FinishedState::Complete, 2));
    let bytes = std::fs::read(finished_file(&directory)).expect("the file");
    let encodings: Vec<_> = mcap::MessageStream::new(&bytes)
        .expect("an MCAP file")
        .map(|message| {
            message
                .expect("a message")
                .channel
                .schema
                .as_ref()
                .expect("a schema")
                .encoding
                .clone()
        })
        .collect();
    assert_eq!(encodings, ["", "ros2msg"]);
    let yaml = std::fs::read_to_string(directory.join("metadata.yaml")).expect("the metadata");
    assert_eq!(yaml.matches("name: /f64").count(), 1);
}

#[test]
fn the_default_name_is_that_of_ros2_bag() {
    let name = default_name();
    let pattern = "rosbag2_0000_00_00-00_00_00";
    let shape: String = name
        .chars()
        .enumerate()
        .map(|(i, c)| if i > 7 && c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, pattern, "{name}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_comes_back_whole(
        messages in prop::collection::vec((0_u32..5, prop::collection::vec(any::<u8>(), 0..3000), any::<u32>()), 0..400),
        compression in prop::sample::select(vec![Compression::None, Compression::Lz4, Compression::Zstd]),
    ) {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("run");
        let mut rig = Rig::start(roswave_engine::record::RecordRequest { compression, ..request(&directory) });
        for index in 0..5 {
            let text = (index % 2 == 0).then_some("float64 data\n");
            rig.recorder.channel(channel(index, &format!("/t{index}"), "a/msg/B", text)).expect("room");
        }
        for (index, payload, time) in &messages {
            rig.push(*index, &arrival(payload, T0 + i64::from(*time), u64::from(*time)));
        }
        prop_assert_eq!(rig.finish().messages, messages.len() as u64);
        let bytes = std::fs::read(finished_file(&directory)).expect("the file");
        // A stream reads in the order of the file.
        let read: Vec<_> = mcap::MessageStream::new(&bytes)
            .expect("an MCAP file")
            .map(|message| message.expect("a message"))
            .map(|message| (message.channel.topic.clone(), message.data.to_vec(), message.log_time))
            .collect();
        let wanted: Vec<_> = messages
            .into_iter()
            .map(|(index, payload, time)| (format!("/t{index}"), payload, T0 as u64 + u64::from(time)))
            .collect();
        prop_assert_eq!(read, wanted);
    }
}
