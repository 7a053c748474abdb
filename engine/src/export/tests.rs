use std::fs;

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::Field;

use super::*;

fn columns(of: &[(&str, Kind)]) -> Vec<Column> {
    let column = |(name, kind): &(&str, Kind)| Column {
        name: (*name).to_owned(),
        kind: *kind,
    };
    of.iter().map(column).collect()
}

/// All rows of a Parquet file.
fn rows(path: &Path) -> Vec<Vec<(String, Field)>> {
    let reader = SerializedFileReader::new(fs::File::open(path).expect("the file")).expect("a Parquet file");
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("a row").into_columns()).collect()
}

#[test]
fn every_kind_of_value_keeps_its_type_and_its_last_bit() {
    let root = tempfile::tempdir().expect("a directory");
    let kinds = columns(&[
        ("b", Kind::Bool),
        ("i8", Kind::I8),
        ("u8", Kind::U8),
        ("i16", Kind::I16),
        ("u16", Kind::U16),
        ("i32", Kind::I32),
        ("u32", Kind::U32),
        ("i64", Kind::I64),
        ("u64", Kind::U64),
        ("f32", Kind::F32),
        ("x.y[3]", Kind::F64),
        ("text, \"quoted\"", Kind::Text),
    ]);
    let cells = [
        Cell::Bool(true),
        Cell::Int(-128),
        Cell::Int(255),
        Cell::Int(-32_768),
        Cell::Int(65_535),
        Cell::Int(-2_147_483_648),
        Cell::Int(4_294_967_295),
        Cell::Int(i64::MIN),
        Cell::UInt(u64::MAX),
        Cell::F32(0.1),
        Cell::F64(f64::MIN_POSITIVE),
        Cell::Text("a,\"b\"\nü"),
    ];
    let write = |name: &str, format| {
        let path = root.path().join(name);
        let mut table = Table::create(&path, format, &kinds).expect("a table");
        for cell in cells {
            table.cell(cell).expect("room");
        }
        for _ in &cells {
            table.cell(Cell::Missing).expect("room");
        }
        assert_eq!(table.rows(), 2);
        assert_eq!(
            table.finish().expect("room"),
            fs::metadata(&path).expect("the file").len()
        );
        path
    };
    let rows = rows(&write("a.parquet", Format::Parquet));
    assert_eq!(rows.len(), 2);
    let names: Vec<&str> = rows[0].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        kinds.iter().map(|column| column.name.as_str()).collect::<Vec<_>>()
    );
    let values: Vec<Field> = rows[0].iter().map(|(_, value)| value.clone()).collect();
    assert_eq!(
        values,
        [
            Field::Bool(true),
            Field::Byte(-128),
            Field::UByte(255),
            Field::Short(-32_768),
            Field::UShort(65_535),
            Field::Int(-2_147_483_648),
            Field::UInt(4_294_967_295),
            Field::Long(i64::MIN),
            Field::ULong(u64::MAX),
            Field::Float(0.1),
            Field::Double(f64::MIN_POSITIVE),
            Field::Str("a,\"b\"\nü".to_owned()),
        ]
    );
    assert!(rows[1].iter().all(|(_, value)| *value == Field::Null));

    let text = fs::read_to_string(write("a.csv", Format::Csv)).expect("text");
    assert_eq!(
        text,
        "b,i8,u8,i16,u16,i32,u32,i64,u64,f32,x.y[3],\"text, \"\"quoted\"\"\"\n\
         true,-128,255,-32768,65535,-2147483648,4294967295,-9223372036854775808,18446744073709551615,0.1,\
         2.2250738585072014e-308,\"a,\"\"b\"\"\nü\"\n,,,,,,,,,,,\n"
    );
}

#[test]
fn a_long_table_is_written_in_groups() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("long.parquet");
    let mut table =
        Table::create(&path, Format::Parquet, &columns(&[("n", Kind::I64), ("x", Kind::F64)])).expect("a table");
    let count = 4_000_000_i64;
    for n in 0..count {
        table.cell(Cell::Int(n)).expect("room");
        table.cell(Cell::F64(n as f64 * 0.5)).expect("room");
    }
    let _ = table.finish().expect("room");
    let reader = SerializedFileReader::new(fs::File::open(&path).expect("the file")).expect("a Parquet file");
    assert_eq!(reader.num_row_groups(), 3);
    assert_eq!(reader.metadata().file_metadata().num_rows(), count);
}

#[test]
fn a_table_that_is_not_finished_leaves_nothing_and_what_is_there_stays() {
    let root = tempfile::tempdir().expect("a directory");
    let path = root.path().join("a.csv");
    let table = Table::create(&path, Format::Csv, &columns(&[("n", Kind::I64)])).expect("a table");
    drop(table);
    assert_eq!(fs::read_dir(root.path()).expect("the root").count(), 0);

    let table = Table::create(&path, Format::Csv, &columns(&[("n", Kind::I64)])).expect("a table");
    fs::write(&path, "mine").expect("room");
    assert!(matches!(table.finish(), Err(ExportError::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).expect("text"), "mine");
    assert_eq!(fs::read_dir(root.path()).expect("the root").count(), 1);
    let again = Table::create(&path, Format::Csv, &columns(&[("n", Kind::I64)]));
    assert!(matches!(again.err(), Some(ExportError::Exists { .. })));
}

#[test]
fn curves_stand_below_one_another() {
    let root = tempfile::tempdir().expect("a directory");
    let curves = [
        Curve {
            name: "/imu:x",
            unit: "m/s²",
            time_ns: &[1, 2],
            values: &[0.25, f64::NAN],
        },
        Curve {
            name: "/f64:data",
            unit: "",
            time_ns: &[7],
            values: &[-1.5],
        },
    ];
    let path = root.path().join("curves.parquet");
    let _ = write_curves(&path, Format::Parquet, &curves).expect("room");
    let rows = rows(&path);
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0][0].1, Field::Str("/imu:x".to_owned()));
    assert_eq!(rows[0][1].1, Field::Str("m/s²".to_owned()));
    assert!(matches!(rows[1][3].1, Field::Double(value) if value.is_nan()));
    assert_eq!(rows[2][1].1, Field::Null, "its unit is not known");
    assert_eq!((&rows[2][2].1, &rows[2][3].1), (&Field::Long(7), &Field::Double(-1.5)));
}
