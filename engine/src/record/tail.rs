//! The end of an MCAP file whose last chunk could not be written: metadata, summary and footer behind the last whole
//! chunk, in the format of <https://mcap.dev/spec>.
//!
//! The `mcap` crate can only end a file whose every byte was accepted, so this one case is written by hand.

use std::collections::BTreeMap;

use mcap::records::{Metadata, MetadataIndex, SummaryOffset, op};
use mcap::{MAGIC, Summary};

/// What is behind the first `length` bytes of a file.
pub(super) struct Tail<'a> {
    /// What the writer believes to have written, the chunks that are not in the file included.
    pub summary: &'a Summary,
    /// Bytes of the file up to the end of the last whole chunk.
    pub length: u64,
    /// Messages in the file by channel.
    pub counts: BTreeMap<u16, u64>,
    /// Earliest and latest log time in the file.
    pub span_ns: Option<(u64, u64)>,
    /// To be added.
    pub metadata: &'a [Metadata],
}

impl Tail<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = Out {
            bytes: Vec::new(),
            base: self.length,
        };
        let kept = self
            .summary
            .metadata_indexes
            .iter()
            .filter(|index| index.offset < self.length);
        let mut metadata_indexes: Vec<MetadataIndex> = kept.cloned().collect();
        for metadata in self.metadata {
            let offset = out.position();
            out.record(op::METADATA, |body| {
                body.text(&metadata.name);
                body.map(&metadata.metadata);
            });
            metadata_indexes.push(MetadataIndex {
                offset,
                length: out.position() - offset,
                name: metadata.name.clone(),
            });
        }
        // No checksum over the data section: zero says so. Every chunk has its own.
        out.record(op::DATA_END, |body| body.u32(0));

        let summary_start = out.position();
        let mut groups = Vec::new();
        out.group(&mut groups, op::SCHEMA, |out| self.schemas(out));
        out.group(&mut groups, op::CHANNEL, |out| self.channels(out));
        let chunks: Vec<_> = self
            .summary
            .chunk_indexes
            .iter()
            .filter(|index| index.chunk_start_offset < self.length)
            .collect();
        out.group(&mut groups, op::STATISTICS, |out| {
            self.statistics(out, chunks.len(), metadata_indexes.len());
        });
        out.group(&mut groups, op::CHUNK_INDEX, |out| {
            for index in &chunks {
                out.record(op::CHUNK_INDEX, |body| {
                    body.u64(index.message_start_time);
                    body.u64(index.message_end_time);
                    body.u64(index.chunk_start_offset);
                    body.u64(index.chunk_length);
                    body.numbers(&index.message_index_offsets);
                    body.u64(index.message_index_length);
                    body.text(&index.compression);
                    body.u64(index.compressed_size);
                    body.u64(index.uncompressed_size);
                });
            }
        });
        out.group(&mut groups, op::METADATA_INDEX, |out| {
            for index in &metadata_indexes {
                out.record(op::METADATA_INDEX, |body| {
                    body.u64(index.offset);
                    body.u64(index.length);
                    body.text(&index.name);
                });
            }
        });
        let offsets_start = out.position();
        for group in groups {
            out.record(op::SUMMARY_OFFSET, |body| {
                body.bytes.push(group.group_opcode);
                body.u64(group.group_start);
                body.u64(group.group_length);
            });
        }
        out.record(op::FOOTER, |body| {
            body.u64(summary_start);
            body.u64(offsets_start);
            body.u32(0);
        });
        out.bytes.extend_from_slice(MAGIC);
        out.bytes
    }

    fn schemas(&self, out: &mut Out) {
        let ordered: BTreeMap<_, _> = self.summary.schemas.iter().collect();
        for schema in ordered.values() {
            out.record(op::SCHEMA, |body| {
                body.u16(schema.id);
                body.text(&schema.name);
                body.text(&schema.encoding);
                body.blob(&schema.data);
            });
        }
    }

    fn channels(&self, out: &mut Out) {
        let ordered: BTreeMap<_, _> = self.summary.channels.iter().collect();
        for channel in ordered.values() {
            out.record(op::CHANNEL, |body| {
                body.u16(channel.id);
                body.u16(channel.schema.as_ref().map_or(0, |schema| schema.id));
                body.text(&channel.topic);
                body.text(&channel.message_encoding);
                body.map(&channel.metadata);
            });
        }
    }

    fn statistics(&self, out: &mut Out, chunks: usize, metadata: usize) {
        let (start, end) = self.span_ns.unwrap_or((0, 0));
        out.record(op::STATISTICS, |body| {
            body.u64(self.counts.values().sum());
            body.u16(u16::try_from(self.summary.schemas.len()).unwrap_or(u16::MAX));
            body.size(self.summary.channels.len());
            body.u32(0);
            body.size(metadata);
            body.size(chunks);
            body.u64(start);
            body.u64(end);
            body.numbers(&self.counts);
        });
    }
}

struct Out {
    bytes: Vec<u8>,
    base: u64,
}

impl Out {
    fn position(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    fn record(&mut self, opcode: u8, body: impl FnOnce(&mut Self)) {
        self.bytes.push(opcode);
        let at = self.bytes.len();
        self.u64(0);
        body(self);
        let length = (self.bytes.len() - at - 8) as u64;
        self.bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
    }

    fn group(&mut self, groups: &mut Vec<SummaryOffset>, group_opcode: u8, body: impl FnOnce(&mut Self)) {
        let group_start = self.position();
        body(self);
        let group_length = self.position() - group_start;
        if group_length > 0 {
            groups.push(SummaryOffset {
                group_opcode,
                group_start,
                group_length,
            });
        }
    }

    fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// Sizes are 32 bits wide; the writer that made the content has refused anything longer.
    fn size(&mut self, size: usize) {
        self.u32(u32::try_from(size).unwrap_or(u32::MAX));
    }

    fn blob(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// A map is preceded by its length in bytes.
    fn measured(&mut self, body: impl FnOnce(&mut Self)) {
        let at = self.bytes.len();
        self.u32(0);
        body(self);
        let length = u32::try_from(self.bytes.len() - at - 4).unwrap_or(u32::MAX);
        self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    fn map(&mut self, map: &BTreeMap<String, String>) {
        self.measured(|out| {
            for (key, value) in map {
                out.text(key);
                out.text(value);
            }
        });
    }

    fn numbers(&mut self, map: &BTreeMap<u16, u64>) {
        self.measured(|out| {
            for (key, value) in map {
                out.u16(*key);
                out.u64(*value);
            }
        });
    }
}
