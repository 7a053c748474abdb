//! Writes the messages of a recording into a new one: for conversion, repair and export.

use std::collections::BTreeMap;
use std::path::Path;

use super::attachment::attachments;
use super::open::name_of;
use super::write::metadata::{custom_entries, take_records};
use super::write::{BagWriter, WriteError, Written};
use super::{Bag, Content, Query, Storage};
use crate::record::Compression;
use crate::record::ledger::{BOOKMARKS, LEDGER, sum_of_lines};

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
        self.copy_while(to, options, || true)
    }

    /// Like [`Bag::copy_to`], as long as `go_on` says so, which is asked with every message.
    ///
    /// # Errors
    /// As for [`Bag::copy_to`], and when it was told to stop.
    pub fn copy_while(
        &self,
        to: &Path,
        options: &CopyOptions,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<Copied, WriteError> {
        let mut writer = BagWriter::create(to, options.storage, options.compression)?;
        let mut left_out = Vec::new();
        let mut custom = self.custom_data().clone();
        let mut records = take_records(&mut custom);
        records.extend(self.metadata_records());
        // Not every file told of its loss, or not all is copied: what some told is not the loss of the copy.
        if self.ledger().is_none() || options.query != Query::all() {
            let _ = records.remove(LEDGER);
        }
        for (name, entries) in records {
            match options.storage {
                Storage::Mcap => writer.metadata(&name, &entries)?,
                // Names with values have their place beside the file then.
                Storage::Sqlite3 => custom.extend(custom_entries(&name, &entries)),
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
            if !go_on() {
                return Err(WriteError::Interrupted);
            }
            published |= message.publish_time_ns != message.log_time_ns;
            writer.write(&message)?;
        }
        if options.storage == Storage::Sqlite3 && published {
            left_out.push(
                "SQLite keeps no times of publishing and no sequence numbers: only receive times were written"
                    .to_owned(),
            );
        }
        let mut problems: Vec<String> = self.problems().iter().chain(messages.problems()).cloned().collect();
        let without_place = self.copy_attachments(&mut writer, &mut problems, &mut go_on)?;
        if without_place > 0 {
            left_out.push(format!(
                "SQLite has no place for attachments: {without_place} were not copied"
            ));
        }
        let written = writer.finish()?;
        Ok(Copied {
            written,
            problems,
            left_out,
        })
    }

    /// Names with values that the files keep about the recording: ledgers are summed up, bookmarks come together, and of
    /// others the last one stands.
    pub(crate) fn metadata_records(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut records: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for part in &self.0.parts {
            let kept = match &part.content {
                Content::Mcap(file) => &file.found.metadata,
                Content::Sqlite(file) => &file.records,
            };
            for (name, entries) in kept.iter().filter(|(name, _)| *name != OWN_RECORD) {
                let record = records.entry(name.clone()).or_default();
                match name.as_str() {
                    LEDGER => {
                        for (topic, line) in entries {
                            let sum = record
                                .get(topic)
                                .map_or_else(|| line.clone(), |known| sum_of_lines(known, line));
                            let _ = record.insert(topic.clone(), sum);
                        }
                    }
                    BOOKMARKS => record.extend(entries.iter().map(|(key, text)| (key.clone(), text.clone()))),
                    _ => record.clone_from(entries),
                }
            }
        }
        records
    }

    /// Copies attachments, and gives how many the storage has no place for.
    fn copy_attachments(
        &self,
        writer: &mut BagWriter,
        problems: &mut Vec<String>,
        go_on: &mut impl FnMut() -> bool,
    ) -> Result<u64, WriteError> {
        let mut left_out = 0;
        for part in &self.0.parts {
            let Content::Mcap(file) = &part.content else { continue };
            let name = self
                .0
                .files
                .get(part.file)
                .map(|file| name_of(&file.path))
                .unwrap_or_default();
            for attachment in attachments(file) {
                if !go_on() {
                    return Err(WriteError::Interrupted);
                }
                match attachment {
                    Err(error) => problems.push(format!("{name}: an attachment cannot be read: {error}")),
                    Ok(mut attachment) => {
                        if !writer.attachment(&mut attachment)? {
                            left_out += 1;
                        } else if attachment.is_damaged() {
                            let what = &attachment.name;
                            problems.push(format!("{name}: the attachment {what} does not fit its checksum"));
                        }
                    }
                }
            }
        }
        Ok(left_out)
    }
}
