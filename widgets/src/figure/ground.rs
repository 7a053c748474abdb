//! Grid, axes and the texts around the plot.

use iced::Color;

use super::layout::{FIGURE, LINE, Layout};
use super::shape::{Across, Along, Face, Shape, Text};
use super::{Figure, Scale, label};
use crate::theme::{Palette, size, space};

/// How visible the finer lines of a logarithmic grid are.
const MINOR: f32 = 0.6;

/// What lies below the data, and the texts.
pub(super) fn ground(figure: &Figure, layout: &Layout, palette: &Palette) -> Vec<Shape> {
    let mut shapes = Vec::new();
    grid(layout, palette, &mut shapes);
    tick_labels(layout, palette, &mut shapes);
    names(figure, layout, palette, &mut shapes);
    shapes
}

/// Lines are filled rectangles: those are crisp, while a stroke of one pixel would lie between two.
fn grid(layout: &Layout, palette: &Palette, shapes: &mut Vec<Shape>) {
    let plot = layout.plot;
    let (left, top) = (plot.x, plot.y);
    let (right, bottom) = (left + plot.width, top + plot.height);
    let mut upright = |x: f64, color: Color| {
        let x = x.round() as f32;
        shapes.push(Shape::block(x..x + 1.0, top..bottom, color));
    };
    for value in &layout.x_ticks.minor {
        upright(layout.x.pixel(*value), palette.grid.scale_alpha(MINOR));
    }
    for tick in &layout.x_ticks.major {
        upright(layout.x.pixel(tick.value), palette.grid);
    }
    if is_crossed(layout.x.scale, layout.x.range) {
        upright(layout.x.pixel(0.0), palette.separator);
    }
    let mut level = |y: f64, color: Color| {
        let y = y.round() as f32;
        shapes.push(Shape::block(left..right, y..y + 1.0, color));
    };
    for value in &layout.y_ticks.minor {
        level(layout.y.pixel(*value), palette.grid.scale_alpha(MINOR));
    }
    for tick in &layout.y_ticks.major {
        level(layout.y.pixel(tick.value), palette.grid);
    }
    if is_crossed(layout.y.scale, layout.y.range) {
        level(layout.y.pixel(0.0), palette.separator);
    }
    shapes.push(Shape::block(left..left + 1.0, top..bottom, palette.separator));
    shapes.push(Shape::block(left..right, bottom..bottom + 1.0, palette.separator));
}

fn is_crossed(scale: Scale, (low, high): (f64, f64)) -> bool {
    scale == Scale::Linear && low < 0.0 && high > 0.0
}

fn tick_labels(layout: &Layout, palette: &Palette, shapes: &mut Vec<Shape>) {
    let plot = layout.plot;
    // Both axes in one face.
    let all = layout.x_ticks.major.iter().chain(&layout.y_ticks.major);
    let face = all
        .map(|tick| Face::of_figures(&tick.label))
        .find(|face| *face != Face::Figures)
        .unwrap_or(Face::Figures);
    let text = |content: &str, at: [f32; 2], across: Across, along: Along| {
        Shape::Text(Text {
            content: content.to_owned(),
            at,
            face,
            size: size::SMALL,
            color: palette.muted,
            across,
            along,
        })
    };
    for tick in &layout.y_ticks.major {
        let at = [plot.x - space::XS, layout.y.pixel(tick.value).round() as f32];
        shapes.push(text(&tick.label, at, Across::Right, Along::Center));
    }
    let below = plot.y + plot.height + space::XS;
    for tick in &layout.x_ticks.major {
        let x = layout.x.pixel(tick.value).round() as f32;
        let half = tick.label.chars().count() as f32 * size::SMALL * FIGURE / 2.0;
        // The outermost label stays within the figure.
        let edge = layout.size.width - layout.margin;
        let (across, x) = if x + half > edge {
            (Across::Right, edge)
        } else {
            (Across::Center, x)
        };
        shapes.push(text(&tick.label, [x, below], across, Along::Top));
    }
}

/// The title, when there is one and room for it.
pub(super) fn title(figure: &Figure, layout: &Layout, palette: &Palette) -> Option<Shape> {
    let (y, title) = layout.title.zip(figure.title.as_deref())?;
    Some(Shape::Text(Text {
        content: label::clean(title),
        at: [layout.margin + space::S, y],
        face: Face::Heading,
        size: size::TITLE,
        color: palette.text,
        across: Across::Left,
        along: Along::Top,
    }))
}

fn names(figure: &Figure, layout: &Layout, palette: &Palette, shapes: &mut Vec<Shape>) {
    let plot = layout.plot;
    let left = layout.margin + space::S;
    let small = |content: &str, at: [f32; 2], across: Across| {
        Shape::Text(Text {
            content: label::clean(content),
            at,
            face: Face::Words,
            size: size::SMALL,
            color: palette.muted,
            across,
            along: Along::Top,
        })
    };
    if let Some(y) = layout.y_name {
        shapes.push(small(&figure.y.name(), [left, y], Across::Left));
    }
    if let Some(y) = layout.x_name {
        let middle = (plot.x + plot.width / 2.0).round();
        shapes.push(small(&figure.x.name(), [middle, y], Across::Center));
    }
    if let Some(y) = layout.notes {
        for (index, note) in figure.notes.iter().enumerate() {
            let y = y + index as f32 * LINE;
            shapes.push(small(note, [left, y], Across::Left));
        }
    }
}
