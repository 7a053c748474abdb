//! The legend: colour, name and newest value of each curve.

use std::rc::Rc;

use iced::widget::{Row, button, container, row, space};
use iced::{Alignment, Element, Theme};

use super::{Entry, Event};
use crate::trace::{Freshness, TraceSource};
use crate::{drag, format, icon, theme};

/// Side of the square in a curve's colour, in logical pixels.
const SWATCH: f32 = 8.0;

pub(super) fn view<'a, Message: Clone + 'a>(
    entries: &[Entry],
    source: &dyn TraceSource,
    on_event: &Rc<dyn Fn(Event) -> Message + 'a>,
) -> Element<'a, Message> {
    let (curves, has_sides) = (source.curves(), source.y_axes() > 1);
    let entries = entries.iter().enumerate().filter_map(|(index, entry)| {
        let curve = (index < curves).then(|| source.curve(index));
        if curve.is_some_and(|curve| curve.ghost) {
            return None;
        }
        let axis = curve.filter(|_| has_sides).map(|curve| axis_name(curve.axis));
        let hide = on_event(Event::CurveHidden(index));
        let remove = on_event(Event::CurveRemoved(index));
        let open = on_event(Event::CurveOpened(index));
        let carry = on_event(Event::CurveCarried(index));
        Some(one(entry, axis, [hide, open, remove, carry]))
    });

    Row::with_children(entries).spacing(theme::space::S).wrap().into()
}

/// Where a value axis stands.
fn axis_name(axis: u8) -> &'static str {
    match axis {
        1 => "R",
        2 => "L2",
        3 => "R2",
        _ => "L",
    }
}

fn one<'a, Message: Clone + 'a>(
    entry: &Entry,
    axis: Option<&'static str>,
    [hide, open, remove, carry]: [Message; 4],
) -> Element<'a, Message> {
    let color = if entry.visible {
        entry.color
    } else {
        entry.color.scale_alpha(0.3)
    };
    let part = move |width: f32| {
        container(space().width(width).height(SWATCH)).style(move |_: &Theme| container::Style {
            background: Some(color.into()),
            border: iced::border::rounded(2),
            ..container::Style::default()
        })
    };
    let swatch = if entry.dashed {
        let half = (SWATCH - theme::space::XXS) / 2.0;
        row![part(half), part(half)].spacing(theme::space::XXS)
    } else {
        row![part(SWATCH)]
    };
    let value = match entry.freshness {
        Freshness::NoData => None,
        Freshness::Live | Freshness::Stale(_) => entry.value,
    };
    let is_pale = !entry.visible || entry.freshness != Freshness::Live;
    let name = theme::note(entry.name.clone());
    let name = if entry.visible {
        name
    } else {
        name.style(theme::faint_text)
    };
    let value = theme::small_number(format::number(value));
    let value = if is_pale {
        value.style(theme::faint_text)
    } else {
        value.style(iced::widget::text::default)
    };
    let unit = entry.unit.clone().map(theme::note);
    let axis = axis.map(|axis| theme::note(axis).style(theme::faint_text));
    let age = match entry.freshness {
        Freshness::Live => None,
        Freshness::Stale(seconds) => Some(format!("since {}", format::duration(seconds))),
        Freshness::NoData => Some("no data".to_owned()),
    };
    let age = age.map(theme::note);
    let fault = entry
        .note
        .clone()
        .map(|note| theme::note(note).style(theme::warning_text));
    let content = row![name, axis, value, unit, age, fault]
        .spacing(theme::space::XS)
        .align_y(Alignment::Center);
    let padding = [theme::space::XXS, theme::space::XS];
    let remove = button(icon::close().size(theme::size::SMALL))
        .padding(padding)
        .style(theme::quiet)
        .on_press(remove);

    let open = button(swatch)
        .padding([theme::space::XS, theme::space::XXS])
        .style(theme::quiet)
        .on_press(open);

    let name = button(content).padding(padding).style(theme::quiet).on_press(hide);

    row![open, drag::draggable(name, carry), remove]
        .align_y(Alignment::Center)
        .into()
}
