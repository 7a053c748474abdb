//! `roswave record` obeys orders on standard input and by signal, and says by its exit code how it ended.

use std::path::Path;
use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json, json_lines};
use serde_json::Value;

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// The demo robot, publishing.
fn robot(lo: &Namespace) -> Process {
    let mut robot = lo.command(ROSWAVE);
    let _ = robot.args(["demo", "--headless"]);
    Process::start(robot)
}

fn info(lo: &Namespace, bag: &Path) -> Value {
    let mut info = lo.command(ROSWAVE);
    let _ = info.arg("info").arg(bag).arg("--json");
    json(&finish(info, Duration::from_secs(20)))
}

/// Runs a shell script in which `$ROSWAVE` and `$BAG` stand for the program and the directory.
fn script(lo: &Namespace, bag: &Path, text: &str) -> std::process::Output {
    let mut shell = lo.command("bash");
    let _ = shell.args(["-c", text]).env("ROSWAVE", ROSWAVE).env("BAG", bag);
    finish(shell, Duration::from_secs(60))
}

fn events<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn lines_mark_split_and_stop() {
    let lo = Namespace::new();
    let robot = robot(&lo);
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("my bag");
    let output = script(
        &lo,
        &bag,
        "(sleep 3; echo mark the arm jerked; echo nonsense; sleep 0.5; echo split; sleep 2; echo stop) \
         | \"$ROSWAVE\" record --regex '^/imu' --type 'sensor_msgs/msg/.*' --json --reserve 1M -o \"$BAG\" \
           --name run7 --tag bench --expect /imu/data=1..2",
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("`nonsense` is no order"), "{said}");
    let lines = json_lines(&output);
    assert_eq!(events(&lines, "split").len(), 1, "{lines:#?}");
    let warned = |line: &&&Value| {
        line["message"]
            .as_str()
            .is_some_and(|text| text.contains("expected: 1 to 2 Hz"))
    };
    assert!(events(&lines, "warning").iter().any(|line| warned(&line)), "{lines:#?}");
    let last = lines.last().expect("an end");
    assert_eq!(
        (&last["event"], &last["state"], &last["files"]),
        (&"finished".into(), &"complete".into(), &2.into())
    );
    assert_eq!(
        (&last["received"], &last["received"]),
        (&last["written"], &last["safe"]),
        "{last:#}"
    );

    let info = info(&lo, &bag);
    assert_eq!(info["messages"], last["messages"], "{info:#}");
    assert_eq!(info["bookmarks"][0]["text"], "the arm jerked");
    assert_eq!(
        (&info["run"]["name"], &info["run"]["tags"]),
        (&"run7".into(), &"bench".into())
    );
    let row = &info["ledger"]["/imu/data"];
    assert!(
        row["safe"].as_u64().is_some_and(|safe| safe > 1000) && row["safe"] == row["received"],
        "{row:#}"
    );
    let mut shown = lo.command(ROSWAVE);
    let _ = shown.arg("info").arg(&bag);
    let shown = String::from_utf8_lossy(&finish(shown, Duration::from_secs(20)).stdout).into_owned();
    for word in ["the arm jerked", "run7", "received", "safe", "/imu/data"] {
        assert!(shown.contains(word), "{word} is shown: {shown}");
    }
    robot.signal("INT");
    let _ = robot.finish(Duration::from_secs(20));
}

#[test]
fn a_signal_pulls_the_trigger() {
    let lo = Namespace::new();
    let robot = robot(&lo);
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("box");
    let output = script(
        &lo,
        &bag,
        "\"$ROSWAVE\" record /imu/data --pre 1s --post 500ms --json --reserve 1M -o \"$BAG\" & pid=$!; \
         sleep 4; kill -USR1 $pid; sleep 2; kill -INT $pid; wait $pid",
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let lines = json_lines(&output);
    assert_eq!(events(&lines, "triggered").len(), 1, "{lines:#?}");
    let info = info(&lo, &bag);
    let span = info["end_ns"].as_u64().expect("a time") - info["start_ns"].as_u64().expect("a time");
    assert!(
        (1_200_000_000..2_200_000_000).contains(&span),
        "a second before, half a second after: {span} ns"
    );
    robot.signal("INT");
    let _ = robot.finish(Duration::from_secs(20));
}

#[test]
fn a_disk_that_fills_ends_it_cleanly_with_code_4() {
    let lo = Namespace::new();
    let robot = robot(&lo);
    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("run");
    // A disk of its own, 64 MiB large, that goes with the process.
    let mut shell = lo.command("unshare");
    let text = "mount -t tmpfs -o size=64m none \"$HOME\" && \"$ROSWAVE\" record --all --json --reserve 48M -o \"$BAG\"; \
                code=$?; \"$ROSWAVE\" info \"$BAG\" --json; exit $code";
    let _ = shell
        .args(["--mount", "bash", "-c", text])
        .env("ROSWAVE", ROSWAVE)
        .env("BAG", &bag);
    let _ = shell.env("HOME", home.path());
    let output = finish(shell, Duration::from_secs(60));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("ended cleanly"), "{said}");
    let lines = json_lines(&output);
    let finished = events(&lines, "finished")[0];
    assert_eq!(finished["state"], "guard", "{finished:#}");
    assert_eq!(
        (&finished["loss"]["record"], &finished["loss"]["disk"]),
        (&0.into(), &0.into())
    );
    let info = lines.last().expect("the bag's");
    assert_eq!(
        (&info["complete"], &info["messages"]),
        (&true.into(), &finished["messages"]),
        "{info:#}"
    );
    robot.signal("INT");
    let _ = robot.finish(Duration::from_secs(20));
}
