//! One MCAP file: its channels, and where its messages are.
//!
//! The format is that of <https://mcap.dev/spec>. A file with an index is opened by its end alone; any other is read once,
//! as far as it goes. Either way its messages lie in blocks: a chunk, or a row of messages outside of one.

pub(super) mod block;
mod check;
mod linear;
mod reader;
pub(super) mod records;
mod summary;

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use mcap::MAGIC;

use super::{BagError, FileState};
use block::Block;
use reader::Reader;
use records::Found;
use summary::Summary;

/// Opcode and length of a record.
const HEAD: u64 = 9;

/// What is in a file.
#[derive(Debug)]
pub(super) struct McapFile {
    pub file: Arc<File>,
    pub bytes: u64,
    pub found: Found,
    pub blocks: Vec<Block>,
    pub state: FileState,
    pub problem: Option<String>,
    /// Where its whole records end: behind that there is nothing, or what cannot be read.
    pub sound_bytes: u64,
}

impl McapFile {
    /// Opens the file at `path`, or what was unpacked from it.
    pub(super) fn open(path: &Path, file: File) -> Result<Self, BagError> {
        let io_error = |source| BagError::Io {
            path: path.to_owned(),
            source,
        };
        let bytes = file.metadata().map_err(io_error)?.len();
        let shared = Arc::new(file.try_clone().map_err(io_error)?);
        let mut reader = Reader {
            file: BufReader::with_capacity(64 * 1024, file),
            bytes,
            at: 0,
        };
        let mut magic = [0; 8];
        reader.seek(0).map_err(io_error)?;
        if bytes < 8 || reader.read(&mut magic).map_err(io_error)?.is_none() || magic != *MAGIC {
            return Err(BagError::NotMcap { path: path.to_owned() });
        }
        Self::read(reader, shared).map_err(io_error)
    }

    fn read(mut reader: Reader, file: Arc<File>) -> io::Result<Self> {
        let bytes = reader.bytes;
        // Whether the CRC in the footer fits the index; `None` when it has none.
        let (ended, index_crc) = match summary::summary(&mut reader)? {
            Some(Summary::Told { found, blocks }) => {
                return Ok(Self {
                    file,
                    bytes,
                    found: *found,
                    blocks,
                    state: FileState::Indexed,
                    problem: None,
                    sound_bytes: bytes,
                });
            }
            Some(Summary::Silent { crc }) => (true, crc),
            None => (false, None),
        };
        reader.seek(8)?;
        let scan = linear::scan(&mut reader, &file)?;
        let ended = ended && scan.ended;
        let problem = scan.problem.or_else(|| {
            let unfinished = !ended;
            unfinished.then(|| "the file was not finished; it was read as far as it goes".to_owned())
        });
        let problem = match index_crc {
            Some(false) if problem.is_none() => {
                Some("the checksum of its index is wrong; it was read whole".to_owned())
            }
            _ => problem,
        };
        Ok(Self {
            file,
            bytes,
            found: scan.found,
            blocks: scan.blocks,
            state: if ended { FileState::Unindexed } else { FileState::CutOff },
            problem,
            sound_bytes: if ended { bytes } else { scan.sound_bytes },
        })
    }
}
