//! How the list of recordings looks.

mod details;

use std::time::SystemTime;

use iced::widget::{Column, button, column, container, mouse_area, row, rule, space as gap, text, tooltip};
use iced::{Alignment, Element, Fill, mouse};
use roswave_engine::bag::shelf::Contents;
use roswave_widgets::theme::{self, size, space};
use roswave_widgets::{icon, virtual_list};

use crate::format::{self, harmless};
use crate::scope::shelf::{Check, Entry, Message as Shelf};
use crate::scope::view::bars::tool;
use crate::scope::view::salvage::offer;
use crate::scope::view::{clipped, line};
use crate::scope::{Message, Scope, salvage};

/// Height of a row, in logical pixels.
const ROW: f32 = 28.0;

/// Widths of the columns behind the name, in logical pixels.
const DATE: f32 = 124.0;
const FIGURE: f32 = 72.0;
const HEALTH: f32 = 172.0;

/// Width of what tells of the selected recording, in logical pixels.
const DETAILS: f32 = 340.0;

/// What is known of the state of a recording, in a few words.
struct Health {
    words: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// It is sound, as far as it is known.
    Sound,
    /// Something is to be done about it.
    Faulty,
    /// It is being written.
    Written,
    /// It is not known yet.
    Unknown,
}

impl Scope {
    /// The list, in the place of the charts.
    pub(super) fn recordings_screen(&self) -> Element<'_, Message> {
        let list = self.recordings();
        let count = match list.entries().len() {
            1 => "1 recording".to_owned(),
            n => format!("{n} recordings"),
        };
        let state = if list.is_looking() && list.entries().is_empty() {
            "Reading the directory…".to_owned()
        } else if list.has_more() {
            format!("the latest {} are listed", list.entries().len())
        } else if list.unread() > 0 {
            format!("{count}, {} to look into", list.unread())
        } else {
            count
        };
        let head = row![
            theme::heading("Recordings"),
            clipped(theme::muted(harmless(&self.recordings.display().to_string())), Fill),
            theme::small_number(state),
            tool(icon::refresh_cw(), "Read the directory again (F5)", say(Shelf::Look)),
            tool(icon::close(), "Back to the charts (Esc)", say(Shelf::Toggle)),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center);
        let names = columns(
            theme::note("name").into(),
            theme::note("health").into(),
            ["last written", "duration", "size", "messages", "topics"].map(|name| theme::note(name).into()),
        );
        let content: Element<'_, Message> = if let Some(problem) = list.problem() {
            self.nothing(harmless(problem))
        } else if list.entries().is_empty() {
            self.nothing(if list.is_looking() {
                String::new()
            } else {
                "No recordings here yet. r records; roswave open PATH opens one from elsewhere.".to_owned()
            })
        } else {
            let entries = list.entries();
            let rows = virtual_list(
                list.scroll(),
                entries.len(),
                ROW,
                move |place| match entries.get(place) {
                    Some(entry) => self.recording_row(place, entry),
                    None => gap::horizontal().into(),
                },
                |scroll| say(Shelf::Scrolled(scroll)),
            );
            let mut both = row![container(rows).width(Fill).height(Fill)];
            if let Some(entry) = list.selected() {
                both = both
                    .push(rule::vertical(theme::SEPARATOR).style(theme::separator))
                    .push(self.details(entry));
            }
            both.into()
        };
        let list = column![
            container(head).padding([space::S, space::M]),
            line(),
            container(names).padding(iced::padding::right(if list.entries().is_empty() {
                0.0
            } else {
                DETAILS + theme::SEPARATOR
            })),
            line(),
            content
        ];

        container(list).width(Fill).height(Fill).style(theme::surface).into()
    }

    fn nothing(&self, why: String) -> Element<'_, Message> {
        container(theme::muted(why))
            .padding(space::M)
            .width(Fill)
            .height(Fill)
            .into()
    }

    fn recording_row<'a>(&'a self, place: usize, entry: &'a Entry) -> Element<'a, Message> {
        let contents = entry.contents.as_ref().and_then(|contents| contents.as_ref().ok());
        let health = self.health(entry);
        let mark = match health.kind {
            Kind::Sound => icon::check().style(theme::faint_text),
            Kind::Faulty => icon::triangle_alert().style(theme::warning_text),
            Kind::Written => icon::circle_dot().style(theme::record_text),
            Kind::Unknown => icon::more().style(theme::faint_text),
        };
        let words = theme::note(health.words).wrapping(text::Wrapping::None);
        let words = if health.kind == Kind::Faulty {
            words.style(theme::warning_text)
        } else {
            words
        };
        let state = row![mark.size(size::SMALL), clipped(words, Fill)]
            .spacing(space::XS)
            .align_y(Alignment::Center);
        let mut name = row![clipped(
            theme::label(harmless(&entry.shelved.name())).wrapping(text::Wrapping::None),
            Fill
        )]
        .spacing(space::XS)
        .align_y(Alignment::Center);
        if entry.shelved.uploaded {
            name = name.push(
                tooltip(
                    icon::upload().size(size::SMALL).style(theme::muted_text),
                    container(theme::note("Marked as uploaded")).padding(space::XS),
                    tooltip::Position::Top,
                )
                .style(theme::tooltip),
            );
        }
        let figures = [
            written(entry.shelved.modified),
            duration(contents),
            format::bytes(entry.shelved.bytes),
            known(contents.and_then(|contents| contents.messages), format::count),
            known(contents.and_then(|contents| contents.topics), |n| n.to_string()),
        ];
        let content = columns(
            name.into(),
            state.into(),
            figures.map(|figure| theme::small_number(figure).wrapping(text::Wrapping::None).into()),
        );
        let content = container(content).height(ROW).width(Fill).align_y(Alignment::Center);
        let content = if self.recordings().is_selected(entry) {
            content.style(theme::raised)
        } else {
            content
        };

        mouse_area(content)
            .on_press(say(Shelf::Select(place)))
            .on_double_click(say(Shelf::Open))
            .interaction(mouse::Interaction::Pointer)
            .into()
    }

    fn health(&self, entry: &Entry) -> Health {
        let is = |words: &str, kind| Health {
            words: words.to_owned(),
            kind,
        };
        if let Some(odd) = &entry.shelved.odd {
            return is(&format!("{} is no file", harmless(odd)), Kind::Faulty);
        }
        let written = self.recording().is_some_and(|status| status.path == entry.shelved.path);
        if written || entry.shelved.in_use {
            return is("being recorded", Kind::Written);
        }
        match self.recordings().check(&entry.shelved.path) {
            Some(Check::Running) => return is("reading all of it…", Kind::Unknown),
            Some(Check::Failed(_)) => return is("cannot be read", Kind::Faulty),
            Some(Check::Done(found)) if found.is_whole() => return is("verified, whole", Kind::Sound),
            Some(Check::Done(found)) => {
                let count = found.findings.len();
                let plural = if count == 1 { "" } else { "s" };
                return is(&format!("verified, {count} finding{plural}"), Kind::Faulty);
            }
            None => {}
        }
        if entry.shelved.unfinished {
            return is("not finished", Kind::Faulty);
        }
        match &entry.contents {
            None => is("…", Kind::Unknown),
            Some(Err(_)) => is("cannot be read", Kind::Faulty),
            Some(Ok(contents)) if !contents.problems.is_empty() => is("not complete", Kind::Faulty),
            Some(Ok(contents)) => match &contents.loss {
                Some(loss) if loss.known_total() > 0 => {
                    let lost = format::lost_total(loss);
                    is(&format!("complete, lost {lost}"), Kind::Faulty)
                }
                Some(loss) => is(&format!("complete, lost {}", format::lost_total(loss)), Kind::Sound),
                None => is("complete", Kind::Sound),
            },
        }
    }

    /// The lines for recordings that were not finished.
    pub(super) fn offers_line(&self) -> Option<Element<'_, Message>> {
        if self.offers().is_empty() {
            return None;
        }
        let busy = self.is_recovering();
        let shown = self.offers().iter().take(salvage::SHOWN).map(|it| offer(it, busy));
        let mut lines = Column::with_children(shown).spacing(space::XXS);
        let more = self.offers().len().saturating_sub(salvage::SHOWN);
        if more > 0 {
            let rest = row![
                theme::note(format!("and {more} more that were not finished")),
                gap::horizontal(),
                small("All recordings", say(Shelf::Toggle)),
                small("Not now", Message::Salvage(salvage::Message::DismissAll)),
            ]
            .spacing(space::S)
            .align_y(Alignment::Center);
            lines = lines.push(rest);
        }

        Some(
            container(lines)
                .padding([space::XS, space::M])
                .width(Fill)
                .style(theme::surface)
                .into(),
        )
    }
}

fn say(message: Shelf) -> Message {
    Message::Shelf(message)
}

/// A name, five figures and a state under each other's.
fn columns<'a>(
    name: Element<'a, Message>,
    state: Element<'a, Message>,
    figures: [Element<'a, Message>; 5],
) -> Element<'a, Message> {
    let mut row = row![container(name).width(Fill)]
        .spacing(space::M)
        .align_y(Alignment::Center);
    for (figure, width) in figures.into_iter().zip([DATE, FIGURE, FIGURE, FIGURE, FIGURE]) {
        row = row.push(container(figure).width(width).align_x(Alignment::End));
    }

    container(row.push(container(state).width(HEALTH)))
        .padding([space::XS, space::M])
        .into()
}

/// A button of a line.
pub(super) fn small<'a>(word: &'a str, message: Message) -> Element<'a, Message> {
    button(theme::label(word))
        .padding([0.0, space::S])
        .style(theme::outlined)
        .on_press(message)
        .into()
}

fn known<T>(value: Option<T>, write: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| format::UNKNOWN.to_owned(), write)
}

/// Seconds with a digit where they are few, else as a clock.
fn duration(contents: Option<&Contents>) -> String {
    let span = contents.and_then(|contents| contents.span_ns);
    known(span, |(from, to)| {
        #[expect(clippy::cast_precision_loss, reason = "shown to a tenth of a second")]
        let seconds = to.saturating_sub(from) as f64 / 1e9;
        if seconds < 60.0 {
            format!("{seconds:.1} s")
        } else {
            format::clock(seconds)
        }
    })
}

/// When it was written last.
pub(super) fn written(modified: Option<SystemTime>) -> String {
    let since = modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    format::date(since.and_then(|since| i128::try_from(since.as_nanos()).ok()))
}
