//! The answers: one JSON document each, and a table for people.

use roswave_engine::signal::allan::Allan;
use roswave_engine::signal::histogram::Histogram;
use roswave_engine::signal::resample::{Resampler, Uniform};
use roswave_engine::signal::spectrum::Welch;
use roswave_engine::signal::statistics::{PERCENTILES, Statistics};
use roswave_engine::signal::trigger::{EventKind, Trigger, TriggerSpec};
use serde_json::{Value, json};

use super::question::Question;
use super::samples::Samples;
use crate::cli::output;

/// What was worked out.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) document: Value,
    /// How the samples were treated.
    note: Option<String>,
}

impl Answer {
    /// A list of the same length under each name makes a table; single figures are a line each.
    pub(super) fn print(&self) -> anyhow::Result<()> {
        let entries = self.document.as_object().into_iter().flatten();
        let (columns, single): (Vec<_>, Vec<_>) = entries.partition(|(_, value)| value.is_array());
        for (name, value) in single {
            let value = match value {
                Value::Null => "–".to_owned(),
                Value::String(text) => text.clone(),
                Value::Object(parts) => parts
                    .iter()
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect::<Vec<_>>()
                    .join("  "),
                other => other.to_string(),
            };
            output::line(format_args!("{name:<22} {value}"))?;
        }
        let rows = columns
            .iter()
            .filter_map(|(_, value)| value.as_array())
            .map(Vec::len)
            .max();
        if let Some(rows) = rows {
            output::line(
                columns
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect::<Vec<_>>()
                    .join(","),
            )?;
            for row in 0..rows {
                let cells = columns.iter().map(|(_, value)| match value.get(row) {
                    None | Some(Value::Null) => String::new(),
                    Some(cell) => cell.to_string(),
                });
                output::line(cells.collect::<Vec<_>>().join(","))?;
            }
        }
        if let Some(note) = &self.note {
            output::note(note);
        }
        Ok(())
    }
}

impl Question {
    pub(super) fn answer(&self, samples: &Samples, trigger: Option<TriggerSpec>) -> anyhow::Result<Answer> {
        if let Some(spec) = trigger {
            return fire(samples, spec);
        }
        if self.stats {
            return Ok(statistics(samples));
        }
        if self.psd {
            return self.spectrum(samples);
        }
        if self.allan {
            return self.allan_deviation(samples);
        }
        if self.histogram {
            return self.counts(samples);
        }
        Ok(Answer {
            document: json!({ "t_ns": samples.time_ns, "value": samples.value }),
            note: None,
        })
    }

    fn even<'a>(&self, resampler: &'a mut Option<Resampler>, samples: &Samples) -> anyhow::Result<Uniform<'a>> {
        let resampler = resampler.insert(Resampler::new(self.resampling())?);
        Ok(resampler.run(&samples.time_ns, &samples.value, &samples.gaps)?)
    }

    fn spectrum(&self, samples: &Samples) -> anyhow::Result<Answer> {
        let mut resampler = None;
        let even = self.even(&mut resampler, samples)?;
        let config = self.welch();
        let mut welch = Welch::new(config)?;
        let spectrum = welch.estimate(even.values, even.rate_hz)?;
        Ok(Answer {
            document: json!({
                "freq_hz": spectrum.freq_hz,
                "psd": spectrum.psd,
                "window": self.window_name(),
                "segment": spectrum.segment,
                "overlap": spectrum.overlap,
                "rate_hz": spectrum.rate_hz,
                "segments_averaged": spectrum.segments_averaged,
                "segments_skipped": spectrum.segments_skipped,
                "enbw_hz": spectrum.enbw_hz,
                "detrend": config.detrend,
                "average": config.averaging,
                "sampling": even.report.to_string(),
            }),
            note: None,
        })
    }

    fn allan_deviation(&self, samples: &Samples) -> anyhow::Result<Answer> {
        let mut resampler = None;
        let even = self.even(&mut resampler, samples)?;
        let allan = Allan::of(even.values, even.rate_hz, self.taus())?;
        let column = |of: fn(&roswave_engine::signal::allan::Point) -> f64| -> Vec<f64> {
            allan.points.iter().map(of).collect()
        };
        let pairs: Vec<usize> = allan.points.iter().map(|point| point.pairs).collect();
        Ok(Answer {
            document: json!({
                "tau_s": column(|point| point.tau_s),
                "adev": column(|point| point.deviation),
                "low": column(|point| point.bounds().0),
                "high": column(|point| point.bounds().1),
                "pairs": pairs,
                "rate_hz": allan.rate_hz,
                "samples": allan.used.len(),
                "noise_density": allan.noise_density().map(|line| line.value),
                "bias_instability": allan.bias_instability().map(|bias| json!({ "value": bias.value, "tau_s": bias.tau_s })),
                "random_walk": allan.random_walk().map(|line| line.value),
                "sampling": even.report.to_string(),
            }),
            note: None,
        })
    }

    fn counts(&self, samples: &Samples) -> anyhow::Result<Answer> {
        let (bins, range) = self.bins();
        let histogram = Histogram::of(&samples.value, bins, range)?;
        let fit = histogram.normal_fit();
        Ok(Answer {
            document: json!({
                "edges": histogram.edges(),
                "counts": histogram.counts(),
                "under": histogram.under(),
                "over": histogram.over(),
                "nan": histogram.nan(),
                "fit": fit.map(|fit| json!({ "mu": fit.mu, "sigma": fit.sigma, "distance": fit.distance })),
            }),
            note: None,
        })
    }
}

fn statistics(samples: &Samples) -> Answer {
    let statistics = Statistics::of(samples.iter());
    let values = statistics.values;
    let percentiles = values.map(|values| {
        let named = PERCENTILES.iter().zip(values.percentiles);
        named
            .map(|(p, value)| (format!("p{p}"), json!(value)))
            .collect::<serde_json::Map<_, _>>()
    });
    Answer {
        document: json!({
            "n": statistics.count,
            "finite": statistics.finite,
            "nan": statistics.nan,
            "infinite": statistics.infinite,
            "gaps": statistics.gaps,
            "first_ns": statistics.first_ns,
            "last_ns": statistics.last_ns,
            "rate_hz": statistics.rate_hz,
            "longest_interval_ns": statistics.longest_interval_ns,
            "min": values.map(|v| v.min),
            "max": values.map(|v| v.max),
            "peak_to_peak": values.map(|v| v.peak_to_peak),
            "mean": values.map(|v| v.mean),
            "rms": values.map(|v| v.rms),
            "sigma": values.and_then(|v| v.sigma),
            "percentiles": percentiles,
        }),
        note: None,
    }
}

fn fire(samples: &Samples, spec: TriggerSpec) -> anyhow::Result<Answer> {
    let text = spec.to_string();
    let mut trigger = Trigger::new(spec)?;
    let events: Vec<_> = samples
        .iter()
        .filter_map(|(time_ns, value, gap)| trigger.push(time_ns, value, gap))
        // That it would show something anyway says nothing about the signal.
        .filter(|event| event.kind == EventKind::Condition)
        .collect();
    let at: Vec<i64> = events.iter().map(|event| event.at_ns).collect();
    let crossing: Vec<Option<i64>> = events.iter().map(|event| event.crossing_ns).collect();
    let value: Vec<f64> = events.iter().map(|event| event.value).collect();
    Ok(Answer {
        document: json!({ "t_ns": at, "crossing_ns": crossing, "value": value, "trigger": text }),
        note: events.is_empty().then(|| "the trigger did not fire".to_owned()),
    })
}
