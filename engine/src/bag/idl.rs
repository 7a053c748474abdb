//! Definitions as rosbag2 keeps them for types of which only the IDL is at hand (`ros2idl`), turned into `ros2msg`.
//!
//! Understood is what `rosidl_adapter` generates from `.msg` files: modules, typedefs of arrays, structures. Constants,
//! defaults and comments say nothing about the bytes and are left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The line that parts the definitions.
const SEPARATOR: &str = "================================================================================";

/// Texts longer than this are not looked at.
const LONGEST: usize = 4 * 1024 * 1024;

/// How deep modules and types may nest.
const DEEPEST: usize = 16;

/// The `ros2msg` text; `None` where the IDL says something else than such files do.
pub(super) fn to_ros2msg(idl: &str) -> Option<String> {
    if idl.len() > LONGEST {
        return None;
    }
    let mut out = String::new();
    let mut sections = idl
        .split(SEPARATOR)
        .filter(|section| !section.trim().is_empty())
        .peekable();
    let _ = sections.peek()?;
    for section in sections {
        let (head, body) = section.trim_start().split_once('\n')?;
        let name = head.trim().strip_prefix("IDL: ")?.trim();
        let (package, short) = (name.split('/').next()?, name.rsplit('/').next()?);
        let mut file = File {
            tokens: tokens(body)?,
            at: 0,
            scope: Vec::new(),
            arrays: BTreeMap::new(),
            fields: None,
            wanted: short,
        };
        file.definitions(DEEPEST)?;
        if !out.is_empty() {
            let _ = writeln!(out, "{SEPARATOR}\nMSG: {package}/{short}");
        }
        out.push_str(&file.fields?);
    }
    Some(out)
}

/// A type, and the length of the array that it is.
#[derive(Clone)]
struct Typed {
    name: String,
    array: Option<String>,
}

struct File<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    scope: Vec<&'a str>,
    /// What typedefs stand for.
    arrays: BTreeMap<&'a str, Typed>,
    fields: Option<String>,
    wanted: &'a str,
}

impl<'a> File<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let token = self.tokens.get(self.at).copied();
        self.at += 1;
        token
    }

    fn expect(&mut self, wanted: &str) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    /// Up to the closing brace, or the end.
    fn definitions(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        loop {
            match self.peek() {
                None | Some("}") => return Some(()),
                Some("@") => self.annotation()?,
                Some("module") => {
                    self.at += 1;
                    let name = self.next()?;
                    self.scope.push(name);
                    self.expect("{")?;
                    self.definitions(depth)?;
                    self.expect("}")?;
                    self.expect(";")?;
                    let _ = self.scope.pop();
                }
                Some("typedef") => {
                    self.at += 1;
                    let typed = self.typed(depth)?;
                    let (name, typed) = self.declared(typed)?;
                    let _ = self.arrays.insert(name, typed);
                }
                Some("const") => while self.next()? != ";" {},
                Some("struct") => self.structure(depth)?,
                Some(";") => self.at += 1,
                Some(_) => return None,
            }
        }
    }

    fn structure(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        let name = self.next()?;
        self.expect("{")?;
        let mut fields = String::new();
        while self.peek()? != "}" {
            if self.peek()? == "@" {
                self.annotation()?;
                continue;
            }
            let typed = self.typed(depth)?;
            let (field, typed) = self.declared(typed)?;
            // A structure without fields gets one of this name, which takes a byte as it does in `ros2msg`.
            if field == "structure_needs_at_least_one_member" {
                continue;
            }
            let array = typed.array.unwrap_or_default();
            let _ = writeln!(fields, "{}{array} {field}", typed.name);
        }
        self.expect("}")?;
        if name == self.wanted {
            self.fields = Some(fields);
        }
        Some(())
    }

    /// `@name` or `@name (…)`.
    fn annotation(&mut self) -> Option<()> {
        self.expect("@")?;
        let _name = self.next()?;
        if self.peek() != Some("(") {
            return Some(());
        }
        let mut open = 0_usize;
        loop {
            match self.next()? {
                "(" => open += 1,
                ")" => open = open.checked_sub(1)?,
                _ => {}
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    /// The name behind a type, with the length of an array behind it, and the semicolon.
    fn declared(&mut self, mut typed: Typed) -> Option<(&'a str, Typed)> {
        let name = self.next()?;
        if self.peek()? == "[" {
            self.at += 1;
            let length: u32 = self.next()?.parse().ok()?;
            self.expect("]")?;
            if typed.array.is_some() {
                return None;
            }
            typed.array = Some(format!("[{length}]"));
        }
        self.expect(";")?;
        Some((name, typed))
    }

    fn typed(&mut self, depth: usize) -> Option<Typed> {
        let depth = depth.checked_sub(1)?;
        let plain = |name: &str| Typed {
            name: name.to_owned(),
            array: None,
        };
        let token = self.next()?;
        Some(match token {
            "float" => plain("float32"),
            "double" => plain("float64"),
            "boolean" => plain("bool"),
            "octet" => plain("byte"),
            "char" => plain("char"),
            "short" => plain("int16"),
            "long" => self.long("int32", "int64"),
            "unsigned" => match self.next()? {
                "short" => plain("uint16"),
                "long" => self.long("uint32", "uint64"),
                _ => return None,
            },
            "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" => plain(token),
            "string" | "wstring" => match self.bound()? {
                Some(bound) => plain(&format!("{token}<={bound}")),
                None => plain(token),
            },
            "sequence" => {
                self.expect("<")?;
                let element = self.typed(depth)?;
                if element.array.is_some() {
                    return None;
                }
                let array = match self.next()? {
                    ">" => "[]".to_owned(),
                    "," => {
                        let bound: u32 = self.next()?.parse().ok()?;
                        self.expect(">")?;
                        format!("[<={bound}]")
                    }
                    _ => return None,
                };
                Typed {
                    name: element.name,
                    array: Some(array),
                }
            }
            name => {
                if let Some(typed) = self.arrays.get(name) {
                    return Some(typed.clone());
                }
                let parts: Vec<&str> = name.split("::").collect();
                match parts.as_slice() {
                    [package, .., short] => plain(&format!("{package}/{short}")),
                    [short] => plain(short),
                    [] => return None,
                }
            }
        })
    }

    fn long(&mut self, one: &str, two: &str) -> Typed {
        let name = if self.peek() == Some("long") {
            self.at += 1;
            two
        } else {
            one
        };
        Typed {
            name: name.to_owned(),
            array: None,
        }
    }

    fn bound(&mut self) -> Option<Option<u32>> {
        if self.peek()? != "<" {
            return Some(None);
        }
        self.at += 1;
        let bound = self.next()?.parse().ok()?;
        self.expect(">")?;
        Some(Some(bound))
    }
}

/// Names with their `::`, numbers, texts as one token, and single signs.
fn tokens(text: &str) -> Option<Vec<&str>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Some(tokens);
        };
        let length = if rest.starts_with("//") || first == '#' {
            rest = rest.split_once('\n').map_or("", |(_, below)| below);
            continue;
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/")?.1;
            continue;
        } else if matches!(first, '"' | '\'') {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|&(_, c)| {
                let closes = c == first && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            });
            end?.0 + 1
        } else if first.is_alphanumeric() || first == '_' {
            let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '.';
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, behind) = rest.split_at_checked(length)?;
        tokens.push(token);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::TypeName;
    use crate::schema::{Origin, Schema};

    const IDL: &str = "\
================================================================================
IDL: a_msgs/msg/State
// generated
#include \"a_msgs/msg/Motor.idl\"
module a_msgs {
  module msg {
    typedef a_msgs::msg::Motor a_msgs__msg__Motor;
    typedef a_msgs__msg__Motor a_msgs__msg__Motor__2[2];
    module State_Constants {
      const uint8 ON = 1;
    };
    @verbatim (language=\"comment\", text=
      \"Has ) and { in it.\" \"\\n\")
    struct State {
      sequence<float> temperatures;
      @default (value=\"x)\")
      string<16> label;
      a_msgs__msg__Motor__2 wheels;
      sequence<a_msgs::msg::Motor, 4> motors;
      wstring wide;
      unsigned long long count;
    };
  };
};

================================================================================
IDL: a_msgs/msg/Motor
module a_msgs { module msg {
    typedef int16 int16__3[3];
    struct Motor { boolean on; octet raw; double x; int16__3 three; };
}; };
";

    #[test]
    fn the_fields_are_those_of_the_message_file() {
        let text = to_ros2msg(IDL).expect("a definition");
        let expected = format!(
            "float32[] temperatures\nstring<=16 label\na_msgs/Motor[2] wheels\na_msgs/Motor[<=4] motors\nwstring wide\n\
             uint64 count\n{SEPARATOR}\nMSG: a_msgs/Motor\nbool on\nbyte raw\nfloat64 x\nint16[3] three\n"
        );
        assert_eq!(text, expected);
        let name = TypeName::new("a_msgs/msg/State").expect("a name");
        let _ = Schema::parse(&name, &text, Origin::Bag).expect("a schema");
    }

    #[test]
    fn what_is_something_else_is_refused() {
        assert_eq!(to_ros2msg(""), None);
        assert_eq!(to_ros2msg("module x {"), None);
        assert_eq!(to_ros2msg(&IDL.replace("boolean on", "map<string, long> on")), None);
        for end in (0..IDL.len()).step_by(7) {
            let _ = to_ros2msg(&IDL[..end]);
        }
    }
}
