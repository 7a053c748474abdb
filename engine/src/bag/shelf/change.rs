//! What is done with a recording: another name, away, a mark.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};

use super::super::metadata;
use super::super::open::{name_of, split_of, storage_of};
use super::super::sqlite_file::{has_journal, with_suffix};
use super::{UPLOADED, is_companion, look_at, marker};

/// Bytes of a name: what file systems take.
const NAME_MAX: usize = 200;

fn refuse_in_use(path: &Path, what: &str) -> Result<(), String> {
    match look_at(path) {
        Some(shelved) if shelved.in_use => Err(format!(
            "cannot {what} {}: it is being recorded; stop that first",
            path.display()
        )),
        _ => Ok(()),
    }
}

/// Gives a recording another name in its directory; the path that it has then. What is there is never replaced.
///
/// # Errors
/// In one sentence, when the name is none or is taken, the recording is in use, or the system says no.
pub fn rename(path: &Path, name: &str) -> Result<PathBuf, String> {
    let name = name.trim();
    let is_sound = !name.is_empty()
        && name.len() <= NAME_MAX
        && !name.starts_with('.')
        && !name.contains('/')
        && !name.chars().any(char::is_control);
    if !is_sound {
        return Err(format!(
            "this is no name: it has 1 to {NAME_MAX} letters, no slash, and no dot at its begin"
        ));
    }
    let to = path.with_file_name(name);
    if to == path {
        return Ok(to);
    }
    refuse_in_use(path, "rename")?;
    let is_directory = path.is_dir();
    if !is_directory && has_journal(path) {
        return Err(format!(
            "{} was not finished and its journal is bound to its name: recover it first",
            path.display()
        ));
    }
    let ending = |path: &Path| storage_of(&name_of(path));
    if !is_directory && ending(&to) != ending(path) {
        return Err(format!("the name of a file ends as before: {}", name_of(path)));
    }
    move_to(path, &to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{} is there already; choose another name", to.display()),
        _ => format!("cannot rename {}: {error}; check its rights", path.display()),
    })?;
    if !is_directory {
        // The mark goes along; without it nothing is lost but the mark.
        let _ = move_to(&marker(path, false), &marker(&to, false));
    }
    Ok(to)
}

/// Renames without replacing anything.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems cannot promise it.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            if to.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        other => Ok(other?),
    }
}

/// Deletes a recording: its files and `metadata.yaml`, then its directory if nothing else is in it. Of a link only the
/// link goes.
///
/// # Errors
/// In one sentence, when it is in use, or something could not be deleted or is not a recording's; what was deleted is gone.
pub fn delete(path: &Path) -> Result<(), String> {
    let trouble = |error: io::Error| format!("cannot delete {}: {error}; check its rights", path.display());
    refuse_in_use(path, "delete")?;
    let kind = path.symlink_metadata().map_err(trouble)?;
    if !kind.is_dir() {
        if storage_of(&name_of(path)).is_none() && !kind.is_symlink() {
            return Err(format!("{} is no recording; nothing was deleted", path.display()));
        }
        fs::remove_file(path).map_err(trouble)?;
        if !kind.is_symlink() {
            let _ = fs::remove_file(marker(path, false));
            // A later file of this name must not be given the old journal.
            for suffix in ["-journal", "-wal", "-shm"] {
                let _ = fs::remove_file(with_suffix(path, suffix));
            }
        }
        return Ok(());
    }
    let mut recordings = BTreeSet::new();
    for entry in fs::read_dir(path).map_err(trouble)? {
        let file = entry.map_err(trouble)?.path();
        let name = name_of(&file);
        if storage_of(&name).is_some() {
            let _ = recordings.insert(split_of(&file).map_or(name, |(stem, _)| stem));
        }
    }
    if recordings.len() > 1 {
        return Err(format!(
            "{} holds several recordings: delete their files one by one; nothing was deleted",
            path.display()
        ));
    }
    for entry in fs::read_dir(path).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = storage_of(&name).is_some() || name == metadata::NAME || name == UPLOADED || is_companion(&name);
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && !is_directory {
            fs::remove_file(entry.path()).map_err(trouble)?;
        }
    }
    fs::remove_dir(path).map_err(|_| {
        format!(
            "the recording is deleted; {} stays, since there are other files in it",
            path.display()
        )
    })
}

/// Marks a recording as uploaded, or takes the mark away.
///
/// # Errors
/// In one sentence, when the system says no.
pub fn mark_uploaded(path: &Path, uploaded: bool) -> Result<(), String> {
    let marker = marker(path, path.is_dir());
    let done = if uploaded {
        let made = fs::OpenOptions::new().write(true).create_new(true).open(&marker);
        made.and_then(|mut file| writeln!(file, "{}", jiff::Timestamp::now()))
    } else {
        fs::remove_file(&marker)
    };
    match done {
        Err(error) if !matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => Err(format!(
            "cannot write {}: {error}; check the rights of its directory",
            marker.display()
        )),
        _ => Ok(()),
    }
}
