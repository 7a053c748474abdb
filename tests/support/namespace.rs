//! A network namespace that holds nothing but `lo`: the whole network of one test.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A network namespace with only `lo`, up. It ends with this value, even when the test is killed: its holder waits on
/// our end of a pipe.
#[derive(Debug)]
pub struct Namespace {
    holder: Child,
    root: bool,
}

impl Namespace {
    /// Makes one. Without root rights it lives in a user namespace of its own.
    #[must_use]
    pub fn new() -> Self {
        let root = Command::new("id").arg("-u").output().expect("id runs").stdout == b"0\n";
        let mut unshare = Command::new("unshare");
        if !root {
            let _ = unshare.args(["--user", "--map-root-user"]);
        }
        let mut holder = unshare
            .args(["--net", "sh", "-c", "ip link set lo up && echo up && exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare runs");
        let mut line = String::new();
        let read = BufReader::new(holder.stdout.as_mut().expect("piped")).read_line(&mut line);
        assert!(
            read.is_ok() && line == "up\n",
            "cannot make a network namespace: tests need root or user namespaces"
        );
        Self { holder, root }
    }

    /// A command that runs inside, with ROS and display settings of the caller taken away.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        let _ = command.arg(format!("--target={}", self.holder.id())).arg("--net");
        if !self.root {
            let _ = command.args(["--user", "--preserve-credentials"]);
        }
        let _ = command.arg("--").arg(program).stdin(Stdio::null());
        for name in [
            "ROS_DOMAIN_ID",
            "ROS_STATIC_PEERS",
            "ROS_AUTOMATIC_DISCOVERY_RANGE",
            "CYCLONEDDS_URI",
        ] {
            let _ = command.env_remove(name);
        }
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "RUST_LOG", "AMENT_PREFIX_PATH"] {
            let _ = command.env_remove(name);
        }
        command
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}
