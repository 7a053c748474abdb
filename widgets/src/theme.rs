//! Colours, lengths and fonts: the tokens of the whole interface.
//!
//! ```
//! use roswave_widgets::theme::{self, Mode, Palette};
//!
//! let theme = theme::theme(Mode::Dark);
//! assert_eq!(Palette::of(&theme).accent, iced::color!(0x4CC2FF));
//! ```

mod style;
mod text;

pub use style::*;
pub use text::*;

use std::borrow::Cow;

use iced::font::Weight;
use iced::{Color, Font, Theme, color};

/// Text sizes, in logical pixels.
pub mod size {
    /// Notes, axis labels, the status line.
    pub const SMALL: f32 = 11.0;
    /// Ordinary text.
    pub const BODY: f32 = 13.0;
    /// Titles of panes.
    pub const TITLE: f32 = 15.0;
    /// Titles of screens.
    pub const HEADING: f32 = 20.0;
    /// Large values.
    pub const LARGE: f32 = 32.0;
    /// The main value of a control-room panel: readable at 5 m on a 55 inch screen.
    pub const HUGE: f32 = 48.0;
    /// Icons beside ordinary text.
    pub const ICON: f32 = 14.0;
}

/// Spacing steps, in logical pixels.
pub mod space {
    /// 2 px: between lines of one thing.
    pub const XXS: f32 = 2.0;
    /// 4 px: between an icon and its word.
    pub const XS: f32 = 4.0;
    /// 8 px: inside controls.
    pub const S: f32 = 8.0;
    /// 12 px: inside panes.
    pub const M: f32 = 12.0;
    /// 16 px: between groups.
    pub const L: f32 = 16.0;
    /// 24 px: between sections.
    pub const XL: f32 = 24.0;
}

/// The size of ordinary text, for `Settings::default_text_size`.
pub const TEXT: f32 = size::BODY;
/// Corner radius of controls, in logical pixels.
pub const RADIUS: f32 = 4.0;
/// Width of separators and control borders, in logical pixels.
pub const SEPARATOR: f32 = 1.0;
/// Height of the bar at the top of a window, in logical pixels.
pub const TOP_BAR: f32 = 36.0;
/// Height of the status line at the bottom of a window, in logical pixels.
pub const STATUS_BAR: f32 = 24.0;
/// Height of one row of a list, in logical pixels.
pub const ROW: f32 = 24.0;
/// Width of a curve, in logical pixels.
pub const CURVE: f32 = 1.5;
/// Width of a curve in the eco profile, in logical pixels.
pub const CURVE_ECO: f32 = 1.0;

/// The face of text.
pub const INTER: Font = Font::with_name("Inter");
/// The face of emphasised text.
pub const INTER_MEDIUM: Font = Font {
    weight: Weight::Medium,
    ..INTER
};
/// The face of headings.
pub const INTER_SEMIBOLD: Font = Font {
    weight: Weight::Semibold,
    ..INTER
};
/// The face of numbers: every figure is equally wide.
pub const MONO: Font = Font::with_name("JetBrains Mono");
/// The face of large numbers.
pub const MONO_MEDIUM: Font = Font {
    weight: Weight::Medium,
    ..MONO
};

/// The bytes of every bundled font, for `Settings::fonts`.
pub fn fonts() -> impl Iterator<Item = Cow<'static, [u8]>> {
    const FONTS: [&[u8]; 6] = [
        include_bytes!("../../assets/fonts/Inter-Regular.otf"),
        include_bytes!("../../assets/fonts/Inter-Medium.otf"),
        include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
        include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
        include_bytes!("../../assets/fonts/JetBrainsMono-Medium.ttf"),
        include_bytes!("../../assets/icons/lucide.ttf"),
    ];
    FONTS.into_iter().map(Cow::Borrowed)
}

/// Which of the three looks is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// The bench in the dark.
    #[default]
    Dark,
    /// The bench by daylight.
    Light,
    /// The wall of a control room: black, larger, grey while normal.
    ControlRoom,
}

impl Mode {
    /// Every mode, in the order of a menu.
    pub const ALL: [Mode; 3] = [Mode::Dark, Mode::Light, Mode::ControlRoom];
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Mode::Dark => "Dark",
            Mode::Light => "Light",
            Mode::ControlRoom => "Control room",
        })
    }
}

/// The colours of one look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color,
    /// Panels and charts.
    pub surface: Color,
    /// Hovered rows, inputs, menus.
    pub raised: Color,
    /// Text that is read.
    pub text: Color,
    /// Text that explains.
    pub muted: Color,
    /// Text that may be overlooked; disabled things.
    pub faint: Color,
    /// Lines between panes.
    pub separator: Color,
    /// Lines of a chart's grid.
    pub grid: Color,
    /// The one accent: selection, focus, links.
    pub accent: Color,
    /// Recording, and nothing else.
    pub record: Color,
    /// An alarm that needs action now.
    pub alarm_high: Color,
    /// An alarm that needs action soon.
    pub alarm_medium: Color,
    /// An alarm that needs attention.
    pub alarm_low: Color,
}

/// The curve colours, safe for colour-blind eyes and never an alarm colour.
pub const CURVES: [Color; 8] = [
    color!(0x56B4E9),
    color!(0xE69F00),
    color!(0x2FBF8F),
    color!(0xCC79A7),
    color!(0xB8B000),
    color!(0x8E7CFF),
    color!(0x1FA2A6),
    color!(0xA0A8B4),
];

/// The colour of the curve at `index`; after eight curves the order starts again (and is then [dashed](dash)).
pub fn curve(index: usize) -> Color {
    CURVES[index % CURVES.len()]
}

/// The dash that tells the curve at `index` from those before it with the same colour, and the gap after it, in logical
/// pixels: each round of colours has its own, the first one none.
pub fn dash(index: usize) -> Option<[f32; 2]> {
    match index / CURVES.len() {
        0 => None,
        round => DASHES.get((round - 1) % DASHES.len()).copied(),
    }
}

/// Dashes of the rounds of colours after the first.
const DASHES: [[f32; 2]; 3] = [[8.0, 5.0], [3.0, 4.0], [14.0, 4.0]];

impl Palette {
    /// The bench in the dark.
    pub const DARK: Palette = Palette {
        background: color!(0x0E1116),
        surface: color!(0x151A21),
        raised: color!(0x1D242D),
        text: color!(0xE6EAF0),
        muted: color!(0x9AA4B2),
        faint: color!(0x5C6675),
        separator: color!(0x262E38),
        grid: color!(0x1B222B),
        accent: color!(0x4CC2FF),
        record: color!(0xFF4D4F),
        alarm_high: color!(0xFF3B30),
        alarm_medium: color!(0xFF9F0A),
        alarm_low: color!(0xFFD60A),
    };

    /// The bench by daylight.
    pub const LIGHT: Palette = Palette {
        background: color!(0xF7F8FA),
        surface: color!(0xFFFFFF),
        raised: color!(0xEEF1F5),
        text: color!(0x1A1F27),
        muted: color!(0x59636F),
        faint: color!(0x9AA3AE),
        separator: color!(0xDDE2E8),
        grid: color!(0xE9EDF2),
        accent: color!(0x0078C8),
        record: color!(0xD92D20),
        alarm_high: color!(0xC8102E),
        alarm_medium: color!(0xB35900),
        alarm_low: color!(0x8A6D00),
    };

    /// The wall of a control room.
    pub const CONTROL_ROOM: Palette = Palette {
        background: color!(0x000000),
        surface: color!(0x0B0E12),
        raised: color!(0x161B21),
        text: color!(0xFFFFFF),
        muted: color!(0xB8C0CA),
        faint: color!(0x6C7683),
        separator: color!(0x2A323C),
        grid: color!(0x1A2028),
        ..Palette::DARK
    };

    /// The colours of a mode.
    pub const fn new(mode: Mode) -> Palette {
        match mode {
            Mode::Dark => Palette::DARK,
            Mode::Light => Palette::LIGHT,
            Mode::ControlRoom => Palette::CONTROL_ROOM,
        }
    }

    /// The colour of the curve at `index`, see [`curve`].
    pub fn curve(&self, index: usize) -> Color {
        curve(index)
    }

    /// The colours of a theme made by [`theme`]; a foreign theme gets the ones that suit its background.
    pub fn of(theme: &Theme) -> Palette {
        let background = theme.palette().background;

        if background == Palette::CONTROL_ROOM.background {
            Palette::CONTROL_ROOM
        } else if background.relative_luminance() > 0.5 {
            Palette::LIGHT
        } else {
            Palette::DARK
        }
    }
}

/// The colours of a mode.
pub const fn palette(mode: Mode) -> Palette {
    Palette::new(mode)
}

/// The iced theme of a mode.
pub fn theme(mode: Mode) -> Theme {
    let palette = Palette::new(mode);

    Theme::custom(
        format!("ROSwave {mode}"),
        iced::theme::Palette {
            background: palette.background,
            text: palette.text,
            primary: palette.accent,
            success: palette.muted,
            warning: palette.alarm_medium,
            danger: palette.record,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_finds_its_own_palette() {
        for mode in Mode::ALL {
            assert_eq!(Palette::of(&theme(mode)), Palette::new(mode), "{mode}");
        }
    }

    #[test]
    fn no_curve_wears_an_alarm_colour() {
        for mode in Mode::ALL {
            let palette = Palette::new(mode);
            for alarm in [
                palette.alarm_high,
                palette.alarm_medium,
                palette.alarm_low,
                palette.record,
            ] {
                assert!(!CURVES.contains(&alarm));
            }
        }
    }

    #[test]
    fn text_is_readable_on_every_ground() {
        for mode in Mode::ALL {
            let palette = Palette::new(mode);
            for ground in [palette.background, palette.surface, palette.raised] {
                assert!(contrast(palette.text, ground) >= 7.0, "{mode}: text");
                assert!(contrast(palette.muted, ground) >= 4.5, "{mode}: muted");
            }
        }
    }

    fn contrast(a: Color, b: Color) -> f32 {
        let (a, b) = (a.relative_luminance(), b.relative_luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}
