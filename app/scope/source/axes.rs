//! The value axes of a chart: what they show, by hand or by the data.

use roswave_widgets::axis::Fit;
use roswave_widgets::{AxisScale, MOST_AXES, YAxis};

use super::{Scale, Source};

/// A logarithmic axis whose data reaches zero or below shows so many decades below the greatest value.
const DECADES: f64 = 4.0;

/// One value axis. Its fit is in the numbers of the axis: logarithms on a logarithmic one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    scale: Scale,
    log: bool,
    fit: Fit,
}

/// The value axes of a chart, used or not.
pub(super) type Axes = [Axis; MOST_AXES];

impl Axis {
    pub(super) fn new(scale: Scale) -> Self {
        Self {
            scale,
            log: false,
            fit: Fit::default(),
        }
    }

    /// The range in the numbers of the axis.
    fn range(&self) -> (f64, f64) {
        match self.scale {
            Scale::Fixed(low, high) if self.log => logarithms(low, high),
            Scale::Fixed(low, high) => (low, high),
            Scale::Auto => self
                .fit
                .range()
                .unwrap_or(if self.log { (0.0, 1.0) } else { (-1.0, 1.0) }),
        }
    }

    fn follow(&mut self, (low, high): (f64, f64)) {
        let (low, high) = if self.log { logarithms(low, high) } else { (low, high) };
        let _ = self.fit.update(low, high);
    }
}

/// The decimal logarithms of a range, of which only what is above zero counts.
fn logarithms(low: f64, high: f64) -> (f64, f64) {
    if high <= 0.0 {
        return (0.0, 1.0);
    }
    let high = high.log10();
    let low = if low > 0.0 { low.log10() } else { high - DECADES };
    // One value alone has a decade around it.
    if low < high {
        (low, high)
    } else {
        (high - 0.5, high + 0.5)
    }
}

impl Source {
    fn axis(&self, axis: usize) -> Axis {
        let axes = self.axes.borrow();
        axes.get(axis)
            .or(axes.first())
            .copied()
            .unwrap_or(Axis::new(Scale::Auto))
    }

    fn change_axis(&self, axis: usize, change: impl FnOnce(&mut Axis)) {
        if let Some(axis) = self.axes.borrow_mut().get_mut(axis) {
            change(axis);
            axis.fit = Fit::default();
        }
        self.scale_to_data();
        self.touch();
    }

    /// How an axis is scaled.
    #[must_use]
    pub fn scale_of(&self, axis: usize) -> Scale {
        self.axis(axis).scale
    }

    /// Scales an axis this way.
    pub fn set_scale_of(&self, axis: usize, scale: Scale) {
        self.change_axis(axis, |axis| axis.scale = scale);
    }

    /// True when an axis is logarithmic.
    #[must_use]
    pub fn is_log(&self, axis: usize) -> bool {
        self.axis(axis).log
    }

    /// Spreads an axis by logarithms, or evenly.
    pub fn set_log(&self, axis: usize, log: bool) {
        self.change_axis(axis, |axis| axis.log = log);
        // Points of a logarithmic axis are others.
        self.renew_points();
    }

    /// A range of an axis, in its own numbers, as values.
    #[must_use]
    pub fn values_in(&self, axis: usize, (low, high): (f64, f64)) -> (f64, f64) {
        if self.is_log(axis) {
            (10_f64.powf(low), 10_f64.powf(high))
        } else {
            (low, high)
        }
    }

    /// How many axes there are: up to the last one that a curve is drawn on.
    pub(super) fn axis_count(&self) -> usize {
        let curves = self.curves.borrow();
        let used = curves.iter().map(|curve| usize::from(curve.drawing.look.axis.axis()));
        (used.max().unwrap_or(0) + 1).min(MOST_AXES)
    }

    /// What an axis shows.
    pub(super) fn shown_axis(&self, axis: usize) -> YAxis {
        let axis = self.axis(axis);
        YAxis {
            range: axis.range(),
            scale: if axis.log { AxisScale::Log } else { AxisScale::Linear },
            unit: None,
        }
    }

    /// The range of the left axis, as values.
    #[must_use]
    pub fn y_range(&self) -> (f64, f64) {
        self.values_in(0, self.axis(0).range())
    }

    /// The range of an axis that is seen, as values.
    #[must_use]
    pub fn range_of(&self, axis: usize) -> (f64, f64) {
        self.values_in(axis, self.axis(axis).range())
    }

    /// Starts the scaling by data anew.
    pub(super) fn forget_fits(&self) {
        self.axes
            .borrow_mut()
            .iter_mut()
            .for_each(|axis| axis.fit = Fit::default());
    }

    /// Lets axes that scale themselves follow what is seen.
    pub(super) fn scale_to_data(&self) {
        let (from, to) = self.window();
        let store = self.store.borrow();
        let mut ranges: [Option<(f64, f64)>; MOST_AXES] = [None; MOST_AXES];
        for curve in &*self.curves.borrow() {
            let look = &curve.drawing.look;
            let Some((series, _)) = curve.ids.filter(|_| curve.drawing.visible) else {
                continue;
            };
            let Some((a, b)) = store.range(series, from, to) else {
                continue;
            };
            let (a, b) = (look.scale.drawn(a), look.scale.drawn(b));
            let (low, high) = (a.min(b), a.max(b));
            if let Some(range) = ranges.get_mut(usize::from(look.axis.axis())) {
                *range = Some(range.map_or((low, high), |(l, h)| (l.min(low), h.max(high))));
            }
        }
        for (axis, range) in self.axes.borrow_mut().iter_mut().zip(ranges) {
            if let Some(range) = range {
                axis.follow(range);
            }
        }
    }
}
