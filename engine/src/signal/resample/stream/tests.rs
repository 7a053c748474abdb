use super::*;

const MS: i64 = 1_000_000;

/// What comes out: the time and the value of every point.
fn out(stream: &mut Stream) -> Vec<(i64, f64)> {
    let step_ns = 1e9 / stream.rate_hz().unwrap_or(1.0);
    let mut all = Vec::new();
    stream.drain(|start_ns, values| {
        let points = values.iter().enumerate();
        all.extend(points.map(|(n, value)| (start_ns + (n as f64 * step_ns).round() as i64, *value)));
    });
    all
}

#[test]
fn even_samples_come_out_as_they_went_in() {
    let mut stream = Stream::new();
    for n in 0..2000 {
        stream.push(n * MS, n as f64, false);
        if n < PROBE as i64 - 1 {
            assert_eq!(stream.rate_hz(), None, "nothing is said too early");
        }
    }
    assert!((stream.rate_hz().expect("a rate") - 1000.0).abs() < 1e-9);
    let all = out(&mut stream);
    assert!(all.len() >= 1999, "{}", all.len());
    assert!(
        all.iter()
            .all(|(time, value)| (*value - *time as f64 / MS as f64).abs() < 1e-6)
    );
    let report = stream.report().expect("a report").to_string();
    assert_eq!(report, "interpolated linearly to 1000 Hz");
}

#[test]
fn jitter_is_taken_out_of_a_ramp() {
    let mut stream = Stream::new();
    let mut all = Vec::new();
    for n in 0..4000_i64 {
        let time_ns = n * MS + (n * 7919 % 200_001 - 100_000);
        stream.push(time_ns, time_ns as f64 * 1e-9, false);
        all.extend(out(&mut stream));
    }
    assert!(all.len() > 3900);
    let steps: Vec<i64> = all.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(steps.iter().all(|step| (step - MS).abs() <= 200), "an even grid");
    assert!(
        all.iter()
            .all(|(time, value)| (*value - *time as f64 * 1e-9).abs() < 1e-6)
    );
}

#[test]
fn a_gap_begins_a_new_stretch_and_is_counted() {
    let mut stream = Stream::new();
    for n in (0..1000).chain(1500..2000) {
        stream.push(n * MS, 1.0, n == 1500);
    }
    let mut starts = Vec::new();
    stream.drain(|start_ns, values| starts.push((start_ns, values.len())));
    assert_eq!(starts.len(), 2, "{starts:?}");
    assert_eq!(starts[1], (1500 * MS, 500));
    let report = stream.report().expect("a report");
    assert_eq!((report.gaps, report.longest_gap_ns), (1, 501 * MS));
}

#[test]
fn bursts_are_taken_as_even_and_keep_to_their_clock() {
    let mut stream = Stream::new();
    // A sensor of 1 kHz, published ten at a time.
    let mut all: Vec<(i64, f64)> = Vec::new();
    for packet in 0..1200_i64 {
        for n in 0..10 {
            stream.push(packet * 10 * MS + n * 1000, (packet * 10 + n) as f64, false);
        }
        assert!(packet >= 390 || stream.rate_hz().is_none(), "nothing is said too early");
        all.extend(out(&mut stream));
    }
    let rate_hz = stream.rate_hz().expect("a rate");
    assert!((rate_hz / 1000.0 - 1.0).abs() < 0.005, "{rate_hz}");
    let measured_hz = stream.measured_rate_hz().expect("a rate");
    assert!((measured_hz / 1000.0 - 1.0).abs() < 0.003, "{measured_hz}");
    assert_eq!(all.len(), 12_000, "every sample once");
    assert!(all.windows(2).all(|pair| pair[1].1 - pair[0].1 == 1.0));
    let (time_ns, _) = all[all.len() - 1];
    assert!((time_ns - 11_990 * MS).abs() < 40 * MS, "{time_ns}");
    assert!(
        stream
            .report()
            .expect("a report")
            .to_string()
            .starts_with("taken as even at")
    );
}

#[test]
fn what_was_long_ago_says_nothing_about_now() {
    let mut stream = Stream::new();
    stream.push(-100_000 * MS, 1.0, false);
    stream.push(-90_000 * MS, 1.0, false);
    (0..1000).for_each(|n| stream.push(n * MS, 1.0, false));
    assert!((stream.rate_hz().expect("a rate") - 1000.0).abs() < 1.0);
    // A topic that is as slow as that has no waterfall, and costs nothing.
    let mut slow = Stream::new();
    (0..10_000).for_each(|n| slow.push(n * 5_000 * MS, 1.0, false));
    assert_eq!(slow.rate_hz(), None);
    assert!(slow.held.len() < PROBE);
}

#[test]
fn another_rate_is_found_out() {
    let mut stream = Stream::new();
    let mut time_ns = 0;
    for _ in 0..1000 {
        stream.push(time_ns, 0.0, false);
        time_ns += MS;
    }
    let _ = out(&mut stream);
    for _ in 0..1000 {
        stream.push(time_ns, 0.0, false);
        time_ns += 4 * MS;
    }
    assert!((stream.rate_hz().expect("a rate") - 250.0).abs() < 1.0);
    assert!(out(&mut stream).len() > 400);
}

#[test]
fn what_is_no_number_and_times_that_repeat_are_counted() {
    let mut stream = Stream::new();
    for n in 0..1000 {
        stream.push(n * MS, if n == 700 { f64::NAN } else { 2.0 }, false);
        if n == 800 {
            stream.push(n * MS, 2.0, false);
        }
    }
    let report = *stream.report().expect("a report");
    assert_eq!((report.missing, report.repeated, report.given), (1, 1, 1001));
    assert!(out(&mut stream).iter().all(|(_, value)| *value == 2.0));
    let mut nothing = Stream::new();
    (0..5000).for_each(|n| nothing.push(n * MS, f64::NAN, false));
    assert_eq!(nothing.rate_hz(), None);
    assert!(nothing.held.len() < PROBE, "nothing is held for ever");
}
