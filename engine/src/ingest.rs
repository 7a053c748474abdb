//! The ingest thread: drains every reader, counts, and fans out into plot rings, outlets and inspection slots.
//!
//! What happens per message takes no lock, allocates nothing and never blocks: counters are single-writer atomics, the
//! rings have one producer and one consumer, and a full ring drops and counts.

mod latched;
mod outlet;
mod rows;
mod slot;
mod timing;
mod worker;

use crate::cdr::FieldPath;
use crate::name::TopicName;

pub use latched::{LATCHED_BYTES_MAX, LATCHED_MAX};
pub use outlet::{Outgoing, OutletConsumer, OutletError, OutletProducer, TopicIndex, outlet};
pub use rows::{RowConsumer, RowProducer, row_ring};
pub(crate) use rows::{RowGrower, growable_row_ring};
pub use slot::INSPECT_INTERVAL_NS;
pub use timing::{ClockSource, RowTimes, Timing, begins_with_header, header_stamp};
pub use worker::{COALESCE_NS, IngestCommand, Trash, Worker};

/// Words before the values of a plot row: source time, receive time, flags, header stamp (see [`RowTimes`]).
pub const ROW_HEADER: usize = 4;

/// Bit 0 of a row's flags: messages are missing directly before this row, by a gap in the writer's sequence numbers or
/// because this ring was full.
pub const FLAG_GAP: u64 = 1;

/// The rows of one plotted topic, on their way to the series store.
///
/// A row is `[source time, receive time, flags, header stamp, value 0, value 1, ...]`: nanoseconds as `i64` cast to `u64`,
/// [`FLAG_GAP`], and the values as [`f64::to_bits`] in the order of `fields`; those of `timings` are worked out from the times.
#[derive(Debug)]
pub struct PlotFeed {
    /// The topic.
    pub topic: TopicName,
    /// One per value of a row.
    pub fields: Vec<FieldPath>,
    /// One per field, where the type says it.
    pub units: Vec<Option<&'static str>>,
    /// Differences of times that are plotted too; no value of a row is theirs.
    pub timings: Vec<Timing>,
    /// Where the rows come out.
    pub rows: RowConsumer,
}
