//! The widget: the kept drawing below, what is under the cursor above.

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Shell, Widget, mouse};
use iced::keyboard::{self, Modifiers};
use iced::{Point, Rectangle, Size, Theme};
use plotters_iced::ChartWidget;

use super::canvas::Drawing;
use super::hover::readings;
use super::layout::Layout;
use super::overlay::{BOX, boxed, select, show};
use super::paint::{ON_SCREEN, paint};
use super::{Event, Viewer};
use crate::leaf::{Leaf, Place};
use crate::theme::Palette;

/// One notch of the wheel multiplies a range by this.
const ZOOM: f64 = 1.25;
/// A wheel that counts pixels moves so many for a notch.
const NOTCH: f64 = 50.0;
/// The most readings at once.
const READINGS: usize = 16;

/// All that decides how a figure looks. While it is the same, the drawing is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    version: u64,
    size: Size,
    x: (f64, f64),
    y: (f64, f64),
    palette: Palette,
    has_legend: bool,
}

#[derive(Default)]
pub(crate) struct State {
    drag: Option<Drag>,
    click: Option<mouse::Click>,
    is_hovered: bool,
    modifiers: Modifiers,
}

#[derive(Debug, Clone, Copy)]
enum Drag {
    /// The view is moved along the axes; the ranges are those at the start.
    Move {
        from: Point,
        x: Option<(f64, f64)>,
        y: Option<(f64, f64)>,
    },
    /// A box is drawn, with this button.
    Box {
        from: Point,
        to: Point,
        button: mouse::Button,
    },
}

/// Which part of a figure a point is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Plot,
    XLabels,
    YLabels,
}

fn part(plot: Rectangle, at: Point) -> Part {
    if at.x < plot.x {
        Part::YLabels
    } else if at.y > plot.y + plot.height {
        Part::XLabels
    } else {
        Part::Plot
    }
}

impl<Message> Viewer<'_, Message> {
    fn changed(&self, shell: &mut Shell<'_, Message>, layout: &Layout, x: Option<(f64, f64)>, y: Option<(f64, f64)>) {
        let (x, y) = (x.unwrap_or(layout.x.range), y.unwrap_or(layout.y.range));
        if (x, y) != (layout.x.range, layout.y.range) {
            shell.publish((self.on_event)(Event::ViewChanged { x, y }));
        }
    }

    fn pressed(
        &self,
        state: &mut State,
        shell: &mut Shell<'_, Message>,
        bounds: Rectangle,
        at: Point,
        button: mouse::Button,
    ) {
        let layout = self.layout(bounds.size());
        let plot = layout.plot_at(bounds.position());
        let part = part(plot, at);
        if button == mouse::Button::Left {
            let click = mouse::Click::new(at, button, state.click);
            state.click = Some(click);
            if click.kind() == mouse::click::Kind::Double {
                state.drag = None;
                shell.publish((self.on_event)(Event::FitRequested));
                shell.capture_event();
                return;
            }
        }
        let is_box = button == mouse::Button::Right || state.modifiers.shift();
        state.drag = match part {
            Part::Plot if is_box => Some(Drag::Box {
                from: at,
                to: at,
                button,
            }),
            _ if button == mouse::Button::Left => Some(Drag::Move {
                from: at,
                x: (part != Part::YLabels).then_some(layout.x.range),
                y: (part != Part::XLabels).then_some(layout.y.range),
            }),
            _ => return,
        };
        shell.capture_event();
    }

    fn moved(&self, state: &mut State, shell: &mut Shell<'_, Message>, bounds: Rectangle, at: Point) {
        match &mut state.drag {
            Some(Drag::Move { from, x, y }) => {
                let layout = self.layout(bounds.size());
                let parts = |pixels: f32, length: f32| f64::from(pixels / length.max(1.0));
                let x = x.and_then(|x| layout.x.scale.moved(x, -parts(at.x - from.x, layout.plot.width)));
                let y = y.and_then(|y| layout.y.scale.moved(y, parts(at.y - from.y, layout.plot.height)));
                self.changed(shell, &layout, x, y);
                shell.capture_event();
            }
            Some(Drag::Box { to, .. }) => {
                *to = at;
                shell.request_redraw();
                shell.capture_event();
            }
            None => {
                let is_hovered = bounds.contains(at);
                if is_hovered || state.is_hovered {
                    shell.request_redraw();
                }
                state.is_hovered = is_hovered;
            }
        }
    }

    fn released(&self, state: &mut State, shell: &mut Shell<'_, Message>, bounds: Rectangle, button: mouse::Button) {
        match state.drag {
            Some(Drag::Box { from, to, button: with }) if with == button => {
                state.drag = None;
                let layout = self.layout(bounds.size());
                let area = boxed(from, to, layout.plot_at(bounds.position()));
                let x = (area.width >= BOX)
                    .then(|| layout.x.between(area.x - bounds.x, area.x + area.width - bounds.x))
                    .flatten();
                let y = (area.height >= BOX)
                    .then(|| layout.y.between(area.y + area.height - bounds.y, area.y - bounds.y))
                    .flatten();
                self.changed(shell, &layout, x, y);
                shell.request_redraw();
                shell.capture_event();
            }
            Some(Drag::Move { .. }) if button == mouse::Button::Left => {
                state.drag = None;
                shell.request_redraw();
            }
            _ => {}
        }
    }

    fn wheeled(
        &self,
        state: &State,
        shell: &mut Shell<'_, Message>,
        bounds: Rectangle,
        at: Point,
        delta: mouse::ScrollDelta,
    ) {
        let notches = match delta {
            mouse::ScrollDelta::Lines { y, .. } => f64::from(y),
            mouse::ScrollDelta::Pixels { y, .. } => f64::from(y) / NOTCH,
        };
        if notches == 0.0 {
            return;
        }
        let factor = ZOOM.powf(-notches.clamp(-4.0, 4.0));
        let layout = self.layout(bounds.size());
        let part = part(layout.plot_at(bounds.position()), at);
        let is_y = part == Part::YLabels || (part == Part::Plot && state.modifiers.control());
        // Equal axes are zoomed together.
        let is_both = self.source.figure().is_equal();
        let x = (!is_y || is_both)
            .then(|| {
                let fixed = layout.x.value(f64::from(at.x - bounds.x));
                layout.x.scale.zoomed(layout.x.range, fixed, factor)
            })
            .flatten();
        let y = (is_y || is_both)
            .then(|| {
                let fixed = layout.y.value(f64::from(at.y - bounds.y));
                layout.y.scale.zoomed(layout.y.range, fixed, factor)
            })
            .flatten();
        self.changed(shell, &layout, x, y);
        shell.capture_event();
    }
}

impl<Message> Leaf<Message> for Viewer<'_, Message> {
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
        if let iced::Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) = event {
            state.modifiers = *modifiers;
        }
        let iced::Event::Mouse(event) = event else {
            return;
        };
        let over = cursor.position_over(bounds);
        match event {
            mouse::Event::CursorMoved { position } => {
                self.moved(state, shell, bounds, cursor.position().unwrap_or(*position));
            }
            mouse::Event::CursorLeft if std::mem::take(&mut state.is_hovered) => shell.request_redraw(),
            mouse::Event::ButtonPressed(button @ (mouse::Button::Left | mouse::Button::Right)) => {
                if let Some(at) = over.filter(|_| state.drag.is_none()) {
                    self.pressed(state, shell, bounds, at, *button);
                }
            }
            mouse::Event::ButtonReleased(button) => self.released(state, shell, bounds, *button),
            mouse::Event::WheelScrolled { delta } => {
                if let Some(at) = over {
                    self.wheeled(state, shell, bounds, at, *delta);
                }
            }
            _ => {}
        }
    }

    fn interaction(&self, state: &State, bounds: Rectangle, cursor: mouse::Cursor) -> mouse::Interaction {
        if let Some(Drag::Move { .. }) = state.drag {
            return mouse::Interaction::Grabbing;
        }
        let Some(at) = cursor.position_over(bounds) else {
            return mouse::Interaction::None;
        };
        match part(self.layout(bounds.size()).plot_at(bounds.position()), at) {
            Part::Plot => mouse::Interaction::Crosshair,
            Part::XLabels => mouse::Interaction::ResizingHorizontally,
            Part::YLabels => mouse::Interaction::ResizingVertically,
        }
    }

    fn draw(&self, state: &State, renderer: &mut iced::Renderer, place: &Place<'_>) {
        let (palette, bounds, cursor) = (place.palette(), place.bounds(), place.cursor);
        let figure = self.source.figure();
        let layout = self.layout_of(&figure, bounds.size());
        let key = Key {
            version: figure.version,
            size: bounds.size(),
            x: layout.x.range,
            y: layout.y.range,
            palette,
            has_legend: self.has_legend,
        };
        if self.state.key.borrow().as_ref() != Some(&key) {
            self.state.drawing.clear();
            let _ = self.state.key.replace(Some(key));
        }
        // Without multisampling, wgpu paints a pixel of a mesh fully or not.
        let is_soft = matches!(renderer, iced::Renderer::Primary(_));
        let drawing = Drawing::new(&self.state.drawing, is_soft, || {
            let digest = self.state.digest(&figure);
            let corner = self.has_legend.then(|| self.state.corner.get());
            let painting = paint(&figure, &digest, &layout, &palette, corner, ON_SCREEN);
            if let Some(corner) = painting.corner {
                self.state.corner.set(corner);
            }
            self.state.drawn.set(self.state.drawn.get() + 1);
            painting
        });
        let widget: ChartWidget<'_, Message, Theme, iced::Renderer, _> = ChartWidget::new(drawing);
        let child = Tree {
            tag: tree::Tag::stateless(),
            state: tree::State::new(()),
            children: Vec::new(),
        };
        widget.draw(
            &child,
            renderer,
            place.theme,
            place.style,
            place.layout,
            cursor,
            place.viewport,
        );

        let plot = layout.plot_at(bounds.position());
        match state.drag {
            Some(Drag::Box { from, to, .. }) => select(renderer, &palette, plot, boxed(from, to, plot)),
            Some(Drag::Move { .. }) => {}
            None => {
                if let Some(at) = cursor.position_over(plot) {
                    let digest = self.state.digest(&figure);
                    let within = Point::new(at.x - bounds.x, at.y - bounds.y);
                    let mut readings = readings(&figure, &digest, &layout, within);
                    readings.truncate(READINGS);
                    show(renderer, &palette, &layout, bounds, at, &readings);
                }
            }
        }
    }
}
