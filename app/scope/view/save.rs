//! What a chart can be saved to: a small panel over it.

use std::path::Path;

use iced::widget::{button, column, pane_grid, row};
use iced::{Alignment, Element};
use roswave_engine::export::Format;
use roswave_widgets::theme::{self, space};

use crate::board::PanelKind;
use crate::scope::Message;
use crate::scope::saving::{self, Extent, Part, Picture};
use crate::scope::view::sheet;

/// Width of the panel, in logical pixels.
const PANEL: f32 = 300.0;

/// Width of what is saved, in logical pixels.
const NAME: f32 = 128.0;

/// What a chart of this kind can be saved to; `is_selected` when both cursors are placed.
pub(super) fn panel<'a>(
    id: pane_grid::Pane,
    kind: PanelKind,
    is_selected: bool,
    directory: &Path,
) -> Element<'a, Message> {
    let file = |word: &'static str, part: Part, is_there: bool| {
        button(theme::label(word))
            .padding([space::XXS, space::S])
            .style(theme::quiet)
            .on_press_maybe(is_there.then_some(Message::Save(Some(id), part)))
    };
    let line = |name: &'static str, files| sheet::named_within(name, NAME, files);
    let samples = |extent, is_there| {
        row![
            file("CSV", Part::Samples(extent, Format::Csv), is_there),
            file("Parquet", Part::Samples(extent, Format::Parquet), is_there),
        ]
        .align_y(Alignment::Center)
    };
    let mut lines = column![
        sheet::head("Save", Message::ToggleSave(Some(id))),
        line(
            "Figure",
            row![
                file("SVG", Part::Figure(Picture::Svg), true),
                file("PNG", Part::Figure(Picture::Png), true),
            ]
        ),
    ]
    .spacing(space::XS);
    if let Some(name) = saving::table_of(kind) {
        lines = lines.push(line(name, row![file("CSV", Part::Table, true)]));
    }
    // What a profile shows are no samples of curves.
    if kind != PanelKind::Profile {
        lines = lines.push(line("Samples in view", samples(Extent::Shown, true)));
        lines = lines.push(line("Samples between A, B", samples(Extent::Selected, is_selected)));
        if !is_selected {
            lines = lines.push(theme::note(
                "Place the cursors with a and b to save what lies between them",
            ));
        }
    }
    let everything = button(theme::label("SVG, PNG and CSV"))
        .padding([space::XXS, space::S])
        .style(theme::quiet)
        .on_press(Message::Save(Some(id), Part::Everything));
    lines = lines.push(line("All of it (p)", row![everything]));
    lines = lines.push(theme::note(format!("In {}", directory.display())));

    sheet::panel(lines, PANEL)
}
