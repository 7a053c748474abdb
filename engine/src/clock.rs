//! The clocks of the engine. Nothing else asks the system for the time.

use serde::{Deserialize, Serialize};

/// Nanoseconds since the Unix epoch on the realtime clock, as DDS and ROS 2 stamp them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The present moment on the realtime clock.
    #[must_use]
    pub fn now() -> Self {
        let t = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        Self(t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec))
    }

    /// Nanoseconds from `earlier` to `self`; negative when `self` is the earlier one.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Nanoseconds on the monotonic clock: for intervals, never for display.
#[must_use]
pub fn monotonic_ns() -> i64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec)
}

/// CPU nanoseconds spent by the calling thread.
#[must_use]
pub fn thread_cpu_ns() -> i64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec)
}

/// CPU nanoseconds spent by the whole process.
#[must_use]
pub fn process_cpu_ns() -> i64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec)
}

/// Nanoseconds since this process was started, or `None` where the system does not tell. The kernel notes the start in
/// ticks, most often hundredths of a second (`starttime` of proc_pid_stat(5)).
#[must_use]
pub fn process_age_ns() -> Option<i64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the process, in parentheses, may hold anything; the state is the third field and the first behind it.
    let behind = stat.rsplit_once(')')?.1;
    let ticks: i64 = behind.split_ascii_whitespace().nth(19)?.parse().ok()?;
    let per_second = i64::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    let started = ticks.checked_mul(1_000_000_000)?.checked_div(per_second)?;
    let t = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let now = t.tv_sec.saturating_mul(1_000_000_000).saturating_add(t.tv_nsec);
    Some(now.saturating_sub(started))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_grows_older() {
        let age = process_age_ns().expect("Linux tells");
        assert!((0..86_400_000_000_000).contains(&age), "{age}");
        std::thread::sleep(std::time::Duration::from_millis(30));
        assert!(process_age_ns().expect("Linux tells") >= age + 30_000_000);
    }
}
