//! Reading messages: some fields by a plan, and the whole tree.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use roswave_engine::cdr::{Encoder, FieldPath, FieldPlan, Value};
use roswave_engine::clock::Timestamp;
use roswave_engine::name::TypeName;
use roswave_engine::schema::{Registry, Schema};

fn schema(name: &str) -> std::sync::Arc<Schema> {
    let name = TypeName::new(name).expect("a type name");
    Registry::default().find(&name, None).expect("bundled").schema
}

fn numbers(encoder: &mut Encoder, count: usize) {
    for i in 0..count {
        encoder.f64(i as f64 * 0.5);
    }
}

fn imu() -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.header(Timestamp(1_700_000_000_000_000_000), "imu");
    numbers(&mut encoder, 4 + 9 + 3 + 9 + 3 + 9);
    encoder.payload().to_vec()
}

fn joint_state() -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.header(Timestamp(1_700_000_000_000_000_000), "base");
    encoder.sequence(7);
    for i in 0..7 {
        encoder.string(&format!("arm_joint_{i}"));
    }
    for _ in 0..3 {
        encoder.sequence(7);
        numbers(&mut encoder, 7);
    }
    encoder.payload().to_vec()
}

fn odometry() -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.header(Timestamp(1_700_000_000_000_000_000), "odom");
    encoder.string("base_link");
    numbers(&mut encoder, 7 + 36 + 6 + 36);
    encoder.payload().to_vec()
}

fn decode(c: &mut Criterion) {
    let cases: [(&str, &str, Vec<u8>, &[&str]); 3] = [
        (
            "imu, 6 fields",
            "sensor_msgs/msg/Imu",
            imu(),
            &[
                "angular_velocity.x",
                "angular_velocity.y",
                "angular_velocity.z",
                "linear_acceleration.x",
                "linear_acceleration.y",
                "linear_acceleration.z",
            ],
        ),
        (
            "joint state, position[3]",
            "sensor_msgs/msg/JointState",
            joint_state(),
            &["position[3]"],
        ),
        (
            "odometry, 1 field",
            "nav_msgs/msg/Odometry",
            odometry(),
            &["twist.twist.angular.z"],
        ),
    ];
    let mut group = c.benchmark_group("extract");
    for (label, ty, payload, paths) in &cases {
        let paths: Vec<FieldPath> = paths.iter().map(|p| FieldPath::parse(p).expect("a path")).collect();
        let plan = FieldPlan::compile(&schema(ty), &paths).expect("the fields are there");
        let mut row = vec![0.0; plan.width()];
        let _ = group.throughput(Throughput::Elements(plan.width() as u64));
        let _ = group.bench_function(*label, |b| {
            b.iter(|| plan.extract(black_box(payload), black_box(&mut row)));
        });
    }
    group.finish();

    let imu_schema = schema("sensor_msgs/msg/Imu");
    let payload = imu();
    let _ = c.bench_function("tree/imu", |b| {
        b.iter(|| Value::decode(&imu_schema, black_box(&payload)));
    });
}

criterion_group!(benches, decode);
criterion_main!(benches);
