//! What a press and a drag come to.

use iced::Point;

use super::*;

const S: i64 = 1_000_000_000;

fn bar(view: (i64, i64)) -> SeekBar<'static, SeekEvent> {
    SeekBar {
        content: Content {
            extent: (100 * S, 200 * S),
            view,
            playhead: 100 * S,
            marks: vec![(150 * S, "here".to_owned())],
            ..Content::default()
        },
        on_event: Box::new(|event| event),
    }
}

fn frame() -> Frame {
    let bounds = Rectangle {
        x: 0.0,
        y: 0.0,
        width: 1000.0,
        height: 100.0,
    };
    Frame::new(bounds, 0)
}

/// Places on the screen are single precision: a pixel is 0.1 s here.
fn assert_near(at_ns: i64, wanted_ns: i64) {
    assert!((at_ns - wanted_ns).abs() < S / 1000, "{at_ns} is not {wanted_ns}");
}

fn assert_view(event: SeekEvent, wanted_from_ns: i64, wanted_to_ns: i64) {
    let SeekEvent::ViewMoved { from_ns, to_ns } = event else {
        panic!("{event:?}");
    };
    assert_near(from_ns, wanted_from_ns);
    assert_near(to_ns, wanted_to_ns);
}

#[test]
fn the_lane_seeks_and_the_window_is_dragged() {
    let (bar, frame) = (bar((120 * S, 140 * S)), frame());
    let lane = Point::new(500.0, 5.0);
    assert_eq!(bar.taken(&frame, lane), Some(Drag::Playhead));
    assert_eq!(
        bar.dragged(Drag::Playhead, frame.plot(), 250.0),
        SeekEvent::Seek(125 * S)
    );
    assert_eq!(
        bar.dragged(Drag::Playhead, frame.plot(), -50.0),
        SeekEvent::Seek(100 * S)
    );
    let inside = Point::new(300.0, LANE + 5.0);
    let drag = bar.taken(&frame, inside).expect("the window");
    let Drag::View(grip_ns) = drag else {
        panic!("{drag:?}");
    };
    assert_near(grip_ns, 10 * S);
    assert_view(bar.dragged(drag, frame.plot(), 350.0), 125 * S, 145 * S);
    // It stays within the recording.
    assert_eq!(
        bar.dragged(drag, frame.plot(), 5000.0),
        SeekEvent::ViewMoved {
            from_ns: 180 * S,
            to_ns: 200 * S
        }
    );
}

#[test]
fn edges_change_the_span_and_never_cross() {
    let (bar, frame) = (bar((120 * S, 140 * S)), frame());
    assert_eq!(bar.taken(&frame, Point::new(201.0, LANE + 5.0)), Some(Drag::From));
    assert_eq!(bar.taken(&frame, Point::new(399.0, LANE + 5.0)), Some(Drag::To));
    assert_eq!(
        bar.dragged(Drag::From, frame.plot(), 900.0),
        SeekEvent::ViewMoved {
            from_ns: 140 * S - 1,
            to_ns: 140 * S
        }
    );
}

#[test]
fn a_press_beside_the_window_brings_it_there() {
    let (bar, frame) = (bar((120 * S, 140 * S)), frame());
    let drag = bar.taken(&frame, Point::new(700.0, LANE + 5.0)).expect("the window");
    assert_view(bar.dragged(drag, frame.plot(), 700.0), 160 * S, 180 * S);
}

#[test]
fn marks_are_found_under_the_pointer() {
    let (bar, frame) = (bar((100 * S, 200 * S)), frame());
    assert_eq!(bar.mark_at(frame.lane, Point::new(503.0, 5.0)), Some(0));
    assert_eq!(bar.mark_at(frame.lane, Point::new(520.0, 5.0)), None);
    assert_eq!(bar.mark_at(frame.lane, Point::new(500.0, LANE + 5.0)), None);
}
