//! The legend within the plot, where it hides least.

use iced::{Point, Rectangle, Size};

use super::label::{clean, width_of};
use super::layout::{LINE, Layout};
use super::shape::{Across, Along, Face, Shape, Text};
use super::{Figure, Kind, Layer};
use crate::theme::{self, Palette, size, space};

/// Width of a sample of a line, in logical pixels.
const SAMPLE: f32 = 14.0;
/// Side of a sample of a filled layer, in logical pixels.
const SWATCH: f32 = 8.0;
/// The longest name that is written in full.
const LONGEST: usize = 32;
/// How much of what is below the legend it hides.
const COVER: f32 = 0.88;
/// The legend moves when it hides more than twice as much as elsewhere and this much besides.
const PATIENCE: usize = 2;

/// A hidden point is worth so many hidden pieces of a line.
const POINT: usize = 3;

/// A corner of the plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Corner {
    #[default]
    TopRight,
    TopLeft,
    BottomRight,
    BottomLeft,
}

impl Corner {
    const ALL: [Corner; 4] = [
        Corner::TopRight,
        Corner::TopLeft,
        Corner::BottomRight,
        Corner::BottomLeft,
    ];

    fn place(self, plot: Rectangle, size: Size) -> Rectangle {
        let (left, right) = (plot.x + space::S, plot.x + plot.width - space::S - size.width);
        let (top, bottom) = (plot.y + space::S, plot.y + plot.height - space::S - size.height);
        let at = match self {
            Corner::TopRight => Point::new(right, top),
            Corner::TopLeft => Point::new(left, top),
            Corner::BottomRight => Point::new(right, bottom),
            Corner::BottomLeft => Point::new(left, bottom),
        };
        Rectangle::new(at, size)
    }
}

/// A legend and where it stands.
pub(super) struct Legend {
    pub(super) shapes: Vec<Shape>,
    pub(super) place: Rectangle,
    pub(super) corner: Corner,
}

/// The legend of a figure with more than one named layer, if it has room. It stays in its corner, as long as that is
/// not clearly worse than another.
pub(super) fn legend(
    figure: &Figure,
    layout: &Layout,
    palette: &Palette,
    corner: Corner,
    drawn: &[Shape],
) -> Option<Legend> {
    let layers: Vec<_> = figure
        .shown()
        .map(|(_, layer)| layer)
        .filter(|layer| is_named(layer))
        .collect();
    if layers.len() < 2 {
        return None;
    }
    let plot = layout.plot;
    let rows = ((plot.height - 3.0 * space::S) / LINE) as usize;
    let names = names(&layers, rows)?;
    let widest = names.iter().map(|name| width_of(name, size::SMALL)).fold(0.0, f32::max);
    let place_size = Size::new(
        (SAMPLE + space::XS + widest + 2.0 * space::S).ceil(),
        names.len() as f32 * LINE + space::S,
    );
    if place_size.width + 2.0 * space::S > plot.width {
        return None;
    }
    let hidden = |corner: Corner| {
        let place = corner.place(plot, place_size);
        drawn.iter().map(|shape| crossings(shape, place)).sum::<usize>()
    };
    let best = Corner::ALL
        .into_iter()
        .min_by_key(|corner| hidden(*corner))
        .unwrap_or(corner);
    let corner = if hidden(corner) > 2 * hidden(best) + PATIENCE {
        best
    } else {
        corner
    };
    let place = corner.place(plot, place_size);

    let mut shapes = vec![Shape::Block {
        bounds: place,
        color: palette.surface.scale_alpha(COVER),
    }];
    for (index, name) in names.into_iter().enumerate() {
        let y = place.y + space::XS + (index as f32 + 0.5) * LINE;
        let left = place.x + space::S;
        // The last row may count what has no row of its own.
        if let Some(layer) = layers.get(index).filter(|_| !name.starts_with('+')) {
            shapes.push(sample(layer, left, y));
        }
        shapes.push(Shape::Text(Text {
            content: name,
            at: [left + SAMPLE + space::XS, y],
            face: Face::Words,
            size: size::SMALL,
            color: palette.text,
            across: Across::Left,
            along: Along::Center,
        }));
    }
    Some(Legend { shapes, place, corner })
}

/// A level with a label of its own needs no row.
fn is_named(layer: &Layer) -> bool {
    let is_labelled = match &layer.kind {
        Kind::HLine { label, .. } | Kind::VLine { label, .. } => !label.is_empty(),
        _ => false,
    };
    !layer.name.is_empty() && !is_labelled
}

fn names(layers: &[&Layer], rows: usize) -> Option<Vec<String>> {
    if rows < 2 {
        return None;
    }
    let short = |layer: &&Layer| {
        let name = clean(&layer.name);
        if name.chars().count() > LONGEST {
            name.chars().take(LONGEST - 1).chain(['…']).collect()
        } else {
            name
        }
    };
    if layers.len() <= rows {
        return Some(layers.iter().map(short).collect());
    }
    let mut names: Vec<_> = layers[..rows - 1].iter().map(short).collect();
    names.push(format!("+{} more", layers.len() - (rows - 1)));
    Some(names)
}

fn sample(layer: &Layer, left: f32, y: f32) -> Shape {
    let color = layer.color;
    let middle = left + SAMPLE / 2.0;
    match layer.kind {
        Kind::Line(_) | Kind::Steps(_) | Kind::Trail(_) | Kind::HLine { .. } | Kind::VLine { .. } => {
            let half = theme::CURVE.ceil() / 2.0;
            Shape::block(left..left + SAMPLE, y - half..y + half, color)
        }
        Kind::Bars { .. } | Kind::Band(_) => {
            let half = SWATCH / 2.0;
            Shape::block(middle - half..middle + half, y - half..y + half, color)
        }
        Kind::Dots(_) | Kind::Markers(_) => Shape::Dot {
            at: [middle, y],
            radius: SWATCH / 2.0 - 1.0,
            color,
        },
    }
}

/// How often a shape meets a place.
pub(super) fn crossings(shape: &Shape, place: Rectangle) -> usize {
    match shape {
        Shape::Line { points, .. } => points
            .windows(2)
            .filter(|pair| super::clip::clipped(wide(pair[0]), wide(pair[1]), place).is_some())
            .count(),
        Shape::Area { points, .. } => points
            .iter()
            .filter(|[x, y]| place.contains(Point::new(*x, *y)))
            .count(),
        Shape::Block { bounds, .. } => usize::from(bounds.intersects(&place)),
        Shape::Dot { at: [x, y], radius, .. } => {
            let around = Rectangle::new(
                Point::new(x - radius, y - radius),
                Size::new(2.0 * radius, 2.0 * radius),
            );
            if around.intersects(&place) { POINT } else { 0 }
        }
        Shape::Text(_) => 0,
    }
}

fn wide([x, y]: [f32; 2]) -> [f64; 2] {
    [f64::from(x), f64::from(y)]
}
