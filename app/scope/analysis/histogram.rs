//! How often which values came; for the times of a topic also how regular it is.

use std::sync::Arc;

use roswave_engine::ingest::Timing;
use roswave_engine::signal::histogram::{Bins, Histogram};
use roswave_engine::signal::intervals::{GAP_OVER, Spans, Summary};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer};
use roswave_widgets::{format, theme};

use super::{CurveSamples, common_unit, nothing};

/// Points of a drawn normal distribution.
const FIT_POINTS: u32 = 200;

/// How opaque bars are that a fitted curve lies on.
const BEHIND: f32 = 0.45;

/// Bars of a histogram of times.
const BINS: usize = 100;

/// Bars end this far beyond what 99.9 % do not exceed, when the longest is that far beyond again.
const BEYOND: f64 = 1.5;

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
    let range = shown(&summary);
    let histogram = Histogram::of(&curve.samples.1, Bins::Count(BINS), range).map_err(|error| error.to_string())?;
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
    if let Some((_, to_s)) = range {
        let beyond = curve.samples.1.iter().filter(|value| **value > to_s).count();
        figure = figure.note(format!("{}: {beyond} beyond the last bar", curve.name));
    }
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

/// From and to of the bars, in seconds, when a few long times would leave no room for the others; they are counted beside.
fn shown(summary: &Summary) -> Option<(f64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "spans of time")]
    let (min_ns, max_ns) = (summary.min_ns as f64, summary.max_ns as f64);
    let to_ns = summary.p999_ns * BEYOND;
    (max_ns > to_ns * BEYOND && min_ns < to_ns).then_some((min_ns * 1e-9, to_ns * 1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals(values: Vec<f64>) -> CurveSamples {
        let times = (0..values.len()).map(|n| n as i64 * 1_000_000).collect();
        let gaps = vec![false; values.len()];
        CurveSamples {
            name: "/a:@interval".to_owned(),
            color: 0,
            unit: "s".to_owned(),
            timing: Some(Timing::Interval),
            on_x: false,
            samples: (times, values, gaps),
        }
    }

    #[test]
    fn the_times_of_a_topic_have_exact_figures() {
        let mut values: Vec<f64> = (1..=100).map(|n| f64::from(n) * 1e-3).collect();
        values.push(f64::NAN);
        let figure = histogram(&[intervals(values)], 1).expect("a figure");
        let note = &figure.notes[0];
        for part in ["n 100,", "mean 50.5 ms", "p50 50.5 ms", "max 100 ms"] {
            assert!(note.contains(part), "{part}: {note}");
        }
        assert!(
            histogram(&[intervals(vec![f64::NAN])], 1)
                .expect_err("nothing")
                .contains("no message yet")
        );
    }

    #[test]
    fn one_long_time_leaves_room_and_is_counted() {
        let mut values: Vec<f64> = (0..5000).map(|n| 1e-3 + f64::from(n % 10) * 1e-6).collect();
        values.push(5.0);
        let figure = histogram(&[intervals(values)], 1).expect("a figure");
        assert!(
            figure.notes.iter().any(|note| note.contains("1 beyond the last bar")),
            "{:?}",
            figure.notes
        );
        assert!(
            figure.notes.iter().any(|note| note.contains("longest 5.00 s")),
            "{:?}",
            figure.notes
        );
        let Kind::Bars { edges, .. } = &figure.layers[0].kind else {
            panic!("no bars");
        };
        assert!(edges.last().is_some_and(|edge| *edge < 2e-3), "{:?}", edges.last());
    }
}
