//! Files that are compressed as a whole (`.mcap.zstd`, `.db3.zstd`): unpacked once into a file that goes away by itself.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::BagError;

/// Room that stays free where files are unpacked.
const RESERVE_BYTES: u64 = 512 * 1024 * 1024;

/// Bytes between two looks at the room that is left.
const STEP: u64 = 16 * 1024 * 1024;

/// An unpacked file, removed when nobody needs it any more.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub path: PathBuf,
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The directory for files that go away.
pub(super) fn temporary(name: &str) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let directory = std::env::temp_dir();
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("roswave-{}-{number}-{name}", std::process::id()));
        let made = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match made {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (path, file)),
        }
    }
}

/// Unpacks a file. What can be read of a damaged one is kept, and said.
pub(super) fn unpack(path: &Path) -> Result<(Unpacked, File, Option<String>), BagError> {
    let packed = |what: String| BagError::Packed {
        path: path.to_owned(),
        what,
    };
    let source = File::open(path).map_err(|error| BagError::io(path, error))?;
    let (to, mut file) = temporary("unpacked").map_err(|error| {
        packed(format!(
            "{error}; set TMPDIR to a directory with room, or unpack it with `zstd -d`"
        ))
    })?;
    let unpacked = Unpacked { path: to };
    let mut decoder = zstd::stream::read::Decoder::new(source)
        .map_err(|error| packed(format!("{error}; it may not be a zstd file")))?;
    let mut problem = None;
    loop {
        let room = rustix::fs::statvfs(&unpacked.path).map_err(|error| packed(error.to_string()))?;
        if room.f_bavail.saturating_mul(room.f_frsize) < RESERVE_BYTES {
            return Err(packed(format!(
                "{} has no room left; set TMPDIR to a directory with room, or unpack it with `zstd -d`",
                std::env::temp_dir().display()
            )));
        }
        match copy(&mut decoder, &mut file) {
            Ok(0) => break,
            Ok(_) => {}
            Err(Copy::Read(error)) => {
                problem = Some(format!("it does not unpack as a whole: {error}"));
                break;
            }
            Err(Copy::Write(error)) => return Err(packed(error.to_string())),
        }
    }
    Ok((unpacked, file, problem))
}

enum Copy {
    Read(io::Error),
    Write(io::Error),
}

fn copy(from: &mut impl io::Read, to: &mut File) -> Result<u64, Copy> {
    let mut buffer = vec![0; 256 * 1024];
    let mut from = from.take(STEP);
    let mut sum = 0_u64;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(sum),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Copy::Read(error)),
        };
        to.write_all(buffer.get(..read).unwrap_or_default())
            .map_err(Copy::Write)?;
        sum = sum.saturating_add(read as u64);
    }
}
