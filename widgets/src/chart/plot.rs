//! The plot itself: axes below, curves, crosshair and overlays above.

mod crosshair;
mod gesture;
mod handle;
mod over;
mod paint;
mod scene;

use std::rc::Rc;

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Layout, Shell, Widget, layout, mouse};
use iced::keyboard::{self, key};
use iced::{Element, Point, Rectangle, Size, Theme, Vector, window};
use plotters_iced::ChartWidget;

use super::axes::{Axes, Drawing, REACH};
use super::clock::Clock;
use super::{ChartState, Event, Link, Overlays, Pointed, TimeAxis};
use crate::leaf::{self, Leaf};
use crate::theme::Palette;
use crate::trace::{self, TraceSource};
use crosshair::Crosshair;
use gesture::{Answer, Gesture};
use scene::{Place, Scene};

pub(super) struct Plot<'a, Message> {
    pub(super) state: &'a ChartState,
    pub(super) source: Rc<dyn TraceSource>,
    pub(super) on_event: Rc<dyn Fn(Event) -> Message + 'a>,
    pub(super) names: Vec<(String, Option<String>)>,
    pub(super) unit: Option<String>,
    pub(super) axis_units: Vec<Option<String>>,
    pub(super) clock: Clock,
    pub(super) overlays: Overlays,
    pub(super) crosshair_at: Option<i64>,
    pub(super) noted_in: Option<&'a Link>,
    pub(super) follows: Option<&'a Link>,
    pub(super) width: f32,
}

pub(super) struct State {
    traces: trace::State,
    gesture: Gesture,
    /// The place that was told last.
    hovered: Option<Pointed>,
    pointer: Option<Point>,
}

impl<Message> Plot<'_, Message> {
    /// What the time axis counts from at this moment.
    fn clock(&self) -> Clock {
        Clock {
            axis: self.source.origin_ns().map_or(self.clock.axis, TimeAxis::Since),
            ..self.clock
        }
    }

    fn scene(&self, bounds: Rectangle, palette: Palette) -> Scene {
        let view = self.source.view();
        let mut values = trace::axes(&*self.source);
        for (axis, unit) in values.iter_mut().zip(&self.axis_units) {
            axis.unit = axis.unit.take().or_else(|| unit.clone());
        }
        // The grid is that of the first axis in use.
        let grid = if values.len() == 1 {
            0
        } else {
            let curves = (0..self.source.curves()).map(|index| self.source.curve(index));
            let used = curves
                .filter(|curve| curve.visible && !curve.ghost)
                .map(|curve| curve.axis);
            used.min().map_or(0, usize::from).min(values.len() - 1)
        };
        let clock = self.clock();
        let axes = Axes::new(&view, &values, grid, &clock, bounds.size(), palette);

        Scene::new(bounds, view, values, axes)
    }

    /// Where the crosshair is while this plot is not pointed at.
    fn elsewhere(&self) -> Option<i64> {
        let followed = self.follows.and_then(Link::get);
        followed.map(|place| place.time_ns).or(self.crosshair_at)
    }

    /// Tells where the pointer is, and asks for a new picture when it moved within the plot or left it.
    fn hover(&self, state: &mut State, pointer: Option<Point>, scene: &Scene, shell: &mut Shell<'_, Message>) {
        if state.pointer != pointer {
            state.pointer = pointer;
            shell.request_redraw();
        }
        let hovered = pointer.map(|at| scene.pointed(at));
        if state.hovered != hovered {
            state.hovered = hovered;
            shell.publish((self.on_event)(Event::Hovered(hovered)));
        }
    }
}

impl<Message> Leaf<Message> for Plot<'_, Message> {
    type State = State;

    fn state(&self) -> State {
        State {
            traces: trace::State::new(),
            gesture: Gesture::default(),
            hovered: None,
            pointer: None,
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
        let at = cursor.position_over(bounds);
        let event = match event {
            iced::Event::Window(window::Event::RedrawRequested(_)) => {
                if let (Some(link), Some(pointer)) = (self.noted_in, state.pointer) {
                    link.set(Some(self.scene(bounds, Palette::DARK).pointed(pointer)));
                }
                return;
            }
            iced::Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) => {
                state.gesture.modifiers = *modifiers;
                return;
            }
            iced::Event::Keyboard(keyboard::Event::KeyPressed {
                key: keyboard::Key::Named(key::Named::Escape),
                ..
            }) => None,
            iced::Event::Mouse(event) => Some(event),
            _ => return,
        };
        // Every chart hears of every event: most of them are not for this one.
        if at.is_none() && state.pointer.is_none() && !state.gesture.is_busy() {
            return;
        }
        let scene = self.scene(bounds, Palette::DARK);
        let on_event = Rc::clone(&self.on_event);
        let gesture = &mut state.gesture;
        let was_dragging = gesture.is_dragging();
        let mut publish = |event| shell.publish(on_event(event));

        let answer = match (event, at) {
            (None, _) => gesture.cancelled(&mut publish),
            (Some(mouse::Event::ButtonPressed(button)), Some(at)) => {
                gesture.pressed(at, *button, &scene, &self.overlays, &mut publish)
            }
            (Some(mouse::Event::CursorMoved { position }), _) => gesture.moved_to(*position, &scene, &mut publish),
            (Some(mouse::Event::ButtonReleased(button)), _) => gesture.released(*button, &scene, &mut publish),
            (Some(mouse::Event::WheelScrolled { delta }), Some(at)) => {
                gesture.scrolled(at, *delta, &scene, &mut publish)
            }
            _ => Answer::Ignored,
        };
        if answer == Answer::Taken {
            shell.capture_event();
        }
        if was_dragging || state.gesture.is_dragging() {
            shell.request_redraw();
        }
        match event {
            Some(mouse::Event::CursorMoved { .. }) => {
                let pointer = cursor.position_over(scene.plot);
                self.hover(state, pointer, &scene, shell);
            }
            Some(mouse::Event::CursorLeft) => self.hover(state, None, &scene, shell),
            _ => {}
        }
    }

    fn interaction(&self, state: &State, bounds: Rectangle, cursor: mouse::Cursor) -> mouse::Interaction {
        let gesture = &state.gesture;
        if let Some(interaction) = gesture.interaction() {
            return interaction;
        }
        let Some(at) = cursor.position_over(bounds) else {
            return mouse::Interaction::None;
        };
        let scene = self.scene(bounds, Palette::DARK);
        if let Some(handle) = handle::at(&scene, &self.overlays, at) {
            return handle.grip.interaction();
        }
        match scene.place(at) {
            Place::Values(_) => mouse::Interaction::ResizingVertically,
            Place::Time => mouse::Interaction::Grab,
            Place::Plot => mouse::Interaction::Crosshair,
            Place::Aside => mouse::Interaction::None,
        }
    }

    fn draw(&self, state: &State, renderer: &mut iced::Renderer, place: &leaf::Place<'_>) {
        let (palette, cursor) = (place.palette(), place.cursor);
        let scene = self.scene(place.bounds(), palette);
        if self.state.key.borrow().as_ref() != Some(&scene.axes) {
            self.state.axes.clear();
            let _ = self.state.key.replace(Some(scene.axes.clone()));
        }
        let chosen = state.gesture.chosen(&scene);
        over::shade(&scene, &self.overlays, chosen.as_ref(), renderer, &palette);
        let drawing = Drawing {
            axes: &scene.axes,
            cache: &self.state.axes,
        };
        let widget: ChartWidget<'_, Message, Theme, iced::Renderer, _> = ChartWidget::new(drawing);
        let child = Tree {
            tag: tree::Tag::stateless(),
            state: tree::State::new(()),
            children: Vec::new(),
        };
        let bounds = scene.bounds;
        let reach = f32::from(REACH);
        let node = layout::Node::new(Size::new(bounds.width, bounds.height + reach));
        let higher = Layout::with_offset(Vector::new(bounds.x, bounds.y - reach), &node);
        widget.draw(
            &child,
            renderer,
            place.theme,
            place.style,
            higher,
            cursor,
            place.viewport,
        );

        trace::draw(
            &*self.source,
            &state.traces,
            self.width,
            renderer,
            palette.surface,
            scene.plot,
        );

        let pointer = cursor.position_over(scene.plot);
        if let Some(origin_ns) = self.source.origin_ns() {
            over::origin(&scene, origin_ns, renderer, &palette);
        }
        over::draw(&scene, &self.overlays, pointer, renderer, &palette);
        let clock = self.clock();
        let crosshair = Crosshair {
            source: &*self.source,
            scene: &scene,
            names: &self.names,
            clock: &clock,
            unit: self.unit.as_deref(),
            caption: pointer
                .and_then(|at| over::bookmark_at(&scene, &self.overlays, at))
                .map(|(_, name)| name.as_str()),
        };
        if let Some(chosen) = chosen {
            over::choose(&scene, &chosen, renderer, &palette);
        } else if state.gesture.is_dragging() {
            // What moves is looked at, not what it is called.
        } else if let Some(pointer) = pointer {
            crosshair.at(pointer, renderer, &palette);
        } else if let Some(time_ns) = self.elsewhere() {
            crosshair.linked(time_ns, renderer, &palette);
        }
    }
}

impl<'a, Message: 'a> From<Plot<'a, Message>> for Element<'a, Message> {
    fn from(plot: Plot<'a, Message>) -> Self {
        leaf::element(plot)
    }
}
