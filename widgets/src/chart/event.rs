//! What a chart tells the application.

use std::cell::Cell;

use crate::drag::Edge;

/// Where the crosshair is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pointed {
    /// In ns since the Unix epoch.
    pub time_ns: i64,
    /// Share of the height of the plot, 0 at the top, for [`YAxis::value`](crate::YAxis::value) of any axis.
    pub down: f64,
}

/// Where one of several charts is pointed at. The chart under the pointer keeps it up to date while its picture moves,
/// which no [`Event`] tells; the others draw their crosshair there.
#[derive(Debug, Default)]
pub struct Link(Cell<Option<Pointed>>);

impl Link {
    /// The place, `None` while no chart is pointed at.
    #[must_use]
    pub fn get(&self) -> Option<Pointed> {
        self.0.get()
    }

    /// Notes the place.
    pub fn set(&self, pointed: Option<Pointed>) {
        self.0.set(pointed);
    }
}

/// What happened on a chart. The chart never changes its own view: it tells what is wished, and the application moves
/// its source.
///
/// | the user | the chart |
/// |---|---|
/// | wheel over the plot or the time axis | [`TimeZoomed`](Self::TimeZoomed) |
/// | Ctrl and wheel, or wheel over a value axis | [`ValueRangeChanged`](Self::ValueRangeChanged) |
/// | Shift and wheel, or wheel sideways | [`ViewMoved`](Self::ViewMoved) |
/// | drag the plot or the time axis | [`ViewMoved`](Self::ViewMoved), with Alt values too |
/// | drag a value axis | [`ValueRangeChanged`](Self::ValueRangeChanged) |
/// | Shift and drag, or drag with the right button | [`BoxZoomed`](Self::BoxZoomed) |
/// | click, double click | [`Clicked`](Self::Clicked), [`FitRequested`](Self::FitRequested) |
/// | drag a handle | [`CursorMoved`](Self::CursorMoved), [`LevelMoved`](Self::LevelMoved), [`TriggerLevelMoved`](Self::TriggerLevelMoved) |
/// | Escape during a drag | what puts back what the drag had moved |
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The crosshair is here; `None` when it left.
    Hovered(Option<Pointed>),
    /// The plot was clicked at a time, in ns since the Unix epoch.
    Clicked {
        /// The time.
        time_ns: i64,
    },
    /// Everything is to be scaled to the data again, or no longer.
    FitRequested,
    /// The span of time is to be multiplied, about a time that stays where it is.
    TimeZoomed {
        /// Below 1 to see less.
        factor: f64,
        /// The time that stays, in ns since the Unix epoch.
        at_ns: i64,
    },
    /// The view is to show these times.
    ViewMoved {
        /// Time at the left edge, in ns since the Unix epoch.
        from_ns: i64,
        /// Time at the right edge, in ns since the Unix epoch.
        to_ns: i64,
    },
    /// A value axis is to show a [range](crate::YAxis::range): logarithms on a logarithmic axis.
    ValueRangeChanged {
        /// The axis.
        axis: u8,
        /// At the lower edge.
        low: f64,
        /// At the upper edge.
        high: f64,
    },
    /// A part of the plot is to fill it.
    BoxZoomed {
        /// From and to, in ns since the Unix epoch; `None` when only values were chosen.
        time: Option<(i64, i64)>,
        /// Upper and lower edge as shares of the height, 0 at the top, for [`YAxis::part`](crate::YAxis::part) of every
        /// axis; `None` when only times were chosen.
        values: Option<(f64, f64)>,
    },
    /// A cursor was dragged.
    CursorMoved {
        /// 0 for A, 1 for B.
        which: usize,
        /// Where to, in ns since the Unix epoch.
        time_ns: i64,
    },
    /// A level was dragged.
    LevelMoved {
        /// Its index in [`Overlays::levels`](super::Overlays::levels).
        which: usize,
        /// Where to, as a value.
        value: f64,
    },
    /// A level of the trigger was dragged.
    TriggerLevelMoved {
        /// Its index in [`Overlays::trigger`](super::Overlays::trigger).
        which: usize,
        /// Where to, as a value.
        value: f64,
    },
    /// The curve at an index was clicked in the legend: hide it, or show it again.
    CurveHidden(usize),
    /// The colour of the curve at an index was clicked in the legend: change how it is drawn.
    CurveOpened(usize),
    /// The curve at an index is to go.
    CurveRemoved(usize),
    /// The curve at an index was taken out of the legend, to be let go elsewhere.
    CurveCarried(usize),
    /// What is carried was let go here.
    FieldDropped,
    /// What is carried was let go at an edge: it is to stand beside.
    FieldDroppedBeside(Edge),
}
