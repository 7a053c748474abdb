//! What the user puts over the curves.

/// What lies over the curves of a chart. Times are in ns since the Unix epoch, values are as measured on any axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overlays {
    /// The cursors A and B: vertical lines that can be dragged. Between them stand their distance and its inverse.
    pub cursors: [Option<i64>; 2],
    /// Two horizontal lines that can be dragged: value axis and value. On one axis their difference is told.
    pub levels: [Option<(u8, f64)>; 2],
    /// What the trigger waits for: a level, or the two limits of a window.
    pub trigger: [Option<TriggerMark>; 2],
    /// Flags at the upper edge, whose text the crosshair tells.
    pub bookmarks: Vec<(i64, String)>,
    /// Shaded from one time to another.
    pub spans: Vec<(i64, i64)>,
}

/// The level of a trigger, as a dashed line that can be dragged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TriggerMark {
    /// The value axis.
    pub axis: u8,
    /// The value that fires it.
    pub level: f64,
    /// The value that must be crossed back before it can fire again, when there is hysteresis.
    pub rearm: Option<f64>,
    /// Whether it waits; else it is drawn muted.
    pub armed: bool,
}
