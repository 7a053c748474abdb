//! A recorder that is stopped for 100 ms in every second, as a busy machine does it, loses nothing of seven topics at a
//! kilohertz from a foreign publisher.

use std::time::{Duration, Instant};

use roswave_tests_support::{Namespace, Process, finish, json, peer, python, top};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");
const TOPICS: u64 = 7;
const MESSAGES: u64 = 6000;

#[test]
fn frozen_for_100_ms_each_second_it_loses_nothing() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("bag");
    let mut record = lo.command(ROSWAVE);
    let _ = record.args(["record", "--regex", "^/run/", "--json", "-o"]).arg(&bag);
    let record = Process::start(record);
    let _ = record.event("started", Duration::from_secs(20));

    let mut publisher = lo.command(peer("cyclone_pub"));
    let (topics, count) = (TOPICS.to_string(), MESSAGES.to_string());
    let _ = publisher.args([
        "--prefix", "run/t", "--topics", &topics, "--rate", "1000", "--count", &count, "--wait", "20", "--linger", "2",
    ]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(20));
    let began = Instant::now();
    let mut frozen = 0;
    while began.elapsed() < Duration::from_secs(MESSAGES / 1000) {
        std::thread::sleep(Duration::from_millis(900));
        record.signal("STOP");
        std::thread::sleep(Duration::from_millis(100));
        record.signal("CONT");
        frozen += 1;
    }
    assert!(frozen >= 5, "{frozen}");
    let sent = publisher.event("done", Duration::from_secs(60));
    assert_eq!(sent["failed"], 0);
    let (_, code) = publisher.finish(Duration::from_secs(20));
    assert_eq!(code, 0);

    record.signal("INT");
    let finished = record.event("finished", Duration::from_secs(20));
    let (_, code) = record.finish(Duration::from_secs(20));
    assert_eq!(code, 0, "{finished:#}");
    assert_eq!(finished["messages"], TOPICS * MESSAGES, "{finished:#}");
    for topic in finished["topics"].as_array().expect("a list") {
        for stage in ["transport", "reader", "record", "disk"] {
            assert_eq!(topic["loss"][stage], 0, "{topic}");
        }
    }

    // And the numbers in the file are complete, as another reader sees them.
    let mut compare = lo.command(python());
    let _ = compare.arg(top().join("tests/python/compare_recording.py")).arg(&bag);
    let seen = json(&finish(compare, Duration::from_secs(120)));
    for i in 0..TOPICS {
        let points = seen["mcap"]["topics"][format!("/run/t{i}")]["points"]
            .as_array()
            .expect("a list");
        assert_eq!(points.len() as u64, MESSAGES);
        for (n, point) in points.iter().enumerate() {
            assert_eq!(point[3].as_f64(), Some(n as f64), "topic {i}");
        }
    }
}
