//! Why a recording ended early, and how that is said.

use std::io;

/// Why a recording ended early, and what that says about the messages.
#[derive(Debug)]
pub(super) enum Failure {
    /// A chunk could not be written.
    Write(io::Error),
    /// What was written may not have reached the disk.
    Sync(io::Error),
    /// The file was taken away.
    Gone,
    /// An earlier file could not be finished: it has no index.
    Close {
        /// Its name.
        name: String,
        /// What the system said.
        error: io::Error,
    },
}

/// How the last file was left.
pub(super) enum Left {
    /// Finished, under its name.
    Finished(String),
    /// Not finished: it can be read, without index.
    Active(String),
    /// There is none.
    Nothing,
}

impl Failure {
    /// One sentence: what happened, and what is left.
    pub fn sentence(&self, path: &str, messages: u64, left: &Left) -> String {
        let (reason, doubt) = match self {
            Self::Write(error) => (reason(error), ""),
            Self::Sync(error) => (reason(error), "; the last ones may not have reached the disk"),
            Self::Gone => {
                return format!(
                    "the recording ended: {path} was removed or renamed while it was being written; record again into \
                     a directory that stays"
                );
            }
            Self::Close { name, error } => (format!("{name} could not be finished: {}", reason(error)), ""),
        };
        let left = match left {
            Left::Finished(name) => {
                format!("the {messages} messages before that are whole, the last of them in {name}")
            }
            Left::Active(name) => {
                format!(
                    "the {messages} messages before that can be read, the last of them from {name}, which has no index"
                )
            }
            Left::Nothing => format!("the {messages} messages before that are whole"),
        };
        format!("the recording into {path} ended: {reason}; {left}{doubt}")
    }
}

/// What a user should do about an error of the system.
fn reason(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::StorageFull => "the disk is full; free some space".to_owned(),
        Kind::QuotaExceeded => "the disk quota is used up; free some space".to_owned(),
        Kind::FileTooLarge => "the file reached the largest size that is allowed here; raise `ulimit -f`".to_owned(),
        Kind::ReadOnlyFilesystem => "the disk became read-only; look at the kernel's messages".to_owned(),
        Kind::WriteZero => "the disk took no more bytes; look at the kernel's messages".to_owned(),
        _ => format!("the disk failed ({error}); look at the kernel's messages"),
    }
}
