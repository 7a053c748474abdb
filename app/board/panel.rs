//! What a chart shows of its curves, and how.

use std::fmt;

use roswave_engine::signal::FieldRef;
use roswave_engine::signal::spectrum::Window;
use serde::{Deserialize, Serialize};

/// Samples that a segment of a spectrum can be asked to have.
pub const SEGMENTS: [usize; 8] = [64, 128, 256, 512, 1024, 2048, 4096, 8192];

/// Shares of a segment that the next one can be asked to have in common with it.
pub const OVERLAPS: [f64; 4] = [0.0, 0.5, 0.75, 0.875];

/// Arrays that one panel shows at most.
pub const ARRAYS_MAX: usize = 16;

/// What a chart shows of its curves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PanelKind {
    /// Values over time.
    #[default]
    Curves,
    /// The power spectral density of the time that is shown.
    Spectrum,
    /// One spectrum after the other.
    Waterfall,
    /// How often which values came.
    Histogram,
    /// The Allan deviation, for the noise of inertial sensors.
    Allan,
    /// Values over other values.
    Xy,
    /// States over time, with their names.
    Lanes,
    /// The elements of an array in the latest message, over their index.
    Profile,
}

impl PanelKind {
    /// All of them, in the order of their keys: 1, 2, …
    pub const ALL: [Self; 8] = [
        Self::Curves,
        Self::Spectrum,
        Self::Waterfall,
        Self::Histogram,
        Self::Allan,
        Self::Xy,
        Self::Lanes,
        Self::Profile,
    ];

    /// True for what is computed of samples on another thread and stands still until it is computed anew; the others are
    /// drawn as samples come.
    #[must_use]
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Spectrum | Self::Histogram | Self::Allan | Self::Profile)
    }

    pub(super) fn is_curves(&self) -> bool {
        *self == Self::Curves
    }
}

impl fmt::Display for PanelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Curves => "Curves",
            Self::Spectrum => "Spectrum",
            Self::Waterfall => "Waterfall",
            Self::Histogram => "Histogram",
            Self::Allan => "Allan deviation",
            Self::Xy => "XY plot",
            Self::Lanes => "State lanes",
            Self::Profile => "Array profile",
        })
    }
}

/// What an input of an XY plot is worth between its samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Between {
    /// On the straight line to its next sample.
    #[default]
    Linear,
    /// What it was at its last sample.
    Hold,
}

/// How a panel shows what it shows. What is not said is chosen by the panel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PanelSpec {
    /// XY plot: which curves lie along X, counted from 0; the first one when none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub x: Vec<usize>,
    /// XY plot: a unit is as long on both axes.
    #[serde(skip_serializing_if = "is_default")]
    pub equal: bool,
    /// XY plot: how values of different times are brought together.
    #[serde(skip_serializing_if = "is_default")]
    pub between: Between,
    /// State lanes: whole numbers without names are shown bit by bit.
    #[serde(skip_serializing_if = "is_default")]
    pub bits: bool,
    /// Spectrum and waterfall: samples in a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<usize>,
    /// Spectrum and waterfall: the share that a segment has in common with the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap: Option<f64>,
    /// Spectrum and waterfall: what segments are multiplied by.
    #[serde(skip_serializing_if = "is_default")]
    pub window: Window,
    /// Waterfall: the levels at the two ends of the colours, in dB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels_db: Option<[f64; 2]>,
    /// Array profile: X is the angle of a laser scan, not the index.
    #[serde(skip_serializing_if = "is_default")]
    pub angle: bool,
    /// Arrays as wholes: `/scan:ranges`. An array profile shows them; any other panel gets a curve for each element as
    /// soon as their number is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrays: Vec<FieldRef>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl PanelSpec {
    pub(super) fn is_default(&self) -> bool {
        is_default(self)
    }

    /// What a sound text can still have wrong, for a chart with so many curves.
    pub(super) fn check(&self, curves: usize) -> Result<(), String> {
        if let Some(x) = self.x.iter().find(|x| **x >= curves) {
            return Err(format!("x names curve {x}, but there are {curves}, counted from 0"));
        }
        if let Some(segment) = self.segment.filter(|segment| !SEGMENTS.contains(segment)) {
            return Err(format!("segment = {segment} is not one of {SEGMENTS:?} samples"));
        }
        if let Some(overlap) = self.overlap.filter(|overlap| !OVERLAPS.contains(overlap)) {
            return Err(format!("overlap = {overlap} is not one of {OVERLAPS:?}"));
        }
        if let Some([low, high]) = self.levels_db
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            return Err(format!("levels_db = [{low}, {high}] needs a lower and a higher number"));
        }
        if self.arrays.len() > ARRAYS_MAX {
            let there = self.arrays.len();
            return Err(format!("{there} arrays are too many; name at most {ARRAYS_MAX}"));
        }
        Ok(())
    }
}
