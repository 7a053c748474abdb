//! Answers to the mouse: clicks on fields, fields that are carried, and what a chart tells.

use iced::widget::pane_grid;
use roswave_engine::engine::Engine;
use roswave_engine::signal::FieldRef;
use roswave_widgets::chart;

use crate::scope::carry::Place;
use crate::scope::{Action, Click, Scope};

impl Scope {
    /// With Ctrl a field is marked, with Shift all up to it are; else it goes onto the chart.
    pub(super) fn click_field(&mut self, at: FieldRef, engine: &Engine) {
        if self.modifiers.control() {
            self.tree.toggle_mark(at);
        } else if self.modifiers.shift() {
            self.tree.mark_until(&at);
        } else {
            let _ = self.tree.clear_marks();
            self.tree.anchor(at.clone());
            self.click(at, engine);
        }
    }

    fn click(&mut self, at: FieldRef, engine: &Engine) {
        let pane = self.charts.focus();
        let Some(chart) = self.charts.focused_mut() else {
            return;
        };
        let added = !chart.has(&at);
        if added {
            chart.add(at.clone());
        } else {
            chart.remove(&at);
        }
        self.click = Some(Click { at, pane, added });
        self.follow(engine);
    }

    /// The first click of the two changed the focused chart: that is taken back.
    pub(super) fn double_click(&mut self, at: FieldRef, engine: &Engine) {
        if let Some(click) = self.click.take()
            && click.at == at
            && let Some(chart) = self.charts.get_mut(click.pane)
        {
            if click.added {
                chart.remove(&at);
            } else {
                chart.add(at.clone());
            }
        }
        let empty = self.charts.focused().is_some_and(|chart| chart.curves().is_empty());
        if !empty {
            self.charts.add();
        }
        if let Some(chart) = self.charts.focused_mut() {
            chart.add(at);
        }
        self.follow(engine);
    }

    pub(super) fn answer_chart(&mut self, pane: pane_grid::Pane, event: chart::Event, engine: &Engine) -> Action {
        match event {
            chart::Event::Hovered(place) => self.charts.point_at(pane, place),
            chart::Event::Clicked { .. } => {
                self.charts.set_focus(pane);
                return self.measure();
            }
            chart::Event::CurveCarried(index) => self.carry_curve(pane, index),
            chart::Event::FieldDropped => self.drop_on(pane, Place::On, engine),
            chart::Event::FieldDroppedBeside(edge) => self.drop_on(pane, Place::Beside(edge), engine),
            chart::Event::CurveHidden(index) => self.change_chart(pane, |chart| chart.toggle_curve(index)),
            chart::Event::CurveOpened(index) => self.change_chart(pane, |chart| chart.toggle_look(index)),
            chart::Event::CurveRemoved(index) => {
                self.change_chart(pane, |chart| chart.remove_at(index));
                self.follow(engine);
            }
            chart::Event::FitRequested => self.charts.fit_values(pane),
            chart::Event::TimeZoomed { factor, at_ns } => self.charts.zoom_time(pane, factor, at_ns),
            chart::Event::ViewMoved { from_ns, to_ns } => self.charts.show_times(pane, from_ns, to_ns),
            chart::Event::ValueRangeChanged { axis, low, high } => {
                self.charts.show_values(pane, usize::from(axis), low, high);
            }
            chart::Event::BoxZoomed { time, values } => self.charts.show_box(pane, time, values),
            chart::Event::CursorMoved { which, time_ns } => {
                self.charts.set_cursor(which, time_ns);
                return self.measure();
            }
            chart::Event::TriggerLevelMoved { which, value } => self.change_trigger(pane, |trigger, chart| {
                if let Some(curve) = chart.index_of(&trigger.setup().curve) {
                    trigger.move_level(which, chart.measured(curve, value));
                }
            }),
            chart::Event::LevelMoved { which, value } => {
                self.change_chart(pane, |chart| chart.move_level(which, value));
            }
        }
        Action::None
    }
}
