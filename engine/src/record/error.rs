//! Why a recording does not start.

use std::path::{Path, PathBuf};

use crate::bag::write::WriteError;

/// Why a recording could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The disk does not answer.
    #[error("the disk of {path} does not answer; record to another one with -o")]
    Hangs {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds files already.
    #[error("cannot record into {path}: the directory is not empty; choose a new name")]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// Another recording writes there.
    #[error("cannot record into {path}: another recording is writing there; choose a new name")]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// The disk has less room than must stay free.
    #[error(
        "cannot record into {path}: only {} MiB are free on that disk and {} MiB are to stay free; free some, choose \
         another disk, or keep less with --reserve",
        free_bytes >> 20,
        reserve_bytes >> 20
    )]
    Reserve {
        /// The directory.
        path: PathBuf,
        /// What is free.
        free_bytes: u64,
        /// What is to stay free.
        reserve_bytes: u64,
    },
    /// The storage cannot be compressed so.
    #[error(transparent)]
    Compression(WriteError),
    /// A file stands where the directory should be.
    #[error("cannot record into {path}: {obstacle} is a file, not a directory; choose another name")]
    InTheWay {
        /// The directory.
        path: PathBuf,
        /// The file.
        obstacle: PathBuf,
    },
    /// The path has no last part to name the files after, or one that is not UTF-8.
    #[error(
        "cannot record into {path}: the last part of the path must be a plain UTF-8 name, such as `bags/first_run`"
    )]
    BadName {
        /// The directory.
        path: PathBuf,
    },
    /// The rights are missing.
    #[error(
        "cannot record into {path}: no permission to write in {place}; choose another directory or change its rights"
    )]
    Denied {
        /// The directory.
        path: PathBuf,
        /// Where the rights are missing.
        place: PathBuf,
    },
    /// The file system takes no writes.
    #[error("cannot record into {path}: {place} is on a read-only file system; choose another directory")]
    ReadOnly {
        /// The directory.
        path: PathBuf,
        /// The place that is read-only.
        place: PathBuf,
    },
    /// No room is left.
    #[error("cannot record into {path}: no space is left on that disk; free some or choose another one")]
    Full {
        /// The directory.
        path: PathBuf,
    },
    /// Anything else that the system says.
    #[error("cannot record into {path}: {source}; choose another directory")]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No thread could be started.
    #[error("cannot start the recorder's thread: {0}; close other programs and try again")]
    Thread(std::io::Error),
}

impl RecordError {
    pub(super) fn from_io(path: &Path, place: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        let (path, place) = (path.to_owned(), place.to_owned());
        match source.kind() {
            Kind::PermissionDenied => Self::Denied { path, place },
            Kind::ReadOnlyFilesystem => Self::ReadOnly { path, place },
            Kind::StorageFull | Kind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, source },
        }
    }
}
