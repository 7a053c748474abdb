//! What a spectrum can be read as, and in which unit.

use serde::{Deserialize, Serialize};

use super::Spectrum;

/// The decibels of zero, and the least that is returned.
pub const FLOOR_DB: f64 = -400.0;

/// What is read off a spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Power per Hz: `scaling='density'` in SciPy. For noise.
    #[default]
    Density,
    /// The square root of it, as noise is given in data sheets.
    AmplitudeDensity,
    /// Power of a sine in the bin: `scaling='spectrum'` in SciPy, the density times the noise bandwidth of the window.
    /// A sine of amplitude A in the middle of a bin reads A²/2. For lines.
    Power,
    /// The square root of it: the root mean square of a sine in the bin.
    Rms,
    /// The amplitude of a sine in the bin: √2 times [`Self::Rms`], except at 0 Hz and half the rate, where they are the same.
    Peak,
}

impl Quantity {
    /// All of them, for lists to choose from.
    pub const ALL: [Self; 5] = [
        Self::Density,
        Self::AmplitudeDensity,
        Self::Power,
        Self::Rms,
        Self::Peak,
    ];

    /// True when it goes with the square of the signal.
    #[must_use]
    pub fn is_power(self) -> bool {
        matches!(self, Self::Density | Self::Power)
    }

    /// The text on its axis for a signal in `unit`: `(m/s²)²/Hz`, `V/√Hz`, `m/s² peak`.
    #[must_use]
    pub fn label(self, unit: &str) -> String {
        let unit = unit.trim();
        let plain = match unit {
            "" => "1",
            unit => unit,
        };
        let grouped = if is_compound(plain) {
            format!("({plain})")
        } else {
            plain.to_owned()
        };
        let squared = if unit.is_empty() {
            grouped.clone()
        } else {
            format!("{grouped}²")
        };
        match self {
            Self::Density => format!("{squared}/Hz"),
            Self::AmplitudeDensity => format!("{grouped}/√Hz"),
            Self::Power => squared,
            Self::Rms => format!("{unit} rms").trim().to_owned(),
            Self::Peak => format!("{unit} peak").trim().to_owned(),
        }
    }

    /// The text on its axis in decibels against a reference in the same quantity: `dB re 1 (m/s²)²/Hz`.
    #[must_use]
    pub fn decibel_label(self, unit: &str, reference: f64) -> String {
        let label = self.label(unit);
        // "1/Hz" is a number of its own already.
        match label.strip_prefix('1').filter(|_| unit.trim().is_empty()) {
            Some(rest) => format!("dB re {reference}{rest}"),
            None => format!("dB re {reference} {label}"),
        }
    }
}

/// True for a unit that needs brackets before it is raised or divided.
fn is_compound(unit: &str) -> bool {
    unit.chars().any(|c| {
        matches!(c, '/' | '·' | '*' | '^' | ' ' | '-' | '√' | '²' | '³' | '⁻' | '¹')
            || c.is_ascii_digit() && unit.len() > 1
    })
}

/// `value` in decibels against `reference`: ten times the logarithm of a power, twenty times that of an amplitude. At
/// least [`FLOOR_DB`]; NaN when the value is NaN or negative or the reference is not finite and above 0.
#[must_use]
pub fn decibel(value: f64, reference: f64, quantity: Quantity) -> f64 {
    if !(value >= 0.0 && reference > 0.0 && reference.is_finite()) {
        return f64::NAN;
    }
    let factor = if quantity.is_power() { 10.0 } else { 20.0 };
    // The difference of logarithms: a quotient could overflow.
    (factor * (value.log10() - reference.log10())).max(FLOOR_DB)
}

impl Spectrum {
    /// One bin read as `quantity`; `None` when there is no such bin.
    #[must_use]
    pub fn value(&self, bin: usize, quantity: Quantity) -> Option<f64> {
        let psd = *self.psd.get(bin)?;
        let power = psd * self.enbw_hz;
        Some(match quantity {
            Quantity::Density => psd,
            Quantity::AmplitudeDensity => psd.sqrt(),
            Quantity::Power => power,
            Quantity::Rms => power.sqrt(),
            Quantity::Peak => (self.peak_factor(bin) * power).sqrt(),
        })
    }

    /// The square of a sine's amplitude over its one-sided power. At both ends a sine has no mirror image, and the
    /// whole of its square stands in the bin.
    fn peak_factor(&self, bin: usize) -> f64 {
        let at_end = bin == 0 || 2 * bin == self.segment;
        if at_end { 1.0 } else { 2.0 }
    }

    /// All bins read as `quantity`, into `out`, which is emptied first.
    pub fn values_into(&self, quantity: Quantity, out: &mut Vec<f64>) {
        out.clear();
        out.extend((0..self.psd.len()).filter_map(|bin| self.value(bin, quantity)));
    }

    /// All bins in decibels against `reference`, given in the same quantity and unit; see [`decibel`].
    pub fn decibels_into(&self, quantity: Quantity, reference: f64, out: &mut Vec<f64>) {
        self.values_into(quantity, out);
        out.iter_mut()
            .for_each(|value| *value = decibel(*value, reference, quantity));
    }
}
