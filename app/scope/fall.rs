//! The waterfall: one spectrum after the other of one field, made as its samples come.

use std::cell::{Cell, RefCell};

use roswave_engine::series::{Position, SeriesId, Store};
use roswave_engine::signal::resample::{Report, Stream};
use roswave_engine::signal::spectrogram::{MAX_CELLS, Mark, Spectrogram, SpectrogramConfig};
use roswave_engine::signal::spectrum::Window;
use roswave_widgets::waterfall::Picture;
use roswave_widgets::{WaterfallSource, format};

use crate::board::SEGMENTS;
use crate::scope::follow::Follow;
use crate::scope::panel::View;

/// Columns that are kept at most: what a graphics card certainly has room for.
const COLUMNS: (usize, usize) = (64, 4096);

/// Segments that fit into what is shown, one behind the other, when nobody says how long they are.
const SEGMENTS_WANTED: f64 = 32.0;

/// Overlap when nobody says how much.
const OVERLAP: f64 = 0.875;

/// Columns within what is shown, at most: more than a screen has pixels for is waste.
const SHOWN_MAX: f64 = 1500.0;

/// The colours go by the levels of about so many values.
const LEVELS: usize = 8192;

/// They are looked at anew after so many columns.
const LEVELS_EVERY: u64 = 16;

/// The ends of the colours are multiples of this, in dB.
const LEVEL_STEP: f64 = 10.0;

/// The lower end of the colours lies at this share of all levels, and so far below the upper end, in dB.
const LOW_SHARE: f64 = 0.05;
const LEVELS_SPAN: (f64, f64) = (20.0, 120.0);

/// All that the spectra were made with.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Settings {
    span_ns: i64,
    segment: Option<usize>,
    overlap: Option<f64>,
    window: Window,
}

/// What is read on.
#[derive(Default)]
struct Reading {
    key: Option<(SeriesId, Settings)>,
    follow: Follow,
    position: Position,
    stream: Stream,
    spectra: Option<Spectrogram>,
    mark: Mark,
    problem: Option<String>,
}

/// What a waterfall keeps.
#[derive(Default)]
pub struct Fall {
    reading: RefCell<Reading>,
    view: Cell<(i64, i64)>,
    version: Cell<u64>,
    generation: Cell<u64>,
    levels: Cell<Option<(f64, f64)>>,
    looked_at: Cell<u64>,
    fixed: Cell<Option<[f64; 2]>>,
    shown_hz: Cell<Option<(f64, f64)>>,
}

impl Fall {
    /// Reads on, at most `most` samples. True when there is something new to see.
    pub fn refresh(&self, store: &Store, view: &View<'_>, most: usize) -> bool {
        let (from, to) = view.window;
        self.view.set((from.0, to.0));
        self.fixed.set(view.spec.levels_db);
        let input = view.inputs.iter().find(|input| input.visible);
        let key = input.and_then(|input| input.series).map(|series| {
            let settings = Settings {
                span_ns: to.since(from).max(1),
                segment: view.spec.segment,
                overlap: view.spec.overlap,
                window: view.spec.window,
            };
            (series, settings)
        });
        let reading = &mut *self.reading.borrow_mut();
        let is_other = reading.key != key;
        if is_other {
            reading.follow = Follow::default();
            reading.key = key;
        }
        let Some((series, settings)) = key else {
            reading.spectra = None;
            return is_other;
        };
        let read_ns = reading.position.time().map(|time| time.0);
        if reading.follow.aim(view.is_still, view.window, read_ns) {
            reading.position = reading.follow.begin();
            reading.stream = Stream::new();
            reading.spectra = None;
            reading.problem = None;
            self.levels.set(None);
            self.renew();
        }
        let read_ns = reading.position.time().map(|time| time.0);
        if !reading.follow.goes_behind(read_ns) {
            return false;
        }
        let stream = &mut reading.stream;
        let came = store.read(series, &mut reading.position, most, |time, value, gap| {
            stream.push(time.0, value, gap);
        });
        let Some(rate_hz) = reading.stream.rate_hz() else {
            return came > 0;
        };
        let is_of_rate = reading
            .spectra
            .as_ref()
            .is_some_and(|spectra| (spectra.config().rate_hz / rate_hz - 1.0).abs() < 1e-9);
        if !is_of_rate && reading.problem.is_none() {
            match Spectrogram::new(config(&settings, rate_hz)) {
                Ok(spectra) => reading.spectra = Some(spectra),
                Err(error) => reading.problem = Some(error.to_string()),
            }
            self.renew();
        }
        let Some(spectra) = &mut reading.spectra else {
            return came > 0;
        };
        reading.stream.drain(|start_ns, values| spectra.push(start_ns, values));
        let news = spectra.since(&mut reading.mark);
        if news.cleared {
            self.renew();
        }
        if !news.columns.is_empty() {
            self.version.set(self.version.get() + 1);
            self.look(spectra);
        }
        came > 0
    }

    /// Everything is to be sent again.
    fn renew(&self) {
        self.generation.set(self.generation.get() + 1);
        self.version.set(self.version.get() + 1);
        self.looked_at.set(0);
    }

    /// Something is to be drawn anew.
    pub fn touch(&self) {
        self.version.set(self.version.get() + 1);
    }

    /// Shows these frequencies; `None` shows all.
    pub fn show_hz(&self, range: Option<(f64, f64)>) {
        self.shown_hz.set(range);
        self.touch();
    }

    /// Lets the colours go by the levels there are, in whole steps and not at every little change.
    fn look(&self, spectra: &Spectrogram) {
        let columns = spectra.range();
        if columns.end < self.looked_at.get() + LEVELS_EVERY && self.levels.get().is_some() {
            return;
        }
        self.looked_at.set(columns.end);
        let count = usize::try_from(columns.end - columns.start).unwrap_or(usize::MAX);
        let stride = (count.saturating_mul(spectra.bins()) / LEVELS).max(1);
        let all = columns
            .filter_map(|index| spectra.column(index))
            .flat_map(|column| column.levels_db);
        let mut levels: Vec<f64> = all
            .step_by(stride)
            .copied()
            .filter(|level| !level.is_nan())
            .map(f64::from)
            .collect();
        levels.sort_unstable_by(f64::total_cmp);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list"
        )]
        let place = (levels.len() as f64 * LOW_SHARE) as usize;
        let (Some(low), Some(high)) = (levels.get(place), levels.last()) else {
            return;
        };
        let high = (high / LEVEL_STEP).ceil() * LEVEL_STEP;
        let low = ((low / LEVEL_STEP).floor() * LEVEL_STEP).clamp(high - LEVELS_SPAN.1, high - LEVELS_SPAN.0);
        let settled = self.levels.get().filter(|(was_low, was_high)| {
            (was_high - high).abs() <= LEVEL_STEP && (was_low - low).abs() <= LEVEL_STEP && high <= *was_high
        });
        self.levels.set(Some(settled.unwrap_or((low, high))));
    }

    /// What there is to know below the picture: how it was made, and how the sampling was treated; else why there is none.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let reading = self.reading.borrow();
        let _ = reading.key?;
        if let Some(problem) = &reading.problem {
            return Some(problem.clone());
        }
        let Some(spectra) = &reading.spectra else {
            return Some("Measuring how evenly the samples come…".to_owned());
        };
        let config = spectra.config();
        #[expect(clippy::cast_precision_loss, reason = "samples of a segment")]
        let (segment, hop) = (config.segment as f64, config.hop as f64);
        let made = format!(
            "{} window, segments of {} ({} per line), a column every {}",
            config.window.name(),
            config.segment,
            format::si_unit(config.rate_hz / segment, "Hz"),
            format::duration(hop / config.rate_hz)
        );
        let sampling = reading.stream.report().map(|report| {
            let rate_hz = reading.stream.measured_rate_hz().unwrap_or(report.rate_hz);
            Report { rate_hz, ..*report }.to_string()
        });
        let sampling = sampling.unwrap_or_default();
        Some(format!("{made}; {sampling}"))
    }

    /// What is seen, for a file; `None` while there is nothing.
    #[must_use]
    pub fn picture(&self) -> Option<Picture> {
        Picture::of(self)
    }
}

/// How spectra are made of samples at a rate, so that what is shown has a sensible number of them.
fn config(key: &Settings, rate_hz: f64) -> SpectrogramConfig {
    #[expect(clippy::cast_precision_loss, reason = "a span of time")]
    let span_s = key.span_ns as f64 * 1e-9;
    let samples = span_s * rate_hz;
    #[expect(clippy::cast_precision_loss, reason = "samples of a segment")]
    let fits = |segment: &&usize| **segment as f64 <= samples / SEGMENTS_WANTED;
    let suited = SEGMENTS.iter().rev().find(fits).unwrap_or(&SEGMENTS[0]);
    let segment = key.segment.unwrap_or(*suited);
    let overlap = key.overlap.unwrap_or(OVERLAP);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "samples of a segment; a cast from a float saturates"
    )]
    let (hop, shown) = {
        let hop = (segment as f64 * (1.0 - overlap))
            .max(samples / SHOWN_MAX)
            .max(1.0)
            .round();
        (hop as usize, (samples / hop).ceil() as usize)
    };
    // As much again is kept beyond the view.
    let columns = shown.saturating_mul(2).clamp(COLUMNS.0, COLUMNS.1);
    SpectrogramConfig {
        rate_hz,
        segment,
        hop,
        columns: columns.min(MAX_CELLS / (segment / 2 + 1)),
        window: key.window,
        ..SpectrogramConfig::default()
    }
}

impl Fall {
    fn with<T>(&self, otherwise: T, ask: impl FnOnce(&Spectrogram) -> T) -> T {
        self.reading.borrow().spectra.as_ref().map_or(otherwise, ask)
    }
}

impl WaterfallSource for Fall {
    fn version(&self) -> u64 {
        self.version.get()
    }

    fn generation(&self) -> u64 {
        self.generation.get()
    }

    fn bins(&self) -> usize {
        self.with(1, Spectrogram::bins)
    }

    fn columns(&self) -> usize {
        self.with(1, |spectra| spectra.config().columns)
    }

    fn tail(&self) -> u64 {
        self.with(0, |spectra| spectra.range().start)
    }

    fn head(&self) -> u64 {
        self.with(0, |spectra| spectra.range().end)
    }

    fn copy(&self, from: u64, to: u64, out: &mut Vec<f32>) {
        self.with((), |spectra| {
            for column in (from..to).filter_map(|index| spectra.column(index)) {
                out.extend_from_slice(column.levels_db);
            }
        });
    }

    fn column_time_ns(&self, index: u64) -> i64 {
        self.with(0, |spectra| spectra.column(index).map_or(0, |column| column.time_ns))
    }

    fn freq_range_hz(&self) -> (f64, f64) {
        let reading = self.reading.borrow();
        let Some(spectra) = &reading.spectra else {
            return (0.0, 1.0);
        };
        // By the rate as it was measured since, which is the more exact one.
        let exact = reading.stream.measured_rate_hz().unwrap_or(spectra.config().rate_hz) / spectra.config().rate_hz;
        (0.0, spectra.freq_hz(spectra.bins() - 1) * exact)
    }

    fn db_range(&self) -> (f32, f32) {
        let (low, high) = match (self.fixed.get(), self.levels.get()) {
            (Some([low, high]), _) | (None, Some((low, high))) => (low, high),
            (None, None) => (-100.0, 0.0),
        };
        #[expect(clippy::cast_possible_truncation, reason = "a level for a colour")]
        let range = (low as f32, high as f32);
        range
    }

    fn view(&self) -> (i64, i64) {
        self.view.get()
    }

    fn shown_hz(&self) -> (f64, f64) {
        self.shown_hz.get().unwrap_or_else(|| self.freq_range_hz())
    }

    fn hop_ns(&self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
        self.with(0, |spectra| spectra.column_ns().round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(span_s: i64, segment: Option<usize>, overlap: Option<f64>) -> Settings {
        Settings {
            span_ns: span_s * 1_000_000_000,
            segment,
            overlap,
            window: Window::default(),
        }
    }

    #[test]
    fn what_is_shown_has_a_sensible_number_of_columns() {
        for (span_s, rate_hz) in [(1, 100.0), (10, 1000.0), (60, 5000.0), (600, 10_000.0)] {
            for segment in [None, Some(64), Some(8192)] {
                for overlap in [None, Some(0.0), Some(0.875)] {
                    let config = config(&settings(span_s, segment, overlap), rate_hz);
                    let shown = span_s as f64 * rate_hz / config.hop as f64;
                    assert!(shown <= SHOWN_MAX + 1.0, "{config:?}");
                    assert!(config.columns as f64 >= shown, "{config:?}");
                    assert!(Spectrogram::new(config).is_ok(), "{config:?}");
                }
            }
        }
        assert_eq!(config(&settings(10, None, None), 1000.0).segment, 256);
        assert_eq!(config(&settings(10, Some(512), Some(0.5)), 1000.0).hop, 256);
    }
}
