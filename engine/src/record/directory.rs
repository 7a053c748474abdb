//! The directory of a recording: made and locked at the start; its files get their final names when they are finished.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::RecordError;
use super::sink::DiskFile;
use crate::bag::{Storage, with_suffix};

/// What SQLite puts behind the name of a file for its log.
pub(super) const LOG_SUFFIX: &str = "-wal";

/// The name that `ros2 bag record` gives to a recording begun now, in local time: `rosbag2_2026_11_24-03_33_17`.
#[must_use]
pub fn default_name() -> String {
    jiff::ZonedDateTime::now()
        .strftime("rosbag2_%Y_%m_%d-%H_%M_%S")
        .to_string()
}

/// The directory and the names in it.
#[derive(Debug)]
pub(super) struct Place {
    directory: PathBuf,
    /// The last part of the path, which the files are named after.
    stem: String,
    storage: Storage,
    /// Directories that did not exist before, outermost first: removed again when the start fails.
    made: Vec<PathBuf>,
    /// The open directory, which is locked as long as it is open: a process that is killed leaves no lock behind.
    held: Option<File>,
}

impl Place {
    /// Makes the directory, with its parents, and locks it.
    pub(super) fn create(wanted: &Path, storage: Storage) -> Result<Self, RecordError> {
        let bad_name = || RecordError::BadName {
            path: wanted.to_owned(),
        };
        let directory = std::path::absolute(wanted).map_err(|_| bad_name())?;
        let stem = directory
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(bad_name)?;
        if stem.chars().any(char::is_control) || directory.components().any(|c| c == std::path::Component::ParentDir) {
            return Err(bad_name());
        }
        let mut place = Self {
            stem: stem.to_owned(),
            storage,
            directory,
            made: Vec::new(),
            held: None,
        };
        if let Err(error) = place.make() {
            place.undo();
            return Err(error);
        }
        Ok(place)
    }

    fn make(&mut self) -> Result<(), RecordError> {
        let path = self.directory.clone();
        let mut missing = Vec::new();
        for place in path.ancestors() {
            match fs::metadata(place) {
                Ok(found) if found.is_dir() => break,
                Ok(_) => {
                    let obstacle = place.to_owned();
                    return Err(RecordError::InTheWay { path, obstacle });
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    missing.push(place.to_owned());
                }
                Err(error) => return Err(RecordError::from_io(&path, place, error)),
            }
        }
        for place in missing.into_iter().rev() {
            let above = place.parent().unwrap_or(&path).to_owned();
            match fs::create_dir(&place) {
                Ok(()) => self.made.push(place),
                // Someone else was quicker: the lock tells whose it is.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(RecordError::from_io(&path, &above, error)),
            }
        }
        let io_error = |error| RecordError::from_io(&path, &path, error);
        let held = File::open(&path).map_err(io_error)?;
        match rustix::fs::flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => {
                // What was made just now is the other one's.
                self.made.clear();
                return Err(RecordError::Busy { path });
            }
            // Some network file systems lock no directories: there the files themselves are in the way.
            Ok(()) | Err(_) => self.held = Some(held),
        }
        let mut entries = fs::read_dir(&path).map_err(io_error)?;
        if entries.next().is_some() {
            self.held = None;
            return Err(RecordError::NotEmpty { path });
        }
        Ok(())
    }

    /// Opens the file with this number.
    pub(super) fn open(&self, number: u32) -> io::Result<DiskFile> {
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(self.active(number))?;
        self.sync()?;
        Ok(DiskFile::new(opened))
    }

    /// Removes what [`Place::create`] and the first [`Place::open`] made.
    pub(super) fn undo(&self) {
        if self.held.is_some() {
            let active = self.active(0);
            let _ = fs::remove_file(&active);
            let _ = fs::remove_file(with_suffix(&active, LOG_SUFFIX));
        }
        for place in self.made.iter().rev() {
            // Fails where someone else has put something: that is theirs.
            let _ = fs::remove_dir(place);
        }
    }

    pub(super) fn storage(&self) -> Storage {
        self.storage
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The name of a finished file, without directory.
    pub(super) fn file_name(&self, number: u32) -> String {
        format!("{}_{number}.{}", self.stem, self.storage.extension())
    }

    pub(super) fn finished(&self, number: u32) -> PathBuf {
        self.directory.join(self.file_name(number))
    }

    pub(super) fn active(&self, number: u32) -> PathBuf {
        self.directory.join(format!("{}.active", self.file_name(number)))
    }

    /// True while the file is where it was made, under either of its names.
    pub(super) fn is_in_place(&self, number: u32) -> bool {
        self.active(number).exists() || self.finished(number).exists()
    }

    /// Gives a finished file its name. The file must be synced.
    pub(super) fn publish(&self, number: u32) -> io::Result<()> {
        fs::rename(self.active(number), self.finished(number))?;
        self.sync()
    }

    /// Replaces `metadata.yaml` in one step.
    pub(super) fn describe(&self, metadata_yaml: &str) -> io::Result<()> {
        let draft = self.directory.join(".metadata.yaml.tmp");
        let written = write_synced(&draft, metadata_yaml.as_bytes())
            .and_then(|()| fs::rename(&draft, self.directory.join("metadata.yaml")));
        if let Err(error) = written {
            let _ = fs::remove_file(&draft);
            return Err(error);
        }
        self.sync()
    }

    /// Deletes a finished file.
    pub(super) fn remove(&self, number: u32) -> io::Result<()> {
        fs::remove_file(self.finished(number))
    }

    /// Makes the names in the directory last.
    pub(super) fn sync(&self) -> io::Result<()> {
        match &self.held {
            Some(directory) => directory.sync_all(),
            None => Ok(()),
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
