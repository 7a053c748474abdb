//! One MCAP file: whole chunks go to the sink one by one, and it can be ended behind the last whole one whatever happened
//! to the one after it.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use ::mcap::MAGIC;
use ::mcap::records::{Metadata, op};

use super::super::channels::{ChannelRecord, SchemaRecord};
use super::super::chunk::{Layout, Sealed};
use super::super::records::Records;
use super::super::sink::{Sink, Target, append};
use super::{Contents, TAIL_BYTES};

/// A file that is being written.
pub(in crate::record) struct McapFile {
    target: Target,
    /// Length of the file up to its last whole chunk.
    length: u64,
    contents: Contents,
    schemas: BTreeMap<u16, Arc<SchemaRecord>>,
    /// The index records of the summary, which grow with every chunk.
    chunk_index: Vec<u8>,
    chunks: u32,
    /// The index records of the metadata.
    metadata_index: Vec<u8>,
    metadata: u32,
}

impl McapFile {
    /// Writes the head of the file and syncs it.
    pub fn create(sink: Arc<dyn Sink>, head: &[Metadata]) -> io::Result<Self> {
        let mut file = Self {
            target: Target::new(sink, None),
            length: 0,
            contents: Contents::default(),
            schemas: BTreeMap::new(),
            chunk_index: Vec::new(),
            chunks: 0,
            metadata_index: Vec::new(),
            metadata: 0,
        };
        let mut out = Records::default();
        out.bytes.extend_from_slice(MAGIC);
        out.record(op::HEADER, |body| {
            body.text("ros2");
            body.text(concat!("roswave ", env!("CARGO_PKG_VERSION")));
        });
        for metadata in head {
            file.write_metadata(&mut out, metadata);
        }
        file.write_out(&[&out.bytes])?;
        file.target.sync()?;
        Ok(file)
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    fn sink(&self) -> &dyn Sink {
        &*self.target.sink
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Describes channels that may have no message in this file.
    pub fn describe(&mut self, channels: &[Arc<ChannelRecord>]) -> io::Result<()> {
        let mut out = Records::default();
        for channel in channels {
            self.define(&mut out, channel);
        }
        if !out.bytes.is_empty() {
            self.write_out(&[&out.bytes])?;
            channels.iter().for_each(|channel| self.learn(channel));
        }
        Ok(())
    }

    /// Appends a chunk, behind the description of every channel that is new to this file.
    pub fn append(&mut self, sealed: &Sealed) -> io::Result<()> {
        let Layout::Chunk(head) = &sealed.layout else {
            return Err(io::Error::other("a chunk was sealed for another storage"));
        };
        let mut heads = Records::default();
        for channel in &sealed.channels {
            self.define(&mut heads, channel);
        }
        let start = self.length + heads.bytes.len() as u64;
        self.write_out(&[&heads.bytes, &sealed.bytes])?;
        for channel in &sealed.channels {
            self.learn(channel);
        }
        self.contents.add(sealed);
        self.chunks = self.chunks.saturating_add(1);
        let mut index = Records::default();
        index.bytes = std::mem::take(&mut self.chunk_index);
        index.record(op::CHUNK_INDEX, |body| {
            body.u64(sealed.span.0);
            body.u64(sealed.span.1);
            body.u64(start);
            body.u64(head.length);
            body.numbers(head.index_offsets.iter().map(|(id, at)| (*id, start + at)));
            body.u64(sealed.bytes.len() as u64 - head.length);
            body.text(head.compression);
            body.u64(head.packed_bytes);
            body.u64(head.plain_bytes);
        });
        self.chunk_index = index.bytes;
        Ok(())
    }

    /// Adds the description of a channel to `out`, unless the file has it.
    fn define(&self, out: &mut Records, channel: &Arc<ChannelRecord>) {
        if self.contents.knows(channel) {
            return;
        }
        // The same schema twice in a file is allowed, where two channels of a chunk are the first of their type.
        if !self.schemas.contains_key(&channel.schema.id()) {
            channel.schema.write(out);
        }
        channel.write(out);
    }

    fn learn(&mut self, channel: &Arc<ChannelRecord>) {
        self.contents.learn(channel);
        let schema = self.schemas.entry(channel.schema.id());
        let _ = schema.or_insert_with(|| Arc::clone(&channel.schema));
    }

    fn write_out(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        let added: u64 = parts.iter().map(|part| part.len() as u64).sum();
        let room = added + TAIL_BYTES + self.chunk_index.len() as u64;
        let mut written = self.sink().reserve(self.length, room);
        for part in parts {
            written = written.and_then(|()| append(self.sink(), part));
        }
        if let Err(error) = written {
            let _ = self.sink().truncate(self.length);
            return Err(error);
        }
        self.length += added;
        Ok(())
    }

    fn write_metadata(&mut self, out: &mut Records, metadata: &Metadata) {
        let start = out.position();
        out.record(op::METADATA, |body| {
            body.text(&metadata.name);
            body.map(&metadata.metadata);
        });
        let length = out.position() - start;
        let mut index = Records::default();
        index.bytes = std::mem::take(&mut self.metadata_index);
        index.record(op::METADATA_INDEX, |body| {
            body.u64(start);
            body.u64(length);
            body.text(&metadata.name);
        });
        self.metadata_index = index.bytes;
        self.metadata = self.metadata.saturating_add(1);
    }

    /// Ends the file behind its last whole chunk: metadata, summary, footer. It is synced then. When that fails, the
    /// file stays readable up to there, without summary.
    pub fn finish(&mut self, metadata: &[Metadata]) -> io::Result<()> {
        let mut out = Records::at(self.length);
        for record in metadata {
            self.write_metadata(&mut out, record);
        }
        // Each chunk has a checksum; one over the whole file would be computed twice over for nothing. Zero says so.
        out.record(op::DATA_END, |body| body.u32(0));
        let summary_start = out.position();
        let mut groups = Vec::new();
        let mut group = |out: &mut Records, opcode: u8, body: &dyn Fn(&mut Records)| {
            let start = out.position();
            body(out);
            let length = out.position() - start;
            if length > 0 {
                groups.push((opcode, start, length));
            }
        };
        group(&mut out, op::SCHEMA, &|out| {
            self.schemas.values().for_each(|schema| schema.write(out));
        });
        group(&mut out, op::CHANNEL, &|out| {
            self.contents.channels.values().for_each(|channel| channel.write(out));
        });
        group(&mut out, op::STATISTICS, &|out| self.write_statistics(out));
        group(&mut out, op::CHUNK_INDEX, &|out| {
            out.bytes.extend_from_slice(&self.chunk_index);
        });
        group(&mut out, op::METADATA_INDEX, &|out| {
            out.bytes.extend_from_slice(&self.metadata_index);
        });
        let offsets_start = out.position();
        for (opcode, start, length) in groups {
            out.record(op::SUMMARY_OFFSET, |body| {
                body.bytes.push(opcode);
                body.u64(start);
                body.u64(length);
            });
        }
        out.record(op::FOOTER, |body| {
            body.u64(summary_start);
            body.u64(offsets_start);
            body.u32(0);
        });
        out.bytes.extend_from_slice(MAGIC);
        // A torn chunk may stand there, and room that was reserved and not needed.
        let written = self
            .sink()
            .truncate(self.length)
            .and_then(|()| append(self.sink(), &out.bytes));
        if let Err(error) = written {
            let _ = self.sink().truncate(self.length);
            return Err(error);
        }
        self.length += out.bytes.len() as u64;
        self.sink().truncate(self.length)?;
        self.target.sync()
    }

    fn write_statistics(&self, out: &mut Records) {
        let (start, end) = self.contents.span_ns.unwrap_or((0, 0));
        let counts = self
            .contents
            .tallies
            .values()
            .map(|tally| (tally.channel, tally.messages));
        out.record(op::STATISTICS, |body| {
            body.u64(self.contents.messages());
            body.u16(u16::try_from(self.schemas.len()).unwrap_or(u16::MAX));
            body.size(self.contents.channels.len());
            body.u32(0);
            body.u32(self.metadata);
            body.u32(self.chunks);
            body.u64(start);
            body.u64(end);
            body.numbers(counts);
        });
    }
}
