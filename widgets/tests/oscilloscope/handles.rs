//! Cursors, levels and the trigger under the pointer.

use iced::mouse::Button;
use iced::{Point, Vector};
use roswave_widgets::chart::Event;
use roswave_widgets::{Overlays, TriggerMark};

use super::SIZE;
use super::hand::{PLOT, assert_near, one_axis, place, seconds, told, two_axes};
use super::source::SPAN_NS;

#[test]
fn escape_puts_back_what_was_moved() {
    let overlays = Overlays {
        cursors: [Some(5_000_000_000), None],
        ..Overlays::default()
    };
    let told = told(one_axis(), overlays, |hand| {
        for from in [place(0.2, 0.5), place(0.5, 0.5)] {
            let _ = hand.at(from).press(Button::Left);
            let _ = hand.at(place(0.8, 0.5));
            hand.escape();
            let _ = hand.release(Button::Left);
        }
    });
    let view = Event::ViewMoved {
        from_ns: 0,
        to_ns: SPAN_NS,
    };
    let cursor = Event::CursorMoved {
        which: 0,
        time_ns: 5_000_000_000,
    };
    assert_eq!((told[1], told[3], told.len()), (view, cursor, 4), "{told:?}");
}

#[test]
fn a_cursor_is_dragged_by_its_line_or_its_tag() {
    let overlays = || Overlays {
        cursors: [Some(3_000_000_000), Some(6_000_000_000)],
        ..Overlays::default()
    };
    let line = place(0.6, 0.5);
    let tag = place(0.6, 0.0) + Vector::new(8.0, 8.0);
    for from in [line, tag] {
        let told = told(one_axis(), overlays(), |hand| {
            let to = from + Vector::new(0.2 * PLOT.width, 10.0);
            hand.drag(Button::Left, from, to);
        });
        let [Event::CursorMoved { which: 1, time_ns }] = told[..] else {
            panic!("{told:?}");
        };
        assert_near(seconds(time_ns), 8.0);
    }
}

#[test]
fn a_cursor_outside_the_view_is_fetched_by_its_tag() {
    let overlays = Overlays {
        cursors: [Some(-7_000_000_000), None],
        ..Overlays::default()
    };
    let told = told(one_axis(), overlays, |hand| {
        hand.drag(Button::Left, place(0.0, 0.05) + Vector::new(4.0, 0.0), place(0.5, 0.5));
    });
    let [Event::CursorMoved { which: 0, time_ns }] = told[..] else {
        panic!("{told:?}");
    };
    assert!((4.5..5.5).contains(&seconds(time_ns)));
}

#[test]
fn a_level_is_dragged_along_its_own_axis() {
    let overlays = Overlays {
        levels: [None, Some((1, 25.0))],
        ..Overlays::default()
    };
    let told = told(two_axes(), overlays, |hand| {
        // The plot is lower here: units stand over it.
        hand.drag(Button::Left, Point::new(300.0, 119.0), Point::new(300.0, 60.0));
    });
    let [Event::LevelMoved { which: 1, value }] = told[..] else {
        panic!("{told:?}");
    };
    assert!((40.0..46.0).contains(&value), "{value}");
}

#[test]
fn the_trigger_is_dragged_and_stays_within_the_plot() {
    let trigger = TriggerMark {
        level: 10.0,
        rearm: Some(8.0),
        armed: true,
        ..TriggerMark::default()
    };
    let overlays = Overlays {
        trigger: [Some(trigger), None],
        ..Overlays::default()
    };
    let told = told(one_axis(), overlays, |hand| {
        let handle = place(1.0, 0.25) - Vector::new(5.0, 0.0);
        let _ = hand.at(handle).press(Button::Left);
        let _ = hand.at(Point::new(handle.x, place(0.0, 0.5).y));
        let _ = hand.at(Point::new(handle.x, SIZE.height)).release(Button::Left);
    });
    let [
        Event::TriggerLevelMoved {
            which: 0,
            value: middle,
        },
        Event::TriggerLevelMoved {
            which: 0,
            value: lowest,
        },
    ] = told[..]
    else {
        panic!("{told:?}");
    };
    assert!(middle.abs() < 0.3, "{middle}");
    assert_near(lowest, -20.0);
}
