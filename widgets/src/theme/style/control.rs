//! What is typed into, switched, ticked, chosen from or moved.

use iced::border;
use iced::overlay::menu;
use iced::widget::{checkbox, pick_list, progress_bar, slider, text_input, toggler};
use iced::{Color, Shadow, Theme};

use super::{DISABLED, TINT, outline, readable_on};
use crate::theme::Palette;

/// A field to type into.
pub fn input(theme: &Theme, status: text_input::Status) -> text_input::Style {
    let palette = Palette::of(theme);
    let edge = match status {
        text_input::Status::Active | text_input::Status::Disabled => palette.separator,
        text_input::Status::Hovered => palette.faint,
        text_input::Status::Focused { .. } => palette.accent,
    };
    let value = if status == text_input::Status::Disabled {
        palette.faint
    } else {
        palette.text
    };

    text_input::Style {
        background: palette.background.into(),
        border: outline(edge),
        icon: palette.muted,
        placeholder: palette.faint,
        value,
        selection: palette.accent.scale_alpha(2.0 * TINT),
    }
}

/// A switch.
pub fn toggle(theme: &Theme, status: toggler::Status) -> toggler::Style {
    let palette = Palette::of(theme);
    let (is_on, is_hovered, is_disabled) = match status {
        toggler::Status::Active { is_toggled } => (is_toggled, false, false),
        toggler::Status::Hovered { is_toggled } => (is_toggled, true, false),
        toggler::Status::Disabled { is_toggled } => (is_toggled, false, true),
    };
    let ground = match (is_on, is_hovered) {
        (true, _) => palette.accent,
        (false, true) => palette.faint,
        (false, false) => palette.separator,
    };
    let fade = if is_disabled { DISABLED } else { 1.0 };

    toggler::Style {
        background: ground.scale_alpha(fade).into(),
        background_border_width: 0.0,
        background_border_color: Color::TRANSPARENT,
        foreground: if is_on {
            readable_on(palette.accent)
        } else {
            palette.text
        }
        .scale_alpha(fade)
        .into(),
        foreground_border_width: 0.0,
        foreground_border_color: Color::TRANSPARENT,
        text_color: Some(palette.text.scale_alpha(fade)),
        border_radius: None,
        padding_ratio: 0.15,
    }
}

/// A box to tick.
pub fn check(theme: &Theme, status: checkbox::Status) -> checkbox::Style {
    let palette = Palette::of(theme);
    let (is_on, edge) = match status {
        checkbox::Status::Active { is_checked } => (is_checked, palette.faint),
        checkbox::Status::Hovered { is_checked } => (is_checked, palette.accent),
        checkbox::Status::Disabled { is_checked } => (is_checked, palette.separator),
    };
    let is_disabled = matches!(status, checkbox::Status::Disabled { .. });
    let ground = match (is_on, is_disabled) {
        (true, false) => palette.accent,
        (true, true) => palette.faint,
        (false, _) => palette.background,
    };

    checkbox::Style {
        background: ground.into(),
        icon_color: readable_on(palette.accent),
        border: outline(if is_on { ground } else { edge }),
        text_color: Some(if is_disabled { palette.faint } else { palette.text }),
    }
}

/// A list to choose one from.
pub fn choice(theme: &Theme, status: pick_list::Status) -> pick_list::Style {
    let palette = Palette::of(theme);
    let edge = match status {
        pick_list::Status::Active => palette.separator,
        pick_list::Status::Hovered => palette.faint,
        pick_list::Status::Opened { .. } => palette.accent,
    };

    pick_list::Style {
        text_color: palette.text,
        placeholder_color: palette.faint,
        handle_color: palette.muted,
        background: palette.background.into(),
        border: outline(edge),
    }
}

/// The open list of a [`choice`].
pub fn menu(theme: &Theme) -> menu::Style {
    let palette = Palette::of(theme);

    menu::Style {
        background: palette.raised.into(),
        border: outline(palette.separator),
        text_color: palette.text,
        selected_text_color: readable_on(palette.accent),
        selected_background: palette.accent.into(),
        shadow: Shadow::default(),
    }
}

/// How full something is; `full` is the alarm that it gives then.
pub fn meter(full: bool) -> impl Fn(&Theme) -> progress_bar::Style {
    move |theme| {
        let palette = Palette::of(theme);

        progress_bar::Style {
            background: palette.separator.into(),
            bar: if full { palette.alarm_medium } else { palette.muted }.into(),
            border: border::rounded(2),
        }
    }
}

/// A value on a line: the position in a recording.
pub fn slide(theme: &Theme, status: slider::Status) -> slider::Style {
    let palette = Palette::of(theme);
    let handle = match status {
        slider::Status::Active => palette.muted,
        slider::Status::Hovered | slider::Status::Dragged => palette.text,
    };

    slider::Style {
        rail: slider::Rail {
            backgrounds: (palette.accent.into(), palette.separator.into()),
            width: 4.0,
            border: border::rounded(2),
        },
        handle: slider::Handle {
            shape: slider::HandleShape::Circle { radius: 6.0 },
            background: handle.into(),
            border_width: 0.0,
            border_color: Color::TRANSPARENT,
        },
    }
}
