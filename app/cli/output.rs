//! Standard output and error, as the verbs use them.

use std::fmt::Display;
use std::io::{self, Write as _};

use anyhow::Context as _;
use serde::Serialize;

pub(super) use crate::format::harmless;

const UNWRITABLE: &str = "cannot write to standard output; send it to a place with room";

/// Prints a line. A reader that went away (`| head`) ends the verb cleanly: see [`is_closed`].
pub(super) fn line(text: impl Display) -> anyhow::Result<()> {
    writeln!(io::stdout().lock(), "{text}").context(UNWRITABLE)
}

/// Prints a document on one line.
pub(super) fn json(document: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(document).context("cannot write this as JSON; leave out --json")?;
    line(text)
}

/// True when the error is only that nobody reads our output any more.
pub(super) fn is_closed(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Says on standard error what failed, in one line.
pub(super) fn complain(error: &anyhow::Error) {
    let sentence = format!("{error:#}");
    note(sentence.split_whitespace().collect::<Vec<_>>().join(" "));
}

/// Says something on standard error that is no failure.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "roswave: {}", harmless(&text.to_string()));
}

/// Rows of text under a head, as wide as they need to be; columns whose head begins with `>` are aligned to the right.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let harmless_row = |row: &Vec<String>| row.iter().map(|cell| harmless(cell)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(harmless_row).collect();
    let names: Vec<&str> = head.iter().map(|name| name.trim_start_matches('>')).collect();
    let width = |i: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(i))
            .map(|cell| cell.chars().count());
        cells.chain([names[i].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let print = |cells: Vec<&str>| {
        let cells = cells.iter().enumerate().map(|(i, cell)| {
            let width = widths[i];
            if head[i].starts_with('>') {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        line(cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    print(names.clone())?;
    for row in &rows {
        print(row.iter().map(String::as_str).collect())?;
    }
    Ok(())
}

/// A number for people: at most four significant digits with an SI prefix; `–` when unknown.
pub(super) fn figure(value: Option<f64>, unit: &str) -> String {
    let Some(value) = value else { return "–".to_owned() };
    let (scaled, prefix) = match value.abs() {
        v if v >= 1e9 => (value / 1e9, "G"),
        v if v >= 1e6 => (value / 1e6, "M"),
        v if v >= 1e3 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let digits = match scaled.abs() {
        v if v >= 99.995 => 1,
        v if v >= 9.9995 => 2,
        _ => 3,
    };
    format!("{scaled:.digits$} {prefix}{unit}")
}

/// A time for people, from nanoseconds.
pub(super) fn duration(ns: Option<i64>) -> String {
    let Some(ns) = ns else { return "–".to_owned() };
    let value = ns as f64;
    match value.abs() {
        v if v >= 1e9 => format!("{:.2} s", value / 1e9),
        v if v >= 1e6 => format!("{:.2} ms", value / 1e6),
        v if v >= 1e3 => format!("{:.1} µs", value / 1e3),
        _ => format!("{value:.0} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_four_digits_and_unknown_is_a_dash() {
        assert_eq!(figure(None, "Hz"), "–");
        assert_eq!(figure(Some(1000.0034), "Hz"), "1.000 kHz");
        assert_eq!(figure(Some(50.0), "Hz"), "50.00 Hz");
        assert_eq!(figure(Some(999.99), "B/s"), "1000.0 B/s");
        assert_eq!(duration(Some(41_200)), "41.2 µs");
        assert_eq!(duration(None), "–");
    }

    #[test]
    fn only_a_closed_pipe_is_no_failure() {
        let pipe = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(is_closed(&pipe));
        assert!(is_closed(&pipe.context("cannot write")));
        assert!(!is_closed(&anyhow::anyhow!("disk")));
    }
}
