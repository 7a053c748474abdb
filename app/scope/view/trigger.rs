//! The trigger of a chart: one line that says what it is doing, its levels over the curves, and what changes it.

use std::fmt;

use iced::widget::{Row, button, checkbox, column, container, pane_grid, pick_list, row, text, text_input};
use iced::{Alignment, Element, Fill, Length, Shrink};
use roswave_engine::signal::Recipe;
use roswave_engine::signal::trigger::Mode;
use roswave_widgets::TriggerMark;
use roswave_widgets::theme::{self, size, space};

use crate::format;
use crate::scope::Message;
use crate::scope::pane::Pane;
use crate::scope::trigger::{Change, ChartTrigger, Form, Number, Status};
use crate::scope::view::bars::hint;
use crate::scope::view::sheet;

/// Width of the panel, in logical pixels.
const PANEL: f32 = 340.0;

/// Width of the box of a number, in logical pixels.
const NUMBER_BOX: f32 = 56.0;

/// Side of a tick box, in logical pixels.
const TICK: f32 = 13.0;

/// Height of the line, in logical pixels.
pub(super) const LINE: f32 = 20.0;

/// Room for what the trigger is doing, so that what stands behind it does not move with every event, in logical pixels.
const STATUS: f32 = 84.0;

/// A curve to choose.
#[derive(Clone, PartialEq)]
struct Choice(Recipe, String);

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

/// One line: what the trigger of a chart is doing and what it waits for.
pub(super) fn line<'a>(id: pane_grid::Pane, pane: &Pane, trigger: &'a ChartTrigger) -> Element<'a, Message> {
    let status = trigger.status();
    let words = match trigger.count() {
        0 => status.to_string(),
        count => format!("{status} · {}", format::count(count)),
    };
    let words = theme::note(words).wrapping(text::Wrapping::None);
    let words = match status {
        Status::Triggered => words.style(theme::accent_text),
        Status::NoCurve => words.style(theme::warning_text),
        Status::Stopped | Status::Waiting => words.style(theme::faint_text),
        Status::Armed | Status::Holding | Status::Auto => words.style(text::default),
    };
    let form = trigger.form();
    let mut meaning = form.summary();
    if pane.curves().len() > 1 {
        meaning = format!("{meaning} · {}", form.curve().label(false));
    }
    let meaning = match form.setup() {
        Ok(_) => theme::note(meaning),
        // The sentence stands in the panel.
        Err(_) => theme::note("what is typed is no trigger").style(theme::warning_text),
    };
    let meaning = button(meaning.wrapping(text::Wrapping::None))
        .padding([0.0, space::XS])
        .style(theme::quiet)
        .on_press(Message::ToggleTrigger(Some(id)));
    let arm = if trigger.is_running() { "stop" } else { "arm" };
    // Longer words come rarely.
    let room = match status {
        Status::NoCurve | Status::Waiting => Shrink,
        _ => Length::Fixed(STATUS),
    };

    row![
        container(words).width(room),
        container(hint(meaning, "Level, kind, captures (g)"))
            .width(Fill)
            .clip(true),
        word(arm, "Arm or stop (Shift+G)", Message::ArmTrigger(Some(id))),
        word("now", "Trigger without waiting (x)", Message::ForceTrigger(Some(id))),
    ]
    .spacing(space::XS)
    .padding([0.0, space::S])
    .height(LINE)
    .align_y(Alignment::Center)
    .into()
}

/// The levels of the trigger over the curves.
pub(super) fn marks(pane: &Pane) -> [Option<TriggerMark>; 2] {
    let (Some(trigger), Some(index)) = (pane.trigger(), pane.triggering()) else {
        return [None; 2];
    };
    let armed = trigger.is_running();
    trigger.levels().map(|level| {
        let (level, rearm) = level?;
        Some(TriggerMark {
            axis: pane.axis_of(index),
            level: pane.drawn(index, level),
            rearm: rearm.map(|rearm| pane.drawn(index, rearm)),
            armed,
        })
    })
}

/// What changes the trigger, and what is wrong with what is typed.
pub(super) fn panel<'a>(id: pane_grid::Pane, pane: &'a Pane, trigger: &'a ChartTrigger) -> Element<'a, Message> {
    let form = trigger.form();
    let [freeze, bookmark, record, black_box] = form.deeds();
    let deeds = Row::new()
        .push(deed(id, freeze, "freeze", Change::Freeze))
        .push(deed(id, bookmark, "bookmark", Change::Bookmark))
        .push(deed(id, record, "start recording", Change::Record))
        .push(hint(
            deed(id, black_box, "black box", Change::BlackBox),
            "Let the black box write what it keeps, at every event",
        ))
        .spacing(space::S)
        .wrap();
    let remove = word("remove", "Let the chart scroll again", Message::RemoveTrigger(id));
    let mut lines = column![
        sheet::head("Trigger", Message::ToggleTrigger(Some(id))),
        sheet::named("When", condition(id, pane, form)),
        sheet::named("Mode", modes(id, form)),
        sheet::named("Capture", course(id, form)),
        sheet::named("Then", deeds),
        sheet::named("", remove),
    ]
    .spacing(space::S);
    if let Err(error) = form.setup() {
        lines = lines.push(theme::note(error).style(theme::warning_text));
    }

    sheet::panel(lines, PANEL)
}

fn condition<'a>(id: pane_grid::Pane, pane: &'a Pane, form: &'a Form) -> Element<'a, Message> {
    let curves = pane.curves().iter().map(|curve| {
        let recipe = &curve.recipe;
        Choice(recipe.clone(), recipe.label(false))
    });
    let curves: Vec<Choice> = curves.collect();
    let chosen = curves.iter().find(|choice| choice.0 == *form.curve()).cloned();
    let curve = pick_list(curves, chosen, move |choice| {
        Message::EditTrigger(id, Change::Curve(choice.0))
    })
    .placeholder("Choose a curve")
    .text_size(size::SMALL)
    .padding([space::XXS, space::S])
    .style(theme::choice)
    .menu_style(theme::menu);
    let kind = pick_list(crate::scope::trigger::Kind::ALL, Some(form.kind()), move |kind| {
        Message::EditTrigger(id, Change::Kind(kind))
    })
    .text_size(size::SMALL)
    .padding([space::XXS, space::S])
    .style(theme::choice)
    .menu_style(theme::menu);
    let numbers = form.kind().numbers().iter().map(|number| box_of(id, form, *number));

    column![
        curve,
        kind,
        Row::new()
            .extend(numbers)
            .spacing(space::S)
            .align_y(Alignment::Center)
            .wrap()
    ]
    .spacing(space::XS)
    .into()
}

fn modes<'a>(id: pane_grid::Pane, form: &'a Form) -> Element<'a, Message> {
    let mode = |mode, word: &'static str, meaning| {
        let label = theme::note(word);
        let label = if form.mode() == mode {
            label.style(theme::accent_text)
        } else {
            label
        };
        let word = button(label)
            .padding([0.0, space::XS])
            .style(theme::quiet)
            .on_press(Message::EditTrigger(id, Change::Mode(mode)));
        hint(word, meaning)
    };
    row![
        mode(Mode::Auto, "auto", "Without an event the chart runs on by itself"),
        mode(Mode::Normal, "normal", "The last capture stays until the next event"),
        mode(Mode::Single, "single", "One capture, then stop"),
    ]
    .into()
}

/// What is captured, and when again.
fn course<'a>(id: pane_grid::Pane, form: &'a Form) -> Element<'a, Message> {
    let mut numbers = vec![Number::Before, Number::After, Number::HoldOff];
    if form.mode() == Mode::Auto {
        numbers.push(Number::Wait);
    }
    numbers.push(Number::Keep);
    Row::new()
        .extend(numbers.into_iter().map(|number| box_of(id, form, number)))
        .spacing(space::S)
        .align_y(Alignment::Center)
        .wrap()
        .into()
}

/// Something that an event does.
fn deed<'a>(
    id: pane_grid::Pane,
    is_on: bool,
    word: &'a str,
    change: impl Fn(bool) -> Change + 'a,
) -> Element<'a, Message> {
    checkbox(is_on)
        .label(word)
        .on_toggle(move |on| Message::EditTrigger(id, change(on)))
        .size(TICK)
        .spacing(space::XS)
        .text_size(size::SMALL)
        .style(theme::check)
        .into()
}

fn word<'a>(word: &'a str, meaning: &'a str, message: Message) -> Element<'a, Message> {
    let word = button(theme::note(word))
        .padding([0.0, space::XS])
        .style(theme::quiet)
        .on_press(message);
    hint(word, meaning)
}

fn box_of<'a>(id: pane_grid::Pane, form: &'a Form, number: Number) -> Element<'a, Message> {
    let (name, unit) = number.label();
    let typed = text_input("", form.number(number))
        .on_input(move |text| Message::EditTrigger(id, Change::Number(number, text)))
        .width(NUMBER_BOX)
        .padding([space::XXS, space::XS])
        .size(size::SMALL)
        .font(theme::MONO)
        .style(theme::input);
    let mut words = row![].spacing(space::XS).align_y(Alignment::Center);
    if !name.is_empty() {
        words = words.push(theme::note(name));
    }
    words = words.push(typed);
    if !unit.is_empty() {
        words = words.push(theme::note(unit));
    }

    container(words).into()
}
