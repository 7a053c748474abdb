//! The MCAP file: chunks are built in memory and go to the sink whole, so that what is in the file is always readable
//! up to the last chunk.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Seek, SeekFrom, Write};
use std::rc::Rc;

use mcap::records::{MessageHeader, Metadata};
use mcap::{McapError, Summary, WriteOptions};

use super::sink::{Sink, append};
use super::tail::Tail;
use super::{ChannelInfo, Compression, meta};

/// Room kept free on the disk behind every chunk, so that the end of the file fits when the disk is full: the fixed
/// part, and the part per chunk of its index.
const TAIL_BYTES: u64 = 256 * 1024;
const TAIL_BYTES_PER_CHUNK: u64 = 256;

/// What the `mcap` crate writes into: memory that the file then takes.
#[derive(Clone, Default)]
struct Buffer(Rc<RefCell<Stream>>);

#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    /// Position in the file of the first byte.
    base: u64,
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Buffer {
    /// Only asked where it stands: chunks are built apart.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let stream = self.0.borrow();
        match to {
            SeekFrom::Current(0) => Ok(stream.base + stream.bytes.len() as u64),
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// An MCAP file that is being written.
pub(super) struct McapFile {
    writer: mcap::Writer<Buffer>,
    buffer: Buffer,
    sink: Box<dyn Sink>,
    /// Length of the file up to its last whole chunk.
    length: u64,
    /// Bytes since the last sync.
    unsynced: u64,
    chunks: u64,
}

impl McapFile {
    /// Writes the head of the file and syncs it.
    pub(super) fn create(sink: Box<dyn Sink>, compression: Compression, head: &Metadata) -> io::Result<Self> {
        let compression = match compression {
            Compression::None => None,
            Compression::Lz4 => Some(mcap::Compression::Lz4),
            Compression::Zstd => Some(mcap::Compression::Zstd),
        };
        let options = WriteOptions::new()
            .profile("ros2")
            .library(concat!("roswave ", env!("CARGO_PKG_VERSION")))
            .compression(compression)
            // The fastest level, on this thread alone: recording must not take the cores of the robot.
            .compression_level(1)
            .compression_threads(0)
            // The recorder closes chunks itself, and they are built in memory.
            .chunk_size(None)
            .disable_seeking(true)
            // Each chunk has a checksum; one over the whole file would be computed twice over for nothing.
            .calculate_data_section_crc(false);
        let buffer = Buffer::default();
        let mut writer = options.create(buffer.clone()).map_err(as_io)?;
        writer.write_metadata(head).map_err(as_io)?;
        let mut file = Self {
            writer,
            buffer,
            sink,
            length: 0,
            unsynced: 0,
            chunks: 0,
        };
        file.commit()?;
        file.sync()?;
        Ok(file)
    }

    /// Bytes up to the last whole chunk.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Bytes written and not yet synced.
    pub(super) fn unsynced(&self) -> u64 {
        self.unsynced
    }

    /// Adds a channel, and its schema.
    pub(super) fn add_channel(&mut self, info: &ChannelInfo) -> io::Result<u16> {
        // Without a definition the schema is a name only, which the format provides for.
        let (encoding, text) = info.definition.as_deref().map_or(("", ""), |text| ("ros2msg", text));
        let schema = self
            .writer
            .add_schema(info.type_name.as_str(), encoding, text.as_bytes())
            .map_err(as_io)?;
        let mut metadata = BTreeMap::new();
        let _ = metadata.insert("offered_qos_profiles".to_owned(), meta::qos_text(&info.offered_qos));
        let hash = info
            .type_hash
            .as_ref()
            .map_or_else(String::new, |hash| hash.0.to_string());
        let _ = metadata.insert("topic_type_hash".to_owned(), hash);
        self.writer
            .add_channel(schema, info.name.as_str(), "cdr", &metadata)
            .map_err(as_io)
    }

    /// Adds a message to the chunk in memory.
    pub(super) fn push(&mut self, header: &MessageHeader, payload: &[u8]) -> io::Result<()> {
        self.writer.write_to_known_channel(header, payload).map_err(as_io)
    }

    /// Closes the chunk and hands it to the kernel. After an error the file ends with the last whole chunk, as far as
    /// the disk allows.
    pub(super) fn commit(&mut self) -> io::Result<()> {
        self.writer.flush().map_err(as_io)?;
        self.write_out()
    }

    fn write_out(&mut self) -> io::Result<()> {
        let mut stream = self.buffer.0.borrow_mut();
        let added = stream.bytes.len() as u64;
        let room = added + TAIL_BYTES + TAIL_BYTES_PER_CHUNK * self.chunks;
        let written = self
            .sink
            .reserve(self.length, room)
            .and_then(|()| append(&mut *self.sink, &stream.bytes));
        stream.bytes.clear();
        stream.base += added;
        if let Err(error) = written {
            let _ = self.sink.truncate(self.length);
            return Err(error);
        }
        self.length += added;
        self.unsynced += added;
        self.chunks += 1;
        Ok(())
    }

    /// Returns when everything committed is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.sink.sync()?;
        self.unsynced = 0;
        Ok(())
    }

    /// Ends the file: metadata, summary, footer. It is synced then.
    pub(super) fn finish(&mut self, metadata: &[Metadata]) -> io::Result<()> {
        for record in metadata {
            self.writer.write_metadata(record).map_err(as_io)?;
        }
        let _ = self.writer.finish().map_err(as_io)?;
        self.write_out()?;
        // Gives back the room that was reserved and not needed.
        self.sink.truncate(self.length)?;
        self.sync()
    }

    /// Ends the file behind its last whole chunk, after an error of [`Self::commit`], [`Self::finish`] or
    /// [`Self::sync`]. When that fails too, the file stays readable up to there, without summary.
    pub(super) fn finish_short(
        &mut self,
        metadata: &[Metadata],
        counts: BTreeMap<u16, u64>,
        span_ns: Option<(u64, u64)>,
    ) -> io::Result<()> {
        let summary: Summary = self.writer.finish().map_err(as_io)?;
        self.buffer.0.borrow_mut().bytes = Vec::new();
        let tail = Tail {
            summary: &summary,
            length: self.length,
            counts,
            span_ns,
            metadata,
        }
        .bytes();
        let written = self
            .sink
            .truncate(self.length)
            .and_then(|()| append(&mut *self.sink, &tail));
        if let Err(error) = written {
            let _ = self.sink.truncate(self.length);
            return Err(error);
        }
        self.length += tail.len() as u64;
        self.sink.truncate(self.length)?;
        self.sync()
    }
}

fn as_io(error: McapError) -> io::Error {
    match error {
        McapError::Io(error) => error,
        other => io::Error::other(other),
    }
}
