//! Everything that can be done without a mouse: one list for the keys, the key sheet and the command palette.

mod over;

use iced::keyboard::{self, key};
use iced::widget::pane_grid::Axis;
use roswave_engine::export::Format;
use roswave_engine::ingest::Timing;

use crate::board::PanelKind;
use crate::scope::bag::Message as Bag;
use crate::scope::recorder::Message as Recorder;
use crate::scope::saving::{Extent, Part, Picture};
use crate::scope::shelf::Message as Shelf;
use crate::scope::{Form, Message};

pub(super) use over::{before_deleting, over_all, over_list, while_naming};

/// Something that can be done.
#[derive(Clone, Copy)]
pub struct Command {
    /// The keys that do it, parted by commas; empty when there are none.
    pub keys: &'static str,
    /// What it does.
    pub meaning: &'static str,
    make: fn() -> Message,
}

impl Command {
    const fn new(keys: &'static str, meaning: &'static str, make: fn() -> Message) -> Self {
        Self { keys, meaning, make }
    }

    /// What asks for it.
    #[must_use]
    pub fn message(&self) -> Message {
        (self.make)()
    }
}

/// All commands, in the order of the key sheet.
pub const COMMANDS: [Command; 91] = [
    Command::new("Ctrl+K", "Commands, topics and fields by name", || {
        Message::TogglePalette
    }),
    Command::new("/", "Filter the topics", || Message::FilterFocused),
    Command::new("Space", "Pause or resume all charts; play or pause a recording", || {
        Message::PauseAll
    }),
    Command::new("r", "Start or stop recording", || Message::ToggleRecording),
    Command::new("Ctrl+O", "Recordings: open, verify, rename, delete, recover", || {
        Message::Shelf(Shelf::Toggle)
    }),
    Command::new("Shift+R", "How the recording stands, topic by topic", || {
        Message::Recorder(Recorder::TogglePanel)
    }),
    Command::new("Shift+S", "Recording: begin the next file now", || {
        Message::Recorder(Recorder::Split)
    }),
    Command::new(
        "Ctrl+R",
        "Start or stop the black box: the last moments, in memory",
        || Message::Recorder(Recorder::ToggleBlackBox),
    ),
    Command::new("Shift+X", "Trigger the black box: write what it keeps", || {
        Message::Recorder(Recorder::Trigger)
    }),
    Command::new("n", "New chart", || Message::AddChart),
    Command::new("v", "Split the chart: a new one beside it", || {
        Message::SplitHere(Axis::Vertical)
    }),
    Command::new("Shift+V", "Split the chart: a new one below it", || {
        Message::SplitHere(Axis::Horizontal)
    }),
    Command::new("z", "Show the chart alone, or all again", || Message::MaximizeHere),
    Command::new("Delete", "Close the chart with the focus", || Message::CloseHere),
    Command::new("Tab", "The next chart gets the focus", || Message::FocusNext),
    Command::new("0", "Show all that is kept", || Message::FitAll),
    Command::new("End", "Back to the newest samples", || Message::FollowLive),
    Command::new("Backspace", "The view before", || Message::GoBack),
    Command::new("Shift+Backspace", "The view after", || Message::GoForward),
    Command::new("l", "Charts move together, or each for itself", || {
        Message::ToggleLinked
    }),
    Command::new("w", "Draw messages at source, receive or header time", || {
        Message::NextClock
    }),
    Command::new("s", "Times as seconds since the start, or until now", || {
        Message::ToggleSinceStart
    }),
    Command::new("a", "Put cursor A where the pointer is", || Message::PlaceCursor(0)),
    Command::new("b", "Put cursor B where the pointer is", || Message::PlaceCursor(1)),
    Command::new("Shift+A", "Put horizontal cursor Y1 where the pointer is", || {
        Message::PlaceLevel(0)
    }),
    Command::new("Shift+B", "Put horizontal cursor Y2 where the pointer is", || {
        Message::PlaceLevel(1)
    }),
    Command::new("c", "Take all cursors away", || Message::ClearCursors),
    Command::new("", "Copy the readings between the cursors as text", || {
        Message::CopyReadings(Form::Text)
    }),
    Command::new("", "Copy the statistics between the cursors as CSV", || {
        Message::CopyReadings(Form::Csv)
    }),
    Command::new("1", "Show the curves over time", || {
        Message::PickKindHere(PanelKind::Curves)
    }),
    Command::new("2", "Show their spectrum", || {
        Message::PickKindHere(PanelKind::Spectrum)
    }),
    Command::new("3", "Show their spectrum over time, as a waterfall", || {
        Message::PickKindHere(PanelKind::Waterfall)
    }),
    Command::new("4", "Show their histogram", || {
        Message::PickKindHere(PanelKind::Histogram)
    }),
    Command::new("5", "Show their Allan deviation", || {
        Message::PickKindHere(PanelKind::Allan)
    }),
    Command::new("6", "Show them against each other: XY", || {
        Message::PickKindHere(PanelKind::Xy)
    }),
    Command::new("7", "Show states as lanes", || Message::PickKindHere(PanelKind::Lanes)),
    Command::new("8", "Show arrays as profiles", || {
        Message::PickKindHere(PanelKind::Profile)
    }),
    Command::new("i", "Intervals of the selected topic, as a histogram", || {
        Message::OpenTimingHere(Timing::Interval)
    }),
    Command::new("Shift+I", "Latencies of the selected topic, as a histogram", || {
        Message::OpenTimingHere(Timing::Latency)
    }),
    Command::new("g", "Trigger of the chart: level, kind, captures", || {
        Message::ToggleTrigger(None)
    }),
    Command::new("Shift+G", "Arm or stop the trigger", || Message::ArmTrigger(None)),
    Command::new("x", "Trigger now", || Message::ForceTrigger(None)),
    Command::new(
        "m",
        "Bookmark where the pointer is, or now; in the recording too",
        || Message::DropBookmark,
    ),
    Command::new("Ctrl+M", "Bookmark with a text", || {
        Message::Recorder(Recorder::WriteNote)
    }),
    Command::new("Shift+M", "Take all bookmarks away", || Message::ClearBookmarks),
    Command::new("=", "Derived curve: an expression, or a field with filters", || {
        Message::ToggleFormulaHere
    }),
    Command::new("k", "Colour, axis, style and scale of the next curve", || {
        Message::NextLook
    }),
    Command::new("y", "One value axis per unit, or all curves on the left one", || {
        Message::AxesByUnit(None)
    }),
    Command::new("p", "Save the figure as SVG, PNG and CSV", || {
        Message::Save(None, Part::Everything)
    }),
    Command::new("Shift+P", "Save one file: figure, or samples as CSV or Parquet", || {
        Message::ToggleSave(None)
    }),
    Command::new("", "Save the figure as SVG", || {
        Message::Save(None, Part::Figure(Picture::Svg))
    }),
    Command::new("", "Save the figure as PNG", || {
        Message::Save(None, Part::Figure(Picture::Png))
    }),
    Command::new("", "Save the samples in view as CSV", || {
        Message::Save(None, Part::Samples(Extent::Shown, Format::Csv))
    }),
    Command::new("", "Save the samples in view as Parquet", || {
        Message::Save(None, Part::Samples(Extent::Shown, Format::Parquet))
    }),
    Command::new("", "Save the samples between the cursors as CSV", || {
        Message::Save(None, Part::Samples(Extent::Selected, Format::Csv))
    }),
    Command::new("", "Save the samples between the cursors as Parquet", || {
        Message::Save(None, Part::Samples(Extent::Selected, Format::Parquet))
    }),
    Command::new(
        "Ctrl+Shift+C",
        "Write a picture of the chart, and copy its path",
        || Message::CopyImage,
    ),
    Command::new("Ctrl+C", "Copy the chart with the focus", || Message::CopyChart),
    Command::new("Ctrl+V", "Paste a chart", || Message::PasteChart),
    Command::new("Ctrl+Z", "Undo a change of the layout", || Message::Undo),
    Command::new("Ctrl+Shift+Z, Ctrl+Y", "Do it again", || Message::Redo),
    Command::new("Ctrl+T", "New tab", || Message::NewTab),
    Command::new("Ctrl+Tab, Ctrl+PageDown", "The next tab", || Message::NextTab),
    Command::new("Ctrl+Shift+Tab, Ctrl+PageUp", "The tab before", || Message::PreviousTab),
    Command::new("F2", "Rename the tab", || Message::RenameTab),
    Command::new("Ctrl+W", "Close the tab", || Message::CloseTab(None)),
    Command::new("Ctrl+Shift+T", "Open the tab again that was closed last", || {
        Message::ReopenTab
    }),
    Command::new("Home", "Recording: to its begin", || Message::Bag(Bag::ToBegin)),
    Command::new("Left", "Recording: the message before", || {
        Message::Bag(Bag::Step { forward: false })
    }),
    Command::new("Right", "Recording: the next message", || {
        Message::Bag(Bag::Step { forward: true })
    }),
    Command::new("Shift+Left", "Recording: back by a tenth of the view", || {
        Message::Bag(Bag::Jump { forward: false })
    }),
    Command::new("Shift+Right", "Recording: on by a tenth of the view", || {
        Message::Bag(Bag::Jump { forward: true })
    }),
    Command::new("PageUp", "Recording: the bookmark before", || {
        Message::Bag(Bag::Mark { forward: false })
    }),
    Command::new("PageDown", "Recording: the next bookmark", || {
        Message::Bag(Bag::Mark { forward: true })
    }),
    Command::new(",", "Recording: play slower", || {
        Message::Bag(Bag::ChangeSpeed { faster: false })
    }),
    Command::new(".", "Recording: play faster", || {
        Message::Bag(Bag::ChangeSpeed { faster: true })
    }),
    Command::new("o", "Recording: begin anew at the end", || {
        Message::Bag(Bag::ToggleRepeat)
    }),
    Command::new("Shift+O", "Recording: play only what is shown", || {
        Message::Bag(Bag::ToggleRange)
    }),
    Command::new("[", "Show or hide the topics", || Message::ToggleTree),
    Command::new("]", "Show or hide the inspector", || Message::ToggleInspector),
    Command::new("h", "Show or hide hidden topics", || Message::ToggleHidden),
    Command::new("t", "Dark or light", || Message::ToggleTheme),
    Command::new("e", "Eco profile on or off", || Message::ToggleEco),
    Command::new("f, F11", "Full screen", || Message::ToggleFullscreen),
    Command::new("Ctrl+S", "Save the board", || Message::SaveBoard),
    Command::new("", "Start the demo robot", || Message::StartDemo),
    Command::new("", "Stop the demo robot", || Message::StopDemo),
    Command::new("", "Record all topics", || Message::TickAll(true)),
    Command::new("Esc", "Close what lies over the charts", || Message::Escape),
    Command::new("Ctrl+Q", "Quit", || Message::Close),
    Command::new("?", "This sheet", || Message::ToggleKeys),
];

/// What the mouse does, for the key sheet.
pub const GESTURES: [(&str, &str); 10] = [
    ("Wheel", "Zoom time; over an axis or with Ctrl, values"),
    ("Drag a plot", "Move through time; with Shift, zoom into a box"),
    ("Double click", "Scale the values to the data"),
    ("Drag a line", "Move a cursor, or the level of the trigger"),
    ("Click a field", "Put it on the chart with the focus, or take it off"),
    ("Ctrl, Shift+click", "Mark several fields, to be carried together"),
    ("Double click a field", "Open it in a new chart"),
    ("Drag a field", "Put it on a chart, or beside one at its edge"),
    ("Drag a legend entry", "Move the curve to another chart, or to its edge"),
    ("Click its colour", "Change how the curve is drawn"),
];

/// What a key that no widget took asks for.
pub(super) fn pressed(event: keyboard::Event) -> Option<Message> {
    match event {
        keyboard::Event::KeyPressed {
            modified_key,
            modifiers,
            ..
        } => {
            let name = name(&modified_key, modifiers)?;
            let mut commands = COMMANDS.iter();
            let command = commands.find(|command| command.keys.split(", ").any(|keys| keys == name))?;
            Some(command.message())
        }
        keyboard::Event::ModifiersChanged(modifiers) => Some(Message::ModifiersChanged(modifiers)),
        keyboard::Event::KeyReleased { .. } => None,
    }
}

/// A key as the list writes it: `r`, `Shift+G`, `Ctrl+Shift+Z`, `F11`.
fn name(key: &keyboard::Key, modifiers: keyboard::Modifiers) -> Option<String> {
    if modifiers.alt() || modifiers.logo() {
        return None;
    }
    let shift = if modifiers.shift() { "Shift+" } else { "" };
    let key = match key.as_ref() {
        keyboard::Key::Character(text) if modifiers.control() => {
            // Shift has made it a capital already, or not: by the platform.
            return Some(format!("Ctrl+{shift}{}", text.to_uppercase()));
        }
        keyboard::Key::Character(text) => {
            // What Shift makes of a sign is a sign of its own: `?`.
            let capital = text.chars().all(char::is_uppercase);
            return Some(if capital {
                format!("Shift+{text}")
            } else {
                text.to_owned()
            });
        }
        keyboard::Key::Named(named) => match named {
            key::Named::Space => "Space",
            key::Named::Backspace => "Backspace",
            key::Named::Delete => "Delete",
            key::Named::Tab => "Tab",
            key::Named::End => "End",
            key::Named::Home => "Home",
            key::Named::ArrowLeft => "Left",
            key::Named::ArrowRight => "Right",
            key::Named::PageUp => "PageUp",
            key::Named::PageDown => "PageDown",
            key::Named::Escape => "Esc",
            key::Named::F2 => "F2",
            key::Named::F11 => "F11",
            _ => return None,
        },
        keyboard::Key::Unidentified => return None,
    };
    let control = if modifiers.control() { "Ctrl+" } else { "" };
    Some(format!("{control}{shift}{key}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn press(key: keyboard::Key, modifiers: keyboard::Modifiers) -> Option<String> {
        let name = name(&key, modifiers)?;
        let found = COMMANDS
            .iter()
            .find(|command| command.keys.split(", ").any(|keys| keys == name));
        found.map(|command| command.meaning.to_owned())
    }

    fn letter(text: &str) -> keyboard::Key {
        keyboard::Key::Character(text.into())
    }

    #[test]
    fn no_key_does_two_things() {
        let mut known = BTreeSet::new();
        for keys in COMMANDS.iter().flat_map(|command| command.keys.split(", ")) {
            assert!(keys.is_empty() || known.insert(keys), "{keys} stands twice");
        }
    }

    #[test]
    fn keys_are_found_as_they_are_written() {
        use keyboard::Modifiers as M;
        let named = keyboard::Key::Named;
        for (key, modifiers, meaning) in [
            (letter("r"), M::empty(), "Start or stop recording"),
            (letter("G"), M::SHIFT, "Arm or stop the trigger"),
            (letter("g"), M::empty(), "Trigger of the chart: level, kind, captures"),
            (letter("?"), M::SHIFT, "This sheet"),
            (letter("z"), M::CTRL, "Undo a change of the layout"),
            (letter("Z"), M::CTRL | M::SHIFT, "Do it again"),
            (letter("z"), M::CTRL | M::SHIFT, "Do it again"),
            (named(key::Named::Tab), M::CTRL | M::SHIFT, "The tab before"),
            (named(key::Named::Tab), M::empty(), "The next chart gets the focus"),
            (named(key::Named::F11), M::empty(), "Full screen"),
        ] {
            assert_eq!(press(key.clone(), modifiers).as_deref(), Some(meaning), "{key:?}");
        }
        assert_eq!(press(letter("r"), M::ALT), None);
        assert_eq!(press(letter("q"), M::ALT | M::CTRL), None);
    }
}
