//! The engine's own cost and the machine's state: only what was measured.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::{BorrowedFd, RawFd};
use std::path::{Path, PathBuf};

use rustix::net::AddressFamily;
use serde::Serialize;
use sysinfo::{MemoryRefreshKind, System};

use crate::clock::{monotonic_ns, process_cpu_ns};

/// The process and the machine, sampled once a second. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MonitorReport {
    /// Share of one core that the process used since the sample before: 1.0 is one whole core.
    pub cpu: Option<f64>,
    /// Resident memory of the process in bytes.
    pub rss_bytes: Option<u64>,
    /// Names of the threads of the process, sorted.
    pub threads: Vec<String>,
    /// Open file descriptors of the process.
    pub files: Option<usize>,
    /// Memory of the machine in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory of the machine that programs can still get, in bytes.
    pub memory_available_bytes: Option<u64>,
    /// Runnable tasks of the machine, mean over one minute.
    pub load_one: Option<f64>,
}

/// Samples [`MonitorReport`]s.
#[derive(Debug)]
pub struct Monitor {
    /// `None` where the system does not tell.
    system: Option<System>,
    /// Monotonic time and process CPU time of the sample before.
    before: Option<(i64, i64)>,
}

impl Default for Monitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Monitor {
    /// Starts measuring.
    #[must_use]
    pub fn new() -> Self {
        Self {
            system: System::new().ok(),
            before: None,
        }
    }

    /// Measures now.
    pub fn sample(&mut self) -> MonitorReport {
        let (now, cpu_now) = (monotonic_ns(), process_cpu_ns());
        let cpu = self.before.replace((now, cpu_now)).and_then(|(then, cpu_then)| {
            let wall = now - then;
            (wall > 0).then(|| (cpu_now - cpu_then) as f64 / wall as f64)
        });
        let memory = self.system.as_mut().map(|system| {
            system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
            (system.total_memory(), system.available_memory())
        });
        let memory = memory.filter(|(total, _)| *total > 0);
        MonitorReport {
            cpu,
            rss_bytes: rss_bytes(),
            threads: thread_names(),
            files: open_files(),
            memory_total_bytes: memory.map(|(total, _)| total),
            memory_available_bytes: memory.map(|(_, available)| available),
            load_one: load_one(),
        }
    }
}

/// Resident memory of this process in bytes.
#[must_use]
pub fn rss_bytes() -> Option<u64> {
    // Second number of `statm`: resident pages (proc_pid_statm(5)).
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// The threads of this process, by number and name. The kernel cuts names to 15 bytes.
#[must_use]
pub fn threads() -> Vec<(u32, String)> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let thread = |task: fs::DirEntry| {
        let number = task.file_name().to_str()?.parse().ok()?;
        let name = fs::read(task.path().join("comm")).ok()?;
        Some((number, String::from_utf8_lossy(&name).trim_end().to_owned()))
    };
    tasks.filter_map(|task| thread(task.ok()?)).collect()
}

/// Names of the threads of this process, sorted.
#[must_use]
pub fn thread_names() -> Vec<String> {
    let mut names: Vec<String> = threads().into_iter().map(|(_, name)| name).collect();
    names.sort_unstable();
    names
}

/// Open file descriptors of this process.
#[must_use]
pub fn open_files() -> Option<usize> {
    let entries = fs::read_dir(Path::new("/proc/self/fd")).ok()?;
    // The directory that is being read is one of them.
    Some(entries.count().saturating_sub(1))
}

/// What is open of the kinds that an engine opens: regular files, by their path, and network sockets, by their inode.
/// A window system, a runtime or a device driver in the same process opens other kinds.
#[must_use]
pub fn files_and_sockets() -> Option<BTreeSet<PathBuf>> {
    let file = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        let text = target.to_string_lossy();
        let special = ["/dev/", "/proc/", "/sys/", "/memfd:"]
            .iter()
            .any(|root| text.starts_with(root));
        let number = || entry.file_name().to_str()?.parse().ok();
        let counts = (text.starts_with('/') && !special)
            || (text.starts_with("socket:") && number().is_some_and(is_network_socket));
        counts.then_some(target)
    };
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    Some(entries.filter_map(|entry| file(entry.ok()?)).collect())
}

/// True for a socket of IPv4 or IPv6. The kernel's tables would tell as well, but take 10 ms to read.
#[allow(unsafe_code)]
fn is_network_socket(number: RawFd) -> bool {
    // SAFETY: the number is only asked for its domain. Should another thread have closed it meanwhile, that gives an error,
    // and a file that took its place answers for itself.
    let socket = unsafe { BorrowedFd::borrow_raw(number) };
    let domain = rustix::net::sockopt::socket_domain(socket);
    matches!(domain, Ok(AddressFamily::INET | AddressFamily::INET6))
}

fn load_one() -> Option<f64> {
    fs::read_to_string("/proc/loadavg")
        .ok()?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_this_process() {
        let mut monitor = Monitor::new();
        let first = monitor.sample();
        assert_eq!(first.cpu, None, "no interval yet");
        assert!(first.rss_bytes.is_some_and(|bytes| bytes > 1 << 20));
        assert!(first.files.is_some_and(|files| files >= 3));
        assert!(first.memory_available_bytes <= first.memory_total_bytes);
        let (from, mut sum) = (monotonic_ns(), 0_u64);
        while monotonic_ns() - from < 20_000_000 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(monitor.sample().cpu.is_some_and(|cpu| cpu > 0.1));
    }

    #[test]
    fn threads_are_named() {
        let (send, wait) = std::sync::mpsc::channel::<()>();
        let (started, running) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("monitor-test".into())
            .spawn(move || {
                let _ = started.send(());
                let _ = wait.recv();
            })
            .expect("a thread");
        running.recv().expect("it runs");
        assert!(thread_names().iter().any(|name| name == "monitor-test"));
        drop(send);
        thread.join().expect("it ends");
    }
}
