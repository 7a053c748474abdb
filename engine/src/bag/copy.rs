//! Writes the messages of a recording into a new one: for conversion, repair and export.

use std::collections::BTreeMap;
use std::path::Path;

use super::write::{BagWriter, WriteError, Written};
use super::{Bag, Content, Query, Storage};
use crate::record::Compression;

/// Records of metadata that a new file gets anew.
const OWN_RECORD: &str = "rosbag2";

/// What a copy is to be like.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    /// Its storage.
    pub storage: Storage,
    /// Its compression: of chunks in MCAP, of messages in SQLite.
    pub compression: Compression,
    /// Which messages.
    pub query: Query,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// The new recording.
    pub written: Written,
    /// What could not be read of the old one, each in a sentence.
    pub problems: Vec<String>,
    /// What the new storage has no place for, each in a sentence.
    pub left_out: Vec<String>,
}

impl Bag {
    /// Copies messages into a new recording, in the order of their times, with the policies and definitions of their topics,
    /// and of an MCAP its metadata and attachments.
    ///
    /// # Errors
    /// When the new recording cannot be written; nothing is left of it then.
    pub fn copy_to(&self, to: &Path, options: &CopyOptions) -> Result<Copied, WriteError> {
        let mut writer = BagWriter::create(to, options.storage, options.compression)?;
        let mut left_out = Vec::new();
        let mut custom = self.custom_data().clone();
        for (name, entries) in self.metadata_records() {
            match options.storage {
                Storage::Mcap => writer.metadata(&name, &entries)?,
                // Names with values have their place beside the file then.
                Storage::Sqlite3 => {
                    custom.extend(entries.into_iter().map(|(key, value)| (format!("{name}/{key}"), value)));
                }
            }
        }
        writer.custom_data(&custom);
        let chosen = |topic: &String| {
            options
                .query
                .topics
                .as_ref()
                .is_none_or(|topics| topics.contains(topic))
        };
        for channel in self.channels().iter().filter(|channel| chosen(&channel.topic)) {
            writer.channel(channel)?;
        }
        let mut published = false;
        let mut messages = self.messages(&options.query);
        while let Some(message) = messages.advance() {
            published |= message.publish_time_ns != message.log_time_ns;
            writer.write(&message)?;
        }
        if options.storage == Storage::Sqlite3 && published {
            left_out.push(
                "SQLite keeps no times of publishing and no sequence numbers: only receive times were written"
                    .to_owned(),
            );
        }
        let attachments = self.attachment_count();
        if attachments > 0 {
            left_out.push(format!("{attachments} attachments were not copied"));
        }
        let problems = self.problems().iter().chain(messages.problems()).cloned().collect();
        let written = writer.finish()?;
        Ok(Copied {
            written,
            problems,
            left_out,
        })
    }

    /// Names with values that the files keep about the recording, of the last file that has them.
    fn metadata_records(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut records = BTreeMap::new();
        for part in &self.0.parts {
            if let Content::Mcap(file) = &part.content {
                let others = file.found.metadata.iter().filter(|(name, _)| *name != OWN_RECORD);
                records.extend(others.map(|(name, entries)| (name.clone(), entries.clone())));
            }
        }
        records
    }

    fn attachment_count(&self) -> usize {
        let counts = self.0.parts.iter().map(|part| match &part.content {
            Content::Mcap(file) => file.found.attachments.len(),
            Content::Sqlite(_) => 0,
        });
        counts.sum()
    }
}
