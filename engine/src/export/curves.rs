//! Curves of a chart as a table.

use std::path::Path;

use super::ExportError;
use super::table::{Cell, Column, Format, Kind, Table};
use crate::cdr::is_missing;

/// Samples of a curve.
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

/// Curves below one another, as the columns `curve`, `unit`, `time_ns` and `value`: curves have times of their own. They are
/// written as they are read: memory is bounded however many samples there are.
pub struct CurveTable {
    table: Table,
}

impl CurveTable {
    /// Begins the table.
    ///
    /// # Errors
    /// When the file is there already, or the system says no.
    pub fn create(path: &Path, format: Format) -> Result<Self, ExportError> {
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
        let table = Table::create(path, format, &columns)?;
        Ok(Self { table })
    }

    /// Writes samples behind those that are there. A value that its message did not have, and a unit that is not known, are
    /// left empty.
    ///
    /// # Errors
    /// When the system says no.
    pub fn write(&mut self, curve: &Curve<'_>) -> Result<(), ExportError> {
        let table = &mut self.table;
        let unit = if curve.unit.is_empty() {
            Cell::Missing
        } else {
            Cell::Text(curve.unit)
        };
        for (&time_ns, &value) in curve.time_ns.iter().zip(curve.values) {
            table.cell(Cell::Text(curve.name))?;
            table.cell(unit)?;
            table.cell(Cell::Int(time_ns))?;
            table.cell(if is_missing(value) {
                Cell::Missing
            } else {
                Cell::F64(value)
            })?;
        }
        Ok(())
    }

    /// Samples so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.table.rows()
    }

    /// Ends the table and gives it its name. Gives its size in bytes.
    ///
    /// # Errors
    /// When the system says no; then nothing is left.
    pub fn finish(self) -> Result<u64, ExportError> {
        self.table.finish()
    }
}

/// Writes curves to a file, see [`CurveTable`]. Gives the size of the file.
///
/// # Errors
/// When the file is there already, or the system says no; then nothing is left of it.
pub fn write_curves(path: &Path, format: Format, curves: &[Curve<'_>]) -> Result<u64, ExportError> {
    let mut table = CurveTable::create(path, format)?;
    for curve in curves {
        table.write(curve)?;
    }
    table.finish()
}
