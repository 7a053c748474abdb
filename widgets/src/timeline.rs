//! The time axis of plots that are not drawn by plotters: from times to places, its labels, and how it is moved.

use iced::advanced::mouse;
use iced::advanced::text::Alignment;
use iced::keyboard::{self, Modifiers};
use iced::{Point, Rectangle};

use crate::chart::TimeAxis;
use crate::chart::clock::Clock;
use crate::format;
use crate::ink::{self, Face};
use crate::theme::{Palette, SEPARATOR, size, space};

/// One notch of the wheel multiplies a range by this.
pub(crate) const ZOOM: f64 = 1.25;
/// One notch of the wheel moves the view by this share of its span.
const PAN: f64 = 0.1;
/// Height of the labels below a plot, in logical pixels.
pub(crate) const BELOW: f32 = size::SMALL + space::S;
/// Room for each label, in logical pixels.
const TICK_ROOM: f32 = 90.0;
/// The cursor must move this far before a press moves the view, in logical pixels.
const THRESHOLD: f32 = 4.0;

/// The times that a plot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// At the left edge, in ns since the Unix epoch.
    pub(crate) from_ns: i64,
    /// At the right edge, in ns since the Unix epoch.
    pub(crate) to_ns: i64,
}

impl Timeline {
    pub(crate) fn new((from_ns, to_ns): (i64, i64)) -> Self {
        Self { from_ns, to_ns }
    }

    /// The time from edge to edge, in ns; at least 1.
    pub(crate) fn span_ns(&self) -> i64 {
        self.to_ns.saturating_sub(self.from_ns).max(1)
    }

    /// The horizontal place of a time: 0 at the left edge and 1 at the right one.
    pub(crate) fn x(&self, time_ns: i64) -> f64 {
        time_ns.saturating_sub(self.from_ns) as f64 / self.span_ns() as f64
    }

    /// The time at a horizontal place (see [`x`](Self::x)).
    pub(crate) fn time_ns(&self, x: f64) -> i64 {
        self.from_ns.saturating_add((x * self.span_ns() as f64) as i64)
    }

    /// The time at a point of the screen over a plot.
    pub(crate) fn at(&self, plot: Rectangle, x: f32) -> i64 {
        self.time_ns(f64::from((x - plot.x) / plot.width.max(1.0)))
    }

    /// The labels for a plot of a width, each with its place in logical pixels.
    fn ticks(&self, clock: Clock, width: f32) -> Vec<(f32, String)> {
        let wanted = (width / TICK_ROOM) as usize;
        let span_s = self.span_ns() as f64 * 1e-9;
        let (ticks, from_s) = clock.ticks(*self, wanted);
        ticks
            .into_iter()
            .map(|tick| {
                let x = (tick.value - from_s) / span_s * f64::from(width);
                (x.round() as f32, tick.label)
            })
            .collect()
    }

    /// A time as the axis counts it, with more digits.
    pub(crate) fn text(&self, clock: Clock, time_ns: i64) -> String {
        let origin_ns = match clock.axis {
            TimeAxis::Relative => self.to_ns,
            TimeAxis::Since(origin_ns) => origin_ns,
            TimeAxis::Wall => return (clock.format)(time_ns),
        };
        let decimals = match self.span_ns() {
            span if span < 10_000_000 => 6,
            span if span < 1_000_000_000 => 5,
            span if span < 100_000_000_000 => 3,
            _ => 1,
        };
        let seconds = time_ns.saturating_sub(origin_ns) as f64 * 1e-9;
        // No negative zero.
        let seconds = if seconds.abs() < 0.5 * 10f64.powi(-decimals) {
            0.0
        } else {
            seconds
        };
        format!("{seconds:.decimals$} s", decimals = decimals as usize)
    }

    /// The vertical lines of the grid, to be drawn before what is shown.
    pub(crate) fn draw_grid(&self, renderer: &mut iced::Renderer, palette: &Palette, plot: Rectangle, clock: Clock) {
        for (x, _) in self.ticks(clock, plot.width) {
            let line = Rectangle {
                x: plot.x + x,
                width: SEPARATOR,
                ..plot
            };
            ink::fill(renderer, line, palette.grid);
        }
    }

    /// The line below the plot and its labels; they stay within `bounds`.
    pub(crate) fn draw_labels(
        &self,
        renderer: &mut iced::Renderer,
        palette: &Palette,
        plot: Rectangle,
        bounds: Rectangle,
        clock: Clock,
    ) {
        let bottom = plot.y + plot.height;
        let line = Rectangle {
            y: bottom,
            height: SEPARATOR,
            ..plot
        };
        ink::fill(renderer, line, palette.separator);
        for (x, label) in self.ticks(clock, plot.width) {
            let half = label.chars().count() as f32 * ink::CHARACTER / 2.0;
            let (across, x) = if plot.x + x + half > bounds.x + bounds.width {
                (Alignment::Right, plot.x + plot.width)
            } else if x < half {
                (Alignment::Left, plot.x + x)
            } else {
                (Alignment::Center, plot.x + x)
            };
            let face = Face {
                across,
                ..Face::FIGURES
            };
            let at = Point::new(x, bottom + space::XS);
            ink::write(renderer, label, at, face, palette.muted, bounds);
        }
    }
}

/// A duration for people: `41.0 µs`, `4.20 s`.
pub(crate) fn duration(ns: i64) -> String {
    format::duration(ns as f64 * 1e-9)
}

/// What the user did to the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Gesture {
    /// The span is to be multiplied by `factor`; what is at `at_ns` stays where it is.
    Zoomed { factor: f64, at_ns: i64 },
    /// The view is to be moved.
    Moved { from_ns: i64, to_ns: i64 },
    /// Everything is to be shown.
    Fit,
}

/// What is kept of the mouse from event to event.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    modifiers: Modifiers,
    click: Option<mouse::Click>,
    /// Where the view was taken, the view then, and whether it has moved since.
    drag: Option<(Point, Timeline, bool)>,
}

impl Hand {
    /// Whether the view is being moved.
    pub(crate) fn is_dragging(&self) -> bool {
        self.drag.is_some_and(|(.., has_moved)| has_moved)
    }

    /// Reads an event over a plot or over the time axis below it.
    pub(crate) fn read(
        &mut self,
        event: &iced::Event,
        cursor: mouse::Cursor,
        plot: Rectangle,
        timeline: Timeline,
    ) -> Option<Gesture> {
        if let iced::Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) = event {
            self.modifiers = *modifiers;
        }
        let iced::Event::Mouse(event) = event else {
            return None;
        };
        let axis = Rectangle {
            y: plot.y + plot.height,
            height: BELOW,
            ..plot
        };
        match event {
            mouse::Event::CursorMoved { position } => self.moved(*position, plot),
            mouse::Event::ButtonPressed(mouse::Button::Left) => {
                let position = cursor.position_over(plot).or(cursor.position_over(axis))?;
                let click = mouse::Click::new(position, mouse::Button::Left, self.click);
                self.click = Some(click);
                if click.kind() == mouse::click::Kind::Double {
                    self.drag = None;
                    return Some(Gesture::Fit);
                }
                self.drag = Some((position, timeline, false));
                None
            }
            mouse::Event::ButtonReleased(mouse::Button::Left) => {
                self.drag = None;
                None
            }
            mouse::Event::WheelScrolled { delta } => {
                let position = cursor.position_over(plot).or(cursor.position_over(axis))?;
                self.scrolled(*delta, plot, position, timeline)
            }
            _ => None,
        }
    }

    fn moved(&mut self, position: Point, plot: Rectangle) -> Option<Gesture> {
        let (start, timeline, has_moved) = self.drag.as_mut()?;
        *has_moved |= (position.x - start.x).abs() > THRESHOLD;
        if !*has_moved {
            return None;
        }
        let share = f64::from((start.x - position.x) / plot.width.max(1.0));
        Some(shifted(timeline, share))
    }

    fn scrolled(
        &self,
        delta: mouse::ScrollDelta,
        plot: Rectangle,
        position: Point,
        timeline: Timeline,
    ) -> Option<Gesture> {
        let is_over_axis = position.y >= plot.y + plot.height;
        // Of a touchpad only the main direction counts.
        let (x, y, share) = match delta {
            mouse::ScrollDelta::Lines { x, y } => (x, y, PAN),
            mouse::ScrollDelta::Pixels { x, y } => (x, y, 1.0 / f64::from(plot.width.max(1.0))),
        };
        let sideways = if self.modifiers.shift() && x == 0.0 { y } else { x };
        if sideways != 0.0 && sideways.abs() >= y.abs() {
            return Some(shifted(&timeline, -share * f64::from(sideways)));
        }
        if y == 0.0 || !(self.modifiers.control() || is_over_axis) {
            return None;
        }
        Some(Gesture::Zoomed {
            factor: if y > 0.0 { 1.0 / ZOOM } else { ZOOM },
            at_ns: timeline.at(plot, position.x),
        })
    }
}

/// The view moved by a share of its span.
fn shifted(timeline: &Timeline, share: f64) -> Gesture {
    let by = (share * timeline.span_ns() as f64) as i64;
    Gesture::Moved {
        from_ns: timeline.from_ns.saturating_add(by),
        to_ns: timeline.to_ns.saturating_add(by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMELINE: Timeline = Timeline {
        from_ns: 10_000_000_000,
        to_ns: 20_000_000_000,
    };

    #[test]
    fn places_and_times_are_inverse() {
        assert!((TIMELINE.x(12_500_000_000) - 0.25).abs() < 1e-12);
        assert_eq!(TIMELINE.time_ns(0.25), 12_500_000_000);
        let empty = Timeline { from_ns: 5, to_ns: 5 };
        assert!(empty.x(5).is_finite() && empty.span_ns() == 1);
    }

    #[test]
    fn relative_labels_do_not_change_while_the_view_moves() {
        let later = Timeline {
            from_ns: TIMELINE.from_ns + 123_456,
            to_ns: TIMELINE.to_ns + 123_456,
        };
        let ticks = TIMELINE.ticks(Clock::default(), 500.0);
        assert_eq!(ticks, later.ticks(Clock::default(), 500.0));
        assert_eq!(ticks.last().map(|(_, label)| label.as_str()), Some("now"));
    }

    #[test]
    fn a_time_is_told_with_the_digits_that_the_span_bears() {
        let relative = |timeline: Timeline, time_ns| timeline.text(Clock::default(), time_ns);
        assert_eq!(relative(TIMELINE, 16_800_000_000), "-3.200 s");
        assert_eq!(relative(TIMELINE, 20_000_000_000), "0.000 s");
        let short = Timeline {
            from_ns: 0,
            to_ns: 1_000_000,
        };
        assert_eq!(relative(short, 999_000), "-0.000001 s");
        assert_eq!(
            TIMELINE.text(clock(TimeAxis::Since(10_000_000_000)), 16_800_000_000),
            "6.800 s"
        );
    }

    #[test]
    fn what_stands_still_is_told_by_the_clock_and_never_as_now() {
        let wall = clock(TimeAxis::Wall);
        assert_eq!(TIMELINE.text(wall, 16_800_000_000), "00:00:16.800000");
        let ticks = TIMELINE.ticks(wall, 500.0);
        let labels: Vec<&str> = ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(
            labels,
            ["00:00:10", "00:00:12", "00:00:14", "00:00:16", "00:00:18", "00:00:20"]
        );
        // The grid moves with what is seen.
        let later = Timeline {
            from_ns: TIMELINE.from_ns + 500_000_000,
            to_ns: TIMELINE.to_ns + 500_000_000,
        };
        let moved = later.ticks(wall, 500.0);
        assert_eq!(moved.first(), Some(&(75.0, "00:00:12".to_owned())));
    }

    fn clock(axis: TimeAxis) -> Clock {
        Clock {
            axis,
            ..Clock::default()
        }
    }
}
