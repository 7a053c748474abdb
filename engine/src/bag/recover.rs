//! Repairs what was not finished: into a new recording, beside the old one, which stays as it is.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::copy::CopyOptions;
use super::open::{Place, name_of, storage_of};
use super::sqlite_file::{guard, has_journal, missing_end, with_suffix};
use super::write::{WriteError, Written};
use super::{Bag, BagError, BagFile, Content, FileState, Query, Storage};
use crate::record::Compression;

/// Why a recording could not be repaired.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// It cannot be read at all.
    #[error(transparent)]
    Read(#[from] BagError),
    /// The new one cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Not one message is left.
    #[error("{path} holds no message that can be saved; nothing was written")]
    Nothing {
        /// What was to be repaired.
        path: PathBuf,
    },
    /// What was written does not read like what was saved.
    #[error("{path} holds {found} messages after {saved} were saved into it; check its disk and try another one")]
    Disagrees {
        /// The new recording.
        path: PathBuf,
        /// Messages that were written.
        saved: u64,
        /// Messages that are read.
        found: u64,
    },
}

/// What was saved, and what was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// What was repaired; it was not touched.
    pub from: PathBuf,
    /// The new recording.
    pub saved: Written,
    /// Messages that are known to be lost: those that the file or `metadata.yaml` counts and nobody can read. `None` when
    /// nothing tells how many there were.
    pub messages_lost: Option<u64>,
    /// Bytes behind the last whole record of MCAP files, and those that SQLite files are too short. Messages that were whole in a chunk that was torn are saved all the same.
    pub bytes_lost: u64,
    /// Files of the recording that are missing, or of which nothing could be read.
    pub files_lost: usize,
    /// What was found wrong, each in a sentence that names the file.
    pub problems: Vec<String>,
}

impl Recovered {
    /// True when something is known to be lost.
    #[must_use]
    pub fn has_loss(&self) -> bool {
        self.messages_lost.unwrap_or(0) > 0 || self.bytes_lost > 0 || self.files_lost > 0
    }
}

/// A file that a recorder did not finish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// When it was written to last.
    pub modified: SystemTime,
}

/// Where the repaired recording goes unless told otherwise: beside the old one, with `_recovered` behind its name.
#[must_use]
pub fn recovered_path(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = name_of(&path);
    let mut stem = name.as_str();
    for suffix in [".zstd", ".active", ".mcap", ".db3"] {
        stem = stem.strip_suffix(suffix).unwrap_or(stem);
    }
    path.with_file_name(format!("{stem}_recovered"))
}

/// Saves what is whole of a recording that was not finished into the new directory `to`.
///
/// # Errors
/// When nothing can be read, or the new recording cannot be written; nothing is left of it then.
pub fn recover(path: &Path, to: &Path) -> Result<Recovered, RecoverError> {
    recover_while(path, to, || true)
}

/// Like [`recover`], as long as `go_on` says so, which is asked with every message.
///
/// # Errors
/// As for [`recover`], and when it was told to stop.
pub fn recover_while(path: &Path, to: &Path, go_on: impl FnMut() -> bool) -> Result<Recovered, RecoverError> {
    if to.exists() {
        return Err(WriteError::Exists { path: to.to_owned() }.into());
    }
    let place = Place::of(path)?;
    let journaled: Vec<&PathBuf> = place.files.iter().filter(|file| has_journal(file)).collect();
    let short: Vec<&PathBuf> = place.files.iter().filter(|file| missing_end(file).is_some()).collect();
    let scratch = if journaled.is_empty() && short.is_empty() {
        None
    } else {
        Some(Scratch::fill(path, to, &place.files)?)
    };
    let source = scratch.as_ref().map_or(path, |scratch| scratch.open_at.as_path());
    let bag = Bag::open(source)?;
    if bag.message_count() == 0 {
        return Err(RecoverError::Nothing { path: path.to_owned() });
    }
    let options = CopyOptions {
        storage: bag.storage(),
        compression: Compression::Zstd,
        query: Query::all(),
    };
    let copied = bag.copy_while(to, &options, go_on)?;
    let refused = scratch.as_ref().map(|scratch| &scratch.refused[..]).unwrap_or_default();
    // A log that was played back may have brought the end.
    let is_whole = |file: &Path| scratch.as_ref().is_some_and(|scratch| scratch.has_whole(file));
    let short: Vec<&PathBuf> = short.into_iter().filter(|file| !is_whole(file)).collect();
    // What a journal held that could not be played back is in no count.
    let known = bag.known_count().filter(|_| refused.is_empty());
    let messages_lost = known.map(|known| known.saturating_sub(copied.written.messages));
    let missing = short
        .iter()
        .filter_map(|file| missing_end(file))
        .map(|(_, _, bytes)| bytes);
    let unplayed = refused.iter().map(|refused| refused.bytes);
    let bytes_lost = missing.chain(unplayed).fold(bag.lost_bytes(), u64::saturating_add);
    let files_lost = bag.lost_files();
    drop(bag);
    let mut problems = copied.problems;
    for file in journaled {
        let name = name_of(file);
        problems.push(match refused.iter().find(|refused| refused.file == *file) {
            None => format!("{name}: its journal was played back"),
            Some(Refused { error, .. }) => {
                format!("{name}: its journal cannot be played back: {error}; what is in it is not saved")
            }
        });
    }
    for file in short {
        problems.push(format!("{}: its end is missing", name_of(file)));
    }
    let found = Bag::open(to)?.message_count();
    if found != copied.written.messages {
        return Err(RecoverError::Disagrees {
            path: to.to_owned(),
            saved: copied.written.messages,
            found,
        });
    }
    Ok(Recovered {
        from: path.to_owned(),
        saved: copied.written,
        messages_lost,
        bytes_lost,
        files_lost,
        problems,
    })
}

/// Files in `directory`, and in the directories right below it, that a recorder did not finish and that nobody holds
/// locked. Of very many entries only the first are looked at.
#[must_use]
pub fn unfinished(directory: &Path) -> Vec<Unfinished> {
    // A recorder that still runs holds its directory.
    if is_held(directory) {
        return Vec::new();
    }
    let (mut found, mut left) = (Vec::new(), super::shelf::ENTRIES_MAX);
    for below in look(directory, &mut found, &mut left) {
        if !is_held(&below) && !is_scratch(&below) {
            let _ = look(&below, &mut found, &mut left);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Adds the unfinished files of a directory, and gives the directories in it.
fn look(directory: &Path, found: &mut Vec<Unfinished>, left: &mut usize) -> Vec<PathBuf> {
    let mut below = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten().take(*left) {
        *left = left.saturating_sub(1);
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => below.push(path),
            Ok(kind) if kind.is_file() => found.extend(look_at(path)),
            _ => {}
        }
    }
    below
}

fn look_at(path: PathBuf) -> Option<Unfinished> {
    let name = name_of(&path);
    let (storage, _) = storage_of(&name)?;
    if !(name.ends_with(".active") || storage == Storage::Sqlite3 && has_journal(&path)) {
        return None;
    }
    if is_held(&path) {
        return None;
    }
    let metadata = path.symlink_metadata().ok()?;
    Some(Unfinished {
        bytes: metadata.len(),
        modified: metadata.modified().ok()?,
        path,
    })
}

/// True for what a repair that was killed left behind: copies of what is still there.
pub(super) fn is_scratch(path: &Path) -> bool {
    name_of(path)
        .rsplit_once(SCRATCH)
        .is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// True while a recorder holds it.
pub(super) fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let shared = rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockShared);
    shared == Err(rustix::io::Errno::WOULDBLOCK)
}

impl Bag {
    /// Messages that were there once, where something tells.
    fn known_count(&self) -> Option<u64> {
        let mut sum = 0_u64;
        for part in &self.0.parts {
            match &part.content {
                Content::Sqlite(file) if file.last_id > 0 => sum = sum.saturating_add(file.last_id),
                Content::Mcap(file) if file.state == FileState::Indexed => {
                    let counts = file.found.counts.values();
                    sum = sum.saturating_add(counts.fold(0, |sum: u64, count| sum.saturating_add(*count)));
                }
                Content::Sqlite(_) | Content::Mcap(_) => return None,
            }
        }
        (self.0.parts.len() == self.0.files.len()).then_some(sum)
    }

    /// Files that are missing, or of which nothing could be read although something is in them.
    fn lost_files(&self) -> usize {
        let lost = |file: &&BagFile| match file.state {
            FileState::Unreadable => file.bytes > 0,
            FileState::Missing => true,
            _ => false,
        };
        self.0.files.iter().filter(lost).count()
    }

    /// Bytes behind the last record that is whole.
    fn lost_bytes(&self) -> u64 {
        let lost = self.0.parts.iter().map(|part| match &part.content {
            Content::Mcap(file) => file.bytes.saturating_sub(file.sound_bytes),
            Content::Sqlite(_) => 0,
        });
        lost.fold(0, u64::saturating_add)
    }
}

/// Copies of files that must be changed to be read: journals are played back, missing ends left out. They go away by
/// themselves.
struct Scratch {
    directory: PathBuf,
    open_at: PathBuf,
    refused: Vec<Refused>,
}

/// A journal that could not be played back.
struct Refused {
    file: PathBuf,
    /// Of the journal.
    bytes: u64,
    error: String,
}

/// What the name of a directory of copies ends with, and a number where one was left behind.
const SCRATCH: &str = ".journals";

/// Copies that may have been left behind.
const SCRATCHES_MAX: u32 = 1000;

impl Scratch {
    fn fill(path: &Path, to: &Path, files: &[PathBuf]) -> Result<Self, RecoverError> {
        let mut directory = with_suffix(to, SCRATCH);
        let parent = directory.parent().unwrap_or(&directory).to_owned();
        fs::create_dir_all(&parent).map_err(|source| WriteError::Io { path: parent, source })?;
        for number in 0..=SCRATCHES_MAX {
            if number > 0 {
                directory = with_suffix(to, &format!("{SCRATCH}{number}"));
            }
            match fs::create_dir(&directory) {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < SCRATCHES_MAX => {}
                Err(source) => {
                    return Err(WriteError::Io {
                        path: directory,
                        source,
                    }
                    .into());
                }
            }
        }
        let io_error = |source| WriteError::Io {
            path: directory.clone(),
            source,
        };
        let mut scratch = Self {
            open_at: directory.clone(),
            directory: directory.clone(),
            refused: Vec::new(),
        };
        for file in files.iter().filter(|file| file.exists()) {
            let copy = directory.join(name_of(file));
            for suffix in ["", "-journal", "-wal"] {
                let from = with_suffix(file, suffix);
                if from.exists() {
                    let _ = fs::copy(&from, with_suffix(&copy, suffix)).map_err(io_error)?;
                }
            }
            if let Some((page, there, _)) = missing_end(&copy) {
                shorten(&copy, page, there).map_err(io_error)?;
            }
            // What cannot be played back is read as it is, and told.
            if has_journal(&copy)
                && let Err(error) = play_back(&copy)
            {
                let size = |suffix| fs::metadata(with_suffix(file, suffix)).map_or(0, |journal| journal.len());
                scratch.refused.push(Refused {
                    file: file.clone(),
                    bytes: size("-journal").saturating_add(size("-wal")),
                    error: error.to_string(),
                });
            }
            if !path.is_dir() {
                scratch.open_at = copy;
            }
        }
        let metadata = path.join(super::metadata::NAME);
        if metadata.is_file() {
            let to = directory.join(super::metadata::NAME);
            let _ = fs::copy(&metadata, to).map_err(io_error)?;
        }
        Ok(scratch)
    }

    /// True when the copy of this file is as long as it has to be although the file is not.
    fn has_whole(&self, file: &Path) -> bool {
        let copy = fs::metadata(self.directory.join(name_of(file))).map_or(0, |copy| copy.len());
        let is_refused = self.refused.iter().any(|refused| refused.file == file);
        !is_refused
            && missing_end(file).is_some_and(|(page, there, bytes)| {
                let whole = page.saturating_mul(u64::from(there)).saturating_add(bytes);
                copy >= whole
            })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// SQLite looks at nothing in a file that is shorter than its head says: the head of the copy says what is there. Whatever
/// points behind that is damaged, and is told so when it is read.
fn shorten(copy: &Path, page_bytes: u64, pages: u32) -> io::Result<()> {
    let file = fs::OpenOptions::new().write(true).open(copy)?;
    file.set_len(page_bytes.saturating_mul(u64::from(pages)))?;
    file.write_all_at(&pages.to_be_bytes(), 28)
}

/// Lets SQLite do what it does when a program died: undo what was half written, take over what was logged.
fn play_back(path: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Needs no memory that is shared with others, which not every file system has.
    connection.execute_batch("PRAGMA locking_mode=EXCLUSIVE;")?;
    guard(&connection)?;
    let _: i64 = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE;")?;
    connection.close().map_err(|(_, error)| error)
}
