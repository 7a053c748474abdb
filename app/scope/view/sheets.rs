//! What lies over the screen or in place of the charts: the keys, a toast, and the empty state.

use iced::widget::{Column, button, column, container, mouse_area, opaque, row, scrollable};
use iced::{Alignment, Element, Fill};
use roswave_widgets::theme::{self, space};

use crate::format;
use crate::scope::view::Surroundings;
use crate::scope::view::bars::quiet_word;
use crate::scope::{COMMANDS, GESTURES, Message, Scope};

const TEXT_WIDTH: f32 = 460.0;

/// Width of the keys of the key sheet, in logical pixels.
const KEYS: f32 = 150.0;

/// Columns of the key sheet.
const COLUMNS: usize = 2;

/// All keys, and what the mouse does.
pub(super) fn keys<'a>() -> Element<'a, Message> {
    let line = |keys: &'a str, meaning: &'a str| {
        row![
            container(theme::small_number(keys).style(theme::accent_text)).width(KEYS),
            theme::note(meaning).style(iced::widget::text::default),
        ]
        .into()
    };
    let commands = COMMANDS.iter().filter(|command| !command.keys.is_empty());
    let mut lines: Vec<Element<'a, Message>> = commands.map(|command| line(command.keys, command.meaning)).collect();
    lines.extend(GESTURES.iter().map(|(gesture, meaning)| line(gesture, meaning)));
    let rows = lines.len().div_ceil(COLUMNS);
    let mut columns = row![].spacing(space::XL);
    while !lines.is_empty() {
        let rest = lines.split_off(rows.min(lines.len()));
        columns = columns.push(Column::with_children(lines).spacing(space::XS));
        lines = rest;
    }
    let sheet = column![theme::heading("Keys"), columns].spacing(space::M);
    // A small window does not hold them all.
    let sheet = container(scrollable(container(sheet).padding(space::XL))).style(theme::floating);

    opaque(mouse_area(container(sheet).center(Fill).padding(space::M)).on_press(Message::ToggleKeys))
}

/// Something that finished.
pub(super) fn toast(text: &str) -> Element<'_, Message> {
    below(theme::label(text))
}

/// Samples that are being written, so many so far.
pub(super) fn saving<'a>(samples: u64) -> Element<'a, Message> {
    let words = theme::label(format!("Saving samples: {} so far", format::count(samples)));
    below(
        row![words, quiet_word("Cancel", Message::CancelSaving)]
            .spacing(space::M)
            .align_y(Alignment::Center),
    )
}

/// A line above the status line.
fn below<'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    let line = container(content).padding([space::S, space::M]).style(theme::floating);

    container(line)
        .width(Fill)
        .height(Fill)
        .padding([theme::STATUS_BAR + space::M, space::L])
        .align_x(Alignment::Center)
        .align_y(Alignment::End)
        .into()
}

impl Scope {
    /// There are no topics: what is known, and what to try.
    pub(super) fn empty(&self, surroundings: Surroundings) -> Element<'_, Message> {
        let facts = &self.snapshot.facts;
        let domain = facts.domain.map_or_else(
            || "The ROS domain is not known.".to_owned(),
            |domain| format!("Listening on ROS domain {domain} over {}.", facts.kind),
        );
        let interfaces = match facts.interfaces.len() {
            0 => "No network interface is known.".to_owned(),
            1 => format!("Interface: {}.", facts.interfaces[0]),
            _ => format!("Interfaces: {}.", facts.interfaces.join(", ")),
        };
        let participants = match self.snapshot.graph.participants {
            0 => "No other participant was seen.".to_owned(),
            1 => "1 other participant was seen; it publishes no topic that is shown.".to_owned(),
            n => format!("{n} other participants were seen; they publish no topic that is shown."),
        };
        let mut lines = column![
            theme::heading("No topics yet"),
            theme::muted(format!("{domain} {interfaces} {participants}")),
        ]
        .spacing(space::M)
        .max_width(TEXT_WIDTH);
        if self.tree.hidden() > 0 {
            lines = lines.push(theme::muted(format!(
                "{} hidden topics are not listed (h).",
                self.tree.hidden()
            )));
        }
        lines = lines.push(
            column![
                theme::label("What to try"),
                theme::muted("• Is the robot on the same domain? Compare ROS_DOMAIN_ID on both sides."),
                theme::muted("• Is it on the same network? ROS_AUTOMATIC_DISCOVERY_RANGE and ROS_STATIC_PEERS decide who is seen."),
                theme::muted("• Does a firewall let UDP ports 7400 and above through?"),
            ]
            .spacing(space::XS),
        );
        if surroundings.demo_runs {
            lines = lines.push(theme::muted("The demo robot is starting…"));
        } else {
            lines = lines.push(
                button(theme::label("Start demo robot"))
                    .padding([space::S, space::L])
                    .style(theme::primary)
                    .on_press(Message::StartDemo),
            );
        }

        container(lines).center(Fill).padding(space::XL).into()
    }
}
