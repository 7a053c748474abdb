mod oracle;
mod property;

use super::*;

/// `a` to `d` by name, `x` and `value` for one field.
fn names() -> Names {
    let chosen = Input::field("/imu/data", "angular_velocity.x").expect("a field");
    let mut names = Names::new().bind("x", chosen.clone()).bind("value", chosen);
    for name in ["a", "b", "c", "d"] {
        names = names.bind(name, Input::Named(name.to_owned()));
    }
    names
}

fn read(text: &str) -> Expression {
    Expression::parse(text, &names()).unwrap_or_else(|error| panic!("{}", error.caret(text)))
}

fn refused(text: &str) -> ExpressionError {
    Expression::parse(text, &names()).expect_err(text)
}

/// The value of an expression without inputs.
fn constant(text: &str) -> f64 {
    let program = read(text).compile();
    assert_eq!(program.operations(), 0, "{text} is not folded");
    program.run(&mut program.state(), &[], 0)
}

#[test]
fn operators_bind_as_documented() {
    for (text, value) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("10 - 4 - 3", 3.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("(-2) ^ 2", 4.0),
        ("2 ^ -1", 0.5),
        ("2 ^ -1 * 4", 2.0),
        ("7 % 4 * 2", 6.0),
        ("-7 % 4", -3.0),
        ("mod(-7, 4)", 1.0),
        ("mod(7, -4)", -1.0),
        ("!0 + 1", 2.0),
        ("!(0 + 1)", 0.0),
        ("1 < 2 && 2 < 1 || 1", 1.0),
        ("1 || 0 && 0", 1.0),
        ("1 + 1 < 3", 1.0),
        ("0 ? 1 : 0 ? 2 : 3", 3.0),
        ("1 ? 0 ? 1 : 2 : 3", 2.0),
        ("0 || 1 ? 4 : 5", 4.0),
        ("if(nan, 1, 2)", 2.0),
        ("!nan", 1.0),
        ("nan != nan", 0.0),
        ("isnan(nan == nan)", 0.0),
        ("isnan(min(1, nan))", 1.0),
        ("isnan(max(nan, 1, 2))", 1.0),
        ("min(3)", 3.0),
        ("max(1, 5, 2, 4)", 5.0),
        ("clamp(5, 3, 1)", 1.0),
        ("isnan(clamp(0, 1, nan))", 1.0),
        ("round(-2.5)", -3.0),
        ("round(0.49999999999999994)", 0.0),
        ("1/0 == inf && -1/0 == -inf", 1.0),
        ("isnan(0/0)", 1.0),
        ("norm(3 * 2^700, 4 * 2^700) == 5 * 2^700", 1.0),
        ("norm(3 * 2^-1000, 4 * 2^-1000, 0) == 5 * 2^-1000", 1.0),
        ("norm(-2)", 2.0),
        ("isnan(norm(inf, nan))", 1.0),
        ("1.5e-3 + .5 + 2.", 2.5015),
        ("deg(pi) - 180", 0.0),
        ("rpm_from_radps(tau)", 60.0),
        ("celsius_from_kelvin(kelvin_from_celsius(20))", 20.0),
    ] {
        assert_eq!(constant(text), value, "{text}");
    }
}

#[test]
fn a_slash_is_a_topic_or_a_division() {
    let field = |text: &str| input_of(text).expect("a field");
    for (text, inputs) in [
        ("/a:x/2", vec![field("/a:x")]),
        ("/a:x//b:y", vec![field("/a:x"), field("/b:y")]),
        ("/a:x / /b:y", vec![field("/a:x"), field("/b:y")]),
        ("(/a/b:x)/(/a/b:x)", vec![field("/a/b:x")]),
        ("2//b:y[3].z", vec![field("/b:y[3].z")]),
        (
            "sqrt(/a:x)/x",
            vec![field("/a:x"), field("/imu/data:angular_velocity.x")],
        ),
        (
            "a?/a:x:/b:y",
            vec![Input::Named("a".into()), field("/a:x"), field("/b:y")],
        ),
        ("\"/a b:c\"/`/a b:d`", vec![field("\"/a b:c\""), field("`/a b:d`")]),
        ("-/joints:position[03]", vec![field("/joints:position[3]")]),
    ] {
        assert_eq!(read(text).inputs(), inputs, "{text}");
    }
    let program = read("/a:x//b:y/2").compile();
    assert_eq!(program.run(&mut program.state(), &[12.0, 3.0], 0), 2.0);
}

#[test]
fn names_stand_for_fields() {
    let expression = read("x * 2 + value");
    assert_eq!(
        expression.inputs(),
        [input_of("/imu/data:angular_velocity.x").expect("a field")]
    );
    assert_eq!(
        expression.to_string(),
        "/imu/data:angular_velocity.x * 2 + /imu/data:angular_velocity.x"
    );
    let within = Names::new().within("/joints");
    let expression = Expression::parse("position[3] + roll", &within).expect("an expression");
    assert_eq!(expression.to_string(), "/joints:position[3] + /joints:roll");
    // A word that means a number is that number; the field of the same name goes in quotes.
    let named = Names::new().bind("e", Input::Named("e".into()));
    let expression = Expression::parse("e + \"e\"", &named).expect("an expression");
    assert_eq!(expression.inputs(), [Input::Named("e".into())]);
    assert_eq!(expression.to_string(), "e + \"e\"");
    for (text, input) in [
        ("/a/b:c[1].d", "/a/b:c[1].d"),
        ("\"/a:b\"", "/a:b"),
        ("`/a-b:c`", "\"/a-b:c\""),
        ("x", "x"),
    ] {
        assert_eq!(input_of(text).expect(text).to_string(), input);
    }
    for text in [
        "",
        "/a",
        "/a:",
        "a + b",
        "/a:b /c:d",
        "pi",
        "3",
        "\"/a\"",
        "\"\"",
        "/a:b[x]",
        "/a//b:c",
        "\"/a:b",
    ] {
        assert!(input_of(text).is_err(), "{text}");
    }
}

#[test]
fn known_fields_are_checked() {
    let field = |topic: &str, field: &str| (topic.to_owned(), field.to_owned());
    let names = names().knowing([
        field("/imu/data", "angular_velocity.x"),
        field("/imu/data", "angular_velocity.y"),
        field("/joints", "position[0]"),
        field("/joints", "effort[]"),
    ]);
    for text in [
        "x",
        "/imu/data:angular_velocity.y",
        "/joints:position[7]",
        "/joints:effort[1]",
        "a",
    ] {
        assert!(Expression::parse(text, &names).is_ok(), "{text}");
    }
    for (text, message) in [
        (
            "1 + /imu/data:angular_velocty.x",
            "has no field `angular_velocty.x`; did you mean `angular_velocity.x`?",
        ),
        (
            "1 + /imu/dta:angular_velocity.x",
            "there is no topic `/imu/dta`; did you mean `/imu/data`?",
        ),
        (
            "1 + /joints:position",
            "has no field `position`; did you mean `position[]`?",
        ),
        ("1 + /joints:velocity[0]", "; there is `effort[]`, `position[]`"),
    ] {
        let error = Expression::parse(text, &names).expect_err(text);
        assert!(error.message.contains(message), "{error}");
        assert_eq!(error.at, 4..text.len());
    }
}

#[test]
fn errors_say_where_and_why() {
    for (text, at, message) in [
        ("", 0..0, "empty"),
        ("  ", 2..2, "empty"),
        ("1 +", 3..3, "should follow"),
        ("* 2", 0..1, "a value should stand before `*`"),
        ("a b", 2..3, "operator is missing"),
        ("2a", 1..2, "operator is missing"),
        ("pi(2)", 0..2, "not a function"),
        ("sqr(a)", 0..3, "no function `sqr`; did you mean `sqrt`?"),
        ("yaww(a)", 0..4, "did you mean `yaw`?"),
        ("sqrt", 0..4, "write `sqrt(…)`"),
        ("frobnicate(a)", 0..10, "no function `frobnicate`; there is `if`"),
        ("1 + valeu", 4..9, "did you mean `value`?"),
        ("sqrt(a, b)", 0..10, "`sqrt(x)`, not with 2 values"),
        ("min()", 0..5, "not with 0 values"),
        ("sqrt(a,)", 7..8, "should stand before `)`"),
        ("(a", 0..1, "not closed"),
        ("(a b)", 3..4, "operator is missing"),
        ("a)", 1..2, "closes nothing"),
        ("a, b", 1..2, "commas"),
        ("a : b", 2..3, "no `?`"),
        ("a ? b", 2..3, "needs a `:`"),
        ("a < b < c", 6..7, "don't chain"),
        ("a = b", 2..3, "written `==`"),
        ("a & b", 2..3, "written `&&`"),
        ("a ** b", 2..4, "written with `^`"),
        ("'a'", 0..1, "quoted with"),
        ("é + 1", 0..2, "`é` means nothing"),
        ("1e999", 0..5, "too large"),
        ("a + /imu.x", 4..8, "followed by `:`"),
        ("/joint-states:x", 0..6, "go in quotes"),
        ("/a:", 0..3, "should follow `:`"),
        ("/ 2", 0..1, "before `/`"),
        ("/a:b[x]", 0..7, "whole number"),
        ("/a:b[1", 0..6, "ends with `]`"),
        ("/a:b..c", 0..7, "single dots"),
        ("/a//b:c", 0..7, "not a topic name"),
        ("\"/a", 0..1, "not closed"),
        ("\"/a:b\nc\"", 0..8, "is not a field"),
        ("\"/a\nb:c\"", 0..8, "control characters"),
        ("a[4294967296]", 0..13, "nothing is called"),
    ] {
        let error = refused(text);
        assert!(error.message.contains(message), "{text}: {error}");
        assert_eq!(error.at, at, "{text}: {error}");
        assert_eq!(error.to_string().lines().count(), 1, "{text}");
    }
}

#[test]
fn the_caret_stands_below_the_place() {
    let text = "1 + sqr(a)";
    assert_eq!(
        refused(text).caret(text),
        "1 + sqr(a)\n    ^^^ there is no function `sqr`; did you mean `sqrt`?"
    );
    let text = "\"é\" +\n";
    assert_eq!(refused("(\n1").caret("(\n1"), "( 1\n^ this `(` is not closed");
    assert!(refused(text).caret(text).starts_with("\"é\" + \n^^^ nothing is called"));
    let long = format!("{}bad(a){}", "a + ".repeat(500), " + a".repeat(500));
    let caret = refused(&long).caret(&long);
    let (line, below) = caret.split_once('\n').expect("two lines");
    let column = below.chars().take_while(|c| *c == ' ').count();
    assert!(
        line.chars().skip(column).collect::<String>().starts_with("bad(a)"),
        "{caret}"
    );
    assert!(line.chars().count() < 140 && line.starts_with('…') && line.ends_with('…'));
    // Another text than the one that was read makes no sense, and no panic.
    assert!(refused(&long).caret("é").contains("bad"));
}

#[test]
fn limits_are_kept() {
    let deep = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(constant(&deep(MAX_DEPTH)), 1.0);
    assert!(refused(&deep(MAX_DEPTH + 1)).message.contains("deeper than 64"));
    for hostile in ["(", "-", "!", "2^", "sqrt(", "1?", "1?1:", "min(1,"] {
        let error = refused(&hostile.repeat(10_000));
        assert!(error.message.contains("deeper than 64"), "{hostile}: {error}");
    }
    let long = |terms: usize| vec!["a"; terms].join("+");
    let program = read(&long(MAX_NODES / 2)).compile();
    assert_eq!(program.run(&mut program.state(), &[1.0], 0), 2048.0);
    let program = read(&vec!["a*a*a"; 500].join("+")).compile();
    assert_eq!(program.run(&mut program.state(), &[2.0], 0), 4000.0);
    assert!(program.registers.len() < 8, "scratch registers are used again");
    assert!(refused(&long(MAX_NODES / 2 + 1)).message.contains("at most 4096"));
    let wide = |inputs: usize| (0..inputs).map(|i| format!("/a:x[{i}]")).collect::<Vec<_>>().join("+");
    assert_eq!(read(&wide(MAX_INPUTS)).inputs().len(), MAX_INPUTS);
    assert!(refused(&wide(MAX_INPUTS + 1)).message.contains("at most 64"));
    assert!(refused(&" ".repeat(MAX_TEXT + 1)).message.contains("bytes"));
    // Many values at once, all kept in scratch registers.
    let many = format!("norm({})", vec!["a*a"; 1300].join(","));
    let program = read(&many).compile();
    assert_eq!(program.run(&mut program.state(), &[2.0], 0), (1300.0_f64 * 16.0).sqrt());
}

#[test]
fn what_is_remembered_is_one_sample() {
    let program = read("a - prev(a)").compile();
    let mut state = program.state();
    assert!(program.run(&mut state, &[1.0], 0).is_nan());
    assert_eq!(program.run(&mut state, &[3.0], 1), 2.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(!program.run(&mut state, &[bad], 2).is_finite());
        assert!(!program.run(&mut state, &[5.0], 3).is_finite());
        assert_eq!(program.run(&mut state, &[6.0], 4), 1.0);
    }
    program.restart(&mut state);
    assert!(program.run(&mut state, &[7.0], 5).is_nan());
}

#[test]
fn time_begins_anew_after_a_step_back() {
    let program = read("t * 1000 + dt").compile();
    let mut state = program.state();
    let begin = 1_700_000_000_000_000_000;
    assert!(program.run(&mut state, &[], begin).is_nan());
    assert_eq!(program.run(&mut state, &[], begin + 500_000_000), 500.5);
    assert_eq!(program.run(&mut state, &[], begin + 500_000_000), 500.0);
    assert_eq!(program.run(&mut state, &[], begin + 250_000_000), 250.0 - 0.25);
    assert_eq!(
        program.run(&mut state, &[], begin + 250_000_000 - RESTART_NS),
        -750.0 - 1.0
    );
    assert!(program.run(&mut state, &[], begin - 2 * RESTART_NS).is_nan());
    assert_eq!(program.run(&mut state, &[], begin - 2 * RESTART_NS + 1_000_000), 1.001);
    program.restart(&mut state);
    assert!(program.run(&mut state, &[], begin).is_nan());
    assert_eq!(program.run(&mut state, &[], begin + 1_000_000), 1.001);
    // The ends of time are far apart, and nothing overflows.
    let _ = program.run(&mut state, &[], i64::MIN);
    let seconds = i64::MAX as f64 / 1e9;
    assert_eq!(program.run(&mut state, &[], i64::MAX), seconds * 1000.0 + seconds);
}

#[test]
fn wrong_states_and_missing_values_do_no_harm() {
    let program = read("a + isnan(b)").compile();
    let mut state = program.state();
    assert_eq!(program.run(&mut state, &[1.0], 0), 2.0);
    assert_eq!(program.run(&mut state, &[1.0, 2.0, 3.0], 1), 1.0);
    assert_eq!(program.inputs(), 2);
    let mut other = read("1 + a * b - c").compile().state();
    assert!(program.run(&mut other, &[1.0, 2.0], 0).is_nan());
}

#[test]
fn every_function_is_listed_and_works() {
    assert_eq!(functions().len(), 38);
    for function in functions() {
        let arguments = vec!["a"; *function.takes.start()].join(", ");
        let expression = read(&format!("{}({arguments})", function.name));
        let program = expression.compile();
        let mut state = program.state();
        let values: Vec<f64> = (0..3).map(|i| program.run(&mut state, &[0.5], i)).collect();
        assert!(values[1].is_finite(), "{}: {values:?}", function.name);
        assert!(!function.gives.ends_with('.') && function.gives.len() < 80);
    }
}
