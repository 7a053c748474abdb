use proptest::prelude::*;

use super::*;

const MS: i64 = 1_000_000;
const FAR: i64 = i64::MAX;

fn cursors(a_ns: i64, b_ns: i64) -> TimeCursors {
    TimeCursors { a_ns, b_ns }
}

fn value(times: &[i64], values: &[f64], at: i64) -> Option<f64> {
    nearest(times, values, at, FAR).map(|point| point.value)
}

#[test]
fn a_cursor_reads_the_nearest_sample() {
    let (times, values) = ([10, 20, 40], [1.0, 2.0, 4.0]);
    let expected = [
        (i64::MIN, 1.0),
        (0, 1.0),
        (10, 1.0),
        (14, 1.0),
        (15, 1.0),
        (16, 2.0),
        (20, 2.0),
        (30, 2.0),
        (31, 4.0),
        (i64::MAX, 4.0),
    ];
    for (at, truth) in expected {
        assert_eq!(value(&times, &values, at), Some(truth), "{at}");
    }
    assert_eq!(
        nearest(&times, &values, 12, 2),
        Some(Point {
            time_ns: 10,
            value: 1.0
        })
    );
    assert_eq!(
        (nearest(&times, &values, 13, 2), nearest(&times, &values, 10, -1)),
        (None, None)
    );
    assert_eq!(nearest(&times, &values, 10, 0).map(|point| point.value), Some(1.0));
    assert_eq!((value(&[], &[], 5), value(&[5], &[], 5)), (None, None));
}

#[test]
fn of_samples_at_one_time_the_last_counts() {
    let (times, values) = ([10, 10, 20, 20, 20], [1.0, 2.0, 3.0, 4.0, 5.0]);
    for (at, truth) in [(0, 2.0), (10, 2.0), (15, 2.0), (16, 5.0), (20, 5.0), (99, 5.0)] {
        assert_eq!(value(&times, &values, at), Some(truth), "{at}");
    }
}

#[test]
fn a_sample_that_is_not_finite_is_not_replaced_by_its_neighbour() {
    for hole in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (times, values) = ([10, 20, 30], [1.0, hole, 3.0]);
        assert_eq!(
            (value(&times, &values, 21), value(&times, &values, 26)),
            (None, Some(3.0))
        );
        let reading = measure(&times, &values, cursors(10, 20), None, FAR);
        assert_eq!(
            (reading.a.map(|a| a.value), reading.b, reading.delta),
            (Some(1.0), None, None)
        );
        assert_eq!((reading.delta_ns, reading.slope_per_s), (10, None));
    }
}

#[test]
fn a_line_has_its_slope() {
    // 3 per second, in steps of 10 ms.
    let times: Vec<i64> = (0..100).map(|n| n * 10 * MS).collect();
    let values: Vec<f64> = (0..100).map(|n| f64::from(n) * 0.03 - 1.0).collect();
    let reading = measure(&times, &values, cursors(101 * MS, 599 * MS), None, FAR);
    assert_eq!(reading.delta_ns, 498 * MS);
    assert_eq!(reading.frequency_hz, Some(1e9 / 498e6));
    assert_eq!(
        (reading.a.map(|a| a.time_ns), reading.b.map(|b| b.time_ns)),
        (Some(100 * MS), Some(600 * MS))
    );
    let close = |found: Option<f64>, truth: f64| (found.expect("it is read") - truth).abs() < 1e-12;
    // The samples are 500 ms apart although the cursors are not.
    assert!(
        close(reading.delta, 1.5) && close(reading.slope_per_s, 3.0),
        "{reading:?}"
    );
    let back = measure(&times, &values, cursors(599 * MS, 101 * MS), None, FAR);
    assert_eq!((back.delta_ns, back.frequency_hz), (-498 * MS, reading.frequency_hz));
    assert!(close(back.delta, -1.5) && close(back.slope_per_s, 3.0));
}

#[test]
fn cursors_at_one_place_have_no_slope_and_no_frequency() {
    let (times, values) = ([10, 20], [1.0, 2.0]);
    let reading = measure(&times, &values, cursors(10, 10), None, FAR);
    assert_eq!(
        (reading.delta_ns, reading.frequency_hz, reading.slope_per_s),
        (0, None, None)
    );
    assert_eq!(reading.delta, Some(0.0));
    // Two cursors, one sample.
    let reading = measure(&times, &values, cursors(9, 11), None, FAR);
    assert_eq!((reading.frequency_hz, reading.slope_per_s), (Some(5e8), None));
}

#[test]
fn what_is_too_large_is_not_read() {
    let reading = measure(
        &[i64::MIN, i64::MAX],
        &[f64::MIN, f64::MAX],
        cursors(i64::MIN, i64::MAX),
        None,
        FAR,
    );
    assert_eq!(
        (reading.delta_ns, reading.delta, reading.slope_per_s),
        (i64::MAX, None, None)
    );
    assert_eq!(
        LevelCursors {
            a: f64::MIN,
            b: f64::MAX
        }
        .delta(),
        None
    );
    assert_eq!(LevelCursors { a: f64::NAN, b: 0.0 }.delta(), None);
    assert_eq!(LevelCursors { a: 1.0, b: -0.5 }.delta(), Some(-1.5));
}

#[test]
fn the_text_is_aligned_and_has_units() {
    let times: Vec<i64> = (0..100).map(|n| n * 10 * MS).collect();
    let values: Vec<f64> = (0..100).map(|n| f64::from(n) * 0.5).collect();
    let levels = Some(LevelCursors { a: -1.0, b: 12.5 });
    let reading = measure(&times, &values, cursors(100 * MS, 350 * MS), levels, FAR);
    let expected = "\
t A      0.100000000 s
t B      0.350000000 s
Δt       0.250000000 s
1/Δt        4.000000 Hz
y A         5.000000 m/s
y B         17.50000 m/s
Δy          12.50000 m/s
Δy/Δt       50.00000 m/s²
level A    -1.000000 m/s
level B     12.50000 m/s
Δ level     13.50000 m/s
";
    assert_eq!(reading.text("m/s", 0), expected);
    // Without unit, seen from the second cursor, and with nothing to read at the first.
    let reading = measure(&times[20..], &values[20..], cursors(100 * MS, 350 * MS), None, 20 * MS);
    let expected = "\
t A    -0.250000000 s
t B     0.000000000 s
Δt      0.250000000 s
1/Δt       4.000000 Hz
y A               -
y B        17.50000
Δy                -
Δy/Δt             -
";
    assert_eq!(reading.text("", 350 * MS), expected);
}

#[test]
fn times_of_day_are_exact_in_text() {
    let reading = measure(&[], &[], cursors(1_700_000_000_123_456_789, i64::MIN), None, FAR);
    let text = reading.text("V", 0);
    assert!(text.starts_with("t A      1700000000.123456789 s\n"), "{text}");
    assert!(text.contains("t B     -9223372036.854775808 s\n"), "{text}");
    assert!(text.contains("Δt     -10923372036.978232597 s\n"), "{text}");
}

#[test]
fn units_per_second_are_readable() {
    let reading = measure(&[0, 1_000 * MS], &[0.0, 2e-7], cursors(0, 1_000 * MS), None, FAR);
    for (unit, per_second) in [
        ("", "1/s"),
        ("V", "V/s"),
        ("rad/s", "rad/s²"),
        ("N·m", "(N·m)/s"),
        ("rad/s²", "(rad/s²)/s"),
    ] {
        let text = reading.text(unit, 0);
        assert!(text.contains(&format!("2.000000e-7 {per_second}\n")), "{text}");
    }
}

#[test]
fn the_csv_has_every_digit_and_nothing_for_nothing() {
    let reading = measure(
        &[0, 300 * MS],
        &[0.1, 0.3],
        cursors(0, 300 * MS),
        Some(LevelCursors { a: 1.0, b: 1e300 }),
        0,
    );
    let expected = "a_ns,b_ns,delta_ns,frequency_hz,a_sample_ns,a_value,b_sample_ns,b_value,delta_value,slope_per_s,\
level_a,level_b,level_delta,unit
0,300000000,300000000,3.3333333333333335,0,0.1,300000000,0.3,0.19999999999999998,0.6666666666666666,1.0,1e300,1e300,m/s
";
    assert_eq!(reading.csv("m/s"), expected);
    let reading = measure(&[], &[], cursors(5, 5), None, 0);
    assert_eq!(reading.csv_row("a \"b\", c"), "5,5,0,,,,,,,,,,,\"a \"\"b\"\", c\"");
    assert_eq!(Reading::csv_header().split(',').count(), 14);
}

proptest! {
    #[test]
    fn the_nearest_is_that_of_the_list(
        mut times in prop::collection::vec(-50_i64..50, 0..30),
        at in -60_i64..60,
        reach in -1_i64..20,
    ) {
        times.sort_unstable();
        let values: Vec<f64> = (0_u32..).take(times.len()).map(f64::from).collect();
        let least = times.iter().map(|time| (time - at).abs()).min().filter(|away| *away <= reach);
        // Of those as near, the earlier; of those at that time, the last.
        let time = least.and_then(|least| times.iter().find(|time| (**time - at).abs() == least));
        let truth = time.map(|time| {
            let index = times.iter().rposition(|t| t == time).expect("it is there");
            Point { time_ns: *time, value: values[index] }
        });
        prop_assert_eq!(nearest(&times, &values, at, reach), truth);
    }

    #[test]
    fn nothing_panics_whatever_comes(
        times in prop::collection::vec(any::<i64>(), 0..9),
        values in prop::collection::vec(any::<f64>(), 0..9),
        (a, b, reach, origin) in any::<(i64, i64, i64, i64)>(),
        (low, high) in any::<(f64, f64)>(),
    ) {
        let levels = Some(LevelCursors { a: low, b: high });
        let reading = measure(&times, &values, cursors(a, b), levels, reach);
        let text = reading.text("V", origin);
        prop_assert_eq!(text.lines().count(), 11);
        prop_assert_eq!(reading.csv_row("V").split(',').count(), 14);
    }
}
