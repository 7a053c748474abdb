//! Other people's readers see every value that was recorded: PyPI `mcap` with `mcap-ros2-support`, and `rosbags`.

#[path = "record/common.rs"]
mod common;

use std::path::Path;
use std::process::Command;

use common::{Rig, arrival, channel, float, float_channel, messages_of_others, request};
use roswave_engine::bag::Storage;
use roswave_engine::record::{Compression, RecordRequest};
use serde_json::Value;

const T0: i64 = 1_795_446_909_000_000_000;

/// The definition of `sensor_msgs/msg/Imu` with its dependencies.
const IMU: &str = "\
std_msgs/Header header
geometry_msgs/Quaternion orientation
float64[9] orientation_covariance
geometry_msgs/Vector3 angular_velocity
float64[9] angular_velocity_covariance
geometry_msgs/Vector3 linear_acceleration
float64[9] linear_acceleration_covariance
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
================================================================================
MSG: geometry_msgs/Quaternion
float64 x 0
float64 y 0
float64 z 0
float64 w 1
================================================================================
MSG: geometry_msgs/Vector3
float64 x
float64 y
float64 z
";

fn imu(x: f64) -> Vec<u8> {
    let mut cdr = vec![0, 1, 0, 0];
    cdr.extend_from_slice(&7_i32.to_le_bytes());
    cdr.extend_from_slice(&9_u32.to_le_bytes());
    cdr.extend_from_slice(&4_u32.to_le_bytes());
    // The frame, its zero, and nothing to fill up: 16 bytes so far.
    cdr.extend_from_slice(b"imu\0");
    let mut numbers = vec![0.5; 4 + 9 + 3 + 9 + 3 + 9];
    numbers[13] = x;
    for number in numbers {
        cdr.extend_from_slice(&f64::to_le_bytes(number));
    }
    cdr
}

/// Records two topics, and gives what the foreign readers saw, and how many messages were recorded.
fn record_and_read(directory: &Path, storage: Storage, compression: Compression) -> (Value, u64) {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = top.join(".venv/bin/python");
    assert!(
        python.exists(),
        "{} is missing: `make test` sets it up",
        python.display()
    );
    let mut rig = Rig::start(RecordRequest {
        storage,
        compression,
        ..request(directory)
    });
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let imu_hash = "RIHS01_7d9a00ff131080897a5ec7e26e315954b8eae3353c3f995c55faf71574000b5b";
    let mut info = channel(1, "/imu", "sensor_msgs/msg/Imu", Some(IMU));
    info.type_hash = Some(roswave_engine::graph::TypeHash(imu_hash.into()));
    rig.recorder.channel(info).expect("room");
    for i in 0..2000_u32 {
        let time = T0 + i64::from(i) * 1_000_000;
        rig.push(0, &arrival(&float(f64::from(i) * 0.25), time, u64::from(i)));
        rig.push(1, &arrival(&imu(f64::from(i) * -0.5), time + 10, u64::from(i)));
    }
    let finished = rig.finish();
    assert_eq!(messages_of_others(&finished), 4000);
    let output = Command::new(&python)
        .arg(top.join("tests/python/read_back.py"))
        .arg(directory)
        .output()
        .expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen = serde_json::from_slice(&output.stdout).expect("JSON");
    (seen, common::all_messages(&finished))
}

/// Topic, type, value by number, and nanoseconds behind the first.
const TOPICS: [(&str, &str, f64, i64); 2] = [
    ("/f64", "std_msgs/msg/Float64", 0.25, 0),
    ("/imu", "sensor_msgs/msg/Imu", -0.5, 10),
];

#[test]
fn foreign_readers_see_every_value() {
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let root = tempfile::tempdir().expect("a directory");
        let (seen, messages) = record_and_read(&root.path().join("run"), Storage::Mcap, compression);
        assert_eq!(seen["mcap"]["profile"], "ros2");
        assert!(seen["mcap"]["library"].as_str().expect("text").starts_with("roswave "));
        assert_eq!(
            seen["mcap"]["ledger"]["/f64"],
            format!(
                "messages=2000 received=2000 written=2000 safe=2000 repeated=0 transport=unknown reader=unknown \
                 plot=unknown record=unknown disk=0 first_ns={T0} last_ns={}",
                T0 + 1_999_000_000
            )
        );
        seen_by_rosbags(&seen, messages);
        for (topic, kind, factor, offset) in TOPICS {
            assert_eq!(seen["mcap"]["topics"][topic]["type"], kind);
            let rows = seen["mcap"]["topics"][topic]["rows"].as_array().expect("rows");
            assert_eq!(rows.len(), 2000);
            for i in 0..2000_u32 {
                let time = T0 + i64::from(i) * 1_000_000 + offset;
                let value = f64::from(i) * factor;
                assert_eq!(rows[i as usize], serde_json::json!([time, time - 1000, i, value]));
            }
        }
    }
}

#[test]
fn foreign_readers_see_every_value_in_sqlite() {
    for compression in [Compression::None, Compression::Zstd] {
        let root = tempfile::tempdir().expect("a directory");
        let (seen, messages) = record_and_read(&root.path().join("run"), Storage::Sqlite3, compression);
        seen_by_rosbags(&seen, messages);
    }
}

fn seen_by_rosbags(seen: &Value, messages: u64) {
    let seen = &seen["rosbags"];
    assert_eq!(seen["messages"], messages);
    for (topic, kind, factor, offset) in TOPICS {
        assert_eq!(seen["topics"][topic]["type"], kind);
        assert_eq!(seen["counts"][topic], 2000);
        let rows = seen["topics"][topic]["rows"].as_array().expect("rows");
        assert_eq!(rows.len(), 2000);
        for i in 0..2000_u32 {
            let time = T0 + i64::from(i) * 1_000_000 + offset;
            assert_eq!(rows[i as usize], serde_json::json!([time, f64::from(i) * factor]));
        }
    }
}
