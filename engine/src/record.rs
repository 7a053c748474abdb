//! The recorder: its own threads behind an SPSC ring bounded in bytes, writing MCAP or SQLite, and `metadata.yaml`.
//!
//! ```text
//! ingest --(ring)--> recorder: chunk in memory -> packed by workers -> write(2) -> fdatasync, each on a thread of its own
//! ```
//!
//! A recording is a directory `X/` that `ros2 bag info` and `ros2 bag play` accept. A file that is being written is
//! called `X_0.mcap.active`; at its end it is finished, synced, renamed to `X_0.mcap`, the directory is synced and
//! `metadata.yaml` is replaced in one step. When a recording is split, the next file is open before that begins. A
//! directory with an `.active` file was therefore not finished.
//!
//! In SQLite every chunk is one transaction. It goes to the log `X_0.db3.active-wal` (`synchronous=NORMAL`: nothing is
//! synced at a commit), and the thread that syncs makes it safe by syncing that log: one sync for all that came together,
//! and a torn transaction is none. Every few MiB the log is moved into the tables, which SQLite syncs itself; at the end it
//! goes away, so that the finished file stands alone. What is recorded is written twice that way: MCAP costs half.
//!
//! A message is *safe* when its chunk was synced. Chunks close after [`CHUNK_AGE`] at the latest and are synced as soon as
//! they are written, at most every [`SYNC_PAUSE`]: what a killed process or a power cut takes is younger than
//! [`RecordingStatus::unsafe_s`], which is measured.

mod books;
mod channels;
mod chunk;
mod closer;
mod condition;
mod directory;
mod disk;
mod error;
mod facts;
mod failure;
mod file;
pub mod ledger;
mod pack;
mod pattern;
mod pipeline;
mod recorder;
mod records;
mod request;
mod sink;
mod status;
mod syncer;
mod units;
mod watch;
mod writer;

use std::time::Duration;

use crate::graph::TypeHash;
use crate::ingest::TopicIndex;
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;

pub use condition::{Band, Condition, ConditionError, Expectation, Formula};
pub use directory::default_name;
pub use error::RecordError;
pub use pattern::{Pattern, PatternError};
pub use recorder::{Recorder, Unanswered};
pub use request::{Compression, Notes, RecordRequest, Retention, Selection, SplitRule, Trigger};
pub use sink::{DiskFile, Sink};
pub use status::{BoxStatus, Finished, FinishedState, RecordedTopic, RecordingEvent, RecordingState, RecordingStatus};
pub use units::{UnitError, parse_bytes, parse_duration};

use failure::Failure;

/// A chunk is written out when it holds this many bytes of messages.
pub const CHUNK_BYTES: usize = 1024 * 1024;
/// A chunk is written out when its first message has waited this long.
pub const CHUNK_AGE: Duration = Duration::from_millis(100);
/// What was written is synced at once when this many bytes have gathered.
pub const SYNC_BYTES: u64 = 8 * 1024 * 1024;
/// Else a sync begins at least this long after the one before.
pub const SYNC_PAUSE: Duration = Duration::from_millis(30);
/// Default of [`RecordRequest::quota_bytes`].
pub const QUOTA_BYTES: u64 = 128 * 1024 * 1024;
/// Default of [`RecordRequest::reserve_bytes`].
pub const RESERVE_BYTES: u64 = 1024 * 1024 * 1024;
/// Default of [`Trigger::pre_bytes`].
pub const PRE_BYTES: u64 = 256 * 1024 * 1024;

/// What the recorder must know of a topic before it can write its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelInfo {
    /// The topic's number in the outlet.
    pub topic: TopicIndex,
    /// Its name.
    pub name: TopicName,
    /// Its type.
    pub type_name: TypeName,
    /// The announced RIHS01 hash.
    pub type_hash: Option<TypeHash>,
    /// The definition with all its dependencies, in MCAP's `ros2msg` form.
    pub definition: Option<String>,
    /// What the writers offer, one each.
    pub offered_qos: Vec<Qos>,
}
