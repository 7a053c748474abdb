//! Derived series: an expression over fields of any topics, compiled once and run per sample.
//!
//! ```text
//! sqrt(/imu/data:linear_acceleration.x^2 + /imu/data:linear_acceleration.y^2)
//! deg(yaw(/odom:q.x, /odom:q.y, /odom:q.z, /odom:q.w))
//! (x - prev(x)) / dt
//! ```
//!
//! # What may be written
//!
//! | | |
//! |---|---|
//! | numbers | `1`, `.5`, `1.5e-3` |
//! | constants | `pi`, `e`, `tau`, `nan`, `inf` |
//! | time | `t`: seconds since the first evaluation; `dt`: seconds since the previous one, NaN the first time |
//! | fields | `/imu/data:angular_velocity.x`, `/joints:position[3]`; odd names in quotes: `"/a b:c"` or with backquotes |
//! | short names | what [`Names`] binds, such as `x`, and fields of its topic, such as `position[3]` |
//! | operators, loosest first | `c ? a : b`, `\|\|`, `&&`, `< <= > >= == !=`, `+ -`, `* / %`, unary `- !`, `^` |
//! | functions | [`functions()`] lists them |
//!
//! A `/` where a value is expected begins a topic name; a `/` after a value divides. So `/a:x//b:y` divides `/a:x` by
//! `/b:y`. Power is right associative and binds tighter than a sign: `-2^2` is -4. Comparisons don't chain. A bare word
//! that is a constant or a time means that; a field of the same name is written in quotes: `"e"`.
//!
//! # What it gives
//!
//! Numbers are IEEE doubles: `x/0` is infinite, `0/0` is NaN, and NaN goes through every operation, `min` and `max`
//! too; the one exception is `hypot(inf, nan)`, infinite as IEEE 754 has it. Comparisons and logic give 1 or 0; every
//! comparison with NaN gives 0, `!=` too, and NaN is not true. Both branches of a choice are always evaluated: nothing
//! has an effect but `prev`, which has to see every sample.
//!
//! NaN never stays: the only memory is `prev`, and each one holds a single value, that of the previous evaluation. A
//! step back in time of more than [`RESTART_NS`] begins anew; a smaller one gives a negative `dt`.

mod check;
mod compile;
mod functions;
mod lexer;
mod parse;
mod print;
mod run;
#[cfg(test)]
mod tests;

use std::ops::Range;

use thiserror::Error;

pub use check::{Input, Names, input_of};
pub use functions::{Function, WORDS, functions};
pub use run::{Program, State};

use functions::Operation;

/// Bytes that an expression may have.
pub const MAX_TEXT: usize = 1 << 20;
/// Values and operations that an expression may have.
pub const MAX_NODES: usize = 4096;
/// How deep parentheses, calls, signs, powers and choices may nest.
pub const MAX_DEPTH: usize = 64;
/// Different inputs that an expression may have.
pub const MAX_INPUTS: usize = 64;
/// A step back in time by more than this, in nanoseconds, begins anew.
pub const RESTART_NS: i64 = 1_000_000_000;

/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message} (at byte {})", at.start)]
pub struct ExpressionError {
    /// The bytes of the text that are meant; empty at its end.
    pub at: Range<usize>,
    /// What is wrong and the way out, in one line.
    pub message: String,
}

/// Characters of the text that [`ExpressionError::caret`] shows on each side of the place.
const AROUND: usize = 60;

impl ExpressionError {
    fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }

    /// Two lines that point at the place: the text, and below it `^^^ why`. Long texts are cut around the place.
    #[must_use]
    pub fn caret(&self, text: &str) -> String {
        let column = |byte: usize| text.char_indices().take_while(|(at, _)| *at < byte).count();
        let (start, end) = (column(self.at.start), column(self.at.end));
        let total = text.chars().count();
        let first = start.saturating_sub(AROUND);
        let last = end.min(start + AROUND).saturating_add(AROUND).min(total);
        let mut line = String::new();
        if first > 0 {
            line.push('…');
        }
        let shown = text.chars().skip(first).take(last - first);
        line.extend(shown.map(|c| if c.is_control() { ' ' } else { c }));
        if last < total {
            line.push('…');
        }
        let before = start - first + usize::from(first > 0);
        let carets = end.min(last).saturating_sub(start).max(1);
        format!("{line}\n{}{} {}", " ".repeat(before), "^".repeat(carets), self.message)
    }
}

/// One step of an expression in postfix order: it takes the values before it and leaves one.
#[derive(Clone, Copy, Debug)]
enum Node {
    Number(f64),
    /// Which input.
    Input(u16),
    /// `t`
    Elapsed,
    /// `dt`
    Step,
    /// An operator or a function, and how many values it takes.
    Apply(Operation, u16),
    /// `c ? a : b`, kept apart from `if(c, a, b)` so that it prints as it was written.
    Ternary,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            // NaN is the same number here.
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Input(a), Self::Input(b)) => a == b,
            (Self::Apply(a, m), Self::Apply(b, n)) => a == b && m == n,
            (Self::Elapsed, Self::Elapsed) | (Self::Step, Self::Step) | (Self::Ternary, Self::Ternary) => true,
            _ => false,
        }
    }
}

/// A checked expression. It prints, with every field in full, as text that reads as the same expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    nodes: Vec<Node>,
    inputs: Vec<Input>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When the text is no expression, names what `names` doesn't know, or passes a limit of this module.
    pub fn parse(text: &str, names: &Names) -> Result<Self, ExpressionError> {
        parse::parse(text, names)
    }

    /// The inputs in the order in which [`Program::run`] takes their values: that of their first mention.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The program that evaluates it. Parts without an input are computed here, once.
    #[must_use]
    pub fn compile(&self) -> Program {
        compile::compile(self, true)
    }
}
