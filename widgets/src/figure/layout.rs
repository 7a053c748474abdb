//! Where everything of a figure lies: the plot, the ticks and the lines of text around it.

use iced::{Point, Rectangle, Size};

use super::digest::{Digest, Span};
use super::range::{self, Map};
use super::ticks::Ticks;
use super::{Axis, Figure, Kind, Scale};
use crate::axis;
use crate::theme::{size, space};

/// Width of a figure of the label face, in parts of its size.
pub(super) const FIGURE: f32 = 0.6;
/// Height of a line of small text, in logical pixels.
pub(super) const LINE: f32 = size::SMALL + space::XS;
/// The value labels have room for at least this many characters, as on a live chart.
const CHARACTERS: usize = 5;
/// Height of the tick labels below the plot, in logical pixels.
const BELOW: f32 = size::SMALL + space::S;
/// Pixels for each tick along x and along y; decades need less.
const ROOM: (f32, f32) = (90.0, 36.0);
const ROOM_LOG: (f32, f32) = (60.0, 28.0);
/// Room above the data for the labels of places, in parts of the data's extent.
const HEADROOM: f64 = 0.06;
/// Below this height of the plot the notes give way, then the names of the axes.
const LEAST_HEIGHT: f32 = 72.0;

/// Where everything lies, in logical pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    /// Free on all sides.
    pub(super) margin: f32,
    pub(super) plot: Rectangle,
    pub(super) x: Map,
    pub(super) y: Map,
    pub(super) x_ticks: Ticks,
    pub(super) y_ticks: Ticks,
    /// The upper edges of the texts that have room.
    pub(super) title: Option<f32>,
    pub(super) y_name: Option<f32>,
    pub(super) x_name: Option<f32>,
    pub(super) notes: Option<f32>,
}

impl Layout {
    pub(super) fn new(figure: &Figure, digest: &Digest, view: (Span, Span), size: Size, margin: f32) -> Self {
        let (wanted_x, wanted_y) = ranges(figure, digest, view);
        let rows = Rows::new(figure, size.height - 2.0 * margin);
        let top = margin + rows.above;
        let bottom = (size.height - margin - rows.below).max(top).floor();
        let right = (size.width - margin - space::S).floor();
        let y_room = (bottom - top) / room(&figure.y, ROOM.1, ROOM_LOG.1);

        let mut characters = CHARACTERS;
        let mut y_range = wanted_y;
        // Room for the labels takes width, and equal axes then need another range: twice is enough.
        for _ in 0..3 {
            let y_ticks = Ticks::new(figure.y.scale, y_range, y_room as usize);
            characters = characters.max(axis::widest(&y_ticks.major));
            let left = (margin + characters as f32 * size::SMALL * FIGURE + space::M).round();
            let width = (right - left).max(0.0);
            if !figure.is_equal() {
                break;
            }
            y_range = equal(wanted_x, wanted_y, width, bottom - top).1;
        }
        let left = (margin + characters as f32 * size::SMALL * FIGURE + space::M).round();
        let plot = Rectangle {
            x: left,
            y: top,
            width: (right - left).max(0.0),
            height: bottom - top,
        };
        let (x_range, y_range) = if figure.is_equal() {
            equal(wanted_x, wanted_y, plot.width, plot.height)
        } else {
            (wanted_x, wanted_y)
        };

        // Without data, the numbers of a range that nobody asked for would be inventions.
        let is_known = |axis: &Axis| digest.x.is_some() || axis.range.is_some();
        let of_known = |axis: &Axis, ticks: Ticks| if is_known(axis) { ticks } else { Ticks::default() };

        Self {
            size,
            margin,
            plot,
            x: Map::new(figure.x.scale, x_range, plot.x, plot.x + plot.width),
            y: Map::new(figure.y.scale, y_range, plot.y + plot.height, plot.y),
            x_ticks: of_known(&figure.x, x_ticks(&figure.x, x_range, plot.width)),
            y_ticks: of_known(&figure.y, Ticks::new(figure.y.scale, y_range, y_room as usize)),
            title: rows.title.map(|y| margin + y),
            y_name: rows.y_name.map(|y| margin + y),
            x_name: rows.x_name.then_some(bottom + BELOW),
            notes: rows
                .notes
                .then_some(bottom + BELOW + if rows.x_name { LINE } else { 0.0 } + space::XXS),
        }
    }

    /// The pixel of a point, NaN where it has no place.
    pub(super) fn pixel(&self, x: f64, y: f64) -> [f64; 2] {
        [self.x.pixel(x), self.y.pixel(y)]
    }

    /// Whether a pixel lies in the plot, its edges included.
    pub(super) fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let plot = self.plot;
        (f64::from(plot.x)..=f64::from(plot.x + plot.width)).contains(&x)
            && (f64::from(plot.y)..=f64::from(plot.y + plot.height)).contains(&y)
    }

    /// The plot when the figure lies at `origin`.
    pub(super) fn plot_at(&self, origin: Point) -> Rectangle {
        Rectangle {
            x: self.plot.x + origin.x,
            y: self.plot.y + origin.y,
            ..self.plot
        }
    }
}

/// Which lines of text have room.
struct Rows {
    above: f32,
    below: f32,
    title: Option<f32>,
    y_name: Option<f32>,
    x_name: bool,
    notes: bool,
}

impl Rows {
    fn new(figure: &Figure, height: f32) -> Self {
        let mut rows = Self::with(figure, true, true);
        if height - rows.above - rows.below < LEAST_HEIGHT {
            rows = Self::with(figure, true, false);
        }
        if height - rows.above - rows.below < LEAST_HEIGHT {
            rows = Self::with(figure, false, false);
        }
        rows
    }

    fn with(figure: &Figure, has_names: bool, has_notes: bool) -> Self {
        let is_named = |axis: &Axis| has_names && !axis.name().is_empty();
        let mut above = 0.0;
        let title = (has_names && figure.title.is_some()).then_some(above);
        if title.is_some() {
            above += size::TITLE + space::S;
        }
        let y_name = is_named(&figure.y).then_some(above);
        if y_name.is_some() {
            // The uppermost tick label reaches above the plot.
            above += LINE + space::XS;
        }
        let x_name = is_named(&figure.x);
        let notes = has_notes && !figure.notes.is_empty();
        let mut below = BELOW;
        if x_name {
            below += LINE;
        }
        if notes {
            below += space::XXS + figure.notes.len() as f32 * LINE;
        }
        Self {
            above: above + space::XS,
            below,
            title,
            y_name,
            x_name,
            notes,
        }
    }
}

/// The ranges to show: those of the view, else those of the figure, else those that fit the data.
fn ranges(figure: &Figure, digest: &Digest, view: (Span, Span)) -> ((f64, f64), (f64, f64)) {
    let given = |view: Span, axis: &Axis| {
        let usable = |range| axis.scale.usable(range);
        view.and_then(usable).or(axis.range.and_then(usable))
    };
    let is_plane = figure.is_equal()
        || figure
            .shown()
            .any(|(_, layer)| matches!(layer.kind, Kind::Trail(_) | Kind::Dots(_)));
    let x = given(view.0, &figure.x).unwrap_or_else(|| range::fit_x(digest.x, figure.x.scale, is_plane));
    let is_labelled = figure
        .shown()
        .any(|(_, layer)| matches!(&layer.kind, Kind::VLine { label, .. } if !label.is_empty()));
    let room = if is_labelled { HEADROOM } else { 0.0 };
    let y = given(view.1, &figure.y).unwrap_or_else(|| range::fit_y(digest.y, figure.y.scale, room));
    (x, y)
}

/// The ranges widened on one axis so that a unit is equally long on both.
fn equal(x: (f64, f64), y: (f64, f64), width: f32, height: f32) -> ((f64, f64), (f64, f64)) {
    if width < 1.0 || height < 1.0 {
        return (x, y);
    }
    let per_pixel = ((x.1 - x.0) / f64::from(width)).max((y.1 - y.0) / f64::from(height));
    let widened = |(low, high): (f64, f64), length: f32| {
        let (middle, half) = (low.midpoint(high), per_pixel * f64::from(length) / 2.0);
        if half * 2.0 <= (high - low) * 1.000_000_001 {
            (low, high)
        } else {
            (middle - half, middle + half)
        }
    };
    (widened(x, width), widened(y, height))
}

fn room(axis: &Axis, linear: f32, log: f32) -> f32 {
    match axis.scale {
        Scale::Linear => linear,
        Scale::Log => log,
    }
}

/// The ticks along x, so few that their labels stand apart.
fn x_ticks(axis: &Axis, range: (f64, f64), width: f32) -> Ticks {
    let mut wanted = (width / room(axis, ROOM.0, ROOM_LOG.0)) as usize;
    loop {
        let ticks = Ticks::new(axis.scale, range, wanted);
        let needed = axis::widest(&ticks.major) as f32 * size::SMALL * FIGURE + space::M;
        let map = Map::new(axis.scale, range, 0.0, width);
        let is_apart = ticks
            .major
            .windows(2)
            .all(|pair| map.pixel(pair[1].value) - map.pixel(pair[0].value) >= f64::from(needed));
        if is_apart || wanted <= 1 {
            return ticks;
        }
        wanted -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layer;
    use super::*;
    use iced::Color;

    fn layout(figure: &Figure, size: Size) -> Layout {
        Layout::new(figure, &Digest::new(figure), (None, None), size, 0.0)
    }

    fn line(points: &[[f64; 2]]) -> Layer {
        Layer::new("", Color::WHITE, Kind::Line(points.into()))
    }

    #[test]
    fn equal_axes_have_equal_units() {
        let figure =
            Figure::new(0, Axis::linear("x").equal(), Axis::linear("y")).layer(line(&[[-3.0, 0.0], [5.0, 1.0]]));
        for size in [Size::new(600.0, 300.0), Size::new(300.0, 600.0)] {
            let layout = layout(&figure, size);
            let unit = |map: &Map| map.length() / (map.range.1 - map.range.0);
            assert!((unit(&layout.x) / unit(&layout.y) - 1.0).abs() < 1e-6, "{layout:?}");
            assert!(layout.x.range.0 <= -3.0 && layout.x.range.1 >= 5.0);
        }
    }

    #[test]
    fn labels_along_x_stand_apart() {
        for high in [1.0, 3e-3, 12_345.0, 7e7] {
            for width in [120.0, 300.0, 900.0] {
                let ticks = x_ticks(&Axis::linear(""), (0.0, high), width);
                let map = Map::new(Scale::Linear, (0.0, high), 0.0, width);
                for pair in ticks.major.windows(2) {
                    let apart = map.pixel(pair[1].value) - map.pixel(pair[0].value);
                    let label = pair[1].label.chars().count() as f64 * f64::from(size::SMALL * FIGURE);
                    assert!(apart > label, "{pair:?} on {width}");
                }
            }
        }
    }

    #[test]
    fn a_small_figure_gives_up_its_texts_and_does_not_break() {
        let figure = Figure::new(0, Axis::linear("x"), Axis::log("y")).title("t").note("n");
        assert!(layout(&figure, Size::new(400.0, 300.0)).notes.is_some());
        let small = layout(&figure, Size::new(400.0, 120.0));
        assert!(small.notes.is_none() && small.title.is_none());
        for side in [0.0, 1.0, 20.0, 60.0] {
            let layout = layout(&figure, Size::new(side, side));
            assert!(layout.plot.width >= 0.0 && layout.plot.height >= 0.0);
        }
    }

    #[test]
    fn a_view_goes_before_the_figure_and_a_broken_one_is_passed_over() {
        let figure = Figure::new(0, Axis::linear("x").range(0.0, 9.0), Axis::log("y"));
        let digest = Digest::new(&figure);
        let at = |x, y| Layout::new(&figure, &digest, (x, y), Size::new(400.0, 300.0), 0.0);
        assert_eq!(at(None, None).x.range, (0.0, 9.0));
        assert_eq!(at(Some((2.0, 3.0)), Some((1.0, 2.0))).x.range, (2.0, 3.0));
        assert_eq!(at(Some((2.0, f64::NAN)), Some((-1.0, 2.0))).x.range, (0.0, 9.0));
    }
}
