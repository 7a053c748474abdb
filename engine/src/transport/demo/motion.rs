//! Where the robot is, in closed form.

use std::f64::consts::TAU;

/// Half the width of the figure of eight, in metres.
const RADIUS_M: f64 = 2.0;
/// Time for one figure of eight, in seconds.
const LAP_S: f64 = 20.0;
/// Step of the numeric derivatives, in seconds.
const STEP_S: f64 = 1e-3;

/// Position, heading and how they change, in the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    pub(super) x_m: f64,
    pub(super) y_m: f64,
    pub(super) yaw_rad: f64,
    pub(super) speed_mps: f64,
    pub(super) yaw_rate_radps: f64,
    /// Along the heading.
    pub(super) forward_mps2: f64,
    /// To the left.
    pub(super) lateral_mps2: f64,
}

fn position(t: f64) -> (f64, f64) {
    let phase = TAU * t / LAP_S;
    (RADIUS_M * phase.sin(), RADIUS_M * phase.sin() * phase.cos())
}

fn velocity(t: f64) -> (f64, f64) {
    let ((x0, y0), (x1, y1)) = (position(t - STEP_S), position(t + STEP_S));
    ((x1 - x0) / (2.0 * STEP_S), (y1 - y0) / (2.0 * STEP_S))
}

/// The robot at `t` seconds.
pub(super) fn pose(t: f64) -> Pose {
    let (x_m, y_m) = position(t);
    let (vx, vy) = velocity(t);
    let ((ax0, ay0), (ax1, ay1)) = (velocity(t - STEP_S), velocity(t + STEP_S));
    let (ax, ay) = ((ax1 - ax0) / (2.0 * STEP_S), (ay1 - ay0) / (2.0 * STEP_S));
    let yaw_rad = vy.atan2(vx);
    let speed_mps = vx.hypot(vy);
    let (sin, cos) = yaw_rad.sin_cos();
    Pose {
        x_m,
        y_m,
        yaw_rad,
        speed_mps,
        yaw_rate_radps: (vx * ay - vy * ax) / (vx * vx + vy * vy),
        forward_mps2: ax * cos + ay * sin,
        lateral_mps2: ay * cos - ax * sin,
    }
}

/// Noise of a fixed seed: xorshift64* (Vigna 2016), summed to be nearly normal.
#[derive(Debug)]
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        bits as f64 / (1u64 << 53) as f64 - 0.5
    }

    /// A sample of mean 0 and this standard deviation.
    pub(super) fn normal(&mut self, deviation: f64) -> f64 {
        // The sum of four uniform samples of width 1 has a variance of 1/3.
        let sum = self.uniform() + self.uniform() + self.uniform() + self.uniform();
        sum * deviation * 3f64.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_robot_turns_as_fast_as_its_heading_changes() {
        for t in [0.5, 3.0, 7.7, 12.1] {
            let (a, b, here) = (pose(t - 1e-3), pose(t + 1e-3), pose(t));
            let rate = (b.yaw_rad - a.yaw_rad) / 2e-3;
            assert!((rate - here.yaw_rate_radps).abs() < 1e-3, "{rate} {here:?}");
            let speed = (b.x_m - a.x_m).hypot(b.y_m - a.y_m) / 2e-3;
            assert!((speed - here.speed_mps).abs() < 1e-3, "{speed} {here:?}");
        }
    }

    #[test]
    fn noise_has_the_deviation_it_was_asked_for() {
        let mut noise = Noise::new();
        let samples: Vec<f64> = (0..20_000).map(|_| noise.normal(2.0)).collect();
        let mean = samples.iter().sum::<f64>() / 20_000.0;
        let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(
            mean.abs() < 0.06 && (variance.sqrt() - 2.0).abs() < 0.06,
            "{mean} {variance}"
        );
    }
}
