//! The fields of an open topic as rows, and their values as they are written.

use std::sync::Arc;

use roswave_engine::cdr::{FieldPath, Value};
use roswave_engine::ingest::Timing;
use roswave_engine::name::TopicName;
use roswave_engine::schema::{Definition, FieldType, Primitive, Schema};
use roswave_engine::signal::FieldRef;

use crate::format;
use crate::scope::meaning;
use crate::scope::tree::{ARRAY_PAGE, FieldKind, MAX_DEPTH, Row, Tree};

/// Texts are cut here: a value is a glance, not a document.
const TEXT_MAX: usize = 40;

/// The fields of one topic.
pub(super) struct Fields<'a> {
    pub(super) tree: &'a Tree,
    pub(super) topic: &'a TopicName,
    pub(super) schema: &'a Arc<Schema>,
    pub(super) all_open: bool,
}

impl Fields<'_> {
    /// The differences of times that every topic has.
    pub(super) fn push_times(&self, rows: &mut Vec<Row>, depth: u16) {
        for timing in Timing::ALL {
            let Ok(field) = FieldPath::parse(timing.path()) else {
                continue;
            };
            rows.push(Row::Field {
                at: FieldRef {
                    topic: self.topic.clone(),
                    field,
                },
                label: timing.path().to_owned(),
                depth,
                kind: FieldKind::Number,
                unit: Some("s"),
            });
        }
    }

    pub(super) fn push_message(
        &self,
        rows: &mut Vec<Row>,
        definition: &Definition,
        value: Option<&Value>,
        prefix: &str,
        depth: u16,
    ) {
        for field in &definition.fields {
            let path = if prefix.is_empty() {
                field.name.clone()
            } else {
                format!("{prefix}.{}", field.name)
            };
            let inner = match value {
                Some(Value::Message(fields)) => fields.iter().find(|(name, _)| **name == *field.name).map(|f| &f.1),
                _ => None,
            };
            self.push_field(rows, &field.ty, inner, &path, &field.name, depth);
        }
    }

    fn push_field(
        &self,
        rows: &mut Vec<Row>,
        ty: &FieldType,
        value: Option<&Value>,
        path: &str,
        label: &str,
        depth: u16,
    ) {
        let Ok(field) = FieldPath::parse(path) else {
            return;
        };
        let at = FieldRef {
            topic: self.topic.clone(),
            field,
        };
        let open = (self.all_open || self.tree.open_groups.contains(&at)) && depth < MAX_DEPTH;
        let row = |kind, unit| Row::Field {
            at: at.clone(),
            label: label.to_owned(),
            depth,
            kind,
            unit,
        };
        match ty {
            FieldType::Primitive(_) => rows.push(row(FieldKind::Number, self.schema.unit(&at.field))),
            FieldType::String { .. } | FieldType::WString { .. } => rows.push(row(FieldKind::Text, None)),
            FieldType::Message(name) => {
                let hint = name.short().to_owned();
                let is_array = false;
                rows.push(row(FieldKind::Group { open, hint, is_array }, None));
                if open && let Some(definition) = self.schema.definition(name) {
                    self.push_message(rows, definition, value, path, depth + 1);
                }
            }
            FieldType::Array { element, length } => {
                let length = *length as usize;
                let hint = format!("{length} × {}", type_label(element));
                let is_array = meaning::is_array(ty);
                rows.push(row(FieldKind::Group { open, hint, is_array }, None));
                if open {
                    self.push_elements(rows, element, value, &at, length, depth + 1);
                }
            }
            FieldType::Sequence { element, .. } => {
                let length = match value {
                    Some(Value::List(elements)) => Some(elements.len()),
                    Some(Value::Bytes(bytes)) => Some(bytes.len()),
                    Some(Value::Numbers(numbers)) => Some(numbers.len()),
                    _ => None,
                };
                let count = length.map_or_else(|| "–".to_owned(), |n| n.to_string());
                let hint = format!("{count} × {}", type_label(element));
                let is_array = meaning::is_array(ty);
                rows.push(row(FieldKind::Group { open, hint, is_array }, None));
                if open {
                    match length {
                        Some(length) => self.push_elements(rows, element, value, &at, length, depth + 1),
                        None => rows.push(Row::Note {
                            topic: self.topic.clone(),
                            text: "waiting for a message".to_owned(),
                            depth: depth + 1,
                        }),
                    }
                }
            }
        }
    }

    fn push_elements(
        &self,
        rows: &mut Vec<Row>,
        element: &FieldType,
        value: Option<&Value>,
        at: &FieldRef,
        length: usize,
        depth: u16,
    ) {
        let shown = length.min(self.tree.pages.get(at).copied().unwrap_or(ARRAY_PAGE));
        for index in 0..shown {
            let inner = match value {
                Some(Value::List(elements)) => elements.get(index),
                _ => None,
            };
            let path = format!("{}[{index}]", at.field);
            self.push_field(rows, element, inner, &path, &format!("[{index}]"), depth);
        }
        if shown < length {
            rows.push(Row::More {
                at: at.clone(),
                depth,
                hidden: length - shown,
            });
        }
    }
}

/// Whole numbers in full, others with few digits, texts cut to a glance.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::F32(v) => Some(format::value(f64::from(*v))),
        Value::F64(v) => Some(format::value(*v)),
        Value::Bool(v) => Some(v.to_string()),
        Value::I8(v) => Some(v.to_string()),
        Value::U8(v) => Some(v.to_string()),
        Value::I16(v) => Some(v.to_string()),
        Value::U16(v) => Some(v.to_string()),
        Value::I32(v) => Some(v.to_string()),
        Value::U32(v) => Some(v.to_string()),
        Value::I64(v) => Some(v.to_string()),
        Value::U64(v) => Some(v.to_string()),
        Value::String(text) => Some(cut(text)),
        Value::Bytes(_) | Value::Numbers(_) | Value::List(_) | Value::Message(_) => None,
    }
}

fn cut(text: &str) -> String {
    let whole = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(TEXT_MAX).map(whole).collect();
    if text.chars().nth(TEXT_MAX).is_some() {
        short.push('…');
    }
    short
}

fn type_label(ty: &FieldType) -> String {
    match ty {
        FieldType::Primitive(primitive) => match primitive {
            Primitive::Bool => "bool",
            Primitive::Byte => "byte",
            Primitive::Char => "char",
            Primitive::I8 => "int8",
            Primitive::U8 => "uint8",
            Primitive::I16 => "int16",
            Primitive::U16 => "uint16",
            Primitive::I32 => "int32",
            Primitive::U32 => "uint32",
            Primitive::I64 => "int64",
            Primitive::U64 => "uint64",
            Primitive::F32 => "float32",
            Primitive::F64 => "float64",
        }
        .to_owned(),
        FieldType::String { .. } => "string".to_owned(),
        FieldType::WString { .. } => "wstring".to_owned(),
        FieldType::Message(name) => name.short().to_owned(),
        FieldType::Array { element, .. } | FieldType::Sequence { element, .. } => type_label(element),
    }
}
