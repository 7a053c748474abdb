//! What the chart answers to the pointer.

use std::rc::Rc;
use std::time::Instant;

use iced::keyboard::Modifiers;
use iced::mouse::{self, Button};
use iced::{Event as Input, Point, Vector, window};
use iced_test::simulator::Simulator;
use roswave_widgets::chart::{Event, Link, Pointed};
use roswave_widgets::{ChartState, Overlays};

use super::hand::{Hand, PLOT, assert_near, one_axis, place, seconds, told, two_axes};
use super::source::{SPAN_NS, axis};
use super::{SIZE, chart_of, framed, settings};

#[test]
fn the_wheel_zooms_time_about_the_pointer() {
    let below = Point::new(place(0.3, 0.0).x, PLOT.y + PLOT.height + 8.0);
    for at in [place(0.3, 0.6), below] {
        let told = told(one_axis(), Overlays::default(), |hand| {
            hand.at(at).scroll(0.0, 1.0);
            hand.scroll(0.0, -1.0);
        });
        let [
            Event::TimeZoomed { factor: closer, at_ns },
            Event::TimeZoomed { factor: further, .. },
        ] = told[..]
        else {
            panic!("{told:?}");
        };
        assert_near(closer, 0.8);
        assert_near(further, 1.25);
        assert_near(seconds(at_ns), 3.0);
    }
}

#[test]
fn the_wheel_with_control_zooms_every_value_axis_about_the_pointer() {
    let told = told(two_axes(), Overlays::default(), |hand| {
        hand.hold(Modifiers::CTRL).at(Point::new(250.0, 118.0)).scroll(0.0, 1.0);
    });
    let [
        Event::ValueRangeChanged {
            axis: 0,
            low: a,
            high: b,
        },
        Event::ValueRangeChanged {
            axis: 1,
            low: c,
            high: d,
        },
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    assert_near(b - a, 40.0 / 1.25);
    assert_near(d - c, 50.0 / 1.25);
    // Both about the same place: the ranges stay aligned.
    assert_near((a + 20.0) / 40.0, c / 50.0);
    assert!(a > -20.0 && b < 20.0);
}

#[test]
fn the_wheel_over_a_value_axis_zooms_that_one() {
    let over = |x: f32| {
        told(two_axes(), Overlays::default(), |hand| {
            hand.at(Point::new(x, 118.0)).scroll(0.0, 1.0);
        })
    };
    assert!(matches!(over(30.0)[..], [Event::ValueRangeChanged { axis: 0, .. }]));
    assert!(matches!(over(530.0)[..], [Event::ValueRangeChanged { axis: 1, .. }]));
}

#[test]
fn the_wheel_sideways_or_with_shift_pans() {
    let sideways = told(one_axis(), Overlays::default(), |hand| {
        hand.at(place(0.5, 0.5)).scroll(-2.0, 0.0);
    });
    let shifted = told(one_axis(), Overlays::default(), |hand| {
        hand.hold(Modifiers::SHIFT).at(place(0.5, 0.5)).scroll(0.0, -2.0);
    });
    let later = Event::ViewMoved {
        from_ns: SPAN_NS / 5,
        to_ns: SPAN_NS + SPAN_NS / 5,
    };
    assert_eq!(sideways, [later]);
    assert_eq!(shifted, [later]);
}

#[test]
fn a_drag_moves_the_times_with_the_pointer() {
    let told = told(two_axes(), Overlays::default(), |hand| {
        hand.drag(Button::Left, place(0.4, 0.5), place(0.5, 0.9));
    });
    let [Event::ViewMoved { from_ns, to_ns }] = told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(to_ns - from_ns, SPAN_NS);
    assert!(from_ns < 0, "to the right is into the past");
}

#[test]
fn a_drag_moves_by_exactly_its_way() {
    let told = told(one_axis(), Overlays::default(), |hand| {
        hand.drag(Button::Left, place(0.4, 0.5), place(0.5, 0.5));
    });
    let [Event::ViewMoved { from_ns, .. }] = told[..] else {
        panic!("{told:?}");
    };
    assert_near(seconds(from_ns), -1.0);
}

#[test]
fn a_drag_with_alt_moves_every_value_axis_too() {
    let told = told(one_axis(), Overlays::default(), |hand| {
        hand.hold(Modifiers::ALT)
            .drag(Button::Left, place(0.4, 0.5), place(0.4, 0.75));
    });
    let [
        Event::ViewMoved { from_ns: 0, .. },
        Event::ValueRangeChanged { axis: 0, low, high },
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    assert_near(low, -10.0);
    assert_near(high, 30.0);
}

#[test]
fn a_press_that_does_not_move_is_a_click() {
    let told = told(one_axis(), Overlays::default(), |hand| {
        hand.drag(Button::Left, place(0.25, 0.5), place(0.25, 0.5) + Vector::new(2.0, 2.0));
    });
    let [Event::Clicked { time_ns }] = told[..] else {
        panic!("{told:?}");
    };
    assert_near(seconds(time_ns), 2.5);
}

#[test]
fn a_double_click_asks_to_fit() {
    let told = told(one_axis(), Overlays::default(), |hand| {
        let press = Input::Mouse(mouse::Event::ButtonPressed(Button::Left));
        let release = Input::Mouse(mouse::Event::ButtonReleased(Button::Left));
        let _ = hand.at(place(0.5, 0.5));
        let _ = hand.ui.simulate([press.clone(), release.clone(), press, release]);
    });
    assert!(
        matches!(told[..], [Event::Clicked { .. }, Event::FitRequested]),
        "{told:?}"
    );
}

#[test]
fn a_box_zooms_both_ways() {
    let from = place(0.2, 0.25);
    let to = place(0.6, 0.75);
    let right = told(one_axis(), Overlays::default(), |hand| {
        hand.drag(Button::Right, from, to);
    });
    let shifted = told(one_axis(), Overlays::default(), |hand| {
        hand.hold(Modifiers::SHIFT).drag(Button::Left, to, from);
    });
    for told in [right, shifted] {
        let [
            Event::BoxZoomed {
                time: Some((from_ns, to_ns)),
                values: Some((top, bottom)),
            },
        ] = told[..]
        else {
            panic!("{told:?}");
        };
        assert_near(seconds(from_ns), 2.0);
        assert_near(seconds(to_ns), 6.0);
        assert_near(top, 0.25);
        assert_near(bottom, 0.75);
        assert_near(axis((-20.0, 20.0), "").part(top, bottom).0, -10.0);
    }
}

#[test]
fn a_flat_box_zooms_one_way() {
    let flat = told(one_axis(), Overlays::default(), |hand| {
        hand.drag(Button::Right, place(0.2, 0.5), place(0.6, 0.55));
    });
    let tall = told(one_axis(), Overlays::default(), |hand| {
        hand.drag(Button::Right, place(0.2, 0.2), place(0.21, 0.7));
    });
    assert!(
        matches!(
            flat[..],
            [Event::BoxZoomed {
                time: Some(_),
                values: None
            }]
        ),
        "{flat:?}"
    );
    assert!(
        matches!(
            tall[..],
            [Event::BoxZoomed {
                time: None,
                values: Some(_)
            }]
        ),
        "{tall:?}"
    );
}

#[test]
fn a_box_ends_at_the_edge_of_the_plot() {
    let told = told(one_axis(), Overlays::default(), |hand| {
        hand.drag(
            Button::Right,
            place(0.5, 0.5),
            Point::new(SIZE.width + 50.0, SIZE.height + 50.0),
        );
    });
    let [
        Event::BoxZoomed {
            time: Some((_, to_ns)),
            values: Some((_, bottom)),
        },
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    assert_near(seconds(to_ns), 10.0);
    assert_near(bottom, 1.0);
}

#[test]
fn escape_gives_a_box_up() {
    let told = told(one_axis(), Overlays::default(), |hand| {
        let _ = hand.at(place(0.2, 0.2)).press(Button::Right);
        let _ = hand.at(place(0.6, 0.6));
        hand.escape();
        let _ = hand.at(place(0.7, 0.7)).release(Button::Right);
    });
    assert_eq!(told, []);
}

#[test]
fn a_value_axis_is_dragged() {
    let told = told(two_axes(), Overlays::default(), |hand| {
        hand.drag(Button::Left, Point::new(535.0, 80.0), Point::new(535.0, 140.0));
    });
    let [Event::ValueRangeChanged { axis: 1, low, high }] = told[..] else {
        panic!("{told:?}");
    };
    assert_near(high - low, 50.0);
    assert!(low > 0.0, "down with the picture is up with the range");
}

#[test]
fn only_a_drag_with_the_right_button_is_taken() {
    let mut taken = Vec::new();
    let _ = told(one_axis(), Overlays::default(), |hand| {
        taken.push(hand.at(place(0.5, 0.5)).press(Button::Right));
        taken.push(hand.release(Button::Right));
        taken.push(hand.press(Button::Right));
        taken.push(hand.at(place(0.6, 0.6)).release(Button::Right));
    });
    assert_eq!(taken, [false, false, false, true]);
}

#[test]
fn where_the_pointer_is_is_told_until_it_leaves() {
    let state = ChartState::default();
    let mut hand = Hand {
        ui: Simulator::with_size(settings(), SIZE, framed(chart_of(&state, one_axis()))),
    };
    let _ = hand.at(place(0.5, 0.5)).at(place(0.5, 0.7)).at(Point::new(2.0, 2.0));
    let told: Vec<_> = hand.ui.into_messages().collect();
    let [
        Event::Hovered(Some(first)),
        Event::Hovered(Some(second)),
        Event::Hovered(None),
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    for (Pointed { time_ns, down }, wanted) in [(first, 0.5), (second, 0.7)] {
        assert_near(seconds(time_ns), 5.0);
        assert!((down - wanted).abs() < 1e-3, "{down}");
    }
}

#[test]
fn a_pointer_that_rests_over_a_moving_picture_is_at_another_time_with_each_frame() {
    let state = ChartState::default();
    let source = one_axis();
    let from_ns = Rc::clone(&source.from_ns);
    let link = Link::default();
    let chart = chart_of(&state, source).note_pointer(&link);
    let mut hand = Hand {
        ui: Simulator::with_size(settings(), SIZE, framed(chart)),
    };
    let frame = || [Input::Window(window::Event::RedrawRequested(Instant::now()))];
    let _ = hand.ui.simulate(frame());
    assert_eq!(link.get(), None, "nobody points at it");
    let _ = hand.at(place(0.5, 0.5));
    from_ns.set(3_000_000_000);
    let _ = hand.ui.simulate(frame());
    let noted = link.get().expect("the pointer rests on the plot");
    assert_near(seconds(noted.time_ns), 8.0);
    assert!((noted.down - 0.5).abs() < 1e-3, "{}", noted.down);
}
