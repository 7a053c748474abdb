//! Reads everything in a recording and compares it with what the recording says of itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::metadata::Metadata;
use super::open::name_of;
use super::{Bag, BagError, Content, messages};

/// Findings about one file that are told; of a file in which everything is damaged, the first are enough.
const MOST_FINDINGS: usize = 200;

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// What was asked about.
    pub path: PathBuf,
    /// Files that were read.
    pub files: usize,
    /// Messages that were read.
    pub messages: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// What is wrong; none when the recording is whole.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong with a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file that it is about.
    pub file: PathBuf,
    /// What is wrong, in a sentence that has the file before it.
    pub what: String,
}

impl Verification {
    /// True when nothing was found.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Reads every message of a recording: checksums, counts and times against the index and `metadata.yaml`, and the order of time.
///
/// # Errors
/// When there is nothing that can be read.
pub fn verify(path: &Path) -> Result<Verification, BagError> {
    let bag = Bag::open(path)?;
    let mut findings = Vec::new();
    for file in bag.files() {
        if let Some(what) = &file.problem {
            findings.push(Finding {
                file: file.path.clone(),
                what: what.clone(),
            });
        }
    }
    let mut seen = Seen::default();
    for part in &bag.0.parts {
        let Some(file) = bag.files().get(part.file) else {
            continue;
        };
        let mut tally = Tally::default();
        let read = match &part.content {
            Content::Mcap(content) => content.check(&mut tally),
            Content::Sqlite(content) => {
                content.check(&mut tally);
                Ok(())
            }
        };
        if let Err(error) = read {
            tally.find(format!("it cannot be read any further: {error}"));
        }
        seen.add(&tally, |number| part.channels.get(&number).copied());
        let topic = |number: i64| {
            let channel = part.channels.get(&number).and_then(|index| bag.channels().get(*index));
            channel.map_or_else(|| format!("channel {number}"), |channel| channel.topic.clone())
        };
        let known = |number: i64| part.channels.contains_key(&number);
        for what in tally.finish(topic, known) {
            let is_told = findings
                .iter()
                .any(|finding| finding.file == file.path && finding.what == what);
            if !is_told {
                let file = file.path.clone();
                findings.push(Finding { file, what });
            }
        }
    }
    if path.is_dir() {
        let file = path.join(super::metadata::NAME);
        let said = compare(path, &bag, &seen);
        findings.extend(said.into_iter().map(|what| Finding {
            file: file.clone(),
            what,
        }));
    }
    Ok(Verification {
        path: path.to_owned(),
        files: bag.0.parts.len(),
        messages: seen.counts.values().fold(0, |sum, count| sum.saturating_add(*count)),
        bytes: bag.bytes(),
        findings,
    })
}

/// What was read of all files, by the channels of the recording.
#[derive(Default)]
struct Seen {
    counts: BTreeMap<usize, u64>,
    span_ns: Option<(u64, u64)>,
}

impl Seen {
    fn add(&mut self, tally: &Tally, channel: impl Fn(i64) -> Option<usize>) {
        for (number, line) in &tally.lines {
            let Some(channel) = channel(*number) else { continue };
            let count = self.counts.entry(channel).or_default();
            *count = count.saturating_add(line.messages);
        }
        self.span_ns = widest(self.span_ns, tally.span_ns());
    }
}

/// What `metadata.yaml` says that is not so.
fn compare(directory: &Path, bag: &Bag, seen: &Seen) -> Vec<String> {
    let metadata = match Metadata::of_directory(directory) {
        Ok(Some(metadata)) => metadata,
        Ok(None) => return vec!["it is missing, so `ros2 bag` does not open the directory".to_owned()],
        Err(problem) => return vec![problem],
    };
    let mut findings = Vec::new();
    let there: BTreeMap<(&str, &str), u64> = seen.counts.iter().fold(BTreeMap::new(), |mut sums, (index, count)| {
        if let Some(channel) = bag.channels().get(*index) {
            let sum = sums
                .entry((channel.topic.as_str(), channel.type_name.as_str()))
                .or_insert(0_u64);
            *sum = sum.saturating_add(*count);
        }
        sums
    });
    let sum = there.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
    if let Some(said) = metadata.messages.filter(|said| *said != sum) {
        findings.push(format!("it counts {said} messages, the files hold {sum}"));
    }
    for topic in &metadata.topics {
        let count = there
            .get(&(topic.name.as_str(), topic.type_name.as_str()))
            .copied()
            .unwrap_or(0);
        if let Some(said) = topic.messages.filter(|said| *said != count) {
            let name = &topic.name;
            findings.push(format!("it counts {said} messages of {name}, the files hold {count}"));
        }
    }
    for ((name, type_name), count) in &there {
        let is_named = metadata
            .topics
            .iter()
            .any(|topic| topic.name == *name && topic.type_name == *type_name);
        if !is_named {
            findings.push(format!(
                "it leaves out {name}, of which the files hold {count} messages"
            ));
        }
    }
    if let (Some(said), Some(span)) = (metadata.span_ns, seen.span_ns)
        && said != span
    {
        let seconds = |ns: u64| ns as f64 / 1e9;
        findings.push(format!(
            "it says that the messages begin at {:.9} and end at {:.9}; they begin at {:.9} and end at {:.9}",
            seconds(said.0),
            seconds(said.1),
            seconds(span.0),
            seconds(span.1),
        ));
    }
    findings.truncate(MOST_FINDINGS);
    findings
}

/// What was read of one file.
#[derive(Debug, Default)]
pub(super) struct Tally {
    lines: BTreeMap<i64, Line>,
    findings: Vec<String>,
    /// Messages that do not unpack.
    pub undecodable: u64,
}

/// What was read of one channel.
#[derive(Clone, Copy, Debug)]
struct Line {
    messages: u64,
    span_ns: (u64, u64),
    last_ns: u64,
    /// Messages that are older than the one before them, and the longest step back.
    back: u64,
    furthest_ns: u64,
}

impl Tally {
    pub(super) fn find(&mut self, what: String) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(what);
        }
    }

    /// Counts a message, in the order in which they stand in the file.
    pub(super) fn message(&mut self, channel: i64, time_ns: u64) {
        let line = self.lines.entry(channel).or_insert(Line {
            messages: 0,
            span_ns: (time_ns, time_ns),
            last_ns: time_ns,
            back: 0,
            furthest_ns: 0,
        });
        line.messages = line.messages.saturating_add(1);
        line.span_ns = (line.span_ns.0.min(time_ns), line.span_ns.1.max(time_ns));
        if time_ns < line.last_ns {
            line.back = line.back.saturating_add(1);
            line.furthest_ns = line.furthest_ns.max(line.last_ns - time_ns);
        }
        line.last_ns = time_ns;
    }

    pub(super) fn counts(&self) -> BTreeMap<i64, u64> {
        self.lines
            .iter()
            .map(|(channel, line)| (*channel, line.messages))
            .collect()
    }

    pub(super) fn span_ns(&self) -> Option<(u64, u64)> {
        self.lines
            .values()
            .fold(None, |span, line| widest(span, Some(line.span_ns)))
    }

    fn finish(mut self, topic: impl Fn(i64) -> String, known: impl Fn(i64) -> bool) -> Vec<String> {
        let lines = std::mem::take(&mut self.lines);
        for (channel, line) in lines {
            let (topic, messages, back) = (topic(channel), line.messages, line.back);
            if !known(channel) {
                self.find(format!(
                    "it holds {messages} messages of {topic}, which it does not describe"
                ));
            }
            if back > 0 {
                let ms = line.furthest_ns as f64 / 1e6;
                self.find(format!(
                    "{back} messages of {topic} are older than the one before them, by up to {ms:.3} ms"
                ));
            }
        }
        if self.undecodable > 0 {
            let messages = self.undecodable;
            self.find(format!("{messages} messages do not unpack"));
        }
        self.findings
    }
}

fn widest(a: Option<(u64, u64)>, b: Option<(u64, u64)>) -> Option<(u64, u64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// False for a message that was compressed by itself and is damaged.
pub(super) fn unpacks(payload: &[u8]) -> bool {
    !messages::is_packed(payload) || messages::unpacked(payload.to_vec()).is_some()
}

/// The finding as one line.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", name_of(&self.file), self.what)
    }
}
