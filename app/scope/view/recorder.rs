//! The recorder: the strip in the bar on top, the panel with the ledger, and the line for the text of a bookmark.

mod ledger;
mod strip;

use iced::widget::{
    button, column, container, mouse_area, opaque, progress_bar, responsive, row, space as gap, text, text_input,
};
use iced::{Alignment, Element, Fill};
use roswave_engine::record::{RecordedTopic, RecordingState, RecordingStatus};
use roswave_widgets::theme::{self, size, space};
use roswave_widgets::{icon, virtual_list};

use crate::format::{self, harmless};
use crate::scope::recorder::{Message as Recorder, NOTE, is_running};
use crate::scope::view::bars::{hint, tool};
use crate::scope::view::{clipped, line};
use crate::scope::{Message, Scope};
use ledger::{ledger_line, topic_row};
use strip::{Figures, is_armed, kept_for, strip};

/// Width of the panel, in logical pixels.
const WIDTH: f32 = 520.0;

/// Width of the line for the text of a bookmark, in logical pixels.
const NOTE_WIDTH: f32 = 420.0;

/// From the top of the charts to that line, in logical pixels.
const NOTE_TOP: f32 = 72.0;

/// Width of the name of a figure, in logical pixels.
const NAME: f32 = 78.0;

/// Width of the box of a time, in logical pixels.
const TIME_BOX: f32 = 56.0;

/// Height of the bar that shows how full the queue is, in logical pixels.
const METER: f32 = 4.0;

impl Scope {
    /// What the bar on top tells of the recording, as wide as there is room.
    pub(super) fn recording_strip<'a>(&'a self, status: &'a RecordingStatus) -> Element<'a, Message> {
        let strip = responsive(move |room| {
            let content = button(strip(status, room.width))
                .padding([0.0, space::S])
                .style(theme::quiet)
                .on_press(Message::Recorder(Recorder::TogglePanel));
            let told = hint(content, "How the recording stands, topic by topic (Shift+R)");
            container(told).align_right(Fill).center_y(Fill).clip(true).into()
        });

        container(strip).width(Fill).height(theme::TOP_BAR).into()
    }

    /// The panel, when it is shown.
    pub(super) fn recorder_panel(&self) -> Option<Element<'_, Message>> {
        if !self.recorder.is_shown() {
            return None;
        }
        let content = match self.recording() {
            Some(status) => self.running(status),
            None => self.idle(),
        };
        let height = if self.recording().is_some() {
            Fill
        } else {
            iced::Length::Shrink
        };
        let panel = container(content).width(WIDTH).height(height).style(theme::surface);
        let edged = row![
            container(iced::widget::rule::vertical(theme::SEPARATOR).style(theme::separator)).height(height),
            column![panel, line()].width(WIDTH),
        ];

        Some(container(opaque(edged)).align_right(Fill).into())
    }

    /// Nothing is recorded: what can be started.
    fn idle(&self) -> Element<'_, Message> {
        let place = self.recordings.display().to_string();
        let [before, after] = self.recorder.times();
        let typed = |text, message: fn(String) -> Recorder| {
            text_input("", text)
                .on_input(move |text| Message::Recorder(message(text)))
                // Enter belongs to this line.
                .on_submit(Message::Recorder(message(text.to_owned())))
                .width(TIME_BOX)
                .padding([space::XXS, space::XS])
                .size(size::SMALL)
                .font(theme::MONO)
                .style(theme::input)
        };
        let times = row![
            theme::note("Keep the last"),
            typed(before, Recorder::BeforeTyped),
            theme::note("s in memory; when it is triggered, write them and go on for"),
            typed(after, Recorder::AfterTyped),
            theme::note("s"),
        ]
        .spacing(space::XS)
        .align_y(Alignment::Center);
        let sound = self.recorder.black_box();
        let start = outlined(
            "Start the black box",
            sound.is_ok().then_some(Recorder::ToggleBlackBox),
            "Record only around the moments when it is triggered (Ctrl+R)",
        );
        let mut lines = column![
            self.head("Recorder"),
            pair("records to", harmless(&place)),
            line(),
            theme::label("Black box").font(theme::INTER_MEDIUM),
            times,
        ]
        .spacing(space::S)
        .padding(space::M);
        if let Err(error) = sound {
            lines = lines.push(theme::note(error).style(theme::warning_text));
        }
        let lines = lines.push(theme::note(
            "Trigger it with Shift+X, or from the trigger of a chart. Without a time it goes on until it is stopped.",
        ));

        lines.push(start).into()
    }

    fn head<'a>(&self, title: &'a str) -> Element<'a, Message> {
        row![
            theme::title(title),
            gap::horizontal(),
            tool(icon::close(), "Close (Esc)", Message::Recorder(Recorder::TogglePanel)),
        ]
        .align_y(Alignment::Center)
        .into()
    }

    /// How the recording stands.
    fn running<'a>(&'a self, status: &'a RecordingStatus) -> Element<'a, Message> {
        let figures = Figures::of(status);
        let name = status.path.file_name().unwrap_or_default().to_string_lossy();
        let state = match &status.state {
            RecordingState::Finishing => "Writing the rest",
            _ if is_armed(status) => "Black box, armed",
            RecordingState::Starting => "Waiting for the first message",
            _ if status.box_.is_some() => "Black box, writing",
            _ => "Recording",
        };
        let mut head = column![
            self.head(state),
            clipped(theme::small_number(harmless(&name)), Fill),
            buttons(status)
        ]
        .spacing(space::S)
        .padding(space::M);
        if let Some(trouble) = figures.trouble() {
            let trouble = row![
                icon::triangle_alert().size(size::BODY).style(theme::warning_text),
                theme::note(trouble).style(theme::warning_text),
            ]
            .spacing(space::S)
            .align_y(Alignment::Center);
            head = head.push(trouble);
        }
        let about = column![
            table(status, &figures),
            column![
                progress_bar(0.0..=1.0, status.queue_share as f32)
                    .girth(METER)
                    .style(theme::meter(figures.is_filling)),
                theme::note(format!(
                    "Queue of the recorder: {} of {}",
                    format::bytes(status.queued_bytes),
                    format::bytes(status.quota_bytes)
                )),
            ]
            .spacing(space::XS),
        ]
        .spacing(space::M)
        .padding(space::M);
        let topics = &status.topics;
        let ledger = virtual_list(
            self.recorder.scroll(),
            topics.len(),
            theme::ROW,
            move |index| topics.get(index).map_or_else(|| gap::horizontal().into(), topic_row),
            |scroll| Message::Recorder(Recorder::Scrolled(scroll)),
        );
        // Of the rows above: they hold the recorder's own topics too.
        let sum_of = |count: fn(&RecordedTopic) -> u64| topics.iter().map(count).fold(0, u64::saturating_add);
        let sum = ledger_line(
            theme::note("all topics").into(),
            [
                format::count(sum_of(|topic| topic.received)),
                format::count(sum_of(|topic| topic.written)),
                format::count(sum_of(|topic| topic.safe)),
                figures.lost.clone(),
                String::new(),
            ],
            [false, false, false, figures.has_lost, false],
        );

        column![
            head,
            line(),
            about,
            line(),
            ledger_line(
                theme::note("topic").into(),
                ["received", "written", "safe", "lost", "Hz"].map(str::to_owned),
                [false; 5],
            ),
            line(),
            container(ledger).height(Fill).width(Fill),
            line(),
            sum,
        ]
        .into()
    }

    /// The line that the text of a bookmark is typed into.
    pub(super) fn note_line(&self) -> Option<Element<'_, Message>> {
        let typed = self.recorder.note()?;
        let input = text_input("Text of the bookmark, then Enter", typed)
            .id(NOTE)
            .on_input(|text| Message::Recorder(Recorder::NoteTyped(text)))
            .on_submit(Message::Recorder(Recorder::NoteAccepted))
            .padding([space::S, space::M])
            .size(size::BODY)
            .style(theme::input);
        let panel = container(input)
            .padding(space::S)
            .width(NOTE_WIDTH)
            .style(theme::floating);
        let place = container(opaque(panel))
            .width(Fill)
            .height(Fill)
            .padding(iced::padding::top(NOTE_TOP))
            .align_x(Alignment::Center);

        Some(opaque(mouse_area(place).on_press(Message::Escape)))
    }
}

/// What can be done with a recording that runs.
fn buttons(status: &RecordingStatus) -> Element<'_, Message> {
    let runs = is_running(status);
    let mut buttons = row![
        outlined(
            "Split now",
            (runs && !is_armed(status)).then_some(Recorder::Split),
            "Begin the next file; nothing is lost (Shift+S)"
        ),
        outlined(
            "Bookmark…",
            runs.then_some(Recorder::WriteNote),
            "With a text, in the files too (Ctrl+M; m without a text)"
        ),
    ]
    .spacing(space::S);
    if status.box_.is_some() {
        buttons = buttons.push(outlined(
            "Trigger",
            runs.then_some(Recorder::Trigger),
            "Write what the black box keeps, and go on (Shift+X)",
        ));
    }

    buttons.into()
}

/// A button with a line around it.
fn outlined<'a>(word: &'a str, message: Option<Recorder>, meaning: &'a str) -> Element<'a, Message> {
    let it = button(theme::label(word))
        .padding([space::XXS + 1.0, space::S])
        .style(theme::outlined)
        .on_press_maybe(message.map(Message::Recorder));

    hint(it, meaning)
}

/// The figures of the whole recording, in two columns.
fn table<'a>(status: &RecordingStatus, figures: &Figures) -> Element<'a, Message> {
    let unknown = || format::UNKNOWN.to_owned();
    let is_measured = figures.not_safe != format::UNKNOWN;
    let left = column![
        fault_pair("not safe", figures.not_safe.clone(), figures.is_late),
        pair(
            "at most",
            if is_measured {
                format!("{:.2} s", status.slowest_safe_s)
            } else {
                unknown()
            }
        ),
        pair("last sync", status.last_sync_ns.map_or_else(unknown, format::span)),
        pair("slowest", status.slowest_sync_ns.map_or_else(unknown, format::span)),
        fault_pair("queue", figures.queue.clone(), figures.is_filling),
    ]
    .spacing(space::XXS);
    let files = match status.files_removed {
        0 => status.files.to_string(),
        gone => format!("{}, {gone} deleted", status.files),
    };
    let right = column![
        pair("written", format::bytes(status.bytes)),
        pair("rate", format::with_unit(status.write_rate_bps, "B/s")),
        fault_pair("full in", figures.left.clone(), figures.is_short),
        pair(
            "free",
            status.free_bytes.map_or_else(unknown, |free| {
                let reserve = format::bytes(status.reserve_bytes);
                format!("{}, {reserve} kept", format::bytes(free))
            })
        ),
        pair("files", format!("{files} · bookmarks {}", status.bookmarks)),
    ]
    .spacing(space::XXS);
    let both = row![left.width(Fill), right.width(iced::FillPortion(2))].spacing(space::L);
    let Some(kept) = status.box_ else {
        return both.into();
    };
    let black_box = if kept.armed {
        let (bytes, messages) = (format::bytes(kept.bytes), format::count(kept.messages));
        format!("keeps {}, {bytes}, {messages} messages", kept_for(&kept))
    } else {
        let rest = kept.post_left_s.map_or_else(
            || "until it is stopped".to_owned(),
            |rest| format!("for {rest:.1} s still"),
        );
        format!("writes {rest}")
    };
    let black_box = format!("{black_box} · triggered {} ×", kept.captures);

    column![both, pair("black box", black_box)].spacing(space::XXS).into()
}

fn pair<'a>(name: &'a str, value: String) -> Element<'a, Message> {
    fault_pair(name, value, false)
}

fn fault_pair<'a>(name: &'a str, value: String, is_fault: bool) -> Element<'a, Message> {
    let value = theme::small_number(value);
    let value = if is_fault {
        value.style(theme::warning_text)
    } else {
        value.style(text::default)
    };
    row![container(theme::note(name)).width(NAME), clipped(value, Fill)]
        .align_y(Alignment::Center)
        .into()
}
