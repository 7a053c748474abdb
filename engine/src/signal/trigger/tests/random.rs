//! Any signal, in any batches, against the list.

use proptest::prelude::*;

use super::reference::{Row, events};
use crate::signal::trigger::{
    Condition, Event, Match, Mode, Polarity, Sense, Slope, State, Trigger, TriggerSpec, Width,
};

const MS: i64 = 1_000_000;

/// Values on a coarse grid, so that levels are met exactly and often.
fn grid() -> impl Strategy<Value = f64> {
    (-6_i32..=6).prop_map(|n| f64::from(n) * 0.25)
}

fn by() -> impl Strategy<Value = f64> {
    (0_i32..4).prop_map(|n| f64::from(n) * 0.25)
}

fn width() -> impl Strategy<Value = Width> {
    prop_oneof![
        (1_i64..12).prop_map(|n| Width::ShorterNs(n * MS)),
        (1_i64..12).prop_map(|n| Width::LongerNs(n * MS)),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let slope = prop_oneof![Just(Slope::Rising), Just(Slope::Falling), Just(Slope::Either)];
    let sense = prop_oneof![Just(Sense::Enter), Just(Sense::Leave)];
    let polarity = prop_oneof![Just(Polarity::Positive), Just(Polarity::Negative)];
    let value = prop_oneof![
        grid().prop_map(Match::Equals),
        grid().prop_map(Match::To),
        Just(Match::Change)
    ];
    prop_oneof![
        3 => (slope, grid(), by()).prop_map(|(slope, level, hysteresis)| Condition::Edge { slope, level, hysteresis }),
        2 => (grid(), 0_i32..6, sense, by()).prop_map(|(low, wide, sense, by)| {
            let high = low + 0.25 + f64::from(wide) * 0.25;
            let hysteresis = by.min((high - low) / 2.0);
            Condition::Window { low, high, sense, hysteresis }
        }),
        1 => (1_i64..6).prop_map(|n| Condition::Timeout { after_ns: n * MS }),
        2 => (grid(), by(), polarity, width()).prop_map(|(level, hysteresis, polarity, width)| {
            Condition::Glitch { level, hysteresis, polarity, width }
        }),
        1 => value.prop_map(Condition::Value),
    ]
}

pub(super) fn spec() -> impl Strategy<Value = TriggerSpec> {
    let mode = prop_oneof![Just(Mode::Auto), Just(Mode::Normal), Just(Mode::Single)];
    (condition(), mode, 0_i64..15, 0_i64..5, 0_i64..10, 1_i64..20).prop_map(
        |(condition, mode, hold_off, pre, post, auto)| TriggerSpec {
            condition,
            mode,
            hold_off_ns: hold_off * MS,
            pre_ns: pre * MS,
            post_ns: post * MS,
            auto_ns: auto * MS,
        },
    )
}

/// Rows whose times do not go back: steps of 0 to 3 ms, with a longer silence now and then.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let value = prop_oneof![
        20 => grid(),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
    ];
    let step = prop_oneof![8 => 0_i64..4, 1 => 4_i64..40];
    let row = (step, value, prop::bool::weighted(0.04));
    prop::collection::vec(row, 1..120).prop_map(|rows| {
        let mut time_ns = 0;
        rows.into_iter()
            .map(|(step, value, gap)| {
                time_ns += step * MS;
                Row { time_ns, value, gap }
            })
            .collect()
    })
}

/// As above, but times go back, a little or far.
fn unruly_rows() -> impl Strategy<Value = Vec<Row>> {
    let back = prop_oneof![20 => Just(0_i64), 1 => 1_i64..20, 1 => Just(1_000), 1 => 1_001_i64..3_000];
    (rows(), prop::collection::vec(back, 120)).prop_map(|(mut rows, back)| {
        let mut offset_ns = 5_000 * MS;
        for (row, back) in rows.iter_mut().zip(back) {
            // A small step back is that of one row, a far one that of all that follow.
            if back > 1_000 {
                offset_ns -= back * MS;
                row.time_ns += offset_ns;
            } else {
                row.time_ns += offset_ns - back * MS;
            }
        }
        rows
    })
}

/// `NaN` is equal here: a timeout has the value of the last sample.
fn same(left: &[Event], right: &[Event]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(l, r)| {
            let values = l.value == r.value || (l.value.is_nan() && r.value.is_nan());
            let strip = |event: &Event| Event { value: 0.0, ..*event };
            values && strip(l) == strip(r)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn events_are_those_of_the_list_in_any_batches(
        spec in spec(),
        rows in rows(),
        batches in prop::collection::vec((1_usize..20, 0.0_f64..=1.0), 120),
    ) {
        let mut trigger = Trigger::new(spec).expect("sound");
        let mut found = Vec::new();
        let end_ns = rows.last().expect("at least one").time_ns + 100 * MS;
        let mut at = 0;
        for (size, share) in batches {
            let end = (at + size).min(rows.len());
            if at == end {
                break;
            }
            for row in &rows[at..end] {
                found.extend(trigger.push(row.time_ns, row.value, row.gap));
            }
            // Between two batches the caller says what time it is.
            let last_ns = rows[end - 1].time_ns;
            let next_ns = rows.get(end).map_or(end_ns, |row| row.time_ns);
            found.extend(trigger.advance(last_ns + ((next_ns - last_ns) as f64 * share) as i64));
            at = end;
        }
        for row in &rows[at..] {
            found.extend(trigger.push(row.time_ns, row.value, row.gap));
        }
        found.extend(trigger.advance(end_ns));
        let expected = events(&spec, &rows, end_ns);
        prop_assert!(same(&found, &expected), "found {found:#?}\nexpected {expected:#?}");

        let mut whole = Trigger::new(spec).expect("sound");
        let mut at_once: Vec<Event> = rows.iter().filter_map(|r| whole.push(r.time_ns, r.value, r.gap)).collect();
        at_once.extend(whole.advance(end_ns));
        prop_assert!(same(&at_once, &expected));

        // What the state machine promises.
        for pair in expected.windows(2) {
            prop_assert!(pair[1].at_ns >= pair[0].to_ns.max(pair[0].at_ns + spec.hold_off_ns));
        }
        if spec.mode == Mode::Single {
            prop_assert!(expected.len() <= 1);
        }
        let _ = whole.advance(end_ns + 1_000 * MS);
        let done = if spec.mode == Mode::Single && !expected.is_empty() { State::Stopped } else { State::Armed };
        prop_assert_eq!(whole.state(), done);
        prop_assert_eq!(whole.completed(), expected.len() as u64);
    }

    #[test]
    fn events_are_those_of_the_list_when_time_goes_back(spec in spec(), rows in unruly_rows()) {
        let mut trigger = Trigger::new(spec).expect("sound");
        let mut found: Vec<Event> = rows.iter().filter_map(|r| trigger.push(r.time_ns, r.value, r.gap)).collect();
        let end_ns = rows.last().expect("at least one").time_ns + 2_000 * MS;
        found.extend(trigger.advance(end_ns));
        let expected = events(&spec, &rows, end_ns);
        prop_assert!(same(&found, &expected), "found {found:#?}\nexpected {expected:#?}");
    }

    #[test]
    fn nothing_panics_whatever_comes(
        spec in spec(),
        rows in prop::collection::vec((any::<i64>(), any::<f64>(), any::<bool>(), 0_u8..6), 0..60),
    ) {
        let mut trigger = Trigger::new(spec).expect("sound");
        for (time_ns, value, gap, act) in rows {
            let event = match act {
                0 => trigger.advance(time_ns),
                1 => trigger.force(time_ns),
                2 => { trigger.arm(); None }
                3 => { trigger.stop(); None }
                _ => trigger.push(time_ns, value, gap),
            };
            if let Some(event) = event {
                prop_assert!(event.from_ns <= event.at_ns && event.at_ns <= event.to_ns);
                prop_assert_eq!(trigger.state(), State::Triggered { at_ns: event.at_ns });
            }
        }
    }

    #[test]
    fn text_is_read_as_the_same_specification(spec in spec()) {
        let text = spec.to_string();
        prop_assert_eq!(text.parse::<TriggerSpec>().expect(&text), spec);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", kind in "(rising|window|glitch|value|timeout):", tail in "[a-z_]{0,9}=?[-0-9.e,=]{0,20}") {
        let _ = text.parse::<TriggerSpec>();
        if let Ok(spec) = format!("{kind}{tail}").parse::<TriggerSpec>() {
            prop_assert!(Trigger::new(spec).is_ok());
        }
    }
}
