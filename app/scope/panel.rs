//! What a pane keeps of a kind that is no chart: how it is set, and what is read on as samples come.

use std::cell::RefCell;
use std::rc::Rc;

use roswave_engine::clock::Timestamp;
use roswave_engine::series::SeriesId;
use roswave_engine::signal::FieldRef;
use roswave_engine::signal::spectrum::Window;
use roswave_widgets::{lanes, waterfall};

use crate::board::{ARRAYS_MAX, Between, PanelKind, PanelSpec};
use crate::scope::analysis::xy::CurveName;
use crate::scope::fall::Fall;
use crate::scope::meaning::Meaning;
use crate::scope::pane::Curve;
use crate::scope::plane::Plane;
use crate::scope::source::Source;
use crate::scope::states::States;

/// What was done to a panel.
#[derive(Clone, Debug)]
pub enum Event {
    /// What is carried was let go of over an axis of an XY plot.
    Dropped {
        /// Over X.
        on_x: bool,
    },
    /// The curve with this number goes to the other axis of an XY plot.
    AxisToggled(usize),
    /// It is to be set in another way.
    Changed(Change),
    /// Of a waterfall: levels, frequencies; what moves time goes where that of charts goes.
    Waterfall(waterfall::Event),
    /// Of state lanes: the pointer.
    Lanes(lanes::Event),
    /// The array with this number is shown no longer.
    ArrayRemoved(usize),
}

/// Another way to show what is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Units as long on both axes, or not.
    Equal,
    /// Linear or hold.
    Between(Between),
    /// Bit by bit, or as numbers.
    Bits,
    /// Over the angle, or over the index.
    Angle,
    /// Samples in a segment; `None` lets the panel choose.
    Segment(Option<usize>),
    /// The share that segments have in common; `None` lets the panel choose.
    Overlap(Option<f64>),
    /// What segments are multiplied by.
    Window(Window),
    /// The levels at the ends of the colours; `None` goes by the data.
    Levels(Option<[f64; 2]>),
}

/// A curve as a panel sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Where its samples are, once there are any.
    pub series: Option<SeriesId>,
    /// Its name.
    pub name: String,
    /// Its unit; empty when it is not known.
    pub unit: &'static str,
    /// The number of its colour.
    pub color: usize,
    /// It is drawn.
    pub visible: bool,
    /// On an XY plot it lies along X.
    pub on_x: bool,
    /// What its numbers mean.
    pub meaning: Meaning,
}

impl Input {
    /// What an axis has to know of it.
    #[must_use]
    pub fn as_name(&self) -> CurveName<'_> {
        CurveName {
            name: &self.name,
            unit: self.unit,
        }
    }
}

/// What a panel is to show.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The curves.
    pub inputs: &'a [Input],
    /// How.
    pub spec: &'a PanelSpec,
    /// From and to.
    pub window: (Timestamp, Timestamp),
    /// It stands still.
    pub is_still: bool,
    /// With fewer points.
    pub eco: bool,
}

/// What is read on as samples come.
enum Live {
    /// Nothing: it is a chart, or computed anew from time to time.
    Nothing,
    /// Values over other values.
    Plane(Rc<Plane>),
    /// States over time.
    States(Rc<States>),
    /// One spectrum after the other.
    Fall(Rc<Fall>),
}

impl Live {
    fn new(kind: PanelKind) -> Self {
        match kind {
            PanelKind::Xy => Self::Plane(Rc::default()),
            PanelKind::Lanes => Self::States(Rc::default()),
            PanelKind::Waterfall => Self::Fall(Rc::default()),
            PanelKind::Curves | PanelKind::Spectrum | PanelKind::Histogram | PanelKind::Allan | PanelKind::Profile => {
                Self::Nothing
            }
        }
    }
}

/// What a pane keeps of a kind that is no chart.
pub struct Panel {
    spec: PanelSpec,
    inputs: RefCell<Vec<Input>>,
    live: Live,
}

impl Panel {
    /// A panel of a kind, set like this.
    #[must_use]
    pub fn new(kind: PanelKind, spec: PanelSpec) -> Self {
        Self {
            spec,
            inputs: RefCell::default(),
            live: Live::new(kind),
        }
    }

    /// Becomes another kind, and begins anew.
    pub fn set_kind(&mut self, kind: PanelKind) {
        self.live = Live::new(kind);
    }

    /// How it is set. Which curves lie along X stands with the curves.
    #[must_use]
    pub fn spec(&self) -> &PanelSpec {
        &self.spec
    }

    /// How it is set, as a board keeps it.
    #[must_use]
    pub fn spec_with(&self, curves: &[Curve]) -> PanelSpec {
        let along_x = curves.iter().enumerate().filter(|(_, curve)| curve.on_x);
        PanelSpec {
            x: along_x.map(|(index, _)| index).collect(),
            ..self.spec.clone()
        }
    }

    /// Sets it in another way.
    pub fn change(&mut self, change: Change) {
        let spec = &mut self.spec;
        match change {
            Change::Equal => spec.equal = !spec.equal,
            Change::Between(between) => spec.between = between,
            Change::Bits => spec.bits = !spec.bits,
            Change::Angle => spec.angle = !spec.angle,
            Change::Segment(segment) => spec.segment = segment,
            Change::Overlap(overlap) => spec.overlap = overlap,
            Change::Window(window) => spec.window = window,
            Change::Levels(levels_db) => spec.levels_db = levels_db,
        }
        self.touch();
    }

    /// What an XY plot draws.
    #[must_use]
    pub fn plane(&self) -> Option<&Rc<Plane>> {
        match &self.live {
            Live::Plane(plane) => Some(plane),
            _ => None,
        }
    }

    /// What state lanes draw.
    #[must_use]
    pub fn states(&self) -> Option<&Rc<States>> {
        match &self.live {
            Live::States(states) => Some(states),
            _ => None,
        }
    }

    /// What a waterfall draws.
    #[must_use]
    pub fn fall(&self) -> Option<&Rc<Fall>> {
        match &self.live {
            Live::Fall(fall) => Some(fall),
            _ => None,
        }
    }

    /// The arrays that are shown as wholes, or wait to become a curve for each element.
    #[must_use]
    pub fn arrays(&self) -> &[FieldRef] {
        &self.spec.arrays
    }

    /// Shows an array too. False when there are too many.
    pub fn add_array(&mut self, at: FieldRef) -> bool {
        if self.spec.arrays.contains(&at) {
            return true;
        }
        if self.spec.arrays.len() >= ARRAYS_MAX {
            return false;
        }
        self.spec.arrays.push(at);
        true
    }

    /// Shows an array no longer.
    pub fn remove_array(&mut self, index: usize) {
        if index < self.spec.arrays.len() {
            let _ = self.spec.arrays.remove(index);
        }
    }

    /// Shows none of these arrays any longer.
    pub fn drop_arrays(&mut self, done: &[FieldRef]) {
        self.spec.arrays.retain(|at| !done.contains(at));
    }

    /// Takes what is known of the curves by now, in their order.
    pub fn describe(&self, inputs: Vec<Input>) {
        let mut known = self.inputs.borrow_mut();
        if *known != inputs {
            *known = inputs;
            drop(known);
            self.touch();
        }
    }

    fn touch(&self) {
        match &self.live {
            Live::Plane(plane) => plane.touch(),
            Live::States(states) => states.touch(),
            Live::Fall(fall) => fall.touch(),
            Live::Nothing => {}
        }
    }

    /// Reads on, at most `most` samples of a series. True when something new is to be seen.
    pub fn refresh(&self, source: &Source, most: usize) -> bool {
        if matches!(self.live, Live::Nothing) {
            return false;
        }
        let inputs = self.inputs.borrow();
        let store = source.store().borrow();
        let view = View {
            inputs: &inputs,
            spec: &self.spec,
            window: source.window(),
            is_still: source.is_paused(),
            eco: source.is_eco(),
        };
        match &self.live {
            Live::Nothing => false,
            Live::Plane(plane) => plane.refresh(&store, &view, most),
            Live::States(states) => states.refresh(&store, &view, most),
            Live::Fall(fall) => fall.refresh(&store, &view, most),
        }
    }
}
