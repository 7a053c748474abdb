//! Where the grid and the labels are.

mod paint;

use iced::{Rectangle, Size};

use super::TimeAxis;
use super::clock::Clock;
use crate::axis::{self, Tick};
use crate::theme::{Palette, size, space};
use crate::timeline::Timeline;
use crate::trace::{AxisScale, View, YAxis};

pub(super) use paint::{Drawing, REACH};

/// Width of a figure of the label face, in parts of its size.
const FIGURE: f32 = 0.6;
/// The value labels have room for at least this many characters, so that the plot rarely changes its width.
const CHARACTERS: usize = 5;
/// Height below the plot, in logical pixels.
const BELOW: f32 = size::SMALL + space::S;
/// Height above the plot when units stand there, in logical pixels.
const ABOVE: f32 = size::SMALL + space::S;
/// Pixels for each value tick and each time tick.
const TICK_ROOM: (f32, f32) = (36.0, 90.0);
/// Least distance of two time labels, in logical pixels.
const LABEL_GAP: f32 = space::M;

/// Everything that decides how the axes look. Equal axes are not drawn again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axes {
    size: Size,
    /// The plot within the widget.
    pub(super) plot: Rectangle,
    time: Vec<TimeLabel>,
    columns: Vec<Column>,
    /// The value axis that the horizontal lines of the grid belong to.
    grid: usize,
    zero: Option<i32>,
    palette: Palette,
}

/// A line of the grid with its text below.
#[derive(Debug, Clone, PartialEq)]
struct TimeLabel {
    /// Horizontal place of the line, in pixels.
    x: i32,
    text: String,
    align: Align,
    /// Left and right edge of the text, in pixels.
    extent: (f32, f32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    /// The text begins at the line.
    Left,
    Center,
    /// The text ends at the right edge of the plot.
    Right,
}

/// A value axis.
#[derive(Debug, Clone, PartialEq)]
struct Column {
    /// Horizontal place of its line, in pixels.
    line: i32,
    /// From its line outwards, in pixels.
    width: f32,
    is_left: bool,
    unit: Option<String>,
    /// Vertical place in pixels, text.
    values: Vec<(i32, String)>,
}

impl Axes {
    /// The axes of `values` (at least one), of which the one at `grid` has the lines across the plot.
    pub(super) fn new(view: &View, values: &[YAxis], grid: usize, clock: &Clock, size: Size, palette: Palette) -> Self {
        let has_units = values.len() > 1;
        let y = if has_units { ABOVE } else { space::XS };
        let height = (size.height - BELOW - y).max(0.0).floor();
        let ticks: Vec<Vec<Tick>> = values.iter().map(|axis| value_ticks(axis, height)).collect();
        let widths: Vec<f32> = ticks.iter().map(|ticks| column_width(ticks)).collect();
        let side = |first: usize| widths.iter().skip(first).step_by(2).sum::<f32>();
        let (left, right) = (side(0), if has_units { side(1) } else { space::S });
        let plot = Rectangle {
            x: left,
            y,
            width: (size.width - left - right).max(0.0).floor(),
            height,
        };
        let mut edges = [plot.x, plot.x + plot.width];
        let mut columns = Vec::with_capacity(values.len());
        for (index, (axis, ticks)) in values.iter().zip(ticks).enumerate() {
            let is_left = index % 2 == 0;
            let line = edges[index % 2];
            edges[index % 2] += if is_left { -widths[index] } else { widths[index] };
            columns.push(Column {
                line: line as i32,
                width: widths[index],
                is_left,
                unit: axis.unit.clone().filter(|_| has_units),
                values: ticks
                    .into_iter()
                    .map(|tick| (row(&plot, axis, tick.value), tick.label))
                    .collect(),
            });
        }
        let axis = &values[grid];
        let has_zero = axis.scale == AxisScale::Linear && axis.range.0 < 0.0 && axis.range.1 > 0.0;

        Self {
            size,
            plot,
            time: time_labels(view, clock, &plot, size.width),
            columns,
            grid,
            zero: has_zero.then(|| row(&plot, axis, 0.0)),
            palette,
        }
    }

    /// The value axis at a horizontal place within the widget.
    pub(super) fn axis_at(&self, x: f32) -> Option<u8> {
        let index = self.columns.iter().position(|column| {
            let line = column.line as f32;
            if column.is_left {
                (line - column.width..line).contains(&x)
            } else {
                (line..line + column.width).contains(&x)
            }
        });
        index.map(|index| index as u8).filter(|_| !self.is_over_plot(x))
    }

    /// Whether a horizontal place within the widget is that of the plot.
    pub(super) fn is_over_plot(&self, x: f32) -> bool {
        (self.plot.x..self.plot.x + self.plot.width).contains(&x)
    }
}

fn value_ticks(axis: &YAxis, height: f32) -> Vec<Tick> {
    let (low, high) = axis.range;
    let wanted = (height / TICK_ROOM.0) as usize;
    let ticks = match axis.scale {
        AxisScale::Linear => axis::ticks,
        AxisScale::Log => axis::log_ticks,
    };
    let fair = ticks(low, high, wanted);
    // One number alone tells no scale.
    if fair.iter().filter(|tick| !tick.label.is_empty()).count() < 2 {
        ticks(low, high, 2 * wanted)
    } else {
        fair
    }
}

fn column_width(ticks: &[Tick]) -> f32 {
    let characters = axis::widest(ticks).max(CHARACTERS) as f32;
    (characters * size::SMALL * FIGURE + space::M).round()
}

/// The vertical place of a number of an axis's range, in whole pixels of the widget.
fn row(plot: &Rectangle, axis: &YAxis, number: f64) -> i32 {
    let place = (axis.range.1 - number) / axis.extent();
    (f64::from(plot.y) + place * f64::from(plot.height)).round() as i32
}

/// As many labels as do not touch one another. Their density depends on their width alone and not on where they are, so
/// that it stays while they scroll.
fn time_labels(view: &View, clock: &Clock, plot: &Rectangle, width: f32) -> Vec<TimeLabel> {
    let mut wanted = ((plot.width / TICK_ROOM.1) as usize).max(1);
    loop {
        let (ticks, from_s) = clock.ticks(Timeline::new((view.from_ns, view.to_ns)), wanted);
        let span_s = view.span_ns() as f64 * 1e-9;
        let mut labels: Vec<TimeLabel> = ticks
            .into_iter()
            .map(|tick| {
                let x = ((tick.value - from_s) / span_s * f64::from(plot.width)).round() as i32;
                TimeLabel::new(plot.x as i32 + x, tick.label, plot, width)
            })
            .collect();
        let is_crowded = labels.windows(2).any(|pair| {
            let room = (pair[0].room() + pair[1].room()) / 2.0;
            ((pair[1].x - pair[0].x) as f32) < room + LABEL_GAP
        });
        if !is_crowded || wanted == 1 {
            part(&mut labels, clock.axis);
            return labels;
        }
        wanted -= 1;
    }
}

/// Takes the text from labels at the edges that would touch their neighbours. While now is the right edge it stays.
fn part(labels: &mut [TimeLabel], axis: TimeAxis) {
    let mut last: Option<usize> = None;
    for index in 0..labels.len() {
        if let Some(before) = last
            && labels[index].extent.0 < labels[before].extent.1 + LABEL_GAP / 2.0
        {
            if labels[index].align == Align::Right && axis != TimeAxis::Relative {
                labels[index].text.clear();
                continue;
            }
            labels[before].text.clear();
        }
        last = Some(index);
    }
}

impl TimeLabel {
    fn new(x: i32, text: String, plot: &Rectangle, width: f32) -> Self {
        let (left, right) = (plot.x as i32, (plot.x + plot.width) as i32);
        let room = text.chars().count() as f32 * size::SMALL * FIGURE;
        let half = (room / 2.0) as i32;
        // The outermost labels stay within the widget.
        let (align, from) = if x + half > width as i32 {
            (Align::Right, right as f32 - room)
        } else if x < left + half {
            (Align::Left, x as f32)
        } else {
            (Align::Center, x as f32 - room / 2.0)
        };

        Self {
            x,
            text,
            align,
            extent: (from, from + room),
        }
    }

    fn room(&self) -> f32 {
        self.extent.1 - self.extent.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(600.0, 240.0);

    fn view(shift_ns: i64, span_ns: i64) -> View {
        View {
            from_ns: shift_ns,
            to_ns: span_ns + shift_ns,
            y_min: -20.0,
            y_max: 20.0,
        }
    }

    fn axes_of(view: &View, values: &[YAxis], axis: TimeAxis, size: Size) -> Axes {
        let clock = Clock {
            axis,
            ..Clock::default()
        };
        Axes::new(view, values, 0, &clock, size, Palette::DARK)
    }

    fn axes(shift_ns: i64, axis: TimeAxis) -> Axes {
        let view = view(shift_ns, 10_000_000_000);
        axes_of(&view, &[YAxis::linear(-20.0, 20.0)], axis, SIZE)
    }

    #[test]
    fn a_scrolling_view_keeps_its_relative_axes() {
        let relative = |shift| axes(shift, TimeAxis::Relative);

        assert_eq!(relative(0), relative(123_456_789));
        assert_eq!(relative(0).time.last().map(|label| label.text.as_str()), Some("now"));
        assert_ne!(axes(0, TimeAxis::Since(0)), axes(123_456_789, TimeAxis::Since(0)));
        assert_ne!(axes(0, TimeAxis::Wall), axes(123_456_789, TimeAxis::Wall));
    }

    #[test]
    fn a_tiny_chart_does_not_break() {
        for side in [0.0, 1.0, 20.0, 60.0] {
            for count in 1..=4 {
                let values = vec![YAxis::linear(-1.0, 1.0); count];
                let view = view(0, 10_000_000_000);
                let axes = axes_of(&view, &values, TimeAxis::Relative, Size::new(side, side));
                assert!(axes.plot.width >= 0.0 && axes.plot.height >= 0.0);
            }
        }
    }

    #[test]
    fn axes_stand_on_alternating_sides() {
        let values = vec![YAxis::linear(0.0, 1.0); 4];
        let axes = axes_of(&view(0, 1_000_000_000), &values, TimeAxis::Relative, SIZE);
        let right = axes.plot.x + axes.plot.width;

        assert_eq!(axes.axis_at(axes.plot.x - 1.0), Some(0));
        assert_eq!(axes.axis_at(right + 1.0), Some(1));
        assert_eq!(axes.axis_at(1.0), Some(2));
        assert_eq!(axes.axis_at(SIZE.width - 1.0), Some(3));
        assert_eq!(axes.axis_at(axes.plot.x + 1.0), None);
    }

    #[test]
    fn each_axis_has_its_own_labels() {
        let log = YAxis {
            range: (0.0, 3.0),
            scale: AxisScale::Log,
            unit: Some("Hz".to_owned()),
        };
        let values = [YAxis::linear(0.0, 4.0), log];
        let axes = axes_of(&view(0, 1_000_000_000), &values, TimeAxis::Relative, SIZE);
        let named = |index: usize| -> Vec<&str> {
            let values = axes.columns[index].values.iter();
            values
                .map(|(_, text)| text.as_str())
                .filter(|text| !text.is_empty())
                .collect()
        };

        assert_eq!(named(0), ["0", "1", "2", "3", "4"]);
        assert_eq!(named(1), ["1", "10", "100", "1k"]);
        assert_eq!(axes.columns[1].unit.as_deref(), Some("Hz"));
    }

    #[test]
    fn time_labels_never_overlap() {
        for axis in [
            TimeAxis::Relative,
            TimeAxis::Since(0),
            TimeAxis::Since(-3_600_000_000_000),
            TimeAxis::Wall,
        ] {
            for width in [90.0, 140.0, 300.0, 560.0, 1200.0] {
                for span_ns in [
                    3,
                    5_000,
                    700_000,
                    30_000_000,
                    1_400_000_000,
                    95_000_000_000,
                    40_000_000_000_000,
                ] {
                    let view = view(1_234_567_891, span_ns);
                    let values = [YAxis::linear(-20.0, 20.0)];
                    let axes = axes_of(&view, &values, axis, Size::new(width, 200.0));
                    let shown: Vec<_> = axes.time.iter().filter(|label| !label.text.is_empty()).collect();
                    assert!(!shown.is_empty() || axes.time.is_empty());
                    for pair in shown.windows(2) {
                        assert!(
                            pair[0].extent.1 < pair[1].extent.0,
                            "{axis:?} {width} {span_ns}: {shown:?}"
                        );
                    }
                }
            }
        }
    }
}
