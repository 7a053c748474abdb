//! The curves on the screen: a plotters backend in parts of a pixel, and the widget's cache that both backends fill.
//!
//! The backend of plotters-iced knows whole pixels and whole line widths only. That suits grid and labels; a curve
//! would become a staircase.

use std::cell::Cell;
use std::convert::Infallible;

use iced::widget::canvas::{Cache, Frame, Geometry, LineJoin, Path, Stroke, Text};
use iced::{Color, Pixels, Point, Size};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters_iced::plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};
use plotters_iced::{ChartBuilder, DrawingBackend};

use super::paint::Painting;
use super::shape::{self, FINE, Hand, Shape};
use crate::theme;

/// A painting with its cache, as plotters-iced wants it.
pub(super) struct Drawing<'a, F: Fn() -> Painting> {
    pub(super) cache: &'a Cache,
    /// Makes the painting; called only when the cache is empty.
    pub(super) painting: F,
    /// Softens the edges of lines, for a renderer that does not do so itself.
    pub(super) is_soft: bool,
    shapes: Cell<Vec<Shape>>,
}

impl<'a, F: Fn() -> Painting> Drawing<'a, F> {
    pub(super) fn new(cache: &'a Cache, is_soft: bool, painting: F) -> Self {
        Self {
            cache,
            painting,
            is_soft,
            shapes: Cell::default(),
        }
    }
}

impl<Message, P: Fn() -> Painting> plotters_iced::Chart<Message> for Drawing<'_, P> {
    type State = ();

    fn draw<R: plotters_iced::Renderer, F: Fn(&mut Frame)>(&self, renderer: &R, size: Size, draw: F) -> Geometry {
        renderer.draw_cache(self.cache, size, |frame| {
            let painting = (self.painting)();
            self.shapes.set(painting.ground);
            draw(frame);
            let curves = Fine {
                frame,
                is_soft: self.is_soft,
            };
            // Neither backend has a way to fail.
            let _ = shape::draw(&curves.into_drawing_area(), &painting.curves, Hand::Fine);
            self.shapes.set(painting.labels);
            draw(frame);
        })
    }

    fn draw_chart<DB: DrawingBackend>(&self, _state: &(), root: DrawingArea<DB, Shift>) {
        let _ = shape::draw(&root, &self.shapes.take(), Hand::Screen);
    }

    fn build_chart<DB: DrawingBackend>(&self, _state: &(), _builder: ChartBuilder<'_, '_, DB>) {}
}

/// Strokes that together have a soft edge where a renderer paints a pixel fully or not: width beyond the line's own,
/// opacity.
const SOFT: [(f32, f32); 3] = [(0.5, 0.25), (0.0, 0.47), (-0.7, 1.0)];
/// The narrowest of them.
const NARROWEST: f32 = 0.5;

/// A plotters backend on a frame of iced, in parts of a pixel.
struct Fine<'a> {
    frame: &'a mut Frame,
    is_soft: bool,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Fine<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let Size { width, height } = self.frame.size();
        ((width * FINE) as u32, (height * FINE) as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.frame
            .fill_rectangle(point(at), Size::new(1.0 / FINE, 1.0 / FINE), rgba(color));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let (from, to) = (point(from), point(to));
        let size = Size::new(to.x - from.x, to.y - from.y);
        if fill {
            self.frame.fill_rectangle(from, size, rgba(style.color()));
        } else {
            self.stroke(&Path::rectangle(from, size), style);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.stroke(&outline(path, false), style);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let circle = Path::circle(point(center), radius as f32 / FINE);
        if fill {
            self.frame.fill(&circle, rgba(style.color()));
        } else {
            self.stroke(&circle, style);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.frame.fill(&outline(path, true), rgba(style.color()));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        // The title; all other texts are plotters-iced's.
        self.frame.fill_text(Text {
            content: text.to_owned(),
            position: point(at),
            color: rgba(style.color()),
            size: Pixels(style.size() as f32),
            font: theme::INTER_MEDIUM,
            ..Text::default()
        });
        Ok(())
    }
}

impl Fine<'_> {
    fn stroke<S: BackendStyle>(&mut self, path: &Path, style: &S) {
        let width = style.stroke_width() as f32 / FINE;
        let color = rgba(style.color());
        let stroke = |width: f32, color: Color| {
            // A mitred corner would reach beyond the extreme that it marks.
            Stroke::default()
                .with_width(width)
                .with_color(color)
                .with_line_join(LineJoin::Bevel)
        };
        if self.is_soft {
            for (beyond, opacity) in SOFT {
                self.frame.stroke(
                    path,
                    stroke((width + beyond).max(NARROWEST), color.scale_alpha(opacity)),
                );
            }
        } else {
            self.frame.stroke(path, stroke(width, color));
        }
    }
}

fn outline(points: impl IntoIterator<Item = BackendCoord>, is_closed: bool) -> Path {
    Path::new(|builder| {
        for (index, at) in points.into_iter().enumerate() {
            if index == 0 {
                builder.move_to(point(at));
            } else {
                builder.line_to(point(at));
            }
        }
        if is_closed {
            builder.close();
        }
    })
}

fn point((x, y): BackendCoord) -> Point {
    Point::new(x as f32 / FINE, y as f32 / FINE)
}

fn rgba(color: BackendColor) -> Color {
    let (r, g, b) = color.rgb;
    Color::from_rgba8(r, g, b, color.alpha as f32)
}
