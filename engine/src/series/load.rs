//! Filling a topic from a recording: whoever decodes its messages also puts the rows in order and packs them, on a thread of
//! its own, and the store takes over whole chunks. That costs the owner of the store next to nothing per row.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::TIME_LIMIT_NS;
use super::chunk::Chunk;
use super::history::{History, LATE_LIMIT_NS};
use super::topic::{Change, FedBy};
use crate::cdr::MISSING;
use crate::clock::Timestamp;
use crate::ingest::{ClockSource, RowTimes};

/// Chunks that may wait for the store: a quarter of a million rows.
const CHUNKS_AHEAD: usize = 64;

/// Chunks that are kept back for rows which come late, at most.
const CHUNKS_BACK: usize = 64;

/// The store was dropped, or the topic is filled by another one: nobody will ever read the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abandoned;

/// Takes the rows of a recording for one topic; made by [`Store::load`](super::Store::load).
#[derive(Debug)]
pub struct RowLoader {
    history: History,
    fed_by: Vec<Option<FedBy>>,
    clock: ClockSource,
    out: SyncSender<Chunk>,
    /// The latest time that was handed over.
    edge: Option<i64>,
    newest: i64,
    previous_receive: Option<Timestamp>,
    unplaced: u64,
}

impl RowLoader {
    /// Stores a row: `values` in the order of the fields that were asked for. Rows come in order of time or nearly so. Waits
    /// while the store is behind.
    ///
    /// # Errors
    /// When nobody wants the rows any more.
    pub fn push(&mut self, times: &RowTimes, gap: bool, values: &[f64]) -> Result<(), Abandoned> {
        let time = times.plot(self.clock).0.clamp(-TIME_LIMIT_NS, TIME_LIMIT_NS);
        let received_before = self.previous_receive.replace(times.receive);
        if self.edge.is_some_and(|edge| time < edge) {
            self.unplaced += 1;
            return Ok(());
        }
        let fed_by = &self.fed_by;
        self.history.place(time, gap, |column| match fed_by.get(column) {
            Some(Some(FedBy::Value(at))) => values.get(*at).copied().unwrap_or(MISSING),
            Some(Some(FedBy::Timing(timing))) => timing.value(times, received_before),
            Some(None) | None => MISSING,
        });
        self.newest = self.newest.max(time);
        self.hand_over()
    }

    /// Rows that were not stored, because they came so late that what follows them was handed over already.
    #[must_use]
    pub fn unplaced(&self) -> u64 {
        self.unplaced
    }

    /// Hands over what is left. Returns [`RowLoader::unplaced`].
    ///
    /// # Errors
    /// When nobody wants the rows any more.
    pub fn finish(mut self) -> Result<u64, Abandoned> {
        while let Some(chunk) = self.history.take_first() {
            self.send(chunk)?;
        }
        Ok(self.unplaced)
    }

    /// Hands over packed chunks that no late row is expected in.
    #[inline]
    fn hand_over(&mut self) -> Result<(), Abandoned> {
        while let Some(last) = self.history.packed_until()
            && (self.newest.saturating_sub(last) > LATE_LIMIT_NS || self.history.chunks().len() > CHUNKS_BACK)
            && let Some(chunk) = self.history.take_first()
        {
            self.send(chunk)?;
        }
        Ok(())
    }

    fn send(&mut self, mut chunk: Chunk) -> Result<(), Abandoned> {
        if chunk.len() == 0 {
            return Ok(());
        }
        if !chunk.is_sealed() {
            chunk.seal();
        }
        self.edge = Some(chunk.last());
        self.out.send(chunk).map_err(|_| Abandoned)
    }
}

/// The store's end.
#[derive(Debug)]
pub(super) struct Loading(Receiver<Chunk>);

impl Loading {
    pub(super) fn begin(fed_by: Vec<Option<FedBy>>, clock: ClockSource) -> (RowLoader, Self) {
        let (out, chunks) = sync_channel(CHUNKS_AHEAD);
        let mut history = History::new();
        history.feed(fed_by.iter().map(Option::is_some).collect());
        let loader = RowLoader {
            history,
            fed_by,
            clock,
            out,
            edge: None,
            newest: i64::MIN,
            previous_receive: None,
            unplaced: 0,
        };
        (loader, Self(chunks))
    }

    /// Takes over what has come, at most as much as may wait: the chunks and the values in them. False when nothing more
    /// will come.
    pub(super) fn drain(&self, history: &mut History, change: &mut Change, mut each: impl FnMut(&Chunk)) -> bool {
        for _ in 0..CHUNKS_AHEAD {
            match self.0.try_recv() {
                Ok(chunk) => {
                    each(&chunk);
                    let begin = chunk.first();
                    change.note(history.adopt(chunk), begin);
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }
}
