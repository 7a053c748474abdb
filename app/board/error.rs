//! Why a board cannot be used.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a board could not be used.
#[derive(Debug, Error)]
pub enum BoardError {
    /// The file could not be read.
    #[error("cannot read board file {}: {source}; check the path given to --board", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("cannot save the board to {}: {source}; choose a directory that you may write to", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any board.
    #[error("board file {} has {bytes} bytes, more than the {most} that a board can have; check the path", path.display())]
    Large {
        /// The file.
        path: PathBuf,
        /// What it has.
        bytes: u64,
        /// What it may have.
        most: u64,
    },
    /// The board was written by a newer ROSwave.
    #[error(
        "board file {} is of version {version}, and this ROSwave reads versions up to {newest}; update ROSwave, or save \
         the board with an older one",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version that it names.
        version: i64,
        /// The newest that is understood.
        newest: i64,
    },
    /// The file does not hold a board.
    #[error("board file {}, line {line}: {reason}; mend that line or start without --board", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl BoardError {
    /// What is wrong, without the name of the file and the way out.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Parse { line, reason, .. } => format!("line {line}: {reason}"),
            Self::Newer { version, newest, .. } => {
                format!("it is of version {version}, and this ROSwave reads versions up to {newest}")
            }
            Self::Large { .. } | Self::Read { .. } | Self::Write { .. } => self.to_string(),
        }
    }
}
