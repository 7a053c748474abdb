//! `roswave export`: tables hold what another reader sees in the bag, value by value.
//!
//! CSV is read by Python's `csv`; Parquet by the `parquet` crate, which has written it too.

#[path = "export/common.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{COUNT, T0, fails, record_bag, roswave, seen_by_python, succeeds};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};

/// The column of a topic's field, its kind in the bag is told by its value: `None` when the message does not have it.
type Row = BTreeMap<String, Option<Value>>;

fn bits(value: f64) -> Value {
    json!(format!("f64:{:016x}", value.to_bits()))
}

/// What a message should be in a table: its values by column.
fn expected(row: &Value) -> Row {
    let fields = row[2].as_object().expect("fields");
    let mut row_of: Row = fields
        .iter()
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    let _ = row_of.insert("receive_ns".to_owned(), Some(row[1].clone()));
    let source = row[1].as_i64().expect("a time") - 1000;
    let _ = row_of.insert("source_ns".to_owned(), Some(json!(source)));
    row_of
}

/// What Parquet gives, with numbers as the bag's reader gives them.
fn parquet_rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(fs::File::open(path).expect("the file")).expect("a Parquet file");
    let value = |field: Field| match field {
        Field::Null => None,
        Field::Bool(v) => Some(json!(v)),
        Field::Byte(v) => Some(json!(v)),
        Field::UByte(v) => Some(json!(v)),
        Field::Short(v) => Some(json!(v)),
        Field::UShort(v) => Some(json!(v)),
        Field::Int(v) => Some(json!(v)),
        Field::UInt(v) => Some(json!(v)),
        Field::Long(v) => Some(json!(v)),
        Field::ULong(v) => Some(json!(v)),
        Field::Float(v) => Some(bits(f64::from(v))),
        Field::Double(v) => Some(bits(v)),
        Field::Str(v) => Some(json!(v)),
        other => panic!("{other:?}"),
    };
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("a row").into_columns())
        .map(|columns| columns.into_iter().map(|(name, field)| (name, value(field))).collect())
        .collect()
}

/// Compares a text with a value of the bag, of which `float32` are known by their names.
#[track_caller]
fn same(column: &str, text: &str, value: Option<&Value>) {
    let single = column.ends_with("single") || column.contains("ranges[");
    let there = match value {
        None => "".into(),
        Some(Value::String(bits_of)) if bits_of.starts_with("f64:") => {
            let number = if single {
                f64::from(text.parse::<f32>().expect("a number"))
            } else {
                text.parse().expect("a number")
            };
            assert_eq!(bits(number), *bits_of, "{column}: {text}");
            return;
        }
        Some(Value::String(there)) => there.clone(),
        Some(other) => other.to_string(),
    };
    assert_eq!(text, there, "{column}");
}

#[test]
fn every_value_of_a_topic_is_in_both_forms() {
    let root = tempfile::tempdir().expect("a directory");
    let (bag, csv, parquet) = (
        root.path().join("bag"),
        root.path().join("a.csv"),
        root.path().join("a.parquet"),
    );
    record_bag(&bag);
    for (file, format) in [(&csv, "csv"), (&parquet, "parquet")] {
        let options = [
            "--topic",
            "/probe",
            "--format",
            format,
            "-o",
            file.to_str().expect("text"),
        ];
        let told = succeeds("export", &[&bag], &options);
        assert_eq!(told["rows"], COUNT, "{told}");
        assert_eq!(told["bytes"], fs::metadata(file).expect("the file").len(), "{told}");
        assert_eq!(told["remarks"], json!([]), "{told}");
    }
    let seen = seen_by_python(&bag, Some(&csv));
    let messages: Vec<&Value> = (seen["rows"].as_array().expect("rows").iter())
        .filter(|row| row[0] == "/probe")
        .collect();
    let table = seen["csv"].as_array().expect("lines");
    let names: Vec<&str> = table[0]
        .as_array()
        .expect("names")
        .iter()
        .map(|name| name.as_str().expect("text"))
        .collect();
    // The longest sequences: 5 ranges, 5 bytes, 2 points of 3, 1 name; 3 of the array; 10 numbers, 2 texts and a time.
    assert_eq!(names.len(), 2 + 5 + 5 + 6 + 1 + 3 + 13, "{names:?}");
    assert_eq!(
        names[..4],
        ["receive_ns", "source_ns", "header.stamp.ns", "header.frame_id"]
    );
    let from_parquet = parquet_rows(&parquet);
    assert_eq!((table.len() - 1, from_parquet.len()), (messages.len(), messages.len()));
    assert_eq!(messages.len(), COUNT as usize);
    for (index, message) in messages.iter().enumerate() {
        let wanted = expected(message);
        let cells = table[index + 1].as_array().expect("cells");
        assert_eq!(cells.len(), names.len());
        let mut found = 0;
        for (name, cell) in names.iter().zip(cells) {
            let value = wanted.get(*name).and_then(Option::as_ref);
            found += usize::from(value.is_some());
            same(name, cell.as_str().expect("text"), value);
            assert_eq!(from_parquet[index][*name].as_ref(), value, "{name} of {index}");
        }
        assert_eq!(found, wanted.len(), "every value of message {index} has a column");
    }
}

#[test]
fn fields_of_several_topics_stand_side_by_side() {
    let root = tempfile::tempdir().expect("a directory");
    let (bag, file) = (root.path().join("bag"), root.path().join("a.parquet"));
    record_bag(&bag);
    let fields = [
        "--field",
        "/f64:data",
        "--field",
        "/probe:ranges[1]",
        "--field",
        "/probe:points[0]",
    ];
    let topics = ["--topic", "/f64", "--topic", "/probe", "--from", "0.5", "--to", "1"];
    let rest = ["--format", "parquet", "-o", file.to_str().expect("text")];
    let told = succeeds("export", &[&bag], &[&fields[..], &topics[..], &rest[..]].concat());
    assert_eq!((&told["rows"], &told["columns"]), (&json!(100), &json!(3 + 1 + 1 + 3)));
    let seen = seen_by_python(&bag, None);
    let from_parquet = parquet_rows(&file);
    let in_time = |row: &&Value| (T0 + 500_000_000..T0 + 1_000_000_000).contains(&row[1].as_i64().expect("a time"));
    let messages: Vec<&Value> = seen["rows"].as_array().expect("rows").iter().filter(in_time).collect();
    assert_eq!(messages.len(), from_parquet.len());
    for (message, row) in messages.iter().zip(&from_parquet) {
        assert_eq!(row["topic"].as_ref(), Some(&message[0]));
        assert_eq!(row["receive_ns"].as_ref(), Some(&message[1]));
        for (topic, field) in [
            ("/f64", "data"),
            ("/probe", "ranges[1]"),
            ("/probe", "points[0].x"),
            ("/probe", "points[0].y"),
            ("/probe", "points[0].z"),
        ] {
            let value = message[2].get(field).filter(|_| message[0] == topic);
            assert_eq!(row[&format!("{topic}:{field}")].as_ref(), value, "{topic}:{field}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_nothing() {
    let root = tempfile::tempdir().expect("a directory");
    let (bag, file) = (root.path().join("bag"), root.path().join("a.csv"));
    record_bag(&bag);
    let out = ["--format", "csv", "-o", file.to_str().expect("text")];
    let with = |more: &[&'static str]| [&out[..], more].concat();
    fails("export", &[&bag], &with(&[]), 1, &["--topic"]);
    fails(
        "export",
        &[&bag],
        &with(&["--topic", "/g"]),
        1,
        &["/g", "`roswave info`"],
    );
    let no_field = with(&["--topic", "/f64", "--field", "x"]);
    fails(
        "export",
        &[&bag],
        &no_field,
        1,
        &["no field `x`", "std_msgs/msg/Float64", "data"],
    );
    let past_end = with(&["--topic", "/probe", "--field", "triple[3]"]);
    fails("export", &[&bag], &past_end, 1, &["triple[3]"]);
    let other = with(&["--topic", "/f64", "--field", "/probe:flag"]);
    fails("export", &[&bag], &other, 1, &["--topic /probe"]);
    let nonsense = with(&["--topic", "/f64", "--field", "a..b"]);
    fails("export", &[&bag], &nonsense, 1, &["a..b"]);
    assert_eq!(fs::read_dir(root.path()).expect("the root").count(), 1);

    fs::write(&file, "mine").expect("room");
    fails(
        "export",
        &[&bag],
        &with(&["--topic", "/f64"]),
        1,
        &["a.csv", "exists already"],
    );
    assert_eq!(fs::read_to_string(&file).expect("text"), "mine");
}

#[test]
fn long_arrays_are_cut_and_wrong_messages_left_out_with_a_sentence() {
    let root = tempfile::tempdir().expect("a directory");
    let (bag, file) = (root.path().join("long.mcap"), root.path().join("a.csv"));
    let mut writer = mcap::Writer::new(fs::File::create(&bag).expect("a file")).expect("a writer");
    let schema = writer
        .add_schema("a_msgs/msg/Long", "ros2msg", b"uint8[] data\n")
        .expect("room");
    let channel = writer
        .add_channel(schema, "/long", "cdr", &BTreeMap::new())
        .expect("room");
    let mut good = vec![0, 1, 0, 0];
    good.extend_from_slice(&3000_u32.to_le_bytes());
    good.extend((0..3000_u32).map(|n| n as u8));
    for (sequence, payload) in [good.as_slice(), &[0, 1, 0, 0, 9], &[]].into_iter().enumerate() {
        let header = mcap::records::MessageHeader {
            channel_id: channel,
            sequence: sequence as u32,
            log_time: 5 + sequence as u64,
            publish_time: 5,
        };
        writer.write_to_known_channel(&header, payload).expect("room");
    }
    let _ = writer.finish().expect("room");
    let options = [
        "--topic",
        "/long",
        "--format",
        "csv",
        "-o",
        file.to_str().expect("text"),
        "--json",
    ];
    let output = roswave("export", &[&bag], &options);
    assert_eq!(output.status.code(), Some(3));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&told["rows"], &told["columns"], &told["undecodable"]),
        (&json!(1), &json!(1026), &json!(2))
    );
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0].contains("/long:data has 3000 elements") && lines[0].contains("--field"),
        "{said}"
    );
    assert!(lines[1].contains("2 messages"), "{said}");
    let text = fs::read_to_string(&file).expect("text");
    assert!(text.lines().nth(1).expect("a row").starts_with("5,5,0,1,2,3"), "{text}");

    // One that is asked for by its number is there.
    let later = root.path().join("later.csv");
    let options = [
        "--topic",
        "/long",
        "--field",
        "data[2999]",
        "--format",
        "csv",
        "-o",
        later.to_str().expect("text"),
    ];
    let _ = roswave("export", &[&bag], &options);
    assert_eq!(
        fs::read_to_string(&later).expect("text"),
        "receive_ns,source_ns,data[2999]\n5,5,183\n"
    );
}
