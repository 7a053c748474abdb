//! A screen for the window's behaviours: Xvfb with openbox.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Process, finish};

/// An X server on a display of its own, with a window manager.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Process,
    _manager: Process,
}

impl Display {
    /// Starts one of 1280 x 720. Each test takes a number of its own.
    #[must_use]
    pub fn start(number: u32) -> Self {
        let name = format!(":{number}");
        let mut server = Command::new("Xvfb");
        let _ = server.args([&name, "-screen", "0", "1280x720x24", "-nolisten", "tcp"]);
        let server = Process::start(server);
        let socket = PathBuf::from(format!("/tmp/.X11-unix/X{number}"));
        let end = Instant::now() + Duration::from_secs(20);
        while !socket.exists() {
            assert!(Instant::now() < end, "Xvfb did not start on {name}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut manager = Command::new("openbox");
        let _ = manager.env("DISPLAY", &name);
        Self {
            _manager: Process::start(manager),
            _server: server,
            name,
        }
    }

    /// What `DISPLAY` must hold.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes what the whole screen shows.
    pub fn shot(&self, file: &Path) {
        let mut import = Command::new("import");
        let _ = import.args(["-display", &self.name, "-window", "root"]).arg(file);
        let output = finish(import, Duration::from_secs(30));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
