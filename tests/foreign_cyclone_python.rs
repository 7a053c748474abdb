//! A ROS-like writer on Cyclone DDS in Python is discovered and received.

use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json_lines, python, top};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

#[test]
fn every_value_arrives_once_and_in_order() {
    let lo = Namespace::new();
    let mut publisher = lo.command(python());
    let _ = publisher
        .arg(top().join("tests/peers/cyclone_pub.py"))
        .args(["/py/point", "300", "200"]);
    let _publisher = Process::start(publisher);

    let mut echo = lo.command(ROSWAVE);
    let _ = echo.args([
        "echo",
        "/py/point",
        "--json",
        "--count",
        "300",
        "--field",
        "point.x",
        "--field",
        "point.z",
    ]);
    let output = finish(echo, Duration::from_secs(60));
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 300, "{}", String::from_utf8_lossy(&output.stderr));
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["value"]["point.x"], f64::from(u32::try_from(n).expect("small")));
        assert_eq!(line["value"]["point.z"], -1.5);
    }
}
