//! Bytes read as a recording, MCAP or SQLite by the first of them: opened, read to the end, searched backwards, verified.
//! What comes has to be in the order of time unless the file contradicts its own index, which `verify` then says.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use roswave_engine::bag::{Bag, Query, verify};

/// A place of this process: runs side by side do not meet.
static PLACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = std::env::temp_dir().join(format!("roswave-fuzz-bag-{}", std::process::id()));
    std::fs::create_dir_all(&place).expect("a directory");
    place
});

fuzz_target!(|data: &[u8]| {
    let Some((&pick, bytes)) = data.split_first() else {
        return;
    };
    let name = ["run_0.mcap", "run_0.db3", "run_0.mcap.active", "run_0.mcap.zstd"][usize::from(pick % 4)];
    let path = PLACE.join(name);
    // Fuzzers begin without knowing the signatures.
    let signature: &[u8] = match pick % 8 {
        4 | 6 => b"\x89MCAP0\r\n",
        5 => b"SQLite format 3\0",
        _ => b"",
    };
    std::fs::write(&path, [signature, bytes].concat()).expect("written");
    let Ok(bag) = Bag::open(&path) else {
        return;
    };
    let mut last_ns = 0;
    let mut in_order = true;
    let mut messages = bag.messages(&Query::all());
    while let Some(message) = messages.advance() {
        in_order &= last_ns <= message.log_time_ns;
        last_ns = message.log_time_ns;
    }
    let troubled = !messages.problems().is_empty();
    for channel in bag.channels() {
        let _ = bag.last_before(&channel.topic, u64::MAX);
    }
    let found = verify(&path);
    assert!(in_order || troubled || !found.is_ok_and(|found| found.is_whole()), "out of order, and nothing says why");
});
