//! From what is wanted to the steps of one pass over the bytes: offsets are known in advance wherever they can be.

use super::resolve::Want;
use super::{Op, Part, Skip};
use crate::schema::layout::{Count, Field, Item, Layout, repeat};

/// The steps that read what is wanted of the first message, and the programs that pass over messages of variable size.
/// Without `any`, nothing is read.
pub(super) fn compile(layout: &Layout, want: &Want, any: bool) -> (Vec<Op>, Vec<Vec<Op>>) {
    let mut compiler = Compiler {
        layout,
        programs: Vec::new(),
        known: vec![None; layout.messages.len()],
    };
    // The first field stands right behind the header, where offsets are counted from.
    let mut code = Code {
        modulus: 8,
        ..Code::default()
    };
    if any {
        compiler.message(0, want, true, &mut code);
    }
    (code.ops, compiler.programs)
}

/// Code as it grows, and what is known about the place that it stands at.
struct Code {
    ops: Vec<Op>,
    /// Bytes that the place is ahead of the cursor.
    ahead: u64,
    /// The place is at `residue` modulo `modulus` (1, 2, 4 or 8).
    modulus: u64,
    residue: u64,
}

impl Default for Code {
    fn default() -> Self {
        Self {
            ops: Vec::new(),
            ahead: 0,
            modulus: 1,
            residue: 0,
        }
    }
}

impl Code {
    fn align(&mut self, size: u64) {
        if size <= self.modulus {
            self.advance((size - self.residue % size) % size);
            return;
        }
        self.ops.push(Op::Move {
            advance: self.ahead,
            align: size as usize,
        });
        self.ahead = 0;
        self.modulus = size;
        self.residue = 0;
    }

    fn advance(&mut self, bytes: u64) {
        self.ahead = self.ahead.saturating_add(bytes);
        self.residue = (self.residue + bytes % self.modulus) % self.modulus;
    }

    /// Brings the cursor to the place.
    fn settle(&mut self) {
        if self.ahead > 0 {
            self.ops.push(Op::Move {
                advance: self.ahead,
                align: 1,
            });
            self.ahead = 0;
        }
    }

    /// Adds what moves the cursor by an amount that only the message tells; then the place is at a multiple of `modulus`.
    fn variable(&mut self, op: Op, modulus: u64) {
        self.settle();
        self.ops.push(op);
        self.modulus = modulus;
        self.residue = 0;
    }
}

struct Compiler<'a> {
    layout: &'a Layout,
    programs: Vec<Vec<Op>>,
    /// The program that passes over a message, by message.
    known: Vec<Option<usize>>,
}

impl Compiler<'_> {
    /// Code for a message of which something is wanted. With `last`, nothing behind it is.
    fn message(&mut self, message: usize, want: &Want, last: bool, code: &mut Code) {
        let layout = self.layout;
        let fields = &layout.messages[message].fields;
        let mut left = want.fields.len();
        for (position, field) in fields.iter().enumerate() {
            if last && left == 0 {
                return;
            }
            match want.fields.get(&position) {
                Some(inner) => {
                    left -= 1;
                    self.field(field, inner, last && left == 0, code);
                }
                None => self.skip(field, code),
            }
        }
        if fields.is_empty() {
            code.advance(1);
        }
    }

    fn field(&mut self, field: &Field, want: &Want, last: bool, code: &mut Code) {
        match (field.item, field.count) {
            (Item::Primitive(kind), Count::Sequence { .. }) => {
                let picks = want
                    .elements
                    .iter()
                    .flat_map(|(&index, want)| want.slots.iter().map(move |&slot| (index, slot)))
                    .collect();
                code.variable(Op::Numbers { kind, picks }, 4.min(kind.size() as u64));
            }
            (Item::Primitive(kind), count) => {
                let size = kind.size() as u64;
                code.align(size);
                for &slot in &want.slots {
                    code.ops.push(Op::Read {
                        ahead: code.ahead as usize,
                        kind,
                        slot,
                    });
                }
                for (&index, want) in &want.elements {
                    for &slot in &want.slots {
                        code.ops.push(Op::Read {
                            ahead: code.ahead.saturating_add(u64::from(index) * size) as usize,
                            kind,
                            slot,
                        });
                    }
                }
                code.advance(size * times(count));
            }
            (Item::Message(inner), Count::One) => self.single(inner, want, last, code),
            (Item::Message(inner), count) => {
                let end = want.elements.last_key_value().map(|(&index, _)| index);
                let parts = want
                    .elements
                    .iter()
                    .map(|(&index, want)| {
                        let last = last && Some(index) == end;
                        let mut code = Code::default();
                        self.single(inner, want, last, &mut code);
                        if !last {
                            code.settle();
                        }
                        Part { index, ops: code.ops }
                    })
                    .collect();
                let op = Op::Items {
                    count: fixed_count(count),
                    skip: self.skip_of(Item::Message(inner)),
                    parts,
                    last,
                };
                code.variable(op, 1);
            }
            // Nothing inside a string can be wanted.
            (Item::String { .. } | Item::WString { .. }, _) => self.skip(field, code),
        }
    }

    /// One message: perhaps wanted as a time, perhaps with some of its fields.
    fn single(&mut self, message: usize, want: &Want, last: bool, code: &mut Code) {
        if !want.slots.is_empty() {
            code.align(4);
            for &slot in &want.slots {
                code.ops.push(Op::Stamp {
                    ahead: code.ahead as usize,
                    slot,
                });
            }
        }
        self.message(message, want, last, code);
    }

    fn skip(&mut self, field: &Field, code: &mut Code) {
        match (field.item, field.count) {
            (Item::Primitive(kind), Count::Sequence { .. }) => {
                let picks = Vec::new();
                code.variable(Op::Numbers { kind, picks }, 4.min(kind.size() as u64));
            }
            (Item::Primitive(kind), count) => {
                code.align(kind.size() as u64);
                code.advance(kind.size() as u64 * times(count));
            }
            (Item::String { .. }, Count::One) => code.variable(Op::Text, 1),
            (Item::WString { .. }, Count::One) => code.variable(Op::WideText, 1),
            (item, count) => {
                let skip = self.skip_of(item);
                if let (Skip::Fixed(sizes), Some(count), 8) = (skip, fixed_count(count), code.modulus) {
                    code.advance(repeat(&sizes, u64::from(count), code.residue));
                    return;
                }
                let op = Op::Items {
                    count: fixed_count(count),
                    skip,
                    parts: Vec::new(),
                    last: false,
                };
                code.variable(op, 1);
            }
        }
    }

    fn skip_of(&mut self, item: Item) -> Skip {
        match item {
            Item::String { .. } => Skip::Text,
            Item::WString { .. } => Skip::WideText,
            Item::Primitive(kind) => {
                let size = kind.size() as u64;
                let mut sizes = [size; 8];
                for (start, bytes) in (0_u64..).zip(&mut sizes) {
                    *bytes += (size - start % size) % size;
                }
                Skip::Fixed(sizes)
            }
            Item::Message(inner) => match self.layout.messages[inner].fixed {
                Some(sizes) => Skip::Fixed(sizes),
                None => Skip::Program(self.program(inner)),
            },
        }
    }

    /// The program that passes over a message, made once, so that the size of a plan grows with the definitions and
    /// not with the tree that they span.
    fn program(&mut self, message: usize) -> usize {
        if let Some(program) = self.known[message] {
            return program;
        }
        let mut code = Code::default();
        let layout = self.layout;
        for field in &layout.messages[message].fields {
            self.skip(field, &mut code);
        }
        code.settle();
        self.programs.push(code.ops);
        let program = self.programs.len() - 1;
        self.known[message] = Some(program);
        program
    }
}

fn fixed_count(count: Count) -> Option<u32> {
    match count {
        Count::One => Some(1),
        Count::Fixed(length) => Some(length),
        Count::Sequence { .. } => None,
    }
}

fn times(count: Count) -> u64 {
    u64::from(fixed_count(count).unwrap_or_default())
}
