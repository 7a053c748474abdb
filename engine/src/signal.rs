//! What can be worked out of series: derived series, filters, spectra, statistics, triggers.
//!
//! Rooms in here know numbers and times only. Times are nanoseconds since the Unix epoch.

pub mod align;
pub mod allan;
pub mod expression;
pub mod filter;
pub mod histogram;
pub mod intervals;
pub mod lanes;
pub mod measure;
pub mod recipe;
pub mod resample;
pub mod spectrogram;
pub mod spectrum;
pub mod statistics;
pub mod trail;
pub mod transform;
pub mod trigger;

pub use recipe::{FieldRef, Recipe};
