use proptest::prelude::*;

use super::*;

mod constants;

const SECOND: i64 = 1_000_000_000;

fn lane(segments: usize) -> Lane {
    Lane::new(Select::Whole, segments).expect("sound")
}

/// `(value, from, to)` of the segments.
fn spans(lane: &Lane) -> Vec<(i64, i64, i64)> {
    lane.segments().map(|s| (s.value, s.from_ns, s.to_ns)).collect()
}

#[test]
fn a_state_lasts_until_another_is_seen() {
    let mut lane = lane(8);
    for (time, value) in [(0, 1.0), (10, 1.0), (20, 2.0), (30, 1.0), (40, 1.0)] {
        lane.push(time, value, false);
    }
    assert_eq!(spans(&lane), [(1, 0, 20), (2, 20, 30), (1, 30, 40)]);
    let known: Vec<_> = lane.segments().map(|s| (s.begin_known, s.end_known)).collect();
    assert_eq!(known, [(false, true), (true, true), (true, false)]);
    let of_1 = StateTotal {
        value: 1,
        count: 2,
        total_ns: 30,
        min_ns: None,
        max_ns: None,
    };
    let of_2 = StateTotal {
        value: 2,
        count: 1,
        total_ns: 10,
        min_ns: Some(10),
        max_ns: Some(10),
    };
    assert_eq!(lane.totals(), [of_1, of_2]);
    lane.push(55, 2.0, false);
    let of_1 = StateTotal {
        total_ns: 45,
        min_ns: Some(25),
        max_ns: Some(25),
        ..of_1
    };
    assert_eq!(lane.totals()[0], of_1);
    assert_eq!(lane.totals()[1].count, 2);
    lane.clear();
    assert!(lane.totals().is_empty() && lane.segments().next().is_none());
}

#[test]
fn nothing_is_known_across_a_gap_and_what_is_no_state() {
    let mut one = lane(8);
    for (time, gap) in [(0, false), (10, false), (50, true), (60, false)] {
        one.push(time, 3.0, gap);
    }
    assert_eq!(spans(&one), [(3, 0, 10), (3, 50, 60)]);
    assert!(one.segments().all(|s| !s.begin_known && !s.end_known));
    assert_eq!(
        (one.at(5).map(|s| s.value), one.at(10).map(|s| s.value)),
        (Some(3), Some(3))
    );
    assert_eq!((one.at(11), one.at(49), one.at(61)), (None, None, None));
    for hole in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2.5, 1e300] {
        let mut lane = lane(8);
        for (time, value) in [(0, 3.0), (10, 3.0), (20, hole), (30, 4.0), (40, 3.0)] {
            lane.push(time, value, false);
        }
        assert_eq!(spans(&lane), [(3, 0, 10), (4, 30, 40), (3, 40, 40)], "{hole}");
        let known: Vec<_> = lane.segments().map(|s| (s.begin_known, s.end_known)).collect();
        assert_eq!(known, [(false, false), (false, true), (true, false)]);
    }
}

#[test]
fn the_oldest_segments_are_let_go_and_counted() {
    let mut lane = lane(3);
    for n in 0..10 {
        lane.push(n * 10, n as f64, false);
    }
    assert_eq!(spans(&lane), [(6, 60, 70), (7, 70, 80), (8, 80, 90), (9, 90, 90)]);
    assert_eq!((lane.dropped(), lane.totals().len()), (6, 10));
    assert_eq!(
        lane.closed.capacity(),
        Lane::new(Select::Whole, 3).expect("sound").closed.capacity()
    );
}

#[test]
fn totals_have_an_end() {
    let mut lane = lane(2);
    for n in 0..1_000 {
        lane.push(n, n as f64, false);
    }
    assert_eq!(lane.totals.len(), MAX_STATES);
    assert_eq!(lane.totals.capacity(), MAX_STATES);
    // 999 have ended.
    assert_eq!((lane.uncounted(), lane.dropped()), (999 - MAX_STATES as u64, 997));
    // Those that have a place are still counted.
    lane.push(1_000, 5.0, false);
    lane.push(1_010, 6.0, false);
    let of_5 = lane.totals()[5];
    assert_eq!(
        (of_5.value, of_5.count, of_5.total_ns, of_5.min_ns, of_5.max_ns),
        (5, 2, 11, Some(1), Some(10))
    );
}

#[test]
fn bits_are_lanes_of_their_own() {
    assert_eq!(
        (bit(0b1010, 1), bit(0b1010, 2), bit(0b1010, 64)),
        (Some(true), Some(false), None)
    );
    assert_eq!(
        (bit(-1, 63), bit(i64::MIN, 63), bit(i64::MAX, 63)),
        (Some(true), Some(true), Some(false))
    );
    let mut lane = Lane::new(Select::Bit(2), 8).expect("sound");
    for (time, value) in [(0, 0b0001), (1, 0b0101), (2, 0b0100), (3, 0b1011), (4, -1)] {
        lane.push(time, f64::from(value), false);
    }
    assert_eq!(spans(&lane), [(0, 0, 1), (1, 1, 3), (0, 3, 4), (1, 4, 4)]);
    // A bit that an `f64` does not hold beside the others.
    let mut lane = Lane::new(Select::Bit(0), 8).expect("sound");
    lane.push_state(0, Some(i64::MAX), false);
    lane.push_state(1, Some(i64::MAX - 1), false);
    assert_eq!(spans(&lane), [(1, 0, 1), (0, 1, 1)]);
}

#[test]
fn states_are_whole_numbers() {
    assert_eq!(
        (state_of(-0.0), state_of(1.0), state_of(-3.0)),
        (Some(0), Some(1), Some(-3))
    );
    assert_eq!(state_of(9_007_199_254_740_992.0), Some(1 << 53));
    for value in [0.5, f64::NAN, f64::INFINITY, 9_007_199_254_740_994.0, -1e19] {
        assert_eq!(state_of(value), None, "{value}");
    }
}

#[test]
fn late_samples_are_passed_over_and_a_clock_that_went_back_drops_what_was() {
    let mut lane = lane(8);
    for (time, value) in [(0, 1.0), (2, 2.0), (4, 1.0), (6, 2.0)] {
        lane.push(time * SECOND, value, false);
    }
    lane.push(5 * SECOND, 9.0, false);
    assert_eq!((lane.late(), spans(&lane).len()), (1, 4));
    // It was late, but what is missing is missing.
    lane.push(6 * SECOND - 1, 9.0, true);
    lane.push(6 * SECOND + 1, 2.0, false);
    assert_eq!((lane.late(), spans(&lane).len()), (2, 5));
    lane.push(3 * SECOND, 7.0, false);
    assert_eq!(
        spans(&lane),
        [
            (1, 0, 2 * SECOND),
            (2, 2 * SECOND, 3 * SECOND),
            (7, 3 * SECOND, 3 * SECOND)
        ]
    );
    let totals = lane.totals();
    assert_eq!(
        totals.iter().map(|t| (t.value, t.total_ns)).collect::<Vec<_>>(),
        [(1, 2 * SECOND), (2, SECOND), (7, 0)]
    );
    assert!(
        totals.iter().all(|total| total.min_ns.is_none()),
        "none is whole any more"
    );
    lane.push(-SECOND, 7.0, false);
    assert_eq!(spans(&lane), [(7, -SECOND, -SECOND)]);
}

#[test]
fn segments_are_found_by_time() {
    let mut lane = lane(16);
    for n in 0..10 {
        lane.push(n * 10, (n % 2) as f64, false);
    }
    let found = |from, to| lane.within(from, to).map(|s| s.from_ns).collect::<Vec<_>>();
    assert_eq!(found(15, 35), [10, 20, 30]);
    assert_eq!(found(20, 20), [10, 20]);
    assert_eq!(found(85, 1_000), [80, 90]);
    assert_eq!((found(-9, -1), found(91, 99), found(50, 40)), (vec![], vec![], vec![]));
    assert_eq!(lane.at(20).map(|s| s.from_ns), Some(20));
    assert_eq!(lane.at(19).map(|s| s.from_ns), Some(10));
    assert_eq!(
        (lane.at(90).map(|s| s.from_ns), lane.at(91), lane.at(-1)),
        (Some(90), None, None)
    );
}

#[test]
fn hostile_lanes_are_refused() {
    let error = |select, segments| Lane::new(select, segments).expect_err("hostile").to_string();
    assert_eq!(
        error(Select::Whole, 0),
        "a lane of 0 segments cannot be kept; ask for 1 to 65536"
    );
    assert_eq!(
        error(Select::Whole, usize::MAX),
        format!("a lane of {} segments cannot be kept; ask for 1 to 65536", usize::MAX)
    );
    assert_eq!(
        error(Select::Bit(64), 5),
        "there is no bit 64; ask for one from 0 to 63"
    );
    assert!(Lane::new(Select::Bit(63), MAX_SEGMENTS).is_ok());
}

proptest! {
    #[test]
    fn segments_are_the_runs_of_the_list(
        rows in prop::collection::vec((1_i64..5, 0_i64..3, prop::bool::weighted(0.1), prop::bool::weighted(0.1)), 1..200),
        keep in 1_usize..40,
    ) {
        let mut lane = lane(keep);
        let mut time = 0;
        // Runs of the same value, as `(value, first, last, broken before)`, and the breaks.
        let mut runs: Vec<(i64, i64, i64, bool)> = Vec::new();
        let mut broken = true;
        for (step, value, gap, hole) in rows {
            time += step;
            lane.push(time, if hole { f64::NAN } else { value as f64 }, gap);
            broken |= gap || hole;
            if hole {
                continue;
            }
            match runs.last_mut() {
                Some(run) if !broken && run.0 == value => run.2 = time,
                _ => runs.push((value, time, time, broken)),
            }
            broken = false;
        }
        let all: Vec<Segment> = (0..runs.len()).map(|n| {
            let (value, from_ns, last, after_break) = runs[n];
            let next = runs.get(n + 1).filter(|next| !next.3);
            Segment {
                value,
                from_ns,
                to_ns: next.map_or(last, |next| next.1),
                begin_known: !after_break,
                end_known: next.is_some(),
            }
        }).collect();
        let kept: Vec<Segment> = lane.segments().copied().collect();
        prop_assert_eq!(&all[all.len() - kept.len()..], &kept[..]);
        prop_assert_eq!(lane.dropped() as usize, all.len() - kept.len());
        prop_assert!(kept.len() <= keep + 1);
        for total in lane.totals() {
            let of: Vec<&Segment> = all.iter().filter(|s| s.value == total.value).collect();
            let whole = || of.iter().filter(|s| s.is_whole()).map(|s| s.duration_ns());
            prop_assert_eq!(total.count as usize, of.len());
            prop_assert_eq!(total.total_ns, of.iter().map(|s| s.duration_ns()).sum::<i64>());
            prop_assert_eq!((total.min_ns, total.max_ns), (whole().min(), whole().max()));
        }
    }

    #[test]
    fn nothing_panics_whatever_comes(rows in prop::collection::vec((any::<i64>(), any::<f64>(), any::<bool>()), 0..60)) {
        let mut lane = lane(4);
        for (time, value, gap) in rows {
            lane.push(time, value, gap);
            prop_assert!(lane.segments().all(|s| s.from_ns <= s.to_ns && s.duration_ns() >= 0));
        }
    }

    #[test]
    fn no_name_panics(field in "\\PC{0,20}", names in prop::collection::vec("[A-Z_]{0,12}", 0..6)) {
        let constants: Vec<_> = (0..).zip(&names).map(|(value, name)| (name.clone(), value)).collect();
        let _ = match_constants(&field, &constants);
        for name in &names {
            prop_assert!(name.ends_with(shorten(&field, name)));
        }
    }
}
