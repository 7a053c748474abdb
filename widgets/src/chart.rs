//! A live chart: axes, curves, legend, crosshair, and what it says while it is empty.
//!
//! The axes are drawn by plotters into a cache that is kept until a tick, the size or the theme changes. Curves never
//! pass through plotters: its coordinates are whole pixels, and scrolling would jitter.

mod axes;
pub(crate) mod clock;
mod event;
mod legend;
mod overlay;
mod plot;

use std::cell::RefCell;
use std::rc::Rc;

use iced::widget::{canvas, column, container, row, space};
use iced::{Alignment, Color, Element, Length};

use crate::leaf;
use crate::theme;
use crate::trace::{Freshness, TraceSource};
use clock::Clock;

pub use event::{Event, Link, Pointed};
pub use overlay::{Overlays, TriggerMark};

/// One row of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name of the curve.
    pub name: String,
    /// Its colour.
    pub color: Color,
    /// Its line is dashed.
    pub dashed: bool,
    /// Its newest value, `None` while unknown.
    pub value: Option<f64>,
    /// Its unit, when it has one.
    pub unit: Option<String>,
    /// Whether it is drawn.
    pub visible: bool,
    /// Whether its data still comes.
    pub freshness: Freshness,
    /// A fault in a few words: `lost 12`.
    pub note: Option<String>,
}

/// What the numbers on the time axis count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeAxis {
    /// The right edge, which is now: `-8 s … now`. The grid stands still while the curves scroll. Only for a live view.
    #[default]
    Relative,
    /// A time in ns since the Unix epoch, as the begin of a recording. The grid moves with the curves.
    Since(i64),
    /// The time of day, at the steps of a clock, see [`Chart::time_format`]. The grid moves with the curves.
    Wall,
}

/// What a chart keeps from one `view` to the next. Hold one for each chart.
#[derive(Debug, Default)]
pub struct ChartState {
    axes: canvas::Cache,
    key: RefCell<Option<axes::Axes>>,
}

/// A chart, to be turned into an [`Element`].
pub struct Chart<'a, Message> {
    state: &'a ChartState,
    source: Rc<dyn TraceSource>,
    on_event: Rc<dyn Fn(Event) -> Message + 'a>,
    legend: Vec<Entry>,
    unit: Option<String>,
    axis_units: Vec<Option<String>>,
    clock: Clock,
    overlays: Overlays,
    crosshair_at: Option<i64>,
    noted_in: Option<&'a Link>,
    follows: Option<&'a Link>,
    hint: &'a str,
    width: f32,
    is_carrying: bool,
}

/// Creates a [`Chart`]. It expects:
///
/// - its state,
/// - where its curves come from, and
/// - a function that turns an [`Event`] into a message.
pub fn chart<'a, Message>(
    state: &'a ChartState,
    source: Rc<dyn TraceSource>,
    on_event: impl Fn(Event) -> Message + 'a,
) -> Chart<'a, Message> {
    Chart {
        state,
        source,
        on_event: Rc::new(on_event),
        legend: Vec::new(),
        unit: None,
        axis_units: Vec::new(),
        clock: Clock::default(),
        overlays: Overlays::default(),
        crosshair_at: None,
        noted_in: None,
        follows: None,
        hint: "Drag a field here or double-click it",
        width: theme::CURVE,
        is_carrying: false,
    }
}

impl<'a, Message> Chart<'a, Message> {
    /// Sets the legend of the [`Chart`], one entry per curve.
    #[must_use]
    pub fn legend(mut self, legend: Vec<Entry>) -> Self {
        self.legend = legend;
        self
    }

    /// Sets the unit over the first value axis of the [`Chart`], where the source names none.
    #[must_use]
    pub fn unit(mut self, unit: Option<impl Into<String>>) -> Self {
        self.unit = unit.map(Into::into);
        self
    }

    /// Sets the units over the value axes of the [`Chart`] when it has several, where the source names none.
    #[must_use]
    pub fn axis_units(mut self, units: Vec<Option<String>>) -> Self {
        self.axis_units = units;
        self
    }

    /// Sets what the time axis of the [`Chart`] counts from.
    #[must_use]
    pub fn time_axis(mut self, time_axis: TimeAxis) -> Self {
        self.clock.axis = time_axis;
        self
    }

    /// Sets how the [`Chart`] writes a time in ns since the Unix epoch as a time of day: `HH:MM:SS.ffffff` in the zone
    /// of the user. [UTC](crate::axis::utc_time) by default.
    #[must_use]
    pub fn time_format(mut self, format: fn(i64) -> String) -> Self {
        self.clock.format = format;
        self
    }

    /// Sets what lies over the curves of the [`Chart`]: cursors, levels, the trigger, bookmarks.
    #[must_use]
    pub fn overlays(mut self, overlays: Overlays) -> Self {
        self.overlays = overlays;
        self
    }

    /// Sets the time at which the crosshair of the [`Chart`] is while nothing is pointed at.
    #[must_use]
    pub fn crosshair_at(mut self, time_ns: Option<i64>) -> Self {
        self.crosshair_at = time_ns;
        self
    }

    /// Sets where the [`Chart`] notes the place that it is pointed at, anew with every frame: under a pointer that rests,
    /// a picture that moves has another time with each.
    #[must_use]
    pub fn note_pointer(mut self, link: &'a Link) -> Self {
        self.noted_in = Some(link);
        self
    }

    /// Sets whose crosshair is drawn in this [`Chart`] too, while another chart is pointed at.
    #[must_use]
    pub fn follow(mut self, link: Option<&'a Link>) -> Self {
        self.follows = link;
        self
    }

    /// Sets what the [`Chart`] says while it has no curve.
    #[must_use]
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// Sets whether the [`Chart`] spares a software renderer.
    #[must_use]
    pub fn eco(mut self, eco: bool) -> Self {
        self.width = if eco { theme::CURVE_ECO } else { theme::CURVE };
        self
    }

    /// Sets whether something is carried that may be let go on the [`Chart`].
    #[must_use]
    pub fn is_carrying(mut self, is_carrying: bool) -> Self {
        self.is_carrying = is_carrying;
        self
    }
}

impl<'a, Message: Clone + 'a> From<Chart<'a, Message>> for Element<'a, Message> {
    fn from(chart: Chart<'a, Message>) -> Self {
        let on_drop = Rc::clone(&chart.on_event);
        let content: Element<'a, Message> = if chart.source.curves() == 0 {
            container(theme::muted(chart.hint)).center(Length::Fill).into()
        } else {
            // With several axes each has its unit over itself.
            let unit = if chart.source.y_axes() > 1 {
                String::new()
            } else {
                let unit = chart.source.y_axis(0).unit.or_else(|| chart.unit.clone());
                unit.unwrap_or_default()
            };
            let unit = container(theme::note(unit)).padding(iced::padding::left(theme::space::S));
            let legend = legend::view(&chart.legend, &*chart.source, &chart.on_event);
            let head = row![unit, space().width(Length::Fill), legend]
                .spacing(theme::space::S)
                .align_y(Alignment::Center);
            let plot = plot::Plot {
                state: chart.state,
                source: chart.source,
                on_event: chart.on_event,
                names: chart.legend.into_iter().map(|entry| (entry.name, entry.unit)).collect(),
                unit: chart.unit,
                axis_units: chart.axis_units,
                clock: chart.clock,
                overlays: chart.overlays,
                crosshair_at: chart.crosshair_at,
                noted_in: chart.noted_in,
                follows: chart.follows,
                width: chart.width,
            };
            column![head, leaf::element(plot)].into()
        };

        crate::drag::drop_zones(content, chart.is_carrying, move |edge| {
            on_drop(edge.map_or(Event::FieldDropped, Event::FieldDroppedBeside))
        })
    }
}
