//! One chart of the scope: its curves, its title, and what its controls edit.

mod levels;
mod look;
mod sheet;
mod trigger;
mod typed;

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use roswave_engine::clock::Timestamp;
use roswave_engine::series::Store;
use roswave_engine::signal::{FieldRef, Recipe};
use roswave_widgets::{ChartState, TraceSource};

use crate::board::{ChartSpec, CurveSpec, Look, PanelKind, WINDOW_LIMITS_S};
use crate::scope::analysis::Analysis;
use crate::scope::panel::Panel;
use crate::scope::source::{Drawing, Scale, Source};
use crate::scope::trigger::ChartTrigger;

pub use look::{LookChange, OpenLook};
pub use sheet::Sheet;

/// Window lengths to choose from, in seconds.
pub const SPANS: [Span; 10] = [
    Span(1.0),
    Span(2.0),
    Span(5.0),
    Span(10.0),
    Span(20.0),
    Span(30.0),
    Span(60.0),
    Span(120.0),
    Span(300.0),
    Span(600.0),
];

/// Samples of one series that a panel reads per frame, at most.
const FRAME_SAMPLES: usize = 8_192;

/// The same when something was asked for.
const VIEW_SAMPLES: usize = 65_536;

/// A window length in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span(pub f64);

impl Span {
    /// In nanoseconds.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "at most ten minutes")]
    pub fn nanoseconds(self) -> i64 {
        (self.0 * 1e9) as i64
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 60.0 && self.0 % 60.0 == 0.0 {
            write!(f, "{} min", self.0 / 60.0)
        } else {
            write!(f, "{} s", self.0)
        }
    }
}

/// One end of Y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The lower end.
    Low,
    /// The upper end.
    High,
}

/// One curve of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it shows.
    pub recipe: Recipe,
    /// The number of its colour.
    pub color: usize,
    /// It is drawn.
    pub visible: bool,
    /// On an XY plot it lies along X.
    pub on_x: bool,
    /// How it is drawn.
    pub look: Look,
}

/// A chart in its pane.
pub struct Pane {
    title: Option<String>,
    curves: Vec<Curve>,
    span: Span,
    source: Rc<Source>,
    state: ChartState,
    /// The ends of Y as they are being typed, while Y is fixed.
    edited: Option<[String; 2]>,
    kind: PanelKind,
    analysis: Analysis,
    panel: Panel,
    /// What is being typed to become a derived curve.
    typed: Option<String>,
    trigger: Option<ChartTrigger>,
    sheet: Option<Sheet>,
    /// Horizontal cursors: value axis and value.
    levels: [Option<(u8, f64)>; 2],
}

impl Pane {
    /// A chart as a board describes it.
    #[must_use]
    pub fn new(spec: &ChartSpec, store: &Rc<RefCell<Store>>, eco: bool) -> Self {
        let span = Span(spec.window_s);
        let scale = spec.y.map_or(Scale::Auto, |[low, high]| Scale::Fixed(low, high));
        let mut pane = Self {
            title: spec.title.clone(),
            curves: Vec::new(),
            span,
            source: Rc::new(Source::new(Rc::clone(store), span.nanoseconds(), scale, eco)),
            state: ChartState::default(),
            edited: None,
            kind: spec.kind,
            analysis: Analysis::default(),
            panel: Panel::new(spec.kind, spec.panel.clone()),
            typed: None,
            trigger: spec.trigger.clone().map(ChartTrigger::new),
            sheet: None,
            levels: [None; 2],
        };
        pane.source.set_log(0, spec.log);
        for (axis, spec) in (1..).zip(&spec.axes) {
            pane.source.set_log(axis, spec.log);
            if let Some([low, high]) = spec.y {
                pane.source.set_scale_of(axis, Scale::Fixed(low, high));
            }
        }
        pane.edited = pane.bounds();
        for curve in &spec.curves {
            pane.insert(curve.clone());
        }
        for index in &spec.panel.x {
            pane.set_on_x(*index, true);
        }
        pane.choose_x();
        pane.show();
        pane
    }

    /// As a board keeps it.
    #[must_use]
    pub fn spec(&self) -> ChartSpec {
        ChartSpec {
            title: self.title.clone(),
            kind: self.kind,
            window_s: self.span.0,
            y: match self.source.scale() {
                Scale::Auto => None,
                Scale::Fixed(low, high) => Some([low, high]),
            },
            log: self.source.is_log(0),
            axes: self.axis_specs(),
            curves: self.curve_specs(),
            trigger: self.trigger.as_ref().map(|trigger| trigger.setup().clone()),
            panel: self.panel.spec_with(&self.curves),
        }
    }

    /// What it shows of its curves.
    #[must_use]
    pub fn kind(&self) -> PanelKind {
        self.kind
    }

    /// Shows something else of its curves.
    pub fn set_kind(&mut self, kind: PanelKind) {
        if std::mem::replace(&mut self.kind, kind) != kind {
            self.analysis = Analysis::default();
            self.panel.set_kind(kind);
            self.choose_x();
        }
    }

    /// What it keeps of a kind that is no chart.
    #[must_use]
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// What it keeps of a kind that is no chart.
    pub fn panel_mut(&mut self) -> &mut Panel {
        &mut self.panel
    }

    /// Lets an XY plot that has curves along one axis only begin with the first of them along X.
    fn choose_x(&mut self) {
        let has_x = self.curves.iter().any(|curve| curve.on_x);
        if self.kind == PanelKind::Xy && self.curves.len() > 1 && !has_x {
            self.set_on_x(0, true);
        }
    }

    /// Puts a curve along X of an XY plot, or along Y.
    pub fn set_on_x(&mut self, index: usize, on_x: bool) {
        if let Some(curve) = self.curves.get_mut(index) {
            curve.on_x = on_x;
        }
    }

    /// Draws a field too, along this axis of an XY plot; one that is there already goes to that axis.
    pub fn add_along(&mut self, at: FieldRef, on_x: bool) {
        self.add(at.clone());
        let index = self.curves.iter().position(|curve| curve.recipe.plain() == Some(&at));
        if let Some(index) = index {
            self.set_on_x(index, on_x);
        }
    }

    /// After a drain: follows the newest samples. True when something new is to be seen.
    pub fn refresh(&self, now: Timestamp) -> bool {
        self.source.refresh(now) | self.panel.refresh(&self.source, FRAME_SAMPLES)
    }

    /// Reads on what a panel shows of history, at the pace of people.
    pub fn catch_up(&self) {
        let _ = self.panel.refresh(&self.source, VIEW_SAMPLES);
    }

    /// What was computed.
    #[must_use]
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// What was computed.
    pub fn analysis_mut(&mut self) -> &mut Analysis {
        &mut self.analysis
    }

    /// What it draws.
    #[must_use]
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// What the trace layer reads.
    #[must_use]
    pub fn source(&self) -> &Rc<Source> {
        &self.source
    }

    /// The same, as the chart widget takes it.
    #[must_use]
    pub fn trace_source(&self) -> Rc<dyn TraceSource> {
        Rc::clone(&self.source) as Rc<dyn TraceSource>
    }

    /// What the chart widget keeps between two views.
    #[must_use]
    pub fn state(&self) -> &ChartState {
        &self.state
    }

    /// True when this field is drawn here.
    #[must_use]
    pub fn has(&self, at: &FieldRef) -> bool {
        self.curves.iter().any(|curve| curve.recipe.plain() == Some(at))
    }

    /// Draws a field too.
    pub fn add(&mut self, at: FieldRef) {
        self.add_recipe(Recipe::field(at));
    }

    /// Draws this too.
    pub fn add_recipe(&mut self, recipe: Recipe) {
        if self.curves.iter().all(|curve| curve.recipe != recipe) {
            self.insert(CurveSpec::plain(recipe));
            self.show();
        }
    }

    /// Draws this too, as it was drawn elsewhere; its colour only when that is free.
    pub fn add_spec(&mut self, mut spec: CurveSpec) {
        if self.curves.iter().all(|curve| curve.recipe != spec.recipe) {
            let taken = |color| self.curves.iter().any(|curve| Some(curve.color) == color);
            spec.color = spec.color.filter(|color| !taken(Some(*color)));
            self.insert(spec);
            self.show();
        }
    }

    fn insert(&mut self, spec: CurveSpec) {
        let on_x = self.kind == PanelKind::Xy && self.curves.iter().all(|curve| !curve.on_x);
        let free = || (0..).find(|n| self.curves.iter().all(|curve| curve.color != *n));
        self.curves.push(Curve {
            color: spec.color.or_else(free).unwrap_or(0),
            recipe: spec.recipe,
            visible: spec.visible,
            look: spec.look,
            on_x,
        });
    }

    /// Draws a field no longer.
    pub fn remove(&mut self, at: &FieldRef) {
        self.curves.retain(|curve| curve.recipe.plain() != Some(at));
        self.close_look();
        self.show();
    }

    /// Draws the curve with this number no longer.
    pub fn remove_at(&mut self, index: usize) {
        if index < self.curves.len() {
            let _ = self.curves.remove(index);
            self.close_look();
            self.show();
        }
    }

    /// Hides the curve with this number, or shows it again.
    pub fn toggle_curve(&mut self, index: usize) {
        if let Some(curve) = self.curves.get_mut(index) {
            curve.visible = !curve.visible;
            self.show();
        }
    }

    fn show(&self) {
        let curves: Vec<_> = self
            .curves
            .iter()
            .map(|curve| {
                let drawing = Drawing {
                    color: curve.color,
                    visible: curve.visible,
                    look: curve.look,
                };
                (curve.recipe.clone(), drawing)
            })
            .collect();
        self.source.set_curves(&curves);
    }

    /// The window length.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Changes the window length.
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
        self.source.set_span(span.nanoseconds());
    }

    /// Multiplies the window length, within its limits.
    pub fn zoom_span(&mut self, factor: f64) {
        let seconds = (self.span.0 * factor).clamp(*WINDOW_LIMITS_S.start(), *WINDOW_LIMITS_S.end());
        // Two digits are enough for a window, and read well.
        let digit = 10_f64.powf(seconds.log10().floor() - 1.0);
        self.set_span(Span((seconds / digit).round() * digit));
    }

    /// The title: the given one, or what the curves have in common.
    #[must_use]
    pub fn title(&self) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let inputs = self.curves.iter().flat_map(|curve| curve.recipe.inputs());
        let inputs = inputs.chain(self.panel.arrays());
        let mut topics: Vec<&str> = inputs.map(|at| at.topic.as_str()).collect();
        topics.dedup();
        match topics[..] {
            [] => "New chart".to_owned(),
            [topic] => topic.to_owned(),
            [first, second] => format!("{first}, {second}"),
            [first, .., _] => format!("{first} and {} more", topics.len() - 1),
        }
    }

    /// What the paths of several curves of one topic begin with, up to and with a dot; empty when there is nothing.
    #[must_use]
    pub fn common_prefix(&self) -> &str {
        // What is worked out has a name of its own.
        let mut plain = self.curves.iter().filter_map(|curve| curve.recipe.plain());
        let Some(first) = plain.next() else {
            return "";
        };
        let others: Vec<&FieldRef> = plain.collect();
        let path = first.field.as_str();
        let shared = others.iter().fold(path.len(), |shared, at| {
            if at.topic != first.topic {
                return 0;
            }
            let same = path.bytes().zip(at.field.as_str().bytes()).take_while(|(a, b)| a == b);
            shared.min(same.count())
        });
        if others.is_empty() {
            return "";
        }
        path[..shared].rfind('.').map_or("", |dot| &path[..=dot])
    }
}
