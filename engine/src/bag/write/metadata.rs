//! `metadata.yaml` in version 9, as rosbag2 0.26 writes it, for either storage.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bag::{BagChannel, Storage};
use crate::qos::{Durability, History, Liveliness, Qos, Reliability};

/// What is to be described.
pub(super) struct Described<'a> {
    pub storage: Storage,
    pub file: &'a str,
    pub span_ns: Option<(u64, u64)>,
    pub messages: u64,
    /// With the messages of each.
    pub channels: Vec<(&'a BagChannel, u64)>,
    /// Every message is a zstd frame.
    pub by_message: bool,
    pub custom: &'a BTreeMap<String, String>,
}

/// The text, with the outermost key where it becomes a file.
pub(super) fn describe(bag: &Described<'_>, as_file: bool) -> String {
    let mut yaml = Yaml::default();
    if as_file {
        yaml.line("rosbag2_bagfile_information:");
        yaml.depth = 1;
    }
    // An empty recording starts at the end of time, as rosbag2 writes it.
    let (start, end) = bag.span_ns.unwrap_or((i64::MAX as u64, i64::MAX as u64));
    let duration = end.saturating_sub(start);
    let file = scalar(bag.file);
    yaml.line("version: 9");
    yaml.line(&format!("storage_identifier: {}", bag.storage.name()));
    yaml.line("duration:");
    yaml.line(&format!("  nanoseconds: {duration}"));
    yaml.line("starting_time:");
    yaml.line(&format!("  nanoseconds_since_epoch: {start}"));
    yaml.line(&format!("message_count: {}", bag.messages));
    yaml.line("topics_with_message_count:");
    if bag.channels.is_empty() {
        yaml.line("  []");
    }
    yaml.depth += 1;
    for (channel, messages) in &bag.channels {
        topic(channel, *messages, &mut yaml);
    }
    yaml.depth -= 1;
    let (format, mode) = if bag.by_message {
        ("zstd", "MESSAGE")
    } else {
        ("\"\"", "\"\"")
    };
    yaml.line(&format!("compression_format: {format}"));
    yaml.line(&format!("compression_mode: {mode}"));
    yaml.line("relative_file_paths:");
    yaml.line(&format!("  - {file}"));
    yaml.line("files:");
    yaml.line(&format!("  - path: {file}"));
    yaml.line("    starting_time:");
    yaml.line(&format!("      nanoseconds_since_epoch: {start}"));
    yaml.line("    duration:");
    yaml.line(&format!("      nanoseconds: {duration}"));
    yaml.line(&format!("    message_count: {}", bag.messages));
    if bag.custom.is_empty() {
        yaml.line("custom_data: ~");
    } else {
        yaml.line("custom_data:");
        for (name, value) in bag.custom {
            yaml.line(&format!("  {}: {}", scalar(name), scalar(value)));
        }
    }
    yaml.line(&format!("ros_distro: {}", scalar(&distro())));
    if !as_file {
        yaml.text.truncate(yaml.text.trim_end().len());
    }
    yaml.text
}

/// The distribution of this machine, as rosbag2 notes it.
pub(super) fn distro() -> String {
    std::env::var("ROS_DISTRO").unwrap_or_default()
}

fn topic(channel: &BagChannel, messages: u64, yaml: &mut Yaml) {
    yaml.line("- topic_metadata:");
    yaml.depth += 2;
    yaml.line(&format!("name: {}", scalar(&channel.topic)));
    yaml.line(&format!("type: {}", scalar(&channel.type_name)));
    yaml.line(&format!("serialization_format: {}", scalar(&channel.serialization)));
    if channel.offered_qos.is_empty() {
        yaml.line("offered_qos_profiles: []");
    } else {
        yaml.line("offered_qos_profiles:");
        yaml.depth += 1;
        channel.offered_qos.iter().for_each(|qos| profile(qos, yaml));
        yaml.depth -= 1;
    }
    let hash = channel.type_hash.as_deref().unwrap_or_default();
    yaml.line(&format!("type_description_hash: {}", scalar(hash)));
    yaml.depth -= 1;
    yaml.line(&format!("message_count: {messages}"));
    yaml.depth -= 1;
}

/// Policies as the text within a channel or a table of topics.
pub(super) fn qos_text(offered: &[Qos]) -> String {
    if offered.is_empty() {
        return "[]".to_owned();
    }
    let mut yaml = Yaml::default();
    offered.iter().for_each(|qos| profile(qos, &mut yaml));
    yaml.text.truncate(yaml.text.trim_end().len());
    yaml.text
}

fn profile(qos: &Qos, yaml: &mut Yaml) {
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
    yaml.depth += 1;
    yaml.line(&format!("depth: {depth}"));
    yaml.line(&format!("reliability: {reliability}"));
    yaml.line(&format!("durability: {durability}"));
    duration("deadline", qos.deadline_ns, yaml);
    duration("lifespan", qos.lifespan_ns, yaml);
    yaml.line(&format!("liveliness: {liveliness}"));
    duration("liveliness_lease_duration", qos.liveliness_lease_ns, yaml);
    yaml.line("avoid_ros_namespace_conventions: false");
    yaml.depth -= 1;
}

fn duration(name: &str, duration_ns: Option<i64>, yaml: &mut Yaml) {
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
        let channel = BagChannel {
            index: 0,
            topic: "/grün x".to_owned(),
            type_name: "std_msgs/msg/String".to_owned(),
            definition: None,
            other_definition: None,
            serialization: "cdr".to_owned(),
            offered_qos: vec![qos, Qos::SENSOR],
            type_hash: Some("RIHS01_00".to_owned()),
            messages: 0,
        };
        let custom = BTreeMap::from([("run: a".to_owned(), "one\n\"two\"".to_owned())]);
        let described = Described {
            storage: Storage::Sqlite3,
            file: "a b_0.db3",
            span_ns: Some((5, 9)),
            messages: 7,
            channels: vec![(&channel, 7)],
            by_message: true,
            custom: &custom,
        };
        for as_file in [true, false] {
            let text = describe(&described, as_file);
            assert!(text.contains("compression_mode: MESSAGE"), "{text}");
            let read = Metadata::parse(&text).expect("metadata");
            assert_eq!(read.files, ["a b_0.db3"]);
            assert_eq!((read.messages, read.span_ns), (Some(7), Some((5, 9))));
            assert_eq!(read.topics[0].name, channel.topic);
            assert_eq!(read.topics[0].offered_qos, channel.offered_qos);
            assert_eq!(read.topics[0].messages, Some(7));
            assert!(describe(&described, as_file).contains("compression_mode: MESSAGE\n"));
            assert_eq!(read.custom, custom.clone().into_iter().collect::<Vec<_>>());
        }
    }
}
