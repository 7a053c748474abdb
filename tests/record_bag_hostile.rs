//! `bag::info` reads what is readable and never panics, however a file was cut or damaged.

#[path = "record/common.rs"]
mod common;

use std::path::{Path, PathBuf};

use common::{Rig, arrival, finished_file, float_channel, request};
use roswave_engine::bag::{BagError, info};
use roswave_engine::record::{Compression, RecordRequest};

fn recording(root: &Path, compression: Compression) -> PathBuf {
    let directory = root.join(format!("{compression:?}"));
    let mut rig = Rig::start(RecordRequest {
        compression,
        ..request(&directory)
    });
    for index in 0..3 {
        rig.recorder
            .channel(float_channel(index, &format!("/t{index}")))
            .expect("room");
    }
    for i in 0..300_u32 {
        rig.push(
            i % 3,
            &arrival(&[(i % 251) as u8; 40], 1_000 + i64::from(i), u64::from(i)),
        );
    }
    assert_eq!(rig.finish().messages, 300);
    finished_file(&directory)
}

#[test]
fn a_file_cut_anywhere_gives_what_is_before_the_cut() {
    let root = tempfile::tempdir().expect("a directory");
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let bytes = std::fs::read(recording(root.path(), compression)).expect("the file");
        let cut = root.path().join("cut.mcap.active");
        let mut before = 0;
        for length in (8..bytes.len()).step_by(13) {
            std::fs::write(&cut, &bytes[..length]).expect("written");
            let info = info(&cut).expect("readable");
            assert!(!info.complete, "cut at {length} of {}", bytes.len());
            assert!(info.messages >= before, "{} then {before} at {length}", info.messages);
            before = info.messages;
        }
        assert_eq!(before, 300);
        for length in 0..8 {
            std::fs::write(&cut, &bytes[..length]).expect("written");
            assert!(matches!(info(&cut), Err(BagError::NotMcap { .. })));
        }
    }
}

#[test]
fn damaged_bytes_never_panic_and_never_invent_gigabytes() {
    let root = tempfile::tempdir().expect("a directory");
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let bytes = std::fs::read(recording(root.path(), compression)).expect("the file");
        let bad = root.path().join("bad.mcap");
        for at in (8..bytes.len()).step_by(61) {
            for value in [0, 0x7f, 0xff] {
                let mut damaged = bytes.clone();
                let end = (at + 8).min(damaged.len());
                damaged[at..end].fill(value);
                // With its end damaged too, the file is read record by record.
                for keep_end in [true, false] {
                    if !keep_end {
                        let _ = damaged.pop();
                    }
                    std::fs::write(&bad, &damaged).expect("written");
                    let info = info(&bad).expect("the signature is whole");
                    assert!(info.bytes == damaged.len() as u64);
                }
            }
        }
    }
}

#[test]
fn what_is_no_recording_is_named() {
    let root = tempfile::tempdir().expect("a directory");
    let says = |path: &Path, words: &str| {
        let sentence = info(path).expect_err("no recording").to_string();
        assert!(
            sentence.contains(words) && sentence.contains(&path.display().to_string()),
            "{sentence}"
        );
    };
    says(&root.path().join("nowhere"), "does not exist");
    says(root.path(), "holds no recording");
    let db3 = root.path().join("old_0.db3");
    std::fs::write(&db3, "SQLite format 3").expect("written");
    says(&db3, "SQLite");
    says(root.path(), "SQLite");
    let text = root.path().join("text.mcap");
    std::fs::write(&text, "not a recording at all").expect("written");
    says(&text, "not an MCAP file");
}
