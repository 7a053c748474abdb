//! The frame clock: the widget at the root of the window that drains the rings once per frame, and sleeps when there is
//! nothing to draw.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, overlay, renderer};
use iced::{Element, Event, Length, Rectangle, Renderer, Size, Theme, Vector, window};
use roswave_engine::clock::{Timestamp, monotonic_ns};
use roswave_engine::engine::WakeFlag;

use crate::scope::Scope;
use crate::window::figures::FrameFigures;

/// A picture goes on moving this long after the last sample, so that slow topics scroll evenly too.
const COASTING: Duration = Duration::from_millis(300);

/// Without a frame for this long, somebody else has to drain.
pub const STALL_NS: i64 = 900_000_000;

/// What the clock keeps between two views.
#[derive(Debug)]
pub struct Pulse {
    wake: Arc<WakeFlag>,
    figures: RefCell<FrameFigures>,
    frame_time: Cell<Duration>,
    next: Cell<Option<Instant>>,
    last_data: Cell<Option<Instant>>,
    received: Cell<Option<Timestamp>>,
    software: Cell<Option<bool>>,
    watch: Arc<Watch>,
}

/// What other threads may know about the clock.
#[derive(Debug, Default)]
pub struct Watch {
    last_frame_ns: AtomicI64,
    pending: AtomicBool,
}

impl Watch {
    /// True when there may be something to drain or to move, and no frame came for a while: the window is hidden, every
    /// chart is paused, or time alone moves the picture.
    #[must_use]
    pub fn is_stalled(&self) -> bool {
        self.pending.load(Ordering::Relaxed) && monotonic_ns() - self.last_frame_ns.load(Ordering::Relaxed) > STALL_NS
    }
}

impl Pulse {
    /// A clock that is woken by the engine.
    #[must_use]
    pub fn new(wake: Arc<WakeFlag>, fps: u32) -> Self {
        let pulse = Self {
            wake,
            figures: RefCell::default(),
            frame_time: Cell::default(),
            next: Cell::new(None),
            last_data: Cell::new(None),
            received: Cell::new(None),
            software: Cell::new(None),
            watch: Arc::default(),
        };
        pulse.set_fps(fps);
        pulse
    }

    /// At most this many frames per second.
    pub fn set_fps(&self, fps: u32) {
        self.frame_time.set(Duration::from_secs(1) / fps.max(1));
    }

    /// What was measured.
    #[must_use]
    pub fn figures(&self) -> &RefCell<FrameFigures> {
        &self.figures
    }

    /// For the slow timer.
    #[must_use]
    pub fn watch(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }

    /// True when frames are drawn by the CPU in this process; `None` before the first frame.
    #[must_use]
    pub fn is_software(&self) -> Option<bool> {
        self.software.get()
    }

    /// The engine called: frames are needed again.
    pub fn woken(&self) {
        self.watch.pending.store(true, Ordering::Relaxed);
    }

    /// Takes what arrived into the store. True when a running chart shows something new.
    pub fn drain(&self, scope: &Scope) -> bool {
        let drained = scope.history().store().borrow_mut().drain();
        let mut figures = self.figures.borrow_mut();
        figures.samples += drained.samples;
        if drained.mean_receive.is_some() {
            self.received.set(drained.mean_receive);
        }
        drop(figures);
        // Derived series that are not done yet want frames although nothing else moves.
        scope.refresh(Timestamp::now()) | drained.behind
    }

    /// Without frames: drains what has gathered.
    pub fn drain_stalled(&self, scope: &Scope) {
        let _ = self.wake.take_dirty();
        let _ = self.drain(scope);
        // Not drawn: its age says nothing about the way to the screen.
        self.received.set(None);
        self.watch.last_frame_ns.store(monotonic_ns(), Ordering::Relaxed);
        self.watch.pending.store(true, Ordering::Relaxed);
    }

    /// A frame begins. Gives the time of the next one, or `None` to stop until something happens.
    fn tick(&self, at: Instant, scope: &Scope) -> Option<Instant> {
        self.figures.borrow_mut().begin();
        self.watch.last_frame_ns.store(monotonic_ns(), Ordering::Relaxed);
        let dirty = self.wake.take_dirty();
        let moved = dirty && self.drain(scope);
        if moved {
            self.last_data.set(Some(at));
        }
        let coasting = self
            .last_data
            .get()
            .is_some_and(|last| at.duration_since(last) < COASTING);
        // A trigger looks at what comes although the picture stands still.
        if scope.charts().all_paused()
            && !scope.has_running_trigger()
            && scope.charts().iter().any(|chart| chart.source().newest().is_some())
        {
            // Nothing moves, but data goes on arriving: the slow timer drains.
            self.watch.pending.store(true, Ordering::Relaxed);
            return None;
        }
        // Samples that move nothing, those of a paused chart, still come in slots: to sleep would be to be woken at once.
        if dirty || (coasting && scope.charts().is_scrolling()) {
            self.watch.pending.store(true, Ordering::Relaxed);
            return Some(self.slot(at));
        }
        if self.wake.sleep() {
            self.watch
                .pending
                .store(scope.charts().is_scrolling(), Ordering::Relaxed);
            return None;
        }
        self.watch.pending.store(true, Ordering::Relaxed);
        Some(self.slot(at))
    }

    /// The next slot of an even beat; a beat that was missed is not made up for.
    fn slot(&self, at: Instant) -> Instant {
        let period = self.frame_time.get();
        let next = match self.next.get() {
            // A redraw for another reason, before its time.
            Some(next) if next > at => next,
            Some(next) if next + period > at => next + period,
            _ => at + period,
        };
        self.next.set(Some(next));
        next
    }
}

/// Wraps the whole window.
pub struct FrameClock<'a, Message> {
    content: Element<'a, Message>,
    pulse: &'a Pulse,
    scope: &'a Scope,
    on_news: Option<Message>,
}

impl<'a, Message> FrameClock<'a, Message> {
    /// It expects:
    /// - what the window shows,
    /// - what the clock keeps,
    /// - whose charts it feeds.
    pub fn new(content: impl Into<Element<'a, Message>>, pulse: &'a Pulse, scope: &'a Scope) -> Self {
        Self {
            content: content.into(),
            pulse,
            scope,
            on_news: None,
        }
    }

    /// Sets what is published when a drain brought something that concerns more than the picture.
    #[must_use]
    pub fn on_news(mut self, message: Message) -> Self {
        self.on_news = Some(message);
        self
    }
}

impl<Message: Clone> Widget<Message, Theme, Renderer> for FrameClock<'_, Message> {
    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        self.content
            .as_widget_mut()
            .layout(&mut tree.children[0], renderer, limits)
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        self.content
            .as_widget()
            .draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
        self.pulse
            .software
            .set(Some(matches!(renderer, Renderer::Secondary(_))));
        let is_loading = self.scope.is_loading();
        self.pulse
            .figures
            .borrow_mut()
            .drawn(self.pulse.received.take(), is_loading);
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
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
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        if let Event::Window(window::Event::RedrawRequested(at)) = event {
            if let Some(next) = self.pulse.tick(*at, self.scope) {
                shell.request_redraw_at(next);
            }
            if self.scope.take_news()
                && let Some(message) = &self.on_news
            {
                shell.publish(message.clone());
            }
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

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        self.content
            .as_widget()
            .mouse_interaction(&tree.children[0], layout, cursor, viewport, renderer)
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        self.content
            .as_widget_mut()
            .overlay(&mut tree.children[0], layout, renderer, viewport, translation)
    }
}

impl<'a, Message: Clone + 'a> From<FrameClock<'a, Message>> for Element<'a, Message> {
    fn from(clock: FrameClock<'a, Message>) -> Self {
        Self::new(clock)
    }
}
