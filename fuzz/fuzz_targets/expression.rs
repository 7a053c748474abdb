//! Text read as an expression, printed and read again, compiled, and run over a few samples.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use roswave_engine::signal::expression::{Expression, Input, MAX_INPUTS, Names, input_of};

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let field = Input::field("/imu/data", "angular_velocity.x").expect("a sound field");
    Names::new()
        .bind("x", field.clone())
        .bind("value", field)
        .within("/joints")
});

fuzz_target!(|text: &str| {
    if let Ok(input) = input_of(text) {
        assert_eq!(input_of(&input.to_string()), Ok(input));
    }
    match Expression::parse(text, &NAMES) {
        Ok(expression) => {
            let again = Expression::parse(&expression.to_string(), &NAMES);
            assert_eq!(again.as_ref(), Ok(&expression));
            let program = expression.compile();
            assert_eq!(program.inputs(), expression.inputs().len());
            let mut state = program.state();
            for (value, time_ns) in [
                (1.5, 0),
                (f64::NAN, 1),
                (-0.0, i64::MAX),
                (1e300, i64::MIN),
                (2.0, 1_000_000),
            ] {
                let _ = program.run(&mut state, &[value; MAX_INPUTS], time_ns);
            }
        }
        Err(error) => {
            assert!(text.get(error.at.clone()).is_some());
            assert_eq!(error.to_string().lines().count(), 1);
            assert_eq!(error.caret(text).lines().count(), 2);
        }
    }
});
