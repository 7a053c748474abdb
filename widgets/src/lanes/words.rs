//! How much of a word has room.

use crate::ink::CHARACTER;
use crate::theme::size;

/// A label has room for at least this many characters.
const CHARACTERS: usize = 3;

/// About the width of a character of the face of words at the size of notes, in logical pixels.
fn advance(character: char) -> f32 {
    let share = match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' => 0.29,
        'f' | 'r' | 't' | ' ' | '(' | ')' | '-' | '/' => 0.4,
        'm' | 'w' | 'M' | 'W' => 0.9,
        'A'..='Z' | '0'..='9' | '_' => 0.68,
        _ => 0.6,
    };
    share * size::SMALL
}

/// About the width of a word, in logical pixels.
pub(super) fn width(word: &str) -> f32 {
    word.chars().map(advance).sum()
}

/// As much of a label as has room, cut off with an ellipsis; `None` when next to nothing would be left.
pub(super) fn fitted(label: &str, room: f32, is_mono: bool) -> Option<String> {
    let advance = |character| if is_mono { CHARACTER } else { advance(character) };
    let width: f32 = label.chars().map(advance).sum();
    if label.is_empty() || width <= room {
        return (width <= room).then(|| label.to_owned());
    }
    let mut left = room - advance('…');
    let mut text: String = label
        .chars()
        .take_while(|character| {
            left -= advance(*character);
            left >= 0.0
        })
        .collect();
    if text.chars().count() < CHARACTERS {
        return None;
    }
    text.push('…');
    Some(text)
}

/// The last part of a name that has room, for the end of a path says most.
pub(super) fn fitted_end(name: &str, room: f32) -> String {
    if width(name) <= room {
        return name.to_owned();
    }
    let mut left = room - advance('…');
    let kept = name
        .char_indices()
        .rev()
        .take_while(|(_, character)| {
            left -= advance(*character);
            left >= 0.0
        })
        .last();
    kept.map_or_else(|| "…".to_owned(), |(start, _)| format!("…{}", &name[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_whole_or_cut_or_not_there() {
        assert_eq!(fitted("Moving", 200.0, false).as_deref(), Some("Moving"));
        assert_eq!(fitted("0x1F", 4.0 * CHARACTER, true).as_deref(), Some("0x1F"));
        let cut = fitted("Emergency stop", 60.0, false).expect("there is room for some");
        assert!(cut.starts_with("Eme") && cut.ends_with('…'), "{cut}");
        assert_eq!(fitted("Moving", 12.0, false), None);
    }

    #[test]
    fn of_a_long_name_the_end_is_kept() {
        assert_eq!(fitted_end("mode", 100.0), "mode");
        let end = fitted_end("/robot/arm/controller/mode", 60.0);
        assert!(end.starts_with('…') && end.ends_with("mode"), "{end}");
    }
}
