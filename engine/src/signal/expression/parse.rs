//! From tokens to an expression: precedence climbing, with every nesting counted.

use std::f64::consts::{E, PI, TAU};
use std::ops::Range;

use super::check::{field_of, is_word, shown, suggestion};
use super::functions::{Operation, Scalar, function, functions};
use super::lexer::{Lexer, Token};
use super::{Expression, ExpressionError, Input, MAX_DEPTH, MAX_INPUTS, MAX_NODES, MAX_TEXT, Names, Node};

/// How tight an operator binds.
pub(super) const TERNARY: u8 = 1;
pub(super) const COMPARISON: u8 = 4;
pub(super) const UNARY: u8 = 7;
pub(super) const POWER: u8 = 8;
pub(super) const ATOM: u8 = 9;

/// Operators between two values.
pub(super) const INFIX: [(&str, Scalar, u8); 14] = [
    ("||", Scalar::Or, 2),
    ("&&", Scalar::And, 3),
    ("<", Scalar::Less, COMPARISON),
    ("<=", Scalar::LessEqual, COMPARISON),
    (">", Scalar::Greater, COMPARISON),
    (">=", Scalar::GreaterEqual, COMPARISON),
    ("==", Scalar::Equal, COMPARISON),
    ("!=", Scalar::NotEqual, COMPARISON),
    ("+", Scalar::Add, 5),
    ("-", Scalar::Subtract, 5),
    ("*", Scalar::Multiply, 6),
    ("/", Scalar::Divide, 6),
    ("%", Scalar::Remainder, 6),
    ("^", Scalar::Power, POWER),
];

fn infix(token: Token<'_>) -> Option<(Scalar, u8)> {
    let Token::Symbol(symbol) = token else { return None };
    let found = INFIX.iter().find(|(written, ..)| *written == symbol);
    found.map(|&(_, operation, binds)| (operation, binds))
}

struct Parser<'a> {
    names: &'a Names,
    lexer: Lexer<'a>,
    token: Token<'a>,
    at: Range<usize>,
    depth: usize,
    nodes: Vec<Node>,
    inputs: Vec<Input>,
}

type Parsed<T = ()> = Result<T, ExpressionError>;

pub(super) fn parse(text: &str, names: &Names) -> Parsed<Expression> {
    if text.len() > MAX_TEXT {
        let message = format!("an expression has at most {MAX_TEXT} bytes");
        return Err(ExpressionError::new(0..text.len(), message));
    }
    let mut lexer = Lexer::new(text);
    let (token, at) = lexer.next()?;
    if token == Token::End {
        return Err(ExpressionError::new(at, "the expression is empty"));
    }
    let mut parser = Parser {
        names,
        lexer,
        token,
        at,
        depth: 0,
        nodes: Vec::new(),
        inputs: Vec::new(),
    };
    parser.expression(TERNARY)?;
    match parser.token {
        Token::End => Ok(Expression {
            nodes: parser.nodes,
            inputs: parser.inputs,
        }),
        Token::Symbol(")") => parser.wrong("this `)` closes nothing"),
        Token::Symbol(":") => parser.wrong("this `:` has no `?` before it"),
        Token::Symbol(",") => parser.wrong("only the arguments of a function are parted by commas"),
        _ => parser.wrong("an operator is missing before this"),
    }
}

impl<'a> Parser<'a> {
    fn wrong<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(ExpressionError::new(self.at.clone(), message))
    }

    fn advance(&mut self) -> Parsed {
        (self.token, self.at) = self.lexer.next()?;
        Ok(())
    }

    fn push(&mut self, node: Node, at: &Range<usize>) -> Parsed {
        if self.nodes.len() == MAX_NODES {
            let message = format!("an expression has at most {MAX_NODES} values and operations");
            return Err(ExpressionError::new(at.clone(), message));
        }
        self.nodes.push(node);
        Ok(())
    }

    fn push_input(&mut self, input: Result<Input, String>, at: &Range<usize>) -> Parsed {
        let input = input.map_err(|message| ExpressionError::new(at.clone(), message))?;
        let index = self
            .inputs
            .iter()
            .position(|known| *known == input)
            .unwrap_or(self.inputs.len());
        if index == MAX_INPUTS {
            let message = format!("an expression has at most {MAX_INPUTS} different inputs");
            return Err(ExpressionError::new(at.clone(), message));
        }
        if index == self.inputs.len() {
            self.inputs.push(input);
        }
        self.push(Node::Input(index as u16), at)
    }

    /// Reads an expression one level deeper, whose operators bind at least as tight as `least`.
    fn nested(&mut self, least: u8) -> Parsed {
        if self.depth == MAX_DEPTH {
            return self.wrong(format!("this is nested deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        self.expression(least)?;
        self.depth -= 1;
        Ok(())
    }

    fn expression(&mut self, least: u8) -> Parsed {
        self.value()?;
        loop {
            let at = self.at.clone();
            if self.token == Token::Symbol("?") && least <= TERNARY {
                self.advance()?;
                self.nested(TERNARY)?;
                if self.token != Token::Symbol(":") {
                    return Err(ExpressionError::new(
                        at,
                        "this `?` needs a `:` and the other value after it",
                    ));
                }
                self.advance()?;
                self.nested(TERNARY)?;
                self.push(Node::Ternary, &at)?;
                continue;
            }
            let Some((operation, binds)) = infix(self.token).filter(|(_, binds)| *binds >= least) else {
                return Ok(());
            };
            self.advance()?;
            if binds == POWER {
                self.nested(UNARY)?;
            } else {
                self.expression(binds + 1)?;
            }
            self.push(Node::Apply(Operation::Scalar(operation), 2), &at)?;
            if binds == COMPARISON && infix(self.token).is_some_and(|(_, binds)| binds == COMPARISON) {
                return self.wrong("comparisons don't chain: write `a < b && b < c`");
            }
        }
    }

    fn value(&mut self) -> Parsed {
        let (token, at) = (self.token, self.at.clone());
        match token {
            Token::Symbol("(") => {
                self.advance()?;
                self.nested(TERNARY)?;
                self.close(&at)
            }
            Token::Symbol(sign @ ("-" | "!")) => {
                self.advance()?;
                self.nested(UNARY)?;
                let operation = if sign == "-" { Scalar::Negate } else { Scalar::Not };
                self.push(Node::Apply(Operation::Scalar(operation), 1), &at)
            }
            Token::Number(value) => {
                self.advance()?;
                self.push(Node::Number(value), &at)
            }
            Token::Field(text) => {
                self.advance()?;
                self.push_input(field_of(text).and_then(|field| self.names.checked(field)), &at)
            }
            Token::Quoted(text) => {
                self.advance()?;
                let input = if text.starts_with('/') {
                    field_of(text).and_then(|field| self.names.checked(field))
                } else {
                    self.names.short(text, true)
                };
                self.push_input(input, &at)
            }
            Token::Name(name) => {
                self.advance()?;
                if self.token == Token::Symbol("(") {
                    return self.call(name, &at);
                }
                self.word(name, &at)
            }
            Token::End => self.wrong("the expression ends where a value should follow"),
            Token::Symbol(symbol) => self.wrong(format!("a value should stand before `{symbol}`")),
        }
    }

    fn word(&mut self, name: &str, at: &Range<usize>) -> Parsed {
        let node = match name {
            "pi" => Node::Number(PI),
            "tau" => Node::Number(TAU),
            "e" => Node::Number(E),
            "nan" => Node::Number(f64::NAN),
            "inf" => Node::Number(f64::INFINITY),
            "t" => Node::Elapsed,
            "dt" => Node::Step,
            _ => return self.push_input(self.names.short(name, false), at),
        };
        self.push(node, at)
    }

    fn close(&mut self, open: &Range<usize>) -> Parsed {
        match self.token {
            Token::Symbol(")") => self.advance(),
            Token::End => Err(ExpressionError::new(open.clone(), "this `(` is not closed")),
            Token::Symbol(_) => self.wrong("a `)` should stand before this"),
            _ => self.wrong("an operator is missing before this"),
        }
    }

    fn call(&mut self, name: &str, at: &Range<usize>) -> Parsed {
        let Some(function) = function(name) else {
            let message = if is_word(name) {
                format!("`{name}` is a number, not a function; an operator is missing after it")
            } else {
                let hint = suggestion(name, functions().iter().map(|function| function.name));
                format!("there is no function `{}`{hint}", shown(name))
            };
            return Err(ExpressionError::new(at.clone(), message));
        };
        let open = self.at.clone();
        self.advance()?;
        let mut count = 0;
        if self.token != Token::Symbol(")") {
            self.nested(TERNARY)?;
            count = 1;
            while self.token == Token::Symbol(",") {
                self.advance()?;
                self.nested(TERNARY)?;
                count += 1;
            }
        }
        let end = self.at.end;
        self.close(&open)?;
        if !function.takes.contains(&count) {
            let message = format!(
                "`{name}` is written `{name}({})`, not with {count} values",
                function.arguments
            );
            return Err(ExpressionError::new(at.start..end, message));
        }
        self.push(Node::Apply(function.operation, count as u16), at)
    }
}
