//! From an expression back to text, with no more parentheses than it needs.

use std::f64::consts::{E, PI, TAU};
use std::fmt;

use super::functions::{Operation, Scalar, functions};
use super::parse::{ATOM, COMPARISON, INFIX, POWER, TERNARY, UNARY};
use super::{Expression, Node};

/// A text and how tight its outermost operator binds.
type Piece = (String, u8);

fn number(value: f64) -> String {
    let words = [("pi", PI), ("tau", TAU), ("e", E)];
    if let Some((word, _)) = words.iter().find(|(_, known)| *known == value) {
        return (*word).to_owned();
    }
    if value.is_nan() {
        return "nan".to_owned();
    }
    // The shortest digits that read as the same number; `inf` prints as itself.
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// The text of a piece, in parentheses if it binds less tight than `least`.
fn within((text, binds): Piece, least: u8) -> String {
    if binds < least { format!("({text})") } else { text }
}

fn apply(operation: Operation, mut values: Vec<Piece>) -> Piece {
    let infix = INFIX
        .iter()
        .find(|(_, scalar, _)| operation == Operation::Scalar(*scalar));
    if let (Some(&(symbol, _, binds)), 2) = (infix, values.len()) {
        let right = values.pop().expect("there are two");
        let left = values.pop().expect("there is one more");
        let (least_left, least_right) = match binds {
            POWER => (ATOM, UNARY),
            COMPARISON => (binds + 1, binds + 1),
            _ => (binds, binds + 1),
        };
        let mut text = within(left, least_left);
        if binds == POWER {
            text.push_str(symbol);
        } else {
            text.push(' ');
            text.push_str(symbol);
            text.push(' ');
        }
        text.push_str(&within(right, least_right));
        return (text, binds);
    }
    let sign = match operation {
        Operation::Scalar(Scalar::Negate) => "-",
        Operation::Scalar(Scalar::Not) => "!",
        _ => "",
    };
    if !sign.is_empty() {
        let value = values.pop().expect("signs take one value");
        return (format!("{sign}{}", within(value, UNARY)), UNARY);
    }
    let name = functions()
        .iter()
        .find(|function| function.operation == operation)
        .map_or("", |f| f.name);
    let arguments: Vec<String> = values.into_iter().map(|(text, _)| text).collect();
    (format!("{name}({})", arguments.join(", ")), ATOM)
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pieces: Vec<Piece> = Vec::new();
        for node in &self.nodes {
            let piece = match *node {
                Node::Number(value) => (number(value), ATOM),
                Node::Input(index) => (self.inputs[usize::from(index)].to_string(), ATOM),
                Node::Elapsed => ("t".to_owned(), ATOM),
                Node::Step => ("dt".to_owned(), ATOM),
                Node::Apply(operation, count) => {
                    let values = pieces.split_off(pieces.len() - usize::from(count));
                    apply(operation, values)
                }
                Node::Ternary => {
                    let mut values = pieces.split_off(pieces.len() - 3).into_iter();
                    let mut next = |least| values.next().map(|piece| within(piece, least)).unwrap_or_default();
                    (
                        format!("{} ? {} : {}", next(TERNARY + 1), next(TERNARY), next(TERNARY)),
                        TERNARY,
                    )
                }
            };
            pieces.push(piece);
        }
        f.write_str(&pieces.pop().map(|(text, _)| text).unwrap_or_default())
    }
}
