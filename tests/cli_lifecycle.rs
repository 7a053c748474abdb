//! Signals end every verb on the one way out, and the demo robot's faults are really on the wire.

use std::time::{Duration, Instant};

use roswave_tests_support::{Namespace, Process, finish, json, peer};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

fn robot(lo: &Namespace, arguments: &[&str]) -> Process {
    let mut robot = lo.command(ROSWAVE);
    let _ = robot.args(["demo", "--headless"]).args(arguments);
    Process::start(robot)
}

#[test]
fn sigint_and_sigterm_end_every_verb_in_time() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "point",
        "--rate",
        "500",
        "--count",
        "1000000",
        "--wait",
        "0",
        "--readers",
        "0",
    ]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(15));
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("bag");
    for (signal, arguments) in [
        ("INT", vec!["echo", "/point0", "--json"]),
        ("TERM", vec!["echo", "/point0", "--json"]),
        (
            "TERM",
            vec!["record", "/point0", "--json", "-o", bag.to_str().expect("text")],
        ),
    ] {
        let mut verb = lo.command(ROSWAVE);
        let _ = verb.args(&arguments);
        let verb = Process::start(verb);
        assert!(
            verb.line(Duration::from_secs(15)).is_some(),
            "{arguments:?} says something"
        );
        let asked = Instant::now();
        verb.signal(signal);
        let (_, code) = verb.finish(Duration::from_secs(10));
        assert_eq!(code, 0, "{signal} {arguments:?}");
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{signal} {arguments:?}: {:?}",
            asked.elapsed()
        );
    }
}

#[test]
fn stats_that_are_interrupted_tell_what_was_measured() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix", "point", "--rate", "500", "--count", "1000000", "--wait", "20",
    ]);
    let publisher = Process::start(publisher);
    let mut stats = lo.command(ROSWAVE);
    let _ = stats.args(["stats", "/point0", "--wait", "20", "--secs", "1000", "--json"]);
    let stats = Process::start(stats);
    // The publisher waits for a reader: stats has one now.
    let _ = publisher.event("ready", Duration::from_secs(30));
    std::thread::sleep(Duration::from_secs(1));
    stats.signal("INT");
    let (lines, code) = stats.finish(Duration::from_secs(10));
    assert_eq!(code, 0, "{lines:?}");
    let report: serde_json::Value = serde_json::from_str(&lines.concat()).expect("JSON");
    assert!(
        report["topics"][0]["messages"].as_u64().is_some_and(|n| n > 0),
        "{report:#}"
    );
}

#[test]
fn the_robot_is_seen_and_its_faults_are_felt() {
    let lo = Namespace::new();
    let robot = robot(
        &lo,
        &[
            "--fault",
            "nan:/odom@0",
            "--fault",
            "drift:/battery_state@0",
            "--fault",
            "stop:/tf@0",
        ],
    );
    let topics = json(&finish(
        {
            let mut topics = lo.command(ROSWAVE);
            let _ = topics.args(["topics", "--json", "--wait", "3"]);
            topics
        },
        Duration::from_secs(20),
    ));
    let names: Vec<&str> = topics
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|t| t["name"].as_str())
        .collect();
    for name in [
        "/imu/data",
        "/joint_states",
        "/motor/current",
        "/odom",
        "/battery_state",
        "/camera/image",
        "/tf_static",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    let mut odom = lo.command(ROSWAVE);
    let _ = odom.args([
        "echo",
        "/odom",
        "--field",
        "twist.twist.linear.x",
        "--field",
        "twist.twist.angular.z",
    ]);
    let _ = odom.args(["--csv", "--count", "5"]);
    let odom = finish(odom, Duration::from_secs(20));
    let text = String::from_utf8_lossy(&odom.stdout);
    assert_eq!(text.lines().count(), 6, "{text}");
    assert!(text.lines().skip(1).all(|line| line.contains(",NaN,")), "{text}");

    let mut stats = lo.command(ROSWAVE);
    let _ = stats.args(["stats", "/tf", "/imu/data", "--secs", "3", "--json"]);
    let stats = json(&finish(stats, Duration::from_secs(20)));
    assert_eq!(stats["topics"][0]["messages"], 0, "stopped: {stats:#}");
    assert_eq!(stats["topics"][0]["rate_hz"], serde_json::Value::Null, "{stats:#}");
    let rate = stats["topics"][1]["rate_hz"].as_f64().expect("measured");
    assert!((900.0..1100.0).contains(&rate), "{rate}");

    robot.signal("TERM");
    let (_, code) = robot.finish(Duration::from_secs(5));
    assert_eq!(code, 0);
}
