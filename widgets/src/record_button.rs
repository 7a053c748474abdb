//! The one red thing in a window.

use iced::widget::{Button, button, row, text};
use iced::{Alignment, Theme};

use crate::{format, icon, theme};

/// What the button shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recording {
    /// Nothing is recorded.
    Off,
    /// Recording, for so many seconds, with so many bytes on disk.
    On {
        /// Since the start, in seconds.
        seconds: f64,
        /// Written so far.
        bytes: u64,
    },
    /// The file is being finished.
    Finishing,
}

/// Creates the record button; without an `on_press` it is disabled.
pub fn record_button<'a, Message: Clone + 'a>(
    recording: Recording,
    on_press: Option<Message>,
) -> Button<'a, Message, Theme> {
    let (glyph, word) = match recording {
        Recording::Off => (icon::record(), "Record".to_owned()),
        Recording::On { seconds, bytes } => (
            icon::stop(),
            format!("{}  {:>8}", format::clock(seconds), format::bytes(bytes)),
        ),
        Recording::Finishing => (icon::stop(), "Finishing…".to_owned()),
    };
    let font = if recording == Recording::Off {
        theme::INTER_MEDIUM
    } else {
        theme::MONO_MEDIUM
    };
    let word = text(word).font(font).size(theme::size::BODY);
    let content = row![glyph.size(theme::size::BODY), word]
        .spacing(theme::space::S)
        .align_y(Alignment::Center);

    button(content)
        .padding([theme::space::XS, theme::space::M])
        .style(theme::record)
        .on_press_maybe(if recording == Recording::Finishing {
            None
        } else {
            on_press
        })
}
