//! A table as comma-separated values.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use super::table::{Cell, Column};
use crate::csv::field;

/// Bytes that go to the kernel at once.
const BUFFER_BYTES: usize = 1024 * 1024;

pub(super) struct CsvTable {
    out: BufWriter<File>,
}

impl CsvTable {
    pub(super) fn create(file: File, columns: &[Column]) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
        for (index, column) in columns.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(out, "{comma}{}", field(&column.name))?;
        }
        out.write_all(b"\n")?;
        Ok(Self { out })
    }

    /// Numbers are written with as many digits as tell them from every other number; what is missing is empty.
    pub(super) fn cell(&mut self, column: usize, ends_row: bool, cell: Cell<'_>) -> io::Result<()> {
        let out = &mut self.out;
        if column > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Missing => {}
            Cell::Bool(v) => write!(out, "{v}")?,
            Cell::Int(v) => write!(out, "{v}")?,
            Cell::UInt(v) => write!(out, "{v}")?,
            Cell::F32(v) => write!(out, "{v:?}")?,
            Cell::F64(v) => write!(out, "{v:?}")?,
            // Quotes tell an empty text from none.
            Cell::Text("") => out.write_all(b"\"\"")?,
            Cell::Text(v) => out.write_all(field(v).as_bytes())?,
        }
        if ends_row {
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<File> {
        self.out.into_inner().map_err(io::IntoInnerError::into_error)
    }
}
