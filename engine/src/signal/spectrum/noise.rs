//! Noise for tests: the same on every machine and in every run.

use std::f64::consts::TAU;

/// Gaussian noise of mean 0 and variance 1: SplitMix64 through the Box-Muller transform.
pub(crate) struct Noise(pub u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// `count` samples.
    pub(crate) fn take(&mut self, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| {
                let radius = (-2.0 * self.uniform().ln()).sqrt();
                radius * (TAU * self.uniform()).cos()
            })
            .collect()
    }
}
