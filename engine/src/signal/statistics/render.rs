//! Statistics as text and as CSV, to be copied.

use std::fmt::Write as _;

use super::{PERCENTILES, Statistics};
use crate::csv;

/// The names of the columns of [`Statistics::to_csv_row`].
pub const CSV_HEADER: &str = "name,unit,count,finite,nan,infinite,gaps,first_s,last_s,rate_hz,longest_interval_s,\
    min,max,peak_to_peak,mean,rms,sigma,p1,p5,p50,p95,p99";

/// Nanoseconds as seconds, all digits.
fn exact_seconds(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let ns = ns.unsigned_abs();
    format!("{sign}{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// The shortest text that reads back as the same number.
fn exact(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// Nine digits: enough to tell two readings apart, few enough to read.
fn figure(value: f64) -> String {
    format!("{value:.8e}").parse().map_or_else(|_| exact(value), exact)
}

impl Statistics {
    /// Lines of `name  value unit`, headed by the name of the curve. What is not known is `-`.
    #[must_use]
    pub fn to_text(&self, name: &str, unit: &str) -> String {
        let mut text = String::new();
        let mut line = |what: &str, value: Option<String>, unit: &str| {
            let value = value.unwrap_or_else(|| "-".to_owned());
            let unit = if value == "-" { "" } else { unit };
            let line = format!("{what:<17} {value} {unit}");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
        };
        let values = self.values.as_ref();
        line("curve", Some(name.to_owned()), "");
        line("samples", Some(self.count.to_string()), "");
        line("finite", Some(self.finite.to_string()), "");
        line("NaN", Some(self.nan.to_string()), "");
        line("infinite", Some(self.infinite.to_string()), "");
        line("gaps", Some(self.gaps.to_string()), "");
        line("first", self.first_ns.map(exact_seconds), "s");
        line("last", self.last_ns.map(exact_seconds), "s");
        line("rate", self.rate_hz.map(figure), "Hz");
        line("longest interval", self.longest_interval_ns.map(exact_seconds), "s");
        line("minimum", values.map(|v| figure(v.min)), unit);
        line("maximum", values.map(|v| figure(v.max)), unit);
        line("peak to peak", values.map(|v| figure(v.peak_to_peak)), unit);
        line("mean", values.map(|v| figure(v.mean)), unit);
        line("RMS", values.map(|v| figure(v.rms)), unit);
        line("sigma", values.and_then(|v| v.sigma).map(figure), unit);
        for (at, percent) in PERCENTILES.iter().enumerate() {
            let value = values.map(|v| figure(v.percentiles[at]));
            line(&format!("{percent} % below"), value, unit);
        }
        text
    }

    /// One row under [`CSV_HEADER`], without a line end. Numbers have all their digits; what is not known is empty.
    #[must_use]
    pub fn to_csv_row(&self, name: &str, unit: &str) -> String {
        let values = self.values.as_ref();
        let known = |value: Option<f64>| value.map(exact).unwrap_or_default();
        let mut fields = vec![csv::field(name), csv::field(unit)];
        fields.extend([self.count, self.finite, self.nan, self.infinite, self.gaps].map(|n| n.to_string()));
        fields.extend([self.first_ns, self.last_ns].map(|ns| ns.map(exact_seconds).unwrap_or_default()));
        fields.push(known(self.rate_hz));
        fields.push(self.longest_interval_ns.map(exact_seconds).unwrap_or_default());
        fields.extend(
            [
                values.map(|v| v.min),
                values.map(|v| v.max),
                values.map(|v| v.peak_to_peak),
                values.map(|v| v.mean),
                values.map(|v| v.rms),
                values.and_then(|v| v.sigma),
            ]
            .map(known),
        );
        fields.extend((0..PERCENTILES.len()).map(|at| known(values.map(|v| v.percentiles[at]))));
        fields.join(",")
    }
}
