//! What can be wrong with a transform: as it is written, and as it runs.

use thiserror::Error;

use super::spec::{MAX_STAGES, NAMES};
use crate::signal::filter::FilterError;

/// Why a text or a list of parameters is not a transform.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum TransformError {
    /// Nothing is written.
    #[error("a transform is missing; write one such as `lowpass:order=4,corner_hz=50`, and `|` between several")]
    Empty,
    /// The text is too long to be a chain.
    #[error("the text of a chain has at most {most} bytes, this one has {length}: shorten it")]
    TooLong {
        /// Bytes that it has.
        length: usize,
        /// Bytes that it may have.
        most: usize,
    },
    /// There are too many transforms in a row.
    #[error("a chain has at most {MAX_STAGES} transforms, this one has {count}: take some out")]
    TooMany {
        /// Transforms in the chain.
        count: usize,
    },
    /// The first word is no transform.
    #[error("`{word}` is not a transform; allowed are {NAMES}")]
    Name {
        /// The word.
        word: String,
    },
    /// A parameter that this transform does not have.
    #[error("`{transform}` has no parameter `{word}`; allowed are {allowed}")]
    Parameter {
        /// The transform.
        transform: &'static str,
        /// The word.
        word: String,
        /// The parameters that it has.
        allowed: String,
    },
    /// A part that is not `name=value`.
    #[error("`{word}` in `{transform}` is not a parameter; write `name=value`, allowed names are {allowed}")]
    Pair {
        /// The transform.
        transform: &'static str,
        /// The part.
        word: String,
        /// The parameters that it has.
        allowed: String,
    },
    /// A parameter stands there more than once.
    #[error("`{transform}` has `{parameter}` twice; keep one of them")]
    Twice {
        /// The transform.
        transform: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter is missing.
    #[error("`{transform}` needs `{parameter}`; allowed is {allowed}")]
    Missing {
        /// The transform.
        transform: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// The value of a parameter is not one that it may have.
    #[error("`{word}` is not allowed for `{parameter}` of `{transform}`; allowed is {allowed}")]
    Value {
        /// The transform.
        transform: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// The value.
        word: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// A filter cannot be.
    #[error("`{transform}` cannot be designed: {error}")]
    Filter {
        /// The transform.
        transform: &'static str,
        /// Why.
        error: FilterError,
    },
}

/// What keeps a running transform from doing its work.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum TransformFault {
    /// The times of the samples give no rate.
    #[error("the times of the samples do not advance, so that the filter finds no rate: give it `rate_hz`")]
    Rate,
    /// The filter does not fit the rate that was measured. It looks again with the next samples.
    #[error("the filter does not fit the measured rate of {rate_hz:.3} Hz: {error}")]
    Filter {
        /// What was measured.
        rate_hz: f64,
        /// Why it does not fit.
        error: FilterError,
    },
    /// More samples lie within the window than it can hold.
    #[error("the window of {window_s} s holds only the newest {samples} samples: choose a shorter one")]
    Full {
        /// Length of the window.
        window_s: f64,
        /// Samples that it holds.
        samples: usize,
    },
}
