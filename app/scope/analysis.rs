//! What is computed of the time that a chart shows: spectrum, histogram, Allan deviation, ways through the plane, arrays; and
//! charts as figures for paper.

mod allan;
mod histogram;
mod over_time;
pub mod profile;
mod spectrum;
pub mod xy;

use std::rc::Rc;
use std::time::{Duration, Instant};

use roswave_engine::ingest::Timing;
use roswave_engine::signal::resample::{Resampler, Uniform};
use roswave_widgets::FigureState;
use roswave_widgets::figure::Figure;

use crate::board::{PanelKind, PanelSpec};
use profile::Array;

/// Samples of one curve that are computed on at most.
pub const SAMPLES_MAX: usize = 2_000_000;

/// A live panel is computed anew this often at most.
const PERIOD: Duration = Duration::from_millis(450);

/// The same for one that is made of the latest message only, which costs little.
const PERIOD_LATEST: Duration = Duration::from_millis(150);

/// One curve with the samples of the time that is shown.
#[derive(Clone, Debug)]
pub struct CurveSamples {
    /// Its name.
    pub name: String,
    /// The number of its colour.
    pub color: usize,
    /// Its unit; empty when it is not known.
    pub unit: String,
    /// The difference of times that it is, when it is one.
    pub timing: Option<Timing>,
    /// On an XY plot it lies along X.
    pub on_x: bool,
    /// Times in nanoseconds, values, and whether messages are missing before each.
    pub samples: (Vec<i64>, Vec<f64>, Vec<bool>),
}

/// What a panel is computed of.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// What it shows.
    pub kind: PanelKind,
    /// And how.
    pub spec: PanelSpec,
    /// The curves that are shown.
    pub curves: Vec<CurveSamples>,
    /// The arrays that are shown.
    pub arrays: Vec<Array>,
}

/// What a panel keeps of its computation.
#[derive(Default)]
pub struct Analysis {
    figure: Option<Rc<Figure>>,
    state: FigureState,
    view: Option<((f64, f64), (f64, f64))>,
    error: Option<String>,
    pending: bool,
    begun: Option<Instant>,
    /// What the last computation was of, while the view stands still.
    key: Option<(i64, i64, u64)>,
    version: u64,
}

impl Analysis {
    /// The figure that was computed last.
    #[must_use]
    pub fn figure(&self) -> Option<&Rc<Figure>> {
        self.figure.as_ref()
    }

    /// What the figure widget keeps between two views.
    #[must_use]
    pub fn state(&self) -> &FigureState {
        &self.state
    }

    /// The ranges of X and Y that the user chose.
    #[must_use]
    pub fn view(&self) -> Option<((f64, f64), (f64, f64))> {
        self.view
    }

    /// Shows these ranges of X and Y; `None` fits them to the figure.
    pub fn set_view(&mut self, view: Option<((f64, f64), (f64, f64))>) {
        self.view = view;
    }

    /// Why there is no figure, or none that is up to date.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// True when it is time to compute anew; then a computation counts as begun. `key` tells views that stand still apart.
    pub fn begin(&mut self, kind: PanelKind, key: Option<(i64, i64, u64)>) -> Option<u64> {
        let now = Instant::now();
        let period = if kind == PanelKind::Profile {
            PERIOD_LATEST
        } else {
            PERIOD
        };
        let is_same = key.is_some() && key == self.key;
        if self.pending || is_same || self.begun.is_some_and(|at| now.duration_since(at) < period) {
            return None;
        }
        self.pending = true;
        self.begun = Some(now);
        self.key = key;
        self.version += 1;
        Some(self.version)
    }

    /// Computes anew as soon as can be: what is to be computed is another.
    pub fn renew(&mut self) {
        self.begun = None;
        self.key = None;
    }

    /// Takes what was computed.
    pub fn accept(&mut self, answer: Result<Figure, String>) {
        self.pending = false;
        match answer {
            Ok(figure) => {
                self.figure = Some(Rc::new(figure));
                self.error = None;
            }
            Err(error) => self.error = Some(error),
        }
    }
}

/// Computes a panel; of what is drawn as samples come, the curves over time. Takes long: not for the thread of the window.
///
/// # Errors
/// One sentence, when there is nothing to compute on.
pub fn compute(question: &Question, version: u64) -> Result<Figure, String> {
    let Question {
        kind,
        spec,
        curves,
        arrays,
    } = question;
    match kind {
        PanelKind::Curves | PanelKind::Lanes | PanelKind::Waterfall => Ok(over_time::over_time(curves, version)),
        PanelKind::Spectrum => spectrum::spectrum(spec, curves, version),
        PanelKind::Histogram => histogram::histogram(curves, version),
        PanelKind::Allan => allan::allan(curves, version),
        PanelKind::Xy => xy::xy(spec, curves, version),
        PanelKind::Profile => profile::profile(spec, arrays, version),
    }
}

fn gaps(flags: &[bool]) -> Vec<usize> {
    let flagged = flags.iter().enumerate().filter(|(_, gap)| **gap);
    flagged.map(|(index, _)| index).collect()
}

/// The unit that all curves have; empty when they differ.
fn common_unit<'a>(curves: impl IntoIterator<Item = &'a CurveSamples>) -> &'a str {
    let mut units = curves.into_iter().map(|curve| curve.unit.as_str());
    let first = units.next().unwrap_or_default();
    if units.all(|unit| unit == first) { first } else { "" }
}

/// Puts the samples of a curve on an even grid, in the way that suits them.
fn even<'a>(resampler: &'a mut Resampler, curve: &CurveSamples) -> Result<Uniform<'a>, String> {
    let (times, values, flags) = &curve.samples;
    let found = resampler.run_suited(times, values, &gaps(flags));
    found.map_err(|error| error.to_string())
}

fn nothing() -> String {
    "nothing to compute on: put a curve here".to_owned()
}

#[cfg(test)]
mod tests {
    use roswave_widgets::figure::Kind;

    use super::*;

    fn curve(value: impl Fn(usize) -> f64) -> CurveSamples {
        let times = (0..8192_i64)
            .map(|n| 1_700_000_000_000_000_000 + n * 1_000_000)
            .collect();
        CurveSamples {
            name: "/imu/data:x".to_owned(),
            color: 0,
            unit: "rad/s".to_owned(),
            timing: None,
            on_x: false,
            samples: (times, (0..8192).map(value).collect(), vec![false; 8192]),
        }
    }

    fn noise(n: usize) -> f64 {
        let mut x = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x ^= x >> 29;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    }

    fn ask(kind: PanelKind, curves: &[CurveSamples]) -> Result<Figure, String> {
        let question = Question {
            kind,
            curves: curves.to_vec(),
            ..Question::default()
        };
        compute(&question, 7)
    }

    #[test]
    fn a_spectrum_names_its_peak_and_its_unit() {
        let sine = curve(|n| (std::f64::consts::TAU * 125.0 * n as f64 / 1000.0).sin() + 0.01 * noise(n));
        let figure = ask(PanelKind::Spectrum, &[sine]).expect("a figure");
        assert_eq!(figure.version, 7);
        let peaks = figure.layers.iter().find_map(|layer| match &layer.kind {
            Kind::Markers(peaks) => Some(peaks),
            _ => None,
        });
        let peak = &peaks.expect("peaks")[0];
        assert!((peak.0 - 125.0).abs() < 0.5, "{peak:?}");
        assert!(figure.y.name().contains("(rad/s)²/Hz"), "{}", figure.y.name());
        assert!(!figure.notes.is_empty(), "it says how the samples were treated");
    }

    #[test]
    fn every_panel_draws_noise_and_says_why_it_draws_nothing() {
        for kind in [PanelKind::Spectrum, PanelKind::Histogram, PanelKind::Allan] {
            let figure = ask(kind, &[curve(noise)]).expect("a figure");
            assert!(!figure.layers.is_empty(), "{kind}");
        }
        let nan = curve(|_| f64::NAN);
        for kind in [PanelKind::Spectrum, PanelKind::Histogram, PanelKind::Allan] {
            let error = ask(kind, std::slice::from_ref(&nan)).expect_err("nothing");
            assert!(error.contains("/imu/data:x"), "{error}");
            assert!(ask(kind, &[]).is_err());
        }
    }

    #[test]
    fn a_still_view_is_computed_once() {
        let mut analysis = Analysis::default();
        let key = Some((1, 2, 3));
        assert_eq!(analysis.begin(PanelKind::Allan, key), Some(1));
        assert_eq!(analysis.begin(PanelKind::Allan, key), None, "it is on its way");
        analysis.accept(Err("no samples".to_owned()));
        assert_eq!(analysis.begin(PanelKind::Allan, key), None, "nothing has changed");
        assert_eq!(analysis.error(), Some("no samples"));
    }
}
