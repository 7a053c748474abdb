//! The widget: what the mouse does, and the order of drawing.

use std::cell::RefCell;

use iced::advanced::graphics::geometry::Renderer as _;
use iced::advanced::{Shell, mouse};
use iced::widget::canvas::{Cache, Frame, Path, Stroke};
use iced::{Point, Rectangle, Vector};

use super::draw::{Label, Lane, Picture};
use super::hover::Cursor;
use super::merge::{self, Item};
use super::rows::Rows;
use super::{Event, Hover, Lanes, Segment, words};
use crate::ink::{self, Face};
use crate::leaf::{Leaf, Place};
use crate::theme::{Palette, SEPARATOR, space};
use crate::timeline::{Gesture, Hand, Timeline};

/// One notch of the wheel scrolls by this, in logical pixels.
const NOTCH: f32 = 40.0;

pub(super) struct Plot<'a, Message>(pub(super) Lanes<'a, Message>);

#[derive(Default)]
pub(super) struct State {
    hand: Hand,
    hovered: Option<Hover>,
    scroll: f32,
    kept: RefCell<Kept>,
}

/// The picture of the lanes, drawn anew only when it changes.
#[derive(Default)]
struct Kept {
    key: Option<(u64, Timeline, Rows, Palette)>,
    cache: Cache,
    labels: Vec<Label>,
    scratch: Scratch,
}

/// Kept so that nothing is allocated for every frame.
#[derive(Default)]
struct Scratch {
    segments: Vec<Segment>,
    items: Vec<Item>,
}

impl<Message> Plot<'_, Message> {
    fn rows(&self, state: &State, bounds: Rectangle) -> Rows {
        Rows::new(&*self.0.source, bounds, state.scroll)
    }

    fn timeline(&self) -> Timeline {
        Timeline::new(self.0.source.view())
    }

    /// Reads the segments of a lane and what stands for them.
    fn read(&self, index: usize, timeline: Timeline, width: f32, scratch: &mut Scratch) {
        scratch.segments.clear();
        let source = &self.0.source;
        source.segments(index, timeline.from_ns, timeline.to_ns, &mut scratch.segments);
        merge::merge(&scratch.segments, timeline, width, &mut scratch.items);
    }
}

impl<Message> Leaf<Message> for Plot<'_, Message> {
    type State = State;

    fn state(&self) -> State {
        State::default()
    }

    fn update(
        &mut self,
        state: &mut State,
        event: &iced::Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    ) {
        let rows = self.rows(state, bounds);
        if let Some(gesture) = state.hand.read(event, cursor, rows.plot, self.timeline()) {
            let event = match gesture {
                Gesture::Zoomed { factor, at_ns } => Event::TimeZoomed { factor, at_ns },
                Gesture::Moved { from_ns, to_ns } => Event::ViewMoved { from_ns, to_ns },
                Gesture::Fit => Event::FitRequested,
            };
            shell.publish((self.0.on_event)(event));
            shell.capture_event();
            return;
        }
        let hovered = match event {
            iced::Event::Mouse(mouse::Event::WheelScrolled { delta })
                if rows.overflow() > 0.0 && cursor.is_over(rows.bounds) =>
            {
                let by = match delta {
                    mouse::ScrollDelta::Lines { y, .. } => y * NOTCH,
                    mouse::ScrollDelta::Pixels { y, .. } => *y,
                };
                let scroll = (rows.scroll() - by).clamp(0.0, rows.overflow());
                // At an end what is around is scrolled.
                if scroll != state.scroll {
                    state.scroll = scroll;
                    shell.request_redraw();
                    shell.capture_event();
                }
                return;
            }
            iced::Event::Mouse(mouse::Event::CursorMoved { .. }) => cursor.position_over(rows.plot),
            iced::Event::Mouse(mouse::Event::CursorLeft) => None,
            _ => return,
        };
        let hovered = hovered.map(|at| Hover {
            at_ns: self.timeline().at(rows.plot, at.x),
            lane: rows.at(at.y),
        });
        if hovered != state.hovered {
            state.hovered = hovered;
            shell.publish((self.0.on_event)(Event::Hovered(hovered)));
            shell.request_redraw();
        }
    }

    fn interaction(&self, state: &State, bounds: Rectangle, cursor: mouse::Cursor) -> mouse::Interaction {
        if state.hand.is_dragging() {
            mouse::Interaction::Grabbing
        } else if cursor.is_over(self.rows(state, bounds).plot) {
            mouse::Interaction::Crosshair
        } else {
            mouse::Interaction::None
        }
    }

    fn draw(&self, state: &State, renderer: &mut iced::Renderer, place: &Place<'_>) {
        use iced::advanced::Renderer as _;

        let (palette, bounds, cursor) = (place.palette(), place.bounds(), place.cursor);
        if self.0.source.lanes() == 0 {
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
        let rows = self.rows(state, bounds);
        let timeline = self.timeline();
        timeline.draw_labels(renderer, &palette, rows.plot, bounds, self.0.clock);
        if let Some(thumb) = rows.thumb() {
            ink::rounded(renderer, thumb, thumb.width / 2.0, palette.separator);
        }
        let names = Rectangle {
            x: bounds.x,
            width: rows.plot.x - bounds.x,
            ..rows.plot
        };
        let all = Rectangle {
            width: names.width + rows.plot.width,
            ..names
        };
        renderer.with_layer(all, |renderer| {
            timeline.draw_grid(renderer, &palette, rows.plot, self.0.clock);
            for index in rows.seen() {
                let area = rows.lane(index) + Vector::new(rows.plot.x, rows.plot.y);
                let line = Rectangle {
                    x: bounds.x,
                    y: area.y + area.height - SEPARATOR,
                    width: all.width,
                    height: SEPARATOR,
                };
                ink::fill(renderer, line, palette.grid);
                let room = names.width - space::S - space::XS;
                let name = words::fitted_end(&self.0.source.lane(index).name, room);
                let at = Point::new(bounds.x + space::XS, area.center_y());
                // The software renderer cuts off only what is said to reach beyond its layer.
                let clip = all.expand(SEPARATOR);
                ink::write(renderer, name, at, Face::WORDS, palette.muted, clip);
            }
            let edge = Rectangle {
                x: rows.plot.x - SEPARATOR,
                width: SEPARATOR,
                ..rows.plot
            };
            ink::fill(renderer, edge, palette.separator);
        });
        let kept = &mut *state.kept.borrow_mut();
        renderer.with_layer(rows.plot, |renderer| self.draw_lanes(renderer, &palette, &rows, kept));
        if let Some(at) = cursor.position_over(rows.plot)
            && !state.hand.is_dragging()
        {
            let cursor = Cursor {
                palette: &palette,
                rows: &rows,
                at,
                timeline,
                clock: self.0.clock,
            };
            renderer.with_layer(rows.plot, |renderer| {
                self.draw_cursor(renderer, &cursor, &mut kept.scratch);
            });
        }
    }
}

impl<Message> Plot<'_, Message> {
    fn draw_lanes(&self, renderer: &mut iced::Renderer, palette: &Palette, rows: &Rows, picture: &mut Kept) {
        use iced::advanced::Renderer as _;

        let timeline = self.timeline();
        let key = (self.0.source.version(), timeline, *rows, *palette);
        if picture.key != Some(key) {
            picture.key = Some(key);
            picture.cache.clear();
        }
        let Kept {
            cache, labels, scratch, ..
        } = picture;
        let geometry = cache.draw(renderer, rows.plot.size(), |frame| {
            labels.clear();
            self.picture(frame, labels, palette, rows, scratch);
        });
        let origin = Vector::new(rows.plot.x, rows.plot.y);
        renderer.with_translation(origin, |renderer| renderer.draw_geometry(geometry));
        for label in labels {
            label.write(renderer, origin);
        }
    }

    fn picture(
        &self,
        frame: &mut Frame,
        labels: &mut Vec<Label>,
        palette: &Palette,
        rows: &Rows,
        scratch: &mut Scratch,
    ) {
        let mut picture = Picture {
            frame,
            labels,
            gaps: Vec::new(),
        };
        for index in rows.seen() {
            let info = self.0.source.lane(index);
            self.read(index, self.timeline(), rows.plot.width, scratch);
            let area = rows.lane(index);
            if scratch.items.is_empty() {
                picture.labels.push(Label {
                    text: "no data".to_owned(),
                    at: Point::new(area.x + space::S, area.center_y()),
                    face: Face::WORDS,
                    color: palette.faint,
                    clip: area,
                });
                continue;
            }
            let lane = Lane {
                area,
                palette,
                info: &info,
                segments: &scratch.segments,
            };
            lane.draw(&mut picture, &scratch.items);
        }
        let hatching = Path::new(|path| {
            for gap in picture.gaps {
                ink::hatch(path, gap);
            }
        });
        let stroke = Stroke::default().with_color(palette.faint).with_width(SEPARATOR);
        frame.stroke(&hatching, stroke);
    }

    fn draw_cursor(&self, renderer: &mut iced::Renderer, cursor: &Cursor<'_>, scratch: &mut Scratch) {
        let Some(index) = cursor.rows.at(cursor.at.y) else {
            return cursor.draw(renderer, None);
        };
        self.read(index, cursor.timeline, cursor.rows.plot.width, scratch);
        let lane = Lane {
            area: cursor.rows.lane(index),
            palette: cursor.palette,
            info: &self.0.source.lane(index),
            segments: &scratch.segments,
        };
        cursor.draw(renderer, Some((&lane, &scratch.items)));
    }
}
