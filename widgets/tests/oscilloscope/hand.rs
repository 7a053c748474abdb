//! A hand on a chart: pointer, buttons, wheel and keys.

use iced::keyboard::key::Named;
use iced::keyboard::{self, Modifiers};
use iced::mouse::{self, Button, ScrollDelta};
use iced::{Event as Input, Point, Rectangle};
use iced_test::simulator::Simulator;
use roswave_widgets::chart::Event;
use roswave_widgets::{ChartState, Overlays};

use super::source::{Bench, Curve, axis, wave};
use super::{SIZE, chart_of, framed, settings};

/// The plot of a chart with one axis: beside it are labels of five characters, over it is the legend.
pub const PLOT: Rectangle = Rectangle {
    x: 53.0,
    y: 30.3,
    width: 491.0,
    height: 162.0,
};

/// A chart under the pointer.
pub struct Hand<'a> {
    pub ui: Simulator<'a, Event>,
}

impl Hand<'_> {
    pub fn at(&mut self, at: Point) -> &mut Self {
        self.ui.point_at(at);
        let _ = self
            .ui
            .simulate([Input::Mouse(mouse::Event::CursorMoved { position: at })]);
        self
    }

    pub fn hold(&mut self, modifiers: Modifiers) -> &mut Self {
        let held = keyboard::Event::ModifiersChanged(modifiers);
        let _ = self.ui.simulate([Input::Keyboard(held)]);
        self
    }

    /// Whether the chart took it for itself.
    pub fn press(&mut self, button: Button) -> bool {
        self.took(mouse::Event::ButtonPressed(button))
    }

    pub fn release(&mut self, button: Button) -> bool {
        self.took(mouse::Event::ButtonReleased(button))
    }

    fn took(&mut self, event: mouse::Event) -> bool {
        self.ui.simulate([Input::Mouse(event)]) == [iced::event::Status::Captured]
    }

    pub fn drag(&mut self, button: Button, from: Point, to: Point) {
        let _ = self.at(from).press(button);
        let _ = self.at(to).release(button);
    }

    pub fn scroll(&mut self, x: f32, y: f32) {
        let delta = ScrollDelta::Lines { x, y };
        let _ = self.took(mouse::Event::WheelScrolled { delta });
    }

    pub fn escape(&mut self) {
        let _ = self.ui.tap_key(keyboard::Key::Named(Named::Escape));
    }
}

/// What the chart told, apart from where the pointer was.
pub fn told(source: Bench, overlays: Overlays, act: impl FnOnce(&mut Hand<'_>)) -> Vec<Event> {
    let state = ChartState::default();
    let chart = chart_of(&state, source).overlays(overlays);
    let mut hand = Hand {
        ui: Simulator::with_size(settings(), SIZE, framed(chart)),
    };
    act(&mut hand);
    hand.ui
        .into_messages()
        .filter(|event| !matches!(event, Event::Hovered(_)))
        .collect()
}

pub fn one_axis() -> Bench {
    Bench::new(vec![Curve::new("lin_acc.x", wave(100, 12.0, 0.0))])
}

pub fn two_axes() -> Bench {
    let mut source = one_axis();
    source.axes.push(axis((0.0, 50.0), "A"));
    source
}

/// A place by its shares of the plot.
pub fn place(across: f32, down: f32) -> Point {
    Point::new(PLOT.x + across * PLOT.width, PLOT.y + down * PLOT.height)
}

pub fn seconds(time_ns: i64) -> f64 {
    time_ns as f64 * 1e-9
}

pub fn assert_near(a: f64, b: f64) {
    assert!((a - b).abs() < 0.05, "{a} is not {b}");
}
