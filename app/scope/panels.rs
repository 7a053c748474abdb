//! Panels that are computed, and figures that are saved: what is asked of other threads, and when.

use std::path::{Path, PathBuf};

use iced::Task;
use iced::widget::pane_grid;
use roswave_engine::record::default_name;
use roswave_widgets::{TraceSource as _, figure, theme};

use crate::board::PanelKind;
use crate::scope::analysis::{self, CurveSamples};
use crate::scope::pane::Pane;
use crate::scope::{Action, Message, Notice, Scope};

/// The size of a saved figure, in logical pixels: a page's width at 96 per inch.
const FIGURE_SIZE: iced::Size = iced::Size::new(720.0, 440.0);

/// The fineness of a saved PNG.
const FIGURE_DPI: f32 = 300.0;

impl Scope {
    /// The curves that a chart shows, with their samples.
    fn shown_samples(&self, pane: &Pane) -> Result<Vec<CurveSamples>, String> {
        let (from, to) = pane.source().window();
        let curves = pane.curves().iter().enumerate().filter(|(_, curve)| curve.visible);
        let samples = curves.map(|(index, curve)| {
            let name = curve.recipe.label(true);
            let samples = pane.source().samples(index, from, to, analysis::SAMPLES_MAX);
            let unit = curve.recipe.plain().and_then(|at| self.history.unit(at));
            Ok(CurveSamples {
                samples: samples.ok_or_else(|| format!("{name} has too many samples here: show less time"))?,
                name,
                color: curve.color,
                unit: unit.unwrap_or_default().to_owned(),
            })
        });
        samples.collect()
    }

    /// Computes the panels that are due, on other threads.
    pub(super) fn analyze(&mut self) -> Task<Message> {
        let ids: Vec<pane_grid::Pane> = self.charts.panes().iter().map(|(id, _)| *id).collect();
        let mut tasks = Vec::new();
        for id in ids {
            let Some(pane) = self.charts.panes().get(id) else {
                continue;
            };
            let kind = pane.kind();
            if kind == PanelKind::Curves {
                continue;
            }
            let (from, to) = pane.source().window();
            let still = pane
                .source()
                .is_paused()
                .then(|| (from.0, to.0, pane.source().version()));
            let Some(version) = self
                .charts
                .get_mut(id)
                .and_then(|pane| pane.analysis_mut().begin(still))
            else {
                continue;
            };
            let samples = self.charts.panes().get(id).map(|pane| self.shown_samples(pane));
            match samples {
                Some(Ok(samples)) => tasks.push(Task::perform(
                    async move { analysis::compute(kind, &samples, version) },
                    move |answer| Message::Analyzed(id, answer),
                )),
                Some(Err(error)) => tasks.push(Task::done(Message::Analyzed(id, Err(error)))),
                None => {}
            }
        }
        Task::batch(tasks)
    }

    /// Saves what a chart shows: the figure for paper, and the samples.
    pub(super) fn save_figure(&mut self, id: pane_grid::Pane) -> Action {
        let Some(pane) = self.charts.panes().get(id) else {
            return Action::None;
        };
        let (kind, title) = (pane.kind(), pane.title());
        match self.shown_samples(pane) {
            Ok(samples) => {
                let stem = self.recordings.join(figure_name());
                let save = async move { save_figure(kind, &title, &samples, &stem) };
                Action::Run(Task::perform(save, Message::FigureSaved))
            }
            Err(text) => {
                self.set_notice(Notice { text, details: None });
                Action::None
            }
        }
    }
}

/// Written beside the recordings: `figure_2026_11_25-04_12_33`.
fn figure_name() -> String {
    default_name().replacen("rosbag2", "figure", 1)
}

fn save_figure(kind: PanelKind, title: &str, curves: &[CurveSamples], stem: &Path) -> Result<PathBuf, String> {
    let figure = analysis::compute(kind, curves, 0)?.title(title);
    let write = |extension: &str, bytes: &[u8]| {
        let path = stem.with_extension(extension);
        let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        parent.and_then(|()| std::fs::write(&path, bytes)).map_err(|error| {
            format!(
                "cannot save the figure to {}: {error}; choose another `recordings` directory",
                path.display()
            )
        })
    };
    write(
        "svg",
        figure::export::svg(&figure, FIGURE_SIZE, theme::Mode::Light).as_bytes(),
    )?;
    let png = figure::export::png(
        &figure,
        FIGURE_SIZE,
        figure::export::scale_of(FIGURE_DPI),
        theme::Mode::Light,
    );
    write("png", &png)?;
    write("csv", analysis::csv(curves).as_bytes())?;
    Ok(stem.to_owned())
}
