//! The points of a curve as they are drawn: scaled, shifted, and as logarithms where the axis is logarithmic.

use roswave_engine::series::TraceView;
use roswave_widgets::{CurveState, Pen, Shift, theme};

use super::{Curve, Drawing, Source};

impl Drawing {
    fn pen(&self) -> Pen {
        Pen {
            width: self.look.width.factor(),
            dash: theme::dash(self.color),
        }
    }
}

impl Source {
    /// The points of a view must be sent anew although the view is the same.
    pub(super) fn renew_points(&self) {
        self.renewed.set(self.renewed.get().wrapping_add(RENEWED));
        self.touch();
    }

    /// What a curve holds, without its points.
    pub(super) fn state_of(&self, curve: &Curve, view: &TraceView<'_>, shift_ns: i64) -> CurveState {
        let drawing = &curve.drawing;
        let scale = drawing.look.scale;
        let axis = drawing.look.axis.axis();
        let base_value = if self.is_log(usize::from(axis)) {
            0.0
        } else {
            scale.drawn(view.base_value)
        };
        CurveState {
            // The same points on another axis or with another gain are others.
            generation: view.generation ^ self.renewed.get(),
            base_time_ns: view.base_time_ns.saturating_add(shift_ns),
            base_value,
            tail: view.tail,
            head: view.head,
            settled: view.settled,
            color: theme::curve(drawing.color),
            visible: drawing.visible,
            axis,
            style: drawing.look.style.curve_style(),
            pen: drawing.pen(),
            shift: Shift {
                gain: scale.gain,
                offset: scale.offset,
            },
            ghost: false,
        }
    }

    /// Appends the points `[from, to)` of a curve.
    pub(super) fn points_of(
        &self,
        curve: &Curve,
        view: &TraceView<'_>,
        (from, to): (u64, u64),
        out: &mut Vec<[f32; 2]>,
    ) {
        let scale = curve.drawing.look.scale;
        let before = out.len();
        view.copy(from, to, out);
        let points = out.iter_mut().skip(before);
        #[expect(clippy::cast_possible_truncation, reason = "points are drawn with 32 bits")]
        if self.is_log(usize::from(curve.drawing.look.axis.axis())) {
            points.for_each(|[_, value]| {
                let drawn = scale.drawn(f64::from(*value) + view.base_value);
                // What has no logarithm breaks the line.
                *value = if drawn > 0.0 { drawn.log10() as f32 } else { f32::NAN };
            });
        } else if scale.gain != 1.0 {
            points.for_each(|[_, value]| *value = (f64::from(*value) * scale.gain) as f32);
        }
    }
}

/// Generations count up from zero by one: the upper half is free.
const RENEWED: u64 = 1 << 40;
