//! The YAML that rosbag2 keeps about a recording, in version 9.
//!
//! The form is that of rosbag2 0.26 (ROS 2 Jazzy), line by line: its own parser and others read it. It stands in
//! `metadata.yaml` and, without the outermost key, in the record `rosbag2` of the MCAP file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::qos::{Durability, History, Liveliness, Qos, Reliability};

pub(crate) use super::ledger::{LEDGER, parse_ledger_line};

/// What the YAML says about one topic.
pub(super) struct TopicMeta<'a> {
    pub name: &'a str,
    pub type_name: &'a str,
    pub type_hash: &'a str,
    pub offered_qos: &'a [Qos],
    pub messages: u64,
}

/// What the YAML says about one file.
pub(super) struct FileMeta {
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
pub(super) struct BagMeta<'a> {
    pub files: Vec<FileMeta>,
    pub topics: Vec<TopicMeta<'a>>,
    /// What the user wants to find later.
    pub custom: BTreeMap<String, String>,
}

impl BagMeta<'_> {
    /// The text of the `rosbag2` record.
    pub(super) fn record(&self) -> String {
        let mut yaml = Yaml::default();
        self.write(&mut yaml);
        yaml.text.truncate(yaml.text.trim_end().len());
        yaml.text
    }

    /// The text of `metadata.yaml`.
    pub(super) fn file(&self) -> String {
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
        yaml.line("storage_identifier: mcap");
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
        yaml.line("compression_format: \"\"");
        yaml.line("compression_mode: \"\"");
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
        let distro = std::env::var("ROS_DISTRO").unwrap_or_default();
        yaml.line(&format!("ros_distro: {}", scalar(&distro)));
    }
}

impl TopicMeta<'_> {
    fn write(&self, yaml: &mut Yaml) {
        yaml.line("- topic_metadata:");
        yaml.deeper(|yaml| {
            yaml.deeper(|yaml| {
                yaml.line(&format!("name: {}", scalar(self.name)));
                yaml.line(&format!("type: {}", scalar(self.type_name)));
                yaml.line("serialization_format: cdr");
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

/// The value of `offered_qos_profiles` in a channel's metadata.
pub(super) fn qos_text(offered: &[Qos]) -> String {
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
