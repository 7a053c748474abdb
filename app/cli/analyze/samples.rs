//! Where the samples come from: a recording, or a live topic.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use roswave_engine::bag::{Bag, BagChannel, BagMessage};
use roswave_engine::cdr::{DecodeError, FieldPath, FieldPlan};
use roswave_engine::clock::Timestamp;
use roswave_engine::ingest::{ClockSource, FLAG_GAP, ROW_HEADER, RowTimes, Timing, begins_with_header, header_stamp};
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::schema::{Origin, Registry, Schema};
use roswave_engine::signal::recipe::Computation;
use roswave_engine::signal::{FieldRef, Recipe};

use crate::cli::session::Session;

/// How long a live topic is listened to unless said otherwise.
const LIVE_SECS: f64 = 5.0;

/// Samples in order of time.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) time_ns: Vec<i64>,
    pub(super) value: Vec<f64>,
    /// Which samples have a loss of messages before them.
    pub(super) gaps: Vec<usize>,
    /// Samples that did not fit.
    pub(super) refused: usize,
}

impl Samples {
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, f64, bool)> {
        let mut gaps = self.gaps.iter().copied().peekable();
        let samples = self.time_ns.iter().zip(&self.value).enumerate();
        samples.map(move |(index, (&time_ns, &value))| (time_ns, value, gaps.next_if_eq(&index).is_some()))
    }
}

/// What became of the messages.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) messages: u64,
    pub(super) lost: u64,
    pub(super) problem: Option<String>,
}

/// Where samples of the inputs go: through the computation into the samples that are analyzed.
pub(super) struct Sink {
    computation: Computation,
    samples: Samples,
}

impl Sink {
    pub(super) fn new(computation: Computation) -> Self {
        Self {
            computation,
            samples: Samples::default(),
        }
    }

    fn push(&mut self, input: usize, time: Timestamp, value: f64, gap: bool) {
        let Self { computation, samples } = self;
        computation.push(input, time.0, value, gap, |output| samples.take(output));
    }

    /// To be called when all fields of a message were pushed.
    fn message_done(&mut self) {
        let Self { computation, samples } = self;
        computation.drain(|output| samples.take(output));
    }

    /// Ends the collection.
    pub(super) fn finish(self) -> (Computation, Samples) {
        let Self {
            mut computation,
            mut samples,
        } = self;
        computation.finish(|output| samples.take(output));
        (computation, samples)
    }
}

/// A recording or a live topic.
#[derive(Debug)]
pub(super) enum Place {
    Bag(PathBuf),
    Live(TopicName),
}

impl Place {
    /// What is on the disk is a recording; anything else is a topic.
    pub(super) fn of(text: &str) -> anyhow::Result<Self> {
        let path = Path::new(text);
        if path.exists() {
            return Ok(Self::Bag(path.to_owned()));
        }
        let looks_like_file = path.extension().is_some() || !text.starts_with('/');
        match TopicName::new(text) {
            Ok(topic) if !looks_like_file => Ok(Self::Live(topic)),
            _ => bail!(
                "{text} is neither a recording nor a topic; give the directory of a recording, or a topic such as /imu/data"
            ),
        }
    }

    pub(super) fn topic(&self) -> Option<&TopicName> {
        match self {
            Self::Bag(_) => None,
            Self::Live(topic) => Some(topic),
        }
    }

    /// A field as it was written: in full, or within the live topic.
    pub(super) fn field(&self, text: &str) -> anyhow::Result<FieldRef> {
        match self {
            Self::Live(topic) if !text.contains(':') => Ok(FieldRef {
                topic: topic.clone(),
                field: FieldPath::parse(text)?,
            }),
            _ => Ok(text.parse()?),
        }
    }

    pub(super) fn collect(
        &self,
        recipe: &Recipe,
        clock: ClockSource,
        secs: Option<f64>,
        domain: Option<u32>,
        sink: &mut Sink,
    ) -> anyhow::Result<Collected> {
        match self {
            Self::Bag(path) => from_bag(path, recipe, clock, secs, sink),
            Self::Live(_) => from_topics(recipe, clock, secs.unwrap_or(LIVE_SECS), domain, sink),
        }
    }
}

/// The inputs of a recipe by topic: which input is which field.
fn by_topic(recipe: &Recipe) -> BTreeMap<TopicName, Vec<(usize, FieldPath)>> {
    let mut topics = BTreeMap::<TopicName, Vec<_>>::new();
    for (index, at) in recipe.inputs().iter().enumerate() {
        topics
            .entry(at.topic.clone())
            .or_default()
            .push((index, at.field.clone()));
    }
    topics
}

/// How one topic of a recording is read.
struct Plan {
    plan: FieldPlan,
    stamped: bool,
    values: Vec<f64>,
    /// Input of each value.
    inputs: Vec<usize>,
    timings: Vec<(usize, Timing)>,
    previous: Option<Timestamp>,
}

impl Plan {
    fn of_channel(channel: &BagChannel, fields: &[(usize, FieldPath)]) -> anyhow::Result<Self> {
        let name = TypeName::new(&channel.type_name)
            .with_context(|| format!("cannot read {}: its type is not told", channel.topic))?;
        let schema = match &channel.definition {
            Some(definition) => Arc::new(Schema::parse(&name, definition, Origin::Bag)?),
            None => Registry::from_environment().find(&name, None)?.schema,
        };
        let of_type = || fields.iter().filter(|(_, field)| Timing::of(field).is_none());
        let paths: Vec<FieldPath> = of_type().map(|(_, field)| field.clone()).collect();
        let plan = FieldPlan::compile(&schema, &paths)?;
        Ok(Self {
            values: vec![0.0; plan.width()],
            plan,
            stamped: begins_with_header(&schema),
            inputs: of_type().map(|(index, _)| *index).collect(),
            timings: fields
                .iter()
                .filter_map(|(index, field)| Some((*index, Timing::of(field)?)))
                .collect(),
            previous: None,
        })
    }

    fn times(&self, message: &BagMessage<'_>) -> RowTimes {
        let time = |ns: u64| Timestamp(i64::try_from(ns).unwrap_or(i64::MAX));
        RowTimes {
            clocks_differ: false,
            source: (message.publish_time_ns != 0).then(|| time(message.publish_time_ns)),
            receive: time(message.log_time_ns),
            header: self.stamped.then(|| header_stamp(message.payload)).flatten(),
        }
    }

    fn take(
        &mut self,
        payload: &[u8],
        times: &RowTimes,
        time: Timestamp,
        gap: bool,
        sink: &mut Sink,
    ) -> Result<(), DecodeError> {
        self.plan.extract(payload, &mut self.values)?;
        for (input, value) in self.inputs.iter().zip(&self.values) {
            sink.push(*input, time, *value, gap);
        }
        for (input, timing) in &self.timings {
            sink.push(*input, time, timing.value(times, self.previous), gap);
        }
        self.previous = Some(times.receive);
        sink.message_done();
        Ok(())
    }
}

fn from_bag(
    path: &Path,
    recipe: &Recipe,
    clock: ClockSource,
    secs: Option<f64>,
    sink: &mut Sink,
) -> anyhow::Result<Collected> {
    let wanted = by_topic(recipe);
    let span_ns = span_ns(secs);
    let mut plans = BTreeMap::<TopicName, Plan>::new();
    let (mut first, mut undecodable) = (None::<i64>, 0_u64);
    let bag = Bag::open(path)?;
    let is_wanted =
        |channel: &BagChannel| TopicName::new(&channel.topic).is_ok_and(|topic| wanted.contains_key(&topic));
    let (mut messages, mut taken) = (bag.messages_of(is_wanted, None, None), 0_u64);
    while let Some(message) = messages.advance() {
        taken += 1;
        let Ok(topic) = TopicName::new(&message.channel.topic) else {
            continue;
        };
        if !plans.contains_key(&topic) {
            let plan = Plan::of_channel(message.channel, &wanted[&topic])?;
            let _ = plans.insert(topic.clone(), plan);
        }
        let Some(plan) = plans.get_mut(&topic) else { continue };
        let times = plan.times(&message);
        let time = times.plot(clock);
        let begin = *first.get_or_insert(time.0);
        if span_ns.is_some_and(|span_ns| time.0.saturating_sub(begin) > span_ns) {
            break;
        }
        if plan.take(message.payload, &times, time, false, sink).is_err() {
            undecodable += 1;
        }
    }
    let mut problems = bag.problems().iter().chain(messages.problems());
    let problem = problems.next().cloned();
    if let Some(topic) = wanted.keys().find(|topic| !plans.contains_key(topic)) {
        bail!(
            "{} holds no message of {topic}; `roswave info` lists its topics",
            path.display()
        );
    }
    let wrong = || format!("{undecodable} messages were not of the type that the recording says");
    Ok(Collected {
        messages: taken,
        lost: 0,
        problem: problem.or_else(|| (undecodable > 0).then(wrong)),
    })
}

fn span_ns(secs: Option<f64>) -> Option<i64> {
    // Saturates.
    secs.map(|secs| (secs * 1e9) as i64)
}

fn from_topics(
    recipe: &Recipe,
    clock: ClockSource,
    secs: f64,
    domain: Option<u32>,
    sink: &mut Sink,
) -> anyhow::Result<Collected> {
    let wanted = by_topic(recipe);
    let topics: Vec<TopicName> = wanted.keys().cloned().collect();
    let session = Session::start(domain)?;
    session.find(&topics, Duration::from_secs(5))?;
    let mut feeds = Vec::new();
    for (topic, fields) in &wanted {
        let paths: Vec<FieldPath> = fields.iter().map(|(_, field)| field.clone()).collect();
        // The definition may take a moment after the topic.
        let ready = session.until(Duration::from_secs(2), |snapshot| {
            let status = snapshot.topics.get(topic)?;
            (status.schema.is_some() || status.problem.is_some()).then_some(())
        });
        let _ = ready;
        let feed = session.engine.plot(topic, &paths)?;
        // A feed gives the values of the type first, in the order that they were asked for.
        let inputs: Vec<usize> = fields
            .iter()
            .filter(|(_, field)| Timing::of(field).is_none())
            .map(|(index, _)| *index)
            .collect();
        let timings: Vec<(usize, Timing)> = fields
            .iter()
            .filter_map(|(index, field)| Some((*index, Timing::of(field)?)))
            .collect();
        feeds.push((feed, inputs, timings, None::<Timestamp>));
    }
    let mut messages = 0;
    let end = Instant::now() + Duration::from_secs_f64(secs);
    loop {
        let last = Instant::now() >= end || !session.pause();
        for (feed, inputs, timings, previous) in &mut feeds {
            messages += feed.rows.for_each(|row| {
                let times = RowTimes::decode(row);
                let (time, gap) = (times.plot(clock), row[2] & FLAG_GAP != 0);
                for (at, input) in inputs.iter().enumerate() {
                    sink.push(*input, time, f64::from_bits(row[ROW_HEADER + at]), gap);
                }
                for (input, timing) in timings.iter() {
                    sink.push(*input, time, timing.value(&times, *previous), gap);
                }
                *previous = Some(times.receive);
                if inputs.len() + timings.len() == recipe.inputs().len() {
                    sink.message_done();
                }
            });
        }
        sink.message_done();
        if last {
            break;
        }
    }
    let snapshot = session.engine.snapshot();
    let lost = topics.iter().filter_map(|topic| {
        let report = snapshot.topics.get(topic)?.report.as_ref()?;
        Some(report.loss.known_total())
    });
    let lost = lost.sum();
    let _ = session.shutdown();
    Ok(Collected {
        messages,
        lost,
        problem: None,
    })
}
