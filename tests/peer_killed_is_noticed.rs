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

    // Cyclone's lease is 10 s: the graph as it stands 20 s after the start must not hold the topic any more.
    let mut topics = lo.command(ROSWAVE);
    let _ = topics.args(["topics", "--json", "--wait", "24"]);
    let topics = Process::start(topics);
    let _ = publisher.event("ready", Duration::from_secs(30));
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
    publisher.signal("KILL");
    let (lines, code) = stats.finish(Duration::from_secs(60));
    assert_eq!(code, 0, "{lines:?}");
    let report: serde_json::Value = serde_json::from_str(&lines.concat()).expect("JSON");
    assert_eq!(report["topics"][0]["loss"]["transport"], 0, "{report:#}");
}
