//! Against a plain search over all samples, whatever the order of arrival; and hostile streams.

use proptest::prelude::*;

use super::*;

/// The samples of an input: time, value, gap.
type Stream = Vec<(i64, f64, bool)>;

fn stream() -> impl Strategy<Value = Stream> {
    let sample = (1_i64..60, -5.0..5.0_f64, prop::bool::weighted(0.1));
    (0_i64..100, prop::collection::vec(sample, 1..60)).prop_map(|(first, samples)| {
        let mut now = first;
        let mut next = |(step, value, gap)| {
            now += step;
            (now, value, gap)
        };
        samples.into_iter().map(&mut next).collect()
    })
}

/// The rows by searching every stream for every time.
fn plainly(streams: &[Stream], align: Align, clock: Clock, stale_after: i64) -> Vec<(i64, Vec<Option<f64>>)> {
    let mut times: Vec<i64> = match clock {
        Clock::Any => streams.iter().flatten().map(|sample| sample.0).collect(),
        Clock::Input(input) => streams[input].iter().map(|sample| sample.0).collect(),
    };
    times.sort_unstable();
    times.dedup();
    let start = streams.iter().map(|stream| stream[0].0).max().unwrap_or_default();
    let value = |stream: &Stream, time: i64| {
        let after = stream.partition_point(|sample| sample.0 <= time);
        let last = stream[after - 1];
        match (align, stream.get(after)) {
            (Align::Hold, _) => (time - last.0 <= stale_after).then_some(last.1),
            (Align::Linear, _) if last.0 == time => Some(last.1),
            (Align::Linear, Some(next)) if !next.2 && next.0 - last.0 <= stale_after => {
                let part = (time - last.0) as f64 / (next.0 - last.0) as f64;
                Some(last.1 + (next.1 - last.1) * part)
            }
            (Align::Linear, _) => None,
        }
    };
    let rows = times.into_iter().filter(|time| *time >= start);
    rows.map(|time| (time, streams.iter().map(|stream| value(stream, time)).collect()))
        .collect()
}

fn how() -> impl Strategy<Value = (Align, Clock)> {
    (
        prop_oneof![Just(Align::Hold), Just(Align::Linear)],
        prop_oneof![Just(Clock::Any), (0_usize..3).prop_map(Clock::Input)],
    )
}

/// Times close to each other, and any.
fn time() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), 0..3_000_000_000_i64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rows_dont_depend_on_how_samples_come(
        streams in prop::collection::vec(stream(), 3),
        (align, clock) in how(),
        delays in prop::collection::vec(0_i64..200, 3),
        pauses in prop::collection::vec(any::<bool>(), 200),
        stale_after in 20_i64..200,
    ) {
        // An input that falls silent for longer than a sample counts is not waited for; so none may be behind by more.
        let delays: Vec<i64> = delays.into_iter().map(|delay| delay % stale_after).collect();
        let limits = Limits { lateness_ns: 5000, stale_after_ns: stale_after, queue: 64 };
        let patient = Limits { stale_after_ns: i64::MAX, ..limits };
        let mut arrivals: Vec<(i64, usize, usize)> = Vec::new();
        for (input, stream) in streams.iter().enumerate() {
            arrivals.extend(stream.iter().enumerate().map(|(at, sample)| (sample.0 + delays[input], input, at)));
        }
        arrivals.sort_unstable();
        for limits in [patient, limits] {
            let whole = limits.stale_after_ns == i64::MAX;
            let mut aligner = Aligner::new(3, align, clock, limits).expect("sound limits");
            let mut rows: Vec<Row> = Vec::new();
            for ((_, input, at), pause) in arrivals.iter().zip(&pauses) {
                let (time, value, gap) = streams[*input][*at];
                aligner.push(*input, time, value, gap);
                if !pause {
                    aligner.drain(collect(&mut rows));
                }
            }
            aligner.finish(collect(&mut rows));
            let expected = plainly(&streams, align, clock, limits.stale_after_ns);
            if whole {
                let found: Vec<_> = rows.into_iter().map(|(time, values, _)| (time, values)).collect();
                prop_assert_eq!(found, expected);
                prop_assert_eq!(aligner.counts().late, 0);
            } else {
                // What came too late for a stale input is missing, but nothing is made up.
                prop_assert!(rows.is_sorted_by_key(|row| row.0));
                prop_assert!(rows.len() + usize::try_from(aligner.counts().late).expect("few") >= expected.len());
            }
        }
    }

    #[test]
    fn hostile_streams_stay_within_bounds(
        samples in prop::collection::vec((0_usize..5, time(), any::<f64>(), any::<bool>(), 0_u8..8), 1..300),
        (align, clock) in how(),
        lateness_ns in prop_oneof![0..i64::MAX, 0..2_000_000_000_i64],
        stale_after_ns in 1..i64::MAX,
    ) {
        let limits = Limits { lateness_ns, stale_after_ns, queue: 16 };
        let mut aligner = Aligner::new(4, align, clock, limits).expect("sound limits");
        let (mut last, mut rows, mut gaps) = (i64::MIN, 0_u64, 0_u64);
        let mut breaks = 0_u64;
        for (input, time, value, gap, then) in samples {
            let mut emit = |time: i64, values: &[f64], gap: bool| {
                assert_eq!(values.len(), 4);
                rows += 1;
                gaps += u64::from(gap);
                if time < last {
                    assert!(gap, "time goes back only at a restart, and says so");
                    breaks += 1;
                }
                last = time;
            };
            match then {
                0 => aligner.finish(&mut emit),
                1 => aligner.advance(time),
                2 => aligner.feed(input, time, value, gap, &mut emit),
                3..5 => aligner.drain(&mut emit),
                _ => aligner.push(input, time, value, gap),
            }
            prop_assert!(aligner.waiting() <= 64);
        }
        prop_assert_eq!(rows, aligner.counts().rows);
        prop_assert!(breaks <= aligner.counts().restarts);
        prop_assert!(gaps <= rows);
    }
}
