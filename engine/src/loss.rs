//! Where messages were lost, and how sure we are of it.

use serde::{Serialize, Serializer};

/// A count that may not be known. Unknown is never shown as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Measured.
    Known(u64),
    /// The transport cannot tell.
    Unknown,
}

impl Count {
    /// The number, when it is known.
    #[must_use]
    pub fn known(self) -> Option<u64> {
        match self {
            Self::Known(n) => Some(n),
            Self::Unknown => None,
        }
    }

    /// The sum of two counts: unknown as soon as one is.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => Self::Known(a.saturating_add(b)),
            _ => Self::Unknown,
        }
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known().serialize(serializer)
    }
}

/// The stage of the way at which messages went missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// On the way to us: a gap in the writer's sequence numbers.
    Transport,
    /// In the reader's history, overrun before ingest drained it.
    Reader,
    /// In a full plot ring: the curve has a gap.
    Plot,
    /// In the record queue, its byte quota exceeded: an error.
    Record,
    /// Taken from the record queue and not written to the disk.
    Disk,
}

/// Messages lost per stage, since the topic was first subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// See [`Stage::Transport`].
    pub transport: Count,
    /// See [`Stage::Reader`].
    pub reader: Count,
    /// See [`Stage::Plot`].
    pub plot: Count,
    /// See [`Stage::Record`].
    pub record: Count,
    /// See [`Stage::Disk`].
    pub disk: Count,
}

impl Loss {
    /// Nothing lost anywhere, and known to be so.
    pub const NONE: Self = Self {
        transport: Count::Known(0),
        reader: Count::Known(0),
        plot: Count::Known(0),
        record: Count::Known(0),
        disk: Count::Known(0),
    };

    /// Nothing is known about any stage.
    pub const UNKNOWN: Self = Self {
        transport: Count::Unknown,
        reader: Count::Unknown,
        plot: Count::Unknown,
        record: Count::Unknown,
        disk: Count::Unknown,
    };

    /// Stage by stage sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            transport: self.transport.plus(other.transport),
            reader: self.reader.plus(other.reader),
            plot: self.plot.plus(other.plot),
            record: self.record.plus(other.record),
            disk: self.disk.plus(other.disk),
        }
    }

    /// What was lost since `before`, stage by stage.
    #[must_use]
    pub fn minus(self, before: Self) -> Self {
        let minus = |now: Count, before: Count| match (now, before) {
            (Count::Known(now), Count::Known(before)) => Count::Known(now.saturating_sub(before)),
            _ => Count::Unknown,
        };
        Self {
            transport: minus(self.transport, before.transport),
            reader: minus(self.reader, before.reader),
            plot: minus(self.plot, before.plot),
            record: minus(self.record, before.record),
            disk: minus(self.disk, before.disk),
        }
    }

    /// All stages with their counts, in the order that messages meet them.
    #[must_use]
    pub fn stages(&self) -> [(Stage, Count); 5] {
        [
            (Stage::Transport, self.transport),
            (Stage::Reader, self.reader),
            (Stage::Plot, self.plot),
            (Stage::Record, self.record),
            (Stage::Disk, self.disk),
        ]
    }

    /// The sum of what is known over all stages.
    #[must_use]
    pub fn known_total(&self) -> u64 {
        self.stages().iter().filter_map(|(_, count)| count.known()).sum()
    }
}
