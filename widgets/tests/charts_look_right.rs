//! Charts in every state, drawn without a window and compared with the committed pictures.

use std::cell::Cell;
use std::rc::Rc;

use iced::widget::{column, container, row};
use iced::{Element, Length, Settings, Size};
use iced_test::simulator::Simulator;
use roswave_widgets::chart::{Entry, Event};
use roswave_widgets::record_button::Recording;
use roswave_widgets::theme::{self, Mode};
use roswave_widgets::{ChartState, CurveState, Freshness, Mark, TraceSource, View, chart, number, record_button};

const SPAN_NS: i64 = 10_000_000_000;

/// Points that are there from the begin.
struct Fixed {
    curves: Vec<Vec<[f32; 2]>>,
    freshness: Freshness,
    marks: Vec<(i64, Mark)>,
    visible: Cell<bool>,
}

impl Fixed {
    fn new(curves: Vec<Vec<[f32; 2]>>) -> Self {
        Self {
            curves,
            freshness: Freshness::Live,
            marks: Vec::new(),
            visible: Cell::new(true),
        }
    }
}

impl TraceSource for Fixed {
    fn version(&self) -> u64 {
        0
    }

    fn view(&self) -> View {
        View {
            from_ns: 0,
            to_ns: SPAN_NS,
            y_min: -20.0,
            y_max: 20.0,
        }
    }

    fn curves(&self) -> usize {
        self.curves.len()
    }

    fn curve(&self, index: usize) -> CurveState {
        let points = self.curves[index].len() as u64;
        CurveState {
            generation: 0,
            base_time_ns: 0,
            base_value: 0.0,
            tail: 0,
            head: points,
            settled: points,
            color: theme::curve(index),
            visible: self.visible.get(),
            ..CurveState::default()
        }
    }

    fn copy(&self, index: usize, from: u64, to: u64, out: &mut Vec<[f32; 2]>) {
        out.extend_from_slice(&self.curves[index][from as usize..to as usize]);
    }

    fn marks(&self, _index: usize, out: &mut Vec<(i64, Mark)>) {
        out.extend_from_slice(&self.marks);
    }

    fn freshness(&self, _index: usize) -> Freshness {
        self.freshness
    }
}

fn sine(phase: f32) -> Vec<[f32; 2]> {
    (0..1000)
        .map(|i| i as f32 / 100.0)
        .map(|t| [t, 12.0 * (t * 1.3 + phase).sin()])
        .collect()
}

fn entries(source: &Fixed) -> Vec<Entry> {
    (0..source.curves())
        .map(|index| Entry {
            dashed: false,
            name: format!("curve {index}"),
            color: theme::curve(index),
            value: source.curves[index].last().map(|point| f64::from(point[1])),
            unit: Some("m/s²".to_owned()),
            visible: true,
            freshness: source.freshness,
            note: None,
        })
        .collect()
}

fn settings() -> Settings {
    Settings {
        fonts: theme::fonts().collect(),
        default_font: theme::INTER,
        default_text_size: theme::TEXT.into(),
        ..Settings::default()
    }
}

fn framed<'a>(state: &'a ChartState, source: Rc<Fixed>) -> Element<'a, Event> {
    let legend = entries(&source);
    let chart = chart(state, source, |event| event).unit(Some("m/s²")).legend(legend);
    container(chart)
        .padding(theme::space::S)
        .width(Length::Fill)
        .height(Length::Fill)
        .style(theme::surface)
        .into()
}

fn assert_looks(name: &str, mode: Mode, size: Size, element: Element<'_, Event>) {
    let mut ui = Simulator::with_size(settings(), size, element);
    let picture = ui.snapshot(&theme::theme(mode)).expect("a picture");
    let path = format!("{}/tests/snapshots/{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(
        picture.matches_image(path).expect("a readable picture"),
        "{name} looks different"
    );
}

fn assert_chart_looks(name: &str, mode: Mode, source: Fixed) {
    let state = ChartState::default();
    assert_looks(name, mode, Size::new(560.0, 220.0), framed(&state, Rc::new(source)));
}

#[test]
fn curves_and_a_spike() {
    for (mode, name) in [(Mode::Dark, "curves-dark"), (Mode::Light, "curves-light")] {
        let mut spiked = sine(1.0);
        spiked[700][1] = 19.0;
        assert_chart_looks(name, mode, Fixed::new(vec![sine(0.0), spiked]));
    }
}

#[test]
fn empty() {
    assert_chart_looks("empty", Mode::Dark, Fixed::new(Vec::new()));
}

#[test]
fn gap_nan_and_infinity() {
    let mut points = sine(0.0);
    for point in &mut points[300..420] {
        point[1] = f32::NAN;
    }
    points[700][1] = f32::INFINITY;
    let mut source = Fixed::new(vec![points]);
    source.marks = vec![(3_000_000_000, Mark::Nan), (7_000_000_000, Mark::PositiveInfinity)];
    assert_chart_looks("gap", Mode::Dark, source);
}

#[test]
fn one_point() {
    assert_chart_looks("one-point", Mode::Dark, Fixed::new(vec![vec![[5.0, 3.0]; 4]]));
}

#[test]
fn stale() {
    let mut points = sine(0.0);
    points.truncate(580);
    let mut source = Fixed::new(vec![points]);
    source.freshness = Freshness::Stale(4.2);
    assert_chart_looks("stale", Mode::Dark, source);
}

#[test]
fn values_and_the_record_button() {
    for (mode, name) in [
        (Mode::Dark, "values-dark"),
        (Mode::Light, "values-light"),
        (Mode::ControlRoom, "values-wall"),
    ] {
        let values = column![
            number("rate", Some(1000.0034)).unit("Hz"),
            number("jitter", None).unit("µs"),
            number("voltage", Some(24.31))
                .unit("V")
                .freshness(Freshness::Stale(4.2)),
            number("battery", Some(24.31)).unit("V").scale(number::Scale::Huge),
            row![
                record_button(Recording::Off, Some(Event::FitRequested)),
                record_button(
                    Recording::On {
                        seconds: 751.0,
                        bytes: 4_100_000_000
                    },
                    Some(Event::FitRequested)
                ),
                record_button(Recording::Finishing, None),
            ]
            .spacing(theme::space::S),
        ]
        .spacing(theme::space::S);
        let panel = container(values)
            .padding(theme::space::M)
            .width(Length::Fill)
            .height(Length::Fill);
        assert_looks(name, mode, Size::new(480.0, 240.0), panel.style(theme::ground).into());
    }
}

#[test]
fn a_click_on_the_legend_hides_the_curve() {
    let state = ChartState::default();
    let element = framed(&state, Rc::new(Fixed::new(vec![sine(0.0), sine(1.0)])));
    let mut ui = Simulator::with_size(settings(), Size::new(560.0, 220.0), element);
    let _ = ui.click("curve 1").expect("the legend names the curve");

    assert!(ui.into_messages().any(|event| event == Event::CurveHidden(1)));
}
