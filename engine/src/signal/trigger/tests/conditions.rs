//! Each condition by itself.

use super::{MS, SECOND, State, times, trigger};
use crate::signal::trigger::EventKind;

const NEVER: [i64; 0] = [];

#[test]
fn an_edge_takes_both_sides_of_the_level() {
    let values = [1.0, 0.0, 0.5, 0.0, 1.0, 1.0, 0.0, 0.4];
    assert_eq!(times("rising:level=0.5", &values), [2, 4]);
    // At 2 ms it comes to the level and not above it, so it does not fall from there.
    assert_eq!(times("falling:level=0.5", &values), [1, 6]);
    assert_eq!(times("either:level=0.5", &values), [1, 2, 4, 6]);
    // A signal that rests at the level has no edge there.
    assert_eq!(times("either:level=0.5", &[0.5; 9]), NEVER);
    assert_eq!(times("rising:level=0.5", &[0.5, 0.5, 0.0, 0.5, 0.5]), [3]);
}

#[test]
fn hysteresis_asks_how_far_away_the_signal_was() {
    let values = [0.0, 1.0, 0.75, 1.0, 0.5, 1.0, 0.49, 0.9, 1.0];
    assert_eq!(times("rising:level=1", &values), [1, 3, 5, 8]);
    assert_eq!(times("rising:level=1,hysteresis=0.25", &values), [1, 3, 5, 8]);
    assert_eq!(times("rising:level=1,hysteresis=0.5", &values), [1, 5, 8]);
    assert_eq!(times("rising:level=1,hysteresis=0.51", &values), [1, 8]);
    let mirrored = values.map(|value| -value);
    assert_eq!(times("falling:level=-1,hysteresis=0.5", &mirrored), [1, 5, 8]);
}

#[test]
fn hysteresis_makes_noise_no_edge() {
    // A wave of 5 Hz with noise of up to 0.1, for 10 s at 1 kHz.
    let mut seed = 1_u64;
    let mut noise = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f64 / f64::from(1 << 24) * 0.2 - 0.1
    };
    let wave = |n: i32| -(std::f64::consts::TAU * 5.0 * f64::from(n) * 1e-3).cos();
    let values: Vec<f64> = (0..10_000).map(|n| wave(n) + noise()).collect();
    assert_eq!(times("rising:level=0.2,hysteresis=0.25", &values).len(), 50);
    assert_eq!(times("falling:level=0.2,hysteresis=0.25", &values).len(), 50);
    let without = times("rising:level=0.2", &values).len();
    assert!(without > 75, "{without}: the noise is too weak to say anything");
}

#[test]
fn no_edge_is_made_up_across_what_breaks_the_signal() {
    for condition in [
        "rising:level=0.5",
        "value:to=1",
        "value:to=any",
        "window:low=0.5,high=2,sense=enter",
    ] {
        let mut t = trigger(condition);
        assert_eq!(t.push(0, 0.0, false), None);
        assert_eq!(t.push(MS, 1.0, true), None, "{condition}: a gap stands before");
        let _ = t.push(2 * MS, 0.0, false);
        assert_eq!(t.push(3 * MS, 0.0, true), None);
        let event = t.push(4 * MS, 1.0, false);
        assert_eq!(
            event.map(|event| event.at_ns),
            Some(4 * MS),
            "{condition}: the gap is over"
        );
        for hole in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut t = trigger(condition);
            assert_eq!((t.push(0, 0.0, false), t.push(MS, hole, false)), (None, None));
            assert_eq!(t.push(2 * MS, 1.0, false), None, "{condition}: {hole} before");
            let _ = t.push(3 * MS, 0.0, false);
            assert!(
                t.push(4 * MS, 1.0, false).is_some(),
                "{condition}: it recovers from {hole}"
            );
        }
    }
}

#[test]
fn a_late_sample_with_a_gap_breaks_too() {
    let mut t = trigger("rising:level=0.5");
    assert_eq!((t.push(10 * MS, 0.0, false), t.push(9 * MS, 0.0, true)), (None, None));
    assert_eq!(t.push(11 * MS, 1.0, false), None);
}

#[test]
fn a_window_is_left_and_entered() {
    let values = [0.0, 2.0, 0.0, -1.0, -1.1, 1.0, 1.1, -3.0, 0.0];
    assert_eq!(times("window:low=-1,high=1", &values), [1, 4, 6]);
    assert_eq!(times("window:low=-1,high=1,sense=enter", &values), [2, 5, 8]);
    // From one side to the other without a sample inside is neither.
    assert_eq!(times("window:low=-1,high=1,sense=leave", &[2.0, -2.0, 2.0]), NEVER);
    let mut t = trigger("window:low=-1,high=1,sense=leave");
    assert_eq!(t.push(0, 0.0, false), None);
    assert_eq!(t.push(10, -2.0, false).and_then(|event| event.crossing_ns), Some(5));
    let mut t = trigger("window:low=-1,high=1,sense=enter");
    assert_eq!(t.push(0, 3.0, false), None);
    assert_eq!(t.push(10, -1.0, false).and_then(|event| event.crossing_ns), Some(5));
}

#[test]
fn a_window_with_hysteresis_is_left_from_well_within() {
    let values = [0.9, 1.1, 0.9, 1.1, 0.5, 1.1];
    assert_eq!(times("window:low=-1,high=1,hysteresis=0.5", &values), [5]);
    assert_eq!(
        times(
            "window:low=-1,high=1,hysteresis=0.5,sense=enter",
            &[1.1, 1.0, 1.5, 1.0, -1.4, 0.0]
        ),
        [3]
    );
}

/// A pulse from sample 2 on that is `width` samples wide.
fn pulse(width: usize) -> Vec<f64> {
    let mut values = vec![0.0; 12];
    values[2..2 + width].fill(1.0);
    values
}

#[test]
fn the_width_of_a_glitch_is_exact() {
    for width in 1..8 {
        let end = 2 + width as i64;
        let shorter = times("glitch:level=0.5,shorter_s=0.004", &pulse(width));
        assert_eq!(shorter, if width < 4 { vec![end] } else { vec![] }, "{width}");
        // Told of at the first sample that is more than 4 ms after the begin.
        let longer = times("glitch:level=0.5,longer_s=0.004", &pulse(width));
        assert_eq!(longer, if width > 4 { vec![7] } else { vec![] }, "{width}");
        let mirrored: Vec<f64> = pulse(width).iter().map(|value| -value).collect();
        assert_eq!(
            times("glitch:level=-0.5,polarity=negative,shorter_s=0.004", &mirrored),
            shorter
        );
        assert_eq!(
            times("glitch:level=-0.5,polarity=negative,longer_s=0.004", &mirrored),
            longer
        );
    }
    // To the nanosecond: one is 4 ms wide.
    assert_eq!(times("glitch:level=0.5,shorter_s=0.004000001", &pulse(4)), [6]);
    assert_eq!(times("glitch:level=0.5,longer_s=0.003999999", &pulse(4)), [6]);
}

#[test]
fn a_glitch_is_a_whole_pulse() {
    // It was going on from the beginning.
    assert_eq!(times("glitch:level=0.5,shorter_s=1", &[1.0, 1.0, 0.0, 1.0, 0.0]), [4]);
    let mut t = trigger("glitch:level=0.5,shorter_s=1");
    let feed = [
        (0.0, false),
        (1.0, false),
        (0.0, true),
        (1.0, true),
        (0.0, false),
        (1.0, false),
        (f64::NAN, false),
    ];
    for (n, (value, gap)) in (0..).zip(feed) {
        assert_eq!(t.push(n, value, gap), None, "{n}");
    }
    // Noise that does not go back through the hysteresis does not part a pulse.
    let values = [0.0, 1.0, 0.4, 1.0, 0.4, 1.0, 0.25, 0.0];
    assert_eq!(
        times("glitch:level=0.5,hysteresis=0.25,shorter_s=0.005", &values),
        NEVER
    );
    assert_eq!(times("glitch:level=0.5,hysteresis=0.25,shorter_s=0.006", &values), [6]);
    assert_eq!(times("glitch:level=0.5,shorter_s=0.005", &values), [2, 4, 6]);
}

#[test]
fn the_end_of_a_glitch_is_between_two_samples() {
    let mut t = trigger("glitch:level=0.5,hysteresis=0.25,shorter_s=1");
    assert_eq!((t.push(0, 0.0, false), t.push(10, 1.0, false)), (None, None));
    // From 1 to 0 through 0.25.
    assert_eq!(t.push(20, 0.0, false).and_then(|event| event.crossing_ns), Some(18));
}

#[test]
fn values_are_compared_exactly() {
    let states = [3.0, 3.0, 1.0, 3.0, 3.0, 2.0];
    assert_eq!(times("value:equals=3", &states), [0, 1, 3, 4]);
    assert_eq!(times("value:to=3", &states), [3]);
    assert_eq!(times("value:to=any", &states), [2, 3, 5]);
    assert_eq!(times("value:to=true", &[0.0, 1.0, 1.0, 0.0, 1.0]), [1, 4]);
    assert_eq!(times("value:equals=false", &[0.0, 1.0, -0.0]), [0, 2]);
    assert_eq!(times("value:equals=3", &[3.0 - 1e-15, 3.000_001]), NEVER);
}

#[test]
fn a_timeout_is_seen_when_time_passes() {
    let mut t = trigger("timeout:after_s=0.5,pre_s=0.2,post_s=0.1");
    assert_eq!(t.advance(100 * SECOND), None, "there was no sample yet");
    assert_eq!(t.push(100 * SECOND, 7.0, false), None);
    let at_ns = 100 * SECOND + 500 * MS;
    assert_eq!(t.advance(at_ns), None, "a sample may still come in time");
    let event = t.advance(at_ns + 1).expect("it is too late");
    assert_eq!(
        (event.at_ns, event.from_ns, event.to_ns),
        (at_ns, at_ns - 200 * MS, at_ns + 100 * MS)
    );
    assert_eq!(
        (event.value, event.crossing_ns, event.kind),
        (7.0, None, EventKind::Condition)
    );
    assert_eq!(t.state(), State::Triggered { at_ns });
    assert_eq!(
        (t.advance(at_ns + SECOND), t.advance(at_ns + 9 * SECOND)),
        (None, None),
        "one silence, one event"
    );
    assert_eq!((t.state(), t.completed()), (State::Armed, 1));
    assert_eq!(t.push(200 * SECOND, 7.0, false), None, "it was told of");
}

#[test]
fn a_timeout_is_seen_when_the_next_sample_comes_late() {
    let mut t = trigger("timeout:after_s=0.5");
    assert_eq!((t.push(0, 7.0, false), t.push(500 * MS, 8.0, false)), (None, None));
    let event = t.push(1_000 * MS + 1, 9.0, true).expect("a nanosecond too late");
    assert_eq!((event.at_ns, event.value), (1_000 * MS, 8.0));
    // What is not finite is a sample all the same.
    assert_eq!(t.push(1_400 * MS, f64::NAN, false), None);
    assert_eq!(t.push(1_900 * MS, 9.0, false), None);
    assert_eq!(t.push(2_400 * MS, 9.0, false), None);
}

#[test]
fn a_silence_counts_if_the_trigger_is_armed_when_it_is_long_enough() {
    let mut t = trigger("timeout:after_s=0.1,holdoff_s=1");
    assert_eq!(t.push(0, 0.0, false), None);
    assert_eq!(t.advance(150 * MS).map(|event| event.at_ns), Some(100 * MS));
    // Held off until 1.1 s; this silence is long enough at 1.0999 s, and at 1.1 s it is too late for it.
    assert_eq!(t.push(999_900_000, 0.0, false), None);
    assert_eq!((t.advance(5 * SECOND), t.state()), (None, State::Armed));
    // This one is long enough at the very end of a hold-off.
    assert_eq!(t.push(6 * SECOND, 0.0, false), None);
    assert_eq!(
        t.push(7 * SECOND, 0.0, false).map(|event| event.at_ns),
        Some(6_100 * MS)
    );
    assert_eq!(t.advance(7_100 * MS + 1).map(|event| event.at_ns), Some(7_100 * MS));
    // A silence that is older than the arming is none of its business.
    t.stop();
    assert_eq!((t.push(9 * SECOND, 0.0, false), t.advance(10 * SECOND)), (None, None));
    t.arm();
    assert_eq!(t.advance(11 * SECOND), None);
    assert_eq!(t.push(12 * SECOND, 0.0, false), None);
    assert_eq!(t.advance(13 * SECOND).map(|event| event.at_ns), Some(12_100 * MS));
}

#[test]
fn a_silence_within_a_hold_off_does_not_count_when_it_is_seen_afterwards() {
    for ahead in [false, true] {
        let mut t = trigger("timeout:after_s=0.1,holdoff_s=1");
        assert_eq!((t.push(0, 0.0, false), t.advance(150 * MS).is_some()), (None, true));
        if ahead {
            assert_eq!((t.advance(2_000 * MS), t.state()), (None, State::Armed));
        }
        // Held off until 1.1 s. This silence is long enough at 0.9 s, which the sample at 1.5 s shows.
        assert_eq!(
            (t.push(800 * MS, 0.0, false), t.push(1_500 * MS, 0.0, false)),
            (None, None)
        );
        assert_eq!(
            t.push(1_700 * MS, 0.0, false).map(|event| event.at_ns),
            Some(1_600 * MS),
            "{ahead}"
        );
    }
}

#[test]
fn a_timeout_at_the_end_of_time_is_not_reached() {
    let mut t = trigger("timeout:after_s=1");
    assert_eq!((t.push(i64::MAX - 5, 0.0, false), t.advance(i64::MAX)), (None, None));
}
