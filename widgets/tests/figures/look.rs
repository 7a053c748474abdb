//! Figures in every state, drawn without a window and compared with the committed pictures.

use iced::{Point, Size};
use iced_test::simulator::Simulator;
use roswave_widgets::FigureState;
use roswave_widgets::figure::{Event, Figure};
use roswave_widgets::theme::{self, Mode};

use super::samples::{self, framed, settings};

const SIZE: Size = Size::new(640.0, 360.0);

fn assert_simulated(name: &str, mode: Mode, ui: &mut Simulator<'_, Event>) {
    let picture = ui.snapshot(&theme::theme(mode)).expect("a picture");
    let path = format!("{}/tests/snapshots/figure-{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(
        picture.matches_image(path).expect("a readable picture"),
        "{name} looks different"
    );
}

fn assert_looks(name: &str, figure: &Figure) {
    for (mode, suffix) in [(Mode::Dark, "dark"), (Mode::Light, "light")] {
        let state = FigureState::default();
        let mut ui = Simulator::with_size(settings(), SIZE, framed(&state, figure.clone()));
        assert_simulated(&format!("{name}-{suffix}"), mode, &mut ui);
    }
}

#[test]
fn a_spectrum_with_peaks() {
    assert_looks("spectrum", &samples::spectrum());
}

#[test]
fn a_histogram_with_its_normal_fit() {
    assert_looks("histogram", &samples::histogram());
}

#[test]
fn an_allan_plot() {
    assert_looks("allan", &samples::allan());
}

#[test]
fn a_plane_with_equal_axes() {
    assert_looks("plane", &samples::plane());
}

#[test]
fn the_time_between_messages() {
    assert_looks("intervals", &samples::intervals());
}

#[test]
fn the_profile_of_an_array() {
    assert_looks("profile", &samples::profile());
}

#[test]
fn bars_without_data() {
    assert_looks("no-data", &samples::no_data());
}

#[test]
fn nothing_but_nan() {
    assert_looks("all-nan", &samples::all_nan());
}

#[test]
fn a_zoomed_view() {
    let figure = samples::spectrum().at_view(Some((40.0, 70.0)), Some((1e-7, 1e-1)));
    assert_looks("zoomed", &figure);
}

#[test]
fn the_readings_under_the_cursor() {
    let state = FigureState::default();
    let mut ui = Simulator::with_size(settings(), SIZE, framed(&state, samples::spectrum()));
    ui.point_at(Point::new(404.0, 120.0));
    assert_simulated("hovered-dark", Mode::Dark, &mut ui);
}
