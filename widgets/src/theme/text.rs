//! Text by role: screens say what a word is for, never how large or which colour it is.

use iced::widget::{Text, text};
use iced::{Color, Theme};

use super::{INTER, INTER_MEDIUM, INTER_SEMIBOLD, MONO, MONO_MEDIUM, Palette, size};

/// Ordinary text.
pub fn label<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(INTER).size(size::BODY)
}

/// Ordinary text that explains another.
pub fn muted<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    label(content).style(muted_text)
}

/// A small note: axis labels, the status line, units.
pub fn note<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(INTER).size(size::SMALL).style(muted_text)
}

/// The title of a pane.
pub fn title<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(INTER_MEDIUM).size(size::TITLE)
}

/// The title of a screen.
pub fn heading<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(INTER_SEMIBOLD).size(size::HEADING)
}

/// A number in a row of text.
pub fn number<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(MONO).size(size::BODY)
}

/// A number in a note.
pub fn small_number<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(MONO).size(size::SMALL).style(muted_text)
}

/// A large number.
pub fn large_number<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(MONO_MEDIUM).size(size::LARGE)
}

/// The main number of a control-room panel.
pub fn huge_number<'a>(content: impl text::IntoFragment<'a>) -> Text<'a, Theme> {
    text(content).font(MONO_MEDIUM).size(size::HUGE)
}

/// The colour of text that explains.
pub fn muted_text(theme: &Theme) -> text::Style {
    colored(Palette::of(theme).muted)
}

/// The colour of text that may be overlooked.
pub fn faint_text(theme: &Theme) -> text::Style {
    colored(Palette::of(theme).faint)
}

/// The colour of links and selections.
pub fn accent_text(theme: &Theme) -> text::Style {
    colored(Palette::of(theme).accent)
}

/// The colour of what is being recorded.
pub fn record_text(theme: &Theme) -> text::Style {
    colored(Palette::of(theme).record)
}

/// The colour of a fault that is stated in place: loss, a failed subscription.
pub fn warning_text(theme: &Theme) -> text::Style {
    colored(Palette::of(theme).alarm_medium)
}

/// The colour of a fault that stops something: a recording that failed.
pub fn error_text(theme: &Theme) -> text::Style {
    colored(Palette::of(theme).alarm_high)
}

fn colored(color: Color) -> text::Style {
    text::Style { color: Some(color) }
}
