//! What widgets without children have in common: they are as large as they may be, keep a state of their own, and see their
//! place, the pointer and what they draw on.

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer};
use iced::{Element, Event, Length, Rectangle, Size, Theme};

use crate::theme::Palette;

/// A widget without children.
pub(crate) trait Leaf<Message> {
    /// What it keeps from one `view` to the next.
    type State: 'static;

    /// What it keeps at first.
    fn state(&self) -> Self::State;

    /// Its height; it is as wide as it may be.
    fn height(&self) -> Length {
        Length::Fill
    }

    /// Answers an event.
    fn update(
        &mut self,
        state: &mut Self::State,
        event: &Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
    );

    /// How the pointer looks.
    fn interaction(&self, state: &Self::State, bounds: Rectangle, cursor: mouse::Cursor) -> mouse::Interaction;

    /// Draws it.
    fn draw(&self, state: &Self::State, renderer: &mut iced::Renderer, place: &Place<'_>);
}

/// Where and how a [`Leaf`] is drawn.
pub(crate) struct Place<'a> {
    pub(crate) theme: &'a Theme,
    pub(crate) style: &'a renderer::Style,
    pub(crate) layout: Layout<'a>,
    pub(crate) cursor: mouse::Cursor,
    pub(crate) viewport: &'a Rectangle,
}

impl Place<'_> {
    pub(crate) fn bounds(&self) -> Rectangle {
        self.layout.bounds()
    }

    pub(crate) fn palette(&self) -> Palette {
        Palette::of(self.theme)
    }
}

/// Makes an [`Element`] of a [`Leaf`].
pub(crate) fn element<'a, Message, L>(leaf: L) -> Element<'a, Message>
where
    Message: 'a,
    L: Leaf<Message> + 'a,
{
    Element::new(Grown(leaf))
}

/// A [`Leaf`] as iced takes it.
struct Grown<L>(L);

impl<Message, L: Leaf<Message>> Widget<Message, Theme, iced::Renderer> for Grown<L> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<L::State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(self.0.state())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, self.0.height())
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &iced::Renderer, limits: &layout::Limits) -> layout::Node {
        layout::atomic(limits, Length::Fill, self.0.height())
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
        let state = tree.state.downcast_mut::<L::State>();
        self.0.update(state, event, layout.bounds(), cursor, shell);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &iced::Renderer,
    ) -> mouse::Interaction {
        let state = tree.state.downcast_ref::<L::State>();
        self.0.interaction(state, layout.bounds(), cursor)
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
        let place = Place {
            theme,
            style,
            layout,
            cursor,
            viewport,
        };
        self.0.draw(tree.state.downcast_ref::<L::State>(), renderer, &place);
    }
}
