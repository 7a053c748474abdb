//! The operations: what they are called, how many values they take, and what they give.

use std::f64::consts::{PI, TAU};
use std::ops::RangeInclusive;

/// An operation on at most three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Negate,
    Not,
    If,
    Min,
    Max,
    Abs,
    Sqrt,
    Cbrt,
    Exp,
    Log,
    Log10,
    Log2,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    Hypot,
    Floor,
    Ceil,
    Round,
    Sign,
    Clamp,
    Mod,
    Deg,
    Rad,
    IsNan,
    IsFinite,
    CelsiusFromKelvin,
    KelvinFromCelsius,
    GFromMps2,
    KmhFromMps,
    RpmFromRadps,
}

/// An operation on a row of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Many {
    Norm,
    /// Of a quaternion.
    Angle(Angle),
}

/// A turn about an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Angle {
    Roll,
    Pitch,
    Yaw,
}

/// Any operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Scalar(Scalar),
    Many(Many),
    /// The value at the previous evaluation.
    Prev,
}

/// A function that an expression may call.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Its arguments, as they are written: `x, lo, hi`.
    pub arguments: &'static str,
    /// What it gives, in one sentence.
    pub gives: &'static str,
    pub(super) takes: RangeInclusive<usize>,
    pub(super) operation: Operation,
}

/// The words that stand for a number, and what each means.
pub const WORDS: [(&str, &str); 7] = [
    ("pi", "Half a turn in radians"),
    ("tau", "A turn in radians"),
    ("e", "The base of natural logarithms"),
    ("nan", "Not a number"),
    ("inf", "Infinity"),
    ("t", "Seconds since the first evaluation"),
    ("dt", "Seconds since the previous evaluation; NaN at the first"),
];

const ANY: usize = super::MAX_NODES;

macro_rules! table {
    ($($name:literal ($arguments:literal) $takes:expr, $operation:expr => $gives:literal;)*) => {
        &[$(Function {
            name: $name,
            arguments: $arguments,
            gives: $gives,
            takes: $takes,
            operation: $operation,
        }),*]
    };
}

static FUNCTIONS: &[Function] = table! {
    "if" ("c, a, b") 3..=3, Operation::Scalar(Scalar::If) => "a where c is true, else b";
    "min" ("a, …") 1..=ANY, Operation::Scalar(Scalar::Min) => "The least; NaN if one is";
    "max" ("a, …") 1..=ANY, Operation::Scalar(Scalar::Max) => "The greatest; NaN if one is";
    "abs" ("x") 1..=1, Operation::Scalar(Scalar::Abs) => "The magnitude";
    "sqrt" ("x") 1..=1, Operation::Scalar(Scalar::Sqrt) => "The square root; NaN below zero";
    "cbrt" ("x") 1..=1, Operation::Scalar(Scalar::Cbrt) => "The cube root";
    "exp" ("x") 1..=1, Operation::Scalar(Scalar::Exp) => "e to the power x";
    "log" ("x") 1..=1, Operation::Scalar(Scalar::Log) => "The natural logarithm";
    "log10" ("x") 1..=1, Operation::Scalar(Scalar::Log10) => "The decimal logarithm";
    "log2" ("x") 1..=1, Operation::Scalar(Scalar::Log2) => "The binary logarithm";
    "sin" ("x") 1..=1, Operation::Scalar(Scalar::Sin) => "The sine of x in radians";
    "cos" ("x") 1..=1, Operation::Scalar(Scalar::Cos) => "The cosine of x in radians";
    "tan" ("x") 1..=1, Operation::Scalar(Scalar::Tan) => "The tangent of x in radians";
    "asin" ("x") 1..=1, Operation::Scalar(Scalar::Asin) => "The arc sine in radians";
    "acos" ("x") 1..=1, Operation::Scalar(Scalar::Acos) => "The arc cosine in radians";
    "atan" ("x") 1..=1, Operation::Scalar(Scalar::Atan) => "The arc tangent in radians";
    "atan2" ("y, x") 2..=2, Operation::Scalar(Scalar::Atan2) => "The angle of (x, y) in radians";
    "hypot" ("a, b") 2..=2, Operation::Scalar(Scalar::Hypot) => "sqrt(a² + b²) without overflow";
    "floor" ("x") 1..=1, Operation::Scalar(Scalar::Floor) => "The whole number at or below";
    "ceil" ("x") 1..=1, Operation::Scalar(Scalar::Ceil) => "The whole number at or above";
    "round" ("x") 1..=1, Operation::Scalar(Scalar::Round) => "The nearest whole number; halves go away from zero";
    "sign" ("x") 1..=1, Operation::Scalar(Scalar::Sign) => "-1, 0 or 1";
    "clamp" ("x, lo, hi") 3..=3, Operation::Scalar(Scalar::Clamp) => "x kept within lo to hi; hi if lo is greater";
    "mod" ("x, y") 2..=2, Operation::Scalar(Scalar::Mod) => "x - y floor(x / y): has the sign of y, x % y that of x";
    "deg" ("x") 1..=1, Operation::Scalar(Scalar::Deg) => "Degrees from radians";
    "rad" ("x") 1..=1, Operation::Scalar(Scalar::Rad) => "Radians from degrees";
    "isnan" ("x") 1..=1, Operation::Scalar(Scalar::IsNan) => "1 where x is NaN, else 0";
    "isfinite" ("x") 1..=1, Operation::Scalar(Scalar::IsFinite) => "1 where x is neither NaN nor infinite, else 0";
    "celsius_from_kelvin" ("x") 1..=1, Operation::Scalar(Scalar::CelsiusFromKelvin) => "x - 273.15";
    "kelvin_from_celsius" ("x") 1..=1, Operation::Scalar(Scalar::KelvinFromCelsius) => "x + 273.15";
    "g_from_mps2" ("x") 1..=1, Operation::Scalar(Scalar::GFromMps2) => "x / 9.80665: standard gravities from m/s²";
    "kmh_from_mps" ("x") 1..=1, Operation::Scalar(Scalar::KmhFromMps) => "3.6 x: km/h from m/s";
    "rpm_from_radps" ("x") 1..=1, Operation::Scalar(Scalar::RpmFromRadps) => "60 x / tau: turns per minute from rad/s";
    "norm" ("a, …") 1..=ANY, Operation::Many(Many::Norm) => "The length of the vector, without overflow";
    "roll" ("x, y, z, w") 4..=4, Operation::Many(Many::Angle(Angle::Roll)) => "Turn about x in radians; 0 at pitch ±pi/2";
    "pitch" ("x, y, z, w") 4..=4, Operation::Many(Many::Angle(Angle::Pitch)) => "Turn about y in radians";
    "yaw" ("x, y, z, w") 4..=4, Operation::Many(Many::Angle(Angle::Yaw)) => "Turn about z in radians";
    "prev" ("x") 1..=1, Operation::Prev => "What x was at the previous evaluation; NaN at the first";
};

/// Every function, for help and completion.
#[must_use]
pub fn functions() -> &'static [Function] {
    FUNCTIONS
}

pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Standard gravity in m/s² (CGPM 1901).
const GRAVITY: f64 = 9.806_65;
const ZERO_CELSIUS: f64 = 273.15;

/// NaN is not true.
fn truth(x: f64) -> bool {
    x != 0.0 && !x.is_nan()
}

fn least(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

fn greatest(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

fn power(a: f64, b: f64) -> f64 {
    // Squares are what people write most; a product is quicker and never less exact.
    if b == 2.0 { a * a } else { a.powf(b) }
}

fn floored(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) {
        rest + y
    } else {
        rest
    }
}

impl Scalar {
    /// The value for its arguments; what it doesn't take is ignored.
    #[inline]
    pub(super) fn of(self, a: f64, b: f64, c: f64) -> f64 {
        let flag = |yes: bool| f64::from(u8::from(yes));
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Remainder => a % b,
            Self::Power => power(a, b),
            Self::Less => flag(a < b),
            Self::LessEqual => flag(a <= b),
            Self::Greater => flag(a > b),
            Self::GreaterEqual => flag(a >= b),
            Self::Equal => flag(a == b),
            Self::NotEqual => flag(a != b && !a.is_nan() && !b.is_nan()),
            Self::And => flag(truth(a) && truth(b)),
            Self::Or => flag(truth(a) || truth(b)),
            Self::Negate => -a,
            Self::Not => flag(!truth(a)),
            Self::If => {
                if truth(a) {
                    b
                } else {
                    c
                }
            }
            Self::Min => least(a, b),
            Self::Max => greatest(a, b),
            Self::Abs => a.abs(),
            Self::Sqrt => a.sqrt(),
            Self::Cbrt => a.cbrt(),
            Self::Exp => a.exp(),
            Self::Log => a.ln(),
            Self::Log10 => a.log10(),
            Self::Log2 => a.log2(),
            Self::Sin => a.sin(),
            Self::Cos => a.cos(),
            Self::Tan => a.tan(),
            Self::Asin => a.asin(),
            Self::Acos => a.acos(),
            Self::Atan => a.atan(),
            Self::Atan2 => a.atan2(b),
            Self::Hypot => a.hypot(b),
            Self::Floor => a.floor(),
            Self::Ceil => a.ceil(),
            Self::Round => a.round(),
            Self::Sign => flag(a > 0.0) - flag(a < 0.0) + if a.is_nan() { a } else { 0.0 },
            // NaN in any of the three comes through, also as the upper limit.
            Self::Clamp => least(greatest(a, b), c),
            Self::Mod => floored(a, b),
            Self::Deg => a.to_degrees(),
            Self::Rad => a.to_radians(),
            Self::IsNan => flag(a.is_nan()),
            Self::IsFinite => flag(a.is_finite()),
            Self::CelsiusFromKelvin => a - ZERO_CELSIUS,
            Self::KelvinFromCelsius => a + ZERO_CELSIUS,
            Self::GFromMps2 => a / GRAVITY,
            Self::KmhFromMps => a * 3.6,
            Self::RpmFromRadps => a * (60.0 / TAU),
        }
    }
}

impl Many {
    /// The value for its arguments.
    pub(super) fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::Norm => norm(values),
            Self::Angle(angle) => euler(angle, values).unwrap_or(f64::NAN),
        }
    }
}

fn norm(values: &[f64]) -> f64 {
    let squares: f64 = values.iter().map(|v| v * v).sum();
    if (1e-280..1e300).contains(&squares) {
        return squares.sqrt();
    }
    let largest = values.iter().fold(0.0, |largest, v| greatest(largest, v.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    // The power of two below it: no digit is lost.
    let scale = f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE);
    scale * values.iter().map(|v| (v / scale).powi(2)).sum::<f64>().sqrt()
}

/// Within this of pitch = ±pi/2, in radians, roll and yaw turn about the same axis.
const LOCK: f64 = 1e-7;

/// Roll, pitch or yaw in radians of the quaternion x, y, z, w: the turn `Rz(yaw) Ry(pitch) Rx(roll)` of REP 103. Its
/// length doesn't matter; zero or a number that isn't finite gives `None`.
///
/// From the entries of the rotation matrix, as in Diebel, "Representing Attitude" (2006), section 8; pitch by `atan2`,
/// which stays exact where the arc sine loses half of its digits. In gimbal lock roll is 0 and yaw has all of the turn.
fn euler(angle: Angle, values: &[f64]) -> Option<f64> {
    let &[x, y, z, w] = values else { return None };
    let largest = x.abs().max(y.abs()).max(z.abs()).max(w.abs());
    let sound = largest > 0.0 && [x, y, z, w].iter().all(|v| v.is_finite());
    if !sound {
        return None;
    }
    // Squares of very small and very large components must not vanish or overflow.
    let (x, y, z, w) = (x / largest, y / largest, z / largest, w / largest);
    let (about_x, along_x) = (2.0 * (w * x + y * z), w * w - x * x - y * y + z * z);
    let rise = 2.0 * (w * y - x * z);
    let level = (about_x * about_x + along_x * along_x).sqrt();
    let locked = level <= LOCK * rise.abs();
    Some(match angle {
        Angle::Pitch => rise.atan2(level),
        Angle::Roll if locked => 0.0,
        Angle::Roll => about_x.atan2(along_x),
        Angle::Yaw if locked && rise > 0.0 => half_turn(-2.0 * (x - z).atan2(w + y)),
        Angle::Yaw if locked => half_turn(2.0 * (x + z).atan2(w - y)),
        Angle::Yaw => (2.0 * (w * z + x * y)).atan2(w * w + x * x - y * y - z * z),
    })
}

/// An angle of at most a turn, brought to at most half a turn.
fn half_turn(angle: f64) -> f64 {
    if angle > PI {
        angle - TAU
    } else if angle < -PI {
        angle + TAU
    } else {
        angle
    }
}
