//! A filter that may have to find its rate first.

use super::error::TransformFault;
use super::{Sample, Sink, seconds};
use crate::signal::filter::{Filter, FilterError, Sos, SosFilter};

/// Samples that a filter without a given rate holds back to measure it.
pub const RATE_SAMPLES: usize = 64;
/// Samples from one end to the other of the stretches that the rate is measured on, the best first.
const LAGS: [usize; 3] = [16, 4, 1];
/// Stretches that a median must be of.
const ENOUGH: usize = 8;
/// A gap of more than so many sample periods may restart a filter.
pub const GAP_PERIODS: f64 = 8.0;
/// A gap of less than this share of a period of the lowest corner does not restart a filter.
const CORNER_SHARE: f64 = 0.1;
/// A pause that was not marked as a gap may be so many times as long: samples that were delayed and then come in a
/// burst must not restart the filter.
const PAUSE: f64 = 10.0;

/// A filter with its rate, or the samples that it is measured from.
#[derive(Debug)]
pub(super) struct Filtered {
    filter: Filter,
    given_hz: Option<f64>,
    running: Option<Running>,
    held: Vec<Sample>,
    fault: Option<TransformFault>,
    /// Samples that did not come out had a gap among them.
    owes_gap: bool,
}

#[derive(Debug)]
struct Running {
    filter: SosFilter,
    before_ns: Option<i64>,
    gap_s: f64,
    /// A gap was marked at a sample that was not finite.
    gap: bool,
}

impl Running {
    fn new(filter: &Filter, rate_hz: f64) -> Result<Self, FilterError> {
        Ok(Self {
            filter: SosFilter::design(filter, rate_hz)?,
            before_ns: None,
            gap_s: (GAP_PERIODS / rate_hz).max(CORNER_SHARE / filter.lowest_hz()),
            gap: false,
        })
    }

    fn push(&mut self, sample: Sample) -> Sample {
        self.gap |= sample.gap;
        if sample.value.is_finite() {
            let marked = std::mem::take(&mut self.gap);
            if let Some(before) = self.before_ns.replace(sample.time_ns) {
                let apart = seconds(before, sample.time_ns);
                let limit = if marked || apart < 0.0 {
                    self.gap_s
                } else {
                    PAUSE * self.gap_s
                };
                if apart.abs() > limit {
                    self.filter.reset();
                }
            }
        }
        Sample {
            value: self.filter.push(sample.value),
            ..sample
        }
    }
}

impl Filtered {
    pub(super) fn new(filter: Filter, rate_hz: Option<f64>) -> Result<Self, FilterError> {
        Ok(Self {
            filter,
            given_hz: rate_hz,
            running: rate_hz.map(|rate| Running::new(&filter, rate)).transpose()?,
            held: Vec::with_capacity(if rate_hz.is_some() { 0 } else { RATE_SAMPLES }),
            fault: None,
            owes_gap: false,
        })
    }

    pub(super) fn filter(&self) -> Filter {
        self.filter
    }

    pub(super) fn sos(&self) -> Option<&Sos> {
        self.running.as_ref().map(|running| running.filter.sos())
    }

    pub(super) fn fault(&self) -> Option<TransformFault> {
        self.fault
    }

    pub(super) fn reset(&mut self) {
        self.held.clear();
        self.fault = None;
        self.owes_gap = false;
        match (&mut self.running, self.given_hz) {
            (Some(running), Some(_)) => {
                running.filter.reset();
                running.before_ns = None;
                running.gap = false;
            }
            (running, _) => *running = None,
        }
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        if let Some(running) = &mut self.running {
            out(running.push(sample));
            return;
        }
        self.held.push(sample);
        if self.held.len() >= RATE_SAMPLES {
            self.start(out);
        }
    }

    pub(super) fn finish(&mut self, out: Sink<'_>) {
        if self.running.is_none() {
            self.start(out);
        }
    }

    /// Measures the rate from what is held back and lets it out; without a usable rate it is given up.
    fn start(&mut self, out: Sink<'_>) {
        match self.measure() {
            Ok(running) => {
                let running = self.running.insert(running);
                self.fault = None;
                for sample in self.held.drain(..) {
                    let gap = sample.gap || std::mem::take(&mut self.owes_gap);
                    out(running.push(Sample { gap, ..sample }));
                }
            }
            Err(fault) => {
                self.fault = Some(fault);
                // What comes next does not follow on what came out before.
                self.owes_gap |= !self.held.is_empty();
                self.held.clear();
            }
        }
    }

    /// The rate from the median distance between samples that are as many places apart as the held ones allow: over 16
    /// samples jitter and bursts even out, of which a median of single spacings would see the shorter ones only.
    fn measure(&self) -> Result<Running, TransformFault> {
        let lags = LAGS.into_iter().filter(|lag| *lag == 1 || self.held.len() >= 4 * lag);
        let period_ns = lags.filter_map(|lag| self.spacing_ns(lag)).next();
        let rate_hz = 1e9 / period_ns.ok_or(TransformFault::Rate)?;
        Running::new(&self.filter, rate_hz).map_err(|error| TransformFault::Filter { rate_hz, error })
    }

    /// The median time per sample over stretches of `lag` samples without a gap within; `None` without enough of them.
    fn spacing_ns(&self, lag: usize) -> Option<f64> {
        let mut spans = [0_i64; RATE_SAMPLES];
        let mut count = 0;
        for stretch in self.held.windows(lag + 1) {
            let span = stretch[lag].time_ns.saturating_sub(stretch[0].time_ns);
            if span > 0 && !stretch[1..].iter().any(|sample| sample.gap) {
                spans[count] = span;
                count += 1;
            }
        }
        if count == 0 || (lag > 1 && count < ENOUGH) {
            return None;
        }
        let spans = &mut spans[..count];
        spans.sort_unstable();
        let median = 0.5 * spans[(count - 1) / 2] as f64 + 0.5 * spans[count / 2] as f64;
        Some(median / lag as f64)
    }
}
