//! The times of a row, and what their differences tell: fields that every topic has besides those of its type.

use crate::cdr::{FieldPath, MISSING};
use crate::clock::Timestamp;
use crate::message::Gid;
use crate::schema::{FieldType, Schema};

/// In a row's flags: the transport did not tell when the message was written.
const FLAG_NO_SOURCE: u64 = 2;
/// In a row's flags: the clocks of the topic's writers do not agree.
const FLAG_CLOCKS_DIFFER: u64 = 4;
/// Source times of two writers that are further apart than this are of clocks that do not agree.
const CLOCKS_AGREE_NS: i64 = 1_000_000_000;
/// In the place of a header stamp: the type has none.
const NO_STAMP: i64 = i64::MIN;

/// Which of its times a message is drawn at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClockSource {
    /// When the writer wrote it; where that is not told, when it was received.
    #[default]
    Source,
    /// When it was whole on this machine.
    Receive,
    /// The stamp in its header; where the type has none, as [`ClockSource::Source`].
    Header,
}

/// The times of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowTimes {
    /// The clocks of the topic's writers do not agree: their source times cannot be put in one order, and the message is
    /// drawn at its receive time instead.
    pub clocks_differ: bool,
    /// When the writer wrote it, if the transport tells.
    pub source: Option<Timestamp>,
    /// When it was received.
    pub receive: Timestamp,
    /// Its header stamp, if its type has one.
    pub header: Option<Timestamp>,
}

impl RowTimes {
    /// The time that it is drawn at.
    #[must_use]
    pub fn plot(&self, clock: ClockSource) -> Timestamp {
        let source = self.source.unwrap_or(self.receive);
        match clock {
            ClockSource::Source if self.clocks_differ => self.receive,
            ClockSource::Source => source,
            ClockSource::Receive => self.receive,
            ClockSource::Header => self.header.unwrap_or(source),
        }
    }

    /// The first words of a row; `flags` are those of the row.
    pub(super) fn encode(&self, flags: u64) -> [u64; super::ROW_HEADER] {
        let unknown = if self.source.is_none() { FLAG_NO_SOURCE } else { 0 };
        let differ = if self.clocks_differ { FLAG_CLOCKS_DIFFER } else { 0 };
        [
            self.source.unwrap_or(self.receive).0.cast_unsigned(),
            self.receive.0.cast_unsigned(),
            flags | unknown | differ,
            self.header.map_or(NO_STAMP, |stamp| stamp.0).cast_unsigned(),
        ]
    }

    /// The times of a row.
    ///
    /// # Panics
    /// When the row is shorter than its header.
    #[must_use]
    pub fn decode(row: &[u64]) -> Self {
        let stamp = row[3].cast_signed();
        Self {
            clocks_differ: row[2] & FLAG_CLOCKS_DIFFER != 0,
            source: (row[2] & FLAG_NO_SOURCE == 0).then(|| Timestamp(row[0].cast_signed())),
            receive: Timestamp(row[1].cast_signed()),
            header: (stamp != NO_STAMP).then_some(Timestamp(stamp)),
        }
    }
}

/// A difference of two times of a message, or of two messages: in seconds, plotted like a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// From writing to receiving. Includes the difference of the two machines' clocks.
    Latency,
    /// From the stamp in the header to receiving.
    HeaderAge,
    /// From the receipt of the message before.
    Interval,
}

impl Timing {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Latency, Self::HeaderAge, Self::Interval];

    /// Its path, which no field of a type can have.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Latency => "@latency",
            Self::HeaderAge => "@header_age",
            Self::Interval => "@interval",
        }
    }

    /// The one that a path names.
    #[must_use]
    pub fn of(path: &FieldPath) -> Option<Self> {
        Self::ALL.into_iter().find(|timing| timing.path() == path.as_str())
    }

    /// Its value; [`MISSING`] where one of the times is not known.
    #[must_use]
    pub fn value(self, times: &RowTimes, previous_receive: Option<Timestamp>) -> f64 {
        let from = match self {
            Self::Latency => times.source,
            Self::HeaderAge => times.header,
            Self::Interval => previous_receive,
        };
        from.map_or(MISSING, |from| times.receive.since(from) as f64 * 1e-9)
    }
}

/// Watches whether the clocks of a topic's writers agree. They do not when messages of two writers that take turns are
/// stamped further apart than they arrive; a writer that merely follows another one, as after a restart, proves nothing.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    last: Option<(Gid, Timestamp, Timestamp)>,
    /// The writer before the last one, when their clocks seemed to differ.
    suspect: Option<Gid>,
    differ: bool,
}

impl Clocks {
    /// Looks at a message. True when the clocks do not agree; it stays true.
    pub(super) fn differ(&mut self, writer: Gid, source: Option<Timestamp>, receive: Timestamp) -> bool {
        let Some(source) = source else { return self.differ };
        if let Some((last, last_source, last_receive)) = self.last.replace((writer, source, receive))
            && last != writer
        {
            let apart = source.since(last_source).saturating_sub(receive.since(last_receive));
            if apart.saturating_abs() <= CLOCKS_AGREE_NS {
                self.suspect = None;
            } else if self.suspect == Some(writer) {
                self.differ = true;
            } else {
                self.suspect = Some(last);
            }
        }
        self.differ
    }
}

/// True when messages of this type begin with a header, so that its stamp stands at a place that is always the same.
#[must_use]
pub fn begins_with_header(schema: &Schema) -> bool {
    let first = schema.root().fields.first();
    matches!(first.map(|field| &field.ty), Some(FieldType::Message(name)) if name.as_str() == "std_msgs/msg/Header")
}

/// The stamp of a message that begins with a header; `None` when it is too short, and for a stamp of zero, which means that
/// the publisher did not set it.
#[inline]
#[must_use]
pub fn header_stamp(payload: &[u8]) -> Option<Timestamp> {
    let word = |at: usize| payload.get(at..at + 4)?.try_into().ok();
    // Bit 0 of the encapsulation says little endian.
    let is_little = payload.get(1)? & 1 == 1;
    let (seconds, nanoseconds) = (word(4)?, word(8)?);
    let (seconds, nanoseconds) = if is_little {
        (i32::from_le_bytes(seconds), u32::from_le_bytes(nanoseconds))
    } else {
        (i32::from_be_bytes(seconds), u32::from_be_bytes(nanoseconds))
    };
    let ns = i64::from(seconds) * 1_000_000_000 + i64::from(nanoseconds);
    (ns != 0).then_some(Timestamp(ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_the_row() {
        for source in [None, Some(Timestamp(5))] {
            for header in [None, Some(Timestamp(0)), Some(Timestamp(-7))] {
                let times = RowTimes {
                    clocks_differ: source.is_none(),
                    source,
                    receive: Timestamp(9),
                    header,
                };
                let row = times.encode(super::super::FLAG_GAP);
                assert_eq!(RowTimes::decode(&row), times);
                assert_eq!(row[2] & super::super::FLAG_GAP, super::super::FLAG_GAP);
            }
        }
    }

    #[test]
    fn what_is_not_known_has_no_difference() {
        let times = RowTimes {
            clocks_differ: false,
            source: None,
            receive: Timestamp(3_000_000),
            header: Some(Timestamp(1_000_000)),
        };
        assert!(crate::cdr::is_missing(Timing::Latency.value(&times, None)));
        assert!(crate::cdr::is_missing(Timing::Interval.value(&times, None)));
        assert_eq!(Timing::HeaderAge.value(&times, None), 0.002);
        assert_eq!(Timing::Interval.value(&times, Some(Timestamp(2_000_000))), 0.001);
        for timing in Timing::ALL {
            let path = FieldPath::parse(timing.path()).expect("a path");
            assert_eq!(Timing::of(&path), Some(timing));
        }
    }

    #[test]
    fn only_writers_that_take_turns_prove_that_clocks_differ() {
        let (a, b) = (Gid([1; 16]), Gid([2; 16]));
        let hour = 3_600_000_000_000;
        let mut clocks = Clocks::default();
        let mut look = |writer, offset: i64, n: i64| {
            clocks.differ(
                writer,
                Some(Timestamp(n * 1_000_000 + offset)),
                Timestamp(n * 1_000_000),
            )
        };
        assert!(
            !look(a, 0, 0) && !look(b, 900_000_000, 1) && !look(a, 0, 2),
            "less than a second"
        );
        assert!(
            !look(b, hour, 3) && !look(b, hour, 4),
            "the robot was restarted with another clock"
        );
        assert!(look(a, 0, 5), "the first writer is still there");
        assert!(look(a, 0, 6) && look(a, 0, 7), "the order that was begun is kept");
    }

    #[test]
    fn stamps_are_read_in_both_byte_orders() {
        let little = [0, 1, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0];
        let big = [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 5];
        for payload in [little, big] {
            assert_eq!(header_stamp(&payload), Some(Timestamp(2_000_000_005)));
            assert_eq!(header_stamp(&payload[..11]), None);
        }
        assert_eq!(header_stamp(&[]), None);
        assert_eq!(header_stamp(&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None, "not set");
    }
}
