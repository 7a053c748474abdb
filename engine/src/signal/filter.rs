//! IIR filters: Butterworth low-pass, high-pass and band-pass, and a notch, designed as second-order sections and run
//! one sample at a time.
//!
//! The Butterworth designs are the analogue prototype (S. Butterworth, "On the Theory of Filter Amplifiers", 1930)
//! brought to samples by the bilinear transform with prewarped corners, as in A. V. Oppenheim and R. W. Schafer,
//! "Discrete-Time Signal Processing", chapter 7. Their responses equal those of `scipy.signal.butter(..., output='sos',
//! fs=...)`. The notch is that of S. J. Orfanidis, "Introduction to Signal Processing", chapter 11, and of
//! `scipy.signal.iirnotch`.
//!
//! Samples are taken to be evenly spaced. A sample that is not finite yields `NaN` and leaves the filter as it was. A
//! value so large that the arithmetic overflows yields `NaN` as well, and the filter starts anew with the next sample.

mod complex;
mod design;
mod run;
mod sos;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub use run::{SosFilter, Start};
pub use sos::{Section, Sos};

/// The highest order of the Butterworth prototypes.
pub const MAX_ORDER: u8 = 8;
/// The most sections that a filter has: a band-pass of order 8 has 16 poles.
pub const MAX_SECTIONS: usize = 8;
/// How near a corner may come to zero and to the Nyquist rate, and how narrow a band may be, as a share of the sample
/// rate. Nearer, the rounding of the coefficients would move the poles noticeably.
pub const EDGE_SHARE: f64 = 1e-6;
/// Sample rates that a filter is designed for, in Hz.
pub const RATES_HZ: std::ops::RangeInclusive<f64> = 1e-9..=1e12;

/// What a filter does, apart from the rate of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Filter {
    /// Butterworth low-pass: 3 dB down at the corner, `order` times 6 dB per octave above it.
    LowPass {
        /// 1 to [`MAX_ORDER`].
        order: u8,
        /// Where the gain is down by 3 dB.
        corner_hz: f64,
    },
    /// Butterworth high-pass: 3 dB down at the corner, `order` times 6 dB per octave below it.
    HighPass {
        /// 1 to [`MAX_ORDER`].
        order: u8,
        /// Where the gain is down by 3 dB.
        corner_hz: f64,
    },
    /// Butterworth band-pass: 3 dB down at both corners.
    BandPass {
        /// Order of the prototype, 1 to [`MAX_ORDER`]; the filter has twice as many poles.
        order: u8,
        /// The lower corner.
        low_hz: f64,
        /// The upper corner.
        high_hz: f64,
    },
    /// Takes out one frequency.
    Notch {
        /// Where the gain is zero.
        centre_hz: f64,
        /// `centre_hz` over the width between the 3 dB points.
        q: f64,
    },
}

/// Why a filter cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum FilterError {
    /// The sample rate is no rate.
    #[error("the sample rate {rate_hz} Hz is not usable: give a rate from 1e-9 Hz to 1e12 Hz")]
    Rate {
        /// The rate.
        rate_hz: f64,
    },
    /// The order is not offered.
    #[error("order {order} is not offered: choose an order from 1 to {MAX_ORDER}")]
    Order {
        /// The order.
        order: u8,
    },
    /// The corner, or the centre of a notch, is not a frequency.
    #[error("the corner {corner_hz} Hz is not a frequency: give a finite number above 0 Hz and below the Nyquist rate")]
    NotPositive {
        /// The corner.
        corner_hz: f64,
    },
    /// The corner, or the centre of a notch, is beyond what samples of this rate can show.
    #[error(
        "the corner {corner_hz} Hz does not lie below the Nyquist rate {nyquist_hz} Hz, half the sample rate: choose a lower corner"
    )]
    Corner {
        /// The corner.
        corner_hz: f64,
        /// Half the sample rate.
        nyquist_hz: f64,
    },
    /// Rounding would move the corner.
    #[error(
        "the corner {corner_hz} Hz is within a millionth of the sample rate of 0 Hz or of the Nyquist rate {nyquist_hz} Hz, where rounding would move it: choose a corner further inside"
    )]
    Edge {
        /// The corner.
        corner_hz: f64,
        /// Half the sample rate.
        nyquist_hz: f64,
    },
    /// The corners of a band are in the wrong order or coincide.
    #[error(
        "the band from {low_hz} Hz to {high_hz} Hz is empty: the lower corner must lie below the upper one, and that one below the Nyquist rate"
    )]
    Band {
        /// The lower corner.
        low_hz: f64,
        /// The upper corner.
        high_hz: f64,
    },
    /// The band, or the notch, is too narrow or too wide for the rate.
    #[error(
        "a width of {width_hz} Hz is not usable: give one between a millionth of the sample rate and the Nyquist rate {nyquist_hz} Hz"
    )]
    Width {
        /// The width between the 3 dB points.
        width_hz: f64,
        /// Half the sample rate.
        nyquist_hz: f64,
    },
    /// The quality of a notch is not positive.
    #[error("the quality {q} of the notch at {centre_hz} Hz is not usable: give a finite number above 0, such as 30")]
    Quality {
        /// The centre.
        centre_hz: f64,
        /// The quality.
        q: f64,
    },
}

impl Filter {
    /// The order of the prototype; that of a notch is 2.
    #[must_use]
    pub fn order(&self) -> u8 {
        match *self {
            Self::LowPass { order, .. } | Self::HighPass { order, .. } | Self::BandPass { order, .. } => order,
            Self::Notch { .. } => 2,
        }
    }

    /// The lowest corner, or the centre of a notch, in Hz.
    #[must_use]
    pub fn lowest_hz(&self) -> f64 {
        match *self {
            Self::LowPass { corner_hz, .. } | Self::HighPass { corner_hz, .. } => corner_hz,
            Self::BandPass { low_hz, .. } => low_hz,
            Self::Notch { centre_hz, .. } => centre_hz,
        }
    }

    /// Looks at what can be judged without the sample rate.
    ///
    /// # Errors
    /// When the order is not offered, or a corner, a band or a quality cannot be at any rate.
    pub fn check(&self) -> Result<(), FilterError> {
        let positive = |corner_hz: f64| {
            if corner_hz.is_finite() && corner_hz > 0.0 {
                Ok(())
            } else {
                Err(FilterError::NotPositive { corner_hz })
            }
        };
        let order = self.order();
        if !(1..=MAX_ORDER).contains(&order) {
            return Err(FilterError::Order { order });
        }
        match *self {
            Self::LowPass { corner_hz, .. } | Self::HighPass { corner_hz, .. } => positive(corner_hz),
            Self::BandPass { low_hz, high_hz, .. } => {
                positive(low_hz)?;
                positive(high_hz)?;
                if low_hz < high_hz {
                    Ok(())
                } else {
                    Err(FilterError::Band { low_hz, high_hz })
                }
            }
            Self::Notch { centre_hz, q } => {
                positive(centre_hz)?;
                if q.is_finite() && q > 0.0 {
                    Ok(())
                } else {
                    Err(FilterError::Quality { centre_hz, q })
                }
            }
        }
    }

    /// Designs the filter for samples that come at `rate_hz`.
    ///
    /// # Errors
    /// As for [`check`](Self::check), and when a corner or a width does not fit between 0 Hz and the Nyquist rate.
    pub fn design(&self, rate_hz: f64) -> Result<Sos, FilterError> {
        self.check()?;
        if !RATES_HZ.contains(&rate_hz) {
            return Err(FilterError::Rate { rate_hz });
        }
        let nyquist_hz = rate_hz / 2.0;
        let edge_hz = rate_hz * EDGE_SHARE;
        let inside = |corner_hz: f64| {
            if corner_hz >= nyquist_hz {
                Err(FilterError::Corner { corner_hz, nyquist_hz })
            } else if corner_hz < edge_hz || corner_hz > nyquist_hz - edge_hz {
                Err(FilterError::Edge { corner_hz, nyquist_hz })
            } else {
                Ok(corner_hz / rate_hz)
            }
        };
        let width = |width_hz: f64| {
            if (edge_hz..nyquist_hz).contains(&width_hz) {
                Ok(width_hz / rate_hz)
            } else {
                Err(FilterError::Width { width_hz, nyquist_hz })
            }
        };
        let mut sos = Sos::empty(rate_hz);
        match *self {
            Self::LowPass { order, corner_hz } => design::low_pass(&mut sos, order, inside(corner_hz)?),
            Self::HighPass { order, corner_hz } => design::high_pass(&mut sos, order, inside(corner_hz)?),
            Self::BandPass { order, low_hz, high_hz } => {
                let (low, high) = (inside(low_hz)?, inside(high_hz)?);
                design::band_pass(&mut sos, order, low, high, width(high_hz - low_hz)?);
            }
            Self::Notch { centre_hz, q } => design::notch(&mut sos, inside(centre_hz)?, width(centre_hz / q)?),
        }
        Ok(sos)
    }
}
