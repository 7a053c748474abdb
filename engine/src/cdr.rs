//! CDR: compiled field paths over raw bytes, the full value tree for inspection, and the encoder.
//!
//! ROS 2 writes messages in plain CDR, version 1 (OMG, "Common Data Representation", with the encapsulation header of
//! DDSI-RTPS 2.5 section 10): two bytes of representation identifier, two of options, then the fields, each aligned to
//! its own size, counted from behind the header. Representation 0 is big endian, 1 is little endian; parameter lists
//! and version 2 are refused with a sentence, since no ROS 2 middleware writes them for messages.

mod cursor;
mod encode;
mod numbers;
mod path;
mod plan;
mod value;

use thiserror::Error;

pub use encode::{EncodeError, Encoder, encode};
pub use numbers::Numbers;
pub use path::{FieldPath, PathError, Segment};
pub use plan::{FieldPlan, PlanError};
pub use value::Value;

/// What stands in a row when the message does not have the element (an index past the end of a sequence):
/// a NaN of our own, so that a NaN that was measured stays one.
pub const MISSING: f64 = f64::from_bits(0x7ff8_0000_0000_0d0d);

/// Whether `value` is [`MISSING`].
#[must_use]
pub fn is_missing(value: f64) -> bool {
    value.to_bits() == MISSING.to_bits()
}

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Lowest byte first; what nearly every robot writes.
    #[default]
    Little,
    /// Highest byte first.
    Big,
}

/// Why bytes are not a message of the type.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Not even a header.
    #[error("the payload has {0} bytes, fewer than the 4 of its CDR header")]
    NoHeader(usize),
    /// Bytes in a form that ROS 2 does not use for messages.
    #[error(
        "the payload is written as {form} (representation {id:#06x}); only plain CDR, version 1, can be read: set the publisher to XCDR1"
    )]
    Representation {
        /// The representation identifier.
        id: u16,
        /// What it stands for.
        form: &'static str,
    },
    /// It ends before the message does.
    #[error(
        "the payload ends too early: at byte {at} of {length}, {needed} bytes should follow; the publisher may use another definition of the type"
    )]
    Truncated {
        /// Where in the payload.
        at: u64,
        /// Bytes that should follow there.
        needed: u64,
        /// Bytes of the payload.
        length: u64,
    },
    /// More elements or characters than the definition allows.
    #[error(
        "`{field}` has {count} elements and its definition allows {bound}; the publisher may use another definition of the type"
    )]
    Bound {
        /// Its name.
        field: String,
        /// How many the payload says.
        count: u32,
        /// How many there may be.
        bound: u32,
    },
    /// It goes on behind the message.
    #[error("{left} bytes are left over behind the message; the publisher may use another definition of the type")]
    LeftOver {
        /// How many.
        left: u64,
    },
}

/// Bytes of the encapsulation header.
pub(crate) const HEADER: usize = 4;

/// Reads the encapsulation header.
fn open(payload: &[u8]) -> Result<(Endian, &[u8]), DecodeError> {
    let Some((&[high, low, _, _], body)) = payload.split_first_chunk::<HEADER>() else {
        return Err(DecodeError::NoHeader(payload.len()));
    };
    let form = match u16::from_be_bytes([high, low]) {
        0 => return Ok((Endian::Big, body)),
        1 => return Ok((Endian::Little, body)),
        2 | 3 => "a parameter list",
        6 | 7 => "plain CDR of version 2",
        8 | 9 => "delimited CDR of version 2",
        10 | 11 => "a parameter list of version 2",
        _ => "something unknown",
    };
    Err(DecodeError::Representation {
        id: u16::from_be_bytes([high, low]),
        form,
    })
}

#[cfg(test)]
mod tests;
