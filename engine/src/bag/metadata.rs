//! `metadata.yaml`, of every version that rosbag2 has written.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::yaml::Yaml;
use crate::qos::{Durability, History, Liveliness, Qos, Reliability};

/// The longest text that is read; ten thousand topics with their policies make 10 MB.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Names its file, as rosbag2 does.
pub(super) const NAME: &str = "metadata.yaml";

/// What the text says.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    pub files: Vec<String>,
    pub messages: Option<u64>,
    pub span_ns: Option<(u64, u64)>,
    pub topics: Vec<Topic>,
    /// Pairs of names and values that users put there.
    pub custom: Vec<(String, String)>,
}

/// What it says of one topic.
#[derive(Clone, Debug)]
pub(super) struct Topic {
    pub name: String,
    pub type_name: String,
    pub serialization: String,
    pub offered_qos: Vec<Qos>,
    pub type_hash: Option<String>,
    pub messages: Option<u64>,
}

impl Metadata {
    /// Reads the file of a directory. `Ok(None)` when there is none, `Err` when it makes no sense.
    pub(super) fn of_directory(directory: &Path) -> Result<Option<Self>, String> {
        let Ok(file) = File::open(directory.join(NAME)) else {
            return Ok(None);
        };
        let mut text = String::new();
        let read = file.take(LONGEST).read_to_string(&mut text);
        let parsed = read.ok().and_then(|_| Self::parse(&text));
        parsed
            .map(Some)
            .ok_or_else(|| format!("{NAME} makes no sense; the files speak for themselves"))
    }

    /// With or without the outermost key.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let document = Yaml::parse(text)?;
        let bag = document.get("rosbag2_bagfile_information").unwrap_or(&document);
        let _version: u32 = bag.get("version")?.number()?;
        let ns = |key: &str, inner: &str| bag.get(key)?.get(inner)?.number::<i64>();
        let start = ns("starting_time", "nanoseconds_since_epoch");
        let length = ns("duration", "nanoseconds");
        let messages = bag.get("message_count").and_then(Yaml::number);
        let span = start.zip(length).and_then(|(start, length)| {
            let start = u64::try_from(start).ok()?;
            Some((start, start.saturating_add(u64::try_from(length).ok()?)))
        });
        let files = bag.get("relative_file_paths").map(Yaml::list).unwrap_or_default();
        let topics = bag.get("topics_with_message_count").map(Yaml::list);
        let custom = match bag.get("custom_data") {
            Some(Yaml::Map(pairs)) => pairs.iter(),
            _ => [].iter(),
        };
        Some(Self {
            files: files.iter().filter_map(Yaml::text).map(str::to_owned).collect(),
            messages,
            // An empty recording starts at the end of time.
            span_ns: span.filter(|_| messages != Some(0)),
            topics: topics.unwrap_or_default().iter().filter_map(topic).collect(),
            custom: custom
                .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
                .collect(),
        })
    }
}

fn topic(entry: &Yaml) -> Option<Topic> {
    let meta = entry.get("topic_metadata")?;
    let text_of = |key: &str| meta.get(key).and_then(Yaml::text);
    Some(Topic {
        name: text_of("name")?.to_owned(),
        type_name: text_of("type").unwrap_or_default().to_owned(),
        serialization: text_of("serialization_format").unwrap_or("cdr").to_owned(),
        offered_qos: match meta.get("offered_qos_profiles") {
            // A text within the text, up to version 7.
            Some(Yaml::Text(text)) => offered_qos(text),
            Some(list) => profiles(list),
            None => Vec::new(),
        },
        type_hash: text_of("type_description_hash")
            .filter(|hash| !hash.is_empty())
            .map(str::to_owned),
        messages: entry.get("message_count").and_then(Yaml::number),
    })
}

/// The policies in such a text.
pub(super) fn offered_qos(text: &str) -> Vec<Qos> {
    Yaml::parse(text).map_or_else(Vec::new, |list| profiles(&list))
}

fn profiles(list: &Yaml) -> Vec<Qos> {
    list.list().iter().map(profile).collect()
}

/// One profile: policies are words since version 8, and before that the numbers of `rmw`.
fn profile(entry: &Yaml) -> Qos {
    let word = |key: &str| entry.get(key).and_then(Yaml::text).unwrap_or_default();
    let depth = entry.get("depth").and_then(Yaml::number).unwrap_or(0);
    Qos {
        history: match word("history") {
            "keep_last" | "1" => History::KeepLast(depth),
            "keep_all" | "2" => History::KeepAll,
            _ => History::Unknown,
        },
        reliability: match word("reliability") {
            "best_effort" | "2" => Reliability::BestEffort,
            _ => Reliability::Reliable,
        },
        durability: match word("durability") {
            "transient_local" | "1" => Durability::TransientLocal,
            _ => Durability::Volatile,
        },
        deadline_ns: duration(entry, "deadline"),
        lifespan_ns: duration(entry, "lifespan"),
        liveliness: match word("liveliness") {
            "manual_by_node" | "2" => Liveliness::ManualByParticipant,
            "manual_by_topic" | "3" => Liveliness::ManualByTopic,
            _ => Liveliness::Automatic,
        },
        liveliness_lease_ns: duration(entry, "liveliness_lease_duration"),
    }
}

/// Zero means that nothing was said; what DDS calls infinite has at least the seconds of 31 bits.
fn duration(entry: &Yaml, key: &str) -> Option<i64> {
    let part = |name: &str| entry.get(key)?.get(name)?.number::<i64>();
    let (seconds, ns) = (part("sec")?, part("nsec").unwrap_or(0));
    if seconds >= i64::from(i32::MAX) || (seconds == 0 && ns == 0) {
        return None;
    }
    seconds.checked_mul(1_000_000_000)?.checked_add(ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_as_numbers_and_as_words() {
        let old = offered_qos(
            "- history: 1\n  depth: 4\n  reliability: 2\n  durability: 1\n  deadline:\n    sec: 0\n    nsec: 5\n  \
             lifespan:\n    sec: 2147483651\n    nsec: 0\n  liveliness: 3\n",
        );
        let new = offered_qos(
            "- history: keep_last\n  depth: 4\n  reliability: best_effort\n  durability: transient_local\n  deadline:\n    \
             sec: 0\n    nsec: 5\n  lifespan:\n    sec: 9223372036\n    nsec: 854775807\n  liveliness: manual_by_topic\n",
        );
        assert_eq!(old, new);
        assert_eq!(old[0].history, History::KeepLast(4));
        assert_eq!(old[0].deadline_ns, Some(5));
        assert_eq!(old[0].lifespan_ns, None);
    }

    #[test]
    fn a_start_at_the_end_of_time_is_no_start() {
        let text = "version: 9\nduration:\n  nanoseconds: 0\nstarting_time:\n  nanoseconds_since_epoch: 9223372036854775807\n\
                    message_count: 0\ntopics_with_message_count:\n  []\n";
        let metadata = Metadata::parse(text).expect("metadata");
        assert_eq!(metadata.span_ns, None);
        assert!(metadata.topics.is_empty());
        assert!(Metadata::parse("hello").is_none());
    }
}
