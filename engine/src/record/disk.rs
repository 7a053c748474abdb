//! The thread `recorder-disk`: puts chunks into the file in their order, and begins the next file before the old one
//! is finished, which another thread does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::{io, mem};

use mcap::records::Metadata;

use super::Failure;
use super::books::Shared;
use super::chunk::{Chunk, Packer, Sealed};
use super::closer::{Closing, empty_meta};
use super::directory::{LOG_SUFFIX, Place};
use super::file::RecordFile;
use super::sink::{DiskFile, Sink};
use super::syncer::{Syncer, Unsynced};
use crate::bag::{Storage, with_suffix};

/// Puts something between the recorder and its files.
pub(super) type Wrap = Box<dyn FnMut(DiskFile) -> Box<dyn Sink> + Send>;

/// What the thread is asked to do, in this order.
pub(super) enum Job {
    /// Appends a chunk.
    Chunk(Load),
    /// Begins the next file.
    Split,
    /// Finishes the file; the next chunk begins another.
    Close,
}

/// A chunk on its way.
pub(super) struct Load {
    pub serial: u64,
    /// Bytes that the books have down as being on their way.
    pub bytes: u64,
    pub content: Content,
}

pub(super) enum Content {
    Plain(Box<Chunk>),
    /// A worker is at it.
    Packing(Receiver<io::Result<Sealed>>),
}

/// Makes files, one after the other.
pub(super) struct Opener {
    pub place: Arc<Place>,
    pub wrap: Wrap,
    /// What stands at the beginning of every file about the run.
    pub run: Metadata,
    /// Every message is packed by itself.
    pub by_message: bool,
}

impl Opener {
    /// Makes the file with this number; its head is on the disk then.
    pub fn open(&mut self, number: u32) -> io::Result<RecordFile> {
        let file = self.place.open(number)?;
        let sink: Arc<dyn Sink> = Arc::from((self.wrap)(file));
        let meta = empty_meta(&self.place, self.by_message, number);
        let active = self.place.active(number);
        let opened = RecordFile::create(sink, &active, meta, &self.run).inspect_err(|_| {
            // What holds nothing is no recording that was not finished.
            let _ = std::fs::remove_file(&active);
            let _ = std::fs::remove_file(with_suffix(&active, LOG_SUFFIX));
        })?;
        if self.place.storage() == Storage::Sqlite3 {
            // A log came into being beside it.
            self.place.sync()?;
        }
        Ok(opened)
    }
}

/// What the thread owns.
pub(super) struct Disk {
    pub shared: Arc<Shared>,
    pub syncer: Arc<Syncer>,
    pub opener: Opener,
    pub file: Option<RecordFile>,
    /// The number of the file, or of the next one.
    pub number: u32,
    pub closer: SyncSender<Closing>,
    /// Seals what no worker has sealed.
    pub packer: Packer,
    /// Memory of chunks that were written goes back there.
    pub spare: SyncSender<Vec<u8>>,
}

impl Disk {
    /// Works until there is nothing more to do, and gives the file that is still open, with its number.
    pub fn run(mut self, jobs: &Receiver<Job>) -> Option<(RecordFile, u32)> {
        while let Ok(job) = jobs.recv() {
            let done = match job {
                Job::Chunk(load) => self.append(load),
                Job::Split => self.split(),
                Job::Close => {
                    self.close();
                    Ok(())
                }
            };
            if let Err(error) = done {
                self.shared.fail(Failure::Write(error));
            }
        }
        let number = self.number;
        self.file.take().map(|file| (file, number))
    }

    fn append(&mut self, load: Load) -> io::Result<()> {
        let sealed = match load.content {
            Content::Plain(chunk) => chunk.seal(&mut self.packer),
            Content::Packing(result) => match result.recv() {
                Ok(sealed) => sealed,
                Err(_) => Err(io::Error::other("a worker that compresses ended early")),
            },
        };
        let sealed = sealed?;
        let written = if self.shared.has_failed() {
            Ok(false)
        } else {
            self.put(&sealed).map(|()| true)
        };
        let mut books = self.shared.books();
        let length = self.file.as_ref().map_or(0, RecordFile::length);
        match (&written, &self.file) {
            (Ok(true), Some(file)) => {
                books.write(load.bytes, length, &sealed.tallies);
                drop(books);
                self.syncer.add(Unsynced {
                    number: self.number,
                    target: file.target().clone(),
                    serial: load.serial,
                    bytes: sealed.bytes.len() as u64,
                    tallies: sealed.tallies,
                    oldest_ns: sealed.oldest_ns,
                });
            }
            _ => books.tear(load.bytes, &sealed.tallies),
        }
        if sealed.is_plain {
            match self.spare.try_send(sealed.bytes) {
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
        written.map(drop)
    }

    fn put(&mut self, sealed: &Sealed) -> io::Result<()> {
        if self.file.is_none() {
            self.begin()?;
        }
        match &mut self.file {
            Some(file) => file.append(sealed),
            None => Ok(()),
        }
    }

    /// Opens the file with the present number.
    fn begin(&mut self) -> io::Result<()> {
        let file = self.opener.open(self.number)?;
        self.syncer.watch(file.target().clone());
        let mut books = self.shared.books();
        books.number = self.number;
        books.length = file.length();
        drop(books);
        self.shared.files.store(self.number + 1, Ordering::Relaxed);
        self.file = Some(file);
        Ok(())
    }

    /// The next file is open before the old one is finished.
    fn split(&mut self) -> io::Result<()> {
        if self.shared.has_failed() {
            return Ok(());
        }
        let Some(old) = mem::take(&mut self.file) else {
            return Ok(());
        };
        let number = self.number;
        self.number += 1;
        let length = old.length();
        self.shared.books().hand_over(length);
        match self.begin() {
            Ok(()) => {
                self.hand_over(old, number);
                Ok(())
            }
            Err(error) => {
                let mut books = self.shared.books();
                books.closing = books.closing.saturating_sub(length);
                books.length = length;
                self.file = Some(old);
                self.number = number;
                Err(error)
            }
        }
    }

    fn close(&mut self) {
        if self.shared.has_failed() {
            return;
        }
        if let Some(file) = self.file.take() {
            let number = self.number;
            self.number += 1;
            self.shared.books().hand_over(file.length());
            self.hand_over(file, number);
        }
    }

    fn hand_over(&self, file: RecordFile, number: u32) {
        // The closer ends after this thread only.
        let _ = self.closer.send(Closing {
            file,
            number,
            last: false,
        });
    }
}
