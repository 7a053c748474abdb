//! What a chart is saved to, beside the recordings: its figure as SVG and PNG, what it shows as a table, and the samples as
//! CSV or Parquet. Nothing of it is written on the thread of the window.

mod page;
mod samples;

use std::path::PathBuf;

use iced::widget::pane_grid;
use iced::{Subscription, Task};
use roswave_engine::clock::Timestamp;
use roswave_engine::export::Format;
use roswave_engine::record::default_name;
use roswave_widgets::WaterfallSource as _;

use crate::board::PanelKind;
use crate::format;
use crate::scope::pane::Pane;
use crate::scope::saving::page::Page;
use crate::scope::{Action, Message, Notice, Scope};

pub use samples::Saves;

/// What of a chart is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The figure as SVG and PNG, and its table as CSV.
    Everything,
    /// The figure in one form.
    Figure(Picture),
    /// What a panel shows, as CSV, where that is something else than samples: states, levels, elements of arrays.
    Table,
    /// Samples of its curves, as they came.
    Samples(Extent, Format),
}

/// The form of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// Lines and text, for print.
    Svg,
    /// Pixels, as fine as print.
    Png,
}

/// Which samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Those in view.
    Shown,
    /// Those between the cursors.
    Selected,
}

/// What a kind shows where that is something else than samples.
#[must_use]
pub fn table_of(kind: PanelKind) -> Option<&'static str> {
    match kind {
        PanelKind::Lanes => Some("States"),
        PanelKind::Waterfall => Some("Levels"),
        PanelKind::Profile => Some("Elements"),
        PanelKind::Curves | PanelKind::Spectrum | PanelKind::Histogram | PanelKind::Allan | PanelKind::Xy => None,
    }
}

/// The names of files that were written: two within a second do not get the same.
#[derive(Debug, Default)]
pub(super) struct Names {
    last: String,
    times: u32,
}

impl Names {
    /// A name without extension: `figure_2026_11_25-04_12_33`, or with `_2` behind it.
    fn fresh(&mut self) -> String {
        self.number(default_name().replacen("rosbag2", "figure", 1))
    }

    fn number(&mut self, name: String) -> String {
        if name == self.last {
            self.times += 1;
            return format!("{name}_{}", self.times);
        }
        self.times = 1;
        self.last.clone_from(&name);
        name
    }
}

impl Scope {
    /// Saves a part of a chart; `None` is the chart with the focus.
    pub(super) fn save(&mut self, id: Option<pane_grid::Pane>, part: Part) -> Action {
        let id = id.unwrap_or(self.charts.focus());
        if let Some(chart) = self.charts.get_mut(id) {
            chart.close_save();
        }
        match part {
            Part::Samples(extent, format) => self.save_samples(id, extent, format),
            Part::Everything | Part::Figure(_) | Part::Table => self.with_page(id, move |page, title, stem| {
                let save = async move { page.save(part, &title, &stem) };
                Task::perform(save, Message::FigureSaved)
            }),
        }
    }

    /// Writes a picture of what a chart shows, so that its path can be copied: the clipboard takes text only.
    pub(super) fn copy_image(&mut self, id: pane_grid::Pane) -> Action {
        self.with_page(id, |page, title, stem| {
            let write = async move { page.picture(&title, &stem) };
            Task::perform(write, Message::ImageWritten)
        })
    }

    fn with_page(
        &mut self,
        id: pane_grid::Pane,
        use_it: impl FnOnce(Page, String, PathBuf) -> Task<Message>,
    ) -> Action {
        let Some(pane) = self.charts.panes().get(id) else {
            return Action::None;
        };
        let title = pane.title();
        let page = match (pane.panel().states(), pane.panel().fall()) {
            (Some(states), _) => Ok(Page::Made(states.figure(), states.csv())),
            (_, Some(fall)) => {
                let page = fall.picture().map(|picture| {
                    let note = fall.note().unwrap_or_default();
                    // How the spectra were made, and on the next line how the samples were treated.
                    let mut notes: Vec<String> = note.splitn(2, "; ").map(str::to_owned).collect();
                    notes.push(format!("from {}", format::time_of_day(picture.view().0)));
                    Page::Fall(Box::new(picture), notes)
                });
                page.ok_or_else(|| "there is no spectrum to save yet: wait until the waterfall shows one".to_owned())
            }
            (None, None) => self.question(pane).map(Page::Asked),
        };
        match page {
            Ok(page) => {
                let stem = self.recordings.join(self.names.fresh());
                Action::Run(use_it(page, title, stem))
            }
            Err(text) => self.refuse(text),
        }
    }

    fn refuse(&mut self, text: String) -> Action {
        self.set_notice(Notice { text, details: None });
        Action::None
    }

    /// The times whose samples are saved, from and to.
    pub(super) fn extent(&self, pane: &Pane, extent: Extent) -> Option<(Timestamp, Timestamp)> {
        match extent {
            Extent::Shown => Some(pane.source().window()),
            Extent::Selected => {
                let [a, b] = self.charts.cursors();
                let (a, b) = (a?, b?);
                Some((Timestamp(a.min(b)), Timestamp(a.max(b))))
            }
        }
    }

    fn save_samples(&mut self, id: pane_grid::Pane, extent: Extent, format: Format) -> Action {
        let Some(pane) = self.charts.panes().get(id) else {
            return Action::None;
        };
        let Some((from, to)) = self.extent(pane, extent) else {
            return self.refuse("put the cursors A and B at both ends of what is to be saved first (a, b)".to_owned());
        };
        let curves = pane.curves().iter().enumerate().filter(|(_, curve)| curve.visible);
        let curves = curves.filter_map(|(index, curve)| {
            Some(samples::Curve {
                series: pane.source().series(index)?,
                name: curve.recipe.label(true),
                unit: self.unit(&curve.recipe).unwrap_or_default(),
            })
        });
        let curves: Vec<samples::Curve> = curves.collect();
        let extension = match format {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        };
        let path = self.recordings.join(self.names.fresh()).with_extension(extension);
        let begun = {
            let store = self.history.store().borrow();
            self.saves.begin(&store, curves, (from, to), path, format)
        };
        match begun {
            Ok(task) => Action::Run(task),
            Err(text) => self.refuse(text),
        }
    }

    /// Reads on for the files that are being written.
    pub(super) fn read_samples(&mut self) {
        self.saves.read(&self.history.store().borrow());
    }

    /// Takes note that a file of samples is done, or why it is not.
    pub(super) fn take_saved(&mut self, number: u64, result: Result<Option<String>, String>) -> Action {
        match self.saves.end(number, result) {
            Ok(Some(text)) => Action::Run(self.show_toast(text)),
            Ok(None) => Action::None,
            Err(text) => self.refuse(text),
        }
    }

    /// Gives up the files of samples that are being written.
    pub(super) fn cancel_saving(&mut self) {
        self.saves.give_up();
    }

    /// Samples that were read for the files that are being written, when that takes long enough to be told.
    #[must_use]
    pub fn saving(&self) -> Option<u64> {
        self.saves.told()
    }

    pub(super) fn saving_subscription(&self) -> Subscription<Message> {
        if self.saves.are_reading() {
            iced::time::every(samples::TICK).map(|_| Message::SamplesRead)
        } else {
            Subscription::none()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_second_are_told_apart() {
        let mut names = Names::default();
        let mut next = |name: &str| names.number(name.to_owned());
        assert_eq!(next("figure_1"), "figure_1");
        assert_eq!(next("figure_1"), "figure_1_2");
        assert_eq!(next("figure_1"), "figure_1_3");
        assert_eq!(next("figure_2"), "figure_2");
        assert_eq!(next("figure_2"), "figure_2_2");
    }
}
