//! Texts within the plot that keep out of each other's way.

use iced::{Color, Point, Rectangle, Size};

use super::layout::{FIGURE, LINE};
use super::shape::{Across, Along, Face, Shape, Text};
use crate::theme::{Palette, size, space};

/// How much of what is below a label it hides.
const COVER: f32 = 0.8;

/// Places that are taken.
#[derive(Debug, Default)]
pub(super) struct Taken(Vec<Rectangle>);

impl Taken {
    pub(super) fn take(&mut self, place: Rectangle) {
        self.0.push(place);
    }

    /// Takes one of some places that lies within `area` and is free: the one that costs least, of equals the first.
    pub(super) fn best_free(
        &mut self,
        places: &[Rectangle],
        area: Rectangle,
        cost: impl Fn(Rectangle) -> usize,
    ) -> Option<Rectangle> {
        let best = places
            .iter()
            .filter(|place| place.is_within(&area) && !self.0.iter().any(|taken| taken.intersects(place)))
            .min_by_key(|place| cost(**place))
            .copied()?;
        self.take(best);
        Some(best)
    }
}

/// A label of small figures that stands in `place`, on a ground of its own.
pub(super) fn label(content: &str, place: Rectangle, color: Color, palette: &Palette) -> [Shape; 2] {
    let ground = Shape::Block {
        bounds: place,
        color: palette.surface.scale_alpha(COVER),
    };
    let text = Text {
        content: content.to_owned(),
        at: [place.center_x(), place.center_y()],
        face: Face::of_figures(content),
        size: size::SMALL,
        color,
        across: Across::Center,
        along: Along::Center,
    };
    [ground, Shape::Text(text)]
}

/// The room that a label of small figures needs.
pub(super) fn size_of(content: &str) -> Size {
    let width = match Face::of_figures(content) {
        Face::Figures => content.chars().count() as f32 * size::SMALL * FIGURE,
        Face::Words | Face::Heading => width_of(content, size::SMALL),
    };
    Size::new((width + space::XS).ceil(), LINE)
}

/// A place of a size with its middle at a point.
pub(super) fn around(middle: Point, size: Size) -> Rectangle {
    Rectangle::new(
        Point::new(
            (middle.x - size.width / 2.0).round(),
            (middle.y - size.height / 2.0).round(),
        ),
        size,
    )
}

/// The places around a point for a label `away` from it, the best first.
pub(super) fn beside(at: Point, size: Size, away: f32) -> [Rectangle; 4] {
    let up = away + size.height / 2.0;
    let aside = away + size.width / 2.0;
    [(0.0, -up), (aside, 0.0), (-aside, 0.0), (0.0, up)].map(|(x, y)| around(Point::new(at.x + x, at.y + y), size))
}

/// A text without what an XML file or a line of text cannot hold.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// About how wide a word of the text face is, never too little for ordinary words.
pub(super) fn width_of(words: &str, size: f32) -> f32 {
    words.chars().map(width).sum::<f32>() * size
}

/// The width of a character in parts of its size.
fn width(character: char) -> f32 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.29,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | ' ' | '/' | '-' => 0.4,
        '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '⁻' => 0.44,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.92,
        c if c.is_uppercase() => 0.74,
        c if c.is_ascii_lowercase() => 0.61,
        c if c.is_ascii() => 0.66,
        _ => 0.8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_do_not_cover_each_other_and_stay_inside() {
        let area = Rectangle::new(Point::ORIGIN, Size::new(200.0, 100.0));
        let mut taken = Taken::default();
        let at = Point::new(100.0, 50.0);
        let size = size_of("50.0 Hz");
        let mut places = Vec::new();
        while let Some(place) = taken.best_free(&beside(at, size, 5.0), area, |_| 0) {
            assert!(place.is_within(&area));
            places.push(place);
        }
        assert!(places.len() >= 2);
        for (index, place) in places.iter().enumerate() {
            assert!(!places[index + 1..].iter().any(|other| other.intersects(place)));
        }
        let top = taken.best_free(&beside(Point::new(30.0, 4.0), size, 5.0), area, |_| 0);
        assert!(top.is_none_or(|place| place.y >= 0.0));
    }

    #[test]
    fn no_control_character_remains() {
        assert_eq!(clean("a\u{0}b\nc µ²"), "a b c µ²");
    }
}
