//! Carrying something from one place to another: a field from the tree onto a chart.
//!
//! The application keeps what is carried: [`draggable`] reports that carrying began, [`drop_zone`] that it ended on
//! a place, and [`carried`] shows a label at the cursor and reports last that carrying is over.

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer, text};
use iced::widget::{column, container, hover, mouse_area, opaque, row, space, stack};
use iced::{Element, Event, Length, Pixels, Point, Rectangle, Size, Theme, Vector, border};

use crate::theme::{self, Palette, size, space as gap};

/// The cursor must move this far before a press becomes carrying, in logical pixels.
const THRESHOLD: f32 = 4.0;
/// Where the label is, from the cursor.
const LABEL_OFFSET: Vector = Vector { x: 14.0, y: 10.0 };
/// The width of a character of a label, in parts of its size.
const CHARACTER: f32 = 0.6;

/// Makes `content` a thing that can be carried: `on_start` is published when it is pressed and moved.
pub fn draggable<'a, Message: Clone + 'a>(
    content: impl Into<Element<'a, Message>>,
    on_start: Message,
) -> Element<'a, Message> {
    Element::new(Draggable {
        content: content.into(),
        on_start,
    })
}

/// Makes `content` a place to let go of what is carried. While `is_carrying` it is marked under the cursor, and
/// `on_drop` is published when the button is released over it.
pub fn drop_zone<'a, Message: Clone + 'a>(
    content: impl Into<Element<'a, Message>>,
    is_carrying: bool,
    on_drop: Message,
) -> Element<'a, Message> {
    let content = content.into();
    if !is_carrying {
        return content;
    }
    let mark = container(space().width(Length::Fill).height(Length::Fill)).style(theme::drop_target);
    let target = hover(space().width(Length::Fill).height(Length::Fill), mark);

    stack![content, opaque(mouse_area(target).on_release(on_drop))].into()
}

/// An edge of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The upper one.
    Top,
    /// The left one.
    Left,
    /// The right one.
    Right,
    /// The lower one.
    Bottom,
}

/// The share of a place that belongs to each of its edges.
const EDGE_PORTION: (u16, u16) = (1, 3);

/// Makes `content` a place with edges to let go of what is carried: in its middle (`None`), or beside it. The part under
/// the cursor is marked, and `on_drop` is published when the button is released over it.
pub fn drop_zones<'a, Message: Clone + 'a>(
    content: impl Into<Element<'a, Message>>,
    is_carrying: bool,
    on_drop: impl Fn(Option<Edge>) -> Message + 'a,
) -> Element<'a, Message> {
    let content = content.into();
    if !is_carrying {
        return content;
    }
    let zone = |edge, width, height| {
        let whole = || space().width(Length::Fill).height(Length::Fill);
        let mark = container(whole()).style(theme::drop_target);
        container(mouse_area(hover(whole(), mark)).on_release(on_drop(edge)))
            .width(width)
            .height(height)
    };
    let (edge, middle) = EDGE_PORTION;
    let (edge, middle) = (Length::FillPortion(edge), Length::FillPortion(middle));
    let across = column![
        zone(Some(Edge::Top), Length::Fill, edge),
        zone(None, Length::Fill, middle),
        zone(Some(Edge::Bottom), Length::Fill, edge),
    ];
    let zones = row![
        zone(Some(Edge::Left), edge, Length::Fill),
        container(across).width(middle).height(Length::Fill),
        zone(Some(Edge::Right), edge, Length::Fill),
    ];

    stack![content, opaque(zones)].into()
}

/// The label of what is carried, at the cursor; put it on top of the whole window. `on_end` is published after every
/// widget has seen the release.
pub fn carried<'a, Message: Clone + 'a>(label: impl Into<String>, on_end: Message) -> Element<'a, Message> {
    Element::new(Carried {
        label: label.into(),
        on_end,
    })
}

struct Draggable<'a, Message> {
    content: Element<'a, Message>,
    on_start: Message,
}

#[derive(Default)]
struct Press(Option<Point>);

impl<Message: Clone> Widget<Message, Theme, iced::Renderer> for Draggable<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<Press>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(Press::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &iced::Renderer, limits: &layout::Limits) -> layout::Node {
        self.content
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &iced::Renderer,
        operation: &mut dyn iced::advanced::widget::Operation,
    ) {
        self.content
            .as_widget_mut()
            .operate(&mut tree.children[0], layout, renderer, operation);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        let Press(press) = tree.state.downcast_mut();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                *press = cursor.position_over(layout.bounds());
            }
            Event::Mouse(mouse::Event::CursorMoved { position })
                if press.is_some_and(|press| press.distance(*position) > THRESHOLD) =>
            {
                *press = None;
                shell.publish(self.on_start.clone());
            }
            Event::Mouse(mouse::Event::ButtonReleased(_)) => *press = None,
            _ => {}
        }
        self.content.as_widget_mut().update(
            &mut tree.children[0],
            event,
            layout,
            cursor,
            renderer,
            clipboard,
            shell,
            viewport,
        );
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
        self.content
            .as_widget()
            .draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let own = self
            .content
            .as_widget()
            .mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer);
        if own == mouse::Interaction::None && cursor.is_over(layout.bounds()) {
            mouse::Interaction::Grab
        } else {
            own
        }
    }
}

struct Carried<Message> {
    label: String,
    on_end: Message,
}

#[derive(Default)]
struct Released(bool);

impl<Message: Clone> Widget<Message, Theme, iced::Renderer> for Carried<Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<Released>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(Released::default())
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
        event: &Event,
        _layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _renderer: &iced::Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let Released(released) = tree.state.downcast_mut();
        match event {
            Event::Mouse(mouse::Event::CursorMoved { .. } | mouse::Event::CursorLeft) => shell.request_redraw(),
            Event::Mouse(mouse::Event::ButtonReleased(_)) => {
                *released = true;
                shell.request_redraw();
            }
            Event::Window(iced::window::Event::RedrawRequested(_)) if *released => {
                *released = false;
                shell.publish(self.on_end.clone());
            }
            _ => {}
        }
    }

    fn draw(
        &self,
        _tree: &Tree,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
        use iced::advanced::Renderer as _;
        use iced::advanced::text::Renderer as _;

        let Some(position) = cursor.position() else {
            return;
        };
        let palette = Palette::of(theme);
        let width = self.label.chars().count() as f32 * size::BODY * CHARACTER + 2.0 * gap::S;
        let bounds = Rectangle {
            width,
            height: theme::ROW,
            ..Rectangle::new(position + LABEL_OFFSET, Size::ZERO)
        };
        renderer.with_layer(layout.bounds(), |renderer| {
            let quad = renderer::Quad {
                bounds,
                border: border::rounded(theme::RADIUS)
                    .width(theme::SEPARATOR)
                    .color(palette.accent),
                ..renderer::Quad::default()
            };
            renderer.fill_quad(quad, palette.raised);
            let text = text::Text {
                content: self.label.clone(),
                bounds: bounds.size(),
                size: Pixels(size::BODY),
                line_height: text::LineHeight::default(),
                font: theme::INTER,
                align_x: text::Alignment::Center,
                align_y: iced::alignment::Vertical::Center,
                shaping: text::Shaping::Auto,
                wrapping: text::Wrapping::None,
            };
            renderer.fill_text(text, bounds.center(), palette.text, bounds);
        });
    }
}
