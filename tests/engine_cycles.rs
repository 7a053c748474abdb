//! Ten engines in a row over real DDS, each with a recording, leave no thread, no open file and no memory behind, and each
//! shuts down within two seconds.

use std::path::Path;
use std::time::{Duration, Instant};

use roswave_engine::engine::{Engine, EngineConfig, Update};
use roswave_engine::monitor::{open_files, rss_bytes, threads};
use roswave_engine::name::TopicName;
use roswave_engine::record::{FinishedState, RecordRequest, Selection};
use roswave_tests_support::{Namespace, Process, finish, peer};

/// Set in the process that runs inside the namespace.
/// The allocator of the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const INSIDE: &str = "ROSWAVE_TEST_INSIDE";
const TOPICS: u32 = 10;

fn until<T>(what: &str, mut see: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(seen) = see() {
            return seen;
        }
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// One engine with two recordings; the second is still running at the shutdown. Gives how many files stayed open.
fn cycle(directory: &Path) -> Option<usize> {
    let engine = Engine::start(EngineConfig::default()).expect("an engine");
    let topics: Vec<TopicName> = (0..TOPICS)
        .map(|n| TopicName::new(&format!("/cycle{n}")).expect("a name"))
        .collect();
    let record = |name: &str| {
        let request = RecordRequest {
            quota_bytes: 64 << 20,
            ..RecordRequest::new(Selection::Topics(topics.clone()), directory.join(name))
        };
        engine.start_recording(request).expect("started");
        until("messages of every topic", || {
            let snapshot = engine.snapshot();
            let status = snapshot.recording.as_ref().filter(|r| r.path.ends_with(name))?;
            let full = status.topics.iter().filter(|t| t.messages > 0).count();
            (full == topics.len()).then_some(())
        });
    };
    record("first");
    engine.stop_recording();
    let first = until("the end of the recording", || {
        engine.updates().into_iter().find_map(|update| match update {
            Update::RecordingFinished(finished) => Some(finished),
            _ => None,
        })
    });
    assert_eq!((first.state, first.loss.known_total()), (FinishedState::Complete, 0));
    record("second");
    let report = engine.shutdown(Duration::from_secs(2));
    assert!(report.took < Duration::from_secs(2), "{report:?}");
    assert!(report.threads_left.is_empty(), "{report:?}");
    let second = report.recording.expect("it was running");
    assert_eq!((second.state, second.loss.known_total()), (FinishedState::Complete, 0));
    report.files_left
}

fn inside() {
    let root = tempfile::tempdir().expect("a directory");
    let run = |name: &str| cycle(&root.path().join(name));
    // What the first one opens for the life of the process is no leak; what every one opens is.
    let _ = run("warm0");
    let _ = run("warm1");
    let left = || (threads().len(), open_files());
    let (before, memory) = (left(), rss_bytes().expect("procfs"));
    for n in 0..10 {
        assert_eq!(run(&format!("run{n}")), Some(0), "files of engine {n}");
    }
    assert_eq!(left(), before, "threads and open files");
    let grown = rss_bytes().expect("procfs").saturating_sub(memory);
    assert!(grown < 5 << 20, "{grown} bytes more after ten engines");
}

// One test in this file: another one running beside it would have threads and files of its own.
#[test]
fn ten_engines_leave_nothing_behind() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let lo = Namespace::new();
    let mut publisher = lo.command(peer("cyclone_pub"));
    let topics = TOPICS.to_string();
    let _ = publisher.args(["--prefix", "cycle", "--topics", &topics, "--rate", "200"]);
    let _ = publisher.args(["--count", "100000", "--wait", "0", "--readers", "0"]);
    let publisher = Process::start(publisher);
    let _ = publisher.event("ready", Duration::from_secs(15));
    let mut this = lo.command(std::env::current_exe().expect("a path"));
    let _ = this
        .env(INSIDE, "1")
        .args(["--exact", "ten_engines_leave_nothing_behind", "--nocapture"]);
    let output = finish(this, Duration::from_secs(240));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}
