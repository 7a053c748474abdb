//! What was done, in words.

use std::fmt;

use super::{GapPolicy, Method, Sampling};

/// A grid this much slower than the samples is said to have no filter before it.
const SLOWER: f64 = 0.99;

/// What a grid was made of, and how. Its text is one sentence for the user, such as `interpolated linearly to 1000 Hz;
/// 3 gaps, longest 12 ms, bridged`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// How evenly the samples were taken.
    pub sampling: Sampling,
    /// How values came about.
    pub method: Method,
    /// What became of gaps.
    pub policy: GapPolicy,
    /// Rate of the grid.
    pub rate_hz: f64,
    /// Median of the intervals, those that were flagged as gaps left out.
    pub median_ns: f64,
    /// Mean of the intervals that are no gap.
    pub mean_ns: f64,
    /// Gaps in all that was given.
    pub gaps: usize,
    /// From the sample before the longest gap to the one after it; 0 without gaps.
    pub longest_gap_ns: i64,
    /// Samples that were not finite.
    pub missing: usize,
    /// Samples that had the time of the one before.
    pub repeated: usize,
    /// Times that time went back.
    pub restarts: usize,
    /// Samples that the grid was made of.
    pub used: usize,
    /// Samples given.
    pub given: usize,
}

impl Report {
    /// True when the grid stands for all that was given: no gap, nothing missing, no restart.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.gaps == 0 && self.missing == 0 && self.restarts == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.method {
            Method::Linear => "interpolated linearly to",
            Method::Hold => "held at",
            Method::AsIs => "taken as even at",
        };
        write!(f, "{how} {} Hz", short(self.rate_hz))?;
        if self.method != Method::AsIs && self.rate_hz < SLOWER * 1e9 / self.mean_ns {
            f.write_str(" without a filter against aliases")?;
        }
        match self.sampling {
            Sampling::Regular => {}
            Sampling::Jittered { rms, .. } => write!(f, "; intervals vary by {} %", short(100.0 * rms))?,
            Sampling::Irregular { rms, .. } => {
                write!(f, "; sampled irregularly, intervals vary by {} %", short(100.0 * rms))?;
            }
        }
        if self.gaps > 0 {
            let longest = Duration(self.longest_gap_ns);
            match self.gaps {
                1 => write!(f, "; 1 gap of {longest}")?,
                gaps => write!(f, "; {gaps} gaps, longest {longest}")?,
            }
            if self.policy == GapPolicy::Bridge {
                f.write_str(", bridged")?;
            }
        }
        match self.restarts {
            0 => {}
            1 => f.write_str("; time went back once")?,
            restarts => write!(f, "; time went back {restarts} times")?,
        }
        match self.missing {
            0 => {}
            1 => f.write_str("; 1 sample is not a number")?,
            missing => write!(f, "; {missing} samples are not numbers")?,
        }
        if self.used + self.missing + self.repeated < self.given {
            write!(f, "; only the longest stretch, {} of {} samples", self.used, self.given)?;
        }
        Ok(())
    }
}

/// Four digits, without zeros at the end.
fn short(value: f64) -> String {
    let whole_digits = value.abs().log10().floor().clamp(-9.0, 9.0) as i32 + 1;
    let decimals = usize::try_from(4 - whole_digits).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A duration in the largest unit that it fills.
struct Duration(i64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
        let ns = self.0 as f64;
        match units.into_iter().find(|(size, _)| ns >= *size) {
            Some((size, unit)) => write!(f, "{} {unit}", short(ns / size)),
            None => write!(f, "{ns} ns"),
        }
    }
}
