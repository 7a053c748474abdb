//! From an expression in postfix order to a program over registers.

use std::collections::HashMap;

use super::functions::{Many, Operation, Scalar};
use super::run::{Clock, Code, Instruction, Program};
use super::{Expression, Node};

/// Where a value is while the program is written; the registers of all but inputs are numbered at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Input(u16),
    Elapsed,
    Step,
    Constant(f64),
    Scratch(u16),
}

struct Draft {
    code: Code,
    to: u16,
    values: [Place; 3],
    /// Second operand of codes that take a count or a slot.
    number: u16,
}

/// Registers: inputs, `t`, `dt`, constants, slots of `prev`, scratch. Their numbers fit: there are at most 64 inputs and
/// 4096 nodes, and a node takes at most one constant or slot and three scratch registers.
struct Layout {
    elapsed: u16,
    constants: u16,
    slots: u16,
    scratch: u16,
}

#[derive(Default)]
struct Compiler {
    drafts: Vec<Draft>,
    /// What the nodes so far have left.
    stack: Vec<Place>,
    /// Scratch registers in use; they are taken and given back like a stack.
    used: u16,
    most: u16,
    slots: u16,
}

impl Compiler {
    /// Takes a scratch register for a value that comes after those on the stack.
    fn take(&mut self) -> u16 {
        let taken = self.used;
        self.used += 1;
        self.most = self.most.max(self.used);
        taken
    }

    /// Gives back the scratch registers of these values.
    fn give_back(&mut self, values: &[Place]) {
        let first = values.iter().filter_map(|value| match value {
            Place::Scratch(register) => Some(*register),
            Place::Input(_) | Place::Elapsed | Place::Step | Place::Constant(_) => None,
        });
        self.used = first.min().unwrap_or(self.used);
    }

    /// Writes an operation and gives back the registers of `done`, of which it may reuse one.
    fn write(&mut self, code: Code, values: &[Place], number: u16, done: &[Place]) -> Place {
        self.give_back(done);
        let to = self.take();
        self.write_to(to, code, values, number)
    }

    /// Writes an operation on at most three values.
    fn write_to(&mut self, to: u16, code: Code, values: &[Place], number: u16) -> Place {
        let value = |index: usize| values.get(index).copied().unwrap_or(values[0]);
        self.drafts.push(Draft {
            code,
            to,
            values: [value(0), value(1), value(2)],
            number,
        });
        Place::Scratch(to)
    }

    /// Takes values in pairs, left to right; a single one is itself.
    fn chain(&mut self, scalar: Scalar, values: &[Place]) -> Place {
        let code = Code::Scalar(scalar);
        match *values {
            [value] => value,
            [left, right] => self.write(code, &[left, right], 0, values),
            [first, ref middle @ .., last] => {
                // Later values keep their registers until the chain comes to them.
                let between = self.take();
                let mut left = first;
                for right in middle {
                    left = self.write_to(between, code, &[left, *right], 0);
                }
                self.write(code, &[left, last], 0, &[values, &[left]].concat())
            }
            [] => Place::Constant(f64::NAN),
        }
    }

    /// Writes an operation on registers that lie side by side, after copies if the values don't.
    fn side_by_side(&mut self, many: Many, values: &[Place]) -> Place {
        let beside = values.windows(2).all(|pair| match (pair[0], pair[1]) {
            (Place::Input(a), Place::Input(b)) | (Place::Scratch(a), Place::Scratch(b)) => a + 1 == b,
            _ => false,
        });
        let (code, count) = (Code::Many(many), values.len() as u16);
        if beside {
            return self.write(code, &values[..1], count, values);
        }
        let copies: Vec<Place> = values
            .iter()
            .map(|value| self.write(Code::Copy, &[*value], 0, &[]))
            .collect();
        self.write(code, &copies[..1], count, &[values, &copies].concat())
    }

    fn apply(&mut self, operation: Operation, values: &[Place], fold: bool) -> Place {
        if let Some(constants) = constants(values).filter(|_| fold)
            && let Some(value) = folded(operation, &constants)
        {
            return Place::Constant(value);
        }
        match operation {
            Operation::Scalar(scalar @ (Scalar::Min | Scalar::Max)) => self.chain(scalar, values),
            Operation::Scalar(scalar) => self.write(Code::Scalar(scalar), values, 0, values),
            Operation::Many(many) => self.side_by_side(many, values),
            Operation::Prev => {
                self.slots += 1;
                self.write(Code::Prev, values, self.slots - 1, values)
            }
        }
    }
}

/// The values, if all of them are constants.
fn constants(values: &[Place]) -> Option<Vec<f64>> {
    let constant = |value: &Place| match *value {
        Place::Constant(constant) => Some(constant),
        Place::Input(_) | Place::Elapsed | Place::Step | Place::Scratch(_) => None,
    };
    values.iter().map(constant).collect()
}

/// The value of an operation that has no memory.
fn folded(operation: Operation, values: &[f64]) -> Option<f64> {
    let at = |index: usize| values.get(index).copied().unwrap_or(values[0]);
    match operation {
        Operation::Scalar(scalar @ (Scalar::Min | Scalar::Max)) => {
            values.iter().copied().reduce(|a, b| scalar.of(a, b, b))
        }
        Operation::Scalar(scalar) => Some(scalar.of(at(0), at(1), at(2))),
        Operation::Many(many) => Some(many.of(values)),
        Operation::Prev => None,
    }
}

/// Compiles an expression; without `fold`, constant parts are computed at every evaluation.
pub(super) fn compile(expression: &Expression, fold: bool) -> Program {
    let mut compiler = Compiler::default();
    for node in &expression.nodes {
        let place = match *node {
            Node::Number(value) => Place::Constant(value),
            Node::Input(index) => Place::Input(index),
            Node::Elapsed => Place::Elapsed,
            Node::Step => Place::Step,
            Node::Apply(operation, count) => {
                let values = compiler.stack.split_off(compiler.stack.len() - usize::from(count));
                compiler.apply(operation, &values, fold)
            }
            Node::Ternary => {
                let values = compiler.stack.split_off(compiler.stack.len() - 3);
                compiler.apply(Operation::Scalar(Scalar::If), &values, fold)
            }
        };
        compiler.stack.push(place);
    }
    let result = compiler.stack.pop().unwrap_or(Place::Constant(f64::NAN));
    assemble(&compiler, expression.inputs.len(), result)
}

fn assemble(compiler: &Compiler, inputs: usize, result: Place) -> Program {
    let operands = compiler.drafts.iter().flat_map(|draft| draft.values);
    let mut constants: Vec<f64> = Vec::new();
    let mut index: HashMap<u64, u16> = HashMap::new();
    let mut clock = Clock::default();
    let elapsed = inputs as u16;
    for place in operands.chain([result]) {
        match place {
            Place::Constant(value) => {
                let _ = index.entry(value.to_bits()).or_insert_with(|| {
                    constants.push(value);
                    constants.len() as u16 - 1
                });
            }
            Place::Elapsed => clock.elapsed = Some(elapsed),
            Place::Step => clock.step = Some(elapsed + 1),
            Place::Input(_) | Place::Scratch(_) => {}
        }
    }
    let layout = Layout {
        elapsed,
        constants: elapsed + 2,
        slots: elapsed + 2 + constants.len() as u16,
        scratch: elapsed + 2 + constants.len() as u16 + compiler.slots,
    };
    let register = |place: Place| match place {
        Place::Input(input) => input,
        Place::Elapsed => layout.elapsed,
        Place::Step => layout.elapsed + 1,
        Place::Constant(value) => layout.constants + index.get(&value.to_bits()).copied().unwrap_or_default(),
        Place::Scratch(scratch) => layout.scratch + scratch,
    };
    let instructions = compiler.drafts.iter().map(|draft| {
        let [a, b, c] = draft.values.map(register);
        let b = match draft.code {
            Code::Many(_) => draft.number,
            Code::Prev => layout.slots + draft.number,
            Code::Scalar(_) | Code::Copy => b,
        };
        Instruction {
            code: draft.code,
            to: layout.scratch + draft.to,
            a,
            b,
            c,
        }
    });
    // Inputs, time and slots are NaN until they are known.
    let mut registers = vec![f64::NAN; usize::from(layout.scratch) + usize::from(compiler.most)];
    let from = usize::from(layout.constants);
    registers[from..from + constants.len()].copy_from_slice(&constants);
    Program {
        instructions: instructions.collect(),
        registers: registers.into_boxed_slice(),
        inputs,
        clock,
        result: register(result),
    }
}
