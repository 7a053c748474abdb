//! A file as a row of records, every length checked against what is there.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::HEAD;
use crate::bag::cursor::Cursor;

/// A file, and how far it was read.
pub(super) struct Reader {
    pub(super) file: BufReader<File>,
    pub(super) bytes: u64,
    pub(super) at: u64,
}

impl Reader {
    pub(super) fn left(&self) -> u64 {
        self.bytes.saturating_sub(self.at)
    }

    /// Fills `buffer`; `None` when the file ends first.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<()>> {
        match self.file.read_exact(buffer) {
            Ok(()) => {
                self.at = self.at.saturating_add(buffer.len() as u64);
                Ok(Some(()))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.at = self.bytes;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Opcode and length of the next record; `None` at the end of the file.
    pub(super) fn head(&mut self) -> io::Result<Option<(u8, u64)>> {
        let mut head = [0; HEAD as usize];
        if self.left() < HEAD || self.read(&mut head)?.is_none() {
            return Ok(None);
        }
        let mut cursor = Cursor(&head[1..]);
        Ok(cursor.u64().map(|length| (head[0], length)))
    }

    /// `length` bytes, which the caller has checked to be there.
    pub(super) fn body(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        // Grows with what is read, not with what is claimed.
        let read = self.file.by_ref().take(length).read_to_end(&mut body)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(body)
    }

    pub(super) fn skip(&mut self, length: u64) -> io::Result<()> {
        let step = i64::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.file.seek_relative(step)?;
        self.at = self.at.saturating_add(length);
        Ok(())
    }

    pub(super) fn seek(&mut self, to: u64) -> io::Result<()> {
        self.at = self.file.seek(SeekFrom::Start(to))?;
        Ok(())
    }
}
