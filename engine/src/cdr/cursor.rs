//! Reading numbers off the bytes behind the header.

use super::{DecodeError, HEADER};
use crate::schema::Primitive;

/// A place in the bytes of a message. `BIG` is its byte order.
pub(super) struct Cursor<'a, const BIG: bool> {
    bytes: &'a [u8],
    at: usize,
}

macro_rules! read {
    ($name:ident, $ty:ty, $size:literal) => {
        #[inline]
        pub(super) fn $name(&self, at: usize) -> Result<$ty, DecodeError> {
            match self.bytes.get(at..).and_then(|b| b.first_chunk::<$size>()) {
                Some(bytes) if BIG => Ok(<$ty>::from_be_bytes(*bytes)),
                Some(bytes) => Ok(<$ty>::from_le_bytes(*bytes)),
                None => Err(self.truncated(at as u64, $size)),
            }
        }
    };
}

impl<'a, const BIG: bool> Cursor<'a, BIG> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) fn left(&self) -> u64 {
        (self.bytes.len() - self.at) as u64
    }

    #[cold]
    fn truncated(&self, at: u64, needed: u64) -> DecodeError {
        DecodeError::Truncated {
            at: at.saturating_add(HEADER as u64),
            needed,
            length: (self.bytes.len() + HEADER) as u64,
        }
    }

    /// Goes to the next multiple of `size`, a power of two. The place may be just behind the end, where padding was
    /// left out.
    #[inline]
    pub(super) fn align(&mut self, size: usize) {
        // `at` is at most the length of a slice, which is far from the end of `usize`.
        self.at = ((self.at + size - 1) & !(size - 1)).min(self.bytes.len());
    }

    /// Goes forward.
    #[inline]
    pub(super) fn skip(&mut self, count: u64) -> Result<(), DecodeError> {
        if count > self.left() {
            return Err(self.truncated(self.at as u64, count));
        }
        self.at += count as usize;
        Ok(())
    }

    /// Checks that at least `needed` bytes are left.
    pub(super) fn expect(&self, needed: u64) -> Result<(), DecodeError> {
        match needed > self.left() {
            true => Err(self.truncated(self.at as u64, needed)),
            false => Ok(()),
        }
    }

    /// Takes `count` bytes.
    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], DecodeError> {
        let from = self.at;
        self.skip(count)?;
        Ok(&self.bytes[from..self.at])
    }

    /// The count before a string or a sequence.
    #[inline]
    pub(super) fn count(&mut self) -> Result<u32, DecodeError> {
        self.align(4);
        let count = self.u32(self.at)?;
        self.at += 4;
        Ok(count)
    }

    read!(u16, u16, 2);
    read!(i16, i16, 2);
    read!(u32, u32, 4);
    read!(i32, i32, 4);
    read!(u64, u64, 8);
    read!(i64, i64, 8);
    read!(f32, f32, 4);
    read!(f64, f64, 8);

    #[inline]
    pub(super) fn u8(&self, at: usize) -> Result<u8, DecodeError> {
        self.bytes.get(at).copied().ok_or_else(|| self.truncated(at as u64, 1))
    }

    /// A number as `f64`; 64-bit integers beyond 2^53 are rounded.
    #[inline]
    pub(super) fn number(&self, at: usize, kind: Primitive) -> Result<f64, DecodeError> {
        Ok(match kind {
            Primitive::F64 => self.f64(at)?,
            Primitive::F32 => f64::from(self.f32(at)?),
            Primitive::Bool => f64::from(u8::from(self.u8(at)? != 0)),
            Primitive::U8 | Primitive::Byte | Primitive::Char => f64::from(self.u8(at)?),
            Primitive::I8 => f64::from(self.u8(at)? as i8),
            Primitive::U16 => f64::from(self.u16(at)?),
            Primitive::I16 => f64::from(self.i16(at)?),
            Primitive::U32 => f64::from(self.u32(at)?),
            Primitive::I32 => f64::from(self.i32(at)?),
            Primitive::U64 => self.u64(at)? as f64,
            Primitive::I64 => self.i64(at)? as f64,
        })
    }

    /// Seconds of a `builtin_interfaces` time or duration.
    #[inline]
    pub(super) fn seconds(&self, at: usize) -> Result<f64, DecodeError> {
        Ok(f64::from(self.i32(at)?) + f64::from(self.u32(at + 4)?) * 1e-9)
    }
}
