//! Wheel, dragging, the box and the double click; and how often a figure is drawn.

use iced::keyboard::{self, Modifiers};
use iced::mouse::{Button, Event as Mouse, ScrollDelta};
use iced::{Point, Size};
use iced_test::simulator::Simulator;
use roswave_widgets::FigureState;
use roswave_widgets::figure::{Axis, Event, Figure, Kind, Layer};
use roswave_widgets::theme::{self, Mode};

use super::samples::{self, framed, settings};

const SIZE: Size = Size::new(640.0, 400.0);
const PLOT: Point = Point::new(350.0, 200.0);
const Y_LABELS: Point = Point::new(20.0, 200.0);

/// A figure whose fitted ranges are 0 to 10 and -1 to 1.
fn simple() -> Figure {
    let points: Vec<_> = (0..=100)
        .map(|i| [f64::from(i) / 10.0, (f64::from(i) / 5.0).sin() * 0.9])
        .collect();
    Figure::new(1, Axis::linear("x"), Axis::linear("y")).layer(Layer::new(
        "a",
        theme::curve(0),
        Kind::Line(points.into()),
    ))
}

fn log() -> Figure {
    let points = [[1.0, 1.0], [1000.0, 1000.0]];
    Figure::new(1, Axis::log("x"), Axis::log("y")).layer(Layer::new("a", theme::curve(0), Kind::Line(points.into())))
}

/// What a figure says to a series of events, each at a place.
fn events(figure: Figure, series: &[(Point, Mouse)], modifiers: Modifiers) -> Vec<Event> {
    let state = FigureState::default();
    let mut ui = Simulator::with_size(settings(), SIZE, framed(&state, figure));
    let held = keyboard::Event::ModifiersChanged(modifiers);
    let _ = ui.simulate([iced::Event::Keyboard(held)]);
    for (at, event) in series {
        ui.point_at(*at);
        let _ = ui.simulate([iced::Event::Mouse(*event)]);
    }
    ui.into_messages().collect()
}

fn wheel(y: f32) -> Mouse {
    Mouse::WheelScrolled {
        delta: ScrollDelta::Lines { x: 0.0, y },
    }
}

fn drag(from: Point, to: Point, button: Button) -> [(Point, Mouse); 3] {
    [
        (from, Mouse::ButtonPressed(button)),
        (to, Mouse::CursorMoved { position: to }),
        (to, Mouse::ButtonReleased(button)),
    ]
}

fn only(events: &[Event]) -> ((f64, f64), (f64, f64)) {
    match events {
        [Event::ViewChanged { x, y }] => (*x, *y),
        other => panic!("one change of the view expected: {other:?}"),
    }
}

fn extent((low, high): (f64, f64)) -> f64 {
    high - low
}

const X: (f64, f64) = (0.0, 10.0);
const Y: (f64, f64) = (-1.0, 1.0);

#[test]
fn the_wheel_zooms_along_x() {
    let (x, y) = only(&events(simple(), &[(PLOT, wheel(1.0))], Modifiers::empty()));
    assert!((extent(x) - 8.0).abs() < 1e-9, "{x:?}");
    assert!(x.0 > 0.0 && x.1 < 10.0, "around the cursor");
    assert_eq!(y, Y);

    let (x, _) = only(&events(simple(), &[(PLOT, wheel(-1.0))], Modifiers::empty()));
    assert!((extent(x) - 12.5).abs() < 1e-9);
}

#[test]
fn the_wheel_with_ctrl_or_over_the_labels_zooms_along_y() {
    for (at, modifiers) in [(PLOT, Modifiers::CTRL), (Y_LABELS, Modifiers::empty())] {
        let (x, y) = only(&events(simple(), &[(at, wheel(1.0))], modifiers));
        assert_eq!(x, X);
        assert!((extent(y) - 1.6).abs() < 1e-9, "{y:?}");
    }
}

#[test]
fn the_wheel_zooms_equal_axes_together() {
    let state = FigureState::default();
    let mut ui = Simulator::with_size(settings(), SIZE, framed(&state, samples::plane()));
    ui.point_at(PLOT);
    for _ in 0..2 {
        let _ = ui.simulate([iced::Event::Mouse(wheel(1.0))]);
    }
    let events: Vec<_> = ui.into_messages().collect();
    let [Event::ViewChanged { x, y }, again] = events[..] else {
        panic!("two changes expected: {events:?}");
    };
    assert_eq!(again, events[0], "the application keeps the view");
    let before = events_of_no_zoom();
    assert!((extent(x) / extent(before.0) - 0.8).abs() < 1e-6);
    assert!((extent(y) / extent(before.1) - 0.8).abs() < 1e-6);
}

/// The ranges of the plane, as a movement by nothing but a pixel there reports them.
fn events_of_no_zoom() -> ((f64, f64), (f64, f64)) {
    let moved = events(
        samples::plane(),
        &drag(PLOT, Point::new(PLOT.x + 1.0, PLOT.y), Button::Left),
        Modifiers::empty(),
    );
    only(&moved)
}

#[test]
fn a_logarithmic_axis_is_zoomed_by_factors() {
    let (x, _) = only(&events(log(), &[(PLOT, wheel(1.0))], Modifiers::empty()));
    assert!(
        ((x.1 / x.0).log10() - 2.4).abs() < 1e-6,
        "three decades become 2.4: {x:?}"
    );
}

#[test]
fn dragging_moves_the_view() {
    let to = Point::new(PLOT.x + 57.0, PLOT.y + 40.0);
    let (x, y) = only(&events(simple(), &drag(PLOT, to, Button::Left), Modifiers::empty()));
    assert!(
        x.0 < 0.0 && (extent(x) - 10.0).abs() < 1e-9,
        "what was left comes into view: {x:?}"
    );
    assert!(
        y.1 > 1.0 && (extent(y) - 2.0).abs() < 1e-9,
        "what was above comes into view: {y:?}"
    );
}

#[test]
fn dragging_the_labels_moves_one_axis() {
    let to = Point::new(Y_LABELS.x + 30.0, Y_LABELS.y + 30.0);
    let (x, y) = only(&events(simple(), &drag(Y_LABELS, to, Button::Left), Modifiers::empty()));
    assert_eq!(x, X);
    assert_ne!(y, Y);
}

#[test]
fn a_box_is_zoomed_to() {
    let (from, to) = (Point::new(500.0, 100.0), Point::new(300.0, 250.0));
    for (button, modifiers) in [(Button::Right, Modifiers::empty()), (Button::Left, Modifiers::SHIFT)] {
        let (x, y) = only(&events(simple(), &drag(from, to, button), modifiers));
        let zoomed = |range: (f64, f64), all: (f64, f64)| range.0 > all.0 && range.1 < all.1;
        assert!(zoomed(x, X) && zoomed(y, Y), "{x:?} {y:?}");
        let per_pixel = extent(x) / 200.0;
        assert!(
            (extent(X) / per_pixel - 560.0).abs() < 40.0,
            "the plot is about 560 pixels wide"
        );
    }
}

#[test]
fn a_flat_box_zooms_one_axis_and_a_dot_none() {
    let flat = drag(Point::new(300.0, 200.0), Point::new(500.0, 202.0), Button::Right);
    let (x, y) = only(&events(simple(), &flat, Modifiers::empty()));
    assert!(extent(x) < 5.0);
    assert_eq!(y, Y);
    let dot = drag(PLOT, Point::new(PLOT.x + 1.0, PLOT.y), Button::Right);
    assert!(events(simple(), &dot, Modifiers::empty()).is_empty());
}

#[test]
fn a_double_click_asks_for_all_data() {
    let click = [
        (PLOT, Mouse::ButtonPressed(Button::Left)),
        (PLOT, Mouse::ButtonReleased(Button::Left)),
    ];
    assert!(
        events(simple(), &click, Modifiers::empty()).is_empty(),
        "one click is nothing"
    );
    let double = [click, click].concat();
    assert_eq!(events(simple(), &double, Modifiers::empty()), [Event::FitRequested]);
}

#[test]
fn what_happens_elsewhere_is_not_the_figures() {
    let outside = Point::new(SIZE.width + 50.0, 100.0);
    let mut series = vec![(outside, wheel(1.0))];
    series.extend(drag(outside, PLOT, Button::Left));
    assert!(events(simple(), &series, Modifiers::empty()).is_empty());
}

#[test]
fn a_figure_is_drawn_again_only_when_it_looks_different() {
    let state = FigureState::default();
    let draw = |figure: Figure, size: Size, mode: Mode| {
        let mut ui = Simulator::with_size(settings(), size, framed(&state, figure));
        ui.point_at(PLOT);
        for _ in 0..3 {
            let _ = ui.snapshot(&theme::theme(mode)).expect("a picture");
        }
        state.drawings()
    };
    assert_eq!(draw(simple(), SIZE, Mode::Dark), 1);
    assert_eq!(draw(simple(), SIZE, Mode::Dark), 1, "the same version");
    let mut next = simple();
    next.version += 1;
    assert_eq!(draw(next.clone(), SIZE, Mode::Dark), 2);
    assert_eq!(draw(next.clone(), SIZE, Mode::Light), 3);
    assert_eq!(draw(next.clone(), Size::new(640.0, 300.0), Mode::Light), 4);
    let zoomed = next.at_view(Some((1.0, 2.0)), None);
    assert_eq!(draw(zoomed, Size::new(640.0, 300.0), Mode::Light), 5);
}
