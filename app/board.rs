//! Boards: which charts show which fields, and how they are laid out. Kept as TOML.
//!
//! ```toml
//! name = "Demo robot"
//!
//! [[chart]]
//! title = "Turn rate"
//! window_s = 10
//! curves = ["/imu/data:angular_velocity.x", "/imu/data:angular_velocity.y"]
//!
//! [[chart]]
//! title = "Motor current"
//! y = [-20.0, 20.0]          # without `y` the chart scales itself
//! curves = ["/motor/current:data", "/motor/current:data | lowpass:order=4,corner_hz=50", "= abs(/motor/current:data)"]
//!
//! [[chart]]
//! kind = "xy"                # spectrum, waterfall, histogram, allan, lanes or profile; without `kind` curves over time
//! curves = ["/odom:pose.pose.position.x", "/odom:pose.pose.position.y"]
//! panel = { x = [0], equal = true }
//!
//! [layout]                   # without a layout the charts form a grid
//! split = "rows"             # or "columns"
//! ratio = 0.5
//! first = { chart = 0 }
//! second = { chart = 1 }
//! ```

mod panel;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use roswave_engine::signal::Recipe;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use panel::{ARRAYS_MAX, Between, OVERLAPS, PanelKind, PanelSpec, SEGMENTS};

/// The board of the demo robot.
const DEMO: &str = include_str!("../assets/boards/demo.toml");

/// Shortest and longest time that a chart can show, in seconds.
pub const WINDOW_LIMITS_S: std::ops::RangeInclusive<f64> = 0.1..=600.0;

const DEFAULT_WINDOW_S: f64 = 10.0;
const RATIO_LIMITS: std::ops::RangeInclusive<f32> = 0.02..=0.98;

/// Charts and their layout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// What the title bar says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In the order that the layout counts them, from 0.
    #[serde(default, rename = "chart", skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<ChartSpec>,
    /// How they share the area; `None` is a grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
}

/// One chart of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartSpec {
    /// Above the chart; `None` is made from its curves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it shows of its curves.
    #[serde(default, skip_serializing_if = "PanelKind::is_curves")]
    pub kind: PanelKind,
    /// How much time it shows, in seconds.
    #[serde(default = "default_window")]
    pub window_s: f64,
    /// Lower and upper end of Y; `None` scales itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<[f64; 2]>,
    /// What it draws.
    #[serde(default)]
    pub curves: Vec<Recipe>,
    /// How it shows them, when that is not by curves over time.
    #[serde(default, skip_serializing_if = "PanelSpec::is_default")]
    pub panel: PanelSpec,
}

fn default_window() -> f64 {
    DEFAULT_WINDOW_S
}

impl Default for ChartSpec {
    fn default() -> Self {
        Self {
            title: None,
            kind: PanelKind::Curves,
            window_s: DEFAULT_WINDOW_S,
            y: None,
            curves: Vec::new(),
            panel: PanelSpec::default(),
        }
    }
}

/// How charts share an area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Layout {
    /// The chart with this index.
    Chart {
        /// From 0, in the order of the file.
        chart: usize,
    },
    /// Two parts.
    Split {
        /// Which way.
        split: Split,
        /// The share of the first part.
        ratio: f32,
        /// Left or top.
        first: Box<Layout>,
        /// Right or bottom.
        second: Box<Layout>,
    },
}

/// Which way an area is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// One above the other.
    Rows,
    /// Side by side.
    Columns,
}

/// Why a board could not be used.
#[derive(Debug, Error)]
pub enum BoardError {
    /// The file could not be read.
    #[error("cannot read board file {}: {source}; check the path given to --board", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("cannot save the board to {}: {source}; choose a directory that you may write to", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold a board.
    #[error("board file {}, line {line}: {reason}; mend that line or start without --board", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl Board {
    /// The built-in board of the demo robot.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn demo() -> Self {
        Self::parse(DEMO, Path::new("demo.toml")).expect("the built-in board is a sound board")
    }

    /// Reads a board file.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold a board.
    pub fn load(path: &Path) -> Result<Self, BoardError> {
        let text = fs::read_to_string(path).map_err(|source| BoardError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Writes the board; an existing file is replaced only once the new one is whole.
    ///
    /// # Errors
    /// When the directory or the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), BoardError> {
        let failed = |source| BoardError::Write {
            path: path.to_owned(),
            source,
        };
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory).map_err(failed)?;
        }
        let text = toml::to_string(self).map_err(|e| failed(io::Error::other(e)))?;
        let unfinished = path.with_extension("toml.new");
        fs::write(&unfinished, text).map_err(failed)?;
        fs::rename(&unfinished, path).map_err(failed)
    }

    /// Reads a board from its text; `path` is for the error only.
    ///
    /// # Errors
    /// When the text does not hold a sound board.
    pub fn parse(text: &str, path: &Path) -> Result<Self, BoardError> {
        let wrong = |line, reason| BoardError::Parse {
            path: path.to_owned(),
            line,
            reason,
        };
        let board: Self = toml::from_str(text).map_err(|e| {
            let start = e.span().map_or(0, |span| span.start);
            wrong(line_of(text, start), e.message().replace('\n', ", "))
        })?;
        board
            .check()
            .map_err(|(key, nth, reason)| wrong(line_of_key(text, key, nth), reason))?;
        Ok(board)
    }

    /// What a sound TOML text can still have wrong: the key to point at, which occurrence of it, and the reason.
    fn check(&self) -> Result<(), (&'static str, usize, String)> {
        for (index, chart) in self.charts.iter().enumerate() {
            if !WINDOW_LIMITS_S.contains(&chart.window_s) {
                let reason = format!(
                    "window_s = {} is not between {} and {} seconds",
                    chart.window_s,
                    WINDOW_LIMITS_S.start(),
                    WINDOW_LIMITS_S.end()
                );
                return Err(("[[chart]]", index, reason));
            }
            if let Some([low, high]) = chart.y
                && !(low.is_finite() && high.is_finite() && low < high)
            {
                let reason = format!("y = [{low}, {high}] needs a lower and a higher number");
                return Err(("[[chart]]", index, reason));
            }
            let panel = chart.panel.check(chart.curves.len());
            panel.map_err(|reason| ("[[chart]]", index, reason))?;
        }
        let Some(layout) = &self.layout else {
            return Ok(());
        };
        let mut seen = vec![0_usize; self.charts.len()];
        layout.visit(&mut seen).map_err(|reason| ("[layout", 0, reason))?;
        match seen.iter().position(|count| *count != 1) {
            Some(chart) if seen[chart] == 0 => {
                Err(("[layout", 0, format!("the layout has no place for chart {chart}")))
            }
            Some(chart) => Err(("[layout", 0, format!("the layout names chart {chart} twice"))),
            None => Ok(()),
        }
    }
}

impl Layout {
    fn visit(&self, seen: &mut [usize]) -> Result<(), String> {
        match self {
            Self::Chart { chart } => {
                let there = seen.len();
                let count = seen
                    .get_mut(*chart)
                    .ok_or_else(|| format!("the layout names chart {chart}, but there are {there}, counted from 0"))?;
                *count += 1;
                Ok(())
            }
            Self::Split {
                ratio, first, second, ..
            } => {
                if !RATIO_LIMITS.contains(ratio) {
                    return Err(format!("ratio = {ratio} is not between 0.02 and 0.98"));
                }
                first.visit(seen)?;
                second.visit(seen)
            }
        }
    }

    /// `count` charts as a grid: as many columns as rows, or one fewer.
    #[must_use]
    pub fn grid(count: usize) -> Option<Self> {
        if count == 0 {
            return None;
        }
        let columns = (1..).find(|c| c * (c + 1) >= count).unwrap_or(1);
        let all: Vec<usize> = (0..count).collect();
        let rows_per_column = count.div_ceil(columns);
        let columns = all
            .chunks(rows_per_column)
            .map(|column| {
                Self::line(
                    column.iter().map(|chart| Self::Chart { chart: *chart }).collect(),
                    Split::Rows,
                )
            })
            .collect();
        Some(Self::line(columns, Split::Columns))
    }

    /// Parts of the same size in one line.
    fn line(mut parts: Vec<Self>, split: Split) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a board has few charts")]
        let ratio = 1.0 / parts.len() as f32;
        let first = parts.remove(0);
        if parts.is_empty() {
            return first;
        }
        Self::Split {
            split,
            ratio,
            first: Box::new(first),
            second: Box::new(Self::line(parts, split)),
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

fn line_of_key(text: &str, key: &str, nth: usize) -> usize {
    text.match_indices(key)
        .nth(nth)
        .map_or(1, |(offset, _)| line_of(text, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Board, String> {
        Board::parse(text, Path::new("bench.toml")).map_err(|e| e.to_string())
    }

    #[test]
    fn the_demo_board_is_sound() {
        let board = Board::demo();
        assert!(board.charts.len() >= 4);
        assert!(board.charts.iter().all(|chart| !chart.curves.is_empty()));
        let topics: Vec<&str> = board
            .charts
            .iter()
            .flat_map(|c| &c.curves)
            .flat_map(Recipe::inputs)
            .map(|at| at.topic.as_str())
            .collect();
        for topic in [
            "/imu/data",
            "/joint_states",
            "/motor/current",
            "/odom",
            "/battery_state",
        ] {
            assert!(topics.contains(&topic), "{topic}");
        }
    }

    #[test]
    fn a_board_survives_saving() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("boards/bench.toml");
        let mut board = Board::demo();
        board.charts[0].y = Some([-1.5, 2.0]);
        board.save(&path).expect("saved");
        assert_eq!(Board::load(&path).expect("loaded"), board);
        assert!(!path.with_extension("toml.new").exists());
    }

    #[test]
    fn errors_name_the_file_the_line_and_the_way_out() {
        for (text, line, part) in [
            ("name = 3\n", 1, "string"),
            ("\n\n[[chart]]\ncurves = [\"/imu\"]\n", 4, "names no field"),
            ("[[chart]]\n[[chart]]\nwindow_s = 0\n", 2, "window_s"),
            ("[[chart]]\ny = [1.0, 1.0]\n", 1, "lower"),
            ("[[chart]]\n\n[layout]\nchart = 7\n", 3, "chart 7"),
            ("[[chart]]\n[[chart]]\n[layout]\nchart = 0\n", 3, "no place for chart 1"),
            ("colour = 1\n", 1, "colour"),
            ("[[chart]]\n[[chart]]\npanel = { x = [0] }\n", 2, "x names curve 0"),
            ("[[chart]]\npanel = { segment = 100 }\n", 1, "segment = 100"),
            ("[[chart]]\npanel = { overlap = 2 }\n", 1, "overlap = 2"),
            ("[[chart]]\npanel = { levels_db = [0.0, -1.0] }\n", 1, "levels_db"),
            ("[[chart]]\nkind = \"xyz\"\n", 2, "xyz"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(&format!("bench.toml, line {line}:")), "{error}");
            assert!(error.contains(part), "{error}");
            assert!(error.ends_with("or start without --board"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
        let missing = Board::load(Path::new("/nowhere/board.toml"))
            .expect_err("no file")
            .to_string();
        assert!(missing.contains("/nowhere/board.toml"), "{missing}");
    }

    #[test]
    fn a_grid_holds_every_chart_once() {
        assert_eq!(Layout::grid(0), None);
        for count in 1..12 {
            let mut seen = vec![0; count];
            Layout::grid(count).expect("a layout").visit(&mut seen).expect("sound");
            assert!(seen.iter().all(|n| *n == 1), "{count}: {seen:?}");
        }
    }
}
