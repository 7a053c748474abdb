//! What the behaviours in `tests/` share: a network namespace with only `lo`, foreign peers, child processes with a deadline.
//!
//! Everything here panics on failure: it is only ever used by tests.

mod display;
mod namespace;
mod process;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub use display::Display;
pub use namespace::Namespace;
pub use process::{Process, finish};

/// The root of the project.
#[must_use]
pub fn top() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A foreign peer built from `tests/peers`: `cyclone_pub`, `cyclone_sub` or `fast_pub`.
#[must_use]
pub fn peer(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let () = *BUILT.get_or_init(|| {
        let out = top().join("target/peers");
        let status = Command::new("make")
            .arg("-s")
            .arg("-C")
            .arg(top().join("tests/peers"))
            .arg(format!("OUT={}", out.display()))
            .status()
            .expect("make runs");
        assert!(
            status.success(),
            "the foreign peers do not build: run `make test`, which installs what they need"
        );
    });
    top().join("target/peers").join(name)
}

/// The Python of the project's `.venv`, with the foreign readers and peers of `tests/requirements.txt`.
#[must_use]
pub fn python() -> PathBuf {
    let path = top().join(".venv/bin/python");
    assert!(
        path.exists(),
        "{} is missing: run `make test`, which makes it",
        path.display()
    );
    path
}

/// The JSON documents on the standard output of a finished command, one per line.
#[must_use]
pub fn json_lines(output: &std::process::Output) -> Vec<serde_json::Value> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}")))
        .collect()
}

/// The one JSON document on the standard output of a finished command.
#[must_use]
pub fn json(output: &std::process::Output) -> serde_json::Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|e| {
        panic!(
            "not JSON ({e}): {text}\nstandard error: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}
