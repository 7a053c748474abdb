//! A recording that is played again is received by a foreign subscriber, value by value, as it was recorded: names, types,
//! QoS and hashes are those of the robot that was recorded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json, json_lines, peer};
use serde_json::Value;

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");
const MESSAGES: usize = 300;

/// Records what a Cyclone C publisher sends on `/point0` and `/point1`.
fn recorded(lo: &Namespace, home: &Path) -> PathBuf {
    let bag = home.join("bag");
    let mut record = lo.command(ROSWAVE);
    let _ = record.args(["record", "/point0", "/point1", "--json", "-o"]).arg(&bag);
    let record = Process::start(record);
    let _ = record.event("started", Duration::from_secs(20));
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args(["--prefix", "point", "--topics", "2", "--rate", "200", "--wait", "20"]);
    let _ = publisher.args(["--count", &MESSAGES.to_string()]);
    let (_, code) = Process::start(publisher).finish(Duration::from_secs(60));
    assert_eq!(code, 0);
    record.signal("INT");
    let (lines, code) = record.finish(Duration::from_secs(20));
    assert_eq!(code, 0, "{lines:?}");
    bag
}

/// A foreign subscriber of `topic`, ready.
fn subscriber(lo: &Namespace, topic: &str) -> Process {
    let mut command = lo.command(peer("cyclone_sub"));
    let _ = command.args([topic, &MESSAGES.to_string(), "30"]);
    let process = Process::start(command);
    let _ = process.event("ready", Duration::from_secs(15));
    process
}

fn points(subscriber: Process) -> Vec<Value> {
    let (lines, _) = subscriber.finish(Duration::from_secs(60));
    let values = lines.iter().map(|line| serde_json::from_str(line).expect("JSON"));
    values.filter(|value: &Value| value.get("x").is_some()).collect()
}

#[test]
fn every_value_is_received_once_and_in_order() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let bag = recorded(&lo, home.path());
    let (first, renamed) = (subscriber(&lo, "rt/point0"), subscriber(&lo, "rt/old/point"));
    let mut play = lo.command(ROSWAVE);
    let _ = play.arg("play").arg(&bag);
    let _ = play.args(["--rate", "2", "--wait", "3", "--remap", "/point1:=/old/point", "--json"]);
    let output = finish(play, Duration::from_secs(60));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    let finished = json_lines(&output).pop().expect("the last line");
    assert_eq!(finished["event"], "finished");
    assert_eq!(finished["messages"], 2 * MESSAGES, "{finished:#}");
    assert_eq!(finished["failed"], 0);
    for received in [points(first), points(renamed)] {
        assert_eq!(received.len(), MESSAGES);
        for (n, value) in received.iter().enumerate() {
            let x = f64::from(u32::try_from(n).expect("small"));
            assert_eq!(
                (value["x"].as_f64(), value["y"].as_f64()),
                (Some(x), Some(x / 2.0)),
                "{value}"
            );
            assert_eq!(value["frame_id"], "peer");
        }
    }
}

#[test]
fn the_graph_shows_the_robot_that_was_recorded() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let bag = recorded(&lo, home.path());
    let mut play = lo.command(ROSWAVE);
    let _ = play.arg("play").arg(&bag);
    let _ = play.args(["--loop", "--clock", "--topic", "/point0", "--json"]);
    let play = Process::start(play);
    let _ = play.event("started", Duration::from_secs(20));
    let mut topics = lo.command(ROSWAVE);
    let _ = topics.args(["topics", "--json", "--wait", "3"]);
    let topics = json(&finish(topics, Duration::from_secs(30)));
    let named = |name: &str| {
        let list = topics.as_array().expect("a list");
        list.iter().find(|topic| topic["name"] == name)
    };
    let point = named("/point0").unwrap_or_else(|| panic!("{topics:#}"));
    assert_eq!(point["type"], "geometry_msgs/msg/PointStamped");
    assert!(
        point["type_hash"]
            .as_str()
            .is_some_and(|hash| hash.starts_with("RIHS01_")),
        "{point}"
    );
    assert!(point["qos"].to_string().contains("reliable"), "{point}");
    assert!(named("/clock").is_some(), "{topics:#}");
    assert!(named("/point1").is_none(), "only what was chosen is played: {topics:#}");
    play.signal("INT");
    let (lines, code) = play.finish(Duration::from_secs(20));
    let finished: Value = serde_json::from_str(lines.last().expect("a last line")).expect("JSON");
    assert_eq!(code, 0, "{finished}");
    assert!(finished["messages"].as_u64().is_some_and(|n| n > 0), "{finished}");
}

#[test]
fn what_cannot_be_played_is_told_in_one_sentence() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let bag = recorded(&lo, home.path());
    for (more, words) in [
        (vec!["--topic", "/nowhere"], vec!["/nowhere", "/point0"]),
        (vec!["--exclude", "."], vec!["roswave info"]),
        (vec!["--from", "1000"], vec!["--from", "s long"]),
    ] {
        let mut play = lo.command(ROSWAVE);
        let _ = play.arg("play").arg(&bag).args(&more);
        let output = finish(play, Duration::from_secs(30));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{more:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    for wrong in [["--rate", "0"], ["--remap", "/a"], ["--clock", "x"]] {
        let mut play = lo.command(ROSWAVE);
        let _ = play.arg("play").arg(&bag).args(wrong);
        assert_eq!(
            finish(play, Duration::from_secs(30)).status.code(),
            Some(2),
            "{wrong:?}"
        );
    }
}
