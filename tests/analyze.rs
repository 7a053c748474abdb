//! `roswave analyze`: what the scope computes, from the shell, on a recording.

#[path = "record/common.rs"]
mod common;

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Rig, arrival, float, float_channel, request};
use roswave_tests_support::json;
use serde_json::Value;

const T0: i64 = 1_795_446_909_000_000_000;
const RATE_HZ: f64 = 1000.0;
const SECONDS: usize = 8;

/// A sine of 2 at 125 Hz upon 9.81, with a step of 5 in a topic of its own at a tenth of the rate.
fn sine(n: usize) -> f64 {
    9.81 + 2.0 * (TAU * 125.0 * n as f64 / RATE_HZ).sin()
}

fn bag(root: &Path) -> PathBuf {
    let directory = root.join("run");
    let mut rig = Rig::start(request(&directory));
    rig.recorder.channel(float_channel(1, "/sine")).expect("room");
    rig.recorder.channel(float_channel(2, "/step")).expect("room");
    for n in 0..SECONDS * 1000 {
        let time = T0 + n as i64 * 1_000_000;
        // The common rig stamps messages a microsecond before their receipt.
        rig.push(1, &arrival(&float(sine(n)), time + 1000, n as u64 + 1));
        if n % 10 == 0 {
            let value = if n < 4000 { 0.0 } else { 5.0 };
            rig.push(2, &arrival(&float(value), time + 1000, n as u64 / 10 + 1));
        }
    }
    let _ = rig.finish();
    directory
}

fn analyze(bag: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_roswave"))
        .arg("analyze")
        .arg(bag)
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn answer(bag: &Path, arguments: &[&str]) -> Value {
    let output = analyze(bag, &[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    json(&output)
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|n| n.as_f64().unwrap_or(f64::NAN)).collect()
}

fn close(value: &Value, expected: f64, within: f64) {
    let value = value.as_f64().expect("a number");
    assert!((value - expected).abs() <= within, "{value} is not {expected}");
}

#[test]
fn figures_are_those_of_the_closed_forms() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = bag(root.path());

    let stats = answer(&bag, &["--field", "/sine:data", "--stats"]);
    assert_eq!(stats["n"], 8000);
    close(&stats["mean"], 9.81, 1e-9);
    close(&stats["rate_hz"], 1000.0, 1e-6);
    close(&stats["peak_to_peak"], 4.0, 1e-9);
    // The root mean square of the sine is its amplitude over the root of two.
    close(&stats["sigma"], 2.0 / 2f64.sqrt() * (8000.0f64 / 7999.0).sqrt(), 1e-9);

    let psd = answer(
        &bag,
        &[
            "--field",
            "/sine:data",
            "--psd",
            "--nperseg",
            "1000",
            "--window",
            "hann",
        ],
    );
    let (freq, density) = (numbers(&psd["freq_hz"]), numbers(&psd["psd"]));
    assert_eq!(
        (freq.len(), psd["segment"].as_u64(), psd["overlap"].as_u64()),
        (501, Some(1000), Some(500))
    );
    assert_eq!(psd["window"], "hann");
    let greatest = (0..density.len())
        .max_by(|&a, &b| density[a].total_cmp(&density[b]))
        .expect("bins");
    assert_eq!(freq[greatest], 125.0);
    // The power of the sine, A²/2, is what the density sums up to.
    let power: f64 = density.iter().sum::<f64>() * (freq[1] - freq[0]);
    assert!((power - 2.0).abs() < 1e-6, "{power}");

    let histogram = answer(&bag, &["--field", "/sine:data", "--histogram", "--bins", "10"]);
    assert_eq!(numbers(&histogram["counts"]).iter().sum::<f64>(), 8000.0);
    assert_eq!(numbers(&histogram["edges"]).len(), 11);

    let allan = answer(&bag, &["--field", "/sine:data", "--allan", "--taus", "octave"]);
    let tau = numbers(&allan["tau_s"]);
    assert!((tau[0] - 0.001).abs() < 1e-12 && (tau[1] - 0.002).abs() < 1e-12);
    // Over whole periods of the sine nothing is left of it.
    assert!(numbers(&allan["adev"])[3] < 1e-9, "{allan}");

    let trigger = answer(
        &bag,
        &["--field", "/step:data", "--trigger", "rising:level=2.5,mode=normal"],
    );
    assert_eq!(
        trigger["t_ns"],
        serde_json::json!([T0 + 4_000_000_000_i64]),
        "the one sample at which it happens"
    );
}

#[test]
fn expressions_and_filters_follow_one_another() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = bag(root.path());

    let values = answer(
        &bag,
        &["--field", "/sine:data", "--expr", "(x - 9.81) * 10", "--secs", "1"],
    );
    let (time, value) = (values["t_ns"].as_array().expect("times"), numbers(&values["value"]));
    assert_eq!((time.len(), value.len()), (1001, 1001));
    assert_eq!(time[2], T0 + 2_000_000);
    assert!((value[2] - (sine(2) - 9.81) * 10.0).abs() < 1e-9);

    // Two topics of different rates: the slower one is held.
    let both = answer(&bag, &["--expr", "/sine:data * 0 + /step:data", "--stats"]);
    assert_eq!(both["n"], 8000);
    close(&both["mean"], 2.5, 1e-9);

    let filtered = answer(
        &bag,
        &[
            "--field",
            "/sine:data",
            "--filter",
            "lowpass:order=4,corner_hz=5",
            "--stats",
            "--secs",
            "4",
        ],
    );
    close(&filtered["mean"], 9.81, 0.01);
    assert!(filtered["peak_to_peak"].as_f64().expect("a number") < 0.5, "{filtered}");
    let derived = answer(
        &bag,
        &["--field", "/step:data", "--filter", "derivative|absolute", "--stats"],
    );
    close(&derived["max"], 500.0, 1e-6);

    let latency = answer(&bag, &["--field", "/sine:@latency", "--stats"]);
    close(&latency["mean"], 1e-6, 1e-12);
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = bag(root.path());
    for (arguments, code, part) in [
        (&["--field", "/sine:daat"][..], 1, "daat"),
        (&["--field", "/sinus:data"], 1, "/sinus"),
        (&["--field", "/sine:data", "--expr", "x +"], 1, "--expr"),
        (&["--field", "/sine:data", "--expr", "y"], 1, "y"),
        (
            &["--field", "/sine:data", "--filter", "lowpas:corner_hz=1"],
            1,
            "lowpas",
        ),
        (
            &["--field", "/sine:data", "--filter", "lowpass:order=2,corner_hz=600"],
            1,
            "600",
        ),
        (&["--field", "/sine:data", "--trigger", "risng:level=1"], 1, "risng"),
        (&["--field", "/sine:data", "--psd", "--nperseg", "100000"], 1, "100000"),
        (&["--field", "/sine:data", "--psd", "--stats"], 2, "--stats"),
        (&["--stats"], 1, "--field"),
    ] {
        let output = analyze(&bag, arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(part), "{arguments:?}: {error}");
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    let nowhere = analyze(Path::new("nowhere.mcap"), &["--field", "/a:x"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("nowhere.mcap"));
}

#[test]
fn a_recording_that_was_cut_off_is_read_as_far_as_it_goes() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = bag(root.path());
    let file = common::finished_file(&bag);
    let bytes = std::fs::read(&file).expect("the file");
    let cut = root.path().join("cut.mcap");
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).expect("written");
    let output = analyze(&cut, &["--field", "/sine:data", "--stats", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let n = json(&output)["n"].as_u64().expect("a number");
    assert!((1000..8000).contains(&n), "{n}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("cut.mcap"));
}
