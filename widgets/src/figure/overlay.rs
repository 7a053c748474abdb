//! What lies above a figure: the readings under the cursor, and a box while it is drawn.

use iced::advanced::{renderer, text};
use iced::{Color, Pixels, Point, Rectangle, border};

use super::hover::Reading;
use super::layout::{FIGURE, Layout};
use crate::theme::{self, Palette, size, space};

/// A box must be this long to zoom along an axis, in logical pixels.
pub(super) const BOX: f32 = 6.0;
/// Opacity of a box while it is drawn.
const BOX_COVER: f32 = 0.15;
/// Height of a line of the readings, in logical pixels.
const LINE: f32 = 16.0;
/// Radius of the dots on what is read, in logical pixels.
const DOT: f32 = 3.0;

/// The box between two points, within the plot.
pub(super) fn boxed(from: Point, to: Point, plot: Rectangle) -> Rectangle {
    let within = |at: Point| {
        Point::new(
            at.x.clamp(plot.x, plot.x + plot.width),
            at.y.clamp(plot.y, plot.y + plot.height),
        )
    };
    let (from, to) = (within(from), within(to));
    Rectangle {
        x: from.x.min(to.x),
        y: from.y.min(to.y),
        width: (to.x - from.x).abs(),
        height: (to.y - from.y).abs(),
    }
}

/// A box that is being drawn; one that is too flat to zoom along an axis is shown across the whole plot.
pub(super) fn select(renderer: &mut iced::Renderer, palette: &Palette, plot: Rectangle, area: Rectangle) {
    use iced::advanced::Renderer as _;

    if area.width < BOX && area.height < BOX {
        return;
    }
    let (x, width) = if area.width < BOX {
        (plot.x, plot.width)
    } else {
        (area.x, area.width)
    };
    let (y, height) = if area.height < BOX {
        (plot.y, plot.height)
    } else {
        (area.y, area.height)
    };
    renderer.with_layer(plot, |renderer| {
        let quad = renderer::Quad {
            bounds: Rectangle { x, y, width, height },
            border: border::color(palette.accent).width(theme::SEPARATOR),
            ..renderer::Quad::default()
        };
        renderer.fill_quad(quad, palette.accent.scale_alpha(BOX_COVER));
    });
}

/// The cursor's line, a dot on each point that is read, and the readings in a box.
pub(super) fn show(
    renderer: &mut iced::Renderer,
    palette: &Palette,
    layout: &Layout,
    bounds: Rectangle,
    at: Point,
    readings: &[Reading],
) {
    use iced::advanced::Renderer as _;

    let plot = layout.plot_at(bounds.position());
    renderer.with_layer(plot, |renderer| {
        let line = Rectangle {
            x: at.x.round(),
            width: theme::SEPARATOR,
            ..plot
        };
        quad(renderer, line, 0.0, palette.faint);
        for reading in readings.iter().filter(|reading| layout.holds(reading.at)) {
            let dot = Rectangle {
                x: bounds.x + reading.at[0] as f32 - DOT,
                y: bounds.y + reading.at[1] as f32 - DOT,
                width: 2.0 * DOT,
                height: 2.0 * DOT,
            };
            quad(renderer, dot, DOT, reading.color);
        }
        if readings.is_empty() {
            return;
        }
        // Columns stand below each other: every character is equally wide.
        let widest = |of: fn(&Reading) -> &str| {
            readings
                .iter()
                .map(|reading| of(reading).chars().count())
                .max()
                .unwrap_or(0)
        };
        let (name, x) = (widest(|reading| &reading.name), widest(|reading| &reading.x));
        let y = widest(|reading| &reading.y);
        let gap = if name > 0 { 2 } else { 0 };
        let width = (name + gap + x + 2 + y) as f32 * size::SMALL * FIGURE + 2.0 * space::S;
        let height = readings.len() as f32 * LINE + space::S;
        let left = if at.x + width + space::M > plot.x + plot.width {
            (at.x - width - space::M).max(plot.x)
        } else {
            at.x + space::M
        };
        let top = (at.y + space::M).min(plot.y + plot.height - height).max(plot.y);
        let shade = Rectangle {
            x: left,
            y: top,
            width,
            height,
        };
        quad(renderer, shade, theme::RADIUS, palette.raised.scale_alpha(0.94));
        for (index, reading) in readings.iter().enumerate() {
            let y = top + space::XS + index as f32 * LINE;
            let values = format!("{:>x$}  {}", reading.x, reading.y);
            let indent = (name + gap) as f32 * size::SMALL * FIGURE;
            write(
                renderer,
                reading.name.clone(),
                Point::new(left + space::S, y),
                reading.color,
                shade,
            );
            write(
                renderer,
                values,
                Point::new(left + space::S + indent, y),
                palette.text,
                shade,
            );
        }
    });
}

fn quad(renderer: &mut iced::Renderer, bounds: Rectangle, radius: f32, color: Color) {
    use iced::advanced::Renderer as _;

    let quad = renderer::Quad {
        bounds,
        border: border::rounded(radius),
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

fn write(renderer: &mut iced::Renderer, content: String, at: Point, color: Color, clip: Rectangle) {
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
