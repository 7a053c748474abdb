//! Child processes that never outlive their test.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running child whose standard output is read line by line.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    name: String,
}

impl Process {
    /// Starts `command` with its output piped.
    pub fn start(mut command: Command) -> Self {
        let name = format!("{command:?}");
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let stdout = child.stdout.take().expect("piped");
        let (sender, lines) = channel();
        let _reader = thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { break };
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines, name }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line, within `timeout`; `None` when the output ended.
    pub fn line(&self, timeout: Duration) -> Option<String> {
        match self.lines.recv_timeout(timeout) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("{} said nothing for {timeout:?}", self.name),
        }
    }

    /// Reads JSON lines until one has `"event": event`, and gives that one.
    pub fn event(&self, event: &str, timeout: Duration) -> Value {
        let end = Instant::now() + timeout;
        while let Some(line) = self.line(end.saturating_duration_since(Instant::now())) {
            if let Ok(value) = serde_json::from_str::<Value>(&line)
                && value["event"] == event
            {
                return value;
            }
        }
        panic!("{} ended without the event {event}", self.name);
    }

    /// Sends a signal by its name, such as `INT` or `KILL`.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(self.id().to_string())
            .status();
        assert!(
            status.is_ok_and(|s| s.success()),
            "cannot send SIG{signal} to {}",
            self.name
        );
    }

    /// Waits for the end; the remaining lines and the exit code.
    pub fn finish(mut self, timeout: Duration) -> (Vec<String>, i32) {
        let end = Instant::now() + timeout;
        let mut rest = Vec::new();
        while let Some(line) = self.line(end.saturating_duration_since(Instant::now())) {
            rest.push(line);
        }
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return (rest, status.code().unwrap_or(-1));
            }
            assert!(Instant::now() < end, "{} did not end within {timeout:?}", self.name);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `command` to its end; panics when that takes longer than `timeout`.
pub fn finish(mut command: Command, timeout: Duration) -> Output {
    let name = format!("{command:?}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut stdout = child.stdout.take().expect("piped");
    let mut stderr = child.stderr.take().expect("piped");
    let out = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stdout.read_to_end(&mut bytes);
        bytes
    });
    let err = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stderr.read_to_end(&mut bytes);
        bytes
    });
    let end = Instant::now() + timeout;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        if Instant::now() >= end {
            let _ = child.kill();
            let _ = child.wait();
            let said = String::from_utf8_lossy(&err.join().expect("the reader ends")).into_owned();
            panic!("{name} did not end within {timeout:?}; it said: {said}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    Output {
        status,
        stdout: out.join().expect("the reader ends"),
        stderr: err.join().expect("the reader ends"),
    }
}
