//! An engine for one verb: started, asked, and shut down on the one way out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use roswave_engine::engine::{Engine, EngineConfig, Measure, ShutdownReport, Snapshot};
use roswave_engine::name::TopicName;

use crate::signals::Signals;

/// How often a verb looks at the engine.
const LOOK: Duration = Duration::from_millis(20);
/// How long the shutdown may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// A graph that did not change for this long has settled.
const QUIET: Duration = Duration::from_millis(700);

/// A running engine, and the signals that end the verb.
pub(super) struct Session {
    pub(super) engine: Engine,
    signals: Signals,
}

impl Session {
    /// Joins the domain. Measures nothing but what the verb chooses.
    pub(super) fn start(domain: Option<u32>) -> anyhow::Result<Self> {
        let signals = Signals::install()?;
        let config = EngineConfig {
            domain,
            measure: Measure::Chosen,
            ..EngineConfig::default()
        };
        Ok(Self {
            engine: Engine::start(config)?,
            signals,
        })
    }

    /// True once SIGINT or SIGTERM came.
    pub(super) fn interrupted(&self) -> bool {
        self.signals.quit().is_requested()
    }

    /// Sleeps for a moment; false when the verb was interrupted.
    pub(super) fn pause(&self) -> bool {
        std::thread::sleep(LOOK);
        !self.interrupted()
    }

    /// Waits until `test` gives something, `limit` has passed or the verb was interrupted.
    pub(super) fn until<T>(&self, limit: Duration, mut test: impl FnMut(&Snapshot) -> Option<T>) -> Option<T> {
        let end = Instant::now() + limit;
        loop {
            if let Some(found) = test(&self.engine.snapshot()) {
                return Some(found);
            }
            if Instant::now() >= end || !self.pause() {
                return None;
            }
        }
    }

    /// The graph: after exactly `wait`, or without it once it has settled.
    pub(super) fn settled(&self, wait: Option<f64>) -> Arc<Snapshot> {
        if let Some(secs) = wait {
            let _ = self.until(Duration::from_secs_f64(secs), |_| None::<()>);
            return self.engine.snapshot();
        }
        let mut seen = (0, Instant::now());
        let _ = self.until(Duration::from_secs(4), |snapshot| {
            let graph = &snapshot.graph;
            if graph.version != seen.0 {
                seen = (graph.version, Instant::now());
            }
            let settled = seen.1.elapsed() >= QUIET && graph.participants > 0;
            settled.then_some(())
        });
        self.engine.snapshot()
    }

    /// Waits for all `topics` to have a publisher or a type. A signal meanwhile is a failure: nothing was done yet.
    pub(super) fn find(&self, topics: &[TopicName], wait: Duration) -> anyhow::Result<()> {
        let missing = |snapshot: &Snapshot| -> Vec<TopicName> {
            let there = |topic: &&TopicName| !snapshot.graph.topics.contains_key(*topic);
            topics.iter().filter(there).cloned().collect()
        };
        if self
            .until(wait, |snapshot| missing(snapshot).is_empty().then_some(()))
            .is_some()
        {
            return Ok(());
        }
        let snapshot = self.engine.snapshot();
        let missing = missing(&snapshot);
        let Some(topic) = missing.first() else { return Ok(()) };
        if self.interrupted() {
            bail!("interrupted before there was a topic {topic}; `--wait SECS` limits the wait");
        }
        let domain = snapshot.facts.domain.map_or_else(|| "?".to_owned(), |d| d.to_string());
        let near = nearest(topic, snapshot.graph.topics.keys());
        let hint = near.map_or_else(String::new, |name| format!(" (is it {name}?)"));
        let secs = wait.as_secs_f64();
        bail!("no topic {topic} in domain {domain} after {secs} s{hint}; `roswave topics` lists those that are there");
    }

    /// Ends everything, on the same way as the window.
    pub(super) fn shutdown(self) -> ShutdownReport {
        let report = self.engine.shutdown(DEADLINE);
        self.signals.close();
        report
    }
}

/// The name that looks most like `wanted`, when one does.
fn nearest<'a>(wanted: &TopicName, names: impl Iterator<Item = &'a TopicName>) -> Option<&'a TopicName> {
    let wanted = wanted.as_str();
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    names
        .map(|name| {
            let far = distance(wanted, name.as_str());
            (
                if last(wanted) == last(name.as_str()) {
                    far.min(1)
                } else {
                    far
                },
                name,
            )
        })
        .filter(|(far, _)| *far <= 2 + wanted.len() / 6)
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names: Vec<TopicName> = ["/imu/data", "/odom", "/joint_states"]
            .iter()
            .map(|n| TopicName::new(n).expect("a name"))
            .collect();
        let near = |text: &str| nearest(&TopicName::new(text).expect("a name"), names.iter()).map(TopicName::as_str);
        assert_eq!(near("/imu/dta"), Some("/imu/data"));
        assert_eq!(near("/joint_state"), Some("/joint_states"));
        assert_eq!(near("/camera/image"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
