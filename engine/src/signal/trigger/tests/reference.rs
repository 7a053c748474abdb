//! The events of a whole list of samples, by looking back over the list for each of them.

use crate::signal::trigger::{
    Condition, Event, EventKind, LATE_LIMIT_NS, Match, Mode, Polarity, Sense, Slope, TriggerSpec, Width,
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub time_ns: i64,
    pub value: f64,
    pub gap: bool,
}

/// Rows between two restarts, without late ones.
fn epochs(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut epochs: Vec<Vec<Row>> = vec![Vec::new()];
    let mut broken = false;
    for row in rows {
        let epoch = epochs.last_mut().expect("begins with one");
        if let Some(last) = epoch.last().filter(|last| row.time_ns < last.time_ns) {
            if last.time_ns - row.time_ns <= LATE_LIMIT_NS {
                broken |= row.gap;
                continue;
            }
            epochs.push(vec![*row]);
        } else {
            let gap = row.gap || broken;
            epoch.push(Row { gap, ..*row });
        }
        broken = false;
    }
    epochs
}

struct List {
    rows: Vec<Row>,
    /// Rows of the same number are joined.
    part: Vec<usize>,
}

impl List {
    fn new(rows: Vec<Row>) -> Self {
        let mut part = Vec::new();
        let mut number = 0;
        for row in &rows {
            number += usize::from(row.gap || !row.value.is_finite());
            part.push(number);
            number += usize::from(!row.value.is_finite());
        }
        Self { rows, part }
    }

    fn joined_before(&self, at: usize) -> std::ops::Range<usize> {
        self.part.partition_point(|part| *part < self.part[at])..at
    }

    fn v(&self, at: usize) -> f64 {
        self.rows[at].value
    }

    /// Row `at` is `there`, and of those before it that are not `there` one is `far`, after the last that is.
    fn arrives(&self, at: usize, there: impl Fn(f64) -> bool, far: impl Fn(f64) -> bool) -> bool {
        let before = self.joined_before(at);
        let since = before
            .clone()
            .rev()
            .find(|i| there(self.v(*i)))
            .map_or(before.start, |i| i + 1);
        there(self.v(at)) && (since..at).any(|i| !there(self.v(i)) && far(self.v(i)))
    }

    fn rises(&self, at: usize, sign: f64, level: f64, hysteresis: f64) -> bool {
        let (level, base) = (sign * level, sign * level - hysteresis);
        self.arrives(at, |v| sign * v >= level, |v| sign * v <= base)
    }

    fn crossing(&self, at: usize, threshold: f64) -> Option<i64> {
        let (from, to) = (self.rows[at - 1], self.rows[at]);
        let share = (threshold - from.value) / (to.value - from.value);
        Some(from.time_ns + (share * (to.time_ns - from.time_ns) as f64).round() as i64)
    }

    fn glitch(&self, at: usize, sign: f64, level: f64, hysteresis: f64, width: Width) -> Option<Option<i64>> {
        let ends = |i: usize| sign * self.v(i) < sign * level && sign * self.v(i) <= sign * level - hysteresis;
        let begins = |i: &usize| self.rises(*i, sign, level, hysteresis);
        // The pulse that this row is the end or the middle of: no end may lie between. A rise within a pulse, which
        // noise around the level can make, is no begin; but that takes an end before it.
        let before = self.joined_before(at);
        let after_end = before.clone().rev().find(|i| ends(*i)).map_or(before.start, |i| i + 1);
        let begin = (after_end..at).find(begins)?;
        let lasts = |i: usize| self.rows[i].time_ns - self.rows[begin].time_ns;
        match width {
            Width::ShorterNs(ns) => {
                let threshold = level - sign * hysteresis;
                (ends(at) && lasts(at) < ns).then(|| self.crossing(at, threshold))
            }
            Width::LongerNs(ns) => {
                let first = (begin + 1..=at).find(|i| lasts(*i) > ns);
                (first == Some(at)).then_some(None)
            }
        }
    }

    fn meets(&self, at: usize, condition: Condition) -> Option<Option<i64>> {
        if !self.v(at).is_finite() {
            return None;
        }
        let before = self.joined_before(at).next_back().map(|i| self.v(i));
        match condition {
            Condition::Edge {
                slope,
                level,
                hysteresis,
            } => {
                let up = slope != Slope::Falling && self.rises(at, 1.0, level, hysteresis);
                let down = slope != Slope::Rising && self.rises(at, -1.0, level, hysteresis);
                (up || down).then(|| self.crossing(at, level))
            }
            Condition::Window {
                low,
                high,
                sense,
                hysteresis: by,
            } => {
                let inside = |v: f64| low <= v && v <= high;
                match sense {
                    Sense::Leave => self
                        .arrives(at, |v| !inside(v), |v| low + by <= v && v <= high - by)
                        .then(|| self.crossing(at, if self.v(at) > high { high } else { low })),
                    Sense::Enter => self
                        .arrives(at, inside, |v| v <= low - by || v >= high + by)
                        .then(|| self.crossing(at, if self.v(at - 1) > high { high } else { low })),
                }
            }
            Condition::Glitch {
                level,
                hysteresis,
                polarity,
                width,
            } => {
                let sign = if polarity == Polarity::Positive { 1.0 } else { -1.0 };
                self.glitch(at, sign, level, hysteresis, width)
            }
            Condition::Value(Match::Equals(x)) => (self.v(at) == x).then_some(None),
            Condition::Value(Match::To(x)) => (self.v(at) == x && before.is_some_and(|b| b != x)).then_some(None),
            Condition::Value(Match::Change) => before.is_some_and(|b| b != self.v(at)).then_some(None),
            Condition::Timeout { .. } => None,
        }
    }
}

/// The events of `rows`, and of the silence until `end_ns` after them.
pub(super) fn events(spec: &TriggerSpec, rows: &[Row], end_ns: i64) -> Vec<Event> {
    let epochs = epochs(rows);
    let last_epoch = epochs.len() - 1;
    let mut events: Vec<Event> = Vec::new();
    let mut make = |at_ns: i64, crossing_ns, value, kind| {
        events.push(Event {
            at_ns,
            crossing_ns,
            value,
            from_ns: at_ns - spec.pre_ns,
            to_ns: at_ns + spec.post_ns,
            kind,
        });
        at_ns + spec.post_ns.max(spec.hold_off_ns)
    };
    let after_ns = match spec.condition {
        Condition::Timeout { after_ns } => Some(after_ns),
        _ => None,
    };
    for (number, epoch) in epochs.into_iter().enumerate() {
        let list = List::new(epoch);
        let mut ready_ns = i64::MIN;
        let mut armed_ns = list.rows.first().map(|row| row.time_ns);
        // In single mode: the end of the capture, and the row that it began at.
        let mut single: Option<(i64, usize)> = None;
        for at in 0..=list.rows.len() {
            let now_ns = match list.rows.get(at) {
                Some(row) => row.time_ns,
                None if number == last_epoch => end_ns,
                None => break,
            };
            let mut ends_silence = false;
            if let (Some(after_ns), Some(before)) = (after_ns, at.checked_sub(1)) {
                let moment_ns = list.rows[before].time_ns + after_ns;
                ends_silence = now_ns > moment_ns;
                if ends_silence && single.is_none() && moment_ns >= ready_ns {
                    ready_ns = make(moment_ns, None, list.v(before), EventKind::Condition);
                    armed_ns = Some(ready_ns);
                    single = (spec.mode == Mode::Single).then_some((moment_ns + spec.post_ns, at));
                }
            }
            if at == list.rows.len() || single.is_some() || now_ns < ready_ns || !list.v(at).is_finite() {
                continue;
            }
            let waited_ns = now_ns - armed_ns.expect("there is a row");
            let fired = if let Some(crossing_ns) = list.meets(at, spec.condition) {
                Some((crossing_ns, EventKind::Condition))
            } else if spec.mode == Mode::Auto && !ends_silence && waited_ns >= spec.auto_ns {
                Some((None, EventKind::Auto))
            } else {
                None
            };
            if let Some((crossing_ns, kind)) = fired {
                ready_ns = make(now_ns, crossing_ns, list.v(at), kind);
                armed_ns = Some(ready_ns);
                single = (spec.mode == Mode::Single).then_some((now_ns + spec.post_ns, at));
            }
        }
        if let Some((to_ns, from)) = single
            && list.rows[(from + 1).min(list.rows.len())..]
                .iter()
                .any(|row| row.time_ns >= to_ns)
        {
            // Stopped for good.
            break;
        }
    }
    events
}
