//! Moving through time and values: what charts show, where they showed it before, and the cursors.

use std::time::{Duration, Instant};

use iced::widget::pane_grid;
use roswave_engine::clock::Timestamp;
use roswave_widgets::chart::{Link, Pointed};
use roswave_widgets::{MOST_AXES, TraceSource as _};

use crate::scope::charts::Charts;
use crate::scope::pane::{Pane, Span};
use crate::scope::source::{Lens, Scale};

/// Views that can be gone back to.
const VIEWS_MAX: usize = 64;

/// Changes that follow each other faster than this are one: the notches of a wheel, the moves of a drag.
const ONE_CHANGE: Duration = Duration::from_millis(700);

/// What one chart shows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ChartView {
    pane: pane_grid::Pane,
    lens: Lens,
    span: Span,
    scales: [Scale; MOST_AXES],
}

/// Views that were left, and when the present one was last changed.
#[derive(Debug, Default)]
pub(super) struct Views {
    back: Vec<Vec<ChartView>>,
    forward: Vec<Vec<ChartView>>,
    changed: Option<Instant>,
}

impl Charts {
    /// The charts that move with this one: all of them, or it alone.
    fn moved_with(&mut self, pane: pane_grid::Pane) -> impl Iterator<Item = &mut Pane> {
        let linked = self.linked;
        let panes = self.panes_mut().iter_mut();
        panes.filter_map(move |(id, chart)| (linked || *id == pane).then_some(chart))
    }

    fn views(&self) -> Vec<ChartView> {
        let views = self.panes().iter().map(|(pane, chart)| ChartView {
            pane: *pane,
            lens: chart.source().lens(),
            span: chart.span(),
            scales: std::array::from_fn(|axis| chart.source().scale_of(axis)),
        });
        views.collect()
    }

    /// Keeps the present view, so that it can be gone back to. To be called before a change.
    fn remember(&mut self) {
        let now = Instant::now();
        let goes_on = self.views.changed.is_some_and(|at| now.duration_since(at) < ONE_CHANGE);
        self.views.changed = Some(now);
        if goes_on {
            return;
        }
        let present = self.views();
        self.views.forward.clear();
        self.views.back.push(present);
        if self.views.back.len() > VIEWS_MAX {
            let _ = self.views.back.remove(0);
        }
    }

    fn show(&mut self, views: &[ChartView]) {
        for view in views {
            if let Some(chart) = self.panes_mut().get_mut(view.pane) {
                chart.set_span(view.span);
                chart.source().set_lens(view.lens);
                for (axis, scale) in view.scales.into_iter().enumerate() {
                    if chart.source().scale_of(axis) != scale {
                        chart.set_scale_of(axis, scale);
                    }
                }
            }
        }
    }

    /// Shows what was shown before the last change.
    pub fn go_back(&mut self) {
        if let Some(views) = self.views.back.pop() {
            let present = self.views();
            self.views.forward.push(present);
            self.views.changed = None;
            self.show(&views);
        }
    }

    /// Takes the last going back back.
    pub fn go_forward(&mut self) {
        if let Some(views) = self.views.forward.pop() {
            let present = self.views();
            self.views.back.push(present);
            self.views.changed = None;
            self.show(&views);
        }
    }

    /// Shows more or less time. A live chart keeps its right edge, one that stands still keeps `at_ns` where it is.
    pub fn zoom_time(&mut self, pane: pane_grid::Pane, factor: f64, at_ns: i64) {
        self.remember();
        for chart in self.moved_with(pane) {
            match chart.source().lens() {
                Lens::Live if chart.source().is_aligned() => {
                    chart.change_trigger(|trigger, chart| trigger.zoom(factor, chart.source()));
                }
                Lens::Live => chart.zoom_span(factor),
                Lens::Still(from, to) => {
                    #[expect(
                        clippy::cast_precision_loss,
                        clippy::cast_possible_truncation,
                        reason = "spans of time"
                    )]
                    let scaled = |time: Timestamp| {
                        Timestamp(at_ns.saturating_add((time.since(Timestamp(at_ns)) as f64 * factor) as i64))
                    };
                    chart.source().set_lens(Lens::Still(scaled(from), scaled(to)));
                }
            }
        }
    }

    /// Shows these times and stands still there.
    pub fn show_times(&mut self, pane: pane_grid::Pane, from_ns: i64, to_ns: i64) {
        self.remember();
        for chart in self.moved_with(pane) {
            chart
                .source()
                .set_lens(Lens::Still(Timestamp(from_ns), Timestamp(to_ns)));
        }
    }

    /// Lets an axis show a range of its own numbers.
    pub fn show_values(&mut self, pane: pane_grid::Pane, axis: usize, low: f64, high: f64) {
        self.remember();
        if let Some(chart) = self.get_mut(pane) {
            let (low, high) = chart.source().values_in(axis, (low, high));
            chart.set_scale_of(axis, Scale::Fixed(low, high));
        }
    }

    /// Lets a part of a chart fill it.
    pub fn show_box(&mut self, pane: pane_grid::Pane, time: Option<(i64, i64)>, values: Option<(f64, f64)>) {
        self.remember();
        if let (Some((top, bottom)), Some(chart)) = (values, self.get_mut(pane)) {
            for axis in 0..chart.source().y_axes() {
                let part = chart.source().y_axis(axis).part(top, bottom);
                let (low, high) = chart.source().values_in(axis, part);
                chart.set_scale_of(axis, Scale::Fixed(low, high));
            }
        }
        if let Some((from_ns, to_ns)) = time {
            self.show_times(pane, from_ns, to_ns);
        }
    }

    /// Scales a chart to its data again.
    pub fn fit_values(&mut self, pane: pane_grid::Pane) {
        self.remember();
        if let Some(chart) = self.get_mut(pane) {
            chart.scale_to_data();
        }
    }

    /// Shows all that is kept.
    pub fn fit_all(&mut self) {
        self.remember();
        let extents: Vec<_> = self.iter().filter_map(|chart| chart.source().extent()).collect();
        let whole = extents.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        if let Some((from, to)) = whole {
            for (_, chart) in self.panes_mut().iter_mut() {
                chart.source().set_lens(Lens::Still(from, to));
                chart.scale_to_data();
            }
        }
    }

    /// Freezes one chart and those that move with it, or lets them follow the newest samples again.
    pub fn toggle_paused(&mut self, pane: pane_grid::Pane) {
        let Some(paused) = self.get_mut(pane).map(|chart| chart.source().is_paused()) else {
            return;
        };
        if self.linked {
            self.set_paused(!paused);
        } else if let Some(chart) = self.get_mut(pane) {
            chart.source().set_paused(!paused);
        }
    }

    /// Lets charts move together, or each for itself.
    pub fn toggle_linked(&mut self) {
        self.linked = !self.linked;
    }

    /// True while charts move together.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.linked
    }

    /// The cursors A and B, in nanoseconds.
    #[must_use]
    pub fn cursors(&self) -> [Option<i64>; 2] {
        self.cursors
    }

    /// Puts a cursor (0 is A, 1 is B) at a time.
    pub fn set_cursor(&mut self, which: usize, time_ns: i64) {
        if let Some(cursor) = self.cursors.get_mut(which) {
            *cursor = Some(time_ns);
        }
    }

    /// Puts a cursor where the pointer is, else into the middle of the chart with the focus.
    pub fn place_cursor(&mut self, which: usize) {
        let middle = || {
            let (from, to) = self.focused()?.source().window();
            Some(from.0.midpoint(to.0))
        };
        if let Some(time_ns) = self.pointed_at().or_else(middle) {
            self.set_cursor(which, time_ns);
        }
    }

    /// Takes all cursors away, those across the values too.
    pub fn clear_cursors(&mut self) {
        self.cursors = [None; 2];
        for (_, chart) in self.panes_mut().iter_mut() {
            chart.clear_levels();
        }
    }

    /// Puts a level (0 or 1) where the pointer is, else into the chart with the focus.
    pub fn place_level(&mut self, which: usize) {
        let (pane, down) = match self.pointed.zip(self.pointer.get()) {
            Some((pane, place)) => (pane, place.down),
            #[expect(clippy::cast_precision_loss, reason = "0 or 1")]
            None => (self.focus(), (which + 1) as f64 / 3.0),
        };
        self.set_focus(pane);
        if let Some(chart) = self.get_mut(pane) {
            chart.place_level(which, down);
        }
    }

    /// Notes where the pointer is on a chart.
    pub fn point_at(&mut self, pane: pane_grid::Pane, place: Option<Pointed>) {
        if place.is_none() && self.pointed.is_some_and(|at| at != pane) {
            return;
        }
        self.pointed = place.map(|_| pane);
        self.pointer.set(place);
    }

    /// Charts that go out of sight do not tell that the pointer left them.
    pub fn point_nowhere(&mut self) {
        self.pointed = None;
        self.pointer.set(None);
    }

    /// Where charts note the pointer while it rests over their moving pictures.
    #[must_use]
    pub fn pointer(&self) -> &Link {
        &self.pointer
    }

    /// The time that the pointer is at.
    #[must_use]
    pub fn pointed_at(&self) -> Option<i64> {
        self.pointer.get().map(|place| place.time_ns)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use iced::widget::pane_grid::Axis;
    use roswave_engine::series::Store;

    use super::*;
    use crate::board::Board;

    const S: i64 = 1_000_000_000;

    fn charts() -> (Charts, pane_grid::Pane) {
        let store = Rc::new(RefCell::new(Store::new(1 << 20)));
        let mut charts = Charts::new(&Board::default(), store, false);
        let first = charts.focus();
        charts.split(first, Axis::Vertical);
        (charts, first)
    }

    fn lenses(charts: &Charts) -> Vec<Lens> {
        charts.iter().map(|chart| chart.source().lens()).collect()
    }

    #[test]
    fn linked_charts_move_together_and_free_ones_do_not() {
        let (mut charts, first) = charts();
        charts.show_times(first, 10 * S, 20 * S);
        let there = Lens::Still(Timestamp(10 * S), Timestamp(20 * S));
        assert_eq!(lenses(&charts), [there, there]);
        charts.toggle_linked();
        charts.zoom_time(first, 0.5, 10 * S);
        let near = Lens::Still(Timestamp(10 * S), Timestamp(15 * S));
        assert_eq!(charts.get_mut(first).expect("a chart").source().lens(), near);
        assert!(lenses(&charts).contains(&there), "the other one stays");
    }

    #[test]
    fn views_can_be_gone_back_to() {
        let (mut charts, first) = charts();
        charts.show_values(first, 0, -3.0, 3.0);
        charts.views.changed = None;
        charts.show_times(first, 0, S);
        // The notches of one turn of the wheel are one change.
        for _ in 0..5 {
            charts.zoom_time(first, 0.8, 0);
        }
        charts.go_back();
        assert_eq!(lenses(&charts), [Lens::Live, Lens::Live]);
        let scale = |charts: &mut Charts| charts.get_mut(first).expect("a chart").source().scale();
        assert_eq!(scale(&mut charts), Scale::Fixed(-3.0, 3.0));
        charts.go_back();
        assert_eq!(scale(&mut charts), Scale::Auto);
        charts.go_forward();
        charts.go_forward();
        assert_eq!(scale(&mut charts), Scale::Fixed(-3.0, 3.0));
        assert!(lenses(&charts).iter().all(|lens| *lens != Lens::Live));
        charts.go_forward();
    }

    #[test]
    fn cursors_go_where_the_pointer_is() {
        let (mut charts, first) = charts();
        let place = Pointed { time_ns: 7, down: 0.25 };
        charts.point_at(first, Some(place));
        charts.place_cursor(0);
        charts.point_at(first, None);
        charts.show_times(first, 0, 2 * S);
        charts.set_focus(first);
        charts.place_cursor(1);
        assert_eq!(charts.cursors(), [Some(7), Some(S)]);
        charts.clear_cursors();
        assert_eq!(charts.cursors(), [None, None]);
    }
}
