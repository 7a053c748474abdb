//! The end of a finished file: its summary, which spares the reading of the rest.

use std::collections::BTreeMap;
use std::io;

use mcap::MAGIC;
use mcap::records::op;

use super::HEAD;
use super::block::{Block, Kind};
use super::reader::Reader;
use super::records::{Found, RECORD_MAX};
use crate::bag::cursor::Cursor;

/// Opcode, length and body of a footer, and the signature behind it.
const END: u64 = HEAD + 20 + 8;

/// The longest summary that is taken for an index; that of 4 TB in chunks of 4 MB is shorter.
const SUMMARY_MAX: u64 = 512 * 1024 * 1024;

/// Metadata records that are read at opening.
const METADATA_MAX: usize = 4096;

/// What a file's end tells.
pub(super) enum Summary {
    /// Everything that is needed.
    Told { found: Box<Found>, blocks: Vec<Block> },
    /// The file was finished, without an index that can be trusted: its CRC may be wrong.
    Silent { crc: Option<bool> },
}

/// Reads the summary; `None` when the file has no end.
pub(super) fn summary(reader: &mut Reader) -> io::Result<Option<Summary>> {
    if reader.bytes < 8 + END {
        return Ok(None);
    }
    let end = reader.bytes - END;
    reader.seek(end)?;
    let mut footer = [0; END as usize];
    if reader.read(&mut footer)?.is_none()
        || footer[29..] != *MAGIC
        || footer[..9] != [op::FOOTER, 20, 0, 0, 0, 0, 0, 0, 0]
    {
        return Ok(None);
    }
    let mut fields = Cursor(&footer[9..]);
    let start = fields.u64().unwrap_or(0);
    let _offsets = fields.u64();
    let wanted_crc = fields.u32().unwrap_or(0);
    if start < 8 || start >= end || end - start > SUMMARY_MAX {
        return Ok(Some(Summary::Silent { crc: None }));
    }
    reader.seek(start)?;
    let section = reader.body(end - start)?;
    let crc = (wanted_crc != 0).then(|| {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&section);
        hasher.update(&footer[..25]);
        hasher.finalize() == wanted_crc
    });
    if crc == Some(false) {
        return Ok(Some(Summary::Silent { crc }));
    }
    let mut index = Index {
        data_end: start,
        ..Index::default()
    };
    if index.read(&section).is_none() || !index.is_trusted() {
        return Ok(Some(Summary::Silent { crc }));
    }
    index.read_metadata(reader)?;
    if index.found.counts.is_empty() && !index.blocks.is_empty() && index.count(reader)?.is_none() {
        return Ok(Some(Summary::Silent { crc }));
    }
    let Index { found, blocks, .. } = index;
    Ok(Some(Summary::Told {
        found: Box::new(found),
        blocks,
    }))
}

#[derive(Default)]
struct Index {
    found: Found,
    blocks: Vec<Block>,
    /// Where the index of each channel's messages is, per block.
    message_indexes: Vec<Vec<(u16, u64)>>,
    metadata_at: Vec<u64>,
    statistics: Option<u64>,
    data_end: u64,
}

impl Index {
    /// `None` when the section makes no sense.
    fn read(&mut self, section: &[u8]) -> Option<()> {
        let mut rest = Cursor(section);
        while !rest.is_empty() {
            let opcode = *rest.bytes(1)?.first()?;
            let length = usize::try_from(rest.u64()?).ok()?;
            let body = rest.bytes(length)?;
            match opcode {
                op::SCHEMA | op::CHANNEL => self.found.record(opcode, body)?,
                op::STATISTICS => self.statistics(Cursor(body))?,
                op::CHUNK_INDEX => self.chunk_index(Cursor(body))?,
                op::METADATA_INDEX => {
                    let offset = Cursor(body).u64()?;
                    if self.metadata_at.len() < METADATA_MAX && offset < self.data_end {
                        self.metadata_at.push(offset);
                    }
                }
                op::ATTACHMENT_INDEX => {
                    let mut cursor = Cursor(body);
                    self.found.attachments.push((cursor.u64()?, cursor.u64()?));
                }
                _ => {}
            }
        }
        Some(())
    }

    fn statistics(&mut self, mut body: Cursor<'_>) -> Option<()> {
        let messages = body.u64()?;
        let _counts_of_records = body.bytes(2 + 4 + 4 + 4 + 4)?;
        let span = (body.u64()?, body.u64()?);
        let mut entries = body.block()?;
        let mut counts = BTreeMap::new();
        let mut sum = 0_u64;
        while !entries.is_empty() {
            let (channel, count) = (entries.u16()?, entries.u64()?);
            sum = sum.checked_add(count)?;
            if count > 0 {
                let _ = counts.insert(channel, count);
            }
        }
        if sum != messages && !counts.is_empty() {
            return None;
        }
        self.statistics = Some(messages);
        self.found.counts = counts;
        self.found.span_ns = (messages > 0).then_some(span);
        Some(())
    }

    fn chunk_index(&mut self, mut body: Cursor<'_>) -> Option<()> {
        let span_ns = (body.u64()?, body.u64()?);
        let (offset, length) = (body.u64()?, body.u64()?);
        let mut entries = body.block()?;
        if offset.checked_add(length)? > self.data_end || length < HEAD {
            return None;
        }
        let mut indexes = Vec::new();
        while !entries.is_empty() {
            indexes.push((entries.u16()?, entries.u64()?));
        }
        let indexes_end = offset.checked_add(length)?.saturating_add(body.u64()?);
        self.blocks.push(Block {
            span_ns,
            kind: Kind::Chunk,
            offset,
            length,
            channels: counted(&indexes, indexes_end),
        });
        self.message_indexes.push(indexes);
        Some(())
    }

    /// Counts of channels that the summary does not describe, and messages without chunks, say that something is missing.
    fn is_trusted(&self) -> bool {
        let described = |channel: &u16| self.found.channels.contains_key(channel);
        let counted = self.found.counts.keys().all(described);
        let placed = self
            .blocks
            .iter()
            .all(|block| block.channels.iter().all(|(channel, _)| described(channel)));
        match self.statistics {
            Some(0) => counted && placed,
            Some(_) => counted && placed && !self.blocks.is_empty(),
            None => placed && !self.blocks.is_empty(),
        }
    }

    fn read_metadata(&mut self, reader: &mut Reader) -> io::Result<()> {
        for offset in std::mem::take(&mut self.metadata_at) {
            reader.seek(offset)?;
            if let Some((op::METADATA, length)) = reader.head()?
                && length <= reader.left().min(RECORD_MAX)
            {
                let _ = self.found.record(op::METADATA, &reader.body(length)?);
            }
        }
        Ok(())
    }

    /// Counts messages from the lengths of their indexes, where the statistics are missing.
    fn count(&mut self, reader: &mut Reader) -> io::Result<Option<()>> {
        for (block, indexes) in self.blocks.iter_mut().zip(&self.message_indexes) {
            if indexes.is_empty() {
                return Ok(None);
            }
            for ((channel, offset), known) in indexes.iter().zip(&mut block.channels) {
                reader.seek(*offset)?;
                let Some((op::MESSAGE_INDEX, 6..)) = reader.head()? else {
                    return Ok(None);
                };
                let mut head = [0; 6];
                let _ = reader.read(&mut head)?;
                let mut cursor = Cursor(&head);
                let (Some(id), Some(length)) = (cursor.u16(), cursor.u32()) else {
                    return Ok(None);
                };
                if id != *channel {
                    return Ok(None);
                }
                let messages = u64::from(length / 16);
                known.1 = Some(messages);
                let count = self.found.counts.entry(id).or_default();
                *count = count.saturating_add(messages);
            }
            let (start, end) = self.found.span_ns.unwrap_or(block.span_ns);
            self.found.span_ns = Some((start.min(block.span_ns.0), end.max(block.span_ns.1)));
        }
        Ok(Some(()))
    }
}

/// The messages of each channel in a chunk, as its index of messages is long: those of all channels lie one after the other,
/// 16 bytes per message. `None` where the lengths make no sense.
fn counted(indexes: &[(u16, u64)], end: u64) -> Vec<(u16, Option<u64>)> {
    /// A record's head, the number of the channel and the length of the entries.
    const FIXED: u64 = HEAD + 2 + 4;
    let mut offsets: Vec<u64> = indexes.iter().map(|(_, offset)| *offset).collect();
    offsets.sort_unstable();
    let messages = |offset: u64| {
        let following = offsets.partition_point(|other| *other <= offset);
        let next = offsets.get(following).copied().unwrap_or(end);
        let entries = next.checked_sub(offset)?.checked_sub(FIXED)?;
        (entries % 16 == 0).then_some(entries / 16)
    };
    indexes
        .iter()
        .map(|(channel, offset)| (*channel, messages(*offset)))
        .collect()
}
