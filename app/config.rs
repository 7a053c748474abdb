//! The configuration file: TOML in `roswave/config.toml` of the configuration directory, or where `--config` says.
//!
//! `assets/config.toml` shows every key with its default.

use std::path::{Path, PathBuf};

use roswave_engine::engine::Measure;
use serde::Deserialize;
use thiserror::Error;

use crate::window::{Settings, ThemeChoice};

/// The settings, with defaults for what the file does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The ROS domain; `None` takes `ROS_DOMAIN_ID`, else 0.
    pub domain: Option<u32>,
    /// What is measured without being asked for.
    pub measure: Measure,
    /// For the window.
    pub window: Settings,
}

/// Why a configuration file cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the configuration {}: {reason}; correct the path or leave out --config", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// It holds something that makes no sense.
    #[error("{}:{line}: {reason}; assets/config.toml shows every key", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    domain: Option<Domain>,
    theme: Theme,
    fps_cap: Option<FrameRate>,
    memory_mib: Option<Memory>,
    measure: Measured,
    recordings: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct Domain(u32);

impl TryFrom<i64> for Domain {
    type Error = String;

    fn try_from(n: i64) -> Result<Self, String> {
        let fits = u32::try_from(n).ok().filter(|n| *n <= 232);
        fits.map(Self)
            .ok_or_else(|| format!("domain = {n} is outside 0 to 232"))
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct FrameRate(u32);

impl TryFrom<i64> for FrameRate {
    type Error = String;

    fn try_from(n: i64) -> Result<Self, String> {
        let fits = u32::try_from(n).ok().filter(|n| (1..=240).contains(n));
        fits.map(Self)
            .ok_or_else(|| format!("fps_cap = {n} is outside 1 to 240"))
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct Memory(u64);

impl TryFrom<i64> for Memory {
    type Error = String;

    fn try_from(n: i64) -> Result<Self, String> {
        let fits = u64::try_from(n).ok().filter(|n| (64..=1 << 20).contains(n));
        fits.map(|n| Self(n << 20))
            .ok_or_else(|| format!("memory_mib = {n} is outside 64 to 1048576"))
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    #[default]
    Dark,
    Light,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Measured {
    #[default]
    All,
    Chosen,
}

impl Config {
    /// Reads `path`, or the user's file when there is one.
    ///
    /// # Errors
    /// When `path` cannot be read, or either holds something that makes no sense.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        if let Some(path) = path {
            return Self::read(path);
        }
        let usual = directories::ProjectDirs::from("", "", "roswave").map(|dirs| dirs.config_dir().join("config.toml"));
        match usual {
            Some(path) if path.exists() => Self::read(&path),
            _ => Ok(Self::default()),
        }
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|reason| ConfigError::Read {
            path: path.to_owned(),
            reason,
        })?;
        Self::parse(&text).map_err(|(line, reason)| ConfigError::Content {
            path: path.to_owned(),
            line,
            reason,
        })
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let file: File = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.get(..start).unwrap_or_default().matches('\n').count();
            (line, error.message().trim().replace('\n', " "))
        })?;
        let usual = Settings::default();
        Ok(Self {
            domain: file.domain.map(|d| d.0),
            measure: match file.measure {
                Measured::All => Measure::All,
                Measured::Chosen => Measure::Chosen,
            },
            window: Settings {
                theme: match file.theme {
                    Theme::Dark => ThemeChoice::Dark,
                    Theme::Light => ThemeChoice::Light,
                },
                fps_cap: file.fps_cap.map(|f| f.0),
                memory_budget_bytes: file.memory_mib.map_or(usual.memory_budget_bytes, |m| m.0),
                recordings: file.recordings,
                ..usual
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_the_default() {
        assert_eq!(
            Config::parse(include_str!("../assets/config.toml")),
            Ok(Config::default())
        );
    }

    #[test]
    fn every_key_is_understood() {
        let text = "domain = 7\ntheme = \"light\"\nfps_cap = 30\nmemory_mib = 128\nmeasure = \"chosen\"\nrecordings = \"/data\"\n";
        let config = Config::parse(text).expect("sound");
        assert_eq!(config.domain, Some(7));
        assert_eq!(config.measure, Measure::Chosen);
        assert_eq!(config.window.theme, ThemeChoice::Light);
        assert_eq!(config.window.fps_cap, Some(30));
        assert_eq!(config.window.memory_budget_bytes, 128 << 20);
        assert_eq!(config.window.recordings, Some("/data".into()));
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_line() {
        for (text, line, word) in [
            ("theme = \"dark\"\nthme = 1\n", 2, "thme"),
            ("\n\ndomain = 300\n", 3, "232"),
            ("fps_cap = \"fast\"\n", 1, "string"),
            ("theme = [\n", 1, ""),
        ] {
            let (at, reason) = Config::parse(text).expect_err("wrong");
            assert!(at >= line && reason.contains(word), "{text:?}: {at}: {reason}");
        }
    }
}
