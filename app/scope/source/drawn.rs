//! What the trace layer asks of a chart.

use roswave_engine::clock::Timestamp;
use roswave_engine::series::{BreakKind, Store, TraceView};
use roswave_widgets::{CurveState, Freshness, Mark, TraceSource, View, YAxis, theme};

use super::{Curve, Source};

/// A curve without a sample for this long is stale.
const STALE_NS: i64 = 2_000_000_000;

/// What a curve draws: its kept trace, or the picture while the view stands still.
fn with_view<T>(store: &Store, curve: &Curve, use_it: impl FnOnce(TraceView<'_>) -> T) -> Option<T> {
    match (&curve.still, curve.ids) {
        (Some(still), _) => Some(use_it(still.trace.view())),
        (None, Some((_, trace))) => Some(use_it(store.trace_view(trace))),
        (None, None) => None,
    }
}

impl TraceSource for Source {
    fn version(&self) -> u64 {
        self.version.get()
    }

    fn view(&self) -> View {
        let (from, to) = self.window();
        let (y_min, y_max) = self.y_range();
        View {
            from_ns: from.0,
            to_ns: to.0,
            y_min,
            y_max,
        }
    }

    fn curves(&self) -> usize {
        let ghosts = self
            .aligned_on()
            .and_then(|_| Some(self.sweep.borrow().as_ref()?.count()));
        self.curves.borrow().len() + ghosts.unwrap_or_default()
    }

    fn origin_ns(&self) -> Option<i64> {
        self.aligned_on()
    }

    fn curve(&self, index: usize) -> CurveState {
        let curves = self.curves.borrow();
        let Some(curve) = curves.get(index) else {
            let ghost = self.with_ghost(index - curves.len(), &curves, |curve, view, shift_ns| CurveState {
                ghost: true,
                ..self.state_of(curve, view, shift_ns)
            });
            return ghost.unwrap_or(CurveState {
                ghost: true,
                ..CurveState::default()
            });
        };
        let state = with_view(&self.store.borrow(), curve, |view| self.state_of(curve, &view, 0));
        state.unwrap_or(CurveState {
            color: theme::curve(curve.drawing.color),
            visible: false,
            ..CurveState::default()
        })
    }

    fn y_axes(&self) -> usize {
        self.axis_count()
    }

    fn y_axis(&self, axis: usize) -> YAxis {
        self.shown_axis(axis)
    }

    fn copy(&self, index: usize, from: u64, to: u64, out: &mut Vec<[f32; 2]>) {
        let curves = self.curves.borrow();
        let Some(curve) = curves.get(index) else {
            let _ = self.with_ghost(index - curves.len(), &curves, |curve, view, _| {
                self.points_of(curve, view, (from, to), out);
            });
            return;
        };
        let _ = with_view(&self.store.borrow(), curve, |view| {
            self.points_of(curve, &view, (from, to), out);
        });
    }

    fn marks(&self, index: usize, out: &mut Vec<(i64, Mark)>) {
        let curves = self.curves.borrow();
        let Some(curve) = curves.get(index) else {
            return;
        };
        let (from, to) = self.window();
        let _ = with_view(&self.store.borrow(), curve, |view| {
            let marks = view.marks().filter(|mark| from <= mark.time && mark.time <= to);
            out.extend(marks.map(|mark| {
                let kind = match mark.kind {
                    BreakKind::Nan | BreakKind::Missing => Mark::Nan,
                    BreakKind::PlusInfinity => Mark::PositiveInfinity,
                    BreakKind::MinusInfinity => Mark::NegativeInfinity,
                    BreakKind::Lost => Mark::Gap,
                };
                (mark.time.0, kind)
            }));
        });
    }

    fn value_at(&self, index: usize, time_ns: i64) -> Option<(i64, f64)> {
        let (series, _) = self.curves.borrow().get(index)?.ids?;
        let (time, value) = self.store.borrow().at(series, Timestamp(time_ns))?;
        Some((time.0, value))
    }

    fn freshness(&self, index: usize) -> Freshness {
        let Some((newest, _)) = self.latest(index) else {
            return Freshness::NoData;
        };
        let age_ns = self.edge().since(newest);
        if self.is_paused() || age_ns < STALE_NS {
            return Freshness::Live;
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds to a tenth")]
        Freshness::Stale(age_ns as f64 / 1e9)
    }
}
