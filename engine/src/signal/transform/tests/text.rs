use proptest::prelude::*;

use super::*;

fn wrong(text: &str) -> String {
    text.parse::<Chain>().expect_err(text).to_string()
}

#[test]
fn text_reads_and_writes_the_same() {
    for text in [
        "lowpass:order=4,corner_hz=50",
        "lowpass:order=4,corner_hz=50,rate_hz=1000",
        "highpass:order=1,corner_hz=0.1",
        "bandpass:order=2,low_hz=1,high_hz=20",
        "notch:centre_hz=50,q=30",
        "average:window_s=0.5",
        "average:samples=10",
        "median:samples=11",
        "rms:window_s=0.001",
        "variance:samples=2",
        "derivative",
        "integral",
        "hampel:samples=11,sigmas=3",
        "scale:gain=57.29577951308232,bias=0",
        "scale:gain=1e-9,bias=-1e30",
        "threshold:level=1.5,hysteresis=0.2",
        "unwrap",
        "unwrap:period=360",
        "absolute",
        "count",
        "interval",
        "detrend:window_s=1",
        "detrend:samples=100,trend=linear",
        "detrend:window_s=1|lowpass:order=2,corner_hz=10",
    ] {
        let chain: Chain = text.parse().expect(text);
        assert_eq!(chain.to_string(), text);
    }
}

#[test]
fn what_is_left_out_has_a_usual_value() {
    for (short, long) in [
        ("lowpass:corner_hz=5", "lowpass:order=2,corner_hz=5"),
        ("notch:centre_hz=50", "notch:centre_hz=50,q=30"),
        ("hampel:samples=7", "hampel:samples=7,sigmas=3"),
        ("threshold:level=1", "threshold:level=1,hysteresis=0"),
        ("scale", "scale:gain=1,bias=0"),
        (
            " detrend : trend = constant , window_s=2.0 | unwrap:period=6.283185307179586",
            "detrend:window_s=2|unwrap",
        ),
    ] {
        assert_eq!(short.parse::<Chain>().expect(short).to_string(), long);
    }
}

#[test]
fn errors_say_which_word_and_what_is_allowed() {
    for (text, parts) in [
        ("", &["missing", "lowpass:order=4"][..]),
        ("derivative|", &["missing"]),
        ("lowpas:corner_hz=5", &["`lowpas` is not", "lowpass", "variance"]),
        (":order=1", &["`` is not"]),
        (
            "lowpass:cornr_hz=5",
            &["`lowpass` has no parameter `cornr_hz`", "order, corner_hz, rate_hz"],
        ),
        ("derivative:x=1", &["no parameter `x`", "allowed are none"]),
        ("lowpass:4", &["`4` in `lowpass`", "`name=value`"]),
        ("lowpass:", &["`` in `lowpass`"]),
        ("lowpass:order=2", &["`lowpass` needs `corner_hz`", "above 0"]),
        ("lowpass:order=2,order=3,corner_hz=1", &["`order` twice"]),
        (
            "lowpass:order=9,corner_hz=5",
            &["`9` is not allowed for `order`", "1 to 8"],
        ),
        ("lowpass:order=-2,corner_hz=5", &["`-2`", "1 to 8"]),
        (
            "lowpass:corner_hz=fast",
            &["`fast` is not allowed for `corner_hz` of `lowpass`", "a number"],
        ),
        ("lowpass:corner_hz=-5", &["`lowpass` cannot be designed", "-5 Hz"]),
        ("lowpass:corner_hz=600,rate_hz=1000", &["600 Hz", "500 Hz"]),
        (
            "lowpass:corner_hz=600,rate_hz=nan",
            &["`NaN` is not allowed for `rate_hz`"],
        ),
        ("bandpass:low_hz=5,high_hz=2", &["from 5 Hz to 2 Hz"]),
        ("average", &["needs `window_s`", "`samples`"]),
        (
            "average:window_s=1,samples=3",
            &["`3` is not allowed for `samples`", "keep one"],
        ),
        ("average:samples=0", &["`0`", "1 to 1048576"]),
        ("average:samples=1048577", &["`1048577`", "1 to 1048576"]),
        ("average:samples=3.5", &["`3.5`", "a whole number"]),
        ("average:window_s=0", &["`0`", "864000"]),
        ("average:window_s=inf", &["`inf`", "864000"]),
        ("variance:samples=1", &["`1`", "2 to 1048576"]),
        ("median:window_s=1e6", &["`1000000`", "864000"]),
        ("hampel:samples=4", &["`4`", "odd"]),
        ("hampel:samples=5,sigmas=-1", &["`-1`", "0 or more"]),
        ("threshold:level=1,hysteresis=nan", &["`NaN`", "`hysteresis`"]),
        ("scale:gain=inf", &["`inf`", "a finite number"]),
        ("unwrap:period=0", &["`0`", "`period`"]),
        (
            "detrend:window_s=1,trend=square",
            &["`square`", "`constant` or `linear`"],
        ),
    ] {
        let error = wrong(text);
        for part in parts {
            assert!(error.contains(part), "{text}: {error}");
        }
    }
    assert!(wrong(&"x".repeat(1000)).len() < 300);
    assert!(wrong(&"x".repeat(5000)).contains("at most 4096"));
    assert!(wrong(&["count"; 17].join("|")).contains("at most 16"));
    let many = vec![TransformSpec::Count; 17];
    assert!(Transform::new(&many).is_err() && Chain::new(many).is_err() && Chain::new(vec![]).is_err());
    assert!(Transform::new(&[TransformSpec::Average(Window::Samples(usize::MAX))]).is_err());
    assert!(Chain::new(vec![TransformSpec::Unwrap { period: f64::NAN }]).is_err());
}

#[test]
fn board_files_keep_the_text() {
    let chain: Chain = "unwrap|lowpass:order=4,corner_hz=50".parse().expect("sound");
    let json = serde_json::to_string(&chain).expect("text");
    assert_eq!(json, "\"unwrap|lowpass:order=4,corner_hz=50\"");
    assert_eq!(serde_json::from_str::<Chain>(&json).expect("the same"), chain);
    let one: TransformSpec = serde_json::from_str("\"median:samples=3\"").expect("sound");
    assert_eq!(one, TransformSpec::Median(Window::Samples(3)));
    assert_eq!(serde_json::to_string(&one).expect("text"), "\"median:samples=3\"");
    let error = serde_json::from_str::<Chain>("\"medium\"")
        .expect_err("wrong")
        .to_string();
    assert!(error.contains("`medium` is not a transform"), "{error}");
}

#[test]
fn labels_show_order_and_corner() {
    let label = |text: &str| text.parse::<Chain>().expect(text).label();
    assert_eq!(label("lowpass:order=4,corner_hz=50"), "low-pass 50 Hz, order 4");
    assert_eq!(label("highpass:corner_hz=0.5"), "high-pass 0.5 Hz, order 2");
    assert_eq!(label("bandpass:low_hz=1,high_hz=20"), "band-pass 1 to 20 Hz, order 2");
    assert_eq!(label("notch:centre_hz=50"), "notch 50 Hz, Q 30");
    assert_eq!(label("hampel:samples=11"), "outliers 3 sigma, 11 samples");
    assert_eq!(label("detrend:window_s=1|derivative"), "detrend 1 s | derivative");
    assert_eq!(label("threshold:level=2,hysteresis=1"), "threshold 2 ± 0.5");
    assert_eq!(label("scale:bias=3"), "plus 3");
    assert_eq!(label("scale:gain=3,bias=1"), "times 3 plus 1");
    assert_eq!(label("median:samples=1"), "median 1 sample");
}

/// Texts that are nearly sound: words of the grammar in any order.
fn nearly() -> impl Strategy<Value = String> {
    let words = "lowpass highpass bandpass notch average rms variance median derivative integral hampel scale threshold \
        unwrap absolute count interval detrend : : : , , = | order=2 corner_hz= low_hz= high_hz=20 rate_hz=1e3 \
        centre_hz=50 q=30 window_s= samples= sigmas=3 gain= bias=1 level= hysteresis= period= trend=linear 1 5 0.5 -1 \
        1e9 1e-300 nan inf é 9999999999999999999999";
    let words: Vec<_> = words.split_whitespace().chain([" "]).collect();
    prop::collection::vec(prop::sample::select(words), 0..12).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_reads_and_writes_the_same_or_is_refused(text in prop_oneof![nearly(), any::<String>()]) {
        match text.parse::<Chain>() {
            Ok(chain) => {
                let written = chain.to_string();
                prop_assert_eq!(&written.parse::<Chain>().expect("own text"), &chain);
                prop_assert_eq!(written.parse::<Chain>().expect("own text").to_string(), written);
                prop_assert!(!chain.label().is_empty());
            }
            Err(error) => prop_assert!(error.to_string().len() > 20),
        }
    }

    #[test]
    fn numbers_read_back_to_the_last_bit(gain in any::<f64>(), bias in any::<f64>()) {
        prop_assume!(gain.is_finite() && bias.is_finite());
        let spec = TransformSpec::Scale { gain, bias };
        let TransformSpec::Scale { gain: g, bias: b } = spec.to_string().parse().expect("sound") else {
            panic!("another one");
        };
        prop_assert_eq!((g.to_bits(), b.to_bits()), (gain.to_bits(), bias.to_bits()));
        prop_assert!(spec.to_string().len() < 70, "{}", spec);
    }
}
