//! Recordings as found on disk: what `roswave info` tells, and their messages one by one.
//!
//! Files are never trusted: a record that claims to be longer than its file ends the reading there, memory grows only
//! with bytes that are really present, and a file without an end is read as far as it goes.

mod cursor;
pub mod play;
mod read;
mod scan;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::loss::Loss;
use scan::Scan;

pub use read::{BagChannel, BagMessage, Reading, read};

/// A recording at a glance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BagInfo {
    /// The directory or file that was asked about.
    pub path: PathBuf,
    /// The kind of file: `mcap`.
    pub storage: &'static str,
    /// Messages that can be read.
    pub messages: u64,
    /// Size of the files that hold them.
    pub bytes: u64,
    /// Receive time of the earliest message; `None` when there is none.
    pub start_ns: Option<u64>,
    /// Receive time of the latest message.
    pub end_ns: Option<u64>,
    /// True when every file was finished by its writer.
    pub complete: bool,
    /// What is wrong, when it is not complete.
    pub problem: Option<String>,
    /// By name.
    pub topics: Vec<BagTopic>,
    /// What was lost while recording, where the recording tells it.
    pub loss: Option<Loss>,
    /// Moments that the user has marked. None are written by this version.
    pub bookmarks: Vec<Bookmark>,
    /// The files, in order.
    pub files: Vec<PathBuf>,
}

/// One topic of a recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BagTopic {
    /// Its name.
    pub name: String,
    /// The name of its type; `None` when the file does not say.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// Messages that can be read.
    pub messages: u64,
    /// Messages per second over the whole recording; `None` when that has no length.
    pub rate_hz: Option<f64>,
    /// What was lost while recording, where the recording tells it.
    pub loss: Option<Loss>,
}

/// A marked moment of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bookmark {
    /// When.
    pub time_ns: u64,
    /// What the user wrote.
    pub text: String,
}

/// Why a recording could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum BagError {
    /// Nothing is there.
    #[error("{path} does not exist; give the directory of a recording or an .mcap file")]
    Missing {
        /// What was asked about.
        path: PathBuf,
    },
    /// A directory without a recording.
    #[error("{path} holds no recording: no .mcap file is in it; give the directory that `roswave record -o` wrote")]
    Empty {
        /// The directory.
        path: PathBuf,
    },
    /// A recording of a kind that this version does not read.
    #[error("{path} is in rosbag2's SQLite format, which this version cannot read; convert it with `ros2 bag convert`")]
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A compressed file.
    #[error("{path} is compressed as a whole; unpack it with `zstd -d` first")]
    Packed {
        /// The file.
        path: PathBuf,
    },
    /// Another kind of file.
    #[error("{path} is not an MCAP file: it does not begin with the MCAP signature; give the directory of a recording")]
    NotMcap {
        /// The file.
        path: PathBuf,
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

/// Looks at a recording: a directory, or one file, finished or not.
///
/// # Errors
/// When there is nothing that can be read.
pub fn info(path: &Path) -> Result<BagInfo, BagError> {
    let files = files_of(path)?;
    let mut sum = Scan::default();
    let mut bytes = 0_u64;
    let mut problem = None;
    for (index, file) in files.iter().enumerate() {
        let scan = scan::file(file)?;
        bytes = bytes.saturating_add(scan.bytes);
        if problem.is_none() {
            problem = scan.problem.clone().map(|what| format!("{}: {what}", name_of(file)));
        }
        sum.add(scan, index == 0);
    }
    Ok(report(path, files, sum, bytes, problem))
}

fn report(path: &Path, files: Vec<PathBuf>, sum: Scan, bytes: u64, problem: Option<String>) -> BagInfo {
    let (start_ns, end_ns) = sum.span_ns.unzip();
    let seconds = start_ns
        .zip(end_ns)
        .map(|(start, end)| end.saturating_sub(start) as f64 / 1e9);
    let mut topics = BTreeMap::<String, BagTopic>::new();
    for channel in sum.channels {
        let topic = topics.entry(channel.topic.clone()).or_insert_with(|| BagTopic {
            name: channel.topic.clone(),
            type_name: None,
            messages: 0,
            rate_hz: None,
            loss: sum
                .ledger
                .as_ref()
                .and_then(|ledger| ledger.get(&channel.topic).copied()),
        });
        topic.type_name = channel.type_name.or(topic.type_name.take());
        topic.messages += channel.messages;
    }
    let mut topics: Vec<_> = topics.into_values().collect();
    for topic in &mut topics {
        let length = seconds.filter(|seconds| *seconds > 0.0);
        topic.rate_hz = length.map(|seconds| topic.messages as f64 / seconds);
    }
    BagInfo {
        path: path.to_owned(),
        storage: "mcap",
        messages: topics.iter().map(|topic| topic.messages).sum(),
        bytes,
        start_ns,
        end_ns,
        complete: problem.is_none(),
        problem,
        topics,
        loss: sum.ledger.and_then(|ledger| ledger.get("total").copied()),
        bookmarks: Vec::new(),
        files,
    }
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, BagError> {
    let io_error = |source: io::Error| {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => BagError::Missing { path },
            _ => BagError::Io { path, source },
        }
    };
    if !fs::metadata(path).map_err(io_error)?.is_dir() {
        if path.extension().is_some_and(|extension| extension == "db3") {
            return Err(BagError::Sqlite { path: path.to_owned() });
        }
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut other = None;
    for entry in fs::read_dir(path).map_err(io_error)? {
        let file = entry.map_err(io_error)?.path();
        let name = name_of(&file);
        if name.ends_with(".mcap") || name.ends_with(".mcap.active") {
            files.push(file);
        } else if name.ends_with(".db3") {
            other = Some(BagError::Sqlite { path: file });
        } else if name.ends_with(".mcap.zstd") || name.ends_with(".db3.zstd") {
            other = Some(BagError::Packed { path: file });
        }
    }
    if files.is_empty() {
        return Err(other.unwrap_or_else(|| BagError::Empty { path: path.to_owned() }));
    }
    files.sort_by_cached_key(|file| (number_of(file), file.clone()));
    Ok(files)
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The number of a split: 12 in `run_12.mcap`.
fn number_of(file: &Path) -> Option<u64> {
    let name = name_of(file);
    let stem = name.split(".mcap").next()?;
    stem.rsplit_once('_')?.1.parse().ok()
}
