//! A chart that is aligned on a capture: it shows the time about an event instead of scrolling, and the captures before
//! it as afterimages.

use roswave_engine::clock::Timestamp;
use roswave_engine::series::{StillTrace, Store, TraceView};

use super::{Curve, Lens, Source};

/// Afterimages of one chart are at most so many, over all of its curves.
const GHOSTS_MAX: usize = 128;

/// The capture that a chart is aligned on.
#[derive(Debug)]
pub(super) struct Sweep {
    at_ns: i64,
    from_ns: i64,
    to_ns: i64,
    /// Earlier captures. A place that is left is taken by the next one, so that the others need not be sent anew.
    ghosts: Vec<Ghost>,
}

/// One earlier capture.
#[derive(Debug)]
struct Ghost {
    at_ns: i64,
    /// One per curve.
    traces: Vec<StillTrace>,
}

impl Sweep {
    /// Afterimages come after the curves, capture by capture.
    pub(super) fn count(&self) -> usize {
        self.ghosts.iter().map(|ghost| ghost.traces.len()).sum()
    }

    /// The afterimage with this number, of a chart with these curves: the curve, its points, and how much later it is drawn
    /// than it was.
    fn afterimage<'a>(&'a self, number: usize, curves: &'a [Curve]) -> Option<(&'a Curve, TraceView<'a>, i64)> {
        let many = curves.len().max(1);
        let (ghost, curve) = (self.ghosts.get(number / many)?, number % many);
        let view = ghost.traces.get(curve)?.view();
        let curve = curves.get(curve).filter(|curve| curve.drawing.visible)?;
        Some((curve, view, self.at_ns.saturating_sub(ghost.at_ns)))
    }

    /// Takes pictures of the captures at these times, as far as they are not there yet.
    fn take_ghosts(&mut self, earlier: &[i64], curves: &[Curve], store: &Store, bucket_ns: i64) {
        let many = curves.len().max(1);
        let earlier = earlier.get(..earlier.len().min(GHOSTS_MAX / many)).unwrap_or_default();
        let (before_ns, behind_ns) = (
            self.at_ns.saturating_sub(self.from_ns),
            self.to_ns.saturating_sub(self.at_ns),
        );
        let picture = |at_ns: i64| Ghost {
            at_ns,
            traces: curves
                .iter()
                .map(|curve| match curve.ids {
                    Some((series, _)) => store.still(
                        series,
                        bucket_ns,
                        Timestamp(at_ns.saturating_sub(before_ns)),
                        Timestamp(at_ns.saturating_add(behind_ns)),
                    ),
                    None => StillTrace::default(),
                })
                .collect(),
        };
        let missing = earlier
            .iter()
            .filter(|at_ns| self.ghosts.iter().all(|ghost| ghost.at_ns != **at_ns));
        let mut missing: Vec<i64> = missing.copied().collect();
        for ghost in &mut self.ghosts {
            if !earlier.contains(&ghost.at_ns)
                && let Some(at_ns) = missing.pop()
            {
                *ghost = picture(at_ns);
            }
        }
        self.ghosts.extend(missing.into_iter().map(picture));
        self.ghosts.retain(|ghost| earlier.contains(&ghost.at_ns));
    }
}

impl Source {
    /// Aligns the chart on a capture (the time of its event, its begin and its end) with earlier ones as afterimages, by the
    /// times of their events, the newest first; `None` lets it scroll again. Nothing moves while the view is frozen.
    pub fn set_sweep(&self, capture: Option<(i64, i64, i64)>, earlier: &[i64]) {
        if self.lens.get() != Lens::Live {
            if capture.is_none() {
                let _ = self.sweep.take();
            }
            return;
        }
        let shown = self.sweep.borrow().as_ref().map(|s| (s.at_ns, s.from_ns, s.to_ns));
        if shown == capture && self.afterimages() == self.wanted_afterimages(capture.is_some(), earlier) {
            return;
        }
        for curve in &mut *self.curves.borrow_mut() {
            curve.still = None;
        }
        let before = self.sweep.take();
        let Some((at_ns, from_ns, to_ns)) = capture else {
            self.scale_to_data();
            self.touch();
            return;
        };
        // Pictures of another width are of no use.
        let same_width = shown.is_some_and(|(at, from, to)| (at - from, to - at) == (at_ns - from_ns, to_ns - at_ns));
        let mut sweep = Sweep {
            at_ns,
            from_ns,
            to_ns,
            ghosts: before.filter(|_| same_width).map(|s| s.ghosts).unwrap_or_default(),
        };
        let curves = self.curves.borrow();
        // Those of other curves neither.
        sweep.ghosts.retain(|ghost| ghost.traces.len() == curves.len());
        let bucket_ns = self.bucket_ns(to_ns.saturating_sub(from_ns).max(1));
        sweep.take_ghosts(earlier, &curves, &self.store.borrow(), bucket_ns);
        drop(curves);
        let _ = self.sweep.replace(Some(sweep));
        self.take_stills();
        self.scale_to_data();
        self.touch();
    }

    /// The curves are others: pictures of the old ones are of no use.
    pub(super) fn forget_ghosts(&self) {
        if let Some(sweep) = &mut *self.sweep.borrow_mut() {
            sweep.ghosts.clear();
        }
    }

    /// Lets an afterimage be used, by its number among them.
    pub(super) fn with_ghost<T>(
        &self,
        number: usize,
        curves: &[Curve],
        use_it: impl FnOnce(&Curve, &TraceView<'_>, i64) -> T,
    ) -> Option<T> {
        let sweep = self.sweep.borrow();
        let (curve, view, shift_ns) = sweep.as_ref()?.afterimage(number, curves)?;
        Some(use_it(curve, &view, shift_ns))
    }

    fn afterimages(&self) -> usize {
        self.sweep.borrow().as_ref().map_or(0, Sweep::count)
    }

    fn wanted_afterimages(&self, is_aligned: bool, earlier: &[i64]) -> usize {
        let many = self.curves.borrow().len();
        let captures = earlier.len().min(GHOSTS_MAX / many.max(1));
        if is_aligned { captures * many } else { 0 }
    }

    /// True while it is aligned on a capture and not frozen.
    #[must_use]
    pub fn is_aligned(&self) -> bool {
        self.lens.get() == Lens::Live && self.sweep.borrow().is_some()
    }

    /// The times of a picture that does not scroll: those of the lens, or those of the capture.
    pub(super) fn standing(&self) -> Option<(Timestamp, Timestamp)> {
        match self.lens.get() {
            Lens::Still(from, to) => Some((from, to)),
            Lens::Live => {
                let sweep = self.sweep.borrow();
                sweep.as_ref().map(|s| (Timestamp(s.from_ns), Timestamp(s.to_ns)))
            }
        }
    }

    /// The time of the event that the chart is aligned on.
    pub(super) fn aligned_on(&self) -> Option<i64> {
        match self.lens.get() {
            Lens::Live => self.sweep.borrow().as_ref().map(|sweep| sweep.at_ns),
            Lens::Still(..) => None,
        }
    }
}
