//! What a recording tells about itself: ledger, bookmarks and notes.

use roswave_engine::record::ledger::{Journal, LedgerRow};

use crate::cli::{output, stats};

/// Prints what there is of it.
pub(super) fn print(journal: &Journal) -> anyhow::Result<()> {
    if let Some(ledger) = journal.ledger.as_ref().filter(|ledger| !ledger.is_empty()) {
        let rows = ledger.iter().map(|(name, row)| cells(name, row));
        let total = journal.total.iter().map(|row| cells("all", row));
        let rows: Vec<Vec<String>> = rows.chain(total).collect();
        output::line("")?;
        output::table(
            &[
                "ledger",
                ">received",
                ">written",
                ">safe",
                ">repeated",
                "lost",
                "lost between",
            ],
            &rows,
        )?;
    }
    if !journal.bookmarks.is_empty() {
        let marks = journal.bookmarks.iter();
        let rows: Vec<Vec<String>> = marks.map(|mark| vec![time(mark.time_ns), mark.text.clone()]).collect();
        output::line("")?;
        output::table(&["bookmark", "text"], &rows)?;
    }
    if !journal.run.is_empty() {
        let rows: Vec<Vec<String>> = journal
            .run
            .iter()
            .map(|(name, value)| vec![name.clone(), value.clone()])
            .collect();
        output::line("")?;
        output::table(&["run", "value"], &rows)?;
    }
    Ok(())
}

fn cells(name: &str, row: &LedgerRow) -> Vec<String> {
    let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |n| n.to_string());
    vec![
        name.to_owned(),
        count(row.received),
        count(row.written),
        count(row.safe),
        count(row.repeated),
        stats::lost(&row.loss),
        row.lost_ns
            .map_or_else(String::new, |(from, to)| format!("{} and {}", time(from), time(to))),
    ]
}

/// A moment in local time; as a number where the calendar ends.
fn time(ns: u64) -> String {
    let stamp = jiff::Timestamp::from_nanosecond(i128::from(ns));
    stamp.map_or_else(
        |_| ns.to_string(),
        |stamp| {
            let local = stamp.to_zoned_datetime(jiff::tz::TimeZone::system());
            local.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
        },
    )
}
