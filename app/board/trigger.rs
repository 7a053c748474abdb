//! The trigger of a chart, as a board keeps it.

use roswave_engine::signal::Recipe;
use roswave_engine::signal::trigger::{MAX_CAPTURES, TriggerSpec};
use serde::{Deserialize, Serialize};

/// What a chart waits for, and what it does then.
///
/// ```toml
/// [chart.trigger]
/// curve = "/motor/current:data"
/// when = "rising:level=2,hysteresis=0.1,mode=normal"
/// keep = 8
/// freeze = true
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerSetup {
    /// The curve that is looked at: one of those of the chart.
    pub curve: Recipe,
    /// What is waited for, and how much around it is captured.
    pub when: TriggerSpec,
    /// So many captures are drawn over each other.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub keep: usize,
    /// Every chart stands still at the capture.
    #[serde(default, skip_serializing_if = "is_off")]
    pub freeze: bool,
    /// The moment gets a bookmark.
    #[serde(default, skip_serializing_if = "is_off")]
    pub bookmark: bool,
    /// The first event starts a recording.
    #[serde(default, skip_serializing_if = "is_off")]
    pub record: bool,
    /// Each event lets the black box write what it keeps.
    #[serde(default, skip_serializing_if = "is_off")]
    pub black_box: bool,
}

fn one() -> usize {
    1
}

fn is_one(keep: &usize) -> bool {
    *keep == 1
}

fn is_off(on: &bool) -> bool {
    !*on
}

impl TriggerSetup {
    /// What is wrong with it although its text could be read.
    pub(super) fn check(&self) -> Result<(), String> {
        if (1..=MAX_CAPTURES).contains(&self.keep) {
            return Ok(());
        }
        Err(format!(
            "a trigger that keeps {} captures needs a number from 1 to {MAX_CAPTURES}",
            self.keep
        ))
    }
}
