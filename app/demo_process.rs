//! The demo robot as a process of its own: what it publishes comes over DDS like that of any other robot.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::window::Quit;

/// How long the robot may take to end.
const DEADLINE: Duration = Duration::from_secs(2);

/// The running robot. It ends with this value, and when this process dies.
#[derive(Debug)]
pub struct DemoProcess {
    child: Child,
}

impl DemoProcess {
    /// Starts `roswave demo --headless` from this very binary.
    ///
    /// # Errors
    /// When the system cannot start it.
    pub fn spawn(domain: Option<u32>, faults: &[String]) -> anyhow::Result<Self> {
        let binary = std::env::current_exe().context("cannot find this program's own file to start the demo robot")?;
        let mut command = Command::new(binary);
        let _ = command
            .args(["demo", "--headless", "--with-parent"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        if let Some(domain) = domain {
            let _ = command.arg(format!("--domain={domain}"));
        }
        for fault in faults {
            let _ = command.arg(format!("--fault={fault}"));
        }
        let child = command.spawn().context("cannot start the demo robot")?;
        Ok(Self { child })
    }

    /// Ends the robot and waits for it.
    pub fn stop(self) {
        drop(self);
    }

    /// In the robot's process: asks to quit when standard input closes, because the parent is gone.
    pub fn end_with_parent(quit: &Arc<Quit>) {
        let quit = Arc::clone(quit);
        // Reading cannot be interrupted: the thread is left to the end of the process.
        let _ = std::thread::Builder::new().name("parent".to_owned()).spawn(move || {
            let mut byte = [0];
            while std::io::stdin().read(&mut byte).is_ok_and(|n| n > 0) {}
            quit.request();
        });
    }
}

impl Drop for DemoProcess {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let end = Instant::now() + DEADLINE;
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
