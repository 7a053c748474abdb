//! Pictures, compared with the committed ones.

use iced::mouse::{self, Button};
use iced::{Event as Input, Point};
use iced_test::simulator::Simulator;
use roswave_widgets::chart::{Chart, Event, Link, Pointed, TimeAxis};
use roswave_widgets::theme::Mode;
use roswave_widgets::{AxisScale, ChartState, CurveStyle, Overlays, TriggerMark, YAxis, theme};

use super::source::{Bench, Curve, axis, wave};
use super::{SIZE, chart_of, framed, settings};

const BOTH: [(Mode, &str); 2] = [(Mode::Dark, "dark"), (Mode::Light, "light")];

/// Compares with a picture after `act` had its way.
fn assert_looks_after(name: &str, mode: Mode, chart: Chart<'_, Event>, act: impl Fn(&mut Simulator<'_, Event>)) {
    let mut ui = Simulator::with_size(settings(), SIZE, framed(chart));
    act(&mut ui);
    let picture = ui.snapshot(&theme::theme(mode)).expect("a picture");
    let path = format!("{}/tests/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(
        picture.matches_image(path).expect("a readable picture"),
        "{name} looks different"
    );
}

fn assert_looks(name: &str, mode: Mode, chart: Chart<'_, Event>) {
    assert_looks_after(name, mode, chart, |_| ());
}

fn two_waves() -> Bench {
    Bench::new(vec![
        Curve::new("lin_acc.x", wave(1000, 12.0, 0.0)),
        Curve::new("lin_acc.y", wave(1000, 9.0, 1.0)),
    ])
}

fn two_axes() -> Bench {
    let current = wave(1000, 14.0, 2.0).into_iter().map(|[t, value]| [t, value + 25.0]);
    let mut source = Bench::new(vec![
        Curve::new("lin_acc.x", wave(1000, 12.0, 0.0)),
        Curve::new("current", current.collect()),
    ]);
    source.axes.push(axis((0.0, 50.0), "A"));
    source.curves[1].axis = 1;
    source
}

#[test]
fn two_axes_stand_left_and_right() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        assert_looks(&format!("axes-two-{name}"), mode, chart_of(&state, two_axes()));
    }
}

#[test]
fn four_axes_stand_further_out() {
    let state = ChartState::default();
    let mut source = two_axes();
    source.axes.push(axis((0.0, 60_000.0), "1/min"));
    source.axes.push(axis((20.0, 90.0), "°C"));
    for (place, name) in [(2u8, "speed"), (3, "winding")] {
        let level = f32::from(place) * 15.0;
        let factor = if place == 2 { 1000.0 } else { 1.0 };
        let points = wave(1000, 4.0, 0.7).into_iter();
        let mut curve = Curve::new(name, points.map(|[t, value]| [t, (value + level) * factor]).collect());
        curve.axis = place;
        source.curves.push(curve);
    }
    assert_looks("axes-four", Mode::Dark, chart_of(&state, source));
}

#[test]
fn a_logarithmic_axis_has_its_own_ticks() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let decay = |rate: f32| -> Vec<[f32; 2]> {
            (0u16..1000)
                .map(|i| f32::from(i) / 100.0)
                .map(|t| [t, 1.6 - t * rate + 0.05 * (t * 9.0).sin()])
                .collect()
        };
        let mut source = Bench::new(vec![
            Curve::new("residual", decay(0.4)),
            Curve::new("covariance", decay(0.2)),
        ]);
        source.axes = vec![YAxis {
            range: (-3.0, 2.0),
            scale: AxisScale::Log,
            unit: Some("m".to_owned()),
        }];
        assert_looks_after(&format!("axis-log-{name}"), mode, chart_of(&state, source), |ui| {
            ui.point_at(Point::new(200.0, 90.0));
        });
    }
}

fn measured() -> Overlays {
    Overlays {
        cursors: [Some(3_020_000_000), Some(6_480_000_000)],
        levels: [Some((0, 11.3)), Some((0, -12.0))],
        bookmarks: vec![
            (1_000_000_000, "gripper closed".to_owned()),
            (8_200_000_000, "slip".to_owned()),
        ],
        spans: vec![(7_400_000_000, 8_800_000_000)],
        ..Overlays::default()
    }
}

#[test]
fn cursors_and_levels_tell_their_distance() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let chart = chart_of(&state, two_waves()).overlays(measured());
        assert_looks(&format!("cursors-{name}"), mode, chart);
    }
}

#[test]
fn near_cursors_tell_it_beside_them() {
    let state = ChartState::default();
    let overlays = Overlays {
        cursors: [Some(4_040_000_000), Some(4_000_000_000)],
        levels: [Some((0, 35.0)), None],
        ..Overlays::default()
    };
    let chart = chart_of(&state, two_waves()).overlays(overlays);
    assert_looks("cursors-near", Mode::Dark, chart);
}

#[test]
fn a_bookmark_under_the_pointer_is_named() {
    let state = ChartState::default();
    let chart = chart_of(&state, two_waves()).overlays(measured());
    assert_looks_after("bookmark", Mode::Dark, chart, |ui| ui.point_at(Point::new(107.0, 46.0)));
}

#[test]
fn the_trigger_has_a_line_and_a_handle() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let trigger = TriggerMark {
            axis: 0,
            level: 6.0,
            rearm: Some(3.0),
            armed: mode == Mode::Dark,
        };
        let overlays = Overlays {
            trigger: [Some(trigger), None],
            ..Overlays::default()
        };
        let chart = chart_of(&state, two_waves()).overlays(overlays);
        assert_looks(&format!("trigger-{name}"), mode, chart);
    }
}

#[test]
fn a_box_shows_what_is_chosen() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let chart = chart_of(&state, two_axes());
        assert_looks_after(&format!("box-{name}"), mode, chart, |ui| {
            drag_right(ui, Point::new(180.0, 70.0), Point::new(330.0, 140.0));
        });
    }
}

#[test]
fn a_flat_box_chooses_times_alone() {
    let state = ChartState::default();
    let chart = chart_of(&state, two_waves());
    assert_looks_after("box-times", Mode::Dark, chart, |ui| {
        drag_right(ui, Point::new(180.0, 100.0), Point::new(330.0, 106.0));
    });
}

fn drag_right(ui: &mut Simulator<'_, Event>, from: Point, to: Point) {
    ui.point_at(from);
    let _ = ui.simulate([Input::Mouse(mouse::Event::ButtonPressed(Button::Right))]);
    ui.point_at(to);
    let _ = ui.simulate([Input::Mouse(mouse::Event::CursorMoved { position: to })]);
}

#[test]
fn a_curve_can_be_a_stair_or_dots() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let mut source = Bench::new(vec![
            Curve::new("steps", wave(40, 14.0, 0.0)),
            Curve::new("dots", wave(160, 8.0, 1.0)),
            Curve::new("line and dots", wave(60, 11.0, 3.0)),
        ]);
        source.curves[0].style = CurveStyle::Steps;
        source.curves[1].style = CurveStyle::Dots;
        source.curves[2].style = CurveStyle::LineAndDots;
        assert_looks(&format!("styles-{name}"), mode, chart_of(&state, source));
    }
}

#[test]
fn curves_after_the_eighth_are_dashed_and_can_be_bold() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let mut source = Bench::new(vec![
            Curve::new("through", wave(1000, 14.0, 0.0)),
            Curve::new("ninth", wave(1000, 9.0, 1.0)),
            Curve::new("seventeenth", wave(1000, 9.0, 2.5)),
            Curve::new("stair", wave(20, 16.0, 4.0)),
        ]);
        source.curves[0].pen.width = 2.0;
        source.curves[1].pen.dash = theme::dash(8);
        source.curves[2].pen.dash = theme::dash(16);
        source.curves[3].style = CurveStyle::Steps;
        source.curves[3].pen.dash = theme::dash(8);
        assert_eq!(theme::dash(7), None);
        assert_looks(&format!("dashes-{name}"), mode, chart_of(&state, source));
    }
}

#[test]
fn ghosts_are_paler_and_nameless() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let mut source = Bench::new(vec![Curve::new("sweep", wave(1000, 12.0, 0.0))]);
        for (phase, strength) in [(0.5, 0.4), (0.35, 0.6), (0.2, 0.8), (0.1, 1.0)] {
            let mut ghost = Curve::new("never seen", wave(1000, 12.0, phase));
            ghost.ghost = true;
            ghost.strength = strength;
            source.curves.push(ghost);
        }
        assert_looks(&format!("ghosts-{name}"), mode, chart_of(&state, source));
    }
}

#[test]
fn the_crosshair_tells_the_nearest_sample() {
    for (mode, name) in BOTH {
        let state = ChartState::default();
        let chart = chart_of(&state, two_axes()).time_axis(TimeAxis::Since(0));
        assert_looks_after(&format!("crosshair-{name}"), mode, chart, |ui| {
            ui.point_at(Point::new(250.0, 60.0));
        });
    }
}

#[test]
fn a_linked_crosshair_has_dots_and_no_box() {
    let state = ChartState::default();
    let chart = chart_of(&state, two_axes()).crosshair_at(Some(4_000_000_000));
    assert_looks("crosshair-linked", Mode::Dark, chart);
    // Of a chart that is pointed at, rather than of the time that is given.
    let link = Link::default();
    link.set(Some(Pointed {
        time_ns: 4_000_000_000,
        down: 0.5,
    }));
    let chart = chart_of(&state, two_axes()).crosshair_at(Some(1_000_000_000));
    assert_looks("crosshair-linked", Mode::Dark, chart.follow(Some(&link)));
}

#[test]
fn the_time_axis_can_be_a_clock() {
    let state = ChartState::default();
    let noon = |time_ns: i64| roswave_widgets::axis::utc_time(time_ns + 43_185_000_000_000);
    let chart = chart_of(&state, two_waves())
        .time_axis(TimeAxis::Wall)
        .time_format(noon);
    assert_looks("axis-wall", Mode::Dark, chart);
}
