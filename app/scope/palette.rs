//! The command palette: every command, topic and field by a few letters of its name.

use std::collections::BTreeMap;

use roswave_engine::cdr::FieldPath;
use roswave_engine::engine::TopicStatus;
use roswave_engine::name::TopicName;
use roswave_engine::schema::{Definition, FieldType, Schema};
use roswave_engine::signal::FieldRef;

use crate::scope::Message;
use crate::scope::commands::COMMANDS;

/// Lines that are shown.
const SHOWN: usize = 12;

/// Fields that are offered; what is beyond is found in the tree.
const FIELDS_MAX: usize = 4096;

/// Elements of an array that are offered.
const ELEMENTS_MAX: u32 = 16;

/// Names of this depth are not followed further.
const DEPTH_MAX: u16 = 24;

/// What can be chosen.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    /// By its number in the list of commands.
    Command(usize),
    Topic(TopicName),
    Field(FieldRef),
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    target: Target,
    /// What it is called.
    pub name: String,
    lower: String,
    /// A key, or what kind of thing it is.
    pub note: &'static str,
}

impl Line {
    fn new(target: Target, name: String, note: &'static str) -> Self {
        Self {
            target,
            lower: name.to_lowercase(),
            name,
            note,
        }
    }

    /// What choosing it asks for.
    #[must_use]
    pub fn message(&self) -> Option<Message> {
        match &self.target {
            Target::Command(number) => COMMANDS.get(*number).map(super::commands::Command::message),
            Target::Topic(topic) => Some(Message::OpenTopic(topic.clone())),
            Target::Field(at) => Some(Message::FieldClicked(at.clone())),
        }
    }
}

/// The open palette.
#[derive(Debug)]
pub struct Palette {
    all: Vec<Line>,
    typed: String,
    /// Numbers of lines, the best first.
    found: Vec<usize>,
    chosen: usize,
}

impl Palette {
    /// A palette over everything that there is now.
    #[must_use]
    pub fn new(topics: &BTreeMap<TopicName, TopicStatus>) -> Self {
        let commands = COMMANDS.iter().enumerate();
        let mut all: Vec<Line> = commands
            .map(|(number, command)| Line::new(Target::Command(number), command.meaning.to_owned(), command.keys))
            .collect();
        for name in topics.keys() {
            all.push(Line::new(Target::Topic(name.clone()), name.to_string(), "topic"));
        }
        let mut fields = Vec::new();
        for (name, status) in topics {
            if let Some(schema) = &status.schema
                && !name.is_hidden()
            {
                add_fields(&mut fields, name, schema, schema.root(), "", 0);
            }
        }
        let field = |at: FieldRef| Line::new(Target::Field(at.clone()), at.to_string(), "field");
        all.extend(fields.into_iter().map(field));
        let mut palette = Self {
            all,
            typed: String::new(),
            found: Vec::new(),
            chosen: 0,
        };
        palette.find();
        palette
    }

    /// What is typed.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Takes what is typed.
    pub fn set_typed(&mut self, typed: String) {
        self.typed = typed;
        self.chosen = 0;
        self.find();
    }

    /// The best lines, and whether each is the chosen one.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, bool)> {
        let found = self.found.iter().filter_map(|number| self.all.get(*number));
        found.enumerate().map(|(place, line)| (line, place == self.chosen))
    }

    /// Chooses the line below, or the one above.
    pub fn step(&mut self, down: bool) {
        let count = self.found.len().max(1);
        self.chosen = (self.chosen + if down { 1 } else { count - 1 }) % count;
    }

    /// What the line at a place asks for; `None` is the chosen one.
    #[must_use]
    pub fn pick(&self, place: Option<usize>) -> Option<Message> {
        let number = self.found.get(place.unwrap_or(self.chosen))?;
        self.all.get(*number)?.message()
    }

    fn find(&mut self) {
        let words: Vec<String> = self.typed.split_whitespace().map(str::to_lowercase).collect();
        let scored = self.all.iter().enumerate().filter_map(|(number, line)| {
            let scores = words.iter().map(|word| score(word, &line.lower));
            let sum: Option<i32> = scores.sum();
            Some((sum?, number))
        });
        let mut scored: Vec<(i32, usize)> = scored.collect();
        // Among equals the order of the list, with commands first.
        scored.sort_by_key(|(score, number)| (std::cmp::Reverse(*score), *number));
        self.found = scored.into_iter().take(SHOWN).map(|(_, number)| number).collect();
    }
}

/// How well a word fits a text that has its letters in order; `None` when it has not.
fn score(word: &str, text: &str) -> Option<i32> {
    // A whole part of the text is better than letters here and there, and better still at the begin of a word.
    if let Some(at) = text.find(word) {
        let begins = text
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|c| !c.is_alphanumeric());
        let length = i32::try_from(text.len()).unwrap_or(i32::MAX / 4);
        return Some(1000 + if begins { 500 } else { 0 } - length.min(400));
    }
    let mut letters = word.chars().peekable();
    let (mut score, mut in_row, mut before) = (0, 0, ' ');
    for c in text.chars() {
        let Some(wanted) = letters.peek() else {
            break;
        };
        if c == *wanted {
            let _ = letters.next();
            in_row += 1;
            score += in_row + if before.is_alphanumeric() { 0 } else { 4 };
        } else {
            in_row = 0;
            score -= 1;
        }
        before = c;
    }
    letters.peek().is_none().then_some(score.clamp(-500, 900))
}

/// The numbers of a message, by their paths.
fn add_fields(
    fields: &mut Vec<FieldRef>,
    topic: &TopicName,
    schema: &Schema,
    definition: &Definition,
    prefix: &str,
    depth: u16,
) {
    for field in &definition.fields {
        let path = if prefix.is_empty() {
            field.name.clone()
        } else {
            format!("{prefix}.{}", field.name)
        };
        add_field(fields, topic, schema, &field.ty, path, depth);
    }
}

fn add_field(fields: &mut Vec<FieldRef>, topic: &TopicName, schema: &Schema, ty: &FieldType, path: String, depth: u16) {
    if depth >= DEPTH_MAX || fields.len() >= FIELDS_MAX {
        return;
    }
    match ty {
        FieldType::Primitive(_) => {
            if let Ok(field) = FieldPath::parse(&path) {
                fields.push(FieldRef {
                    topic: topic.clone(),
                    field,
                });
            }
        }
        FieldType::Message(name) => {
            if let Some(definition) = schema.definition(name) {
                add_fields(fields, topic, schema, definition, &path, depth + 1);
            }
        }
        FieldType::Array { element, length } => {
            for index in 0..(*length).min(ELEMENTS_MAX) {
                add_field(fields, topic, schema, element, format!("{path}[{index}]"), depth + 1);
            }
        }
        // How many there are is not known before a message came: the tree shows them.
        FieldType::Sequence { .. } | FieldType::String { .. } | FieldType::WString { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(typed: &str) -> Vec<String> {
        let mut palette = Palette::new(&BTreeMap::new());
        palette.set_typed(typed.to_owned());
        palette.lines().map(|(line, _)| line.name.clone()).collect()
    }

    #[test]
    fn whole_words_come_before_scattered_letters() {
        assert_eq!(names("undo")[0], "Undo a change of the layout");
        assert_eq!(names("new tab")[0], "New tab");
        assert_eq!(names("tab new")[0], "New tab", "in any order");
        assert_eq!(names("fulscr")[0], "Full screen", "letters in order are enough");
        assert!(names("qqqq").is_empty());
    }

    #[test]
    fn the_choice_goes_around() {
        let mut palette = Palette::new(&BTreeMap::new());
        palette.step(false);
        let last = palette.lines().position(|(_, chosen)| chosen);
        assert_eq!(last, Some(SHOWN - 1));
        palette.step(true);
        assert_eq!(palette.lines().position(|(_, chosen)| chosen), Some(0));
        palette.set_typed("qqqq".to_owned());
        palette.step(true);
        assert!(palette.pick(None).is_none());
    }
}
