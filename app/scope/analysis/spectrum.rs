//! Power spectral densities, with the strongest lines named.

use roswave_engine::signal::resample::Resampler;
use roswave_engine::signal::spectrum::{PeakFinder, PeakOptions, Quantity, Welch, WelchConfig};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::{format, theme};

use super::{CurveSamples, common_unit, even, nothing};
use crate::board::{PanelSpec, SEGMENTS};

/// Peaks that are named in a spectrum.
const PEAKS: usize = 4;

/// Segments that fit into what is shown, one behind the other, when nobody says how long they are.
const SEGMENTS_WANTED: usize = 4;

pub(super) fn spectrum(spec: &PanelSpec, curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    let y = Axis::log("PSD").unit(Quantity::Density.label(common_unit(curves)));
    let mut figure = Figure::new(version, Axis::log("Frequency").unit("Hz"), y);
    let mut why = None;
    let mut drawn = 0;
    for curve in curves {
        match spectrum_of(spec, curve) {
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

/// Samples in a segment when nobody says how many: as many as leave several segments to average over.
fn suited_segment(samples: usize) -> usize {
    let most = (samples / SEGMENTS_WANTED).max(1);
    let fitting = SEGMENTS.iter().rev().find(|segment| **segment <= most);
    fitting.copied().unwrap_or(SEGMENTS[0])
}

type SpectrumParts = (Vec<[f64; 2]>, Vec<(f64, f64, String)>, Vec<String>);

fn spectrum_of(spec: &PanelSpec, curve: &CurveSamples) -> Result<SpectrumParts, String> {
    let mut resampler = Resampler::default();
    let even = even(&mut resampler, curve)?;
    let segment = spec.segment.unwrap_or_else(|| suited_segment(even.values.len()));
    let mut config = WelchConfig {
        segment,
        window: spec.window,
        ..WelchConfig::default()
    };
    config.overlap = spec.overlap.unwrap_or(config.overlap);
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
    let peaks = peaks.map(|peak| (peak.freq_hz, peak.psd, format::si_unit(peak.freq_hz, "Hz")));
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
