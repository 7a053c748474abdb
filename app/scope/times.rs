//! Which of its times a message is drawn at, and how times are written.

use iced::Task;
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::ClockSource;
use roswave_widgets::TraceSource as _;
use roswave_widgets::chart::TimeAxis;

use crate::board::Clock;
use crate::scope::pane::Pane;
use crate::scope::source::Lens;
use crate::scope::{Message, Scope};

/// How the time axes of a scope count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    since_start: bool,
    start_ns: i64,
    /// The start is that of the samples, and not of the window.
    known: bool,
}

impl Times {
    pub(super) fn new(since_start: bool) -> Self {
        Self {
            since_start,
            start_ns: Timestamp::now().0,
            known: false,
        }
    }
}

impl Clock {
    pub(super) fn source(self) -> ClockSource {
        match self {
            Self::Source => ClockSource::Source,
            Self::Receive => ClockSource::Receive,
            Self::Header => ClockSource::Header,
        }
    }

    fn of(source: ClockSource) -> Self {
        match source {
            ClockSource::Source => Self::Source,
            ClockSource::Receive => Self::Receive,
            ClockSource::Header => Self::Header,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Source => Self::Receive,
            Self::Receive => Self::Header,
            Self::Header => Self::Source,
        }
    }
}

impl Scope {
    /// The time that messages are drawn at.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::of(self.history.store().borrow().clock())
    }

    /// True while times are seconds since the start.
    #[must_use]
    pub fn counts_since_start(&self) -> bool {
        self.times.since_start
    }

    /// What the time axis of a chart counts from.
    pub(super) fn time_axis(&self, pane: &Pane) -> TimeAxis {
        if let Some(origin_ns) = pane.source().origin_ns() {
            // What a trigger captured.
            TimeAxis::Since(origin_ns)
        } else if self.times.since_start {
            TimeAxis::Since(self.times.start_ns)
        } else if pane.source().is_paused() {
            TimeAxis::Wall
        } else {
            TimeAxis::Relative
        }
    }

    /// The first sample that any chart sees is the start: on another clock, or of a recording, it may be long ago.
    pub(super) fn find_start(&mut self) {
        if self.times.known {
            return;
        }
        let oldest = self
            .charts
            .iter()
            .filter_map(|chart| chart.source().extent())
            .map(|e| e.0.0);
        if let Some(oldest_ns) = oldest.min() {
            self.times.start_ns = oldest_ns;
            self.times.known = true;
        }
    }

    pub(super) fn toggle_since_start(&mut self) {
        self.find_start();
        self.times.since_start = !self.times.since_start;
    }

    /// Draws messages at the next one of their times.
    pub(super) fn next_clock(&mut self) -> Task<Message> {
        let clock = self.clock().next();
        self.set_clock(clock);
        self.show_toast(format!(
            "Messages are drawn at their {clock} from now on; what was stored in the order of another time is gone"
        ))
    }

    /// Draws messages at this one of their times.
    pub(super) fn set_clock(&mut self, clock: Clock) {
        if self.clock() == clock {
            return;
        }
        self.history.store().borrow_mut().set_clock(clock.source());
        self.times.known = false;
        self.charts.clear_cursors();
        for chart in self.charts.iter() {
            chart.source().set_sweep(None, &[]);
            chart.source().set_lens(Lens::Live);
        }
    }
}
