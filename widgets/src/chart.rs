//! A live chart: axes, curves, legend, crosshair, and what it says while it is empty.
//!
//! The axes are drawn by plotters into a cache that is kept until a tick, the size or the theme changes. Curves never
//! pass through plotters: its coordinates are whole pixels, and scrolling would jitter.

mod axes;
mod legend;
mod plot;

use std::cell::RefCell;
use std::rc::Rc;

use iced::widget::{canvas, column, container, row, space};
use iced::{Alignment, Color, Element, Length};

use crate::theme;
use crate::trace::{Freshness, TraceSource};

/// What happened on a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The crosshair is at a time, in ns since the Unix epoch; `None` when it left.
    Hovered(Option<i64>),
    /// The curve at an index was clicked in the legend: hide it, or show it again.
    CurveHidden(usize),
    /// The curve at an index is to go.
    CurveRemoved(usize),
    /// The plot was double-clicked: scale to the data again, or stop doing so.
    AutoscaleToggled,
    /// The value axis was dragged or zoomed to a range.
    YRangeDragged {
        /// Value at the lower edge.
        low: f64,
        /// Value at the upper edge.
        high: f64,
    },
    /// The time axis was zoomed: the span is to be multiplied by this.
    SpanZoomed(f64),
    /// What is carried was let go here.
    FieldDropped,
}

/// One row of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name of the curve.
    pub name: String,
    /// Its colour.
    pub color: Color,
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
    /// The right edge: `-8 s … now`. The grid stands still while the curves scroll.
    #[default]
    Relative,
    /// A time in ns since the Unix epoch, as the begin of a recording. The grid moves with the curves.
    Since(i64),
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
    time_axis: TimeAxis,
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
        time_axis: TimeAxis::Relative,
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

    /// Sets the unit over the value axis of the [`Chart`].
    #[must_use]
    pub fn unit(mut self, unit: Option<impl Into<String>>) -> Self {
        self.unit = unit.map(Into::into);
        self
    }

    /// Sets what the time axis of the [`Chart`] counts from.
    #[must_use]
    pub fn time_axis(mut self, time_axis: TimeAxis) -> Self {
        self.time_axis = time_axis;
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
        let dropped = (chart.on_event)(Event::FieldDropped);
        let content: Element<'a, Message> = if chart.source.curves() == 0 {
            container(theme::muted(chart.hint)).center(Length::Fill).into()
        } else {
            let unit = chart.unit.as_deref().unwrap_or_default().to_owned();
            let unit = container(theme::note(unit)).padding(iced::padding::left(theme::space::S));
            let legend = legend::view(&chart.legend, &chart.on_event);
            let head = row![unit, space().width(Length::Fill), legend]
                .spacing(theme::space::S)
                .align_y(Alignment::Center);
            let plot = plot::Plot {
                state: chart.state,
                source: chart.source,
                on_event: chart.on_event,
                names: chart.legend.into_iter().map(|entry| (entry.name, entry.unit)).collect(),
                time_axis: chart.time_axis,
                width: chart.width,
            };
            column![head, Element::new(plot)].into()
        };

        crate::drag::drop_zone(content, chart.is_carrying, dropped)
    }
}
