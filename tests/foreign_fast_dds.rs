//! A ROS-like writer on Fast DDS in C++ is discovered and received.

use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json_lines, peer};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

#[test]
fn every_value_arrives_once_and_in_order() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("fast_pub"));
    let _ = publisher.args(["/fast/point", "1000", "500"]);
    let _publisher = Process::start(publisher);

    let mut echo = lo.command(ROSWAVE);
    let _ = echo.args(["echo", "/fast/point", "--wait", "20", "--json", "--count", "1000"]);
    let output = finish(echo, Duration::from_secs(60));
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 1000, "{}", String::from_utf8_lossy(&output.stderr));
    for (n, line) in lines.iter().enumerate() {
        let x = f64::from(u32::try_from(n).expect("small"));
        assert_eq!(line["value"]["point"]["x"], x);
        assert_eq!(line["value"]["point"]["y"], x / 2.0);
        assert_eq!(line["value"]["point"]["z"], 7.0);
        assert_eq!(
            line["sequence"],
            lines[0]["sequence"].as_u64().expect("known") + n as u64
        );
        assert!(line["source_ns"].as_i64().expect("stamped") > 0);
    }
}

#[test]
fn megabyte_images_arrive_whole() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("fast_pub"));
    let _ = publisher.args(["/fast/image", "60", "30", "1000000"]);
    let _publisher = Process::start(publisher);

    let mut echo = lo.command(ROSWAVE);
    let _ = echo.args([
        "echo",
        "/fast/image",
        "--json",
        "--count",
        "30",
        "--field",
        "height",
        "--field",
        "data[999999]",
    ]);
    let output = finish(echo, Duration::from_secs(60));
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 30, "{}", String::from_utf8_lossy(&output.stderr));
    let first = lines[0]["value"]["height"].as_f64().expect("a number");
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["value"]["height"], first + n as f64);
        assert_eq!(line["value"]["data[999999]"], f64::from((999_999u32 * 7) as u8));
    }
}
