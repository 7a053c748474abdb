//! A recording that is open, with what is being loaded of it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use roswave_engine::bag::source::{BagSource, Load};
use roswave_engine::ingest::ClockSource;
use roswave_engine::name::TopicName;
use roswave_engine::series::Store;

use super::playback::Playback;
use crate::format;

/// Parts of the recording whose messages are counted.
pub(super) const SLOTS: usize = 400;

/// A recording that is open.
pub struct OpenBag {
    pub(super) source: Arc<BagSource>,
    pub(super) playback: Playback,
    pub(super) loads: Vec<Load>,
    pub(super) density: Vec<f32>,
    pub(super) lines: BTreeMap<TopicName, Vec<f32>>,
    /// All that was loaded has been seen.
    pub(super) settled: Cell<bool>,
    /// What went wrong while loading, each once.
    pub(super) told: Vec<String>,
    /// The time that live messages were drawn at.
    pub(super) live_clock: ClockSource,
}

impl OpenBag {
    pub(super) fn new(source: Arc<BagSource>, live_clock: ClockSource) -> Self {
        let extent = source.span().map_or((0, 0), |(from, to)| (from.0, to.0));
        Self {
            density: source.density(None, SLOTS).unwrap_or_default(),
            source,
            playback: Playback::new(extent),
            loads: Vec::new(),
            lines: BTreeMap::new(),
            settled: Cell::new(true),
            told: Vec::new(),
            live_clock,
        }
    }

    /// What is in it.
    #[must_use]
    pub fn source(&self) -> &BagSource {
        &self.source
    }

    /// How it plays.
    #[must_use]
    pub fn playback(&self) -> &Playback {
        &self.playback
    }

    /// Messages over time, of all topics; empty when the index does not say.
    #[must_use]
    pub fn density(&self) -> &[f32] {
        &self.density
    }

    /// Messages over time of a topic that is drawn.
    #[must_use]
    pub fn line(&self, topic: &TopicName) -> Option<&[f32]> {
        self.lines.get(topic).map(Vec::as_slice)
    }

    /// How much of what is drawn is read, from 0 to 1; `None` when all is.
    #[must_use]
    pub fn progress(&self) -> Option<f64> {
        let running = self.loads.iter().map(Load::progress);
        running.reduce(f64::min)
    }

    /// The name of the file or directory.
    #[must_use]
    pub fn name(&self) -> String {
        let path = self.source.bag().path();
        path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// The bookmarks, as the charts and the bar take them.
    #[must_use]
    pub fn marks(&self) -> Vec<(i64, String)> {
        let marks = self.source.bookmarks().iter();
        let marks = marks.filter_map(|mark| Some((i64::try_from(mark.time_ns).ok()?, mark.text.clone())));
        marks.collect()
    }

    /// True when something may have come into the store since this was last asked.
    pub(in crate::scope) fn has_news(&self, store: &Store) -> bool {
        let loading = store.is_loading() || store.is_behind();
        !self.settled.replace(!loading) || loading
    }

    /// Takes the loads away that have ended; gives what went wrong and was not told yet.
    pub(super) fn reap(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        self.loads.retain(|load| {
            let Some(loaded) = load.ended() else { return true };
            wrong.extend(loaded.problems);
            if loaded.undecodable > 0 {
                wrong.push(format!(
                    "{} messages are not of the type that the recording says; they are left out",
                    format::count(loaded.undecodable)
                ));
            }
            if loaded.unplaced > 0 {
                wrong.push(format!(
                    "{} messages stand too late in the file to be put at their time; they are left out",
                    format::count(loaded.unplaced)
                ));
            }
            false
        });
        wrong.retain(|text| !self.told.contains(text));
        self.told.extend(wrong.iter().cloned());
        wrong
    }
}
