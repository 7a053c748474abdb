//! A peer that is killed without a word disappears from the graph when its lease is over, and is not counted as loss.

use std::time::Duration;

use roswave_tests_support::{Namespace, Process, peer};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

fn publisher(lo: &Namespace) -> Process {
    let mut command = lo.command(peer("cyclone_pub"));
    let _ = command.args([
        "--prefix", "doomed", "--rate", "100", "--count", "1000000", "--wait", "5",
    ]);
    Process::start(command)
}

#[test]
fn its_topics_leave_the_graph() {
    let lo = Namespace::new();
    let publisher = publisher(&lo);

    let mut before = lo.command(ROSWAVE);
    let _ = before.args(["topics", "--json", "--wait", "3"]);
    let (lines, _) = Process::start(before).finish(Duration::from_secs(60));
    assert!(lines.concat().contains("/doomed0"), "it was there: {lines:?}");

    // Cyclone's lease is 10 s: the graph as it stands 20 s after the start must not hold the topic any more.
    let mut topics = lo.command(ROSWAVE);
    let _ = topics.args(["topics", "--json", "--wait", "24"]);
    let topics = Process::start(topics);
    publisher.signal("KILL");
    let (lines, code) = topics.finish(Duration::from_secs(60));
    assert_eq!(code, 0, "{lines:?}");
    assert!(!lines.concat().contains("/doomed0"), "{lines:?}");
}

#[test]
fn its_silence_is_not_loss() {
    let lo = Namespace::new();
    let publisher = publisher(&lo);

    let mut stats = lo.command(ROSWAVE);
    let _ = stats.args(["stats", "/doomed0", "--wait", "20", "--secs", "4", "--json"]);
    let stats = Process::start(stats);
    let _ = publisher.event("ready", Duration::from_secs(30));
    // Long enough for messages to arrive, and well within the four seconds.
    std::thread::sleep(Duration::from_millis(1500));
    publisher.signal("KILL");
    let (lines, code) = stats.finish(Duration::from_secs(60));
    assert_eq!(code, 0, "{lines:?}");
    let report: serde_json::Value = serde_json::from_str(&lines.concat()).expect("JSON");
    let topic = &report["topics"][0];
    assert!(topic["messages"].as_u64().is_some_and(|n| n > 0), "{report:#}");
    assert_eq!(topic["loss"]["transport"], 0, "{report:#}");
}
