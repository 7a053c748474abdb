//! Arrays of numbers, as compact as on the wire.

use super::Value;
use crate::schema::Primitive;

/// Numbers of one kind. They take the bytes that they take in the message, and no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    kind: Primitive,
    /// Little endian.
    bytes: Box<[u8]>,
}

impl Numbers {
    /// From the bytes of a message; `is_big` when they are in big endian.
    pub(super) fn new(kind: Primitive, bytes: &[u8], is_big: bool) -> Self {
        let mut bytes: Box<[u8]> = bytes.into();
        if is_big && kind.size() > 1 {
            bytes.chunks_exact_mut(kind.size()).for_each(<[u8]>::reverse);
        }
        Self { kind, bytes }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.kind.size()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The number at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value> {
        let size = self.kind.size();
        let from = index.checked_mul(size)?;
        let bytes = self.bytes.get(from..from.checked_add(size)?)?;
        macro_rules! number {
            ($variant:ident, $type:ty) => {
                Value::$variant(<$type>::from_le_bytes(bytes.try_into().ok()?))
            };
        }
        Some(match self.kind {
            Primitive::Bool => Value::Bool(bytes[0] != 0),
            Primitive::U8 | Primitive::Byte | Primitive::Char => Value::U8(bytes[0]),
            Primitive::I8 => number!(I8, i8),
            Primitive::I16 => number!(I16, i16),
            Primitive::U16 => number!(U16, u16),
            Primitive::I32 => number!(I32, i32),
            Primitive::U32 => number!(U32, u32),
            Primitive::I64 => number!(I64, i64),
            Primitive::U64 => number!(U64, u64),
            Primitive::F32 => number!(F32, f32),
            Primitive::F64 => number!(F64, f64),
        })
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Value> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
