//! A file without an index, read once from its beginning as far as it goes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use mcap::records::op;

use super::HEAD;
use super::block::{Block, Kind, Records, message};
use super::reader::Reader;
use super::records::{Found, MESSAGE_HEAD, MessageHead, RECORD_MAX};

/// A row of messages outside of chunks becomes a block at this size.
const ROW_BYTES: u64 = 4 * 1024 * 1024;

/// And at so many messages.
const ROW_MESSAGES: u64 = 16 * 1024;

/// What was found.
#[derive(Default)]
pub(super) struct Scan {
    pub found: Found,
    pub blocks: Vec<Block>,
    pub problem: Option<String>,
    /// The end of the file was reached in its order.
    pub ended: bool,
    pub sound_bytes: u64,
    row: Option<Row>,
}

/// Messages outside of chunks.
struct Row {
    offset: u64,
    end: u64,
    span_ns: (u64, u64),
    messages: u64,
    channels: BTreeMap<u16, u64>,
}

pub(super) fn scan(reader: &mut Reader, file: &File) -> io::Result<Scan> {
    let mut scan = Scan {
        sound_bytes: reader.at,
        ..Scan::default()
    };
    scan.read(reader, file)?;
    scan.close_row();
    Ok(scan)
}

impl Scan {
    fn read(&mut self, reader: &mut Reader, file: &File) -> io::Result<()> {
        loop {
            let offset = reader.at;
            let Some((opcode, length)) = reader.head()? else {
                return Ok(());
            };
            let torn = length > reader.left();
            match opcode {
                op::FOOTER | op::DATA_END => {
                    // What follows only helps to find things.
                    self.ended = !torn;
                    return Ok(());
                }
                op::CHUNK => {
                    self.close_row();
                    let there = length.min(reader.left());
                    self.chunk(file, offset, HEAD.saturating_add(there), torn)?;
                    if torn {
                        return Ok(());
                    }
                    reader.skip(length)?;
                }
                _ if torn => return Ok(()),
                op::SCHEMA | op::CHANNEL | op::METADATA if length > RECORD_MAX => {
                    self.problem = Some("a record is too long for what it is; the others were read".to_owned());
                    reader.skip(length)?;
                }
                op::SCHEMA | op::CHANNEL | op::METADATA => {
                    let body = reader.body(length)?;
                    if self.found.record(opcode, &body).is_none() {
                        self.problem = Some("a record is damaged; the others were read".to_owned());
                    }
                }
                op::MESSAGE => self.message(reader, offset, length)?,
                op::ATTACHMENT => {
                    self.found.attachments.push((offset, HEAD.saturating_add(length)));
                    reader.skip(length)?;
                }
                // What only helps to find things, and what a later version of the format may add.
                _ => reader.skip(length)?,
            }
            self.sound_bytes = reader.at;
        }
    }

    /// Takes a message without reading its payload.
    fn message(&mut self, reader: &mut Reader, offset: u64, length: u64) -> io::Result<()> {
        let mut head = [0; MESSAGE_HEAD];
        if length < MESSAGE_HEAD as u64 {
            self.problem = Some("a record is damaged; the others were read".to_owned());
            return reader.skip(length);
        }
        let _ = reader.read(&mut head)?;
        reader.skip(length - MESSAGE_HEAD as u64)?;
        let Some((head, _)) = MessageHead::parse(&head) else {
            return Ok(());
        };
        let time_ns = head.log_time_ns;
        self.found.message(head.channel, time_ns);
        let row = self.row.get_or_insert_with(|| Row {
            offset,
            end: offset,
            span_ns: (time_ns, time_ns),
            messages: 0,
            channels: BTreeMap::new(),
        });
        row.end = reader.at;
        row.messages += 1;
        row.span_ns = (row.span_ns.0.min(time_ns), row.span_ns.1.max(time_ns));
        *row.channels.entry(head.channel).or_default() += 1;
        if row.messages >= ROW_MESSAGES || row.end.saturating_sub(row.offset) >= ROW_BYTES {
            self.close_row();
        }
        Ok(())
    }

    fn close_row(&mut self) {
        let Some(row) = self.row.take() else { return };
        self.blocks.push(Block {
            span_ns: row.span_ns,
            kind: Kind::Row,
            offset: row.offset,
            length: row.end.saturating_sub(row.offset),
            channels: row.channels.into_iter().map(|(id, count)| (id, Some(count))).collect(),
        });
    }

    fn chunk(&mut self, file: &File, offset: u64, length: u64, torn: bool) -> io::Result<()> {
        let mut block = Block {
            span_ns: (u64::MAX, 0),
            kind: Kind::Chunk,
            offset,
            length,
            channels: Vec::new(),
        };
        let loaded = block.load(file)?;
        let mut counts = BTreeMap::<u16, u64>::new();
        let mut records = Records::of(&loaded.records);
        let mut damaged = false;
        for record in &mut records {
            if let Some((head, _)) = message(&record) {
                self.found.message(head.channel, head.log_time_ns);
                *counts.entry(head.channel).or_default() += 1;
                block.span_ns.0 = block.span_ns.0.min(head.log_time_ns);
                block.span_ns.1 = block.span_ns.1.max(head.log_time_ns);
            } else if self.found.record(record.opcode, record.body).is_none() {
                damaged = true;
            }
        }
        damaged |= loaded.problem.is_some() || !records.is_at_end();
        if damaged && !torn {
            let what = loaded.problem.unwrap_or("a record in it is damaged");
            self.problem = Some(format!(
                "a chunk is damaged: {what}; the messages of the others were read"
            ));
        }
        if !counts.is_empty() {
            block.channels = counts.into_iter().map(|(id, count)| (id, Some(count))).collect();
            self.blocks.push(block);
        }
        Ok(())
    }
}
