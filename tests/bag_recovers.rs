//! What was not finished is saved into a new recording, and the old one stays as it is.

#[path = "bag/common.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::{made, oracle, seen, top};
use roswave_engine::bag::{Bag, FileState, Query, RecoverError, recover, recovered_path, unfinished};

fn bytes_of(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read = |file: PathBuf| (file.clone(), std::fs::read(file).expect("readable"));
    files.into_iter().map(read).collect()
}

#[test]
fn a_file_cut_anywhere_gives_what_a_foreign_reader_sees_before_the_cut() {
    let root = tempfile::tempdir().expect("a directory");
    let bags = made(&root.path().join("made"));
    let whole = std::fs::read(bags[2].join("mcap_none.mcap")).expect("readable");
    let mut cuts = vec![top().join("tests/data/rosbag2/mcap/talker/talker.mcap")];
    let directory = root.path().join("cuts");
    std::fs::create_dir(&directory).expect("made");
    for tenth in [3, 5, 8] {
        let place = directory.join(format!("cut{tenth}"));
        std::fs::create_dir(&place).expect("made");
        let cut = place.join("run_0.mcap.active");
        std::fs::write(&cut, &whole[..whole.len() * tenth / 10]).expect("written");
        cuts.push(cut);
    }
    if let Some(more) = std::env::var_os("ROSWAVE_BAGS") {
        let killed = Path::new(&more).join("killed_mcap/killed_mcap_0.mcap");
        cuts.extend(killed.exists().then_some(killed));
    }
    let expected = oracle(&cuts);
    for cut in &cuts {
        let name = cut.file_name().expect("a name").to_owned();
        let to = root.path().join(format!(
            "saved_{}",
            cut.parent().expect("a place").file_name().expect("a name").display()
        ));
        let before = std::fs::read(cut).expect("readable");
        let recovered = recover(cut, &to).expect("it is saved");
        assert_eq!(std::fs::read(cut).expect("readable"), before, "{name:?} is as it was");
        let bag = Bag::open(&to).expect("it opens");
        assert!(bag.is_complete() && bag.files()[0].state == FileState::Indexed);
        let saved = seen(&bag, &Query::all());
        // In a chunk that was torn apart, some messages more may be whole than a reader of whole chunks gives.
        for (topic, expected) in &expected[cut] {
            assert!(saved[topic].messages >= expected.messages, "{name:?} {topic}");
        }
        assert_eq!(oracle(std::slice::from_ref(&to))[&to], saved, "{name:?}");
        assert_eq!(
            recovered.saved.messages,
            saved.values().map(|seen| seen.messages).sum::<u64>()
        );
    }
}

#[test]
fn a_hot_journal_is_played_back_elsewhere() {
    let root = tempfile::tempdir().expect("a directory");
    let bag = made(&root.path().join("made")).pop().expect("the last one: SQLite");
    assert!(bag.ends_with("sqlite3_none"));
    for journal in ["delete", "wal"] {
        let hot = root.path().join(journal);
        // Kills itself in the middle of a transaction.
        let _ = common::python("kill_sqlite.py", &[&bag, &hot, Path::new(journal)]);
        let before = bytes_of(&hot);
        assert!(before.len() >= 2, "{journal}: a journal is there");
        let opened = Bag::open(&hot).expect("it opens");
        assert!(!opened.is_complete(), "{journal}");
        drop(opened);
        let before = bytes_of(&hot);
        let to = root.path().join(format!("{journal}_saved"));
        let recovered = recover(&hot, &to).expect("it is saved");
        assert_eq!(bytes_of(&hot), before, "{journal}: nothing was touched");
        // 200 messages were committed behind the 860 of the recording, and some were not.
        assert_eq!(recovered.saved.messages, 1060, "{journal}");
        let saved = Bag::open(&to).expect("it opens");
        assert!(saved.is_complete(), "{:?}", saved.problems());
        assert_eq!(oracle(std::slice::from_ref(&to))[&to], seen(&saved, &Query::all()));
        assert!(!root.path().join(format!("{journal}_saved.journals")).exists());
    }
}

#[test]
fn a_table_without_its_end_gives_what_is_before_it() {
    let root = tempfile::tempdir().expect("a directory");
    let made = made(&root.path().join("made")).pop().expect("the last one: SQLite");
    let file = made.join("sqlite3_none.db3");
    let whole = Bag::open(&file).expect("it opens");
    let every = all(&whole);
    assert_eq!(every.len(), 860);
    let bytes = std::fs::read(&file).expect("readable");
    let mut before = 0;
    for percent in [40, 60, 80, 95] {
        let cut = root.path().join(format!("cut{percent}_0.db3"));
        std::fs::write(&cut, &bytes[..bytes.len() * percent / 100]).expect("written");
        let to = root.path().join(format!("saved{percent}"));
        let recovered = recover(&cut, &to).expect("it is saved");
        let saved = all(&Bag::open(&to).expect("it opens"));
        assert!(saved.iter().all(|message| every.contains(message)), "{percent} %");
        assert!(saved.len() > before, "{percent} %: {} after {before}", saved.len());
        assert_eq!(recovered.saved.messages, saved.len() as u64);
        assert_eq!(recovered.bytes_lost as usize, bytes.len() - bytes.len() * percent / 100);
        before = saved.len();
    }
    assert!(before > 700, "{before}");
}

/// Topic, time and payload of every message.
fn all(bag: &Bag) -> Vec<(String, u64, Vec<u8>)> {
    let mut messages = bag.messages(&Query::all());
    let mut all = Vec::new();
    while let Some(message) = messages.advance() {
        all.push((
            message.channel.topic.clone(),
            message.log_time_ns,
            message.payload.to_vec(),
        ));
    }
    all
}

#[test]
fn unfinished_files_are_found_and_others_are_not() {
    let root = tempfile::tempdir().expect("a directory");
    let run = root.path().join("run");
    std::fs::create_dir(&run).expect("made");
    std::fs::write(run.join("run_0.mcap"), b"done").expect("written");
    std::fs::write(run.join("run_1.mcap.active"), b"not done").expect("written");
    let found = unfinished(root.path());
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].path.clone(), found[0].bytes),
        (run.join("run_1.mcap.active"), 8)
    );
    assert_eq!(recovered_path(&found[0].path), run.join("run_1_recovered"));
    assert_eq!(recovered_path(&run), root.path().join("run_recovered"));
}

#[test]
fn where_nothing_is_left_nothing_is_written() {
    let root = tempfile::tempdir().expect("a directory");
    let empty = root.path().join("x_0.mcap.active");
    std::fs::write(&empty, b"\x89MCAP0\r\n").expect("written");
    let to = root.path().join("saved");
    let error = recover(&empty, &to).expect_err("nothing is in it");
    assert!(matches!(error, RecoverError::Nothing { .. }), "{error}");
    assert!(!to.exists());
    std::fs::create_dir(&to).expect("made");
    let error = recover(&empty, &to).expect_err("it exists");
    assert!(error.to_string().contains("exists already"), "{error}");
}
