//! The values of one field in a chunk, with their summaries once the chunk is packed.

use super::block::{BLOCK_ROWS, Block};

/// The values of one field. Full chunks keep four bytes a value where no bit is lost by it.
#[derive(Debug)]
pub(super) enum Values {
    Double(Vec<f64>),
    Single(Box<[f32]>),
}

/// One field of a chunk.
#[derive(Debug)]
pub(in crate::series) struct Column {
    pub(super) values: Values,
    /// One per [`BLOCK_ROWS`] rows. While the chunk is open, of the first rows only: those that were full when the last
    /// block filled up, none after an insertion.
    blocks: Vec<Block>,
    /// Of the whole column; `None` while the chunk is open or when no value is finite.
    extremes: Option<Extremes>,
}

/// Where the extremes of a packed column stand.
#[derive(Clone, Copy, Debug)]
pub(in crate::series) struct Extremes {
    /// Row of the least finite value, the first of equals.
    pub(in crate::series) min: usize,
    /// Row of the greatest finite value, the first of equals.
    pub(in crate::series) max: usize,
    /// Every value is finite.
    pub(in crate::series) all_finite: bool,
}

impl Column {
    pub(super) fn filled(value: f64, rows: usize, capacity: usize) -> Self {
        let mut values = Vec::with_capacity(capacity.max(rows));
        values.resize(rows, value);
        Self::open(values)
    }

    pub(super) fn open(values: Vec<f64>) -> Self {
        Self {
            // Room for as many blocks as there is for values, lest it grows by and by.
            blocks: Vec::with_capacity(values.capacity() / BLOCK_ROWS),
            values: Values::Double(values),
            extremes: None,
        }
    }

    /// Appends a value to an open column.
    #[inline]
    pub(super) fn push(&mut self, value: f64) {
        if let Values::Double(values) = &mut self.values {
            values.push(value);
            if values.len() % BLOCK_ROWS == 0 {
                let full = values.chunks_exact(BLOCK_ROWS).skip(self.blocks.len());
                self.blocks.extend(full.map(|rows| Block::of(rows.iter().copied())));
            }
        }
    }

    pub(in crate::series) fn get(&self, row: usize) -> f64 {
        match &self.values {
            Values::Double(values) => values[row],
            Values::Single(values) => f64::from(values[row]),
        }
    }

    /// Hands over the values of `rows`, of those that are there.
    pub(super) fn visit(&self, rows: std::ops::Range<usize>, take: impl FnMut(f64)) {
        match &self.values {
            Values::Double(values) => values.get(rows).unwrap_or_default().iter().copied().for_each(take),
            Values::Single(values) => {
                let values = values.get(rows).unwrap_or_default();
                values.iter().copied().map(f64::from).for_each(take);
            }
        }
    }

    pub(in crate::series) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(in crate::series) fn extremes(&self) -> Option<Extremes> {
        self.extremes
    }

    pub(super) fn open_values(&mut self) -> &mut Vec<f64> {
        if let Values::Single(values) = &self.values {
            self.values = Values::Double(values.iter().map(|&v| f64::from(v)).collect());
        }
        self.blocks.clear();
        self.extremes = None;
        match &mut self.values {
            Values::Double(values) => values,
            Values::Single(_) => unreachable!("made double above"),
        }
    }

    pub(super) fn seal(&mut self) {
        let values = self.open_values();
        let blocks: Vec<Block> = values
            .chunks(BLOCK_ROWS)
            .map(|b| Block::of(b.iter().copied()))
            .collect();
        let mut extremes: Option<Extremes> = None;
        for (nth, block) in blocks.iter().enumerate() {
            let Some((least, most)) = block.extremes() else {
                continue;
            };
            let (least, most) = (nth * BLOCK_ROWS + least, nth * BLOCK_ROWS + most);
            let known = extremes.get_or_insert(Extremes {
                min: least,
                max: most,
                all_finite: blocks.iter().all(|block| block.all_finite()),
            });
            if values[least] < values[known.min] {
                known.min = least;
            }
            if values[most] > values[known.max] {
                known.max = most;
            }
        }
        // NaN is left alone: its payload tells a measured NaN from a missing value.
        let fits = |v: &f64| !v.is_nan() && f64::from(*v as f32).to_bits() == v.to_bits();
        if values.iter().all(fits) {
            let single = values.iter().map(|&v| v as f32).collect();
            self.values = Values::Single(single);
        } else {
            values.shrink_to_fit();
        }
        (self.blocks, self.extremes) = (blocks, extremes);
    }

    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Double(values) => values.capacity() * 8,
            Values::Single(values) => values.len() * 4,
        };
        values + self.blocks.capacity() * size_of::<Block>()
    }
}
