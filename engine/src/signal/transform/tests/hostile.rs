use proptest::prelude::*;

use super::*;

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        (0..50_usize).prop_map(Window::Samples),
        prop_oneof![1e-9..1e-3_f64, any::<f64>()].prop_map(Window::Seconds),
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -100.0..100.0_f64, Just(0.0), Just(f64::MAX)]
}

fn spec() -> impl Strategy<Value = TransformSpec> {
    let filter = prop_oneof![
        (0..10_u8, number()).prop_map(|(order, corner_hz)| Filter::LowPass { order, corner_hz }),
        (0..10_u8, number()).prop_map(|(order, corner_hz)| Filter::HighPass { order, corner_hz }),
        (0..10_u8, number(), number()).prop_map(|(order, low_hz, high_hz)| Filter::BandPass { order, low_hz, high_hz }),
        (number(), number()).prop_map(|(centre_hz, q)| Filter::Notch { centre_hz, q }),
    ];
    prop_oneof![
        prop::sample::select(vec![
            TransformSpec::Absolute,
            TransformSpec::Count,
            TransformSpec::Derivative,
            TransformSpec::Integral,
            TransformSpec::Interval,
        ]),
        window().prop_map(TransformSpec::Average),
        window().prop_map(TransformSpec::Median),
        window().prop_map(TransformSpec::Rms),
        window().prop_map(TransformSpec::Variance),
        (window(), any::<bool>()).prop_map(|(window, linear)| TransformSpec::Detrend {
            window,
            trend: if linear { Trend::Linear } else { Trend::Constant },
        }),
        (filter, prop::option::of(number())).prop_map(|(filter, rate_hz)| TransformSpec::Filter { filter, rate_hz }),
        (0..40_usize, number()).prop_map(|(samples, sigmas)| TransformSpec::Hampel { samples, sigmas }),
        (number(), number()).prop_map(|(gain, bias)| TransformSpec::Scale { gain, bias }),
        (number(), number()).prop_map(|(level, hysteresis)| TransformSpec::Threshold { level, hysteresis }),
        number().prop_map(|period| TransformSpec::Unwrap { period }),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    let time = prop_oneof![4 => -1000..1000_i64, 1 => any::<i64>(), 1 => Just(i64::MAX), 1 => Just(i64::MIN)];
    let value = prop_oneof![
        any::<f64>(),
        -10.0..10.0_f64,
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::MAX),
        Just(f64::MIN),
    ];
    (time, value, any::<bool>()).prop_map(|(time_ns, value, gap)| Sample { time_ns, value, gap })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_parameter_and_no_sample_is_a_panic(
        specs in prop::collection::vec(spec(), 0..5), samples in prop::collection::vec(sample(), 0..200),
    ) {
        let sound: Vec<_> = specs.into_iter().filter(|spec| spec.check().is_ok()).collect();
        let mut transform = Transform::new(&sound).expect("all are sound");
        let mut out = run(&mut transform, samples.iter().copied());
        let _ = transform.fault().map(|fault| fault.to_string());
        transform.finish(&mut |sample| out.push(sample));
        prop_assert!(out.len() <= samples.len());
    }

    /// Whatever has come before, a window's length of good samples later all is well.
    #[test]
    fn no_sample_is_remembered_for_ever(
        mut spec in spec(), samples in prop::collection::vec(sample(), 0..100),
    ) {
        if let TransformSpec::Filter { rate_hz, .. } = &mut spec {
            *rate_hz = Some(1000.0);
        }
        // Gains of 1e300 overflow by themselves.
        if spec.check().is_err() || matches!(spec, TransformSpec::Scale { .. }) {
            return Ok(());
        }
        let mut transform = Transform::new(&[spec]).expect("sound");
        let _ = run(&mut transform, samples);
        let later = (0..3000).map(|i| super::sample(4_000_000_000_000 + i * 1_000_000, (i % 5) as f64));
        let out = run(&mut transform, later);
        let huge = matches!(
            spec,
            TransformSpec::Average(Window::Seconds(s)) | TransformSpec::Rms(Window::Seconds(s))
                | TransformSpec::Variance(Window::Seconds(s)) | TransformSpec::Detrend { window: Window::Seconds(s), .. }
                if s > 1.0
        );
        // Only what still lies within the window may show, and the sum of an integral stays what it was.
        prop_assert!(huge || out.last().is_none_or(|s| s.value.is_finite()), "{spec:?}: {:?}", out.last());
    }
}
