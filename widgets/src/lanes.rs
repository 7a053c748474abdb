//! States over time, one lane each: booleans as steps, enumerations as labelled blocks, words of bits as a bus.
//!
//! The widget reads its [`LaneSource`] while it draws, so it scrolls without a message and without a new `view`.
//! However many changes there are, at most a few shapes for each pixel are drawn, and a state that lasts for less
//! than a pixel is still seen.

mod draw;
mod hover;
mod merge;
mod plot;
mod rows;
mod source;
mod words;

use std::rc::Rc;

use iced::Element;

use crate::chart::TimeAxis;
use crate::chart::clock::Clock;
use crate::leaf;

pub use source::{LaneInfo, LaneKind, LaneSource, Segment};

/// What is under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hover {
    /// The time, in ns since the Unix epoch.
    pub at_ns: i64,
    /// The lane, when there is one.
    pub lane: Option<usize>,
}

/// What happened on the lanes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The cursor is over the lanes; `None` when it left.
    Hovered(Option<Hover>),
    /// The time axis was zoomed: the span is to be multiplied by `factor`, and what is at `at_ns` stays in place.
    TimeZoomed {
        /// Less than 1 to see more closely.
        factor: f64,
        /// In ns since the Unix epoch.
        at_ns: i64,
    },
    /// The lanes were dragged to other times.
    ViewMoved {
        /// Time at the left edge, in ns since the Unix epoch.
        from_ns: i64,
        /// Time at the right edge, in ns since the Unix epoch.
        to_ns: i64,
    },
    /// The lanes were double-clicked: show everything.
    FitRequested,
}

/// State lanes, to be turned into an [`Element`].
pub struct Lanes<'a, Message> {
    source: Rc<dyn LaneSource>,
    on_event: Rc<dyn Fn(Event) -> Message + 'a>,
    clock: Clock,
    hint: &'a str,
}

/// Creates [`Lanes`]. They expect:
///
/// - where their states come from, and
/// - a function that turns an [`Event`] into a message.
pub fn lanes<'a, Message>(source: Rc<dyn LaneSource>, on_event: impl Fn(Event) -> Message + 'a) -> Lanes<'a, Message> {
    Lanes {
        source,
        on_event: Rc::new(on_event),
        clock: Clock::default(),
        hint: "Drag a state or a boolean here",
    }
}

impl<'a, Message> Lanes<'a, Message> {
    /// Sets what the time axis counts from.
    #[must_use]
    pub fn time_axis(mut self, time_axis: TimeAxis) -> Self {
        self.clock.axis = time_axis;
        self
    }

    /// Sets how a time of day is written, in ns since the Unix epoch, as `HH:MM:SS.ffffff`. By default in UTC.
    #[must_use]
    pub fn time_format(mut self, format: fn(i64) -> String) -> Self {
        self.clock.format = format;
        self
    }

    /// Sets what is said while there is no lane.
    #[must_use]
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }
}

impl<'a, Message: 'a> From<Lanes<'a, Message>> for Element<'a, Message> {
    fn from(lanes: Lanes<'a, Message>) -> Self {
        leaf::element(plot::Plot(lanes))
    }
}
