//! How evenly samples were taken.

use std::ops::Range;

use super::{BURST_GAP_FACTOR, GAP_FACTOR, GapPolicy};

/// Root mean square of the intervals' relative deviation below which sampling is regular: a sine at a quarter of the
/// rate then carries errors 56 dB below it.
const REGULAR_RMS: f64 = 0.001;
/// The same, above which sampling is irregular.
const IRREGULAR_RMS: f64 = 0.25;
/// Share of intervals that, when they are gaps, make sampling irregular.
const IRREGULAR_GAPS: f64 = 0.01;
/// Share of intervals above which long ones are no exception.
const BURST_SHARE: f64 = 0.25;

/// How evenly samples were taken. Deviations are those of the intervals from their mean, gaps left out, in shares of the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// A deviation of 0.1 % rms at most, and gaps in fewer than 1 % of the intervals.
    Regular,
    /// A typical interval that samples keep more or less.
    Jittered {
        /// Root mean square of the deviation.
        rms: f64,
        /// Largest deviation.
        max: f64,
    },
    /// No typical interval: a deviation above 25 % rms, or gaps in more than 1 % of the intervals.
    Irregular {
        /// Root mean square of the deviation.
        rms: f64,
        /// Largest deviation.
        max: f64,
    },
}

/// What stands before a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Interval,
    /// A gap, according to the caller.
    Flagged,
    /// Nothing: it is the first, or time went back.
    Start,
}

/// The samples that count: finite and, within each stretch, at rising times.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub times_ns: Vec<i64>,
    pub values: Vec<f64>,
    before: Vec<Before>,
    intervals: Vec<i64>,
    flagged: Vec<i64>,
    pub missing: usize,
    pub repeated: usize,
    pub restarts: usize,
}

impl Kept {
    pub(super) fn fill(&mut self, times_ns: &[i64], values: &[f64], breaks: &[usize]) {
        self.times_ns.clear();
        self.values.clear();
        self.before.clear();
        (self.missing, self.repeated, self.restarts) = (0, 0, 0);
        let mut breaks = breaks.iter().copied().peekable();
        let mut flagged = false;
        for (row, (&time, &value)) in times_ns.iter().zip(values).enumerate() {
            while breaks.next_if(|&at| at <= row).is_some() {
                flagged = true;
            }
            if !value.is_finite() {
                self.missing += 1;
                continue;
            }
            let before = match self.times_ns.last() {
                None => Before::Start,
                Some(&last) if time == last => {
                    self.repeated += 1;
                    if let Some(back) = self.values.last_mut() {
                        *back = value;
                    }
                    continue;
                }
                Some(&last) if time < last => {
                    self.restarts += 1;
                    Before::Start
                }
                Some(_) if flagged => Before::Flagged,
                Some(_) => Before::Interval,
            };
            flagged = false;
            self.times_ns.push(time);
            self.values.push(value);
            self.before.push(before);
        }
    }

    /// Sorts the intervals between samples into flagged ones and others.
    fn collect_intervals(&mut self) {
        self.intervals.clear();
        self.flagged.clear();
        let pairs = self.times_ns.windows(2).zip(self.before.iter().skip(1));
        for (two, before) in pairs {
            let interval = two[1].saturating_sub(two[0]);
            match before {
                Before::Interval => self.intervals.push(interval),
                Before::Flagged => self.flagged.push(interval),
                Before::Start => {}
            }
        }
    }

    /// The samples of the longest stretch.
    pub(super) fn longest_stretch(&self, policy: GapPolicy, gap_above_ns: f64) -> Range<usize> {
        let mut best = 0..0;
        let mut from = 0;
        for to in 1..=self.values.len() {
            let ends = self.before.get(to).is_none_or(|before| {
                let interval = self.times_ns[to].saturating_sub(self.times_ns[to - 1]);
                *before == Before::Start || policy == GapPolicy::Longest && is_gap(*before, interval, gap_above_ns)
            });
            if ends {
                if to - from >= best.len() {
                    best = from..to;
                }
                from = to;
            }
        }
        best
    }
}

fn is_gap(before: Before, interval_ns: i64, gap_above_ns: f64) -> bool {
    before == Before::Flagged || interval_ns as f64 > gap_above_ns
}

/// What the intervals say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub sampling: Sampling,
    /// Of the intervals that are not flagged.
    pub median_ns: f64,
    /// Of those that are no gap.
    pub mean_ns: f64,
    pub gap_above_ns: f64,
    pub gaps: usize,
    pub longest_gap_ns: i64,
}

/// Measures the intervals; `None` when there is none.
pub(super) fn measure(kept: &mut Kept) -> Option<Measured> {
    kept.collect_intervals();
    let flagged = &mut kept.flagged;
    let intervals = &mut kept.intervals;
    let median_ns = median(intervals).or_else(|| median(flagged))?;
    let count = (intervals.len() + flagged.len()) as f64;

    let long = intervals.iter().filter(|i| **i as f64 > GAP_FACTOR * median_ns).count();
    let gap_above_ns = if long as f64 > BURST_SHARE * count {
        let sum: f64 = intervals.iter().map(|&i| i as f64).sum();
        BURST_GAP_FACTOR * sum / intervals.len() as f64
    } else {
        GAP_FACTOR * median_ns
    };

    let mut gaps = flagged.len();
    let mut longest_gap_ns = flagged.iter().copied().max().unwrap_or(0);
    let (mut plain, mut sum) = (0_usize, 0.0);
    for &interval in &*intervals {
        if interval as f64 > gap_above_ns {
            gaps += 1;
            longest_gap_ns = longest_gap_ns.max(interval);
        } else {
            plain += 1;
            sum += interval as f64;
        }
    }
    let mean_ns = if plain > 0 { sum / plain as f64 } else { median_ns };

    let (mut squares, mut max) = (0.0, 0.0_f64);
    for interval in intervals.iter().map(|&i| i as f64).filter(|i| *i <= gap_above_ns) {
        let deviation = interval / mean_ns - 1.0;
        squares += deviation * deviation;
        max = max.max(deviation.abs());
    }
    let rms = (squares / plain.max(1) as f64).sqrt();
    let sampling = if rms > IRREGULAR_RMS || gaps as f64 > IRREGULAR_GAPS * count {
        Sampling::Irregular { rms, max }
    } else if rms > REGULAR_RMS {
        Sampling::Jittered { rms, max }
    } else {
        Sampling::Regular
    };
    Some(Measured {
        sampling,
        median_ns,
        mean_ns,
        gap_above_ns,
        gaps,
        longest_gap_ns,
    })
}

/// The median, the mean of the middle two where there are two. Orders the values on the way.
fn median(values: &mut [i64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, &mut upper, _) = values.select_nth_unstable(middle);
    let lower = below.iter().copied().max().filter(|_| !odd).unwrap_or(upper);
    Some(lower as f64 / 2.0 + upper as f64 / 2.0)
}
