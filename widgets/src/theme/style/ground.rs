//! What things lie on, and what parts them.

use iced::widget::{container, pane_grid, rule};
use iced::{Color, Theme};

use super::{TINT, outline};
use crate::theme::{Palette, SEPARATOR};

/// The ground of a window.
pub fn ground(theme: &Theme) -> container::Style {
    filled(Palette::of(theme).background, theme)
}

/// The ground of a panel or a chart.
pub fn surface(theme: &Theme) -> container::Style {
    filled(Palette::of(theme).surface, theme)
}

/// The ground of a hovered or chosen thing.
pub fn raised(theme: &Theme) -> container::Style {
    filled(Palette::of(theme).raised, theme)
}

fn filled(color: Color, theme: &Theme) -> container::Style {
    container::Style {
        background: Some(color.into()),
        text_color: Some(Palette::of(theme).text),
        ..container::Style::default()
    }
}

/// What lies over the rest: tooltips, menus, the palette of commands.
pub fn floating(theme: &Theme) -> container::Style {
    let palette = Palette::of(theme);

    container::Style {
        border: outline(palette.separator),
        ..filled(palette.raised, theme)
    }
}

/// A tooltip.
pub fn tooltip(theme: &Theme) -> container::Style {
    floating(theme)
}

/// A place where what is carried may be let go.
pub fn drop_target(theme: &Theme) -> container::Style {
    let palette = Palette::of(theme);

    container::Style {
        background: Some(palette.accent.scale_alpha(TINT).into()),
        border: outline(palette.accent),
        ..container::Style::default()
    }
}

/// The one-pixel line between panes.
pub fn separator(theme: &Theme) -> rule::Style {
    rule::Style {
        color: Palette::of(theme).separator,
        radius: 0.0.into(),
        fill_mode: rule::FillMode::Full,
        snap: true,
    }
}

/// A grid of panes whose splits are separators.
pub fn panes(theme: &Theme) -> pane_grid::Style {
    let palette = Palette::of(theme);

    pane_grid::Style {
        hovered_region: pane_grid::Highlight {
            background: palette.accent.scale_alpha(TINT).into(),
            border: outline(palette.accent),
        },
        picked_split: pane_grid::Line {
            color: palette.accent,
            width: 2.0 * SEPARATOR,
        },
        hovered_split: pane_grid::Line {
            color: palette.faint,
            width: 2.0 * SEPARATOR,
        },
    }
}
