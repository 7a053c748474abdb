//! A picture made of pixels that fills the plot of a figure, with the scale of its colours beside it.

use iced::{Color, Rectangle};
use resvg::tiny_skia::{ColorU8, Pixmap};

use crate::axis;
use crate::figure::shape::{Across, Along, Face, Shape, Text};
use crate::theme::{Palette, size, space};

/// Room for the scale of the colours and its labels, in logical pixels.
pub(super) const ROOM: f32 = 64.0;
/// Width of the scale, in logical pixels.
const WIDTH: f32 = 10.0;
/// How far a step of the scale reaches over the one below, in logical pixels.
const OVER: f32 = 0.5;
/// The steps of the scale.
const STEPS: usize = 128;
/// Height for each label of the scale, in logical pixels.
const TICK_ROOM: f32 = 36.0;

/// What the colours of a [`Raster`] mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// The unit, as it stands above the scale.
    pub unit: String,
    /// The level at the lower end.
    pub low: f64,
    /// The level at the upper end.
    pub high: f64,
    /// Colours from the lower end to the upper one.
    pub colors: Vec<Color>,
}

/// Pixels that fill the plot of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    width: u32,
    height: u32,
    /// Red, green, blue and opacity, all or nothing; the upper row first.
    rgba: Vec<u8>,
    levels: Levels,
}

impl Raster {
    /// Creates a [`Raster`] of a size in pixels. `color` gives the colour of a column and a row, counted from the upper left;
    /// where there is none, the paper shows.
    #[must_use]
    pub fn new(width: u32, height: u32, levels: Levels, mut color: impl FnMut(u32, u32) -> Option<Color>) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
        for row in 0..height {
            for column in 0..width {
                let pixel = color(column, row).map_or([0; 4], |color| {
                    let [red, green, blue, _] = color.into_rgba8();
                    [red, green, blue, u8::MAX]
                });
                rgba.extend(pixel);
            }
        }
        Self {
            width,
            height,
            rgba,
            levels,
        }
    }

    /// As `tiny-skia` draws it.
    pub(super) fn pixmap(&self) -> Option<Pixmap> {
        let mut pixmap = Pixmap::new(self.width, self.height)?;
        let (pixels, _) = self.rgba.as_chunks();
        for (to, [red, green, blue, opacity]) in pixmap.pixels_mut().iter_mut().zip(pixels) {
            *to = ColorU8::from_rgba(*red, *green, *blue, *opacity).premultiply();
        }
        Some(pixmap)
    }

    /// As the address of an image within a document.
    pub(super) fn address(&self) -> String {
        let png = self.png().unwrap_or_default();
        format!("data:image/png;base64,{}", base64(&png))
    }

    fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgba)?;
        writer.finish()?;
        Ok(file)
    }

    /// The scale of the colours at the right of a plot.
    pub(super) fn scale(&self, plot: Rectangle, palette: &Palette) -> Vec<Shape> {
        let Levels {
            unit,
            low,
            high,
            colors,
        } = &self.levels;
        let left = plot.x + plot.width + space::M;
        let bottom = plot.y + plot.height;
        let mut shapes = Vec::new();
        let steps = STEPS.min(plot.height as usize);
        for step in 0..steps {
            let edge = |step: usize| (plot.height * step as f32 / steps as f32).round();
            let place = step * colors.len() / steps;
            if let Some(color) = colors.get(place) {
                // A little over the one below: between edges that are no whole pixels the paper would show.
                let over = if step > 0 { OVER } else { 0.0 };
                let y = bottom - edge(step + 1)..bottom - edge(step) + over;
                shapes.push(Shape::block(left..left + WIDTH, y, *color));
            }
        }
        let mut write = |content: &str, y: f32| {
            shapes.push(Shape::Text(Text {
                content: content.to_owned(),
                at: [left + WIDTH + space::XS, y],
                face: Face::of_figures(content),
                size: size::SMALL,
                color: palette.muted,
                across: Across::Left,
                along: Along::Center,
            }));
        };
        for tick in axis::ticks(*low, *high, (plot.height / TICK_ROOM) as usize) {
            let share = (tick.value - low) / (high - low);
            write(&tick.label, bottom - (share * f64::from(plot.height)).round() as f32);
        }
        write(unit, plot.y - space::M);
        shapes
    }
}

/// Bytes as text.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_the_text_that_every_reader_knows() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
