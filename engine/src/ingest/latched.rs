//! What a late joiner is owed: the messages that transient-local writers keep.
//!
//! A topic may have been read long before somebody wants to record it. Its reader was given the writers' history then, and
//! DDS does not send that twice: without a copy, a recording would lack `/tf_static` and `/robot_description`.

use crate::message::{Arrival, Gid};

/// Messages kept per topic, all writers together.
pub const LATCHED_MAX: usize = 64;

/// Bytes of payload kept per topic; the newest message is kept whatever its size.
pub const LATCHED_BYTES_MAX: usize = 32 << 20;

/// The last messages of each writer of a topic, oldest first. Allocates nothing but in [`Latched::set_depth`].
#[derive(Debug, Default)]
pub(super) struct Latched {
    kept: Vec<Arrival>,
    /// Per writer; none when the topic's reader is volatile.
    depth: usize,
    bytes: usize,
}

impl Latched {
    /// Keeps so many messages of each writer from now on; none forgets all.
    pub fn set_depth(&mut self, depth: usize) {
        self.depth = depth.min(LATCHED_MAX);
        if depth == 0 {
            self.clear();
        } else {
            self.kept.reserve(LATCHED_MAX.saturating_sub(self.kept.len()));
        }
    }

    pub fn on_arrival(&mut self, arrival: &Arrival) {
        if self.depth == 0 {
            return;
        }
        let of_writer = |kept: &Arrival| kept.writer == arrival.writer;
        if self.kept.iter().filter(|kept| of_writer(kept)).count() >= self.depth
            && let Some(oldest) = self.kept.iter().position(of_writer)
        {
            self.remove(oldest);
        }
        let bytes = arrival.payload.len();
        while !self.kept.is_empty() && (self.kept.len() >= LATCHED_MAX || self.bytes + bytes > LATCHED_BYTES_MAX) {
            self.remove(0);
        }
        self.bytes += bytes;
        self.kept.push(arrival.clone());
    }

    fn remove(&mut self, index: usize) {
        let gone = self.kept.remove(index);
        self.bytes -= gone.payload.len();
    }

    /// The writer is gone, and its history with it.
    pub fn forget(&mut self, writer: Gid) {
        self.kept.retain(|kept| kept.writer != writer);
        self.bytes = self.kept.iter().map(|kept| kept.payload.len()).sum();
    }

    pub fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arrival> {
        self.kept.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn message(writer: u8, sequence: u64, bytes: usize) -> Arrival {
        Arrival {
            payload: vec![0; bytes].into(),
            source_time: None,
            receive_time: Timestamp(0),
            writer: Gid([writer; 16]),
            sequence: Some(sequence),
        }
    }

    fn kept(latched: &Latched) -> Vec<(u8, u64)> {
        latched
            .iter()
            .map(|a| (a.writer.0[0], a.sequence.expect("numbered")))
            .collect()
    }

    #[test]
    fn each_writer_has_its_last_messages() {
        let mut latched = Latched::default();
        latched.on_arrival(&message(1, 1, 10));
        assert_eq!(kept(&latched), [], "a volatile topic owes nothing");
        latched.set_depth(2);
        for n in 1..=5 {
            latched.on_arrival(&message(1, n, 10));
        }
        latched.on_arrival(&message(2, 1, 10));
        assert_eq!(kept(&latched), [(1, 4), (1, 5), (2, 1)]);
        latched.forget(Gid([1; 16]));
        assert_eq!((kept(&latched), latched.bytes), (vec![(2, 1)], 10));
        latched.set_depth(0);
        assert_eq!((kept(&latched), latched.bytes), (vec![], 0));
    }

    #[test]
    fn number_and_bytes_are_bounded() {
        let mut latched = Latched::default();
        latched.set_depth(usize::MAX);
        for n in 1..=100 {
            latched.on_arrival(&message(1, n, 10));
        }
        assert_eq!((latched.kept.len(), latched.bytes), (LATCHED_MAX, 10 * LATCHED_MAX));
        latched.on_arrival(&message(1, 101, LATCHED_BYTES_MAX + 1));
        assert_eq!(kept(&latched), [(1, 101)], "the newest stays");
        latched.on_arrival(&message(1, 102, 10));
        assert_eq!(kept(&latched), [(1, 102)]);
    }
}
