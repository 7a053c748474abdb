//! Where bytes go: the file, and the trait that lets tests stand a failing disk in its place.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use rustix::fs::FallocateFlags;

/// A file that is written from its start to its end by one thread, and synced by another.
pub trait Sink: Send + Sync {
    /// Appends some of `bytes` and says how many.
    ///
    /// # Errors
    /// What the system says.
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Returns when everything written before is on the disk.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to `length` bytes; the next write goes there.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Makes sure that the file can grow from `length` by `bytes`, as far as the file system can promise that.
    ///
    /// # Errors
    /// When there is no room.
    fn reserve(&self, length: u64, bytes: u64) -> io::Result<()>;

    /// Bytes that are free on the disk for this user; `None` when that is not known.
    ///
    /// # Errors
    /// What the system says.
    fn free_bytes(&self) -> io::Result<Option<u64>> {
        Ok(None)
    }
}

/// A plain file.
#[derive(Debug)]
pub struct DiskFile(File);

impl DiskFile {
    /// Takes over an empty file that is open for writing.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self(file)
    }
}

impl Sink for DiskFile {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0).write(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)?;
        let _ = rustix::fs::seek(&self.0, rustix::fs::SeekFrom::Start(length))?;
        Ok(())
    }

    fn reserve(&self, length: u64, bytes: u64) -> io::Result<()> {
        use rustix::io::Errno;
        match rustix::fs::fallocate(&self.0, FallocateFlags::KEEP_SIZE, length, bytes) {
            // A file system that cannot promise room tells about a full disk at the write.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn free_bytes(&self) -> io::Result<Option<u64>> {
        let disk = rustix::fs::fstatvfs(&self.0)?;
        Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
    }
}

/// What must be on the disk so that a file is: itself, and with SQLite the log that is written before it.
#[derive(Clone)]
pub(super) struct Target {
    pub sink: Arc<dyn Sink>,
    log: Option<Arc<File>>,
}

impl Target {
    pub fn new(sink: Arc<dyn Sink>, log: Option<File>) -> Self {
        Self {
            sink,
            log: log.map(Arc::new),
        }
    }

    /// Returns when everything written before is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        if let Some(log) = &self.log {
            log.sync_data()?;
        }
        self.sink.sync()
    }
}

/// Appends all of `bytes`.
pub(super) fn append(sink: &dyn Sink, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match sink.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
