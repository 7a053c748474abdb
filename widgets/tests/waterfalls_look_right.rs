//! Waterfalls in every state, drawn without a window and compared with the committed pictures; and what the mouse does.

use std::cell::Cell;
use std::rc::Rc;

use iced::widget::container;
use iced::{Element, Length, Point, Settings, Size, mouse};
use iced_test::simulator::Simulator;
use roswave_widgets::theme::{self, Mode};
use roswave_widgets::waterfall::{ColorMap, Event, FrequencyScale};
use roswave_widgets::{WaterfallSource, waterfall};

const SIZE: Size = Size::new(640.0, 260.0);
const BINS: usize = 257;
const HOP_NS: i64 = 50_000_000;
const SPAN_NS: i64 = 10_000_000_000;

/// Spectra that are there from the begin.
struct Fixed {
    columns: Vec<Vec<f32>>,
    times: Vec<i64>,
    view: (i64, i64),
}

impl WaterfallSource for Fixed {
    fn version(&self) -> u64 {
        0
    }

    fn generation(&self) -> u64 {
        0
    }

    fn bins(&self) -> usize {
        BINS
    }

    fn columns(&self) -> usize {
        512
    }

    fn tail(&self) -> u64 {
        0
    }

    fn head(&self) -> u64 {
        self.columns.len() as u64
    }

    fn copy(&self, from: u64, to: u64, out: &mut Vec<f32>) {
        for column in &self.columns[from as usize..to as usize] {
            out.extend_from_slice(column);
        }
    }

    fn column_time_ns(&self, index: u64) -> i64 {
        self.times[index as usize]
    }

    fn freq_range_hz(&self) -> (f64, f64) {
        (0.0, 500.0)
    }

    fn db_range(&self) -> (f32, f32) {
        (-100.0, 0.0)
    }

    fn view(&self) -> (i64, i64) {
        self.view
    }
}

/// A number from 0 to 1 that looks random.
fn noise(seed: u64) -> f32 {
    let mixed = (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed >> 40) as f32) / (1u64 << 24) as f32
}

/// A tone that rises over ten seconds, a steady one at 50 Hz, and noise below.
fn chirp(index: usize) -> Vec<f32> {
    let rising = 20.0 + 420.0 * (index as f32 / 200.0).powi(2);
    (0..BINS)
        .map(|bin| {
            let hz = bin as f32 * 500.0 / (BINS - 1) as f32;
            let tone = |at: f32, db: f32| db - ((hz - at) / 2.5).powi(2).min(200.0);
            let floor = -88.0 + 12.0 * noise((index * BINS + bin) as u64);
            tone(rising, -6.0).max(tone(50.0, -30.0)).max(floor)
        })
        .collect()
}

fn fixed(columns: usize) -> Fixed {
    Fixed {
        columns: (0..columns).map(chirp).collect(),
        times: (0..columns as i64).map(|index| index * HOP_NS).collect(),
        view: (0, SPAN_NS),
    }
}

fn settings() -> Settings {
    Settings {
        fonts: theme::fonts().collect(),
        default_font: theme::INTER,
        default_text_size: theme::TEXT.into(),
        ..Settings::default()
    }
}

fn framed<'a>(widget: impl Into<Element<'a, Event>>) -> Element<'a, Event> {
    container(widget)
        .padding(theme::space::S)
        .width(Length::Fill)
        .height(Length::Fill)
        .style(theme::surface)
        .into()
}

fn assert_looks(name: &str, mode: Mode, at: Option<Point>, element: Element<'_, Event>) {
    let mut ui = Simulator::with_size(settings(), SIZE, element);
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
fn a_chirp() {
    for (mode, name) in [
        (Mode::Dark, "waterfall-chirp-dark"),
        (Mode::Light, "waterfall-chirp-light"),
    ] {
        let widget = waterfall(Rc::new(fixed(200)), |event| event);
        assert_looks(name, mode, None, framed(widget));
    }
}

#[test]
fn missing_columns_and_missing_values() {
    let mut source = fixed(200);
    // Values that are missing, columns of them, and columns that never came.
    for column in &mut source.columns[40..70] {
        column.fill(f32::NAN);
    }
    for column in &mut source.columns[110..125] {
        column[150..].fill(f32::NAN);
    }
    for time_ns in &mut source.times[150..] {
        *time_ns += 1_500_000_000;
    }
    let widget = waterfall(Rc::new(source), |event| event);
    assert_looks("waterfall-gaps", Mode::Dark, None, framed(widget));
}

#[test]
fn a_logarithmic_axis_with_the_crosshair() {
    let widget = waterfall(Rc::new(fixed(200)), |event| event)
        .frequency_scale(FrequencyScale::Log)
        .color_map(ColorMap::Magma);
    let at = Point::new(360.0, 90.0);
    assert_looks("waterfall-log", Mode::Dark, Some(at), framed(widget));
}

#[test]
fn closely_seen() {
    let mut source = fixed(200);
    source.view = (7_000_000_000, 7_600_000_000);
    let widget = waterfall(Rc::new(source), |event| event);
    assert_looks("waterfall-close", Mode::Light, None, framed(widget));
}

#[test]
fn empty() {
    let widget = waterfall(Rc::new(fixed(0)), |event| event);
    assert_looks("waterfall-empty", Mode::Dark, None, framed(widget));
}

/// The places of the parts of a waterfall of [`SIZE`].
const PLOT: Point = Point::new(300.0, 120.0);
const FREQUENCY_AXIS: Point = Point::new(20.0, 120.0);
const SCALE: Point = Point::new(610.0, 120.0);
const TIME_AXIS: Point = Point::new(300.0, 240.0);

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

/// The events after the cursor was put to each point and the mouse did something there.
fn after(steps: &[(Point, iced::Event)]) -> Vec<Event> {
    let element = framed(waterfall(Rc::new(fixed(200)), |event| event));
    let mut ui = Simulator::with_size(settings(), SIZE, element);
    for (at, event) in steps {
        ui.point_at(*at);
        let _ = ui.simulate([event.clone()]);
    }
    ui.into_messages().collect()
}

#[test]
fn the_cursor_tells_time_frequency_and_level() {
    let events = after(&[(PLOT, moved(PLOT)), (SCALE, moved(SCALE))]);
    let [Event::Hovered(Some(hover)), Event::Hovered(None)] = events[..] else {
        panic!("{events:?}");
    };
    assert!((0..SPAN_NS).contains(&hover.time_ns));
    assert!((100.0..400.0).contains(&hover.hz));
    assert!(hover.db.is_some_and(|db| (-100.0..0.0).contains(&db)));
}

#[test]
fn the_wheel_over_the_frequencies_zooms_them() {
    let events = after(&[(FREQUENCY_AXIS, wheel(1.0))]);
    let [Event::FrequencyRangeChanged { low_hz, high_hz }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(low_hz > 0.0 && high_hz < 500.0);
    assert!((high_hz - low_hz - 400.0).abs() < 1e-6);
    assert_eq!(
        after(&[(FREQUENCY_AXIS, wheel(-1.0))]),
        [Event::FrequencyRangeChanged {
            low_hz: 0.0,
            high_hz: 500.0
        }],
        "no further than there is"
    );
}

#[test]
fn the_wheel_over_the_colours_zooms_the_levels_and_a_drag_moves_them() {
    let events = after(&[(SCALE, wheel(1.0))]);
    let [Event::DbRangeChanged { low, high }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(low > -100.0 && high < 0.0 && (high - low - 80.0).abs() < 1e-3);

    let lower = Point::new(SCALE.x, SCALE.y + 20.0);
    let events = after(&[(SCALE, pressed()), (lower, moved(lower)), (lower, released())]);
    let [Event::DbRangeChanged { low, high }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(low > -100.0 && high > 0.0 && (high - low - 100.0).abs() < 1e-3);
}

#[test]
fn the_wheel_over_the_times_zooms_around_the_cursor() {
    let events = after(&[(TIME_AXIS, wheel(1.0))]);
    let [Event::TimeZoomed { factor, at_ns }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(factor < 1.0 && (3_000_000_000..6_000_000_000).contains(&at_ns));
    assert!(
        after(&[(PLOT, wheel(1.0))]).is_empty(),
        "a plain wheel scrolls what is around"
    );
}

#[test]
fn a_drag_moves_the_times_and_a_double_click_fits() {
    let left = Point::new(PLOT.x - 50.0, PLOT.y);
    let events = after(&[(PLOT, pressed()), (left, moved(left)), (left, released())]);
    let [Event::ViewMoved { from_ns, to_ns }] = events[..] else {
        panic!("{events:?}");
    };
    assert!(from_ns > 0 && to_ns - from_ns == SPAN_NS);

    let events = after(&[(PLOT, pressed()), (PLOT, released()), (PLOT, pressed())]);
    assert_eq!(events, [Event::FitRequested]);
}

/// A ring that fills while it is looked at.
struct Growing {
    generation: Cell<u64>,
    head: Cell<u64>,
    /// The height of the tone, as a share.
    tone: Cell<f32>,
}

/// Fewer than in view, so that the ring turns over several times.
const RING: u64 = 150;

impl WaterfallSource for Growing {
    fn version(&self) -> u64 {
        self.head.get() * 10 + self.generation.get()
    }

    fn generation(&self) -> u64 {
        self.generation.get()
    }

    fn bins(&self) -> usize {
        BINS
    }

    fn columns(&self) -> usize {
        RING as usize
    }

    fn tail(&self) -> u64 {
        self.head.get().saturating_sub(RING)
    }

    fn head(&self) -> u64 {
        self.head.get()
    }

    fn copy(&self, from: u64, to: u64, out: &mut Vec<f32>) {
        assert!(from >= self.tail() && to <= self.head());
        for index in from..to {
            let tone = ((index % 90) as f32 * self.tone.get()) as usize;
            out.extend((0..BINS).map(|bin| if bin.abs_diff(tone) < 6 { -5.0 } else { -80.0 }));
        }
    }

    fn column_time_ns(&self, index: u64) -> i64 {
        index as i64 * HOP_NS
    }

    fn freq_range_hz(&self) -> (f64, f64) {
        (0.0, 500.0)
    }

    fn db_range(&self) -> (f32, f32) {
        (-100.0, 0.0)
    }

    fn view(&self) -> (i64, i64) {
        // Not a whole number of columns.
        let to_ns = self.head.get() as i64 * HOP_NS + 7_000_000;
        (to_ns - SPAN_NS, to_ns)
    }
}

/// What is sent or worked out step by step must come to the same picture as all of it at once.
#[test]
fn a_picture_in_steps_is_the_picture_at_once() {
    let theme = theme::theme(Mode::Dark);
    let growing = |generation, head, tone| {
        Rc::new(Growing {
            generation: Cell::new(generation),
            head: Cell::new(head),
            tone: Cell::new(tone),
        })
    };
    // Pictures can only be compared through a file; none of a former run may be found there.
    let folder = format!("{}/waterfall-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    let source = growing(0, 0, 2.0);
    let element = framed(waterfall(Rc::clone(&source) as Rc<dyn WaterfallSource>, |event| event));
    let mut steps = Simulator::with_size(settings(), SIZE, element);
    // One at a time, over the seam, more than the ring at once, and another generation of a lower tone.
    for (generation, head, tone) in [
        (0, 1, 2.0),
        (0, 2, 2.0),
        (0, 60, 2.0),
        (0, 149, 2.0),
        (0, 151, 2.0),
        (0, 310, 2.0),
        (0, 311, 2.0),
        (0, 900, 2.0),
        (0, 955, 2.0),
        (1, 955, 1.0),
        (1, 960, 1.0),
    ] {
        source.generation.set(generation);
        source.head.set(head);
        source.tone.set(tone);
        let step = steps.snapshot(&theme).expect("a picture");

        let element = framed(waterfall(growing(generation, head, tone), |event| event));
        let mut once = Simulator::with_size(settings(), SIZE, element);
        let once = once.snapshot(&theme).expect("a picture");
        let path = format!("{folder}/{generation}-{head}");
        for picture in [once, step] {
            // The first one is stored, the second one is compared with it.
            assert!(
                picture.matches_hash(&path).expect("a readable hash"),
                "after {head} columns"
            );
        }
    }
    std::fs::remove_dir_all(folder).expect("the folder was made by the pictures");
}
