//! Which stretch of a series has to be read for what is shown: on from where the last reading ended while the view is
//! live, and a part of history while it stands still.

use roswave_engine::clock::Timestamp;
use roswave_engine::series::Position;

/// What is read beyond the view on either side, as a share of it, so that moving it a little reads nothing anew.
const BEYOND: i64 = 2;

/// What has been read, and how far reading goes.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    /// Everything from here on was read, as far as there was anything.
    from_ns: i64,
    /// Nothing behind this is read.
    until_ns: i64,
}

impl Default for Follow {
    fn default() -> Self {
        // Nothing was read: every view is outside of it.
        Self {
            from_ns: i64::MAX,
            until_ns: i64::MIN,
        }
    }
}

impl Follow {
    /// Turns to a view. True when reading has to begin anew, at [`Follow::begin`]; `read_ns` is how far reading has come.
    pub fn aim(&mut self, is_still: bool, (from, to): (Timestamp, Timestamp), read_ns: Option<i64>) -> bool {
        let span = to.0.saturating_sub(from.0).max(1);
        let beyond = span / BEYOND;
        let is_begun = self.from_ns <= from.0;
        if is_still {
            if is_begun && self.until_ns != i64::MAX && to.0 <= self.until_ns {
                return false;
            }
            let has_come = read_ns.is_some_and(|read_ns| read_ns >= from.0);
            self.until_ns = to.0.saturating_add(beyond);
            if is_begun && has_come {
                return false;
            }
        } else {
            // What a pause left behind is read on, unless it is out of view by now.
            let goes_on = is_begun && (self.until_ns == i64::MAX || read_ns.is_some_and(|read_ns| read_ns >= from.0));
            self.until_ns = i64::MAX;
            if goes_on {
                return false;
            }
        }
        self.from_ns = from.0.saturating_sub(beyond);
        true
    }

    /// Where reading begins.
    pub fn begin(&self) -> Position {
        Position::behind(Timestamp(self.from_ns.saturating_sub(1)))
    }

    /// True while what comes behind a time is to be read.
    pub fn goes_behind(&self, read_ns: Option<i64>) -> bool {
        read_ns.is_none_or(|read_ns| read_ns <= self.until_ns)
    }

    /// What was before this can be forgotten while the view is `from` on.
    pub fn keep_from(&mut self, from: Timestamp, span_ns: i64) -> i64 {
        let keep_ns = from.0.saturating_sub(span_ns / BEYOND);
        self.from_ns = self.from_ns.max(keep_ns);
        keep_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    fn view(from_s: i64, to_s: i64) -> (Timestamp, Timestamp) {
        (Timestamp(from_s * S), Timestamp(to_s * S))
    }

    #[test]
    fn a_live_view_is_read_on() {
        let mut follow = Follow::default();
        assert!(follow.aim(false, view(100, 110), None), "everything is new");
        assert!(!follow.aim(false, view(101, 111), Some(110 * S)));
        assert!(!follow.aim(false, view(150, 160), None), "silence changes nothing");
        assert!(
            follow.aim(false, view(50, 160), Some(159 * S)),
            "more time than was read"
        );
    }

    #[test]
    fn a_pause_reads_nothing_anew_and_a_look_back_does() {
        let mut follow = Follow::default();
        let _ = follow.aim(false, view(100, 110), None);
        assert!(
            !follow.aim(true, view(100, 110), Some(110 * S)),
            "what is shown was read"
        );
        assert!(follow.goes_behind(Some(109 * S)));
        assert!(!follow.goes_behind(Some(120 * S)), "the rest of the world can wait");
        assert!(follow.aim(true, view(20, 30), Some(110 * S)), "long ago");
        assert!(!follow.aim(true, view(22, 32), Some(35 * S)), "a little further");
        assert!(follow.aim(false, view(200, 210), Some(35 * S)), "back to now");
    }

    #[test]
    fn a_short_pause_is_caught_up_with() {
        let mut follow = Follow::default();
        let _ = follow.aim(false, view(100, 110), None);
        let _ = follow.aim(true, view(100, 110), Some(110 * S));
        assert!(!follow.aim(false, view(105, 115), Some(110 * S)));
        assert!(follow.goes_behind(Some(500 * S)));
    }
}
