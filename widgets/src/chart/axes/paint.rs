//! The grid and the labels, drawn by plotters.

use iced::widget::canvas::{Cache, Frame, Geometry};
use iced::{Color, Rectangle, Size};
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};
use plotters_iced::{ChartBuilder, DrawingBackend};

use super::{Align, Axes, Column, FIGURE};
use crate::theme::{self, size, space};

/// Share of its colour that a line of the grid without a label keeps.
const MINOR: f32 = 0.55;
/// The picture reaches this far above the widget, in pixels: a label at the upper edge needs the room.
pub(in crate::chart) const REACH: u16 = 4;
/// Length of the tick marks of an axis without lines across the plot, in pixels.
const TICK: i32 = 4;

/// The axes with their cache, as plotters-iced wants them.
pub(in crate::chart) struct Drawing<'a> {
    pub(in crate::chart) axes: &'a Axes,
    pub(in crate::chart) cache: &'a Cache,
}

impl<Message> plotters_iced::Chart<Message> for Drawing<'_> {
    type State = ();

    fn draw<R: plotters_iced::Renderer, F: Fn(&mut Frame)>(&self, renderer: &R, size: Size, draw: F) -> Geometry {
        renderer.draw_cache(self.cache, size, draw)
    }

    fn draw_chart<DB: DrawingBackend>(&self, _state: &(), root: DrawingArea<DB, Shift>) {
        // The backend draws into a frame in memory and has no way to fail.
        let _ = self.axes.draw(&Ground(&root));
    }

    fn build_chart<DB: DrawingBackend>(&self, _state: &(), _builder: ChartBuilder<'_, '_, DB>) {}
}

/// What is drawn on.
struct Ground<'a, DB: DrawingBackend>(&'a DrawingArea<DB, Shift>);

impl<DB: DrawingBackend> Ground<'_, DB> {
    /// Fills a rectangle. These are crisp; a stroke of one pixel would lie between two.
    fn fill(&self, from: (i32, i32), to: (i32, i32), color: Color) -> Option<()> {
        let style: ShapeStyle = rgba(color).filled();
        let [from, to] = [from, to].map(|(x, y)| (x, y + i32::from(REACH)));
        self.0.draw(&element::Rectangle::new([from, to], style)).ok()
    }

    fn write(&self, text: &str, at: (i32, i32), across: HPos, along: VPos, color: Color) -> Option<()> {
        let font = FontDesc::new(
            FontFamily::Name("JetBrains Mono"),
            f64::from(size::SMALL),
            FontStyle::Normal,
        );
        let style = TextStyle {
            font,
            color: rgba(color).to_backend_color(),
            pos: Pos::new(across, along),
        };
        let at = (at.0, at.1 + i32::from(REACH));
        self.0.draw(&element::Text::new(text, at, style)).ok()
    }
}

impl Axes {
    fn draw(&self, ground: &Ground<'_, impl DrawingBackend>) -> Option<()> {
        let Rectangle { x, y, width, height } = self.plot;
        let (left, top, right, bottom) = (x as i32, y as i32, (x + width) as i32, (y + height) as i32);
        let palette = &self.palette;
        for label in &self.time {
            ground.fill((label.x, top), (label.x + 1, bottom), palette.grid)?;
        }
        for (y, text) in &self.columns[self.grid].values {
            let color = if text.is_empty() {
                theme::mix(palette.surface, palette.grid, MINOR)
            } else {
                palette.grid
            };
            ground.fill((left, *y), (right, *y + 1), color)?;
        }
        if let Some(y) = self.zero {
            ground.fill((left, y), (right, y + 1), palette.separator)?;
        }
        for (index, column) in self.columns.iter().enumerate() {
            ground.fill((column.line, top), (column.line + 1, bottom), palette.separator)?;
            if index != self.grid {
                self.ticks(column, ground)?;
            }
        }
        ground.fill((left, bottom), (right, bottom + 1), palette.separator)?;

        for column in &self.columns {
            self.labels(column, ground)?;
        }
        for label in self.time.iter().filter(|label| !label.text.is_empty()) {
            let (across, x) = match label.align {
                Align::Left => (HPos::Left, label.x),
                Align::Center => (HPos::Center, label.x),
                Align::Right => (HPos::Right, right),
            };
            let at = (x, bottom + space::XS as i32);
            ground.write(&label.text, at, across, VPos::Top, palette.muted)?;
        }
        Some(())
    }

    fn ticks(&self, column: &Column, ground: &Ground<'_, impl DrawingBackend>) -> Option<()> {
        for (y, text) in &column.values {
            let length = if text.is_empty() { TICK / 2 } else { TICK };
            // Towards the plot: outwards are the labels.
            let (from, to) = if column.is_left {
                (column.line, column.line + length)
            } else {
                (column.line - length, column.line)
            };
            ground.fill((from, *y), (to, *y + 1), self.palette.faint)?;
        }
        Some(())
    }

    fn labels(&self, column: &Column, ground: &Ground<'_, impl DrawingBackend>) -> Option<()> {
        let gap = space::XS as i32;
        let (across, x) = if column.is_left {
            (HPos::Right, column.line - gap)
        } else {
            (HPos::Left, column.line + gap)
        };
        let color = self.palette.muted;
        for (y, text) in column.values.iter().filter(|(_, text)| !text.is_empty()) {
            ground.write(text, (x, *y), across, VPos::Center, color)?;
        }
        if let Some(unit) = &column.unit {
            // A long unit begins at the edge of its column and may reach over the plot.
            let room = unit.chars().count() as f32 * size::SMALL * FIGURE;
            let (across, x) = match (room > column.width - 2.0 * space::XS, column.is_left) {
                (false, _) => (across, x),
                (true, true) => (HPos::Left, column.line - column.width as i32 + gap),
                (true, false) => (HPos::Right, column.line + column.width as i32 - gap),
            };
            ground.write(unit, (x, 0), across, VPos::Top, color)?;
        }
        Some(())
    }
}

fn rgba(color: Color) -> RGBAColor {
    let [r, g, b, _] = color.into_rgba8();
    RGBAColor(r, g, b, f64::from(color.a))
}
