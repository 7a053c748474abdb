//! The crosshair: where the pointer is, and what the curves are there.

use iced::{Color, Point, Rectangle};

use super::paint::{self, CHARACTER, LINE, quad, write};
use super::scene::Scene;
use crate::chart::clock::Clock;
use crate::format;
use crate::theme::{self, Palette, space};
use crate::trace::TraceSource;

/// Radius of the dots on the curves, in logical pixels.
const DOT: f32 = 3.0;
/// Radius of the ring around the nearest sample, and of the ground within it, in logical pixels.
const RING: (f32, f32) = (5.5, 4.5);
/// Side of the square in a curve's colour, in logical pixels.
const SWATCH: f32 = 8.0;
/// Names longer than this lose their begin.
const NAME: usize = 32;

/// A curve at a time: its nearest sample.
struct Reading {
    index: usize,
    time_ns: i64,
    value: f64,
    at: Point,
    color: Color,
}

impl Reading {
    fn is_seen(&self, plot: Rectangle) -> bool {
        self.value.is_finite() && plot.contains(self.at)
    }
}

/// What the box tells of a curve.
struct Row {
    name: String,
    value: String,
    unit: String,
    swatch: Color,
}

/// A line of the box.
struct Line {
    text: String,
    color: Color,
    swatch: Option<Color>,
}

impl Line {
    fn new(text: String, color: Color) -> Self {
        Self {
            text,
            color,
            swatch: None,
        }
    }

    fn width(&self) -> f32 {
        let before = if self.swatch.is_some() { SWATCH + space::XS } else { 0.0 };
        before + self.text.chars().count() as f32 * CHARACTER
    }
}

/// What a crosshair reads, and what it calls it.
pub(super) struct Crosshair<'a> {
    pub(super) source: &'a dyn TraceSource,
    pub(super) scene: &'a Scene,
    /// Name and unit of each curve.
    pub(super) names: &'a [(String, Option<String>)],
    pub(super) clock: &'a Clock,
    /// The unit of the first axis, where the source names none.
    pub(super) unit: Option<&'a str>,
    /// What is said first: the bookmark under the pointer.
    pub(super) caption: Option<&'a str>,
}

impl Crosshair<'_> {
    fn readings(&self, time_ns: i64) -> Vec<Reading> {
        let curves = (0..self.source.curves()).map(|index| (index, self.source.curve(index)));
        curves
            .filter(|(_, curve)| curve.visible && !curve.ghost)
            .filter_map(|(index, curve)| {
                let (time_ns, value) = self.source.value_at(index, time_ns)?;
                Some(Reading {
                    index,
                    time_ns,
                    value,
                    at: Point::new(
                        self.scene.x(time_ns),
                        self.scene.y(curve.axis, curve.shift.drawn(value)),
                    ),
                    color: Color { a: 1.0, ..curve.color },
                })
            })
            .collect()
    }

    /// The line and the dots at the time that another chart is pointed at.
    pub(super) fn linked(&self, time_ns: i64, renderer: &mut iced::Renderer, palette: &Palette) {
        use iced::advanced::Renderer as _;

        let plot = self.scene.plot;
        if !(0.0..=1.0).contains(&self.scene.view.x(time_ns)) {
            return;
        }
        let readings = self.readings(time_ns);
        renderer.with_layer(plot, |renderer| {
            paint::vertical(renderer, self.scene.x(time_ns).round(), plot, palette.faint);
            for reading in readings.iter().filter(|reading| reading.is_seen(plot)) {
                dot(renderer, reading.at, DOT, reading.color);
            }
        });
    }

    /// The line, the dots, and a box that says the exact time and value of the sample nearest to the pointer.
    pub(super) fn at(&self, pointer: Point, renderer: &mut iced::Renderer, palette: &Palette) {
        use iced::advanced::Renderer as _;

        let plot = self.scene.plot;
        let time_ns = self.scene.time_ns(pointer.x);
        let readings = self.readings(time_ns);
        let nearest = readings
            .iter()
            .filter(|reading| reading.is_seen(plot))
            .min_by(|a, b| a.at.distance(pointer).total_cmp(&b.at.distance(pointer)));
        renderer.with_layer(plot, |renderer| {
            paint::vertical(renderer, pointer.x.round(), plot, palette.faint);
            for reading in readings.iter().filter(|reading| reading.is_seen(plot)) {
                dot(renderer, reading.at, DOT, reading.color);
            }
            if let Some(nearest) = nearest {
                dot(renderer, nearest.at, RING.0, nearest.color);
                dot(renderer, nearest.at, RING.1, palette.surface);
                dot(renderer, nearest.at, DOT, nearest.color);
            }
        });
        let time = nearest.map_or(time_ns, |nearest| nearest.time_ns);
        let mut lines = Vec::with_capacity(readings.len() + 2);
        lines.extend(self.caption.map(|caption| Line::new(caption.to_owned(), palette.text)));
        lines.push(Line::new(self.clock.write(&self.scene.view, time), palette.muted));
        let rows = readings.iter().map(|reading| {
            let is_nearest = nearest.is_some_and(|nearest| nearest.index == reading.index);
            (self.row(reading, is_nearest), is_nearest)
        });
        lines.extend(columns(rows.collect(), palette));
        // A layer of its own: text lies above all rectangles of its layer.
        renderer.with_layer(plot, |renderer| note(lines, pointer, plot, renderer, palette));
    }

    fn row(&self, reading: &Reading, is_exact: bool) -> Row {
        let (name, unit) = self
            .names
            .get(reading.index)
            .map_or(("", None), |(name, unit)| (name.as_str(), unit.as_deref()));
        let unit = unit.or_else(|| self.axis_unit(self.source.curve(reading.index).axis));

        Row {
            name: shortened(name),
            value: if is_exact {
                exact(reading.value)
            } else {
                format::plain(reading.value)
            },
            unit: unit.unwrap_or_default().to_owned(),
            swatch: reading.color,
        }
    }

    fn axis_unit(&self, axis: u8) -> Option<&str> {
        let own = self.scene.axis(axis).unit.as_deref();
        own.or(if self.scene.values.len() == 1 { self.unit } else { None })
    }
}

/// Names, values and units, each in a column.
fn columns(rows: Vec<(Row, bool)>, palette: &Palette) -> Vec<Line> {
    let longest = |part: fn(&Row) -> &String| {
        let lengths = rows.iter().map(|(row, _)| part(row).chars().count());
        lengths.max().unwrap_or(0)
    };
    let (names, values) = (longest(|row| &row.name), longest(|row| &row.value));
    rows.into_iter()
        .map(|(row, is_nearest)| {
            let Row {
                name,
                value,
                unit,
                swatch,
            } = row;
            let text = format!("{name:names$} {value:>values$} {unit}");
            Line {
                text: text.trim_end().to_owned(),
                color: if is_nearest { palette.text } else { palette.muted },
                swatch: Some(swatch),
            }
        })
        .collect()
}

/// The lines in a box beside the pointer, on the side that has room.
fn note(lines: Vec<Line>, pointer: Point, plot: Rectangle, renderer: &mut iced::Renderer, palette: &Palette) {
    let width = lines.iter().map(Line::width).fold(0.0, f32::max) + 2.0 * space::S;
    let height = lines.len() as f32 * LINE + space::S;
    let is_left = pointer.x + width + space::M > plot.x + plot.width;
    let x = if is_left {
        (pointer.x - width - space::M).max(plot.x)
    } else {
        pointer.x + space::M
    };
    let y = (pointer.y + space::M).min(plot.y + plot.height - height).max(plot.y);
    let shade = Rectangle { x, y, width, height };
    quad(renderer, shade, theme::RADIUS, palette.raised);
    for (index, line) in lines.into_iter().enumerate() {
        let mut at = Point::new(x + space::S, y + space::XS + index as f32 * LINE);
        if let Some(color) = line.swatch {
            let swatch = Rectangle {
                x: at.x,
                y: at.y + (LINE - SWATCH) / 2.0,
                width: SWATCH,
                height: SWATCH,
            };
            quad(renderer, swatch, theme::RADIUS / 2.0, color);
            at.x += SWATCH + space::XS;
        }
        write(renderer, line.text, at, line.color, shade);
    }
}

fn dot(renderer: &mut iced::Renderer, at: Point, radius: f32, color: Color) {
    let bounds = Rectangle {
        x: at.x - radius,
        y: at.y - radius,
        width: 2.0 * radius,
        height: 2.0 * radius,
    };
    quad(renderer, bounds, radius, color);
}

/// Every digit of a value, and not those that only came from widening a number of half the size.
fn exact(value: f64) -> String {
    let narrow = value as f32;
    if !value.is_finite() {
        format::exact(value)
    } else if value != 0.0 && !(1e-6..1e15).contains(&value.abs()) {
        format!("{value:e}")
    } else if f64::from(narrow) == value {
        format!("{narrow}")
    } else {
        format::exact(value)
    }
}

/// The end of a long name, which is what tells it from others.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME {
        name.to_owned()
    } else {
        let end: String = name.chars().skip(length - NAME + 1).collect();
        format!("…{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_value_has_the_digits_that_were_measured() {
        assert_eq!(exact(f64::from(0.1f32)), "0.1");
        assert_eq!(exact(9.806_65), "9.80665");
        assert_eq!(exact(0.0), "0");
        assert_eq!(exact(1.5e300), "1.5e300");
        assert_eq!(exact(f64::NAN), "NaN");
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        let name = shortened("/robot/arm/left/joint_states.position[6].filtered");
        assert_eq!(name.chars().count(), NAME);
        assert!(name.starts_with('…') && name.ends_with("position[6].filtered"));
        assert_eq!(shortened("x"), "x");
    }
}
