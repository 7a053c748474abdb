//! The horizontal cursors of a chart.

use roswave_widgets::TraceSource as _;

use crate::scope::pane::Pane;

impl Pane {
    /// The horizontal cursors: value axis and value.
    #[must_use]
    pub fn levels(&self) -> [Option<(u8, f64)>; 2] {
        self.levels
    }

    /// Puts one at a share of the height, on the axis whose grid is drawn.
    pub fn place_level(&mut self, which: usize, down: f64) {
        let used = self.curves.iter().filter(|curve| curve.visible);
        let axis = used.map(|curve| curve.look.axis.axis()).min().unwrap_or(0);
        let value = self.source.y_axis(usize::from(axis)).value(down);
        if let Some(level) = self.levels.get_mut(which) {
            *level = Some((axis, value));
        }
    }

    /// Moves one along its axis.
    pub fn move_level(&mut self, which: usize, value: f64) {
        if let Some(Some((_, level))) = self.levels.get_mut(which) {
            *level = value;
        }
    }

    /// Takes both away.
    pub fn clear_levels(&mut self) {
        self.levels = [None; 2];
    }
}
