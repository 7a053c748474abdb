//! Tables out of recordings: CSV and Parquet.
//!
//! A row is a message, a column is a number, a text or a time of it. Sequences get as many columns as the longest one in
//! the recording has elements, so that a recording is looked at twice where its types have sequences. Memory is bounded
//! by one message and one group of rows.

mod csv;
mod curves;
mod parquet;
mod shape;
mod source;
mod table;

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::bag::{Bag, BagChannel, Query};
use crate::cdr::PathError;
use crate::schema::SchemaError;
use source::Topics;

pub use curves::{Curve, CurveTable, write_curves};
pub use shape::{COLUMNS_MAX, ELEMENTS_MAX};
pub use table::{Cell, Column, Format, Kind, Table};

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// Which messages; at least one topic must be named.
    pub query: Query,
    /// Which fields: `angular_velocity.x`, or `/imu:angular_velocity.x` of one topic; all when there is none.
    pub fields: Vec<String>,
    /// The form.
    pub format: Format,
    /// The file to make.
    pub target: PathBuf,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The file.
    pub path: PathBuf,
    /// Messages in it.
    pub rows: u64,
    /// Columns of it, those of times included.
    pub columns: usize,
    /// Its size.
    pub bytes: u64,
    /// Messages that do not fit the definition of their type, and were left out.
    pub undecodable: u64,
    /// True when the recording could not be read to its end.
    pub cut_off: bool,
    /// What is not as one may expect: a sentence each.
    pub remarks: Vec<String>,
}

/// Why a recording could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No topic was named.
    #[error("name the topics to export with --topic; `roswave info` lists them")]
    NoTopic,
    /// The definition of a type is missing or makes no sense.
    #[error("cannot decode {topic}: {source}")]
    Schema {
        /// The topic.
        topic: String,
        /// Why.
        source: SchemaError,
    },
    /// The name of a type makes no sense.
    #[error("cannot decode {topic}: `{type_name}` is no type; leave this topic out")]
    Type {
        /// The topic.
        topic: String,
        /// What the recording says.
        type_name: String,
    },
    /// A field that makes no sense.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A field that is not there.
    #[error("no field `{field}` in {place}; {have}")]
    NoField {
        /// What was wanted.
        field: String,
        /// A type, or the topics.
        place: String,
        /// What there is.
        have: String,
    },
    /// More than a table can have.
    #[error("{topic} would take {columns} columns, and a table has at most {COLUMNS_MAX}; choose fields with --field")]
    TooWide {
        /// The topic.
        topic: String,
        /// How many.
        columns: usize,
    },
    /// A type of too many parts.
    #[error("{topic} has a type of too many parts; choose fields with --field")]
    TooLarge {
        /// The topic.
        topic: String,
    },
    /// Something is in the way.
    #[error("{path} exists already; give another name, or remove it first")]
    Exists {
        /// What was asked for.
        path: PathBuf,
    },
    /// The system says no.
    #[error("cannot write {path}: {source}; check the path, its rights and the space that is free")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The format says no.
    #[error("cannot write {path}: {source}; check the space that is free, or choose the format csv")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the `parquet` crate said.
        source: ::parquet::errors::ParquetError,
    },
    /// Told to stop.
    #[error("interrupted; nothing is left of the file")]
    Interrupted,
}

impl ExportError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    fn parquet(path: &Path, source: ::parquet::errors::ParquetError) -> Self {
        Self::Parquet {
            path: path.to_owned(),
            source,
        }
    }
}

/// Writes the chosen messages of a recording as a table. `go_on` is asked with every message, and told the rows so far.
///
/// # Errors
/// When the recording does not have what is wanted, or the file cannot be written; then nothing is left of it.
pub fn export(bag: &Bag, request: &ExportRequest, mut go_on: impl FnMut(u64) -> bool) -> Result<Exported, ExportError> {
    let query = &request.query;
    let Some(names) = query.topics.as_deref().filter(|names| !names.is_empty()) else {
        return Err(ExportError::NoTopic);
    };
    if request.target.symlink_metadata().is_ok() {
        return Err(ExportError::Exists {
            path: request.target.clone(),
        });
    }
    let mut topics = Topics::new(names, &request.fields)?;
    let is_chosen = |channel: &&BagChannel| names.contains(&channel.topic);
    for channel in bag.channels().iter().filter(is_chosen) {
        topics.learn(channel)?;
    }
    if topics.varies() {
        let mut messages = bag.messages_of(|channel| topics.is_varying(channel), query.from_ns, query.until_ns);
        while let Some(message) = messages.advance() {
            if !go_on(0) {
                return Err(ExportError::Interrupted);
            }
            topics.measure(&message);
        }
    }

    let (columns, cut) = topics.columns()?;
    let mut table = Table::create(&request.target, request.format, &columns)?;
    let mut undecodable = 0;
    let mut messages = bag.messages(query);
    while let Some(message) = messages.advance() {
        if !go_on(table.rows()) {
            return Err(ExportError::Interrupted);
        }
        let mut written = Ok(());
        let decoded = topics.row(&message, |cell| {
            if written.is_ok() {
                written = table.cell(cell);
            }
        });
        written?;
        undecodable += u64::from(decoded.is_err());
    }
    let rows = table.rows();
    let bytes = table.finish()?;

    let mut remarks = Vec::new();
    if let Some((path, longest)) = cut.first() {
        let more = match cut.len() - 1 {
            0 => String::new(),
            count => format!(", as do {count} more arrays"),
        };
        remarks.push(format!(
            "{path} has {longest} elements, of which the first {ELEMENTS_MAX} have columns{more}; name later ones with --field"
        ));
    }
    if undecodable > 0 {
        remarks.push(format!(
            "{undecodable} messages do not fit the definition of their type and were left out"
        ));
    }
    let told = remarks.len();
    remarks.extend(bag.problems().iter().chain(messages.problems()).cloned());
    let cut_off = remarks.len() > told;
    Ok(Exported {
        path: request.target.clone(),
        rows,
        columns: columns.len(),
        bytes,
        undecodable,
        cut_off,
        remarks,
    })
}

#[cfg(test)]
mod tests;
