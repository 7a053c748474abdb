//! Finding ledger, bookmarks and notes in files, finished or not. What cannot be read is left out: how a file is
//! broken is told by [`crate::bag::info`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use mcap::MAGIC;
use mcap::records::op;
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};
use serde::Serialize;

use super::{BOOKMARKS, BOOKMARKS_TOPIC, LEDGER, LEDGER_TOPIC, LedgerRow, OWN_RECORDS, RUN, TOTAL};
use crate::bag::{Bag, Bookmark, Query};

/// Longest metadata record that is read: ten thousand topics need two megabytes.
const RECORD_MAX: u64 = 16 << 20;
/// Longest record of an unfinished file that is looked into.
const LONGEST: usize = 256 << 20;
/// Most bookmarks that are kept of all files.
const BOOKMARKS_MAX: usize = 100_000;
/// Opcode, length and body of a footer, and the signature behind it.
const END: u64 = 9 + 20 + 8;

/// What a recording tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Journal {
    /// By topic, over all files; `None` when a file tells nothing.
    pub ledger: Option<BTreeMap<String, LedgerRow>>,
    /// The sum over all topics.
    pub total: Option<LedgerRow>,
    /// The last state that an unfinished file tells, as it was written.
    pub last_state: Option<serde_json::Value>,
    /// By time.
    pub bookmarks: Vec<Bookmark>,
    /// Name, tags, note and facts, from the first file that has them.
    pub run: BTreeMap<String, String>,
}

/// Reads what the files of a recording tell about it, in their order.
#[must_use]
pub fn journal(files: &[PathBuf]) -> Journal {
    let mut journal = Journal::default();
    for (index, path) in files.iter().enumerate() {
        let mut found = Found::default();
        if is_tables(path) {
            let _ = tables(path, &mut found);
            journal.add(found, index == 0);
            continue;
        }
        let _ = File::open(path).ok().and_then(|file| {
            let mut file = BufReader::with_capacity(64 * 1024, file);
            summary(&mut file, &mut found).or_else(|| linear(&mut file, &mut found))
        });
        journal.add(found, index == 0);
    }
    journal.bookmarks.sort_by_key(|bookmark| bookmark.time_ns);
    journal.total = journal.ledger.as_mut().and_then(|ledger| ledger.remove(TOTAL));
    journal
}

impl Journal {
    fn add(&mut self, found: Found, first: bool) {
        self.ledger = match (self.ledger.take(), found.ledger) {
            (None, ledger) if first => ledger,
            (Some(mut sum), Some(more)) => {
                for (name, row) in more {
                    let row = sum.get(&name).map_or(row, |known| known.plus(row));
                    let _ = sum.insert(name, row);
                }
                Some(sum)
            }
            _ => None,
        };
        self.last_state = found.last_state.or(self.last_state.take());
        let room = BOOKMARKS_MAX.saturating_sub(self.bookmarks.len());
        self.bookmarks.extend(found.bookmarks.into_iter().take(room));
        if self.run.is_empty() {
            self.run = found.run;
        }
    }
}

#[derive(Default)]
struct Found {
    ledger: Option<BTreeMap<String, LedgerRow>>,
    last_state: Option<serde_json::Value>,
    bookmarks: Vec<Bookmark>,
    run: BTreeMap<String, String>,
    /// Our own channels, by their numbers.
    ledger_channel: Option<u16>,
    bookmarks_channel: Option<u16>,
}

impl Found {
    fn metadata(&mut self, body: &[u8]) -> Option<()> {
        let mut body = Bytes(body);
        let name = body.text()?;
        if !OWN_RECORDS.contains(&name) {
            return Some(());
        }
        let length = body.u32()? as usize;
        let mut entries = Bytes(body.take(length)?);
        let mut map = BTreeMap::new();
        while !entries.0.is_empty() {
            let _ = map.insert(entries.text()?.to_owned(), entries.text()?.to_owned());
        }
        self.record(name, map);
        Some(())
    }

    fn record(&mut self, name: &str, map: BTreeMap<String, String>) {
        match name {
            LEDGER => {
                let rows = map.iter().map(|(name, line)| (name.clone(), LedgerRow::parse(line)));
                self.ledger = Some(rows.collect());
            }
            BOOKMARKS => {
                let marks = map.into_iter().filter_map(|(key, text)| {
                    let time_ns = key.split('#').next()?.parse().ok()?;
                    Some(Bookmark { time_ns, text })
                });
                self.bookmarks = marks.collect();
            }
            RUN => self.run = map,
            _ => {}
        }
    }

    fn channel(&mut self, body: &[u8]) -> Option<()> {
        let mut body = Bytes(body);
        let (id, _schema) = (body.u16()?, body.u16()?);
        match body.text()? {
            LEDGER_TOPIC => self.ledger_channel = Some(id),
            BOOKMARKS_TOPIC => self.bookmarks_channel = Some(id),
            _ => {}
        }
        Some(())
    }

    fn message(&mut self, body: &[u8]) -> Option<()> {
        let mut body = Bytes(body);
        let channel = Some(body.u16()?);
        if channel != self.ledger_channel && channel != self.bookmarks_channel {
            return Some(());
        }
        let _sequence_and_times = body.take(4 + 8 + 8)?;
        self.said(channel == self.ledger_channel, body)
    }

    /// Takes in what the recorder said on one of its own topics.
    fn said(&mut self, is_ledger: bool, mut body: Bytes<'_>) -> Option<()> {
        let _encapsulation = body.take(4)?;
        let value: serde_json::Value = serde_json::from_str(body.text()?.trim_end_matches('\0')).ok()?;
        if is_ledger {
            self.last_state = Some(value);
        } else if self.bookmarks.len() < BOOKMARKS_MAX {
            let time_ns = value.get("time_ns")?.as_u64()?;
            let text = value.get("text")?.as_str()?.to_owned();
            self.bookmarks.push(Bookmark { time_ns, text });
        }
        Some(())
    }
}

fn is_tables(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.contains(".db3")
}

/// Reads what tables tell, and where they were not finished what the recorder said on its own topics.
fn tables(path: &Path, found: &mut Found) -> Option<()> {
    let bag = Bag::open(path).ok()?;
    for (name, entries) in bag.metadata_records() {
        found.record(&name, entries);
    }
    if found.ledger.is_some() {
        return Some(());
    }
    let own = [LEDGER_TOPIC, BOOKMARKS_TOPIC].map(str::to_owned);
    let mut messages = bag.messages(&Query {
        topics: Some(own.into_iter().collect()),
        ..Query::all()
    });
    while let Some(message) = messages.advance() {
        let _ = found.said(message.channel.topic == LEDGER_TOPIC, Bytes(message.payload));
    }
    Some(())
}

/// Reads the records that the summary of a finished file names.
fn summary(file: &mut BufReader<File>, found: &mut Found) -> Option<()> {
    let length = file.seek(SeekFrom::End(0)).ok()?;
    let end = length.checked_sub(END).filter(|end| *end > 8)?;
    let mut footer = [0; END as usize];
    let _ = file.seek(SeekFrom::Start(end)).ok()?;
    file.read_exact(&mut footer).ok()?;
    let is_footer = footer.first() == Some(&op::FOOTER) && footer.ends_with(MAGIC);
    let start = Bytes(footer.get(9..)?)
        .u64()
        .filter(|start| *start > 8 && *start < end)?;
    if !is_footer {
        return None;
    }
    let mut at = start;
    let mut records = Vec::new();
    while at < end {
        let (opcode, length) = head(file, at, end)?;
        if opcode == op::METADATA_INDEX {
            let body = body(file, length)?;
            let mut body = Bytes(&body);
            let (offset, _length) = (body.u64()?, body.u64()?);
            records.push((offset, body.text()?.to_owned()));
        }
        at = at.checked_add(9)?.checked_add(length)?;
    }
    for (offset, name) in records {
        if OWN_RECORDS.contains(&name.as_str()) {
            let (opcode, length) = head(file, offset, end)?;
            if opcode == op::METADATA {
                let _ = found.metadata(&body(file, length)?);
            }
        }
    }
    Some(())
}

/// Opcode and length of the record that begins there and ends before `end`.
fn head(file: &mut BufReader<File>, at: u64, end: u64) -> Option<(u8, u64)> {
    let _ = file.seek(SeekFrom::Start(at)).ok()?;
    let mut head = [0; 9];
    file.read_exact(&mut head).ok()?;
    let length = Bytes(head.get(1..)?).u64()?;
    let behind = at.checked_add(9)?.checked_add(length)?;
    (behind <= end).then_some((*head.first()?, length))
}

fn body(file: &mut BufReader<File>, length: u64) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let read = file.take(length.min(RECORD_MAX)).read_to_end(&mut body).ok()?;
    (read as u64 == length).then_some(body)
}

/// Reads an unfinished file from its start, as far as it goes.
fn linear(file: &mut BufReader<File>, found: &mut Found) -> Option<()> {
    let _ = file.seek(SeekFrom::Start(0)).ok()?;
    let options = LinearReaderOptions::default()
        .with_skip_end_magic(true)
        .with_record_length_limit(LONGEST);
    let mut records = LinearReader::new_with_options(options);
    while let Some(event) = records.next_event() {
        match event.ok()? {
            LinearReadEvent::ReadRequest(wanted) => {
                let read = file.read(records.insert(wanted.min(64 * 1024))).ok()?;
                records.notify_read(read);
            }
            LinearReadEvent::Record { data, opcode } => {
                let _ = match opcode {
                    op::METADATA => found.metadata(data),
                    op::CHANNEL => found.channel(data),
                    op::MESSAGE => found.message(data),
                    _ => Some(()),
                };
            }
        }
    }
    Some(())
}

/// Bytes that are taken from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.u32()? as usize;
        std::str::from_utf8(self.take(length)?).ok()
    }
}
