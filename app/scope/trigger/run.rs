//! A trigger at work: where it has read to, and what it captured.

use roswave_engine::clock::Timestamp;
use roswave_engine::series::{Position, SeriesId, Store};
use roswave_engine::signal::trigger::{
    Captures, Condition, Event, LATE_LIMIT_NS, MAX_CAPTURES, Mode, State, Trigger, TriggerSpec,
};

use crate::board::TriggerSetup;
use crate::scope::source::Source;
use crate::scope::trigger::{Looked, Status, Wish, is_met};

/// Samples travel for a while; a silence counts only when it is longer by this.
const TRAVEL_NS: i64 = 50_000_000;

/// Wishes that nobody took in time; the rest is about the same moment for whoever looks.
const WISHES_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Run {
    /// `None` never happens for a setup that was read or typed: both are checked.
    trigger: Option<Trigger>,
    series: Option<SeriesId>,
    position: Position,
    /// The newest sample that was looked at.
    newest_ns: Option<i64>,
    captures: Captures,
    /// The capture that is going on.
    pending: Option<Event>,
    keep: usize,
    /// The last event came of its own accord.
    by_itself: bool,
    /// The silence since the newest sample was told of.
    silent: bool,
    has_curve: bool,
    count: u64,
    told: Option<(Status, u64)>,
    pub(super) wishes: Vec<Wish>,
}

fn captures(keep: usize) -> Captures {
    // Within the limits there is no error; beyond them the nearest limit is meant.
    Captures::new(keep.clamp(1, MAX_CAPTURES)).unwrap_or_else(|_| captures(1))
}

impl Run {
    pub(super) fn new(setup: &TriggerSetup) -> Self {
        Self {
            trigger: Trigger::new(setup.when).ok(),
            series: None,
            position: Position::default(),
            newest_ns: None,
            captures: captures(setup.keep),
            pending: None,
            keep: setup.keep,
            by_itself: false,
            silent: false,
            has_curve: true,
            count: 0,
            told: None,
            wishes: Vec::new(),
        }
    }

    pub(super) fn change(&mut self, before: &TriggerSetup, now: &TriggerSetup) {
        if now.keep != before.keep {
            let mut kept = captures(now.keep);
            self.captures.iter().for_each(|event| kept.push(*event));
            self.captures = kept;
            self.keep = now.keep;
        }
        if now.when == before.when && now.curve == before.curve {
            return;
        }
        self.trigger = Trigger::new(now.when).ok();
        self.pending = None;
        self.by_itself = false;
        if now.when.condition != before.when.condition || now.curve != before.curve {
            // The picture stays until the next capture, but is no afterimage of what comes.
            self.captures.clear();
            return;
        }
        let spanned = self.captures.iter().map(|event| spanned(event, &now.when));
        let spanned: Vec<Event> = spanned.collect();
        self.captures.clear();
        spanned.into_iter().for_each(|event| self.captures.push(event));
    }

    pub(super) fn state(&self) -> State {
        self.trigger.as_ref().map_or(State::Stopped, Trigger::state)
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn status(&self) -> Status {
        if !self.has_curve {
            return Status::NoCurve;
        }
        if self.newest_ns.is_none() && self.state() == State::Armed {
            return Status::Waiting;
        }
        match self.state() {
            State::Stopped => Status::Stopped,
            _ if self.by_itself => Status::Auto,
            State::Armed => Status::Armed,
            State::Triggered { .. } => Status::Triggered,
            State::Holding { .. } => Status::Holding,
        }
    }

    pub(super) fn toggle_armed(&mut self) {
        let Some(trigger) = &mut self.trigger else {
            return;
        };
        match trigger.state() {
            State::Stopped => trigger.arm(),
            State::Armed | State::Triggered { .. } | State::Holding { .. } => {
                trigger.stop();
                self.pending = None;
            }
        }
        self.by_itself = false;
    }

    pub(super) fn force(&mut self, now: Timestamp) {
        let Some(trigger) = &mut self.trigger else {
            return;
        };
        if trigger.state() == State::Stopped {
            trigger.arm();
        }
        // The clock of the samples, when there are some.
        let at_ns = self.newest_ns.unwrap_or(now.0);
        if let Some(event) = trigger.force(at_ns) {
            self.by_itself = false;
            self.count += 1;
            self.pending = Some(event);
        }
    }

    pub(super) fn due_ns(&self, setup: &TriggerSetup) -> Option<i64> {
        let newest_ns = self.newest_ns?;
        match self.state() {
            State::Triggered { .. } => self.pending.map(|event| event.to_ns),
            State::Holding { until_ns } => Some(until_ns),
            State::Armed => match setup.when.condition {
                Condition::Timeout { after_ns } if !self.silent => {
                    Some(newest_ns.saturating_add(after_ns).saturating_add(TRAVEL_NS))
                }
                _ => None,
            },
            State::Stopped => None,
        }
    }

    pub(super) fn look(
        &mut self,
        setup: &TriggerSetup,
        store: &Store,
        series: Option<SeriesId>,
        source: &Source,
        most: usize,
    ) -> Looked {
        if series != self.series {
            self.rebind(setup, store, series);
        }
        let mut samples = 0;
        if let Some(series) = series {
            samples = self.read(setup, store, series, source, most);
            self.pass(setup, source);
        }
        let status = (self.status(), self.count);
        let news = self.told.replace(status) != Some(status);
        Looked {
            samples,
            behind: samples == most,
            news,
            wishes: !self.wishes.is_empty(),
        }
    }

    /// The curve is another series now, or none.
    fn rebind(&mut self, setup: &TriggerSetup, store: &Store, series: Option<SeriesId>) {
        let newest = series.and_then(|series| store.latest(series)).map(|(time, _)| time);
        *self = Self {
            // What is stored was before it was armed.
            position: newest.map_or_else(Position::default, Position::behind),
            newest_ns: newest.map(|time| time.0),
            series,
            count: self.count,
            wishes: std::mem::take(&mut self.wishes),
            told: self.told,
            has_curve: self.has_curve,
            ..Self::new(setup)
        };
    }

    pub(super) fn set_has_curve(&mut self, has_curve: bool) {
        self.has_curve = has_curve;
    }

    fn read(&mut self, setup: &TriggerSetup, store: &Store, series: SeriesId, source: &Source, most: usize) -> usize {
        let mut position = self.position;
        let read = store.read(series, &mut position, most, |time, value, gap| {
            let newest_ns = self.newest_ns.replace(time.0);
            if newest_ns.is_some_and(|newest_ns| newest_ns.saturating_sub(time.0) > LATE_LIMIT_NS) {
                // The clock was set back: what was captured from there on is no more.
                self.captures.forget_from(time.0);
                self.pending = None;
            }
            self.silent = false;
            if let Some(event) = self
                .trigger
                .as_mut()
                .and_then(|trigger| trigger.push(time.0, value, gap))
            {
                self.note(setup, event, source);
            }
        });
        self.position = position;
        read
    }

    /// Lets time pass up to what is drawn as now, so that silence is noticed and captures become complete.
    fn pass(&mut self, setup: &TriggerSetup, source: &Source) {
        let Some(newest_ns) = self.newest_ns else {
            return;
        };
        let now_ns = source.now().0.saturating_sub(TRAVEL_NS).max(newest_ns);
        let event = self.trigger.as_mut().and_then(|trigger| trigger.advance(now_ns));
        if let Condition::Timeout { after_ns } = setup.when.condition
            && now_ns > newest_ns.saturating_add(after_ns)
        {
            self.silent = true;
        }
        if let Some(event) = event {
            self.note(setup, event, source);
        }
        if self.pending.is_some_and(|event| event.is_complete(now_ns)) {
            self.complete(setup, source);
        }
    }

    fn note(&mut self, setup: &TriggerSetup, event: Event, source: &Source) {
        // Two captures never overlap: the one before is complete.
        self.complete(setup, source);
        self.by_itself = !is_met(&event);
        if self.by_itself {
            return;
        }
        self.count += 1;
        self.pending = Some(event);
        if setup.bookmark {
            self.wish(Wish::Bookmark { at_ns: event.at_ns });
        }
        if setup.record {
            self.wish(Wish::Record);
        }
        if setup.black_box {
            self.wish(Wish::BlackBox);
        }
    }

    fn complete(&mut self, setup: &TriggerSetup, source: &Source) {
        let Some(event) = self.pending.take() else {
            return;
        };
        self.captures.push(event);
        if setup.freeze && !source.is_paused() {
            self.wish(Wish::Freeze {
                from_ns: event.from_ns,
                to_ns: event.to_ns,
            });
        }
    }

    fn wish(&mut self, wish: Wish) {
        if self.wishes.len() < WISHES_MAX && !self.wishes.contains(&wish) {
            self.wishes.push(wish);
        }
    }

    /// Lets the chart show the newest capture, with those before it as afterimages; or run on.
    pub(super) fn show(&self, source: &Source) {
        if self.by_itself && self.trigger.as_ref().is_some_and(|t| t.spec().mode == Mode::Auto) {
            source.set_sweep(None, &[]);
            return;
        }
        let Some(newest) = self.captures.newest() else {
            return;
        };
        let earlier: Vec<i64> = self.captures.iter().rev().skip(1).map(|event| event.at_ns).collect();
        source.set_sweep(Some((newest.at_ns, newest.from_ns, newest.to_ns)), &earlier);
    }
}

/// The same event with the capture that `when` asks for.
fn spanned(event: &Event, when: &TriggerSpec) -> Event {
    Event {
        from_ns: event.at_ns.saturating_sub(when.pre_ns),
        to_ns: event.at_ns.saturating_add(when.post_ns),
        ..*event
    }
}
