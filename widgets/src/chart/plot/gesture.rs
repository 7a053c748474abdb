//! From what the pointer does to what the chart tells.

use iced::advanced::mouse::{self, Button, ScrollDelta};
use iced::keyboard::Modifiers;
use iced::{Point, Rectangle};

use super::handle::{self, Grip};
use super::scene::{Place, Scene};
use crate::chart::{Event, Overlays};

/// One notch of the wheel multiplies a range by this.
const ZOOM: f64 = 1.25;
/// Pixels of a fine wheel that are one notch.
const NOTCH: f32 = 40.0;
/// More notches at once than this are not meant.
const MOST_NOTCHES: f32 = 4.0;
/// One notch of the wheel pans by this share of the span.
const PAN: f64 = 0.1;
/// A press that moves less than this is a click, in logical pixels.
const CLICK: f32 = 4.0;
/// A box that is narrower than this zooms the other direction alone, in logical pixels.
const NARROW: f32 = 12.0;

/// What the pointer is about to do.
#[derive(Default)]
pub(super) struct Gesture {
    pub(super) modifiers: Modifiers,
    click: Option<mouse::Click>,
    drag: Option<Drag>,
}

struct Drag {
    button: Button,
    start: Point,
    now: Point,
    /// Whether it went further than a click.
    is_moved: bool,
    what: What,
    /// What puts back what was moved.
    undo: Vec<Event>,
}

enum What {
    /// The plot; the ranges are those at the begin.
    Pan {
        times: (i64, i64),
        values: Vec<(f64, f64)>,
        is_click: bool,
        is_lifted: bool,
    },
    Values(u8),
    Box,
    /// A handle, and how far beside it the pointer took it.
    Grip(Grip, f32),
}

/// The part of the plot that is being chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chosen {
    /// In the window.
    pub(super) bounds: Rectangle,
    pub(super) has_times: bool,
    pub(super) has_values: bool,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Ignored,
    /// It is nobody else's.
    Taken,
}

impl Gesture {
    /// What is dragged now, unless it may still become a click.
    fn moved(&self) -> Option<&Drag> {
        self.drag.as_ref().filter(|drag| drag.is_moved)
    }

    /// Whether a button is held that was pressed here.
    pub(super) fn is_busy(&self) -> bool {
        self.drag.is_some()
    }

    /// Whether something is dragged, so that the crosshair would be in the way.
    pub(super) fn is_dragging(&self) -> bool {
        self.moved().is_some()
    }

    /// How the pointer looks while something is dragged.
    pub(super) fn interaction(&self) -> Option<mouse::Interaction> {
        let interaction = match &self.drag.as_ref()?.what {
            What::Pan { .. } if self.is_dragging() => mouse::Interaction::Grabbing,
            What::Pan { .. } => return None,
            What::Values(_) => mouse::Interaction::ResizingVertically,
            What::Box => mouse::Interaction::Crosshair,
            What::Grip(grip, _) => grip.interaction(),
        };
        Some(interaction)
    }

    /// The box that is dragged.
    pub(super) fn chosen(&self, scene: &Scene) -> Option<Chosen> {
        let drag = self.moved()?;
        matches!(drag.what, What::Box).then(|| Chosen::new(scene, drag.start, drag.now))
    }

    pub(super) fn pressed(
        &mut self,
        at: Point,
        button: Button,
        scene: &Scene,
        overlays: &Overlays,
        publish: &mut dyn FnMut(Event),
    ) -> Answer {
        // The button that is held cannot be pressed again: its release was lost, as when the window lost the focus.
        let _ = self.drag.take_if(|drag| drag.button == button);
        if self.drag.is_some() || !matches!(button, Button::Left | Button::Right) {
            return Answer::Ignored;
        }
        let place = scene.place(at);
        let mut undo = Vec::new();
        let what = if button == Button::Right {
            if place != Place::Plot {
                return Answer::Ignored;
            }
            What::Box
        } else {
            let click = mouse::Click::new(at, button, self.click);
            self.click = Some(click);
            if click.kind() == mouse::click::Kind::Double {
                publish(Event::FitRequested);
                return Answer::Taken;
            }
            let grip = handle::at(scene, overlays, at);
            match (grip, place) {
                (Some(handle), _) => {
                    undo.extend(handle.grip.origin(overlays));
                    What::Grip(handle.grip, handle.distance(at))
                }
                (None, Place::Values(axis)) => {
                    undo.push(range_event(axis, scene.axis(axis).range));
                    What::Values(axis)
                }
                (None, Place::Plot) if self.modifiers.shift() => What::Box,
                (None, Place::Plot | Place::Time) => What::Pan {
                    times: (0, 0),
                    values: Vec::new(),
                    is_click: place == Place::Plot,
                    is_lifted: false,
                },
                (None, Place::Aside) => return Answer::Ignored,
            }
        };
        self.drag = Some(Drag {
            button,
            start: at,
            now: at,
            is_moved: false,
            what,
            undo,
        });
        // A click with the right button may be meant for a menu.
        if button == Button::Right {
            Answer::Ignored
        } else {
            Answer::Taken
        }
    }

    pub(super) fn moved_to(&mut self, at: Point, scene: &Scene, publish: &mut dyn FnMut(Event)) -> Answer {
        let is_alt = self.modifiers.alt();
        let Some(drag) = &mut self.drag else {
            return Answer::Ignored;
        };
        drag.now = at;
        if !drag.is_moved {
            if drag.start.distance(at) < CLICK {
                return Answer::Taken;
            }
            drag.is_moved = true;
            if let What::Pan { times, values, .. } = &mut drag.what {
                // Not those of the press: a live view went on since.
                *times = (scene.view.from_ns, scene.view.to_ns);
                *values = scene.values.iter().map(|axis| axis.range).collect();
                drag.undo.push(Event::ViewMoved {
                    from_ns: times.0,
                    to_ns: times.1,
                });
            }
        }
        let down = scene.down(at.y) - scene.down(drag.start.y);
        match &mut drag.what {
            What::Pan {
                times,
                values,
                is_lifted,
                ..
            } => {
                let across = scene.across(at.x) - scene.across(drag.start.x);
                publish(moved_by(*times, -across));
                if is_alt && !*is_lifted {
                    *is_lifted = true;
                    drag.undo.extend(ranges(values));
                }
                if *is_lifted {
                    // Without Alt the values go back to where they were.
                    let down = if is_alt { down } else { 0.0 };
                    let moved: Vec<_> = values.iter().map(|range| shifted(*range, down)).collect();
                    ranges(&moved).for_each(publish);
                }
            }
            What::Values(axis) => {
                if let Some(Event::ValueRangeChanged { low, high, .. }) = drag.undo.first() {
                    publish(range_event(*axis, shifted((*low, *high), down)));
                }
            }
            What::Grip(grip, beside) => publish(grip.moved(at, *beside, scene)),
            What::Box => {}
        }
        Answer::Taken
    }

    pub(super) fn released(&mut self, button: Button, scene: &Scene, publish: &mut dyn FnMut(Event)) -> Answer {
        let Some(drag) = self.drag.take_if(|drag| drag.button == button) else {
            return Answer::Ignored;
        };
        match drag.what {
            What::Box if drag.is_moved => publish(Chosen::new(scene, drag.start, drag.now).event(scene)),
            What::Pan { is_click: true, .. } if !drag.is_moved => publish(Event::Clicked {
                time_ns: scene.time_ns(drag.start.x),
            }),
            What::Box if button == Button::Right => return Answer::Ignored,
            What::Box | What::Pan { .. } | What::Values(_) | What::Grip(..) => {}
        }
        Answer::Taken
    }

    /// Gives up what is dragged and puts it back.
    pub(super) fn cancelled(&mut self, publish: &mut dyn FnMut(Event)) -> Answer {
        let Some(drag) = self.drag.take() else {
            return Answer::Ignored;
        };
        if drag.is_moved {
            drag.undo.into_iter().for_each(publish);
        }
        Answer::Taken
    }

    pub(super) fn scrolled(
        &self,
        at: Point,
        delta: ScrollDelta,
        scene: &Scene,
        publish: &mut dyn FnMut(Event),
    ) -> Answer {
        let (x, y) = match delta {
            ScrollDelta::Lines { x, y } => (x, y),
            ScrollDelta::Pixels { x, y } => (x / NOTCH, y / NOTCH),
        };
        // Some systems turn the wheel sideways by themselves while Shift is held.
        let is_sideways = x.abs() > y.abs();
        let notches = if is_sideways { x } else { y };
        let notches = f64::from(notches.clamp(-MOST_NOTCHES, MOST_NOTCHES));
        let place = scene.place(at);
        if notches == 0.0 || place == Place::Aside || self.is_dragging() {
            return Answer::Ignored;
        }
        let factor = ZOOM.powf(-notches);
        match place {
            Place::Values(axis) => zoom_values(scene, axis, at, factor, publish),
            _ if is_sideways || self.modifiers.shift() => {
                publish(moved_by((scene.view.from_ns, scene.view.to_ns), -notches * PAN));
            }
            Place::Plot if self.modifiers.control() => {
                for axis in 0..scene.values.len() {
                    zoom_values(scene, axis as u8, at, factor, publish);
                }
            }
            Place::Plot | Place::Time | Place::Aside => publish(Event::TimeZoomed {
                factor,
                at_ns: scene.time_ns(at.x),
            }),
        }
        Answer::Taken
    }
}

/// The values under the pointer stay where they are.
fn zoom_values(scene: &Scene, axis: u8, at: Point, factor: f64, publish: &mut dyn FnMut(Event)) {
    let fixed = scene.down(at.y);
    let range = scene
        .axis(axis)
        .part(fixed * (1.0 - factor), fixed + (1.0 - fixed) * factor);
    // Less than can be told apart is not a range.
    if range.1 - range.0 > range.0.abs().max(range.1.abs()) * 1e-12 {
        publish(range_event(axis, range));
    }
}

/// The times moved by a share of their span.
fn moved_by((from_ns, to_ns): (i64, i64), share: f64) -> Event {
    let by_ns = (share * to_ns.saturating_sub(from_ns) as f64).round() as i64;
    Event::ViewMoved {
        from_ns: from_ns.saturating_add(by_ns),
        to_ns: to_ns.saturating_add(by_ns),
    }
}

/// A range moved up by a share of itself, as its picture is moved down.
fn shifted((low, high): (f64, f64), share: f64) -> (f64, f64) {
    let by = share * (high - low);
    (low + by, high + by)
}

fn range_event(axis: u8, (low, high): (f64, f64)) -> Event {
    Event::ValueRangeChanged { axis, low, high }
}

fn ranges(values: &[(f64, f64)]) -> impl Iterator<Item = Event> {
    values
        .iter()
        .enumerate()
        .map(|(axis, range)| range_event(axis as u8, *range))
}

impl Chosen {
    fn new(scene: &Scene, start: Point, now: Point) -> Self {
        let within = |point: Point| {
            Point::new(
                point.x.clamp(scene.plot.x, scene.right()),
                point.y.clamp(scene.plot.y, scene.bottom()),
            )
        };
        let (a, b) = (within(start), within(now));
        let (width, height) = ((a.x - b.x).abs(), (a.y - b.y).abs());
        let has_times = width >= NARROW || width >= height;
        let has_values = height >= NARROW || height > width;
        let (x, width) = if has_times {
            (a.x.min(b.x), width)
        } else {
            (scene.plot.x, scene.plot.width)
        };
        let (y, height) = if has_values {
            (a.y.min(b.y), height)
        } else {
            (scene.plot.y, scene.plot.height)
        };

        Self {
            bounds: Rectangle { x, y, width, height },
            has_times,
            has_values,
        }
    }

    fn event(&self, scene: &Scene) -> Event {
        let Rectangle { x, y, width, height } = self.bounds;
        Event::BoxZoomed {
            time: self.has_times.then(|| (scene.time_ns(x), scene.time_ns(x + width))),
            values: self.has_values.then(|| (scene.down(y), scene.down(y + height))),
        }
    }
}
