//! From text to tokens.

use std::ops::Range;

use super::ExpressionError;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    /// A word or a path without a topic: `pi`, `sqrt`, `position[3]`.
    Name(&'a str),
    /// `/topic:field`
    Field(&'a str),
    /// What stood between quotes.
    Quoted(&'a str),
    Symbol(&'static str),
    End,
}

/// Longer ones first, so that `<=` is not `<`.
const SYMBOLS: [&str; 20] = [
    "<=", ">=", "==", "!=", "&&", "||", "+", "-", "*", "/", "%", "^", "<", ">", "!", "(", ")", ",", "?", ":",
];

/// What people write who come from other languages.
const MISTAKES: [(&str, &str); 6] = [
    ("**", "a power is written with `^`"),
    ("=", "equality is written `==`"),
    ("&", "`and` is written `&&`"),
    ("|", "`or` is written `||`"),
    ("'", "names are quoted with `\"`"),
    (";", "there is one expression, without `;`"),
];

#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// A value has just ended, so a `/` divides.
    after_value: bool,
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// Bytes at the start of `text` that satisfy `wanted`.
fn run(text: &str, wanted: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(|b| !wanted(b)).unwrap_or(text.len())
}

/// Bytes of the number at the start of `text`.
fn number(text: &str) -> usize {
    let digits = |from: usize| from + run(&text[from..], |b| b.is_ascii_digit());
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        // Without digits the `e` is no part of the number.
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// Bytes of the path at the start of `text`: `name`, `[index]` and `.name`, as far as they go.
fn path(text: &str) -> usize {
    let mut end = run(text, is_word);
    loop {
        let rest = &text[end..];
        let more = if let Some(inside) = rest.strip_prefix('[') {
            // Whatever stands in the brackets: the check of the path says what is wrong with it.
            let index = run(inside, |b| is_word(b) || b == b'-');
            1 + index + usize::from(inside[index..].starts_with(']'))
        } else if let Some(name) = rest.strip_prefix('.') {
            1 + run(name, is_word)
        } else {
            0
        };
        if more == 0 {
            return end;
        }
        end += more;
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            after_value: false,
        }
    }

    /// The next token and where it stands.
    pub(super) fn next(&mut self) -> Result<(Token<'a>, Range<usize>), ExpressionError> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        let start = self.at;
        let rest = &self.text[start..];
        let (token, length) = self.read(rest)?;
        self.at += length;
        self.after_value = !matches!(token, Token::Symbol(_) | Token::End) || token == Token::Symbol(")");
        Ok((token, start..self.at))
    }

    fn wrong<T>(&self, length: usize, message: impl Into<String>) -> Result<T, ExpressionError> {
        Err(ExpressionError::new(self.at..self.at + length, message))
    }

    fn read(&self, rest: &'a str) -> Result<(Token<'a>, usize), ExpressionError> {
        let mut bytes = rest.bytes();
        let Some(first) = bytes.next() else {
            return Ok((Token::End, 0));
        };
        let second = bytes.next().unwrap_or(0);
        if first.is_ascii_digit() || (first == b'.' && second.is_ascii_digit()) {
            let length = number(rest);
            let value: f64 = rest[..length].parse().unwrap_or(f64::INFINITY);
            if value.is_infinite() {
                return self.wrong(length, "this number is too large; write `inf` for infinity");
            }
            return Ok((Token::Number(value), length));
        }
        if first.is_ascii_alphabetic() || first == b'_' {
            let length = path(rest);
            return Ok((Token::Name(&rest[..length]), length));
        }
        if first == b'/' && !self.after_value {
            return self.field(rest);
        }
        if matches!(first, b'"' | b'`') {
            let close = rest[1..].find(char::from(first));
            let Some(length) = close else {
                return self.wrong(1, "this quote is not closed");
            };
            return Ok((Token::Quoted(&rest[1..=length]), length + 2));
        }
        let mistake = MISTAKES.iter().find(|(wrong, _)| rest.starts_with(wrong));
        let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        match (symbol, mistake) {
            (Some(symbol), mistake) if mistake.is_none_or(|(wrong, _)| wrong.len() <= symbol.len()) => {
                Ok((Token::Symbol(symbol), symbol.len()))
            }
            (_, Some((wrong, hint))) => self.wrong(wrong.len(), format!("`{wrong}` means nothing here: {hint}")),
            _ => {
                let c = rest.chars().next().unwrap_or_default();
                let message = format!(
                    "`{}` means nothing here; put names with such characters in quotes",
                    c.escape_debug()
                );
                self.wrong(c.len_utf8(), message)
            }
        }
    }

    fn field(&self, rest: &'a str) -> Result<(Token<'a>, usize), ExpressionError> {
        let topic = run(rest, |b| is_word(b) || b == b'/');
        if topic == 1 {
            return self.wrong(
                1,
                "a value should stand before `/`, or a topic name should begin with it",
            );
        }
        if !rest[topic..].starts_with(':') {
            return self.wrong(
                topic,
                "a topic is followed by `:` and a field, such as `/imu/data:angular_velocity.x`; \
                 names with other characters go in quotes",
            );
        }
        let length = topic + 1 + path(&rest[topic + 1..]);
        if length == topic + 1 {
            return self.wrong(
                length,
                "a field should follow `:`, such as `/imu/data:angular_velocity.x`",
            );
        }
        Ok((Token::Field(&rest[..length]), length))
    }
}
