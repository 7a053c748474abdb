//! The bar of a recording: where it is, how it plays, and what was read of it.

use iced::widget::{button, column, container, pick_list, row, space as gap};
use iced::{Alignment, Element, Fill};
use roswave_engine::name::TopicName;
use roswave_widgets::icon;
use roswave_widgets::seek_bar::{self, Content, seek_bar};
use roswave_widgets::theme::{self, size, space};

use crate::format;
use crate::scope::bag::playback::SPEEDS;
use crate::scope::bag::{Message as Bag, OpenBag};
use crate::scope::pane::Pane;
use crate::scope::view::bars::{hint, tool};
use crate::scope::view::{line, pair};
use crate::scope::{Message, Scope};

impl Scope {
    /// The bar at the bottom, when a recording is open.
    pub(super) fn bag_bar(&self) -> Option<Element<'_, Message>> {
        let bag = self.bag()?;
        let playback = bag.playback();
        let colors = |topic: &TopicName| {
            let curves = self.charts.iter().flat_map(Pane::curves);
            let mut of_topic = curves.filter(|curve| curve.recipe.inputs().iter().any(|at| at.topic == *topic));
            theme::curve(of_topic.next().map_or(0, |curve| curve.color))
        };
        let wanted = self.wanted();
        let lines = wanted.keys().filter_map(|topic| {
            Some(seek_bar::Line {
                color: colors(topic),
                density: bag.line(topic)?.to_vec(),
            })
        });
        let content = Content {
            extent: playback.extent(),
            view: self.shown_times().unwrap_or(playback.extent()),
            playhead: playback.at_ns(),
            range: playback.range(),
            marks: self.all_bookmarks(),
            density: bag.density().to_vec(),
            lines: lines.collect(),
        };
        let bar = seek_bar(content, |event| Message::Bag(Bag::Sought(event)));
        let whole = column![self.playing(bag), bar]
            .spacing(space::XS)
            .padding([space::XS, space::M]);

        Some(container(whole).width(Fill).style(theme::surface).into())
    }

    fn playing<'a>(&'a self, bag: &'a OpenBag) -> Element<'a, Message> {
        let playback = bag.playback();
        let (begin, end) = playback.extent();
        let (play_icon, play_hint) = if playback.is_playing() {
            (icon::pause(), "Pause (Space)")
        } else {
            (icon::play(), "Play (Space)")
        };
        let buttons = row![
            tool(icon::skip_back(), "To the begin (Home)", Message::Bag(Bag::ToBegin)),
            tool(
                icon::chevron_left(),
                "The message before (Left; by a tenth of the view with Shift)",
                Message::Bag(Bag::Step { forward: false })
            ),
            tool(play_icon, play_hint, Message::Bag(Bag::TogglePlay)),
            tool(
                icon::chevron_right(),
                "The next message (Right; by a tenth of the view with Shift)",
                Message::Bag(Bag::Step { forward: true })
            ),
            tool(icon::skip_forward(), "To the end (End)", Message::Bag(Bag::ToEnd)),
        ]
        .spacing(space::XXS);
        let speed = pick_list(SPEEDS, Some(playback.speed()), |speed| {
            Message::Bag(Bag::PickSpeed(speed))
        })
        .text_size(size::SMALL)
        .padding([space::XXS, space::S])
        .style(theme::choice)
        .menu_style(theme::menu);
        let at_s = seconds(playback.at_ns().saturating_sub(begin));
        let all_s = seconds(end.saturating_sub(begin));
        let place = row![
            theme::number(clock(at_s)),
            theme::number(format!("/ {}", clock(all_s))).style(theme::muted_text),
            theme::small_number(format::time_of_day(playback.at_ns())).style(theme::muted_text),
        ]
        .spacing(space::S)
        .align_y(Alignment::Center);
        let line = row![
            buttons,
            hint(speed, "Speed (, and .)"),
            toggle(
                "Loop",
                playback.repeats(),
                "Begin anew at the end (o)",
                Bag::ToggleRepeat
            ),
            toggle(
                "Range",
                playback.range().is_some(),
                "Play only what is shown now (Shift+O)",
                Bag::ToggleRange
            ),
            place,
            gap::horizontal(),
            self.loaded(bag),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center);

        line.into()
    }

    /// What was read of it, and what does not fit.
    fn loaded<'a>(&'a self, bag: &'a OpenBag) -> Element<'a, Message> {
        if let Some(progress) = bag.progress() {
            let percent = (progress * 100.0).floor();
            return row![
                theme::small_number(format!("Loading {percent:.0} %")),
                tool(icon::close(), "Load no more", Message::Bag(Bag::CancelLoading)),
            ]
            .spacing(space::XS)
            .align_y(Alignment::Center)
            .into();
        }
        let reduced = self.history.store().borrow().reduced_until();
        if let Some(until) = reduced {
            let text = format!(
                "Before {} only the trend fits the memory budget",
                format::time_of_day(until.0)
            );
            return hint(
                theme::note(text).style(theme::warning_text),
                "Least, greatest and mean values are kept; a larger memory_budget in the configuration keeps every sample",
            );
        }
        let facts = bag.source().bag();
        let complete = if facts.is_complete() { "" } else { " · not complete" };
        theme::small_number(format!(
            "{} msg · {}{complete}",
            format::count(facts.message_count()),
            format::bytes(facts.bytes())
        ))
        .style(theme::muted_text)
        .into()
    }

    /// What the top bar says in the place of the domain.
    pub(super) fn bag_title(&self) -> Option<Element<'_, Message>> {
        if let Some(path) = &self.opening {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            return Some(theme::muted(format!("Opening {name}…")).into());
        }
        let bag = self.bag()?;
        let mut words = row![
            icon::file().size(size::BODY).style(theme::muted_text),
            theme::label(bag.name()),
        ]
        .spacing(space::XS)
        .align_y(Alignment::Center);
        if self.snapshot.facts.domain.is_some() {
            words = words.push(tool(
                icon::close(),
                "Close the recording; back to the live topics",
                Message::Bag(Bag::Close),
            ));
        }
        Some(words.into())
    }

    /// Messages of a topic of the recording.
    pub(super) fn recorded(&self, topic: &TopicName) -> Option<u64> {
        Some(self.bag()?.source().topics().get(topic)?.messages)
    }

    /// The bookmarks that were dropped since the start, and those of the recording.
    pub(super) fn all_bookmarks(&self) -> Vec<(i64, String)> {
        let mut marks = self.bookmarks.clone();
        marks.extend(self.bag().map(OpenBag::marks).unwrap_or_default());
        marks
    }

    /// What the inspector says of a recorded topic.
    pub(super) fn recorded_figures(&self, name: &TopicName) -> Option<Element<'_, Message>> {
        let topic = self.bag()?.source().topics().get(name)?;
        let type_name = topic
            .type_name
            .as_ref()
            .map_or_else(|| format::UNKNOWN.to_owned(), ToString::to_string);
        let mut lines = column![theme::label(type_name)].spacing(space::XXS);
        if let Some(problem) = &topic.problem {
            lines = lines.push(theme::label(problem.to_string()).style(theme::warning_text));
        }
        lines = lines
            .push(pair("messages", format::count(topic.messages)))
            .push(pair("mean rate", format::with_unit(topic.mean_rate_hz, "Hz")));
        if let Err(reason) = &topic.schema {
            lines = lines.push(theme::note(reason.to_string()).style(theme::warning_text));
        }
        lines = lines.push(line());
        lines = lines.push(theme::note("Offered when it was recorded"));
        if topic.qos.is_empty() {
            lines = lines.push(theme::muted("The recording does not say"));
        }
        for qos in &topic.qos {
            lines = lines.push(theme::label(super::inspector::policies(qos)));
        }
        Some(lines.into())
    }
}

/// A word that is on or off.
fn toggle<'a>(word: &'a str, on: bool, name: &'a str, message: Bag) -> Element<'a, Message> {
    let style = if on { theme::selected } else { theme::quiet };
    hint(
        button(theme::note(word))
            .padding([space::XXS, space::S])
            .style(style)
            .on_press(Message::Bag(message)),
        name,
    )
}

#[expect(clippy::cast_precision_loss, reason = "shown to the millisecond")]
fn seconds(ns: i64) -> f64 {
    ns as f64 / 1e9
}

/// Hours, minutes, seconds and milliseconds: `00:01:23.456`.
fn clock(total_s: f64) -> String {
    let whole_s = total_s.max(0.0);
    let minutes = (whole_s / 60.0).floor();
    let hours = (minutes / 60.0).floor();
    // Cut off, not rounded: 60.000 is no second.
    let rest_s = ((whole_s - minutes * 60.0) * 1000.0).floor() / 1000.0;
    format!("{hours:02.0}:{:02.0}:{rest_s:06.3}", minutes - hours * 60.0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn places_are_told_to_the_millisecond() {
        assert_eq!(super::clock(83.4567), "00:01:23.456");
        assert_eq!(super::clock(3600.0 * 11.0 + 59.0 * 60.0 + 59.9999), "11:59:59.999");
        assert_eq!(super::clock(0.0), "00:00:00.000");
    }
}
