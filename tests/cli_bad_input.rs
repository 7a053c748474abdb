//! Bad input gets one clear sentence that names the thing and the way out, an exit code, and no panic.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use roswave_tests_support::{Namespace, Process, finish, json, json_lines, peer, python};

const ROSWAVE: &str = env!("CARGO_BIN_EXE_roswave");

/// Runs a command that must fail with `code` and one line on standard error that holds every one of `words`.
#[track_caller]
fn fails(command: Command, code: i32, words: &[&str]) {
    let name = format!("{command:?}");
    let output = finish(command, Duration::from_secs(30));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{name}: {said}");
    assert_eq!(said.lines().count(), 1, "{name}: {said}");
    assert!(said.starts_with("roswave: "), "{name}: {said}");
    for word in words {
        assert!(said.contains(word), "{name}: no `{word}` in: {said}");
    }
}

fn roswave(lo: &Namespace, arguments: &[&str]) -> Command {
    let mut command = lo.command(ROSWAVE);
    let _ = command.args(arguments);
    command
}

#[test]
fn unknown_topics_are_named_with_the_way_out() {
    let lo = Namespace::new();
    for verb in ["stats", "echo"] {
        let words = ["/nowhere", "domain 0", "`roswave topics`"];
        fails(roswave(&lo, &[verb, "/nowhere", "--wait", "1"]), 1, &words);
        fails(roswave(&lo, &[verb, "/a b"]), 2, &["/a b", "topic name"]);
    }
    let home = tempfile::tempdir().expect("a directory");
    let mut record = roswave(&lo, &["record", "/nowhere", "--for", "1", "-o"]);
    let _ = record.arg(home.path().join("bag"));
    let output = finish(record, Duration::from_secs(20));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("/nowhere") && said.contains("`roswave topics`"), "{said}");
}

#[test]
fn an_unknown_type_cannot_be_shown_but_is_recorded() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args(["--custom", "--prefix", "custom", "--rate", "200", "--count", "100000"]);
    let _ = publisher.args(["--wait", "0", "--readers", "0"]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(15));

    let words = ["/custom0", "robot_msgs/msg/Custom", "AMENT_PREFIX_PATH"];
    fails(roswave(&lo, &["echo", "/custom0"]), 1, &words);
    let stats = json(&finish(
        roswave(&lo, &["stats", "/custom0", "--secs", "2", "--json"]),
        Duration::from_secs(30),
    ));
    assert!(
        stats["topics"][0]["rate_hz"]
            .as_f64()
            .is_some_and(|rate| (150.0..250.0).contains(&rate)),
        "{stats:#}"
    );

    let home = tempfile::tempdir().expect("a directory");
    let bag = home.path().join("bag");
    let mut record = roswave(&lo, &["record", "/custom0", "--for", "2", "--json", "-o"]);
    let _ = record.arg(&bag);
    let output = finish(record, Duration::from_secs(30));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let finished = json_lines(&output).pop().expect("the last line");
    assert!(finished["messages"].as_u64().is_some_and(|n| n > 100), "{finished:#}");
    let mut info = roswave(&lo, &["info", "--json"]);
    let _ = info.arg(&bag);
    let info = json(&finish(info, Duration::from_secs(20)));
    assert_eq!(info["topics"][0]["type"], "robot_msgs/msg/Custom", "{info:#}");
}

#[test]
fn bad_field_paths_name_what_there_is() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "point",
        "--rate",
        "100",
        "--count",
        "100000",
        "--wait",
        "0",
        "--readers",
        "0",
    ]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(15));
    let words = ["point.q", "x", "y", "z"];
    fails(roswave(&lo, &["echo", "/point0", "--field", "point.q"]), 1, &words);
    fails(
        roswave(&lo, &["echo", "/point0", "--field", "header.frame_id"]),
        1,
        &["header.frame_id"],
    );
    fails(
        roswave(&lo, &["echo", "/point0", "--field", "point..x"]),
        2,
        &["point..x"],
    );
    fails(
        roswave(&lo, &["echo", "/poimt0", "--wait", "2"]),
        1,
        &["/poimt0", "is it /point0?"],
    );
}

#[test]
fn a_domain_that_is_none_is_refused() {
    let lo = Namespace::new();
    for wrong in ["abc", "999", "-1"] {
        let mut topics = roswave(&lo, &["topics"]);
        let _ = topics.env("ROS_DOMAIN_ID", wrong);
        fails(topics, 1, &["ROS_DOMAIN_ID", wrong, "232"]);
    }
    fails(roswave(&lo, &["topics", "--domain", "233"]), 2, &["233", "--domain"]);
}

#[test]
fn without_an_interface_there_is_no_domain() {
    let mut command = Command::new("unshare");
    if Command::new("id").arg("-u").output().expect("id runs").stdout != b"0\n" {
        let _ = command.args(["--user", "--map-root-user"]);
    }
    // A new network namespace whose `lo` stays down.
    let _ = command
        .args(["--net", ROSWAVE, "topics"])
        .stdin(Stdio::null())
        .env_remove("RUST_LOG");
    fails(command, 1, &["domain 0", "interface"]);
}

#[test]
fn taken_ports_are_told_with_the_way_out() {
    let lo = Namespace::new();
    // Every port that a participant of domain 0 may take.
    let hold = "import socket, time\n\
                held = []\n\
                for port in range(7400, 7650):\n    \
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', port)); held.append(s)\n\
                print('{\"event\": \"ready\"}', flush=True)\n\
                time.sleep(60)";
    let mut holder = lo.command(python());
    let _ = holder.args(["-c", hold]);
    let holder = Process::start(holder);
    let _ = holder.event("ready", Duration::from_secs(15));
    fails(
        roswave(&lo, &["topics"]),
        1,
        &["domain 0", "participants", "ROS_DOMAIN_ID"],
    );
    let mut elsewhere = roswave(&lo, &["topics"]);
    let _ = elsewhere.env("ROS_DOMAIN_ID", "1");
    assert!(finish(elsewhere, Duration::from_secs(30)).status.success());
}

#[test]
fn places_that_cannot_hold_a_recording_are_refused_at_once() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let file = home.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    let full = home.path().join("full");
    std::fs::create_dir(&full).expect("made");
    std::fs::write(full.join("precious"), "data").expect("written");
    for place in [file.clone(), file.join("below"), full.clone(), "/proc/roswave".into()] {
        let mut record = roswave(&lo, &["record", "--all", "--for", "1", "-o"]);
        let _ = record.arg(&place);
        fails(record, 1, &[place.to_str().expect("text")]);
    }
    assert_eq!(std::fs::read(&file).expect("still there"), b"in the way");
    assert_eq!(std::fs::read_dir(&full).expect("still there").count(), 1);
}

#[test]
fn wrong_configurations_name_file_and_line() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let config = home.path().join("config.toml");
    for (text, words) in [
        ("theme = \"dark\"\nthme = 1\n", &["config.toml:2", "thme"][..]),
        ("domain = 300\n", &["config.toml:1", "232"]),
        ("theme = [", &["config.toml:1"]),
    ] {
        std::fs::write(&config, text).expect("written");
        let mut topics = roswave(&lo, &["topics", "--config"]);
        let _ = topics.arg(&config);
        fails(topics, 1, words);
    }
    fails(
        roswave(&lo, &["topics", "--config", "/nowhere.toml"]),
        1,
        &["/nowhere.toml"],
    );
}

#[test]
fn wrong_usage_is_one_line_and_code_2() {
    let lo = Namespace::new();
    fails(roswave(&lo, &["fly"]), 2, &["fly", "--help"]);
    fails(roswave(&lo, &["record"]), 2, &["TOPIC", "roswave record --help"]);
    fails(
        roswave(&lo, &["record", "--regex", "("]),
        2,
        &["(", "regular expression"],
    );
    fails(
        roswave(&lo, &["stats", "/a", "--secs", "soon"]),
        2,
        &["soon", "seconds"],
    );
    fails(
        roswave(&lo, &["demo", "--headless", "--fault", "melt:/odom"]),
        2,
        &["melt", "spike"],
    );
    fails(
        roswave(&lo, &["demo", "--headless", "--fault", "gap:/wheel"]),
        1,
        &["/wheel", "/odom"],
    );
    let mut odd = lo.command(ROSWAVE);
    let _ = odd.arg("stats").arg(OsStr::from_bytes(b"/caf\xe9"));
    fails(odd, 2, &["UTF-8"]);
}

#[test]
fn what_is_no_recording_is_told_so() {
    let lo = Namespace::new();
    let home = tempfile::tempdir().expect("a directory");
    let text = home.path().join("notes.mcap");
    std::fs::write(&text, "these are notes").expect("written");
    let cases = [home.path().join("nothing"), text, home.path().to_path_buf()];
    for path in &cases {
        let mut info = roswave(&lo, &["info"]);
        let _ = info.arg(path);
        fails(info, 1, &[path.to_str().expect("text")]);
    }
}

#[test]
fn a_closed_standard_output_ends_without_a_word() {
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let _ = publisher.args([
        "--prefix",
        "point",
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
    let _ = publisher.event("ready", Duration::from_secs(15));
    let mut shell = lo.command("bash");
    let script =
        format!("set -o pipefail; {ROSWAVE} echo /point0 --json | head -n 3; echo \"code ${{PIPESTATUS[0]}}\"");
    let _ = shell.args(["-c", &script]);
    let output = finish(shell, Duration::from_secs(30));
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.lines().count(), 4, "{said}");
    assert!(said.ends_with("code 0\n"), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_wrong_condition_is_named_with_its_place() {
    let lo = Namespace::new();
    for option in ["--trigger", "--stop-when"] {
        let wrong = roswave(&lo, &["record", "/imu", option, "expression:/imu:x > max("]);
        fails(wrong, 2, &["/imu:x > max(", "is not an expression", "at byte"]);
        let nothing = roswave(&lo, &["record", "/imu", option, "expression:1 < 2"]);
        fails(nothing, 2, &["1 < 2", "looks at no topic"]);
    }
    let home = tempfile::tempdir().expect("a directory");
    let mut lz4 = roswave(
        &lo,
        &["record", "/imu", "--storage", "sqlite3", "--compression", "lz4", "-o"],
    );
    let _ = lz4.arg(home.path().join("bag"));
    fails(lz4, 1, &["SQLite", "zstd"]);
}
