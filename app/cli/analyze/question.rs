//! Which figures are asked for, and every parameter that changes them.

use anyhow::bail;
use clap::{Args, ValueEnum};
use roswave_engine::signal::allan::Taus;
use roswave_engine::signal::histogram::Bins;
use roswave_engine::signal::resample::{GapPolicy, Method, ResampleConfig};
use roswave_engine::signal::spectrum::{Averaging, Detrend, WelchConfig, Window};

#[derive(Debug, Args)]
#[command(next_help_heading = "What to compute (without any of them: the samples)")]
#[group(skip)]
pub(super) struct Question {
    /// Count, rate, least, greatest, mean, RMS, deviation, percentiles, gaps
    #[arg(long, group = "verb")]
    pub(super) stats: bool,
    /// Power spectral density by Welch's method
    #[arg(long, group = "verb")]
    pub(super) psd: bool,
    /// Overlapping Allan deviation of a rate, with noise density, bias instability and random walk
    #[arg(long, group = "verb")]
    pub(super) allan: bool,
    /// Counts per bin, with a normal fit
    #[arg(long, group = "verb")]
    pub(super) histogram: bool,
    /// The times at which a trigger fires: `rising:level=0.5,hysteresis=0.1`, `timeout:after_s=0.5`
    #[arg(long, value_name = "SPEC", group = "verb")]
    pub(super) trigger: Option<String>,

    /// PSD: what segments are multiplied by
    #[arg(long, value_name = "NAME", default_value = "hann")]
    window: WindowName,
    /// PSD: samples in a segment
    #[arg(long, value_name = "N", default_value_t = 1024)]
    nperseg: usize,
    /// PSD: the share of a segment that the next one repeats
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    overlap: f64,
    /// PSD: what is taken off each segment
    #[arg(long, value_name = "WHAT", default_value = "constant")]
    detrend: DetrendName,
    /// PSD: how segments are averaged
    #[arg(long, value_name = "HOW", default_value = "mean")]
    average: AverageName,
    /// PSD, Allan: the rate of the even grid that samples are put on [default: that of the samples]
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// PSD, Allan: how values come onto the grid; `none` takes the samples as evenly spaced
    #[arg(long, value_name = "HOW", default_value = "linear")]
    resample: ResampleName,
    /// PSD, Allan: use the longest stretch without a gap, or go on across gaps
    #[arg(long, value_name = "WHAT", default_value = "longest")]
    gaps: GapsName,
    /// Allan: averaging times: octave, decade, or so many per decade
    #[arg(long, value_name = "octave|decade|N", default_value = "20", value_parser = taus)]
    taus: Taus,
    /// Histogram: the number of bins [default: as many as suit the values]
    #[arg(long, value_name = "N")]
    bins: Option<usize>,
    /// Histogram: from this value to that one [default: all values]
    #[arg(long, value_name = "LOW,HIGH", value_parser = range, allow_hyphen_values = true)]
    range: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WindowName {
    Boxcar,
    Hann,
    Hamming,
    Blackman,
    #[value(name = "blackmanharris")]
    BlackmanHarris,
    #[value(name = "flattop")]
    FlatTop,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DetrendName {
    None,
    Constant,
    Linear,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AverageName {
    Mean,
    Median,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ResampleName {
    Linear,
    Hold,
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum GapsName {
    Longest,
    Bridge,
}

fn taus(text: &str) -> Result<Taus, String> {
    match text {
        "octave" => Ok(Taus::Octave),
        "decade" => Ok(Taus::Decade),
        _ => match text.parse() {
            Ok(n @ 1..=100) => Ok(Taus::PerDecade(n)),
            _ => Err("write octave, decade, or a number from 1 to 100".to_owned()),
        },
    }
}

fn range(text: &str) -> Result<(f64, f64), String> {
    let wrong = || "write two numbers, the lower one first, such as -1,1".to_owned();
    let (low, high) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let range = (number(low).ok_or_else(wrong)?, number(high).ok_or_else(wrong)?);
    if range.0 < range.1 { Ok(range) } else { Err(wrong()) }
}

impl Question {
    /// Refuses what cannot be before anything is read.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if let Some(rate) = self.rate
            && !(rate.is_finite() && rate > 0.0)
        {
            bail!("--rate {rate}: give a rate above 0 Hz");
        }
        Ok(())
    }

    pub(super) fn welch(&self) -> WelchConfig {
        WelchConfig {
            segment: self.nperseg,
            overlap: self.overlap,
            window: match self.window {
                WindowName::Boxcar => Window::Boxcar,
                WindowName::Hann => Window::Hann,
                WindowName::Hamming => Window::Hamming,
                WindowName::Blackman => Window::Blackman,
                WindowName::BlackmanHarris => Window::BlackmanHarris,
                WindowName::FlatTop => Window::FlatTop,
            },
            detrend: match self.detrend {
                DetrendName::None => Detrend::None,
                DetrendName::Constant => Detrend::Constant,
                DetrendName::Linear => Detrend::Linear,
            },
            averaging: match self.average {
                AverageName::Mean => Averaging::Mean,
                AverageName::Median => Averaging::Median,
            },
        }
    }

    /// The window as it is written on the command line.
    pub(super) fn window_name(&self) -> String {
        let value = self.window.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    pub(super) fn resampling(&self) -> ResampleConfig {
        ResampleConfig {
            rate_hz: self.rate,
            method: match self.resample {
                ResampleName::Linear => Method::Linear,
                ResampleName::Hold => Method::Hold,
                ResampleName::None => Method::AsIs,
            },
            gaps: match self.gaps {
                GapsName::Longest => GapPolicy::Longest,
                GapsName::Bridge => GapPolicy::Bridge,
            },
        }
    }

    pub(super) fn taus(&self) -> Taus {
        self.taus
    }

    pub(super) fn bins(&self) -> (Bins, Option<(f64, f64)>) {
        (self.bins.map_or(Bins::Automatic, Bins::Count), self.range)
    }
}
