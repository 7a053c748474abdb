//! The Allan deviation, with what is read off it.

use roswave_engine::signal::allan::{Allan, Taus, noise_density_label, random_walk_label};
use roswave_engine::signal::resample::Resampler;
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::theme;

use super::{CurveSamples, common_unit, even, nothing};

pub(super) fn allan(curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
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
    let mut resampler = Resampler::default();
    let even = even(&mut resampler, curve)?;
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
