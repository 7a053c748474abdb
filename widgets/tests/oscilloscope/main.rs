//! The chart as an oscilloscope: what it looks like, and what it answers to the pointer.

mod hand;
mod handles;
mod looks;
mod pointer;
mod source;

use std::rc::Rc;

use iced::widget::container;
use iced::{Element, Length, Settings, Size};
use roswave_widgets::chart::{self, Chart, Entry, Event};
use roswave_widgets::{ChartState, theme};

use source::Bench;

const SIZE: Size = Size::new(560.0, 220.0);

fn settings() -> Settings {
    Settings {
        fonts: theme::fonts().collect(),
        default_font: theme::INTER,
        default_text_size: theme::TEXT.into(),
        ..Settings::default()
    }
}

fn legend(source: &Bench) -> Vec<Entry> {
    let entries = source.curves.iter().enumerate().map(|(index, curve)| Entry {
        dashed: curve.pen.dash.is_some(),
        name: curve.name.to_owned(),
        color: theme::curve(index),
        value: curve.points.last().map(|point| source.measured(index, point[1])),
        unit: None,
        visible: true,
        freshness: roswave_widgets::Freshness::Live,
        note: None,
    });
    entries.collect()
}

fn chart_of<'a>(state: &'a ChartState, source: Bench) -> Chart<'a, Event> {
    let legend = legend(&source);
    chart::chart(state, Rc::new(source), |event| event).legend(legend)
}

fn framed<'a>(chart: Chart<'a, Event>) -> Element<'a, Event> {
    container(chart)
        .padding(theme::space::S)
        .width(Length::Fill)
        .height(Length::Fill)
        .style(theme::surface)
        .into()
}
