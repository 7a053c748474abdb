//! The command palette over the screen.

use iced::widget::{Column, button, column, container, mouse_area, opaque, row, text_input};
use iced::{Alignment, Element, Fill};
use roswave_widgets::theme::{self, size, space};

use crate::scope::palette::Palette;
use crate::scope::view::clipped;
use crate::scope::{Message, PALETTE};

/// Width of the palette, in logical pixels.
const WIDTH: f32 = 560.0;

/// From the top of the window, in logical pixels.
const TOP: f32 = 72.0;

pub(super) fn palette(palette: &Palette) -> Element<'_, Message> {
    let typed = text_input("Command, topic or field", palette.typed())
        .id(PALETTE)
        .on_input(Message::PaletteTyped)
        .on_submit(Message::Chosen(None))
        .padding([space::S, space::M])
        .size(size::TITLE)
        .style(theme::input);
    let lines = palette.lines().enumerate().map(|(place, (line, is_chosen))| {
        let content = row![
            clipped(theme::label(line.name.as_str()), Fill),
            theme::small_number(line.note).style(theme::muted_text),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center)
        .height(Fill);
        button(content)
            .padding([0.0, space::M])
            .height(theme::ROW)
            .width(Fill)
            .style(if is_chosen { theme::selected } else { theme::row })
            .on_press(Message::Chosen(Some(place)))
            .into()
    });
    let mut lines = Column::with_children(lines);
    if palette.lines().next().is_none() {
        lines = lines.push(container(theme::muted("Nothing is called so")).padding([space::XS, space::M]));
    }
    let panel = container(column![typed, lines].spacing(space::S))
        .padding(space::S)
        .width(WIDTH)
        .style(theme::floating);
    let place = container(opaque(panel))
        .width(Fill)
        .height(Fill)
        .padding(iced::padding::top(TOP))
        .align_x(Alignment::Center);

    opaque(mouse_area(place).on_press(Message::TogglePalette))
}
