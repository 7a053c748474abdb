//! A reading as text for the eye, and as CSV for other programs.

use std::fmt::Write as _;

use super::Reading;
use crate::csv;

/// What stands for something that cannot be read.
const NOTHING: &str = "-";
/// Digits that a number shows; the CSV has all of them.
const DIGITS: usize = 7;
/// The columns of the CSV.
const COLUMNS: &str = "a_ns,b_ns,delta_ns,frequency_hz,a_sample_ns,a_value,b_sample_ns,b_value,delta_value,\
slope_per_s,level_a,level_b,level_delta,unit";

/// Nanoseconds as seconds with nine decimals, exact.
fn seconds(ns: i128) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let size = ns.unsigned_abs();
    format!("{sign}{}.{:09}", size / 1_000_000_000, size % 1_000_000_000)
}

/// A number with [`DIGITS`] digits that count: plain where that is readable, else with a power of ten.
fn short(value: f64) -> String {
    let exponential = format!("{value:.*e}", DIGITS - 1);
    let exponent: i32 = exponential
        .rsplit('e')
        .next()
        .and_then(|exponent| exponent.parse().ok())
        .unwrap_or(0);
    let decimals = DIGITS as i32 - 1 - exponent;
    match usize::try_from(decimals) {
        Ok(decimals) if value == 0.0 || exponent >= -4 => format!("{value:.decimals$}"),
        _ => exponential,
    }
}

fn or_nothing(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), short)
}

/// The unit of something per second.
fn per_second(unit: &str) -> String {
    match unit {
        "" => "1/s".to_owned(),
        // As `m/s` becomes `m/s²`, which is how the unit is read.
        _ if unit.ends_with("/s") => format!("{unit}²"),
        _ if unit.contains(['/', '·', ' ']) => format!("({unit})/s"),
        _ => format!("{unit}/s"),
    }
}

impl Reading {
    /// Aligned lines, each a name, a number and its unit. Times are seconds from `origin_ns`; `unit` is that of the curve,
    /// or empty. The lines of the horizontal cursors stand there only if there are any.
    #[must_use]
    pub fn text(&self, unit: &str, origin_ns: i64) -> String {
        let since = |time_ns: i64| seconds(i128::from(time_ns) - i128::from(origin_ns));
        let per_second = per_second(unit);
        let mut rows: Vec<(&str, String, &str)> = vec![
            ("t A", since(self.times.a_ns), "s"),
            ("t B", since(self.times.b_ns), "s"),
            (
                "Δt",
                seconds(i128::from(self.times.b_ns) - i128::from(self.times.a_ns)),
                "s",
            ),
            ("1/Δt", or_nothing(self.frequency_hz), "Hz"),
            ("y A", or_nothing(self.a.map(|a| a.value)), unit),
            ("y B", or_nothing(self.b.map(|b| b.value)), unit),
            ("Δy", or_nothing(self.delta), unit),
            ("Δy/Δt", or_nothing(self.slope_per_s), &per_second),
        ];
        if let Some(levels) = self.levels {
            rows.push(("level A", short(levels.a), unit));
            rows.push(("level B", short(levels.b), unit));
            rows.push(("Δ level", or_nothing(levels.delta()), unit));
        }
        let widest = |of: &dyn Fn(&(&str, String, &str)) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let names = widest(&|(name, ..)| name.chars().count());
        let numbers = widest(&|(_, number, _)| number.chars().count());
        let mut text = String::new();
        for (name, number, unit) in &rows {
            // A number that is not there has no unit either.
            let unit = if number == NOTHING { "" } else { unit };
            let line = format!("{name:<names$}  {number:>numbers$} {unit}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// The names of the columns of [`csv_row`](Self::csv_row), without an end of line.
    #[must_use]
    pub fn csv_header() -> &'static str {
        COLUMNS
    }

    /// One row of CSV without an end of line: times in nanoseconds, numbers with all their digits, nothing for what
    /// cannot be read.
    #[must_use]
    pub fn csv_row(&self, unit: &str) -> String {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:?}"));
        let time = |time_ns: Option<i64>| time_ns.map_or_else(String::new, |time_ns| time_ns.to_string());
        let fields = [
            self.times.a_ns.to_string(),
            self.times.b_ns.to_string(),
            self.delta_ns.to_string(),
            number(self.frequency_hz),
            time(self.a.map(|a| a.time_ns)),
            number(self.a.map(|a| a.value)),
            time(self.b.map(|b| b.time_ns)),
            number(self.b.map(|b| b.value)),
            number(self.delta),
            number(self.slope_per_s),
            number(self.levels.map(|levels| levels.a)),
            number(self.levels.map(|levels| levels.b)),
            number(self.levels.and_then(|levels| levels.delta())),
            csv::field(unit),
        ];
        fields.join(",")
    }

    /// The header and the row, each with its end of line.
    #[must_use]
    pub fn csv(&self, unit: &str) -> String {
        format!("{COLUMNS}\n{}\n", self.csv_row(unit))
    }
}
