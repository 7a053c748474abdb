//! Curves of a chart as a table.

use std::path::Path;

use super::ExportError;
use super::table::{Cell, Column, Format, Kind, Table};

/// The samples of a curve in the visible range.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its unit; empty when it is not known.
    pub unit: &'a str,
    /// Times of the samples.
    pub time_ns: &'a [i64],
    /// Their values, as many as there are times.
    pub values: &'a [f64],
}

/// Writes curves below one another, as the columns `curve`, `unit`, `time_ns` and `value`: curves have times of their own.
/// Gives the size of the file.
///
/// # Errors
/// When the file is there already, or the system says no; then nothing is left of it.
pub fn write_curves(path: &Path, format: Format, curves: &[Curve<'_>]) -> Result<u64, ExportError> {
    let columns = [
        ("curve", Kind::Text),
        ("unit", Kind::Text),
        ("time_ns", Kind::I64),
        ("value", Kind::F64),
    ]
    .map(|(name, kind)| Column {
        name: name.to_owned(),
        kind,
    });
    let mut table = Table::create(path, format, &columns)?;
    for curve in curves {
        for (&time_ns, &value) in curve.time_ns.iter().zip(curve.values) {
            table.cell(Cell::Text(curve.name))?;
            table.cell(Cell::Text(curve.unit))?;
            table.cell(Cell::Int(time_ns))?;
            table.cell(Cell::F64(value))?;
        }
    }
    table.finish()
}
