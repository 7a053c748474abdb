//! A block of messages: a chunk, or a row of records outside of one.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use mcap::records::op;

use super::HEAD;
use super::records::MessageHead;
use crate::bag::cursor::Cursor;

/// The largest chunk that is opened, packed or not. Writers make chunks of some MB.
pub(in crate::bag) const CHUNK_MAX: u64 = 1 << 30;

/// Bytes that are read at once, so that memory grows with what is really there.
const STEP: usize = 1 << 20;

/// Where messages are, and of which time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bag) struct Block {
    /// Times of the earliest and the latest message.
    pub span_ns: (u64, u64),
    pub kind: Kind,
    /// Of the record with its head for a chunk, else of the first record.
    pub offset: u64,
    /// Bytes in the file.
    pub length: u64,
    /// Messages by channel; without a number where that is only known from the block itself.
    pub channels: Vec<(u16, Option<u64>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bag) enum Kind {
    Chunk,
    Row,
}

/// The records of a block.
#[derive(Debug, Default)]
pub(in crate::bag) struct Loaded {
    pub records: Vec<u8>,
    /// What is wrong with it.
    pub problem: Option<&'static str>,
}

impl Block {
    /// False when it surely holds no message that is wanted.
    pub(in crate::bag) fn may_hold(&self, wants: impl Fn(u16) -> bool) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|(channel, _)| wants(*channel))
    }

    /// Reads and unpacks the block. What can be read of a damaged one is read.
    pub(in crate::bag) fn load(&self, file: &File) -> io::Result<Loaded> {
        match self.kind {
            Kind::Row => {
                let records = read_at(file, self.offset, self.length)?;
                let problem = (records.len() as u64 != self.length).then_some("it ends too early");
                Ok(Loaded { records, problem })
            }
            Kind::Chunk => {
                let body = self.length.saturating_sub(HEAD);
                load_chunk(file, self.offset.saturating_add(HEAD), body)
            }
        }
    }
}

/// Up to `length` bytes from `offset`, fewer where the file ends.
pub(in crate::bag) fn read_at(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut left = usize::try_from(length.min(CHUNK_MAX)).unwrap_or(usize::MAX);
    while left > 0 {
        let at = bytes.len();
        bytes.resize(at + left.min(STEP), 0);
        let read = match bytes.get_mut(at..) {
            Some(room) => file.read_at(room, offset.saturating_add(at as u64)),
            None => Ok(0),
        };
        match read {
            Ok(read) => {
                bytes.truncate(at + read);
                left -= read;
                if read == 0 {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => bytes.truncate(at),
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// The head of a chunk.
#[derive(Clone, Copy, Debug)]
struct ChunkHead {
    unpacked: u64,
    crc: u32,
    packing: Packing,
    packed: u64,
    /// Where the records begin, from the beginning of the body.
    records_at: u64,
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    None,
    Zstd,
    Lz4,
}

impl ChunkHead {
    fn parse(body: &[u8]) -> Result<Self, &'static str> {
        const SHORT: &str = "it is too short for a chunk";
        let mut cursor = Cursor(body);
        let _span = cursor.bytes(16).ok_or(SHORT)?;
        let (unpacked, crc) = (cursor.u64().ok_or(SHORT)?, cursor.u32().ok_or(SHORT)?);
        let packing = match cursor.block().ok_or(SHORT)?.0 {
            b"" => Packing::None,
            b"zstd" => Packing::Zstd,
            b"lz4" => Packing::Lz4,
            _ => return Err("it is packed in a way that is not known"),
        };
        let packed = cursor.u64().ok_or(SHORT)?;
        Ok(Self {
            unpacked,
            crc,
            packing,
            packed,
            records_at: (body.len() - cursor.0.len()) as u64,
        })
    }
}

/// Loads the chunk whose body begins at `offset`; `length` bytes of it are in the file.
fn load_chunk(file: &File, offset: u64, length: u64) -> io::Result<Loaded> {
    let damaged = |problem| Loaded {
        records: Vec::new(),
        problem: Some(problem),
    };
    let head = match ChunkHead::parse(&read_at(file, offset, length.min(64))?) {
        Ok(head) => head,
        Err(problem) => return Ok(damaged(problem)),
    };
    if head.packed > CHUNK_MAX || head.unpacked > CHUNK_MAX {
        return Ok(damaged("it is larger than 1 GiB; make chunks smaller when recording"));
    }
    let there = length.saturating_sub(head.records_at);
    let packed = read_at(file, offset.saturating_add(head.records_at), head.packed.min(there))?;
    let torn = packed.len() as u64 != head.packed;
    let (records, broken) = match head.packing {
        Packing::None => (packed, false),
        Packing::Zstd => match zstd::stream::read::Decoder::with_buffer(packed.as_slice()) {
            Ok(decoder) => unpack(decoder, head.unpacked),
            Err(_) => (Vec::new(), true),
        },
        Packing::Lz4 => match lz4::Decoder::new(packed.as_slice()) {
            Ok(decoder) => unpack(decoder, head.unpacked),
            Err(_) => (Vec::new(), true),
        },
    };
    let problem = if torn {
        Some("it was not finished")
    } else if broken || records.len() as u64 != head.unpacked {
        Some("it does not unpack as a whole")
    } else if head.crc != 0 && crc32fast::hash(&records) != head.crc {
        Some("its checksum is wrong")
    } else {
        None
    };
    Ok(Loaded { records, problem })
}

/// What comes out, up to `length` bytes, and whether it broke before that.
fn unpack(decoder: impl Read, length: u64) -> (Vec<u8>, bool) {
    let mut records = Vec::new();
    // Keeps what came before an error.
    let broken = decoder.take(length).read_to_end(&mut records).is_err();
    (records, broken)
}

/// A record within a block.
#[derive(Clone, Copy, Debug)]
pub(in crate::bag) struct Record<'a> {
    pub opcode: u8,
    pub body: &'a [u8],
    /// Where its body begins.
    pub at: usize,
}

/// The records of a block, up to the first that is not whole.
#[derive(Clone, Debug)]
pub(in crate::bag) struct Records<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(in crate::bag) fn of(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    /// True when every byte belonged to a whole record.
    pub(in crate::bag) fn is_at_end(&self) -> bool {
        self.at == self.all.len()
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut cursor = Cursor(self.all.get(self.at..)?);
        let opcode = *cursor.bytes(1)?.first()?;
        let length = usize::try_from(cursor.u64()?).ok()?;
        let body = cursor.bytes(length)?;
        let at = self.at + HEAD as usize;
        self.at = at + length;
        Some(Record { opcode, body, at })
    }
}

/// The message in a record.
pub(in crate::bag) fn message<'a>(record: &Record<'a>) -> Option<(MessageHead, &'a [u8])> {
    (record.opcode == op::MESSAGE)
        .then(|| MessageHead::parse(record.body))
        .flatten()
}
