//! What plots draw with: filled rectangles, small text, hatching, and the box beside the cursor.

use iced::advanced::text::Alignment;
use iced::advanced::{renderer, text};
use iced::alignment::Vertical;
use iced::widget::canvas::{self, path};
use iced::{Color, Font, Pixels, Point, Rectangle, border};

use crate::theme::{self, Palette, size, space};

/// Width of a character of the face of numbers at the size of notes, in logical pixels.
pub(crate) const CHARACTER: f32 = size::SMALL * 0.6;
/// Height of a line in the box beside the cursor, in logical pixels.
const LINE: f32 = 16.0;
/// Distance of two lines of a hatching along an axis, in logical pixels.
pub(crate) const HATCH: f32 = 7.0;
/// Opacity of the box beside the cursor.
const SHADE: f32 = 0.94;

/// Fills a rectangle whose edges lie on the pixels of the screen.
pub(crate) fn fill(renderer: &mut iced::Renderer, bounds: Rectangle, color: Color) {
    use iced::advanced::Renderer as _;

    if bounds.width <= 0.0 || bounds.height <= 0.0 {
        return;
    }
    let quad = renderer::Quad {
        bounds,
        snap: true,
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

/// Fills a rectangle of a picture that is made of many: far cheaper than as many quads on a software renderer.
pub(crate) fn rectangle(frame: &mut canvas::Frame, area: Rectangle, color: Color) {
    if area.width > 0.0 && area.height > 0.0 && color.a > 0.0 {
        frame.fill_rectangle(area.position(), area.size(), color);
    }
}

/// Fills a rectangle with round corners.
pub(crate) fn rounded(renderer: &mut iced::Renderer, bounds: Rectangle, radius: f32, color: Color) {
    use iced::advanced::Renderer as _;

    let quad = renderer::Quad {
        bounds,
        border: border::rounded(radius),
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

/// How a line of text stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face {
    /// Which letters.
    pub(crate) font: Font,
    /// How large they are, in logical pixels.
    pub(crate) size: f32,
    /// Which part of the text is at the given place, from left to right.
    pub(crate) across: Alignment,
    /// Which part of the text is at the given place, from top to bottom.
    pub(crate) along: Vertical,
}

impl Face {
    /// Figures that begin at a place and hang from it.
    pub(crate) const FIGURES: Face = Face {
        font: theme::MONO,
        size: size::SMALL,
        across: Alignment::Left,
        along: Vertical::Top,
    };
    /// Words that begin at a place and are centred on it from top to bottom.
    pub(crate) const WORDS: Face = Face {
        font: theme::INTER,
        size: size::SMALL,
        across: Alignment::Left,
        along: Vertical::Center,
    };
    /// Words in the middle of an empty plot.
    pub(crate) const HINT: Face = Face {
        font: theme::INTER,
        size: size::BODY,
        across: Alignment::Center,
        along: Vertical::Center,
    };
}

/// Writes a line of text; what lies outside of `clip` is cut off.
pub(crate) fn write(
    renderer: &mut iced::Renderer,
    content: impl Into<String>,
    at: Point,
    face: Face,
    color: Color,
    clip: Rectangle,
) {
    use iced::advanced::text::Renderer as _;

    let text = text::Text {
        content: content.into(),
        bounds: clip.size(),
        size: Pixels(face.size),
        line_height: text::LineHeight::default(),
        font: face.font,
        align_x: face.across,
        align_y: face.along,
        shaping: text::Shaping::Auto,
        wrapping: text::Wrapping::None,
    };
    renderer.fill_text(text, at, color, clip);
}

/// The lines at 45° that hatch an area; they stand still on the screen while the area moves.
pub(crate) fn hatching(area: Rectangle) -> impl Iterator<Item = (Point, Point)> {
    let (left, right) = (area.x, area.x + area.width);
    let (top, bottom) = (area.y, area.y + area.height);
    let is_empty = !(area.width > 0.0 && area.height > 0.0);
    // On each line x + y is a multiple of the distance.
    let first = ((left + top) / HATCH).ceil() as i64;
    let last = if is_empty {
        first - 1
    } else {
        ((right + bottom) / HATCH).floor() as i64
    };

    (first..=last).map(move |index| {
        let sum = index as f32 * HATCH;
        let from_x = (sum - bottom).max(left);
        let to_x = (sum - top).min(right);
        (Point::new(from_x, sum - from_x), Point::new(to_x, sum - to_x))
    })
}

/// Adds the hatching of an area to a path.
pub(crate) fn hatch(path: &mut path::Builder, area: Rectangle) {
    for (from, to) in hatching(area) {
        path.move_to(from);
        path.line_to(to);
    }
}

/// Draws the box beside the cursor, on the side that has room within `area`.
pub(crate) fn cursor_box(
    renderer: &mut iced::Renderer,
    palette: &Palette,
    area: Rectangle,
    at: Point,
    lines: Vec<(String, Color)>,
) {
    let longest = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let width = longest as f32 * CHARACTER + 2.0 * space::S;
    let height = lines.len() as f32 * LINE + space::S;
    let is_left = at.x + width + space::M > area.x + area.width;
    let x = if is_left {
        (at.x - width - space::M).max(area.x)
    } else {
        at.x + space::M
    };
    let y = (at.y + space::M).min(area.y + area.height - height).max(area.y);
    let shade = Rectangle { x, y, width, height };
    rounded(renderer, shade, theme::RADIUS, palette.raised.scale_alpha(SHADE));
    for (index, (line, color)) in lines.into_iter().enumerate() {
        let at = Point::new(x + space::S, y + space::XS + index as f32 * LINE);
        write(renderer, line, at, Face::FIGURES, color, shade);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hatching_stays_within_its_area_and_reaches_every_side() {
        let area = Rectangle {
            x: 3.0,
            y: 5.0,
            width: 60.0,
            height: 20.0,
        };
        let lines: Vec<_> = hatching(area).collect();
        assert!(lines.len() > 5);
        for (from, to) in &lines {
            for point in [from, to] {
                assert!((area.x..=area.x + area.width).contains(&point.x), "{point:?}");
                assert!((area.y..=area.y + area.height).contains(&point.y), "{point:?}");
            }
            assert!(from.x <= to.x && from.y >= to.y);
        }
    }

    #[test]
    fn an_area_without_extent_has_no_hatching() {
        let area = Rectangle {
            x: 7.0,
            y: 7.0,
            width: 0.0,
            height: 20.0,
        };
        assert_eq!(hatching(area).count(), 0);
    }
}
