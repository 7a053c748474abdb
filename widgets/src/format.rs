//! Numbers, byte counts and durations for people: at most four significant digits, fixed width, unknown is `–`.

/// What stands where a value is unknown.
pub const UNKNOWN: &str = "–";

/// The width of [`number`], in characters.
pub const NUMBER_WIDTH: usize = 6;

const PREFIXES: [(f64, &str); 9] = [
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
];

/// Three or four significant digits with an SI prefix: `1.00k`, `12.4k`, `0`, `-3.20m`.
///
/// Values from 1 to below 1000 wear no prefix; what is not finite is written out.
pub fn si(value: f64) -> String {
    scaled(value, "")
}

/// [`si`] with a unit: `3.10 MB/s`.
pub fn si_unit(value: f64, unit: &str) -> String {
    scaled(value, " ") + unit
}

fn scaled(value: f64, space: &str) -> String {
    if let Some(word) = not_finite(value) {
        return format!("{word}{space}");
    }
    let size = value.abs();
    if size < 0.9995e-12 {
        return format!("0{space}");
    }
    // Rounding must not bring a fourth digit before the point: 999.96 is 1.00k.
    let (factor, prefix) = PREFIXES
        .into_iter()
        .find(|(factor, _)| size >= factor * 0.9995)
        .unwrap_or((1e-12, "p"));
    let scaled = value / factor;
    let decimals = match scaled.abs() {
        size if size < 9.995 => 2,
        size if size < 99.95 => 1,
        _ => 0,
    };
    if scaled.abs() >= 99_995.0 {
        return format!("{value:.2e}{space}");
    }
    format!("{scaled:.decimals$}{space}{prefix}")
}

/// A value in a fixed width of [`NUMBER_WIDTH`] characters, or wider by the prefix: right aligned.
pub fn number(value: Option<f64>) -> String {
    let text = value.map_or_else(|| UNKNOWN.to_owned(), plain);
    format!("{text:>width$}", width = NUMBER_WIDTH + 1)
}

/// At most four significant digits; a prefix only below 0.001 and from 10 000 on: `9.806`, `0.031`, `12.4k`.
pub fn plain(value: f64) -> String {
    if let Some(word) = not_finite(value) {
        return word.to_owned();
    }
    let size = value.abs();
    if size == 0.0 {
        return "0.000".to_owned();
    }
    if !(0.000_999_5..9999.5).contains(&size) {
        return si(value);
    }
    let decimals = match size {
        size if size < 9.9995 => 3,
        size if size < 99.995 => 2,
        size if size < 999.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// Every digit of a value, for hover and copy: it reads back as the same number.
pub fn exact(value: f64) -> String {
    not_finite(value).map_or_else(|| format!("{value}"), str::to_owned)
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("+∞")
    } else if value == f64::NEG_INFINITY {
        Some("−∞")
    } else {
        None
    }
}

/// A count of bytes in decimal units: `92.0 MB`.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1000 {
        format!("{bytes} B")
    } else {
        si_unit(bytes as f64, "B")
    }
}

/// A rate in bytes per second: `3.10 MB/s`.
pub fn bytes_per_second(rate: Option<f64>) -> String {
    rate.map_or_else(|| UNKNOWN.to_owned(), |rate| si_unit(rate, "B/s"))
}

/// A rate in Hz: `1.00 kHz`.
pub fn hertz(rate: Option<f64>) -> String {
    rate.map_or_else(|| UNKNOWN.to_owned(), |rate| si_unit(rate, "Hz"))
}

/// A count, in full with thin spaces: `12 345`.
pub fn count(count: Option<u64>) -> String {
    let Some(count) = count else {
        return UNKNOWN.to_owned();
    };
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A duration as hours, minutes and seconds: `00:12:31`.
pub fn clock(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "--:--:--".to_owned();
    }
    let seconds = seconds as u64;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// An age or a short duration with its unit: `41.0 µs`, `4.2 s`, `12 min`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        seconds if !seconds.is_finite() => UNKNOWN.to_owned(),
        seconds if seconds.abs() < 0.9995 => si_unit(seconds, "s"),
        seconds if seconds.abs() < 59.95 => format!("{seconds:.1} s"),
        seconds if seconds.abs() < 3600.0 => format!("{:.0} min", (seconds / 60.0).floor()),
        seconds => format!("{:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_look_as_people_write_them() {
        for (value, text) in [
            (1000.0034, "1.00k"),
            (12_400.0, "12.4k"),
            (999.96, "1.00k"),
            (999.4, "999"),
            (0.0, "0"),
            (-0.0032, "-3.20m"),
            (4.1e-5, "41.0µ"),
            (3.1e6, "3.10M"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "−∞"),
        ] {
            assert_eq!(si(value), text);
        }
        assert_eq!(si_unit(3.1e6, "B/s"), "3.10 MB/s");
        assert_eq!(plain(9.80665), "9.807");
        assert_eq!(plain(0.031), "0.031");
        assert_eq!(plain(-1234.56), "-1235");
        assert_eq!(count(Some(1_234_567)), "1\u{2009}234\u{2009}567");
        assert_eq!(clock(751.9), "00:12:31");
        assert_eq!(number(None).trim(), UNKNOWN);
    }

    fn digits(text: &str) -> usize {
        let mantissa = text.split('e').next().expect("a text has a first part");
        mantissa
            .trim_start_matches(['-', '0', '.'])
            .chars()
            .filter(char::is_ascii_digit)
            .count()
    }

    proptest! {
        #[test]
        fn never_more_than_four_significant_digits(value in -1e15f64..1e15) {
            prop_assert!(digits(&plain(value)) <= 5 && digits(&si(value)) <= 5);
            if value.abs() < 1e15 && value.abs() > 1e-3 && value.abs() < 1e4 {
                prop_assert!(digits(&plain(value)) <= 4, "{}", plain(value));
            }
        }

        #[test]
        fn the_width_is_fixed(exponent in -12.0f64..14.9, negative: bool) {
            let value = 10f64.powf(exponent) * if negative { -1.0 } else { 1.0 };
            prop_assert_eq!(number(Some(value)).chars().count(), NUMBER_WIDTH + 1, "{}", number(Some(value)));
        }

        #[test]
        fn the_shown_value_is_close(exponent in -11.0f64..4.0) {
            let value = 10f64.powf(exponent);
            let text = si(value);
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            let factor = PREFIXES.iter().find(|(_, prefix)| *prefix == &text[end..]).expect("a known prefix").0;
            let shown = text[..end].parse::<f64>().expect("digits") * factor;
            prop_assert!((shown - value).abs() <= value * 0.006, "{} {}", value, text);
        }

        #[test]
        fn the_exact_text_reads_back(value in proptest::num::f64::NORMAL) {
            prop_assert_eq!(exact(value).parse::<f64>().expect("a number"), value);
        }
    }
}
