//! Faults of the demo robot, as written on its command line.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::name::TopicName;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing is published for a while.
    Gap,
    /// One sample is far off, and one more every second while it lasts.
    Spike,
    /// The value wanders off, 1 a second.
    Drift,
    /// The value is not a number.
    Nan,
    /// Nothing is published any more.
    Stop,
}

const KINDS: [(&str, Kind); 5] = [
    ("gap", Kind::Gap),
    ("spike", Kind::Spike),
    ("drift", Kind::Drift),
    ("nan", Kind::Nan),
    ("stop", Kind::Stop),
];

/// How far a spike is off.
const SPIKE: f64 = 50.0;
/// How fast a drift goes, per second.
const DRIFT_PER_S: f64 = 1.0;

/// One fault: `KIND:TOPIC[@START][+DURATION]`, times in seconds since the robot's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    kind: Kind,
    /// The topic that it befalls. The first signal of its message is disturbed.
    pub topic: TopicName,
    start_s: f64,
    duration_s: Option<f64>,
}

/// Why a text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not a fault: {reason}; write KIND:TOPIC[@START][+DURATION], such as `spike:/imu/data@5` or `gap:/odom@3+0.5`"
)]
pub struct FaultError {
    text: String,
    reason: String,
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let wrong = |reason: String| FaultError {
            text: text.to_owned(),
            reason,
        };
        let (kind, rest) = text
            .split_once(':')
            .ok_or_else(|| wrong("there is no colon".to_owned()))?;
        let found = KINDS.iter().find(|(name, _)| *name == kind);
        let (_, kind) = found.ok_or_else(|| wrong(format!("`{kind}` is none of gap, spike, drift, nan, stop")))?;
        let seconds = |text: &str| {
            let secs = text.parse::<f64>().ok().filter(|secs| (0.0..=1e6).contains(secs));
            secs.ok_or_else(|| wrong(format!("`{text}` is no time in seconds")))
        };
        let (rest, duration_s) = match rest.split_once('+') {
            Some((rest, secs)) => (rest, Some(seconds(secs)?)),
            None => (rest, None),
        };
        let (topic, start_s) = match rest.split_once('@') {
            Some((topic, secs)) => (topic, seconds(secs)?),
            None => (rest, 0.0),
        };
        let topic = TopicName::new(topic).map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            kind: *kind,
            topic,
            start_s,
            duration_s,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS
            .iter()
            .find(|(_, kind)| *kind == self.kind)
            .map_or("", |(name, _)| *name);
        write!(f, "{name}:{}@{}", self.topic, self.start_s)?;
        self.duration_s.map_or(Ok(()), |secs| write!(f, "+{secs}"))
    }
}

/// What the faults of a topic do to one message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Disturbance {
    /// Not published at all.
    pub(super) silent: bool,
    offset: f64,
    nan: bool,
}

impl Disturbance {
    /// For the message at `t` seconds of a topic with this period.
    pub(super) fn at(faults: &[Fault], t: f64, period_ns: Option<i64>) -> Self {
        let period_s = period_ns.map_or(f64::INFINITY, |ns| ns as f64 / 1e9);
        let mut disturbance = Self::default();
        for fault in faults {
            let since = t - fault.start_s;
            // A gap without a duration lasts half a second; a spike without one is a single sample; others stay.
            let lasts = match (fault.kind, fault.duration_s) {
                (Kind::Stop, _) => f64::INFINITY,
                (_, Some(secs)) => secs,
                (Kind::Gap, None) => 0.5,
                (Kind::Spike, None) => period_s,
                (Kind::Drift | Kind::Nan, None) => f64::INFINITY,
            };
            if since < 0.0 || since >= lasts.max(period_s.min(1.0)) {
                continue;
            }
            match fault.kind {
                Kind::Gap | Kind::Stop => disturbance.silent = true,
                Kind::Spike if since.fract() < period_s => disturbance.offset += SPIKE,
                Kind::Spike => {}
                Kind::Drift => disturbance.offset += DRIFT_PER_S * since,
                Kind::Nan => disturbance.nan = true,
            }
        }
        disturbance
    }

    /// The value as it is published.
    pub(super) fn apply(&self, value: f64) -> f64 {
        if self.nan { f64::NAN } else { value + self.offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        text.parse().expect("a fault")
    }

    #[test]
    fn the_grammar_goes_both_ways() {
        for text in [
            "spike:/imu/data@5",
            "gap:/odom@3+0.5",
            "stop:/odom@0",
            "nan:/a@1.25+2",
            "drift:/b@0",
        ] {
            assert_eq!(fault(text).to_string(), text);
        }
        assert_eq!(fault("stop:/odom"), fault("stop:/odom@0"));
        for bad in [
            "spike",
            "melt:/a",
            "gap:",
            "gap:/a@x",
            "gap:/a@1+-1",
            "gap:/a b",
            "nan:/a@inf",
        ] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_spike_is_one_sample() {
        let faults = [fault("spike:/imu/data@5")];
        let hit = (0..10_000).filter(|n| {
            let disturbance = Disturbance::at(&faults, f64::from(*n) / 1000.0, Some(1_000_000));
            disturbance.apply(0.0) != 0.0
        });
        assert_eq!(hit.count(), 1);
    }

    #[test]
    fn a_gap_ends_and_a_stop_does_not() {
        let silent = |text: &str, t: f64| Disturbance::at(&[fault(text)], t, Some(1_000_000)).silent;
        assert!(!silent("gap:/a@3+0.5", 2.999) && silent("gap:/a@3+0.5", 3.2) && !silent("gap:/a@3+0.5", 3.5));
        assert!(!silent("stop:/a@3", 2.9) && silent("stop:/a@3", 1e5));
        let drift = Disturbance::at(&[fault("drift:/a@1")], 3.0, Some(1_000_000));
        assert!((drift.apply(1.0) - 3.0).abs() < 1e-9);
        assert!(
            Disturbance::at(&[fault("nan:/a")], 0.0, Some(1_000_000))
                .apply(1.0)
                .is_nan()
        );
    }
}
