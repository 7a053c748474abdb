//! The samples of one bucket of time, and the points that they are drawn as.

/// Points of a bucket.
pub(super) const SLOTS: u64 = 4;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) time: i64,
    pub(super) value: f64,
}

/// The samples of a bucket, or a break of the line (all values NaN).
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) bucket: i64,
    pub(super) first: Sample,
    pub(super) min: Sample,
    pub(super) max: Sample,
    pub(super) last: Sample,
    /// A second break came in this bucket, behind its last sample.
    pub(super) broken_after: bool,
}

impl Group {
    pub(super) fn of(bucket: i64, time: i64, value: f64) -> Self {
        let sample = Sample { time, value };
        Self {
            bucket,
            first: sample,
            min: sample,
            max: sample,
            last: sample,
            broken_after: false,
        }
    }

    pub(super) fn is_break(&self) -> bool {
        self.first.value.is_nan()
    }

    pub(super) fn add(&mut self, time: i64, value: f64) {
        self.last = Sample { time, value };
        if value < self.min.value {
            self.min = self.last;
        }
        if value > self.max.value {
            self.max = self.last;
        }
        self.broken_after = false;
    }

    pub(super) fn slot(&self, slot: u64) -> Sample {
        let min_first = self.min.time <= self.max.time;
        match slot {
            0 => self.first,
            1 => {
                if min_first {
                    self.min
                } else {
                    self.max
                }
            }
            2 => {
                if min_first {
                    self.max
                } else {
                    self.min
                }
            }
            _ => self.last,
        }
    }
}
