//! What a plot shows and where it gets it from.

use iced::Color;

use super::{View, YAxis};

/// How the points of a curve become a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CurveStyle {
    /// Points are joined by straight lines.
    #[default]
    Line,
    /// A value holds until the next one: a stair. For states, counters and commands.
    Steps,
    /// Every point is a dot.
    Dots,
    /// Every point is a dot, and lines join them.
    LineAndDots,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Its width in parts of the usual one.
    pub width: f32,
    /// A dash and the gap after it, in logical pixels across the plot; `None` is drawn through.
    pub dash: Option<[f32; 2]>,
}

impl Default for Pen {
    fn default() -> Self {
        Self { width: 1.0, dash: None }
    }
}

/// What is drawn in place of a measured value: `gain * value + offset`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// In units of the axis per unit of the value.
    pub gain: f64,
    /// In the unit of the axis.
    pub offset: f64,
}

impl Default for Shift {
    fn default() -> Self {
        Self { gain: 1.0, offset: 0.0 }
    }
}

impl Shift {
    /// Where a value is drawn, as a value of the axis.
    pub fn drawn(&self, value: f64) -> f64 {
        self.gain.mul_add(value, self.offset)
    }
}

/// What a curve holds now. Points have absolute indexes that only grow.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CurveState {
    /// Changes when every point must be sent again.
    pub generation: u64,
    /// The time that point times are relative to, in ns since the Unix epoch.
    pub base_time_ns: i64,
    /// The value that point values are relative to.
    pub base_value: f64,
    /// Index of the oldest point.
    pub tail: u64,
    /// Index after the newest point.
    pub head: u64,
    /// Points below this index never change again.
    pub settled: u64,
    /// The colour of the line. What its alpha leaves out is mixed from the ground, so that a line never is brighter
    /// where it overlaps itself.
    pub color: Color,
    /// Whether the curve is drawn.
    pub visible: bool,
    /// The value axis it is drawn against, see [`TraceSource::y_axis`].
    pub axis: u8,
    /// How it is drawn.
    pub style: CurveStyle,
    /// How its line is drawn.
    pub pen: Pen,
    /// What its points are of its values.
    pub shift: Shift,
    /// Whether it is an afterimage, as an earlier sweep: paler, below all others, without legend, crosshair and
    /// marks. Ghosts come after all other curves, so that these keep their indexes.
    pub ghost: bool,
}

/// Whether data still comes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Freshness {
    /// It comes.
    #[default]
    Live,
    /// None came for this long, in seconds.
    Stale(f64),
    /// None ever came.
    NoData,
}

/// A place where the data is not a number that can be drawn, or is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Not a number: a tick at the lower edge.
    Nan,
    /// Positive infinity: a tick at the upper edge.
    PositiveInfinity,
    /// Negative infinity: a tick at the lower edge.
    NegativeInfinity,
    /// Messages are missing: a tick at the upper edge.
    Gap,
}

/// Where a plot gets its curves from. The application implements it over its own store.
///
/// Every method is called while drawing: it must be quick and must not block.
pub trait TraceSource {
    /// Changes whenever anything that is drawn changes.
    fn version(&self) -> u64;

    /// The ranges to show, asked anew for every frame.
    fn view(&self) -> View;

    /// How many curves there are.
    fn curves(&self) -> usize;

    /// What the curve at `index` holds.
    fn curve(&self, index: usize) -> CurveState;

    /// How many value axes there are: from 1 to [`MOST_AXES`](super::MOST_AXES). Axis 0 stands on the left, 1 on the
    /// right, 2 and 3 further out on the same sides.
    fn y_axes(&self) -> usize {
        1
    }

    /// What the value axis at an index shows, asked anew for every frame. A source with one axis need not say more
    /// than its [`view`](Self::view).
    fn y_axis(&self, _axis: usize) -> YAxis {
        let View { y_min, y_max, .. } = self.view();
        YAxis::linear(y_min, y_max)
    }

    /// Appends the points `[from, to)` of a curve: seconds since its base time and value above its base value. A
    /// point whose value is NaN breaks the line. On a [logarithmic](super::AxisScale::Log) axis the source gives the
    /// decimal logarithm of each value (NaN for what has none), and its base value is a logarithm too.
    fn copy(&self, index: usize, from: u64, to: u64, out: &mut Vec<[f32; 2]>);

    /// Appends what cannot be drawn as a point within the view, with its time in ns.
    fn marks(&self, _index: usize, _out: &mut Vec<(i64, Mark)>) {}

    /// The sample of a curve nearest to a time, for the crosshair: its time in ns and its value, as measured on any
    /// axis and without its [shift](CurveState::shift).
    fn value_at(&self, _index: usize, _time_ns: i64) -> Option<(i64, f64)> {
        None
    }

    /// The time that a time axis counts from while the view is aligned on an event, in ns since the Unix epoch: asked
    /// anew for every frame, it goes before what the chart was told. A line marks it.
    fn origin_ns(&self) -> Option<i64> {
        None
    }

    /// Whether a curve still gets data.
    fn freshness(&self, _index: usize) -> Freshness {
        Freshness::Live
    }
}
