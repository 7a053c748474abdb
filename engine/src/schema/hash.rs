//! The RIHS01 type hash: SHA-256 over the type description as JSON, as REP 2011 and `rosidl_generator_type_description`
//! define it (keys in a fixed order, `, ` and `: ` as separators, referenced types sorted by name).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{Definition, FieldType, Primitive};
use crate::graph::TypeHash;

/// `type_description_interfaces/msg/FieldType`: what is added to the id of the element.
const ARRAY: u8 = 48;
const BOUNDED_SEQUENCE: u8 = 96;
const UNBOUNDED_SEQUENCE: u8 = 144;

/// The hash of the first definition; the others are what it depends on.
pub(super) fn rihs01(definitions: &[Definition]) -> TypeHash {
    let mut json = String::with_capacity(4096);
    json.push_str("{\"type_description\": ");
    describe(&definitions[0], &mut json);
    json.push_str(", \"referenced_type_descriptions\": [");
    let mut others: Vec<&Definition> = definitions[1..].iter().collect();
    others.sort_by(|a, b| a.name.cmp(&b.name));
    for (i, definition) in others.into_iter().enumerate() {
        if i > 0 {
            json.push_str(", ");
        }
        describe(definition, &mut json);
    }
    json.push_str("]}");
    let mut text = String::with_capacity(71);
    text.push_str("RIHS01_");
    for byte in Sha256::digest(json.as_bytes()) {
        let _ = write!(text, "{byte:02x}");
    }
    TypeHash(text.into())
}

fn describe(definition: &Definition, json: &mut String) {
    let _ = write!(json, "{{\"type_name\": \"{}\", \"fields\": [", definition.name);
    if definition.fields.is_empty() {
        let placeholder = FieldType::Primitive(Primitive::U8);
        describe_field("structure_needs_at_least_one_member", &placeholder, json);
    }
    for (i, field) in definition.fields.iter().enumerate() {
        if i > 0 {
            json.push_str(", ");
        }
        describe_field(&field.name, &field.ty, json);
    }
    json.push_str("]}");
}

fn describe_field(name: &str, ty: &FieldType, json: &mut String) {
    let (offset, capacity, element) = match ty {
        FieldType::Array { element, length } => (ARRAY, *length, &**element),
        FieldType::Sequence {
            element,
            bound: Some(bound),
        } => (BOUNDED_SEQUENCE, *bound, &**element),
        FieldType::Sequence { element, bound: None } => (UNBOUNDED_SEQUENCE, 0, &**element),
        other => (0, 0, other),
    };
    let (id, string_capacity, nested) = match element {
        FieldType::Primitive(primitive) => (primitive_id(*primitive), 0, ""),
        FieldType::String { bound: None } => (17, 0, ""),
        FieldType::WString { bound: None } => (18, 0, ""),
        FieldType::String { bound: Some(bound) } => (21, *bound, ""),
        FieldType::WString { bound: Some(bound) } => (22, *bound, ""),
        FieldType::Message(name) => (1, 0, name.as_str()),
        // The parser makes no arrays of arrays.
        FieldType::Array { .. } | FieldType::Sequence { .. } => (0, 0, ""),
    };
    let _ = write!(
        json,
        "{{\"name\": \"{name}\", \"type\": {{\"type_id\": {}, \"capacity\": {capacity}, \
         \"string_capacity\": {string_capacity}, \"nested_type_name\": \"{nested}\"}}}}",
        offset + id
    );
}

fn primitive_id(primitive: Primitive) -> u8 {
    match primitive {
        Primitive::I8 => 2,
        // ROS 2 turns the `char` of a `.msg` into a uint8 before it is described.
        Primitive::U8 | Primitive::Char => 3,
        Primitive::I16 => 4,
        Primitive::U16 => 5,
        Primitive::I32 => 6,
        Primitive::U32 => 7,
        Primitive::I64 => 8,
        Primitive::U64 => 9,
        Primitive::F32 => 10,
        Primitive::F64 => 11,
        Primitive::Bool => 15,
        Primitive::Byte => 16,
    }
}
