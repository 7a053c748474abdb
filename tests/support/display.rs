//! A screen for the window's behaviours: Xvfb with openbox.

use std::path::Path;
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
    /// Starts one of 1280 x 720, on a number that is free; it can be connected to when this returns.
    #[must_use]
    pub fn start() -> Self {
        let mut server = Command::new("Xvfb");
        // The server itself tells when it is ready: the socket of one that was killed may still be there.
        let _ = server.args(["-displayfd", "1", "-screen", "0", "1280x720x24", "-nolisten", "tcp"]);
        let server = Process::start(server);
        let number = server.line(Duration::from_secs(20)).expect("Xvfb names its display");
        let name = format!(":{}", number.trim());
        let mut manager = Command::new("openbox");
        let _ = manager.env("DISPLAY", &name);
        let manager = Process::start(manager);
        // A window that is mapped while the manager starts may never be shown: wait until it answers for the desktop.
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let mut desktop = Command::new("xdotool");
            let _ = desktop.env("DISPLAY", &name).arg("get_desktop");
            if finish(desktop, Duration::from_secs(20)).status.success() {
                break;
            }
            assert!(Instant::now() < end, "openbox does not manage {name}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            _manager: manager,
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
