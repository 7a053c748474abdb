//! What the demo robot publishes: topics, types, rates, and how each message is written.

use std::f64::consts::TAU;

use super::fault::Disturbance;
use super::motion::{Noise, pose};
use crate::cdr::Encoder;
use crate::clock::Timestamp;
use crate::qos::{History, Qos};

/// The moment that a message tells of.
pub(super) struct Moment {
    pub(super) stamp: Timestamp,
    /// Seconds since the robot's start.
    pub(super) t: f64,
    /// Messages of this topic before this one.
    pub(super) count: u64,
    /// Befalls the first signal of the message.
    pub(super) disturbance: Disturbance,
}

/// One topic of the robot.
pub(super) struct TopicSpec {
    pub(super) topic: &'static str,
    pub(super) type_name: &'static str,
    /// `None`: published once.
    rate_hz: Option<u32>,
    pub(super) qos: Qos,
    pub(super) encode: fn(&mut Encoder, &Moment, &mut Noise),
}

impl TopicSpec {
    pub(super) fn period_ns(&self) -> Option<i64> {
        Some(1_000_000_000 / i64::from(self.rate_hz?))
    }
}

/// Deep enough for a reader that stalls for a fifth of a second.
const FAST: Qos = Qos {
    history: History::KeepLast(1000),
    ..Qos::RELIABLE
};

/// All topics.
pub(super) static TOPICS: &[TopicSpec] = &[
    spec("/imu/data", "sensor_msgs/msg/Imu", Some(1000), FAST, imu),
    spec("/joint_states", "sensor_msgs/msg/JointState", Some(1000), FAST, joints),
    spec(
        "/motor/current",
        "std_msgs/msg/Float64",
        Some(5000),
        FAST,
        motor_current,
    ),
    spec("/odom", "nav_msgs/msg/Odometry", Some(50), Qos::RELIABLE, odometry),
    spec("/tf", "tf2_msgs/msg/TFMessage", Some(50), Qos::RELIABLE, tf),
    spec("/camera/image", "sensor_msgs/msg/Image", Some(30), Qos::SENSOR, image),
    spec(
        "/battery_state",
        "sensor_msgs/msg/BatteryState",
        Some(1),
        Qos::RELIABLE,
        battery,
    ),
    spec(
        "/diagnostics",
        "diagnostic_msgs/msg/DiagnosticArray",
        Some(1),
        Qos::RELIABLE,
        diagnostics,
    ),
    spec("/tf_static", "tf2_msgs/msg/TFMessage", None, Qos::LATCHED, tf_static),
    spec(
        "/robot_description",
        "std_msgs/msg/String",
        None,
        Qos::LATCHED,
        robot_description,
    ),
];

const fn spec(
    topic: &'static str,
    type_name: &'static str,
    rate_hz: Option<u32>,
    qos: Qos,
    encode: fn(&mut Encoder, &Moment, &mut Noise),
) -> TopicSpec {
    TopicSpec {
        topic,
        type_name,
        rate_hz,
        qos,
        encode,
    }
}

fn numbers(out: &mut Encoder, values: &[f64]) {
    for value in values {
        out.f64(*value);
    }
}

/// A covariance matrix of `N` numbers with these values on its diagonal.
fn covariance<const N: usize>(out: &mut Encoder, diagonal: &[f64]) {
    let mut matrix = [0.0; N];
    for (i, value) in diagonal.iter().enumerate() {
        matrix[i * (diagonal.len() + 1)] = *value;
    }
    numbers(out, &matrix);
}

fn heading(yaw_rad: f64) -> [f64; 4] {
    [0.0, 0.0, (yaw_rad / 2.0).sin(), (yaw_rad / 2.0).cos()]
}

/// Gravity stands on z; the wheels shake the frame at 25 Hz, more when the robot is fast.
fn imu(out: &mut Encoder, at: &Moment, noise: &mut Noise) {
    const GRAVITY_MPS2: f64 = 9.806_65;
    let pose = pose(at.t);
    let shake = 0.15 * pose.speed_mps * (TAU * 25.0 * at.t).sin();
    out.header(at.stamp, "imu_link");
    numbers(out, &heading(pose.yaw_rad));
    covariance::<9>(out, &[1e-4, 1e-4, 1e-3]);
    numbers(
        out,
        &[
            noise.normal(0.004),
            noise.normal(0.004),
            pose.yaw_rate_radps + noise.normal(0.004),
        ],
    );
    covariance::<9>(out, &[1.6e-5; 3]);
    numbers(
        out,
        &[
            at.disturbance.apply(pose.forward_mps2 + noise.normal(0.03)),
            pose.lateral_mps2 + noise.normal(0.03),
            GRAVITY_MPS2 + shake + noise.normal(0.04),
        ],
    );
    covariance::<9>(out, &[9e-4; 3]);
}

const JOINTS: [&str; 6] = [
    "shoulder_pan",
    "shoulder_lift",
    "elbow",
    "wrist_1",
    "wrist_2",
    "wrist_3",
];

fn joints(out: &mut Encoder, at: &Moment, noise: &mut Noise) {
    // Each joint swings at its own pace.
    let phase = |i: usize| TAU * (0.1 + 0.05 * i as f64) * at.t + i as f64;
    let pace = |i: usize| TAU * (0.1 + 0.05 * i as f64);
    let swing = |i: usize| 1.2 - 0.15 * i as f64;
    out.header(at.stamp, "base_link");
    out.sequence(JOINTS.len());
    for name in JOINTS {
        out.string(name);
    }
    out.sequence(JOINTS.len());
    for i in 0..JOINTS.len() {
        let position = swing(i) * phase(i).sin() + noise.normal(2e-4);
        out.f64(if i == 0 {
            at.disturbance.apply(position)
        } else {
            position
        });
    }
    out.sequence(JOINTS.len());
    for i in 0..JOINTS.len() {
        out.f64(swing(i) * pace(i) * phase(i).cos() + noise.normal(2e-3));
    }
    out.sequence(JOINTS.len());
    for i in 0..JOINTS.len() {
        out.f64(-4.0 * swing(i) * pace(i) * pace(i) * phase(i).sin() + noise.normal(0.05));
    }
}

/// The load follows the robot's acceleration; the controller's ripple lies at 400 Hz.
fn motor_current(out: &mut Encoder, at: &Moment, noise: &mut Noise) {
    let pose = pose(at.t);
    let load_a = 2.0 + 3.0 * pose.forward_mps2 + 0.8 * pose.speed_mps;
    let ripple_a = 0.35 * (TAU * 400.0 * at.t).sin();
    out.f64(at.disturbance.apply(load_a + ripple_a + noise.normal(0.05)));
}

fn odometry(out: &mut Encoder, at: &Moment, noise: &mut Noise) {
    let pose = pose(at.t);
    out.header(at.stamp, "odom");
    out.string("base_link");
    numbers(out, &[pose.x_m, pose.y_m, 0.0]);
    numbers(out, &heading(pose.yaw_rad));
    covariance::<36>(out, &[1e-3, 1e-3, 1e-6, 1e-6, 1e-6, 5e-3]);
    numbers(
        out,
        &[at.disturbance.apply(pose.speed_mps + noise.normal(0.01)), 0.0, 0.0],
    );
    numbers(out, &[0.0, 0.0, pose.yaw_rate_radps + noise.normal(0.01)]);
    covariance::<36>(out, &[1e-4, 1e-4, 1e-6, 1e-6, 1e-6, 1e-3]);
}

fn transform(out: &mut Encoder, stamp: Timestamp, parent: &str, child: &str, xyz: [f64; 3], rotation: [f64; 4]) {
    out.header(stamp, parent);
    out.string(child);
    numbers(out, &xyz);
    numbers(out, &rotation);
}

fn tf(out: &mut Encoder, at: &Moment, _: &mut Noise) {
    let pose = pose(at.t);
    out.sequence(1);
    let x_m = at.disturbance.apply(pose.x_m);
    transform(
        out,
        at.stamp,
        "odom",
        "base_link",
        [x_m, pose.y_m, 0.0],
        heading(pose.yaw_rad),
    );
}

fn tf_static(out: &mut Encoder, at: &Moment, _: &mut Noise) {
    out.sequence(2);
    transform(out, at.stamp, "base_link", "imu_link", [0.05, 0.0, 0.12], heading(0.0));
    transform(
        out,
        at.stamp,
        "base_link",
        "camera_link",
        [0.21, 0.0, 0.3],
        heading(0.0),
    );
}

/// A grey gradient with a bright bar that moves on with every image.
fn image(out: &mut Encoder, at: &Moment, _: &mut Noise) {
    const WIDTH: usize = 640;
    const HEIGHT: usize = 480;
    const BAR: usize = 24;
    let mut row = [0u8; WIDTH * 3];
    let bar = (at.count as usize * 4) % (WIDTH - BAR);
    for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
        let grey = (x * 160 / WIDTH) as u8 + 32;
        pixel.copy_from_slice(&if (bar..bar + BAR).contains(&x) {
            [76, 194, 255]
        } else {
            [grey; 3]
        });
    }
    out.header(at.stamp, "camera_link");
    out.u32(HEIGHT as u32);
    out.u32(WIDTH as u32);
    out.string("rgb8");
    out.u8(0);
    out.u32(WIDTH as u32 * 3);
    out.sequence(WIDTH * HEIGHT * 3);
    for _ in 0..HEIGHT {
        out.bytes(&row);
    }
}

/// A pack of six cells that lasts four hours.
fn battery(out: &mut Encoder, at: &Moment, noise: &mut Noise) {
    const CAPACITY_AH: f64 = 10.0;
    const LASTS_S: f64 = 4.0 * 3600.0;
    const CELLS: usize = 6;
    let left = (1.0 - at.t / LASTS_S).max(0.0);
    let current_a = -(2.5 + noise.normal(0.05));
    let cell_v = 3.3 + 0.85 * left + 0.01 * current_a;
    out.header(at.stamp, "battery");
    out.f32(at.disturbance.apply(cell_v * CELLS as f64 + noise.normal(0.005)) as f32);
    out.f32((27.0 + 4.0 * (1.0 - left)) as f32);
    out.f32(current_a as f32);
    out.f32((CAPACITY_AH * left) as f32);
    out.f32(CAPACITY_AH as f32);
    out.f32(CAPACITY_AH as f32);
    out.f32(left as f32);
    // POWER_SUPPLY_STATUS_DISCHARGING, HEALTH_GOOD, TECHNOLOGY_LION.
    out.u8(2);
    out.u8(1);
    out.u8(2);
    out.bool(true);
    out.sequence(CELLS);
    for _ in 0..CELLS {
        out.f32((cell_v + noise.normal(0.002)) as f32);
    }
    out.sequence(0);
    out.string("base");
    out.string("DEMO-0001");
}

fn diagnostics(out: &mut Encoder, at: &Moment, _: &mut Noise) {
    let hot = (at.t / 30.0) as u64 % 2 == 1;
    let celsius = if hot { 71.5 } else { 48.0 };
    out.header(at.stamp, "");
    out.sequence(2);
    let mut status = |level: u8, name: &str, message: &str, key: &str, value: &str| {
        out.u8(level);
        out.string(name);
        out.string(message);
        out.string("demo");
        out.sequence(1);
        out.string(key);
        out.string(value);
    };
    status(0, "imu: rate", "OK", "rate (Hz)", "1000");
    let (level, message) = if hot { (1, "warm") } else { (0, "OK") };
    status(
        level,
        "motor: temperature",
        message,
        "temperature (C)",
        &celsius.to_string(),
    );
}

fn robot_description(out: &mut Encoder, _: &Moment, _: &mut Noise) {
    out.string(concat!(
        r#"<robot name="demo"><link name="base_link"/><link name="imu_link"/><link name="camera_link"/>"#,
        r#"<joint name="imu" type="fixed"><parent link="base_link"/><child link="imu_link"/></joint>"#,
        r#"<joint name="camera" type="fixed"><parent link="base_link"/><child link="camera_link"/></joint></robot>"#,
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cdr::{FieldPath, Value};
    use crate::name::TypeName;
    use crate::schema::Registry;

    fn written(topic: &str, t: f64, disturbance: Disturbance) -> Value {
        let spec = TOPICS.iter().find(|spec| spec.topic == topic).expect("a topic");
        let schema = Registry::default()
            .find(&TypeName::new(spec.type_name).expect("a name"), None)
            .expect("bundled")
            .schema;
        let mut out = Encoder::new();
        out.clear();
        let at = Moment {
            stamp: Timestamp(1_500_000_000),
            t,
            count: 3,
            disturbance,
        };
        (spec.encode)(&mut out, &at, &mut Noise::new());
        let value = Value::decode(&schema, out.payload()).unwrap_or_else(|e| panic!("{topic}: {e}"));
        let again = crate::cdr::encode(&schema, &value, crate::cdr::Endian::Little).expect("encodes");
        assert_eq!(again, out.payload(), "{topic} is exactly its type");
        value
    }

    #[test]
    fn every_message_is_of_its_type() {
        for spec in TOPICS {
            let _ = written(spec.topic, 1.25, Disturbance::default());
        }
    }

    #[test]
    fn gravity_is_on_z_and_a_fault_befalls_the_first_signal() {
        let number = |value: &Value, path: &str| {
            value
                .get(&FieldPath::parse(path).expect("a path"))
                .and_then(Value::as_f64)
                .expect("a number")
        };
        let imu = written("/imu/data", 2.0, Disturbance::default());
        assert!((number(&imu, "linear_acceleration.z") - 9.8).abs() < 0.6);
        let spike = Disturbance::at(&["spike:/imu/data@2".parse().expect("a fault")], 2.0, Some(1_000_000));
        assert!(number(&written("/imu/data", 2.0, spike), "linear_acceleration.x") > 40.0);
    }
}
