//! How often which values came; for the times of a topic also how regular it is.

use std::sync::Arc;

use roswave_engine::ingest::Timing;
use roswave_engine::signal::histogram::{Bins, Histogram};
use roswave_engine::signal::intervals::{GAP_OVER, Spans};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::{format, theme};

use super::{CurveSamples, common_unit, nothing};

/// Points of a drawn normal distribution.
const FIT_POINTS: u32 = 200;

/// How opaque bars are that a fitted curve lies on.
const BEHIND: f32 = 0.45;

/// Bars of a histogram of times.
const BINS: usize = 100;

pub(super) fn histogram(curves: &[CurveSamples], version: u64) -> Result<Figure, String> {
    let x = Axis::linear("Value").unit(common_unit(curves));
    let mut figure = Figure::new(version, x, Axis::linear("Samples"));
    let mut why = None;
    let mut drawn = 0;
    for curve in curves {
        let added = match curve.timing {
            Some(timing) => times_of(figure.clone(), curve, timing),
            None => values_of(figure.clone(), curve),
        };
        match added {
            Ok(added) => {
                figure = added;
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

/// The bars of a histogram.
fn bars(histogram: &Histogram) -> Kind {
    #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
    let counts: Vec<f64> = histogram.counts().iter().map(|count| *count as f64).collect();
    Kind::Bars {
        edges: histogram.edges().into(),
        counts: counts.into(),
    }
}

fn values_of(figure: Figure, curve: &CurveSamples) -> Result<Figure, String> {
    let histogram = Histogram::of(&curve.samples.1, Bins::Automatic, None).map_err(|error| error.to_string())?;
    let color = theme::curve(curve.color);
    let edges: Arc<[f64]> = histogram.edges().into();
    let ends = edges.first().zip(edges.last());
    let (Some(fit), Some((&low, &high))) = (histogram.normal_fit(), ends) else {
        return Ok(figure.layer(Layer::new(&curve.name, color, bars(&histogram))));
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of samples")]
    let scale = histogram.inside() as f64 * (high - low) / (edges.len() - 1) as f64;
    let points = (0..=FIT_POINTS).map(|n| {
        let value = low + (high - low) * f64::from(n) / f64::from(FIT_POINTS);
        [value, fit.density(value) * scale]
    });
    let points: Vec<_> = points.collect();
    Ok(figure
        .layer(Layer::new(&curve.name, color.scale_alpha(BEHIND), bars(&histogram)))
        .layer(Layer::new("", color, Kind::Line(points.into())))
        .note(format!(
            "{}: mean {}, σ {}",
            curve.name,
            format::number(Some(fit.mu)),
            format::number(Some(fit.sigma))
        )))
}

/// How regular a topic is, or how long its messages take: no normal distribution, but figures that are exact.
fn times_of(figure: Figure, curve: &CurveSamples, timing: Timing) -> Result<Figure, String> {
    let finite = curve.samples.1.iter().filter(|value| value.is_finite());
    #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
    let spans =
        Spans::of(finite.map(|value| (value * 1e9).round() as i64).collect()).map_err(|error| error.to_string())?;
    let summary = spans.summary().ok_or("no message yet")?;
    let histogram = Histogram::of(&curve.samples.1, Bins::Count(BINS), None).map_err(|error| error.to_string())?;
    let color = theme::curve(curve.color);
    let second = |ns: f64| format::si_unit(ns * 1e-9, "s");
    let whole = |ns: i64| {
        #[expect(clippy::cast_precision_loss, reason = "a span of time")]
        let ns = ns as f64;
        second(ns)
    };
    let mut figure = figure.layer(Layer::new(&curve.name, color, bars(&histogram)));
    for (ns, label) in [(summary.median_ns, "p50"), (summary.p99_ns, "p99")] {
        let at = ns * 1e-9;
        let label = label.to_owned();
        figure = figure.layer(Layer::new("", color, Kind::VLine { at, label }));
    }
    figure = figure.note(format!(
        "{}: n {}, mean {}, p50 {}, p99 {}, max {}, jitter {}",
        curve.name,
        format::count(Some(summary.count)),
        second(summary.mean_ns),
        second(summary.median_ns),
        second(summary.p99_ns),
        whole(summary.max_ns),
        second(summary.jitter_ns),
    ));
    if timing == Timing::Interval
        && let Ok(gaps) = spans.gaps(GAP_OVER)
        && gaps.count > 0
    {
        figure = figure.note(format!(
            "{}: {} longer than {GAP_OVER} medians, longest {}",
            curve.name,
            format::count(Some(gaps.count)),
            whole(gaps.longest_ns)
        ));
    }
    Ok(figure)
}
