//! What a plot shows and where it gets it from.

use iced::Color;

/// The ranges that a plot shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Time at the left edge, in ns since the Unix epoch.
    pub from_ns: i64,
    /// Time at the right edge, in ns since the Unix epoch.
    pub to_ns: i64,
    /// Value at the lower edge.
    pub y_min: f64,
    /// Value at the upper edge.
    pub y_max: f64,
}

impl View {
    /// The horizontal place of a time, 0 at the left edge and 1 at the right one.
    pub fn x(&self, time_ns: i64) -> f64 {
        time_ns.saturating_sub(self.from_ns) as f64 / self.span_ns() as f64
    }

    /// The vertical place of a value, 0 at the upper edge and 1 at the lower one.
    pub fn y(&self, value: f64) -> f64 {
        (self.y_max - value) / self.extent()
    }

    /// The time at a horizontal place (see [`x`](Self::x)).
    pub fn time_ns(&self, x: f64) -> i64 {
        self.from_ns.saturating_add((x * self.span_ns() as f64) as i64)
    }

    /// The value at a vertical place (see [`y`](Self::y)).
    pub fn value(&self, y: f64) -> f64 {
        self.y_max - y * self.extent()
    }

    /// The time from edge to edge, in ns; at least 1.
    pub fn span_ns(&self) -> i64 {
        self.to_ns.saturating_sub(self.from_ns).max(1)
    }

    pub(super) fn extent(&self) -> f64 {
        let extent = self.y_max - self.y_min;
        if extent > 0.0 { extent } else { 1.0 }
    }
}

/// What a curve holds now. Points have absolute indexes that only grow.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// The colour of the line.
    pub color: Color,
    /// Whether the curve is drawn.
    pub visible: bool,
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

    /// Appends the points `[from, to)` of a curve: seconds since its base time and value above its base value. A
    /// point whose value is NaN breaks the line.
    fn copy(&self, index: usize, from: u64, to: u64, out: &mut Vec<[f32; 2]>);

    /// Appends what cannot be drawn as a point within the view, with its time in ns.
    fn marks(&self, _index: usize, _out: &mut Vec<(i64, Mark)>) {}

    /// The sample of a curve nearest to a time, for the crosshair: its time in ns and its value.
    fn value_at(&self, _index: usize, _time_ns: i64) -> Option<(i64, f64)> {
        None
    }

    /// Whether a curve still gets data.
    fn freshness(&self, _index: usize) -> Freshness {
        Freshness::Live
    }
}
