//! The `.msg` language: one definition, and several of them in one `ros2msg` text.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Constant, Definition, Field, FieldType, Primitive, SchemaError};
use crate::name::TypeName;

/// Bytes that the text of one type with its dependencies may have.
const MAX_TEXT: usize = 4 << 20;
/// Fields and constants that one definition may have.
const MAX_LINES: usize = 4096;
/// The only field of a message without fields, as generators write it down.
const PLACEHOLDER: &str = "structure_needs_at_least_one_member";

/// Parts a `ros2msg` text into the root (under `name`) and its dependencies.
pub(super) fn sections<'a>(name: &TypeName, text: &'a str) -> Result<BTreeMap<TypeName, &'a str>, SchemaError> {
    limit(name, text)?;
    let mut out = BTreeMap::new();
    let mut current = name.clone();
    let mut start = 0;
    let mut at = 0;
    let mut expects_name = false;
    let mut has_body = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = at + line.len();
        let bare = line.trim();
        let wrong = |reason: String| SchemaError::Line {
            ty: name.clone(),
            line: number + 1,
            reason,
        };
        if expects_name {
            if let Some(named) = bare.strip_prefix("MSG:") {
                current = TypeName::new(named.trim()).map_err(|e| wrong(e.to_string()))?;
                start = end;
                expects_name = false;
                has_body = true;
            } else if bare.starts_with("IDL:") {
                return Err(SchemaError::Language {
                    ty: name.clone(),
                    language: "IDL".to_owned(),
                });
            } else if !bare.is_empty() {
                return Err(wrong("`MSG: package/Type` should stand here".to_owned()));
            }
        } else if bare.len() >= 8 && bare.bytes().all(|b| b == b'=') {
            // A text may begin with its own separator and name instead of the bare root.
            if has_body || !text[start..at].trim().is_empty() {
                let _ = out.entry(current.clone()).or_insert(&text[start..at]);
            }
            expects_name = true;
        }
        at = end;
    }
    if !expects_name {
        let _ = out.entry(current).or_insert(&text[start..]);
    }
    // An empty root is a message without fields.
    let _ = out.entry(name.clone()).or_insert("");
    Ok(out)
}

fn limit(name: &TypeName, text: &str) -> Result<(), SchemaError> {
    if text.len() > MAX_TEXT {
        return Err(SchemaError::TooLarge {
            ty: name.clone(),
            what: format!("{} bytes of text, and the limit is {MAX_TEXT}", text.len()),
        });
    }
    Ok(())
}

/// Parses one definition.
pub(super) fn definition(name: &TypeName, text: Arc<str>) -> Result<Definition, SchemaError> {
    limit(name, &text)?;
    let mut fields: Vec<Field> = Vec::new();
    let mut constants: Vec<Constant> = Vec::new();
    for (number, raw) in text.lines().enumerate() {
        let line = raw.trim();
        // `@` begins an annotation of IDL that some tools leave in.
        if line.is_empty() || line.starts_with(['#', '@']) {
            continue;
        }
        let wrong = |reason: String| SchemaError::Line {
            ty: name.clone(),
            line: number + 1,
            reason,
        };
        match member(name, line).map_err(wrong)? {
            Member::Field(field) => {
                if fields.iter().any(|f| f.name == field.name) {
                    return Err(wrong(format!("a second field is named `{}`", field.name)));
                }
                fields.push(field);
            }
            Member::Constant(constant) => constants.push(constant),
        }
        if fields.len() + constants.len() > MAX_LINES {
            return Err(SchemaError::TooLarge {
                ty: name.clone(),
                what: format!("more than {MAX_LINES} fields and constants"),
            });
        }
    }
    if matches!(&fields[..], [only] if only.name == PLACEHOLDER) {
        fields.clear();
    }
    Ok(Definition {
        name: name.clone(),
        fields,
        constants,
        text,
    })
}

enum Member {
    Field(Field),
    Constant(Constant),
}

fn member(owner: &TypeName, line: &str) -> Result<Member, String> {
    let (word, rest) = line
        .split_once(|c: char| c.is_whitespace())
        .filter(|(word, _)| !word.contains('#'))
        .ok_or_else(|| {
            format!(
                "`{}` is neither a field nor a constant: write `type name`",
                shorten(line)
            )
        })?;
    let ty = field_type(owner, word)?;
    let rest = rest.trim_start();
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err(format!(
            "`{}` is not a name: names are letters, digits and underscores, and begin with a letter",
            shorten(if name.is_empty() { rest } else { name })
        ));
    }
    let spaced = rest.starts_with(char::is_whitespace);
    let rest = rest.trim_start();
    if let Some(value) = rest.strip_prefix('=') {
        let scalar = matches!(
            ty,
            FieldType::Primitive(_) | FieldType::String { .. } | FieldType::WString { .. }
        );
        if !scalar {
            return Err(format!(
                "the constant `{name}` is of type {ty}; only numbers, bools and strings can be constants"
            ));
        }
        let value = value_text(value, &ty)?;
        check(&ty, &value).map_err(|reason| format!("the constant `{name}` {reason}"))?;
        let name = name.to_owned();
        return Ok(Member::Constant(Constant { name, ty, value }));
    }
    let name = name.to_owned();
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(Member::Field(Field {
            name,
            ty,
            default: None,
        }));
    }
    if !spaced {
        return Err(format!("`{}` after the name `{name}` makes no sense", shorten(rest)));
    }
    let default = value_text(rest, &ty)?;
    check(&ty, &default).map_err(|reason| format!("the default of `{name}` {reason}"))?;
    Ok(Member::Field(Field {
        name,
        ty,
        default: Some(default),
    }))
}

/// The value at the end of a line, without a comment behind it and without the quotes of a string.
fn value_text(text: &str, ty: &FieldType) -> Result<String, String> {
    let text = text.trim();
    let is_text = matches!(ty, FieldType::String { .. } | FieldType::WString { .. });
    let is_list = ty.element().is_some() && text.starts_with('[');
    let is_quoted = is_text && text.starts_with(['"', '\'']);
    if !is_list && !is_quoted {
        let value = text.split('#').next().unwrap_or_default().trim();
        return match value.is_empty() && !is_text {
            true => Err("a value is missing".to_owned()),
            false => Ok(value.to_owned()),
        };
    }
    // A quoted string or a list: a `#` between quotes is no comment.
    let mut quote: Option<char> = None;
    let mut escaped = false;
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let done = match quote {
            Some(_) if escaped => {
                escaped = false;
                false
            }
            Some(_) if c == '\\' => {
                escaped = true;
                false
            }
            Some(q) if c == q => {
                quote = None;
                !is_list
            }
            Some(_) => false,
            None if matches!(c, '"' | '\'') => {
                quote = Some(c);
                false
            }
            None => is_list && c == ']',
        };
        if done {
            let behind = text[at + c.len_utf8()..].trim();
            if !behind.is_empty() && !behind.starts_with('#') {
                return Err(format!("`{}` behind the value makes no sense", shorten(behind)));
            }
            let value = &text[..=at];
            if is_list {
                return Ok(value.to_owned());
            }
            let mut characters = value[1..value.len() - 1].chars();
            while let Some(c) = characters.next() {
                match c {
                    '\\' => out.extend(characters.next()),
                    c => out.push(c),
                }
            }
            return Ok(out);
        }
    }
    Err(format!("`{}` is not closed", shorten(text)))
}

/// Whether a value that was written down fits its type. Lists are checked for being lists only.
fn check(ty: &FieldType, value: &str) -> Result<(), String> {
    let fits = match ty {
        FieldType::Primitive(primitive) => number_fits(*primitive, value),
        FieldType::String { bound } | FieldType::WString { bound } => {
            bound.is_none_or(|bound| value.len() <= bound as usize)
        }
        FieldType::Array { .. } | FieldType::Sequence { .. } => value.starts_with('['),
        FieldType::Message(name) => return Err(format!("is of type {name}, and a message cannot have one")),
    };
    match fits {
        true => Ok(()),
        false => Err(format!("`{}` is no {ty}", shorten(value))),
    }
}

fn number_fits(primitive: Primitive, value: &str) -> bool {
    let (low, high) = match primitive {
        Primitive::Bool => return matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "0" | "1"),
        Primitive::F32 | Primitive::F64 => return value.parse::<f64>().is_ok(),
        Primitive::I8 => (i128::from(i8::MIN), i128::from(i8::MAX)),
        // Old definitions write bytes and characters with a sign.
        Primitive::Byte | Primitive::Char => (i128::from(i8::MIN), i128::from(u8::MAX)),
        Primitive::U8 => (0, i128::from(u8::MAX)),
        Primitive::I16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        Primitive::U16 => (0, i128::from(u16::MAX)),
        Primitive::I32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        Primitive::U32 => (0, i128::from(u32::MAX)),
        Primitive::I64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        Primitive::U64 => (0, i128::from(u64::MAX)),
    };
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    let parsed = match digits.get(..2) {
        Some("0x" | "0X") => i128::from_str_radix(&digits[2..], 16),
        Some("0b" | "0B") => i128::from_str_radix(&digits[2..], 2),
        Some("0o" | "0O") => i128::from_str_radix(&digits[2..], 8),
        _ => digits.parse(),
    };
    parsed.is_ok_and(|n| (low..=high).contains(&if negative { -n } else { n }))
}

/// Reads a type such as `float64[<=3]`, `string<=10[]` or `geometry_msgs/Point[4]`.
fn field_type(owner: &TypeName, word: &str) -> Result<FieldType, String> {
    let Some(open) = word.find('[') else {
        return base_type(owner, word);
    };
    let element = Box::new(base_type(owner, &word[..open])?);
    let inside = word[open + 1..]
        .strip_suffix(']')
        .ok_or_else(|| format!("`{}` lacks its `]`, or has more behind it", shorten(word)))?;
    if inside.is_empty() {
        return Ok(FieldType::Sequence { element, bound: None });
    }
    if let Some(bound) = inside.strip_prefix("<=") {
        let bound = Some(count(bound, word)?);
        return Ok(FieldType::Sequence { element, bound });
    }
    let length = count(inside, word)?;
    Ok(FieldType::Array { element, length })
}

fn count(digits: &str, word: &str) -> Result<u32, String> {
    digits
        .parse::<u32>()
        .ok()
        .filter(|&n| n > 0 && digits.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| format!("`{}` has no sound length: write a number from 1 on", shorten(word)))
}

fn base_type(owner: &TypeName, word: &str) -> Result<FieldType, String> {
    if let Some(primitive) = Primitive::from_word(word) {
        return Ok(FieldType::Primitive(primitive));
    }
    let (plain, bound) = match word.split_once("<=") {
        Some((plain, digits)) => (plain, Some(count(digits, word)?)),
        None => (word, None),
    };
    match plain {
        "string" => return Ok(FieldType::String { bound }),
        "wstring" => return Ok(FieldType::WString { bound }),
        _ if bound.is_some() => return Err(format!("`{}`: only strings have a bound of their own", shorten(word))),
        _ => {}
    }
    let full = match word {
        "time" => "builtin_interfaces/msg/Time".to_owned(),
        "duration" => "builtin_interfaces/msg/Duration".to_owned(),
        _ if word.contains('/') => word.to_owned(),
        _ => format!("{}/msg/{word}", owner.package()),
    };
    TypeName::new(&full)
        .map(FieldType::Message)
        .map_err(|_| format!("`{}` is not a type", shorten(word)))
}

/// A piece of hostile text must not flood the window.
fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
