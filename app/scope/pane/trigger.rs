//! The trigger of a chart in its pane.

use roswave_engine::signal::Recipe;

use crate::scope::pane::{Pane, Sheet};
use crate::scope::trigger::{ChartTrigger, Looked};

impl Pane {
    /// What the chart waits for.
    #[must_use]
    pub fn trigger(&self) -> Option<&ChartTrigger> {
        self.trigger.as_ref()
    }

    /// What the chart waits for.
    pub fn trigger_mut(&mut self) -> Option<&mut ChartTrigger> {
        self.trigger.as_mut()
    }

    /// Changes the trigger with a look at the chart.
    pub fn change_trigger(&mut self, change: impl FnOnce(&mut ChartTrigger, &Self)) {
        if let Some(mut trigger) = self.trigger.take() {
            change(&mut trigger, self);
            self.trigger = Some(trigger);
        }
    }

    /// Shows what changes the trigger, or hides it; makes one for the first curve when there is none.
    pub fn toggle_trigger(&mut self) {
        if self.trigger.is_some() {
            let is_open = matches!(self.sheet, Some(Sheet::Trigger));
            self.sheet = (!is_open).then_some(Sheet::Trigger);
            return;
        }
        let first = self.curves.iter().position(|curve| curve.visible);
        let Some(index) = first.or((!self.curves.is_empty()).then_some(0)) else {
            return;
        };
        let (low, high) = self.source.values_of(index).unwrap_or((-1.0, 1.0));
        if let Some(curve) = self.curves.get(index) {
            self.trigger = Some(ChartTrigger::suggested(curve.recipe.clone(), low, high));
            self.sheet = Some(Sheet::Trigger);
        }
    }

    /// Lets the chart scroll again.
    pub fn remove_trigger(&mut self) {
        self.trigger = None;
        if matches!(self.sheet, Some(Sheet::Trigger)) {
            self.sheet = None;
        }
        self.source.set_sweep(None, &[]);
    }

    /// The number of the curve that the trigger looks at.
    #[must_use]
    pub fn triggering(&self) -> Option<usize> {
        self.index_of(&self.trigger.as_ref()?.setup().curve)
    }

    /// The number of the curve that shows this.
    #[must_use]
    pub fn index_of(&self, recipe: &Recipe) -> Option<usize> {
        self.curves.iter().position(|curve| curve.recipe == *recipe)
    }

    /// Lets the trigger look at the samples that came since, at most so many.
    #[must_use]
    pub fn look(&self, most: usize) -> Looked {
        let Some(trigger) = &self.trigger else {
            return Looked::default();
        };
        let index = self.index_of(&trigger.setup().curve);
        trigger.look(&self.source.store().borrow(), index, &self.source, most)
    }
}
