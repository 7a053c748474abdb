//! The program of an expression: a flat list of operations over numbered registers.

use super::RESTART_NS;
use super::functions::{Many, Scalar};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Code {
    /// From registers `a`, `b`, `c`.
    Scalar(Scalar),
    /// From `b` registers from `a` on.
    Many(Many),
    /// Takes the slot `b` and leaves `a` there.
    Prev,
    /// From register `a`.
    Copy,
}

/// One operation; `to` takes its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Instruction {
    pub code: Code,
    pub to: u16,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

/// Where `t` and `dt` go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub elapsed: Option<u16>,
    pub step: Option<u16>,
}

/// A compiled expression. It never changes; what it remembers is in a [`State`].
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) instructions: Box<[Instruction]>,
    /// The registers as they are at the first evaluation: inputs first, then time, constants, slots, and scratch.
    pub(super) registers: Box<[f64]>,
    pub(super) inputs: usize,
    pub(super) clock: Clock,
    pub(super) result: u16,
}

/// What a program remembers from one sample to the next, and its scratch space.
#[derive(Clone, Debug)]
pub struct State {
    registers: Box<[f64]>,
    /// Times of the first and the last evaluation.
    times: Option<(i64, i64)>,
}

fn seconds(ns: i64) -> f64 {
    ns as f64 / 1e9
}

impl Program {
    /// The memory for one series of evaluations. It serves this program and its clones only.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            registers: self.registers.clone(),
            times: None,
        }
    }

    /// How many values [`Program::run`] takes.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many operations an evaluation takes.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.instructions.len()
    }

    /// Forgets what `state` remembers: the next evaluation is the first.
    pub fn restart(&self, state: &mut State) {
        state.times = None;
        if state.registers.len() == self.registers.len() {
            state.registers.copy_from_slice(&self.registers);
        }
    }

    /// The value of the expression for the values of its inputs, in their order, at a time in nanoseconds. Inputs that
    /// are missing are NaN. A step back by more than [`RESTART_NS`] restarts the state first. Allocates nothing.
    ///
    /// A state that another program made gives a value without meaning.
    pub fn run(&self, state: &mut State, inputs: &[f64], time_ns: i64) -> f64 {
        if state.registers.len() != self.registers.len() {
            return f64::NAN;
        }
        let (first, last) = match state.times {
            Some((_, last)) if last.saturating_sub(time_ns) > RESTART_NS => {
                self.restart(state);
                (time_ns, None)
            }
            Some((first, last)) => (first, Some(last)),
            None => (time_ns, None),
        };
        state.times = Some((first, time_ns));
        let registers = &mut *state.registers;
        let (given, _) = registers.split_at_mut(self.inputs);
        if let Some(inputs) = inputs.get(..given.len()) {
            given.copy_from_slice(inputs);
        } else {
            given.fill(f64::NAN);
            given[..inputs.len()].copy_from_slice(inputs);
        }
        if let Some(elapsed) = self.clock.elapsed {
            registers[usize::from(elapsed)] = seconds(time_ns.saturating_sub(first));
        }
        if let Some(step) = self.clock.step {
            registers[usize::from(step)] = last.map_or(f64::NAN, |last| seconds(time_ns.saturating_sub(last)));
        }
        for &Instruction { code, to, a, b, c } in &self.instructions {
            let at = usize::from;
            let value = match code {
                Code::Scalar(scalar) => scalar.of(registers[at(a)], registers[at(b)], registers[at(c)]),
                Code::Many(many) => many.of(&registers[at(a)..at(a) + at(b)]),
                Code::Prev => {
                    let now = registers[at(a)];
                    std::mem::replace(&mut registers[at(b)], now)
                }
                Code::Copy => registers[at(a)],
            };
            registers[at(to)] = value;
        }
        registers[usize::from(self.result)]
    }
}
