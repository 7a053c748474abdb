//! One transform at work.

use super::difference::{Count, Derivative, Integral, Interval, Threshold, Unwrap};
use super::error::{TransformError, TransformFault};
use super::filtered::Filtered;
use super::hampel::Hampel;
use super::median::Median;
use super::spec::TransformSpec;
use super::windowed::{Detrend, Moments};
use super::{Sample, Sink};
use crate::signal::filter::{Filter, Sos};

#[derive(Debug)]
pub(super) enum Stage {
    Absolute,
    Scale { gain: f64, bias: f64 },
    Count(Count),
    Interval(Interval),
    Derivative(Derivative),
    Integral(Integral),
    Threshold(Threshold),
    Unwrap(Unwrap),
    Moments(Moments),
    Detrend(Detrend),
    Median(Median),
    Hampel(Hampel),
    Filter(Box<Filtered>),
}

impl Stage {
    pub(super) fn new(spec: &TransformSpec) -> Result<Self, TransformError> {
        spec.check()?;
        Ok(match *spec {
            TransformSpec::Absolute => Self::Absolute,
            TransformSpec::Average(window) => Self::Moments(Moments::average(window)),
            TransformSpec::Count => Self::Count(Count::default()),
            TransformSpec::Derivative => Self::Derivative(Derivative::default()),
            TransformSpec::Detrend { window, trend } => Self::Detrend(Detrend::new(window, trend)),
            TransformSpec::Filter { filter, rate_hz } => {
                let filtered = Filtered::new(filter, rate_hz).map_err(|error| TransformError::Filter {
                    transform: spec.name(),
                    error,
                })?;
                Self::Filter(Box::new(filtered))
            }
            TransformSpec::Hampel { samples, sigmas } => Self::Hampel(Hampel::new(samples, sigmas)),
            TransformSpec::Integral => Self::Integral(Integral::default()),
            TransformSpec::Interval => Self::Interval(Interval::default()),
            TransformSpec::Median(window) => Self::Median(Median::new(window)),
            TransformSpec::Rms(window) => Self::Moments(Moments::rms(window)),
            TransformSpec::Scale { gain, bias } => Self::Scale { gain, bias },
            TransformSpec::Threshold { level, hysteresis } => Self::Threshold(Threshold::new(level, hysteresis)),
            TransformSpec::Unwrap { period } => Self::Unwrap(Unwrap::new(period)),
            TransformSpec::Variance(window) => Self::Moments(Moments::variance(window)),
        })
    }

    pub(super) fn push(&mut self, sample: Sample, out: Sink<'_>) {
        match self {
            Self::Absolute => out(Sample {
                value: sample.value.abs(),
                ..sample
            }),
            Self::Scale { gain, bias } => out(Sample {
                value: sample.value * *gain + *bias,
                ..sample
            }),
            Self::Count(stage) => stage.push(sample, out),
            Self::Interval(stage) => stage.push(sample, out),
            Self::Derivative(stage) => stage.push(sample, out),
            Self::Integral(stage) => stage.push(sample, out),
            Self::Threshold(stage) => stage.push(sample, out),
            Self::Unwrap(stage) => stage.push(sample, out),
            Self::Moments(stage) => stage.push(sample, out),
            Self::Detrend(stage) => stage.push(sample, out),
            Self::Median(stage) => stage.push(sample, out),
            Self::Hampel(stage) => stage.push(sample, out),
            Self::Filter(stage) => stage.push(sample, out),
        }
    }

    /// Lets out what is held back.
    pub(super) fn finish(&mut self, out: Sink<'_>) {
        match self {
            Self::Hampel(stage) => stage.finish(out),
            Self::Filter(stage) => stage.finish(out),
            Self::Absolute
            | Self::Scale { .. }
            | Self::Count(_)
            | Self::Interval(_)
            | Self::Derivative(_)
            | Self::Integral(_)
            | Self::Threshold(_)
            | Self::Unwrap(_)
            | Self::Moments(_)
            | Self::Detrend(_)
            | Self::Median(_) => {}
        }
    }

    pub(super) fn reset(&mut self) {
        match self {
            Self::Absolute | Self::Scale { .. } => {}
            Self::Count(stage) => *stage = Count::default(),
            Self::Interval(stage) => *stage = Interval::default(),
            Self::Derivative(stage) => *stage = Derivative::default(),
            Self::Integral(stage) => *stage = Integral::default(),
            Self::Threshold(stage) => stage.reset(),
            Self::Unwrap(stage) => stage.reset(),
            Self::Moments(stage) => stage.reset(),
            Self::Detrend(stage) => stage.reset(),
            Self::Median(stage) => stage.reset(),
            Self::Hampel(stage) => stage.reset(),
            Self::Filter(stage) => stage.reset(),
        }
    }

    pub(super) fn filter(&self) -> Option<(Filter, Option<&Sos>)> {
        match self {
            Self::Filter(stage) => Some((stage.filter(), stage.sos())),
            _ => None,
        }
    }

    pub(super) fn fault(&self) -> Option<TransformFault> {
        match self {
            Self::Moments(stage) => stage.fault(),
            Self::Detrend(stage) => stage.fault(),
            Self::Median(stage) => stage.fault(),
            Self::Filter(stage) => stage.fault(),
            _ => None,
        }
    }
}
