//! Which names an expression may use, and what they stand for.

use std::fmt;

use super::functions::{WORDS, functions};
use super::lexer::{Lexer, Token};
use super::{ExpressionError, MAX_TEXT};

/// Bytes that a topic or a path may have.
const MAX_NAME: usize = 1024;
/// Characters of a name that are compared when a similar one is sought.
const COMPARED: usize = 64;
/// Names that a message lists when none is similar.
const LISTED: usize = 3;

/// An input of an expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// A field of a topic.
    Field {
        /// Full name of the topic, with its leading slash.
        topic: String,
        /// Path of the field: `angular_velocity.x`, `position[3]`.
        field: String,
    },
    /// A value that the caller knows by a name of its own.
    Named(String),
}

impl Input {
    /// The field at `field` of `topic`. Indexes are written without leading zeros.
    ///
    /// # Errors
    /// When one of the two is not well formed; the place is that in `topic:field`.
    pub fn field(topic: &str, field: &str) -> Result<Self, ExpressionError> {
        let wrong = |at, message| ExpressionError::new(at, message);
        let begin = topic.len() + 1;
        check_topic(topic).map_err(|message| wrong(0..topic.len(), message))?;
        let field = canonical_path(field).map_err(|message| wrong(begin..begin + field.len(), message))?;
        Ok(Self::Field {
            topic: topic.to_owned(),
            field,
        })
    }
}

impl fmt::Display for Input {
    /// As an expression mentions it, in quotes where it must be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, bare) = match self {
            Self::Field { topic, field } => {
                let text = format!("{topic}:{field}");
                let bare = is_token(&text, |token| matches!(token, Token::Field(_)));
                (text, bare)
            }
            Self::Named(name) => {
                let bare = is_token(name, |token| matches!(token, Token::Name(_)));
                (name.clone(), bare && !is_word(name))
            }
        };
        match (bare, text.contains('"')) {
            (true, _) => f.write_str(&text),
            (false, false) => write!(f, "\"{text}\""),
            (false, true) => write!(f, "`{text}`"),
        }
    }
}

/// True if the whole text is a single token that is `wanted`.
fn is_token(text: &str, wanted: impl Fn(Token<'_>) -> bool) -> bool {
    let first = Lexer::new(text).next();
    first.is_ok_and(|(token, at)| at == (0..text.len()) && wanted(token))
}

/// True for the words that stand for a number.
pub(super) fn is_word(name: &str) -> bool {
    WORDS.iter().any(|(word, _)| *word == name)
}

/// Reads the mention of an input: `/imu/data:angular_velocity.x`, or that in quotes, or a short name.
///
/// # Errors
/// When the text is anything else.
pub fn input_of(text: &str) -> Result<Input, ExpressionError> {
    if text.len() > MAX_TEXT {
        return Err(ExpressionError::new(0..text.len(), "this is too long for a field"));
    }
    let mut lexer = Lexer::new(text);
    let (token, at) = lexer.next()?;
    let (rest, beyond) = lexer.next()?;
    if rest != Token::End {
        return Err(ExpressionError::new(beyond, "a field should end before this"));
    }
    let input = match token {
        Token::Field(inner) => field_of(inner),
        Token::Quoted(inner) if inner.starts_with('/') => field_of(inner),
        Token::Quoted(inner) => named(inner),
        Token::Name(name) if !is_word(name) => named(name),
        _ => Err("a field is written as `/imu/data:angular_velocity.x`".to_owned()),
    };
    input.map_err(|message| ExpressionError::new(at, message))
}

/// The field that `topic:path` means; the last colon parts the two.
pub(super) fn field_of(text: &str) -> Result<Input, String> {
    let Some((topic, field)) = text.rsplit_once(':') else {
        return Err("a topic is followed by `:` and a field, such as `/imu/data:angular_velocity.x`".to_owned());
    };
    Input::field(topic, field).map_err(|error| error.message)
}

/// The text for a message: without control characters, and not long.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.escape_debug().take(COMPARED).collect();
    if text.escape_debug().nth(COMPARED).is_some() {
        shown.push('…');
    }
    shown
}

fn check_name(name: &str) -> Result<(), String> {
    match name {
        _ if name.trim().is_empty() => Err("this name is empty".to_owned()),
        _ if name.len() > MAX_NAME => Err(format!("this name is longer than {MAX_NAME} bytes")),
        _ if name.chars().any(char::is_control) => Err("a name has no control characters".to_owned()),
        _ if name.contains('"') && name.contains('`') => Err("a name has not both kinds of quotes".to_owned()),
        _ => Ok(()),
    }
}

fn named(name: &str) -> Result<Input, String> {
    check_name(name)?;
    if name.starts_with('/') {
        return Err("only topics begin with `/`".to_owned());
    }
    Ok(Input::Named(name.to_owned()))
}

fn check_topic(topic: &str) -> Result<(), String> {
    check_name(topic)?;
    match topic.strip_prefix('/') {
        Some(parts) if !parts.split('/').any(str::is_empty) => Ok(()),
        _ => Err(format!(
            "`{}` is not a topic name: write it in full, such as `/imu/data`",
            shown(topic)
        )),
    }
}

/// The path with its indexes in plain form; the rules are those of the paths that messages are read with.
fn canonical_path(path: &str) -> Result<String, String> {
    let wrong = |reason: &str| Err(format!("`{}` is not a field: {reason}", shown(path)));
    if path.len() > MAX_NAME {
        return wrong("it is too long");
    }
    let mut canonical = String::with_capacity(path.len());
    for part in path.split('.') {
        let (name, index) = part.split_once('[').map_or((part, None), |(n, i)| (n, Some(i)));
        let sound = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !sound {
            return wrong("names are letters, digits and underscores, parted by single dots");
        }
        if !canonical.is_empty() {
            canonical.push('.');
        }
        canonical.push_str(name);
        let Some(index) = index else { continue };
        let Some(digits) = index.strip_suffix(']') else {
            return wrong("an index ends with `]` and nothing but `.` may follow");
        };
        let number = digits.parse::<u32>().ok();
        let Some(number) = number.filter(|_| digits.bytes().all(|b| b.is_ascii_digit())) else {
            return wrong("an index is a whole number from 0 on");
        };
        canonical.push_str(&format!("[{number}]"));
    }
    Ok(canonical)
}

/// The path without its indexes: all elements of an array are alike.
fn without_indexes(path: &str) -> String {
    let mut inside = false;
    let keep = |c: &char| {
        let kept = !inside || *c == ']';
        inside = (inside || *c == '[') && *c != ']';
        kept
    };
    path.chars().filter(keep).collect()
}

/// Steps from one word to the other: letters put in, left out, replaced, or swapped with their neighbour (optimal
/// string alignment). Only the first [`COMPARED`] characters count.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(COMPARED).collect();
    let b: Vec<char> = b.chars().take(COMPARED).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
}

/// What to add to a message about an unknown `word`: the nearest of the names, or the first few of them.
pub(super) fn suggestion<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let nearest = names.iter().map(|name| (distance(word, name), name)).min();
    let allowed = (word.chars().count().min(COMPARED) / 3).max(1);
    match nearest {
        Some((distance, name)) if distance <= allowed => format!("; did you mean `{}`?", shown(name)),
        Some(_) => {
            let listed: Vec<String> = names
                .iter()
                .take(LISTED)
                .map(|name| format!("`{}`", shown(name)))
                .collect();
            let more = if names.len() > LISTED { ", …" } else { "" };
            format!("; there is {}{more}", listed.join(", "))
        }
        None => String::new(),
    }
}

/// The names that an expression may use. As it is made, every `/topic:field` is allowed and there are no short names.
#[derive(Clone, Debug, Default)]
pub struct Names {
    bound: Vec<(String, Input)>,
    topic: Option<String>,
    /// Topics and paths without indexes, sorted.
    known: Option<Vec<(String, String)>>,
}

impl Names {
    /// No short names, and any field.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `name` stand for `input`, in place of what it stood for. A name that is no plain word, or that is one of
    /// [`WORDS`], is mentioned in quotes. The name of an [`Input::Named`] always means that input.
    #[must_use]
    pub fn bind(mut self, name: &str, input: Input) -> Self {
        self.bound.retain(|(bound, _)| bound != name);
        self.bound.push((name.to_owned(), input));
        self
    }

    /// Lets plain paths that are no bound name stand for fields of `topic`.
    #[must_use]
    pub fn within(mut self, topic: &str) -> Self {
        self.topic = Some(topic.to_owned());
        self
    }

    /// Allows these fields only. Elements of an array are alike: one of them, or `position[]`, allows all.
    #[must_use]
    pub fn knowing(mut self, fields: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut known: Vec<(String, String)> = fields
            .into_iter()
            .map(|(topic, field)| (topic, without_indexes(&field)))
            .collect();
        known.sort_unstable();
        known.dedup();
        self.known = Some(known);
        self
    }

    /// What a bare word or path, or a quoted name without a topic, stands for.
    pub(super) fn short(&self, name: &str, quoted: bool) -> Result<Input, String> {
        let own = |input: &&Input| matches!(input, Input::Named(own) if own == name);
        let own = self.bound.iter().map(|(_, input)| input).find(own);
        let bound = || {
            self.bound
                .iter()
                .find(|(bound, _)| bound == name)
                .map(|(_, input)| input)
        };
        if let Some(input) = own.or_else(bound) {
            return match input {
                Input::Field { topic, field } => Input::field(topic, field)
                    .map_err(|error| error.message)
                    .and_then(|field| self.checked(field)),
                Input::Named(name) => named(name),
            };
        }
        if let Some(topic) = &self.topic {
            let field = Input::field(topic, name).map_err(|error| error.message)?;
            return self.checked(field);
        }
        if !quoted && functions().iter().any(|function| function.name == name) {
            return Err(format!("`{name}` is a function: write `{name}(…)`"));
        }
        let words = WORDS.iter().map(|(word, _)| *word);
        let hint = if self.bound.is_empty() && !words.clone().any(|word| distance(word, name) <= 1) {
            "; a field is written as `/imu/data:angular_velocity.x`".to_owned()
        } else {
            suggestion(name, self.bound.iter().map(|(bound, _)| &**bound).chain(words))
        };
        Err(format!("nothing is called `{}`{hint}", shown(name)))
    }

    /// The input, if it is among the known ones.
    pub(super) fn checked(&self, input: Input) -> Result<Input, String> {
        let (Some(known), Input::Field { topic, field }) = (&self.known, &input) else {
            return Ok(input);
        };
        let path = without_indexes(field);
        let first = known.partition_point(|(of, _)| of < topic);
        let fields = || {
            known[first..]
                .iter()
                .take_while(|(of, _)| of == topic)
                .map(|(_, field)| &**field)
        };
        if fields().any(|field| field == path) {
            return Ok(input);
        }
        if fields().next().is_some() {
            let hint = suggestion(&path, fields());
            return Err(format!("`{}` has no field `{}`{hint}", shown(topic), shown(field)));
        }
        let mut topics: Vec<&str> = known.iter().map(|(topic, _)| &**topic).collect();
        topics.dedup();
        let hint = suggestion(topic, topics.into_iter());
        Err(format!("there is no topic `{}`{hint}", shown(topic)))
    }
}
