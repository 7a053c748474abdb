//! What is computed of the time that a chart shows: spectrum, histogram, Allan deviation; and charts as figures for paper.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roswave_engine::signal::allan::{Allan, Taus, noise_density_label, random_walk_label};
use roswave_engine::signal::histogram::{Bins, Histogram};
use roswave_engine::signal::resample::{
    GapPolicy, Method, ResampleConfig, ResampleError, Resampler, Sampling, Uniform,
};
use roswave_engine::signal::spectrum::{PeakFinder, PeakOptions, Quantity, Welch, WelchConfig};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::{FigureState, theme};

use crate::board::PanelKind;

/// Samples of one curve that are computed on at most.
pub const SAMPLES_MAX: usize = 2_000_000;

/// A live panel is computed anew this often at most.
const PERIOD: Duration = Duration::from_millis(450);

/// Samples in a segment of a spectrum: as many as leave several segments to average over, within these.
const SEGMENT_LIMITS: std::ops::RangeInclusive<usize> = 64..=8192;

/// Peaks that are named in a spectrum.
const PEAKS: usize = 4;

/// Points of a drawn normal distribution.
const FIT_POINTS: u32 = 200;

/// One curve with the samples of the time that is shown.
#[derive(Clone, Debug)]
pub struct CurveSamples {
    /// Its name.
    pub name: String,
    /// The number of its colour.
    pub color: usize,
    /// Its unit; empty when it is not known.
    pub unit: String,
    /// Times in nanoseconds, values, and whether messages are missing before each.
    pub samples: (Vec<i64>, Vec<f64>, Vec<bool>),
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
    pub fn begin(&mut self, key: Option<(i64, i64, u64)>) -> Option<u64> {
        let now = Instant::now();
        let is_same = key.is_some() && key == self.key;
        if self.pending || is_same || self.begun.is_some_and(|at| now.duration_since(at) < PERIOD) {
            return None;
        }
        self.pending = true;
        self.begun = Some(now);
        self.key = key;
        self.version += 1;
        Some(self.version)
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

/// Computes a panel. Takes long: not for the thread of the window.
///
/// # Errors
/// One sentence, when there is nothing to compute on.
pub fn compute(kind: PanelKind, curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    match kind {
        PanelKind::Curves => Ok(over_time(curves, version)),
        PanelKind::Spectrum => spectrum(curves, version),
        PanelKind::Histogram => histogram(curves, version),
        PanelKind::Allan => allan(curves, version),
    }
}

fn gaps(flags: &[bool]) -> Vec<usize> {
    let flagged = flags.iter().enumerate().filter(|(_, gap)| **gap);
    flagged.map(|(index, _)| index).collect()
}

/// The unit that all curves have; empty when they differ.
fn common_unit(curves: &[CurveSamples]) -> &str {
    let mut units = curves.iter().map(|curve| curve.unit.as_str());
    let first = units.next().unwrap_or_default();
    if units.all(|unit| unit == first) { first } else { "" }
}

/// Curves over seconds since the first sample.
#[must_use]
pub fn over_time(curves: &[CurveSamples], version: u64) -> Figure {
    let origin = curves
        .iter()
        .filter_map(|curve| curve.samples.0.first())
        .min()
        .copied()
        .unwrap_or(0);
    let mut figure = Figure::new(
        version,
        Axis::linear("Time").unit("s"),
        Axis::linear("Value").unit(common_unit(curves)),
    );
    for curve in curves {
        let (times, values, flags) = &curve.samples;
        let mut points = Vec::with_capacity(times.len());
        for ((time, value), gap) in times.iter().zip(values).zip(flags) {
            #[expect(clippy::cast_precision_loss, reason = "a span of time")]
            let seconds = time.saturating_sub(origin) as f64 * 1e-9;
            if *gap {
                points.push([seconds, f64::NAN]);
            }
            points.push([seconds, *value]);
        }
        figure = figure.layer(Layer::new(
            &curve.name,
            theme::curve(curve.color),
            Kind::Line(points.into()),
        ));
    }
    figure
}

/// Puts samples on an even grid. A sensor that is read evenly and published in bursts has times that say little: when they are
/// irregular and nothing was lost, the samples are taken as they are, one after the other; the report says so.
fn even<'a>(
    resampler: &'a mut Option<Resampler>,
    times: &[i64],
    values: &[f64],
    flags: &[bool],
) -> Result<Uniform<'a>, String> {
    let breaks = gaps(flags);
    let text = |error: ResampleError| error.to_string();
    let mut config = ResampleConfig::default();
    let mut first = Resampler::new(config).map_err(text)?;
    let sampling = first.run(times, values, &breaks).map_err(text)?.report.sampling;
    if matches!(sampling, Sampling::Irregular { .. }) && breaks.is_empty() {
        config.method = Method::AsIs;
        config.gaps = GapPolicy::Bridge;
    }
    let resampler = resampler.insert(Resampler::new(config).map_err(text)?);
    resampler.run(times, values, &breaks).map_err(text)
}

fn spectrum(curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    let y = Axis::log("PSD").unit(Quantity::Density.label(common_unit(curves)));
    let mut figure = Figure::new(version, Axis::log("Frequency").unit("Hz"), y);
    let mut why = None;
    let mut drawn = 0;
    for curve in curves {
        match spectrum_of(curve) {
            Ok((points, peaks, notes)) => {
                let color = theme::curve(curve.color);
                figure = figure.layer(Layer::new(&curve.name, color, Kind::Line(points.into())));
                figure = figure.layer(Layer::new("", color, Kind::Markers(peaks)));
                if drawn == 0 {
                    figure = notes.into_iter().fold(figure, Figure::note);
                }
                drawn += 1;
            }
            Err(error) => why = Some(format!("{}: {error}", curve.name)),
        }
    }
    if drawn == 0 {
        Err(why.unwrap_or_else(nothing))
    } else {
        Ok(figure)
    }
}

fn nothing() -> String {
    "nothing to compute on: put a curve here".to_owned()
}

type SpectrumParts = (Vec<[f64; 2]>, Vec<(f64, f64, String)>, Vec<String>);

fn spectrum_of(curve: &CurveSamples) -> Result<SpectrumParts, String> {
    let (times, values, flags) = &curve.samples;
    let mut resampler = None;
    let even = even(&mut resampler, times, values, flags)?;
    let quarter = (even.values.len() / 4).max(1);
    let segment = (1_usize << quarter.ilog2()).clamp(*SEGMENT_LIMITS.start(), *SEGMENT_LIMITS.end());
    let config = WelchConfig {
        segment,
        ..WelchConfig::default()
    };
    let mut welch = Welch::new(config).map_err(|error| error.to_string())?;
    let rate_hz = even.rate_hz;
    let sampling = even.report.to_string();
    let spectrum = welch
        .estimate(even.values, rate_hz)
        .map_err(|error| error.to_string())?;
    // Nothing on a logarithmic axis is at 0 Hz.
    let bins = spectrum.freq_hz.iter().zip(&spectrum.psd).skip(1);
    let points = bins.map(|(freq, psd)| [*freq, *psd]).collect();
    let options = PeakOptions {
        most: PEAKS,
        ..PeakOptions::default()
    };
    let mut finder = PeakFinder::new(options).map_err(|error| error.to_string())?;
    let peaks = finder.find(spectrum).iter();
    let peaks = peaks.map(|peak| {
        (
            peak.freq_hz,
            peak.psd,
            roswave_widgets::format::si_unit(peak.freq_hz, "Hz"),
        )
    });
    let notes = vec![
        format!(
            "{} window, segments of {segment}, {} averaged",
            spectrum.window.name(),
            spectrum.segments_averaged
        ),
        sampling,
    ];
    Ok((points, peaks.collect(), notes))
}

fn histogram(curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    let x = Axis::linear("Value").unit(common_unit(curves));
    let mut figure = Figure::new(version, x, Axis::linear("Samples"));
    let mut why = None;
    let mut drawn = 0;
    for curve in curves {
        let histogram = match Histogram::of(&curve.samples.1, Bins::Automatic, None) {
            Ok(histogram) => histogram,
            Err(error) => {
                why = Some(format!("{}: {error}", curve.name));
                continue;
            }
        };
        let color = theme::curve(curve.color);
        let edges: Arc<[f64]> = histogram.edges().into();
        #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
        let counts: Vec<f64> = histogram.counts().iter().map(|count| *count as f64).collect();
        if let (Some(fit), Some((&low, &high))) = (histogram.normal_fit(), edges.first().zip(edges.last())) {
            #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
            let scale = histogram.inside() as f64 * (high - low) / (edges.len() - 1) as f64;
            let points = (0..=FIT_POINTS).map(|n| {
                let value = low + (high - low) * f64::from(n) / f64::from(FIT_POINTS);
                [value, fit.density(value) * scale]
            });
            let points: Vec<_> = points.collect();
            let kind = Kind::Line(points.into());
            figure = figure
                .layer(Layer::new(
                    &curve.name,
                    color.scale_alpha(0.45),
                    Kind::Bars {
                        edges,
                        counts: counts.into(),
                    },
                ))
                .layer(Layer::new("", color, kind))
                .note(format!(
                    "{}: mean {}, σ {}",
                    curve.name,
                    roswave_widgets::format::number(Some(fit.mu)),
                    roswave_widgets::format::number(Some(fit.sigma))
                ));
        } else {
            figure = figure.layer(Layer::new(
                &curve.name,
                color,
                Kind::Bars {
                    edges,
                    counts: counts.into(),
                },
            ));
        }
        drawn += 1;
    }
    if drawn == 0 {
        Err(why.unwrap_or_else(nothing))
    } else {
        Ok(figure)
    }
}

fn allan(curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    let y = Axis::log("Allan deviation").unit(common_unit(curves));
    let mut figure = Figure::new(version, Axis::log("Averaging time").unit("s"), y);
    let mut why = None;
    let mut drawn = 0;
    for curve in curves {
        match allan_of(curve) {
            Ok((points, band, notes)) => {
                let color = theme::curve(curve.color);
                figure = figure
                    .layer(Layer::new("", color.scale_alpha(0.25), Kind::Band(band.into())))
                    .layer(Layer::new(&curve.name, color, Kind::Line(points.into())));
                figure = notes.into_iter().fold(figure, Figure::note);
                drawn += 1;
            }
            Err(error) => why = Some(format!("{}: {error}", curve.name)),
        }
    }
    if drawn == 0 {
        Err(why.unwrap_or_else(nothing))
    } else {
        Ok(figure)
    }
}

type AllanParts = (Vec<[f64; 2]>, Vec<[f64; 3]>, Vec<String>);

fn allan_of(curve: &CurveSamples) -> Result<AllanParts, String> {
    let (times, values, flags) = &curve.samples;
    let mut resampler = None;
    let even = even(&mut resampler, times, values, flags)?;
    let allan = Allan::of(even.values, even.rate_hz, Taus::default()).map_err(|error| error.to_string())?;
    let number = |value: f64| roswave_widgets::format::number(Some(value)).trim().to_owned();
    let name = &curve.name;
    let mut notes = Vec::new();
    if let Some(line) = allan.noise_density() {
        let unit = noise_density_label(&curve.unit);
        notes.push(format!("{name}: noise density {} {unit}", number(line.value)));
    }
    if let Some(bias) = allan.bias_instability() {
        let (value, tau) = (number(bias.value), number(bias.tau_s));
        notes.push(format!("{name}: bias instability {value} {} at {tau} s", curve.unit));
    }
    if let Some(line) = allan.random_walk() {
        let unit = random_walk_label(&curve.unit);
        notes.push(format!("{name}: random walk {} {unit}", number(line.value)));
    }
    let points = allan.points.iter().map(|point| [point.tau_s, point.deviation]);
    let band = allan.points.iter().map(|point| {
        let (low, high) = point.bounds();
        [point.tau_s, low, high]
    });
    Ok((points.collect(), band.collect(), notes))
}

/// The samples as comma-separated values, one per line.
#[must_use]
pub fn csv(curves: &[CurveSamples]) -> String {
    use std::fmt::Write as _;

    let mut text = "curve,unit,time_ns,value\n".to_owned();
    for curve in curves {
        let name = format!("\"{}\"", curve.name.replace('"', "\"\""));
        let (times, values, _) = &curve.samples;
        for (time, value) in times.iter().zip(values) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name},{},{time},{value:?}", curve.unit);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(value: impl Fn(usize) -> f64) -> CurveSamples {
        let times = (0..8192_i64)
            .map(|n| 1_700_000_000_000_000_000 + n * 1_000_000)
            .collect();
        CurveSamples {
            name: "/imu/data:x".to_owned(),
            color: 0,
            unit: "rad/s".to_owned(),
            samples: (times, (0..8192).map(value).collect(), vec![false; 8192]),
        }
    }

    fn noise(n: usize) -> f64 {
        let mut x = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x ^= x >> 29;
        x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    }

    #[test]
    fn a_spectrum_names_its_peak_and_its_unit() {
        let sine = curve(|n| (std::f64::consts::TAU * 125.0 * n as f64 / 1000.0).sin() + 0.01 * noise(n));
        let figure = compute(PanelKind::Spectrum, &[sine], 7).expect("a figure");
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
        for kind in PanelKind::ALL {
            let figure = compute(kind, &[curve(noise)], 1).expect("a figure");
            assert!(!figure.layers.is_empty(), "{kind}");
        }
        let nan = curve(|_| f64::NAN);
        for kind in [PanelKind::Spectrum, PanelKind::Histogram, PanelKind::Allan] {
            let error = compute(kind, std::slice::from_ref(&nan), 1).expect_err("nothing");
            assert!(error.contains("/imu/data:x"), "{error}");
            assert!(compute(kind, &[], 1).is_err());
        }
    }

    #[test]
    fn a_still_view_is_computed_once() {
        let mut analysis = Analysis::default();
        let key = Some((1, 2, 3));
        assert_eq!(analysis.begin(key), Some(1));
        assert_eq!(analysis.begin(key), None, "it is on its way");
        analysis.accept(Err("no samples".to_owned()));
        assert_eq!(analysis.begin(key), None, "nothing has changed");
        assert_eq!(analysis.error(), Some("no samples"));
    }
}
