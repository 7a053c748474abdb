//! What a figure is made of, and how plotters puts it onto any of its backends.

use std::ops::Range;

use iced::{Color, Rectangle};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};
use plotters_iced::DrawingBackend;

/// Parts of a pixel on a backend that draws finer than whole pixels.
pub(super) const FINE: f32 = 16.0;

/// One thing to draw; lengths in logical pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A line through points.
    Line {
        points: Vec<[f32; 2]>,
        width: f32,
        color: Color,
    },
    /// A filled outline.
    Area { points: Vec<[f32; 2]>, color: Color },
    /// A filled rectangle.
    Block { bounds: Rectangle, color: Color },
    /// A filled circle.
    Dot { at: [f32; 2], radius: f32, color: Color },
    /// A word or more.
    Text(Text),
}

/// A text at a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) content: String,
    pub(super) at: [f32; 2],
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) color: Color,
    pub(super) across: Across,
    pub(super) along: Along,
}

/// The face of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Words,
    Heading,
    Figures,
}

/// Which part of a text is at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Across {
    Left,
    Center,
    Right,
}

/// Which part of a line of text is at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Along {
    Top,
    Center,
}

impl Face {
    /// The face for a text of figures: the one of words where the other lacks a character.
    pub(super) fn of_figures(content: &str) -> Self {
        if content.contains('⁻') {
            Face::Words
        } else {
            Face::Figures
        }
    }
}

impl Shape {
    /// A rectangle given by its edges.
    pub(super) fn block(x: Range<f32>, y: Range<f32>, color: Color) -> Self {
        Shape::Block {
            bounds: Rectangle {
                x: x.start,
                y: y.start,
                width: x.end - x.start,
                height: y.end - y.start,
            },
            color,
        }
    }
}

/// How a backend wants its lengths and texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hand {
    /// plotters-iced: whole pixels.
    Screen,
    /// The curves on the screen, in parts of a pixel.
    Fine,
    /// An SVG file, in parts of a pixel.
    Svg,
}

impl Hand {
    fn length(self, pixels: f32) -> i32 {
        match self {
            Hand::Screen => pixels.round() as i32,
            Hand::Fine | Hand::Svg => (pixels * FINE).round() as i32,
        }
    }

    fn point(self, [x, y]: [f32; 2]) -> (i32, i32) {
        (self.length(x), self.length(y))
    }
}

/// Draws shapes by plotters, `None` when the backend failed.
pub(super) fn draw<DB: DrawingBackend>(root: &DrawingArea<DB, Shift>, shapes: &[Shape], hand: Hand) -> Option<()> {
    for shape in shapes {
        let drawn = match shape {
            Shape::Line { points, width, color } => {
                let points: Vec<_> = points.iter().map(|point| hand.point(*point)).collect();
                let style = ShapeStyle {
                    color: rgba(*color),
                    filled: false,
                    stroke_width: hand.length(*width).unsigned_abs(),
                };
                root.draw(&element::PathElement::new(points, style))
            }
            Shape::Area { points, color } => {
                let points: Vec<_> = points.iter().map(|point| hand.point(*point)).collect();
                root.draw(&element::Polygon::new(points, rgba(*color).filled()))
            }
            Shape::Block { bounds, color } => {
                let corners = [
                    hand.point([bounds.x, bounds.y]),
                    hand.point([bounds.x + bounds.width, bounds.y + bounds.height]),
                ];
                root.draw(&element::Rectangle::new(corners, rgba(*color).filled()))
            }
            Shape::Dot { at, radius, color } => {
                let style = rgba(*color).filled();
                root.draw(&element::Circle::new(hand.point(*at), hand.length(*radius), style))
            }
            Shape::Text(text) => {
                let (at, style) = text.style(hand);
                root.draw(&element::Text::new(text.content.as_str(), hand.point(at), style))
            }
        };
        drawn.ok()?;
    }
    Some(())
}

impl Text {
    /// Where the backend is to put the text, and how.
    fn style(&self, hand: Hand) -> ([f32; 2], TextStyle<'static>) {
        let family = match (self.face, hand) {
            (Face::Words | Face::Heading, Hand::Screen | Hand::Fine) => "Inter",
            (Face::Figures, Hand::Screen | Hand::Fine) => "JetBrains Mono",
            // A reader of the file may lack the faces.
            (Face::Words | Face::Heading, Hand::Svg) => "Inter, Helvetica, Arial, sans-serif",
            (Face::Figures, Hand::Svg) => "JetBrains Mono, DejaVu Sans Mono, monospace",
        };
        let weight = match self.face {
            Face::Words | Face::Figures => FontStyle::Normal,
            Face::Heading => FontStyle::Bold,
        };
        let across = match self.across {
            Across::Left => HPos::Left,
            Across::Center => HPos::Center,
            Across::Right => HPos::Right,
        };
        let along = match self.along {
            Along::Top => VPos::Top,
            Along::Center => VPos::Center,
        };
        let (at, size, along) = match hand {
            Hand::Screen | Hand::Fine => (self.at, f64::from(self.size), along),
            Hand::Svg => {
                // A line is 1.3 sizes high on the screen, and its base line lies one size below its top. The SVG
                // backend puts the base line 0.76 sizes below the point, and divides the size by 1.24.
                let base = match self.along {
                    Along::Top => 1.01,
                    Along::Center => 0.36,
                };
                let y = self.at[1] + (base - 0.76) * self.size;
                ([self.at[0], y], f64::from(self.size * FINE) * 1.24, VPos::Top)
            }
        };
        let style = TextStyle {
            font: FontDesc::new(FontFamily::Name(family), size, weight),
            color: rgba(self.color).to_backend_color(),
            pos: Pos::new(across, along),
        };
        (at, style)
    }
}

fn rgba(color: Color) -> RGBAColor {
    let [r, g, b, _] = color.into_rgba8();
    // The nearest of a thousand: a file that shows 0.35000002 is no better.
    RGBAColor(r, g, b, (f64::from(color.a) * 1000.0).round() / 1000.0)
}
