//! Plans, values and the encoder.

use std::sync::Arc;

use super::*;
use crate::clock::Timestamp;
use crate::ingest::{begins_with_header, header_stamp};
use crate::name::TypeName;
use crate::schema::{Origin, Primitive, Registry, Schema};

fn bundled(name: &str) -> Arc<Schema> {
    let name = TypeName::new(name).expect("a type name");
    Registry::default().find(&name, None).expect("bundled").schema
}

fn schema(text: &str) -> Schema {
    let name = TypeName::new("pkg/msg/Root").expect("a type name");
    Schema::parse(&name, text, Origin::User).expect("a sound definition")
}

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).expect("a path")
}

fn plan(schema: &Schema, paths: &[&str]) -> Result<FieldPlan, PlanError> {
    let paths: Vec<FieldPath> = paths.iter().map(|p| path(p)).collect();
    FieldPlan::compile(schema, &paths)
}

fn extract(schema: &Schema, paths: &[&str], payload: &[u8]) -> Vec<f64> {
    let plan = plan(schema, paths).expect("the fields are there");
    let mut row = vec![0.0; plan.width()];
    plan.extract(payload, &mut row).expect("a sound message");
    row
}

#[test]
fn paths_are_read_and_written_alike() {
    for text in [
        "a",
        "angular_velocity.x",
        "position[3]",
        "poses[0].position.z",
        "_a1.B[4294967295]",
    ] {
        assert_eq!(path(text).as_str(), text);
    }
    assert_eq!(path(" a[007].b ").as_str(), "a[7].b");
    let segments: Vec<_> = path("a[7].b")
        .segments()
        .map(|s| (s.name.to_owned(), s.index))
        .collect();
    assert_eq!(segments, [("a".to_owned(), Some(7)), ("b".to_owned(), None)]);
    assert_eq!(FieldPath::child(Some(&path("a").element(2)), "x"), path("a[2].x"));
    for bad in [
        "",
        " ",
        ".",
        "a.",
        ".a",
        "a..b",
        "a[",
        "a[]",
        "a[-1]",
        "a[1",
        "a[1]b",
        "a[1][2]",
        "a[4294967296]",
        "[1]",
        "1a",
        "a b",
        "/imu:a",
        "ä",
    ] {
        let error = FieldPath::parse(bad).expect_err(bad).to_string();
        assert!(error.contains("is not a field path"), "{error}");
    }
    assert!(FieldPath::parse(&"a.".repeat(10_000)).is_err());
    assert!(FieldPath::parse(&format!("{}a", "a.".repeat(100))).is_err());
    let json = serde_json::to_string(&path("a[1].b")).expect("a string");
    assert_eq!(
        serde_json::from_str::<FieldPath>(&json).expect("a path"),
        path("a[1].b")
    );
}

#[test]
fn wrong_paths_are_explained() {
    let imu = bundled("sensor_msgs/msg/Imu");
    let joints = bundled("sensor_msgs/msg/JointState");
    let cases = [
        (
            &imu,
            "angular.x",
            "no field `angular.x` in sensor_msgs/msg/Imu; it has header, orientation, orientation_covariance, \
             angular_velocity, angular_velocity_covariance, linear_acceleration, linear_acceleration_covariance",
        ),
        (
            &imu,
            "angular_velocity.w",
            "no field `angular_velocity.w` in geometry_msgs/msg/Vector3; it has x, y, z",
        ),
        (
            &imu,
            "angular_velocity",
            "`angular_velocity` of sensor_msgs/msg/Imu is a geometry_msgs/msg/Vector3, which is no number; choose one of \
             its fields: x, y, z",
        ),
        (
            &imu,
            "orientation_covariance[9]",
            "`orientation_covariance[9]` of sensor_msgs/msg/Imu is past the end: `orientation_covariance` has at most 9 \
             elements, the last is [8]",
        ),
        (
            &imu,
            "orientation.x.y",
            "no field `orientation.x.y` in sensor_msgs/msg/Imu; it has `x`, a float64 without fields",
        ),
        (
            &imu,
            "orientation[0].x",
            "`orientation[0].x` of sensor_msgs/msg/Imu has an index on `orientation`, which is a single \
             geometry_msgs/msg/Quaternion",
        ),
        (
            &joints,
            "position",
            "`position` of sensor_msgs/msg/JointState is a float64[], which is no number; choose an element, such as \
             `position[0]`",
        ),
        (
            &joints,
            "name[0]",
            "`name[0]` of sensor_msgs/msg/JointState is a string[], which is no number; text cannot be drawn",
        ),
    ];
    for (schema, path, expected) in cases {
        assert_eq!(plan(schema, &[path]).expect_err(path).to_string(), expected);
    }
}

#[test]
fn a_message_of_a_real_node_is_read() {
    // Recorded by rosbag2 from a Jazzy node: bounded and unbounded sequences, arrays of messages, a wide string.
    let text = "std_msgs/Header header\nuint64 seq\nbool ok\nfloat32[] temperatures\nMotor[] motors\nMotor[2] wheels\n\
                geometry_msgs/Pose[<=4] waypoints\nstring<=16 label\nint64 i64\nuint8[] blob\nwstring wide\n\
                ========\nMSG: pkg/Motor\nstring name\nuint8 mode\nbool enabled\nfloat32 current\nfloat64 velocity\n\
                int16[3] raw\n\
                ========\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n\
                ========\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n\
                ========\nMSG: geometry_msgs/Pose\nPoint position\nQuaternion orientation\n\
                ========\nMSG: geometry_msgs/Point\nfloat64 x\nfloat64 y\nfloat64 z\n\
                ========\nMSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n";
    let hex = "00010000000000000000000005000000626173650000000000000000070000000000000001000000020000000000c03f0000\
               204001000000030000006d310001000000000000003f0000000000000000000000000000000000000000010000000000000000\
               000000000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000\
               000000000000000004000000616263000000000000000000000000000300000001020300060000007a000000610000007c0100\
               00f30000004201000007010000";
    let payload: Vec<u8> = (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hexadecimal"))
        .collect();
    let schema = schema(text);
    let value = Value::decode(&schema, &payload).expect("a sound message");
    assert_eq!(value.get(&path("wide")), Some(&Value::String("zażółć".to_owned())));
    assert_eq!(value.get(&path("label")), Some(&Value::String("abc".to_owned())));
    assert_eq!(
        value.get(&path("motors[0].name")),
        Some(&Value::String("m1".to_owned()))
    );
    assert_eq!(value.get(&path("blob")), Some(&Value::Bytes(vec![1, 2, 3])));
    assert_eq!(encode(&schema, &value, Endian::Little).expect("it fits"), payload);
    let row = extract(
        &schema,
        &[
            "seq",
            "ok",
            "temperatures[1]",
            "motors[0].current",
            "motors[1].current",
            "wheels[1].raw[2]",
            "blob[2]",
            "i64",
        ],
        &payload,
    );
    assert!(is_missing(row[4]));
    assert_eq!(
        [row[0], row[1], row[2], row[3], row[5], row[6], row[7]],
        [7.0, 1.0, 2.5, 0.5, 0.0, 3.0, 0.0]
    );
}

#[test]
fn a_plan_knows_its_columns() {
    let schema = schema("bool b\nchar c\nint16 i\nint32 n\nuint64 u\nfloat32 f\nfloat64[2] d\n");
    let plan = plan(&schema, &["f", "d[1]", "b", "n", "u", "c", "f"]).expect("sound");
    let kinds: Vec<_> = (0..plan.width()).map(|i| (plan.primitive(i), plan.is_f32(i))).collect();
    assert_eq!(
        kinds,
        [
            (Primitive::F32, true),
            (Primitive::F64, false),
            (Primitive::Bool, true),
            (Primitive::I32, false),
            (Primitive::U64, false),
            (Primitive::Char, true),
            (Primitive::F32, true),
        ]
    );
    let mut encoder = Encoder::with_endian(Endian::Big);
    encoder.bool(true);
    encoder.u8(65);
    encoder.i16(-2);
    encoder.i32(-3);
    encoder.u64(u64::MAX);
    encoder.f32(0.5);
    encoder.f64(1.0);
    encoder.f64(f64::NAN);
    let mut row = [0.0; 7];
    plan.extract(encoder.payload(), &mut row).expect("sound");
    assert!(row[1].is_nan() && !is_missing(row[1]));
    assert_eq!(
        [row[0], row[2], row[3], row[4], row[5], row[6]],
        [0.5, 1.0, -3.0, 18_446_744_073_709_551_615.0, 65.0, 0.5]
    );
}

#[test]
fn other_representations_are_refused_with_their_name() {
    let schema = bundled("std_msgs/msg/Float64");
    let plan = plan(&schema, &["data"]).expect("sound");
    let mut row = [0.0];
    for (id, form) in [
        (3, "a parameter list"),
        (7, "plain CDR of version 2"),
        (9, "delimited"),
        (99, "something unknown"),
    ] {
        let payload = [0, id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let error = plan.extract(&payload, &mut row).expect_err(form).to_string();
        assert!(error.contains(form), "{error}");
        assert!(Value::decode(&schema, &payload).is_err());
    }
    assert_eq!(plan.extract(&[0, 1], &mut row), Err(DecodeError::NoHeader(2)));
}

#[test]
fn what_is_left_over_or_too_long_is_an_error() {
    let float = bundled("std_msgs/msg/Float64");
    let mut payload = vec![0, 1, 0, 0];
    payload.extend_from_slice(&[0; 8]);
    assert!(Value::decode(&float, &payload).is_ok());
    payload.extend_from_slice(&[0; 4]);
    assert!(Value::decode(&float, &payload).is_ok());
    payload.extend_from_slice(&[0; 4]);
    assert_eq!(Value::decode(&float, &payload), Err(DecodeError::LeftOver { left: 8 }));

    let bounded = schema("uint8[<=2] list\nstring<=3 text\n");
    let mut encoder = Encoder::new();
    encoder.sequence(3);
    encoder.bytes(&[1, 2, 3]);
    encoder.string("abc");
    assert!(matches!(
        Value::decode(&bounded, encoder.payload()),
        Err(DecodeError::Bound { count: 3, bound: 2, .. })
    ));
    encoder.clear();
    encoder.sequence(2);
    encoder.bytes(&[1, 2]);
    encoder.string("abcd");
    assert!(matches!(
        Value::decode(&bounded, encoder.payload()),
        Err(DecodeError::Bound { count: 4, bound: 3, .. })
    ));

    // A message without fields is one byte that some writers leave out.
    let empty = bundled("std_msgs/msg/Empty");
    for payload in [&[0, 1, 0, 0][..], &[0, 1, 0, 0, 0], &[0, 1, 0, 0, 0, 0, 0, 0]] {
        assert_eq!(Value::decode(&empty, payload), Ok(Value::Message(Vec::new())));
    }
}

#[test]
fn json_keeps_what_json_lacks() {
    let value = Value::Message(vec![
        (
            "list".into(),
            Value::List(vec![
                Value::F64(f64::NAN),
                Value::F32(f32::INFINITY),
                Value::F64(f64::NEG_INFINITY),
            ]),
        ),
        ("bytes".into(), Value::Bytes(vec![0, 255])),
        ("big".into(), Value::U64(u64::MAX)),
        ("text".into(), Value::String("\"ä\"".to_owned())),
    ]);
    assert_eq!(
        value.to_json().to_string(),
        r#"{"list":["NaN","Infinity","-Infinity"],"bytes":[0,255],"big":18446744073709551615,"text":"\"ä\""}"#
    );
}

#[test]
fn times_are_seconds() {
    let schema = bundled("sensor_msgs/msg/Temperature");
    let mut encoder = Encoder::new();
    encoder.header(Timestamp(-1_250_000_000), "motor");
    encoder.f64(36.5);
    encoder.f64(0.0);
    let row = extract(
        &schema,
        &[
            "header.stamp",
            "header.stamp.sec",
            "header.stamp.nanosec",
            "temperature",
        ],
        encoder.payload(),
    );
    assert_eq!(row, [-1.25, -2.0, 750_000_000.0, 36.5]);
    let value = Value::decode(&schema, encoder.payload()).expect("sound");
    assert_eq!(value.number(&path("header.stamp")), Some(-1.25));
    assert!(begins_with_header(&schema));
    assert!(!begins_with_header(&bundled("std_msgs/msg/Float64")));
    assert_eq!(header_stamp(encoder.payload()), Some(Timestamp(-1_250_000_000)));
    assert_eq!(header_stamp(&encoder.payload()[..11]), None);
    encoder.clear();
    encoder.time(Timestamp(i64::MAX));
    assert_eq!(encoder.payload()[4..8], i32::MAX.to_le_bytes());
}

#[test]
fn arrays_of_numbers_take_no_more_than_their_bytes() {
    let schema = schema("int8[] cells\nfloat64[] x\nbool[2] flags\n");
    for endian in [Endian::Little, Endian::Big] {
        let value = Value::Message(vec![
            ("cells".into(), Value::List(vec![Value::I8(-1), Value::I8(100)])),
            ("x".into(), Value::List(vec![Value::F64(0.5), Value::F64(-2.0)])),
            ("flags".into(), Value::List(vec![Value::Bool(true), Value::Bool(false)])),
        ]);
        let bytes = encode(&schema, &value, endian).expect("it fits");
        let decoded = Value::decode(&schema, &bytes).expect("sound");
        assert_eq!(decoded.to_json(), value.to_json());
        assert_eq!(decoded.element(&path("cells[1]")), Some(Value::I8(100)));
        assert_eq!(decoded.number(&path("x[1]")), Some(-2.0));
        assert_eq!(decoded.element(&path("flags[2]")), None);
        assert_eq!(encode(&schema, &decoded, endian).expect("it fits"), bytes);
    }
}

#[test]
fn values_that_do_not_fit_are_named() {
    let schema = schema("uint8 small\nPoint[<=2] points\n========\nMSG: pkg/Point\nfloat64 x\nstring<=2 s\n");
    let point = |x: Value, s: &str| Value::Message(vec![("x".into(), x), ("s".into(), Value::String(s.to_owned()))]);
    let root = |small: Value, points: Vec<Value>| {
        Value::Message(vec![("small".into(), small), ("points".into(), Value::List(points))])
    };
    let good = root(
        Value::I64(200),
        vec![point(Value::F32(0.5), "ab"), point(Value::I8(3), "")],
    );
    let bytes = encode(&schema, &good, Endian::Big).expect("it fits");
    assert_eq!(
        extract(&schema, &["points[1].x", "points[0].x", "small"], &bytes),
        [3.0, 0.5, 200.0]
    );
    let cases = [
        (
            root(Value::I64(256), vec![]),
            "`small` must be uint8, and the value is an integer (perhaps out of range)",
        ),
        (
            root(
                Value::U8(1),
                vec![point(Value::F64(0.0), ""), point(Value::Bool(true), "")],
            ),
            "`points[1].x` must be float64, and the value is a bool",
        ),
        (
            root(Value::U8(1), vec![point(Value::F64(0.0), "abc")]),
            "`points[0].s` must have at most 2 elements, and the value has 3",
        ),
        (
            root(
                Value::U8(1),
                vec![Value::Message(vec![]), Value::Message(vec![]), Value::Message(vec![])],
            ),
            "`points` must have at most 2 elements, and the value has 3",
        ),
        (
            root(Value::U8(1), vec![Value::Message(vec![])]),
            "`points[0].x` has no value",
        ),
        (
            Value::Message(vec![("what".into(), Value::U8(0))]),
            "`what` is no field of pkg/msg/Root",
        ),
        (
            Value::U8(0),
            "`` must be pkg/msg/Root, and the value is an integer (perhaps out of range)",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(
            encode(&schema, &value, Endian::Little).expect_err(expected).to_string(),
            expected
        );
    }
}
