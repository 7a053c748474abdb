//! Sums of many values.

/// A sum that keeps what each addition rounds away (A. Neumaier, 1974), so that it does not drift over days.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::signal) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    /// Adds a value.
    pub(in crate::signal) fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    /// The sum.
    pub(in crate::signal) fn get(self) -> f64 {
        self.sum + self.lost
    }
}
