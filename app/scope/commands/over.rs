//! What keys ask for while something lies over the charts or in their place.

use iced::keyboard::{self, key};

use super::pressed;
use crate::scope::Message;
use crate::scope::shelf::Message as Shelf;

/// What a key asks for while something is typed over the charts, whether the line took it or not.
pub(in crate::scope) fn over_all(event: iced::Event, _: iced::event::Status, _: iced::window::Id) -> Option<Message> {
    let iced::Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) = event else {
        return None;
    };
    match key.as_ref() {
        keyboard::Key::Named(key::Named::Escape) => Some(Message::Escape),
        keyboard::Key::Named(key::Named::ArrowDown) => Some(Message::PaletteStepped(true)),
        keyboard::Key::Named(key::Named::ArrowUp) => Some(Message::PaletteStepped(false)),
        keyboard::Key::Character("k") if modifiers.control() => Some(Message::TogglePalette),
        _ => None,
    }
}

/// What a key asks for while the list of recordings is shown. What works on charts that are not seen is left out.
pub(in crate::scope) fn over_list(
    event: iced::Event,
    status: iced::event::Status,
    _: iced::window::Id,
) -> Option<Message> {
    let iced::Event::Keyboard(event) = event else {
        return None;
    };
    if status == iced::event::Status::Captured {
        return None;
    }
    if let keyboard::Event::KeyPressed {
        modified_key,
        modifiers,
        ..
    } = &event
        && !modifiers.control()
        && !modifiers.alt()
    {
        let message = match modified_key.as_ref() {
            keyboard::Key::Named(key::Named::ArrowDown) => Some(Shelf::Step { down: true }),
            keyboard::Key::Named(key::Named::ArrowUp) => Some(Shelf::Step { down: false }),
            keyboard::Key::Named(key::Named::Enter) => Some(Shelf::Open),
            keyboard::Key::Named(key::Named::F2) => Some(Shelf::BeginRename),
            keyboard::Key::Named(key::Named::F5) => Some(Shelf::Look),
            keyboard::Key::Named(key::Named::Delete) => Some(Shelf::AskDelete),
            keyboard::Key::Character("v") => Some(Shelf::Verify),
            keyboard::Key::Character("u") => Some(Shelf::ToggleUploaded),
            _ => None,
        };
        if let Some(message) = message {
            return Some(Message::Shelf(message));
        }
    }
    pressed(event).filter(|message| {
        matches!(
            message,
            Message::TogglePalette
                | Message::Shelf(_)
                | Message::Recorder(_)
                | Message::ToggleRecording
                | Message::DropBookmark
                | Message::ToggleKeys
                | Message::ToggleTheme
                | Message::ToggleEco
                | Message::ToggleFullscreen
                | Message::ModifiersChanged(_)
                | Message::Escape
                | Message::Close
        )
    })
}

/// What a key asks for before a recording is deleted.
pub(in crate::scope) fn before_deleting(
    event: iced::Event,
    status: iced::event::Status,
    _: iced::window::Id,
) -> Option<Message> {
    let iced::Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) = event else {
        return None;
    };
    // What is typed into a line, or means something else, deletes nothing.
    if status == iced::event::Status::Captured || modifiers.control() || modifiers.alt() || modifiers.logo() {
        return None;
    }
    match key.as_ref() {
        keyboard::Key::Character("y") => Some(Message::Shelf(Shelf::Delete)),
        keyboard::Key::Character("n") | keyboard::Key::Named(key::Named::Escape) => Some(Message::Shelf(Shelf::Cancel)),
        _ => None,
    }
}

/// What a key asks for while a recording gets another name.
pub(in crate::scope) fn while_naming(
    event: iced::Event,
    _: iced::event::Status,
    _: iced::window::Id,
) -> Option<Message> {
    let iced::Event::Keyboard(keyboard::Event::KeyPressed { key, .. }) = event else {
        return None;
    };
    (key.as_ref() == keyboard::Key::Named(key::Named::Escape)).then_some(Message::Shelf(Shelf::Cancel))
}
