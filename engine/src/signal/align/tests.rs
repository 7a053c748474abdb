mod oracle;
mod property;
mod values;

use super::*;

const MS: i64 = 1_000_000;

/// A row as it was given; NaN is compared as `None`.
type Row = (i64, Vec<Option<f64>>, bool);

fn collect(rows: &mut Vec<Row>) -> impl FnMut(i64, &[f64], bool) {
    |time, values, gap| {
        let values = values.iter().map(|v| Some(*v).filter(|v| !v.is_nan())).collect();
        rows.push((time, values, gap));
    }
}

fn drained(aligner: &mut Aligner) -> Vec<Row> {
    let mut rows = Vec::new();
    aligner.drain(collect(&mut rows));
    rows
}

fn finished(aligner: &mut Aligner) -> Vec<Row> {
    let mut rows = Vec::new();
    aligner.finish(collect(&mut rows));
    rows
}

fn two(align: Align, clock: Clock) -> Aligner {
    Aligner::new(2, align, clock, Limits::default()).expect("sound limits")
}

fn row(time: i64, values: &[f64]) -> Row {
    (time, values.iter().map(|v| Some(*v)).collect(), false)
}

#[test]
fn hostile_parameters_are_refused() {
    let limits = Limits::default();
    let new = |inputs, clock, limits| Aligner::new(inputs, Align::Hold, clock, limits).map(|_| ());
    assert_eq!(new(0, Clock::Any, limits), Err(AlignError::Inputs(0)));
    assert_eq!(new(65, Clock::Any, limits), Err(AlignError::Inputs(65)));
    assert_eq!(
        new(2, Clock::Input(2), limits),
        Err(AlignError::Clock { clock: 2, inputs: 2 })
    );
    for (wrong, error) in [
        (
            Limits {
                lateness_ns: -1,
                ..limits
            },
            AlignError::Lateness(-1),
        ),
        (
            Limits {
                stale_after_ns: 0,
                ..limits
            },
            AlignError::Stale(0),
        ),
        (
            Limits { queue: 1, ..limits },
            AlignError::Queue {
                queue: 1,
                most: 1 << 21,
            },
        ),
        (
            Limits {
                queue: usize::MAX,
                ..limits
            },
            AlignError::Queue {
                queue: usize::MAX,
                most: 1 << 21,
            },
        ),
    ] {
        assert_eq!(new(2, Clock::Any, wrong), Err(error.clone()));
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn a_row_comes_when_every_input_has_come_so_far() {
    let mut aligner = two(Align::Hold, Clock::Any);
    aligner.push(0, 10, 1.0, false);
    assert_eq!(drained(&mut aligner), []);
    aligner.push(1, 15, 5.0, false);
    assert_eq!(drained(&mut aligner), []);
    assert_eq!(aligner.counts().skipped, 1);
    aligner.push(0, 20, 2.0, false);
    assert_eq!(drained(&mut aligner), [row(15, &[1.0, 5.0])]);
    aligner.push(1, 20, 6.0, false);
    // Samples at the same time share a row, and nothing is waited for.
    assert_eq!(drained(&mut aligner), [row(20, &[2.0, 6.0])]);
    assert_eq!(aligner.waiting(), 0);
}

#[test]
fn the_fields_of_one_message_are_never_late() {
    for align in [Align::Hold, Align::Linear] {
        let mut aligner = Aligner::new(3, align, Clock::Any, Limits::default()).expect("sound limits");
        for i in 0..5 {
            // A time that repeats makes a row each time.
            let (time, value) = (i / 2 * MS, i as f64);
            for input in 0..3 {
                aligner.push(input, time, value + input as f64, false);
            }
            assert_eq!(drained(&mut aligner), [row(time, &[value, value + 1.0, value + 2.0])]);
        }
    }
}

#[test]
fn samples_at_one_time_make_a_row_each_in_their_order() {
    for clock in [Clock::Any, Clock::Input(0)] {
        let mut aligner = two(Align::Hold, clock);
        for value in [1.0, 2.0, 3.0] {
            aligner.push(0, 10, value, false);
        }
        aligner.push(0, 5, 0.5, false);
        aligner.push(1, 5, 7.0, false);
        aligner.push(1, 10, 8.0, false);
        let expected = [0.5, 1.0, 2.0, 3.0].map(|value| match value {
            0.5 => row(5, &[value, 7.0]),
            _ => row(10, &[value, 8.0]),
        });
        assert_eq!(drained(&mut aligner), expected);
    }
}

#[test]
fn a_silent_input_stalls_nobody_for_ever() {
    let limits = Limits {
        lateness_ns: 100 * MS,
        stale_after_ns: 300 * MS,
        queue: 1000,
    };
    for (align, clock) in [Align::Hold, Align::Linear]
        .into_iter()
        .zip([Clock::Any, Clock::Input(0)])
    {
        let mut aligner = Aligner::new(2, align, clock, limits).expect("sound limits");
        aligner.push(1, 0, 7.0, false);
        let mut rows: Vec<Row> = Vec::new();
        let mut waited = Vec::new();
        for i in 0..=500 {
            aligner.push(0, i * MS, 1.0, false);
            aligner.drain(collect(&mut rows));
            waited.push(i - (rows.len() as i64 - 1));
        }
        // Rows come 100 ms late while the input is waited for, and at once when it counts as stale.
        assert_eq!(waited[50..53], [50, 51, 52]);
        assert_eq!(waited[100..=300], [100; 201]);
        assert_eq!(waited[301..], [0; 200]);
        let held = rows.iter().filter(|row| row.1[1].is_some()).count();
        assert_eq!(held, if align == Align::Hold { 301 } else { 1 });
        // It speaks again and counts again.
        aligner.push(1, 501 * MS, 8.0, false);
        aligner.push(0, 501 * MS, 1.0, false);
        assert_eq!(drained(&mut aligner), [row(501 * MS, &[1.0, 8.0])]);
        assert_eq!(aligner.counts().late + aligner.counts().dropped, 0);
    }
}

#[test]
fn an_input_that_never_spoke_gives_no_rows() {
    let mut aligner = two(Align::Hold, Clock::Any);
    for i in 0..5000 {
        aligner.push(0, i * MS, 1.0, false);
        assert_eq!(drained(&mut aligner), []);
    }
    assert_eq!(aligner.counts().skipped, 4000);
    assert_eq!(aligner.waiting(), 1000);
    aligner.push(1, 4999 * MS, 1.0, false);
    assert_eq!(drained(&mut aligner), [row(4999 * MS, &[1.0, 1.0])]);
}

#[test]
fn rows_dont_wait_when_all_are_silent() {
    let mut aligner = two(Align::Hold, Clock::Any);
    aligner.advance(9);
    aligner.push(0, 0, 1.0, false);
    aligner.push(1, 0, 1.0, false);
    aligner.push(0, 10, 2.0, false);
    assert_eq!(drained(&mut aligner).len(), 1);
    aligner.advance(900 * MS);
    assert_eq!(drained(&mut aligner), []);
    aligner.advance(1001 * MS);
    assert_eq!(drained(&mut aligner), [row(10, &[2.0, 1.0])]);
    // Long after the last sample nothing is left to wait for.
    aligner.push(0, 2000 * MS, 3.0, false);
    aligner.advance(20_000 * MS);
    assert_eq!(drained(&mut aligner).len(), 1);
}

#[test]
fn the_others_dont_pile_up_before_a_silent_clock() {
    let limits = Limits {
        queue: 1100,
        ..Limits::default()
    };
    let mut aligner = Aligner::new(2, Align::Linear, Clock::Input(1), limits).expect("sound limits");
    for i in 0..10_000 {
        aligner.push(0, i * MS, i as f64, false);
        assert_eq!(drained(&mut aligner), []);
    }
    assert_eq!(aligner.counts(), Counts::default());
    assert!(aligner.waiting() <= 1000);
    // A sample of the clock within the lateness finds what was there at its time; an older one is late.
    aligner.push(1, 8_998 * MS, 1.0, false);
    assert_eq!(drained(&mut aligner), []);
    assert_eq!((aligner.counts().late, aligner.counts().skipped), (1, 0));
    for time in [8_999 * MS, 9_500 * MS + MS / 2] {
        aligner.push(1, time, 1.0, false);
        assert_eq!(drained(&mut aligner), [row(time, &[time as f64 / MS as f64, 1.0])]);
    }
}

#[test]
fn full_queues_drop_the_oldest_and_say_so() {
    let limits = Limits {
        queue: 4,
        ..Limits::default()
    };
    let mut aligner = Aligner::new(2, Align::Linear, Clock::Any, limits).expect("sound limits");
    aligner.push(0, 0, 0.0, false);
    aligner.push(1, 0, 0.0, false);
    assert_eq!(drained(&mut aligner).len(), 1);
    for i in 1..=6 {
        aligner.push(0, i * 10, i as f64, false);
    }
    assert_eq!(aligner.counts().dropped, 2);
    assert_eq!(aligner.waiting(), 4);
    aligner.push(1, 5, 1.0, false);
    aligner.push(1, 65, 2.0, false);
    let rows = finished(&mut aligner);
    // What was dropped leaves a gap: no line is drawn across it.
    assert_eq!(rows[0], (5, vec![None, Some(1.0)], false));
    assert_eq!(rows[1].1[0], Some(3.0));
    assert!(rows[1].2 && !rows[2].2);
    aligner.push(2, 0, 0.0, false);
    assert_eq!(aligner.counts().dropped, 3);
}

#[test]
fn small_disorder_is_sorted_and_late_samples_are_counted() {
    let mut aligner = two(Align::Hold, Clock::Any);
    for time in [0, 30, 10, 20] {
        aligner.push(0, time, time as f64, false);
    }
    aligner.push(1, 0, 5.0, false);
    aligner.push(1, 25, 6.0, false);
    let rows = drained(&mut aligner);
    let expected = [
        row(0, &[0.0, 5.0]),
        row(10, &[10.0, 5.0]),
        row(20, &[20.0, 5.0]),
        row(25, &[20.0, 6.0]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(aligner.counts().reordered, 2);
    // Too late for a row of its own, but the newest there is of this input.
    aligner.push(0, 22, 22.0, true);
    aligner.push(0, 12, 12.0, false);
    aligner.push(1, 28, 7.0, false);
    assert_eq!(drained(&mut aligner), [(28, vec![Some(22.0), Some(7.0)], true)]);
    assert_eq!((aligner.counts().late, aligner.counts().rows), (2, 5));
}

#[test]
fn time_that_begins_anew_begins_everything_anew() {
    let mut aligner = two(Align::Hold, Clock::Any);
    let begin = 100_000 * MS;
    aligner.push(0, begin, 1.0, false);
    aligner.push(1, begin, 2.0, false);
    aligner.push(0, begin + 10, 3.0, false);
    assert_eq!(drained(&mut aligner).len(), 1);
    // The bag loops; the row that waited still comes.
    aligner.push(0, 5, 4.0, false);
    aligner.push(1, 3, 6.0, false);
    let rows = drained(&mut aligner);
    assert_eq!(rows, [row(begin + 10, &[3.0, 2.0])]);
    aligner.push(1, 6, 7.0, false);
    assert_eq!(drained(&mut aligner), [(5, vec![Some(4.0), Some(6.0)], true)]);
    assert_eq!((aligner.counts().restarts, aligner.counts().late), (1, 0));
    // Twice before a drain, and with a straggler of the time before.
    aligner.push(0, begin, 0.0, false);
    aligner.push(0, 7, 1.0, false);
    aligner.push(1, begin, 1.0, false);
    aligner.push(1, 7, 8.0, false);
    let rows = drained(&mut aligner);
    // What was said that long before no longer counts.
    assert_eq!(rows.last(), Some(&(begin, vec![None, Some(1.0)], true)));
    aligner.push(0, 8, 1.0, false);
    aligner.push(1, 8, 1.0, false);
    assert_eq!(drained(&mut aligner), [(8, vec![Some(1.0), Some(1.0)], true)]);
    assert_eq!(aligner.counts().restarts, 3);
}

#[test]
fn one_stamp_far_ahead_does_no_lasting_harm() {
    let mut aligner = two(Align::Hold, Clock::Any);
    let mut rows: Vec<Row> = Vec::new();
    for i in 0..100 {
        let time = if i == 50 { i64::MAX } else { i * MS };
        for input in 0..2 {
            aligner.push(input, if input == 0 { time } else { i * MS }, i as f64, false);
        }
        aligner.drain(collect(&mut rows));
    }
    assert_eq!(aligner.counts().restarts, 1);
    assert_eq!(rows.last(), Some(&row(99 * MS, &[99.0, 99.0])));
}

#[test]
fn a_single_input_is_never_kept_waiting() {
    for clock in [Clock::Any, Clock::Input(0)] {
        for align in [Align::Hold, Align::Linear] {
            let mut fed = Aligner::new(1, align, clock, Limits::default()).expect("sound limits");
            let mut pushed = Aligner::new(1, align, clock, Limits::default()).expect("sound limits");
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for (time, gap) in [
                (0, false),
                (10, true),
                (10, false),
                (5, false),
                (-2_000 * MS, false),
                (0, false),
            ] {
                fed.feed(0, time, time as f64, gap, collect(&mut a));
                pushed.push(0, time, time as f64, gap);
                pushed.drain(collect(&mut b));
                assert_eq!(fed.waiting(), 0);
            }
            let times: Vec<(i64, bool)> = a.iter().map(|row| (row.0, row.2)).collect();
            assert_eq!(
                times,
                [(0, false), (10, true), (10, false), (-2_000 * MS, true), (0, false)]
            );
            assert_eq!(a, b);
            assert_eq!(fed.counts(), pushed.counts());
            assert_eq!((fed.counts().late, fed.counts().restarts), (1, 1));
        }
    }
}
