//! A file that may not grow: the kernel itself refuses the write, in a process of its own with a small `ulimit -f`.

#[path = "record/common.rs"]
mod common;

use std::process::Command;

use common::{LIMIT, arrival, float_channel, request, until};
use roswave_engine::ingest::{TopicIndex, outlet};
use roswave_engine::loss::Count;
use roswave_engine::record::{FinishedState, Recorder};

const DIRECTORY: &str = "ROSWAVE_TEST_DISK_FULL";

#[test]
fn a_refused_write_leaves_a_readable_file() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return fill(directory.as_ref());
    }
    let root = tempfile::tempdir().expect("a directory");
    let directory = root.path().join("run");
    // SIGXFSZ ignored, so that the write fails with EFBIG; bash counts in blocks of 1024 bytes.
    let script = "trap '' XFSZ; ulimit -f 3000; exec \"$0\" --exact a_refused_write_leaves_a_readable_file --nocapture";
    let program = std::env::current_exe().expect("this test");
    let output = Command::new("bash")
        .args(["-c", script])
        .arg(program)
        .env(DIRECTORY, &directory)
        .output()
        .expect("bash");
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let info = roswave_engine::bag::info(&directory).expect("readable");
    assert!(info.complete, "{info:?}");
    assert!(info.messages > 1000 && info.bytes <= 3000 * 1024, "{info:?}");
    assert!(matches!(info.loss.expect("the ledger").disk, Count::Known(lost) if lost > 0));
}

fn fill(directory: &std::path::Path) {
    let (mut producer, consumer) = outlet(1 << 16, 64 << 20).expect("an outlet");
    let recorder = Recorder::start(request(directory), consumer).expect("a recorder");
    recorder.channel(float_channel(0, "/f64")).expect("room");
    let message = arrival(&[1; 1000], 1_795_446_909_000_000_000, 1);
    until("the end of the recording", || {
        let _ = producer.push(TopicIndex(0), &message);
        producer.flush();
        producer.is_abandoned().then_some(())
    });
    let finished = recorder.join(LIMIT).expect("it ends by itself");
    match finished.state {
        FinishedState::Failed(sentence) => assert!(sentence.contains("ulimit -f"), "{sentence}"),
        FinishedState::Complete | FinishedState::Guard(_) => panic!("nothing refused the write"),
    }
}
