//! What is under the cursor: the nearest point of each layer.

use iced::{Color, Point};

use super::digest::Digest;
use super::layout::Layout;
use super::ticks;
use super::{Axis, Figure, Kind, Layer, Scale};
use crate::format;

/// A marked point is read from this near, in logical pixels.
const NEAR: f64 = 16.0;
/// Of the points within this distance along x, the nearest along y is read: so a peak can be.
const COLUMN: f64 = 1.0;

/// What is read from one layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) name: String,
    pub(super) color: Color,
    pub(super) x: String,
    pub(super) y: String,
    /// Where the point is, in pixels of the figure.
    pub(super) at: [f64; 2],
}

/// The readings of all visible layers at a pixel of the figure.
pub(super) fn readings(figure: &Figure, digest: &Digest, layout: &Layout, cursor: Point) -> Vec<Reading> {
    let reader = Reader {
        figure,
        layout,
        cursor: [f64::from(cursor.x), f64::from(cursor.y)],
    };
    figure
        .shown()
        .filter_map(|(index, layer)| reader.layer(layer, digest.is_sorted[index]))
        .collect()
}

struct Reader<'a> {
    figure: &'a Figure,
    layout: &'a Layout,
    cursor: [f64; 2],
}

impl Reader<'_> {
    fn layer(&self, layer: &Layer, is_sorted: bool) -> Option<Reading> {
        let (x, y, at) = match &layer.kind {
            Kind::Line(points) | Kind::Dots(points) | Kind::Steps(points) | Kind::Trail(points) => {
                let [x, y] = *self.nearest(points, is_sorted, |point| *point)?;
                (self.x(x), self.y(y), self.layout.pixel(x, y))
            }
            Kind::Band(points) => {
                let [x, low, high] = *self.nearest(points, is_sorted, |[x, low, high]| [*x, low.midpoint(*high)])?;
                let y = format!("{} … {}", self.bare_y(low), self.y(high));
                (self.x(x), y, self.layout.pixel(x, low.midpoint(high)))
            }
            Kind::Bars { edges, counts } => {
                let x = self.layout.x.value(self.cursor[0]);
                let index = edges.partition_point(|edge| *edge <= x).checked_sub(1)?;
                let (from, to, count) = (edges[index], *edges.get(index + 1)?, *counts.get(index)?);
                let x = format!("{} … {}", self.bare_x(from), self.x(to));
                let middle = self.layout.x.pixel(from).midpoint(self.layout.x.pixel(to));
                (x, self.y(count), [middle, self.layout.y.pixel(count)])
            }
            Kind::Markers(markers) => {
                let points: Vec<_> = markers.iter().map(|(x, y, _)| [*x, *y]).collect();
                let [x, y] = *self.nearest(&points, false, |point| *point)?;
                let at = self.layout.pixel(x, y);
                if self.distance(at) > NEAR * NEAR {
                    return None;
                }
                (self.x(x), self.y(y), at)
            }
            Kind::HLine { .. } | Kind::VLine { .. } => return None,
        };
        Some(Reading {
            name: super::label::clean(&layer.name),
            color: layer.color,
            x,
            y,
            at,
        })
    }

    /// The nearest of the points that have a place: along x when they are in order, else in the plane.
    fn nearest<'p, T>(&self, points: &'p [T], is_sorted: bool, of: impl Fn(&T) -> [f64; 2]) -> Option<&'p T> {
        let pixel = |point: &T| {
            let [x, y] = of(point);
            self.layout.pixel(x, y)
        };
        let has_place = |[x, y]: [f64; 2]| !(x.is_nan() || y.is_nan());
        if !is_sorted {
            return points
                .iter()
                .map(|point| (point, pixel(point)))
                .filter(|(_, at)| has_place(*at))
                .min_by(|(_, a), (_, b)| self.distance(*a).total_cmp(&self.distance(*b)))
                .map(|(point, _)| point);
        }
        let from_pixel = |pixel: f64| {
            let value = self.layout.x.value(pixel);
            points.partition_point(|point| of(point)[0] < value)
        };
        let column = from_pixel(self.cursor[0] - COLUMN)..from_pixel(self.cursor[0] + COLUMN);
        let off = |point: &T, axis: usize| (pixel(point)[axis] - self.cursor[axis]).abs();
        let in_column = points[column.clone()]
            .iter()
            .filter(|point| has_place(pixel(point)))
            .min_by(|a, b| off(a, 1).total_cmp(&off(b, 1)));
        if in_column.is_some() {
            return in_column;
        }
        let before = points[..column.start].iter().rfind(|point| has_place(pixel(point)));
        let after = points[column.end..].iter().find(|point| has_place(pixel(point)));
        before
            .into_iter()
            .chain(after)
            .min_by(|a, b| off(a, 0).total_cmp(&off(b, 0)))
    }

    /// The square of the distance from the cursor, in pixels.
    fn distance(&self, [x, y]: [f64; 2]) -> f64 {
        (x - self.cursor[0]).powi(2) + (y - self.cursor[1]).powi(2)
    }

    fn x(&self, value: f64) -> String {
        with_unit(self.bare_x(value), &self.figure.x)
    }

    fn y(&self, value: f64) -> String {
        with_unit(self.bare_y(value), &self.figure.y)
    }

    fn bare_x(&self, value: f64) -> String {
        written(value, self.layout.x.scale, self.layout.x.range)
    }

    fn bare_y(&self, value: f64) -> String {
        written(value, self.layout.y.scale, self.layout.y.range)
    }
}

/// A value written as its axis writes: an axis of powers of ten gets exponents, no prefixes.
fn written(value: f64, scale: Scale, range: (f64, f64)) -> String {
    let is_tiny = value != 0.0 && value.abs() < 1e-12;
    if ticks::is_power(scale, range) || is_tiny {
        format!("{value:.2e}")
    } else if value.fract() == 0.0 && value.abs() < 1e6 {
        // A count is a count.
        format!("{value}")
    } else {
        format::plain(value)
    }
}

fn with_unit(value: String, axis: &Axis) -> String {
    match axis.unit.as_deref() {
        None | Some("") => value,
        Some(unit) => format!("{value} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced::Size;
    use std::sync::Arc;

    fn read(figure: &Figure, x: f64, y: f64) -> Vec<Reading> {
        let digest = Digest::new(figure);
        let layout = Layout::new(figure, &digest, (None, None), Size::new(640.0, 400.0), 0.0);
        let [x, y] = layout.pixel(x, y);
        readings(figure, &digest, &layout, Point::new(x as f32, y as f32))
    }

    fn figure(kind: Kind) -> Figure {
        Figure::new(0, Axis::linear("x").unit("s"), Axis::linear("y").unit("m")).layer(Layer::new(
            "a",
            Color::WHITE,
            kind,
        ))
    }

    #[test]
    fn the_nearest_point_along_x_is_read_past_gaps() {
        let points = [[0.0, 1.5], [1.0, 2.0], [2.0, f64::NAN], [3.0, f64::NAN], [4.0, 0.25]];
        let readings = read(&figure(Kind::Line(points.into())), 2.2, 1.0);
        assert_eq!((readings[0].x.as_str(), readings[0].y.as_str()), ("1 s", "2 m"));
        assert_eq!(read(&figure(Kind::Line(points.into())), 2.8, 1.0)[0].y, "0.250 m");
        assert!(read(&figure(Kind::Line([[0.0, f64::NAN]].into())), 0.5, 0.5).is_empty());
    }

    #[test]
    fn a_peak_among_a_million_points_is_read() {
        let mut points: Vec<_> = (0..1_000_000).map(|i| [f64::from(i) * 1e-6, 0.0]).collect();
        points[500_300][1] = 9.5;
        let readings = read(&figure(Kind::Line(points.into())), 0.5, 9.0);
        assert_eq!(readings[0].y, "9.500 m");
    }

    #[test]
    fn a_plane_is_read_in_both_directions_and_a_bar_by_its_sides() {
        let way = [[0.0, 0.0], [1.0, 10.0], [1.1, 0.0], [0.0, 10.0]];
        assert_eq!(read(&figure(Kind::Trail(way.into())), 1.0, 9.0)[0].y, "10 m");
        let bars = figure(Kind::Bars {
            edges: [0.5, 1.0, 2.0].into(),
            counts: [12.0, 40.0].into(),
        });
        let reading = read(&bars, 1.4, 3.0).remove(0);
        assert_eq!((reading.x.as_str(), reading.y.as_str()), ("1 … 2 s", "40 m"));
    }

    #[test]
    fn a_mark_is_read_from_near_only() {
        let marks = figure(Kind::Markers(vec![
            (1.0, 1.0, "peak".into()),
            (9.0, 9.0, String::new()),
        ]));
        assert_eq!(read(&marks, 1.02, 1.0).len(), 1);
        assert!(read(&marks, 5.0, 5.0).is_empty());
    }

    #[test]
    fn an_axis_of_powers_is_read_in_powers() {
        let points: Arc<[[f64; 2]]> = [[1.0, 2.31e-9], [10.0, 1e-4]].into();
        let figure = Figure::new(0, Axis::log("f"), Axis::log("p").unit("V²/Hz")).layer(Layer::new(
            "",
            Color::WHITE,
            Kind::Line(points),
        ));
        assert_eq!(read(&figure, 1.0, 1e-5)[0].y, "2.31e-9 V²/Hz");
    }
}
