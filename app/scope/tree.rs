//! The topic tree as a list of rows: namespaces, topics, and the fields of the topics that are open.

mod fields;
mod marks;

use std::collections::{BTreeMap, BTreeSet};

use roswave_engine::cdr::Value;
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::{DefinitionState, Snapshot, TopicStatus};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::signal::FieldRef;

use crate::scope::tree::fields::{Fields, written};
use crate::scope::tree::marks::Marks;

/// Elements of an array that are shown at first, and that "show more" adds.
pub const ARRAY_PAGE: usize = 16;

/// Names of this depth are not followed further: no sound definition nests deeper.
const MAX_DEPTH: u16 = 24;

/// One row of the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A part of a name that several topics share.
    Namespace {
        /// With slashes: `/arm`.
        path: String,
        /// The last part.
        label: String,
        /// Steps to the right.
        depth: u16,
        /// Its topics are shown.
        open: bool,
        /// How many topics are below.
        topics: usize,
    },
    /// A topic.
    Topic {
        /// Its full name.
        name: TopicName,
        /// What is left of the name below its namespace.
        label: String,
        /// Steps to the right.
        depth: u16,
        /// Its fields are shown.
        open: bool,
    },
    /// A field, or a group of fields.
    Field {
        /// Topic and path.
        at: FieldRef,
        /// Last part of the path.
        label: String,
        /// Steps to the right.
        depth: u16,
        /// What it holds.
        kind: FieldKind,
        /// Its unit, when it is known.
        unit: Option<&'static str>,
    },
    /// Elements of an array that are not shown yet.
    More {
        /// Topic and path of the array.
        at: FieldRef,
        /// Steps to the right.
        depth: u16,
        /// How many are not shown.
        hidden: usize,
    },
    /// Why there are no fields.
    Note {
        /// The topic.
        topic: TopicName,
        /// One sentence.
        text: String,
        /// Steps to the right.
        depth: u16,
    },
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A number that a chart can draw.
    Number,
    /// A text.
    Text,
    /// Fields or elements of its own.
    Group {
        /// They are shown.
        open: bool,
        /// Type or length: `Vector3`, `9 × float64`.
        hint: String,
        /// An array of numbers, which can be drawn as a whole.
        is_array: bool,
    },
}

/// The state of the tree.
#[derive(Debug, Default)]
pub struct Tree {
    filter: String,
    show_hidden: bool,
    closed_namespaces: BTreeSet<String>,
    open_topics: BTreeSet<TopicName>,
    open_groups: BTreeSet<FieldRef>,
    selected: Option<TopicName>,
    pages: BTreeMap<FieldRef, usize>,
    latest: BTreeMap<TopicName, Latest>,
    rows: Vec<Row>,
    selected_rows: Vec<Row>,
    listed: usize,
    hidden: usize,
    marks: Marks,
}

/// The newest message of an open topic, decoded.
#[derive(Debug)]
struct Latest {
    receive_time: Timestamp,
    value: Result<Value, String>,
}

impl Tree {
    /// The rows to show, in order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Every field of the selected topic, groups open.
    #[must_use]
    pub fn selected_rows(&self) -> &[Row] {
        &self.selected_rows
    }

    /// The topic that the inspector shows.
    #[must_use]
    pub fn selected(&self) -> Option<&TopicName> {
        self.selected.as_ref()
    }

    /// Shows a topic in the inspector.
    pub fn select(&mut self, topic: Option<TopicName>) {
        self.selected = topic;
    }

    /// What the user typed.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Changes the filter; the next [`Tree::rebuild`] applies it.
    pub fn set_filter(&mut self, filter: String) {
        self.filter = filter;
    }

    /// Topics that pass the filter.
    #[must_use]
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// Topics that are left out because ROS 2 tools hide them.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// True when hidden topics are shown.
    #[must_use]
    pub fn shows_hidden(&self) -> bool {
        self.show_hidden
    }

    /// Shows or leaves out hidden topics.
    pub fn toggle_hidden(&mut self) {
        self.show_hidden = !self.show_hidden;
    }

    /// Opens or closes a namespace.
    pub fn toggle_namespace(&mut self, path: &str) {
        if !self.closed_namespaces.remove(path) {
            let _ = self.closed_namespaces.insert(path.to_owned());
        }
    }

    /// Opens or closes a topic; gives back whether it is open now.
    pub fn toggle_topic(&mut self, topic: &TopicName) -> bool {
        if self.open_topics.remove(topic) {
            return false;
        }
        self.open_topics.insert(topic.clone())
    }

    /// Opens or closes a group of fields.
    pub fn toggle_group(&mut self, at: &FieldRef) {
        if !self.open_groups.remove(at) {
            let _ = self.open_groups.insert(at.clone());
        }
    }

    /// Shows another page of an array.
    pub fn show_more(&mut self, at: &FieldRef) {
        *self.pages.entry(at.clone()).or_insert(ARRAY_PAGE) += ARRAY_PAGE;
    }

    /// The topics whose newest message is shown.
    #[must_use]
    pub fn watched(&self) -> BTreeSet<TopicName> {
        self.open_topics.iter().chain(&self.selected).cloned().collect()
    }

    /// The newest value of a field of an open topic, as it is written.
    #[must_use]
    pub fn value(&self, at: &FieldRef) -> Option<String> {
        let message = self.latest.get(&at.topic)?.value.as_ref().ok()?;
        if let Some(value) = message.get(&at.field) {
            return written(value);
        }
        // Numbers are kept together: there is no value of its own behind `data[3]`.
        written(&message.element(&at.field)?)
    }

    /// Makes the rows anew after the graph, the values or the state of the tree changed.
    pub fn rebuild(&mut self, snapshot: &Snapshot) {
        self.decode_latest(snapshot);
        let words: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let mut listed = Vec::new();
        let mut hidden = 0;
        for (name, status) in &snapshot.topics {
            if name.is_hidden() && !self.show_hidden {
                hidden += 1;
            } else if matches(name, status.type_name.as_ref(), &words) {
                listed.push((name, status));
            }
        }
        self.listed = listed.len();
        self.hidden = hidden;
        let mut rows = Vec::with_capacity(listed.len() + 16);
        self.push_names(&mut rows, &listed, "", 0, !words.is_empty());
        self.rows = rows;
        self.selected_rows = self.rows_of_selected(snapshot);
    }

    fn rows_of_selected(&self, snapshot: &Snapshot) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(topic) = &self.selected
            && let Some(status) = snapshot.topics.get(topic)
        {
            self.push_fields(&mut rows, topic, status, 0, true);
        }
        rows
    }

    fn decode_latest(&mut self, snapshot: &Snapshot) {
        let watched = self.watched();
        self.latest.retain(|topic, _| watched.contains(topic));
        for topic in &watched {
            let Some(status) = snapshot.topics.get(topic) else {
                continue;
            };
            let (Some(schema), Some(arrival)) = (&status.schema, &status.latest) else {
                continue;
            };
            let known = self.latest.get(topic).map(|latest| latest.receive_time);
            if known == Some(arrival.receive_time) {
                continue;
            }
            let value = Value::decode(schema, &arrival.payload).map_err(|e| e.to_string());
            let latest = Latest {
                receive_time: arrival.receive_time,
                value,
            };
            let _ = self.latest.insert(topic.clone(), latest);
        }
    }

    /// `topics` all start with `prefix`, which ends without a slash, and are sorted by name.
    fn push_names(
        &self,
        rows: &mut Vec<Row>,
        topics: &[(&TopicName, &TopicStatus)],
        prefix: &str,
        depth: u16,
        all_open: bool,
    ) {
        let part_of = |name: &TopicName| {
            let rest = &name.as_str()[prefix.len() + 1..];
            rest.find('/').map(|end| rest[..end].to_owned())
        };
        let mut at = 0;
        while at < topics.len() {
            let (name, status) = topics[at];
            let part = part_of(name);
            let run = match &part {
                Some(part) => topics[at..]
                    .iter()
                    .take_while(|(n, _)| part_of(n).as_ref() == Some(part))
                    .count(),
                None => 1,
            };
            let group = &topics[at..at + run];
            at += run;
            match part {
                Some(part) if run > 1 && depth < MAX_DEPTH => {
                    let path = format!("{prefix}/{part}");
                    let open = all_open || !self.closed_namespaces.contains(&path);
                    rows.push(Row::Namespace {
                        path: path.clone(),
                        label: part,
                        depth,
                        open,
                        topics: run,
                    });
                    if open {
                        self.push_names(rows, group, &path, depth + 1, all_open);
                    }
                }
                _ => self.push_topic(rows, name, status, &name.as_str()[prefix.len() + 1..], depth),
            }
        }
    }

    fn push_topic(&self, rows: &mut Vec<Row>, name: &TopicName, status: &TopicStatus, label: &str, depth: u16) {
        let open = self.open_topics.contains(name);
        rows.push(Row::Topic {
            name: name.clone(),
            label: label.to_owned(),
            depth,
            open,
        });
        if open {
            self.push_fields(rows, name, status, depth + 1, false);
        }
    }

    fn push_fields(&self, rows: &mut Vec<Row>, name: &TopicName, status: &TopicStatus, depth: u16, all_open: bool) {
        let note = |text: String| Row::Note {
            topic: name.clone(),
            text,
            depth,
        };
        let Some(schema) = &status.schema else {
            let reason = match (&status.problem, &status.definition) {
                (Some(problem), _) | (None, DefinitionState::None(problem)) => problem.to_string(),
                (None, DefinitionState::Found(..)) => "waiting for a message".to_owned(),
            };
            rows.push(note(reason));
            return;
        };
        let latest = self.latest.get(name);
        if let Some(Err(problem)) = latest.map(|l| &l.value) {
            rows.push(note(problem.clone()));
        }
        let value = latest.and_then(|l| l.value.as_ref().ok());
        let fields = Fields {
            tree: self,
            topic: name,
            schema,
            all_open,
        };
        fields.push_message(rows, schema.root(), value, "", depth);
        fields.push_times(rows, depth);
    }
}

fn matches(name: &TopicName, type_name: Option<&TypeName>, words: &[String]) -> bool {
    words.iter().all(|word| {
        name.as_str().to_lowercase().contains(word)
            || type_name.is_some_and(|ty| ty.as_str().to_lowercase().contains(word))
    })
}
