//! A curve of a chart, as a board keeps it: a recipe, with how it is drawn where that is not the usual way.

use std::fmt;

use roswave_engine::signal::Recipe;
use roswave_widgets::{CurveStyle, MOST_AXES};
use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Colours that a board can name: the order of the theme, four times over with dashes.
const COLORS_MAX: usize = 32;

/// A curve. In the file it is its recipe alone, or a table:
///
/// ```toml
/// curves = ["/a:x", { curve = "/a:y", axis = "right", style = "dots", gain = 10 }]
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CurveSpec {
    /// What it shows.
    pub recipe: Recipe,
    /// The number of its colour; `None` takes the next one.
    pub color: Option<usize>,
    /// It is drawn.
    pub visible: bool,
    /// How it is drawn.
    pub look: Look,
}

/// How a curve is drawn, apart from its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Its value axis.
    pub axis: Side,
    /// How its points become a picture.
    pub style: Style,
    /// How thick it is.
    pub width: Width,
    /// What is drawn in place of its values.
    pub scale: Scaling,
}

/// A value axis by its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Beside the plot, on the left.
    #[default]
    Left,
    /// On the right.
    Right,
    /// Left of the left one.
    Left2,
    /// Right of the right one.
    Right2,
}

impl Side {
    /// All of them, in the order of the chart's axes.
    pub const ALL: [Self; MOST_AXES] = [Self::Left, Self::Right, Self::Left2, Self::Right2];

    /// Its number among the axes of a chart.
    #[must_use]
    pub fn axis(self) -> u8 {
        self as u8
    }

    fn is_usual(&self) -> bool {
        *self == Self::Left
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "Left axis",
            Self::Right => "Right axis",
            Self::Left2 => "Outer left axis",
            Self::Right2 => "Outer right axis",
        })
    }
}

/// How the points of a curve become a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Joined by straight lines.
    #[default]
    Line,
    /// A value holds until the next one.
    Steps,
    /// Dots alone.
    Dots,
    /// Dots and lines.
    LineAndDots,
}

impl Style {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Line, Self::Steps, Self::Dots, Self::LineAndDots];

    /// As the chart takes it.
    #[must_use]
    pub fn curve_style(self) -> CurveStyle {
        match self {
            Self::Line => CurveStyle::Line,
            Self::Steps => CurveStyle::Steps,
            Self::Dots => CurveStyle::Dots,
            Self::LineAndDots => CurveStyle::LineAndDots,
        }
    }

    fn is_usual(&self) -> bool {
        *self == Self::Line
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "Line",
            Self::Steps => "Steps",
            Self::Dots => "Dots",
            Self::LineAndDots => "Line and dots",
        })
    }
}

/// How thick a curve is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    /// Thinner than usual.
    Thin,
    /// As usual.
    #[default]
    Normal,
    /// Thicker than usual.
    Bold,
}

impl Width {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Thin, Self::Normal, Self::Bold];

    /// In parts of the usual width.
    #[must_use]
    pub fn factor(self) -> f32 {
        match self {
            Self::Thin => 0.66,
            Self::Normal => 1.0,
            Self::Bold => 2.0,
        }
    }

    fn is_usual(&self) -> bool {
        *self == Self::Normal
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Thin => "Thin",
            Self::Normal => "Normal",
            Self::Bold => "Bold",
        })
    }
}

/// What is drawn in place of a value: `gain * value + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Not 0.
    pub gain: f64,
    /// In the unit of the axis.
    pub offset: f64,
}

impl Default for Scaling {
    fn default() -> Self {
        Self { gain: 1.0, offset: 0.0 }
    }
}

impl Scaling {
    /// Where a value is drawn.
    #[must_use]
    pub fn drawn(&self, value: f64) -> f64 {
        self.gain.mul_add(value, self.offset)
    }

    /// The value that is drawn there.
    #[must_use]
    pub fn measured(&self, drawn: f64) -> f64 {
        (drawn - self.offset) / self.gain
    }

    /// True when something can be drawn with it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.gain.is_finite() && self.gain != 0.0 && self.offset.is_finite()
    }
}

impl CurveSpec {
    /// A curve that is drawn as usual.
    #[must_use]
    pub fn plain(recipe: Recipe) -> Self {
        Self {
            recipe,
            color: None,
            visible: true,
            look: Look::default(),
        }
    }
}

/// The long form in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    curve: Recipe,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    color: Option<usize>,
    #[serde(default, skip_serializing_if = "Side::is_usual")]
    axis: Side,
    #[serde(default, skip_serializing_if = "Style::is_usual")]
    style: Style,
    #[serde(default, skip_serializing_if = "Width::is_usual")]
    width: Width,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gain: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hidden: Option<bool>,
}

impl Serialize for CurveSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::plain(self.recipe.clone()) {
            return self.recipe.serialize(serializer);
        }
        let Look {
            axis,
            style,
            width,
            scale,
        } = self.look;
        let usual = Scaling::default();
        Table {
            curve: self.recipe.clone(),
            color: self.color,
            axis,
            style,
            width,
            gain: Some(scale.gain).filter(|gain| *gain != usual.gain),
            offset: Some(scale.offset).filter(|offset| *offset != usual.offset),
            hidden: (!self.visible).then_some(true),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CurveSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// Reads a text or a table, so that an error says what is wrong with the one that stands there.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = CurveSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a curve: a text such as \"/imu/data:angular_velocity.x\", or a table with `curve`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<CurveSpec, E> {
        text.parse().map(CurveSpec::plain).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CurveSpec, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        let usual = Scaling::default();
        let scale = Scaling {
            gain: table.gain.unwrap_or(usual.gain),
            offset: table.offset.unwrap_or(usual.offset),
        };
        if !scale.is_sound() {
            return Err(de::Error::custom(
                "`gain` and `offset` must be finite, and `gain` not 0",
            ));
        }
        if table.color.is_some_and(|color| color >= COLORS_MAX) {
            return Err(de::Error::custom(format!("`color` must be 0 to {}", COLORS_MAX - 1)));
        }
        Ok(CurveSpec {
            recipe: table.curve,
            color: table.color,
            visible: !table.hidden.unwrap_or(false),
            look: Look {
                axis: table.axis,
                style: table.style,
                width: table.width,
                scale,
            },
        })
    }
}
