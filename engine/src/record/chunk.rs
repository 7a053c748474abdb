//! A chunk: messages gathered in memory, then sealed into the bytes that go to the file as they are.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::Arc;

use mcap::records::op;

use super::Compression;
use super::channels::ChannelRecord;
use super::records::Records;
use crate::bag::Storage;
use crate::ingest::TopicIndex;

/// Opcode, length, times, size, checksum, length of the compression's name, and length of the content.
const HEAD: usize = 9 + 8 + 8 + 8 + 4 + 4 + 8;
/// Opcode, length, channel, number, and the two times of a message.
const MESSAGE_HEAD: usize = 9 + 2 + 4 + 8 + 8;

/// The times and the number of a message, as the file keeps them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub sequence: u32,
    pub log_time: u64,
    pub publish_time: u64,
}

/// What a chunk holds of one channel.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub channel: u16,
    pub topic: TopicIndex,
    pub messages: u64,
    /// Of these, so many stand in an earlier file too: what latched writers said, said again.
    pub repeated: u64,
    /// Earliest and latest log time.
    pub span: (u64, u64),
}

impl Tally {
    /// Takes in more of the same channel.
    pub fn add(&mut self, more: &Self) {
        self.messages += more.messages;
        self.repeated += more.repeated;
        self.span = (self.span.0.min(more.span.0), self.span.1.max(more.span.1));
    }
}

struct Entry {
    channel: Arc<ChannelRecord>,
    /// Log time and offset of every message.
    index: Vec<(u64, u64)>,
    repeated: u64,
}

/// Messages that are gathered.
pub(super) struct Chunk {
    bytes: Vec<u8>,
    entries: BTreeMap<u16, Entry>,
    /// When the oldest of its messages was taken in, on the monotonic clock.
    oldest_ns: i64,
}

/// A chunk as its file takes it.
pub(super) struct Sealed {
    /// The chunk record, and the index records behind it; or the messages one by one, see [`Sealed::rows`].
    pub bytes: Vec<u8>,
    pub layout: Layout,
    /// The memory is the chunk's own, and may be used again.
    pub is_plain: bool,
    pub span: (u64, u64),
    pub tallies: Vec<Tally>,
    pub channels: Vec<Arc<ChannelRecord>>,
    pub oldest_ns: i64,
}

/// How the bytes of a sealed chunk are laid out.
pub(super) enum Layout {
    /// As a chunk of MCAP.
    Chunk(ChunkHead),
    /// As messages behind each other.
    Rows,
}

/// What an index says about a chunk of MCAP.
pub(super) struct ChunkHead {
    /// Length of the chunk record alone.
    pub length: u64,
    /// Where the index of each channel begins, counted from the chunk.
    pub index_offsets: Vec<(u16, u64)>,
    pub compression: &'static str,
    pub packed_bytes: u64,
    pub plain_bytes: u64,
}

/// A message as it goes into a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub channel: u16,
    pub log_time: u64,
    pub payload: &'a [u8],
}

impl Sealed {
    /// The messages, where they stand one by one.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        rows(match self.layout {
            Layout::Rows => self.bytes.get(HEAD..).unwrap_or_default(),
            Layout::Chunk(_) => &[],
        })
    }
}

/// The messages in the content of a chunk that was not packed.
fn rows(mut content: &[u8]) -> impl Iterator<Item = Row<'_>> {
    std::iter::from_fn(move || {
        let (head, rest) = content.split_first_chunk::<MESSAGE_HEAD>()?;
        let number = |at: usize| head.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        let length = usize::try_from(number(1)?).ok()?.checked_sub(MESSAGE_HEAD - 9)?;
        let (payload, rest) = rest.split_at_checked(length)?;
        content = rest;
        Some(Row {
            channel: u16::from_le_bytes(head.get(9..11)?.try_into().ok()?),
            log_time: number(15)?,
            payload,
        })
    })
}

impl Chunk {
    /// An empty one in memory that was used before.
    pub fn new(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        bytes.resize(HEAD, 0);
        Self {
            bytes,
            entries: BTreeMap::new(),
            oldest_ns: i64::MAX,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of its content.
    pub fn len(&self) -> usize {
        self.bytes.len() - HEAD
    }

    pub fn oldest_ns(&self) -> i64 {
        self.oldest_ns
    }

    pub fn push(&mut self, channel: &Arc<ChannelRecord>, stamp: Stamp, payload: &[u8], queued_ns: i64, repeated: bool) {
        let offset = self.len() as u64;
        let bytes = &mut self.bytes;
        bytes.push(op::MESSAGE);
        bytes.extend_from_slice(&((payload.len() + MESSAGE_HEAD - 9) as u64).to_le_bytes());
        bytes.extend_from_slice(&channel.id.to_le_bytes());
        bytes.extend_from_slice(&stamp.sequence.to_le_bytes());
        bytes.extend_from_slice(&stamp.log_time.to_le_bytes());
        bytes.extend_from_slice(&stamp.publish_time.to_le_bytes());
        bytes.extend_from_slice(payload);
        let entry = self.entries.entry(channel.id).or_insert_with(|| Entry {
            channel: Arc::clone(channel),
            index: Vec::new(),
            repeated: 0,
        });
        entry.index.push((stamp.log_time, offset));
        entry.repeated += u64::from(repeated);
        self.oldest_ns = self.oldest_ns.min(queued_ns);
    }

    pub fn tallies(&self) -> impl Iterator<Item = Tally> + '_ {
        self.entries.values().map(Entry::tally)
    }

    /// Makes the bytes of the file.
    pub fn seal(self, packer: &mut Packer) -> io::Result<Sealed> {
        let tallies: Vec<Tally> = self.tallies().collect();
        let channels = self.entries.values().map(|entry| Arc::clone(&entry.channel)).collect();
        let spans = tallies.iter().map(|tally| tally.span);
        let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((0, 0));
        let is_plain = packer.is_plain();
        if let Packer::Rows(compressor) = packer {
            let bytes = match compressor {
                Some(compressor) => self.pack_rows(compressor)?,
                None => self.bytes,
            };
            return Ok(Sealed {
                bytes,
                layout: Layout::Rows,
                is_plain,
                span,
                tallies,
                channels,
                oldest_ns: self.oldest_ns,
            });
        }
        let content = self.bytes.get(HEAD..).unwrap_or_default();
        let plain_bytes = content.len() as u64;
        let crc = crc32fast::hash(content);
        let name = packer.name();
        let mut bytes = match packer.pack(content)? {
            Some(packed) => packed,
            None => self.bytes,
        };
        let head = HEAD + name.len();
        let packed_bytes = (bytes.len() - head) as u64;
        let mut fixed = Records::default();
        fixed.bytes.push(op::CHUNK);
        fixed.u64(packed_bytes + head as u64 - 9);
        fixed.u64(span.0);
        fixed.u64(span.1);
        fixed.u64(plain_bytes);
        fixed.u32(crc);
        fixed.text(name);
        fixed.u64(packed_bytes);
        bytes[..head].copy_from_slice(&fixed.bytes);
        let chunk_length = bytes.len() as u64;
        let mut out = Records::default();
        out.bytes = bytes;
        let mut index_offsets = Vec::with_capacity(self.entries.len());
        for (id, entry) in &self.entries {
            index_offsets.push((*id, out.position()));
            out.record(op::MESSAGE_INDEX, |body| {
                body.u16(*id);
                body.pairs(&entry.index);
            });
        }
        Ok(Sealed {
            bytes: out.bytes,
            layout: Layout::Chunk(ChunkHead {
                length: chunk_length,
                index_offsets,
                compression: name,
                packed_bytes,
                plain_bytes,
            }),
            is_plain,
            span,
            tallies,
            channels,
            oldest_ns: self.oldest_ns,
        })
    }

    /// The messages, each with its payload as a zstd frame of its own.
    fn pack_rows(&self, compressor: &mut zstd::bulk::Compressor<'static>) -> io::Result<Vec<u8>> {
        let content = self.bytes.get(HEAD..).unwrap_or_default();
        let mut bytes = vec![0; HEAD];
        bytes.reserve(content.len() / 2);
        for row in rows(content) {
            let packed = compressor.compress(row.payload)?;
            bytes.push(op::MESSAGE);
            bytes.extend_from_slice(&((packed.len() + MESSAGE_HEAD - 9) as u64).to_le_bytes());
            bytes.extend_from_slice(&row.channel.to_le_bytes());
            // The table has no place for the number.
            bytes.extend_from_slice(&0_u32.to_le_bytes());
            bytes.extend_from_slice(&row.log_time.to_le_bytes());
            bytes.extend_from_slice(&row.log_time.to_le_bytes());
            bytes.extend_from_slice(&packed);
        }
        Ok(bytes)
    }
}

impl Entry {
    fn tally(&self) -> Tally {
        let times = self.index.iter().map(|(time, _)| *time);
        let span = times.fold((u64::MAX, 0), |(first, last), time| (first.min(time), last.max(time)));
        Tally {
            channel: self.channel.id,
            topic: self.channel.topic,
            messages: self.index.len() as u64,
            repeated: self.repeated,
            span,
        }
    }
}

/// Brings chunks into the form of their file, one after the other.
pub(super) enum Packer {
    Plain,
    /// For tables: each message by itself, packed or not.
    Rows(Option<Box<zstd::bulk::Compressor<'static>>>),
    Lz4(u32),
    Zstd(Box<zstd::bulk::Compressor<'static>>),
}

impl Packer {
    /// Levels outside of what the method knows are taken as its nearest.
    pub fn new(storage: Storage, compression: Compression, level: Option<i32>) -> io::Result<Self> {
        let zstd = || {
            let range = zstd::compression_level_range();
            let level = level.unwrap_or(1).clamp(*range.start(), *range.end());
            zstd::bulk::Compressor::new(level).map(Box::new)
        };
        Ok(match (storage, compression) {
            (Storage::Mcap, Compression::None) => Self::Plain,
            (Storage::Mcap, Compression::Lz4) => Self::Lz4(level.unwrap_or(0).clamp(0, 16).unsigned_abs()),
            (Storage::Mcap, Compression::Zstd) => Self::Zstd(zstd()?),
            (Storage::Sqlite3, Compression::None | Compression::Lz4) => Self::Rows(None),
            (Storage::Sqlite3, Compression::Zstd) => Self::Rows(Some(zstd()?)),
        })
    }

    /// What comes out is in the memory that went in.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Plain | Self::Rows(None))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Plain | Self::Rows(_) => "",
            Self::Lz4(_) => "lz4",
            Self::Zstd(_) => "zstd",
        }
    }

    /// The packed content with room for the head before it; `None` when it stays as it is.
    fn pack(&mut self, content: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; HEAD + self.name().len()];
        match self {
            Self::Plain | Self::Rows(_) => return Ok(None),
            Self::Lz4(level) => {
                bytes.reserve(content.len() / 2);
                let mut encoder = lz4::EncoderBuilder::new()
                    .level(*level)
                    .checksum(lz4::ContentChecksum::NoChecksum)
                    .build(bytes)?;
                encoder.write_all(content)?;
                let (packed, done) = encoder.finish();
                done?;
                bytes = packed;
            }
            Self::Zstd(compressor) => bytes.extend_from_slice(&compressor.compress(content)?),
        }
        Ok(Some(bytes))
    }
}
