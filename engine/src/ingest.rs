//! The ingest thread: drains every reader, counts, and fans out into plot rings, outlets and inspection slots.
//!
//! What happens per message takes no lock, allocates nothing and never blocks: counters are single-writer atomics, the
//! rings have one producer and one consumer, and a full ring drops and counts.

mod latched;
mod outlet;
mod rows;
mod slot;
mod worker;

use crate::cdr::FieldPath;
use crate::name::TopicName;

pub use latched::{LATCHED_BYTES_MAX, LATCHED_MAX};
pub use outlet::{Outgoing, OutletConsumer, OutletError, OutletProducer, TopicIndex, outlet};
pub use rows::{RowConsumer, RowProducer, row_ring};
pub(crate) use rows::{RowGrower, growable_row_ring};
pub use slot::INSPECT_INTERVAL_NS;
pub use worker::{COALESCE_NS, IngestCommand, Trash, Worker};

/// Words before the values of a plot row: plot time, receive time, flags.
pub const ROW_HEADER: usize = 3;

/// Bit 0 of a row's flags: messages are missing directly before this row, by a gap in the writer's sequence numbers or
/// because this ring was full.
pub const FLAG_GAP: u64 = 1;

/// The rows of one plotted topic, on their way to the series store.
///
/// A row is `[plot time, receive time, flags, value 0, value 1, ...]`: nanoseconds as `i64` cast to `u64`,
/// [`FLAG_GAP`], and the values as [`f64::to_bits`] in the order of `fields`.
#[derive(Debug)]
pub struct PlotFeed {
    /// The topic.
    pub topic: TopicName,
    /// One per value of a row.
    pub fields: Vec<FieldPath>,
    /// One per field, where the type says it.
    pub units: Vec<Option<&'static str>>,
    /// Where the rows come out.
    pub rows: RowConsumer,
}
