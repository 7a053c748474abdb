//! History per topic: shared time column, value columns, retention by budget, and the reduced traces that charts draw.
//!
//! Owned by one thread, the consumer of the plot rings (the window's); nothing in here locks.
//!
//! Rows are kept in order of time. A row that comes late by up to [`LATE_LIMIT_NS`] is put at its place. One that is
//! later than that means that time was set back (a clock, a bag that began again, a restart): what the topic had
//! stored from that time on is dropped, what was before stays, and the line is broken there. A jump ahead of any length is
//! drawn as it is; when it was an error, the next honest row drops it.
//!
//! Full chunks keep every time and value exactly, in at most 12 bytes per value when the rows jitter by less than 8 ms.
//! Over the budget, the oldest chunks are reduced to least, greatest and mean value per 100 ms, then per 1 s and per
//! 10 s, and then dropped.

mod chunk;
mod derived;
mod history;
mod load;
mod position;
mod tier;
mod topic;
mod trace;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::cdr::{FieldPath, MISSING};
use crate::clock::Timestamp;
use crate::ingest::{ClockSource, PlotFeed, Timing};
use crate::name::TopicName;
use crate::signal::Recipe;
use crate::signal::align::Align;
use crate::signal::recipe::RecipeError;
use derived::Derivation;
use history::History;
use tier::TIER_NS;
use topic::Topic;
use trace::Trace;

pub use history::LATE_LIMIT_NS;
pub use load::{Abandoned, RowLoader};
pub use position::Position;
pub use trace::{BreakKind, Mark, TraceSpec, TraceView};

/// Times are kept between these two, 146 years around the epoch, so that their differences fit.
const TIME_LIMIT_NS: i64 = i64::MAX / 2;
/// Values reduced per drain on top of the values that came in: about half a millisecond.
const SHRINK_VALUES: usize = 65_536;
/// Samples that derived series take in per drain, together, when they have catching up to do: about 2 ms.
const DERIVED_SAMPLES: usize = 32_768;
/// Buckets moved at once from one tier to the next.
const COARSEN_BUCKETS: usize = 64;

/// One field of one attached topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId {
    topic: u32,
    column: u32,
}

/// One trace of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId {
    topic: u32,
    serial: u32,
}

/// A trace that stands still: the picture of a range of time.
#[derive(Debug, Default)]
pub struct StillTrace {
    trace: Option<Trace>,
}

impl StillTrace {
    /// Its points.
    #[must_use]
    pub fn view(&self) -> TraceView<'_> {
        self.trace.as_ref().map_or(TraceView::EMPTY, Trace::view)
    }
}

/// What a drain brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Rows taken from the rings.
    pub rows: u64,
    /// Values in these rows.
    pub samples: u64,
    /// The latest plot time among them.
    pub newest_time: Option<Timestamp>,
    /// The latest receive time among them.
    pub newest_receive: Option<Timestamp>,
    /// The mean of their receive times, row by row.
    pub mean_receive: Option<Timestamp>,
    /// Samples that derived series took in.
    pub derived: u64,
    /// Derived series are not done with what there is: drain again, even when nothing arrives.
    pub behind: bool,
}

impl Drained {
    /// The mean over the rows so far and `count` more, whose receive times are `first` plus differences of this sum.
    fn mean_with(&self, first: i64, sum: i128, count: u64) -> Timestamp {
        let offset = sum / i128::from(count.max(1));
        let mean = i64::try_from(i128::from(first) + offset).unwrap_or(first);
        let Some(before) = self.mean_receive else {
            return Timestamp(mean);
        };
        let ahead = i128::from(mean) - i128::from(before.0);
        let moved = ahead * i128::from(count) / i128::from((self.rows + count).max(1));
        Timestamp(i64::try_from(i128::from(before.0) + moved).unwrap_or(mean))
    }
}

/// What the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Bytes allocated for history and traces.
    pub used_bytes: u64,
    /// Bytes that may be.
    pub budget_bytes: u64,
    /// Values that are stored as they came.
    pub samples: u64,
    /// The oldest data, reduced or not.
    pub oldest: Option<Timestamp>,
}

/// The history of every plotted topic.
pub struct Store {
    budget_bytes: u64,
    clock: ClockSource,
    topics: BTreeMap<u32, Topic>,
    names: BTreeMap<TopicName, u32>,
    next_topic: u32,
    next_trace: u32,
    /// Derived series, listed anew by each drain in the same place.
    derived: Vec<u32>,
}

impl Store {
    /// An empty store that will hold `budget_bytes` at most.
    #[must_use]
    pub fn new(budget_bytes: u64) -> Self {
        Self {
            budget_bytes,
            clock: ClockSource::default(),
            topics: BTreeMap::new(),
            names: BTreeMap::new(),
            next_topic: 0,
            next_trace: 0,
            derived: Vec::new(),
        }
    }

    /// Holds this many bytes at most from now on; what is too much goes with the next calls of [`Store::drain`], a part
    /// each.
    pub fn set_budget(&mut self, budget_bytes: u64) {
        self.budget_bytes = budget_bytes;
    }

    /// Stores the rows of this feed from now on. A feed of a topic that is there already replaces the earlier one:
    /// fields of the same path continue, new ones begin now, and the history of the others stays.
    pub fn attach(&mut self, feed: PlotFeed) {
        let clock = self.clock;
        let topic = self.named(&feed.topic);
        topic.attach(feed, clock);
    }

    /// The topic of this name, which begins when it is not there yet.
    fn named(&mut self, name: &TopicName) -> &mut Topic {
        let id = *self.names.entry(name.clone()).or_insert_with(|| {
            self.next_topic += 1;
            self.next_topic
        });
        self.topics.entry(id).or_insert_with(|| Topic::new(Some(name.clone())))
    }

    /// Fills a topic from a recording instead of from a feed: what was stored of it goes, its ids and traces stay. The rows
    /// given to the loader show with the following drains; a loader before this one is abandoned.
    pub fn load(&mut self, topic: &TopicName, fields: Vec<FieldPath>, timings: Vec<Timing>) -> RowLoader {
        let clock = self.clock;
        self.named(topic).load(fields, timings, clock)
    }

    /// True while the rows of a recording are not all here.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.topics.values().any(Topic::is_loading)
    }

    /// True while derived series have samples to take in: drain again.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        let mut derivations = self.topics.values().filter_map(|topic| topic.derivation.as_ref());
        derivations.any(|derivation| derivation.is_behind())
    }

    /// Up to when something is kept only as a trend, because the budget does not hold it raw.
    #[must_use]
    pub fn reduced_until(&self) -> Option<Timestamp> {
        let tiers = self.topics.values().flat_map(|topic| {
            let levels = 0..TIER_NS.len();
            levels.filter_map(move |level| topic.history.tier(level).newest())
        });
        tiers.max().map(Timestamp)
    }

    /// The time of the last sample of a series before `time`, as far as it is stored as it came.
    #[must_use]
    pub fn before(&self, series: SeriesId, time: Timestamp) -> Option<Timestamp> {
        let (topic, column) = self.topic(series)?;
        topic.history.before(column, time.0).map(|(time, ..)| Timestamp(time))
    }

    /// The time of the first sample of a series behind `time`, as far as it is stored as it came.
    #[must_use]
    pub fn after(&self, series: SeriesId, time: Timestamp) -> Option<Timestamp> {
        let (topic, column) = self.topic(series)?;
        topic.history.after(column, time.0).map(|(time, ..)| Timestamp(time))
    }

    /// Draws messages at this time from now on. What is stored was in order of another time: it goes.
    pub fn set_clock(&mut self, clock: ClockSource) {
        if std::mem::replace(&mut self.clock, clock) != clock {
            for topic in self.topics.values_mut() {
                topic.clear();
            }
        }
    }

    /// The time that messages are drawn at.
    #[must_use]
    pub fn clock(&self) -> ClockSource {
        self.clock
    }

    /// Frees a topic's history and traces. Its ids lead to nothing from then on.
    pub fn detach(&mut self, topic: &TopicName) {
        if let Some(id) = self.names.remove(topic) {
            let _ = self.topics.remove(&id);
        }
    }

    /// Takes in everything that waits in the rings, brings the traces up to date and keeps the budget.
    pub fn drain(&mut self) -> Drained {
        let mut drained = Drained::default();
        for topic in self.topics.values_mut() {
            topic.drain(self.clock, &mut drained);
        }
        self.derive_on(&mut drained);
        let came = usize::try_from(drained.samples + drained.derived).unwrap_or(usize::MAX);
        self.shrink(came.saturating_mul(2).saturating_add(SHRINK_VALUES));
        drained
    }

    /// Begins a series that is worked out of others, from all of the history that they have; every drain goes on with it. One
    /// series stands for each input of the recipe, in the order of [`Recipe::inputs`](crate::signal::Recipe::inputs).
    ///
    /// # Errors
    /// When the recipe cannot be compiled.
    pub fn derive(&mut self, recipe: &Recipe, align: Align, inputs: &[SeriesId]) -> Result<SeriesId, RecipeError> {
        let derivation = Derivation::new(recipe, align, inputs)?;
        self.next_topic += 1;
        let id = self.next_topic;
        let _ = self.topics.insert(id, Topic::derived(derivation));
        Ok(SeriesId { topic: id, column: 0 })
    }

    /// Frees a derived series with its traces.
    pub fn drop_derived(&mut self, series: SeriesId) {
        if self
            .topics
            .get(&series.topic)
            .is_some_and(|topic| topic.derivation.is_some())
        {
            let _ = self.topics.remove(&series.topic);
        }
    }

    /// What is wrong with a derived series although its recipe is sound: a filter that does not fit the rate of its input.
    #[must_use]
    pub fn derived_fault(&self, series: SeriesId) -> Option<String> {
        self.topics.get(&series.topic)?.derivation.as_ref()?.fault()
    }

    /// Samples of its inputs that a derived series could not use, because they came too late.
    #[must_use]
    pub fn derived_unused(&self, series: SeriesId) -> u64 {
        let derivation = self
            .topics
            .get(&series.topic)
            .and_then(|topic| topic.derivation.as_ref());
        derivation.map_or(0, |derivation| derivation.unused())
    }

    /// Lets the derived series take in what came, a bounded share of it per drain.
    fn derive_on(&mut self, drained: &mut Drained) {
        let derived = self.topics.iter().filter(|(_, topic)| topic.derivation.is_some());
        let mut ids = std::mem::take(&mut self.derived);
        ids.clear();
        ids.extend(derived.map(|(id, _)| *id));
        let came = usize::try_from(drained.rows).unwrap_or(usize::MAX);
        let most = (DERIVED_SAMPLES / ids.len().max(1)).max(came.saturating_mul(2)).max(1);
        for &id in &ids {
            let Some(mut derivation) = self.topics.get_mut(&id).and_then(|topic| topic.derivation.take()) else {
                continue;
            };
            drained.derived += derivation.run(&self.topics, most) as u64;
            drained.behind |= derivation.is_behind();
            if let Some(topic) = self.topics.get_mut(&id) {
                topic.accept(derivation);
            }
        }
        self.derived = ids;
    }

    /// Reduces old history while more than the budget is used, by at most `values` values; when that is not enough,
    /// the oldest chunks go unreduced.
    fn shrink(&mut self, values: usize) {
        let budget = usize::try_from(self.budget_bytes).unwrap_or(usize::MAX);
        let shares = [budget / 16, budget / 16, budget / 8];
        let mut used = self.used_bytes();
        let mut spent = 0;
        while used > budget - budget / 32 {
            if spent >= values && used <= budget {
                return;
            }
            let tiers: [usize; 3] = std::array::from_fn(|level| {
                self.topics
                    .values()
                    .map(|topic| topic.history.tier(level).bytes())
                    .sum()
            });
            let full = (0..TIER_NS.len()).rev().find(|&level| {
                tiers[level] > shares[level] && self.topics.values().any(|topic| topic.history.tier(level).len() > 0)
            });
            let oldest = |of: fn(&History, usize) -> Option<i64>, level: usize, topics: &BTreeMap<u32, Topic>| {
                let times = topics
                    .iter()
                    .filter_map(|(id, topic)| Some((of(&topic.history, level)?, *id)));
                times.min().map(|(_, id)| id)
            };
            let raw = oldest(|history, _| history.spare(), 0, &self.topics);
            let level = full.or_else(|| {
                // Nothing raw is left to reduce.
                raw.is_none()
                    .then(|| {
                        (0..TIER_NS.len())
                            .rev()
                            .find(|&level| self.topics.values().any(|topic| topic.history.tier(level).len() > 0))
                    })
                    .flatten()
            });
            let id = match level {
                Some(level) => oldest(|history, level| history.tier(level).oldest(), level, &self.topics),
                None => raw,
            };
            let Some(topic) = id.and_then(|id| self.topics.get_mut(&id)) else {
                return;
            };
            let before = topic.bytes();
            spent += match level {
                Some(level) => topic.history.coarsen(level, COARSEN_BUCKETS).max(1),
                None if spent < values => topic.history.reduce().max(1),
                None => topic.history.drop_oldest(),
            };
            used = used - before + topic.bytes();
        }
    }

    fn used_bytes(&self) -> usize {
        self.topics
            .values()
            .map(|topic| topic.bytes() + size_of::<Topic>())
            .sum()
    }

    fn topic(&self, series: SeriesId) -> Option<(&Topic, usize)> {
        Some((self.topics.get(&series.topic)?, series.column as usize))
    }

    /// The series of a field, when its topic is attached with it.
    #[must_use]
    pub fn find(&self, topic: &TopicName, field: &FieldPath) -> Option<SeriesId> {
        let id = *self.names.get(topic)?;
        let column = self.topics.get(&id)?.fields.iter().position(|known| known == field)?;
        Some(SeriesId {
            topic: id,
            column: u32::try_from(column).ok()?,
        })
    }

    /// The topic and field of a series.
    #[must_use]
    pub fn name(&self, series: SeriesId) -> Option<(&TopicName, &FieldPath)> {
        let (topic, column) = self.topic(series)?;
        Some((topic.name.as_ref()?, topic.fields.get(column)?))
    }

    /// The newest sample; it may be NaN, infinite or [`MISSING`].
    #[must_use]
    pub fn latest(&self, series: SeriesId) -> Option<(Timestamp, f64)> {
        let (topic, column) = self.topic(series)?;
        topic
            .history
            .latest(column)
            .map(|(time, value)| (Timestamp(time), value))
    }

    /// Least and greatest finite value within `from..=to`; where history is reduced, that of the buckets that touch it.
    #[must_use]
    pub fn range(&self, series: SeriesId, from: Timestamp, to: Timestamp) -> Option<(f64, f64)> {
        let (topic, column) = self.topic(series)?;
        topic.history.range(column, from.0, to.0)
    }

    /// The oldest and the newest time that a series has, reduced or not.
    #[must_use]
    pub fn extent(&self, series: SeriesId) -> Option<(Timestamp, Timestamp)> {
        let (topic, _) = self.topic(series)?;
        let (oldest, newest) = (topic.history.oldest()?, topic.history.newest()?);
        Some((Timestamp(oldest), Timestamp(newest)))
    }

    /// The sample nearest to `time`, for the crosshair; where history is reduced, the mean of the nearest bucket.
    #[must_use]
    pub fn at(&self, series: SeriesId, time: Timestamp) -> Option<(Timestamp, f64)> {
        let (topic, column) = self.topic(series)?;
        topic
            .history
            .at(column, time.0)
            .map(|(time, value)| (Timestamp(time), value))
    }

    /// Every sample within `from..=to` that is stored as it came: time, value, and whether messages are missing before
    /// it. Rows from before the field was plotted give [`MISSING`].
    pub fn samples(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, f64, bool)> {
        self.topic(series).into_iter().flat_map(move |(topic, column)| {
            let chunks = topic.history.chunks();
            let start = chunks.partition_point(|chunk| chunk.last() < from.0);
            let within = chunks.range(start..).take_while(move |chunk| chunk.first() <= to.0);
            within.flat_map(move |chunk| {
                let data = chunk.column(column);
                (chunk.rows_before(from.0)..chunk.rows_until(to.0)).map(move |row| {
                    let value = data.map_or(MISSING, |data| data.get(row));
                    (Timestamp(chunk.time(row)), value, chunk.is_gap(row))
                })
            })
        })
    }

    /// Hands the samples of a series that were stored since `position` was last here to `take`, oldest first, at most `most`
    /// of them: time, value, and whether messages are missing before it. Returns how many. Samples that came late, to a place
    /// that was read already, are passed over; after a clock was set back reading goes on at the place that it was set back to.
    pub fn read(
        &self,
        series: SeriesId,
        position: &mut Position,
        most: usize,
        take: impl FnMut(Timestamp, f64, bool),
    ) -> usize {
        self.topic(series)
            .map_or(0, |(topic, column)| topic.history.read(column, position, most, take))
    }

    /// Begins a trace from the history there is; every drain keeps it up to date from then on.
    pub fn trace(&mut self, series: SeriesId, spec: TraceSpec) -> TraceId {
        self.next_trace += 1;
        let id = TraceId {
            topic: series.topic,
            serial: self.next_trace,
        };
        if let Some(topic) = self.topics.get_mut(&series.topic) {
            let column = series.column as usize;
            let trace = Trace::build(spec, &topic.history, column);
            topic.traces.push((id, column, trace));
        }
        id
    }

    /// What a series looks like within `from..=to`, reduced to buckets of `bucket_ns`: a picture of this moment that later
    /// samples do not change. It costs about as many looks as it has buckets, however many samples they hold.
    #[must_use]
    pub fn still(&self, series: SeriesId, bucket_ns: i64, from: Timestamp, to: Timestamp) -> StillTrace {
        let trace = self
            .topic(series)
            .map(|(topic, column)| Trace::still(bucket_ns, from.0, to.0, &topic.history, column));
        StillTrace { trace }
    }

    /// A trace as it stands; an empty one when it was released or its topic detached.
    #[must_use]
    pub fn trace_view(&self, id: TraceId) -> TraceView<'_> {
        let topic = self.topics.get(&id.topic);
        let trace = topic.and_then(|topic| topic.traces.iter().find(|(known, ..)| *known == id));
        trace.map_or(TraceView::EMPTY, |(_, _, trace)| trace.view())
    }

    /// Ends a trace.
    pub fn release(&mut self, id: TraceId) {
        if let Some(topic) = self.topics.get_mut(&id.topic) {
            topic.traces.retain(|(known, ..)| *known != id);
        }
    }

    /// What is held, by the capacity of every allocation.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            used_bytes: self.used_bytes() as u64,
            budget_bytes: self.budget_bytes,
            samples: self.topics.values().map(|topic| topic.history.samples()).sum(),
            oldest: self
                .topics
                .values()
                .filter_map(|topic| topic.history.oldest())
                .min()
                .map(Timestamp),
        }
    }
}
