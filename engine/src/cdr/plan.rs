//! Compiled extraction: all wanted fields of a type in one pass over the bytes, without allocating.

mod compile;
mod resolve;

use thiserror::Error;

use super::cursor::Cursor;
use super::{DecodeError, Endian, FieldPath, MISSING, open};
use crate::schema::layout::repeat;
use crate::schema::{Primitive, Schema};
use resolve::{Want, resolve};

/// Compiled extraction of some numeric fields of one type. Extracting allocates nothing.
///
/// Fields before the first string or sequence are read at fixed offsets; behind one, each string or sequence costs the
/// reading of its count. Reading stops behind the last wanted field.
#[derive(Debug)]
pub struct FieldPlan {
    ops: Vec<Op>,
    /// How to pass over messages of variable size.
    programs: Vec<Vec<Op>>,
    kinds: Vec<Primitive>,
}

/// Why a plan cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    /// The type has no such field.
    #[error("no field `{path}` in {ty}; it has {have}")]
    NoField {
        /// The wanted path.
        path: String,
        /// The type in which the search ended.
        ty: String,
        /// The fields of that type.
        have: String,
    },
    /// The field is there, but is no number.
    #[error("`{path}` of {ty} is a {kind}, which is no number; {way_out}")]
    NotNumeric {
        /// The wanted path.
        path: String,
        /// The type of the message.
        ty: String,
        /// The type of the field.
        kind: String,
        /// What to ask for instead.
        way_out: String,
    },
    /// An index on something that has no elements.
    #[error("`{path}` of {ty} has an index on `{field}`, which is a single {kind}")]
    NoElements {
        /// The wanted path.
        path: String,
        /// The type of the message.
        ty: String,
        /// The field with the index.
        field: String,
        /// Its type.
        kind: String,
    },
    /// An index that no message can have.
    #[error("`{path}` of {ty} is past the end: `{field}` has at most {length} elements, the last is [{}]", length - 1)]
    PastEnd {
        /// The wanted path.
        path: String,
        /// The type of the message.
        ty: String,
        /// The field with the index.
        field: String,
        /// Most elements that it can have.
        length: u32,
    },
}

#[derive(Debug)]
enum Op {
    /// Forward, then to the next multiple.
    Move { advance: u64, align: usize },
    /// A number, that many bytes ahead of the cursor.
    Read { ahead: usize, kind: Primitive, slot: usize },
    /// Seconds and nanoseconds as one number.
    Stamp { ahead: usize, slot: usize },
    /// Past a string.
    Text,
    /// Past a wide string.
    WideText,
    /// Past a sequence of numbers, taking some of them (index, slot).
    Numbers { kind: Primitive, picks: Vec<(u32, usize)> },
    /// Past an array or (without a count) a sequence of messages or strings, looking into some of them.
    Items {
        count: Option<u32>,
        skip: Skip,
        parts: Vec<Part>,
        /// True if nothing behind the last part is wanted.
        last: bool,
    },
}

/// How to pass over one element.
#[derive(Debug, Clone, Copy)]
enum Skip {
    Text,
    WideText,
    Fixed([u64; 8]),
    Program(usize),
}

/// What is wanted of one element.
#[derive(Debug)]
struct Part {
    index: u32,
    ops: Vec<Op>,
}

impl FieldPlan {
    /// Compiles the extraction of `paths`, in their order. A path may be wanted twice. A `builtin_interfaces` time or
    /// duration is read in seconds.
    ///
    /// # Errors
    /// When a path leads to no field or to something that is no number.
    pub fn compile(schema: &Schema, paths: &[FieldPath]) -> Result<Self, PlanError> {
        let layout = schema.layout();
        let mut want = Want::default();
        let mut kinds = Vec::with_capacity(paths.len());
        for (slot, path) in paths.iter().enumerate() {
            kinds.push(resolve(layout, path, slot, &mut want)?);
        }
        let (ops, programs) = compile::compile(layout, &want, !paths.is_empty());

        Ok(Self { ops, programs, kinds })
    }

    /// Number of values per row, in the order of the paths.
    #[must_use]
    pub fn width(&self) -> usize {
        self.kinds.len()
    }

    /// What a value of the row is in the message. Times and durations count as `F64`.
    ///
    /// # Panics
    /// When `column` is not below [`FieldPlan::width`].
    #[must_use]
    pub fn primitive(&self, column: usize) -> Primitive {
        self.kinds[column]
    }

    /// Whether a value of the row keeps all of its digits as `f32`.
    ///
    /// # Panics
    /// When `column` is not below [`FieldPlan::width`].
    #[must_use]
    pub fn is_f32(&self, column: usize) -> bool {
        matches!(
            self.kinds[column],
            Primitive::F32
                | Primitive::Bool
                | Primitive::Byte
                | Primitive::Char
                | Primitive::I8
                | Primitive::U8
                | Primitive::I16
                | Primitive::U16
        )
    }

    /// Fills `row` (of length [`FieldPlan::width`]). Elements that the message does not have become [`MISSING`];
    /// bools 0 or 1; 64-bit integers beyond 2^53 are rounded.
    ///
    /// # Errors
    /// When the bytes are not a message of the type. The row then holds nothing of use.
    ///
    /// # Panics
    /// When `row` is shorter than [`FieldPlan::width`].
    pub fn extract(&self, payload: &[u8], row: &mut [f64]) -> Result<(), DecodeError> {
        let row = &mut row[..self.kinds.len()];
        row.fill(MISSING);
        match open(payload)? {
            (Endian::Little, body) => self.run(&self.ops, &mut Cursor::<false>::new(body), row),
            (Endian::Big, body) => self.run(&self.ops, &mut Cursor::<true>::new(body), row),
        }
    }

    fn run<const BIG: bool>(
        &self,
        ops: &[Op],
        cursor: &mut Cursor<'_, BIG>,
        row: &mut [f64],
    ) -> Result<(), DecodeError> {
        for op in ops {
            match op {
                Op::Move { advance, align } => {
                    cursor.skip(*advance)?;
                    cursor.align(*align);
                }
                Op::Read { ahead, kind, slot } => {
                    row[*slot] = cursor.number(cursor.at().saturating_add(*ahead), *kind)?;
                }
                Op::Stamp { ahead, slot } => {
                    row[*slot] = cursor.seconds(cursor.at().saturating_add(*ahead))?;
                }
                Op::Text => skip_text(cursor)?,
                Op::WideText => skip_wide_text(cursor)?,
                Op::Numbers { kind, picks } => {
                    let count = cursor.count()?;
                    if count == 0 {
                        continue;
                    }
                    let size = kind.size();
                    cursor.align(size);
                    let from = cursor.at();
                    cursor.skip(u64::from(count) * size as u64)?;
                    for &(index, slot) in picks {
                        if index < count {
                            row[slot] = cursor.number(from + index as usize * size, *kind)?;
                        }
                    }
                }
                Op::Items {
                    count,
                    skip,
                    parts,
                    last,
                } => {
                    let count = match count {
                        Some(count) => *count,
                        None => cursor.count()?,
                    };
                    let mut next = 0;
                    for part in parts.iter().take_while(|part| part.index < count) {
                        self.pass(*skip, part.index - next, cursor, row)?;
                        self.run(&part.ops, cursor, row)?;
                        next = part.index + 1;
                    }
                    // With the last part missing from a short sequence, passing over the rest does no harm.
                    if !last {
                        self.pass(*skip, count - next, cursor, row)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Passes over elements. Each takes at least one byte, so a huge count ends with the payload.
    fn pass<const BIG: bool>(
        &self,
        skip: Skip,
        count: u32,
        cursor: &mut Cursor<'_, BIG>,
        row: &mut [f64],
    ) -> Result<(), DecodeError> {
        match skip {
            Skip::Fixed(sizes) => cursor.skip(repeat(&sizes, u64::from(count), cursor.at() as u64)),
            Skip::Text => (0..count).try_for_each(|_| skip_text(cursor)),
            Skip::WideText => (0..count).try_for_each(|_| skip_wide_text(cursor)),
            Skip::Program(program) => (0..count).try_for_each(|_| self.run(&self.programs[program], cursor, row)),
        }
    }
}

fn skip_text<const BIG: bool>(cursor: &mut Cursor<'_, BIG>) -> Result<(), DecodeError> {
    let length = cursor.count()?;
    cursor.skip(u64::from(length))
}

fn skip_wide_text<const BIG: bool>(cursor: &mut Cursor<'_, BIG>) -> Result<(), DecodeError> {
    let length = cursor.count()?;
    cursor.skip(u64::from(length) * 4)
}
