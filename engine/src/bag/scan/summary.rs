//! The end of a finished file: its summary, which spares the reading of the rest.

use std::collections::BTreeMap;
use std::io;

use mcap::MAGIC;
use mcap::records::op;

use super::HEAD;
use super::found::Found;
use super::reader::Reader;
use crate::bag::cursor::Cursor;
use crate::record::meta::LEDGER;

/// Opcode, length and body of a footer, and the signature behind it.
const END: u64 = HEAD + 20 + 8;

/// What a file's end tells.
pub(super) enum Summary {
    /// Everything a glance needs.
    Told,
    /// The file was finished, without statistics.
    Silent,
}

/// Reads the summary; `None` when the file has no end.
pub(super) fn summary(reader: &mut Reader, found: &mut Found) -> io::Result<Option<Summary>> {
    if reader.bytes < 8 + END {
        return Ok(None);
    }
    let end = reader.bytes - END;
    reader.seek(end)?;
    let mut footer = [0; END as usize];
    if reader.read(&mut footer)?.is_none()
        || footer[29..] != *MAGIC
        || footer[..9] != [op::FOOTER, 20, 0, 0, 0, 0, 0, 0, 0]
    {
        return Ok(None);
    }
    let start = Cursor(&footer[9..]).u64().unwrap_or(0);
    if start < 8 || start >= end {
        return Ok(Some(Summary::Silent));
    }
    reader.seek(start)?;
    let mut told = false;
    let mut ledger_at = None;
    while reader.at < end {
        let Some((opcode, length)) = reader.head()? else {
            return Ok(Some(Summary::Silent));
        };
        if length > end.saturating_sub(reader.at) {
            return Ok(Some(Summary::Silent));
        }
        match opcode {
            op::SCHEMA | op::CHANNEL => {
                let body = reader.body(length)?;
                if found.record(opcode, &body).is_none() {
                    return Ok(Some(Summary::Silent));
                }
            }
            op::STATISTICS => told = statistics(&reader.body(length)?, found).is_some(),
            op::METADATA_INDEX => {
                let body = reader.body(length)?;
                let mut cursor = Cursor(&body);
                if let (Some(offset), Some(_), Some(name)) = (cursor.u64(), cursor.u64(), cursor.text())
                    && name == LEDGER
                {
                    ledger_at = Some(offset);
                }
            }
            _ => reader.skip(length)?,
        }
    }
    if let Some(offset) = ledger_at.filter(|offset| *offset < end) {
        reader.seek(offset)?;
        if let Some((op::METADATA, length)) = reader.head()?
            && length <= reader.left()
        {
            let _ = found.record(op::METADATA, &reader.body(length)?);
        }
    }
    // Counts of channels that the summary does not describe say that it is not to be trusted.
    let described = found.counts.keys().all(|channel| found.channels.contains_key(channel));
    Ok(Some(if told && described {
        Summary::Told
    } else {
        Summary::Silent
    }))
}

fn statistics(body: &[u8], found: &mut Found) -> Option<()> {
    let mut cursor = Cursor(body);
    let messages = cursor.u64()?;
    let _counts_of_records = cursor.bytes(2 + 4 + 4 + 4 + 4)?;
    let span = (cursor.u64()?, cursor.u64()?);
    let mut entries = cursor.block()?;
    let mut counts = BTreeMap::new();
    let mut sum = 0_u64;
    while !entries.is_empty() {
        let (channel, count) = (entries.u16()?, entries.u64()?);
        sum = sum.checked_add(count)?;
        if count > 0 {
            let _ = counts.insert(channel, count);
        }
    }
    if sum != messages {
        return None;
    }
    found.counts = counts;
    found.span_ns = (messages > 0).then_some(span);
    Some(())
}
