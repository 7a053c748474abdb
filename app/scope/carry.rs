//! What is carried from one place to another: fields out of the tree, a curve out of a legend, a chart as text.

use std::path::Path;

use iced::widget::{operation, pane_grid};
use roswave_engine::engine::Engine;
use roswave_engine::signal::FieldRef;
use roswave_widgets::drag::Edge;

use crate::board::{Board, CurveSpec};
use crate::scope::palette::Palette;
use crate::scope::{Action, Message, Notice, PALETTE, Scope};

/// What an error in pasted text calls it.
const CLIPBOARD: &str = "clipboard";

/// Charts that one paste adds at most.
const PASTED_MAX: usize = 32;

/// What the pointer carries.
#[derive(Clone, Debug)]
pub(super) enum Carried {
    /// Fields out of the tree.
    Fields(Vec<FieldRef>),
    /// A curve out of the legend of a chart.
    Curve(pane_grid::Pane, CurveSpec),
}

/// Where it is let go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// On a chart.
    On,
    /// Beside one.
    Beside(Edge),
    /// Along X of an XY plot, or along Y.
    Along {
        /// Along X.
        on_x: bool,
    },
}

impl Carried {
    /// What stands at the pointer.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Fields(fields) => match &fields[..] {
                [field] => field.to_string(),
                fields => format!("{} fields", fields.len()),
            },
            Self::Curve(_, curve) => curve.recipe.label(true),
        }
    }
}

impl Scope {
    pub(super) fn carry_fields(&mut self, at: &FieldRef) {
        self.carried = Some(Carried::Fields(self.tree.carried_with(at)));
    }

    pub(super) fn carry_curve(&mut self, pane: pane_grid::Pane, index: usize) {
        let curves = self.charts.panes().get(pane).map(|chart| chart.spec().curves);
        let curve = curves.and_then(|mut curves| (index < curves.len()).then(|| curves.swap_remove(index)));
        self.carried = curve.map(|curve| Carried::Curve(pane, curve));
    }

    /// Lets go of what is carried at a place of a chart.
    pub(super) fn drop_on(&mut self, pane: pane_grid::Pane, place: Place, engine: &Engine) {
        let Some(carried) = self.carried.take() else {
            return;
        };
        let on_x = match place {
            Place::On | Place::Beside(_) => None,
            Place::Along { on_x } => Some(on_x),
        };
        if let Carried::Curve(from, curve) = &carried {
            if *from == pane && matches!(place, Place::On) {
                return;
            }
            if let Some(chart) = self.charts.get_mut(*from)
                && let Some(index) = chart.index_of(&curve.recipe)
            {
                chart.remove_at(index);
            }
        }
        match place {
            Place::Beside(edge) => self.charts.split_beside(pane, edge),
            Place::On | Place::Along { .. } => self.charts.set_focus(pane),
        }
        let pane = self.charts.focus();
        match carried {
            Carried::Fields(fields) => {
                for field in fields {
                    self.put(pane, field, on_x, engine);
                }
            }
            Carried::Curve(_, curve) => {
                if let Some(chart) = self.charts.get_mut(pane) {
                    let recipe = curve.recipe.clone();
                    chart.add_spec(curve);
                    if let (Some(on_x), Some(index)) = (on_x, chart.index_of(&recipe)) {
                        chart.set_on_x(index, on_x);
                    }
                }
            }
        }
        let _ = self.tree.clear_marks();
        self.follow(engine);
    }

    /// The chart with the focus as the text of a board.
    pub(super) fn copied_chart(&self) -> String {
        let chart = self.charts.focused().map(crate::scope::pane::Pane::spec);
        let board = Board {
            charts: chart.into_iter().collect(),
            ..Board::default()
        };
        board.text().unwrap_or_default()
    }

    /// Adds the charts of a board that was copied as text.
    pub(super) fn paste(&mut self, text: Option<&str>, engine: &Engine) {
        let parsed = match text.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Board::parse(text, Path::new(CLIPBOARD)).map_err(|error| error.reason()),
            None => Err("it is empty".to_owned()),
        };
        let board = match parsed {
            Ok(board) if !board.charts.is_empty() => board,
            Ok(_) => return self.cannot_paste("it names no chart"),
            Err(reason) => return self.cannot_paste(&reason),
        };
        for chart in board.charts.iter().take(PASTED_MAX) {
            let empty = self.charts.focused().is_some_and(|chart| chart.curves().is_empty());
            if !empty {
                self.charts.add();
            }
            self.charts.fill_focused(chart);
        }
        self.follow(engine);
        self.charts.bind();
    }

    fn cannot_paste(&mut self, reason: &str) {
        self.set_notice(Notice {
            text: format!("The clipboard holds no chart: {reason}; copy one with Ctrl+C first"),
            details: None,
        });
    }

    pub(super) fn toggle_palette(&mut self) -> Action {
        self.palette = match self.palette.take() {
            Some(_) => None,
            None => Some(Palette::new(&self.snapshot.topics)),
        };
        match self.palette {
            Some(_) => Action::Run(operation::focus::<Message>(PALETTE)),
            None => Action::None,
        }
    }
}
