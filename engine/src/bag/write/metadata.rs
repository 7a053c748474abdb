//! The YAML that rosbag2 keeps about a recording, in version 9, for either storage and any number of files.
//!
//! The form is that of rosbag2 0.26 (ROS 2 Jazzy), line by line: its own parser and others read it. It stands in
//! `metadata.yaml` and, without the outermost key, in the files: in the record `rosbag2` of MCAP, in the table `metadata`
//! of SQLite.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bag::Storage;
use crate::qos::{Durability, History, Liveliness, Qos, Reliability};
use crate::record::ledger::OWN_RECORDS;

/// What the YAML says about one topic.
pub(crate) struct TopicMeta<'a> {
    pub name: &'a str,
    pub type_name: &'a str,
    pub serialization: &'a str,
    pub type_hash: &'a str,
    pub offered_qos: &'a [Qos],
    pub messages: u64,
}

/// What the YAML says about one file.
pub(crate) struct FileMeta {
    pub name: String,
    /// Earliest and latest receive time.
    pub span_ns: Option<(u64, u64)>,
    pub messages: u64,
}

impl FileMeta {
    /// Start and duration. Without a message a file starts at the end of time, as rosbag2 writes it.
    fn times(&self) -> (u64, u64) {
        let (start, end) = self.span_ns.unwrap_or((i64::MAX as u64, i64::MAX as u64));
        (start, end.saturating_sub(start))
    }
}

/// What the YAML says.
pub(crate) struct BagMeta<'a> {
    pub storage: Storage,
    /// Every message is a zstd frame of its own.
    pub by_message: bool,
    pub files: Vec<FileMeta>,
    pub topics: Vec<TopicMeta<'a>>,
    /// What the user wants to find later.
    pub custom: BTreeMap<String, String>,
}

impl BagMeta<'_> {
    /// The text of the `rosbag2` record.
    pub(crate) fn record(&self) -> String {
        let mut yaml = Yaml::default();
        self.write(&mut yaml);
        yaml.text.truncate(yaml.text.trim_end().len());
        yaml.text
    }

    /// The text of `metadata.yaml`.
    pub(crate) fn file(&self) -> String {
        let mut yaml = Yaml::default();
        yaml.line("rosbag2_bagfile_information:");
        yaml.deeper(|yaml| self.write(yaml));
        yaml.text
    }

    fn write(&self, yaml: &mut Yaml) {
        let spans = self.files.iter().filter_map(|file| file.span_ns);
        let whole = FileMeta {
            name: String::new(),
            span_ns: spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
            messages: self.files.iter().map(|file| file.messages).sum(),
        };
        let (start, duration) = whole.times();
        yaml.line("version: 9");
        yaml.line(&format!("storage_identifier: {}", self.storage.name()));
        yaml.line("duration:");
        yaml.line(&format!("  nanoseconds: {duration}"));
        yaml.line("starting_time:");
        yaml.line(&format!("  nanoseconds_since_epoch: {start}"));
        yaml.line(&format!("message_count: {}", whole.messages));
        yaml.line("topics_with_message_count:");
        if self.topics.is_empty() {
            yaml.line("  []");
        }
        yaml.deeper(|yaml| self.topics.iter().for_each(|topic| topic.write(yaml)));
        let (format, mode) = if self.by_message {
            ("zstd", "MESSAGE")
        } else {
            ("\"\"", "\"\"")
        };
        yaml.line(&format!("compression_format: {format}"));
        yaml.line(&format!("compression_mode: {mode}"));
        yaml.line("relative_file_paths:");
        for file in &self.files {
            yaml.line(&format!("  - {}", scalar(&file.name)));
        }
        yaml.line("files:");
        for file in &self.files {
            let (start, duration) = file.times();
            yaml.line(&format!("  - path: {}", scalar(&file.name)));
            yaml.line("    starting_time:");
            yaml.line(&format!("      nanoseconds_since_epoch: {start}"));
            yaml.line("    duration:");
            yaml.line(&format!("      nanoseconds: {duration}"));
            yaml.line(&format!("    message_count: {}", file.messages));
        }
        if self.custom.is_empty() {
            yaml.line("custom_data: ~");
        } else {
            yaml.line("custom_data:");
            for (name, value) in &self.custom {
                yaml.line(&format!("  {}: {}", scalar(name), scalar(value)));
            }
        }
        yaml.line(&format!("ros_distro: {}", scalar(&distro())));
    }
}

impl TopicMeta<'_> {
    fn write(&self, yaml: &mut Yaml) {
        yaml.line("- topic_metadata:");
        yaml.deeper(|yaml| {
            yaml.deeper(|yaml| {
                yaml.line(&format!("name: {}", scalar(self.name)));
                yaml.line(&format!("type: {}", scalar(self.type_name)));
                yaml.line(&format!("serialization_format: {}", scalar(self.serialization)));
                if self.offered_qos.is_empty() {
                    yaml.line("offered_qos_profiles: []");
                } else {
                    yaml.line("offered_qos_profiles:");
                    yaml.deeper(|yaml| self.offered_qos.iter().for_each(|qos| write_qos(qos, yaml)));
                }
                yaml.line(&format!("type_description_hash: {}", scalar(self.type_hash)));
            });
            yaml.line(&format!("message_count: {}", self.messages));
        });
    }
}

/// Names with values that are about a recording, as they stand in `custom_data` where the storage has no other place.
pub(crate) fn custom_entries(name: &str, entries: &BTreeMap<String, String>) -> impl Iterator<Item = (String, String)> {
    entries
        .iter()
        .map(move |(key, value)| (format!("{name}/{key}"), value.clone()))
}

/// The records of this program among `custom`, by name; the rest stays.
pub(crate) fn take_records(custom: &mut BTreeMap<String, String>) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut records: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    custom.retain(|key, value| {
        let Some((name, inner)) = key.split_once('/').filter(|(name, _)| OWN_RECORDS.contains(name)) else {
            return true;
        };
        let record = records.entry(name.to_owned()).or_default();
        let _ = record.insert(inner.to_owned(), std::mem::take(value));
        false
    });
    records
}

/// The distribution of this machine, as rosbag2 notes it.
pub(crate) fn distro() -> String {
    std::env::var("ROS_DISTRO").unwrap_or_default()
}

/// The value of `offered_qos_profiles` in the metadata of a channel or in a table of topics.
pub(crate) fn qos_text(offered: &[Qos]) -> String {
    if offered.is_empty() {
        return "[]".to_owned();
    }
    let mut yaml = Yaml::default();
    offered.iter().for_each(|qos| write_qos(qos, &mut yaml));
    yaml.text.truncate(yaml.text.trim_end().len());
    yaml.text
}

fn write_qos(qos: &Qos, yaml: &mut Yaml) {
    let (history, depth) = match qos.history {
        History::KeepLast(depth) => ("keep_last", depth),
        History::KeepAll => ("keep_all", 0),
        History::Unknown => ("unknown", 0),
    };
    let reliability = match qos.reliability {
        Reliability::Reliable => "reliable",
        Reliability::BestEffort => "best_effort",
    };
    let durability = match qos.durability {
        Durability::Volatile => "volatile",
        Durability::TransientLocal => "transient_local",
    };
    let liveliness = match qos.liveliness {
        // ROS 2 has no name for liveliness by participant any more.
        Liveliness::Automatic | Liveliness::ManualByParticipant => "automatic",
        Liveliness::ManualByTopic => "manual_by_topic",
    };
    yaml.line(&format!("- history: {history}"));
    yaml.deeper(|yaml| {
        yaml.line(&format!("depth: {depth}"));
        yaml.line(&format!("reliability: {reliability}"));
        yaml.line(&format!("durability: {durability}"));
        write_duration("deadline", qos.deadline_ns, yaml);
        write_duration("lifespan", qos.lifespan_ns, yaml);
        yaml.line(&format!("liveliness: {liveliness}"));
        write_duration("liveliness_lease_duration", qos.liveliness_lease_ns, yaml);
        yaml.line("avoid_ros_namespace_conventions: false");
    });
}

fn write_duration(name: &str, duration_ns: Option<i64>, yaml: &mut Yaml) {
    // Infinite is the longest that fits: 9223372036.854775807 s.
    let ns = duration_ns.unwrap_or(i64::MAX).max(0);
    yaml.line(&format!("{name}:"));
    yaml.line(&format!("  sec: {}", ns / 1_000_000_000));
    yaml.line(&format!("  nsec: {}", ns % 1_000_000_000));
}

/// A text as YAML: plain where that is safe, else quoted as JSON is, which YAML understands.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/_-.".contains(c))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

#[derive(Default)]
struct Yaml {
    text: String,
    depth: usize,
}

impl Yaml {
    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:1$}{line}", "", self.depth * 2);
    }

    fn deeper(&mut self, body: impl FnOnce(&mut Self)) {
        self.depth += 1;
        body(self);
        self.depth -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bag::metadata::Metadata;

    #[test]
    fn what_is_written_is_read_again() {
        let qos = Qos {
            deadline_ns: Some(1_500_000_000),
            history: History::KeepAll,
            ..Qos::LATCHED
        };
        let offered_qos = [qos, Qos::SENSOR];
        let custom = BTreeMap::from([("run: a".to_owned(), "one\n\"two\"".to_owned())]);
        let file = |name: &str, span_ns, messages| FileMeta {
            name: name.to_owned(),
            span_ns,
            messages,
        };
        let meta = BagMeta {
            storage: Storage::Sqlite3,
            by_message: true,
            files: vec![file("a b_0.db3", Some((5, 9)), 4), file("a b_1.db3", Some((8, 30)), 3)],
            topics: vec![TopicMeta {
                name: "/grün x",
                type_name: "std_msgs/msg/String",
                serialization: "cdr",
                type_hash: "RIHS01_00",
                offered_qos: &offered_qos,
                messages: 7,
            }],
            custom: custom.clone(),
        };
        for text in [meta.record(), meta.file()] {
            assert!(text.contains("compression_mode: MESSAGE\n"), "{text}");
            let read = Metadata::parse(&text).expect("metadata");
            assert_eq!(read.files, ["a b_0.db3", "a b_1.db3"]);
            assert_eq!((read.messages, read.span_ns), (Some(7), Some((5, 30))));
            assert_eq!(read.topics[0].name, "/grün x");
            assert_eq!(read.topics[0].offered_qos, offered_qos);
            assert_eq!(read.topics[0].messages, Some(7));
            assert_eq!(read.custom, custom.clone().into_iter().collect::<Vec<_>>());
        }
    }
}
