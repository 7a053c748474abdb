//! Curves as a path, for the software renderer.

use iced::advanced::graphics::geometry::Renderer as _;
use iced::widget::canvas::{Frame, LineJoin, Path, Stroke};
use iced::{Rectangle, Vector};

use super::scale::Scale;
use super::{CurveState, TraceSource};

/// Draws the curves as canvas paths.
pub(super) fn draw(
    source: &dyn TraceSource,
    curves: &[(usize, CurveState, Scale, u64)],
    width: f32,
    renderer: &mut iced::Renderer,
    bounds: Rectangle,
    points: &mut Vec<[f32; 2]>,
) {
    use iced::advanced::Renderer as _;

    let mut frame = Frame::new(renderer, bounds.size());
    for (index, curve, scale, first) in curves {
        points.clear();
        source.copy(*index, *first, curve.head, points);
        let path = Path::new(|path| {
            let mut is_down = false;
            for point in points.iter() {
                if !point[1].is_finite() {
                    is_down = false;
                } else if is_down {
                    path.line_to(scale.place(*point, bounds.size()));
                } else {
                    path.move_to(scale.place(*point, bounds.size()));
                    is_down = true;
                }
            }
        });
        // Mitred joins would overshoot the extremes of a noisy curve.
        let stroke = Stroke::default()
            .with_width(width)
            .with_line_join(LineJoin::Bevel)
            .with_color(curve.color);
        frame.stroke(&path, stroke);
    }
    let geometry = frame.into_geometry();
    renderer.with_translation(Vector::new(bounds.x, bounds.y), |renderer| {
        renderer.draw_geometry(geometry);
    });
}
