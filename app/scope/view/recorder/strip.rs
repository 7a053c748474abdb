//! The figures of a recording in a few words, as the bar on top has them.

use iced::widget::{container, row, text};
use iced::{Alignment, Element};
use roswave_engine::record::{BoxStatus, RecordingStatus};
use roswave_widgets::icon;
use roswave_widgets::theme::{self, size, space};

use crate::format;
use crate::scope::Message;

/// The strip shows all figures from this width on, in logical pixels, and the most needed ones from the lower one on.
const STRIP: (f32, f32) = (610.0, 280.0);

/// Messages are to be safe within a quarter of a second: this is far from it.
const UNSAFE_LATE_S: f64 = 1.0;

/// A disk that is full sooner than this is a fault.
const LEFT_SHORT_S: f64 = 600.0;

/// A queue that is fuller than this is on its way to be full.
const QUEUE_HIGH: f64 = 0.25;

/// What is told of a recording in a few words.
pub(super) struct Figures {
    pub not_safe: String,
    pub is_late: bool,
    pub left: String,
    pub is_short: bool,
    pub queue: String,
    pub is_filling: bool,
    pub lost: String,
    pub has_lost: bool,
}

impl Figures {
    pub fn of(status: &RecordingStatus) -> Self {
        // Before the first message, and while messages are only kept in memory, nothing waits for the disk.
        let is_on_its_way = status.received > 0 && !is_armed(status);
        Self {
            not_safe: if is_on_its_way {
                format!("{:.2} s", status.unsafe_s)
            } else {
                format::UNKNOWN.to_owned()
            },
            is_late: is_on_its_way && status.unsafe_s > UNSAFE_LATE_S,
            left: status
                .seconds_left
                .map_or_else(|| format::UNKNOWN.to_owned(), format::lasting),
            is_short: status.seconds_left.is_some_and(|left| left < LEFT_SHORT_S),
            queue: format::percent(status.queue_share),
            is_filling: status.queue_share > QUEUE_HIGH,
            lost: format::lost_total(&status.loss),
            has_lost: status.loss.known_total() > 0,
        }
    }

    /// What needs the user, in one sentence.
    pub fn trouble(&self) -> Option<String> {
        if self.has_lost {
            return Some(format!(
                "{} messages are lost: the ledger tells of which topics",
                self.lost
            ));
        }
        if self.is_filling {
            let queue = &self.queue;
            return Some(format!(
                "The disk is slower than the messages: the queue is {queue} full, and at 100 % messages are lost"
            ));
        }
        if self.is_short {
            let left = &self.left;
            return Some(format!(
                "The disk is full in {left}: the recording ends whole before that; make room"
            ));
        }
        self.is_late
            .then(|| format!("The disk is slow: messages of {} are not safe yet", self.not_safe))
    }
}

pub(super) fn is_armed(status: &RecordingStatus) -> bool {
    status.box_.is_some_and(|kept| kept.armed)
}

/// What the recording is doing, in one word.
fn word(status: &RecordingStatus) -> &'static str {
    if is_armed(status) { "BOX" } else { "REC" }
}

pub(super) fn strip(status: &RecordingStatus, room: f32) -> Element<'_, Message> {
    let figures = Figures::of(status);
    let mut strip = row![].spacing(space::L).align_y(Alignment::Center);
    if figures.trouble().is_some() {
        strip = strip.push(icon::triangle_alert().size(size::BODY).style(theme::warning_text));
    }
    strip = strip.push(
        theme::label(word(status))
            .font(theme::INTER_SEMIBOLD)
            .style(theme::record_text),
    );
    strip = strip.push(theme::number(format::clock(status.duration_s)));
    if room < STRIP.1 {
        return strip.into();
    }
    match status.box_.filter(|kept| kept.armed) {
        Some(kept) => strip = strip.push(slot("", kept_for(&kept), 62.0, false)),
        None => strip = strip.push(slot("", format::bytes(status.bytes), 62.0, false)),
    }
    if room >= STRIP.0 {
        strip = strip
            .push(slot("not safe", figures.not_safe, 48.0, figures.is_late))
            .push(slot("disk", figures.left, 80.0, figures.is_short))
            .push(slot("queue", figures.queue, 40.0, figures.is_filling));
    }

    strip.push(slot("lost", figures.lost, 34.0, figures.has_lost)).into()
}

/// A figure of the strip, in a place that is as wide for every number.
fn slot<'a>(name: &'a str, value: String, width: f32, is_fault: bool) -> Element<'a, Message> {
    let value = theme::small_number(value).wrapping(text::Wrapping::None);
    let value = if is_fault {
        value.style(theme::warning_text)
    } else {
        value.style(text::default)
    };
    let value = container(value).width(width);
    if name.is_empty() {
        return value.into();
    }

    row![theme::note(name).wrapping(text::Wrapping::None), value]
        .spacing(space::S)
        .align_y(Alignment::Center)
        .into()
}

pub(super) fn kept_for(kept: &BoxStatus) -> String {
    format!("{:.1} s", kept.seconds)
}
