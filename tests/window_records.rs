//! Curves and a recording do not disturb each other, and SIGTERM finishes the file before the window goes.

use std::path::Path;
use std::time::{Duration, Instant};

use roswave_tests_support::{Display, Namespace, Process, finish, json};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// The recordings below `home`, finished or not.
fn recordings(home: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut rest = vec![home.to_path_buf()];
    while let Some(directory) = rest.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                rest.push(path);
            } else if path.extension().is_some_and(|e| e == "mcap" || e == "active") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn sigterm_finishes_the_file_that_was_recorded_beside_the_curves() {
    let display = Display::start();
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let report = home.path().join("report.json");
    let mut window = lo.command(ROSWAVE);
    let _ = window
        .args(["--record", "/imu/data|/joint_states|/motor/current", "--report"])
        .arg(&report)
        .arg("demo");
    let _ = window.env("DISPLAY", display.name()).env("ICED_BACKEND", "tiny-skia");
    let _ = window.env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path());
    let window = Process::start(window);

    let end = Instant::now() + Duration::from_secs(30);
    let large = |path: &std::path::PathBuf| path.metadata().is_ok_and(|m| m.len() > 4_000_000);
    while !recordings(home.path()).iter().any(large) {
        assert!(
            Instant::now() < end,
            "no recording of 4 MB: {:?}",
            recordings(home.path())
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    window.signal("TERM");
    let (_, code) = window.finish(Duration::from_secs(30));
    assert_eq!(code, 0);

    let files = recordings(home.path());
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(files[0].extension().expect("has one"), "mcap", "the file was finished");
    let mut info = lo.command(ROSWAVE);
    let _ = info
        .arg("info")
        .arg(files[0].parent().expect("in a directory"))
        .arg("--json");
    let info = json(&finish(info, Duration::from_secs(30)));
    assert_eq!(info["complete"], true, "{info:#}");
    assert!(info["messages"].as_u64().is_some_and(|n| n > 5_000), "{info:#}");
    for stage in ["record", "disk"] {
        assert_eq!(info["loss"][stage], 0, "{info:#}");
    }
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&report).expect("written")).expect("JSON");
    assert_eq!(report["loss"]["plot"], 0, "{report:#}");
    assert_eq!(report["threads_left"], serde_json::json!([]), "{report:#}");
}
