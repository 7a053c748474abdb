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
    /// One per [`BLOCK_ROWS`] rows; empty while the chunk is open.
    blocks: Box<[Block]>,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Column {
    pub(super) fn filled(value: f64, rows: usize, capacity: usize) -> Self {
        let mut values = Vec::with_capacity(capacity.max(rows));
        values.resize(rows, value);
        Self::open(values)
    }

    pub(super) fn open(values: Vec<f64>) -> Self {
        Self {
            values: Values::Double(values),
            blocks: Box::default(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    pub(in crate::series) fn get(&self, row: usize) -> f64 {
        match &self.values {
            Values::Double(values) => values[row],
            Values::Single(values) => f64::from(values[row]),
        }
    }

    pub(in crate::series) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(super) fn open_values(&mut self) -> &mut Vec<f64> {
        if let Values::Single(values) = &self.values {
            self.values = Values::Double(values.iter().map(|&v| f64::from(v)).collect());
        }
        self.blocks = Box::default();
        match &mut self.values {
            Values::Double(values) => values,
            Values::Single(_) => unreachable!("made double above"),
        }
    }

    pub(super) fn seal(&mut self) {
        let values = self.open_values();
        let blocks: Box<[Block]> = values
            .chunks(BLOCK_ROWS)
            .map(|b| Block::of(b.iter().copied()))
            .collect();
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for (block, values) in blocks.iter().zip(values.chunks(BLOCK_ROWS)) {
            if let Some((least, most)) = block.extremes() {
                min = min.min(values[least]);
                max = max.max(values[most]);
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
        (self.blocks, self.min, self.max) = (blocks, min, max);
    }

    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Double(values) => values.capacity() * 8,
            Values::Single(values) => values.len() * 4,
        };
        values + self.blocks.len() * size_of::<Block>()
    }
}
