//! State lanes drawn without a window and compared with the committed pictures; and what the mouse does.

use std::rc::Rc;

use iced::widget::container;
use iced::{Element, Length, Point, Settings, Size, keyboard, mouse};
use iced_test::simulator::Simulator;
use roswave_widgets::lanes::{Event, Hover};
use roswave_widgets::theme::{self, Mode};
use roswave_widgets::{LaneInfo, LaneKind, LaneSource, Segment, lanes};

const SIZE: Size = Size::new(640.0, 260.0);
const MS: i64 = 1_000_000;
const SPAN_NS: i64 = 10_000 * MS;

/// Lanes that are there from the begin.
#[derive(Default)]
struct Fixed(Vec<(LaneInfo, Vec<Segment>)>);

impl Fixed {
    /// Adds a lane of segments that follow each other: begin in ms, value, label; the last one is still open.
    fn lane(mut self, name: &str, kind: LaneKind, states: &[(i64, i64, &str)]) -> Self {
        let segments = states
            .iter()
            .enumerate()
            .map(|(index, (from_ms, value, label))| Segment {
                from_ns: from_ms * MS,
                to_ns: states.get(index + 1).map(|(to_ms, ..)| to_ms * MS),
                value: *value,
                label: Rc::from(*label),
                gap_before: false,
            })
            .collect();
        let name = Rc::from(name);
        self.0.push((LaneInfo { name, kind }, segments));
        self
    }

    /// The segments of the lane that was added last.
    fn last(&mut self) -> &mut Vec<Segment> {
        &mut self.0.last_mut().expect("a lane").1
    }
}

impl LaneSource for Fixed {
    fn version(&self) -> u64 {
        0
    }

    fn view(&self) -> (i64, i64) {
        (0, SPAN_NS)
    }

    fn lanes(&self) -> usize {
        self.0.len()
    }

    fn lane(&self, index: usize) -> LaneInfo {
        self.0[index].0.clone()
    }

    fn segments(&self, index: usize, from_ns: i64, to_ns: i64, out: &mut Vec<Segment>) {
        let overlaps = |segment: &&Segment| segment.from_ns <= to_ns && segment.to_ns.is_none_or(|to| to >= from_ns);
        out.extend(self.0[index].1.iter().filter(overlaps).cloned());
    }
}

/// Every kind, with a glitch, changes too dense to be told apart, gaps, and a lane without data.
fn robot() -> Fixed {
    let mut fixed = Fixed::default()
        .lane(
            "enabled",
            LaneKind::Bool,
            &[
                (-500, 0, ""),
                (1200, 1, ""),
                (4000, 0, ""),
                (4500, 1, ""),
                (8200, 0, ""),
            ],
        )
        .lane("e_stop", LaneKind::Bool, &[(-500, 0, ""), (6300, 1, ""), (6301, 0, "")])
        .lane(
            "/arm/mode",
            LaneKind::Enum,
            &[
                (-500, 0, "Idle"),
                (1200, 1, "Homing"),
                (2600, 2, "Ready"),
                (4000, 5, "Fault"),
                (4500, 2, "Ready"),
                (5200, 3, "Moving to the charging station"),
                (5202, 2, "Ready"),
                (7000, 3, "Moving"),
            ],
        )
        .lane(
            "flags",
            LaneKind::Bits,
            &[
                (-500, 0, ""),
                (1500, 0x3, ""),
                (2500, 0x1f, ""),
                (6000, 0, ""),
                (7700, 0x10, ""),
            ],
        )
        .lane("contact", LaneKind::Bool, &[(-500, 0, "")]);
    let chatter = (0..400).map(|index| Segment {
        from_ns: (3000 + index * 5) * MS,
        to_ns: Some((3005 + index * 5) * MS),
        value: (index + 1) % 2,
        label: Rc::from(""),
        gap_before: false,
    });
    let segments = fixed.last();
    segments[0].to_ns = Some(3000 * MS);
    segments.extend(chatter);
    segments.push(Segment {
        from_ns: 5000 * MS,
        to_ns: None,
        value: 1,
        label: Rc::from(""),
        gap_before: false,
    });
    let mut fixed = fixed.lane(
        "gripper",
        LaneKind::Enum,
        &[
            (-500, 0, "Open"),
            (3000, 1, "Closing"),
            (5500, 2, "Holding"),
            (8000, 2, "Holding"),
        ],
    );
    let segments = fixed.last();
    segments[0].to_ns = Some(2000 * MS);
    segments[1].gap_before = true;
    segments[3].gap_before = true;
    fixed.lane("light", LaneKind::Bool, &[])
}

fn settings() -> Settings {
    Settings {
        fonts: theme::fonts().collect(),
        default_font: theme::INTER,
        default_text_size: theme::TEXT.into(),
        ..Settings::default()
    }
}

fn framed<'a>(source: Fixed) -> Element<'a, Event> {
    container(lanes(Rc::new(source), |event| event))
        .padding(theme::space::S)
        .width(Length::Fill)
        .height(Length::Fill)
        .style(theme::surface)
        .into()
}

fn assert_looks(name: &str, mode: Mode, at: Option<Point>, source: Fixed) {
    let mut ui = Simulator::with_size(settings(), SIZE, framed(source));
    if let Some(at) = at {
        ui.point_at(at);
    }
    let picture = ui.snapshot(&theme::theme(mode)).expect("a picture");
    let path = format!("{}/tests/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(
        picture.matches_image(path).expect("a readable picture"),
        "{name} looks different"
    );
}

#[test]
fn every_kind_of_lane() {
    assert_looks("lanes-dark", Mode::Dark, None, robot());
    assert_looks("lanes-light", Mode::Light, None, robot());
}

#[test]
fn a_glitch_under_the_cursor() {
    assert_looks("lanes-hover", Mode::Dark, Some(Point::new(424.0, 58.0)), robot());
}

#[test]
fn empty() {
    assert_looks("lanes-empty", Mode::Dark, None, Fixed::default());
}

fn many() -> Fixed {
    (0..24).fold(Fixed::default(), |fixed, index| {
        let name = format!("/joint_{index}/state");
        let states = [(-500, index, "Idle"), (2000 + 200 * index, index + 1, "Moving")];
        fixed.lane(&name, LaneKind::Enum, &states)
    })
}

#[test]
fn more_lanes_than_there_is_room_for() {
    assert_looks("lanes-many", Mode::Light, None, many());
}

const PLOT: Point = Point::new(300.0, 60.0);
const TIME_AXIS: Point = Point::new(300.0, 242.0);

fn wheel(y: f32) -> iced::Event {
    iced::Event::Mouse(mouse::Event::WheelScrolled {
        delta: mouse::ScrollDelta::Lines { x: 0.0, y },
    })
}

fn moved(position: Point) -> iced::Event {
    iced::Event::Mouse(mouse::Event::CursorMoved { position })
}

fn pressed() -> iced::Event {
    iced::Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
}

fn released() -> iced::Event {
    iced::Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
}

fn held(modifiers: keyboard::Modifiers) -> iced::Event {
    iced::Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers))
}

/// The events after the cursor was put to each point and the mouse did something there.
fn after(source: Fixed, steps: &[(Point, iced::Event)]) -> Vec<Event> {
    let mut ui = Simulator::with_size(settings(), SIZE, framed(source));
    for (at, event) in steps {
        ui.point_at(*at);
        let _ = ui.simulate([event.clone()]);
    }
    ui.into_messages().collect()
}

#[test]
fn the_cursor_tells_time_and_lane() {
    let events = after(robot(), &[(PLOT, moved(PLOT)), (TIME_AXIS, moved(TIME_AXIS))]);
    let [Event::Hovered(Some(Hover { at_ns, lane })), Event::Hovered(None)] = events[..] else {
        panic!("{events:?}");
    };
    assert!((0..SPAN_NS).contains(&at_ns));
    assert_eq!(lane, Some(1));
}

#[test]
fn the_wheel_zooms_over_the_times_or_with_control() {
    let is_zoom = |events: &[Event]| matches!(events, [Event::TimeZoomed { factor, .. }] if *factor < 1.0);
    assert!(is_zoom(&after(robot(), &[(TIME_AXIS, wheel(1.0))])));
    let control = held(keyboard::Modifiers::CTRL);
    assert!(is_zoom(&after(robot(), &[(PLOT, control), (PLOT, wheel(1.0))])));
    assert!(
        after(robot(), &[(PLOT, wheel(1.0))]).is_empty(),
        "a plain wheel scrolls what is around"
    );
}

#[test]
fn shift_and_the_wheel_move_the_view() {
    let shift = held(keyboard::Modifiers::SHIFT);
    let events = after(robot(), &[(PLOT, shift), (PLOT, wheel(-1.0))]);
    let [Event::ViewMoved { from_ns, to_ns }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(from_ns > 0 && to_ns - from_ns == SPAN_NS);
}

#[test]
fn a_drag_moves_the_view_and_a_double_click_fits() {
    let right = Point::new(PLOT.x + 50.0, PLOT.y);
    let events = after(
        robot(),
        &[(PLOT, pressed()), (right, moved(right)), (right, released())],
    );
    let [Event::ViewMoved { from_ns, to_ns }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(from_ns < 0 && to_ns - from_ns == SPAN_NS);

    let events = after(robot(), &[(PLOT, pressed()), (PLOT, released()), (PLOT, pressed())]);
    assert_eq!(events, [Event::FitRequested]);
}

#[test]
fn the_wheel_scrolls_lanes_that_have_no_room() {
    let down = (PLOT, wheel(-1.0));
    let events = after(many(), &[down.clone(), down, (PLOT, moved(PLOT))]);
    let [Event::Hovered(Some(Hover { lane, .. }))] = events[..] else {
        panic!("{events:?}");
    };
    // Lanes are 20 px high, and two notches are 80 px.
    assert_eq!(lane, Some(6));
}
