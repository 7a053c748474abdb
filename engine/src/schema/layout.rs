//! Definitions with their references resolved, and what each message takes on the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Definition, FieldType, MAX_DEPTH, Primitive, SchemaError};
use crate::name::TypeName;

/// All messages of a schema; the root is the first.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) messages: Vec<Message>,
}

/// One message. Without fields it is one unused byte.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: TypeName,
    pub(crate) fields: Vec<Field>,
    /// The fewest bytes that it can take: at least 1, so that a count of elements is bounded by the bytes that are left.
    pub(crate) min_size: u64,
    /// For a message of fixed size: the bytes it takes, padding included, when it starts at an offset of 0..8 modulo 8.
    pub(crate) fixed: Option<[u64; 8]>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) item: Item,
    pub(crate) count: Count,
}

/// What one element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Primitive(Primitive),
    String { bound: Option<u32> },
    WString { bound: Option<u32> },
    Message(usize),
}

/// How many elements there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    One,
    Fixed(u32),
    Sequence { bound: Option<u32> },
}

/// The next multiple of `align`, a power of two.
pub(crate) const fn align_up(offset: u64, align: u64) -> u64 {
    offset.saturating_add(align - 1) & !(align - 1)
}

impl Layout {
    pub(super) fn of(definitions: &[Definition], index: &BTreeMap<TypeName, usize>) -> Result<Self, SchemaError> {
        let mut messages: Vec<Message> = definitions
            .iter()
            .map(|definition| Message {
                name: definition.name.clone(),
                fields: definition.fields.iter().map(|f| field(f, index)).collect(),
                min_size: 1,
                fixed: None,
            })
            .collect();
        let mut states = vec![State::New; messages.len()];
        let mut chain = Vec::new();
        let _ = measure(0, &mut messages, &mut states, &mut chain)?;
        Ok(Self { messages })
    }

    /// The fewest bytes of one element.
    pub(crate) fn min_size(&self, item: Item) -> u64 {
        item_min_size(item, &self.messages)
    }
}

fn field(field: &super::Field, index: &BTreeMap<TypeName, usize>) -> Field {
    let (count, element) = match &field.ty {
        FieldType::Array { element, length } => (Count::Fixed(*length), &**element),
        FieldType::Sequence { element, bound } => (Count::Sequence { bound: *bound }, &**element),
        other => (Count::One, other),
    };
    let item = match element {
        FieldType::Primitive(primitive) => Item::Primitive(*primitive),
        FieldType::String { bound } => Item::String { bound: *bound },
        FieldType::WString { bound } => Item::WString { bound: *bound },
        FieldType::Message(name) => Item::Message(index[name]),
        FieldType::Array { .. } | FieldType::Sequence { .. } => unreachable!("the parser makes no arrays of arrays"),
    };
    Field {
        name: field.name.as_str().into(),
        item,
        count,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    /// With its depth.
    Done(usize),
}

/// Finds cycles, limits the depth, and works out the sizes, dependencies first. Gives the depth.
fn measure(
    at: usize,
    messages: &mut [Message],
    states: &mut [State],
    chain: &mut Vec<usize>,
) -> Result<usize, SchemaError> {
    match states[at] {
        State::Done(depth) => return Ok(depth),
        State::Open => {
            let from = chain.iter().position(|&m| m == at).unwrap_or_default();
            let names: Vec<&str> = chain[from..]
                .iter()
                .chain([&at])
                .map(|&m| messages[m].name.as_str())
                .collect();
            return Err(SchemaError::Cycle {
                ty: messages[at].name.clone(),
                chain: names.join(" > "),
            });
        }
        State::New => {}
    }
    if chain.len() == MAX_DEPTH {
        return Err(SchemaError::TooDeep {
            ty: messages[0].name.clone(),
        });
    }
    states[at] = State::Open;
    chain.push(at);
    let mut depth = 0;
    for f in 0..messages[at].fields.len() {
        if let Item::Message(inner) = messages[at].fields[f].item {
            depth = depth.max(measure(inner, messages, states, chain)?);
        }
    }
    let _ = chain.pop();
    depth += 1;
    // A message that was measured on a short way may stand at the end of a longer one.
    if chain.len() + depth > MAX_DEPTH {
        return Err(SchemaError::TooDeep {
            ty: messages[0].name.clone(),
        });
    }
    states[at] = State::Done(depth);
    messages[at].min_size = min_size(&messages[at].fields, messages);
    messages[at].fixed = fixed(&messages[at].fields, messages);
    Ok(depth)
}

fn item_min_size(item: Item, messages: &[Message]) -> u64 {
    match item {
        Item::Primitive(primitive) => primitive.size() as u64,
        Item::String { .. } | Item::WString { .. } => 4,
        Item::Message(inner) => messages[inner].min_size,
    }
}

fn min_size(fields: &[Field], messages: &[Message]) -> u64 {
    let sum = fields.iter().fold(0_u64, |sum, field| {
        sum.saturating_add(match field.count {
            Count::One => item_min_size(field.item, messages),
            Count::Fixed(n) => item_min_size(field.item, messages).saturating_mul(u64::from(n)),
            Count::Sequence { .. } => 4,
        })
    });
    sum.max(1)
}

fn fixed(fields: &[Field], messages: &[Message]) -> Option<[u64; 8]> {
    let mut sizes = [0; 8];
    for (start, size) in (0_u64..).zip(&mut sizes) {
        let mut at = start;
        for field in fields {
            let count = match field.count {
                Count::One => 1,
                Count::Fixed(n) => u64::from(n),
                Count::Sequence { .. } => return None,
            };
            at = at.saturating_add(run_size(field.item, count, at, messages)?);
        }
        *size = if fields.is_empty() { 1 } else { at - start };
    }
    Some(sizes)
}

fn run_size(item: Item, count: u64, offset: u64, messages: &[Message]) -> Option<u64> {
    match item {
        Item::Primitive(primitive) => {
            let size = primitive.size() as u64;
            // Saturated offsets are beyond every payload; they need no padding.
            let padding = align_up(offset, size).saturating_sub(offset);
            Some(if count == 0 {
                0
            } else {
                padding.saturating_add(size.saturating_mul(count))
            })
        }
        Item::String { .. } | Item::WString { .. } => None,
        Item::Message(inner) => {
            let sizes = messages[inner].fixed?;
            Some(repeat(&sizes, count, offset))
        }
    }
}

/// Bytes that `count` elements take from `offset` on, one behind the other.
///
/// Where an element starts modulo 8 decides its padding. The start repeats after 8 elements at the latest, mostly at
/// once; whole rounds are multiplied, so a million elements cost as much as eight.
pub(crate) fn repeat(sizes: &[u64; 8], count: u64, offset: u64) -> u64 {
    let mut at = offset;
    let mut left = count;
    let mut seen: [Option<(u64, u64)>; 8] = [None; 8];
    while left > 0 {
        let phase = (at % 8) as usize;
        if let Some((then, left_then)) = seen[phase] {
            let round = left_then - left;
            at = at.saturating_add((at - then).saturating_mul(left / round));
            for _ in 0..left % round {
                at = at.saturating_add(sizes[(at % 8) as usize]);
            }
            break;
        }
        seen[phase] = Some((at, left));
        at = at.saturating_add(sizes[phase]);
        left -= 1;
    }
    at - offset
}
