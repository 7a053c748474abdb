//! A figure that stands still: a spectrum, a histogram, an Allan plot, a plane, the profile of an array.
//!
//! The application fills a [`Figure`] and gives it a new version whenever anything in it changed; [`figure()`] draws it
//! into a cache that is kept until the version, the view, the size or the theme changes. The same drawing goes to files
//! of print quality by [`export::svg`] and [`export::png`].
//!
//! A line of any length is drawn from at most a few points per pixel column, and its extremes are always among them.
//! A logarithmic axis has no place for zero and below: such points are left out, and a line is interrupted there.
//!
//! ```
//! use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
//! use roswave_widgets::theme;
//!
//! let points = (1..1000).map(f64::from).map(|f| [f, 1.0 / f]).collect();
//! let figure = Figure::new(1, Axis::log("Frequency").unit("Hz"), Axis::log("Density").unit("m²/s³"))
//!     .title("Acceleration")
//!     .layer(Layer::new("x", theme::curve(0), Kind::Line(points)));
//! assert_eq!(figure.x.name(), "Frequency (Hz)");
//! ```

mod annotate;
mod canvas;
mod clip;
mod digest;
pub mod export;
mod ground;
mod hover;
mod label;
mod layout;
mod legend;
mod overlay;
mod paint;
mod plot;
mod range;
mod reduce;
mod shape;
mod ticks;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use iced::{Color, Element, Size};

/// What is drawn. Cheap to clone: the points are shared.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Another one for every change of anything below, so that a drawing can be kept.
    pub version: u64,
    /// The title, above the plot.
    pub title: Option<String>,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn between the axes, the lowest first.
    pub layers: Vec<Layer>,
    /// What else is to be known, below the plot: the window of a spectrum, the number of samples.
    pub notes: Vec<String>,
}

/// How values lie along an [`Axis`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal steps.
    #[default]
    Linear,
    /// Equal factors; only positive values have a place.
    Log,
}

/// One axis of a [`Figure`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// What is measured along it.
    pub label: String,
    /// The unit, when it has one.
    pub unit: Option<String>,
    /// How values lie along it.
    pub scale: Scale,
    /// The values at both ends; `None` fits the data in whole steps.
    pub range: Option<(f64, f64)>,
    /// On the x axis: a unit is as long as one of the y axis. Needs two linear axes.
    pub equal: bool,
}

/// One thing drawn in a [`Figure`].
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its name in the legend.
    pub name: String,
    /// Its colour.
    pub color: Color,
    /// Its shape and data.
    pub kind: Kind,
    /// Whether it is drawn.
    pub visible: bool,
}

/// The shape and the data of a [`Layer`].
#[derive(Debug, Clone)]
pub enum Kind {
    /// Points `[x, y]` joined by a line that NaN interrupts. A point between two interruptions is a dot.
    Line(Arc<[[f64; 2]]>),
    /// Points `[x, y]` by themselves.
    Dots(Arc<[[f64; 2]]>),
    /// Bars that stand on zero: one more edge than counts.
    Bars {
        /// The sides of the bars, in rising order.
        edges: Arc<[f64]>,
        /// The height of each bar.
        counts: Arc<[f64]>,
    },
    /// Points `[x, y]` whose value holds until the next.
    Steps(Arc<[[f64; 2]]>),
    /// A way through the plane that fades towards the past; its last point is bold.
    Trail(Arc<[[f64; 2]]>),
    /// The room between two curves `[x, low, high]`, as an interval of confidence.
    Band(Arc<[[f64; 3]]>),
    /// A level across the plot. It does not widen a fitted range.
    HLine {
        /// The value.
        at: f64,
        /// What is written along it.
        label: String,
    },
    /// A place up the plot. It does not widen a fitted range.
    VLine {
        /// The value.
        at: f64,
        /// What is written beside it.
        label: String,
    },
    /// Points `(x, y, label)`, the most important first: a label that would cover another is left out.
    Markers(Vec<(f64, f64, String)>),
}

/// What happened on a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The view was zoomed or moved to these ranges.
    ViewChanged {
        /// The values at the left and at the right.
        x: (f64, f64),
        /// The values at the bottom and at the top.
        y: (f64, f64),
    },
    /// The plot was double-clicked: show all data again.
    FitRequested,
}

impl Figure {
    /// Creates an empty [`Figure`].
    #[must_use]
    pub fn new(version: u64, x: Axis, y: Axis) -> Self {
        Self {
            version,
            title: None,
            x,
            y,
            layers: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Sets the title of the [`Figure`].
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Puts a layer on top of the [`Figure`].
    #[must_use]
    pub fn layer(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// Adds a note below the [`Figure`].
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The figure at a view, as it was reported by [`Event::ViewChanged`]; `None` leaves an axis as it is.
    #[must_use]
    pub fn at_view(mut self, x: Option<(f64, f64)>, y: Option<(f64, f64)>) -> Self {
        self.x.range = x.or(self.x.range);
        self.y.range = y.or(self.y.range);
        self
    }

    /// Whether a unit is equally long on both axes.
    fn is_equal(&self) -> bool {
        self.x.equal && self.x.scale == Scale::Linear && self.y.scale == Scale::Linear
    }

    /// The layers that are drawn.
    fn shown(&self) -> impl Iterator<Item = (usize, &Layer)> {
        self.layers.iter().enumerate().filter(|(_, layer)| layer.visible)
    }
}

impl Axis {
    /// Creates a linear [`Axis`].
    #[must_use]
    pub fn linear(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Creates a logarithmic [`Axis`].
    #[must_use]
    pub fn log(label: impl Into<String>) -> Self {
        Self {
            scale: Scale::Log,
            ..Self::linear(label)
        }
    }

    /// Sets the unit of the [`Axis`].
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Sets the values at both ends of the [`Axis`].
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Makes a unit as long as one of the y axis.
    #[must_use]
    pub fn equal(mut self) -> Self {
        self.equal = true;
        self
    }

    /// What is written at the [`Axis`]: its label and its unit.
    #[must_use]
    pub fn name(&self) -> String {
        let label = &self.label;
        match self.unit.as_deref() {
            None | Some("") => label.clone(),
            Some(unit) if label.is_empty() => unit.to_owned(),
            Some(unit) if unit.contains('(') => format!("{label} [{unit}]"),
            Some(unit) => format!("{label} ({unit})"),
        }
    }
}

impl Layer {
    /// Creates a visible [`Layer`].
    #[must_use]
    pub fn new(name: impl Into<String>, color: Color, kind: Kind) -> Self {
        Self {
            name: name.into(),
            color,
            kind,
            visible: true,
        }
    }
}

/// What a figure keeps from one `view` to the next. Hold one for each figure.
#[derive(Debug, Default)]
pub struct FigureState {
    drawing: iced::widget::canvas::Cache,
    key: RefCell<Option<plot::Key>>,
    digest: RefCell<Option<Rc<digest::Digest>>>,
    corner: Cell<legend::Corner>,
    drawn: Cell<u64>,
}

impl FigureState {
    /// How often the figure was drawn, and not merely shown again.
    #[must_use]
    pub fn drawings(&self) -> u64 {
        self.drawn.get()
    }

    /// What is known of a figure's data, gathered once per version.
    fn digest(&self, figure: &Figure) -> Rc<digest::Digest> {
        let mut kept = self.digest.borrow_mut();
        if let Some(digest) = kept.as_ref().filter(|digest| digest.is_of(figure)) {
            return Rc::clone(digest);
        }
        let digest = Rc::new(digest::Digest::new(figure));
        *kept = Some(Rc::clone(&digest));
        digest
    }
}

/// Where a figure that changes by itself comes from. The application implements it over its own data.
///
/// It is asked while drawing: it must be quick and must not block. What did not change has the version that it had.
pub trait FigureSource {
    /// The figure as it is now.
    fn figure(&self) -> Rc<Figure>;
}

/// A figure that stays as it is until the next `view`.
struct Still(Rc<Figure>);

impl FigureSource for Still {
    fn figure(&self) -> Rc<Figure> {
        Rc::clone(&self.0)
    }
}

/// A widget that shows a [`Figure`], to be turned into an [`Element`].
pub struct Viewer<'a, Message> {
    state: &'a FigureState,
    source: Rc<dyn FigureSource>,
    on_event: Box<dyn Fn(Event) -> Message + 'a>,
    view: (digest::Span, digest::Span),
    has_legend: bool,
}

/// Creates a [`Viewer`]. It expects:
///
/// - its state,
/// - what it shows, and
/// - a function that turns an [`Event`] into a message.
///
/// The wheel zooms along x and, with Ctrl or over the value labels, along y; dragging moves the view; dragging with
/// Shift or the right button zooms to a box; a double click asks for all data.
pub fn figure<'a, Message>(
    state: &'a FigureState,
    figure: Rc<Figure>,
    on_event: impl Fn(Event) -> Message + 'a,
) -> Viewer<'a, Message> {
    live(state, Rc::new(Still(figure)), on_event)
}

/// Creates a [`Viewer`] of a figure that changes from frame to frame, without a message and without a new `view`. It
/// expects what [`figure()`] expects, and the source in place of the figure.
pub fn live<'a, Message>(
    state: &'a FigureState,
    source: Rc<dyn FigureSource>,
    on_event: impl Fn(Event) -> Message + 'a,
) -> Viewer<'a, Message> {
    Viewer {
        state,
        source,
        on_event: Box::new(on_event),
        view: (None, None),
        has_legend: true,
    }
}

impl<'a, Message> Viewer<'a, Message> {
    /// Sets the ranges that are seen, as [`Event::ViewChanged`] told them; `None` leaves an axis to the figure.
    #[must_use]
    pub fn view(mut self, x: Option<(f64, f64)>, y: Option<(f64, f64)>) -> Self {
        self.view = (x, y);
        self
    }

    /// Sets whether the [`Viewer`] names the layers over the plot; not needed where they are named beside it.
    #[must_use]
    pub fn legend(mut self, has_legend: bool) -> Self {
        self.has_legend = has_legend;
        self
    }

    fn layout(&self, size: Size) -> layout::Layout {
        self.layout_of(&self.source.figure(), size)
    }

    fn layout_of(&self, figure: &Figure, size: Size) -> layout::Layout {
        let digest = self.state.digest(figure);
        layout::Layout::new(figure, &digest, self.view, size, 0.0)
    }
}

impl<'a, Message: 'a> From<Viewer<'a, Message>> for Element<'a, Message> {
    fn from(viewer: Viewer<'a, Message>) -> Self {
        crate::leaf::element(viewer)
    }
}
