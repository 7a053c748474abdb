//! Reads a whole SQLite file and compares what it says with what is in it.

use super::{Pages, SqliteFile, connect, time};
use crate::bag::verify::{Tally, unpacks};

impl SqliteFile {
    /// Reads everything. What is wrong goes into the tally, as sentences about the file.
    pub(in crate::bag) fn check(&self, tally: &mut Tally) {
        for said in self.integrity() {
            tally.find(format!("SQLite finds damage: {said}"));
        }
        if let Err(error) = self.read(tally) {
            tally.find(format!("it cannot be read any further: {error}"));
        }
    }

    /// What SQLite says of its own pages and indexes; nothing when all is well.
    fn integrity(&self) -> Vec<String> {
        let said = connect(&self.path).and_then(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            rows.collect::<Result<Vec<_>, _>>()
        });
        match said {
            Ok(lines) => lines.into_iter().filter(|line| line != "ok").collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    fn read(&self, tally: &mut Tally) -> rusqlite::Result<()> {
        let mut pages = Pages::in_rows(&self.path)?;
        let mut early = 0_u64;
        loop {
            let page = pages.next_page()?;
            if page.is_empty() {
                break;
            }
            for message in page {
                early = early.saturating_add(u64::from(message.time_ns < 0));
                tally.message(message.topic, time(message.time_ns));
                if !unpacks(&message.data) {
                    tally.undecodable = tally.undecodable.saturating_add(1);
                }
            }
        }
        if early > 0 {
            tally.find(format!("{early} messages have a time before 1970"));
        }
        Ok(())
    }
}
