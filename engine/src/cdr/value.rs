//! The value of a whole message, for inspection.

use std::sync::Arc;

use super::cursor::Cursor;
use super::{DecodeError, Endian, FieldPath, Numbers, open};
use crate::schema::layout::{Count, Field, Item, Layout};
use crate::schema::{Primitive, Schema};

/// Bytes that DDS may add behind a message to round its length up.
const MAX_PADDING: u64 = 7;

/// The value of a whole message.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `bool`; any byte but 0 is true.
    Bool(bool),
    /// `int8`.
    I8(i8),
    /// `uint8`, `byte` or `char`.
    U8(u8),
    /// `int16`.
    I16(i16),
    /// `uint16`.
    U16(u16),
    /// `int32`.
    I32(i32),
    /// `uint32`.
    U32(u32),
    /// `int64`.
    I64(i64),
    /// `uint64`.
    U64(u64),
    /// `float32`.
    F32(f32),
    /// `float64`.
    F64(f64),
    /// `string` or `wstring`. What is not UTF-8 or UTF-16 is replaced by U+FFFD.
    String(String),
    /// Bytes of a `uint8[]`/`byte[]`/`char[]`, kept together.
    Bytes(Vec<u8>),
    /// Any other array or sequence of numbers or bools.
    Numbers(Numbers),
    /// An array or sequence of strings or messages. Of numbers only where a value is made to be written.
    List(Vec<Value>),
    /// Fields in the order of the definition.
    Message(Vec<(Arc<str>, Value)>),
}

impl Value {
    /// Reads a whole message. What is allocated is bounded by the payload: a count that cannot fit in the bytes that
    /// are left is refused before anything is made, and every value takes at least one byte.
    ///
    /// # Errors
    /// When the bytes are not a message of the type.
    pub fn decode(schema: &Schema, payload: &[u8]) -> Result<Self, DecodeError> {
        match open(payload)? {
            (Endian::Little, body) => root::<false>(schema.layout(), body),
            (Endian::Big, body) => root::<true>(schema.layout(), body),
        }
    }

    /// As JSON: messages as objects in the order of the definition, bytes as arrays of numbers, and the numbers that
    /// JSON lacks as the strings `NaN`, `Infinity` and `-Infinity`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Bool(v) => Json::from(*v),
            Self::I8(v) => Json::from(*v),
            Self::U8(v) => Json::from(*v),
            Self::I16(v) => Json::from(*v),
            Self::U16(v) => Json::from(*v),
            Self::I32(v) => Json::from(*v),
            Self::U32(v) => Json::from(*v),
            Self::I64(v) => Json::from(*v),
            Self::U64(v) => Json::from(*v),
            Self::F32(v) => float_json(f64::from(*v)),
            Self::F64(v) => float_json(*v),
            Self::String(v) => Json::from(v.as_str()),
            Self::Bytes(v) => Json::from(v.as_slice()),
            Self::Numbers(v) => Json::Array(v.iter().map(|number| number.to_json()).collect()),
            Self::List(v) => Json::Array(v.iter().map(Self::to_json).collect()),
            Self::Message(fields) => Json::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// The number that a [`super::FieldPlan`] gives for this value: bools are 0 or 1, a message of just `sec` and
    /// `nanosec` is in seconds. `None` for everything else.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        Some(match self {
            Self::Bool(v) => f64::from(u8::from(*v)),
            Self::I8(v) => f64::from(*v),
            Self::U8(v) => f64::from(*v),
            Self::I16(v) => f64::from(*v),
            Self::U16(v) => f64::from(*v),
            Self::I32(v) => f64::from(*v),
            Self::U32(v) => f64::from(*v),
            Self::I64(v) => *v as f64,
            Self::U64(v) => *v as f64,
            Self::F32(v) => f64::from(*v),
            Self::F64(v) => *v,
            Self::Message(fields) => match &fields[..] {
                [(sec, Self::I32(s)), (nanosec, Self::U32(ns))] if **sec == *"sec" && **nanosec == *"nanosec" => {
                    f64::from(*s) + f64::from(*ns) * 1e-9
                }
                _ => return None,
            },
            Self::String(_) | Self::Bytes(_) | Self::Numbers(_) | Self::List(_) => return None,
        })
    }

    /// The value at `path`. Elements of [`Value::Bytes`] and [`Value::Numbers`] are no values of their own; [`Value::element`]
    /// and [`Value::number`] read them.
    #[must_use]
    pub fn get(&self, path: &FieldPath) -> Option<&Value> {
        let mut at = self;
        for segment in path.segments() {
            at = at.field(segment.name)?;
            if let Some(index) = segment.index {
                let Self::List(items) = at else {
                    return None;
                };
                at = items.get(index as usize)?;
            }
        }
        Some(at)
    }

    /// The number at `path`, single bytes included.
    #[must_use]
    pub fn number(&self, path: &FieldPath) -> Option<f64> {
        if let Some(value) = self.get(path) {
            return value.as_f64();
        }
        self.element(path)?.as_f64()
    }

    /// The element at `path` of an array of bytes or numbers, which is no value of its own.
    #[must_use]
    pub fn element(&self, path: &FieldPath) -> Option<Value> {
        let (whole, index) = path.as_str().strip_suffix(']')?.rsplit_once('[')?;
        let index = index.parse().ok()?;
        match self.get(&FieldPath::parse(whole).ok()?)? {
            Self::Bytes(bytes) => bytes.get(index).copied().map(Value::U8),
            Self::Numbers(numbers) => numbers.get(index),
            _ => None,
        }
    }

    /// A field of a message.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Message(fields) => fields.iter().find(|(n, _)| **n == *name).map(|(_, value)| value),
            _ => None,
        }
    }
}

fn float_json(value: f64) -> serde_json::Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => serde_json::Value::Number(number),
        None if value.is_nan() => serde_json::Value::from("NaN"),
        None if value > 0.0 => serde_json::Value::from("Infinity"),
        None => serde_json::Value::from("-Infinity"),
    }
}

fn root<const BIG: bool>(layout: &Layout, body: &[u8]) -> Result<Value, DecodeError> {
    let mut cursor = Cursor::<BIG>::new(body);
    if layout.messages[0].fields.is_empty() {
        // Some writers leave the one unused byte out.
        return Ok(Value::Message(Vec::new()));
    }
    cursor.expect(layout.messages[0].min_size)?;
    let value = message(layout, 0, &mut cursor)?;
    match cursor.left() {
        left if left > MAX_PADDING => Err(DecodeError::LeftOver { left }),
        _ => Ok(value),
    }
}

fn message<const BIG: bool>(layout: &Layout, at: usize, cursor: &mut Cursor<'_, BIG>) -> Result<Value, DecodeError> {
    let message = &layout.messages[at];
    if message.fields.is_empty() {
        cursor.skip(1)?;
    }
    let mut fields = Vec::with_capacity(message.fields.len());
    for field in &message.fields {
        fields.push((Arc::clone(&field.name), self::field(layout, field, cursor)?));
    }
    Ok(Value::Message(fields))
}

fn field<const BIG: bool>(layout: &Layout, field: &Field, cursor: &mut Cursor<'_, BIG>) -> Result<Value, DecodeError> {
    let count = match field.count {
        Count::One => return item(layout, field, cursor),
        Count::Fixed(length) => length,
        Count::Sequence { bound } => {
            let count = cursor.count()?;
            within(field, count, bound)?;
            count
        }
    };
    // Nothing is reserved for elements that cannot be there.
    cursor.expect(u64::from(count).saturating_mul(layout.min_size(field.item)))?;
    match field.item {
        Item::Primitive(Primitive::U8 | Primitive::Byte | Primitive::Char) => {
            Ok(Value::Bytes(cursor.take(u64::from(count))?.to_vec()))
        }
        Item::Primitive(kind) => {
            if count > 0 {
                cursor.align(kind.size());
            }
            let bytes = cursor.take(u64::from(count) * kind.size() as u64)?;
            Ok(Value::Numbers(Numbers::new(kind, bytes, BIG)))
        }
        _ => {
            let mut items = Vec::with_capacity(count as usize);
            for _ in 0..count {
                items.push(item(layout, field, cursor)?);
            }
            Ok(Value::List(items))
        }
    }
}

fn within(field: &Field, count: u32, bound: Option<u32>) -> Result<(), DecodeError> {
    match bound.filter(|&bound| count > bound) {
        Some(bound) => Err(DecodeError::Bound {
            field: field.name.to_string(),
            count,
            bound,
        }),
        None => Ok(()),
    }
}

fn item<const BIG: bool>(layout: &Layout, field: &Field, cursor: &mut Cursor<'_, BIG>) -> Result<Value, DecodeError> {
    match field.item {
        Item::Primitive(kind) => primitive(kind, cursor),
        Item::Message(inner) => message(layout, inner, cursor),
        Item::String { bound } => {
            let length = cursor.count()?;
            let bytes = cursor.take(u64::from(length))?;
            let text = bytes.strip_suffix(&[0]).unwrap_or(bytes);
            within(field, text.len() as u32, bound)?;
            Ok(Value::String(String::from_utf8_lossy(text).into_owned()))
        }
        Item::WString { bound } => {
            // As Fast DDS and Cyclone DDS write it for ROS 2: a count, then four bytes per UTF-16 unit, no end mark.
            let length = cursor.count()?;
            within(field, length, bound)?;
            cursor.expect(u64::from(length) * 4)?;
            let mut units = Vec::with_capacity(length as usize);
            for _ in 0..length {
                units.push(u16::try_from(cursor.u32(cursor.at())?).unwrap_or(0xfffd));
                cursor.skip(4)?;
            }
            Ok(Value::String(String::from_utf16_lossy(&units)))
        }
    }
}

fn primitive<const BIG: bool>(kind: Primitive, cursor: &mut Cursor<'_, BIG>) -> Result<Value, DecodeError> {
    cursor.align(kind.size());
    let at = cursor.at();
    let value = match kind {
        Primitive::Bool => Value::Bool(cursor.u8(at)? != 0),
        Primitive::U8 | Primitive::Byte | Primitive::Char => Value::U8(cursor.u8(at)?),
        Primitive::I8 => Value::I8(cursor.u8(at)? as i8),
        Primitive::I16 => Value::I16(cursor.i16(at)?),
        Primitive::U16 => Value::U16(cursor.u16(at)?),
        Primitive::I32 => Value::I32(cursor.i32(at)?),
        Primitive::U32 => Value::U32(cursor.u32(at)?),
        Primitive::I64 => Value::I64(cursor.i64(at)?),
        Primitive::U64 => Value::U64(cursor.u64(at)?),
        Primitive::F32 => Value::F32(cursor.f32(at)?),
        Primitive::F64 => Value::F64(cursor.f64(at)?),
    };
    cursor.skip(kind.size() as u64)?;
    Ok(value)
}
