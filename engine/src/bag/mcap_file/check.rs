//! Reads a whole MCAP file and compares what it says with what is in it.

mod index;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};

use mcap::records::op;

use super::block::{self, Block, Kind, Records, message, read_at};
use super::reader::Reader;
use super::records::{MESSAGE_HEAD, MessageHead, RECORD_MAX};
use super::{HEAD, McapFile};
use crate::bag::FileState;
use crate::bag::verify::Tally;
use index::ChunkIndex;

/// Bytes that a checksum is made of at once.
const STEP: u64 = 1024 * 1024;

type Span = Option<(u64, u64)>;

impl McapFile {
    /// Reads everything. What is wrong goes into the tally, as sentences about the file.
    pub(in crate::bag) fn check(&self, tally: &mut Tally) -> io::Result<()> {
        let mut reader = Reader {
            file: BufReader::with_capacity(64 * 1024, self.file.try_clone()?),
            bytes: self.bytes,
            at: 0,
        };
        reader.seek(8)?;
        let mut check = Check {
            file: self,
            tally,
            chunks: BTreeMap::new(),
            index: ChunkIndex::default(),
        };
        check.read(&mut reader)?;
        if self.state == FileState::Indexed {
            check.compare();
        }
        Ok(())
    }
}

struct Check<'a> {
    file: &'a McapFile,
    tally: &'a mut Tally,
    /// The times in each chunk that was read, by where it is.
    chunks: BTreeMap<u64, Span>,
    /// What has to stand behind the last of them.
    index: ChunkIndex,
}

impl Check<'_> {
    fn read(&mut self, reader: &mut Reader) -> io::Result<()> {
        loop {
            let offset = reader.at;
            let Some((opcode, length)) = reader.head()? else {
                return Ok(());
            };
            if length > reader.left() {
                self.tally.find(format!("the record at byte {offset} is cut off"));
                return Ok(());
            }
            match opcode {
                op::CHUNK => {
                    self.chunk(offset, length)?;
                    reader.skip(length)?;
                }
                op::MESSAGE if length >= MESSAGE_HEAD as u64 => {
                    let mut head = [0; MESSAGE_HEAD];
                    let _ = reader.read(&mut head)?;
                    reader.skip(length - MESSAGE_HEAD as u64)?;
                    if let Some((head, _)) = MessageHead::parse(&head) {
                        self.message(&head);
                    }
                }
                op::MESSAGE => {
                    self.tally
                        .find(format!("the message at byte {offset} is too short for one"));
                    reader.skip(length)?;
                }
                op::MESSAGE_INDEX if length <= RECORD_MAX => {
                    let body = reader.body(length)?;
                    if let Some(what) = self.index.compare(&body) {
                        self.tally.find(what);
                    }
                }
                op::DATA_END => {
                    let body = reader.body(length.min(4))?;
                    let crc = <[u8; 4]>::try_from(body.as_slice()).map_or(0, u32::from_le_bytes);
                    if crc != 0 && checksum(&self.file.file, offset)? != crc {
                        self.tally
                            .find("its bytes do not have the checksum that was written at its end".to_owned());
                    }
                    return Ok(());
                }
                op::FOOTER => return Ok(()),
                _ => reader.skip(length)?,
            }
        }
    }

    fn chunk(&mut self, offset: u64, length: u64) -> io::Result<()> {
        let chunk = Block {
            span_ns: (0, 0),
            kind: Kind::Chunk,
            offset,
            length: HEAD.saturating_add(length),
            channels: Vec::new(),
        };
        let loaded = chunk.load(&self.file.file)?;
        self.index = ChunkIndex::of(offset);
        if let Some(problem) = loaded.problem {
            self.index.damaged();
            self.tally
                .find(format!("the chunk at byte {offset} is damaged: {problem}"));
        }
        let mut span = None::<(u64, u64)>;
        let mut damaged = 0_u64;
        let mut records = Records::of(&loaded.records);
        for record in &mut records {
            match message(&record) {
                Some((head, payload)) => {
                    self.message(&head);
                    let place = (record.at as u64).saturating_sub(HEAD);
                    self.index.message(head.channel, head.log_time_ns, place);
                    if !crate::bag::verify::unpacks(payload) {
                        self.tally.undecodable = self.tally.undecodable.saturating_add(1);
                    }
                    let (start, end) = span.unwrap_or((head.log_time_ns, head.log_time_ns));
                    span = Some((start.min(head.log_time_ns), end.max(head.log_time_ns)));
                }
                None if record.opcode == op::MESSAGE => damaged += 1,
                None => {}
            }
        }
        if damaged > 0 || (loaded.problem.is_none() && !records.is_at_end()) {
            self.tally
                .find(format!("the chunk at byte {offset} holds records that are not whole"));
        }
        let said = said_span(&self.file.file, offset)?;
        if let Some((start, end)) = span
            && !said.is_some_and(|said| said.0 <= start && end <= said.1)
        {
            self.tally.find(format!(
                "the chunk at byte {offset} holds messages outside of the times that it says"
            ));
        }
        let _ = self.chunks.insert(offset, span);
        Ok(())
    }

    fn message(&mut self, head: &MessageHead) {
        self.tally.message(i64::from(head.channel), head.log_time_ns);
    }

    /// Compares the index and the statistics with what was read.
    fn compare(&mut self) {
        let index = &self.file.blocks;
        for block in index {
            let Some(span) = self.chunks.get(&block.offset) else {
                self.tally.find(format!(
                    "its index says that a chunk is at byte {}, and none is",
                    block.offset
                ));
                continue;
            };
            if let Some((start, end)) = span
                && (*start < block.span_ns.0 || *end > block.span_ns.1)
            {
                self.tally.find(format!(
                    "its index gives wrong times for the chunk at byte {}",
                    block.offset
                ));
            }
        }
        let indexed = |offset: &u64| index.iter().any(|block| block.offset == *offset);
        // Chunks follow each other: those of the index are sorted by time, so look them up only where the number differs.
        if index.len() != self.chunks.len() {
            let missing = self.chunks.keys().filter(|offset| !indexed(offset)).count();
            self.tally.find(format!(
                "its index leaves out {missing} of {} chunks",
                self.chunks.len()
            ));
        }
        let counted = self.tally.counts();
        for (channel, said) in &self.file.found.counts {
            let there = counted.get(&i64::from(*channel)).copied().unwrap_or(0);
            if there != *said {
                let topic = self.topic(*channel);
                self.tally.find(format!(
                    "its statistics count {said} messages of {topic}, it holds {there}"
                ));
            }
        }
        for (channel, there) in &counted {
            let number = u16::try_from(*channel).unwrap_or(u16::MAX);
            if !self.file.found.counts.contains_key(&number) {
                let topic = self.topic(number);
                self.tally
                    .find(format!("its statistics leave out {there} messages of {topic}"));
            }
        }
        if self.file.found.span_ns != self.tally.span_ns() {
            self.tally
                .find("its statistics give other times for the first and last message than it holds".to_owned());
        }
    }

    fn topic(&self, channel: u16) -> String {
        let known = self.file.found.channels.get(&channel);
        known.map_or_else(|| format!("channel {channel}"), |channel| channel.topic.clone())
    }
}

/// The times in the head of a chunk.
fn said_span(file: &File, offset: u64) -> io::Result<Span> {
    let head = read_at(file, offset.saturating_add(HEAD), 16)?;
    let number = |bytes: Option<&[u8]>| bytes.and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    Ok(number(head.get(..8)).zip(number(head.get(8..16))))
}

/// The checksum of the first bytes of a file.
fn checksum(file: &File, bytes: u64) -> io::Result<u32> {
    let mut hasher = crc32fast::Hasher::new();
    let mut at = 0;
    while at < bytes {
        let read = block::read_at(file, at, STEP.min(bytes - at))?;
        if read.is_empty() {
            break;
        }
        hasher.update(&read);
        at = at.saturating_add(read.len() as u64);
    }
    Ok(hasher.finalize())
}
