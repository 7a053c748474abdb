//! How the scope looks.

mod bag;
mod bars;
mod grid;
mod inspector;
mod look;
mod palette;
mod panels;
mod readings;
mod recorder;
mod salvage;
mod save;
mod sheet;
mod sheets;
mod shelf;
mod tabs;
mod topics;
mod trigger;

use iced::widget::{column, container, row, rule, stack, text};
use iced::{Element, Fill, Length};
use roswave_widgets::drag;
use roswave_widgets::theme::{self, Mode, space};

use crate::scope::{Message, Scope};

/// Width of the topic tree, in logical pixels.
const TREE_WIDTH: f32 = 288.0;

/// Width of the inspector, in logical pixels.
const INSPECTOR_WIDTH: f32 = 272.0;

/// What the screen has to know of its window.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// The colours.
    pub colors: Mode,
    /// The window fills the screen.
    pub fullscreen: bool,
    /// The eco profile is on.
    pub eco: bool,
    /// Frames per second over the last second that had frames.
    pub fps: Option<f64>,
    /// CPU milliseconds of the UI thread per frame, over that second.
    pub ui_ms: Option<f64>,
    /// The demo robot of this window is running.
    pub demo_runs: bool,
    /// What closing is waiting for.
    pub closing: Option<&'static str>,
}

impl Scope {
    /// The whole screen.
    #[must_use]
    pub fn view(&self, surroundings: Surroundings) -> Element<'_, Message> {
        let mut middle = row![].height(Fill);
        if self.tree_shown {
            middle = middle.push(
                container(self.topics())
                    .width(TREE_WIDTH)
                    .height(Fill)
                    .style(theme::surface),
            );
            middle = middle.push(rule::vertical(theme::SEPARATOR).style(theme::separator));
        }
        let nothing_there = self.bag.is_none()
            && self.opening.is_none()
            && self.tree.listed() == 0
            && self.tree.filter().is_empty()
            && self.wanted().is_empty()
            && self.tabs.count() == 1;
        let center = if nothing_there {
            self.empty(surroundings)
        } else {
            self.grid(surroundings)
        };
        let mut center = column![container(center).width(Fill).height(Fill)];
        if let Some(readings) = self.readings_panel() {
            center = center.push(line()).push(readings);
        }
        middle = middle.push(center.width(Fill).height(Fill));
        if self.inspector_shown && self.tree.selected().is_some() {
            middle = middle.push(rule::vertical(theme::SEPARATOR).style(theme::separator));
            let inspector = container(self.inspector()).width(INSPECTOR_WIDTH).height(Fill);
            middle = middle.push(inspector.style(theme::surface));
        }
        let mut screen = column![self.top_bar(surroundings), line()];
        if let Some(notice) = &self.notice {
            screen = screen.push(self.notice_line(notice)).push(line());
        }
        let middle = if self.shelf.is_shown() {
            self.recordings_screen()
        } else {
            middle.into()
        };
        let middle = match self.recorder_panel() {
            Some(panel) => stack![middle, panel].width(Fill).height(Fill).into(),
            None => middle,
        };
        if let Some(offers) = self.offers_line() {
            screen = screen.push(offers).push(line());
        }
        let mut screen = screen.push(middle).push(line());
        if let Some(bar) = self.bag_bar().filter(|_| !self.shelf.is_shown()) {
            screen = screen.push(bar).push(line());
        }
        let screen = screen.push(self.status_bar(surroundings));
        let screen = container(screen).width(Fill).height(Fill).style(theme::ground);
        let mut layers = stack![screen];
        if let Some(samples) = self.saving() {
            layers = layers.push(sheets::saving(samples));
        } else if let Some(toast) = &self.toast {
            layers = layers.push(sheets::toast(toast));
        }
        if let Some(at) = &self.carried {
            layers = layers.push(drag::carried(at.label(), Message::DragEnded));
        }
        if let Some(note) = self.note_line() {
            layers = layers.push(note);
        }
        if self.keys_shown {
            layers = layers.push(sheets::keys());
        }
        if let Some(open) = &self.palette {
            layers = layers.push(palette::palette(open));
        }

        layers.into()
    }
}

/// The line between two parts of the screen.
fn line<'a>() -> Element<'a, Message> {
    rule::horizontal(theme::SEPARATOR).style(theme::separator).into()
}

/// Text that is cut rather than wrapped.
fn clipped<'a>(content: text::Text<'a>, width: impl Into<Length>) -> Element<'a, Message> {
    container(content.wrapping(text::Wrapping::None))
        .clip(true)
        .width(width)
        .into()
}

/// A name and its figure.
fn pair<'a>(name: &'a str, value: impl text::IntoFragment<'a>) -> Element<'a, Message> {
    row![
        container(theme::note(name)).width(84),
        clipped(theme::number(value).size(theme::size::BODY - 1.0), Fill),
    ]
    .spacing(space::S)
    .into()
}
