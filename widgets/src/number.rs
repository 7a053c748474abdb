//! A value with its name and unit, of fixed width so that nothing beside it moves.
//!
//! ```
//! use roswave_widgets::number;
//!
//! let rate: iced::Element<'_, ()> = number("rate", Some(1000.0034)).unit("Hz").into();
//! ```

use std::borrow::Cow;

use iced::widget::{column, row, text};
use iced::{Alignment, Element, Font};

use crate::trace::Freshness;
use crate::{format, theme};

/// How large a [`Number`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// In a line of text.
    #[default]
    Body,
    /// In a panel.
    Large,
    /// On the wall.
    Huge,
}

/// A value with its name and unit.
#[derive(Debug, Clone)]
pub struct Number<'a> {
    name: Cow<'a, str>,
    value: Option<f64>,
    unit: Cow<'a, str>,
    freshness: Freshness,
    scale: Scale,
}

/// Creates a [`Number`]. It expects:
///
/// - its name, and
/// - its value, `None` when it is unknown.
pub fn number<'a>(name: impl Into<Cow<'a, str>>, value: Option<f64>) -> Number<'a> {
    Number {
        name: name.into(),
        value,
        unit: Cow::Borrowed(""),
        freshness: Freshness::Live,
        scale: Scale::Body,
    }
}

impl<'a> Number<'a> {
    /// Sets the unit of the [`Number`].
    #[must_use]
    pub fn unit(mut self, unit: impl Into<Cow<'a, str>>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets whether the value still comes.
    #[must_use]
    pub fn freshness(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// Sets the size of the [`Number`].
    #[must_use]
    pub fn scale(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }
}

impl<'a, Message: 'a> From<Number<'a>> for Element<'a, Message> {
    fn from(number: Number<'a>) -> Self {
        let (font, size): (Font, f32) = match number.scale {
            Scale::Body => (theme::MONO, theme::size::BODY),
            Scale::Large => (theme::MONO_MEDIUM, theme::size::LARGE),
            Scale::Huge => (theme::MONO_MEDIUM, theme::size::HUGE),
        };
        let value = if number.freshness == Freshness::NoData {
            None
        } else {
            number.value
        };
        let is_large = number.scale != Scale::Body;
        let figures = format::number(value);
        // A large value stands below its name and starts where the name does; its unit does not move either.
        let figures = if is_large {
            format!("{:<width$}", figures.trim_start(), width = format::NUMBER_WIDTH)
        } else {
            figures
        };
        let value = text(figures).font(font).size(size);
        let value = match number.freshness {
            Freshness::Live => value,
            Freshness::Stale(_) | Freshness::NoData => value.style(theme::faint_text),
        };
        let unit = theme::note(number.unit);
        let unit = if is_large {
            unit.size(theme::size::HEADING)
        } else {
            unit
        };
        let value = row![value, unit].spacing(theme::space::XS).align_y(Alignment::End);
        let note = match number.freshness {
            Freshness::Live => None,
            Freshness::Stale(seconds) => Some(format!("since {}", format::duration(seconds))),
            Freshness::NoData => Some("no data".to_owned()),
        };
        let note = note.map(|note| theme::note(note).style(theme::warning_text));

        match number.scale {
            Scale::Body => row![theme::muted(number.name), value, note]
                .spacing(theme::space::S)
                .align_y(Alignment::Center)
                .into(),
            Scale::Large | Scale::Huge => {
                let name = row![theme::muted(number.name), note]
                    .spacing(theme::space::S)
                    .align_y(Alignment::Center);
                column![name, value].into()
            }
        }
    }
}
