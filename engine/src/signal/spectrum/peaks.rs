//! The lines of a spectrum.

use serde::{Deserialize, Serialize};

use super::quantity::{Quantity, decibel};
use super::{MAX_PEAKS, Spectrum, SpectrumError, Window};

/// Bins on either side that the noise floor is the median of: as many as the bin has below it, within these. Low bins
/// take fewer, since noise there often rises steeply towards 0 Hz.
const FLOOR_HALF_WIDTH: (usize, usize) = (16, 50);
/// From here on, this many bins share a floor.
const FLOOR_CELL: usize = 16;

/// Which peaks are listed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeakOptions {
    /// How many, the strongest first: 1 to [`MAX_PEAKS`].
    pub most: usize,
    /// Least height above the noise floor around it. A bin of plain noise stands 12 dB above the median of a single
    /// periodogram twice in 100 000 times, and far less often in an average.
    pub above_floor_db: f64,
    /// Least prominence: how far one must go down from it before a higher point is reached.
    pub prominence_db: f64,
}

impl Default for PeakOptions {
    fn default() -> Self {
        Self {
            most: 8,
            above_floor_db: 12.0,
            prominence_db: 6.0,
        }
    }
}

/// A line in a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The bin that holds the maximum.
    pub bin: usize,
    /// Where a parabola through three bins in decibels has its top. The bin itself, when it is next to 0 Hz or to half
    /// the rate, where bins are not alike. For a sine off by less than 0.02 bins; with a flat top, by 0.11.
    pub freq_hz: f64,
    /// The density at the top of the parabola; with a flat top, in the bin. For a sine off by less than 0.3 dB.
    pub psd: f64,
    /// Root mean square of a sine of that height.
    pub rms: f64,
    /// Median of the densities around it.
    pub floor_psd: f64,
    /// Height above that.
    pub above_floor_db: f64,
    /// Height above the higher one of the two lowest points that part it from higher ground, the ends of the spectrum
    /// included: the same as `scipy.signal.peak_prominences` of the decibels.
    pub prominence_db: f64,
}

/// Finds peaks, keeping its memory: a spectrum no longer than an earlier one costs no allocation.
#[derive(Debug)]
pub struct PeakFinder {
    options: PeakOptions,
    levels: Vec<f64>,
    bases: Vec<f64>,
    stack: Vec<(f64, f64)>,
    around: Vec<f64>,
    peaks: Vec<Peak>,
}

impl PeakFinder {
    /// One with these options.
    ///
    /// # Errors
    /// When the number is not 1 to [`MAX_PEAKS`], or a level is negative or not finite.
    pub fn new(options: PeakOptions) -> Result<Self, SpectrumError> {
        let level = |db: f64| db.is_finite() && db >= 0.0;
        let sound =
            (1..=MAX_PEAKS).contains(&options.most) && level(options.above_floor_db) && level(options.prominence_db);
        if !sound {
            return Err(SpectrumError::Peaks {
                most: options.most,
                above_floor_db: options.above_floor_db,
                prominence_db: options.prominence_db,
            });
        }
        Ok(Self {
            options,
            levels: Vec::new(),
            bases: Vec::new(),
            stack: Vec::new(),
            around: Vec::new(),
            peaks: Vec::new(),
        })
    }

    /// The peaks of a spectrum, strongest first. A constant, at 0 Hz, is no peak, nor is rounding noise.
    pub fn find(&mut self, spectrum: &Spectrum) -> &[Peak] {
        self.peaks.clear();
        self.levels.clear();
        // Raised to the rounding noise, what lies below it is flat and has no peaks.
        let raised = |p: &f64| decibel(p.max(spectrum.rounding_psd), 1.0, Quantity::Density);
        self.levels.extend(spectrum.psd.iter().map(raised));
        self.find_bases();

        let mut floor = (usize::MAX, 0.0);
        let mut bin = 1;
        while bin + 1 < self.levels.len() {
            let level = self.levels[bin];
            let mut end = bin;
            while end + 1 < self.levels.len() && self.levels[end + 1] == level {
                end += 1;
            }
            let falls = end + 1 < self.levels.len() && self.levels[end + 1] < level;
            if self.levels[bin - 1] < level && falls {
                // A flat top is one peak, in its middle.
                self.consider(spectrum, usize::midpoint(bin, end), &mut floor);
            }
            bin = end + 1;
        }
        self.peaks
            .sort_unstable_by(|a, b| b.psd.total_cmp(&a.psd).then(a.bin.cmp(&b.bin)));
        self.peaks.truncate(self.options.most);
        &self.peaks
    }

    /// Lists a local maximum if it is one to list. `floor` is the last one computed, with the bin it is for.
    fn consider(&mut self, spectrum: &Spectrum, bin: usize, floor: &mut (usize, f64)) {
        let level = self.levels[bin];
        let prominence_db = level - self.bases[bin];
        if prominence_db < self.options.prominence_db {
            return;
        }
        let shared = if bin < 4 * FLOOR_CELL {
            bin
        } else {
            bin / FLOOR_CELL * FLOOR_CELL + FLOOR_CELL / 2
        };
        if floor.0 != shared {
            *floor = (shared, self.floor(&spectrum.psd, shared).max(spectrum.rounding_psd));
        }
        let above_floor_db = level - decibel(floor.1, 1.0, Quantity::Density);
        if above_floor_db < self.options.above_floor_db {
            return;
        }
        let (offset, mut rise_db) = self.vertex(bin);
        if spectrum.window == Window::FlatTop {
            // Its lines are flat by design, and a parabola would add a tenth of a decibel.
            rise_db = 0.0;
        }
        let psd = spectrum.psd[bin] * 10.0_f64.powf(rise_db / 10.0);
        self.peaks.push(Peak {
            bin,
            freq_hz: (bin as f64 + offset) * spectrum.step_hz(),
            psd,
            rms: (psd * spectrum.enbw_hz).sqrt(),
            floor_psd: floor.1,
            above_floor_db,
            prominence_db,
        });
    }

    /// Where the parabola through a maximum and its neighbours has its top: bins to the right, decibels up.
    fn vertex(&self, bin: usize) -> (f64, f64) {
        if bin < 2 || bin + 2 >= self.levels.len() {
            return (0.0, 0.0);
        }
        let [left, top, right] = [self.levels[bin - 1], self.levels[bin], self.levels[bin + 1]];
        let bend = left - 2.0 * top + right;
        if bend >= 0.0 {
            return (0.0, 0.0);
        }
        let offset = (0.5 * (left - right) / bend).clamp(-0.5, 0.5);
        (offset, -0.25 * (left - right) * offset)
    }

    /// The median of the densities around a bin, 0 Hz left out.
    fn floor(&mut self, psd: &[f64], bin: usize) -> f64 {
        let half = bin.clamp(FLOOR_HALF_WIDTH.0, FLOOR_HALF_WIDTH.1);
        let from = bin.saturating_sub(half).max(1);
        let to = (bin + half + 1).min(psd.len());
        self.around.clear();
        self.around.extend_from_slice(&psd[from.min(to)..to]);
        if self.around.is_empty() {
            return 0.0;
        }
        let middle = self.around.len() / 2;
        *self.around.select_nth_unstable_by(middle, f64::total_cmp).1
    }

    /// Fills `bases` with what the prominence of each bin is counted from: of the two lowest levels between it and
    /// higher ground, one on each side, the higher one.
    fn find_bases(&mut self) {
        self.bases.clear();
        self.bases.resize(self.levels.len(), f64::NEG_INFINITY);
        for backwards in [false, true] {
            // Levels that fall from bottom to top, each with the lowest since the one below it.
            self.stack.clear();
            for step in 0..self.levels.len() {
                let bin = if backwards { self.levels.len() - 1 - step } else { step };
                let level = self.levels[bin];
                let mut lowest = level;
                while let Some((_, low)) = self.stack.pop_if(|(other, _)| *other <= level) {
                    lowest = lowest.min(low);
                }
                self.bases[bin] = self.bases[bin].max(lowest);
                self.stack.push((level, lowest));
            }
        }
    }
}
