//! A waterfall as a figure for paper.

use iced::Size;

use super::columns::{self, Columns, Line};
use super::frequency::{self, Frequencies};
use super::{ColorMap, FrequencyScale, WaterfallSource};
use crate::figure::export::{self, Levels, Raster};
use crate::figure::{Axis, Figure, Scale};
use crate::theme::Mode;
use crate::timeline::Timeline;

/// Pixels of the spectra: fine enough for a page's width in print.
const PIXELS: (u32, u32) = (1600, 800);

/// What is seen of a waterfall, with the levels themselves: it can be drawn on another thread, when the source has long
/// gone on.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    view: (i64, i64),
    times_ns: Vec<i64>,
    bins: usize,
    /// Column by column.
    levels: Vec<f32>,
    hop_ns: i64,
    freq_range_hz: (f64, f64),
    shown_hz: (f64, f64),
    db_range: (f32, f32),
    map: ColorMap,
    scale: FrequencyScale,
}

impl Picture {
    /// Takes what is seen of a source; `None` when that is nothing.
    #[must_use]
    pub fn of(source: &dyn WaterfallSource) -> Option<Self> {
        let view = source.view();
        let Columns { first, places, .. } = Columns::new(source, Timeline::new(view));
        if places.is_empty() {
            return None;
        }
        let end = first + places.len() as u64;
        let mut levels = Vec::with_capacity(places.len() * source.bins());
        source.copy(first, end, &mut levels);
        Some(Self {
            view,
            times_ns: (first..end).map(|index| source.column_time_ns(index)).collect(),
            bins: source.bins(),
            levels,
            hop_ns: source.hop_ns(),
            freq_range_hz: source.freq_range_hz(),
            shown_hz: source.shown_hz(),
            db_range: source.db_range(),
            map: ColorMap::default(),
            scale: FrequencyScale::default(),
        })
    }

    /// Sets the colours of the levels.
    #[must_use]
    pub fn color_map(mut self, map: ColorMap) -> Self {
        self.map = map;
        self
    }

    /// Sets how frequencies are laid out.
    #[must_use]
    pub fn frequency_scale(mut self, scale: FrequencyScale) -> Self {
        self.scale = scale;
        self
    }

    /// The spectra within the view: their times and their levels in dB.
    pub fn spectra(&self) -> impl Iterator<Item = (i64, &[f32])> {
        let (from, to) = self.view;
        let columns = self.levels.chunks_exact(self.bins.max(1));
        let columns = self.times_ns.iter().copied().zip(columns);
        columns.filter(move |(time_ns, _)| (from..=to).contains(time_ns))
    }

    /// The frequency of each value of a column, in Hz.
    pub fn frequencies_hz(&self) -> impl Iterator<Item = f64> {
        let (first, last) = self.freq_range_hz;
        let step = (last - first) / self.bins.saturating_sub(1).max(1) as f64;
        (0..self.bins).map(move |bin| first + step * bin as f64)
    }

    /// As an SVG document of a size in logical pixels, see [`export::svg`].
    #[must_use]
    pub fn svg(&self, title: &str, notes: &[String], size: Size, mode: Mode) -> String {
        export::svg_over(&self.figure(title, notes), &self.raster(), size, mode)
    }

    /// As a PNG of a size in logical pixels times `scale`, see [`export::png`].
    #[must_use]
    pub fn png(&self, title: &str, notes: &[String], size: Size, scale: f32, mode: Mode) -> Vec<u8> {
        export::png_over(&self.figure(title, notes), &self.raster(), size, scale, mode)
    }

    fn frequencies(&self) -> Frequencies {
        Frequencies::new(self.scale, self.shown_hz, self.freq_range_hz, self.bins)
    }

    /// What is around the spectra.
    fn figure(&self, title: &str, notes: &[String]) -> Figure {
        let frequencies = self.frequencies();
        let span_s = Timeline::new(self.view).span_ns() as f64 * 1e-9;
        let mut y = Axis::linear("Frequency").unit("Hz");
        y.scale = match self.scale {
            FrequencyScale::Linear => Scale::Linear,
            FrequencyScale::Log => Scale::Log,
        };
        let figure = Figure::new(
            0,
            Axis::linear("Time").unit("s").range(0.0, span_s),
            y.range(frequencies.low_hz, frequencies.high_hz),
        );
        notes.iter().fold(figure.title(title), Figure::note)
    }

    /// The spectra as pixels: the highest level of what lies in each.
    fn raster(&self) -> Raster {
        let (low, high) = self.db_range;
        let levels = Levels {
            unit: "dB".to_owned(),
            low: f64::from(low),
            high: f64::from(high),
            colors: self.map.table().to_vec(),
        };
        let (width, height) = PIXELS;
        let shown = self.levels_of(width, height);
        let span = (high - low).max(f32::MIN_POSITIVE);
        Raster::new(width, height, levels, |x, y| {
            let level = shown.get(x as usize)?.get(y as usize).copied()?;
            (!level.is_nan()).then(|| self.map.color((level - low) / span))
        })
    }

    /// The levels of a picture so many pixels wide and high: column by column, the upper one first. Columns without any are
    /// empty.
    fn levels_of(&self, width: u32, height: u32) -> Vec<Vec<f32>> {
        let columns = Columns::new(self, Timeline::new(self.view));
        let frequencies = self.frequencies();
        let edge = |row: u32| frequencies.bin(frequencies.hz(1.0 - f64::from(row) / f64::from(height)));
        let column = |index: u64| {
            let begin = usize::try_from(index).unwrap_or(usize::MAX).saturating_mul(self.bins);
            self.levels
                .get(begin..begin.saturating_add(self.bins))
                .unwrap_or_default()
        };
        let row_of = |column: &[f32], row: u32| frequency::level(column, edge(row + 1), edge(row));
        let mut shown = vec![Vec::new(); width as usize];
        for (x, line) in columns::lines(&columns, width) {
            let Some(place) = shown.get_mut(x as usize) else {
                continue;
            };
            *place = match line {
                Line::Gap => continue,
                Line::Peak { column: first, count } => (0..height)
                    .map(|row| {
                        let levels = (first..first + count).map(|index| row_of(column(index), row));
                        // `max` leaves out what is NaN.
                        levels.fold(f32::NAN, f32::max)
                    })
                    .collect(),
                Line::Between {
                    column: before,
                    fraction,
                } => (0..height)
                    .map(|row| {
                        let levels = [before, before + 1].map(|index| row_of(column(index), row));
                        frequency::between(levels[0], levels[1], fraction)
                    })
                    .collect(),
            };
        }
        shown
    }
}

impl WaterfallSource for Picture {
    fn version(&self) -> u64 {
        0
    }

    fn generation(&self) -> u64 {
        0
    }

    fn bins(&self) -> usize {
        self.bins
    }

    fn columns(&self) -> usize {
        self.times_ns.len()
    }

    fn tail(&self) -> u64 {
        0
    }

    fn head(&self) -> u64 {
        self.times_ns.len() as u64
    }

    fn copy(&self, from: u64, to: u64, out: &mut Vec<f32>) {
        let place = |index: u64| usize::try_from(index).unwrap_or(usize::MAX).saturating_mul(self.bins);
        out.extend_from_slice(self.levels.get(place(from)..place(to)).unwrap_or_default());
    }

    fn column_time_ns(&self, index: u64) -> i64 {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        self.times_ns.get(place).copied().unwrap_or(0)
    }

    fn freq_range_hz(&self) -> (f64, f64) {
        self.freq_range_hz
    }

    fn db_range(&self) -> (f32, f32) {
        self.db_range
    }

    fn view(&self) -> (i64, i64) {
        self.view
    }

    fn shown_hz(&self) -> (f64, f64) {
        self.shown_hz
    }

    fn hop_ns(&self) -> i64 {
        self.hop_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten columns a tenth of a second apart, the sixth missing; in each the bin of its number stands out.
    fn picture() -> Picture {
        let numbers: Vec<i64> = (0..10).filter(|number| *number != 5).collect();
        let level = |column: i64, bin: i64| if bin == column { 0.0 } else { -80.0 };
        Picture {
            view: (0, 1_000_000_000),
            times_ns: numbers.iter().map(|number| 50_000_000 + number * 100_000_000).collect(),
            bins: 11,
            levels: numbers
                .iter()
                .flat_map(|column| (0..11).map(move |bin| level(*column, bin)))
                .collect(),
            hop_ns: 100_000_000,
            freq_range_hz: (0.0, 500.0),
            shown_hz: (0.0, 500.0),
            db_range: (-80.0, 0.0),
            map: ColorMap::default(),
            scale: FrequencyScale::default(),
        }
    }

    #[test]
    fn each_level_stands_at_its_time_and_frequency_and_a_gap_stays_empty() {
        let picture = picture();
        let shown = picture.levels_of(100, 110);
        for (number, x) in (0..10).map(|number| (number, 5 + number * 10)) {
            if number == 5 {
                assert!(shown[x].is_empty(), "nothing is known at {x}");
                continue;
            }
            let highest = (0..110)
                .max_by(|a, b| shown[x][*a].total_cmp(&shown[x][*b]))
                .expect("a row");
            let hz = 500.0 * (1.0 - (highest as f64 + 0.5) / 110.0);
            assert!(
                (hz - 50.0 * number as f64).abs() <= 26.0,
                "column {number} peaks at {hz} Hz"
            );
        }
        assert_eq!(picture.spectra().count(), 9);
        assert_eq!(picture.frequencies_hz().nth(3), Some(150.0));
    }

    #[test]
    fn a_file_has_the_spectra_their_axes_and_the_scale_of_the_colours() {
        let picture = picture();
        let notes = ["hann window".to_owned()];
        let svg = picture.svg("/imu & more", &notes, Size::new(480.0, 320.0), Mode::Light);
        for part in [
            "<title>/imu &amp; more</title>",
            "Time (s)",
            "Frequency (Hz)",
            "dB",
            "-80",
            "hann window",
            "<image ",
            "data:image/png;base64,iVBOR",
        ] {
            assert!(svg.contains(part), "{part} is in the file");
        }
        assert!(!svg.contains("No data"));

        let png = picture.png("/imu", &notes, Size::new(480.0, 320.0), 1.0, Mode::Light);
        let mut reader = png::Decoder::new(png.as_slice()).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size()];
        let frame = reader.next_frame(&mut bytes).expect("a picture");
        assert_eq!((frame.width, frame.height), (480, 320));
        let [r, g, b, _] = ColorMap::default().color(0.0).into_rgba8();
        let (pixels, _) = bytes.as_chunks::<3>();
        let low = pixels.iter().filter(|pixel| **pixel == [r, g, b]).count();
        assert!(
            low > 480 * 320 / 4,
            "most of the plot has the colour of the lowest level: {low}"
        );
    }

    #[test]
    fn a_waterfall_without_spectra_has_no_picture() {
        let mut picture = picture();
        picture.times_ns.clear();
        picture.levels.clear();
        assert_eq!(Picture::of(&picture), None);
    }
}
