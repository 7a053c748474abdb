//! The charts and their title bars.

use iced::widget::{button, column, container, pane_grid, pick_list, row, text, text_input};
use iced::{Alignment, Element, Fill, Rectangle, Size};
use roswave_engine::cdr::is_missing;
use roswave_engine::signal::{FieldRef, Recipe};
use roswave_widgets::chart::Entry;
use roswave_widgets::theme::{self, Palette, size, space};
use roswave_widgets::{Overlays, TraceSource as _, chart, icon, popover};

use crate::board::{PanelKind, Side};
use crate::format;
use crate::scope::pane::{Bound, Pane, SPANS};
use crate::scope::source::Scale;
use crate::scope::view::Surroundings;
use crate::scope::view::bars::hint;
use crate::scope::view::trigger;
use crate::scope::{FORMULA, Message, Scope};

/// The split between two charts can be grabbed this far beside it, in logical pixels.
const LEEWAY: f32 = 6.0;

/// A chart is at least this high and wide, in logical pixels.
const SMALLEST: f32 = 120.0;

const TITLE_BAR: f32 = 28.0;

/// Width of the box for one end of Y, in logical pixels.
const RANGE_BOX: f32 = 72.0;

impl Scope {
    pub(super) fn grid(&self, surroundings: Surroundings) -> Element<'_, Message> {
        let panes = self.charts.panes();
        let several = panes.len() > 1;
        let grid = pane_grid(panes, move |id, pane, maximized| {
            let focused = several && id == self.charts.focus();
            let title = pane_grid::TitleBar::new(self.chart_title(pane, focused))
                .controls(pane_grid::Controls::new(chart_controls(id, pane, maximized)))
                .padding([0.0, space::S]);
            pane_grid::Content::new(self.chart_body(id, pane, surroundings))
                .title_bar(title)
                .style(theme::surface)
        })
        .spacing(theme::SEPARATOR)
        .min_size(SMALLEST)
        .on_click(Message::FocusChart)
        .on_drag(Message::ChartDragged)
        .on_resize(LEEWAY, Message::ChartResized)
        .style(theme::panes);

        // The background that shows between the panes is their separator.
        let grid = container(grid)
            .width(Fill)
            .height(Fill)
            .style(|theme| container::background(Palette::of(theme).separator));
        let focus = self.charts.focus();
        let sheet = panes.get(focus).and_then(|pane| self.sheet(focus, pane));
        // What the trigger is doing is seen while it is changed.
        let has_line = panes.get(focus).is_some_and(|pane| pane.trigger().is_some());
        let head = TITLE_BAR + if has_line { trigger::LINE } else { 0.0 };

        popover(grid, sheet, move |size| below_head(panes, focus, head, size))
    }

    fn chart_title<'a>(&'a self, pane: &'a Pane, focused: bool) -> Element<'a, Message> {
        let title = text(pane.title()).font(theme::INTER_MEDIUM).size(size::BODY);
        let title = if focused {
            title.style(theme::accent_text)
        } else {
            title
        };
        let mut words = row![title.wrapping(text::Wrapping::None)]
            .spacing(space::S)
            .align_y(Alignment::Center)
            .height(TITLE_BAR);
        let prefix = pane.common_prefix().trim_end_matches('.');
        if !prefix.is_empty() {
            words = words.push(theme::note(prefix).wrapping(text::Wrapping::None));
        }
        words = words.push(theme::note(pane.span().to_string()));
        if pane.source().is_paused() && self.bag.is_none() {
            words = words.push(theme::note("paused").style(theme::accent_text));
        }
        if pane.source().scale() != Scale::Auto {
            words = words.push(theme::note("fixed Y"));
        }

        container(words).clip(true).into()
    }

    /// The unit of a curve, when it is known: what is worked out of a field may have another one.
    pub(in crate::scope) fn unit(&self, recipe: &Recipe) -> Option<&'static str> {
        self.history.unit(recipe.plain()?)
    }

    /// The unit that all curves have in common.
    fn common_unit(&self, pane: &Pane) -> Option<&'static str> {
        let mut units = pane.curves().iter().map(|curve| self.unit(&curve.recipe));
        let first = units.next()??;
        units.all(|unit| unit == Some(first)).then_some(first)
    }

    /// What keeps a field from being drawn, or makes what is drawn doubtful.
    fn problem_of(&self, at: &FieldRef) -> Option<&str> {
        let topic = || self.snapshot.topics.get(&at.topic)?.problem.as_deref();
        self.history.problem(at).or_else(topic)
    }

    /// The units that the curves of each axis have in common.
    fn axis_units(&self, pane: &Pane) -> Vec<Option<String>> {
        let units = Side::ALL.map(|side| {
            let curves = pane.curves().iter().filter(|curve| curve.look.axis == side);
            let mut units = curves.map(|curve| self.unit(&curve.recipe));
            let first = units.next()??;
            units.all(|unit| unit == Some(first)).then(|| first.to_owned())
        });
        units.to_vec()
    }

    fn chart_body<'a>(
        &'a self,
        id: pane_grid::Pane,
        pane: &'a Pane,
        surroundings: Surroundings,
    ) -> Element<'a, Message> {
        if pane.kind() != PanelKind::Curves {
            return self.panel(id, pane, surroundings);
        }
        let plot = chart(pane.state(), pane.trace_source(), move |event| {
            Message::ChartAnswered(id, event)
        })
        .legend(self.legend(pane))
        .unit(self.common_unit(pane))
        .axis_units(self.axis_units(pane))
        .hint("Click a field in the tree, or drag one here")
        .overlays(Overlays {
            cursors: self.charts.cursors(),
            levels: pane.levels(),
            trigger: trigger::marks(pane),
            bookmarks: self.all_bookmarks(),
            ..Overlays::default()
        })
        .crosshair_at(self.bag().map(|bag| bag.playback().at_ns()))
        .note_pointer(self.charts.pointer())
        .follow(self.charts.is_linked().then(|| self.charts.pointer()))
        .time_axis(self.time_axis(pane))
        .time_format(format::time_of_day)
        .eco(surroundings.eco)
        .is_carrying(self.carried.is_some());
        let mut lines = column![];
        if let Some(typed) = pane.formula() {
            lines = lines.push(formula_line(id, pane, typed));
        }
        if let Some(armed) = pane.trigger() {
            lines = lines.push(trigger::line(id, pane, armed));
        }
        if let Some(edited) = pane.edited() {
            lines = lines.push(range_boxes(id, pane, edited));
        }

        lines.push(container(plot).width(Fill).height(Fill)).into()
    }

    /// Every curve with its latest value, and what keeps it from being drawn.
    fn legend(&self, pane: &Pane) -> Vec<Entry> {
        let curves = pane.curves();
        let mut topics = curves
            .iter()
            .flat_map(|curve| curve.recipe.inputs())
            .map(|at| &at.topic);
        let first = topics.next();
        let several_topics = topics.any(|topic| Some(topic) != first);
        let prefix = pane.common_prefix();
        let common_unit = self.common_unit(pane);
        let entries = curves.iter().enumerate().map(|(index, curve)| {
            let recipe = &curve.recipe;
            let latest = match self.bag() {
                // In a recording: the value at the playhead.
                Some(bag) => pane.source().value_at(index, bag.playback().at_ns()),
                None => pane.source().latest(index).map(|(time, value)| (time.0, value)),
            };
            let latest = latest.map(|(_, value)| value);
            let missing = latest.is_some_and(is_missing);
            let problem = recipe.inputs().iter().find_map(|at| self.problem_of(at));
            let note = match problem {
                Some(problem) => Some(problem.to_owned()),
                None => pane
                    .source()
                    .fault(index)
                    .or_else(|| missing.then(|| "not in the latest message".to_owned())),
            };
            Entry {
                name: match recipe.plain() {
                    Some(at) if !several_topics => at.field.as_str()[prefix.len()..].to_owned(),
                    _ => recipe.label(several_topics),
                },
                color: theme::curve(curve.color),
                dashed: theme::dash(curve.color).is_some(),
                value: latest.filter(|_| !missing),
                unit: if common_unit.is_some() {
                    None
                } else {
                    self.unit(recipe).map(str::to_owned)
                },
                visible: curve.visible,
                freshness: pane.source().freshness(index),
                note,
            }
        });

        entries.collect()
    }
}

/// Where the chart in a pane is within the grid, without what stands above it.
fn below_head(panes: &pane_grid::State<Pane>, pane: pane_grid::Pane, head: f32, size: Size) -> Rectangle {
    let all = Rectangle::with_size(size);
    let regions = match panes.maximized() {
        Some(_) => None,
        None => Some(panes.layout().pane_regions(theme::SEPARATOR, SMALLEST, size)),
    };
    let region = regions.and_then(|regions| regions.get(&pane).copied()).unwrap_or(all);
    Rectangle {
        y: region.y + head,
        height: (region.height - head).max(0.0),
        ..region
    }
}

fn chart_controls<'a>(id: pane_grid::Pane, pane: &'a Pane, maximized: bool) -> Element<'a, Message> {
    let span = pick_list(SPANS, Some(pane.span()), move |span| Message::PickSpan(id, span))
        .text_size(size::SMALL)
        .padding([space::XXS, space::S])
        .style(theme::choice)
        .menu_style(theme::menu);
    let (pause_icon, pause_hint) = if pane.source().is_paused() {
        (icon::play(), "Resume this chart (Space: all)")
    } else {
        (icon::pause(), "Pause this chart (Space: all)")
    };
    let (scale_icon, scale_hint) = match pane.source().scale() {
        Scale::Auto => (icon::lock(), "Keep the present Y range"),
        Scale::Fixed(..) => (icon::move_vertical(), "Scale Y by the data"),
    };
    let (size_icon, size_hint) = if maximized {
        (icon::minimize(), "Show all charts")
    } else {
        (icon::maximize_2(), "Show this chart alone")
    };
    let kind = pick_list(PanelKind::ALL, Some(pane.kind()), move |kind| {
        Message::PickKind(id, kind)
    })
    .text_size(size::SMALL)
    .padding([space::XXS, space::S])
    .style(theme::choice)
    .menu_style(theme::menu);
    let controls = row![
        kind,
        span,
        small_tool(pause_icon, pause_hint, Message::PauseChart(id)),
        small_tool(scale_icon, scale_hint, Message::ToggleScale(id)),
        small_tool(
            icon::download(),
            "Save: figure or samples (Shift+P)",
            Message::ToggleSave(Some(id))
        ),
        small_tool(icon::crosshair(), "Trigger (g)", Message::ToggleTrigger(Some(id))),
        small_tool(
            icon::activity(),
            "Derived curve: expression or filter (=)",
            Message::ToggleFormula(id)
        ),
        small_tool(
            icon::columns_2(),
            "Split: new chart beside",
            Message::SplitChart(id, pane_grid::Axis::Vertical)
        ),
        small_tool(
            icon::rows_2(),
            "Split: new chart below",
            Message::SplitChart(id, pane_grid::Axis::Horizontal)
        ),
        small_tool(size_icon, size_hint, Message::MaximizeChart(id)),
        small_tool(icon::close(), "Close this chart", Message::CloseChart(id)),
    ];

    controls
        .spacing(space::XXS)
        .height(TITLE_BAR)
        .align_y(Alignment::Center)
        .into()
}

fn small_tool<'a>(icon: text::Text<'a>, name: &'a str, message: Message) -> Element<'a, Message> {
    let it = button(icon.size(size::BODY))
        .padding(space::XXS + 1.0)
        .style(theme::quiet)
        .on_press(message);

    hint(it, name)
}

/// Where a derived curve is typed, with what is wrong with it so far.
pub(super) fn formula_line<'a>(id: pane_grid::Pane, pane: &Pane, typed: &'a str) -> Element<'a, Message> {
    let line = text_input(
        "= hypot(/a:x, /b:y)   or   /imu/data:angular_velocity.x | lowpass:order=2,corner_hz=10",
        typed,
    )
    .id(FORMULA)
    .on_input(move |text| Message::EditFormula(id, text))
    .on_submit(Message::AcceptFormula(id))
    .padding([space::XXS, space::XS])
    .size(size::SMALL)
    .font(theme::MONO)
    .style(theme::input);
    let mut lines = column![line].spacing(space::XXS).padding([space::XXS, space::S]);
    if let Some(error) = pane.formula_error() {
        lines = lines.push(theme::note(error).style(theme::warning_text));
    }

    lines.into()
}

fn range_boxes<'a>(id: pane_grid::Pane, pane: &Pane, [low, high]: &'a [String; 2]) -> Element<'a, Message> {
    let end = |bound: Bound, typed: &'a String| {
        text_input("", typed)
            .on_input(move |text| Message::EditRange(id, bound, text))
            .width(RANGE_BOX)
            .padding([space::XXS, space::XS])
            .size(size::SMALL)
            .font(theme::MONO)
            .style(theme::input)
    };
    let mut boxes = row![
        theme::note("Y from"),
        end(Bound::Low, low),
        theme::note("to"),
        end(Bound::High, high),
    ]
    .spacing(space::XS)
    .padding([space::XXS, space::S])
    .align_y(Alignment::Center);
    if !pane.edit_is_sound() {
        boxes = boxes.push(theme::note("needs a lower and a higher number").style(theme::warning_text));
    }

    boxes.into()
}
