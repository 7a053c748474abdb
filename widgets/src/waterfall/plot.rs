//! The widget: what the mouse does, and the order of drawing.

use iced::advanced::{Shell, mouse};
use iced::{Point, Rectangle};

use super::draw::{self, Look};
use super::frame::Frame;
use super::frequency::{self, Frequencies};
use super::{Event, Hover, Waterfall, columns, memory};
use crate::ink::{self, Face};
use crate::leaf::{Leaf, Place};
use crate::theme::{self, Palette};
use crate::timeline::{Gesture, Hand, Timeline, ZOOM};

/// The levels of the scale are never closer than this, in dB.
const LEAST_DB: f32 = 1.0;
/// Nor further apart than this.
const MOST_DB: f32 = 400.0;

pub(super) struct Plot<'a, Message>(pub(super) Waterfall<'a, Message>);

/// An axis that was taken with the mouse, and where.
#[derive(Debug, Clone, Copy)]
enum Drag {
    Frequency { y: f32, from: Frequencies },
    Level { y: f32, low: f32, high: f32 },
}

pub(super) struct State {
    memory: memory::State,
    hand: Hand,
    drag: Option<Drag>,
    hovered: Option<Hover>,
}

impl<Message> Plot<'_, Message> {
    fn frequencies(&self) -> Frequencies {
        let source = &self.0.source;
        Frequencies::new(self.0.scale, source.shown_hz(), source.freq_range_hz(), source.bins())
    }

    fn frame(&self, bounds: Rectangle) -> Frame {
        Frame::new(bounds, &self.frequencies(), self.0.source.db_range())
    }

    fn timeline(&self) -> Timeline {
        Timeline::new(self.0.source.view())
    }

    /// What is at a point of the spectra.
    fn hover(&self, plot: Rectangle, at: Point) -> Hover {
        let source = &self.0.source;
        let time_ns = self.timeline().at(plot, at.x);
        let frequencies = self.frequencies();
        let hz = frequencies.hz(f64::from(1.0 - (at.y - plot.y) / plot.height.max(1.0)));
        let column = columns::nearest(&**source, time_ns);
        let db = column.zip(frequencies.nearest(hz)).and_then(|(column, (bin, _))| {
            let mut values = Vec::with_capacity(source.bins());
            source.copy(column, column + 1, &mut values);
            values.get(bin).copied().filter(|level| !level.is_nan())
        });
        Hover { time_ns, hz, db }
    }

    /// The event of a wheel over an axis, or of an axis that is dragged.
    fn axis_event(
        &self,
        state: &mut State,
        event: &mouse::Event,
        cursor: mouse::Cursor,
        frame: &Frame,
    ) -> Option<Event> {
        let height = frame.plot.height.max(1.0);
        match event {
            mouse::Event::ButtonPressed(mouse::Button::Left) => {
                let (low, high) = self.0.source.db_range();
                state.drag = if let Some(at) = cursor.position_over(frame.frequency_axis()) {
                    let from = self.frequencies();
                    Some(Drag::Frequency { y: at.y, from })
                } else {
                    let at = cursor.position_over(frame.level_axis());
                    at.map(|at| Drag::Level { y: at.y, low, high })
                };
                None
            }
            mouse::Event::ButtonReleased(mouse::Button::Left) => {
                state.drag = None;
                None
            }
            mouse::Event::CursorMoved { position } => match state.drag? {
                Drag::Frequency { y, from } => {
                    let (low_hz, high_hz) = from.moved(f64::from((position.y - y) / height));
                    Some(Event::FrequencyRangeChanged { low_hz, high_hz })
                }
                Drag::Level { y, low, high } => {
                    let shift = (position.y - y) / height * (high - low);
                    Some(Event::DbRangeChanged {
                        low: low + shift,
                        high: high + shift,
                    })
                }
            },
            mouse::Event::WheelScrolled { delta } => {
                let (mouse::ScrollDelta::Lines { y, .. } | mouse::ScrollDelta::Pixels { y, .. }) = delta;
                let factor = if *y > 0.0 { 1.0 / ZOOM } else { ZOOM };
                if *y == 0.0 {
                    return None;
                }
                let place = |at: Point| 1.0 - (at.y - frame.plot.y) / height;
                if let Some(at) = cursor.position_over(frame.frequency_axis()) {
                    let (low_hz, high_hz) = self.frequencies().zoomed(f64::from(place(at)), factor);
                    return Some(Event::FrequencyRangeChanged { low_hz, high_hz });
                }
                let at = cursor.position_over(frame.level_axis())?;
                let (low, high) = self.0.source.db_range();
                let span = (high - low) * factor as f32;
                if !(LEAST_DB..=MOST_DB).contains(&span) {
                    return Some(Event::DbRangeChanged { low, high });
                }
                let fixed = low + (high - low) * place(at);
                let low = fixed - span * place(at);
                Some(Event::DbRangeChanged { low, high: low + span })
            }
            _ => None,
        }
    }
}

impl<Message> Leaf<Message> for Plot<'_, Message> {
    type State = State;

    fn state(&self) -> State {
        State {
            memory: memory::State::new(),
            hand: Hand::default(),
            drag: None,
            hovered: None,
        }
    }

    fn update(
        &mut self,
        state: &mut State,
        event: &iced::Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) {
        let frame = self.frame(bounds);
        if let Some(gesture) = state.hand.read(event, cursor, frame.plot, self.timeline()) {
            let event = match gesture {
                Gesture::Zoomed { factor, at_ns } => Event::TimeZoomed { factor, at_ns },
                Gesture::Moved { from_ns, to_ns } => Event::ViewMoved { from_ns, to_ns },
                Gesture::Fit => Event::FitRequested,
            };
            shell.publish((self.0.on_event)(event));
            shell.capture_event();
            return;
        }
        let iced::Event::Mouse(event) = event else {
            return;
        };
        if let Some(event) = self.axis_event(state, event, cursor, &frame) {
            shell.publish((self.0.on_event)(event));
            shell.capture_event();
            return;
        }
        if state.drag.is_some() {
            shell.capture_event();
        }
        let hovered = match event {
            mouse::Event::CursorMoved { .. } => cursor.position_over(frame.plot),
            mouse::Event::CursorLeft => None,
            _ => return,
        };
        let hovered = hovered.map(|at| self.hover(frame.plot, at));
        if hovered != state.hovered {
            state.hovered = hovered;
            shell.publish((self.0.on_event)(Event::Hovered(hovered)));
            shell.request_redraw();
        }
    }

    fn interaction(&self, state: &State, bounds: Rectangle, cursor: mouse::Cursor) -> mouse::Interaction {
        let frame = self.frame(bounds);
        if state.hand.is_dragging() {
            mouse::Interaction::Grabbing
        } else if cursor.is_over(frame.plot) {
            mouse::Interaction::Crosshair
        } else if cursor.is_over(frame.frequency_axis()) || cursor.is_over(frame.level_axis()) {
            mouse::Interaction::ResizingVertically
        } else {
            mouse::Interaction::None
        }
    }

    fn draw(&self, state: &State, renderer: &mut iced::Renderer, place: &Place<'_>) {
        use iced::advanced::Renderer as _;

        let (palette, bounds, cursor) = (place.palette(), place.bounds(), place.cursor);
        let source = &self.0.source;
        if source.head() <= source.tail() {
            ink::write(
                renderer,
                self.0.hint,
                bounds.center(),
                Face::HINT,
                palette.muted,
                bounds,
            );
            return;
        }
        let frame = self.frame(bounds);
        let look = Look {
            timeline: self.timeline(),
            frequencies: self.frequencies(),
            map: self.0.map,
            ground: palette.surface,
            hatch: palette.faint,
            is_eco: self.0.is_eco,
        };
        let colors = (&look.frequencies, look.map);
        let times = (look.timeline, self.0.clock);
        frame.draw(renderer, &palette, colors, source.db_range(), times);
        draw::draw(&**source, &state.memory, &look, renderer, frame.plot);

        if let Some(at) = cursor.position_over(frame.plot) {
            // A layer of its own: primitives are drawn above the quads of theirs.
            renderer.with_layer(frame.plot, |renderer| {
                self.crosshair(renderer, &palette, frame.plot, at);
            });
        }
    }
}

impl<Message> Plot<'_, Message> {
    fn crosshair(&self, renderer: &mut iced::Renderer, palette: &Palette, plot: Rectangle, at: Point) {
        let hover = self.hover(plot, at);
        let down = Rectangle {
            x: at.x.round(),
            width: theme::SEPARATOR,
            ..plot
        };
        let across = Rectangle {
            y: at.y.round(),
            height: theme::SEPARATOR,
            ..plot
        };
        ink::fill(renderer, down, palette.text.scale_alpha(CROSSHAIR));
        ink::fill(renderer, across, palette.text.scale_alpha(CROSSHAIR));
        let level = hover
            .db
            .map_or_else(|| "no data".to_owned(), |db| format!("{db:.1} dB"));
        let lines = vec![
            (self.timeline().text(self.0.clock, hover.time_ns), palette.muted),
            (frequency::text(hover.hz), palette.text),
            (level, palette.text),
        ];
        ink::cursor_box(renderer, palette, plot, at, lines);
    }
}

/// Opacity of the lines of the crosshair.
const CROSSHAIR: f32 = 0.5;
