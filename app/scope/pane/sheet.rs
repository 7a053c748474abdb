//! What lies over a chart while it is open: one thing at a time.

use crate::scope::pane::{OpenLook, Pane};

/// What lies over a chart.
#[derive(Clone, Debug)]
pub enum Sheet {
    /// How one of its curves is drawn.
    Look(OpenLook),
    /// What it can be saved to.
    Save,
    /// What its trigger waits for.
    Trigger,
}

impl Pane {
    /// What lies over the chart.
    #[must_use]
    pub fn sheet(&self) -> Option<&Sheet> {
        self.sheet.as_ref()
    }

    /// Takes away what lies over the chart. False when nothing did.
    pub fn close_sheet(&mut self) -> bool {
        self.sheet.take().is_some()
    }

    /// Shows what the chart can be saved to, or no longer.
    pub fn toggle_save(&mut self) {
        let is_open = matches!(self.sheet, Some(Sheet::Save));
        self.sheet = (!is_open).then_some(Sheet::Save);
    }

    /// Takes away what the chart can be saved to.
    pub(in crate::scope) fn close_save(&mut self) {
        if matches!(self.sheet, Some(Sheet::Save)) {
            self.sheet = None;
        }
    }

    pub(super) fn close_look(&mut self) {
        if matches!(self.sheet, Some(Sheet::Look(_))) {
            self.sheet = None;
        }
    }
}
