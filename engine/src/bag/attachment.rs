//! What lies in an MCAP file beside its messages, such as a calibration or a map: read in pieces, however long it is.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;

use super::mcap_file::McapFile;

/// Opcode and length before the body of a record.
const RECORD_HEAD: u64 = 9;
/// The checksum behind the content.
const CHECKSUM: u64 = 4;
/// Longest name and media type that are believed.
const TEXT_MAX: u32 = 64 * 1024;

/// An attachment of a file.
pub struct Attachment<'a> {
    /// When it was recorded, in nanoseconds since 1970.
    pub log_time_ns: u64,
    /// When it was made; 0 where that is not known.
    pub create_time_ns: u64,
    /// Its name.
    pub name: String,
    /// What it is, such as `image/png`.
    pub media_type: String,
    /// Bytes of its content.
    pub bytes: u64,
    file: &'a File,
    /// Where the content begins.
    at: u64,
    /// The checksum so far, and what it should be; 0 where the writer made none.
    hasher: crc32fast::Hasher,
    crc: u32,
}

impl Attachment<'_> {
    /// True when all of it was read and is not what was written.
    pub(super) fn is_damaged(&self) -> bool {
        self.crc != 0 && self.hasher.clone().finalize() != self.crc
    }
}

impl Read for Attachment<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.bytes).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let read = self.file.read_at(buffer, self.at)?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        self.at = self.at.saturating_add(read as u64);
        self.bytes = self.bytes.saturating_sub(read as u64);
        Ok(read)
    }
}

/// The attachments of a file; an error for each that makes no sense.
pub(super) fn attachments(file: &McapFile) -> impl Iterator<Item = io::Result<Attachment<'_>>> {
    let places = file.found.attachments.iter();
    places.map(|(offset, length)| open(&file.file, *offset, *length))
}

fn open(file: &File, offset: u64, length: u64) -> io::Result<Attachment<'_>> {
    let wrong = || io::Error::other("it is not laid out as an attachment");
    let end = offset
        .checked_add(length)
        .and_then(|end| end.checked_sub(CHECKSUM))
        .ok_or_else(wrong)?;
    let mut head = Head {
        file,
        at: offset.checked_add(RECORD_HEAD).ok_or_else(wrong)?,
        end,
        hasher: crc32fast::Hasher::new(),
    };
    let (log_time_ns, create_time_ns) = (head.u64()?, head.u64()?);
    let (name, media_type) = (head.text()?, head.text()?);
    let bytes = head.u64()?;
    if head.at.checked_add(bytes) != Some(end) {
        return Err(wrong());
    }
    let mut crc = [0; 4];
    file.read_exact_at(&mut crc, end)?;
    Ok(Attachment {
        log_time_ns,
        create_time_ns,
        name,
        media_type,
        bytes,
        file,
        at: head.at,
        hasher: head.hasher,
        crc: u32::from_le_bytes(crc),
    })
}

/// Reads what stands before the content.
struct Head<'a> {
    file: &'a File,
    at: u64,
    end: u64,
    hasher: crc32fast::Hasher,
}

impl Head<'_> {
    fn take(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let next = self.at.saturating_add(buffer.len() as u64);
        if next > self.end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buffer, self.at)?;
        self.hasher.update(buffer);
        self.at = next;
        Ok(())
    }

    fn u64(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.take(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn text(&mut self) -> io::Result<String> {
        let mut length = [0; 4];
        self.take(&mut length)?;
        let length = u32::from_le_bytes(length);
        if length > TEXT_MAX {
            return Err(io::Error::other("its name is too long"));
        }
        let mut bytes = vec![0; length as usize];
        self.take(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
