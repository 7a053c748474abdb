//! The time column of a chunk, plain while it grows and packed afterwards.

use super::BLOCK_ROWS;

/// The largest distance from the line that three bytes hold.
const NARROW: i64 = (1 << 23) - 1;

/// The time column. Full chunks keep, per block, a straight line and each row's distance from it: three bytes a row
/// as long as the jitter stays below 8 ms, and exact to the nanosecond.
#[derive(Debug)]
pub(super) enum Times {
    Plain(Vec<i64>),
    Narrow {
        lines: Box<[(i64, i64)]>,
        off: Box<[[u8; 3]]>,
    },
    Wide {
        lines: Box<[(i64, i64)]>,
        off: Box<[i32]>,
    },
}

impl Times {
    pub(super) fn get(&self, row: usize) -> i64 {
        let on_line = |lines: &[(i64, i64)]| {
            let (base, slope) = lines[row / BLOCK_ROWS];
            base + slope * (row % BLOCK_ROWS) as i64
        };
        match self {
            Self::Plain(times) => times[row],
            Self::Narrow { lines, off } => {
                let [a, b, c] = off[row];
                on_line(lines) + i64::from(i32::from_le_bytes([0, a, b, c]) >> 8)
            }
            Self::Wide { lines, off } => on_line(lines) + i64::from(off[row]),
        }
    }

    pub(super) fn pack(times: Vec<i64>) -> Self {
        let lines: Box<[(i64, i64)]> = times
            .chunks(BLOCK_ROWS)
            .map(|block| {
                let steps = (block.len() - 1).max(1) as i64;
                (block[0], (block[block.len() - 1] - block[0]) / steps)
            })
            .collect();
        let off = || {
            times.iter().enumerate().map(|(row, &time)| {
                let (base, slope) = lines[row / BLOCK_ROWS];
                time - base - slope * (row % BLOCK_ROWS) as i64
            })
        };
        let most = off().map(i64::abs).max().unwrap_or(0);
        if most <= NARROW {
            let off = off()
                .map(|o| {
                    let [a, b, c, ..] = o.to_le_bytes();
                    [a, b, c]
                })
                .collect();
            Self::Narrow { lines, off }
        } else if most <= i64::from(i32::MAX) {
            let off = off().map(|o| o as i32).collect();
            Self::Wide { lines, off }
        } else {
            let mut times = times;
            times.shrink_to_fit();
            Self::Plain(times)
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Plain(times) => times.capacity() * 8,
            Self::Narrow { lines, off } => lines.len() * 16 + off.len() * 3,
            Self::Wide { lines, off } => lines.len() * 16 + off.len() * 4,
        }
    }
}
