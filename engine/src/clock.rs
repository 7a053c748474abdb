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
