//! What the cursors read: values at A and B and statistics between them, on the samples as they came.

use iced::Task;
use roswave_engine::clock::Timestamp;
use roswave_engine::signal::measure::{Reading, TimeCursors, measure};
use roswave_engine::signal::statistics::{CSV_HEADER, Statistics};

use crate::scope::charts::Charts;

/// Samples of one curve that are read; more take longer than anybody wants to wait for a cursor.
const SAMPLES_MAX: usize = 4_000_000;

/// The sample at a cursor may be this far away from it.
const REACH_NS: i64 = 1_000_000_000;

/// What is read of one curve.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The number of its colour.
    pub color: usize,
    /// Its unit, when it is known.
    pub unit: Option<&'static str>,
    /// At the cursors; `None` when the range holds too many samples.
    pub reading: Option<Reading>,
    /// Between them.
    pub statistics: Option<Statistics>,
}

/// The readings of the chart with the focus.
#[derive(Debug, Default)]
pub struct Measures {
    asked: u64,
    rows: Vec<Row>,
}

/// Samples on their way to be read.
struct Job {
    row: Row,
    samples: Option<(Vec<i64>, Vec<f64>, Vec<bool>)>,
}

impl Measures {
    /// What was read last.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Reads anew, on another thread. The answer is for [`Measures::accept`].
    pub fn read(
        &mut self,
        charts: &Charts,
        unit: impl Fn(&roswave_engine::signal::Recipe) -> Option<&'static str>,
    ) -> Task<(u64, Vec<Row>)> {
        self.asked += 1;
        let [Some(a_ns), Some(b_ns)] = charts.cursors() else {
            self.rows.clear();
            return Task::none();
        };
        let Some(chart) = charts.focused() else {
            return Task::none();
        };
        let (from, to) = (a_ns.min(b_ns), a_ns.max(b_ns));
        let jobs: Vec<Job> = chart
            .curves()
            .iter()
            .enumerate()
            .map(|(index, curve)| Job {
                row: Row {
                    name: curve.recipe.label(true),
                    color: curve.color,
                    unit: unit(&curve.recipe),
                    reading: None,
                    statistics: None,
                },
                samples: chart.source().samples(
                    index,
                    Timestamp(from.saturating_sub(REACH_NS)),
                    Timestamp(to.saturating_add(REACH_NS)),
                    SAMPLES_MAX,
                ),
            })
            .collect();
        let asked = self.asked;
        Task::perform(
            async move { (asked, jobs.into_iter().map(|job| job.read(a_ns, b_ns)).collect()) },
            std::convert::identity,
        )
    }

    /// Takes an answer, unless a later one was asked for.
    pub fn accept(&mut self, asked: u64, rows: Vec<Row>) {
        if asked == self.asked {
            self.rows = rows;
        }
    }

    /// What is shown, as lines to be copied.
    #[must_use]
    pub fn text(&self, origin_ns: i64) -> String {
        let rows = self.rows.iter().map(|row| {
            let unit = row.unit.unwrap_or_default();
            let reading = row.reading.as_ref().map(|reading| reading.text(unit, origin_ns));
            let statistics = row.statistics.as_ref().map(|s| s.to_text(&row.name, unit));
            [statistics, reading]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join("\n")
        });
        rows.collect::<Vec<_>>().join("\n\n")
    }

    /// The same as a table of comma-separated values.
    #[must_use]
    pub fn csv(&self) -> String {
        let rows = self.rows.iter().filter_map(|row| {
            let statistics = row.statistics.as_ref()?;
            Some(statistics.to_csv_row(&row.name, row.unit.unwrap_or_default()))
        });
        let lines: Vec<String> = std::iter::once(CSV_HEADER.to_owned()).chain(rows).collect();
        lines.join("\n") + "\n"
    }
}

impl Job {
    fn read(self, a_ns: i64, b_ns: i64) -> Row {
        let Self { mut row, samples } = self;
        if let Some((times, values, gaps)) = samples {
            row.reading = Some(measure(&times, &values, TimeCursors { a_ns, b_ns }, None, REACH_NS));
            let (from, to) = (a_ns.min(b_ns), a_ns.max(b_ns));
            let all = times.iter().zip(&values).zip(&gaps);
            let between = all.filter(|((time, _), _)| (from..=to).contains(*time));
            row.statistics = Some(Statistics::of(
                between.map(|((time, value), gap)| (*time, *value, *gap)),
            ));
        }
        row
    }
}
