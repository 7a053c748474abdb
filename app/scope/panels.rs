//! Panels that are computed: what is asked of other threads, and when.

use std::sync::Arc;

use iced::Task;
use iced::widget::pane_grid;
use roswave_engine::cdr::{FieldPath, Value};
use roswave_engine::engine::{Engine, Snapshot};
use roswave_engine::ingest::Timing;
use roswave_engine::name::TopicName;
use roswave_engine::signal::FieldRef;
use roswave_widgets::chart::Pointed;
use roswave_widgets::{TraceSource as _, chart, lanes, waterfall};

use crate::board::{ARRAYS_MAX, PanelKind};
use crate::scope::analysis::profile::Array;
use crate::scope::analysis::{self, CurveSamples, Question};
use crate::scope::carry::Place;
use crate::scope::pane::Pane;
use crate::scope::panel::{Change, Event};
use crate::scope::{Action, Message, Notice, Scope, meaning};

/// Curves that an array is unfolded to on one chart, at most.
const ELEMENTS_MAX: usize = 32;

/// A time that is pointed at where there is no value.
fn middle(time_ns: i64) -> Pointed {
    Pointed { time_ns, down: 0.5 }
}

impl Scope {
    /// Lets a chart show something else of its curves.
    pub(super) fn pick_kind(&mut self, pane: pane_grid::Pane, kind: PanelKind) -> Action {
        self.change_chart(pane, |chart| chart.set_kind(kind));
        self.charts.point_nowhere();
        Action::Run(self.analyze())
    }

    /// Answers what was done to a panel.
    pub(super) fn answer_panel(&mut self, pane: pane_grid::Pane, event: Event, engine: &Engine) -> Action {
        match event {
            Event::Dropped { on_x } => {
                self.drop_on(pane, Place::Along { on_x }, engine);
            }
            Event::AxisToggled(index) => self.change_chart(pane, |chart| {
                let on_x = chart.curves().get(index).is_some_and(|curve| curve.on_x);
                chart.set_on_x(index, !on_x);
            }),
            Event::Changed(change) => self.change_chart(pane, |chart| {
                chart.panel_mut().change(change);
                chart.analysis_mut().renew();
            }),
            Event::Waterfall(event) => return self.answer_waterfall(pane, event, engine),
            Event::Lanes(event) => {
                let event = match event {
                    lanes::Event::Hovered(hover) => {
                        if let Some(states) = self.charts.panes().get(pane).and_then(|pane| pane.panel().states()) {
                            states.hover(hover.and_then(|hover| hover.lane));
                        }
                        chart::Event::Hovered(hover.map(|hover| middle(hover.at_ns)))
                    }
                    lanes::Event::TimeZoomed { factor, at_ns } => chart::Event::TimeZoomed { factor, at_ns },
                    lanes::Event::ViewMoved { from_ns, to_ns } => chart::Event::ViewMoved { from_ns, to_ns },
                    lanes::Event::FitRequested => {
                        self.charts.fit_all();
                        return Action::None;
                    }
                };
                return self.answer_chart(pane, event, engine);
            }
            Event::ArrayRemoved(index) => {
                self.change_chart(pane, |chart| chart.panel_mut().remove_array(index));
                self.inspect(engine);
            }
        }
        Action::Run(self.analyze())
    }

    fn answer_waterfall(&mut self, pane: pane_grid::Pane, event: waterfall::Event, engine: &Engine) -> Action {
        let show = |scope: &Self, range| {
            if let Some(fall) = scope.charts.panes().get(pane).and_then(|pane| pane.panel().fall()) {
                fall.show_hz(range);
            }
        };
        let event = match event {
            waterfall::Event::Hovered(hover) => chart::Event::Hovered(hover.map(|hover| middle(hover.time_ns))),
            waterfall::Event::DbRangeChanged { low, high } => {
                let levels = Some([f64::from(low), f64::from(high)]);
                self.change_chart(pane, |chart| chart.panel_mut().change(Change::Levels(levels)));
                return Action::None;
            }
            waterfall::Event::FrequencyRangeChanged { low_hz, high_hz } => {
                show(self, Some((low_hz, high_hz)));
                return Action::None;
            }
            waterfall::Event::TimeZoomed { factor, at_ns } => chart::Event::TimeZoomed { factor, at_ns },
            waterfall::Event::ViewMoved { from_ns, to_ns } => chart::Event::ViewMoved { from_ns, to_ns },
            waterfall::Event::FitRequested => {
                show(self, None);
                self.change_chart(pane, |chart| chart.panel_mut().change(Change::Levels(None)));
                return Action::None;
            }
        };
        self.answer_chart(pane, event, engine)
    }

    /// Puts a field or an array that was clicked, dropped or typed on a chart, along this axis of an XY plot when it says so.
    pub(super) fn put(&mut self, pane: pane_grid::Pane, at: FieldRef, on_x: Option<bool>, engine: &Engine) {
        let is_array = self.is_array(&at);
        let Some(chart) = self.charts.get_mut(pane) else {
            return;
        };
        if is_array || chart.kind() == PanelKind::Profile {
            if !chart.panel_mut().add_array(at) {
                self.set_notice(Notice {
                    text: format!(
                        "This panel has {ARRAYS_MAX} arrays already: take one off, or open another chart (n)"
                    ),
                    details: None,
                });
            }
            self.inspect(engine);
            self.unfold(engine);
            return;
        }
        match on_x {
            Some(on_x) => chart.add_along(at, on_x),
            None => chart.add(at),
        }
        self.follow(engine);
    }

    /// True for an array of numbers, as far as the type is known.
    fn is_array(&self, at: &FieldRef) -> bool {
        let schema = self
            .snapshot
            .topics
            .get(&at.topic)
            .and_then(|status| status.schema.as_ref());
        schema.is_some_and(|schema| meaning::is_array_at(schema, &at.field))
    }

    /// Gives charts a curve for each element of the arrays that they were given, as soon as their length is known.
    pub(super) fn unfold(&mut self, engine: &Engine) {
        let mut too_many = None;
        let mut changed = false;
        for (_, chart) in self.charts.panes_mut().iter_mut() {
            if chart.kind() == PanelKind::Profile || chart.panel().arrays().is_empty() {
                continue;
            }
            let mut done = Vec::new();
            for at in chart.panel().arrays().to_vec() {
                let Some(length) = length(&self.snapshot, &at) else {
                    continue;
                };
                let room = ELEMENTS_MAX.saturating_sub(chart.curves().len());
                let drawn = u32::try_from(length.min(room)).unwrap_or(u32::MAX);
                for index in 0..drawn {
                    let field = at.field.element(index);
                    let topic = at.topic.clone();
                    chart.add(FieldRef { topic, field });
                }
                if length > room {
                    too_many = Some(format!(
                        "{at} has {length} elements and a chart draws {ELEMENTS_MAX} curves: the first {drawn} are drawn; \
                         drag single ones for the others, or show all of them in an array profile"
                    ));
                }
                done.push(at);
            }
            changed |= !done.is_empty();
            chart.panel_mut().drop_arrays(&done);
        }
        if let Some(text) = too_many {
            self.set_notice(Notice { text, details: None });
        }
        if changed {
            self.inspect(engine);
            self.follow(engine);
        }
    }

    /// The topics whose newest message panels need.
    pub(super) fn wanted_messages(&self) -> impl Iterator<Item = TopicName> {
        let arrays = self.charts.iter().flat_map(|chart| chart.panel().arrays());
        arrays.map(|at| at.topic.clone())
    }

    /// The arrays of a profile with their latest messages.
    fn arrays(&self, pane: &Pane) -> Vec<Array> {
        let arrays = pane.panel().arrays().iter().enumerate();
        let arrays = arrays.map(|(color, at)| {
            let status = self.snapshot.topics.get(&at.topic);
            let schema = status.and_then(|status| status.schema.clone());
            let payload = status.and_then(|status| status.latest.as_ref());
            Array {
                at: at.clone(),
                color,
                message: schema.zip(payload.map(|arrival| Arc::clone(&arrival.payload))),
            }
        });
        arrays.collect()
    }

    /// Opens a histogram of the times of a topic: its intervals, or how long its messages take.
    pub(super) fn open_timing(&mut self, topic: &TopicName, timing: Timing, engine: &Engine) -> Action {
        let Ok(field) = FieldPath::parse(timing.path()) else {
            return Action::None;
        };
        let is_empty = self
            .charts
            .focused()
            .is_some_and(|chart| chart.curves().is_empty() && chart.panel().arrays().is_empty());
        if !is_empty {
            self.charts.add();
        }
        let pane = self.charts.focus();
        self.change_chart(pane, |chart| chart.set_kind(PanelKind::Histogram));
        let topic = topic.clone();
        self.put(pane, FieldRef { topic, field }, None, engine);
        Action::Run(self.analyze())
    }

    /// What a panel is computed of: the samples of the curves that a chart shows.
    pub(super) fn question(&self, pane: &Pane) -> Result<Question, String> {
        let (from, to) = pane.source().window();
        let curves = pane.curves().iter().enumerate().filter(|(_, curve)| curve.visible);
        let curves = curves.map(|(index, curve)| {
            let name = curve.recipe.label(true);
            let samples = pane.source().samples(index, from, to, analysis::SAMPLES_MAX);
            let plain = curve.recipe.plain();
            let unit = plain.and_then(|at| self.history.unit(at));
            Ok(CurveSamples {
                samples: samples.ok_or_else(|| format!("{name} has too many samples here: show less time"))?,
                name,
                color: curve.color,
                unit: unit.unwrap_or_default().to_owned(),
                timing: plain.and_then(|at| Timing::of(&at.field)),
                on_x: curve.on_x,
            })
        });
        Ok(Question {
            kind: pane.kind(),
            spec: pane.panel().spec().clone(),
            curves: curves.collect::<Result<_, String>>()?,
            arrays: self.arrays(pane),
        })
    }

    /// Computes the panels that are due, on other threads.
    pub(super) fn analyze(&mut self) -> Task<Message> {
        let ids: Vec<pane_grid::Pane> = self.charts.panes().iter().map(|(id, _)| *id).collect();
        let mut tasks = Vec::new();
        for id in ids {
            let Some(pane) = self.charts.panes().get(id) else {
                continue;
            };
            let kind = pane.kind();
            if !kind.is_computed() {
                continue;
            }
            let (from, to) = pane.source().window();
            let still = pane
                .source()
                .is_paused()
                .then(|| (from.0, to.0, pane.source().version()));
            let Some(version) = self
                .charts
                .get_mut(id)
                .and_then(|pane| pane.analysis_mut().begin(kind, still))
            else {
                continue;
            };
            let question = self.charts.panes().get(id).map(|pane| self.question(pane));
            match question {
                Some(Ok(question)) => tasks.push(Task::perform(
                    async move { analysis::compute(&question, version) },
                    move |answer| Message::Analyzed(id, answer),
                )),
                Some(Err(error)) => tasks.push(Task::done(Message::Analyzed(id, Err(error)))),
                None => {}
            }
        }
        Task::batch(tasks)
    }
}

/// How many elements an array has: by its definition, else in the latest message.
fn length(snapshot: &Snapshot, at: &FieldRef) -> Option<usize> {
    let status = snapshot.topics.get(&at.topic)?;
    let schema = status.schema.as_ref()?;
    if let Some(length) = meaning::fixed_length(schema, &at.field) {
        return Some(length);
    }
    let message = Value::decode(schema, &status.latest.as_ref()?.payload).ok()?;
    match message.get(&at.field)? {
        Value::Bytes(bytes) => Some(bytes.len()),
        Value::Numbers(numbers) => Some(numbers.len()),
        Value::List(values) => Some(values.len()),
        _ => None,
    }
}
