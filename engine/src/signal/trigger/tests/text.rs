//! The specification as text, and hostile ones.

use crate::signal::trigger::{
    Condition, MAX_SPAN_NS, Match, Mode, Polarity, Sense, Slope, Trigger, TriggerSpec, Width,
};

const MS: i64 = 1_000_000;

fn read(text: &str) -> TriggerSpec {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    text.parse::<TriggerSpec>().expect_err(text).to_string()
}

#[test]
fn every_kind_is_read() {
    let spec = read("rising:level=0.5,hysteresis=0.1,holdoff_s=0.01,pre_s=0.05,post_s=0.2,mode=normal");
    let condition = Condition::Edge {
        slope: Slope::Rising,
        level: 0.5,
        hysteresis: 0.1,
    };
    let expected = TriggerSpec {
        condition,
        mode: Mode::Normal,
        hold_off_ns: 10 * MS,
        pre_ns: 50 * MS,
        post_ns: 200 * MS,
        auto_ns: TriggerSpec::AUTO_NS,
    };
    assert_eq!(spec, expected);
    let edge = |slope, level| Condition::Edge {
        slope,
        level,
        hysteresis: 0.0,
    };
    assert_eq!(read("either"), TriggerSpec::new(edge(Slope::Either, 0.0)));
    assert_eq!(
        read(" falling : level = -1e-3 ").condition,
        edge(Slope::Falling, -0.001)
    );
    let window = |sense| Condition::Window {
        low: -1.0,
        high: 1.0,
        sense,
        hysteresis: 0.0,
    };
    assert_eq!(read("window:low=-1,high=1,sense=leave").condition, window(Sense::Leave));
    assert_eq!(read("window:high=1,low=-1").condition, window(Sense::Leave));
    assert_eq!(read("window:low=-1,high=1,sense=enter").condition, window(Sense::Enter));
    assert_eq!(
        read("timeout:after_s=0.5").condition,
        Condition::Timeout { after_ns: 500 * MS }
    );
    let glitch = |polarity, width| Condition::Glitch {
        level: 0.5,
        hysteresis: 0.0,
        polarity,
        width,
    };
    let spec = read("glitch:level=0.5,polarity=positive,shorter_s=0.001");
    assert_eq!(spec.condition, glitch(Polarity::Positive, Width::ShorterNs(MS)));
    let spec = read("glitch:level=0.5,polarity=negative,longer_s=1e-9");
    assert_eq!(spec.condition, glitch(Polarity::Negative, Width::LongerNs(1)));
    assert_eq!(read("value:equals=3").condition, Condition::Value(Match::Equals(3.0)));
    assert_eq!(read("value:to=false").condition, Condition::Value(Match::To(0.0)));
    assert_eq!(
        read("value:to=any,mode=single").condition,
        Condition::Value(Match::Change)
    );
    assert_eq!(read("value:to=any,mode=single").mode, Mode::Single);
    assert_eq!(read("value:to=any,mode=auto,auto_s=2").auto_ns, 2_000 * MS);
}

#[test]
fn what_is_written_is_short_and_exact() {
    for (text, written) in [
        ("either", "either:level=0,hysteresis=0"),
        ("rising:level=1e300", "rising:level=1e300,hysteresis=0"),
        ("rising:level=0.1,post_s=0.1,mode=auto", "rising:level=0.1,hysteresis=0"),
        (
            "window:low=-1.5,high=1e-9",
            "window:low=-1.5,high=1e-9,sense=leave,hysteresis=0",
        ),
        ("timeout:after_s=86399.123456789", "timeout:after_s=86399.123456789"),
        (
            "glitch:longer_s=3e-9",
            "glitch:level=0,hysteresis=0,polarity=positive,longer_s=0.000000003",
        ),
        ("value:to=true,pre_s=0,mode=single", "value:to=1,mode=single,pre_s=0"),
    ] {
        assert_eq!(read(text).to_string(), written);
        assert_eq!(read(written), read(text));
    }
}

#[test]
fn files_hold_the_text() {
    let spec = read("value:equals=2,mode=normal");
    let json = serde_json::to_string(&spec).expect("a text");
    assert_eq!(json, "\"value:equals=2,mode=normal\"");
    assert_eq!(serde_json::from_str::<TriggerSpec>(&json).expect("the same"), spec);
    let error = serde_json::from_str::<TriggerSpec>("\"sometimes\"").expect_err("no kind");
    assert!(
        error.to_string().contains("`sometimes` is not a kind of trigger"),
        "{error}"
    );
}

#[test]
fn an_error_names_the_word_and_what_may_stand_there() {
    for (text, sentence) in [
        (
            "",
            "`` is not a kind of trigger; write one of rising, falling, either, window, timeout, glitch, value",
        ),
        (
            "Rising",
            "`Rising` is not a kind of trigger; write one of rising, falling, either, window, timeout, glitch, value",
        ),
        (
            "rising:",
            "`` is not a setting; write it as `name=value`, and settings parted by commas",
        ),
        (
            "rising:level",
            "`level` is not a setting; write it as `name=value`, and settings parted by commas",
        ),
        (
            "rising:=3",
            "`=3` is not a setting; write it as `name=value`, and settings parted by commas",
        ),
        (
            "rising:low=3",
            "a `rising` trigger has no setting `low`; it has level, hysteresis, mode, holdoff_s, pre_s, post_s, auto_s",
        ),
        (
            "timeout:level=3",
            "a `timeout` trigger has no setting `level`; it has after_s, mode, holdoff_s, pre_s, post_s, auto_s",
        ),
        (
            "rising:level=1,level=1",
            "the setting `level` stands twice; write it once",
        ),
        (
            "rising:level=",
            "`` is not a number for `level`; write it as 0.5 or -1e-3",
        ),
        (
            "rising:level=one",
            "`one` is not a number for `level`; write it as 0.5 or -1e-3",
        ),
        (
            "rising:level=nan",
            "`nan` is not a number for `level`; write it as 0.5 or -1e-3",
        ),
        (
            "rising:level=1e999",
            "`1e999` is not a number for `level`; write it as 0.5 or -1e-3",
        ),
        (
            "rising:pre_s=inf",
            "`inf` is not a number for `pre_s`; write it as 0.5 or -1e-3",
        ),
        (
            "rising:mode=always",
            "`always` is not a value of `mode`; write one of auto, normal, single",
        ),
        (
            "window:low=0,high=1,sense=in",
            "`in` is not a value of `sense`; write one of enter, leave",
        ),
        (
            "glitch:shorter_s=1,polarity=up",
            "`up` is not a value of `polarity`; write one of positive, negative",
        ),
        ("window:low=0", "a `window` trigger needs high"),
        ("timeout", "a `timeout` trigger needs after_s"),
        ("glitch", "a `glitch` trigger needs shorter_s or longer_s"),
        ("value", "a `value` trigger needs equals or to"),
        (
            "value:equals=1,to=1",
            "`equals` and `to` exclude each other; write one of them",
        ),
        (
            "glitch:shorter_s=1,longer_s=1",
            "`shorter_s` and `longer_s` exclude each other; write one of them",
        ),
        (
            "value:equals=any",
            "`any` is not a number for `equals`; write it as 0.5 or -1e-3, or as true or false",
        ),
        (
            "value:to=maybe",
            "`maybe` is not a number for `to`; write it as 0.5 or -1e-3, or as true, false or any",
        ),
        ("rising:hysteresis=-1", "`hysteresis` is -1; it must be 0 or more"),
        (
            "window:low=1,high=1",
            "a window from 1 to 1 has no inside; `low` must be below `high`",
        ),
        ("timeout:after_s=0", "`after_s` is 0 ns; it must be 1 ns to 86400 s"),
        ("timeout:after_s=4e-10", "`after_s` is 0 ns; it must be 1 ns to 86400 s"),
        (
            "either:holdoff_s=-1",
            "`holdoff_s` is -1000000000 ns; it must be 0 ns to 86400 s",
        ),
        (
            "either:post_s=86400.000000001",
            "`post_s` is 86400000000001 ns; it must be 0 ns to 86400 s",
        ),
        (
            "either:pre_s=1e300",
            "`pre_s` is 9223372036854775807 ns; it must be 0 ns to 86400 s",
        ),
    ] {
        assert_eq!(refused(text), sentence, "{text}");
    }
    let narrow = refused("window:low=0,high=1,hysteresis=0.6");
    assert!(
        narrow.contains("a hysteresis of 0.6 leaves no inside of a window from 0 to 1"),
        "{narrow}"
    );
}

#[test]
fn long_words_are_shortened_and_long_texts_refused() {
    let word = "ä".repeat(100);
    let sentence = refused(&word);
    assert!(sentence.contains(&format!("`{}...`", "ä".repeat(40))), "{sentence}");
    let sentence = refused(&"x".repeat(1 << 20));
    assert!(sentence.contains("1048576 bytes long"), "{sentence}");
    let many = format!("rising:{}", "level=1,".repeat(40));
    assert_eq!(refused(&many), "the setting `level` stands twice; write it once");
}

#[test]
fn hostile_specifications_are_refused() {
    let edge = |level, hysteresis| {
        TriggerSpec::new(Condition::Edge {
            slope: Slope::Either,
            level,
            hysteresis,
        })
    };
    let window = |low, high, hysteresis| {
        TriggerSpec::new(Condition::Window {
            low,
            high,
            sense: Sense::Enter,
            hysteresis,
        })
    };
    let glitch = |level, width| {
        TriggerSpec::new(Condition::Glitch {
            level,
            hysteresis: 0.0,
            polarity: Polarity::Positive,
            width,
        })
    };
    let sound = edge(0.0, 0.0);
    assert!(Trigger::new(sound).is_ok());
    assert!(Trigger::new(edge(f64::MAX, 0.0)).is_ok());
    assert!(Trigger::new(window(-1.0, 1.0, 1.0)).is_ok());
    for spec in [
        edge(f64::NAN, 0.0),
        edge(f64::INFINITY, 0.0),
        edge(0.0, f64::NAN),
        edge(0.0, f64::INFINITY),
        edge(0.0, -f64::MIN_POSITIVE),
        edge(f64::MAX, f64::MAX),
        edge(f64::MIN, f64::MAX),
        window(1.0, -1.0, 0.0),
        window(1.0, 1.0, 0.0),
        window(f64::NAN, 1.0, 0.0),
        window(0.0, f64::INFINITY, 0.0),
        window(0.0, 1.0, 0.500_001),
        glitch(0.0, Width::ShorterNs(0)),
        glitch(0.0, Width::LongerNs(-1)),
        glitch(0.0, Width::LongerNs(i64::MAX)),
        glitch(f64::NAN, Width::LongerNs(1)),
        TriggerSpec::new(Condition::Timeout { after_ns: 0 }),
        TriggerSpec::new(Condition::Timeout { after_ns: i64::MIN }),
        TriggerSpec::new(Condition::Timeout {
            after_ns: MAX_SPAN_NS + 1,
        }),
        TriggerSpec::new(Condition::Value(Match::Equals(f64::NAN))),
        TriggerSpec::new(Condition::Value(Match::To(f64::NEG_INFINITY))),
        TriggerSpec {
            hold_off_ns: -1,
            ..sound
        },
        TriggerSpec {
            pre_ns: i64::MIN,
            ..sound
        },
        TriggerSpec {
            post_ns: i64::MAX,
            ..sound
        },
        TriggerSpec { auto_ns: 0, ..sound },
    ] {
        let error = Trigger::new(spec).expect_err(&format!("{spec:?}"));
        assert!(!error.to_string().is_empty());
    }
}
