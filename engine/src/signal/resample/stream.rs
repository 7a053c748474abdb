//! Resampling of samples as they come, for what is shown while it is measured.
//!
//! The first samples are held back until it is known how evenly they come; then everything is put on a grid, a stretch
//! at a time. A gap begins a new stretch. Samples that come in bursts (a sensor that is read evenly and published in
//! packets) are taken as they are, one after the other; their clock is the count, and follows the times of the
//! samples slowly. When the rate changes for good, it is measured anew.

use super::sampling::{Kept, measure};
use super::{BURST_GAP_FACTOR, GapPolicy, MAX_RATE_HZ, Method, Report, Sampling};

/// Samples that are looked at before anything is given; fewer do when they last for [`PROBE_NS`].
const PROBE: usize = 512;
/// Time that is looked at, once there are [`PROBE_LEAST`] samples.
const PROBE_NS: i64 = 2_000_000_000;
/// Nothing is said of fewer samples.
const PROBE_LEAST: usize = 16;
/// Samples that come in bursts are looked at for longer: for this time, or so many of them. A burst at either end makes
/// the rate wrong by its share of the time.
const BURSTS_NS: i64 = 4_000_000_000;
const BURSTS: usize = 1 << 16;
/// So many gaps among so many intervals are another rate.
const CHANGED: (usize, usize) = (12, 24);
/// A pause between bursts that is longer than this many of the longest so far is a gap.
const PAUSES: f64 = 3.0;
/// The clock of samples that are taken as they are moves by this share of an interval at a time, at most.
const NUDGE: f64 = 0.4;
/// It moves after so many samples, so that it can follow a rate that is wrong by more than a hundredth.
const NUDGE_EVERY: u64 = 32;

/// What was found out about the sampling.
#[derive(Clone, Copy, Debug)]
struct Plan {
    method: Method,
    interval_ns: f64,
    gap_above_ns: f64,
}

/// A stretch of the grid that goes on.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Time of the first sample, from which the grid counts.
    anchor_ns: i64,
    /// Points of the grid so far.
    points: u64,
    last_ns: i64,
    last: f64,
}

/// Puts samples on a grid as they come.
#[derive(Debug, Default)]
pub struct Stream {
    kept: Kept,
    held: Vec<(i64, f64, bool)>,
    plan: Option<Plan>,
    report: Option<Report>,
    open: Option<Open>,
    gap: bool,
    /// Of samples that are taken as they are: when the count began, how many there were since, and when the last one came.
    count: Option<(i64, u64, i64)>,
    /// Nothing is looked at again before so many samples are held.
    look_at: usize,
    /// The latest intervals: how many there were, and how many of them were gaps.
    lately: (usize, usize),
    values: Vec<f64>,
    /// Where batches begin among the values, and the time of their first.
    batches: Vec<(usize, i64)>,
}

impl Stream {
    /// One that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rate of the grid; `None` until it is known.
    #[must_use]
    pub fn rate_hz(&self) -> Option<f64> {
        Some(1e9 / self.plan?.interval_ns)
    }

    /// The rate that was measured over all samples since the last gap; more exact than that of the grid where samples are
    /// taken as they are. `None` until the rate of the grid is known.
    #[must_use]
    pub fn measured_rate_hz(&self) -> Option<f64> {
        let plan = self.plan?;
        match self.count {
            Some((first_ns, count, last_ns)) if last_ns.saturating_sub(first_ns) >= BURSTS_NS => {
                Some(count as f64 * 1e9 / last_ns.saturating_sub(first_ns) as f64)
            }
            _ => Some(1e9 / plan.interval_ns),
        }
    }

    /// What was done so far; `None` until the rate is known.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// Takes the next sample; `gap` says that something is missing before it.
    pub fn push(&mut self, time_ns: i64, value: f64, gap: bool) {
        if self.plan.is_some() {
            self.accept(time_ns, value, gap);
            return;
        }
        self.held.push((time_ns, value, gap));
        let lasts_ns = time_ns.saturating_sub(self.held.first().map_or(time_ns, |first| first.0));
        if self.held.len() < self.look_at && lasts_ns < BURSTS_NS {
            return;
        }
        if self.held.len() >= PROBE || (self.held.len() >= PROBE_LEAST && lasts_ns >= PROBE_NS) {
            self.probe();
        }
    }

    /// Gives what is on the grid, in batches of evenly spaced values: the time of the first, and the values. The rate is
    /// [`Stream::rate_hz`]; ask for it before, for a batch never crosses a change of it.
    pub fn drain(&mut self, mut give: impl FnMut(i64, &[f64])) {
        for (index, (from, start_ns)) in self.batches.iter().enumerate() {
            let to = self.batches.get(index + 1).map_or(self.values.len(), |next| next.0);
            if let Some(values) = self.values.get(*from..to).filter(|values| !values.is_empty()) {
                give(*start_ns, values);
            }
        }
        self.values.clear();
        self.batches.clear();
    }

    /// Lets go of what lies before a long silence: it says nothing about how samples come now.
    fn drop_old(&mut self) {
        let silent = |pair: &[(i64, f64, bool)]| match pair {
            [before, after] => after.0.saturating_sub(before.0) > BURSTS_NS,
            _ => false,
        };
        if let Some(last) = self.held.windows(2).rposition(silent) {
            let _ = self.held.drain(..=last);
        }
    }

    /// Looks at the samples that are held, and takes them in.
    fn probe(&mut self) {
        self.drop_old();
        if self.held.len() < PROBE_LEAST {
            return;
        }
        let times: Vec<i64> = self.held.iter().map(|sample| sample.0).collect();
        let values: Vec<f64> = self.held.iter().map(|sample| sample.1).collect();
        let flagged = self.held.iter().enumerate().filter(|(_, sample)| sample.2);
        let breaks: Vec<usize> = flagged.map(|(index, _)| index).collect();
        self.kept.fill(&times, &values, &breaks);
        let Some(measured) = measure(&mut self.kept) else {
            // Nothing but what is missing; the next ones may tell.
            self.held.clear();
            return;
        };
        let span_ns = times
            .last()
            .zip(times.first())
            .map_or(0, |(last, first)| last.saturating_sub(*first));
        let is_burst = matches!(measured.sampling, Sampling::Irregular { .. }) && breaks.iter().all(|at| *at == 0);
        if is_burst && span_ns < BURSTS_NS && self.held.len() < BURSTS {
            self.look_at = self.held.len() * 2;
            return;
        }
        self.look_at = 0;
        let mut plan = Plan {
            method: Method::Linear,
            interval_ns: measured.mean_ns,
            gap_above_ns: measured.gap_above_ns,
        };
        if is_burst {
            let counted = self.held.iter().filter(|sample| sample.1.is_finite()).count();
            plan.method = Method::AsIs;
            plan.interval_ns = (span_ns as f64 / counted.saturating_sub(1).max(1) as f64).max(measured.mean_ns);
            // The pauses between bursts are no gaps.
            let pause_ns = PAUSES * measured.longest_gap_ns as f64;
            plan.gap_above_ns = (BURST_GAP_FACTOR * plan.interval_ns).max(pause_ns);
        }
        plan.interval_ns = plan.interval_ns.max(1e9 / MAX_RATE_HZ);
        self.plan = Some(plan);
        // What waits is of another rate.
        self.values.clear();
        self.batches.clear();
        let counts = self.report.take();
        self.report = Some(Report {
            sampling: measured.sampling,
            method: plan.method,
            policy: GapPolicy::Longest,
            rate_hz: 1e9 / plan.interval_ns,
            median_ns: measured.median_ns,
            mean_ns: measured.mean_ns,
            gaps: counts.map_or(0, |counts| counts.gaps),
            longest_gap_ns: counts.map_or(0, |counts| counts.longest_gap_ns),
            missing: counts.map_or(0, |counts| counts.missing),
            repeated: counts.map_or(0, |counts| counts.repeated),
            restarts: counts.map_or(0, |counts| counts.restarts),
            used: counts.map_or(0, |counts| counts.used),
            given: counts.map_or(0, |counts| counts.given),
        });
        self.lately = (0, 0);
        self.open = None;
        for (time_ns, value, gap) in std::mem::take(&mut self.held) {
            self.accept(time_ns, value, gap);
        }
    }

    fn accept(&mut self, time_ns: i64, value: f64, gap: bool) {
        let (Some(plan), Some(report)) = (self.plan, &mut self.report) else {
            self.held.push((time_ns, value, gap));
            return;
        };
        report.given += 1;
        self.gap |= gap;
        if !value.is_finite() {
            report.missing += 1;
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        let interval_ns = self.open.map(|open| time_ns.saturating_sub(open.last_ns));
        if let Some(open) = self.open.as_mut().filter(|open| open.last_ns == time_ns)
            && plan.method != Method::AsIs
        {
            report.repeated += 1;
            open.last = value;
            return;
        }
        report.used += 1;
        let is_back = interval_ns.is_some_and(|interval_ns| interval_ns < 0);
        let is_gap = gap || interval_ns.is_some_and(|interval_ns| interval_ns as f64 > plan.gap_above_ns);
        if let Some(interval_ns) = interval_ns {
            if is_back {
                report.restarts += 1;
            } else if is_gap {
                report.gaps += 1;
                report.longest_gap_ns = report.longest_gap_ns.max(interval_ns);
            }
            if self.note(is_gap && !gap) {
                self.plan = None;
                self.open = None;
                self.held.push((time_ns, value, false));
                return;
            }
        }
        match self.open {
            Some(open) if !is_gap && !is_back => self.go_on(plan, open, time_ns, value),
            _ => self.begin(time_ns, value),
        }
    }

    /// Notes an interval; true when lately there were so many gaps that the rate must be another.
    fn note(&mut self, is_gap: bool) -> bool {
        let (intervals, gaps) = &mut self.lately;
        *intervals += 1;
        *gaps += usize::from(is_gap);
        let changed = *gaps >= CHANGED.0;
        if *intervals >= CHANGED.1 {
            self.lately = (0, 0);
        }
        changed
    }

    fn begin(&mut self, time_ns: i64, value: f64) {
        self.batches.push((self.values.len(), time_ns));
        self.values.push(value);
        self.count = Some((time_ns, 0, time_ns));
        self.open = Some(Open {
            anchor_ns: time_ns,
            points: 1,
            last_ns: time_ns,
            last: value,
        });
    }

    fn go_on(&mut self, plan: Plan, mut open: Open, time_ns: i64, value: f64) {
        let due = |open: &Open| {
            open.anchor_ns
                .saturating_add((open.points as f64 * plan.interval_ns) as i64)
        };
        let is_due = plan.method == Method::AsIs && open.points >= NUDGE_EVERY;
        if self.batches.is_empty() || is_due {
            // The time of the first point to come, in the words of this batch.
            if plan.method == Method::AsIs {
                let late = time_ns.saturating_sub(due(&open)) as f64;
                let nudge = late.clamp(-NUDGE * plan.interval_ns, NUDGE * plan.interval_ns);
                open.anchor_ns = due(&open).saturating_add(nudge as i64);
                open.points = 0;
            }
            self.batches.push((self.values.len(), due(&open)));
        }
        if plan.method == Method::AsIs {
            self.values.push(value);
            open.points += 1;
            self.count = self.count.map(|(first_ns, count, _)| (first_ns, count + 1, time_ns));
        } else {
            let offset = |time_ns: i64| time_ns.saturating_sub(open.anchor_ns) as f64;
            let (before, after) = (offset(open.last_ns), offset(time_ns));
            loop {
                let at = open.points as f64 * plan.interval_ns;
                if at > after {
                    break;
                }
                let share = (at - before) / (after - before);
                self.values.push(open.last * (1.0 - share) + value * share);
                open.points += 1;
            }
        }
        open.last_ns = time_ns;
        open.last = value;
        self.open = Some(open);
    }
}

#[cfg(test)]
mod tests;
