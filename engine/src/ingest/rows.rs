//! Plot rings: whole rows of words from the ingest thread to the owner of the series store.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use ringbuf::traits::{Consumer as _, Observer as _, Producer as _, Split as _};
use ringbuf::{HeapCons, HeapProd, HeapRb};

use crate::clock::Timestamp;
use crate::ingest::{FLAG_GAP, ROW_HEADER, RowTimes};

/// Rings that may wait for the consumer to finish with the one before.
const RINGS_AHEAD: usize = 4;

/// The ingest thread's end of a plot ring.
pub struct RowProducer {
    words: HeapProd<u64>,
    /// The row under construction, header included.
    row: Box<[u64]>,
    gap: bool,
}

/// The series store's end of a plot ring. When the ring is replaced by a larger one, the rows of the old ring come
/// out first.
pub struct RowConsumer {
    words: HeapCons<u64>,
    next: Receiver<HeapCons<u64>>,
    row: Box<[u64]>,
}

/// Makes larger rings for a consumer that is already in use.
#[derive(Debug)]
pub(crate) struct RowGrower {
    next: SyncSender<HeapCons<u64>>,
    width: usize,
    rows: usize,
}

/// Makes a plot ring for `rows` rows of `width` values.
#[must_use]
pub fn row_ring(width: usize, rows: usize) -> (RowProducer, RowConsumer) {
    let (producer, consumer, _) = growable_row_ring(width, rows);
    (producer, consumer)
}

/// Like [`row_ring`], with the means to replace the ring later.
#[must_use]
pub(crate) fn growable_row_ring(width: usize, rows: usize) -> (RowProducer, RowConsumer, RowGrower) {
    let rows = rows.max(1);
    let (send, next) = sync_channel(RINGS_AHEAD);
    let (producer, words) = ring(width, rows);
    let consumer = RowConsumer {
        words,
        next,
        row: vec![0; width + ROW_HEADER].into(),
    };
    let grower = RowGrower {
        next: send,
        width,
        rows,
    };
    (producer, consumer, grower)
}

fn ring(width: usize, rows: usize) -> (RowProducer, HeapCons<u64>) {
    let (words, consumer) = HeapRb::new((width + ROW_HEADER) * rows).split();
    let producer = RowProducer {
        words,
        row: vec![0; width + ROW_HEADER].into(),
        gap: false,
    };
    (producer, consumer)
}

impl RowProducer {
    /// Values per row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.row.len() - ROW_HEADER
    }

    /// Pushes a row; false when the ring is full, in which case the next row that fits carries [`FLAG_GAP`].
    ///
    /// # Panics
    /// When `values` is not as wide as the ring.
    pub fn push(&mut self, source: Timestamp, receive: Timestamp, gap: bool, values: &[f64]) -> bool {
        let times = RowTimes {
            clocks_differ: false,
            source: Some(source),
            receive,
            header: None,
        };
        self.push_at(&times, gap, values)
    }

    /// As [`RowProducer::push`], with all that is known of the times.
    ///
    /// # Panics
    /// When `values` is not as wide as the ring.
    pub fn push_at(&mut self, times: &RowTimes, gap: bool, values: &[f64]) -> bool {
        self.gap |= gap;
        if self.words.vacant_len() < self.row.len() {
            self.gap = true;
            return false;
        }
        let (header, words) = self.row.split_at_mut(ROW_HEADER);
        header.copy_from_slice(&times.encode(if self.gap { FLAG_GAP } else { 0 }));
        assert_eq!(words.len(), values.len(), "a row has one value per field");
        for (word, value) in words.iter_mut().zip(values) {
            *word = value.to_bits();
        }
        let pushed = self.words.push_slice(&self.row);
        debug_assert_eq!(pushed, self.row.len(), "only this end makes the ring fuller");
        self.gap = false;
        true
    }

    /// The next row carries [`FLAG_GAP`].
    pub fn flag_gap(&mut self) {
        self.gap = true;
    }

    /// True when the consumer is gone: nobody will ever read these rows.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        !self.words.read_is_held()
    }

    /// The next row of this ring carries [`FLAG_GAP`] if `earlier` still had to say so.
    pub(crate) fn continue_from(&mut self, earlier: &Self) {
        self.gap |= earlier.gap;
    }
}

impl RowConsumer {
    /// Values per row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.row.len() - ROW_HEADER
    }

    /// Hands every row that has arrived to `take`, oldest first, header included. Returns how many.
    pub fn for_each(&mut self, mut take: impl FnMut(&[u64])) -> u64 {
        let mut rows = 0;
        loop {
            // Looked at before the ring is emptied: what the producer pushed before it went is then seen.
            let closed = !self.words.write_is_held();
            while self.words.occupied_len() >= self.row.len() {
                let popped = self.words.pop_slice(&mut self.row);
                debug_assert_eq!(popped, self.row.len(), "rows are pushed whole");
                take(&self.row);
                rows += 1;
            }
            if !closed {
                return rows;
            }
            let Ok(next) = self.next.try_recv() else { return rows };
            self.words = next;
        }
    }

    /// Appends every row that has arrived to `scratch`, one after the other, header included. Returns how many rows.
    pub fn pop_rows(&mut self, scratch: &mut Vec<u64>) -> u64 {
        self.for_each(|row| scratch.extend_from_slice(row))
    }

    /// True when no row will come any more: the producer is gone and nothing is left.
    #[must_use]
    pub fn is_finished(&mut self) -> bool {
        let closed = !self.words.write_is_held();
        if !closed || !self.words.is_empty() {
            return false;
        }
        match self.next.try_recv() {
            Ok(next) => {
                self.words = next;
                false
            }
            Err(_) => true,
        }
    }
}

impl RowGrower {
    /// Rows that the present ring holds.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Values per row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Makes a ring for `rows` rows and lines it up behind the present one. `None` when the consumer is gone or has
    /// not yet turned to the rings that were made before.
    pub(crate) fn grow(&mut self, rows: usize) -> Option<RowProducer> {
        let (producer, consumer) = ring(self.width, rows.max(1));
        self.next.try_send(consumer).ok()?;
        self.rows = rows;
        Some(producer)
    }
}

impl std::fmt::Debug for RowProducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RowProducer({} values)", self.width())
    }
}

impl std::fmt::Debug for RowConsumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RowConsumer({} values)", self.width())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(rows: &mut RowProducer, n: i64) -> bool {
        rows.push(Timestamp(n), Timestamp(n + 1), false, &[n as f64, -(n as f64)])
    }

    #[test]
    fn rows_come_out_whole_and_in_order() {
        let (mut producer, mut consumer) = row_ring(2, 8);
        for n in 0..5 {
            assert!(push(&mut producer, n));
        }
        let mut words = Vec::new();
        assert_eq!(consumer.pop_rows(&mut words), 5);
        for (n, row) in words.chunks(2 + ROW_HEADER).enumerate() {
            let value = n as f64;
            assert_eq!(row[..3], [n as u64, n as u64 + 1, 0]);
            assert_eq!(row[ROW_HEADER..], [value.to_bits(), (-value).to_bits()]);
        }
    }

    #[test]
    fn a_full_ring_flags_the_next_row() {
        let (mut producer, mut consumer) = row_ring(2, 2);
        assert!(push(&mut producer, 0) && push(&mut producer, 1));
        assert!(!push(&mut producer, 2));
        let mut flags = Vec::new();
        let _ = consumer.for_each(|row| flags.push(row[2]));
        assert!(push(&mut producer, 3) && push(&mut producer, 4));
        let _ = consumer.for_each(|row| flags.push(row[2]));
        assert_eq!(flags, [0, 0, FLAG_GAP, 0]);
    }

    #[test]
    fn a_larger_ring_loses_no_row() {
        let (mut small, mut consumer, mut grower) = growable_row_ring(2, 2);
        assert!(push(&mut small, 0) && push(&mut small, 1));
        let mut large = grower.grow(8).expect("the consumer is there");
        large.continue_from(&small);
        drop(small);
        for n in 2..8 {
            assert!(push(&mut large, n));
        }
        let mut times = Vec::new();
        let _ = consumer.for_each(|row| times.push(row[0]));
        assert_eq!(times, (0..8).collect::<Vec<u64>>());
        assert!(!consumer.is_finished());
        drop(large);
        drop(grower);
        assert!(consumer.is_finished());
    }
}
