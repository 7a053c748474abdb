//! The recording, as the `graph` thread looks after it.

mod orders;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Update;
use super::control::Control;
use crate::clock::monotonic_ns;
use crate::graph::TypeHash;
use crate::ingest::{IngestCommand, TopicIndex, outlet};
use crate::loss::{Count, Loss};
use crate::name::{TopicName, TypeName};
use crate::qos::Qos;
use crate::record::{ChannelInfo, FinishedState, RecordRequest, Recorder, RecordingState, RecordingStatus};
use crate::stats::TopicCounters;

/// The record queue has room for one message per so many bytes of its quota: more messages than that are lost although
/// the quota is not used up. A message that small needs as much for its bookkeeping.
pub const QUOTA_PER_MESSAGE_BYTES: u64 = 512;

/// How long the recorder may take to finish before it is only watched and no longer waited for.
const LOOK: Duration = Duration::from_millis(1);

/// A recorded topic.
struct Channel {
    /// What it is called at the recorder.
    index: TopicIndex,
    counters: Arc<TopicCounters>,
    /// What had been lost before the recording took the topic in.
    before: Loss,
    told: Option<Loss>,
    info: ChannelKey,
}

/// What of a channel may become known later.
#[derive(PartialEq)]
struct ChannelKey {
    type_name: TypeName,
    type_hash: Option<TypeHash>,
    offers: Vec<Qos>,
    defined: bool,
}

pub(super) struct Recording {
    recorder: Recorder,
    request: RecordRequest,
    outlet: u32,
    /// Set by ingest when everything received is in the queue and the queue is closed.
    closed: Option<Arc<AtomicBool>>,
    stopped: bool,
    channels: BTreeMap<TopicName, Channel>,
    /// What was lost of topics while they had another type.
    lost_before: Loss,
    /// Had no type when they were looked at.
    missing: BTreeSet<TopicName>,
    overflow_told: u64,
    unanswered: bool,
}

impl Recording {
    pub fn status(&self) -> RecordingStatus {
        let mut status = self.recorder.status();
        if self.closed.is_some() && matches!(status.state, RecordingState::Starting | RecordingState::Recording) {
            status.state = RecordingState::Finishing;
        }
        // What ingest has counted is newer than what the recorder was told.
        let disk = status.loss.disk;
        status.loss = self
            .channels
            .values()
            .fold(self.lost_before, |sum, channel| sum.plus(channel.loss()));
        status.loss.disk = disk;
        status
    }

    fn hear(&mut self, answer: Result<(), impl std::fmt::Display>) -> Option<String> {
        let error = answer.err()?;
        (!std::mem::replace(&mut self.unanswered, true)).then(|| error.to_string())
    }
}

impl Channel {
    /// What was lost since the recording took the topic in.
    fn loss(&self) -> Loss {
        Loss {
            disk: Count::Known(0),
            ..self.counters.loss().minus(self.before)
        }
    }
}

impl Control {
    pub fn start_recording(&mut self, request: RecordRequest) {
        let refuse = |control: &Self, reason: String| {
            control.shared.end_recording();
            control.shared.tell(Update::RecordingRefused(reason));
        };
        let messages = usize::try_from(request.quota_bytes / QUOTA_PER_MESSAGE_BYTES).unwrap_or(usize::MAX);
        let (producer, consumer) = match outlet(messages.max(1024), request.quota_bytes) {
            Ok(ends) => ends,
            Err(error) => return refuse(self, error.to_string()),
        };
        let mut request = request;
        request.facts.extend(self.facts_of_the_graph());
        let path = request.directory.clone();
        let recorder = match Recorder::start(request.clone(), consumer) {
            Ok(recorder) => recorder,
            Err(error) => return refuse(self, error.to_string()),
        };
        let outlet = self.open_outlet(producer, None);
        self.recording = Some(Recording {
            recorder,
            request,
            outlet,
            closed: None,
            stopped: false,
            channels: BTreeMap::new(),
            lost_before: Loss::NONE,
            missing: BTreeSet::new(),
            overflow_told: 0,
            unanswered: false,
        });
        let mut names: BTreeSet<TopicName> = self.topics.keys().cloned().collect();
        if let Some(recording) = self.recording.as_ref() {
            names.extend(recording.request.selection.named());
        }
        for name in &names {
            self.record_if_selected(name);
        }
        // Told when ingest has been told: who waits for it may publish.
        self.shared.tell(Update::RecordingStarted { path });
        let absent = self.recording.as_ref().and_then(|r| r.missing.first().cloned());
        if let Some(name) = absent {
            let text = format!("nobody publishes {name} yet: it is recorded as soon as somebody does");
            self.shared.tell(Update::Warning(text));
        }
    }

    /// Takes a topic into the recording if it belongs there; tells the recorder what became known of it since.
    pub fn record_if_selected(&mut self, name: &TopicName) {
        let type_name = self.graph.topics.get(name).and_then(|topic| topic.type_name());
        let wanted = self
            .recording
            .as_ref()
            .is_some_and(|r| r.closed.is_none() && (r.channels.contains_key(name) || r.request.wants(name, type_name)));
        if !wanted {
            return;
        }
        let graph = Arc::clone(&self.graph);
        let announced = graph
            .topics
            .get(name)
            .and_then(|topic| Some((topic, topic.type_name()?)));
        let slot = self.slot(name);
        let schema = self.entry(name).schema().cloned();
        let counters = self.entry(name).slot.as_ref().map(|(_, counters)| Arc::clone(counters));
        let (Some(recording), Some(counters)) = (self.recording.as_mut(), counters) else {
            return;
        };
        let Some((topic, type_name)) = announced else {
            let _ = recording.missing.insert(name.clone());
            return;
        };
        let _ = recording.missing.remove(name);
        let info = ChannelKey {
            type_name: type_name.clone(),
            type_hash: topic.type_hash.clone(),
            offers: topic.offers(),
            defined: schema.is_some(),
        };
        let known = recording.channels.get(name);
        if known.is_some_and(|channel| channel.info == info) {
            return;
        }
        // A new type is a new channel under an index of its own: messages of the old one that are still on their way keep theirs.
        let is_retyped = known.is_some_and(|channel| channel.info.type_name != *type_name);
        if is_retyped {
            self.stop_reading_other(name, type_name);
            self.end_channel(name);
        }
        let index = if is_retyped { self.new_slot() } else { slot };
        let Some(recording) = self.recording.as_mut() else {
            return;
        };
        let known = recording.channels.get_mut(name);
        let is_new = known.is_none();
        let index = known.as_ref().map_or(index, |channel| channel.index);
        let answer = recording.recorder.channel(ChannelInfo {
            topic: index,
            name: name.clone(),
            type_name: type_name.clone(),
            type_hash: topic.type_hash.clone(),
            definition: schema.map(|schema| schema.ros2msg().to_owned()),
            offered_qos: info.offers.clone(),
        });
        match known {
            Some(channel) => channel.info = info,
            None => {
                let before = counters.loss();
                let channel = Channel {
                    index,
                    counters,
                    before,
                    told: None,
                    info,
                };
                let _ = recording.channels.insert(name.clone(), channel);
            }
        }
        let outlet = recording.outlet;
        if let Some(text) = recording.hear(answer) {
            self.shared.tell(Update::Error(text));
        }
        if is_new {
            self.tell_ingest(IngestCommand::Route { slot, outlet, index });
            self.entry(name).wants.record = true;
            self.reconcile(name);
        }
    }

    /// Takes a topic out of the recording with what it lost.
    fn end_channel(&mut self, name: &TopicName) {
        let Some(recording) = self.recording.as_mut() else {
            return;
        };
        if let Some(channel) = recording.channels.remove(name) {
            let loss = channel.loss();
            recording.lost_before = recording.lost_before.plus(loss);
            let answer = recording.recorder.note_loss(channel.index, loss);
            if let Some(text) = recording.hear(answer) {
                self.shared.tell(Update::Error(text));
            }
        }
    }

    /// Tells the recorder what was lost, and the user when the queue overflowed.
    pub fn note_recorded_loss(&mut self) {
        let Some(recording) = self.recording.as_mut() else {
            return;
        };
        let mut answers = Vec::new();
        let mut overflow = 0;
        for channel in recording.channels.values_mut() {
            let loss = channel.loss();
            overflow += loss.record.known().unwrap_or(0);
            if channel.told != Some(loss) {
                channel.told = Some(loss);
                answers.push(recording.recorder.note_loss(channel.index, loss));
            }
        }
        for answer in answers {
            if let Some(text) = recording.hear(answer) {
                self.shared.tell(Update::Error(text));
            }
        }
        if overflow > recording.overflow_told {
            recording.overflow_told = overflow;
            let quota = recording.recorder.quota_bytes() >> 20;
            let text = format!(
                "{overflow} messages were not recorded: the disk does not keep up and the queue of {quota} MiB is full; \
                 record fewer topics or to a faster disk"
            );
            self.shared.tell(Update::Error(text));
        }
    }

    /// Brings a recording to its end when it was stopped or has failed.
    pub fn tend_recording(&mut self) {
        self.pass_on_events();
        // A stop that comes before the start was obeyed stays; the next start takes it away.
        let Some(recording) = self.recording.as_ref() else {
            return;
        };
        let ended = recording.recorder.is_finished();
        if recording.closed.is_none() && (ended || self.shared.stop_recording.swap(false, Ordering::AcqRel)) {
            let outlet = recording.outlet;
            let closed = self.close_outlet(outlet);
            if let Some(recording) = self.recording.as_mut() {
                recording.closed = Some(closed);
            }
        }
        let Some(recording) = self.recording.as_mut() else {
            return;
        };
        let closed = recording
            .closed
            .as_ref()
            .is_some_and(|closed| closed.load(Ordering::Acquire));
        if !closed {
            return;
        }
        if !std::mem::replace(&mut recording.stopped, true) {
            // The queue is whole and closed: what was counted so far is all that was lost.
            self.note_recorded_loss();
            self.release_recorded();
            if let Some(recording) = self.recording.as_ref() {
                recording.recorder.stop();
            }
        }
        if ended {
            self.take_finished(LOOK);
        }
    }

    /// Nothing is read for the recording any more.
    fn release_recorded(&mut self) {
        let Some(recording) = self.recording.as_ref() else {
            return;
        };
        let names: Vec<TopicName> = recording.channels.keys().cloned().collect();
        for name in &names {
            self.entry(name).wants.record = false;
            self.reconcile(name);
        }
    }

    fn take_finished(&mut self, deadline: Duration) {
        let Some(recording) = self.recording.take() else { return };
        let mut last = recording.status();
        let finished = recording.recorder.join(deadline);
        self.shared.end_recording();
        match finished {
            Some(finished) => {
                last.state = match &finished.state {
                    FinishedState::Complete => RecordingState::Complete,
                    FinishedState::Guard(reason) => RecordingState::Guard(reason.clone()),
                    FinishedState::Failed(reason) => RecordingState::Failed(reason.clone()),
                };
                last.messages = finished.messages;
                last.bytes = finished.bytes;
                last.duration_s = finished.duration_s;
                last.loss = finished.loss;
                last.topics.clone_from(&finished.topics);
                last.queued_bytes = 0;
                self.note_finished(finished.clone());
                self.shared.tell(Update::RecordingFinished(finished));
            }
            None => {
                self.recorder_left = true;
                let path = last.path.display();
                let text = format!("the recording to {path} did not finish in time: the disk may hang");
                last.state = RecordingState::Failed(text.clone());
                self.shared.tell(Update::Error(text));
            }
        }
        self.last_recording = Some(last);
    }

    /// Finishes the recording before the engine goes, waiting until `deadline_ns` at most.
    pub fn end_recording(&mut self, deadline_ns: i64) {
        self.shared.stop_recording.store(true, Ordering::Release);
        let left = || Duration::from_nanos((deadline_ns - monotonic_ns()).max(0).unsigned_abs());
        while self.recording.as_ref().is_some_and(|recording| !recording.stopped) && left() > Duration::ZERO {
            self.tend_recording();
            let mut ignored = Vec::new();
            // Ingest rings when it has closed the queue.
            self.transport
                .poll_graph(left().min(Duration::from_millis(20)), &mut ignored);
        }
        if let Some(recording) = self.recording.as_ref() {
            recording.recorder.stop();
            self.take_finished(left());
        }
    }
}
