mod conditions;
mod random;
mod reference;
mod text;

use super::*;

const MS: i64 = 1_000_000;
const SECOND: i64 = 1_000 * MS;

/// A trigger in normal mode with a capture of nothing but the event, and whatever the text says otherwise.
fn trigger(text: &str) -> Trigger {
    let mut spec: TriggerSpec = text.parse().expect("sound");
    for (name, span_ns) in [("pre_s", &mut spec.pre_ns), ("post_s", &mut spec.post_ns)] {
        if !text.contains(name) {
            *span_ns = 0;
        }
    }
    if !text.contains("mode") {
        spec.mode = Mode::Normal;
    }
    Trigger::new(spec).expect("sound")
}

/// Times of the events, in milliseconds, of values that come every millisecond from 0 on.
fn times(text: &str, values: &[f64]) -> Vec<i64> {
    let mut trigger = trigger(text);
    let events = (0..)
        .zip(values)
        .filter_map(|(ms, value)| trigger.push(ms * MS, *value, false));
    events.map(|event| event.at_ns / MS).collect()
}

#[test]
fn events_are_exact_to_the_sample_at_10_khz_in_any_batches() {
    const STEP: i64 = 100_000;
    let level: f64 = 0.3;
    let sine = |n: i64| (std::f64::consts::TAU * 7.0 * n as f64 * 1e-4).sin();
    // 7 Hz: the wave goes up through the level at (k + asin(level) / 2 pi) / 7 s.
    let crossing_s = |k: i64| (k as f64 + level.asin() / std::f64::consts::TAU) / 7.0;
    let expected: Vec<i64> = (0..21).map(|k| (crossing_s(k) * 1e4).ceil() as i64 * STEP).collect();
    for batch in [1, 7, 100, 333, 30_000] {
        let mut trigger = trigger("rising:level=0.3,hysteresis=0.05,pre_s=0.01,post_s=0.02");
        let mut events = Vec::new();
        for begin in (0..30_000).step_by(batch) {
            let end = (begin + batch as i64).min(30_000);
            events.extend((begin..end).filter_map(|n| trigger.push(n * STEP, sine(n), false)));
            assert_eq!(trigger.advance((end - 1) * STEP + STEP / 2), None);
        }
        assert_eq!(
            events.iter().map(|event| event.at_ns).collect::<Vec<_>>(),
            expected,
            "{batch}"
        );
        for (k, event) in (0..).zip(&events) {
            // The straight line is off by the bend of the wave within one step: f'' h^2 / 8 f', here below 20 ns.
            let crossing_ns = event.crossing_ns.expect("an edge has one");
            assert!((crossing_ns as f64 - crossing_s(k) * 1e9).abs() < 20.0, "{event:?}");
            assert_eq!(
                (event.from_ns, event.to_ns),
                (event.at_ns - 10 * MS, event.at_ns + 20 * MS)
            );
            assert_eq!(
                (event.value, event.kind),
                (sine(event.at_ns / STEP), EventKind::Condition)
            );
        }
    }
}

#[test]
fn the_hold_off_counts_from_the_event_and_its_end_belongs_to_the_next() {
    let square: Vec<f64> = (0..40).map(|n| f64::from(n % 2)).collect();
    assert_eq!(times("rising:level=0.5,holdoff_s=0.006", &square[..20]), [1, 7, 13, 19]);
    // A nanosecond more, and the edge at its end is over.
    assert_eq!(
        times("rising:level=0.5,holdoff_s=0.006000001", &square[..20]),
        [1, 9, 17]
    );
    // The post-time has to be over too, whichever is longer.
    assert_eq!(
        times("rising:level=0.5,holdoff_s=0.001,post_s=0.01", &square),
        [1, 11, 21, 31]
    );
}

#[test]
fn an_edge_during_the_hold_off_does_not_wait() {
    let mut values = vec![0.0, 1.0, 0.0, 1.0];
    values.resize(30, 1.0);
    assert_eq!(times("rising:level=0.5,holdoff_s=0.01", &values), [1]);
    values.extend([0.0, 1.0]);
    assert_eq!(times("rising:level=0.5,holdoff_s=0.01", &values), [1, 31]);
}

#[test]
fn a_normal_trigger_goes_through_all_states() {
    let mut t = trigger("rising:level=0.5,holdoff_s=0.01,post_s=0.004");
    assert_eq!(t.state(), State::Armed);
    assert_eq!(t.push(0, 0.0, false), None);
    let event = t.push(MS, 1.0, false).expect("an edge");
    assert_eq!((event.at_ns, event.to_ns), (MS, 5 * MS));
    assert_eq!(t.state(), State::Triggered { at_ns: MS });
    assert_eq!(t.push(5 * MS - 1, 1.0, false), None);
    assert_eq!((t.state(), t.completed()), (State::Triggered { at_ns: MS }, 0));
    assert!(!event.is_complete(5 * MS - 1));
    assert_eq!(t.push(5 * MS, 1.0, false), None);
    assert_eq!((t.state(), t.completed()), (State::Holding { until_ns: 11 * MS }, 1));
    assert!(event.is_complete(5 * MS));
    assert_eq!(t.advance(11 * MS - 1), None);
    assert_eq!(t.state(), State::Holding { until_ns: 11 * MS });
    assert_eq!(t.advance(11 * MS), None);
    assert_eq!(t.state(), State::Armed);
}

#[test]
fn a_single_trigger_stops_after_its_capture_and_can_be_armed_again() {
    let mut t = trigger("rising:level=0.5,post_s=0.003,mode=single");
    let push = |t: &mut Trigger, ms: i64| t.push(ms * MS, (ms % 2) as f64, false).map(|event| event.at_ns / MS);
    assert_eq!((push(&mut t, 0), push(&mut t, 1)), (None, Some(1)));
    assert_eq!((push(&mut t, 2), push(&mut t, 3)), (None, None));
    assert_eq!(t.state(), State::Triggered { at_ns: MS });
    t.arm();
    assert_eq!(t.state(), State::Triggered { at_ns: MS }, "a capture goes on");
    assert_eq!(push(&mut t, 4), None);
    assert_eq!((t.state(), t.completed()), (State::Stopped, 1));
    assert_eq!((push(&mut t, 5), t.force(6 * MS)), (None, None));
    assert_eq!(push(&mut t, 6), None);
    // It was fed all the while and knows that the signal is low.
    t.arm();
    assert_eq!((t.state(), push(&mut t, 7)), (State::Armed, Some(7)));
}

#[test]
fn stop_cuts_a_capture_and_arm_ends_a_hold_off() {
    let mut t = trigger("value:equals=1,post_s=0.01,holdoff_s=1");
    assert!(t.push(0, 1.0, false).is_some());
    t.stop();
    assert_eq!((t.state(), t.cut(), t.completed()), (State::Stopped, 1, 0));
    assert_eq!(t.push(MS, 1.0, false), None);
    t.arm();
    assert!(t.push(2 * MS, 1.0, false).is_some());
    assert_eq!(t.push(12 * MS, 1.0, false), None);
    assert_eq!(t.state(), State::Holding { until_ns: 1_002 * MS });
    t.arm();
    assert_eq!(t.state(), State::Armed);
    assert!(t.push(13 * MS, 1.0, false).is_some());
    t.stop();
    t.stop();
    assert_eq!((t.cut(), t.completed()), (2, 1));
}

#[test]
fn force_does_not_wait() {
    let mut t = trigger("rising:level=0.5,pre_s=0.001,post_s=0.002,holdoff_s=1");
    let event = t.force(5 * MS).expect("it is armed");
    assert_eq!((event.at_ns, event.from_ns, event.to_ns), (5 * MS, 4 * MS, 7 * MS));
    assert!(event.value.is_nan() && event.kind == EventKind::Forced && event.crossing_ns.is_none());
    assert_eq!(t.force(6 * MS), None, "a capture is going on");
    assert_eq!(t.push(8 * MS, 0.25, false), None);
    assert_eq!(t.state(), State::Holding { until_ns: 1_005 * MS });
    // In a hold-off, and never before the newest sample.
    let event = t.force(7 * MS).expect("a hold-off does not count");
    assert_eq!((event.at_ns, event.value), (8 * MS, 0.25));
}

#[test]
fn auto_triggers_by_itself_unless_the_condition_is_met() {
    let mut t = trigger("rising:level=0.5,post_s=0.002,auto_s=0.01,mode=auto");
    let mut seen = Vec::new();
    for ms in 0..60 {
        let value = if ms == 27 || ms == 35 { 1.0 } else { 0.0 };
        if let Some(event) = t.push(ms * MS, value, false) {
            seen.push((event.at_ns / MS, event.kind));
        }
    }
    // Armed at 0, 12, 24, 29, 37 and 49 ms.
    assert_eq!(
        seen[..3],
        [(10, EventKind::Auto), (22, EventKind::Auto), (27, EventKind::Condition)]
    );
    assert_eq!(
        seen[3..],
        [(35, EventKind::Condition), (47, EventKind::Auto), (59, EventKind::Auto)]
    );
}

#[test]
fn auto_prefers_the_condition_and_takes_a_sample() {
    let mut t = trigger("rising:level=0.5,auto_s=0.01,mode=auto");
    assert_eq!(t.push(0, 0.0, false), None);
    assert_eq!(t.advance(SECOND), None);
    assert_eq!(t.push(SECOND, f64::NAN, false), None);
    let event = t.push(SECOND + 1, 0.0, false).expect("long enough");
    assert_eq!(event.kind, EventKind::Auto);
    let event = t.push(2 * SECOND, 1.0, false).expect("an edge");
    assert_eq!((event.kind, event.crossing_ns.is_some()), (EventKind::Condition, true));
}

#[test]
fn late_samples_are_passed_over_and_a_clock_that_went_back_begins_again() {
    let mut t = trigger("rising:level=0.5,post_s=1,holdoff_s=2");
    assert_eq!(t.push(10 * SECOND, 0.0, false), None);
    // Late by exactly the limit: neither an edge nor what one begins from.
    assert_eq!(t.push(9 * SECOND, 1.0, false), None);
    assert_eq!(t.late(), 1);
    assert!(t.push(10 * SECOND + 1, 1.0, false).is_some());
    assert_eq!(t.push(9 * SECOND, 0.0, false), None);
    assert_eq!((t.state(), t.late(), t.cut()), (State::Armed, 1, 1));
    assert!(t.push(9 * SECOND + 1, 1.0, false).is_some());
    // While it holds.
    assert_eq!(t.push(10 * SECOND + 1, 0.0, false), None);
    assert_eq!(
        t.state(),
        State::Holding {
            until_ns: 11 * SECOND + 1
        }
    );
    assert_eq!(t.push(0, 1.0, false), None, "no edge from what was before");
    assert_eq!((t.state(), t.cut()), (State::Armed, 1));
    assert_eq!(t.push(1, 0.0, false), None);
    assert!(t.push(2, 1.0, false).is_some());
    // A stopped one stays stopped.
    t.stop();
    assert_eq!(t.push(-5 * SECOND, 0.0, false), None);
    assert_eq!(t.state(), State::Stopped);
}

#[test]
fn a_time_ahead_of_the_samples_does_not_shorten_the_hold_off() {
    let mut t = trigger("rising:level=0.5,holdoff_s=0.01");
    assert_eq!(t.push(0, 0.0, false), None);
    assert!(t.push(MS, 1.0, false).is_some());
    assert_eq!(t.advance(50 * MS), None);
    assert_eq!((t.push(2 * MS, 0.0, false), t.push(3 * MS, 1.0, false)), (None, None));
    assert_eq!(t.push(10 * MS, 0.0, false), None);
    assert!(t.push(11 * MS, 1.0, false).is_some());
}

#[test]
fn captures_keep_the_last_ones() {
    assert_eq!(Captures::new(0).expect_err("none"), CapturesError { asked: 0 });
    let error = Captures::new(65).expect_err("too many");
    assert_eq!(error.to_string(), "65 captures cannot be kept; ask for 1 to 64");
    let mut captures = Captures::new(3).expect("sound");
    assert!(captures.is_empty() && captures.newest().is_none());
    let mut t = trigger("value:equals=1,post_s=0.0005");
    for ms in 0..5 {
        captures.push(t.push(ms * MS, 1.0, false).expect("each of them"));
    }
    let at = |captures: &Captures| captures.iter().map(|event| event.at_ns / MS).collect::<Vec<_>>();
    assert_eq!((captures.len(), at(&captures)), (3, vec![2, 3, 4]));
    // The one at 3 ms reaches to 3.5 ms.
    captures.forget_from(3 * MS + MS / 2);
    assert_eq!(at(&captures), [2]);
    assert_eq!(captures.newest().map(|event| event.at_ns), Some(2 * MS));
    captures.clear();
    assert!(captures.is_empty());
    assert!(Captures::new(MAX_CAPTURES).is_ok());
}

#[test]
fn a_trigger_owns_no_heap_that_a_push_could_grow() {
    assert!(!std::mem::needs_drop::<Trigger>());
    assert!(size_of::<Trigger>() <= 512, "{}", size_of::<Trigger>());
}
