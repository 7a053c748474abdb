//! What a chart draws: the adapter between the engine's store and the trace layer.

mod axes;
mod curve;
mod drawn;
mod lens;
mod points;
mod sweep;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use roswave_engine::clock::Timestamp;
use roswave_engine::series::{SeriesId, Store, TraceSpec};
use roswave_engine::signal::Recipe;

use crate::scope::source::axes::{Axes, Axis};
use crate::scope::source::curve::Curve;
use crate::scope::source::sweep::Sweep;

pub use curve::Drawing;
pub use lens::Lens;

/// Buckets over the width of a chart; each has up to four points.
const COLUMNS: i64 = 500;

/// The same in the eco profile.
const COLUMNS_ECO: i64 = 250;

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

    /// The oldest and the newest time of any curve that is kept.
    #[must_use]
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let store = self.store.borrow();
        let curves = self.curves.borrow();
        let extents = curves.iter().filter_map(|curve| store.extent(curve.ids?.0));
        extents.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
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
