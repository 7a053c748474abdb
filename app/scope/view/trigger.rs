//! The trigger of a chart: what it is doing, and the lines that change it.

use std::fmt;

use iced::widget::{Row, button, checkbox, column, container, pane_grid, pick_list, row, text_input};
use iced::{Alignment, Element};
use roswave_engine::signal::Recipe;
use roswave_engine::signal::trigger::Mode;
use roswave_widgets::TriggerMark;
use roswave_widgets::theme::{self, size, space};

use crate::format;
use crate::scope::Message;
use crate::scope::pane::Pane;
use crate::scope::trigger::{Change, ChartTrigger, Form, Number, Status};
use crate::scope::view::bars::hint;

/// Width of the box of a number, in logical pixels.
const NUMBER_BOX: f32 = 64.0;

/// Side of a tick box, in logical pixels.
const TICK: f32 = 13.0;

/// A curve to choose.
#[derive(Clone, PartialEq)]
struct Choice(Recipe, String);

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

/// What the trigger of a chart is doing, for its title.
pub(super) fn badge<'a>(trigger: &ChartTrigger) -> Element<'a, Message> {
    let status = trigger.status();
    let words = match trigger.count() {
        0 => format!("T {status}"),
        count => format!("T {status} · {}", format::count(count)),
    };
    let words = theme::note(words);
    match status {
        Status::Triggered => words.style(theme::accent_text),
        Status::NoCurve => words.style(theme::warning_text),
        Status::Stopped | Status::Waiting => words.style(theme::faint_text),
        Status::Armed | Status::Holding | Status::Auto => words,
    }
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

/// The lines that change the trigger, and what is wrong with what is typed.
pub(super) fn lines<'a>(id: pane_grid::Pane, pane: &'a Pane, trigger: &'a ChartTrigger) -> Element<'a, Message> {
    let form = trigger.form();
    let mut lines = column![condition(id, pane, form), course(id, trigger, form)]
        .spacing(space::XS)
        .padding([space::XXS, space::S]);
    if let Err(error) = form.setup() {
        lines = lines.push(theme::note(error).style(theme::warning_text));
    }

    lines.into()
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

    Row::new()
        .push(theme::note("Trigger when"))
        .push(curve)
        .push(kind)
        .extend(numbers)
        .spacing(space::S)
        .align_y(Alignment::Center)
        .wrap()
        .into()
}

/// What happens before and after.
fn course<'a>(id: pane_grid::Pane, trigger: &ChartTrigger, form: &'a Form) -> Element<'a, Message> {
    let mode = |mode, word: &'static str, meaning| {
        let style = if form.mode() == mode {
            theme::selected
        } else {
            theme::quiet
        };
        let word = button(theme::note(word))
            .padding([0.0, space::XS])
            .style(style)
            .on_press(Message::EditTrigger(id, Change::Mode(mode)));
        hint(word, meaning)
    };
    let modes = row![
        mode(Mode::Auto, "auto", "Without an event the chart runs on by itself"),
        mode(Mode::Normal, "normal", "The last capture stays until the next event"),
        mode(Mode::Single, "single", "One capture, then stop"),
    ];
    let mut numbers = vec![Number::Before, Number::After, Number::HoldOff];
    if form.mode() == Mode::Auto {
        numbers.push(Number::Wait);
    }
    numbers.push(Number::Keep);
    let numbers = numbers.into_iter().map(|number| box_of(id, form, number));
    let [freeze, bookmark, record] = form.deeds();
    let deed = |on, word, change: fn(bool) -> Change| {
        checkbox(on)
            .label(word)
            .on_toggle(move |on| Message::EditTrigger(id, change(on)))
            .size(TICK)
            .spacing(space::XS)
            .text_size(size::SMALL)
            .style(theme::check)
    };
    let word = |word: &'static str, meaning, message| {
        let word = button(theme::note(word))
            .padding([0.0, space::XS])
            .style(theme::quiet)
            .on_press(message);
        hint(word, meaning)
    };
    let arm = if trigger.is_running() { "stop" } else { "arm" };

    Row::new()
        .push(modes)
        .extend(numbers)
        .push(deed(freeze, "freeze", Change::Freeze))
        .push(deed(bookmark, "bookmark", Change::Bookmark))
        .push(deed(record, "start recording", Change::Record))
        .push(word(arm, "Arm or stop (Shift+G)", Message::ArmTrigger(Some(id))))
        .push(word(
            "trigger now",
            "Without waiting (x)",
            Message::ForceTrigger(Some(id)),
        ))
        .push(word("remove", "Let the chart scroll again", Message::RemoveTrigger(id)))
        .spacing(space::S)
        .align_y(Alignment::Center)
        .wrap()
        .into()
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
