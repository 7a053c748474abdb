//! The list of recordings and the repair of those that were not finished, as a user works with them; without a display.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mcap::records::MessageHeader;
use roswave::board::Board;
use roswave::scope::Message;
use roswave::scope::salvage::{Message as Salvage, State};
use roswave::scope::shelf::{Asked, Check, Message as Shelf};
use roswave_engine::bag;
use roswave_engine::cdr::Encoder;

use bench::Bench;
use run::run;

#[path = "window/bench.rs"]
mod bench;
#[path = "window/run.rs"]
mod run;

const START: u64 = 1_700_000_000_000_000_000;

/// So many vectors, a tenth of a second apart.
fn write(path: &Path, messages: u64) {
    fs::create_dir_all(path.parent().expect("in a directory")).expect("made");
    let file = BufWriter::new(File::create(path).expect("a file"));
    let options = mcap::WriteOptions::new().compression(None).chunk_size(Some(1024));
    let mut writer = options.create(file).expect("a writer");
    let schema = writer.add_schema(
        "geometry_msgs/msg/Vector3",
        "ros2msg",
        b"float64 x\nfloat64 y\nfloat64 z\n",
    );
    let channel = writer
        .add_channel(schema.expect("a schema"), "/imu/force", "cdr", &Default::default())
        .expect("a channel");
    for n in 0..messages {
        let mut encoder = Encoder::new();
        (0..3).for_each(|_| encoder.f64(n as f64));
        let time = START + n * 100_000_000;
        let header = MessageHeader {
            channel_id: channel,
            sequence: 0,
            log_time: time,
            publish_time: time,
        };
        writer
            .write_to_known_channel(&header, encoder.payload())
            .expect("written");
    }
    let _ = writer.finish().expect("finished");
}

/// The same, ended in the middle, as a program leaves it that was killed.
fn write_torn(path: &Path, messages: u64) {
    let whole = path.with_extension("whole");
    write(&whole, messages);
    let bytes = fs::read(&whole).expect("written");
    fs::write(path, &bytes[..bytes.len() / 2]).expect("a file");
    fs::remove_file(&whole).expect("removed");
}

/// A bench with recordings `drive`, `grasp` and one that is none.
fn with_recordings() -> (Bench, PathBuf) {
    let bench = Bench::new(Board::default());
    let top = bench.home.path().join("recordings");
    write(&top.join("drive/drive_0.mcap"), 601);
    write(&top.join("grasp.mcap"), 21);
    fs::create_dir(top.join("bad")).expect("made");
    fs::write(top.join("bad/bad_0.mcap"), b"no recording").expect("written");
    fs::write(top.join("notes.txt"), b"mine").expect("written");
    (bench, top)
}

fn shelf(bench: &mut Bench, message: Shelf) {
    run(bench, Message::Shelf(message));
}

fn salvage(bench: &mut Bench, message: Salvage) {
    run(bench, Message::Salvage(message));
}

fn select(bench: &mut Bench, name: &str) {
    let mut entries = bench.scope.recordings().entries().iter();
    let place = entries.position(|entry| entry.shelved.name() == name);
    shelf(
        bench,
        Shelf::Select(place.unwrap_or_else(|| panic!("{name} is not listed"))),
    );
}

fn names(bench: &Bench) -> Vec<String> {
    let entries = bench.scope.recordings().entries().iter();
    let mut names: Vec<String> = entries.map(|entry| entry.shelved.name()).collect();
    names.sort();
    names
}

fn notice(bench: &Bench) -> String {
    bench
        .scope
        .notice()
        .map(|notice| notice.text.clone())
        .unwrap_or_default()
}

#[test]
fn what_they_hold_and_how_they_are_is_told() {
    let (mut bench, _) = with_recordings();
    shelf(&mut bench, Shelf::Toggle);
    assert_eq!(names(&bench), ["bad", "drive", "grasp.mcap"]);
    for text in [
        "Recordings",
        "3 recordings",
        "00:01:00",
        "601",
        "2.0 s",
        "cannot be read",
        "complete",
    ] {
        assert!(bench.says(text), "{text}");
    }
    assert!(
        !bench.says("Record all topics"),
        "the list is in the place of the charts and the topics"
    );
    select(&mut bench, "drive");
    for text in ["1 topic", "/imu/force", "Mark as uploaded", "Verify"] {
        assert!(bench.says(text), "{text}");
    }
    bench.send(Message::Escape);
    assert!(bench.says("No topics yet"), "the screen is back");
}

#[test]
fn an_empty_directory_says_how_recordings_come_into_it() {
    let mut bench = Bench::new(Board::default());
    shelf(&mut bench, Shelf::Toggle);
    assert!(bench.says("No recordings here yet. r records; roswave open PATH opens one from elsewhere."));
    shelf(&mut bench, Shelf::Step { down: true });
    for message in [
        Shelf::Open,
        Shelf::BeginRename,
        Shelf::AskDelete,
        Shelf::Delete,
        Shelf::Verify,
    ] {
        shelf(&mut bench, message);
    }
    assert_eq!(bench.scope.recordings().asked(), None);
}

#[test]
fn one_is_renamed_marked_verified_and_deleted_after_a_question() {
    let (mut bench, top) = with_recordings();
    shelf(&mut bench, Shelf::Toggle);
    select(&mut bench, "drive");
    shelf(&mut bench, Shelf::BeginRename);
    assert_eq!(bench.scope.recordings().asked(), Some(&Asked::Name("drive".to_owned())));
    shelf(&mut bench, Shelf::NameTyped("grasp.mcap".to_owned()));
    shelf(&mut bench, Shelf::NameAccepted);
    assert!(notice(&bench).contains("is there already"), "{}", notice(&bench));
    assert_eq!(names(&bench), ["bad", "drive", "grasp.mcap"], "nothing was replaced");
    shelf(&mut bench, Shelf::BeginRename);
    shelf(&mut bench, Shelf::NameTyped("first drive".to_owned()));
    shelf(&mut bench, Shelf::NameAccepted);
    assert_eq!(names(&bench), ["bad", "first drive", "grasp.mcap"]);
    let selected = bench.scope.recordings().selected().expect("still selected");
    assert_eq!(selected.shelved.name(), "first drive");

    shelf(&mut bench, Shelf::ToggleUploaded);
    assert!(bench.scope.recordings().selected().expect("selected").shelved.uploaded);
    assert!(bench.says("Not uploaded") && bench.says("yes"));
    shelf(&mut bench, Shelf::ToggleUploaded);
    assert!(!bench.scope.recordings().selected().expect("selected").shelved.uploaded);

    // Its directory has no `metadata.yaml`: that is found, and told.
    shelf(&mut bench, Shelf::Verify);
    assert!(bench.says("verified, 1 finding"));
    select(&mut bench, "grasp.mcap");
    shelf(&mut bench, Shelf::Verify);
    assert!(bench.says("verified, whole"));
    select(&mut bench, "bad");
    shelf(&mut bench, Shelf::Verify);
    let check = bench.scope.recordings().check(&top.join("bad"));
    assert!(matches!(check, Some(Check::Failed(_))), "{check:?}");

    // Deleting takes a question and an answer.
    shelf(&mut bench, Shelf::Delete);
    assert!(top.join("bad").exists());
    shelf(&mut bench, Shelf::AskDelete);
    bench.send(Message::Escape);
    assert_eq!(bench.scope.recordings().asked(), None);
    assert!(top.join("bad").exists() && bench.scope.recordings().is_shown());
    shelf(&mut bench, Shelf::AskDelete);
    select(&mut bench, "first drive");
    shelf(&mut bench, Shelf::Delete);
    assert!(top.join("first drive").exists(), "the question was about another one");
    select(&mut bench, "bad");
    bench.click("Delete…");
    assert!(bench.says("Delete 12.0 B for good?"));
    shelf(&mut bench, Shelf::Delete);
    assert_eq!(names(&bench), ["first drive", "grasp.mcap"]);
    assert!(!top.join("bad").exists() && top.join("notes.txt").exists());
}

#[test]
fn a_question_stays_with_the_recording_that_it_is_about() {
    let (mut bench, top) = with_recordings();
    shelf(&mut bench, Shelf::Toggle);
    select(&mut bench, "drive");
    shelf(&mut bench, Shelf::AskDelete);
    // What was begun with another one is done only now.
    let late = Shelf::Changed(top.join("bad"), Ok(top.join("grasp.mcap")));
    shelf(&mut bench, late);
    let selected = bench.scope.recordings().selected().expect("still selected");
    assert_eq!(selected.shelved.name(), "drive");
    assert_eq!(bench.scope.recordings().asked(), Some(&Asked::Delete));
}

#[test]
fn what_is_open_or_being_recorded_stays_as_it_is() {
    let (mut bench, top) = with_recordings();
    shelf(&mut bench, Shelf::Toggle);
    select(&mut bench, "grasp.mcap");
    shelf(&mut bench, Shelf::Open);
    assert!(bench.scope.bag().is_some() && !bench.scope.recordings().is_shown());
    shelf(&mut bench, Shelf::Toggle);
    assert!(bench.says("It is open in this window"));
    shelf(&mut bench, Shelf::AskDelete);
    assert!(notice(&bench).contains("open in this window"));
    shelf(&mut bench, Shelf::BeginRename);
    assert_eq!(bench.scope.recordings().asked(), None);
    assert!(top.join("grasp.mcap").exists());

    let _writer = bench.writer("/imu/force", "geometry_msgs/msg/Vector3");
    bench.send(Message::ToggleRecording);
    bench.until("it runs", |b| b.scope.recording().is_some());
    let path = bench.scope.recording().expect("a recording").path.clone();
    shelf(&mut bench, Shelf::Look);
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    select(&mut bench, &name);
    assert!(bench.says("being recorded"));
    shelf(&mut bench, Shelf::AskDelete);
    assert_eq!(bench.scope.recordings().asked(), None);
    bench.send(Message::ToggleRecording);
    bench.until("it is finished", |b| b.finished.is_some());
}

#[test]
fn thousands_of_entries_and_names_that_no_one_would_choose_do_no_harm() {
    let (mut bench, top) = with_recordings();
    for number in 0..3000 {
        fs::write(top.join(format!("junk_{number}.mcap")), b"").expect("a file");
    }
    for name in ["a\nb", "\u{1b}[2J", "g\u{202e}pac.mcap x"] {
        write(&top.join(name).join("x_0.mcap"), 3);
    }
    let began = Instant::now();
    bench.send(Message::Shelf(Shelf::Toggle));
    assert!(began.elapsed().as_millis() < 100, "the window waited for the disk");
    shelf(&mut bench, Shelf::Look);
    let list = bench.scope.recordings();
    assert!(list.entries().len() <= bag::shelf::LISTED_MAX && list.has_more());
    assert!(
        bench.says("a\\nb") && bench.says("\\u{1b}[2J"),
        "written so that they can be seen"
    );
    let began = Instant::now();
    assert!(bench.says("the latest 2000 are listed"));
    assert!(began.elapsed().as_millis() < 2000, "only what is seen is laid out");
    select(&mut bench, "a\nb");
    shelf(&mut bench, Shelf::AskDelete);
    shelf(&mut bench, Shelf::Delete);
    assert!(!top.join("a\nb").exists());
}

#[test]
fn what_was_not_finished_is_offered_repaired_and_deleted_only_when_the_user_agrees() {
    let (mut bench, top) = with_recordings();
    salvage(&mut bench, Salvage::Look);
    assert!(bench.scope.offers().is_empty());
    let torn = top.join("night");
    fs::create_dir(&torn).expect("made");
    write_torn(&torn.join("night_0.mcap.active"), 600);
    salvage(&mut bench, Salvage::Look);
    salvage(&mut bench, Salvage::Look);
    assert_eq!(bench.scope.offers().len(), 1, "offered once");
    assert!(bench.says("Recover") && bench.says("Not now"));
    // Not without a question.
    salvage(&mut bench, Salvage::Delete(torn.clone()));
    assert!(torn.exists());
    salvage(&mut bench, Salvage::Recover(torn.clone()));
    let State::Done(recovered) = bench.scope.offers()[0].state.clone() else {
        panic!("{:?}", bench.scope.offers());
    };
    assert_eq!(recovered.saved.path, top.join("night_recovered"));
    assert!((200..400).contains(&recovered.saved.messages), "{recovered:?}");
    assert!(bag::info(&recovered.saved.path).expect("a recording").complete);
    assert!(torn.join("night_0.mcap.active").exists(), "the original is kept");
    // At the next start it is not offered again.
    assert!(bag::shelf::torn(&top).is_empty());

    bench.click("Delete the original…");
    assert!(torn.exists());
    // What was saved went: then the original must not go.
    let aside = top.join("aside");
    fs::rename(&recovered.saved.path, &aside).expect("moved");
    salvage(&mut bench, Salvage::Delete(torn.clone()));
    assert!(torn.exists() && matches!(bench.scope.offers()[0].state, State::Failed(_)));
    salvage(&mut bench, Salvage::Dismiss(torn.clone()));
    assert!(bench.scope.offers().is_empty());

    // Asked for in the list, and deleted.
    shelf(&mut bench, Shelf::Toggle);
    select(&mut bench, "night");
    assert!(bench.says("not finished"));
    shelf(&mut bench, Shelf::Recover);
    salvage(&mut bench, Salvage::AskDelete(torn.clone()));
    salvage(&mut bench, Salvage::Delete(torn.clone()));
    assert!(!torn.exists() && bench.scope.offers().is_empty());
    assert_eq!(
        names(&bench),
        ["aside", "bad", "drive", "grasp.mcap", "night_recovered"]
    );
}

#[test]
fn what_cannot_be_repaired_says_so_and_stays() {
    let (mut bench, top) = with_recordings();
    let empty = top.join("empty.mcap.active");
    fs::write(&empty, b"").expect("written");
    for number in 0..5 {
        fs::write(top.join(format!("other_{number}.mcap.active")), b"x").expect("written");
    }
    salvage(&mut bench, Salvage::Look);
    assert_eq!(bench.scope.offers().len(), 6);
    assert!(bench.says("and 3 more that were not finished"));
    salvage(&mut bench, Salvage::Recover(empty.clone()));
    let state = bench
        .scope
        .offers()
        .iter()
        .find(|offer| offer.path == empty)
        .map(|offer| offer.state.clone());
    assert!(matches!(state, Some(State::Failed(_))), "{state:?}");
    assert!(empty.exists() && !top.join("empty_recovered").exists());
    salvage(&mut bench, Salvage::DismissAll);
    assert!(bench.scope.offers().is_empty());
}
