//! How the bar looks.

use iced::{Color, Point, Rectangle};

use super::SeekBar;
use super::drag::MARK;
use super::frame::{Frame, LINE};
use crate::ink::{self, Face};
use crate::theme::{Palette, SEPARATOR, size, space};

/// Opacity of what is outside of the window.
const OUTSIDE: f32 = 0.55;
/// Opacity of the bars of the density.
const BAR: f32 = 0.55;

impl<Message> SeekBar<'_, Message> {
    pub(super) fn draw_density(&self, renderer: &mut iced::Renderer, palette: &Palette, frame: &Frame) {
        let bars = |renderer: &mut iced::Renderer, area: Rectangle, density: &[f32], color: Color, by_height: bool| {
            let most = density.iter().copied().fold(0.0_f32, f32::max);
            if most <= 0.0 {
                return;
            }
            let step = area.width / density.len() as f32;
            for (index, count) in density.iter().enumerate() {
                if *count <= 0.0 {
                    continue;
                }
                // A few messages among very many are seen too.
                let share = (count / most).sqrt();
                let (left, right) = (index as f32 * step, (index + 1) as f32 * step);
                let height = if by_height {
                    (share * area.height).max(1.0)
                } else {
                    area.height - 2.0
                };
                let bar = Rectangle {
                    x: area.x + left,
                    y: area.y + area.height - height,
                    width: right - left,
                    height,
                };
                let alpha = if by_height { BAR } else { 0.25 + 0.75 * share };
                ink::fill(renderer, bar, Color { a: alpha, ..color });
            }
        };
        bars(renderer, frame.density, &self.content.density, palette.muted, true);
        for (index, line) in self.content.lines.iter().enumerate() {
            let area = Rectangle {
                y: frame.lines.y + index as f32 * LINE,
                height: LINE,
                ..frame.lines
            };
            bars(renderer, area, &line.density, line.color, false);
        }
    }

    pub(super) fn draw_window(&self, renderer: &mut iced::Renderer, palette: &Palette, plot: Rectangle) {
        let window = self.window(plot);
        let veil = Color {
            a: OUTSIDE,
            ..palette.surface
        };
        let right = window.x + window.width;
        let before = Rectangle {
            width: window.x - plot.x,
            ..plot
        };
        let behind = Rectangle {
            x: right,
            width: plot.x + plot.width - right,
            ..plot
        };
        ink::fill(renderer, before, veil);
        ink::fill(renderer, behind, veil);
        for edge in [
            Rectangle {
                width: SEPARATOR,
                ..window
            },
            Rectangle {
                x: right - SEPARATOR,
                width: SEPARATOR,
                ..window
            },
            Rectangle {
                height: SEPARATOR,
                ..window
            },
            Rectangle {
                y: window.y + window.height - SEPARATOR,
                height: SEPARATOR,
                ..window
            },
        ] {
            ink::fill(renderer, edge, palette.accent);
        }
    }

    pub(super) fn draw_lane(
        &self,
        renderer: &mut iced::Renderer,
        palette: &Palette,
        frame: &Frame,
        hovered: Option<usize>,
    ) {
        let lane = frame.lane;
        let foot = Rectangle {
            y: lane.y + lane.height - SEPARATOR,
            height: SEPARATOR,
            ..lane
        };
        ink::fill(renderer, foot, palette.separator);
        if let Some((from, to)) = self.content.range {
            let (left, right) = (self.x(lane, from), self.x(lane, to));
            let range = Rectangle {
                x: left,
                y: lane.y + lane.height - 3.0,
                width: (right - left).max(SEPARATOR),
                height: 3.0,
            };
            ink::fill(renderer, range, palette.accent);
        }
        for (index, (time_ns, _)) in self.content.marks.iter().enumerate() {
            let x = self.x(lane, *time_ns);
            let color = if hovered == Some(index) {
                palette.text
            } else {
                palette.muted
            };
            // A flag: a pole with a cloth.
            let pole = Rectangle {
                x,
                y: lane.y + 2.0,
                width: SEPARATOR,
                height: lane.height - 2.0,
            };
            let cloth = Rectangle {
                width: 2.0 * MARK - 2.0,
                height: 5.0,
                ..pole
            };
            ink::fill(renderer, pole, color);
            ink::fill(renderer, cloth, color);
        }
        let x = self.x(lane, self.content.playhead).min(lane.x + lane.width - SEPARATOR);
        let whole = frame.plot();
        let line = Rectangle {
            x,
            y: lane.y,
            width: SEPARATOR,
            height: lane.height + whole.height,
        };
        ink::fill(renderer, line, palette.text);
        for step in 0..4_u8 {
            let half = MARK - f32::from(step);
            let row = Rectangle {
                x: x - half + 0.5,
                y: lane.y + 1.0 + f32::from(step) * 1.5,
                width: 2.0 * half,
                height: 1.5,
            };
            ink::fill(renderer, row, palette.text);
        }
        if let Some((time_ns, text)) = hovered.and_then(|index| self.content.marks.get(index)) {
            let x = self.x(lane, *time_ns);
            let is_right = x > lane.x + lane.width * 0.7;
            let face = Face {
                across: if is_right {
                    iced::advanced::text::Alignment::Right
                } else {
                    iced::advanced::text::Alignment::Left
                },
                ..Face::WORDS
            };
            let at = Point::new(
                if is_right {
                    x - space::S
                } else {
                    x + 2.0 * MARK + space::XXS
                },
                frame.density.y + frame.density.height / 2.0,
            );
            let width = (text.chars().count() as f32 * size::SMALL * 0.6 + space::S).min(lane.width * 0.7);
            let ground = Rectangle {
                x: if is_right { at.x - width } else { at.x - space::XS },
                y: frame.density.y + 4.0,
                width: width + space::XS,
                height: frame.density.height - 8.0,
            };
            ink::rounded(renderer, ground, crate::theme::RADIUS, palette.raised);
            ink::write(renderer, text.as_str(), at, face, palette.text, ground);
        }
    }
}
