//! A summary of 64 values: where the least and the greatest stand, and whether all are finite.

/// Rows that share one summary.
pub(in crate::series) const BLOCK_ROWS: usize = 64;
/// In a summary's `min`: the block holds a value that is not finite.
const HAS_BREAK: u8 = 0x80;
/// In a summary's `max`: the block holds no finite value.
const NOTHING_FINITE: u8 = 0x80;

/// Where the extremes of a block stand.
#[derive(Clone, Copy, Debug)]
pub(in crate::series) struct Block {
    min: u8,
    max: u8,
}

impl Block {
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut block = Self {
            min: 0,
            max: NOTHING_FINITE,
        };
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut found = false;
        for (at, value) in (0u8..).zip(values) {
            if !value.is_finite() {
                block.min |= HAS_BREAK;
                continue;
            }
            if !found || value < min {
                min = value;
                block.min = (block.min & HAS_BREAK) | at;
            }
            if !found || value > max {
                max = value;
                block.max = at;
            }
            found = true;
        }
        block
    }

    /// Rows of the least and the greatest value within the block; `None` when no value is finite.
    pub(in crate::series) fn extremes(self) -> Option<(usize, usize)> {
        (self.max & NOTHING_FINITE == 0).then_some((usize::from(self.min & !HAS_BREAK), usize::from(self.max)))
    }

    pub(in crate::series) fn all_finite(self) -> bool {
        self.min & HAS_BREAK == 0 && self.max & NOTHING_FINITE == 0
    }
}
