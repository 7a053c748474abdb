//! How the shapes of a lane look.

use std::borrow::Cow;

use iced::widget::canvas::Frame;
use iced::{Color, Point, Rectangle, Size, Vector};

use super::merge::{Item, Shape};
use super::words::fitted;
use super::{LaneInfo, LaneKind, Segment};
use crate::ink::{self, Face};
use crate::theme::{self, CURVE, Palette, SEPARATOR, space};

/// Distance of the shapes from the edges of their lane, in logical pixels.
const PADDING: f32 = 4.0;
/// How far what is short reaches beyond what is long, in logical pixels.
const REACH: f32 = 2.0;
/// Share of its colour in the inside of a block, in the inside of a word of bits, and in a lesser line.
const FILL: f32 = 0.24;
const FAINT: f32 = 0.1;
const LINE: f32 = 0.6;
/// Width of the begin of a block, in logical pixels.
const BEGIN: f32 = 2.0;
/// Distance of the lines of what is dense, in logical pixels.
const DENSE: f32 = 3.0;
/// A narrower gap is a dashed line instead of hatched, in logical pixels.
const HATCHED: f32 = 6.0;
/// Length of a dash, and of the tick that tells of a gap, in logical pixels.
const DASH: f32 = 3.0;
const TICK: f32 = 5.0;

/// The colour of a value: calm, and never that of an alarm.
pub(super) fn color(kind: LaneKind, value: i64) -> Color {
    match kind {
        LaneKind::Bool => theme::curve(0),
        LaneKind::Enum => theme::curve(value.rem_euclid(theme::CURVES.len() as i64) as usize),
        LaneKind::Bits => theme::curve(6),
    }
}

/// What is written on a segment.
pub(super) fn label(kind: LaneKind, segment: &Segment) -> Cow<'_, str> {
    match kind {
        _ if !segment.label.is_empty() => Cow::Borrowed(&segment.label),
        LaneKind::Bool => Cow::Borrowed(if segment.value == 0 { "false" } else { "true" }),
        LaneKind::Enum => Cow::Owned(segment.value.to_string()),
        LaneKind::Bits => Cow::Owned(format!("{:#x}", segment.value)),
    }
}

/// A line of text on a lane.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) text: String,
    pub(super) at: Point,
    pub(super) face: Face,
    pub(super) color: Color,
    pub(super) clip: Rectangle,
}

impl Label {
    /// Writes it; its place is counted from `origin`.
    pub(super) fn write(&self, renderer: &mut iced::Renderer, origin: Vector) {
        ink::write(
            renderer,
            self.text.as_str(),
            self.at + origin,
            self.face,
            self.color,
            self.clip + origin,
        );
    }
}

/// What a picture of lanes is made of.
pub(super) struct Picture<'a> {
    pub(super) frame: &'a mut Frame,
    pub(super) labels: &'a mut Vec<Label>,
    /// What is to be hatched.
    pub(super) gaps: Vec<Rectangle>,
}

/// A lane of one frame.
pub(super) struct Lane<'a> {
    /// Where it is within the plot.
    pub(super) area: Rectangle,
    pub(super) palette: &'a Palette,
    pub(super) info: &'a LaneInfo,
    pub(super) segments: &'a [Segment],
}

impl Lane<'_> {
    /// Draws the shapes.
    pub(super) fn draw(&self, picture: &mut Picture<'_>, items: &[Item]) {
        for item in items {
            let area = self.place(item);
            match item.shape {
                Shape::State { segment, has_begin } => self.state(picture, area, &self.segments[segment], has_begin),
                Shape::Glitch { segment } => {
                    let color = color(self.info.kind, self.segments[segment].value);
                    ink::rectangle(picture.frame, grown(area), color);
                }
                Shape::Dense { .. } => self.dense(picture, area),
                Shape::Gap if area.width >= HATCHED => picture.gaps.push(area),
                Shape::Gap => self.narrow_gap(picture, area),
            }
            if item.has_gap && item.shape != Shape::Gap {
                let tick = Rectangle::new(Point::new(area.x, self.area.y), Size::new(BEGIN, TICK));
                ink::rectangle(picture.frame, tick, self.palette.text);
            }
        }
    }

    /// A colour over the ground. Not by opacity: the two renderers blend differently.
    fn tint(&self, color: Color, share: f32) -> Color {
        theme::mix(self.palette.surface, color, share)
    }

    /// Where a shape is within the plot.
    pub(super) fn place(&self, item: &Item) -> Rectangle {
        Rectangle {
            x: self.area.x + item.from,
            y: self.area.y + PADDING,
            width: item.to - item.from,
            height: self.area.height - 2.0 * PADDING,
        }
    }

    fn state(&self, picture: &mut Picture<'_>, area: Rectangle, segment: &Segment, has_begin: bool) {
        let kind = self.info.kind;
        let color = color(kind, segment.value);
        let (top, bottom) = (strip(area, 0.0), strip(area, area.height - CURVE));
        let begin = |width: f32| Rectangle { width, ..area };
        match kind {
            LaneKind::Bool => {
                if segment.value != 0 {
                    ink::rectangle(picture.frame, area, self.tint(color, FILL));
                    ink::rectangle(picture.frame, top, color);
                } else {
                    ink::rectangle(picture.frame, bottom, self.tint(color, LINE));
                }
                if has_begin {
                    ink::rectangle(picture.frame, begin(SEPARATOR), color);
                }
            }
            LaneKind::Enum => {
                // A pixel between two blocks.
                let width = (area.width - SEPARATOR).max(SEPARATOR);
                ink::rectangle(picture.frame, Rectangle { width, ..area }, self.tint(color, FILL));
                if has_begin {
                    ink::rectangle(picture.frame, begin(BEGIN), color);
                }
            }
            LaneKind::Bits => {
                let line = if segment.value == 0 { FILL } else { LINE };
                if segment.value != 0 {
                    ink::rectangle(picture.frame, area, self.tint(color, FAINT));
                }
                ink::rectangle(picture.frame, top, self.tint(color, line));
                ink::rectangle(picture.frame, bottom, self.tint(color, line));
                if has_begin {
                    ink::rectangle(picture.frame, begin(SEPARATOR), color);
                }
            }
        }
        self.write(picture, area, &label(kind, segment), segment.value != 0);
    }

    fn write(&self, picture: &mut Picture<'_>, area: Rectangle, label: &str, is_set: bool) {
        let kind = self.info.kind;
        let face = match kind {
            LaneKind::Bits => Face {
                font: theme::MONO,
                ..Face::WORDS
            },
            LaneKind::Bool | LaneKind::Enum => Face::WORDS,
        };
        let room = area.width - BEGIN - 2.0 * space::XS;
        let Some(label) = fitted(label, room, kind == LaneKind::Bits) else {
            return;
        };
        let is_quiet = kind == LaneKind::Bool || (kind == LaneKind::Bits && !is_set);
        let color = if is_quiet {
            self.palette.muted
        } else {
            self.palette.text
        };
        let at = Point::new(area.x + BEGIN + space::XS, area.center_y());
        picture.labels.push(Label {
            text: label,
            at,
            face,
            color,
            clip: area,
        });
    }

    fn dense(&self, picture: &mut Picture<'_>, area: Rectangle) {
        let color = match self.info.kind {
            LaneKind::Enum => self.palette.muted,
            kind @ (LaneKind::Bool | LaneKind::Bits) => color(kind, 1),
        };
        let area = grown(area);
        ink::rectangle(picture.frame, area, self.tint(color, FILL));
        let mut x = 0.0;
        while x < area.width {
            let line = Rectangle {
                x: area.x + x,
                width: SEPARATOR,
                ..area
            };
            ink::rectangle(picture.frame, line, color);
            x += DENSE;
        }
        // The last change is seen as the first is.
        let last = Rectangle {
            x: area.x + area.width - SEPARATOR,
            width: SEPARATOR,
            ..area
        };
        ink::rectangle(picture.frame, last, color);
    }

    fn narrow_gap(&self, picture: &mut Picture<'_>, area: Rectangle) {
        let slit = Rectangle {
            x: area.center_x() - DASH / 2.0,
            width: DASH,
            ..area
        };
        ink::rectangle(picture.frame, slit, self.palette.surface);
        let mut y = 0.0;
        while y < area.height {
            let dash = Rectangle {
                x: area.center_x().floor(),
                y: area.y + y,
                width: SEPARATOR,
                height: DASH.min(area.height - y),
            };
            ink::rectangle(picture.frame, dash, self.palette.muted);
            y += 2.0 * DASH;
        }
    }
}

/// A line along an area, at a distance from its upper edge.
fn strip(area: Rectangle, y: f32) -> Rectangle {
    Rectangle {
        y: area.y + y,
        height: CURVE,
        ..area
    }
}

fn grown(area: Rectangle) -> Rectangle {
    Rectangle {
        y: area.y - REACH,
        height: area.height + 2.0 * REACH,
        ..area
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn a_segment_without_a_label_is_named_by_its_value() {
        let segment = |value| Segment {
            from_ns: 0,
            to_ns: None,
            value,
            label: Rc::from(""),
            gap_before: false,
        };
        assert_eq!(label(LaneKind::Bool, &segment(1)), "true");
        assert_eq!(label(LaneKind::Enum, &segment(-4)), "-4");
        assert_eq!(label(LaneKind::Bits, &segment(26)), "0x1a");
    }

    #[test]
    fn neighbouring_values_have_different_colours() {
        for value in -20..20 {
            assert_ne!(color(LaneKind::Enum, value), color(LaneKind::Enum, value + 1));
        }
    }
}
