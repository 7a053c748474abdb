//! What an input is worth between its samples.

use super::*;

#[test]
fn a_sample_counts_for_its_time_and_no_longer() {
    let limits = Limits {
        stale_after_ns: 20,
        ..Limits::default()
    };
    for (align, kept) in [
        (Align::Hold, [Some(1.0), Some(1.0)]),
        (Align::Linear, [Some(1.5), None]),
    ] {
        for (next, value) in [(20, kept[0]), (21, kept[1])] {
            let mut aligner = Aligner::new(2, align, Clock::Input(0), limits).expect("sound limits");
            aligner.push(1, 0, 1.0, false);
            aligner.push(1, next, 2.0, false);
            aligner.push(0, 10, 0.0, false);
            aligner.push(0, next, 0.0, false);
            let rows = drained(&mut aligner);
            assert_eq!(rows[0].1[1], value, "{align:?} {next}");
            assert_eq!(rows[1].1[1], Some(2.0));
        }
    }
    let mut aligner = Aligner::new(2, Align::Hold, Clock::Input(0), limits).expect("sound limits");
    aligner.push(1, 0, 1.0, false);
    aligner.push(0, 20, 0.0, false);
    aligner.push(0, 21, 0.0, false);
    let held: Vec<Option<f64>> = finished(&mut aligner).iter().map(|row| row.1[1]).collect();
    assert_eq!(held, [Some(1.0), None]);
}

#[test]
fn lines_pass_through_the_samples() {
    let mut aligner = two(Align::Linear, Clock::Input(0));
    for time in 0..6 {
        aligner.push(0, time * 10, time as f64, false);
    }
    aligner.push(1, 0, 0.0, false);
    aligner.push(1, 20, 4.0, false);
    aligner.push(1, 35, 1.0, true);
    aligner.push(1, 45, f64::NAN, false);
    aligner.push(1, 50, 7.0, false);
    let mut rows = finished(&mut aligner);
    let gaps: Vec<bool> = rows.iter_mut().map(|row| std::mem::take(&mut row.2)).collect();
    assert_eq!(
        rows[..3],
        [row(0, &[0.0, 0.0]), row(10, &[1.0, 2.0]), row(20, &[2.0, 4.0])]
    );
    // Across the gap, beside a sample that is not a number, and on the sample after it.
    assert_eq!(rows[3].1, [Some(3.0), None]);
    assert_eq!(rows[4].1, [Some(4.0), None]);
    assert_eq!(rows[5], row(50, &[5.0, 7.0]));
    assert_eq!(gaps, [false, false, false, false, true, false]);
}

#[test]
fn nothing_bad_stays() {
    for align in [Align::Hold, Align::Linear] {
        let mut aligner = two(align, Clock::Any);
        for (time, value) in [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0, 2.0]
            .into_iter()
            .enumerate()
        {
            aligner.push(0, time as i64, value, false);
            aligner.push(1, time as i64, 1.0, false);
        }
        let rows = drained(&mut aligner);
        assert_eq!(rows[5], row(5, &[2.0, 1.0]));
        assert_eq!(rows[1].1, [None, Some(1.0)]);
    }
}
