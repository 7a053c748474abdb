//! The recordings in a directory: what they hold, how they are, and what can be done with them.
//!
//! [`shelf`] looks at names and sizes only and is quick; [`Shelved::contents`] opens one and may take its time. Both
//! are made for directories that anybody may have filled: what they look at is bounded, and nothing is opened that is
//! no plain file. What changes something stays within the recording, and touches only files that belong to one.

mod change;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::metadata::{self, Metadata};
use super::open::{name_of, storage_of};
use super::recover::{is_held, is_scratch, recovered_path, unfinished};
use super::sqlite_file::{has_journal, with_suffix};
use super::{Bag, Storage};
use crate::loss::Loss;

pub use change::{delete, mark_uploaded, rename};

/// Entries of a directory that are looked at.
pub const ENTRIES_MAX: usize = 50_000;

/// Recordings that are listed, the latest first.
pub const LISTED_MAX: usize = 2_000;

/// Topics that are named.
pub const TOPICS_TOLD: usize = 16;

/// Problems that are told.
const PROBLEMS_TOLD: usize = 8;

/// What has no index is opened up to this size: all of it has to be read.
const READ_MAX: u64 = 64 * 1024 * 1024;

/// Stands in the directory of a recording that was uploaded; beside a lone file, behind its name.
const UPLOADED: &str = ".uploaded";

/// What was found in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The recordings, the latest first.
    pub recordings: Vec<Shelved>,
    /// True when there are more than were looked at or are listed.
    pub more: bool,
}

/// A recording as its directory shows it, without opening anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// Its directory or file.
    pub path: PathBuf,
    /// Size of its files.
    pub bytes: u64,
    /// When it was last written.
    pub modified: Option<SystemTime>,
    /// Its writer did not finish it: a file still has the name that it has while it is written.
    pub unfinished: bool,
    /// Its recorder is at work.
    pub in_use: bool,
    /// Somebody has marked it as uploaded.
    pub uploaded: bool,
    /// What stands in the place of a file and is none: nothing is opened then.
    pub odd: Option<String>,
    /// One of its files is compressed as a whole: it has to be unpacked before it is read.
    packed: bool,
}

/// What a recording holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Receive times of its earliest and its latest message.
    pub span_ns: Option<(u64, u64)>,
    /// Messages that can be read; `None` when that is not known without reading all of it.
    pub messages: Option<u64>,
    /// How many topics it has.
    pub topics: Option<usize>,
    /// The names of the first of them.
    pub names: Vec<String>,
    /// What was lost while recording, where the recording tells it.
    pub loss: Option<Loss>,
    /// What is wrong with it, each in a sentence.
    pub problems: Vec<String>,
}

/// The recordings in a directory. A directory that is not there has none.
///
/// # Errors
/// When the directory cannot be read.
pub fn shelf(directory: &Path) -> io::Result<Shelf> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Shelf::default()),
        Err(error) => return Err(error),
    };
    let mut found = Shelf::default();
    // What is in the recordings counts too: a directory of directories is no way around the bound.
    let mut left = ENTRIES_MAX;
    for entry in entries {
        if left == 0 {
            break;
        }
        left -= 1;
        let Ok(entry) = entry else { continue };
        found.recordings.extend(look(&entry.path(), &mut left));
    }
    found.more |= left == 0;
    let recordings = &mut found.recordings;
    recordings.sort_by(|a, b| (b.modified, &a.path).cmp(&(a.modified, &b.path)));
    if recordings.len() > LISTED_MAX {
        recordings.truncate(LISTED_MAX);
        found.more = true;
    }
    Ok(found)
}

/// Looks at one recording again. `None` when it is none.
#[must_use]
pub fn look_at(path: &Path) -> Option<Shelved> {
    let mut left = ENTRIES_MAX;
    look(path, &mut left)
}

fn look(path: &Path, left: &mut usize) -> Option<Shelved> {
    // Does not wait for whatever it may be, and follows links.
    let kind = fs::metadata(path).ok()?;
    let mut shelved = Shelved {
        path: path.to_owned(),
        bytes: 0,
        modified: None,
        unfinished: false,
        in_use: false,
        uploaded: marker(path, kind.is_dir()).symlink_metadata().is_ok(),
        odd: None,
        packed: false,
    };
    if !kind.is_dir() {
        let is_part = shelved.take(path.file_name()?, path);
        // A recorder holds the directory that it writes into.
        let is_written = || is_held(path) || path.parent().is_some_and(is_held);
        shelved.in_use = is_part && shelved.odd.is_none() && is_written();
        return is_part.then_some(shelved);
    }
    if is_scratch(path) {
        return None;
    }
    let mut is_recording = false;
    for entry in fs::read_dir(path).ok()? {
        *left = left.checked_sub(1)?;
        let Ok(entry) = entry else { continue };
        is_recording |= shelved.take(&entry.file_name(), &entry.path());
    }
    shelved.in_use = is_recording && is_held(path);
    is_recording.then_some(shelved)
}

impl Shelved {
    /// Takes a file into account. True when it holds messages.
    fn take(&mut self, name: &OsStr, path: &Path) -> bool {
        let name = name.to_string_lossy();
        let part = storage_of(&name);
        let belongs = part.is_some() || name == metadata::NAME || is_companion(&name);
        if !belongs {
            return false;
        }
        match fs::metadata(path) {
            Ok(kind) if kind.is_file() => {
                self.bytes = self.bytes.saturating_add(kind.len());
                self.modified = self.modified.max(kind.modified().ok());
            }
            Ok(kind) if kind.is_dir() && part.is_some() => return false,
            _ => self.odd = Some(name.clone().into_owned()),
        }
        let Some((storage, packed)) = part else { return false };
        self.packed |= packed;
        self.unfinished |= name.ends_with(".active");
        if storage == Storage::Sqlite3 && self.odd.is_none() {
            let journal_is_file = |suffix| fs::metadata(with_suffix(path, suffix)).is_ok_and(|kind| kind.is_file());
            self.unfinished |= ["-journal", "-wal"].into_iter().any(journal_is_file) && has_journal(path);
        }
        true
    }

    /// Its name, as the directory has it.
    #[must_use]
    pub fn name(&self) -> String {
        name_of(&self.path)
    }

    /// What it holds. Reads indexes, and all of what has none when that is little.
    ///
    /// # Errors
    /// In one sentence, when nothing can be read.
    pub fn contents(&self) -> Result<Contents, String> {
        if let Some(odd) = &self.odd {
            return Err(format!("{odd} is no file; nothing is read"));
        }
        if self.unfinished && self.bytes > READ_MAX {
            return Ok(Contents::default());
        }
        if self.packed {
            let told = Metadata::of_directory(&self.path)?;
            return Ok(told.map(|told| Contents::told(&told)).unwrap_or_default());
        }
        let bag = Bag::open(&self.path).map_err(|error| error.to_string())?;
        Ok(Contents::of(&bag))
    }
}

impl Contents {
    fn of(bag: &Bag) -> Self {
        let mut names: Vec<&str> = bag.channels().iter().map(|channel| channel.topic.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        Self {
            span_ns: bag.span_ns(),
            messages: Some(bag.message_count()),
            topics: Some(names.len()),
            names: first_of(&names),
            loss: bag.ledger().and_then(|ledger| ledger.get("total").copied()),
            problems: bag.problems().iter().take(PROBLEMS_TOLD).cloned().collect(),
        }
    }

    /// As `metadata.yaml` tells it.
    fn told(metadata: &Metadata) -> Self {
        let mut names: Vec<&str> = metadata.topics.iter().map(|topic| topic.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        Self {
            span_ns: metadata.span_ns,
            messages: metadata.messages,
            topics: Some(names.len()),
            names: first_of(&names),
            ..Self::default()
        }
    }
}

fn first_of(names: &[&str]) -> Vec<String> {
    names.iter().take(TOPICS_TOLD).map(|name| (*name).to_owned()).collect()
}

/// What SQLite and the recorder put beside their files.
fn is_companion(name: &str) -> bool {
    let journal = ["-journal", "-wal", "-shm"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix));
    journal.is_some_and(|file| storage_of(file).is_some()) || name == ".metadata.yaml.tmp"
}

fn marker(path: &Path, is_directory: bool) -> PathBuf {
    if is_directory {
        path.join(UPLOADED)
    } else {
        with_suffix(path, UPLOADED)
    }
}

/// A recording that was not finished and can be repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Its directory, or the file when it lies alone.
    pub path: PathBuf,
    /// Size of the files that were not finished.
    pub bytes: u64,
    /// When it was last written.
    pub modified: SystemTime,
}

/// The recordings in a directory that were not finished and were not repaired before, the latest first.
#[must_use]
pub fn torn(directory: &Path) -> Vec<Torn> {
    let mut found: Vec<Torn> = Vec::new();
    for file in unfinished(directory) {
        let above = file.path.parent().filter(|above| *above != directory);
        let path = above.unwrap_or(&file.path).to_owned();
        match found.iter_mut().find(|torn| torn.path == path) {
            Some(torn) => {
                torn.bytes = torn.bytes.saturating_add(file.bytes);
                torn.modified = torn.modified.max(file.modified);
            }
            None => found.push(Torn {
                path,
                bytes: file.bytes,
                modified: file.modified,
            }),
        }
    }
    // What was being repaired when the repair itself was cut off is torn too.
    let whole = |path: &Path| path.exists() && !found.iter().any(|torn| torn.path == path);
    let repaired: Vec<bool> = found.iter().map(|torn| whole(&recovered_path(&torn.path))).collect();
    let mut repaired = repaired.into_iter();
    found.retain(|torn| !repaired.next().unwrap_or(false) && look_at(&torn.path).is_none_or(|it| it.odd.is_none()));
    found.sort_by(|a, b| (b.modified, &a.path).cmp(&(a.modified, &b.path)));
    found
}

/// Where the repaired recording goes: beside the torn one, under a name that is free.
#[must_use]
pub fn repaired_path(path: &Path) -> PathBuf {
    let first = recovered_path(path);
    if first.symlink_metadata().is_err() {
        return first;
    }
    let name = name_of(&first);
    (2..)
        .map(|number: u32| first.with_file_name(format!("{name}_{number}")))
        .find(|path| path.symlink_metadata().is_err())
        .unwrap_or(first)
}
