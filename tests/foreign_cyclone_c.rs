//! A ROS-like node on Cyclone DDS in C is discovered and received: names, QoS, hash, values, order, rate.

use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json, json_lines, peer};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");
const POINT_HASH: &str = "RIHS01_4c0296af86e01e562e9e0405d138a01537247580076c58ea38d7923ac1045897";

#[test]
fn the_graph_names_topics_types_qos_hashes_and_nodes() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "arm/point",
        "--topics",
        "3",
        "--rate",
        "50",
        "--count",
        "100000",
    ]);
    let _ = publisher.args(["--wait", "0", "--readers", "0", "--transient-local", "--depth", "7"]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(15));

    let mut topics = lo.command(ROSWAVE);
    let _ = topics.args(["topics", "--json", "--wait", "3"]);
    let topics = json(&finish(topics, Duration::from_secs(30)));
    let named: Vec<_> = topics.as_array().expect("a list").iter().collect();
    let topic = named
        .iter()
        .find(|t| t["name"] == "/arm/point1")
        .unwrap_or_else(|| panic!("{topics:#}"));
    assert_eq!(topic["type"], "geometry_msgs/msg/PointStamped");
    assert_eq!(topic["type_hash"], POINT_HASH);
    assert_eq!(topic["definition"], "bundled");
    assert_eq!(topic["publishers"], 1);
    assert_eq!(topic["subscribers"], 0);
    assert!(topic["qos"].to_string().contains("transient_local"), "{topic}");

    let mut nodes = lo.command(ROSWAVE);
    let _ = nodes.args(["nodes", "--json", "--wait", "3"]);
    let output = finish(nodes, Duration::from_secs(30));
    assert!(json(&output).to_string().contains("cyclone_talker"), "{output:?}");
}

#[test]
fn every_value_arrives_once_and_in_order() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args(["--prefix", "point", "--rate", "1000", "--count", "2000", "--wait", "20"]);
    let _publisher = Process::start(publisher);

    let mut echo = lo.command(ROSWAVE);
    let _ = echo.args(["echo", "/point0", "--wait", "20", "--json", "--count", "2000"]);
    let output = finish(echo, Duration::from_secs(60));
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 2000, "{}", String::from_utf8_lossy(&output.stderr));
    for (n, line) in lines.iter().enumerate() {
        let x = f64::from(u32::try_from(n).expect("small"));
        assert_eq!(line["topic"], "/point0");
        assert_eq!(line["value"]["point"]["x"], x);
        assert_eq!(line["value"]["point"]["y"], x / 2.0);
        assert_eq!(line["value"]["header"]["frame_id"], "peer");
        assert_eq!(
            line["sequence"],
            lines[0]["sequence"].as_u64().expect("Cyclone's sequence is known") + n as u64
        );
        let (source, receive) = (&line["source_ns"], &line["receive_ns"]);
        let way_ns = receive.as_i64().expect("measured") - source.as_i64().expect("stamped");
        assert!(
            (0..1_000_000_000).contains(&way_ns),
            "{way_ns} ns from {source} to {receive}"
        );
    }
}

#[test]
fn ten_topics_at_a_kilohertz_lose_nothing_and_show_their_rate() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix", "t", "--topics", "10", "--rate", "1000", "--count", "100000", "--wait", "20",
    ]);
    let publisher = Process::start(publisher);

    let names: Vec<String> = (0..10).map(|i| format!("/t{i}")).collect();
    let mut stats = lo.command(ROSWAVE);
    let _ = stats
        .arg("stats")
        .args(&names)
        .args(["--wait", "20", "--secs", "5", "--json"]);
    let stats = json(&finish(stats, Duration::from_secs(60)));
    assert!(stats["cpu_s"].as_f64().expect("measured") > 0.0);
    for name in &names {
        let topics = stats["topics"].as_array().expect("a list");
        let topic = topics
            .iter()
            .find(|t| t["name"] == name.as_str())
            .unwrap_or_else(|| panic!("{stats:#}"));
        let rate = topic["rate_hz"].as_f64().unwrap_or_else(|| panic!("{topic:#}"));
        assert!((900.0..1100.0).contains(&rate), "{name}: {rate} Hz");
        assert!(topic["messages"].as_u64().expect("counted") > 1000, "{topic}");
        assert_eq!(topic["loss"]["transport"], 0, "{topic}");
        assert!(topic["latency_ns"]["p50"].as_i64().expect("measured") > 0, "{topic}");
    }
    drop(publisher);
}

#[test]
fn a_late_joiner_gets_what_a_transient_local_writer_kept() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "map",
        "--rate",
        "1000",
        "--count",
        "5",
        "--depth",
        "5",
        "--transient-local",
    ]);
    let _ = publisher.args(["--wait", "0", "--readers", "0", "--linger", "60"]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("done", Duration::from_secs(20));

    let mut echo = lo.command(ROSWAVE);
    let _ = echo.args(["echo", "/map0", "--wait", "20", "--json", "--count", "5"]);
    let lines = json_lines(&finish(echo, Duration::from_secs(40)));
    let x: Vec<_> = lines
        .iter()
        .map(|l| l["value"]["point"]["x"].as_f64().expect("a number"))
        .collect();
    assert_eq!(x, [0.0, 1.0, 2.0, 3.0, 4.0]);

    let mut stats = lo.command(ROSWAVE);
    let _ = stats.args(["stats", "/map0", "--wait", "20", "--secs", "2", "--json"]);
    let stats = json(&finish(stats, Duration::from_secs(40)));
    assert_eq!(stats["topics"][0]["messages"], 5, "{stats:#}");
    assert_eq!(
        stats["topics"][0]["loss"]["transport"], 0,
        "a late join is not loss: {stats:#}"
    );
}

#[test]
fn two_types_on_one_topic_are_told_and_do_no_harm() {
    let lo = Namespace::new();
    let start = |args: &[&str]| {
        let mut command = lo.command(peer("cyclone_pub"));
        let _ = command.args(["--prefix", "mixed", "--rate", "200", "--count", "100000", "--wait", "0"]);
        let _ = command.args(["--readers", "0"]).args(args);
        let process = Process::start(command);
        let _ = process.event("ready", Duration::from_secs(15));
        process
    };
    let _points = start(&[]);
    let _texts = start(&["--string"]);

    let mut topics = lo.command(ROSWAVE);
    let _ = topics.args(["topics", "--wait", "3"]);
    let output = finish(topics, Duration::from_secs(30));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("std_msgs/msg/String") && text.contains("geometry_msgs/msg/PointStamped"),
        "{text}"
    );

    let mut echo = lo.command(ROSWAVE);
    let _ = echo.args(["echo", "/mixed0", "--wait", "20", "--json", "--count", "5"]);
    let output = finish(echo, Duration::from_secs(30));
    assert_eq!(json_lines(&output).len(), 5, "{output:?}");
}
