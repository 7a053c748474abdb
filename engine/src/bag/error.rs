//! Why a recording could not be looked at, copied or repaired.

use std::io;
use std::path::{Path, PathBuf};

/// Why a recording could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum BagError {
    /// Nothing is there.
    #[error("{path} does not exist; give the directory of a recording, or an .mcap or .db3 file")]
    Missing {
        /// What was asked about.
        path: PathBuf,
    },
    /// A directory without a recording.
    #[error(
        "{path} holds no recording: no .mcap or .db3 file is in it; give the directory that `roswave record -o` wrote"
    )]
    Empty {
        /// The directory.
        path: PathBuf,
    },
    /// Another kind of file.
    #[error("{path} is not an MCAP file: it does not begin with the MCAP signature; give the directory of a recording")]
    NotMcap {
        /// The file.
        path: PathBuf,
    },
    /// A file that is no recording of rosbag2's SQLite kind.
    #[error("{path} is not a SQLite recording of rosbag2: {what}; give the directory of a recording")]
    NotSqlite {
        /// The file.
        path: PathBuf,
        /// What is missing or wrong.
        what: String,
    },
    /// A compressed file that does not unpack.
    #[error("cannot unpack {path}: {what}")]
    Packed {
        /// The file.
        path: PathBuf,
        /// What happened.
        what: String,
    },
    /// The system says no.
    #[error("cannot read {path}: {source}; check the path and its rights")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BagError {
    /// For what was asked about by a user.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Io { path, source },
        }
    }
}
