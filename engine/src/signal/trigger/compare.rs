//! The comparisons that decide whether a sample meets a condition.

use super::spec::{Condition, Match, Polarity, Sense, Slope, Width};

/// A finite sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub time_ns: i64,
    pub value: f64,
}

/// A sample meets the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Met {
    /// When the straight line from the sample before to this one crossed the threshold, if there is one.
    pub crossing_ns: Option<i64>,
}

/// A comparator says yes. The threshold is what the signal went through on its way here, if there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hit {
    threshold: Option<f64>,
}

/// A comparator with hysteresis, for rising edges. Falling ones are rising ones of the signal with the other sign.
#[derive(Clone, Copy, Debug)]
struct Edge {
    sign: f64,
    /// With the sign.
    level: f64,
    /// The level less the hysteresis, with the sign.
    base: f64,
    /// The signal was at the base or below since it was last at the level or above.
    ready: bool,
}

impl Edge {
    fn new(sign: f64, level: f64, hysteresis: f64) -> Self {
        Self {
            sign,
            level: sign * level,
            base: sign * level - hysteresis,
            ready: false,
        }
    }

    fn step(&mut self, value: f64) -> Option<Hit> {
        let value = self.sign * value;
        if value >= self.level {
            return std::mem::take(&mut self.ready).then_some(Hit {
                threshold: Some(self.sign * self.level),
            });
        }
        // Without hysteresis the base is the level, and only what is truly below it gets here.
        self.ready |= value <= self.base;
        None
    }
}

/// Looks for pulses of some width.
#[derive(Clone, Copy, Debug)]
struct Pulse {
    edge: Edge,
    width: Width,
    /// When the pulse began that is going on.
    begun_ns: Option<i64>,
    /// The pulse that is going on was told of.
    told: bool,
}

impl Pulse {
    fn step(&mut self, sample: Sample) -> Option<Hit> {
        let Some(begun_ns) = self.begun_ns else {
            if self.edge.step(sample.value).is_some() {
                self.begun_ns = Some(sample.time_ns);
                self.told = false;
            }
            return None;
        };
        let value = self.edge.sign * sample.value;
        let ends = value < self.edge.level && value <= self.edge.base;
        let width_ns = sample.time_ns.saturating_sub(begun_ns);
        if ends {
            self.begun_ns = None;
            self.edge.ready = true;
        }
        match self.width {
            Width::ShorterNs(limit_ns) => (ends && width_ns < limit_ns).then_some(Hit {
                threshold: Some(self.edge.sign * self.edge.base),
            }),
            Width::LongerNs(limit_ns) => {
                let hit = width_ns > limit_ns && !self.told;
                self.told |= hit;
                hit.then_some(Hit { threshold: None })
            }
        }
    }
}

/// Looks for the way into or out of a window.
#[derive(Clone, Copy, Debug)]
struct Limits {
    low: f64,
    high: f64,
    sense: Sense,
    hysteresis: f64,
    /// The signal was far enough on the side that it has to come from, since it was last on the other.
    ready: bool,
}

impl Limits {
    fn step(&mut self, sample: Sample, previous: Option<Sample>) -> Option<Hit> {
        let value = sample.value;
        let (low, high, by) = (self.low, self.high, self.hysteresis);
        let inside = value >= low && value <= high;
        let (arrived, far, outer) = match self.sense {
            Sense::Leave => (!inside, value >= low + by && value <= high - by, Some(sample)),
            Sense::Enter => (inside, value <= low - by || value >= high + by, previous),
        };
        if arrived {
            return std::mem::take(&mut self.ready).then_some(Hit {
                threshold: outer.map(|outer| if outer.value > high { high } else { low }),
            });
        }
        self.ready |= far;
        None
    }
}

/// What a condition has to remember from sample to sample.
#[derive(Clone, Copy, Debug)]
enum Memory {
    Edge(Edge),
    Either(Edge, Edge),
    Window(Limits),
    Silence,
    Pulse(Pulse),
    Value(Match),
}

/// Compares sample after sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparator {
    memory: Memory,
    /// The sample before, unless something broke the signal since.
    previous: Option<Sample>,
}

impl Comparator {
    pub(super) fn new(condition: &Condition) -> Self {
        let memory = match *condition {
            Condition::Edge {
                slope,
                level,
                hysteresis,
            } => {
                let (rising, falling) = (Edge::new(1.0, level, hysteresis), Edge::new(-1.0, level, hysteresis));
                match slope {
                    Slope::Rising => Memory::Edge(rising),
                    Slope::Falling => Memory::Edge(falling),
                    Slope::Either => Memory::Either(rising, falling),
                }
            }
            Condition::Window {
                low,
                high,
                sense,
                hysteresis,
            } => Memory::Window(Limits {
                low,
                high,
                sense,
                hysteresis,
                ready: false,
            }),
            Condition::Timeout { .. } => Memory::Silence,
            Condition::Glitch {
                level,
                hysteresis,
                polarity,
                width,
            } => Memory::Pulse(Pulse {
                edge: match polarity {
                    Polarity::Positive => Edge::new(1.0, level, hysteresis),
                    Polarity::Negative => Edge::new(-1.0, level, hysteresis),
                },
                width,
                begun_ns: None,
                told: false,
            }),
            Condition::Value(value) => Memory::Value(value),
        };
        Self { memory, previous: None }
    }

    /// Forgets what was before: the next sample only says where the signal is.
    pub(super) fn forget(&mut self) {
        self.previous = None;
        match &mut self.memory {
            Memory::Edge(edge) => edge.ready = false,
            Memory::Either(rising, falling) => (rising.ready, falling.ready) = (false, false),
            Memory::Window(limits) => limits.ready = false,
            Memory::Pulse(pulse) => (pulse.edge.ready, pulse.begun_ns) = (false, None),
            Memory::Silence | Memory::Value(_) => (),
        }
    }

    /// Takes the next sample, which is finite.
    pub(super) fn step(&mut self, sample: Sample) -> Option<Met> {
        let previous = self.previous.replace(sample);
        let hit = match &mut self.memory {
            Memory::Edge(edge) => edge.step(sample.value),
            Memory::Either(rising, falling) => {
                // Both have to see the sample.
                let (up, down) = (rising.step(sample.value), falling.step(sample.value));
                up.or(down)
            }
            Memory::Window(limits) => limits.step(sample, previous),
            Memory::Silence => None,
            Memory::Pulse(pulse) => pulse.step(sample),
            Memory::Value(wanted) => {
                let before = previous.map(|previous| previous.value);
                let met = match *wanted {
                    Match::Equals(value) => sample.value == value,
                    Match::To(value) => sample.value == value && before.is_some_and(|before| before != value),
                    Match::Change => before.is_some_and(|before| before != sample.value),
                };
                met.then_some(Hit { threshold: None })
            }
        }?;
        let crossing = hit.threshold.zip(previous);
        Some(Met {
            crossing_ns: crossing.map(|(threshold, previous)| crossing_ns(previous, sample, threshold)),
        })
    }
}

/// When the straight line from one sample to the next is at `threshold`, rounded to the nanosecond.
fn crossing_ns(from: Sample, to: Sample, threshold: f64) -> i64 {
    // Halves, because the difference of two finite numbers need not be finite.
    let share = (threshold / 2.0 - from.value / 2.0) / (to.value / 2.0 - from.value / 2.0);
    if !share.is_finite() {
        return to.time_ns;
    }
    let span_ns = to.time_ns.saturating_sub(from.time_ns);
    let into_ns = (share.clamp(0.0, 1.0) * span_ns as f64).round() as i64;
    from.time_ns.saturating_add(into_ns.min(span_ns))
}
