//! The records behind a chunk that say where in it the messages of each channel are.

use std::collections::BTreeMap;

use crate::bag::cursor::Cursor;

/// Where the messages of the last chunk are: time and place by channel, as its index has to say.
#[derive(Default)]
pub(super) struct ChunkIndex {
    /// Where the chunk is.
    offset: u64,
    places: BTreeMap<u16, Vec<(u64, u64)>>,
    /// True when the chunk is damaged: its index is about messages that cannot be read.
    is_damaged: bool,
}

impl ChunkIndex {
    pub(super) fn of(offset: u64) -> Self {
        Self {
            offset,
            ..Self::default()
        }
    }

    /// A message that begins at `place` of the chunk's records.
    pub(super) fn message(&mut self, channel: u16, time_ns: u64, place: u64) {
        self.places.entry(channel).or_default().push((time_ns, place));
    }

    pub(super) fn damaged(&mut self) {
        self.is_damaged = true;
    }

    /// Compares the index of one channel with the chunk: what is wrong with it.
    pub(super) fn compare(&mut self, body: &[u8]) -> Option<String> {
        if self.is_damaged {
            return None;
        }
        let wrong = format!(
            "an index behind the chunk at byte {} does not fit its messages",
            self.offset
        );
        let Some((channel, mut said)) = parse(body) else {
            return Some(wrong);
        };
        let mut there = self.places.remove(&channel).unwrap_or_default();
        // Writers may sort by time; messages of one time stand in any order.
        said.sort_unstable();
        there.sort_unstable();
        (said != there).then_some(wrong)
    }
}

fn parse(body: &[u8]) -> Option<(u16, Vec<(u64, u64)>)> {
    let mut cursor = Cursor(body);
    let channel = cursor.u16()?;
    let mut entries = cursor.block()?;
    let mut said = Vec::new();
    while !entries.is_empty() {
        said.push((entries.u64()?, entries.u64()?));
    }
    Some((channel, said))
}
