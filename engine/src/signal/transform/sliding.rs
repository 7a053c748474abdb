//! A summary of the values in a window, exact however long it slides.
//!
//! A running sum that adds what comes and takes away what leaves drifts, and one large value that has long left stays
//! as its rounding error. Here nothing is ever taken away: the window is two stacks, the older one with a summary of each
//! sample and all younger ones of that stack, the newer one with one summary of all. The summary of the window is the
//! two merged; a sample leaves with the top of the older stack, and when that is used up, the newer one is turned
//! over. Two steps per sample on average.

use super::error::TransformFault;
use super::seconds;
use super::spec::Window;

/// What is known of some samples.
pub(super) trait Summary: Copy {
    /// Of one sample, `time_s` and `value` counted from the origin.
    fn of(time_s: f64, value: f64) -> Self;
    /// Of two sets of samples.
    fn merge(self, other: Self) -> Self;
}

/// Count, mean and sum of squared deviations; merged after T. F. Chan, G. H. Golub and R. J. LeVeque, 1979.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread {
    pub count: f64,
    /// Counted from the origin.
    pub mean: f64,
    pub squares: f64,
}

impl Summary for Spread {
    fn of(_: f64, value: f64) -> Self {
        Self {
            count: 1.0,
            mean: value,
            squares: 0.0,
        }
    }

    fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        let share = other.count / count;
        let apart = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + apart * share,
            squares: self.squares + other.squares + apart * apart * self.count * share,
        }
    }
}

/// What a line of least squares needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    count: f64,
    /// The mean time, counted from the origin.
    time: f64,
    /// The mean value, counted from the origin.
    value: f64,
    time_squares: f64,
    products: f64,
}

impl Line {
    /// The line at a time that is counted from the origin, as the values are.
    pub(super) fn at(&self, time_s: f64) -> f64 {
        if self.time_squares > 0.0 {
            self.value + self.products / self.time_squares * (time_s - self.time)
        } else {
            self.value
        }
    }
}

impl Summary for Line {
    fn of(time_s: f64, value: f64) -> Self {
        Self {
            count: 1.0,
            time: time_s,
            value,
            time_squares: 0.0,
            products: 0.0,
        }
    }

    fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        let share = other.count / count;
        let (time, value) = (other.time - self.time, other.value - self.value);
        let weight = self.count * share;
        Self {
            count,
            time: self.time + time * share,
            value: self.value + value * share,
            time_squares: self.time_squares + other.time_squares + time * time * weight,
            products: self.products + other.products + time * value * weight,
        }
    }
}

/// One value in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub time_ns: i64,
    pub value: f64,
}

/// A window of finite values, and the summary of it.
#[derive(Debug)]
pub(super) struct Sliding<S> {
    window: Window,
    capacity: usize,
    span_ns: Option<i64>,
    /// The window starts anew when the time goes back by more than this; `None`: times do not matter.
    back_ns: Option<i64>,
    /// What values and times are counted from: always a sample within the window, so that an offset of a billion, or a
    /// spike that has left, takes no digits.
    pub origin: Entry,
    pub newest_ns: i64,
    newer: Vec<Entry>,
    newer_summary: Option<S>,
    /// Oldest on top.
    older: Vec<(Entry, S)>,
    full: bool,
}

impl<S: Summary> Sliding<S> {
    pub(super) fn new(window: Window, times_matter: bool) -> Self {
        let capacity = window.capacity();
        let span_ns = window.span_ns();
        Self {
            window,
            capacity,
            span_ns,
            back_ns: span_ns.or(times_matter.then_some(0)),
            origin: Entry { time_ns: 0, value: 0.0 },
            newest_ns: i64::MIN,
            newer: Vec::with_capacity(capacity),
            newer_summary: None,
            older: Vec::with_capacity(capacity),
            full: false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.newer.clear();
        self.newer_summary = None;
        self.older.clear();
        self.newest_ns = i64::MIN;
        self.full = false;
    }

    fn len(&self) -> usize {
        self.newer.len() + self.older.len()
    }

    fn oldest_ns(&self) -> Option<i64> {
        let top = self.older.last().map(|(entry, _)| entry);
        top.or(self.newer.first()).map(|entry| entry.time_ns)
    }

    fn summary_of(&self, entry: Entry) -> S {
        let time_s = seconds(self.origin.time_ns, entry.time_ns);
        S::of(time_s, entry.value - self.origin.value)
    }

    /// Turns the newer stack over onto the older one, which is empty.
    fn turn(&mut self) {
        let Some(newest) = self.newer.last() else { return };
        self.origin = *newest;
        self.newer_summary = None;
        while let Some(entry) = self.newer.pop() {
            let summary = self.summary_of(entry);
            let summary = match self.older.last() {
                Some((_, younger)) => summary.merge(*younger),
                None => summary,
            };
            self.older.push((entry, summary));
        }
    }

    fn drop_oldest(&mut self) {
        if self.older.is_empty() {
            self.turn();
        }
        let _ = self.older.pop();
        if self.older.is_empty() {
            // The origin has just left, so another one is needed at once.
            self.turn();
        }
    }

    /// Takes a finite value in, drops what has become too old, and yields the summary.
    pub(super) fn push(&mut self, time_ns: i64, value: f64) -> S {
        let back = self.newest_ns.saturating_sub(time_ns);
        if self.len() > 0 && self.back_ns.is_some_and(|limit| back > limit) {
            self.clear();
        }
        // A small step back is jitter: the sample counts as one of the newest time.
        let time_ns = if self.span_ns.is_some() {
            time_ns.max(self.newest_ns)
        } else {
            time_ns
        };
        self.newest_ns = time_ns;
        if let Some(span) = self.span_ns {
            while self
                .oldest_ns()
                .is_some_and(|oldest| time_ns.saturating_sub(oldest) >= span)
            {
                self.drop_oldest();
                self.full = false;
            }
        }
        if self.len() >= self.capacity {
            self.drop_oldest();
            self.full = self.span_ns.is_some();
        }
        let entry = Entry { time_ns, value };
        if self.len() == 0 {
            self.origin = entry;
        }
        let summary = self.summary_of(entry);
        self.newer.push(entry);
        let newer = self.newer_summary.map_or(summary, |newer| newer.merge(summary));
        self.newer_summary = Some(newer);
        self.older.last().map_or(newer, |(_, older)| older.merge(newer))
    }

    pub(super) fn fault(&self) -> Option<TransformFault> {
        let Window::Seconds(window_s) = self.window else {
            return None;
        };
        self.full.then_some(TransformFault::Full {
            window_s,
            samples: self.capacity,
        })
    }
}
