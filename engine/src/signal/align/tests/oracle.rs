//! Against NumPy: `tests/oracle/signal/align.py` makes the file.

use serde_json::Value;

use super::*;

fn column(value: &Value) -> Vec<f64> {
    let digits = value.as_str().expect("a column");
    let number = |at: usize| u64::from_str_radix(&digits[at..at + 16], 16).expect("hexadecimal digits");
    (0..digits.len())
        .step_by(16)
        .map(|at| f64::from_bits(number(at)))
        .collect()
}

fn whole(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .expect("numbers")
        .iter()
        .filter_map(Value::as_i64)
        .collect()
}

#[test]
fn rows_are_those_of_numpy() {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/oracle/signal/align.json"
    ));
    let document: Value = serde_json::from_str(text).expect("the oracle is JSON");
    let begin = document["begin_ns"].as_i64().expect("a time");
    let times: Vec<Vec<i64>> = document["times"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(whole)
        .collect();
    let values: Vec<Vec<f64>> = document["values"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(column)
        .collect();
    let arrivals: Vec<Vec<i64>> = document["arrivals"]
        .as_array()
        .expect("arrivals")
        .iter()
        .map(whole)
        .collect();
    let cases = document["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let clock = match case["clock"].as_str() {
            Some("any") => Clock::Any,
            Some(input) => Clock::Input(input.parse().expect("a number")),
            None => panic!("a clock is a text"),
        };
        let align = if case["align"] == "hold" {
            Align::Hold
        } else {
            Align::Linear
        };
        let mut aligner = Aligner::new(3, align, clock, Limits::default()).expect("sound limits");
        let mut rows: Vec<(i64, Vec<f64>)> = Vec::new();
        let mut keep = |time: i64, values: &[f64], gap: bool| {
            assert!(!gap);
            rows.push((time - begin, values.to_vec()));
        };
        for arrival in &arrivals {
            let [input, sample] = [arrival[0], arrival[1]].map(|i| usize::try_from(i).expect("not negative"));
            aligner.push(input, begin + times[input][sample], values[input][sample], false);
            aligner.drain(&mut keep);
        }
        aligner.finish(&mut keep);
        let expected_times = whole(&case["times"]);
        let columns: Vec<Vec<f64>> = case["columns"]
            .as_array()
            .expect("columns")
            .iter()
            .map(column)
            .collect();
        assert!(expected_times.len() > 50);
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), expected_times);
        for (at, (time, row)) in rows.iter().enumerate() {
            for (found, column) in row.iter().zip(&columns) {
                let expected = column[at];
                let close = (found - expected).abs() <= 1e-12 * expected.abs();
                assert!(
                    close || (found.is_nan() && expected.is_nan()),
                    "{clock:?} {align:?} {time}: {found} {expected}"
                );
            }
        }
        let counts = aligner.counts();
        assert_eq!((counts.late, counts.dropped, counts.restarts), (0, 0, 0));
    }
}
