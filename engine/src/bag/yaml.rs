//! The part of YAML that rosbag2 and its relatives write: mappings, lists, and texts in every quotation.
//!
//! No anchors, no tags, no mappings in braces: what is not understood is `None`, and the files speak for themselves then.

/// How deep lists and mappings may nest; rosbag2 reaches 7.
const DEEPEST: usize = 24;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Yaml {
    Null,
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// Reads a document.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = Lines::of(text);
        let node = lines.node(0, DEEPEST)?;
        lines.peek().is_none().then_some(node)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }

    pub(super) fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.text()?.parse().ok()
    }

    pub(super) fn list(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Text(_) | Self::Map(_) => &[],
        }
    }
}

struct Lines<'a> {
    lines: Vec<&'a str>,
    at: usize,
    /// The present line without the dashes that were read already, and where it begins.
    rest: Option<(usize, &'a str)>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let lines = text.lines().filter(|line| !matches!(line.trim_end(), "---" | "..."));
        Self {
            lines: lines.collect(),
            at: 0,
            rest: None,
        }
    }

    /// Indentation and content of the next line that has some.
    fn peek(&mut self) -> Option<(usize, &'a str)> {
        if self.rest.is_some() {
            return self.rest;
        }
        while let Some(line) = self.lines.get(self.at) {
            let content = line.trim_start_matches(' ');
            if !content.trim().is_empty() && !content.starts_with('#') {
                return Some((line.len() - content.len(), content));
            }
            self.at += 1;
        }
        None
    }

    fn skip(&mut self) {
        self.rest = None;
        self.at += 1;
    }

    fn node(&mut self, least: usize, depth: usize) -> Option<Yaml> {
        let depth = depth.checked_sub(1)?;
        let Some((indent, content)) = self.peek().filter(|(indent, _)| *indent >= least) else {
            return Some(Yaml::Null);
        };
        if is_item(content) {
            return self.items(indent, depth);
        }
        if key_of(content).is_some() {
            return self.pairs(indent, depth);
        }
        self.scalar(content, indent, indent)
    }

    fn items(&mut self, indent: usize, depth: usize) -> Option<Yaml> {
        let mut items = Vec::new();
        while let Some((at, content)) = self.peek() {
            if at != indent || !is_item(content) {
                break;
            }
            let inner = content.get(1..)?;
            let value = inner.trim_start();
            if value.is_empty() {
                self.skip();
                items.push(self.node(indent + 1, depth)?);
            } else {
                let column = indent + 1 + (inner.len() - value.len());
                if is_item(value) || key_of(value).is_some() {
                    self.rest = Some((column, value));
                    items.push(self.node(column, depth)?);
                } else {
                    items.push(self.scalar(value, column, indent + 1)?);
                }
            }
        }
        Some(Yaml::List(items))
    }

    fn pairs(&mut self, indent: usize, depth: usize) -> Option<Yaml> {
        let mut pairs = Vec::new();
        while let Some((at, content)) = self.peek() {
            if at != indent {
                break;
            }
            let Some((key, value)) = key_of(content) else { break };
            let value = value.trim_start();
            if value.is_empty() || value.starts_with('#') {
                self.skip();
                // A list may stand at the indentation of its key.
                let beside = self.peek().is_some_and(|(at, next)| at == indent && is_item(next));
                let least = if beside { indent } else { indent + 1 };
                pairs.push((key, self.node(least, depth)?));
            } else {
                let column = indent + (content.len() - value.len());
                pairs.push((key, self.scalar(value, column, indent + 1)?));
            }
        }
        Some(Yaml::Map(pairs))
    }

    /// A scalar that begins here; lines that go on with it are indented by `least` or more.
    fn scalar(&mut self, value: &'a str, _column: usize, least: usize) -> Option<Yaml> {
        match value.as_bytes().first()? {
            b'"' | b'\'' => self.quoted(value).map(Yaml::Text),
            b'|' | b'>' => {
                self.skip();
                Some(Yaml::Text(self.block(value, least)))
            }
            b'[' => {
                self.skip();
                flow_list(value)
            }
            b'{' => {
                self.skip();
                (value.trim_end() == "{}").then(|| Yaml::Map(Vec::new()))
            }
            b'&' | b'*' | b'!' => None,
            _ => {
                self.skip();
                let mut text = plain(value).to_owned();
                while let Some((indent, more)) = self.peek() {
                    if indent < least || is_item(more) || key_of(more).is_some() {
                        break;
                    }
                    text.push(' ');
                    text.push_str(plain(more));
                    self.skip();
                }
                Some(match text.as_str() {
                    "~" | "null" | "Null" | "NULL" => Yaml::Null,
                    _ => Yaml::Text(text),
                })
            }
        }
    }

    fn block(&mut self, head: &str, least: usize) -> String {
        let mut lines = Vec::new();
        let mut indent = None;
        while let Some(line) = self.lines.get(self.at) {
            let content = line.trim_start_matches(' ');
            let at = line.len() - content.len();
            if content.is_empty() {
                lines.push("");
            } else if at < least.max(1) {
                break;
            } else {
                let indent = *indent.get_or_insert(at);
                lines.push(line.get(indent.min(at)..).unwrap_or_default());
            }
            self.at += 1;
        }
        while lines.last().is_some_and(|line| line.is_empty()) {
            let _ = lines.pop();
        }
        let joint = if head.starts_with('|') { "\n" } else { " " };
        let mut text = lines.join(joint);
        if !head.contains('-') {
            text.push('\n');
        }
        text
    }

    /// A text in quotes, which may go on over lines.
    fn quoted(&mut self, value: &'a str) -> Option<String> {
        let double = value.starts_with('"');
        let mut out = String::new();
        let mut line = value.get(1..)?;
        self.rest = None;
        loop {
            let (open, joined) = quoted_line(line, double, &mut out)?;
            self.at += 1;
            if !open {
                return Some(out);
            }
            let mut blank = 0;
            loop {
                line = self.lines.get(self.at)?.trim_start();
                if !line.trim().is_empty() {
                    break;
                }
                blank += 1;
                self.at += 1;
            }
            if blank > 0 {
                out.extend(std::iter::repeat_n('\n', blank));
            } else if !joined {
                out.push(' ');
            }
        }
    }
}

/// Reads to the closing quote: whether it is still open, and whether the next line goes on without a space.
fn quoted_line(line: &str, double: bool, out: &mut String) -> Option<(bool, bool)> {
    let mut chars = line.trim_end().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if double => return Some((false, false)),
            '\'' if !double => {
                if chars.next_if_eq(&'\'').is_none() {
                    return Some((false, false));
                }
                out.push('\'');
            }
            '\\' if double => {
                let Some(escape) = chars.next() else {
                    return Some((true, true));
                };
                let digits = match escape {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                if digits > 0 {
                    let code: String = chars.by_ref().take(digits).collect();
                    out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                    continue;
                }
                out.push(match escape {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '0' => '\0',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'e' => '\u{1b}',
                    other => other,
                });
            }
            other => out.push(other),
        }
    }
    Some((true, false))
}

fn is_item(content: &str) -> bool {
    content == "-" || content.starts_with("- ")
}

/// A plain text without its comment.
fn plain(text: &str) -> &str {
    text.split(" #").next().unwrap_or(text).trim_end()
}

/// The key of a pair, and what follows its colon.
fn key_of(content: &str) -> Option<(String, &str)> {
    if let Some(quote) = content.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let mut escaped = false;
        let end = content.char_indices().skip(1).find(|&(_, c)| {
            let closes = c == quote && !escaped;
            escaped = c == '\\' && quote == '"' && !escaped;
            closes
        });
        let (end, _) = end?;
        let rest = content.get(end + 1..)?.strip_prefix(':')?;
        if !rest.is_empty() && !rest.starts_with(' ') {
            return None;
        }
        let mut key = String::new();
        let _ = quoted_line(content.get(1..=end)?, quote == '"', &mut key)?;
        return Some((key, rest));
    }
    let (key, rest) = match content.split_once(": ") {
        Some(pair) => pair,
        None => (content.trim_end().strip_suffix(':')?, ""),
    };
    (!key.starts_with(['[', '{', '|', '>'])).then(|| (key.trim_end().to_owned(), rest))
}

/// `[]`, or texts without commas in brackets.
fn flow_list(value: &str) -> Option<Yaml> {
    let inner = plain(value).strip_prefix('[')?.strip_suffix(']')?;
    let items = inner.split(',').map(str::trim).filter(|item| !item.is_empty());
    let texts = items.map(|item| Yaml::Text(item.trim_matches(['"', '\'']).to_owned()));
    Some(Yaml::List(texts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Yaml {
        Yaml::Text(text.to_owned())
    }

    #[test]
    fn what_rosbag2_and_python_write_is_understood() {
        let yaml = Yaml::parse(
            "top:\n  version: 9\n  none: ~\n  empty: \"\"\n  paths:\n  - a b.mcap\n  - 'it''s.mcap'\n  list: []\n  \
             topics:\n    - meta:\n        name: /x\n        qos: \"- history: 3\\n  depth: 0\\n  deadline:\\\n          \\ 1\"\n      \
             count: 7\n    -\n      count: 8\n  custom: {}\n",
        )
        .expect("a document");
        let top = yaml.get("top").expect("the key");
        assert_eq!(top.get("version").and_then(Yaml::number), Some(9_u32));
        assert_eq!(top.get("none"), Some(&Yaml::Null));
        assert_eq!(top.get("empty"), Some(&text("")));
        assert_eq!(
            top.get("paths"),
            Some(&Yaml::List(vec![text("a b.mcap"), text("it's.mcap")]))
        );
        let topics = top.get("topics").expect("topics").list();
        assert_eq!(topics[0].get("count"), Some(&text("7")));
        assert_eq!(topics[1].get("count"), Some(&text("8")));
        let meta = topics[0].get("meta").expect("meta");
        assert_eq!(meta.get("qos"), Some(&text("- history: 3\n  depth: 0\n  deadline: 1")));
    }

    #[test]
    fn quotation_marks_and_blocks() {
        let yaml = Yaml::parse("\"a: b\": 'x\n  y'\nblock: |-\n  one\n   two\nplain: a\n  b\n").expect("a document");
        assert_eq!(yaml.get("a: b"), Some(&text("x y")));
        assert_eq!(yaml.get("block"), Some(&text("one\n two")));
        assert_eq!(yaml.get("plain"), Some(&text("a b")));
    }

    #[test]
    fn what_is_no_yaml_is_refused_and_deep_nests_end() {
        assert_eq!(Yaml::parse("a: &b 1\n"), None);
        assert_eq!(Yaml::parse("a: \"open\n"), None);
        assert_eq!(Yaml::parse(&"- ".repeat(10_000)), None);
        assert_eq!(Yaml::parse(""), Some(Yaml::Null));
    }
}
