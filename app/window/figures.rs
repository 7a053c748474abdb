//! What the window measures about itself: frames, CPU of the UI thread, and how old a sample is when it is drawn.

use roswave_engine::clock::{Timestamp, monotonic_ns, process_age_ns, thread_cpu_ns};
use serde::Serialize;

/// Sub-buckets per power of two: a quantile is off by at most 1/32 of its value.
const SUB_BUCKET_BITS: u32 = 5;
const BUCKETS: usize = (64 - SUB_BUCKET_BITS as usize) << SUB_BUCKET_BITS;

/// Two frames further apart than this are no sequence: the window slept in between.
const PAUSE_NS: i64 = 250_000_000;

/// The rate that the status bar shows is that of this span.
const RATE_SPAN_NS: i64 = 1_000_000_000;

/// A histogram of times in nanoseconds, of fixed size.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: vec![0; BUCKETS],
            count: 0,
            max: 0,
        }
    }
}

impl Histogram {
    /// Adds a time; negative ones count as 0.
    pub fn add(&mut self, nanoseconds: i64) {
        let value = u64::try_from(nanoseconds).unwrap_or(0);
        self.buckets[Self::bucket(value)] += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    fn bucket(value: u64) -> usize {
        let top = u64::BITS - value.leading_zeros();
        let shift = top.saturating_sub(SUB_BUCKET_BITS + 1);
        #[expect(clippy::cast_possible_truncation, reason = "the shifted value has six bits")]
        let sub = (value >> shift) as usize;
        ((shift as usize) << SUB_BUCKET_BITS) + sub
    }

    /// The middle of a bucket.
    fn value(bucket: usize) -> u64 {
        let sub_buckets = 1_usize << SUB_BUCKET_BITS;
        if bucket < 2 * sub_buckets {
            return bucket as u64;
        }
        let shift = bucket / sub_buckets - 1;
        let sub = (bucket - (shift << SUB_BUCKET_BITS)) as u64;
        (sub << shift) + (1 << shift >> 1)
    }

    /// The value below which this share of the times lies.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count"
    )]
    pub fn quantile(&self, share: f64) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let rank = ((self.count as f64 * share).ceil() as u64).clamp(1, self.count);
        if rank == self.count {
            return Some(self.max);
        }
        let mut seen = 0;
        let bucket = self.buckets.iter().position(|n| {
            seen += n;
            seen >= rank
        });
        Some(bucket.map_or(self.max, Self::value).min(self.max))
    }

    /// Median, 99th percentile and maximum in milliseconds; `None` when nothing was added.
    #[must_use]
    pub fn summary_ms(&self) -> Option<Summary> {
        #[expect(clippy::cast_precision_loss, reason = "times of less than days")]
        let ms = |ns: u64| ns as f64 / 1e6;
        Some(Summary {
            p50: ms(self.quantile(0.5)?),
            p99: ms(self.quantile(0.99)?),
            max: ms(self.max),
        })
    }
}

/// Median, 99th percentile and maximum, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Half of the times are below.
    pub p50: f64,
    /// 99 of 100 are below.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// Figures over the life of the window.
#[derive(Clone, Debug, Default)]
pub struct FrameFigures {
    /// Frames drawn.
    pub frames: u64,
    /// Samples taken from the rings.
    pub samples: u64,
    /// Between two frames of a moving picture.
    pub interval: Histogram,
    /// CPU time of the UI thread per frame: update, view, draw and present.
    pub cpu: Histogram,
    /// From the receipt of the samples drained for a frame, in the mean, until that frame was handed to the renderer. What a
    /// software renderer or a GPU does after that is not in it.
    pub age: Histogram,
    /// From the start of the process to its first frame, in nanoseconds; the kernel notes the start in hundredths of a second.
    pub first_frame_ns: Option<i64>,
    /// The same until the first frame that has samples to show.
    pub first_curves_ns: Option<i64>,
    /// The same until the first frame that shows all that was asked of a recording.
    pub all_curves_ns: Option<i64>,
    was_loading: bool,
    previous: Option<Marks>,
    recent: Recent,
}

#[derive(Clone, Copy, Debug)]
struct Marks {
    at_ns: i64,
    cpu_ns: i64,
}

/// The last whole second, for the status bar.
#[derive(Clone, Copy, Debug, Default)]
struct Recent {
    since_ns: i64,
    frames: u32,
    cpu_ns: i64,
    fps: Option<f64>,
    cpu_ms: Option<f64>,
}

impl FrameFigures {
    /// Call when a frame begins, before anything is drained for it.
    pub fn begin(&mut self) {
        self.begin_at(Marks {
            at_ns: monotonic_ns(),
            cpu_ns: thread_cpu_ns(),
        });
    }

    fn begin_at(&mut self, now: Marks) {
        if let Some(previous) = self.previous {
            let interval = now.at_ns - previous.at_ns;
            let cpu = now.cpu_ns - previous.cpu_ns;
            self.cpu.add(cpu);
            self.recent.cpu_ns += cpu;
            if interval < PAUSE_NS {
                self.interval.add(interval);
            }
        }
        self.previous = Some(now);
        self.recent.frames += 1;
        if now.at_ns - self.recent.since_ns >= RATE_SPAN_NS {
            self.close_recent(now.at_ns);
        }
    }

    fn close_recent(&mut self, now_ns: i64) {
        let span = now_ns - self.recent.since_ns;
        let frames = f64::from(self.recent.frames);
        // After a sleep the span says nothing about the rate while the picture moved.
        let usable = self.recent.since_ns != 0 && span < 3 * RATE_SPAN_NS && self.recent.frames > 0;
        #[expect(clippy::cast_precision_loss, reason = "spans of seconds")]
        let figures = usable.then(|| (frames * 1e9 / span as f64, self.recent.cpu_ns as f64 / 1e6 / frames));
        self.recent = Recent {
            since_ns: now_ns,
            frames: 0,
            cpu_ns: 0,
            fps: figures.map(|f| f.0),
            cpu_ms: figures.map(|f| f.1),
        };
    }

    /// Call when a frame was drawn; `received` is the mean receive time of the samples drained for it, `is_loading` says
    /// that more of a recording is on its way.
    pub fn drawn(&mut self, received: Option<Timestamp>, is_loading: bool) {
        if self.frames == 0 {
            self.first_frame_ns = process_age_ns();
        }
        self.frames += 1;
        if self.samples > 0 && self.first_curves_ns.is_none() {
            self.first_curves_ns = process_age_ns();
        }
        let is_loaded = std::mem::replace(&mut self.was_loading, is_loading) && !is_loading;
        if is_loaded && self.samples > 0 && self.all_curves_ns.is_none() {
            self.all_curves_ns = process_age_ns();
        }
        if let Some(received) = received {
            self.age.add(Timestamp::now().since(received));
        }
    }

    /// Frames per second and CPU milliseconds of the UI thread per frame, over the last second that had frames.
    #[must_use]
    pub fn recent(&self) -> (Option<f64>, Option<f64>) {
        (self.recent.fps, self.recent.cpu_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_thirty_second() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.summary_ms(), None);
        for ns in 1..=100_000_i64 {
            histogram.add(ns * 100);
        }
        let p50 = histogram.quantile(0.5).expect("values") as f64;
        let p99 = histogram.quantile(0.99).expect("values") as f64;
        assert!((p50 / 5_000_000.0 - 1.0).abs() < 1.0 / 32.0, "{p50}");
        assert!((p99 / 9_900_000.0 - 1.0).abs() < 1.0 / 32.0, "{p99}");
        assert_eq!(histogram.summary_ms().expect("values").max, 10.0);
        histogram.add(-5);
        histogram.add(i64::MAX);
        assert_eq!(histogram.quantile(1.0), Some(i64::MAX as u64));
    }

    #[test]
    fn a_sleep_is_no_frame_interval() {
        let mut figures = FrameFigures::default();
        for at_ns in [0, 16_000_000, 32_000_000, 5_000_000_000, 5_016_000_000] {
            figures.begin_at(Marks {
                at_ns,
                cpu_ns: at_ns / 10,
            });
            figures.drawn(None, false);
        }
        assert_eq!(figures.frames, 5);
        let interval = figures.interval.summary_ms().expect("intervals");
        assert_eq!(interval.max, 16.0);
        assert!(figures.age.summary_ms().is_none());
    }
}
