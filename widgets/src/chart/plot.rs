//! The plot itself: axes below, curves, crosshair above.

use std::rc::Rc;

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer, text};
use iced::keyboard::{self, Modifiers};
use iced::{Color, Element, Length, Pixels, Point, Rectangle, Size, Theme, border};
use plotters_iced::ChartWidget;

use super::axes::{Axes, Drawing};
use super::{ChartState, Event, TimeAxis};
use crate::theme::{self, Palette, size, space};
use crate::trace::{self, TraceSource};
use crate::{axis, format};

/// One notch of the wheel multiplies a range by this.
const ZOOM: f64 = 1.25;
/// Height of a line of the crosshair's box, in logical pixels.
const LINE: f32 = 16.0;
/// Width of a character in the crosshair's box, in logical pixels.
const CHARACTER: f32 = size::SMALL * 0.6;
/// Radius of the dots of the crosshair, in logical pixels.
const DOT: f32 = 3.0;

pub(super) struct Plot<'a, Message> {
    pub(super) state: &'a ChartState,
    pub(super) source: Rc<dyn TraceSource>,
    pub(super) on_event: Rc<dyn Fn(Event) -> Message + 'a>,
    pub(super) names: Vec<(String, Option<String>)>,
    pub(super) time_axis: TimeAxis,
    pub(super) width: f32,
}

struct State {
    traces: trace::State,
    hovered: Option<i64>,
    click: Option<mouse::Click>,
    /// Where the value axis was taken, and its range then.
    drag: Option<(Point, f64, f64)>,
    modifiers: Modifiers,
}

impl<Message> Plot<'_, Message> {
    fn axes(&self, size: Size, palette: Palette) -> Axes {
        Axes::new(&self.source.view(), self.time_axis, size, palette)
    }

    /// The plot within the window.
    fn area(&self, bounds: Rectangle) -> Rectangle {
        let plot = self.axes(bounds.size(), Palette::DARK).plot;
        Rectangle {
            x: bounds.x + plot.x,
            y: bounds.y + plot.y,
            ..plot
        }
    }
}

impl<Message> Widget<Message, Theme, iced::Renderer> for Plot<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State {
            traces: trace::State::new(),
            hovered: None,
            click: None,
            drag: None,
            modifiers: Modifiers::default(),
        })
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &iced::Renderer, limits: &layout::Limits) -> layout::Node {
        layout::atomic(limits, Length::Fill, Length::Fill)
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &iced::Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &iced::Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        if let iced::Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) = event {
            state.modifiers = *modifiers;
        }
        let iced::Event::Mouse(event) = event else {
            return;
        };
        let bounds = layout.bounds();
        let plot = self.area(bounds);
        let view = self.source.view();

        match event {
            mouse::Event::CursorMoved { position } => {
                if let Some((start, low, high)) = state.drag {
                    let shift = f64::from((position.y - start.y) / plot.height.max(1.0)) * (high - low);
                    shell.publish((self.on_event)(Event::YRangeDragged {
                        low: low + shift,
                        high: high + shift,
                    }));
                    shell.capture_event();
                    return;
                }
                let hovered = cursor
                    .position_over(plot)
                    .map(|at| view.time_ns(f64::from((at.x - plot.x) / plot.width.max(1.0))));
                if hovered != state.hovered {
                    state.hovered = hovered;
                    shell.publish((self.on_event)(Event::Hovered(hovered)));
                    shell.request_redraw();
                }
            }
            mouse::Event::CursorLeft if state.hovered.take().is_some() => {
                shell.publish((self.on_event)(Event::Hovered(None)));
                shell.request_redraw();
            }
            mouse::Event::ButtonPressed(mouse::Button::Left) => {
                let Some(position) = cursor.position_over(bounds) else {
                    return;
                };
                let click = mouse::Click::new(position, mouse::Button::Left, state.click);
                if click.kind() == mouse::click::Kind::Double {
                    shell.publish((self.on_event)(Event::AutoscaleToggled));
                    shell.capture_event();
                } else if position.x < plot.x {
                    state.drag = Some((position, view.y_min, view.y_max));
                    shell.capture_event();
                }
                state.click = Some(click);
            }
            mouse::Event::ButtonReleased(mouse::Button::Left) => state.drag = None,
            mouse::Event::WheelScrolled { delta } => {
                let Some(position) = cursor.position_over(bounds) else {
                    return;
                };
                let (mouse::ScrollDelta::Lines { y, .. } | mouse::ScrollDelta::Pixels { y, .. }) = delta;
                let factor = if *y > 0.0 { 1.0 / ZOOM } else { ZOOM };
                let is_over_values = position.x < plot.x;
                if *y == 0.0 || !(state.modifiers.control() || is_over_values) {
                    return;
                }
                if is_over_values {
                    let fixed = view.value(f64::from((position.y - plot.y) / plot.height.max(1.0)));
                    let low = fixed + (view.y_min - fixed) * factor;
                    let high = fixed + (view.y_max - fixed) * factor;
                    shell.publish((self.on_event)(Event::YRangeDragged { low, high }));
                } else {
                    shell.publish((self.on_event)(Event::SpanZoomed(factor)));
                }
                shell.capture_event();
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        _tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let bounds = layout.bounds();
        match cursor.position_over(bounds) {
            Some(position) if position.x < self.area(bounds).x => mouse::Interaction::ResizingVertically,
            Some(_) => mouse::Interaction::Crosshair,
            None => mouse::Interaction::None,
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_ref::<State>();
        let bounds = layout.bounds();
        let palette = Palette::of(theme);
        let axes = self.axes(bounds.size(), palette);
        let plot = Rectangle {
            x: bounds.x + axes.plot.x,
            y: bounds.y + axes.plot.y,
            ..axes.plot
        };
        if self.state.key.borrow().as_ref() != Some(&axes) {
            self.state.axes.clear();
            let _ = self.state.key.replace(Some(axes.clone()));
        }
        let drawing = Drawing {
            axes: &axes,
            cache: &self.state.axes,
        };
        let widget: ChartWidget<'_, Message, Theme, iced::Renderer, _> = ChartWidget::new(drawing);
        let child = Tree {
            tag: tree::Tag::stateless(),
            state: tree::State::new(()),
            children: Vec::new(),
        };
        widget.draw(&child, renderer, theme, style, layout, cursor, viewport);

        trace::draw(
            &*self.source,
            &state.traces,
            self.width,
            renderer,
            palette.surface,
            plot,
        );

        if let Some(position) = cursor.position_over(plot) {
            self.crosshair(renderer, &palette, plot, position);
        }
    }
}

impl<Message> Plot<'_, Message> {
    fn crosshair(&self, renderer: &mut iced::Renderer, palette: &Palette, plot: Rectangle, position: Point) {
        use iced::advanced::Renderer as _;

        let view = self.source.view();
        let time_ns = view.time_ns(f64::from((position.x - plot.x) / plot.width));
        let mut lines = vec![(self.time(&view, time_ns), palette.muted)];
        let mut dots = Vec::new();
        for index in 0..self.source.curves() {
            let curve = self.source.curve(index);
            let Some((at_ns, value)) = curve.visible.then(|| self.source.value_at(index, time_ns)).flatten() else {
                continue;
            };
            let (name, unit) = self
                .names
                .get(index)
                .map_or(("", None), |(name, unit)| (name.as_str(), unit.as_deref()));
            lines.push((
                format!("{name} {} {}", format::number(Some(value)), unit.unwrap_or_default()),
                curve.color,
            ));
            let at = Point::new(
                plot.x + view.x(at_ns) as f32 * plot.width,
                plot.y + view.y(value) as f32 * plot.height,
            );
            if value.is_finite() && plot.contains(at) {
                dots.push((at, curve.color));
            }
        }
        renderer.with_layer(plot, |renderer| {
            quad(
                renderer,
                Rectangle {
                    x: position.x.round(),
                    width: 1.0,
                    ..plot
                },
                0.0,
                palette.faint,
            );
            for (at, color) in dots {
                let dot = Rectangle {
                    x: at.x - DOT,
                    y: at.y - DOT,
                    width: 2.0 * DOT,
                    height: 2.0 * DOT,
                };
                quad(renderer, dot, DOT, color);
            }
            let longest = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
            let width = longest as f32 * CHARACTER + 2.0 * space::S;
            let height = lines.len() as f32 * LINE + space::S;
            // On the side of the cursor that has room.
            let is_left = position.x + width + space::M > plot.x + plot.width;
            let x = if is_left {
                (position.x - width - space::M).max(plot.x)
            } else {
                position.x + space::M
            };
            let y = (position.y + space::M).min(plot.y + plot.height - height).max(plot.y);
            let shade = Rectangle { x, y, width, height };
            quad(renderer, shade, theme::RADIUS, palette.raised.scale_alpha(0.94));
            for (index, (line, color)) in lines.into_iter().enumerate() {
                let at = Point::new(x + space::S, y + space::XS + index as f32 * LINE);
                write(renderer, line, at, color, shade);
            }
        });
    }

    fn time(&self, view: &trace::View, time_ns: i64) -> String {
        let origin_ns = match self.time_axis {
            TimeAxis::Relative => view.to_ns,
            TimeAxis::Since(origin_ns) => origin_ns,
        };
        let decimals = if axis::step(view.span_ns() as f64 * 1e-11) < 0.01 {
            5
        } else {
            2
        };
        format!("{:.decimals$} s", time_ns.saturating_sub(origin_ns) as f64 * 1e-9)
    }
}

fn quad(renderer: &mut iced::Renderer, bounds: Rectangle, radius: f32, color: Color) {
    use iced::advanced::Renderer as _;

    let quad = renderer::Quad {
        bounds,
        border: border::rounded(radius),
        ..renderer::Quad::default()
    };
    renderer.fill_quad(quad, color);
}

fn write(renderer: &mut iced::Renderer, content: String, at: Point, color: Color, clip: Rectangle) {
    use iced::advanced::text::Renderer as _;

    let text = text::Text {
        content,
        bounds: clip.size(),
        size: Pixels(size::SMALL),
        line_height: text::LineHeight::default(),
        font: theme::MONO,
        align_x: text::Alignment::Left,
        align_y: iced::alignment::Vertical::Top,
        shaping: text::Shaping::Auto,
        wrapping: text::Wrapping::None,
    };
    renderer.fill_text(text, at, color, clip);
}

impl<'a, Message: 'a> From<Plot<'a, Message>> for Element<'a, Message> {
    fn from(plot: Plot<'a, Message>) -> Self {
        Element::new(plot)
    }
}
