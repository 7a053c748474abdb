//! The inside of a chunk, packed or not, of which perhaps only a part is in the file.

use std::io::{self, Read};

use mcap::records::op;
use mcap::sans_io::linear_reader::{LinearReadEvent, LinearReader, LinearReaderOptions};

use super::found::Found;
use super::reader::Reader;
use super::{HEAD, message};
use crate::bag::cursor::Cursor;

/// The longest record inside a compressed chunk that is looked into; the largest messages of robots are far smaller.
const LONGEST_PACKED: u64 = 256 * 1024 * 1024;

/// Looks into a chunk of which `available` bytes are in the file. `None` when something in it makes no sense; what
/// came before that is counted.
pub(super) fn chunk(reader: &mut Reader, available: u64, found: &mut Found) -> io::Result<Option<()>> {
    let end = reader.at + available;
    let mut fixed = [0; 32];
    if available < 40 || reader.read(&mut fixed)?.is_none() {
        return Ok(None);
    }
    let Some(name_length) = Cursor(&fixed[28..]).u32().filter(|length| *length <= 16) else {
        return Ok(None);
    };
    let rest = u64::from(name_length) + 8;
    if rest > end - reader.at {
        return Ok(None);
    }
    let rest = reader.body(rest)?;
    let Some((name, size)) = rest.split_at_checked(name_length as usize) else {
        return Ok(None);
    };
    let Some(packed) = Cursor(size).u64() else {
        return Ok(None);
    };
    let end = end.min(reader.at.saturating_add(packed));
    if name.is_empty() {
        return plain_chunk(reader, end, found);
    }
    packed_chunk(reader, end, &fixed, &rest, found)
}

fn plain_chunk(reader: &mut Reader, end: u64, found: &mut Found) -> io::Result<Option<()>> {
    while reader.at < end {
        if end - reader.at < HEAD {
            return Ok(None);
        }
        let Some((opcode, length)) = reader.head()? else {
            return Ok(None);
        };
        if length > end.saturating_sub(reader.at) {
            return Ok(None);
        }
        match opcode {
            op::MESSAGE => message(reader, length, found)?,
            op::SCHEMA | op::CHANNEL => {
                let body = reader.body(length)?;
                if found.record(opcode, &body).is_none() {
                    return Ok(None);
                }
            }
            _ => reader.skip(length)?,
        }
    }
    Ok(Some(()))
}

/// Hands the chunk to the `mcap` crate as a stream of that one record, with sizes as they really are.
fn packed_chunk(reader: &mut Reader, end: u64, fixed: &[u8], rest: &[u8], found: &mut Found) -> io::Result<Option<()>> {
    let packed = end - reader.at;
    let (name, _) = rest.split_at(rest.len() - 8);
    let length = fixed.len() as u64 + rest.len() as u64 + packed;
    let mut head = vec![op::CHUNK];
    head.extend_from_slice(&length.to_le_bytes());
    head.extend_from_slice(fixed);
    head.extend_from_slice(name);
    head.extend_from_slice(&packed.to_le_bytes());
    let mut stream = head.as_slice().chain(reader.file.by_ref().take(packed));
    let longest = Cursor(&fixed[16..]).u64().unwrap_or(0).min(LONGEST_PACKED);
    let options = LinearReaderOptions::default()
        .with_skip_start_magic(true)
        .with_skip_end_magic(true)
        .with_record_length_limit(usize::try_from(longest).unwrap_or(usize::MAX).max(4096));
    let mut records = LinearReader::new_with_options(options);
    let mut whole = Some(());
    loop {
        match records.next_event() {
            None => break,
            Some(Err(_)) => {
                whole = None;
                break;
            }
            Some(Ok(LinearReadEvent::ReadRequest(wanted))) => {
                // Never more at once than a buffer: the reader asks again.
                let read = stream.read(records.insert(wanted.min(64 * 1024)))?;
                records.notify_read(read);
            }
            Some(Ok(LinearReadEvent::Record { data, opcode })) => {
                if found.record(opcode, data).is_none() {
                    whole = None;
                    break;
                }
            }
        }
    }
    reader.seek(end)?;
    Ok(whole)
}
