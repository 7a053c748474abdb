//! A bag of many kinds of values, and what other people's readers see in bags and tables.

#[path = "../record/common.rs"]
pub mod record;

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use record::{Rig, arrival, channel, float, float_channel, request};
use roswave_engine::cdr::Encoder;
use roswave_engine::clock::Timestamp;
use roswave_engine::qos::Qos;
use serde_json::Value;

pub const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// When the first message was received.
pub const T0: i64 = 1_795_446_909_000_000_000;
/// Messages of each topic.
pub const COUNT: u32 = 500;

/// A type of the robot alone: every kind of number, texts, arrays that are fixed and arrays that are not.
pub const PROBE: &str = "\
std_msgs/Header header
bool flag
int8 i8
uint8 u8
int16 i16
uint16 u16
int32 i32
uint32 u32
int64 i64
uint64 u64
float32 single
string text
float32[] ranges
int16[3] triple
uint8[] blob
geometry_msgs/Point[] points
string[] names
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
================================================================================
MSG: geometry_msgs/Point
float64 x
float64 y
float64 z
";

pub const TEXTS: [&str; 4] = ["plain", "a,\"b\"\r\nc", "", "grün ☃"];

pub fn probe(n: u32) -> Vec<u8> {
    let mut out = Encoder::new();
    out.header(Timestamp(T0 - 5 + i64::from(n) * 1_000_001), "base");
    out.bool(n.is_multiple_of(3));
    out.i8(n as i8);
    out.u8(n as u8);
    out.i16(-(n as i16));
    out.u16(65_535 - n as u16);
    out.i32(i32::MIN + n as i32);
    out.u32(u32::MAX - n);
    out.i64(i64::MIN + i64::from(n));
    out.u64(u64::MAX - u64::from(n));
    out.f32(n as f32 * 0.1);
    out.string(TEXTS[n as usize % TEXTS.len()]);
    let length = n as usize % 6;
    out.sequence(length);
    (0..length).for_each(|i| out.f32(1.0 / (i as f32 + n as f32 + 1.0)));
    (0..3).for_each(|i| out.i16(i * 100 - n as i16));
    out.sequence(length);
    (0..length).for_each(|i| out.u8(i as u8 * 40));
    out.sequence(n as usize % 3);
    for i in 0..n % 3 {
        [1.0, 2.0, 3.0]
            .iter()
            .for_each(|part| out.f64(f64::from(i) + part / 7.0));
    }
    out.sequence(n as usize % 2);
    if n % 2 == 1 {
        out.string("one, two");
    }
    out.payload().to_vec()
}

/// Records a bag with two topics of other policies and lengths, and one without a message.
pub fn record_bag(directory: &Path) {
    let mut rig = Rig::start(request(directory));
    rig.recorder.channel(float_channel(0, "/f64")).expect("room");
    let mut info = channel(1, "/probe", "probe_msgs/msg/Probe", Some(PROBE));
    info.offered_qos = vec![Qos::LATCHED, Qos::SENSOR];
    info.type_hash = None;
    rig.recorder.channel(info).expect("room");
    rig.recorder.channel(float_channel(2, "/silent")).expect("room");
    for n in 0..COUNT {
        let time = T0 + i64::from(n) * 10_000_000;
        rig.push(0, &arrival(&float(f64::from(n) / 3.0), time, u64::from(n)));
        rig.push(1, &arrival(&probe(n), time + 7, u64::from(n)));
    }
    assert_eq!(record::messages_of_others(&rig.finish()), u64::from(COUNT) * 2);
}

/// What `rosbags` and Python's `csv` see.
pub fn seen_by_python(bag: &Path, csv: Option<&Path>) -> Value {
    let mut command = Command::new(roswave_tests_support::python());
    let _ = command.arg(roswave_tests_support::top().join("tests/python/bag_rows.py"));
    let _ = command.arg(bag).args(csv);
    let output = roswave_tests_support::finish(command, Duration::from_secs(60));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Runs the program.
pub fn roswave(verb: &str, paths: &[&Path], options: &[&str]) -> Output {
    let mut command = Command::new(ROSWAVE);
    let _ = command.arg(verb).args(paths).args(options);
    roswave_tests_support::finish(command, Duration::from_secs(60))
}

/// Runs the program, which must succeed; gives what it tells with `--json`.
#[track_caller]
pub fn succeeds(verb: &str, paths: &[&Path], options: &[&str]) -> Value {
    let output = roswave(verb, paths, &[options, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Runs the program, which must end with `code` and one line that holds every one of `words`.
#[track_caller]
pub fn fails(verb: &str, paths: &[&Path], options: &[&str], code: i32, words: &[&str]) {
    let output = roswave(verb, paths, options);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}
