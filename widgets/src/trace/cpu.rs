//! Curves as a path, for the software renderer.

use iced::advanced::graphics::geometry::Renderer as _;
use iced::widget::canvas::path::Builder;
use iced::widget::canvas::{Frame, LineJoin, Path, Stroke};
use iced::{Point, Rectangle, Size, Vector};

use super::draw::{Drawn, STYLE_DOT};
use super::{CurveStyle, TraceSource};

/// Side of a square as large as a dot, in logical pixels.
const SQUARE: f32 = STYLE_DOT * 1.77;

/// Draws the curves as canvas paths.
pub(super) fn draw(
    source: &dyn TraceSource,
    curves: &[Drawn],
    width: f32,
    renderer: &mut iced::Renderer,
    bounds: Rectangle,
    points: &mut Vec<[f32; 2]>,
) {
    use iced::advanced::Renderer as _;

    let mut frame = Frame::new(renderer, bounds.size());
    for drawn in curves {
        let style = drawn.curve.style;
        points.clear();
        source.copy(drawn.index, drawn.first, drawn.curve.head, points);
        if style != CurveStyle::Dots {
            let width = width * drawn.curve.pen.width;
            // Mitred joins would overshoot the extremes of a noisy curve.
            let stroke = Stroke::default()
                .with_width(width)
                .with_line_join(LineJoin::Bevel)
                .with_color(drawn.curve.color);
            frame.stroke(&line(points, drawn, bounds.size(), width), stroke);
        }
        if matches!(style, CurveStyle::Dots | CurveStyle::LineAndDots) {
            points.dedup();
            frame.fill(&dots(points, drawn, bounds.size()), drawn.curve.color);
        }
    }
    let geometry = frame.into_geometry();
    renderer.with_translation(Vector::new(bounds.x, bounds.y), |renderer| {
        renderer.draw_geometry(geometry);
    });
}

/// The renderer repaints what a path covers without its width: at its extremes, half of the stroke would be left over from the
/// frame before. So the path reaches further by its width, with lines of no length, of which nothing is seen.
fn line(points: &[[f32; 2]], drawn: &Drawn, size: Size, width: f32) -> Path {
    let is_stair = drawn.curve.style == CurveStyle::Steps;
    let dashes = drawn.curve.pen.dash.map(|dash| Dashes::new(dash, drawn, size));

    Path::new(|path| {
        let mut last: Option<Point> = None;
        let mut reach: Option<(Point, Point)> = None;
        for point in points {
            if !point[1].is_finite() {
                last = None;
                continue;
            }
            let place = drawn.scale.place(*point, size);
            let (least, most) = reach.get_or_insert((place, place));
            *least = Point::new(least.x.min(place.x), least.y.min(place.y));
            *most = Point::new(most.x.max(place.x), most.y.max(place.y));
            match last {
                None if dashes.is_none() => path.move_to(place),
                None => {}
                Some(last) => {
                    let knee = is_stair.then_some(Point::new(place.x, last.y));
                    if let Some(dashes) = &dashes {
                        dashes.draw(path, last, knee.unwrap_or(place));
                        if let Some(knee) = knee {
                            dashes.draw(path, knee, place);
                        }
                    } else {
                        if let Some(knee) = knee {
                            path.line_to(knee);
                        }
                        path.line_to(place);
                    }
                }
            }
            last = Some(place);
        }
        if let Some((least, most)) = reach {
            for corner in [
                Point::new(least.x - width, least.y - width),
                Point::new(most.x + width, most.y + width),
            ] {
                path.move_to(corner);
                path.line_to(corner);
            }
        }
    })
}

/// Dashes along the time axis, fixed to the data.
struct Dashes {
    on: f32,
    period: f32,
    phase: f32,
    width: f32,
}

impl Dashes {
    fn new([on, off]: [f32; 2], drawn: &Drawn, size: Size) -> Self {
        Self {
            on,
            period: on + off,
            phase: drawn.scale.dash_phase(size.width, on + off),
            width: size.width,
        }
    }

    /// Draws what of a piece of the line lies within dashes.
    fn draw(&self, path: &mut Builder, from: Point, to: Point) {
        let across = to.x - from.x;
        if across < 0.5 {
            let into = (from.x + self.phase).rem_euclid(self.period);
            if into < self.on {
                path.move_to(from);
                path.line_to(to);
            }
            return;
        }
        let at = |x: f32| Point::new(x, from.y + (to.y - from.y) * (x - from.x) / across);
        // Only what is seen: a piece can be very long.
        let (left, right) = (from.x.max(-self.period), to.x.min(self.width + self.period));
        let mut begin = ((left + self.phase) / self.period).floor() * self.period - self.phase;
        while begin < right {
            let (start, end) = (begin.max(left), (begin + self.on).min(right));
            if start < end {
                path.move_to(at(start));
                path.line_to(at(end));
            }
            begin += self.period;
        }
    }
}

fn dots(points: &[[f32; 2]], drawn: &Drawn, size: Size) -> Path {
    let reach = -STYLE_DOT..;
    // Where dots lie over one another their roundness is not seen, and costs as much as the rest.
    let is_dense = points.len() as f32 > size.width / STYLE_DOT;

    Path::new(|path| {
        for point in points.iter().filter(|point| point[1].is_finite()) {
            let place = drawn.scale.place(*point, size);
            if reach.contains(&place.x) && reach.contains(&place.y) && place.y <= size.height + STYLE_DOT {
                if is_dense {
                    let corner = Point::new(place.x - SQUARE / 2.0, place.y - SQUARE / 2.0);
                    path.rectangle(corner, Size::new(SQUARE, SQUARE));
                } else {
                    path.circle(place, STYLE_DOT);
                }
            }
        }
    })
}
