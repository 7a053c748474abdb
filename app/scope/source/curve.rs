//! One curve of a chart: where its samples are, and its picture while the view stands still.

use roswave_engine::clock::Timestamp;
use roswave_engine::series::{SeriesId, StillTrace, Store, TraceId, TraceSpec};
use roswave_engine::signal::Recipe;
use roswave_engine::signal::align::Align;

use crate::board::Look;

/// A still picture is used as long as its buckets are not this many times wider or narrower than they should be.
const BUCKET_SLACK: i64 = 2;

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawing {
    /// The number of its colour.
    pub color: usize,
    /// It is drawn.
    pub visible: bool,
    /// All else.
    pub look: Look,
}

/// One curve of a chart.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) recipe: Recipe,
    pub(super) drawing: Drawing,
    /// What the series was found or worked out from.
    pub(super) inputs: Vec<SeriesId>,
    pub(super) ids: Option<(SeriesId, TraceId)>,
    pub(super) still: Option<Still>,
}

impl Curve {
    /// Gives up its trace, and its series when nobody else has it.
    pub(super) fn release(&mut self, store: &mut Store) {
        if let Some((series, trace)) = self.ids.take() {
            store.release(trace);
            if self.recipe.plain().is_none() {
                store.drop_derived(series);
            }
        }
        self.inputs.clear();
    }

    /// Finds its series, or works it out of others. False when it stays as it is.
    pub(super) fn bind(&mut self, store: &mut Store, spec: TraceSpec) -> bool {
        let inputs = self.recipe.inputs().iter();
        let inputs: Option<Vec<SeriesId>> = inputs.map(|at| store.find(&at.topic, &at.field)).collect();
        let inputs = inputs.unwrap_or_default();
        if inputs == self.inputs {
            return false;
        }
        self.release(store);
        let series = match (self.recipe.plain(), inputs.first()) {
            (_, None) => None,
            (Some(_), Some(&series)) => Some(series),
            // A recipe that does not compile was refused where it was typed or read.
            (None, Some(_)) => store.derive(&self.recipe, Align::Hold, &inputs).ok(),
        };
        self.ids = series.map(|series| (series, store.trace(series, spec)));
        self.inputs = inputs;
        true
    }
}

/// The picture of a curve over a range of time that is wider than the view, so that moving the view a little costs nothing.
#[derive(Debug)]
pub(super) struct Still {
    pub(super) trace: StillTrace,
    pub(super) bucket_ns: i64,
    pub(super) from_ns: i64,
    pub(super) to_ns: i64,
    /// The newest sample when it was taken: what came since is not in it.
    pub(super) newest: Option<Timestamp>,
}

impl Still {
    pub(super) fn serves(&self, (from, to): (Timestamp, Timestamp), bucket_ns: i64, newest: Option<Timestamp>) -> bool {
        self.from_ns <= from.0
            && to.0 <= self.to_ns
            && (newest == self.newest || self.newest.is_some_and(|newest| to < newest))
            && self.bucket_ns <= bucket_ns.saturating_mul(BUCKET_SLACK)
            && bucket_ns <= self.bucket_ns.saturating_mul(BUCKET_SLACK)
    }
}
