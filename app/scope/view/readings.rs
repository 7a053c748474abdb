//! What the cursors read, as a table below the charts.

use iced::widget::{Column, button, column, container, row, scrollable, space as gap};
use iced::{Alignment, Element, Fill};
use roswave_widgets::format as figures;
use roswave_widgets::theme::{self, space};

use crate::scope::measure::Row;
use crate::scope::view::bars::hint;
use crate::scope::view::clipped;
use crate::scope::{Form, Message, Scope};

/// Width of the name of a curve, in logical pixels.
const NAME: f32 = 180.0;

/// Width of a figure, in logical pixels.
const FIGURE: f32 = 60.0;

/// The table is at most this high, in logical pixels.
const MOST_HEIGHT: f32 = 168.0;

/// What is told of each curve.
const COLUMNS: [&str; 13] = [
    "A", "B", "Δ", "Δ per s", "n", "min", "max", "mean", "RMS", "σ", "p-p", "rate Hz", "gaps",
];

impl Scope {
    /// `None` while the two cursors are not there.
    pub(super) fn readings_panel(&self) -> Option<Element<'_, Message>> {
        let [Some(a_ns), Some(b_ns)] = self.charts.cursors() else {
            return None;
        };
        #[expect(clippy::cast_precision_loss, reason = "a distance of cursors")]
        let apart_s = b_ns.saturating_sub(a_ns) as f64 * 1e-9;
        let inverse = (apart_s != 0.0).then(|| figures::si_unit(1.0 / apart_s.abs(), "Hz"));
        let word = |word: &'static str, name: &'static str, message| {
            hint(
                button(theme::note(word))
                    .padding([0.0, space::XS])
                    .style(theme::quiet)
                    .on_press(message),
                name,
            )
        };
        let head = row![
            theme::label("Between the cursors"),
            theme::small_number(format!("Δt {}", figures::si_unit(apart_s, "s"))),
            theme::small_number(format!(
                "1/Δt {}",
                inverse.unwrap_or_else(|| figures::UNKNOWN.to_owned())
            )),
            gap::horizontal(),
            word(
                "copy text",
                "Copy the readings as lines",
                Message::CopyReadings(Form::Text)
            ),
            word(
                "copy CSV",
                "Copy the statistics as comma-separated values",
                Message::CopyReadings(Form::Csv)
            ),
            word("close", "Take the cursors away (c)", Message::ClearCursors),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center);
        let titles = COLUMNS.iter().map(|title| cell(theme::note(*title)));
        let titles = row![gap::horizontal().width(NAME)].extend(titles);
        let rows = self.measures.rows().iter().map(reading);
        let table = column![titles, Column::with_children(rows)].spacing(space::XXS);
        let table = scrollable(table).direction(scrollable::Direction::Both {
            vertical: scrollable::Scrollbar::default(),
            horizontal: scrollable::Scrollbar::default(),
        });

        Some(
            container(column![head, table.width(Fill)].spacing(space::XS))
                .padding([space::XS, space::M])
                .max_height(MOST_HEIGHT)
                .width(Fill)
                .style(theme::surface)
                .into(),
        )
    }
}

fn cell<'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    container(content).width(FIGURE).align_x(Alignment::End).into()
}

fn reading(row: &Row) -> Element<'_, Message> {
    let unit = row.unit.map_or_else(String::new, |unit| format!("  {unit}"));
    let name = theme::note(format!("{}{unit}", row.name)).color(theme::curve(row.color));
    let statistics = row.statistics.as_ref();
    let values = statistics.and_then(|statistics| statistics.values);
    let read = row.reading.as_ref();
    let cells = [
        read.and_then(|reading| reading.a).map(|point| point.value),
        read.and_then(|reading| reading.b).map(|point| point.value),
        read.and_then(|reading| reading.delta),
        read.and_then(|reading| reading.slope_per_s),
    ]
    .map(figures::number);
    let count = |count: Option<u64>| figures::count(count);
    let of_values = [
        values.map(|values| values.min),
        values.map(|values| values.max),
        values.map(|values| values.mean),
        values.map(|values| values.rms),
        values.and_then(|values| values.sigma),
        values.map(|values| values.peak_to_peak),
        statistics.and_then(|statistics| statistics.rate_hz),
    ]
    .map(figures::number);
    let texts = cells
        .into_iter()
        .chain([count(statistics.map(|statistics| statistics.count))])
        .chain(of_values)
        .chain([count(statistics.map(|statistics| statistics.gaps))]);

    iced::widget::Row::new()
        .push(clipped(name, NAME))
        .extend(texts.map(|text| cell(theme::small_number(text))))
        .into()
}
