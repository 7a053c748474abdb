//! One plotted topic: what feeds it, its history, and the traces that are kept of it.

use super::chunk::Chunk;
use super::derived::Derivation;
use super::history::{History, Pushed};
use super::load::{Loading, RowLoader};
use super::trace::Trace;
use super::{Drained, TIME_LIMIT_NS, TraceId};
use crate::cdr::{FieldPath, MISSING};
use crate::clock::Timestamp;
use crate::ingest::{ClockSource, FLAG_GAP, PlotFeed, ROW_HEADER, RowConsumer, RowTimes, Timing};
use crate::name::TopicName;

/// What a column is filled with.
#[derive(Clone, Copy, Debug)]
pub(super) enum FedBy {
    /// This value of a row.
    Value(usize),
    /// A difference of its times.
    Timing(Timing),
}

/// A ring of rows, and per column what of a row it is.
struct Feed {
    rows: RowConsumer,
    fed_by: Vec<Option<FedBy>>,
}

pub(super) struct Topic {
    /// `None` for a series that is worked out of others.
    pub(super) name: Option<TopicName>,
    pub(super) derivation: Option<Box<Derivation>>,
    pub(super) fields: Vec<FieldPath>,
    pub(super) history: History,
    pub(super) traces: Vec<(TraceId, usize, Trace)>,
    feed: Option<Feed>,
    /// Feeds that were replaced, oldest first, until their producers are gone: what was on its way is not lost.
    before: Vec<Feed>,
    /// Fills it from a recording, until all of that is here.
    loading: Option<Loading>,
    previous_receive: Option<Timestamp>,
}

/// What the rows of one drain did to a history.
#[derive(Debug)]
pub(super) struct Change {
    appended: usize,
    begin: i64,
    changed: Option<i64>,
}

impl Default for Change {
    fn default() -> Self {
        Self {
            appended: 0,
            begin: i64::MAX,
            changed: None,
        }
    }
}

impl Change {
    pub(super) fn note(&mut self, pushed: Pushed, time: i64) {
        match pushed {
            Pushed::Appended => {
                self.appended += 1;
                self.begin = self.begin.min(time);
            }
            Pushed::Changed(from) => self.changed = Some(self.changed.map_or(from, |changed| changed.min(from))),
        }
    }

    fn tell(&self, history: &History, traces: &mut [(TraceId, usize, Trace)]) {
        if self.appended == 0 && self.changed.is_none() {
            return;
        }
        let changed = self.changed.map(|from| from.min(self.begin));
        for (_, column, trace) in traces {
            trace.update(history, *column, self.appended, changed);
        }
    }
}

impl Topic {
    pub(super) fn new(name: Option<TopicName>) -> Self {
        Self {
            name,
            derivation: None,
            fields: Vec::new(),
            history: History::new(),
            traces: Vec::new(),
            feed: None,
            before: Vec::new(),
            loading: None,
            previous_receive: None,
        }
    }

    /// Is fed by these rows from now on. What was on its way in the feed before comes first.
    pub(super) fn attach(&mut self, feed: PlotFeed, clock: ClockSource) {
        self.drain(clock, &mut Drained::default());
        let fed_by = self.columns_for(feed.fields, feed.timings);
        self.loading = None;
        self.history.feed(fed_by.iter().map(Option::is_some).collect());
        let feed = Feed {
            rows: feed.rows,
            fed_by,
        };
        self.before.extend(self.feed.replace(feed));
    }

    /// Finds or makes the columns of these fields, and says per column what of a row it is.
    fn columns_for(&mut self, fields: Vec<FieldPath>, timings: Vec<Timing>) -> Vec<Option<FedBy>> {
        let mut fed_by = vec![None; self.fields.len()];
        let values = fields.into_iter().enumerate();
        let values = values.map(|(at, field)| (field, FedBy::Value(at)));
        let timings = timings.into_iter().filter_map(|timing| {
            let path = FieldPath::parse(timing.path()).ok()?;
            Some((path, FedBy::Timing(timing)))
        });
        for (field, by) in values.chain(timings) {
            if let Some(column) = self.fields.iter().position(|known| *known == field) {
                fed_by[column] = Some(by);
            } else {
                self.fields.push(field);
                fed_by.push(Some(by));
            }
        }
        fed_by
    }

    /// Forgets what it has, and is filled with these fields of a recording from now on.
    pub(super) fn load(&mut self, fields: Vec<FieldPath>, timings: Vec<Timing>, clock: ClockSource) -> RowLoader {
        self.feed = None;
        self.before.clear();
        self.clear();
        let fed_by = self.columns_for(fields, timings);
        let (loader, loading) = Loading::begin(fed_by, clock);
        self.loading = Some(loading);
        loader
    }

    pub(super) fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// Forgets every sample; the traces stay, empty.
    pub(super) fn clear(&mut self) {
        self.history.clear();
        if let Some(feed) = &self.feed {
            self.history.feed(feed.fed_by.iter().map(Option::is_some).collect());
        }
        if let Some(derivation) = &mut self.derivation {
            self.history.feed(vec![true]);
            derivation.restart();
        }
        self.previous_receive = None;
        for (_, column, trace) in &mut self.traces {
            trace.restart(&self.history, *column);
        }
    }

    pub(super) fn drain(&mut self, clock: ClockSource, drained: &mut Drained) {
        let Self {
            feed,
            before,
            history,
            traces,
            previous_receive,
            loading,
            ..
        } = self;
        let mut change = Change::default();
        for Feed { rows, fed_by } in before.iter_mut().chain(feed) {
            let width = rows.width() as u64;
            let (mut newest_time, mut newest_receive) = (drained.newest_time, drained.newest_receive);
            // Rows of one drain lie close together: sums of differences to the first one do not overflow.
            let (mut first_receive, mut receive_sum) = (None, 0_i128);
            let count = rows.for_each(|row| {
                let times = RowTimes::decode(row);
                let values = &row[ROW_HEADER..];
                let time = times.plot(clock).0.clamp(-TIME_LIMIT_NS, TIME_LIMIT_NS);
                let received_before = previous_receive.replace(times.receive);
                let value = |column: usize| match fed_by.get(column) {
                    Some(Some(FedBy::Value(at))) => f64::from_bits(values[*at]),
                    Some(Some(FedBy::Timing(timing))) => timing.value(&times, received_before),
                    Some(None) | None => MISSING,
                };
                change.note(history.push(time, row[2] & FLAG_GAP != 0, value), time);
                newest_time = newest_time.max(Some(Timestamp(time)));
                newest_receive = newest_receive.max(Some(times.receive));
                let receive = times.receive.0;
                receive_sum += i128::from(receive) - i128::from(*first_receive.get_or_insert(receive));
            });
            if let Some(first) = first_receive {
                drained.mean_receive = Some(drained.mean_with(first, receive_sum, count));
            }
            (drained.newest_time, drained.newest_receive) = (newest_time, newest_receive);
            drained.rows += count;
            drained.samples += count * width;
        }
        before.retain_mut(|feed| !feed.rows.is_finished());
        let take = |chunk: &Chunk| {
            drained.rows += chunk.len() as u64;
            drained.samples += chunk.samples();
            drained.newest_time = drained.newest_time.max(Some(Timestamp(chunk.last())));
        };
        if loading
            .as_ref()
            .is_some_and(|loading| !loading.drain(history, &mut change, take))
        {
            *loading = None;
        }
        change.tell(history, traces);
    }

    /// A series that is worked out of others.
    pub(super) fn derived(derivation: Derivation) -> Self {
        let mut topic = Self::new(None);
        topic.history.feed(vec![true]);
        topic.derivation = Some(Box::new(derivation));
        topic
    }

    /// Stores what a derivation gave, and keeps it.
    pub(super) fn accept(&mut self, mut derivation: Box<Derivation>) {
        let mut change = Change::default();
        for output in derivation.take() {
            let time = output.time_ns.clamp(-TIME_LIMIT_NS, TIME_LIMIT_NS);
            change.note(self.history.push(time, output.gap, |_| output.value), time);
        }
        change.tell(&self.history, &mut self.traces);
        self.derivation = Some(derivation);
    }

    pub(super) fn bytes(&self) -> usize {
        self.derivation.as_ref().map_or(0, |derivation| derivation.bytes())
            + self.history.bytes()
            + self.traces.iter().map(|(_, _, trace)| trace.bytes()).sum::<usize>()
    }
}
