//! A recording that cannot be started says why at once and leaves nothing behind.

#[path = "record/common.rs"]
mod common;

use std::fs;
use std::path::Path;

use common::{LIMIT, request};
use roswave_engine::ingest::outlet;
use roswave_engine::record::Recorder;

fn refusal(directory: &Path) -> String {
    let (_producer, consumer) = outlet(16, 1 << 20).expect("an outlet");
    match Recorder::start(request(directory), consumer) {
        Ok(_) => panic!("{} was accepted", directory.display()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn places_that_cannot_be_are_refused_in_one_sentence() {
    let root = tempfile::tempdir().expect("a directory");
    let file = root.path().join("file");
    fs::write(&file, "x").expect("a file");
    let full = root.path().join("full");
    fs::create_dir(&full).expect("a directory");
    fs::write(full.join("mine.txt"), "x").expect("a file");
    for (place, says) in [
        (file.clone(), "is a file"),
        (file.join("run"), "is a file"),
        (full.clone(), "not empty"),
        (Path::new("/proc/roswave/run").to_owned(), "/proc/roswave/run"),
        (Path::new("/").to_owned(), "last part"),
        (root.path().join("new/.."), "last part"),
    ] {
        let sentence = refusal(&place);
        assert!(
            sentence.contains(says) && sentence.contains(&place.display().to_string()),
            "{sentence}"
        );
        assert!(!sentence.contains('\n'));
    }
    let mut left: Vec<_> = fs::read_dir(root.path())
        .expect("a directory")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["file", "full"]);
}

#[test]
fn a_disk_without_room_is_told_at_the_start() {
    let sentence = {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("a/b");
        let (_producer, consumer) = outlet(16, 1 << 20).expect("an outlet");
        let full = |_| Box::new(Full) as Box<dyn roswave_engine::record::Sink>;
        let error = Recorder::start_with(request(&directory), consumer, full)
            .err()
            .expect("refused");
        assert_eq!(
            fs::read_dir(root.path()).expect("a directory").count(),
            0,
            "nothing is left behind"
        );
        error.to_string()
    };
    assert!(sentence.contains("no space is left"), "{sentence}");
}

struct Full;

impl roswave_engine::record::Sink for Full {
    fn write(&self, _bytes: &[u8]) -> std::io::Result<usize> {
        Err(rustix::io::Errno::NOSPC.into())
    }
    fn sync(&self) -> std::io::Result<()> {
        Ok(())
    }
    fn truncate(&self, _length: u64) -> std::io::Result<()> {
        Ok(())
    }
    fn reserve(&self, _length: u64, _bytes: u64) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_empty_directory_is_taken() {
    let root = tempfile::tempdir().expect("a directory");
    let (producer, consumer) = outlet(16, 1 << 20).expect("an outlet");
    let recorder = Recorder::start(request(root.path()), consumer).expect("taken");
    drop(producer);
    let finished = recorder.join(LIMIT).expect("a closed queue ends it");
    assert_eq!(finished.messages, 0);
    let info = roswave_engine::bag::info(root.path()).expect("a recording");
    assert_eq!((info.complete, info.messages, info.start_ns), (true, 0, None));
}
