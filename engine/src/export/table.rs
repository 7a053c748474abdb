//! A table that is written row by row: its columns, their kinds, and one cell after the other.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::ExportError;
use super::csv::CsvTable;
use super::parquet::ParquetTable;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// `int8`.
    I8,
    /// `uint8`, `byte` or `char`.
    U8,
    /// `int16`.
    I16,
    /// `uint16`.
    U16,
    /// `int32`.
    I32,
    /// `uint32`.
    U32,
    /// `int64`, and times in nanoseconds.
    I64,
    /// `uint64`.
    U64,
    /// `float32`.
    F32,
    /// `float64`.
    F64,
    /// Texts.
    Text,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// One value of a row. An integer of any kind but `uint64` is an [`Cell::Int`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// The message has no such value.
    Missing,
    /// For [`Kind::Bool`].
    Bool(bool),
    /// For integers.
    Int(i64),
    /// For [`Kind::U64`].
    UInt(u64),
    /// For [`Kind::F32`].
    F32(f32),
    /// For [`Kind::F64`].
    F64(f64),
    /// For [`Kind::Text`].
    Text(&'a str),
}

/// The form of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, with the names of the columns in the first line.
    Csv,
    /// Apache Parquet, compressed with Zstandard.
    Parquet,
}

enum Writer {
    Csv(CsvTable),
    Parquet(ParquetTable),
}

/// A table that is being written to a file, which is only seen whole. Memory is bounded however long it gets.
///
/// Cells are given row by row, each row from the first column to the last.
pub struct Table {
    // Closed before the draft is taken away.
    writer: Writer,
    draft: Draft,
    width: usize,
    next: usize,
    rows: u64,
}

impl Table {
    /// Begins the table.
    ///
    /// # Errors
    /// When the file is there already, or the system says no.
    pub fn create(path: &Path, format: Format, columns: &[Column]) -> Result<Self, ExportError> {
        let (draft, file) = Draft::create(path)?;
        let writer = match format {
            Format::Csv => CsvTable::create(file, columns)
                .map(Writer::Csv)
                .map_err(|source| ExportError::io(path, source))?,
            Format::Parquet => ParquetTable::create(file, columns)
                .map(Writer::Parquet)
                .map_err(|source| ExportError::parquet(path, source))?,
        };
        Ok(Self {
            writer,
            draft,
            width: columns.len(),
            next: 0,
            rows: 0,
        })
    }

    /// Gives the next cell. One of another kind than its column is written as missing.
    ///
    /// # Errors
    /// When the system says no.
    pub fn cell(&mut self, cell: Cell<'_>) -> Result<(), ExportError> {
        let column = self.next;
        self.next += 1;
        let ends_row = self.next >= self.width;
        if ends_row {
            self.next = 0;
            self.rows += 1;
        }
        let path = &self.draft.path;
        match &mut self.writer {
            Writer::Csv(table) => table
                .cell(column, ends_row, cell)
                .map_err(|source| ExportError::io(path, source)),
            Writer::Parquet(table) => table
                .cell(column, ends_row, cell)
                .map_err(|source| ExportError::parquet(path, source)),
        }
    }

    /// Whole rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the table, syncs it and gives it its name. Gives its size in bytes.
    ///
    /// # Errors
    /// When the system says no; then nothing is left.
    pub fn finish(self) -> Result<u64, ExportError> {
        let path = self.draft.path.clone();
        let file = match self.writer {
            Writer::Csv(table) => table.finish().map_err(|source| ExportError::io(&path, source))?,
            Writer::Parquet(table) => table.finish().map_err(|source| ExportError::parquet(&path, source))?,
        };
        self.draft.publish(&file)
    }
}

/// The file while it is written: beside its place, under another name.
struct Draft {
    path: PathBuf,
    active: PathBuf,
    kept: bool,
}

impl Draft {
    fn create(path: &Path) -> Result<(Self, File), ExportError> {
        if path.symlink_metadata().is_ok() {
            return Err(ExportError::Exists { path: path.to_owned() });
        }
        let mut active = path.to_owned().into_os_string();
        active.push(".active");
        let active = PathBuf::from(active);
        let file = File::create_new(&active).map_err(|source| ExportError::io(&active, source))?;
        let draft = Self {
            path: path.to_owned(),
            active,
            kept: false,
        };
        Ok((draft, file))
    }

    fn publish(mut self, file: &File) -> Result<u64, ExportError> {
        let sync = || {
            file.sync_all()?;
            Ok(file.metadata()?.len())
        };
        let bytes = sync().map_err(|source| ExportError::io(&self.active, source))?;
        // A link, unlike a renaming, never takes the place of a file that came in the meantime.
        let named = fs::hard_link(&self.active, &self.path).and_then(|()| fs::remove_file(&self.active));
        if named.is_err() {
            if self.path.symlink_metadata().is_ok() {
                return Err(ExportError::Exists {
                    path: self.path.clone(),
                });
            }
            // Some file systems have no links.
            fs::rename(&self.active, &self.path).map_err(|source| ExportError::io(&self.path, source))?;
        }
        self.kept = true;
        Ok(bytes)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.active);
        }
    }
}
