//! The ledger: what became of the messages of each topic.

use iced::widget::{column, container, row, text, tooltip};
use iced::{Alignment, Element, Fill};
use roswave_engine::record::RecordedTopic;
use roswave_widgets::theme::{self, size, space};

use crate::format;
use crate::scope::Message;
use crate::scope::view::clipped;

/// Width of a figure of the ledger, in logical pixels.
const FIGURE: f32 = 62.0;

/// A row of the ledger.
pub(super) fn topic_row(topic: &RecordedTopic) -> Element<'_, Message> {
    let rate = match topic.silent_s {
        Some(silent_s) => format!("silent {}", format::lasting(silent_s)),
        None => format::rate(topic.rate_hz),
    };
    let lost = format::lost_total(&topic.loss);
    let mut name = row![clipped(theme::label(topic.name.as_str()).size(size::SMALL), Fill)]
        .spacing(space::XS)
        .align_y(Alignment::Center);
    if !topic.defined {
        name = name.push(theme::note("raw").style(theme::faint_text));
    }
    let figures = ledger_line(
        name.into(),
        [
            format::count(topic.received),
            format::count(topic.written),
            format::count(topic.safe),
            lost,
            rate,
        ],
        [
            false,
            false,
            false,
            topic.loss.known_total() > 0,
            topic.silent_s.is_some() || topic.unexpected,
        ],
    );
    let mut told = column![theme::note(topic.name.as_str()), theme::note(format::loss(&topic.loss))];
    if !topic.defined {
        told = told.push(theme::note("Its type is not known yet: it is recorded raw"));
    }

    tooltip(figures, container(told).padding(space::S), tooltip::Position::Left)
        .delay(std::time::Duration::from_millis(500))
        .style(theme::tooltip)
        .into()
}

/// A name and five figures under each other's.
pub(super) fn ledger_line<'a>(
    name: Element<'a, Message>,
    figures: [String; 5],
    faults: [bool; 5],
) -> Element<'a, Message> {
    let figures = figures.into_iter().zip(faults).map(|(figure, is_fault)| {
        let figure = theme::small_number(figure).wrapping(text::Wrapping::None);
        let figure = if is_fault {
            figure.style(theme::warning_text)
        } else {
            figure
        };
        container(figure).width(FIGURE).align_x(Alignment::End).into()
    });

    container(
        row![container(name).width(Fill)]
            .extend(figures)
            .spacing(space::XS)
            .align_y(Alignment::Center),
    )
    .padding([0.0, space::M])
    .height(theme::ROW)
    .align_y(Alignment::Center)
    .into()
}
