//! A spectrogram that scrolls: time from left to right with the newest at the right, frequency from bottom to top, level as
//! colour.
//!
//! On the GPU the spectra lie in a ring to which only new ones are sent, on the CPU a few thousand rectangles show
//! the same. The widget reads its [`WaterfallSource`] while it draws, so it scrolls without a message and without a
//! new `view`.

mod color_map;
mod columns;
mod cpu;
mod draw;
mod export;
mod frame;
mod frequency;
mod gpu;
mod memory;
mod plot;
mod source;

use std::rc::Rc;

use iced::Element;

use crate::chart::TimeAxis;
use crate::chart::clock::Clock;
use crate::leaf;

pub use color_map::ColorMap;
pub use export::Picture;
pub use frequency::FrequencyScale;
pub use source::WaterfallSource;

/// What is under the cursor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hover {
    /// The time, in ns since the Unix epoch.
    pub time_ns: i64,
    /// The frequency.
    pub hz: f64,
    /// The level there, `None` where there is none.
    pub db: Option<f32>,
}

/// What happened on a waterfall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The cursor is over the spectra; `None` when it left.
    Hovered(Option<Hover>),
    /// The scale of the colours was zoomed or dragged to a range.
    DbRangeChanged {
        /// Level at the lower end, in dB.
        low: f32,
        /// Level at the upper end, in dB.
        high: f32,
    },
    /// The frequency axis was zoomed or dragged to a range.
    FrequencyRangeChanged {
        /// At the lower edge.
        low_hz: f64,
        /// At the upper edge.
        high_hz: f64,
    },
    /// The time axis was zoomed: the span is to be multiplied by `factor`, and what is at `at_ns` stays in place.
    TimeZoomed {
        /// Less than 1 to see more closely.
        factor: f64,
        /// In ns since the Unix epoch.
        at_ns: i64,
    },
    /// The spectra were dragged to other times.
    ViewMoved {
        /// Time at the left edge, in ns since the Unix epoch.
        from_ns: i64,
        /// Time at the right edge, in ns since the Unix epoch.
        to_ns: i64,
    },
    /// The spectra were double-clicked: show everything.
    FitRequested,
}

/// A spectrogram, to be turned into an [`Element`].
pub struct Waterfall<'a, Message> {
    source: Rc<dyn WaterfallSource>,
    on_event: Rc<dyn Fn(Event) -> Message + 'a>,
    map: ColorMap,
    scale: FrequencyScale,
    clock: Clock,
    hint: &'a str,
    is_eco: bool,
}

/// Creates a [`Waterfall`]. It expects:
///
/// - where its spectra come from, and
/// - a function that turns an [`Event`] into a message.
pub fn waterfall<'a, Message>(
    source: Rc<dyn WaterfallSource>,
    on_event: impl Fn(Event) -> Message + 'a,
) -> Waterfall<'a, Message> {
    Waterfall {
        source,
        on_event: Rc::new(on_event),
        map: ColorMap::default(),
        scale: FrequencyScale::default(),
        clock: Clock::default(),
        hint: "No spectrum yet",
        is_eco: false,
    }
}

impl<'a, Message> Waterfall<'a, Message> {
    /// Sets the colours of the levels.
    #[must_use]
    pub fn color_map(mut self, map: ColorMap) -> Self {
        self.map = map;
        self
    }

    /// Sets how frequencies are laid out.
    #[must_use]
    pub fn frequency_scale(mut self, scale: FrequencyScale) -> Self {
        self.scale = scale;
        self
    }

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

    /// Sets what is said while there is no spectrum.
    #[must_use]
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Sets whether to spare a software renderer: the picture is then as coarse as without a GPU.
    #[must_use]
    pub fn eco(mut self, eco: bool) -> Self {
        self.is_eco = eco;
        self
    }
}

impl<'a, Message: 'a> From<Waterfall<'a, Message>> for Element<'a, Message> {
    fn from(waterfall: Waterfall<'a, Message>) -> Self {
        leaf::element(plot::Plot(waterfall))
    }
}
