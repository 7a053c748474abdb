//! What goes between the user and a recorder that runs: orders, events, and facts.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Update;
use crate::engine::command::RecordingOrder;
use crate::engine::control::Control;
use crate::record::RecordingEvent;

impl Control {
    /// What is known of the robot and the way to it.
    pub(super) fn facts_of_the_graph(&self) -> BTreeMap<String, String> {
        let writers = self.graph.topics.values().flat_map(|topic| &topic.writers);
        let vendors: BTreeSet<String> = writers.map(|writer| format!("{:?}", writer.vendor)).collect();
        let vendors: Vec<String> = vendors.into_iter().collect();
        let domain = self.facts.domain.map(|domain| ("domain", domain.to_string()));
        let vendors = (!vendors.is_empty()).then(|| ("dds_vendors", vendors.join(", ")));
        [Some(("transport", self.facts.kind.to_owned())), domain, vendors]
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// Passes an order on to the recorder.
    pub fn order_recording(&mut self, order: RecordingOrder) {
        let Some(recording) = self.recording.as_mut() else {
            let text = "no recording is running: there is nothing to split, mark or trigger".to_owned();
            self.shared.tell(Update::Warning(text));
            return;
        };
        let answer = match &order {
            RecordingOrder::Split => recording.recorder.split(),
            RecordingOrder::Trigger(why) => recording.recorder.trigger(why),
            RecordingOrder::Mark(time, text) => recording.recorder.mark(*time, text),
        };
        if let Some(text) = recording.hear(answer) {
            self.shared.tell(Update::Error(text));
        }
    }

    /// Tells what has happened at the recorder.
    pub(super) fn pass_on_events(&self) {
        for event in self.recording.iter().flat_map(|recording| recording.recorder.events()) {
            self.shared.tell(match event {
                RecordingEvent::Split { path, number, messages } => Update::RecordingSplit { path, number, messages },
                RecordingEvent::Triggered(why) => Update::RecordingTriggered(why),
                RecordingEvent::Warning(text) => Update::Warning(text),
            });
        }
    }
}
