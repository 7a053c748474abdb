//! Rectangles and words over a plot.

use iced::advanced::{renderer, text};
use iced::{Color, Pixels, Point, Rectangle, border};

use crate::theme::{self, Palette, size, space};

/// Height of a line of text, in logical pixels.
pub(super) const LINE: f32 = 16.0;
/// Width of a character, in logical pixels.
pub(super) const CHARACTER: f32 = size::SMALL * 0.6;

pub(super) fn quad(renderer: &mut iced::Renderer, bounds: Rectangle, radius: f32, color: Color) {
    use iced::advanced::Renderer as _;

    let quad = renderer::Quad {
        bounds,
        border: border::rounded(radius),
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

/// A line of one pixel down `area`.
pub(super) fn vertical(renderer: &mut iced::Renderer, x: f32, area: Rectangle, color: Color) {
    quad(renderer, Rectangle { x, width: 1.0, ..area }, 0.0, color);
}

pub(super) fn write(renderer: &mut iced::Renderer, content: String, at: Point, color: Color, clip: Rectangle) {
    use iced::advanced::text::Renderer as _;

    let text = text::Text {
        content,
        bounds: clip.size(),
        size: Pixels(size::SMALL),
        line_height: text::LineHeight::default(),
        font: theme::MONO,
        align_x: text::Alignment::Left,
        align_y: iced::alignment::Vertical::Top,
        shaping: text::Shaping::Auto,
        wrapping: text::Wrapping::None,
    };
    renderer.fill_text(text, at, color, clip);
}

/// How wide a [`label`] is.
pub(super) fn label_width(content: &str) -> f32 {
    content.chars().count() as f32 * CHARACTER + 2.0 * space::S
}

/// A line of text on a ground of its own, with its upper left corner at `at` and moved into `area`.
pub(super) fn label(renderer: &mut iced::Renderer, content: String, at: Point, area: Rectangle, palette: &Palette) {
    let width = label_width(&content);
    let bounds = Rectangle {
        x: at.x.min(area.x + area.width - width).max(area.x),
        y: at.y.min(area.y + area.height - LINE).max(area.y),
        width,
        height: LINE,
    };
    quad(renderer, bounds, theme::RADIUS, palette.raised);
    let start = Point::new(bounds.x + space::S, bounds.y + 1.0);
    write(renderer, content, start, palette.text, bounds);
}
