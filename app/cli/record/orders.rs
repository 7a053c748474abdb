//! What a running recording is told to do: lines on standard input, and a signal.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::SIGUSR1;

/// Longest line that is kept; the rest of a longer one is dropped.
const LINE_MAX: usize = 64 * 1024;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Marks this moment with a text.
    Mark(String),
    /// Begins the next file.
    Split,
    /// Pulls the trigger: why.
    Trigger(&'static str),
    /// Ends the recording.
    Stop,
    /// Not understood.
    Unknown(String),
}

/// Looks for them without ever waiting.
pub(super) struct Orders {
    signalled: Arc<AtomicBool>,
    terminal: bool,
    open: bool,
    line: Vec<u8>,
}

impl Orders {
    /// Listens to SIGUSR1 from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let signalled = Arc::new(AtomicBool::new(false));
        let _ = signal_hook::flag::register(SIGUSR1, Arc::clone(&signalled))
            .context("cannot listen for SIGUSR1; give the order `trigger` on standard input")?;
        Ok(Self {
            signalled,
            terminal: std::io::stdin().is_terminal(),
            open: true,
            line: Vec::new(),
        })
    }

    /// What was ordered since the last look.
    pub(super) fn take(&mut self) -> Vec<Order> {
        let mut orders = Vec::new();
        if self.signalled.swap(false, Ordering::AcqRel) {
            orders.push(Order::Trigger("SIGUSR1 came"));
        }
        let mut buffer = [0; 4096];
        // A few at a time: whoever writes faster than that waits.
        for _ in 0..16 {
            let Some(read) = self.read(&mut buffer) else { break };
            for byte in buffer.iter().take(read) {
                match *byte {
                    b'\n' => orders.extend(parse(&std::mem::take(&mut self.line))),
                    byte if self.line.len() < LINE_MAX => self.line.push(byte),
                    _ => {}
                }
            }
        }
        if !self.open && !self.line.is_empty() {
            orders.extend(parse(&std::mem::take(&mut self.line)));
        }
        orders
    }

    /// Reads what is there; `None` when that is nothing.
    fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let stdin = std::io::stdin();
        let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let ready = self.open && poll(&mut polled, Some(&now)).is_ok_and(|ready| ready > 0);
        // A process in the background that reads from its terminal is stopped by the system.
        if !ready || (self.terminal && !is_in_foreground()) {
            return None;
        }
        match rustix::io::read(&stdin, buffer) {
            Ok(0) => {
                self.open = false;
                None
            }
            Ok(read) => Some(read),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => None,
            Err(_) => {
                self.open = false;
                None
            }
        }
    }
}

/// True when the terminal is ours.
fn is_in_foreground() -> bool {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else {
        return false;
    };
    // Behind the name, which may hold anything: state, parent, group, session, terminal, the terminal's group.
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return false;
    };
    let fields: Vec<&str> = rest.split_whitespace().collect();
    match (fields.get(2), fields.get(5)) {
        (Some(own), Some(foreground)) => own == foreground,
        _ => false,
    }
}

fn parse(line: &[u8]) -> Option<Order> {
    let line = String::from_utf8_lossy(line);
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some(match (word, rest.trim()) {
        ("", _) => return None,
        ("mark", text) => Order::Mark(text.to_owned()),
        ("split", "") => Order::Split,
        ("trigger", "") => Order::Trigger("it was ordered"),
        ("stop", "") => Order::Stop,
        _ => Order::Unknown(line.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_lines() {
        assert_eq!(
            parse(b"mark the arm  jerked \r"),
            Some(Order::Mark("the arm  jerked".to_owned()))
        );
        assert_eq!(parse(b" trigger"), Some(Order::Trigger("it was ordered")));
        assert_eq!(parse(b"split"), Some(Order::Split));
        assert_eq!(parse(b"stop"), Some(Order::Stop));
        assert_eq!(parse(b"  "), None);
        assert_eq!(parse(b"stop it"), Some(Order::Unknown("stop it".to_owned())));
    }
}
