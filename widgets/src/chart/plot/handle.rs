//! What can be taken hold of: cursors, levels, the trigger.

use iced::{Point, Rectangle, mouse};

use super::paint::{CHARACTER, LINE};
use super::scene::Scene;
use crate::chart::{Event, Overlays};
use crate::format;
use crate::theme::space;

/// A handle is taken within this distance of its line, in logical pixels.
const HIT: f32 = 6.0;

/// What is taken hold of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grip {
    Cursor(usize),
    Level(usize, u8),
    Trigger(usize, u8),
}

/// A line with its tag.
pub(super) struct Handle {
    pub(super) grip: Grip,
    /// Where its line is, across or down the window; at the edge of the plot when it lies outside.
    pub(super) line: f32,
    pub(super) is_inside: bool,
    pub(super) tag: Rectangle,
    pub(super) text: String,
}

impl Grip {
    pub(super) fn is_vertical(self) -> bool {
        matches!(self, Grip::Cursor(_))
    }

    pub(super) fn interaction(self) -> mouse::Interaction {
        if self.is_vertical() {
            mouse::Interaction::ResizingHorizontally
        } else {
            mouse::Interaction::ResizingVertically
        }
    }

    /// What puts it where it is.
    pub(super) fn origin(self, overlays: &Overlays) -> Option<Event> {
        match self {
            Grip::Cursor(which) => overlays.cursors[which].map(|time_ns| Event::CursorMoved { which, time_ns }),
            Grip::Level(which, _) => overlays.levels[which].map(|(_, value)| Event::LevelMoved { which, value }),
            Grip::Trigger(which, _) => overlays.trigger[which].map(|trigger| Event::TriggerLevelMoved {
                which,
                value: trigger.level,
            }),
        }
    }

    /// What puts it under the pointer, which took it `beside` its line.
    pub(super) fn moved(self, at: Point, beside: f32, scene: &Scene) -> Event {
        let x = (at.x - beside).clamp(scene.plot.x, scene.right());
        let y = (at.y - beside).clamp(scene.plot.y, scene.bottom());
        match self {
            Grip::Cursor(which) => Event::CursorMoved {
                which,
                time_ns: scene.time_ns(x),
            },
            Grip::Level(which, axis) => Event::LevelMoved {
                which,
                value: scene.value(axis, y),
            },
            Grip::Trigger(which, axis) => Event::TriggerLevelMoved {
                which,
                value: scene.value(axis, y),
            },
        }
    }
}

impl Handle {
    /// How far a point is beside the line.
    pub(super) fn distance(&self, at: Point) -> f32 {
        if self.grip.is_vertical() {
            at.x - self.line
        } else {
            at.y - self.line
        }
    }
}

/// Every handle of a plot, in the order of drawing.
pub(super) fn all(scene: &Scene, overlays: &Overlays) -> Vec<Handle> {
    let trigger = overlays.trigger.iter().enumerate().filter_map(|(which, mark)| {
        let mark = (*mark)?;
        Some((Grip::Trigger(which, mark.axis), mark.axis, mark.level))
    });
    let levels = overlays.levels.iter().enumerate().filter_map(|(which, level)| {
        let (axis, value) = (*level)?;
        Some((Grip::Level(which, axis), axis, value))
    });
    let mut handles: Vec<Handle> = trigger
        .chain(levels)
        .filter(|(.., value)| value.is_finite())
        .map(|(grip, axis, value)| horizontal(scene, overlays, grip, axis, value))
        .collect();
    handles.extend(
        overlays
            .cursors
            .iter()
            .enumerate()
            .filter_map(|(which, time_ns)| Some(vertical(scene, overlays, which, (*time_ns)?))),
    );
    handles
}

/// The handle at a point: one whose tag is there, else the one with the nearest line.
pub(super) fn at(scene: &Scene, overlays: &Overlays, at: Point) -> Option<Handle> {
    if !scene.plot.contains(at) {
        return None;
    }
    let mut handles = all(scene, overlays);
    let tagged = handles.iter().rposition(|handle| handle.tag.contains(at));
    let nearest = || {
        let near = handles.iter().enumerate().filter(|(_, handle)| handle.is_inside);
        near.map(|(index, handle)| (index, handle.distance(at).abs()))
            .filter(|(_, distance)| *distance <= HIT)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(index, _)| index)
    };
    let index = tagged.or_else(nearest)?;
    Some(handles.swap_remove(index))
}

fn width(text: &str) -> f32 {
    text.chars().count() as f32 * CHARACTER + space::S
}

/// The tag is a flag at the top, on the side away from the other cursor.
fn vertical(scene: &Scene, overlays: &Overlays, which: usize, time_ns: i64) -> Handle {
    let x = scene.x(time_ns).round();
    let line = x.clamp(scene.plot.x, (scene.right() - 1.0).max(scene.plot.x));
    let text = if which == 0 { "A" } else { "B" }.to_owned();
    let width = width(&text);
    let is_later = match overlays.cursors[1 - which] {
        Some(other) => (time_ns, which) > (other, 1 - which),
        None => which == 1,
    };
    let left = if is_later { line + 1.0 } else { line - width };
    let tag = Rectangle {
        x: left.clamp(scene.plot.x, (scene.right() - width).max(scene.plot.x)),
        y: scene.plot.y,
        width,
        height: LINE,
    };

    Handle {
        grip: Grip::Cursor(which),
        line,
        is_inside: (line - x).abs() <= 1.0,
        tag,
        text,
    }
}

/// The tag of a level is at the left edge, away from the other level; that of the trigger is at the right one.
fn horizontal(scene: &Scene, overlays: &Overlays, grip: Grip, axis: u8, value: f64) -> Handle {
    let y = scene.y(axis, value).round();
    let line = y.clamp(scene.plot.y, (scene.bottom() - 1.0).max(scene.plot.y));
    let (text, top) = match grip {
        Grip::Level(which, _) => {
            let unit = scene.axis(axis).unit.as_deref().unwrap_or_default();
            let text = format!("Y{} {} {unit}", which + 1, format::plain(value));
            let is_lower = overlays.levels[1 - which]
                .is_some_and(|(other, value)| (line, which) > (scene.y(other, value).round(), 1 - which));
            let top = if is_lower { line + 1.0 } else { line - LINE };
            (text.trim_end().to_owned(), top)
        }
        Grip::Cursor(_) | Grip::Trigger(..) => ("T".to_owned(), line - (LINE / 2.0).floor()),
    };
    let width = width(&text);
    let left = match grip {
        Grip::Level(..) => scene.plot.x + 1.0,
        Grip::Cursor(_) | Grip::Trigger(..) => (scene.right() - width).max(scene.plot.x),
    };

    Handle {
        grip,
        line,
        is_inside: (line - y).abs() <= 1.0,
        tag: Rectangle {
            x: left,
            y: top.clamp(scene.plot.y, (scene.bottom() - LINE).max(scene.plot.y)),
            width,
            height: LINE,
        },
        text,
    }
}
