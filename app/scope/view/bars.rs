//! The bar on top, the line for faults, and the status line.

use iced::widget::{button, column, container, row, space as gap, text, tooltip};
use iced::{Alignment, Element, Fill};
use roswave_engine::engine::Snapshot;
use roswave_engine::record::RecordingState;
use roswave_widgets::icon;
use roswave_widgets::theme::{self, Mode, size, space};

use crate::format;
use crate::scope::recorder::Message as Recorder;
use crate::scope::shelf::Message as Shelf;
use crate::scope::view::Surroundings;
use crate::scope::{Message, Notice, Scope};

impl Scope {
    pub(super) fn top_bar(&self, surroundings: Surroundings) -> Element<'_, Message> {
        let mut bar = row![text("ROSwave").font(theme::INTER_SEMIBOLD).size(size::TITLE)]
            .spacing(space::M)
            .align_y(Alignment::Center);
        bar = bar.push(self.tab_strip());
        // The figures of a recording have what room there is.
        bar = bar.push(match self.recording() {
            Some(status) => self.recording_strip(status),
            None => gap::horizontal().into(),
        });
        if let Some(closing) = surroundings.closing {
            bar = bar.push(theme::label(closing).style(theme::record_text));
        }
        if surroundings.demo_runs {
            bar = bar.push(quiet_word("Stop demo robot", Message::StopDemo));
        }
        bar = bar.push(
            self.bag_title()
                .unwrap_or_else(|| theme::muted(transport(&self.snapshot)).into()),
        );
        if self.bag.is_none() || self.recording().is_some() {
            let panel = tool(
                icon::chevron_down(),
                "The recorder: black box, ledger, bookmarks (Shift+R)",
                Message::Recorder(Recorder::TogglePanel),
            );
            bar = bar.push(row![self.record_button(surroundings), panel].align_y(Alignment::Center));
        }
        let (theme_icon, theme_hint) = match surroundings.colors {
            Mode::Dark | Mode::ControlRoom => (icon::sun(), "Light theme (t)"),
            Mode::Light => (icon::moon(), "Dark theme (t)"),
        };
        let (screen_icon, screen_hint) = if surroundings.fullscreen {
            (icon::minimize(), "Leave full screen (F11)")
        } else {
            (icon::maximize(), "Full screen (F11)")
        };
        let tools = row![
            tool(
                icon::folder_open(),
                "Recordings (Ctrl+O)",
                Message::Shelf(Shelf::Toggle)
            ),
            tool(icon::panel_left(), "Topics ([)", Message::ToggleTree),
            tool(icon::panel_right(), "Inspector (])", Message::ToggleInspector),
            tool(icon::keyboard(), "Keys (?)", Message::ToggleKeys),
            tool(theme_icon, theme_hint, Message::ToggleTheme),
            tool(screen_icon, screen_hint, Message::ToggleFullscreen),
        ]
        .spacing(space::XXS);

        container(bar.push(tools))
            .padding([0.0, space::M])
            .height(theme::TOP_BAR)
            .width(Fill)
            .align_y(Alignment::Center)
            .style(theme::surface)
            .into()
    }

    fn record_button(&self, surroundings: Surroundings) -> Element<'_, Message> {
        let recording = self.recording();
        let (mark, word) = match recording.map(|status| &status.state) {
            None => (icon::circle_dot(), "Record"),
            Some(RecordingState::Finishing) => (icon::stop(), "Finishing…"),
            Some(_) => (icon::stop(), "Stop"),
        };
        let usable = surroundings.closing.is_none()
            && !matches!(recording.map(|status| &status.state), Some(RecordingState::Finishing));
        let content = row![mark.size(size::BODY), theme::label(word)]
            .spacing(space::XS)
            .align_y(Alignment::Center);
        let pressed = usable.then_some(Message::ToggleRecording);
        let it = button(content)
            .padding([space::XXS + 1.0, space::S])
            .style(theme::record)
            .on_press_maybe(pressed);

        hint(it, "Start or stop recording (r)")
    }

    pub(super) fn notice_line<'a>(&'a self, notice: &'a Notice) -> Element<'a, Message> {
        let mut first = row![
            icon::triangle_alert().style(theme::warning_text),
            container(theme::label(notice.text.as_str())).width(Fill),
        ]
        .spacing(space::S)
        .align_y(Alignment::Center);
        if notice.details.is_some() {
            let word = if self.details_shown { "Hide details" } else { "Details" };
            first = first.push(quiet_word(word, Message::ToggleDetails));
        }
        first = first.push(tool(icon::close(), "Dismiss (Esc)", Message::DismissNotice));
        let mut lines = column![first].spacing(space::XS);
        if self.details_shown
            && let Some(details) = &notice.details
        {
            lines = lines.push(theme::muted(details.as_str()));
        }

        container(lines)
            .padding([space::XS, space::M])
            .width(Fill)
            .style(theme::raised)
            .into()
    }

    pub(super) fn status_bar(&self, surroundings: Surroundings) -> Element<'_, Message> {
        let totals = &self.snapshot.totals;
        let usage = self.history.store().borrow().usage();
        let fps = surroundings
            .fps
            .map_or_else(|| format::UNKNOWN.to_owned(), |fps| format!("{fps:.0}"));
        let ui = surroundings
            .ui_ms
            .map_or_else(|| format::UNKNOWN.to_owned(), |ms| format!("{ms:.1}"));
        let lost = totals
            .loss
            .as_ref()
            .map_or_else(|| format!("lost {}", format::UNKNOWN), format::loss);
        let loses = totals.loss.is_some_and(|loss| loss.known_total() > 0);
        let lost = theme::small_number(lost);
        let lost = if loses { lost.style(theme::warning_text) } else { lost };
        let held = format!(
            "history {} / {} MiB",
            format::mebibytes(usage.used_bytes),
            format::mebibytes(usage.budget_bytes)
        );
        let held = if self.history.is_yielding() {
            theme::small_number(format!("{held}, memory is short")).style(theme::warning_text)
        } else {
            theme::small_number(held)
        };
        let eco = if surroundings.eco { "eco on" } else { "eco off" };
        let process = self.snapshot.monitor.rss_bytes.map_or_else(
            || format::UNKNOWN.to_owned(),
            |bytes| format!("{} MiB", format::mebibytes(bytes)),
        );
        let received: Element<'_, Message> = if let Some(bag) = self.bag() {
            let ledger = bag.source().bag().ledger().and_then(|ledger| ledger.get("total"));
            let lost = ledger.map_or_else(|| format!("lost {}", format::UNKNOWN), format::loss);
            theme::small_number(format!("{lost} while recording")).into()
        } else {
            row![
                theme::small_number(format!(
                    "in {} msg/s {}",
                    format::si(totals.rate_hz),
                    format::with_unit(Some(totals.bandwidth_bps), "B/s")
                )),
                lost,
            ]
            .spacing(space::L)
            .into()
        };
        let figures = row![
            theme::small_number(format!("{fps} fps")),
            theme::small_number(format!("UI {ui} ms")),
            received,
            held,
            theme::small_number(format!("process {process}")),
            gap::horizontal(),
            quiet_figure(
                self.clock().to_string(),
                "The time that messages are drawn at: source, receive or header (w)",
                Message::NextClock
            ),
            quiet_figure(
                if self.counts_since_start() {
                    "since start"
                } else {
                    "until now"
                }
                .to_owned(),
                "Times as seconds since the start, or until now (s)",
                Message::ToggleSinceStart
            ),
            hint(
                button(theme::small_number(if self.charts.is_linked() {
                    "linked"
                } else {
                    "free"
                }))
                .padding([0.0, space::XS])
                .style(theme::quiet)
                .on_press(Message::ToggleLinked),
                "Charts move through time together, or each for itself (l)"
            ),
            hint(
                button(theme::small_number(eco))
                    .padding([0.0, space::XS])
                    .style(theme::quiet)
                    .on_press(Message::ToggleEco),
                "Fewer frames and points; chosen by itself without a graphics card (e)"
            ),
        ]
        .spacing(space::L)
        .align_y(Alignment::Center);

        container(figures)
            .padding([0.0, space::M])
            .height(theme::STATUS_BAR)
            .width(Fill)
            .align_y(Alignment::Center)
            .style(theme::surface)
            .into()
    }
}

/// `domain 0 · dds`.
pub(super) fn transport(snapshot: &Snapshot) -> String {
    let domain = snapshot
        .facts
        .domain
        .map_or_else(|| format::UNKNOWN.to_owned(), |domain| domain.to_string());
    format!("domain {domain} · {}", snapshot.facts.kind)
}

/// A word of the status line that can be changed by a click.
fn quiet_figure<'a>(word: String, meaning: &'a str, message: Message) -> Element<'a, Message> {
    hint(
        button(theme::small_number(word))
            .padding([0.0, space::XS])
            .style(theme::quiet)
            .on_press(message),
        meaning,
    )
}

/// A button that is only an icon, with its name on hover.
pub(super) fn tool<'a>(icon: text::Text<'a>, name: &'a str, message: Message) -> Element<'a, Message> {
    hint(
        button(icon).padding(space::XS).style(theme::quiet).on_press(message),
        name,
    )
}

/// A button that is only a word.
pub(super) fn quiet_word<'a>(word: &'a str, message: Message) -> Element<'a, Message> {
    button(theme::label(word))
        .padding([space::XXS, space::S])
        .style(theme::quiet)
        .on_press(message)
        .into()
}

/// What a thing is, on hover.
pub(super) fn hint<'a>(content: impl Into<Element<'a, Message>>, name: &'a str) -> Element<'a, Message> {
    tooltip(
        content,
        container(theme::note(name)).padding(space::XS),
        tooltip::Position::Bottom,
    )
    .gap(space::XS)
    .style(theme::tooltip)
    .into()
}
