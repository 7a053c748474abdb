//! What a chart draws: the adapter between the engine's store and the trace layer.

mod axes;
mod drawn;
mod points;
mod sweep;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use roswave_engine::clock::Timestamp;
use roswave_engine::series::{SeriesId, StillTrace, Store, TraceId, TraceSpec};
use roswave_engine::signal::Recipe;
use roswave_engine::signal::align::Align;

use crate::board::Look;
use crate::scope::source::axes::{Axes, Axis};
use crate::scope::source::sweep::Sweep;

/// Buckets over the width of a chart; each has up to four points.
const COLUMNS: i64 = 500;

/// The same in the eco profile.
const COLUMNS_ECO: i64 = 250;

/// The clock of a chart follows the data this much per frame that brought data.
const LAG_SHARE: f64 = 0.05;

/// A lag that is off by more is taken over at once: the first sample, another clock, a stall.
const LAG_JUMP_NS: f64 = 300e6;

/// A still picture is used as long as its buckets are not this many times wider or narrower than they should be.
const BUCKET_SLACK: i64 = 2;

/// The shortest time that a chart can be zoomed into.
const SPAN_MIN_NS: i64 = 1_000;

/// The longest time that a chart can show: a year.
const SPAN_MAX_NS: i64 = 366 * 86_400 * 1_000_000_000;

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
struct Curve {
    recipe: Recipe,
    drawing: Drawing,
    /// What the series was found or worked out from.
    inputs: Vec<SeriesId>,
    ids: Option<(SeriesId, TraceId)>,
    still: Option<Still>,
}

impl Curve {
    /// Gives up its trace, and its series when nobody else has it.
    fn release(&mut self, store: &mut Store) {
        if let Some((series, trace)) = self.ids.take() {
            store.release(trace);
            if self.recipe.plain().is_none() {
                store.drop_derived(series);
            }
        }
        self.inputs.clear();
    }

    /// Finds its series, or works it out of others. False when it stays as it is.
    fn bind(&mut self, store: &mut Store, spec: TraceSpec) -> bool {
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
struct Still {
    trace: StillTrace,
    bucket_ns: i64,
    from_ns: i64,
    to_ns: i64,
    /// The newest sample when it was taken: what came since is not in it.
    newest: Option<Timestamp>,
}

impl Still {
    fn serves(&self, (from, to): (Timestamp, Timestamp), bucket_ns: i64, newest: Option<Timestamp>) -> bool {
        self.from_ns <= from.0
            && to.0 <= self.to_ns
            && (newest == self.newest || self.newest.is_some_and(|newest| to < newest))
            && self.bucket_ns <= bucket_ns.saturating_mul(BUCKET_SLACK)
            && bucket_ns <= self.bucket_ns.saturating_mul(BUCKET_SLACK)
    }
}

/// Which times a chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lens {
    /// Those up to now.
    #[default]
    Live,
    /// From and to: the picture stands still while collecting goes on.
    Still(Timestamp, Timestamp),
}

/// How Y is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// By the data in the window.
    Auto,
    /// From and to.
    Fixed(f64, f64),
}

/// The curves of one chart with its ranges. Shared by the chart's pane and the trace layer that draws it.
pub struct Source {
    store: Rc<RefCell<Store>>,
    curves: RefCell<Vec<Curve>>,
    span_ns: Cell<i64>,
    eco: Cell<bool>,
    axes: RefCell<Axes>,
    /// What generations of points differ by since they are scaled in another way.
    renewed: Cell<u64>,
    newest: Cell<Option<Timestamp>>,
    lag_ns: Cell<Option<f64>>,
    lens: Cell<Lens>,
    sweep: RefCell<Option<Sweep>>,
    version: Cell<u64>,
}

impl Source {
    /// A source without curves.
    #[must_use]
    pub fn new(store: Rc<RefCell<Store>>, span_ns: i64, scale: Scale, eco: bool) -> Self {
        Self {
            store,
            curves: RefCell::default(),
            span_ns: Cell::new(span_ns),
            eco: Cell::new(eco),
            axes: RefCell::new(std::array::from_fn(|axis| {
                Axis::new(if axis == 0 { scale } else { Scale::Auto })
            })),
            renewed: Cell::new(0),
            newest: Cell::new(None),
            lag_ns: Cell::new(None),
            lens: Cell::default(),
            sweep: RefCell::default(),
            version: Cell::new(0),
        }
    }

    /// What its curves are read from.
    #[must_use]
    pub fn store(&self) -> &Rc<RefCell<Store>> {
        &self.store
    }

    /// The series of a curve, once it has one.
    #[must_use]
    pub fn series(&self, index: usize) -> Option<SeriesId> {
        Some(self.curves.borrow().get(index)?.ids?.0)
    }

    /// Least and greatest value of a curve within what is shown.
    #[must_use]
    pub fn values_of(&self, index: usize) -> Option<(f64, f64)> {
        let (from, to) = self.window();
        self.store.borrow().range(self.series(index)?, from, to)
    }

    /// The time that is drawn as now: wall clock less the usual age of the newest sample.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.edge()
    }

    /// Draws these curves from now on; those that were there already keep their traces.
    pub fn set_curves(&self, wanted: &[(Recipe, Drawing)]) {
        let mut others = false;
        let mut curves = self.curves.borrow_mut();
        let mut old: Vec<Curve> = curves.drain(..).collect();
        for (recipe, drawing) in wanted {
            let kept = old.iter().position(|curve| curve.recipe == *recipe);
            let mut curve = kept.map(|i| old.swap_remove(i)).unwrap_or_else(|| Curve {
                recipe: recipe.clone(),
                inputs: Vec::new(),
                drawing: *drawing,
                ids: None,
                still: None,
            });
            others |= curve.drawing.look != drawing.look;
            curve.drawing = *drawing;
            curves.push(curve);
        }
        let mut store = self.store.borrow_mut();
        old.iter_mut().for_each(|curve| curve.release(&mut store));
        drop(store);
        drop(curves);
        self.forget_ghosts();
        if others {
            self.renew_points();
        }
        self.bind();
        self.touch();
    }

    /// Finds the series of curves that were waiting for theirs. Call after a feed was attached or detached.
    pub fn bind(&self) {
        let mut store = self.store.borrow_mut();
        for curve in &mut *self.curves.borrow_mut() {
            if curve.bind(&mut store, self.spec()) {
                curve.still = None;
            }
        }
        drop(store);
        self.forget_ghosts();
        self.take_stills();
        self.touch();
    }

    /// The width of a bucket when this much time is shown.
    fn bucket_ns(&self, span_ns: i64) -> i64 {
        let columns = if self.eco.get() { COLUMNS_ECO } else { COLUMNS };
        (span_ns / columns).max(1)
    }

    fn spec(&self) -> TraceSpec {
        let bucket_ns = self.bucket_ns(self.span_ns.get());
        TraceSpec {
            bucket_ns,
            // One bucket more than is seen, so that the left edge is never open.
            span_ns: self.span_ns.get() + 4 * bucket_ns,
        }
    }

    /// Makes every trace anew, after the span or the profile changed.
    fn rebuild(&self) {
        let spec = self.spec();
        let mut store = self.store.borrow_mut();
        for curve in &mut *self.curves.borrow_mut() {
            if let Some((series, trace)) = curve.ids.take() {
                store.release(trace);
                curve.ids = Some((series, store.trace(series, spec)));
            }
        }
        drop(store);
        self.take_stills();
        self.forget_fits();
        self.scale_to_data();
        self.touch();
    }

    /// Shows this much time.
    pub fn set_span(&self, span_ns: i64) {
        if self.span_ns.replace(span_ns) != span_ns {
            self.rebuild();
        }
    }

    /// Draws fewer points.
    pub fn set_eco(&self, eco: bool) {
        if self.eco.replace(eco) != eco {
            self.rebuild();
        }
    }

    /// Scales the left axis this way.
    pub fn set_scale(&self, scale: Scale) {
        self.set_scale_of(0, scale);
    }

    /// How the left axis is scaled.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale_of(0)
    }

    /// True while the view stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.lens.get() != Lens::Live
    }

    /// Freezes the view where it is, or lets it follow the newest samples again; the store goes on collecting meanwhile.
    pub fn set_paused(&self, paused: bool) {
        if paused != self.is_paused() {
            let (from, to) = self.window();
            self.set_lens(if paused { Lens::Still(from, to) } else { Lens::Live });
        }
    }

    /// The times that are shown.
    #[must_use]
    pub fn lens(&self) -> Lens {
        self.lens.get()
    }

    /// Shows these times.
    pub fn set_lens(&self, lens: Lens) {
        let lens = match lens {
            Lens::Live => Lens::Live,
            Lens::Still(from, to) => {
                let span = to.since(from).clamp(SPAN_MIN_NS, SPAN_MAX_NS);
                Lens::Still(from, Timestamp(from.0.saturating_add(span)))
            }
        };
        if self.lens.replace(lens) == lens {
            return;
        }
        if lens == Lens::Live && self.sweep.borrow().is_none() {
            for curve in &mut *self.curves.borrow_mut() {
                curve.still = None;
            }
        }
        self.take_stills();
        self.scale_to_data();
        self.touch();
    }

    /// The oldest and the newest time of any curve that is kept.
    #[must_use]
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let store = self.store.borrow();
        let curves = self.curves.borrow();
        let extents = curves.iter().filter_map(|curve| store.extent(curve.ids?.0));
        extents.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// Takes the pictures that a view which stands still needs and that are not there yet.
    fn take_stills(&self) {
        let Some((from, to)) = self.standing() else {
            return;
        };
        let span = to.since(from).max(1);
        let bucket_ns = self.bucket_ns(span);
        let store = self.store.borrow();
        for curve in &mut *self.curves.borrow_mut() {
            let Some((series, _)) = curve.ids else {
                curve.still = None;
                continue;
            };
            let newest = store.latest(series).map(|(time, _)| time);
            if curve
                .still
                .as_ref()
                .is_some_and(|still| still.serves((from, to), bucket_ns, newest))
            {
                continue;
            }
            let (from_ns, to_ns) = (from.0.saturating_sub(span), to.0.saturating_add(span));
            curve.still = Some(Still {
                trace: store.still(series, bucket_ns, Timestamp(from_ns), Timestamp(to_ns)),
                bucket_ns,
                from_ns,
                to_ns,
                newest,
            });
        }
    }

    /// Takes the pictures of a view that stands still anew: what it shows has grown.
    pub fn retake(&self) {
        for curve in &mut *self.curves.borrow_mut() {
            curve.still = None;
        }
        self.take_stills();
        self.scale_to_data();
        self.touch();
    }

    /// The time of the sample next to `at` of any visible curve, behind it or before it.
    #[must_use]
    pub fn neighbour(&self, at: Timestamp, behind: bool) -> Option<Timestamp> {
        let store = self.store.borrow();
        let curves = self.curves.borrow();
        let series = curves.iter().filter(|curve| curve.drawing.visible);
        let series = series.filter_map(|curve| curve.ids.map(|(series, _)| series));
        if behind {
            series.filter_map(|series| store.after(series, at)).min()
        } else {
            series.filter_map(|series| store.before(series, at)).max()
        }
    }

    /// After a drain: follows the newest samples with the clock and the scale. True when something new is to be seen.
    pub fn refresh(&self, now: Timestamp) -> bool {
        let newest = {
            let store = self.store.borrow();
            let curves = self.curves.borrow();
            let ids = curves.iter().filter_map(|curve| curve.ids);
            ids.filter_map(|(series, _)| store.latest(series))
                .map(|(time, _)| time)
                .max()
        };
        if newest == self.newest.get() {
            return false;
        }
        self.newest.set(newest);
        if let Some(newest) = newest {
            #[expect(clippy::cast_precision_loss, reason = "a lag is far below 2^53 ns")]
            let lag = now.since(newest) as f64;
            let followed = match self.lag_ns.get() {
                Some(before) if (lag - before).abs() < LAG_JUMP_NS => before + LAG_SHARE * (lag - before),
                _ => lag,
            };
            self.lag_ns.set(Some(followed));
        }
        // A picture that stands still, frozen or aligned, is not changed by what comes after it.
        if self.standing().is_some() {
            return false;
        }
        self.scale_to_data();
        self.touch();
        true
    }

    /// The newest sample of any curve.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest.get()
    }

    /// True while there are samples in the window that time would move out of it.
    #[must_use]
    pub fn is_scrolling(&self) -> bool {
        self.standing().is_none()
            && self
                .newest
                .get()
                .is_some_and(|newest| self.edge().since(newest) < self.span_ns.get())
    }

    /// The time at the right edge: wall clock less the usual age of the newest sample, so that it moves evenly.
    fn edge(&self) -> Timestamp {
        let now = Timestamp::now();
        #[expect(clippy::cast_possible_truncation, reason = "a lag is far below 2^63 ns")]
        let lag = self.lag_ns.get().unwrap_or(0.0) as i64;
        Timestamp(now.0.saturating_sub(lag))
    }

    /// The times that are shown, from and to.
    #[must_use]
    pub fn window(&self) -> (Timestamp, Timestamp) {
        self.standing().unwrap_or_else(|| {
            let to = self.edge();
            (Timestamp(to.0.saturating_sub(self.span_ns.get())), to)
        })
    }

    fn touch(&self) {
        self.version.set(self.version.get() + 1);
    }

    /// The samples of a curve within `from..=to` as they came: times in nanoseconds, values, and whether messages are missing
    /// before each. `None` when there are more than `most`.
    #[must_use]
    pub fn samples(
        &self,
        index: usize,
        from: Timestamp,
        to: Timestamp,
        most: usize,
    ) -> Option<(Vec<i64>, Vec<f64>, Vec<bool>)> {
        let curves = self.curves.borrow();
        let store = self.store.borrow();
        let (mut times, mut values, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
        let Some((series, _)) = curves.get(index).and_then(|curve| curve.ids) else {
            return Some((times, values, gaps));
        };
        for (time, value, gap) in store.samples(series, from, to) {
            if times.len() == most {
                return None;
            }
            times.push(time.0);
            values.push(value);
            gaps.push(gap);
        }
        Some((times, values, gaps))
    }

    /// Why a derived curve shows nothing although its inputs have samples.
    #[must_use]
    pub fn fault(&self, index: usize) -> Option<String> {
        let (series, _) = self.curves.borrow().get(index)?.ids?;
        self.store.borrow().derived_fault(series)
    }

    /// True while fewer points are drawn.
    #[must_use]
    pub fn is_eco(&self) -> bool {
        self.eco.get()
    }

    /// The newest sample of a curve.
    #[must_use]
    pub fn latest(&self, index: usize) -> Option<(Timestamp, f64)> {
        let (series, _) = self.curves.borrow().get(index)?.ids?;
        self.store.borrow().latest(series)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let mut store = self.store.borrow_mut();
        for mut curve in self.curves.take() {
            curve.release(&mut store);
        }
    }
}
