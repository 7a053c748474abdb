//! The charts of a scope in their grid of panes.

use std::cell::RefCell;
use std::rc::Rc;

use iced::widget::pane_grid::{self, Axis, Configuration, Node};
use roswave_engine::clock::Timestamp;
use roswave_engine::series::Store;
use roswave_engine::signal::FieldRef;
use roswave_widgets::chart::Link;
use roswave_widgets::drag::Edge;
use roswave_widgets::{Freshness, TraceSource as _};

use crate::board::{Board, ChartSpec, Layout, Split};
use crate::scope::history::Wanted;
use crate::scope::navigation::Views;
use crate::scope::pane::Pane;
use crate::scope::triggers::News;

/// Parts of the area that are this small cannot be dragged any smaller.
const RATIO_MIN: f32 = 0.02;

/// The charts; at least one.
pub struct Charts {
    store: Rc<RefCell<Store>>,
    panes: pane_grid::State<Pane>,
    focus: pane_grid::Pane,
    eco: bool,
    /// Charts move through time together.
    pub(super) linked: bool,
    pub(super) views: Views,
    pub(super) cursors: [Option<i64>; 2],
    /// The chart under the pointer.
    pub(super) pointed: Option<pane_grid::Pane>,
    /// Where on it the pointer is.
    pub(super) pointer: Link,
    /// What triggers have to tell.
    pub(super) news: RefCell<News>,
}

impl Charts {
    /// The charts of a board; one empty chart when it has none.
    #[must_use]
    pub fn new(board: &Board, store: Rc<RefCell<Store>>, eco: bool) -> Self {
        let empty = [ChartSpec::default()];
        let charts = if board.charts.is_empty() {
            &empty[..]
        } else {
            &board.charts
        };
        let layout = match &board.layout {
            Some(layout) if !board.charts.is_empty() => layout.clone(),
            _ => Layout::grid(charts.len()).unwrap_or(Layout::Chart { chart: 0 }),
        };
        let panes = pane_grid::State::with_configuration(configuration(&layout, &mut |index| {
            Pane::new(&charts[index], &store, eco)
        }));
        let focus = *panes.iter().next().expect("a layout has at least one chart").0;
        Self {
            store,
            panes,
            focus,
            eco,
            linked: true,
            views: Views::default(),
            cursors: [None; 2],
            pointed: None,
            pointer: Link::default(),
            news: RefCell::default(),
        }
    }

    /// For the grid of panes.
    #[must_use]
    pub fn panes(&self) -> &pane_grid::State<Pane> {
        &self.panes
    }

    pub(super) fn panes_mut(&mut self) -> &mut pane_grid::State<Pane> {
        &mut self.panes
    }

    /// The chart that clicks in the tree go to.
    #[must_use]
    pub fn focus(&self) -> pane_grid::Pane {
        self.focus
    }

    /// Lets clicks in the tree go to this chart.
    pub fn set_focus(&mut self, pane: pane_grid::Pane) {
        if self.panes.get(pane).is_none() || pane == self.focus {
            return;
        }
        // What lies over a chart goes with the focus.
        if let Some(left) = self.panes.get_mut(self.focus) {
            let _ = left.close_sheet();
        }
        self.focus = pane;
    }

    /// The chart in a pane.
    pub fn get_mut(&mut self, pane: pane_grid::Pane) -> Option<&mut Pane> {
        self.panes.get_mut(pane)
    }

    /// The chart that clicks go to.
    #[must_use]
    pub fn focused(&self) -> Option<&Pane> {
        self.panes.get(self.focus)
    }

    /// The chart that clicks go to.
    pub fn focused_mut(&mut self) -> Option<&mut Pane> {
        self.panes.get_mut(self.focus)
    }

    /// Every chart.
    pub fn iter(&self) -> impl Iterator<Item = &Pane> {
        self.panes.iter().map(|(_, pane)| pane)
    }

    /// Splits a pane; the new chart is empty and has the focus.
    pub fn split(&mut self, pane: pane_grid::Pane, axis: Axis) {
        let span = self.panes.get(pane).map(Pane::span);
        let spec = ChartSpec {
            window_s: span.map_or_else(|| ChartSpec::default().window_s, |span| span.0),
            ..ChartSpec::default()
        };
        self.panes.restore();
        let new = Pane::new(&spec, &self.store, self.eco);
        if let Some((pane, _)) = self.panes.split(axis, pane, new) {
            self.set_focus(pane);
        }
    }

    /// Adds an empty chart where there is most room, and gives it the focus.
    pub fn add(&mut self) {
        let regions = self
            .panes
            .layout()
            .pane_regions(1.0, 1.0, iced::Size::new(1600.0, 900.0));
        let largest = regions
            .into_iter()
            .max_by(|(_, a), (_, b)| (a.width * a.height).total_cmp(&(b.width * b.height)));
        if let Some((pane, region)) = largest {
            // A chart is wide: it is cut across as long as both halves stay readable.
            let axis = if region.height >= 360.0 {
                Axis::Horizontal
            } else {
                Axis::Vertical
            };
            self.split(pane, axis);
        }
    }

    /// Removes a chart; the last one becomes an empty one.
    pub fn close(&mut self, pane: pane_grid::Pane) {
        match self.panes.close(pane) {
            Some((_, sibling)) => {
                if self.focus == pane {
                    self.focus = sibling;
                }
            }
            None => {
                let new = Pane::new(&ChartSpec::default(), &self.store, self.eco);
                if let Some(chart) = self.panes.get_mut(pane) {
                    *chart = new;
                }
            }
        }
    }

    /// Moves a chart to where it was dropped.
    pub fn drop(&mut self, pane: pane_grid::Pane, target: pane_grid::Target) {
        self.panes.drop(pane, target);
    }

    /// Splits a pane so that the new chart, which has the focus, stands at this edge of it.
    pub fn split_beside(&mut self, pane: pane_grid::Pane, edge: Edge) {
        let axis = match edge {
            Edge::Left | Edge::Right => Axis::Vertical,
            Edge::Top | Edge::Bottom => Axis::Horizontal,
        };
        self.split(pane, axis);
        // A split puts the new one to the right or below.
        if matches!(edge, Edge::Left | Edge::Top) && self.focus != pane {
            self.panes.swap(pane, self.focus);
        }
    }

    /// Gives the next chart the focus, in the order of the layout.
    pub fn focus_next(&mut self) {
        let order: Vec<pane_grid::Pane> = self.in_order();
        let present = order.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        if let Some(next) = order.get((present + 1) % order.len().max(1)) {
            self.set_focus(*next);
        }
    }

    /// Puts another chart in the place of the one with the focus.
    pub fn fill_focused(&mut self, spec: &ChartSpec) {
        let chart = Pane::new(spec, &self.store, self.eco);
        if let Some(place) = self.panes.get_mut(self.focus) {
            *place = chart;
        }
    }

    /// The charts as the layout counts them.
    fn in_order(&self) -> Vec<pane_grid::Pane> {
        let mut order = Vec::new();
        let mut left = vec![self.panes.layout()];
        while let Some(node) = left.pop() {
            match node {
                Node::Split { a, b, .. } => left.extend([b.as_ref(), a.as_ref()]),
                Node::Pane(pane) => order.push(*pane),
            }
        }
        order
    }

    /// Takes another layout. Charts that are in it as they are now stay what they are.
    pub fn restore(&mut self, board: &Board) {
        let Some(layout) = board.layout.clone().filter(|_| !board.charts.is_empty()) else {
            return;
        };
        let place = self.in_order().iter().position(|pane| *pane == self.focus).unwrap_or(0);
        let lens = self.focused().map(|chart| chart.source().lens());
        let (present, _) = pane_grid::State::new(Pane::new(&ChartSpec::default(), &self.store, self.eco));
        let present = std::mem::replace(&mut self.panes, present);
        let mut old: Vec<(ChartSpec, Pane)> = present.panes.into_values().map(|pane| (pane.spec(), pane)).collect();
        let (store, eco, linked) = (Rc::clone(&self.store), self.eco, self.linked);
        self.panes = pane_grid::State::with_configuration(configuration(&layout, &mut |index| {
            let spec = board.charts.get(index).cloned().unwrap_or_default();
            match old.iter().position(|(known, _)| *known == spec) {
                Some(known) => old.swap_remove(known).1,
                None => {
                    let pane = Pane::new(&spec, &store, eco);
                    if let Some(lens) = lens.filter(|_| linked) {
                        pane.source().set_lens(lens);
                    }
                    pane
                }
            }
        }));
        let order = self.in_order();
        if let Some(focus) = order.get(place).or(order.last()) {
            self.focus = *focus;
        }
        self.point_nowhere();
    }

    /// Draws fewer points.
    #[must_use]
    pub fn is_eco(&self) -> bool {
        self.eco
    }

    /// Moves the line between two parts.
    pub fn resize(&mut self, split: pane_grid::Split, ratio: f32) {
        self.panes.resize(split, ratio.clamp(RATIO_MIN, 1.0 - RATIO_MIN));
    }

    /// Shows one chart alone, or all again.
    pub fn toggle_maximized(&mut self, pane: pane_grid::Pane) {
        if self.panes.maximized().is_some() {
            self.panes.restore();
        } else {
            self.panes.maximize(pane);
        }
    }

    /// Every field of every chart.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::new();
        let curves = self.iter().flat_map(Pane::curves);
        for FieldRef { topic, field } in curves.flat_map(|curve| curve.recipe.inputs()) {
            let _ = wanted.entry(topic.clone()).or_default().insert(field.clone());
        }
        wanted
    }

    /// Lets curves find the series that were attached since.
    pub fn bind(&self) {
        for pane in self.iter() {
            pane.source().bind();
        }
    }

    /// After a drain; true when a running chart has something new to show.
    #[must_use]
    pub fn refresh(&self, now: Timestamp) -> bool {
        let new = self.iter().fold(false, |new, pane| pane.refresh(now) | new);
        self.look() | new
    }

    /// After a drain, for charts that are not seen: what has a trigger goes on.
    #[must_use]
    pub fn refresh_unseen(&self, now: Timestamp) -> bool {
        for pane in self.iter().filter(|pane| pane.trigger().is_some()) {
            let _ = pane.source().refresh(now);
        }
        self.look_on()
    }

    /// True while time alone changes the picture.
    #[must_use]
    pub fn is_scrolling(&self) -> bool {
        self.iter().any(|pane| pane.source().is_scrolling())
    }

    /// How long the curve that fell silent last has been silent, in seconds; `None` when none has.
    #[must_use]
    pub fn silent_since_s(&self) -> Option<f64> {
        let sources = self.iter().map(Pane::source);
        let ages = sources.flat_map(|source| (0..source.curves()).map(|index| source.freshness(index)));
        ages.filter_map(|freshness| match freshness {
            Freshness::Stale(age_s) => Some(age_s),
            Freshness::Live | Freshness::NoData => None,
        })
        .min_by(f64::total_cmp)
    }

    /// True when every chart is paused.
    #[must_use]
    pub fn all_paused(&self) -> bool {
        self.iter().all(|pane| pane.source().is_paused())
    }

    /// Freezes or frees every chart.
    pub fn set_paused(&self, paused: bool) {
        for pane in self.iter() {
            pane.source().set_paused(paused);
        }
    }

    /// Draws fewer points.
    pub fn set_eco(&mut self, eco: bool) {
        self.eco = eco;
        for pane in self.iter() {
            pane.source().set_eco(eco);
        }
    }

    /// As a board keeps them.
    #[must_use]
    pub fn board(&self, name: Option<String>) -> Board {
        let mut charts = Vec::new();
        let layout = self.layout(self.panes.layout(), &mut charts);
        Board {
            name,
            charts,
            layout: Some(layout),
            ..Board::default()
        }
    }

    fn layout(&self, node: &Node, charts: &mut Vec<ChartSpec>) -> Layout {
        match node {
            Node::Split { axis, ratio, a, b, .. } => Layout::Split {
                split: match axis {
                    Axis::Horizontal => Split::Rows,
                    Axis::Vertical => Split::Columns,
                },
                ratio: *ratio,
                first: Box::new(self.layout(a, charts)),
                second: Box::new(self.layout(b, charts)),
            },
            Node::Pane(pane) => {
                let chart = charts.len();
                charts.push(self.panes.get(*pane).map(Pane::spec).unwrap_or_default());
                Layout::Chart { chart }
            }
        }
    }
}

fn configuration<T>(layout: &Layout, make: &mut impl FnMut(usize) -> T) -> Configuration<T> {
    match layout {
        Layout::Chart { chart } => Configuration::Pane(make(*chart)),
        Layout::Split {
            split,
            ratio,
            first,
            second,
        } => Configuration::Split {
            axis: match split {
                Split::Rows => Axis::Horizontal,
                Split::Columns => Axis::Vertical,
            },
            ratio: *ratio,
            a: Box::new(configuration(first, make)),
            b: Box::new(configuration(second, make)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charts(board: &Board) -> Charts {
        let store = Rc::new(RefCell::new(Store::new(1 << 20)));
        Charts::new(board, store, false)
    }

    #[test]
    fn a_board_comes_back_as_it_was() {
        let board = Board::demo();
        let again = charts(&board).board(board.name.clone());
        assert_eq!(charts(&again).board(board.name.clone()), again);
        let titles = |board: &Board| {
            let mut titles: Vec<_> = board.charts.iter().map(|c| c.title.clone()).collect();
            titles.sort();
            titles
        };
        assert_eq!(titles(&again), titles(&board));
    }

    #[test]
    fn the_last_chart_cannot_be_lost() {
        let mut charts = charts(&Board::default());
        charts.split(charts.focus(), Axis::Vertical);
        assert_eq!(charts.iter().count(), 2);
        charts.close(charts.focus());
        let last = charts.focus();
        charts
            .focused_mut()
            .expect("a chart")
            .add("/a:x".parse().expect("a field"));
        charts.close(last);
        assert_eq!(charts.iter().count(), 1);
        assert!(charts.wanted().is_empty());
    }
}
