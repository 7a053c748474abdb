//! How the curves of a chart are drawn: colours, axes, styles, scales.

use crate::board::{AxisSpec, CurveSpec, Look, Scaling, Side};
use crate::scope::pane::{Pane, Sheet};
use crate::scope::source::Scale;

/// One change of how a curve is drawn.
#[derive(Clone, Debug)]
pub enum LookChange {
    /// The number of its colour.
    Color(usize),
    /// Its value axis.
    Axis(Side),
    /// How its points become a picture.
    Style(crate::board::Style),
    /// How thick it is.
    Width(crate::board::Width),
    /// This was typed as its gain.
    Gain(String),
    /// This was typed as its offset.
    Offset(String),
    /// It is drawn.
    Visible(bool),
    /// Its axis is logarithmic.
    Log(bool),
}

/// The curve whose look is being changed, with what is typed.
#[derive(Clone, Debug)]
pub struct OpenLook {
    /// The number of the curve.
    pub curve: usize,
    /// As typed.
    pub gain: String,
    /// As typed.
    pub offset: String,
}

impl OpenLook {
    fn of(curve: usize, look: &Look) -> Self {
        Self {
            curve,
            gain: look.scale.gain.to_string(),
            offset: look.scale.offset.to_string(),
        }
    }

    fn scaling(&self) -> Option<Scaling> {
        let number = |text: &String| text.trim().parse::<f64>().ok();
        let scaling = Scaling {
            gain: number(&self.gain)?,
            offset: number(&self.offset)?,
        };
        scaling.is_sound().then_some(scaling)
    }

    /// What is wrong with what is typed.
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        self.scaling()
            .is_none()
            .then_some("gain and offset must be numbers, and gain not 0")
    }
}

impl Pane {
    /// The curve whose look is being changed.
    #[must_use]
    pub fn open_look(&self) -> Option<&OpenLook> {
        match &self.sheet {
            Some(Sheet::Look(open)) => Some(open),
            _ => None,
        }
    }

    /// Lets the look of a curve be changed, or no longer when it is open.
    pub fn toggle_look(&mut self, curve: usize) {
        let is_open = self.open_look().is_some_and(|open| open.curve == curve);
        self.sheet = match self.curves.get(curve) {
            Some(at) if !is_open => Some(Sheet::Look(OpenLook::of(curve, &at.look))),
            _ => None,
        };
    }

    /// Goes from curve to curve with each call, and after the last one to none.
    pub fn next_look(&mut self) {
        let next = self.open_look().map_or(0, |open| open.curve + 1);
        let next = self.curves.get(next).map(|curve| OpenLook::of(next, &curve.look));
        self.sheet = next.map(Sheet::Look);
    }

    /// Changes the look of the curve that is open.
    pub fn change_look(&mut self, change: LookChange) {
        let Some(Sheet::Look(open)) = &mut self.sheet else {
            return;
        };
        let Some(curve) = self.curves.get_mut(open.curve) else {
            return;
        };
        match change {
            LookChange::Color(color) => curve.color = color,
            LookChange::Axis(side) => curve.look.axis = side,
            LookChange::Style(style) => curve.look.style = style,
            LookChange::Width(width) => curve.look.width = width,
            LookChange::Visible(visible) => curve.visible = visible,
            LookChange::Gain(text) => {
                open.gain = text;
                curve.look.scale = open.scaling().unwrap_or(curve.look.scale);
            }
            LookChange::Offset(text) => {
                open.offset = text;
                curve.look.scale = open.scaling().unwrap_or(curve.look.scale);
            }
            LookChange::Log(log) => {
                let axis = usize::from(curve.look.axis.axis());
                self.source.set_log(axis, log);
            }
        }
        self.show();
    }

    /// Gives each unit an axis of its own, as far as there are axes; or all curves the left one again.
    pub fn axes_by_unit(&mut self, units: &[Option<&'static str>]) {
        let mut known: Vec<Option<&'static str>> = Vec::new();
        for unit in units {
            if !known.contains(unit) {
                known.push(*unit);
            }
        }
        let side_of = |unit: &Option<&'static str>| {
            let place = known.iter().position(|one| one == unit).unwrap_or(0);
            Side::ALL.get(place).or(Side::ALL.last()).copied().unwrap_or_default()
        };
        let sides: Vec<Side> = units.iter().map(side_of).collect();
        let is_so = self
            .curves
            .iter()
            .zip(&sides)
            .all(|(curve, side)| curve.look.axis == *side);
        for (curve, side) in self.curves.iter_mut().zip(sides) {
            curve.look.axis = if is_so { Side::Left } else { side };
        }
        self.show();
    }

    /// The curves as a board keeps them.
    pub(super) fn curve_specs(&self) -> Vec<CurveSpec> {
        let specs = self.curves.iter().enumerate().map(|(index, curve)| {
            // A colour that the curve would take anyway is not worth a word.
            let before = self.curves.get(..index).unwrap_or_default();
            let next = (0..).find(|color| before.iter().all(|curve| curve.color != *color));
            CurveSpec {
                recipe: curve.recipe.clone(),
                color: (next != Some(curve.color)).then_some(curve.color),
                visible: curve.visible,
                look: curve.look,
            }
        });
        specs.collect()
    }

    /// The value axes beside the left one, as a board keeps them: up to the last one in use.
    pub(super) fn axis_specs(&self) -> Vec<AxisSpec> {
        let specs = (1..Side::ALL.len()).map(|axis| AxisSpec {
            y: match self.source.scale_of(axis) {
                Scale::Auto => None,
                Scale::Fixed(low, high) => Some([low, high]),
            },
            log: self.source.is_log(axis),
        });
        let mut specs: Vec<AxisSpec> = specs.collect();
        while specs.last().is_some_and(|spec| *spec == AxisSpec::default()) {
            let _ = specs.pop();
        }
        specs
    }

    /// The value axis of a curve.
    #[must_use]
    pub fn axis_of(&self, index: usize) -> u8 {
        self.curves.get(index).map_or(0, |curve| curve.look.axis.axis())
    }

    /// Where a value of a curve is drawn on its axis.
    #[must_use]
    pub fn drawn(&self, index: usize, value: f64) -> f64 {
        self.curves
            .get(index)
            .map_or(value, |curve| curve.look.scale.drawn(value))
    }

    /// The value of a curve that is drawn at a place of its axis.
    #[must_use]
    pub fn measured(&self, index: usize, drawn: f64) -> f64 {
        self.curves
            .get(index)
            .map_or(drawn, |curve| curve.look.scale.measured(drawn))
    }
}
