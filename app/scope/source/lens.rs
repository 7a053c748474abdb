//! Which times a chart shows: those up to now, or a stretch that stands still while collecting goes on.

use roswave_engine::clock::Timestamp;

use super::Source;
use super::curve::Still;

/// The clock of a chart follows the data this much per frame that brought data.
const LAG_SHARE: f64 = 0.05;

/// A lag that is off by more is taken over at once: the first sample, another clock, a stall.
const LAG_JUMP_NS: f64 = 300e6;

/// The shortest time that a chart can be zoomed into.
const SPAN_MIN_NS: i64 = 1_000;

/// The longest time that a chart can show: a year.
const SPAN_MAX_NS: i64 = 366 * 86_400 * 1_000_000_000;

/// Which times a chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lens {
    /// Those up to now.
    #[default]
    Live,
    /// From and to: the picture stands still while collecting goes on.
    Still(Timestamp, Timestamp),
}

impl Source {
    /// The time that is drawn as now: wall clock less the usual age of the newest sample.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.edge()
    }

    /// True while the view stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.lens.get() != Lens::Live
    }

    /// Freezes the view where it is, or lets it follow the newest samples again; the store goes on collecting meanwhile.
    pub fn set_paused(&self, paused: bool) {
        if paused != self.is_paused() {
            let (from, to) = self.window();
            self.set_lens(if paused { Lens::Still(from, to) } else { Lens::Live });
        }
    }

    /// The times that are shown.
    #[must_use]
    pub fn lens(&self) -> Lens {
        self.lens.get()
    }

    /// Shows these times.
    pub fn set_lens(&self, lens: Lens) {
        let lens = match lens {
            Lens::Live => Lens::Live,
            Lens::Still(from, to) => {
                let span = to.since(from).clamp(SPAN_MIN_NS, SPAN_MAX_NS);
                Lens::Still(from, Timestamp(from.0.saturating_add(span)))
            }
        };
        if self.lens.replace(lens) == lens {
            return;
        }
        if lens == Lens::Live && self.sweep.borrow().is_none() {
            for curve in &mut *self.curves.borrow_mut() {
                curve.still = None;
            }
        }
        self.take_stills();
        self.scale_to_data();
        self.touch();
    }

    /// Takes the pictures that a view which stands still needs and that are not there yet.
    pub(super) fn take_stills(&self) {
        let Some((from, to)) = self.standing() else {
            return;
        };
        let span = to.since(from).max(1);
        let bucket_ns = self.bucket_ns(span);
        let store = self.store.borrow();
        for curve in &mut *self.curves.borrow_mut() {
            let Some((series, _)) = curve.ids else {
                curve.still = None;
                continue;
            };
            let newest = store.latest(series).map(|(time, _)| time);
            if curve
                .still
                .as_ref()
                .is_some_and(|still| still.serves((from, to), bucket_ns, newest))
            {
                continue;
            }
            let (from_ns, to_ns) = (from.0.saturating_sub(span), to.0.saturating_add(span));
            curve.still = Some(Still {
                trace: store.still(series, bucket_ns, Timestamp(from_ns), Timestamp(to_ns)),
                bucket_ns,
                from_ns,
                to_ns,
                newest,
            });
        }
    }

    /// Takes the pictures of a view that stands still anew: what it shows has grown.
    pub fn retake(&self) {
        for curve in &mut *self.curves.borrow_mut() {
            curve.still = None;
        }
        self.take_stills();
        self.scale_to_data();
        self.touch();
    }

    /// After a drain: follows the newest samples with the clock and the scale. True when something new is to be seen.
    pub fn refresh(&self, now: Timestamp) -> bool {
        let newest = {
            let store = self.store.borrow();
            let curves = self.curves.borrow();
            let ids = curves.iter().filter_map(|curve| curve.ids);
            ids.filter_map(|(series, _)| store.latest(series))
                .map(|(time, _)| time)
                .max()
        };
        if newest == self.newest.get() {
            return false;
        }
        self.newest.set(newest);
        if let Some(newest) = newest {
            #[expect(clippy::cast_precision_loss, reason = "a lag is far below 2^53 ns")]
            let lag = now.since(newest) as f64;
            let followed = match self.lag_ns.get() {
                Some(before) if (lag - before).abs() < LAG_JUMP_NS => before + LAG_SHARE * (lag - before),
                _ => lag,
            };
            self.lag_ns.set(Some(followed));
        }
        // A picture that stands still, frozen or aligned, is not changed by what comes after it.
        if self.standing().is_some() {
            return false;
        }
        self.scale_to_data();
        self.touch();
        true
    }

    /// The newest sample of any curve.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest.get()
    }

    /// True while there are samples in the window that time would move out of it.
    #[must_use]
    pub fn is_scrolling(&self) -> bool {
        self.standing().is_none()
            && self
                .newest
                .get()
                .is_some_and(|newest| self.edge().since(newest) < self.span_ns.get())
    }

    /// The time at the right edge: wall clock less the usual age of the newest sample, so that it moves evenly.
    pub(super) fn edge(&self) -> Timestamp {
        let now = Timestamp::now();
        #[expect(clippy::cast_possible_truncation, reason = "a lag is far below 2^63 ns")]
        let lag = self.lag_ns.get().unwrap_or(0.0) as i64;
        Timestamp(now.0.saturating_sub(lag))
    }

    /// The times that are shown, from and to.
    #[must_use]
    pub fn window(&self) -> (Timestamp, Timestamp) {
        self.standing().unwrap_or_else(|| {
            let to = self.edge();
            (Timestamp(to.0.saturating_sub(self.span_ns.get())), to)
        })
    }
}
