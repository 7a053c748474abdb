//! How a curve is drawn: a small panel over its chart.

use iced::widget::{Row, button, checkbox, column, container, mouse_area, pane_grid, pick_list, row, text_input};
use iced::{Alignment, Element, Theme};
use roswave_widgets::theme::{self, Palette, size, space};

use crate::board::{Side, Style, Width};
use crate::scope::Message;
use crate::scope::pane::{LookChange, OpenLook, Pane};
use crate::scope::view::bars::hint;
use crate::scope::view::sheet;

/// Width of the panel, in logical pixels.
const PANEL: f32 = 300.0;

/// Side of a colour to choose, in logical pixels.
const SWATCH: f32 = 14.0;

/// Width of the box of a number, in logical pixels.
const NUMBER_BOX: f32 = 72.0;

/// Side of a tick box, in logical pixels.
const TICK: f32 = 13.0;

/// The panel for the curve that is open.
pub(super) fn panel<'a>(id: pane_grid::Pane, pane: &'a Pane, open: &'a OpenLook) -> Option<Element<'a, Message>> {
    let curve = pane.curves().get(open.curve)?;
    let look = curve.look;
    let change = move |change| Message::ChangeLook(id, change);
    let head = sheet::head(curve.recipe.label(false), Message::ToggleLook(id, open.curve));
    let dashed = curve.color >= theme::CURVES.len();
    let base = if dashed { theme::CURVES.len() } else { 0 };
    let swatches = (0..theme::CURVES.len()).map(|color| {
        let is_it = curve.color % theme::CURVES.len() == color;
        swatch(color, is_it, change(LookChange::Color(base + color)))
    });
    let dashes = checkbox(dashed)
        .label("dashed")
        .on_toggle(move |on| {
            let color = curve.color % theme::CURVES.len();
            change(LookChange::Color(if on { color + theme::CURVES.len() } else { color }))
        })
        .size(TICK)
        .spacing(space::XS)
        .text_size(size::SMALL)
        .style(theme::check);
    let colors = Row::with_children(swatches)
        .push(dashes)
        .spacing(space::XS)
        .align_y(Alignment::Center);
    let style = choice(&Style::ALL, look.style, move |style| change(LookChange::Style(style)));
    let width = choice(&Width::ALL, look.width, move |width| change(LookChange::Width(width)));
    let side = choice(&Side::ALL, look.axis, move |side| change(LookChange::Axis(side)));
    let log = checkbox(pane.source().is_log(usize::from(look.axis.axis())))
        .label("logarithmic")
        .on_toggle(move |on| change(LookChange::Log(on)))
        .size(TICK)
        .spacing(space::XS)
        .text_size(size::SMALL)
        .style(theme::check);
    let number = |typed: &'a str, take: fn(String) -> LookChange| {
        text_input("", typed)
            .on_input(move |text| change(take(text)))
            .width(NUMBER_BOX)
            .padding([space::XXS, space::XS])
            .size(size::SMALL)
            .font(theme::MONO)
            .style(theme::input)
    };
    let scale = row![
        theme::note("value ×"),
        number(&open.gain, LookChange::Gain),
        theme::note("+"),
        number(&open.offset, LookChange::Offset),
    ]
    .spacing(space::XS)
    .align_y(Alignment::Center);
    let visible = checkbox(curve.visible)
        .label("shown")
        .on_toggle(move |on| change(LookChange::Visible(on)))
        .size(TICK)
        .spacing(space::XS)
        .text_size(size::SMALL)
        .style(theme::check);
    let by_unit = button(theme::note("one axis per unit"))
        .padding([0.0, space::XS])
        .style(theme::quiet)
        .on_press(Message::AxesByUnit(Some(id)));
    let mut lines = column![
        head,
        sheet::named("Colour", colors),
        sheet::named("Drawn as", row![style, width].spacing(space::XS)),
        sheet::named("Axis", row![side, log].spacing(space::S).align_y(Alignment::Center)),
        sheet::named("Scale", scale),
        sheet::named(
            "",
            row![visible, hint(by_unit, "Or all curves on the left axis again (y)")]
                .spacing(space::S)
                .align_y(Alignment::Center)
        ),
    ]
    .spacing(space::S);
    if let Some(error) = open.error() {
        lines = lines.push(theme::note(error).style(theme::warning_text));
    }

    Some(sheet::panel(lines, PANEL))
}

fn choice<'a, T>(all: &'a [T], chosen: T, pick: impl Fn(T) -> Message + 'a) -> Element<'a, Message>
where
    T: ToString + PartialEq + Clone + 'a,
{
    pick_list(all, Some(chosen), pick)
        .text_size(size::SMALL)
        .padding([space::XXS, space::S])
        .style(theme::choice)
        .menu_style(theme::menu)
        .into()
}

/// A colour; the chosen one has a ring.
fn swatch<'a>(color: usize, is_chosen: bool, message: Message) -> Element<'a, Message> {
    let square = container(iced::widget::space().width(SWATCH).height(SWATCH)).style(move |theme: &Theme| {
        let palette = Palette::of(theme);
        let ring = if is_chosen { palette.text } else { palette.raised };
        container::Style {
            background: Some(theme::curve(color).into()),
            border: iced::border::rounded(theme::RADIUS / 2.0).width(2).color(ring),
            ..container::Style::default()
        }
    });

    mouse_area(square).on_press(message).into()
}
