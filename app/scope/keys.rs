//! The keys of the scope, and what they mean.

use iced::keyboard::{self, key};

use roswave_engine::ingest::Timing;

use crate::board::PanelKind;
use crate::scope::Message;

/// What a key that no widget took asks for.
pub(super) fn pressed(event: keyboard::Event) -> Option<Message> {
    let keyboard::Event::KeyPressed {
        modified_key: key,
        modifiers,
        ..
    } = event
    else {
        return None;
    };
    if modifiers.control() {
        return match key.as_ref() {
            keyboard::Key::Character("q") => Some(Message::Close),
            keyboard::Key::Character("s") => Some(Message::SaveBoard),
            _ => None,
        };
    }
    if modifiers.alt() || modifiers.logo() {
        return None;
    }
    match key.as_ref() {
        keyboard::Key::Named(key::Named::Space) => Some(Message::PauseAll),
        keyboard::Key::Named(key::Named::Backspace) if modifiers.shift() => Some(Message::GoForward),
        keyboard::Key::Named(key::Named::Backspace) => Some(Message::GoBack),
        keyboard::Key::Named(key::Named::End) => Some(Message::FollowLive),
        keyboard::Key::Named(key::Named::F11) => Some(Message::ToggleFullscreen),
        keyboard::Key::Named(key::Named::Escape) => Some(Message::Escape),
        keyboard::Key::Character(text) => match text {
            "/" => Some(Message::FilterFocused),
            "?" => Some(Message::ToggleKeys),
            "[" => Some(Message::ToggleTree),
            "]" => Some(Message::ToggleInspector),
            "=" => Some(Message::ToggleFormulaHere),
            "0" => Some(Message::FitAll),
            "a" => Some(Message::PlaceCursor(0)),
            "b" => Some(Message::PlaceCursor(1)),
            "c" => Some(Message::ClearCursors),
            "l" => Some(Message::ToggleLinked),
            "e" => Some(Message::ToggleEco),
            "f" => Some(Message::ToggleFullscreen),
            "h" => Some(Message::ToggleHidden),
            "i" => Some(Message::OpenTimingHere(Timing::Interval)),
            "I" => Some(Message::OpenTimingHere(Timing::Latency)),
            "n" => Some(Message::AddChart),
            "r" => Some(Message::ToggleRecording),
            "t" => Some(Message::ToggleTheme),
            _ => kind(text).map(Message::PickKindHere),
        },
        _ => None,
    }
}

/// The kind of panel that a digit stands for.
fn kind(digit: &str) -> Option<PanelKind> {
    let place = digit.parse::<usize>().ok()?.checked_sub(1)?;
    PanelKind::ALL.get(place).copied()
}

/// Every key, for the key sheet.
pub const KEYS: [(&str, &str); 27] = [
    ("/", "Filter the topics"),
    ("Space", "Pause or resume all charts"),
    ("r", "Start or stop recording"),
    ("n", "New chart"),
    (
        "1 … 8",
        "Curves, spectrum, waterfall, histogram, Allan, XY, lanes, array",
    ),
    ("Wheel", "Zoom time; over an axis or with Ctrl, values"),
    ("Drag a plot", "Move through time; with Shift, zoom into a box"),
    ("Double click", "Scale the values to the data"),
    ("0, End", "All that is kept; back to the newest samples"),
    ("Backspace", "The view before; with Shift, the one after"),
    ("i, Shift+I", "Intervals or latencies of the selected topic"),
    ("l", "Charts move together, or each for itself"),
    ("a, b", "Put cursor A or B where the pointer is"),
    ("c", "Take the cursors away"),
    ("=", "Derived curve: an expression, or a field with filters"),
    ("[", "Show or hide the topics"),
    ("]", "Show or hide the inspector"),
    ("h", "Show or hide hidden topics"),
    ("t", "Dark or light"),
    ("e", "Eco profile on or off"),
    ("f, F11", "Full screen"),
    ("Click a field", "Put it on the chart with the focus, or take it off"),
    ("Double click a field", "Open it in a new chart"),
    ("Drag a field", "Put it on any chart; move a chart by its title"),
    ("Ctrl+S", "Save the board"),
    ("Ctrl+Q", "Quit"),
    ("?", "This sheet"),
];
