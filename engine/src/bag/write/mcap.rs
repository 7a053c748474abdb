//! MCAP, in the profile `ros2`.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read as _};
use std::path::Path;

use mcap::WriteOptions;
use mcap::records::{AttachmentHeader, MessageHeader, Metadata};

use super::StorageWriter;
use super::metadata::qos_text;
use crate::bag::{Attachment, BagChannel, BagMessage};
use crate::record::Compression;

/// Uncompressed bytes of a chunk.
const CHUNK_BYTES: u64 = 1024 * 1024;
/// An attachment is copied in pieces of so many bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// An MCAP file that is being written.
pub struct McapStorage {
    writer: Option<mcap::Writer<BufWriter<File>>>,
    /// Numbers of messages, for sources that keep none.
    sequences: BTreeMap<u32, u32>,
}

impl McapStorage {
    /// Begins a file.
    ///
    /// # Errors
    /// When it exists, or cannot be made.
    pub fn create(path: &Path, compression: Compression) -> Result<Self, String> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(text)?;
        let compression = match compression {
            Compression::None => None,
            Compression::Lz4 => Some(mcap::Compression::Lz4),
            Compression::Zstd => Some(mcap::Compression::Zstd),
        };
        let writer = WriteOptions::new()
            .profile("ros2")
            .library(concat!("roswave ", env!("CARGO_PKG_VERSION")))
            .compression(compression)
            .chunk_size(Some(CHUNK_BYTES))
            .create(BufWriter::with_capacity(256 * 1024, file))
            .map_err(text)?;
        Ok(Self {
            writer: Some(writer),
            sequences: BTreeMap::new(),
        })
    }
}

impl McapStorage {
    fn writer(&mut self) -> Result<&mut mcap::Writer<BufWriter<File>>, String> {
        self.writer.as_mut().ok_or_else(|| "the file was finished".to_owned())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl StorageWriter for McapStorage {
    fn channel(&mut self, channel: &BagChannel) -> Result<u32, String> {
        let (encoding, definition) = match (&channel.other_definition, &channel.definition) {
            (Some((encoding, definition)), _) => (encoding.as_str(), definition.as_str()),
            (None, Some(definition)) => ("ros2msg", definition.as_str()),
            (None, None) => ("", ""),
        };
        let schema = self
            .writer()?
            .add_schema(&channel.type_name, encoding, definition.as_bytes())
            .map_err(text)?;
        let facts = BTreeMap::from([
            ("offered_qos_profiles".to_owned(), qos_text(&channel.offered_qos)),
            (
                "topic_type_hash".to_owned(),
                channel.type_hash.clone().unwrap_or_default(),
            ),
        ]);
        let number = self
            .writer()?
            .add_channel(schema, &channel.topic, &channel.serialization, &facts)
            .map_err(text)?;
        Ok(u32::from(number))
    }

    fn message(&mut self, channel: u32, message: &BagMessage<'_>) -> Result<(), String> {
        let next = self.sequences.entry(channel).or_default();
        let header = MessageHeader {
            channel_id: u16::try_from(channel).map_err(text)?,
            sequence: message.sequence.unwrap_or(*next),
            log_time: message.log_time_ns,
            publish_time: message.publish_time_ns,
        };
        *next = next.wrapping_add(1);
        self.writer()?
            .write_to_known_channel(&header, message.payload)
            .map_err(text)
    }

    fn metadata(&mut self, name: &str, entries: &BTreeMap<String, String>) -> Result<(), String> {
        let metadata = Metadata {
            name: name.to_owned(),
            metadata: entries.clone(),
        };
        self.writer()?.write_metadata(&metadata).map_err(text)
    }

    fn attachment(&mut self, attachment: &mut Attachment<'_>) -> Result<bool, String> {
        let header = AttachmentHeader {
            log_time: attachment.log_time_ns,
            create_time: attachment.create_time_ns,
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
        };
        let writer = self.writer()?;
        writer.start_attachment(attachment.bytes, header).map_err(text)?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = attachment.read(&mut piece).map_err(text)?;
            if read == 0 {
                break;
            }
            let read = piece.get(..read).unwrap_or_default();
            writer.put_attachment_bytes(read).map_err(text)?;
        }
        writer.finish_attachment().map_err(text)?;
        Ok(true)
    }

    fn finish(&mut self, rosbag2: &str) -> Result<(), String> {
        let entries = BTreeMap::from([("serialized_metadata".to_owned(), rosbag2.to_owned())]);
        self.metadata("rosbag2", &entries)?;
        let mut writer = self.writer.take().ok_or("the file was finished")?;
        let _ = writer.finish().map_err(text)?;
        let file = writer.into_inner().into_inner().map_err(text)?;
        file.sync_all().map_err(text)
    }
}
