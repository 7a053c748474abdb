//! How the charts of a board share its area.

use serde::{Deserialize, Serialize};

/// What the first of two parts may have of an area.
const RATIO_LIMITS: std::ops::RangeInclusive<f32> = 0.02..=0.98;

/// How charts share an area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Layout {
    /// The chart with this index.
    Chart {
        /// From 0, in the order of the file.
        chart: usize,
    },
    /// Two parts.
    Split {
        /// Which way.
        split: Split,
        /// The share of the first part.
        ratio: f32,
        /// Left or top.
        first: Box<Layout>,
        /// Right or bottom.
        second: Box<Layout>,
    },
}

/// Which way an area is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// One above the other.
    Rows,
    /// Side by side.
    Columns,
}

impl Layout {
    pub(super) fn visit(&self, seen: &mut [usize]) -> Result<(), String> {
        match self {
            Self::Chart { chart } => {
                let there = seen.len();
                let count = seen
                    .get_mut(*chart)
                    .ok_or_else(|| format!("the layout names chart {chart}, but there are {there}, counted from 0"))?;
                *count += 1;
                Ok(())
            }
            Self::Split {
                ratio, first, second, ..
            } => {
                if !RATIO_LIMITS.contains(ratio) {
                    return Err(format!("ratio = {ratio} is not between 0.02 and 0.98"));
                }
                first.visit(seen)?;
                second.visit(seen)
            }
        }
    }

    /// `count` charts as a grid: as many columns as rows, or one fewer.
    #[must_use]
    pub fn grid(count: usize) -> Option<Self> {
        if count == 0 {
            return None;
        }
        let columns = (1..).find(|c| c * (c + 1) >= count).unwrap_or(1);
        let all: Vec<usize> = (0..count).collect();
        let rows_per_column = count.div_ceil(columns);
        let columns = all
            .chunks(rows_per_column)
            .map(|column| {
                Self::line(
                    column.iter().map(|chart| Self::Chart { chart: *chart }).collect(),
                    Split::Rows,
                )
            })
            .collect();
        Some(Self::line(columns, Split::Columns))
    }

    /// Parts of the same size in one line.
    fn line(mut parts: Vec<Self>, split: Split) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a board has few charts")]
        let ratio = 1.0 / parts.len() as f32;
        let first = parts.remove(0);
        if parts.is_empty() {
            return first;
        }
        Self::Split {
            split,
            ratio,
            first: Box::new(first),
            second: Box::new(Self::line(parts, split)),
        }
    }
}
