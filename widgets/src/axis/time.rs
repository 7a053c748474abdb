//! Ticks of a time axis.

use super::{Tick, ticks};

/// Offsets of more than this many units are told in seconds, with as many decimals as it takes.
const LONG: f64 = 1e5;
/// The steps of a clock above a second, in seconds.
const CLOCK: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800];
/// The steps of a clock above those, in seconds.
const HOURS: [i64; 3] = [21_600, 43_200, 86_400];
const SECOND_NS: i64 = 1_000_000_000;
const DAY_S: i64 = 86_400;

/// The ticks of a time axis whose right edge is now: offsets in seconds, 0 last, `-8 s … now`.
pub fn relative_time_ticks(span_s: f64, wanted: usize) -> Vec<Tick> {
    let mut ticks = time_ticks(-span_s, 0.0, wanted);
    if let Some(last) = ticks.last_mut() {
        last.label = "now".to_owned();
    }
    ticks
}

/// The ticks of a time axis from `from_s` to `to_s`, offsets in seconds from some origin.
pub fn time_ticks(from_s: f64, to_s: f64, wanted: usize) -> Vec<Tick> {
    let span = to_s - from_s;
    let rough = span / wanted.max(1) as f64;
    // Above a minute steps are those of a clock.
    let (unit, name) = match rough {
        rough if rough >= 1800.0 => (3600.0, "h"),
        rough if rough >= 30.0 => (60.0, "min"),
        rough if rough >= 0.5 || span >= 2.0 => (1.0, "s"),
        rough if rough >= 5e-4 || span >= 2e-3 => (1e-3, "ms"),
        _ => (1e-6, "µs"),
    };
    let (unit, name) = if unit < 1.0 && from_s.abs().max(to_s.abs()) > LONG * unit {
        (1.0, "s")
    } else {
        (unit, name)
    };
    let mut ticks = ticks(from_s / unit, to_s / unit, wanted);
    let step = if ticks.len() > 1 {
        ticks[1].value - ticks[0].value
    } else {
        1.0
    };
    // The tolerance is for steps that are differences of large numbers.
    let decimals = (-step.log10() - 1e-3).ceil().clamp(0.0, 9.0) as usize;
    for tick in &mut ticks {
        tick.label = if tick.value == 0.0 {
            format!("0 {name}")
        } else {
            format!("{:.decimals$} {name}", tick.value)
        };
        tick.value *= unit;
    }
    ticks
}

/// The ticks of a time axis that shows the time of day, from `from_ns` to `to_ns` since the Unix epoch, at the steps of
/// a clock. [`Tick::value`] is the offset from `from_ns` in seconds. `format` writes a time as `HH:MM:SS.ffffff`; where
/// it is no longer UTC, the ticks follow.
pub fn wall_ticks(from_ns: i64, to_ns: i64, wanted: usize, format: impl Fn(i64) -> String) -> Vec<Tick> {
    let span_ns = to_ns.saturating_sub(from_ns);
    if span_ns <= 0 {
        return Vec::new();
    }
    let step_ns = clock_step(span_ns / wanted.max(1) as i64);
    let characters = match step_ns {
        step if step % (60 * SECOND_NS) == 0 => 5,
        step if step % SECOND_NS == 0 => 8,
        step => 9 + (9 - step.ilog10() as usize).min(6),
    };
    let shift_ns = offset_s(from_ns, &format) * SECOND_NS;
    let local_ns = from_ns.saturating_add(shift_ns);
    let first_ns = from_ns.saturating_add((step_ns - local_ns.rem_euclid(step_ns)) % step_ns);
    let count = to_ns.saturating_sub(first_ns).div_euclid(step_ns) + 1;

    (0..count)
        .map(|index| first_ns.saturating_add(index * step_ns))
        .map(|time_ns| Tick {
            value: (time_ns - from_ns) as f64 * 1e-9,
            label: format(time_ns).chars().take(characters).collect(),
        })
        .collect()
}

/// The time of day in UTC, as `HH:MM:SS.ffffff`.
pub fn utc_time(time_ns: i64) -> String {
    let (seconds, ns) = (time_ns.div_euclid(SECOND_NS), time_ns.rem_euclid(SECOND_NS));
    let of_day = seconds.rem_euclid(DAY_S);
    format!(
        "{:02}:{:02}:{:02}.{:06}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        ns / 1000
    )
}

/// The least step of a clock that is not below `rough_ns`.
fn clock_step(rough_ns: i64) -> i64 {
    const DAY_NS: i64 = DAY_S * SECOND_NS;

    if rough_ns > SECOND_NS / 2 {
        return CLOCK
            .into_iter()
            .chain(HOURS)
            .map(|step| step * SECOND_NS)
            .find(|step| *step >= rough_ns)
            .unwrap_or((rough_ns.saturating_add(DAY_NS - 1) / DAY_NS).saturating_mul(DAY_NS));
    }
    // Clocks are told to the microsecond.
    let power = 10i64.pow(rough_ns.max(1000).ilog10());
    [1, 2, 5, 10]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough_ns)
        .unwrap_or(10 * power)
}

/// How far the clock of `format` is ahead of UTC, in seconds.
fn offset_s(time_ns: i64, format: impl Fn(i64) -> String) -> i64 {
    let of_day = |text: &str| -> Option<i64> {
        let part = |from: usize| text.get(from..from + 2)?.parse::<i64>().ok();
        Some(part(0)? * 3600 + part(3)? * 60 + part(6)?)
    };
    let local = of_day(&format(time_ns));
    let utc = of_day(&utc_time(time_ns));
    local.zip(utc).map_or(0, |(local, utc)| local - utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: i64 = 10 * 3600 * SECOND_NS;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn the_time_axis_ends_now() {
        assert_eq!(
            labels(&relative_time_ticks(10.0, 5)),
            ["-10 s", "-8 s", "-6 s", "-4 s", "-2 s", "now"]
        );
        assert_eq!(
            labels(&relative_time_ticks(0.1, 5)),
            ["-100 ms", "-80 ms", "-60 ms", "-40 ms", "-20 ms", "now"]
        );
        assert_eq!(
            labels(&relative_time_ticks(600.0, 5)),
            ["-10 min", "-8 min", "-6 min", "-4 min", "-2 min", "now"]
        );
    }

    #[test]
    fn far_from_the_origin_small_steps_are_told_in_seconds() {
        assert_eq!(
            labels(&time_ticks(1000.0, 1000.001, 2)),
            ["1000.0000 s", "1000.0005 s", "1000.0010 s"]
        );
        assert_eq!(labels(&time_ticks(0.0, 0.001, 2)), ["0 ms", "0.5 ms", "1.0 ms"]);
    }

    #[test]
    fn the_wall_clock_has_its_own_steps() {
        let ticks = |span_s: i64, wanted| wall_ticks(TEN, TEN + span_s * SECOND_NS, wanted, utc_time);

        assert_eq!(labels(&ticks(10, 2)), ["10:00:00", "10:00:05", "10:00:10"]);
        assert_eq!(
            labels(&ticks(60, 4)),
            ["10:00:00", "10:00:15", "10:00:30", "10:00:45", "10:01:00"]
        );
        assert_eq!(labels(&ticks(7200, 3)), ["10:00", "11:00", "12:00"]);
        assert_eq!(labels(&ticks(4 * DAY_S, 2)), ["00:00", "00:00"]);
    }

    #[test]
    fn the_wall_clock_is_told_as_finely_as_its_steps() {
        let ticks = wall_ticks(TEN + 500_000, TEN + 2_600_000, 2, utc_time);
        assert_eq!(labels(&ticks), ["10:00:00.002"]);
        let ticks = wall_ticks(TEN + 500_000, TEN + 2_600_000, 4, utc_time);
        assert_eq!(labels(&ticks), ["10:00:00.001", "10:00:00.002"]);
        assert!((ticks[0].value - 0.000_5).abs() < 1e-12);
        let ticks = wall_ticks(TEN, TEN + 2000, 4, utc_time);
        assert_eq!(
            labels(&ticks),
            ["10:00:00.000000", "10:00:00.000001", "10:00:00.000002"]
        );
    }

    #[test]
    fn the_wall_clock_stands_where_the_formatter_says() {
        let half_past = |time_ns: i64| utc_time(time_ns + 5 * 1800 * SECOND_NS);
        let ticks = wall_ticks(TEN, TEN + 7200 * SECOND_NS, 2, half_past);
        assert_eq!(labels(&ticks), ["13:00", "14:00"]);
        assert!((ticks[0].value - 1800.0).abs() < 1e-9);
    }

    #[test]
    fn broken_ranges_have_no_ticks() {
        assert!(wall_ticks(5, 5, 4, utc_time).is_empty());
        assert!(wall_ticks(5, 4, 4, utc_time).is_empty());
        assert_eq!(wall_ticks(0, i64::MAX, 4, utc_time).len(), 4);
        assert!(wall_ticks(0, 1000, 4, |_| "soon".to_owned()).len() <= 2);
    }
}
