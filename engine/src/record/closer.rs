//! The thread `recorder-close`: finishes files, gives them their names, keeps `metadata.yaml`, and deletes files that
//! are not to stay.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use super::books::{Books, FileEntry, Shared, widen};
use super::directory::Place;
use super::file::RecordFile;
use super::ledger::{bookmarks_record, ledger_record};
use super::request::Retention;
use super::status::RecordingEvent;
use super::{Failure, Notes};
use crate::bag::write::metadata::{BagMeta, FileMeta, TopicMeta};
use crate::clock::monotonic_ns;
use crate::ingest::TopicIndex;

/// A file that is to be finished.
pub(super) struct Closing {
    pub file: RecordFile,
    pub number: u32,
    /// Nothing comes after it.
    pub last: bool,
}

/// What the thread owns.
pub(super) struct Closer {
    pub shared: Arc<Shared>,
    pub place: Arc<Place>,
    pub retention: Retention,
    /// Every message is packed by itself.
    pub by_message: bool,
    pub custom: BTreeMap<String, String>,
}

impl Closer {
    /// Works until there is nothing more to do, and gives how the last file ended.
    pub fn run(self, files: &Receiver<Closing>) -> Option<(u32, io::Result<()>)> {
        let mut last = None;
        while let Ok(closing) = files.recv() {
            let Closing {
                file,
                number,
                last: is_last,
            } = closing;
            let outcome = self.close(file, number, is_last);
            if is_last {
                last = Some((number, outcome));
            } else if let Err(error) = outcome {
                let name = self.place.file_name(number);
                self.shared.fail(Failure::Close { name, error });
            }
        }
        last
    }

    fn close(&self, mut file: RecordFile, number: u32, last: bool) -> io::Result<()> {
        let failed = self.shared.has_failed();
        let messages = file.contents().messages();
        let bytes_open = file.length();
        if !failed {
            // Topics without a message are told about too.
            let accounts = self.shared.books();
            let channels = accounts.accounts.values().filter_map(|account| account.channel.clone());
            let channels: Vec<_> = channels.collect();
            drop(accounts);
            file.describe(&channels)?;
        }
        let (records, rosbag2, entry) = {
            let mut books = self.shared.books();
            let counts = by_topic(&file);
            let rows = books.end_file(&counts, last);
            let bookmarks = std::mem::take(&mut books.bookmarks);
            let unnamed = if last { books.unnamed_lost } else { 0 };
            let entry = FileEntry {
                number,
                bytes: 0,
                bytes_open,
                span_ns: file.contents().span_ns(),
                messages,
                counts: counts.iter().map(|(topic, (n, _, _))| (*topic, *n)).collect(),
                finished_ns: 0,
            };
            let mut records = vec![ledger_record(&rows, unnamed)];
            if !bookmarks.is_empty() {
                records.push(bookmarks_record(&bookmarks));
            }
            let rosbag2 = file.about(self.meta(&books, &[&entry]), &records);
            (records, rosbag2, entry)
        };
        file.finish(&records, &rosbag2)?;
        self.place.publish(number)?;
        let entry = FileEntry {
            bytes: file.length(),
            finished_ns: monotonic_ns(),
            ..entry
        };
        let (yaml, removed) = {
            let mut books = self.shared.books();
            books.closing = books.closing.saturating_sub(entry.bytes_open);
            books.files.push(entry);
            let removed = retire(&mut books, self.retention, last);
            let files: Vec<&FileEntry> = books.files.iter().collect();
            (self.meta(&books, &files).file(), removed)
        };
        self.place.describe(&yaml)?;
        for number in removed {
            if let Err(error) = self.place.remove(number) {
                let name = self.place.file_name(number);
                let text = format!("cannot delete {name} to make room: {error}; delete it by hand");
                self.shared.tell(RecordingEvent::Warning(text));
            }
        }
        if !last {
            self.shared.tell(RecordingEvent::Split {
                path: self.place.finished(number),
                number,
                messages,
            });
        }
        Ok(())
    }

    /// What the YAML says about these files.
    fn meta<'a>(&self, books: &'a Books, files: &[&FileEntry]) -> BagMeta<'a> {
        let mut topics: Vec<_> = books
            .accounts
            .iter()
            .map(|(index, account)| {
                let info = &account.info;
                TopicMeta {
                    name: info.name.as_str(),
                    type_name: info.type_name.as_str(),
                    serialization: "cdr",
                    type_hash: info.type_hash.as_ref().map_or("", |hash| &hash.0),
                    offered_qos: &info.offered_qos,
                    messages: files.iter().filter_map(|file| file.counts.get(index)).sum(),
                }
            })
            .collect();
        topics.sort_by_key(|topic| topic.name);
        let files = files.iter().map(|file| FileMeta {
            name: self.place.file_name(file.number),
            span_ns: file.span_ns,
            messages: file.messages,
        });
        BagMeta {
            storage: self.place.storage(),
            by_message: self.by_message,
            files: files.collect(),
            topics,
            custom: self.custom.clone(),
        }
    }
}

/// Takes the files out of the books that are not to stay, and gives their numbers.
fn retire(books: &mut Books, retention: Retention, last: bool) -> Vec<u32> {
    let now = monotonic_ns();
    let mut removed = Vec::new();
    // The newest finished file always stays.
    while books.files.len() > 1 {
        let being_written = usize::from(!last);
        let many = retention
            .max_files
            .is_some_and(|most| books.files.len() + being_written > usize::try_from(most.max(1)).unwrap_or(usize::MAX));
        let large = retention
            .max_bytes
            .is_some_and(|most| books.files.iter().map(|file| file.bytes).sum::<u64>() > most);
        let old = retention.max_age.is_some_and(|age| {
            let limit = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
            books.files.first().is_some_and(|file| now - file.finished_ns > limit)
        });
        if !(many || large || old) {
            break;
        }
        let file = books.files.remove(0);
        books.files_removed += 1;
        books.messages_removed += file.messages;
        books.bytes_removed += file.bytes;
        removed.push(file.number);
    }
    removed
}

/// Messages, repeated ones among them, and the span, by topic.
fn by_topic(file: &RecordFile) -> BTreeMap<TopicIndex, (u64, u64, (u64, u64))> {
    let mut topics: BTreeMap<TopicIndex, (u64, u64, (u64, u64))> = BTreeMap::new();
    for (channel, tally) in file.contents().tallies() {
        let sum = topics.entry(channel.topic).or_insert((0, 0, tally.span));
        sum.0 += tally.messages;
        sum.1 += tally.repeated;
        sum.2 = widen(Some(sum.2), tally.span).unwrap_or(sum.2);
    }
    topics
}

/// What the YAML says about a file before its first message.
pub(super) fn empty_meta(place: &Place, by_message: bool, number: u32) -> BagMeta<'static> {
    BagMeta {
        storage: place.storage(),
        by_message,
        files: vec![FileMeta {
            name: place.file_name(number),
            span_ns: None,
            messages: 0,
        }],
        topics: Vec::new(),
        custom: BTreeMap::new(),
    }
}

/// What stands in `metadata.yaml` under `custom_data`, where `ros2 bag` keeps what users add.
pub(super) fn custom_data(notes: &Notes) -> BTreeMap<String, String> {
    let tags = (!notes.tags.is_empty()).then(|| notes.tags.join(", "));
    let all = [
        ("name", notes.name.clone()),
        ("tags", tags),
        ("note", notes.note.clone()),
    ];
    all.into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}
