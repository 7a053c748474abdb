//! What is typed into the boxes of a chart: the ends of Y, and derived curves.

use roswave_engine::signal::{FieldRef, Recipe};
use roswave_widgets::MOST_AXES;

use crate::scope::pane::{Bound, Pane};
use crate::scope::source::Scale;

impl Pane {
    /// Fixes Y at its present range, or lets it scale itself again.
    pub fn toggle_scale(&mut self) {
        let scale = match self.source.scale() {
            Scale::Auto => {
                let (low, high) = self.source.y_range();
                Scale::Fixed(low, high)
            }
            Scale::Fixed(..) => Scale::Auto,
        };
        self.set_scale(scale);
    }

    /// Scales Y this way.
    pub fn set_scale(&mut self, scale: Scale) {
        self.set_scale_of(0, scale);
    }

    /// Scales a value axis this way.
    pub fn set_scale_of(&mut self, axis: usize, scale: Scale) {
        self.source.set_scale_of(axis, scale);
        self.edited = self.bounds();
    }

    /// Lets every axis scale itself.
    pub fn scale_to_data(&mut self) {
        for axis in 0..MOST_AXES {
            self.source.set_scale_of(axis, Scale::Auto);
        }
        self.edited = self.bounds();
    }

    /// The ends of Y as they stand in the two boxes; `None` while Y scales itself.
    #[must_use]
    pub fn edited(&self) -> Option<&[String; 2]> {
        self.edited.as_ref()
    }

    /// Takes what was typed as one end of Y; it holds as soon as both ends make a range.
    pub fn edit(&mut self, bound: Bound, text: String) {
        let Some(edited) = &mut self.edited else {
            return;
        };
        edited[match bound {
            Bound::Low => 0,
            Bound::High => 1,
        }] = text;
        if let Some((low, high)) = Self::parsed(edited) {
            self.source.set_scale(Scale::Fixed(low, high));
        }
    }

    /// Opens the line for a derived curve, or closes it.
    pub fn toggle_formula(&mut self) {
        self.typed = match self.typed {
            Some(_) => None,
            None => Some(String::new()),
        };
    }

    /// What stands in the line for a derived curve; `None` while it is closed.
    #[must_use]
    pub fn formula(&self) -> Option<&String> {
        self.typed.as_ref()
    }

    /// Takes what was typed so far.
    pub fn edit_formula(&mut self, text: String) {
        if self.typed.is_some() {
            self.typed = Some(text);
        }
    }

    /// Draws what was typed, when it is sound, and empties the line.
    pub fn accept_formula(&mut self) {
        if let Some(at) = self.typed.as_deref().and_then(array) {
            let _ = self.panel.add_array(at);
            self.typed = Some(String::new());
            return;
        }
        let parsed = self.typed.as_deref().map(str::parse::<Recipe>);
        if let Some(Ok(recipe)) = parsed {
            self.add_recipe(recipe);
            self.typed = Some(String::new());
        }
    }

    /// What is wrong with what was typed; `None` when nothing is, or nothing was typed.
    #[must_use]
    pub fn formula_error(&self) -> Option<String> {
        let text = self.typed.as_deref().filter(|text| !text.trim().is_empty())?;
        if array(text).is_some() {
            return None;
        }
        text.parse::<Recipe>().err().map(|error| error.to_string())
    }

    /// True when the typed ends make a range.
    #[must_use]
    pub fn edit_is_sound(&self) -> bool {
        self.edited.as_ref().is_none_or(|edited| Self::parsed(edited).is_some())
    }

    fn parsed([low, high]: &[String; 2]) -> Option<(f64, f64)> {
        let number = |text: &String| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        let range = (number(low)?, number(high)?);
        (range.0 < range.1).then_some(range)
    }

    pub(super) fn bounds(&self) -> Option<[String; 2]> {
        match self.source.scale() {
            Scale::Auto => None,
            Scale::Fixed(low, high) => Some([low.to_string(), high.to_string()]),
        }
    }
}

/// The array that a text names: `/joint_states:position[*]` or `/scan:ranges[]`.
fn array(text: &str) -> Option<FieldRef> {
    let text = text.trim();
    let whole = text.strip_suffix("[*]").or_else(|| text.strip_suffix("[]"))?;
    whole.parse().ok()
}
