//! The window report: what `--report FILE` writes at exit.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use roswave_engine::engine::ShutdownReport;
use roswave_engine::loss::Loss;
use serde::Serialize;

use crate::window::figures::{FrameFigures, Summary};

/// One JSON document; its names are a contract.
#[derive(Clone, Debug, Serialize)]
pub struct WindowReport {
    /// `wgpu` with the adapter's name, or `tiny-skia`.
    pub renderer: Option<String>,
    /// Frames drawn.
    pub frames: u64,
    /// See [`FrameFigures::interval`].
    pub frame_interval_ms: Option<Summary>,
    /// See [`FrameFigures::cpu`].
    pub ui_cpu_ms_per_frame: Option<Summary>,
    /// See [`FrameFigures::age`].
    pub sample_to_frame_ms: Option<Summary>,
    /// See [`FrameFigures::first_frame_ns`].
    pub start_to_frame_ms: Option<f64>,
    /// See [`FrameFigures::first_curves_ns`].
    pub start_to_curves_ms: Option<f64>,
    /// See [`FrameFigures::all_curves_ns`].
    pub start_to_all_curves_ms: Option<f64>,
    /// From the wish to close until every thread was joined.
    pub shutdown_ms: f64,
    /// Samples taken from the rings into the store.
    pub samples_drained: u64,
    /// Over all topics, per stage.
    pub loss: Option<Loss>,
    /// Largest resident memory.
    pub rss_peak_bytes: Option<u64>,
    /// Threads of the engine that did not end in time.
    pub threads_left: Vec<String>,
    /// Files open that were not open at the start.
    pub files_left: Option<usize>,
}

impl WindowReport {
    /// Puts the figures together.
    #[must_use]
    pub fn new(
        renderer: Option<String>,
        figures: &FrameFigures,
        loss: Option<Loss>,
        shutdown: &ShutdownReport,
    ) -> Self {
        Self {
            renderer,
            frames: figures.frames,
            frame_interval_ms: figures.interval.summary_ms(),
            ui_cpu_ms_per_frame: figures.cpu.summary_ms(),
            sample_to_frame_ms: figures.age.summary_ms(),
            start_to_frame_ms: figures.first_frame_ns.map(milliseconds),
            start_to_curves_ms: figures.first_curves_ns.map(milliseconds),
            start_to_all_curves_ms: figures.all_curves_ns.map(milliseconds),
            shutdown_ms: shutdown.took.as_secs_f64() * 1e3,
            samples_drained: figures.samples,
            loss,
            rss_peak_bytes: rss_peak_bytes(),
            threads_left: shutdown.threads_left.clone(),
            files_left: shutdown.files_left,
        }
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self).context("cannot put the window report into JSON")?;
        fs::write(path, text + "\n").with_context(|| {
            format!(
                "cannot write the window report to {}: choose a directory that you may write to with --report",
                path.display()
            )
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "times of less than days")]
fn milliseconds(ns: i64) -> f64 {
    ns as f64 / 1e6
}

/// `VmHWM` of proc_pid_status(5).
fn rss_peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_names_are_those_of_the_contract() {
        let shutdown = ShutdownReport {
            threads_left: Vec::new(),
            files_left: Some(0),
            rss_bytes: 0,
            recording: None,
            took: Duration::ZERO,
        };
        let report = WindowReport::new(None, &FrameFigures::default(), Some(Loss::UNKNOWN), &shutdown);
        let json = serde_json::to_value(&report).expect("JSON");
        let names: Vec<&str> = json
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            names,
            [
                "renderer",
                "frames",
                "frame_interval_ms",
                "ui_cpu_ms_per_frame",
                "sample_to_frame_ms",
                "start_to_frame_ms",
                "start_to_curves_ms",
                "start_to_all_curves_ms",
                "shutdown_ms",
                "samples_drained",
                "loss",
                "rss_peak_bytes",
                "threads_left",
                "files_left"
            ]
        );
        assert!(json["frame_interval_ms"].is_null(), "unknown is null");
        assert!(json["loss"]["transport"].is_null(), "unknown is null");
        assert!(json["rss_peak_bytes"].as_u64().expect("measured") > 1 << 20);
    }
}
