//! What lies over one chart while it is open: the parts that such panels share.

use iced::widget::{button, container, pane_grid, row, text};
use iced::{Alignment, Element, Fill, Length};
use roswave_widgets::icon;
use roswave_widgets::theme::{self, size, space};

use crate::scope::Message;
use crate::scope::pane::{Pane, Sheet};
use crate::scope::view::bars::hint;
use crate::scope::view::{look, save, trigger};
use crate::scope::{Scope, saving};

/// Width of what stands before a choice, in logical pixels.
const NAME: f32 = 52.0;

impl Scope {
    /// What lies over a chart, when something does.
    pub(super) fn sheet<'a>(&'a self, id: pane_grid::Pane, pane: &'a Pane) -> Option<Element<'a, Message>> {
        match pane.sheet()? {
            Sheet::Look(open) => look::panel(id, pane, open),
            Sheet::Save => {
                let is_selected = self.extent(pane, saving::Extent::Selected).is_some();
                Some(save::panel(id, pane.kind(), is_selected, &self.recordings))
            }
            Sheet::Trigger => Some(trigger::panel(id, pane, pane.trigger()?)),
        }
    }
}

/// The first line: what it is about, and the way to close it.
pub(super) fn head<'a>(name: impl text::IntoFragment<'a>, close: Message) -> Element<'a, Message> {
    let name = container(theme::label(name).wrapping(text::Wrapping::None));
    let cross = button(icon::close().size(size::SMALL))
        .padding(space::XXS)
        .style(theme::quiet)
        .on_press(close);

    row![name.width(Fill).clip(true), hint(cross, "Close (Esc)")]
        .align_y(Alignment::Center)
        .into()
}

/// A line with a name before it.
pub(super) fn named<'a>(name: &'a str, content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    named_within(name, NAME, content)
}

/// The same with more room for the name.
pub(super) fn named_within<'a>(
    name: &'a str,
    width: impl Into<Length>,
    content: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    row![container(theme::note(name)).width(width), content.into()]
        .spacing(space::S)
        .align_y(Alignment::Center)
        .into()
}

/// Lines as a panel of a width.
pub(super) fn panel<'a>(lines: impl Into<Element<'a, Message>>, width: f32) -> Element<'a, Message> {
    container(lines)
        .padding(space::M)
        .width(width)
        .style(theme::floating)
        .into()
}
