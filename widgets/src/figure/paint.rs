//! From a figure to shapes: the one drawing that goes to the screen, to SVG and to PNG.

use iced::{Color, Point, Rectangle, Size};

use super::annotate::{annotate, emptiness};
use super::digest::Digest;
use super::label::Taken;
use super::layout::Layout;
use super::legend::{Corner, legend};
use super::shape::Shape;
use super::{Figure, Kind, Layer, Scale, clip, ground, reduce};
use crate::theme::{self, Palette};

/// Columns of a pixel on a screen.
pub(super) const ON_SCREEN: f64 = 1.0;
/// Columns of a pixel in print.
pub(super) const IN_PRINT: f64 = 4.0;
/// Up to so many points in a column a line is drawn as it is.
const PER_COLUMN: f64 = 4.0;
/// Radius of a dot, of a marked point and of the ground around it, in logical pixels.
const DOT: f32 = 2.0;
pub(super) const MARKED: f32 = 3.0;
pub(super) const HALO: f32 = 1.5;
/// Up to so many dots are drawn one by one; more fill cells of this side, in logical pixels.
const DOTS: usize = 4000;
const CELL: f64 = 1.5;
/// How opaque the body of a bar and a band are, so that grid and curves show.
const BAR: f32 = 0.35;
const BAND: f32 = 0.2;
/// A bar this wide, in logical pixels, stands apart from the next.
const APART: f64 = 5.0;
/// A trail fades to this opacity, in this many steps.
const FADED: f32 = 0.12;
const FADE_STEPS: usize = 24;
/// Lengths of a dash and of the gap after it, in logical pixels.
const DASH: (f32, f32) = (5.0, 3.0);

/// A figure as shapes, in the order they are drawn.
pub(super) struct Painting {
    pub(super) ground: Vec<Shape>,
    /// What is drawn in parts of a pixel; the title too, whose weight plotters-iced does not know.
    pub(super) curves: Vec<Shape>,
    pub(super) labels: Vec<Shape>,
    /// Where the legend stands, if there is one.
    pub(super) corner: Option<Corner>,
}

/// Draws a figure as shapes, with so many columns for a pixel. Without a corner there is no legend.
pub(super) fn paint(
    figure: &Figure,
    digest: &Digest,
    layout: &Layout,
    palette: &Palette,
    corner: Option<Corner>,
    density: f64,
) -> Painting {
    let mut brush = Brush {
        layout,
        palette,
        density,
        shapes: ground::title(figure, layout, palette).into_iter().collect(),
    };
    let is_seen = layout.plot.width >= 1.0 && layout.plot.height >= 1.0;
    if is_seen {
        for (index, layer) in figure.shown() {
            brush.layer(layer, digest.is_sorted[index]);
        }
    }
    let curves = brush.shapes;
    let mut labels = Vec::new();
    let mut taken = Taken::default();
    let legend = corner
        .filter(|_| is_seen)
        .and_then(|corner| legend(figure, layout, palette, corner, &curves));
    let corner = legend.as_ref().map(|legend| legend.corner);
    if let Some(legend) = legend {
        taken.take(legend.place);
        labels.extend(legend.shapes);
    }
    for (_, layer) in figure.shown().filter(|_| is_seen) {
        annotate(layer, layout, palette, &curves, &mut taken, &mut labels);
    }
    if digest.x.is_none() {
        labels.push(emptiness(digest, figure, layout, palette));
    }
    Painting {
        ground: ground::ground(figure, layout, palette),
        curves,
        labels,
        corner,
    }
}

struct Brush<'a> {
    layout: &'a Layout,
    palette: &'a Palette,
    density: f64,
    shapes: Vec<Shape>,
}

impl Brush<'_> {
    fn layer(&mut self, layer: &Layer, is_sorted: bool) {
        let color = layer.color;
        match &layer.kind {
            Kind::Line(points) => self.line(points, is_sorted, color, <[_]>::to_vec),
            Kind::Steps(points) => self.line(points, is_sorted, color, stepped),
            Kind::Dots(points) => self.dots(points, color),
            Kind::Bars { edges, counts } => self.bars(edges, counts, color),
            Kind::Trail(points) => self.trail(points, color),
            Kind::Band(points) => self.band(points, is_sorted, color),
            Kind::HLine { at, .. } => {
                let y = self.layout.y.pixel(*at).round() as f32;
                let plot = self.layout.plot;
                for x in dashes(plot.x, plot.x + plot.width).filter(|_| self.layout.holds([plot.x.into(), y.into()])) {
                    self.shapes.push(Shape::block(x, y..y + 1.0, color));
                }
            }
            Kind::VLine { at, .. } => {
                let x = self.layout.x.pixel(*at).round() as f32;
                let plot = self.layout.plot;
                for y in dashes(plot.y, plot.y + plot.height).filter(|_| self.layout.holds([x.into(), plot.y.into()])) {
                    self.shapes.push(Shape::block(x..x + 1.0, y, color));
                }
            }
            Kind::Markers(markers) => {
                for (x, y, _) in markers {
                    self.mark(self.layout.pixel(*x, *y), color);
                }
            }
        }
    }

    /// A line through points, each run of which is first `shaped`.
    fn line(&mut self, points: &[[f64; 2]], is_sorted: bool, color: Color, shaped: fn(&[[f64; 2]]) -> reduce::Run) {
        let reduced = self.reduced(points, is_sorted);
        for run in reduced.runs {
            self.run(&shaped(&run), theme::CURVE, color);
        }
        let half = f64::from(theme::CURVE) / 2.0;
        for (x, low, high) in reduced.bars {
            self.block([x - half, low - half], [x + half, high + half], color);
        }
    }

    /// A line in pixels, reduced to what can be seen.
    fn reduced(&self, points: &[[f64; 2]], is_sorted: bool) -> reduce::Reduced {
        let layout = self.layout;
        let pixels = |[x, y]: &[f64; 2]| layout.pixel(*x, *y);
        let columns = layout.x.length() * self.density;
        let runs = if is_sorted {
            let (low, high) = layout.x.range;
            let points = &points[reduce::seen(points, low, high, |point| point[0])];
            if points.len() as f64 > PER_COLUMN * columns {
                return reduce::in_columns(points.iter().map(pixels), self.density, reduce::TALL);
            }
            reduce::whole(points.iter().map(pixels))
        } else {
            reduce::in_pieces(points.iter().map(pixels))
        };
        reduce::Reduced {
            runs,
            ..reduce::Reduced::default()
        }
    }

    /// The part of a rectangle within the plot.
    fn block(&mut self, from: [f64; 2], to: [f64; 2], color: Color) {
        let plot = self.layout.plot;
        let (from, to) = (narrow(from), narrow(to));
        let whole = Rectangle::new(
            Point::new(from[0], from[1]),
            Size::new(to[0] - from[0], to[1] - from[1]),
        );
        if let Some(bounds) = whole.intersection(&plot) {
            self.shapes.push(Shape::Block { bounds, color });
        }
    }

    fn run(&mut self, run: &[[f64; 2]], width: f32, color: Color) {
        if let [only] = run {
            // A point between two gaps is seen nevertheless.
            if self.layout.holds(*only) {
                self.shapes.push(dot(*only, DOT, color));
            }
            return;
        }
        for part in clip::clipped_run(run, self.layout.plot) {
            self.shapes.push(Shape::Line {
                points: part.into_iter().map(narrow).collect(),
                width,
                color,
            });
        }
    }

    fn dots(&mut self, points: &[[f64; 2]], color: Color) {
        let layout = self.layout;
        let (left, top) = (f64::from(layout.plot.x), f64::from(layout.plot.y));
        let pixels = points.iter().map(|[x, y]| layout.pixel(*x, *y));
        if points.len() <= DOTS {
            for pixel in pixels.filter(|pixel| layout.holds(*pixel)) {
                self.shapes.push(dot(pixel, DOT, color));
            }
            return;
        }
        // A crowd is drawn as the cells that it fills.
        let size = (f64::from(layout.plot.width), f64::from(layout.plot.height));
        let within = pixels.map(|[x, y]| [x - left, y - top]);
        for (row, from, to) in reduce::in_cells(within, size, CELL) {
            let at = |column: usize, row: usize| [left + column as f64 * CELL, top + row as f64 * CELL];
            self.block(at(from, row), at(to, row + 1), color);
        }
    }

    fn bars(&mut self, edges: &[f64], counts: &[f64], color: Color) {
        let layout = self.layout;
        let plot = layout.plot;
        let (left, right) = (f64::from(plot.x), f64::from(plot.x + plot.width));
        let (top, bottom) = (f64::from(plot.y), f64::from(plot.y + plot.height));
        let zero = match layout.y.scale {
            Scale::Linear => layout.y.pixel(0.0).clamp(top, bottom).round(),
            Scale::Log => bottom,
        };
        // Several bars in one column are drawn as their extremes.
        let mut column: Option<Bar> = None;
        for (sides, count) in edges.windows(2).zip(counts) {
            let (from, to) = (layout.x.pixel(sides[0]), layout.x.pixel(sides[1]));
            let end = layout.y.pixel(*count).clamp(top, bottom);
            if to < left || from > right || *count == 0.0 || end.is_nan() || to.is_nan() {
                continue;
            }
            // A side at or below zero has no place on a logarithmic axis: the bar begins at the edge of the plot.
            let (from, to) = (from.max(left).round(), to.min(right).round());
            let bar = Bar {
                from,
                to: to.max(from + 1.0),
                above: end.min(zero),
                below: end.max(zero),
                is_above: end <= zero,
            };
            match &mut column {
                Some(column) if bar.from < column.to => column.join(&bar),
                column => {
                    if let Some(done) = column.replace(bar) {
                        self.bar(&done, color);
                    }
                }
            }
        }
        if let Some(bar) = column {
            self.bar(&bar, color);
        }
    }

    fn bar(&mut self, bar: &Bar, color: Color) {
        let gap = if bar.to - bar.from >= APART { 1.0 } else { 0.0 };
        let x = bar.from as f32..(bar.to - gap) as f32;
        let (above, below) = (bar.above.round() as f32, bar.below.round() as f32);
        let cap = theme::CURVE.ceil().min(below - above);
        let body = color.scale_alpha(BAR);
        // The end in full colour is where the eye reads the count.
        let (body_y, cap_y) = if bar.is_above {
            (above + cap..below, above..above + cap)
        } else {
            (above..below - cap, below - cap..below)
        };
        self.shapes.push(Shape::block(x.clone(), body_y, body));
        self.shapes.push(Shape::block(x, cap_y, color));
    }

    fn trail(&mut self, points: &[[f64; 2]], color: Color) {
        let layout = self.layout;
        let pixels = || points.iter().map(|[x, y]| layout.pixel(*x, *y));
        let runs = reduce::in_pieces(pixels());
        let total = runs.iter().map(Vec::len).sum::<usize>().max(1);
        let mut drawn = 0;
        for run in runs {
            if run.len() == 1 {
                self.run(&run, theme::CURVE, color);
            }
            let mut from = 0;
            while from + 1 < run.len() {
                let step = (drawn + from) * FADE_STEPS / total;
                let next = (total * (step + 1)).div_ceil(FADE_STEPS) - drawn;
                let to = next.clamp(from + 1, run.len() - 1);
                let age = 1.0 - (step + 1) as f32 / FADE_STEPS as f32;
                let opacity = 1.0 - age * (1.0 - FADED);
                self.run(&run[from..=to], theme::CURVE, color.scale_alpha(opacity));
                from = to;
            }
            drawn += run.len();
        }
        if let Some(last) = pixels().rfind(|[x, y]| !(x.is_nan() || y.is_nan())) {
            self.mark(last, color);
        }
    }

    fn band(&mut self, points: &[[f64; 3]], is_sorted: bool, color: Color) {
        let layout = self.layout;
        let points = if is_sorted {
            let (low, high) = layout.x.range;
            &points[reduce::seen(points, low, high, |point| point[0])]
        } else {
            points
        };
        // Both curves have a gap where one of them has.
        let of = |side: usize| {
            let pixels = points.iter().map(move |point| {
                let [low, high] = [layout.pixel(point[0], point[1]), layout.pixel(point[0], point[2])];
                if low[1].is_nan() || high[1].is_nan() {
                    [f64::NAN; 2]
                } else {
                    [low, high][side]
                }
            });
            if is_sorted {
                reduce::in_columns(pixels, self.density, f64::INFINITY).runs
            } else {
                reduce::whole(pixels)
            }
        };
        for (low, high) in of(0).into_iter().zip(of(1)) {
            let outline: Vec<_> = low.into_iter().chain(high.into_iter().rev()).collect();
            let points: Vec<_> = clip::clipped_outline(&outline, layout.plot)
                .into_iter()
                .map(narrow)
                .collect();
            if points.len() > 2 {
                self.shapes.push(Shape::Area {
                    points,
                    color: color.scale_alpha(BAND),
                });
            }
        }
    }

    /// A bold point on a ground of its own.
    fn mark(&mut self, at: [f64; 2], color: Color) {
        if self.layout.holds(at) {
            self.shapes.push(dot(at, MARKED + HALO, self.palette.surface));
            self.shapes.push(dot(at, MARKED, color));
        }
    }
}

/// One bar, or several in one column.
struct Bar {
    from: f64,
    to: f64,
    above: f64,
    below: f64,
    is_above: bool,
}

impl Bar {
    fn join(&mut self, other: &Bar) {
        self.to = self.to.max(other.to);
        self.above = self.above.min(other.above);
        self.below = self.below.max(other.below);
        self.is_above |= other.is_above;
    }
}

/// A run whose values hold until the next point.
fn stepped(run: &[[f64; 2]]) -> reduce::Run {
    let mut steps = reduce::Run::with_capacity(run.len() * 2);
    for point in run {
        if let Some(&[_, y]) = steps.last() {
            steps.push([point[0], y]);
        }
        steps.push(*point);
    }
    steps
}

fn dashes(from: f32, to: f32) -> impl Iterator<Item = std::ops::Range<f32>> {
    let count = ((to - from) / (DASH.0 + DASH.1)).ceil().max(0.0) as usize;
    (0..count)
        .map(move |index| from + index as f32 * (DASH.0 + DASH.1))
        .map(move |start| start..(start + DASH.0).min(to))
}

fn dot(at: [f64; 2], radius: f32, color: Color) -> Shape {
    Shape::Dot {
        at: narrow(at),
        radius,
        color,
    }
}

fn narrow([x, y]: [f64; 2]) -> [f32; 2] {
    [x as f32, y as f32]
}

#[cfg(test)]
mod tests;
