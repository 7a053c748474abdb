//! The window on the demo robot, for real: Xvfb, openbox, lavapipe. Curves are drawn and move; the report is honest; nothing is left.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use roswave_tests_support::{Display, Namespace, Process, finish};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// The first curve colours of the dark theme (UI.md): blue, orange-tan, green.
const CURVES: [[u8; 3]; 3] = [[0x56, 0xb4, 0xe9], [0xe6, 0x9f, 0x00], [0x2f, 0xbf, 0x8f]];

/// Where the pixels of the curve colours are.
fn curve_pixels(file: &Path) -> Vec<usize> {
    let mut convert = Command::new("convert");
    let _ = convert.arg(file).args(["-depth", "8", "rgb:-"]);
    let rgb = finish(convert, Duration::from_secs(30)).stdout;
    assert_eq!(rgb.len(), 1280 * 720 * 3);
    let near = |p: &[u8], c: &[u8; 3]| p.iter().zip(c).all(|(a, b)| a.abs_diff(*b) < 24);
    let pixels = rgb.chunks_exact(3).enumerate();
    pixels
        .filter(|(_, p)| CURVES.iter().any(|c| near(p, c)))
        .map(|(i, _)| i)
        .collect()
}

/// One window at a time: each wants all cores when there is no graphics card.
static ALONE: Mutex<()> = Mutex::new(());

fn curves_move_on(backend: &str) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let display = Display::start();
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let report = home.path().join("report.json");
    let mut window = lo.command(ROSWAVE);
    let _ = window.args(["demo", "--exit-after", "40", "--report"]).arg(&report);
    let _ = window
        .env("DISPLAY", display.name())
        .env("ICED_BACKEND", backend)
        .env("HOME", home.path());
    let _ = window.env("XDG_RUNTIME_DIR", home.path());
    let window = Process::start(window);

    let shots = [home.path().join("a.png"), home.path().join("b.png")];
    let end = Instant::now() + Duration::from_secs(36);
    let first = loop {
        display.shot(&shots[0]);
        let pixels = curve_pixels(&shots[0]);
        if pixels.len() > 1500 {
            break pixels;
        }
        assert!(
            Instant::now() < end,
            "{backend}: only {} pixels of curves",
            pixels.len()
        );
    };
    let second = loop {
        display.shot(&shots[1]);
        let pixels = curve_pixels(&shots[1]);
        if pixels.len() > 500 && pixels != first {
            break pixels;
        }
        assert!(Instant::now() < end, "{backend}: the curves stand still");
    };
    let still = second.iter().filter(|p| first.binary_search(p).is_ok()).count();
    assert!(
        still * 10 < second.len() * 9,
        "{backend}: {still} of {} curve pixels did not move",
        second.len()
    );

    let (_, code) = window.finish(Duration::from_secs(60));
    assert_eq!(code, 0, "{backend}");
    let text = std::fs::read_to_string(&report).expect("the report was written");
    let report: serde_json::Value = serde_json::from_str(&text).expect("the report is JSON");
    assert!(report["frames"].as_u64().is_some_and(|n| n > 20), "{report:#}");
    assert!(
        report["samples_drained"].as_u64().is_some_and(|n| n > 10_000),
        "{report:#}"
    );
    assert!(
        report["sample_to_frame_ms"]["p50"].as_f64().is_some_and(|ms| ms > 0.0),
        "{report:#}"
    );
    assert_eq!(report["loss"]["plot"], 0, "{report:#}");
    assert_eq!(report["threads_left"], serde_json::json!([]), "{report:#}");
}

#[test]
fn curves_move_on_the_gpu_path() {
    curves_move_on("wgpu");
}

#[test]
fn curves_move_on_the_software_path() {
    curves_move_on("tiny-skia");
}

#[test]
fn without_a_display_the_window_says_so_and_offers_the_headless_demo() {
    let lo = Namespace::new();
    let output = finish(lo.command(ROSWAVE), Duration::from_secs(20));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("roswave demo --headless"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
