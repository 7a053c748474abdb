//! Recipes as text, and at work.

use super::*;
use crate::signal::align::Align;

fn recipe(text: &str) -> Recipe {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn recipes_survive_as_text() {
    for text in [
        "/imu/data:angular_velocity.x",
        "/imu/data:@latency",
        "/imu/data:angular_velocity.x | lowpass:order=4,corner_hz=50",
        "/joints:position[3] | derivative | absolute",
        "= hypot(/a:x, /b:y)",
        "= /a:x > 1 || /b:y > 2 | count",
    ] {
        let parsed = recipe(text);
        assert_eq!(recipe(&parsed.to_string()), parsed, "{text}");
    }
    assert_eq!(recipe("/a:x").plain().map(ToString::to_string).as_deref(), Some("/a:x"));
    assert!(recipe("/a:x | derivative").plain().is_none());
    let inputs: Vec<_> = recipe("= /a:x + /b:y * /a:x")
        .inputs()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(inputs, ["/a:x", "/b:y"]);
}

#[test]
fn errors_name_the_place() {
    for (text, part) in [
        ("/imu", "names no field"),
        ("= /a:x +", "/a:x +"),
        ("= 3", "mentions no field"),
        ("= y", "y"),
        ("/a:x | lowpas:corner_hz=3", "lowpas"),
        ("/a:x |", ""),
    ] {
        let error = text.parse::<Recipe>().expect_err(text).to_string();
        assert!(error.contains(part) && !error.contains('\n'), "{text}: {error}");
    }
}

#[test]
fn a_recipe_computes() {
    let recipe = recipe("= /a:x - /b:x | derivative");
    let mut computation = Computation::new(&recipe, Align::Linear).expect("sound");
    let mut out = Vec::new();
    for n in 0..1000_i64 {
        let time_ns = n * 1_000_000;
        computation.push(0, time_ns, n as f64 * 3.0, false, |output| out.push(output));
        if n % 10 == 0 {
            computation.push(1, time_ns, n as f64, false, |output| out.push(output));
        }
        computation.drain(|output| out.push(output));
    }
    computation.finish(|output| out.push(output));
    assert!(out.len() > 900, "{}", out.len());
    for output in &out[..out.len() - 20] {
        assert!((output.value - 2000.0).abs() < 1e-6, "{output:?}");
    }
    assert_eq!(computation.unused(), 0);
}
