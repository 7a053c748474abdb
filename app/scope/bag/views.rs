//! What the charts show of a recording.

use iced::widget::pane_grid;
use roswave_engine::clock::Timestamp;

use super::playback::view_at;
use crate::scope::Scope;
use crate::scope::source::{Lens, Scale};

impl Scope {
    /// What the chart with the focus shows.
    pub(in crate::scope) fn shown_times(&self) -> Option<(i64, i64)> {
        let (from, to) = self.charts.focused()?.source().window();
        Some((from.0, to.0))
    }

    pub(super) fn show_whole(&mut self) {
        if let Some(bag) = &self.bag {
            let (from, to) = bag.playback.extent();
            self.show_times(from, to);
            for (_, chart) in self.charts.panes_mut().iter_mut() {
                chart.set_scale(Scale::Auto);
            }
        }
    }

    pub(super) fn show_times(&self, from_ns: i64, to_ns: i64) {
        for chart in self.charts.iter() {
            let lens = Lens::Still(Timestamp(from_ns), Timestamp(to_ns));
            chart.source().set_lens(lens);
        }
    }

    /// There is no live edge in a recording: charts that were made since show what the others do.
    pub(in crate::scope) fn stand_still(&self) {
        let Some(bag) = &self.bag else { return };
        let is_still = |id: &pane_grid::Pane| {
            let chart = self.charts.panes().get(*id);
            chart.is_some_and(|chart| chart.source().lens() != Lens::Live)
        };
        let ids: Vec<pane_grid::Pane> = self.charts.panes().iter().map(|(id, _)| *id).collect();
        let shown = ids.iter().filter(|id| is_still(id)).find_map(|id| {
            let (from, to) = self.charts.panes().get(*id)?.source().window();
            Some((from.0, to.0))
        });
        let (from, to) = shown.unwrap_or(bag.playback.extent());
        for chart in self.charts.iter().filter(|chart| chart.source().lens() == Lens::Live) {
            chart.source().set_lens(Lens::Still(Timestamp(from), Timestamp(to)));
        }
    }

    /// Moves the charts so that the playhead is seen.
    pub(super) fn follow_playhead(&self) {
        let Some(bag) = &self.bag else { return };
        let (at_ns, extent) = (bag.playback.at_ns(), bag.playback.extent());
        for chart in self.charts.iter() {
            let (from, to) = chart.source().window();
            let (from_ns, to_ns) = view_at((from.0, to.0), at_ns, extent);
            if (from_ns, to_ns) != (from.0, to.0) {
                chart
                    .source()
                    .set_lens(Lens::Still(Timestamp(from_ns), Timestamp(to_ns)));
            }
        }
    }
}
