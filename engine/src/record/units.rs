//! Durations and sizes as people write them: `10s`, `1.5`, `2m`, `256MiB`, `1G`.

use std::time::Duration;

/// Why a text is no duration or size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a duration.
    #[error("`{0}` is not a duration: write it with a unit, such as 500ms, 10s, 2m or 1h")]
    Duration(String),
    /// Not a size.
    #[error("`{0}` is not a size: write it with a unit, such as 512KiB, 256MiB or 4G")]
    Bytes(String),
    /// Not a band.
    #[error("`{0}` is not a band of rates: write it in Hz as MIN..MAX, such as 90..110, 90.. or ..110")]
    Band(String),
}

/// Seconds, or a number with `ms`, `s`, `m`, `h` or `d`.
///
/// # Errors
/// When the text is no duration of 0 or more, or longer than thirty years.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    let wrong = || UnitError::Duration(text.to_owned());
    let (number, unit) = split_unit(text).ok_or_else(wrong)?;
    let factor = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return Err(wrong()),
    };
    let seconds = number * factor;
    if !(0.0..=1e9).contains(&seconds) {
        return Err(wrong());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Bytes, or a number with `K`, `M`, `G`, `T` (powers of 1024, as `KiB`), or `kB`, `MB`, `GB`, `TB` (powers of 1000).
///
/// # Errors
/// When the text is no size.
pub fn parse_bytes(text: &str) -> Result<u64, UnitError> {
    let wrong = || UnitError::Bytes(text.to_owned());
    let (number, unit) = split_unit(text).ok_or_else(wrong)?;
    let factor = match unit {
        "" | "B" => 1.0,
        "K" | "k" | "KiB" => 1024.0,
        "M" | "MiB" => 1024.0 * 1024.0,
        "G" | "GiB" => 1024.0 * 1024.0 * 1024.0,
        "T" | "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "TB" => 1e12,
        _ => return Err(wrong()),
    };
    let bytes = number * factor;
    // Exact up to 8 PiB, which no disk of a robot reaches.
    if !(0.0..=9.0e15).contains(&bytes) {
        return Err(wrong());
    }
    Ok(bytes as u64)
}

/// A number of 0 or more, and what stands behind it.
fn split_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    Some((number, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        assert_eq!(parse_duration("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse_duration("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("2 h"), Ok(Duration::from_secs(7200)));
        assert_eq!(parse_bytes("256MiB"), Ok(256 << 20));
        assert_eq!(parse_bytes("1G"), Ok(1 << 30));
        assert_eq!(parse_bytes("10MB"), Ok(10_000_000));
        assert_eq!(parse_bytes("77"), Ok(77));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for bad in ["", "s", "-1s", "10x", "1e99", "9999999999h", "1..2", "ten"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }
}
