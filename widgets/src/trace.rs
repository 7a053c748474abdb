//! Live curves: on the GPU persistent rings to which only new points are sent, on the CPU a path of the same points.
//!
//! The layer reads its [`TraceSource`] while it draws, so curves move without a message and without a new `view`.

mod cpu;
mod draw;
mod gpu;
mod memory;
mod scale;
mod source;
mod view;

use std::rc::Rc;

use iced::advanced::widget::{Tree, tree};
use iced::advanced::{Layout, Widget, layout, mouse, renderer};
use iced::{Element, Length, Rectangle, Size, Theme};

use crate::theme;

pub use source::{CurveState, CurveStyle, Freshness, Mark, Pen, Shift, TraceSource};
pub use view::{AxisScale, MOST_AXES, View, YAxis};

pub(crate) use draw::draw;
pub(crate) use memory::State;

/// Every value axis of a source; there is at least one.
pub(crate) fn axes(source: &dyn TraceSource) -> Vec<YAxis> {
    (0..source.y_axes().clamp(1, MOST_AXES))
        .map(|axis| source.y_axis(axis))
        .collect()
}

/// The axis of a curve or a mark; axis 0 stands in for one that is not there.
pub(crate) fn axis_at(axes: &[YAxis], index: u8) -> &YAxis {
    axes.get(usize::from(index)).unwrap_or(&axes[0])
}

/// A widget that draws the curves of a [`TraceSource`] over all of its bounds.
pub struct TraceLayer {
    source: Rc<dyn TraceSource>,
    width: f32,
}

impl TraceLayer {
    /// Creates a layer that draws the curves of `source`.
    pub fn new(source: Rc<dyn TraceSource>) -> Self {
        Self {
            source,
            width: theme::CURVE,
        }
    }

    /// Sets the width of the lines, in logical pixels.
    #[must_use]
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// Sets whether to spare a software renderer.
    #[must_use]
    pub fn eco(self, eco: bool) -> Self {
        self.width(if eco { theme::CURVE_ECO } else { theme::CURVE })
    }
}

impl<Message> Widget<Message, Theme, iced::Renderer> for TraceLayer {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::new())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &iced::Renderer, limits: &layout::Limits) -> layout::Node {
        layout::atomic(limits, Length::Fill, Length::Fill)
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut iced::Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
        let ground = theme::Palette::of(theme).surface;
        let state = tree.state.downcast_ref();
        draw(&*self.source, state, self.width, renderer, ground, layout.bounds());
    }
}

impl<'a, Message: 'a> From<TraceLayer> for Element<'a, Message> {
    fn from(layer: TraceLayer) -> Self {
        Element::new(layer)
    }
}
