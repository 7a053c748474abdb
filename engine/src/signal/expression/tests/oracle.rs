//! Against NumPy and SciPy: `tests/oracle/signal/expression.py` makes the file.

use std::f64::consts::{FRAC_PI_2, TAU};

use serde_json::Value;

use super::*;

fn document() -> Value {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/expression.json"
    ));
    serde_json::from_str(text).expect("the oracle is JSON")
}

fn column(value: &Value) -> Vec<f64> {
    let digits = value.as_str().expect("a column");
    let number = |at: usize| u64::from_str_radix(&digits[at..at + 16], 16).expect("hexadecimal digits");
    (0..digits.len())
        .step_by(16)
        .map(|at| f64::from_bits(number(at)))
        .collect()
}

/// The relative difference; 0 for equal numbers, for infinities of a sign, and for NaN.
fn difference(found: f64, expected: f64) -> f64 {
    if found == expected || (found.is_nan() && expected.is_nan()) {
        return 0.0;
    }
    let difference = ((found - expected) / expected).abs();
    if difference.is_nan() { f64::INFINITY } else { difference }
}

#[test]
fn expressions_are_those_of_numpy() {
    let document = document();
    let inputs: Vec<Vec<f64>> = ["a", "b", "c", "d"]
        .iter()
        .map(|name| column(&document["inputs"][name]))
        .collect();
    let times: Vec<i64> = document["time_ns"]
        .as_array()
        .expect("times")
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    let cases = document["cases"].as_array().expect("cases");
    assert!(cases.len() >= 60 && times.len() == 96);
    for case in cases {
        let text = case["text"].as_str().expect("a text");
        let expected = column(&case["expected"]);
        assert_eq!(expected.len(), times.len());
        let expression = read(text);
        let which: Vec<usize> = expression
            .inputs()
            .iter()
            .map(|input| "abcd".find(&input.to_string()).expect("one of the four"))
            .collect();
        let program = expression.compile();
        let mut state = program.state();
        for row in 0..times.len() {
            let values: Vec<f64> = which.iter().map(|&input| inputs[input][row]).collect();
            let found = program.run(&mut state, &values, times[row]);
            let off = difference(found, expected[row]);
            assert!(
                off <= 1e-12,
                "{text}, row {row}, {values:?}: {found} for {}",
                expected[row]
            );
        }
    }
}

#[test]
fn angles_are_those_of_scipy() {
    let document = document();
    let of = |name: &str| column(&document["quaternions"][name]);
    let quaternion = ["x", "y", "z", "w"].map(of);
    let pitch = of("pitch");
    for name in ["roll", "pitch", "yaw"] {
        let program = read(&format!("{name}(a, b, c, d)")).compile();
        let mut state = program.state();
        let expected = of(name);
        assert!(expected.len() >= 70);
        for (row, expected) in expected.into_iter().enumerate() {
            let values = quaternion.each_ref().map(|column| column[row]);
            let found = program.run(&mut state, &values, 0);
            // Half a turn either way is the same direction.
            let off = (found - expected).abs();
            let off = off.min((off - TAU).abs());
            // Just beside a pole the rounding of the quaternion itself turns roll and yaw by this much.
            let beside = FRAC_PI_2 - pitch[row].abs();
            let allowed = if (1e-7..1e-2).contains(&beside) {
                4.0 * f64::EPSILON / beside
            } else {
                1e-12
            };
            assert!(off <= allowed, "{name} of {values:?}: {found} for {expected}");
        }
    }
}

#[test]
fn a_quaternion_may_have_any_length_but_none() {
    let program = read("roll(a, b, c, d) + 10 * pitch(a, b, c, d) + 100 * yaw(a, b, c, d)").compile();
    let mut state = program.state();
    let q = [0.1, -0.2, 0.3, 0.9];
    let value = program.run(&mut state, &q, 0);
    for scale in [1e-300, 1e-160, 1e-20, 7.0, 1e160, 1e300, -1.0] {
        let scaled = program.run(&mut state, &q.map(|v| v * scale), 0);
        assert!((scaled - value).abs() < 1e-12, "{scale}: {scaled} for {value}");
    }
    for bad in [[0.0; 4], [f64::NAN, 0.0, 0.0, 1.0], [0.0, f64::INFINITY, 0.0, 1.0]] {
        assert!(program.run(&mut state, &bad, 0).is_nan(), "{bad:?}");
    }
    assert!(program.run(&mut state, &q, 0).is_finite());
}
