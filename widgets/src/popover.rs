//! Something that belongs to a part of what lies below it, as the settings of one chart among many: it stands in the upper
//! right corner of that part, may be larger than it, and never leaves the window.
//!
//! ```no_run
//! use iced::widget::{column, container, text};
//! use iced::{Element, Point, Rectangle, Size};
//!
//! # fn charts<'a>() -> Element<'a, ()> { column![].into() }
//! let settings = container(text("Settings"));
//! let right_half = |size: Size| Rectangle::new(Point::new(size.width / 2.0, 0.0), Size::new(size.width / 2.0, size.height));
//! let all: Element<'_, ()> = roswave_widgets::popover(charts(), Some(settings.into()), right_half);
//! ```

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, overlay, renderer};
use iced::{Element, Event, Length, Point, Rectangle, Size, Theme, Vector};

use crate::theme::space;

/// Distance from the edges of the part and of the window, in logical pixels.
const MARGIN: f32 = space::S;

/// Shows something over a part of what lies below. It expects:
///
/// - what lies below,
/// - what is over it, when there is something, and
/// - the part of it, as a function of the size of what lies below.
pub fn popover<'a, Message: 'a>(
    below: impl Into<Element<'a, Message>>,
    over: Option<Element<'a, Message>>,
    part: impl Fn(Size) -> Rectangle + 'a,
) -> Element<'a, Message> {
    Element::new(Popover {
        below: below.into(),
        over,
        part: Box::new(part),
    })
}

struct Popover<'a, Message> {
    below: Element<'a, Message>,
    over: Option<Element<'a, Message>>,
    part: Box<dyn Fn(Size) -> Rectangle + 'a>,
}

impl<Message> Widget<Message, Theme, iced::Renderer> for Popover<'_, Message> {
    fn children(&self) -> Vec<Tree> {
        std::iter::once(&self.below)
            .chain(&self.over)
            .map(|child| Tree::new(child.as_widget()))
            .collect()
    }

    fn diff(&self, tree: &mut Tree) {
        let children = std::iter::once(&self.below).chain(&self.over);
        let children: Vec<_> = children.map(Element::as_widget).collect();
        tree.diff_children(&children);
    }

    fn size(&self) -> Size<Length> {
        self.below.as_widget().size()
    }

    fn size_hint(&self) -> Size<Length> {
        self.below.as_widget().size_hint()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &iced::Renderer, limits: &layout::Limits) -> layout::Node {
        self.below
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &iced::Renderer,
        operation: &mut dyn Operation,
    ) {
        self.below
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
        self.below.as_widget_mut().update(
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

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        self.below
            .as_widget()
            .mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer)
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
        self.below
            .as_widget()
            .draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &iced::Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, iced::Renderer>> {
        let (below, over) = tree.children.split_first_mut()?;
        let part = (self.part)(layout.bounds().size());
        let place = part + (layout.position() + translation - Point::ORIGIN);
        let over = self.over.as_mut().zip(over.first_mut()).map(|(content, tree)| {
            overlay::Element::new(Box::new(Over {
                content: content.as_widget_mut(),
                tree,
                place,
            }))
        });
        // What opens below, such as a hint, is drawn over it.
        let below = self
            .below
            .as_widget_mut()
            .overlay(below, layout, renderer, viewport, translation);
        let all: Vec<_> = over.into_iter().chain(below).collect();
        (!all.is_empty()).then(|| overlay::Group::with_children(all).overlay())
    }
}

/// What stands over a part.
struct Over<'a, 'b, Message> {
    content: &'b mut (dyn Widget<Message, Theme, iced::Renderer> + 'a),
    tree: &'b mut Tree,
    place: Rectangle,
}

impl<Message> overlay::Overlay<Message, Theme, iced::Renderer> for Over<'_, '_, Message> {
    fn layout(&mut self, renderer: &iced::Renderer, window: Size) -> layout::Node {
        let most = Size::new(
            (window.width - 2.0 * MARGIN).max(0.0),
            (window.height - 2.0 * MARGIN).max(0.0),
        );
        let limits = layout::Limits::new(Size::ZERO, most);
        let node = self.content.layout(self.tree, renderer, &limits);
        let at = corner(self.place, node.size(), window);
        node.move_to(at)
    }

    fn operate(&mut self, layout: Layout<'_>, renderer: &iced::Renderer, operation: &mut dyn Operation) {
        self.content.operate(self.tree, layout, renderer, operation);
    }

    fn update(
        &mut self,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
    ) {
        let bounds = layout.bounds();
        self.content
            .update(self.tree, event, layout, cursor, renderer, clipboard, shell, &bounds);
        // What lies below has nothing of what is done here.
        let is_mouse = matches!(
            event,
            Event::Mouse(mouse::Event::ButtonPressed(_) | mouse::Event::WheelScrolled { .. })
        );
        if is_mouse && cursor.is_over(bounds) {
            shell.capture_event();
        }
    }

    fn mouse_interaction(
        &self,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let bounds = layout.bounds();
        let within = self
            .content
            .mouse_interaction(self.tree, layout, cursor, &bounds, renderer);
        if within == mouse::Interaction::None && cursor.is_over(bounds) {
            return mouse::Interaction::Idle;
        }
        within
    }

    fn draw(
        &self,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
    ) {
        let bounds = layout.bounds();
        self.content
            .draw(self.tree, renderer, theme, style, layout, cursor, &bounds);
    }

    fn overlay<'c>(
        &'c mut self,
        layout: Layout<'c>,
        renderer: &iced::Renderer,
    ) -> Option<overlay::Element<'c, Message, Theme, iced::Renderer>> {
        let bounds = layout.bounds();
        self.content.overlay(self.tree, layout, renderer, &bounds, Vector::ZERO)
    }
}

/// Where the upper left corner is: at the upper right of `place`, moved into the window.
fn corner(place: Rectangle, size: Size, window: Size) -> Point {
    let within = |at: f32, length: f32, all: f32| at.min(all - MARGIN - length).max(MARGIN);
    Point::new(
        within(place.x + place.width - MARGIN - size.width, size.width, window.width).round(),
        within(place.y + MARGIN, size.height, window.height).round(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Size = Size::new(1280.0, 720.0);

    fn at(x: f32, y: f32, width: f32, height: f32) -> Point {
        let place = Rectangle::new(Point::new(x, y), Size::new(width, height));
        corner(place, Size::new(300.0, 200.0), WINDOW)
    }

    #[test]
    fn it_stands_in_the_corner_of_its_part_and_stays_within_the_window() {
        assert_eq!(at(300.0, 40.0, 600.0, 300.0), Point::new(592.0, 48.0));
        // A small part on the left, one at the bottom, and a window that is smaller than what is shown.
        assert_eq!(at(0.0, 40.0, 120.0, 60.0), Point::new(MARGIN, 48.0));
        assert_eq!(at(300.0, 640.0, 600.0, 80.0), Point::new(592.0, 512.0));
        let tiny = corner(
            Rectangle::with_size(Size::new(50.0, 50.0)),
            Size::new(300.0, 200.0),
            Size::new(50.0, 50.0),
        );
        assert_eq!(tiny, Point::new(MARGIN, MARGIN));
    }
}
