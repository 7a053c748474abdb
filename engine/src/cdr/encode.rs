//! Writing messages: field by field, or a whole value by its schema.

use thiserror::Error;

use super::{Endian, HEADER, Value};
use crate::clock::Timestamp;
use crate::schema::layout::{Count, Field, Item, Layout};
use crate::schema::{Primitive, Schema};

/// Writes one message after the other into a buffer that is kept, field by field in the order of the definition.
///
/// ```
/// use roswave_engine::cdr::Encoder;
/// use roswave_engine::clock::Timestamp;
///
/// // sensor_msgs/msg/Temperature
/// let mut encoder = Encoder::new();
/// encoder.header(Timestamp(1_700_000_000_500_000_000), "motor");
/// encoder.f64(36.5);
/// encoder.f64(0.0);
/// assert_eq!(encoder.payload()[..4], [0, 1, 0, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Encoder {
    bytes: Vec<u8>,
    endian: Endian,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! write_number {
    ($($name:ident: $ty:ty),*) => {$(
        #[doc = concat!("Writes a number of type `", stringify!($ty), "`, aligned to its size.")]
        pub fn $name(&mut self, value: $ty) {
            self.align(size_of::<$ty>());
            match self.endian {
                Endian::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
                Endian::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
            }
        }
    )*};
}

impl Encoder {
    /// A little-endian encoder, at the beginning of a message.
    #[must_use]
    pub fn new() -> Self {
        Self::with_endian(Endian::Little)
    }

    /// An encoder for a byte order, at the beginning of a message.
    #[must_use]
    pub fn with_endian(endian: Endian) -> Self {
        let mut encoder = Self {
            bytes: Vec::with_capacity(256),
            endian,
        };
        encoder.clear();
        encoder
    }

    /// Begins a new message. The buffer is kept.
    pub fn clear(&mut self) {
        self.bytes.clear();
        let low = match self.endian {
            Endian::Little => 1,
            Endian::Big => 0,
        };
        self.bytes.extend_from_slice(&[0, low, 0, 0]);
    }

    /// The message so far, with its header of four bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.bytes
    }

    fn align(&mut self, size: usize) {
        let body = self.bytes.len() - HEADER;
        let padded = body.next_multiple_of(size);
        self.bytes.resize(padded + HEADER, 0);
    }

    write_number!(u8: u8, i8: i8, u16: u16, i16: i16, u32: u32, i32: i32, u64: u64, i64: i64, f32: f32, f64: f64);

    /// Writes a `bool`.
    pub fn bool(&mut self, value: bool) {
        self.u8(value.into());
    }

    /// Writes a `string`: its length with the closing NUL, its bytes, the NUL.
    pub fn string(&mut self, text: &str) {
        self.sequence(text.len() + 1);
        self.bytes(text.as_bytes());
        self.u8(0);
    }

    /// Writes a `wstring`: the count of its UTF-16 units, then four bytes for each.
    pub fn wstring(&mut self, text: &str) {
        self.sequence(text.encode_utf16().count());
        for unit in text.encode_utf16() {
            self.u32(unit.into());
        }
    }

    /// Writes the count before the elements of a sequence. Arrays have none.
    ///
    /// # Panics
    /// When it is above `u32::MAX`; no memory holds such a message.
    pub fn sequence(&mut self, length: usize) {
        self.u32(u32::try_from(length).expect("a sequence has at most 2^32 - 1 elements"));
    }

    /// Writes bytes as they are, without a count.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes a `builtin_interfaces` time: whole seconds as `int32`, rounded down, and nanoseconds as `uint32`. Times
    /// that `int32` cannot hold (from 2038 on) become the nearest that it can.
    pub fn time(&mut self, time: Timestamp) {
        const NANOSECONDS: i64 = 1_000_000_000;
        let seconds = time.0.div_euclid(NANOSECONDS);
        self.i32(seconds.clamp(i32::MIN.into(), i32::MAX.into()) as i32);
        self.u32(time.0.rem_euclid(NANOSECONDS) as u32);
    }

    /// Writes a `std_msgs/Header`.
    pub fn header(&mut self, stamp: Timestamp, frame_id: &str) {
        self.time(stamp);
        self.string(frame_id);
    }
}

/// Why a value cannot be written as a message of the type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// A value of another kind.
    #[error("`{path}` must be {expected}, and the value is {got}")]
    Kind {
        /// Where in the message; empty for the whole.
        path: String,
        /// What the definition wants.
        expected: String,
        /// What the value is.
        got: &'static str,
    },
    /// A field without a value.
    #[error("`{path}` has no value")]
    Absent {
        /// Where in the message.
        path: String,
    },
    /// A value without a field.
    #[error("`{path}` is no field of {ty}")]
    Unknown {
        /// Where in the message.
        path: String,
        /// The type that has no such field.
        ty: String,
    },
    /// The wrong number of elements or characters.
    #[error("`{path}` must have {expected} elements, and the value has {got}")]
    Length {
        /// Where in the message.
        path: String,
        /// What the definition wants.
        expected: String,
        /// How many there are.
        got: usize,
    },
}

/// Writes a whole message. Integers may be of another width than the field's as long as the value fits; floats are
/// converted. Bytes may be given as [`Value::Bytes`] or as a list.
///
/// # Errors
/// When the value is not of the type; the sentence names the field.
pub fn encode(schema: &Schema, value: &Value, endian: Endian) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer {
        layout: schema.layout(),
        encoder: Encoder::with_endian(endian),
        path: String::new(),
    };
    writer.message(0, value)?;
    Ok(writer.encoder.bytes)
}

struct Writer<'a> {
    layout: &'a Layout,
    encoder: Encoder,
    path: String,
}

impl Writer<'_> {
    fn kind<T>(&self, expected: &str, got: &Value) -> Result<T, EncodeError> {
        Err(EncodeError::Kind {
            path: self.path.clone(),
            expected: expected.to_owned(),
            got: describe(got),
        })
    }

    /// Does something for a part of the value, with the part's name in the path.
    fn within<T>(&mut self, part: std::fmt::Arguments<'_>, work: impl FnOnce(&mut Self) -> T) -> T {
        use std::fmt::Write as _;
        let before = self.path.len();
        let _ = self.path.write_fmt(part);
        let result = work(self);
        self.path.truncate(before);
        result
    }

    fn message(&mut self, at: usize, value: &Value) -> Result<(), EncodeError> {
        let layout = self.layout;
        let message = &layout.messages[at];
        let Value::Message(values) = value else {
            return self.kind(message.name.as_str(), value);
        };
        let dot = if self.path.is_empty() { "" } else { "." };
        if let Some((name, _)) = values
            .iter()
            .find(|(name, _)| message.fields.iter().all(|f| f.name != *name))
        {
            return Err(EncodeError::Unknown {
                path: format!("{}{dot}{name}", self.path),
                ty: message.name.to_string(),
            });
        }
        if message.fields.is_empty() {
            self.encoder.u8(0);
        }
        for (position, field) in message.fields.iter().enumerate() {
            // Values mostly come in the order of the definition.
            let value = values
                .get(position)
                .filter(|(name, _)| *name == field.name)
                .or_else(|| values.iter().find(|(name, _)| *name == field.name));
            self.within(format_args!("{dot}{}", field.name), |this| match value {
                Some((_, value)) => this.field(field, value),
                None => Err(EncodeError::Absent {
                    path: this.path.clone(),
                }),
            })?;
        }
        Ok(())
    }

    fn field(&mut self, field: &Field, value: &Value) -> Result<(), EncodeError> {
        if field.count == Count::One {
            return self.item(field.item, value);
        }
        let got = match value {
            Value::List(items) => items.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Numbers(numbers) => numbers.len(),
            other => return self.kind("a list", other),
        };
        let expected = match field.count {
            Count::Fixed(length) if got != length as usize => Some(length.to_string()),
            Count::Sequence { bound: Some(bound) } if got > bound as usize => Some(format!("at most {bound}")),
            _ => None,
        };
        if let Some(expected) = expected {
            return Err(EncodeError::Length {
                path: self.path.clone(),
                expected,
                got,
            });
        }
        if let Count::Sequence { .. } = field.count {
            self.encoder.sequence(got);
        }
        match (value, field.item) {
            (Value::Bytes(bytes), Item::Primitive(Primitive::U8 | Primitive::Byte | Primitive::Char)) => {
                self.encoder.bytes(bytes);
            }
            (Value::Bytes(bytes), item) => {
                for (i, &byte) in bytes.iter().enumerate() {
                    self.within(format_args!("[{i}]"), |this| this.item(item, &Value::U8(byte)))?;
                }
            }
            (Value::Numbers(numbers), item) => {
                for (i, value) in numbers.iter().enumerate() {
                    self.within(format_args!("[{i}]"), |this| this.item(item, &value))?;
                }
            }
            (Value::List(items), item) => {
                for (i, value) in items.iter().enumerate() {
                    self.within(format_args!("[{i}]"), |this| this.item(item, value))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn item(&mut self, item: Item, value: &Value) -> Result<(), EncodeError> {
        match item {
            Item::Message(inner) => self.message(inner, value),
            Item::Primitive(primitive) => self.primitive(primitive, value),
            Item::String { bound } | Item::WString { bound } => {
                let Value::String(text) = value else {
                    return self.kind("a string", value);
                };
                let wide = matches!(item, Item::WString { .. });
                let got = if wide { text.encode_utf16().count() } else { text.len() };
                if let Some(bound) = bound.filter(|&bound| got > bound as usize) {
                    return Err(EncodeError::Length {
                        path: self.path.clone(),
                        expected: format!("at most {bound}"),
                        got,
                    });
                }
                if wide {
                    self.encoder.wstring(text);
                } else {
                    self.encoder.string(text);
                }
                Ok(())
            }
        }
    }

    fn primitive(&mut self, primitive: Primitive, value: &Value) -> Result<(), EncodeError> {
        macro_rules! integer {
            ($($kind:pat => $method:ident),*) => {
                match (primitive, value) {
                    (Primitive::Bool, Value::Bool(v)) => {
                        self.encoder.bool(*v);
                        true
                    }
                    (Primitive::F32, Value::F32(v)) => {
                        self.encoder.f32(*v);
                        true
                    }
                    (Primitive::F32, _) => float(value).map(|v| self.encoder.f32(v as f32)).is_some(),
                    (Primitive::F64, _) => float(value).map(|v| self.encoder.f64(v)).is_some(),
                    $(($kind, _) => match integer(value).and_then(|v| v.try_into().ok()) {
                        Some(v) => {
                            self.encoder.$method(v);
                            true
                        }
                        None => false,
                    },)*
                    (Primitive::Bool, _) => false,
                }
            };
        }
        let written = integer!(
            Primitive::U8 | Primitive::Byte | Primitive::Char => u8,
            Primitive::I8 => i8,
            Primitive::U16 => u16,
            Primitive::I16 => i16,
            Primitive::U32 => u32,
            Primitive::I32 => i32,
            Primitive::U64 => u64,
            Primitive::I64 => i64
        );
        match written {
            true => Ok(()),
            false => self.kind(primitive.as_str(), value),
        }
    }
}

fn integer(value: &Value) -> Option<i128> {
    Some(match value {
        Value::I8(v) => i128::from(*v),
        Value::U8(v) => i128::from(*v),
        Value::I16(v) => i128::from(*v),
        Value::U16(v) => i128::from(*v),
        Value::I32(v) => i128::from(*v),
        Value::U32(v) => i128::from(*v),
        Value::I64(v) => i128::from(*v),
        Value::U64(v) => i128::from(*v),
        _ => return None,
    })
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::F64(v) => Some(*v),
        Value::F32(v) => Some(f64::from(*v)),
        other => integer(other).map(|v| v as f64),
    }
}

fn describe(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "a bool",
        Value::I8(_)
        | Value::U8(_)
        | Value::I16(_)
        | Value::U16(_)
        | Value::I32(_)
        | Value::U32(_)
        | Value::I64(_)
        | Value::U64(_) => "an integer (perhaps out of range)",
        Value::F32(_) | Value::F64(_) => "a float",
        Value::String(_) => "a string",
        Value::Bytes(_) | Value::Numbers(_) | Value::List(_) => "a list",
        Value::Message(_) => "a message",
    }
}
