//! As much of complex numbers as the design and the response of a filter need.

use std::ops::{Add, Mul, Sub};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Complex {
    pub re: f64,
    pub im: f64,
}

impl Complex {
    pub(super) const ONE: Self = Self { re: 1.0, im: 0.0 };

    pub(super) fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    pub(super) fn norm(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(super) fn scale(self, by: f64) -> Self {
        Self::new(self.re * by, self.im * by)
    }

    /// The root with a real part that is not negative.
    pub(super) fn sqrt(self) -> Self {
        let norm = self.norm();
        if norm == 0.0 {
            return Self::new(0.0, 0.0);
        }
        // The larger of the two parts comes from a sum, the other one from it, so that nothing cancels.
        let large = ((norm + self.re.abs()) / 2.0).sqrt();
        let small = self.im.abs() / (2.0 * large);
        let (re, im) = if self.re >= 0.0 { (large, small) } else { (small, large) };
        Self::new(re, im.copysign(self.im))
    }

    /// The quotient, with both parts brought to a like size first (R. L. Smith, "Algorithm 116", 1962).
    pub(super) fn over(self, by: Self) -> Self {
        if by.re.abs() >= by.im.abs() {
            let ratio = by.im / by.re;
            let scale = by.re + by.im * ratio;
            Self::new((self.re + self.im * ratio) / scale, (self.im - self.re * ratio) / scale)
        } else {
            let ratio = by.re / by.im;
            let scale = by.re * ratio + by.im;
            Self::new((self.re * ratio + self.im) / scale, (self.im * ratio - self.re) / scale)
        }
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(
            self.re * other.re - self.im * other.im,
            self.re * other.im + self.im * other.re,
        )
    }
}
