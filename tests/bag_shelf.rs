//! The recordings of a directory: listed whatever lies there, renamed, marked and deleted with nothing else, repaired once.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use roswave_engine::bag::shelf::{
    LISTED_MAX, Shelf, Shelved, delete, look_at, mark_uploaded, rename, repaired_path, shelf, torn,
};
use roswave_engine::bag::unfinished;
use roswave_engine::ingest::outlet;
use roswave_engine::record::{RecordRequest, Recorder, Selection};
use rustix::fs::CWD;

fn scratch() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let run = directory.path().join("run");
    fs::create_dir(&run).expect("a directory");
    fs::write(run.join("run_0.mcap"), b"no recording").expect("a file");
    fs::write(run.join("metadata.yaml"), b"").expect("a file");
    fs::create_dir(directory.path().join("other")).expect("a directory");
    fs::write(directory.path().join("notes.txt"), b"mine").expect("a file");
    directory
}

fn names(directory: &Path) -> Vec<String> {
    let found = shelf(directory).expect("it can be read").recordings;
    let mut names: Vec<String> = found.iter().map(Shelved::name).collect();
    names.sort();
    names
}

#[test]
fn what_is_no_recording_is_not_listed_and_a_broken_one_says_why() {
    let scratch = scratch();
    let found = shelf(scratch.path()).expect("it can be read");
    assert!(!found.more);
    assert_eq!(names(scratch.path()), ["run"]);
    let run = &found.recordings[0];
    assert_eq!(run.bytes, 12);
    assert!(!run.unfinished && !run.in_use && !run.uploaded && run.odd.is_none());
    let error = run.contents().expect_err("no recording");
    assert!(error.contains("MCAP"), "{error}");
    assert_eq!(shelf(&scratch.path().join("nowhere")).expect("none"), Shelf::default());
    assert!(shelf(&scratch.path().join("notes.txt")).is_err());
}

#[test]
fn strange_names_links_and_things_that_are_no_files_do_no_harm() {
    let scratch = scratch();
    let top = scratch.path();
    for name in [
        b"a\nb".as_slice(),
        b"\x1b[2Jx",
        b"\xff\xfe",
        "g\u{202e}r\u{fc}n x".as_bytes(),
    ] {
        let directory = top.join(OsStr::from_bytes(name));
        fs::create_dir(&directory).expect("a directory");
        fs::write(directory.join("x.mcap"), b"").expect("a file");
    }
    symlink(top.join("nowhere"), top.join("dangling.mcap")).expect("a link");
    symlink(top, top.join("loop")).expect("a link");
    symlink(top.join("run"), top.join("elsewhere")).expect("a link");
    let strange = top.join("strange");
    fs::create_dir(&strange).expect("a directory");
    // Whoever opens it for reading waits for ever.
    rustix::fs::mknodat(CWD, strange.join("x.mcap"), rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
    let found = shelf(top).expect("it can be read");
    assert_eq!(found.recordings.len(), 8, "{found:?}");
    for recording in &found.recordings {
        let contents = recording.contents();
        assert!(contents.is_err(), "{contents:?}");
    }
    let is_strange = |recording: &&Shelved| recording.path == strange;
    assert_eq!(
        found.recordings.iter().find(is_strange).expect("listed").odd.as_deref(),
        Some("x.mcap")
    );
    // Of a link only the link goes.
    delete(&top.join("elsewhere")).expect("deleted");
    assert!(top.join("run/run_0.mcap").exists() && !top.join("elsewhere").exists());
    delete(&strange).expect("deleted");
    assert!(torn(top).is_empty());
}

#[test]
fn of_too_many_the_latest_are_listed() {
    let scratch = tempfile::tempdir().expect("a directory");
    for number in 0..LISTED_MAX + 5 {
        fs::write(scratch.path().join(format!("run_{number}.mcap")), b"").expect("a file");
    }
    let found = shelf(scratch.path()).expect("it can be read");
    assert_eq!((found.recordings.len(), found.more), (LISTED_MAX, true));
    let sorted = found
        .recordings
        .windows(2)
        .all(|pair| pair[0].modified >= pair[1].modified);
    assert!(sorted, "the latest first");
}

#[test]
fn a_name_stays_in_its_directory_and_takes_no_other() {
    let scratch = scratch();
    let run = scratch.path().join("run");
    for wrong in ["", "  ", "../x", "a/b", ".hidden", "other", "a\nb", &"x".repeat(300)] {
        let error = rename(&run, wrong).expect_err(wrong);
        assert!(error.contains("name"), "{wrong:?}: {error}");
    }
    mark_uploaded(&run, true).expect("marked");
    let named = rename(&run, " first drive ").expect("renamed");
    assert_eq!(named, scratch.path().join("first drive"));
    assert!(look_at(&named).expect("listed").uploaded);
    let lone = scratch.path().join("lone.mcap");
    fs::write(&lone, b"").expect("a file");
    mark_uploaded(&lone, true).expect("marked");
    mark_uploaded(&lone, true).expect("a second time too");
    assert!(
        rename(&lone, "lone.txt")
            .expect_err("no ending")
            .contains("ends as before")
    );
    let lone = rename(&lone, "solo.mcap").expect("renamed");
    assert!(look_at(&lone).expect("listed").uploaded);
    mark_uploaded(&lone, false).expect("taken away");
    mark_uploaded(&lone, false).expect("a second time too");
    assert!(!look_at(&lone).expect("listed").uploaded);
}

#[test]
fn deleting_takes_what_is_a_recording_and_nothing_else() {
    let scratch = scratch();
    let run = scratch.path().join("run");
    mark_uploaded(&run, true).expect("marked");
    fs::write(run.join("notes.txt"), b"mine").expect("a file");
    let told = delete(&run).expect_err("it is not empty");
    assert!(told.contains("other files"), "{told}");
    assert!(run.join("notes.txt").exists() && !run.join("run_0.mcap").exists());
    fs::remove_file(run.join("notes.txt")).expect("removed");
    delete(&run).expect("it is empty");
    assert!(!run.exists());
    let notes = scratch.path().join("notes.txt");
    assert!(delete(&notes).expect_err("no recording").contains("no recording"));
    assert!(notes.exists());
}

#[test]
fn a_directory_of_several_recordings_and_a_torn_file_are_not_changed_by_one_stroke() {
    let scratch = scratch();
    let run = scratch.path().join("run");
    fs::write(run.join("run_1.mcap"), b"its second file").expect("a file");
    fs::write(run.join("other_0.mcap"), b"another recording").expect("a file");
    let told = delete(&run).expect_err("two recordings");
    assert!(told.contains("several recordings"), "{told}");
    for name in ["run_0.mcap", "run_1.mcap", "other_0.mcap"] {
        assert!(run.join(name).exists(), "{name}");
    }
    fs::remove_file(run.join("other_0.mcap")).expect("removed");
    delete(&run).expect("one recording of two files");
    assert!(!run.exists());

    // A journal belongs to the name of its file.
    let torn = scratch.path().join("torn.db3");
    fs::write(&torn, b"SQLite format 3").expect("a file");
    fs::write(scratch.path().join("torn.db3-wal"), b"messages").expect("a file");
    let told = rename(&torn, "other.db3").expect_err("not finished");
    assert!(told.contains("recover it first") && torn.exists(), "{told}");
    delete(&torn).expect("deleted");
    assert!(!scratch.path().join("torn.db3-wal").exists());
}

#[test]
fn what_is_being_recorded_is_left_alone_and_not_offered_for_repair() {
    let scratch = tempfile::tempdir().expect("a directory");
    let run = scratch.path().join("run");
    let (producer, consumer) = outlet(1024, 1 << 20).expect("an outlet");
    let recorder = Recorder::start(RecordRequest::new(Selection::All, &run), consumer).expect("a recorder");
    let found = shelf(scratch.path()).expect("it can be read");
    assert!(
        found.recordings[0].in_use && found.recordings[0].unfinished,
        "{found:?}"
    );
    assert!(rename(&run, "other").expect_err("in use").contains("being recorded"));
    assert!(delete(&run).expect_err("in use").contains("being recorded"));
    assert!(unfinished(scratch.path()).is_empty() && torn(scratch.path()).is_empty());
    drop(producer);
    drop(recorder);
}

#[test]
fn what_was_torn_is_offered_until_it_was_repaired() {
    let scratch = scratch();
    let top = scratch.path();
    let file = top.join("run/run_1.mcap.active");
    fs::write(&file, b"torn").expect("a file");
    fs::write(top.join("lone.mcap.active"), b"torn").expect("a file");
    let found: Vec<PathBuf> = torn(top).into_iter().map(|torn| torn.path).collect();
    assert_eq!(found.len(), 2);
    assert!(
        found.contains(&top.join("run")) && found.contains(&top.join("lone.mcap.active")),
        "{found:?}"
    );
    assert_eq!(repaired_path(&top.join("run")), top.join("run_recovered"));
    fs::create_dir(top.join("run_recovered")).expect("a directory");
    assert_eq!(torn(top).len(), 1);
    assert_eq!(repaired_path(&top.join("run")), top.join("run_recovered_2"));
    // A repair that was cut off is no repair.
    fs::write(top.join("run_recovered/x.mcap.active"), b"torn").expect("a file");
    assert_eq!(torn(top).len(), 3);
}
