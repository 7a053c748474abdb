//! What lanes show and where they get it from.

use std::rc::Rc;

/// What the values of a lane mean, and so how they look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaneKind {
    /// 0 is false and anything else is true: a step.
    Bool,
    /// One of several states: a labelled block in a colour for each value.
    Enum,
    /// A word of bits: an outlined block, as a bus.
    Bits,
}

/// A lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneInfo {
    /// What is written beside it.
    pub name: Rc<str>,
    /// What its values mean.
    pub kind: LaneKind,
}

/// A time during which a value did not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its begin, in ns since the Unix epoch.
    pub from_ns: i64,
    /// Its end, `None` while it lasts.
    pub to_ns: Option<i64>,
    /// The value.
    pub value: i64,
    /// The name of the value; may be empty.
    pub label: Rc<str>,
    /// Whether messages are missing before it, so that it may have begun earlier and others may have been between.
    pub gap_before: bool,
}

/// Where lanes get their states from. The application implements it over its own store.
///
/// Every method is called while drawing: it must be quick and must not block.
pub trait LaneSource {
    /// Changes whenever anything that is drawn changes, except for the [`view`](Self::view).
    fn version(&self) -> u64;

    /// The times at the left and at the right edge, in ns since the Unix epoch; asked anew for every frame.
    fn view(&self) -> (i64, i64);

    /// How many lanes there are.
    fn lanes(&self) -> usize;

    /// The lane at `index`, from top to bottom.
    fn lane(&self, index: usize) -> LaneInfo;

    /// Appends the segments of a lane that overlap a time, in their order. They do not overlap each other; a time
    /// between two of them has no known state.
    fn segments(&self, index: usize, from_ns: i64, to_ns: i64, out: &mut Vec<Segment>);
}
