//! What is pressed: buttons and rows of lists.

use iced::border::{self, Border};
use iced::widget::button;
use iced::{Background, Color, Shadow, Theme};

use super::{DISABLED, mix, outline, readable_on};
use crate::theme::{Palette, RADIUS};

/// A button that is only its word or icon until it is hovered.
pub fn quiet(theme: &Theme, status: button::Status) -> button::Style {
    let palette = Palette::of(theme);
    let (background, text_color) = match status {
        button::Status::Active => (None, palette.muted),
        button::Status::Hovered => (Some(palette.raised), palette.text),
        button::Status::Pressed => (Some(palette.separator), palette.text),
        button::Status::Disabled => (None, palette.faint.scale_alpha(DISABLED)),
    };

    flat_button(background, text_color)
}

/// A [`quiet`] button that is switched on.
pub fn selected(theme: &Theme, status: button::Status) -> button::Style {
    let palette = Palette::of(theme);
    let background = match status {
        button::Status::Pressed => palette.separator,
        button::Status::Active | button::Status::Hovered | button::Status::Disabled => palette.raised,
    };

    flat_button(Some(background), palette.text)
}

/// A button of its own that is not the one thing to do next.
pub fn outlined(theme: &Theme, status: button::Status) -> button::Style {
    let palette = Palette::of(theme);
    let edge = match status {
        button::Status::Active | button::Status::Disabled => palette.separator,
        button::Status::Hovered | button::Status::Pressed => palette.faint,
    };
    let text_color = if status == button::Status::Disabled {
        palette.faint
    } else {
        palette.text
    };

    button::Style {
        text_color,
        border: outline(edge),
        ..quiet(theme, status)
    }
}

/// The button of the one thing to do next.
pub fn primary(theme: &Theme, status: button::Status) -> button::Style {
    let palette = Palette::of(theme);
    let background = match status {
        button::Status::Active => palette.accent,
        button::Status::Hovered => mix(palette.accent, palette.text, 0.15),
        button::Status::Pressed => mix(palette.accent, palette.background, 0.2),
        button::Status::Disabled => palette.raised,
    };
    let text_color = if status == button::Status::Disabled {
        palette.faint
    } else {
        readable_on(palette.accent)
    };

    flat_button(Some(background), text_color)
}

/// The button that records, and nothing else.
pub fn record(theme: &Theme, status: button::Status) -> button::Style {
    let palette = Palette::of(theme);
    let background = match status {
        button::Status::Active => palette.record,
        button::Status::Hovered => mix(palette.record, Color::WHITE, 0.12),
        button::Status::Pressed => mix(palette.record, Color::BLACK, 0.2),
        button::Status::Disabled => palette.raised,
    };
    let text_color = if status == button::Status::Disabled {
        palette.faint
    } else {
        readable_on(palette.record)
    };

    flat_button(Some(background), text_color)
}

/// A row of a list that can be pressed.
pub fn row(theme: &Theme, status: button::Status) -> button::Style {
    let palette = Palette::of(theme);
    let background = match status {
        button::Status::Active | button::Status::Disabled => None,
        button::Status::Hovered => Some(palette.raised),
        button::Status::Pressed => Some(palette.separator),
    };

    button::Style {
        border: Border::default(),
        ..flat_button(background, palette.text)
    }
}

fn flat_button(background: Option<Color>, text_color: Color) -> button::Style {
    button::Style {
        background: background.map(Background::Color),
        text_color,
        border: border::rounded(RADIUS),
        shadow: Shadow::default(),
        snap: true,
    }
}
