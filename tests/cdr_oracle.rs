//! Messages that another program wrote (`tests/oracle/generate.py`, PyPI `rosbags`) are read exactly, written back to
//! the same bytes, and extracted field by field; hostile bytes give an error, no panic and no flood of memory.

#![allow(unsafe_code, reason = "a global allocator that counts is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use roswave_engine::cdr::{Endian, FieldPath, FieldPlan, Value, encode, is_missing};
use roswave_engine::graph::TypeHash;
use roswave_engine::name::TypeName;
use roswave_engine::schema::{Agreement, Registry, Schema};
use serde_json::Value as Json;

/// Counts the bytes that the calling thread asks for.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    // A thread that is ending has no counter any more, and nothing to count.
    let _ = ALLOCATED.try_with(|c| c.set(c.get() + bytes));
}

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller keeps the contract of this trait.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of this trait.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: the caller keeps the contract of this trait.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes allocated by `work`, freed ones included.
fn allocated<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATED.with(Cell::get);
    let result = work();
    (ALLOCATED.with(Cell::get) - before, result)
}

struct Case {
    schema: Arc<Schema>,
    agreement: Agreement,
    little: Vec<u8>,
    big: Vec<u8>,
    value: Json,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut registry = Registry::default();
    include_str!("oracle/cdr.jsonl")
        .lines()
        .map(|line| {
            let case: Json = serde_json::from_str(line).expect("the data is JSON");
            let text = |key: &str| case[key].as_str().expect("a text");
            let name = TypeName::new(text("type")).expect("a type name");
            let hash = TypeHash(text("hash").into());
            let found = registry.find(&name, Some(&hash)).expect("bundled");
            Case {
                schema: found.schema,
                agreement: found.agreement,
                little: base64(text("le")),
                big: base64(text("be")),
                value: case["value"].clone(),
            }
        })
        .collect()
});

fn base64(text: &str) -> Vec<u8> {
    let mut bits = 0_u32;
    let mut have = 0;
    let mut out = Vec::new();
    for c in text.bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(six);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    out
}

/// Whether a decoded value is exactly the expected one; the path of the first difference.
fn difference(value: &Value, expected: &Json, path: &str) -> Option<String> {
    let same = match value {
        Value::Bool(v) => expected.as_bool() == Some(*v),
        Value::I8(v) => expected.as_i64() == Some((*v).into()),
        Value::U8(v) => expected.as_u64() == Some((*v).into()),
        Value::I16(v) => expected.as_i64() == Some((*v).into()),
        Value::U16(v) => expected.as_u64() == Some((*v).into()),
        Value::I32(v) => expected.as_i64() == Some((*v).into()),
        Value::U32(v) => expected.as_u64() == Some((*v).into()),
        Value::I64(v) => expected.as_i64() == Some(*v),
        Value::U64(v) => expected.as_u64() == Some(*v),
        Value::F32(v) => expected.as_str() == Some(&format!("{:08x}", v.to_bits())),
        Value::F64(v) => expected.as_str() == Some(&format!("{:016x}", v.to_bits())),
        Value::String(v) => expected.as_str() == Some(v),
        Value::Bytes(v) => {
            let hex: String = v.iter().map(|b| format!("{b:02x}")).collect();
            expected.as_str() == Some(&hex)
        }
        Value::Numbers(numbers) => {
            let Some(expected) = expected.as_array().filter(|e| e.len() == numbers.len()) else {
                return Some(format!("{path}: {value:?} is not {expected}"));
            };
            return (numbers.iter().zip(expected).enumerate())
                .find_map(|(i, (item, expected))| difference(&item, expected, &format!("{path}[{i}]")));
        }
        Value::List(items) => {
            let Some(expected) = expected.as_array().filter(|e| e.len() == items.len()) else {
                return Some(format!("{path}: {value:?} is not {expected}"));
            };
            return (items.iter().zip(expected).enumerate())
                .find_map(|(i, (item, expected))| difference(item, expected, &format!("{path}[{i}]")));
        }
        Value::Message(fields) => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| &**name).collect();
            let expected = expected.as_object().expect("a message is an object");
            if names != expected.keys().collect::<Vec<_>>() {
                return Some(format!("{path}: fields {names:?}"));
            }
            return fields
                .iter()
                .find_map(|(name, value)| difference(value, &expected[&**name], &format!("{path}.{name}")));
        }
    };
    (!same).then(|| format!("{path}: {value:?} is not {expected}"))
}

/// Paths of all numbers in a value, single bytes and times included.
fn numbers(value: &Value, at: Option<&FieldPath>, out: &mut Vec<FieldPath>) {
    if let (Some(path), Some(_)) = (at, value.as_f64()) {
        out.push(path.clone());
    }
    match (value, at) {
        (Value::Message(fields), _) => {
            for (name, value) in fields {
                numbers(value, Some(&FieldPath::child(at, name)), out);
            }
        }
        (Value::List(items), Some(path)) => {
            for (i, item) in (0..).zip(items) {
                numbers(item, Some(&path.element(i)), out);
            }
        }
        (Value::Numbers(numbers), Some(path)) => out.extend((0..numbers.len() as u32).map(|i| path.element(i))),
        (Value::Bytes(bytes), Some(path)) => out.extend((0..bytes.len() as u32).map(|i| path.element(i))),
        _ => {}
    }
}

#[test]
fn every_message_is_read_exactly_and_written_back() {
    let mut types = std::collections::BTreeSet::new();
    for case in CASES.iter() {
        let name = case.schema.type_name();
        let _ = types.insert(name.clone());
        assert_eq!(case.agreement, Agreement::Same, "{name}: {}", case.schema.hash().0);
        for (payload, endian) in [(&case.little, Endian::Little), (&case.big, Endian::Big)] {
            let value = Value::decode(&case.schema, payload).unwrap_or_else(|e| panic!("{name} {endian:?}: {e}"));
            assert_eq!(difference(&value, &case.value, name.as_str()), None);
            let written = encode(&case.schema, &value, endian).unwrap_or_else(|e| panic!("{name} {endian:?}: {e}"));
            assert_eq!(&written, payload, "{name} {endian:?}");
            assert!(value.to_json().is_object());
        }
    }
    assert!(types.len() > 120, "{} types", types.len());
}

#[test]
fn every_number_is_extracted() {
    let mut count = 0;
    for case in CASES.iter() {
        let name = case.schema.type_name();
        let value = Value::decode(&case.schema, &case.little).expect("read before");
        let mut paths = Vec::new();
        numbers(&value, None, &mut paths);
        count += paths.len();
        let expected: Vec<u64> = paths
            .iter()
            .map(|path| value.number(path).expect("listed as a number").to_bits())
            .collect();
        // All in one pass, in order and in reverse, then each by itself.
        for reverse in [false, true] {
            let mut paths = paths.clone();
            let mut expected = expected.clone();
            if reverse {
                paths.reverse();
                expected.reverse();
            }
            let plan = FieldPlan::compile(&case.schema, &paths).unwrap_or_else(|e| panic!("{name}: {e}"));
            let mut row = vec![0.0; plan.width()];
            for payload in [&case.little, &case.big] {
                plan.extract(payload, &mut row)
                    .unwrap_or_else(|e| panic!("{name}: {e}"));
                let got: Vec<u64> = row.iter().map(|v| v.to_bits()).collect();
                assert_eq!(got, expected, "{name} {paths:?}");
            }
        }
        for (path, expected) in paths.iter().zip(&expected) {
            let plan = FieldPlan::compile(&case.schema, std::slice::from_ref(path)).expect("compiled before");
            let mut row = [0.0];
            for payload in [&case.little, &case.big] {
                let (bytes, result) = allocated(|| plan.extract(payload, &mut row));
                assert_eq!((bytes, result), (0, Ok(())), "{name} {path}");
                assert_eq!(row[0].to_bits(), *expected, "{name} {path}");
            }
        }
    }
    assert!(count > 5_000, "{count} numbers");
}

#[test]
fn elements_past_the_end_are_missing_and_what_follows_is_read() {
    let mut registry = Registry::default();
    let schema = |registry: &mut Registry, name: &str| {
        let name = TypeName::new(name).expect("a type name");
        registry.find(&name, None).expect("bundled").schema
    };
    let path = |text: &str| FieldPath::parse(text).expect("a path");
    for case in CASES.iter() {
        if case.schema.type_name().as_str() != "sensor_msgs/msg/JointState" {
            continue;
        }
        let paths = [
            path("position[1000000]"),
            path("effort[0]"),
            path("velocity[4000000000]"),
        ];
        let plan = FieldPlan::compile(&schema(&mut registry, "sensor_msgs/msg/JointState"), &paths).expect("sound");
        let mut row = [0.0; 3];
        plan.extract(&case.little, &mut row).expect("read before");
        assert!(is_missing(row[0]) && is_missing(row[2]));
        let value = Value::decode(&case.schema, &case.little).expect("read before");
        let expected = value.number(&paths[1]);
        assert_eq!(expected.is_none(), is_missing(row[1]));
        if let Some(expected) = expected {
            assert_eq!(row[1].to_bits(), expected.to_bits());
        }
    }
}

/// Reads bytes in every way; checks that what is allocated stays within a small multiple of them.
fn read_hostile(case: &Case, plan: &FieldPlan, row: &mut [f64], payload: &[u8]) {
    let (bytes, _) = allocated(|| Value::decode(&case.schema, payload).is_ok());
    // Texts and messages within messages cost more than their bytes; arrays of numbers do not.
    let most = 128 * payload.len() + 2048;
    assert!(
        bytes <= most,
        "{}: {bytes} bytes for {}",
        case.schema.type_name(),
        payload.len()
    );
    let (bytes, result) = allocated(|| plan.extract(payload, row));
    assert_eq!(bytes, 0);
    if let Err(error) = result {
        assert!(error.to_string().len() > 10);
    }
}

fn plan_of(case: &Case) -> (FieldPlan, Vec<f64>) {
    let value = Value::decode(&case.schema, &case.little).expect("read before");
    let mut paths = Vec::new();
    numbers(&value, None, &mut paths);
    let plan = FieldPlan::compile(&case.schema, &paths).expect("compiled before");
    let row = vec![0.0; plan.width()];
    (plan, row)
}

#[test]
fn truncated_messages_are_errors() {
    for case in CASES.iter() {
        let (plan, mut row) = plan_of(case);
        for payload in [&case.little, &case.big] {
            for length in 0..payload.len() {
                read_hostile(case, &plan, &mut row, &payload[..length]);
                let whole = case.schema.root().fields.is_empty() && length >= 4;
                assert_eq!(Value::decode(&case.schema, &payload[..length]).is_ok(), whole);
            }
        }
    }
}

#[test]
fn huge_counts_are_errors() {
    for case in CASES.iter() {
        let (plan, mut row) = plan_of(case);
        for at in (4..case.little.len().saturating_sub(3)).step_by(4) {
            for count in [u32::MAX, 0x7fff_ffff, 0x2000_0001, 1 << 16] {
                let mut payload = case.little.clone();
                payload[at..at + 4].copy_from_slice(&count.to_le_bytes());
                read_hostile(case, &plan, &mut row, &payload);
            }
        }
    }
}

#[test]
fn a_message_of_another_type_is_an_error_or_a_value() {
    for (case, other) in CASES.iter().zip(CASES.iter().skip(7)) {
        let (plan, mut row) = plan_of(case);
        read_hostile(case, &plan, &mut row, &other.little);
        read_hostile(case, &plan, &mut row, &other.big);
    }
}

proptest! {
    #[test]
    fn random_and_mutated_bytes_do_no_harm(
        which in any::<prop::sample::Index>(),
        header in prop::sample::select(vec![0_u8, 1, 2, 7, 10, 255]),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        tail in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let case = which.get(&CASES);
        let (plan, mut row) = plan_of(case);
        let mut payload = case.little.clone();
        for (at, byte) in &mutations {
            let at = at.index(payload.len());
            payload[at] = *byte;
        }
        payload.extend_from_slice(&tail);
        read_hostile(case, &plan, &mut row, &payload);
        let random = [&[0, header, 0, 0], &tail[..]].concat();
        read_hostile(case, &plan, &mut row, &random);
    }
}
