//! A waterfall: one spectrum after the other, in a ring of fixed size.
//!
//! Evenly spaced samples are pushed as they come. Every `hop` samples the last `segment` of them become a column of
//! power densities in decibels. Columns are evenly spaced in time, so that they can be drawn as an image:
//!
//! - A **gap** between two pushes drops what was gathered, and columns of NaN stand for the time that is missing, rounded
//!   to whole columns; each column also has its exact time.
//! - When **time goes back**, everything is dropped and [`Mark`]s are told.
//! - A sample that is **not finite**, or beyond [`super::spectrum::MAX_SAMPLE`], makes NaN of the columns whose segment
//!   holds it, and leaves with it.
//!
//! The ring is one slice with a row of bins per column, ready for a texture: [`Spectrogram::since`] says which rows are new.

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::spectrum::{Detrend, Periodogram, Quantity, SpectrumError, Window, check_rate, decibel};

/// Columns that are kept at most.
pub const MAX_COLUMNS: usize = 1 << 14;
/// Values that are kept at most, over all columns: 64 MiB.
pub const MAX_CELLS: usize = 1 << 24;
/// Samples from one column to the next, at most.
pub const MAX_HOP: usize = 1 << 24;
/// A push that begins this many sample intervals away from where the last one ended follows a gap.
const GAP_INTERVALS: f64 = 0.5;

/// What a waterfall is made with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpectrogramConfig {
    /// Rate of the samples.
    pub rate_hz: f64,
    /// Samples that a column is made of.
    pub segment: usize,
    /// Samples from one column to the next: 1 to [`MAX_HOP`]; more than `segment` leaves some out.
    pub hop: usize,
    /// Columns kept: 1 to [`MAX_COLUMNS`].
    pub columns: usize,
    /// What segments are multiplied by.
    pub window: Window,
    /// What is taken off them before.
    pub detrend: Detrend,
}

impl Default for SpectrogramConfig {
    fn default() -> Self {
        Self {
            rate_hz: 1000.0,
            segment: 512,
            hop: 256,
            columns: 512,
            window: Window::default(),
            detrend: Detrend::default(),
        }
    }
}

/// Why there is no waterfall.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SpectrogramError {
    /// A column cannot be made.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// The hop is out of bounds.
    #[error("columns cannot be {hop} samples apart; take 1 to {MAX_HOP}")]
    Hop {
        /// What was asked for, in samples.
        hop: usize,
    },
    /// There are too many columns, or too many values in them.
    #[error(
        "{columns} columns of {bins} values cannot be kept; take 1 to {MAX_COLUMNS} columns and at most {MAX_CELLS} values"
    )]
    Columns {
        /// What was asked for.
        columns: usize,
        /// Values in a column.
        bins: usize,
    },
}

/// How far a reader has come. The default has seen nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    generation: u64,
    written: u64,
}

/// What a reader has not seen yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// True when nothing that the reader has is valid any more.
    pub cleared: bool,
    /// Numbers of the new columns that are still there, oldest first.
    pub columns: Range<u64>,
}

/// A column of a waterfall.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Time of the middle of its segment.
    pub time_ns: i64,
    /// Density per bin in decibels re one unit²/Hz, at least [`super::spectrum::FLOOR_DB`]; all NaN where nothing is known.
    pub levels_db: &'a [f32],
}

/// A waterfall. All memory is allocated when it is made.
#[derive(Debug)]
pub struct Spectrogram {
    config: SpectrogramConfig,
    periodogram: Periodogram,
    /// The newest samples, at most a segment.
    gathered: Vec<f64>,
    /// Samples to leave out before the next one is gathered.
    skip: usize,
    /// When the next sample is due.
    due_ns: Option<i64>,
    levels: Vec<f32>,
    times_ns: Vec<i64>,
    written: u64,
    generation: u64,
}

impl Spectrogram {
    /// An empty one.
    ///
    /// # Errors
    /// When the rate, the segment, the hop or the columns are out of bounds.
    pub fn new(config: SpectrogramConfig) -> Result<Self, SpectrogramError> {
        let SpectrogramConfig {
            rate_hz, hop, columns, ..
        } = config;
        check_rate(rate_hz)?;
        let periodogram = Periodogram::new(config.segment, config.window, config.detrend)?;
        if !(1..=MAX_HOP).contains(&hop) {
            return Err(SpectrogramError::Hop { hop });
        }
        let bins = periodogram.bins();
        if !(1..=MAX_COLUMNS).contains(&columns) || columns * bins > MAX_CELLS {
            return Err(SpectrogramError::Columns { columns, bins });
        }
        Ok(Self {
            periodogram,
            gathered: Vec::with_capacity(config.segment),
            skip: 0,
            due_ns: None,
            levels: vec![f32::NAN; columns * bins],
            times_ns: vec![0; columns],
            written: 0,
            // The mark that has seen nothing is at 0.
            generation: 1,
            config,
        })
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> &SpectrogramConfig {
        &self.config
    }

    /// Values in a column.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.periodogram.bins()
    }

    /// Frequency of a value in a column.
    #[must_use]
    pub fn freq_hz(&self, bin: usize) -> f64 {
        bin as f64 * self.config.rate_hz / self.config.segment as f64
    }

    /// Time from one column to the next.
    #[must_use]
    pub fn column_ns(&self) -> f64 {
        self.config.hop as f64 * self.interval_ns()
    }

    fn interval_ns(&self) -> f64 {
        1e9 / self.config.rate_hz
    }

    /// Drops everything and goes on at another rate.
    ///
    /// # Errors
    /// When the rate is out of bounds.
    pub fn set_rate(&mut self, rate_hz: f64) -> Result<(), SpectrogramError> {
        check_rate(rate_hz)?;
        self.config.rate_hz = rate_hz;
        self.clear();
        Ok(())
    }

    /// Drops everything. Marks are told.
    pub fn clear(&mut self) {
        self.begin_segment();
        self.due_ns = None;
        self.written = 0;
        self.generation += 1;
        self.levels.fill(f32::NAN);
    }

    fn begin_segment(&mut self) {
        self.gathered.clear();
        self.skip = 0;
    }

    /// Takes samples, the first of which was taken at `start_ns`. Allocates nothing.
    pub fn push(&mut self, start_ns: i64, samples: &[f64]) {
        if samples.is_empty() {
            return;
        }
        if let Some(due_ns) = self.due_ns {
            let late = start_ns.saturating_sub(due_ns) as f64 / self.interval_ns();
            if late < -GAP_INTERVALS {
                self.clear();
            } else if late > GAP_INTERVALS {
                self.begin_segment();
                self.fill_gap(start_ns);
            }
        }
        let mut at = 0;
        while at < samples.len() {
            let skipped = self.skip.min(samples.len() - at);
            self.skip -= skipped;
            at += skipped;
            let wanted = self.config.segment - self.gathered.len();
            let taken = wanted.min(samples.len() - at);
            self.gathered.extend_from_slice(&samples[at..at + taken]);
            at += taken;
            if self.gathered.len() == self.config.segment {
                let middle = at as f64 - self.half_segment() - 1.0;
                self.emit(self.after(start_ns, middle));
            }
        }
        self.due_ns = Some(self.after(start_ns, samples.len() as f64));
    }

    /// Intervals from the first sample of a segment to its middle.
    fn half_segment(&self) -> f64 {
        (self.config.segment - 1) as f64 / 2.0
    }

    fn after(&self, time_ns: i64, intervals: f64) -> i64 {
        time_ns.saturating_add((intervals * self.interval_ns()).round() as i64)
    }

    /// Adds the columns that are missing before samples that begin at `start_ns`.
    fn fill_gap(&mut self, start_ns: i64) {
        let Some(last) = self.range().last() else {
            return;
        };
        let last_ns = self.times_ns[self.row(last)];
        let next_ns = self.after(start_ns, self.half_segment());
        let steps = (next_ns.saturating_sub(last_ns) as f64 / self.column_ns()).round();
        // A cast from a float saturates.
        let missing = (steps as u64).saturating_sub(1);
        let kept = missing.min(self.config.columns as u64);
        for k in missing - kept..missing {
            let time_ns = self.after(last_ns, (k + 1) as f64 * self.config.hop as f64);
            let cells = self.next_column(time_ns);
            self.levels[cells].fill(f32::NAN);
        }
    }

    /// Makes room for a column, in place of the oldest; returns where its levels stand.
    fn next_column(&mut self, time_ns: i64) -> Range<usize> {
        let row = self.row(self.written);
        self.written += 1;
        self.times_ns[row] = time_ns;
        self.cells(row)
    }

    fn cells(&self, row: usize) -> Range<usize> {
        row * self.bins()..(row + 1) * self.bins()
    }

    /// Makes a column of the gathered samples.
    fn emit(&mut self, time_ns: i64) {
        let cells = self.next_column(time_ns);
        let levels = &mut self.levels[cells];
        let scale = self.periodogram.density_scale(self.config.rate_hz);
        match self.periodogram.of(&self.gathered) {
            Some(power) => {
                for (level, p) in levels.iter_mut().zip(power) {
                    *level = decibel(p * scale, 1.0, Quantity::Density) as f32;
                }
            }
            None => levels.fill(f32::NAN),
        }
        let SpectrogramConfig { segment, hop, .. } = self.config;
        let _ = self.gathered.drain(..hop.min(segment));
        self.skip = hop.saturating_sub(segment);
    }

    /// The row of [`Self::levels_db`] that a column stands in for as long as it is there.
    #[must_use]
    pub fn row(&self, column: u64) -> usize {
        usize::try_from(column % self.config.columns as u64).expect("below the number of columns")
    }

    /// Numbers of the columns that are there, oldest first. They count on from 0 until everything is dropped.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.written.saturating_sub(self.config.columns as u64)..self.written
    }

    /// A column by its number.
    #[must_use]
    pub fn column(&self, column: u64) -> Option<Column<'_>> {
        if !self.range().contains(&column) {
            return None;
        }
        let row = self.row(column);
        Some(Column {
            time_ns: self.times_ns[row],
            levels_db: &self.levels[self.cells(row)],
        })
    }

    /// The whole ring, a row of [`Self::bins`] per column; NaN where there is no column yet.
    #[must_use]
    pub fn levels_db(&self) -> &[f32] {
        &self.levels
    }

    /// What came since a mark, which is moved on.
    pub fn since(&self, mark: &mut Mark) -> News {
        let cleared = mark.generation != self.generation;
        let seen = if cleared { 0 } else { mark.written };
        *mark = Mark {
            generation: self.generation,
            written: self.written,
        };
        let held = self.range();
        News {
            cleared,
            columns: held.start.max(seen)..held.end,
        }
    }
}
