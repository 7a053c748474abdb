//! Runs sections over samples.

use super::sos::Sos;
use super::{Filter, FilterError, MAX_SECTIONS};

/// Smaller than anything that matters, and far larger than the numbers that processors are slow with.
const NOTHING: f64 = 1e-280;

/// How a filter begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// As if all samples before the first one were 0.
    Rest,
    /// As if all samples before the first one had its value: a constant passes, or is blocked, from the beginning on.
    #[default]
    Settled,
}

/// A filter at work: sections in direct form II transposed.
#[derive(Clone, Debug)]
pub struct SosFilter {
    sos: Sos,
    start: Start,
    running: bool,
    state: [[f64; 2]; MAX_SECTIONS],
}

impl SosFilter {
    /// A filter that has seen nothing.
    #[must_use]
    pub fn new(sos: Sos, start: Start) -> Self {
        Self {
            sos,
            start,
            running: false,
            state: [[0.0; 2]; MAX_SECTIONS],
        }
    }

    /// Designs a filter that starts settled.
    ///
    /// # Errors
    /// As for [`Filter::design`].
    pub fn design(filter: &Filter, rate_hz: f64) -> Result<Self, FilterError> {
        Ok(Self::new(filter.design(rate_hz)?, Start::Settled))
    }

    /// The sections.
    #[must_use]
    pub fn sos(&self) -> &Sos {
        &self.sos
    }

    /// Forgets all samples; the next one is the first.
    pub fn reset(&mut self) {
        self.running = false;
        self.state = [[0.0; 2]; MAX_SECTIONS];
    }

    /// Brings every section to where a constant `value` would have brought it.
    fn settle(&mut self, value: f64) {
        let mut input = value;
        for (section, state) in self.sos.sections().iter().zip(&mut self.state) {
            let output = section.gain_at_rest() * input;
            let older = section.b[2] * input - section.a[1] * output;
            *state = [section.b[1] * input - section.a[0] * output + older, older];
            input = output;
        }
    }

    /// Takes a sample and yields the filtered one. `NaN` for a sample that is not finite, which changes nothing, and
    /// for one that overflows the arithmetic, after which the filter starts anew.
    pub fn push(&mut self, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        if !self.running {
            self.running = true;
            if self.start == Start::Settled {
                self.settle(value);
            }
        }
        let mut signal = value;
        for (section, state) in self.sos.sections().iter().zip(&mut self.state) {
            let [b0, b1, b2] = section.b;
            let [a1, a2] = section.a;
            let output = b0 * signal + state[0];
            let newer = b1 * signal - a1 * output + state[1];
            let older = b2 * signal - a2 * output;
            // What rings out would otherwise pass through subnormal numbers, at a hundred times the cost.
            *state = if newer.abs() + older.abs() < NOTHING {
                [0.0; 2]
            } else {
                [newer, older]
            };
            signal = output;
        }
        if !signal.is_finite() {
            self.reset();
            return f64::NAN;
        }
        signal
    }
}
