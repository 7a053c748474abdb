//! Drawing curves, the dots of single samples and the marks at the edge.

use iced::advanced::renderer;
use iced::{Color, Rectangle, border};
use iced_renderer::wgpu::primitive::Renderer as _;

use super::memory::State;
use super::scale::Scale;
use super::{CurveState, CurveStyle, Freshness, Mark, TraceSource, View, YAxis, axes, axis_at, cpu, gpu};
use crate::theme;

/// Radius of a dot that stands for a sample, in logical pixels.
const DOT: f32 = 2.5;
/// Radius of the dots of a curve that has one for every point, in logical pixels.
pub(super) const STYLE_DOT: f32 = 2.0;
/// Samples are dotted when there is at most one in this many pixels.
const DOT_SPACING: f32 = 14.0;
/// Length of a mark at the edge of the plot, in logical pixels.
const MARK: f32 = 7.0;
/// Share of its colour that a curve without new data keeps.
const STALE: f32 = 0.4;
/// Share of its colour that a ghost keeps.
const GHOST: f32 = 0.45;

/// One curve of one frame.
pub(super) struct Drawn {
    pub(super) index: usize,
    pub(super) curve: CurveState,
    pub(super) scale: Scale,
    /// The first point to draw.
    pub(super) first: u64,
}

impl Drawn {
    fn new(
        source: &dyn TraceSource,
        (index, mut curve): (usize, CurveState),
        (view, axes): (&View, &[YAxis]),
        ground: Color,
        scratch: &mut Vec<[f32; 2]>,
    ) -> Self {
        let share = if curve.ghost {
            GHOST
        } else if matches!(source.freshness(index), Freshness::Live) {
            1.0
        } else {
            STALE
        };
        let share = curve.color.a * share;
        curve.color.a = 1.0;
        if share < 1.0 {
            // Not by opacity: where segments overlap they would be brighter.
            curve.color = theme::mix(ground, curve.color, share);
        }
        let scale = Scale::new(view, axis_at(axes, curve.axis), &curve);
        let first = first_visible(source, index, &curve, scale.t0, scratch);

        Self {
            index,
            curve,
            scale,
            first,
        }
    }
}

/// The first point to draw so that the left edge is covered, by bisection over times.
fn first_visible(
    source: &dyn TraceSource,
    index: usize,
    curve: &CurveState,
    t0: f32,
    scratch: &mut Vec<[f32; 2]>,
) -> u64 {
    let (mut low, mut high) = (curve.tail, curve.head);
    while low < high {
        let middle = low + (high - low) / 2;
        scratch.clear();
        source.copy(index, middle, middle + 1, scratch);
        if scratch.first().is_some_and(|point| point[0] < t0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.saturating_sub(1).max(curve.tail)
}

/// Draws every visible curve into `bounds`, over `ground`; whatever lies outside is clipped.
pub(crate) fn draw(
    source: &dyn TraceSource,
    state: &State,
    width: f32,
    renderer: &mut iced::Renderer,
    ground: Color,
    bounds: Rectangle,
) {
    use iced::advanced::Renderer as _;

    if bounds.width < 1.0 || bounds.height < 1.0 {
        return;
    }
    renderer.with_layer(bounds, |renderer| {
        let view = source.view();
        let axes = axes(source);
        let mut scratch = state.scratch.borrow_mut();
        let mut curves: Vec<Drawn> = (0..source.curves())
            .map(|index| (index, source.curve(index)))
            .filter(|(_, curve)| curve.visible && curve.head > curve.tail)
            .map(|curve| Drawn::new(source, curve, (&view, &axes), ground, &mut scratch))
            .collect();
        curves.sort_by_key(|drawn| !drawn.curve.ghost);

        match renderer {
            iced::Renderer::Primary(gpu) => {
                let primitive = gpu::Primitive::new(source, state, &curves, width);
                gpu.draw_primitive(bounds, primitive);
            }
            iced::Renderer::Secondary(_) => cpu::draw(source, &curves, width, renderer, bounds, &mut scratch),
        }
        for drawn in &curves {
            if matches!(drawn.curve.style, CurveStyle::Line | CurveStyle::Steps) && !drawn.curve.ghost {
                dots(source, drawn, renderer, bounds, &mut scratch);
            }
        }
    });
    // A layer of its own: primitives are drawn above the quads of theirs.
    renderer.with_layer(bounds, |renderer| marks(source, renderer, bounds));
}

/// Shows single samples as dots where there are few; so one point alone is seen, and so is the rate when zoomed in.
fn dots(
    source: &dyn TraceSource,
    Drawn {
        index,
        curve,
        scale,
        first,
    }: &Drawn,
    renderer: &mut iced::Renderer,
    bounds: Rectangle,
    scratch: &mut Vec<[f32; 2]>,
) {
    // Up to four slots of a bucket may repeat one sample.
    let most = (bounds.width / DOT_SPACING) as u64 * 4;
    if curve.head - *first > most.max(8) {
        return;
    }
    scratch.clear();
    source.copy(*index, *first, curve.head, scratch);
    scratch.dedup();
    if scratch.len() as f32 > (bounds.width / DOT_SPACING).max(1.0) {
        return;
    }
    for point in scratch.iter().filter(|point| point[1].is_finite()) {
        let center = scale.place(*point, bounds.size());
        if center.x < -DOT || center.x > bounds.width + DOT || center.y < -DOT || center.y > bounds.height + DOT {
            continue;
        }
        fill(
            renderer,
            Rectangle {
                x: bounds.x + center.x - DOT,
                y: bounds.y + center.y - DOT,
                width: 2.0 * DOT,
                height: 2.0 * DOT,
            },
            DOT,
            curve.color,
        );
    }
}

/// Shows at the edge where the data is not finite or missing.
fn marks(source: &dyn TraceSource, renderer: &mut iced::Renderer, bounds: Rectangle) {
    let view = source.view();
    let mut marks = Vec::new();
    for index in 0..source.curves() {
        let curve = source.curve(index);
        if !curve.visible || curve.ghost {
            continue;
        }
        marks.clear();
        source.marks(index, &mut marks);
        for (time_ns, mark) in &marks {
            let x = view.x(*time_ns) as f32;
            if !(0.0..=1.0).contains(&x) {
                continue;
            }
            let (at_top, width, height) = match mark {
                Mark::Nan => (false, 2.0, MARK),
                Mark::NegativeInfinity => (false, 6.0, MARK / 2.0),
                Mark::PositiveInfinity => (true, 6.0, MARK / 2.0),
                Mark::Gap => (true, 2.0, MARK),
            };
            let top = if at_top {
                bounds.y
            } else {
                bounds.y + bounds.height - height
            };
            let place = Rectangle {
                x: bounds.x + x * bounds.width - width / 2.0,
                y: top,
                width,
                height,
            };
            fill(renderer, place, 0.0, curve.color);
        }
    }
}

fn fill(renderer: &mut iced::Renderer, bounds: Rectangle, radius: f32, color: Color) {
    use iced::advanced::Renderer as _;

    let quad = renderer::Quad {
        bounds,
        border: border::rounded(radius),
        snap: radius == 0.0,
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}
