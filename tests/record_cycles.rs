//! Ten recordings in a row leave no thread, no open file and no memory behind.

#[path = "record/common.rs"]
mod common;

use std::time::Duration;

use common::{Rig, arrival, float_channel, messages_of_others, request};

fn entries(of: &str) -> usize {
    std::fs::read_dir(format!("/proc/self/{of}")).expect("procfs").count()
}

fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("procfs");
    let pages: u64 = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .expect("a number");
    pages * 4096
}

// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// One test in this file: another one running beside it would have threads and files of its own.
#[test]
fn ten_recordings_leave_nothing_behind() {
    let root = tempfile::tempdir().expect("a directory");
    let record = |name: &str| {
        let mut rig = Rig::start(request(&root.path().join(name)));
        rig.recorder.channel(float_channel(0, "/f64")).expect("room");
        for i in 0..20_000 {
            rig.push(0, &arrival(&[7; 1000], 1_795_446_909_000_000_000 + i, 1));
        }
        assert_eq!(messages_of_others(&rig.finish()), 20_000);
    };
    record("warm0");
    record("warm1");
    let before = (entries("task"), entries("fd"));
    let memory = resident_bytes();
    for i in 0..10 {
        record(&format!("run{i}"));
    }
    assert_eq!((entries("task"), entries("fd")), before);
    // Allocators give back late, with some later call: memory that is back after one of the next recordings was not lost,
    // and what is lost with each would have grown meanwhile.
    let grown = || resident_bytes().saturating_sub(memory);
    let is_back = (0..10).any(|i| {
        record(&format!("more{i}"));
        // It waits for 0.1 s before it gives back, and does so with a later call.
        std::thread::sleep(Duration::from_millis(300));
        drop(vec![1_u8; 8 << 20]);
        grown() < 5 << 20
    });
    assert!(is_back, "{} bytes more after ten recordings", grown());
}
