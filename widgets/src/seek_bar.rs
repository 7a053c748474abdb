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

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer};
use iced::{Color, Element, Event, Length, Point, Rectangle, Size, Theme};

use crate::chart::TimeAxis;
use crate::ink::{self, Face};
use crate::theme::{Palette, SEPARATOR, size, space};
use crate::timeline::{BELOW, Timeline};

/// Height of the lane that the playhead and the marks are in, in logical pixels.
const LANE: f32 = 14.0;
/// Height of the density of all messages, in logical pixels.
const DENSITY: f32 = 26.0;
/// Height of the line of one topic, in logical pixels.
const LINE: f32 = 5.0;
/// The edges of the window can be taken this far beside them, in logical pixels.
const GRIP: f32 = 5.0;
/// The window is never drawn narrower, so that it can be found, in logical pixels.
const NARROWEST: f32 = 3.0;
/// Half the width of a mark, in logical pixels.
const MARK: f32 = 4.0;
/// Opacity of what is outside of the window.
const OUTSIDE: f32 = 0.55;
/// Opacity of the bars of the density.
const BAR: f32 = 0.55;

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
    Element::new(SeekBar {
        content,
        on_event: Box::new(on_event),
    })
}

struct SeekBar<'a, Message> {
    content: Content,
    on_event: Box<dyn Fn(SeekEvent) -> Message + 'a>,
}

/// What was taken with the mouse.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Drag {
    Playhead,
    /// The window, taken so far right of its left edge.
    View(i64),
    From,
    To,
}

#[derive(Debug, Default)]
struct State {
    drag: Option<Drag>,
    hovered: Option<usize>,
}

/// Where the parts of the bar are.
struct Frame {
    lane: Rectangle,
    density: Rectangle,
    lines: Rectangle,
}

impl Frame {
    fn new(bounds: Rectangle, lines: usize) -> Self {
        let lane = Rectangle { height: LANE, ..bounds };
        let density = Rectangle {
            y: lane.y + LANE,
            height: DENSITY,
            ..bounds
        };
        let lines = Rectangle {
            y: density.y + DENSITY,
            height: lines as f32 * LINE,
            ..bounds
        };
        Self { lane, density, lines }
    }

    /// Density and lines together: what the window lies over.
    fn plot(&self) -> Rectangle {
        Rectangle {
            height: self.density.height + self.lines.height,
            ..self.density
        }
    }
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

    /// The window on what the charts show, on the screen.
    fn window(&self, plot: Rectangle) -> Rectangle {
        let (from, to) = (self.x(plot, self.content.view.0), self.x(plot, self.content.view.1));
        let width = (to - from).max(NARROWEST).min(plot.width);
        Rectangle {
            x: from.min(plot.x + plot.width - width),
            width,
            ..plot
        }
    }

    fn mark_at(&self, lane: Rectangle, point: Point) -> Option<usize> {
        if !lane.contains(point) {
            return None;
        }
        let near = |time_ns: i64| (self.x(lane, time_ns) - point.x).abs();
        let marks = self.content.marks.iter().enumerate();
        let nearest = marks.min_by(|(_, (a, _)), (_, (b, _))| near(*a).total_cmp(&near(*b)));
        nearest
            .filter(|(_, (time_ns, _))| near(*time_ns) <= MARK + 1.0)
            .map(|(index, _)| index)
    }

    fn taken(&self, frame: &Frame, point: Point) -> Option<Drag> {
        if frame.lane.contains(point) {
            return Some(Drag::Playhead);
        }
        let plot = frame.plot();
        if !plot.contains(point) {
            return None;
        }
        let window = self.window(plot);
        let (left, right) = (window.x, window.x + window.width);
        // A window too narrow for edges is only moved.
        let wide = window.width > 4.0 * GRIP;
        if wide && (point.x - left).abs() <= GRIP {
            return Some(Drag::From);
        }
        if wide && (point.x - right).abs() <= GRIP {
            return Some(Drag::To);
        }
        let (from, to) = self.content.view;
        if (left..=right).contains(&point.x) {
            return Some(Drag::View(self.at(plot, point.x).saturating_sub(from)));
        }
        Some(Drag::View(to.saturating_sub(from) / 2))
    }

    fn dragged(&self, drag: Drag, plot: Rectangle, x: f32) -> SeekEvent {
        let time_ns = self.at(plot, x);
        let (from, to) = self.content.view;
        let (begin, end) = self.content.extent;
        match drag {
            Drag::Playhead => SeekEvent::Seek(time_ns),
            Drag::From => SeekEvent::ViewMoved {
                from_ns: time_ns.min(to.saturating_sub(1)),
                to_ns: to,
            },
            Drag::To => SeekEvent::ViewMoved {
                from_ns: from,
                to_ns: time_ns.max(from.saturating_add(1)),
            },
            Drag::View(grip) => {
                let span = to.saturating_sub(from);
                let latest = end.saturating_sub(span).max(begin);
                let from_ns = time_ns.saturating_sub(grip).clamp(begin, latest);
                SeekEvent::ViewMoved {
                    from_ns,
                    to_ns: from_ns.saturating_add(span),
                }
            }
        }
    }

    fn draw_density(&self, renderer: &mut iced::Renderer, palette: &Palette, frame: &Frame) {
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

    fn draw_window(&self, renderer: &mut iced::Renderer, palette: &Palette, plot: Rectangle) {
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

    fn draw_lane(&self, renderer: &mut iced::Renderer, palette: &Palette, frame: &Frame, hovered: Option<usize>) {
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

impl<Message> Widget<Message, Theme, iced::Renderer> for SeekBar<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Shrink)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &iced::Renderer, limits: &layout::Limits) -> layout::Node {
        let height = LANE + DENSITY + self.content.lines.len() as f32 * LINE + BELOW;
        layout::atomic(limits, Length::Fill, Length::Fixed(height))
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &iced::Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        let frame = Frame::new(layout.bounds(), self.content.lines.len());
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

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        use iced::advanced::Renderer as _;

        let bounds = layout.bounds();
        if bounds.intersection(viewport).is_none() {
            return;
        }
        let palette = Palette::of(theme);
        let state = tree.state.downcast_ref::<State>();
        let frame = Frame::new(bounds, self.content.lines.len());
        let plot = frame.plot();
        ink::fill(renderer, plot, palette.background);
        self.draw_density(renderer, &palette, &frame);
        renderer.with_layer(bounds, |renderer| {
            self.draw_window(renderer, &palette, plot);
            self.timeline()
                .draw_labels(renderer, &palette, plot, bounds, TimeAxis::Since(self.content.extent.0));
            self.draw_lane(renderer, &palette, &frame, state.hovered);
        });
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let state = tree.state.downcast_ref::<State>();
        let frame = Frame::new(layout.bounds(), self.content.lines.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    fn bar(view: (i64, i64)) -> SeekBar<'static, SeekEvent> {
        SeekBar {
            content: Content {
                extent: (100 * S, 200 * S),
                view,
                playhead: 100 * S,
                marks: vec![(150 * S, "here".to_owned())],
                ..Content::default()
            },
            on_event: Box::new(|event| event),
        }
    }

    fn frame() -> Frame {
        let bounds = Rectangle {
            x: 0.0,
            y: 0.0,
            width: 1000.0,
            height: 100.0,
        };
        Frame::new(bounds, 0)
    }

    /// Places on the screen are single precision: a pixel is 0.1 s here.
    fn assert_near(at_ns: i64, wanted_ns: i64) {
        assert!((at_ns - wanted_ns).abs() < S / 1000, "{at_ns} is not {wanted_ns}");
    }

    fn assert_view(event: SeekEvent, wanted_from_ns: i64, wanted_to_ns: i64) {
        let SeekEvent::ViewMoved { from_ns, to_ns } = event else {
            panic!("{event:?}");
        };
        assert_near(from_ns, wanted_from_ns);
        assert_near(to_ns, wanted_to_ns);
    }

    #[test]
    fn the_lane_seeks_and_the_window_is_dragged() {
        let (bar, frame) = (bar((120 * S, 140 * S)), frame());
        let lane = Point::new(500.0, 5.0);
        assert_eq!(bar.taken(&frame, lane), Some(Drag::Playhead));
        assert_eq!(
            bar.dragged(Drag::Playhead, frame.plot(), 250.0),
            SeekEvent::Seek(125 * S)
        );
        assert_eq!(
            bar.dragged(Drag::Playhead, frame.plot(), -50.0),
            SeekEvent::Seek(100 * S)
        );
        let inside = Point::new(300.0, LANE + 5.0);
        let drag = bar.taken(&frame, inside).expect("the window");
        let Drag::View(grip_ns) = drag else {
            panic!("{drag:?}");
        };
        assert_near(grip_ns, 10 * S);
        assert_view(bar.dragged(drag, frame.plot(), 350.0), 125 * S, 145 * S);
        // It stays within the recording.
        assert_eq!(
            bar.dragged(drag, frame.plot(), 5000.0),
            SeekEvent::ViewMoved {
                from_ns: 180 * S,
                to_ns: 200 * S
            }
        );
    }

    #[test]
    fn edges_change_the_span_and_never_cross() {
        let (bar, frame) = (bar((120 * S, 140 * S)), frame());
        assert_eq!(bar.taken(&frame, Point::new(201.0, LANE + 5.0)), Some(Drag::From));
        assert_eq!(bar.taken(&frame, Point::new(399.0, LANE + 5.0)), Some(Drag::To));
        assert_eq!(
            bar.dragged(Drag::From, frame.plot(), 900.0),
            SeekEvent::ViewMoved {
                from_ns: 140 * S - 1,
                to_ns: 140 * S
            }
        );
    }

    #[test]
    fn a_press_beside_the_window_brings_it_there() {
        let (bar, frame) = (bar((120 * S, 140 * S)), frame());
        let drag = bar.taken(&frame, Point::new(700.0, LANE + 5.0)).expect("the window");
        assert_view(bar.dragged(drag, frame.plot(), 700.0), 160 * S, 180 * S);
    }

    #[test]
    fn marks_are_found_under_the_pointer() {
        let (bar, frame) = (bar((100 * S, 200 * S)), frame());
        assert_eq!(bar.mark_at(frame.lane, Point::new(503.0, 5.0)), Some(0));
        assert_eq!(bar.mark_at(frame.lane, Point::new(520.0, 5.0)), None);
        assert_eq!(bar.mark_at(frame.lane, Point::new(500.0, LANE + 5.0)), None);
    }
}
