//! The tabs in the bar on top; with one tab, the name of its board.

use iced::widget::{button, row, text_input};
use iced::{Alignment, Element};
use roswave_widgets::icon;
use roswave_widgets::theme::{self, size, space};

use crate::scope::tabs::TAB_NAME;
use crate::scope::view::bars::hint;
use crate::scope::{Message, Scope};

/// Width of the line that a name is typed into, in logical pixels.
const NAME: f32 = 140.0;

/// Longer names are cut after this many characters.
const NAME_MAX: usize = 24;

impl Scope {
    pub(super) fn tab_strip(&self) -> Element<'_, Message> {
        let names = self.tab_names();
        let (count, present) = (names.len(), self.present_tab());
        let mut strip = row![].spacing(space::XXS).align_y(Alignment::Center);
        for (number, name) in names.into_iter().enumerate() {
            let is_present = number == present;
            if is_present && let Some(typed) = self.tabs.renaming() {
                strip = strip.push(
                    text_input("Name of the tab", typed)
                        .id(TAB_NAME)
                        .on_input(Message::TabNamed)
                        .on_submit(Message::TabNameAccepted)
                        .width(NAME)
                        .padding([space::XXS, space::S])
                        .size(size::BODY)
                        .style(theme::input),
                );
                continue;
            }
            if count == 1 {
                // One board needs no tab, and its name only when it has one.
                if self.has_name() {
                    strip = strip.push(theme::muted(cut(&name)));
                }
                continue;
            }
            let style = if is_present { theme::selected } else { theme::quiet };
            let pressed = if is_present {
                Message::RenameTab
            } else {
                Message::PickTab(number)
            };
            let meaning = if is_present {
                "Rename (F2)"
            } else {
                "Show this tab (Ctrl+Tab)"
            };
            let tab = button(theme::label(cut(&name)))
                .padding([space::XXS, space::S])
                .style(style)
                .on_press(pressed);
            strip = strip.push(hint(tab, meaning));
            if is_present {
                let close = button(icon::close().size(size::SMALL))
                    .padding(space::XXS)
                    .style(theme::quiet)
                    .on_press(Message::CloseTab(Some(number)));
                strip = strip.push(hint(close, "Close this tab (Ctrl+W)"));
            }
        }
        let add = button(icon::plus().size(size::BODY))
            .padding(space::XXS)
            .style(theme::quiet)
            .on_press(Message::NewTab);

        strip.push(hint(add, "New tab (Ctrl+T)")).into()
    }
}

fn cut(name: &str) -> String {
    let mut short: String = name.chars().take(NAME_MAX).collect();
    if name.chars().nth(NAME_MAX).is_some() {
        short.push('…');
    }
    short
}
