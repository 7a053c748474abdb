//! What is in one MCAP file: from its summary when it has one, else record by record.
//!
//! The format is that of <https://mcap.dev/spec>. Only what a glance needs is parsed here, with every length checked
//! against the file; compressed chunks are opened by the `mcap` crate.

mod chunk;
mod found;
mod reader;
mod summary;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use mcap::MAGIC;
use mcap::records::op;

use super::BagError;
use crate::loss::Loss;
use chunk::chunk;
use found::Found;
use reader::Reader;
use summary::{Summary, summary};

/// Opcode and length of a record.
const HEAD: u64 = 9;

/// One channel of a file.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub topic: String,
    pub type_name: Option<String>,
    pub messages: u64,
}

/// What is in a file.
#[derive(Default)]
pub(super) struct Scan {
    pub bytes: u64,
    pub channels: Vec<Channel>,
    pub span_ns: Option<(u64, u64)>,
    /// Why the file is not whole.
    pub problem: Option<String>,
    pub ledger: Option<BTreeMap<String, Loss>>,
}

impl Scan {
    /// Adds the next file of the same recording.
    pub(super) fn add(&mut self, other: Self, first: bool) {
        self.channels.extend(other.channels);
        if let Some((start, end)) = other.span_ns {
            let (known_start, known_end) = self.span_ns.unwrap_or((start, end));
            self.span_ns = Some((known_start.min(start), known_end.max(end)));
        }
        // The loss of a recording is known when every part of it tells.
        self.ledger = match (self.ledger.take(), other.ledger) {
            (None, ledger) if first => ledger,
            (Some(mut sum), Some(more)) => {
                for (name, loss) in more {
                    let known = sum.entry(name).or_insert(Loss::NONE);
                    *known = known.plus(loss);
                }
                Some(sum)
            }
            _ => None,
        };
    }
}

/// Scans a file.
pub(super) fn file(path: &Path) -> Result<Scan, BagError> {
    let io_error = |source| BagError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io_error)?;
    let bytes = file.metadata().map_err(io_error)?.len();
    let mut reader = Reader {
        file: BufReader::with_capacity(64 * 1024, file),
        bytes,
        at: 0,
    };
    let mut magic = [0; 8];
    if bytes < 8 || reader.read(&mut magic).map_err(io_error)?.is_none() || magic != *MAGIC {
        return Err(BagError::NotMcap { path: path.to_owned() });
    }
    let mut found = Found::default();
    let ended = match summary(&mut reader, &mut found).map_err(io_error)? {
        Some(Summary::Told) => true,
        Some(Summary::Silent) => {
            found = Found::default();
            reader.seek(8).map_err(io_error)?;
            linear(&mut reader, &mut found).map_err(io_error)?
        }
        None => {
            found = Found::default();
            reader.seek(8).map_err(io_error)?;
            let _ = linear(&mut reader, &mut found).map_err(io_error)?;
            false
        }
    };
    let problem = match found.problem.take() {
        Some(problem) => Some(problem),
        None if !ended => Some("the file was not finished; it was read as far as it goes".to_owned()),
        None => None,
    };
    Ok(found.into_scan(bytes, problem))
}

/// Reads record by record. True when the file has an end.
fn linear(reader: &mut Reader, found: &mut Found) -> io::Result<bool> {
    while let Some((opcode, length)) = reader.head()? {
        let torn = length > reader.left();
        match opcode {
            op::FOOTER => return Ok(!torn),
            op::CHUNK => {
                let behind = reader.at.saturating_add(length);
                if chunk(reader, length.min(reader.left()), found)?.is_none() && !torn {
                    found.problem = Some("a chunk is damaged; the messages of the others were read".to_owned());
                }
                if torn {
                    return Ok(false);
                }
                reader.seek(behind)?;
            }
            _ if torn => return Ok(false),
            op::SCHEMA | op::CHANNEL | op::METADATA => {
                let body = reader.body(length)?;
                if found.record(opcode, &body).is_none() {
                    found.problem = Some("a record is damaged; the others were read".to_owned());
                }
            }
            op::MESSAGE => message(reader, length, found)?,
            // What only helps to find things, and what a later version of the format may add.
            _ => reader.skip(length)?,
        }
    }
    Ok(false)
}

/// Counts a message without reading its payload.
fn message(reader: &mut Reader, length: u64, found: &mut Found) -> io::Result<()> {
    let mut head = [0; 14];
    let size = length.min(head.len() as u64);
    let head = &mut head[..size as usize];
    let _ = reader.read(head)?;
    let _ = found.record(op::MESSAGE, head);
    reader.skip(length - size)
}
