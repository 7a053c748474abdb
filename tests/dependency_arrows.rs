//! The house: `app -> widgets`, `app -> engine`, and no other arrow; no GUI type in the engine; no ROS in the widgets.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

/// What each package needs to be built, by package; `kind` is null for normal dependencies.
fn dependencies(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    metadata["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|package| {
            let needs = package["dependencies"].as_array().expect("a list").iter();
            let needs = needs
                .filter(|d| d["kind"].is_null())
                .map(|d| text(&d["name"]))
                .collect();
            (text(&package["name"]), needs)
        })
        .collect()
}

#[test]
fn arrows_point_from_the_app_only() {
    let all = dependencies(&metadata());
    let ours = |package: &str| -> Vec<&str> {
        all[package]
            .iter()
            .map(String::as_str)
            .filter(|name| name.starts_with("roswave"))
            .collect()
    };
    let mut app = ours("roswave");
    app.sort_unstable();
    assert_eq!(app, ["roswave-engine", "roswave-widgets"]);
    assert_eq!(ours("roswave-engine"), [""; 0]);
    assert_eq!(ours("roswave-widgets"), [""; 0]);
}

#[test]
fn the_engine_knows_no_window_and_the_widgets_know_no_ros() {
    let all = dependencies(&metadata());
    for (package, banned) in [
        (
            "roswave-engine",
            &["iced", "iced_renderer", "plotters", "plotters-iced2", "wgpu", "winit"][..],
        ),
        ("roswave-widgets", &["cyclors", "mcap", "ringbuf", "r2r"][..]),
    ] {
        for name in banned {
            assert!(
                !all[package].iter().any(|have| have == name),
                "{package} must not depend on {name}"
            );
        }
    }
}
