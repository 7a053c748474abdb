//! The ledger, the bookmarks and the notes of a recording, as they stand in its files.
//!
//! Three metadata records: [`LEDGER`] holds a line per topic and one for the sum under `total`, which no topic can be
//! called; [`BOOKMARKS`] holds texts by time; [`RUN`] holds what the user and the machine say about the run. While a
//! recording runs, the topics [`LEDGER_TOPIC`] and [`BOOKMARKS_TOPIC`] carry the same as JSON in `std_msgs/msg/String`,
//! which every ROS tool can read.

mod read;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mcap::records::Metadata;
use serde::Serialize;

use super::status::{RecordedTopic, total_loss};
use crate::bag::Bookmark;
use crate::loss::{Count, Loss};

pub use read::{Journal, journal};

/// Name of the metadata record that holds the ledger.
pub const LEDGER: &str = "roswave.ledger";
/// Name of the metadata record that holds the bookmarks.
pub const BOOKMARKS: &str = "roswave.bookmarks";
/// Name of the metadata record that holds names, tags, notes and facts.
pub const RUN: &str = "roswave.run";
/// All of them.
pub(crate) const OWN_RECORDS: [&str; 3] = [LEDGER, BOOKMARKS, RUN];
/// Carries the state of the ledger while a recording runs.
pub const LEDGER_TOPIC: &str = "/roswave/ledger";
/// Carries every bookmark at its time.
pub const BOOKMARKS_TOPIC: &str = "/roswave/bookmarks";

/// True for the topics that the recorder itself speaks on: they are not counted as recorded.
#[must_use]
pub fn is_own_topic(name: &str) -> bool {
    matches!(name, LEDGER_TOPIC | BOOKMARKS_TOPIC)
}

/// The line of the sum.
const TOTAL: &str = "total";

/// One line of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// Messages in the file, repeated ones included.
    pub messages: Option<u64>,
    /// Messages that the recorder was given to write.
    pub received: Option<u64>,
    /// Of these, written.
    pub written: Option<u64>,
    /// Of these, on the disk.
    pub safe: Option<u64>,
    /// What latched writers said, said again in this file.
    pub repeated: Option<u64>,
    /// What is missing, per stage.
    pub loss: Loss,
    /// Receive times of the earliest and the latest message.
    pub span_ns: Option<(u64, u64)>,
    /// Between which moments messages were lost.
    pub lost_ns: Option<(u64, u64)>,
}

impl LedgerRow {
    /// The sum with the same topic in another file.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let plus = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
        let span = |a: Option<(u64, u64)>, b: Option<(u64, u64)>| match (a, b) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        Self {
            messages: plus(self.messages, other.messages),
            received: plus(self.received, other.received),
            written: plus(self.written, other.written),
            safe: plus(self.safe, other.safe),
            repeated: plus(self.repeated, other.repeated),
            loss: self.loss.plus(other.loss),
            span_ns: span(self.span_ns, other.span_ns),
            lost_ns: span(self.lost_ns, other.lost_ns),
        }
    }

    fn of(topic: &RecordedTopic) -> Self {
        Self {
            messages: Some(topic.messages),
            received: Some(topic.received),
            written: Some(topic.written),
            safe: Some(topic.safe),
            repeated: Some(topic.repeated),
            loss: topic.loss,
            span_ns: topic.span_ns,
            lost_ns: topic.lost_ns,
        }
    }

    /// `messages=10 received=10 written=10 safe=10 repeated=0 transport=0 reader=unknown plot=0 record=0 disk=0`, and the times.
    fn line(&self) -> String {
        let mut line = String::new();
        let counts = [
            ("messages", self.messages),
            ("received", self.received),
            ("written", self.written),
            ("safe", self.safe),
            ("repeated", self.repeated),
        ];
        let stages = [
            ("transport", self.loss.transport),
            ("reader", self.loss.reader),
            ("plot", self.loss.plot),
            ("record", self.loss.record),
            ("disk", self.loss.disk),
        ];
        let counts = counts.map(|(name, count)| (name, count.map_or(Count::Unknown, Count::Known)));
        for (name, count) in counts.into_iter().chain(stages) {
            // Writing to a string cannot fail.
            let _ = match count {
                Count::Known(n) => write!(line, "{name}={n} "),
                Count::Unknown => write!(line, "{name}=unknown "),
            };
        }
        for (name, span) in [("", self.span_ns), ("lost_", self.lost_ns)] {
            if let Some((first, last)) = span {
                let _ = write!(line, "{name}first_ns={first} {name}last_ns={last} ");
            }
        }
        line.truncate(line.trim_end().len());
        line
    }

    /// Reads such a line; what is missing or unreadable is unknown.
    fn parse(line: &str) -> Self {
        let fields: BTreeMap<&str, &str> = line.split(' ').filter_map(|field| field.split_once('=')).collect();
        let number = |name: &str| fields.get(name).and_then(|text| text.parse::<u64>().ok());
        let count = |name: &str| number(name).map_or(Count::Unknown, Count::Known);
        Self {
            messages: number("messages"),
            received: number("received"),
            written: number("written"),
            safe: number("safe"),
            repeated: number("repeated"),
            loss: Loss {
                transport: count("transport"),
                reader: count("reader"),
                plot: count("plot"),
                record: count("record"),
                disk: count("disk"),
            },
            span_ns: number("first_ns").zip(number("last_ns")),
            lost_ns: number("lost_first_ns").zip(number("lost_last_ns")),
        }
    }
}

/// The loss in a line of the ledger; what is missing or unreadable is unknown.
pub(crate) fn parse_ledger_line(line: &str) -> Loss {
    LedgerRow::parse(line).loss
}

/// The line for what two lines tell of the same topic in two files.
pub(crate) fn sum_of_lines(one: &str, other: &str) -> String {
    LedgerRow::parse(one).plus(LedgerRow::parse(other)).line()
}

/// The sum over topics, with what was lost before it had a name.
pub(super) fn total(rows: &[RecordedTopic], unnamed_lost: u64) -> LedgerRow {
    let mut loss = total_loss(rows);
    loss.disk = loss.disk.plus(Count::Known(unnamed_lost));
    let nothing = LedgerRow {
        messages: Some(0),
        received: Some(0),
        written: Some(0),
        safe: Some(0),
        repeated: Some(0),
        loss: Loss::NONE,
        span_ns: None,
        lost_ns: None,
    };
    let others = rows.iter().filter(|row| !is_own_topic(row.name.as_str()));
    let sum = others.map(LedgerRow::of).fold(nothing, LedgerRow::plus);
    LedgerRow { loss, ..sum }
}

/// The record [`LEDGER`].
pub(super) fn ledger_record(rows: &[RecordedTopic], unnamed_lost: u64) -> Metadata {
    let mut metadata = BTreeMap::from([(TOTAL.to_owned(), total(rows, unnamed_lost).line())]);
    metadata.extend(
        rows.iter()
            .map(|topic| (topic.name.as_str().to_owned(), LedgerRow::of(topic).line())),
    );
    Metadata {
        name: LEDGER.to_owned(),
        metadata,
    }
}

/// The record [`BOOKMARKS`]: texts by time, numbered where two have the same.
pub(super) fn bookmarks_record(bookmarks: &[Bookmark]) -> Metadata {
    let mut metadata = BTreeMap::new();
    for bookmark in bookmarks {
        let mut key = bookmark.time_ns.to_string();
        let mut number = 2;
        while metadata.contains_key(&key) {
            key = format!("{}#{number}", bookmark.time_ns);
            number += 1;
        }
        let _ = metadata.insert(key, bookmark.text.clone());
    }
    Metadata {
        name: BOOKMARKS.to_owned(),
        metadata,
    }
}

/// A text as a `std_msgs/msg/String`, in little endian.
pub(super) fn string_message(text: &str) -> Vec<u8> {
    let mut cdr = vec![0, 1, 0, 0];
    let length = u32::try_from(text.len() + 1).unwrap_or(u32::MAX);
    cdr.extend_from_slice(&length.to_le_bytes());
    cdr.extend_from_slice(text.as_bytes());
    cdr.push(0);
    cdr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back() {
        let row = LedgerRow {
            messages: Some(12),
            received: Some(13),
            written: Some(10),
            safe: Some(9),
            repeated: Some(2),
            loss: Loss {
                disk: Count::Known(3),
                reader: Count::Unknown,
                ..Loss::NONE
            },
            span_ns: Some((5, 9)),
            lost_ns: Some((6, 7)),
        };
        assert_eq!(LedgerRow::parse(&row.line()), row);
        let bare = LedgerRow {
            span_ns: None,
            lost_ns: None,
            ..row
        };
        assert_eq!(LedgerRow::parse(&bare.line()), bare);
        let old = LedgerRow::parse("messages=10 transport=0 reader=unknown plot=0 record=0 disk=0");
        assert_eq!(
            (old.messages, old.safe, old.loss.reader),
            (Some(10), None, Count::Unknown)
        );
        assert_eq!(
            LedgerRow::parse("disk=99999999999999999999999 =").loss.disk,
            Count::Unknown
        );
    }

    #[test]
    fn bookmarks_of_one_moment_are_all_kept() {
        let mark = |text: &str| Bookmark {
            time_ns: 7,
            text: text.to_owned(),
        };
        let record = bookmarks_record(&[mark("a"), mark("b"), mark("c")]);
        assert_eq!(record.metadata.len(), 3);
    }
}
