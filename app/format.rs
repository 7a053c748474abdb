//! How figures are written: a fixed number of digits, the unit always, and `–` for what is not known.

use roswave_engine::loss::{Count, Loss};

/// What stands for a figure that is not known.
pub const UNKNOWN: &str = "–";

/// Three digits with an SI prefix: `1.00k`, `12.4k`, `50.0`, `0.250`.
#[must_use]
pub fn si(value: f64) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    let magnitude = value.abs();
    for (limit, unit, suffix) in [
        (1e12, 1e12, "T"),
        (1e9, 1e9, "G"),
        (1e6, 1e6, "M"),
        (1e3, 1e3, "k"),
        (1.0, 1.0, ""),
    ] {
        // A value that would round up to the next prefix takes it.
        if magnitude >= limit * 0.9995 {
            return format!("{}{suffix}", three_digits(value / unit));
        }
    }
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    three_digits(value)
}

fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        m if m >= 99.95 => 0,
        m if m >= 9.995 => 1,
        m if m >= 0.9995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// A rate in a list: `1.00k`.
#[must_use]
pub fn rate(hz: Option<f64>) -> String {
    hz.map_or_else(|| UNKNOWN.to_owned(), si)
}

/// A figure with its unit: `1.00 kHz`, `3.10 MB/s`.
#[must_use]
pub fn with_unit(value: Option<f64>, unit: &str) -> String {
    let Some(value) = value.filter(|v| v.is_finite()) else {
        return UNKNOWN.to_owned();
    };
    let text = si(value);
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    format!("{digits} {}{unit}", &text[digits.len()..])
}

/// A count of bytes in decimal units: `4.10 GB`, `812 B`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn bytes(count: u64) -> String {
    with_unit(Some(count as f64), "B")
}

/// A count of messages: whole below ten thousand, then three digits with a prefix.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn count(number: u64) -> String {
    if number < 10_000 {
        number.to_string()
    } else {
        si(number as f64)
    }
}

/// Memory in whole MiB, the unit of the budget.
#[must_use]
pub fn mebibytes(count: u64) -> String {
    format!("{}", count.div_ceil(1 << 20))
}

/// A span of time: `41 µs`, `1.25 ms`, `2.00 s`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn span(nanoseconds: i64) -> String {
    let ns = nanoseconds as f64;
    match ns.abs() {
        m if m < 999.5 => format!("{ns:.0} ns"),
        m if m < 999_500.0 => format!("{} µs", three_digits(ns / 1e3)),
        m if m < 999_500_000.0 => format!("{} ms", three_digits(ns / 1e6)),
        _ => format!("{} s", three_digits(ns / 1e9)),
    }
}

/// A time in nanoseconds since the Unix epoch as the time of day here: `14:03:07.250000`.
#[must_use]
pub fn time_of_day(time_ns: i64) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(time_ns)) {
        Ok(time) => time
            .to_zoned_datetime(jiff::tz::TimeZone::system())
            .strftime("%H:%M:%S%.6f")
            .to_string(),
        Err(_) => UNKNOWN.to_owned(),
    }
}

/// A time in nanoseconds since the Unix epoch as the day and the minute here: `2026-11-25 14:03`.
#[must_use]
pub fn date(time_ns: Option<i128>) -> String {
    let time = time_ns.and_then(|ns| jiff::Timestamp::from_nanosecond(ns).ok());
    time.map_or_else(
        || UNKNOWN.to_owned(),
        |time| {
            let here = time.to_zoned_datetime(jiff::tz::TimeZone::system());
            here.strftime("%Y-%m-%d %H:%M").to_string()
        },
    )
}

/// Hours, minutes and seconds of a recording: `00:12:31`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations are short and not negative"
)]
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    format!("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
}

/// How long something lasts still, as coarse as it is sure: `42 s`, `12 min`, `3 h 12 min`, `15 days`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and cut at the end"
)]
pub fn lasting(seconds: f64) -> String {
    if !seconds.is_finite() {
        return UNKNOWN.to_owned();
    }
    let minutes = (seconds.max(0.0) / 60.0) as u64;
    match minutes {
        0 => format!("{:.0} s", seconds.max(0.0).floor()),
        1..60 => format!("{minutes} min"),
        60..2880 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        2880..1_440_000 => format!("{} days", minutes / 1440),
        _ => "> 1000 days".to_owned(),
    }
}

/// A share of a whole: `3 %`. What is more than nothing is never written as nothing.
#[must_use]
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 {
        return "< 1 %".to_owned();
    }
    format!("{:.0} %", share * 100.0)
}

/// A text from outside with what controls a screen made visible: names come from anybody on the network.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Turns the direction of what follows, or takes no room.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A measured value, six digits at most, so that it does not flicker in width.
#[must_use]
pub fn value(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e7).contains(&magnitude) {
        return format!("{number:.3e}");
    }
    let decimals = match magnitude {
        m if m >= 1e5 => 0,
        m if m >= 1e4 => 1,
        m if m >= 1e3 => 2,
        m if m >= 1e2 => 3,
        _ => 4,
    };
    format!("{number:.decimals$}")
}

/// A count of lost messages; unknown is never shown as 0.
#[must_use]
pub fn lost(lost: Count) -> String {
    lost.known().map_or_else(|| UNKNOWN.to_owned(), count)
}

/// The sum of all stages: a lower bound, `≥ 12`, where a stage is not known.
#[must_use]
pub fn lost_total(loss: &Loss) -> String {
    let is_known = loss.stages().iter().all(|(_, count)| *count != Count::Unknown);
    match (loss.known_total(), is_known) {
        (0, false) => UNKNOWN.to_owned(),
        (total, true) => count(total),
        (total, false) => format!("≥ {}", count(total)),
    }
}

/// All stages in one line: `lost 0`, or `lost 12 (transport 12)`; stages that are not known are named.
#[must_use]
pub fn loss(loss: &Loss) -> String {
    let mut parts = Vec::new();
    for (stage, stage_count) in loss.stages() {
        let name = format!("{stage:?}").to_lowercase();
        match stage_count {
            Count::Known(0) => {}
            Count::Known(n) => parts.push(format!("{name} {}", count(n))),
            Count::Unknown => parts.push(format!("{name} {UNKNOWN}")),
        }
    }
    if parts.is_empty() {
        return "lost 0".to_owned();
    }
    if loss.stages().iter().all(|(_, c)| *c == Count::Unknown) {
        return format!("lost {UNKNOWN}");
    }
    format!("lost {} ({})", count(loss.known_total()), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_and_a_prefix() {
        assert_eq!(si(1000.0034), "1.00k");
        assert_eq!(si(999.7), "1.00k");
        assert_eq!(si(999.4), "999");
        assert_eq!(si(50.0), "50.0");
        assert_eq!(si(12_400.0), "12.4k");
        assert_eq!(si(0.25), "0.250");
        assert_eq!(si(0.0), "0");
        assert_eq!(with_unit(Some(1000.0), "Hz"), "1.00 kHz");
        assert_eq!(with_unit(Some(50.0), "Hz"), "50.0 Hz");
        assert_eq!(with_unit(None, "Hz"), "–");
        assert_eq!(bytes(4_100_000_000), "4.10 GB");
        assert_eq!(bytes(0), "0 B");
    }

    #[test]
    fn spans_and_clocks() {
        assert_eq!(span(41_000), "41.0 µs");
        assert_eq!(span(1_250_000), "1.25 ms");
        assert_eq!(span(2_000_000_000), "2.00 s");
        assert_eq!(clock(751.4), "00:12:31");
    }

    #[test]
    fn what_lasts_is_told_coarsely() {
        for (seconds, text) in [
            (-1.0, "0 s"),
            (59.9, "59 s"),
            (60.0, "1 min"),
            (3600.0 * 3.0 + 60.0 * 12.0, "3 h 12 min"),
            (86_400.0 * 15.5, "15 days"),
            (1e18, "> 1000 days"),
            (f64::INFINITY, UNKNOWN),
        ] {
            assert_eq!(lasting(seconds), text);
        }
        assert_eq!([percent(0.0), percent(0.001), percent(0.62)], ["0 %", "< 1 %", "62 %"]);
    }

    #[test]
    fn a_text_does_nothing_to_the_screen() {
        assert_eq!(harmless("/grün\u{1b}[2J\n"), "/grün\\u{1b}[2J\\n");
        assert_eq!(harmless("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn values_keep_their_width() {
        assert_eq!(value(9.80665), "9.8066");
        assert_eq!(value(-0.031), "-0.0310");
        assert_eq!(value(1e9), "1.000e9");
        assert_eq!(value(f64::NAN), "NaN");
        assert_eq!(value(f64::NEG_INFINITY), "-∞");
    }

    #[test]
    fn unknown_loss_is_never_zero() {
        assert_eq!(loss(&Loss::NONE), "lost 0");
        assert_eq!(loss(&Loss::UNKNOWN), "lost –");
        let mut some = Loss::NONE;
        some.transport = Count::Known(12);
        some.reader = Count::Unknown;
        assert_eq!(loss(&some), "lost 12 (transport 12, reader –)");
        assert_eq!(lost_total(&some), "≥ 12");
        assert_eq!([lost_total(&Loss::NONE), lost_total(&Loss::UNKNOWN)], ["0", UNKNOWN]);
    }
}
