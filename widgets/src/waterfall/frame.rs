//! What is around the spectra: the two axes, and the scale of the colours.

use iced::advanced::text::Alignment;
use iced::alignment::Vertical;
use iced::{Point, Rectangle};

use super::color_map::ColorMap;
use super::frequency::Frequencies;
use crate::axis::{self, Tick};
use crate::chart::clock::Clock;
use crate::ink::{self, CHARACTER, Face};
use crate::theme::{Palette, SEPARATOR, space};
use crate::timeline::{self, Timeline};

/// The labels have room for at least this many characters, so that the plot rarely changes its width.
const CHARACTERS: usize = 5;
/// Height of the line of units above the plot, in logical pixels.
const ABOVE: f32 = 22.0;
/// The middle of that line, from the upper edge.
const UNITS: f32 = 6.0;
/// Width of the scale of the colours, in logical pixels.
const SCALE: f32 = 8.0;
/// Height for each label, in logical pixels.
const TICK_ROOM: f32 = 36.0;
/// The steps of the scale of the colours.
const STEPS: usize = 64;

/// Where everything is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) bounds: Rectangle,
    pub(super) plot: Rectangle,
    /// The scale of the colours.
    pub(super) scale: Rectangle,
    frequencies: Vec<Tick>,
    levels: Vec<Tick>,
}

impl Frame {
    pub(super) fn new(bounds: Rectangle, frequencies: &Frequencies, (low, high): (f32, f32)) -> Self {
        let height = (bounds.height - ABOVE - timeline::BELOW).max(0.0).floor();
        let wanted = (height / TICK_ROOM) as usize;
        let frequency_ticks = frequencies.ticks(wanted);
        let levels = axis::ticks(f64::from(low), f64::from(high), wanted);
        let room = |ticks: &[Tick]| {
            let longest = ticks.iter().map(|tick| tick.label.chars().count()).max().unwrap_or(0);
            longest.max(CHARACTERS) as f32 * CHARACTER
        };
        let left = (room(&frequency_ticks) + space::M).round();
        let right = (space::S + SCALE + space::XS + room(&levels)).round();
        let plot = Rectangle {
            x: (bounds.x + left).round(),
            y: (bounds.y + ABOVE).round(),
            width: (bounds.width - left - right).max(0.0).floor(),
            height,
        };
        let scale = Rectangle {
            x: plot.x + plot.width + space::S,
            width: SCALE,
            ..plot
        };

        Self {
            bounds,
            plot,
            scale,
            frequencies: frequency_ticks,
            levels,
        }
    }

    /// The part of the widget that moves the frequencies.
    pub(super) fn frequency_axis(&self) -> Rectangle {
        Rectangle {
            x: self.bounds.x,
            width: self.plot.x - self.bounds.x,
            ..self.plot
        }
    }

    /// The part of the widget that moves the levels.
    pub(super) fn level_axis(&self) -> Rectangle {
        Rectangle {
            x: self.scale.x - space::XS,
            width: self.bounds.x + self.bounds.width - self.scale.x + space::XS,
            ..self.plot
        }
    }

    /// Draws all of it.
    pub(super) fn draw(
        &self,
        renderer: &mut iced::Renderer,
        palette: &Palette,
        (frequencies, map): (&Frequencies, ColorMap),
        (low, high): (f32, f32),
        (timeline, clock): (Timeline, Clock),
    ) {
        timeline.draw_grid(renderer, palette, self.plot, clock);
        let edge = Rectangle {
            x: self.plot.x - SEPARATOR,
            width: SEPARATOR,
            ..self.plot
        };
        ink::fill(renderer, edge, palette.separator);
        timeline.draw_labels(renderer, palette, self.plot, self.bounds, clock);

        let above = self.bounds.y + UNITS;
        let end = self.plot.x - space::XS;
        self.write(renderer, palette, "Hz", Point::new(end, above), Alignment::Right);
        for tick in &self.frequencies {
            let at = Point::new(end, self.y(frequencies.place(tick.value)));
            self.write(renderer, palette, &tick.label, at, Alignment::Right);
        }

        self.draw_scale(renderer, map);
        let start = self.scale.x + SCALE + space::XS;
        self.write(renderer, palette, "dB", Point::new(start, above), Alignment::Left);
        for tick in &self.levels {
            let place = (tick.value - f64::from(low)) / f64::from(high - low);
            let at = Point::new(start, self.y(place));
            self.write(renderer, palette, &tick.label, at, Alignment::Left);
        }
    }

    fn draw_scale(&self, renderer: &mut iced::Renderer, map: ColorMap) {
        let steps = STEPS.min(self.scale.height as usize);
        for step in 0..steps {
            let edge = |step: usize| (self.scale.height * step as f32 / steps as f32).round();
            let area = Rectangle {
                y: self.scale.y + self.scale.height - edge(step + 1),
                height: edge(step + 1) - edge(step),
                ..self.scale
            };
            ink::fill(renderer, area, map.color((step as f32 + 0.5) / steps as f32));
        }
    }

    /// The vertical place of something on an axis, 0 at the lower edge and 1 at the upper one.
    fn y(&self, place: f64) -> f32 {
        (self.plot.y + self.plot.height * (1.0 - place as f32)).round()
    }

    fn write(&self, renderer: &mut iced::Renderer, palette: &Palette, label: &str, at: Point, across: Alignment) {
        let face = Face {
            across,
            along: Vertical::Center,
            ..Face::FIGURES
        };
        ink::write(renderer, label, at, face, palette.muted, self.bounds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waterfall::FrequencyScale;

    #[test]
    fn a_tiny_waterfall_does_not_break() {
        let frequencies = Frequencies::new(FrequencyScale::Linear, (0.0, 500.0), (0.0, 500.0), 257);
        for side in [0.0, 1.0, 20.0, 60.0] {
            let bounds = Rectangle {
                x: 0.5,
                y: 0.5,
                width: side,
                height: side,
            };
            let frame = Frame::new(bounds, &frequencies, (-80.0, 0.0));
            assert!(frame.plot.width >= 0.0 && frame.plot.height >= 0.0);
        }
    }
}
