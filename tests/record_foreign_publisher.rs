//! A recording of a foreign publisher, read back by foreign readers, holds every message with its value and its times.

use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json, peer, python, top};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

#[test]
fn every_message_of_ten_kilohertz_topics_is_in_the_file() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("bag");

    // Each writer waits for a reader on every topic before the first message: all of them must be in the file.
    let mut record = lo.command(ROSWAVE);
    let _ = record.args(["record", "--all", "--json", "-o"]).arg(&bag);
    let record = Process::start(record);
    let started = record.event("started", Duration::from_secs(20));
    assert!(started.is_object());

    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix", "run/t", "--topics", "10", "--rate", "1000", "--count", "2000", "--wait", "20",
    ]);
    let publisher = Process::start(publisher);
    let sent = publisher.event("done", Duration::from_secs(60));
    assert_eq!(sent["failed"], 0);
    let (_, code) = publisher.finish(Duration::from_secs(20));
    assert_eq!(code, 0);

    record.signal("INT");
    let finished = record.event("finished", Duration::from_secs(20));
    let (_, code) = record.finish(Duration::from_secs(20));
    assert_eq!(code, 0, "{finished:#}");
    assert_eq!(finished["state"], "complete");
    for topic in finished["topics"].as_array().expect("a list") {
        let name = topic["name"].as_str().expect("text");
        assert!(!name.starts_with("/run/") || topic["messages"] == 2000, "{finished:#}");
        assert_eq!(topic["loss"]["record"], 0, "{topic}");
    }

    let mut info = lo.command(ROSWAVE);
    let _ = info.arg("info").arg(&bag).arg("--json");
    let info = json(&finish(info, Duration::from_secs(20)));
    assert_eq!(info["storage"], "mcap");
    assert_eq!(info["complete"], true);

    let mut compare = lo.command(python());
    let _ = compare.arg(top().join("tests/python/compare_recording.py")).arg(&bag);
    let seen = json(&finish(compare, Duration::from_secs(120)));
    assert_eq!(seen["mcap"]["profile"], "ros2");
    assert_eq!(seen["rosbags"]["count"], info["messages"]);
    for i in 0..10 {
        let name = format!("/run/t{i}");
        let topic = &seen["mcap"]["topics"][&name];
        assert_eq!(topic["type"], "geometry_msgs/msg/PointStamped");
        assert_eq!(topic["encoding"], "ros2msg");
        assert!(
            topic["metadata"]["topic_type_hash"]
                .as_str()
                .is_some_and(|h| h.starts_with("RIHS01_")),
            "{topic}"
        );
        assert!(
            topic["metadata"]["offered_qos_profiles"]
                .as_str()
                .is_some_and(|q| q.contains("reliable"))
        );
        let points = topic["points"].as_array().expect("a list");
        assert_eq!(points.len(), 2000);
        let foreign = seen["rosbags"]["topics"][&name].as_array().expect("a list");
        assert_eq!(foreign.len(), 2000);
        for (n, (point, other)) in points.iter().zip(foreign).enumerate() {
            let x = f64::from(u32::try_from(n).expect("small"));
            assert_eq!(
                (&point[3], &point[4], &point[5]),
                (&x.into(), &(x / 2.0).into(), &f64::from(i).into())
            );
            assert_eq!(point[6], "peer");
            assert_eq!((&other[0], &other[1]), (&point[0], &point[3]), "both readers agree");
            let (log, publish) = (point[0].as_i64().expect("ns"), point[1].as_i64().expect("ns"));
            assert!(
                (0..5_000_000_000).contains(&(log - publish)),
                "received {log}, written {publish}"
            );
        }
    }
}

#[test]
fn a_recording_cut_short_by_sigterm_is_whole() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("bag");
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "t",
        "--rate",
        "1000",
        "--count",
        "1000000",
        "--wait",
        "0",
        "--readers",
        "0",
    ]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(20));

    let mut record = lo.command(ROSWAVE);
    let _ = record.args(["record", "/t0", "--json", "-o"]).arg(&bag);
    let record = Process::start(record);
    let _ = record.event("started", Duration::from_secs(20));
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        std::thread::sleep(Duration::from_millis(50));
    }
    record.signal("TERM");
    let finished = record.event("finished", Duration::from_secs(20));
    let (_, code) = record.finish(Duration::from_secs(20));
    assert_eq!(code, 0, "{finished:#}");
    let messages = finished["messages"].as_u64().expect("counted");
    assert!(messages > 500, "{finished:#}");

    let mut compare = lo.command(python());
    let _ = compare.arg(top().join("tests/python/compare_recording.py")).arg(&bag);
    let seen = json(&finish(compare, Duration::from_secs(60)));
    let points = seen["mcap"]["topics"]["/t0"]["points"].as_array().expect("a list");
    assert_eq!(points.len() as u64, messages);
    for pair in points.windows(2) {
        let (a, b) = (
            pair[0][3].as_f64().expect("a number"),
            pair[1][3].as_f64().expect("a number"),
        );
        assert!(b == a + 1.0, "no gap and no repeat: {a} then {b}");
    }
}
