//! The labels of levels, places and marked points, and what is said where there is nothing to draw.

use iced::{Point, Rectangle, Size};

use super::digest::Digest;
use super::label::{self, Taken};
use super::layout::Layout;
use super::legend::crossings;
use super::paint::{HALO, MARKED};
use super::shape::{Across, Along, Face, Shape, Text};
use super::{Figure, Kind, Layer, Scale};
use crate::theme::{Palette, size, space};

/// The label of a place stands in one of so many rows from the top.
const ROWS: usize = 6;

/// The labels of levels, places and marked points, where they have room.
pub(super) fn annotate(
    layer: &Layer,
    layout: &Layout,
    palette: &Palette,
    drawn: &[Shape],
    taken: &mut Taken,
    shapes: &mut Vec<Shape>,
) {
    let plot = layout.plot;
    // The label of a level or a place may stand anywhere along it, so it keeps clear of what is drawn; that of a point
    // is near its curve whatever it does.
    let keeps_clear = !matches!(layer.kind, Kind::Markers(_));
    let mut put = |content: &str, places: &dyn Fn(Size) -> Vec<Rectangle>| {
        let content = label::clean(content);
        if content.trim().is_empty() {
            return;
        }
        let places = places(label::size_of(&content));
        let cost = |place| {
            let shapes = drawn.iter().filter(|_| keeps_clear);
            shapes.map(|shape| crossings(shape, place)).sum()
        };
        if let Some(place) = taken.best_free(&places, plot, cost) {
            shapes.extend(label::label(&content, place, palette.text, palette));
        }
    };
    match &layer.kind {
        Kind::HLine { at, label } => {
            let y = layout.y.pixel(*at);
            if layout.holds([plot.x.into(), y]) {
                put(label, &|size| {
                    let (up, down) = (y as f32 - size.height / 2.0 - 1.0, y as f32 + size.height / 2.0 + 2.0);
                    let right = plot.x + plot.width - space::XS - size.width / 2.0;
                    let left = plot.x + space::XS + size.width / 2.0;
                    [(right, up), (right, down), (left, up), (left, down)]
                        .map(|(x, y)| label::around(Point::new(x, y), size))
                        .to_vec()
                });
            }
        }
        Kind::VLine { at, label } => {
            let x = layout.x.pixel(*at);
            if layout.holds([x, plot.y.into()]) {
                put(label, &|size| {
                    let aside = size.width / 2.0 + space::XXS + 1.0;
                    let rows = ((plot.height / size.height) as usize).min(ROWS);
                    (0..rows)
                        .flat_map(|row| {
                            let y = plot.y + space::XXS + (row as f32 + 0.5) * size.height;
                            [x as f32 + aside, x as f32 - aside].map(|x| label::around(Point::new(x, y), size))
                        })
                        .collect()
                });
            }
        }
        Kind::Markers(markers) => {
            for (x, y, label) in markers {
                let at = layout.pixel(*x, *y);
                if layout.holds(at) {
                    let at = Point::new(at[0] as f32, at[1] as f32);
                    put(label, &|size| label::beside(at, size, MARKED + HALO + 1.0).to_vec());
                }
            }
        }
        _ => {}
    }
}

/// What is said where nothing can be drawn.
pub(super) fn emptiness(digest: &Digest, figure: &Figure, layout: &Layout, palette: &Palette) -> Shape {
    let is_log = figure.x.scale == Scale::Log || figure.y.scale == Scale::Log;
    let content = match (digest.has_points, is_log) {
        (false, _) => "No data",
        (true, false) => "No finite values",
        (true, true) => "No positive values",
    };
    Shape::Text(Text {
        content: content.to_owned(),
        at: [layout.plot.center_x().round(), layout.plot.center_y().round()],
        face: Face::Words,
        size: size::BODY,
        color: palette.muted,
        across: Across::Center,
        along: Along::Center,
    })
}
