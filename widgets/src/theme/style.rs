//! The style functions of iced's own widgets: quiet, flat, one pixel between things.

mod control;
mod ground;
mod press;
mod scroll;

pub use control::*;
pub use ground::*;
pub use press::*;
pub use scroll::*;

use iced::Color;
use iced::border::{self, Border};

use super::{Palette, RADIUS, SEPARATOR};

/// Opacity of a thing that cannot be used now.
const DISABLED: f32 = 0.5;
/// Opacity of the accent behind selected text and drop targets.
const TINT: f32 = 0.18;

fn outline(color: Color) -> Border {
    border::rounded(RADIUS).width(SEPARATOR).color(color)
}

/// `a` moved towards `b` by `amount` (0 to 1).
pub(crate) fn mix(a: Color, b: Color, amount: f32) -> Color {
    Color {
        r: a.r + (b.r - a.r) * amount,
        g: a.g + (b.g - a.g) * amount,
        b: a.b + (b.b - a.b) * amount,
        a: a.a + (b.a - a.a) * amount,
    }
}

/// Black or white, whichever reads better on `ground`.
fn readable_on(ground: Color) -> Color {
    if ground.relative_luminance() > 0.25 {
        Palette::DARK.background
    } else {
        Color::WHITE
    }
}
