//! Where a recording plays, how fast, and how far.

use std::time::Instant;

/// Speeds to choose from.
pub const SPEEDS: [Speed; 10] = [
    Speed(0.1),
    Speed(0.2),
    Speed(0.5),
    Speed(1.0),
    Speed(2.0),
    Speed(5.0),
    Speed(10.0),
    Speed(20.0),
    Speed(50.0),
    Speed(100.0),
];

/// A longer pause between two frames is no reason to leap.
const LEAP_S: f64 = 0.5;

/// Seconds of the recording per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed(pub f64);

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}×", self.0)
    }
}

/// The state of playing; times in nanoseconds since the Unix epoch.
#[derive(Clone, Debug)]
pub struct Playback {
    extent: (i64, i64),
    at_ns: i64,
    /// What is less than a nanosecond.
    rest: f64,
    playing: bool,
    speed: Speed,
    repeats: bool,
    range: Option<(i64, i64)>,
    last: Option<Instant>,
}

impl Playback {
    /// At the begin of a recording, paused.
    #[must_use]
    pub fn new(extent: (i64, i64)) -> Self {
        Self {
            extent,
            at_ns: extent.0,
            rest: 0.0,
            playing: false,
            speed: Speed(1.0),
            repeats: false,
            range: None,
            last: None,
        }
    }

    /// The begin and the end of the recording.
    #[must_use]
    pub fn extent(&self) -> (i64, i64) {
        self.extent
    }

    /// Where it is.
    #[must_use]
    pub fn at_ns(&self) -> i64 {
        self.at_ns
    }

    /// True while it plays.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// How fast.
    #[must_use]
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// True when it begins anew at the end.
    #[must_use]
    pub fn repeats(&self) -> bool {
        self.repeats
    }

    /// The part that is played, when it is not all.
    #[must_use]
    pub fn range(&self) -> Option<(i64, i64)> {
        self.range
    }

    /// The times between which it plays.
    #[must_use]
    pub fn bounds(&self) -> (i64, i64) {
        self.range.unwrap_or(self.extent)
    }

    /// Plays on, or stands still. At the end it begins anew.
    pub fn toggle(&mut self) {
        let (from, to) = self.bounds();
        self.playing = !self.playing;
        self.last = None;
        if self.playing && !(from..to).contains(&self.at_ns) {
            self.at_ns = from;
        }
    }

    /// Stands still.
    pub fn pause(&mut self) {
        self.playing = false;
        self.last = None;
    }

    /// Goes to a time of the recording.
    pub fn seek(&mut self, at_ns: i64) {
        self.at_ns = at_ns.clamp(self.extent.0, self.extent.1.max(self.extent.0));
        self.rest = 0.0;
    }

    /// Plays at this speed from now on.
    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// Takes the next speed of the list, up or down.
    pub fn change_speed(&mut self, faster: bool) {
        let next = if faster {
            SPEEDS.iter().find(|speed| speed.0 > self.speed.0)
        } else {
            SPEEDS.iter().rev().find(|speed| speed.0 < self.speed.0)
        };
        self.speed = next.copied().unwrap_or(self.speed);
    }

    /// Begins anew at the end, or stops there.
    pub fn toggle_repeat(&mut self) {
        self.repeats = !self.repeats;
    }

    /// Plays only this part, or all. What lies outside of the recording is cut off.
    pub fn set_range(&mut self, range: Option<(i64, i64)>) {
        let (begin, end) = self.extent;
        let cut = range.map(|(from, to)| (from.max(begin), to.min(end)));
        self.range = cut.filter(|(from, to)| from < to);
    }

    /// Moves on to a moment. True when it moved.
    pub fn advance(&mut self, now: Instant) -> bool {
        if !self.playing {
            return false;
        }
        let Some(last) = self.last.replace(now) else {
            return false;
        };
        let (from, to) = self.bounds();
        let elapsed_s = now.saturating_duration_since(last).as_secs_f64().min(LEAP_S);
        let moved = elapsed_s * self.speed.0 * 1e9 + self.rest;
        self.rest = moved.fract();
        #[expect(clippy::cast_possible_truncation, reason = "at most 50 s")]
        let at_ns = self.at_ns.saturating_add(moved as i64);
        if at_ns < to {
            self.at_ns = at_ns;
            return true;
        }
        if self.repeats && from < to {
            self.at_ns = from.saturating_add(at_ns.saturating_sub(to) % to.saturating_sub(from).max(1));
        } else {
            self.at_ns = to;
            self.pause();
        }
        true
    }
}

/// Where a view of this width has to be so that `at_ns` is seen: it stays as long as that is within its first three quarters,
/// follows it there, and never leaves the recording.
#[must_use]
pub fn view_at((from, to): (i64, i64), at_ns: i64, (begin, end): (i64, i64)) -> (i64, i64) {
    let span = to.saturating_sub(from);
    let place = at_ns.saturating_sub(from);
    let lead = span / 4 * 3;
    let at_end = to >= end && at_ns <= to;
    if (0..=lead).contains(&place) || (at_end && place >= 0) || span >= end.saturating_sub(begin) {
        return (from, to);
    }
    let wanted = if place > lead && place <= span.saturating_add(span) {
        at_ns.saturating_sub(lead)
    } else {
        at_ns.saturating_sub(span / 4)
    };
    let from = wanted.clamp(begin, end.saturating_sub(span).max(begin));
    (from, from.saturating_add(span))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const S: i64 = 1_000_000_000;

    fn playing() -> (Playback, Instant) {
        let mut playback = Playback::new((100 * S, 200 * S));
        let start = Instant::now();
        playback.toggle();
        assert!(!playback.advance(start), "the first frame only begins");
        (playback, start)
    }

    #[test]
    fn it_plays_as_fast_as_it_is_told() {
        let (mut playback, mut now) = playing();
        for speed in SPEEDS {
            playback.seek(100 * S);
            playback.set_speed(speed);
            for _ in 0..25 {
                now += Duration::from_millis(20);
                assert!(playback.advance(now));
            }
            let moved_s = (playback.at_ns() - 100 * S) as f64 / 1e9;
            assert!((moved_s - 0.5 * speed.0).abs() < 1e-6, "{speed}: {moved_s}");
        }
    }

    #[test]
    fn it_stops_at_the_end_and_begins_anew_when_asked() {
        let (mut playback, start) = playing();
        playback.seek(200 * S - 1);
        assert!(playback.advance(start + Duration::from_millis(10)));
        assert_eq!((playback.at_ns(), playback.is_playing()), (200 * S, false));
        playback.toggle();
        assert_eq!((playback.at_ns(), playback.is_playing()), (100 * S, true));
        assert!(!playback.advance(start) && playback.is_playing());
    }

    #[test]
    fn a_range_is_repeated_within_its_bounds() {
        let (mut playback, start) = playing();
        playback.set_range(Some((0, 110 * S)));
        assert_eq!(playback.range(), Some((100 * S, 110 * S)));
        playback.set_range(Some((120 * S, 121 * S)));
        playback.toggle_repeat();
        playback.pause();
        playback.toggle();
        assert_eq!(playback.at_ns(), 120 * S, "it was outside");
        let mut now = start;
        let _ = playback.advance(now);
        for _ in 0..100 {
            now += Duration::from_millis(70);
            let _ = playback.advance(now);
            assert!((120 * S..121 * S).contains(&playback.at_ns()), "{}", playback.at_ns());
        }
        assert!(playback.is_playing());
        playback.set_range(Some((5, 5)));
        assert_eq!(playback.range(), None, "nothing to play");
    }

    #[test]
    fn speeds_go_up_and_down_the_list_and_no_further() {
        let mut playback = Playback::new((0, S));
        for _ in 0..20 {
            playback.change_speed(true);
        }
        assert_eq!(playback.speed(), Speed(100.0));
        for _ in 0..20 {
            playback.change_speed(false);
        }
        assert_eq!(playback.speed(), Speed(0.1));
    }

    #[test]
    fn the_view_follows_and_stays_within_the_recording() {
        let extent = (0, 100 * S);
        assert_eq!(view_at((0, 8 * S), 5 * S, extent), (0, 8 * S), "it is seen");
        assert_eq!(view_at((0, 8 * S), 7 * S, extent), (S, 9 * S), "it is followed");
        assert_eq!(view_at((0, 8 * S), 50 * S, extent), (48 * S, 56 * S), "it was sought");
        assert_eq!(view_at((40 * S, 48 * S), S, extent), (0, 8 * S));
        assert_eq!(view_at((92 * S, 100 * S), 100 * S, extent), (92 * S, 100 * S));
        assert_eq!(view_at(extent, 99 * S, extent), extent);
    }
}
