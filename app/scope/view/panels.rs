//! Panels: what is shown of curves in another way than over time, with what they are set by.

use std::fmt;
use std::rc::Rc;

use iced::widget::{Row, button, column, container, pane_grid, pick_list, row, space as gap, stack, text};
use iced::{Alignment, Element, Fill, FillPortion};
use roswave_engine::signal::FieldRef;
use roswave_engine::signal::spectrum::Window;
use roswave_widgets::figure::{self, FigureSource};
use roswave_widgets::theme::{self, Palette, size, space};
use roswave_widgets::{LaneSource, WaterfallSource, chart, drag, icon};

use crate::board::{Between, OVERLAPS, PanelKind, SEGMENTS};
use crate::format;
use crate::scope::analysis::xy::NEEDS_BOTH;
use crate::scope::meaning::Meaning;
use crate::scope::pane::Pane;
use crate::scope::panel::{Change, Event, Input};
use crate::scope::view::Surroundings;
use crate::scope::view::bars::hint;
use crate::scope::{Message, Scope};

/// Side of a mark in the colour of a curve, in logical pixels.
const MARK: f32 = 8.0;

/// What an XY plot gives to each axis while a field is carried: to Y, and to X below it.
const SHARES: (u16, u16) = (2, 1);

impl Scope {
    /// A panel with its bar, and what is wrong with it.
    pub(super) fn panel<'a>(
        &'a self,
        id: pane_grid::Pane,
        pane: &'a Pane,
        surroundings: Surroundings,
    ) -> Element<'a, Message> {
        let inputs = self.inputs(pane);
        let bar = panel_bar(id, pane, &inputs);
        pane.panel().describe(inputs);
        pane.catch_up();
        let mut lines = column![bar];
        if let Some(typed) = pane.formula() {
            lines = lines.push(super::grid::formula_line(id, pane, typed));
        }
        if let Some(armed) = pane.trigger() {
            lines = lines.push(super::trigger::line(id, pane, armed));
        }
        if let Some(error) = pane.analysis().error() {
            lines = lines.push(complaint(error));
        }
        let problems = pane.curves().iter().enumerate();
        let problem = problems.filter_map(|(index, curve)| {
            let missing = curve.recipe.inputs().iter().find_map(|at| self.history.problem(at));
            missing.map(str::to_owned).or_else(|| pane.source().fault(index))
        });
        if let Some(problem) = problem.into_iter().next() {
            lines = lines.push(complaint(problem));
        }
        let content = match pane.kind() {
            PanelKind::Xy => self.plane(id, pane),
            PanelKind::Lanes => self.states(id, pane),
            PanelKind::Waterfall => self.fall(id, pane, surroundings),
            PanelKind::Curves | PanelKind::Spectrum | PanelKind::Histogram | PanelKind::Allan | PanelKind::Profile => {
                self.computed(id, pane)
            }
        };

        lines.push(container(content).width(Fill).height(Fill)).into()
    }

    /// The curves of a panel as it sees them.
    fn inputs(&self, pane: &Pane) -> Vec<Input> {
        let several = {
            let mut topics = pane
                .curves()
                .iter()
                .flat_map(|curve| curve.recipe.inputs())
                .map(|at| &at.topic);
            let first = topics.next();
            topics.any(|topic| Some(topic) != first)
        };
        let curves = pane.curves().iter().enumerate();
        let inputs = curves.map(|(index, curve)| Input {
            series: pane.source().series(index),
            name: curve.recipe.label(several),
            unit: self.unit(&curve.recipe).unwrap_or_default(),
            color: curve.color,
            visible: curve.visible,
            on_x: curve.on_x,
            meaning: curve.recipe.plain().map(|at| self.meaning(at)).unwrap_or_default(),
        });
        inputs.collect()
    }

    /// What the numbers of a field mean.
    fn meaning(&self, at: &FieldRef) -> Meaning {
        let status = self.snapshot.topics.get(&at.topic);
        let schema = status.and_then(|status| status.schema.as_ref());
        schema.map(|schema| Meaning::of(schema, &at.field)).unwrap_or_default()
    }

    /// What is computed of the curves.
    fn computed<'a>(&'a self, id: pane_grid::Pane, pane: &'a Pane) -> Element<'a, Message> {
        let analysis = pane.analysis();
        let content: Element<'a, Message> = match analysis.figure() {
            Some(figure) => {
                let shown = roswave_widgets::figure(analysis.state(), Rc::clone(figure), move |event| {
                    Message::FigureAnswered(id, event)
                });
                let view = analysis.view();
                // The curves of a spectrum are those of the bar above it.
                shown
                    .view(view.map(|(x, _)| x), view.map(|(_, y)| y))
                    .legend(pane.kind() != PanelKind::Spectrum)
                    .into()
            }
            None => {
                let is_profile = pane.kind() == PanelKind::Profile;
                let is_empty = if is_profile {
                    pane.panel().arrays().is_empty()
                } else {
                    pane.curves().is_empty()
                };
                let words = match (is_empty, is_profile, analysis.error()) {
                    (true, true, _) => "Drag an array here: ranges, data, position",
                    (true, false, _) => "Click a field in the tree, or drag one here",
                    // Why there is nothing stands above.
                    (false, _, Some(_)) => "",
                    (false, _, None) => "Computing…",
                };
                container(theme::muted(words)).center(Fill).into()
            }
        };

        self.dropping(id, content)
    }

    /// A place to let go of a field that is carried.
    fn dropping<'a>(&self, id: pane_grid::Pane, content: Element<'a, Message>) -> Element<'a, Message> {
        drag::drop_zone(
            container(content).width(Fill).height(Fill),
            self.carried.is_some(),
            Message::ChartAnswered(id, chart::Event::FieldDropped),
        )
    }

    /// State lanes, and how long the one under the pointer was in which state.
    fn states<'a>(&'a self, id: pane_grid::Pane, pane: &'a Pane) -> Element<'a, Message> {
        let Some(states) = pane.panel().states() else {
            return gap::horizontal().into();
        };
        let source = Rc::clone(states) as Rc<dyn LaneSource>;
        let lanes = roswave_widgets::lanes(source, move |event| Message::PanelAnswered(id, Event::Lanes(event)))
            .time_axis(self.time_axis(pane))
            .time_format(format::time_of_day);
        let mut lines = column![container(lanes).height(Fill)];
        if let Some(totals) = states.totals() {
            let totals = theme::note(totals).wrapping(text::Wrapping::None);
            lines = lines.push(container(totals).padding([0.0, space::S]).width(Fill).clip(true));
        }
        let measures = pane.curves().iter().filter_map(|curve| curve.recipe.plain());
        let measured = measures.into_iter().find(|at| self.meaning(at) == Meaning::Measure);
        if let Some(at) = measured {
            lines = lines.push(complaint(format!(
                "{at} is no state but a measured number: only whole values of it are shown"
            )));
        }

        self.dropping(id, lines.into())
    }

    /// A waterfall, and how it was made.
    fn fall<'a>(&'a self, id: pane_grid::Pane, pane: &'a Pane, surroundings: Surroundings) -> Element<'a, Message> {
        let Some(fall) = pane.panel().fall() else {
            return gap::horizontal().into();
        };
        let hint = if pane.curves().is_empty() {
            "Click a field in the tree, or drag one here"
        } else {
            "No spectrum yet"
        };
        let source = Rc::clone(fall) as Rc<dyn WaterfallSource>;
        let picture =
            roswave_widgets::waterfall(source, move |event| Message::PanelAnswered(id, Event::Waterfall(event)))
                .time_axis(self.time_axis(pane))
                .time_format(format::time_of_day)
                .hint(hint)
                .eco(surroundings.eco);
        let mut lines = column![container(picture).height(Fill)];
        if let Some(note) = fall.note() {
            lines = lines.push(container(theme::note(note)).padding([0.0, space::S]));
        }
        if pane.curves().iter().filter(|curve| curve.visible).count() > 1 {
            lines = lines.push(complaint("A waterfall shows one field: the first that is not hidden"));
        }

        self.dropping(id, lines.into())
    }

    /// An XY plot: its picture, and while a field is carried a place to drop it for each axis.
    fn plane<'a>(&'a self, id: pane_grid::Pane, pane: &'a Pane) -> Element<'a, Message> {
        let curves = pane.curves();
        let is_whole = curves.iter().any(|curve| curve.on_x) && curves.iter().any(|curve| !curve.on_x);
        let content: Element<'a, Message> = match pane.panel().plane().filter(|_| is_whole) {
            Some(plane) => {
                let source = Rc::clone(plane) as Rc<dyn FigureSource>;
                let view = pane.analysis().view();
                let shown = figure::live(pane.analysis().state(), source, move |event| {
                    Message::FigureAnswered(id, event)
                });
                shown.view(view.map(|(x, _)| x), view.map(|(_, y)| y)).into()
            }
            None => container(theme::muted(NEEDS_BOTH)).center(Fill).into(),
        };
        if self.carried.is_none() {
            return content;
        }
        let zone = |name: &'static str, share: u16, on_x: bool| {
            let place = container(theme::label(name)).center(Fill).height(Fill);
            let dropped = Message::PanelAnswered(id, Event::Dropped { on_x });
            container(drag::drop_zone(place, true, dropped))
                .width(Fill)
                .height(FillPortion(share))
        };

        stack![content, column![zone("Y", SHARES.0, false), zone("X", SHARES.1, true)]].into()
    }
}

/// The curves of a panel, and what it is set by.
fn panel_bar<'a>(id: pane_grid::Pane, pane: &'a Pane, inputs: &[Input]) -> Element<'a, Message> {
    let spec = pane.panel().spec();
    let mut parts: Vec<Element<'a, Message>> = inputs
        .iter()
        .enumerate()
        .map(|(index, input)| chip(id, pane.kind(), index, input))
        .collect();
    let arrays = pane.panel().arrays().iter().enumerate();
    parts.extend(arrays.map(|(index, at)| array_chip(id, index, at)));
    let change = move |change| Message::PanelAnswered(id, Event::Changed(change));
    match pane.kind() {
        PanelKind::Spectrum | PanelKind::Waterfall => {
            parts.push(choice(
                Window::ALL.map(Shown),
                Shown(spec.window),
                "Window",
                move |Shown(window)| change(Change::Window(window)),
            ));
            let segments: Vec<Segment> = [None].into_iter().chain(SEGMENTS.map(Some)).map(Segment).collect();
            parts.push(choice(
                segments,
                Segment(spec.segment),
                "Samples in a segment",
                move |Segment(segment)| change(Change::Segment(segment)),
            ));
            let overlaps: Vec<Overlap> = [None].into_iter().chain(OVERLAPS.map(Some)).map(Overlap).collect();
            parts.push(choice(
                overlaps,
                Overlap(spec.overlap),
                "Overlap of segments",
                move |Overlap(overlap)| change(Change::Overlap(overlap)),
            ));
        }
        PanelKind::Xy => {
            parts.push(switch(
                "equal axes",
                spec.equal,
                "A unit is as long on both axes",
                change(Change::Equal),
            ));
            let (word, other) = match spec.between {
                Between::Linear => ("linear", Between::Hold),
                Between::Hold => ("hold", Between::Linear),
            };
            let tip = "How values of different times are brought together";
            parts.push(switch(word, false, tip, change(Change::Between(other))));
        }
        PanelKind::Lanes => {
            let tip = "Whole numbers without names: one lane for each bit";
            parts.push(switch("bits", spec.bits, tip, change(Change::Bits)));
        }
        PanelKind::Profile => {
            let tip = "X is the angle of a laser scan, not the index";
            parts.push(switch("angle", spec.angle, tip, change(Change::Angle)));
        }
        PanelKind::Curves | PanelKind::Histogram | PanelKind::Allan => {}
    }

    Row::with_children(parts)
        .spacing(space::XS)
        .align_y(Alignment::Center)
        .padding([space::XXS, space::S])
        .wrap()
        .into()
}

/// An array of a panel; the cross takes it off.
fn array_chip<'a>(id: pane_grid::Pane, index: usize, at: &FieldRef) -> Element<'a, Message> {
    let name = theme::note(format!("{at}[]")).wrapping(text::Wrapping::None);
    let cross = button(icon::close().size(size::SMALL))
        .padding(0)
        .style(theme::quiet)
        .on_press(Message::PanelAnswered(id, Event::ArrayRemoved(index)));

    row![name, cross].spacing(space::XXS).align_y(Alignment::Center).into()
}

/// A sentence in place.
fn complaint<'a>(words: impl text::IntoFragment<'a>) -> Element<'a, Message> {
    container(theme::note(words).style(theme::warning_text))
        .padding([space::XXS, space::S])
        .into()
}

/// A curve of a panel: hidden and shown by a click, taken off by the cross; on an XY plot with its axis.
fn chip<'a>(id: pane_grid::Pane, kind: PanelKind, index: usize, input: &Input) -> Element<'a, Message> {
    let color = theme::curve(input.color);
    let visible = input.visible;
    let dot = container(gap::horizontal().width(MARK))
        .width(MARK)
        .height(MARK)
        .style(move |theme| {
            let round = iced::border::rounded(MARK / 2.0);
            if visible {
                container::Style::default().background(color).border(round)
            } else {
                container::Style::default().border(round.width(1).color(Palette::of(theme).faint))
            }
        });
    let name = theme::note(input.name.clone()).wrapping(text::Wrapping::None);
    let name = row![dot, name].spacing(space::XS).align_y(Alignment::Center);
    let name = button(name)
        .padding([0.0, space::XXS])
        .style(theme::quiet)
        .on_press(Message::ChartAnswered(id, chart::Event::CurveHidden(index)));
    let cross = button(icon::close().size(size::SMALL))
        .padding(0)
        .style(theme::quiet)
        .on_press(Message::ChartAnswered(id, chart::Event::CurveRemoved(index)));
    let mut parts = row![].align_y(Alignment::Center);
    if kind == PanelKind::Xy {
        let letter = if input.on_x { "X" } else { "Y" };
        let axis = button(theme::small_number(letter).style(theme::accent_text))
            .padding([0.0, space::XXS])
            .style(theme::quiet)
            .on_press(Message::PanelAnswered(id, Event::AxisToggled(index)));
        parts = parts.push(hint(axis, "Its axis: click for the other one"));
    }

    parts.push(name).push(cross).into()
}

/// A word that is on or off.
fn switch<'a>(word: &'a str, is_on: bool, tip: &'a str, message: Message) -> Element<'a, Message> {
    let label = theme::note(word);
    let label = if is_on { label.style(theme::accent_text) } else { label };
    let it = button(label)
        .padding([0.0, space::XS])
        .style(theme::quiet)
        .on_press(message);

    hint(it, tip)
}

/// One of several.
fn choice<'a, T: Clone + PartialEq + fmt::Display + 'a>(
    all: impl Into<Vec<T>>,
    chosen: T,
    tip: &'a str,
    on_choice: impl Fn(T) -> Message + 'a,
) -> Element<'a, Message> {
    let all: Vec<T> = all.into();
    let list = pick_list(all, Some(chosen), on_choice)
        .text_size(size::SMALL)
        .padding([0.0, space::XS])
        .style(theme::choice)
        .menu_style(theme::menu);

    hint(list, tip)
}

/// A window by its name.
#[derive(Clone, Copy, PartialEq)]
struct Shown(Window);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// Samples in a segment.
#[derive(Clone, Copy, PartialEq)]
struct Segment(Option<usize>);

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(samples) => write!(f, "{samples} samples"),
            None => f.write_str("segment: auto"),
        }
    }
}

/// The share that segments have in common.
#[derive(Clone, Copy, PartialEq)]
struct Overlap(Option<f64>);

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(share) => write!(f, "overlap {} %", share * 100.0),
            None => f.write_str("overlap: auto"),
        }
    }
}
