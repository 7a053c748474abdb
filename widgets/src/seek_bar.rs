//! A recording from end to end: how dense it is, what is shown of it, where it plays, and what was marked.
//!
//! ```text
//! ┌ lane of the playhead: press or drag to seek ──────────────────────┐
//! │      ◆            ▼                                  ◆            │
//! ├ density, with the window on what the charts show: drag to move it ┤
//! │ ▁▂▂▂▂[▂▂▂▂▂▂▂▂▂▂]▂▂▂▂▂   ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂ │
//! ├ one line per topic that is drawn ─────────────────────────────────┤
//! └ labels of the time ───────────────────────────────────────────────┘
//! ```

mod drag;
mod draw;
mod frame;

#[cfg(test)]
mod tests;

use iced::advanced::{Shell, mouse};
use iced::{Color, Element, Event, Length, Rectangle};

use crate::chart::TimeAxis;
use crate::chart::clock::Clock;
use crate::ink;
use crate::leaf::{self, Leaf, Place};
use crate::timeline::{BELOW, Timeline};
use drag::Drag;
use frame::{DENSITY, Frame, LANE, LINE};

/// The density of one topic that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The colour of its first curve.
    pub color: Color,
    /// Messages in each of equal parts of the whole.
    pub density: Vec<f32>,
}

/// What a [`seek_bar`] shows; times in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The begin and the end of the recording.
    pub extent: (i64, i64),
    /// What the charts show.
    pub view: (i64, i64),
    /// Where it plays.
    pub playhead: i64,
    /// The part that is played, when it is not all.
    pub range: Option<(i64, i64)>,
    /// What was marked, in order of time.
    pub marks: Vec<(i64, String)>,
    /// Messages in each of equal parts of the whole; empty when nobody knows.
    pub density: Vec<f32>,
    /// One per topic that is drawn.
    pub lines: Vec<Line>,
}

/// What the user did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeekEvent {
    /// Playing is to go on at this time.
    Seek(i64),
    /// The charts are to show these times.
    ViewMoved {
        /// At the left edge.
        from_ns: i64,
        /// At the right edge.
        to_ns: i64,
    },
}

/// Creates the bar.
pub fn seek_bar<'a, Message: 'a>(
    content: Content,
    on_event: impl Fn(SeekEvent) -> Message + 'a,
) -> Element<'a, Message> {
    leaf::element(SeekBar {
        content,
        on_event: Box::new(on_event),
    })
}

struct SeekBar<'a, Message> {
    content: Content,
    on_event: Box<dyn Fn(SeekEvent) -> Message + 'a>,
}

#[derive(Debug, Default)]
struct State {
    drag: Option<Drag>,
    hovered: Option<usize>,
}

impl<Message> SeekBar<'_, Message> {
    fn timeline(&self) -> Timeline {
        Timeline::new(self.content.extent)
    }

    fn x(&self, bounds: Rectangle, time_ns: i64) -> f32 {
        let x = self.timeline().x(time_ns).clamp(0.0, 1.0) as f32;
        bounds.x + x * bounds.width
    }

    fn at(&self, bounds: Rectangle, x: f32) -> i64 {
        let (from, to) = self.content.extent;
        self.timeline().at(bounds, x).clamp(from, to.max(from))
    }
}

impl<Message> Leaf<Message> for SeekBar<'_, Message> {
    type State = State;

    fn state(&self) -> State {
        State::default()
    }

    fn height(&self) -> Length {
        Length::Fixed(LANE + DENSITY + self.content.lines.len() as f32 * LINE + BELOW)
    }

    fn update(
        &mut self,
        state: &mut State,
        event: &Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) {
        let frame = Frame::new(bounds, self.content.lines.len());
        let plot = frame.plot();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                let Some(point) = cursor.position() else { return };
                if let Some(index) = self.mark_at(frame.lane, point)
                    && let Some((time_ns, _)) = self.content.marks.get(index)
                {
                    shell.publish((self.on_event)(SeekEvent::Seek(*time_ns)));
                    shell.capture_event();
                    return;
                }
                state.drag = self.taken(&frame, point);
                if let Some(drag) = state.drag {
                    shell.publish((self.on_event)(self.dragged(drag, plot, point.x)));
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => state.drag = None,
            Event::Mouse(mouse::Event::CursorMoved { position }) => {
                if let Some(drag) = state.drag {
                    shell.publish((self.on_event)(self.dragged(drag, plot, position.x)));
                    shell.capture_event();
                    return;
                }
                let hovered = self.mark_at(frame.lane, *position);
                if std::mem::replace(&mut state.hovered, hovered) != hovered {
                    shell.request_redraw();
                }
            }
            _ => {}
        }
    }

    fn draw(&self, state: &State, renderer: &mut iced::Renderer, place: &Place<'_>) {
        use iced::advanced::Renderer as _;

        let (palette, bounds) = (place.palette(), place.bounds());
        if bounds.intersection(place.viewport).is_none() {
            return;
        }
        let frame = Frame::new(bounds, self.content.lines.len());
        let plot = frame.plot();
        ink::fill(renderer, plot, palette.background);
        self.draw_density(renderer, &palette, &frame);
        renderer.with_layer(bounds, |renderer| {
            self.draw_window(renderer, &palette, plot);
            let clock = Clock {
                axis: TimeAxis::Since(self.content.extent.0),
                ..Clock::default()
            };
            self.timeline().draw_labels(renderer, &palette, plot, bounds, clock);
            self.draw_lane(renderer, &palette, &frame, state.hovered);
        });
    }

    fn interaction(&self, state: &State, bounds: Rectangle, cursor: mouse::Cursor) -> mouse::Interaction {
        let frame = Frame::new(bounds, self.content.lines.len());
        let over = cursor.position().and_then(|point| self.taken(&frame, point));
        match state.drag.or(over) {
            Some(Drag::Playhead) => mouse::Interaction::Pointer,
            Some(Drag::From | Drag::To) => mouse::Interaction::ResizingHorizontally,
            Some(Drag::View(_)) if state.drag.is_some() => mouse::Interaction::Grabbing,
            Some(Drag::View(_)) => mouse::Interaction::Grab,
            None => mouse::Interaction::None,
        }
    }
}
