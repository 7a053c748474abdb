//! What is known of the selected recording, and what can be done with it.

use iced::widget::{Column, button, column, container, row, scrollable, text, text_input};
use iced::{Alignment, Element, Fill};
use roswave_engine::bag::shelf::{Contents, Shelved, TOPICS_TOLD};
use roswave_widgets::theme::{self, size, space};

use super::{DETAILS, Kind, duration, known, say};
use crate::format::{self, harmless};
use crate::scope::shelf::{Asked, Check, Entry, Message as Shelf, NAME};
use crate::scope::view::bars::hint;
use crate::scope::{Message, Scope};

/// Width of the name of a figure, in logical pixels.
const LABEL: f32 = 84.0;

/// Findings of a verification that are shown.
const FINDINGS: usize = 20;

impl Scope {
    /// What is known of the selected recording, and what can be done with it.
    pub(super) fn details<'a>(&'a self, entry: &'a Entry) -> Element<'a, Message> {
        let shelved = &entry.shelved;
        let contents = entry.contents.as_ref().and_then(|contents| contents.as_ref().ok());
        let title: Element<'a, Message> = match self.recordings().asked() {
            Some(Asked::Name(typed)) => column![
                text_input("Name", typed)
                    .id(NAME)
                    .on_input(|text| say(Shelf::NameTyped(text)))
                    .on_submit(say(Shelf::NameAccepted))
                    .padding([space::XS, space::S])
                    .size(size::BODY)
                    .style(theme::input),
                row![
                    outlined("Rename", Some(Shelf::NameAccepted), "Enter"),
                    outlined("Cancel", Some(Shelf::Cancel), "Esc"),
                ]
                .spacing(space::S),
            ]
            .spacing(space::S)
            .into(),
            _ => theme::title(harmless(&shelved.name()))
                .wrapping(text::Wrapping::WordOrGlyph)
                .into(),
        };
        let health = self.health(entry);
        let words = theme::note(health.words);
        let words = if health.kind == Kind::Faulty {
            words.style(theme::warning_text)
        } else {
            words
        };
        let figures = column![
            row![container(theme::note("health")).width(LABEL), words],
            pair("begun", begun(contents)),
            pair("duration", duration(contents)),
            pair("size", format::bytes(shelved.bytes)),
            pair(
                "messages",
                known(contents.and_then(|contents| contents.messages), |n| n.to_string())
            ),
            pair("uploaded", if shelved.uploaded { "yes" } else { "no" }.to_owned()),
        ]
        .spacing(space::XXS);
        let mut all = column![title, self.deeds(shelved), figures].spacing(space::M);
        if let Some(told) = self.troubles(entry) {
            all = all.push(told);
        }
        if let Some(contents) = contents {
            all = all.push(topics(contents));
        }
        let all = container(all).padding(space::M).width(Fill);

        container(
            scrollable(all)
                .direction(theme::thin_vertical())
                .style(theme::thin_scroll)
                .height(Fill),
        )
        .width(DETAILS)
        .height(Fill)
        .into()
    }

    /// What can be done with a recording.
    fn deeds<'a>(&'a self, shelved: &'a Shelved) -> Element<'a, Message> {
        if self.recordings().asked() == Some(&Asked::Delete) {
            let words = format!("Delete {} for good?", format::bytes(shelved.bytes));
            return column![
                theme::label(words).style(theme::warning_text),
                row![
                    outlined("Delete", Some(Shelf::Delete), "It cannot be taken back (y)"),
                    outlined("Keep", Some(Shelf::Cancel), "n or Esc"),
                ]
                .spacing(space::S),
            ]
            .spacing(space::S)
            .into();
        }
        let why = self.is_in_use(shelved);
        let when = |usable: bool, message: Shelf| usable.then_some(message);
        let is_free = why.is_none();
        let readable = shelved.odd.is_none();
        let mut first = row![
            primary("Open", when(readable, Shelf::Open), "Show it in this window (Enter)"),
            outlined(
                "Verify",
                when(
                    readable && !shelved.in_use && !self.recordings().is_checking(),
                    Shelf::Verify
                ),
                "Read all of it and compare it with what it says of itself (v)"
            ),
        ]
        .spacing(space::S);
        if shelved.unfinished && !shelved.in_use {
            first = first.push(outlined(
                "Recover",
                when(readable && is_free && !self.is_recovering(), Shelf::Recover),
                "Save what is whole into a new recording; this one stays",
            ));
        }
        let mark = if shelved.uploaded {
            "Not uploaded"
        } else {
            "Mark as uploaded"
        };
        let second = row![
            outlined("Rename", when(is_free, Shelf::BeginRename), "F2"),
            outlined(
                mark,
                Some(Shelf::ToggleUploaded),
                "Nothing is sent: only the mark is kept (u)"
            ),
            outlined("Delete…", when(is_free, Shelf::AskDelete), "Delete"),
        ]
        .spacing(space::S);
        let mut deeds = column![first, second].spacing(space::S);
        if let Some(why) = why {
            deeds = deeds.push(theme::note(why));
        }

        deeds.into()
    }

    /// What is wrong with a recording, in sentences.
    fn troubles<'a>(&'a self, entry: &'a Entry) -> Option<Element<'a, Message>> {
        let mut told: Vec<String> = Vec::new();
        match self.recordings().check(&entry.shelved.path) {
            Some(Check::Failed(error)) => told.push(error.clone()),
            Some(Check::Done(found)) => {
                let findings = found.findings.iter().take(FINDINGS).map(ToString::to_string);
                told.extend(findings);
                let more = found.findings.len().saturating_sub(FINDINGS);
                if more > 0 {
                    told.push(format!("and {more} more: roswave verify tells all"));
                }
            }
            Some(Check::Running) | None => {}
        }
        if told.is_empty() {
            match &entry.contents {
                Some(Err(error)) => told.push(error.clone()),
                Some(Ok(contents)) => told.extend(contents.problems.iter().cloned()),
                None => {}
            }
            if entry.shelved.unfinished && !entry.shelved.in_use && told.is_empty() {
                told.push("Its writer did not finish it: recover it to see what it holds".to_owned());
            }
        }
        if told.is_empty() {
            return None;
        }
        let lines = told.into_iter().map(|sentence| {
            theme::note(harmless(&sentence))
                .wrapping(text::Wrapping::WordOrGlyph)
                .style(theme::warning_text)
                .into()
        });

        Some(Column::with_children(lines).spacing(space::XS).into())
    }
}

fn topics(contents: &Contents) -> Element<'_, Message> {
    let count = contents.topics.unwrap_or_default();
    let head = match contents.topics {
        None => "Its topics are not known before it is read".to_owned(),
        Some(1) => "1 topic".to_owned(),
        Some(n) => format!("{n} topics"),
    };
    let names = contents.names.iter().map(|name| {
        theme::small_number(harmless(name))
            .wrapping(text::Wrapping::WordOrGlyph)
            .into()
    });
    let mut lines = column![theme::note(head)].extend(names).spacing(space::XXS);
    if count > TOPICS_TOLD {
        lines = lines.push(theme::note(format!("and {} more", count - TOPICS_TOLD)));
    }

    lines.into()
}

fn pair<'a>(name: &'a str, value: String) -> Element<'a, Message> {
    row![
        container(theme::note(name)).width(LABEL),
        theme::small_number(value).style(text::default)
    ]
    .align_y(Alignment::Center)
    .into()
}

/// A button with a line around it.
fn outlined<'a>(word: &'a str, message: Option<Shelf>, meaning: &'a str) -> Element<'a, Message> {
    let it = button(theme::label(word))
        .padding([space::XXS + 1.0, space::S])
        .style(theme::outlined)
        .on_press_maybe(message.map(say));

    hint(it, meaning)
}

/// The button of what is done most.
fn primary<'a>(word: &'a str, message: Option<Shelf>, meaning: &'a str) -> Element<'a, Message> {
    let it = button(theme::label(word))
        .padding([space::XXS + 1.0, space::S])
        .style(theme::primary)
        .on_press_maybe(message.map(say));

    hint(it, meaning)
}

/// When its first message was received.
fn begun(contents: Option<&Contents>) -> String {
    let first = contents.and_then(|contents| contents.span_ns).map(|(from, _)| from);
    known(first, |from| format::date(i64::try_from(from).ok().map(i128::from)))
}
