//! The topic tree.

use iced::widget::{button, checkbox, column, container, mouse_area, row, space as gap, text, text_input, tooltip};
use iced::{Alignment, Element, Fill};
use roswave_engine::engine::TopicStatus;
use roswave_engine::ingest::Timing;
use roswave_engine::signal::FieldRef;
use roswave_widgets::theme::{self, Palette, size, space};
use roswave_widgets::{drag, icon, virtual_list};

use crate::format;
use crate::scope::recording::Ticks;
use crate::scope::tree::{FieldKind, Row};
use crate::scope::view::bars::hint;
use crate::scope::view::inspector::policies;
use crate::scope::view::{clipped, line};
use crate::scope::{FILTER, Message, Scope};

/// Each step of the tree goes this far to the right, in logical pixels.
const INDENT: f32 = 14.0;

/// Width of the figures at the right of a row, in logical pixels.
const FIGURE_WIDTH: f32 = 52.0;

/// Side of a mark in the colour of a curve, in logical pixels.
const MARK: f32 = 8.0;

const TICK: f32 = 13.0;

impl Scope {
    pub(super) fn topics(&self) -> Element<'_, Message> {
        let filter = text_input("Filter topics  /", self.tree.filter())
            .id(FILTER)
            .on_input(Message::FilterChanged)
            .padding([space::XS, space::S])
            .size(size::BODY)
            .style(theme::input);
        let all = checkbox(self.ticks == Ticks::All)
            .label("Record all topics")
            .on_toggle(Message::TickAll)
            .size(TICK)
            .spacing(space::S)
            .text_size(size::BODY)
            .style(theme::check);
        let mut head = column![filter].spacing(space::S).padding(space::S);
        if self.bag.is_none() {
            head = head.push(all);
        }
        let rows = self.tree.rows();
        let list: Element<'_, Message> = if rows.is_empty() {
            let why = if self.tree.filter().is_empty() {
                "No topics yet"
            } else {
                "No topic matches the filter"
            };
            container(theme::muted(why)).padding(space::M).height(Fill).into()
        } else {
            virtual_list(
                self.scroll,
                rows.len(),
                theme::ROW,
                |index| self.row(&rows[index]),
                Message::TreeScrolled,
            )
        };
        let count = match self.tree.listed() {
            1 => "1 topic".to_owned(),
            n => format!("{n} topics"),
        };
        let (hidden_word, hidden_hint) = if self.tree.shows_hidden() {
            ("hide hidden".to_owned(), "Leave out what ROS 2 tools hide (h)")
        } else {
            (
                format!("{} hidden", self.tree.hidden()),
                "Show what ROS 2 tools hide (h)",
            )
        };
        let mut foot = row![theme::small_number(count), gap::horizontal()].align_y(Alignment::Center);
        if self.bag.is_some() {
            foot = foot.push(theme::note("messages"));
        } else if self.tree.hidden() > 0 || self.tree.shows_hidden() {
            let toggle = button(theme::small_number(hidden_word))
                .padding([0.0, space::XS])
                .style(theme::quiet)
                .on_press(Message::ToggleHidden);
            foot = foot.push(hint(toggle, hidden_hint));
        }

        column![
            head,
            line(),
            container(list).height(Fill).width(Fill),
            line(),
            container(foot).padding([space::XS, space::M]),
        ]
        .into()
    }

    fn row<'a>(&'a self, row: &'a Row) -> Element<'a, Message> {
        match row {
            Row::Namespace {
                path,
                label,
                depth,
                open,
                topics,
            } => {
                let content = row![
                    chevron(*open),
                    clipped(theme::label(format!("{label}/")), Fill),
                    theme::small_number(topics.to_string()),
                ];
                pressable(content, *depth, Message::ToggleNamespace(path.clone()))
            }
            Row::Topic {
                name,
                label,
                depth,
                open,
            } => {
                let status = self.snapshot.topics.get(name);
                let rate = status.and_then(|s| s.report.as_ref()).and_then(|r| r.rate_hz);
                let problem = status.is_some_and(|s| s.problem.is_some());
                let tick = checkbox(self.ticks.has(name))
                    .on_toggle(|_| Message::TickTopic(name.clone()))
                    .size(TICK)
                    .style(theme::check);
                let mut label = theme::label(label.as_str()).font(theme::INTER_MEDIUM);
                if self.tree.selected() == Some(name) {
                    label = label.style(theme::accent_text);
                }
                let mut content = row![chevron(*open)];
                if self.bag.is_none() {
                    content = content.push(tick);
                }
                content = content.push(clipped(label, Fill));
                if problem {
                    content = content.push(icon::triangle_alert().size(size::SMALL).style(theme::warning_text));
                }
                // Nothing is measured in a recording: its messages are counted.
                let content = content.push(figure(
                    self.recorded(name).map_or_else(|| format::rate(rate), format::count),
                ));
                let pressed = pressable(content, *depth, Message::ToggleTopic(name.clone()));
                if self.inspector_shown && self.tree.selected() == Some(name) {
                    // The inspector says it all.
                    return pressed;
                }
                tooltip(
                    pressed,
                    container(self.topic_card(name.as_str(), status)).padding(space::S),
                    tooltip::Position::Right,
                )
                .delay(std::time::Duration::from_millis(500))
                .style(theme::tooltip)
                .into()
            }
            Row::Field { .. } | Row::More { .. } | Row::Note { .. } => self.value_row(row),
        }
    }

    /// The second line of a topic, on hover.
    fn topic_card<'a>(&'a self, name: &'a str, status: Option<&'a TopicStatus>) -> Element<'a, Message> {
        let type_name = status
            .and_then(|s| s.type_name.as_ref())
            .map_or(format::UNKNOWN, |ty| ty.as_str());
        let report = status.and_then(|s| s.report.as_ref());
        let topic = status.and_then(|s| self.snapshot.graph.topics.get(&s.name));
        let (writers, readers) = topic.map_or((0, 0), |t| (t.writers.len(), t.readers.len()));
        let mut lines = column![
            theme::label(name),
            theme::note(type_name),
            theme::note(format!(
                "{writers} publishing · {readers} subscribing · {}",
                format::with_unit(report.and_then(|r| r.bandwidth_bps), "B/s")
            )),
        ]
        .spacing(space::XXS);
        if let Some(writer) = topic.and_then(|t| t.writers.first()) {
            lines = lines.push(theme::note(policies(&writer.qos)));
        }
        if let Some(report) = report {
            lines = lines.push(theme::note(format::loss(&report.loss)));
        }
        if let Some(problem) = status.and_then(|s| s.problem.as_ref()) {
            lines = lines.push(theme::note(problem.to_string()).style(theme::warning_text));
        }

        lines.into()
    }

    /// A row below a topic; the inspector shows the same.
    pub(super) fn value_row<'a>(&'a self, row: &'a Row) -> Element<'a, Message> {
        match row {
            Row::Field {
                at,
                label,
                depth,
                kind: FieldKind::Group { open, hint, is_array },
                ..
            } => {
                let content = row![
                    chevron(*open),
                    clipped(theme::label(label.as_str()), Fill),
                    theme::note(hint.as_str()).wrapping(text::Wrapping::None),
                ];
                let pressed = pressable(content, *depth, Message::ToggleGroup(at.clone()));
                if *is_array {
                    drag::draggable(pressed, Message::FieldCarried(at.clone()))
                } else {
                    pressed
                }
            }
            Row::Field {
                at,
                label,
                depth,
                kind: FieldKind::Number,
                unit,
            } => {
                let value = self.tree.value(at).or_else(|| self.timing(at));
                let value = value.unwrap_or_else(|| format::UNKNOWN.to_owned());
                let content = row![
                    self.mark(at),
                    clipped(theme::label(label.as_str()), Fill),
                    theme::number(value).size(size::BODY - 1.0),
                    theme::note(unit.unwrap_or_default()),
                ];
                let line = line_of(content, *depth);
                if self.tree.is_marked(at) {
                    draggable(container(line).style(theme::raised).into(), at)
                } else {
                    draggable(line, at)
                }
            }
            Row::Field {
                at,
                label,
                depth,
                kind: FieldKind::Text,
                ..
            } => {
                let value = self.tree.value(at).unwrap_or_else(|| format::UNKNOWN.to_owned());
                let value = theme::number(value)
                    .size(size::BODY - 1.0)
                    .wrapping(text::Wrapping::None);
                let content = row![
                    gap::horizontal().width(MARK + space::XS),
                    theme::label(label.as_str()),
                    container(value).align_right(Fill).clip(true),
                ];
                line_of(content, *depth)
            }
            Row::More { at, depth, hidden } => {
                let content = row![theme::label(format!("show more of {hidden}…")).style(theme::accent_text)];
                pressable(content, *depth, Message::ShowMore(at.clone()))
            }
            Row::Note { text, depth, .. } => line_of(row![clipped(theme::note(text.as_str()), Fill)], *depth),
            Row::Namespace { .. } | Row::Topic { .. } => gap::horizontal().into(),
        }
    }

    /// The newest difference of times of a topic, while it is plotted.
    fn timing(&self, at: &FieldRef) -> Option<String> {
        let _ = Timing::of(&at.field)?;
        let store = self.history.store().borrow();
        let (_, value) = store.latest(store.find(&at.topic, &at.field)?)?;
        value.is_finite().then(|| format::value(value))
    }

    /// The colour of a field's curve on the chart with the focus.
    fn mark(&self, at: &FieldRef) -> Element<'_, Message> {
        let curves = self.charts.focused().map_or(&[][..], |chart| chart.curves());
        let color = curves
            .iter()
            .find(|curve| curve.recipe.plain() == Some(at))
            .map(|curve| theme::curve(curve.color));
        let dot = container(gap::horizontal().width(MARK))
            .width(MARK)
            .height(MARK)
            .style(move |theme| {
                let outline = Palette::of(theme).faint;
                let dot = container::Style::default();
                match color {
                    Some(color) => dot.background(color).border(iced::border::rounded(MARK / 2.0)),
                    None => dot.border(iced::border::rounded(MARK / 2.0).width(1).color(outline)),
                }
            });

        container(dot).width(MARK + space::XS).into()
    }
}

fn chevron<'a>(open: bool) -> Element<'a, Message> {
    let icon = if open {
        icon::chevron_down()
    } else {
        icon::chevron_right()
    };

    icon.size(size::BODY).style(theme::muted_text).into()
}

fn figure<'a>(value: String) -> Element<'a, Message> {
    container(theme::number(value).size(size::BODY - 1.0).style(theme::muted_text))
        .width(FIGURE_WIDTH)
        .align_x(Alignment::End)
        .into()
}

fn line_of<'a>(content: iced::widget::Row<'a, Message>, depth: u16) -> Element<'a, Message> {
    let content = content.spacing(space::XS).align_y(Alignment::Center);

    container(content)
        .padding(indented(depth))
        .height(theme::ROW)
        .width(Fill)
        .align_y(Alignment::Center)
        .clip(true)
        .into()
}

fn pressable<'a>(content: iced::widget::Row<'a, Message>, depth: u16, message: Message) -> Element<'a, Message> {
    let content = content.spacing(space::XS).align_y(Alignment::Center).height(Fill);

    button(content)
        .padding(indented(depth))
        .height(theme::ROW)
        .width(Fill)
        .style(theme::row)
        .on_press(message)
        .into()
}

fn draggable<'a>(content: Element<'a, Message>, at: &FieldRef) -> Element<'a, Message> {
    let pressed = mouse_area(content)
        .on_release(Message::FieldClicked(at.clone()))
        .on_double_click(Message::FieldDoubleClicked(at.clone()));

    drag::draggable(pressed, Message::FieldCarried(at.clone()))
}

fn indented(depth: u16) -> iced::Padding {
    iced::Padding {
        top: 0.0,
        right: space::M,
        bottom: 0.0,
        left: space::S + INDENT * f32::from(depth),
    }
}
