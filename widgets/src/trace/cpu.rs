//! Curves as a path, for the software renderer.

use iced::advanced::graphics::geometry::Renderer as _;
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
                None => path.move_to(place),
                Some(last) => {
                    if is_stair {
                        path.line_to(Point::new(place.x, last.y));
                    }
                    path.line_to(place);
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
