//! How often a topic speaks, and when that is out of its habit.

use super::condition::Band;

/// The rate is looked at so often.
pub(super) const TICK_NS: i64 = 500_000_000;
/// Over so many ticks.
const TICKS: usize = 4;
/// A topic is taken to speak regularly when it has spoken so often.
const HABIT_MESSAGES: u64 = 10;
/// Silent for so many of its usual intervals, and for at least so long, is out of habit.
const SILENT_INTERVALS: i64 = 10;
const SILENT_NS: i64 = 2_000_000_000;

/// One topic.
#[derive(Debug, Default)]
pub(super) struct Watch {
    first_ns: i64,
    last_ns: i64,
    messages: u64,
    /// Messages so far at the last ticks, the oldest first.
    ticks: Vec<u64>,
    rate_hz: Option<f64>,
    pub silence_told: bool,
    pub band_told: bool,
}

impl Watch {
    /// A message came.
    pub fn see(&mut self, now_ns: i64) {
        if self.messages == 0 {
            self.first_ns = now_ns;
        }
        self.last_ns = now_ns;
        self.messages += 1;
    }

    /// A tick has passed.
    pub fn tick(&mut self) {
        self.ticks.push(self.messages);
        if self.ticks.len() > TICKS + 1 {
            let _ = self.ticks.remove(0);
        }
        let seconds = TICKS as f64 * TICK_NS as f64 / 1e9;
        self.rate_hz = match (self.ticks.first(), self.ticks.last()) {
            (Some(first), Some(last)) if self.ticks.len() == TICKS + 1 => Some((last - first) as f64 / seconds),
            _ => None,
        };
    }

    /// Messages so far.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Messages per second over the last two seconds.
    pub fn rate_hz(&self) -> Option<f64> {
        self.rate_hz
    }

    /// How long the last message is ago; `None` before the first.
    pub fn silent_ns(&self, now_ns: i64) -> Option<i64> {
        (self.messages > 0).then(|| now_ns - self.last_ns)
    }

    /// How long it has been silent, when that is out of its habit.
    pub fn strange_silence_ns(&self, now_ns: i64) -> Option<i64> {
        if self.messages < HABIT_MESSAGES {
            return None;
        }
        let intervals = i64::try_from(self.messages - 1).unwrap_or(i64::MAX);
        let usual = (self.last_ns - self.first_ns) / intervals.max(1);
        let limit = usual.saturating_mul(SILENT_INTERVALS).max(SILENT_NS);
        self.silent_ns(now_ns).filter(|silent| *silent > limit)
    }

    /// True when the rate is known and outside.
    pub fn is_outside(&self, band: Band) -> bool {
        self.rate_hz.is_some_and(|rate| !band.holds(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_strange_only_for_who_speaks_often() {
        let mut watch = Watch::default();
        for i in 0..9 {
            watch.see(i * 10_000_000);
        }
        assert_eq!(watch.strange_silence_ns(60_000_000_000), None);
        watch.see(90_000_000);
        assert_eq!(watch.strange_silence_ns(2_000_000_000), None);
        assert_eq!(watch.strange_silence_ns(3_090_000_000), Some(3_000_000_000));
        // Once a second is no silence of two.
        let mut slow = Watch::default();
        for i in 0..20 {
            slow.see(i * 1_000_000_000);
        }
        assert_eq!(slow.strange_silence_ns(24_000_000_000), None);
    }

    #[test]
    fn the_rate_is_of_the_last_two_seconds() {
        let mut watch = Watch::default();
        for tick in 0..5 {
            assert_eq!(watch.rate_hz(), None);
            for i in 0..50 {
                watch.see(tick * TICK_NS + i);
            }
            watch.tick();
        }
        assert_eq!(watch.rate_hz(), Some(100.0));
        for _ in 0..4 {
            watch.tick();
        }
        assert_eq!(watch.rate_hz(), Some(0.0));
        let band = Band {
            min_hz: Some(1.0),
            max_hz: None,
        };
        assert!(watch.is_outside(band));
    }
}
