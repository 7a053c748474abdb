//! Curves over time, as a figure for paper.

use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::theme;

use super::{CurveSamples, common_unit};

/// Curves over seconds since the first sample.
pub(super) fn over_time(curves: &[CurveSamples], version: u64) -> Figure {
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
