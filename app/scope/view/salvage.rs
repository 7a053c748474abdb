//! The line of a recording that was not finished.

use iced::widget::{container, row, text};
use iced::{Alignment, Element, Fill};
use roswave_engine::bag::Recovered;
use roswave_widgets::icon;
use roswave_widgets::theme::{self, size, space};

use crate::format;
use crate::scope::Message;
use crate::scope::salvage::{Message as Salvage, Offer, State, name_of};
use crate::scope::view::bars::hint;
use crate::scope::view::shelf::{small, written};

/// Height of a line, in logical pixels.
const LINE: f32 = 22.0;

/// One recording, how far its repair is, and what can be done.
pub(super) fn offer(offer: &Offer, busy: bool) -> Element<'_, Message> {
    let say = |message: fn(std::path::PathBuf) -> Salvage| Message::Salvage(message(offer.path.clone()));
    let name = offer.name();
    let words = match &offer.state {
        State::Offered => {
            let known = offer.torn.as_ref().map(|torn| {
                let (bytes, date) = (format::bytes(torn.bytes), written(Some(torn.modified)));
                format!(": {bytes}, last written {date}")
            });
            format!("{name} was not finished{}", known.unwrap_or_default())
        }
        State::Running => format!("Recovering {name}…"),
        State::Done(recovered) => format!("{}; {}", saved(recovered), kept(recovered)),
        State::Asking(_) => format!("Delete {name} for good? What was saved of it stays"),
        State::Deleting(_) => format!("Deleting {name}…"),
        State::Failed(error) => format!("{name}: {error}"),
    };
    let mark = match offer.state {
        State::Offered | State::Failed(_) => icon::triangle_alert().style(theme::warning_text),
        State::Running | State::Deleting(_) => icon::refresh_cw().style(theme::muted_text),
        State::Done(_) => icon::check().style(theme::muted_text),
        State::Asking(_) => icon::help().style(theme::muted_text),
    };
    let words = theme::label(words).wrapping(text::Wrapping::None);
    let mut line = row![mark.size(size::BODY), container(words).width(Fill).clip(true)]
        .spacing(space::S)
        .height(LINE)
        .align_y(Alignment::Center);
    match &offer.state {
        State::Offered => {
            if !busy {
                line = line.push(hint(
                    small("Recover", say(Salvage::Recover)),
                    "Save what is whole into a new recording beside it; the original stays",
                ));
            }
            line = line.push(small("Not now", say(Salvage::Dismiss)));
        }
        State::Done(recovered) => {
            line = line.push(small("Open", say(Salvage::Open)));
            // What could not be read at all may be read by somebody else.
            if recovered.files_lost == 0 {
                line = line.push(small("Delete the original…", say(Salvage::AskDelete)));
            }
            line = line.push(small("Keep it", say(Salvage::Dismiss)));
        }
        State::Asking(_) => {
            line = line
                .push(small("Delete", say(Salvage::Delete)))
                .push(small("Keep it", say(Salvage::Dismiss)));
        }
        State::Failed(_) => line = line.push(small("Dismiss", say(Salvage::Dismiss))),
        State::Running | State::Deleting(_) => {}
    }

    line.into()
}

/// What becomes of the original.
fn kept(recovered: &Recovered) -> String {
    match (recovered.files_lost, recovered.problems.first()) {
        (0, _) | (_, None) => "the original is kept".to_owned(),
        (files, Some(problem)) => format!(
            "{files} of its files cannot be read, keep the original: {}",
            format::harmless(problem)
        ),
    }
}

/// What was saved, and what was not.
fn saved(recovered: &Recovered) -> String {
    let messages = format::count(recovered.saved.messages);
    let lost = match recovered.messages_lost {
        Some(lost) => format::count(lost),
        None => format::UNKNOWN.to_owned(),
    };
    let torn = match recovered.bytes_lost {
        0 => String::new(),
        bytes => format!(", torn end {}", format::bytes(bytes)),
    };
    format!(
        "Saved {messages} messages into {}, lost {lost}{torn}",
        name_of(&recovered.saved.path)
    )
}
