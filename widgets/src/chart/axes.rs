//! The grid and the labels, drawn by plotters.

use iced::widget::canvas::{Cache, Frame, Geometry};
use iced::{Color, Rectangle, Size};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};
use plotters_iced::{ChartBuilder, DrawingBackend};

use super::TimeAxis;
use crate::axis::{self, Tick};
use crate::theme::{Palette, size, space};
use crate::trace::View;

/// Width of a figure of the label face, in parts of its size.
const FIGURE: f32 = 0.6;
/// The value labels have room for at least this many characters, so that the plot rarely changes its width.
const CHARACTERS: usize = 5;
/// Height below the plot, in logical pixels.
const BELOW: f32 = size::SMALL + space::S;
/// Pixels for each value tick and each time tick.
const TICK_ROOM: (f32, f32) = (36.0, 90.0);

/// Everything that decides how the axes look. Equal axes are not drawn again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axes {
    size: Size,
    /// The plot within the widget.
    pub(super) plot: Rectangle,
    /// Horizontal place in pixels, text.
    time: Vec<(i32, String)>,
    /// Vertical place in pixels, text.
    values: Vec<(i32, String)>,
    zero: Option<i32>,
    palette: Palette,
}

impl Axes {
    pub(super) fn new(view: &View, time_axis: TimeAxis, size: Size, palette: Palette) -> Self {
        let height = (size.height - BELOW - space::XS).max(0.0).floor();
        let ticks = axis::ticks(view.y_min, view.y_max, (height / TICK_ROOM.0) as usize);
        let characters = axis::widest(&ticks).max(CHARACTERS) as f32;
        let left = (characters * size::SMALL * FIGURE + space::M).round();
        let plot = Rectangle {
            x: left,
            y: space::XS,
            width: (size.width - left - space::S).max(0.0).floor(),
            height,
        };
        let values: Vec<_> = ticks
            .into_iter()
            .map(|tick| (across(&plot, view, tick.value), tick.label))
            .collect();
        let wanted = (plot.width / TICK_ROOM.1) as usize;
        let (times, from_s) = times(view, time_axis, wanted);
        let span_s = view.span_ns() as f64 * 1e-9;
        let time = times
            .into_iter()
            .map(|tick| {
                (
                    ((tick.value - from_s) / span_s * f64::from(plot.width)).round() as i32,
                    tick.label,
                )
            })
            .map(|(x, label)| (plot.x as i32 + x, label))
            .collect();
        let zero = (view.y_min < 0.0 && view.y_max > 0.0).then(|| across(&plot, view, 0.0));

        Self {
            size,
            plot,
            time,
            values,
            zero,
            palette,
        }
    }

    fn draw(&self, root: &DrawingArea<impl DrawingBackend, Shift>) -> Option<()> {
        let Rectangle { x, y, width, height } = self.plot;
        let (left, top, right, bottom) = (x as i32, y as i32, (x + width) as i32, (y + height) as i32);
        let grid = fill(self.palette.grid);
        // Filled rectangles are crisp; a stroke of one pixel would lie between two.
        let line = |from: (i32, i32), to: (i32, i32), style: ShapeStyle| {
            root.draw(&element::Rectangle::new([from, to], style)).ok()
        };
        for (x, _) in &self.time {
            line((*x, top), (*x + 1, bottom), grid)?;
        }
        for (y, _) in &self.values {
            line((left, *y), (right, *y + 1), grid)?;
        }
        if let Some(y) = self.zero {
            line((left, y), (right, y + 1), fill(self.palette.separator))?;
        }
        line((left, top), (left + 1, bottom), fill(self.palette.separator))?;
        line((left, bottom), (right, bottom + 1), fill(self.palette.separator))?;

        for (y, label) in &self.values {
            let style = self.text(HPos::Right, VPos::Center);
            root.draw(&element::Text::new(
                label.as_str(),
                (left - space::XS as i32, *y),
                style,
            ))
            .ok()?;
        }
        for (x, label) in &self.time {
            // The outermost labels stay within the widget.
            let half = (label.chars().count() as f32 * size::SMALL * FIGURE / 2.0) as i32;
            let (anchor, x) = if *x + half > self.size.width as i32 {
                (HPos::Right, right)
            } else if *x < left + half {
                (HPos::Left, *x)
            } else {
                (HPos::Center, *x)
            };
            let style = self.text(anchor, VPos::Top);
            root.draw(&element::Text::new(
                label.as_str(),
                (x, bottom + space::XS as i32),
                style,
            ))
            .ok()?;
        }
        Some(())
    }

    fn text(&self, across: HPos, along: VPos) -> TextStyle<'static> {
        let font = FontDesc::new(
            FontFamily::Name("JetBrains Mono"),
            f64::from(size::SMALL),
            FontStyle::Normal,
        );
        let color = rgba(self.palette.muted);
        TextStyle {
            font,
            color: color.to_backend_color(),
            pos: Pos::new(across, along),
        }
    }
}

/// The vertical place of a value, in whole pixels of the widget.
fn across(plot: &Rectangle, view: &View, value: f64) -> i32 {
    (f64::from(plot.y) + view.y(value) * f64::from(plot.height)).round() as i32
}

/// The time ticks, and the time of the left edge that they relate to.
fn times(view: &View, time_axis: TimeAxis, wanted: usize) -> (Vec<Tick>, f64) {
    let span_s = view.span_ns() as f64 * 1e-9;
    match time_axis {
        TimeAxis::Relative => (axis::relative_time_ticks(span_s, wanted), -span_s),
        TimeAxis::Since(origin_ns) => {
            let from_s = view.from_ns.saturating_sub(origin_ns) as f64 * 1e-9;
            (axis::time_ticks(from_s, from_s + span_s, wanted), from_s)
        }
    }
}

fn fill(color: Color) -> ShapeStyle {
    rgba(color).filled()
}

fn rgba(color: Color) -> RGBAColor {
    let [r, g, b, _] = color.into_rgba8();
    RGBAColor(r, g, b, f64::from(color.a))
}

/// The axes with their cache, as plotters-iced wants them.
pub(super) struct Drawing<'a> {
    pub(super) axes: &'a Axes,
    pub(super) cache: &'a Cache,
}

impl<Message> plotters_iced::Chart<Message> for Drawing<'_> {
    type State = ();

    fn draw<R: plotters_iced::Renderer, F: Fn(&mut Frame)>(&self, renderer: &R, size: Size, draw: F) -> Geometry {
        renderer.draw_cache(self.cache, size, draw)
    }

    fn draw_chart<DB: DrawingBackend>(&self, _state: &(), root: DrawingArea<DB, Shift>) {
        // The backend draws into a frame in memory and has no way to fail.
        let _ = self.axes.draw(&root);
    }

    fn build_chart<DB: DrawingBackend>(&self, _state: &(), _builder: ChartBuilder<'_, '_, DB>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(shift_ns: i64) -> View {
        View {
            from_ns: shift_ns,
            to_ns: 10_000_000_000 + shift_ns,
            y_min: -20.0,
            y_max: 20.0,
        }
    }

    #[test]
    fn a_scrolling_view_keeps_its_relative_axes() {
        let size = Size::new(600.0, 240.0);
        let axes = |shift| Axes::new(&view(shift), TimeAxis::Relative, size, Palette::DARK);

        assert_eq!(axes(0), axes(123_456_789));
        assert_eq!(axes(0).time.last().map(|(_, label)| label.as_str()), Some("now"));
        let since = |shift| Axes::new(&view(shift), TimeAxis::Since(0), size, Palette::DARK);
        assert_ne!(since(0), since(123_456_789));
    }

    #[test]
    fn a_tiny_chart_does_not_break() {
        for side in [0.0, 1.0, 20.0, 60.0] {
            let axes = Axes::new(&view(0), TimeAxis::Relative, Size::new(side, side), Palette::DARK);
            assert!(axes.plot.width >= 0.0 && axes.plot.height >= 0.0);
        }
    }
}
