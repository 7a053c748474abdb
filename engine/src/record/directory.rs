//! The directory of a recording: made at the start, given its final names at the end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::RecordError;
use super::sink::DiskFile;

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
    /// Directories that did not exist before, outermost first: removed again when the start fails.
    made: Vec<PathBuf>,
}

impl Place {
    /// Makes the directory, with its parents.
    pub(super) fn create(wanted: &Path) -> Result<Self, RecordError> {
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
            directory,
            made: Vec::new(),
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
        if missing.is_empty() {
            let mut entries = fs::read_dir(&path).map_err(|error| RecordError::from_io(&path, &path, error))?;
            if entries.next().is_some() {
                return Err(RecordError::NotEmpty { path });
            }
        }
        for place in missing.into_iter().rev() {
            let above = place.parent().unwrap_or(&path).to_owned();
            fs::create_dir(&place).map_err(|error| RecordError::from_io(&path, &above, error))?;
            self.made.push(place);
        }
        Ok(())
    }

    /// Opens the file that messages go to.
    pub(super) fn open(&mut self) -> Result<DiskFile, RecordError> {
        let opened = OpenOptions::new().write(true).create_new(true).open(self.active());
        match opened {
            Ok(file) => Ok(DiskFile::new(file)),
            Err(error) => {
                let error = RecordError::from_io(&self.directory, &self.directory, error);
                self.undo();
                Err(error)
            }
        }
    }

    /// Removes what [`Place::create`] and [`Place::open`] made.
    pub(super) fn undo(&mut self) {
        let _ = fs::remove_file(self.active());
        for place in self.made.drain(..).rev() {
            // Fails where someone else has put something: that is theirs.
            let _ = fs::remove_dir(place);
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The name of the finished file, without directory.
    pub(super) fn file_name(&self) -> String {
        format!("{}_0.mcap", self.stem)
    }

    pub(super) fn active(&self) -> PathBuf {
        self.directory.join(format!("{}.active", self.file_name()))
    }

    /// True while the file is where it was made, under either of its names.
    pub(super) fn is_in_place(&self) -> bool {
        self.active().exists() || self.directory.join(self.file_name()).exists()
    }

    /// Gives the finished file its name and puts `metadata.yaml` beside it. The file must be synced.
    pub(super) fn publish(&self, metadata_yaml: &str) -> io::Result<()> {
        fs::rename(self.active(), self.directory.join(self.file_name()))?;
        self.sync()?;
        let draft = self.directory.join(".metadata.yaml.tmp");
        let written = write_synced(&draft, metadata_yaml.as_bytes())
            .and_then(|()| fs::rename(&draft, self.directory.join("metadata.yaml")));
        if let Err(error) = written {
            let _ = fs::remove_file(&draft);
            return Err(error);
        }
        self.sync()
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
