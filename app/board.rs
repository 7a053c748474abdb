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
//! y = [-20.0, 20.0]          # without `y` the chart scales itself; `log = true` is by decades
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

mod curve;
mod error;
mod layout;
mod panel;
mod trigger;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use roswave_widgets::MOST_AXES;
use serde::{Deserialize, Serialize};

pub use curve::{CurveSpec, Look, Scaling, Side, Style, Width};
pub use error::BoardError;
pub use layout::{Layout, Split};
pub use panel::{ARRAYS_MAX, Between, OVERLAPS, PanelKind, PanelSpec, SEGMENTS};
pub use trigger::TriggerSetup;

/// The board of the demo robot.
const DEMO: &str = include_str!("../assets/boards/demo.toml");

/// Shortest and longest time that a chart can show, in seconds.
pub const WINDOW_LIMITS_S: std::ops::RangeInclusive<f64> = 0.1..=600.0;

const DEFAULT_WINDOW_S: f64 = 10.0;

/// The version of board files that is written, and the newest that is read. A file without one is of the first.
pub const VERSION: i64 = 1;

/// No board is larger, in bytes.
const SIZE_MAX: u64 = 4 << 20;

/// Charts that one tab can have.
const CHARTS_MAX: usize = 256;

/// Charts and their layout.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Of the file; `None` when it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// What the title bar says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The time that messages are drawn at.
    #[serde(default, skip_serializing_if = "Clock::is_usual")]
    pub clock: Clock,
    /// Times are seconds since the start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub since_start: bool,
    /// In the order that the layout counts them, from 0.
    #[serde(default, rename = "chart", skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<ChartSpec>,
    /// How they share the area; `None` is a grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// Further tabs.
    #[serde(default, rename = "tab", skip_serializing_if = "Vec::is_empty")]
    pub tabs: Vec<TabSpec>,
}

/// A further tab of a board.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TabSpec {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In the order that its layout counts them, from 0.
    #[serde(default, rename = "chart", skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<ChartSpec>,
    /// How they share the area; `None` is a grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
}

/// Which of its times a message is drawn at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// When it was written.
    #[default]
    Source,
    /// When it was received.
    Receive,
    /// The stamp of its header.
    Header,
}

impl Clock {
    fn is_usual(&self) -> bool {
        *self == Self::Source
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source time",
            Self::Receive => "receive time",
            Self::Header => "header time",
        })
    }
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
    /// Lower and upper end of the left axis; `None` scales itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<[f64; 2]>,
    /// The left axis is logarithmic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
    /// The other value axes: right, outer left, outer right.
    #[serde(default, rename = "axis", skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<AxisSpec>,
    /// What it draws.
    #[serde(default)]
    pub curves: Vec<CurveSpec>,
    /// What it waits for; `None` scrolls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerSetup>,
    /// How it shows them, when that is not by curves over time.
    #[serde(default, skip_serializing_if = "PanelSpec::is_default")]
    pub panel: PanelSpec,
}

/// A value axis beside the left one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AxisSpec {
    /// Lower and upper end; `None` scales itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<[f64; 2]>,
    /// It is logarithmic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
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
            log: false,
            axes: Vec::new(),
            curves: Vec::new(),
            trigger: None,
            panel: PanelSpec::default(),
        }
    }
}

/// The one thing that every version of the file has.
#[derive(Deserialize)]
struct Versioned {
    version: Option<i64>,
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
        let failed = |source| BoardError::Read {
            path: path.to_owned(),
            source,
        };
        let bytes = fs::metadata(path).map_err(failed)?.len();
        if bytes > SIZE_MAX {
            return Err(BoardError::Large {
                path: path.to_owned(),
                bytes,
                most: SIZE_MAX,
            });
        }
        Self::parse(&fs::read_to_string(path).map_err(failed)?, path)
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
        let text = self.text().map_err(|e| failed(io::Error::other(e)))?;
        let unfinished = path.with_extension("toml.new");
        fs::write(&unfinished, text).map_err(failed)?;
        fs::rename(&unfinished, path).map_err(failed)
    }

    /// The text of its file.
    ///
    /// # Errors
    /// When something in it cannot be written, which no board that was read or built has.
    pub fn text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&Self {
            version: Some(VERSION),
            ..self.clone()
        })
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
        // A newer file may have anything in it: that it is newer is what there is to say.
        if let Ok(Versioned { version: Some(version) }) = toml::from_str(text)
            && version > VERSION
        {
            return Err(BoardError::Newer {
                path: path.to_owned(),
                version,
                newest: VERSION,
            });
        }
        let board: Self = toml::from_str(text).map_err(|e| {
            let start = e.span().map_or(0, |span| span.start);
            wrong(line_of(text, start), e.message().replace('\n', ", "))
        })?;
        board
            .check()
            .map_err(|(key, nth, reason)| wrong(line_of_key(text, key, nth), reason))?;
        // It is a matter of the file.
        Ok(Self { version: None, ..board })
    }

    /// What a sound TOML text can still have wrong: the key to point at, which occurrence of it, and the reason.
    fn check(&self) -> Result<(), Wrong> {
        check(
            &self.charts,
            self.layout.as_ref(),
            ["[[chart]]", "[chart.trigger]", "[layout"],
        )?;
        let keys = ["[[tab.chart]]", "[tab.chart.trigger]", "[tab.layout"];
        let mut before = [0; 3];
        for tab in &self.tabs {
            check(&tab.charts, tab.layout.as_ref(), keys).map_err(|(key, nth, reason)| {
                let place = keys.iter().position(|known| *known == key).unwrap_or(0);
                (key, nth + before.get(place).copied().unwrap_or(0), reason)
            })?;
            let triggers = tab.charts.iter().filter(|chart| chart.trigger.is_some()).count();
            for (sum, count) in before.iter_mut().zip([tab.charts.len(), triggers, 1]) {
                *sum += count;
            }
        }
        Ok(())
    }
}

impl TabSpec {
    /// As a board of its own.
    #[must_use]
    pub fn into_board(self) -> Board {
        Board {
            name: self.name,
            charts: self.charts,
            layout: self.layout,
            ..Board::default()
        }
    }
}

impl From<Board> for TabSpec {
    fn from(board: Board) -> Self {
        Self {
            name: board.name,
            charts: board.charts,
            layout: board.layout,
        }
    }
}

/// The key to point at, which occurrence of it, and what is wrong there.
type Wrong = (&'static str, usize, String);

/// What is wrong with the charts of a board or a tab; the keys are those of charts, of triggers and of the layout.
fn check(
    charts: &[ChartSpec],
    layout: Option<&Layout>,
    [chart_key, trigger_key, layout_key]: [&'static str; 3],
) -> Result<(), Wrong> {
    if charts.len() > CHARTS_MAX {
        let reason = format!("{} charts are more than the {CHARTS_MAX} that fit a tab", charts.len());
        return Err((chart_key, CHARTS_MAX, reason));
    }
    let mut triggers = 0;
    for (index, chart) in charts.iter().enumerate() {
        chart.check().map_err(|reason| (chart_key, index, reason))?;
        if let Some(trigger) = &chart.trigger {
            trigger.check().map_err(|reason| (trigger_key, triggers, reason))?;
            triggers += 1;
        }
    }
    let Some(layout) = layout else {
        return Ok(());
    };
    let mut seen = vec![0_usize; charts.len()];
    layout.visit(&mut seen).map_err(|reason| (layout_key, 0, reason))?;
    match seen.iter().position(|count| *count != 1) {
        Some(chart) if seen.get(chart) == Some(&0) => {
            Err((layout_key, 0, format!("the layout has no place for chart {chart}")))
        }
        Some(chart) => Err((layout_key, 0, format!("the layout names chart {chart} twice"))),
        None => Ok(()),
    }
}

impl ChartSpec {
    fn check(&self) -> Result<(), String> {
        if !WINDOW_LIMITS_S.contains(&self.window_s) {
            return Err(format!(
                "window_s = {} is not between {} and {} seconds",
                self.window_s,
                WINDOW_LIMITS_S.start(),
                WINDOW_LIMITS_S.end()
            ));
        }
        let ranges = std::iter::once(self.y).chain(self.axes.iter().map(|axis| axis.y));
        for [low, high] in ranges.flatten() {
            if !(low.is_finite() && high.is_finite() && low < high) {
                return Err(format!("y = [{low}, {high}] needs a lower and a higher number"));
            }
        }
        self.panel.check(self.curves.len())?;
        if self.axes.len() >= MOST_AXES {
            return Err(format!(
                "a chart has at most {} axes beside the left one",
                MOST_AXES - 1
            ));
        }
        Ok(())
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
