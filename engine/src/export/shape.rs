//! A type as columns: every number, text and time of a message has one of its own.

use crate::cdr::Value;
use crate::name::TypeName;
use crate::schema::{FieldType, Primitive, Schema, is_time};

use super::table::{Cell, Column, Kind};

/// Elements of an array that get columns.
pub const ELEMENTS_MAX: usize = 1024;
/// Columns of one table.
pub const COLUMNS_MAX: usize = 16_384;
/// Parts of one type; those of arrays count once.
const PARTS_MAX: usize = 65_536;

/// A type, or a part of it, and how long its sequences are.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A number, a bool or a text.
    Leaf(Kind),
    /// A time or a duration, in nanoseconds.
    Time,
    /// Fields by their names, in the order of the definition.
    Message(Vec<(String, Shape)>),
    /// An array or a sequence.
    Elements {
        element: Box<Shape>,
        /// The length of the array, or of the longest sequence that was seen.
        longest: usize,
        /// True for a sequence: messages tell its length.
        varies: bool,
    },
}

/// A type that has more parts than can be shown.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Shape {
    /// The shape of a whole type.
    pub(super) fn of(schema: &Schema) -> Result<Self, TooLarge> {
        message(schema, schema.type_name(), &mut PARTS_MAX.clone())
    }

    /// The shape of a field of it.
    pub(super) fn of_field(schema: &Schema, ty: &FieldType) -> Result<Self, TooLarge> {
        field(schema, ty, &mut PARTS_MAX.clone())
    }

    /// True when messages have to be looked at before its columns are known.
    pub(super) fn varies(&self) -> bool {
        match self {
            Self::Leaf(_) | Self::Time => false,
            Self::Message(fields) => fields.iter().any(|(_, field)| field.varies()),
            Self::Elements { element, varies, .. } => *varies || element.varies(),
        }
    }

    /// Looks at the lengths of a value's sequences.
    pub(super) fn measure(&mut self, value: &Value) {
        match (self, value) {
            (Self::Message(fields), Value::Message(values)) => {
                for ((_, field), (_, value)) in fields.iter_mut().zip(values) {
                    field.measure(value);
                }
            }
            (
                Self::Elements {
                    element,
                    longest,
                    varies,
                },
                value,
            ) => {
                if *varies {
                    *longest = (*longest).max(length(value));
                }
                if let Value::List(items) = value
                    && element.varies()
                {
                    items.iter().take(ELEMENTS_MAX).for_each(|item| element.measure(item));
                }
            }
            _ => {}
        }
    }

    /// Columns that it takes.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Leaf(_) | Self::Time => 1,
            Self::Message(fields) => {
                let widths = fields.iter().map(|(_, field)| field.width());
                widths.fold(0, usize::saturating_add)
            }
            Self::Elements { element, longest, .. } => element.width().saturating_mul((*longest).min(ELEMENTS_MAX)),
        }
    }

    /// Adds its columns; `path` is what it is called. Adds the names of arrays that are cut to `cut`.
    pub(super) fn columns(&self, path: &str, columns: &mut Vec<Column>, cut: &mut Vec<(String, usize)>) {
        match self {
            Self::Leaf(kind) => columns.push(Column {
                name: path.to_owned(),
                kind: *kind,
            }),
            // No message has such a field, so that the name is free.
            Self::Time => columns.push(Column {
                name: format!("{path}.ns"),
                kind: Kind::I64,
            }),
            Self::Message(fields) => {
                let dot = if path.is_empty() { "" } else { "." };
                for (name, field) in fields {
                    field.columns(&format!("{path}{dot}{name}"), columns, cut);
                }
            }
            Self::Elements { element, longest, .. } => {
                if *longest > ELEMENTS_MAX {
                    cut.push((path.to_owned(), *longest));
                }
                for index in 0..(*longest).min(ELEMENTS_MAX) {
                    element.columns(&format!("{path}[{index}]"), columns, cut);
                }
            }
        }
    }

    /// Gives a cell for each of its columns, in order. What the value does not have is missing.
    pub(super) fn cells(&self, value: Option<&Value>, give: &mut impl FnMut(Cell<'_>)) {
        match self {
            Self::Leaf(_) => give(value.map_or(Cell::Missing, cell)),
            Self::Time => give(value.and_then(time_ns).map_or(Cell::Missing, Cell::Int)),
            Self::Message(fields) => {
                let values = match value {
                    Some(Value::Message(values)) => values.as_slice(),
                    _ => &[],
                };
                for (index, (_, field)) in fields.iter().enumerate() {
                    field.cells(values.get(index).map(|(_, value)| value), give);
                }
            }
            Self::Elements { element, longest, .. } => {
                for index in 0..(*longest).min(ELEMENTS_MAX) {
                    match value {
                        Some(Value::List(items)) => element.cells(items.get(index), give),
                        Some(Value::Numbers(numbers)) => element.cells(numbers.get(index).as_ref(), give),
                        Some(Value::Bytes(bytes)) => {
                            let byte = bytes.get(index).copied().map(Value::U8);
                            element.cells(byte.as_ref(), give);
                        }
                        _ => element.cells(None, give),
                    }
                }
            }
        }
    }
}

fn message(schema: &Schema, name: &TypeName, left: &mut usize) -> Result<Shape, TooLarge> {
    let fields = schema.children(name).map(|child| {
        *left = left.checked_sub(1).ok_or(TooLarge)?;
        Ok((child.name.to_owned(), field(schema, child.ty, left)?))
    });
    fields.collect::<Result<_, _>>().map(Shape::Message)
}

fn field(schema: &Schema, ty: &FieldType, left: &mut usize) -> Result<Shape, TooLarge> {
    Ok(match ty {
        FieldType::Primitive(primitive) => Shape::Leaf(kind(*primitive)),
        FieldType::String { .. } | FieldType::WString { .. } => Shape::Leaf(Kind::Text),
        FieldType::Message(name) if is_time(name) => Shape::Time,
        FieldType::Message(name) => message(schema, name, left)?,
        FieldType::Array { element, length } => Shape::Elements {
            element: Box::new(field(schema, element, left)?),
            longest: *length as usize,
            varies: false,
        },
        FieldType::Sequence { element, .. } => Shape::Elements {
            element: Box::new(field(schema, element, left)?),
            longest: 0,
            varies: true,
        },
    })
}

fn kind(primitive: Primitive) -> Kind {
    match primitive {
        Primitive::Bool => Kind::Bool,
        Primitive::Byte | Primitive::Char | Primitive::U8 => Kind::U8,
        Primitive::I8 => Kind::I8,
        Primitive::I16 => Kind::I16,
        Primitive::U16 => Kind::U16,
        Primitive::I32 => Kind::I32,
        Primitive::U32 => Kind::U32,
        Primitive::I64 => Kind::I64,
        Primitive::U64 => Kind::U64,
        Primitive::F32 => Kind::F32,
        Primitive::F64 => Kind::F64,
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::List(items) => items.len(),
        Value::Numbers(numbers) => numbers.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}

fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Bool(v) => Cell::Bool(*v),
        Value::I8(v) => Cell::Int(i64::from(*v)),
        Value::U8(v) => Cell::Int(i64::from(*v)),
        Value::I16(v) => Cell::Int(i64::from(*v)),
        Value::U16(v) => Cell::Int(i64::from(*v)),
        Value::I32(v) => Cell::Int(i64::from(*v)),
        Value::U32(v) => Cell::Int(i64::from(*v)),
        Value::I64(v) => Cell::Int(*v),
        Value::U64(v) => Cell::UInt(*v),
        Value::F32(v) => Cell::F32(*v),
        Value::F64(v) => Cell::F64(*v),
        Value::String(v) => Cell::Text(v),
        Value::Bytes(_) | Value::Numbers(_) | Value::List(_) | Value::Message(_) => Cell::Missing,
    }
}

/// Nanoseconds of a message of `sec` and `nanosec`. That always fits: seconds have 32 bits.
fn time_ns(value: &Value) -> Option<i64> {
    match (value.field("sec")?, value.field("nanosec")?) {
        (Value::I32(sec), Value::U32(nanosec)) => Some(i64::from(*sec) * 1_000_000_000 + i64::from(*nanosec)),
        _ => None,
    }
}
